/*
 * tcp_farewell.c - how TCP of a vnet says goodbye, and lets go.
 *
 * Theory of operation
 * ===================
 *
 * When the farewell begins, the kill has closed every socket and the close
 * policy has begun with each connection (tcp_close.c).  What remains is to
 * wait, and to be there for the answers:
 *
 *	graceful T  wait until nothing but TIME_WAIT is left, at most T; reset
 *	            the rest.  If an RST may have missed the peer's RCV.NXT
 *	            (bytes were lost), stay for one RTO and answer its
 *	            challenge ACK
 *	abort T     all have been reset; stay T to answer challenge ACKs, if
 *	            anybody was reset at all
 *	crash       nothing
 *	wait        nothing: order freebsd-13 waits in tcp_destroy() instead
 *
 * A socket that a process elsewhere holds is none of ours: the order waits
 * for it (phase "pins") before the farewell; if that was skipped it is left
 * alone until shutdown.
 *
 *	NONE -> WAIT -> CUT -> LAME -> DONE
 *
 * The state lies in V_tcp, not in the op, which serves other modules, too.
 *
 * shutdown cuts what is left without a word: TIME_WAIT, mostly.  Each
 * connection that was ever established is counted by how it ended, in the
 * terms of DESIGN section 6.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/wire.h>
#include "src/net/tcp/tcp_syncache.h"

#define TCP_GRACE (30 * NS_S) /* T, if the policy names none */
#define TCP_LAME  (3 * NS_S)

void
tcp_outcome(struct tcpcb *tp)
{
	const uint32_t both = TF_FINACKED | TF_PEERFIN;

	if ((tp->t_flags & TF_WASEST) == 0)
		return;
	if ((tp->t_flags & both) == both)
		V_tcp.finned++;
	else if ((tp->t_flags & TF_RSTDONE) != 0)
		V_tcp.reset++;
	else
		V_tcp.abandoned++;
}

void
tcp_outcomes(struct vnet_outcomes *out)
{
	out->vo_finned += V_tcp.finned;
	out->vo_reset += V_tcp.reset;
	out->vo_abandoned += V_tcp.abandoned;
}

int64_t
tcp_maxrto(void)
{
	const struct inpcb *inp;
	const struct tcpcb *tp;
	int64_t rto = 0;

	TAILQ_FOREACH (inp, &V_tcp.tcbinfo.ipi_list, inp_list) {
		tp = intotcpcb(inp);
		if (tp != NULL && TCPS_ACTIVE(tp->t_state))
			rto = imax(rto, tp->t_rxtcur);
	}
	/* a handshake, in the SYN cache or in a cookie */
	if (V_tcp.sc_count != 0 || V_tcp.fw_lame > vtime())
		rto = imax(rto, V_tcp.rexmit_initial);
	return (rto);
}

void
tcp_farewell_wake(void)
{
	if (V_tcp.fw_state == FW_WAIT)
		wakeup(&V_tcp.fw_wq);
}

static void
tcp_farewell_expired(void *arg)
{
	struct vnet_tcp *vt = arg;

	vt->fw_expired = true;
	wakeup(&vt->fw_wq);
}

/* Re-checked wherever the op is looked at: the vnet need not be current. */
static bool
tcp_farewell_over(struct op *op)
{
	const struct vnet_tcp *vt = op->op_ptr[0];

	return (vt->fw_expired || vt->nactive == 0);
}

/*
 * Reset what is still there and belongs to nobody.  A TIME_WAIT ends early, so
 * a peer that has not got our last ACK would ask in vain: it is reset, too;
 * one that is closed takes no notice.
 */
static void
tcp_farewell_cut(void)
{
	struct inpcb *inp, *next;
	struct tcpcb *tp;

	for (inp = TAILQ_FIRST(&V_tcp.tcbinfo.ipi_list); inp != NULL;
	     inp = next) {
		next = TAILQ_NEXT(inp, inp_list);
		tp = intotcpcb(inp);
		if (tp == NULL || (inp->inp_socket->so_state & SS_NOFDREF) == 0)
			continue;
		if (tp->t_state == TCPS_TIME_WAIT)
			(void)tcp_respond(
			    tp, tp->snd_max, tp->rcv_nxt, TH_RST | TH_ACK);
		if (!TCPS_ACTIVE(tp->t_state))
			continue;
		tcp_reset_peer(tp);
		tcp_close(tp);
	}
}

/* Begin: who waits for how long? */
static void
tcp_farewell_begin(void)
{
	int64_t grace = curvnet->v_close.vc_grace;

	if (grace <= 0)
		grace = TCP_GRACE;
	V_tcp.fw_state = FW_CUT;
	if (curvnet->v_close.vc_policy != VNETSIM_CLOSE_GRACEFUL ||
	    V_tcp.nactive == 0)
		return;
	V_tcp.fw_state = FW_WAIT;
	(void)callout_reset(
	    &V_tcp.fw_timer, grace, tcp_farewell_expired, &V_tcp);
}

/* All is said: how long may an answer take? */
static void
tcp_farewell_lame(void)
{
	int64_t grace = curvnet->v_close.vc_grace;

	V_tcp.fw_state = FW_LAME;
	if (curvnet->v_close.vc_policy != VNETSIM_CLOSE_ABORT ||
	    (V_tcp.reset == 0 && V_tcp.fw_lame == 0))
		return;
	if (grace <= 0)
		grace = TCP_LAME;
	V_tcp.fw_lame = imax(V_tcp.fw_lame, vtime() + grace);
}

/**
 * tcp_farewell() - end all connections as curvnet->v_close says
 * @op:	the running op; op_ptr[0] is used
 *
 * Return:	OP_DONE; OP_WAIT: enter again.
 */
enum op_verdict
tcp_farewell(struct op *op)
{
	int policy = curvnet->v_close.vc_policy;

	if (policy != VNETSIM_CLOSE_GRACEFUL && policy != VNETSIM_CLOSE_ABORT)
		return (OP_DONE);
	op->op_ptr[0] = &V_tcp;
	if (V_tcp.fw_state == FW_NONE)
		tcp_farewell_begin();
	if (V_tcp.fw_state == FW_WAIT) {
		if (!tcp_farewell_over(op))
			return (op_wait(op, &V_tcp.fw_wq, tcp_farewell_over, 0,
			    "for the connections of tcp (farewell)", NULL));
		(void)callout_stop(&V_tcp.fw_timer);
		V_tcp.fw_state = FW_CUT;
	}
	if (V_tcp.fw_state == FW_CUT) {
		syncache_cut();
		tcp_farewell_cut();
		tcp_farewell_lame();
	}
	if (V_tcp.fw_state == FW_LAME && vtime() < V_tcp.fw_lame)
		return (op_sleep(op, V_tcp.fw_lame - vtime(),
		    "for challenge ACKs of reset peers (lame duck)"));
	V_tcp.fw_state = FW_DONE;
	return (OP_DONE);
}

static bool
tcp_destroy_cond(struct op *op)
{
	const struct vnet_tcp *vt = op->op_ptr[0];

	return (vt->tcbinfo.ipi_count == 0);
}

/* One pcb that is left: cut in silence, in whatever state. */
static void
tcp_shutdown_pcb(struct inpcb *inp)
{
	struct socket *so = inp->inp_socket;

	so->so_error = VE_CONNABORTED;
	if ((inp->inp_flags & INP_DROPPED) == 0)
		tcp_close(intotcpcb(inp));
	/* A socket that was closed has gone with it; others lose their pcb. */
	if (TAILQ_FIRST(&V_tcp.tcbinfo.ipi_list) == inp)
		tcp_detach(so, inp);
}

/* Wait for claimed callouts.  Return: false: return OP_WAIT. */
static bool
tcp_shutdown_drain(struct op *op)
{
	struct tcpcb *tp;

	if (!callout_drain(&V_tcp.fw_timer, op))
		return (false);
	while ((tp = LIST_FIRST(&V_tcp.drain)) != NULL) {
		for (int i = 0; i < TT_N; i++)
			if (!callout_drain(&tp->t_callout[i], op))
				return (false);
		LIST_REMOVE(tp, t_drain);
		uma_zfree(&tcpcb_zone, tp);
	}
	return (true);
}

/**
 * tcp_shutdown() - let go: tcp_destroy() of FreeBSD, its first half
 * @op:	the running op; op_ptr[0] is used
 *
 * Under the policy "wait" (order freebsd-13) it first waits until the last
 * pcb is gone, as tcp_destroy() does; a vc_grace of 0 there (--force) skips
 * that.
 * Return:	OP_DONE; OP_WAIT: enter again.
 */
enum op_verdict
tcp_shutdown(struct op *op)
{
	struct inpcb *inp;

	op->op_ptr[0] = &V_tcp;
	if (curvnet->v_close.vc_policy == VNETSIM_CLOSE_WAIT &&
	    curvnet->v_close.vc_grace > 0 && V_tcp.tcbinfo.ipi_count != 0 &&
	    !V_tcp.waited) {
		V_tcp.waited = true;
		return (op_wait(op, &V_tcp.tcbinfo.ipi_wq, tcp_destroy_cond,
		    TCP_DESTROY_BOUND, "for the last tcpcb (tcp_destroy)",
		    NULL));
	}
	if (V_tcp.registered) {
		V_tcp.registered = false;
		protosw_unregister(&tcp_protosw);
	}
	while ((inp = TAILQ_FIRST(&V_tcp.tcbinfo.ipi_list)) != NULL)
		tcp_shutdown_pcb(inp);
	if (!syncache_destroy(op) || !tcp_shutdown_drain(op))
		return (OP_WAIT);
	/* Tables are objects of inpcb, whose uninit may come before ours. */
	if (V_tcp.tcbinfo.ipi_count == 0)
		in_pcbinfo_destroy(&V_tcp.tcbinfo);
	return (OP_DONE);
}
