/*
 * icmp_reflect.c - requests of ICMP, answered: echo, timestamp, address mask.
 *
 *	request     answered if                     limited by icmplim
 *	---------   -----------------------------   ------------------
 *	echo        always                          yes
 *	timestamp   net.inet.icmp.tstamprepl (1)    yes
 *	mask        net.inet.icmp.maskrepl (0)      no
 *
 * Echo and timestamp requests to a broadcast or multicast address only with
 * net.inet.icmp.bmcastecho (0).  The answer comes from the address that was
 * asked; if that was a broadcast, from our address of that network.  Options:
 * see ip_opt_out.c.
 *
 * RFC 792; RFC 950; RFC 1122 section 3.2.2.6 to 3.2.2.9.  FreeBSD:
 * icmp_reflect(), icmp_input() of sys/netinet/ip_icmp.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_var.h"

#define ICMP_TSLEN   20 /* three times behind the header */
#define ICMP_MASKLEN 12
#define MS_PER_DAY   86400000

/* The address that answers for the one that was asked; 0: that of the way. */
static uint32_t
icmp_answerer(const struct mbuf *m, const struct ip_repr *ip)
{
	const struct ifnet *ifp = m_rcvif(m);
	const struct in_ifaddr *ia;

	if (in_localip(ip->dst))
		return (ip->dst);
	ia = ifp != NULL && in_ifbroadcast(ifp, ip->dst)
		 ? in_ifaddr_for(ifp, ip->dst)
		 : NULL;
	return (ia != NULL ? ia->ia_addr : 0);
}

static bool
icmp_dropped(struct mbuf *m, enum drop_reason why)
{
	m_drop(m, why);
	return (true);
}

/*
 * Turn @m round: behind its IP header stands the answer, but for its sum.
 * @to: who asked.
 */
static bool
icmp_reflect(struct mbuf *m, const struct ip_repr *ip, uint32_t to)
{
	struct ipoption opts;
	struct ip_outargs ia = {
		.ia_src = icmp_answerer(m, ip),
		.ia_dst = to,
		.ia_proto = IPPROTO_ICMP,
		.ia_bcast = true, /* RFC 1122 section 3.2.2.9: mask replies */
	};
	uint8_t *p;

	/* FreeBSD: cannot reflect to what is no single host */
	if (IN_MULTICAST(to) || IN_EXPERIMENTAL(to) || IN_ZERONET(to) ||
	    in_broadcast(ip->src)) {
		V_icmp.stat.icps_badaddr++;
		return (icmp_dropped(m, DROP_ICMP_BADADDR));
	}
	if (ip_replyoptions(mtod(m, uint8_t *), ip->hlen, true, &opts))
		ia.ia_opts = &opts;
	m_adj(m, ip->hlen);
	m->m_flags &= (uint16_t) ~(M_BCAST | M_MCAST | M_TAPPED | M_LOOP);
	m->m_pkthdr.csum_flags = 0;
	m->m_pkthdr.rcvif_idx = 0;
	m->m_pkthdr.rcvif_gen = 0;
	V_icmp.stat.icps_reflect++;
	p = mtod(m, uint8_t *);
	be16enc(p + 2, 0);
	be16enc(p + 2, in_cksum(m, 0, m->m_pkthdr.len, 0));
	(void)ip_output(m, &ia);
	return (true);
}

/* The ICMP header and @len bytes of its message, to be written to. */
static uint8_t *
icmp_bytes(struct mbuf **mp, const struct ip_repr *ip, uint32_t len)
{
	*mp = m_pullup(*mp, ip->hlen + len);
	if (*mp == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (NULL);
	}
	return (mtodo(*mp, ip->hlen));
}

static bool
icmp_echo(struct mbuf *m, const struct ip_repr *ip, enum drop_reason *why)
{
	uint8_t *p;

	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 && V_icmp.bmcastecho == 0) {
		V_icmp.stat.icps_bmcastecho++;
		*why = DROP_ICMP_BCAST;
		return (false);
	}
	if (!badport_bandlim(BANDLIM_ECHO))
		return (icmp_dropped(m, DROP_ICMP_LIMIT));
	p = icmp_bytes(&m, ip, ICMP_HDRLEN);
	if (p == NULL)
		return (true);
	p[0] = ICMP_ECHOREPLY;
	return (icmp_reflect(m, ip, ip->src));
}

static bool
icmp_tstamp(struct mbuf *m, const struct ip_repr *ip, enum drop_reason *why)
{
	uint32_t now = (uint32_t)(vtime() / NS_MS % MS_PER_DAY);
	uint8_t *p;

	if (V_icmp.tstamprepl == 0)
		return (false);
	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 && V_icmp.bmcastecho == 0) {
		V_icmp.stat.icps_bmcasttstamp++;
		*why = DROP_ICMP_BCAST;
		return (false);
	}
	if (ip->len < ip->hlen + ICMP_TSLEN) {
		V_icmp.stat.icps_badlen++;
		*why = DROP_ICMP_SHORT;
		return (false);
	}
	if (!badport_bandlim(BANDLIM_TSTAMP))
		return (icmp_dropped(m, DROP_ICMP_LIMIT));
	p = icmp_bytes(&m, ip, ICMP_TSLEN);
	if (p == NULL)
		return (true);
	p[0] = ICMP_TSTAMPREPLY;
	be32enc(p + 12, now);
	be32enc(p + 16, now);
	return (icmp_reflect(m, ip, ip->src));
}

static bool
icmp_mask(struct mbuf *m, const struct ip_repr *ip)
{
	const struct ifnet *ifp = m_rcvif(m);
	uint32_t about = ip->dst, to = ip->src;
	const struct in_ifaddr *ia;
	uint8_t *p;

	if (V_icmp.maskrepl == 0 || ip->len < ip->hlen + ICMP_MASKLEN)
		return (false);
	/* asked by broadcast: the network of who asks */
	if (about == INADDR_BROADCAST || about == INADDR_ANY)
		about = ip->src;
	ia = ifp != NULL ? in_ifaddr_for(ifp, about) : NULL;
	if (ia == NULL)
		return (false);
	/* one that does not know its address yet is told by broadcast */
	if (to == INADDR_ANY && ia->ia_plen < 31)
		to = ia->ia_addr | ~in_mask(ia->ia_plen);
	p = icmp_bytes(&m, ip, ICMP_MASKLEN);
	if (p == NULL)
		return (true);
	p[0] = ICMP_MASKREPLY;
	be32enc(p + 8,
	    V_icmp.maskfake != 0 ? V_icmp.maskfake : in_mask(ia->ia_plen));
	return (icmp_reflect(m, ip, to));
}

bool
icmp_request(struct mbuf *m, const struct ip_repr *ip, enum drop_reason *why)
{
	uint8_t type;

	*why = DROP_ICMP_TYPE;
	m_copydata(m, ip->hlen, 1, &type);
	switch (type) {
	case ICMP_ECHO:
		return (icmp_echo(m, ip, why));
	case ICMP_TSTAMP:
		return (icmp_tstamp(m, ip, why));
	case ICMP_MASKREQ:
		return (icmp_mask(m, ip));
	default:
		return (false);
	}
}
