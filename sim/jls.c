/*
 * jls.c - jls(8): jails, of a living world or of a dump.
 *
 * Without parameters a line has number, name, and state with the phase of a
 * jail that ends: a simulated jail has neither addresses of its own nor a
 * root.  With parameters, and for -v, the output is FreeBSD's; the host name
 * of a jail is its name, its path "/".
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* What can be asked for; the numbers are positions in this table. */
static const char *const params[] = { "jid", "name", "dying", "vnet", "parent",
	"path", "host.hostname" };
enum { P_JID, P_NAME, P_DYING, P_VNET, P_PARENT, P_PATH, P_HOSTNAME };

/** jls_parse() - read the options of jls; Return: false: a mistake */
bool
jls_parse(struct scn_jls *j, struct getarg *ga)
{
	static const char flags[] = "dhNnqsv";
	const char *l;
	size_t i;
	int c;

	memset(j, 0, sizeof(*j));
	while ((c = getarg(ga, "jls", "dhNnqsvj:")) > 0) {
		l = strchr(flags, c);
		if (l != NULL)
			j->flags |= 1u << (l - flags);
		else
			j->jail = ga->ga_value;
	}
	for (; c == 0 && ga->ga_i < ga->ga_argc; ga->ga_i++) {
		for (i = 0; i < NITEMS(params); i++)
			if (strcmp(params[i], ga->ga_argv[ga->ga_i]) == 0)
				break;
		if (i == NITEMS(params))
			return (getarg_fail(ga, ga->ga_i,
			    "unknown parameter '%.32s'; jid name dying vnet "
			    "parent path host.hostname",
			    ga->ga_argv[ga->ga_i]));
		if (j->nparams == NITEMS(j->param))
			return (getarg_fail(ga, ga->ga_i,
			    "more than %zu parameters", NITEMS(j->param)));
		j->param[j->nparams++] = (uint8_t)i;
	}
	return (c == 0);
}

/* Number of the jail that the last dot of a name leads to. */
static int
parent_jid(const struct vnetsim_view *v, const char *name)
{
	const char *dot = strrchr(name, '.');
	struct vnetsim_jail_info ji;
	uint64_t iter = 0;

	while (dot != NULL && vnetsim_view_jail_next(v, &iter, &ji) == 0)
		if (strlen(ji.name) == (size_t)(dot - name) &&
		    strncmp(ji.name, name, (size_t)(dot - name)) == 0)
			return (ji.jid);
	return (0);
}

static void
param_add(struct netcmd *nc, const struct scn_jls *j, unsigned p,
    const struct vnetsim_jail_info *ji)
{
	bool named = (j->flags & (JLS_NAMES | JLS_JAIL)) != 0;
	struct rbuf *out = nc->nc_out;

	if (p == P_DYING && named) {
		rbuf_add(out, "%sdying", ji->dying ? "" : "no");
		return;
	}
	if (named)
		rbuf_add(out, "%s=", params[p]);
	switch (p) {
	case P_JID:
		rbuf_add(out, "%d", ji->jid);
		break;
	case P_DYING:
		rbuf_add(out, "%s", ji->dying ? "true" : "false");
		break;
	case P_VNET:
		rbuf_add(out, "%s", ji->own_vnet ? "new" : "inherit");
		break;
	case P_PARENT:
		rbuf_add(out, "%d", parent_jid(nc->nc_v, ji->name));
		break;
	case P_PATH:
		rbuf_add(out, "/");
		break;
	default: /* P_NAME, P_HOSTNAME */
		rbuf_add(out, "%s", ji->name);
		break;
	}
}

static void
jail_line(struct netcmd *nc, const struct scn_jls *j,
    const struct vnetsim_jail_info *ji)
{
	const char *state = ji->dying ? "DYING" : "ACTIVE";
	struct rbuf *out = nc->nc_out;

	for (unsigned i = 0; i < j->nparams; i++) {
		rbuf_add(out, "%s", i != 0 ? " " : "");
		param_add(nc, j, j->param[i], ji);
	}
	if (j->nparams != 0)
		rbuf_add(out, "\n");
	else if ((j->flags & JLS_VERBOSE) != 0)
		rbuf_add(out, "%6d  %-29.29s /\n%8s%-29.29s %s\n", ji->jid,
		    ji->name, "", ji->name, state);
	else if ((j->flags & JLS_NAME) != 0)
		rbuf_add(out, "%-14.14s  %-20s  %s%s%s\n", ji->name, ji->name,
		    state, ji->phase ? " " : "", ji->phase ? ji->phase : "");
	else
		rbuf_add(out, "%6d  %-20s  %s%s%s\n", ji->jid, ji->name, state,
		    ji->phase ? " " : "", ji->phase ? ji->phase : "");
}

static void
header(struct rbuf *out, const struct scn_jls *j)
{
	if (j->nparams != 0) {
		for (unsigned i = 0; i < j->nparams; i++)
			rbuf_add(out, "%s%s", i != 0 ? " " : "",
			    params[j->param[i]]);
		rbuf_add(out, "\n");
	} else if ((j->flags & JLS_VERBOSE) != 0)
		rbuf_add(out, "   JID  %-29s Path\n%8s%-29s State\n",
		    "Hostname", "", "Name");
	else if ((j->flags & JLS_NAME) != 0)
		rbuf_add(out, "%-14s  %-20s  State\n", "JID", "Name");
	else
		rbuf_add(out, "   JID  Name                  State\n");
}

/* Is it to be seen, and meant? */
static bool
wanted(const struct netcmd *nc, const struct scn_jls *j,
    const struct vnetsim_jail_info *ji)
{
	bool host = nc->nc_below == NULL || strcmp(nc->nc_below, "0") == 0;
	size_t len = host ? 0 : strlen(nc->nc_below);
	const char *rest = host ? ji->name : ji->name + len + 1;
	char *end;
	long jid;

	if (ji->jid == 0 || (ji->dying && (j->flags & JLS_DYING) == 0))
		return (false);
	if (!host &&
	    (strncmp(ji->name, nc->nc_below, len) != 0 || ji->name[len] != '.'))
		return (false);
	if (j->jail == NULL)
		return (true);
	jid = strtol(j->jail, &end, 10);
	return (*end == '\0' ? ji->jid == jid : strcmp(rest, j->jail) == 0);
}

/**
 * jls() - print the jails
 * @nc:	where
 * @j:	options
 *
 * Return:	0; VE_NOENT: no jail is that of -j.
 */
int
jls(struct netcmd *nc, const struct scn_jls *j)
{
	bool quiet = j->nparams != 0 && (j->flags & JLS_HEADER) == 0;
	struct vnetsim_jail_info ji;
	uint64_t iter = 0;
	bool any = false;

	if (!quiet)
		header(nc->nc_out, j);
	while (vnetsim_view_jail_next(nc->nc_v, &iter, &ji) == 0) {
		if (!wanted(nc, j, &ji))
			continue;
		jail_line(nc, j, &ji);
		any = true;
	}
	return (any || j->jail == NULL ? 0 : VE_NOENT);
}
