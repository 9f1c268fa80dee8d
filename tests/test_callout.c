/*
 * test_callout.c - callouts: three states, races, shut doors, audits.
 *
 * A race is a schedule: the deviation (vnet, "callout", name, ordinal, 1)
 * parts claim and run.
 */
#include "tests/test_sched.h"

static struct vnet *v0;

static struct world *
world0(void)
{
	struct world *w;

	w = sched_world();
	v0 = w->w_vnet0;
	return (w);
}

static void
fire(void *arg)
{
	struct thing *t;

	t = arg;
	assert_ptr_equal(curvnet, v0);
	assert_string_equal(kctx->kc_door, "time");
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	t->t_when = vtime();
	t->t_n++;
	say(t->t_tag);
}

static void
fire_other(void *arg)
{
	say("(");
	fire(arg);
	say(")");
}

static int
reset(struct thing *t, int64_t ns)
{
	return (callout_reset(&t->t_co, ns, fire, t));
}

static void
fires_once_when_due(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	assert_false(callout_active(&a->t_co));
	assert_int_equal(reset(a, 100), 0);
	assert_true(callout_active(&a->t_co) && callout_pending(&a->t_co));
	assert_int_equal(reset(a, 300), 1);
	assert_int_equal(a->t_co.c_time, 300);
	tw_run(w);
	assert_said("a");
	assert_int_equal(a->t_when, 300);
	assert_false(callout_active(&a->t_co));
	assert_int_equal(a->t_co.c_time, 0);
	assert_true(LIST_EMPTY(&v0->v_callouts));
	/* The end of time is a time. */
	assert_int_equal(reset(a, INT64_MAX), 0);
	tw_run(w);
	assert_true(a->t_when == INT64_MAX);
	tw_destroy(w);
}

static void
stop_tells_what_it_found(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	assert_int_equal(callout_stop(&a->t_co), -1);
	(void)reset(a, 5);
	assert_int_equal(callout_stop(&a->t_co), 1);
	assert_int_equal(callout_stop(&a->t_co), -1);
	tw_run(w);
	assert_said("");
	assert_int_equal(vtime(), 0);
	tw_destroy(w);
}

/* Bring a callout into the state claimed, 10 ns from now. */
static struct thing *
claimed(struct world *w, uint32_t ordinal)
{
	struct thing *a;

	a = thing_of(v0, "a", NULL);
	deviate(w, v0->v_id, "callout", "ip.timer", ordinal, 1);
	(void)reset(a, 10);
	assert_true(world_step(w, INT64_MAX));
	assert_said("");
	assert_int_equal(a->t_co.c_state, CALLOUT_CLAIMED);
	assert_true(callout_active(&a->t_co));
	assert_false(callout_pending(&a->t_co));
	assert_int_equal(w->w_epoch.wp_nclaims, 1);
	return (a);
}

static void
a_claimed_one_cannot_be_stopped(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = claimed(w, 0);
	assert_int_equal(callout_stop(&a->t_co), 0);
	assert_int_equal(callout_stop(&a->t_co), 0);
	tw_run(w);
	assert_said("a");
	assert_int_equal(a->t_when, 10);
	assert_int_equal(callout_stop(&a->t_co), -1);
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	tw_destroy(w);
}

static void
a_claimed_one_runs_behind_what_is_queued(void **state)
{
	struct thing *a, *b, *c;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	b = thing_of(v0, "b", NULL);
	c = thing_of(v0, "c", NULL);
	deviate(w, v0->v_id, "callout", "ip.timer", 0, 1);
	(void)reset(a, 10);
	(void)reset(b, 10);
	(void)reset(c, 11);
	tw_run(w);
	assert_said("bac");
	tw_destroy(w);
}

static void
reset_while_claimed_is_for_the_next_time(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = claimed(w, 0);
	b = thing_of(v0, "b", NULL);
	/* The claim keeps function and argument as they were. */
	assert_int_equal(callout_reset(&a->t_co, 7, fire_other, b), 0);
	assert_true(callout_pending(&a->t_co));
	assert_int_equal(callout_reset(&a->t_co, 5, fire_other, b), 1);
	assert_true(world_step(w, 10));
	assert_said("a");
	assert_int_equal(a->t_co.c_state, CALLOUT_PENDING);
	tw_run(w);
	assert_said("(b)");
	assert_int_equal(b->t_when, 15);
	tw_destroy(w);
}

static void
stop_takes_the_next_time_back(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = claimed(w, 0);
	(void)reset(a, 5);
	assert_int_equal(callout_stop(&a->t_co), 0);
	assert_false(callout_pending(&a->t_co));
	tw_run(w);
	assert_said("a");
	assert_int_equal(vtime(), 10);
	tw_destroy(w);
}

static enum op_verdict
drain_step(struct op *op)
{
	struct thing *t;

	t = op->op_ptr[0];
	assert_false(op->op_timedout);
	if (!callout_drain(&t->t_co, op)) {
		say("w");
		return (OP_WAIT);
	}
	say("d");
	assert_false(callout_active(&t->t_co));
	return (OP_DONE);
}

static const struct op_desc drain_op = { "drain", drain_step, NULL };

static void
init_ptr(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
}

static void
drain_waits_for_a_claimed_one_only(void **state)
{
	struct thing *a;
	struct world *w;
	struct op *op;

	(void)state;
	w = world0();
	a = claimed(w, 0);
	op = op_start(&drain_op, v0, init_ptr, a);
	assert_non_null(op);
	/* The run is before the op's first step: take it by a schedule. */
	deviate(w, VNETSIM_NOVNET, "sched", "next", 0, 1);
	tw_run(w);
	assert_said("wad");
	assert_true(op->op_done);
	op_release(op);
	/* Pending: stopped, nobody waits. */
	(void)reset(a, 100);
	op = op_start(&drain_op, v0, init_ptr, a);
	tw_run(w);
	assert_said("d");
	assert_int_equal(vtime(), 10);
	op_release(op);
	/* Two drains of one callout. */
	a = claimed(w, 1);
	op = op_start(&drain_op, v0, init_ptr, a);
	op_detach(op);
	op = op_start(&drain_op, v0, init_ptr, a);
	op_detach(op);
	tw_run(w);
	assert_said("add");
	tw_destroy(w);
}

static void
handlers_may_rearm(void *arg)
{
	struct thing *t;

	t = arg;
	fire(t);
	if (t->t_n < 3)
		assert_int_equal(
		    callout_reset(&t->t_co, 10, handlers_may_rearm, t), 0);
}

static void
a_handler_rearms_itself(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	(void)callout_reset(&a->t_co, 10, handlers_may_rearm, a);
	tw_run(w);
	assert_said("aaa");
	assert_int_equal(vtime(), 30);
	tw_destroy(w);
}

static void
a_shut_door_lets_nothing_in(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	b = claimed(w, 0);
	(void)reset(b, 0);
	(void)reset(a, 1);
	v0->v_shut = DOOR_INWARD;
	assert_int_equal(reset(a, 0), 0);
	tw_run(w);
	assert_said("");
	assert_false(callout_active(&a->t_co));
	assert_false(callout_active(&b->t_co));
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	assert_true(LIST_EMPTY(&v0->v_callouts));
	assert_int_equal(reset(a, 0), 0);
	assert_false(callout_active(&a->t_co));
	v0->v_shut = 0;
	tw_destroy(w);
}

static uint32_t nfound;

static void
found(void *ctx, const struct late_item *it)
{
	assert_ptr_equal(ctx, &nfound);
	assert_string_equal(it->li_kind, "callout");
	assert_string_equal(it->li_name, "ip.timer");
	assert_int_equal(it->li_mod, VNET_MOD_ip);
	say(it->li_claimed ? "C" : "P");
	nfound++;
}

static void
the_audit_finds_and_removes(void **state)
{
	struct callout *first;
	struct thing *a, *b;
	struct vnet *v;
	struct world *w;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	b = claimed(w, 0);
	a = thing_of(v0, "a", NULL);
	(void)reset(a, 5);
	(void)b;
	assert_int_equal(callout_armed(v0, -1, &first), 2);
	assert_ptr_equal(first, &a->t_co);
	assert_int_equal(callout_armed(v0, VNET_MOD_ip, NULL), 2);
	assert_int_equal(callout_armed(v0, VNET_MOD_tcp, &first), 0);
	assert_null(first);
	assert_int_equal(callout_armed(v, -1, NULL), 0);
	nfound = 0;
	assert_int_equal(
	    callout_remove_all(v0, VNET_MOD_tcp, found, &nfound), 0);
	assert_int_equal(
	    callout_remove_all(v0, VNET_MOD_ip, found, &nfound), 2);
	assert_int_equal(nfound, 2);
	assert_said("PC");
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	tw_run(w);
	assert_said("");
	assert_int_equal(callout_remove_all(v0, -1, NULL, NULL), 0);
	tw_destroy(w);
}

static void
more_claims_than_places_run_at_once(void **state)
{
	struct deviation dv[EPOCH_CLAIMS + 3];
	struct thing *t[EPOCH_CLAIMS + 3];
	struct world *w;
	uint32_t i;

	(void)state;
	w = world0();
	for (i = 0; i < nitems(dv); i++) {
		dv[i] =
		    (struct deviation){ v0->v_id, "callout", "ip.timer", i, 1 };
		t[i] = thing_of(v0, i < EPOCH_CLAIMS ? "c" : "n", NULL);
		(void)reset(t[i], 3);
	}
	assert_int_equal(world_set_deviations(w, dv, nitems(dv)), 0);
	tw_run(w);
	assert_int_equal(strlen(said), nitems(dv));
	assert_int_equal(strncmp(said, "nnncccc", 7), 0);
	tw_destroy(w);
}

/* Random resets, stops and races against what each call answered. */
static void
every_armed_callout_fires_or_is_stopped(void **state)
{
	struct deviation dv[40];
	struct thing *t[8];
	struct world *w;
	uint32_t armed, fired, i, k, stopped;
	uint64_t r;

	(void)state;
	w = world0();
	for (i = 0; i < nitems(dv); i++)
		dv[i] = (struct deviation){ v0->v_id, "callout", "ip.timer",
			i * 7 % 300, 1 };
	assert_int_equal(world_set_deviations(w, dv, nitems(dv)), 0);
	for (i = 0; i < nitems(t); i++)
		t[i] = thing_of(v0, "", NULL);
	armed = stopped = 0;
	for (i = 0; i < 3000; i++) {
		r = krandom("test", 1, i);
		k = r % nitems(t);
		switch (r >> 8 & 3) {
		case 0:
		case 1:
			armed += reset(t[k], (int64_t)(r >> 16 & 31)) == 0;
			break;
		case 2:
			stopped += callout_pending(&t[k]->t_co);
			(void)callout_stop(&t[k]->t_co);
			break;
		default:
			(void)world_step(w, vtime() + (int64_t)(r >> 16 & 7));
			break;
		}
	}
	tw_run(w);
	fired = 0;
	for (i = 0; i < nitems(t); i++)
		fired += (uint32_t)t[i]->t_n;
	assert_int_equal(armed, fired + stopped);
	assert_true(fired > 200 && stopped > 100);
	assert_int_equal(callout_armed(v0, -1, NULL), 0);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_once_when_due),
		cmocka_unit_test(stop_tells_what_it_found),
		cmocka_unit_test(a_claimed_one_cannot_be_stopped),
		cmocka_unit_test(a_claimed_one_runs_behind_what_is_queued),
		cmocka_unit_test(reset_while_claimed_is_for_the_next_time),
		cmocka_unit_test(stop_takes_the_next_time_back),
		cmocka_unit_test(drain_waits_for_a_claimed_one_only),
		cmocka_unit_test(a_handler_rearms_itself),
		cmocka_unit_test(a_shut_door_lets_nothing_in),
		cmocka_unit_test(the_audit_finds_and_removes),
		cmocka_unit_test(more_claims_than_places_run_at_once),
		cmocka_unit_test(every_armed_callout_fires_or_is_stopped),
	};

	return (
	    cmocka_run_group_tests_name("callout", tests, NULL, NULL) ? 1 : 0);
}
