/*
 * scn_net.c - route(8) and arp(8).
 *
 * A destination without a length is a host; with -net it needs one.  Bits
 * behind the prefix are cleared, as FreeBSD does.  setfib(1) says which table
 * the command behind it uses, unless that says so itself.
 */
#include <string.h>

#include "sim/scn_parse.h"

/* default, ADDR or ADDR/LEN, after an optional -net or -host */
static bool
route_dest(struct scn_cur *c, struct scn_route *r)
{
	bool net = scn_cur_accept(c, "-net");
	bool host = !net && scn_cur_accept(c, "-host");
	const struct scn_word *w = scn_take(c, "a destination");
	const char *slash;
	int64_t len = 32;
	size_t alen;

	if (w == NULL)
		return (false);
	if (scn_word_is(w, "default") && !host) {
		r->dst = 0;
		r->prefixlen = 0;
		return (true);
	}
	slash = strchr(w->s, '/');
	alen = slash != NULL ? (size_t)(slash - w->s) : w->len;
	if (w->quoted || !scn_addr_parse(w->s, alen, &r->dst) ||
	    (slash != NULL && (slash[1] == '-' ||
				  !scn_int_parse(slash + 1, &len) || len > 32)))
		return (
		    scn_cur_fail(c, c->i - 1, "10.0.0.0/8, 10.0.0.1 or default",
			"'%.64s' is no destination", w->s));
	if (net && slash == NULL)
		return (scn_cur_fail(c, c->i - 1, "as in 10.0.0.0/8",
		    "-net needs a prefix length"));
	if (host && len != 32)
		return (scn_cur_fail(c, c->i - 1, "an address without length",
		    "-host with a prefix length"));
	r->prefixlen = (int32_t)len;
	r->dst &= len != 0 ? 0xffffffffu << (32 - len) : 0;
	return (true);
}

static bool
route_gateway(struct scn_cur *c, struct scn_route *r)
{
	if (scn_cur_accept(c, "-interface") || scn_cur_accept(c, "-iface"))
		return (scn_take_if(c, "an interface", &r->ifname));
	r->has_gw = true;
	return (scn_take_addr(c, "gateway", &r->gw));
}

/* Words that may stand before the destination and behind the gateway. */
static bool
route_modifiers(struct scn_cur *c, struct scn_route *r)
{
	int64_t v;

	for (;;) {
		if (scn_cur_accept(c, "-reject")) {
			r->reject = true;
		} else if (scn_cur_accept(c, "-blackhole")) {
			r->blackhole = true;
		} else if (scn_cur_accept(c, "-mtu")) {
			if (!scn_take_int(c, "MTU", 72, 65535, &v))
				return (false);
			r->mtu = (uint32_t)v;
		} else if (scn_cur_accept(c, "-fib")) {
			if (!scn_take_int(c, "table", 0, SCN_FIB_MAX, &v))
				return (false);
			r->fib = (int32_t)v;
		} else
			return (true);
	}
}

/* setfib [-F] N COMMAND: a word before a command, as jexec */
bool
scn_parse_setfib(struct scn_cur *c)
{
	bool inside = strcmp(c->st->jail, SCN_HOST) != 0;
	int64_t fib;

	(void)scn_cur_accept(c, "-F");
	if (!scn_take_int(c, "table", 0, SCN_FIB_MAX, &fib))
		return (false);
	c->st->setfib = (uint32_t)fib + 1;
	return (scn_dispatch(
	    c, inside ? SCN_V_CMD : SCN_V_CMD | SCN_V_PROG | SCN_V_FAIL));
}

bool
scn_parse_route(struct scn_cur *c)
{
	static const char *const verbs[] = { "add", "delete", "get", "del",
		"change", "flush", "monitor" };
	static const enum scn_kind kinds[] = { SCN_ROUTE_ADD, SCN_ROUTE_DELETE,
		SCN_ROUTE_GET, SCN_ROUTE_DELETE, SCN_ROUTE_CHANGE,
		SCN_ROUTE_FLUSH, SCN_ROUTE_MONITOR };
	struct scn_route *r = &c->st->u.route;
	enum scn_kind kind;
	size_t i;

	r->fib = -1;

	/* Names are never looked up and messages are never lengthy. */
	while (scn_cur_is(c, "-n") || scn_cur_is(c, "-q"))
		c->i++;
	if (!scn_take_choice(
		c, "add, delete, change, get, flush or monitor", verbs, 7, &i))
		return (false);
	c->st->kind = kind = kinds[i];
	if (kind == SCN_ROUTE_FLUSH || kind == SCN_ROUTE_MONITOR)
		return (route_modifiers(c, r) && scn_take_end(c));
	if (!route_modifiers(c, r))
		return (false);
	if (!route_dest(c, r))
		return (false);
	if (kind == SCN_ROUTE_GET)
		return (route_modifiers(c, r) && scn_take_end(c));
	if (kind == SCN_ROUTE_CHANGE && !route_modifiers(c, r))
		return (false);
	if (kind == SCN_ROUTE_ADD || !scn_cur_done(c))
		if (!route_gateway(c, r))
			return (false);
	return (route_modifiers(c, r) && scn_take_end(c));
}

bool
scn_parse_arp(struct scn_cur *c)
{
	bool all = false, del = false, set = false;
	struct scn_arp *a = &c->st->u.arp;
	const char *s;

	while (!scn_cur_done(c) && c->w[c->i].s[0] == '-') {
		s = c->w[c->i].s + 1;
		if (*s == '\0' || strspn(s, "ands") != strlen(s))
			return (scn_cur_fail(c, c->i, NULL,
			    "arp has no option '%.64s' here", s - 1));
		all = all || strchr(s, 'a') != NULL;
		del = del || strchr(s, 'd') != NULL;
		set = set || strchr(s, 's') != NULL;
		c->i++;
	}
	if (set && (all || del))
		return (scn_cur_fail(
		    c, c->i - 1, NULL, "-s goes with no other option"));
	c->st->kind = set ? SCN_ARP_SET : del ? SCN_ARP_DELETE : SCN_ARP_LIST;
	if (!all) {
		a->has_addr = true;
		if (!scn_take_addr(c, "address", &a->addr))
			return (false);
	}
	if (set && !scn_take_mac(c, a->mac))
		return (false);
	return (scn_take_end(c));
}
