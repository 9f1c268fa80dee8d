/*
 * test_scn_errors.c - every mistake has its place, its message and its hint.
 *
 * The single mistakes are in test_scn_errors.txt.  Here are those that a text
 * file cannot hold, and what happens to many mistakes at once.
 */
#include "tests/test_scn.h"

/* One case of the file; *p moves behind it. */
static void
one_case(char **p)
{
	struct scn_params params = { .any_names = true };
	char *text = *p, *want, *hint, *end;
	struct scn_errors *errors;

	if (strncmp(text, "!names\n", 7) == 0) {
		params.any_names = false;
		text += 7;
	}
	want = strstr(text, "\n=> ");
	assert_non_null(want);
	hint = strstr(want, "\nhint:");
	assert_non_null(hint);
	end = strchr(hint + 1, '\n');
	assert_non_null(end);
	*want = *hint = *end = '\0';
	want += 4;
	hint += hint[6] == ' ' ? 7 : 6;
	*p = end + 1;

	errors = scn_test_bad(text, &params);
	if (errors->n != 1 ||
	    strncmp(errors->v[0].hint, hint, strlen(hint)) != 0)
		fail_msg("%s\n%zu errors, hint: %s", text, errors->n,
		    errors->v[0].hint);
	if ((hint[0] == '\0') != (errors->v[0].hint[0] == '\0'))
		fail_msg("%s\nhint: %s", text, errors->v[0].hint);
	scn_test_error(errors, 0, want);
	scn_errors_free(errors);
}

static void
each_mistake_has_place_message_and_hint(void **state)
{
	char *buf = scn_test_slurp("tests/test_scn_errors.txt"), *p;
	unsigned n = 0;

	(void)state;
	p = strstr(buf, "\n\n");
	while (p != NULL && *p != '\0') {
		while (*p == '\n')
			p++;
		if (*p == '\0')
			break;
		one_case(&p);
		n++;
	}
	assert_true(n > 390);
	free(buf);
}

static void
bytes_that_no_text_has(void **state)
{
	static const char nul[] = "run\0run";
	struct scn_script *script;
	struct scn_errors *errors;

	(void)state;
	scn_test_one("run\001", NULL, "1:4: control byte in the text");
	scn_test_one("run \"\x7f\"", NULL, "1:6: control byte in the text");
	scn_test_one("# \x1b[2J", NULL, "1:3: control byte in the text");
	assert_int_equal(
	    scn_parse_text("t", nul, sizeof(nul) - 1, NULL, &script, &errors),
	    SCN_BAD);
	scn_test_error(errors, 0, "1:4: control byte in the text");
	scn_errors_free(errors);
}

static void
control_bytes_of_a_word_do_not_reach_a_message(void **state)
{
	struct scn_params any = { .any_names = true };

	(void)state;
	scn_test_one("a send \"x\\n\\x1b\" 1", &any,
	    "1:8: 'x\\x0a\\x1b' is no name for a socket");
}

static void
all_errors_are_reported_from_top_to_bottom(void **state)
{
	static const char text[] = "jial -c name=a\n"
				   "set X\n"
				   "jail -c name=a vnet\n"
				   "a cli = connect tcp 10.0.0.2 80\n"
				   "+$X; a send cli $X\n"
				   "a send cil 1\n"
				   "expect a cli state NOWHERE\n"
				   "a send cli \"open\n"
				   "} ; run now\n";
	struct scn_errors *e = scn_test_bad(text, NULL);

	(void)state;
	assert_int_equal(e->n, 7);
	scn_test_error(e, 0, "1:1: unknown command 'jial'");
	scn_test_error(e, 1, "2:6: expected a value");
	scn_test_error(e, 2, "6:8: no socket 'cil' of jail a was made above");
	scn_test_error(e, 3, "7:20: 'NOWHERE' is no TCP state");
	scn_test_error(e, 4, "8:12: '\"' is never closed");
	scn_test_error(e, 5, "9:1: '}' without '{'");
	scn_test_error(e, 6, "9:9: unexpected 'now'");
	scn_errors_free(e);
}

static void
an_error_in_a_repeat_is_one_error(void **state)
{
	char buf[512];
	struct scn_errors *e = scn_test_bad(
	    "repeat 1000 {\n repeat 2 as j {\n  +5x\n  expect\n }\n}", NULL);

	(void)state;
	assert_int_equal(e->n, 2);
	assert_int_equal(e->more, 0);
	scn_error_format(&e->v[0], buf, sizeof(buf));
	assert_string_equal(buf,
	    "t:3:3: '+5x' is no time\n"
	    "\thint: a number and ns, us, ms, s, min or msl, as in 20ms\n"
	    "\trepeated at t:2:2, round j = 0\n"
	    "\trepeated at t:1:1, round i = 0\n");
	scn_errors_free(e);
}

static void
a_mistake_of_one_round_names_the_round(void **state)
{
	struct scn_params any = { .any_names = true };
	struct scn_errors *e = scn_test_bad(
	    "repeat 9 { a c = connect tcp 10.0.0.1 $((3 - i)) }", &any);
	char buf[200];

	(void)state;
	assert_int_equal(e->n, 1);
	scn_pos_format(&e->v[0].pos, buf, sizeof(buf));
	assert_string_equal(buf, "t:1:39 (round i = 3)");
	assert_string_equal(e->v[0].message, "'0' is no port");
	scn_errors_free(e);
}

static void
what_an_error_hides_is_not_reported_again(void **state)
{
	(void)state;
	/* The variable is known, only its value is not. */
	scn_test_one("set A $B\n+$((A))ms\nrepeat $A { +1ms }", NULL,
	    "1:7: unknown variable 'B'");
	/* A jail whose name comes late in a wrong statement. */
	scn_test_one("jail -c vnt name=a\na u = bind udp 5\na close u", NULL,
	    "1:9: unknown jail parameter 'vnt'");
	/* A socket whose verb has an error. */
	scn_test_one("u = bind upd 5\nclose u", NULL,
	    "1:10: expected tcp, udp or raw, not 'upd'");
	/* Nobody knows what the include would have made. */
	scn_test_one("include \"x\" y\nz close $Q", NULL,
	    "1:13: more than one file name");
	/* The block of a wrong repeat is still looked at, once. */
	scn_test_one("repeat x { a close c$i ; +1ms }", NULL,
	    "1:8: 'x' is no number of rounds");
}

static void
the_list_is_capped_and_the_rest_counted(void **state)
{
	char text[201 * 4 + 1] = "";
	struct scn_errors *e;
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		memcpy(text + i * 4, "+5x\n", 5);
	e = scn_test_bad(text, NULL);
	assert_int_equal(e->n, SCN_ERRORS_MAX);
	assert_int_equal(e->more, 0);
	scn_errors_free(e);
	for (; i < 201; i++)
		memcpy(text + i * 4, "+5x\n", 5);
	e = scn_test_bad(text, NULL);
	assert_int_equal(e->n, SCN_ERRORS_MAX);
	assert_int_equal(e->more, 101);
	scn_test_error(e, 99, "100:1: '+5x' is no time");
	scn_errors_free(e);
}

static void
a_message_that_does_not_fit_is_cut(void **state)
{
	struct scn_errors *e = scn_test_bad("repeat 1 { +5x }", NULL);
	char whole[512], buf[512];
	size_t len, i;

	(void)state;
	len = scn_error_format(&e->v[0], whole, sizeof(whole));
	assert_int_equal(len, strlen(whole));
	for (i = 1; i < len; i++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(scn_error_format(&e->v[0], buf, i), len);
		assert_int_equal(strlen(buf), i - 1);
		assert_memory_equal(buf, whole, i - 1);
		assert_int_equal(buf[i], 'x');
	}
	scn_errors_free(e);
}

static void
near_names_are_found(void **state)
{
	static const char *const names[] = { "listen", "linger", "send" };

	(void)state;
	assert_string_equal(scn_didyoumean("lisetn", names, 3), "listen");
	assert_string_equal(scn_didyoumean("lingr", names, 3), "linger");
	assert_string_equal(scn_didyoumean("sned", names, 3), "send");
	assert_null(scn_didyoumean("sd", names, 3));
	assert_null(scn_didyoumean("", names, 3));
	assert_null(scn_didyoumean("snnnd", names, 2));
	assert_null(
	    scn_didyoumean("listenlistenlistenlistenlistenlisten", names, 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_place_message_and_hint),
		cmocka_unit_test(bytes_that_no_text_has),
		cmocka_unit_test(
		    control_bytes_of_a_word_do_not_reach_a_message),
		cmocka_unit_test(all_errors_are_reported_from_top_to_bottom),
		cmocka_unit_test(an_error_in_a_repeat_is_one_error),
		cmocka_unit_test(a_mistake_of_one_round_names_the_round),
		cmocka_unit_test(what_an_error_hides_is_not_reported_again),
		cmocka_unit_test(the_list_is_capped_and_the_rest_counted),
		cmocka_unit_test(a_message_that_does_not_fit_is_cut),
		cmocka_unit_test(near_names_are_found),
	};

	return (cmocka_run_group_tests_name("scn_errors", tests, NULL, NULL)
		    ? 1
		    : 0);
}
