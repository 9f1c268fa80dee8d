/*
 * scn_run_show.c - FreeBSD's commands that print: ifconfig, netstat, ...
 *
 * The output has FreeBSD's words and columns as far as a claim may look for
 * them; nothing in it depends on an address of the host or the wall clock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static void
show_route(struct scn_env *e, const struct vnetsim_routeinfo *ri)
{
	struct rbuf dst = { 0 }, gw = { 0 };

	if (ri->plen == 0)
		rbuf_add(&dst, "default");
	else {
		rbuf_ip(&dst, ri->dst);
		if (ri->plen < 32)
			rbuf_add(&dst, "/%u", ri->plen);
	}
	if (ri->gateway != 0)
		rbuf_ip(&gw, ri->gateway);
	else
		rbuf_add(&gw, "link");
	rbuf_add(&e->e_out, "%-18s %-18s %-8s %s\n", rbuf_str(&dst),
	    rbuf_str(&gw), ri->flags, ri->ifname);
	rbuf_free(&dst);
	rbuf_free(&gw);
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

static int
show_sysctl(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_sysctl *sy = &s->u.sysctl;
	int64_t v;
	int error;

	error = vnetsim_sysctl_get(e->e_w, jail, sy->name, &v);
	if (error != 0)
		return (error);
	if (!sy->bare)
		rbuf_add(&e->e_out, "%s: ", sy->name);
	rbuf_add(&e->e_out, "%" PRId64 "\n", v);
	return (0);
}

static void
show_addr(struct rbuf *rb, const struct vnetsim_addr *a)
{
	if (a->addr == 0)
		rbuf_add(rb, "*");
	else
		rbuf_ip(rb, a->addr);
	if (a->port == 0)
		rbuf_add(rb, ".*");
	else
		rbuf_add(rb, ".%u", a->port);
}

static void
show_pcb(struct scn_env *e, const struct vnetsim_sockinfo *si)
{
	struct rbuf l = { 0 }, f = { 0 };

	show_addr(&l, &si->laddr);
	show_addr(&f, &si->faddr);
	rbuf_add(&e->e_out, "%s  %6" PRIu32 " %6" PRIu32 " %-22s %-22s %s\n",
	    si->type == VNETSIM_TCP ? "tcp4" : "udp4", si->rcvq, si->sndq,
	    rbuf_str(&l), rbuf_str(&f), si->state != NULL ? si->state : "");
	rbuf_free(&l);
	rbuf_free(&f);
}

static void
show_pcbs(struct scn_env *e, const struct scn_netstat *ns, uint32_t vnet)
{
	struct vnetsim_sockinfo si;
	const char *proto;

	rbuf_add(&e->e_out, "Active Internet connections%s\n",
	    (ns->flags & SCN_NETSTAT_ALL) != 0 ? " (including servers)" : "");
	rbuf_add(&e->e_out, "%-5s %6s %6s %-22s %-22s %s\n", "Proto", "Recv-Q",
	    "Send-Q", "Local Address", "Foreign Address", "(state)");
	for (uint32_t n = 0; vnetsim_sock_next(e->e_w, vnet, n, &si) == 0;
	     n++) {
		proto = si.type == VNETSIM_TCP ? "tcp" : "udp";
		if (ns->proto != NULL && strcmp(ns->proto, proto) != 0)
			continue;
		if (si.listening && (ns->flags & SCN_NETSTAT_ALL) == 0)
			continue;
		show_pcb(e, &si);
	}
	if (ns->proto != NULL && strcmp(ns->proto, "tcp") != 0)
		return;
	for (uint32_t n = 0; vnetsim_syncache_next(e->e_w, vnet, n, &si) == 0;
	     n++)
		show_pcb(e, &si);
}

/* netstat -s: every counter that is not zero, by its sysctl. */
static void
show_stats(struct scn_env *e, const struct scn_netstat *ns, vnetsim_handle jail)
{
	const char *name, *descr, *at;
	char want[64];
	int64_t v;

	(void)snprintf(want, sizeof(want), ".%s.stats.",
	    ns->proto != NULL ? ns->proto : "");
	for (uint32_t n = 0; vnetsim_sysctl_next(e->e_w, n, &name, &descr) == 0;
	     n++) {
		at = strstr(name, ".stats.");
		if (at == NULL ||
		    (ns->proto != NULL && strstr(name, want) == NULL) ||
		    vnetsim_sysctl_get(e->e_w, jail, name, &v) != 0 || v == 0)
			continue;
		rbuf_add(&e->e_out, "\t%" PRId64 " %s (%s)\n", v, at + 7,
		    descr != NULL ? descr : "");
	}
}

static void
show_ifs(struct scn_env *e, vnetsim_handle jail)
{
	struct vnetsim_ifinfo ii;

	rbuf_add(&e->e_out, "%-10s %6s %8s %6s %6s %8s %6s\n", "Name", "Mtu",
	    "Ipkts", "Ierrs", "Idrop", "Opkts", "Oerrs");
	for (uint32_t n = 0; vnetsim_if_next(e->e_w, jail, n, &ii) == 0; n++)
		rbuf_add(&e->e_out,
		    "%-10s %6" PRIu32 " %8" PRIu64 " %6" PRIu64 " %6" PRIu64
		    " %8" PRIu64 " %6" PRIu64 "\n",
		    ii.name, ii.mtu, ii.ipackets, ii.ierrors, ii.idrops,
		    ii.opackets, ii.oerrors);
}

static int
show_netstat(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_netstat *ns = &s->u.netstat;
	struct vnetsim_routeinfo ri;
	struct vnetsim_jail_info ji;

	if ((ns->flags & SCN_NETSTAT_ROUTE) != 0) {
		rbuf_add(&e->e_out, "%-18s %-18s %-8s %s\n", "Destination",
		    "Gateway", "Flags", "Netif");
		for (uint32_t n = 0;
		     vnetsim_route_next(e->e_w, jail, n, &ri) == 0; n++)
			show_route(e, &ri);
	} else if ((ns->flags & SCN_NETSTAT_STATS) != 0) {
		show_stats(e, ns, jail);
	} else if ((ns->flags & SCN_NETSTAT_IF) != 0) {
		show_ifs(e, jail);
	} else if ((ns->flags & SCN_NETSTAT_MBUF) != 0) {
		return (VE_OPNOTSUPP);
	} else {
		if (vnetsim_jail_info(e->e_w, jail, &ji) != 0)
			return (VE_NOENT);
		show_pcbs(e, ns, ji.vnet);
	}
	return (0);
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
	case SCN_ARP_LIST:
		return (show_arp(e, s, jail));
	case SCN_SYSCTL_GET:
		return (show_sysctl(e, s, jail));
	case SCN_NETSTAT:
		return (show_netstat(e, s, jail));
	default:
		return (VE_OPNOTSUPP);
	}
}
