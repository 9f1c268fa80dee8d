/*
 * test_scn_expand.c - set, repeat, include, expressions and the head.
 */
#include "tests/test_scn.h"

static const struct scn_params any = { .any_names = true };

/* All statements of a text, one a line. */
static void
flat(const char *text, const struct scn_params *params, const char *want)
{
	struct scn_script *s = scn_test_parse(text, params);
	char buf[4096] = "";
	size_t n = 0, i;

	for (i = 0; i < s->nstmts; i++) {
		n +=
		    scn_stmt_format(&s->stmts[i], buf + n, sizeof(buf) - n - 1);
		buf[n++] = '\n';
		buf[n] = '\0';
	}
	assert_string_equal(buf, want);
	scn_free(s);
}

static void
nothing_is_a_script_too(void **state)
{
	struct scn_script *s = scn_test_parse("", NULL);

	(void)state;
	assert_int_equal(s->nstmts, 0);
	assert_string_equal(s->title, "");
	assert_string_equal(s->description, "");
	assert_null(s->order);
	assert_false(s->has_seed);
	assert_int_equal(s->close.kind, SCN_POLICY_NONE);
	scn_free(s);
	flat(" \t\n;;\n# x\n ; # y", NULL, "");
}

static void
text_becomes_statements(void **state)
{
	(void)state;
	flat("run;jls # no\n  jls \\\n   -d;run", NULL,
	    "run\njls\njls -d\nrun\n");
	flat("run\r\njls\r\n", NULL, "run\njls\n");
	flat("\xef\xbb\xbfrun\njls", NULL, "run\njls\n");
	flat("sysctl kern.x=a#b", NULL, "sysctl kern.x=a\"#b\"\n");
	flat("sysctl \"kern.x\"=\"a b\"", NULL, "sysctl \"kern.x=a b\"\n");
	flat("send c \"\\\\\\\"\\$\\n\\r\\t\\x7f\"", &any,
	    "send c \"\\\\\\\"\\$\\x0a\\x0d\\x09\\x7f\"\n");
	flat("run \\\n# a comment ends it\njls", NULL, "run\njls\n");
}

static void
variables_fill_words(void **state)
{
	(void)state;
	flat("set A 2\nset B \"x y\"\n+${A}0ms; +$A$A\"ms\"; "
	     "send c \"$B;$A\"",
	    &any, "+20ms\n+22ms\nsend c \"x y;2\"\n");
	/* A value is one word, whatever is in it. */
	flat("set A \"1 ; run # {\"\nsysctl kern.x=$A", NULL,
	    "sysctl kern.x=1\" ; run # {\"\n");
	/* A variable can be the verb. */
	flat("set V jls\n$V -d", NULL, "jls -d\n");
	flat("set E \"\"\n+${E}5ms", NULL, "+5ms\n");
}

static void
expressions_have_values(void **state)
{
	static const struct {
		const char *expr;
		const char *value;
	} rows[] = { { "1+2*3", "7" }, { "(1+2)*3", "9" }, { "7/2", "3" },
		{ "-7/2", "-3" }, { "-7%4", "-3" }, { "2-3-4", "-5" },
		{ "- - 5", "5" }, { "+5", "5" }, { "0x10", "16" },
		{ "A*$A*${A}", "27" }, { " 1 +\t1 ", "2" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "-9223372036854775807-1", "-9223372036854775808" },
		{ "3037000499*3037000499", "9223372030926249001" },
		{ "-3*-4", "12" }, { "3*-4", "-12" }, { "0*-4", "0" } };
	char text[128], want[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    "set A 3\nset B $((%s))\n"
		    "expect leaks $B",
		    rows[i].expr);
		snprintf(
		    want, sizeof(want), "expect leaks %s\n", rows[i].value);
		flat(text, NULL, want);
	}
}

static void
expressions_do_not_wrap(void **state)
{
	static const char *const bad[] = { "9223372036854775807+1",
		"0-9223372036854775807-2", "4611686018427387904*2",
		"-4611686018427387905*2", "2*-4611686018427387905",
		"(-9223372036854775807-1)/-1", "(-9223372036854775807-1)%-1",
		"-(-9223372036854775807-1)", "(-9223372036854775807-1)*-1",
		"0-(-9223372036854775807-1)" };
	struct scn_errors *e;
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "set B $((%s))", bad[i]);
		e = scn_test_bad(text, NULL);
		assert_int_equal(e->n, 1);
		assert_string_equal(e->v[0].message, "result beyond 64 bits");
		scn_errors_free(e);
	}
}

static void
repeat_makes_rounds(void **state)
{
	struct scn_script *s;

	(void)state;
	flat("repeat 3 { +${i}ms }", NULL, "+0ms\n+1ms\n+2ms\n");
	flat("repeat 0 { jls $NONE }", NULL, "");
	flat("set N 2\nrepeat $((N)) {\n repeat $N as j {\n"
	     "  set K $((i*10+j))\n  +${K}ms\n }\n}",
	    NULL, "+0ms\n+1ms\n+10ms\n+11ms\n");
	/* The inner counter hides the outer one, and gives it back. */
	flat("repeat 2 { repeat 1 { +${i}s }; +${i}ms }", NULL,
	    "+0s\n+0ms\n+0s\n+1ms\n");
	flat("repeat 1 { } ; repeat 1 {\n\n}\nrun", NULL, "run\n");

	s = scn_test_parse("repeat 2 {\n repeat 2 as j { run }\n}", NULL);
	assert_int_equal(s->nstmts, 4);
	assert_int_equal(s->stmts[2].pos.line, 2);
	assert_int_equal(s->stmts[2].pos.ctx->kind, SCN_CTX_REPEAT);
	assert_string_equal(s->stmts[2].pos.ctx->var, "j");
	assert_int_equal(s->stmts[2].pos.ctx->round, 0);
	assert_int_equal(s->stmts[2].pos.ctx->at.ctx->round, 1);
	assert_int_equal(s->stmts[3].pos.ctx->round, 1);
	assert_null(s->stmts[3].pos.ctx->at.ctx->at.ctx);
	scn_free(s);
}

static void
names_end_with_their_round(void **state)
{
	(void)state;
	scn_test_one(
	    "repeat 2 { set K 1 }\n+${K}ms", NULL, "2:2: unknown variable 'K'");
	scn_test_one(
	    "repeat 2 { }\n+${i}ms", NULL, "2:2: unknown variable 'i'");
}

static void
overrides_win(void **state)
{
	static const char text[] = "set A 1\nset B $((A + 1))\n"
				   "expect leaks $A; expect leaks $B";
	static const char *const one[] = { "A=5" };
	static const char *const two[] = { "A=5", "B=\"", "A=7", "B=9" };
	struct scn_params params = { .set = one, .nset = 1 };
	struct scn_script *s;

	(void)state;
	flat(text, NULL, "expect leaks 1\nexpect leaks 2\n");
	flat(text, &params, "expect leaks 5\nexpect leaks 6\n");
	params.set = two;
	params.nset = 4;
	s = scn_test_parse(text, &params);
	assert_int_equal(s->nvars, 2);
	assert_string_equal(s->vars[0].name, "A");
	assert_string_equal(s->vars[0].value, "7");
	assert_string_equal(s->vars[1].value, "9");
	scn_free(s);
}

static void
overrides_must_be_declared(void **state)
{
	static const char *const bad[] = { "PERS=3", "Q", "=1", "1=2", "K=1" };
	struct scn_params params = { .set = bad, .nset = 5 };
	struct scn_errors *e;
	char buf[256];

	(void)state;
	e = scn_test_bad("set PEERS 1\nrepeat 1 { set K 2 }", &params);
	assert_int_equal(e->n, 5);
	scn_error_format(&e->v[0], buf, sizeof(buf));
	assert_string_equal(
	    buf, "--set: 'Q' is no setting\n\thint: --set NAME=VALUE\n");
	assert_string_equal(e->v[1].message, "'=1' is no setting");
	assert_string_equal(e->v[2].message, "'1=2' is no setting");
	scn_error_format(&e->v[3], buf, sizeof(buf));
	assert_string_equal(buf, "--set: the script sets no variable 'PERS'\n"
				 "\thint: did you mean 'PEERS'?\n");
	assert_string_equal(e->v[4].message, "the script sets no variable 'K'");
	scn_errors_free(e);
}

static const struct scn_test_file library[] = {
	{ "dir/main.scn",
	    "# Main.\nset N 7\ninclude lib/one.scn\ninclude lib/one.scn\n"
	    "expect leaks $N; expect leaks $M" },
	{ "dir/lib/one.scn", "# explore: nothing\nset N 1\nset M 2\n"
			     "include two.scn\ninclude /abs.scn" },
	{ "dir/lib/two.scn", "+${N}ms" },
	{ "/abs.scn", "+1s" },
	{ "cycle.scn", "run\ninclude cycle2.scn" },
	{ "cycle2.scn", "include cycle.scn" },
	{ "bad.scn", "repeat 2 { include worse.scn }" },
	{ "worse.scn", "\n  +5x" },
	{ "late.scn", "include dflt.scn\nset D 2" },
	{ "dflt.scn", "set D 1" },
	{ "none.scn", "run\ninclude nosuch.scn\nz = soket" },
	{ NULL, NULL },
};

static void
includes_are_relative_and_may_default(void **state)
{
	struct scn_test_files files = { .v = library };
	struct scn_params params = { .read = scn_test_read,
		.read_arg = &files };
	struct scn_script *s;
	struct scn_errors *e;
	char buf[200];

	(void)state;
	assert_int_equal(scn_parse("dir/main.scn", &params, &s, &e), SCN_OK);
	assert_int_equal(files.reads, 4); /* each file once */
	assert_int_equal(s->nstmts, 6);
	scn_stmt_format(&s->stmts[0], buf, sizeof(buf));
	assert_string_equal(buf, "+7ms");
	assert_string_equal(s->stmts[0].pos.file, "dir/lib/two.scn");
	assert_string_equal(s->stmts[0].pos.ctx->at.file, "dir/lib/one.scn");
	assert_int_equal(s->stmts[0].pos.ctx->at.line, 4);
	assert_string_equal(
	    s->stmts[0].pos.ctx->at.ctx->at.file, "dir/main.scn");
	assert_int_equal(s->stmts[2].pos.ctx->at.ctx->at.line, 4);
	scn_stmt_format(&s->stmts[5], buf, sizeof(buf));
	assert_string_equal(buf, "expect leaks 2");
	assert_string_equal(s->title, "Main.");
	assert_int_equal(s->nexplore, 0);
	assert_int_equal(s->nvars, 2);
	scn_free(s);
}

static void
includes_fail_where_they_stand(void **state)
{
	static const struct {
		const char *path;
		const char *text;
	} rows[] = { { "cycle.scn",
			 "cycle2.scn:1:9: 'cycle.scn' is being read already "
			 "and would include itself\n"
			 "\tincluded at cycle.scn:2:1\n" },
		{ "bad.scn",
		    "worse.scn:2:3: '+5x' is no time\n\thint: a number and "
		    "ns, us, ms, s, min or msl, as in 20ms\n"
		    "\tincluded at bad.scn:1:12\n"
		    "\trepeated at bad.scn:1:1, round i = 0\n" },
		{ "late.scn", "late.scn:2:5: 'D' is a variable already\n"
			      "\thint: set at dflt.scn:1:5\n" },
		{ "none.scn",
		    "none.scn:2:9: cannot include 'nosuch.scn': No such file "
		    "or directory\n\thint: a path relative to this file\n" } };
	struct scn_test_files files = { .v = library };
	struct scn_params params = { .read = scn_test_read,
		.read_arg = &files };
	struct scn_script *s;
	struct scn_errors *e;
	char buf[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    scn_parse(rows[i].path, &params, &s, &e), SCN_BAD);
		assert_null(s);
		scn_error_format(&e->v[0], buf, sizeof(buf));
		assert_string_equal(buf, rows[i].text);
		scn_errors_free(e);
	}
}

static void
a_file_that_cannot_be_read(void **state)
{
	struct scn_script *s;
	struct scn_errors *e;
	char buf[200];

	(void)state;
	assert_int_equal(
	    scn_parse("/nonexistent/x.scn", NULL, &s, &e), SCN_NOINPUT);
	assert_null(s);
	assert_int_equal(e->n, 1);
	scn_error_format(&e->v[0], buf, sizeof(buf));
	assert_string_equal(
	    buf, "/nonexistent/x.scn: No such file or directory\n");
	scn_errors_free(e);
	/* A directory can be opened but not read. */
	assert_int_equal(scn_parse("/", NULL, &s, &e), SCN_NOINPUT);
	scn_errors_free(e);
}

static void
the_head_says_what_it_is(void **state)
{
	struct scn_script *s = scn_test_parse(
	    "#!/usr/bin/env vnetsim\n#\n#  A title\t\n#\n#More, with; words\n"
	    "# explore: set A 2\n#explore: set B \"x y\"\n\n# not description\n"
	    "# explore: set A 3\n\nset A 1\nset B 2\norder freebsd-13\n"
	    "close abort 3s\nseed 9223372036854775807\n",
	    NULL);

	(void)state;
	assert_string_equal(s->title, "A title");
	assert_string_equal(
	    s->description, "\n A title\n\nMore, with; words\n");
	assert_int_equal(s->nexplore, 3);
	assert_string_equal(s->explore[0].name, "A");
	assert_string_equal(s->explore[0].value, "2");
	assert_string_equal(s->explore[1].value, "x y");
	assert_int_equal(s->explore[1].pos.line, 7);
	assert_string_equal(s->explore[2].value, "3");
	assert_string_equal(s->order, "freebsd-13");
	assert_int_equal(s->close.kind, SCN_POLICY_ABORT);
	assert_true(s->close.ns == 3000000000);
	assert_true(s->has_seed);
	assert_true(s->seed == 9223372036854775807u);
	scn_free(s);
}

static void
close_is_a_setting_or_a_verb(void **state)
{
	struct scn_script *s;

	(void)state;
	s = scn_test_parse("close crash\nclose x", &any);
	assert_int_equal(s->close.kind, SCN_POLICY_CRASH);
	assert_int_equal(s->nstmts, 1);
	scn_free(s);
	s = scn_test_parse("close graceful:100ms", NULL);
	assert_true(s->close.ns == 100000000);
	scn_free(s);
}

static void
a_console_line(void **state)
{
	struct scn_script *s;
	struct scn_errors *e;

	(void)state;
	assert_int_equal(
	    scn_parse_line("a send cli 1 ; +1ms", NULL, &s, &e), SCN_OK);
	assert_int_equal(s->nstmts, 2);
	assert_string_equal(s->stmts[1].pos.file, "line");
	assert_int_equal(s->stmts[1].pos.col, 16);
	scn_free(s);
	assert_int_equal(scn_parse_line(" # ", NULL, &s, &e), SCN_OK);
	assert_int_equal(s->nstmts, 0);
	scn_free(s);
	assert_int_equal(
	    scn_parse_line("repeat 2 { jls }", NULL, &s, &e), SCN_OK);
	assert_int_equal(s->nstmts, 2);
	scn_free(s);
	assert_int_equal(
	    scn_parse_line("include x; seed 1; jls -x", NULL, &s, &e), SCN_BAD);
	assert_int_equal(e->n, 3);
	assert_string_equal(e->v[0].message, "include is for files only");
	assert_string_equal(
	    e->v[1].message, "'seed' belongs in the head of a file");
	scn_errors_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_a_script_too),
		cmocka_unit_test(text_becomes_statements),
		cmocka_unit_test(variables_fill_words),
		cmocka_unit_test(expressions_have_values),
		cmocka_unit_test(expressions_do_not_wrap),
		cmocka_unit_test(repeat_makes_rounds),
		cmocka_unit_test(names_end_with_their_round),
		cmocka_unit_test(overrides_win),
		cmocka_unit_test(overrides_must_be_declared),
		cmocka_unit_test(includes_are_relative_and_may_default),
		cmocka_unit_test(includes_fail_where_they_stand),
		cmocka_unit_test(a_file_that_cannot_be_read),
		cmocka_unit_test(the_head_says_what_it_is),
		cmocka_unit_test(close_is_a_setting_or_a_verb),
		cmocka_unit_test(a_console_line),
	};

	return (cmocka_run_group_tests_name("scn_expand", tests, NULL, NULL)
		    ? 1
		    : 0);
}
