/*
 * decode_icmp.c - text of a frame: ICMP and ICMPv6.
 *
 * An error message names what it is about in parentheses: the packet that it
 * carries, as far as it is there.
 *
 * RFC 792, RFC 1122 section 3.2.2, RFC 4443, RFC 4861.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>
#include <string.h>

static const char *const unreach_name[] = { "net", "host", "protocol", "port",
	"needfrag", "srcfail", "net unknown", "host unknown", "isolated",
	"net prohibited", "host prohibited", "tos net", "tos host",
	"admin prohibited", "precedence violation", "precedence cutoff" };

static const char *const unreach6_name[] = { "no route", "admin prohibited",
	"beyond scope", "address", "port", "policy", "reject route" };

/* The packet inside of an error message: protocol, addresses, ports. */
static void
icmp_inner(struct decode *d, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	struct decode_net net;
	const char *proto;
	size_t hl;

	textbuf_add(d->d_tb, " (");
	memset(&net, 0, sizeof(net));
	hl = end - off > 0 && p[0] >> 4 == 6 ? 40 : 20;
	if (end - off < hl || (p[0] >> 4 != 4 && p[0] >> 4 != 6)) {
		textbuf_add(d->d_tb, "nothing readable)");
		return;
	}
	net.dn_key.fk_family = p[0] >> 4;
	if (hl == 40) {
		net.dn_proto = p[6];
		memcpy(net.dn_key.fk_src, p + 8, 16);
		memcpy(net.dn_key.fk_dst, p + 24, 16);
	} else {
		hl = (size_t)(p[0] & 15) * 4;
		net.dn_proto = p[9];
		memcpy(net.dn_key.fk_src, p + 12, 4);
		memcpy(net.dn_key.fk_dst, p + 16, 4);
	}
	proto = net.dn_proto == PROTO_TCP    ? "tcp"
		: net.dn_proto == PROTO_UDP  ? "udp"
		: net.dn_proto == PROTO_ICMP ? "icmp"
					     : "ip";
	if ((net.dn_proto == PROTO_TCP || net.dn_proto == PROTO_UDP) &&
	    hl >= 20 && end - off >= hl + 4) {
		net.dn_key.fk_sport = decode_16(p + hl);
		net.dn_key.fk_dport = decode_16(p + hl + 2);
		decode_ports(d, &net, proto);
	} else {
		decode_hosts(d, &net, proto);
	}
	textbuf_add(d->d_tb, ")");
}

static void
icmp_error(struct decode *d, const char *what, size_t off, size_t end)
{
	textbuf_add(d->d_tb, " %s", what);
	icmp_inner(d, off + 8, end);
}

/** decode_icmp() - describe an ICMP message */
void
decode_icmp(
    struct decode *d, const struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	char gw[FRAMETEXT_ADDR_MAX];

	decode_hosts(d, net, "icmp");
	if (end - off < 8) {
		decode_bad(d, end, "header cut short");
		return;
	}
	switch (p[0]) {
	case 0:
	case 8:
		textbuf_add(d->d_tb,
		    " echo %s id %" PRIu16 " seq %" PRIu16 " len %zu",
		    p[0] == 8 ? "request" : "reply", decode_16(p + 4),
		    decode_16(p + 6), end - off - 8);
		break;
	case 3:
		textbuf_add(d->d_tb, " unreachable");
		if (p[1] == 4)
			textbuf_add(d->d_tb, " needfrag mtu %" PRIu16,
			    decode_16(p + 6));
		else if (p[1] < sizeof(unreach_name) / sizeof(char *))
			textbuf_add(d->d_tb, " %s", unreach_name[p[1]]);
		else
			textbuf_add(d->d_tb, " code %u", p[1]);
		icmp_inner(d, off + 8, end);
		break;
	case 5:
		frametext_addr(gw, p + 4, 4);
		textbuf_add(d->d_tb, " redirect to %s", gw);
		icmp_inner(d, off + 8, end);
		break;
	case 11:
		icmp_error(d,
		    p[1] == 0 ? "time exceeded" : "reassembly time exceeded",
		    off, end);
		break;
	case 12:
		textbuf_add(d->d_tb, " parameter problem at %u", p[4]);
		icmp_inner(d, off + 8, end);
		break;
	default:
		textbuf_add(d->d_tb, " type %u code %u len %zu", p[0], p[1],
		    end - off - 8);
	}
	if (decode_sum(p, end - off, 0) != 0)
		textbuf_add(d->d_tb, " [bad icmp sum]");
}

/* Neighbour discovery: the target, if it is there. */
static void
icmp6_target(struct decode *d, const char *what, size_t off, size_t end)
{
	char target[FRAMETEXT_ADDR_MAX];

	textbuf_add(d->d_tb, " neighbor %s", what);
	if (end - off < 24) {
		decode_bad(d, end, "target cut short");
		return;
	}
	frametext_addr(target, d->d_p + off + 8, 6);
	textbuf_add(d->d_tb, " %s", target);
}

/** decode_icmp6() - describe an ICMPv6 message */
void
decode_icmp6(
    struct decode *d, const struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;

	decode_hosts(d, net, "icmp6");
	if (end - off < 8) {
		decode_bad(d, end, "header cut short");
		return;
	}
	switch (p[0]) {
	case 1:
		textbuf_add(d->d_tb, " unreachable");
		if (p[1] < sizeof(unreach6_name) / sizeof(char *))
			textbuf_add(d->d_tb, " %s", unreach6_name[p[1]]);
		else
			textbuf_add(d->d_tb, " code %u", p[1]);
		icmp_inner(d, off + 8, end);
		break;
	case 2:
		textbuf_add(d->d_tb, " too big mtu %" PRIu32, decode_32(p + 4));
		icmp_inner(d, off + 8, end);
		break;
	case 3:
		icmp_error(d, "time exceeded", off, end);
		break;
	case 4:
		icmp_error(d, "parameter problem", off, end);
		break;
	case 128:
	case 129:
		textbuf_add(d->d_tb,
		    " echo %s id %" PRIu16 " seq %" PRIu16 " len %zu",
		    p[0] == 128 ? "request" : "reply", decode_16(p + 4),
		    decode_16(p + 6), end - off - 8);
		break;
	case 135:
		icmp6_target(d, "solicitation", off, end);
		break;
	case 136:
		icmp6_target(d, "advertisement", off, end);
		break;
	default:
		textbuf_add(d->d_tb, " type %u code %u len %zu", p[0], p[1],
		    end - off - 8);
	}
	if (decode_sum_pseudo(d, net, off, end) != 0)
		textbuf_add(d->d_tb, " [bad icmp6 sum]");
}
