/*
 * bench_save.c - save and restore of the demonstration's world.
 *
 * Two jails, 20 established connections, data in flight on some of them: what
 * scenarios/teardown/peers-told.scn has at the moment of the kill.
 */
#include <stdio.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include "bench/bench.h"

#define PEERS 20

static void
settle(struct vnetsim *w, int64_t ns)
{
	struct vnetsim_result res;
	int64_t until = vnetsim_now(w) + ns;

	while (vnetsim_run(w, until))
		while (vnetsim_op_next(w, &res))
			vnetsim_op_release(w, res.op);
}

static vnetsim_handle
end(struct vnetsim *w, const char *name, const char *ifname, uint32_t addr)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle jail, proc, op;

	bench_must(vnetsim_jail_create(w, &jp, &jail), "jail");
	bench_must(vnetsim_if_vnet(
		       w, vnetsim_jail_find(w, "0", false), ifname, jail, &op),
	    "lend");
	settle(w, 1000000);
	bench_must(vnetsim_if_inet(w, jail, ifname, addr, 24, true), "inet");
	bench_must(vnetsim_if_up(w, jail, ifname, true), "up");
	bench_must(vnetsim_proc_create(w, jail, "p", &proc), "proc");
	return (proc);
}

static void
connections(struct vnetsim *w, vnetsim_handle hub, vnetsim_handle cli)
{
	struct vnetsim_addr a = { 0, 80 }, to = { 0x0a000001, 80 };
	vnetsim_handle op;
	size_t done;
	int srv, fd, acc;

	bench_must(vnetsim_socket(w, hub, VNETSIM_TCP, &srv), "socket");
	bench_must(vnetsim_bind(w, hub, srv, &a), "bind");
	bench_must(vnetsim_listen(w, hub, srv, PEERS), "listen");
	for (int i = 0; i < PEERS; i++) {
		bench_must(vnetsim_socket(w, cli, VNETSIM_TCP, &fd), "socket");
		(void)vnetsim_connect(w, cli, fd, &to, VNETSIM_NONBLOCK, &op);
		settle(w, 50000000);
		bench_must(
		    vnetsim_accept(w, hub, srv, VNETSIM_NONBLOCK, &acc, &op),
		    "accept");
		if (i % 2 == 1)
			bench_must(vnetsim_send(w, hub, acc, NULL, 20000, NULL,
				       VNETSIM_NONBLOCK, &done, &op),
			    "send");
	}
}

static struct vnetsim *
demo_world(void)
{
	struct vnetsim *w = bench_world();
	char ifname[VNETSIM_IFNAMSIZ] = "epair0";
	struct vnetsim_link_params lp = { .delay = 5000000 };
	vnetsim_handle host = vnetsim_jail_find(w, "0", false), hub, cli;
	int e;

	bench_must(vnetsim_if_create(w, host, ifname), "epair");
	hub = end(w, "hub", "epair0a", 0x0a000001);
	cli = end(w, "client", "epair0b", 0x0a000002);
	bench_must(
	    vnetsim_link_set(w, vnetsim_link_find(w, "epair0", &e), -1, &lp),
	    "link");
	connections(w, hub, cli);
	settle(w, 3000000);
	return (w);
}

void
bench_save(struct bench *b)
{
	struct vnetsim *w = demo_world();
	int64_t t, save = INT64_MAX, restore = INT64_MAX;
	struct vnetsim_save *s;

	for (int i = 0; i < (b->quick ? 20 : 500); i++) {
		t = bench_now();
		s = vnetsim_save(w);
		t = bench_now() - t;
		save = t < save ? t : save;
		if (s == NULL)
			bench_must(VE_NOMEM, "save");
		for (int k = 0; k < 50; k++)
			(void)vnetsim_step(w, VNETSIM_FOREVER);
		t = bench_now();
		vnetsim_restore(w, s);
		t = bench_now() - t;
		restore = t < restore ? t : restore;
		vnetsim_save_free(w, s);
	}
	bench_add(b, "save, 20 connections", (double)save / 1e3, "us", 50,
	    false, NULL);
	bench_add(b, "restore after 50 events", (double)restore / 1e3, "us", 50,
	    false, NULL);
	vnetsim_destroy(w);
}
