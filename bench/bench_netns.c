/*
 * bench_netns.c - Linux network namespaces and vnets, the same work in one run.
 *
 *	come and go	N idle ones with lo up are made, then all are ended; and
 *			one at a time, the next not before the last is gone
 *	memory		of an idle one; here the growth of VmRSS + VmPTE
 *	torn down	N leaves, a wire, an address and a TCP connection from
 *			each to a hub; all leaves end, each end at the hub reads
 *			its end of file and is closed
 *
 * The clock runs until they are really gone.  Each figure is the best of
 * three, that of memory the median; the note of each of our rows is the ratio.
 * docs/BENCHMARKS.md says how to read it.
 */
#include <stdio.h>
#include <stdlib.h>
#include "bench/bench_netns.h"
#include "bench/bench_star.h"

#define SERIAL 1000

static void
best(struct netns_figures *fig, enum netns_figure what, double n, int64_t ns)
{
	double rate = n * 1e9 / (double)ns;

	if (rate > fig->f[what])
		fig->f[what] = rate;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

double
netns_median(double v[NETNS_REPS])
{
	qsort(v, NETNS_REPS, sizeof(v[0]), compare);
	return (v[NETNS_REPS / 2]);
}

static void
our_many(struct star *s, unsigned n, struct netns_figures *fig)
{
	double memory[NETNS_REPS];
	int64_t t;

	for (int rep = 0; rep < NETNS_REPS; rep++) {
		s->w = bench_world();
		s->leaf[0] = star_idle(s->w, n);
		star_remove(s, 1, NULL);
		memory[rep] = -(double)bench_rss();
		t = bench_now();
		for (unsigned i = 0; i < n; i++)
			s->leaf[i] = star_idle(s->w, i);
		memory[rep] += (double)bench_rss();
		star_remove(s, n, NULL);
		best(fig, NETNS_MANY, n, bench_now() - t);
		vnetsim_destroy(s->w);
	}
	fig->f[NETNS_MEMORY] = netns_median(memory) / n;
}

static void
our_serially(struct star *s, struct netns_figures *fig)
{
	int64_t t;

	s->w = bench_world();
	for (int rep = 0; rep < NETNS_REPS; rep++) {
		t = bench_now();
		for (unsigned i = 0; i < SERIAL; i++) {
			s->leaf[0] = star_idle(s->w, i);
			star_remove(s, 1, NULL);
		}
		best(fig, NETNS_SERIALLY, SERIAL, bench_now() - t);
	}
	vnetsim_destroy(s->w);
}

static void
our_torn(struct star *s, unsigned n, struct netns_figures *fig)
{
	int64_t t;

	for (int rep = 0; rep < NETNS_REPS; rep++) {
		star_make(s, n);
		t = bench_now();
		star_remove(s, n, star_ends_of_file);
		best(fig, NETNS_TORN, n, bench_now() - t);
		vnetsim_destroy(s->w);
	}
}

/* Both rows of a figure. */
static void
rows(struct bench *b, const struct netns_figures *theirs,
    const struct netns_figures *ours, enum netns_figure what, const char *name,
    double target)
{
	const char *unit = what == NETNS_MEMORY ? "B" : "/s";
	double x = theirs->f[what], y = ours->f[what];
	char text[64], note[96];

	snprintf(text, sizeof(text), "%s, Linux", name);
	if (x > 0)
		bench_add(b, text, x, unit, 0, true, NULL);
	else
		bench_none(b, text, unit, theirs->why);
	snprintf(text, sizeof(text), "%s, vnetsim", name);
	if (y <= 0) {
		bench_none(b, text, unit, "this host does not tell its RSS");
		return;
	}
	snprintf(note, sizeof(note), "%.3g x Linux", y / x);
	bench_add(b, text, y, unit, x * target, what != NETNS_MEMORY,
	    x > 0 ? note : NULL);
}

void
bench_netns(struct bench *b)
{
	unsigned n = b->quick ? 50 : NETNS_MAX;
	struct netns_figures theirs, ours = { .why = "" };
	static struct star s;
	char name[48];

	netns_linux(n, &theirs);
	our_many(&s, n, &ours);
	our_serially(&s, &ours);
	our_torn(&s, n, &ours);
	snprintf(name, sizeof(name), "%u idle come and go", n);
	rows(b, &theirs, &ours, NETNS_MANY, name, 8);
	rows(b, &theirs, &ours, NETNS_SERIALLY, "one comes and goes", 500);
	rows(b, &theirs, &ours, NETNS_MEMORY, "memory of an idle one", 0.3);
	snprintf(name, sizeof(name), "%u connected ones torn down", n);
	rows(b, &theirs, &ours, NETNS_TORN, name, 10);
}
