/*
 * tcp_segment.c - a segment for a synchronised connection.
 *
 * RFC 9293 section 3.10.7.4 as a table: the steps, in the RFC's order and with
 * its numbers.  A step may change the control block, but it sends nothing and
 * ends nothing: it returns a verdict, and tcp_finish() acts.  So a test calls
 * one step with a hand-made connection and looks at the verdict.
 *
 * Where FreeBSD differs from the RFC it is followed, and said at the branch:
 * a duplicate is trimmed and its ACK still counts; RST and SYN are judged by
 * RFC 5961 (insecure_rst and insecure_syn bring RFC 793 back).
 */
#include <vnetsim/errno.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_ecn.h"
#include "src/net/tcp/tcp_sack.h"

static const struct tcp_step {
	const char *ts_name;
	enum tcp_verdict (*ts_step)(struct tcpcb *tp, struct tcp_seg *sg);
} tcp_steps[] = {
	/* RFC 7323 section 5.3, R1 */
	{ "0 timestamp", tcp_check_paws },
	{ "1 sequence", tcp_check_seq },
	{ "2 rst", tcp_check_rst },
	/* 3 security: not simulated */
	{ "4 syn", tcp_check_syn },
	/* RFC 7323 section 5.3, R3 */
	{ "5 timestamp", tcp_record_ts },
	{ "5 ack", tcp_check_ack },
	{ "6 urg", tcp_check_urg },
	{ "7 text", tcp_take_text },
	{ "8 fin", tcp_take_fin },
};

bool
tcp_delay_ack(const struct tcpcb *tp, uint32_t len)
{
	/* RFC 1122 4.2.3.2: at most every second segment, and not for long */
	return (!tcp_timer_active(tp, TT_DELACK) &&
		(tp->t_flags & TF_RXWIN0SENT) == 0 && len <= tp->t_maxseg &&
		V_tcp.delayed_ack != 0);
}

void
tcp_rcvwnd(struct tcpcb *tp)
{
	uint32_t win = sbspace(&tp->t_inpcb->inp_socket->so_rcv);
	int32_t offered = (int32_t)(tp->rcv_adv - tp->rcv_nxt);

	/* Room in the buffer, but not less than was promised. */
	tp->rcv_wnd = imax(win, (uint32_t)imax(offered, 0));
}

/* Bytes in front of the window have been seen before. */
static void
tcp_trim_left(struct tcpcb *tp, struct tcp_seg *sg)
{
	int32_t todrop = (int32_t)(tp->rcv_nxt - sg->sg_seq);

	if (todrop <= 0)
		return;
	if ((sg->sg_flags & TH_SYN) != 0) {
		sg->sg_flags &= (uint8_t)~TH_SYN;
		sg->sg_seq++;
		tcp_urgent_trim(sg, 1);
		todrop--;
	}
	if ((uint32_t)todrop > sg->sg_len ||
	    ((uint32_t)todrop == sg->sg_len && (sg->sg_flags & TH_FIN) == 0)) {
		/* All of it.  FreeBSD: ACK it, but look at its ACK, too. */
		sg->sg_flags &= (uint8_t)~TH_FIN;
		tp->t_flags |= TF_ACKNOW;
		todrop = (int32_t)sg->sg_len;
		TCPSTAT_INC(rcvduppack);
		TCPSTAT_ADD(rcvdupbyte, (uint32_t)todrop);
	} else {
		TCPSTAT_INC(rcvpartduppack);
		TCPSTAT_ADD(rcvpartdupbyte, (uint32_t)todrop);
	}
	if (todrop > 0) {
		m_adj(sg->sg_m, todrop);
		/* RFC 2883: and the ACK that says so is due at once. */
		if ((tp->t_flags & TF_SACK_PERMIT) != 0) {
			tp->t_flags |= TF_ACKNOW;
			tcp_sack_duplicate(
			    tp, sg->sg_seq, sg->sg_seq + (uint32_t)todrop);
		}
	}
	sg->sg_seq += (uint32_t)todrop;
	sg->sg_len -= (uint32_t)todrop;
	tcp_urgent_trim(sg, (uint32_t)todrop);
}

/* Bytes behind the window cannot be taken. */
static enum tcp_verdict
tcp_trim_right(struct tcpcb *tp, struct tcp_seg *sg)
{
	int32_t todrop =
	    (int32_t)((sg->sg_seq + sg->sg_len) - (tp->rcv_nxt + tp->rcv_wnd));

	if (todrop <= 0)
		return (TV_NEXT);
	TCPSTAT_INC(rcvpackafterwin);
	if ((uint32_t)todrop >= sg->sg_len) {
		TCPSTAT_ADD(rcvbyteafterwin, sg->sg_len);
		/* RFC 9293 3.10.7.4: a zero window still takes ACKs. */
		if (tp->rcv_wnd != 0 || sg->sg_seq != tp->rcv_nxt) {
			sg->sg_why = DROP_TCP_SEQ;
			return (TV_ACK_DROP);
		}
		tp->t_flags |= TF_ACKNOW;
		TCPSTAT_INC(rcvwinprobe);
		todrop = (int32_t)sg->sg_len;
	} else {
		TCPSTAT_ADD(rcvbyteafterwin, (uint32_t)todrop);
	}
	m_adj(sg->sg_m, -todrop);
	sg->sg_len -= (uint32_t)todrop;
	sg->sg_flags &= (uint8_t) ~(TH_PUSH | TH_FIN);
	return (TV_NEXT);
}

/* First: check the sequence number, trim to the window. */
enum tcp_verdict
tcp_check_seq(struct tcpcb *tp, struct tcp_seg *sg)
{
	const struct socket *so = tp->t_inpcb->inp_socket;

	/* RFC 5961: steps 2 and 4 judge RST and SYN on their own. */
	if ((sg->sg_flags & TH_RST) != 0 ||
	    ((sg->sg_flags & TH_SYN) != 0 && tp->t_state != TCPS_SYN_RECEIVED))
		return (TV_NEXT);
	if (tp->t_state == TCPS_SYN_RECEIVED && SEQ_LT(sg->sg_seq, tp->irs)) {
		sg->sg_why = DROP_TCP_SEQ;
		return (TV_RST_DROP);
	}
	tcp_trim_left(tp, sg);
	/* FreeBSD: nobody is there to read it. */
	if ((so->so_state & SS_NOFDREF) != 0 && tp->t_state > TCPS_CLOSE_WAIT &&
	    sg->sg_len != 0) {
		TCPSTAT_INC(rcvafterclose);
		sg->sg_why = DROP_TCP_AFTERCLOSE;
		return (TV_LATE);
	}
	return (tcp_trim_right(tp, sg));
}

/* Second: check the RST bit.  RFC 5961 section 3.2. */
enum tcp_verdict
tcp_check_rst(struct tcpcb *tp, struct tcp_seg *sg)
{
	uint32_t ack = tp->last_ack_sent;

	if ((sg->sg_flags & TH_RST) == 0)
		return (TV_NEXT);
	/* 1) outside the window: silently drop. */
	if (!(SEQ_GEQ(sg->sg_seq, ack) &&
		SEQ_LT(sg->sg_seq, ack + tp->rcv_wnd)) &&
	    !(tp->rcv_wnd == 0 && sg->sg_seq == ack)) {
		sg->sg_why = DROP_TCP_RST_SEQ;
		return (TV_DROP);
	}
	/* 2) exactly the next expected: reset the connection. */
	if (V_tcp.insecure_rst != 0 || sg->sg_seq == ack ||
	    sg->sg_seq == tp->rcv_nxt) {
		TCPSTAT_INC(drops);
		sg->sg_error = tp->t_state == TCPS_SYN_RECEIVED ? VE_CONNREFUSED
								: VE_CONNRESET;
		return (TV_RESET);
	}
	/* 3) elsewhere in the window: challenge ACK. */
	TCPSTAT_INC(badrst);
	sg->sg_why = DROP_TCP_RST_CHALLENGE;
	return (TV_CHALLENGE);
}

/* Fourth: check the SYN bit.  RFC 5961 section 4.2. */
enum tcp_verdict
tcp_check_syn(struct tcpcb *tp, struct tcp_seg *sg)
{
	if ((sg->sg_flags & TH_SYN) == 0)
		return (TV_NEXT);
	TCPSTAT_INC(badsyn);
	sg->sg_why = DROP_TCP_SYN_CHALLENGE;
	if (V_tcp.insecure_syn != 0 && SEQ_GEQ(sg->sg_seq, tp->last_ack_sent) &&
	    SEQ_LT(sg->sg_seq, tp->last_ack_sent + tp->rcv_wnd))
		return (TV_ABORT);
	return (TV_CHALLENGE);
}

/* Seventh: take the data, in order or not. */
enum tcp_verdict
tcp_take_text(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct socket *so = tp->t_inpcb->inp_socket;

	if (TCPS_HAVERCVDFIN(tp->t_state)) {
		/* "This should not occur": ignore it. */
		sg->sg_flags &= (uint8_t)~TH_FIN;
		return (TV_NEXT);
	}
	/* Simultaneous open: text waits for the ACK, the FIN comes again. */
	if (!TCPS_HAVEESTABLISHED(tp->t_state))
		sg->sg_flags &= (uint8_t)~TH_FIN;
	if (sg->sg_len == 0 && (sg->sg_flags & TH_FIN) == 0)
		return (TV_NEXT);
	if (!TCPS_HAVEESTABLISHED(tp->t_state) || sg->sg_seq != tp->rcv_nxt ||
	    !LIST_EMPTY(&tp->t_segq)) {
		tp->t_flags |= TF_ACKNOW;
		(void)tcp_reass(tp, sg);
		return (TV_NEXT);
	}
	if (sg->sg_len == 0)
		return (TV_NEXT);
	tp->t_flags |= tcp_delay_ack(tp, sg->sg_len) ? TF_DELACK : TF_ACKNOW;
	tp->rcv_nxt += sg->sg_len;
	TCPSTAT_INC(rcvpack);
	TCPSTAT_ADD(rcvbyte, sg->sg_len);
	tcp_pulloutofband(tp, sg->sg_m, sg->sg_seq);
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0)
		m_freem(sg->sg_m);
	else
		sbappendstream(&so->so_rcv, sg->sg_m);
	sg->sg_m = NULL;
	sorwakeup(so);
	return (TV_NEXT);
}

/* Eighth: check the FIN bit; it is in order if it is still there. */
enum tcp_verdict
tcp_take_fin(struct tcpcb *tp, struct tcp_seg *sg)
{
	if ((sg->sg_flags & TH_FIN) == 0 || tp->t_state < TCPS_SYN_RECEIVED ||
	    TCPS_HAVERCVDFIN(tp->t_state))
		return (TV_NEXT);
	socantrcvmore(tp->t_inpcb->inp_socket);
	tp->t_flags |= TF_ACKNOW | TF_PEERFIN;
	tp->rcv_nxt++;
	switch (tp->t_state) {
	case TCPS_SYN_RECEIVED:
	case TCPS_ESTABLISHED:
		tcp_state_change(tp, TCPS_CLOSE_WAIT);
		return (TV_NEXT);
	case TCPS_FIN_WAIT_1:
		tcp_state_change(tp, TCPS_CLOSING);
		return (TV_NEXT);
	default:
		return (TV_TIMEWAIT);
	}
}

/* Send what is due now, or set the timer of a delayed ACK. */
static void
tcp_finish_output(struct tcpcb *tp, const struct tcp_seg *sg)
{
	if (sg->sg_partial)
		tcp_partial_ack(tp, sg);
	else if (sg->sg_output || (tp->t_flags & TF_ACKNOW) != 0)
		(void)tcp_output(tp);
	if ((tp->t_flags & TF_DELACK) != 0) {
		tp->t_flags &= ~(uint32_t)TF_DELACK;
		tcp_timer_activate(tp, TT_DELACK, V_tcp.delacktime);
	}
}

/*
 * Data for a socket that nobody will read: RST, RFC 1122 4.2.2.13.  FreeBSD
 * sends it at SEG.ACK.  If our FIN is under way that is one too low when it
 * arrives, and a receiver that keeps to RFC 5961 drops it in silence; SND.MAX
 * is right then, and if the FIN was lost it is asked about.
 */
static void
tcp_finish_late(struct tcpcb *tp, struct tcp_seg *sg)
{
	bool exact = (sg->sg_flags & TH_ACK) != 0 && sg->sg_ack == tp->snd_max;

	if (!exact)
		tcp_reset_peer(tp);
	tp->t_flags |= TF_RSTDONE;
	tcp_close(tp);
	if (exact)
		tcp_dropwithreset(sg, sg->sg_why, -1);
	else
		tcp_seg_drop(sg, sg->sg_why);
}

/*
 * An ACK for a segment that was not taken.  Two ends that disagree about their
 * numbers, because somebody forged a segment, would answer each other's for
 * ever, on a wire without delay within one instant; so would two FINs, which
 * go with each ACK until they are acknowledged.  So what answers a segment
 * without data is limited, by the sysctls with which FreeBSD's RACK stack does
 * it (tcp_stacks/rack_bbr_common.c); FreeBSD's base stack has no limit.
 */
static void
tcp_finish_unacceptable(struct tcpcb *tp, struct tcp_seg *sg)
{
	uint32_t now = (uint32_t)(vtime() / NS_MS);

	if (sg->sg_len == 0 && V_tcp.ack_war_cnt != 0) {
		if (now - tp->t_ackwar_start >=
		    V_tcp.ack_war_timewindow / NS_MS) {
			tp->t_ackwar_start = now;
			tp->t_ackwar = 0;
		}
		if (tp->t_ackwar >= V_tcp.ack_war_cnt) {
			tcp_seg_drop(sg, DROP_TCP_RATELIMIT);
			return;
		}
		tp->t_ackwar++;
	}
	tcp_seg_drop(sg, sg->sg_why);
	tp->t_flags |= TF_ACKNOW;
	(void)tcp_output(tp);
}

void
tcp_finish(struct tcpcb *tp, struct tcp_seg *sg, enum tcp_verdict v)
{
	switch (v) {
	case TV_NEXT:
		tcp_finish_output(tp, sg);
		break;
	case TV_DROP:
		tcp_seg_drop(sg, sg->sg_why);
		break;
	case TV_ACK_DROP:
		tcp_finish_unacceptable(tp, sg);
		break;
	case TV_CHALLENGE:
		tcp_seg_drop(
		    sg, tcp_challenge(tp) ? sg->sg_why : DROP_TCP_RATELIMIT);
		break;
	case TV_DUPACK:
		tcp_dupack(tp, sg);
		break;
	case TV_RST_DROP:
		tcp_dropwithreset(sg, sg->sg_why, BANDLIM_RST_OPENPORT);
		break;
	case TV_RESET:
		tp->t_flags |= TF_RSTDONE;
		tp->t_inpcb->inp_socket->so_error = sg->sg_error;
		tcp_close(tp);
		break;
	case TV_ABORT:
		tcp_seg_drop(sg, sg->sg_why);
		tcp_drop(tp, VE_CONNRESET);
		break;
	case TV_LATE:
		tcp_finish_late(tp, sg);
		break;
	case TV_CLOSED:
		tcp_close(tp);
		break;
	case TV_TIMEWAIT:
		tcp_twstart(tp);
		break;
	}
}

void
tcp_segment(struct tcpcb *tp, struct tcp_seg *sg)
{
	enum tcp_verdict v = TV_NEXT;

	MPASS(tp->t_state >= TCPS_SYN_RECEIVED);
	tp->t_rcvtime = vtime();
	if (TCPS_HAVEESTABLISHED(tp->t_state))
		tcp_timer_activate(tp, TT_KEEP, tcp_keepidle(tp));
	if (tcp_ecn_input_segment(tp, sg))
		tcp_cc_ecn(tp, sg->sg_ack);
	tcp_rcvwnd(tp);
	for (unsigned i = 0; i < nitems(tcp_steps) && v == TV_NEXT; i++)
		v = tcp_steps[i].ts_step(tp, sg);
	tcp_finish(tp, sg, v);
}
