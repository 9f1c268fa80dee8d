/*
 * test_scn_limits.c - each limit of the parser, at the limit and one beyond;
 * and memory that runs out at every allocation in turn.
 */
#include "sim/scn_parse.h"
#include "tests/test_scn.h"

static const struct scn_params any = { .any_names = true };

/* A text that grows. */
struct text {
	char *s;
	size_t n;
	size_t cap;
};

static void
put(struct text *t, const char *s, size_t times)
{
	size_t len = strlen(s);

	if (t->n + len * times + 1 > t->cap) {
		t->cap = (t->n + len * times + 1) * 2;
		t->s = realloc(t->s, t->cap);
		assert_non_null(t->s);
	}
	for (; times != 0; times--) {
		memcpy(t->s + t->n, s, len);
		t->n += len;
	}
	t->s[t->n] = '\0';
}

static void
good(struct text *t, size_t nstmts)
{
	struct scn_script *s = scn_test_parse(t->s, &any);

	assert_int_equal(s->nstmts, nstmts);
	scn_free(s);
	free(t->s);
	memset(t, 0, sizeof(*t));
}

static void
bad(struct text *t, const char *want)
{
	scn_test_one(t->s, &any, want);
	free(t->s);
	memset(t, 0, sizeof(*t));
}

static const char *
read_text(void *arg, const char *path, char *buf, size_t *len)
{
	const struct text *t = arg;

	(void)path;
	*len = t->n > SCN_FILE_MAX + 1 ? SCN_FILE_MAX + 1 : t->n;
	memcpy(buf, t->s, *len);
	return (NULL);
}

static void
size_of_a_file(void **state)
{
	struct text t = { .n = 0 };
	struct scn_params params = { .read = read_text, .read_arg = &t };
	struct scn_script *s;
	struct scn_errors *e;

	(void)state;
	put(&t, "#23456789012345\n", SCN_FILE_MAX / 16);
	assert_int_equal(t.n, SCN_FILE_MAX);
	assert_int_equal(scn_parse("f", &params, &s, &e), SCN_OK);
	scn_free(s);
	assert_int_equal(scn_parse_text("f", t.s, t.n, NULL, &s, &e), SCN_OK);
	scn_free(s);
	put(&t, "#", 1);
	assert_int_equal(scn_parse("f", &params, &s, &e), SCN_NOINPUT);
	assert_string_equal(e->v[0].message, "larger than 1048576 bytes");
	scn_errors_free(e);
	assert_int_not_equal(
	    scn_parse_text("f", t.s, t.n, NULL, &s, &e), SCN_OK);
	assert_string_equal(e->v[0].message, "larger than 1048576 bytes");
	scn_errors_free(e);
	free(t.s);
}

/* Every include is another file, and all are empty. */
static const char *
read_nothing(void *arg, const char *path, char *buf, size_t *len)
{
	(void)arg;
	(void)path;
	(void)buf;
	*len = 0;
	return (NULL);
}

static void
number_of_files(void **state)
{
	struct scn_params params = { .read = read_nothing };
	struct scn_script *s;

	(void)state;
	s = scn_test_parse("repeat 255 { include f$i }\ninclude f7", &params);
	scn_free(s);
	scn_test_one("repeat 256 { include f$i }", &params,
	    "1:22: cannot include 'f255': more than 256 files");
}

/* fN includes f(N+1), up to f8 or f9. */
static const char *
read_chain(void *arg, const char *path, char *buf, size_t *len)
{
	int last = *(const int *)arg, n = path[1] - '0';

	*len = 0;
	if (n < last)
		*len = (size_t)snprintf(buf, 64, "include f%d", n + 1);
	return (NULL);
}

static void
depth_of_includes(void **state)
{
	int last = 8;
	struct scn_params params = { .read = read_chain, .read_arg = &last };
	struct scn_script *s;
	struct scn_errors *e;

	(void)state;
	assert_int_equal(scn_parse("f0", &params, &s, &e), SCN_OK);
	scn_free(s);
	last = 9;
	assert_int_equal(scn_parse("f0", &params, &s, &e), SCN_BAD);
	assert_string_equal(e->v[0].pos.file, "f8");
	assert_string_equal(e->v[0].message, "includes nested deeper than 8");
	scn_errors_free(e);
}

static void
length_of_a_line(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "#", 1);
	put(&t, "x", SCN_LINE_MAX - 1);
	put(&t, "\r\nrun", 1);
	good(&t, 1);
	put(&t, "run #", 1);
	put(&t, "x", SCN_LINE_MAX - 4);
	put(&t, "\nrun", 1);
	bad(&t, "1:4097: line longer than 4096 bytes");
}

static void
length_of_a_word(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "send c \"", 1);
	put(&t, "x", SCN_WORD_MAX);
	put(&t, "\"", 1);
	good(&t, 1);
	put(&t, "send c \"\\n", 1);
	put(&t, "x", SCN_WORD_MAX);
	put(&t, "\"", 1);
	bad(&t, "1:8: word longer than 1024 bytes");
	put(&t, "set A ", 1);
	put(&t, "x", SCN_WORD_MAX);
	put(&t, "\nsend c \"$A\"", 1);
	good(&t, 1);
	put(&t, "set A ", 1);
	put(&t, "x", SCN_WORD_MAX);
	put(&t, "\nsend c \"${A}y\"", 1);
	bad(&t, "2:8: word longer than 1024 bytes");
}

static void
words_in_a_statement(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "jail -c name=a", 1);
	put(&t, " vnet", SCN_WORDS_MAX - 3);
	good(&t, 1);
	put(&t, "jail -c name=a", 1);
	put(&t, " \\\nvnet", SCN_WORDS_MAX - 2);
	bad(&t, "255:1: more than 256 words in a statement");
}

static void
statements(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "repeat 100000 { run }", 1);
	good(&t, SCN_STMTS_MAX);
	put(&t, "repeat 100000 { run }\n\njls", 1);
	bad(&t, "3:1: more than 100000 statements");
}

static void
rounds(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "repeat 10 { repeat 99999 { } }", 1);
	good(&t, 0);
	put(&t, "repeat 10 { repeat 99999 { } }\nrepeat 1 { }", 1);
	bad(&t, "2:1: more than 1000000 rounds of repeat in all");
}

static void
nesting(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "repeat 1 { ", SCN_NEST_MAX);
	put(&t, "run", 1);
	put(&t, " }", SCN_NEST_MAX);
	good(&t, 1);
	put(&t, "repeat 1 {\n", SCN_NEST_MAX + 1);
	put(&t, "run\n", 1);
	put(&t, "}\n", SCN_NEST_MAX + 1);
	bad(&t, "17:10: blocks nested deeper than 16");
	put(&t, "repeat 1 {\n", SCN_NEST_MAX + 5);
	put(&t, "}\n", SCN_NEST_MAX + 5);
	bad(&t, "17:10: blocks nested deeper than 16");
}

/* The same depth, half of it in another file. */
static void
nesting_through_an_include(void **state)
{
	struct text inner = { .n = 0 }, t = { .n = 0 };
	struct scn_params params = { .read = read_text, .read_arg = &inner };
	struct scn_script *s;
	struct scn_errors *e;
	size_t n;

	(void)state;
	for (n = 8; n <= 9; n++) {
		inner.n = t.n = 0;
		put(&inner, "repeat 1 { ", n);
		put(&inner, "run", 1);
		put(&inner, " }", n);
		put(&t, "repeat 1 { ", 8);
		put(&t, "include x", 1);
		put(&t, " }", 8);
		if (scn_parse_text("t", t.s, t.n, &params, &s, &e) == SCN_OK) {
			assert_int_equal(n, 8);
			assert_int_equal(s->nstmts, 1);
		} else {
			assert_int_equal(n, 9);
			assert_string_equal(
			    e->v[0].message, "blocks nested deeper than 16");
			assert_int_equal(e->v[0].pos.col, 8 * 11 + 1);
		}
		scn_free(s);
		scn_errors_free(e);
	}
	free(t.s);
	free(inner.s);
}

static void
variables(void **state)
{
	struct text t = { .n = 0 };
	char line[32];
	int i;

	(void)state;
	for (i = 0; i < SCN_VARS_MAX; i++) {
		snprintf(line, sizeof(line), "set V%d %d\n", i, i);
		put(&t, line, 1);
	}
	put(&t, "+${V999}ms", 1);
	good(&t, 1);
	for (i = 0; i < SCN_VARS_MAX; i++) {
		snprintf(line, sizeof(line), "set V%d %d\n", i, i);
		put(&t, line, 1);
	}
	put(&t, "set W 1", 1);
	bad(&t, "1001:5: more than 1000 variables");
}

static void
names(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "n", SCN_NAME_MAX);
	put(&t, " = socket tcp", 1);
	good(&t, 1);
	put(&t, "n", SCN_NAME_MAX + 1);
	put(&t, " = socket tcp", 1);
	bad(&t, "1:1: name of a socket longer than 63 bytes");
	put(&t, "set ", 1);
	put(&t, "n", SCN_NAME_MAX);
	put(&t, " 1", 1);
	good(&t, 0);
	put(&t, "set ", 1);
	put(&t, "n", SCN_NAME_MAX + 1);
	put(&t, " 1", 1);
	bad(&t, "1:5: no name for a variable");
	put(&t, "jail -r a", 1);
	put(&t, ".b", (SCN_JAIL_MAX - 1) / 2);
	good(&t, 1);
	put(&t, "jail -r ab", 1);
	put(&t, ".b", (SCN_JAIL_MAX - 1) / 2);
	bad(&t, "1:9: name of a jail longer than 255 bytes");
	put(&t, "jexec a jexec a", 1);
	put(&t, ".b", (SCN_JAIL_MAX - 3) / 2);
	put(&t, " jls", 1);
	good(&t, 1);
	put(&t, "jexec a jexec ab", 1);
	put(&t, ".b", (SCN_JAIL_MAX - 3) / 2);
	put(&t, " jls", 1);
	bad(&t, "1:15: name of the jail longer than 255 bytes");
	put(&t, "ifconfig abcdefghijklmn1", 1);
	good(&t, 1);
	put(&t, "ifconfig abcdefghijklmno1", 1);
	bad(&t, "1:10: name of an interface longer than 15 bytes");
}

static void
options_of_a_packet(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "expect packet epair0a > S <nop", 1);
	put(&t, ",nop", SCN_TCPOPT_MAX - 1);
	put(&t, ">", 1);
	good(&t, 1);
	put(&t, "expect packet epair0a > S <nop", 1);
	put(&t, ",nop", SCN_TCPOPT_MAX);
	put(&t, ">", 1);
	bad(&t, "1:27: more than 40 TCP options");
}

static void
depth_of_an_expression(void **state)
{
	struct text t = { .n = 0 };

	(void)state;
	put(&t, "+$((", 1);
	put(&t, "(", 63);
	put(&t, "1", 1);
	put(&t, ")", 63);
	put(&t, "))ms", 1);
	good(&t, 1);
	put(&t, "+$((", 1);
	put(&t, "-", 64);
	put(&t, "1))ms", 1);
	bad(&t, "1:69: expression nested too deep");
	put(&t, "+$((", 1);
	put(&t, "(", 1000);
	put(&t, "1", 1);
	put(&t, ")", 1000);
	put(&t, "))ms", 1);
	bad(&t, "1:69: expression nested too deep");
}

/* Counts allocations, and fails one of them. */
struct meter {
	size_t calls;
	size_t fail; /* 1 is the first; 0: none */
	long live;
};

static void *
meter_realloc(void *arg, void *old, size_t size)
{
	struct meter *m = arg;

	if (size == 0) {
		m->live -= old != NULL;
		free(old);
		return (NULL);
	}
	if (++m->calls == m->fail)
		return (NULL);
	m->live += old == NULL;
	return (realloc(old, size));
}

static const char good_text[] =
    "# Title\n# explore: set N 2\nset N 300\norder top-down\n"
    "jail -c name=a vnet vnet.interface=epair0a,epair0b\n"
    "a srv = listen tcp 80\n"
    "repeat $N {\n a c$i = connect tcp 10.0.0.1 $((80 + i))\n"
    " a:w send c$i \"some text\"\n include f\n}\n"
    "expect packet epair0a > S 0:0(0) <mss 1460,...>\n"
    "expect fails EINVAL jexec a sysctl net.x=1\n";

static const char bad_text[] =
    "set N $M\njail -c name=a.b vnet\na.b clsoe x\n"
    "a.b x = socket tcp\nrepeat 3 { a.b close y }\ninclude g \"\n}";

static enum scn_result
parse_metered(const char *text, struct meter *m, size_t mem_max)
{
	static const char *const set[] = { "N=200" };
	struct scn_params params = { .read = read_nothing,
		.realloc = meter_realloc,
		.realloc_arg = m,
		.set = set,
		.nset = 1,
		.mem_max = mem_max };
	struct scn_script *s;
	struct scn_errors *e;
	enum scn_result r;

	m->calls = 0;
	m->live = 0;
	r = scn_parse_text("t", text, strlen(text), &params, &s, &e);
	assert_int_equal(s != NULL, r == SCN_OK);
	assert_int_equal(e != NULL, r == SCN_BAD);
	assert_true(e == NULL || e->n > 0);
	if (r == SCN_NOMEM)
		assert_int_equal(m->live, 0);
	scn_free(s);
	scn_errors_free(e);
	assert_int_equal(m->live, 0);
	return (r);
}

static void
each_allocation_may_fail(void **state)
{
	static const struct {
		const char *text;
		enum scn_result r;
	} rows[] = { { good_text, SCN_OK }, { bad_text, SCN_BAD } };
	struct meter m;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		m.fail = 0;
		assert_int_equal(parse_metered(rows[i].text, &m, 0), rows[i].r);
		assert_true(m.calls > 3);
		for (m.fail = 1;; m.fail++) {
			if (parse_metered(rows[i].text, &m, 0) != SCN_NOMEM)
				break;
			assert_int_equal(m.calls, m.fail);
		}
		assert_true(m.calls < m.fail);
		assert_true(m.fail > 4);
	}
}

/* Wherever in a statement it was: memory that ran out is not asked again. */
static void
after_a_failure_nothing_is_asked_for(void **state)
{
	struct meter m = { .fail = 2 };
	struct scn_mem mem = {
		.max = SIZE_MAX / 2, .realloc = meter_realloc, .arg = &m
	};
	size_t *vec = NULL, cap = 0;

	(void)state;
	assert_non_null(scn_mem_alloc(&mem, SCN_KEEP, 1));
	assert_null(scn_mem_alloc(&mem, SCN_TMP, 1));
	assert_true(mem.nomem);
	assert_null(scn_mem_alloc(&mem, SCN_TMP, 1));
	assert_null(scn_mem_alloc(&mem, SCN_KEEP, 1 << 20));
	assert_false(scn_mem_grow(&mem, SCN_KEEP, &vec, &cap, 1, sizeof(*vec)));
	assert_int_equal(m.calls, 2);
	scn_mem_free(&mem, SCN_KEEP);
	scn_mem_free(&mem, SCN_TMP);
	assert_int_equal(m.live, 0);
}

/* The smallest budget that suffices; below it the errors say so. */
static void
budget(void **state)
{
	struct meter m = { .fail = 0 };
	size_t lo = 1, hi = 1 << 26, mid;

	(void)state;
	assert_int_equal(parse_metered(good_text, &m, hi), SCN_OK);
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (parse_metered(good_text, &m, mid) == SCN_OK)
			hi = mid;
		else
			lo = mid + 1;
	}
	assert_int_equal(parse_metered(good_text, &m, lo), SCN_OK);
	assert_int_equal(parse_metered(good_text, &m, lo - 1), SCN_BAD);
	for (mid = 1; mid < lo; mid += 997)
		assert_int_not_equal(parse_metered(good_text, &m, mid), SCN_OK);
}

static void
a_script_beyond_its_budget_says_so(void **state)
{
	struct scn_params params = { .mem_max = 1000000 };

	(void)state;
	scn_test_one("run\nrepeat 100000 { jls }", &params,
	    "2:17: the script needs more than 1000000 bytes of memory");
	params.mem_max = 100;
	scn_test_one("run", &params,
	    "0:0: the script needs more than 100 bytes of memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_of_a_file),
		cmocka_unit_test(number_of_files),
		cmocka_unit_test(depth_of_includes),
		cmocka_unit_test(length_of_a_line),
		cmocka_unit_test(length_of_a_word),
		cmocka_unit_test(words_in_a_statement),
		cmocka_unit_test(statements),
		cmocka_unit_test(rounds),
		cmocka_unit_test(nesting),
		cmocka_unit_test(nesting_through_an_include),
		cmocka_unit_test(variables),
		cmocka_unit_test(names),
		cmocka_unit_test(options_of_a_packet),
		cmocka_unit_test(depth_of_an_expression),
		cmocka_unit_test(each_allocation_may_fail),
		cmocka_unit_test(after_a_failure_nothing_is_asked_for),
		cmocka_unit_test(budget),
		cmocka_unit_test(a_script_beyond_its_budget_says_so),
	};

	return (cmocka_run_group_tests_name("scn_limits", tests, NULL, NULL)
		    ? 1
		    : 0);
}
