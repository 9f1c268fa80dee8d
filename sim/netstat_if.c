/*
 * netstat_if.c - netstat -i and -r: interfaces and routes.
 *
 * Of a running world only.  Packets are counted by interface, not by address,
 * so in the lines of addresses all counters are "-"; what FreeBSD leaves blank
 * is blank, what it cuts is cut.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/netcmd.h"

#define NAME_MIN 5
#define NET_LEN  13
#define ADDR_LEN 17
#define IFF_UP   0x1u

static uint32_t
mask(uint8_t plen)
{
	return (plen == 0 ? 0 : UINT32_MAX << (32 - plen));
}

static void
add_stat(struct rbuf *out, int width, uint64_t value, bool show)
{
	if (show)
		rbuf_add(out, "%*" PRIu64 " ", width, value);
	else
		rbuf_add(out, "%*s ", width, "-");
}

static void
add_counts(struct rbuf *out, const struct vnetsim_ifinfo *ii, uint32_t flags,
    bool show)
{
	add_stat(out, 8, ii->ipackets, show);
	add_stat(out, 5, ii->ierrors, show);
	add_stat(out, 5, ii->idrops, show);
	if ((flags & SCN_NETSTAT_BYTES) != 0)
		add_stat(out, 10, ii->ibytes, show);
	add_stat(out, 8, ii->opackets, show);
	add_stat(out, 5, ii->oerrors, show);
	if ((flags & SCN_NETSTAT_BYTES) != 0)
		add_stat(out, 10, ii->obytes, show);
	add_stat(out, 5, 0, show); /* collisions */
	if ((flags & SCN_NETSTAT_DROPS) != 0)
		add_stat(out, 5, ii->odrops, show);
	rbuf_add(out, "\n");
}

/* A network, or an address (@plen < 0), @width wide and a blank. */
static void
add_net(struct rbuf *out, uint32_t addr, int plen, int width)
{
	struct rbuf rb = { 0 };

	rbuf_ip(&rb, addr);
	if (plen >= 0)
		rbuf_add(&rb, "/%d", plen);
	rbuf_add(out, "%-*.*s ", width, width, rbuf_str(&rb));
	rbuf_free(&rb);
}

static void
if_lines(struct netcmd *nc, const struct scn_netstat *ns,
    const struct vnetsim_ifinfo *ii, int width)
{
	char name[VNETSIM_IFNAMSIZ + 1], link[16];
	struct rbuf ether = { 0 };

	(void)snprintf(name, sizeof(name), "%s%s", ii->name,
	    (ii->flags & IFF_UP) != 0 ? "" : "*");
	(void)snprintf(link, sizeof(link), "<Link#%" PRIu32 ">", ii->index);
	if (ii->is_ether)
		rbuf_ether(&ether, ii->ether);
	else
		rbuf_add(&ether, "%s", ii->name);
	rbuf_add(nc->nc_out, "%-*s", width, name);
	add_stat(nc->nc_out, 6, ii->mtu, true);
	rbuf_add(nc->nc_out, "%-*.*s %-*.*s ", NET_LEN, NET_LEN, link, ADDR_LEN,
	    ADDR_LEN, rbuf_str(&ether));
	add_counts(nc->nc_out, ii, ns->flags, true);
	rbuf_free(&ether);
	for (uint32_t i = 0; i < ii->naddrs && i < 4; i++) {
		rbuf_add(nc->nc_out, "%-*s", width, name);
		add_stat(nc->nc_out, 6, 0, false);
		add_net(nc->nc_out, ii->addr[i] & mask(ii->plen[i]),
		    ii->plen[i], NET_LEN);
		add_net(nc->nc_out, ii->addr[i], -1, ADDR_LEN);
		add_counts(nc->nc_out, ii, ns->flags, false);
	}
}

static void
if_header(struct rbuf *out, uint32_t flags, int width)
{
	rbuf_add(out, "%-*.*s %5.5s %-*.*s %-*.*s %8.8s %5.5s %5.5s", width,
	    width, "Name", "Mtu", NET_LEN, NET_LEN, "Network", ADDR_LEN,
	    ADDR_LEN, "Address", "Ipkts", "Ierrs", "Idrop");
	if ((flags & SCN_NETSTAT_BYTES) != 0)
		rbuf_add(out, " %10.10s", "Ibytes");
	rbuf_add(out, " %8.8s %5.5s", "Opkts", "Oerrs");
	if ((flags & SCN_NETSTAT_BYTES) != 0)
		rbuf_add(out, " %10.10s", "Obytes");
	rbuf_add(out, " %5s", "Coll");
	if ((flags & SCN_NETSTAT_DROPS) != 0)
		rbuf_add(out, " %5.5s", "Drop");
	rbuf_add(out, "\n");
}

/* The n-th interface that is asked for; *at is its number and moves on. */
static bool
if_next(struct netcmd *nc, const char *only, uint32_t *at,
    struct vnetsim_ifinfo *ii)
{
	while (vnetsim_if_next(nc->nc_w, nc->nc_jail, (*at)++, ii) == 0)
		if (only == NULL || strcmp(only, ii->name) == 0)
			return (true);
	return (false);
}

/** netstat_ifs() - netstat -i; Return: as netstat() */
int
netstat_ifs(struct netcmd *nc, const struct scn_netstat *ns)
{
	struct vnetsim_ifinfo ii;
	int width = NAME_MIN, len;
	bool any = false;

	if (nc->nc_w == NULL)
		return (VE_OPNOTSUPP);
	for (uint32_t n = 0; if_next(nc, ns->ifname, &n, &ii);) {
		len = (int)strlen(ii.name) + ((ii.flags & IFF_UP) == 0);
		width = len > width ? len : width;
		any = true;
	}
	if (!any && ns->ifname != NULL)
		return (VE_NXIO);
	if_header(nc->nc_out, ns->flags, width);
	for (uint32_t n = 0; if_next(nc, ns->ifname, &n, &ii);)
		if_lines(nc, ns, &ii, width);
	return (0);
}

/* The number of the interface a route without a gateway goes to: that of the
 * address, where the route leads to lo0 because the address is ours. */
static uint32_t
route_index(struct netcmd *nc, const struct vnetsim_routeinfo *ri)
{
	struct vnetsim_ifinfo ii;
	uint32_t index = 0;

	for (uint32_t n = 0; if_next(nc, NULL, &n, &ii);) {
		for (uint32_t i = 0; i < ii.naddrs && i < 4; i++)
			if (ri->plen == 32 && ii.addr[i] == ri->dst)
				return (ii.index);
		if (strcmp(ii.name, ri->ifname) == 0)
			index = ii.index;
	}
	return (index);
}

static void
route_line(struct netcmd *nc, const struct scn_netstat *ns,
    const struct vnetsim_routeinfo *ri)
{
	struct rbuf dst = { 0 }, gw = { 0 };

	if (ri->plen == 0)
		rbuf_add(&dst, "default");
	else
		rbuf_ip(&dst, ri->dst);
	if (ri->plen != 0 && ri->plen != 32)
		rbuf_add(&dst, "/%u", ri->plen);
	if (ri->gateway != 0)
		rbuf_ip(&gw, ri->gateway);
	else
		rbuf_add(&gw, "link#%" PRIu32, route_index(nc, ri));
	rbuf_add(nc->nc_out, "%-18.18s %-18.18s %-6.6s ", rbuf_str(&dst),
	    rbuf_str(&gw), ri->flags);
	if ((ns->flags & SCN_NETSTAT_WIDE) != 0)
		rbuf_add(nc->nc_out, "%6" PRIu32 " ", ri->mtu);
	rbuf_add(nc->nc_out, "%8s", ri->ifname);
	if (ri->expire != 0)
		rbuf_add(nc->nc_out, " %6" PRIu32, ri->expire);
	rbuf_add(nc->nc_out, "\n");
	rbuf_free(&dst);
	rbuf_free(&gw);
}

/** netstat_routes() - netstat -r; Return: as netstat() */
int
netstat_routes(struct netcmd *nc, const struct scn_netstat *ns)
{
	uint32_t fib = ns->fib < 0 ? 0 : (uint32_t)ns->fib, n = 0;
	struct vnetsim_routeinfo ri;
	int error;

	if (nc->nc_w == NULL)
		return (VE_OPNOTSUPP);
	error = vnetsim_fib_next(nc->nc_w, nc->nc_jail, fib, 0, &ri);
	if (error != 0 && error != VE_NOENT)
		return (error);
	rbuf_add(nc->nc_out, "Routing tables");
	if (fib != 0)
		rbuf_add(nc->nc_out, " (fib: %" PRIu32 ")", fib);
	rbuf_add(nc->nc_out, "\n\nInternet:\n%-18.18s %-18.18s %-6.6s ",
	    "Destination", "Gateway", "Flags");
	if ((ns->flags & SCN_NETSTAT_WIDE) != 0)
		rbuf_add(nc->nc_out, "%6s ", "Mtu");
	rbuf_add(nc->nc_out, "%8s %6s\n", "Netif", "Expire");
	for (; vnetsim_fib_next(nc->nc_w, nc->nc_jail, fib, n, &ri) == 0; n++)
		route_line(nc, ns, &ri);
	return (0);
}
