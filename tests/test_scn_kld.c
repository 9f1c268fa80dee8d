/*
 * test_scn_kld.c - what the parser makes of kldload, kldunload, kldstat.
 */
#include "tests/test_scn.h"

static const struct scn_stmt *
only(struct scn_script *s)
{
	assert_int_equal(s->nstmts, 1);
	return (&s->stmts[0]);
}

/* The file or, if it is to be searched for, the name of it. */
static void
load(const char *path, const char *args, const char *file, bool search)
{
	char text[256];
	struct scn_script *s;
	struct scn_errors *errors;
	const struct scn_stmt *st;

	(void)snprintf(text, sizeof(text), "kldload %s\n", args);
	assert_int_equal(
	    scn_parse_text(path, text, strlen(text), NULL, &s, &errors),
	    SCN_OK);
	st = only(s);
	assert_int_equal(st->kind, SCN_KLDLOAD);
	assert_string_equal(st->u.kld.file, file);
	assert_int_equal(st->u.kld.flags & SCN_KLD_ONCE,
	    strncmp(args, "-n ", 3) == 0 ? SCN_KLD_ONCE : 0);
	assert_int_equal((st->u.kld.flags & SCN_KLD_SEARCH) != 0, search);
	scn_free(s);
}

/* The file that `kldload ARGS` in @path speaks of. */
static void
loads(const char *path, const char *args, const char *file)
{
	load(path, args, file, false);
}

/* kldload(2): what has neither slash nor dot is the name of a module. */
static void
a_bare_name_is_searched_for(void **state)
{
	(void)state;
	load("a/b/t.scn", "flow", "flow", true);
	load("t.scn", "-n if_epair2", "if_epair2", true);
	load("/a/t.scn", "\"flow\"", "flow", true);
	loads("a/t.scn", "./flow", "a/./flow");
	loads("a/t.scn", "flow.", "a/flow.");
	loads("a/t.scn", "two-words", "a/two-words");
}

static void
a_file_is_found_beside_the_scenario(void **state)
{
	(void)state;
	loads("t.scn", "flow.so", "flow.so");
	loads("t.scn", "build/flow.so", "build/flow.so");
	loads("a/b/t.scn", "flow.so", "a/b/flow.so");
	loads("a/b/t.scn", "-n ../flow.so", "a/b/../flow.so");
	loads("/a/t.scn", "flow.so", "/a/flow.so");
	loads("a/t.scn", "/lib/flow.so", "/lib/flow.so");
	loads("a/t.scn", "\"-n\"", "a/-n");
	loads("a/t.scn", "\"two words.so\"", "a/two words.so");
}

/* The included file decides, not the one that includes it. */
static void
an_include_looks_beside_itself(void **state)
{
	static const struct scn_test_file v[] = {
		{ "top/t.scn", "include lib/load.scn\n" },
		{ "top/lib/load.scn", "kldload flow.so\n" }, { NULL, NULL }
	};
	struct scn_test_files files = { .v = v };
	struct scn_params params = { .read = scn_test_read,
		.read_arg = &files };
	struct scn_script *s;
	struct scn_errors *errors;

	(void)state;
	assert_int_equal(scn_parse("top/t.scn", &params, &s, &errors), SCN_OK);
	assert_string_equal(only(s)->u.kld.file, "top/lib/flow.so");
	scn_free(s);
}

/* On a console there is no file: from where the program runs. */
static void
a_console_looks_where_it_runs(void **state)
{
	struct scn_script *s;
	struct scn_errors *errors;

	(void)state;
	assert_int_equal(
	    scn_parse_line("kldload lib/flow.so", NULL, &s, &errors), SCN_OK);
	assert_string_equal(only(s)->u.kld.file, "lib/flow.so");
	scn_free(s);
}

/* kldunload takes the name of the file, too. */
static void
a_module_has_the_name_of_its_file(void **state)
{
	static const char *const text[] = { "kldunload flow\n",
		"kldunload flow.so\n", "kldunload -n flow.ko\n" };
	struct scn_script *s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		s = scn_test_parse(text[i], NULL);
		assert_int_equal(only(s)->kind, SCN_KLDUNLOAD);
		assert_string_equal(only(s)->u.kld.name, "flow");
		scn_free(s);
	}
	s = scn_test_parse("kldunload .so\n", NULL);
	assert_string_equal(only(s)->u.kld.name, ".so");
	scn_free(s);
}

static void
kldstat_names_one_or_all(void **state)
{
	struct scn_script *s = scn_test_parse("kldstat\n", NULL);

	(void)state;
	assert_int_equal(only(s)->kind, SCN_KLDSTAT);
	assert_null(only(s)->u.kld.name);
	assert_int_equal(only(s)->u.kld.flags, 0);
	scn_free(s);
	s = scn_test_parse("kldstat -v -n flow.so\n", NULL);
	assert_string_equal(only(s)->u.kld.name, "flow");
	assert_int_equal(only(s)->u.kld.flags, SCN_KLD_VERBOSE);
	scn_free(s);
	s = scn_test_parse("jail -c name=a vnet\njexec a kldstat\n", NULL);
	assert_string_equal(s->stmts[1].jail, "a");
	scn_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_found_beside_the_scenario),
		cmocka_unit_test(a_bare_name_is_searched_for),
		cmocka_unit_test(an_include_looks_beside_itself),
		cmocka_unit_test(a_console_looks_where_it_runs),
		cmocka_unit_test(a_module_has_the_name_of_its_file),
		cmocka_unit_test(kldstat_names_one_or_all),
	};

	return (
	    cmocka_run_group_tests_name("scn_kld", tests, NULL, NULL) ? 1 : 0);
}
