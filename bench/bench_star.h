/*
 * bench_star.h - many vnets at once: for bench_netns.c and bench_scale.c.
 */
#ifndef BENCH_STAR_H
#define BENCH_STAR_H

#include <vnetsim/jail.h>
#include "bench/bench.h"

#define STAR_MAX      10000
#define STAR_HUB      1000 /* leaves of a hub: its interfaces have a limit */
#define STAR_HUBPROCS 100  /* connections of a process of a hub */

struct star {
	struct vnetsim *w;
	vnetsim_handle hub[STAR_MAX / STAR_HUB], leaf[STAR_MAX];
	vnetsim_handle proc[STAR_MAX / STAR_HUBPROCS + 1];
	int fd[STAR_MAX];
};

/* A vnet "v@n" with lo0 up. */
vnetsim_handle star_idle(struct vnetsim *w, unsigned n);
/* A world, hubs and @n leaves, connected. */
void star_make(struct star *s, unsigned n);
/* The first @n leaves end at once; until they are gone. */
void star_remove(
    struct star *s, unsigned n, void (*meanwhile)(struct star *s, unsigned n));
/* The hubs' ends: end of file, close.  The leaves' FINs are on their way. */
void star_ends_of_file(struct star *s, unsigned n);

#endif /* !BENCH_STAR_H */
