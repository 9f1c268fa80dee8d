/*
 * event.c - the scheduler: one event after the other.
 *
 * An event begins between events: no vnet is current, no section of the epoch
 * is open, nothing is on the stack.  Its class passes the door that it needs.
 * The node is given back before the class runs, so a stream finds its index 0
 * and may show its next item at once.
 *
 * A schedule may ask for another one of the nodes that are due at the same
 * time (choose_sched()); without one the oldest runs.
 *
 * The clock (kc_now) and the wheel's time are equal whenever an event begins
 * or ends.
 */
#include "src/core/event_var.h"
#include "src/core/world.h"

void
world_events_init(struct world *w)
{
	struct world_events *we;

	we = &w->w_ev;
	we->we_count = 0;
	we->we_choice = (struct world_choice){ 0 };
	wheel_init(&we->we_wheel, w->w_mem.wm_evpool, w->w_mem.wm_evmax, w);
}

void
event_schedule(
    evnode_t *node, int64_t when, const struct event_class *cls, void *arg)
{
	struct event_wheel *ew;

	ew = &curworld()->w_ev.we_wheel;
	if (when < kctx->kc_now)
		when = kctx->kc_now;
	if (*node != 0) {
		KASSERT(wheel_arg(ew, *node) == arg,
		    ("%s: the node belongs to another stream (%s)", __func__,
			cls->ec_name));
		wheel_move(ew, *node, when, cls);
		return;
	}
	if (!wheel_add(ew, node, when, cls, arg))
		panic("%s: %u event nodes are in use", __func__, ew->ew_live);
}

void
event_cancel(evnode_t *node)
{
	if (*node == 0)
		return;
	wheel_del(&curworld()->w_ev.we_wheel, *node);
	*node = 0;
}

bool
event_headroom(uint32_t n)
{
	const struct event_wheel *ew;

	ew = &curworld()->w_ev.we_wheel;
	return (ew->ew_cap - 1 - ew->ew_live >= n);
}

int64_t
event_next_time(struct world *w)
{
	return (wheel_peek(&w->w_ev.we_wheel));
}

uint64_t
event_count(const struct world *w)
{
	return (w->w_ev.we_count);
}

void
event_count_external(struct world *w)
{
	MPASS(w->w_ctx.kc_depth == 0);
	w->w_ev.we_count++;
}

bool
event_enter(struct vnet_frame *f, struct vnet *v, int door, int mod)
{
	if (v != NULL)
		return (vnet_enter(f, v, door, mod));
	f->vf_vnet = curvnet;
	f->vf_door = kctx->kc_door;
	f->vf_mod = kctx->kc_mod;
	MPASS(curvnet == NULL);
	kctx->kc_door = "none";
	kctx->kc_mod = (uint8_t)mod;
	return (true);
}

void
event_switch(struct vnet_frame *f, struct vnet *v, int mod)
{
	if (v != NULL) {
		vnet_switch(f, v);
	} else {
		f->vf_vnet = curvnet;
		f->vf_door = kctx->kc_door;
		f->vf_mod = kctx->kc_mod;
		kctx->kc_vnet = NULL;
	}
	kctx->kc_mod = (uint8_t)mod;
}

void
event_leave(const struct vnet_frame *f)
{
	if (curvnet != NULL) {
		vnet_leave(f);
		return;
	}
	kctx->kc_vnet = f->vf_vnet;
	kctx->kc_door = f->vf_door;
	kctx->kc_mod = f->vf_mod;
}

struct vnet *
event_look(struct vnet *v)
{
	struct vnet *before;

	before = kctx->kc_vnet;
	kctx->kc_vnet = v;
	return (before);
}

/* The node that the schedule wants among those of the time of @n. */
static evnode_t
pick(struct world *w, evnode_t n)
{
	const struct evnode *pool;
	uint32_t k, len;
	evnode_t at;

	pool = w->w_ev.we_wheel.ew_pool;
	len = 0;
	at = n;
	do {
		len++;
		at = pool[at].en_next;
	} while (at != n && len < CHOICE_SCHED);
	at = n;
	for (k = choose_sched(w, len); k > 0; k--)
		at = pool[at].en_next;
	return (at);
}

/* Run what was taken off the wheel. */
static void
run(struct world *w, const struct event_class *cls, void *arg)
{
	struct vnet *v;

	v = cls->ec_vnet != NULL ? cls->ec_vnet(arg) : NULL;
	w->w_ctx.kc_depth = 1;
	trace_event(cls, arg, v);
	cls->ec_run(arg);
	KASSERT(w->w_ctx.kc_epoch == 0,
	    ("event %s ends inside a section of the epoch", cls->ec_name));
	KASSERT(w->w_ctx.kc_vnet == NULL,
	    ("event %s does not leave its door", cls->ec_name));
	w->w_ctx.kc_door = NULL;
	w->w_ctx.kc_depth = 0;
}

bool
event_run_next(struct world *w, int64_t until)
{
	const struct event_class *cls;
	struct event_wheel *ew;
	void *arg;
	evnode_t n;

	KASSERT(kctx == &w->w_ctx, ("%s: not the current world", __func__));
	KASSERT(kctx->kc_depth == 0,
	    ("%s: the scheduler is run from inside an event", __func__));
	KASSERT(curvnet == NULL, ("%s: a vnet is current", __func__));
	ew = &w->w_ev.we_wheel;
	n = wheel_next(ew, until);
	if (n == 0) {
		if (until != INT64_MAX && until > w->w_ctx.kc_now)
			w->w_ctx.kc_now = until;
		return (false);
	}
	if (__predict_false(w->w_ev.we_choice.wc_on))
		n = pick(w, n);
	cls = ew->ew_pool[n].en_class;
	arg = wheel_arg(ew, n);
	w->w_ctx.kc_now = ew->ew_pool[n].en_when;
	wheel_del(ew, n);
	w->w_ev.we_count++;
	run(w, cls, arg);
	if (__predict_false(w->w_ops.wo_poll))
		op_poll(w);
	if (w->w_cfg.wc_upcalls != NULL &&
	    w->w_cfg.wc_upcalls->wu_after_event != NULL)
		w->w_cfg.wc_upcalls->wu_after_event(w);
	return (true);
}
