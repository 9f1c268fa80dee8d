/*
 * test_integration_every.c - a jail may be removed after any event.
 *
 * A script is run once to count its events, then once for each of them with
 * the jail removed right after it.  Whatever was going on then: no panic, no
 * finding, nothing left.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/tstack.h"

static void
run_every(st_script *fn, const char *victim, const struct vnetsim_config *cfg,
    const char *order, const char *waived)
{
	struct st s = { .victim = victim, .tolerant = true };
	uint64_t n, killed = 0;
	unsigned bad = 0;

	assert_true(st_open(&s, cfg));
	s.tolerant = false;
	fn(&s);
	n = vnetsim_events(s.w);
	for (uint64_t k = 1; k <= n && bad < 3; k++) {
		unsigned f, w;

		s.tolerant = true;
		assert_true(st_again(&s, cfg));
		if (order != NULL)
			assert_int_equal(
			    vnetsim_order_set(s.w, order, false), 0);
		s.tolerant = false;
		s.kill_at = k;
		fn(&s);
		s.kill_at = 0;
		killed += s.killed;
		f = st_finish(&s);
		w = waived != NULL ? st_findings(&s, waived, NULL) : 0;
		if (f == w && vnetsim_ledger(s.w, 0) == 0)
			continue;
		bad++;
		fprintf(stderr, "removed %s after event %llu of %llu:\n",
		    victim, (unsigned long long)k, (unsigned long long)n);
		st_print(&s);
	}
	st_close(&s);
	assert_int_equal(bad, 0);
	/* all but those before it exists */
	assert_true(killed > 40 && killed + 20 > n);
}

static void
test_tcp(void **state)
{
	struct vnetsim_config cfg = { 0 };

	(void)state;
	run_every(st_script_tcp, "cli", &cfg, NULL, NULL);
	run_every(st_script_tcp, "hub", &cfg, NULL, NULL);
	cfg.shuffle = true;
	run_every(st_script_tcp, "cli", &cfg, NULL, NULL);
}

static void
test_opens(void **state)
{
	struct vnetsim_config cfg = { 0 };

	(void)state;
	run_every(st_script_opens, "cli", &cfg, NULL, NULL);
	run_every(st_script_opens, "hub", &cfg, NULL, NULL);
}

static void
test_move(void **state)
{
	struct vnetsim_config cfg = { 0 };

	(void)state;
	run_every(st_script_move, "cli", &cfg, NULL, NULL);
	run_every(st_script_move, "hub", &cfg, NULL, NULL);
}

static void
test_loss(void **state)
{
	struct vnetsim_config cfg = { 0 };

	(void)state;
	run_every(st_script_loss, "cli", &cfg, NULL, NULL);
	cfg.seed = 7;
	run_every(st_script_loss, "hub", &cfg, NULL, NULL);
}

/* Peers are not told, but nothing else is wrong. */
static void
test_iffirst(void **state)
{
	struct vnetsim_config cfg = { 0 };

	(void)state;
	run_every(st_script_tcp, "cli", &cfg, "interfaces-first", "wire");
	run_every(st_script_move, "hub", &cfg, "interfaces-first", "wire");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_iffirst),
	};

	return (
	    cmocka_run_group_tests_name("integration every", tests, NULL, NULL)
		? 1
		: 0);
}
