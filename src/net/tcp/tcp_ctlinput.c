/*
 * tcp_ctlinput.c - bad news from elsewhere: ICMP errors, and tcpdrop(8).
 *
 * An ICMP error counts only if the sequence number it quotes is outstanding
 * (RFC 5927 section 4.1).  Hard errors end a connection in SYN_SENT, if
 * icmp_may_rst says so; for all others they are hints that become the reason
 * of a timeout (RFC 1122 4.2.3.9, RFC 5461).  "Fragmentation needed" makes
 * segments smaller, and those of later connections, too (host cache).
 *
 * FreeBSD: tcp_ctlinput(), tcp_notify(), tcp_mtudisc(), sysctl_drop().
 */
#include <vnetsim/errno.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_hostcache.h"
#include "src/net/tcp/tcp_syncache.h"

void
tcp_mtudisc(struct tcpcb *tp, uint32_t mss)
{
	mss = imax(mss, 64);
	if (mss >= tp->t_maxseg)
		return;
	TCPSTAT_INC(mturesent);
	tp->t_maxseg = (uint16_t)mss;
	tp->t_flags &= ~(uint32_t)TF_RTT;
	tcp_cc_resend(tp);
	tp->snd_nxt = tp->snd_una;
}

/* A hint; after some retransmissions of a SYN it is believed. */
static void
tcp_notify(struct tcpcb *tp, int error)
{
	if (TCPS_HAVEESTABLISHED(tp->t_state) &&
	    (error == VE_HOSTUNREACH || error == VE_NETUNREACH ||
		error == VE_HOSTDOWN))
		return;
	if (!TCPS_HAVEESTABLISHED(tp->t_state) && tp->t_rxtshift > 3 &&
	    tp->t_softerror != 0)
		tcp_drop(tp, error);
	else
		tp->t_softerror = error;
}

static struct tcpcb *
tcp_find(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport)
{
	struct inpcb *inp =
	    in_pcblookup(&V_tcp.tcbinfo, faddr, fport, laddr, lport, false);

	if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0 ||
	    inp->inp_socket == NULL)
		return (NULL);
	return (intotcpcb(inp));
}

void
tcp_ctlinput(
    enum prc cmd, uint32_t src, uint32_t dst, const uint8_t *l4, uint32_t arg)
{
	static const int errors[PRC_N] = {
		[PRC_UNREACH_NET] = VE_HOSTUNREACH,
		[PRC_UNREACH_HOST] = VE_HOSTUNREACH,
		[PRC_UNREACH_PROTOCOL] = VE_CONNREFUSED,
		[PRC_UNREACH_PORT] = VE_CONNREFUSED,
		[PRC_UNREACH_ADMIN] = VE_CONNREFUSED,
		[PRC_TIMXCEED] = VE_HOSTUNREACH,
		[PRC_PARAMPROB] = VE_NOPROTOOPT,
	};
	uint16_t sport = be16dec(l4 + TCPOFF_SPORT);
	uint16_t dport = be16dec(l4 + TCPOFF_DPORT);
	struct tcpcb *tp;
	uint32_t seq;

	tp = tcp_find(src, sport, dst, dport);
	seq = be32dec(l4 + TCPOFF_SEQ);
	if (tp == NULL) {
		if (cmd != PRC_MSGSIZE)
			syncache_unreach(src, sport, dst, dport, seq);
		return;
	}
	if ((unsigned)cmd >= PRC_N || tp->t_state == TCPS_LISTEN)
		return;
	if (SEQ_LT(seq, tp->snd_una) || SEQ_GEQ(seq, tp->snd_max))
		return;
	switch (cmd) {
	case PRC_MSGSIZE:
		if (V_tcp.path_mtu_discovery == 0 ||
		    arg <= IP_HDRLEN + TCP_HDRLEN)
			return;
		if (arg < (uint32_t)tp->t_maxseg + IP_HDRLEN + TCP_HDRLEN)
			tcp_hc_updatemtu(dst, arg);
		tcp_mtudisc(tp, arg - IP_HDRLEN - TCP_HDRLEN);
		(void)tcp_output(tp);
		return;
	case PRC_UNREACH_PROTOCOL:
	case PRC_UNREACH_PORT:
	case PRC_UNREACH_ADMIN:
	case PRC_TIMXCEED:
		if (V_tcp.icmp_may_rst != 0) {
			if (tp->t_state == TCPS_SYN_SENT)
				tcp_drop(tp, errors[cmd]);
			return;
		}
		__fallthrough;
	default:
		tcp_notify(tp, errors[cmd]);
	}
}

int
tcp_tcpdrop(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport)
{
	struct tcpcb *tp = tcp_find(laddr, lport, faddr, fport);

	if (tp == NULL || tp->t_state == TCPS_LISTEN)
		return (VE_SRCH);
	tcp_drop(tp, VE_CONNABORTED);
	return (0);
}
