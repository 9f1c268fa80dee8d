/*
 * scn_ifreq.c - the parameters of ifconfig(8) beside inet, mtu, up and down.
 *
 * One table: a word, what it asks of the interface, which words follow.  vlan,
 * vlandev and vlanproto are one request in three parts, in any order, made
 * when the statement ends.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_ifreq.h"

enum arg {
	ARG_NONE,
	ARG_IF,
	ARG_WORD,
	ARG_MAC,
	ARG_TEXT,
	ARG_N,
	ARG_PROTO,
	ARG_SET,
	ARG_CLEAR,
	ARG_STATIC,
	ARG_LAGGPROTO,
	ARG_LAGGHASH,
	ARG_ADDRS,
	ARG_OPT,
	ARG_UNOPT
};

static const struct word {
	const char *w_name;
	int32_t w_cmd; /* enum vnetsim_ifcmd */
	enum arg w_arg;
	uint32_t w_max; /* ARG_N: at most; else a flag, a value */
} words[] = {
	{ "name", VNETSIM_IF_NAME, ARG_IF, 0 },
	{ "ether", VNETSIM_IF_ETHER, ARG_MAC, 0 },
	{ "lladdr", VNETSIM_IF_ETHER, ARG_MAC, 0 },
	{ "group", VNETSIM_IF_GROUP, ARG_WORD, 0 },
	{ "-group", VNETSIM_IF_DELGROUP, ARG_WORD, 0 },
	{ "description", VNETSIM_IF_DESCR, ARG_TEXT, 0 },
	{ "descr", VNETSIM_IF_DESCR, ARG_TEXT, 0 },
	{ "-description", VNETSIM_IF_DESCR, ARG_NONE, 0 },
	{ "-descr", VNETSIM_IF_DESCR, ARG_NONE, 0 },
	{ "vlan", VNETSIM_IF_VLAN, ARG_N, 4095 },
	{ "vlandev", VNETSIM_IF_VLAN, ARG_IF, 0 },
	{ "vlanproto", VNETSIM_IF_VLAN, ARG_PROTO, 0 },
	{ "vlanpcp", VNETSIM_IF_VLANPCP, ARG_N, 7 },
	{ "-vlandev", VNETSIM_IF_UNVLAN, ARG_NONE, 0 },
	{ "addm", VNETSIM_IF_ADDM, ARG_IF, 0 },
	{ "deletem", VNETSIM_IF_DELETEM, ARG_IF, 0 },
	{ "learn", VNETSIM_IF_MEMBERFLAGS, ARG_SET, VNETSIM_IFBIF_LEARNING },
	{ "-learn", VNETSIM_IF_MEMBERFLAGS, ARG_CLEAR, VNETSIM_IFBIF_LEARNING },
	{ "discover", VNETSIM_IF_MEMBERFLAGS, ARG_SET, VNETSIM_IFBIF_DISCOVER },
	{ "-discover", VNETSIM_IF_MEMBERFLAGS, ARG_CLEAR,
	    VNETSIM_IFBIF_DISCOVER },
	{ "sticky", VNETSIM_IF_MEMBERFLAGS, ARG_SET, VNETSIM_IFBIF_STICKY },
	{ "-sticky", VNETSIM_IF_MEMBERFLAGS, ARG_CLEAR, VNETSIM_IFBIF_STICKY },
	{ "private", VNETSIM_IF_MEMBERFLAGS, ARG_SET, VNETSIM_IFBIF_PRIVATE },
	{ "-private", VNETSIM_IF_MEMBERFLAGS, ARG_CLEAR,
	    VNETSIM_IFBIF_PRIVATE },
	{ "static", VNETSIM_IF_STATIC, ARG_STATIC, 0 },
	{ "deladdr", VNETSIM_IF_DELADDR, ARG_MAC, 0 },
	{ "flush", VNETSIM_IF_FLUSH, ARG_NONE, 0 },
	{ "flushall", VNETSIM_IF_FLUSH, ARG_NONE, 1 },
	{ "maxaddr", VNETSIM_IF_MAXADDR, ARG_N, 1000000 },
	{ "timeout", VNETSIM_IF_TIMEOUT, ARG_N, 1000000 },
	{ "fib", VNETSIM_IF_FIB, ARG_N, 65535 },
	{ "laggproto", VNETSIM_IF_LAGGPROTO, ARG_LAGGPROTO, 0 },
	{ "lagghash", VNETSIM_IF_LAGGHASH, ARG_LAGGHASH, 0 },
	{ "laggport", VNETSIM_IF_LAGGPORT, ARG_IF, 0 },
	{ "-laggport", VNETSIM_IF_UNLAGGPORT, ARG_IF, 0 },
	{ "tunnel", VNETSIM_IF_TUNNEL, ARG_ADDRS, 0 },
	{ "deletetunnel", VNETSIM_IF_UNTUNNEL, ARG_NONE, 0 },
	{ "-tunnel", VNETSIM_IF_UNTUNNEL, ARG_NONE, 0 },
	{ "tunnelfib", VNETSIM_IF_TUNNELFIB, ARG_N, 65535 },
	{ "grekey", VNETSIM_IF_GREKEY, ARG_N, UINT32_MAX },
	{ "-grekey", VNETSIM_IF_GREKEY, ARG_NONE, 0 },
	{ "enable_csum", VNETSIM_IF_OPTS, ARG_OPT, VNETSIM_IFOPT_GRECSUM },
	{ "-enable_csum", VNETSIM_IF_OPTS, ARG_UNOPT, VNETSIM_IFOPT_GRECSUM },
	{ "enable_seq", VNETSIM_IF_OPTS, ARG_OPT, VNETSIM_IFOPT_GRESEQ },
	{ "-enable_seq", VNETSIM_IF_OPTS, ARG_UNOPT, VNETSIM_IFOPT_GRESEQ },
	{ "ignore_source", VNETSIM_IF_OPTS, ARG_OPT,
	    VNETSIM_IFOPT_IGNORESOURCE },
	{ "-ignore_source", VNETSIM_IF_OPTS, ARG_UNOPT,
	    VNETSIM_IFOPT_IGNORESOURCE },
};

/**
 * scn_ifreq_names() - the words of this table
 * @names:	out
 * @max:	room
 *
 * Return:	their number.
 */
size_t
scn_ifreq_names(const char **names, size_t max)
{
	size_t n;

	for (n = 0; n < SCN_NITEMS(words) && n < max; n++)
		names[n] = words[n].w_name;
	return (n);
}

/* A word that fits into the name of an interface. */
static bool
take_word(struct scn_cur *c, char arg[VNETSIM_IFNAMSIZ])
{
	const struct scn_word *w = scn_take(c, "name");

	if (w == NULL)
		return (false);
	if (w->len == 0 || w->len >= VNETSIM_IFNAMSIZ)
		return (scn_cur_fail(c, c->i - 1, "1 to 15 bytes",
		    "'%.64s' is no name of a group", w->s));
	memset(arg, 0, VNETSIM_IFNAMSIZ);
	memcpy(arg, w->s, w->len);
	return (true);
}

static bool
take_ifname(struct scn_cur *c, char arg[VNETSIM_IFNAMSIZ])
{
	const char *s;

	if (!scn_take_if(c, "an interface", &s))
		return (false);
	memset(arg, 0, VNETSIM_IFNAMSIZ);
	(void)snprintf(arg, VNETSIM_IFNAMSIZ, "%s", s);
	return (true);
}

static bool
take_text(struct scn_cur *c, const char **text)
{
	const struct scn_word *w = scn_take(c, "description");

	if (w == NULL)
		return (false);
	if (w->len >= VNETSIM_IFDESCR)
		return (scn_cur_fail(
		    c, c->i - 1, "at most 63 bytes", "description too long"));
	*text = w->s;
	return (true);
}

static bool
take_vlanproto(struct scn_cur *c, uint32_t *proto)
{
	static const char *const names[] = { "802.1q", "802.1ad" };
	static const uint32_t types[] = { 0x8100, 0x88a8 };
	size_t i;

	if (!scn_take_choice(c, "tag protocol", names, SCN_NITEMS(names), &i))
		return (false);
	*proto = types[i];
	return (true);
}

static bool
take_laggproto(struct scn_cur *c, uint32_t *proto)
{
	static const char *const names[] = { "none", "failover", "roundrobin",
		"loadbalance", "broadcast" };
	size_t i;

	if (!scn_take_choice(c, "laggproto", names, SCN_NITEMS(names), &i))
		return (false);
	*proto = (uint32_t)i;
	return (true);
}

/* l2,l3,l4: any of them. */
static bool
take_lagghash(struct scn_cur *c, uint32_t *hash)
{
	const struct scn_word *w = scn_take(c, "lagghash");
	const char *s;

	if (w == NULL)
		return (false);
	*hash = 0;
	for (s = w->s; s[0] == 'l' && s[1] >= '2' && s[1] <= '4'; s++) {
		*hash |= 1u << (s[1] - '2');
		s += 2;
		if (*s != ',')
			break;
	}
	if (*s != '\0')
		return (scn_cur_fail(c, c->i - 1, "as in l2,l3,l4",
		    "'%.64s' is no hash of a lagg", w->s));
	return (true);
}

/* SRC DST */
static bool
take_addrs(struct scn_cur *c, uint32_t *src, uint32_t *dst)
{
	const struct scn_word *w;
	uint32_t *const to[2] = { src, dst };

	for (int i = 0; i < 2; i++) {
		w = scn_take(c, "address");
		if (w == NULL)
			return (false);
		if (w->quoted || !scn_addr_parse(w->s, w->len, to[i]))
			return (scn_cur_fail(c, c->i - 1,
			    "as in tunnel 10.0.0.1 10.0.0.2",
			    "'%.64s' is no address", w->s));
	}
	return (true);
}

static bool
take_arg(struct scn_cur *c, const struct word *w, struct vnetsim_ifreq *r)
{
	int64_t v;

	switch (w->w_arg) {
	case ARG_IF:
		return (take_ifname(c, r->arg));
	case ARG_SET:
		r->n = w->w_max;
		return (take_ifname(c, r->arg));
	case ARG_CLEAR:
		r->m = w->w_max;
		return (take_ifname(c, r->arg));
	case ARG_STATIC:
		return (take_ifname(c, r->arg) && scn_take_mac(c, r->ether));
	case ARG_WORD:
		return (take_word(c, r->arg));
	case ARG_MAC:
		return (scn_take_mac(c, r->ether));
	case ARG_TEXT:
		return (take_text(c, &r->text));
	case ARG_PROTO:
		return (take_vlanproto(c, &r->m));
	case ARG_N:
		if (!scn_take_int(c, "number", 0, w->w_max, &v))
			return (false);
		r->n = (uint32_t)v;
		return (true);
	case ARG_LAGGPROTO:
		return (take_laggproto(c, &r->n));
	case ARG_LAGGHASH:
		return (take_lagghash(c, &r->n));
	case ARG_ADDRS:
		return (take_addrs(c, &r->src, &r->dst));
	case ARG_UNOPT:
		r->m = w->w_max;
		return (true);
	default:
		r->n = w->w_max;
		r->text = "";
		return (true);
	}
}

/**
 * scn_ifreq_take() - a parameter of this table
 * @c:		behind its first word
 * @q:		what was asked so far; gets it
 * @name:	the first word
 *
 * Return:	false after an error; also if the table has no such word.
 */
bool
scn_ifreq_take(struct scn_cur *c, struct scn_ifreqs *q, const char *name)
{
	const struct word *w = words;
	struct vnetsim_ifreq *r;

	while (w < words + SCN_NITEMS(words) && strcmp(w->w_name, name) != 0)
		w++;
	if (w == words + SCN_NITEMS(words))
		return (false);
	if (w->w_cmd == VNETSIM_IF_VLAN) {
		q->q_hasvlan = true;
		return (take_arg(c, w, &q->q_vlan));
	}
	if (q->q_n == SCN_IFREQ_MAX - 1)
		return (
		    scn_cur_fail(c, c->i - 1, "give it an ifconfig of its own",
			"more than %d parameters", SCN_IFREQ_MAX - 1));
	r = &q->q_req[q->q_n++];
	memset(r, 0, sizeof(*r));
	r->cmd = (uint32_t)w->w_cmd;
	return (take_arg(c, w, r));
}

/**
 * scn_ifreq_end() - no more parameters
 * @c:		at the end
 * @q:		what was asked
 * @f:		gets the requests
 *
 * Return:	false after an error.
 */
bool
scn_ifreq_end(struct scn_cur *c, struct scn_ifreqs *q, struct scn_ifconf *f)
{
	struct vnetsim_ifreq *out;

	if (q->q_hasvlan && (q->q_vlan.n == 0 || q->q_vlan.arg[0] == '\0'))
		return (scn_cur_fail(c, c->i - 1, "vlan N vlandev IF",
		    "a vlan needs a number and a parent"));
	if (q->q_hasvlan) {
		q->q_vlan.cmd = VNETSIM_IF_VLAN;
		memmove(q->q_req + 1, q->q_req, q->q_n * sizeof(q->q_req[0]));
		q->q_req[0] = q->q_vlan;
		q->q_n++;
	}
	if (q->q_n == 0)
		return (true);
	out = scn_node(c, q->q_n * sizeof(*out));
	if (out == NULL)
		return (false);
	memcpy(out, q->q_req, q->q_n * sizeof(*out));
	f->req = out;
	f->nreq = q->q_n;
	return (true);
}
