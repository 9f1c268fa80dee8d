/*
 * test_report.c - reports: spans, escapes, validity, files that are full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/report.h"

static void
a_span_is_short_and_exact(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} spans[] = { { 0, "0 ns" }, { 999, "999 ns" }, { 1000, "1 us" },
		{ 1500, "1.5 us" }, { 12300000, "12.3 ms" },
		{ 1000000000, "1 s" }, { 34500000000, "34.5 s" },
		{ 1001000000, "1.001 s" }, { -2000000, "-2 ms" },
		{ INT64_MIN, "-9223372036.854 s" } };
	struct rbuf rb = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		rbuf_cut(&rb, 0);
		rbuf_span(&rb, spans[i].ns);
		assert_string_equal(rbuf_str(&rb), spans[i].text);
	}
	rbuf_free(&rb);
}

static void
a_buffer_grows_and_is_cut(void **state)
{
	struct rbuf rb = { 0 };

	(void)state;
	assert_string_equal(rbuf_str(&rb), "");
	for (int i = 0; i < 1000; i++)
		rbuf_add(&rb, "%03d,", i);
	assert_int_equal(rb.rb_len, 4000);
	assert_memory_equal(rb.rb_s + 3996, "999,", 5);
	rbuf_cut(&rb, 5000);
	assert_int_equal(rb.rb_len, 4000);
	rbuf_cut(&rb, 4);
	assert_string_equal(rbuf_str(&rb), "000,");
	rbuf_free(&rb);
}

static void
json_strings_are_always_valid(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ NULL, "null" },
		{ "", "\"\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "x\n\t\x01\x7f", "\"x\\u000a\\u0009\\u0001\\u007f\"" },
		{ "\xc3\xa4", "\"\xc3\xa4\"" },
		{ "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
		{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\\ufffd\"" },
		{ "\xc3", "\"\\ufffd\"" },
		{ "\xc0\x80", "\"\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf5\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	};
	struct rbuf rb = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rbuf_cut(&rb, 0);
		report_json_string(&rb, cases[i].in);
		assert_string_equal(rbuf_str(&rb), cases[i].out);
	}
	rbuf_free(&rb);
}

static void
junit_escapes_and_tells_failures_from_errors(void **state)
{
	struct report rp = { .rp_file = "d/<&\">\x01\xff.scn",
		.rp_title = "t",
		.rp_exit = EXIT_PANIC,
		.rp_time = 1500000000,
		.rp_message = "panic: a<b\nsecond & line" };
	struct rbuf rb = { 0 };

	(void)state;
	report_junit_case(&rp, &rb);
	assert_non_null(strstr(rbuf_str(&rb), "classname=\"d\""));
	assert_non_null(
	    strstr(rbuf_str(&rb), "name=\"&lt;&amp;&quot;&gt;??.scn\""));
	assert_non_null(strstr(rbuf_str(&rb), "time=\"1.500000000\""));
	assert_non_null(strstr(
	    rbuf_str(&rb), "<error type=\"panic\" message=\"panic: a&lt;b"));
	rbuf_cut(&rb, 0);
	rp.rp_exit = EXIT_EXPECT;
	report_junit_case(&rp, &rb);
	assert_non_null(strstr(rbuf_str(&rb), "<failure type=\"failed\""));
	rbuf_cut(&rb, 0);
	rp.rp_exit = EXIT_OK;
	report_junit_case(&rp, &rb);
	assert_null(strstr(rbuf_str(&rb), "failure"));
	assert_null(strstr(rbuf_str(&rb), "error"));
	rbuf_cut(&rb, 0);
	rp.rp_exit = EXIT_SKIPPED;
	report_junit_case(&rp, &rb);
	assert_non_null(strstr(rbuf_str(&rb), "<skipped message="));
	rbuf_free(&rb);
}

static void
text_tells_how_to_repeat_a_failure(void **state)
{
	struct report rp = { .rp_file = "a.scn",
		.rp_exit = EXIT_TIMEOUT,
		.rp_message = "late",
		.rp_kept = "out/a",
		.rp_repeat = "vnetsim run a.scn" };
	struct rbuf rb = { 0 };

	(void)state;
	report_text(&rp, &rb);
	assert_string_equal(rbuf_str(&rb),
	    "FAIL a.scn  (0 ns virtual, 0 events)\n"
	    "     late\n"
	    "     kept:   out/a/\n"
	    "     repeat: vnetsim run a.scn\n");
	rbuf_cut(&rb, 0);
	rp.rp_exit = 0;
	rp.rp_message = NULL;
	report_text(&rp, &rb);
	assert_string_equal(
	    rbuf_str(&rb), "ok   a.scn  (0 ns virtual, 0 events)\n");
	rbuf_free(&rb);
}

static void
a_full_disk_is_told(void **state)
{
	struct rbuf rb = { 0 };

	(void)state;
	rbuf_add(&rb, "text\n");
	assert_int_equal(report_write("/nonexistent/x", &rb), EXIT_IO);
	if (access("/dev/full", W_OK) == 0)
		assert_int_equal(report_write("/dev/full", &rb), EXIT_IO);
	rb.rb_nomem = true;
	assert_int_equal(report_write("/dev/null", &rb), EXIT_IO);
	rb.rb_nomem = false;
	assert_int_equal(report_write("/dev/null", &rb), 0);
	rbuf_free(&rb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_short_and_exact),
		cmocka_unit_test(a_buffer_grows_and_is_cut),
		cmocka_unit_test(json_strings_are_always_valid),
		cmocka_unit_test(junit_escapes_and_tells_failures_from_errors),
		cmocka_unit_test(text_tells_how_to_repeat_a_failure),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return (
	    cmocka_run_group_tests_name("report", tests, NULL, NULL) ? 1 : 0);
}
