/*
 * test_tcp_urgent.c - urgent data: pointer out, mark and byte in.
 *
 * What comes in has the low byte of its sequence number in each byte.
 */
#include "src/core/world.h"
#include "src/net/socket/socket_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static const struct tf_pkt *
last(void)
{
	assert_true(tf.n > 0);
	return (&tf.pkt[tf.n - 1]);
}

/* send(2) of @n bytes with these PRUS_ flags. */
static void
put(struct socket *so, uint32_t n, int flags)
{
	struct mbuf *m = m_getm(0, n, M_NOWAIT);

	assert_non_null(m);
	assert_int_equal(so->so_proto->pru_send(so, flags, m, NULL), 0);
}

/* @n bytes with an urgent pointer. */
static void
urg(struct socket *so, uint32_t seq, uint32_t n, uint16_t urp)
{
	tf.urp = urp;
	tf_in(TH_ACK | TH_URG, seq, tf_tp(so)->snd_una, TF_WIN, n);
	tf.urp = 0;
}

/* All that can be read; each byte is checked but for a gap before @gap. */
static uint32_t
take(struct socket *so, uint32_t seq, uint32_t gap)
{
	uint32_t n = sbavail(&so->so_rcv), done;
	uint8_t buf[4096];

	assert_true(n <= sizeof(buf));
	for (uint32_t got = 0; got < n; got += done) {
		assert_int_equal(
		    soreceive(so, buf + got, n - got, NULL, &done), 0);
		assert_true(done > 0);
	}
	for (uint32_t i = 0; i < n; i++, seq++) {
		if (seq == gap)
			seq++;
		assert_int_equal(buf[i], (uint8_t)seq);
	}
	return (n);
}

static int
oob(struct socket *so, bool peek)
{
	uint8_t b = 0;
	int error = so->so_proto->pru_rcvoob(so, &b, peek);

	return (error != 0 ? -error : b);
}

static bool
atmark(const struct socket *so)
{
	return (sockatmark(so));
}

static void
end(struct socket *so)
{
	tf.rd = tf.n;
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSED);
	assert_int_equal(oob(so, false), -VE_CONNRESET);
	(void)soclose(so);
	tf_silent();
}

static void
the_pointer_is_behind_the_byte(void **state)
{
	struct socket *so = tf_established();
	uint32_t una = tf_tp(so)->snd_una;

	(void)state;
	put(so, 10, 0);
	assert_int_equal(last()->flags & TH_URG, 0);
	/* Nagle does not hold it */
	put(so, 3, PRUS_OOB);
	tf.rd = tf.n - 1;
	tf_expect(TH_ACK | TH_URG, una + 10, PEER, 3);
	assert_int_equal(last()->urp, 3);
	/* behind it: none */
	tf_in(TH_ACK, PEER, una + 10, TF_WIN, 0);
	put(so, 1460, 0);
	assert_int_equal(last()->seq, una + 13);
	assert_int_equal(last()->flags & TH_URG, 0);
	assert_int_equal(last()->urp, 0);
	/* a retransmission still says so: both bytes and pointer */
	tf_run(2 * NS_S);
	assert_int_equal(last()->seq, una + 10);
	assert_int_equal(last()->flags & TH_URG, TH_URG);
	assert_int_equal(last()->urp, 3);
	/* acknowledged: over */
	tf_in(TH_ACK, PEER, una + 13, TF_WIN, 0);
	tf_run(4 * NS_S);
	assert_int_equal(last()->flags & TH_URG, 0);
	assert_int_equal(tf_tp(so)->snd_up, una + 13);
	end(so);
}

static void
urgency_is_told_of_ahead(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una;

	(void)state;
	/* the window is full: a segment without text, once */
	tf_in(TH_ACK, PEER, una, TF_WIN, 1);
	tf_run(NS_S);
	tf_in(TH_ACK, PEER + 1, una, 1460, 0);
	put(so, 2000, 0);
	assert_int_equal(tp->snd_max, una + 1460);
	tf.rd = tf.n;
	put(so, 1, PRUS_OOB);
	tf_expect(TH_ACK | TH_URG, una + 1460, PEER + 1, 0);
	assert_int_equal(last()->urp, 541);
	assert_int_equal(tcpstat_get(TCPS_sndurg), 1);
	put(so, 1, 0);
	tf_silent();
	/* a second one, while the first waits: the pointer is that of both */
	put(so, 7, PRUS_OOB);
	tf_expect(TH_ACK | TH_URG, una + 1460, PEER + 1, 0);
	assert_int_equal(last()->urp, 549);
	/* the next text has it, too */
	tf_in(TH_ACK, PEER + 1, una + 1460, 1460, 0);
	tf_expect(TH_ACK | TH_URG, una + 1460, PEER + 1, 549);
	assert_int_equal(last()->urp, 549);
	end(so);
}

static void
a_closed_window_gets_one_byte(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una;

	(void)state;
	tf_in(TH_ACK, PEER, una, TF_WIN, 1);
	tf_run(NS_S);
	tf_in(TH_ACK, PEER + 1, una, 0, 0);
	tf.rd = tf.n;
	put(so, 5, PRUS_OOB);
	tf_expect(TH_ACK | TH_URG, una, PEER + 1, 1);
	assert_int_equal(last()->urp, 5);
	/* not taken: probes tell of it again */
	tf_in(TH_ACK, PEER + 1, una, 0, 0);
	tf_run(20 * NS_S);
	assert_true(tf.n > tf.rd);
	assert_int_equal(last()->len, 1);
	assert_int_equal(last()->urp, 5);
	tf.rd = tf.n;
	tf_in(TH_ACK, PEER + 1, una, 100, 0);
	tf_expect(TH_ACK | TH_URG, una, PEER + 1, 5);
	end(so);
}

/* 16 bits: 65535 is said for what is further away. */
static void
far_away_is_65535(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);

	(void)state;
	tp->snd_up = tp->snd_una + 65535;
	assert_int_equal(tcp_urgent_pointer(tp, tp->snd_una), 65535);
	tp->snd_up++;
	assert_int_equal(tcp_urgent_pointer(tp, tp->snd_una), 65535);
	assert_int_equal(tcp_urgent_pointer(tp, tp->snd_una + 2), 65534);
	assert_int_equal(tcp_urgent_pointer(tp, tp->snd_up - 1), 1);
	assert_int_equal(tcp_urgent_pointer(tp, tp->snd_up), 0);
	tp->snd_up = tp->snd_una;
	end(so);
}

static void
the_byte_is_taken_out(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = PEER;

	(void)state;
	assert_int_equal(oob(so, false), -VE_INVAL);
	urg(so, nxt, 10, 4); /* in the middle */
	assert_int_equal(so->so_oobmark, 3);
	assert_int_equal(sbavail(&so->so_rcv), 9);
	assert_int_equal(tf_tp(so)->rcv_nxt, nxt + 10);
	assert_int_equal(oob(so, true), (uint8_t)(nxt + 3));
	assert_int_equal(oob(so, false), (uint8_t)(nxt + 3));
	assert_int_equal(oob(so, false), -VE_INVAL);
	assert_int_equal(take(so, nxt, nxt + 3), 9);
	nxt += 10;
	urg(so, nxt, 1, 1); /* alone */
	assert_int_equal(sbavail(&so->so_rcv), 0);
	assert_true(atmark(so));
	assert_int_equal(oob(so, false), (uint8_t)nxt++);
	urg(so, nxt, 5, 1); /* the first */
	assert_true(atmark(so));
	assert_int_equal(oob(so, false), (uint8_t)nxt);
	assert_int_equal(take(so, nxt, nxt), 4);
	nxt += 5;
	urg(so, nxt, 5, 5); /* the last */
	assert_false(atmark(so));
	assert_int_equal(so->so_oobmark, 4);
	assert_int_equal(take(so, nxt, nxt + 4), 4);
	assert_int_equal(oob(so, false), (uint8_t)(nxt + 4));
	end(so);
}

static void
inline_it_stays(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	assert_int_equal(sosetopt(so, SO_OOBINLINE, 1), 0);
	urg(so, PEER, 10, 4);
	assert_int_equal(so->so_oobmark, 3);
	assert_int_equal(oob(so, false), -VE_INVAL);
	assert_int_equal(take(so, PEER, 0), 10);
	end(so);
}

static void
a_mark_may_come_before_its_byte(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	urg(so, PEER, 5, 9);
	assert_int_equal(so->so_oobmark, 8);
	assert_int_equal(oob(so, false), -VE_AGAIN);
	/* the same again: no news */
	urg(so, PEER + 5, 1, 4);
	assert_int_equal(so->so_oobmark, 8);
	/* without text, too */
	urg(so, PEER + 6, 0, 3);
	assert_int_equal(so->so_oobmark, 8);
	tf_in(TH_ACK, PEER + 6, tf_tp(so)->snd_una, TF_WIN, 4);
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 8));
	assert_int_equal(take(so, PEER, PEER + 8), 9);
	end(so);
}

/* A newer mark: the older byte, still to come, is one of the stream. */
static void
a_newer_mark_wins(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	urg(so, PEER, 2, 4);
	urg(so, PEER + 2, 4, 4);
	assert_int_equal(so->so_oobmark, 5);
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 5));
	assert_int_equal(take(so, PEER, PEER + 5), 5);
	end(so);
}

static void
out_of_order_it_waits(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	urg(so, PEER + 10, 10, 5);
	assert_int_equal(so->so_oobmark, 14);
	assert_int_equal(oob(so, false), -VE_AGAIN);
	/* what overlaps it is cut by numbers, and the byte comes out */
	tf_in(TH_ACK, PEER, tf_tp(so)->snd_una, TF_WIN, 12);
	assert_int_equal(tf_tp(so)->rcv_nxt, PEER + 20);
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 14));
	assert_int_equal(take(so, PEER, PEER + 14), 19);
	end(so);
}

/* A retransmission that begins before rcv_nxt: the pointer moves with it. */
static void
trimming_moves_the_pointer(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	tf_in(TH_ACK, PEER, tf_tp(so)->snd_una, TF_WIN, 4);
	urg(so, PEER, 10, 8);
	assert_int_equal(so->so_oobmark, 7);
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 7));
	/* all of it seen before, mark included */
	urg(so, PEER, 10, 8);
	assert_int_equal(oob(so, false), -VE_INVAL);
	assert_int_equal(take(so, PEER, PEER + 7), 9);
	end(so);
}

static void
limits_of_the_pointer(void **state)
{
	struct socket *so = tf_established();
	uint32_t una = tf_tp(so)->snd_una;

	(void)state;
	/* zero with the flag, a pointer without it */
	urg(so, PEER, 1, 0);
	tf.urp = 9;
	tf_in(TH_ACK, PEER + 1, una, TF_WIN, 1);
	tf.urp = 0;
	assert_int_equal(so->so_oobmark, 0);
	assert_false(atmark(so));
	/* beyond what a buffer may ever hold: ignored */
	V_socket.maxsockbuf = 2304;
	urg(so, PEER + 2, 0, 2304 - 2 + 1);
	assert_int_equal(so->so_oobmark, 0);
	urg(so, PEER + 2, 0, 2304 - 2);
	assert_int_equal(so->so_oobmark, 2303);
	end(so);
	/* beyond the window, but the text is not: the mark counts */
	V_socket.maxsockbuf = SB_MAX;
	so = tf_established();
	urg(so, PEER, 1, 65535);
	assert_int_equal(so->so_oobmark, 65534);
	end(so);
}

static void
the_end_of_the_stream(void **state)
{
	struct socket *so = tf_established();
	uint32_t una = tf_tp(so)->snd_una;

	(void)state;
	/* with the FIN */
	tf.urp = 2;
	tf_in(TH_ACK | TH_URG | TH_FIN, PEER, una, TF_WIN, 2);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSE_WAIT);
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 1));
	/* behind it: ignored */
	tf_in(TH_ACK | TH_URG, PEER + 3, una, TF_WIN, 0);
	tf.urp = 0;
	assert_int_equal(tf_tp(so)->rcv_up, PEER + 3);
	assert_int_equal(oob(so, false), -VE_INVAL);
	assert_int_equal(take(so, PEER, 0), 1);
	end(so);
	/* a mark whose byte the FIN makes impossible */
	so = tf_established();
	una = tf_tp(so)->snd_una;
	tf.urp = 5;
	tf_in(TH_ACK | TH_URG | TH_FIN, PEER, una, TF_WIN, 2);
	tf.urp = 0;
	assert_int_equal(oob(so, false), -VE_AGAIN);
	assert_int_equal(take(so, PEER, 0), 2);
	end(so);
	/* nobody reads any more */
	so = tf_established();
	assert_int_equal(soshutdown(so, SHUT_RD), 0);
	urg(so, PEER, 4, 2);
	assert_int_equal(sbavail(&so->so_rcv), 0);
	end(so);
}

/* The pointer of the past does not come back after 2 GiB. */
static void
an_old_pointer_follows(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una;

	(void)state;
	put(so, 1, PRUS_OOB);
	tf_in(TH_ACK, PEER, una + 1, TF_WIN, 0);
	put(so, 100, 0);
	tf_in(TH_ACK, PEER, una + 101, TF_WIN, 10);
	assert_int_equal(tp->snd_up, una + 101);
	tf_in(TH_ACK, PEER + 10, una + 101, TF_WIN, 0);
	assert_int_equal(tp->rcv_up, PEER + 10);
	(void)take(so, PEER, 0);
	end(so);
}

/* A read stops in front of the mark; what is behind it comes with the next. */
static void
a_read_stops_at_the_mark(void **state)
{
	struct socket *so = tf_established();
	uint8_t buf[16];
	uint32_t done;

	(void)state;
	urg(so, PEER, 10, 4);
	assert_int_equal(sopoll(so, POLLPRI), POLLPRI);
	assert_int_equal(soreceive(so, buf, 2, NULL, &done), 0);
	assert_int_equal(done, 2);
	assert_int_equal(so->so_oobmark, 1);
	assert_false(atmark(so));
	assert_int_equal(soreceive(so, buf, 16, NULL, &done), 0);
	assert_int_equal(done, 1);
	assert_true(atmark(so));
	assert_int_equal(sopoll(so, POLLPRI), POLLPRI);
	/* at the mark the byte can still be had */
	assert_int_equal(oob(so, false), (uint8_t)(PEER + 3));
	assert_int_equal(soreceive(so, buf, 16, NULL, &done), 0);
	assert_int_equal(done, 6);
	assert_int_equal(buf[0], (uint8_t)(PEER + 4));
	assert_false(atmark(so));
	assert_int_equal(sopoll(so, POLLPRI), 0);
	assert_int_equal(oob(so, false), -VE_INVAL);
	end(so);
	/* in the stream: the byte is the first behind the mark */
	so = tf_established();
	assert_int_equal(sosetopt(so, SO_OOBINLINE, 1), 0);
	urg(so, PEER, 10, 4);
	assert_int_equal(soreceive(so, buf, 16, NULL, &done), 0);
	assert_int_equal(done, 3);
	assert_true(atmark(so));
	assert_int_equal(soreceive(so, buf, 16, NULL, &done), 0);
	assert_int_equal(done, 7);
	assert_int_equal(buf[0], (uint8_t)(PEER + 3));
	end(so);
}

static struct op *
call(const struct op_desc *desc, struct socket *so, uint32_t len, int flags,
    int want)
{
	struct socall sc = { .sc_so = so,
		.sc_len = len,
		.sc_flags = flags,
		.sc_nonblock = true };
	struct op *op = NULL;

	assert_int_equal(so_call(desc, &sc, &op), want);
	return (op);
}

static void
calls_with_msg_oob(void **state)
{
	struct socket *so = tf_established();
	uint32_t una = tf_tp(so)->snd_una, room;
	struct op *op;

	(void)state;
	op = call(&so_send_op, so, 5, MSG_OOB, 0);
	assert_int_equal(op->op_result, 5);
	so_call_free(op);
	assert_int_equal(last()->urp, 5);
	assert_int_equal(tf_tp(so)->snd_up, una + 5);
	/* a full buffer takes 1024 more of them */
	room = sbspace(&so->so_snd);
	so_call_free(call(&so_send_op, so, room, 0, 0));
	(void)call(&so_send_op, so, 1, 0, VE_AGAIN);
	(void)call(&so_send_op, so, 1025, MSG_OOB, VE_AGAIN);
	op = call(&so_send_op, so, 1024, MSG_OOB, 0);
	assert_int_equal(op->op_result, 1024);
	so_call_free(op);
	(void)call(&so_send_op, so, 1, MSG_OOB, VE_AGAIN);
	/* receive */
	(void)call(&so_recv_op, so, 1, MSG_OOB, VE_INVAL);
	urg(so, PEER, 0, 1);
	(void)call(&so_recv_op, so, 1, MSG_OOB, VE_AGAIN);
	tf_in(TH_ACK, PEER, una, TF_WIN, 1);
	op = call(&so_recv_op, so, 9, MSG_OOB | MSG_PEEK, 0);
	assert_int_equal(op->op_datalen, 1);
	assert_int_equal(*(const uint8_t *)op->op_data, (uint8_t)PEER);
	so_call_free(op);
	op = call(&so_recv_op, so, 9, MSG_OOB, 0);
	assert_int_equal(op->op_datalen, 1);
	so_call_free(op);
	(void)call(&so_recv_op, so, 9, MSG_OOB, VE_INVAL);
	end(so);
}

/* MSG_WAITALL ends at the mark. */
static void
waiting_for_all_ends_at_the_mark(void **state)
{
	struct socket *so = tf_established();
	struct op *op;

	(void)state;
	urg(so, PEER, 10, 4);
	op = call(&so_recv_op, so, 9, MSG_WAITALL, 0);
	assert_int_equal(op->op_datalen, 3);
	so_call_free(op);
	op = call(&so_recv_op, so, 6, MSG_WAITALL, 0);
	assert_int_equal(op->op_datalen, 6);
	so_call_free(op);
	end(so);
}

/* A byte in the middle of a shared cluster, and no memory to part it. */
static void
without_memory_it_stays_in_the_stream(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	struct mbuf *m = m_getm(0, 1000, M_NOWAIT), *n;
	uint64_t at;

	(void)state;
	assert_non_null(m);
	for (uint32_t i = 0; i < 2; i++) {
		tp->rcv_up = 1000 + 50;
		tp->t_oobflags = TCPOOB_MARK;
		m->m_data[49] = 'u';
		n = m_copym(m, 0, 1000, M_NOWAIT);
		assert_non_null(n);
		at = tf.w->w_mem.wm_failat;
		if (i == 0)
			tf.w->w_mem.wm_failat = tf.w->w_mem.wm_nfallible + 1;
		tcp_pulloutofband(tp, n, 1000);
		tf.w->w_mem.wm_failat = at;
		assert_int_equal(m_length(n), i == 0 ? 1000 : 999);
		assert_int_equal(n->m_pkthdr.len, m_length(n));
		assert_int_equal(tp->t_oobflags, i == 0 ? 0 : TCPOOB_HAVEDATA);
		/* the other owner of the cluster has it still */
		assert_int_equal(m->m_data[49], 'u');
		m_freem(n);
	}
	assert_int_equal(tp->t_iobc, 'u');
	tp->rcv_up = tp->rcv_nxt;
	m_freem(m);
	end(so);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_pointer_is_behind_the_byte),
		TEST(urgency_is_told_of_ahead),
		TEST(a_closed_window_gets_one_byte),
		TEST(far_away_is_65535),
		TEST(the_byte_is_taken_out),
		TEST(inline_it_stays),
		TEST(a_mark_may_come_before_its_byte),
		TEST(a_newer_mark_wins),
		TEST(out_of_order_it_waits),
		TEST(trimming_moves_the_pointer),
		TEST(limits_of_the_pointer),
		TEST(the_end_of_the_stream),
		TEST(an_old_pointer_follows),
		TEST(a_read_stops_at_the_mark),
		TEST(calls_with_msg_oob),
		TEST(waiting_for_all_ends_at_the_mark),
		TEST(without_memory_it_stays_in_the_stream),
	};

	return (cmocka_run_group_tests_name("tcp_urgent", tests, NULL, NULL)
		    ? 1
		    : 0);
}
