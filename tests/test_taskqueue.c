/*
 * test_taskqueue.c - task queues: order, counts, claims, drains, audits.
 */
#include "tests/test_sched.h"

static struct vnet *v0;
static int told;

static struct world *
world0(void)
{
	struct world *w;

	w = sched_world();
	v0 = w->w_vnet0;
	return (w);
}

static void
task(void *arg, int pending)
{
	struct thing *t;

	t = arg;
	assert_ptr_equal(curvnet, t->t_task.ta_vnet);
	assert_string_equal(kctx->kc_door, "task");
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	told = pending;
	t->t_n++;
	say(t->t_tag);
}

static struct thing *
task_of(struct vnet *v, const char *tag)
{
	return (thing_of(v, tag, task));
}

static void
enqueue(struct thing *t)
{
	assert_int_equal(taskqueue_enqueue(TASKQ_SWI, &t->t_task), 0);
}

static void
tasks_run_in_order_one_event_each(void **state)
{
	struct thing *a, *b, *c;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(tw_jail("j")->pr_vnet, "b");
	c = task_of(v0, "c");
	enqueue(a);
	enqueue(b);
	enqueue(c);
	assert_int_equal(task_queued(v0, -1), 2);
	assert_said("");
	assert_int_equal(tw_run(w), 3);
	assert_said("abc");
	assert_int_equal(told, 1);
	assert_int_equal(vtime(), 0);
	tw_destroy(w);
}

static void
a_queued_task_only_counts(void **state)
{
	struct thing *a;
	struct world *w;
	uint32_t i;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	for (i = 0; i < 5; i++)
		enqueue(a);
	assert_int_equal(tw_run(w), 1);
	assert_int_equal(told, 5);
	for (i = 0; i < 70000; i++)
		enqueue(a);
	assert_int_equal(tw_run(w), 1);
	assert_int_equal(told, UINT16_MAX);
	tw_destroy(w);
}

static void
again(void *arg, int pending)
{
	struct thing *t;

	t = arg;
	task(t, pending);
	if (t->t_n < 3)
		enqueue(t);
}

static void
a_task_enqueues_itself(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", again);
	b = task_of(v0, "b");
	enqueue(a);
	enqueue(b);
	assert_int_equal(tw_run(w), 4);
	assert_said("abaa");
	tw_destroy(w);
}

static void
the_two_queues_are_two_streams(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(v0, "b");
	deviate(w, v0->v_id, "taskq", "claim", 0, 1);
	enqueue(a);
	assert_int_equal(taskqueue_enqueue(TASKQ_THREAD, &b->t_task), 0);
	tw_run(w);
	assert_said("ba"); /* a was claimed, the other thread went on */
	tw_destroy(w);
}

static void
nothing_overtakes_a_claimed_task(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(v0, "b");
	deviate(w, v0->v_id, "taskq", "claim", 0, 1);
	enqueue(a);
	enqueue(a);
	enqueue(b);
	assert_true(world_step(w, 0));
	assert_said("");
	assert_true(a->t_task.ta_claimed);
	assert_int_equal(w->w_epoch.wp_nclaims, 1);
	assert_int_equal(task_queued(v0, VNET_MOD_ip), 2);
	assert_int_equal(taskqueue_cancel(&a->t_task), VE_BUSY);
	/* Once more, behind b. */
	enqueue(a);
	assert_true(world_step(w, 0));
	assert_said("a");
	assert_int_equal(told, 2);
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	tw_run(w);
	assert_said("ba");
	assert_int_equal(told, 1);
	tw_destroy(w);
}

static void
an_emptied_queue_keeps_its_claimed_task(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(v0, "b");
	deviate(w, v0->v_id, "taskq", "claim", 0, 1);
	enqueue(a);
	enqueue(b);
	assert_true(world_step(w, 0));
	assert_int_equal(taskqueue_cancel(&b->t_task), 0);
	assert_int_equal(tw_run(w), 1);
	assert_said("a");
	tw_destroy(w);
}

static void
cancel_takes_off_the_queue(void **state)
{
	struct thing *a, *b, *c;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(v0, "b");
	c = task_of(v0, "c");
	assert_int_equal(taskqueue_cancel(&a->t_task), 0);
	enqueue(a);
	enqueue(b);
	enqueue(c);
	assert_int_equal(taskqueue_cancel(&b->t_task), 0);
	assert_int_equal(taskqueue_cancel(&c->t_task), 0);
	enqueue(b);
	assert_int_equal(taskqueue_cancel(&a->t_task), 0);
	assert_int_equal(tw_run(w), 1);
	assert_said("b");
	enqueue(a);
	assert_int_equal(taskqueue_cancel(&a->t_task), 0);
	assert_int_equal(tw_run(w), 0);
	tw_destroy(w);
}

static enum op_verdict
drain_step(struct op *op)
{
	struct thing *t;

	t = op->op_ptr[0];
	assert_false(op->op_timedout);
	if (!taskqueue_drain(&t->t_task, op)) {
		say("w");
		return (OP_WAIT);
	}
	say("d");
	return (OP_DONE);
}

static const struct op_desc drain_op = { "drain", drain_step, NULL };

static void
init_ptr(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
	op->op_detached = true;
}

static void
drain_waits_for_queued_and_claimed(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	assert_non_null(op_start(&drain_op, v0, init_ptr, a));
	tw_run(w);
	assert_said("d");
	assert_non_null(op_start(&drain_op, v0, init_ptr, a));
	enqueue(a);
	tw_run(w);
	assert_said("wad");
	/* Cancelled while somebody drains. */
	assert_non_null(op_start(&drain_op, v0, init_ptr, a));
	enqueue(a);
	assert_true(world_step(w, 0));
	assert_said("w");
	assert_int_equal(taskqueue_cancel(&a->t_task), 0);
	tw_run(w);
	assert_said("d");
	/* Claimed when the drain begins. */
	deviate(w, v0->v_id, "taskq", "claim", 1, 1);
	assert_non_null(op_start(&drain_op, v0, init_ptr, a));
	enqueue(a);
	tw_run(w);
	assert_said("wad");
	tw_destroy(w);
}

static void
a_shut_door_lets_nothing_in(void **state)
{
	struct thing *a, *b, *c;
	struct world *w;

	(void)state;
	w = world0();
	a = task_of(v0, "a");
	b = task_of(v0, "b");
	c = task_of(tw_jail("j")->pr_vnet, "c");
	deviate(w, v0->v_id, "taskq", "claim", 0, 1);
	enqueue(a);
	enqueue(b);
	enqueue(c);
	assert_true(world_step(w, 0));
	v0->v_shut = DOOR_INWARD;
	assert_int_equal(taskqueue_enqueue(TASKQ_SWI, &a->t_task), VE_PIPE);
	tw_run(w);
	assert_said("c");
	assert_false(a->t_task.ta_claimed);
	assert_int_equal(b->t_task.ta_pending, 0);
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	v0->v_shut = 0;
	enqueue(b);
	tw_run(w);
	assert_said("b");
	tw_destroy(w);
}

static void
found(void *ctx, const struct late_item *it)
{
	assert_string_equal(it->li_kind, "task");
	assert_string_equal(it->li_name, "ip.task");
	assert_int_equal(it->li_mod, VNET_MOD_ip);
	say(it->li_claimed ? "C" : "Q");
	(*(int *)ctx)++;
}

static void
the_audit_finds_and_removes(void **state)
{
	struct thing *t[6];
	struct vnet *v;
	struct world *w;
	int i, n;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	deviate(w, v0->v_id, "taskq", "claim", 0, 1);
	for (i = 0; i < 6; i++) {
		t[i] = task_of(i % 2 == 0 ? v0 : v, i % 2 == 0 ? "x" : "y");
		enqueue(t[i]);
	}
	assert_true(world_step(w, 0));
	n = 0;
	assert_int_equal(task_remove_all(v0, VNET_MOD_tcp, found, &n), 0);
	assert_int_equal(task_remove_all(v0, VNET_MOD_ip, found, &n), 3);
	assert_int_equal(n, 3);
	assert_said("CQQ");
	assert_int_equal(task_queued(v0, -1), 0);
	assert_int_equal(task_queued(v, -1), 3);
	tw_run(w);
	assert_said("yyy");
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	enqueue(t[1]);
	assert_int_equal(task_remove_all(v, -1, NULL, NULL), 1);
	assert_int_equal(tw_run(w), 0);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_run_in_order_one_event_each),
		cmocka_unit_test(a_queued_task_only_counts),
		cmocka_unit_test(a_task_enqueues_itself),
		cmocka_unit_test(the_two_queues_are_two_streams),
		cmocka_unit_test(nothing_overtakes_a_claimed_task),
		cmocka_unit_test(an_emptied_queue_keeps_its_claimed_task),
		cmocka_unit_test(cancel_takes_off_the_queue),
		cmocka_unit_test(drain_waits_for_queued_and_claimed),
		cmocka_unit_test(a_shut_door_lets_nothing_in),
		cmocka_unit_test(the_audit_finds_and_removes),
	};

	return (cmocka_run_group_tests_name("taskqueue", tests, NULL, NULL)
		    ? 1
		    : 0);
}
