/*
 * bench_netns.h - what is measured of namespaces and of vnets alike.
 *
 * Larger is better but for memory.
 */
#ifndef BENCH_BENCH_NETNS_H
#define BENCH_BENCH_NETNS_H

#include "bench/bench.h"

#define NETNS_REPS 3
#define NETNS_MAX  1000

enum netns_figure {
	NETNS_MANY,     /* idle ones made, then all ended, per second */
	NETNS_SERIALLY, /* one at a time, per second */
	NETNS_MEMORY,   /* bytes of an idle one */
	NETNS_TORN,     /* ended with a connection to a hub, per second */
	NETNS_NFIGURES
};

struct netns_figures {
	double f[NETNS_NFIGURES]; /* 0: not measured, @why says it */
	char why[96];
};

/* Measure @n (at most NETNS_MAX) namespaces, in a process of its own. */
void netns_linux(unsigned n, struct netns_figures *fig);
double netns_median(double v[NETNS_REPS]);

#endif /* !BENCH_BENCH_NETNS_H */
