/*
 * raw_ip.c - the module rip: sockets that speak IP itself.
 *
 * Up:    IP -> rip_input -> the buffers of all sockets that match
 * Down:  sosend -> rip_send -> (af_raw_output) -> IP
 *
 * Who gets what
 * =============
 *
 *	protocol of the packet            raw sockets hear of it
 *	-------------------------------   ------------------------------------
 *	ICMP, IGMP                        after they have done their work; not
 *	                                  the requests that ICMP has answered
 *	TCP, UDP                          never
 *	one that nobody else takes        always; if none wants it the sender
 *	                                  is told "protocol unreachable"
 *
 * A socket matches if its protocol is that of the packet or 0, and its local
 * and foreign addresses, as far as they are set, are the packet's.  It gets
 * the whole packet with its header in network byte order (FreeBSD 11 and
 * later), after reassembly.
 *
 * IP makes the header, unless IP_HDRINCL says that the bytes begin with one:
 * then its destination counts, not that of connect(2) or sendto(2).
 *
 * An ICMP error about a packet of such a socket is not told by so_error (there
 * is no rip_ctlinput for errors): whoever wants to know reads ICMP.
 *
 * Right: the host and the roots of jails with a vnet of their own; others need
 * allow.raw_sockets.
 *
 * The end: shutdown unregisters and cuts every pcb that is left, as UDP does.
 * FreeBSD: rip_destroy() at SI_SUB_PROTO_DOMAIN/FOURTH.
 *
 * FreeBSD: sys/netinet/raw_ip.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/raw_ip.h"

#define RIPSNDQ 9216
#define RIPRCVQ 9216

static inline struct inpcb *
sotoinpcb(const struct socket *so)
{
	return (so->so_pcb);
}

/* ---- up ---- */

/* With groups of its own it hears those only; FreeBSD excepts IGMP. */
static bool
rip_mcast(
    const struct inpcb *inp, const struct mbuf *m, const struct rip_key *key)
{
	return (inp->inp_moptions == NULL || !in_ismulticast(key->dst) ||
		key->proto == IPPROTO_IGMP ||
		in_mc()->mc_filter(inp, m, key->dst, key->src) == MCAST_PASS);
}

static bool
rip_match(
    const struct inpcb *inp, const struct mbuf *m, const struct rip_key *key)
{
	return (inp->inp_socket != NULL &&
		(inp->inp_ip_p == 0 || inp->inp_ip_p == key->proto) &&
		(inp->inp_laddr == INADDR_ANY || inp->inp_laddr == key->dst) &&
		(inp->inp_faddr == INADDR_ANY || inp->inp_faddr == key->src) &&
		rip_mcast(inp, m, key));
}

/* The next one behind @inp (NULL: the first) that wants it. */
static struct inpcb *
rip_next(struct inpcb *inp, const struct mbuf *m, const struct rip_key *key)
{
	const struct vnet_rip *vr = curvnet->v_state[VNET_MOD_rip];

	if (vr == NULL)
		return (NULL);
	inp = inp == NULL ? TAILQ_FIRST(&vr->ripcbinfo.ipi_list)
			  : TAILQ_NEXT(inp, inp_list);
	for (; inp != NULL; inp = TAILQ_NEXT(inp, inp_list))
		if (rip_match(inp, m, key))
			break;
	return (inp);
}

bool
rip_wanted(const struct mbuf *m, const struct rip_key *key)
{
	return (rip_next(NULL, m, key) != NULL);
}

static void
rip_append(struct socket *so, struct mbuf *m, const struct rip_key *key)
{
	struct sockaddr_in from = { .sin_addr = key->src };

	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0 ||
	    !sbappendaddr(&so->so_rcv, &from, m)) {
		m_drop(m, DROP_RAW_FULL);
		return;
	}
	sorwakeup(so);
}

bool
rip_input(struct mbuf *m, const struct rip_key *key)
{
	struct inpcb *inp = rip_next(NULL, m, key), *next;

	if (inp == NULL)
		return (false);
	for (; (next = rip_next(inp, m, key)) != NULL; inp = next)
		rip_append(
		    inp->inp_socket, m_copym(m, 0, M_COPYALL, M_NOWAIT), key);
	rip_append(inp->inp_socket, m, key);
	return (true);
}

/* ---- down ---- */

static bool
rip_permitted(const struct socket *so)
{
	const struct ucred *cr = ref_get(&so->so_cred);
	const struct prison *pr = cr != NULL ? ref_get(&cr->cr_prison) : NULL;

	return (pr != NULL && ((pr->pr_flags & PR_VNET) != 0 ||
				  (pr->pr_allow & PR_ALLOW_RAW_SOCKETS) != 0));
}

static int
rip_attach(struct socket *so)
{
	int error;

	if (!rip_permitted(so))
		return (VE_PERM);
	error =
	    soreserve(so, (uint32_t)V_rip.maxdgram, (uint32_t)V_rip.recvspace);
	if (error == 0)
		error = in_pcballoc(so, &V_rip.ripcbinfo);
	if (error == 0)
		sotoinpcb(so)->inp_ip_p = so->so_protocol;
	return (error);
}

static int
rip_bind(struct socket *so, const struct sockaddr_in *sin)
{
	const struct inet_afops *af = in_af();

	if (sin->sin_addr != INADDR_ANY &&
	    (af == NULL || (!af->af_local(sin->sin_addr) &&
			       !af->af_broadcast(sin->sin_addr))))
		return (VE_ADDRNOTAVAIL);
	sotoinpcb(so)->inp_laddr = sin->sin_addr;
	return (0);
}

static int
rip_connect(struct socket *so, const struct sockaddr_in *sin)
{
	if (in_af() == NULL)
		return (VE_ADDRNOTAVAIL);
	sotoinpcb(so)->inp_faddr = sin->sin_addr;
	soisconnected(so);
	return (0);
}

static int
rip_disconnect(struct socket *so)
{
	if ((so->so_state & SS_ISCONNECTED) == 0)
		return (VE_NOTCONN);
	sotoinpcb(so)->inp_faddr = INADDR_ANY;
	so->so_state &= (uint16_t)~SS_ISCONNECTED;
	return (0);
}

static int
rip_send(struct socket *so, int flags, struct mbuf *m __takes,
    const struct sockaddr_in *to)
{
	const struct inet_afops *af = in_af();
	struct inpcb *inp = sotoinpcb(so);
	bool connected = (so->so_state & SS_ISCONNECTED) != 0;
	int error = 0;

	(void)flags;
	if (connected == (to != NULL))
		error = connected ? VE_ISCONN : VE_DESTADDRREQ;
	else if (af == NULL || af->af_raw_output == NULL)
		error = VE_NETDOWN;
	if (error != 0) {
		m_freem(m);
		return (error);
	}
	return (af->af_raw_output(m, connected ? inp->inp_faddr : to->sin_addr,
	    inp, (so->so_options & SO_BROADCAST) != 0));
}

static int
rip_shutdown_so(struct socket *so)
{
	socantsendmore(so);
	return (0);
}

static void
rip_close(struct socket *so)
{
	if (rip_disconnect(so) == 0)
		soisdisconnected(so);
}

static void
rip_detach(struct socket *so)
{
	struct inpcb *inp = sotoinpcb(so);

	in_pcbdetach(inp);
	in_pcbfree(inp);
}

static int
rip_sockaddr(struct socket *so, struct sockaddr_in *sin)
{
	*sin = (struct sockaddr_in){ sotoinpcb(so)->inp_laddr, 0 };
	return (0);
}

static int
rip_peeraddr(struct socket *so, struct sockaddr_in *sin)
{
	if ((so->so_state & SS_ISCONNECTED) == 0)
		return (VE_NOTCONN);
	*sin = (struct sockaddr_in){ sotoinpcb(so)->inp_faddr, 0 };
	return (0);
}

/* Its protocol is 0: it serves all that have no socket of their own. */
static const struct protosw rip_protosw = {
	.pr_name = "raw",
	.pr_type = SOCK_RAW,
	.pr_mod = VNET_MOD_rip,
	.pru_attach = rip_attach,
	.pru_bind = rip_bind,
	.pru_connect = rip_connect,
	.pru_send = rip_send,
	.pru_shutdown = rip_shutdown_so,
	.pru_disconnect = rip_disconnect,
	.pru_close = rip_close,
	.pru_detach = rip_detach,
	.pru_sockaddr = rip_sockaddr,
	.pru_peeraddr = rip_peeraddr,
};

/* ---- the module ---- */

static int
rip_init(void)
{
	V_rip.maxdgram = RIPSNDQ;
	V_rip.recvspace = RIPRCVQ;
	in_pcbinfo_init(&V_rip.ripcbinfo, "raw", VNET_MOD_rip);
	return (protosw_register(&rip_protosw));
}

static void
rip_cut(struct inpcb *inp)
{
	struct socket *so = inp->inp_socket;

	inp->inp_flags |= INP_DROPPED;
	in_pcbdetach(inp);
	in_pcbfree(inp);
	if (so == NULL)
		return;
	so->so_error = VE_CONNABORTED;
	soisdisconnected(so);
}

static enum op_verdict
rip_shutdown(struct op *op)
{
	struct inpcb *inp, *next;

	(void)op;
	protosw_unregister(&rip_protosw);
	TAILQ_FOREACH_SAFE (inp, &V_rip.ripcbinfo.ipi_list, inp_list, next)
		rip_cut(inp);
	in_pcbinfo_destroy(&V_rip.ripcbinfo);
	return (OP_DONE);
}

static const struct field vnet_rip_fields[] = {
	FIELD(struct vnet_rip, ripcbinfo, OPAQUE), /* pcbs are objects */
	FIELD(struct vnet_rip, maxdgram, INT),
	FIELD(struct vnet_rip, recvspace, INT),
};

static const struct vnet_contract rip_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_rip, ripcbinfo.ipi_count),
};

static const struct sysctl_oid rip_sysctls[] = {
	SYSCTL_VNET("net.inet.raw.maxdgram", INT, RW, struct vnet_rip, maxdgram,
	    1, UINT16_MAX, "longest raw datagram that is sent, bytes"),
	SYSCTL_VNET("net.inet.raw.recvspace", INT, RW, struct vnet_rip,
	    recvspace, 1, SB_MAX, "receive buffer of a new raw socket, bytes"),
};

VNET_MODULE(rip) = {
	.vm_name = "rip",
	.vm_id = VNET_MOD_rip,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_rip),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_FOURTH,
	.vm_init = rip_init,
	.vm_shutdown = rip_shutdown,
	.vm_fields = vnet_rip_fields,
	.vm_nfields = nitems(vnet_rip_fields),
	.vm_contracts = rip_contracts,
	.vm_ncontracts = nitems(rip_contracts),
	.vm_sysctls = rip_sysctls,
	.vm_nsysctls = nitems(rip_sysctls),
};
