/*
 * scn_run_monitor.c - route monitor: what the routing socket says.
 *
 * The first `route monitor` of a jail makes a process of that jail, named
 * "route", which opens a routing socket; a statement is over at once, so the
 * process listens on.  Every further one prints all that it has heard since it
 * began, as FreeBSD's route(8) does, without the time of day.  With -fib N it
 * hears of that table only.  Its buffer is the largest there may be.
 *
 * The text lies in memory of the world, as all that a restore must bring back.
 */
#include <string.h>

#include <vnetsim/route.h>
#include "sim/scn_run_var.h"

struct run_monitor {
	struct run_monitor *rm_next;
	vnetsim_handle rm_jail, rm_proc;
	int rm_fd;
	char *rm_text;
	size_t rm_len, rm_cap;
};

struct bitname {
	uint32_t bit;
	const char *name;
};

#define MONITOR_RCVBUF (2 << 20)

/* "<A,B>", nothing for 0 */
static void
put_bits(struct rbuf *b, uint32_t v, const struct bitname *names, size_t n)
{
	const char *sep = "<";

	for (size_t i = 0; i < n; i++) {
		if ((v & names[i].bit) == 0)
			continue;
		rbuf_add(b, "%s%s", sep, names[i].name);
		sep = ",";
	}
	if (*sep == ',')
		rbuf_add(b, ">");
}

static void
put_route_flags(struct rbuf *b, uint32_t flags)
{
	static const struct bitname names[] = {
		{ 0x1, "UP" },
		{ 0x2, "GATEWAY" },
		{ 0x4, "HOST" },
		{ 0x8, "REJECT" },
		{ 0x10, "DYNAMIC" },
		{ 0x20, "MODIFIED" },
		{ 0x40, "DONE" },
		{ 0x800, "STATIC" },
		{ 0x1000, "BLACKHOLE" },
		{ 0x4000, "PROTO2" },
		{ 0x8000, "PROTO1" },
		{ 0x40000, "PROTO3" },
		{ 0x80000, "FIXEDMTU" },
		{ 0x100000, "PINNED" },
		{ 0x200000, "LOCAL" },
		{ 0x400000, "BROADCAST" },
		{ 0x800000, "MULTICAST" },
	};

	put_bits(b, flags, names, sizeof(names) / sizeof(names[0]));
}

static void
put_if_flags(struct rbuf *b, uint32_t flags)
{
	static const struct bitname names[] = {
		{ 0x1, "UP" },
		{ 0x2, "BROADCAST" },
		{ 0x4, "DEBUG" },
		{ 0x8, "LOOPBACK" },
		{ 0x10, "PTP" },
		{ 0x40, "RUNNING" },
		{ 0x80, "NOARP" },
		{ 0x100, "PPROMISC" },
		{ 0x200, "ALLMULTI" },
		{ 0x800, "SIMPLEX" },
		{ 0x8000, "MULTICAST" },
	};

	put_bits(b, flags, names, sizeof(names) / sizeof(names[0]));
}

static void
put_addr(struct rbuf *b, uint32_t addr)
{
	rbuf_add(b, " ");
	if (addr == 0)
		rbuf_add(b, "default");
	else
		rbuf_ip(b, addr);
}

/* link_ntoa(3) */
static void
put_link(struct rbuf *b, const struct vnetsim_rtlink *l)
{
	const char *sep = ":";

	if (l->name[0] == '\0') {
		rbuf_add(b, " link#%u", (unsigned)l->index);
		return;
	}
	rbuf_add(b, " %.16s", l->name);
	for (size_t i = 0; l->has_ether && i < sizeof(l->ether); i++) {
		rbuf_add(b, "%s%x", sep, (unsigned)l->ether[i]);
		sep = ".";
	}
}

static void
put_addrs(struct rbuf *b, const struct vnetsim_rtmsg *m)
{
	static const struct bitname names[] = {
		{ VNETSIM_RTA_DST, "DST" },
		{ VNETSIM_RTA_GATEWAY, "GATEWAY" },
		{ VNETSIM_RTA_NETMASK, "NETMASK" },
		{ VNETSIM_RTA_GENMASK, "GENMASK" },
		{ VNETSIM_RTA_IFP, "IFP" },
		{ VNETSIM_RTA_IFA, "IFA" },
		{ VNETSIM_RTA_AUTHOR, "AUTHOR" },
		{ VNETSIM_RTA_BRD, "BRD" },
	};

	if (m->addrs == 0)
		return;
	rbuf_add(b, "\nsockaddrs: ");
	put_bits(b, m->addrs, names, sizeof(names) / sizeof(names[0]));
	rbuf_add(b, "\n");
	if ((m->addrs & VNETSIM_RTA_DST) != 0)
		put_addr(b, m->dst);
	if ((m->addrs & VNETSIM_RTA_GATEWAY) != 0) {
		if (m->gateway == 0 && m->gwlink.index != 0)
			put_link(b, &m->gwlink);
		else
			put_addr(b, m->gateway);
	}
	if ((m->addrs & VNETSIM_RTA_NETMASK) != 0)
		put_addr(b, m->netmask);
	if ((m->addrs & VNETSIM_RTA_IFP) != 0)
		put_link(b, &m->ifp);
	if ((m->addrs & VNETSIM_RTA_IFA) != 0)
		put_addr(b, m->ifa);
	if ((m->addrs & VNETSIM_RTA_AUTHOR) != 0)
		put_addr(b, m->author);
	if ((m->addrs & VNETSIM_RTA_BRD) != 0)
		put_addr(b, m->brd);
}

static const char *
msg_name(unsigned type)
{
	static const char *const names[] = {
		[VNETSIM_RTM_ADD] = "RTM_ADD: Add Route",
		[VNETSIM_RTM_DELETE] = "RTM_DELETE: Delete Route",
		[VNETSIM_RTM_CHANGE] = "RTM_CHANGE: Change Metrics or flags",
		[VNETSIM_RTM_GET] = "RTM_GET: Report Metrics",
		[VNETSIM_RTM_REDIRECT] =
		    "RTM_REDIRECT: Told to use different route",
		[VNETSIM_RTM_MISS] = "RTM_MISS: Lookup failed on this address",
		[VNETSIM_RTM_NEWADDR] =
		    "RTM_NEWADDR: address being added to iface",
		[VNETSIM_RTM_DELADDR] =
		    "RTM_DELADDR: address being removed from iface",
		[VNETSIM_RTM_IFINFO] = "RTM_IFINFO: iface status change",
		[VNETSIM_RTM_IFANNOUNCE] =
		    "RTM_IFANNOUNCE: interface arrival/departure",
	};

	if (type < sizeof(names) / sizeof(names[0]) && names[type] != NULL)
		return (names[type]);
	return ("?");
}

static void
put_route(struct rbuf *b, const struct vnetsim_rtmsg *m)
{
	static const struct bitname inits[] = {
		{ VNETSIM_RTV_MTU, "mtu" },
		{ VNETSIM_RTV_EXPIRE, "expire" },
	};

	rbuf_add(b, "pid: %d, seq %d, errno %d, flags:", (int)m->pid,
	    (int)m->seq, (int)m->error);
	put_route_flags(b, m->flags);
	rbuf_add(b, "\nlocks:  inits: ");
	put_bits(b, m->inits, inits, sizeof(inits) / sizeof(inits[0]));
	put_addrs(b, m);
}

static void
put_message(struct rbuf *b, const struct vnetsim_rtmsg *m)
{
	static const char *const states[] = { "unknown", "down", "up" };

	rbuf_add(b, "got message of size %u\n%s: len %u, ", (unsigned)m->len,
	    msg_name(m->type), (unsigned)m->len);
	switch (m->type) {
	case VNETSIM_RTM_IFINFO:
		rbuf_add(b, "if# %u, link: %s, flags:", (unsigned)m->index,
		    states[m->linkstate < 3 ? m->linkstate : 0]);
		put_if_flags(b, m->flags);
		put_addrs(b, m);
		break;
	case VNETSIM_RTM_NEWADDR:
	case VNETSIM_RTM_DELADDR:
		rbuf_add(b, "metric 0, flags:");
		put_route_flags(b, m->flags);
		put_addrs(b, m);
		break;
	case VNETSIM_RTM_IFANNOUNCE:
		rbuf_add(b, "if# %u, what: %s", (unsigned)m->index,
		    m->arrival ? "arrival" : "departure");
		break;
	default:
		put_route(b, m);
		break;
	}
	rbuf_add(b, "\n");
}

/* ---- the process ---- */

static struct run_monitor *
monitor_of(const struct scn_env *e, vnetsim_handle jail)
{
	struct run_monitor *rm = e->e_r->r_monitor;

	while (rm != NULL && rm->rm_jail != jail)
		rm = rm->rm_next;
	return (rm);
}

/* Its process and its socket.  Without the socket the process ends. */
static int
monitor_open(struct scn_env *e, const struct scn_stmt *s, int *fd,
    vnetsim_handle jail, vnetsim_handle *proc)
{
	uint32_t fib = run_fib(s, s->u.route.fib);
	int error;

	error = RUN_CALL(
	    e, "proc_create", vnetsim_proc_create(e->e_w, jail, "route", proc));
	if (error != 0)
		return (error);
	error = RUN_CALL(
	    e, "socket", vnetsim_socket(e->e_w, *proc, VNETSIM_ROUTE, fd));
	/* without that much it makes do with less */
	if (error == 0)
		(void)RUN_CALL(e, "setsockopt",
		    vnetsim_setsockopt(
			e->e_w, *proc, *fd, VNETSIM_SO_RCVBUF, MONITOR_RCVBUF));
	if (error == 0 && fib != 0)
		error = RUN_CALL(e, "setsockopt",
		    vnetsim_setsockopt(
			e->e_w, *proc, *fd, VNETSIM_SO_SETFIB, fib));
	if (error != 0)
		(void)RUN_CALL(
		    e, "proc_kill", vnetsim_proc_kill(e->e_w, *proc));
	return (error);
}

static int
monitor_begin(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct run_monitor *rm = vnetsim_user_alloc(e->e_w, sizeof(*rm));
	int error;

	if (rm == NULL)
		return (VE_NOMEM);
	error = monitor_open(e, s, &rm->rm_fd, jail, &rm->rm_proc);
	if (error != 0) {
		vnetsim_user_free(e->e_w, rm);
		return (error);
	}
	rm->rm_jail = jail;
	rm->rm_next = e->e_r->r_monitor;
	e->e_r->r_monitor = rm;
	return (0);
}

static int
monitor_keep(struct scn_env *e, struct run_monitor *rm, const struct rbuf *b)
{
	size_t cap = rm->rm_cap;
	char *text;

	while (cap < rm->rm_len + b->rb_len)
		cap = cap == 0 ? 1024 : 2 * cap;
	if (cap != rm->rm_cap) {
		text = vnetsim_user_alloc(e->e_w, cap);
		if (text == NULL)
			return (VE_NOMEM);
		if (rm->rm_len != 0)
			memcpy(text, rm->rm_text, rm->rm_len);
		vnetsim_user_free(e->e_w, rm->rm_text);
		rm->rm_text = text;
		rm->rm_cap = cap;
	}
	memcpy(rm->rm_text + rm->rm_len, rbuf_str(b), b->rb_len);
	rm->rm_len += b->rb_len;
	return (0);
}

/* One message.  Return: 0; VE_AGAIN: there is none; another errno. */
static int
monitor_hear(struct scn_env *e, struct run_monitor *rm)
{
	struct rbuf b = { 0 };
	struct vnetsim_result res;
	struct vnetsim_rtmsg msg;
	vnetsim_handle op;
	int error;

	error = RUN_CALL(e, "recv",
	    vnetsim_recv(e->e_w, rm->rm_proc, rm->rm_fd, 65536, false,
		VNETSIM_NONBLOCK, &op));
	if (error != 0)
		return (error);
	error = vnetsim_op_poll(e->e_w, op, &res);
	if (error == 0 && res.datalen == 0)
		error = VE_AGAIN; /* the end */
	if (error == 0)
		error = vnetsim_rtmsg_decode(res.data, res.datalen, &msg);
	if (error == 0) {
		put_message(&b, &msg);
		error = monitor_keep(e, rm, &b);
		rbuf_free(&b);
	}
	(void)vnetsim_op_release(e->e_w, op);
	return (error);
}

int
run_monitor(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct run_monitor *rm = monitor_of(e, jail);
	int error = 0;

	if (rm == NULL)
		return (monitor_begin(e, s, jail));
	while (error == 0)
		error = monitor_hear(e, rm);
	rbuf_add(&e->e_out, "%.*s", (int)rm->rm_len,
	    rm->rm_text != NULL ? rm->rm_text : "");
	/* a process that was killed says no more */
	return (error == VE_AGAIN || error == VE_SRCH || error == VE_NETDOWN
		    ? 0
		    : error);
}
