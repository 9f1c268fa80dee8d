/*
 * scn_stmt.c - what a statement is: its verb, or the jail that acts.
 *
 * A statement begins with a time (+20ms), with a verb of the table below, or
 * with the name of who acts (scn_prog.c).  Verbs are reserved: neither a jail
 * nor a socket can have their names, so the first word alone decides.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static bool parse_at(struct scn_cur *c);
static bool parse_run(struct scn_cur *c);

#define SCN_FORM_JAIL                                                          \
	"jail -c name=NAME [vnet] [persist] [children.max=N] "                 \
	"[vnet.interface=IF,...] [close=POLICY] | jail -r NAME"
#define SCN_FORM_IFCONFIG                                                      \
	"ifconfig CLONER[N] create | IF destroy | IF [inet ADDR/LEN "          \
	"[alias|-alias]] [mtu N] [up|down] | IF vnet|-vnet JAIL | [IF]"
#define SCN_FORM_LINK                                                          \
	"link EPAIR[a|b] [delay T] [rate R] [queue N] [loss P] [dup P] "       \
	"[corrupt P] [reorder P [by T|N]] [mark P] | "                         \
	"EPAIRa|b drop N [of CLASS] | "                                        \
	"EPAIRa|b corrupt|reorder next N [of CLASS] | EPAIR cut|join|tap | "   \
	"EPAIR[a|b] replay FILE [filter F] [speed N] [rewrite] | "             \
	"EPAIRa|b send ADDR:PORT > ADDR:PORT FLAGS SEQ:END(LEN) ..."
#define SCN_CMD  (SCN_V_CMD | SCN_V_FAIL)
#define SCN_PROG (SCN_V_PROG | SCN_V_FAIL)

static const struct scn_verb scn_verbs[] = {
	{ "set", NULL, 0, "set NAME VALUE" },
	{ "repeat", NULL, 0, "repeat N [as NAME] { ... }" },
	{ "include", NULL, 0, "include FILE" },
	{ "order", NULL, 0,
	    "order top-down|freebsd-13|freebsd-9|interfaces-first" },
	{ "seed", NULL, 0, "seed N" },
	{ "at", parse_at, 0, "at TIME" },
	{ "run", parse_run, 0, "run" },
	{ "until", scn_parse_until, 0, "until CLAIM [within TIME]" },
	{ "expect", scn_parse_expect, 0, "expect CLAIM [within TIME]" },
	{ "jail", scn_parse_jail, SCN_CMD, SCN_FORM_JAIL },
	{ "jexec", scn_parse_jexec, SCN_CMD, "jexec JAIL COMMAND ..." },
	{ "jls", scn_parse_jls, SCN_CMD,
	    "jls [-dhNnqsv] [-j JAIL] [PARAM ...]" },
	{ "ifconfig", scn_parse_ifconfig, SCN_CMD, SCN_FORM_IFCONFIG },
	{ "route", scn_parse_route, SCN_CMD,
	    "route add [-net|-host] DEST[/LEN]|default GATEWAY | "
	    "route delete DEST[/LEN] [GATEWAY] | "
	    "route change DEST[/LEN] GATEWAY [-mtu N] | route get DEST | "
	    "route flush | route monitor, each with [-fib N]" },
	{ "setfib", scn_parse_setfib, SCN_CMD, "setfib [-F] N COMMAND ..." },
	{ "arp", scn_parse_arp, SCN_CMD,
	    "arp -a[n] | ADDR | -d ADDR | -d -a | -s ADDR MAC" },
	{ "sysctl", scn_parse_sysctl, SCN_CMD,
	    "sysctl [-dnN] NAME[=VALUE] | sysctl [-dnN] -a" },
	{ "netstat", scn_parse_netstat, SCN_CMD,
	    "netstat [-an|-rn|-s|-i|-I IF|-m|-L] [-bdW] [-p PROTO] [-F FIB] "
	    "[-j JAIL]" },
	{ "sockstat", scn_parse_sockstat, SCN_CMD,
	    "sockstat [-4clLqsw] [-P PROTOS] [-p PORTS] [-j JAIL]" },
	{ "vmstat", scn_parse_vmstat, SCN_CMD, "vmstat -m|-z" },
	{ "tcpdump", scn_parse_tcpdump, SCN_CMD,
	    "tcpdump [-nel] [-c COUNT] [-w FILE] -i IF|LINK [FILTER]" },
	{ "ping", scn_parse_ping, SCN_CMD,
	    "ping [-DnoqR] [-c COUNT] [-t SECONDS] [-i SECONDS] [-W MS] "
	    "[-s SIZE] [-m TTL] [-T TTL] [-z TOS] [-S ADDR] ADDR" },
	{ "tcpdrop", scn_parse_tcpdrop, SCN_CMD,
	    "tcpdrop LADDR LPORT FADDR FPORT | tcpdrop [-l] -a|-s STATE" },
	{ "ifmcstat", scn_parse_ifmcstat, SCN_CMD, "ifmcstat [-i IF]" },
	{ "rctl", scn_parse_rctl, SCN_CMD,
	    "rctl [-l] | -a jail:NAME:memoryuse:deny=BYTES[kmg] | "
	    "-r jail:NAME[:memoryuse] | -u jail:NAME" },
	{ "pfctl", scn_parse_pfctl, SCN_CMD,
	    "pfctl -e|-d|-s WHAT|-F WHAT|-k HOST [-k HOST]|-f - LINE ..." },
	{ "kldload", scn_parse_kldload, SCN_CMD, "kldload [-n] FILE.so" },
	{ "kldunload", scn_parse_kldunload, SCN_CMD, "kldunload NAME" },
	{ "kldstat", scn_parse_kldstat, SCN_CMD, "kldstat [-v] [-n NAME]" },
	{ "dump", scn_parse_dump, SCN_CMD, "dump FILE" },
	{ "inspect", scn_parse_inspect, SCN_CMD,
	    "inspect [TYPE [SERIAL[@VNET]]] | callouts|ops|findings|trace" },
	{ "link", scn_parse_link, SCN_V_FAIL | SCN_V_OUT, SCN_FORM_LINK },
	{ "connect", scn_parse_connect, SCN_PROG,
	    "NAME = connect tcp|udp ADDR PORT [from ADDR[:PORT]] [nonblock] "
	    "| NAME = connect raw PROTO ADDR | "
	    "connect SOCK ADDR [PORT] [nonblock]" },
	{ "listen", scn_parse_listen, SCN_PROG,
	    "NAME = listen tcp [ADDR] PORT [backlog N] | "
	    "listen SOCK [backlog N]" },
	{ "accept", scn_parse_accept, SCN_PROG,
	    "NAME = accept SOCK [nonblock]" },
	{ "recvfd", scn_parse_recvfd, SCN_PROG, "NAME = recvfd JAIL SOCK" },
	{ "bind", scn_parse_bind, SCN_PROG,
	    "NAME = bind tcp|udp [ADDR] PORT | NAME = bind raw PROTO ADDR | "
	    "bind SOCK [ADDR] PORT" },
	{ "socket", scn_parse_socket, SCN_PROG,
	    "NAME = socket tcp|udp|raw PROTO" },
	{ "send", scn_parse_send, SCN_PROG,
	    "send SOCK N|\"text\"|hex \"bytes\" [to ADDR [PORT]] [oob] "
	    "[nonblock]" },
	{ "recv", scn_parse_recv, SCN_PROG,
	    "recv SOCK N|all [oob] [nonblock]" },
	{ "close", scn_parse_close, SCN_PROG, "close SOCK" },
	{ "shutdown", scn_parse_shutdown, SCN_PROG,
	    "shutdown SOCK rd|wr|rdwr" },
	{ "linger", scn_parse_linger, SCN_PROG, "linger SOCK on TIME|off" },
	{ "tap", scn_parse_tap, SCN_PROG,
	    "NAME = tap open IF | tap read SOCK [nonblock] | "
	    "tap write SOCK last|HEX ... | tap transient SOCK on|off" },
	{ "setsockopt", scn_parse_setsockopt, SCN_PROG,
	    "setsockopt SOCK NAME N|on|off" },
	{ "kill", scn_parse_kill, SCN_PROG, "kill [JAIL:]PROC" },
};

_Static_assert(SCN_NITEMS(scn_verbs) <= SCN_VERBS_MAX, "raise SCN_VERBS_MAX");

const struct scn_verb *
scn_verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(scn_verbs); i++)
		if (strcmp(scn_verbs[i].name, name) == 0)
			return (&scn_verbs[i]);
	return (NULL);
}

size_t
scn_verb_names(uint32_t flags, const char **names, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < SCN_NITEMS(scn_verbs) && n < size; i++)
		if (flags == 0 || (scn_verbs[i].flags & flags) != 0)
			names[n++] = scn_verbs[i].name;
	return (n);
}

static bool
parse_at(struct scn_cur *c)
{
	c->st->kind = SCN_AT;
	return (scn_take_time(c, "time", &c->st->u.time) && scn_take_end(c));
}

static bool
parse_run(struct scn_cur *c)
{
	c->st->kind = SCN_RUN;
	return (scn_take_end(c));
}

/* +20ms */
static bool
parse_advance(struct scn_cur *c)
{
	const struct scn_word *w = &c->w[c->i];
	const char *why;

	c->st->kind = SCN_ADVANCE;
	if (!scn_time_parse(w->s + 1, true, &c->st->u.time, &why))
		return (scn_cur_fail(c, c->i, why, "'%.64s' is no time", w->s));
	c->i++;
	c->form = "a ';' or a new line behind the time";
	return (scn_take_end(c));
}

bool
scn_dispatch(struct scn_cur *c, uint32_t flags)
{
	const struct scn_word *w = scn_take(c, "a command");
	const struct scn_verb *v;

	if (w == NULL)
		return (false);
	if (w->s[0] == '+' && !w->quoted && flags == 0) {
		c->i--;
		return (parse_advance(c));
	}
	v = w->quoted ? NULL : scn_verb_find(w->s);
	if (v == NULL) {
		c->i--;
		if (flags == 0 || (flags & SCN_V_FAIL) != 0)
			return (scn_parse_prog(c));
		return (scn_parse_unknown(c, flags));
	}
	c->form = v->form;
	if (scn_cur_is(c, "="))
		return (scn_cur_fail(c, c->i - 1, "choose another name",
		    "'%s' is a word of the language, no name for a socket",
		    w->s));
	if (v->parse == NULL || (flags != 0 && (v->flags & flags) == 0))
		return (scn_cur_fail(c, c->i - 1, "a command is expected",
		    "'%s' cannot stand here", w->s));
	if ((v->flags & SCN_V_PROG) != 0)
		c->st->proc = c->st->jail;
	return (v->parse(c));
}

/* Says which words could stand at the cursor. */
bool
scn_parse_unknown(struct scn_cur *c, uint32_t flags)
{
	const char *names[SCN_VERBS_MAX], *s = c->w[c->i].s;
	char hint[128];
	size_t n = scn_verb_names(flags, names, SCN_VERBS_MAX);

	if (c->w[c->i].quoted)
		return (scn_cur_fail(
		    c, c->i, "without quotes", "a string is no command"));
	scn_hint_near(hint, sizeof(hint), s, names, n,
	    flags == 0 ? "a command, the name of a jail, or +TIME"
		       : "jail jexec jls ifconfig route arp sysctl netstat "
			 "ping tcpdrop ifmcstat rctl");
	return (scn_cur_fail(c, c->i, hint, "unknown command '%.64s'", s));
}

bool
scn_parse_nested(struct scn_cur *c, uint32_t flags, const struct scn_stmt **out)
{
	struct scn_stmt *st = scn_node(c, sizeof(*st));
	struct scn_cur sub = *c;
	bool quiet = c->p->quiet, ok;

	if (st == NULL)
		return (false);
	sub.st = st;
	sub.w = c->w + c->i;
	sub.n = c->n - c->i;
	sub.i = 0;
	st->words = sub.w;
	st->nwords = sub.n;
	st->jail = SCN_HOST;
	st->pos = c->end;
	if (sub.n != 0) {
		st->pos.line = sub.w[0].line;
		st->pos.col = sub.w[0].col;
	}
	c->p->quiet = quiet || (flags & SCN_V_FAIL) != 0;
	ok = scn_dispatch(&sub, flags);
	c->p->quiet = quiet;
	c->i = c->n;
	*out = st;
	return (ok);
}

/**
 * scn_parse_stmt() - one statement, appended to the script
 * @c:		p, w, n, end and st are set, st's words too; n is not 0
 */
bool
scn_parse_stmt(struct scn_cur *c)
{
	struct scn_parser *p = c->p;
	bool done;

	c->st->pos = c->end;
	c->st->pos.line = c->w[0].line;
	c->st->pos.col = c->w[0].col;
	if (!scn_head_setting(c, &done))
		return (false);
	if (done)
		return (true);
	if (!scn_dispatch(c, 0))
		return (false);
	if (p->script->nstmts == SCN_STMTS_MAX) {
		p->stop = true;
		return (scn_err(p, c->st->pos, "repeat less",
		    "more than %d statements", SCN_STMTS_MAX));
	}
	if (!scn_mem_grow(&p->mem, SCN_KEEP, &p->stmts, &p->stmts_cap,
		p->script->nstmts + 1, sizeof(*p->stmts)))
		return (false);
	p->stmts[p->script->nstmts++] = *c->st;
	return (true);
}

/* Text that is written as far as there is room, and counted whole. */
struct scn_out {
	char *buf;
	size_t size;
	size_t n;
};

static void
format_put(struct scn_out *o, char c)
{
	if (o->n + 1 < o->size) {
		o->buf[o->n] = c;
		o->buf[o->n + 1] = '\0';
	}
	o->n++;
}

/* A word so that it parses to itself. */
static void
format_word(struct scn_out *o, const struct scn_word *w)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789_.,:=+-*/%()<>|&!?@^~[]";
	static const char hex[] = "0123456789abcdef";
	const char *s = w->s;
	unsigned char b;

	for (; !w->quoted && *s != '\0' && strchr(plain, *s) != NULL; s++)
		format_put(o, *s);
	if (*s == '\0' && !w->quoted && w->len != 0)
		return;
	format_put(o, '"');
	for (; *s != '\0'; s++) {
		b = (unsigned char)*s;
		if (strchr("\\\"$", *s) != NULL)
			format_put(o, '\\');
		if (b >= 0x20 && b != 0x7f) {
			format_put(o, *s);
			continue;
		}
		format_put(o, '\\');
		format_put(o, 'x');
		format_put(o, hex[b >> 4]);
		format_put(o, hex[b & 15]);
	}
	format_put(o, '"');
}

size_t
scn_stmt_format(const struct scn_stmt *s, char *buf, size_t size)
{
	struct scn_out o = { .buf = buf, .size = size };
	uint32_t i;

	if (size != 0)
		buf[0] = '\0';
	for (i = 0; i < s->nwords; i++) {
		if (i != 0)
			format_put(&o, ' ');
		format_word(&o, &s->words[i]);
	}
	return (o.n);
}
