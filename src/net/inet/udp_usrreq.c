/*
 * udp_usrreq.c - the module udp, and UDP as sockets see it.
 *
 * Down:  sosend -> udp_send -> (header, pseudo-header mark) -> IP
 *
 * A datagram to a peer that was named with it takes the address IP would use;
 * the socket's port is chosen at its first one.  The sum is left to whoever
 * first needs real bytes (CSUM_UDP, mbuf.h).
 *
 * The end: shutdown unregisters UDP and cuts every pcb that is left; UDP says
 * no goodbye, as it has no connections.  FreeBSD: udp_destroy() at
 * SI_SUB_PROTO_DOMAIN/FOURTH.
 *
 * RFC 768.  FreeBSD: sys/netinet/udp_usrreq.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/udp_var.h"

#define UDP_MAXLEN (65535 - 20 - UDP_HDRLEN)

static inline struct inpcb *
sotoinpcb(const struct socket *so)
{
	return (so->so_pcb);
}

static int
udp_attach(struct socket *so)
{
	int error;

	error =
	    soreserve(so, (uint32_t)V_udp.maxdgram, (uint32_t)V_udp.recvspace);
	return (error != 0 ? error : in_pcballoc(so, &V_udp.udbinfo));
}

static int
udp_bind(struct socket *so, const struct sockaddr_in *sin)
{
	return (in_pcbbind(sotoinpcb(so), sin));
}

/* A connected one changes its peer, or keeps it if that fails. */
static int
udp_connect(struct socket *so, const struct sockaddr_in *sin)
{
	struct inpcb *inp = sotoinpcb(so), old = *inp;
	int error;

	if (inp->inp_faddr != INADDR_ANY) {
		inp->inp_laddr = INADDR_ANY;
		in_pcbdisconnect(inp);
	}
	error = in_pcbconnect(inp, sin);
	if (error == 0)
		soisconnected(so);
	else if (old.inp_faddr != INADDR_ANY)
		MPASS(in_pcbinshash(inp, old.inp_laddr, old.inp_lport,
			  old.inp_faddr, old.inp_fport) == 0);
	return (error);
}

/* FreeBSD: the local address is forgotten, too, even one that was bound. */
static int
udp_disconnect(struct socket *so)
{
	struct inpcb *inp = sotoinpcb(so);

	if (inp->inp_faddr == INADDR_ANY)
		return (VE_NOTCONN);
	inp->inp_laddr = INADDR_ANY;
	in_pcbdisconnect(inp);
	so->so_state &= (uint16_t)~SS_ISCONNECTED;
	return (0);
}

/* Put the header in front and pass it down. */
static int
udp_output(struct inpcb *inp, struct mbuf *m, uint32_t src,
    const struct sockaddr_in *to)
{
	const struct inet_afops *af = in_af();
	uint32_t len = m->m_pkthdr.len + UDP_HDRLEN;
	uint8_t *uh;

	m = m_prepend(m, UDP_HDRLEN, M_NOWAIT);
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (VE_NOBUFS);
	}
	uh = mtod(m, uint8_t *);
	be16enc(uh + UH_O_SPORT, inp->inp_lport);
	be16enc(uh + UH_O_DPORT, to->sin_port);
	be16enc(uh + UH_O_ULEN, (uint16_t)len);
	be16enc(uh + UH_O_SUM, 0);
	if (V_udp.checksum != 0) {
		m->m_pkthdr.csum_flags |= CSUM_UDP;
		m->m_pkthdr.csum_data = UH_O_SUM;
	}
	UDPSTAT_INC(opackets);
	return (af->af_output(m, src, to->sin_addr, IPPROTO_UDP, inp->inp_ttl,
	    inp->inp_tos, inp));
}

/* May it go there, and from which address? */
static int
udp_prepare(struct socket *so, const struct sockaddr_in *to,
    struct sockaddr_in *dst, uint32_t *src)
{
	const struct inet_afops *af = in_af();
	struct inpcb *inp = sotoinpcb(so);
	int error;

	if (to != NULL && inp->inp_faddr != INADDR_ANY)
		return (VE_ISCONN);
	if (to == NULL && inp->inp_faddr == INADDR_ANY)
		return (VE_DESTADDRREQ);
	if (af == NULL)
		return (VE_NETDOWN);
	*dst = (struct sockaddr_in){ inp->inp_faddr, inp->inp_fport };
	if (to != NULL)
		*dst = *to;
	if (dst->sin_port == 0)
		return (VE_ADDRNOTAVAIL);
	if (dst->sin_addr == INADDR_ANY)
		dst->sin_addr = INADDR_LOOPBACK;
	if (af->af_broadcast(dst->sin_addr) &&
	    (so->so_options & SO_BROADCAST) == 0)
		return (VE_ACCES);
	*src = inp->inp_laddr;
	/* RFC 1122 section 3.2.1.3: never from a group or a broadcast */
	if (*src == INADDR_ANY || in_ismulticast(*src) ||
	    af->af_broadcast(*src)) {
		error = in_pcbladdr(inp, dst->sin_addr, src);
		if (error != 0)
			return (error);
	}
	return (inp->inp_lport == 0 ? in_pcbbind(inp, NULL) : 0);
}

static int
udp_send(struct socket *so, int flags, struct mbuf *m __takes,
    const struct sockaddr_in *to)
{
	struct inpcb *inp = sotoinpcb(so);
	bool bound = inp->inp_lport != 0;
	struct sockaddr_in dst;
	uint32_t src;
	int error;

	(void)flags;
	error = m->m_pkthdr.len > UDP_MAXLEN ? VE_MSGSIZE
					     : udp_prepare(so, to, &dst, &src);
	if (error != 0) {
		m_freem(m);
		return (error);
	}
	error = udp_output(inp, m, src, &dst);
	/* the port chosen for it goes with a datagram that does not */
	if (error != 0 && !bound)
		in_pcbunbind(inp);
	return (error);
}

static int
udp_shutdown_so(struct socket *so)
{
	socantsendmore(so);
	return (0);
}

static void
udp_close(struct socket *so)
{
	if (udp_disconnect(so) == 0)
		soisdisconnected(so);
}

static void
udp_detach(struct socket *so)
{
	struct inpcb *inp = sotoinpcb(so);

	in_pcbdetach(inp);
	in_pcbfree(inp);
}

static int
udp_sockaddr(struct socket *so, struct sockaddr_in *sin)
{
	const struct inpcb *inp = sotoinpcb(so);

	*sin = (struct sockaddr_in){ inp->inp_laddr, inp->inp_lport };
	return (0);
}

static int
udp_peeraddr(struct socket *so, struct sockaddr_in *sin)
{
	const struct inpcb *inp = sotoinpcb(so);

	if (inp->inp_faddr == INADDR_ANY)
		return (VE_NOTCONN);
	*sin = (struct sockaddr_in){ inp->inp_faddr, inp->inp_fport };
	return (0);
}

const struct protosw udp_protosw = {
	.pr_name = "udp",
	.pr_type = SOCK_DGRAM,
	.pr_protocol = IPPROTO_UDP,
	.pr_mod = VNET_MOD_udp,
	.pr_input = udp_input,
	.pr_ctlinput = udp_ctlinput,
	.pru_attach = udp_attach,
	.pru_bind = udp_bind,
	.pru_connect = udp_connect,
	.pru_send = udp_send,
	.pru_shutdown = udp_shutdown_so,
	.pru_disconnect = udp_disconnect,
	.pru_close = udp_close,
	.pru_detach = udp_detach,
	.pru_sockaddr = udp_sockaddr,
	.pru_peeraddr = udp_peeraddr,
};

/* ---- the module ---- */

static const struct field udpstat_fields[] = {
	FIELD_STAT(struct udpstat, udps_ipackets, UINT),
	FIELD_STAT(struct udpstat, udps_opackets, UINT),
	FIELD_STAT(struct udpstat, udps_hdrops, UINT),
	FIELD_STAT(struct udpstat, udps_badsum, UINT),
	FIELD_STAT(struct udpstat, udps_nosum, UINT),
	FIELD_STAT(struct udpstat, udps_badlen, UINT),
	FIELD_STAT(struct udpstat, udps_noport, UINT),
	FIELD_STAT(struct udpstat, udps_noportbcast, UINT),
	FIELD_STAT(struct udpstat, udps_noportmcast, UINT),
	FIELD_STAT(struct udpstat, udps_fullsock, UINT),
	FIELD_STAT(struct udpstat, udps_filtermcast, UINT),
};
static UMA_ZONE(udpstat_zone, udp, 0, struct udpstat, 0, udpstat_fields);

static int
udp_init(void)
{
	int error;

	V_udp.stat = uma_zalloc(&udpstat_zone, M_ZERO);
	if (V_udp.stat == NULL)
		return (VE_NOMEM);
	V_udp.checksum = 1;
	V_udp.maxdgram = 9216;
	V_udp.recvspace = 42080;
	in_pcbinfo_init(&V_udp.udbinfo, "udp", VNET_MOD_udp);
	error = protosw_register(&udp_protosw);
	if (error != 0) {
		uma_zfree(&udpstat_zone, V_udp.stat);
		V_udp.stat = NULL;
	}
	return (error);
}

void
udp_detach_pcb(struct inpcb *inp)
{
	struct socket *so = inp->inp_socket;

	in_pcbdrop(inp);
	in_pcbdetach(inp);
	in_pcbfree(inp);
	if (so == NULL)
		return;
	so->so_error = VE_CONNABORTED;
	soisdisconnected(so);
}

static enum op_verdict
udp_shutdown(struct op *op)
{
	struct inpcb *inp, *next;

	(void)op;
	protosw_unregister(&udp_protosw);
	TAILQ_FOREACH_SAFE (inp, &V_udp.udbinfo.ipi_list, inp_list, next)
		udp_detach_pcb(inp);
	/* Tables are objects of inpcb, whose uninit may come before ours. */
	in_pcbinfo_destroy(&V_udp.udbinfo);
	return (OP_DONE);
}

static void
udp_uninit(void)
{
	if (V_udp.udbinfo.ipi_count == 0)
		in_pcbinfo_destroy(&V_udp.udbinfo);
	uma_zfree(&udpstat_zone, V_udp.stat);
	V_udp.stat = NULL;
}

static const struct field vnet_udp_fields[] = {
	FIELD(struct vnet_udp, udbinfo, OPAQUE), /* pcbs are objects */
	FIELD(struct vnet_udp, stat, PTR),
	FIELD(struct vnet_udp, checksum, INT),
	FIELD(struct vnet_udp, maxdgram, INT),
	FIELD(struct vnet_udp, recvspace, INT),
	FIELD(struct vnet_udp, blackhole, INT),
	FIELD(struct vnet_udp, blackhole_local, INT),
};

static const struct vnet_contract udp_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_udp, udbinfo.ipi_count),
};

static const struct uma_zone *const udp_zones[] = { &udpstat_zone };

/* Counters are read through a pointer, so each has a procedure's work. */
static int
udp_sysctl_stat(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	const struct udpstat *st = V_udp.stat;
	const uint32_t *v;

	(void)write;
	if (st == NULL)
		return (VE_NOENT);
	v = (const uint32_t *)(const void *)((const char *)st + oid->o_offset);
	*value = *v;
	return (0);
}

#define UDPSTAT(m, descr)                                                      \
	{                                                                      \
		"net.inet.udp.stats.udps_" #m, SYSCTL_T_PROC,                  \
		    CTLFLAG_RD | CTLFLAG_VNET,                                 \
		    offsetof(struct udpstat, udps_##m), 0, UINT32_MAX, 1,      \
		    udp_sysctl_stat, descr                                     \
	}

static const struct sysctl_oid udp_sysctls[] = {
	SYSCTL_VNET("net.inet.udp.blackhole", INT, RW, struct vnet_udp,
	    blackhole, 0, 1, "say nothing about closed ports"),
	SYSCTL_VNET("net.inet.udp.blackhole_local", INT, RW, struct vnet_udp,
	    blackhole_local, 0, 1, "blackhole for senders of this vnet, too"),
	SYSCTL_VNET("net.inet.udp.checksum", INT, RW, struct vnet_udp, checksum,
	    0, 1, "send datagrams with a sum"),
	SYSCTL_VNET("net.inet.udp.maxdgram", INT, RW, struct vnet_udp, maxdgram,
	    1, UINT16_MAX, "longest datagram that is sent, bytes"),
	SYSCTL_VNET("net.inet.udp.recvspace", INT, RW, struct vnet_udp,
	    recvspace, 1, SB_MAX, "receive buffer of a new socket, bytes"),
	UDPSTAT(badlen, "datagrams with a wrong length"),
	UDPSTAT(badsum, "datagrams with a wrong sum"),
	UDPSTAT(filtermcast, "multicasts that a socket's filter kept out"),
	UDPSTAT(fullsock, "datagrams for which there was no room"),
	UDPSTAT(hdrops, "datagrams shorter than a header"),
	UDPSTAT(ipackets, "datagrams received"),
	UDPSTAT(noport, "datagrams for nobody"),
	UDPSTAT(noportbcast, "of those, broadcasts"),
	UDPSTAT(noportmcast, "of those, multicasts"),
	UDPSTAT(nosum, "datagrams without a sum"),
	UDPSTAT(opackets, "datagrams sent"),
};

VNET_MODULE(udp) = {
	.vm_name = "udp",
	.vm_id = VNET_MOD_udp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_udp),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_FOURTH,
	.vm_init = udp_init,
	.vm_shutdown = udp_shutdown,
	.vm_uninit = udp_uninit,
	.vm_fields = vnet_udp_fields,
	.vm_nfields = nitems(vnet_udp_fields),
	.vm_contracts = udp_contracts,
	.vm_ncontracts = nitems(udp_contracts),
	.vm_zones = udp_zones,
	.vm_nzones = nitems(udp_zones),
	.vm_sysctls = udp_sysctls,
	.vm_nsysctls = nitems(udp_sysctls),
};
