/*
 * tcp_rtt.c - round trips and the retransmission timeout.
 *
 * RFC 6298 in nanoseconds, so nothing is lost to fixed-point fractions:
 *
 *	first sample R      SRTT = R, RTTVAR = R / 2
 *	later samples R'    RTTVAR += (|SRTT - R'| - RTTVAR) / 4
 *	                    SRTT   += (R' - SRTT) / 8
 *	                    RTO     = SRTT + max(G, 4 * RTTVAR), G = 1 ms
 *
 * FreeBSD's bounds are around it: at least rexmit_min (30 ms) where RFC 6298
 * section 2.4 says 1 s (set net.inet.tcp.rexmit_min=1000 for that), plus
 * rexmit_slop (200 ms) for the peer's delayed ACK, at most 64 s.  The backoff
 * multiplies before the slop is added.  Before the first sample RTTVAR is set
 * so that the RTO is rexmit_initial (1 s, RFC 6298 section 2.1).
 *
 * FreeBSD: tcp_xmit_timer(), TCP_REXMTVAL, TCPT_RANGESET.
 */
#include "src/net/tcp/tcp_var.h"

int64_t
tcp_backoff(uint32_t shift)
{
	static const uint16_t backoff[TCP_MAXRXTSHIFT + 1] = { 1, 2, 4, 8, 16,
		32, 64, 128, 256, 512, 512, 512, 512 };

	return (backoff[imin(shift, TCP_MAXRXTSHIFT)]);
}

int64_t
tcp_rexmtval(const struct tcpcb *tp)
{
	int64_t rto = tp->t_srtt + imax(TCPTV_GRAIN, 4 * tp->t_rttvar);

	return (imax(rto, V_tcp.rexmit_min));
}

int64_t
tcp_rangeset(int64_t value, int64_t min, int64_t max)
{
	value += V_tcp.rexmit_slop;
	if (value < min)
		return (min);
	return (imin(value, max));
}

void
tcp_xmit_timer(struct tcpcb *tp, int64_t rtt)
{
	int64_t delta;
	uint32_t low;

	TCPSTAT_INC(rttupdated);
	rtt = imax(rtt, 1);
	tp->t_rttupdated++;
	low = imax((uint32_t)imin(rtt / NS_US, UINT32_MAX), 1);
	if (tp->t_rttlow == 0 || low < tp->t_rttlow)
		tp->t_rttlow = low;
	if (tp->t_srtt != 0) {
		delta = rtt - tp->t_srtt;
		tp->t_srtt = imax(tp->t_srtt + delta / 8, 1);
		if (delta < 0)
			delta = -delta;
		tp->t_rttvar =
		    imax(tp->t_rttvar + (delta - tp->t_rttvar) / 4, 1);
	} else {
		tp->t_srtt = rtt;
		tp->t_rttvar = imax(rtt / 2, 1);
	}
	tp->t_flags &= ~(uint32_t)TF_RTT;
	tp->t_rxtshift = 0;
	tp->t_rxtcur = tcp_rangeset(tcp_rexmtval(tp),
	    imax(V_tcp.rexmit_min, rtt + 2 * TCPTV_GRAIN), TCPTV_REXMTMAX);
	tp->t_softerror = 0;
}
