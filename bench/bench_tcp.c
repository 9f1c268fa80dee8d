/*
 * bench_tcp.c - what TCP does in a second of wall clock.
 *
 * Two vnets, one wire of 5 us; segments of 1448 bytes or less, each crosses
 * the wire as a frame of its own and every oracle, the wire monitor included,
 * looks at it.  Rows:
 *
 *	bulk		one connection, 64 KiB a send; once more with a listener
 *			on the wire that reads every byte (as a capture does)
 *	short		connect, one byte there and back, close; MSL is 1 ms, so
 *			that a few hundred TIME_WAITs stand beside; once more
 *			with 10,000 idle connections
 *	ping-pong	one byte there and back on an open connection
 *
 * Bulk and ping-pong once more beside 10,000 idle connections.
 *
 * Targets are the figures of lwIP (reference/bench.md, one stack, no links, no
 * oracles).
 */
#include <stdio.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include "bench/bench.h"

#define CHUNK      65536
#define IDLE_SHARE 0.8 /* of the rate without others */

struct pair {
	struct vnetsim *w;
	vnetsim_handle jail[2], proc[2];
	int lfd;
	uint16_t port;
	vnetsim_handle snd, rcv; /* bulk: blocked calls */
};

static const uint32_t addrs[2] = { 0x0a000001, 0x0a000002 };

/* Nothing is to be waited for: run until this operation is complete. */
static struct vnetsim_result
finish(struct vnetsim *w, vnetsim_handle op, const char *what)
{
	struct vnetsim_result res, other;

	while (vnetsim_op_poll(w, op, &res) == VE_INPROGRESS)
		if (!vnetsim_step(w, VNETSIM_FOREVER))
			bench_must(VE_BUSY, what);
	bench_must(res.error, what);
	while (vnetsim_op_next(w, &other))
		continue;
	return (res);
}

static void
settle(struct vnetsim *w, vnetsim_handle op, const char *what)
{
	(void)finish(w, op, what);
	vnetsim_op_release(w, op);
}

static void
pair_side(struct pair *p, int i)
{
	struct vnetsim_jail_params jp = { .vnet = true, .persist = true };
	const char *name = i == 0 ? "a" : "b";
	const char *ifname = i == 0 ? "epair0a" : "epair0b";
	struct vnetsim *w = p->w;
	vnetsim_handle op;

	jp.name = name;
	bench_must(vnetsim_jail_create(w, &jp, &p->jail[i]), "jail");
	bench_must(vnetsim_if_vnet(w, vnetsim_jail_find(w, "0", false), ifname,
		       p->jail[i], &op),
	    "vnet");
	settle(w, op, "vnet");
	bench_must(
	    vnetsim_if_inet(w, p->jail[i], ifname, addrs[i], 24, true), "inet");
	bench_must(vnetsim_if_up(w, p->jail[i], ifname, true), "up");
	bench_must(
	    vnetsim_sysctl_set(w, p->jail[i], "net.inet.tcp.msl", 1), "msl");
	bench_must(vnetsim_proc_create(w, p->jail[i], "p", &p->proc[i]), "p");
}

static void
pair_listen(struct pair *p, uint16_t port)
{
	struct vnetsim_addr any = { 0, port };
	vnetsim_handle proc = p->proc[1];

	p->port = port;
	bench_must(vnetsim_socket(p->w, proc, VNETSIM_TCP, &p->lfd), "socket");
	bench_must(vnetsim_bind(p->w, proc, p->lfd, &any), "bind");
	bench_must(vnetsim_listen(p->w, proc, p->lfd, 128), "listen");
}

static void
pair_make(struct pair *p)
{
	struct vnetsim_link_params lp = { .delay = 5000, .queue = 10000 };
	char ifname[VNETSIM_IFNAMSIZ] = "epair0";
	struct vnetsim *w = bench_world();
	int end;

	p->w = w;
	bench_must(
	    vnetsim_if_create(w, vnetsim_jail_find(w, "0", false), ifname),
	    "epair");
	pair_side(p, 0);
	pair_side(p, 1);
	bench_must(
	    vnetsim_link_set(w, vnetsim_link_find(w, "epair0", &end), -1, &lp),
	    "link");
	pair_listen(p, 80);
}

/* A connection from side 0 to side 1. */
static void
pair_connect(struct pair *p, int fd[2])
{
	struct vnetsim_addr to = { addrs[1], p->port };
	vnetsim_handle con, acc;
	int error;

	bench_must(vnetsim_socket(p->w, p->proc[0], VNETSIM_TCP, &fd[0]), "s");
	error = vnetsim_accept(p->w, p->proc[1], p->lfd, 0, &fd[1], &acc);
	if (error != VE_INPROGRESS)
		bench_must(VE_BUSY, "accept");
	error = vnetsim_connect(p->w, p->proc[0], fd[0], &to, 0, &con);
	if (error != VE_INPROGRESS)
		bench_must(VE_BUSY, "connect");
	settle(p->w, con, "connect");
	fd[1] = (int)finish(p->w, acc, "accept").value;
	vnetsim_op_release(p->w, acc);
}

/* One byte from side @from to the other. */
static void
one_byte(struct pair *p, const int fd[2], int from)
{
	vnetsim_handle rcv, snd;
	size_t done;
	int error;

	error =
	    vnetsim_recv(p->w, p->proc[!from], fd[!from], 1, false, 0, &rcv);
	if (error != VE_INPROGRESS)
		bench_must(VE_BUSY, "recv");
	bench_must(vnetsim_send(p->w, p->proc[from], fd[from], "x", 1, NULL, 0,
		       &done, &snd),
	    "send");
	settle(p->w, rcv, "recv");
}

static void
pair_close(struct pair *p, const int fd[2])
{
	vnetsim_handle op;

	for (int i = 0; i < 2; i++)
		bench_must(
		    vnetsim_close(p->w, p->proc[i], fd[i], &op), "close");
}

/* What a capture has to do with each frame: see all of its bytes. */
static void
listener(void *ctx, const struct vnetsim_wire_event *ev)
{
	uint64_t *sum = ctx;

	for (uint32_t i = 0; i < ev->we_len; i += 64)
		*sum += ev->we_bytes[i];
}

/* Bytes of the pattern until @total have arrived.  Return: wall ns. */
static int64_t
bulk(struct pair *p, const int fd[2], uint64_t total)
{
	struct vnetsim_result res;
	uint64_t got = 0;
	int64_t t = bench_now();
	size_t done;
	int error;

	while (got < total) {
		while (p->snd == 0) {
			error = vnetsim_send(p->w, p->proc[0], fd[0], NULL,
			    CHUNK, NULL, 0, &done, &p->snd);
			if (error != 0 && error != VE_INPROGRESS)
				bench_must(error, "send");
		}
		if (p->rcv == 0) {
			error = vnetsim_recv(
			    p->w, p->proc[1], fd[1], CHUNK, true, 0, &p->rcv);
			if (error != 0 && error != VE_INPROGRESS)
				bench_must(error, "recv");
		}
		(void)vnetsim_run(p->w, VNETSIM_FOREVER);
		while (vnetsim_op_next(p->w, &res)) {
			bench_must(res.error, res.what);
			if (res.op == p->rcv) {
				got += (uint64_t)res.value;
				p->rcv = 0;
			} else if (res.op == p->snd)
				p->snd = 0;
			vnetsim_op_release(p->w, res.op);
		}
	}
	return (bench_now() - t);
}

/* Idle connections, spread over processes: descriptors are limited. */
static void
bench_idle(struct pair *p, unsigned n)
{
	struct pair q = *p;
	int fd[2];

	for (unsigned i = 0; i < n; i++) {
		if (i % 100 == 0) {
			for (int k = 0; k < 2; k++)
				bench_must(vnetsim_proc_create(p->w, p->jail[k],
					       "idle", &q.proc[k]),
				    "proc");
			pair_listen(&q, (uint16_t)(1000 + i / 100));
		}
		pair_connect(&q, fd);
	}
}

static double
bench_bulk(struct bench *b, bool tapped, unsigned idle, double atleast)
{
	uint64_t total = b->quick ? 4u << 20 : 256u << 20, sum = 0;
	int64_t t, best = INT64_MAX;
	struct pair p = { 0 };
	char name[64];
	double rate;
	int fd[2];

	pair_make(&p);
	bench_idle(&p, idle);
	pair_connect(&p, fd);
	for (int i = 0; i < 2; i++) {
		bench_must(vnetsim_setsockopt(p.w, p.proc[i], fd[i],
			       i == 0 ? VNETSIM_SO_SNDBUF : VNETSIM_SO_RCVBUF,
			       1 << 18),
		    "buffer");
	}
	if (tapped)
		vnetsim_set_wire(p.w, listener, &sum);
	for (int rep = 0; rep < 3; rep++) {
		t = bulk(&p, fd, total);
		best = t < best ? t : best;
	}
	rate = (double)total * 1e3 / (double)best;
	snprintf(name, sizeof(name), "TCP bulk, %s%u idle",
	    tapped ? "tapped, " : "", idle);
	bench_add(b, name, rate, "MB/s", atleast, true, NULL);
	vnetsim_destroy(p.w);
	return (rate);
}

static void
bench_short(struct bench *b, unsigned idle)
{
	unsigned n = b->quick ? 500 : 20000;
	int64_t t, best = INT64_MAX;
	struct pair p = { 0 };
	char name[64];
	int fd[2];

	pair_make(&p);
	bench_idle(&p, idle);
	for (int rep = 0; rep < 3; rep++) {
		t = bench_now();
		for (unsigned i = 0; i < n; i++) {
			pair_connect(&p, fd);
			one_byte(&p, fd, 0);
			one_byte(&p, fd, 1);
			pair_close(&p, fd);
		}
		t = bench_now() - t;
		best = t < best ? t : best;
	}
	snprintf(name, sizeof(name), "TCP short connections, %u idle", idle);
	bench_add(
	    b, name, (double)n * 1e9 / (double)best, "/s", 165000, true, NULL);
	vnetsim_destroy(p.w);
}

static double
bench_pingpong(struct bench *b, unsigned idle, double atleast)
{
	unsigned n = b->quick ? 1000 : 100000;
	int64_t t, best = INT64_MAX;
	struct pair p = { 0 };
	char name[64];
	double rate;
	int fd[2];

	pair_make(&p);
	bench_idle(&p, idle);
	pair_connect(&p, fd);
	for (int rep = 0; rep < 3; rep++) {
		t = bench_now();
		for (unsigned i = 0; i < n; i++) {
			one_byte(&p, fd, 0);
			one_byte(&p, fd, 1);
		}
		t = bench_now() - t;
		best = t < best ? t : best;
	}
	rate = (double)n * 1e9 / (double)best;
	snprintf(
	    name, sizeof(name), "TCP ping-pong, round trips, %u idle", idle);
	bench_add(b, name, rate, "/s", atleast, true, NULL);
	vnetsim_destroy(p.w);
	return (rate);
}

void
bench_tcp(struct bench *b)
{
	unsigned idle = b->quick ? 100 : 10000;
	double rate;

	rate = bench_bulk(b, false, 0, 960);
	(void)bench_bulk(b, false, idle, IDLE_SHARE * rate);
	(void)bench_bulk(b, true, 0, 0);
	rate = bench_pingpong(b, 0, 0);
	(void)bench_pingpong(b, idle, IDLE_SHARE * rate);
	bench_short(b, 0);
	bench_short(b, idle);
}
