/*
 * tcp_metrics.c - between connections and the host cache.
 *
 * A connection that has measured at least TCP_HC_SAMPLES round trips leaves its
 * estimate, its window and, if it had a loss, its slow start threshold.  The
 * threshold is told in whole segments with their headers, at least two, and
 * only if it is below half of the send buffer: else it has never mattered.
 *
 * The next connection to that host begins with them: with a first RTO of
 * 4 * SRTT + 8 * RTTVAR, as FreeBSD, before its handshake has been timed.  The
 * congestion window always begins anew.
 *
 * FreeBSD: tcp_discardcb(), cc_conn_init().
 */
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_cc.h"
#include "src/net/tcp/tcp_hostcache.h"

#define TCP_HC_SAMPLES 4

void
tcp_hc_load(struct tcpcb *tp)
{
	struct hc_metrics_lite m;

	tcp_hc_get(tp->t_inpcb->inp_faddr, &m);
	if (tp->t_srtt == 0 && m.hc_rtt != 0) {
		tp->t_srtt = m.hc_rtt;
		TCPSTAT_INC(usedrtt);
		/* without a deviation: one round trip */
		tp->t_rttvar = m.hc_rtt;
		if (m.hc_rttvar != 0) {
			tp->t_rttvar = m.hc_rttvar;
			TCPSTAT_INC(usedrttvar);
		}
		tp->t_rxtcur = tcp_rangeset(4 * tp->t_srtt + 8 * tp->t_rttvar,
		    V_tcp.rexmit_min, TCPTV_REXMTMAX);
	}
	if (m.hc_ssthresh != 0) {
		tp->snd_ssthresh = imax(2 * tcp_maxseg(tp), m.hc_ssthresh);
		TCPSTAT_INC(usedssthresh);
	}
}

void
tcp_hc_save(const struct tcpcb *tp)
{
	const struct inpcb *inp = tp->t_inpcb;
	uint32_t thresh = tp->snd_ssthresh, mss = tp->t_maxseg;
	struct hc_metrics_lite m = { 0 };

	/* a vnet that dies has no next connection */
	if (tp->t_rttupdated < TCP_HC_SAMPLES || tcp_dying() ||
	    inp->inp_faddr == INADDR_ANY)
		return;
	if (thresh < inp->inp_socket->so_snd.sb_hiwat / 2)
		m.hc_ssthresh = imax((thresh + mss / 2) / mss, 2) *
				(mss + IP_HDRLEN + TCP_HDRLEN);
	m.hc_rtt = tp->t_srtt;
	m.hc_rttvar = tp->t_rttvar;
	m.hc_cwnd = tp->snd_cwnd;
	tcp_hc_update(inp->inp_faddr, &m);
}
