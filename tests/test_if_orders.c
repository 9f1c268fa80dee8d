/*
 * test_if_orders.c - interfaces in each order of the real teardown.
 *
 * A jail with pairs of its own, one half lent out, and halves of others lent
 * in, ends by each order, with frames under way; then again with each step of
 * an interface module left out.
 */
#include <vnetsim/teardown.h>
#include "src/teardown/teardown.h"
#include "tests/test_link.h"

static struct vnet *v0;

static const struct world_upcalls upcalls = { .wu_reap = teardown_reap };

static struct world *
world0(const char *order)
{
	struct world_config cfg = tw_config(lk_modules);
	struct world *w;
	struct vnet *a, *b;

	cfg.wc_upcalls = &upcalls;
	w = tw_create_cfg(&cfg);
	v0 = w->w_vnet0;
	assert_int_equal(teardown_init(w), 0);
	assert_int_equal(teardown_order_set(order, false), 0);
	a = lk_vnet("a");
	b = lk_vnet("b");
	lk_pair(v0, "epair0");
	assert_int_equal(lk_move(v0, "epair0b", a), 0);
	assert_int_equal(lk_updown(a, "epair0b", true), 0);
	lk_pair(a, "epair5");
	assert_int_equal(lk_move(a, "epair5b", b), 0);
	assert_int_equal(lk_updown(b, "epair5b", true), 0);
	assert_int_equal(lk_create(a, "lo1"), 0);
	for (struct link *l = link_next(NULL); l != NULL; l = link_next(l)) {
		struct link_params p = { .lp_delay = NS_MS };

		assert_int_equal(link_set(l, 0, &p), 0);
		assert_int_equal(link_set(l, 1, &p), 0);
	}
	return (w);
}

static void
traffic(void)
{
	struct prison *a = prison_find("a", false);

	(void)lk_send(v0, "epair0a", 100);
	if (a == NULL)
		return;
	(void)lk_send(a->pr_vnet, "epair0b", 100);
	(void)lk_send(a->pr_vnet, "epair5a", 100);
}

/* Ends jail a by the order of the world.  Return: findings. */
static uint32_t
end(struct world *w)
{
	struct vnet *b = prison_find("b", false)->pr_vnet;
	uint32_t n = 0;

	traffic();
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	tw_run(w);
	assert_null(prison_find("a", true));
	for (int o = 0; o < ORACLE_N; o++)
		n += tw_finding(w, (enum oracle)o, NULL);
	if (n == 0) {
		assert_non_null(lk_if(v0, "epair0b"));
		assert_int_equal(if_count(b), 1);
		assert_int_equal(uma_count(&ifnet_zone, NULL), 0);
	}
	return (n);
}

static void
each_order_ends_without_findings(void **state)
{
	const char *order;
	struct world *w;

	(void)state;
	for (unsigned i = 0; (order = teardown_order_name(i)) != NULL; i++) {
		w = world0(order);
		assert_int_equal(end(w), 0);
		tw_destroy(w);
	}
}

static void
both_borrowers_and_lenders_may_end_at_any_moment(void **state)
{
	const char *order;
	struct world *w;

	(void)state;
	for (unsigned i = 0; (order = teardown_order_name(i)) != NULL; i++) {
		for (uint32_t k = 0; k < 60; k++) {
			w = world0(order);
			assert_int_equal(
			    prison_remove(prison_find("b", false)), 0);
			for (uint32_t n = 0; n < k; n++)
				(void)world_step(w, INT64_MAX);
			traffic();
			assert_int_equal(
			    prison_remove(prison_find("a", false)), 0);
			tw_run(w);
			assert_int_equal(w->w_nvnets, 1);
			assert_int_equal(uma_count(&ifnet_zone, NULL), 0);
			tw_destroy(w);
		}
	}
}

static void
the_whole_world_ends(void **state)
{
	const char *order;
	struct world *w;
	struct op *op;

	(void)state;
	for (unsigned i = 0; (order = teardown_order_name(i)) != NULL; i++) {
		w = world0(order);
		traffic();
		assert_int_equal(teardown_finish(&op), 0);
		tw_run(w);
		assert_int_equal(lk_result(op), 0);
		assert_int_equal(w->w_nvnets, 0);
		assert_int_equal(uma_count(&ifnet_zone, NULL), 0);
		assert_int_equal(uma_count(&link_zone, NULL), 0);
		assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
		tw_destroy(w);
	}
}

static bool
is_ours(const char *step)
{
	static const char *const mods[] = { "if ", "lo ", "epair ", "ether ",
		"lltable " };

	for (size_t i = 0; i < nitems(mods); i++)
		if (strncmp(step, mods[i], strlen(mods[i])) == 0)
			return (true);
	return (false);
}

static void
a_step_left_out_is_found(void **state)
{
	struct vnetsim_step step;
	const char *order;
	struct world *w;
	uint32_t steps = 0;

	(void)state;
	for (unsigned i = 0; (order = teardown_order_name(i)) != NULL; i++) {
		for (unsigned n = 0;; n++) {
			w = world0(order);
			if (teardown_order_step(n, &step) != 0)
				break;
			if (!is_ours(step.name)) {
				world_destroy(w);
				continue;
			}
			steps++;
			assert_int_equal(teardown_order_edit(VNETSIM_EDIT_SKIP,
					     step.name, NULL),
			    0);
			if (end(w) == 0)
				print_error("%s without %s: nothing found\n",
				    order, step.name);
			assert_int_not_equal(
			    tw_finding(w, ORACLE_LEAK, NULL) +
				tw_finding(w, ORACLE_ORDER, NULL) +
				tw_finding(w, ORACLE_LIFETIME, NULL),
			    0);
			/* the others go on, and end */
			traffic();
			assert_int_equal(teardown_order_set(order, false), 0);
			assert_int_equal(
			    prison_remove(prison_find("b", false)), 0);
			tw_run(w);
			assert_int_equal(w->w_nvnets, 1);
			world_destroy(w);
		}
		world_destroy(w);
	}
	assert_true(steps >= 25);
}

/* Freeing needs no order: each uninit may be the first of all, or the last. */
static void
any_order_of_freeing_does(void **state)
{
	static const char *const uninits[] = { "fip uninit", "lltable uninit",
		"ether uninit", "epair uninit", "lo uninit", "if uninit" };
	struct world *w;

	(void)state;
	for (size_t i = 0; i < nitems(uninits); i++) {
		for (size_t k = 0; k < nitems(uninits); k++) {
			if (i == k)
				continue;
			w = world0("top-down");
			assert_int_equal(teardown_order_edit(VNETSIM_EDIT_MOVE,
					     uninits[i], uninits[k]),
			    0);
			assert_int_equal(end(w), 0);
			tw_destroy(w);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_order_ends_without_findings),
		cmocka_unit_test(
		    both_borrowers_and_lenders_may_end_at_any_moment),
		cmocka_unit_test(the_whole_world_ends),
		cmocka_unit_test(a_step_left_out_is_found),
		cmocka_unit_test(any_order_of_freeing_does),
	};

	return (cmocka_run_group_tests_name("if_orders", tests, NULL, NULL)
		    ? 1
		    : 0);
}
