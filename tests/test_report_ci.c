/*
 * test_report_ci.c - shards, dates and keys of baselines, facts, annotations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/annotate.h"
#include "sim/baseline.h"
#include "sim/report_fact.h"
#include "sim/shard.h"
#include "sim/tap.h"

/*
 * Numbers that no release may change: jobs on several machines rely on them.
 * They were computed by another program (FNV-1a and splitmix64's last steps,
 * written in Python).
 */
static void
a_shard_is_the_same_for_ever(void **state)
{
	static const struct {
		const char *name;
		unsigned n, shard;
	} known[] = {
		{ "", 10000, 6204 },
		{ "teardown/peers-told.scn", 2, 1 },
		{ "teardown/peers-told.scn", 3, 1 },
		{ "teardown/peers-told.scn", 10000, 6849 },
		{ "tcp/active-close.scn", 4, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(
		    shard_of(known[i].name, known[i].n), known[i].shard);
}

static void
shards_share_the_work(void **state)
{
	unsigned count[7] = { 0 }, s;
	char name[32];

	(void)state;
	for (int i = 0; i < 7000; i++) {
		(void)snprintf(name, sizeof(name), "dir/s%d.scn", i);
		s = shard_of(name, 7);
		assert_in_range(s, 1, 7);
		count[s - 1]++;
		assert_int_equal(shard_of(name, 1), 1);
	}
	/* Four standard deviations of a fair die are 118. */
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 1000 - 118, 1000 + 118);
}

static void
a_shard_is_i_of_n(void **state)
{
	static const char *const bad[] = { "", "/", "1", "1/", "/1", "0/1",
		"2/1", "1/0", "1/10001", "1/100000", "00001/99999", "1/2/3",
		" 1/2", "1/2 ", "+1/2", "-1/2", "1.0/2", "0x1/2" };
	struct shard sh = { 0, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(shard_parse(bad[i], &sh));
	assert_int_equal(sh.sh_n, 0);
	assert_true(shard_parse("1/1", &sh));
	assert_true(shard_parse("10000/10000", &sh));
	assert_int_equal(sh.sh_i, 10000);
	assert_int_equal(sh.sh_n, SHARD_MAX);
	assert_true(shard_parse("3/04", &sh));
	assert_int_equal(sh.sh_i, 3);
	assert_int_equal(sh.sh_n, 4);
}

static void
days_are_those_of_the_calendar(void **state)
{
	static const char *const good[] = { "2026-01-31", "2024-02-29",
		"2000-02-29", "9999-12-31", "0000-01-01" };
	static const char *const bad[] = { "", "2026-1-31", "2026-01-32",
		"2026-00-10", "2026-13-10", "2026-02-29", "1900-02-29",
		"2026-04-31", "2026-01-00", "2026-01-310", "26-01-01",
		"2026/01/01", "2026-01-0x", "+026-01-01" };
	char d[BASELINE_DATE] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(baseline_date(good[i], d));
		assert_string_equal(d, good[i]);
	}
	memcpy(d, "before", 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(baseline_date(bad[i], d));
	assert_string_equal(d, "before");
	baseline_today(d);
	assert_true(baseline_date(d, d));
}

static void
days_later_cross_months_and_years(void **state)
{
	static const struct {
		const char *from;
		unsigned days;
		const char *to;
	} cases[] = { { "2026-06-30", 0, "2026-06-30" },
		{ "2026-06-30", 30, "2026-07-30" },
		{ "2023-02-28", 1, "2023-03-01" },
		{ "2024-02-28", 1, "2024-02-29" },
		{ "2026-12-31", 1, "2027-01-01" },
		{ "2026-01-01", 365, "2027-01-01" },
		{ "9999-12-30", 1, "9999-12-31" },
		{ "9999-12-30", 30, "9999-12-31" } };
	char d[BASELINE_DATE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(d, cases[i].from, sizeof(d));
		baseline_later(d, cases[i].days);
		assert_string_equal(d, cases[i].to);
	}
}

static struct baseline_entry *
entry(struct baseline *bl, const char *key, bool expired)
{
	struct baseline_entry *be = &bl->bl_e[bl->bl_n++];

	memset(be, 0, sizeof(*be));
	be->be_key = strdup(key);
	be->be_reason = strdup("because");
	be->be_expired = expired;
	assert_non_null(be->be_key);
	return (be);
}

static void
an_entry_with_the_step_goes_first(void **state)
{
	struct baseline bl = { .bl_e = calloc(4, sizeof(*bl.bl_e)) };
	struct baseline_entry *any, *step, *none, *old;

	(void)state;
	assert_non_null(bl.bl_e);
	any = entry(&bl, "leak.object.tcp", false);
	step = entry(&bl, "leak.object.tcp.tcp uninit", false);
	none = entry(&bl, "wire.header.-", false);
	old = entry(&bl, "wire.header.-.-", true);
	assert_ptr_equal(
	    baseline_find(&bl, "leak.object.tcp", "tcp uninit"), step);
	assert_ptr_equal(baseline_find(&bl, "leak.object.tcp", "drain"), any);
	assert_ptr_equal(baseline_find(&bl, "leak.object.tcp", NULL), any);
	assert_null(baseline_find(&bl, "leak.object", "udp"));
	assert_null(baseline_find(&bl, "leak.object.tc", NULL));
	assert_null(baseline_find(&bl, "leak.object.tcp.tcp", "uninit"));
	assert_null(baseline_find(NULL, "leak.object.tcp", NULL));
	/* The narrower one counts, although it has expired. */
	assert_ptr_equal(baseline_find(&bl, "wire.header.-", NULL), old);
	assert_ptr_equal(baseline_find(&bl, "wire.header.-", "if"), none);
	assert_true(baseline_known(any));
	assert_false(baseline_known(old));
	assert_false(baseline_known(NULL));
	baseline_free(&bl);
}

static void
what_is_written_is_read_back(void **state)
{
	static const char *const keys[] = { "plain.key.-", "with blank.x",
		"quote\"and\\slash.x", "#hash.x" };
	char path[] = "/tmp/vnetsim-test.XXXXXX";
	struct baseline_out bo = { 0 };
	struct baseline bl;
	char text[3000];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < 4; i++)
		baseline_out_add(&bo, keys[i], text);
	baseline_out_add(&bo, keys[0], "again");
	assert_int_equal(bo.bo_n, 4);
	assert_int_equal(baseline_out_write(&bo, path, NULL, "2026-01-01"), 0);
	assert_int_equal(baseline_read(&bl, path, "2026-01-31", "test"), 0);
	assert_int_equal(bl.bl_n, 4);
	for (size_t i = 0; i < 4; i++) {
		struct rbuf key = { 0 };

		rbuf_put(
		    &key, keys[i], (size_t)(strrchr(keys[i], '.') - keys[i]));
		assert_true(baseline_known(baseline_find(
		    &bl, rbuf_str(&key), strrchr(keys[i], '.') + 1)));
		rbuf_free(&key);
	}
	baseline_free(&bl);
	assert_int_equal(baseline_read(&bl, path, "2026-02-01", "test"), 0);
	for (unsigned i = 0; i < bl.bl_n; i++)
		assert_true(bl.bl_e[i].be_expired);
	baseline_free(&bl);
	baseline_out_free(&bo);
	(void)unlink(path);
}

static void
facts_come_back_as_they_went(void **state)
{
	struct report_fact in = { .fa_kind = FACT_CLAIM,
		.fa_file = "a\tb.scn",
		.fa_line = 3,
		.fa_col = 4294967295u,
		.fa_count = 7,
		.fa_key = "k\\n",
		.fa_step = "-",
		.fa_title = "",
		.fa_text = "two\nlines\\\t." };
	struct report_fact out;
	struct rbuf rb = { 0 };
	char *at;

	(void)state;
	report_fact_put(&rb, &in);
	in.fa_kind = FACT_KNOWN;
	in.fa_key = NULL;
	report_fact_put(&rb, &in);
	at = rb.rb_s;
	assert_true(report_fact_next(&at, &out));
	assert_int_equal(out.fa_kind, FACT_CLAIM);
	assert_string_equal(out.fa_file, "a\tb.scn");
	assert_int_equal(out.fa_line, 3);
	assert_int_equal(out.fa_col, 4294967295u);
	assert_int_equal(out.fa_count, 7);
	assert_string_equal(out.fa_key, "k\\n");
	assert_string_equal(out.fa_text, "two\nlines\\\t.");
	assert_true(report_fact_next(&at, &out));
	assert_int_equal(out.fa_kind, FACT_KNOWN);
	assert_string_equal(out.fa_key, "");
	assert_false(report_fact_next(&at, &out));
	rbuf_free(&rb);
}

static void
commands_are_escaped_as_github_says(void **state)
{
	struct rbuf rb = { 0 };
	char big[ANNOTATE_TEXT_MAX + 100];

	(void)state;
	annotate_data(&rb, "a%b\r\nc:d,e", false);
	assert_string_equal(rbuf_str(&rb), "a%25b%0D%0Ac:d,e");
	rbuf_cut(&rb, 0);
	annotate_data(&rb, "a%b\r\nc:d,e", true);
	assert_string_equal(rbuf_str(&rb), "a%25b%0D%0Ac%3Ad%2Ce");
	rbuf_cut(&rb, 0);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	annotate_data(&rb, big, false);
	assert_int_equal(rb.rb_len, ANNOTATE_TEXT_MAX);
	rbuf_free(&rb);
}

static void
the_summary_has_a_limit(void **state)
{
	struct report_fact fa = { .fa_kind = FACT_CLAIM,
		.fa_file = "a.scn",
		.fa_line = 1,
		.fa_col = 1,
		.fa_count = 1,
		.fa_title = "t|t",
		.fa_text = "x" };
	char path[] = "/tmp/vnetsim-test.XXXXXX";
	struct annotate an;
	FILE *f = tmpfile(), *g;
	char buf[256];
	unsigned rows = 0, errors = 0;
	bool more = false;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && f != NULL);
	(void)close(fd);
	assert_int_equal(setenv("GITHUB_ACTIONS", "true", 1), 0);
	assert_int_equal(setenv("GITHUB_STEP_SUMMARY", path, 1), 0);
	annotate_open(&an, false, f);
	assert_null(an.an_out);
	annotate_open(&an, true, f);
	for (int i = 0; i < ANNOTATE_ROWS + 1; i++)
		annotate_fact(&an, "a.scn", &fa);
	assert_int_equal(annotate_close(&an, "head"), 0);
	g = fopen(path, "r");
	assert_non_null(g);
	while (fgets(buf, sizeof(buf), g) != NULL) {
		rows += strcmp(buf, "| a.scn | 1 | t\\|t | x |\n") == 0;
		more |= strcmp(buf, "and 1 more problems\n") == 0;
	}
	assert_int_equal(rows, ANNOTATE_ROWS);
	assert_true(more);
	rewind(f);
	while (fgets(buf, sizeof(buf), f) != NULL)
		errors += strncmp(buf, "::error ", 8) == 0;
	assert_int_equal(errors, ANNOTATE_MAX);
	(void)fclose(f);
	(void)fclose(g);
	(void)unlink(path);
	(void)unsetenv("GITHUB_ACTIONS");
	(void)unsetenv("GITHUB_STEP_SUMMARY");
}

static void
a_test_point_is_one_line(void **state)
{
	struct report rp = { .rp_file = "a#b\n\\c.scn",
		.rp_exit = EXIT_TIMEOUT,
		.rp_message = "late\nvery" };
	struct rbuf facts = { 0 }, out = { 0 };

	(void)state;
	report_facts(&rp, &facts);
	tap_case(&rp, rbuf_str(&facts), &out);
	assert_memory_equal(rbuf_str(&out), " - a\\#b?\\\\c.scn\n  ---\n", 22);
	assert_non_null(
	    strstr(rbuf_str(&out), "\n  message: \"timeout: late\"\n"));
	assert_non_null(strstr(rbuf_str(&out), "\n  report: |\n    FAIL a#b"));
	assert_memory_equal(rbuf_str(&out) + out.rb_len - 7, "\n  ...\n", 7);
	rbuf_cut(&out, 0);
	rp.rp_exit = EXIT_SKIPPED;
	rp.rp_message = "no reason";
	tap_case(&rp, "", &out);
	assert_non_null(strstr(rbuf_str(&out), ".scn # SKIP no reason\n"));
	rbuf_free(&facts);
	rbuf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shard_is_the_same_for_ever),
		cmocka_unit_test(shards_share_the_work),
		cmocka_unit_test(a_shard_is_i_of_n),
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(days_later_cross_months_and_years),
		cmocka_unit_test(an_entry_with_the_step_goes_first),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(facts_come_back_as_they_went),
		cmocka_unit_test(commands_are_escaped_as_github_says),
		cmocka_unit_test(the_summary_has_a_limit),
		cmocka_unit_test(a_test_point_is_one_line),
	};

	return (cmocka_run_group_tests_name("report_ci", tests, NULL, NULL)
		    ? 1
		    : 0);
}
