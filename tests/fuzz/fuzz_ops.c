/*
 * fuzz_ops.c - any sequence of operations: create, traffic, move, destroy.
 *
 *	bytes 0-7   seed, which allocation fails, close policy, switches
 *	then        operations: number, arguments
 *
 * Jails, interfaces of all kinds, routes, filters, sockets, links that lose;
 * everything is drawn from small sets, so that operations meet each other.
 * Errors are fine: a call that is refused must have done nothing, and all
 * oracles look at the end.  Operation 0 makes two connected jails, so that
 * traffic need not be found by luck.
 *
 * A peer without a goodbye ("wire/stuck") is deserved where memory was short or
 * the program itself may have taken away the path to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/tfuzz_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fo_jail_create(struct fo *o)
{
	unsigned n = 1 + N(o, JAILS - 1), how = N(o, 8);
	struct vnetsim_jail_info ji;
	char name[96];
	struct vnetsim_jail_params jp = {
		.name = name,
		.vnet = (how & 1) == 0,
		.persist = (how & 2) == 0,
		.children_max = 4,
	};

	(void)snprintf(name, sizeof(name), "j%u", n);
	/* in another one */
	if ((how & 4) != 0 &&
	    vnetsim_jail_info(o->w, o->jail[1 + (n & 1)], &ji) == 0)
		(void)snprintf(name, sizeof(name), "%.64s.j%u", ji.name, n);
	if (vnetsim_jail_create(o->w, &jp, &o->jail[n]) == 0)
		(void)vnetsim_proc_create(o->w, o->jail[n], "p", &o->proc[n]);
}

static void
fo_jail_remove(struct fo *o)
{
	vnetsim_handle op = 0, jail = o->jail[1 + N(o, JAILS - 1)];
	unsigned how = N(o, 4);

	if (how == 0)
		(void)vnetsim_destroy_vnet(o->w, jail, &op);
	else
		(void)vnetsim_jail_remove(o->w, jail, &op);
	if (how == 1)
		(void)tf_await(o->w, op, 10 * TF_S);
	else
		fo_forget(o, op);
}

static void
fo_proc(struct fo *o)
{
	unsigned n = N(o, JAILS);

	if (N(o, 2) != 0)
		(void)vnetsim_proc_kill(o->w, o->proc[n]);
	else
		(void)vnetsim_proc_create(o->w, o->jail[n], "q", &o->proc[n]);
}

static void
fo_keep(struct fo *o, unsigned proc, int fd)
{
	o->sock[o->socks % SOCKS].proc = proc;
	o->sock[o->socks++ % SOCKS].fd = fd;
}

static void
fo_socket(struct fo *o)
{
	unsigned proc = N(o, JAILS), how = N(o, 8);
	struct vnetsim_addr a = { 0, (uint16_t)(80 + (how >> 2)) };
	int fd, type = (how & 2) != 0 ? VNETSIM_UDP : VNETSIM_TCP;

	if (vnetsim_socket(o->w, o->proc[proc], type, &fd) != 0)
		return;
	fo_keep(o, proc, fd);
	if ((how & 1) != 0)
		return;
	(void)vnetsim_bind(o->w, o->proc[proc], fd, &a);
	if (type == VNETSIM_TCP)
		(void)vnetsim_listen(o->w, o->proc[proc], fd, (int)N(o, 4));
}

static void
fo_connect(struct fo *o, vnetsim_handle proc, int fd, unsigned how)
{
	struct vnetsim_addr to = { fo_addr(o), (uint16_t)(80 + (how & 1)) };
	vnetsim_handle op = 0;

	(void)vnetsim_connect(
	    o->w, proc, fd, &to, (how & 2) != 0 ? VNETSIM_NONBLOCK : 0, &op);
	fo_forget(o, op);
}

static void
fo_sockcall(struct fo *o)
{
	unsigned n = N(o, SOCKS), what = N(o, 16), how = N(o, 256);
	vnetsim_handle proc = o->proc[o->sock[n].proc], op = 0;
	int fd = o->sock[n].fd, other;
	struct vnetsim_addr to;
	unsigned arg;
	size_t done;

	switch (what) {
	case 0:
	case 1:
		fo_connect(o, proc, fd, how);
		return;
	case 2:
	case 3:
		if (vnetsim_accept(o->w, proc, fd, how & 1, &other, &op) == 0 &&
		    op == 0)
			fo_keep(o, o->sock[n].proc, other);
		break;
	case 4:
	case 5:
		(void)vnetsim_send(o->w, proc, fd, NULL, tf_16(&o->in), NULL,
		    how & 1, &done, &op);
		break;
	case 6:
		to = (struct vnetsim_addr){ fo_addr(o), 80 };
		(void)vnetsim_send(
		    o->w, proc, fd, NULL, how * 10, &to, 1, &done, &op);
		break;
	case 7:
	case 8:
		(void)vnetsim_recv(
		    o->w, proc, fd, 1 + how * 200, false, how & 1, &op);
		break;
	case 9:
		(void)vnetsim_shutdown(o->w, proc, fd, (int)(how % 3));
		break;
	case 10:
	case 11:
		(void)vnetsim_close(o->w, proc, fd, &op);
		break;
	case 12:
		arg = N(o, JAILS);
		if (vnetsim_fdpass(o->w, proc, fd, o->proc[arg], &other) == 0)
			fo_keep(o, arg, other);
		break;
	case 13:
		(void)vnetsim_setsockopt(
		    o->w, proc, fd, VNETSIM_SO_LINGER, (how & 3) * TF_S);
		break;
	default:
		(void)vnetsim_setsockopt(
		    o->w, proc, fd, (int)(how % 32), (int64_t)1 << N(o, 20));
		break;
	}
	fo_forget(o, op);
}

/* Two jails on a wire of their own, a listener, a connection, some bytes. */
static void
fo_pair(struct fo *o)
{
	unsigned n = 1 + 2 * N(o, 2), how = N(o, 4);
	struct vnetsim_jail_params jp = { .vnet = true, .persist = true };
	char name[VNETSIM_IFNAMSIZ] = "epair", jname[8] = "j0";
	struct vnetsim_addr port = { 0, 80 },
			    to = { 0x0a000001 + (n << 8), 80 };
	vnetsim_handle op = 0;
	size_t done, end;
	int fd[3] = { -1, -1, -1 };

	if (vnetsim_if_create(o->w, o->jail[0], name) != 0)
		return;
	end = strlen(name) - 1;
	for (unsigned i = 0; i < 2; i++) {
		jname[1] = (char)('0' + n + i);
		jp.name = jname;
		name[end] = (char)('a' + i);
		(void)vnetsim_jail_create(o->w, &jp, &o->jail[n + i]);
		(void)vnetsim_proc_create(
		    o->w, o->jail[n + i], "p", &o->proc[n + i]);
		(void)vnetsim_if_vnet(
		    o->w, o->jail[0], name, o->jail[n + i], NULL);
		tf_run(o->w, TF_MS, 1000);
		(void)vnetsim_if_inet(o->w, o->jail[n + i], name,
		    0x0a000001 + (n << 8) + i, 24, true);
		(void)vnetsim_if_up(o->w, o->jail[n + i], name, true);
	}
	if (vnetsim_socket(o->w, o->proc[n], VNETSIM_TCP, &fd[0]) != 0 ||
	    vnetsim_bind(o->w, o->proc[n], fd[0], &port) != 0 ||
	    vnetsim_listen(o->w, o->proc[n], fd[0], 2) != 0 ||
	    vnetsim_socket(o->w, o->proc[n + 1], VNETSIM_TCP, &fd[1]) != 0)
		return;
	fo_keep(o, n, fd[0]);
	fo_keep(o, n + 1, fd[1]);
	(void)vnetsim_connect(
	    o->w, o->proc[n + 1], fd[1], &to, VNETSIM_NONBLOCK, &op);
	fo_forget(o, op);
	tf_run(o->w, 10 * TF_MS, 200);
	op = 0;
	if (vnetsim_accept(
		o->w, o->proc[n], fd[0], VNETSIM_NONBLOCK, &fd[2], &op) == 0)
		fo_keep(o, n, fd[2]);
	if ((how & 1) != 0)
		(void)vnetsim_send(o->w, o->proc[n + 1], fd[1], NULL, 3000,
		    NULL, VNETSIM_NONBLOCK, &done, &op);
	if ((how & 2) != 0)
		tf_run(o->w, TF_MS, 50);
}

static void
fo_time(struct fo *o)
{
	tf_run(o->w, tf_time(&o->in, 1000 * TF_S), 20000);
}

static void
fo_events(struct fo *o)
{
	tf_run(o->w, TF_S, 1u + N(o, 32));
}

static const struct {
	const char *name;
	void (*run)(struct fo *o);
	bool cuts; /* may take away a path between two that talk */
} fo_ops[] = {
	{ "pair", fo_pair, false },
	{ "jail_create", fo_jail_create, false },
	{ "jail_remove", fo_jail_remove, false },
	{ "proc", fo_proc, false },
	{ "if_create", fo_if_create, false },
	{ "if_destroy", fo_if_destroy, true },
	{ "if_vnet", fo_if_vnet, true },
	{ "if_set", fo_if_set, true },
	{ "if_set", fo_if_set, true },
	{ "if_ioctl", fo_if_ioctl, true },
	{ "if_ioctl", fo_if_ioctl, true },
	{ "route", fo_route, true },
	{ "arp", fo_arp, true },
	{ "sysctl", fo_sysctl, true },
	{ "ping", fo_ping, false },
	{ "link", fo_link, true },
	{ "pf", fo_pf, true },
	{ "socket", fo_socket, false },
	{ "sockcall", fo_sockcall, false },
	{ "sockcall", fo_sockcall, false },
	{ "sockcall", fo_sockcall, false },
	{ "sockcall", fo_sockcall, false },
	{ "time", fo_time, false },
	{ "time", fo_time, false },
	{ "events", fo_events, false },
	{ "events", fo_events, false },
};

/* To see what happens: VNETSIM_OPS=1. */
static void
fo_next(struct fo *o)
{
	unsigned n = N(o, sizeof(fo_ops) / sizeof(fo_ops[0]));
	const uint8_t *args = o->in.p;

	o->no_path |= fo_ops[n].cuts;
	fo_ops[n].run(o);
	if (getenv("VNETSIM_OPS") == NULL)
		return;
	(void)fprintf(
	    stderr, "%16lld %s", (long long)vnetsim_now(o->w), fo_ops[n].name);
	for (; args < o->in.p; args++)
		(void)fprintf(stderr, " %u", *args);
	(void)fputc('\n', stderr);
}

static bool
fo_deserved(void *ctx, const struct vnetsim_finding *f)
{
	const struct fo *o = ctx;

	return ((o->short_of_memory || o->no_path) &&
		strcmp(f->oracle, "wire") == 0 &&
		strcmp(f->kind, "stuck") == 0);
}

/* One world for all inputs, made anew for each.  NULL: an allocation of its
 * start failed. */
static struct vnetsim *
fo_world(const struct vnetsim_config *cfg)
{
	static struct vnetsim *w;

	if (w == NULL)
		return (w = vnetsim_create(NULL, cfg, NULL));
	return (vnetsim_reset(w, cfg) == 0 ? w : NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fo o = { .in = { data, size } };
	struct vnetsim_config cfg = { .size = 64u << 20, .checking = true };
	struct vnetsim_close_policy cp = { .grace = 0 };
	uint8_t how;

	if (size > 2048)
		return (0);
	cfg.seed = tf_16(&o.in);
	cfg.fail_alloc = tf_16(&o.in);
	how = tf_8(&o.in);
	cfg.fail_sticky = (how & 1) != 0;
	cfg.shuffle = (how & 2) != 0;
	cfg.ties = (how & 4) != 0;
	if ((how & 8) == 0)
		cfg.fail_alloc = 0;
	cp.policy = (enum vnetsim_close)((how >> 4) % 3);
	cp.grace = tf_time(&o.in, 100 * TF_S);
	o.short_of_memory = cfg.fail_alloc != 0;
	o.w = fo_world(&cfg);
	if (o.w == NULL)
		return (0);
	o.jail[0] = vnetsim_jail_next(o.w, 0);
	(void)vnetsim_proc_create(o.w, o.jail[0], "init", &o.proc[0]);
	TF_MUST(vnetsim_close_default(o.w, &cp) == 0);
	while (o.in.left > 0)
		fo_next(&o);
	tf_finish(o.w, fo_deserved, &o);
	return (0);
}
