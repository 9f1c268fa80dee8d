/*
 * tcp_info.c - TCP_INFO: a connection as its user may see it.
 *
 * Times are kept in nanoseconds and told in microseconds.  A listener answers,
 * too; most of it means nothing there.
 *
 * FreeBSD: tcp_fill_info() of sys/netinet/tcp_usrreq.c.
 */
#include <string.h>
#include <vnetsim/tcp_info.h>
#include "src/net/tcp/tcp_sack.h"

static uint32_t
us(int64_t ns)
{
	return ((uint32_t)imin(ns / NS_US, UINT32_MAX));
}

/* What both ends have agreed on. */
static void
tcp_fill_options(const struct tcpcb *tp, struct vnetsim_tcp_info *ti)
{
	const uint32_t ts = TF_REQ_TSTMP | TF_RCVD_TSTMP;
	const uint32_t ws = TF_REQ_SCALE | TF_RCVD_SCALE;

	if ((tp->t_flags & ts) == ts)
		ti->tcpi_options |= VNETSIM_TCPI_OPT_TIMESTAMPS;
	if ((tp->t_flags & TF_SACK_PERMIT) != 0)
		ti->tcpi_options |= VNETSIM_TCPI_OPT_SACK;
	if ((tp->t_flags & ws) == ws) {
		ti->tcpi_options |= VNETSIM_TCPI_OPT_WSCALE;
		ti->tcpi_snd_wscale = tp->snd_scale;
		ti->tcpi_rcv_wscale = tp->rcv_scale;
	}
	if ((tp->t_flags2 & TF2_ECN_PERMIT) != 0)
		ti->tcpi_options |= VNETSIM_TCPI_OPT_ECN;
}

void
tcp_fill_info(const struct tcpcb *tp, struct vnetsim_tcp_info *ti)
{
	memset(ti, 0, sizeof(*ti));
	ti->tcpi_state = tp->t_state;
	tcp_fill_options(tp, ti);
	ti->tcpi_rto = us(tp->t_rxtcur);
	ti->tcpi_last_data_recv = us(vtime() - tp->t_rcvtime);
	ti->tcpi_rtt = us(tp->t_srtt);
	ti->tcpi_rttvar = us(tp->t_rttvar);
	ti->tcpi_rttmin = tp->t_rttlow;
	ti->tcpi_snd_ssthresh = tp->snd_ssthresh;
	ti->tcpi_snd_cwnd = tp->snd_cwnd;
	ti->tcpi_rcv_space = tp->rcv_wnd;
	ti->tcpi_snd_wnd = tp->snd_wnd;
	ti->tcpi_snd_mss = ti->tcpi_rcv_mss = tp->t_maxseg;
	ti->tcpi_snd_una = tp->snd_una;
	ti->tcpi_snd_nxt = tp->snd_nxt;
	ti->tcpi_snd_max = tp->snd_max;
	ti->tcpi_rcv_nxt = tp->rcv_nxt;
	ti->tcpi_rcv_adv = tp->rcv_adv;
	ti->tcpi_snd_rexmitpack = tp->t_sndrexmitpack;
	ti->tcpi_rcv_ooopack = tp->t_rcvoopack;
	ti->tcpi_snd_zerowin = tp->t_sndzerowin;
	if (tp->t_sack != NULL)
		ti->tcpi_rcv_numsacks = tp->t_sack->rcv_numsacks;
	ti->tcpi_dupacks = tp->t_dupacks;
}
