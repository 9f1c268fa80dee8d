/*
 * test_tcp_num.c - TCP's arithmetic: sequence numbers at the wrap, round trips
 * and timeouts of RFC 6298 with golden values, congestion windows, options.
 */
#include "tests/test_tcp.h"

static int
num_init(void)
{
	tcp_sysctl_defaults(&V_tcp);
	return (0);
}

static const struct field num_fields[] = {
	{ "state", 0, sizeof(struct vnet_tcp), FK_OPAQUE, 0, 0, NULL },
};
static const struct vnet_module num_tcp = {
	TW_MODULE(tcp, "tcp"),
	.vm_size = sizeof(struct vnet_tcp),
	.vm_init = num_init,
	.vm_fields = num_fields,
	.vm_nfields = nitems(num_fields),
};
static const struct vnet_module *const num_mods[] = { &num_tcp,
	&vnet_module_tcpstat, NULL };

static struct world *num_w;
static struct vnet_frame num_f;

static int
setup(void **state)
{
	(void)state;
	num_w = tw_create(num_mods);
	TW_ENTER(&num_f, vnet_byid(0));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	vnet_leave(&num_f);
	tw_destroy(num_w);
	return (0);
}

static void
sequence_numbers_compare_across_the_wrap(void **state)
{
	static const uint32_t base[] = { 0, 1, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xffffffff };

	(void)state;
	for (unsigned i = 0; i < nitems(base); i++) {
		uint32_t a = base[i];

		for (uint32_t d = 1; d < 0x80000000u; d = d * 3 + 1) {
			assert_true(SEQ_LT(a, a + d));
			assert_true(SEQ_GT(a + d, a));
			assert_false(SEQ_GEQ(a, a + d));
			assert_false(SEQ_LEQ(a + d, a));
			assert_int_equal(SEQ_MAX(a, a + d), a + d);
			assert_int_equal(SEQ_MIN(a, a + d), a);
			if (d > 0x2aaaaaaau)
				break;
		}
		assert_true(SEQ_LEQ(a, a));
		assert_true(SEQ_GEQ(a, a));
		assert_false(SEQ_LT(a, a));
		assert_true(SEQ_LT(a, a + 0x7fffffffu));
	}
}

/* RFC 6298 section 2, computed by hand; ms. */
static void
round_trips_follow_rfc_6298(void **state)
{
	static const struct {
		int64_t rtt, srtt, rttvar, rto; /* us, us, us, us */
	} golden[] = {
		/* (2.2): SRTT = R, RTTVAR = R/2, RTO = R + 4 R/2 + slop */
		{ 100000, 100000, 50000, 300000 + 200000 },
		/* (2.3): RTTVAR = 3/4*50 + 1/4*|100-100| = 37.5 */
		{ 100000, 100000, 37500, 250000 + 200000 },
		/* 3/4*37.5 + 1/4*|100-180| = 48.125; 100 + 80/8 = 110 */
		{ 180000, 110000, 48125, 302500 + 200000 },
		/* 3/4*48.125 + 1/4*|110-30| = 56.09375; 110 - 10 = 100 */
		{ 30000, 100000, 56093, 324375 + 200000 },
	};
	struct tcpcb tp;

	(void)state;
	memset(&tp, 0, sizeof(tp));
	tp.t_rxtshift = 4;
	tp.t_flags = TF_RTT;
	for (unsigned i = 0; i < nitems(golden); i++) {
		tcp_xmit_timer(&tp, golden[i].rtt * NS_US);
		assert_int_equal(tp.t_srtt / NS_US, golden[i].srtt);
		assert_int_equal(tp.t_rttvar / NS_US, golden[i].rttvar);
		assert_int_equal(tp.t_rxtcur / NS_US, golden[i].rto);
	}
	assert_int_equal(tp.t_rxtshift, 0);
	assert_int_equal(tp.t_flags & TF_RTT, 0);
}

static void
timeouts_keep_freebsds_bounds(void **state)
{
	struct tcpcb tp;

	(void)state;
	memset(&tp, 0, sizeof(tp));
	/* 30 ms and the slop are the floor of a tiny round trip */
	tcp_xmit_timer(&tp, 1000);
	assert_int_equal(tp.t_rxtcur, 230 * NS_MS);
	/* RFC 6298's floor is a sysctl away */
	V_tcp.rexmit_min = NS_S;
	V_tcp.rexmit_slop = 0;
	tcp_xmit_timer(&tp, 1000);
	assert_int_equal(tp.t_rxtcur, NS_S);
	/* and 64 s the ceiling */
	assert_int_equal(
	    tcp_rangeset(100 * NS_S, NS_S, TCPTV_REXMTMAX), 64 * NS_S);
	assert_int_equal(
	    tcp_rangeset(64 * NS_S, NS_S, TCPTV_REXMTMAX), 64 * NS_S);
	assert_int_equal(tcp_rangeset(5, NS_S, TCPTV_REXMTMAX), NS_S);
	V_tcp.rexmit_slop = 200 * NS_MS;
	/* the second SYN of packetdrill: 2 * 1000 + 200 */
	assert_int_equal(tcp_rangeset(V_tcp.rexmit_initial * tcp_backoff(1),
			     30 * NS_MS, TCPTV_REXMTMAX),
	    2200 * NS_MS);
}

static void
backoff_doubles_up_to_512(void **state)
{
	int64_t sum = 0;

	(void)state;
	for (uint32_t i = 0; i <= TCP_MAXRXTSHIFT; i++) {
		assert_int_equal(tcp_backoff(i), i < 9 ? 1 << i : 512);
		sum += tcp_backoff(i);
	}
	assert_int_equal(sum, TCP_TOTBACKOFF);
	assert_int_equal(tcp_backoff(200), 512);
}

static void
windows_open_as_rfc_5681_says(void **state)
{
	struct inpcb inp; /* whose peer the host cache is asked about */
	struct tcpcb tp;

	(void)state;
	memset(&inp, 0, sizeof(inp));
	memset(&tp, 0, sizeof(tp));
	tp.t_inpcb = &inp;
	tp.t_maxseg = 1460;
	tp.snd_ssthresh = 20000;
	tp.snd_wnd = 65535;
	tcp_cc_conn_init(&tp);
	assert_int_equal(tp.snd_cwnd, 14600);
	/* slow start: what is acknowledged, at most two segments */
	tcp_cc_ack(&tp, 1000);
	assert_int_equal(tp.snd_cwnd, 15600);
	tcp_cc_ack(&tp, 14600);
	assert_int_equal(tp.snd_cwnd, 18520);
	tcp_cc_ack(&tp, 2920);
	assert_int_equal(tp.snd_cwnd, 21440);
	/* avoidance: a segment for a window */
	tcp_cc_ack(&tp, 21439);
	assert_int_equal(tp.snd_cwnd, 21440);
	tcp_cc_ack(&tp, 1);
	assert_int_equal(tp.snd_cwnd, 22900);
	/* timeout: half of it, and one segment */
	tp.snd_cwnd = 65535; /* no more than scale 0 can use */
	tcp_cc_ack(&tp, 65535);
	assert_int_equal(tp.snd_cwnd, 65535);
	tp.snd_cwnd = 29200;
	tp.t_rxtshift = 1;
	tcp_cc_rto(&tp);
	assert_int_equal(tp.snd_cwnd, 1460);
	assert_int_equal(tp.snd_ssthresh, 14600);
	tp.t_rxtshift = 2;
	tcp_cc_rto(&tp);
	assert_int_equal(tp.snd_ssthresh, 14600);
	/* a lost SYN: one segment */
	tp.snd_cwnd = 1;
	tcp_cc_conn_init(&tp);
	assert_int_equal(tp.snd_cwnd, 1460);
	/* after idling: no more than at the begin */
	tp.snd_cwnd = 60000;
	tcp_cc_after_idle(&tp);
	assert_int_equal(tp.snd_cwnd, 14600);
	/* a big MSS: min(10*MSS, max(2*MSS, 14600)) */
	tp.t_maxseg = 8960;
	tcp_cc_conn_init(&tp);
	assert_int_equal(tp.snd_cwnd, 17920);
}

static void
options_are_read(void **state)
{
	static const struct {
		uint8_t b[16];
		uint32_t n;
		bool syn;
		struct tcpopt want;
	} tab[] = {
		{ { 2, 4, 5, 0xb4 }, 4, true,
		    { .to_hasmss = true, .to_mss = 1460 } },
		{ { 2, 4, 5, 0xb4 }, 4, false, { .to_mss = 0 } },
		{ { 2, 4, 5, 0xb4, 1, 3, 3, 6 }, 8, true,
		    { .to_hasmss = true,
			.to_hasscale = true,
			.to_mss = 1460,
			.to_wscale = 6 } },
		{ { 3, 3, 15 }, 3, true,
		    { .to_hasscale = true, .to_wscale = 14 } },
		{ { 0, 2, 4, 5, 0xb4 }, 5, true, { .to_mss = 0 } },
		/* what comes behind SACK permitted, timestamps, unknown */
		{ { 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 3, 3, 2 }, 15, true,
		    { .to_hasscale = true, .to_wscale = 2 } },
		{ { 253, 3, 9, 2, 4, 1, 0 }, 7, true,
		    { .to_hasmss = true, .to_mss = 256 } },
		/* malformed: what came before counts */
		{ { 3, 3, 1, 2, 4, 5 }, 6, true,
		    { .to_hasscale = true, .to_wscale = 1 } },
		{ { 3, 3, 1, 2, 0, 5, 5 }, 7, true,
		    { .to_hasscale = true, .to_wscale = 1 } },
		{ { 3, 3, 1, 2, 1, 5, 5 }, 7, true,
		    { .to_hasscale = true, .to_wscale = 1 } },
		{ { 3, 3, 1, 2 }, 4, true,
		    { .to_hasscale = true, .to_wscale = 1 } },
		/* wrong length of a known one: it is ignored */
		{ { 2, 3, 9, 3, 4, 1, 1 }, 7, true, { .to_mss = 0 } },
		{ { 0 }, 0, true, { .to_mss = 0 } },
	};
	struct tcpopt to;

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		tcp_dooptions(&to, tab[i].b, tab[i].n, tab[i].syn);
		assert_int_equal(to.to_hasmss, tab[i].want.to_hasmss);
		assert_int_equal(to.to_hasscale, tab[i].want.to_hasscale);
		assert_int_equal(to.to_mss, tab[i].want.to_mss);
		assert_int_equal(to.to_wscale, tab[i].want.to_wscale);
	}
}

static void
options_are_written_in_freebsds_order(void **state)
{
	static const uint8_t both[] = { 2, 4, 5, 0xb4, 1, 3, 3, 6 };
	struct tcpopt to = { .to_hasmss = true,
		.to_hasscale = true,
		.to_mss = 1460,
		.to_wscale = 6 },
		      back;
	uint8_t buf[TCP_MAXOLEN];
	uint32_t n;

	(void)state;
	n = tcp_addoptions(&to, buf);
	assert_int_equal(n, sizeof(both));
	assert_memory_equal(buf, both, n);
	tcp_dooptions(&back, buf, n, true);
	assert_true(back.to_hasmss && back.to_hasscale);
	assert_int_equal(back.to_mss, 1460);
	assert_int_equal(back.to_wscale, 6);
	to.to_hasscale = false;
	assert_int_equal(tcp_addoptions(&to, buf), 4);
	to.to_hasmss = false;
	assert_int_equal(tcp_addoptions(&to, buf), 0);
}

static void
sack_and_timestamps_are_read_where_they_may_be(void **state)
{
	static const uint8_t b[] = { 4, 2, 8, 10, 1, 2, 3, 4, 0xff, 6, 7, 8, 5,
		18, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0 };
	static const uint8_t bad[] = { 4, 3, 0, 8, 9, 0, 0, 0, 0, 0, 0, 0, 5, 2,
		5, 9, 0, 0, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct tcpopt to;

	(void)state;
	tcp_dooptions(&to, b, sizeof(b), true);
	assert_true(to.to_sackperm && to.to_hasts);
	assert_int_equal(to.to_nsacks, 0);
	assert_int_equal(to.to_tsval, 0x01020304);
	assert_int_equal(to.to_tsecr, 0xff060708);
	tcp_dooptions(&to, b, sizeof(b), false);
	assert_true(!to.to_sackperm && to.to_hasts);
	assert_int_equal(to.to_nsacks, 2);
	assert_int_equal(to.to_sacks[0].start, 9);
	assert_int_equal(to.to_sacks[0].end, 256);
	assert_int_equal(to.to_sacks[1].start, 0x300);
	assert_int_equal(to.to_sacks[1].end, 0x400);
	tcp_dooptions(&to, bad, sizeof(bad), false);
	assert_true(!to.to_hasts && to.to_nsacks == 0);
	tcp_dooptions(&to, bad, sizeof(bad), true);
	assert_true(!to.to_hasts && !to.to_sackperm);
}

static void
sack_and_timestamps_are_written_aligned(void **state)
{
	static const uint8_t syn[] = { 2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10,
		0, 0, 0, 100, 0, 0, 0, 7 };
	static const uint8_t sackonly[] = { 2, 4, 5, 0xb4, 4, 2, 0, 0 };
	struct tcpopt to = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasscale = true,
		.to_wscale = 6,
		.to_sackperm = true,
		.to_hasts = true,
		.to_tsval = 100,
		.to_tsecr = 7 };
	uint8_t buf[TCP_MAXOLEN];

	(void)state;
	assert_int_equal(tcp_addoptions(&to, buf), sizeof(syn));
	assert_memory_equal(buf, syn, sizeof(syn));
	to.to_hasscale = to.to_hasts = false;
	assert_int_equal(tcp_addoptions(&to, buf), sizeof(sackonly));
	assert_memory_equal(buf, sackonly, sizeof(sackonly));
	to.to_hasmss = to.to_sackperm = false;
	/* four blocks fill the header; beside timestamps three do */
	for (uint32_t n = 1; n <= 4; n++) {
		to.to_nsacks = (uint8_t)n;
		to.to_hasts = false;
		assert_int_equal(tcp_addoptions(&to, buf), 4 + 8 * n);
		assert_int_equal(buf[0], TCPOPT_NOP);
		assert_int_equal(buf[1], TCPOPT_NOP);
		assert_int_equal(buf[2], TCPOPT_SACK);
		assert_int_equal(buf[3], 2 + 8 * n);
		to.to_hasts = true;
		assert_int_equal(tcp_addoptions(&to, buf), 16 + 8 * imin(n, 3));
		assert_int_equal(buf[2], TCPOPT_TIMESTAMP);
		assert_int_equal(buf[15], 2 + 8 * imin(n, 3));
	}
}

/* Any bytes: reads stay within them (ASan), the walk ends. */
static void
random_options_do_no_harm(void **state)
{
	struct tcpopt to;

	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		uint8_t buf[TCP_MAXOLEN];
		uint32_t n = (uint32_t)(krandom("t.n", 0, i) % 41);

		for (uint32_t k = 0; k < n; k++)
			buf[k] = (uint8_t)(krandom("t.b", i, k) %
					   (i % 2 != 0 ? 256 : 12));
		/* at the very end of the array, so that one more is found */
		memmove(buf + sizeof(buf) - n, buf, n);
		tcp_dooptions(&to, buf + sizeof(buf) - n, n, true);
		assert_true(to.to_wscale <= TCP_MAX_WINSHIFT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_numbers_compare_across_the_wrap),
		cmocka_unit_test_setup_teardown(
		    round_trips_follow_rfc_6298, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    timeouts_keep_freebsds_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    backoff_doubles_up_to_512, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    windows_open_as_rfc_5681_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    options_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    sack_and_timestamps_are_read_where_they_may_be, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    sack_and_timestamps_are_written_aligned, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    options_are_written_in_freebsds_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    random_options_do_no_harm, setup, teardown),
	};

	return (
	    cmocka_run_group_tests_name("tcp_num", tests, NULL, NULL) ? 1 : 0);
}
