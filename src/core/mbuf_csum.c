/*
 * mbuf_csum.c - the Internet checksum (RFC 1071), and filling it in late.
 *
 * The one's complement sum does not care about byte order as long as every
 * 16-bit word is taken the same way, so words of the machine are added, 32
 * bits at a time into 64-bit accumulators (no carry for 2^32 words), and the
 * order is put right at the end.  A part that starts at an odd byte is summed
 * as if it started at an even one and its sum is turned round.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/mbuf.h>
#include "src/core/mbuf_var.h"

#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

/* Into 16 bits. */
static uint32_t
sum_fold(uint64_t s)
{
	s = (s >> 32) + (s & UINT32_MAX);
	s = (s >> 32) + (s & UINT32_MAX);
	s = (s >> 16) + (s & UINT16_MAX);
	s = (s >> 16) + (s & UINT16_MAX);
	return ((uint32_t)s);
}

static inline uint64_t
sum_word(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return ((x >> 32) + (x & UINT32_MAX));
}

/* Sum of @len bytes in the machine's order, 16 bits. */
static uint32_t
sum_bytes(const uint8_t *p, uint32_t len)
{
	uint64_t a, b, c, d;
	uint8_t tail[8];

	a = b = c = d = 0;
	for (; len >= 32; len -= 32, p += 32) {
		a += sum_word(p);
		b += sum_word(p + 8);
		c += sum_word(p + 16);
		d += sum_word(p + 24);
	}
	for (; len >= 8; len -= 8, p += 8)
		a += sum_word(p);
	if (len > 0) {
		memset(tail, 0, sizeof(tail));
		memcpy(tail, p, len);
		b += sum_word(tail);
	}
	return (sum_fold(
	    (uint64_t)sum_fold(a) + sum_fold(b) + sum_fold(c) + sum_fold(d)));
}

uint16_t
in_cksum(const struct mbuf *m, uint32_t off, uint32_t len, uint32_t sum)
{
	uint64_t total;
	uint32_t k, part;
	uint16_t word;
	bool odd;

	total = 0;
	odd = false;
	for (; m != NULL && off >= m->m_len; m = m->m_next)
		off -= m->m_len;
	while (len > 0) {
		KASSERT(m != NULL, ("%s: beyond the packet", __func__));
		k = m->m_len - off;
		k = k < len ? k : len;
		part = sum_bytes(m->m_data + off, k);
		if (odd)
			part = (part & 0xff) << 8 | part >> 8;
		total += part;
		odd ^= (k & 1) != 0;
		len -= k;
		off = 0;
		m = m->m_next;
	}
	word = (uint16_t)sum_fold(total);
	return ((uint16_t)~sum_fold((uint64_t)be16dec(&word) + sum));
}

uint32_t
in_pseudo(uint32_t src, uint32_t dst, uint8_t proto, uint32_t len)
{
	return (sum_fold((uint64_t)src + dst + proto + len));
}

/* Write 16 bits at @off; bytes that are shared are copied first. */
static int
put_sum(struct mbuf *m, uint32_t off, uint16_t sum)
{
	uint8_t b[2];
	int i;

	be16enc(b, sum);
	for (; off >= m->m_len; m = m->m_next)
		off -= m->m_len;
	for (i = 0; i < 2; i++) {
		while (off >= m->m_len) {
			off -= m->m_len;
			m = m->m_next;
		}
		if (!m_writable(m) && !m_unshare(m, M_NOWAIT))
			return (VE_NOBUFS);
		m->m_data[off++] = b[i];
	}
	return (0);
}

/* What m_csum_fill() needs of an IPv4 header. */
struct ip_place {
	uint32_t off, hlen; /* of the header in the packet, its length */
	uint32_t l4, l4len; /* of what is in it */
	uint32_t src, dst;
	uint8_t proto;
};

static bool
ip_locate(const struct mbuf *m, struct ip_place *ip)
{
	uint8_t h[20];
	uint32_t total, len;

	total = m->m_pkthdr.len;
	ip->off = m->m_pkthdr.l3off;
	if (ip->off + sizeof(h) > total)
		return (false);
	m_copydata(m, ip->off, sizeof(h), h);
	ip->hlen = (h[0] & 0xfu) * 4;
	len = be16dec(h + 2);
	if (h[0] >> 4 != 4 || ip->hlen < sizeof(h) || len < ip->hlen ||
	    ip->off + len > total)
		return (false);
	ip->l4 = ip->off + ip->hlen;
	ip->l4len = len - ip->hlen;
	ip->proto = h[9];
	ip->src = be32dec(h + 12);
	ip->dst = be32dec(h + 16);
	return (true);
}

static int
fill_l4(struct mbuf *m, const struct ip_place *ip, uint16_t flag)
{
	uint32_t at;
	uint16_t sum;
	int error;

	at = flag == CSUM_UDP ? 6 : 16;
	if (ip->proto != (flag == CSUM_UDP ? IPPROTO_UDP : IPPROTO_TCP) ||
	    at + 2 > ip->l4len)
		return (VE_INVAL);
	error = put_sum(m, ip->l4 + at, 0);
	if (error != 0)
		return (error);
	sum = in_cksum(m, ip->l4, ip->l4len,
	    in_pseudo(ip->src, ip->dst, ip->proto, ip->l4len));
	/* RFC 768: a sum of zero is sent as all ones */
	if (flag == CSUM_UDP && sum == 0)
		sum = 0xffff;
	return (put_sum(m, ip->l4 + at, sum));
}

int
m_csum_fill(struct mbuf *m)
{
	struct ip_place ip;
	uint16_t l4;
	int error;

	MPASS((m->m_flags & M_PKTHDR) != 0);
	l4 = m->m_pkthdr.csum_flags & (CSUM_TCP | CSUM_UDP);
	if (l4 == 0 && (m->m_pkthdr.csum_flags & CSUM_IP) == 0)
		return (0);
	if (!ip_locate(m, &ip))
		return (VE_INVAL);
	if ((m->m_pkthdr.csum_flags & CSUM_IP) != 0) {
		error = put_sum(m, ip.off + 10, 0);
		if (error == 0)
			error = put_sum(
			    m, ip.off + 10, in_cksum(m, ip.off, ip.hlen, 0));
		if (error != 0)
			return (error);
		m->m_pkthdr.csum_flags &= (uint16_t)~CSUM_IP;
		m->m_pkthdr.csum_flags |= CSUM_L3_VALID;
	}
	if (l4 == 0)
		return (0);
	error = l4 == (CSUM_TCP | CSUM_UDP) ? VE_INVAL : fill_l4(m, &ip, l4);
	if (error == 0) {
		m->m_pkthdr.csum_flags &= (uint16_t)~l4;
		m->m_pkthdr.csum_flags |= CSUM_DATA_VALID;
	}
	return (error);
}
