/*
 * tfuzz_stack.c - see tfuzz_stack.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/link.h>
#include <vnetsim/pf.h>
#include "tests/lib/tfuzz_stack.h"

#define HUB UINT32_C(0x0a000001)
#define CLI UINT32_C(0x0a000002)

static struct tfs now;
static bool tfs_shows;

/* To see what happens: VNETSIM_FRAMES=1. */
static void
tfs_show(const struct vnetsim_wire_event *ev)
{
	const uint8_t *t = ev->we_bytes + 34;

	(void)fprintf(stderr, "%16lld link %u end %u %u bytes, verdict %u",
	    (long long)ev->we_time, ev->we_link, ev->we_end, ev->we_len,
	    ev->we_verdict);
	if (ev->we_len >= 54 && ev->we_bytes[23] == 6)
		(void)fprintf(stderr,
		    " flags %02x seq %02x%02x%02x%02x ack %02x%02x%02x%02x "
		    "win %02x%02x",
		    t[13], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11],
		    t[14], t[15]);
	(void)fputc('\n', stderr);
}

static void
tfs_wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	struct tfs *s = ctx;
	struct tfs_frame *f;

	if (ev->we_kind == VNETSIM_WIRE_FRAME && tfs_shows)
		tfs_show(ev);
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_link != 0)
		return;
	f = &s->frame[s->nframes++ % TFS_FRAMES];
	f->len = ev->we_len < TFS_BYTES ? ev->we_len : TFS_BYTES;
	if (ev->we_headers && f->len > VNETSIM_WIRE_HEAD)
		f->len = VNETSIM_WIRE_HEAD;
	f->end = ev->we_end;
	memcpy(f->bytes, ev->we_bytes, f->len);
}

const struct tfs_frame *
tfs_tcp(const struct tfs *s, unsigned end)
{
	const struct tfs_frame *f;

	for (uint32_t i = 1; i <= TFS_FRAMES && i <= s->nframes; i++) {
		f = &s->frame[(s->nframes - i) % TFS_FRAMES];
		if (f->end == end && f->len >= 54 && f->bytes[12] == 8 &&
		    f->bytes[13] == 0 && f->bytes[23] == 6)
			return (f);
	}
	return (NULL);
}

static void
tfs_jail(struct tfs *s, const char *name, vnetsim_handle *jail,
    vnetsim_handle *proc, const char *ifname, uint32_t addr)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};

	if (*jail == 0) {
		TF_MUST(vnetsim_jail_create(s->w, &jp, jail) == 0);
		TF_MUST(vnetsim_proc_create(s->w, *jail, name, proc) == 0);
	}
	TF_MUST(vnetsim_if_vnet(s->w, s->host, ifname, *jail, NULL) == 0);
	tf_run(s->w, TF_MS, 1000);
	TF_MUST(vnetsim_if_inet(s->w, *jail, ifname, addr, 24, true) == 0);
	TF_MUST(vnetsim_if_up(s->w, *jail, ifname, true) == 0);
}

static void
tfs_filter(struct tfs *s)
{
	struct vnetsim_pf_rule rule[2] = {
		{ .action = VNETSIM_PF_PASS,
		    .keep_state = true,
		    .allow_opts = true },
		{ .action = VNETSIM_PF_RETURN,
		    .dir = VNETSIM_PF_IN,
		    .proto = 6,
		    .dport = { 81, 81 } },
	};
	struct vnetsim_pf_conf conf;

	vnetsim_pf_defaults(&conf);
	conf.rules = rule;
	conf.nrules = 2;
	TF_MUST(vnetsim_pf_load(s->w, s->hub, &conf) == 0);
	TF_MUST(vnetsim_pf_enable(s->w, s->hub, true) == 0);
}

static void
tfs_base(struct tfs *s)
{
	struct vnetsim_addr port = { 0, 80 };
	char name[VNETSIM_IFNAMSIZ] = "epair";
	vnetsim_handle op = 0;
	int end;

	s->host = vnetsim_jail_next(s->w, 0);
	for (int i = 0; i < 2; i++, memcpy(name, "epair", 6))
		TF_MUST(vnetsim_if_create(s->w, s->host, name) == 0);
	tfs_jail(s, "hub", &s->hub, &s->phub, "epair0a", HUB);
	tfs_jail(s, "hub", &s->hub, &s->phub, "epair1a", 0x0a000101);
	tfs_jail(s, "cli", &s->cli, &s->pcli, "epair0b", CLI);
	tfs_jail(s, "far", &s->far, &s->pfar, "epair1b", 0x0a000102);
	TF_MUST(vnetsim_route_add(s->w, s->cli, 0, 0, HUB) == 0);
	TF_MUST(vnetsim_route_add(s->w, s->far, 0, 0, 0x0a000101) == 0);
	TF_MUST(
	    vnetsim_sysctl_set(s->w, s->hub, "net.inet.ip.forwarding", 1) == 0);
	s->link = vnetsim_link_find(s->w, "epair0a", &end);
	TF_MUST(s->link != 0 && end == 0);
	TF_MUST(vnetsim_socket(s->w, s->phub, VNETSIM_UDP, &s->ufd) == 0);
	TF_MUST(vnetsim_bind(s->w, s->phub, s->ufd, &port) == 0);
	TF_MUST(vnetsim_socket(s->w, s->phub, VNETSIM_TCP, &s->lfd) == 0);
	TF_MUST(vnetsim_bind(s->w, s->phub, s->lfd, &port) == 0);
	TF_MUST(vnetsim_listen(s->w, s->phub, s->lfd, 4) == 0);
	/* both learn each other's Ethernet address */
	TF_MUST(vnetsim_ping(s->w, s->cli, 0x0a000102, 56, TF_S, &op) == 0);
	TF_MUST(tf_await(s->w, op, TF_S) == 0);
}

static void
tfs_state(struct tfs *s, vnetsim_handle proc, int fd, const char *state)
{
	struct vnetsim_sockinfo info;

	TF_MUST(vnetsim_sockinfo(s->w, proc, fd, &info) == 0);
	TF_MUST(strcmp(info.state, state) == 0);
}

static void
tfs_drop(struct tfs *s, int end, uint32_t n, int cls)
{
	TF_MUST(vnetsim_link_drop(s->w, s->link, end, n, cls) == 0);
}

static void
tfs_delay(struct tfs *s, int64_t delay)
{
	struct vnetsim_link_params p;

	TF_MUST(vnetsim_link_get(s->w, s->link, 0, &p) == 0);
	p.delay = delay;
	TF_MUST(vnetsim_link_set(s->w, s->link, -1, &p) == 0);
}

static void
tfs_listen(struct tfs *s)
{
	tfs_state(s, s->phub, s->lfd, "LISTEN");
}

static void
tfs_dial(struct tfs *s)
{
	struct vnetsim_addr to = { HUB, 80 };

	TF_MUST(vnetsim_socket(s->w, s->pcli, VNETSIM_TCP, &s->cfd) == 0);
	TF_MUST(vnetsim_connect(s->w, s->pcli, s->cfd, &to, 0, &s->op) ==
		VE_INPROGRESS);
	tf_run(s->w, TF_MS, 100);
}

static void
tfs_syn_sent(struct tfs *s)
{
	tfs_drop(s, 1, 2, VNETSIM_F_SYN);
	tfs_dial(s);
	tfs_state(s, s->pcli, s->cfd, "SYN_SENT");
}

static void
tfs_syncache(struct tfs *s)
{
	struct vnetsim_jail_info ji;
	struct vnetsim_sockinfo info;

	tfs_drop(s, 0, 1, VNETSIM_F_SYN);
	tfs_dial(s);
	TF_MUST(vnetsim_jail_info(s->w, s->hub, &ji) == 0);
	TF_MUST(vnetsim_syncache_next(s->w, ji.vnet, 0, &info) == 0);
}

static void
tfs_crossed(struct tfs *s)
{
	struct vnetsim_addr h = { HUB, 2000 }, c = { CLI, 1000 };
	vnetsim_handle op;

	tfs_delay(s, 1000 * TF_MS);
	TF_MUST(vnetsim_socket(s->w, s->pcli, VNETSIM_TCP, &s->cfd) == 0);
	TF_MUST(vnetsim_socket(s->w, s->phub, VNETSIM_TCP, &s->hfd) == 0);
	TF_MUST(vnetsim_bind(s->w, s->pcli, s->cfd, &c) == 0);
	TF_MUST(vnetsim_bind(s->w, s->phub, s->hfd, &h) == 0);
	TF_MUST(vnetsim_connect(s->w, s->pcli, s->cfd, &h, 0, &s->op) ==
		VE_INPROGRESS);
	TF_MUST(vnetsim_connect(s->w, s->phub, s->hfd, &c, VNETSIM_NONBLOCK,
		    &op) == VE_INPROGRESS);
	tf_run(s->w, 1050 * TF_MS, 100);
	tfs_state(s, s->pcli, s->cfd, "SYN_RECEIVED");
	tfs_state(s, s->phub, s->hfd, "SYN_RECEIVED");
}

static void
tfs_established(struct tfs *s)
{
	vnetsim_handle op = 0;

	tfs_dial(s);
	TF_MUST(tf_await(s->w, s->op, TF_S) == 0);
	s->op = 0;
	tf_run(s->w, TF_MS, 100);
	TF_MUST(vnetsim_accept(s->w, s->phub, s->lfd, VNETSIM_NONBLOCK, &s->hfd,
		    &op) == 0);
	tfs_state(s, s->pcli, s->cfd, "ESTABLISHED");
	tfs_state(s, s->phub, s->hfd, "ESTABLISHED");
}

static void
tfs_send(struct tfs *s, size_t len)
{
	vnetsim_handle op;
	size_t done;

	TF_MUST(vnetsim_send(s->w, s->pcli, s->cfd, NULL, len, NULL,
		    VNETSIM_NONBLOCK, &done, &op) == 0);
}

static void
tfs_zero_window(struct tfs *s)
{
	struct vnetsim_sockinfo info;

	TF_MUST(vnetsim_setsockopt(
		    s->w, s->phub, s->lfd, VNETSIM_SO_RCVBUF, 4096) == 0);
	tfs_established(s);
	tfs_send(s, 20000);
	tf_run(s->w, 20 * TF_S, 1000);
	TF_MUST(vnetsim_sockinfo(s->w, s->pcli, s->cfd, &info) == 0);
	TF_MUST(info.sndq != 0);
}

/* Holes of SACK in both directions of knowledge. */
static void
tfs_holes(struct tfs *s)
{
	tfs_established(s);
	tfs_send(s, 2000);
	tf_run(s->w, 10 * TF_MS, 1000);
	tfs_delay(s, 2 * TF_MS);
	tfs_drop(s, 1, 1, VNETSIM_F_DATA);
	tfs_send(s, 12000);
	tf_run(s->w, 5 * TF_MS, 1000);
}

static void
tfs_shut(struct tfs *s, vnetsim_handle proc, int fd, int64_t ns)
{
	TF_MUST(vnetsim_shutdown(s->w, proc, fd, VNETSIM_SHUT_WR) == 0);
	tf_run(s->w, ns, 1000);
}

static void
tfs_fin_wait_1(struct tfs *s)
{
	tfs_established(s);
	tfs_drop(s, 1, 1, VNETSIM_F_FIN);
	tfs_shut(s, s->pcli, s->cfd, TF_MS);
	tfs_state(s, s->pcli, s->cfd, "FIN_WAIT_1");
}

static void
tfs_fin_wait_2(struct tfs *s)
{
	tfs_established(s);
	tfs_shut(s, s->pcli, s->cfd, 100 * TF_MS);
	tfs_state(s, s->pcli, s->cfd, "FIN_WAIT_2");
	tfs_state(s, s->phub, s->hfd, "CLOSE_WAIT");
}

static void
tfs_closing(struct tfs *s)
{
	tfs_established(s);
	tfs_delay(s, 1000 * TF_MS);
	tfs_shut(s, s->pcli, s->cfd, 0);
	tfs_shut(s, s->phub, s->hfd, 1050 * TF_MS);
	tfs_state(s, s->pcli, s->cfd, "CLOSING");
	tfs_state(s, s->phub, s->hfd, "CLOSING");
}

static void
tfs_last_ack(struct tfs *s)
{
	tfs_fin_wait_2(s);
	tfs_drop(s, 0, 1, VNETSIM_F_FIN);
	tfs_shut(s, s->phub, s->hfd, TF_MS);
	tfs_state(s, s->phub, s->hfd, "LAST_ACK");
}

static void
tfs_time_wait(struct tfs *s)
{
	tfs_fin_wait_2(s);
	tfs_shut(s, s->phub, s->hfd, 100 * TF_MS);
	tfs_state(s, s->pcli, s->cfd, "TIME_WAIT");
}

/* hub waits for fragments, and resolves somebody who does not answer. */
static void
tfs_parked(struct tfs *s)
{
	vnetsim_handle op = 0;

	tfs_established(s);
	tfs_drop(s, 1, 1, VNETSIM_F_ICMP);
	TF_MUST(vnetsim_if_mtu(s->w, s->cli, "epair0b", 600) == 0);
	TF_MUST(vnetsim_ping(s->w, s->cli, HUB, 1400, 10 * TF_S, &op) == 0);
	TF_MUST(
	    vnetsim_ping(s->w, s->cli, 0x0a000163, 500, 10 * TF_S, &op) == 0);
	tf_run(s->w, TF_MS, 100);
}

static const struct {
	const char *name;
	void (*make)(struct tfs *s);
} tfs_list[] = {
	{ "listen", tfs_listen },
	{ "syn-sent", tfs_syn_sent },
	{ "syncache", tfs_syncache },
	{ "crossed", tfs_crossed },
	{ "established", tfs_established },
	{ "zero-window", tfs_zero_window },
	{ "holes", tfs_holes },
	{ "fin-wait-1", tfs_fin_wait_1 },
	{ "fin-wait-2", tfs_fin_wait_2 },
	{ "closing", tfs_closing },
	{ "last-ack", tfs_last_ack },
	{ "time-wait", tfs_time_wait },
	{ "parked", tfs_parked },
};

#define TFS_COUNT (sizeof(tfs_list) / sizeof(tfs_list[0]))

static struct {
	struct tfs at;
	struct vnetsim_save *save;
} tfs_saved[TFS_COUNT];

unsigned
tfs_count(void)
{
	return ((unsigned)TFS_COUNT);
}

const char *
tfs_name(unsigned n)
{
	return (tfs_list[n].name);
}

/* One world for all: it goes back to the common start before each. */
void
tfs_init(void)
{
	struct vnetsim_config cfg = { .size = 64u << 20 };
	static struct vnetsim_save *base;
	struct tfs start;

	if (now.w != NULL)
		return;
	tfs_shows = getenv("VNETSIM_FRAMES") != NULL;
	now.w = vnetsim_create(NULL, &cfg, NULL);
	TF_MUST(now.w != NULL);
	vnetsim_set_wire(now.w, tfs_wire, &now);
	tfs_base(&now);
	start = now;
	base = vnetsim_save(now.w);
	TF_MUST(base != NULL);
	for (size_t i = 0; i < TFS_COUNT; i++) {
		vnetsim_restore(now.w, base);
		now = start;
		tfs_list[i].make(&now);
		/* no filter before the connections are made: its states would
		 * be part of every situation otherwise */
		tfs_filter(&now);
		tfs_saved[i].at = now;
		tfs_saved[i].save = vnetsim_save(now.w);
		TF_MUST(tfs_saved[i].save != NULL);
	}
}

struct tfs *
tfs_goto(unsigned n)
{
	vnetsim_restore(now.w, tfs_saved[n].save);
	now = tfs_saved[n].at;
	return (&now);
}
