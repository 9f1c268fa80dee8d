/*
 * test_tcp_reass.c - the reassembly queue against a model, and at its limits.
 *
 * The model is a flat array: which bytes of the stream have arrived.  What the
 * socket gets must be exactly the bytes up to the first hole, each with the
 * value that was sent, in whatever order and overlap segments come.
 */
#include "src/core/world.h"
#include "tests/test_tcp.h"

#define PEER   (TF_IRS + 1)
#define STREAM 4000u

static uint64_t draw;

static uint32_t
R(uint32_t n)
{
	return ((uint32_t)(krandom("t.reass", 1, draw++) % n));
}

/* Read all; each byte is the low byte of its sequence number. */
static uint32_t
drain(struct socket *so, uint32_t seq)
{
	uint8_t buf[8192];
	uint32_t done = 0;

	if (soreceive(so, buf, sizeof(buf), NULL, &done) != 0)
		return (0);
	for (uint32_t i = 0; i < done; i++)
		assert_int_equal(buf[i], (uint8_t)(seq + i));
	return (done);
}

static void
reset(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	(void)soclose(so);
	tf.rd = tf.n = 0;
}

/* The queue is sorted, without overlap, and lies beyond rcv_nxt. */
static void
invariants(const struct tcpcb *tp)
{
	const struct tseg_qent *q;
	uint32_t n = 0, end = tp->rcv_nxt;

	LIST_FOREACH (q, &tp->t_segq, tqe_q) {
		assert_true(SEQ_GEQ(q->tqe_start, end));
		if (n == 0)
			assert_true(SEQ_GT(q->tqe_start, tp->rcv_nxt));
		end = q->tqe_start + q->tqe_len;
		assert_true(
		    q->tqe_len == 0 || q->tqe_m->m_pkthdr.len == q->tqe_len);
		assert_true(q->tqe_len != 0 || q->tqe_fin);
		n++;
	}
	assert_int_equal(n, tp->t_segqlen);
}

static void
stream_against_model(bool wrap)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	bool have[STREAM + 1] = { false };
	uint32_t base, got = 0, front = 0, nxt = tp->snd_nxt;

	if (wrap) {
		/* the peer's numbers wrap within the stream */
		tp->rcv_nxt = tp->last_ack_sent = (uint32_t)-2000;
		tp->rcv_adv = tp->rcv_nxt + 65535;
	}
	base = tp->rcv_nxt;
	V_tcp.reass_maxqueuelen = 0;
	while (front < STREAM) {
		uint32_t off = R(4) == 0 ? front : front + R(STREAM - front);
		uint32_t len = 1 + R(R(3) == 0 ? 900 : 60);

		if (R(5) == 0 && off > 50)
			off -= R(50);
		len = imin(len, STREAM - off);
		tf_in(TH_ACK, base + off, nxt, TF_WIN, len);
		memset(have + off, true, len);
		while (front < STREAM && have[front])
			front++;
		assert_int_equal(tp->rcv_nxt - base, front);
		invariants(tp);
		if (R(3) == 0)
			got += drain(so, base + got);
		tf.rd = tf.n = 0;
	}
	got += drain(so, base + got);
	assert_int_equal(got, STREAM);
	assert_int_equal(tp->t_segqlen, 0);
	reset(so);
}

static void
any_order_gives_the_same_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < 150; i++)
		stream_against_model(i % 2 != 0);
}

/* A FIN may come before the data in front of it, alone or with data. */
static void
a_fin_waits_for_its_data(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct socket *so = tf_established();
		struct tcpcb *tp = tf_tp(so);
		uint32_t nxt = tp->snd_nxt, cut[4] = { 0, 30, 60, 90 };
		uint32_t order = R(24), got = 0;
		bool sent[4] = { false };

		for (int k = 4; k > 0; k--) {
			uint32_t pick = order % (uint32_t)k, j = 0;

			order /= (uint32_t)k;
			for (;; j++)
				if (!sent[j] && pick-- == 0)
					break;
			sent[j] = true;
			assert_int_equal(tp->t_state, TCPS_ESTABLISHED);
			/* the last piece is a FIN, often alone */
			if (j == 3)
				tf_in(TH_ACK | TH_FIN, PEER + 90, nxt, TF_WIN,
				    i % 2 != 0 ? 0 : 10);
			else
				tf_in(TH_ACK, PEER + cut[j], nxt, TF_WIN, 30);
			invariants(tp);
		}
		assert_int_equal(tp->t_state, TCPS_CLOSE_WAIT);
		got = drain(so, PEER);
		assert_int_equal(got, i % 2 != 0 ? 90 : 100);
		assert_int_equal(tp->rcv_nxt, PEER + got + 1);
		reset(so);
	}
}

static void
bytes_behind_a_fin_are_ignored(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	tf_in(TH_ACK | TH_FIN, PEER + 10, nxt, TF_WIN, 10);
	tf_in(TH_ACK, PEER + 15, nxt, TF_WIN, 10);
	tf_in(TH_ACK, PEER + 30, nxt, TF_WIN, 10);
	tf_in(TH_ACK | TH_FIN, PEER + 10, nxt, TF_WIN, 10);
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 10);
	assert_int_equal(tp->t_state, TCPS_CLOSE_WAIT);
	assert_int_equal(drain(so, PEER), 20);
	assert_int_equal(tp->t_segqlen, 0);
	reset(so);
}

static void
the_queue_has_a_limit_but_the_missing_byte_gets_in(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	/* every second byte: 100 runs are kept, the next is dropped */
	for (uint32_t i = 0; i < 100; i++)
		tf_in(TH_ACK, PEER + 1 + 2 * i, nxt, TF_WIN, 1);
	assert_int_equal(tp->t_segqlen, 100);
	assert_int_equal(drop_count(DROP_TCP_REASS_FULL), 0);
	tf_in(TH_ACK, PEER + 1 + 2 * 100, nxt, TF_WIN, 1);
	assert_int_equal(tp->t_segqlen, 100);
	assert_int_equal(drop_count(DROP_TCP_REASS_FULL), 1);
	/* one that is there already is no new run */
	tf_in(TH_ACK, PEER + 1 + 2 * 99, nxt, TF_WIN, 1);
	assert_int_equal(drop_count(DROP_TCP_REASS_FULL), 1);
	assert_int_equal(drop_count(DROP_TCP_DUP), 1);
	/* the byte that is missed */
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 1);
	assert_int_equal(tp->t_segqlen, 99);
	assert_int_equal(tp->rcv_nxt, PEER + 2);
	/* and one that covers all */
	tf_in(TH_ACK, PEER + 2, nxt, TF_WIN, 1000);
	assert_int_equal(tp->t_segqlen, 0);
	assert_int_equal(tp->rcv_nxt, PEER + 1002);
	assert_int_equal(drain(so, PEER), 1002);
	V_tcp.reass_maxqueuelen = 1;
	tf_in(TH_ACK, PEER + 1010, nxt, TF_WIN, 1);
	tf_in(TH_ACK, PEER + 1020, nxt, TF_WIN, 1);
	assert_int_equal(tp->t_segqlen, 1);
	reset(so);
}

static void
without_memory_only_what_is_in_order_gets_in(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	struct world_mem *wm = &tf.w->w_mem;
	uint32_t nxt = tp->snd_nxt;

	(void)state;
	tf_in(TH_ACK, PEER + 10, nxt, TF_WIN, 10);
	wm->wm_failat = wm->wm_nfallible + 1;
	wm->wm_failsticky = true;
	tf_in(TH_ACK, PEER + 30, nxt, TF_WIN, 10);
	assert_int_equal(tp->t_segqlen, 1);
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 12);
	wm->wm_failat = 0;
	wm->wm_failsticky = false;
	assert_int_equal(tp->rcv_nxt, PEER + 20);
	assert_int_equal(drop_count(DROP_NOMEM), 1);
	assert_int_equal(drain(so, PEER), 20);
	reset(so);
}

static void
out_of_order_is_acknowledged_at_once(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	tf_in(TH_ACK, PEER + 100, nxt, TF_WIN, 100);
	tf_expect(TH_ACK, nxt, PEER, 0);
	tf_in(TH_ACK, PEER + 300, nxt, TF_WIN, 100);
	tf_expect(TH_ACK, nxt, PEER, 0);
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 100);
	tf_expect(TH_ACK, nxt, PEER + 200, 0);
	tf_silent();
	reset(so);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(any_order_gives_the_same_bytes),
		T(a_fin_waits_for_its_data),
		T(bytes_behind_a_fin_are_ignored),
		T(the_queue_has_a_limit_but_the_missing_byte_gets_in),
		T(without_memory_only_what_is_in_order_gets_in),
		T(out_of_order_is_acknowledged_at_once),
	};

	return (cmocka_run_group_tests_name("tcp_reass", tests, NULL, NULL)
		    ? 1
		    : 0);
}
