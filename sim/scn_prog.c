/*
 * scn_prog.c - verbs of simulated programs, and who executes them.
 *
 *	[JAIL[:PROC]] [NAME =] VERB ...
 *
 * Without JAIL the program runs on the host.  Without PROC it is the process
 * named like the jail.  A verb that makes a socket has "NAME =" and begins
 * with a protocol; the same verb without a result works on the socket that it
 * names first.  Sockets belong to the jail, whichever process made them.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static bool
prog_verb_word(const struct scn_word *w)
{
	const struct scn_verb *v = w->quoted ? NULL : scn_verb_find(w->s);

	return (v != NULL && (v->flags & SCN_V_PROG) != 0);
}

/* JAIL[:PROC] at word i. */
static bool
prog_actor(struct scn_cur *c, uint32_t i)
{
	const char *s = c->w[i].s, *colon = strchr(s, ':');
	char *jail;

	if (colon == NULL) {
		c->st->jail = c->st->proc = s;
	} else {
		if (!scn_check_name(c, i, "a process", colon + 1))
			return (false);
		jail =
		    scn_mem_dup(&c->p->mem, SCN_KEEP, colon == s ? SCN_HOST : s,
			colon == s ? 1 : (size_t)(colon - s));
		if (jail == NULL)
			return (false);
		c->st->jail = jail;
		c->st->proc = colon + 1;
	}
	if (strcmp(c->st->jail, SCN_HOST) != 0 &&
	    !scn_check_jail(c, i, "a jail", c->st->jail))
		return (false);
	return (scn_need_jail(c, i, c->st->jail));
}

/* Neither verb nor anything that looks like a program's statement. */
static bool
prog_unknown(struct scn_cur *c)
{
	const char *names[SCN_VERBS_MAX];
	const struct scn_word *w = &c->w[c->i];
	const struct scn_verb *v;
	char jail[SCN_JAIL_MAX + 1], hint[400];
	size_t len = strcspn(w->s, ":"), n;

	n = scn_verb_names(0, names, SCN_VERBS_MAX);
	len = len < SCN_JAIL_MAX ? len : SCN_JAIL_MAX;
	memcpy(jail, w->s, len);
	jail[len] = '\0';
	if (c->n - c->i < 2 || w->quoted ||
	    (!scn_jail_known(c->p, jail) && w->len > 2 &&
		scn_didyoumean(w->s, names, n) != NULL))
		return (scn_parse_unknown(c, 0));
	n = scn_verb_names(SCN_V_PROG, names, SCN_VERBS_MAX);
	w = &c->w[c->i + 1];
	v = scn_verb_find(w->s);
	if (!scn_jail_known(c->p, jail) && v == NULL &&
	    scn_didyoumean(w->s, names, n) == NULL)
		return (scn_parse_unknown(c, 0));
	if (v != NULL && (v->flags & SCN_V_CMD) != 0)
		snprintf(hint, sizeof(hint), "jexec %s %s ...", jail, w->s);
	else
		scn_hint_near(hint, sizeof(hint), w->s, names, n,
		    "JAIL [NAME =] connect, listen, accept, bind, socket, "
		    "send, recv, close, ...");
	return (scn_cur_fail(
	    c, c->i + 1, hint, "'%.64s' is nothing that a program does", w->s));
}

/* The verb behind "NAME =" at the cursor is not one. */
static bool
prog_no_verb(struct scn_cur *c)
{
	const char *names[SCN_VERBS_MAX];
	char hint[128];
	size_t n;

	c->form = "NAME = connect|listen|accept|bind|socket ...";
	if (scn_cur_done(c))
		return (scn_cur_fail(c, c->i, NULL, "expected a verb"));
	n = scn_verb_names(SCN_V_PROG, names, SCN_VERBS_MAX);
	scn_hint_near(hint, sizeof(hint), c->w[c->i].s, names, n, c->form);
	return (scn_cur_fail(c, c->i, hint,
	    "'%.64s' is nothing that a program does", c->w[c->i].s));
}

bool
scn_parse_prog(struct scn_cur *c)
{
	uint32_t at = c->i, result = c->n;
	const struct scn_verb *v;

	if (scn_cur_ahead(c, 1, "=")) {
		result = at;
		c->i = at + 2;
	} else if (scn_cur_ahead(c, 2, "=")) {
		result = at + 1;
		c->i = at + 3;
	} else if (c->n - at >= 2 && prog_verb_word(&c->w[at + 1]))
		c->i = at + 1;
	else
		return (prog_unknown(c));
	c->st->proc = c->st->jail;
	if (result != at && !prog_actor(c, at))
		return (false);
	if (result != c->n) {
		c->result = c->w[result].s;
		if (!scn_check_name(c, result, "a socket", c->result))
			return (false);
		if (!scn_name_add(c->p, c->st->jail, c->result))
			return (false);
	}
	if (scn_cur_done(c) || !prog_verb_word(&c->w[c->i]))
		return (prog_no_verb(c));
	v = scn_verb_find(c->w[c->i++].s);
	c->form = v->form;
	return (v->parse(c));
}

/* A node with the defaults of a verb, hung into the statement. */
static struct scn_sock *
sock_node(struct scn_cur *c, enum scn_kind kind)
{
	struct scn_sock *so = scn_node(c, sizeof(*so));

	if (so == NULL)
		return (NULL);
	so->backlog = -1;
	so->result = c->result;
	c->st->kind = kind;
	c->st->u.sock = so;
	return (so);
}

/* SOCK at the cursor. */
static bool
sock_take(struct scn_cur *c, struct scn_sock *so)
{
	if (!scn_take_name(c, "a socket", &so->sock))
		return (false);
	return (scn_need_sock(c, c->i - 1, c->st->jail, so->sock));
}

/* The verb makes nothing, so it must not stand behind "NAME =". */
static bool
sock_no_result(struct scn_cur *c)
{
	return (
	    c->result == NULL || scn_cur_fail(c, c->i - 1, NULL,
				     "'%s' makes no socket", c->w[c->i - 1].s));
}

static bool
sock_needs_result(struct scn_cur *c)
{
	return (c->result != NULL || scn_cur_fail(c, c->i - 1, NULL,
					 "'%s' makes a socket: NAME = %s",
					 c->w[c->i - 1].s, c->w[c->i - 1].s));
}

static bool
is_proto(struct scn_cur *c)
{
	return (scn_cur_is(c, "tcp") || scn_cur_is(c, "udp") ||
		scn_cur_is(c, "raw"));
}

/* tcp|udp|raw PROTO with a result, SOCK without. */
static bool
sock_proto(struct scn_cur *c, struct scn_sock *so)
{
	if (c->result != NULL)
		return (scn_take_proto(c, &so->proto) &&
			(so->proto != SCN_RAW || scn_take_rawproto(c, so)));
	if (is_proto(c))
		return (scn_cur_fail(c, c->i, NULL,
		    "the new socket needs a name: NAME = %s",
		    c->w[c->i - 1].s));
	return (sock_take(c, so));
}

/* PORT; a raw socket has none, and of one that exists we cannot tell. */
static bool
sock_port(
    struct scn_cur *c, const struct scn_sock *so, uint16_t min, uint16_t *port)
{
	bool raw = so->proto == SCN_RAW && so->result != NULL;

	if (raw ||
	    (so->result == NULL && (scn_cur_done(c) || !scn_cur_digit(c))))
		return (true);
	return (scn_take_port(c, min, port));
}

/* [ADDR] PORT */
static bool
sock_local(struct scn_cur *c, struct scn_sock *so)
{
	const struct scn_word *w;

	if (scn_cur_done(c))
		return (scn_cur_fail(c, c->i, NULL, "expected a port"));
	w = &c->w[c->i];
	if (strchr(w->s, '.') != NULL || strchr(w->s, ':') != NULL) {
		if (!scn_take_addr(c, "address", &so->laddr))
			return (false);
		return (sock_port(c, so, 0, &so->lport));
	}
	return (scn_take_port(c, 0, &so->lport));
}

/* from ADDR, ADDR:PORT or :PORT */
static bool
sock_from(struct scn_cur *c, struct scn_sock *so)
{
	const struct scn_word *w = scn_take(c, "ADDR[:PORT]");
	const char *colon;
	size_t len;
	int64_t port = 0;

	if (w == NULL)
		return (false);
	colon = strchr(w->s, ':');
	len = colon != NULL ? (size_t)(colon - w->s) : w->len;
	if ((len == 0 && colon == NULL) ||
	    (len != 0 && !scn_addr_parse(w->s, len, &so->laddr)) ||
	    (colon != NULL &&
		(!scn_int_parse(colon + 1, &port) || port < 1 || port > 65535)))
		return (scn_cur_fail(c, c->i - 1,
		    "from 10.0.0.1, from 10.0.0.1:1024 or from :1024",
		    "'%.64s' is no local address", w->s));
	so->from = true;
	so->lport = (uint16_t)port;
	return (true);
}

bool
scn_parse_connect(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_CONNECT);

	if (so == NULL || !sock_proto(c, so) ||
	    !scn_take_addr(c, "address", &so->faddr) ||
	    !sock_port(c, so, 1, &so->fport))
		return (false);
	if (c->result != NULL && scn_cur_accept(c, "from") && !sock_from(c, so))
		return (false);
	so->nonblock = scn_cur_accept(c, "nonblock");
	return (scn_take_end(c));
}

bool
scn_parse_listen(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_LISTEN);
	int64_t v;

	if (so == NULL || !sock_proto(c, so))
		return (false);
	if (c->result != NULL) {
		if (so->proto != SCN_TCP)
			return (scn_cur_fail(c, c->i - 1,
			    "NAME = bind udp [ADDR] PORT", "only TCP listens"));
		if (!sock_local(c, so))
			return (false);
	}
	if (scn_cur_accept(c, "backlog")) {
		if (!scn_take_int(c, "backlog", 0, 65535, &v))
			return (false);
		so->backlog = (int32_t)v;
	}
	return (scn_take_end(c));
}

bool
scn_parse_accept(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_ACCEPT);

	if (so == NULL || !sock_needs_result(c) || !sock_take(c, so))
		return (false);
	so->nonblock = scn_cur_accept(c, "nonblock");
	return (scn_take_end(c));
}

bool
scn_parse_recvfd(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_RECVFD);

	return (so != NULL && sock_needs_result(c) &&
		scn_take_jail(c, "a jail", &so->fromjail) &&
		scn_need_jail(c, c->i - 1, so->fromjail) &&
		scn_take_name(c, "a socket", &so->sock) &&
		scn_need_sock(c, c->i - 1, so->fromjail, so->sock) &&
		scn_take_end(c));
}

bool
scn_parse_bind(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_BIND);

	return (so != NULL && sock_proto(c, so) && sock_local(c, so) &&
		scn_take_end(c));
}

bool
scn_parse_socket(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_SOCKET);

	return (so != NULL && sock_needs_result(c) && sock_proto(c, so) &&
		scn_take_end(c));
}

static bool
sock_bytes(const struct scn_word *w, int64_t *n)
{
	return (!w->quoted && scn_int_parse(w->s, n) && *n >= 0 &&
		*n <= SCN_SEND_MAX);
}

bool
scn_parse_send(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_SEND);
	const struct scn_word *w;

	if (so == NULL || !sock_no_result(c) || !sock_take(c, so))
		return (false);
	w = scn_take(c, "a number of bytes or \"text\"");
	if (w == NULL)
		return (false);
	if (w->quoted) {
		so->text = w->s;
		so->count = w->len;
	} else if (scn_word_is(w, "hex")) {
		if (!scn_take_hex(c, so))
			return (false);
	} else if (!sock_bytes(w, &so->count))
		return (scn_cur_fail(c, c->i - 1,
		    "an integer up to 1000000000, or \"text\" in quotes",
		    "'%.64s' is no number of bytes", w->s));
	so->to = scn_cur_accept(c, "to");
	if (so->to && (!scn_take_addr(c, "address", &so->faddr) ||
			  !sock_port(c, so, 1, &so->fport)))
		return (false);
	so->oob = scn_cur_accept(c, "oob");
	so->eof = scn_cur_accept(c, "eof");
	so->nonblock = scn_cur_accept(c, "nonblock");
	return (scn_take_end(c));
}

bool
scn_parse_recv(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_RECV);
	const struct scn_word *w;

	if (so == NULL || !sock_no_result(c) || !sock_take(c, so))
		return (false);
	so->count = -1;
	w = scn_take(c, "a number of bytes or 'all'");
	if (w == NULL)
		return (false);
	if (!scn_word_is(w, "all") && !sock_bytes(w, &so->count))
		return (scn_cur_fail(c, c->i - 1,
		    "an integer up to 1000000000, or all",
		    "'%.64s' is no number of bytes", w->s));
	so->oob = scn_cur_accept(c, "oob");
	so->peek = scn_cur_accept(c, "peek");
	so->nonblock = scn_cur_accept(c, "nonblock");
	return (scn_take_end(c));
}

bool
scn_parse_close(struct scn_cur *c)
{
	struct scn_sock *so = sock_node(c, SCN_CLOSE);

	return (so != NULL && sock_no_result(c) && sock_take(c, so) &&
		scn_take_end(c));
}
