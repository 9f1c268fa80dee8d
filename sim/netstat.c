/*
 * netstat.c - netstat(1): its options, and which table they ask for.
 *
 * Names of hosts and ports are never looked up, so -n changes nothing.  A
 * table that needs a running world is EOPNOTSUPP on a dump.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"

static const char netstat_protos[] = "tcp udp icmp igmp ip arp";

/* Is @word one of @list, which is separated by blanks? */
static bool
one_of(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = list; s != NULL; s = strchr(s, ' ')) {
		s += *s == ' ';
		if (strncmp(s, word, len) == 0 &&
		    (s[len] == ' ' || s[len] == '\0'))
			return (len != 0);
	}
	return (false);
}

static bool
netstat_value(struct scn_netstat *ns, struct getarg *ga, int c)
{
	char *end;
	long fib;

	switch (c) {
	case 'p':
		ns->proto = ga->ga_value;
		if (one_of(netstat_protos, ga->ga_value))
			return (true);
		return (getarg_fail(ga, ga->ga_i - 1,
		    "'%.32s' is no protocol; one of %s", ga->ga_value,
		    netstat_protos));
	case 'I':
		ns->ifname = ga->ga_value;
		ns->flags |= SCN_NETSTAT_IF;
		return (true);
	case 'j':
		ns->jail = ga->ga_value;
		return (true);
	case 'F':
		fib = strtol(ga->ga_value, &end, 10);
		ns->fib = (int32_t)fib;
		if (*end == '\0' && end != ga->ga_value && fib >= 0 &&
		    fib < 65536)
			return (true);
		return (getarg_fail(ga, ga->ga_i - 1,
		    "'%.32s' is no number of a FIB", ga->ga_value));
	default: /* f */
		if (strcmp(ga->ga_value, "inet") == 0)
			return (true);
		return (getarg_fail(ga, ga->ga_i - 1,
		    "'%.32s' is no address family here; inet is the only one",
		    ga->ga_value));
	}
}

/**
 * netstat_parse() - read the options of netstat
 * @ns:	out; strings are those of the words
 * @ga:	at the first word
 *
 * Return:	true; false: a mistake, in @ga.
 */
bool
netstat_parse(struct scn_netstat *ns, struct getarg *ga)
{
	static const char flags[] = "anrsim";
	static const char more[] = "bdLW";
	uint32_t modes;
	const char *l;
	int c;

	memset(ns, 0, sizeof(*ns));
	ns->fib = -1;
	while ((c = getarg(ga, "netstat", "anrsimbdLW4p:I:j:F:f:")) > 0) {
		if (c == 's' && (ns->flags & SCN_NETSTAT_STATS) != 0)
			ns->flags |= SCN_NETSTAT_NZ;
		if ((l = strchr(flags, c)) != NULL)
			ns->flags |= SCN_NETSTAT_ALL << (l - flags);
		else if ((l = strchr(more, c)) != NULL)
			ns->flags |= SCN_NETSTAT_BYTES << (l - more);
		else if (c != '4' && !netstat_value(ns, ga, c))
			return (false);
	}
	if (c < 0 || !getarg_end(ga))
		return (false);
	modes = ns->flags &
		(SCN_NETSTAT_ROUTE | SCN_NETSTAT_STATS | SCN_NETSTAT_IF |
		    SCN_NETSTAT_MBUF | SCN_NETSTAT_LISTQ);
	if ((modes & (modes - 1)) != 0)
		return (getarg_fail(
		    ga, ga->ga_argc, "only one of -r, -s, -i, -m and -L"));
	return (true);
}

/**
 * netcmd_jail() - look at another jail
 * @nc:		as by the jail in which the command runs
 * @name:	name, relative to that jail, or number
 *
 * Return:	true; false: there is no such jail to be seen from there.
 */
bool
netcmd_jail(struct netcmd *nc, const char *name)
{
	bool host = nc->nc_below == NULL || strcmp(nc->nc_below, "0") == 0;
	size_t len = host ? 0 : strlen(nc->nc_below);
	struct vnetsim_jail_info ji;
	const char *rest;
	uint64_t iter = 0;
	char *end;
	long jid = strtol(name, &end, 10);

	while (vnetsim_view_jail_next(nc->nc_v, &iter, &ji) == 0) {
		rest = ji.name;
		if (!host) {
			if (strncmp(ji.name, nc->nc_below, len) != 0 ||
			    ji.name[len] != '.')
				continue;
			rest = ji.name + len + 1;
		}
		if (*end == '\0' ? ji.jid != jid : strcmp(rest, name) != 0)
			continue;
		nc->nc_vnet = ji.vnet;
		if (nc->nc_w != NULL)
			nc->nc_jail =
			    vnetsim_jail_find(nc->nc_w, ji.name, true);
		return (true);
	}
	return (false);
}

/**
 * netstat() - print what is asked for
 * @nc:	where
 * @ns:	options
 *
 * Return:	0; VE_NOENT: no such jail; VE_NXIO: no such interface;
 *		VE_INVAL: no such FIB; VE_OPNOTSUPP: not on a dump; VE_NOMEM.
 */
int
netstat(struct netcmd *nc, const struct scn_netstat *ns)
{
	if (ns->jail != NULL && !netcmd_jail(nc, ns->jail))
		return (VE_NOENT);
	if ((ns->flags & SCN_NETSTAT_ROUTE) != 0)
		return (netstat_routes(nc, ns));
	if ((ns->flags & SCN_NETSTAT_STATS) != 0)
		return (netstat_stats(nc, ns));
	if ((ns->flags & SCN_NETSTAT_IF) != 0)
		return (netstat_ifs(nc, ns));
	if ((ns->flags & SCN_NETSTAT_MBUF) != 0)
		return (netstat_mbufs(nc));
	return (netstat_pcbs(nc, ns));
}
