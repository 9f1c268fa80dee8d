/*
 * op.c - operations: birth, steps, end.
 *
 * Where an op is
 * ==============
 *
 *	state      op_what   op_wq      node's class   leaves by
 *	--------   -------   --------   ------------   -------------------------
 *	ready      NULL      NULL       step           the event
 *	running    NULL      NULL       none           verdict of the step
 *	waiting    set       its queue  bound or none  wakeup, bound, abandon
 *	sleeping   set       NULL       sleep          the event
 *	done       NULL      wo_done    none           op_release()
 *	             (NULL once op_next_done() has reported it)
 *
 * A step runs behind door OP with op_vnet current.
 *
 * Ops lie in the world's extents and are charged to their vnet while they
 * run: one that is forgotten shows up when the vnet ends.  The result of one
 * that is done belongs to whoever asked, hence to the world.
 *
 * op_wait.c has waits and wakes.
 */
#include "src/core/event_var.h"
#include "src/core/op_var.h"
#include "src/core/vnet_var.h"
#include "src/core/world.h"

static const struct field op_fields[] = {
	FIELD(struct op, op_desc, FUNC),
	FIELD(struct op, op_vnet, OPAQUE),
	FIELD(struct op, op_handle, OPAQUE),
	FIELD(struct op, op_pc, UINT),
	FIELD(struct op, op_error, INT),
	FIELD(struct op, op_result, INT),
	FIELD(struct op, op_arg[0], UINT),
	FIELD(struct op, op_arg[1], UINT),
	FIELD(struct op, op_arg[2], UINT),
	FIELD(struct op, op_arg[3], UINT),
	FIELD(struct op, op_arg[4], UINT),
	FIELD(struct op, op_arg[5], UINT),
	FIELD(struct op, op_arg[6], UINT),
	FIELD(struct op, op_arg[7], OPAQUE), /* counts of the epoch */
	FIELD(struct op, op_ptr[0], PTR),
	FIELD(struct op, op_ptr[1], PTR),
	FIELD(struct op, op_ptr[2], PTR),
	FIELD(struct op, op_ptr[3], PTR),
	FIELD(struct op, op_ptr[4], PTR),
	FIELD(struct op, op_ptr[5], PTR),
	FIELD(struct op, op_ptr[6], PTR),
	FIELD(struct op, op_ptr[7], PTR),
	FIELD(struct op, op_ref[0], REF),
	FIELD(struct op, op_ref[1], REF),
	FIELD(struct op, op_ref[2], REF),
	FIELD(struct op, op_ref[3], REF),
	FIELD(struct op, op_data, PTR),
	FIELD(struct op, op_datalen, UINT),
	FIELD(struct op, op_what, CSTR),
	FIELD(struct op, op_waitobj, PTR),
	FIELD(struct op, op_cond, FUNC),
	FIELD(struct op, op_wq, LINK),
	FIELD(struct op, op_wqnext, LINK),
	FIELD(struct op, op_wqprev, LINK),
	FIELD(struct op, op_bound, TIME),
	FIELD(struct op, op_timedout, BOOL),
	FIELD(struct op, op_soft, BOOL),
	FIELD(struct op, op_done, BOOL),
	FIELD(struct op, op_cancelled, BOOL),
	FIELD(struct op, op_detached, BOOL),
	FIELD(struct op, op_mod, UINT),
	FIELD(struct op, op_node, LINK),
	FIELD(struct op, op_donewq, LINK),
	FIELD(struct op, op_slot, OPAQUE),
	FIELD(struct op, op_link, LINK),
};
UMA_ZONE(op_zone, core, CORE_Z_OP, struct op, UMA_WORLD, op_fields);
MALLOC_TYPE(
    op_data_zone, core, CORE_Z_OPDATA, "op data", UMA_WORLD | UMA_BUFFER);

struct vnet *
op_event_vnet(const void *arg)
{
	return (((const struct op *)arg)->op_vnet);
}

const char *
op_event_what(const void *arg)
{
	return (((const struct op *)arg)->op_desc->od_name);
}

static const struct event_class op_step_class = { "op", op_step, op_event_vnet,
	op_event_what };

void
world_ops_init(struct world *w)
{
	struct world_ops *wo;

	wo = &w->w_ops;
	*wo = (struct world_ops){ 0 };
	TAILQ_INIT(&wo->wo_list);
#ifdef VNETSIM_CHECKING
	wo->wo_poll = true;
#endif
}

void
op_ready(struct op *op)
{
	op_unwait(op);
	event_schedule(&op->op_node, vtime(), &op_step_class, op);
}

/* ---- birth and end ---- */

static struct op *
op_new(const struct op_desc *desc, struct vnet *v, int flags)
{
	struct world *w;
	struct op *op;

	w = curworld();
	if (!event_headroom(1))
		return (NULL);
	/* the end of a jail must not fail because a budget is used up */
	if ((flags & M_RESERVE) != 0)
		op = mem_alloc_infallible(
		    &op_zone, sizeof(*op), M_ZERO | flags, SITE);
	else
		op = uma_zalloc(&op_zone, M_ZERO);
	if (op == NULL)
		return (NULL);
	op->op_handle = handle_alloc(HANDLE_OP, op);
	if (op->op_handle == 0) {
		uma_zfree(&op_zone, op);
		return (NULL);
	}
	if (uma_owner(op) != v)
		uma_chown(op, v);
	op->op_desc = desc;
	op->op_vnet = v;
	op->op_mod = kctx->kc_mod;
	op->op_bound = INT64_MAX;
	TAILQ_INSERT_TAIL(&w->w_ops.wo_list, op, op_link);
	w->w_ops.wo_n++;
	return (op);
}

struct op *
op_start(const struct op_desc *desc, struct vnet *v,
    void (*init)(struct op *op, void *initarg), void *initarg)
{
	struct op *op;

	op = op_new(desc, v, M_NOWAIT);
	if (op == NULL)
		return (NULL);
	if (init != NULL)
		init(op, initarg);
	op_ready(op);
	return (op);
}

struct op *
op_start_reserved(const struct op_desc *desc, struct vnet *v,
    void (*init)(struct op *op, void *initarg), void *initarg)
{
	struct op *op;

	op = op_new(desc, v, M_RESERVE);
	if (op == NULL)
		return (NULL);
	if (init != NULL)
		init(op, initarg);
	op_ready(op);
	return (op);
}

static void
op_free(struct op *op)
{
	struct world_ops *wo;
	uint32_t i;

	wo = &curworld()->w_ops;
	waitq_abandon(&op->op_donewq);
	for (i = 0; i < nitems(op->op_ref); i++) {
		if (ref_empty(&op->op_ref[i]))
			continue;
		if (ref_get(&op->op_ref[i]) != NULL)
			finding_add(ORACLE_LEAK, "op-ref", op->op_vnet,
			    op->op_mod, ref_get(&op->op_ref[i]),
			    "operation %s ends and still holds a reference",
			    op->op_desc->od_name);
		(void)ref_drop(&op->op_ref[i]);
	}
	TAILQ_REMOVE(&wo->wo_list, op, op_link);
	wo->wo_n--;
	wo->wo_nfreed++;
	handle_free(op->op_handle);
	kfree(&op_data_zone, op->op_data);
	uma_zfree(&op_zone, op);
}

/* Completed: tell whoever waits, remember it for whoever asks. */
static void
op_finish(struct op *op)
{
	struct world_ops *wo;

	wo = &curworld()->w_ops;
	op_unwait(op);
	op->op_done = true;
	if (op->op_slot != NULL)
		*op->op_slot = NULL;
	op->op_slot = NULL;
	wakeup(&op->op_donewq);
	if (op->op_detached) {
		op_free(op);
		return;
	}
	if (op->op_vnet != NULL)
		uma_chown(op, NULL);
	op->op_vnet = NULL;
	op_enqueue(&wo->wo_done, op);
}

/* Take a completed op out of the queue of those not asked for. */
static void
done_remove(struct op *op)
{
	if (op->op_wq == &curworld()->w_ops.wo_done)
		op_dequeue(op);
}

static void
cancel_now(struct op *op)
{
	struct vnet_frame f;

	op_unwait(op);
	if (op->op_desc->od_cancel != NULL) {
		event_switch(&f, op->op_vnet, op->op_mod);
		op->op_desc->od_cancel(op);
		event_leave(&f);
	}
	op_finish(op);
}

void
op_cancel(struct op *op, int error)
{
	KASSERT(
	    !op->op_done, ("%s: %s is done", __func__, op->op_desc->od_name));
	if (op->op_cancelled)
		return;
	op->op_cancelled = true;
	op->op_error = error;
	if (curworld()->w_ops.wo_running != op)
		cancel_now(op);
}

uint32_t
op_cancel_all(struct vnet *v, int error, const struct op *but)
{
	struct world_ops *wo;
	struct op *next, *op;
	uint32_t freed, n;

	wo = &curworld()->w_ops;
	n = 0;
	for (op = TAILQ_FIRST(&wo->wo_list); op != NULL; op = next) {
		next = TAILQ_NEXT(op, op_link);
		if (op->op_vnet != v || op->op_done || op->op_cancelled ||
		    op == but)
			continue;
		freed = wo->wo_nfreed + (op->op_detached ? 1 : 0);
		op_cancel(op, error);
		n++;
		/* od_cancel may have ended others: @next, even. */
		if (wo->wo_nfreed != freed)
			next = TAILQ_FIRST(&wo->wo_list);
	}
	return (n);
}

uint32_t
op_abandon(
    struct vnet *v, void (*found)(void *ctx, const struct op *op), void *ctx)
{
	struct op *next, *op;
	uint32_t i, n;

	n = 0;
	/* those that are not done are charged to the vnet */
	if (uma_count(&op_zone, v) == 0)
		return (0);
	TAILQ_FOREACH_SAFE (op, &curworld()->w_ops.wo_list, op_link, next) {
		if (op->op_vnet != v || op->op_done)
			continue;
		n++;
		if (found != NULL)
			found(ctx, op);
		op_unwait(op);
		for (i = 0; i < nitems(op->op_ref); i++)
			if (!ref_empty(&op->op_ref[i]))
				(void)ref_drop(&op->op_ref[i]);
		op->op_error = VE_CANCELED;
		op_finish(op);
	}
	return (n);
}

void
op_release(struct op *op)
{
	KASSERT(op->op_done,
	    ("%s: %s is not done", __func__, op->op_desc->od_name));
	done_remove(op);
	op_free(op);
}

void
op_detach(struct op *op)
{
	if (op->op_done)
		op_release(op);
	else
		op->op_detached = true;
}

struct op *
op_next_done(struct world *w)
{
	struct op *op;

	op = w->w_ops.wo_done.wq_first;
	if (op != NULL)
		done_remove(op);
	return (op);
}

struct op *
op_running(const struct world *w)
{
	return (w->w_ops.wo_running);
}

/* ---- steps ---- */

void
op_step(void *arg)
{
	struct vnet_frame f;
	struct world_ops *wo;
	struct op *op;
	enum op_verdict verdict;

	op = arg;
	wo = &curworld()->w_ops;
	if (!event_enter(&f, op->op_vnet, DOOR_OP, op->op_mod)) {
		op_cancel(op, VE_CANCELED);
		return;
	}
	wo->wo_running = op;
	verdict = op->op_desc->od_step(op);
	wo->wo_running = NULL;
	event_leave(&f);
	if (op->op_cancelled) {
		cancel_now(op);
		return;
	}
	KASSERT((verdict == OP_WAIT) == (op->op_what != NULL || op->op_node),
	    ("op %s: verdict %d without its wait, or a wait without it",
		op->op_desc->od_name, (int)verdict));
	op->op_timedout = false;
	if (verdict == OP_DONE)
		op_finish(op);
	else if (verdict == OP_NEXT)
		op_ready(op);
}
