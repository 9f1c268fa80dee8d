/*
 * test_link.c - frames on wires: times, queues, losses, filters, cuts.
 */
#include "tests/test_link.h"

#define GOLDEN_LOST 93
#define GOLDEN_DUP  190

static struct vnet *v0;
static struct link *l0;

/* epair0 in vnet0, both halves up. */
static struct world *
world0(void)
{
	struct world *w = tw_create(lk_modules);

	v0 = w->w_vnet0;
	lk_pair(v0, "epair0");
	tw_run(w);
	l0 = lk_link(v0, "epair0a");
	assert_non_null(l0);
	return (w);
}

static void
set(int64_t delay, uint64_t rate, uint32_t queue, uint32_t loss, uint32_t dup)
{
	struct link_params p = { .lp_delay = delay,
		.lp_rate = rate,
		.lp_queue = queue,
		.lp_loss = loss,
		.lp_dup = dup };

	assert_int_equal(link_set(l0, 0, &p), 0);
}

static struct link_stats
stats(int end)
{
	struct link_stats ls;

	link_getstats(l0, end, &ls);
	return (ls);
}

/* From now on times count from 0. */
static int64_t
arrival(struct world *w, int64_t since)
{
	assert_true(world_step(w, INT64_MAX));
	return (fip_of(v0)->fp_lasttime - since);
}

static void
parameters_have_limits(void **state)
{
	static const struct link_params bad[] = { { .lp_delay = -1 },
		{ .lp_delay = LINK_DELAY_MAX + 1 },
		{ .lp_queue = LINK_QUEUE_MAX + 1 }, { .lp_loss = LINK_PPM + 1 },
		{ .lp_dup = LINK_PPM + 1 }, { .lp_corrupt = LINK_PPM + 1 },
		{ .lp_reorder = LINK_PPM + 1 }, { .lp_mark = LINK_PPM + 1 },
		{ .lp_hold = -1 }, { .lp_hold = LINK_DELAY_MAX + 1 },
		{ .lp_holdn = LINK_HOLDN_MAX + 1 },
		{ .lp_hold = 1, .lp_holdn = 1 } };
	struct link_params p = { .lp_delay = LINK_DELAY_MAX,
		.lp_rate = UINT64_MAX,
		.lp_queue = LINK_QUEUE_MAX,
		.lp_loss = LINK_PPM,
		.lp_dup = LINK_PPM,
		.lp_corrupt = LINK_PPM,
		.lp_reorder = LINK_PPM,
		.lp_mark = LINK_PPM,
		.lp_hold = LINK_DELAY_MAX };
	struct world *w = world0();
	struct link_params q;

	(void)state;
	link_get(l0, 0, &q);
	assert_int_equal(q.lp_queue, LINK_QUEUE_DEF);
	assert_int_equal(link_set(l0, 0, &p), 0);
	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(link_set(l0, 0, &bad[i]), VE_INVAL);
	link_get(l0, 0, &q);
	assert_memory_equal(&p, &q, sizeof(p));
	link_get(l0, 1, &q);
	assert_int_equal(q.lp_delay, 0);
	p = (struct link_params){ 0 };
	assert_int_equal(link_set(l0, 0, &p), 0);
	link_get(l0, 0, &q);
	assert_int_equal(q.lp_queue, LINK_QUEUE_DEF);
	tw_destroy(w);
}

static void
a_perfect_wire_takes_no_time_but_an_event(void **state)
{
	struct world *w = world0();
	int64_t t = vtime();

	(void)state;
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(fip_of(v0)->fp_nin, 0);
	assert_int_equal(arrival(w, t), 0);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lastlen, 100);
	assert_int_equal(fip_of(v0)->fp_lastflags & M_MCAST, M_MCAST);
	assert_int_equal(
	    fip_of(v0)->fp_lastrcvif, lk_if(v0, "epair0b")->if_handle);
	assert_int_equal(lk_if(v0, "epair0a")->if_data.ifi_opackets, 1);
	assert_int_equal(lk_if(v0, "epair0a")->if_data.ifi_obytes, 114);
	assert_int_equal(lk_if(v0, "epair0b")->if_data.ifi_ipackets, 1);
	assert_int_equal(lk_if(v0, "epair0b")->if_data.ifi_ibytes, 114);
	tw_destroy(w);
}

static void
delay_and_rate_are_exact(void **state)
{
	struct world *w = world0();
	int64_t t = vtime();

	(void)state;
	/* 986 + 14 bytes are 8000 bits: 8 ms at 1 Mbit/s */
	set(5 * NS_MS, 1000000, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(lk_send(v0, "epair0a", 986), 0);
	assert_int_equal(arrival(w, t), 13 * NS_MS);
	assert_int_equal(arrival(w, t), 21 * NS_MS);
	assert_int_equal(arrival(w, t), 29 * NS_MS);
	/* a nanosecond that has begun counts: 912 bits at 7 bit/s */
	set(0, 7, 0, 0, 0);
	t = vtime();
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(arrival(w, t), INT64_C(130285714286));
	/* 10 Gbit/s: 91.2 ns */
	set(0, UINT64_C(10000000000), 0, 0, 0);
	t = vtime();
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(arrival(w, t), 92);
	/* faster than a bit a nanosecond is still not nothing */
	set(0, UINT64_MAX, 0, 0, 0);
	t = vtime();
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(arrival(w, t), 1);
	/* the other direction has its own parameters */
	t = vtime();
	assert_int_equal(lk_send(v0, "epair0b", 100), 0);
	assert_int_equal(arrival(w, t), 0);
	tw_destroy(w);
}

static void
nothing_overtakes(void **state)
{
	struct world *w = world0();
	int64_t t = vtime();

	(void)state;
	set(10 * NS_MS, 0, 0, 0, 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	set(1 * NS_MS, 0, 0, 0, 0);
	assert_int_equal(lk_send(v0, "epair0a", 200), 0);
	assert_int_equal(arrival(w, t), 10 * NS_MS);
	assert_int_equal(fip_of(v0)->fp_lastlen, 100);
	assert_int_equal(arrival(w, t), 10 * NS_MS);
	assert_int_equal(fip_of(v0)->fp_lastlen, 200);
	t = vtime();
	assert_int_equal(lk_send(v0, "epair0a", 300), 0);
	assert_int_equal(arrival(w, t), NS_MS);
	tw_destroy(w);
}

static void
the_queue_holds_what_it_says(void **state)
{
	struct world *w = world0();

	(void)state;
	set(NS_S, 1000000, 3, 0, 0);
	/* one is being sent, three wait */
	for (int i = 0; i < 4; i++)
		assert_int_equal(lk_send(v0, "epair0a", 986), 0);
	assert_int_equal(stats(0).ls_waiting, 3);
	assert_int_equal(lk_send(v0, "epair0a", 986), VE_NOBUFS);
	assert_int_equal(lk_drops(v0, DROP_LINK_QUEUE), 1);
	assert_int_equal(stats(0).ls_queue, 1);
	assert_int_equal(lk_if(v0, "epair0a")->if_data.ifi_oqdrops, 1);
	/* one nanosecond before the first has left, and then */
	assert_false(world_step(w, vtime() + 8 * NS_MS - 1));
	assert_int_equal(lk_send(v0, "epair0a", 986), VE_NOBUFS);
	assert_false(world_step(w, vtime() + 1));
	assert_int_equal(stats(0).ls_waiting, 2);
	assert_int_equal(lk_send(v0, "epair0a", 986), 0);
	assert_int_equal(lk_send(v0, "epair0a", 986), VE_NOBUFS);
	assert_int_equal(stats(0).ls_inflight, 5);
	tw_run(w);
	assert_int_equal(stats(0).ls_arrived, 5);
	assert_int_equal(stats(0).ls_inflight, 0);
	assert_int_equal(stats(0).ls_waiting, 0);
	/* without a rate nothing waits */
	set(NS_S, 0, 1, 0, 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(lk_send(v0, "epair0a", 986), 0);
	tw_run(w);
	tw_destroy(w);
}

static void
a_lost_frame_takes_its_time(void **state)
{
	struct world *w = world0();
	int64_t t = vtime();

	(void)state;
	set(0, 1000000, 3, 0, 0);
	link_nextof(l0, 0, LINK_DROP, 3, LINK_ANY);
	for (int i = 0; i < 4; i++)
		assert_int_equal(lk_send(v0, "epair0a", 986), 0);
	assert_int_equal(lk_send(v0, "epair0a", 986), VE_NOBUFS);
	assert_int_equal(stats(0).ls_filter, 3);
	assert_int_equal(lk_drops(v0, DROP_LINK_FILTER), 3);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lasttime - t, 32 * NS_MS);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	tw_destroy(w);
}

static void
loss_and_doubling_are_the_seeds(void **state)
{
	struct world *w = world0();
	struct link_stats ls;

	(void)state;
	set(0, 0, 0, 10000, 20000);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(lk_send(v0, "epair0a", 100), 0);
		tw_run(w);
	}
	ls = stats(0);
	assert_int_equal(ls.ls_sent, 10000);
	assert_int_equal(ls.ls_bytes, 1140000);
	/* 1 % and 2 %, four standard deviations */
	assert_in_range(ls.ls_lost, 60, 140);
	assert_in_range(ls.ls_dup, 144, 256);
	assert_int_equal(ls.ls_arrived, 10000 - ls.ls_lost + ls.ls_dup);
	assert_int_equal(fip_of(v0)->fp_nin, ls.ls_arrived);
	assert_int_equal(lk_drops(v0, DROP_LINK_LOSS), ls.ls_lost);
	/* and exactly, with seed 1 */
	assert_int_equal(ls.ls_lost, GOLDEN_LOST);
	assert_int_equal(ls.ls_dup, GOLDEN_DUP);
	set(0, 0, 0, LINK_PPM, LINK_PPM);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(stats(0).ls_lost, ls.ls_lost + 1);
	set(0, 0, 0, 0, LINK_PPM);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(stats(0).ls_dup, ls.ls_dup + 1);
	tw_run(w);
	assert_int_equal(stats(1).ls_sent, 0);
	tw_destroy(w);
}

static void
directions_draw_on_their_own(void **state)
{
	uint64_t lost[2];
	struct world *w;

	(void)state;
	/* traffic from b to a does not change what a to b loses */
	for (int both = 0; both < 2; both++) {
		struct link_params p = { .lp_loss = 300000 };

		w = world0();
		assert_int_equal(link_set(l0, 1, &p), 0);
		set(0, 0, 0, 300000, 0);
		for (int i = 0; i < 200; i++) {
			assert_int_equal(lk_send(v0, "epair0a", 100), 0);
			if (both)
				assert_int_equal(
				    lk_send(v0, "epair0b", 100), 0);
		}
		lost[both] = stats(0).ls_lost;
		tw_run(w);
		tw_destroy(w);
	}
	assert_int_equal(lost[0], lost[1]);
	assert_in_range(lost[0], 30, 90);
}

static void
a_doubled_frame_without_memory_is_sent_once(void **state)
{
	struct world *w = world0();

	(void)state;
	set(0, 0, 0, 0, LINK_PPM);
	/* the mbuf of the frame, then its copy */
	mem_fail_set(w, 2, false);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_true(w->w_mem.wm_consumed);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(stats(0).ls_dup, 0);
	tw_destroy(w);
}

/* ---- classes ---- */

struct tcase {
	const char *tc_name;
	uint8_t tc_proto, tc_flags;
	uint16_t tc_data;
	uint16_t tc_classes; /* bit per enum link_class */
};

#define C(c) (1u << LINK_##c)

static uint32_t
build(uint8_t *b, const struct tcase *tc)
{
	uint32_t l4 = tc->tc_proto == 6 ? 20 : 8, len = 20 + l4 + tc->tc_data;

	memset(b, 0, ETHER_HDR_LEN + len);
	memset(b, 0xff, 6);
	be16enc(b + 12, ETHERTYPE_IP);
	b[14] = 0x45;
	be16enc(b + 16, (uint16_t)len);
	b[23] = tc->tc_proto;
	if (tc->tc_proto == 6) {
		b[34 + 12] = 0x50;
		b[34 + 13] = tc->tc_flags;
	}
	return (ETHER_HDR_LEN + len);
}

static void
filters_look_into_the_frame(void **state)
{
	static const struct tcase cases[] = {
		{ "syn", 6, 0x02, 0, C(TCP) | C(SYN) },
		{ "syn ack", 6, 0x12, 0, C(TCP) | C(SYN) },
		{ "fin ack", 6, 0x11, 0, C(TCP) | C(FIN) },
		{ "fin data", 6, 0x11, 9, C(TCP) | C(FIN) | C(DATA) },
		{ "rst", 6, 0x04, 0, C(TCP) | C(RST) },
		{ "rst ack", 6, 0x14, 0, C(TCP) | C(RST) },
		{ "ack", 6, 0x10, 0, C(TCP) | C(ACK) },
		{ "push", 6, 0x18, 1, C(TCP) | C(DATA) },
		{ "udp", 17, 0, 5, C(UDP) },
		{ "icmp", 1, 0, 5, C(ICMP) },
		{ "other", 99, 0, 5, 0 },
	};
	struct world *w = world0();
	uint8_t b[100];
	uint32_t len;
	bool lost;

	(void)state;
	for (size_t i = 0; i < nitems(cases); i++) {
		len = build(b, &cases[i]);
		for (int cls = LINK_ANY; cls <= LINK_ICMP; cls++) {
			link_nextof(l0, 0, LINK_DROP, 1, (enum link_class)cls);
			(void)lk_raw(v0, "epair0a", b, len);
			lost = stats(0).ls_inflight == 0;
			assert_true(
			    lost == (cls == LINK_ANY || (cases[i].tc_classes &
							    1u << cls) != 0));
			tw_run(w);
		}
		/* cut short it is in no class but any */
		for (uint32_t cut = 0; cut < len; cut++) {
			link_nextof(l0, 0, LINK_DROP, 1, LINK_TCP);
			(void)lk_raw(v0, "epair0a", b, cut);
			assert_int_equal(stats(0).ls_inflight, 1);
			tw_run(w);
		}
	}
	/* a later fragment shows no ports, no flags */
	len = build(b, &cases[0]);
	be16enc(b + 20, 1);
	link_nextof(l0, 0, LINK_DROP, 1, LINK_SYN);
	(void)lk_raw(v0, "epair0a", b, len);
	assert_int_equal(stats(0).ls_inflight, 1);
	be16enc(b + 12, ETHERTYPE_ARP);
	link_nextof(l0, 0, LINK_DROP, 2, LINK_ARP);
	(void)lk_raw(v0, "epair0a", b, len);
	(void)lk_raw(v0, "epair0a", b, len);
	assert_int_equal(stats(0).ls_inflight, 1);
	(void)lk_raw(v0, "epair0a", b, len);
	assert_int_equal(stats(0).ls_inflight, 2);
	link_nextof(l0, 0, LINK_DROP, 5, LINK_ANY);
	link_nextof(l0, 0, LINK_DROP, 0, LINK_ANY);
	(void)lk_raw(v0, "epair0a", b, len);
	assert_int_equal(stats(0).ls_inflight, 3);
	tw_run(w);
	tw_destroy(w);
}

/* ---- cut ---- */

static void
a_cut_wire_loses_what_is_on_it(void **state)
{
	struct world *w = world0();

	(void)state;
	assert_int_equal(lk_if(v0, "epair0a")->if_linkstate, LINK_STATE_UP);
	set(NS_S, 0, 0, 0, 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	link_cut(l0, true);
	link_cut(l0, true);
	assert_true(link_iscut(l0));
	assert_int_equal(stats(0).ls_late, 1);
	assert_int_equal(lk_drops(NULL, DROP_LINK_CUT), 1);
	assert_int_equal(lk_send(v0, "epair0a", 100), VE_NETDOWN);
	assert_int_equal(lk_drops(v0, DROP_LINK_CUT), 1);
	assert_int_equal(stats(0).ls_cut, 1);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 0);
	assert_int_equal(fip_of(v0)->fp_lastlinkstate, LINK_STATE_DOWN);
	assert_int_equal(lk_if(v0, "epair0b")->if_linkstate, LINK_STATE_DOWN);
	link_cut(l0, false);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastlinkstate, LINK_STATE_UP);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	tw_destroy(w);
}

/* ---- what listeners hear ---- */

#define HEARD_MAX 64

static struct vnetsim_wire_event heard[HEARD_MAX];
static uint8_t heard_bytes[HEARD_MAX][128];
static char heard_ends[HEARD_MAX][2][IFNAMSIZ + 2];
static uint32_t nheard;

static void
listen(void *ctx, const struct vnetsim_wire_event *ev)
{
	assert_null(ctx);
	assert_true(nheard < HEARD_MAX);
	heard[nheard] = *ev;
	if (ev->we_kind == VNETSIM_WIRE_FRAME)
		memcpy(heard_bytes[nheard], ev->we_bytes,
		    ev->we_len < 128 ? ev->we_len : 128);
	if (ev->we_kind == VNETSIM_WIRE_LINK)
		for (int i = 0; i < 2; i++)
			snprintf(heard_ends[nheard][i], IFNAMSIZ + 2, "%s",
			    ev->we_ends[i]);
	nheard++;
}

static struct vnetsim_wire_event *
last(void)
{
	assert_true(nheard > 0);
	return (&heard[nheard - 1]);
}

static void
each_frame_is_reported_once_with_its_fate(void **state)
{
	struct world *w = world0();

	(void)state;
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	assert_int_equal(nheard, 1);
	assert_int_equal(last()->we_kind, VNETSIM_WIRE_LINK);
	assert_string_equal(heard_ends[0][0], "epair0a");
	assert_string_equal(heard_ends[0][1], "epair0b");
	set(5 * NS_MS, 0, 0, 0, 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(nheard, 2);
	assert_int_equal(last()->we_kind, VNETSIM_WIRE_FRAME);
	assert_int_equal(last()->we_frame, 0);
	assert_int_equal(last()->we_verdict, VNETSIM_V_SENT);
	assert_int_equal(last()->we_arrive, vtime() + 5 * NS_MS);
	assert_int_equal(last()->we_vnet, 0);
	assert_int_equal(last()->we_peer, 0);
	assert_int_equal(last()->we_len, 114);
	assert_null(last()->we_phase);
	assert_int_equal(heard_bytes[1][0], 0x01);
	assert_int_equal(be16dec(heard_bytes[1] + 12), ETHERTYPE_IP);
	assert_int_equal(heard_bytes[1][14], 0x5a);
	tw_run(w);
	assert_int_equal(nheard, 2);
	set(0, 0, 0, 0, LINK_PPM);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(last()->we_verdict, VNETSIM_V_DUP);
	set(0, 0, 0, LINK_PPM, 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(last()->we_verdict, VNETSIM_V_LOST);
	set(0, 8, 1, 0, 0);
	for (int i = 0; i < 3; i++)
		(void)lk_send(v0, "epair0a", 100);
	assert_int_equal(last()->we_verdict, VNETSIM_V_QUEUE);
	assert_int_equal(last()->we_frame, 5);
	tw_run(w);
	tw_destroy(w);
}

static void
a_frame_that_finds_nobody_is_reported_late(void **state)
{
	struct world *w = world0();

	(void)state;
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	set(0, 0, 0, 0, LINK_PPM);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	set(0, 8, 1, 0, 0);
	for (int i = 0; i < 3; i++)
		(void)lk_send(v0, "epair0a", 100);
	/* down between sending and arrival: late, each once */
	assert_int_equal(lk_updown(v0, "epair0b", false), 0);
	tw_run(w);
	assert_int_equal(nheard, 8);
	for (uint32_t i = 5; i < 8; i++) {
		assert_int_equal(heard[i].we_kind, VNETSIM_WIRE_LATE);
		assert_int_equal(heard[i].we_frame, i - 5);
	}
	/* of the doubled one both copies */
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 4);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(last()->we_verdict, VNETSIM_V_CUT);
	assert_int_equal(lk_drops(v0, DROP_LINK_NOBODY), 1);
	assert_int_equal(stats(0).ls_nobody, 1);
	tw_run(w);
	tw_destroy(w);
}

static void
links_that_are_there_are_told_to_a_new_listener(void **state)
{
	struct world *w = world0();

	(void)state;
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	link_cut(l0, true);
	assert_int_equal(lk_send(v0, "epair0b", 100), VE_NETDOWN);
	assert_int_equal(lk_updown(v0, "epair0b", true), 0);
	assert_int_equal(lk_send(v0, "epair0b", 100), VE_NETDOWN);
	assert_int_equal(last()->we_verdict, VNETSIM_V_CUT);
	assert_int_equal(last()->we_end, 1);
	link_set_sink(NULL, NULL, NULL);
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(nheard, 3);
	link_set_sink(listen, NULL, NULL);
	assert_int_equal(nheard, 5);
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(nheard, 6);
	assert_int_equal(last()->we_link, 2);
	link_set_sink(NULL, NULL, NULL);
	tw_run(w);
	tw_destroy(w);
}

static void
a_listener_sees_real_sums_and_changes_nothing(void **state)
{
	uint8_t b[100];
	struct tcase tc = { "data", 6, 0x18, 30, 0 };
	struct world *w = world0();
	struct vnet_frame f;
	uint32_t len, nmem;
	uint64_t hash[2];
	struct mbuf *m;

	(void)state;
	len = build(b, &tc);
	for (int on = 0; on < 2; on++) {
		world_destroy(w);
		w = world0();
		nheard = 0;
		if (on)
			link_set_sink(listen, NULL, NULL);
		nmem = (uint32_t)w->w_mem.wm_nfallible;
		TW_ENTER(&f, v0);
		m = m_gethdr(M_NOWAIT);
		assert_true(m_append(m, b + 14, len - 14, M_NOWAIT));
		m->m_pkthdr.csum_flags = CSUM_IP | CSUM_TCP;
		assert_int_equal(ether_frame(lk_if(v0, "epair0a"), m,
				     etherbroadcastaddr, ETHERTYPE_IP),
		    0);
		vnet_leave(&f);
		nmem = (uint32_t)w->w_mem.wm_nfallible - nmem;
		tw_run(w);
		assert_true(nmem <= 2);
		assert_int_equal(
		    fip_of(v0)->fp_lastcsum, CSUM_L3_VALID | CSUM_DATA_VALID);
		/* the bytes that arrive are as they were sent */
		assert_memory_equal(fip_of(v0)->fp_last, b + 14, 60);
		hash[on] = world_hash(v0, HASH_STATS | HASH_SERIALS);
	}
	assert_int_equal(hash[0], hash[1]);
	/* RFC 1071: a right sum over right bytes is zero */
	TW_ENTER(&f, v0);
	m = m_gethdr(M_NOWAIT);
	assert_true(m_append(m, heard_bytes[1] + 14, len - 14, M_NOWAIT));
	assert_int_equal(in_cksum(m, 0, 20, 0), 0);
	assert_int_equal(
	    in_cksum(m, 20, len - 34, in_pseudo(0, 0, 6, len - 34)), 0);
	assert_int_not_equal(be16dec(heard_bytes[1] + 24), 0);
	m_freem(m);
	vnet_leave(&f);
	tw_destroy(w);
}

static void
the_dying_are_named_with_phase_and_step(void **state)
{
	struct world *w = world0();

	(void)state;
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	v0->v_phase = PHASE_FAREWELL;
	v0->v_step = "tcp farewell";
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_string_equal(last()->we_phase, "farewell");
	assert_string_equal(last()->we_step, "tcp farewell");
	v0->v_phase = PHASE_LETGO;
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_string_equal(last()->we_phase, "let go");
	v0->v_phase = PHASE_ALIVE;
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_null(last()->we_phase);
	assert_null(last()->we_step);
	tw_run(w);
	/* the buffer of the test's send: not from the reserve */
	(void)tw_finding(w, ORACLE_ORDER, "alloc-in-teardown");
	tw_destroy(w);
}

/* ---- nobody there ---- */

static void
frames_outlive_their_sender_and_their_receiver(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a"), *b = lk_vnet("b");

	(void)state;
	assert_int_equal(lk_move(v0, "epair0a", a), 0);
	assert_int_equal(lk_move(v0, "epair0b", b), 0);
	assert_int_equal(lk_updown(a, "epair0a", true), 0);
	assert_int_equal(lk_updown(b, "epair0b", true), 0);
	set(NS_S, 0, 0, 0, 0);
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	/* the sender dies while its frame is under way: it arrives */
	assert_int_equal(lk_send(a, "epair0a", 100), 0);
	assert_int_equal(last()->we_vnet, a->v_id);
	assert_int_equal(last()->we_peer, b->v_id);
	assert_int_equal(uma_count(&mbuf_zone, a), 0);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 1);
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	while (prison_find("a", true) != NULL)
		assert_true(world_step(w, vtime()));
	tw_run(w);
	assert_int_equal(fip_of(b)->fp_nin, 1);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	/* the receiver dies: the half went home, and is down */
	assert_int_equal(lk_updown(v0, "epair0a", true), 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(prison_remove(prison_find("b", false)), 0);
	tw_run(w);
	assert_int_equal(last()->we_kind, VNETSIM_WIRE_LATE);
	assert_int_equal(last()->we_frame, 1);
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 1);
	assert_int_equal(stats(0).ls_late, 1);
	tw_destroy(w);
}

static void
a_shut_door_is_nobody(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a");

	(void)state;
	assert_int_equal(lk_move(v0, "epair0b", a), 0);
	assert_int_equal(lk_updown(a, "epair0b", true), 0);
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	a->v_shut |= 1u << DOOR_WIRE;
	tw_run(w);
	assert_int_equal(last()->we_kind, VNETSIM_WIRE_LATE);
	assert_int_equal(lk_drops(NULL, DROP_LINK_NOBODY), 1);
	a->v_shut = 0;
	tw_destroy(w);
}

static void
a_destroyed_wire_drops_what_is_on_it(void **state)
{
	struct world *w = world0();
	struct op *op;
	uint32_t id = link_id(l0);

	(void)state;
	set(NS_S, 0, 0, 0, LINK_PPM);
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	assert_int_equal(lk_send(v0, "epair0a", 100), 0);
	assert_int_equal(lk_destroy(v0, "epair0b", &op), 0);
	while (!op->op_done)
		assert_true(world_step(w, vtime()));
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(last()->we_kind, VNETSIM_WIRE_LATE);
	assert_int_equal(nheard, 3);
	/* counted where the pair was made */
	assert_int_equal(lk_drops(v0, DROP_LINK_NOBODY), 2);
	assert_null(link_byid(id));
	assert_null(link_next(NULL));
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	tw_run(w);
	tw_destroy(w);
}

/*
 * FreeBSD D11782 (PR 213896) and D45727: what listens to an interface must
 * not be tied to an attachment that is over.  Here a listener hangs on the
 * wire: through a move, deferred frees and re-attachment, it hears each frame
 * once and names the vnet that really sent it.
 */
static void
a_listener_follows_the_wire_not_the_attachment(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a");
	struct op *op;

	(void)state;
	nheard = 0;
	link_set_sink(listen, NULL, NULL);
	for (int i = 0; i < 4; i++) {
		struct vnet *from = i % 2 == 0 ? v0 : a;
		struct vnet *to = i % 2 == 0 ? a : v0;
		uint32_t was = nheard;

		assert_int_equal(lk_updown(from, "epair0a", true), 0);
		assert_int_equal(lk_send(from, "epair0a", 100), 0);
		assert_int_equal(nheard, was + 1);
		assert_int_equal(last()->we_vnet, from->v_id);
		assert_int_equal(lk_loan(from, "epair0a", to, &op), 0);
		while (world_step(w, vtime()))
			assert_true(nheard == was + 1);
		assert_int_equal(lk_result(op), 0);
		assert_int_equal(lk_send(v0, "epair0b", 100), 0);
		assert_int_equal(last()->we_verdict, VNETSIM_V_CUT);
		assert_int_equal(last()->we_peer, to->v_id);
	}
	tw_destroy(w);
}

static void
links_are_found(void **state)
{
	struct world *w = world0();
	int end = 9;

	(void)state;
	assert_ptr_equal(link_of(lk_if(v0, "epair0b"), &end), l0);
	assert_int_equal(end, 1);
	assert_ptr_equal(link_byid(0), l0);
	assert_null(link_byid(1));
	assert_null(link_of(lk_if(v0, "lo0"), &end));
	assert_string_equal(link_name(l0), "epair0");
	assert_ptr_equal(handle_lookup(HANDLE_LINK, link_handle(l0)), l0);
	assert_ptr_equal(link_end(l0, 1), lk_if(v0, "epair0b"));
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(link_id(link_next(l0)), 1);
	assert_null(link_next(link_next(l0)));
	tw_destroy(w);
}

/* A world that is saved with frames under way goes on the same. */
static void
a_wire_is_saved_and_restored(void **state)
{
	struct world *w = world0();
	struct world_save *s;
	uint64_t hash;

	(void)state;
	set(NS_MS, 1000000, 2, 100000, 100000);
	for (int i = 0; i < 4; i++)
		(void)lk_send(v0, "epair0a", 986);
	s = world_save(w);
	assert_non_null(s);
	tw_run(w);
	hash = world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS);
	world_restore(w, s);
	tw_run(w);
	assert_int_equal(
	    world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS), hash);
	world_save_free(w, s);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_have_limits),
		cmocka_unit_test(a_perfect_wire_takes_no_time_but_an_event),
		cmocka_unit_test(delay_and_rate_are_exact),
		cmocka_unit_test(nothing_overtakes),
		cmocka_unit_test(the_queue_holds_what_it_says),
		cmocka_unit_test(a_lost_frame_takes_its_time),
		cmocka_unit_test(loss_and_doubling_are_the_seeds),
		cmocka_unit_test(directions_draw_on_their_own),
		cmocka_unit_test(a_doubled_frame_without_memory_is_sent_once),
		cmocka_unit_test(filters_look_into_the_frame),
		cmocka_unit_test(a_cut_wire_loses_what_is_on_it),
		cmocka_unit_test(each_frame_is_reported_once_with_its_fate),
		cmocka_unit_test(a_frame_that_finds_nobody_is_reported_late),
		cmocka_unit_test(
		    links_that_are_there_are_told_to_a_new_listener),
		cmocka_unit_test(a_listener_sees_real_sums_and_changes_nothing),
		cmocka_unit_test(the_dying_are_named_with_phase_and_step),
		cmocka_unit_test(
		    frames_outlive_their_sender_and_their_receiver),
		cmocka_unit_test(a_shut_door_is_nobody),
		cmocka_unit_test(a_destroyed_wire_drops_what_is_on_it),
		cmocka_unit_test(
		    a_listener_follows_the_wire_not_the_attachment),
		cmocka_unit_test(links_are_found),
		cmocka_unit_test(a_wire_is_saved_and_restored),
	};

	return (cmocka_run_group_tests_name("link", tests, NULL, NULL) ? 1 : 0);
}
