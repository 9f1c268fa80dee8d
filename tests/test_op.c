/*
 * test_op.c - operations: steps, waits, wakes, bounds, cancels.
 *
 * The op of most tests runs a script: a string in op_ptr[0]'s thing, one
 * letter per step, so that a test reads as what happens.
 */
#include "tests/test_sched.h"

static struct vnet *v0;

static struct world *
world0(void)
{
	struct world *w;

	w = sched_world();
	w->w_ops.wo_poll = true; /* whatever the build */
	v0 = w->w_vnet0;
	return (w);
}

static bool
flag_is_set(struct op *op)
{
	/* As if it read V_something. */
	assert_ptr_equal(curvnet, op->op_vnet);
	return (((struct thing *)op->op_ptr[0])->t_flag);
}

/*
 * One letter of the script per step:
 *   n  next        d  done          f  wait for the flag, 100 ns at most
 *   u  the same without a bound     w  wait for any wakeup
 *   s  sleep 50    o  wait for the op in op_ptr[1]
 *   e  wait for an op that has a bound of 100
 *   t  as f, but the 100 ns are only a wish
 */
static enum op_verdict
script_step(struct op *op)
{
	struct thing *t;
	char c[2];

	t = op->op_ptr[0];
	assert_ptr_equal(curvnet, op->op_vnet);
	assert_ptr_equal(op_running(curworld()), op);
	c[0] = t->t_tag[op->op_pc++];
	c[1] = '\0';
	say(c);
	if (op->op_timedout)
		say("!");
	switch (c[0]) {
	case 'n':
		return (OP_NEXT);
	case 'f':
		return (
		    op_wait(op, &t->t_wq, flag_is_set, 100, "for the flag", t));
	case 't':
		return (op_wait_timeout(
		    op, &t->t_wq, flag_is_set, 100, "for the flag", t));
	case 'u':
		return (
		    op_wait(op, &t->t_wq, flag_is_set, 0, "for the flag", t));
	case 'w':
		return (op_wait(op, &t->t_wq, NULL, 0, "for anything", t));
	case 's':
		return (op_sleep(op, 50, "to pass the time"));
	case 'o':
		return (op_wait_op(op, op->op_ptr[1], 0));
	case 'e':
		return (op_wait_op(op, op->op_ptr[1], 100));
	case 'x':
		return (OP_WAIT); /* a bug */
	case '0':
		return (op_wait(op, NULL, NULL, 0, "for nothing", NULL));
	case 'k':
		op_cancel(op, VE_INTR);
		return (OP_NEXT);
	default:
		op->op_error = op->op_error != 0 ? op->op_error : VE_AGAIN;
		return (OP_DONE);
	}
}

static void
script_cancel(struct op *op)
{
	assert_ptr_equal(curvnet, op->op_vnet);
	say("C");
}

static const struct op_desc script_op = { "script", script_step,
	script_cancel };

static void
init_ptr(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
}

static struct op *
start(const char *script, struct vnet *v)
{
	struct op *op;

	op = op_start(&script_op, v, init_ptr, thing_new(script));
	assert_non_null(op);
	return (op);
}

static struct thing *
thing(struct op *op)
{
	return (op->op_ptr[0]);
}

static void
each_step_is_an_event(void **state)
{
	struct world *w;
	struct op *op;
	uint64_t h;

	(void)state;
	w = world0();
	op = start("nnd", v0);
	h = op->op_handle;
	assert_said("");
	assert_int_equal(w->w_ops.wo_n, 1);
	assert_ptr_equal(handle_lookup(HANDLE_OP, h), op);
	assert_ptr_equal(uma_owner(op), v0);
	assert_null(op_next_done(w));
	assert_int_equal(tw_run(w), 3);
	assert_said("nnd");
	assert_true(op->op_done);
	assert_int_equal(op->op_error, VE_AGAIN);
	/* A result belongs to who asked, not to the vnet. */
	assert_null(uma_owner(op));
	assert_null(op->op_vnet);
	assert_true(op_done_pending(&w->w_ops));
	assert_ptr_equal(op_next_done(w), op);
	assert_null(op_next_done(w));
	assert_ptr_equal(handle_lookup(HANDLE_OP, h), op);
	op_release(op);
	assert_null(handle_lookup(HANDLE_OP, h));
	assert_int_equal(w->w_ops.wo_n, 0);
	assert_int_equal(uma_count(&op_zone, NULL), 0);
	tw_destroy(w);
}

static void
completions_come_in_order(void **state)
{
	struct world *w;
	struct op *a, *b, *c, *d;

	(void)state;
	w = world0();
	a = start("nnnd", v0);
	b = start("d", NULL);
	c = start("nd", v0);
	d = start("nnd", NULL);
	op_detach(d);
	tw_run(w);
	assert_ptr_equal(op_next_done(w), b);
	op_release(c); /* unasked */
	assert_ptr_equal(op_next_done(w), a);
	assert_null(op_next_done(w));
	op_detach(a); /* done: released now */
	op_release(b);
	assert_int_equal(w->w_ops.wo_n, 0);
	/* The queue is whole after its end was taken out. */
	a = start("d", v0);
	b = start("d", v0);
	tw_run(w);
	op_release(b);
	c = start("d", v0);
	tw_run(w);
	assert_ptr_equal(op_next_done(w), a);
	assert_ptr_equal(op_next_done(w), c);
	op_release(a);
	op_release(c);
	tw_destroy(w);
}

static void
a_wait_ends_when_its_condition_holds(void **state)
{
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	op = start("ud", v0);
	tw_run(w);
	assert_said("u");
	assert_string_equal(op->op_what, "for the flag");
	assert_int_equal(w->w_ops.wo_nwaiting, 1);
	wakeup(&thing(op)->t_wq); /* for nothing */
	assert_int_equal(tw_run(w), 0);
	thing(op)->t_flag = true;
	wakeup(&thing(op)->t_wq);
	assert_null(thing(op)->t_wq.wq_first);
	assert_int_equal(w->w_ops.wo_nwaiting, 0);
	assert_said(""); /* not inside wakeup() */
	tw_run(w);
	assert_said("d");
	op_release(op);
	/* It holds already: the next event. */
	op = start("fd", v0);
	thing(op)->t_flag = true;
	assert_int_equal(tw_run(w), 2);
	assert_said("fd");
	assert_int_equal(vtime(), 0);
	op_release(op);
	tw_destroy(w);
}

static void
wakes_are_first_come_first_served(void **state)
{
	struct thing *t;
	struct world *w;
	struct op *op[4];
	int i;

	(void)state;
	w = world0();
	t = thing_new("wd");
	for (i = 0; i < 4; i++)
		op[i] = op_start(&script_op, v0, init_ptr, t);
	tw_run(w);
	op_cancel(op[1], VE_INTR);
	assert_int_equal(op[1]->op_error, VE_INTR);
	assert_true(op[1]->op_done && op[1]->op_cancelled);
	wakeup(&t->t_wq);
	tw_run(w);
	assert_said("wwwwCddd");
	assert_ptr_equal(op_next_done(w), op[1]);
	assert_ptr_equal(op_next_done(w), op[0]);
	assert_ptr_equal(op_next_done(w), op[2]);
	assert_ptr_equal(op_next_done(w), op[3]);
	for (i = 0; i < 4; i++)
		op_release(op[i]);
	tw_destroy(w);
}

static void
a_passed_bound_is_a_finding(void **state)
{
	const struct finding *fi;
	struct world *w;
	struct vnet *v;
	struct ref *slot;
	struct op *op;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	op = start("fd", v);
	slot = kmalloc(&thing_zone, sizeof(*slot), M_ZERO);
	ref_take(slot, thing(op), "the_culprit");
	assert_false(world_step(w, 0) && false);
	tw_run(w);
	assert_said("fd!");
	assert_int_equal(vtime(), 100);
	fi = finding_get(w, 0);
	assert_non_null(fi);
	assert_int_equal(fi->fi_oracle, ORACLE_LIVENESS);
	assert_string_equal(fi->fi_kind, "bound");
	assert_int_equal(fi->fi_vnet, v->v_id);
	assert_non_null(strstr(fi->fi_text, "script"));
	assert_non_null(strstr(fi->fi_text, "for the flag"));
	assert_int_equal(fi->fi_nholders, 1);
	assert_int_equal(strncmp(fi->fi_holder[0], "the_culprit@", 12), 0);
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "bound"), 1);
	(void)ref_drop(slot);
	op_release(op);
	tw_destroy(w);
}

static void
a_time_limit_may_pass(void **state)
{
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	op = start("td", v0);
	tw_run(w);
	assert_said("td!");
	assert_int_equal(vtime(), 100);
	op_release(op);
	/* The next wait of the same op has a bound again. */
	op = start("tfd", v0);
	tw_run(w);
	assert_said("tf!d!");
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "bound"), 1);
	op_release(op);
	tw_destroy(w);
}

static void
a_wake_in_time_is_none(void **state)
{
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	op = start("fsfd", v0);
	assert_true(world_step(w, 0));
	assert_false(world_step(w, 99));
	thing(op)->t_flag = true;
	wakeup(&thing(op)->t_wq);
	assert_true(world_step(w, 99));
	assert_said("fs");
	thing(op)->t_flag = false;
	assert_true(world_step(w, 149)); /* end of the sleep */
	assert_int_equal(vtime(), 149);
	assert_false(world_step(w, 248)); /* the bound counts from there */
	thing(op)->t_flag = true;
	wakeup(&thing(op)->t_wq);
	tw_run(w);
	assert_said("fd");
	assert_int_equal(vtime(), 248);
	op_release(op);
	tw_destroy(w);
}

static void
a_lost_wakeup_is_found_at_once_when_polling(void **state)
{
	struct thing *b;
	struct world *w;
	struct op *op, *other;

	(void)state;
	w = world0();
	op = start("ud", v0);
	tw_run(w);
	b = thing(op);
	b->t_flag = true; /* planted: nobody calls wakeup() */
	other = start("d", v0);
	tw_run(w);
	assert_said("udd");
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "lost-wakeup"), 1);
	op_release(op);
	op_release(other);
	tw_destroy(w);
}

static void
a_lost_wakeup_is_found_at_the_bound(void **state)
{
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	w->w_ops.wo_poll = false;
	op = start("fd", v0);
	assert_true(world_step(w, 0));
	thing(op)->t_flag = true;
	tw_run(w);
	assert_said("fd"); /* not timed out */
	assert_int_equal(vtime(), 100);
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "lost-wakeup"), 1);
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "bound"), 0);
	op_release(op);
	tw_destroy(w);
}

static void
ops_wait_for_ops(void **state)
{
	struct world *w;
	struct op *a, *b, *c;

	(void)state;
	w = world0();
	a = start("sd", v0);
	b = start("od", v0);
	b->op_ptr[1] = a;
	c = start("sod", NULL); /* by then it is done */
	c->op_ptr[1] = a;
	tw_run(w);
	assert_int_equal(vtime(), 50);
	assert_true(a->op_done && b->op_done && c->op_done);
	op_release(a);
	op_release(b);
	op_release(c);
	/* One that is cancelled and frees itself is done, too. */
	said[0] = '\0';
	a = start("uu", v0);
	b = start("ed", v0);
	b->op_ptr[1] = a;
	assert_true(world_step(w, 50));
	assert_true(world_step(w, 50));
	op_detach(a);
	op_cancel(a, VE_INTR);
	tw_run(w);
	assert_said("ueCd");
	assert_int_equal(vtime(), 50);
	op_release(b);
	tw_destroy(w);
}

static void
cancel_works_in_every_state(void **state)
{
	struct world *w;
	struct op *op[4];
	int i;

	(void)state;
	w = world0();
	op[0] = start("uu", v0);
	op[1] = start("ss", v0);
	op[2] = start("fd", NULL);
	for (i = 0; i < 3; i++)
		assert_true(world_step(w, 0));
	op[3] = start("n", v0); /* ready */
	said[0] = '\0';
	for (i = 0; i < 4; i++) {
		op_cancel(op[i], VE_INTR + i);
		assert_true(op[i]->op_done);
		assert_int_equal(op[i]->op_error, VE_INTR + i);
	}
	assert_int_equal(tw_run(w), 0);
	assert_said("CCCC");
	assert_null(curvnet);
	assert_int_equal(w->w_ops.wo_nwaiting, 0);
	assert_null(thing(op[0])->t_wq.wq_first);
	for (i = 0; i < 4; i++)
		op_release(op[i]);
	/* Running: when the step is over. */
	op[0] = start("nkn", v0);
	tw_run(w);
	assert_said("nkC");
	assert_int_equal(op[0]->op_error, VE_INTR);
	op_release(op[0]);
	tw_destroy(w);
}

static struct op *victim;

static void
cancel_victim(struct op *op)
{
	(void)op;
	say("c");
	op_cancel(victim, VE_PIPE);
}

static const struct op_desc killer_op = { "killer", script_step,
	cancel_victim };

static void
cancel_all_takes_what_steps_in_a_vnet(void **state)
{
	struct vnet *v;
	struct world *w;
	struct op *a, *b, *c, *d, *e;
	uint32_t n;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	a = start("uu", v);
	b = op_start(&killer_op, v, init_ptr, thing_new("uu"));
	victim = start("uu", v);
	op_detach(victim);
	c = start("uu", v);
	d = start("uu", v0);
	e = start("d", v);
	tw_run(w);
	said[0] = '\0';
	n = op_cancel_all(v, VE_CANCELED, a);
	assert_said("cCC");
	assert_int_equal(n, 2); /* the victim went with b */
	assert_false(a->op_done);
	assert_true(b->op_done && c->op_done && e->op_done);
	assert_int_equal(e->op_error, VE_AGAIN);
	assert_false(d->op_done);
	assert_int_equal(op_cancel_all(v, VE_CANCELED, NULL), 1);
	op_release(a);
	op_release(b);
	op_release(c);
	op_release(e);
	op_cancel(d, VE_INTR);
	op_release(d);
	assert_int_equal(w->w_ops.wo_n, 0);
	tw_destroy(w);
}

static void
an_abandoned_queue_lets_go(void **state)
{
	struct thing *t;
	struct world *w;
	struct op *a, *b;

	(void)state;
	w = world0();
	t = thing_new("ud");
	a = op_start(&script_op, v0, init_ptr, t);
	b = op_start(&script_op, v0, init_ptr, t);
	tw_run(w);
	waitq_abandon(&t->t_wq);
	assert_null(t->t_wq.wq_first);
	tw_run(w);
	assert_said("uud!d!");
	assert_int_equal(a->op_error, VE_CANCELED);
	op_release(a);
	op_release(b);
	tw_destroy(w);
}

static void
no_memory_leaves_no_trace(void **state)
{
	struct thing *t;
	struct world *w;
	uint64_t before;

	(void)state;
	w = world0();
	t = thing_new("d");
	before = world_hash(NULL, HASH_SERIALS | HASH_TIMES);
	mem_fail_set(w, 1, false);
	assert_null(op_start(&script_op, v0, init_ptr, t));
	assert_true(w->w_mem.wm_consumed);
	mem_fail_set(w, 0, false);
	assert_true(world_hash(NULL, HASH_SERIALS | HASH_TIMES) == before);
	assert_int_equal(w->w_ops.wo_n, 0);
	assert_int_equal(w->w_hnd.wh_nlive[HANDLE_OP], 0);
	/* A teardown is not refused. */
	mem_fail_set(w, 1, true);
	op_detach(op_start_reserved(&script_op, NULL, init_ptr, t));
	mem_fail_set(w, 0, false);
	tw_run(w);
	assert_said("d");
	tw_destroy(w);
}

static void
many_wait_at_once_and_end_in_any_order(void **state)
{
	enum { N = 2000 };
	static struct op *op[N];
	struct world *w;
	uint32_t i, k;

	(void)state;
	w = world0();
	w->w_ops.wo_poll = false;
	for (i = 0; i < N; i++)
		op[i] = start("nud", i % 2 != 0 ? v0 : NULL);
	tw_run(w);
	assert_int_equal(w->w_ops.wo_nwaiting, N);
	for (i = 0; i < N; i++) {
		k = i * 1201 % N; /* 1201 and 2000 are coprime */
		thing(op[k])->t_flag = true;
		wakeup(&thing(op[k])->t_wq);
		assert_int_equal(tw_run(w), 1);
		assert_true(op[k]->op_done);
		assert_ptr_equal(op_next_done(w), op[k]);
		op_release(op[k]);
	}
	assert_int_equal(w->w_ops.wo_n, 0);
	tw_destroy(w);
}

static enum op_verdict
hoard_step(struct op *op)
{
	assert_string_equal(kctx->kc_door, "op");
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	ref_take(&op->op_ref[2], op->op_ptr[0], "op_ref");
	return (OP_DONE);
}

static const struct op_desc hoard_op = { "hoard", hoard_step, NULL };

static void
a_reference_kept_to_the_end_is_a_finding(void **state)
{
	struct vnet_frame f;
	struct thing *t;
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	assert_true(vnet_enter(&f, v0, DOOR_USER, VNET_MOD_ip));
	t = thing_new("");
	op = op_start(&hoard_op, v0, init_ptr, t);
	vnet_leave(&f);
	op_detach(op);
	tw_run(w);
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "op-ref"), 1);
	assert_false(ref_held(t));
	tw_destroy(w);
}

static void
run_script(void *arg)
{
	(void)start(arg, v0);
	tw_run(curworld());
}

static void
bad_steps_panic(void **state)
{
	char liar[] = "x", nothing[] = "0";
	struct world *w;

	(void)state;
	w = world0();
	assert_true(tw_panics(run_script, liar, "without its wait"));
	world_destroy(w);
	w = world0();
	assert_true(tw_panics(run_script, nothing, "waits for nothing"));
	world_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_an_event),
		cmocka_unit_test(completions_come_in_order),
		cmocka_unit_test(a_wait_ends_when_its_condition_holds),
		cmocka_unit_test(wakes_are_first_come_first_served),
		cmocka_unit_test(a_passed_bound_is_a_finding),
		cmocka_unit_test(a_time_limit_may_pass),
		cmocka_unit_test(a_wake_in_time_is_none),
		cmocka_unit_test(a_lost_wakeup_is_found_at_once_when_polling),
		cmocka_unit_test(a_lost_wakeup_is_found_at_the_bound),
		cmocka_unit_test(ops_wait_for_ops),
		cmocka_unit_test(cancel_works_in_every_state),
		cmocka_unit_test(cancel_all_takes_what_steps_in_a_vnet),
		cmocka_unit_test(an_abandoned_queue_lets_go),
		cmocka_unit_test(no_memory_leaves_no_trace),
		cmocka_unit_test(many_wait_at_once_and_end_in_any_order),
		cmocka_unit_test(a_reference_kept_to_the_end_is_a_finding),
		cmocka_unit_test(bad_steps_panic),
	};

	return (cmocka_run_group_tests_name("op", tests, NULL, NULL) ? 1 : 0);
}
