/*
 * test_tcp_ecn.c - ECN: who asks, who agrees, marks, echoes, reductions.
 */
#include "src/net/tcp/tcp_ecn.h"
#include "tests/test_tcp.h"

#define PEER  (TF_IRS + 1)
#define SETUP (TH_SYN | TH_ECE | TH_CWR)

static const struct tf_pkt *
last(void)
{
	assert_true(tf.n > 0);
	return (&tf.pkt[tf.n - 1]);
}

static uint32_t
put(struct socket *so, uint32_t n)
{
	uint32_t done = 0;

	assert_int_equal(sosend(so, NULL, n, NULL, &done), 0);
	return (done);
}

/* A client that has asked; the peer's SYN,ACK has @flags as well. */
static struct socket *
client(uint8_t flags, bool agreed)
{
	static const struct tcpopt to = { .to_hasmss = true, .to_mss = 1000 };
	const struct sockaddr_in sin = { TF_FADDR, TF_FPORT };
	struct socket *so = tf_socket();
	uint8_t opt[TCP_MAXOLEN];
	uint32_t iss;

	V_tcp.ecn_enable = 1;
	assert_int_equal(soconnect(so, &sin), 0);
	tf_dport = sotoinpcb(so)->inp_lport;
	iss = tf_tp(so)->iss;
	tf_expect(SETUP, iss, 0, 0);
	assert_int_equal(last()->tos, 0);
	tf_in_full(TF_FPORT, tf_dport, TH_SYN | TH_ACK | flags, TF_IRS, iss + 1,
	    TF_WIN, 0, opt, tcp_addoptions(&to, opt));
	tf_expect(TH_ACK, iss + 1, PEER, 0);
	assert_int_equal((tf_tp(so)->t_flags2 & TF2_ECN_PERMIT) != 0, agreed);
	return (so);
}

static void
end(struct socket *so)
{
	tf.rd = tf.n;
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSED);
	(void)soclose(so);
	tf_silent();
}

static void
a_client_asks_only_if_told_to(void **state)
{
	struct socket *so;

	(void)state;
	/* the default, 2, is to answer only */
	assert_int_equal(V_tcp.ecn_enable, 2);
	so = tf_connecting();
	(void)soclose(so);
	tf.rd = tf.n;
	end(client(TH_ECE, true));
	assert_int_equal(tcpstat_get(TCPS_ecn_shs), 1);
	/* RFC 3168 6.1.1.1: both bits reflected, or none: it cannot */
	end(client(0, false));
	end(client(TH_ECE | TH_CWR, false));
	end(client(TH_CWR, false));
	assert_int_equal(tcpstat_get(TCPS_ecn_shs), 1);
}

/* The first SYN and maxretries more ask, then it is given up. */
static void
syns(int maxretries, unsigned want)
{
	const struct sockaddr_in sin = { TF_FADDR, TF_FPORT };
	struct socket *so = tf_socket();
	unsigned asked = 0, first = tf.n;

	V_tcp.ecn_enable = 1;
	V_tcp.ecn_maxretries = maxretries;
	assert_int_equal(soconnect(so, &sin), 0);
	tf_run(20 * NS_S); /* 1, 2.2, 4.2, 8.2 s */
	assert_int_equal(tf.n - first, 5);
	for (unsigned i = first; i < tf.n; i++)
		if ((tf.pkt[i].flags & (TH_ECE | TH_CWR)) != 0) {
			assert_int_equal(tf.pkt[i].flags, SETUP);
			assert_int_equal(i - first, asked);
			asked++;
		}
	assert_int_equal(asked, want);
	(void)soclose(so);
	tf.rd = tf.n;
}

static void
a_syn_is_repeated_without_ecn(void **state)
{
	(void)state;
	syns(0, 1);
	syns(1, 2);
	syns(3, 4);
}

static struct socket *
listener(void)
{
	const struct sockaddr_in any = { 0, TF_LPORT };
	struct socket *so = tf_socket();

	assert_int_equal(sobind(so, &any), 0);
	assert_int_equal(solisten(so, 5), 0);
	tf_dport = TF_LPORT;
	return (so);
}

/* A SYN with @flags; was it agreed to?  The child is given up. */
static bool
answered(struct socket *l, uint8_t flags)
{
	struct socket *so;
	uint8_t said;
	bool agreed;

	tf_in(TH_SYN | flags, TF_IRS, 0, TF_WIN, 0);
	said = last()->flags;
	assert_int_equal(last()->tos, 0);
	tf_in(TH_ACK, PEER, last()->seq + 1, TF_WIN, 0);
	assert_int_equal(soaccept(l, &so), 0);
	agreed = (tf_tp(so)->t_flags2 & TF2_ECN_PERMIT) != 0;
	assert_int_equal(said, TH_SYN | TH_ACK | (agreed ? TH_ECE : 0));
	end(so);
	return (agreed);
}

static void
a_listener_agrees(void **state)
{
	struct socket *l = listener();

	(void)state;
	assert_true(answered(l, TH_ECE | TH_CWR));
	assert_false(answered(l, 0));
	assert_false(answered(l, TH_ECE));
	assert_false(answered(l, TH_CWR));
	V_tcp.ecn_enable = 1;
	assert_true(answered(l, TH_ECE | TH_CWR));
	V_tcp.ecn_enable = 0;
	assert_false(answered(l, TH_ECE | TH_CWR));
	/* a cookie does not remember */
	V_tcp.ecn_enable = 2;
	V_tcp.syncookiesonly = 1;
	assert_false(answered(l, TH_ECE | TH_CWR));
	(void)soclose(l);
}

static void
a_syn_ack_is_repeated_without_ecn(void **state)
{
	struct socket *l = listener(), *so;

	(void)state;
	tf_in(SETUP, TF_IRS, 0, TF_WIN, 0);
	tf_run(16 * NS_S);
	assert_int_equal(tf.n, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
		    tf.pkt[i].flags, TH_SYN | TH_ACK | (i < 2 ? TH_ECE : 0));
	/* what was agreed on last counts */
	tf_in(SETUP, TF_IRS + 7, 0, TF_WIN, 0);
	tf_run(4 * NS_S);
	assert_int_equal(last()->flags, TH_SYN | TH_ACK);
	tf_in(TH_ACK, TF_IRS + 8, last()->seq + 1, TF_WIN, 0);
	assert_int_equal(soaccept(l, &so), 0);
	assert_int_equal(tf_tp(so)->t_flags2 & TF2_ECN_PERMIT, 0);
	end(so);
	(void)soclose(l);
}

static void
crossing_syns_agree(void **state)
{
	struct socket *so = tf_connecting();
	struct tcpcb *tp = tf_tp(so);
	uint32_t iss = tp->iss;

	(void)state;
	tf_in(SETUP, TF_IRS, 0, TF_WIN, 0);
	tf_expect(TH_SYN | TH_ACK | TH_ECE, iss, PEER, 0);
	assert_int_equal(tp->t_flags2, TF2_ECN_PERMIT);
	/* said once: no echo of congestion afterwards */
	tf_in(TH_ACK, PEER, iss + 1, TF_WIN, 0);
	(void)put(so, 10);
	assert_int_equal(last()->flags & TH_ECE, 0);
	end(so);
}

static void
only_new_data_is_ect(void **state)
{
	struct socket *so = client(TH_ECE, true);
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	tp->t_inpcb->inp_tos = 0x23; /* the ECN bits of IP_TOS do not count */
	(void)put(so, 100);
	assert_int_equal(last()->tos, 0x20 | IPTOS_ECN_ECT0);
	/* sent again: not */
	tf_run(2 * NS_S);
	assert_int_equal(last()->seq, nxt);
	assert_int_equal(last()->len, 100);
	assert_int_equal(last()->tos, 0x20);
	assert_int_equal(tcpstat_get(TCPS_ecn_sndect0), 1);
	tf_in(TH_ACK, PEER, nxt + 100, TF_WIN, 0);
	/* an ACK: not */
	tf.iptos = IPTOS_ECN_ECT0;
	tf_in(TH_ACK, PEER, nxt + 100, TF_WIN, 1);
	tf_run(NS_S);
	assert_int_equal(last()->len, 0);
	assert_int_equal(last()->tos, 0x20);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcvect0), 1);
	/* a window probe: not */
	tf_in(TH_ACK, PEER + 1, nxt + 100, 0, 1);
	(void)put(so, 10);
	tf_run(6 * NS_S);
	assert_int_equal(last()->len, 1);
	assert_int_equal(last()->tos, 0x20);
	tf.iptos = 0;
	end(so);
	/* without ECN TOS is the user's */
	so = client(0, false);
	tf_tp(so)->t_inpcb->inp_tos = 0x23;
	(void)put(so, 100);
	assert_int_equal(last()->tos, 0x23);
	end(so);
}

static void
a_mark_is_echoed_until_the_peer_has_reacted(void **state)
{
	struct socket *so = client(TH_ECE, true);
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf.iptos = IPTOS_ECN_CE;
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 100);
	tf.iptos = IPTOS_ECN_ECT1;
	tf_in(TH_ACK, PEER + 100, nxt, TF_WIN, 100);
	tf_expect(TH_ACK | TH_ECE, nxt, PEER + 200, 0);
	/* on data, too, and on a challenge ACK */
	(void)put(so, 10);
	tf_expect(TH_ACK | TH_ECE, nxt, PEER + 200, 10);
	tf_in(TH_SYN, PEER, 0, TF_WIN, 0);
	tf_expect(TH_ACK | TH_ECE, nxt + 10, PEER + 200, 0);
	/* CWR is ACKed at once, without */
	tf.iptos = IPTOS_ECN_ECT0;
	tf_in(TH_ACK | TH_CWR, PEER + 200, nxt + 10, TF_WIN, 1);
	tf_expect(TH_ACK, nxt + 10, PEER + 201, 0);
	/* CWR on a marked segment: it goes on */
	tf.iptos = IPTOS_ECN_CE;
	tf_in(TH_ACK | TH_CWR, PEER + 201, nxt + 10, TF_WIN, 1);
	tf_expect(TH_ACK | TH_ECE, nxt + 10, PEER + 202, 0);
	tf.iptos = 0;
	assert_int_equal(tcpstat_get(TCPS_ecn_rcvce), 2);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcvect1), 2);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcvect0), 1);
	end(so);
	/* a mark that was not agreed on is counted, not echoed */
	so = client(0, false);
	nxt = tf_tp(so)->snd_nxt;
	tf.iptos = IPTOS_ECN_CE;
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 2000);
	tf.iptos = 0;
	tf_expect(TH_ACK, nxt, PEER + 2000, 0);
	end(so);
}

static void
an_echo_halves_the_window_once(void **state)
{
	struct socket *so = client(TH_ECE, true);
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una;

	(void)state;
	assert_int_equal(tp->snd_cwnd, 10000);
	assert_int_equal(put(so, 20000), 20000);
	assert_int_equal(tp->snd_max, una + 10000);
	tf_in(TH_ACK | TH_ECE, PEER, una + 1000, TF_WIN, 0);
	assert_int_equal(tp->snd_cwnd, 5000);
	assert_int_equal(tp->snd_ssthresh, 5000);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 1);
	assert_true((tp->t_flags2 & TF2_CONGRECOVERY) != 0);
	/* the same window: not again; and it does not grow */
	tf_in(TH_ACK | TH_ECE, PEER, una + 5000, TF_WIN, 0);
	assert_int_equal(tp->snd_cwnd, 5000);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 1);
	assert_int_equal(tp->snd_max, una + 10000);
	/* new data: CWR once */
	tf_in(TH_ACK | TH_ECE, PEER, una + 7000, TF_WIN, 0);
	assert_int_equal(tp->snd_max, una + 12000);
	assert_int_equal(tf.pkt[tf.n - 2].flags & TH_CWR, TH_CWR);
	assert_int_equal(tf.pkt[tf.n - 1].flags & TH_CWR, 0);
	/* all that was out when it began: up to there, and one byte */
	tf_in(TH_ACK, PEER, una + 10000, TF_WIN, 0);
	assert_true((tp->t_flags2 & TF2_CONGRECOVERY) != 0);
	tf_in(TH_ACK, PEER, una + 10001, TF_WIN, 0);
	assert_int_equal(tp->t_flags2 & TF2_CONGRECOVERY, 0);
	/* the next window may be halved again; two segments are the least */
	for (uint32_t i = 1, want = 2000; i < 3; i++) {
		tf_in(TH_ACK | TH_ECE, PEER, tp->snd_max, TF_WIN, 0);
		assert_int_equal(tp->snd_cwnd, want);
		assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 1 + i);
	}
	end(so);
	/* not agreed on: ECE means nothing */
	so = client(0, false);
	(void)put(so, 5000);
	una = tf_tp(so)->snd_una;
	tf_in(TH_ACK | TH_ECE, PEER, una + 1000, TF_WIN, 0);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 3);
	assert_true(tf_tp(so)->snd_cwnd > 10000);
	end(so);
}

/* A loss in a window that ECN has halved does not halve it again. */
static void
a_loss_and_an_echo_halve_once(void **state)
{
	struct socket *so = client(TH_ECE, true);
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una;

	(void)state;
	(void)put(so, 20000);
	tf_in(TH_ACK | TH_ECE, PEER, una + 1000, TF_WIN, 0);
	assert_int_equal(tp->snd_ssthresh, 5000);
	tf.rd = tf.n;
	for (int i = 0; i < 3; i++)
		tf_in(TH_ACK | TH_ECE, PEER, una + 1000, TF_WIN, 0);
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	assert_int_equal(tp->snd_ssthresh, 5000);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 1);
	/* the other way round: an echo within fast recovery is no news */
	tf_in(TH_ACK | TH_ECE, PEER, una + 1000, TF_WIN, 0);
	assert_int_equal(tp->snd_ssthresh, 5000);
	assert_int_equal(tcpstat_get(TCPS_ecn_rcwnd), 1);
	tf_in(TH_ACK, PEER, tp->snd_recover, TF_WIN, 0);
	assert_int_equal(tp->t_flags & TF_FASTRECOVERY, 0);
	assert_int_equal(tp->t_flags2 & TF2_CONGRECOVERY, 0);
	end(so);
}

/* A timeout tells the peer as well. */
static void
a_timeout_says_cwr(void **state)
{
	struct socket *so = client(TH_ECE, true);
	uint32_t una = tf_tp(so)->snd_una;

	(void)state;
	(void)put(so, 1000);
	tf_run(2 * NS_S);
	assert_int_equal(last()->seq, una);
	assert_int_equal(last()->flags & TH_CWR, 0);
	tf_in(TH_ACK, PEER, una + 1000, TF_WIN, 0);
	(void)put(so, 1000);
	assert_int_equal(last()->flags & TH_CWR, TH_CWR);
	assert_int_equal(last()->tos, IPTOS_ECN_ECT0);
	end(so);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_asks_only_if_told_to),
		TEST(a_syn_is_repeated_without_ecn),
		TEST(a_listener_agrees),
		TEST(a_syn_ack_is_repeated_without_ecn),
		TEST(crossing_syns_agree),
		TEST(only_new_data_is_ect),
		TEST(a_mark_is_echoed_until_the_peer_has_reacted),
		TEST(an_echo_halves_the_window_once),
		TEST(a_loss_and_an_echo_halve_once),
		TEST(a_timeout_says_cwr),
	};

	return (
	    cmocka_run_group_tests_name("tcp_ecn", tests, NULL, NULL) ? 1 : 0);
}
