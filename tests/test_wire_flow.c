/*
 * test_wire_flow.c - whose connection is it: routers, equal addresses in many
 * places, the world outside, moving owners, and very many connections.
 */
#include "tests/test_wire.h"

static struct wt t;

struct hop {
	uint32_t link, from, to;
	uint8_t verdict;
};

/* One segment over several hops of 1 ms each; seq and ack as given. */
static void
over(const struct hop *h, int n, const struct wt_frame *w)
{
	uint8_t f[2048];
	size_t len;
	int i;

	len = wt_build(f, w);
	for (i = 0; i < n; i++) {
		f[22] = (uint8_t)(64 - i);
		wt_sum_ip(f);
		wt_send(&t, h[i].link, h[i].from, h[i].to, f, len, h[i].verdict,
		    MS);
		t.now += MS;
		if (h[i].verdict != VNETSIM_V_SENT)
			break;
	}
}

static const struct hop there[] = { { 0, 0, 2, VNETSIM_V_SENT },
	{ 1, 2, 3, VNETSIM_V_SENT }, { 2, 3, 1, VNETSIM_V_SENT } };
static const struct hop back[] = { { 2, 1, 3, VNETSIM_V_SENT },
	{ 1, 3, 2, VNETSIM_V_SENT }, { 0, 2, 0, VNETSIM_V_SENT } };

static void
seg(bool from_b, uint8_t flags, uint32_t seq, uint32_t ack, int lost_at)
{
	struct wt_frame w = { 0x0a000001, 0x0a000002, 1000, 80, seq, ack, flags,
		8192, 0, -1 };
	struct hop h[3];

	memcpy(h, from_b ? back : there, sizeof(h));
	if (from_b) {
		w.src = 0x0a000002;
		w.dst = 0x0a000001;
		w.sport = 80;
		w.dport = 1000;
	}
	if (lost_at >= 0)
		h[lost_at].verdict = VNETSIM_V_LOST;
	over(h, 3, &w);
}

static void
start(void)
{
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
}

static void
handshake(void)
{
	seg(false, SYN, 100, 0, -1);
	seg(true, SYN | ACK, 500, 101, -1);
	seg(false, ACK, 101, 501, -1);
}

/* Two routers between: only the ends send and receive. */
static void
through_routers(void **state)
{
	struct vnetsim_wire_conn c;

	(void)state;
	start();
	handshake();
	seg(false, FIN | ACK, 101, 501, -1);
	seg(true, FIN | ACK, 501, 102, -1);
	seg(false, ACK, 102, 502, -1);
	assert_string_equal(wt_says(&t), "TIME_WAIT/FIN CLOSED/FIN finned");
	assert_true(vnetsim_wiremon_conn(t.wm, 0, &c));
	assert_int_equal(c.wc_end[0].wn_vnet, 0);
	assert_int_equal(c.wc_end[1].wn_vnet, 1);
	assert_int_equal(c.wc_end[0].wn_segs, 4);
	assert_int_equal(c.wc_end[1].wn_segs, 2);
	wt_stop(&t);
}

/* Lost at any hop is lost. */
static void
lost_on_the_way(void **state)
{
	int hop;

	(void)state;
	for (hop = 0; hop < 3; hop++) {
		start();
		handshake();
		seg(false, FIN | ACK, 101, 501, hop);
		assert_string_equal(
		    wt_says(&t), "FIN_WAIT_1/open ESTABLISHED/open open");
		wt_stop(&t);
		/* The SYN never came: nobody is there to be stuck. */
		start();
		seg(false, SYN, 100, 0, hop);
		wt_play(&t, "kg x");
		assert_string_equal(
		    wt_says(&t), "SYN_SENT/open CLOSED/open abandoned");
		wt_stop(&t);
		/* An RST lost excuses, wherever; so does a lost challenge. */
		start();
		handshake();
		wt_play(&t, "ka");
		seg(false, RST, 101, 0, hop);
		wt_play(&t, "x");
		assert_string_equal(wt_says(&t),
		    "CLOSED/RST sent "
		    "ESTABLISHED/open abandoned b:excused");
		wt_stop(&t);
		start();
		handshake();
		wt_play(&t, "ka");
		seg(false, RST, 102, 0, -1);
		seg(true, ACK, 501, 101, hop);
		wt_play(&t, "x");
		assert_string_equal(wt_says(&t),
		    "CLOSED/RST sent "
		    "ESTABLISHED/open abandoned b:excused");
		wt_stop(&t);
	}
	start();
	handshake();
	wt_play(&t, "ka");
	seg(false, RST, 102, 0, -1);
	seg(true, ACK, 501, 101, -1);
	wt_play(&t, "x");
	assert_string_equal(wt_says(&t),
	    "CLOSED/RST sent ESTABLISHED/open abandoned b:stuck "
	    "!stuck:cli:srv:ESTABLISHED:alive");
	wt_stop(&t);
}

/* A router's death concerns none of the connections that it carried. */
static void
router_dies(void **state)
{
	(void)state;
	start();
	handshake();
	wt_kill(&t, 2, VNETSIM_CLOSE_GRACEFUL);
	wt_dead(&t, 2);
	assert_string_equal(
	    wt_says(&t), "ESTABLISHED/open ESTABLISHED/open open");
	wt_stop(&t);
	/* But the dead must not forward. */
	start();
	handshake();
	wt_kill(&t, 2, VNETSIM_CLOSE_GRACEFUL);
	wt_dead(&t, 2);
	seg(false, FIN | ACK, 101, 501, -1);
	assert_string_equal(wt_says(&t), "FIN_WAIT_1/open CLOSE_WAIT/open open "
					 "!dead-sender:vnet2:alive");
	wt_stop(&t);
}

/* The same addresses and ports between other vnets, at the same time. */
static void
same_addresses_elsewhere(void **state)
{
	struct vnetsim_wire_conn c;

	(void)state;
	start();
	wt_born(&t, 2, "cli2");
	wt_born(&t, 3, "srv2");
	wt_play(&t, "aS bSA aA");
	{
		struct wt_side first[2];

		memcpy(first, t.side, sizeof(first));
		t.side[0].vnet = 2;
		t.side[1].vnet = 3;
		t.side[0].snd = 77;
		wt_play(&t, "aS bSA aA aF bA");
		memcpy(t.side, first, sizeof(first));
	}
	wt_play(&t, "ka aR x");
	assert_string_equal(wt_says(&t),
	    "CLOSED/RST sent CLOSED/RST received reset | "
	    "FIN_WAIT_2/open CLOSE_WAIT/open open");
	assert_true(vnetsim_wiremon_conn(t.wm, 1, &c));
	assert_string_equal(c.wc_end[0].wn_name, "cli2");
	assert_string_equal(c.wc_end[1].wn_name, "srv2");
	assert_int_equal(c.wc_incarnation, 1);
	wt_stop(&t);
}

/* A peer outside the world is a peer, too; its links are told apart. */
static void
outside(void **state)
{
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_conn c;

	(void)state;
	start();
	t.side[1].vnet = VNETSIM_NOVNET;
	wt_play(&t, "aS bSA aA kg x end");
	assert_false(vnetsim_wiremon_finding(t.wm, 0, &f));
	wt_stop(&t);
	start();
	t.side[1].vnet = VNETSIM_NOVNET;
	wt_play(&t, "bS aSA bA kg x ! end");
	assert_true(vnetsim_wiremon_finding(t.wm, 0, &f));
	assert_string_equal(f.wf_key, "stuck:cli:outside:ESTABLISHED:alive");
	assert_int_equal(f.wf_peer, VNETSIM_NOVNET);
	assert_true(vnetsim_wiremon_conn(t.wm, 0, &c));
	assert_int_equal(c.wc_end[0].wn_addr, 0x0a000002);
	assert_string_equal(c.wc_end[0].wn_name, "outside");
	wt_stop(&t);
}

/* Two peers outside with one address, on two links, are two. */
static void
outside_twice(void **state)
{
	struct wt_frame w = { 0x0a000002, 0x0a000001, 80, 1000, 5, 0, SYN, 9, 0,
		-1 };
	struct vnetsim_wire_conn c;
	uint8_t f[2048];
	uint32_t i;
	size_t len;

	(void)state;
	start();
	for (i = 0; i < 2; i++) {
		len = wt_build(f, &w);
		wt_send(&t, i, VNETSIM_NOVNET, i, f, len, VNETSIM_V_SENT, MS);
		w.seq++;
	}
	for (i = 0; i < 2; i++) {
		assert_true(vnetsim_wiremon_conn(t.wm, i, &c));
		assert_int_equal(c.wc_end[1].wn_vnet, i);
		assert_int_equal(c.wc_incarnation, 1);
		assert_int_equal(c.wc_outcome, VNETSIM_OUT_OPEN);
	}
	wt_stop(&t);
}

/* A LATE in time cancels; after the arrival it is no use. */
static void
late_in_time(void **state)
{
	struct vnetsim_wire_stats st;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		start();
		wt_play(&t, "aS bSA aA aF/&");
		t.now += MS * i;
		wt_late(&t, t.frame);
		vnetsim_wiremon_stats(t.wm, &st);
		assert_int_equal(st.ws_late_unmatched, i == 2);
		assert_string_equal(wt_says(&t),
		    i == 2 ? "FIN_WAIT_1/open CLOSE_WAIT/open open"
			   : "FIN_WAIT_1/open ESTABLISHED/open open");
		wt_stop(&t);
	}
}

/* Land: source equal to destination is followed by nobody. */
static void
to_itself(void **state)
{
	struct vnetsim_wire_stats st;

	(void)state;
	start();
	t.side[1] = t.side[0];
	wt_play(&t, "aS aA");
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_untracked, 2);
	assert_string_equal(wt_says(&t), "");
	wt_stop(&t);
	/* Same address, other port, one vnet: followed, counted once. */
	start();
	t.side[1].addr = t.side[0].addr;
	t.side[1].vnet = 0;
	wt_play(&t, "aS bSA aA kg x");
	{
		struct vnetsim_wire_vnet v;

		assert_string_equal(
		    wt_says(&t), "ESTABLISHED/open ESTABLISHED/open abandoned");
		assert_true(vnetsim_wiremon_vnet(t.wm, 0, &v));
		assert_int_equal(v.wv_abandoned, 1);
		assert_int_equal(v.wv_peers, 0);
	}
	wt_stop(&t);
}

/* Odd streams: unknown ids, time that runs back, numbers used twice. */
static void
odd_streams(void **state)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_KILL };
	struct vnetsim_wire_stats st;
	struct vnetsim_wire_vnet v;
	char name[3 * VNETSIM_WIREMON_NAME];

	(void)state;
	start();
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name[2] = '\n';
	wt_born(&t, 4000000000U, name);
	wt_late(&t, 12345);
	t.now = 10 * MS;
	wt_born(&t, 9, NULL);
	t.now = 0;
	wt_born(&t, 9, "");
	wt_dead(&t, 17);
	wt_dead(&t, 17);
	ev.we_kind = (enum vnetsim_wire_kind)99;
	wt_event(&t, &ev);
	ev.we_kind = VNETSIM_WIRE_KILL;
	ev.we_vnet = 3;
	ev.we_grace = INT64_MAX;
	ev.we_rto = INT64_MAX;
	wt_event(&t, &ev);
	ev.we_vnet = 4;
	ev.we_grace = INT64_MIN;
	ev.we_rto = INT64_MIN;
	wt_event(&t, &ev);
	wt_dead(&t, 3);
	vnetsim_wiremon_end(t.wm, INT64_MAX);
	vnetsim_wiremon_end(t.wm, 0);
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_late, 1);
	assert_int_equal(st.ws_late_unmatched, 1);
	assert_true(st.ws_disorder > 0);
	assert_true(st.ws_ended);
	assert_false(st.ws_incomplete);
	assert_true(vnetsim_wiremon_vnet(t.wm, 2, &v));
	assert_int_equal(strlen(v.wv_name), VNETSIM_WIREMON_NAME - 1);
	assert_memory_equal(v.wv_name, "nn?n", 4);
	assert_true(vnetsim_wiremon_vnet(t.wm, 3, &v));
	assert_string_equal(v.wv_name, "vnet9");
	assert_string_equal(vnetsim_wiremon_name(t.wm, 9), "vnet9");
	assert_string_equal(vnetsim_wiremon_name(t.wm, 8), "unknown");
	assert_string_equal(
	    vnetsim_wiremon_name(t.wm, VNETSIM_NOVNET), "outside");
	assert_true(vnetsim_wiremon_vnet(t.wm, 4, &v));
	assert_int_equal(v.wv_bound, 10 * MS + 4000 * MS);
	assert_true(v.wv_judged);
	assert_true(vnetsim_wiremon_vnet(t.wm, 5, &v));
	assert_int_equal(v.wv_bound, INT64_MAX);
	assert_true(vnetsim_wiremon_vnet(t.wm, 6, &v));
	assert_int_equal(v.wv_bound, 10 * MS + 4000 * MS);
	wt_stop(&t);
}

static void
names_of_enums(void **state)
{
	(void)state;
	assert_string_equal(vnetsim_wire_statename(0), "CLOSED");
	assert_string_equal(vnetsim_wire_statename(10), "TIME_WAIT");
	assert_string_equal(vnetsim_wire_statename(11), "?");
	assert_string_equal(vnetsim_wire_howname(3), "RST sent");
	assert_string_equal(vnetsim_wire_howname(4), "?");
	assert_string_equal(vnetsim_wire_outcomename(3), "abandoned");
	assert_string_equal(vnetsim_wire_outcomename(4), "?");
	assert_string_equal(vnetsim_wire_fatename(6), "undecided");
	assert_string_equal(vnetsim_wire_fatename(7), "?");
	assert_string_equal(vnetsim_wire_kindname(2), "header");
	assert_string_equal(vnetsim_wire_kindname(3), "?");
}

/*
 * 130,000 connections of one vnet, every tenth told: no allocation is larger
 * than 64 KiB, and each of the others is found.
 */
static void
very_many(void **state)
{
	struct vnetsim_wire_vnet v;
	struct vnetsim_wire_finding f;
	uint32_t a, b;
	int i, n = 130000;

	(void)state;
	start();
	a = t.side[0].snd;
	b = t.side[1].snd;
	for (i = 0; i < n; i++) {
		t.side[0].addr = 0x0a010000 + (uint32_t)i / 50000;
		t.side[0].port = (uint16_t)(1000 + i % 50000);
		t.side[0].snd = a;
		t.side[1].snd = b;
		t.now -= i > 0 ? 29 * MS : 0;
		wt_play(&t, i % 10 == 0 ? "aS bSA aA aF bF aA" : "aS bSA aA");
		t.now -= i % 10 == 0 ? 30 * MS : 0;
	}
	wt_play(&t, "kc x");
	t.now += 6000 * MS;
	vnetsim_wiremon_end(t.wm, t.now);
	assert_true(vnetsim_wiremon_vnet(t.wm, 0, &v));
	assert_int_equal(v.wv_finned, n / 10);
	assert_int_equal(v.wv_abandoned, n - n / 10);
	assert_int_equal(v.wv_silent, n - n / 10);
	assert_false(vnetsim_wiremon_finding(t.wm, 0, &f));
	assert_true(t.mem.largest <= 65536);
	wt_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_routers),
		cmocka_unit_test(lost_on_the_way),
		cmocka_unit_test(router_dies),
		cmocka_unit_test(same_addresses_elsewhere),
		cmocka_unit_test(outside),
		cmocka_unit_test(outside_twice),
		cmocka_unit_test(late_in_time),
		cmocka_unit_test(to_itself),
		cmocka_unit_test(odd_streams),
		cmocka_unit_test(names_of_enums),
		cmocka_unit_test(very_many),
	};

	return (cmocka_run_group_tests_name("wire_flow", tests, NULL, NULL)
		    ? 1
		    : 0);
}
