/*
 * decode_ether.c - text of a frame: Ethernet and ARP, and what all decoders
 * share.
 *
 * A decoder never reads beyond the end that it was given, and answers a
 * malformed packet with the byte where it stops making sense.
 *
 * RFC 894, RFC 826; RFC 1071 for the sum.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>

/** decode_bad() - say at which byte of the frame it is malformed, and why */
void
decode_bad(struct decode *d, size_t at, const char *why)
{
	textbuf_add(d->d_tb, " malformed at byte %zu: %s", at, why);
}

/** decode_hosts() - "proto A > B" */
void
decode_hosts(struct decode *d, const struct decode_net *net, const char *proto)
{
	char src[FRAMETEXT_ADDR_MAX], dst[FRAMETEXT_ADDR_MAX];

	frametext_addr(src, net->dn_key.fk_src, net->dn_key.fk_family);
	frametext_addr(dst, net->dn_key.fk_dst, net->dn_key.fk_family);
	textbuf_add(d->d_tb, "%s %s > %s", proto, src, dst);
}

/** decode_ports() - "proto A:p > B:q" */
void
decode_ports(struct decode *d, const struct decode_net *net, const char *proto)
{
	char src[FRAMETEXT_ADDR_MAX], dst[FRAMETEXT_ADDR_MAX];

	frametext_addr(src, net->dn_key.fk_src, net->dn_key.fk_family);
	frametext_addr(dst, net->dn_key.fk_dst, net->dn_key.fk_family);
	textbuf_add(d->d_tb,
	    net->dn_key.fk_family == 6 ? "%s [%s]:%" PRIu16 " > [%s]:%" PRIu16
				       : "%s %s:%" PRIu16 " > %s:%" PRIu16,
	    proto, src, net->dn_key.fk_sport, dst, net->dn_key.fk_dport);
}

/**
 * decode_sum() - the Internet checksum
 * @p:		bytes to sum
 * @len:	how many; an odd last one counts as the high byte
 * @start:	sum of what comes before, not folded
 *
 * Return: 0 over data that contains its valid checksum.
 */
uint16_t
decode_sum(const uint8_t *p, size_t len, uint32_t start)
{
	uint64_t sum = start;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += decode_16(p + i);
	if (len % 2 != 0)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint16_t)~sum);
}

/**
 * decode_sum_pseudo() - the same with the pseudo-header of TCP, UDP, ICMPv6
 *
 * RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1.
 */
uint16_t
decode_sum_pseudo(const struct decode *d, const struct decode_net *net,
    size_t off, size_t end)
{
	uint32_t sum = net->dn_proto;
	size_t i;

	/* an IPv4 address is followed by zeros, which add nothing */
	for (i = 0; i < 16; i += 2) {
		sum += decode_16(net->dn_key.fk_src + i);
		sum += decode_16(net->dn_key.fk_dst + i);
	}
	sum += (uint32_t)((end - off) >> 16) + (uint32_t)((end - off) & 0xffff);
	return (decode_sum(d->d_p + off, end - off, sum));
}

static void
decode_mac(struct decode *d, const uint8_t *mac)
{
	textbuf_add(d->d_tb, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
	    mac[2], mac[3], mac[4], mac[5]);
}

/** decode_arp() - ARP for IPv4 over Ethernet */
void
decode_arp(struct decode *d, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	char spa[FRAMETEXT_ADDR_MAX], tpa[FRAMETEXT_ADDR_MAX];
	uint16_t op;

	textbuf_add(d->d_tb, "arp");
	if (end - off < 28) {
		decode_bad(d, end, "cut short");
		return;
	}
	if (decode_16(p) != 1 || decode_16(p + 2) != ETHERTYPE_4 || p[4] != 6 ||
	    p[5] != 4) {
		decode_bad(d, off, "not IPv4 over Ethernet");
		return;
	}
	op = decode_16(p + 6);
	frametext_addr(spa, p + 14, 4);
	frametext_addr(tpa, p + 24, 4);
	if (op == 1) {
		textbuf_add(d->d_tb, " who-has %s tell %s", tpa, spa);
	} else if (op == 2) {
		textbuf_add(d->d_tb, " reply %s is-at ", spa);
		decode_mac(d, p + 8);
	} else {
		textbuf_add(d->d_tb, " op %" PRIu16 " %s > %s", op, spa, tpa);
	}
}

/**
 * decode_ether() - describe a frame
 * @d:		the frame, and where the text goes
 * @len:	its length in bytes
 */
void
decode_ether(struct decode *d, size_t len)
{
	size_t off = ETHER_LEN;
	uint16_t type;

	if (len < ETHER_LEN) {
		textbuf_add(d->d_tb, "ether");
		decode_bad(d, len, "cut short");
		return;
	}
	for (; decode_tagged(d->d_p + off - ETHER_LEN, len + ETHER_LEN - off);
	     off += VLAN_TAG_LEN)
		textbuf_add(d->d_tb, "vlan %u ",
		    (unsigned)(decode_16(d->d_p + off) & 0xfff));
	type = decode_16(d->d_p + off - 2);
	if (type == ETHERTYPE_4) {
		decode_ip4(d, off, len);
	} else if (type == ETHERTYPE_A) {
		decode_arp(d, off, len);
	} else if (type == ETHERTYPE_6) {
		decode_ip6(d, off, len);
	} else {
		textbuf_add(d->d_tb, "ether ");
		decode_mac(d, d->d_p + 6);
		textbuf_add(d->d_tb, " > ");
		decode_mac(d, d->d_p);
		textbuf_add(d->d_tb, " type 0x%04x len %zu", type, len - off);
	}
}
