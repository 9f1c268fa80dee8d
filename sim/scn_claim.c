/*
 * scn_claim.c - expect and until: what a scenario claims.
 *
 * A claim about something of a jail begins with the jail, one about a socket
 * of the host with the socket; all others begin with a word of their own
 * (ledger, leaks, ...), which is therefore no name for a jail or socket.
 * `within TIME` ends any claim but `fails` and `output`, whose end belongs to
 * their command.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static const struct {
	const char *name;
	enum scn_claim_kind kind;
} sock_claims[] = { { "state", SCN_CL_STATE }, { "error", SCN_CL_ERROR },
	{ "received", SCN_CL_RECEIVED }, { "eof", SCN_CL_EOF },
	{ "atmark", SCN_CL_ATMARK }, { "sockopt", SCN_CL_SOCKOPT },
	{ "done", SCN_CL_DONE }, { "blocked", SCN_CL_BLOCKED },
	{ "failed", SCN_CL_FAILED } };

static bool
is_sock_claim(const struct scn_cur *c, uint32_t n)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(sock_claims); i++)
		if (scn_cur_ahead(c, n, sock_claims[i].name))
			return (true);
	return (false);
}

/* [== != < <= > >=] N */
bool
scn_claim_number(struct scn_cur *c, struct scn_claim *cl)
{
	enum scn_op op;

	cl->op = SCN_EQ;
	for (op = SCN_EQ; op <= SCN_GE; op++)
		if (scn_cur_accept(c, scn_op_name(op))) {
			cl->op = op;
			break;
		}
	return (scn_take_int(c, "number", INT64_MIN, INT64_MAX, &cl->n));
}

static bool
claim_count(struct scn_cur *c, struct scn_claim *cl)
{
	c->form = "expect leaks|findings [OP] N";
	return (scn_claim_number(c, cl));
}

/* ESTABLISHED or CLOSED|TIME_WAIT */
static bool
claim_states(struct scn_cur *c, struct scn_claim *cl)
{
	const struct scn_word *w = scn_take(c, "a TCP state");
	const char *names[SCN_TCPS_N], *s, *bar;
	char list[200], hint[220], name[32];
	size_t len, i;

	if (w == NULL)
		return (false);
	for (i = 0; i < SCN_TCPS_N; i++)
		names[i] = scn_tcp_state_name((enum scn_tcp_state)i);
	s = w->s;
	do {
		bar = strchr(s, '|');
		len = bar != NULL ? (size_t)(bar - s) : strlen(s);
		len = len < sizeof(name) ? len : sizeof(name) - 1;
		memcpy(name, s, len);
		name[len] = '\0';
		for (i = 0; i < SCN_TCPS_N; i++)
			if (strcmp(names[i], name) == 0)
				break;
		if (i == SCN_TCPS_N) {
			scn_hint_list(list, sizeof(list), names, SCN_TCPS_N);
			return (scn_cur_fail(c, c->i - 1,
			    scn_hint_near(hint, sizeof(hint), name, names,
				SCN_TCPS_N, list),
			    "'%.64s' is no TCP state", name));
		}
		cl->states |= 1u << i;
		s = bar != NULL ? bar + 1 : NULL;
	} while (s != NULL);
	return (true);
}

/* sockopt NAME [OP] N */
static bool
claim_sockopt(struct scn_cur *c, struct scn_claim *cl)
{
	const char *names[SCN_SOCKVALS_MAX];
	size_t n = scn_sockval_names(names, SCN_NITEMS(names)), i;

	c->form = "expect [JAIL] SOCK sockopt NAME [OP] N";
	if (!scn_take_choice(c, "option of a socket", names, n, &i))
		return (false);
	cl->text = names[i];
	return (scn_claim_number(c, cl));
}

/* What follows the socket. */
static bool
claim_sock(struct scn_cur *c, struct scn_claim *cl)
{
	const char *names[SCN_NITEMS(sock_claims)];
	size_t i;

	for (i = 0; i < SCN_NITEMS(sock_claims); i++)
		names[i] = sock_claims[i].name;
	c->form = "expect [JAIL] SOCK state S | error E | received [OP] N | "
		  "eof | done | blocked | failed E";
	if (!scn_take_choice(
		c, "claim about a socket", names, SCN_NITEMS(names), &i))
		return (false);
	cl->kind = sock_claims[i].kind;
	switch (cl->kind) {
	case SCN_CL_STATE:
		return (claim_states(c, cl));
	case SCN_CL_ERROR:
		if (scn_cur_accept(c, "none"))
			return (true);
		return (scn_take_errno(c, &cl->error));
	case SCN_CL_FAILED:
		return (scn_take_errno(c, &cl->error));
	case SCN_CL_RECEIVED:
		return (scn_claim_number(c, cl));
	case SCN_CL_SOCKOPT:
		return (claim_sockopt(c, cl));
	default:
		return (true);
	}
}

static bool
claim_inpcb(struct scn_cur *c, struct scn_claim *cl)
{
	cl->kind = SCN_CL_INPCB;
	c->form = "expect [JAIL] inpcb tcp|udp|raw [OP] N";
	return (scn_take_proto(c, &cl->proto) && scn_claim_number(c, cl));
}

/* JAIL gone, JAIL inpcb, JAIL SOCK ..., or SOCK ... of the host */
static bool
claim_named(struct scn_cur *c, struct scn_claim *cl)
{
	static const char *const words[] = { "gone", "dying", "alive" };
	uint32_t at = c->i;
	size_t i;

	cl->jail = SCN_HOST;
	if (is_sock_claim(c, 1)) {
		if (!scn_take_name(c, "a socket", &cl->name))
			return (false);
		return (scn_need_sock(c, at, SCN_HOST, cl->name) &&
			claim_sock(c, cl));
	}
	if (!scn_take_jail(c, "a jail", &cl->jail) ||
	    !scn_need_jail(c, at, cl->jail))
		return (false);
	if (scn_cur_accept(c, "inpcb"))
		return (claim_inpcb(c, cl));
	for (i = 0; i < SCN_NITEMS(words); i++)
		if (scn_cur_accept(c, words[i])) {
			cl->kind = (enum scn_claim_kind)(SCN_CL_GONE + (int)i);
			return (true);
		}
	c->form = "expect JAIL gone|dying|alive | JAIL inpcb tcp|udp N | "
		  "JAIL SOCK state|error|received|eof|done|blocked|failed ...";
	return (scn_take_name(c, "a socket", &cl->name) &&
		scn_need_sock(c, c->i - 1, cl->jail, cl->name) &&
		claim_sock(c, cl));
}

static bool
claim_jail(struct scn_cur *c, struct scn_claim *cl)
{
	return (scn_take_jail(c, "a jail", &cl->jail) &&
		scn_need_jail(c, c->i - 1, cl->jail));
}

static bool
claim_ledger(struct scn_cur *c, struct scn_claim *cl)
{
	c->form = "expect ledger JAIL [OP] N";
	return (claim_jail(c, cl) && scn_claim_number(c, cl));
}

/* peers closed N [by fin N] [by rst N] */
static bool
claim_peers(struct scn_cur *c, struct scn_claim *cl)
{
	static const char *const how[] = { "fin", "rst" };
	int64_t *v;
	size_t i;

	c->form = "expect peers closed [OP] N [by fin N] [by rst N]";
	if (!scn_take_kw(c, "closed") || !scn_claim_number(c, cl))
		return (false);
	while (scn_cur_accept(c, "by")) {
		if (!scn_take_choice(c, "fin or rst", how, 2, &i))
			return (false);
		v = i == 0 ? &cl->by_fin : &cl->by_rst;
		if (*v >= 0)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "'%s' is said already", how[i]));
		if (!scn_take_int(c, "number", 0, UINT32_MAX, v))
			return (false);
	}
	return (true);
}

/* outcome JAIL finned N reset N abandoned N */
static bool
claim_outcome(struct scn_cur *c, struct scn_claim *cl)
{
	static const char *const names[] = { "finned", "reset", "abandoned" };
	int64_t *v[3] = { &cl->finned, &cl->reset, &cl->abandoned };
	size_t i;

	c->form = "expect outcome JAIL [finned N] [reset N] [abandoned N]";
	if (!claim_jail(c, cl))
		return (false);
	do {
		if (!scn_take_choice(c, "outcome", names, 3, &i))
			return (false);
		if (*v[i] >= 0)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "'%s' is said already", names[i]));
		if (!scn_take_int(c, "number", 0, UINT32_MAX, v[i]))
			return (false);
	} while (!scn_cur_done(c) && !scn_cur_is(c, "within"));
	return (true);
}

static bool
claim_dotted(
    struct scn_cur *c, const char *what, const char *hint, const char **name)
{
	const struct scn_word *w = scn_take(c, what);

	if (w == NULL)
		return (false);
	*name = w->s;
	if (!w->quoted && strchr(w->s, '.') != NULL)
		return (true);
	return (
	    scn_cur_fail(c, c->i - 1, hint, "'%.64s' is no %s", w->s, what));
}

static bool
claim_stat(struct scn_cur *c, struct scn_claim *cl)
{
	c->form = "expect stat JAIL NAME [OP] N";
	return (claim_jail(c, cl) &&
		claim_dotted(
		    c, "statistic", "as in tcp.tcps_rexmttimeo", &cl->name) &&
		scn_claim_number(c, cl));
}

static bool
claim_sysctl(struct scn_cur *c, struct scn_claim *cl)
{
	const struct scn_word *w;

	c->form = "expect sysctl JAIL NAME VALUE";
	if (!claim_jail(c, cl) ||
	    !claim_dotted(c, "sysctl", "as in net.inet.tcp.msl", &cl->name))
		return (false);
	w = scn_take(c, "a value");
	cl->text = w != NULL ? w->s : NULL;
	return (w != NULL);
}

static bool
claim_fails(struct scn_cur *c, struct scn_claim *cl)
{
	c->form = "expect fails ERROR COMMAND ...";
	return (scn_take_errno(c, &cl->error) &&
		scn_parse_nested(c, SCN_V_FAIL, &cl->cmd));
}

static bool
claim_output(struct scn_cur *c, struct scn_claim *cl)
{
	const struct scn_word *w;
	uint32_t at;

	c->form = "expect [no] output \"text\" COMMAND ...";
	w = scn_take(c, "a text");
	if (w == NULL)
		return (false);
	if (w->len == 0)
		return (scn_cur_fail(
		    c, c->i - 1, NULL, "an empty text is always there"));
	cl->text = w->s;
	at = c->i;
	if (!scn_parse_nested(c, SCN_V_CMD | SCN_V_OUT, &cl->cmd))
		return (false);
	if (cl->cmd->kind < SCN_LINK_SET || cl->cmd->kind > SCN_LINK_TAP)
		return (true);
	return (scn_cur_fail(c, at, "link ... replay and link ... send do",
	    "that link statement prints nothing"));
}

static bool
claim_no(struct scn_cur *c, struct scn_claim *cl)
{
	static const char *const names[] = { "packet", "output" };
	size_t i;

	c->form = "expect no packet ... | expect no output ...";
	cl->no = true;
	if (!scn_take_choice(c, "packet or output", names, 2, &i))
		return (false);
	cl->kind = i == 0 ? SCN_CL_PACKET : SCN_CL_OUTPUT;
	return (i == 0 ? scn_parse_packet(c, cl) : claim_output(c, cl));
}

static const struct {
	const char *name;
	enum scn_claim_kind kind;
	bool (*parse)(struct scn_cur *c, struct scn_claim *cl);
} claims[] = { { "inpcb", SCN_CL_INPCB, claim_inpcb },
	{ "ledger", SCN_CL_LEDGER, claim_ledger },
	{ "leaks", SCN_CL_LEAKS, claim_count },
	{ "findings", SCN_CL_FINDINGS, claim_count },
	{ "peers", SCN_CL_PEERS, claim_peers },
	{ "outcome", SCN_CL_OUTCOME, claim_outcome },
	{ "stat", SCN_CL_STAT, claim_stat },
	{ "sysctl", SCN_CL_SYSCTL, claim_sysctl },
	{ "fails", SCN_CL_FAILS, claim_fails },
	{ "output", SCN_CL_OUTPUT, claim_output },
	{ "packet", SCN_CL_PACKET, scn_parse_packet },
	{ "tcpdump", SCN_CL_TCPDUMP, scn_parse_tcpdump_claim },
	{ "no", SCN_CL_PACKET, claim_no } };

/* The first word is neither a claim nor a name that was made. */
static bool
claim_unknown(struct scn_cur *c)
{
	const char *names[SCN_NITEMS(claims)], *near;
	const struct scn_word *w = &c->w[c->i];
	char hint[80];
	size_t i;

	if (w->quoted || scn_jail_known(c->p, w->s) || is_sock_claim(c, 1))
		return (true);
	for (i = 0; i < SCN_NITEMS(claims); i++)
		names[i] = claims[i].name;
	near = scn_didyoumean(w->s, names, SCN_NITEMS(claims));
	if (near == NULL)
		return (true);
	snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	return (scn_cur_fail(
	    c, c->i, hint, "'%.64s' is neither a jail nor a claim", w->s));
}

static bool
claim_parse(struct scn_cur *c, struct scn_claim *cl)
{
	const char *form = c->form;
	size_t i;

	cl->by_fin = cl->by_rst = -1;
	cl->finned = cl->reset = cl->abandoned = -1;
	if (scn_cur_done(c))
		return (scn_cur_fail(c, c->i, NULL, "expected a claim"));
	for (i = 0; i < SCN_NITEMS(claims); i++)
		if (scn_cur_accept(c, claims[i].name))
			break;
	if (i < SCN_NITEMS(claims)) {
		cl->jail = SCN_HOST;
		cl->kind = claims[i].kind;
		if (!claims[i].parse(c, cl))
			return (false);
	} else if (!claim_unknown(c) || !claim_named(c, cl))
		return (false);
	if (scn_cur_accept(c, "within")) {
		if (cl->has_within)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "'within' is said already"));
		c->form = form;
		cl->has_within = true;
		if (!scn_take_time(c, "time", &cl->within))
			return (false);
	}
	return (scn_take_end(c));
}

bool
scn_parse_expect(struct scn_cur *c)
{
	struct scn_claim *cl = scn_node(c, sizeof(*cl));

	if (cl == NULL)
		return (false);
	c->st->kind = SCN_EXPECT;
	c->st->u.claim = cl;
	return (claim_parse(c, cl));
}

bool
scn_parse_until(struct scn_cur *c)
{
	struct scn_claim *cl = scn_node(c, sizeof(*cl));
	uint32_t at = c->i;

	if (cl == NULL)
		return (false);
	c->st->kind = SCN_UNTIL;
	c->st->u.claim = cl;
	if (!claim_parse(c, cl))
		return (false);
	if (cl->kind == SCN_CL_FAILS || cl->kind == SCN_CL_OUTPUT ||
	    cl->kind == SCN_CL_PACKET)
		return (scn_cur_fail(c, at,
		    "expect packet ... within TIME waits for a packet",
		    "'until' waits for a state of the world, not for '%s'",
		    c->w[at].s));
	return (true);
}
