/*
 * scn_ping.c - ping(8): its options.
 *
 * Those of FreeBSD's manual page, each a word of its own; -n is accepted and
 * means nothing, because names are never looked up.  Times may have a unit;
 * without one -W counts milliseconds, the others seconds.
 */
#include <string.h>

#include "sim/scn_parse.h"

static bool
ping_int(
    struct scn_cur *c, const char *what, int64_t min, int64_t max, int32_t *out)
{
	int64_t v;

	if (!scn_take_int(c, what, min, max, &v))
		return (false);
	*out = (int32_t)v;
	return (true);
}

static bool
ping_waittime(struct scn_cur *c, struct scn_ping *p)
{
	int64_t ms;

	if (!scn_cur_digit(c) ||
	    strspn(c->w[c->i].s, "0123456789") != c->w[c->i].len)
		return (scn_take_ns(c, "time", &p->waittime_ns));
	if (!scn_take_int(c, "time", 1, INT32_MAX, &ms))
		return (false);
	p->waittime_ns = ms * 1000000;
	return (true);
}

/* Options with an argument.  @o: the letter. */
static bool
ping_argument(struct scn_cur *c, struct scn_ping *p, char o)
{
	int32_t v;

	switch (o) {
	case 'c':
		return (scn_take_int(c, "count", 1, 1000000, &p->count));
	case 't':
		return (scn_take_seconds(c, "time", 1, &p->timeout_ns));
	case 'i':
		return (scn_take_seconds(c, "time", 1, &p->wait_ns));
	case 'W':
		return (ping_waittime(c, p));
	case 's':
		if (!ping_int(c, "size", 0, PING_MAXSIZE, &v))
			return (false);
		p->size = (uint32_t)v;
		return (true);
	case 'm':
		return (ping_int(c, "TTL", 1, 255, &p->ttl));
	case 'T':
		return (ping_int(c, "TTL", 0, 255, &p->mttl));
	case 'z':
		return (ping_int(c, "TOS", 0, 255, &p->tos));
	default:
		return (scn_take_addr(c, "address", &p->src));
	}
}

static bool
ping_option(struct scn_cur *c, struct scn_ping *p)
{
	static const char *const options[] = { "-c", "-t", "-i", "-W", "-s",
		"-m", "-z", "-S", "-T", "-D", "-o", "-q", "-R", "-n" };
	size_t i;

	if (!scn_take_choice(c, "option", options, SCN_NITEMS(options), &i))
		return (false);
	if (i < 9)
		return (ping_argument(c, p, options[i][1]));
	p->df |= i == 9;
	p->once |= i == 10;
	p->quiet |= i == 11;
	p->record |= i == 12;
	return (true);
}

bool
scn_parse_ping(struct scn_cur *c)
{
	struct scn_ping *p = scn_node(c, sizeof(*p));
	uint32_t at = c->i - 1;

	if (p == NULL)
		return (false);
	c->st->kind = SCN_PING;
	c->st->u.ping = p;
	p->count = p->timeout_ns = p->waittime_ns = -1;
	p->wait_ns = PING_INTERVAL;
	p->size = 56;
	p->mttl = -1;
	while (!scn_cur_done(c) && c->w[c->i].s[0] == '-')
		if (!ping_option(c, p))
			return (false);
	if (!scn_take_addr(c, "address", &p->addr) || !scn_take_end(c))
		return (false);
	if (p->record && p->size > PING_MAXSIZE - PING_MAXOPT)
		return (scn_cur_fail(c, at, "with -R at most 65467",
		    "packet size too large: %u", (unsigned)p->size));
	if (p->count < 0 && p->timeout_ns < 0)
		return (scn_cur_fail(c, at, "add -c COUNT or -t SECONDS",
		    "this ping would never end"));
	return (true);
}
