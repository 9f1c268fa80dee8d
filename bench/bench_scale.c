/*
 * bench_scale.c - does a hundred times as many take a hundred times as long?
 *
 * Rows for 100, 1,000 and 10,000: what comes and goes, and the leaves of a
 * star that are torn down together.  The note is the ratio to the rate of the
 * row before.
 */
#include <stdio.h>
#include "bench/bench_star.h"

#define REPS 3

static double
idle_rate(struct star *s, unsigned n)
{
	int64_t t;

	s->w = bench_world();
	t = bench_now();
	for (unsigned i = 0; i < n; i++)
		s->leaf[i] = star_idle(s->w, i);
	star_remove(s, n, NULL);
	return (n * 1e9 / (double)(bench_now() - t));
}

static double
torn_rate(struct star *s, unsigned n)
{
	int64_t t;

	star_make(s, n);
	t = bench_now();
	star_remove(s, n, star_ends_of_file);
	return (n * 1e9 / (double)(bench_now() - t));
}

static void
scale_rows(struct bench *b, const char *what, struct star *s,
    double (*rate)(struct star *s, unsigned n))
{
	unsigned most = b->quick ? 1000 : STAR_MAX;
	double best, before = 0, r;
	char name[64], note[64];

	for (unsigned n = 100; n <= most; n *= 10) {
		best = 0;
		for (int rep = 0; rep < REPS; rep++) {
			r = rate(s, n);
			best = r > best ? r : best;
			vnetsim_destroy(s->w);
		}
		snprintf(name, sizeof(name), "%u %s", n, what);
		snprintf(note, sizeof(note), "%.2f x the row before",
		    before > 0 ? best / before : 1);
		bench_add(b, name, best, "/s", before * 0.8, true,
		    before > 0 ? note : NULL);
		before = best;
	}
}

void
bench_scale(struct bench *b)
{
	static struct star s;

	scale_rows(b, "idle come and go", &s, idle_rate);
	scale_rows(b, "connected torn down", &s, torn_rate);
}
