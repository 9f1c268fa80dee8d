/*
 * test_tcp_recover.c - loss recovery of the sender: fast retransmit, NewReno,
 * limited transmit, the scoreboard of SACK and its limits, PRR, undo.
 */
#include "src/core/world.h"
#include "src/net/tcp/tcp_sack.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)
#define MSS  1460u

static uint64_t draw;
static uint32_t una0; /* first byte of the stream */

static uint32_t
R(uint32_t n)
{
	return ((uint32_t)(krandom("t.recover", 1, draw++) % n));
}

static void
put(struct socket *so, uint32_t n)
{
	static uint8_t buf[65536];
	uint32_t done = 0;

	assert_int_equal(sosend(so, buf, n, NULL, &done), 0);
	assert_int_equal(done, n);
}

/* A connection with SACK or without, a big window, and @segs segments out. */
static struct socket *
sending(bool sack, uint32_t segs)
{
	struct socket *so = sack ? tf_established_sack() : tf_established();
	struct tcpcb *tp = tf_tp(so);

	una0 = tp->snd_una;
	tf_in(TH_ACK, PEER, una0, 65535, 0);
	so->so_snd.sb_hiwat = 200000;
	tp->snd_cwnd = segs * MSS;
	put(so, 40 * MSS);
	for (uint32_t i = 0; i < segs; i++)
		tf_expect(TH_ACK, una0 + i * MSS, PEER, MSS);
	tf_silent();
	return (so);
}

static void
end(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	assert_null(tf_tp(so)->t_sack);
	assert_int_equal(V_tcp.sack_globalholes, 0);
	(void)soclose(so);
	tf.rd = tf.n = 0;
}

/* ACK of @ack segments, with blocks in segments: from, to, from, to ... */
static void
ack_with(uint32_t ack, uint32_t n, const uint32_t *edge)
{
	struct tcpopt to = { .to_nsacks = (uint8_t)n };
	uint8_t opt[TCP_MAXOLEN];
	uint32_t optlen;

	for (uint32_t i = 0; i < n; i++) {
		to.to_sacks[i].start = una0 + edge[2 * i] * MSS;
		to.to_sacks[i].end = una0 + edge[2 * i + 1] * MSS;
	}
	optlen = tcp_addoptions(&to, opt);
	tf_in_full(TF_FPORT, tf_dport, TH_ACK, PEER, una0 + ack * MSS, 65535, 0,
	    opt, optlen);
}
#define ACK(a) ack_with((a), 0, NULL)
#define SACK(a, ...)                                                           \
	ack_with((a),                                                          \
	    (uint32_t)(sizeof((const uint32_t[]){ __VA_ARGS__ }) / 8),         \
	    (const uint32_t[]){ __VA_ARGS__ })

/* The next thing sent is segment number @i. */
#define expect_seg(i) tf_expect(TH_ACK, una0 + (i)*MSS, PEER, MSS)

static void
the_third_duplicate_repeats_the_first_segment(void **state)
{
	struct socket *so = sending(false, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	/* limited transmit: a new segment for each of the first two */
	ACK(0);
	expect_seg(10);
	ACK(0);
	expect_seg(11);
	assert_int_equal(tp->snd_cwnd, 10 * MSS);
	ACK(0);
	expect_seg(0);
	tf_silent();
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	assert_int_equal(tp->snd_ssthresh, 5 * MSS);
	/* three left the network, two of them were replaced */
	assert_int_equal(tp->snd_cwnd, (5 + 3 - 2) * MSS);
	assert_int_equal(tp->snd_recover, una0 + 12 * MSS);
	/* each further one inflates; from 13 segments on new data go */
	for (int i = 0; i < 6; i++)
		ACK(0);
	tf_silent();
	ACK(0);
	expect_seg(12);
	/* all that was out is acknowledged: 1 segment in flight */
	ACK(12);
	assert_true((tp->t_flags & TF_FASTRECOVERY) == 0);
	assert_int_equal(tp->snd_cwnd, 2 * MSS);
	expect_seg(13);
	tf_silent();
	end(so);
}

/* RFC 6582: a partial ACK repeats the next hole at once. */
static void
newreno_repeats_one_segment_a_round_trip(void **state)
{
	struct socket *so = sending(false, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	V_tcp.rfc3042 = 0;
	for (int i = 0; i < 3; i++)
		ACK(0);
	expect_seg(0);
	tf_silent();
	assert_int_equal(tp->snd_cwnd, 8 * MSS);
	ACK(4);
	expect_seg(4);
	/* deflated by four, plus one: 5 of 6 in flight */
	assert_int_equal(tp->snd_cwnd, 5 * MSS);
	tf_silent();
	ACK(7);
	expect_seg(7);
	assert_int_equal(tp->snd_cwnd, 3 * MSS);
	tf_silent();
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	ACK(10);
	expect_seg(10);
	expect_seg(11);
	tf_silent();
	/* no second episode from ACKs of the first: RFC 6582 3.2 step 2 */
	tp->snd_recover = tp->snd_una + MSS;
	for (int i = 0; i < 3; i++)
		ACK(10);
	assert_true((tp->t_flags & TF_FASTRECOVERY) == 0);
	end(so);
}

static void
limited_transmit_needs_new_data_and_its_sysctl(void **state)
{
	struct socket *so = sending(false, 4);

	(void)state;
	V_tcp.rfc3042 = 0;
	ACK(0);
	tf_silent();
	V_tcp.rfc3042 = 1;
	ACK(0);
	expect_seg(4);
	expect_seg(5);
	tf_silent();
	end(so);
}

static void
holes_are_repeated_and_nothing_else(void **state)
{
	struct socket *so = sending(true, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	/* lost: 0 and 5 */
	SACK(0, 1, 2);
	expect_seg(10);
	SACK(0, 1, 3);
	expect_seg(11);
	SACK(0, 1, 4);
	expect_seg(0);
	tf_silent();
	assert_int_equal(tp->snd_ssthresh, 5 * MSS);
	assert_int_equal(tcpstat_get(TCPS_sack_recovery_episode), 1);
	/* PRR: 5 segments for each 12 that arrive, rounded up; 3 have */
	SACK(0, 1, 5);
	expect_seg(12);
	SACK(0, 6, 7, 1, 5);
	expect_seg(5);
	SACK(0, 6, 8, 1, 5);
	SACK(0, 6, 9, 1, 5);
	tf_silent();
	SACK(0, 6, 10, 1, 5);
	expect_seg(13);
	tf_silent();
	/* 0 has arrived: what is below 5 counts as it did */
	SACK(5, 6, 10);
	assert_int_equal(tp->t_sack->sacked_bytes, 4 * MSS);
	assert_int_equal(tp->t_sack->sack_bytes_rexmit, MSS);
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	tf.rd = tf.n;
	ACK(12);
	assert_true((tp->t_flags & TF_FASTRECOVERY) == 0);
	assert_int_equal(tcpstat_get(TCPS_sack_rexmits), 2);
	assert_int_equal(tcpstat_get(TCPS_sack_rexmit_bytes), 2 * MSS);
	assert_int_equal(tp->t_sack->snd_numholes, 0);
	end(so);
}

/* RFC 6675 section 5: more than two segments SACKed are enough. */
static void
one_ack_with_three_segments_sacked_is_a_loss(void **state)
{
	struct socket *so = sending(true, 10);

	(void)state;
	V_tcp.rfc3042 = 0;
	SACK(0, 1, 3);
	tf_silent();
	SACK(0, 1, 4);
	expect_seg(0);
	tf_silent();
	end(so);
}

static void
acks_without_news_do_not_count(void **state)
{
	struct socket *so = sending(true, 10);

	(void)state;
	V_tcp.rfc3042 = 0;
	for (int i = 0; i < 10; i++)
		SACK(0, 1, 2);
	assert_int_equal(tf_tp(so)->t_dupacks, 1);
	tf_silent();
	end(so);
}

static void
nonsense_blocks_are_ignored(void **state)
{
	struct socket *so = sending(true, 4);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	V_tcp.rfc3042 = 0;
	SACK(0, 2, 2, 3, 2);  /* empty, reversed */
	SACK(0, 3, 5);        /* not sent yet */
	SACK(0, 5, 6);        /* the same */
	SACK(0, 0, 2);        /* begins at snd_una: should be an ACK */
	SACK(0, 0x200000, 3); /* far below */
	assert_int_equal(tp->t_sack->snd_numholes, 0);
	assert_int_equal(tp->t_sack->sacked_bytes, 0);
	/* DSACK: counted, but no news */
	SACK(2, 1, 2);
	assert_int_equal(tcpstat_get(TCPS_dsack_count), 1);
	assert_int_equal(tcpstat_get(TCPS_dsack_bytes), MSS);
	assert_int_equal(tp->t_sack->snd_numholes, 0);
	end(so);
}

/* RFC 2018 section 8: the peer may discard what it has SACKed. */
static void
a_timeout_forgets_the_scoreboard(void **state)
{
	struct socket *so = sending(true, 4);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	V_tcp.rfc3042 = 0;
	SACK(0, 1, 3);
	assert_int_equal(tp->t_sack->snd_numholes, 1);
	tf_run(300 * NS_MS);
	expect_seg(0);
	tf_silent();
	assert_int_equal(tp->t_sack->snd_numholes, 0);
	assert_int_equal(V_tcp.sack_globalholes, 0);
	/* it has reneged: all goes again, one after the other */
	ACK(1);
	expect_seg(1);
	expect_seg(2);
	tf_silent();
	/* and one that has not: what it reports is skipped */
	SACK(2, 3, 4);
	expect_seg(4);
	tf_silent();
	end(so);
}

static void
the_tail_is_rescued(void **state)
{
	struct socket *so = sending(true, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	/* nothing new to send: the peer's window ends here */
	tp->snd_wnd = 10 * MSS;
	V_tcp.rfc3042 = 0;
	tf_in(TH_ACK, PEER, una0, (uint16_t)(10 * MSS), 0);
	/* lost: 0, 8 and 9; SACK of 1..7 */
	SACK(0, 1, 8);
	tf.rd = tf.n;
	tp->snd_wnd = 10 * MSS;
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	/* the repeated segment arrives; a pure ACK, below snd_recover */
	tf_in(TH_ACK, PEER, una0 + 8 * MSS, (uint16_t)(2 * MSS), 0);
	/* the highest segment, not the next one: RFC 6675 NextSeg (4) */
	expect_seg(9);
	tf_silent();
	SACK(8, 9, 10);
	expect_seg(8);
	end(so);
}

static void
holes_have_limits(void **state)
{
	struct socket *so = sending(true, 20);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	V_tcp.rfc3042 = 0;
	V_tcp.sack_maxholes = 2;
	SACK(0, 1, 2);
	SACK(0, 3, 4);
	assert_int_equal(tp->t_sack->snd_numholes, 2);
	assert_int_equal(tcpstat_get(TCPS_sack_sboverflow), 0);
	/* a third one beyond, and one that would split: ignored */
	SACK(0, 5, 6);
	assert_int_equal(tcpstat_get(TCPS_sack_sboverflow), 1);
	assert_int_equal(tp->t_sack->snd_numholes, 2);
	assert_int_equal(tp->t_sack->snd_fack, una0 + 4 * MSS);
	V_tcp.sack_maxholes = 128;
	V_tcp.sack_globalmaxholes = 2;
	SACK(0, 7, 8);
	assert_int_equal(tp->t_sack->snd_numholes, 2);
	assert_int_equal(tcpstat_get(TCPS_sack_sboverflow), 2);
	V_tcp.sack_globalmaxholes = 3;
	SACK(0, 7, 8);
	assert_int_equal(tp->t_sack->snd_numholes, 3);
	assert_int_equal(V_tcp.sack_globalholes, 3);
	/* what needs no hole is taken at the limit */
	SACK(0, 8, 9);
	assert_int_equal(tp->t_sack->snd_fack, una0 + 9 * MSS);
	SACK(0, 2, 9);
	assert_int_equal(tp->t_sack->snd_numholes, 1);
	end(so);
}

static void
without_memory_for_a_hole_the_block_is_ignored(void **state)
{
	struct socket *so = sending(true, 10);
	struct world_mem *wm = &tf.w->w_mem;

	(void)state;
	V_tcp.rfc3042 = 0;
	/* no scoreboard at all: NewReno does it */
	for (int i = 0; i < 3; i++) {
		wm->wm_failat = wm->wm_nfallible + 1;
		SACK(0, 1, 2 + (uint32_t)i);
		wm->wm_failat = 0;
		assert_null(tf_tp(so)->t_sack);
	}
	expect_seg(0);
	end(so);
	so = sending(true, 10);
	V_tcp.rfc3042 = 0;
	SACK(0, 1, 2);
	wm->wm_failat = wm->wm_nfallible + 1;
	SACK(0, 3, 4);
	wm->wm_failat = 0;
	assert_int_equal(tf_tp(so)->t_sack->snd_numholes, 1);
	assert_int_equal(tf_tp(so)->t_sack->snd_fack, una0 + 2 * MSS);
	end(so);
}

/* What the peer has, in steps of a tenth of a segment. */
enum { MAP = 200 };
#define STEP (20 * MSS / MAP)

/* Some blocks beyond @una, into @to and the map. */
static void
random_blocks(struct tcpopt *to, bool *have, uint32_t una)
{
	for (uint32_t n = 1 + R(3); n > 0 && una + 2 < MAP; n--) {
		uint32_t s = una + 1 + R(MAP - una - 2);
		uint32_t e = s + 1 + R(imin(12, MAP - s));

		to->to_sacks[to->to_nsacks].start = una0 + s * STEP;
		to->to_sacks[to->to_nsacks++].end = una0 + e * STEP;
		memset(have + s, true, e - s);
	}
}

/* The holes are exactly what is missing below the highest byte. */
static void
board_is(const struct tcpcb *tp, const bool *have, uint32_t una)
{
	uint32_t fack = 0, miss = 0, sum = 0;
	const struct sackhole *h;

	for (uint32_t i = una; i < MAP; i++)
		if (have[i])
			fack = i + 1;
	for (uint32_t i = una; i < fack; i++)
		miss += !have[i];
	TAILQ_FOREACH (h, &tp->t_sack->snd_holes, scblink) {
		uint32_t s = (h->start - una0) / STEP;
		uint32_t e = (h->end - una0) / STEP;

		assert_true(s < e && s >= una);
		assert_true(s == una || have[s - 1]);
		assert_true(have[e]);
		for (uint32_t i = s; i < e; i++)
			assert_false(have[i]);
		sum += e - s;
	}
	assert_int_equal(sum, miss);
	if (miss == 0)
		return;
	assert_int_equal(tp->t_sack->snd_fack, una0 + fack * STEP);
	assert_int_equal(tp->t_sack->sacked_bytes, (fack - una - miss) * STEP);
}

/* Blocks in any order against a map of what the peer has. */
static void
the_scoreboard_agrees_with_a_model(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct socket *so = sending(true, 20);
		struct tcpcb *tp = tf_tp(so);
		bool have[MAP] = { false };
		uint32_t una = 0;

		while (una < MAP) {
			struct tcpopt to = { 0 };

			if (R(6) == 0)
				una += R(MAP - una + 1) / (1 + R(9));
			for (uint32_t i = una; i < MAP && have[i]; i++)
				una = i + 1;
			random_blocks(&to, have, una);
			memset(have, true, una);
			(void)tcp_sack_get(tp);
			(void)tcp_sack_doack(tp, &to, una0 + una * STEP);
			tp->snd_una = una0 + una * STEP;
			board_is(tp, have, una);
		}
		tp->snd_una = una0;
		end(so);
	}
}

/* An ACK right after the timeout cannot be its answer. */
static void
a_timeout_that_was_too_early_is_taken_back(void **state)
{
	struct socket *so = sending(false, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	tp->t_srtt = 100 * NS_MS;
	tp->snd_ssthresh = 20 * MSS;
	while (tp->t_rxtshift == 0)
		tf_run(NS_MS);
	expect_seg(0);
	assert_int_equal(tp->snd_cwnd, MSS);
	assert_int_equal(tp->snd_ssthresh, 5 * MSS);
	ACK(10);
	assert_int_equal(tcpstat_get(TCPS_sndrexmitbad), 1);
	assert_int_equal(tp->snd_ssthresh, 20 * MSS);
	/* as before, and opened by this ACK */
	assert_int_equal(tp->snd_cwnd, 12 * MSS);
	end(so);
	/* half a round trip later it is */
	so = sending(false, 10);
	tp = tf_tp(so);
	tp->t_srtt = 100 * NS_MS;
	while (tp->t_rxtshift == 0)
		tf_run(NS_MS);
	tf_run(51 * NS_MS);
	ACK(10);
	assert_int_equal(tcpstat_get(TCPS_sndrexmitbad), 1);
	assert_int_equal(tp->snd_ssthresh, 5 * MSS);
	end(so);
}

static void
a_timeout_ends_recovery(void **state)
{
	struct socket *so = sending(true, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	SACK(0, 1, 4);
	assert_true((tp->t_flags & TF_FASTRECOVERY) != 0);
	tf.rd = tf.n;
	tf_run(400 * NS_MS);
	expect_seg(0);
	assert_true((tp->t_flags & TF_FASTRECOVERY) == 0);
	assert_int_equal(tp->snd_cwnd, MSS);
	/* after a timeout slow start opens by one segment at a time */
	ACK(4);
	assert_int_equal(tp->snd_cwnd, 2 * MSS);
	tf.rd = tf.n;
	end(so);
}

/* A smaller MTU in the middle of it: all that is out is sent anew. */
static void
a_smaller_mtu_ends_recovery(void **state)
{
	struct socket *so = sending(true, 10);
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	SACK(0, 1, 4);
	tf.rd = tf.n;
	tcp_mtudisc(tp, 1000);
	assert_true((tp->t_flags & TF_FASTRECOVERY) == 0);
	assert_int_equal(tp->t_sack->snd_numholes, 0);
	(void)tcp_output(tp);
	tf_expect(TH_ACK, una0, PEER, 1000);
	end(so);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_third_duplicate_repeats_the_first_segment),
		T(newreno_repeats_one_segment_a_round_trip),
		T(limited_transmit_needs_new_data_and_its_sysctl),
		T(holes_are_repeated_and_nothing_else),
		T(one_ack_with_three_segments_sacked_is_a_loss),
		T(acks_without_news_do_not_count),
		T(nonsense_blocks_are_ignored),
		T(a_timeout_forgets_the_scoreboard),
		T(the_tail_is_rescued),
		T(holes_have_limits),
		T(without_memory_for_a_hole_the_block_is_ignored),
		T(the_scoreboard_agrees_with_a_model),
		T(a_timeout_that_was_too_early_is_taken_back),
		T(a_timeout_ends_recovery),
		T(a_smaller_mtu_ends_recovery),
	};

	return (cmocka_run_group_tests_name("tcp_recover", tests, NULL, NULL)
		    ? 1
		    : 0);
}
