/*
 * taskqueue.c - the two task queues.
 *
 * A queue shows the wheel its head.  The head is dequeued and runs in the same
 * event, or is claimed (a schedule asks for it): then it is nobody's to cancel
 * and runs in an event behind what is queued for this time.  A queue is one
 * thread: while a task is claimed, the next one does not start.
 *
 * A queue links tasks of different vnets; whoever gets a new neighbour is
 * marked for saves.
 *
 * FreeBSD: subr_taskqueue.c.
 */
#include <vnetsim/kern/taskqueue.h>
#include "src/core/epoch_var.h"
#include "src/core/taskqueue_var.h"
#include "src/core/world.h"

/* Tasks run at the time at which they are queued. */
#define DRAIN_BOUND NS_S

static void task_event(void *arg);
static void claimed_event(void *arg);

static const struct task *
next_task(const struct world_taskq *tq)
{
	return (tq->tq_claimed != NULL ? tq->tq_claimed
				       : STAILQ_FIRST(&tq->tq_list));
}

static struct vnet *
task_event_vnet(const void *arg)
{
	return (next_task(arg)->ta_vnet);
}

static const char *
task_event_what(const void *arg)
{
	return (next_task(arg)->ta_name);
}

static const struct event_class task_class = { "task", task_event,
	task_event_vnet, task_event_what };
static const struct event_class claimed_class = { "task.claimed", claimed_event,
	task_event_vnet, task_event_what };

void
world_taskq_init(struct world *w)
{
	uint32_t i;

	for (i = 0; i < TASKQ_N; i++) {
		w->w_tq[i] = (struct world_taskq){ 0 };
		STAILQ_INIT(&w->w_tq[i].tq_list);
	}
}

void
task_init(struct task *t, int mod, const char *name,
    void (*func)(void *arg, int pending), void *arg)
{
	*t = (struct task){ 0 };
	t->ta_mod = (uint8_t)mod;
	t->ta_name = name;
	t->ta_func = func;
	t->ta_arg = arg;
	t->ta_vnet = curvnet;
}

/* The event of the head, unless a claimed task is before it. */
static void
show(struct world_taskq *tq)
{
	if (tq->tq_claimed != NULL)
		return;
	if (STAILQ_EMPTY(&tq->tq_list))
		event_cancel(&tq->tq_node);
	else if (tq->tq_node == 0)
		event_schedule(&tq->tq_node, vtime(), &task_class, tq);
}

int
taskqueue_enqueue(enum taskqueue_id q, struct task *t)
{
	struct world_taskq *tq;

	if (t->ta_vnet != NULL && t->ta_vnet->v_shut & 1u << DOOR_TASK)
		return (VE_PIPE);
	KASSERT((t->ta_pending == 0 && !t->ta_claimed) || t->ta_queue == q,
	    ("%s: task %s is on another queue", __func__, t->ta_name));
	mem_mark(t);
	t->ta_queue = (uint8_t)q;
	if (t->ta_pending != 0) {
		if (t->ta_pending != UINT16_MAX)
			t->ta_pending++;
		return (0);
	}
	t->ta_pending = 1;
	tq = &curworld()->w_tq[q];
	if (!STAILQ_EMPTY(&tq->tq_list))
		mem_mark(tq->tq_list.stqh_last);
	STAILQ_INSERT_TAIL(&tq->tq_list, t, ta_link);
	tq->tq_n++;
	show(tq);
	return (0);
}

/* Take a queued task off its queue. */
static void
dequeue(struct world_taskq *tq, struct task *t)
{
	struct task *prev;

	if (STAILQ_FIRST(&tq->tq_list) != t) {
		prev = STAILQ_FIRST(&tq->tq_list);
		while (STAILQ_NEXT(prev, ta_link) != t)
			prev = STAILQ_NEXT(prev, ta_link);
		mem_mark(prev);
	}
	STAILQ_REMOVE(&tq->tq_list, t, task, ta_link);
	tq->tq_n--;
	mem_mark(t);
	t->ta_pending = 0;
	show(tq);
}

int
taskqueue_cancel(struct task *t)
{
	struct world_taskq *tq;

	tq = &curworld()->w_tq[t->ta_queue];
	if (t->ta_pending != 0) {
		dequeue(tq, t);
		wakeup(&tq->tq_wq);
	}
	return (t->ta_claimed ? VE_BUSY : 0);
}

bool
taskqueue_drain(struct task *t, struct op *op)
{
	if (t->ta_pending == 0 && !t->ta_claimed)
		return (true);
	(void)op_wait(op, &curworld()->w_tq[t->ta_queue].tq_wq, NULL,
	    op->op_timedout ? 0 : DRAIN_BOUND, "for a task", NULL);
	return (false);
}

static void
task_event(void *arg)
{
	struct vnet_frame f;
	struct world_taskq *tq;
	struct task *t;
	uint32_t gen;
	int pending;

	tq = arg;
	t = STAILQ_FIRST(&tq->tq_list);
	pending = t->ta_pending;
	if (!event_enter(&f, t->ta_vnet, DOOR_TASK, t->ta_mod)) {
		dequeue(tq, t);
		wakeup(&tq->tq_wq);
		return;
	}
	gen = 0;
	if (choose(2, "taskq", "claim") == 1)
		gen = epoch_claim(t->ta_name, NULL, NULL);
	if (gen != 0) {
		tq->tq_claimed = t;
		tq->tq_pending = (uint32_t)pending;
		t->ta_claimed = true;
		t->ta_claimgen = gen;
		dequeue(tq, t);
		event_schedule(&tq->tq_node, vtime(), &claimed_class, tq);
	} else {
		dequeue(tq, t);
		t->ta_func(t->ta_arg, pending);
		wakeup(&tq->tq_wq);
	}
	event_leave(&f);
}

/* The claimed task is claimed no longer.  Return: its generation. */
static uint32_t
unclaim(struct world_taskq *tq)
{
	struct task *t;
	uint32_t gen;

	t = tq->tq_claimed;
	gen = t->ta_claimgen;
	mem_mark(t);
	t->ta_claimed = false;
	t->ta_claimgen = 0;
	tq->tq_claimed = NULL;
	event_cancel(&tq->tq_node);
	show(tq);
	return (gen);
}

static void
claimed_event(void *arg)
{
	struct vnet_frame f;
	struct world_taskq *tq;
	struct task *t;
	uint32_t gen;

	tq = arg;
	t = tq->tq_claimed;
	if (event_enter(&f, t->ta_vnet, DOOR_TASK, t->ta_mod)) {
		gen = unclaim(tq);
		t->ta_func(t->ta_arg, (int)tq->tq_pending);
		epoch_unclaim(gen);
		wakeup(&tq->tq_wq);
		event_leave(&f);
		return;
	}
	epoch_unclaim(unclaim(tq));
	wakeup(&tq->tq_wq);
}

static bool
is_of(const struct task *t, const struct vnet *v, int mod)
{
	return (t->ta_vnet == v && (mod < 0 || t->ta_mod == mod));
}

uint32_t
task_queued(const struct vnet *v, int mod)
{
	const struct world_taskq *tq;
	const struct task *t;
	uint32_t i, n;

	n = 0;
	for (i = 0; i < TASKQ_N; i++) {
		tq = &curworld()->w_tq[i];
		if (tq->tq_claimed == NULL && STAILQ_EMPTY(&tq->tq_list))
			continue;
		if (tq->tq_claimed != NULL && is_of(tq->tq_claimed, v, mod))
			n++;
		STAILQ_FOREACH(t, &tq->tq_list, ta_link)
		n += is_of(t, v, mod);
	}
	return (n);
}

static void
tell(const struct task *t, bool claimed,
    void (*found)(void *ctx, const struct late_item *it), void *ctx)
{
	struct late_item it;

	it = (struct late_item){ .li_kind = "task",
		.li_name = t->ta_name,
		.li_due = vtime(),
		.li_mod = t->ta_mod,
		.li_claimed = claimed };
	if (found != NULL)
		found(ctx, &it);
}

uint32_t
task_remove_all(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx)
{
	struct world_taskq *tq;
	struct task *next, *t;
	uint32_t i, n;

	n = 0;
	for (i = 0; i < TASKQ_N; i++) {
		tq = &curworld()->w_tq[i];
		if (tq->tq_claimed != NULL && is_of(tq->tq_claimed, v, mod)) {
			tell(tq->tq_claimed, true, found, ctx);
			epoch_unclaim(unclaim(tq));
			n++;
		}
		STAILQ_FOREACH_SAFE(t, &tq->tq_list, ta_link, next)
		{
			if (!is_of(t, v, mod))
				continue;
			tell(t, false, found, ctx);
			dequeue(tq, t);
			n++;
		}
		wakeup(&tq->tq_wq);
	}
	return (n);
}
