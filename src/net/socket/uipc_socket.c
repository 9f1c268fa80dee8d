/*
 * uipc_socket.c - sockets: birth, state, connect, close, death.
 *
 * Who keeps a socket
 * ==================
 *
 *	a descriptor        no SS_NOFDREF; the file's reference
 *	the protocol        SS_PROTOREF: TCP that is still closing
 *	a listener          so_qstate SQ_COMP: complete, not accepted
 *	a blocked call      the op's reference
 *	a call within it    so_busy
 *
 * When none is left sofree() detaches the protocol and frees it.  The protocol
 * goes first: buffers are still there in pru_detach().
 *
 * A socket whose protocol has ended before it (so_pcb NULL) is dead: it
 * answers VE_CONNABORTED and can be closed.
 *
 * FreeBSD: sys/kern/uipc_socket.c.
 */
#include <vnetsim/errno.h>
#include "src/core/handle.h"
#include "src/net/socket/socket_var.h"

static const char *const qstate_names[] = { "none", "incomplete", "complete" };

#define SB_FIELDS(sb)                                                          \
	FIELD(struct socket, sb.sb_mb, PTR),                                   \
	    FIELD(struct socket, sb.sb_mbtail, OPAQUE),                        \
	    FIELD(struct socket, sb.sb_lastrecord, OPAQUE),                    \
	    FIELD(struct socket, sb.sb_sndptr, OPAQUE),                        \
	    FIELD(struct socket, sb.sb_sndptroff, OPAQUE),                     \
	    FIELD(struct socket, sb.sb_ccc, UINT),                             \
	    FIELD(struct socket, sb.sb_hiwat, UINT),                           \
	    FIELD(struct socket, sb.sb_lowat, UINT),                           \
	    FIELD(struct socket, sb.sb_state, HEX),                            \
	    FIELD(struct socket, sb.sb_timeo, INT),                            \
	    FIELD(struct socket, sb.sb_wq, LINK)

static const struct field socket_fields[] = {
	FIELD(struct socket, so_handle, OPAQUE),
	FIELD(struct socket, so_proto, FUNC),
	FIELD(struct socket, so_pcb, PTR),
	FIELD(struct socket, so_vnet, OPAQUE),
	FIELD(struct socket, so_cred, REF),
	FIELD(struct socket, so_state, HEX),
	FIELD(struct socket, so_options, HEX),
	FIELD(struct socket, so_fibnum, UINT),
	FIELD(struct socket, so_error, INT),
	FIELD(struct socket, so_protocol, UINT),
	FIELD(struct socket, so_killed, BOOL),
	FIELD(struct socket, so_busy, BOOL),
	FIELD(struct socket, so_linger, INT),
	FIELD(struct socket, so_oobmark, UINT),
	SB_FIELDS(so_rcv),
	SB_FIELDS(so_snd),
	FIELD(struct socket, so_wq, LINK),
	FIELD(struct socket, so_qlimit, UINT),
	FIELD(struct socket, so_qlen, UINT),
	FIELD(struct socket, so_incqlen, UINT),
	FIELD(struct socket, so_comp, LINK),
	FIELD(struct socket, so_incomp, LINK),
	FIELD(struct socket, so_listen, PTR),
	FIELD_ENUM(struct socket, so_qstate, qstate_names),
	FIELD(struct socket, so_list, LINK),
	FIELD(struct socket, so_all, LINK),
};
UMA_ZONE(socket_zone, socket, SOCKET_Z_SOCKET, struct socket, 0, socket_fields);

/* ---- birth and death ---- */

struct socket *
soalloc(const struct protosw *pr, struct ucred *cr)
{
	struct socket *so;

	if (V_socket.list == NULL)
		return (NULL);
	so = uma_zalloc(&socket_zone, M_ZERO);
	if (so == NULL)
		return (NULL);
	so->so_handle = handle_alloc(HANDLE_SOCKET, so);
	if (so->so_handle == 0) {
		uma_zfree(&socket_zone, so);
		return (NULL);
	}
	so->so_proto = pr;
	so->so_vnet = curvnet;
	so->so_rcv.sb_lowat = so->so_snd.sb_lowat = 1;
	so->so_linger = 120 * NS_S; /* TCP_LINGERTIME */
	ref_take(&so->so_cred, cr, "so_cred");
	TAILQ_INIT(&so->so_comp);
	TAILQ_INIT(&so->so_incomp);
	TAILQ_INSERT_TAIL(&V_socket.list->sl_all, so, so_all);
	V_socket.nsockets++;
	return (so);
}

/* Detach and tell all who wait; nobody may be sent anything. */
static void
sodisown(struct socket *so)
{
	if (so->so_pcb != NULL)
		so->so_proto->pru_detach(so);
	so->so_state &= (uint16_t)~SS_PROTOREF;
	sbflush(&so->so_snd);
	sbflush(&so->so_rcv);
	waitq_abandon(&so->so_rcv.sb_wq);
	waitq_abandon(&so->so_snd.sb_wq);
	waitq_abandon(&so->so_wq);
}

/* Nobody needs it. */
static void
sodestroy(struct socket *so)
{
	sodisown(so);
	TAILQ_REMOVE(&V_socket.list->sl_all, so, so_all);
	V_socket.nsockets--;
	handle_free(so->so_handle);
	crfree(&so->so_cred);
	uma_zfree(&socket_zone, so);
}

void
sofree(struct socket *so)
{
	if ((so->so_state & SS_NOFDREF) == 0 ||
	    (so->so_state & SS_PROTOREF) != 0 || so->so_busy ||
	    so->so_qstate == SQ_COMP || ref_held(so))
		return;
	if (so->so_qstate == SQ_INCOMP)
		sodequeue(so);
	sodestroy(so);
}

void
sodetach(struct socket *so)
{
	so->so_error = VE_CONNABORTED;
	sodisown(so);
	so->so_state &=
	    (uint16_t) ~(SS_ISCONNECTED | SS_ISCONNECTING | SS_ISDISCONNECTING);
	so->so_state |= SS_ISDISCONNECTED;
	so->so_snd.sb_state |= SBS_CANTSENDMORE;
	so->so_rcv.sb_state |= SBS_CANTRCVMORE;
	if (!ref_held(so))
		sodestroy(so);
}

void
sofree_proto(struct socket *so)
{
	so->so_state &= (uint16_t)~SS_PROTOREF;
	sofree(so);
}

static int
socreate_as(
    const struct protosw *pr, int proto, struct ucred *cr, struct socket **sop)
{
	struct socket *so;
	int error;

	so = soalloc(pr, cr);
	if (so == NULL)
		return (VE_NOBUFS);
	so->so_protocol = (uint8_t)proto;
	error = pr->pru_attach(so);
	if (error != 0) {
		so->so_state |= SS_NOFDREF;
		sofree(so);
		return (error);
	}
	*sop = so;
	return (0);
}

int
socreate_proto(const struct protosw *pr, struct ucred *cr, struct socket **sop)
{
	return (socreate_as(pr, 0, cr, sop));
}

int
socreate(int type, int proto, struct ucred *cr, struct socket **sop)
{
	const struct protosw *pr = pffindproto(type, proto);

	if (pr == NULL || pr->pr_type != type)
		return (VE_PROTONOSUPPORT);
	return (socreate_as(pr, proto, cr, sop));
}

static int
sodisconnect(struct socket *so)
{
	if ((so->so_state & SS_ISCONNECTED) == 0)
		return (VE_NOTCONN);
	if ((so->so_state & SS_ISDISCONNECTING) != 0)
		return (VE_ALREADY);
	return (so->so_proto->pru_disconnect(so));
}

int
soclose(struct socket *so)
{
	int error = 0;

	MPASS((so->so_state & SS_NOFDREF) == 0);
	so->so_busy = true;
	if (!so_dead(so) && (so->so_state & SS_ISCONNECTED) != 0 &&
	    (so->so_state & SS_ISDISCONNECTING) == 0) {
		error = sodisconnect(so);
		if (error == VE_NOTCONN)
			error = 0;
	}
	if (!so_dead(so) && so->so_proto->pru_close != NULL)
		so->so_proto->pru_close(so);
	if ((so->so_options & SO_ACCEPTCONN) != 0)
		soabort_children(so);
	so->so_state |= SS_NOFDREF;
	so->so_busy = false;
	sofree(so);
	return (error);
}

/* ---- calls ---- */

int
sobind(struct socket *so, const struct sockaddr_in *sin)
{
	if (so_dead(so))
		return (VE_CONNABORTED);
	return (so->so_proto->pru_bind(so, sin));
}

/*
 * connect(2) with AF_UNSPEC.  As in FreeBSD a datagram socket loses its peer
 * and the call fails nevertheless, because the protocol does not know the
 * family.
 */
static int
sounspec(struct socket *so)
{
	if ((so->so_state & SS_ISCONNECTED) != 0 &&
	    (so->so_proto->pr_connrequired || sodisconnect(so) != 0))
		return (VE_ISCONN);
	return (VE_AFNOSUPPORT);
}

int
soconnect(struct socket *so, const struct sockaddr_in *sin)
{
	int error, old = so->so_error;

	if (so_dead(so))
		return (VE_CONNABORTED);
	if ((so->so_options & SO_ACCEPTCONN) != 0)
		return (VE_OPNOTSUPP);
	if ((so->so_state & SS_ISCONNECTING) != 0)
		return (VE_ALREADY);
	if (sin == NULL)
		return (sounspec(so));
	/* a datagram socket may change its peer */
	if ((so->so_state & SS_ISCONNECTED) != 0 &&
	    so->so_proto->pr_connrequired)
		return (VE_ISCONN);
	/* an error of an earlier attempt is no news */
	so->so_error = 0;
	error = so->so_proto->pru_connect(so, sin);
	if (error != 0)
		so->so_error = old;
	return (error);
}

static void
sorflush(struct socket *so)
{
	socantrcvmore(so);
	sbflush(&so->so_rcv);
}

int
soshutdown(struct socket *so, int how)
{
	const uint16_t alive =
	    SS_ISCONNECTED | SS_ISCONNECTING | SS_ISDISCONNECTING;
	bool listening = (so->so_options & SO_ACCEPTCONN) != 0;
	int error = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return (VE_INVAL);
	if ((so->so_state & alive) == 0) {
		/* a datagram socket is shut down, and told so, too */
		error = VE_NOTCONN;
		if (so->so_proto->pr_type != SOCK_DGRAM && !listening)
			return (error);
	}
	if (listening) {
		if (how != SHUT_WR)
			soseterror(so, VE_CONNABORTED);
		return (error);
	}
	if (how != SHUT_WR)
		sorflush(so);
	if (how != SHUT_RD) {
		int shut = so_dead(so) ? VE_CONNABORTED
				       : so->so_proto->pru_shutdown(so);

		if (shut != 0)
			error = shut;
	}
	wakeup(&so->so_wq);
	return (error);
}

/* ---- state, told by the protocol ---- */

void
soseterror(struct socket *so, int error)
{
	so->so_error = error;
	wakeup(&so->so_wq);
	sorwakeup(so);
	sowwakeup(so);
}

void
soisconnecting(struct socket *so)
{
	so->so_state &= (uint16_t) ~(SS_ISCONNECTED | SS_ISDISCONNECTING);
	so->so_state |= SS_ISCONNECTING;
}

void
soisconnected(struct socket *so)
{
	so->so_state &= (uint16_t) ~(SS_ISCONNECTING | SS_ISDISCONNECTING);
	so->so_state |= SS_ISCONNECTED;
	if (so->so_qstate == SQ_INCOMP) {
		socomplete(so);
		return;
	}
	wakeup(&so->so_wq);
	sorwakeup(so);
	sowwakeup(so);
}

void
soisdisconnecting(struct socket *so)
{
	so->so_state &= (uint16_t)~SS_ISCONNECTING;
	so->so_state |= SS_ISDISCONNECTING;
	socantrcvmore(so);
	socantsendmore(so);
	wakeup(&so->so_wq);
}

void
soisdisconnected(struct socket *so)
{
	so->so_state &=
	    (uint16_t) ~(SS_ISCONNECTING | SS_ISCONNECTED | SS_ISDISCONNECTING);
	so->so_state |= SS_ISDISCONNECTED;
	socantrcvmore(so);
	sbflush(&so->so_snd);
	socantsendmore(so);
	wakeup(&so->so_wq);
}
