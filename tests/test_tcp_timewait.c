/*
 * test_tcp_timewait.c - which SYN reopens a connection in TIME_WAIT (RFC 6191),
 * and what is answered, dropped or ignored there.
 *
 * Each case closes a connection of ours actively and then plays the peer.
 */
#include "tests/test_tcp.h"

#define PEER  (TF_IRS + 1)
#define TSVAL 700u /* of the peer's last segment */

struct tw {
	struct socket *l; /* listener on the same port */
	struct tcpcb *tp;
	uint32_t nxt; /* our SND.NXT there */
};

static void
tw_in(uint8_t flags, uint32_t seq, uint32_t ack, const uint32_t *tsval)
{
	uint8_t opt[TCP_MAXOLEN];
	struct tcpopt to;
	uint32_t n = 0;

	memset(&to, 0, sizeof(to));
	if (tsval != NULL) {
		to.to_hasts = true;
		to.to_tsval = *tsval;
		n = tcp_addoptions(&to, opt);
	}
	tf_in_full(TF_FPORT, tf_dport, flags, seq, ack, TF_WIN, 0, opt, n);
}

/* A connection in TIME_WAIT, with timestamps or without, and a listener. */
static struct tw
tw_begin(bool ts)
{
	const struct tcpopt to = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasts = ts,
		.to_tsval = 600 };
	struct socket *so = tf_established_with(&to);
	const uint32_t val = TSVAL;
	struct tw t;

	t.tp = tf_tp(so);
	t.nxt = t.tp->iss + 2;
	assert_int_equal((t.tp->t_flags & TF_RCVD_TSTMP) != 0, ts);
	(void)soclose(so);
	tw_in(TH_FIN | TH_ACK, PEER, t.nxt, ts ? &val : NULL);
	assert_int_equal(t.tp->t_state, TCPS_TIME_WAIT);
	t.l = tf_socket();
	assert_int_equal(sosetopt(t.l, SO_REUSEADDR, 1), 0);
	assert_int_equal(sobind(t.l, &(struct sockaddr_in){ 0, tf_dport }), 0);
	assert_int_equal(solisten(t.l, 1), 0);
	tf.rd = tf.n;
	return (t);
}

/* What the stack does with a SYN at @seq with or without a timestamp. */
static bool
reopens(bool old_ts, uint32_t seq, const uint32_t *tsval)
{
	struct tw t = tw_begin(old_ts);
	uint32_t pcbs = V_tcp.tcbinfo.ipi_count;
	bool yes;

	tw_in(TH_SYN, seq, 0, tsval);
	yes = V_tcp.tcbinfo.ipi_count == pcbs - 1;
	if (yes)
		assert_int_equal(tf_next()->flags, TH_SYN | TH_ACK);
	tf_silent();
	tf_run(62 * NS_S);
	(void)soclose(t.l);
	tf.rd = tf.n;
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	return (yes);
}

/* RFC 6191 section 2, and FreeBSD's rule by sequence number. */
static void
a_newer_syn_reopens(void **state)
{
	static const struct {
		bool old_ts, has;
		uint32_t seq, tsval;
		bool yes;
	} cases[] = {
		/* without timestamps: beyond RCV.NXT (PEER + 1), not at it */
		{ false, false, PEER + 1, 0, false },
		{ false, false, PEER + 2, 0, true },
		{ false, false, PEER, 0, false },
		{ false, false, PEER + 0x80000000u, 0, true },
		{ false, false, PEER + 0x80000002u, 0, false },
		/* the new one has them: whatever its number */
		{ false, true, PEER - 9, 1, true },
		{ false, true, PEER + 2, 1, true },
		/* both: greater, the same, less */
		{ true, true, PEER - 9, TSVAL + 1, true },
		{ true, true, PEER - 9, TSVAL, false },
		{ true, true, PEER + 2, TSVAL, true },
		{ true, true, PEER - 9, TSVAL - 1, false },
		{ true, true, PEER - 9, TSVAL + 0x7fffffffu, true },
		{ true, true, PEER - 9, TSVAL + 0x80000001u, false },
		/* FreeBSD's rule does not ask for the time */
		{ true, true, PEER + 2, TSVAL - 1, true },
		{ true, false, PEER + 2, 0, true },
		{ true, false, PEER + 1, 0, false },
	};

	(void)state;
	for (unsigned i = 0; i < nitems(cases); i++)
		if (reopens(cases[i].old_ts, cases[i].seq,
			cases[i].has ? &cases[i].tsval : NULL) != cases[i].yes)
			fail_msg("case %u: %s", i,
			    cases[i].yes ? "ignored" : "reopened");
}

/* A SYN,ACK or an RST never does. */
static void
only_a_bare_syn_reopens(void **state)
{
	struct tw t = tw_begin(false);

	(void)state;
	tw_in(TH_SYN | TH_RST, PEER + 9, 0, NULL);
	tf_silent();
	tw_in(TH_SYN | TH_ACK, PEER + 9, t.nxt, NULL);
	tf_expect(TH_ACK, t.nxt, PEER + 1, 0);
	assert_int_equal(t.tp->t_state, TCPS_TIME_WAIT);
	(void)soclose(t.l);
}

/* What is older than the connection, or not of it, gets no answer. */
static void
what_has_no_ack_or_no_timestamp_is_dropped(void **state)
{
	struct tw t = tw_begin(true);
	const uint32_t val = TSVAL + 5;
	uint64_t before = drop_count(DROP_TCP_TIMEWAIT);

	(void)state;
	tw_in(TH_FIN, PEER, 0, &val);
	tw_in(TH_FIN | TH_ACK, PEER, t.nxt, NULL);
	tw_in(TH_RST, PEER + 1, 0, &val);
	tf_silent();
	assert_int_equal(drop_count(DROP_TCP_TIMEWAIT), before + 3);
	/* the timer stays where it is */
	tf_run(59 * NS_S);
	tw_in(TH_FIN | TH_ACK, PEER, t.nxt, NULL);
	tf_run(2 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	(void)soclose(t.l);
}

/* 2MSL begins again with a FIN that is the one we know, with no other. */
static void
only_the_same_fin_restarts_the_timer(void **state)
{
	struct tw t = tw_begin(false);

	(void)state;
	tf_run(40 * NS_S);
	tw_in(TH_FIN | TH_ACK, PEER + 1, t.nxt, NULL);
	tf_expect(TH_ACK, t.nxt, PEER + 1, 0);
	tf_run(21 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	(void)soclose(t.l);
	t = tw_begin(false);
	tf_run(40 * NS_S);
	tw_in(TH_FIN | TH_ACK, PEER, t.nxt, NULL);
	tf_expect(TH_ACK, t.nxt, PEER + 1, 0);
	tf_run(59 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 2);
	tf_run(2 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	(void)soclose(t.l);
}

/* net.inet.tcp.msl counts when TIME_WAIT begins. */
static void
msl_is_read_at_the_begin(void **state)
{
	struct tw t;

	(void)state;
	V_tcp.msl = NS_S;
	t = tw_begin(false);
	V_tcp.msl = 30 * NS_S;
	tf_run(2 * NS_S - NS_MS);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 2);
	tf_run(2 * NS_MS);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	(void)soclose(t.l);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_newer_syn_reopens),
		T(only_a_bare_syn_reopens),
		T(what_has_no_ack_or_no_timestamp_is_dropped),
		T(only_the_same_fin_restarts_the_timer),
		T(msl_is_read_at_the_begin),
	};

	return (cmocka_run_group_tests_name("tcp_timewait", tests, NULL, NULL)
		    ? 1
		    : 0);
}
