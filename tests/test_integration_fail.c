/*
 * test_integration_fail.c - every single allocation may fail.
 *
 * A script is run with the n-th fallible allocation failing, for n = 1, 2, ...
 * until the n-th is not asked for.  Whatever fails: no panic, no finding, and
 * a call that answers an errno has changed nothing but statistics.
 */
#include <stdio.h>
#include <stdlib.h>
#include "tests/lib/tstack.h"

static void
sweep(st_script *fn, bool sticky, uint64_t stride)
{
	struct vnetsim_config cfg = { .fail_sticky = sticky };
	struct st s = { .tolerant = true, .hashing = true };
	uint64_t asked, failed, n;
	unsigned bad = 0;

	assert_true(st_open(&s, &cfg));
	n = getenv("VNETSIM_N") != NULL
		? strtoull(getenv("VNETSIM_N"), NULL, 10)
		: 1;
	for (; bad < 1; n += stride) {
		unsigned f, w;

		cfg.fail_alloc = n;
		s.changed = 0;
		if (!st_again(&s, &cfg))
			continue; /* the n-th was needed for the world */
		fn(&s);
		f = st_finish(&s);
		w = sticky ? st_findings(&s, "wire", NULL) : 0;
		if (f != w || s.changed != 0) {
			bad++;
			fprintf(stderr, "allocation %llu fails:\n",
			    (unsigned long long)n);
			if (s.changed != 0)
				fprintf(stderr, "  changed by %s\n", s.changer);
			st_print(&s);
		}
		if (!vnetsim_fail_state(s.w, &asked, &failed))
			break;
	}
	st_close(&s);
	assert_int_equal(bad, 0);
	assert_true(n > 100);
}

static void
test_once(void **state)
{
	(void)state;
	sweep(st_script_tcp, false, 1);
	sweep(st_script_opens, false, 1);
	sweep(st_script_move, false, 1);
}

static void
test_loss(void **state)
{
	(void)state;
	sweep(st_script_loss, false, 1);
}

static void
test_sticky(void **state)
{
	(void)state;
	sweep(st_script_tcp, true, 1);
	sweep(st_script_opens, true, 1);
	sweep(st_script_move, true, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_sticky),
	};

	return (
	    cmocka_run_group_tests_name("integration fail", tests, NULL, NULL)
		? 1
		: 0);
}
