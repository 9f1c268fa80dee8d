/*
 * decode_tunnel.c - text of a frame: packets in packets, IPIP and GRE.
 *
 * The outer addresses first, then the inner packet as if it came alone; four
 * levels are described, deeper ones counted in bytes.
 *
 * RFC 2003, RFC 2784, RFC 2890.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>

#define TUNNEL_LEVELS 4

static void
decode_inner(struct decode *d, size_t off, size_t end)
{
	if (d->d_level >= TUNNEL_LEVELS) {
		textbuf_add(d->d_tb, " len %zu", end - off);
		return;
	}
	d->d_level++;
	textbuf_add(d->d_tb, " | ");
	decode_ip4(d, off, end);
	d->d_level--;
}

/** decode_ipip() - describe IPv4 in IPv4 */
void
decode_ipip(
    struct decode *d, const struct decode_net *net, size_t off, size_t end)
{
	decode_hosts(d, net, "ipip");
	decode_inner(d, off, end);
}

/** decode_gre() - describe what is in GRE */
void
decode_gre(
    struct decode *d, const struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	uint16_t flags;
	size_t len = 4;

	decode_hosts(d, net, "gre");
	if (end - off < 4) {
		decode_bad(d, end, "header cut short");
		return;
	}
	flags = decode_16(p);
	len += (flags & 0x8000) != 0 ? 4 : 0;
	len += (flags & 0x2000) != 0 ? 4 : 0;
	len += (flags & 0x1000) != 0 ? 4 : 0;
	if ((flags & 0x4fff) != 0) {
		decode_bad(d, off, "flags or version that GRE does not have");
		return;
	}
	if (end - off < len) {
		decode_bad(d, end, "header cut short");
		return;
	}
	if ((flags & 0x2000) != 0)
		textbuf_add(d->d_tb, " key %" PRIu32,
		    decode_32(p + 4 + ((flags & 0x8000) != 0 ? 4 : 0)));
	if ((flags & 0x1000) != 0)
		textbuf_add(d->d_tb, " seq %" PRIu32, decode_32(p + len - 4));
	if ((flags & 0x8000) != 0 && decode_sum(p, end - off, 0) != 0)
		textbuf_add(d->d_tb, " [bad gre sum]");
	if (decode_16(p + 2) == ETHERTYPE_4)
		decode_inner(d, off + len, end);
	else
		textbuf_add(d->d_tb, " type 0x%04x len %zu", decode_16(p + 2),
		    end - off - len);
}
