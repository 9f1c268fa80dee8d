/*
 * scn_segment.c - link END send ...: one segment of a peer on paper.
 *
 *	link epair0b send [isn N] ADDR:PORT > ADDR:PORT
 *	    FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<options>] [within T]
 *
 * The words of a packet claim, with two addresses.  What a claim may leave
 * open must be said here; only the echo of a timestamp may be `*`, which is
 * the last one received.
 */
#include <string.h>

#include "sim/scn_parse.h"

#define SEGMENT_OPTIONS_MAX 40 /* bytes: RFC 9293 section 3.1 */

/* ADDR:PORT */
static bool
take_host(struct scn_cur *c, uint32_t *addr, struct scn_num *port)
{
	const struct scn_word *w = scn_take(c, "ADDR:PORT");
	const char *colon;
	uint32_t v = 0;
	size_t k;

	if (w == NULL)
		return (false);
	colon = strchr(w->s, ':');
	k = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
	if (k > 0 && k <= 5 && colon[1 + k] == '\0')
		for (; k > 0; k--)
			v = v * 10 + (uint32_t)(*++colon - '0');
	colon = strchr(w->s, ':');
	if (v == 0 || v > 65535 ||
	    !scn_addr_parse(w->s, (size_t)(colon - w->s), addr))
		return (scn_cur_fail(c, c->i - 1, "as in 10.0.0.2:80",
		    "'%.64s' is no address with a port", w->s));
	port->any = false;
	port->v = v;
	return (true);
}

/* Bytes of the options on the wire; false: one has a `*` it must not have. */
static bool
options_len(const struct scn_packet *k, uint32_t *len)
{
	static const uint8_t lens[] = { [SCN_OPT_EOL] = 1,
		[SCN_OPT_NOP] = 1,
		[SCN_OPT_MSS] = 4,
		[SCN_OPT_WSCALE] = 3,
		[SCN_OPT_SACKOK] = 2,
		[SCN_OPT_SACK] = 2,
		[SCN_OPT_TS] = 10 };
	const struct scn_tcpopt *o;

	*len = 0;
	for (uint32_t i = 0; i < k->nopts; i++) {
		o = &k->opts[i];
		*len += lens[o->kind];
		if (o->kind == SCN_OPT_SACK)
			*len += 4 * o->nv;
		for (uint32_t n = 0; n < o->nv; n++)
			if (o->v[n].any && (o->kind != SCN_OPT_TS || n == 0))
				return (false);
	}
	return (true);
}

/* Is everything said that a segment must have? */
static bool
whole(struct scn_cur *c, uint32_t at, struct scn_packet *k)
{
	uint32_t len;

	if (k->any_flags || k->seq.any || k->len.any || k->opts_more)
		return (scn_cur_fail(c, at,
		    "FLAGS SEQ:END(LEN), as in . 1:1(0)",
		    "a segment that is sent has flags, numbers and options"));
	if (k->ack.any && (k->flags & SCN_TH_ACK) != 0)
		return (scn_cur_fail(c, at, "ack N, relative as in claims",
		    "a segment with '.' says what it acknowledges"));
	if (!options_len(k, &len))
		return (scn_cur_fail(c, at, "only 'ecr *' is filled in",
		    "'*' in an option of a segment that is sent"));
	if (len > SEGMENT_OPTIONS_MAX)
		return (scn_cur_fail(c, at, NULL,
		    "%u bytes of options, 40 have room", (unsigned)len));
	if (k->len.v > 65535)
		return (scn_cur_fail(
		    c, at, NULL, "more payload than a packet has room for"));
	if (k->ack.any)
		k->ack.v = 0;
	if (k->win.any)
		k->win.v = 65535;
	if (k->urg.any)
		k->urg.v = 0;
	return (true);
}

/* send [isn N] SRC > DST segment [within T] */
bool
scn_parse_segment(struct scn_cur *c, struct scn_link *l)
{
	struct scn_segment *g = scn_node(c, sizeof(*g));
	struct scn_packet *k;
	int64_t v;
	uint32_t at;

	if (g == NULL)
		return (false);
	c->st->kind = SCN_LINK_SEND;
	l->segment = g;
	g->within_ns = SCN_SEGMENT_WITHIN;
	if (l->end == SCN_END_BOTH)
		return (scn_cur_fail(c, 1, "the end that sends, as in epair0b",
		    "'send' needs an end of the link"));
	if (scn_cur_accept(c, "isn")) {
		if (!scn_take_int(c, "sequence number", 0, UINT32_MAX, &v))
			return (false);
		g->has_isn = true;
		g->isn = (uint32_t)v;
	}
	k = &g->packet;
	k->seq.any = k->end_seq.any = k->len.any = true;
	k->ack.any = k->win.any = k->urg.any = true;
	if (!take_host(c, &g->src, &k->sport) || !scn_take_kw(c, ">") ||
	    !take_host(c, &g->dst, &k->dport))
		return (false);
	at = c->i;
	if (!scn_parse_tcp(c, k) || !whole(c, at, k))
		return (false);
	if (scn_cur_accept(c, "within") &&
	    !scn_take_ns(c, "time", &g->within_ns))
		return (false);
	return (scn_take_end(c));
}
