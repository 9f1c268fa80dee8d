/*
 * bench.h - rows of the benchmark: a name, a figure, a target.
 *
 * A row measures itself several times and keeps the best (the machine's noise
 * only adds).  The table goes to stdout, the same as JSON to a file.  Speed is
 * measured here and never in a test.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/vnetsim.h>

#define BENCH_MAXROWS 64

struct bench_row {
	char name[64];
	double value;
	const char *unit;
	double target; /* 0: none; the value should not exceed it ... */
	bool atleast;  /* ... or, if set, not be below it */
	char note[96];
	bool none; /* not measured, the note says why */
};

struct bench {
	struct bench_row row[BENCH_MAXROWS];
	unsigned nrows;
	bool quick; /* smaller sizes: does it still run? */
};

/* Monotonic wall clock, ns. */
int64_t bench_now(void);
/* VmRSS + VmPTE of this process in bytes; 0: the host does not tell. */
uint64_t bench_rss(void);
/* Mappings of this process; 0: the host does not tell. */
unsigned bench_mappings(void);
void bench_add(struct bench *b, const char *name, double value,
    const char *unit, double target, bool atleast, const char *note);
/* A row without a figure. */
void bench_none(
    struct bench *b, const char *name, const char *unit, const char *reason);
/* A world of its own; ends the program with a message if it cannot be had. */
struct vnetsim *bench_world(void);
void bench_must(int error, const char *what);

void bench_vnets(struct bench *b);
void bench_timers(struct bench *b);
void bench_save(struct bench *b);
void bench_e1(struct bench *b);
void bench_tcp(struct bench *b);
void bench_scale(struct bench *b);
void bench_netns(struct bench *b);

#endif /* !BENCH_BENCH_H */
