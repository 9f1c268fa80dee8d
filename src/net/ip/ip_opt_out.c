/*
 * ip_opt_out.c - options of packets that go out.
 *
 * They come from a program (IP_OPTIONS) or from a packet that is answered: a
 * source route is reversed, a recorded route and timestamps go on as they are
 * (RFC 1122 section 3.2.2.6).
 *
 * A source route of a program names every hop and the destination last.  The
 * first hop does not appear in the packet's option; it becomes the header's
 * destination and is kept apart (ipopt_dst).  Sums of TCP and UDP are about
 * the last one (RFC 1122 section 4.2.3.8), so they are made at once.
 *
 * FreeBSD: ip_pcbopts(), ip_insertoptions(), ip_srcroute() of
 * sys/netinet/ip_options.c, icmp_reflect().
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_var.h"

enum { OPT_LEN = 1, OPT_OFF = 2, OPT_ROUTE = 3, OPT_MINOFF = 4 };

/* The first hop leaves the option at @cp.  Return: the option's new length. */
static uint32_t
opt_firsthop(struct ipoption *o, uint8_t *cp, uint32_t len)
{
	uint8_t *end = o->ipopt_list + o->ipopt_len;

	o->ipopt_dst = be32dec(cp + OPT_ROUTE);
	memmove(cp + OPT_ROUTE, cp + OPT_ROUTE + 4,
	    (size_t)(end - (cp + OPT_ROUTE + 4)));
	memset(end - 4, IPOPT_EOL, 4);
	o->ipopt_len -= 4;
	cp[OPT_LEN] = (uint8_t)(len - 4);
	return (len - 4);
}

/* Is it well formed?  A source route is brought into its final shape. */
static bool
opt_accept(struct ipoption *o)
{
	uint32_t at, len;
	uint8_t *cp;

	for (at = 0; at < o->ipopt_len; at += len) {
		cp = o->ipopt_list + at;
		if (*cp == IPOPT_EOL)
			break;
		len = 1;
		if (*cp == IPOPT_NOP)
			continue;
		if (at + OPT_LEN >= o->ipopt_len)
			return (false);
		len = cp[OPT_LEN];
		if (len < 2 || at + len > o->ipopt_len)
			return (false);
		if (*cp != IPOPT_LSRR && *cp != IPOPT_SSRR)
			continue;
		if (len < OPT_ROUTE + 4)
			return (false);
		len = opt_firsthop(o, cp, len);
	}
	return (true);
}

int
ip_pcbopts(struct inpcb *inp, const uint8_t *opts, uint32_t len)
{
	struct ipoption o = { 0 };

	if (len == 0)
		return (in_pcbipoptions(inp, NULL));
	if (len % 4 != 0 || len > sizeof(o.ipopt_list))
		return (VE_INVAL);
	memcpy(o.ipopt_list, opts, len);
	o.ipopt_len = (uint8_t)len;
	if (!opt_accept(&o) || o.ipopt_len > MAX_IPOPTLEN)
		return (VE_INVAL);
	return (in_pcbipoptions(inp, &o));
}

struct mbuf *
ip_insertoptions(struct mbuf *m __takes, const struct ipoption *opt)
{
	uint32_t n = opt->ipopt_len;
	uint8_t *p;

	m = m_prepend(
	    m, n, curvnet->v_phase != PHASE_ALIVE ? M_RESERVE : M_NOWAIT);
	if (m != NULL)
		m = m_pullup(m, IP_HDRLEN + n);
	if (m == NULL)
		return (NULL);
	p = mtod(m, uint8_t *);
	memmove(p, p + n, IP_HDRLEN);
	memcpy(p + IP_HDRLEN, opt->ipopt_list, n);
	p[IP_O_VHL] = (uint8_t)(0x40 | (IP_HDRLEN + n) >> 2);
	be16enc(p + IP_O_LEN, (uint16_t)m->m_pkthdr.len);
	m->m_pkthdr.l3off = 0; /* the header has moved, not the packet */
	return (m);
}

int
ip_sum_now(struct mbuf **mp, const struct ip_outargs *ia, uint32_t dst)
{
	uint32_t at = (*mp)->m_pkthdr.csum_data;
	uint16_t sum;

	if (((*mp)->m_pkthdr.csum_flags & (CSUM_TCP | CSUM_UDP)) == 0)
		return (0);
	*mp = m_pullup(*mp, at + 2);
	if (*mp == NULL)
		return (VE_NOBUFS);
	sum = in_cksum(*mp, 0, (*mp)->m_pkthdr.len,
	    in_pseudo(ia->ia_src, dst, ia->ia_proto, (*mp)->m_pkthdr.len));
	if (sum == 0 && ia->ia_proto == IPPROTO_UDP)
		sum = 0xffff;
	be16enc(mtodo(*mp, at), sum);
	(*mp)->m_pkthdr.csum_flags &= (uint16_t) ~(CSUM_TCP | CSUM_UDP);
	return (0);
}

/* The way back: what the route at @cp has recorded, backwards. */
static void
opt_reverse(struct ipoption *o, const uint8_t *cp, uint32_t from)
{
	uint32_t nhops = (cp[OPT_LEN] - OPT_ROUTE) / 4u;
	const uint8_t *hop = cp + OPT_ROUTE + (nhops - 1) * 4;
	uint8_t *q = o->ipopt_list;

	o->ipopt_dst = be32dec(hop);
	*q++ = IPOPT_NOP;
	*q++ = cp[0];
	*q++ = (uint8_t)(OPT_ROUTE + nhops * 4);
	*q++ = OPT_MINOFF;
	for (hop -= 4; hop >= cp + OPT_ROUTE; hop -= 4, q += 4)
		memcpy(q, hop, 4);
	be32enc(q, from);
	o->ipopt_len = (uint8_t)(q + 4 - o->ipopt_list);
}

/* Append one option as it is; what has no room is left out. */
static void
opt_copy(struct ipoption *o, const uint8_t *cp, uint32_t len)
{
	if (o->ipopt_len + len > MAX_IPOPTLEN)
		return;
	memcpy(o->ipopt_list + o->ipopt_len, cp, len);
	o->ipopt_len += (uint8_t)len;
}

bool
ip_replyoptions(const uint8_t *hdr, uint32_t hlen, bool all, struct ipoption *o)
{
	uint32_t at, len;
	const uint8_t *cp;

	memset(o, 0, sizeof(*o));
	if (hlen <= IP_HDRLEN || V_ip.doopts != 1)
		return (false);
	/* the route first, as FreeBSD has it; ip_dooptions() checked lengths */
	for (int pass = 0; pass < 2; pass++) {
		for (at = IP_HDRLEN; at + 1 < hlen; at += len) {
			cp = hdr + at;
			if (*cp == IPOPT_EOL)
				break;
			len = *cp == IPOPT_NOP ? 1 : cp[OPT_LEN];
			if (len == 0 || at + len > hlen)
				break;
			if (pass == 0 && o->ipopt_len == 0 &&
			    (*cp == IPOPT_LSRR || *cp == IPOPT_SSRR) &&
			    len >= OPT_ROUTE + 4)
				opt_reverse(o, cp, be32dec(hdr + IP_O_SRC));
			if (pass == 1 && all &&
			    (*cp == IPOPT_RR || *cp == IPOPT_TS))
				opt_copy(o, cp, len);
		}
	}
	while ((o->ipopt_len & 3) != 0)
		o->ipopt_list[o->ipopt_len++] = IPOPT_EOL;
	return (o->ipopt_len > 0);
}
