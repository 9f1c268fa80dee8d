/*
 * netstat_stat.c - netstat -s: what each protocol has counted.
 *
 * Lines are those of netstat_lines.h as far as this stack counts what they
 * speak of; a counter that the stack does not have has no line.  -ss leaves
 * out zeroes.  Counters that FreeBSD's netstat has no sentence for are to be
 * read by sysctl.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/netcmd.h"
#include "sim/netstat_lines.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name, *prefix;
} protos[STAT_N] = {
	[STAT_TCP] = { "tcp", "net.inet.tcp.stats.tcps_" },
	[STAT_UDP] = { "udp", "net.inet.udp.stats.udps_" },
	[STAT_IP] = { "ip", "net.inet.ip.stats.ips_" },
	[STAT_ICMP] = { "icmp", "net.inet.icmp.stats.icps_" },
	[STAT_IGMP] = { "igmp", "net.inet.igmp.stats.igps_" },
	[STAT_ARP] = { "arp", "net.link.ether.inet.stats." },
};

/* One counter.  Return: false: there is none of that name. */
static bool
counter(const struct netcmd *nc, enum stat_proto proto, const char *name,
    int64_t *v)
{
	struct rbuf oid = { 0 };
	int error;

	rbuf_add(&oid, "%s%s", protos[proto].prefix, name);
	if (nc->nc_w != NULL)
		error = vnetsim_sysctl_get(
		    nc->nc_w, nc->nc_jail, rbuf_str(&oid), v);
	else
		error = vnetsim_view_sysctl(
		    nc->nc_v, nc->nc_vnet, rbuf_str(&oid), v);
	rbuf_free(&oid);
	return (error == 0);
}

/* Datagrams that arrived and reached a socket. */
static bool
delivered(const struct netcmd *nc, int64_t *v)
{
	static const char *const lost[] = { "hdrops", "badlen", "badsum",
		"noport", "noportbcast", "fullsock" };
	int64_t n;

	if (!counter(nc, STAT_UDP, "ipackets", v))
		return (false);
	for (size_t i = 0; i < NITEMS(lost); i++)
		if (counter(nc, STAT_UDP, lost[i], &n))
			*v -= n;
	return (true);
}

static bool
value(const struct netcmd *nc, enum stat_proto proto, const char *name,
    int64_t *v)
{
	*v = 0;
	if (name == NULL)
		return (false);
	if (name[0] == '*')
		return (delivered(nc, v));
	return (counter(nc, proto, name, v));
}

/* The text with its numbers. */
static void
line(struct rbuf *out, const char *s, int64_t a, int64_t b)
{
	const char *end;

	for (; *s != '\0'; s = end) {
		end = s + 1;
		if (*s != '$') {
			end = s + strcspn(s, "$");
			rbuf_add(out, "%.*s", (int)(end - s), s);
			continue;
		}
		switch (*end++) {
		case 'a':
			rbuf_add(out, "%" PRId64, a);
			break;
		case 'b':
			rbuf_add(out, "%" PRId64, b);
			break;
		case 's':
			rbuf_add(out, "%s", a != 1 ? "s" : "");
			break;
		case 't':
			rbuf_add(out, "%s", b != 1 ? "s" : "");
			break;
		case 'y':
			rbuf_add(out, "%s", a != 1 ? "ies" : "y");
			break;
		default: /* e */
			rbuf_add(out, "%s", a != 1 ? "es" : "");
			break;
		}
	}
	rbuf_add(out, "\n");
}

/* The title before a histogram's line, if it has not been said.  Return: the
 * line itself. */
static const char *
titled(struct rbuf *out, const char *text, const char **title)
{
	const char *end;

	end = strchr(text + 1, '@');
	if (*title == NULL || strncmp(*title, text, (size_t)(end - text)) != 0)
		rbuf_add(out, "\t%.*s\n", (int)(end - text - 1), text + 1);
	*title = text;
	return (end + 1);
}

static void
states(struct netcmd *nc, bool zeroes)
{
	static const char *const names[] = { "CLOSED", "LISTEN", "SYN_SENT",
		"SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1",
		"CLOSING", "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT" };
	uint64_t count[NITEMS(names)] = { 0 };
	struct vnetsim_pcb p;
	uint64_t iter = 0;

	while (vnetsim_view_pcb_next(nc->nc_v, nc->nc_vnet, &iter, &p) == 0)
		for (size_t i = 0; i < NITEMS(names); i++)
			count[i] += strcmp(names[i], netcmd_state(&p)) == 0;
	rbuf_add(nc->nc_out, "TCP connection count by state:\n");
	for (size_t i = 0; i < NITEMS(names); i++)
		if (count[i] != 0 || zeroes)
			rbuf_add(nc->nc_out,
			    "\t%" PRIu64 " connection%s in %s state\n",
			    count[i], count[i] != 1 ? "s" : "", names[i]);
}

static void
one_proto(struct netcmd *nc, enum stat_proto proto, bool zeroes)
{
	const struct stat_line *sl;
	const char *title = NULL, *text;
	bool any = false, has, two;
	int64_t a, b;

	for (size_t i = 0; i < NITEMS(stat_lines); i++) {
		sl = &stat_lines[i];
		if (sl->sl_proto != proto)
			continue;
		has = value(nc, proto, sl->sl_a, &a);
		two = value(nc, proto, sl->sl_b, &b);
		if (!has && !two)
			continue;
		if (!any)
			rbuf_add(nc->nc_out, "%s:\n", protos[proto].name);
		any = true;
		text = sl->sl_text;
		if (a == 0 && b == 0 && (!zeroes || *text == '@'))
			continue;
		if (*text == '@')
			text = titled(nc->nc_out, text, &title);
		line(nc->nc_out, text, a, b);
	}
	if (any && proto == STAT_TCP)
		states(nc, zeroes);
}

/** netstat_stats() - netstat -s; Return: 0 */
int
netstat_stats(struct netcmd *nc, const struct scn_netstat *ns)
{
	for (int p = 0; p < STAT_N; p++)
		if (ns->proto == NULL || strcmp(ns->proto, protos[p].name) == 0)
			one_proto(nc, (enum stat_proto)p,
			    (ns->flags & SCN_NETSTAT_NZ) == 0);
	return (0);
}
