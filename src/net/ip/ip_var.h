/*
 * ip_var.h - IPv4 as the transports and the layers beside it see it.
 *
 * ip_output() prepends the header and sends; ip_input() is reached through
 * netisr.  Addresses are uint32_t in host order everywhere but in the bytes of
 * a packet.
 */
#ifndef SRC_NET_IP_IP_VAR_H
#define SRC_NET_IP_IP_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/mbuf.h>

struct inpcb;
struct ipoption;
struct ip_repr;

#define IP_HDRLEN    20
#define IPDEFTTL     64
#define IP_MAXPACKET 65535

/* Outgoing, beside the packet. */
struct ip_outargs {
	uint32_t ia_src; /* 0: chosen by the route */
	uint32_t ia_dst;
	uint8_t ia_proto;
	uint8_t ia_ttl; /* 0: net.inet.ip.ttl */
	uint8_t ia_tos;
	bool ia_df;    /* do not fragment */
	bool ia_bcast; /* broadcast is allowed */
	bool ia_hdr;   /* the packet has its header (IP_HDRINCL, forwarding) */
	bool ia_raw;   /* ia_hdr: a program's, addresses are to be mended */
	bool ia_forward;                /* somebody else's packet */
	bool ia_onesbcast;              /* IP_ONESBCAST */
	const struct ipoption *ia_opts; /* to be put in, or NULL */
	struct inpcb *ia_inp;           /* whose packet it is, or NULL */
};

/* How to get there. */
struct ip_way {
	struct ifnet *ifp;
	const struct nhop_object *nh; /* NULL: no route was needed */
	uint32_t src;
	uint32_t nexthop;
	uint32_t mtu;
	bool isgw;
	bool isbcast; /* a broadcast address of @ifp */
	bool isblackhole;
};

/**
 * ip_way_find() - the way to a destination
 * @fib:	routing table
 * @dst:	host order
 * @way:	out; good until the end of the event
 *
 * Return:	0; VE_HOSTUNREACH: no route, or one that rejects.
 */
int ip_way_find(uint32_t fib, uint32_t dst, struct ip_way *way);

/**
 * ip_output() - prepend an IPv4 header, route, hand to the interface
 * @m:		takes it; starts at the L4 header (at its IP header: ia_hdr);
 *		pkthdr.csum_flags say which sums are still to be made,
 *		pkthdr.fib by which table it goes, unless it is a socket's
 * @ia:		addresses and header fields
 *
 * What is longer than the MTU goes in fragments, but for broadcasts.
 * Return:	0; VE_HOSTUNREACH: no route; VE_MSGSIZE: longer than the MTU
 *		and must not be fragmented, or longer than any packet;
 *		VE_NETDOWN: interface down or departing; VE_ACCES: broadcast
 *		not allowed, or a packet filter dropped it; VE_NETUNREACH: not
 *		a broadcast address, but ia_onesbcast; VE_ADDRNOTAVAIL:
 *		broadcast by an interface that has none; VE_HOSTDOWN (from
 *		ARP); VE_NOBUFS.  In each case @m is gone (counted drop).  0
 *		also if a filter kept it, or a blackhole route took it, or
 *		there was no memory for it behind a filter that saw it.
 * On a dying vnet: sends as long as its interfaces stand; VE_NETDOWN after.
 */
int ip_output(struct mbuf *m __takes, const struct ip_outargs *ia);

/**
 * ip_newid() - identification of the next packet
 * @df:	it must not be fragmented: 0, with net.inet.ip.rfc6864
 *
 * Return:	host order.
 */
uint16_t ip_newid(bool df);

/**
 * ip_raw_input() - raw sockets hear of a packet for us
 * @m:		whole, at its checked header
 * @ip:		what that says
 *
 * Takes:	@m, unless false is returned.
 * Return:	false: none wants it.
 */
bool ip_raw_input(struct mbuf *m, const struct ip_repr *ip);

/* af_raw_output of inet_afops (in_af.h).  Return: as ip_output(); VE_INVAL:
 * a header of the program's that makes no sense. */
int ip_raw_output(
    struct mbuf *m __takes, uint32_t dst, struct inpcb *inp, bool bcast);

/* The same by a way that is known already.  Return: as ip_output(). */
int ip_output_way(struct mbuf *m __takes, const struct ip_outargs *ia,
    const struct ip_way *how);

/**
 * ip_mtu() - MTU of the way to a destination
 * @fib:	routing table
 * @dst:	host order
 *
 * Return:	bytes; 0: no route.
 */
uint32_t ip_mtu(uint32_t fib, uint32_t dst);

/**
 * in_localip() - is it an address of curvnet?
 * @addr:	host order
 *
 * Return:	true if so.
 */
bool in_localip(uint32_t addr);

/**
 * in_broadcast() - a broadcast address of curvnet (or 255.255.255.255)?
 * @addr:	host order
 *
 * Return:	true if so.
 */
bool in_broadcast(uint32_t addr);

/**
 * icmp_error() - answer a packet with an ICMP error, if it deserves one
 * @m:		takes it; starts at its IP header
 * @type:	ICMP type
 * @code:	ICMP code
 * @mtu:	next-hop MTU for "fragmentation needed", else 0
 *
 * Never about errors, fragments but the first, broadcast, or an impossible
 * source (RFC 1122 3.2.2); limited by net.inet.icmp.icmplim.
 */
void icmp_error(
    struct mbuf *m __takes, uint8_t type, uint8_t code, uint16_t mtu);

/* The others; all obey the same rules.  @gw: the better gateway. */
void icmp_redirect(struct mbuf *m __takes, uint32_t gw);
/* @ptr: which byte of the header is wrong */
void icmp_paramprob(struct mbuf *m __takes, uint8_t ptr);

/**
 * badport_bandlim() - may another RST, port unreachable, ... be sent now?
 * @which:	BANDLIM_
 *
 * FreeBSD: at most net.inet.icmp.icmplim a second of each kind.
 * Return:	true: go ahead (counted); false: suppressed.
 */
bool badport_bandlim(int which);
enum {
	BANDLIM_UNREACH,
	BANDLIM_ECHO,
	BANDLIM_RST_CLOSEDPORT,
	BANDLIM_RST_OPENPORT,
	BANDLIM_CHALLENGE,
	BANDLIM_TIMXCEED,
	BANDLIM_REDIRECT,
	BANDLIM_PARAMPROB,
	BANDLIM_TSTAMP,
	BANDLIM_N
};

/* ICMP codes */
enum {
	ICMP_ECHOREPLY = 0,
	ICMP_UNREACH = 3,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_ROUTERADVERT = 9,
	ICMP_ROUTERSOLICIT = 10,
	ICMP_TIMXCEED = 11,
	ICMP_PARAMPROB = 12,
	ICMP_TSTAMP = 13,
	ICMP_TSTAMPREPLY = 14,
	ICMP_MASKREQ = 17,
	ICMP_MASKREPLY = 18,
	ICMP_UNREACH_NET = 0,
	ICMP_UNREACH_HOST = 1,
	ICMP_UNREACH_PROTOCOL = 2,
	ICMP_UNREACH_PORT = 3,
	ICMP_UNREACH_NEEDFRAG = 4,
	ICMP_UNREACH_SRCFAIL = 5,
	ICMP_UNREACH_NET_PROHIB = 9,
	ICMP_UNREACH_HOST_PROHIB = 10,
	ICMP_UNREACH_FILTER_PROHIB = 13,
	ICMP_REDIRECT_HOST = 1,
	ICMP_TIMXCEED_INTRANS = 0,
	ICMP_TIMXCEED_REASS = 1,
};

/* Addresses: in.c. */

/**
 * in_aifaddr_ioctl() - `ifconfig IF inet ADDR/LEN [alias]`
 * @ifp:	of curvnet
 * @addr:	host order
 * @plen:	0..32
 *
 * Adds the address, its local route via lo0 and the prefix route; sends a
 * gratuitous ARP.  Return: 0; VE_EXIST; VE_INVAL: 0.0.0.0, multicast, bad
 * length; VE_NXIO: it is leaving; VE_NOBUFS.
 */
int in_aifaddr_ioctl(struct ifnet *ifp, uint32_t addr, uint8_t plen);

/* `-alias`.  Return: 0; VE_ADDRNOTAVAIL. */
int in_difaddr_ioctl(struct ifnet *ifp, uint32_t addr);

/* Walk the addresses of an interface: @n-th; Return: false: no more. */
bool in_ifaddr_get(
    const struct ifnet *ifp, uint32_t n, uint32_t *addr, uint8_t *plen);

/* ping: one echo request; the reply is reported to the socketless op.
 * Return: 0 or as ip_output(). */
extern const struct op_desc ping_op;

VNET_MODULE_DECLARE(ip);
VNET_MODULE_DECLARE(icmp);
VNET_MODULE_DECLARE(arp);
VNET_MODULE_DECLARE(route);
VNET_MODULE_DECLARE(gif);
VNET_MODULE_DECLARE(gre);

#endif /* !SRC_NET_IP_IP_VAR_H */
