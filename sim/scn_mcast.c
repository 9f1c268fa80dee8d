/*
 * scn_mcast.c - statements about multicast.
 *
 *	setsockopt SOCK IP_ADD_MEMBERSHIP GROUP [ADDR | IF]
 *	setsockopt SOCK IP_ADD_SOURCE_MEMBERSHIP GROUP SOURCE [ADDR | IF]
 *	setsockopt SOCK IP_MSFILTER GROUP (ADDR | IF) include|exclude {SOURCE}
 *	setsockopt SOCK IP_MULTICAST_IF ADDR
 *	ifmcstat [-i IF]
 *	link END send igmp ADDR query [v1|v2|v3] [GROUP {SOURCE}] [max TIME]
 *	link END send igmp ADDR report [v1|v2] GROUP
 *	link END send igmp ADDR leave GROUP
 */
#include <string.h>

#include "sim/scn_link.h"
#include "sim/scn_parse.h"

/* FreeBSD's numbers. */
enum {
	IP_MULTICAST_IF = 9,
	IP_ADD_MEMBERSHIP = 12,
	IP_DROP_MEMBERSHIP = 13,
	IP_ADD_SOURCE_MEMBERSHIP = 70,
	IP_UNBLOCK_SOURCE = 73,
	IP_MSFILTER = 74,
};

enum {
	IGMP_QUERY = 0x11,
	IGMP_V1_REPORT = 0x12,
	IGMP_V2_REPORT = 0x16,
	IGMP_LEAVE = 0x17,
};

/* RFC 9776 section 4.1.1: what one byte can say, 0.1 s */
#define IGMP_MAX_RESP (INT64_C(31744) * 100000000)

bool
scn_is_mcast_option(int32_t opt)
{
	return (opt == IP_MULTICAST_IF || opt == IP_ADD_MEMBERSHIP ||
		opt == IP_DROP_MEMBERSHIP ||
		(opt >= IP_ADD_SOURCE_MEMBERSHIP && opt <= IP_MSFILTER));
}

/* ADDR or IF. */
static bool
take_where(struct scn_cur *c, struct scn_mreq *mr)
{
	const struct scn_word *w = scn_take(c, "an address or interface");

	if (w == NULL)
		return (false);
	if (scn_addr_parse(w->s, strlen(w->s), &mr->ifaddr))
		return (true);
	mr->ifname = w->s;
	return (scn_check_if(c, c->i - 1, "an interface", w->s));
}

/* {SOURCE}, up to the end or to a word that is none. */
static bool
take_sources(struct scn_cur *c, const uint32_t **src, uint32_t *n)
{
	uint32_t room[SCN_MSFILTER_MAX], *copy, addr;

	for (*n = 0; !scn_cur_done(c); (*n)++) {
		const char *s = c->w[c->i].s;

		if (!scn_addr_parse(s, strlen(s), &addr))
			break;
		if (*n == SCN_MSFILTER_MAX)
			return (scn_cur_fail(
			    c, c->i, NULL, "more than 200 sources"));
		room[*n] = addr;
		c->i++;
	}
	copy = scn_node(c, (*n + 1) * sizeof(*copy));
	if (copy == NULL)
		return (false);
	memcpy(copy, room, *n * sizeof(*copy));
	*src = copy;
	return (true);
}

static bool
take_filter(struct scn_cur *c, struct scn_mreq *mr)
{
	static const char *const modes[] = { "include", "exclude" };
	size_t i;

	if (!take_where(c, mr) ||
	    !scn_take_choice(c, "include or exclude", modes, 2, &i))
		return (false);
	mr->include = i == 0;
	return (take_sources(c, &mr->src, &mr->nsrc) && scn_take_end(c));
}

bool
scn_parse_mcast_option(struct scn_cur *c, struct scn_sock *so)
{
	struct scn_mreq *mr = scn_node(c, sizeof(*mr));
	uint32_t addr;

	if (mr == NULL)
		return (false);
	if (so->opt == IP_MULTICAST_IF) {
		if (!scn_take_addr(c, "address of the interface", &addr))
			return (false);
		so->value = addr;
		return (scn_take_end(c));
	}
	so->mreq = mr;
	if (!scn_take_addr(c, "group", &mr->group))
		return (false);
	if (so->opt == IP_MSFILTER)
		return (take_filter(c, mr));
	if (so->opt >= IP_ADD_SOURCE_MEMBERSHIP &&
	    !scn_take_addr(c, "source", &mr->source))
		return (false);
	if (!scn_cur_done(c) && !take_where(c, mr))
		return (false);
	return (scn_take_end(c));
}

bool
scn_parse_ifmcstat(struct scn_cur *c)
{
	c->st->kind = SCN_IFMCSTAT;
	c->st->u.name = NULL;
	if (scn_cur_accept(c, "-i") &&
	    !scn_take_if(c, "an interface", &c->st->u.name))
		return (false);
	return (scn_take_end(c));
}

/* ---- link END send igmp ---- */

static bool
take_version(struct scn_cur *c, uint8_t max, uint8_t *version)
{
	static const char *const names[] = { "v1", "v2", "v3" };

	for (uint8_t i = 0; i < max; i++) {
		if (scn_cur_accept(c, names[i])) {
			*version = (uint8_t)(i + 1);
			return (true);
		}
	}
	*version = max;
	return (false);
}

static bool
take_query(struct scn_cur *c, struct scn_igmp *ig)
{
	const char *s;

	ig->type = IGMP_QUERY;
	(void)take_version(c, 3, &ig->version);
	ig->max_ns = INT64_C(10000000000);
	s = scn_cur_done(c) ? "" : c->w[c->i].s;
	if (scn_addr_parse(s, strlen(s), &ig->group)) {
		c->i++;
		if (!take_sources(c, &ig->src, &ig->nsrc))
			return (false);
		if (ig->nsrc != 0 && ig->version != 3)
			return (scn_cur_fail(c, c->i - 1, NULL,
			    "only version 3 asks about sources"));
	}
	if (scn_cur_accept(c, "max") && !scn_take_ns(c, "time", &ig->max_ns))
		return (false);
	if (ig->max_ns < 0 || ig->max_ns > IGMP_MAX_RESP)
		return (scn_cur_fail(c, c->i - 1, "at most 3174.4 s",
		    "a query cannot say so long a time"));
	return (scn_take_end(c));
}

bool
scn_parse_link_igmp(struct scn_cur *c, struct scn_link *l)
{
	static const char *const verbs[] = { "query", "report", "leave" };
	struct scn_igmp *ig = scn_node(c, sizeof(*ig));
	uint8_t version;
	size_t i;

	if (ig == NULL)
		return (false);
	c->st->kind = SCN_LINK_IGMP;
	l->igmp = ig;
	if (l->end == SCN_END_BOTH)
		return (scn_cur_fail(c, 1, "the end that sends, as in epair0b",
		    "'send' needs an end of the link"));
	if (!scn_take_addr(c, "sender", &ig->from) ||
	    !scn_take_choice(c, "query, report or leave", verbs, 3, &i))
		return (false);
	if (i == 0)
		return (take_query(c, ig));
	ig->type = IGMP_LEAVE;
	if (i == 1) {
		(void)take_version(c, 2, &version);
		ig->type = version == 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT;
	}
	return (scn_take_addr(c, "group", &ig->group) && scn_take_end(c));
}
