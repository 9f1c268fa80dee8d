/*
 * net.h - interfaces, addresses, routes, neighbours, sysctls.
 *
 * What ifconfig(8), route(8), arp(8), sysctl(8), netstat(1) and ping(8) need.
 * The jail says which stack: its own vnet, or the one it shares.
 */
#ifndef VNETSIM_NET_H
#define VNETSIM_NET_H

#include <vnetsim/ifreq.h>
#include <vnetsim/link.h>
#include <vnetsim/vnetsim.h>

/**
 * vnetsim_if_create() - ifconfig NAME create
 * @w:		world
 * @jail:	where
 * @name:	in: "epair", "epair3", "lo1", "vlan", "epair0a.10"; out: what it
 *		was given ("epair0a")
 *
 * Return:	0; VE_EXIST; VE_INVAL: no such cloner; VE_NOSPC; VE_NOMEM;
 *		VE_SRCH: no such jail; VE_BUSY: it is dying; VE_NXIO: no such
 *		parent.
 */
int vnetsim_if_create(
    struct vnetsim *w, vnetsim_handle jail, char name[VNETSIM_IFNAMSIZ]);

/**
 * vnetsim_if_destroy() - ifconfig NAME destroy
 * @w:		world
 * @jail:	where it is
 * @name:	interface
 * @op:		out: completes when it is gone
 *
 * Return:	0; VE_NXIO: no such interface; VE_INVAL: may not be destroyed;
 *		VE_BUSY: it is being moved; VE_NOMEM; VE_SRCH.
 */
int vnetsim_if_destroy(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle *op);

/**
 * vnetsim_if_vnet() - ifconfig NAME vnet JAIL: lend
 * @w:		world
 * @jail:	where it is
 * @name:	interface
 * @to:		jail whose vnet gets it
 * @op:		out: completes when it is there
 *
 * Return:	0; VE_NXIO: no such interface or jail; VE_EXIST: same vnet, or
 *		the name is taken there; VE_BUSY; VE_NOMEM; VE_SRCH.
 */
int vnetsim_if_vnet(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle to, vnetsim_handle *op);

/**
 * vnetsim_if_reclaim() - ifconfig NAME -vnet JAIL: take back
 * @w:		world
 * @jail:	who gets it
 * @name:	interface
 * @from:	jail whose vnet has it
 * @op:		out
 *
 * Return:	as vnetsim_if_vnet().
 */
int vnetsim_if_reclaim(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle from, vnetsim_handle *op);

/**
 * vnetsim_if_up() - ifconfig NAME up|down
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @up:		wanted
 *
 * Return:	0; VE_NXIO; VE_SRCH; VE_BUSY.
 */
int vnetsim_if_up(
    struct vnetsim *w, vnetsim_handle jail, const char *name, bool up);

/**
 * vnetsim_if_mtu() - ifconfig NAME mtu N
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @mtu:	bytes, 72..9000 (lo: 65535)
 *
 * Return:	0; VE_INVAL; VE_NXIO; VE_SRCH; VE_BUSY.
 */
int vnetsim_if_mtu(
    struct vnetsim *w, vnetsim_handle jail, const char *name, uint32_t mtu);

/**
 * vnetsim_if_inet() - ifconfig NAME inet ADDR/LEN [alias|-alias]
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @addr:	host order
 * @plen:	0..32
 * @add:	false: -alias
 *
 * Return:	0; VE_EXIST; VE_INVAL; VE_ADDRNOTAVAIL; VE_NXIO; VE_NOBUFS;
 *		VE_SRCH; VE_BUSY.
 */
int vnetsim_if_inet(struct vnetsim *w, vnetsim_handle jail, const char *name,
    uint32_t addr, uint8_t plen, bool add);

/**
 * struct vnetsim_ifinfo - what ifconfig and netstat -i show
 */
struct vnetsim_ifinfo {
	char name[VNETSIM_IFNAMSIZ];
	uint32_t index;
	uint32_t flags;      /* FreeBSD's IFF_ bits */
	const char *flagstr; /* constant: "UP,BROADCAST,RUNNING" prefix set */
	uint32_t mtu;
	uint8_t ether[6];
	bool is_ether;
	bool lent; /* its home is another vnet */
	uint32_t naddrs;
	uint32_t addr[4]; /* the first four */
	uint8_t plen[4];
	uint64_t ipackets, ierrors, idrops, opackets, oerrors, odrops;
	uint64_t ibytes, obytes;
	uint8_t linkstate; /* 0: unknown, 1: no carrier, 2: carrier */
	uint32_t fib;      /* routing table of what comes in */
	char descr[VNETSIM_IFDESCR];
	char groups[9 * VNETSIM_IFNAMSIZ]; /* "epair uplinks" */
};

/**
 * vnetsim_if_next() - walk the interfaces of a jail's vnet
 * @w:		world
 * @jail:	whose
 * @n:		0, 1, 2, ... in order of arrival
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more; VE_SRCH.
 */
int vnetsim_if_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_ifinfo *info);

/**
 * vnetsim_if_get() - an interface by its name
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @info:	out
 *
 * Return:	0; VE_NXIO: no such interface; VE_SRCH.
 */
int vnetsim_if_get(struct vnetsim *w, vnetsim_handle jail, const char *name,
    struct vnetsim_ifinfo *info);

/**
 * vnetsim_route_add() - route add DEST/LEN GATEWAY
 * @w:		world
 * @jail:	whose table
 * @dst:	network, host order
 * @plen:	0..32
 * @gw:		gateway
 *
 * Return:	0; VE_EXIST; VE_INVAL; VE_NETUNREACH; VE_NOBUFS; VE_SRCH;
 *		VE_BUSY; VE_PERM: a jail without a stack of its own.
 */
int vnetsim_route_add(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    uint8_t plen, uint32_t gw);

/**
 * vnetsim_route_delete() - route delete DEST/LEN
 * @w:		world
 * @jail:	whose table
 * @dst:	network
 * @plen:	0..32
 *
 * Return:	0; VE_SRCH: not in the table, or no such jail; VE_PERM.
 */
int vnetsim_route_delete(
    struct vnetsim *w, vnetsim_handle jail, uint32_t dst, uint8_t plen);

enum vnetsim_route_verb {
	VNETSIM_ROUTE_ADD,
	VNETSIM_ROUTE_CHANGE,
	VNETSIM_ROUTE_DELETE,
};

/**
 * struct vnetsim_route - what route(8) is asked for
 * @dst:	network, host order; bits behind the prefix are 0
 * @plen:	0..32
 * @gateway:	0: directly, through @ifname
 * @ifname:	interface; NULL: where the gateway is
 * @mtu:	bytes, 0: the interface's
 * @reject:	what is sent by it is answered by an error
 * @blackhole:	what is sent by it is gone
 * @fib:	routing table, 0 .. net.fibs - 1
 */
struct vnetsim_route {
	uint32_t dst;
	uint8_t plen;
	uint32_t gateway;
	const char *ifname;
	uint32_t mtu;
	bool reject, blackhole;
	uint32_t fib;
};

/**
 * vnetsim_route_ctl() - route add|change|delete
 * @w:		world
 * @jail:	whose table
 * @verb:	what to do
 * @r:		the route.  Change: gateway, interface and MTU stay what they
 *		are where they are 0 here.  Delete: the gateway must be that of
 *		the route, if one is named
 *
 * Return:	0; VE_INVAL: bad prefix or MTU, neither gateway nor interface,
 *		reject and blackhole at once, no such table; VE_NETUNREACH: no
 *		way to the gateway but by another one; VE_EXIST (add);
 *		VE_SRCH: no such route, or it belongs to an address (change,
 *		delete), or no such jail; VE_NXIO: no such interface; VE_NOBUFS;
 *		VE_BUSY; VE_PERM.
 */
int vnetsim_route_ctl(struct vnetsim *w, vnetsim_handle jail,
    enum vnetsim_route_verb verb, const struct vnetsim_route *r);

/**
 * vnetsim_route_flush() - route flush: delete all routes by gateways
 * @w:		world
 * @jail:	whose table
 * @n:		out: how many there were
 *
 * Return:	0; VE_SRCH: no such jail; VE_BUSY; VE_PERM.
 */
int vnetsim_route_flush(struct vnetsim *w, vnetsim_handle jail, uint32_t *n);

/**
 * vnetsim_fib_flush() - the same of any table
 * @w:		world
 * @jail:	whose
 * @fib:	table, 0 .. net.fibs - 1
 * @n:		out: how many there were
 *
 * Return:	0; VE_INVAL: no such table; VE_SRCH: no such jail; VE_BUSY;
 *		VE_PERM.
 */
int vnetsim_fib_flush(
    struct vnetsim *w, vnetsim_handle jail, uint32_t fib, uint32_t *n);

/**
 * struct vnetsim_routeinfo - what netstat -r and route get show
 * @flags:	FreeBSD's letters: "UGS", "UH", "U", "UGHD", "UGRS", "UGSB"
 * @mtu:	in effect, bytes
 * @expire:	s from now; 0: never
 */
struct vnetsim_routeinfo {
	uint32_t dst, gateway;
	uint8_t plen;
	char flags[8];
	char ifname[VNETSIM_IFNAMSIZ];
	uint32_t mtu, expire;
};

/**
 * vnetsim_route_get() - route get DEST
 * @w:		world
 * @jail:	whose table
 * @dst:	host order
 * @info:	out: the route that is taken
 *
 * Return:	0; VE_SRCH: none, or no such jail.
 */
int vnetsim_route_get(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    struct vnetsim_routeinfo *info);

/**
 * vnetsim_route_next() - walk a routing table
 * @w:		world
 * @jail:	whose
 * @n:		0, 1, 2, ... ordered by address, then prefix length
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more; VE_SRCH.
 */
int vnetsim_route_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_routeinfo *info);

/**
 * vnetsim_fib_get() - setfib FIB route get DEST
 * @w:		world
 * @jail:	whose
 * @fib:	table, 0 .. net.fibs - 1
 * @dst:	host order
 * @info:	out
 *
 * Return:	as vnetsim_route_get(); VE_INVAL: no such table.
 */
int vnetsim_fib_get(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t dst, struct vnetsim_routeinfo *info);

/**
 * vnetsim_fib_next() - walk any routing table
 * @w:		world
 * @jail:	whose
 * @fib:	table, 0 .. net.fibs - 1
 * @n:		0, 1, 2, ... ordered by address, then prefix length
 * @info:	out
 *
 * Return:	as vnetsim_route_next(); VE_INVAL: no such table.
 */
int vnetsim_fib_next(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t n, struct vnetsim_routeinfo *info);

struct vnetsim_arpinfo {
	uint32_t addr;
	uint8_t ether[6];
	bool complete, permanent;
	int64_t expires; /* virtual ns from now; 0: never */
	char ifname[VNETSIM_IFNAMSIZ];
};

/**
 * vnetsim_arp_next() - walk the neighbours
 * @w:		world
 * @jail:	whose
 * @n:		0, 1, 2, ...
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more; VE_SRCH.
 */
int vnetsim_arp_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_arpinfo *info);

/**
 * vnetsim_arp_set() - arp -s, arp -d
 * @w:		world
 * @jail:	whose
 * @addr:	neighbour
 * @ether:	6 bytes, NULL: delete
 *
 * Return:	0; VE_NETUNREACH: not on a link of ours; VE_NOENT: nothing to
 *		delete; VE_NOBUFS; VE_SRCH; VE_BUSY.
 */
int vnetsim_arp_set(struct vnetsim *w, vnetsim_handle jail, uint32_t addr,
    const uint8_t *ether);

/**
 * vnetsim_sysctl_get() - sysctl NAME
 * @w:		world
 * @jail:	whose
 * @name:	FreeBSD's name
 * @value:	out, in FreeBSD's unit
 *
 * Return:	0; VE_NOENT: unknown oid; VE_SRCH.
 */
int vnetsim_sysctl_get(
    struct vnetsim *w, vnetsim_handle jail, const char *name, int64_t *value);

/**
 * vnetsim_sysctl_set() - sysctl NAME=VALUE
 * @w:		world
 * @jail:	whose
 * @name:	FreeBSD's name
 * @value:	in FreeBSD's unit
 *
 * Return:	0; VE_NOENT; VE_PERM: read-only; VE_INVAL: out of range;
 *		VE_BUSY: dying; VE_SRCH.
 */
int vnetsim_sysctl_set(
    struct vnetsim *w, vnetsim_handle jail, const char *name, int64_t value);

/**
 * vnetsim_sysctl_next() - walk the names
 * @w:		world
 * @n:		0, 1, 2, ... in order of name
 * @name:	out, constant
 * @descr:	out, constant
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_sysctl_next(
    struct vnetsim *w, uint32_t n, const char **name, const char **descr);

/**
 * vnetsim_ping() - ping -c 1
 * @w:		world
 * @jail:	who asks
 * @dst:	host order
 * @size:	payload bytes, 0..1472
 * @timeout:	virtual ns
 * @op:		out; its value is the round-trip time in ns, its error
 *		VE_TIMEDOUT without an answer, VE_HOSTUNREACH, ...
 *
 * Return:	0; VE_NOMEM; VE_INVAL; VE_SRCH; VE_BUSY.
 */
int vnetsim_ping(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    uint32_t size, int64_t timeout, vnetsim_handle *op);

/**
 * vnetsim_fib_ping() - setfib FIB ping -c 1
 * @w:		world
 * @jail:	who asks
 * @fib:	routing table, 0 .. net.fibs - 1
 * @dst:	host order
 * @size:	payload bytes, 0..1472
 * @timeout:	virtual ns
 * @op:		out
 *
 * Return:	as vnetsim_ping(); VE_INVAL: no such table, too.
 */
int vnetsim_fib_ping(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t dst, uint32_t size, int64_t timeout, vnetsim_handle *op);

#endif /* !VNETSIM_NET_H */
