/*
 * scn_errno.c - the names behind numbers: errors, TCP states, statements.
 *
 * Error numbers are those of vnetsim/errno.h, that is FreeBSD's.  EWOULDBLOCK
 * is read as the EAGAIN that it is, and never written.
 */
#include <string.h>
#include <vnetsim/errno.h>

#include "sim/scn_parse.h"

static const struct {
	const char *name;
	int error;
} scn_errnos[] = {
#define X(n, v, t) { "E" #n, v },
	VNETSIM_ERRNO_LIST(X)
#undef X
	    { "EWOULDBLOCK", VE_WOULDBLOCK },
};

int
scn_errno_parse(const char *name)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(scn_errnos); i++)
		if (strcmp(scn_errnos[i].name, name) == 0)
			return (scn_errnos[i].error);
	return (0);
}

const char *
scn_errno_name(int error)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(scn_errnos); i++)
		if (scn_errnos[i].error == error)
			return (scn_errnos[i].name);
	return (NULL);
}

bool
scn_take_errno(struct scn_cur *c, int *error)
{
	const char *names[SCN_NITEMS(scn_errnos)];
	const struct scn_word *w = scn_take(c, "error name");
	char hint[128];
	size_t i;

	if (w == NULL)
		return (false);
	*error = w->quoted ? 0 : scn_errno_parse(w->s);
	if (*error != 0)
		return (true);
	for (i = 0; i < SCN_NITEMS(scn_errnos); i++)
		names[i] = scn_errnos[i].name;
	scn_hint_near(hint, sizeof(hint), w->s, names, SCN_NITEMS(names),
	    "FreeBSD's name, as in ECONNRESET");
	return (
	    scn_cur_fail(c, c->i - 1, hint, "'%.64s' is no error name", w->s));
}

const char *
scn_tcp_state_name(enum scn_tcp_state state)
{
	static const char *const names[SCN_TCPS_N] = { "CLOSED", "LISTEN",
		"SYN_SENT", "SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT",
		"FIN_WAIT_1", "CLOSING", "LAST_ACK", "FIN_WAIT_2",
		"TIME_WAIT" };

	return (state < SCN_TCPS_N ? names[state] : "?");
}

const char *
scn_op_name(enum scn_op op)
{
	static const char *const names[] = { "==", "!=", "<", "<=", ">", ">=" };

	return (names[op]);
}

const char *
scn_kind_name(enum scn_kind kind)
{
	static const char *const names[] = { "advance", "at", "run", "until",
		"jail -c", "jail -r", "jls", "ifconfig create",
		"ifconfig destroy", "ifconfig", "ifconfig vnet",
		"ifconfig -vnet", "ifconfig show", "route add", "route delete",
		"route get", "arp -a", "arp -d", "arp -s", "sysctl",
		"sysctl =", "netstat", "ping", "tcpdrop", "link", "link drop",
		"link cut", "link join", "link tap", "connect", "listen",
		"accept", "bind", "socket", "send", "recv", "close", "shutdown",
		"linger", "setsockopt", "kill", "expect" };

	_Static_assert(
	    SCN_NITEMS(names) == SCN_EXPECT + 1, "one name for each kind");
	return (names[kind]);
}
