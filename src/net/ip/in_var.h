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

struct ip_outargs;
struct ip_repr;
struct ip_way;

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

/* FreeBSD's names.  Fragments that are dropped count by the piece. */
struct ipstat {
	uint32_t ips_total, ips_delivered, ips_localout, ips_noroute;
	uint32_t ips_badsum, ips_tooshort, ips_badhlen, ips_badlen;
	uint32_t ips_badvers, ips_badaddr, ips_badoptions, ips_noproto;
	uint32_t ips_forward, ips_cantforward, ips_redirectsent;
	uint32_t ips_fragments, ips_fragdropped, ips_fragtimeout;
	uint32_t ips_toosmall, ips_toolong, ips_reassembled;
	uint32_t ips_fragmented, ips_ofragments, ips_cantfrag;
	uint32_t ips_notmember, ips_rawout;
};

struct in_ifaddrhash; /* in_ifaddrhash.c */
struct ipreass;       /* ip_reass.c */
struct encaptab;

struct vnet_ip {
	struct in_ifaddrhash *hash;    /* (o) until uninit */
	TAILQ_HEAD(, in_ifaddr) addrs; /* (o) all of this vnet */
	struct ipreass *reass;         /* (o) NULL until a fragment comes */
	LIST_HEAD(, encaptab) encap;   /* (o) tunnels: ip_encap.c */
	uint32_t naddrs;
	/* last bytes of broadcast addresses that there are, or were: who is
	 * asked for every packet looks through a thousand only then */
	uint64_t bcastmap[4];
	uint32_t id;            /* of the next packet that needs one */
	int32_t ttl;            /* net.inet.ip.ttl */
	int32_t maxfrags;       /* fragments that wait; -1: any number */
	int32_t maxfragpackets; /* packets they belong to; -1: any number */
	int32_t maxfragsperpacket;
	int32_t maxfragbucketsize; /* packets of one bucket; 0: any number */
	int32_t fragttl;           /* s */
	int32_t doopts;            /* process_options: 0, 1, 2: refuse */
	bool forwarding;
	bool sendredirects;
	bool sourceroute;       /* follow source routes */
	bool acceptsourceroute; /* and be the end of one */
	bool sav;               /* source_address_validation */
	bool strong_es;         /* rfc1122_strong_es */
	bool randomid;
	bool rfc6864;
	bool allow_net0;
	bool allow_net240;
	struct ipstat stat;
};
VNET_STATE(ip, struct vnet_ip);
#define V_ip             VNET(ip)
#define IPSTAT_INC(f)    ((void)V_ip.stat.ips_##f++)
#define IPSTAT_ADD(f, n) ((void)(V_ip.stat.ips_##f += (uint32_t)(n)))

/* in_ifaddrhash.c: with the vnet; before V_ip.naddrs counts @ia. */
bool in_ifaddrhash_init(void);
void in_ifaddrhash_uninit(void);
void in_ifaddrhash_add(struct in_ifaddr *ia);

extern const struct uma_zone in_ifaddr_zone, in_ifinfo_zone, in_ifaddrhash_zone;

/* uz_local of the zones of module ip. */
enum { IP_Z_IFADDR, IP_Z_IFINFO, IP_Z_HASH, IP_Z_REASS, IP_Z_IPQ, IP_Z_ENCAP };
extern const struct uma_zone ipreass_zone, ipq_zone, encaptab_zone;

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

/**
 * in_ifbroadcast() - is it a broadcast address of this interface?
 * @ifp:	interface
 * @addr:	host order
 *
 * Return:	true if so; 255.255.255.255 is one of every interface.
 */
bool in_ifbroadcast(const struct ifnet *ifp, uint32_t addr);

/**
 * in_localaddr_of() - is it an address of this interface?
 * @ifp:	interface
 * @addr:	host order
 *
 * Return:	true if so.
 */
bool in_localaddr_of(const struct ifnet *ifp, uint32_t addr);

/**
 * ifa_ifwithnet() - the address in whose prefix another one is
 * @addr:	host order
 *
 * Return:	that with the longest prefix, NULL: it is on no link of ours.
 */
struct in_ifaddr *ifa_ifwithnet(uint32_t addr);

/* Register with interfaces and transports: in.c, ip_init(). */
extern const struct if_afops in_afops;
extern const struct inet_afops ip_inet_afops;

/* netisr handlers. */
void ip_input(struct mbuf *m __takes);
void arpintr(struct mbuf *m __takes);
/**
 * ip_forward() - a packet for somebody else
 * @m:		takes it at its checked header
 * @ip:		what the header says
 * @srcrt:	it came by a source route, which we have followed
 *
 * Passed on, or dropped; the sender is told of errors as RFC 1812 section 4.3
 * and FreeBSD's ip_forward() have it.
 */
void ip_forward(struct mbuf *m __takes, const struct ip_repr *ip, bool srcrt);

/**
 * ip_makeheader() - a header in front of a packet, or mend the one it has
 * @mp:		packet; NULL afterwards if an errno is returned
 * @ia:		what to write; ia_hdr: only addresses and options
 * @way:	its source stands in if @ia names none
 *
 * Return:	0; VE_MSGSIZE: longer than any packet; VE_NOBUFS.
 */
int ip_makeheader(
    struct mbuf **mp, const struct ip_outargs *ia, const struct ip_way *way);

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
 * @fib:	table, < rt_numfibs()
 * @dst:	network
 * @plen:	0..32
 * @ifp:	through this interface
 * @ia:		source address; held by the next hop
 * @flags:	RTF_PINNED | RTF_HOST | RTF_LOCAL
 *
 * Return:	0; VE_EXIST; VE_NOBUFS.
 */
int rib_addifa(uint32_t fib, uint32_t dst, uint8_t plen, struct ifnet *ifp,
    struct in_ifaddr *ia, uint32_t flags);

/**
 * rib_delifa() - delete such a route from every table
 * @dst:	network
 * @plen:	0..32
 * @ia:		only where it belongs to this address
 *
 * Return:	from how many.
 */
uint32_t rib_delifa(uint32_t dst, uint8_t plen, const struct in_ifaddr *ia);

/**
 * rib_undoifa() - take back routes that were added in this event
 * @dst:	network
 * @plen:	0..32
 * @ia:		only where it belongs to this address
 *
 * Nobody can have seen them, so they go at once.
 */
void rib_undoifa(uint32_t dst, uint8_t plen, const struct in_ifaddr *ia);

/**
 * in_fib_first() - tables that get the routes of an address
 * @ifp:	its interface
 * @last:	out: the last of them
 *
 * FreeBSD: net.add_addr_allfibs says whether all, else the interface's.
 * Return:	the first.
 */
uint32_t in_fib_first(const struct ifnet *ifp, uint32_t *last);

#endif /* !SRC_NET_IP_IN_VAR_H */
