/*
 * vnet_load.c - modules that come and go: ids, limits, registration.
 *
 * Theory of operation
 * ===================
 *
 * A loaded module gets an id between VNET_MOD_FIRST and VNET_MOD_MAX, types
 * for its zones (memory_types.c) and field programs at the call that loads
 * it, so that whatever there may be too much of is said at once.  When its
 * turn comes (vnet_load_op.c) its constructors, sysctls and steps of the order
 * are listed, and it is a module as any other.
 *
 *	free --reserve--> loading --all inits done--> loaded
 *	                     |                          |
 *	              an init failed               kldunload
 *	                     v                          v
 *	retired <---------- unloading <-----------------+
 *
 * Retired: no vnet has it and nothing calls it, but the ledger, findings and
 * traces still name its types and strings.  If the same descriptor is loaded
 * again it gets its id and types back; so an object that its last life
 * leaked is still its own.  If another module needs an id or types and none
 * are free, the oldest retired one without live objects gives them up.
 *
 * The state of a loaded module in a vnet is an object of the vnet of its own
 * (vnet.c); that of built-in ones is a part of the vnet's blob.
 */
#include <string.h>
#include "src/core/drop_var.h"
#include "src/core/field_var.h"
#include "src/core/vnet_load.h"
#include "src/core/vnet_sysinit.h"
#include "src/core/world.h"

int
vnet_modid(const struct vnet_module *m)
{
	const struct world *w = curworld();
	int id;

	id = kctx->kc_mod;
	if (id < VNET_MOD_MAX && w->w_mod[id] == m)
		return (id);
	for (id = VNET_MOD_MAX - 1; id >= 0; id--)
		if (w->w_mod[id] == m)
			return (id);
	panic("module %s is not loaded in this world", m->vm_name);
}

bool
vnet_module_here(int mod)
{
	const struct vnet_module *m = vnet_module(mod);

	return (m != NULL && (m->vm_id == mod ||
				 curworld()->w_kld.wk_kld[mod].kl_registered));
}

bool
vnet_module_born(int mod)
{
	return (curworld()->w_kld.wk_kld[mod].kl_state != KLD_UNLOADING);
}

/* Built in, or loaded and not gone. */
static bool
present(const struct world *w, int id)
{
	return (w->w_mod[id] != NULL &&
		w->w_kld.wk_kld[id].kl_state != KLD_RETIRED);
}

int
kld_find(const char *name)
{
	const struct world *w = curworld();
	int id;

	for (id = 0; id < VNET_MOD_MAX; id++)
		if (present(w, id) && strcmp(w->w_mod[id]->vm_name, name) == 0)
			return (id);
	return (-1);
}

struct kld_known *
kld_known(const struct vnetsim_kmod *km)
{
	struct world_kmods *ks = &curworld()->w_kmods;
	uint32_t i;

	for (i = 0; i < ks->wk_nknown; i++)
		if (ks->wk_known[i].kk_kmod == km)
			return (&ks->wk_known[i]);
	return (NULL);
}

/* ---- is there room? ---- */

/* Does somebody have an oid of that name? */
static bool
oid_taken(const struct world *w, const char *name)
{
	const struct vnet_module *m;
	uint32_t i;
	int id;

	for (id = DROP_NONE + 1; id < DROP_N; id++)
		if (strcmp(drop_oid((enum drop_reason)id), name) == 0)
			return (true);
	for (id = 0; id < VNET_MOD_MAX; id++) {
		m = w->w_mod[id];
		for (i = 0; present(w, id) && i < m->vm_nsysctls; i++)
			if (strcmp(m->vm_sysctls[i].o_name, name) == 0)
				return (true);
	}
	return (false);
}

/* Names and tables.  Return: 0; VE_EXIST; VE_NOSPC. */
static int
fits(const struct world *w, const struct vnet_module *m)
{
	uint32_t i, oids, slots;
	int id;

	oids = DROP_N - DROP_NONE - 1 + m->vm_nsysctls;
	slots = w->w_modules.wm_ninit + 1 + m->vm_nsysinits;
	for (i = 0; i < m->vm_nsysctls; i++)
		if (oid_taken(w, m->vm_sysctls[i].o_name))
			return (VE_EXIST);
	for (id = 0; id < VNET_MOD_MAX; id++) {
		if (!present(w, id))
			continue;
		oids += w->w_mod[id]->vm_nsysctls;
		if (w->w_kld.wk_kld[id].kl_state == KLD_LOADING &&
		    !w->w_kld.wk_kld[id].kl_registered)
			slots += 1 + w->w_mod[id]->vm_nsysinits;
	}
	return (oids <= SYSCTL_MAX && slots <= VNET_SLOT_MAX ? 0 : VE_NOSPC);
}

/* ---- ids ---- */

static void
forget(struct world *w, int id)
{
	mem_types_give(w, id);
	w->w_mem.wm_modprog[id] = NULL;
	world_setmod(w, id, NULL);
	w->w_nmod--;
	memset(&w->w_kld.wk_kld[id], 0, sizeof(w->w_kld.wk_kld[id]));
}

/* The oldest retired module without objects gives up what it has. */
static bool
recycle(struct world *w)
{
	const struct kld *kl = w->w_kld.wk_kld;
	int id, best;

	best = -1;
	for (id = VNET_MOD_FIRST; id < VNET_MOD_MAX; id++)
		if (kl[id].kl_state == KLD_RETIRED && !mem_types_live(w, id) &&
		    (best < 0 || kl[id].kl_retired < kl[best].kl_retired))
			best = id;
	if (best < 0)
		return (false);
	forget(w, best);
	return (true);
}

/* An id with types; one that this descriptor had before, if possible. */
static int
take_id(struct world *w, const struct vnet_module *m)
{
	int id;

	for (id = VNET_MOD_FIRST; id < VNET_MOD_MAX; id++)
		if (w->w_mod[id] == m)
			return (id);
	for (;;) {
		for (id = VNET_MOD_FIRST; id < VNET_MOD_MAX; id++)
			if (w->w_mod[id] == NULL)
				break;
		if (id < VNET_MOD_MAX) {
			world_setmod(w, id, m);
			if (mem_types_take(w, id) == 0) {
				w->w_nmod++;
				return (id);
			}
			world_setmod(w, id, NULL);
		}
		if (!recycle(w))
			return (-1);
	}
}

/* What a world knows of a module's text survives its unload. */
static struct kld_known *
know(const struct vnetsim_kmod *km)
{
	const struct vnetsim_host *host = curworld()->w_host;
	struct world_kmods *ks = &curworld()->w_kmods;
	struct kld_known *kk;
	size_t nimages;

	kk = kld_known(km);
	if (kk != NULL || ks->wk_nknown == VNETSIM_KMOD_MAX)
		return (kk);
	kk = &ks->wk_known[ks->wk_nknown];
	kk->kk_prog = field_make(curworld(), km->module);
	if (kk->kk_prog == NULL)
		return (NULL);
	kk->kk_kmod = km;
	ks->wk_nknown++;
	/* dumps hold its constant data and must not ask the dynamic linker */
	if (host->images != NULL)
		(void)host->images(host->ctx, true, &nimages);
	return (kk);
}

int
kld_reserve(const struct vnetsim_kmod *km, int *idp)
{
	struct world *w = curworld();
	const struct kld_known *kk;
	struct kld *kl;
	int error, id;

	id = kld_find(km->name);
	if (id >= 0)
		return (w->w_kld.wk_kld[id].kl_state == KLD_UNLOADING
			    ? VE_BUSY
			    : VE_EXIST);
	error = fits(w, km->module);
	if (error != 0)
		return (error);
	kk = know(km);
	if (kk == NULL)
		return (VE_NOSPC);
	id = take_id(w, km->module);
	if (id < 0)
		return (VE_NOSPC);
	field_use(w, id, kk->kk_prog);
	/* from now on its image is one of the world's */
	(void)site_encode(w, km->name);
	kl = &w->w_kld.wk_kld[id];
	memset(kl, 0, sizeof(*kl));
	kl->kl_kmod = km;
	kl->kl_state = KLD_LOADING;
	*idp = id;
	return (0);
}

/* ---- registration ---- */

/* Tell the layer above, which keeps the order of ends. */
static int
tell(int id, bool here)
{
	const struct world_upcalls *wu = curworld()->w_cfg.wc_upcalls;

	if (wu == NULL || wu->wu_module == NULL)
		return (0);
	return (wu->wu_module(id, here));
}

int
kld_register(int id)
{
	struct world *w = curworld();
	struct kld *kl = &w->w_kld.wk_kld[id];
	int error;

	MPASS(kl->kl_state == KLD_LOADING && !kl->kl_registered);
	kl->kl_registered = true;
	error = tell(id, true);
	if (error != 0) {
		kl->kl_registered = false;
		return (error);
	}
	vnet_slots_add(w, id);
	w->w_sysctl.ws_n = 0;
	return (0);
}

void
kld_retire(int id)
{
	struct world *w = curworld();
	struct kld *kl = &w->w_kld.wk_kld[id];

	MPASS(kl->kl_state == KLD_LOADING || kl->kl_state == KLD_UNLOADING);
	kl->kl_state = KLD_RETIRED;
	kl->kl_retired = ++w->w_kld.wk_nretired;
	w->w_sysctl.ws_n = 0;
	if (!kl->kl_registered)
		return;
	kl->kl_registered = false;
	(void)tell(id, false);
	vnet_slots_remove(w, id);
}
