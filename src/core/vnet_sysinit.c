/*
 * vnet_sysinit.c - the modules of a world, and running their verbs.
 *
 * Theory of operation
 * ===================
 *
 * A world's modules are given once, as a list; core is always the first.
 * Their zones get consecutive type ids, their states get offsets, and their
 * constructors (the init verb and the VNET_SYSINITs) one sorted table of
 * slots, ascending by (sub, order), equal ones in order of the list (wc_ties:
 * the other way round) and, in one module, the verb before its sysinits.
 *
 * A new vnet runs the table from its start.  If an init fails, what has
 * started is undone as a teardown does it, only at once: all inward doors
 * shut, every shutdown (highest level first), deferred work, every uninit in
 * reverse
 * (with the sysuninit of the same ident at each sysinit's place), deferred
 * work, with the checks that a teardown makes.  Nothing of such a vnet can be
 * claimed or seen by others, therefore its tasks and deferred frees may run
 * at once and its verbs need not wait: a verb that does is stepped again
 * after that work.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/trace.h>
#include "src/core/vnet_sysinit.h"
#include "src/core/world.h"

#define UNDO_STEPS 1000 /* steps of one shutdown verb, then it hangs */

/* ---- registration ---- */

static void
zones_register(struct world *w, const struct vnet_module *m)
{
	const struct uma_zone *z;
	uint32_t i;

	KASSERT(w->w_ntypes + m->vm_nzones <= MEM_NTYPES,
	    ("more than %d zones", MEM_NTYPES));
	w->w_zonebase[m->vm_id] = (uint16_t)w->w_ntypes;
	for (i = 0; i < m->vm_nzones; i++) {
		z = m->vm_zones[i];
		KASSERT(z->uz_mod == m->vm_id && z->uz_local == i,
		    ("zone %s is not number %u of module %s", z->uz_name, i,
			m->vm_name));
		w->w_zone[w->w_ntypes++] = z;
	}
}

static void
slot_add(struct world_modules *wm, uint32_t sub, uint32_t order, int mod,
    const struct vnet_sysinit *vs)
{
	bool reverse = curworld()->w_cfg.wc_ties != 0;
	struct vnet_slot *sl;
	uint32_t i;

	KASSERT(wm->wm_ninit < VNET_SLOT_MAX,
	    ("more than %d constructors", VNET_SLOT_MAX));
	for (i = wm->wm_ninit; i > 0; i--) {
		sl = &wm->wm_init[i - 1];
		if (sl->sl_sub < sub ||
		    (sl->sl_sub == sub && sl->sl_order < order))
			break;
		if (sl->sl_sub == sub && sl->sl_order == order &&
		    (!reverse || sl->sl_mod == mod))
			break;
		wm->wm_init[i] = *sl;
	}
	sl = &wm->wm_init[i];
	sl->sl_sub = sub;
	sl->sl_order = order;
	sl->sl_sysinit = vs;
	sl->sl_mod = (uint8_t)mod;
	wm->wm_ninit++;
}

static void
sysinits_add(struct world *w, const struct vnet_module *m, int mod)
{
	uint32_t i;

	for (i = 0; i < m->vm_nsysinits; i++)
		slot_add(&w->w_modules, m->vm_sysinits[i].vs_sub,
		    m->vm_sysinits[i].vs_order, mod, &m->vm_sysinits[i]);
}

void
world_setmod(struct world *w, int mod, const struct vnet_module *m)
{
	struct world_modules *wm = &w->w_modules;

	w->w_mod[mod] = m;
	wm->wm_known &= ~VNET_MODBIT(mod);
	wm->wm_registry &= ~VNET_MODBIT(mod);
	if (m == NULL)
		return;
	wm->wm_known |= VNET_MODBIT(mod);
	if (m->vm_registry != NULL)
		wm->wm_registry |= VNET_MODBIT(mod);
}

static void
module_register(struct world *w, const struct vnet_module *m)
{
	KASSERT(m->vm_abi == VNETSIM_KERN_ABI,
	    ("module %s is built for another version", m->vm_name));
	KASSERT(m->vm_id < VNET_MOD_MAX, ("module %s has no id", m->vm_name));
	KASSERT(w->w_mod[m->vm_id] == NULL,
	    ("module %s is there twice", m->vm_name));
	KASSERT(m->vm_nzones <= UMA_LOCAL_MAX,
	    ("module %s has more than %d zones", m->vm_name, UMA_LOCAL_MAX));
	world_setmod(w, m->vm_id, m);
	w->w_nmod++;
	zones_register(w, m);
	if (m->vm_id != VNET_MOD_core)
		slot_add(&w->w_modules, m->vm_sub, m->vm_order, m->vm_id, NULL);
	sysinits_add(w, m, m->vm_id);
}

void
vnet_slots_add(struct world *w, int mod)
{
	const struct vnet_module *m = w->w_mod[mod];

	slot_add(&w->w_modules, m->vm_sub, m->vm_order, mod, NULL);
	sysinits_add(w, m, mod);
}

void
vnet_slots_remove(struct world *w, int mod)
{
	struct world_modules *wm = &w->w_modules;
	uint32_t i, n;

	for (i = n = 0; i < wm->wm_ninit; i++)
		if (wm->wm_init[i].sl_mod != mod)
			wm->wm_init[n++] = wm->wm_init[i];
	wm->wm_ninit = n;
}

void
world_modules_init(struct world *w)
{
	const struct vnet_module *const *mp;
	struct world_modules *wm = &w->w_modules;
	uint32_t off;
	int mod;

	module_register(w, &vnet_module_core);
	for (mp = w->w_cfg.wc_modules; mp != NULL && *mp != NULL; mp++)
		if (*mp != &vnet_module_core)
			module_register(w, *mp);
	off = 8;
	for (mod = 0; mod < VNET_MOD_MAX; mod++) {
		if (w->w_mod[mod] == NULL || w->w_mod[mod]->vm_size == 0)
			continue;
		wm->wm_stateoff[mod] = off;
		off = roundup2(off + w->w_mod[mod]->vm_size, 8u) + 8;
	}
	wm->wm_statesize = off;
}

const struct vnet_module *
vnet_module(int mod)
{
	if (mod < 0 || mod >= VNET_MOD_MAX)
		return (NULL);
	return (curworld()->w_mod[mod]);
}

/* ---- verbs ---- */

static void
life_enter(struct vnet_frame *f, struct vnet *v, int mod)
{
	bool open;

	open = vnet_enter(f, v, DOOR_LIFE, mod);
	KASSERT(open, ("door life of vnet %s is shut", v->v_name));
	v->v_stepmod = (uint8_t)mod;
}

static const struct vnet_module *
started(const struct vnet *v, int mod)
{
	const struct vnet_module *m;

	m = vnet_module(mod);
	KASSERT(m != NULL && (v->v_inited & VNET_MODBIT(mod)) != 0,
	    ("module %d is not started in vnet %s", mod, v->v_name));
	return (m);
}

static int
module_init(struct vnet *v, int mod)
{
	const struct vnet_module *m = vnet_module(mod);
	struct vnet_frame f;
	int error;

	KASSERT(
	    (v->v_inited & VNET_MODBIT(mod)) == 0 && v->v_state[mod] == NULL,
	    ("module %s is started twice in vnet %s", m->vm_name, v->v_name));
	error = vnet_state_alloc(v, mod);
	if (error == 0 && m->vm_init != NULL) {
		life_enter(&f, v, mod);
		error = m->vm_init();
		vnet_leave(&f);
	}
	if (error == 0)
		v->v_inited |= VNET_MODBIT(mod);
	else if (m->vm_id == mod)
		v->v_state[mod] = NULL;
	return (error);
}

static void
sysinit_run(struct vnet *v, int mod, const struct vnet_sysinit *vs)
{
	struct vnet_frame f;

	life_enter(&f, v, mod);
	vs->vs_func(vs->vs_arg);
	vnet_leave(&f);
}

enum op_verdict
vnet_mod_shutdown(struct vnet *v, int mod, struct op *op)
{
	const struct vnet_module *m = started(v, mod);
	enum op_verdict verdict;
	struct vnet_frame f;

	verdict = OP_DONE;
	if (m->vm_shutdown != NULL) {
		life_enter(&f, v, mod);
		verdict = m->vm_shutdown(op);
		vnet_leave(&f);
	}
	if (verdict == OP_DONE)
		v->v_letgo |= VNET_MODBIT(mod);
	return (verdict);
}

enum op_verdict
vnet_mod_farewell(struct vnet *v, int mod, struct op *op)
{
	const struct vnet_module *m = started(v, mod);
	enum op_verdict verdict;
	struct vnet_frame f;

	if (m->vm_farewell == NULL)
		return (OP_DONE);
	life_enter(&f, v, mod);
	verdict = m->vm_farewell(op);
	vnet_leave(&f);
	return (verdict);
}

void
vnet_mod_uninit(struct vnet *v, int mod)
{
	const struct vnet_module *m = started(v, mod);
	struct vnet_frame f;

	if (m->vm_uninit != NULL) {
		life_enter(&f, v, mod);
		m->vm_uninit();
		vnet_leave(&f);
	}
	v->v_inited &= ~VNET_MODBIT(mod);
}

/* ---- a vnet, and its undoing ---- */

void
vnet_destroy_begins(struct vnet *v)
{
	VNET_ASSERT_LIVE(v);
	v->vnet_shutdown = true;
}

void
vnet_settle(struct vnet *v)
{
	(void)task_remove_all(v, -1, NULL, NULL);
	(void)epoch_run_now(v);
}

static const struct op_desc op_undo_desc = { .od_name = "undo" };

/* Shut down one module at once; see the head of this file. */
static void
undo_shutdown(struct vnet *v, int mod)
{
	struct op *op = &curworld()->w_undo, *running;
	enum op_verdict verdict;
	int i;

	memset(op, 0, sizeof(*op));
	op->op_desc = &op_undo_desc;
	op->op_vnet = v;
	op->op_mod = (uint8_t)mod;
	op->op_bound = INT64_MAX;
	running = curworld()->w_ops.wo_running;
	curworld()->w_ops.wo_running = op;
	for (i = 0; i < UNDO_STEPS; i++) {
		verdict = vnet_mod_shutdown(v, mod, op);
		if (verdict == OP_DONE)
			break;
		if (verdict == OP_WAIT)
			op_unwait(op);
		vnet_settle(v);
	}
	curworld()->w_ops.wo_running = running;
	KASSERT(i < UNDO_STEPS, ("module %s waits without end while the init "
				 "of vnet %s is undone",
				    vnet_module(mod)->vm_name, v->v_name));
	(void)vnet_check_shutdown(v, mod);
}

static void
undo_sysinit(struct vnet *v, const struct vnet_slot *sl)
{
	const struct vnet_module *m = vnet_module(sl->sl_mod);
	uint32_t i;

	for (i = 0; i < m->vm_nsysuninits; i++)
		if (strcmp(m->vm_sysuninits[i].vs_ident,
			sl->sl_sysinit->vs_ident) == 0)
			sysinit_run(v, sl->sl_mod, &m->vm_sysuninits[i]);
}

/* Of the started modules that have not let go; -1: none. */
static int
highest(const struct vnet *v)
{
	const struct vnet_module *m;
	uint32_t level, best;
	int mod, found;

	found = -1;
	best = 0;
	for (mod = 1; mod < VNET_MOD_MAX; mod++) {
		if ((v->v_inited & ~v->v_letgo & VNET_MODBIT(mod)) == 0)
			continue;
		m = vnet_module(mod);
		level = m->vm_level != 0 ? m->vm_level : 10u * (uint32_t)mod;
		if (found < 0 || level >= best) {
			best = level;
			found = mod;
		}
	}
	return (found);
}

int
vnet_mod_init(struct vnet *v, int mod)
{
	const struct world_modules *wm = &curworld()->w_modules;
	const struct vnet_slot *sl;
	uint32_t i;
	int error;

	for (i = 0; i < wm->wm_ninit; i++) {
		sl = &wm->wm_init[i];
		if (sl->sl_mod != mod)
			continue;
		if (sl->sl_sysinit != NULL) {
			sysinit_run(v, mod, sl->sl_sysinit);
			continue;
		}
		error = module_init(v, mod);
		if (error != 0)
			return (error);
	}
	return (0);
}

void
vnet_mod_end(struct vnet *v, int mod)
{
	const struct world_modules *wm = &curworld()->w_modules;
	const struct vnet_slot *sl;
	uint32_t i;

	for (i = wm->wm_ninit; i-- > 0;) {
		sl = &wm->wm_init[i];
		if (sl->sl_mod != mod)
			continue;
		if (sl->sl_sysinit != NULL)
			undo_sysinit(v, sl);
		else
			vnet_mod_uninit(v, mod);
	}
}

static void
undo(struct vnet *v, uint32_t n)
{
	const struct vnet_slot *sl = curworld()->w_modules.wm_init;
	uint64_t inited;
	uint32_t i;
	int mod;

	inited = v->v_inited;
	v->v_shut |= DOOR_INWARD;
	vnet_destroy_begins(v);
	while ((mod = highest(v)) >= 0)
		undo_shutdown(v, mod);
	vnet_settle(v);
	for (i = n; i-- > 0;) {
		if (!vnet_module_born(sl[i].sl_mod))
			continue;
		if (sl[i].sl_sysinit != NULL) {
			undo_sysinit(v, &sl[i]);
			continue;
		}
		vnet_mod_uninit(v, sl[i].sl_mod);
		(void)vnet_check_uninit(v, sl[i].sl_mod);
	}
	vnet_settle(v);
	for (mod = 1; mod < VNET_MOD_MAX; mod++)
		if ((inited & VNET_MODBIT(mod)) != 0)
			(void)vnet_check_zones(v, mod);
}

int
vnet_sysinit(struct vnet *v)
{
	const struct world_modules *wm = &curworld()->w_modules;
	const struct vnet_slot *sl;
	uint32_t i;
	int error;

	for (i = 0; i < wm->wm_ninit; i++) {
		sl = &wm->wm_init[i];
		if (!vnet_module_born(sl->sl_mod))
			continue;
		if (sl->sl_sysinit != NULL) {
			sysinit_run(v, sl->sl_mod, sl->sl_sysinit);
			continue;
		}
		error = module_init(v, sl->sl_mod);
		if (error == 0)
			continue;
		/* its own deferred frees, then those of the others */
		(void)epoch_run_now(v);
		(void)vnet_check_zones(v, sl->sl_mod);
		undo(v, i);
		return (error);
	}
	return (0);
}
