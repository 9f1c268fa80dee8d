/*
 * ip_output.c - IPv4 from above: find the way, put the header in front, send.
 *
 * The next hop says interface, gateway, source and MTU.  The header's sum is
 * left to whoever first needs real bytes (CSUM_IP, see mbuf.h).  What is too
 * long for the way goes in fragments (ip_frag.c), unless it must not.
 *
 * Identification: atomic packets (DF, the only kind TCP sends) carry 0, RFC
 * 6864 section 4.1, unless net.inet.ip.rfc6864 is 0; others are counted, or
 * drawn (net.inet.ip.random_id).
 *
 * Packet filters see the packet with its header, when its way is known.  One
 * that changes the destination changes the way; they are not asked again.
 * What they remember of it cannot be taken back: a packet of ours for which
 * there is no memory behind them (a neighbour's entry, fragments) counts as
 * lost, with 0, because VE_NOBUFS promises that nothing has changed.
 *
 * RFC 791; RFC 1122 section 3.3.1.  FreeBSD: sys/netinet/ip_output.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/pfil.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_mcast.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_reass.h"
#include "src/net/ip/ip_var.h"
#include "src/net/ip/rtsock.h"

/* 255.255.255.255 has no route: the first interface that can broadcast. */
static bool
ip_way_bcast(struct ip_way *way)
{
	const struct in_ifaddr *ia;
	struct ifnet *ifp;

	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp)) {
		if ((ifp->if_flags & (IFF_UP | IFF_BROADCAST)) !=
		    (IFF_UP | IFF_BROADCAST))
			continue;
		ia = in_ifaddr_first(ifp);
		if (ia == NULL)
			continue;
		*way = (struct ip_way){
			.ifp = ifp,
			.src = ia->ia_addr,
			.nexthop = INADDR_BROADCAST,
			.mtu = ifp->if_mtu,
			.isbcast = true,
		};
		return (true);
	}
	return (false);
}

int
ip_way_find(uint32_t fib, uint32_t dst, struct ip_way *way)
{
	const struct nhop_object *nh;

	if (dst == INADDR_BROADCAST)
		return (ip_way_bcast(way) ? 0 : VE_HOSTUNREACH);
	nh = fib4_lookup(fib, dst);
	if (nh == NULL || (nh->nh_flags & RTF_REJECT) != 0)
		return (VE_HOSTUNREACH);
	way->nh = nh;
	way->ifp = ref_get(&nh->nh_ifp);
	if (way->ifp == NULL)
		return (VE_HOSTUNREACH);
	way->src = nh->nh_src;
	way->isgw = (nh->nh_flags & RTF_GATEWAY) != 0;
	way->nexthop = way->isgw ? nh->nh_gateway : dst;
	way->mtu = way->ifp->if_mtu;
	if (nh->nh_mtu != 0 && nh->nh_mtu < way->mtu)
		way->mtu = nh->nh_mtu;
	way->isbcast = !way->isgw && in_ifbroadcast(way->ifp, dst);
	way->isblackhole = (nh->nh_flags & RTF_BLACKHOLE) != 0;
	return (0);
}

uint16_t
ip_newid(bool df)
{
	if (df && V_ip.rfc6864)
		return (0);
	V_ip.id++;
	if (V_ip.randomid)
		return ((uint16_t)krandom("ip.id", curvnet->v_id, V_ip.id));
	return ((uint16_t)V_ip.id);
}

static void
ip_header(struct mbuf *m, const struct ip_outargs *ia, uint32_t src)
{
	uint8_t *p = mtod(m, uint8_t *);
	uint8_t ttl = ia->ia_ttl != 0 ? ia->ia_ttl : (uint8_t)V_ip.ttl;

	p[IP_O_VHL] = 0x45;
	p[IP_O_TOS] = ia->ia_tos;
	be16enc(p + IP_O_LEN, (uint16_t)m->m_pkthdr.len);
	be16enc(p + IP_O_ID, ip_newid(ia->ia_df));
	be16enc(p + IP_O_OFF, ia->ia_df ? IP_DF : 0);
	p[IP_O_TTL] = ttl;
	p[IP_O_P] = ia->ia_proto;
	be16enc(p + IP_O_SUM, 0);
	be32enc(p + IP_O_SRC, src);
	be32enc(p + IP_O_DST, ia->ia_dst);
	m->m_pkthdr.csum_flags |= CSUM_IP;
	m->m_pkthdr.l3off = 0;
}

static int
ip_refuse(struct mbuf *m, enum drop_reason why, int error)
{
	m_drop(m, why);
	return (error);
}

/*
 * Ask the filters about a packet that has its header and its way.
 * Return: 0: go on with *mp, unless that is NULL (kept); else the errno of
 * ip_output(), *mp is gone.
 */
static int
ip_output_pfil(
    struct mbuf **mp, const struct ip_outargs *ia, struct ip_way *way)
{
	uint32_t dst;

	switch (pfil_run_hooks(
	    V_inet_pfil_head, mp, way->ifp, PFIL_OUT, ia->ia_inp)) {
	case PFIL_DROPPED:
		return (VE_ACCES);
	case PFIL_CONSUMED:
		return (0);
	default:
		break;
	}
	*mp = m_pullup(*mp, IP_HDRLEN);
	if (*mp == NULL)
		return (ip_refuse(NULL, DROP_IP_SHORT, VE_INVAL));
	dst = be32dec(mtodo(*mp, IP_O_DST));
	if (dst != ia->ia_dst &&
	    ip_way_find((*mp)->m_pkthdr.fib, dst, way) != 0) {
		IPSTAT_INC(noroute);
		return (ip_refuse(*mp, DROP_IP_NOROUTE, VE_HOSTUNREACH));
	}
	if (way->ifp->if_dead || (way->ifp->if_flags & IFF_UP) == 0)
		return (ip_refuse(*mp, DROP_IF_DOWN, VE_NETDOWN));
	return (0);
}

/* In fragments.  Those behind one that could not be sent are not tried. */
static int
ip_send_fragments(struct mbuf *m, const struct ip_way *way)
{
	struct mbuf *next;
	int error;

	error = ip_fragment(m, way->mtu);
	if (error != 0) {
		IPSTAT_INC(cantfrag);
		return (ip_refuse(m,
		    error == VE_MSGSIZE ? DROP_IP_OVERSIZE : DROP_NOMEM,
		    error));
	}
	for (; m != NULL; m = next) {
		next = m->m_nextpkt;
		m->m_nextpkt = NULL;
		if (error == 0)
			error = way->ifp->if_output(
			    way->ifp, m, way->nexthop, way->isgw);
		else
			m_drop(m, DROP_IP_FRAGMENT);
	}
	return (error);
}

static int
ip_emit(struct mbuf *m, const struct ip_way *way)
{
	if (way->isblackhole) {
		m_drop(m, DROP_IP_BLACKHOLE);
		return (0);
	}
	if (m->m_pkthdr.len <= way->mtu)
		return (
		    way->ifp->if_output(way->ifp, m, way->nexthop, way->isgw));
	if ((be16dec(mtodo(m, IP_O_OFF)) & IP_DF) != 0) {
		IPSTAT_INC(cantfrag);
		return (ip_refuse(m, DROP_IP_OVERSIZE, VE_MSGSIZE));
	}
	/* FreeBSD: "don't allow broadcast messages to be fragmented" */
	if (way->isbcast)
		return (ip_refuse(m, DROP_IP_OVERSIZE, VE_MSGSIZE));
	return (ip_send_fragments(m, way));
}

int
ip_makeheader(
    struct mbuf **mp, const struct ip_outargs *ia, const struct ip_way *way)
{
	uint32_t src = ia->ia_src != 0 ? ia->ia_src : way->src;
	uint32_t opts = ia->ia_opts != NULL ? ia->ia_opts->ipopt_len : 0;
	uint32_t hlen = ia->ia_hdr ? 0 : IP_HDRLEN;

	if ((*mp)->m_pkthdr.len + hlen + opts > IP_MAXPACKET)
		return (ip_refuse(*mp, DROP_IP_OVERSIZE, VE_MSGSIZE));
	if (!ia->ia_hdr) {
		*mp = m_prepend(*mp, IP_HDRLEN,
		    curvnet->v_phase != PHASE_ALIVE ? M_RESERVE : M_NOWAIT);
		if (*mp != NULL)
			ip_header(*mp, ia, src);
	} else {
		be32enc(mtodo(*mp, IP_O_SRC), src);
		be32enc(mtodo(*mp, IP_O_DST), ia->ia_dst);
	}
	if (opts > 0 && *mp != NULL)
		*mp = ip_insertoptions(*mp, ia->ia_opts);
	if (*mp != NULL && ia->ia_onesbcast) {
		be32enc(mtodo(*mp, IP_O_DST), INADDR_BROADCAST);
		*mtodo(*mp, IP_O_TTL) = 1;
	}
	return (*mp != NULL ? 0 : ip_refuse(NULL, DROP_NOMEM, VE_NOBUFS));
}

int
ip_output_way(struct mbuf *m __takes, const struct ip_outargs *ia,
    const struct ip_way *how)
{
	struct ip_way way = *how;
	bool seen = false;
	int error;

	if (way.ifp->if_dead || (way.ifp->if_flags & IFF_UP) == 0)
		return (ip_refuse(m, DROP_IF_DOWN, VE_NETDOWN));
	if (way.isbcast) {
		if ((way.ifp->if_flags & IFF_BROADCAST) == 0)
			return (ip_refuse(m, DROP_ICMP_BCAST, VE_ADDRNOTAVAIL));
		if (!ia->ia_bcast)
			return (ip_refuse(m, DROP_ICMP_BCAST, VE_ACCES));
		m->m_flags |= M_BCAST;
	}
	if (!ia->ia_hdr || ia->ia_raw) {
		error = ip_makeheader(&m, ia, &way);
		if (error != 0)
			return (error);
	}
	if (PFIL_HOOKED_OUT(V_inet_pfil_head)) {
		error = ip_output_pfil(&m, ia, &way);
		if (error != 0 || m == NULL)
			return (error);
		seen = !ia->ia_forward;
	}
	if (!ia->ia_forward)
		IPSTAT_INC(localout);
	error = ip_emit(m, &way);
	/* Filters remember it: it is lost behind them, not unsent. */
	return (seen && error == VE_NOBUFS ? 0 : error);
}

/* IP_ONESBCAST: to the network of this broadcast address, whatever routes. */
static int
ip_way_ones(uint32_t dst, struct ip_way *way)
{
	struct ifnet *ifp;

	if (dst == INADDR_BROADCAST)
		return (VE_NETUNREACH);
	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp)) {
		if (!in_ifbroadcast(ifp, dst))
			continue;
		*way = (struct ip_way){
			.ifp = ifp,
			.src = in_ifaddr_for(ifp, dst)->ia_addr,
			.nexthop = INADDR_BROADCAST,
			.mtu = ifp->if_mtu,
			.isbcast = true,
		};
		return (0);
	}
	return (VE_NETUNREACH);
}

/* A source route: first to its first hop; sums are about its end. */
static int
ip_output_srcroute(struct mbuf *m, const struct ip_outargs *ia)
{
	struct ip_outargs first = *ia;
	struct ip_way way = { 0 };
	int error;

	first.ia_dst = ia->ia_opts->ipopt_dst;
	error = ip_way_find(m->m_pkthdr.fib, first.ia_dst, &way);
	if (error != 0) {
		IPSTAT_INC(noroute);
		return (ip_refuse(m, DROP_IP_NOROUTE, error));
	}
	if (ia->ia_src == 0)
		first.ia_src = way.src;
	error = ip_sum_now(&m, &first, ia->ia_dst);
	if (error != 0)
		return (ip_refuse(NULL, DROP_NOMEM, error));
	return (ip_output_way(m, &first, &way));
}

int
ip_output(struct mbuf *m __takes, const struct ip_outargs *ia)
{
	struct ip_way way = { 0 };
	int error;

	/* FreeBSD: a socket's packet goes by the table of the socket */
	if (ia->ia_inp != NULL)
		m->m_pkthdr.fib = ia->ia_inp->inp_fib;
	if (ia->ia_opts != NULL && ia->ia_opts->ipopt_dst != 0)
		return (ip_output_srcroute(m, ia));
	if (IN_MULTICAST(ia->ia_dst))
		return (ip_mcast_output(m, ia));
	error = ia->ia_onesbcast
		    ? ip_way_ones(ia->ia_dst, &way)
		    : ip_way_find(m->m_pkthdr.fib, ia->ia_dst, &way);
	if (error != 0) {
		IPSTAT_INC(noroute);
		rt_missmsg(m->m_pkthdr.fib, ia->ia_dst);
		return (ip_refuse(m, DROP_IP_NOROUTE, error));
	}
	return (ip_output_way(m, ia, &way));
}

uint32_t
ip_mtu(uint32_t fib, uint32_t dst)
{
	struct ip_way way = { 0 };

	return (ip_way_find(fib, dst, &way) == 0 ? way.mtu : 0);
}

/* The table through which inet reaches IP. */

static int
af_output(struct mbuf *m __takes, uint32_t src, uint32_t dst, uint8_t proto,
    uint8_t ttl, uint8_t tos, struct inpcb *inp)
{
	struct ip_outargs ia = {
		.ia_src = src,
		.ia_dst = dst,
		.ia_proto = proto,
		.ia_ttl = ttl,
		.ia_tos = tos,
		.ia_bcast = true, /* SO_BROADCAST was checked by the caller */
		.ia_inp = inp,
	};

	if (inp != NULL) {
		ia.ia_opts = inp->inp_options;
		ia.ia_df = (inp->inp_flags & INP_DONTFRAG) != 0;
		ia.ia_onesbcast = (inp->inp_flags & INP_ONESBCAST) != 0;
	}

	return (ip_output(m, &ia));
}

static int
af_laddr(uint32_t fib, uint32_t dst, uint32_t *src)
{
	struct ip_way way = { 0 };

	if (ip_way_find(fib, dst, &way) != 0)
		return (VE_NETUNREACH);
	/* to ourselves: from the address itself */
	*src = in_localip(dst) ? dst : way.src;
	return (*src != 0 ? 0 : VE_ADDRNOTAVAIL);
}

static void
af_unreach(struct mbuf *m __takes, uint8_t code)
{
	icmp_error(m, ICMP_UNREACH, code, 0);
}

const struct inet_afops ip_inet_afops = {
	.af_output = af_output,
	.af_raw_output = ip_raw_output,
	.af_laddr = af_laddr,
	.af_local = in_localip,
	.af_broadcast = in_broadcast,
	.af_unreach = af_unreach,
};
