/*
 * tcp_ack.c - step 5: what the peer acknowledges, and its window.
 *
 *	SYN_RECEIVED      our SYN is acknowledged: ESTABLISHED
 *	beyond SND.MAX    never sent: ACK and drop
 *	far below         older than any window: challenge ACK (RFC 5961 5.2;
 *	                  insecure_ack=1 brings RFC 793 back)
 *	SND.UNA or below  a duplicate: perhaps a segment was lost
 *	                  (tcp_recover.c); its window may count
 *	new               round trip, congestion window, buffer, timers; and if
 *	                  our FIN is acknowledged the state moves on
 *
 * RFC 9293 section 3.10.7.4, "fifth".
 */
#include "src/net/tcp/tcp_sack.h"

/* RFC 6298 section 5: manage the retransmission timer. */
static void
tcp_ack_timers(struct tcpcb *tp, struct tcp_seg *sg)
{
	int64_t rtt;

	if (tcp_ts_rtt(tp, &sg->sg_opt, &rtt))
		tcp_xmit_timer(tp, rtt);
	else if ((tp->t_flags & TF_RTT) != 0 && SEQ_GT(sg->sg_ack, tp->t_rtseq))
		tcp_xmit_timer(tp, vtime() - tp->t_rtttime);
	if (sg->sg_ack == tp->snd_max) {
		tcp_timer_activate(tp, TT_REXMT, 0);
		sg->sg_output = true;
	} else if (!tcp_timer_active(tp, TT_PERSIST)) {
		tcp_timer_activate(tp, TT_REXMT, tp->t_rxtcur);
	}
}

/* Our SYN has been acknowledged; it takes a number, but no byte of so_snd. */
void
tcp_ack_syn(struct tcpcb *tp, struct tcp_seg *sg)
{
	tcp_ack_timers(tp, sg);
	tp->snd_una = sg->sg_ack;
	tp->t_acktime = tp->snd_una == tp->snd_max ? 0 : vtime();
	if (SEQ_LT(tp->snd_nxt, tp->snd_una))
		tp->snd_nxt = tp->snd_una;
	sg->sg_output = true;
}

/* The third segment of the handshake. */
static enum tcp_verdict
tcp_ack_synrcvd(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct inpcb *inp = tp->t_inpcb;

	/* If SND.UNA < SEG.ACK =< SND.NXT, enter ESTABLISHED; else reset. */
	if (SEQ_LEQ(sg->sg_ack, tp->snd_una) ||
	    SEQ_GT(sg->sg_ack, tp->snd_max)) {
		sg->sg_why = DROP_TCP_BADACK;
		return (TV_RST_DROP);
	}
	TCPSTAT_INC(connects);
	tcp_startscale(tp);
	tp->snd_wnd = sg->sg_win;
	tcp_ack_syn(tp, sg);
	if ((tp->t_flags & TF_CHILD) != 0) {
		/* The listener's queue of complete connections takes over. */
		tp->t_flags &= ~(uint32_t)TF_CHILD;
		tcp_sockrele(inp);
	}
	if ((tp->t_flags & TF_NEEDFIN) != 0) {
		tp->t_flags &= ~(uint32_t)TF_NEEDFIN;
		tcp_state_change(tp, TCPS_FIN_WAIT_1);
	} else {
		tcp_state_change(tp, TCPS_ESTABLISHED);
		tcp_cc_conn_init(tp);
	}
	tcp_timer_activate(tp, TT_KEEP, tcp_keepidle(tp));
	soisconnected(inp->inp_socket);
	/* What came with the peer's SYN, if no text of this one does it. */
	if (sg->sg_len == 0 && (sg->sg_flags & TH_FIN) == 0)
		(void)tcp_reass(tp, NULL);
	tp->snd_wl1 = sg->sg_seq - 1;
	return (TV_NEXT);
}

/* Our FIN has been acknowledged. */
static enum tcp_verdict
tcp_ack_fin(struct tcpcb *tp)
{
	struct socket *so = tp->t_inpcb->inp_socket;

	tp->t_flags |= TF_FINACKED;
	switch (tp->t_state) {
	case TCPS_FIN_WAIT_1:
		/*
		 * FreeBSD: if nobody will read any more the peer's FIN is not
		 * waited for for ever, contrary to the specification.
		 */
		if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0) {
			soisdisconnected(so);
			tcp_timer_activate(tp, TT_2MSL,
			    V_tcp.fast_finwait2_recycle != 0
				? V_tcp.finwait2_timeout
				: tcp_maxidle(tp));
		}
		tcp_state_change(tp, TCPS_FIN_WAIT_2);
		return (TV_NEXT);
	case TCPS_CLOSING:
		return (TV_TIMEWAIT);
	case TCPS_LAST_ACK:
		return (TV_CLOSED);
	default:
		return (TV_NEXT);
	}
}

void
tcp_ack_new(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct socket *so = tp->t_inpcb->inp_socket;
	uint32_t acked = sg->sg_ack - tp->snd_una, avail;
	bool recovery = (tp->t_flags & TF_FASTRECOVERY) != 0;
	bool cong = (tp->t_flags2 & TF2_CONGRECOVERY) != 0;

	TCPSTAT_INC(rcvackpack);
	TCPSTAT_ADD(rcvackbyte, acked);
	tp->t_dupacks = sg->sg_sacked && sg->sg_news ? 1 : 0;
	sg->sg_acked = acked;
	if (recovery) {
		sg->sg_partial = SEQ_LT(sg->sg_ack, tp->snd_recover);
		/* Karn: the segment timed may have been sent again. */
		tp->t_flags &= ~(uint32_t)TF_RTT;
		if (!sg->sg_partial)
			tcp_cc_post_recovery(tp, sg->sg_ack);
	} else if (cong && SEQ_GEQ(sg->sg_ack, tp->snd_recover)) {
		tcp_cc_post_recovery(tp, sg->sg_ack);
	} else if (tp->t_rxtshift == 1) {
		tcp_cc_badrexmt(tp, &sg->sg_opt);
	}
	tcp_ack_timers(tp, sg);
	if (!recovery && !cong)
		tcp_cc_ack(tp, acked);
	avail = imin(acked, sbavail(&so->so_snd));
	sbdrop(&so->so_snd, avail);
	tp->snd_wnd -= imin(avail, tp->snd_wnd);
	sowwakeup(so);
	tcp_cc_una(tp, sg->sg_ack);
	if (SEQ_GEQ(sg->sg_ack, tp->snd_up))
		tp->snd_up = sg->sg_ack;
	tp->snd_una = sg->sg_ack;
	tp->t_acktime = tp->snd_una == tp->snd_max ? 0 : vtime();
	if (SEQ_LT(tp->snd_nxt, tp->snd_una))
		tp->snd_nxt = tp->snd_una;
	sg->sg_output = true;
}

void
tcp_update_wnd(struct tcpcb *tp, struct tcp_seg *sg)
{
	/*
	 * RFC 9293: update if SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and
	 * SND.WL2 =< SEG.ACK).  FreeBSD takes an equal ACK only if the window
	 * grows.
	 */
	if (!(SEQ_LT(tp->snd_wl1, sg->sg_seq) ||
		(tp->snd_wl1 == sg->sg_seq &&
		    (SEQ_LT(tp->snd_wl2, sg->sg_ack) ||
			(tp->snd_wl2 == sg->sg_ack &&
			    sg->sg_win > tp->snd_wnd)))))
		return;
	if (sg->sg_len == 0 && tp->snd_wl2 == sg->sg_ack &&
	    sg->sg_win > tp->snd_wnd)
		TCPSTAT_INC(rcvwinupd);
	tp->snd_wnd = sg->sg_win;
	tp->snd_wl1 = sg->sg_seq;
	tp->snd_wl2 = sg->sg_ack;
	tp->max_sndwnd = imax(tp->max_sndwnd, tp->snd_wnd);
	sg->sg_output = true;
}

/* An ACK that says nothing new. */
static enum tcp_verdict
tcp_ack_old(struct tcpcb *tp, struct tcp_seg *sg)
{
	/* RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK */
	if (V_tcp.insecure_ack == 0 &&
	    SEQ_LT(sg->sg_ack, tp->snd_una - tp->max_sndwnd)) {
		TCPSTAT_INC(rcvghostack);
		sg->sg_why = DROP_TCP_OLDACK;
		return (TV_CHALLENGE);
	}
	/*
	 * RFC 5681 section 2; with SACK its window may have changed.  One that
	 * tells of urgent data was not sent because something is missing.
	 */
	if (sg->sg_len != 0 || sg->sg_urp != 0 ||
	    (sg->sg_win != tp->snd_wnd && (tp->t_flags & TF_SACK_PERMIT) == 0))
		return (TV_NEXT);
	if ((sg->sg_flags & TH_FIN) != 0) {
		tp->t_dupacks = 0;
		return (TV_NEXT);
	}
	TCPSTAT_INC(rcvdupack);
	/* Neither an old ACK nor one without news tells of a segment. */
	if (sg->sg_ack != tp->snd_una || (sg->sg_sacked && !sg->sg_news))
		return (TV_NEXT);
	if (!tcp_timer_active(tp, TT_REXMT)) {
		tp->t_dupacks = 0;
		return (TV_NEXT);
	}
	if (tp->t_dupacks < UINT8_MAX)
		tp->t_dupacks++;
	return (TV_DUPACK);
}

/* Blocks of SACK, and what the ACK itself does to the scoreboard. */
static void
tcp_ack_sack(struct tcpcb *tp, struct tcp_seg *sg)
{
	if ((tp->t_flags & TF_SACK_PERMIT) == 0 ||
	    (tp->t_sack == NULL && sg->sg_opt.to_nsacks == 0))
		return;
	sg->sg_sacked = tcp_is_sack_recovery(tp, &sg->sg_opt);
	sg->sg_news =
	    tcp_sack_doack(tp, &sg->sg_opt, SEQ_MAX(sg->sg_ack, tp->snd_una));
	/* the first block may have made the scoreboard */
	sg->sg_sacked |= tcp_is_sack_recovery(tp, &sg->sg_opt);
}

enum tcp_verdict
tcp_check_ack(struct tcpcb *tp, struct tcp_seg *sg)
{
	enum tcp_verdict v = TV_NEXT;

	/* If the ACK bit is off, drop the segment. */
	if ((sg->sg_flags & TH_ACK) == 0) {
		/* FreeBSD: text may come before the ACK of our SYN. */
		if (tp->t_state == TCPS_SYN_RECEIVED && sg->sg_len != 0)
			return (TV_NEXT);
		sg->sg_why = DROP_TCP_NOACK;
		return ((tp->t_flags & TF_ACKNOW) != 0 ? TV_ACK_DROP : TV_DROP);
	}
	if (tp->t_state == TCPS_SYN_RECEIVED) {
		v = tcp_ack_synrcvd(tp, sg);
		if (v == TV_NEXT)
			tcp_update_wnd(tp, sg);
		return (v);
	}
	if (SEQ_GT(sg->sg_ack, tp->snd_max)) {
		TCPSTAT_INC(rcvacktoomuch);
		sg->sg_why = DROP_TCP_FUTUREACK;
		return (TV_ACK_DROP);
	}
	tcp_ack_sack(tp, sg);
	if (SEQ_LEQ(sg->sg_ack, tp->snd_una)) {
		v = tcp_ack_old(tp, sg);
	} else {
		tcp_ack_new(tp, sg);
		if ((tp->t_flags & TF_SENTFIN) != 0 &&
		    sg->sg_ack == tp->snd_max)
			v = tcp_ack_fin(tp);
	}
	if (v == TV_NEXT || v == TV_DUPACK)
		tcp_update_wnd(tp, sg);
	return (v);
}
