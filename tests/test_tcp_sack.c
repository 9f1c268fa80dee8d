/*
 * test_tcp_sack.c - SACK: what the receiver reports, RFC 2018 and RFC 2883.
 */
#include "src/core/world.h"
#include "src/net/tcp/tcp_sack.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static uint64_t draw;

static uint32_t
R(uint32_t n)
{
	return ((uint32_t)(krandom("t.sack", 1, draw++) % n));
}

static void
end(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	(void)soclose(so);
	tf.rd = tf.n = 0;
}

/* The next segment is an ACK of @ack with these @n blocks, from PEER. */
static void
expect_blocks_at(uint32_t ack, uint32_t n, const uint32_t *edge, int line)
{
	const struct tf_pkt *p;

	if (tf.rd >= tf.n)
		fail_msg("line %d: nothing was sent", line);
	p = tf_next();
	if (p->ack != PEER + ack)
		fail_msg("line %d: ack %u", line, p->ack - PEER);
	if (p->opt.to_nsacks != n)
		fail_msg("line %d: %u blocks", line, p->opt.to_nsacks);
	for (uint32_t i = 0; i < n; i++)
		if (p->opt.to_sacks[i].start != PEER + edge[2 * i] ||
		    p->opt.to_sacks[i].end != PEER + edge[2 * i + 1])
			fail_msg("line %d: block %u is %u:%u", line, i,
			    p->opt.to_sacks[i].start - PEER,
			    p->opt.to_sacks[i].end - PEER);
}
#define EDGES(...) ((const uint32_t[]){ __VA_ARGS__ })
#define NEDGES(...)                                                            \
	((uint32_t)(sizeof(EDGES(__VA_ARGS__)) / sizeof(uint32_t) / 2))
#define expect_blocks(ack, ...)                                                \
	expect_blocks_at(                                                      \
	    (ack), NEDGES(__VA_ARGS__), EDGES(__VA_ARGS__), __LINE__)
#define expect_no_blocks(ack) expect_blocks_at((ack), 0, NULL, __LINE__)

/* Bytes [from, to) of the peer's stream. */
static void
in(struct socket *so, uint32_t from, uint32_t to)
{
	tf_in(TH_ACK, PEER + from, tf_tp(so)->snd_nxt, TF_WIN, to - from);
}

static void
sack_is_offered_and_needs_both(void **state)
{
	struct socket *so = tf_connecting();

	(void)state;
	assert_true(tf.pkt[tf.n - 1].opt.to_sackperm);
	(void)soclose(so);
	so = tf_established_sack();
	assert_true((tf_tp(so)->t_flags & TF_SACK_PERMIT) != 0);
	end(so);
	/* the peer does not want it: nothing is reported */
	so = tf_established();
	assert_true((tf_tp(so)->t_flags & TF_SACK_PERMIT) == 0);
	in(so, 100, 200);
	expect_no_blocks(0);
	assert_null(tf_tp(so)->t_sack);
	end(so);
	/* we do not want it: not offered, and not taken from the peer */
	V_tcp.sack_enable = 0;
	so = tf_established_sack();
	assert_false(tf.pkt[0].opt.to_sackperm);
	in(so, 100, 200);
	tf.rd = tf.n - 1;
	expect_no_blocks(0);
	end(so);
}

static void
the_newest_block_comes_first(void **state)
{
	struct socket *so = tf_established_sack();

	(void)state;
	in(so, 100, 200);
	expect_blocks(0, 100, 200);
	in(so, 300, 400);
	expect_blocks(0, 300, 400, 100, 200);
	in(so, 500, 600);
	expect_blocks(0, 500, 600, 300, 400, 100, 200);
	/* joins two of them */
	in(so, 200, 300);
	expect_blocks(0, 100, 400, 500, 600);
	in(so, 700, 800);
	in(so, 900, 1000);
	in(so, 1100, 1200);
	tf.rd = tf.n - 1;
	/* four at most */
	expect_blocks(0, 1100, 1200, 900, 1000, 700, 800, 100, 400);
	/* the first hole is filled */
	in(so, 0, 100);
	expect_blocks(400, 1100, 1200, 900, 1000, 700, 800, 500, 600);
	in(so, 400, 500);
	expect_blocks(600, 1100, 1200, 900, 1000, 700, 800);
	in(so, 600, 1100);
	tf.rd = tf.n - 1;
	assert_int_equal(tf_tp(so)->rcv_nxt, PEER + 1200);
	assert_int_equal(tf_tp(so)->t_sack->rcv_numsacks, 0);
	end(so);
}

/* RFC 2883 section 4.1 to 4.3. */
static void
duplicates_are_reported_once_and_first(void **state)
{
	struct socket *so = tf_established_sack();

	(void)state;
	in(so, 0, 100);
	in(so, 100, 200);
	tf.rd = tf.n;
	/* 4.1: below the cumulative ACK */
	in(so, 100, 200);
	expect_blocks(200, 100, 200);
	in(so, 300, 400);
	expect_blocks(200, 300, 400);
	/* of which a part is new, with a block above */
	in(so, 150, 250);
	expect_blocks(250, 150, 200, 300, 400);
	/* 4.2: within a block: the duplicate, then what encloses it */
	in(so, 400, 500);
	expect_blocks(250, 300, 500);
	in(so, 350, 450);
	expect_blocks(250, 350, 450, 300, 500);
	/* overlaps a block on its right */
	in(so, 450, 550);
	expect_blocks(250, 450, 500, 300, 550);
	in(so, 600, 700);
	expect_blocks(250, 600, 700, 300, 550);
	/* 4.3: two duplicate parts: the first one only */
	in(so, 500, 650);
	expect_blocks(250, 500, 550, 300, 700);
	/* a lone ACK afterwards does not repeat it */
	in(so, 250, 300);
	expect_no_blocks(700);
	end(so);
}

static void
an_old_byte_of_a_keepalive_is_a_duplicate(void **state)
{
	struct socket *so = tf_established_sack();

	(void)state;
	in(so, 0, 10);
	in(so, 10, 20);
	tf.rd = tf.n;
	in(so, 19, 20);
	expect_blocks(20, 19, 20);
	/* without data there is nothing to report */
	in(so, 19, 19);
	expect_no_blocks(20);
	end(so);
}

static void
a_fin_is_not_reported(void **state)
{
	struct socket *so = tf_established_sack();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf_in(TH_ACK | TH_FIN, PEER + 100, nxt, TF_WIN, 0);
	expect_no_blocks(0);
	tf_in(TH_ACK | TH_FIN, PEER + 50, nxt, TF_WIN, 50);
	expect_blocks(0, 50, 100);
	in(so, 0, 50);
	expect_no_blocks(101);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSE_WAIT);
	end(so);
}

static void
without_memory_nothing_is_reported(void **state)
{
	struct socket *so = tf_established_sack();
	struct world_mem *wm = &tf.w->w_mem;

	(void)state;
	/* the second allocation: after the one of the queue */
	wm->wm_failat = wm->wm_nfallible + 2;
	in(so, 100, 200);
	wm->wm_failat = 0;
	assert_null(tf_tp(so)->t_sack);
	assert_int_equal(tf_tp(so)->t_segqlen, 1);
	expect_no_blocks(0);
	/* next time it is there */
	in(so, 200, 300);
	expect_blocks(0, 100, 300);
	end(so);
}

/* Each block lies in the queue, no two touch, the first holds the newest. */
static void
check_report(const struct tcpcb *tp, const bool *have, uint32_t from,
    uint32_t n, bool fresh)
{
	const struct tf_pkt *p = &tf.pkt[tf.n - 1];
	const struct sackblk *b = p->opt.to_sacks;
	uint32_t k = p->opt.to_nsacks;

	/* a report of a duplicate stands in front */
	if (k > 0 && !fresh)
		b++, k--;
	for (uint32_t i = 0; i < k; i++) {
		uint32_t s = b[i].start - PEER, e = b[i].end - PEER;

		assert_true(s < e && e <= n);
		assert_true(SEQ_GT(b[i].start, p->ack));
		assert_false(have[s - 1]);
		assert_true(e == n || !have[e]);
		for (uint32_t j = s; j < e; j++)
			assert_true(have[j]);
		for (uint32_t j = 0; j < i; j++)
			assert_true(b[j].start != b[i].start);
	}
	if (SEQ_GT(PEER + from, tp->rcv_nxt)) {
		assert_true(k > 0);
		assert_true(SEQ_LEQ(b[0].start, PEER + from) &&
			    SEQ_GT(b[0].end, PEER + from));
	}
}

static void
reports_agree_with_a_model(void **state)
{
	enum { N = 3000 };

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct socket *so = tf_established_sack();
		struct tcpcb *tp = tf_tp(so);
		bool have[N] = { false };

		V_tcp.reass_maxqueuelen = 0;
		while (tp->rcv_nxt != PEER + N) {
			uint32_t len = 1 + R(80), from, old = 0;

			from = R(5) == 0 ? tp->rcv_nxt - PEER : R(N);
			len = imin(len, N - from);
			for (uint32_t i = from; i < from + len; i++) {
				old += have[i];
				have[i] = true;
			}
			tf.rd = tf.n = 0;
			in(so, from, from + len);
			if (tf.n != 0)
				check_report(tp, have, from, N, old == 0);
			(void)soreceive(
			    so, (uint8_t[N]){ 0 }, N, NULL, &(uint32_t){ 0 });
		}
		end(so);
	}
}

static void
what_is_known_goes_with_the_connection(void **state)
{
	struct socket *so = tf_established_sack();

	(void)state;
	in(so, 100, 200);
	assert_non_null(tf_tp(so)->t_sack);
	/* reset, but not closed by the user yet */
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_null(tf_tp(so)->t_sack);
	(void)soclose(so);
	tf.rd = tf.n;
	/* and one that is cut by the end of its vnet: tf_teardown() looks */
	so = tf_established_sack();
	in(so, 100, 200);
	assert_non_null(tf_tp(so)->t_sack);
	(void)soclose(so);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(sack_is_offered_and_needs_both),
		T(the_newest_block_comes_first),
		T(duplicates_are_reported_once_and_first),
		T(an_old_byte_of_a_keepalive_is_a_duplicate),
		T(a_fin_is_not_reported),
		T(without_memory_nothing_is_reported),
		T(reports_agree_with_a_model),
		T(what_is_known_goes_with_the_connection),
	};

	return (
	    cmocka_run_group_tests_name("tcp_sack", tests, NULL, NULL) ? 1 : 0);
}
