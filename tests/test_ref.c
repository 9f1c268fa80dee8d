/*
 * test_ref.c - references: lists of holders, faults, the border of a dead vnet.
 */
#include "tests/test_mem.h"

#include "src/core/memory_var.h"

enum { THINGS = 60, STEPS = 20000 };

static uint64_t rng_state;

static uint32_t
rng(uint32_t n)
{
	rng_state = rng_state * UINT64_C(6364136223846793005) + 1;
	return ((uint32_t)(rng_state >> 33) % n);
}

static struct thing *
thing_in(struct vnet *v)
{
	struct thing *t;

	mem_in(v);
	t = uma_zalloc(&thing_zone, M_ZERO);
	assert_non_null(t);
	mem_in(NULL);
	return (t);
}

static void
the_last_drop_says_so(void **state)
{
	struct thing *t, *u;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_a);
	assert_false(ref_held(u));
	assert_null(ref_get(&t->th_hold[0]));
	ref_take(&t->th_hold[0], u, "one");
	ref_take(&t->th_hold[1], u, "two");
	assert_ptr_equal(ref_get(&t->th_hold[0]), u);
	assert_int_equal(ref_count(u), 2);
	assert_false(ref_drop(&t->th_hold[0]));
	assert_true(ref_held(u));
	assert_true(ref_drop(&t->th_hold[1]));
	assert_true(ref_empty(&t->th_hold[1]));
	assert_false(ref_held(u));
	assert_int_equal(mem_findings(NULL), 0);
}

/* Any order of takes, drops and moves, across vnets, against plain counts. */
static void
lists_agree_with_a_model(void **state)
{
	struct thing *t[THINGS], *of[THINGS][2];
	uint32_t i, k, n, s, m;

	(void)state;
	rng_state = 99;
	memset(of, 0, sizeof(of));
	for (i = 0; i < THINGS; i++)
		t[i] = thing_in(i % 2 == 0 ? mem_a : mem_b);
	for (n = 0; n < STEPS; n++) {
		i = rng(THINGS);
		s = rng(2);
		k = rng(THINGS);
		if (of[i][s] == NULL) {
			ref_take(&t[i]->th_hold[s], t[k], "holder");
			of[i][s] = t[k];
		} else if (of[k][s] == NULL && rng(2) == 0) {
			ref_move(&t[k]->th_hold[s], &t[i]->th_hold[s]);
			of[k][s] = of[i][s];
			of[i][s] = NULL;
		} else {
			(void)ref_drop(&t[i]->th_hold[s]);
			of[i][s] = NULL;
		}
		if (n % 500 != 0)
			continue;
		for (i = 0; i < THINGS; i++) {
			for (k = 0, m = 0; k < THINGS; k++)
				m += (of[k][0] == t[i]) + (of[k][1] == t[i]);
			assert_int_equal(ref_count(t[i]), m);
			assert_ptr_equal(ref_get(&t[i]->th_hold[0]), of[i][0]);
		}
	}
	assert_int_equal(mem_findings(NULL), 0);
}

static void
a_full_slot_taken_again_is_found(void **state)
{
	struct thing *t, *u, *x;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_a);
	x = thing_in(mem_a);
	ref_take(&t->th_hold[0], u, "one");
	ref_take(&t->th_hold[0], x, "two");
	assert_int_equal(mem_findings("take-twice"), 1);
	assert_ptr_equal(ref_get(&t->th_hold[0]), x);
	assert_false(ref_held(u));
}

static void
an_empty_slot_dropped_is_found(void **state)
{
	struct thing *t, *u;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_a);
	ref_take(&t->th_hold[0], u, "one");
	(void)ref_drop(&t->th_hold[0]);
	assert_int_equal(mem_findings(NULL), 0);
	assert_false(ref_drop(&t->th_hold[0]));
	assert_int_equal(mem_findings("drop-empty"), 1);
}

static void
a_dead_vnet_can_be_held_no_more(void **state)
{
	struct thing *t, *u;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_b);
	mem_kill(mem_b);
	ref_take(&t->th_hold[0], u, "late");
	assert_true(ref_empty(&t->th_hold[0]));
	assert_int_equal(mem_findings("use-dead"), 1);
	mem_b = mem_vnet("b");
}

struct edges {
	uint32_t n;
	const void *obj;
	const char *holder;
};

static void
count_edge(void *ctx, void *obj, const char *holder)
{
	struct edges *e = ctx;

	e->n++;
	e->obj = obj;
	e->holder = holder;
}

static void
references_across_the_border_are_cut(void **state)
{
	struct edges e = { 0, NULL, NULL };
	struct thing *in, *in2, *out, *out2;
	void *table;

	(void)state;
	in = thing_in(mem_b);
	in2 = thing_in(mem_b);
	out = thing_in(mem_a);
	out2 = thing_in(mem_a);
	mem_in(mem_b);
	table = kmalloc(&table_zone, 3000, M_ZERO);
	mem_in(NULL);
	ref_take(&out->th_hold[0], in, "outside");
	ref_take(&in2->th_hold[0], in, "inside");
	ref_take(&in->th_hold[0], out2, "leak");
	ref_take((struct ref *)(void *)((char *)table + 2000), out2, "array");
	ref_take(&out->th_hold[1], out2, "stays");
	ref_take(&mem_state(mem_b)->ms_ref, out2, "state");
	assert_int_equal(ref_count(out2), 4);
	assert_int_equal(vnet_mem_sever(mem_b, count_edge, &e), 1);
	assert_int_equal(e.n, 1);
	assert_ptr_equal(e.obj, in);
	assert_non_null(strstr(e.holder, "outside@tests/test_ref.c:"));
	/* Inside, nothing has changed. */
	assert_int_equal(ref_count(in), 1);
	assert_ptr_equal(ref_get(&in2->th_hold[0]), in);
	/* Outside, nothing leads in. */
	assert_int_equal(ref_count(out2), 1);
	assert_null(ref_get(&out->th_hold[0]));
	assert_false(ref_empty(&out->th_hold[0]));
	mem_kill(mem_b);
	mem_b = mem_vnet("b");
	(void)thing_in(mem_b);
	assert_false(ref_drop(&out->th_hold[0]));
	assert_true(ref_empty(&out->th_hold[0]));
	assert_true(ref_drop(&out->th_hold[1]));
	assert_int_equal(mem_findings(NULL), 0);
}

static void
a_vnet_can_be_held_and_is_named(void **state)
{
	struct edges e = { 0, NULL, NULL };
	struct thing *out;

	(void)state;
	out = thing_in(mem_a);
	ref_take(&out->th_hold[0], mem_b, "vnet");
	assert_true(ref_held(mem_b));
	assert_int_equal(vnet_mem_sever(mem_b, count_edge, &e), 1);
	assert_ptr_equal(e.obj, mem_b);
	mem_kill(mem_b);
	assert_null(ref_get(&out->th_hold[0]));
	mem_b = mem_vnet("b");
	/* A holder may also die with its cut slot. */
	mem_in(mem_a);
	uma_zfree(&thing_zone, out);
	assert_int_equal(mem_findings(NULL), 0);
}

static void
an_array_freed_with_a_reference_is_found(void **state)
{
	struct thing *t;
	struct ref *table;

	(void)state;
	t = thing_in(mem_a);
	mem_in(mem_a);
	table = kmalloc(&table_zone, 10 * sizeof(*table), M_ZERO);
	ref_take(&table[7], t, "array");
	ref_take(&table[8], t, "array");
	(void)ref_drop(&table[8]);
	kfree(&table_zone, table);
	assert_int_equal(mem_findings("free-holding"), 1);
	assert_false(ref_held(t));
}

static void
what_only_looks_like_a_reference_is_none(void **state)
{
	struct thing *t, *u;
	struct ref *table;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_a);
	mem_in(mem_a);
	table = kmalloc(&table_zone, 10 * sizeof(*table), M_ZERO);
	ref_take(&t->th_hold[0], u, "real");
	table[3] = t->th_hold[0]; /* a copy: nobody's list passes through */
	table[5] = t->th_hold[0];
	table[5].r_prev = t->th_hold[0].r_obj;
	kfree(&table_zone, table);
	assert_int_equal(mem_findings(NULL), 0);
	assert_int_equal(ref_count(u), 1);
	assert_true(ref_drop(&t->th_hold[0]));
}

static void
ten_thousand_holders_are_no_work(void **state)
{
	struct thing *t, *u;
	struct ref *table;
	uint32_t i;

	(void)state;
	t = thing_in(mem_a);
	mem_in(mem_a);
	table = kmalloc(&table_zone, 10000 * sizeof(*table), M_ZERO);
	for (i = 0; i < 10000; i++)
		ref_take(&table[i], t, "array");
	assert_int_equal(ref_count(t), 10000);
	for (i = 0; i < 10000; i++)
		assert_int_equal(ref_drop(&table[(i * 7) % 10000]), i == 9999);
	kfree(&table_zone, table);
	u = uma_zalloc(&thing_zone, M_ZERO);
	assert_false(ref_held(u));
	assert_int_equal(mem_findings(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(the_last_drop_says_so),
		MEM_TEST(lists_agree_with_a_model),
		MEM_TEST(a_full_slot_taken_again_is_found),
		MEM_TEST(an_empty_slot_dropped_is_found),
		MEM_TEST(a_dead_vnet_can_be_held_no_more),
		MEM_TEST(references_across_the_border_are_cut),
		MEM_TEST(a_vnet_can_be_held_and_is_named),
		MEM_TEST(an_array_freed_with_a_reference_is_found),
		MEM_TEST(what_only_looks_like_a_reference_is_none),
		MEM_TEST(ten_thousand_holders_are_no_work),
	};

	return (cmocka_run_group_tests_name("ref", tests, NULL, NULL) ? 1 : 0);
}
