/*
 * decode_igmp.c - text of a frame: IGMP, versions 1 to 3.
 *
 * A report of version 3 shows its records one behind the other: what is said,
 * the group, and how many sources it names.
 *
 * RFC 1112 appendix I, RFC 2236, RFC 9776 section 4.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>

#define IGMP_SOURCES_SHOWN 4

/* Sources from @p on. */
static void
igmp_sources(struct decode *d, const uint8_t *p, unsigned n)
{
	char addr[FRAMETEXT_ADDR_MAX];

	textbuf_add(d->d_tb, " {");
	for (unsigned i = 0; i < n && i < IGMP_SOURCES_SHOWN; i++) {
		frametext_addr(addr, p + (size_t)i * 4, 4);
		textbuf_add(d->d_tb, i == 0 ? "%s" : " %s", addr);
	}
	if (n > IGMP_SOURCES_SHOWN)
		textbuf_add(d->d_tb, " and %u more", n - IGMP_SOURCES_SHOWN);
	textbuf_add(d->d_tb, "}");
}

static void
igmp_query(struct decode *d, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	char group[FRAMETEXT_ADDR_MAX];
	unsigned n;

	textbuf_add(d->d_tb, " v%u query",
	    end - off >= 12 ? 3u
	    : p[1] == 0     ? 1u
			    : 2u);
	if (decode_32(p + 4) != 0) {
		frametext_addr(group, p + 4, 4);
		textbuf_add(d->d_tb, " %s", group);
	}
	if (p[1] != 0)
		textbuf_add(d->d_tb, " max %u", p[1]);
	if (end - off < 12)
		return;
	n = decode_16(p + 10);
	if (end - off - 12 < (size_t)n * 4)
		decode_bad(d, end, "sources cut short");
	else if (n != 0)
		igmp_sources(d, p + 12, n);
}

static void
igmp_v3_report(struct decode *d, size_t off, size_t end)
{
	static const char *const names[] = { "?", "is-in", "is-ex", "to-in",
		"to-ex", "allow", "block" };
	unsigned left = decode_16(d->d_p + off + 6), n;
	char group[FRAMETEXT_ADDR_MAX];
	const uint8_t *p;
	size_t len;

	textbuf_add(d->d_tb, " v3 report");
	for (off += 8; left > 0; left--, off += len) {
		p = d->d_p + off;
		if (end - off < 8 ||
		    end - off < 8 + decode_16(p + 2) * (size_t)4) {
			decode_bad(d, end, "record cut short");
			return;
		}
		n = decode_16(p + 2);
		/* auxiliary data, in words of 32 bits: none is defined */
		len = 8 + (size_t)n * 4 + (size_t)p[1] * 4;
		if (len > end - off)
			len = end - off;
		frametext_addr(group, p + 4, 4);
		textbuf_add(
		    d->d_tb, " %s %s", names[p[0] <= 6 ? p[0] : 0], group);
		igmp_sources(d, p + 8, n);
	}
}

/** decode_igmp() - describe an IGMP message */
void
decode_igmp(
    struct decode *d, const struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	char group[FRAMETEXT_ADDR_MAX];

	decode_hosts(d, net, "igmp");
	if (end - off < 8) {
		decode_bad(d, end, "header cut short");
		return;
	}
	frametext_addr(group, p + 4, 4);
	switch (p[0]) {
	case 0x11:
		igmp_query(d, off, end);
		break;
	case 0x12:
		textbuf_add(d->d_tb, " v1 report %s", group);
		break;
	case 0x16:
		textbuf_add(d->d_tb, " v2 report %s", group);
		break;
	case 0x17:
		textbuf_add(d->d_tb, " leave %s", group);
		break;
	case 0x22:
		igmp_v3_report(d, off, end);
		break;
	default:
		textbuf_add(d->d_tb, " type %u len %zu", p[0], end - off - 8);
	}
	if (decode_sum(p, end - off, 0) != 0)
		textbuf_add(d->d_tb, " [bad igmp sum]");
}
