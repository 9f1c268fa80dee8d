/*
 * bench_star.c - many vnets, idle or at a hub, and the end of them all.
 *
 * An idle one has lo0 up.  A star is a hub and leaves, each with a wire, an
 * address and a TCP connection to the hub; when all leaves end, each end at
 * the hub reads its end of file and is closed.
 */
#include <stdio.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include "bench/bench_star.h"

#define NET 0x0a000000u /* as Linux's part of bench_netns has it */

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

void
star_remove(
    struct star *s, unsigned n, void (*meanwhile)(struct star *s, unsigned n))
{
	static vnetsim_handle op[STAR_MAX];
	struct vnetsim *w = s->w;

	for (unsigned i = 0; i < n; i++)
		bench_must(
		    vnetsim_jail_remove(w, s->leaf[i], &op[i]), "jail -r");
	if (meanwhile != NULL)
		meanwhile(s, n);
	for (unsigned i = 0; i < n; i++)
		(void)finish(w, op[i]);
	drain(w);
}

vnetsim_handle
star_idle(struct vnetsim *w, unsigned n)
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

/* A leaf with its own wire to the hub. */
static void
wire(struct star *s, unsigned i)
{
	char near[VNETSIM_IFNAMSIZ], far[VNETSIM_IFNAMSIZ];
	struct vnetsim *w = s->w;
	vnetsim_handle hub = s->hub[i / STAR_HUB], op;

	s->leaf[i] = star_idle(w, i);
	/* units of the hub: all the other halves meet there */
	snprintf(near, sizeof(near), "epair%u", i % STAR_HUB);
	bench_must(vnetsim_if_create(w, s->leaf[i], near), "epair");
	snprintf(far, sizeof(far), "epair%ub", i % STAR_HUB);
	bench_must(vnetsim_if_vnet(w, s->leaf[i], far, hub, &op), "vnet");
	(void)finish(w, op);
	bench_must(
	    vnetsim_if_inet(w, s->leaf[i], near, NET + 4 * i + 1, 30, true),
	    "inet");
	bench_must(vnetsim_if_up(w, s->leaf[i], near, true), "up");
	bench_must(vnetsim_if_inet(w, hub, far, NET + 4 * i + 2, 30, true),
	    "hub inet");
	bench_must(vnetsim_if_up(w, hub, far, true), "hub up");
}

/* From leaf @i to the listener @lfd of a process of the hub. */
static void
join(struct star *s, unsigned i, int lfd)
{
	struct vnetsim_addr to = { NET + 4 * i + 2,
		(uint16_t)(1000 + i / STAR_HUBPROCS) };
	vnetsim_handle proc, con = 0, acc = 0;
	int fd;

	bench_must(vnetsim_proc_create(s->w, s->leaf[i], "p", &proc), "proc");
	bench_must(vnetsim_socket(s->w, proc, VNETSIM_TCP, &fd), "socket");
	if (vnetsim_accept(s->w, s->proc[i / STAR_HUBPROCS], lfd, 0, &s->fd[i],
		&acc) != VE_INPROGRESS ||
	    vnetsim_connect(s->w, proc, fd, &to, 0, &con) != VE_INPROGRESS)
		bench_must(VE_BUSY, "accept, connect");
	(void)finish(s->w, con);
	s->fd[i] = (int)finish(s->w, acc).value;
	drain(s->w);
}

void
star_make(struct star *s, unsigned n)
{
	struct vnetsim_addr any = { 0, 0 };
	vnetsim_handle proc;
	int lfd = -1;

	s->w = bench_world();
	for (unsigned i = 0; i < n; i++) {
		if (i % STAR_HUB == 0)
			s->hub[i / STAR_HUB] = star_idle(s->w, n + i);
		wire(s, i);
	}
	for (unsigned i = 0; i < n; i++) {
		if (i % STAR_HUBPROCS == 0) {
			bench_must(vnetsim_proc_create(s->w,
				       s->hub[i / STAR_HUB], "hub", &proc),
			    "proc");
			s->proc[i / STAR_HUBPROCS] = proc;
			any.port = (uint16_t)(1000 + i / STAR_HUBPROCS);
			bench_must(
			    vnetsim_socket(s->w, proc, VNETSIM_TCP, &lfd), "s");
			bench_must(vnetsim_bind(s->w, proc, lfd, &any), "bind");
			bench_must(
			    vnetsim_listen(s->w, proc, lfd, 128), "listen");
		}
		join(s, i, lfd);
	}
}

void
star_ends_of_file(struct star *s, unsigned n)
{
	vnetsim_handle proc, op;

	for (unsigned i = 0; i < n; i++) {
		proc = s->proc[i / STAR_HUBPROCS];
		(void)vnetsim_recv(s->w, proc, s->fd[i], 1, false, 0, &op);
		if (finish(s->w, op).datalen != 0)
			bench_must(VE_IO, "no end of file at the hub");
		bench_must(vnetsim_close(s->w, proc, s->fd[i], &op), "close");
	}
}
