/*
 * route.h - IPv4 routes: longest prefix first.
 *
 * net.fibs tables per vnet (route_tables.c).  A route's next hop (struct
 * nhop_object) holds a typed reference to its interface, so an interface cannot
 * go while a next hop points to it; routes are deleted on EVH_IFNET_DEPARTURE.
 * Route and next hop are freed in two rounds of deferred frees, as in FreeBSD
 * 13 (F97 of the bug list): draining once is not enough.
 */
#ifndef SRC_NET_IP_ROUTE_H
#define SRC_NET_IP_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/ifnet.h>

enum rt_flags {
	RTF_UP = 0x1,
	RTF_GATEWAY = 0x2,
	RTF_HOST = 0x4,
	RTF_STATIC = 0x800,
	RTF_PINNED = 0x100000, /* prefix or local route of an address */
	RTF_REJECT = 0x8,
	RTF_DYNAMIC = 0x10, /* made by a redirect */
	RTF_BLACKHOLE = 0x1000,
	NHF_DEFAULT = 0x1000000, /* next hop of the default route */
	RTF_BROADCAST = 0x400000,
};

/*
 * EVH_RTEVENT: what happened to a route, FreeBSD's message types.  A route
 * that is deleted is announced while it still has its next hop; one that is
 * changed, with its new one.
 */
enum { RTM_ADD = 1, RTM_DELETE = 2, RTM_CHANGE = 3, RTM_REDIRECT = 6 };

struct nhop_object {
	struct ref nh_ifp;   /* (r) interface */
	struct ref nh_ifa;   /* (r) source address's in_ifaddr */
	uint32_t nh_gateway; /* host order, if RTF_GATEWAY */
	uint32_t nh_src;     /* source address, host order */
	uint32_t nh_flags;   /* enum rt_flags */
	uint32_t nh_mtu;     /* 0: the interface's */
	struct epoch_context nh_epoch;
};

/**
 * fib4_lookup() - next hop for a destination
 * @fib:	table
 * @dst:	host order
 *
 * Return:	next hop, borrowed until the end of the event; NULL: no route,
 *		or no such table.
 */
const struct nhop_object *fib4_lookup(uint32_t fib, uint32_t dst);

/*
 * net.fibs is 1 .. RT_MAXFIBS: what a packet can name.  It grows and never
 * shrinks (FreeBSD: up to 65536).
 */
#define RT_MAXFIBS 256

/* How many tables curvnet has. */
uint32_t rt_numfibs(void);

/* net.add_addr_allfibs. */
bool rt_allfibs(void);

/* What route(8) is asked for. */
struct rib_cmd {
	uint32_t rc_dst;      /* network, host order; host bits must be 0 */
	uint32_t rc_gw;       /* gateway, 0: directly */
	struct ifnet *rc_ifp; /* through it; NULL: where the gateway is */
	uint32_t rc_flags;    /* RTF_STATIC, RTF_REJECT, RTF_BLACKHOLE */
	uint32_t rc_mtu;      /* 0: the interface's */
	uint8_t rc_plen;      /* 0..32 */
	uint8_t rc_fib;       /* table */
};

/**
 * rib_action() - `route add`, `route change`, `route delete`
 * @action:	RTM_ADD, RTM_CHANGE, RTM_DELETE
 * @rc:		the route.  RTM_CHANGE: gateway, interface and MTU stay what
 *		they are where they are 0 here.  RTM_DELETE: the gateway must
 *		be that of the route, if one is named
 *
 * Return:	0; VE_INVAL: bad prefix or MTU, neither gateway nor interface,
 *		reject and blackhole at once, no such table; VE_NETUNREACH: no
 *		way to the gateway but by another one; VE_EXIST (add); VE_SRCH
 *		(change, delete): no such route, or it belongs to an address;
 *		VE_NOBUFS; VE_BUSY: the vnet is dying.
 */
int rib_action(int action, const struct rib_cmd *rc);

/* `route flush`: all routes by gateways of a table that exists.  Return: how
 * many there were. */
uint32_t rib_flush(uint32_t fib);

/**
 * rib_redirect() - a router says that another one is better for a host
 * @fib:	table
 * @dst:	the host, host order
 * @gw:		the better router
 * @author:	who says so
 * @lifetime:	s, after which the route goes; 0: never
 *
 * Return:	0: a host route was made; VE_NETUNREACH: @gw is on no network
 *		of ours; VE_HOSTUNREACH: @gw is ourselves; VE_INVAL: @author is
 *		not the router we use for @dst, or @gw is not on its network;
 *		VE_EXIST: @dst has a host route or is on a network of ours;
 *		VE_NOBUFS; VE_BUSY: the vnet is dying.
 */
int rib_redirect(uint32_t fib, uint32_t dst, uint32_t gw, uint32_t author,
    uint32_t lifetime);

/* One row of the table, for netstat -r and route get. */
struct rt_row {
	uint32_t rt_dst, rt_gw, rt_flags;
	uint32_t rt_mtu;    /* in effect */
	uint32_t rt_expire; /* s from now, 0: never */
	uint8_t rt_plen;
	char rt_ifname[IFNAMSIZ];
};

/* Walk in order of (address, prefix length): the @n-th, in O(log routes).
 * Return: false: no more. */
bool rib_get(uint32_t fib, uint32_t n, struct rt_row *row);

/* The route to a destination.  Return: false: none. */
bool rib_lookup(uint32_t fib, uint32_t dst, struct rt_row *row);

#endif /* !SRC_NET_IP_ROUTE_H */
