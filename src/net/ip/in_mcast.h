/*
 * in_mcast.h - multicast as sockets, IP and the public interface see it.
 */
#ifndef SRC_NET_IP_IN_MCAST_H
#define SRC_NET_IP_IN_MCAST_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/mbuf.h>

struct ifnet;
struct inpcb;
struct ip_outargs;
struct ip_repr;
struct ip_way;

#define IP_MAX_MEMBERSHIPS        4095 /* of a socket */
#define IP_DEFAULT_MULTICAST_TTL  1
#define IP_DEFAULT_MULTICAST_LOOP 1
#define IN_MCAST_MAXGRPSRC        512 /* net.inet.ip.mcast.maxgrpsrc */
#define IN_MCAST_MAXSOCKSRC       128 /* net.inet.ip.mcast.maxsocksrc */

enum { MCAST_UNDEFINED, MCAST_INCLUDE, MCAST_EXCLUDE };

/* Options at level IPPROTO_IP; FreeBSD's numbers. */
enum {
	IP_MULTICAST_IF = 9,
	IP_MULTICAST_TTL = 10,
	IP_MULTICAST_LOOP = 11,
	IP_ADD_MEMBERSHIP = 12,
	IP_DROP_MEMBERSHIP = 13,
	IP_ADD_SOURCE_MEMBERSHIP = 70,
	IP_DROP_SOURCE_MEMBERSHIP = 71,
	IP_BLOCK_SOURCE = 72,
	IP_UNBLOCK_SOURCE = 73,
	IP_MSFILTER = 74,
};

/* struct ip_mreqn and ip_mreq_source in one; host order. */
struct in_mreq {
	uint32_t mr_group;
	uint32_t mr_source;  /* those with a source */
	uint32_t mr_ifaddr;  /* an address of the interface; 0: any */
	uint32_t mr_ifindex; /* or its number; 0: by address */
};

/**
 * inp_setmoptions() - join, leave, add, drop, block or unblock a source
 * @inp:	of a datagram or raw socket, in curvnet
 * @name:	IP_ADD_MEMBERSHIP ... IP_UNBLOCK_SOURCE
 * @mr:		which group, where
 *
 * Return:	0; VE_INVAL: no group, a source that is one, or not in this
 *		mode; VE_ADDRNOTAVAIL: no such interface or one without
 *		multicast, no member, source there already or not there;
 *		VE_ADDRINUSE: member already; VE_NOMEM: IP_MAX_MEMBERSHIPS, as
 *		in FreeBSD 14; VE_NOBUFS: no memory, or more than maxsocksrc
 *		sources; VE_NOSPC: more than maxgrpsrc for the whole group;
 *		VE_OPNOTSUPP: a stream; VE_NOPROTOOPT; VE_NETDOWN: multicast
 *		has ended here.
 */
int inp_setmoptions(struct inpcb *inp, int name, const struct in_mreq *mr);

/**
 * inp_mopt() - IP_MULTICAST_IF (an address), _TTL, _LOOP
 * @inp:	of a datagram or raw socket, in curvnet
 * @set:	or get
 * @name:	option
 * @value:	in or out
 *
 * Return:	0; VE_INVAL: out of range; VE_ADDRNOTAVAIL: not ours;
 *		VE_OPNOTSUPP: a stream, or an interface without multicast;
 *		VE_NOBUFS; VE_NOPROTOOPT.
 */
int inp_mopt(struct inpcb *inp, bool set, int name, int64_t *value);

/**
 * inp_set_source_filters() - IP_MSFILTER: all sources at once
 * @inp:	member of the group
 * @mr:		group and interface (by number or address, not any)
 * @mode:	MCAST_
 * @n:		how many
 * @src:	sources
 *
 * Return:	as inp_setmoptions(); VE_NOBUFS: more than maxsocksrc.
 */
int inp_set_source_filters(struct inpcb *inp, const struct in_mreq *mr,
    uint32_t mode, uint32_t n, const uint32_t *src);

/* The same, to read.  @n: in: room, out: how many there are.  Return: 0;
 * VE_ADDRNOTAVAIL; VE_INVAL; VE_OPNOTSUPP. */
int inp_get_source_filters(struct inpcb *inp, const struct in_mreq *mr,
    uint32_t *mode, uint32_t *n, uint32_t *src);

/* Is anybody here a member of a group at this interface?  Of 224.0.0.1
 * everybody is. */
bool in_mcast_member(const struct ifnet *ifp, uint32_t group);

/**
 * ip_mcast_output() - ip_output() to a group
 * @m:	takes it
 * @ia:	destination is a group
 *
 * By the interface of IP_MULTICAST_IF, else by the route; with the socket's
 * TTL.  If we are a member there and the socket does not say no, a copy comes
 * back.  Return: as ip_output(); VE_NETUNREACH: no multicast there.
 */
int ip_mcast_output(struct mbuf *m __takes, const struct ip_outargs *ia);

/* IGMP from IP; takes @m at its IP header. */
void igmp_input(struct mbuf *m __takes, uint32_t hlen);

/* A group of an interface, for listings. */
struct in_mcast_info {
	uint32_t mi_group;
	uint32_t mi_mode; /* MCAST_; UNDEFINED: on its way out */
	uint32_t mi_nsrc, mi_nmembers;
};
/* @n-th group of @ifp; 224.0.0.1 is none of them unless somebody joined it.
 * @src: room for @max sources, or NULL.  Return: false: no more. */
bool in_mcast_nth(const struct ifnet *ifp, uint32_t n, struct in_mcast_info *mi,
    uint32_t *src, uint32_t max);

struct igmp_info {
	uint32_t version, rv, qi, qri, uri;
};
/* Of an interface.  Return: false: IGMP knows it not. */
bool igmp_ifinfo(const struct ifnet *ifp, struct igmp_info *ii);

#endif /* !SRC_NET_IP_IN_MCAST_H */
