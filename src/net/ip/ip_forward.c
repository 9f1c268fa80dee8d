/*
 * ip_forward.c - a router's work: one hop less to live, then on by the route.
 *
 * The head of a packet is kept until it is known how it went: what cannot go
 * on is answered by ICMP (no route, interface down or neighbour silent: host
 * unreachable; too long and DF: fragmentation needed, with the MTU), and what
 * went back where it came from, by a redirect.  Silence follows only where
 * FreeBSD keeps it: no memory, a filter's verdict, broadcast.
 *
 * Sums: see ip_csum_reopen().  The answer goes out by the route to the sender.
 *
 * RFC 1812 sections 4.2.2.9, 4.3.3, 5.2.7, 5.3.1.  FreeBSD: ip_forward() of
 * sys/netinet/ip_input.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

/* FreeBSD: in_canforward() */
static bool
in_canforward(uint32_t dst)
{
	if (IN_MULTICAST(dst) || IN_LINKLOCAL(dst) || IN_LOOPBACKNET(dst) ||
	    dst == INADDR_BROADCAST)
		return (false);
	if (IN_EXPERIMENTAL(dst))
		return (V_ip.allow_net240);
	return (!IN_ZERONET(dst) || V_ip.allow_net0);
}

/* The head of a packet, all of it if it is short.  NULL: no memory. */
static struct mbuf *
ip_forward_head(const struct mbuf *m)
{
	struct mbuf *c = m_gethdr(M_NOWAIT);
	uint32_t len = imin(m->m_pkthdr.len, MLEN);

	if (c == NULL)
		return (NULL);
	m_copydata(m, 0, len, mtod(c, uint8_t *));
	c->m_len = len;
	c->m_pkthdr.len = len;
	c->m_pkthdr.csum_flags = m->m_pkthdr.csum_flags;
	c->m_pkthdr.csum_data = m->m_pkthdr.csum_data;
	c->m_pkthdr.rcvif_idx = m->m_pkthdr.rcvif_idx;
	c->m_pkthdr.rcvif_gen = m->m_pkthdr.rcvif_gen;
	c->m_pkthdr.fib = m->m_pkthdr.fib;
	return (c);
}

/*
 * RFC 1812 section 5.2.7.2: a packet that goes out by the interface it came
 * in by, from a neighbour on that network, had a better way.  The default
 * route and routes made by redirects are not told.
 *
 * Return:	the better gateway (or the destination itself), 0: none.
 */
static uint32_t
ip_forward_better(
    const struct mbuf *m, const struct ip_repr *ip, const struct ip_way *way)
{
	const struct in_ifaddr *ia;

	if (!V_ip.sendredirects || way->ifp != m_rcvif(m) || way->nh == NULL ||
	    (way->nh->nh_flags & (RTF_DYNAMIC | NHF_DEFAULT)) != 0)
		return (0);
	ia = ref_get(&way->nh->nh_ifa);
	if (ia == NULL || ((ip->src ^ ia->ia_addr) & in_mask(ia->ia_plen)) != 0)
		return (0);
	return (way->nexthop);
}

static void
ip_forward_failed(struct mbuf *head, int error, const struct ip_way *way)
{
	IPSTAT_INC(cantforward);
	switch (error) {
	case VE_MSGSIZE:
		icmp_error(head, ICMP_UNREACH, ICMP_UNREACH_NEEDFRAG,
		    (uint16_t)way->mtu);
		return;
	case VE_NOBUFS:
	case VE_ACCES:
		m_freem(head);
		return;
	default:
		icmp_error(head, ICMP_UNREACH, ICMP_UNREACH_HOST, 0);
	}
}

static void
ip_forward_by(struct mbuf *m, const struct ip_repr *ip, bool srcrt,
    const struct ip_way *way)
{
	struct ip_outargs ia = {
		.ia_src = ip->src,
		.ia_dst = ip->dst,
		.ia_hdr = true,
		.ia_forward = true,
	};
	uint32_t better = srcrt ? 0 : ip_forward_better(m, ip, way);
	struct mbuf *head = ip_forward_head(m);
	int error;

	ip_csum_reopen(m, ip);
	m->m_flags &= (uint16_t)~M_LOOP;
	*mtodo(m, IP_O_TTL) = (uint8_t)(ip->ttl - IPTTLDEC);
	error = ip_output_way(m, &ia, way);
	if (error == 0) {
		IPSTAT_INC(forward);
		if (better != 0)
			IPSTAT_INC(redirectsent);
		if (better != 0 && head != NULL)
			icmp_redirect(head, better);
		else
			m_freem(head);
	} else if (head != NULL)
		ip_forward_failed(head, error, way);
	else
		IPSTAT_INC(cantforward);
}

void
ip_forward(struct mbuf *m __takes, const struct ip_repr *ip, bool srcrt)
{
	struct ip_way way = { 0 };

	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 ||
	    !in_canforward(ip->dst)) {
		IPSTAT_INC(cantforward);
		m_drop(m, DROP_IP_FORWARD);
		return;
	}
	/* RFC 1812 section 5.3.1: what would have nothing left to live */
	if (ip->ttl <= IPTTLDEC) {
		m_drop(NULL, DROP_IP_TTL);
		icmp_error(m, ICMP_TIMXCEED, ICMP_TIMXCEED_INTRANS, 0);
		return;
	}
	if (ip_way_find(m->m_pkthdr.fib, ip->dst, &way) != 0) {
		IPSTAT_INC(noroute);
		IPSTAT_INC(cantforward);
		m_drop(NULL, DROP_IP_NOROUTE);
		icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_HOST, 0);
		return;
	}
	ip_forward_by(m, ip, srcrt, &way);
}
