/*
 * in_var.h - IPv4 addresses of interfaces, and the state of IPv4.
 *
 * An address is a ledger object on two lists: of its interface and of its
 * vnet.  Next hops hold typed references to it, so one that is deleted stays
 * as a ghost (ia_dead) until the last next hop is gone.
 */
#ifndef SRC_NET_IP_IN_VAR_H
#define SRC_NET_IP_IN_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/ip/route.h"

struct in_ifaddr {
	uint32_t ia_addr;               /* host order */
	uint8_t ia_plen;                /* 0..32 */
	bool ia_route;                  /* its prefix route is in the table */
	bool ia_dead;                   /* deleted, held by next hops */
	struct ifnet *ia_ifp;           /* (b) NULL once deleted */
	TAILQ_ENTRY(in_ifaddr) ia_link; /* of the interface */
	TAILQ_ENTRY(in_ifaddr) ia_all;  /* of the vnet, order of birth */
	LIST_ENTRY(in_ifaddr) ia_hash;
};

/* An interface's IPv4 part (if_afdata). */
struct in_ifinfo {
	TAILQ_HEAD(, in_ifaddr) ii_addrs;
};

struct ipstat {
	uint32_t ips_total, ips_delivered, ips_localout, ips_noroute;
	uint32_t ips_badsum, ips_cantforward, ips_fragments, ips_noproto;
};

/* INADDR_HASH: addresses of a vnet by value. */
#define INADDR_NHASH 4
struct in_ifaddrhash {
	LIST_HEAD(, in_ifaddr) ih_head[INADDR_NHASH];
};

struct vnet_ip {
	struct in_ifaddrhash *hash;    /* (o) until uninit */
	TAILQ_HEAD(, in_ifaddr) addrs; /* (o) all of this vnet */
	uint32_t naddrs;
	uint32_t id;         /* of the next packet that needs one */
	int32_t ttl;         /* net.inet.ip.ttl */
	int32_t sourceroute; /* accept_sourceroute: refused if 0 */
	struct ipstat stat;
};
VNET_STATE(ip, struct vnet_ip);
#define V_ip VNET(ip)

extern const struct uma_zone in_ifaddr_zone, in_ifinfo_zone, in_ifaddrhash_zone;

/* uz_local of the zones of module ip. */
enum { IP_Z_IFADDR, IP_Z_IFINFO, IP_Z_HASH };

/**
 * ifa_hold() - a next hop takes hold of an address
 * @slot:	empty
 * @ia:		address
 */
void ifa_hold(struct ref *slot, struct in_ifaddr *ia);

/**
 * ifa_free() - let go; a deleted address goes with its last holder
 * @slot:	full, or empty
 */
void ifa_free(struct ref *slot);

/* Delete every address of an interface / of curvnet. */
void in_ifpurge(struct ifnet *ifp);
void in_ifscrub_all(void);

/* The first address of an interface, NULL: none. */
struct in_ifaddr *in_ifaddr_first(const struct ifnet *ifp);

/* The address of @ifp in whose prefix @dst is, else its first; or NULL. */
struct in_ifaddr *in_ifaddr_for(const struct ifnet *ifp, uint32_t dst);

/* Register with interfaces and transports: in.c, ip_init(). */
extern const struct if_afops in_afops;
extern const struct inet_afops ip_inet_afops;

/* netisr handlers. */
void ip_input(struct mbuf *m __takes);
void arpintr(struct mbuf *m __takes);
/* IPPROTO_ICMP's input; takes @m at its IP header. */
void icmp_input(struct mbuf *m __takes, uint32_t hlen);

/**
 * arp_ifinit() - announce an address: gratuitous ARP
 * @ifp:	Ethernet interface, else nothing happens
 * @addr:	host order
 */
void arp_ifinit(struct ifnet *ifp, uint32_t addr);

/* Give an arrived Ethernet interface its neighbour table, and take it. */
int arp_ifattach(struct ifnet *ifp);
void arp_ifdetach(struct ifnet *ifp);

/**
 * arp_set() - arp -s, arp -d
 * @addr:	host order
 * @lladdr:	6 bytes; NULL: delete
 *
 * Return:	0; VE_NETUNREACH: on no link of ours; VE_NOENT; VE_NOBUFS.
 */
int arp_set(uint32_t addr, const uint8_t *lladdr);

/* Routes of an address; route.c. */
#define RTF_LOCAL 0x200000 /* to one of our own addresses */

/**
 * rib_addifa() - a route that belongs to an address
 * @dst:	network
 * @plen:	0..32
 * @ifp:	through this interface
 * @ia:		source address; held by the next hop
 * @flags:	RTF_PINNED | RTF_HOST | RTF_LOCAL
 *
 * Return:	0; VE_EXIST; VE_NOBUFS.
 */
int rib_addifa(uint32_t dst, uint8_t plen, struct ifnet *ifp,
    struct in_ifaddr *ia, uint32_t flags);

/**
 * rib_delifa() - delete such a route
 * @dst:	network
 * @plen:	0..32
 * @ia:		only if it belongs to this address
 *
 * Return:	0; VE_SRCH.
 */
int rib_delifa(uint32_t dst, uint8_t plen, const struct in_ifaddr *ia);

/**
 * rib_undoifa() - take back a route that was added in this event
 * @dst:	network
 * @plen:	0..32
 *
 * Nobody can have seen it, so it goes at once.
 */
void rib_undoifa(uint32_t dst, uint8_t plen);

/**
 * rib_exact() - the route with exactly this key
 * @dst:	network
 * @plen:	0..32
 *
 * Return:	its next hop, borrowed; NULL: none.
 */
const struct nhop_object *rib_exact(uint32_t dst, uint8_t plen);

#endif /* !SRC_NET_IP_IN_VAR_H */
