/*
 * scn_pf_conf.c - pf.conf(5), as far as the filter goes.
 *
 *	set limit states N | set timeout NAME N | set skip on IF
 *	set state-policy if-bound|floating | set block-policy drop|return
 *	pass|block [drop|return|return-rst|return-icmp] [in|out] [quick]
 *	    [on [!] IF] [inet] [proto PROTO]
 *	    [all | [from HOST [port P]] [to HOST [port P]]]
 *	    [flags X/Y|any] [keep state [(if-bound|floating)] | no state]
 *	    [allow-opts]
 *
 * In that order.  As in FreeBSD "pass" keeps state and, for TCP, begins with a
 * SYN (flags S/SA) unless it says otherwise; policies count for the rules
 * behind them.  Ports are numbers; no lists, tables, anchors or translation.
 */
#include <string.h>

#include "sim/scn_pf.h"

#define TH_S  0x02u
#define TH_SA 0x12u

/* What "set" says about the rules that follow. */
struct pf_file {
	struct vnetsim_pf_conf conf;
	bool ifbound, ret, limit, adaptive;
};

/* One line as words of its own: blanks part them; "!", "(", ")" and "="
 * stand for themselves. */
static bool
split(struct scn_cur *c, const struct scn_word *line, struct scn_cur *out)
{
	const char *s = line->s, *at = s;
	struct scn_word *w;
	char *copy;
	size_t len;

	w = scn_node(c, (line->len + 1) * sizeof(*w));
	if (w == NULL)
		return (false);
	*out = *c;
	out->w = w;
	out->n = out->i = 0;
	out->form = "pass|block ... or set ..., as in pf.conf(5)";
	while (*at != '\0') {
		if (*at == ' ' || *at == '\t') {
			at++;
			continue;
		}
		len = strchr("!()=", *at) != NULL ? 1 : strcspn(at, " \t!()=");
		copy = scn_mem_dup(&c->p->mem, SCN_KEEP, at, len);
		if (copy == NULL)
			return (false);
		w[out->n++] = (struct scn_word){ .s = copy,
			.len = (uint32_t)len,
			.line = line->line,
			.col = line->col + line->quoted + (uint32_t)(at - s) };
		at += len;
	}
	return (true);
}

/* ---- set ---- */

static bool
set_timeout(struct scn_cur *c, struct pf_file *f)
{
	const struct scn_word *w = scn_take(c, "the name of a timeout");
	unsigned i;
	int64_t v;

	if (w == NULL)
		return (false);
	for (i = 0; i < VNETSIM_PFTM_N; i++)
		if (scn_word_is(w, vnetsim_pf_timeout_name(i)))
			break;
	if (i == VNETSIM_PFTM_N)
		return (scn_cur_fail(c, c->i - 1, "as in tcp.established",
		    "'%.64s' is no timeout", w->s));
	if (!scn_take_int(c, "timeout", i == VNETSIM_PFTM_INTERVAL,
		VNETSIM_PF_TIME_MAX, &v))
		return (false);
	f->conf.timeout[i] = (uint32_t)v;
	if (i >= VNETSIM_PFTM_ADAPTIVE_START)
		f->adaptive = true;
	return (true);
}

static bool
set_skip(struct scn_cur *c, struct pf_file *f)
{
	const char *name;

	if (!scn_take_kw(c, "on") || !scn_take_if(c, "an interface", &name))
		return (false);
	if (f->conf.nskip == VNETSIM_PF_SKIP_MAX)
		return (scn_cur_fail(c, c->i - 1, NULL,
		    "more than %d interfaces", VNETSIM_PF_SKIP_MAX));
	(void)strncpy(
	    f->conf.skip[f->conf.nskip++], name, VNETSIM_IFNAMSIZ - 1);
	return (true);
}

static bool
set_limit(struct scn_cur *c, struct pf_file *f)
{
	int64_t v;

	if (!scn_take_kw(c, "states") ||
	    !scn_take_int(c, "limit", 1, VNETSIM_PF_LIMIT_MAX, &v))
		return (false);
	f->conf.states = (uint32_t)v;
	f->limit = true;
	return (true);
}

static bool
set_policy(struct scn_cur *c, const char *const *names, bool *second)
{
	size_t i;

	if (!scn_take_choice(c, "a policy", names, 2, &i))
		return (false);
	*second = i == 1;
	return (true);
}

static bool
set(struct scn_cur *c, struct pf_file *f)
{
	static const char *const names[] = { "limit", "timeout", "skip",
		"state-policy", "block-policy" };
	static const char *const state[] = { "floating", "if-bound" };
	static const char *const block[] = { "drop", "return" };
	size_t i;

	if (!scn_take_choice(c, "a setting", names, SCN_NITEMS(names), &i))
		return (false);
	switch (i) {
	case 0:
		return (set_limit(c, f));
	case 1:
		return (set_timeout(c, f));
	case 2:
		return (set_skip(c, f));
	case 3:
		return (set_policy(c, state, &f->ifbound));
	default:
		return (set_policy(c, block, &f->ret));
	}
}

/* ---- rules ---- */

bool
scn_pf_host(struct scn_cur *c, uint32_t *addr, uint8_t *plen)
{
	const struct scn_word *w = scn_take(c, "an address or any");
	const char *slash;
	size_t len;
	int64_t v = 32;

	if (w == NULL)
		return (false);
	*addr = 0;
	*plen = 0;
	if (scn_word_is(w, "any"))
		return (true);
	slash = strchr(w->s, '/');
	len = slash != NULL ? (size_t)(slash - w->s) : w->len;
	if (!scn_addr_parse(w->s, len, addr) ||
	    (slash != NULL &&
		(!scn_int_parse(slash + 1, &v) || v < 0 || v > 32)))
		return (scn_cur_fail(c, c->i - 1, "as in 10.0.0.0/24, or any",
		    "'%.64s' is no address", w->s));
	*plen = (uint8_t)v;
	return (true);
}

/* 80, 80:90 */
static bool
port_word(struct scn_cur *c, uint16_t *range)
{
	const struct scn_word *w = scn_take(c, "a port");
	const char *colon;
	int64_t lo, hi;

	if (w == NULL)
		return (false);
	colon = strchr(w->s, ':');
	if (colon != NULL) {
		char *first = scn_mem_dup(
		    &c->p->mem, SCN_KEEP, w->s, (size_t)(colon - w->s));

		if (first == NULL)
			return (false);
		if (!scn_int_parse(first, &lo) ||
		    !scn_int_parse(colon + 1, &hi))
			lo = hi = 0;
	} else if (!scn_int_parse(w->s, &lo)) {
		lo = hi = 0;
	} else {
		hi = lo;
	}
	if (lo < 1 || hi < lo || hi > UINT16_MAX)
		return (scn_cur_fail(c, c->i - 1, "as in 80 or 1024:65535",
		    "'%.64s' is no port", w->s));
	range[0] = (uint16_t)lo;
	range[1] = (uint16_t)hi;
	return (true);
}

static bool
end_point(struct scn_cur *c, const struct vnetsim_pf_rule *r, uint32_t *addr,
    uint8_t *plen, bool * not, uint16_t *range)
{
	*not = scn_cur_accept(c, "!");
	if (!scn_cur_is(c, "port") && !scn_pf_host(c, addr, plen))
		return (false);
	if (!scn_cur_accept(c, "port"))
		return (true);
	if (r->proto != 6 && r->proto != 17)
		return (scn_cur_fail(c, c->i - 1, "proto tcp or proto udp",
		    "only TCP and UDP have ports"));
	(void)scn_cur_accept(c, "=");
	return (port_word(c, range));
}

static bool
proto(struct scn_cur *c, struct vnetsim_pf_rule *r)
{
	static const struct {
		const char *name;
		uint8_t p;
	} names[] = { { "icmp", 1 }, { "igmp", 2 }, { "tcp", 6 }, { "udp", 17 },
		{ "gre", 47 } };
	const struct scn_word *w = scn_take(c, "a protocol");
	int64_t v;

	if (w == NULL)
		return (false);
	for (size_t i = 0; i < SCN_NITEMS(names); i++)
		if (scn_word_is(w, names[i].name)) {
			r->proto = names[i].p;
			return (true);
		}
	if (!scn_int_parse(w->s, &v) || v < 1 || v > 255)
		return (scn_cur_fail(c, c->i - 1, "tcp, udp, icmp or a number",
		    "'%.64s' is no protocol", w->s));
	r->proto = (uint8_t)v;
	return (true);
}

/* FSRPAUEW, as pf.conf(5) writes them */
static bool
flag_letters(const char *s, size_t len, uint8_t *flags)
{
	static const char letters[] = "FSRPAUEW";
	const char *at;

	*flags = 0;
	for (size_t i = 0; i < len; i++) {
		at = strchr(letters, s[i]);
		if (at == NULL)
			return (false);
		*flags |= (uint8_t)(1u << (at - letters));
	}
	return (true);
}

static bool
flags(struct scn_cur *c, struct vnetsim_pf_rule *r)
{
	const struct scn_word *w = scn_take(c, "flags");
	const char *slash;

	if (w == NULL)
		return (false);
	r->flags = r->flagset = 0;
	if (scn_word_is(w, "any"))
		return (true);
	slash = strchr(w->s, '/');
	if (slash == NULL ||
	    !flag_letters(w->s, (size_t)(slash - w->s), &r->flags) ||
	    !flag_letters(slash + 1, strlen(slash + 1), &r->flagset) ||
	    r->flagset == 0 || (r->flags & ~r->flagset) != 0)
		return (scn_cur_fail(c, c->i - 1, "as in S/SA, or any",
		    "'%.64s' are no flags", w->s));
	return (true);
}

static bool
state_option(struct scn_cur *c, struct vnetsim_pf_rule *r)
{
	static const char *const names[] = { "floating", "if-bound" };

	if (!scn_take_kw(c, "state"))
		return (false);
	r->keep_state = true;
	if (!scn_cur_accept(c, "("))
		return (true);
	return (set_policy(c, names, &r->ifbound) && scn_take_kw(c, ")"));
}

/* Behind the addresses. */
static bool
options(struct scn_cur *c, struct vnetsim_pf_rule *r)
{
	bool pass = r->action == VNETSIM_PF_PASS;

	while (!scn_cur_done(c)) {
		if (scn_cur_accept(c, "flags")) {
			if (!flags(c, r))
				return (false);
		} else if (pass && scn_cur_accept(c, "keep")) {
			if (!state_option(c, r))
				return (false);
		} else if (scn_cur_accept(c, "no")) {
			if (!scn_take_kw(c, "state"))
				return (false);
			r->keep_state = false;
			r->flags = r->flagset = 0;
		} else if (pass && scn_cur_accept(c, "allow-opts")) {
			r->allow_opts = true;
		} else {
			return (scn_take_end(c));
		}
	}
	return (true);
}

static bool
action(struct scn_cur *c, const struct pf_file *f, struct vnetsim_pf_rule *r)
{
	static const char *const how[] = { "drop", "return", "return-rst",
		"return-icmp" };
	static const char *const what[] = { "pass", "block", "set" };
	size_t i;

	if (!scn_take_choice(c, "a rule", what, 2, &i))
		return (false);
	if (i == 0) {
		r->keep_state = true;
		r->ifbound = f->ifbound;
		r->flags = TH_S;
		r->flagset = TH_SA;
		return (true);
	}
	r->action = f->ret ? VNETSIM_PF_RETURN : VNETSIM_PF_BLOCK;
	for (i = 0; i < SCN_NITEMS(how); i++)
		if (scn_cur_accept(c, how[i]))
			r->action = (uint8_t)(VNETSIM_PF_BLOCK + i);
	return (true);
}

static bool
rule(struct scn_cur *c, const struct pf_file *f, struct vnetsim_pf_rule *r)
{
	const char *name;

	if (!action(c, f, r))
		return (false);
	if (scn_cur_accept(c, "in"))
		r->dir = VNETSIM_PF_IN;
	else if (scn_cur_accept(c, "out"))
		r->dir = VNETSIM_PF_OUT;
	r->quick = scn_cur_accept(c, "quick");
	if (scn_cur_accept(c, "on")) {
		r->ifnot = scn_cur_accept(c, "!");
		if (!scn_take_if(c, "an interface", &name))
			return (false);
		(void)strncpy(r->ifname, name, VNETSIM_IFNAMSIZ - 1);
	}
	(void)scn_cur_accept(c, "inet");
	if (scn_cur_accept(c, "proto") && !proto(c, r))
		return (false);
	if (scn_cur_accept(c, "all"))
		return (options(c, r));
	if (scn_cur_accept(c, "from") &&
	    !end_point(c, r, &r->src, &r->splen, &r->srcnot, r->sport))
		return (false);
	if (scn_cur_accept(c, "to") &&
	    !end_point(c, r, &r->dst, &r->dplen, &r->dstnot, r->dport))
		return (false);
	return (options(c, r));
}

/* pfctl: adaptive timeouts follow the limit, unless they were set. */
static void
adapt(struct pf_file *f)
{
	if (!f->limit || f->adaptive)
		return;
	f->conf.timeout[VNETSIM_PFTM_ADAPTIVE_START] = f->conf.states / 10 * 6;
	f->conf.timeout[VNETSIM_PFTM_ADAPTIVE_END] = f->conf.states / 10 * 12;
}

bool
scn_pf_lines(struct scn_cur *c, const struct vnetsim_pf_conf **conf)
{
	struct vnetsim_pf_rule *rules;
	struct pf_file *f;
	struct scn_cur line;

	f = scn_node(c, sizeof(*f));
	rules = scn_node(c, (c->n - c->i + 1) * sizeof(*rules));
	if (f == NULL || rules == NULL)
		return (false);
	memset(rules, 0, (c->n - c->i + 1) * sizeof(*rules));
	vnetsim_pf_defaults(&f->conf);
	for (; !scn_cur_done(c); c->i++) {
		if (!split(c, &c->w[c->i], &line))
			return (false);
		if (line.n == 0 || line.w[0].s[0] == '#')
			continue;
		if (scn_cur_accept(&line, "set")) {
			if (!set(&line, f) || !scn_take_end(&line))
				return (false);
			continue;
		}
		if (!rule(&line, f, &rules[f->conf.nrules]))
			return (false);
		f->conf.nrules++;
	}
	adapt(f);
	f->conf.rules = rules;
	*conf = &f->conf;
	return (true);
}
