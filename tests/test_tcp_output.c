/*
 * test_tcp_output.c - when a segment is due: each rule at its limit.
 *
 * Sender: full segments, Nagle, NODELAY, NOPUSH, half of the largest window,
 * idle restart, a window that shrinks, timers when nothing goes.  Receiver: the
 * least window, updates, no promise taken back.  The maximum segment is 1460.
 */
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)
#define MSS  1460u

static void
put(struct socket *so, uint32_t n)
{
	uint32_t done;

	assert_int_equal(sosend(so, NULL, n, NULL, &done), 0);
	assert_int_equal(done, n);
}

static uint32_t
take(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done;

	assert_int_equal(soreceive(so, buf, n, NULL, &done), 0);
	return (done);
}

static void
opt(struct socket *so, int name, int64_t value)
{
	assert_int_equal(so->so_proto->pr_ctloutput(so, true, name, &value), 0);
}

/* The window becomes @win: an update that counts. */
static void
window(struct socket *so, uint16_t win)
{
	struct tcpcb *tp = tf_tp(so);

	tp->snd_wl1 = tp->rcv_nxt - 1;
	tf_in(TH_ACK, tp->rcv_nxt, tp->snd_una, win, 0);
	assert_int_equal(tp->snd_wnd, win);
	tf.rd = tf.n;
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
a_full_segment_does_not_wait(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	put(so, 1);
	tf_expect(TH_ACK, nxt, PEER, 1);
	put(so, MSS - 1);
	tf_silent();
	put(so, 1);
	tf_expect(TH_ACK, nxt + 1, PEER, MSS);
	/* two and a bit: the bit waits */
	put(so, 2 * MSS + 1);
	tf_expect(TH_ACK, nxt + 1 + MSS, PEER, MSS);
	tf_expect(TH_ACK, nxt + 1 + 2 * MSS, PEER, MSS);
	tf_silent();
	tf_in(TH_ACK, PEER, nxt + 1 + 3 * MSS, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 1 + 3 * MSS, PEER, 1);
	end(so);
}

/* With timestamps 12 bytes less are full. */
static void
options_count(void **state)
{
	static const struct tcpopt to = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasts = true,
		.to_tsval = 7 };
	struct socket *so = tf_established_with(&to);
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	put(so, 1);
	tf_expect(TH_ACK, nxt, PEER, 1);
	put(so, MSS - 12 - 1);
	tf_silent();
	put(so, 1);
	tf_expect(TH_ACK, nxt + 1, PEER, MSS - 12);
	end(so);
}

static void
nodelay_and_nopush(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	opt(so, TCP_NODELAY, 1);
	for (uint32_t i = 0; i < 3; i++) {
		put(so, 1);
		tf_expect(TH_ACK, nxt + i, PEER, 1);
	}
	opt(so, TCP_NODELAY, 0);
	tf_in(TH_ACK, PEER, nxt + 3, TF_WIN, 0);
	nxt += 3;
	/* idle, but it is told to wait for more */
	opt(so, TCP_NOPUSH, 1);
	put(so, MSS - 1);
	tf_silent();
	put(so, 2);
	tf_expect(TH_ACK, nxt, PEER, MSS);
	tf_in(TH_ACK, PEER, nxt + MSS, TF_WIN, 0);
	tf_silent();
	opt(so, TCP_NOPUSH, 0);
	tf_expect(TH_ACK, nxt + MSS, PEER, 1);
	tf_in(TH_ACK, PEER, nxt + MSS + 1, TF_WIN, 0);
	/* a FIN takes along what waits */
	opt(so, TCP_NOPUSH, 1);
	put(so, 5);
	tf_silent();
	assert_int_equal(soshutdown(so, SHUT_WR), 0);
	tf_expect(TH_ACK | TH_FIN, nxt + MSS + 1, PEER, 5);
	end(so);
}

/* RFC 1122 4.2.3.4: half of the largest window that there ever was. */
static void
half_the_largest_window_is_enough(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	tp->max_sndwnd = 200;
	window(so, 200);
	put(so, 1);
	tf_expect(TH_ACK, nxt, PEER, 1);
	put(so, 99);
	tf_silent();
	put(so, 1);
	tf_expect(TH_ACK, nxt + 1, PEER, 100);
	/* 99 of window are left: silly */
	put(so, 100);
	tf_silent();
	end(so);
}

/* A small window and more than it holds: wait, and then send nevertheless. */
static void
a_silly_window_waits_for_persist(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;
	int64_t begin;

	(void)state;
	window(so, 1000);
	put(so, 1001);
	tf_silent();
	assert_true(tcp_timer_active(tp, TT_PERSIST));
	begin = vtime();
	tf_run(5 * NS_S - 1);
	tf_silent();
	tf_run(1);
	assert_int_equal(tf.pkt[tf.rd].time, begin + 5 * NS_S);
	tf_expect(TH_ACK, nxt, PEER, 1000);
	/* that was no probe: it is in transmit state now */
	assert_true(tcp_timer_active(tp, TT_REXMT));
	assert_false(tcp_timer_active(tp, TT_PERSIST));
	assert_int_equal(tcpstat_get(TCPS_sndprobe), 0);
	end(so);
	/* all of it fits: no reason to wait */
	so = tf_established();
	nxt = tf_tp(so)->snd_nxt;
	window(so, 1000);
	put(so, 1000);
	tf_expect(TH_ACK, nxt, PEER, 1000);
	end(so);
}

/* RFC 9293 3.8.6: the peer should not, but may. */
static void
the_window_shrinks(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	put(so, 5 * MSS);
	tf.rd = tf.n;
	put(so, 2 * MSS);
	tf.rd = tf.n;
	assert_int_equal(tp->snd_max, nxt + 7 * MSS);
	/* below what is out: nothing new, the timer goes on */
	window(so, 3 * MSS);
	put(so, MSS);
	tf_silent();
	assert_true(tcp_timer_active(tp, TT_REXMT));
	/* closed: it is a matter of probes */
	window(so, 0);
	assert_false(tcp_timer_active(tp, TT_REXMT));
	assert_true(tcp_timer_active(tp, TT_PERSIST));
	assert_int_equal(tp->snd_nxt, nxt);
	assert_int_equal(tp->snd_max, nxt + 7 * MSS);
	/* the ACK of what was taken before: from there on */
	tf_in(TH_ACK, PEER, nxt + 2 * MSS, 0, 0);
	assert_int_equal(tp->snd_nxt, nxt + 2 * MSS);
	tf_run(6 * NS_S);
	tf_expect(TH_ACK, nxt + 2 * MSS, PEER, 1);
	/* open again: what was cut off is sent once more */
	tf_in(TH_ACK, PEER, nxt + 2 * MSS, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 2 * MSS, PEER, MSS);
	end(so);
}

/* RFC 5681 4.1: after an RTO without a word the window starts again. */
static void
idle_restart(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	for (int i = 0; i < 2; i++) {
		tp->snd_cwnd = 40 * MSS;
		tp->snd_ssthresh = 100;
		tp->t_rcvtime = vtime();
		tf_run(tp->t_rxtcur - (i == 0 ? 1 : 0));
		put(so, 1);
		assert_int_equal(tp->snd_cwnd, i == 0 ? 40 * MSS : 10 * MSS);
		/* three quarters were known to be fine: RFC 2861 */
		assert_int_equal(tp->snd_ssthresh, i == 0 ? 100 : 30 * MSS);
		tf_in(TH_ACK, PEER, tp->snd_max, TF_WIN, 0);
	}
	/* a window that is smaller stays */
	tp->snd_cwnd = 3 * MSS;
	tf_run(10 * NS_S);
	put(so, 1);
	assert_int_equal(tp->snd_cwnd, 3 * MSS);
	end(so);
}

/* SACK: recovery has stopped the timer and nothing could be sent. */
static void
somebody_asks_again(void **state)
{
	struct socket *so = tf_established_sack();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	put(so, 3 * MSS);
	tcp_timer_activate(tp, TT_REXMT, 0);
	assert_int_equal(tcp_output(tp), 0);
	assert_true(tcp_timer_active(tp, TT_REXMT));
	assert_false(tcp_timer_active(tp, TT_PERSIST));
	end(so);
}

/* ---- the receiver ---- */

/* @n bytes lie in the buffer, all told; the window is @win. */
static struct socket *
filled(uint32_t n, uint32_t win)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t len;

	assert_int_equal(so->so_rcv.sb_hiwat, 65700);
	for (uint32_t got = 0; got < n; got += len) {
		len = imin(n - got, MSS);
		tf_in(TH_ACK, PEER + got, tp->snd_una, TF_WIN, len);
	}
	tf_run(NS_S);
	assert_int_equal(tf.pkt[tf.n - 1].ack, PEER + n);
	assert_int_equal(tf.pkt[tf.n - 1].win, win);
	tf.rd = tf.n;
	return (so);
}

/* RFC 1122 4.2.3.3: not below a segment and a quarter of the buffer. */
static void
the_least_window(void **state)
{
	(void)state;
	/* what was promised stays, however little it is */
	end(filled(65700 - MSS, MSS));
	end(filled(65700 - MSS + 1, MSS - 1));
}

/* The same, without an older promise. */
static void
the_least_new_window(void **state)
{
	struct socket *so = filled(60000, 5700);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	for (int i = 0; i < 2; i++) {
		/* as if less had been offered */
		tp->rcv_adv = tp->rcv_nxt;
		so->so_rcv.sb_hiwat = 60000 + MSS - (i == 0 ? 0 : 1);
		tp->t_flags |= TF_ACKNOW;
		assert_int_equal(tcp_output(tp), 0);
		assert_int_equal(tf.pkt[tf.n - 1].win, i == 0 ? MSS : 0);
		assert_int_equal((tp->t_flags & TF_RXWIN0SENT) != 0, i == 1);
	}
	so->so_rcv.sb_hiwat = 65700;
	end(so);
}

/* Two segments and a quarter of the buffer, or half of it. */
static void
window_updates(void **state)
{
	struct socket *so = filled(40000, 25700);
	uint32_t quarter = 65700 / 4;

	(void)state;
	assert_int_equal(take(so, quarter - 1), quarter - 1);
	tf_silent();
	assert_int_equal(take(so, 1), 1);
	assert_true(tf.n > tf.rd);
	assert_int_equal(tf.pkt[tf.rd].win, 25700 + quarter);
	assert_int_equal(tcpstat_get(TCPS_sndwinup), 1);
	end(so);
	/* an eighth is left at most: two segments are enough */
	so = filled(62000, 3700);
	assert_int_equal(take(so, 2 * MSS - 1), 2 * MSS - 1);
	tf_silent();
	assert_int_equal(take(so, 1), 1);
	assert_int_equal(tf.pkt[tf.rd].win, 3700 + 2 * MSS);
	end(so);
	/* while an ACK waits the update waits with it */
	so = filled(60000, 5700);
	tf_in(TH_ACK, PEER + 60000, tf_tp(so)->snd_una, TF_WIN, 1);
	tf_tp(so)->t_flags |= TF_DELACK;
	(void)take(so, 20000);
	tf_silent();
	tf_tp(so)->t_flags &= ~(uint32_t)TF_DELACK;
	end(so);
}

/* A buffer that is made smaller takes no promise back. */
static void
a_promise_is_kept(void **state)
{
	struct socket *so = filled(1000, 64700);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	assert_int_equal(sosetopt(so, SO_RCVBUF, 2000), 0);
	tf_in(TH_ACK, tp->rcv_nxt, tp->snd_una, TF_WIN, MSS);
	tf_in(TH_ACK, tp->rcv_nxt, tp->snd_una, TF_WIN, MSS);
	assert_int_equal(tf.pkt[tf.n - 1].win, 64700 - 2 * MSS);
	assert_int_equal(tp->rcv_nxt, PEER + 1000 + 2 * MSS);
	end(so);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_segment_does_not_wait),
		TEST(options_count),
		TEST(nodelay_and_nopush),
		TEST(half_the_largest_window_is_enough),
		TEST(a_silly_window_waits_for_persist),
		TEST(the_window_shrinks),
		TEST(idle_restart),
		TEST(somebody_asks_again),
		TEST(the_least_window),
		TEST(the_least_new_window),
		TEST(window_updates),
		TEST(a_promise_is_kept),
	};

	return (cmocka_run_group_tests_name("tcp_output", tests, NULL, NULL)
		    ? 1
		    : 0);
}
