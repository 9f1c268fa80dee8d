/*
 * test_epoch.c - grace periods, rounds, drains.
 *
 * Claims are made by hand here (epoch_claim()); that streams make them is
 * tested with the streams.
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

/* All that is due now; bounds of waits are not. */
static void
run_now(struct world *w)
{
	while (world_step(w, vtime()))
		;
}

static struct thing *
from_ec(struct epoch_context *ec)
{
	return (container_of(ec, struct thing, t_ec));
}

static void
freed(struct epoch_context *ec)
{
	struct thing *t;

	t = from_ec(ec);
	assert_string_equal(kctx->kc_door, "epoch");
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	say(t->t_tag);
	kfree(&thing_zone, t);
}

static void defer_in(
    struct vnet *v, struct thing *t, void (*func)(struct epoch_context *ec));

/* Freeing this one defers the next: a chain. */
static void
freed_chain(struct epoch_context *ec)
{
	struct thing *t;

	t = from_ec(ec);
	if (t->t_other != NULL)
		NET_EPOCH_CALL(freed_chain, &t->t_other->t_ec);
	freed(ec);
}

static void
defer_in(
    struct vnet *v, struct thing *t, void (*func)(struct epoch_context *ec))
{
	struct vnet_frame f;

	assert_true(vnet_enter(&f, v, DOOR_USER, VNET_MOD_ip));
	NET_EPOCH_CALL(func, &t->t_ec);
	vnet_leave(&f);
}

static struct thing *
deferred(struct vnet *v, const char *tag)
{
	struct thing *t;

	t = thing_of(v, tag, NULL);
	defer_in(v, t, freed);
	return (t);
}

static void
a_call_is_deferred_to_an_event_of_its_own(void **state)
{
	struct vnet *v;
	struct world *w;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	(void)deferred(v0, "a");
	(void)deferred(v, "b");
	(void)deferred(v0, "c");
	assert_said("");
	assert_int_equal(epoch_pending(NULL), 3);
	assert_int_equal(epoch_pending(v0), 2);
	assert_int_equal(epoch_pending(v), 1);
	/* The end of the grace period, then one event each. */
	assert_true(world_step(w, 0));
	assert_said("");
	assert_true(world_step(w, 0));
	assert_said("a");
	assert_int_equal(tw_run(w), 2);
	assert_said("bc");
	assert_int_equal(epoch_rounds(w), 1);
	assert_int_equal(epoch_pending(NULL), 0);
	tw_destroy(w);
}

static void
a_grace_period_waits_for_older_claims_only(void **state)
{
	struct world *w;
	uint32_t g1, g2, g3;

	(void)state;
	w = world0();
	g1 = epoch_claim("1", NULL, NULL);
	g2 = epoch_claim("2", NULL, NULL);
	(void)deferred(v0, "a");
	g3 = epoch_claim("3", NULL, NULL);
	(void)deferred(v0, "b");
	assert_int_equal(tw_run(w), 0);
	epoch_unclaim(g2);
	assert_int_equal(tw_run(w), 0);
	epoch_unclaim(g1);
	tw_run(w);
	assert_said("a");
	epoch_unclaim(g3);
	tw_run(w);
	assert_said("b");
	assert_int_equal(epoch_rounds(w), 2);
	(void)deferred(v0, "c");
	tw_run(w);
	assert_said("c");
	tw_destroy(w);
}

static void
a_claimed_reader_is_waited_for(void *arg)
{
	struct thing *t;

	t = arg;
	assert_int_equal(t->t_other->t_n, 42); /* still there */
	say("r");
}

static void
a_parted_callout_is_inside_the_epoch(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	b = thing_of(v0, "b", NULL);
	b->t_n = 42;
	a->t_other = b;
	deviate(w, v0->v_id, "callout", "ip.timer", 0, 1);
	(void)callout_reset(&a->t_co, 5, a_claimed_reader_is_waited_for, a);
	assert_true(world_step(w, 5)); /* claimed */
	defer_in(v0, b, freed);
	tw_run(w);
	assert_said("rb");
	tw_destroy(w);
}

static enum op_verdict
drain_step(struct op *op)
{
	if (!epoch_drain(op, op->op_ptr[0]))
		return (OP_WAIT);
	assert_int_equal(op->op_arg[OP_ARGS - 1], 0);
	say("D");
	return (OP_DONE);
}

static const struct op_desc drain_op = { "drain", drain_step, NULL };

static enum op_verdict
wait_step(struct op *op)
{
	if (!net_epoch_wait(op))
		return (OP_WAIT);
	assert_int_equal(op->op_arg[OP_ARGS - 1], 0);
	say("W");
	return (OP_DONE);
}

static const struct op_desc wait_op = { "wait", wait_step, NULL };

static void
init_ptr(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
	op->op_detached = true;
}

static void
start_drain(struct vnet *v)
{
	assert_non_null(op_start(&drain_op, v0, init_ptr, v));
}

static void
drain_once_is_not_enough(void **state)
{
	struct thing *a, *b, *c;
	struct world *w;

	(void)state;
	w = world0();
	a = thing_of(v0, "a", NULL);
	b = thing_of(v0, "b", NULL);
	c = thing_of(v0, "c", NULL);
	a->t_other = b;
	b->t_other = c;
	start_drain(v0); /* before: nothing to wait for */
	tw_run(w);
	assert_said("D");
	defer_in(v0, a, freed_chain);
	start_drain(v0);
	tw_run(w);
	assert_said("aDbc");
	assert_int_equal(epoch_rounds(w), 3);
	tw_destroy(w);
}

static void
a_drain_looks_at_its_vnet(void **state)
{
	struct vnet *v;
	struct world *w;
	uint32_t gen, gen2;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	(void)deferred(v, "x");
	(void)deferred(v0, "a");
	gen = epoch_claim("late", NULL, NULL);
	(void)deferred(v, "y");
	start_drain(v0);
	start_drain(NULL);
	start_drain(v);
	run_now(w);
	assert_said("xaD");
	gen2 = epoch_claim("later", NULL, NULL);
	(void)deferred(v, "z"); /* not in time for these drains */
	epoch_unclaim(gen);
	run_now(w);
	assert_said("yDD");
	epoch_unclaim(gen2);
	run_now(w);
	assert_said("z");
	tw_destroy(w);
}

static void
a_wait_lasts_as_long_as_a_grace_period(void **state)
{
	struct world *w;
	uint32_t g1, g2;

	(void)state;
	w = world0();
	assert_non_null(op_start(&wait_op, v0, init_ptr, NULL));
	assert_int_equal(tw_run(w), 2);
	assert_said("W");
	g1 = epoch_claim("1", NULL, NULL);
	assert_non_null(op_start(&wait_op, v0, init_ptr, NULL));
	assert_true(world_step(w, 0));
	g2 = epoch_claim("2", NULL, NULL);
	assert_false(world_step(w, 0));
	epoch_unclaim(g1);
	run_now(w);
	assert_said("W");
	epoch_unclaim(g2);
	tw_destroy(w);
}

static void
an_endless_claim_is_a_finding(void **state)
{
	struct world *w;
	uint32_t gen;

	(void)state;
	w = world0();
	gen = epoch_claim("endless", NULL, NULL);
	assert_non_null(op_start(&wait_op, v0, init_ptr, NULL));
	assert_false(world_step(w, 0) && world_step(w, NS_S - 1));
	assert_true(world_step(w, NS_S));
	assert_int_equal(tw_finding(w, ORACLE_LIVENESS, "bound"), 1);
	epoch_unclaim(gen);
	tw_run(w);
	assert_said("W");
	tw_destroy(w);
}

static void
found(void *ctx, const struct late_item *it)
{
	assert_string_equal(it->li_kind, "deferred free");
	assert_non_null(strstr(it->li_site, "test_epoch.c:"));
	assert_int_equal(it->li_mod, VNET_MOD_ip);
	(*(uint32_t *)ctx)++;
}

static void
discarding_keeps_the_order_of_the_rest(void **state)
{
	struct vnet *v;
	struct world *w;
	uint32_t gen, n;

	(void)state;
	w = world0();
	v = tw_jail("j")->pr_vnet;
	(void)deferred(v0, "a");
	(void)deferred(v, "x");
	(void)deferred(v0, "b");
	(void)deferred(v, "y");
	gen = epoch_claim("c", NULL, NULL);
	(void)deferred(v, "z");
	(void)deferred(v0, "c");
	assert_true(world_step(w, 0)); /* a round of four */
	assert_true(world_step(w, 0));
	assert_said("a");
	start_drain(v0);
	start_drain(v);
	n = 0;
	/* Let the drains count first. */
	deviate(w, VNETSIM_NOVNET, "sched", "next", 0, 1);
	assert_true(world_step(w, 0));
	deviate(w, VNETSIM_NOVNET, "sched", "next", 1, 1);
	assert_true(world_step(w, 0));
	assert_int_equal(w->w_ops.wo_nwaiting, 2);
	assert_int_equal(epoch_discard(v, VNET_MOD_tcp, found, &n), 0);
	assert_int_equal(epoch_discard(v, VNET_MOD_ip, found, &n), 3);
	assert_int_equal(n, 3);
	assert_int_equal(epoch_pending(NULL), 2);
	assert_int_equal(w->w_epoch.wp_left, 1);
	run_now(w);
	/* v has none left: its drain ends, whatever b does. */
	assert_said("bD");
	epoch_unclaim(gen);
	run_now(w);
	assert_said("cD");
	assert_int_equal(epoch_discard(v0, -1, NULL, NULL), 0);
	(void)deferred(v0, "d");
	assert_int_equal(epoch_discard(v0, -1, NULL, NULL), 1);
	assert_int_equal(tw_run(w), 0);
	tw_destroy(w);
}

static void
defer_twice(void *arg)
{
	struct thing *t;

	t = arg;
	defer_in(v0, t, freed);
	defer_in(v0, t, freed);
}

static void
deferring_twice_panics(void **state)
{
	struct world *w;

	(void)state;
	w = world0();
	assert_true(tw_panics(
	    defer_twice, thing_of(v0, "a", NULL), "deferred already"));
	world_destroy(w);
}

static void
there_are_so_many_claims_and_no_more(void **state)
{
	uint32_t gen[EPOCH_CLAIMS], i;
	struct world *w;

	(void)state;
	w = world0();
	for (i = 0; i < EPOCH_CLAIMS; i++) {
		gen[i] = epoch_claim("c", NULL, &gen[i]);
		assert_int_not_equal(gen[i], 0);
	}
	assert_int_equal(epoch_claim("c", NULL, NULL), 0);
	assert_ptr_equal(epoch_claim_find(gen[63])->ck_arg, &gen[63]);
	epoch_unclaim(gen[17]);
	gen[17] = epoch_claim("c", NULL, NULL);
	assert_int_not_equal(gen[17], 0);
	for (i = 0; i < EPOCH_CLAIMS; i++)
		epoch_unclaim(gen[i]);
	tw_destroy(w);
}

#define MODEL_N 400

/* A callback of the model: which claims were open when it was deferred. */
struct mcall {
	bool open[16];
	bool ran;
};
static struct mcall mcall[MODEL_N];
static uint32_t mgen[16];

static void
mfreed(struct epoch_context *ec)
{
	struct thing *t;
	uint32_t i;

	t = from_ec(ec);
	for (i = 0; i < 16; i++)
		assert_false(mcall[t->t_n].open[i]);
	if (t->t_n > 0)
		assert_true(mcall[t->t_n - 1].ran);
	mcall[t->t_n].ran = true;
	kfree(&thing_zone, t);
}

static void
random_claims_and_calls(void **state)
{
	struct thing *t;
	struct world *w;
	uint32_t i, j, k, n;
	uint64_t r;
	bool may;

	(void)state;
	w = world0();
	memset(mcall, 0, sizeof(mcall));
	memset(mgen, 0, sizeof(mgen));
	n = 0;
	for (i = 0; n < MODEL_N; i++) {
		r = krandom("test", 3, i);
		k = r % 16;
		if ((r >> 8) % 3 == 0) {
			t = thing_of(v0, "", NULL);
			t->t_n = (int)n;
			for (j = 0; j < 16; j++)
				mcall[n].open[j] = mgen[j] != 0;
			n++;
			defer_in(v0, t, mfreed);
		} else if (mgen[k] == 0) {
			mgen[k] = epoch_claim("m", NULL, NULL);
		} else {
			epoch_unclaim(mgen[k]);
			mgen[k] = 0;
			for (j = 0; j < n; j++)
				mcall[j].open[k] = false;
		}
		if ((r >> 16) % 4 != 0)
			continue;
		/* Left alone, everything that may run runs. */
		tw_run(w);
		for (j = 0, may = true; j < n; j++) {
			for (k = 0; k < 16; k++)
				may = may && !mcall[j].open[k];
			assert_int_equal(mcall[j].ran, may);
		}
	}
	for (k = 0; k < 16; k++) {
		if (mgen[k] != 0)
			epoch_unclaim(mgen[k]);
	}
	memset(mgen, 0, sizeof(mgen));
	for (j = 0; j < n; j++)
		memset(mcall[j].open, 0, sizeof(mcall[j].open));
	tw_run(w);
	assert_int_equal(epoch_pending(NULL), 0);
	assert_true(mcall[n - 1].ran);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_deferred_to_an_event_of_its_own),
		cmocka_unit_test(a_grace_period_waits_for_older_claims_only),
		cmocka_unit_test(a_parted_callout_is_inside_the_epoch),
		cmocka_unit_test(drain_once_is_not_enough),
		cmocka_unit_test(a_drain_looks_at_its_vnet),
		cmocka_unit_test(a_wait_lasts_as_long_as_a_grace_period),
		cmocka_unit_test(an_endless_claim_is_a_finding),
		cmocka_unit_test(discarding_keeps_the_order_of_the_rest),
		cmocka_unit_test(deferring_twice_panics),
		cmocka_unit_test(there_are_so_many_claims_and_no_more),
		cmocka_unit_test(random_claims_and_calls),
	};

	return (
	    cmocka_run_group_tests_name("epoch", tests, NULL, NULL) ? 1 : 0);
}
