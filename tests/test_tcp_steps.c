/*
 * test_tcp_steps.c - each step of RFC 9293 3.10.7.4 on its own: a hand-made
 * connection goes in, a verdict comes out.
 */
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

static struct socket *st_so;
static struct tcpcb *st_tp;

#define UNA 5001u
#define NXT 1001u /* RCV.NXT */

/* Through the arrows to a state. */
static void
go(int state)
{
	static const struct {
		int state, via[5];
	} ways[] = {
		{ TCPS_SYN_RECEIVED, { TCPS_SYN_RECEIVED } },
		{ TCPS_ESTABLISHED, { TCPS_SYN_SENT, TCPS_ESTABLISHED } },
		{ TCPS_CLOSE_WAIT,
		    { TCPS_SYN_SENT, TCPS_ESTABLISHED, TCPS_CLOSE_WAIT } },
		{ TCPS_FIN_WAIT_1, { TCPS_SYN_SENT, TCPS_FIN_WAIT_1 } },
		{ TCPS_CLOSING,
		    { TCPS_SYN_SENT, TCPS_FIN_WAIT_1, TCPS_CLOSING } },
		{ TCPS_LAST_ACK, { TCPS_SYN_SENT, TCPS_ESTABLISHED,
				     TCPS_CLOSE_WAIT, TCPS_LAST_ACK } },
		{ TCPS_FIN_WAIT_2,
		    { TCPS_SYN_SENT, TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2 } },
	};

	for (unsigned i = 0; i < nitems(ways); i++)
		if (ways[i].state == state)
			for (unsigned k = 0; k < 5 && ways[i].via[k] != 0; k++)
				tcp_state_change(st_tp, ways[i].via[k]);
	assert_int_equal(st_tp->t_state, state);
	/* a peer without options */
	st_tp->t_flags &= ~(uint32_t)TF_SACK_PERMIT;
	st_tp->iss = UNA - 1;
	tcp_sendseqinit(st_tp);
	st_tp->snd_una = st_tp->snd_nxt = st_tp->snd_max = UNA;
	if (state == TCPS_SYN_RECEIVED)
		st_tp->snd_una = UNA - 1;
	if (state == TCPS_FIN_WAIT_1 || state == TCPS_CLOSING ||
	    state == TCPS_LAST_ACK) {
		st_tp->t_flags |= TF_SENTFIN;
		st_tp->snd_max = st_tp->snd_nxt = UNA + 1;
	}
	st_tp->irs = NXT - 1;
	tcp_rcvseqinit(st_tp);
	st_tp->rcv_adv = NXT + 1000;
	st_tp->rcv_wnd = 1000;
	st_tp->snd_wnd = st_tp->max_sndwnd = 500;
	st_tp->snd_wl1 = NXT;
	st_tp->snd_wl2 = UNA;
}

static int
setup(void **state)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };

	(void)tf_setup(state);
	st_so = tf_socket();
	st_tp = tf_tp(st_so);
	assert_int_equal(in_pcbconnect(sotoinpcb(st_so), &to), 0);
	return (0);
}

static int
teardown(void **state)
{
	tcp_close(st_tp);
	(void)soclose(st_so);
	tf_leave();
	return (tf_teardown(state));
}

static struct tcp_seg
seg(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct tcp_seg sg;

	memset(&sg, 0, sizeof(sg));
	sg.sg_src = TF_FADDR;
	sg.sg_dst = TF_LADDR;
	sg.sg_sport = TF_FPORT;
	sg.sg_dport = sotoinpcb(st_so)->inp_lport;
	sg.sg_seq = seq;
	sg.sg_ack = ack;
	sg.sg_flags = flags;
	sg.sg_win = 500;
	sg.sg_len = len;
	sg.sg_m = m_getm(0, imax(len, 1), M_NOWAIT);
	assert_non_null(sg.sg_m);
	if (len == 0)
		m_adj(sg.sg_m, 1);
	return (sg);
}

/* What step 1 makes of a segment; and what is left of it. */
static void
seq_is(uint8_t flags, uint32_t seq, uint32_t len, enum tcp_verdict want,
    uint32_t lseq, uint32_t llen, uint8_t lflags)
{
	struct tcp_seg sg = seg(flags, seq, UNA, len);

	st_tp->t_flags &= ~(uint32_t)TF_ACKNOW;
	assert_int_equal(tcp_check_seq(st_tp, &sg), want);
	if (want == TV_NEXT) {
		assert_int_equal(sg.sg_seq, lseq);
		assert_int_equal(sg.sg_len, llen);
		assert_int_equal(sg.sg_flags, lflags);
		assert_int_equal(sg.sg_m->m_pkthdr.len, llen);
	}
	m_freem(sg.sg_m);
}

static void
sequence_is_trimmed_to_the_window(void **state)
{
	(void)state;
	go(TCPS_ESTABLISHED);
	/* RFC 9293 table 6, window not zero */
	seq_is(TH_ACK, NXT, 0, TV_NEXT, NXT, 0, TH_ACK);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, 0);
	seq_is(TH_ACK, NXT, 100, TV_NEXT, NXT, 100, TH_ACK);
	seq_is(TH_ACK, NXT + 999, 1, TV_NEXT, NXT + 999, 1, TH_ACK);
	/* front: seen before */
	seq_is(TH_ACK, NXT - 40, 100, TV_NEXT, NXT, 60, TH_ACK);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, 0);
	seq_is(TH_ACK, NXT - 40, 40, TV_NEXT, NXT, 0, TH_ACK);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, TF_ACKNOW);
	seq_is(TH_ACK | TH_FIN, NXT - 40, 20, TV_NEXT, NXT - 20, 0, TH_ACK);
	/* a keepalive probe */
	seq_is(TH_ACK, NXT - 1, 0, TV_NEXT, NXT - 1, 0, TH_ACK);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, TF_ACKNOW);
	/* the last byte is old, the FIN is new */
	seq_is(TH_ACK | TH_FIN, NXT - 1, 1, TV_NEXT, NXT, 0, TH_ACK | TH_FIN);
	/* back: beyond the window, and FIN goes with it */
	seq_is(TH_ACK | TH_FIN, NXT + 990, 20, TV_NEXT, NXT + 990, 10, TH_ACK);
	seq_is(TH_ACK, NXT + 1000, 1, TV_ACK_DROP, 0, 0, 0);
	seq_is(TH_ACK, NXT + 1001, 0, TV_ACK_DROP, 0, 0, 0);
	seq_is(TH_ACK, NXT + 0x7fffff00u, 10, TV_ACK_DROP, 0, 0, 0);
	/* zero window: only its edge, without data */
	st_tp->rcv_wnd = 0;
	st_tp->rcv_adv = NXT;
	seq_is(TH_ACK, NXT, 0, TV_NEXT, NXT, 0, TH_ACK);
	seq_is(TH_ACK, NXT, 1, TV_NEXT, NXT, 0, TH_ACK);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, TF_ACKNOW);
	seq_is(TH_ACK, NXT + 1, 1, TV_ACK_DROP, 0, 0, 0);
	/* across the wrap */
	st_tp->rcv_nxt = 0xfffffff0u;
	st_tp->rcv_wnd = 1000;
	seq_is(TH_ACK, 0xffffffe0u, 100, TV_NEXT, 0xfffffff0u, 84, TH_ACK);
	seq_is(TH_ACK, 900, 100, TV_NEXT, 900, 84, TH_ACK);
}

static void
data_for_a_closed_socket_is_late(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_FIN_WAIT_1);
	sg = seg(TH_ACK, NXT, UNA, 10);
	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_NEXT);
	st_so->so_state |= SS_NOFDREF;
	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_LATE);
	/* old data is only acknowledged */
	sg.sg_seq = NXT - 10;
	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_NEXT);
	st_so->so_state &= (uint16_t)~SS_NOFDREF;
	m_freem(sg.sg_m);
}

static void
rst_is(uint32_t seq, enum tcp_verdict want)
{
	struct tcp_seg sg = seg(TH_RST, seq, 0, 0);

	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_NEXT);
	assert_int_equal(tcp_check_rst(st_tp, &sg), want);
	m_freem(sg.sg_m);
}

/* RFC 5961 section 3.2 */
static void
resets_must_be_exact(void **state)
{
	(void)state;
	go(TCPS_ESTABLISHED);
	rst_is(NXT, TV_RESET);
	rst_is(NXT - 1, TV_DROP);
	rst_is(NXT + 1, TV_CHALLENGE);
	rst_is(NXT + 999, TV_CHALLENGE);
	rst_is(NXT + 1000, TV_DROP);
	rst_is(NXT + 0x80000000u, TV_DROP);
	/* RFC 793 */
	V_tcp.insecure_rst = 1;
	rst_is(NXT + 1, TV_RESET);
	rst_is(NXT + 999, TV_RESET);
	rst_is(NXT + 1000, TV_DROP);
	V_tcp.insecure_rst = 0;
	/* an ACK is owed: both ends of what is not acknowledged yet */
	st_tp->rcv_nxt = NXT + 50;
	rst_is(NXT, TV_RESET);
	rst_is(NXT + 50, TV_RESET);
	rst_is(NXT + 49, TV_CHALLENGE);
	/* zero window */
	st_tp->rcv_nxt = NXT;
	st_tp->rcv_wnd = 0;
	rst_is(NXT, TV_RESET);
	rst_is(NXT + 1, TV_DROP);
}

static void
reset_tells_the_user_why(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_SYN_RECEIVED);
	sg = seg(TH_RST, NXT, 0, 0);
	assert_int_equal(tcp_check_rst(st_tp, &sg), TV_RESET);
	assert_int_equal(sg.sg_error, VE_CONNREFUSED);
	tcp_state_change(st_tp, TCPS_ESTABLISHED);
	assert_int_equal(tcp_check_rst(st_tp, &sg), TV_RESET);
	assert_int_equal(sg.sg_error, VE_CONNRESET);
	m_freem(sg.sg_m);
}

static void
syn_is(uint32_t seq, enum tcp_verdict want)
{
	struct tcp_seg sg = seg(TH_SYN, seq, 0, 0);

	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_NEXT);
	assert_int_equal(tcp_check_syn(st_tp, &sg), want);
	m_freem(sg.sg_m);
}

/* RFC 5961 section 4.2: wherever it is */
static void
a_syn_is_challenged(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_ESTABLISHED);
	syn_is(NXT, TV_CHALLENGE);
	syn_is(NXT - 100, TV_CHALLENGE);
	syn_is(NXT + 100000, TV_CHALLENGE);
	V_tcp.insecure_syn = 1;
	syn_is(NXT, TV_ABORT);
	syn_is(NXT + 999, TV_ABORT);
	syn_is(NXT + 1000, TV_CHALLENGE);
	syn_is(NXT - 1, TV_CHALLENGE);
	sg = seg(TH_ACK, NXT, UNA, 0);
	assert_int_equal(tcp_check_syn(st_tp, &sg), TV_NEXT);
	m_freem(sg.sg_m);
}

static enum tcp_verdict
ack_of(uint8_t flags, uint32_t ack, uint32_t len)
{
	struct tcp_seg sg = seg(flags, NXT, ack, len);
	enum tcp_verdict v = tcp_check_ack(st_tp, &sg);

	m_freem(sg.sg_m);
	return (v);
}

static void
acknowledgments_have_a_range(void **state)
{
	(void)state;
	go(TCPS_ESTABLISHED);
	assert_int_equal(ack_of(0, UNA, 0), TV_DROP);
	st_tp->t_flags |= TF_ACKNOW;
	assert_int_equal(ack_of(0, UNA, 0), TV_ACK_DROP);
	/* a duplicate counts if something is out, and carries nothing */
	assert_int_equal(ack_of(TH_ACK, UNA, 0), TV_NEXT);
	assert_int_equal(st_tp->t_dupacks, 0);
	tcp_timer_activate(st_tp, TT_REXMT, NS_S);
	assert_int_equal(ack_of(TH_ACK, UNA, 0), TV_DUPACK);
	assert_int_equal(ack_of(TH_ACK, UNA - 1, 0), TV_NEXT);
	assert_int_equal(ack_of(TH_ACK, UNA, 1), TV_NEXT);
	assert_int_equal(st_tp->t_dupacks, 1);
	assert_int_equal(ack_of(TH_ACK | TH_FIN, UNA, 0), TV_NEXT);
	assert_int_equal(st_tp->t_dupacks, 0);
	tcp_timer_activate(st_tp, TT_REXMT, 0);
	assert_int_equal(ack_of(TH_ACK, UNA + 1, 0), TV_ACK_DROP);
	assert_int_equal(ack_of(TH_ACK, UNA - 1, 0), TV_NEXT);
	/* RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK */
	assert_int_equal(ack_of(TH_ACK, UNA - 500, 0), TV_NEXT);
	assert_int_equal(ack_of(TH_ACK, UNA - 501, 0), TV_CHALLENGE);
	V_tcp.insecure_ack = 1;
	assert_int_equal(ack_of(TH_ACK, UNA - 501, 0), TV_NEXT);
}

static void
the_handshake_completes(void **state)
{
	(void)state;
	go(TCPS_SYN_RECEIVED);
	assert_int_equal(ack_of(TH_ACK, UNA - 1, 0), TV_RST_DROP);
	assert_int_equal(ack_of(TH_ACK, UNA + 1, 0), TV_RST_DROP);
	assert_int_equal(st_tp->t_state, TCPS_SYN_RECEIVED);
	assert_int_equal(ack_of(TH_ACK, UNA, 0), TV_NEXT);
	assert_int_equal(st_tp->t_state, TCPS_ESTABLISHED);
	assert_int_equal(st_tp->snd_una, UNA);
	assert_int_equal(st_tp->snd_cwnd, 10 * TCP_MSS);
}

static void
an_old_syn_in_syn_received_is_reset(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_SYN_RECEIVED);
	sg = seg(TH_SYN, NXT - 2, 0, 0);
	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_RST_DROP);
	/* the same SYN again: its number is taken off, an ACK is owed */
	sg.sg_seq = NXT - 1;
	assert_int_equal(tcp_check_seq(st_tp, &sg), TV_NEXT);
	assert_int_equal(sg.sg_flags, 0);
	assert_int_equal(sg.sg_seq, NXT);
	assert_int_equal(st_tp->t_flags & TF_ACKNOW, TF_ACKNOW);
	m_freem(sg.sg_m);
}

static void
an_acknowledged_fin_moves_on(void **state)
{
	static const struct {
		int from;
		enum tcp_verdict v;
		int to;
	} tab[] = {
		{ TCPS_FIN_WAIT_1, TV_NEXT, TCPS_FIN_WAIT_2 },
		{ TCPS_CLOSING, TV_TIMEWAIT, TCPS_CLOSING },
		{ TCPS_LAST_ACK, TV_CLOSED, TCPS_LAST_ACK },
	};

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		if (i != 0) {
			tcp_close(st_tp);
			(void)soclose(st_so);
			st_so = tf_socket();
			st_tp = tf_tp(st_so);
			assert_int_equal(in_pcbconnect(sotoinpcb(st_so),
					     &(struct sockaddr_in){ TF_FADDR,
						 (uint16_t)(TF_FPORT + i) }),
			    0);
		}
		go(tab[i].from);
		assert_int_equal(ack_of(TH_ACK, UNA, 0), TV_NEXT);
		assert_int_equal(st_tp->t_state, tab[i].from);
		assert_int_equal(ack_of(TH_ACK, UNA + 1, 0), tab[i].v);
		assert_int_equal(st_tp->t_state, tab[i].to);
		assert_true((st_tp->t_flags & TF_FINACKED) != 0);
	}
}

static void
the_window_follows_the_newest_segment(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_ESTABLISHED);
	sg = seg(TH_ACK, NXT, UNA, 0);
	sg.sg_win = 600;
	tcp_update_wnd(st_tp, &sg);
	assert_int_equal(st_tp->snd_wnd, 600);
	/* FreeBSD: the same numbers do not shrink it */
	sg.sg_win = 400;
	tcp_update_wnd(st_tp, &sg);
	assert_int_equal(st_tp->snd_wnd, 600);
	/* an older segment does not count */
	sg.sg_seq = NXT - 1;
	sg.sg_win = 9000;
	tcp_update_wnd(st_tp, &sg);
	assert_int_equal(st_tp->snd_wnd, 600);
	/* a newer one does, also if it shrinks */
	sg.sg_seq = NXT + 1;
	sg.sg_win = 0;
	tcp_update_wnd(st_tp, &sg);
	assert_int_equal(st_tp->snd_wnd, 0);
	assert_int_equal(st_tp->max_sndwnd, 600);
	m_freem(sg.sg_m);
}

static void
a_fin_moves_on(void **state)
{
	static const struct {
		int from;
		enum tcp_verdict v;
		int to;
	} tab[] = {
		{ TCPS_ESTABLISHED, TV_NEXT, TCPS_CLOSE_WAIT },
		{ TCPS_FIN_WAIT_1, TV_NEXT, TCPS_CLOSING },
		{ TCPS_FIN_WAIT_2, TV_TIMEWAIT, TCPS_FIN_WAIT_2 },
		{ TCPS_CLOSE_WAIT, TV_NEXT, TCPS_CLOSE_WAIT },
	};
	struct tcp_seg sg;

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		if (i != 0) {
			tcp_close(st_tp);
			(void)soclose(st_so);
			st_so = tf_socket();
			st_tp = tf_tp(st_so);
			assert_int_equal(in_pcbconnect(sotoinpcb(st_so),
					     &(struct sockaddr_in){ TF_FADDR,
						 (uint16_t)(TF_FPORT + i) }),
			    0);
		}
		go(tab[i].from);
		sg = seg(TH_ACK | TH_FIN, NXT, UNA, 0);
		assert_int_equal(tcp_take_text(st_tp, &sg), TV_NEXT);
		assert_int_equal(tcp_take_fin(st_tp, &sg), tab[i].v);
		assert_int_equal(st_tp->t_state, tab[i].to);
		/* the FIN takes a number, but only once */
		assert_int_equal(
		    st_tp->rcv_nxt, NXT + (tab[i].from != TCPS_CLOSE_WAIT));
		m_freem(sg.sg_m);
	}
}

static void
text_in_order_is_acknowledged_every_second_time(void **state)
{
	struct tcp_seg sg;

	(void)state;
	go(TCPS_ESTABLISHED);
	sg = seg(TH_ACK, NXT, UNA, 100);
	assert_int_equal(tcp_take_text(st_tp, &sg), TV_NEXT);
	assert_null(sg.sg_m);
	assert_int_equal(st_tp->t_flags & (TF_ACKNOW | TF_DELACK), TF_DELACK);
	tcp_finish(st_tp, &sg, TV_NEXT);
	assert_true(tcp_timer_active(st_tp, TT_DELACK));
	sg = seg(TH_ACK, NXT + 100, UNA, 100);
	assert_int_equal(tcp_take_text(st_tp, &sg), TV_NEXT);
	assert_int_equal(st_tp->t_flags & (TF_ACKNOW | TF_DELACK), TF_ACKNOW);
	assert_int_equal(sbavail(&st_so->so_rcv), 200);
	/* out of order: at once */
	st_tp->t_flags &= ~(uint32_t)TF_ACKNOW;
	tcp_timer_activate(st_tp, TT_DELACK, 0);
	sg = seg(TH_ACK, NXT + 500, UNA, 100);
	assert_int_equal(tcp_take_text(st_tp, &sg), TV_NEXT);
	assert_int_equal(st_tp->t_flags & (TF_ACKNOW | TF_DELACK), TF_ACKNOW);
	assert_int_equal(sbavail(&st_so->so_rcv), 200);
	assert_int_equal(st_tp->t_segqlen, 1);
}

static void
arrows_are_those_of_figure_5(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int from = 0; from < TCP_NSTATES; from++)
		for (int to = 0; to < TCP_NSTATES; to++)
			n += to != TCPS_CLOSED && tcp_arrow(from, to);
	assert_int_equal(n, 20);
	assert_true(tcp_arrow(TCPS_LISTEN, TCPS_SYN_RECEIVED));
	assert_true(tcp_arrow(TCPS_TIME_WAIT, TCPS_CLOSED));
	assert_false(tcp_arrow(TCPS_TIME_WAIT, TCPS_ESTABLISHED));
	assert_false(tcp_arrow(TCPS_LAST_ACK, TCPS_TIME_WAIT));
	assert_false(tcp_arrow(TCPS_CLOSED, TCPS_ESTABLISHED));
}

static void
wrong_arrow(void *arg)
{
	(void)arg;
	tcp_state_change(st_tp, TCPS_TIME_WAIT);
}

static void
a_wrong_arrow_panics(void **state)
{
	(void)state;
	go(TCPS_ESTABLISHED);
	assert_true(tw_panics(
	    wrong_arrow, NULL, "ESTABLISHED -> TIME_WAIT is no arrow"));
}

#define T(n) cmocka_unit_test_setup_teardown(n, setup, teardown)

static int
panicked(void **state)
{
	(void)state;
	tw_destroy(tf.w);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(sequence_is_trimmed_to_the_window),
		T(data_for_a_closed_socket_is_late),
		T(resets_must_be_exact),
		T(reset_tells_the_user_why),
		T(a_syn_is_challenged),
		T(acknowledgments_have_a_range),
		T(the_handshake_completes),
		T(an_old_syn_in_syn_received_is_reset),
		T(an_acknowledged_fin_moves_on),
		T(the_window_follows_the_newest_segment),
		T(a_fin_moves_on),
		T(text_in_order_is_acknowledged_every_second_time),
		T(arrows_are_those_of_figure_5),
		cmocka_unit_test_setup_teardown(
		    a_wrong_arrow_panics, setup, panicked),
	};

	return (cmocka_run_group_tests_name("tcp_steps", tests, NULL, NULL)
		    ? 1
		    : 0);
}
