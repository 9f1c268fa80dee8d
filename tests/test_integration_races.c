/*
 * test_integration_races.c - two CPUs, one deviation at a time.
 *
 * A script with a removal somewhere in it is run once while every choice of
 * the scheduler is recorded: a callout, a task, a packet that may be claimed
 * now and run later, equal times in another order.  Then it is run again for
 * each of these choices, with that one decided differently.  No panic, and no
 * finding.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define MAXPOINTS 4096

struct points {
	struct deviation dv[MAXPOINTS];
	uint32_t n;
};

static void
record(void *ctx, const struct choice_point *cp)
{
	struct points *p = ctx;

	if (p->n >= MAXPOINTS || cp->cp_n < 2)
		return;
	p->dv[p->n++] = (struct deviation){ cp->cp_vnet, cp->cp_stream,
		cp->cp_what, cp->cp_ordinal, cp->cp_n - 1 };
}

static unsigned
run_once(struct st *s, st_script *fn, uint64_t kill, const char *order,
    const struct deviation *dv, struct points *rec)
{
	unsigned found, waived = 0;
	struct world *w = (struct world *)s->w;

	s->tolerant = true;
	assert_true(st_again(s, NULL));
	if (order != NULL)
		assert_int_equal(vnetsim_order_set(s->w, order, false), 0);
	if (dv != NULL)
		assert_int_equal(world_set_deviations(w, dv, 1), 0);
	world_set_recorder(w, rec != NULL ? record : NULL, rec);
	s->kill_at = kill;
	fn(s);
	s->kill_at = 0;
	found = st_finish(s);
	if (order != NULL)
		waived = st_findings(s, "wire", NULL);
	/* up to the point where they part the runs are the same */
	if (dv != NULL)
		assert_true(world_deviation_used(w, 0) > 0);
	return (found - waived);
}

static void
races(st_script *fn, const char *victim, const char *order, uint64_t stride)
{
	struct points *p = calloc(1, sizeof(*p));
	struct st s = { .victim = victim };
	unsigned bad = 0, runs = 0;
	uint64_t n;

	assert_non_null(p);
	assert_true(st_open(&s, NULL));
	fn(&s);
	n = vnetsim_events(s.w);
	for (uint64_t k = n; k > 0 && bad<3; k = k> stride ? k - stride : 0) {
		p->n = 0;
		assert_int_equal(run_once(&s, fn, k, order, NULL, p), 0);
		for (uint32_t i = 0; i < p->n && bad < 3; i++) {
			runs++;
			if (run_once(&s, fn, k, order, &p->dv[i], NULL) == 0)
				continue;
			bad++;
			fprintf(stderr,
			    "%s removed after event %llu, vnet %u %s/%s #%u "
			    "= %u:\n",
			    victim, (unsigned long long)k, p->dv[i].dv_vnet,
			    p->dv[i].dv_stream, p->dv[i].dv_what,
			    p->dv[i].dv_ordinal, p->dv[i].dv_value);
			st_print(&s);
		}
	}
	if (getenv("VNETSIM_VERBOSE") != NULL)
		fprintf(stderr, "%s: %u schedules\n", victim, runs);
	st_close(&s);
	free(p);
	assert_int_equal(bad, 0);
	assert_true(runs > 100);
}

static void
test_tcp(void **state)
{
	(void)state;
	races(st_script_tcp, "cli", NULL, 1);
	races(st_script_tcp, "hub", NULL, 3);
}

static void
test_opens(void **state)
{
	(void)state;
	races(st_script_opens, "cli", NULL, 1);
	races(st_script_opens, "hub", NULL, 3);
}

static void
test_move(void **state)
{
	(void)state;
	races(st_script_move, "cli", NULL, 1);
	races(st_script_move, "hub", NULL, 1);
}

static void
test_loss(void **state)
{
	(void)state;
	races(st_script_loss, "cli", NULL, 11);
}

static void
test_iffirst(void **state)
{
	(void)state;
	races(st_script_tcp, "cli", "interfaces-first", 3);
	races(st_script_move, "hub", "interfaces-first", 3);
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
	    cmocka_run_group_tests_name("integration races", tests, NULL, NULL)
		? 1
		: 0);
}
