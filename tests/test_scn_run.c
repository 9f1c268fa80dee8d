/*
 * test_scn_run.c - the interpreter: claims, verbs, saves, kills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/scn_run_play.h"
#include "sim/scn_run_var.h"

#define PAIR                                                                   \
	"ifconfig epair create\n"                                              \
	"jail -c name=a vnet persist vnet.interface=epair0a\n"                 \
	"jail -c name=b vnet persist vnet.interface=epair0b\n"                 \
	"jexec a ifconfig epair0a inet 10.0.0.1/24 up\n"                       \
	"jexec b ifconfig epair0b inet 10.0.0.2/24 up\n"                       \
	"link epair0 delay 5ms\n"
#define CONNECTED                                                              \
	PAIR "b srv = listen tcp 80\n"                                         \
	     "a cli = connect tcp 10.0.0.2 80\n"                               \
	     "b acc = accept srv\n"                                            \
	     "expect b acc done within 1s\n"

struct run {
	struct scn_script *script;
	struct scn_plan *plan;
	struct player p;
	struct play_opts po;
};

static void
begin(struct run *r, const char *text)
{
	struct scn_errors *errors = NULL;

	memset(r, 0, sizeof(*r));
	if (scn_parse_text("t.scn", text, strlen(text), NULL, &r->script,
		&errors) != SCN_OK)
		fail_msg("%s", errors->n > 0 ? errors->v[0].message : "?");
	r->plan = scn_plan_new(r->script);
	r->p.p_env = scn_env_new(r->plan);
	r->p.p_script = r->script;
	r->p.p_watch = true;
}

static void
end(struct run *r)
{
	player_close(&r->p);
	scn_env_free(r->p.p_env);
	scn_plan_free(r->plan);
	scn_free(r->script);
}

/* Play a text; the result is its exit status, @why its first failure. */
static int
played(const char *text, char why[256])
{
	const struct scn_failure *sf;
	struct run r;
	int status;

	begin(&r, text);
	play(&r.p, &r.po);
	status = r.p.p_exit;
	sf = scn_run_failure(r.p.p_env, 0);
	(void)snprintf(why, 256, "%s", sf != NULL ? sf->sf_message : "");
	if (r.p.p_why != NULL)
		(void)snprintf(why, 256, "%s", r.p.p_why);
	end(&r);
	return (status);
}

static void
expect_ok(const char *text)
{
	char why[256];
	int status = played(text, why);

	if (status != 0)
		fail_msg("status %d: %s", status, why);
}

/* The text must fail an expectation, with these words. */
static void
expect_failure(const char *text, const char *words)
{
	char why[256];
	int status = played(text, why);

	assert_int_equal(status, EXIT_EXPECT);
	if (strstr(why, words) == NULL)
		fail_msg("'%s' is not in: %s", words, why);
}

static void
claims_that_hold_pass(void **state)
{
	(void)state;
	expect_ok(
	    CONNECTED "expect a cli state ESTABLISHED\n"
		      "a send cli 1000\n"
		      "b recv acc 1000\n"
		      "expect b acc received 1000 within 1s\n"
		      "expect b acc error none\n"
		      "expect b inpcb tcp 2\n"
		      "expect b alive\n"
		      "expect fails ENXIO jexec a ifconfig epair9a up\n"
		      "expect output \"ESTABLISHED\" jexec a netstat -an\n"
		      "expect no output \"LISTEN\" jexec a netstat -an\n"
		      "expect sysctl a net.inet.tcp.msl 30000\n"
		      "expect packet epair0a > S 0:0(0)\n"
		      "expect packet epair0a < S. 0:0(0) ack 1\n"
		      "expect no packet epair0a within 10ms > R *\n"
		      "jail -r a\n"
		      "expect b acc eof within 1s\n"
		      "b close acc\n"
		      "expect a gone within 60s\n"
		      "expect ledger a 0\n"
		      "expect findings 0\n");
}

static void
a_claim_that_does_not_hold_tells_both_values(void **state)
{
	(void)state;
	expect_failure(CONNECTED "expect a cli state CLOSED\n",
	    "expected state CLOSED, it is ESTABLISHED");
	expect_failure(
	    CONNECTED "expect b inpcb tcp 7\n", "expected pcbs == 7, it is 2");
	expect_failure(CONNECTED "expect a gone within 10ms\n",
	    "expected jail a gone, it is alive");
}

static void
every_kind_of_claim_can_fail(void **state)
{
	static const char *const claims[] = {
		"expect a cli error ECONNRESET\n",
		"expect a cli received >= 1\n",
		"expect a cli eof\n",
		"expect a cli blocked\n",
		"expect a cli failed ETIMEDOUT\n",
		"expect a dying\n",
		"expect ledger a 0\n",
		"expect leaks 1\n",
		"expect findings 1\n",
		"expect peers closed 1\n",
		"expect outcome a finned 1\n",
		"expect stat a tcp.tcps_rexmttimeo >= 1\n",
		"expect sysctl a net.inet.tcp.msl 30001\n",
		"expect fails EADDRINUSE b srv2 = listen tcp 81\n",
		"expect fails ENXIO jexec a ifconfig epair0a up\n",
		"expect output \"nothing like it\" jls\n",
		"expect no output \"ACTIVE\" jls\n",
		"expect packet epair0a > R *\n",
		"expect no packet epair0a > S *\n",
		"until a cli state CLOSED within 10ms\n",
		"at 1ns\n",
		"jail -r nosuch\n",
		"route get 9.9.9.9\n",
	};
	char text[2048], why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "%s%s", CONNECTED, claims[i]);
		if (played(text, why) != EXIT_EXPECT)
			fail_msg("it holds: %s", claims[i]);
		assert_true(why[0] != '\0');
	}
}

static void
a_failed_verb_needs_a_claim(void **state)
{
	(void)state;
	expect_failure(
	    PAIR "a cli = connect tcp 10.0.0.2 80\n+1s\n", "ECONNREFUSED");
	expect_ok(PAIR "a cli = connect tcp 10.0.0.2 80\n+1s\n"
		       "expect a cli failed ECONNREFUSED\n");
	expect_ok(PAIR "expect fails ECONNREFUSED "
		       "a cli = connect tcp 10.0.0.2 80\n");
	expect_failure(PAIR "a cli = connect tcp 10.0.0.2 80\n+1s\n"
			    "expect a cli failed ETIMEDOUT\n",
	    "failed with ECONNREFUSED");
	expect_failure(CONNECTED "a close cli\na send cli 1\n", "EBADF");
}

static void
verbs_of_a_process_wait_for_each_other(void **state)
{
	(void)state;
	expect_ok(CONNECTED "b recv acc 5\n"
			    "b send acc \"reply\"\n"
			    "expect b acc blocked\n"
			    "a recv cli 5\n"
			    "+50ms\n"
			    "expect a cli received 0\n"
			    "a:other x = bind udp 99\n"
			    "expect a x done\n"
			    "a kill a\n"
			    "expect a cli failed EINTR\n");
}

static void
a_script_ends_where_until_says(void **state)
{
	struct run r;

	(void)state;
	begin(&r, "+1s\n+1s\nexpect findings 1\n");
	r.po.po_until = 1500000000;
	play(&r.p, &r.po);
	assert_int_equal(r.p.p_exit, 0);
	assert_true(r.p.p_time >= 1500000000);
	end(&r);
}

static void
a_budget_ends_a_run(void **state)
{
	struct run r;

	(void)state;
	begin(&r, CONNECTED);
	r.po.po_maxevents = 20;
	play(&r.p, &r.po);
	assert_int_equal(r.p.p_exit, EXIT_BUDGET);
	end(&r);
}

static void
a_kill_ends_the_jail_at_that_event(void **state)
{
	struct run r;

	(void)state;
	begin(&r, CONNECTED "expect a cli state CLOSED\n");
	r.po.po_kill = "a";
	r.po.po_killevent = 30;
	r.po.po_tolerant = true;
	play(&r.p, &r.po);
	assert_true(r.p.p_killed);
	assert_int_equal(r.p.p_exit, 0);
	r.po.po_kill = "nosuch";
	play(&r.p, &r.po);
	assert_false(r.p.p_killed);
	assert_non_null(r.p.p_why);
	end(&r);
}

static void
a_second_play_is_the_same(void **state)
{
	uint64_t wire, events;
	struct run r;

	(void)state;
	begin(
	    &r, CONNECTED "a send cli 5000\nb recv acc all\njail -r a\n+1s\n");
	play(&r.p, &r.po);
	assert_int_equal(r.p.p_exit, 0);
	wire = r.p.p_wirehash;
	events = r.p.p_events;
	play(&r.p, &r.po);
	assert_true(r.p.p_wirehash == wire);
	assert_true(r.p.p_events == events);
	r.po.po_hasseed = true;
	r.po.po_seed = 77;
	play(&r.p, &r.po);
	assert_true(r.p.p_wirehash != wire);
	end(&r);
}

static void
data_that_differs_is_found(void **state)
{
	uint8_t data[10];
	struct run_sock *acc, *cli;
	struct scn_env *e;
	struct run r;

	(void)state;
	begin(&r, CONNECTED "a send cli 10\n+50ms\n");
	play(&r.p, &r.po);
	e = r.p.p_env;
	scn_env_tolerant(e, false);
	cli = &e->e_r->r_sock[r.plan->pl_stmt[7].ps_result];
	acc = &e->e_r->r_sock[r.plan->pl_stmt[8].ps_result];
	assert_int_equal(cli->rs_nseg, 1);
	memcpy(data, e->e_pattern, sizeof(data));
	run_data_check(e, acc, &r.script->stmts[8], data, 10);
	assert_int_equal(scn_run_nfailures(e), 0);
	data[7] ^= 1;
	run_data_check(e, acc, &r.script->stmts[8], data, 10);
	assert_int_equal(scn_run_nfailures(e), 1);
	assert_non_null(strstr(scn_run_failure(e, 0)->sf_message, "byte 7 is"));
	acc->rs_rcvd = 5;
	run_data_check(e, acc, &r.script->stmts[8], e->e_pattern + 5, 6);
	assert_non_null(
	    strstr(scn_run_failure(e, 1)->sf_message, "never sent"));
	end(&r);
}

static void
a_call_without_memory_is_looked_at(void **state)
{
	uint64_t call, looked = 0;
	const char *name;
	struct run r;

	(void)state;
	begin(&r, CONNECTED "a send cli 5000\nb recv acc all\n+1s\n");
	for (r.po.po_fail = 1;; r.po.po_fail++) {
		play(&r.p, &r.po);
		assert_int_equal(r.p.p_exit, 0);
		if (!r.p.p_consumed)
			break;
		call = scn_run_unhashed(r.p.p_env);
		if (call == 0)
			continue;
		scn_env_hash_at(r.p.p_env, call);
		play(&r.p, &r.po);
		assert_int_equal(scn_run_changed(r.p.p_env, &name), 0);
		assert_int_equal(scn_run_unhashed(r.p.p_env), 0);
		scn_env_hash_at(r.p.p_env, 0);
		looked++;
	}
	assert_true(r.po.po_fail > 50);
	assert_true(looked > 20);
	end(&r);
}

static void
a_failed_call_that_changes_something_is_found(void **state)
{
	struct vnetsim_jail_params jp = { .name = "x", .persist = true };
	vnetsim_handle jail;
	struct scn_env *e;
	const char *name;
	struct run r;

	(void)state;
	begin(&r, "+1ms\n");
	play(&r.p, &r.po);
	e = r.p.p_env;
	scn_env_hash_at(e, e->e_r->r_calls + 1);
	run_call_begin(e);
	(void)run_call_end(e, "nothing", VE_NOMEM);
	assert_int_equal(scn_run_changed(e, &name), 0);
	vnetsim_destroy(r.p.p_world);
	r.p.p_world = vnetsim_create(NULL, NULL, NULL);
	assert_true(scn_run_begin(e, r.p.p_world));
	scn_env_hash_at(e, 1);
	run_call_begin(e);
	assert_int_equal(vnetsim_jail_create(r.p.p_world, &jp, &jail), 0);
	(void)run_call_end(e, "jail_create", VE_NOMEM);
	assert_int_equal(scn_run_changed(e, &name), 1);
	assert_string_equal(name, "jail_create");
	end(&r);
}

/* Steps to the end; the number of steps. */
static unsigned
steps(struct scn_env *e)
{
	unsigned n = 0;

	while (scn_run_step(e, VNETSIM_FOREVER) == SCN_STEP_MORE)
		n++;
	return (n);
}

static void
a_restored_run_goes_on_as_if_nothing_was(void **state)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	struct vnetsim_save *save;
	uint64_t hash, at;
	unsigned n, m, before;
	int64_t now;
	struct run r;

	(void)state;
	/* Saved while a connect and a recv are blocked, and one more waits. */
	begin(&r, PAIR "b srv = listen tcp 80\n"
		       "a cli = connect tcp 10.0.0.2 80\n"
		       "b acc = accept srv\n"
		       "b recv acc 100\n"
		       "b send acc \"done\"\n"
		       "+3ms\n"
		       "expect a cli blocked\n"
		       "+1s\n"
		       "a send cli 100\n"
		       "a recv cli 4\n"
		       "+1s\n"
		       "expect a cli received 4\n"
		       "expect packet epair0a > S 0:0(0)\n"
		       "expect a cli state LISTEN\n"
		       "jail -r a\n"
		       "+1s\n");
	assert_non_null(w);
	assert_true(scn_run_begin(r.p.p_env, w));
	while (scn_run_pc(r.p.p_env) < 12)
		(void)scn_run_step(r.p.p_env, VNETSIM_FOREVER);
	save = vnetsim_save(w);
	assert_non_null(save);
	at = vnetsim_events(w);
	before = scn_run_nfailures(r.p.p_env);
	n = steps(r.p.p_env);
	hash = vnetsim_hash(w, true);
	now = vnetsim_now(w);
	assert_int_equal(scn_run_nfailures(r.p.p_env), before + 2);
	vnetsim_restore(w, save);
	scn_run_resync(r.p.p_env);
	assert_true(vnetsim_events(w) == at);
	assert_int_equal(scn_run_nfailures(r.p.p_env), before);
	m = steps(r.p.p_env);
	assert_int_equal(n, m);
	assert_true(vnetsim_hash(w, true) == hash);
	assert_true(vnetsim_now(w) == now);
	assert_int_equal(scn_run_nfailures(r.p.p_env), before + 2);
	vnetsim_save_free(w, save);
	vnetsim_destroy(w);
	r.p.p_world = NULL;
	end(&r);
}

static void
the_worst_status_counts(void **state)
{
	(void)state;
	assert_int_equal(play_rank(0, 0), 0);
	assert_int_equal(play_rank(1, 2), 2);
	assert_int_equal(play_rank(4, 2), 4);
	assert_int_equal(play_rank(4, 3), 3);
	assert_int_equal(play_rank(5, 1), 1);
	assert_int_equal(play_rank(0, 5), 5);
	assert_int_equal(play_rank(124, 1), 1);
	assert_int_equal(play_rank(0, 74), 74);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_that_hold_pass),
		cmocka_unit_test(a_claim_that_does_not_hold_tells_both_values),
		cmocka_unit_test(every_kind_of_claim_can_fail),
		cmocka_unit_test(a_failed_verb_needs_a_claim),
		cmocka_unit_test(verbs_of_a_process_wait_for_each_other),
		cmocka_unit_test(a_script_ends_where_until_says),
		cmocka_unit_test(a_budget_ends_a_run),
		cmocka_unit_test(a_kill_ends_the_jail_at_that_event),
		cmocka_unit_test(a_second_play_is_the_same),
		cmocka_unit_test(data_that_differs_is_found),
		cmocka_unit_test(a_call_without_memory_is_looked_at),
		cmocka_unit_test(a_failed_call_that_changes_something_is_found),
		cmocka_unit_test(a_restored_run_goes_on_as_if_nothing_was),
		cmocka_unit_test(the_worst_status_counts),
	};

	return (
	    cmocka_run_group_tests_name("scn_run", tests, NULL, NULL) ? 1 : 0);
}
