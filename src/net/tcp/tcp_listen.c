/*
 * tcp_listen.c - LISTEN: SYNs and their ACKs, for the SYN cache to judge.
 *
 *	RST        perhaps about an entry; dropped
 *	ACK        perhaps of a SYN,ACK: a socket; else RST
 *	SYN,ACK    dropped; its entry goes
 *	SYN        an entry and a SYN,ACK
 *	else       dropped
 *
 * A dying vnet begins nothing new: SYN and ACK are answered by RST.
 *
 * RFC 9293 section 3.10.7.2; FreeBSD: tcp_input().
 */
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_syncache.h"

/* The third segment of a handshake, or nothing at all. */
static void
tcp_listen_ack(struct tcpcb *head, struct tcp_seg *sg)
{
	struct tcpcb *child = NULL;
	enum syncache_found found = SC_NONE;

	if (!tcp_dying())
		found = syncache_expand(head, sg, &child);
	switch (found) {
	case SC_NONE:
		tcp_dropwithreset(
		    sg, DROP_TCP_LISTEN_ACK, BANDLIM_RST_OPENPORT);
		break;
	case SC_FAILED:
		if (V_tcp.sc_rst_on_sock_fail != 0)
			tcp_dropwithreset(sg, DROP_TCP_LISTEN_FULL, -1);
		else
			tcp_seg_drop(sg, DROP_TCP_LISTEN_FULL);
		break;
	case SC_CHILD:
		sg->sg_win <<= child->snd_scale;
		tcp_segment(child, sg);
		break;
	}
}

void
tcp_listen_input(struct tcpcb *tp, struct tcp_seg *sg)
{
	/* First, check for an RST. */
	if ((sg->sg_flags & TH_RST) != 0) {
		syncache_chkrst(sg);
		tcp_seg_drop(sg, DROP_TCP_LISTEN_RST);
		return;
	}
	/* Second, an ACK. */
	if ((sg->sg_flags & (TH_SYN | TH_ACK)) == TH_ACK) {
		tcp_listen_ack(tp, sg);
		return;
	}
	if ((sg->sg_flags & TH_ACK) != 0) {
		TCPSTAT_INC(badsyn);
		syncache_badack(sg);
		/* FreeBSD's test suite wants silence, RFC 9293 an RST. */
		if (tcp_dying())
			tcp_dropwithreset(
			    sg, DROP_TCP_LISTEN_ACK, BANDLIM_RST_OPENPORT);
		else
			tcp_seg_drop(sg, DROP_TCP_LISTEN_ACK);
		return;
	}
	/* Third, a SYN; not from ourselves ("land"). */
	if ((sg->sg_flags & TH_SYN) == 0 ||
	    (sg->sg_src == sg->sg_dst && sg->sg_sport == sg->sg_dport)) {
		TCPSTAT_INC(badsyn);
		tcp_seg_drop(sg, DROP_TCP_LISTEN_FLAGS);
		return;
	}
	if (tcp_dying()) {
		tcp_dropwithreset(
		    sg, DROP_TCP_LISTEN_FULL, BANDLIM_RST_OPENPORT);
		return;
	}
	syncache_add(tp, sg);
}
