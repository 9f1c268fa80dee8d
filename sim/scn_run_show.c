/*
 * scn_run_show.c - FreeBSD's commands that print: ifconfig, arp, sysctl, ...
 *
 * The output has FreeBSD's words and columns as far as a claim may look for
 * them; nothing in it depends on an address of the host or the wall clock.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/netcmd.h"
#include "sim/scn_run_var.h"

static uint32_t
mask(uint8_t plen)
{
	return (plen == 0 ? 0 : UINT32_MAX << (32 - plen));
}

static void
show_if(struct scn_env *e, vnetsim_handle jail, const struct vnetsim_ifinfo *ii)
{
	char line[VNETSIM_IFLINE];
	uint32_t m;

	rbuf_add(&e->e_out,
	    "%s: flags=%" PRIx32 "<%s> metric 0 mtu %" PRIu32 "\n", ii->name,
	    ii->flags, ii->flagstr != NULL ? ii->flagstr : "", ii->mtu);
	if (ii->descr[0] != '\0')
		rbuf_add(&e->e_out, "\tdescription: %s\n", ii->descr);
	if (ii->is_ether) {
		rbuf_add(&e->e_out, "\tether ");
		rbuf_ether(&e->e_out, ii->ether);
		rbuf_add(&e->e_out, "\n");
	}
	for (uint32_t i = 0; i < ii->naddrs && i < 4; i++) {
		rbuf_add(&e->e_out, "\tinet ");
		rbuf_ip(&e->e_out, ii->addr[i]);
		m = mask(ii->plen[i]);
		rbuf_add(&e->e_out, " netmask 0x%08" PRIx32, m);
		if (ii->is_ether && ii->plen[i] < 31) {
			rbuf_add(&e->e_out, " broadcast ");
			rbuf_ip(&e->e_out, ii->addr[i] | ~m);
		}
		rbuf_add(&e->e_out, "\n");
	}
	for (uint32_t n = 0;
	     vnetsim_if_line(e->e_w, jail, ii->name, n, line) == 0; n++)
		rbuf_add(&e->e_out, "\t%s\n", line);
	if (ii->groups[0] != '\0')
		rbuf_add(&e->e_out, "\tgroups: %s\n", ii->groups);
	if (ii->fib != 0)
		rbuf_add(&e->e_out, "\tfib: %" PRIu32 "\n", ii->fib);
	if (ii->is_ether && ii->linkstate != 0)
		rbuf_add(&e->e_out, "\tstatus: %s\n",
		    ii->linkstate == 2 ? "active" : "no carrier");
}

/* Is it in the group? */
static bool
in_group(const struct vnetsim_ifinfo *ii, const char *group)
{
	size_t len = strlen(group);
	const char *s;

	for (s = ii->groups; s != NULL && *s != '\0';
	     s = strchr(s, ' ') != NULL ? strchr(s, ' ') + 1 : NULL)
		if (strncmp(s, group, len) == 0 &&
		    (s[len] == ' ' || s[len] == '\0'))
			return (true);
	return (strcmp(group, "all") == 0);
}

/* ifconfig BRIDGE addr */
static int
show_ifaddrs(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	char line[VNETSIM_IFLINE];
	int error = 0;

	for (uint32_t n = VNETSIM_IFLINE_ADDR; error == 0; n++) {
		error = vnetsim_if_line(e->e_w, jail, s->u.name, n, line);
		if (error == 0)
			rbuf_add(&e->e_out, "\t%s\n", line);
	}
	return (error == VE_NOENT ? 0 : error);
}

/* ifconfig -l, ifconfig -g GROUP */
static int
show_ifnames(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct vnetsim_ifinfo ii;
	const char *sep = "";

	for (uint32_t n = 0; vnetsim_if_next(e->e_w, jail, n, &ii) == 0; n++) {
		if (s->kind == SCN_IF_GROUP) {
			if (in_group(&ii, s->u.name))
				rbuf_add(&e->e_out, "%s\n", ii.name);
			continue;
		}
		rbuf_add(&e->e_out, "%s%s", sep, ii.name);
		sep = " ";
	}
	if (s->kind == SCN_IF_LIST)
		rbuf_add(&e->e_out, "\n");
	return (0);
}

static int
show_ifconfig(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct vnetsim_ifinfo ii;
	bool found = false;

	for (uint32_t n = 0; vnetsim_if_next(e->e_w, jail, n, &ii) == 0; n++) {
		if (s->u.name != NULL && strcmp(ii.name, s->u.name) != 0)
			continue;
		found = true;
		show_if(e, jail, &ii);
	}
	return (found || s->u.name == NULL ? 0 : VE_NXIO);
}

static int
show_arp(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct vnetsim_arpinfo ai;
	bool found = false;

	for (uint32_t n = 0; vnetsim_arp_next(e->e_w, jail, n, &ai) == 0; n++) {
		if (s->u.arp.has_addr && ai.addr != s->u.arp.addr)
			continue;
		found = true;
		rbuf_add(&e->e_out, "? (");
		rbuf_ip(&e->e_out, ai.addr);
		rbuf_add(&e->e_out, ") at ");
		if (ai.complete)
			rbuf_ether(&e->e_out, ai.ether);
		else
			rbuf_add(&e->e_out, "(incomplete)");
		rbuf_add(&e->e_out, " on %s", ai.ifname);
		if (ai.permanent)
			rbuf_add(&e->e_out, " permanent");
		else if (ai.expires > 0)
			rbuf_add(&e->e_out, " expires in %" PRId64 " seconds",
			    ai.expires / 1000000000);
		rbuf_add(&e->e_out, " [ethernet]\n");
	}
	return (found || !s->u.arp.has_addr ? 0 : VE_NOENT);
}

/* netstat, sockstat, vmstat */
static int
show_net(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	struct netcmd nc = {
		.nc_w = e->e_w,
		.nc_v = vnetsim_view_live(e->e_w),
		.nc_jail = jail,
		.nc_below = s->jail,
		.nc_out = &e->e_out,
	};
	struct vnetsim_jail_info ji;

	if (vnetsim_jail_info(e->e_w, jail, &ji) != 0)
		return (VE_NOENT);
	nc.nc_vnet = ji.vnet;
	switch (s->kind) {
	case SCN_NETSTAT:
		return (netstat(&nc, &s->u.netstat));
	case SCN_SOCKSTAT:
		return (sockstat(&nc, &s->u.sockstat));
	default:
		return (vmstat(&nc, s->u.flags));
	}
}

/* A command that prints; the jail exists.  Return: 0 or an errno. */
int
run_show(struct scn_env *e, const struct scn_stmt *s)
{
	vnetsim_handle jail = run_jail(e, s->jail);

	switch (s->kind) {
	case SCN_IF_SHOW:
		return (show_ifconfig(e, s, jail));
	case SCN_IF_ADDRS:
		return (show_ifaddrs(e, s, jail));
	case SCN_IF_LIST:
	case SCN_IF_GROUP:
		return (show_ifnames(e, s, jail));
	case SCN_ROUTE_GET:
		return (run_route_get(e, s, jail));
	case SCN_ROUTE_MONITOR:
		return (run_monitor(e, s, jail));
	case SCN_ARP_LIST:
		return (show_arp(e, s, jail));
	case SCN_SYSCTL_GET:
		return (run_sysctl_show(e, s, jail));
	case SCN_NETSTAT:
	case SCN_SOCKSTAT:
	case SCN_VMSTAT:
		return (show_net(e, s, jail));
	default:
		return (VE_OPNOTSUPP);
	}
}
