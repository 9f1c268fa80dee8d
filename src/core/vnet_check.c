/*
 * vnet_check.c - what a module left behind, step by step.
 *
 * The guilty one is named right after its own step, not "something leaked at
 * exit": after shutdown whatever is still armed, queued or registered under
 * the module's name; after uninit its contracts; after drain every object of
 * its zones.  What could run later is removed, so that the teardown goes on.
 */
#include <string.h>
#include "src/core/netisr_var.h"
#include "src/core/vnet_sysinit.h"
#include "src/core/world.h"

struct check {
	struct vnet *ck_vnet;
	uint32_t ck_n;
};

static const char *
mod_name(int mod)
{
	const struct vnet_module *m = vnet_module(mod);

	return (m == NULL ? "?" : m->vm_name);
}

static void
check_late(void *ctx, const struct late_item *it)
{
	struct check *ck = ctx;

	ck->ck_n++;
	finding_add(ORACLE_ORDER, it->li_kind, ck->ck_vnet, it->li_mod,
	    it->li_obj, "%s %s of module %s is still %s after its shutdown",
	    it->li_kind, it->li_name, mod_name(it->li_mod),
	    it->li_claimed ? "about to run" : "pending");
}

/* What a module left registered with another one. */
static uint32_t
check_registry(struct vnet *v, int mod, const struct vnet_registry *vr)
{
	struct vnet_frame f;
	uint32_t n, of;
	int i;

	n = vr->vr_count(v, mod);
	if (n == 0)
		return (0);
	for (i = 0; i < VNET_MOD_MAX; i++) {
		of = mod < 0 || mod == i ? vr->vr_count(v, i) : 0;
		if (of > 0)
			finding_add(ORACLE_ORDER, vr->vr_kind, v, i, NULL,
			    "module %s left %u %s%s registered in vnet %s",
			    mod_name(i), of, vr->vr_kind, of == 1 ? "" : "s",
			    v->v_name);
	}
	vnet_switch(&f, v);
	vr->vr_remove(mod);
	vnet_leave(&f);
	return (n);
}

uint32_t
vnet_check_registries(struct vnet *v, int mod)
{
	uint64_t with = curworld()->w_modules.wm_registry;
	uint32_t n = 0;
	int i;

	VNET_MOD_FOREACH (i, with)
		if (v->v_state[i] != NULL)
			n +=
			    check_registry(v, mod, vnet_module(i)->vm_registry);
	return (n);
}

uint32_t
vnet_check_handlers(struct vnet *v, int mod)
{
	uint32_t n, of;
	int i;

	n = eventhandler_count(v, mod);
	if (n == 0)
		return (0);
	for (i = 0; i < VNET_MOD_MAX; i++) {
		of = mod < 0 || mod == i ? eventhandler_count(v, i) : 0;
		if (of > 0)
			finding_add(ORACLE_ORDER, "handler", v, i, NULL,
			    "module %s left %u event handler%s registered in "
			    "vnet %s",
			    mod_name(i), of, of == 1 ? "" : "s", v->v_name);
	}
	eventhandler_remove_all(v, mod);
	return (n);
}

static bool
all_zero(const uint8_t *p, uint32_t n)
{
	uint64_t word;

	for (; n >= sizeof(word); n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word != 0)
			return (false);
		p += sizeof(word);
	}
	while (n > 0)
		if (p[--n] != 0)
			return (false);
	return (true);
}

/* Contracts of one kind. */
static uint32_t
check_contracts(struct vnet *v, int mod, bool shutdown)
{
	const struct vnet_module *m = vnet_module(mod);
	const struct vnet_contract *ct;
	const uint8_t *p;
	uint32_t i, n;

	MPASS(m != NULL);
	n = 0;
	if (v->v_state[mod] == NULL)
		return (0);
	for (i = 0; i < m->vm_ncontracts; i++) {
		ct = &m->vm_contracts[i];
		if (shutdown && !ct->ct_shutdown)
			continue;
		p = (const uint8_t *)v->v_state[mod] + ct->ct_offset;
		if (all_zero(p, ct->ct_size))
			continue;
		n++;
		finding_add(ORACLE_LEAK, "contract", v, mod, NULL,
		    "%s of module %s is not zero after its %s in vnet %s",
		    ct->ct_name, m->vm_name, shutdown ? "shutdown" : "uninit",
		    v->v_name);
	}
	return (n);
}

/* Protocols of netisr that stay enabled. */
static uint32_t
check_netisr(struct vnet *v, int mod)
{
	uint32_t n = 0;
	int proto;

	while ((proto = netisr_orphan(v, mod)) >= 0) {
		n++;
		finding_add(ORACLE_ORDER, "netisr", v, mod, v->v_isr,
		    "module %s left its handler of %s packets enabled in vnet "
		    "%s",
		    mod_name(mod), netisr_name(proto), v->v_name);
	}
	return (n);
}

uint32_t
vnet_check_late(struct vnet *v, int mod)
{
	struct check ck = { v, 0 };

	(void)callout_remove_all(v, mod, check_late, &ck);
	(void)task_remove_all(v, mod, check_late, &ck);
	(void)netisr_remove(v, mod, check_late, &ck);
	ck.ck_n += check_netisr(v, mod);
	ck.ck_n += vnet_check_handlers(v, mod);
	ck.ck_n += vnet_check_registries(v, mod);
	return (ck.ck_n);
}

uint32_t
vnet_check_shutdown(struct vnet *v, int mod)
{
	uint32_t n;

	n = vnet_check_late(v, mod);
	return (n + check_contracts(v, mod, true));
}

uint32_t
vnet_check_uninit(struct vnet *v, int mod)
{
	return (check_contracts(v, mod, false));
}

uint32_t
vnet_check_zones(struct vnet *v, int mod)
{
	const struct vnet_module *m = vnet_module(mod);
	struct mem_info mi;
	struct mem_iter it;
	uint32_t base, i, n;
	void *p;

	MPASS(m != NULL);
	base = curworld()->w_zonebase[mod];
	n = 0;
	for (i = 0; i < m->vm_nzones; i++)
		n += v->v_mem->vm_acct.ac_live[base + i];
	if (n == 0)
		return (0);
	n = 0;
	mem_iter_init(&it, v, MEM_ITER_ARENA | MEM_ITER_CHARGED);
	while ((p = mem_iter_next(&it)) != NULL) {
		if (!mem_info(p, &mi) || mi.mi_type - base >= m->vm_nzones)
			continue;
		n++;
		if (!mem_tell(p))
			continue;
		finding_add(ORACLE_LEAK, "leak", v, mod, p,
		    "%s of module %s is left in vnet %s, born at %s",
		    mi.mi_zone->uz_name, m->vm_name, v->v_name, mi.mi_site);
	}
	return (n);
}
