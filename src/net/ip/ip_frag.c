/*
 * ip_frag.c - a packet longer than the MTU is cut into pieces.
 *
 * Pieces behind the first one are a new header and a share of the data's
 * clusters; nothing is copied but headers.  They are all made before the first
 * one is trimmed, so want of memory leaves the packet as it was.
 *
 * RFC 791 section 3.2 (an example of a fragmentation procedure); RFC 6864.
 * FreeBSD: ip_fragment(), ip_optcopy().
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/ip/ip_reass.h"
#include "src/net/ip/ip_var.h"
#include "src/net/ip/in_var.h"

/*
 * The header of the pieces behind the first: options with the copied flag,
 * padded.  They were checked when the packet came in or was made.
 * Return:	its length.
 */
static uint32_t
ip_optcopy(const uint8_t *from, uint32_t hlen, uint8_t *to)
{
	uint32_t at = IP_HDRLEN, n = IP_HDRLEN, len;

	memcpy(to, from, IP_HDRLEN);
	while (at < hlen && from[at] != IPOPT_EOL) {
		len =
		    from[at] == IPOPT_NOP || at + 1 == hlen ? 1 : from[at + 1];
		if (len == 0 || at + len > hlen)
			break;
		if (from[at] == IPOPT_NOP || IPOPT_COPIED(from[at])) {
			memcpy(to + n, from + at, len);
			n += len;
		}
		at += len;
	}
	while ((n & 3) != 0)
		to[n++] = IPOPT_EOL;
	to[IP_O_VHL] = (uint8_t)(0x40 | n >> 2);
	return (n);
}

static void
ip_frag_fields(uint8_t *p, uint32_t len, uint32_t off, bool more)
{
	be16enc(p + IP_O_LEN, (uint16_t)len);
	be16enc(p + IP_O_OFF, (uint16_t)(off | (more ? IP_MF : 0)));
	be16enc(p + IP_O_SUM, 0);
}

/* What all pieces have in common. */
struct ip_cut {
	uint8_t hdr[IP_MAXHDRLEN];
	uint32_t hdrlen; /* of the pieces behind the first */
	uint32_t hlen;   /* of the packet */
	uint32_t total;
	uint32_t off; /* of the packet, 8-byte units, if it is a fragment */
	bool more;    /* and whether others follow it */
};

/* A piece: data bytes @at..@at+@len of @m, counted from its header's end. */
static struct mbuf *
ip_frag_piece(
    const struct mbuf *m, const struct ip_cut *cut, uint32_t at, uint32_t len)
{
	struct mbuf *data, *f = m_getm(MLEN / 4, cut->hdrlen, M_NOWAIT);

	if (f == NULL)
		return (NULL);
	data = m_copym(m, cut->hlen + at, len, M_NOWAIT);
	if (data == NULL) {
		m_freem(f);
		return (NULL);
	}
	memcpy(mtod(f, uint8_t *), cut->hdr, cut->hdrlen);
	ip_frag_fields(mtod(f, uint8_t *), cut->hdrlen + len, cut->off + at / 8,
	    cut->more || cut->hlen + at + len < cut->total);
	m_cat(f, data);
	f->m_pkthdr.len = cut->hdrlen + len;
	f->m_flags |= m->m_flags & (M_BCAST | M_MCAST);
	f->m_pkthdr.csum_flags =
	    (uint16_t)(CSUM_IP | (m->m_pkthdr.csum_flags & CSUM_DATA_VALID));
	f->m_pkthdr.rcvif_idx = m->m_pkthdr.rcvif_idx;
	f->m_pkthdr.rcvif_gen = m->m_pkthdr.rcvif_gen;
	f->m_pkthdr.fib = m->m_pkthdr.fib;
	return (f);
}

/* The pieces behind the first, hanging at @m.  Return: their number, 0: no
 * memory, none is left. */
static uint32_t
ip_frag_rest(
    struct mbuf *m, const struct ip_cut *cut, uint32_t first, uint32_t room)
{
	struct mbuf **tail = &m->m_nextpkt, *f;
	uint32_t n = 0, at, len, data = cut->total - cut->hlen;

	for (at = first; at < data; at += len) {
		len = imin(room, data - at);
		*tail = ip_frag_piece(m, cut, at, len);
		if (*tail == NULL)
			break;
		tail = &(*tail)->m_nextpkt;
		n++;
	}
	if (at >= data)
		return (n);
	while ((f = m->m_nextpkt) != NULL) {
		m->m_nextpkt = f->m_nextpkt;
		f->m_nextpkt = NULL;
		m_freem(f);
	}
	return (0);
}

/* Sums that are to be made are made; the header's is again later. */
static bool
ip_frag_sums(struct mbuf *m)
{
	if ((m->m_pkthdr.csum_flags & (CSUM_TCP | CSUM_UDP)) != 0 &&
	    m_csum_fill(m) == VE_NOBUFS)
		return (false);
	m->m_pkthdr.csum_flags &= CSUM_DATA_VALID;
	m->m_pkthdr.csum_flags |= CSUM_IP;
	return (true);
}

int
ip_fragment(struct mbuf *m, uint32_t mtu)
{
	uint32_t first, room, n;
	struct ip_repr ip;
	struct ip_cut cut;

	ip_decode(mtod(m, uint8_t *), &ip);
	cut.hlen = ip.hlen;
	cut.total = ip.len;
	cut.off = ip.off & IP_OFFMASK;
	cut.more = (ip.off & IP_MF) != 0;
	MPASS(m->m_len >= cut.hlen && m->m_pkthdr.len == cut.total &&
	      cut.total > mtu);
	cut.hdrlen = ip_optcopy(mtod(m, uint8_t *), cut.hlen, cut.hdr);
	/* a fragment of a packet that is too long has no room for the last */
	if (mtu < cut.hlen + 8 ||
	    cut.off + (cut.total - cut.hlen - 1) / 8 > IP_OFFMASK)
		return (VE_MSGSIZE);
	if (!ip_frag_sums(m))
		return (VE_NOBUFS);
	first = (mtu - cut.hlen) & ~7u;
	room = (mtu - cut.hdrlen) & ~7u;
	n = ip_frag_rest(m, &cut, first, room);
	if (n == 0)
		return (VE_NOBUFS);
	m_adj(m, (int)(cut.hlen + first) - (int)cut.total);
	ip_frag_fields(mtod(m, uint8_t *), cut.hlen + first, cut.off, true);
	IPSTAT_INC(fragmented);
	IPSTAT_ADD(ofragments, n + 1);
	return (0);
}
