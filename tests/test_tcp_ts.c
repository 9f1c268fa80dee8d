/*
 * test_tcp_ts.c - timestamps: negotiation, echo, round trips, PAWS; RFC 7323.
 */
#include "src/core/world.h"
#include "src/net/tcp/tcp_sack.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)
#define TS0  0xfffffff0u /* the peer's clock, about to wrap */

static void
put(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;

	assert_int_equal(sosend(so, buf, n, NULL, &done), 0);
	assert_int_equal(done, n);
}

static struct socket *
established_ts(void)
{
	static const struct tcpopt to = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasts = true,
		.to_tsval = TS0 };

	return (tf_established_with(&to));
}

/* A segment with a timestamp. */
static void
in_ts(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, uint32_t val,
    uint32_t ecr)
{
	struct tcpopt to = {
		.to_hasts = true, .to_tsval = val, .to_tsecr = ecr
	};
	uint8_t opt[TCP_MAXOLEN];
	uint32_t n = tcp_addoptions(&to, opt);

	tf_in_full(TF_FPORT, tf_dport, flags, seq, ack, 65535, len, opt, n);
}

static void
end(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSED);
	(void)soclose(so);
	tf.rd = tf.n = 0;
}

static void
both_must_ask(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	assert_true(tf.pkt[0].opt.to_hasts);
	assert_int_equal(tf.pkt[0].opt.to_tsecr, 0);
	assert_true((tp->t_flags & TF_RCVD_TSTMP) != 0);
	/* the ACK carries ours, and echoes the peer's */
	assert_true(tf.pkt[1].opt.to_hasts);
	assert_int_equal(tf.pkt[1].opt.to_tsecr, TS0);
	/* a full segment is twelve bytes shorter, and so is the window */
	assert_int_equal(tp->snd_cwnd, 10 * 1448);
	put(so, 3000);
	tf_expect(TH_ACK, tp->snd_una, PEER, 1448);
	assert_true(tf.pkt[tf.rd - 1].opt.to_hasts);
	end(so);
	/* the peer does not: no more of them */
	so = tf_established();
	put(so, 1460);
	tf_expect(TH_ACK, tf_tp(so)->snd_una, PEER, 1460);
	assert_false(tf.pkt[tf.rd - 1].opt.to_hasts);
	end(so);
	/* we do not: the peer's are ignored */
	V_tcp.rfc1323 = 0;
	so = established_ts();
	assert_false(tf.pkt[0].opt.to_hasts);
	assert_true((tf_tp(so)->t_flags & TF_RCVD_TSTMP) == 0);
	in_ts(TH_ACK, PEER, tf_tp(so)->snd_nxt, 10, TS0 - 5, 0);
	assert_int_equal(tf_tp(so)->rcv_nxt, PEER + 10);
	end(so);
}

static void
each_connection_has_its_own_clock(void **state)
{
	uint32_t a = tcp_new_ts_offset(1, 2, 3, 4);

	(void)state;
	assert_int_equal(tcp_new_ts_offset(1, 2, 3, 4), a);
	assert_true(tcp_new_ts_offset(1, 2, 3, 5) != a);
	assert_true(tcp_new_ts_offset(1, 9, 3, 4) != a);
}

static void
without_the_option_a_segment_is_dropped_but_for_rst(void **state)
{
	struct socket *so = established_ts();

	(void)state;
	tf_in(TH_ACK, PEER, tf_tp(so)->snd_nxt, TF_WIN, 10);
	assert_int_equal(tf_tp(so)->rcv_nxt, PEER);
	assert_int_equal(drop_count(DROP_TCP_NOTS), 1);
	tf_silent();
	/* RFC 7323 section 3.2: an RST needs none */
	end(so);
}

static void
old_timestamps_are_dropped(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	/* across the wrap: newer */
	in_ts(TH_ACK, PEER, nxt, 10, 5, 0);
	assert_int_equal(tp->ts_recent, 5);
	assert_int_equal(tp->rcv_nxt, PEER + 10);
	tf_run(50 * NS_MS);
	tf.rd = tf.n;
	/* one less, with data: ACK; it changes nothing */
	in_ts(TH_ACK, PEER + 10, nxt, 10, 4, 0);
	tf_expect(TH_ACK, nxt, PEER + 10, 0);
	assert_int_equal(tp->rcv_nxt, PEER + 10);
	assert_int_equal(tp->ts_recent, 5);
	/* without data: silence */
	in_ts(TH_ACK, PEER + 10, nxt, 0, 4, 0);
	tf_silent();
	assert_int_equal(drop_count(DROP_TCP_PAWS), 2);
	assert_int_equal(tcpstat_get(TCPS_pawsdrop), 2);
	/* equal is not older */
	in_ts(TH_ACK, PEER + 10, nxt, 10, 5, 0);
	assert_int_equal(tp->rcv_nxt, PEER + 20);
	end(so);
}

static void
after_24_days_an_old_timestamp_is_believed(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	/* instead of 24 days of keepalives */
	tp->ts_recent_age = tcp_ts_getticks() - TCP_PAWS_IDLE;
	in_ts(TH_ACK, PEER, tp->snd_nxt, 10, TS0 - 1, 0);
	assert_int_equal(tp->rcv_nxt, PEER);
	assert_int_equal(drop_count(DROP_TCP_PAWS), 1);
	tp->ts_recent_age--;
	in_ts(TH_ACK, PEER, tp->snd_nxt, 10, TS0 - 1, 0);
	assert_int_equal(tp->rcv_nxt, PEER + 10);
	assert_int_equal(tp->ts_recent, TS0 - 1);
	end(so);
}

/* RFC 7323 section 4.3: the echo is of the segment at last_ack_sent. */
static void
the_echo_covers_a_delayed_ack(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	in_ts(TH_ACK, PEER, nxt, 10, 100, 0);
	in_ts(TH_ACK, PEER + 10, nxt, 10, 200, 0);
	assert_int_equal(tf.pkt[tf.rd].opt.to_tsecr, 100);
	tf_expect(TH_ACK, nxt, PEER + 20, 0);
	/* out of order: not its own */
	in_ts(TH_ACK, PEER + 40, nxt, 10, 300, 0);
	assert_int_equal(tf.pkt[tf.rd].opt.to_tsecr, 100);
	tf_expect(TH_ACK, nxt, PEER + 20, 0);
	in_ts(TH_ACK, PEER + 20, nxt, 20, 400, 0);
	assert_int_equal(tf.pkt[tf.rd].opt.to_tsecr, 400);
	tf_expect(TH_ACK, nxt, PEER + 50, 0);
	end(so);
}

static void
each_echo_is_a_round_trip(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una, val;

	(void)state;
	tp->t_srtt = 0;
	tf_run(7 * NS_MS);
	put(so, 100);
	val = tf.pkt[tf.n - 1].opt.to_tsval;
	assert_int_equal(val, tcp_ts_getticks() + tp->ts_offset);
	tf_run(80 * NS_MS);
	in_ts(TH_ACK, PEER, una + 100, 0, TS0 + 1, val);
	assert_int_equal(tp->t_srtt, 80 * NS_MS);
	/* also of what was repeated: the echo tells which */
	put(so, 100);
	while (tp->t_rxtshift == 0)
		tf_run(NS_MS);
	val = tf.pkt[tf.n - 1].opt.to_tsval;
	tf_run(160 * NS_MS);
	in_ts(TH_ACK, PEER, una + 200, 0, TS0 + 2, val);
	assert_int_equal(tp->t_srtt, 90 * NS_MS);
	assert_int_equal(tp->t_rxtshift, 0);
	/* from the future, or none: no sample */
	put(so, 100);
	tp->t_flags &= ~(uint32_t)TF_RTT;
	in_ts(TH_ACK, PEER, una + 250, 0, TS0 + 3, val + 100000);
	in_ts(TH_ACK, PEER, una + 300, 0, TS0 + 3, 0);
	assert_int_equal(tp->t_srtt, 90 * NS_MS);
	end(so);
}

/* The echo tells what an ACK answers: RFC 3522's idea, FreeBSD's badrxtwin. */
static void
an_echo_from_before_the_timeout_takes_it_back(void **state)
{
	(void)state;
	for (int early = 0; early < 2; early++) {
		struct socket *so = established_ts();
		struct tcpcb *tp = tf_tp(so);
		uint32_t una = tp->snd_una, val, again;

		put(so, 1000);
		val = tf.pkt[tf.n - 1].opt.to_tsval;
		while (tp->t_rxtshift == 0)
			tf_run(NS_MS);
		again = tf.pkt[tf.n - 1].opt.to_tsval;
		assert_true(TSTMP_GT(again, val));
		/* later than half a round trip, yet it is decided */
		tf_run(100 * NS_MS);
		in_ts(TH_ACK, PEER, una + 1000, 0, TS0 + 1,
		    early != 0 ? val : again);
		assert_int_equal(tcpstat_get(TCPS_sndrexmitbad), early);
		if (early != 0)
			assert_true(tp->snd_cwnd >= 10 * 1448);
		end(so);
	}
}

static void
answers_outside_the_flow_carry_it_too(void **state)
{
	struct socket *so = established_ts();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	in_ts(TH_RST | TH_ACK, PEER + 10, tp->snd_nxt, 0, TS0, 0);
	assert_true(tf.pkt[tf.rd].opt.to_hasts);
	tf_expect(TH_ACK, tp->snd_nxt, PEER, 0);
	end(so);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_must_ask),
		T(each_connection_has_its_own_clock),
		T(without_the_option_a_segment_is_dropped_but_for_rst),
		T(old_timestamps_are_dropped),
		T(after_24_days_an_old_timestamp_is_believed),
		T(the_echo_covers_a_delayed_ack),
		T(each_echo_is_a_round_trip),
		T(an_echo_from_before_the_timeout_takes_it_back),
		T(answers_outside_the_flow_carry_it_too),
	};

	return (
	    cmocka_run_group_tests_name("tcp_ts", tests, NULL, NULL) ? 1 : 0);
}
