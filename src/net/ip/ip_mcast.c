/*
 * ip_mcast.c - packets to groups, on their way out.
 *
 * Which interface: that of IP_MULTICAST_IF, else by the route.  TTL and whether
 * a copy comes back are the socket's (1, and yes).  The copy goes through the
 * queue of netisr, as what loopback carries, and seems to have come by the
 * interface that the packet leaves by; so members there hear it.  With TTL 0,
 * or by loopback, there is nothing but the copy.
 *
 * FreeBSD: ip_output(), ip_mloopback() of sys/netinet/ip_output.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include "src/core/handle.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"

static int
mcast_refuse(struct mbuf *m, enum drop_reason why, int error)
{
	m_drop(m, why);
	return (error);
}

/* Return: 0; VE_HOSTUNREACH; VE_NETUNREACH: no multicast there. */
static int
mcast_way(uint32_t fib, const struct ip_outargs *ia,
    const struct ip_moptions *imo, struct ip_way *way)
{
	struct ifnet *ifp = NULL;
	const struct in_ifaddr *ifa;
	int error;

	if (imo != NULL)
		ifp = handle_lookup(HANDLE_IFNET, imo->imo_multicast_ifp);
	if (ifp != NULL && ifp->if_vnet == curvnet) {
		ifa = in_ifaddr_first(ifp);
		way->ifp = ifp;
		way->src = ifa != NULL ? ifa->ia_addr : 0;
		way->mtu = ifp->if_mtu;
	} else {
		error = ip_way_find(fib, ia->ia_dst, way);
		if (error != 0)
			return (error);
	}
	way->nexthop = ia->ia_dst;
	way->isgw = false;
	return ((way->ifp->if_flags & IFF_MULTICAST) != 0 ? 0 : VE_NETUNREACH);
}

/* Our own copy; without memory there is none. */
static void
ip_mloopback(const struct mbuf *m, struct ifnet *ifp)
{
	struct mbuf *c = m_dup(m, M_NOWAIT);

	if (c == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	c->m_flags |= M_MCAST | M_LOOP;
	if_csum_cross(c);
	if_setrcvif(c, ifp);
	c->m_pkthdr.rcvtime = vtime();
	(void)netisr_queue(NETISR_IP, c);
}

int
ip_mcast_output(struct mbuf *m __takes, const struct ip_outargs *ia)
{
	const struct ip_moptions *imo =
	    ia->ia_inp != NULL ? ia->ia_inp->inp_moptions : NULL;
	struct ip_outargs args = *ia;
	struct ip_way way = { 0 };
	uint8_t ttl =
	    imo != NULL ? imo->imo_multicast_ttl : IP_DEFAULT_MULTICAST_TTL;
	bool loop =
	    imo != NULL ? imo->imo_multicast_loop : igmp_tunable(IGT_loop) != 0;
	int error = mcast_way(m->m_pkthdr.fib, ia, imo, &way);

	if (error != 0) {
		IPSTAT_INC(noroute);
		return (mcast_refuse(m, DROP_IP_NOROUTE, error));
	}
	if (way.ifp->if_dead || (way.ifp->if_flags & IFF_UP) == 0)
		return (mcast_refuse(m, DROP_IF_DOWN, VE_NETDOWN));
	if (ia->ia_hdr)
		ttl = *mtodo(m, IP_O_TTL);
	else
		args.ia_ttl = (uint8_t)imax(ttl, 1);
	if (!ia->ia_hdr || ia->ia_raw) {
		error = ip_makeheader(&m, &args, &way);
		if (error != 0)
			return (error);
		args.ia_hdr = true;
		args.ia_raw = false;
	}
	m->m_flags |= M_MCAST;
	if (loop && in_mcast_member(way.ifp, ia->ia_dst))
		ip_mloopback(m, way.ifp);
	if (ttl == 0 || (way.ifp->if_flags & IFF_LOOPBACK) != 0) {
		m_freem(m);
		return (0);
	}
	return (ip_output_way(m, &args, &way));
}
