/*
 * ip_raw.c - raw sockets and IP: a packet up to them, a packet of theirs down.
 *
 * Up: raw_ip.c decides who wants a packet; here it gets real sums first,
 * because a program may look at every byte.
 *
 * Down, without IP_HDRINCL: IP makes the header as for everybody.  With it the
 * socket's bytes begin with a header, in network byte order.  Its lengths and
 * the frame of its options are checked (VE_INVAL) and nothing else is; filled
 * in are what RFC-abiding programs leave to us:
 *
 *	identification 0    the next one
 *	source 0.0.0.0      the address of the way
 *	header sum          always
 *
 * The destination of the header says where it goes.  Options of the header and
 * IP_OPTIONS of the socket exclude each other.
 *
 * FreeBSD: rip_output() of sys/netinet/raw_ip.c.
 */
#include <vnetsim/errno.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/inet/raw_ip.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_var.h"

bool
ip_raw_input(struct mbuf *m, const struct ip_repr *ip)
{
	struct rip_key key = { ip->src, ip->dst, ip->proto };

	if (!rip_wanted(m, &key))
		return (false);
	ip_csum_reopen(m, ip);
	(void)m_csum_fill(m);
	return (rip_input(m, &key));
}

/* Do the options end where the header does?  RFC 791 section 3.1. */
static bool
ip_raw_optsane(const uint8_t *cp, uint32_t cnt)
{
	uint32_t len;

	for (; cnt > 0 && *cp != IPOPT_EOL; cnt -= len, cp += len) {
		len = 1;
		if (*cp == IPOPT_NOP)
			continue;
		if (cnt < 2)
			return (false);
		len = cp[1];
		if (len < 2 || len > cnt)
			return (false);
	}
	return (true);
}

/* Return: 0; VE_INVAL, VE_MSGSIZE: the header cannot go out. */
static int
ip_raw_header(struct mbuf **mp, const struct inpcb *inp, struct ip_outargs *ia)
{
	uint32_t hlen, len = (*mp)->m_pkthdr.len;
	uint8_t *p;

	if (len > IP_MAXPACKET)
		return (VE_MSGSIZE);
	if (len < IP_HDRLEN)
		return (VE_INVAL);
	*mp = m_pullup(*mp, imin(len, IP_MAXHDRLEN));
	if (*mp == NULL)
		return (VE_NOBUFS);
	p = mtod(*mp, uint8_t *);
	hlen = (p[IP_O_VHL] & 0xfu) << 2;
	if (hlen < IP_HDRLEN || hlen > len || be16dec(p + IP_O_LEN) != len ||
	    (hlen > IP_HDRLEN && inp->inp_options != NULL) ||
	    !ip_raw_optsane(p + IP_HDRLEN, hlen - IP_HDRLEN))
		return (VE_INVAL);
	ia->ia_hdr = ia->ia_raw = true;
	ia->ia_src = be32dec(p + IP_O_SRC);
	ia->ia_dst = be32dec(p + IP_O_DST);
	if (be16dec(p + IP_O_ID) == 0)
		be16enc(p + IP_O_ID, ip_newid(false));
	be16enc(p + IP_O_SUM, 0);
	(*mp)->m_pkthdr.csum_flags = CSUM_IP;
	(*mp)->m_pkthdr.l3off = 0;
	IPSTAT_INC(rawout);
	return (0);
}

int
ip_raw_output(
    struct mbuf *m __takes, uint32_t dst, struct inpcb *inp, bool bcast)
{
	struct ip_outargs ia = {
		.ia_src = inp->inp_laddr,
		.ia_dst = dst,
		.ia_proto = inp->inp_ip_p,
		.ia_ttl = inp->inp_ttl,
		.ia_tos = inp->inp_tos,
		.ia_df = (inp->inp_flags & INP_DONTFRAG) != 0,
		.ia_bcast = bcast,
		.ia_onesbcast = (inp->inp_flags & INP_ONESBCAST) != 0,
		.ia_opts = inp->inp_options,
		.ia_inp = inp,
	};
	int error = 0;

	if ((inp->inp_flags & INP_HDRINCL) != 0)
		error = ip_raw_header(&m, inp, &ia);
	if (error == 0)
		return (ip_output(m, &ia));
	m_freem(m);
	return (error);
}
