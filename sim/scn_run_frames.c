/*
 * scn_run_frames.c - the frames of a run, for packet claims.
 *
 * A claim speaks of what one end of a link sees: what it sends, at the time of
 * sending, and what it receives, at the time of arrival.  The log holds each
 * frame once, as it was sent; the order in which an end sees them is the order
 * of (time seen, number).  A claim looks for the first match behind the one
 * that the last claim of that end found.
 *
 * Sequence numbers are compared relative to the initial one of their
 * direction: that of the last SYN from the same address and port to the same
 * before the frame, or of the first segment seen if there was none.
 */
#include "sim/scn_run_frames.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3]);
}

static uint16_t
be16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static void
frames_link(struct run_frames *rg, const struct vnetsim_wire_event *ev)
{
	struct run_link *rl;
	uint32_t cap;

	for (uint32_t i = 0; i < rg->rg_nlinks; i++)
		if (rg->rg_link[i].rl_link == ev->we_link)
			return;
	if (rg->rg_nlinks == rg->rg_caplinks) {
		cap = rg->rg_caplinks == 0 ? 8 : rg->rg_caplinks * 2;
		rl = realloc(rg->rg_link, cap * sizeof(*rl));
		if (rl == NULL)
			return;
		rg->rg_link = rl;
		rg->rg_caplinks = cap;
	}
	rl = &rg->rg_link[rg->rg_nlinks++];
	memset(rl, 0, sizeof(*rl));
	rl->rl_link = ev->we_link;
	for (int i = 0; i < 2; i++)
		if (ev->we_ends[i] != NULL)
			strncpy(rl->rl_end[i], ev->we_ends[i],
			    sizeof(rl->rl_end[i]) - 1);
}

/* Take a frame apart.  Return: false if it is not whole TCP over IPv4. */
static bool
frames_parse(struct run_frame *rf, const uint8_t *p, uint32_t len)
{
	uint32_t hlen, total, off;
	const uint8_t *ip, *th;

	/* what is behind a tag reads like a frame that begins later */
	while (
	    len >= 18 && (be16(p + 12) == 0x8100 || be16(p + 12) == 0x88a8)) {
		p += 4;
		len -= 4;
	}
	ip = p + 14;
	if (len < 34 || be16(p + 12) != 0x0800 || ip[0] >> 4 != 4)
		return (false);
	hlen = (uint32_t)(ip[0] & 15) * 4;
	total = be16(ip + 2);
	if (ip[9] != 6 || (be16(ip + 6) & 0x1fff) != 0 || hlen < 20 ||
	    total > len - 14 || total < hlen + 20)
		return (false);
	th = ip + hlen;
	off = (uint32_t)(th[12] >> 4) * 4;
	if (off < 20 || hlen + off > total)
		return (false);
	rf->rf_src = be32(ip + 12);
	rf->rf_dst = be32(ip + 16);
	rf->rf_sport = be16(th);
	rf->rf_dport = be16(th + 2);
	rf->rf_seq = be32(th + 4);
	rf->rf_ack = be32(th + 8);
	rf->rf_flags = th[13];
	rf->rf_win = be16(th + 14);
	rf->rf_urg = be16(th + 18);
	rf->rf_len = total - hlen - off;
	rf->rf_nopt = (uint8_t)(off - 20);
	memcpy(rf->rf_opt, th + 20, off - 20);
	return (true);
}

/**
 * run_frames_event() - log one wire event
 * @rg:		log
 * @ev:		borrowed; links and TCP frames are kept, LATE takes the arrival
 *		of its frame back, MOVED changes it
 */
void
run_frames_event(struct run_frames *rg, const struct vnetsim_wire_event *ev)
{
	struct run_frame *rf;
	uint64_t cap, i;

	if (ev->we_kind == VNETSIM_WIRE_LINK) {
		frames_link(rg, ev);
		return;
	}
	if (ev->we_kind == VNETSIM_WIRE_LATE ||
	    ev->we_kind == VNETSIM_WIRE_MOVED) {
		for (i = rg->rg_n; i > 0; i--)
			if (rg->rg_v[i - 1].rf_number == ev->we_frame)
				rg->rg_v[i - 1].rf_arrive =
				    ev->we_kind == VNETSIM_WIRE_LATE
					? -1
					: ev->we_arrive;
		return;
	}
	if (ev->we_kind != VNETSIM_WIRE_FRAME)
		return;
	if (rg->rg_n == rg->rg_cap) {
		cap = rg->rg_cap == 0 ? 256 : rg->rg_cap * 2;
		rf = realloc(rg->rg_v, cap * sizeof(*rf));
		if (rf == NULL)
			return;
		rg->rg_v = rf;
		rg->rg_cap = cap;
	}
	rf = &rg->rg_v[rg->rg_n];
	memset(rf, 0, sizeof(*rf));
	if (!frames_parse(rf, ev->we_bytes, ev->we_len))
		return;
	rf->rf_sent = ev->we_time;
	rf->rf_number = ev->we_frame;
	rf->rf_link = ev->we_link;
	rf->rf_end = ev->we_end;
	rf->rf_arrive = -1;
	if (ev->we_verdict == VNETSIM_V_SENT ||
	    ev->we_verdict == VNETSIM_V_DUP || ev->we_verdict == VNETSIM_V_HELD)
		rf->rf_arrive = ev->we_arrive;
	rg->rg_n++;
}

void
run_frames_free(struct run_frames *rg)
{
	free(rg->rg_v);
	free(rg->rg_link);
	memset(rg, 0, sizeof(*rg));
}

static bool
num_is(const struct scn_num *n, uint32_t v)
{
	return (n->any || n->v == v);
}

/* The initial sequence number of the direction (or the other one) of @i. */
static uint32_t
frames_isn(const struct run_frames *rg, uint64_t i, bool reverse)
{
	const struct run_frame *f = &rg->rg_v[i], *g;
	uint32_t first = reverse ? f->rf_ack : f->rf_seq;

	for (uint64_t k = i + 1; k > 0; k--) {
		g = &rg->rg_v[k - 1];
		if (g->rf_src != (reverse ? f->rf_dst : f->rf_src) ||
		    g->rf_dst != (reverse ? f->rf_src : f->rf_dst) ||
		    g->rf_sport != (reverse ? f->rf_dport : f->rf_sport) ||
		    g->rf_dport != (reverse ? f->rf_sport : f->rf_dport))
			continue;
		first = g->rf_seq;
		if ((g->rf_flags & SCN_TH_SYN) != 0)
			break;
	}
	return (first);
}

static bool
opt_is(const struct scn_tcpopt *o, const uint8_t *p, uint32_t len,
    uint32_t peerisn)
{
	uint32_t v;

	switch (o->kind) {
	case SCN_OPT_MSS:
		return (len == 4 && num_is(&o->v[0], be16(p + 2)));
	case SCN_OPT_WSCALE:
		return (len == 3 && num_is(&o->v[0], p[2]));
	case SCN_OPT_TS:
		return (len == 10 && num_is(&o->v[0], be32(p + 2)) &&
			num_is(&o->v[1], be32(p + 6)));
	case SCN_OPT_SACK:
		if (len != 2 + 4 * o->nv)
			return (false);
		for (uint32_t i = 0; i < o->nv; i++) {
			v = be32(p + 2 + 4 * i) - peerisn;
			if (!num_is(&o->v[i], v))
				return (false);
		}
		return (true);
	default:
		return (true);
	}
}

static bool
opts_match(const struct run_frames *rg, uint64_t i, const struct scn_packet *p)
{
	const struct run_frame *f = &rg->rg_v[i];
	uint32_t isn = frames_isn(rg, i, true), at = 0, n = 0, len;

	while (at < f->rf_nopt) {
		const uint8_t *o = f->rf_opt + at;

		len = o[0] <= 1 ? 1 : at + 1 < f->rf_nopt ? o[1] : 0;
		if (len == 0 || at + len > f->rf_nopt || (o[0] > 1 && len < 2))
			return (false);
		if (n == p->nopts)
			return (p->opts_more);
		if (o[0] != (uint8_t)p->opts[n].kind ||
		    !opt_is(&p->opts[n], o, len, isn))
			return (false);
		n++;
		at += len;
		if (o[0] == 0)
			break;
	}
	return (n == p->nopts);
}

static bool
frame_matches(
    const struct run_frames *rg, uint64_t i, const struct scn_packet *p)
{
	const struct run_frame *f = &rg->rg_v[i];
	uint32_t seq, slen;

	if (!num_is(&p->sport, f->rf_sport) || !num_is(&p->dport, f->rf_dport))
		return (false);
	if (!p->any_flags && p->flags != f->rf_flags)
		return (false);
	if (!num_is(&p->len, f->rf_len) || !num_is(&p->win, f->rf_win) ||
	    !num_is(&p->urg, f->rf_urg))
		return (false);
	seq = f->rf_seq - frames_isn(rg, i, false);
	slen = f->rf_len;
	if (!num_is(&p->seq, seq) || !num_is(&p->end_seq, seq + slen))
		return (false);
	if (!p->ack.any && ((f->rf_flags & SCN_TH_ACK) == 0 ||
			       p->ack.v != f->rf_ack - frames_isn(rg, i, true)))
		return (false);
	return (!p->has_opts || opts_match(rg, i, p));
}

/* The link of a claim.  Return: false if there is none yet. */
static bool
frames_where(const struct run_frames *rg, const struct scn_packet *p,
    uint32_t *link, unsigned *end)
{
	for (uint32_t i = rg->rg_nlinks; i > 0; i--)
		for (*end = 0; *end < 2; (*end)++)
			if (strcmp(rg->rg_link[i - 1].rl_end[*end],
				p->ifname) == 0) {
				*link = rg->rg_link[i - 1].rl_link;
				return (true);
			}
	return (false);
}

/* When that end saw the frame in that direction, -1: not (yet). */
static int64_t
frame_seen(const struct run_frame *f, uint32_t link, unsigned end, bool out,
    int64_t now)
{
	if (f->rf_link != link || (f->rf_end == end) != out)
		return (-1);
	if (out)
		return (f->rf_sent);
	return (f->rf_arrive <= now ? f->rf_arrive : -1);
}

/**
 * run_frames_find() - the first packet that a claim describes
 * @rg:		log
 * @p:		claim
 * @now:	virtual ns; what arrives later was not received
 * @from:	behind this
 * @at:		out: where it was found
 *
 * Return:	true if there is one.
 */
bool
run_frames_find(const struct run_frames *rg, const struct scn_packet *p,
    int64_t now, const struct run_cursor *from, struct run_cursor *at)
{
	uint32_t link;
	unsigned end;
	int64_t t;

	at->rc_any = false;
	if (!frames_where(rg, p, &link, &end))
		return (false);
	for (uint64_t i = 0; i < rg->rg_n; i++) {
		t = frame_seen(&rg->rg_v[i], link, end, p->out, now);
		if (t < 0)
			continue;
		if (from->rc_any &&
		    (t < from->rc_time ||
			(t == from->rc_time && i <= from->rc_frame)))
			continue;
		if (at->rc_any && t >= at->rc_time)
			continue;
		if (!frame_matches(rg, i, p))
			continue;
		at->rc_any = true;
		at->rc_time = t;
		at->rc_frame = i;
	}
	return (at->rc_any);
}

static void
frame_show(const struct run_frames *rg, uint64_t i, bool out, struct rbuf *rb)
{
	static const char letters[] = "FSRP.UEW";
	const struct run_frame *f = &rg->rg_v[i];
	uint32_t seq = f->rf_seq - frames_isn(rg, i, false);

	rbuf_add(rb, "%c %u > %u ", out ? '>' : '<', f->rf_sport, f->rf_dport);
	for (int b = 0; b < 8; b++)
		if ((f->rf_flags & (1u << b)) != 0)
			rbuf_add(rb, "%c", letters[b]);
	rbuf_add(rb, " %u:%u(%u)", seq, seq + f->rf_len, f->rf_len);
	if ((f->rf_flags & SCN_TH_ACK) != 0)
		rbuf_add(rb, " ack %u", f->rf_ack - frames_isn(rg, i, true));
	rbuf_add(rb, " win %u", f->rf_win);
}

/**
 * run_frames_show() - what was seen instead, at most eight packets
 * @rg:		log
 * @p:		claim
 * @now:	virtual ns
 * @from:	behind this
 * @out:	text is appended
 */
void
run_frames_show(const struct run_frames *rg, const struct scn_packet *p,
    int64_t now, const struct run_cursor *from, struct rbuf *out)
{
	uint32_t link;
	unsigned end, n = 0;
	int64_t t;

	if (!frames_where(rg, p, &link, &end)) {
		rbuf_add(out, "there is no %s", p->ifname);
		return;
	}
	for (uint64_t i = 0; i < rg->rg_n; i++) {
		t = frame_seen(&rg->rg_v[i], link, end, p->out, now);
		if (t < 0 || (from->rc_any && (t < from->rc_time ||
						  (t == from->rc_time &&
						      i <= from->rc_frame))))
			continue;
		if (n == 8) {
			rbuf_add(out, ", ...");
			return;
		}
		rbuf_add(out, "%s", n++ == 0 ? "seen: " : ", ");
		frame_show(rg, i, p->out, out);
	}
	if (n == 0)
		rbuf_add(out, "nothing was seen");
}
