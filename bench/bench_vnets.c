/*
 * bench_vnets.c - what an idle vnet costs, and how fast one comes and goes.
 *
 * An idle vnet has lo0, one configured interface (an epair of its own, so its
 * other half and the wire are in the figure, too) and a listening socket.  Its
 * size is the growth of VmRSS + VmPTE between two counts.  Destroy is the
 * ordered teardown, oracles and audit included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>
#include "bench/bench.h"

static vnetsim_handle
idle_vnet(struct vnetsim *w, unsigned n)
{
	struct vnetsim_jail_params jp = { .vnet = true, .persist = true };
	struct vnetsim_addr any = { 0, 80 };
	char name[32], ifname[VNETSIM_IFNAMSIZ] = "epair";
	vnetsim_handle jail, proc;
	int fd;

	snprintf(name, sizeof(name), "v%u", n);
	jp.name = name;
	bench_must(vnetsim_jail_create(w, &jp, &jail), "jail");
	bench_must(vnetsim_if_create(w, jail, ifname), "epair");
	bench_must(
	    vnetsim_if_inet(w, jail, ifname, 0x0a000001, 24, true), "inet");
	bench_must(vnetsim_if_up(w, jail, ifname, true), "up");
	bench_must(vnetsim_proc_create(w, jail, "p", &proc), "proc");
	bench_must(vnetsim_socket(w, proc, VNETSIM_TCP, &fd), "socket");
	bench_must(vnetsim_bind(w, proc, fd, &any), "bind");
	bench_must(vnetsim_listen(w, proc, fd, 5), "listen");
	return (jail);
}

static void
drain(struct vnetsim *w, int64_t ns)
{
	struct vnetsim_result res;
	int64_t until = vnetsim_now(w) + ns;

	while (vnetsim_run(w, until))
		while (vnetsim_op_next(w, &res))
			vnetsim_op_release(w, res.op);
}

static void
bench_size(struct bench *b)
{
	unsigned lo = b->quick ? 100 : 1000, hi = b->quick ? 1000 : 10000, i;
	struct vnetsim *w = bench_world();
	uint64_t before, after;

	for (i = 0; i < lo; i++)
		(void)idle_vnet(w, i);
	drain(w, 1000000000);
	before = bench_rss();
	for (; i < hi; i++)
		(void)idle_vnet(w, i);
	drain(w, 1000000000);
	after = bench_rss();
	if (before != 0)
		bench_add(b, "idle vnet", (double)(after - before) / (hi - lo),
		    "B", 16384, false, "RSS + page tables");
	else
		printf("idle vnet: this host does not tell its RSS\n");
	vnetsim_destroy(w);
}

static void
remove_vnet(struct vnetsim *w, vnetsim_handle jail)
{
	vnetsim_handle op;
	struct vnetsim_result res;

	bench_must(vnetsim_jail_remove(w, jail, &op), "jail -r");
	while (vnetsim_op_poll(w, op, &res) == VE_INPROGRESS)
		if (!vnetsim_step(w, VNETSIM_FOREVER))
			bench_must(VE_BUSY, "a jail does not go");
	while (vnetsim_op_next(w, &res))
		vnetsim_op_release(w, res.op);
}

/* A bare vnet: what create plus ordered destroy costs by itself. */
static vnetsim_handle
bare_vnet(struct vnetsim *w, unsigned n)
{
	struct vnetsim_jail_params jp = { .vnet = true, .persist = true };
	vnetsim_handle jail;
	char name[32];

	snprintf(name, sizeof(name), "v%u", n);
	jp.name = name;
	bench_must(vnetsim_jail_create(w, &jp, &jail), "jail");
	return (jail);
}

/* Many at once, so that each gets pages that nobody touched before. */
static void
bench_fresh(struct bench *b)
{
	static vnetsim_handle jail[2000];
	unsigned n = b->quick ? 200 : 2000;
	int64_t t, best = INT64_MAX;
	struct vnetsim *w;

	for (int rep = 0; rep < 3; rep++) {
		w = bench_world();
		t = bench_now();
		for (unsigned i = 0; i < n; i++)
			jail[i] = bare_vnet(w, i);
		for (unsigned i = 0; i < n; i++)
			remove_vnet(w, jail[i]);
		t = (bench_now() - t) / n;
		best = t < best ? t : best;
		vnetsim_destroy(w);
	}
	bench_add(b, "create + destroy, fresh pages", (double)best / 1e3, "us",
	    20, false, NULL);
}

static void
bench_cycle(struct bench *b)
{
	unsigned n = b->quick ? 1000 : 20000;
	struct vnetsim *w = bench_world();
	int64_t t, best = INT64_MAX;

	for (int rep = 0; rep < 5; rep++) {
		t = bench_now();
		for (unsigned i = 0; i < n; i++)
			remove_vnet(w, bare_vnet(w, i));
		t = (bench_now() - t) / n;
		best = t < best ? t : best;
	}
	bench_add(b, "create + destroy, recycled", (double)best / 1e3, "us", 8,
	    false, NULL);
	vnetsim_destroy(w);
}

/*
 * Very many in one process, behind as many dead ones as a checking build keeps
 * inaccessible; those alternate with living ones, which is the worst for the
 * number of mappings.
 */
static void
bench_many(struct bench *b)
{
	unsigned n = b->quick ? 2000 : 100000, dead = b->quick ? 500 : 8200;
	struct vnetsim *w = bench_world();
	vnetsim_handle *jail = calloc(2 * (size_t)dead, sizeof(*jail));
	uint64_t before;
	char note[64], name[64];
	int64_t t;

	if (jail == NULL) {
		bench_must(VE_NOMEM, "handles");
		return;
	}
	for (unsigned i = 0; i < 2 * dead; i++)
		jail[i] = bare_vnet(w, i);
	for (unsigned i = 0; i < 2 * dead; i += 2)
		remove_vnet(w, jail[i]);
	free(jail);
	before = bench_rss();
	t = bench_now();
	for (unsigned i = dead; i < n; i++)
		(void)idle_vnet(w, 2 * dead + i);
	t = bench_now() - t;
	snprintf(name, sizeof(name), "%u idle vnets in one process", n);
	snprintf(note, sizeof(note), "%.2f GiB",
	    (double)(bench_rss() - before) / (1 << 30));
	bench_add(b, name, (double)t / 1e9, "s", 0, false, note);
	snprintf(name, sizeof(name), "mappings, with %u dead between", dead);
	if (bench_mappings() > 0)
		bench_add(b, name, bench_mappings(), "", 65530, false,
		    "limit: vm.max_map_count");
	vnetsim_destroy(w);
}

void
bench_vnets(struct bench *b)
{
	bench_size(b);
	bench_many(b);
	bench_fresh(b);
	bench_cycle(b);
}
