/*
 * decode_ip.c - text of a frame: IPv4, IPv6 and UDP.
 *
 * The lower layers leave no mark on a healthy line: it begins with the
 * protocol that the packet is about.  Only when IP itself is what there is to
 * see (fragments, unknown protocols, damage) the line begins with "ip".
 *
 * RFC 791, RFC 8200, RFC 768.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>
#include <string.h>

static void
decode_transport(
    struct decode *d, struct decode_net *net, size_t off, size_t end)
{
	if (net->dn_proto == PROTO_TCP)
		decode_tcp(d, net, off, end);
	else if (net->dn_proto == PROTO_UDP)
		decode_udp(d, net, off, end);
	else if (net->dn_proto == PROTO_ICMP && net->dn_key.fk_family == 4)
		decode_icmp(d, net, off, end);
	else if (net->dn_proto == PROTO_IGMP && net->dn_key.fk_family == 4)
		decode_igmp(d, net, off, end);
	else if (net->dn_proto == PROTO_ICMP6 && net->dn_key.fk_family == 6)
		decode_icmp6(d, net, off, end);
	else if (net->dn_proto == PROTO_IPIP)
		decode_ipip(d, net, off, end);
	else if (net->dn_proto == PROTO_GRE)
		decode_gre(d, net, off, end);
	else {
		decode_hosts(d, net, net->dn_key.fk_family == 6 ? "ip6" : "ip");
		textbuf_add(
		    d->d_tb, " proto %u len %zu", net->dn_proto, end - off);
	}
}

/* What keeps an IPv4 header from being one, with the byte where. */
static const char *
ip4_flaw(const uint8_t *p, size_t room, size_t *at)
{
	*at = room;
	if (room < 20)
		return ("header cut short");
	*at = 0;
	if (p[0] >> 4 != 4)
		return ("version is not 4");
	if ((p[0] & 15) < 5)
		return ("header length below 20");
	if ((size_t)(p[0] & 15) * 4 > room)
		return ("header length beyond the frame");
	*at = 2;
	if (decode_16(p + 2) < (p[0] & 15) * 4)
		return ("total length below the header's");
	if (decode_16(p + 2) > room)
		return ("total length beyond the frame");
	return (NULL);
}

/** decode_ip4() - describe an IPv4 packet */
void
decode_ip4(struct decode *d, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	struct decode_net net;
	const char *flaw;
	size_t at, hl;
	uint16_t frag;

	flaw = ip4_flaw(p, end - off, &at);
	memset(&net, 0, sizeof(net));
	if (end - off >= 20) {
		net.dn_key.fk_family = 4;
		net.dn_key.fk_link = d->d_link;
		memcpy(net.dn_key.fk_src, p + 12, 4);
		memcpy(net.dn_key.fk_dst, p + 16, 4);
		net.dn_proto = p[9];
	}
	if (flaw != NULL) {
		if (end - off >= 20)
			decode_hosts(d, &net, "ip");
		else
			textbuf_add(d->d_tb, "ip");
		decode_bad(d, off + at, flaw);
		return;
	}
	hl = (size_t)(p[0] & 15) * 4;
	end = off + decode_16(p + 2);
	frag = decode_16(p + 6);
	net.dn_whole = true;
	if ((frag & 0x3fff) != 0) {
		decode_hosts(d, &net, "ip");
		textbuf_add(d->d_tb,
		    " proto %u frag id %" PRIu16 " offset %u len %zu%s",
		    net.dn_proto, decode_16(p + 4), (frag & 0x1fff) * 8u,
		    end - off - hl, (frag & 0x2000) != 0 ? " more" : "");
	} else {
		decode_transport(d, &net, off + hl, end);
	}
	if (hl > 20)
		textbuf_add(d->d_tb, " ip options %zu", hl - 20);
	if (decode_sum(p, hl, 0) != 0)
		textbuf_add(d->d_tb, " [bad ip sum]");
}

/** decode_ip6() - describe an IPv6 packet; extension headers are named only */
void
decode_ip6(struct decode *d, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	struct decode_net net;

	if (end - off < 40) {
		textbuf_add(d->d_tb, "ip6");
		decode_bad(d, end, "header cut short");
		return;
	}
	memset(&net, 0, sizeof(net));
	net.dn_key.fk_family = 6;
	net.dn_key.fk_link = d->d_link;
	memcpy(net.dn_key.fk_src, p + 8, 16);
	memcpy(net.dn_key.fk_dst, p + 24, 16);
	net.dn_proto = p[6];
	net.dn_whole = true;
	if (p[0] >> 4 != 6) {
		decode_hosts(d, &net, "ip6");
		decode_bad(d, off, "version is not 6");
	} else if (decode_16(p + 4) > end - off - 40) {
		decode_hosts(d, &net, "ip6");
		decode_bad(d, off + 4, "payload length beyond the frame");
	} else {
		decode_transport(
		    d, &net, off + 40, off + 40 + decode_16(p + 4));
	}
}

/** decode_udp() - describe a UDP datagram */
void
decode_udp(struct decode *d, struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	size_t len;

	if (end - off < 8) {
		decode_hosts(d, net, "udp");
		decode_bad(d, end, "header cut short");
		return;
	}
	net->dn_key.fk_sport = decode_16(p);
	net->dn_key.fk_dport = decode_16(p + 2);
	decode_ports(d, net, "udp");
	len = decode_16(p + 4);
	if (len < 8) {
		decode_bad(d, off + 4, "length below 8");
		return;
	}
	if (len > end - off && net->dn_whole) {
		decode_bad(d, off + 4, "length beyond the packet");
		return;
	}
	textbuf_add(d->d_tb, " len %zu", len - 8);
	/* RFC 768: an all zero sum means that the sender made none */
	if (net->dn_whole && decode_16(p + 6) != 0 &&
	    decode_sum_pseudo(d, net, off, off + len) != 0)
		textbuf_add(d->d_tb, " [bad udp sum]");
}
