/*
 * tcp_usrreq.c - what sockets ask of TCP.
 *
 * Each function is one entry of tcp_protosw and does what FreeBSD's of the
 * same name does.  A connection that is over has its pcb marked INP_DROPPED
 * and the socket keeps it until close(2); a socket that outlived TCP itself
 * (another order of teardown) has no pcb: it gets ECONNRESET, too.
 *
 * A call that fails leaves everything as it was.  Segments are another matter:
 * one that cannot be sent counts as lost, and the call succeeds.
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_in.h"

/* The connection of a socket; NULL: over. */
static struct tcpcb *
tcp_usr_cb(const struct socket *so)
{
	const struct inpcb *inp = sotoinpcb(so);

	if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0)
		return (NULL);
	return (intotcpcb(inp));
}

static int
tcp_usr_attach(struct socket *so)
{
	struct tcpcb *tp;
	int error;

	if (so->so_snd.sb_hiwat == 0 || so->so_rcv.sb_hiwat == 0) {
		error = soreserve(
		    so, (uint32_t)V_tcp.sendspace, (uint32_t)V_tcp.recvspace);
		if (error != 0)
			return (error);
	}
	/* The pcb last: its memory comes back only after a grace period. */
	tp = tcp_newtcpcb();
	if (tp == NULL)
		return (VE_NOBUFS);
	error = in_pcballoc(so, &V_tcp.tcbinfo);
	if (error != 0) {
		tcp_freetcpcb(tp);
		return (error);
	}
	tp->t_inpcb = sotoinpcb(so);
	tp->t_inpcb->inp_ppcb = tp;
	return (0);
}

static int
tcp_usr_bind(struct socket *so, const struct sockaddr_in *sin)
{
	if (tcp_usr_cb(so) == NULL)
		return (VE_INVAL);
	return (in_pcbbind(sotoinpcb(so), sin));
}

static int
tcp_usr_listen(struct socket *so, int backlog)
{
	struct tcpcb *tp = tcp_usr_cb(so);
	bool anon;
	int error;

	(void)backlog; /* the socket layer's */
	if (tp == NULL)
		return (VE_INVAL);
	if (tp->t_state == TCPS_LISTEN)
		return (0);
	if (tp->t_state != TCPS_CLOSED)
		return (VE_INVAL);
	anon = tp->t_inpcb->inp_lport == 0;
	if (anon) {
		error = in_pcbbind(tp->t_inpcb, NULL);
		if (error != 0)
			return (error);
	}
	error = in_pcblbgroup_join(tp->t_inpcb);
	if (error != 0) {
		if (anon)
			in_pcbunbind(tp->t_inpcb);
		return (error);
	}
	tcp_state_change(tp, TCPS_LISTEN);
	return (0);
}

/*
 * The SYN could not be sent at all: as if connect(2) had not been called.
 * @laddr and @lport are what the socket was bound to before.
 */
static void
tcp_connect_undo(struct tcpcb *tp, uint32_t laddr, uint16_t lport)
{
	struct inpcb *inp = tp->t_inpcb;

	(void)tcp_timer_stopall(tp);
	tcp_state_change(tp, TCPS_CLOSED);
	tp->t_flags &= ~(uint32_t)(TF_RTT | TF_ACKNOW);
	tp->iss = 0;
	tcp_sendseqinit(tp);
	tp->request_r_scale = 0;
	tp->t_rtttime = 0;
	tp->t_rtseq = 0;
	tp->t_acktime = 0;
	inp->inp_socket->so_state &= (uint16_t)~SS_ISCONNECTING;
	inp->inp_laddr = laddr;
	if (lport != 0) {
		in_pcbdisconnect(inp);
		return;
	}
	in_pcbdrop(inp);
	inp->inp_flags &= ~(uint32_t)(INP_DROPPED | INP_ANONPORT);
	inp->inp_faddr = INADDR_ANY;
	inp->inp_fport = inp->inp_lport = 0;
}

static int
tcp_usr_connect(struct socket *so, const struct sockaddr_in *sin)
{
	struct tcpcb *tp = tcp_usr_cb(so);
	uint32_t laddr;
	uint16_t lport;
	int error;

	if (tp == NULL)
		return (VE_CONNREFUSED);
	if (tp->t_state != TCPS_CLOSED)
		return (tp->t_state == TCPS_LISTEN ? VE_OPNOTSUPP : VE_ISCONN);
	if (sin->sin_port == 0)
		return (VE_ADDRNOTAVAIL);
	/* RFC 1122 4.2.3.10: not to broadcast or multicast. */
	if (V_tcp.lower->tl_bcast(sin->sin_addr))
		return (VE_ACCES);
	laddr = tp->t_inpcb->inp_laddr;
	lport = tp->t_inpcb->inp_lport;
	error = in_pcbconnect(tp->t_inpcb, sin);
	if (error != 0)
		return (error);
	tp->request_r_scale = tcp_request_scale();
	soisconnecting(so);
	tcp_state_change(tp, TCPS_SYN_SENT);
	tp->iss = tcp_new_isn(tp->t_inpcb);
	tcp_sendseqinit(tp);
	error = tcp_output(tp);
	if (error != 0) {
		tcp_connect_undo(tp, laddr, lport);
		return (error);
	}
	TCPSTAT_INC(connattempt);
	tcp_timer_activate(tp, TT_KEEP, tcp_keepinit(tp));
	return (0);
}

static int
tcp_usr_peeraddr(struct socket *so, struct sockaddr_in *sin)
{
	const struct inpcb *inp = sotoinpcb(so);

	if (inp == NULL || inp->inp_faddr == INADDR_ANY)
		return (VE_NOTCONN);
	sin->sin_addr = inp->inp_faddr;
	sin->sin_port = inp->inp_fport;
	return (0);
}

static int
tcp_usr_sockaddr(struct socket *so, struct sockaddr_in *sin)
{
	const struct inpcb *inp = sotoinpcb(so);

	if (inp == NULL)
		return (VE_INVAL);
	sin->sin_addr = inp->inp_laddr;
	sin->sin_port = inp->inp_lport;
	return (0);
}

static int
tcp_usr_accept(struct socket *so, struct sockaddr_in *peer)
{
	if ((so->so_state & SS_ISDISCONNECTED) != 0 || tcp_usr_cb(so) == NULL)
		return (VE_CONNABORTED);
	return (tcp_usr_peeraddr(so, peer));
}

static int
tcp_usr_send(
    struct socket *so, int flags, struct mbuf *m, const struct sockaddr_in *to)
{
	struct tcpcb *tp = tcp_usr_cb(so);

	(void)to; /* no implied connect */
	if (tp == NULL) {
		m_freem(m);
		return (VE_CONNRESET);
	}
	if (m != NULL)
		sbappendstream(&so->so_snd, m);
	if ((flags & PRUS_EOF) != 0) {
		socantsendmore(so);
		tcp_usrclosed(tp);
		if (tcp_usr_cb(so) == NULL)
			return (0);
	}
	if ((flags & PRUS_OOB) != 0)
		tcp_sendoob(tp);
	else
		(void)tcp_output(tp);
	return (0);
}

static int
tcp_usr_rcvd(struct socket *so)
{
	struct tcpcb *tp = tcp_usr_cb(so);

	if (tp == NULL)
		return (VE_CONNRESET);
	if (TCPS_HAVEESTABLISHED(tp->t_state))
		(void)tcp_output(tp);
	return (0);
}

static int
tcp_usr_shutdown(struct socket *so)
{
	struct tcpcb *tp = tcp_usr_cb(so);

	if (tp == NULL || tp->t_state == TCPS_TIME_WAIT)
		return (VE_CONNRESET);
	socantsendmore(so);
	tcp_usrclosed(tp);
	if (tcp_usr_cb(so) != NULL)
		(void)tcp_output(tp);
	return (0);
}

static int
tcp_usr_disconnect(struct socket *so)
{
	struct tcpcb *tp = tcp_usr_cb(so);

	if (tp == NULL || tp->t_state == TCPS_TIME_WAIT)
		return (VE_CONNRESET);
	tcp_disconnect(tp);
	return (0);
}

static void
tcp_usr_close(struct socket *so)
{
	struct inpcb *inp = sotoinpcb(so);
	struct tcpcb *tp = tcp_usr_cb(so);

	if (tp == NULL)
		return;
	tcp_disconnect(tp);
	if ((inp->inp_flags & (INP_DROPPED | INP_SOCKREF)) == 0)
		tcp_sockref(inp);
}

static void
tcp_usr_abort(struct socket *so)
{
	struct tcpcb *tp = tcp_usr_cb(so);

	if (tp == NULL)
		return;
	/* The caller frees the socket, even an embryonic one. */
	tcp_sockrele(tp->t_inpcb);
	tcp_drop(tp, VE_CONNABORTED);
}

static void
tcp_usr_detach(struct socket *so)
{
	struct inpcb *inp = sotoinpcb(so);

	if (inp != NULL)
		tcp_detach(so, inp);
}

static const char *
tcp_usr_state(const struct socket *so)
{
	const struct tcpcb *tp = tcp_usr_cb(so);

	return (tcpstates[tp != NULL ? tp->t_state : TCPS_CLOSED]);
}

const struct protosw tcp_protosw = {
	.pr_name = "tcp",
	.pr_type = SOCK_STREAM,
	.pr_protocol = IPPROTO_TCP,
	.pr_mod = VNET_MOD_tcp,
	.pr_connrequired = true,
	.pr_input = tcp_input,
	.pr_ctlinput = tcp_ctlinput,
	.pru_attach = tcp_usr_attach,
	.pru_bind = tcp_usr_bind,
	.pru_listen = tcp_usr_listen,
	.pru_connect = tcp_usr_connect,
	.pru_accept = tcp_usr_accept,
	.pru_send = tcp_usr_send,
	.pru_rcvd = tcp_usr_rcvd,
	.pru_rcvoob = tcp_rcvoob,
	.pru_shutdown = tcp_usr_shutdown,
	.pru_disconnect = tcp_usr_disconnect,
	.pru_close = tcp_usr_close,
	.pru_abort = tcp_usr_abort,
	.pru_detach = tcp_usr_detach,
	.pru_sockaddr = tcp_usr_sockaddr,
	.pru_peeraddr = tcp_usr_peeraddr,
	.pr_ctloutput = tcp_ctloutput,
	.pr_state = tcp_usr_state,
};
