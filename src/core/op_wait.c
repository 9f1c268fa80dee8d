/*
 * op_wait.c - operations that wait, and who wakes them.
 *
 * A wait hangs in a queue (struct waitq) of whatever it waits for, with a
 * condition.  wakeup() looks at the conditions of that queue only; so an event
 * costs nothing for the thousands of ops that wait elsewhere.  Conditions are
 * looked at with the vnet of their op current but through no door: they only
 * read.
 *
 * A bound that passes is a finding unless the condition holds by then: that
 * is a lost wake-up, another finding.  Checking builds look at all conditions
 * after every event (wo_poll) and find lost wake-ups at once.
 */
#include "src/core/event_var.h"
#include "src/core/op_var.h"
#include "src/core/world.h"

void
op_enqueue(struct waitq *wq, struct op *op)
{
	struct op *first = wq->wq_first;

	mem_mark(wq);
	op->op_wq = wq;
	op->op_wqnext = NULL;
	if (first == NULL) {
		wq->wq_first = op;
		op->op_wqprev = op;
		return;
	}
	op->op_wqprev = first->op_wqprev;
	first->op_wqprev->op_wqnext = op;
	first->op_wqprev = op;
}

void
op_dequeue(struct op *op)
{
	struct waitq *wq = op->op_wq;
	struct op *next = op->op_wqnext;

	if (wq == NULL)
		return;
	mem_mark(wq);
	/* who takes its place as its successor's predecessor */
	if (next != NULL)
		next->op_wqprev = op->op_wqprev;
	else
		wq->wq_first->op_wqprev = op->op_wqprev;
	if (wq->wq_first == op)
		wq->wq_first = next;
	else
		op->op_wqprev->op_wqnext = next;
	op->op_wq = NULL;
	op->op_wqnext = op->op_wqprev = NULL;
}

void
op_unwait(struct op *op)
{
	event_cancel(&op->op_node);
	if (op->op_what == NULL)
		return;
	op_dequeue(op);
	op->op_what = NULL;
	op->op_waitobj = NULL;
	op->op_cond = NULL;
	op->op_bound = INT64_MAX;
	curworld()->w_ops.wo_nwaiting--;
}

static bool
cond_holds(struct op *op)
{
	struct vnet *saved;
	bool holds;

	saved = event_look(op->op_vnet);
	holds = op->op_cond(op);
	(void)event_look(saved);
	return (holds);
}

void
wakeup(struct waitq *wq)
{
	struct op *next, *op;

	for (op = wq->wq_first; op != NULL; op = next) {
		next = op->op_wqnext;
		if (op->op_cond == NULL || cond_holds(op))
			op_ready(op);
	}
}

void
waitq_abandon(struct waitq *wq)
{
	struct op *op;

	while ((op = wq->wq_first) != NULL) {
		op_ready(op);
		op->op_timedout = true;
		op->op_error = VE_CANCELED;
	}
}

static void
sleep_event(void *arg)
{
	op_unwait(arg);
	op_step(arg);
}

static void
lost_wakeup(struct op *op)
{
	finding_add(ORACLE_LIVENESS, "lost-wakeup", op->op_vnet, op->op_mod,
	    op->op_waitobj,
	    "operation %s waits %s, which holds: nobody woke it",
	    op->op_desc->od_name, op->op_what);
	op_ready(op);
}

static void
bound_event(void *arg)
{
	struct op *op;

	op = arg;
	if (op->op_cond != NULL && cond_holds(op)) {
		lost_wakeup(op);
		return;
	}
	if (!op->op_soft)
		finding_add(ORACLE_LIVENESS, "bound", op->op_vnet, op->op_mod,
		    op->op_waitobj,
		    "operation %s waits %s: its bound has passed",
		    op->op_desc->od_name, op->op_what);
	op_ready(op);
	op->op_timedout = true;
}

void
op_poll(struct world *w)
{
	struct op *op;

	TAILQ_FOREACH (op, &w->w_ops.wo_list, op_link) {
		if (op->op_what != NULL && op->op_cond != NULL &&
		    cond_holds(op))
			lost_wakeup(op);
	}
}

static const struct event_class op_sleep_class = { "op.sleep", sleep_event,
	op_event_vnet, op_event_what };
static const struct event_class op_bound_class = { "op.bound", bound_event,
	op_event_vnet, op_event_what };

/* vtime() + @ns, at most INT64_MAX. */
static int64_t
after(int64_t ns)
{
	return (ns > INT64_MAX - vtime() ? INT64_MAX : vtime() + ns);
}

enum op_verdict
op_wait(struct op *op, struct waitq *wq, bool (*cond)(struct op *op),
    int64_t bound, const char *what, const void *obj)
{
	struct world_ops *wo;

	wo = &curworld()->w_ops;
	KASSERT(wo->wo_running == op && op->op_what == NULL && !op->op_node,
	    ("%s: %s is not running", __func__, op->op_desc->od_name));
	KASSERT(wq != NULL || bound > 0,
	    ("%s: %s waits for nothing", __func__, op->op_desc->od_name));
	MPASS(what != NULL);
	op->op_timedout = false;
	op->op_soft = false;
	op->op_cond = cond;
	op->op_waitobj = obj;
	if (cond != NULL && cond_holds(op)) {
		op->op_cond = NULL;
		op->op_waitobj = NULL;
		op_ready(op);
		return (OP_WAIT);
	}
	op->op_what = what;
	wo->wo_nwaiting++;
	if (wq != NULL)
		op_enqueue(wq, op);
	if (bound > 0) {
		op->op_bound = after(bound);
		event_schedule(&op->op_node, op->op_bound, &op_bound_class, op);
	}
	return (OP_WAIT);
}

enum op_verdict
op_wait_timeout(struct op *op, struct waitq *wq, bool (*cond)(struct op *op),
    int64_t limit, const char *what, const void *obj)
{
	(void)op_wait(op, wq, cond, limit, what, obj);
	op->op_soft = true;
	return (OP_WAIT);
}

void
op_limit(struct op *op, int64_t ns)
{
	/* one that sleeps has a node, and no bound: it ends by itself */
	if (op->op_what == NULL || op->op_bound <= after(ns) ||
	    (op->op_wq == NULL && op->op_bound == INT64_MAX))
		return;
	op->op_soft = true;
	op->op_bound = after(ns);
	event_schedule(&op->op_node, op->op_bound, &op_bound_class, op);
}

enum op_verdict
op_sleep(struct op *op, int64_t ns, const char *what)
{
	struct world_ops *wo;

	wo = &curworld()->w_ops;
	KASSERT(wo->wo_running == op && op->op_what == NULL && !op->op_node,
	    ("%s: %s is not running", __func__, op->op_desc->od_name));
	MPASS(what != NULL);
	op->op_what = what;
	wo->wo_nwaiting++;
	event_schedule(&op->op_node, after(imax(ns, 0)), &op_sleep_class, op);
	return (OP_WAIT);
}

static bool
other_is_done(struct op *op)
{
	return (((const struct op *)op->op_waitobj)->op_done);
}

enum op_verdict
op_wait_op(struct op *op, struct op *other, int64_t bound)
{
	KASSERT(!other->op_detached,
	    ("%s: %s is detached", __func__, other->op_desc->od_name));
	return (op_wait(op, &other->op_donewq, other_is_done, bound,
	    "for another operation", other));
}
