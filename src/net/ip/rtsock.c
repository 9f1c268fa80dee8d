/*
 * rtsock.c - the routing socket: who listens, and how they are told.
 *
 *	a change -> rtsock_msg.c -> rts_dispatch -> netisr queue
 *	         -> rts_input, in an event of its own -> each listener's buffer
 *	send(2) -> rtsock_output.c -> the routing table; the answer as above
 *
 * A message is queued once and copied for each listener when its turn comes.
 * As in FreeBSD it takes the queue of lo0 (every queued packet has come in by
 * some interface), so a vnet whose loopback is gone tells nothing, and what is
 * queued when it goes is lost.  Nor does a vnet that lets go, because its verbs
 * allocate nothing.  A listener that came after a message was
 * queued, and before it was handled, gets it.
 *
 * The module hears of routes and interfaces only while there are listeners:
 * the first one registers its handlers, the last one takes them back.  So an
 * idle vnet pays for an empty list.
 *
 * Who keeps the state: shutdown takes every socket its listener away (calls on
 * it end with VE_CONNABORTED), then frees the list.
 *
 * Slots: FreeBSD's vnet_rtsock and vnet_rts_uninit, PROTO_DOMAIN/THIRD.
 *
 * FreeBSD: sys/net/rtsock.c, sys/net/raw_usrreq.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/netisr.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/ip/rtsock_var.h"
#include "src/net/socket/socket_var.h"

static const struct field route_cb_fields[] = {
	FIELD(struct route_cb, cb_list, LINK),
	FIELD(struct route_cb, cb_count, UINT),
	FIELD_STAT(struct route_cb, cb_lastid, UINT),
	FIELD(struct route_cb, cb_quiet, BOOL),
	FIELD(struct route_cb, cb_ev, OPAQUE), /* objects of their own */
};
static UMA_ZONE(
    route_cb_zone, rtsock, RTS_Z_CB, struct route_cb, 0, route_cb_fields);
static const struct field rcb_fields[] = {
	FIELD(struct rcb, rcb_socket, PTR),
	FIELD_STAT(struct rcb, rcb_id, UINT),
	FIELD(struct rcb, rcb_pid, INT),
	FIELD(struct rcb, rcb_family, UINT),
	FIELD(struct rcb, rcb_list, LINK),
};
static UMA_ZONE(rcb_zone, rtsock, RTS_Z_RCB, struct rcb, 0, rcb_fields);

/* ---- delivery ---- */

/*
 * In a queued message the scope stands in members of the packet header that
 * mean nothing to it: fib, csum_data (family, and whether fib counts), flowid
 * (the listener that is left out, 0: none).
 */
#define RTS_FILTER_FIB 0x100

void
rts_dispatch(const void *data, uint32_t len, const struct rts_scope *sc)
{
	struct ifnet *lo = if_loif();
	struct mbuf *m;

	if (lo == NULL || curvnet->v_phase >= PHASE_LETGO)
		return;
	m = m_getm(0, len, M_NOWAIT);
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	memcpy(mtod(m, uint8_t *), data, len);
	m->m_pkthdr.csum_data = sc->family;
	if (sc->fib != RTS_FIB_ALL) {
		m->m_pkthdr.fib = (uint8_t)sc->fib;
		m->m_pkthdr.csum_data |= RTS_FILTER_FIB;
	}
	m->m_pkthdr.flowid = sc->except != NULL ? sc->except->rcb_id : 0;
	if_setrcvif(m, lo);
	(void)netisr_queue(NETISR_ROUTE, m);
}

void
rts_tell(const struct vnetsim_rtmsg *msg, const struct rts_scope *sc)
{
	uint8_t buf[VNETSIM_RTM_MAXLEN];
	size_t len = rts_encode(msg, buf, sizeof(buf));

	MPASS(len != 0 && len <= MCLBYTES);
	rts_dispatch(buf, (uint32_t)len, sc);
}

static bool
rts_wants(const struct rcb *rcb, const struct mbuf *m)
{
	uint8_t family = (uint8_t)m->m_pkthdr.csum_data;
	const struct socket *so = rcb->rcb_socket;

	if (rcb->rcb_id == m->m_pkthdr.flowid ||
	    (so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0)
		return (false);
	if (family != RTS_ANY && rcb->rcb_family != RTS_ANY &&
	    rcb->rcb_family != family)
		return (false);
	return ((m->m_pkthdr.csum_data & RTS_FILTER_FIB) == 0 ||
		so->so_fibnum == m->m_pkthdr.fib);
}

static void
rts_append(struct rcb *rcb, const struct mbuf *m)
{
	const struct sockaddr_in nobody = { 0, 0 };
	struct mbuf *n = m_copym(m, 0, M_COPYALL, M_NOWAIT);

	if (n == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	if (!sbappendaddr(&rcb->rcb_socket->so_rcv, &nobody, n)) {
		m_drop(n, DROP_ROUTE_FULL);
		return;
	}
	sorwakeup(rcb->rcb_socket);
}

/* Handler of NETISR_ROUTE; a wakeup runs nobody, so the list stands still. */
static void
rts_input(struct mbuf *m __takes)
{
	struct rcb *rcb;

	if (V_rtsock.cb != NULL)
		TAILQ_FOREACH (rcb, &V_rtsock.cb->cb_list, rcb_list)
			if (rts_wants(rcb, m))
				rts_append(rcb, m);
	m_freem(m);
}

/* ---- sockets ---- */

static int
rts_attach(struct socket *so)
{
	struct route_cb *cb = V_rtsock.cb;
	struct rcb *rcb;
	int error;

	if (cb == NULL)
		return (VE_PROTONOSUPPORT);
	error = soreserve(so, RTS_SPACE, RTS_SPACE);
	if (error != 0)
		return (error);
	rcb = uma_zalloc(&rcb_zone, M_ZERO);
	if (rcb == NULL)
		return (VE_NOBUFS);
	if (cb->cb_count == 0 && rts_listen() != 0) {
		uma_zfree(&rcb_zone, rcb);
		return (VE_NOBUFS);
	}
	rcb->rcb_socket = so;
	rcb->rcb_id = ++cb->cb_lastid;
	so->so_pcb = rcb;
	so->so_options |= SO_USELOOPBACK;
	TAILQ_INSERT_TAIL(&cb->cb_list, rcb, rcb_list);
	cb->cb_count++;
	soisconnected(so);
	return (0);
}

static void
rts_detach(struct socket *so)
{
	struct rcb *rcb = so->so_pcb;

	so->so_pcb = NULL;
	TAILQ_REMOVE(&V_rtsock.cb->cb_list, rcb, rcb_list);
	uma_zfree(&rcb_zone, rcb);
	if (--V_rtsock.cb->cb_count == 0)
		rts_unlisten();
}

static int
rts_send(struct socket *so, int flags, struct mbuf *m __takes,
    const struct sockaddr_in *to)
{
	(void)flags;
	if (to != NULL) {
		m_freem(m);
		return (VE_ISCONN);
	}
	return (rts_output(so->so_pcb, m));
}

static int
rts_bind(struct socket *so, const struct sockaddr_in *sin)
{
	(void)so;
	(void)sin;
	return (VE_INVAL);
}

static int
rts_shutdown_so(struct socket *so)
{
	socantsendmore(so);
	return (0);
}

static int
rts_disconnect(struct socket *so)
{
	(void)so;
	return (VE_NOTCONN);
}

static void
rts_close(struct socket *so)
{
	soisdisconnected(so);
}

static int
rts_sockaddr(struct socket *so, struct sockaddr_in *sin)
{
	(void)so;
	(void)sin;
	return (VE_OPNOTSUPP);
}

static const struct protosw rts_protosw = {
	.pr_name = "route",
	.pr_type = SOCK_RAW,
	.pr_mod = VNET_MOD_rtsock,
	.pru_attach = rts_attach,
	.pru_bind = rts_bind,
	.pru_connect = rts_bind,
	.pru_send = rts_send,
	.pru_shutdown = rts_shutdown_so,
	.pru_disconnect = rts_disconnect,
	.pru_close = rts_close,
	.pru_detach = rts_detach,
	.pru_sockaddr = rts_sockaddr,
	.pru_peeraddr = rts_sockaddr,
};

bool
rts_is(const struct socket *so)
{
	return (so->so_proto == &rts_protosw);
}

int
rts_create(int family, int32_t pid, struct ucred *cr, struct socket **sop)
{
	int error = socreate_proto(&rts_protosw, cr, sop);
	struct rcb *rcb;

	if (error != 0)
		return (error);
	rcb = (*sop)->so_pcb;
	rcb->rcb_family = (uint8_t)family;
	rcb->rcb_pid = pid;
	return (0);
}

/* ---- the module ---- */

static int
rtsock_init(void)
{
	struct route_cb *cb = uma_zalloc(&route_cb_zone, M_ZERO);

	if (cb == NULL)
		return (VE_NOMEM);
	if (netisr_register_vnet(NETISR_ROUTE, VNET_MOD_rtsock, rts_input) !=
	    0) {
		uma_zfree(&route_cb_zone, cb);
		return (VE_EXIST);
	}
	TAILQ_INIT(&cb->cb_list);
	V_rtsock.cb = cb;
	return (0);
}

static enum op_verdict
rtsock_shutdown(struct op *op)
{
	struct route_cb *cb = V_rtsock.cb;
	struct rcb *rcb, *next;
	struct socket *so;

	(void)op;
	if (cb == NULL)
		return (OP_DONE);
	netisr_unregister_vnet(NETISR_ROUTE);
	TAILQ_FOREACH_SAFE (rcb, &cb->cb_list, rcb_list, next) {
		so = rcb->rcb_socket;
		rts_detach(so);
		so->so_error = VE_CONNABORTED;
		soisdisconnected(so);
	}
	V_rtsock.cb = NULL;
	uma_zfree(&route_cb_zone, cb);
	return (OP_DONE);
}

static const struct field vnet_rtsock_fields[] = {
	FIELD(struct vnet_rtsock, cb, PTR),
};
static const struct vnet_contract rtsock_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_rtsock, cb),
};
static const struct uma_zone *const rtsock_zones[] = {
	[RTS_Z_CB] = &route_cb_zone,
	[RTS_Z_RCB] = &rcb_zone,
};

VNET_MODULE(rtsock) = {
	.vm_name = "rtsock",
	.vm_id = VNET_MOD_rtsock,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_rtsock),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_THIRD,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_THIRD,
	.vm_init = rtsock_init,
	.vm_shutdown = rtsock_shutdown,
	.vm_fields = vnet_rtsock_fields,
	.vm_nfields = nitems(vnet_rtsock_fields),
	.vm_contracts = rtsock_contracts,
	.vm_ncontracts = nitems(rtsock_contracts),
	.vm_zones = rtsock_zones,
	.vm_nzones = nitems(rtsock_zones),
};
