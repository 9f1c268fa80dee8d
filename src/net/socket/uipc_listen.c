/*
 * uipc_listen.c - the two queues of a listening socket, and accept.
 *
 *	from            by                     to
 *	the protocol    sonewconn(0)           incomplete
 *	the protocol    sonewconn(connected)   complete
 *	incomplete      soisconnected          complete
 *	incomplete      its connection dies    sofree_proto(): freed
 *	complete        accept                 a descriptor
 *	complete        its connection dies    stays, and accept tells
 *
 * A listener has at most 3/2 backlog + 1 children, complete and incomplete
 * together.  TCP keeps handshakes elsewhere (SYN cache): its children are
 * incomplete only while the last segment of the handshake is looked at.
 *
 * When the listener closes, children that nobody accepted are aborted.
 *
 * FreeBSD: solisten_proto(), sonewconn(), solisten_dequeue() of uipc_socket.c.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

int
solisten(struct socket *so, int backlog)
{
	int error;

	if (!so->so_proto->pr_connrequired || so->so_proto->pru_listen == NULL)
		return (VE_OPNOTSUPP);
	if (so_dead(so))
		return (VE_CONNABORTED);
	if ((so->so_state &
		(SS_ISCONNECTED | SS_ISCONNECTING | SS_ISDISCONNECTING)) != 0)
		return (VE_INVAL);
	if (backlog < 0 || backlog > V_socket.soacceptqueue)
		backlog = V_socket.soacceptqueue;
	error = so->so_proto->pru_listen(so, backlog);
	if (error != 0)
		return (error);
	so->so_options |= SO_ACCEPTCONN;
	so->so_qlimit = (uint32_t)backlog;
	/* who waits to read is told that this is no connection */
	sorwakeup(so);
	sowwakeup(so);
	return (0);
}

static void
soenqueue(struct socket *head, struct socket *so, uint8_t qstate)
{
	so->so_listen = head;
	so->so_qstate = qstate;
	if (qstate == SQ_COMP) {
		TAILQ_INSERT_TAIL(&head->so_comp, so, so_list);
		head->so_qlen++;
		wakeup(&head->so_wq);
	} else {
		TAILQ_INSERT_TAIL(&head->so_incomp, so, so_list);
		head->so_incqlen++;
	}
}

void
sodequeue(struct socket *so)
{
	struct socket *head = so->so_listen;

	if (so->so_qstate == SQ_COMP) {
		TAILQ_REMOVE(&head->so_comp, so, so_list);
		head->so_qlen--;
	} else {
		TAILQ_REMOVE(&head->so_incomp, so, so_list);
		head->so_incqlen--;
	}
	so->so_listen = NULL;
	so->so_qstate = SQ_NONE;
}

void
socomplete(struct socket *so)
{
	struct socket *head = so->so_listen;

	sodequeue(so);
	soenqueue(head, so, SQ_COMP);
}

struct socket *
sonewconn(struct socket *head, int connstatus)
{
	struct socket *so;

	if ((head->so_options & SO_ACCEPTCONN) == 0 || so_dead(head))
		return (NULL);
	if (head->so_qlen + head->so_incqlen > 3 * head->so_qlimit / 2) {
		V_socket.overflows++;
		return (NULL);
	}
	so = soalloc(head->so_proto, ref_get(&head->so_cred));
	if (so == NULL)
		return (NULL);
	so->so_state = (uint16_t)(SS_NOFDREF | connstatus);
	so->so_options = head->so_options & ~(uint32_t)SO_ACCEPTCONN;
	so->so_linger = head->so_linger;
	so->so_rcv.sb_timeo = head->so_rcv.sb_timeo;
	so->so_snd.sb_timeo = head->so_snd.sb_timeo;
	so->so_fibnum = head->so_fibnum;
	if (so->so_proto->pru_attach(so) != 0) {
		sofree(so);
		return (NULL);
	}
	/* pru_attach() has put the defaults: the listener's win */
	(void)soreserve(so, head->so_snd.sb_hiwat, head->so_rcv.sb_hiwat);
	so->so_snd.sb_lowat = head->so_snd.sb_lowat;
	so->so_rcv.sb_lowat = head->so_rcv.sb_lowat;
	soenqueue(head, so, connstatus != 0 ? SQ_COMP : SQ_INCOMP);
	return (so);
}

static int
soaccept_check(struct socket *so)
{
	int error;

	if ((so->so_options & SO_ACCEPTCONN) == 0)
		return (VE_INVAL);
	if (so->so_error != 0) {
		error = so->so_error;
		so->so_error = 0;
		return (error);
	}
	if (!TAILQ_EMPTY(&so->so_comp))
		return (0);
	if (so_dead(so) || (so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0)
		return (VE_CONNABORTED);
	return (VE_AGAIN);
}

/* The oldest complete child leaves the queue.  Return: pru_accept()'s. */
static int
soaccept_first(struct socket *so, struct socket **child)
{
	struct sockaddr_in peer;

	*child = TAILQ_FIRST(&so->so_comp);
	sodequeue(*child);
	(*child)->so_state &= (uint16_t)~SS_NOFDREF;
	if (so_dead(*child))
		return (VE_CONNABORTED);
	if ((*child)->so_proto->pru_accept == NULL)
		return (0);
	return ((*child)->so_proto->pru_accept(*child, &peer));
}

int
soaccept(struct socket *so, struct socket **child)
{
	int error;

	error = soaccept_check(so);
	if (error != 0)
		return (error);
	error = soaccept_first(so, child);
	if (error != 0) {
		(void)soclose(*child);
		*child = NULL;
	}
	return (error);
}

int
soaccept_fd(struct socket *so, struct proc *p, int *fd)
{
	struct socket *child;
	int error;

	error = soaccept_check(so);
	if (error != 0)
		return (error);
	/* the descriptor first: without one the child stays in the queue */
	error = falloc(p, &socket_fileops, TAILQ_FIRST(&so->so_comp), fd);
	if (error != 0)
		return (error);
	error = soaccept_first(so, &child);
	if (error != 0)
		(void)fdclose(p, *fd);
	return (error);
}

void
soabort_children(struct socket *head)
{
	struct socket *so;

	while ((so = TAILQ_FIRST(&head->so_incomp)) != NULL ||
	       (so = TAILQ_FIRST(&head->so_comp)) != NULL) {
		sodequeue(so);
		/* pru_abort may end in sofree_proto() */
		so->so_busy = true;
		if (!so_dead(so) && so->so_proto->pru_abort != NULL)
			so->so_proto->pru_abort(so);
		so->so_busy = false;
		sofree(so);
	}
}
