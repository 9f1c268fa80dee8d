/*
 * test_tcp_flow.c - connections from SYN to 2MSL, segment by segment, in
 * virtual time: what FreeBSD puts on the wire, and when.
 */
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static uint32_t
iss_of(struct socket *so)
{
	return (tf_tp(so)->iss);
}

static uint32_t
put(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;

	assert_int_equal(sosend(so, buf, n, NULL, &done), 0);
	return (done);
}

static uint32_t
take(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;
	int error = soreceive(so, buf, n, NULL, &done);

	if (error == VE_AGAIN)
		return (0);
	assert_int_equal(error, 0);
	return (done);
}

/* ---- opening ---- */

static void
a_syn_offers_what_freebsd_offers(void **state)
{
	const struct tf_pkt *p = &tf.pkt[0];
	struct socket *so = tf_connecting();

	(void)state;
	assert_int_equal(p->win, 65535);
	assert_true(p->opt.to_hasmss && p->opt.to_hasscale);
	assert_int_equal(p->opt.to_mss, 1460);
	assert_int_equal(p->opt.to_wscale, 6);
	assert_int_equal(p->dport, TF_FPORT);
	(void)soclose(so);
	tf_silent();
}

static void
a_syn_is_repeated_after_1s_then_2200ms_and_given_up_after_75s(void **state)
{
	static const int64_t gap[] = { 1000, 2200, 4200, 8200, 16200, 32200 };
	struct socket *so = tf_connecting();
	uint32_t iss = iss_of(so);
	int64_t t = 0;

	(void)state;
	tf_run(74 * NS_S);
	for (unsigned i = 0; i < nitems(gap); i++) {
		t += gap[i];
		assert_int_equal(tf.pkt[tf.rd].time, t * NS_MS);
		tf_expect(TH_SYN, iss, 0, 0);
	}
	tf_silent();
	tf_run(NS_S);
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	(void)soclose(so);
	tf_silent();
}

static void
a_refused_connection_says_so(void **state)
{
	struct socket *so = tf_connecting();

	(void)state;
	/* an RST for something else does not count */
	tf_in(TH_RST | TH_ACK, 0, iss_of(so) + 2, 0, 0);
	tf_in(TH_RST, 0, 0, 0, 0);
	assert_int_equal(so->so_error, 0);
	tf_in(TH_RST | TH_ACK, 0, iss_of(so) + 1, 0, 0);
	assert_int_equal(so->so_error, VE_CONNREFUSED);
	assert_int_equal(drop_count(DROP_TCP_RST_SEQ), 2);
	(void)soclose(so);
	tf_silent();
}

static void
a_wrong_ack_of_a_syn_is_reset(void **state)
{
	struct socket *so = tf_connecting();
	uint32_t iss = iss_of(so);

	(void)state;
	tf_in(TH_SYN | TH_ACK, TF_IRS, iss, TF_WIN, 0);
	tf_expect(TH_RST, iss, 0, 0);
	tf_in(TH_ACK, TF_IRS, iss + 2, TF_WIN, 0);
	tf_expect(TH_RST, iss + 2, 0, 0);
	/* an ACK without SYN: ignored */
	tf_in(TH_ACK, TF_IRS, iss + 1, TF_WIN, 0);
	tf_silent();
	assert_int_equal(tf_tp(so)->t_state, TCPS_SYN_SENT);
	(void)soclose(so);
}

static void
both_may_open_at_the_same_time(void **state)
{
	struct socket *so = tf_connecting();
	uint32_t iss = iss_of(so);

	(void)state;
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_SYN_RECEIVED);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	/* lost: the peer's SYN again, and ours by timer */
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_run(1100 * NS_MS);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_in(TH_SYN | TH_ACK, TF_IRS, iss + 1, TF_WIN, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	tf_expect(TH_ACK, iss + 1, PEER, 0);
	assert_true((so->so_state & SS_ISCONNECTED) != 0);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, iss + 1, PEER, 0);
	tf_in(TH_RST, PEER, 0, 0, 0);
	tf_silent();
}

static void
a_failed_syn_leaves_the_socket_as_it_was(void **state)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };
	struct socket *so = tf_socket();
	uint64_t before;

	(void)state;
	/* the port that is drawn and given back is a draw: let one pass */
	before = world_hash(tf.v, 0);
	tf.error = VE_NETDOWN;
	assert_int_equal(soconnect(so, &to), VE_NETDOWN);
	assert_int_equal(world_hash(tf.v, 0), before);
	assert_int_equal(sotoinpcb(so)->inp_lport, 0);
	tf.error = 0;
	/* a lost one (no buffers) is no error */
	tf.error = VE_NOBUFS;
	assert_int_equal(soconnect(so, &to), 0);
	tf.error = 0;
	tf_dport = sotoinpcb(so)->inp_lport;
	tf_silent();
	tf_run(NS_S);
	tf_expect(TH_SYN, iss_of(so), 0, 0);
	(void)soclose(so);
}

/* ---- listening ---- */

static struct socket *
listener(int backlog)
{
	const struct sockaddr_in at = { 0, TF_LPORT };
	struct socket *so = tf_socket();

	assert_int_equal(sobind(so, &at), 0);
	assert_int_equal(solisten(so, backlog), 0);
	tf_dport = TF_LPORT;
	return (so);
}

static void
a_listener_answers_and_accepts(void **state)
{
	static const uint8_t opts[] = { 2, 4, 2, 0, 1, 3, 3, 4 };
	struct socket *so = listener(5), *child = NULL;
	const struct tf_pkt *p;
	uint32_t iss;

	(void)state;
	tf_in_full(
	    TF_FPORT, TF_LPORT, TH_SYN, TF_IRS, 0, 1000, 0, opts, sizeof(opts));
	p = tf_next();
	iss = p->seq;
	assert_int_equal(p->flags, TH_SYN | TH_ACK);
	assert_int_equal(p->ack, PEER);
	assert_int_equal(p->win, 65535);
	assert_true(p->opt.to_hasscale);
	assert_int_equal(V_tcp.sc_count, 1);
	assert_int_equal(soaccept(so, &child), VE_AGAIN);
	/* lost, so it is repeated; window 10 is 160 bytes */
	tf_run(NS_S);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_in(TH_ACK, PEER, iss + 1, 10, 0);
	tf_silent();
	assert_int_equal(so->so_qlen, 1);
	assert_int_equal(soaccept(so, &child), 0);
	assert_int_equal(tf_tp(child)->t_state, TCPS_ESTABLISHED);
	assert_int_equal(tf_tp(child)->snd_wnd, 160);
	assert_int_equal(tf_tp(child)->t_maxseg, 512);
	assert_int_equal(child->so_rcv.sb_hiwat, 65536);
	assert_int_equal(tf_tp(child)->rcv_scale, 6);
	/* the SYN was repeated: the window begins with one segment */
	(void)soclose(child);
	tf_expect(TH_FIN | TH_ACK, iss + 1, PEER, 0);
	tf_in(TH_RST, PEER, 0, 0, 0);
	(void)soclose(so);
	tf_silent();
}

static void
a_listener_judges_by_flags(void **state)
{
	struct socket *so = listener(5);

	(void)state;
	tf_in(TH_RST, TF_IRS, 0, 0, 0);
	tf_in(TH_RST | TH_ACK, TF_IRS, 7, 0, 0);
	tf_in(0, TF_IRS, 0, 0, 0);
	tf_in(TH_FIN, TF_IRS, 0, 0, 0);
	tf_silent();
	tf_in(TH_ACK, TF_IRS, 77, 100, 0);
	tf_expect(TH_RST, 77, 0, 0);
	/* FreeBSD: no RST */
	tf_in(TH_SYN | TH_ACK, TF_IRS, 78, 100, 0);
	tf_silent();
	/* SYN and FIN: the FIN is ignored, as FreeBSD does */
	tf_in(TH_SYN | TH_FIN, TF_IRS, 0, TF_WIN, 0);
	assert_int_equal(tf_next()->ack, PEER);
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	V_tcp.drop_synfin = 1;
	tf_in(TH_SYN | TH_FIN, TF_IRS, 0, TF_WIN, 0);
	tf_silent();
	assert_int_equal(drop_count(DROP_TCP_LISTEN_RST), 3);
	assert_int_equal(drop_count(DROP_TCP_LISTEN_FLAGS), 2);
	assert_int_equal(drop_count(DROP_TCP_LISTEN_ACK), 2);
	assert_int_equal(drop_count(DROP_TCP_SYNFIN), 1);
	(void)soclose(so);
}

static void
a_full_backlog_resets_the_ack(void **state)
{
	struct socket *so = listener(2);

	(void)state;
	/* 3/2 * 2 + 1 = 4 */
	for (uint16_t i = 0; i < 6; i++) {
		tf_in_full((uint16_t)(TF_FPORT + i), TF_LPORT, TH_SYN, TF_IRS,
		    0, TF_WIN, 0, NULL, 0);
		tf_in_full((uint16_t)(TF_FPORT + i), TF_LPORT, TH_ACK, PEER,
		    tf_next()->seq + 1, TF_WIN, 0, NULL, 0);
		assert_int_equal(so->so_qlen, i < 4 ? i + 1 : 4);
		if (i == 4)
			assert_int_equal(tf_next()->flags, TH_RST);
		/* silence, if that is wanted */
		V_tcp.sc_rst_on_sock_fail = i < 4;
		tf_silent();
	}
	assert_int_equal(drop_count(DROP_TCP_LISTEN_FULL), 2);
	assert_int_equal(tcpstat_get(TCPS_listendrop), 2);
	assert_int_equal(tcpstat_get(TCPS_sc_aborted), 2);
	assert_int_equal(tcpstat_get(TCPS_sc_completed), 4);
	assert_int_equal(V_tcp.sc_count, 0);
	/* children that nobody has accepted */
	(void)soclose(so);
	assert_int_equal(tf.n - tf.rd, 4);
	for (; tf.rd < tf.n; tf.rd++)
		assert_int_equal(tf.pkt[tf.rd].flags, TH_RST | TH_ACK);
}

static void
closed_ports_reset_unless_they_are_black_holes(void **state)
{
	(void)state;
	tf_in(TH_SYN, 100, 0, 10, 0);
	tf_expect(TH_RST | TH_ACK, 0, 101, 0);
	tf_in(TH_SYN | TH_FIN, 100, 0, 10, 5);
	tf_expect(TH_RST | TH_ACK, 0, 107, 0);
	tf_in(TH_ACK, 100, 55, 10, 5);
	tf_expect(TH_RST, 55, 0, 0);
	assert_int_equal(tf.pkt[tf.n - 1].win, 0);
	tf_in(TH_RST, 100, 0, 10, 0);
	tf_silent();
	V_tcp.blackhole = 1;
	tf_in(TH_SYN, 100, 0, 10, 0);
	tf_silent();
	tf_in(TH_ACK, 100, 55, 10, 5);
	tf_expect(TH_RST, 55, 0, 0);
	V_tcp.blackhole = 2;
	tf_in(TH_ACK, 100, 55, 10, 5);
	tf_silent();
	V_tcp.blackhole = 0;
	tf.limited = 1u << BANDLIM_RST_CLOSEDPORT;
	tf_in(TH_ACK, 100, 55, 10, 5);
	tf_silent();
	assert_int_equal(drop_count(DROP_TCP_RATELIMIT), 1);
	assert_int_equal(drop_count(DROP_TCP_RST_NOPORT), 1);
}

/* ---- closing ---- */

static void
active_close_ends_in_time_wait(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 0);
	assert_int_equal(tp->t_state, TCPS_FIN_WAIT_1);
	tf_in(TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_FIN_WAIT_2);
	tf_silent();
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_TIME_WAIT);
	tf_expect(TH_ACK, nxt + 1, PEER + 1, 0);
	/* 59 s later the FIN comes again: 2MSL starts again */
	tf_run(59 * NS_S);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 1, PEER + 1, 0);
	tf_run(59 * NS_S);
	/* an RST is ignored, a bare ACK needs no answer, data does */
	tf_in(TH_RST, PEER + 1, 0, 0, 0);
	tf_in(TH_ACK, PEER + 1, nxt + 1, TF_WIN, 0);
	tf_silent();
	tf_in(TH_ACK, PEER + 1, nxt + 1, TF_WIN, 4);
	tf_expect(TH_ACK, nxt + 1, PEER + 1, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_run(2 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.finned, 1);
}

static void
passive_close_ends_with_the_last_ack(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	tf_in(TH_FIN | TH_ACK, PEER, nxt, TF_WIN, 3);
	tf_expect(TH_ACK, nxt, PEER + 4, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSE_WAIT);
	assert_int_equal(take(so, 10), 3);
	assert_int_equal(take(so, 10), 0);
	/* half closed: we may still send */
	assert_int_equal(put(so, 7), 7);
	tf_expect(TH_ACK, nxt, PEER + 4, 7);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt + 7, PEER + 4, 0);
	tf_in(TH_ACK, PEER + 4, nxt + 7, TF_WIN, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_in(TH_ACK, PEER + 4, nxt + 8, TF_WIN, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.finned, 1);
	tf_silent();
}

static void
both_may_close_at_the_same_time(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 0);
	tf_in(TH_FIN | TH_ACK, PEER, nxt, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_CLOSING);
	/* ACKs the peer's FIN; ours goes along, as in FreeBSD */
	tf_expect(TH_FIN | TH_ACK, nxt, PEER + 1, 0);
	tf_in(TH_ACK, PEER + 1, nxt + 1, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_TIME_WAIT);
	tf_silent();
	tf_run(61 * NS_S);
	assert_int_equal(V_tcp.finned, 1);
}

static void
fin_and_ack_in_one_segment(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	assert_int_equal(soshutdown(so, SHUT_WR), 0);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 0);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 2);
	assert_int_equal(tp->t_state, TCPS_TIME_WAIT);
	tf_expect(TH_ACK, nxt + 1, PEER + 3, 0);
	/* what came before the FIN can still be read */
	assert_int_equal(take(so, 10), 2);
	(void)soclose(so);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_run(61 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	tf_silent();
}

static void
a_new_syn_reopens_time_wait(void **state)
{
	struct socket *so = tf_established(), *l;
	uint32_t nxt = iss_of(so) + 1;
	uint16_t port = tf_dport;

	(void)state;
	assert_int_equal(soshutdown(so, SHUT_WR), 0);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	(void)soclose(so);
	l = tf_socket();
	l->so_options |= SO_REUSEADDR;
	assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, port }), 0);
	assert_int_equal(solisten(l, 1), 0);
	tf.rd = tf.n;
	/* below what was received: not a word, as in FreeBSD */
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0);
	tf_silent();
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 2);
	/* beyond it: a new incarnation */
	tf_in(TH_SYN, PEER + 2, 0, TF_WIN, 0);
	assert_int_equal(tf_next()->flags, TH_SYN | TH_ACK);
	assert_int_equal(V_tcp.sc_count, 1);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	(void)soclose(l);
}

static void
linger_zero_resets(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	assert_int_equal(put(so, 5), 5);
	tf_expect(TH_ACK, nxt, PEER, 5);
	so->so_options |= SO_LINGER;
	so->so_linger = 0;
	(void)soclose(so);
	tf_expect(TH_RST | TH_ACK, nxt + 5, PEER, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.reset, 1);
}

static void
unread_data_gets_a_fin_and_later_data_an_rst(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 100);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER + 100, 0);
	tf_in(TH_ACK, PEER + 100, nxt + 1, TF_WIN, 100);
	tf_expect(TH_RST, nxt + 1, 0, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(drop_count(DROP_TCP_AFTERCLOSE), 1);
	tf_silent();
}

static void
fin_wait_2_of_an_orphan_ends_after_600s(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	(void)soclose(so);
	tf_in(TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf.rd = tf.n;
	tf_run(599 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_run(80 * NS_S); /* it looks every keepintvl */
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	tf_silent();
	/* and after finwait2_timeout with fast_finwait2_recycle */
	V_tcp.fast_finwait2_recycle = 1;
	so = tf_established();
	nxt = iss_of(so) + 1;
	(void)soclose(so);
	tf_in(TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf_run(61 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.abandoned, 2);
}

static void
a_lost_fin_is_repeated_with_its_number(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	assert_int_equal(put(so, 10), 10);
	tf_expect(TH_ACK, nxt, PEER, 10);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt + 10, PEER, 0);
	tf_run(231 * NS_MS);
	/* both were lost: one segment has both */
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 10);
	tf_in(TH_ACK, PEER, nxt + 10, TF_WIN, 0);
	tf_run(261 * NS_MS);
	tf_expect(TH_FIN | TH_ACK, nxt + 10, PEER, 0);
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_syn_offers_what_freebsd_offers),
		T(a_syn_is_repeated_after_1s_then_2200ms_and_given_up_after_75s),
		T(a_refused_connection_says_so),
		T(a_wrong_ack_of_a_syn_is_reset),
		T(both_may_open_at_the_same_time),
		T(a_failed_syn_leaves_the_socket_as_it_was),
		T(a_listener_answers_and_accepts),
		T(a_listener_judges_by_flags),
		T(a_full_backlog_resets_the_ack),
		T(closed_ports_reset_unless_they_are_black_holes),
		T(active_close_ends_in_time_wait),
		T(passive_close_ends_with_the_last_ack),
		T(both_may_close_at_the_same_time),
		T(fin_and_ack_in_one_segment),
		T(a_new_syn_reopens_time_wait),
		T(linger_zero_resets),
		T(unread_data_gets_a_fin_and_later_data_an_rst),
		T(fin_wait_2_of_an_orphan_ends_after_600s),
		T(a_lost_fin_is_repeated_with_its_number),
	};

	return (
	    cmocka_run_group_tests_name("tcp_flow", tests, NULL, NULL) ? 1 : 0);
}
