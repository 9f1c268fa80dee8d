/*
 * tcp_timewait.c - TIME_WAIT: an ordinary tcpcb that only answers.
 *
 * It keeps its pcb, so its credential, so its prison.  It stays for 2*MSL
 * after the last FIN of the peer.
 *
 *	RST               ignored, RFC 1337
 *	SYN, newer        a new incarnation: closes this one, and the segment
 *	                  is looked up again (RFC 9293 3.6.1, RFC 6191)
 *	no timestamp      dropped, if they are in use (RFC 7323 section 3.2)
 *	no ACK            dropped: an old SYN, too
 *	FIN again         2*MSL starts again
 *	anything else     is acknowledged, but for a pure duplicate ACK
 *
 * A SYN is newer if its sequence number is beyond what was received (RFC 1122
 * 4.2.2.13), as FreeBSD has it, or by its timestamp: greater than the last one
 * (RFC 6191 section 2), or there at all if the old incarnation had none.
 * FreeBSD looks at sequence numbers only, and a peer with random ones waits.
 *
 * Ours are newer for the peer in the same way: the timestamp's offset is a
 * function of the tuple (tcp_ts.c).
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

/* RFC 6191 section 2, and FreeBSD. */
static bool
tcp_tw_newer(const struct tcpcb *tp, const struct tcp_seg *sg)
{
	const struct tcpopt *to = &sg->sg_opt;

	if ((sg->sg_flags & (TH_SYN | TH_ACK)) != TH_SYN)
		return (false);
	if (SEQ_GT(sg->sg_seq, tp->rcv_nxt))
		return (true);
	if (!to->to_hasts)
		return (false);
	return ((tp->t_flags & TF_RCVD_TSTMP) == 0 ||
		TSTMP_GT(to->to_tsval, tp->ts_recent));
}

/* Is the segment to be dropped without a word? */
static bool
tcp_tw_ignores(const struct tcpcb *tp, const struct tcp_seg *sg)
{
	if ((tp->t_flags & TF_RCVD_TSTMP) != 0 && !sg->sg_opt.to_hasts)
		return (true);
	return ((sg->sg_flags & TH_ACK) == 0);
}

bool
tcp_timewait_input(struct tcpcb *tp, struct tcp_seg *sg)
{
	uint32_t end = sg->sg_seq + sg->sg_len;

	if ((sg->sg_flags & TH_RST) == 0 && tcp_tw_newer(tp, sg)) {
		tcp_close(tp);
		return (true);
	}
	if ((sg->sg_flags & TH_RST) != 0 || tcp_tw_ignores(tp, sg)) {
		tcp_seg_drop(sg, DROP_TCP_TIMEWAIT);
		return (false);
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
