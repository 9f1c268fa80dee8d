/*
 * tcp_recover.c - loss recovery: what is sent because of duplicate ACKs.
 *
 *	1st, 2nd    limited transmit (RFC 3042): a new segment each
 *	3rd         fast retransmit: half the window, the first hole again; so
 *	            also as soon as more than two segments are SACKed (RFC 6675)
 *	later ones  PRR (RFC 6937) with SACK: in proportion to what arrives;
 *	            without SACK the window grows by a segment (RFC 6582)
 *	partial     an ACK below snd_recover: the next hole, or (NewReno) the
 *	            segment at snd_una; at the end of data a rescue
 *	full        back to ssthresh, or what is in flight (tcp_cc.c)
 *
 * In recovery with SACK a connection may send snd_cwnd - pipe bytes: holes
 * first, then new data.  Sending happens after the steps (TV_DUPACK and
 * sg_partial), so snd_una is the new one here.
 *
 * FreeBSD: tcp_do_segment(), tcp_do_prr_ack(), tcp_sack_partialack(),
 * tcp_newreno_partial_ack().
 */
#include "src/net/tcp/tcp_sack.h"

bool
tcp_loss_detected(const struct tcpcb *tp)
{
	uint32_t dup = TCPREXMTTHRESH - 1;

	return (tp->t_dupacks == TCPREXMTTHRESH ||
		(tp->t_sack != NULL &&
		    tp->t_sack->sacked_bytes > dup * tcp_maxseg(tp)));
}

/* RFC 6937 section 3: how much this ACK lets go. */
static void
tcp_do_prr_ack(struct tcpcb *tp, const struct tcp_seg *sg)
{
	struct tcp_sack *sk = tp->t_sack;
	uint32_t mss = tcp_maxseg(tp), flight = tp->snd_max - tp->snd_una;
	uint32_t pipe, del = 0, fs = sk->recover_fs != 0 ? sk->recover_fs : 1;
	bool sack = tcp_is_sack_recovery(tp, &sg->sg_opt);
	int64_t cnt, left;

	if (sack) {
		del = sk->delivered_data;
		pipe = tcp_compute_pipe(tp);
	} else {
		if (sk->prr_delivered <
		    TCPREXMTTHRESH * mss + tp->snd_recover - tp->snd_una)
			del = mss;
		pipe = tp->t_dupacks * mss;
		pipe = flight > pipe ? flight - pipe : 0;
	}
	sk->prr_delivered += del;
	left = (int64_t)sk->prr_delivered - sk->prr_out;
	if (pipe >= tp->snd_ssthresh) {
		cnt = (int64_t)howmany(
			  (uint64_t)sk->prr_delivered * tp->snd_ssthresh, fs) -
		      sk->prr_out + mss - 1;
	} else {
		/* slow start part; nothing new, nothing more */
		if (del != 0)
			left = imax(left, (int64_t)del) + mss;
		cnt = imin((int64_t)(tp->snd_ssthresh - pipe), left);
	}
	MPASS(mss > 0);
	cnt = imax(cnt, 0) / mss * mss;
	tp->snd_cwnd = imax((sack ? pipe : flight) + (uint32_t)cnt, mss);
}

/* Another duplicate while in recovery: a segment has left the network. */
static void
tcp_dupack_more(struct tcpcb *tp, const struct tcp_seg *sg)
{
	uint32_t mss = tcp_maxseg(tp), del;

	if ((tp->t_flags & TF_FASTRECOVERY) != 0 && V_tcp.do_prr != 0 &&
	    tp->t_sack != NULL) {
		tcp_do_prr_ack(tp, sg);
	} else if ((tp->t_flags & TF_FASTRECOVERY) != 0 &&
		   tcp_is_sack_recovery(tp, &sg->sg_opt)) {
		del = imin(2 * mss, tp->t_sack->delivered_data);
		if (tcp_compute_pipe(tp) < tp->snd_ssthresh)
			tp->snd_cwnd = imin(
			    tp->snd_cwnd + imax(mss, del), tp->snd_ssthresh);
	} else {
		tp->snd_cwnd += mss;
	}
	(void)tcp_output(tp);
}

/* NewReno: what the peer waits for, and only that. */
static void
tcp_resend_first(struct tcpcb *tp)
{
	uint32_t onxt = tp->snd_nxt;

	tp->snd_nxt = tp->snd_una;
	tp->snd_cwnd = tcp_maxseg(tp);
	(void)tcp_output(tp);
	tp->snd_nxt = SEQ_MAX(onxt, tp->snd_nxt);
}

static void
tcp_enter_recovery(struct tcpcb *tp, const struct tcp_seg *sg)
{
	struct tcp_sack *sk = tp->t_sack;
	bool sack = tcp_is_sack_recovery(tp, &sg->sg_opt);
	uint32_t mss = tcp_maxseg(tp);

	tp->t_dupacks = TCPREXMTTHRESH;
	/* RFC 6582 3.2 step 2: these answer what a timeout has repeated. */
	if (!sack && (tp->t_flags2 & TF2_CONGRECOVERY) == 0 &&
	    SEQ_LEQ(sg->sg_ack, tp->snd_recover)) {
		tp->t_dupacks = 0;
		return;
	}
	tcp_cc_ndupack(tp);
	tcp_timer_activate(tp, TT_REXMT, 0);
	tp->t_flags &= ~(uint32_t)TF_RTT;
	if (sk != NULL) {
		sk->prr_out = 0;
		sk->prr_delivered = sack ? imin(tp->snd_max - tp->snd_una,
					       (tp->snd_limited + 1u) * mss)
					 : mss;
		sk->recover_fs = imax(1u, tp->snd_max - tp->snd_una);
	}
	if (sack) {
		TCPSTAT_INC(sack_recovery_episode);
		tp->snd_nxt = tp->snd_max;
		tp->snd_cwnd = tcp_compute_pipe(tp) + mss;
		(void)tcp_output(tp);
		tp->snd_cwnd = tp->snd_ssthresh;
	} else {
		tcp_resend_first(tp);
		/* RFC 5681 3.2 step 3, but for what was sent already. */
		tp->snd_cwnd =
		    tp->snd_ssthresh +
		    mss * (uint32_t)(tp->t_dupacks - tp->snd_limited);
	}
	tp->snd_limited = 0;
}

/* RFC 3042 section 2: new data, if there is any, to draw more ACKs. */
static void
tcp_limited_transmit(struct tcpcb *tp)
{
	uint32_t flight = tp->snd_nxt - tp->snd_una, max = tp->snd_max;
	uint32_t cwnd = tp->snd_cwnd, mss = tcp_maxseg(tp), sent;

	if (tp->t_dupacks == 1)
		tp->snd_limited = 0;
	if (tp->snd_nxt == tp->snd_max && tp->t_rxtshift == 0)
		tp->snd_cwnd =
		    flight + mss * (uint32_t)(tp->t_dupacks - tp->snd_limited);
	if ((tp->t_flags & TF_ACKNOW) != 0 ||
	    sbavail(&tp->t_inpcb->inp_socket->so_snd) > flight)
		(void)tcp_output(tp);
	sent = tp->snd_max - max;
	if (sent > mss)
		tp->snd_limited = 2;
	else if (sent > 0)
		tp->snd_limited++;
	/* If the segment found no memory the smaller window stays. */
	tp->snd_cwnd = cwnd;
}

void
tcp_dupack(struct tcpcb *tp, const struct tcp_seg *sg)
{
	if (tp->t_dupacks > TCPREXMTTHRESH ||
	    (tp->t_flags & TF_FASTRECOVERY) != 0)
		tcp_dupack_more(tp, sg);
	else if (tcp_loss_detected(tp))
		tcp_enter_recovery(tp, sg);
	else if (V_tcp.rfc3042 != 0)
		tcp_limited_transmit(tp);
}

/* Without PRR: one or two segments for what has arrived. */
static void
tcp_sack_partialack(struct tcpcb *tp, const struct tcp_seg *sg)
{
	uint32_t mss = tcp_maxseg(tp), n = sg->sg_acked / mss >= 2 ? 2 : 1;

	MPASS(tp->t_sack != NULL);
	tp->snd_cwnd =
	    imin(imax(tcp_compute_pipe(tp), mss) + n * mss, tp->snd_ssthresh);
	/* RFC 6675 section 4, NextSeg() (4): the tail may be lost, too. */
	if (tp->snd_recover == tp->snd_max &&
	    TAILQ_EMPTY(&tp->t_sack->snd_holes) && sg->sg_sacked)
		tcp_sack_rescue(tp);
	(void)tcp_output(tp);
}

void
tcp_partial_ack(struct tcpcb *tp, const struct tcp_seg *sg)
{
	uint32_t mss = tcp_maxseg(tp), cwnd = tp->snd_cwnd;

	if (tp->t_sack != NULL && V_tcp.do_prr != 0 &&
	    sg->sg_opt.to_nsacks != 0) {
		tcp_do_prr_ack(tp, sg);
		(void)tcp_output(tp);
		return;
	}
	if (sg->sg_sacked) {
		tcp_sack_partialack(tp, sg);
		return;
	}
	/* RFC 6582 section 3.2 step 3: retransmit, deflate. */
	tcp_resend_first(tp);
	tp->snd_cwnd = (cwnd > sg->sg_acked ? cwnd - sg->sg_acked : 0) + mss;
	(void)tcp_output(tp);
}
