/*
 * test_integration_campaign.c - everything at once, drawn from a seed.
 *
 * A script, a jail that is removed somewhere in it, a close policy, an order,
 * shuffled frees, a failing allocation, budgets that run out, and up to five
 * deviations of the scheduler.  No panic; and no finding but those that the
 * draw deserves: peers that are not told where interfaces went first, where
 * FreeBSD's order cut them, or where memory was short; FreeBSD 13's own order
 * of TCP's counters; and its wait for a reference that never goes.
 *
 * A seed that fails is run alone by VNETSIM_SEED.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define SEEDS     3000
#define MAXPOINTS 4096
#define MAXDEV    5

static uint64_t lcg;

static uint32_t
rnd(uint32_t n)
{
	lcg = lcg * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(lcg >> 33) % n);
}

struct draw {
	st_script *fn;
	const char *order; /* NULL: the default */
	bool force;
	uint64_t kill;
	struct vnetsim_close_policy policy;
	struct vnetsim_config cfg;
	struct deviation dv[MAXDEV];
	uint32_t ndv;
};

struct points {
	struct deviation dv[MAXPOINTS];
	uint32_t n;
};

static void
record(void *ctx, const struct choice_point *cp)
{
	struct points *p = ctx;

	if (p->n < MAXPOINTS && cp->cp_n >= 2)
		p->dv[p->n++] = (struct deviation){ cp->cp_vnet, cp->cp_stream,
			cp->cp_what, cp->cp_ordinal, cp->cp_n - 1 };
}

static void
draw(struct draw *d, struct st *s, uint64_t seed)
{
	static st_script *const scripts[] = { st_script_tcp, st_script_opens,
		st_script_move, st_script_loss };

	memset(d, 0, sizeof(*d));
	lcg = seed * 77 + 1;
	(void)rnd(2);
	d->fn = scripts[rnd(4)];
	d->kill = 1 + rnd(d->fn == st_script_loss ? 600 : 100);
	s->victim = rnd(2) != 0 ? "cli" : "hub";
	if (rnd(2) != 0) {
		d->policy.policy = (enum vnetsim_close)rnd(3);
		d->policy.grace = rnd(2) * rnd(2000) * ST_MS;
	}
	d->cfg.seed = seed;
	d->cfg.shuffle = rnd(2) != 0;
	if (rnd(3) == 0) {
		d->cfg.fail_alloc = 1 + rnd(900);
		d->cfg.fail_sticky = rnd(4) == 0;
	}
	if (rnd(4) == 0)
		d->cfg.vnet_budget = 20000 + rnd(200000);
	if (rnd(4) == 0)
		d->cfg.budget = 100000 + rnd(300000);
	switch (rnd(6)) {
	case 0:
		d->order = "interfaces-first";
		break;
	case 1:
		d->order = "freebsd-13";
		d->force = rnd(2) != 0;
		break;
	default:
		break;
	}
}

/* Findings that this draw does not deserve. */
static unsigned
undeserved(struct st *s, const struct draw *d, unsigned found)
{
	if (d->order != NULL || d->cfg.fail_alloc != 0 || d->cfg.budget != 0 ||
	    d->cfg.vnet_budget != 0)
		found -= st_findings(s, "wire", "stuck");
	if (d->order != NULL && strcmp(d->order, "freebsd-13") == 0)
		found -= st_findings(s, "order", "late-use") +
			 st_findings(s, "liveness", "bound");
	return (found);
}

static unsigned
play(struct st *s, const struct draw *d, struct points *rec)
{
	struct world *w = (struct world *)s->w;

	s->tolerant = true;
	s->kill_at = 0;
	if (!st_again(s, &d->cfg))
		return (0);
	if (d->order != NULL)
		assert_int_equal(
		    vnetsim_order_set(s->w, d->order, d->force), 0);
	assert_int_equal(vnetsim_close_default(s->w, &d->policy), 0);
	if (d->ndv != 0)
		assert_int_equal(world_set_deviations(w, d->dv, d->ndv), 0);
	(void)world_set_recorder(w, rec != NULL ? record : NULL, rec);
	s->kill_at = d->kill;
	d->fn(s);
	s->kill_at = 0;
	return (undeserved(s, d, st_finish(s)));
}

static bool
try_seed(struct st *s, struct points *p, uint64_t seed)
{
	struct draw d;
	unsigned bad;

	draw(&d, s, seed);
	p->n = 0;
	bad = play(s, &d, p);
	if (bad == 0 && p->n != 0) {
		d.ndv = 1 + rnd(MAXDEV);
		for (uint32_t i = 0; i < d.ndv; i++)
			d.dv[i] = p->dv[rnd(p->n)];
		bad = play(s, &d, NULL);
	}
	if (bad == 0)
		return (true);
	fprintf(stderr, "seed %llu: %s, %s removed after event %llu\n",
	    (unsigned long long)seed, d.order != NULL ? d.order : "top-down",
	    s->victim, (unsigned long long)d.kill);
	for (uint32_t i = 0; i < d.ndv; i++)
		fprintf(stderr, "  vnet %u %s/%s #%u = %u\n", d.dv[i].dv_vnet,
		    d.dv[i].dv_stream, d.dv[i].dv_what, d.dv[i].dv_ordinal,
		    d.dv[i].dv_value);
	st_print(s);
	return (false);
}

static void
test_campaign(void **state)
{
	const char *one = getenv("VNETSIM_SEED");
	struct points *p = calloc(1, sizeof(*p));
	uint64_t seed = one != NULL ? strtoull(one, NULL, 10) : 1;
	uint64_t end = one != NULL ? seed + 1 : SEEDS;
	struct st s = { .tolerant = true };
	unsigned bad = 0;

	(void)state;
	assert_non_null(p);
	assert_true(st_open(&s, NULL));
	for (; seed < end && bad < 3; seed++)
		bad += !try_seed(&s, p, seed);
	st_close(&s);
	free(p);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_campaign),
	};

	return (cmocka_run_group_tests_name(
		    "integration campaign", tests, NULL, NULL)
		    ? 1
		    : 0);
}
