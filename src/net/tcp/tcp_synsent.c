/*
 * tcp_synsent.c - SYN_SENT: the answer to our SYN.
 *
 *	ACK out of range   RST, unless it is one
 *	RST                with an acceptable ACK: connection refused
 *	SYN,ACK            ESTABLISHED
 *	SYN                SYN_RECEIVED: both have opened at the same time
 *
 * RFC 9293 section 3.10.7.3, in its order; security is not simulated.
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_ecn.h"

/* Third and fourth of the RFC: is there a SYN for us? */
static bool
tcp_synsent_acceptable(struct tcpcb *tp, struct tcp_seg *sg)
{
	bool ack = (sg->sg_flags & TH_ACK) != 0;

	/* If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset. */
	if (ack &&
	    (SEQ_LEQ(sg->sg_ack, tp->iss) || SEQ_GT(sg->sg_ack, tp->snd_max))) {
		tcp_dropwithreset(sg, DROP_TCP_BADACK, -1);
		return (false);
	}
	if ((sg->sg_flags & TH_RST) != 0) {
		tcp_seg_drop(sg, DROP_TCP_RST_SEQ);
		if (ack) {
			tp->t_flags |= TF_RSTDONE;
			tcp_drop(tp, VE_CONNREFUSED);
		}
		return (false);
	}
	if ((sg->sg_flags & TH_SYN) == 0) {
		tcp_seg_drop(sg, DROP_TCP_NOACK);
		return (false);
	}
	return (true);
}

/* Our SYN has been ACKed: the handshake is complete. */
static void
tcp_synsent_established(struct tcpcb *tp, struct tcp_seg *sg)
{
	TCPSTAT_INC(connects);
	tcp_startscale(tp);
	if (tcp_delay_ack(tp, sg->sg_len) && sg->sg_len != 0)
		tp->t_flags |= TF_DELACK;
	else
		tp->t_flags |= TF_ACKNOW;
	if ((tp->t_flags & TF_NEEDFIN) != 0) {
		tp->t_flags &= ~(uint32_t)TF_NEEDFIN;
		tcp_state_change(tp, TCPS_FIN_WAIT_1);
	} else {
		tcp_state_change(tp, TCPS_ESTABLISHED);
		tcp_cc_conn_init(tp);
	}
	tcp_timer_activate(tp, TT_KEEP, tcp_keepidle(tp));
	tcp_ack_syn(tp, sg);
	soisconnected(tp->t_inpcb->inp_socket);
}

void
tcp_synsent_input(struct tcpcb *tp, struct tcp_seg *sg)
{
	enum tcp_verdict v;

	if (!tcp_synsent_acceptable(tp, sg))
		return;
	tp->t_rcvtime = vtime();
	(void)tcp_ecn_input_segment(tp, sg);
	tcp_ecn_input_syn(tp, sg);
	tp->irs = sg->sg_seq;
	tcp_rcvseqinit(tp);
	tcp_peerscale(tp, &sg->sg_opt);
	tcp_mss(tp, &sg->sg_opt);
	tcp_rcvwnd(tp);
	if ((sg->sg_flags & TH_ACK) != 0) {
		/* What our SYN offered, unscaled: RFC 7323 2.2. */
		tp->rcv_adv += imin(tp->rcv_wnd, TCP_MAXWIN);
		tcp_synsent_established(tp, sg);
	} else {
		tp->t_flags |= TF_ACKNOW;
		tcp_timer_activate(tp, TT_REXMT, 0);
		tcp_state_change(tp, TCPS_SYN_RECEIVED);
	}
	/* From here on SEG.SEQ is that of the first byte of data. */
	sg->sg_seq++;
	tcp_urgent_trim(sg, 1);
	sg->sg_flags &= (uint8_t)~TH_SYN;
	tp->snd_wl1 = sg->sg_seq - 1;
	if ((sg->sg_flags & TH_ACK) == 0) {
		tp->snd_wnd = tp->max_sndwnd = sg->sg_win;
	}
	if (sg->sg_len > tp->rcv_wnd) {
		m_adj(sg->sg_m, -(int)(sg->sg_len - tp->rcv_wnd));
		sg->sg_len = tp->rcv_wnd;
		sg->sg_flags &= (uint8_t)~TH_FIN;
	}
	if ((sg->sg_flags & TH_ACK) != 0)
		tcp_update_wnd(tp, sg);
	v = tcp_check_urg(tp, sg);
	if (v == TV_NEXT)
		v = tcp_take_text(tp, sg);
	if (v == TV_NEXT)
		v = tcp_take_fin(tp, sg);
	tcp_finish(tp, sg, v);
}
