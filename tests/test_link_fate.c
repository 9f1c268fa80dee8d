/*
 * test_link_fate.c - what a wire does to frames: corruption, reordering, and
 * that each chance is what it says and depends on nothing else.
 *
 * Statistics are over 100,000 frames with fixed seeds; the bounds are those of
 * a chi-square test at 0.1 %, so a right generator with another seed would fail
 * once in a thousand.
 */
#include "tests/test_link.h"

#define NSTAT 100000

static struct vnet *v0;
static struct link *l0;

#define HEARD_MAX 64
static struct vnetsim_wire_event heard[HEARD_MAX];
static uint8_t heard_bytes[HEARD_MAX][256];
static unsigned nheard;

/* What became of each frame of a statistic, by its number. */
static uint8_t fates[NSTAT];
static uint32_t bits[NSTAT];
static uint64_t firstframe;

static void
listen(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	if (ev->we_kind == VNETSIM_WIRE_LINK)
		return;
	assert_true(nheard < HEARD_MAX);
	heard[nheard] = *ev;
	if (ev->we_kind == VNETSIM_WIRE_FRAME)
		memcpy(heard_bytes[nheard], ev->we_bytes,
		    ev->we_len < 256 ? ev->we_len : 256);
	nheard++;
}

static void
count(void *ctx, const struct vnetsim_wire_event *ev)
{
	uint64_t n = ev->we_frame - firstframe;

	(void)ctx;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || n >= NSTAT)
		return;
	fates[n] = ev->we_verdict;
	bits[n] = ev->we_bit;
}

static struct world *
world0(uint64_t seed)
{
	struct world_config cfg = tw_config(lk_modules);
	struct world *w;

	if (seed != 0)
		cfg.wc_seed = seed;
	w = tw_create_cfg(&cfg);
	v0 = w->w_vnet0;
	lk_pair(v0, "epair0");
	tw_run(w);
	l0 = lk_link(v0, "epair0a");
	assert_non_null(l0);
	nheard = 0;
	return (w);
}

static void
set(const struct link_params *p)
{
	assert_int_equal(link_set(l0, 0, p), 0);
}

static struct link_stats
stats(void)
{
	struct link_stats ls;

	link_getstats(l0, 0, &ls);
	return (ls);
}

static void
send1(uint32_t len)
{
	assert_int_equal(lk_send(v0, "epair0a", len), 0);
}

/* Run to the next arrival.  Return: length of the packet. */
static uint32_t
next(struct world *w)
{
	uint32_t n = fip_of(v0)->fp_nin;

	while (fip_of(v0)->fp_nin == n)
		assert_true(world_step(w, INT64_MAX));
	return (fip_of(v0)->fp_lastlen);
}

/* ---- reordering ---- */

static void
by_time_one_is_late_and_nobody_waits(void **state)
{
	struct link_params p = { .lp_delay = NS_MS, .lp_hold = 10 * NS_MS };
	struct world *w = world0(0);
	int64_t t = vtime();

	(void)state;
	link_set_sink(listen, NULL, NULL);
	set(&p);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	for (uint32_t i = 1; i <= 3; i++)
		send1(i * 100);
	assert_int_equal(heard[0].we_verdict, VNETSIM_V_HELD);
	assert_int_equal(heard[0].we_arrive, t + 11 * NS_MS);
	assert_int_equal(heard[1].we_verdict, VNETSIM_V_SENT);
	assert_int_equal(stats().ls_inflight, 3);
	assert_int_equal(next(w), 200);
	assert_int_equal(next(w), 300);
	assert_int_equal(vtime(), t + NS_MS);
	assert_int_equal(next(w), 100);
	assert_int_equal(vtime(), t + 11 * NS_MS);
	assert_int_equal(stats().ls_held, 1);
	assert_int_equal(stats().ls_arrived, 3);
	assert_int_equal(nheard, 3); /* nothing moved */
	/* the next one does not wait for the late one */
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	send1(100);
	send1(200);
	assert_int_equal(next(w), 200);
	assert_int_equal(next(w), 100);
	tw_destroy(w);
}

static void
late_ones_arrive_by_time_then_number(void **state)
{
	struct link_params p = { .lp_hold = 10 * NS_MS };
	struct world *w = world0(0);

	(void)state;
	set(&p);
	link_nextof(l0, 0, LINK_REORDER, 3, LINK_ANY);
	send1(100);
	p.lp_hold = 5 * NS_MS;
	set(&p);
	send1(200);
	send1(300);
	send1(400);
	assert_int_equal(next(w), 400);
	assert_int_equal(next(w), 200);
	assert_int_equal(next(w), 300);
	assert_int_equal(next(w), 100);
	tw_destroy(w);
}

static void
by_number_it_follows_the_last_that_passes(void **state)
{
	struct link_params p = { .lp_delay = NS_MS, .lp_holdn = 2 };
	struct world *w = world0(0);
	int64_t t = vtime();

	(void)state;
	link_set_sink(listen, NULL, NULL);
	set(&p);
	send1(50);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	for (uint32_t i = 1; i <= 4; i++)
		send1(i * 100);
	assert_int_equal(heard[1].we_arrive, t + NS_MS + LINK_HOLD_LIMIT);
	assert_int_equal(next(w), 50); /* sent before: does not count */
	assert_int_equal(next(w), 200);
	/* in the event of the second one that passes */
	assert_true(world_step(w, INT64_MAX));
	assert_int_equal(fip_of(v0)->fp_lastlen, 100);
	assert_int_equal(fip_of(v0)->fp_nin, 4);
	assert_int_equal(heard[nheard - 1].we_kind, VNETSIM_WIRE_MOVED);
	assert_int_equal(heard[nheard - 1].we_frame, heard[1].we_frame);
	assert_int_equal(heard[nheard - 1].we_arrive, t + NS_MS);
	assert_int_equal(heard[nheard - 1].we_behind, heard[3].we_frame);
	assert_int_equal(next(w), 400);
	tw_destroy(w);
}

static void
by_number_it_does_not_wait_for_ever(void **state)
{
	struct link_params p = { .lp_delay = NS_MS,
		.lp_holdn = LINK_HOLDN_MAX };
	struct world *w = world0(0);
	int64_t t = vtime();

	(void)state;
	link_set_sink(listen, NULL, NULL);
	set(&p);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	send1(100);
	for (int i = 1; i < LINK_HOLDN_MAX; i++) {
		nheard = 1;
		send1(200);
	}
	nheard = 1;
	while (fip_of(v0)->fp_nin < LINK_HOLDN_MAX - 1)
		assert_int_equal(next(w), 200);
	assert_int_equal(next(w), 100);
	assert_int_equal(vtime(), t + NS_MS + LINK_HOLD_LIMIT);
	assert_int_equal(nheard, 1);
	/* and with the last one that was missing */
	t = vtime();
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	send1(100);
	for (int i = 1; i <= LINK_HOLDN_MAX; i++) {
		nheard = 1;
		send1(200);
	}
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastlen, 100);
	assert_int_equal(fip_of(v0)->fp_lasttime, t + NS_MS);
	tw_destroy(w);
}

/* What is late takes its place on the wire and in the queue all the same. */
static void
a_late_one_takes_its_time_on_the_wire(void **state)
{
	struct link_params p = {
		.lp_rate = 1000000, .lp_queue = 2, .lp_hold = NS_S
	};
	struct world *w = world0(0);
	int64_t t = vtime();

	(void)state;
	set(&p);
	send1(986); /* 8 ms */
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	send1(486); /* 4 ms */
	assert_int_equal(stats().ls_waiting, 1);
	send1(985);
	assert_int_equal(lk_send(v0, "epair0a", 100), VE_NOBUFS);
	assert_int_equal(next(w), 986);
	assert_int_equal(next(w), 985);
	assert_int_equal(vtime(), t + 20 * NS_MS - 8000);
	assert_int_equal(next(w), 486);
	assert_int_equal(vtime(), t + 12 * NS_MS + NS_S);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	/* no memory for its place: it is not late */
	send1(986);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	mem_fail_set(w, 2, false);
	send1(100);
	assert_true(w->w_mem.wm_consumed);
	assert_int_equal(next(w), 986);
	assert_int_equal(next(w), 100);
	assert_int_equal(stats().ls_held, 1);
	tw_destroy(w);
}

/* ---- corruption ---- */

/* An IPv4 packet with TCP, sums to be made, in Ethernet to the other end. */
static void
send_tcp(uint32_t payload)
{
	struct ifnet *ifp = lk_if(v0, "epair0a");
	uint8_t hdr[40] = { 0x45 };
	struct vnet_frame f;
	struct mbuf *m;

	be16enc(hdr + 2, (uint16_t)(40 + payload));
	hdr[8] = 64;
	hdr[9] = 6;
	hdr[32] = 0x50;
	assert_true(vnet_enter(&f, v0, DOOR_USER, VNET_MOD_ip));
	m = m_getm(64, 40 + payload, M_NOWAIT);
	assert_non_null(m);
	for (struct mbuf *n = m; n != NULL; n = n->m_next)
		memset(n->m_data, 0x5a, n->m_len);
	memcpy(mtod(m, uint8_t *), hdr, sizeof(hdr));
	m->m_pkthdr.csum_flags = CSUM_IP | CSUM_TCP;
	m->m_pkthdr.csum_data = 16;
	m->m_flags |= M_MCAST;
	assert_int_equal(ifp->if_output(ifp, m, ALL_HOSTS, false), 0);
	vnet_leave(&f);
}

static uint16_t
sum(const uint8_t *p, uint32_t n, uint32_t s)
{
	for (uint32_t i = 0; i < n; i++)
		s += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)s);
}

/* The frame is told as it was sent, and arrives with that one bit flipped. */
static void
one_bit_arrives_flipped(void **state)
{
	struct world *w = world0(0);
	uint8_t was[54], got[54];

	(void)state;
	link_set_sink(listen, NULL, NULL);
	for (int i = 0; i < 40; i++) {
		const struct vnetsim_wire_event *ev = &heard[0];
		uint32_t n = fip_of(v0)->fp_nin, flipped = 0;

		nheard = 0;
		link_nextof(l0, 0, LINK_CORRUPT, 1, LINK_TCP);
		send_tcp(0);
		assert_int_equal(ev->we_verdict, VNETSIM_V_CORRUPT);
		assert_int_equal(ev->we_arrive, vtime());
		assert_int_equal(ev->we_len, 54);
		assert_in_range(ev->we_bit, 14 * 8, 54 * 8 - 1);
		memcpy(was, heard_bytes[0], 54);
		assert_int_equal(sum(was + 14, 20, 0), 0xffff);
		assert_int_equal(sum(was + 34, 20, 6 + 20), 0xffff);
		tw_run(w);
		assert_int_equal(fip_of(v0)->fp_nin, n + 1);
		/* no mark of it says that the sums were right */
		assert_int_equal(fip_of(v0)->fp_lastcsum, 0);
		memcpy(got + 14, fip_of(v0)->fp_last, 40);
		for (uint32_t k = 14; k < 54; k++)
			for (int b = 0; b < 8; b++)
				if (((was[k] ^ got[k]) & 0x80 >> b) != 0) {
					assert_int_equal(
					    k * 8 + (unsigned)b, ev->we_bit);
					flipped++;
				}
		assert_int_equal(flipped, 1);
	}
	assert_int_equal(stats().ls_corrupt, 40);
	tw_destroy(w);
}

/* The bytes may be shared, with a retransmission queue or a copy. */
static void
shared_bytes_stay_whole(void **state)
{
	struct ifnet *ifp;
	struct world *w = world0(0);
	struct vnet_frame f;
	struct mbuf *m, *copy;
	uint8_t b;

	(void)state;
	ifp = lk_if(v0, "epair0a");
	assert_true(vnet_enter(&f, v0, DOOR_USER, VNET_MOD_ip));
	m = m_getm(64, 1000, M_NOWAIT);
	for (struct mbuf *n = m; n != NULL; n = n->m_next)
		memset(n->m_data, 0x77, n->m_len);
	copy = m_copym(m, 0, M_COPYALL, M_NOWAIT);
	m->m_flags |= M_MCAST;
	link_nextof(l0, 0, LINK_CORRUPT, 1, LINK_ANY);
	assert_int_equal(ifp->if_output(ifp, m, ALL_HOSTS, false), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		m_copydata(copy, i, 1, &b);
		assert_int_equal(b, 0x77);
	}
	m_freem(copy);
	vnet_leave(&f);
	assert_int_equal(stats().ls_corrupt, 1);
	tw_run(w);
	/* without memory for the copy it arrives whole */
	link_nextof(l0, 0, LINK_CORRUPT, 1, LINK_ANY);
	mem_fail_set(w, 2, false);
	send1(60);
	assert_true(w->w_mem.wm_consumed);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastlen, 60);
	assert_int_equal(stats().ls_corrupt, 1);
	tw_destroy(w);
}

static void
chance_leaves_arp_alone(void **state)
{
	struct link_params p = { .lp_corrupt = LINK_PPM };
	struct world *w = world0(0);
	uint8_t arp[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	be16enc(arp + 12, ETHERTYPE_ARP);
	set(&p);
	assert_int_equal(lk_raw(v0, "epair0a", arp, sizeof(arp)), 0);
	assert_int_equal(stats().ls_corrupt, 0);
	link_nextof(l0, 0, LINK_CORRUPT, 1, LINK_ARP);
	send1(100);
	assert_int_equal(stats().ls_corrupt, 1);
	assert_int_equal(lk_raw(v0, "epair0a", arp, sizeof(arp)), 0);
	assert_int_equal(stats().ls_corrupt, 2);
	tw_run(w);
	tw_destroy(w);
}

/* ---- one thing at most, in order; limits ---- */

static void
a_frame_suffers_one_thing(void **state)
{
	static const uint8_t want[] = { VNETSIM_V_LOST, VNETSIM_V_CORRUPT,
		VNETSIM_V_DUP, VNETSIM_V_HELD, VNETSIM_V_SENT };
	struct link_params p = { .lp_loss = LINK_PPM,
		.lp_corrupt = LINK_PPM,
		.lp_dup = LINK_PPM,
		.lp_reorder = LINK_PPM };
	struct world *w = world0(0);

	(void)state;
	link_set_sink(listen, NULL, NULL);
	for (int i = 0; i < 5; i++) {
		set(&p);
		send1(100);
		assert_int_equal(heard[nheard - 1].we_verdict, want[i]);
		if (i == 0)
			p.lp_loss = 0;
		else if (i == 1)
			p.lp_corrupt = 0;
		else if (i == 2)
			p.lp_dup = 0;
		else
			p.lp_reorder = 0;
	}
	/* an order is not used up by a frame that suffers something else */
	link_nextof(l0, 0, LINK_DROP, 1, LINK_ANY);
	link_nextof(l0, 0, LINK_CORRUPT, 1, LINK_ANY);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	for (int i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		send1(100);
		assert_int_equal(heard[nheard - 1].we_verdict, want[i]);
	}
	tw_run(w);
	tw_destroy(w);
}

static void
cut_takes_what_is_held(void **state)
{
	struct link_params p = { .lp_delay = NS_MS, .lp_hold = NS_S };
	struct world *w = world0(0);

	(void)state;
	link_set_sink(listen, NULL, NULL);
	set(&p);
	link_nextof(l0, 0, LINK_REORDER, 2, LINK_ANY);
	send1(100);
	send1(200);
	send1(300);
	link_cut(l0, true);
	assert_int_equal(lk_if(v0, "epair0a")->if_linkstate, LINK_STATE_DOWN);
	assert_int_equal(lk_if(v0, "epair0b")->if_linkstate, LINK_STATE_DOWN);
	assert_int_equal(stats().ls_inflight, 0);
	assert_int_equal(stats().ls_late, 3);
	assert_int_equal(lk_drops(NULL, DROP_LINK_CUT), 3);
	assert_int_equal(nheard, 6);
	for (unsigned i = 3; i < 6; i++)
		assert_int_equal(heard[i].we_kind, VNETSIM_WIRE_LATE);
	assert_int_equal(lk_send(v0, "epair0a", 100), VE_NETDOWN);
	link_cut(l0, false);
	assert_int_equal(lk_if(v0, "epair0b")->if_linkstate, LINK_STATE_UP);
	send1(400);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lastlen, 400);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	tw_destroy(w);
}

static void
a_wire_with_late_ones_is_saved_and_restored(void **state)
{
	struct link_params p = { .lp_delay = NS_MS, .lp_holdn = 2 };
	struct world *w = world0(0);
	struct world_save *s;
	uint64_t hash;

	(void)state;
	set(&p);
	link_nextof(l0, 0, LINK_REORDER, 1, LINK_ANY);
	for (uint32_t i = 1; i <= 3; i++)
		send1(i * 100);
	s = world_save(w);
	assert_non_null(s);
	hash = world_hash(NULL, HASH_STATS | HASH_TIMES);
	for (int i = 0; i < 2; i++) {
		tw_run(w);
		assert_int_equal(fip_of(v0)->fp_lastlen, 100);
		assert_int_not_equal(
		    world_hash(NULL, HASH_STATS | HASH_TIMES), hash);
		world_restore(w, s);
		assert_int_equal(
		    world_hash(NULL, HASH_STATS | HASH_TIMES), hash);
	}
	world_save_free(w, s);
	tw_run(w);
	tw_destroy(w);
}

/* ---- schedules ---- */

struct seen {
	struct choice_point cp[8];
	unsigned n;
};

static void
record(void *ctx, const struct choice_point *cp)
{
	struct seen *s = ctx;

	if (strncmp(cp->cp_stream, "link.", 5) == 0 && s->n < 8)
		s->cp[s->n++] = *cp;
}

static void
a_schedule_turns_a_decision_over(void **state)
{
	struct link_params p = { .lp_loss = 1, .lp_reorder = LINK_PPM };
	struct deviation dv = { .dv_value = 1 };
	struct world *w = world0(0);
	struct seen s = { .n = 0 };

	(void)state;
	link_set_sink(listen, NULL, NULL);
	set(&p);
	assert_int_equal(world_set_recorder(w, record, &s), 0);
	send1(100);
	send1(100);
	assert_int_equal(world_set_recorder(w, NULL, NULL), 0);
	/* only what is switched on can be decided otherwise */
	assert_int_equal(s.n, 4);
	assert_string_equal(s.cp[0].cp_stream, "link.a");
	assert_string_equal(s.cp[0].cp_what, "loss");
	assert_string_equal(s.cp[1].cp_what, "reorder");
	assert_int_equal(s.cp[2].cp_ordinal, 1);
	assert_int_equal(heard[1].we_verdict, VNETSIM_V_HELD);
	dv.dv_vnet = s.cp[2].cp_vnet;
	dv.dv_stream = "link.a";
	dv.dv_what = "loss";
	dv.dv_ordinal = 2;
	assert_int_equal(world_set_deviations(w, &dv, 1), 0);
	send1(100);
	assert_int_equal(heard[2].we_verdict, VNETSIM_V_LOST);
	dv.dv_what = "reorder";
	dv.dv_ordinal = 3;
	assert_int_equal(world_set_deviations(w, &dv, 1), 0);
	send1(100);
	assert_int_equal(heard[3].we_verdict, VNETSIM_V_SENT);
	tw_run(w);
	tw_destroy(w);
}

/* ---- statistics ---- */

/* NSTAT frames of 100 bytes over the wire. */
static void
traffic(uint64_t seed, const struct link_params *p)
{
	struct world *w = world0(seed);

	memset(fates, 0xff, sizeof(fates));
	firstframe = stats().ls_sent;
	link_set_sink(count, NULL, NULL);
	set(p);
	for (int i = 0; i < NSTAT; i++) {
		send1(100);
		tw_run(w);
	}
	assert_int_equal(stats().ls_inflight, 0);
	assert_int_equal(stats().ls_held == 0, p->lp_reorder == 0);
	tw_destroy(w);
}

static unsigned
tally(uint8_t verdict)
{
	unsigned n = 0;

	for (int i = 0; i < NSTAT; i++)
		n += fates[i] == verdict;
	return (n);
}

/* Chi-square of cells that should be equally full. */
static double
chi2(const unsigned *cell, unsigned n, double want)
{
	double x = 0;

	for (unsigned i = 0; i < n; i++)
		x += (cell[i] - want) * (cell[i] - want) / want;
	return (x);
}

static void
in_bounds(uint8_t verdict, double p)
{
	unsigned n = tally(verdict), cell[20] = { 0 };
	double d = n - p * NSTAT;

	/* how many: one degree of freedom, 0.1 % */
	if (d * d / (p * (1 - p) * NSTAT) > 10.83)
		fail_msg("verdict %u: %u of %u, not %g", verdict, n, NSTAT, p);
	/* where: twenty stretches of the run, 19 degrees */
	for (int i = 0; i < NSTAT; i++)
		if (fates[i] == verdict)
			cell[i / (NSTAT / 20)]++;
	if (chi2(cell, 20, n / 20.0) > 43.82)
		fail_msg("verdict %u is not spread evenly", verdict);
}

static void
each_chance_is_what_it_says(void **state)
{
	static const struct {
		struct link_params p;
		uint8_t verdict;
	} cases[] = {
		{ { .lp_loss = 50000 }, VNETSIM_V_LOST },
		{ { .lp_dup = 50000 }, VNETSIM_V_DUP },
		{ { .lp_corrupt = 50000 }, VNETSIM_V_CORRUPT },
		{ { .lp_reorder = 50000, .lp_hold = NS_MS }, VNETSIM_V_HELD },
		{ { .lp_corrupt = 1000 }, VNETSIM_V_CORRUPT },
		{ { .lp_reorder = 990000, .lp_holdn = 3 }, VNETSIM_V_HELD },
	};

	(void)state;
	for (unsigned i = 0; i < nitems(cases); i++) {
		const struct link_params *p = &cases[i].p;

		traffic(0, p);
		in_bounds(cases[i].verdict,
		    (p->lp_loss + p->lp_dup + p->lp_corrupt + p->lp_reorder) /
			1e6);
	}
}

static void
each_bit_is_as_likely(void **state)
{
	struct link_params p = { .lp_corrupt = LINK_PPM };
	unsigned cell[114] = { 0 }, inbyte[8] = { 0 };

	(void)state;
	traffic(7, &p);
	assert_int_equal(tally(VNETSIM_V_CORRUPT), NSTAT);
	for (int i = 0; i < NSTAT; i++) {
		cell[bits[i] / 8]++;
		inbyte[bits[i] % 8]++;
	}
	/* 113 and 7 degrees of freedom, 0.1 % */
	assert_true(chi2(cell, 114, NSTAT / 114.0) < 165.0);
	assert_true(chi2(inbyte, 8, NSTAT / 8.0) < 24.32);
}

/*
 * Whether an impairment is on changes nothing for the others: the same frames
 * are lost, and of those that are not the same are corrupted, and so on.
 */
static void
chances_do_not_disturb_each_other(void **state)
{
	static uint8_t alone[3][NSTAT];
	struct link_params p = { .lp_loss = 100000 };
	unsigned both[4] = { 0 };

	(void)state;
	traffic(0, &p);
	memcpy(alone[0], fates, NSTAT);
	p = (struct link_params){ .lp_corrupt = 100000 };
	traffic(0, &p);
	memcpy(alone[1], fates, NSTAT);
	p = (struct link_params){ .lp_reorder = 100000, .lp_hold = NS_MS };
	traffic(0, &p);
	memcpy(alone[2], fates, NSTAT);
	p = (struct link_params){ .lp_loss = 100000,
		.lp_corrupt = 100000,
		.lp_dup = 100000,
		.lp_reorder = 100000,
		.lp_hold = NS_MS };
	traffic(0, &p);
	for (int i = 0; i < NSTAT; i++) {
		bool lost = alone[0][i] == VNETSIM_V_LOST;
		bool bad = alone[1][i] == VNETSIM_V_CORRUPT;

		both[lost * 2 + bad]++;
		assert_int_equal(fates[i] == VNETSIM_V_LOST, lost);
		if (!lost)
			assert_int_equal(fates[i] == VNETSIM_V_CORRUPT, bad);
		if (fates[i] == VNETSIM_V_HELD || fates[i] == VNETSIM_V_SENT)
			assert_int_equal(fates[i], alone[2][i]);
	}
	/* and they are independent: 1 % both; one degree, 0.1 % */
	assert_true((both[3] - 1000.0) * (both[3] - 1000.0) / 990.0 < 10.83);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_time_one_is_late_and_nobody_waits),
		cmocka_unit_test(late_ones_arrive_by_time_then_number),
		cmocka_unit_test(by_number_it_follows_the_last_that_passes),
		cmocka_unit_test(by_number_it_does_not_wait_for_ever),
		cmocka_unit_test(a_late_one_takes_its_time_on_the_wire),
		cmocka_unit_test(one_bit_arrives_flipped),
		cmocka_unit_test(shared_bytes_stay_whole),
		cmocka_unit_test(chance_leaves_arp_alone),
		cmocka_unit_test(a_frame_suffers_one_thing),
		cmocka_unit_test(cut_takes_what_is_held),
		cmocka_unit_test(a_wire_with_late_ones_is_saved_and_restored),
		cmocka_unit_test(a_schedule_turns_a_decision_over),
		cmocka_unit_test(each_chance_is_what_it_says),
		cmocka_unit_test(each_bit_is_as_likely),
		cmocka_unit_test(chances_do_not_disturb_each_other),
	};

	return (cmocka_run_group_tests_name("link fate", tests, NULL, NULL)
		    ? 1
		    : 0);
}
