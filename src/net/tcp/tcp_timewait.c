/*
 * tcp_timewait.c - TIME_WAIT: an ordinary tcpcb that only answers.
 *
 * It keeps its pcb, so its credential, so its prison.  It stays for 2*MSL
 * after the last FIN of the peer.
 *
 *	RST              ignored, RFC 1337
 *	SYN, SEQ beyond  a new incarnation: closes this one, and the segment
 *	                 is looked up again (RFC 9293 3.6.1, RFC 1122 4.2.2.13)
 *	FIN again        2*MSL starts again
 *	anything else    is acknowledged, but for a pure duplicate ACK
 *
 * FreeBSD 14: tcp_twstart(), tcp_twcheck().
 */
#include "src/net/tcp/tcp_in.h"

void
tcp_twstart(struct tcpcb *tp)
{
	bool acknow = (tp->t_flags & TF_ACKNOW) != 0;

	tcp_state_change(tp, TCPS_TIME_WAIT);
	tcp_timer_activate(tp, TT_REXMT, 0);
	tcp_timer_activate(tp, TT_PERSIST, 0);
	tcp_timer_activate(tp, TT_KEEP, 0);
	tcp_timer_activate(tp, TT_DELACK, 0);
	tp->t_flags &= ~(uint32_t)TF_DELACK;
	soisdisconnected(tp->t_inpcb->inp_socket);
	if (acknow)
		(void)tcp_output(tp);
	if (V_tcp.nolocaltimewait != 0 &&
	    V_tcp.lower->tl_local(tp->t_inpcb->inp_faddr)) {
		tcp_close(tp);
		return;
	}
	tcp_timer_activate(tp, TT_2MSL, 2 * V_tcp.msl);
}

bool
tcp_timewait_input(struct tcpcb *tp, struct tcp_seg *sg)
{
	uint32_t end = sg->sg_seq + sg->sg_len;

	if ((sg->sg_flags & TH_RST) != 0) {
		tcp_seg_drop(sg, DROP_TCP_TIMEWAIT);
		return (false);
	}
	if ((sg->sg_flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	    SEQ_GT(sg->sg_seq, tp->rcv_nxt)) {
		tcp_close(tp);
		return (true);
	}
	if ((sg->sg_flags & TH_FIN) != 0) {
		end += (sg->sg_flags & TH_SYN) != 0;
		if (end + 1 == tp->rcv_nxt)
			tcp_timer_activate(tp, TT_2MSL, 2 * V_tcp.msl);
	}
	if ((sg->sg_flags & (TH_SYN | TH_FIN | TH_ACK)) != TH_ACK ||
	    sg->sg_len != 0 || sg->sg_seq != tp->rcv_nxt ||
	    sg->sg_ack != tp->snd_nxt)
		(void)tcp_respond(tp, tp->snd_max, tp->rcv_nxt, TH_ACK);
	tcp_seg_drop(sg, DROP_TCP_TIMEWAIT);
	return (false);
}
