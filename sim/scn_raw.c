/*
 * scn_raw.c - what raw sockets and IP options are told in.
 *
 *	PROTO      icmp, igmp, ipip, gre, raw, or a number up to 255
 *	hex "..."  bytes, two digits each, blanks as you like
 *	IP_OPTIONS rr N, ts N, lsrr ADDR ..., ssrr ADDR ..., hex "...", none
 *
 * rr and ts make room for N addresses or times.  A source route names the
 * first hop first and the destination last.
 */
#include <string.h>

#include "sim/scn_parse.h"

#define OPT_MAX 44 /* a first hop more than a header holds */

enum { OPT_EOL = 0, OPT_NOP = 1, OPT_RR = 7, OPT_TS = 68 };
enum { OPT_LSRR = 131, OPT_SSRR = 137 };

bool
scn_take_rawproto(struct scn_cur *c, struct scn_sock *so)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} protos[] = { { "icmp", 1 }, { "igmp", 2 }, { "ipip", 4 },
		{ "gre", 47 }, { "raw", 255 } };
	int64_t v;

	for (size_t i = 0; i < SCN_NITEMS(protos); i++)
		if (scn_cur_accept(c, protos[i].name)) {
			so->rawproto = protos[i].proto;
			return (true);
		}
	if (!scn_cur_done(c) && !scn_cur_digit(c))
		return (scn_cur_fail(c, c->i,
		    "icmp, igmp, ipip, gre, raw or a number up to 255",
		    "'%.64s' is no protocol of IP", c->w[c->i].s));
	if (!scn_take_int(c, "protocol", 0, 255, &v))
		return (false);
	so->rawproto = (uint8_t)v;
	return (true);
}

static int
hex_digit(char ch)
{
	static const char hex[] = "0123456789abcdef";
	const char *d = ch != '\0' ? strchr(hex, ch | 0x20) : NULL;

	return (d != NULL ? (int)(d - hex) : -1);
}

bool
scn_take_hex(struct scn_cur *c, struct scn_sock *so)
{
	const struct scn_word *w = scn_take(c, "bytes in hex");
	char *out;
	const char *s;
	int hi, lo;

	if (w == NULL)
		return (false);
	out = scn_node(c, w->len / 2 + 1);
	if (out == NULL)
		return (false);
	so->text = out;
	so->count = 0;
	for (s = w->s; *s != '\0'; s++) {
		if (*s == ' ')
			continue;
		hi = hex_digit(s[0]);
		lo = hi >= 0 ? hex_digit(s[1]) : -1;
		if (lo < 0)
			return (scn_cur_fail(c, c->i - 1,
			    "two digits for each byte: hex \"0800 f7ff\"",
			    "these are no bytes in hex"));
		out[so->count++] = (char)(hi << 4 | lo);
		s++;
	}
	return (true);
}

/* Pad to a multiple of 4. */
static bool
opt_end(struct scn_sock *so, uint8_t *opt, uint32_t len)
{
	while ((len & 3) != 0)
		opt[len++] = OPT_EOL;
	so->text = (const char *)opt;
	so->count = len;
	return (true);
}

/* rr N, ts N */
static bool
opt_room(struct scn_cur *c, struct scn_sock *so, uint8_t *opt, bool stamps)
{
	uint32_t head = stamps ? 4 : 3;
	int64_t n;

	if (!scn_take_int(c, "count", 1, 9, &n))
		return (false);
	opt[0] = stamps ? OPT_TS : OPT_RR;
	opt[1] = (uint8_t)(head + n * 4);
	opt[2] = (uint8_t)(head + 1);
	return (opt_end(so, opt, opt[1]));
}

/* lsrr ADDR ..., ssrr ADDR ... */
static bool
opt_route(struct scn_cur *c, struct scn_sock *so, uint8_t *opt, uint8_t kind)
{
	uint32_t len = 3, a;

	do {
		if (len + 4 > OPT_MAX - 1)
			return (scn_cur_fail(c, c->i, NULL,
			    "a source route has at most 10 addresses"));
		if (!scn_take_addr(c, "address", &a))
			return (false);
		for (int i = 24; i >= 0; i -= 8)
			opt[len++] = (uint8_t)(a >> i);
	} while (!scn_cur_done(c));
	opt[0] = kind;
	opt[1] = (uint8_t)len;
	opt[2] = 4;
	return (opt_end(so, opt, len));
}

bool
scn_take_ipoptions(struct scn_cur *c, struct scn_sock *so)
{
	static const char *const names[] = { "rr", "ts", "lsrr", "ssrr", "hex",
		"none" };
	uint8_t *opt = scn_node(c, OPT_MAX);
	size_t i;

	if (opt == NULL || !scn_take_choice(c, "kind of options", names,
			       SCN_NITEMS(names), &i))
		return (false);
	switch (i) {
	case 0:
	case 1:
		return (opt_room(c, so, opt, i == 1));
	case 2:
		return (opt_route(c, so, opt, OPT_LSRR));
	case 3:
		return (opt_route(c, so, opt, OPT_SSRR));
	case 4:
		return (scn_take_hex(c, so));
	default:
		return (opt_end(so, opt, 0));
	}
}
