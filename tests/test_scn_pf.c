/*
 * test_scn_pf.c - pfctl in scenarios: lines of pf.conf, what is refused and
 * where, what is printed.
 */
#include "tests/test_scn.h"

#include <vnetsim/pf.h>

#include "sim/scn_run_play.h"
#include "sim/scn_run_var.h"

/* Play a text; its first failure, "" if there is none. */
static const char *
played(const char *text)
{
	static char why[512];
	const struct scn_failure *sf;
	struct scn_script *s = scn_test_parse(text, NULL);
	struct player p = { 0 };
	struct play_opts po = { 0 };
	struct scn_plan *plan;

	plan = scn_plan_new(s);
	p.p_env = scn_env_new(plan);
	p.p_script = s;
	play(&p, &po);
	sf = scn_run_failure(p.p_env, 0);
	(void)snprintf(
	    why, sizeof(why), "%s", sf != NULL ? sf->sf_message : "");
	if (p.p_why != NULL)
		(void)snprintf(why, sizeof(why), "%s", p.p_why);
	player_close(&p);
	scn_env_free(p.p_env);
	scn_plan_free(plan);
	scn_free(s);
	return (why);
}

static const struct vnetsim_pf_conf *
conf_of(const struct scn_script *s)
{
	assert_int_equal(s->nstmts, 1);
	assert_int_equal(s->stmts[0].kind, SCN_PFCTL);
	assert_non_null(s->stmts[0].u.pf->conf);
	return (s->stmts[0].u.pf->conf);
}

/* A line, and the rule as pfctl -sr shows it (NULL: as it is written). */
static const struct {
	const char *line, *shown;
} lines[] = {
	{ "pass", "pass all flags S/SA keep state" },
	{ "pass all no state", NULL },
	{ "block", "block drop all" },
	{ "block drop in all", NULL },
	{ "block return out quick on epair0a all", NULL },
	{ "block return-rst proto tcp all", NULL },
	{ "block return-icmp proto udp all",
	    "block return-icmp(port-unr) proto udp all" },
	{ "pass in on ! epair0a inet proto icmp from 10.0.0.0/8 to ! 10.0.0.1 "
	  "keep state",
	    "pass in on ! epair0a inet proto icmp from 10.0.0.0/8 to ! "
	    "10.0.0.1 flags S/SA keep state" },
	{ "pass in proto tcp to port 80",
	    "pass in proto tcp from any to any port = 80 flags S/SA keep "
	    "state" },
	{ "pass proto udp from any port=53 to any port 1024:65535 no state",
	    "pass proto udp from any port = 53 to any port 1024:65535 no "
	    "state" },
	{ "pass proto tcp all flags any",
	    "pass proto tcp all flags any keep state" },
	{ "pass proto tcp all flags FSRPAUEW/FSRPAUEW keep state(if-bound) "
	  "allow-opts",
	    "pass proto tcp all flags FSRPAUEW/FSRPAUEW keep state "
	    "(if-bound) allow-opts" },
	{ "pass proto 89 from 10.1.2.3/16 to any",
	    "pass inet proto 89 from 10.1.0.0/16 to any flags S/SA keep "
	    "state" },
};

static void
rules_are_shown_as_pfctl_shows_them(void **state)
{
	const char *shown, *why;
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		shown = lines[i].shown != NULL ? lines[i].shown : lines[i].line;
		(void)snprintf(text, sizeof(text),
		    "pfctl -f - \"%s\"\nexpect output \"%s\\n\" pfctl -sr\n",
		    lines[i].line, shown);
		why = played(text);
		if (why[0] != '\0')
			fail_msg("%s: %s", lines[i].line, why);
		/* what is shown means the same */
		if (strstr(shown, "(port-unr)") != NULL)
			continue;
		(void)snprintf(text, sizeof(text),
		    "pfctl -f - \"%s\"\nexpect output \"%s\\n\" pfctl -sr\n",
		    shown, shown);
		why = played(text);
		if (why[0] != '\0')
			fail_msg("%s: %s", shown, why);
	}
}

static void
settings_count_for_the_rules_behind_them(void **state)
{
	struct scn_script *s = scn_test_parse(
	    "pfctl -f - \"block all\" \"pass all\" \"# nothing\" \"\" "
	    "\"set block-policy return\" \"set state-policy if-bound\" "
	    "\"block all\" \"pass all\" \"pass all keep state (floating)\" "
	    "\"set limit states 1000\" \"set skip on lo0\" "
	    "\"set timeout tcp.first 7\"\n",
	    NULL);
	const struct vnetsim_pf_conf *c = conf_of(s);

	(void)state;
	assert_int_equal(c->nrules, 5);
	assert_int_equal(c->rules[0].action, VNETSIM_PF_BLOCK);
	assert_false(c->rules[1].ifbound);
	assert_int_equal(c->rules[2].action, VNETSIM_PF_RETURN);
	assert_true(c->rules[3].ifbound);
	assert_false(c->rules[4].ifbound);
	assert_int_equal(c->states, 1000);
	/* as pfctl: 60 and 120 percent of the limit */
	assert_int_equal(c->timeout[VNETSIM_PFTM_ADAPTIVE_START], 600);
	assert_int_equal(c->timeout[VNETSIM_PFTM_ADAPTIVE_END], 1200);
	assert_int_equal(c->timeout[VNETSIM_PFTM_TCP_FIRST_PACKET], 7);
	assert_int_equal(c->timeout[VNETSIM_PFTM_TCP_OPENING], 30);
	assert_int_equal(c->nskip, 1);
	assert_string_equal(c->skip[0], "lo0");
	scn_free(s);
	s = scn_test_parse("pfctl -f - \"set limit states 9\" "
			   "\"set timeout adaptive.end 0\"\n",
	    NULL);
	assert_int_equal(
	    conf_of(s)->timeout[VNETSIM_PFTM_ADAPTIVE_START], 60000);
	scn_free(s);
	/* an empty file: no rules */
	s = scn_test_parse("pfctl -f -\n", NULL);
	assert_int_equal(conf_of(s)->nrules, 0);
	scn_free(s);
}

static void
what_is_wrong_is_told_where_it_stands(void **state)
{
	(void)state;
	scn_test_one("pfctl\n", NULL, "1:6: pfctl does what?");
	scn_test_one("pfctl -x\n", NULL, "1:7: '-x' is no option of pfctl");
	scn_test_one(
	    "pfctl -sx\n", NULL, "1:7: 'x' is nothing that pfctl knows here");
	scn_test_one(
	    "pfctl -F\n", NULL, "1:9: expected rules, states, info or all");
	scn_test_one(
	    "pfctl -k 10.0.0.1 -k 10.0.0.2 -k any\n", NULL, "1:31: a third -k");
	scn_test_one("pfctl -k 10.0.0.1/33\n", NULL,
	    "1:10: '10.0.0.1/33' is no address");
	scn_test_one(
	    "pfctl -f pf.conf\n", NULL, "1:10: expected '-', not 'pf.conf'");
	scn_test_one(
	    "pfctl -f - \"pass in on\"\n", NULL, "1:24: expected an interface");
	scn_test_one("pfctl -f - \"pass all\" \"pass to port 80\"\n", NULL,
	    "1:32: only TCP and UDP have ports");
	scn_test_one("pfctl -f - \"pass proto tcp to port 0\"\n", NULL,
	    "1:36: '0' is no port");
	scn_test_one("pfctl -f - \"pass proto tcp to port 9:8\"\n", NULL,
	    "1:36: '9:8' is no port");
	scn_test_one("pfctl -f - \"pass proto tcp to port 65536\"\n", NULL,
	    "1:36: '65536' is no port");
	scn_test_one("pfctl -f - \"pass proto 256\"\n", NULL,
	    "1:24: '256' is no protocol");
	scn_test_one("pfctl -f - \"pass all flags SA/S\"\n", NULL,
	    "1:28: 'SA/S' are no flags");
	scn_test_one("pfctl -f - \"pass all flags S/X\"\n", NULL,
	    "1:28: 'S/X' are no flags");
	scn_test_one("pfctl -f - \"pass all forever\"\n", NULL,
	    "1:22: unexpected 'forever'");
	scn_test_one("pfctl -f - \"block all keep state\"\n", NULL,
	    "1:23: unexpected 'keep'");
	scn_test_one("pfctl -f - \"block all allow-opts\"\n", NULL,
	    "1:23: unexpected 'allow-opts'");
	scn_test_one("pfctl -f - \"set limit states 0\"\n", NULL,
	    "1:30: '0' is no limit");
	scn_test_one("pfctl -f - \"set timeout tcp.last 1\"\n", NULL,
	    "1:25: 'tcp.last' is no timeout");
}

static void
numbers_stop_at_their_limits(void **state)
{
	struct scn_errors *errors;
	struct scn_script *s;
	char text[1024];
	int n, i;

	(void)state;
	s = scn_test_parse("pfctl -f - \"set limit states 1000000\" "
			   "\"set timeout interval 31536000\"\n",
	    NULL);
	scn_free(s);
	errors = scn_test_bad("pfctl -f - \"set limit states 1000001\"\n"
			      "pfctl -f - \"set timeout interval 31536001\"\n"
			      "pfctl -f - \"set timeout interval 0\"\n",
	    NULL);
	assert_int_equal(errors->n, 3);
	scn_errors_free(errors);
	n = snprintf(text, sizeof(text), "pfctl -f -");
	for (i = 0; i <= VNETSIM_PF_SKIP_MAX; i++) {
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    " \"set skip on epair%d\"", i);
		if (i == VNETSIM_PF_SKIP_MAX - 1)
			scn_free(scn_test_parse(text, NULL));
	}
	errors = scn_test_bad(text, NULL);
	assert_int_equal(errors->n, 1);
	scn_errors_free(errors);
}

static void
pfctl_does_what_it_is_told_in_freebsds_order(void **state)
{
	(void)state;
	assert_string_equal(
	    played("ifconfig lo0 inet 127.0.0.1/8 up\n"
		   "expect output \"Status: Disabled\" pfctl -si\n"
		   "expect fails ENOENT pfctl -d\n"
		   "expect output \"pf enabled\" pfctl -e -f - \"pass all\"\n"
		   "expect fails EEXIST pfctl -e\n"
		   "+3661s\n"
		   "expect output \"Status: Enabled for 0 days 01:01:01"
		   "           Debug: Urgent\\n\" pfctl -si\n"
		   "ping -c 1 127.0.0.1\n"
		   "expect output \"all icmp 127.0.0.1:1 -> 127.0.0.1:1"
		   "       0:0\\n\" pfctl -ss\n"
		   "expect output \"  current entries                        "
		   "1               \\n\" pfctl -si\n"
		   "expect output \"states        hard limit   100000\\n\" "
		   "pfctl -s memory\n"
		   "expect output \"interval                     10s\\n\" "
		   "pfctl -st\n"
		   "expect output \"adaptive.end             120000 states\\n\""
		   " pfctl -sa\n"
		   "expect output \"killed 0 states from 1 sources and 1 dest\""
		   " pfctl -k 127.0.0.1 -k 10.0.0.1\n"
		   "expect output \"killed 1 states from 1 sources and 0 dest\""
		   " pfctl -k 127.0.0.0/8\n"
		   "expect stat 0 pf.removals == 1\n"
		   "expect output \"rules cleared\\n0 states cleared\\n\" "
		   "pfctl -F all\n"
		   "expect no output \"pass\" pfctl -sr\n"
		   "expect stat 0 pf.removals == 0\n"
		   "expect output \"pf disabled\" pfctl -d\n"),
	    "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_shown_as_pfctl_shows_them),
		cmocka_unit_test(settings_count_for_the_rules_behind_them),
		cmocka_unit_test(what_is_wrong_is_told_where_it_stands),
		cmocka_unit_test(numbers_stop_at_their_limits),
		cmocka_unit_test(pfctl_does_what_it_is_told_in_freebsds_order),
	};

	return (
	    cmocka_run_group_tests_name("scn_pf", tests, NULL, NULL) ? 1 : 0);
}
