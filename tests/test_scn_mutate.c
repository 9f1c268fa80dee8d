/*
 * test_scn_mutate.c - broken texts, and texts that come back.
 *
 * Random changes of real scenarios must end in a script or in errors, never
 * in a crash; sanitizers watch.  The changes come from a counter-based
 * generator, so a failure is repeatable by its number.  What a script prints
 * as must parse to the same.
 */
#include "tests/test_scn.h"

static const char *const dictionary[] = { "$", "${", "$((", "))", "{", "}",
	"\"", "\\", ";", "#", "\n", "repeat 3 {", "set A 1", "$i", "include x",
	"expect", "packet epair0a >", "<mss 1460", ",...>", "*", "1:1(0)",
	" = ", "jail -c name=a vnet", "jexec a ", "a:b ", "within 1s",
	"99999999999999999999", "-1", "10.0.0.1/24", "fails EINVAL ",
	"repeat 100000 { repeat 100000 {", "\xff", "\t", "\r", "\001" };

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (x ^ (x >> 31));
}

struct rng {
	uint64_t key;
	uint64_t n;
};

static size_t
pick(struct rng *r, size_t n)
{
	return ((size_t)(mix(r->key * 0x100000001b3u + r->n++) % n));
}

/* Everything the page shows, one text. */
static char *
all_examples(void)
{
	char *buf = scn_test_slurp("docs/SCENARIOS.md"), *p = buf, *end, *out;
	size_t n = 0;

	out = calloc(1, SCN_FILE_MAX);
	assert_non_null(out);
	while ((p = strstr(p, "\n```scn")) != NULL) {
		p = strchr(p + 1, '\n');
		end = strstr(p, "\n```");
		memcpy(out + n, p, (size_t)(end - p));
		n += (size_t)(end - p);
		p = end + 4;
	}
	free(buf);
	return (out);
}

static const char *
read_nothing(void *arg, const char *path, char *buf, size_t *len)
{
	(void)arg;
	(void)path;
	*len = (size_t)snprintf(buf, 8, "run");
	return (NULL);
}

/* Formats all of it, so that every pointer of the answer is followed. */
static void
walk(struct scn_script *s, struct scn_errors *e)
{
	char buf[512];
	size_t i;

	for (i = 0; s != NULL && i < s->nstmts && i < 500; i++) {
		scn_stmt_format(&s->stmts[i], buf, sizeof(buf));
		scn_pos_format(&s->stmts[i].pos, buf, sizeof(buf));
	}
	for (i = 0; e != NULL && i < e->n; i++) {
		scn_error_format(&e->v[i], buf, sizeof(buf));
		assert_non_null(e->v[i].message);
		assert_null(strpbrk(e->v[i].message, "\n\r\x1b"));
		assert_null(strpbrk(e->v[i].hint, "\n\r\x1b"));
	}
}

/* One to eight changes of a piece of the text; short ones may well parse. */
static size_t
mutate(struct rng *r, const char *text, size_t len, char *out, size_t max)
{
	size_t n = 1 + pick(r, 1 + pick(r, 3000)), from, k, at, changes;
	const char *word;

	if (n > len)
		n = len;
	from = pick(r, len - n + 1);
	memcpy(out, text + from, n);
	for (changes = 1 + pick(r, 8); changes != 0; changes--) {
		at = pick(r, n + 1);
		switch (pick(r, 5)) {
		case 0:
			if (at < n)
				out[at] = (char)pick(r, 256);
			break;
		case 1:
			k = pick(r, 20);
			k = k < n - at ? k : n - at;
			memmove(out + at, out + at + k, n - at - k);
			n -= k;
			break;
		case 2:
			k = pick(r, 200);
			k = k < n - at ? k : n - at;
			if (n + k > max)
				break;
			memmove(out + at + k, out + at, n - at);
			n += k;
			break;
		default:
			word = dictionary[pick(
			    r, sizeof(dictionary) / sizeof(dictionary[0]))];
			k = strlen(word);
			if (n + k > max)
				break;
			memmove(out + at + k, out + at, n - at);
			memcpy(out + at, word, k);
			n += k;
			break;
		}
	}
	return (n);
}

static void
any_change_ends_well(void **state)
{
	struct scn_params params = { .read = read_nothing, .mem_max = 2 << 20 };
	char *text = all_examples(), *out = malloc(65536), *exact;
	size_t len = strlen(text), n, i, ok = 0;
	struct rng r;
	struct scn_script *s;
	struct scn_errors *e;

	(void)state;
	assert_non_null(out);
	assert_true(len > 5000);
	for (i = 0; i < 4000; i++) {
		r.key = i;
		r.n = 0;
		params.any_names = i % 2 == 0;
		n = mutate(&r, text, len, out, 65536);
		if (i == 0) { /* chance may leave none right */
			n = 4;
			memcpy(out, "run\n", n);
		}
		/* An exact copy, so that reading beyond it is seen. */
		exact = malloc(n + 1);
		assert_non_null(exact);
		memcpy(exact, out, n);
		exact = realloc(exact, n != 0 ? n : 1);
		assert_non_null(exact);
		if (scn_parse_text("m", exact, n, &params, &s, &e) == SCN_OK)
			ok++;
		else
			assert_true(e != NULL && e->n > 0);
		free(exact);
		walk(s, e);
		scn_free(s);
		scn_errors_free(e);
	}
	assert_true(ok > 0 && ok < 4000);
	free(out);
	free(text);
}

/* Each prefix of a text is one that an editor could have saved. */
static void
any_prefix_ends_well(void **state)
{
	struct scn_params params = { .any_names = true, .read = read_nothing };
	char *text = all_examples();
	size_t len = strlen(text), i;
	struct scn_script *s;
	struct scn_errors *e;

	(void)state;
	for (i = 0; i < len; i += 7) {
		scn_parse_text("p", text, i, &params, &s, &e);
		walk(s, e);
		scn_free(s);
		scn_errors_free(e);
	}
	free(text);
}

static void
same_words(const struct scn_stmt *a, const struct scn_stmt *b)
{
	uint32_t i;

	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->jail, b->jail);
	assert_int_equal(a->nwords, b->nwords);
	for (i = 0; i < a->nwords; i++) {
		assert_string_equal(a->words[i].s, b->words[i].s);
		assert_int_equal(a->words[i].quoted, b->words[i].quoted);
	}
}

static void
a_statement_prints_as_itself(void **state)
{
	struct scn_params params = { .any_names = true, .read = read_nothing };
	char *buf = scn_test_slurp("docs/SCENARIOS.md"), *p = buf, *end;
	char line[4096];
	struct scn_script *s, *again;
	size_t i, n = 0;

	(void)state;
	while ((p = strstr(p, "\n```scn\n")) != NULL) {
		p += 8;
		end = strstr(p, "\n```");
		assert_int_equal(scn_parse_text("t", p, (size_t)(end - p),
				     &params, &s, &(struct scn_errors *){ 0 }),
		    SCN_OK);
		for (i = 0; i < s->nstmts; i++, n++) {
			scn_stmt_format(&s->stmts[i], line, sizeof(line));
			again = scn_test_parse(line, &params);
			assert_int_equal(again->nstmts, 1);
			same_words(&s->stmts[i], &again->stmts[0]);
			scn_free(again);
		}
		scn_free(s);
		p = end;
	}
	assert_true(n > 150);
	free(buf);
}

static void
odd_words_print_too(void **state)
{
	struct scn_params params = { .any_names = true };
	struct scn_script *s = scn_test_parse(
	    "set E \"\"\nset X \"{ #;$((1))\\\\\\\"\\x01\xc3\xa4\"\n"
	    "expect no output x$X jls\nexpect sysctl a k.x $E\n"
	    "send c \"\"\n",
	    &params);
	struct scn_script *again;
	char line[200], cut[200];
	size_t i, len, n;

	(void)state;
	for (i = 0; i < s->nstmts; i++) {
		len = scn_stmt_format(&s->stmts[i], line, sizeof(line));
		assert_int_equal(len, strlen(line));
		again = scn_test_parse(line, &params);
		for (n = 0; n < s->stmts[i].nwords; n++)
			assert_string_equal(
			    s->stmts[i].words[n].s, again->stmts[0].words[n].s);
		scn_free(again);
		for (n = 1; n <= len; n++) {
			memset(cut, 'x', sizeof(cut));
			assert_int_equal(
			    scn_stmt_format(&s->stmts[i], cut, n), len);
			assert_int_equal(strlen(cut), n - 1);
			assert_memory_equal(cut, line, n - 1);
			assert_int_equal(cut[n], 'x');
		}
	}
	scn_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_change_ends_well),
		cmocka_unit_test(any_prefix_ends_well),
		cmocka_unit_test(a_statement_prints_as_itself),
		cmocka_unit_test(odd_words_print_too),
	};

	return (cmocka_run_group_tests_name("scn_mutate", tests, NULL, NULL)
		    ? 1
		    : 0);
}
