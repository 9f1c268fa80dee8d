/*
 * ip_input.c - IPv4 from below: is it sane, is it ours, who wants it.
 *
 * Up:    netisr -> ip_input -> ip_parse -> pfil -> ip_dooptions -> ip_reass ->
 *        protosw.pr_input, icmp_input or ip_raw_input
 * Over:  netisr -> ip_input -> ip_parse -> pfil -> ip_dooptions ->
 *        ip_forward -> ip_output
 *
 * A packet walks straight: up one layer, on to the next hop, aside until the
 * rest of it is there, or it is dropped with a reason.
 *
 * Packet filters see what has sane bytes and addresses, before anybody asks
 * whether it is for us: they may change that.  What they let pass is parsed
 * again; the sum is theirs to mend and not looked at.
 *
 * An address is heard by every interface (the weak end system of RFC 1122
 * section 3.3.4.2; net.inet.ip.rfc1122_strong_es), a broadcast only by that
 * whose network it is: one for another network of ours is a directed
 * broadcast, which is not passed on (RFC 2644).
 *
 * RFC 791; RFC 1122 section 3.2.1.  FreeBSD: sys/netinet/ip_input.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/pfil.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_mcast.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_encap.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_reass.h"
#include "src/net/ip/ip_var.h"

void
ip_decode(const uint8_t *p, struct ip_repr *ip)
{
	ip->hlen = (uint8_t)((p[IP_O_VHL] & 0xf) << 2);
	ip->tos = p[IP_O_TOS];
	ip->len = be16dec(p + IP_O_LEN);
	ip->id = be16dec(p + IP_O_ID);
	ip->off = be16dec(p + IP_O_OFF);
	ip->ttl = p[IP_O_TTL];
	ip->proto = p[IP_O_P];
	ip->src = be32dec(p + IP_O_SRC);
	ip->dst = be32dec(p + IP_O_DST);
}

enum drop_reason
ip_parse(struct mbuf **mp, struct ip_repr *ip)
{
	struct mbuf *m = *mp;

	if (m->m_pkthdr.len < IP_HDRLEN)
		return (DROP_IP_SHORT);
	*mp = m = m_pullup(m, IP_HDRLEN);
	if (m == NULL)
		return (DROP_NOMEM);
	if (*mtod(m, uint8_t *) >> 4 != 4)
		return (DROP_IP_VERSION);
	ip_decode(mtod(m, uint8_t *), ip);
	if (ip->hlen < IP_HDRLEN || ip->hlen > m->m_pkthdr.len)
		return (DROP_IP_HLEN);
	*mp = m = m_pullup(m, ip->hlen);
	if (m == NULL)
		return (DROP_NOMEM);
	if ((m->m_pkthdr.csum_flags & CSUM_L3_VALID) == 0 &&
	    in_cksum(m, 0, ip->hlen, 0) != 0)
		return (DROP_IP_BADSUM);
	if (ip->len < ip->hlen || ip->len > m->m_pkthdr.len)
		return (DROP_IP_BADLEN);
	if (m->m_pkthdr.len > ip->len)
		m_adj(m, (int)ip->len - (int)m->m_pkthdr.len);
	return (DROP_NONE);
}

void
ip_csum_reopen(struct mbuf *m, const struct ip_repr *ip)
{
	uint16_t flags = m->m_pkthdr.csum_flags;
	uint32_t left = m->m_pkthdr.len - ip->hlen;

	m->m_pkthdr.l3off = 0;
	m->m_flags &= (uint16_t)~M_TAPPED;
	flags &= (uint16_t)~CSUM_L3_VALID;
	flags |= CSUM_IP;
	if ((flags & CSUM_DATA_VALID) != 0 && m->m_pkthdr.len == ip->len &&
	    (ip->off & (IP_MF | IP_OFFMASK)) == 0) {
		if (ip->proto == IPPROTO_TCP && left >= 20)
			flags ^= CSUM_DATA_VALID | CSUM_TCP;
		else if (ip->proto == IPPROTO_UDP && left >= 8)
			flags ^= CSUM_DATA_VALID | CSUM_UDP;
	}
	m->m_pkthdr.csum_flags = flags;
}

/* RFC 1122 section 3.2.1.3: addresses that cannot stand where they stand. */
static enum drop_reason
ip_checkaddrs(const struct mbuf *m, const struct ip_repr *ip)
{
	const struct ifnet *ifp = m_rcvif(m);

	if (ifp == NULL)
		return (DROP_NO_RCVIF);
	if ((ifp->if_flags & IFF_LOOPBACK) == 0 &&
	    (IN_LOOPBACKNET(ip->src) || IN_LOOPBACKNET(ip->dst)))
		return (DROP_IP_LOOP);
	if (IN_MULTICAST(ip->src) ||
	    (IN_EXPERIMENTAL(ip->src) &&
		(!V_ip.allow_net240 || ip->src == INADDR_BROADCAST)) ||
	    (ip->src != INADDR_ANY && in_broadcast(ip->src)))
		return (DROP_IP_SRC);
	return (DROP_NONE);
}

/* Ask the filters.  @m is NULL afterwards if they kept or dropped it. */
static enum drop_reason
ip_filter(struct mbuf **mp, struct ip_repr *ip)
{
	switch (
	    pfil_run_hooks(V_inet_pfil_head, mp, m_rcvif(*mp), PFIL_IN, NULL)) {
	case PFIL_DROPPED:
	case PFIL_CONSUMED:
		return (DROP_NONE);
	default:
		(*mp)->m_pkthdr.csum_flags |= CSUM_L3_VALID;
		return (ip_parse(mp, ip));
	}
}

/*
 * Is it ours?  FreeBSD takes 0.0.0.0 as its own, for hosts that know no better.
 * *why is set if it is, but not like that.
 */
static bool
ip_isours(struct mbuf *m, const struct ip_repr *ip, enum drop_reason *why)
{
	const struct ifnet *ifp = m_rcvif(m);

	if (in_localip(ip->dst)) {
		if (V_ip.strong_es && !V_ip.forwarding &&
		    (m->m_flags & M_LOOP) == 0 &&
		    !in_localaddr_of(ifp, ip->dst))
			*why = DROP_IP_NOTFORUS;
		/* what we send to ourselves does not come by a wire */
		if (V_ip.sav && (m->m_flags & M_LOOP) == 0 &&
		    in_localip(ip->src))
			*why = DROP_IP_SRC;
		return (true);
	}
	if (in_ifbroadcast(ifp, ip->dst)) {
		m->m_flags |= M_BCAST;
		return (true);
	}
	if (IN_MULTICAST(ip->dst)) {
		m->m_flags |= M_MCAST;
		if (!in_mcast_member(ifp, ip->dst))
			*why = DROP_IP_NOTMEMBER;
		return (true);
	}
	return (ip->dst == INADDR_ANY);
}

/* Not for us: on its way, if we are a router. */
static void
ip_notours(struct mbuf *m, const struct ip_repr *ip)
{
	if (V_ip.naddrs == 0) {
		m_drop(m, DROP_IP_NOADDR);
		return;
	}
	if (!V_ip.forwarding) {
		IPSTAT_INC(cantforward);
		m_drop(m, DROP_IP_NOTFORUS);
		return;
	}
	ip_forward(m, ip, false);
}

static void
ip_deliver(struct mbuf *m, const struct ip_repr *ip)
{
	const struct protosw *pr;

	IPSTAT_INC(delivered);
	if (ip->proto == IPPROTO_ICMP) {
		icmp_input(m, ip->hlen);
		return;
	}
	if (ip->proto == IPPROTO_IGMP) {
		igmp_input(m, ip->hlen);
		return;
	}
	if (!LIST_EMPTY(&V_ip.encap) && encap4_input(m, ip))
		return;
	/* 0 would find any */
	pr = ip->proto != 0 ? pffindproto(0, ip->proto) : NULL;
	if (pr != NULL) {
		pr->pr_input(m, ip->hlen);
		return;
	}
	if (ip_raw_input(m, ip))
		return;
	IPSTAT_INC(noproto);
	m_drop(NULL, DROP_IP_NOPROTO);
	icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_PROTOCOL, 0);
}

static void
ip_refused(struct mbuf *m, enum drop_reason why)
{
	switch (why) {
	case DROP_IP_SHORT:
		IPSTAT_INC(tooshort);
		break;
	case DROP_IP_VERSION:
		IPSTAT_INC(badvers);
		break;
	case DROP_IP_HLEN:
		IPSTAT_INC(badhlen);
		break;
	case DROP_IP_BADSUM:
		IPSTAT_INC(badsum);
		break;
	case DROP_IP_BADLEN:
		IPSTAT_INC(badlen);
		break;
	case DROP_IP_NOTMEMBER:
		IPSTAT_INC(notmember);
		break;
	case DROP_IP_LOOP:
	case DROP_IP_SRC:
	case DROP_IP_NOTFORUS:
		IPSTAT_INC(badaddr);
		break;
	default:
		break;
	}
	m_drop(m, why);
}

void
ip_input(struct mbuf *m __takes)
{
	enum drop_reason why;
	struct ip_repr ip;
	bool ours = false;

	IPSTAT_INC(total);
	why = ip_parse(&m, &ip);
	if (why == DROP_NONE)
		why = ip_checkaddrs(m, &ip);
	if (why == DROP_NONE && PFIL_HOOKED_IN(V_inet_pfil_head)) {
		why = ip_filter(&m, &ip);
		if (why == DROP_NONE && m == NULL)
			return;
	}
	if (why == DROP_NONE && ip.hlen > IP_HDRLEN && ip_dooptions(m, &ip))
		return;
	if (why == DROP_NONE)
		ours = ip_isours(m, &ip, &why);
	if (why != DROP_NONE) {
		ip_refused(m, why);
		return;
	}
	if (!ours) {
		ip_notours(m, &ip);
		return;
	}
	if ((ip.off & (IP_MF | IP_OFFMASK)) != 0) {
		m = ip_reass(m, &ip);
		if (m == NULL)
			return;
	}
	ip_deliver(m, &ip);
}
