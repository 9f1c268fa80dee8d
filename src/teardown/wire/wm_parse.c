/*
 * wm_parse.c - the monitor's own reading of frames.
 *
 * Written apart from the stack's parsers on purpose: a mistake made there must
 * not be made here again.  Ethernet II, tags of 802.1Q, ARP (recognised only),
 * IPv4 with options, and the checksums of TCP, UDP and ICMP.  A fragment's
 * payload cannot be judged and is not.  Bytes after the IPv4 total length are
 * padding. Where somebody else vouches for the sums (we_headers) no byte behind
 * the headers is read.
 *
 * RFC 791 section 3.1; RFC 9293 section 3.1; RFC 768; RFC 792; RFC 1071.
 */
#include <string.h>

#include "src/teardown/wire/wm_parse.h"

enum {
	ETHER_LEN = 14,
	ETHER_IP = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	TAG_LEN = 4,
	IP_LEN = 20,
	IP_OFFMASK = 0x3fff, /* more fragments, and the offset */
	TCP_LEN = 20,
	UDP_LEN = 8,
	ICMP_LEN = 8,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	TCPOPT_EOL = 0,
	TCPOPT_NOP = 1,
	TCPOPT_WSCALE = 3,
};

static uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)get16(p) << 16 | get16(p + 2));
}

uint32_t
wm_sum(const uint8_t *p, size_t len, uint64_t start)
{
	uint64_t sum = start, odd = 0, w[2];
	uint16_t last = 0;

	/*
	 * 32-bit halves in 64-bit sums cannot overflow for any frame, and a
	 * compiler makes vectors of it.
	 */
	for (; len >= 16; len -= 16, p += 16) {
		memcpy(w, p, sizeof(w));
		sum += (w[0] & 0xffffffffU) + (w[0] >> 32);
		odd += (w[1] & 0xffffffffU) + (w[1] >> 32);
	}
	for (; len >= 2; len -= 2, p += 2) {
		memcpy(&last, p, 2);
		sum += last;
	}
	if (len != 0) {
		last = 0;
		memcpy(&last, p, 1);
		sum += last;
	}
	sum = (sum & 0xffffffffU) + (sum >> 32);
	sum += (odd & 0xffffffffU) + (odd >> 32);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint32_t)sum);
}

enum { IPOPT_EOL = 0, IPOPT_NOP = 1, IPOPT_LSRR = 131, IPOPT_SSRR = 137 };

/*
 * The last destination: of a source route that is not yet at its end, the last
 * address in it (RFC 1122 section 4.2.3.8), else that of the header.
 */
static const uint8_t *
final_dst(const uint8_t *ip)
{
	size_t hlen = (ip[0] & 0xfu) * 4u, at, len;

	for (at = 20; at + 2 < hlen && ip[at] != IPOPT_EOL; at += len) {
		len = ip[at] == IPOPT_NOP ? 1 : ip[at + 1];
		if (len == 0 || at + len > hlen)
			break;
		if ((ip[at] == IPOPT_LSRR || ip[at] == IPOPT_SSRR) &&
		    len >= 7 && ip[at + 2] >= 4 && ip[at + 2] + 3u <= len)
			return (ip + at + len - 4);
	}
	return (ip + 16);
}

/* Sum of the pseudo header; ip is the IPv4 header, len the upper length. */
static uint64_t
pseudo(const uint8_t *ip, size_t len)
{
	uint8_t tail[4];

	tail[0] = 0;
	tail[1] = ip[9];
	tail[2] = (uint8_t)(len >> 8);
	tail[3] = (uint8_t)len;
	return ((uint64_t)wm_sum(ip + 12, 4, 0) + wm_sum(final_dst(ip), 4, 0) +
		wm_sum(tail, 4, 0));
}

/* RFC 9293 section 3.1: options of one byte or with a length byte. */
static const char *
tcp_options(const uint8_t *p, size_t len, struct wm_seg *sg)
{
	while (len > 0 && p[0] != TCPOPT_EOL) {
		if (p[0] == TCPOPT_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2 || p[1] < 2 || p[1] > len)
			return ("bad TCP option length");
		if (p[0] == TCPOPT_WSCALE && p[1] == 3)
			sg->sg_wscale = p[2] > WM_MAXSCALE ? WM_MAXSCALE : p[2];
		len -= p[1];
		p += p[1];
	}
	return (NULL);
}

static const char *
tcp_parse(const uint8_t *ip, const uint8_t *p, size_t len, bool headers,
    struct wm_seg *sg)
{
	size_t off;

	if (len < TCP_LEN)
		return ("TCP header cut short");
	off = (size_t)(p[12] >> 4) * 4;
	if (off < TCP_LEN || off > len)
		return ("bad TCP data offset");
	if (!headers && wm_sum(p, len, pseudo(ip, len)) != 0xffff)
		return ("bad TCP checksum");
	sg->sg_src = get32(ip + 12);
	sg->sg_dst = get32(ip + 16);
	sg->sg_sport = get16(p);
	sg->sg_dport = get16(p + 2);
	sg->sg_seq = get32(p + 4);
	sg->sg_ack = get32(p + 8);
	sg->sg_flags = p[13];
	sg->sg_win = get16(p + 14);
	sg->sg_len = (uint32_t)(len - off);
	sg->sg_wscale = WM_NOSCALE;
	return (tcp_options(p + TCP_LEN, off - TCP_LEN, sg));
}

static const char *
udp_check(const uint8_t *ip, const uint8_t *p, size_t len, bool headers)
{
	size_t ulen;

	if (len < UDP_LEN)
		return ("UDP header cut short");
	ulen = get16(p + 4);
	if (ulen < UDP_LEN || ulen > len)
		return ("bad UDP length");
	/* RFC 768: all zero means that the sender made no checksum. */
	if (!headers && get16(p + 6) != 0 &&
	    wm_sum(p, ulen, pseudo(ip, ulen)) != 0xffff)
		return ("bad UDP checksum");
	return (NULL);
}

static const char *
icmp_check(const uint8_t *p, size_t len)
{
	if (len < ICMP_LEN)
		return ("ICMP header cut short");
	if (wm_sum(p, len, 0) != 0xffff)
		return ("bad ICMP checksum");
	return (NULL);
}

static enum wm_class
ip_parse(const uint8_t *ip, size_t len, bool headers, struct wm_seg *sg,
    const char **why)
{
	enum wm_class class = WM_OTHER;
	size_t hlen, tlen;

	*why = NULL;
	if (len < IP_LEN) {
		*why = "IPv4 header cut short";
		return (WM_BAD);
	}
	hlen = (size_t)(ip[0] & 0x0f) * 4;
	tlen = get16(ip + 2);
	if (ip[0] >> 4 != 4)
		*why = "bad IP version";
	else if (hlen < IP_LEN || hlen > tlen)
		*why = "bad IPv4 header length";
	else if (tlen > len)
		*why = "bad IPv4 total length";
	else if (!headers && wm_sum(ip, hlen, 0) != 0xffff)
		*why = "bad IPv4 header checksum";
	else if (ip[8] == 0)
		*why = "IPv4 time to live is 0";
	if (*why != NULL)
		return (WM_BAD);
	if ((get16(ip + 6) & IP_OFFMASK) != 0)
		return (WM_FRAG);
	if (ip[9] == PROTO_TCP) {
		class = WM_TCP;
		*why = tcp_parse(ip, ip + hlen, tlen - hlen, headers, sg);
	} else if (ip[9] == PROTO_UDP) {
		class = WM_UDP;
		*why = udp_check(ip, ip + hlen, tlen - hlen, headers);
	} else if (ip[9] == PROTO_ICMP) {
		class = WM_ICMP;
		*why = headers ? NULL : icmp_check(ip + hlen, tlen - hlen);
	}
	return (*why != NULL ? WM_BAD : class);
}

/* Past the Ethernet header and its tags.  Return: the type; *why: none */
static uint16_t
ether_parse(const uint8_t **p, size_t *len, const char **why)
{
	uint16_t type;

	*why = NULL;
	if (*p == NULL || *len < ETHER_LEN) {
		*why = "Ethernet header cut short";
		return (0);
	}
	type = get16(*p + 12);
	for (; type == ETHER_VLAN || type == ETHER_QINQ; *len -= TAG_LEN) {
		if (*len < ETHER_LEN + TAG_LEN) {
			*why = "VLAN tag cut short";
			return (0);
		}
		*p += TAG_LEN;
		type = get16(*p + 12);
	}
	*p += ETHER_LEN;
	*len -= ETHER_LEN;
	return (type);
}

bool
wm_parse_pair(const uint8_t *p, size_t len, uint64_t pair[2])
{
	const char *why;

	if (ether_parse(&p, &len, &why) != ETHER_IP || len < IP_LEN)
		return (false);
	pair[0] = (uint64_t)get32(p + 12) << 32 | get32(p + 16);
	pair[1] = p[9];
	return (true);
}

enum wm_class
wm_parse(const uint8_t *p, size_t len, bool headers, struct wm_seg *sg,
    const char **why)
{
	uint16_t type = ether_parse(&p, &len, why);

	if (*why != NULL)
		return (WM_BAD);
	if (type == ETHER_ARP)
		return (WM_ARP);
	if (type != ETHER_IP)
		return (WM_OTHER);
	return (ip_parse(p, len, headers, sg, why));
}
