/*
 * test_integration_fail.c - every single allocation may fail.
 *
 * A script is run with the n-th fallible allocation failing, for n = 1, 2, ...
 * until the n-th is not asked for.  Whatever fails: no panic, no finding, and
 * a call that answers an errno has changed nothing but statistics.
 */
#include <stdio.h>
#include <stdlib.h>
#include <vnetsim/pf.h>
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

/* Datagrams through a filter that remembers them: one that cannot be sent
 * behind it, for want of a neighbour's entry or of fragments, is lost. */
static void
script_filtered(struct st *s)
{
	static const uint32_t to[] = { ST_HUB, ST_HUB + 90, ST_HUB + 91 };
	static const uint8_t data[3000];
	struct vnetsim_pf_rule rule = { .keep_state = true };
	struct vnetsim_pf_conf conf;
	struct vnetsim_addr a;
	size_t done;
	int fd;

	st_setup(s);
	vnetsim_pf_defaults(&conf);
	conf.rules = &rule;
	conf.nrules = 1;
	(void)ST(s, vnetsim_pf_load(s->w, s->cli, &conf));
	(void)ST(s, vnetsim_pf_enable(s->w, s->cli, true));
	if (ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, &fd)) != 0)
		return;
	for (unsigned i = 0; i < 6; i++) {
		a = (struct vnetsim_addr){ to[i % 3], (uint16_t)(7 + i) };
		(void)ST(
		    s, vnetsim_send(s->w, s->pcli, fd, data, i < 3 ? 100 : 3000,
			   &a, VNETSIM_NONBLOCK, &done, NULL));
	}
	st_run(s, ST_S);
}

static void
test_filtered(void **state)
{
	(void)state;
	sweep(script_filtered, false, 1);
	sweep(script_filtered, true, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_sticky),
		cmocka_unit_test(test_filtered),
	};

	return (
	    cmocka_run_group_tests_name("integration fail", tests, NULL, NULL)
		? 1
		: 0);
}
