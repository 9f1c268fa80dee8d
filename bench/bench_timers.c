/*
 * bench_timers.c - the timer wheel with 1,000 and 1,000,000 callouts armed.
 *
 * add + cancel: a callout is armed and stopped again.  re-arm: a random one
 * moves to a random time.  fire: the earliest runs and arms itself again.
 */
#include <stdio.h>
#include <string.h>
#include "bench/bench.h"
#include "src/core/world.h"

#define HORIZON (1000 * NS_S)
#define CHUNK   100000 /* callouts per allocation: one is at most 64 MiB */

struct timers {
	struct callout *chunk[11];
	unsigned n; /* armed; one more is there */
};

static struct callout *
timer(const struct timers *t, uint64_t i)
{
	return (&t->chunk[i / CHUNK][i % CHUNK]);
}

static uint64_t
rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (*x);
}

static void
fired(void *arg)
{
	struct callout *c = arg;

	(void)callout_reset(c, (c->c_time * 7919 + 12345) % HORIZON, fired, c);
}

static double
per_op(int64_t t0, unsigned n)
{
	return ((double)(bench_now() - t0) / n);
}

static void
bench_armed(struct bench *b, const struct timers *ts)
{
	unsigned n = ts->n, ops = b->quick ? 20000 : 1000000;
	struct callout *extra = timer(ts, n), *c;
	uint64_t x = 88172645463325252u;
	char name[64];
	int64_t t;

	t = bench_now();
	for (unsigned i = 0; i < ops; i++) {
		(void)callout_reset(
		    extra, (int64_t)(rnd(&x) % HORIZON), fired, extra);
		(void)callout_stop(extra);
	}
	snprintf(name, sizeof(name), "timer add + cancel, %u armed", n);
	bench_add(b, name, per_op(t, ops), "ns", 0, false, NULL);
	t = bench_now();
	for (unsigned i = 0; i < ops; i++) {
		c = timer(ts, rnd(&x) % n);
		(void)callout_reset(c, (int64_t)(rnd(&x) % HORIZON), fired, c);
	}
	snprintf(name, sizeof(name), "timer re-arm, %u armed", n);
	bench_add(b, name, per_op(t, ops), "ns", 0, false, NULL);
}

static void
bench_fire(struct bench *b, struct world *w, unsigned n)
{
	unsigned ops = b->quick ? 20000 : 1000000;
	char name[64];
	int64_t t;

	t = bench_now();
	for (unsigned i = 0; i < ops; i++)
		if (!world_step(w, INT64_MAX))
			bench_must(VE_BUSY, "no timer left");
	snprintf(name, sizeof(name), "timer fire + re-arm, %u armed", n);
	bench_add(
	    b, name, per_op(t, ops), "ns", n > 1000 ? 400 : 0, false, NULL);
}

static void
bench_count(struct bench *b, unsigned n)
{
	struct world *w = (struct world *)bench_world();
	struct timers ts = { .n = n };
	struct vnet_frame f;
	uint64_t x = 42;

	world_enter(w);
	for (unsigned i = 0; i <= n; i += CHUNK) {
		ts.chunk[i / CHUNK] =
		    world_user_alloc(CHUNK * sizeof(struct callout), false);
		if (ts.chunk[i / CHUNK] == NULL)
			bench_must(VE_NOMEM, "callouts");
	}
	if (!vnet_enter(&f, w->w_vnet0, DOOR_LIFE, VNET_MOD_core))
		bench_must(VE_BUSY, "door");
	for (unsigned i = 0; i <= n; i++)
		callout_init(timer(&ts, i), VNET_MOD_core, "bench.timer");
	for (unsigned i = 0; i < n; i++)
		(void)callout_reset(timer(&ts, i), (int64_t)(rnd(&x) % HORIZON),
		    fired, timer(&ts, i));
	bench_armed(b, &ts);
	vnet_leave(&f);
	bench_fire(b, w, n);
	vnetsim_destroy((struct vnetsim *)w);
}

void
bench_timers(struct bench *b)
{
	bench_count(b, 1000);
	bench_count(b, b->quick ? 10000 : 1000000);
}
