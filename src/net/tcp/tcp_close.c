/*
 * tcp_close.c - how a connection ends.
 *
 *	tcp_disconnect  the user closes: FIN, RST (linger 0) or nothing, by
 *	                state; in a jail that is being removed its close policy
 *	                decides instead
 *	tcp_usrclosed   the state after "no more data from the user"
 *	tcp_drop        at once, with RST if the peer has heard of us
 *	tcp_close       the pcb leaves the hash, the socket learns of it
 *	tcp_detach      socket and pcb part; pcb and tcpcb are freed
 *
 * A closed socket stays with its pcb until tcp_close() (SS_PROTOREF and
 * INP_SOCKREF).  The child of a listener is kept in the same way until its
 * first segment has made it ESTABLISHED, so that it dies with its connection.
 *
 * Data that was not read when the user closes is flushed and FIN is sent, as
 * in FreeBSD; data that arrives later is answered by RST.  RFC 2525 section
 * 2.17 and Linux send RST at once.
 *
 * FreeBSD: tcp_disconnect(), tcp_usrclosed(), tcp_drop(), tcp_close().
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/wire.h>
#include "src/net/tcp/tcp_sack.h"
#include "src/net/tcp/tcp_syncache.h"

/* Is the jail of this socket being removed, and how does it want to end? */
static bool
tcp_killed(const struct socket *so, int *policy)
{
	const struct ucred *cr = ref_get(&so->so_cred);
	const struct prison *pr = cr != NULL ? ref_get(&cr->cr_prison) : NULL;

	if (tcp_dying()) {
		*policy = curvnet->v_close.vc_policy;
		return (true);
	}
	if (pr != NULL && (pr->pr_flags & PR_REMOVE) != 0) {
		*policy = pr->pr_close.vc_policy;
		return (true);
	}
	return (false);
}

/* The end of a connection whose jail is being removed.  Return: done. */
static bool
tcp_disconnect_killed(struct tcpcb *tp, int policy)
{
	if (tp->t_state == TCPS_LISTEN && policy != VNETSIM_CLOSE_WAIT)
		syncache_kill(tp->t_inpcb, policy != VNETSIM_CLOSE_CRASH);
	switch (policy) {
	case VNETSIM_CLOSE_CRASH:
		tcp_close(tp);
		return (true);
	case VNETSIM_CLOSE_GRACEFUL:
		if (tp->t_state >= TCPS_ESTABLISHED)
			return (false);
		break;
	case VNETSIM_CLOSE_ABORT:
		break;
	default:
		return (false);
	}
	/*
	 * RFC 9293 3.10.5 sends no RST in SYN-SENT.  But whoever answers our
	 * SYN will find nobody to tell it, so it is told now.
	 */
	if (tp->t_state >= TCPS_SYN_SENT)
		tcp_reset_peer(tp);
	tcp_close(tp);
	return (true);
}

void
tcp_disconnect(struct tcpcb *tp)
{
	struct socket *so = tp->t_inpcb->inp_socket;
	int policy;

	MPASS((tp->t_inpcb->inp_flags & INP_DROPPED) == 0);
	if (tp->t_state == TCPS_TIME_WAIT)
		return;
	if (tcp_killed(so, &policy) && tcp_disconnect_killed(tp, policy))
		return;
	if (tp->t_state < TCPS_ESTABLISHED) {
		/* Silent, as FreeBSD; a SYN,ACK will be answered by RST. */
		if (tp->t_state == TCPS_SYN_SENT)
			tcp_owe_answer(tp);
		tcp_close(tp);
	} else if ((so->so_options & SO_LINGER) != 0 && so->so_linger == 0) {
		tcp_drop(tp, 0);
	} else {
		soisdisconnecting(so);
		sbflush(&so->so_rcv);
		tcp_usrclosed(tp);
		if ((tp->t_inpcb->inp_flags & INP_DROPPED) == 0)
			(void)tcp_output(tp);
	}
}

void
tcp_usrclosed(struct tcpcb *tp)
{
	switch (tp->t_state) {
	case TCPS_LISTEN:
	case TCPS_CLOSED:
		tcp_close(tp);
		return;
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
		tp->t_flags |= TF_NEEDFIN;
		break;
	case TCPS_ESTABLISHED:
		tcp_state_change(tp, TCPS_FIN_WAIT_1);
		break;
	case TCPS_CLOSE_WAIT:
		tcp_state_change(tp, TCPS_LAST_ACK);
		break;
	default:
		break;
	}
	if (tp->t_state < TCPS_FIN_WAIT_2)
		return;
	soisdisconnected(tp->t_inpcb->inp_socket);
	/* FreeBSD: do not hang in FIN_WAIT_2 for ever. */
	if (tp->t_state == TCPS_FIN_WAIT_2)
		tcp_timer_activate(tp, TT_2MSL,
		    V_tcp.fast_finwait2_recycle != 0 ? V_tcp.finwait2_timeout
						     : tcp_maxidle(tp));
}

void
tcp_drop(struct tcpcb *tp, int error)
{
	struct socket *so = tp->t_inpcb->inp_socket;

	if (tp->t_state == TCPS_TIME_WAIT) {
		tcp_close(tp);
		return;
	}
	if (TCPS_HAVERCVDSYN(tp->t_state)) {
		tcp_reset_peer(tp);
		TCPSTAT_INC(drops);
	} else {
		TCPSTAT_INC(conndrops);
	}
	if (error == VE_TIMEDOUT && tp->t_softerror != 0)
		error = tp->t_softerror;
	so->so_error = error;
	tcp_close(tp);
}

void
tcp_sockref(struct inpcb *inp)
{
	inp->inp_flags |= INP_SOCKREF;
	inp->inp_socket->so_state |= SS_PROTOREF;
	ref_take(&inp->inp_soref, inp->inp_socket, "inp_soref");
}

void
tcp_sockrele(struct inpcb *inp)
{
	if ((inp->inp_flags & INP_SOCKREF) == 0)
		return;
	inp->inp_flags &= ~(uint32_t)INP_SOCKREF;
	inp->inp_socket->so_state &= (uint16_t)~SS_PROTOREF;
	(void)ref_drop(&inp->inp_soref);
}

void
tcp_close(struct tcpcb *tp)
{
	struct inpcb *inp = tp->t_inpcb;
	struct socket *so = inp->inp_socket;

	MPASS((inp->inp_flags & INP_DROPPED) == 0);
	(void)tcp_timer_stopall(tp);
	tcp_reass_flush(tp);
	tcp_sack_free(tp);
	if (tp->t_state != TCPS_CLOSED)
		tcp_state_change(tp, TCPS_CLOSED);
	in_pcbdrop(inp);
	TCPSTAT_INC(closed);
	soisdisconnected(so);
	if ((inp->inp_flags & INP_SOCKREF) != 0) {
		inp->inp_flags &= ~(uint32_t)INP_SOCKREF;
		(void)ref_drop(&inp->inp_soref);
		sofree_proto(so);
	}
}

void
tcp_detach(struct socket *so, struct inpcb *inp)
{
	struct tcpcb *tp = intotcpcb(inp);

	MPASS(inp->inp_socket == so && tp != NULL);
	if ((inp->inp_flags & INP_DROPPED) == 0) {
		/* At the end of a vnet: cut in any state, in silence. */
		if (tp->t_state != TCPS_CLOSED)
			tcp_state_change(tp, TCPS_CLOSED);
		in_pcbdrop(inp);
	}
	tcp_sockrele(inp);
	tcp_discardcb(tp);
	in_pcbdetach(inp);
	in_pcbfree(inp);
}
