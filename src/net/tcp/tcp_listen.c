/*
 * tcp_listen.c - LISTEN: a SYN makes an embryonic socket.
 *
 * The child is a whole socket from the first SYN on (no SYN cache yet): it
 * waits on the listener's queue of incomplete connections, answers by SYN,ACK
 * and retransmits it until keepinit (75 s) is over.  A full queue drops the
 * SYN in silence; the peer will repeat it.
 *
 * Data and FIN on a SYN are ignored, as FreeBSD's SYN cache does: the peer
 * sends them again (RFC 9293 3.10.7.2 would queue them).
 *
 * RFC 9293 section 3.10.7.2.
 */
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_in.h"

/* What a child takes over from its listener. */
static void
tcp_inherit(struct tcpcb *tp, const struct tcpcb *head)
{
	tp->t_flags |= head->t_flags & (TF_NODELAY | TF_NOPUSH | TF_NOOPT);
	if ((head->t_flags & TF_NOOPT) != 0)
		tp->t_flags &= ~(uint32_t)TF_REQ_SCALE;
	tp->t_usermss = head->t_usermss;
	tp->t_keepinit = head->t_keepinit;
	tp->t_keepidle = head->t_keepidle;
	tp->t_keepintvl = head->t_keepintvl;
	tp->t_keepcnt = head->t_keepcnt;
	tp->t_inpcb->inp_ttl = head->t_inpcb->inp_ttl;
	tp->t_inpcb->inp_tos = head->t_inpcb->inp_tos;
}

/* The first SYN of a connection. */
static void
tcp_listen_syn(struct tcpcb *tp, struct tcp_seg *sg)
{
	tp->irs = sg->sg_seq;
	tcp_rcvseqinit(tp);
	tp->iss = tcp_new_isn(tp->t_inpcb);
	tcp_sendseqinit(tp);
	tp->snd_wl1 = sg->sg_seq;
	tp->snd_wnd = tp->max_sndwnd = sg->sg_win;
	tp->request_r_scale = tcp_request_scale();
	tcp_peerscale(tp, &sg->sg_opt);
	tcp_mss(tp, &sg->sg_opt);
	tp->t_rcvtime = vtime();
	tp->t_flags |= TF_ACKNOW | TF_CHILD;
	tcp_sockref(tp->t_inpcb);
	tcp_state_change(tp, TCPS_SYN_RECEIVED);
	tcp_timer_activate(tp, TT_KEEP, tcp_keepinit(tp));
	TCPSTAT_INC(accepts);
	(void)tcp_output(tp);
}

static void
tcp_listen_child(struct tcpcb *head, struct tcp_seg *sg)
{
	struct socket *so = sonewconn(head->t_inpcb->inp_socket, 0);
	struct inpcb *inp;

	if (so == NULL) {
		TCPSTAT_INC(listendrop);
		tcp_seg_drop(sg, DROP_TCP_LISTEN_FULL);
		return;
	}
	inp = sotoinpcb(so);
	if (in_pcbinshash(
		inp, sg->sg_dst, sg->sg_dport, sg->sg_src, sg->sg_sport) != 0) {
		tcp_sockref(inp);
		tcp_close(intotcpcb(inp));
		TCPSTAT_INC(listendrop);
		tcp_seg_drop(sg, DROP_NOMEM);
		return;
	}
	tcp_inherit(intotcpcb(inp), head);
	tcp_listen_syn(intotcpcb(inp), sg);
}

void
tcp_listen_input(struct tcpcb *tp, struct tcp_seg *sg)
{
	/* First, check for an RST. */
	if ((sg->sg_flags & TH_RST) != 0) {
		tcp_seg_drop(sg, DROP_TCP_LISTEN_RST);
		return;
	}
	/* Second, an ACK: there is nothing that it could acknowledge. */
	if ((sg->sg_flags & TH_ACK) != 0) {
		TCPSTAT_INC(badsyn);
		tcp_dropwithreset(
		    sg, DROP_TCP_LISTEN_ACK, BANDLIM_RST_OPENPORT);
		return;
	}
	/* Third, a SYN; not from ourselves ("land"). */
	if ((sg->sg_flags & TH_SYN) == 0 ||
	    (sg->sg_src == sg->sg_dst && sg->sg_sport == sg->sg_dport)) {
		TCPSTAT_INC(badsyn);
		tcp_seg_drop(sg, DROP_TCP_LISTEN_FLAGS);
		return;
	}
	/* A dying vnet begins nothing new. */
	if (tcp_dying()) {
		tcp_dropwithreset(
		    sg, DROP_TCP_LISTEN_FULL, BANDLIM_RST_OPENPORT);
		return;
	}
	tcp_listen_child(tp, sg);
}
