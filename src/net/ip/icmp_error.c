/*
 * icmp_error.c - errors told to others, and how often.
 *
 * An error is never sent about an ICMP error, a fragment but the first, a
 * broadcast, or a packet whose source is no single host (RFC 1122 section
 * 3.2.2; redirects are no exception, unlike FreeBSD's), and at most
 * net.inet.icmp.icmplim times a second of each kind.  It quotes the header and
 * net.inet.icmp.quotelen bytes (548: RFC 1812 section 4.3.2.3).
 *
 * FreeBSD: icmp_error(), badport_bandlim() of sys/netinet/ip_icmp.c, the limit
 * without its jitter.
 */
#include <string.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

bool
badport_bandlim(int which)
{
	struct icmp_bandlim *bl;

	MPASS(which >= 0 && which < BANDLIM_N);
	if (V_icmp.lim == NULL || V_icmp.icmplim == 0)
		return (true);
	bl = &V_icmp.lim[which];
	if (bl->count == 0 || vtime() - bl->start >= NS_S) {
		bl->start = vtime();
		bl->count = 0;
	}
	if (bl->count >= (uint32_t)V_icmp.icmplim) {
		V_icmp.stat.icps_limited++;
		return (false);
	}
	bl->count++;
	return (true);
}

/* FreeBSD: ICMP_INFOTYPE() */
static bool
icmp_infotype(uint8_t type)
{
	return (type == ICMP_ECHOREPLY || type == ICMP_ECHO ||
		type == ICMP_ROUTERADVERT || type == ICMP_ROUTERSOLICIT ||
		(type >= ICMP_TSTAMP && type <= ICMP_MASKREPLY));
}

/* RFC 1122 section 3.2.2: may this packet be answered by an error? */
static enum drop_reason
icmp_deserves(const struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t type;

	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 || in_broadcast(ip->dst) ||
	    IN_MULTICAST(ip->dst))
		return (DROP_ICMP_BCAST);
	if (ip->src == INADDR_ANY || in_broadcast(ip->src) ||
	    IN_MULTICAST(ip->src))
		return (DROP_ICMP_BCAST);
	if ((ip->off & IP_OFFMASK) != 0)
		return (DROP_IP_FRAGMENT);
	if (ip->proto == IPPROTO_ICMP && ip->len > ip->hlen) {
		m_copydata(m, ip->hlen, 1, &type);
		if (!icmp_infotype(type)) {
			V_icmp.stat.icps_oldicmp++;
			return (DROP_ICMP_ABOUTERR);
		}
	}
	return (DROP_NONE);
}

/* The header was checked when the packet came in; a copy may end early. */
static enum drop_reason
icmp_about(struct mbuf **mp, struct ip_repr *ip)
{
	if ((*mp)->m_pkthdr.len < IP_HDRLEN)
		return (DROP_IP_SHORT);
	*mp = m_pullup(*mp, IP_HDRLEN);
	if (*mp == NULL)
		return (DROP_NOMEM);
	ip_decode(mtod(*mp, uint8_t *), ip);
	if (ip->hlen < IP_HDRLEN || (*mp)->m_pkthdr.len < ip->hlen + 1u)
		return (DROP_IP_HLEN);
	*mp = m_pullup(*mp, ip->hlen);
	return (*mp != NULL ? icmp_deserves(*mp, ip) : DROP_NOMEM);
}

int
icmp_send(struct mbuf *m __takes, uint32_t src, uint32_t dst)
{
	struct ip_outargs ia = {
		.ia_src = src,
		.ia_dst = dst,
		.ia_proto = IPPROTO_ICMP,
	};
	uint8_t *p = mtod(m, uint8_t *);

	be16enc(p + 2, 0);
	be16enc(p + 2, in_cksum(m, 0, m->m_pkthdr.len, 0));
	return (ip_output(m, &ia));
}

/* The kind's own limit and counter. */
static int
icmp_kind(uint8_t type)
{
	switch (type) {
	case ICMP_TIMXCEED:
		return (BANDLIM_TIMXCEED);
	case ICMP_REDIRECT:
		return (BANDLIM_REDIRECT);
	case ICMP_PARAMPROB:
		return (BANDLIM_PARAMPROB);
	default:
		return (BANDLIM_UNREACH);
	}
}

static void
icmp_count(int kind)
{
	struct icmpstat *st = &V_icmp.stat;

	/* FreeBSD: a redirect is no error */
	st->icps_error += kind != BANDLIM_REDIRECT;
	st->icps_outhist_unreach += kind == BANDLIM_UNREACH;
	st->icps_outhist_timxceed += kind == BANDLIM_TIMXCEED;
	st->icps_outhist_redirect += kind == BANDLIM_REDIRECT;
	st->icps_outhist_paramprob += kind == BANDLIM_PARAMPROB;
}

/* @word: bytes 4 to 7 of the message */
static void
icmp_tell(struct mbuf *m, uint8_t type, uint8_t code, uint32_t word)
{
	enum drop_reason why;
	struct ip_repr ip;
	uint32_t quote;
	struct mbuf *e;
	uint8_t *p;

	why = icmp_about(&m, &ip);
	if (why == DROP_NONE && !badport_bandlim(icmp_kind(type)))
		why = DROP_ICMP_LIMIT;
	e = why == DROP_NONE ? m_getm(MLEN / 2, ICMP_HDRLEN, M_NOWAIT) : NULL;
	if (e == NULL) {
		m_drop(m, why == DROP_NONE ? DROP_NOMEM : why);
		return;
	}
	p = mtod(e, uint8_t *);
	memset(p, 0, ICMP_HDRLEN);
	p[0] = type;
	p[1] = code;
	be32enc(p + 4, word);
	e->m_pkthdr.fib = m->m_pkthdr.fib;
	/* the quoted packet shows the sums that its sender meant */
	ip_csum_reopen(m, &ip);
	(void)m_csum_fill(m);
	quote = imin(m->m_pkthdr.len, ip.hlen + (uint32_t)V_icmp.quotelen);
	m_adj(m, (int)quote - (int)m->m_pkthdr.len);
	e->m_pkthdr.len += quote;
	m_cat(e, m);
	icmp_count(icmp_kind(type));
	/* from the address that was asked, RFC 1122 section 3.2.1.3 */
	(void)icmp_send(e, in_localip(ip.dst) ? ip.dst : 0, ip.src);
}

void
icmp_error(struct mbuf *m __takes, uint8_t type, uint8_t code, uint16_t mtu)
{
	icmp_tell(m, type, code, mtu);
}

void
icmp_redirect(struct mbuf *m __takes, uint32_t gw)
{
	/* RFC 1812 section 5.2.7.2: for the host, never for its network */
	icmp_tell(m, ICMP_REDIRECT, ICMP_REDIRECT_HOST, gw);
}

void
icmp_paramprob(struct mbuf *m __takes, uint8_t ptr)
{
	icmp_tell(m, ICMP_PARAMPROB, 0, (uint32_t)ptr << 24);
}
