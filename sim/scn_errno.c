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

static const char *const kind_names[] = {
	[SCN_ADVANCE] = "advance",
	[SCN_AT] = "at",
	[SCN_RUN] = "run",
	[SCN_UNTIL] = "until",
	[SCN_JAIL_CREATE] = "jail -c",
	[SCN_JAIL_REMOVE] = "jail -r",
	[SCN_JLS] = "jls",
	[SCN_IF_CREATE] = "ifconfig create",
	[SCN_IF_DESTROY] = "ifconfig destroy",
	[SCN_IF_CONF] = "ifconfig",
	[SCN_IF_VNET] = "ifconfig vnet",
	[SCN_IF_UNVNET] = "ifconfig -vnet",
	[SCN_IF_SHOW] = "ifconfig show",
	[SCN_IF_LIST] = "ifconfig -l",
	[SCN_IF_ADDRS] = "ifconfig addr",
	[SCN_IF_GROUP] = "ifconfig -g",
	[SCN_ROUTE_ADD] = "route add",
	[SCN_ROUTE_DELETE] = "route delete",
	[SCN_ROUTE_CHANGE] = "route change",
	[SCN_ROUTE_FLUSH] = "route flush",
	[SCN_ROUTE_MONITOR] = "route monitor",
	[SCN_ROUTE_GET] = "route get",
	[SCN_ARP_LIST] = "arp -a",
	[SCN_ARP_DELETE] = "arp -d",
	[SCN_ARP_SET] = "arp -s",
	[SCN_SYSCTL_GET] = "sysctl",
	[SCN_SYSCTL_SET] = "sysctl =",
	[SCN_NETSTAT] = "netstat",
	[SCN_SOCKSTAT] = "sockstat",
	[SCN_VMSTAT] = "vmstat",
	[SCN_TCPDUMP] = "tcpdump",
	[SCN_PING] = "ping",
	[SCN_TCPDROP] = "tcpdrop",
	[SCN_IFMCSTAT] = "ifmcstat",
	[SCN_RCTL] = "rctl",
	[SCN_PFCTL] = "pfctl",
	[SCN_KLDLOAD] = "kldload",
	[SCN_KLDUNLOAD] = "kldunload",
	[SCN_KLDSTAT] = "kldstat",
	[SCN_DUMP] = "dump",
	[SCN_INSPECT] = "inspect",
	[SCN_LINK_SET] = "link",
	[SCN_LINK_DROP] = "link drop",
	[SCN_LINK_CORRUPT_NEXT] = "link corrupt next",
	[SCN_LINK_REORDER_NEXT] = "link reorder next",
	[SCN_LINK_CUT] = "link cut",
	[SCN_LINK_JOIN] = "link join",
	[SCN_LINK_TAP] = "link tap",
	[SCN_LINK_REPLAY] = "link replay",
	[SCN_LINK_SEND] = "link send",
	[SCN_LINK_IGMP] = "link send igmp",
	[SCN_CONNECT] = "connect",
	[SCN_LISTEN] = "listen",
	[SCN_ACCEPT] = "accept",
	[SCN_RECVFD] = "recvfd",
	[SCN_BIND] = "bind",
	[SCN_SOCKET] = "socket",
	[SCN_SEND] = "send",
	[SCN_RECV] = "recv",
	[SCN_CLOSE] = "close",
	[SCN_SHUTDOWN] = "shutdown",
	[SCN_LINGER] = "linger",
	[SCN_TAP_OPEN] = "tap open",
	[SCN_TAP_READ] = "tap read",
	[SCN_TAP_WRITE] = "tap write",
	[SCN_TAP_TRANSIENT] = "tap transient",
	[SCN_SETSOCKOPT] = "setsockopt",
	[SCN_KILL] = "kill",
	[SCN_EXPECT] = "expect",
};
_Static_assert(
    SCN_NITEMS(kind_names) == SCN_EXPECT + 1, "a name for each kind");

const char *
scn_kind_name(enum scn_kind kind)
{
	return (kind_names[kind]);
}
