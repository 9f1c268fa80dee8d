/*
 * eventhandler.c - announcements between modules of one vnet.
 *
 * The list of each announcement hangs in the state of module core, sorted by
 * priority, equal ones in order of registration.  A handler may register and
 * deregister any handler, itself included, while an announcement runs: what
 * is deregistered is only marked dead, is not called any more, and is freed
 * when the outermost announcement of that kind is over.  What is registered
 * meanwhile behind the running handler is called, before it not.
 */
#include <vnetsim/kern/eventhandler.h>
#include "src/core/world.h"

struct eventhandler_entry {
	struct eventhandler_entry *ee_next;
	void (*ee_func)(void *arg, void *obj, int value);
	void *ee_arg; /* (b) */
	int32_t ee_pri;
	uint8_t ee_id;
	uint8_t ee_mod;
	bool ee_dead;
};

static const struct field eventhandler_fields[] = {
	FIELD(struct eventhandler_entry, ee_next, LINK),
	FIELD(struct eventhandler_entry, ee_func, FUNC),
	FIELD(struct eventhandler_entry, ee_arg, OPAQUE),
	FIELD(struct eventhandler_entry, ee_pri, INT),
	FIELD(struct eventhandler_entry, ee_id, UINT),
	FIELD(struct eventhandler_entry, ee_mod, UINT),
	FIELD(struct eventhandler_entry, ee_dead, BOOL),
};
const struct uma_zone eventhandler_zone = { "eventhandler",
	sizeof(struct eventhandler_entry), VNET_MOD_core, CORE_Z_EVH, 0,
	eventhandler_fields, nitems(eventhandler_fields) };

struct eventhandler_entry *
eventhandler_register(enum eventhandler_id id, int mod,
    void (*func)(void *arg, void *obj, int value), void *arg, int pri)
{
	struct eventhandler_entry *e, **at;

	MPASS(curvnet != NULL && (unsigned)id < EVH_N && func != NULL);
	e = uma_zalloc(&eventhandler_zone, M_ZERO);
	if (e == NULL)
		return (NULL);
	e->ee_func = func;
	e->ee_arg = arg;
	e->ee_pri = pri;
	e->ee_id = (uint8_t)id;
	e->ee_mod = (uint8_t)mod;
	for (at = &V_core.vc_evh[id]; *at != NULL && (*at)->ee_pri <= pri;
	     at = &(*at)->ee_next)
		;
	e->ee_next = *at;
	*at = e;
	return (e);
}

/* Free the dead ones of one list; nothing is being announced on it. */
static void
eventhandler_sweep(enum eventhandler_id id)
{
	struct eventhandler_entry *e, **at;

	for (at = &V_core.vc_evh[id]; (e = *at) != NULL;) {
		if (!e->ee_dead) {
			at = &e->ee_next;
			continue;
		}
		*at = e->ee_next;
		uma_zfree(&eventhandler_zone, e);
	}
}

void
eventhandler_deregister(struct eventhandler_entry *e)
{
	if (e == NULL)
		return;
	KASSERT(uma_check(&eventhandler_zone, e) && !e->ee_dead,
	    ("%s: not a registration", __func__));
	KASSERT(uma_owner(e) == curvnet, ("%s: other vnet", __func__));
	e->ee_dead = true;
	if (V_core.vc_invoking[e->ee_id] == 0)
		eventhandler_sweep(e->ee_id);
}

void
eventhandler_invoke(enum eventhandler_id id, void *obj, int value)
{
	struct eventhandler_entry *e;
	uint8_t mod;

	MPASS(curvnet != NULL && (unsigned)id < EVH_N);
	V_core.vc_invoking[id]++;
	for (e = V_core.vc_evh[id]; e != NULL; e = e->ee_next) {
		if (e->ee_dead)
			continue;
		mod = kctx->kc_mod;
		kctx->kc_mod = e->ee_mod;
		e->ee_func(e->ee_arg, obj, value);
		kctx->kc_mod = mod;
	}
	if (--V_core.vc_invoking[id] == 0)
		eventhandler_sweep(id);
}

uint32_t
eventhandler_count(const struct vnet *v, int mod)
{
	const struct vnet_core *vc = v->v_state[VNET_MOD_core];
	const struct eventhandler_entry *e;
	uint32_t n;
	int id;

	n = 0;
	if (vc == NULL)
		return (0);
	for (id = 0; id < EVH_N; id++)
		for (e = vc->vc_evh[id]; e != NULL; e = e->ee_next)
			if (!e->ee_dead && (mod < 0 || e->ee_mod == mod))
				n++;
	return (n);
}

void
eventhandler_remove_all(struct vnet *v, int mod)
{
	struct vnet_frame f;
	struct eventhandler_entry *e;
	int id;

	if (v->v_state[VNET_MOD_core] == NULL)
		return;
	vnet_switch(&f, v);
	for (id = 0; id < EVH_N; id++) {
		for (e = V_core.vc_evh[id]; e != NULL; e = e->ee_next)
			if (mod < 0 || e->ee_mod == mod)
				e->ee_dead = true;
		if (V_core.vc_invoking[id] == 0)
			eventhandler_sweep((enum eventhandler_id)id);
	}
	vnet_leave(&f);
}
