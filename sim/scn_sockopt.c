/*
 * scn_sockopt.c - shutdown, linger, setsockopt and kill.
 *
 * Socket options have FreeBSD's names and carry FreeBSD's level and number.
 * Which of them the stack knows is the stack's affair: ENOPROTOOPT is an
 * answer that a scenario may want.
 */
#include <string.h>

#include "sim/scn_parse.h"

#define SCN_SOL_SOCKET  0xffff
#define SCN_IPPROTO_IP  0
#define SCN_IPPROTO_TCP 6

static const struct {
	const char *name;
	int32_t level;
	int32_t opt;
} scn_options[] = {
	{ "SO_DEBUG", SCN_SOL_SOCKET, 0x0001 },
	{ "SO_REUSEADDR", SCN_SOL_SOCKET, 0x0004 },
	{ "SO_KEEPALIVE", SCN_SOL_SOCKET, 0x0008 },
	{ "SO_DONTROUTE", SCN_SOL_SOCKET, 0x0010 },
	{ "SO_BROADCAST", SCN_SOL_SOCKET, 0x0020 },
	{ "SO_OOBINLINE", SCN_SOL_SOCKET, 0x0100 },
	{ "SO_REUSEPORT", SCN_SOL_SOCKET, 0x0200 },
	{ "SO_REUSEPORT_LB", SCN_SOL_SOCKET, 0x10000 },
	{ "SO_SNDBUF", SCN_SOL_SOCKET, 0x1001 },
	{ "SO_RCVBUF", SCN_SOL_SOCKET, 0x1002 },
	{ "SO_SNDLOWAT", SCN_SOL_SOCKET, 0x1003 },
	{ "SO_RCVLOWAT", SCN_SOL_SOCKET, 0x1004 },
	{ "SO_SNDTIMEO", SCN_SOL_SOCKET, 0x1005 },
	{ "SO_RCVTIMEO", SCN_SOL_SOCKET, 0x1006 },
	{ "SO_SETFIB", SCN_SOL_SOCKET, 0x1014 },
	{ "IP_OPTIONS", SCN_IPPROTO_IP, 1 },
	{ "IP_HDRINCL", SCN_IPPROTO_IP, 2 },
	{ "IP_ONESBCAST", SCN_IPPROTO_IP, 23 },
	{ "IP_DONTFRAG", SCN_IPPROTO_IP, 67 },
	{ "IP_TOS", SCN_IPPROTO_IP, 3 },
	{ "IP_TTL", SCN_IPPROTO_IP, 4 },
	{ "IP_MULTICAST_IF", SCN_IPPROTO_IP, 9 },
	{ "IP_MULTICAST_TTL", SCN_IPPROTO_IP, 10 },
	{ "IP_MULTICAST_LOOP", SCN_IPPROTO_IP, 11 },
	{ "IP_ADD_MEMBERSHIP", SCN_IPPROTO_IP, 12 },
	{ "IP_DROP_MEMBERSHIP", SCN_IPPROTO_IP, 13 },
	{ "IP_ADD_SOURCE_MEMBERSHIP", SCN_IPPROTO_IP, 70 },
	{ "IP_DROP_SOURCE_MEMBERSHIP", SCN_IPPROTO_IP, 71 },
	{ "IP_BLOCK_SOURCE", SCN_IPPROTO_IP, 72 },
	{ "IP_UNBLOCK_SOURCE", SCN_IPPROTO_IP, 73 },
	{ "IP_MSFILTER", SCN_IPPROTO_IP, 74 },
	{ "TCP_NODELAY", SCN_IPPROTO_TCP, 1 },
	{ "TCP_MAXSEG", SCN_IPPROTO_TCP, 2 },
	{ "TCP_NOPUSH", SCN_IPPROTO_TCP, 4 },
	{ "TCP_NOOPT", SCN_IPPROTO_TCP, 8 },
	{ "TCP_MAXUNACKTIME", SCN_IPPROTO_TCP, 68 },
	{ "TCP_KEEPINIT", SCN_IPPROTO_TCP, 128 },
	{ "TCP_KEEPIDLE", SCN_IPPROTO_TCP, 256 },
	{ "TCP_KEEPINTVL", SCN_IPPROTO_TCP, 512 },
	{ "TCP_KEEPCNT", SCN_IPPROTO_TCP, 1024 },
};

/* SOCK, for a verb that makes none. */
static struct scn_sock *
opt_sock(struct scn_cur *c, enum scn_kind kind)
{
	struct scn_sock *so = scn_node(c, sizeof(*so));

	if (so == NULL)
		return (NULL);
	c->st->kind = kind;
	c->st->u.sock = so;
	if (c->result != NULL) {
		scn_cur_fail(c, c->i - 1, NULL, "'%s' makes no socket",
		    c->w[c->i - 1].s);
		return (NULL);
	}
	if (!scn_take_name(c, "a socket", &so->sock) ||
	    !scn_need_sock(c, c->i - 1, c->st->jail, so->sock))
		return (NULL);
	return (so);
}

bool
scn_parse_shutdown(struct scn_cur *c)
{
	static const char *const names[] = { "rd", "wr", "rdwr" };
	struct scn_sock *so = opt_sock(c, SCN_SHUTDOWN);
	size_t i;

	if (so == NULL || !scn_take_choice(c, "rd, wr or rdwr", names, 3, &i) ||
	    !scn_take_end(c))
		return (false);
	so->how = (enum scn_shut)i;
	return (true);
}

bool
scn_parse_linger(struct scn_cur *c)
{
	static const char *const names[] = { "on", "off" };
	struct scn_sock *so = opt_sock(c, SCN_LINGER);
	size_t i;

	if (so == NULL || !scn_take_choice(c, "on or off", names, 2, &i))
		return (false);
	so->on = i == 0;
	if (so->on && !scn_take_seconds(c, "time", 0, &so->linger_ns))
		return (false);
	return (scn_take_end(c));
}

bool
scn_parse_setsockopt(struct scn_cur *c)
{
	const char *names[SCN_NITEMS(scn_options)];
	struct scn_sock *so = opt_sock(c, SCN_SETSOCKOPT);
	size_t i;

	if (so == NULL)
		return (false);
	for (i = 0; i < SCN_NITEMS(scn_options); i++)
		names[i] = scn_options[i].name;
	if (!scn_take_choice(c, "socket option", names, SCN_NITEMS(names), &i))
		return (false);
	so->optname = scn_options[i].name;
	so->level = scn_options[i].level;
	so->opt = scn_options[i].opt;
	if (so->level == SCN_IPPROTO_IP && scn_is_mcast_option(so->opt))
		return (scn_parse_mcast_option(c, so));
	if (so->level == SCN_IPPROTO_IP && so->opt == 1)
		return (scn_take_ipoptions(c, so) && scn_take_end(c));
	if (scn_cur_accept(c, "on"))
		so->value = 1;
	else if (!scn_cur_accept(c, "off") &&
		 !scn_take_int(c, "value", INT32_MIN, INT32_MAX, &so->value))
		return (false);
	return (scn_take_end(c));
}

/* kill PROC, by a program of its jail; kill JAIL:PROC */
bool
scn_parse_kill(struct scn_cur *c)
{
	bool host = strcmp(c->st->jail, SCN_HOST) == 0;
	const struct scn_word *w;
	const char *colon;
	char *jail;

	c->st->kind = SCN_KILL;
	c->st->proc = NULL;
	if (c->result != NULL)
		return (
		    scn_cur_fail(c, c->i - 1, NULL, "'kill' makes no socket"));
	w = scn_take(c, "a process");
	if (w == NULL)
		return (false);
	colon = strchr(w->s, ':');
	if (colon == NULL) {
		c->st->u.name = w->s;
		/* A process named like its jail, which may be dotted. */
		return ((strcmp(w->s, c->st->jail) == 0 ||
			    scn_check_name(c, c->i - 1, "a process", w->s)) &&
			scn_take_end(c));
	}
	if (!host)
		return (scn_cur_fail(c, c->i - 1, "kill JAIL:PROC",
		    "two jails in one statement"));
	jail = scn_mem_dup(&c->p->mem, SCN_KEEP, w->s, (size_t)(colon - w->s));
	if (jail == NULL)
		return (false);
	c->st->jail = *jail != '\0' ? jail : SCN_HOST;
	c->st->u.name = colon + 1;
	if (strcmp(c->st->jail, SCN_HOST) != 0 &&
	    !scn_check_jail(c, c->i - 1, "a jail", c->st->jail))
		return (false);
	return (scn_need_jail(c, c->i - 1, c->st->jail) &&
		(strcmp(colon + 1, c->st->jail) == 0 ||
		    scn_check_name(c, c->i - 1, "a process", colon + 1)) &&
		scn_take_end(c));
}
