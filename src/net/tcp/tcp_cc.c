/*
 * tcp_cc.c - congestion control: slow start and congestion avoidance.
 *
 * The initial window is initcwnd_segments (10) segments, RFC 6928, or one
 * segment if the SYN had to be repeated.  Below ssthresh the window grows by
 * what is acknowledged, at most abc_l_var (2) segments for each ACK; above it
 * by one segment for each window acknowledged (RFC 5681 section 3.1 with the
 * byte counting of RFC 3465, which net.inet.tcp.rfc3465=0 turns off).  A
 * retransmission timeout halves ssthresh and starts again at one segment.
 *
 * Recovery (tcp_recover.c) begins with ssthresh = cwnd / 2 and lasts until all
 * that was out then, snd_recover, is acknowledged; meanwhile ACKs do not open
 * the window.  A timeout ends it.  An echo of congestion (tcp_ecn.c) halves the
 * window, too, and lets it rest until all that was out is acknowledged, but
 * nothing is sent again; FreeBSD spreads that reduction by PRR.
 *
 * If data sent before a timeout is acknowledged so soon after it that this
 * cannot be the answer to the retransmission, the timeout was wrong and takes
 * back what it did to windows (Allman and Paxson; FreeBSD: t_badrxtwin).
 *
 * FreeBSD: sys/netinet/cc/cc_newreno.c, tcp_compute_initwnd(),
 * cc_cong_signal(), cc_post_recovery().
 */
#include "src/net/tcp/tcp_hostcache.h"
#include "src/net/tcp/tcp_sack.h"

static uint32_t
tcp_compute_initwnd(uint32_t maxseg)
{
	uint32_t n = (uint32_t)V_tcp.initcwnd_segments;

	/* RFC 6928 section 2: min (10*MSS, max (2*MSS, 14600)) */
	if (n > 0)
		return (imin(n * maxseg, imax(2 * maxseg, n * 1460)));
	/* RFC 3390 */
	return (imin(4 * maxseg, imax(2 * maxseg, 4380u)));
}

void
tcp_cc_conn_init(struct tcpcb *tp)
{
	tcp_hc_load(tp);
	/* RFC 5681 section 3.1: a lost SYN makes the initial window one. */
	if (tp->snd_cwnd == 1)
		tp->snd_cwnd = tcp_maxseg(tp);
	else
		tp->snd_cwnd = tcp_compute_initwnd(tcp_maxseg(tp));
	tp->t_bytes_acked = 0;
}

static uint32_t
tcp_cc_incr(struct tcpcb *tp, uint32_t acked)
{
	uint32_t mss = tcp_maxseg(tp), l = 1;

	if (tp->snd_cwnd <= tp->snd_ssthresh) {
		tp->t_bytes_acked = 0;
		if (V_tcp.rfc3465 == 0)
			return (mss);
		/* RFC 3465 2.3: no more than one after a timeout. */
		if (tp->snd_nxt == tp->snd_max)
			l = (uint32_t)V_tcp.abc_l_var;
		return (imin(acked, mss * l));
	}
	if (V_tcp.rfc3465 == 0)
		return (imax(mss * mss / tp->snd_cwnd, 1));
	tp->t_bytes_acked += acked;
	if (tp->t_bytes_acked < tp->snd_cwnd)
		return (0);
	tp->t_bytes_acked -= tp->snd_cwnd;
	return (mss);
}

void
tcp_cc_ack(struct tcpcb *tp, uint32_t acked)
{
	uint32_t max = (uint32_t)TCP_MAXWIN << tp->snd_scale, incr;

	/* FreeBSD: a window that the peer's does not let us use stays. */
	if (tp->snd_cwnd > tp->snd_wnd)
		return;
	incr = tcp_cc_incr(tp, acked);
	if (tp->snd_cwnd < max)
		tp->snd_cwnd = imin(tp->snd_cwnd + incr, max);
}

/* The window was made smaller: the peer is to know, if it does ECN. */
static void
tcp_cc_reduced(struct tcpcb *tp)
{
	if ((tp->t_flags2 & TF2_ECN_PERMIT) != 0)
		tp->t_flags2 |= TF2_ECN_SND_CWR;
}

void
tcp_cc_resend(struct tcpcb *tp)
{
	tcp_free_sackholes(tp);
	tp->t_flags &= ~(uint32_t)TF_FASTRECOVERY;
	tp->t_dupacks = 0;
}

/* Half of what is allowed now, two segments at least. */
static uint32_t
tcp_cc_half(const struct tcpcb *tp)
{
	uint32_t mss = tcp_maxseg(tp);

	return (imax(tp->snd_cwnd / 2 / mss, 2) * mss);
}

/* What tcp_cc_badrexmt() may want back. */
static void
tcp_cc_remember(struct tcpcb *tp)
{
	tp->snd_cwnd_prev = tp->snd_cwnd;
	tp->snd_ssthresh_prev = tp->snd_ssthresh;
	tp->snd_recover_prev = tp->snd_recover;
	tp->t_flags &= ~(uint32_t)TF_WASFRECOVERY;
	if ((tp->t_flags & TF_FASTRECOVERY) != 0)
		tp->t_flags |= TF_WASFRECOVERY;
	tp->t_flags2 &= (uint8_t)~TF2_WASCRECOVERY;
	if ((tp->t_flags2 & TF2_CONGRECOVERY) != 0)
		tp->t_flags2 |= TF2_WASCRECOVERY;
	/*
	 * An answer to the retransmission echoes its time; or it takes longer
	 * than half a round trip.
	 */
	tp->t_badrxtwin = vtime();
	if ((tp->t_flags & TF_RCVD_TSTMP) == 0)
		tp->t_badrxtwin += tp->t_srtt / 2;
	tp->t_flags |= TF_PREVVALID;
}

void
tcp_cc_rto(struct tcpcb *tp)
{
	uint32_t mss = tcp_maxseg(tp);
	uint32_t half = imin(tp->snd_wnd, tp->snd_cwnd) / 2 / mss;

	tp->t_flags &= ~(uint32_t)TF_PREVVALID;
	if (tp->t_rxtshift == 1) {
		tcp_cc_remember(tp);
		/* RFC 5681 section 3.1, equation 4: the first timeout only. */
		tp->snd_ssthresh = imax(half, 2) * mss;
	}
	tcp_cc_resend(tp);
	tp->t_flags2 &= (uint8_t)~TF2_CONGRECOVERY;
	tcp_cc_reduced(tp);
	tp->snd_recover = tp->snd_max;
	tp->snd_cwnd = mss;
	tp->t_bytes_acked = 0;
}

void
tcp_cc_badrexmt(struct tcpcb *tp, const struct tcpopt *to)
{
	bool ts = (tp->t_flags & TF_RCVD_TSTMP) != 0;

	if ((tp->t_flags & TF_PREVVALID) == 0)
		return;
	if (ts ? !tcp_ts_before(tp, to, tp->t_badrxtwin)
	       : vtime() >= tp->t_badrxtwin)
		return;
	TCPSTAT_INC(sndrexmitbad);
	tp->snd_cwnd = tp->snd_cwnd_prev;
	tp->snd_ssthresh = tp->snd_ssthresh_prev;
	tp->snd_recover = tp->snd_recover_prev;
	if ((tp->t_flags & TF_WASFRECOVERY) != 0)
		tp->t_flags |= TF_FASTRECOVERY;
	if ((tp->t_flags2 & TF2_WASCRECOVERY) != 0)
		tp->t_flags2 |= TF2_CONGRECOVERY;
	tp->snd_nxt = tp->snd_max;
	tp->t_flags &= ~(uint32_t)TF_PREVVALID;
}

void
tcp_cc_ndupack(struct tcpcb *tp)
{
	/* ECN may have halved this window already. */
	if ((tp->t_flags2 & TF2_CONGRECOVERY) == 0)
		tp->snd_ssthresh = tcp_cc_half(tp);
	tp->snd_recover = tp->snd_max;
	tp->t_flags |= TF_FASTRECOVERY;
	tp->t_flags2 |= TF2_CONGRECOVERY;
	tcp_cc_reduced(tp);
}

void
tcp_cc_ecn(struct tcpcb *tp, uint32_t ack)
{
	/* RFC 3168 6.1.2: react at most once per window of data. */
	if ((tp->t_flags & TF_FASTRECOVERY) != 0 ||
	    ((tp->t_flags2 & TF2_CONGRECOVERY) != 0 &&
		SEQ_LT(ack, tp->snd_recover)))
		return;
	TCPSTAT_INC(ecn_rcwnd);
	tp->snd_recover = tp->snd_max + 1;
	tp->snd_ssthresh = tp->snd_cwnd = tcp_cc_half(tp);
	tp->t_flags2 |= TF2_CONGRECOVERY;
	tcp_cc_reduced(tp);
}

void
tcp_cc_post_recovery(struct tcpcb *tp, uint32_t ack)
{
	uint32_t mss = tcp_maxseg(tp), pipe = tp->snd_max - ack;

	/* RFC 6582 section 3.2 step 3: no burst, but not one segment either. */
	if ((tp->t_flags & TF_FASTRECOVERY) != 0 && pipe < tp->snd_ssthresh)
		tp->snd_cwnd = imax(pipe, mss) + mss;
	else if ((tp->t_flags & TF_FASTRECOVERY) != 0)
		tp->snd_cwnd = tp->snd_ssthresh;
	tp->t_bytes_acked = 0;
	tp->t_flags &= ~(uint32_t)TF_FASTRECOVERY;
	tp->t_flags2 &= (uint8_t)~TF2_CONGRECOVERY;
}

void
tcp_cc_una(struct tcpcb *tp, uint32_t ack)
{
	if ((tp->t_flags & TF_FASTRECOVERY) != 0)
		return;
	/* It must not fall behind by half of the sequence space. */
	if (SEQ_GT(tp->snd_una, tp->snd_recover) &&
	    SEQ_LEQ(ack, tp->snd_recover))
		tp->snd_recover = ack - 1;
	if ((tp->t_flags & TF_SACK_PERMIT) != 0 && SEQ_GT(ack, tp->snd_recover))
		tp->snd_recover = ack;
}

void
tcp_cc_after_idle(struct tcpcb *tp)
{
	uint32_t cwnd = tp->snd_cwnd;

	/* RFC 2861 section 2: three quarters were known to be fine. */
	tp->snd_ssthresh = imax(tp->snd_ssthresh, cwnd - (cwnd >> 2));
	/* RFC 5681 section 4.1 */
	tp->snd_cwnd = imin(cwnd, tcp_compute_initwnd(tcp_maxseg(tp)));
}
