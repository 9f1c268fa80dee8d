/*
 * test_handle.c - handles: stale ones are known, ids are reused, kinds apart.
 *
 * The limit of a small world's table is tested at the limit.
 */
#include "tests/lib/tworld.h"

static int
setup(void **state)
{
	struct world_config cfg = tw_config(NULL);

	cfg.wc_size = (size_t)8 << 20;
	*state = tw_create_cfg(&cfg);
	return (0);
}

static int
teardown(void **state)
{
	tw_destroy(*state);
	return (0);
}

static void
a_stale_handle_finds_nothing(void **state)
{
	int a, b;
	uint64_t h, h2;

	(void)state;
	h = handle_alloc(HANDLE_LINK, &a);
	assert_int_not_equal(h, 0);
	assert_ptr_equal(handle_lookup(HANDLE_LINK, h), &a);
	assert_null(handle_lookup(HANDLE_PROC, h));
	assert_null(handle_lookup(HANDLE_LINK, 0));
	assert_null(handle_lookup(HANDLE_LINK, h + 1));
	assert_null(handle_lookup(HANDLE_LINK, h ^ UINT64_C(1) << 40));
	assert_null(handle_lookup(HANDLE_LINK, UINT64_MAX));
	handle_free(h);
	assert_null(handle_lookup(HANDLE_LINK, h));
	h2 = handle_alloc(HANDLE_LINK, &b);
	assert_int_equal((uint32_t)h2, (uint32_t)h);
	assert_true(h2 != h);
	assert_null(handle_lookup(HANDLE_LINK, h));
	assert_ptr_equal(handle_lookup(HANDLE_LINK, h2), &b);
	handle_free(h2);
	handle_free(0);
}

static void
free_again(void *arg)
{
	handle_free(*(uint64_t *)arg);
}

static void
a_second_free_panics(void **state)
{
	uint64_t h;
	int a;

	(void)state;
	h = handle_alloc(HANDLE_LINK, &a);
	handle_free(h);
	assert_true(tw_panics(free_again, &h, "freed twice"));
}

static void
generations_wrap_past_zero(void **state)
{
	struct world *w = *state;
	uint64_t h, h2;
	int a;

	h = handle_alloc(HANDLE_LINK, &a);
	handle_free(h);
	w->w_hnd.wh_slot[(uint32_t)h].hs_gen = UINT32_MAX;
	h2 = handle_alloc(HANDLE_LINK, &a);
	assert_int_equal(h2 >> 32, UINT32_MAX);
	handle_free(h2);
	h2 = handle_alloc(HANDLE_LINK, &a);
	assert_int_equal(h2 >> 32, 1);
	handle_free(h2);
}

static void
iteration_is_by_id_and_kind(void **state)
{
	uint64_t h[6];
	int a[6];
	uint32_t id;
	int i;

	(void)state;
	for (i = 0; i < 6; i++)
		h[i] = handle_alloc(i & 1 ? HANDLE_LINK : HANDLE_SOCKET, &a[i]);
	handle_free(h[3]);
	id = 0;
	assert_ptr_equal(handle_iter(HANDLE_LINK, &id), &a[1]);
	assert_int_equal(handle_byid(HANDLE_LINK, id), h[1]);
	assert_ptr_equal(handle_iter(HANDLE_LINK, &id), &a[5]);
	assert_null(handle_iter(HANDLE_LINK, &id));
	assert_int_equal(handle_byid(HANDLE_LINK, (uint32_t)h[3]), 0);
	assert_int_equal(handle_byid(HANDLE_LINK, (uint32_t)h[2]), 0);
	assert_int_equal(handle_byid(HANDLE_LINK, 1u << 30), 0);
	for (i = 0; i < 6; i++)
		if (i != 3)
			handle_free(h[i]);
}

static void
a_full_table_answers_zero(void **state)
{
	struct world *w = *state;
	uint64_t h, last;
	uint32_t n;
	int a;

	last = 0;
	for (n = 0; (h = handle_alloc(HANDLE_LINK, &a)) != 0; n++)
		last = h;
	/* slot 0, prison0 and vnet0 */
	assert_int_equal(n + 3, w->w_mem.wm_handlemax);
	assert_int_equal(w->w_hnd.wh_nlive[HANDLE_LINK], n);
	handle_free(last);
	h = handle_alloc(HANDLE_PROC, &a);
	assert_int_not_equal(h, 0);
	assert_int_equal(handle_alloc(HANDLE_LINK, &a), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_stale_handle_finds_nothing),
		T(a_second_free_panics),
		T(generations_wrap_past_zero),
		T(iteration_is_by_id_and_kind),
		T(a_full_table_answers_zero),
	};

	return (
	    cmocka_run_group_tests_name("handle", tests, NULL, NULL) ? 1 : 0);
}
