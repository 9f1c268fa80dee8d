/*
 * icmp_redirect.c - a router says that there is a better one.
 *
 * It is believed if it comes from the router that we use for that destination
 * and names one on a network of ours; then a host route is made that goes by
 * itself (route_redirect.c).  Redirects for a network are taken for the one
 * host (RFC 1122 section 3.2.2.2).  A router does not listen (RFC 1812 section
 * 5.2.7.2), nor does who has set net.inet.icmp.drop_redirect.
 *
 * FreeBSD: icmp_input(), icmp_verify_redirect_gateway().
 */
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

#define ICMP_REDIRECT_MAXCODE 3

static enum drop_reason
icmp_redirected(const struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t buf[ICMP_HDRLEN + IP_HDRLEN];

	if (V_icmp.drop_redirect || V_ip.forwarding)
		return (DROP_ICMP_REDIRECT);
	if ((uint32_t)ip->len - ip->hlen < sizeof(buf) + ICMP_QUOTE)
		return (DROP_ICMP_INNER);
	m_copydata(m, ip->hlen, sizeof(buf), buf);
	if (buf[1] > ICMP_REDIRECT_MAXCODE)
		return (DROP_ICMP_CODE);
	if (buf[ICMP_HDRLEN] >> 4 != 4 || (buf[ICMP_HDRLEN] & 0xf) < 5)
		return (DROP_ICMP_INNER);
	if (rib_redirect(m->m_pkthdr.fib, be32dec(buf + ICMP_HDRLEN + IP_O_DST),
		be32dec(buf + 4), ip->src,
		(uint32_t)V_icmp.redirtimeout) != 0) {
		V_icmp.stat.icps_badredirect++;
		return (DROP_ICMP_REDIRECT);
	}
	return (DROP_NONE);
}

enum drop_reason
icmp_redirect_input(const struct mbuf *m, const struct ip_repr *ip)
{
	V_icmp.stat.icps_inhist_redirect++;
	return (icmp_redirected(m, ip));
}
