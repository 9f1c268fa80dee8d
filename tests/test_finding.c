/*
 * test_finding.c - findings: what they say, how they are counted, their limit.
 */
#include "tests/test_mem.h"

static void
a_finding_says_where_and_what(void **state)
{
	const struct finding *fi;
	struct thing *t, *u;

	(void)state;
	mem_w->w_ctx.kc_now = 1234;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	u = uma_zalloc(&thing_zone, M_ZERO);
	ref_take(&t->th_hold[0], u, "h0");
	ref_take(&t->th_hold[1], u, "h1");
	mem_a->v_phase = PHASE_DRAIN;
	mem_a->v_step = "tcp.shutdown";
	finding_add(ORACLE_LEAK, "leak", mem_a, VNET_MOD_tcp, u,
	    "%p is left, %u bytes", (void *)u, 7u);
	fi = finding_get(mem_w, 0);
	assert_int_equal(fi->fi_oracle, ORACLE_LEAK);
	assert_int_equal(fi->fi_mod, VNET_MOD_tcp);
	assert_int_equal(fi->fi_phase, PHASE_DRAIN);
	assert_int_equal(fi->fi_vnet, mem_a->v_id);
	assert_int_equal(fi->fi_time, 1234);
	assert_int_equal(fi->fi_birthtime, 1234);
	assert_string_equal(fi->fi_step, "tcp.shutdown");
	assert_string_equal(fi->fi_vname, "a");
	assert_string_equal(fi->fi_zone, "thing");
	assert_non_null(strstr(fi->fi_birth, "tests/test_finding.c:"));
	assert_int_equal(fi->fi_nholders, 2);
	assert_non_null(strstr(fi->fi_holder[0], "h1@"));
	assert_non_null(strstr(fi->fi_text, "thing#"));
	assert_non_null(strstr(fi->fi_text, " is left, 7 bytes"));
	assert_string_equal(oracle_name(fi->fi_oracle), "leak");
	mem_a->v_phase = PHASE_ALIVE;
}

static void
the_running_module_is_guilty_by_default(void **state)
{
	(void)state;
	mem_in(mem_a);
	finding_add(ORACLE_ORDER, "late", mem_a, -1, NULL, "x");
	assert_int_equal(finding_get(mem_w, 0)->fi_mod, VNET_MOD_tcp);
	mem_in(NULL);
	finding_add(ORACLE_WIRE, "stuck", NULL, VNET_MOD_BUILTIN, NULL, "x");
	assert_int_equal(finding_get(mem_w, 1)->fi_vnet, VNETSIM_NOVNET);
	assert_string_equal(finding_get(mem_w, 1)->fi_vname, "");
	assert_null(finding_get(mem_w, 1)->fi_zone);
	assert_null(finding_get(mem_w, 2));
}

static void
equal_findings_are_counted(void **state)
{
	struct thing *t[3];
	uint32_t i;

	(void)state;
	mem_in(mem_a);
	for (i = 0; i < 3; i++) {
		t[i] = uma_zalloc(&thing_zone, M_ZERO);
		finding_add(ORACLE_LEAK, "leak", mem_a, 1, t[i], "%u", i);
	}
	assert_int_equal(finding_get(mem_w, 0)->fi_count, 3);
	assert_string_equal(finding_get(mem_w, 0)->fi_text, "0");
	assert_null(finding_get(mem_w, 1));
	/* Another birth site, kind, module, phase or oracle: another one. */
	t[0] = uma_zalloc(&thing_zone, M_ZERO);
	finding_add(ORACLE_LEAK, "leak", mem_a, 1, t[0], "x");
	finding_add(ORACLE_LEAK, "other", mem_a, 1, t[0], "x");
	finding_add(ORACLE_LEAK, "leak", mem_a, 2, t[0], "x");
	finding_add(ORACLE_ORDER, "leak", mem_a, 1, t[0], "x");
	mem_a->v_phase = PHASE_KILL;
	finding_add(ORACLE_LEAK, "leak", mem_a, 1, t[0], "x");
	mem_a->v_phase = PHASE_ALIVE;
	assert_int_equal(mem_w->w_find.wf_n, 6);
	assert_int_equal(mem_w->w_find.wf_total, 8);
	assert_int_equal(mem_w->w_find.wf_seen[ORACLE_LEAK], 7);
	/* The vnet makes no difference: one bug, many vnets. */
	finding_add(ORACLE_LEAK, "leak", mem_b, 1, t[0], "x");
	assert_int_equal(mem_w->w_find.wf_n, 6);
}

static void
the_table_is_full_at_its_limit_and_counts_on(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < FINDING_MAX; i++)
		finding_add(ORACLE_LEAK, "k", NULL, (int)(i & 31), NULL, "x");
	assert_int_equal(mem_w->w_find.wf_n, 32);
	mem_in(mem_a);
	for (i = 0; i < (FINDING_MAX - 32) / 32; i++) {
		uint32_t k;

		mem_a->v_phase = (uint8_t)(100 + i);
		for (k = 0; k < 32; k++)
			finding_add(ORACLE_LEAK, "k", mem_a, (int)k, NULL, "x");
	}
	mem_a->v_phase = PHASE_ALIVE;
	assert_int_equal(mem_w->w_find.wf_n, FINDING_MAX);
	assert_int_equal(mem_w->w_find.wf_lost, 0);
	finding_add(ORACLE_LEAK, "one more", NULL, 0, NULL, "x");
	finding_add(ORACLE_LEAK, "k", NULL, 0, NULL, "x");
	assert_int_equal(mem_w->w_find.wf_n, FINDING_MAX);
	assert_int_equal(mem_w->w_find.wf_lost, 1);
	assert_null(finding_get(mem_w, FINDING_MAX));
}

static void
long_texts_are_cut(void **state)
{
	static char text[2 * FINDING_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	finding_add(ORACLE_LEAK, "long", NULL, 0, NULL, "%s", text);
	assert_int_equal(
	    strlen(finding_get(mem_w, 0)->fi_text), FINDING_TEXT - 1);
}

static void
many_holders_are_named_up_to_four(void **state)
{
	struct thing *t[6], *u;
	uint32_t i;

	(void)state;
	mem_in(mem_a);
	u = uma_zalloc(&thing_zone, M_ZERO);
	for (i = 0; i < 6; i++) {
		t[i] = uma_zalloc(&thing_zone, M_ZERO);
		ref_take(&t[i]->th_hold[0], u, "one of many");
	}
	finding_add(ORACLE_LEAK, "held", mem_a, 0, u, "x");
	assert_int_equal(finding_get(mem_w, 0)->fi_nholders, FINDING_HOLDERS);
}

static void
reporting_works_when_all_memory_fails(void **state)
{
	(void)state;
	mem_fail_set(mem_w, 1, true);
	finding_add(ORACLE_LEAK, "x", mem_a, 0, NULL, "x");
	assert_int_equal(mem_findings("x"), 1);
	assert_false(mem_w->w_mem.wm_consumed);
	assert_int_equal(trace_kind(trace_last(mem_w, 0)), TRACE_FINDING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(a_finding_says_where_and_what),
		MEM_TEST(the_running_module_is_guilty_by_default),
		MEM_TEST(equal_findings_are_counted),
		MEM_TEST(the_table_is_full_at_its_limit_and_counts_on),
		MEM_TEST(long_texts_are_cut),
		MEM_TEST(many_holders_are_named_up_to_four),
		MEM_TEST(reporting_works_when_all_memory_fails),
	};

	return (
	    cmocka_run_group_tests_name("finding", tests, NULL, NULL) ? 1 : 0);
}
