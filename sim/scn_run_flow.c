/*
 * scn_run_flow.c - what a peer on paper knows of its connection.
 *
 * It keeps no state: what it has sent and received is in the log of frames,
 * which is looked through from the beginning.  A SYN begins anew, so ports may
 * be used again.  Only what has arrived counts as received.
 *
 * Sequence numbers of a scenario are relative; on the wire they count from the
 * initial one of the last SYN of their direction, before there is one from
 * `isn`.
 */
#include "sim/scn_run_flow.h"

#include <string.h>

#define PATTERN 251 /* of payload, as that of send */

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3]);
}

/* An option of a logged frame, at least @len bytes long; NULL: none. */
static const uint8_t *
option(const struct run_frame *f, uint8_t kind, uint32_t len)
{
	uint32_t at = 0, n;

	while (at < f->rf_nopt && f->rf_opt[at] != SCN_OPT_EOL) {
		n = f->rf_opt[at] == SCN_OPT_NOP ? 1
		    : at + 1 < f->rf_nopt        ? f->rf_opt[at + 1]
						 : 0;
		if (n == 0 || at + n > f->rf_nopt)
			return (NULL);
		if (f->rf_opt[at] == kind)
			return (n >= len ? f->rf_opt + at : NULL);
		at += n;
	}
	return (NULL);
}

/* What one frame of the near side says; @scale: of its windows. */
static void
received(struct run_flow *fl, const struct run_frame *f, uint32_t *scale)
{
	bool syn = (f->rf_flags & SCN_TH_SYN) != 0;
	uint32_t end =
	    f->rf_seq + f->rf_len + syn + ((f->rf_flags & SCN_TH_FIN) != 0);
	const uint8_t *o;

	if (syn && (!fl->fl_peer || fl->fl_peerisn != f->rf_seq)) {
		o = option(f, SCN_OPT_WSCALE, 3);
		*scale = o != NULL && o[2] < 15 ? o[2] : 0;
		fl->fl_peerisn = f->rf_seq;
		fl->fl_max = 0;
		fl->fl_window = fl->fl_reset = false;
	} else if (!fl->fl_peer) {
		fl->fl_peerisn = f->rf_seq;
		fl->fl_max = 0;
	}
	fl->fl_peer = true;
	fl->fl_reset |= (f->rf_flags & SCN_TH_RST) != 0;
	end -= fl->fl_peerisn;
	if ((int32_t)(end - fl->fl_max) > 0)
		fl->fl_max = end;
	if ((f->rf_flags & SCN_TH_ACK) != 0 &&
	    (f->rf_flags & SCN_TH_RST) == 0) {
		fl->fl_edge = f->rf_ack - fl->fl_isn +
			      ((uint32_t)f->rf_win << (syn ? 0 : *scale));
		fl->fl_window = true;
	}
	o = option(f, SCN_OPT_TS, 10);
	if (o != NULL) {
		fl->fl_ts = true;
		fl->fl_tsval = get32(o + 2);
	}
}

/**
 * run_flow_look() - what has happened so far
 * @fl:		out
 * @rg:		log
 * @l:		a "send" statement: its link, end and addresses
 * @now:	virtual ns
 */
void
run_flow_look(struct run_flow *fl, const struct run_frames *rg,
    const struct scn_link *l, int64_t now)
{
	const struct scn_segment *g = l->segment;
	uint16_t sport = (uint16_t)g->packet.sport.v;
	uint16_t dport = (uint16_t)g->packet.dport.v;
	unsigned end = l->end == SCN_END_B;
	const struct run_frame *f;
	uint32_t scale = 0;

	memset(fl, 0, sizeof(*fl));
	fl->fl_next = -1;
	fl->fl_isn = g->isn;
	for (uint64_t i = 0; i < rg->rg_n; i++) {
		f = &rg->rg_v[i];
		if (f->rf_src == g->src && f->rf_dst == g->dst &&
		    f->rf_sport == sport && f->rf_dport == dport &&
		    f->rf_end == end && (f->rf_flags & SCN_TH_SYN) != 0) {
			fl->fl_reset &= fl->fl_isn == f->rf_seq;
			fl->fl_isn = f->rf_seq;
			fl->fl_syn = true;
		}
		if (f->rf_src != g->dst || f->rf_dst != g->src ||
		    f->rf_sport != dport || f->rf_dport != sport ||
		    f->rf_end == end || f->rf_arrive < 0)
			continue;
		if (f->rf_arrive <= now)
			received(fl, f, &scale);
		else if (fl->fl_next < 0 || f->rf_arrive < fl->fl_next)
			fl->fl_next = f->rf_arrive;
	}
	if (g->has_isn && (g->packet.flags & SCN_TH_SYN) != 0)
		fl->fl_isn = g->isn;
}

/* The options in their order, padded with zeroes.  Return: bytes. */
static size_t
put_options(uint8_t *p, const struct run_flow *fl, const struct scn_packet *k)
{
	const struct scn_tcpopt *o;
	size_t n = 0;

	for (uint32_t i = 0; i < k->nopts; i++) {
		o = &k->opts[i];
		p[n] = (uint8_t)o->kind;
		if (o->kind <= SCN_OPT_NOP) {
			n++;
			continue;
		}
		p[n + 1] = (uint8_t)(2 + 4 * o->nv);
		if (o->kind == SCN_OPT_MSS) {
			p[n + 1] = 4;
			put16(p + n + 2, o->v[0].v);
		} else if (o->kind == SCN_OPT_WSCALE) {
			p[n + 1] = 3;
			p[n + 2] = (uint8_t)o->v[0].v;
		} else if (o->kind == SCN_OPT_TS) {
			put32(p + n + 2, o->v[0].v);
			put32(
			    p + n + 6, o->v[1].any ? fl->fl_tsval : o->v[1].v);
		} else {
			for (uint32_t j = 0; j < o->nv; j++)
				put32(p + n + 2 + 4 * (size_t)j,
				    o->v[j].v + fl->fl_peerisn);
		}
		n += p[n + 1];
	}
	return ((n + 3) & ~(size_t)3);
}

static uint32_t
sum(const uint8_t *p, size_t len, uint32_t s)
{
	for (size_t i = 0; i < len; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return (s);
}

static uint16_t
sum_end(uint32_t s)
{
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)~s);
}

/**
 * run_flow_frame() - a segment as an Ethernet frame without addresses
 * @fl:		what is known of the connection
 * @g:		segment
 * @buf:	out
 *
 * Its payload is the pattern that `send N` has at that place.
 *
 * Return:	bytes; 0: a packet has no room for so much payload.
 */
size_t
run_flow_frame(const struct run_flow *fl, const struct scn_segment *g,
    uint8_t buf[FLOW_FRAME_MAX])
{
	const struct scn_packet *k = &g->packet;
	uint8_t *ip = buf + 14, *th = ip + 20;
	size_t opts, total;

	memset(buf, 0, 14 + 20 + 60);
	opts = put_options(th + 20, fl, k);
	total = 20 + 20 + opts + k->len.v;
	if (total > 65535)
		return (0);
	put16(buf + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)total);
	put16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = 6;
	put32(ip + 12, g->src);
	put32(ip + 16, g->dst);
	put16(ip + 10, sum_end(sum(ip, 20, 0)));
	put16(th, k->sport.v);
	put16(th + 2, k->dport.v);
	put32(th + 4, fl->fl_isn + k->seq.v);
	if ((k->flags & SCN_TH_ACK) != 0)
		put32(th + 8, fl->fl_peerisn + k->ack.v);
	th[12] = (uint8_t)((20 + opts) / 4 << 4);
	th[13] = (uint8_t)k->flags;
	put16(th + 14, k->win.v);
	put16(th + 18, k->urg.v);
	for (uint32_t i = 0; i < k->len.v; i++)
		th[20 + opts + i] = (uint8_t)((k->seq.v - 1 + i) % PATTERN);
	put16(th + 16, sum_end(sum(th, total - 20,
			   sum(ip + 12, 8, 6 + (uint32_t)(total - 20)))));
	return (14 + total);
}
