/*
 * tcp_ecn.c - explicit congestion notification, RFC 3168.
 *
 *	SYN          ECE,CWR    if net.inet.tcp.ecn.enable is 1; the first and
 *	                        ecn.maxretries (1) more, then without
 *	SYN,ACK      ECE        if the SYN asked, and enable is 1 or 2 (default)
 *	new data     ECT(0)     what a router may mark CE; ACKs, retransmissions
 *	                        and window probes are not ECT
 *	CE comes     ECE        on all segments until one with CWR comes
 *	ECE comes    CWR        on the next new data; the window is halved, once
 *	                        until all that was out then is ACKed (tcp_cc.c)
 *
 * Two SYNs that cross, both asking, agree as well.  A cookie does not remember
 * it, so a SYN,ACK that is one does not agree (FreeBSD's does, and forgets).
 *
 * As in FreeBSD the bits count before the segment is found acceptable.
 * Accurate ECN (FreeBSD's values 3 and 4) is not there.
 *
 * FreeBSD: sys/netinet/tcp_ecn.c.
 */
#include "src/net/tcp/tcp_ecn.h"

static void
tcp_ecn_count(const struct tcp_seg *sg)
{
	switch (sg->sg_iptos & IPTOS_ECN_MASK) {
	case IPTOS_ECN_CE:
		TCPSTAT_INC(ecn_rcvce);
		break;
	case IPTOS_ECN_ECT0:
		TCPSTAT_INC(ecn_rcvect0);
		break;
	case IPTOS_ECN_ECT1:
		TCPSTAT_INC(ecn_rcvect1);
		break;
	default:
		break;
	}
}

bool
tcp_ecn_input_segment(struct tcpcb *tp, const struct tcp_seg *sg)
{
	tcp_ecn_count(sg);
	if ((tp->t_flags2 & TF2_ECN_PERMIT) == 0)
		return (false);
	/* RFC 3168 6.1.3: until we see CWR ... */
	if ((sg->sg_flags & TH_CWR) != 0) {
		tp->t_flags2 &= (uint8_t)~TF2_ECN_SND_ECE;
		tp->t_flags |= TF_ACKNOW;
	}
	/* ... which may itself have been marked. */
	if ((sg->sg_iptos & IPTOS_ECN_MASK) == IPTOS_ECN_CE)
		tp->t_flags2 |= TF2_ECN_SND_ECE;
	return ((sg->sg_flags & (TH_SYN | TH_ECE)) == TH_ECE);
}

void
tcp_ecn_input_syn(struct tcpcb *tp, const struct tcp_seg *sg)
{
	uint8_t ecn = sg->sg_flags & (TH_ECE | TH_CWR);

	if (V_tcp.ecn_enable == 0)
		return;
	if ((sg->sg_flags & TH_ACK) != 0) {
		/* RFC 3168 6.1.1: ECE without CWR is an ECN-setup SYN,ACK. */
		if (ecn != TH_ECE)
			return;
	} else {
		if (ecn != (TH_ECE | TH_CWR))
			return;
		/* our SYN,ACK says so; tcp_ecn_output() takes it back */
		tp->t_flags2 |= TF2_ECN_SND_ECE;
	}
	tp->t_flags2 |= TF2_ECN_PERMIT;
	TCPSTAT_INC(ecn_shs);
}

bool
tcp_ecn_syncache_add(const struct tcp_seg *sg)
{
	tcp_ecn_count(sg);
	return (V_tcp.ecn_enable != 0 &&
		(sg->sg_flags & (TH_ECE | TH_CWR)) == (TH_ECE | TH_CWR));
}

uint8_t
tcp_ecn_output(struct tcpcb *tp, uint8_t *flags, bool newdata)
{
	if (tp->t_state == TCPS_SYN_SENT) {
		/* A SYN that is dropped because of it is repeated without. */
		if (V_tcp.ecn_enable == 1 &&
		    tp->t_rxtshift <= V_tcp.ecn_maxretries)
			*flags |= TH_ECE | TH_CWR;
		return (IPTOS_ECN_NOTECT);
	}
	if ((tp->t_flags2 & TF2_ECN_PERMIT) == 0)
		return (IPTOS_ECN_NOTECT);
	if ((tp->t_flags2 & TF2_ECN_SND_ECE) != 0)
		*flags |= TH_ECE;
	if (tp->t_state == TCPS_SYN_RECEIVED)
		tp->t_flags2 &= (uint8_t)~TF2_ECN_SND_ECE;
	if (!newdata)
		return (IPTOS_ECN_NOTECT);
	/* RFC 3168 6.1.2: CWR on the first new data after the reduction. */
	if ((tp->t_flags2 & TF2_ECN_SND_CWR) != 0) {
		tp->t_flags2 &= (uint8_t)~TF2_ECN_SND_CWR;
		*flags |= TH_CWR;
	}
	TCPSTAT_INC(ecn_sndect0);
	return (IPTOS_ECN_ECT0);
}
