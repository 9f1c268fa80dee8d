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
 * Fast retransmit and NewReno are not here yet; they belong into this file.
 * FreeBSD: sys/netinet/cc/cc_newreno.c, tcp_compute_initwnd().
 */
#include "src/net/tcp/tcp_var.h"

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
	/* RFC 5681 section 3.1: a lost SYN makes the initial window one. */
	if (tp->snd_cwnd == 1)
		tp->snd_cwnd = tp->t_maxseg;
	else
		tp->snd_cwnd = tcp_compute_initwnd(tp->t_maxseg);
	tp->t_bytes_acked = 0;
}

static uint32_t
tcp_cc_incr(struct tcpcb *tp, uint32_t acked)
{
	uint32_t mss = tp->t_maxseg;

	if (tp->snd_cwnd <= tp->snd_ssthresh) {
		if (V_tcp.rfc3465 == 0)
			return (mss);
		return (imin(acked, mss * (uint32_t)V_tcp.abc_l_var));
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
	uint32_t max = (uint32_t)TCP_MAXWIN << tp->snd_scale;
	uint32_t incr = tcp_cc_incr(tp, acked);

	if (tp->snd_cwnd < max)
		tp->snd_cwnd = imin(tp->snd_cwnd + incr, max);
}

void
tcp_cc_rto(struct tcpcb *tp)
{
	uint32_t mss = tp->t_maxseg;
	uint32_t half = imin(tp->snd_wnd, tp->snd_cwnd) / 2 / mss;

	/* RFC 5681 section 3.1, equation 4, for the first timeout only. */
	if (tp->t_rxtshift == 1)
		tp->snd_ssthresh = imax(half, 2) * mss;
	tp->snd_cwnd = mss;
	tp->t_bytes_acked = 0;
	tp->t_dupacks = 0;
}

void
tcp_cc_after_idle(struct tcpcb *tp)
{
	/* RFC 5681 section 4.1 */
	tp->snd_cwnd = imin(tp->snd_cwnd, tcp_compute_initwnd(tp->t_maxseg));
}
