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
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>

#include "bench/bench_netns.h"

#define SERIAL   1000
#define NET      0x0a000000u /* as Linux's part has it */
#define HUBPROCS 100         /* connections of a process of the hub */

struct star {
	struct vnetsim *w;
	vnetsim_handle hub, leaf[NETNS_MAX], proc[NETNS_MAX / HUBPROCS + 1];
	int fd[NETNS_MAX];
};

static void
best(struct netns_figures *fig, enum netns_figure what, double n, int64_t ns)
{
	double rate = n * 1e9 / (double)ns;

	if (rate > fig->f[what])
		fig->f[what] = rate;
}

/* Until an operation has completed. */
static struct vnetsim_result
finish(struct vnetsim *w, vnetsim_handle op)
{
	struct vnetsim_result res;

	while (vnetsim_op_poll(w, op, &res) == VE_INPROGRESS)
		if (!vnetsim_step(w, VNETSIM_FOREVER))
			bench_must(VE_BUSY, "it does not end");
	bench_must(res.error, res.what);
	return (res);
}

static void
drain(struct vnetsim *w)
{
	struct vnetsim_result res;

	while (vnetsim_op_next(w, &res))
		vnetsim_op_release(w, res.op);
}

/* They all end at once; until they are gone. */
static void
remove_all(struct vnetsim *w, const vnetsim_handle *jail, unsigned n,
    void (*meanwhile)(struct star *s, unsigned n), struct star *s)
{
	static vnetsim_handle op[NETNS_MAX];

	for (unsigned i = 0; i < n; i++)
		bench_must(vnetsim_jail_remove(w, jail[i], &op[i]), "jail -r");
	if (meanwhile != NULL)
		meanwhile(s, n);
	for (unsigned i = 0; i < n; i++)
		(void)finish(w, op[i]);
	drain(w);
}

static vnetsim_handle
idle_vnet(struct vnetsim *w, unsigned n)
{
	struct vnetsim_jail_params jp = { .vnet = true, .persist = true };
	vnetsim_handle jail;
	char name[32];

	snprintf(name, sizeof(name), "v%u", n);
	jp.name = name;
	bench_must(vnetsim_jail_create(w, &jp, &jail), "jail");
	bench_must(
	    vnetsim_if_inet(w, jail, "lo0", 0x7f000001, 8, true), "lo0 inet");
	bench_must(vnetsim_if_up(w, jail, "lo0", true), "lo0 up");
	return (jail);
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
		s->leaf[0] = idle_vnet(s->w, n);
		remove_all(s->w, s->leaf, 1, NULL, s);
		memory[rep] = -(double)bench_rss();
		t = bench_now();
		for (unsigned i = 0; i < n; i++)
			s->leaf[i] = idle_vnet(s->w, i);
		memory[rep] += (double)bench_rss();
		remove_all(s->w, s->leaf, n, NULL, s);
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
			s->leaf[0] = idle_vnet(s->w, i);
			remove_all(s->w, s->leaf, 1, NULL, s);
		}
		best(fig, NETNS_SERIALLY, SERIAL, bench_now() - t);
	}
	vnetsim_destroy(s->w);
}

/* A leaf with its own wire to the hub. */
static void
wire(struct star *s, unsigned i)
{
	char near[VNETSIM_IFNAMSIZ], far[VNETSIM_IFNAMSIZ];
	struct vnetsim *w = s->w;
	vnetsim_handle op;

	s->leaf[i] = idle_vnet(w, i);
	/* units of the hub: all the other halves meet there */
	snprintf(near, sizeof(near), "epair%u", i);
	bench_must(vnetsim_if_create(w, s->leaf[i], near), "epair");
	snprintf(far, sizeof(far), "epair%ub", i);
	bench_must(vnetsim_if_vnet(w, s->leaf[i], far, s->hub, &op), "vnet");
	(void)finish(w, op);
	bench_must(
	    vnetsim_if_inet(w, s->leaf[i], near, NET + 4 * i + 1, 30, true),
	    "inet");
	bench_must(vnetsim_if_up(w, s->leaf[i], near, true), "up");
	bench_must(vnetsim_if_inet(w, s->hub, far, NET + 4 * i + 2, 30, true),
	    "hub inet");
	bench_must(vnetsim_if_up(w, s->hub, far, true), "hub up");
}

/* From leaf @i to the listener @lfd of a process of the hub. */
static void
join(struct star *s, unsigned i, int lfd)
{
	struct vnetsim_addr to = { NET + 4 * i + 2,
		(uint16_t)(1000 + i / HUBPROCS) };
	vnetsim_handle proc, con = 0, acc = 0;
	int fd;

	bench_must(vnetsim_proc_create(s->w, s->leaf[i], "p", &proc), "proc");
	bench_must(vnetsim_socket(s->w, proc, VNETSIM_TCP, &fd), "socket");
	if (vnetsim_accept(s->w, s->proc[i / HUBPROCS], lfd, 0, &s->fd[i],
		&acc) != VE_INPROGRESS ||
	    vnetsim_connect(s->w, proc, fd, &to, 0, &con) != VE_INPROGRESS)
		bench_must(VE_BUSY, "accept, connect");
	(void)finish(s->w, con);
	s->fd[i] = (int)finish(s->w, acc).value;
	drain(s->w);
}

static void
star(struct star *s, unsigned n)
{
	struct vnetsim_addr any = { 0, 0 };
	vnetsim_handle proc;
	int lfd = -1;

	s->w = bench_world();
	s->hub = idle_vnet(s->w, n);
	for (unsigned i = 0; i < n; i++)
		wire(s, i);
	for (unsigned i = 0; i < n; i++) {
		if (i % HUBPROCS == 0) {
			bench_must(
			    vnetsim_proc_create(s->w, s->hub, "hub", &proc),
			    "proc");
			s->proc[i / HUBPROCS] = proc;
			any.port = (uint16_t)(1000 + i / HUBPROCS);
			bench_must(
			    vnetsim_socket(s->w, proc, VNETSIM_TCP, &lfd), "s");
			bench_must(vnetsim_bind(s->w, proc, lfd, &any), "bind");
			bench_must(
			    vnetsim_listen(s->w, proc, lfd, 128), "listen");
		}
		join(s, i, lfd);
	}
}

/* The hub's ends: end of file, close.  The leaves' FINs are on their way. */
static void
ends_of_file(struct star *s, unsigned n)
{
	vnetsim_handle proc, op;

	for (unsigned i = 0; i < n; i++) {
		proc = s->proc[i / HUBPROCS];
		(void)vnetsim_recv(s->w, proc, s->fd[i], 1, false, 0, &op);
		if (finish(s->w, op).datalen != 0)
			bench_must(VE_IO, "no end of file at the hub");
		bench_must(vnetsim_close(s->w, proc, s->fd[i], &op), "close");
	}
}

static void
our_torn(struct star *s, unsigned n, struct netns_figures *fig)
{
	int64_t t;

	for (int rep = 0; rep < NETNS_REPS; rep++) {
		star(s, n);
		t = bench_now();
		remove_all(s->w, s->leaf, n, ends_of_file, s);
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
