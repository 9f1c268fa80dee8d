/*
 * test_pf.c - the packet filter: rules, states, windows, limits, the end.
 *
 * Two jails on a wire (tstack.h); the client filters.  What can be seen from
 * outside is seen from outside; for single segments the hook is called with
 * packets that were made up.
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/pf.h>
#include "src/core/world.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/pf/pf_var.h"
#include "src/net/tcp/tcp.h"
#include "src/net/tcp/tcp_fsm.h"
#include "tests/lib/tstack.h"

#define FAR UINT32_C(0x0a000063) /* 10.0.0.99: nobody */

static struct st s;
static struct vnet_frame frame;
static struct vnetsim_pf_rule rules[8];
static struct vnetsim_pf_conf conf;

static int
setup(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	memset(rules, 0, sizeof(rules));
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	vnetsim_pf_defaults(&conf);
	conf.rules = rules;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	st_close(&s);
	return (0);
}

static void
end(void)
{
	assert_int_equal(st_finish(&s), 0);
}

/* Into the client (vnet 2) and out again. */
static void
in(void)
{
	assert_true(
	    vnet_enter(&frame, vnet_byid(2), DOOR_ADMIN, VNET_MOD_core));
}

static void
out(void)
{
	vnet_leave(&frame);
}

static struct vnetsim_pf_rule *
rule(int action, int dir, int proto)
{
	struct vnetsim_pf_rule *r = &rules[conf.nrules++];

	memset(r, 0, sizeof(*r));
	r->action = (uint8_t)action;
	r->dir = (uint8_t)dir;
	r->proto = (uint8_t)proto;
	if (action == VNETSIM_PF_PASS) {
		r->keep_state = true;
		r->flags = TH_SYN;
		r->flagset = TH_SYN | TH_ACK;
	}
	return (r);
}

static void
port(struct vnetsim_pf_rule *r, uint16_t p)
{
	r->dport[0] = r->dport[1] = p;
}

static void
load(void)
{
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), 0);
}

static void
enable(void)
{
	load();
	assert_int_equal(vnetsim_pf_enable(s.w, s.cli, true), 0);
}

static int
ping(vnetsim_handle jail, uint32_t dst)
{
	vnetsim_handle op;

	if (vnetsim_ping(s.w, jail, dst, 56, 100 * ST_MS, &op) != 0)
		return (-1);
	return (st_await(&s, op, ST_S));
}

static struct vnetsim_pf_status
status(void)
{
	struct vnetsim_pf_status st;

	assert_int_equal(vnetsim_pf_status(s.w, s.cli, &st), 0);
	return (st);
}

static struct vnetsim_pf_ruleinfo
ruleinfo(uint32_t n)
{
	struct vnetsim_pf_ruleinfo ri;

	assert_int_equal(vnetsim_pf_rule_next(s.w, s.cli, n, &ri), 0);
	return (ri);
}

static struct vnetsim_pf_stateinfo
stateinfo(uint32_t n)
{
	struct vnetsim_pf_stateinfo si;

	assert_int_equal(vnetsim_pf_state_next(s.w, s.cli, n, &si), 0);
	return (si);
}

/* ---- packets made up ---- */

struct seg {
	int dir; /* PFIL_IN: from FAR; PFIL_OUT: to FAR */
	uint8_t proto, flags;
	uint16_t sport, dport, win, off;
	uint32_t seq, ack, len;
	int wscale;   /* -1: says nothing */
	uint32_t cut; /* bytes off the end */
	bool options; /* of IP: four bytes */
};

static struct mbuf *
seg_make(const struct seg *g)
{
	uint32_t ihl = g->options ? 24 : 20, l4 = 8, olen = 0, tot;
	struct mbuf *m;
	uint8_t *p;

	if (g->proto == IPPROTO_TCP) {
		olen = g->wscale >= 0 ? 4 : 0;
		l4 = 20 + olen;
	}
	tot = ihl + l4 + g->len - g->cut;
	m = m_getm(0, tot, M_NOWAIT);
	assert_non_null(m);
	p = mtod(m, uint8_t *);
	memset(p, 0, ihl + l4 - g->cut);
	p[IP_O_VHL] = (uint8_t)(0x40 | ihl / 4);
	be16enc(p + IP_O_LEN, (uint16_t)tot);
	be16enc(p + IP_O_OFF, g->off);
	p[IP_O_TTL] = 64;
	p[IP_O_P] = g->proto;
	be32enc(p + IP_O_SRC, g->dir == PFIL_IN ? FAR : ST_CLI);
	be32enc(p + IP_O_DST, g->dir == PFIL_IN ? ST_CLI : FAR);
	p += ihl;
	if (g->cut != 0)
		return (m);
	be16enc(p, g->sport);
	be16enc(p + 2, g->dport);
	if (g->proto != IPPROTO_TCP)
		return (m);
	be32enc(p + 4, g->seq);
	be32enc(p + 8, g->ack);
	p[12] = (uint8_t)(l4 / 4 << 4);
	p[13] = g->flags;
	be16enc(p + 14, g->win);
	if (olen != 0) {
		p[20] = TCPOPT_NOP;
		p[21] = TCPOPT_WINDOW;
		p[22] = TCPOLEN_WINDOW;
		p[23] = (uint8_t)g->wscale;
	}
	return (m);
}

/* In curvnet: does it pass? */
static bool
passes(struct seg g)
{
	struct mbuf *m = seg_make(&g);
	pfil_return_t rv;

	rv = pf_check(&m, ifunit("epair0b"), g.dir, NULL, NULL);
	m_freem(m);
	assert_true(rv == PFIL_PASS || rv == PFIL_DROPPED);
	return (rv == PFIL_PASS);
}

static struct seg
udp(int dir, uint16_t sport, uint16_t dport)
{
	return ((struct seg){ .dir = dir,
	    .proto = IPPROTO_UDP,
	    .sport = sport,
	    .dport = dport,
	    .len = 10 });
}

/* A segment of a connection between our 1024 and their 80. */
static struct seg
tcp(int dir, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	bool ours = dir == PFIL_OUT;

	return ((struct seg){ .dir = dir,
	    .proto = IPPROTO_TCP,
	    .flags = flags,
	    .seq = seq,
	    .ack = ack,
	    .len = len,
	    .win = 1000,
	    .wscale = -1,
	    .sport = ours ? 1024 : 80,
	    .dport = ours ? 80 : 1024 });
}

/* Open it: our ISN 1000, theirs 5000. */
static void
handshake(void)
{
	assert_true(passes(tcp(PFIL_OUT, TH_SYN, 1000, 0, 0)));
	assert_true(passes(tcp(PFIL_IN, TH_SYN | TH_ACK, 5000, 1001, 0)));
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1001, 5001, 0)));
}

/* ---- rules ---- */

static void
unused_it_costs_nothing(void **state)
{
	uint64_t objects = vnetsim_ledger(s.w, 2);
	struct vnetsim_pf_stateinfo si;
	struct vnetsim_pf_ruleinfo ri;
	uint32_t n = 99;

	(void)state;
	assert_false(status().running);
	assert_int_equal(status().limit, VNETSIM_PF_STATES);
	assert_int_equal(vnetsim_pf_rule_next(s.w, s.cli, 0, &ri), VE_NOENT);
	assert_int_equal(vnetsim_pf_state_next(s.w, s.cli, 0, &si), VE_NOENT);
	assert_int_equal(vnetsim_pf_flush(s.w, s.cli, 7, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(vnetsim_pf_enable(s.w, s.cli, false), VE_NOENT);
	assert_int_equal(vnetsim_ledger(s.w, 2), objects);
	assert_int_equal(vnetsim_pf_enable(s.w, s.cli, true), 0);
	assert_int_equal(vnetsim_pf_enable(s.w, s.cli, true), VE_EXIST);
	assert_true(vnetsim_ledger(s.w, 2) > objects);
	assert_int_equal(ping(s.cli, ST_HUB), 0);
	assert_int_equal(status().counters[PFRES_MATCH], 2);
	assert_int_equal(status().states, 0);
	assert_int_equal(vnetsim_pf_enable(s.w, s.cli, false), 0);
	assert_int_equal(ping(s.cli, ST_HUB), 0);
	assert_int_equal(status().counters[PFRES_MATCH], 2);
	end();
}

static void
the_last_rule_wins_and_quick_ends_it(void **state)
{
	(void)state;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	port(rule(VNETSIM_PF_PASS, VNETSIM_PF_OUT, IPPROTO_UDP), 53);
	rule(VNETSIM_PF_BLOCK, 0, IPPROTO_UDP)->dst = FAR;
	rules[2].dplen = 31;
	rules[2].quick = true;
	rule(VNETSIM_PF_PASS, VNETSIM_PF_OUT, IPPROTO_UDP)->keep_state = false;
	port(&rules[3], 54);
	enable();
	in();
	/* 10.0.0.98/31 has FAR: quick */
	assert_false(passes(udp(PFIL_OUT, 1, 53)));
	assert_false(passes(udp(PFIL_OUT, 1, 54)));
	out();
	rules[2].dstnot = true;
	load();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_true(passes(udp(PFIL_OUT, 1, 54)));
	assert_false(passes(udp(PFIL_OUT, 1, 55)));
	/* back by the state; without one not */
	assert_true(passes(udp(PFIL_IN, 53, 1)));
	assert_false(passes(udp(PFIL_IN, 54, 1)));
	out();
	assert_int_equal(ruleinfo(0).evaluations, 4);
	assert_int_equal(ruleinfo(1).packets, 2);
	assert_int_equal(ruleinfo(1).bytes, 2 * 38);
	assert_int_equal(ruleinfo(1).states, 1);
	assert_int_equal(ruleinfo(0).packets, 1);
	assert_int_equal(ruleinfo(2).packets, 1);
	assert_int_equal(ruleinfo(3).packets, 1);
	end();
}

static void
rules_name_interfaces_that_come_and_go(void **state)
{
	(void)state;
	strcpy(rule(VNETSIM_PF_BLOCK, 0, 0)->ifname, "epair0b");
	enable();
	in();
	assert_false(passes(udp(PFIL_OUT, 1, 53)));
	out();
	strcpy(rules[0].ifname, "epair7b");
	load();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	out();
	rules[0].ifnot = true;
	load();
	in();
	assert_false(passes(udp(PFIL_OUT, 1, 53)));
	assert_int_equal(V_pf.nkifs, 1);
	out();
	/* skip: not even then */
	conf.nskip = 1;
	strcpy(conf.skip[0], "epair0b");
	load();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_int_equal(V_pf.nkifs, 2);
	out();
	conf.nskip = 0;
	load();
	in();
	assert_false(passes(udp(PFIL_OUT, 1, 53)));
	assert_int_equal(V_pf.nkifs, 1);
	out();
	end();
}

static int
connect_to_80(void)
{
	struct vnetsim_addr to = { ST_HUB, 80 };
	vnetsim_handle op = 0;
	int fd, error;

	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &fd), 0);
	error = vnetsim_connect(s.w, s.pcli, fd, &to, 0, &op);
	if (error == VE_INPROGRESS || (error == 0 && op != 0))
		error = st_await(&s, op, 200 * ST_S);
	return (error);
}

static void
return_answers_and_drop_is_silent(void **state)
{
	(void)state;
	rule(VNETSIM_PF_RETURN, VNETSIM_PF_IN, 0);
	enable();
	(void)st_listen(&s, s.phub, 80, 5);
	/* the SYN,ACK is blocked and reset: the hub forgets it */
	in();
	assert_false(passes(tcp(PFIL_IN, TH_SYN, 1, 0, 0)));
	assert_int_equal(V_pf.nsendq, 1);
	/* an RST is not answered, ICMP is not answered */
	assert_false(passes(tcp(PFIL_IN, TH_RST, 1, 0, 0)));
	assert_false(passes(
	    (struct seg){ .dir = PFIL_IN, .proto = IPPROTO_ICMP, .len = 8 }));
	assert_int_equal(V_pf.nsendq, 1);
	assert_false(passes(udp(PFIL_IN, 1, 2)));
	assert_int_equal(V_pf.nsendq, 2);
	out();
	st_run(&s, ST_S);
	in();
	assert_int_equal(V_pf.nsendq, 0);
	out();
	/* from outside: their SYN is refused at once, not after 75 s */
	rule(VNETSIM_PF_RETURN, VNETSIM_PF_OUT, IPPROTO_TCP);
	load();
	rules[0].action = rules[1].action = VNETSIM_PF_PASS;
	load();
	assert_int_equal(connect_to_80(), 0);
	end();
}

static void
the_queue_of_answers_has_a_limit(void **state)
{
	int64_t before, after;
	unsigned i;

	(void)state;
	rule(VNETSIM_PF_RETURN, 0, 0);
	enable();
	assert_int_equal(
	    vnetsim_sysctl_get(s.w, s.cli, "net.drop.any.nomem", &before), 0);
	in();
	for (i = 0; i < PF_SENDQ_MAX; i++)
		assert_false(passes(udp(PFIL_IN, 1, 2)));
	assert_int_equal(V_pf.nsendq, PF_SENDQ_MAX);
	out();
	assert_int_equal(
	    vnetsim_sysctl_get(s.w, s.cli, "net.drop.any.nomem", &after), 0);
	assert_int_equal(after, before);
	in();
	assert_false(passes(udp(PFIL_IN, 1, 2)));
	assert_int_equal(V_pf.nsendq, PF_SENDQ_MAX);
	out();
	assert_int_equal(
	    vnetsim_sysctl_get(s.w, s.cli, "net.drop.any.nomem", &after), 0);
	assert_int_equal(after, before + 1);
	/* the vnet ends while they wait */
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	end();
}

static void
what_is_not_whole_is_dropped(void **state)
{
	struct seg g = udp(PFIL_IN, 1, 2);

	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	g.cut = 11;
	assert_false(passes(g));
	g = tcp(PFIL_IN, TH_SYN, 1, 0, 0);
	g.cut = 1;
	assert_false(passes(g));
	assert_int_equal(V_pf.counters[PFRES_SHORT], 2);
	/* options of IP need allow-opts */
	g = udp(PFIL_IN, 1, 2);
	g.options = true;
	assert_false(passes(g));
	assert_int_equal(V_pf.counters[PFRES_IPOPTIONS], 1);
	out();
	rules[0].allow_opts = true;
	load();
	assert_int_equal(
	    vnetsim_pf_flush(s.w, s.cli, VNETSIM_PF_FLUSH_STATES, NULL), 0);
	in();
	assert_true(passes(g));
	/* a fragment passes, and is not remembered */
	assert_int_equal(V_pf.nstates, 1);
	g = udp(PFIL_IN, 3, 4);
	g.off = IP_MF;
	assert_true(passes(g));
	assert_int_equal(V_pf.nstates, 1);
	out();
	/* and has no ports */
	port(&rules[0], 4);
	rules[0].proto = IPPROTO_UDP;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	rules[1] = rules[0];
	rules[0] = (struct vnetsim_pf_rule){ .action = VNETSIM_PF_BLOCK };
	load();
	in();
	assert_false(passes(g));
	out();
	end();
}

/* ---- TCP ---- */

static void
a_connection_goes_through_its_states(void **state)
{
	(void)state;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	rule(VNETSIM_PF_PASS, VNETSIM_PF_OUT, IPPROTO_TCP);
	enable();
	in();
	/* flags S/SA: nothing but a SYN begins */
	assert_false(passes(tcp(PFIL_OUT, TH_ACK, 1000, 1, 0)));
	assert_true(passes(tcp(PFIL_OUT, TH_SYN, 1000, 0, 0)));
	assert_int_equal(stateinfo(0).srcstate, TCPS_SYN_SENT);
	assert_int_equal(stateinfo(0).dststate, TCPS_CLOSED);
	assert_int_equal(stateinfo(0).expires, 120 * ST_S);
	/* lost and sent again; their ISN is beyond 2^31 */
	assert_true(passes(tcp(PFIL_OUT, TH_SYN, 1000, 0, 0)));
	assert_int_equal(stateinfo(0).expires, 30 * ST_S);
	assert_true(passes(tcp(PFIL_IN, TH_SYN | TH_ACK, 0xf0000000, 1001, 0)));
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1001, 0xf0000001, 0)));
	assert_int_equal(stateinfo(0).srcstate, TCPS_ESTABLISHED);
	assert_int_equal(stateinfo(0).dststate, TCPS_ESTABLISHED);
	assert_int_equal(stateinfo(0).expires, 86400 * ST_S);
	assert_true(
	    passes(tcp(PFIL_OUT, TH_ACK | TH_FIN, 1001, 0xf0000001, 5)));
	assert_int_equal(stateinfo(0).srcstate, TCPS_CLOSING);
	assert_int_equal(stateinfo(0).expires, 900 * ST_S);
	assert_true(passes(tcp(PFIL_IN, TH_ACK | TH_FIN, 0xf0000001, 1007, 0)));
	assert_int_equal(stateinfo(0).srcstate, TCPS_FIN_WAIT_2);
	assert_int_equal(stateinfo(0).expires, 45 * ST_S);
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1007, 0xf0000002, 0)));
	assert_int_equal(stateinfo(0).dststate, TCPS_FIN_WAIT_2);
	assert_int_equal(stateinfo(0).expires, 90 * ST_S);
	assert_int_equal(stateinfo(0).packets[0], 5);
	assert_int_equal(stateinfo(0).packets[1], 2);
	/* a SYN begins the next connection of these ports */
	assert_true(passes(tcp(PFIL_OUT, TH_SYN, 9000, 0, 0)));
	assert_int_equal(stateinfo(0).id, 1);
	assert_int_equal(status().removals, 1);
	out();
	end();
}

static void
segments_out_of_window_do_not_pass(void **state)
{
	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	handshake();
	/* up to the window that they told, 1000, and not one more */
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1001, 5001, 1000)));
	assert_false(passes(tcp(PFIL_OUT, TH_ACK, 2001, 5001, 1)));
	assert_int_equal(V_pf.counters[PFRES_BADSTATE], 1);
	/* an ACK opens it */
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001, 2001, 0)));
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 2001, 5001, 1000)));
	/* sent again: one window back, and not one more */
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 2001, 5001, 1)));
	assert_false(passes(tcp(PFIL_OUT, TH_ACK, 2000, 5001, 1)));
	/* an ACK from far away */
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001, 3001 + 67035, 1)));
	assert_false(passes(tcp(PFIL_IN, TH_ACK, 5002, 3001 + 67036, 1)));
	/* an RST stands where its sender is, or one beside */
	assert_false(passes(tcp(PFIL_IN, TH_RST, 5004, 0, 0)));
	assert_false(passes(tcp(PFIL_IN, TH_RST, 5000, 0, 0)));
	assert_int_equal(stateinfo(0).dststate, TCPS_ESTABLISHED);
	assert_true(passes(tcp(PFIL_IN, TH_RST, 5003, 0, 0)));
	assert_int_equal(stateinfo(0).dststate, TCPS_TIME_WAIT);
	assert_int_equal(stateinfo(0).srcstate, TCPS_TIME_WAIT);
	assert_int_equal(stateinfo(0).expires, 90 * ST_S);
	out();
	end();
}

static void
windows_are_scaled_if_both_ends_say_so(void **state)
{
	struct seg a = tcp(PFIL_OUT, TH_SYN, 1000, 0, 0);
	struct seg b = tcp(PFIL_IN, TH_SYN | TH_ACK, 5000, 1001, 0);

	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	a.win = b.win = 65535;
	a.wscale = 4;
	b.wscale = 2;
	in();
	assert_true(passes(a));
	assert_true(passes(b));
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1001, 5001, 0)));
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001, 1001, 0)));
	/* our 1000 are 16,000 for them; their 65,535 were no scaled ones */
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001 + 65535 - 10, 1001, 10)));
	/* rounded up to a multiple of 16 */
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001 + 65535, 1001, 1)));
	assert_false(passes(tcp(PFIL_IN, TH_ACK, 5001 + 65536, 1001, 1)));
	pf_flush(VNETSIM_PF_FLUSH_STATES, &(uint32_t){ 0 });
	/* one end does not: nothing is scaled */
	b.wscale = -1;
	assert_true(passes(a));
	assert_true(passes(b));
	assert_true(passes(tcp(PFIL_OUT, TH_ACK, 1001, 5001, 0)));
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001, 1001, 0)));
	assert_true(passes(tcp(PFIL_IN, TH_ACK, 5001 + 65535 - 10, 1001, 10)));
	assert_false(passes(tcp(PFIL_IN, TH_ACK, 5001 + 65535, 1001, 1)));
	out();
	end();
}

static void
errors_pass_if_a_state_knows_what_they_are_about(void **state)
{
	struct seg g = tcp(PFIL_OUT, TH_ACK, 1001, 5001, 0);
	struct mbuf *m, *q;
	unsigned i;
	uint8_t *p;

	(void)state;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	rule(VNETSIM_PF_PASS, VNETSIM_PF_OUT, IPPROTO_TCP);
	enable();
	in();
	handshake();
	for (i = 0; i < 3; i++) {
		if (i == 1)
			g.seq = 1001 + 5000; /* never sent */
		if (i == 2)
			g.sport = 1025; /* not this connection */
		m = m_getm(0, 28, M_NOWAIT);
		p = mtod(m, uint8_t *);
		memset(p, 0, 28);
		p[IP_O_VHL] = 0x45;
		be16enc(p + IP_O_LEN, 28 + 40);
		p[IP_O_P] = IPPROTO_ICMP;
		be32enc(p + IP_O_SRC, ST_HUB);
		be32enc(p + IP_O_DST, ST_CLI);
		p[20] = ICMP_UNREACH;
		q = seg_make(&g);
		m->m_pkthdr.len += q->m_pkthdr.len;
		m_cat(m, q);
		assert_int_equal(
		    pf_check(&m, ifunit("epair0b"), PFIL_IN, NULL, NULL),
		    i == 0 ? PFIL_PASS : PFIL_DROPPED);
		m_freem(m);
	}
	assert_int_equal(V_pf.counters[PFRES_BADSTATE], 1);
	out();
	end();
}

/* ---- states come and go ---- */

static void
expired_states_are_purged_at_the_interval(void **state)
{
	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_true(passes(udp(PFIL_OUT, 2, 53)));
	assert_true(passes(udp(PFIL_IN, 53, 2)));
	assert_true(passes(udp(PFIL_OUT, 2, 53)));
	assert_int_equal(stateinfo(0).srcstate, PFS_SINGLE);
	assert_int_equal(stateinfo(1).srcstate, PFS_MULTIPLE);
	assert_int_equal(stateinfo(1).dststate, PFS_MULTIPLE);
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_int_equal(stateinfo(0).expires, 30 * ST_S);
	assert_int_equal(stateinfo(1).expires, 60 * ST_S);
	out();
	st_run(&s, 29 * ST_S);
	assert_int_equal(status().states, 2);
	st_run(&s, 12 * ST_S);
	assert_int_equal(status().states, 1);
	assert_int_equal(stateinfo(0).id, 1);
	st_run(&s, 31 * ST_S);
	assert_int_equal(status().states, 0);
	assert_int_equal(status().removals, 2);
	/* nothing to wait for: no timer */
	in();
	assert_false(callout_active(&V_pf.purge_timer));
	out();
	end();
}

static void
a_walk_in_pieces_forgets_nobody(void **state)
{
	uint32_t i;

	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	for (i = 0; i < 2 * PF_PURGE_BATCH + 1; i++)
		assert_true(passes(udp(PFIL_OUT, (uint16_t)(i + 1), 53)));
	/* the place of the walk moves on with what goes */
	V_pf.purge_next = TAILQ_FIRST(&V_pf.states);
	pf_unlink_state(V_pf.purge_next);
	assert_ptr_equal(V_pf.purge_next, TAILQ_FIRST(&V_pf.states));
	V_pf.purge_next = NULL;
	out();
	st_run(&s, 71 * ST_S);
	assert_int_equal(status().states, 0);
	end();
}

static void
the_table_of_states_has_a_limit(void **state)
{
	(void)state;
	conf.states = 3;
	conf.timeout[VNETSIM_PFTM_ADAPTIVE_END] = 0;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_true(passes(udp(PFIL_OUT, 2, 53)));
	assert_true(passes(udp(PFIL_OUT, 3, 53)));
	assert_false(passes(udp(PFIL_OUT, 4, 53)));
	assert_int_equal(V_pf.counters[PFRES_MEMORY], 1);
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	out();
	/* one goes, one comes */
	assert_int_equal(vnetsim_pf_kill(s.w, s.cli, ST_CLI, 32, ST_HUB, 32,
			     &(uint32_t){ 0 }),
	    0);
	assert_int_equal(status().states, 3);
	st_run(&s, 71 * ST_S);
	in();
	assert_true(passes(udp(PFIL_OUT, 4, 53)));
	out();
	end();
}

static void
many_states_live_shorter(void **state)
{
	(void)state;
	conf.timeout[VNETSIM_PFTM_ADAPTIVE_START] = 1;
	conf.timeout[VNETSIM_PFTM_ADAPTIVE_END] = 3;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_int_equal(stateinfo(0).expires, 60 * ST_S);
	assert_true(passes(udp(PFIL_OUT, 2, 53)));
	assert_int_equal(stateinfo(0).expires, 30 * ST_S);
	assert_true(passes(udp(PFIL_OUT, 3, 53)));
	assert_int_equal(stateinfo(0).expires, 0);
	out();
	/* the first one goes: the others live longer again */
	st_run(&s, 11 * ST_S);
	assert_int_equal(status().states, 2);
	assert_int_equal(stateinfo(0).id, 1);
	end();
}

static void
bound_states_belong_to_their_interface(void **state)
{
	vnetsim_handle op;

	(void)state;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	rule(VNETSIM_PF_PASS, VNETSIM_PF_OUT, 0)->ifbound = true;
	enable();
	assert_int_equal(ping(s.cli, ST_HUB), 0);
	assert_string_equal(stateinfo(0).ifname, "epair0b");
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_true(passes(udp(PFIL_IN, 53, 1)));
	assert_ptr_equal(LIST_FIRST(&V_pf.kifs)->pfik_ifp, ifunit("epair0b"));
	out();
	/* away: the kif forgets it; and back */
	assert_int_equal(
	    vnetsim_if_reclaim(s.w, s.host, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	in();
	assert_null(LIST_FIRST(&V_pf.kifs)->pfik_ifp);
	out();
	assert_int_equal(status().states, 2);
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.host, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	in();
	assert_ptr_equal(LIST_FIRST(&V_pf.kifs)->pfik_ifp, ifunit("epair0b"));
	assert_true(passes(udp(PFIL_IN, 53, 1)));
	out();
	/* the kif goes with the last of them */
	assert_int_equal(
	    vnetsim_pf_flush(s.w, s.cli, VNETSIM_PF_FLUSH_STATES, NULL), 0);
	in();
	assert_int_equal(V_pf.nkifs, 0);
	out();
	end();
}

static void
replaced_rules_wait_for_their_states(void **state)
{
	(void)state;
	strcpy(rule(VNETSIM_PF_PASS, 0, 0)->ifname, "epair0b");
	enable();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	out();
	conf.nrules = 0;
	rule(VNETSIM_PF_BLOCK, 0, 0);
	load();
	in();
	assert_int_equal(V_pf.nunlinked, 1);
	assert_int_equal(V_pf.nkifs, 1);
	assert_true(passes(udp(PFIL_IN, 53, 1)));
	assert_false(passes(udp(PFIL_IN, 53, 2)));
	out();
	st_run(&s, 80 * ST_S);
	in();
	assert_int_equal(V_pf.nunlinked, 0);
	assert_int_equal(V_pf.nkifs, 0);
	out();
	end();
}

static void
states_are_killed_by_their_ends(void **state)
{
	uint32_t n;

	(void)state;
	rule(VNETSIM_PF_PASS, 0, 0);
	enable();
	in();
	assert_true(passes(udp(PFIL_OUT, 1, 53)));
	assert_true(passes(udp(PFIL_OUT, 2, 53)));
	assert_true(passes(udp(PFIL_IN, 9, 9)));
	out();
	assert_int_equal(
	    vnetsim_pf_kill(s.w, s.cli, FAR, 33, 0, 0, &n), VE_INVAL);
	assert_int_equal(
	    vnetsim_pf_kill(s.w, s.cli, ST_CLI, 32, ST_HUB, 32, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(
	    vnetsim_pf_kill(s.w, s.cli, ST_CLI, 32, FAR, 32, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(stateinfo(0).src, FAR);
	assert_int_equal(
	    vnetsim_pf_kill(s.w, s.cli, FAR & 0xffffff00, 24, 0, 0, &n), 0);
	assert_int_equal(n, 1);
	end();
}

/* ---- limits ---- */

static void
settings_have_bounds(void **state)
{
	static struct vnetsim_pf_rule many[VNETSIM_PF_RULES_MAX + 1];
	struct vnetsim_pf_conf good;
	uint32_t i;

	(void)state;
	conf.rules = many;
	conf.nrules = VNETSIM_PF_RULES_MAX + 1;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	conf.nrules--;
	load();
	assert_int_equal(status().rules, VNETSIM_PF_RULES_MAX);
	conf.nrules = 1;
	good = conf;
	conf.states = VNETSIM_PF_LIMIT_MAX;
	load();
	conf.states++;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	conf.states = 0;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	for (i = 0; i < VNETSIM_PFTM_N; i++) {
		conf = good;
		conf.timeout[i] = VNETSIM_PF_TIME_MAX;
		load();
		conf.timeout[i]++;
		assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	}
	conf = good;
	conf.timeout[VNETSIM_PFTM_INTERVAL] = 0;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	conf = good;
	conf.nskip = VNETSIM_PF_SKIP_MAX;
	for (i = 0; i < conf.nskip; i++)
		snprintf(conf.skip[i], VNETSIM_IFNAMSIZ, "epair%u", i);
	load();
	conf.nskip++;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	conf = good;
	many[0].splen = 33;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	many[0].splen = 0;
	memset(many[0].ifname, 'x', VNETSIM_IFNAMSIZ);
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	many[0].ifname[0] = '\0';
	many[0].sport[0] = 1;
	assert_int_equal(vnetsim_pf_load(s.w, s.cli, &conf), VE_INVAL);
	/* what was there is there */
	assert_int_equal(status().rules, 1);
	many[0].sport[0] = 0;
	end();
}

static void
names_are_freebsds(void **state)
{
	(void)state;
	assert_string_equal(
	    vnetsim_pf_timeout_name(VNETSIM_PFTM_TCP_FIN_WAIT), "tcp.finwait");
	assert_null(vnetsim_pf_timeout_name(VNETSIM_PFTM_N));
	assert_string_equal(
	    vnetsim_pf_counter_name(PFRES_BADSTATE), "state-mismatch");
	assert_null(vnetsim_pf_counter_name(VNETSIM_PF_COUNTERS));
	end();
}

/* ---- the end ---- */

/* Full of everything: states, bound ones, replaced rules, answers that wait,
 * a purge that is due. */
static void
fill(void)
{
	uint16_t i;

	conf.states = 50;
	strcpy(rule(VNETSIM_PF_PASS, 0, 0)->ifname, "epair0b");
	rules[0].ifbound = true;
	conf.nskip = 1;
	strcpy(conf.skip[0], "lo0");
	enable();
	in();
	for (i = 1; i <= 50; i++)
		assert_true(passes(udp(PFIL_OUT, i, 53)));
	assert_false(passes(udp(PFIL_OUT, 51, 53)));
	out();
	conf.nrules = 0;
	rule(VNETSIM_PF_RETURN, 0, 0);
	load();
	in();
	for (i = 1; i <= 5; i++)
		assert_false(passes(udp(PFIL_IN, i, 1)));
	out();
}

static void
a_vnet_ends_while_its_filter_is_full(void **state)
{
	static const char *const orders[] = { "top-down", "freebsd-13",
		"freebsd-9", "interfaces-first" };
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (i != 0) {
			(void)teardown(state);
			(void)setup(state);
		}
		assert_int_equal(vnetsim_order_set(s.w, orders[i], false), 0);
		fill();
		assert_int_equal(st_remove(&s, "cli", 1000 * ST_S), 0);
		st_print(&s);
		assert_int_equal(st_finish(&s), 0);
	}
}

static unsigned
without(const char *step)
{
	unsigned found;

	fill();
	assert_int_equal(
	    vnetsim_order_edit(s.w, VNETSIM_EDIT_SKIP, step, NULL), 0);
	(void)st_remove(&s, "cli", 1000 * ST_S);
	found = st_finish(&s);
	assert_true(st_findings_of(&s, "pf") > 0);
	return (found);
}

static void
a_shutdown_left_out_is_noticed(void **state)
{
	(void)state;
	assert_true(without("pf shutdown") > 0);
	assert_true(st_findings(&s, "order", "pfil-hook") > 0);
	assert_true(st_findings(&s, "order", "handler") > 0);
	assert_true(st_findings(&s, "leak", NULL) > 0);
}

static void
an_uninit_left_out_is_noticed(void **state)
{
	(void)state;
	assert_true(without("pf uninit") > 0);
	assert_true(st_findings(&s, "leak", NULL) > 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(unused_it_costs_nothing),
		T(the_last_rule_wins_and_quick_ends_it),
		T(rules_name_interfaces_that_come_and_go),
		T(return_answers_and_drop_is_silent),
		T(the_queue_of_answers_has_a_limit),
		T(what_is_not_whole_is_dropped),
		T(a_connection_goes_through_its_states),
		T(segments_out_of_window_do_not_pass),
		T(windows_are_scaled_if_both_ends_say_so),
		T(errors_pass_if_a_state_knows_what_they_are_about),
		T(expired_states_are_purged_at_the_interval),
		T(a_walk_in_pieces_forgets_nobody),
		T(the_table_of_states_has_a_limit),
		T(many_states_live_shorter),
		T(bound_states_belong_to_their_interface),
		T(replaced_rules_wait_for_their_states),
		T(states_are_killed_by_their_ends),
		T(settings_have_bounds),
		T(names_are_freebsds),
		T(a_vnet_ends_while_its_filter_is_full),
		T(a_shutdown_left_out_is_noticed),
		T(an_uninit_left_out_is_noticed),
	};

	return (cmocka_run_group_tests_name("pf", tests, NULL, NULL) ? 1 : 0);
}
