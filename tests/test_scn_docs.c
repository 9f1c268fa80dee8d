/*
 * test_scn_docs.c - the examples of docs/SCENARIOS.md are true.
 *
 * A block fenced ```scn must parse (it may speak of names that the page made
 * elsewhere, and its includes are empty files).  A block fenced ```scn-bad
 * begins with lines "# error: L:C: message", which are all of its errors;
 * lines are counted behind them.
 */
#include "tests/test_scn.h"

static const char *
read_empty(void *arg, const char *path, char *buf, size_t *len)
{
	(void)arg;
	(void)path;
	(void)buf;
	*len = 0;
	return (NULL);
}

/* The text of the next block of a kind; NULL if there is none. */
static char *
next_block(char **p, const char *fence)
{
	char *start = strstr(*p, fence), *end;

	if (start == NULL)
		return (NULL);
	start += strlen(fence);
	end = strstr(start, "\n```");
	assert_non_null(end);
	end[1] = '\0';
	*p = end + 2;
	return (start);
}

static void
good_examples_parse(void **state)
{
	struct scn_params params = { .any_names = true, .read = read_empty };
	char *buf = scn_test_slurp("docs/SCENARIOS.md"), *p = buf, *text;
	unsigned blocks = 0, kinds[SCN_EXPECT + 1] = { 0 };
	struct scn_script *s;
	size_t i;

	(void)state;
	while ((text = next_block(&p, "\n```scn\n")) != NULL) {
		s = scn_test_parse(text, &params);
		for (i = 0; i < s->nstmts; i++)
			kinds[s->stmts[i].kind]++;
		scn_free(s);
		blocks++;
	}
	assert_true(blocks >= 9);
	for (i = 0; i <= SCN_EXPECT; i++)
		if (kinds[i] == 0)
			fail_msg("no example of '%s'",
			    scn_kind_name((enum scn_kind)i));
	free(buf);
}

/* The first example stands alone: its names are checked too. */
static void
first_example_is_whole(void **state)
{
	char *buf = scn_test_slurp("docs/SCENARIOS.md"), *p = buf;
	struct scn_script *s;

	(void)state;
	s = scn_test_parse(next_block(&p, "\n```scn\n"), NULL);
	assert_string_equal(
	    s->title, "A client learns that its server is gone.");
	assert_int_equal(s->nexplore, 1);
	assert_int_equal(s->nvars, 1);
	scn_free(s);
	free(buf);
}

static void
bad_example(char *text)
{
	static const char key[] = "# error: ";
	char *want[16], *nl;
	struct scn_errors *e;
	size_t n = 0, i;

	while (strncmp(text, key, sizeof(key) - 1) == 0) {
		assert_true(n < 16);
		want[n++] = text + sizeof(key) - 1;
		nl = strchr(text, '\n');
		assert_non_null(nl);
		*nl = '\0';
		text = nl + 1;
	}
	assert_true(n > 0);
	e = scn_test_bad(text, NULL);
	for (i = 0; i < n; i++)
		scn_test_error(e, i, want[i]);
	assert_int_equal(e->n, n);
	scn_errors_free(e);
}

static void
bad_examples_give_their_errors(void **state)
{
	char *buf = scn_test_slurp("docs/SCENARIOS.md"), *p = buf, *text;
	unsigned blocks = 0;

	(void)state;
	while ((text = next_block(&p, "\n```scn-bad\n")) != NULL) {
		bad_example(text);
		blocks++;
	}
	assert_true(blocks >= 5);
	free(buf);
}

/* The table of limits says what the header says. */
static void
limits_are_as_documented(void **state)
{
	static const struct {
		const char *row;
		long value;
	} rows[] = { { "| a line | 4096 bytes |", SCN_LINE_MAX },
		{ "filled in | 1024 bytes |", SCN_WORD_MAX },
		{ "| words in a statement | 256 |", SCN_WORDS_MAX },
		{ "after repeat | 100,000 |", SCN_STMTS_MAX },
		{ "one repeat | 100,000 |", SCN_REPEAT_MAX },
		{ "all repeats | 1,000,000 |", SCN_ROUNDS_MAX },
		{ "repeat inside repeat | 16 |", SCN_NEST_MAX },
		{ "include inside include | 8 |", SCN_INCLUDE_MAX },
		{ "| different files | 256 |", SCN_FILES_MAX },
		{ "errors listed | 100 |", SCN_ERRORS_MAX },
		{ "process, variable | 63 bytes |", SCN_NAME_MAX },
		{ "of a jail | 255 bytes |", SCN_JAIL_MAX },
		{ "of an interface | 15 bytes |", SCN_IF_MAX },
		{ "send or recv | 1,000,000,000 |", SCN_SEND_MAX },
		{ "known at one place | 1,000 |", SCN_VARS_MAX },
		{ "packet claim | 40 |", SCN_TCPOPT_MAX } };
	char *buf = scn_test_slurp("docs/SCENARIOS.md");
	const char *at, *s;
	size_t i;
	long v;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at = strstr(buf, rows[i].row);
		if (at == NULL)
			fail_msg("no row '%s'", rows[i].row);
		s = strrchr(rows[i].row, '|');
		while (s[-1] != '|')
			s--;
		for (v = 0; *s != '|'; s++)
			if (*s >= '0' && *s <= '9')
				v = v * 10 + (*s - '0');
		assert_int_equal(v, rows[i].value);
	}
	free(buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_examples_parse),
		cmocka_unit_test(first_example_is_whole),
		cmocka_unit_test(bad_examples_give_their_errors),
		cmocka_unit_test(limits_are_as_documented),
	};

	return (
	    cmocka_run_group_tests_name("scn_docs", tests, NULL, NULL) ? 1 : 0);
}
