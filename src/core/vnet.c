/*
 * vnet.c - birth and death of a vnet's memory.
 *
 * Theory of operation
 * ===================
 *
 * struct vnet lies at the start of the vnet's own memory.  Next to it lies
 * one blob with the states of all built-in modules, in order of module id,
 * each with at least 8 guard bytes before and behind it; a state becomes
 * visible (v_state) when its module's init begins.  The offsets are the same
 * in every vnet and are computed once per world.  The state of a loaded module
 * is an object of its own, made before its init, with the same guards.
 *
 * A vnet is put on the world's list, newest first, when all modules have
 * started; until then no iterator and no look-up sees it, and a failing init
 * leaves no trace (vnet_sysinit.c): even its number is given again.
 *
 * The end comes in two acts, both called by the teardown: vnet_fini() frees
 * what the framework keeps in the vnet, so that the audit finds the ledger at
 * zero; vnet_free() gives the memory back.  What is done in between, and in
 * which order, is not decided here.
 *
 * FreeBSD: sys/net/vnet.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/core/netisr_var.h"
#include "src/core/vnet_sysinit.h"
#include "src/core/world.h"

static const char *const phase_names[PHASE_N] = { "alive", "kill", "farewell",
	"quiesce", "let go", "drain", "free", "audit" };

const char *
vnet_phase_name(unsigned phase)
{
	return (phase < PHASE_N ? phase_names[phase] : "?");
}

#define VNET_GUARD 0xfd

static const struct field vnet_fields[] = {
	FIELD(struct vnet, vnet_magic_n, HEX),
	FIELD_STAT(struct vnet, v_id, UINT),
	FIELD(struct vnet, v_handle, OPAQUE),
	FIELD(struct vnet, v_name, STR),
	FIELD(struct vnet, vnet_le, LINK),
	FIELD(struct vnet, v_state, LINK),
	FIELD(struct vnet, v_data, LINK),
	FIELD(struct vnet, v_mem, LINK),
	FIELD(struct vnet, v_isr, LINK),
	FIELD(struct vnet, v_cold, LINK),
	FIELD(struct vnet, v_prison, PTR),
	FIELD(struct vnet, v_callouts, LINK),
	FIELD(struct vnet, v_drainq, LINK),
	FIELD_STAT(struct vnet, v_ndeferred, UINT),
	FIELD(struct vnet, v_ndefer, UINT),
	FIELD(struct vnet, v_nfiles, UINT),
	FIELD(struct vnet, v_shut, HEX),
	FIELD(struct vnet, v_phase, UINT),
	FIELD(struct vnet, v_stepmod, UINT),
	FIELD(struct vnet, vnet_shutdown, BOOL),
	FIELD(struct vnet, v_step, CSTR),
	FIELD(struct vnet, v_close.vc_policy, UINT),
	FIELD(struct vnet, v_close.vc_grace, INT),
	FIELD(struct vnet, v_inited, HEX),
	FIELD(struct vnet, v_letgo, HEX),
	FIELD(struct vnet, v_iss, UINT),
	FIELD_STAT(struct vnet, v_tracehash, HEX),
};
const struct uma_zone vnet_zone = { "vnet", sizeof(struct vnet), VNET_MOD_core,
	CORE_Z_VNET, 0, vnet_fields, nitems(vnet_fields) };
MALLOC_TYPE(vnet_data_zone, core, CORE_Z_DATA, "vnet_data", UMA_NOHASH);
MALLOC_TYPE(vnet_loaded_zone, core, CORE_Z_LOADED, "vnet_loaded", UMA_NOHASH);

/* A module whose state is a part of the blob. */
static const struct vnet_module *
in_blob(int mod)
{
	const struct vnet_module *m = curworld()->w_mod[mod];

	return (m != NULL && m->vm_id == mod && m->vm_size > 0 ? m : NULL);
}

/* Bytes of the guard behind a state, and where it starts. */
static uint8_t *
guard_behind(void *state, uint32_t size, size_t *n)
{
	*n = roundup2(size, 8) + 8 - size;
	return ((uint8_t *)state + size);
}

/* The same for the state of @mod in the blob. */
static uint8_t *
guard_of(const struct vnet *v, const struct vnet_module *m, size_t *n)
{
	return (guard_behind(
	    (char *)v->v_data + curworld()->w_modules.wm_stateoff[m->vm_id],
	    m->vm_size, n));
}

static void
guards_set(struct vnet *v)
{
	uint64_t known = curworld()->w_modules.wm_known;
	const struct vnet_module *m;
	uint8_t *g;
	size_t n;
	int mod;

	memset(v->v_data, VNET_GUARD, 8);
	VNET_MOD_FOREACH (mod, known) {
		m = in_blob(mod);
		if (m == NULL)
			continue;
		g = guard_of(v, m, &n);
		memset(g, VNET_GUARD, n);
	}
}

/* @n: at most 15, see guard_behind(). */
static bool
guard_ok(const uint8_t *g, size_t n)
{
	static const uint8_t whole[15] = { VNET_GUARD, VNET_GUARD, VNET_GUARD,
		VNET_GUARD, VNET_GUARD, VNET_GUARD, VNET_GUARD, VNET_GUARD,
		VNET_GUARD, VNET_GUARD, VNET_GUARD, VNET_GUARD, VNET_GUARD,
		VNET_GUARD, VNET_GUARD };

	MPASS(n <= sizeof(whole));
	return (memcmp(g, whole, n) == 0);
}

/* The guards around the state of a loaded module, if it has one here. */
static bool
loaded_ok(const struct vnet *v, int mod)
{
	const struct vnet_module *m = curworld()->w_mod[mod];
	const uint8_t *g;
	size_t n;

	if (m == NULL || m->vm_id == mod || v->v_state[mod] == NULL)
		return (true);
	g = guard_behind(v->v_state[mod], m->vm_size, &n);
	return (guard_ok((const uint8_t *)v->v_state[mod] - 8, 8) &&
		guard_ok(g, n));
}

bool
vnet_guards_ok(const struct vnet *v, int *mod)
{
	uint64_t known = curworld()->w_modules.wm_known;
	const struct vnet_module *m;
	const uint8_t *g;
	size_t n;
	int i;

	if (v->v_data == NULL)
		return (true);
	if (mod != NULL)
		*mod = VNET_MOD_core;
	if (!guard_ok(v->v_data, 8))
		return (false);
	VNET_MOD_FOREACH (i, known) {
		if (mod != NULL)
			*mod = i;
		if (!loaded_ok(v, i))
			return (false);
		m = in_blob(i);
		if (m == NULL)
			continue;
		g = guard_of(v, m, &n);
		if (!guard_ok(g, n))
			return (false);
	}
	return (true);
}

int
vnet_state_alloc(struct vnet *v, int mod)
{
	const struct vnet_module *m = vnet_module(mod);
	uint8_t *p, *g;
	size_t n;

	MPASS(v->v_state[mod] == NULL);
	if (m->vm_size == 0)
		return (0);
	if (m->vm_id == mod) {
		v->v_state[mod] =
		    (char *)v->v_data + curworld()->w_modules.wm_stateoff[mod];
		return (0);
	}
	p = mem_alloc(&vnet_loaded_zone,
	    roundup2((size_t)m->vm_size, (size_t)8) + 16, M_ZERO, v, SITE);
	if (p == NULL)
		return (VE_NOMEM);
	memset(p, VNET_GUARD, 8);
	g = guard_behind(p + 8, m->vm_size, &n);
	memset(g, VNET_GUARD, n);
	v->v_state[mod] = p + 8;
	return (0);
}

static void
guard_broken(const struct vnet *v, int mod)
{
	finding_add(ORACLE_LIFETIME, "guard", v, mod, NULL,
	    "the bytes behind the state of module %s in vnet %s were "
	    "overwritten",
	    vnet_module(mod)->vm_name, v->v_name);
}

void
vnet_state_free(struct vnet *v, int mod)
{
	struct vnet_frame f;

	if (v->v_state[mod] == NULL)
		return;
	MPASS(vnet_module(mod)->vm_id != mod);
	if (!loaded_ok(v, mod))
		guard_broken(v, mod);
	vnet_switch(&f, v);
	kfree(&vnet_loaded_zone, (uint8_t *)v->v_state[mod] - 8);
	vnet_leave(&f);
	v->v_state[mod] = NULL;
}

/* Everything of a new vnet that no module makes.  Return: 0 or VE_NOMEM. */
static int
vnet_setup(struct vnet *v, const char *name, struct prison *pr)
{
	const struct world_modules *wm = &curworld()->w_modules;
	struct vnet_frame f;
	int error;

	v->vnet_magic_n = VNET_MAGIC_N;
	strncpy(v->v_name, name, sizeof(v->v_name) - 1);
	v->v_prison = pr;
	v->v_close = pr->pr_close;
	v->v_stepmod = VNET_MOD_core;
	v->v_handle = handle_alloc(HANDLE_VNET, v);
	if (v->v_handle == 0)
		return (VE_NOMEM);
	v->v_data =
	    mem_alloc(&vnet_data_zone, wm->wm_statesize, M_ZERO, v, SITE);
	if (v->v_data == NULL)
		return (VE_NOMEM);
	guards_set(v);
	v->v_state[VNET_MOD_core] =
	    (char *)v->v_data + wm->wm_stateoff[VNET_MOD_core];
	vnet_switch(&f, v);
	error = vnet_isr_create();
	vnet_leave(&f);
	return (error);
}

/* Cut what still holds something across the border; give the memory back. */
static void
vnet_discard(struct vnet *v)
{
	if (v->v_mem->vm_acct.ac_nlive != 0 || ref_held(v))
		(void)vnet_mem_sever(v, NULL, NULL);
	v->vnet_magic_n = VNET_MAGIC_DEAD;
	handle_free(v->v_handle);
	vnet_mem_destroy(v);
}

int
vnet_alloc(const char *name, struct prison *pr, struct vnet **vp)
{
	struct world *w = curworld();
	struct vnet *v;
	int error;

	MPASS(w->w_nextvnet <= MEM_VNETID_MAX);
	v = vnet_mem_create(&vnet_zone, w->w_nextvnet, SITE);
	if (v == NULL)
		return (VE_NOMEM);
	error = vnet_setup(v, name, pr);
	if (error == 0)
		error = vnet_sysinit(v);
	if (error != 0) {
		vnet_fini(v);
		(void)vnet_check_zones(v, VNET_MOD_core);
		vnet_discard(v);
		return (error);
	}
	LIST_INSERT_HEAD(&w->w_vnets, v, vnet_le);
	if (LIST_NEXT(v, vnet_le) != NULL)
		mem_mark(LIST_NEXT(v, vnet_le));
	w->w_nvnets++;
	w->w_nextvnet++;
	*vp = v;
	return (0);
}

void
vnet_fini(struct vnet *v)
{
	uint64_t known = curworld()->w_modules.wm_known;
	struct vnet_frame f;
	int mod;

	VNET_ASSERT_LIVE(v);
	KASSERT(v->v_ndefer == 0 && v->v_drainq.wq_first == NULL,
	    ("%s: %u deferred frees of vnet %s are left", __func__, v->v_ndefer,
		v->v_name));
	vnet_switch(&f, v);
	if (!vnet_guards_ok(v, &mod))
		guard_broken(v, mod);
	(void)vnet_check_handlers(v, -1);
	(void)vnet_check_registries(v, -1);
	vnet_isr_destroy();
	uma_zfree(&vnet_cold_zone, v->v_cold);
	v->v_cold = NULL;
	VNET_MOD_FOREACH (mod, known)
		if (v->v_state[mod] != NULL && vnet_module(mod)->vm_id != mod)
			kfree(
			    &vnet_loaded_zone, (uint8_t *)v->v_state[mod] - 8);
	memset(v->v_state, 0, sizeof(v->v_state));
	kfree(&vnet_data_zone, v->v_data);
	v->v_data = NULL;
	vnet_leave(&f);
}

void
vnet_free(struct vnet *v)
{
	struct world *w = curworld();

	VNET_ASSERT_LIVE(v);
	KASSERT(curvnet != v, ("%s: vnet %s is current", __func__, v->v_name));
	KASSERT(v->v_data == NULL,
	    ("%s: vnet %s without vnet_fini()", __func__, v->v_name));
	if (LIST_NEXT(v, vnet_le) != NULL)
		mem_mark(LIST_NEXT(v, vnet_le));
	mem_mark(v->vnet_le.le_prev);
	LIST_REMOVE(v, vnet_le);
	w->w_nvnets--;
	if (w->w_vnet0 == v)
		w->w_vnet0 = NULL;
	vnet_discard(v);
}

struct vnet *
vnet_first(void)
{
	return (LIST_FIRST(&curworld()->w_vnets));
}

/* Numbers are for people and reports; who is in a hurry has a handle. */
struct vnet *
vnet_byid(uint32_t id)
{
	struct vnet *v;

	VNET_FOREACH (v)
		if (v->v_id == id)
			return (v);
	return (NULL);
}
