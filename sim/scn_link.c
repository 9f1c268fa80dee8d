/*
 * scn_link.c - link: what a wire does to frames.
 *
 * A link is named like the epair it joins: "epair0" is both directions,
 * "epair0a" is what that end sends.  Names that interfaces got later do not
 * rename the link.
 */
#include <string.h>

#include "sim/scn_parse.h"

/**
 * scn_link_name() - "epair0", "epair0a"
 * @c:		where errors go
 * @i:		the word that holds the name
 * @s:		the name
 * @link:	out: name without the letter of the end
 * @end:	out: the end, or both
 */
bool
scn_link_name(struct scn_cur *c, uint32_t i, const char *s, const char **link,
    enum scn_end *end)
{
	size_t len = strlen(s), k = 0, digits;

	while (k < len && s[k] >= 'a' && s[k] <= 'z')
		k++;
	digits = strspn(s + k, "0123456789");
	*end = SCN_END_BOTH;
	if (k == 0 || digits == 0 || len > SCN_IF_MAX ||
	    (k + digits != len && (k + digits + 1 != len || s[len - 1] < 'a' ||
				      s[len - 1] > 'b')))
		return (scn_cur_fail(c, i,
		    "epair0, or epair0a and epair0b for one end",
		    "'%.64s' is no link", s));
	if (k + digits != len)
		*end = s[len - 1] == 'a' ? SCN_END_A : SCN_END_B;
	*link = scn_mem_dup(&c->p->mem, SCN_KEEP, s, k + digits);
	return (*link != NULL);
}

/* by TIME | by N */
static bool
link_hold(struct scn_cur *c, struct scn_link *l)
{
	int64_t v;

	l->hold_ns = 0;
	l->holdn = 1;
	if (!scn_cur_accept(c, "by"))
		return (true);
	if (scn_cur_done(c) ||
	    c->w[c->i].s[strspn(c->w[c->i].s, "0123456789")] == '\0') {
		if (!scn_take_int(c, "number of frames, or time", 1,
			SCN_LINK_HOLDN_MAX, &v))
			return (false);
		l->holdn = (uint32_t)v;
		return (true);
	}
	l->holdn = 0;
	if (!scn_take_ns(c, "time", &l->hold_ns))
		return (false);
	if (l->hold_ns > 0)
		return (true);
	return (scn_cur_fail(
	    c, c->i - 1, "a time above 0", "nothing is reordered by no time"));
}

/* drop N [of CLASS], corrupt next ..., reorder next ... [by HOLD] */
static bool
link_next(struct scn_cur *c, struct scn_link *l, enum scn_kind kind)
{
	static const char *const classes[] = { "tcp", "syn", "fin", "rst",
		"ack", "data", "udp", "icmp", "arp" };
	int64_t v;
	size_t i;

	c->st->kind = kind;
	if (l->end == SCN_END_BOTH)
		return (scn_cur_fail(c, 1,
		    "the end that sends the frames, as in epair0a",
		    "'%s' needs an end of the link", c->w[c->i - 1].s));
	if (!scn_take_int(c, "number of frames", 1, SCN_LINK_NEXT_MAX, &v))
		return (false);
	l->nframes = (uint32_t)v;
	if (scn_cur_accept(c, "of")) {
		if (!scn_take_choice(
			c, "class", classes, SCN_NITEMS(classes), &i))
			return (false);
		l->cls = (enum scn_class)((int)i + 1);
	}
	if (kind == SCN_LINK_REORDER_NEXT && !link_hold(c, l))
		return (false);
	return (scn_take_end(c));
}

static bool
link_value(struct scn_cur *c, struct scn_link *l, uint32_t what)
{
	int64_t v;
	bool ok;

	switch (what) {
	case SCN_LINK_DELAY:
		return (scn_take_ns(c, "delay", &l->delay_ns));
	case SCN_LINK_RATE:
		return (scn_take_rate(c, &l->rate_bps));
	case SCN_LINK_QUEUE:
		ok = scn_take_int(c, "number of frames", 1, 1000000, &v);
		if (ok)
			l->queue = (uint32_t)v;
		return (ok);
	case SCN_LINK_LOSS:
		return (scn_take_prob(c, "probability", &l->loss_ppb));
	case SCN_LINK_DUP:
		return (scn_take_prob(c, "probability", &l->dup_ppb));
	case SCN_LINK_CORRUPT:
		return (scn_take_prob(c, "probability", &l->corrupt_ppb));
	case SCN_LINK_REORDER:
		return (scn_take_prob(c, "probability", &l->reorder_ppb) &&
			link_hold(c, l));
	default:
		return (scn_take_prob(c, "probability", &l->mark_ppb));
	}
}

static bool
link_set(struct scn_cur *c, struct scn_link *l)
{
	static const char *const keys[] = { "delay", "rate", "queue", "loss",
		"dup", "corrupt", "reorder", "mark", "drop", "cut", "join",
		"tap", "replay", "send" };
	uint32_t what;
	size_t i;

	c->st->kind = SCN_LINK_SET;
	do {
		if (!scn_take_choice(c, "property of a link", keys,
			l->what == 0 ? SCN_NITEMS(keys) : 8, &i))
			return (false);
		what = 1u << i;
		if ((l->what & what) != 0)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "'%s' is said already", keys[i]));
		if ((what == SCN_LINK_CORRUPT || what == SCN_LINK_REORDER) &&
		    l->what == 0 && scn_cur_accept(c, "next"))
			return (link_next(c, l,
			    what == SCN_LINK_CORRUPT ? SCN_LINK_CORRUPT_NEXT
						     : SCN_LINK_REORDER_NEXT));
		if (!link_value(c, l, what))
			return (false);
		l->what |= what;
	} while (!scn_cur_done(c));
	return (true);
}

bool
scn_parse_link(struct scn_cur *c)
{
	static const struct {
		const char *name;
		enum scn_kind kind;
	} whole[] = { { "cut", SCN_LINK_CUT }, { "join", SCN_LINK_JOIN },
		{ "tap", SCN_LINK_TAP } };
	const struct scn_word *w = scn_take(c, "a link");
	struct scn_link *l = scn_node(c, sizeof(*l));
	size_t i;

	if (w == NULL || l == NULL)
		return (false);
	l->ifname = w->s;
	if (!scn_link_name(c, c->i - 1, w->s, &l->name, &l->end))
		return (false);
	c->st->u.link = l;
	if (scn_cur_accept(c, "replay"))
		return (scn_parse_replay(c, l));
	if (scn_cur_accept(c, "send"))
		return (scn_cur_accept(c, "igmp") ? scn_parse_link_igmp(c, l)
						  : scn_parse_segment(c, l));
	if (scn_cur_accept(c, "drop"))
		return (link_next(c, l, SCN_LINK_DROP));
	for (i = 0; i < SCN_NITEMS(whole); i++) {
		if (!scn_cur_accept(c, whole[i].name))
			continue;
		c->st->kind = whole[i].kind;
		if (l->end != SCN_END_BOTH)
			return (scn_cur_fail(c, c->i - 2,
			    "the name without 'a' or 'b'",
			    "'%s' is done to both ends", whole[i].name));
		return (scn_take_end(c));
	}
	return (link_set(c, l));
}
