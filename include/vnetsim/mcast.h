/*
 * mcast.h - multicast: groups that sockets join, and what IGMP makes of them.
 *
 * Which interface a call means is said by its name, or by one of its
 * addresses, or not at all: then joining takes that of the route to the group,
 * else the first one with an address that is no loopback; leaving, the first
 * one where the socket is a member.
 *
 * A membership ends with its socket, with its interface (destroyed, or moved to
 * another vnet), or with the vnet.  Options IP_MULTICAST_IF, IP_MULTICAST_TTL
 * and IP_MULTICAST_LOOP: vnetsim_setsockopt().  There is no multicast routing.
 */
#ifndef VNETSIM_MCAST_H
#define VNETSIM_MCAST_H

#include <vnetsim/vnetsim.h>

/* Limits of one socket and of one group; the latter two are sysctls,
 * net.inet.ip.mcast.maxsocksrc and maxgrpsrc. */
#define VNETSIM_MCAST_MAXGROUPS  4095
#define VNETSIM_MCAST_MAXSOCKSRC 128
#define VNETSIM_MCAST_MAXGRPSRC  512

enum vnetsim_mcast {
	VNETSIM_IP_ADD_MEMBERSHIP,
	VNETSIM_IP_DROP_MEMBERSHIP,
	VNETSIM_IP_ADD_SOURCE_MEMBERSHIP,
	VNETSIM_IP_DROP_SOURCE_MEMBERSHIP,
	VNETSIM_IP_BLOCK_SOURCE,
	VNETSIM_IP_UNBLOCK_SOURCE,
};

enum vnetsim_mcast_mode {
	VNETSIM_MCAST_NONE, /* left; the routers are being told */
	VNETSIM_MCAST_INCLUDE,
	VNETSIM_MCAST_EXCLUDE,
};

struct vnetsim_mreq {
	uint32_t group;     /* host order */
	uint32_t source;    /* calls with a source */
	uint32_t ifaddr;    /* an address of the interface, or 0 */
	const char *ifname; /* or its name, or NULL */
};

/**
 * vnetsim_mcast() - join or leave a group; add, drop, block or unblock a source
 * @w:		world
 * @proc:	process
 * @fd:		descriptor of a datagram or raw socket
 * @what:	enum vnetsim_mcast
 * @mr:		group, source, interface
 *
 * Return:	0; VE_INVAL: no group, a source that is one, or a source where
 *		the other mode is; VE_ADDRNOTAVAIL: no such interface, or one
 *		without multicast; no member; a source that is there already,
 *		or not; VE_ADDRINUSE: member already; VE_NOMEM: member of
 *		VNETSIM_MCAST_MAXGROUPS; VE_NOBUFS: no memory, or too many
 *		sources of this socket; VE_NOSPC: too many of the group;
 *		VE_OPNOTSUPP: TCP; VE_NOPROTOOPT; VE_SRCH; VE_BADF;
 *		VE_NETDOWN; VE_BUSY.
 */
int vnetsim_mcast(struct vnetsim *w, vnetsim_handle proc, int fd, int what,
    const struct vnetsim_mreq *mr);

/**
 * vnetsim_setsourcefilter() - IP_MSFILTER: mode and all sources at once
 * @w:		world
 * @proc:	process
 * @fd:		descriptor, member of the group
 * @mr:		group and interface
 * @mode:	enum vnetsim_mcast_mode
 * @n:		how many sources
 * @src:	sources, host order
 *
 * Return:	as vnetsim_mcast().
 */
int vnetsim_setsourcefilter(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_mreq *mr, int mode, uint32_t n, const uint32_t *src);

/**
 * vnetsim_getsourcefilter() - the same, to read
 * @w:		world
 * @proc:	process
 * @fd:		descriptor, member of the group
 * @mr:		group and interface
 * @mode:	out
 * @n:		in: room in @src; out: how many sources there are
 * @src:	out, ascending
 *
 * Return:	as vnetsim_mcast().
 */
int vnetsim_getsourcefilter(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_mreq *mr, int *mode, uint32_t *n, uint32_t *src);

/**
 * struct vnetsim_mcast_group - a group at an interface
 * @group:	host order
 * @mode:	enum vnetsim_mcast_mode, of all members together
 * @nsrc:	sources that it includes or excludes
 * @nmembers:	sockets
 */
struct vnetsim_mcast_group {
	uint32_t group;
	int mode;
	uint32_t nsrc;
	uint32_t nmembers;
};

/**
 * vnetsim_mcast_next() - walk the groups of an interface
 * @w:		world
 * @jail:	where it is
 * @ifname:	interface
 * @n:		0, 1, 2, ... as they were joined
 * @g:		out
 * @src:	out: its sources, ascending; may be NULL
 * @max:	room in @src
 *
 * 224.0.0.1, which every interface hears, is listed only if a socket joined it.
 * Return:	0; VE_NOENT: no more; VE_NXIO: no such interface; VE_SRCH.
 */
int vnetsim_mcast_next(struct vnetsim *w, vnetsim_handle jail,
    const char *ifname, uint32_t n, struct vnetsim_mcast_group *g,
    uint32_t *src, uint32_t max);

/**
 * struct vnetsim_igmp - IGMP at an interface
 * @version:	1 to 3, compatible with the querier
 * @rv:		robustness variable
 * @qi:		query interval, s
 * @qri:	query response interval, s
 * @uri:	unsolicited report interval, s
 */
struct vnetsim_igmp {
	uint32_t version, rv, qi, qri, uri;
};

/**
 * vnetsim_igmp() - look at it
 * @w:		world
 * @jail:	where the interface is
 * @ifname:	interface
 * @igmp:	out
 *
 * Return:	0; VE_NOENT: no group was joined and no query heard there yet;
 *		VE_NXIO: no such interface; VE_SRCH.
 */
int vnetsim_igmp(struct vnetsim *w, vnetsim_handle jail, const char *ifname,
    struct vnetsim_igmp *igmp);

#endif /* !VNETSIM_MCAST_H */
