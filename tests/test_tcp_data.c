/*
 * test_tcp_data.c - data and time: retransmission, persist, delayed ACK,
 * windows, keepalive, bad news, segments that make no sense, no memory.
 */
#include "src/core/world.h"
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static uint32_t
put(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;

	for (uint32_t i = 0; i < n; i++)
		buf[i] = (uint8_t)i;
	assert_int_equal(sosend(so, buf, n, NULL, &done), 0);
	return (done);
}

static uint32_t
take(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;

	if (soreceive(so, buf, n, NULL, &done) != 0)
		return (0);
	return (done);
}

/* The peer resets, the user closes: nothing may be left. */
static void
end(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSED);
	(void)soclose(so);
	tf_silent();
}

/* One byte comes, and its ACK says that there is no room any more. */
static void
close_window(struct socket *so)
{
	uint32_t nxt = tf_tp(so)->snd_nxt;

	tf_in(TH_ACK, PEER, nxt, TF_WIN, 1);
	tf_run(40 * NS_MS);
	tf_expect(TH_ACK, nxt, PEER + 1, 0);
	tf_in(TH_ACK, PEER + 1, nxt, 0, 0);
}

static void
data_is_cut_into_segments_within_the_windows(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	/* 10 segments of initial window, 14600 bytes; 20000 wanted */
	assert_int_equal(put(so, 20000), 20000);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(tf.pkt[tf.rd].first, (uint8_t)(i * 1460));
		tf_expect(TH_ACK, nxt + i * 1460, PEER, 1460);
	}
	tf_silent();
	/* two acknowledged: slow start lets four go */
	tf_in(TH_ACK, PEER, nxt + 2920, TF_WIN, 0);
	for (uint32_t i = 10; i < 13; i++)
		tf_expect(TH_ACK, nxt + i * 1460, PEER, 1460);
	tf_silent(); /* Nagle keeps the last 1020 */
	assert_int_equal(sbavail(&so->so_snd), 20000 - 2920);
	tf_in(TH_ACK, PEER, nxt + 18980, TF_WIN, 0);
	tf_expect(TH_ACK | TH_PUSH, nxt + 18980, PEER, 1020);
	assert_true((tf.pkt[tf.rd - 1].flags & TH_PUSH) != 0);
	tf_in(TH_ACK, PEER, nxt + 20000, TF_WIN, 0);
	assert_int_equal(sbavail(&so->so_snd), 0);
	assert_false(tcp_timer_active(tf_tp(so), TT_REXMT));
	end(so);
}

static void
nagle_waits_for_the_ack_unless_nodelay(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	int64_t on = 1;

	(void)state;
	(void)put(so, 10);
	tf_expect(TH_ACK, nxt, PEER, 10);
	(void)put(so, 10);
	(void)put(so, 10);
	tf_silent();
	tf_in(TH_ACK, PEER, nxt + 10, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 10, PEER, 20);
	assert_int_equal(
	    so->so_proto->pr_ctloutput(so, true, TCP_NODELAY, &on), 0);
	(void)put(so, 5);
	tf_expect(TH_ACK, nxt + 30, PEER, 5);
	end(so);
}

/* 230 ms, then 30 * 2^n + 200 ms, at most 64 s; 12 times; then it is over. */
static void
lost_data_is_repeated_twelve_times(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	int64_t due = 0;

	(void)state;
	(void)put(so, 100);
	tf_expect(TH_ACK, nxt, PEER, 100);
	tf_run(600 * NS_S);
	for (uint32_t i = 0; i < TCP_MAXRXTSHIFT; i++) {
		/* the handshake took no time: RTTVAR is at its grain */
		int64_t rto = 30 * tcp_backoff(i);

		due += imin(rto + 200, 64000) * NS_MS;
		assert_in_range(tf.pkt[tf.rd].time, (uint64_t)due,
		    (uint64_t)due + 12 * NS_MS);
		due = tf.pkt[tf.rd].time;
		tf_expect(TH_ACK, nxt, PEER, 100);
	}
	tf_expect(TH_RST | TH_ACK, nxt + 100, PEER, 0);
	tf_silent();
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	assert_int_equal(tcpstat_get(TCPS_timeoutdrop), 1);
	assert_int_equal(tcpstat_get(TCPS_rexmttimeo), TCP_MAXRXTSHIFT);
	(void)soclose(so);
}

static void
only_the_first_is_repeated_and_an_ack_of_all_ends_it(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	(void)put(so, 5000);
	tf.rd = tf.n;
	tf_run(231 * NS_MS);
	tf_expect(TH_ACK, nxt, PEER, 1460);
	tf_silent();
	tf_in(TH_ACK, PEER, nxt + 5000, TF_WIN, 0);
	tf_run(5 * NS_S);
	tf_silent();
	/* Karn: a repeated segment is no sample */
	assert_int_equal(tcpstat_get(TCPS_rttupdated), 1);
	end(so);
}

static void
a_closed_window_is_probed_and_opens(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	static const int64_t at[] = { 5, 10, 15, 20 };
	int64_t begin;

	(void)state;
	close_window(so);
	(void)put(so, 1000);
	begin = vtime();
	tf_silent();
	for (unsigned i = 0; i < nitems(at); i++) {
		tf_run(5 * NS_S);
		assert_true(tf.rd < tf.n);
		assert_int_equal(tf.pkt[tf.rd].time, begin + at[i] * NS_S);
		assert_int_equal(tf.pkt[tf.rd].first, 0);
		tf_expect(TH_ACK, nxt, PEER + 1, 1);
		tf_in(TH_ACK, PEER + 1, nxt, 0, 0);
	}
	tf_silent();
	/* now it opens for 300 */
	tf_in(TH_ACK, PEER + 1, nxt, 300, 0);
	tf_expect(TH_ACK, nxt, PEER + 1, 300);
	tf_in(TH_ACK, PEER + 1, nxt + 300, 32000, 0);
	tf_expect(TH_ACK, nxt + 300, PEER + 1, 700);
	end(so);
}

static void
a_reset_into_a_closed_window_is_said_twice(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	close_window(so);
	(void)put(so, 1000);
	tf_run(6 * NS_S);
	tf.rd = tf.n;
	tcp_drop(tf_tp(so), VE_CONNABORTED);
	tf_expect(TH_RST | TH_ACK, nxt + 1, PEER + 1, 0);
	tf_expect(TH_RST | TH_ACK, nxt, PEER + 1, 0);
	(void)soclose(so);
	tf_silent();
}

static void
unanswered_probes_of_an_orphan_end_after_persmax(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	close_window(so);
	(void)put(so, 1000);
	(void)soclose(so);
	tf_run(59 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_run(70 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(tcpstat_get(TCPS_persistdrop), 1);
	assert_true((tf.pkt[tf.n - 1].flags & TH_RST) != 0);
	tf.rd = tf.n;
}

static void
acks_are_delayed_40ms_or_two_segments(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 100);
	tf_run(39 * NS_MS);
	tf_silent();
	tf_run(NS_MS);
	tf_expect(TH_ACK, nxt, PEER + 100, 0);
	tf_in(TH_ACK, PEER + 100, nxt, TF_WIN, 100);
	tf_silent();
	tf_in(TH_ACK, PEER + 200, nxt, TF_WIN, 100);
	tf_expect(TH_ACK, nxt, PEER + 300, 0);
	/* an answer takes the ACK along */
	tf_in(TH_ACK, PEER + 300, nxt, TF_WIN, 100);
	(void)put(so, 4);
	tf_expect(TH_ACK, nxt, PEER + 400, 4);
	tf_in(TH_ACK, PEER + 400, nxt + 4, TF_WIN, 0);
	tf_run(NS_S);
	tf_silent();
	V_tcp.delayed_ack = 0;
	tf_in(TH_ACK, PEER + 400, nxt + 4, TF_WIN, 100);
	tf_expect(TH_ACK, nxt + 4, PEER + 500, 0);
	end(so);
}

static void
a_full_buffer_closes_the_window_and_reading_opens_it(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt, seq = PEER;

	(void)state;
	/* 65536 rounded up to whole segments */
	assert_int_equal(so->so_rcv.sb_hiwat, 65700);
	while (sbspace(&so->so_rcv) >= 1460) {
		tf_in(TH_ACK, seq, nxt, TF_WIN, 1460);
		seq += 1460;
	}
	tf_run(50 * NS_MS);
	assert_int_equal(tf.pkt[tf.n - 1].win, 0);
	assert_int_equal(tf.pkt[tf.n - 1].ack, seq);
	tf.rd = tf.n;
	/* a probe: no room, but an answer */
	tf_in(TH_ACK, seq, nxt, TF_WIN, 1);
	assert_int_equal(tf.pkt[tf.n - 1].win, 0);
	tf_expect(TH_ACK, nxt, seq, 0);
	/* a little read: no silly update; a quarter: told */
	assert_int_equal(take(so, 1000), 1000);
	tf_silent();
	assert_int_equal(take(so, 20000), 20000);
	assert_int_equal(tf.pkt[tf.rd].win, 21000);
	tf_expect(TH_ACK, nxt, seq, 0);
	end(so);
}

static void
keepalive_probes_eight_times_then_resets(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf_run(7199 * NS_S);
	tf_silent();
	tf_run(2 * NS_S);
	tf_expect(TH_ACK, nxt - 1, PEER, 0);
	/* answered: another two hours */
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 0);
	tf_run(7100 * NS_S);
	tf_silent();
	tf_run(100 * NS_S + 7 * 75 * NS_S);
	for (int i = 0; i < 8; i++)
		tf_expect(TH_ACK, nxt - 1, PEER, 0);
	tf_silent();
	tf_run(75 * NS_S);
	tf_expect(TH_RST | TH_ACK, nxt, PEER, 0);
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	(void)soclose(so);
	/* not if nobody wants it */
	V_tcp.always_keepalive = 0;
	so = tf_established();
	tf_run(8000 * NS_S);
	tf_silent();
	end(so);
}

/* ---- bad news ---- */

static void
quote(struct socket *so, uint8_t *l4, uint32_t seq)
{
	memset(l4, 0, 8);
	be16enc(l4, sotoinpcb(so)->inp_lport);
	be16enc(l4 + 2, TF_FPORT);
	be32enc(l4 + 4, seq);
}

static void
icmp_ends_only_what_is_being_opened(void **state)
{
	struct socket *so = tf_connecting();
	uint8_t l4[8];

	(void)state;
	quote(so, l4, tf_tp(so)->iss + 1); /* not outstanding */
	tcp_ctlinput(PRC_UNREACH_PORT, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(so->so_error, 0);
	quote(so, l4, tf_tp(so)->iss);
	tcp_ctlinput(PRC_UNREACH_HOST, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(tf_tp(so)->t_softerror, VE_HOSTUNREACH);
	tcp_ctlinput(PRC_UNREACH_PORT, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(so->so_error, VE_CONNREFUSED);
	(void)soclose(so);
	/* prohibited, or lost in a loop: hard errors, too */
	so = tf_connecting();
	quote(so, l4, tf_tp(so)->iss);
	tcp_ctlinput(PRC_UNREACH_ADMIN, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(so->so_error, VE_CONNREFUSED);
	(void)soclose(so);
	so = tf_connecting();
	quote(so, l4, tf_tp(so)->iss);
	V_tcp.icmp_may_rst = 0;
	tcp_ctlinput(PRC_TIMXCEED, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(tf_tp(so)->t_softerror, VE_HOSTUNREACH);
	V_tcp.icmp_may_rst = 1;
	tcp_ctlinput(PRC_TIMXCEED, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(so->so_error, VE_HOSTUNREACH);
	(void)soclose(so);
	so = tf_established();
	(void)put(so, 10);
	tf.rd = tf.n;
	quote(so, l4, tf_tp(so)->snd_una);
	tcp_ctlinput(PRC_UNREACH_PORT, TF_LADDR, TF_FADDR, l4, 0);
	tcp_ctlinput(PRC_UNREACH_HOST, TF_LADDR, TF_FADDR, l4, 0);
	tcp_ctlinput(PRC_N, TF_LADDR, TF_FADDR, l4, 0);
	assert_int_equal(so->so_error, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	end(so);
}

static void
fragmentation_needed_makes_segments_smaller(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	uint8_t l4[8];

	(void)state;
	(void)put(so, 2000);
	tf.rd = tf.n;
	quote(so, l4, nxt);
	tcp_ctlinput(PRC_MSGSIZE, TF_LADDR, TF_FADDR, l4, 1000);
	assert_int_equal(tf_tp(so)->t_maxseg, 960);
	tf_expect(TH_ACK, nxt, PEER, 960);
	/* nonsense does not */
	tcp_ctlinput(PRC_MSGSIZE, TF_LADDR, TF_FADDR, l4, 20);
	tcp_ctlinput(PRC_MSGSIZE, TF_LADDR, TF_FADDR, l4, 4000);
	assert_int_equal(tf_tp(so)->t_maxseg, 960);
	tf.rd = tf.n;
	end(so);
}

static void
tcpdrop_resets_one_connection(void **state)
{
	struct socket *so = tf_established();
	uint16_t port = tf_dport;
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	assert_int_equal(
	    tcp_tcpdrop(TF_LADDR, port, TF_FADDR, TF_FPORT + 1), VE_SRCH);
	assert_int_equal(tcp_tcpdrop(TF_LADDR, port, TF_FADDR, TF_FPORT), 0);
	tf_expect(TH_RST | TH_ACK, nxt, PEER, 0);
	assert_int_equal(so->so_error, VE_CONNABORTED);
	assert_int_equal(
	    tcp_tcpdrop(TF_LADDR, port, TF_FADDR, TF_FPORT), VE_SRCH);
	(void)soclose(so);
}

static void
challenge_acks_answer_what_may_be_forged(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf_in(TH_RST, PEER + 10, 0, 0, 0);
	tf_expect(TH_ACK, nxt, PEER, 0);
	tf_in(TH_SYN, PEER + 90000, 0, 0, 0);
	tf_expect(TH_ACK, nxt, PEER, 0);
	tf_in(TH_ACK, PEER, nxt + 1, 0, 0);
	tf_expect(TH_ACK, nxt, PEER, 0);
	tf.limited = 1u << BANDLIM_CHALLENGE;
	tf_in(TH_RST, PEER + 10, 0, 0, 0);
	tf_silent();
	assert_int_equal(drop_count(DROP_TCP_RST_CHALLENGE), 1);
	assert_int_equal(drop_count(DROP_TCP_SYN_CHALLENGE), 1);
	assert_int_equal(drop_count(DROP_TCP_FUTUREACK), 1);
	assert_int_equal(drop_count(DROP_TCP_RATELIMIT), 1);
	end(so);
}

/* ---- nonsense ---- */

static struct mbuf *
raw(const uint8_t *b, uint32_t n)
{
	struct mbuf *m = m_getm(0, n, M_NOWAIT);

	assert_non_null(m);
	for (struct mbuf *p = m; p != NULL; p = p->m_next) {
		memcpy(p->m_data, b, p->m_len);
		b += p->m_len;
	}
	return (m);
}

static void
malformed_segments_are_counted_drops(void **state)
{
	uint8_t b[64] = { 0x45 };
	struct mbuf *m;

	(void)state;
	be32enc(b + 12, TF_FADDR);
	be32enc(b + 16, TF_LADDR);
	m = raw(b, 39);
	tcp_input(m, 20);
	assert_int_equal(drop_count(DROP_TCP_SHORT), 1);
	m = raw(b, 40); /* sum 0 is wrong */
	tcp_input(m, 20);
	assert_int_equal(drop_count(DROP_TCP_BADSUM), 1);
	m = raw(b, 40); /* offset 0 */
	m->m_pkthdr.csum_flags = CSUM_DATA_VALID;
	tcp_input(m, 20);
	b[20 + TCPOFF_OFF] = 0x60; /* 24 bytes of 20 */
	m = raw(b, 40);
	m->m_pkthdr.csum_flags = CSUM_DATA_VALID;
	tcp_input(m, 20);
	assert_int_equal(drop_count(DROP_TCP_BADOFF), 2);
	b[20 + TCPOFF_OFF] = 0x50;
	be32enc(b + 16, UINT32_MAX);
	m = raw(b, 40);
	m->m_pkthdr.csum_flags = CSUM_DATA_VALID;
	tcp_input(m, 20);
	be32enc(b + 16, TF_LADDR);
	m = raw(b, 40);
	m->m_pkthdr.csum_flags = CSUM_DATA_VALID;
	m->m_flags |= M_BCAST;
	tcp_input(m, 20);
	assert_int_equal(drop_count(DROP_TCP_BCAST), 2);
	tf_silent();
	/* with the right sum it is answered */
	be16enc(b + 20 + TCPOFF_DPORT, 99);
	m = raw(b, 40);
	be16enc(b + 20 + TCPOFF_SUM,
	    in_cksum(m, 20, 20, in_pseudo(TF_FADDR, TF_LADDR, 6, 20)));
	m_freem(m);
	tcp_input(raw(b, 40), 20);
	tf_expect(TH_RST | TH_ACK, 0, 0, 0);
}

static uint64_t fz_draw;

static uint32_t
R(uint32_t n)
{
	return ((uint32_t)(krandom("t.fuzz", 0, fz_draw++) % n));
}

/* One segment near the numbers that matter. */
static void
fuzz_segment(const struct socket *so)
{
	const struct tcpcb *tp = tf_tp(so);
	uint32_t seq = tp->rcv_nxt - 3 + R(6), ack = tp->snd_una - 2 + R(6);
	uint8_t opt[40], flags = (uint8_t)(TH_ACK | R(2));
	uint32_t optlen = R(4) == 0 ? R(11) * 4 : 0, len = R(3);
	uint16_t port = sotoinpcb(so)->inp_lport, win = 0;

	for (uint32_t k = 0; k < optlen; k++)
		opt[k] = (uint8_t)R(20);
	if (R(6) == 0)
		seq = tp->rcv_nxt - 70000 + R(140000);
	if (R(6) == 0)
		ack = R(UINT32_MAX);
	if (R(3) == 0)
		flags = (uint8_t)R(256);
	if (R(3) == 0)
		len = R(3000);
	if (R(3) != 0)
		win = (uint16_t)R(65536);
	if (R(5) == 0)
		port = TF_LPORT;
	tf.n = tf.rd = 0;
	tf_in_full(TF_FPORT, port, flags, seq, ack, win, len, opt, optlen);
	tf.n = tf.rd = 0;
}

static void
fuzz_life(struct socket *so)
{
	for (int i = 0; i < 40; i++) {
		fuzz_segment(so);
		if (R(8) == 0)
			tf_run(R(3000) * NS_MS);
		if (R(10) == 0 && tf_tp(so)->t_state == TCPS_ESTABLISHED &&
		    sbspace(&so->so_snd) > 4096)
			(void)put(so, 1 + R(4000));
		if (R(30) == 0)
			(void)soshutdown(so, SHUT_WR);
		if (R(20) == 0)
			(void)take(so, 1 + R(3000));
		tf.n = tf.rd = 0;
		if (tf_tp(so)->t_state == TCPS_CLOSED)
			break;
	}
}

/* Nothing asserts, nothing is left. */
static void
random_segments_do_no_harm(void **state)
{
	struct socket *so, *l = tf_socket(), *child;

	(void)state;
	assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, TF_LPORT }), 0);
	assert_int_equal(solisten(l, 3), 0);
	for (int round = 0; round < 400; round++) {
		tf.n = tf.rd = 0;
		so = round % 8 == 0 ? tf_connecting() : tf_established();
		fuzz_life(so);
		child = NULL;
		if (soaccept(l, &child) == 0)
			(void)soclose(child);
		(void)soclose(so);
		if (round % 50 == 0)
			tf_run(700 * NS_S);
	}
	(void)soclose(l);
	tf_run(10000 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.nactive, 0);
	tf.rd = tf.n;
}

/* ---- no memory ---- */

/* A life, with what the peer says; whatever fails is repeated by timers. */
static void
life(void)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };
	struct socket *so = NULL;
	uint32_t done = 0, iss;
	uint8_t b[200] = { 0 };
	uint64_t before = world_hash(tf.v, HASH_SERIALS);

	if (socreate(SOCK_STREAM, IPPROTO_TCP, ref_get(tf.cred), &so) != 0) {
		assert_int_equal(world_hash(tf.v, HASH_SERIALS), before);
		return;
	}
	before = world_hash(tf.v, HASH_SERIALS);
	if (soconnect(so, &to) != 0) {
		assert_int_equal(world_hash(tf.v, HASH_SERIALS), before);
		(void)soclose(so);
		return;
	}
	tf_dport = sotoinpcb(so)->inp_lport;
	iss = tf_tp(so)->iss;
	tf_run(2 * NS_S);
	for (int i = 0; i < 3; i++)
		tf_in(TH_SYN | TH_ACK, TF_IRS, iss + 1, TF_WIN, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	(void)sosend(so, b, sizeof(b), NULL, &done);
	for (int i = 0; i < 2; i++) {
		tf_in(TH_ACK, PEER + 100, iss + 1, TF_WIN, 50);
		tf_in(TH_ACK, PEER, iss + 1, TF_WIN, 100);
	}
	tf_run(2 * NS_S);
	assert_int_equal(tf_tp(so)->snd_max, iss + 1 + done);
	tf_in(TH_ACK, PEER + 100, iss + 1 + done, TF_WIN, 50);
	assert_int_equal(sbavail(&so->so_rcv), 150);
	(void)soclose(so);
	tf_run(2 * NS_S);
	for (int i = 0; i < 2; i++)
		tf_in(TH_ACK | TH_FIN, PEER + 150, iss + 2 + done, TF_WIN, 0);
	tf_run(200 * NS_S);
}

static void
every_allocation_may_fail(void **state)
{
	struct world_mem *wm = &tf.w->w_mem;
	uint64_t n;

	(void)state;
	for (n = 1; n < 400; n++) {
		uint32_t finned = V_tcp.finned;

		tf.n = tf.rd = 0;
		wm->wm_failat = wm->wm_nfallible + n;
		wm->wm_consumed = false;
		life();
		wm->wm_failat = 0;
		assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
		if (!wm->wm_consumed) {
			/* nothing failed: the life was whole */
			assert_int_equal(V_tcp.finned, finned + 1);
			break;
		}
	}
	assert_in_range(n, 10, 300);
	tf.rd = tf.n;
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(data_is_cut_into_segments_within_the_windows),
		T(nagle_waits_for_the_ack_unless_nodelay),
		T(lost_data_is_repeated_twelve_times),
		T(only_the_first_is_repeated_and_an_ack_of_all_ends_it),
		T(a_closed_window_is_probed_and_opens),
		T(a_reset_into_a_closed_window_is_said_twice),
		T(unanswered_probes_of_an_orphan_end_after_persmax),
		T(acks_are_delayed_40ms_or_two_segments),
		T(a_full_buffer_closes_the_window_and_reading_opens_it),
		T(keepalive_probes_eight_times_then_resets),
		T(icmp_ends_only_what_is_being_opened),
		T(fragmentation_needed_makes_segments_smaller),
		T(tcpdrop_resets_one_connection),
		T(challenge_acks_answer_what_may_be_forged),
		T(malformed_segments_are_counted_drops),
		T(random_segments_do_no_harm),
		T(every_allocation_may_fail),
	};

	return (
	    cmocka_run_group_tests_name("tcp_data", tests, NULL, NULL) ? 1 : 0);
}
