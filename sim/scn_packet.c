/*
 * scn_packet.c - a TCP packet as packetdrill writes it.
 *
 *	expect [no] packet END [within T] DIR [tcp] [SPORT > DPORT]
 *	    FLAGS [SEQ:END(LEN)] [ack N] [win N] [urg N] [<options>] [...]
 *
 * Any number may be `*`, which fits all; what is not written fits all too,
 * and so does `...` at the end or in place of the sequence numbers.  Options
 * are the only words with commas inside and blanks between; they are read
 * letter by letter over the borders of words.
 */
#include <string.h>

#include "sim/scn_parse.h"

static const char packet_form[] =
    "expect packet epair0a [within T] >|< FLAGS SEQ:END(LEN) [ack N] "
    "[win N] [urg N] [<mss 1460,...>]";

/* N or *, from s[0..len) */
static bool
num_parse(const char *s, size_t len, struct scn_num *n)
{
	char buf[16];
	int64_t v;

	n->v = 0;
	n->any = len == 1 && *s == '*';
	if (n->any)
		return (true);
	if (len == 0 || len >= sizeof(buf) || *s == '-')
		return (false);
	memcpy(buf, s, len);
	buf[len] = '\0';
	if (!scn_int_parse(buf, &v) || v > UINT32_MAX)
		return (false);
	n->v = (uint32_t)v;
	return (true);
}

static bool
take_num(struct scn_cur *c, const char *what, uint32_t max, struct scn_num *n)
{
	const struct scn_word *w = scn_take(c, what);

	if (w == NULL)
		return (false);
	if (num_parse(w->s, w->len, n) && n->v <= max)
		return (true);
	return (scn_cur_fail(
	    c, c->i - 1, "a number or *", "'%.64s' is no %s", w->s, what));
}

static bool
packet_flags(struct scn_cur *c, struct scn_packet *k)
{
	static const char letters[] = "FSRP.UEW";
	const struct scn_word *w = scn_take(c, "TCP flags");
	const char *s, *l;

	if (w == NULL)
		return (false);
	k->any_flags = scn_word_is(w, "*");
	if (k->any_flags || scn_word_is(w, "-"))
		return (true);
	for (s = w->s; *s != '\0'; s++) {
		l = strchr(letters, *s);
		if (l == NULL || w->quoted)
			return (scn_cur_fail(c, c->i - 1,
			    "letters of F S R P . U E W ('.' is ACK), '-' "
			    "for none, * for any",
			    "'%.64s' are no TCP flags", w->s));
		k->flags |= 1u << (l - letters);
	}
	return (true);
}

/* SEQ:END(LEN), or * or ... for all three */
static bool
packet_seq(struct scn_cur *c, struct scn_packet *k)
{
	const struct scn_word *w = &c->w[c->i];
	size_t colon, paren;

	if (scn_cur_accept(c, "*") || scn_cur_is(c, "..."))
		return (true);
	colon = strcspn(w->s, ":");
	if (w->s[colon] == '\0')
		return (true); /* not said */
	c->i++;
	paren = colon + strcspn(w->s + colon, "(");
	if (w->s[paren] == '\0' || w->s[w->len - 1] != ')' ||
	    !num_parse(w->s, colon, &k->seq) ||
	    !num_parse(w->s + colon + 1, paren - colon - 1, &k->end_seq) ||
	    !num_parse(w->s + paren + 1, w->len - paren - 2, &k->len))
		return (scn_cur_fail(c, c->i - 1,
		    "START:END(LENGTH), as in 1:1001(1000)",
		    "'%.64s' are no sequence numbers", w->s));
	if (!k->seq.any && !k->end_seq.any && !k->len.any &&
	    k->end_seq.v != k->seq.v + k->len.v)
		return (scn_cur_fail(c, c->i - 1,
		    "SYN and FIN do not count in the length",
		    "%u:%u(%u): the end is not start plus length",
		    (unsigned)k->seq.v, (unsigned)k->end_seq.v,
		    (unsigned)k->len.v));
	return (true);
}

/* Where the reader of <...> stands: byte off of word c->i. */
struct opt_lex {
	struct scn_cur *c;
	size_t off;
	const char *s; /* token */
	size_t len;
	uint32_t word; /* of the token */
};

/* Next token: one of , < > or letters up to the next of those; len 0: end. */
static void
opt_next(struct opt_lex *lx)
{
	struct scn_cur *c = lx->c;

	while (c->i < c->n && c->w[c->i].s[lx->off] == '\0') {
		c->i++;
		lx->off = 0;
	}
	lx->word = c->i;
	lx->len = 0;
	if (c->i == c->n)
		return;
	lx->s = c->w[c->i].s + lx->off;
	lx->len = strcspn(lx->s, ",<>");
	if (lx->len == 0)
		lx->len = 1;
	lx->off += lx->len;
}

static bool
opt_is(const struct opt_lex *lx, const char *s)
{
	return (strlen(s) == lx->len && memcmp(s, lx->s, lx->len) == 0);
}

static bool
opt_fail(struct opt_lex *lx, const char *msg)
{
	return (scn_cur_fail(lx->c, lx->word,
	    "<mss N,wscale N,sackOK,sack A:B ...,TS val N ecr N,nop,eol> and "
	    "... for more",
	    "%s", msg));
}

static bool
opt_num(struct opt_lex *lx, struct scn_tcpopt *o)
{
	opt_next(lx);
	if (!num_parse(lx->s, lx->len, &o->v[o->nv]))
		return (opt_fail(lx, "expected a number or *"));
	o->nv++;
	return (true);
}

/* sack A:B C:D: ends before ',' or '>' */
static bool
opt_sack(struct opt_lex *lx, struct scn_tcpopt *o)
{
	size_t colon, off;
	const char *s;

	for (;;) {
		off = lx->off;
		opt_next(lx);
		if (lx->len == 0 || opt_is(lx, ",") || opt_is(lx, ">")) {
			lx->off = lx->len == 0 ? off : lx->off - lx->len;
			break;
		}
		s = lx->s;
		for (colon = 0; colon < lx->len && s[colon] != ':'; colon++)
			;
		if (o->nv == 8 || colon == lx->len ||
		    !num_parse(s, colon, &o->v[o->nv]) ||
		    !num_parse(
			s + colon + 1, lx->len - colon - 1, &o->v[o->nv + 1]))
			return (opt_fail(lx, "expected one to four A:B"));
		o->nv += 2;
	}
	return (o->nv != 0 || opt_fail(lx, "expected one to four A:B"));
}

/* One option, whose name is the token. */
static bool
opt_one(struct opt_lex *lx, struct scn_tcpopt *o)
{
	static const struct {
		const char *name;
		enum scn_tcpopt_kind kind;
	} kinds[] = { { "eol", SCN_OPT_EOL }, { "nop", SCN_OPT_NOP },
		{ "mss", SCN_OPT_MSS }, { "wscale", SCN_OPT_WSCALE },
		{ "sackOK", SCN_OPT_SACKOK }, { "sack", SCN_OPT_SACK },
		{ "TS", SCN_OPT_TS } };
	size_t i;

	for (i = 0; i < SCN_NITEMS(kinds); i++)
		if (opt_is(lx, kinds[i].name))
			break;
	if (i == SCN_NITEMS(kinds))
		return (opt_fail(lx, "unknown TCP option"));
	o->kind = kinds[i].kind;
	switch (o->kind) {
	case SCN_OPT_MSS:
	case SCN_OPT_WSCALE:
		return (opt_num(lx, o));
	case SCN_OPT_SACK:
		return (opt_sack(lx, o));
	case SCN_OPT_TS:
		opt_next(lx);
		if (!opt_is(lx, "val"))
			return (opt_fail(lx, "expected 'val'"));
		if (!opt_num(lx, o))
			return (false);
		opt_next(lx);
		if (!opt_is(lx, "ecr"))
			return (opt_fail(lx, "expected 'ecr'"));
		return (opt_num(lx, o));
	default:
		return (true);
	}
}

/* <...>; the cursor stands at the word that begins with '<'. */
static bool
packet_options(struct scn_cur *c, struct scn_packet *k)
{
	struct scn_tcpopt opts[SCN_TCPOPT_MAX], *v;
	struct opt_lex lx = { .c = c, .s = "" };

	memset(opts, 0, sizeof(opts));
	k->has_opts = true;
	opt_next(&lx);
	opt_next(&lx);
	while (!opt_is(&lx, ">")) {
		if (lx.len == 0)
			return (opt_fail(&lx, "'<' is never closed"));
		if (k->opts_more)
			return (opt_fail(&lx, "'...' must be the last"));
		if (k->nopts == SCN_TCPOPT_MAX)
			return (opt_fail(&lx, "more than 40 TCP options"));
		if (opt_is(&lx, "..."))
			k->opts_more = true;
		else if (!opt_one(&lx, &opts[k->nopts++]))
			return (false);
		opt_next(&lx);
		if (opt_is(&lx, ","))
			opt_next(&lx);
		else if (!opt_is(&lx, ">"))
			return (opt_fail(&lx, "expected ',' or '>'"));
	}
	if (c->w[c->i].s[lx.off] != '\0')
		return (opt_fail(&lx, "something follows '>'"));
	c->i++;
	v = scn_node(c, k->nopts * sizeof(*v));
	if (v == NULL)
		return (false);
	memcpy(v, opts, k->nopts * sizeof(*v));
	k->opts = v;
	return (true);
}

/* ack, win, urg, options, ... */
static bool
packet_rest(struct scn_cur *c, struct scn_packet *k)
{
	uint32_t at;

	while (!scn_cur_done(c) && !scn_cur_is(c, "within")) {
		at = c->i;
		if (scn_cur_accept(c, "ack")) {
			if (!take_num(c, "number", UINT32_MAX, &k->ack))
				return (false);
			if (!k->any_flags && (k->flags & SCN_TH_ACK) == 0)
				return (scn_cur_fail(c, at,
				    "'.' among the flags is ACK",
				    "'ack' without the flag"));
		} else if (scn_cur_accept(c, "win")) {
			if (!take_num(c, "window", 65535, &k->win))
				return (false);
		} else if (scn_cur_accept(c, "urg")) {
			if (!take_num(c, "pointer", 65535, &k->urg))
				return (false);
		} else if (c->w[c->i].s[0] == '<' && !k->has_opts) {
			if (!packet_options(c, k))
				return (false);
		} else if (!scn_cur_accept(c, "..."))
			return (scn_cur_fail(
			    c, c->i, NULL, "unexpected '%.64s'", c->w[c->i].s));
	}
	return (true);
}

static void
packet_any(struct scn_packet *k)
{
	k->sport.any = k->dport.any = true;
	k->seq.any = k->end_seq.any = k->len.any = true;
	k->ack.any = k->win.any = k->urg.any = true;
}

bool
scn_parse_tcp(struct scn_cur *c, struct scn_packet *k)
{
	return (packet_flags(c, k) && (scn_cur_done(c) || packet_seq(c, k)) &&
		packet_rest(c, k));
}

bool
scn_parse_packet(struct scn_cur *c, struct scn_claim *cl)
{
	static const char *const dirs[] = { ">", "<" };
	static const char *const others[] = { "udp", "icmp", "arp" };
	struct scn_packet *k = scn_node(c, sizeof(*k));
	size_t i;

	if (k == NULL)
		return (false);
	c->form = packet_form;
	cl->packet = k;
	packet_any(k);
	if (!scn_take_if(c, "the end of a link", &k->ifname) ||
	    !scn_link_name(c, c->i - 1, k->ifname, &k->link, &k->end))
		return (false);
	if (k->end == SCN_END_BOTH)
		return (scn_cur_fail(c, c->i - 1,
		    "the end that '>' and '<' speak of, as in epair0a",
		    "a packet is seen at one end of a link"));
	if (scn_cur_accept(c, "within")) {
		cl->has_within = true;
		if (!scn_take_time(c, "time", &cl->within))
			return (false);
	}
	if (!scn_take_choice(c, "'>' (sends) or '<' (receives)", dirs, 2, &i))
		return (false);
	k->out = i == 0;
	for (i = 0; i < SCN_NITEMS(others); i++)
		if (scn_cur_is(c, others[i]))
			return (scn_cur_fail(c, c->i,
			    "expect stat JAIL NAME counts the others",
			    "only TCP packets can be claimed"));
	scn_cur_accept(c, "tcp");
	if (scn_cur_ahead(c, 1, ">")) {
		if (!take_num(c, "port", 65535, &k->sport))
			return (false);
		c->i++;
		if (!take_num(c, "port", 65535, &k->dport))
			return (false);
	}
	return (scn_parse_tcp(c, k));
}
