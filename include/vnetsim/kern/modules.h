/*
 * modules.h - the names of the built-in modules; their ids are this enum.
 *
 * Only names stand here, so that core and every module may know the ids
 * without knowing each other.  src/net/net_modules.c pairs each id with its
 * descriptor and a test compares the two.  A module loaded at run time gets
 * an id of its world between VNET_MOD_BUILTIN, which means "none", and
 * VNET_MOD_MAX (kmod.h).
 *
 * The order of this list is the order of the stack, bottom first: the let-go
 * pass of top-down runs it backwards (vm_level).  Inits go by slot.
 */
#ifndef VNETSIM_KERN_MODULES_H
#define VNETSIM_KERN_MODULES_H

#include <stdint.h>

#define VNET_MODULE_LIST(X)                                                    \
	X(core)    /* memory, callouts, mbufs, jails: owns types, no state */  \
	X(if)      /* interface lists, index table, if_vmove, both exits */    \
	X(lo)      /* loopback */                                              \
	X(epair)   /* paired virtual Ethernet */                               \
	X(tuntap)  /* tap and tun */                                           \
	X(lagg)    /* link aggregation */                                      \
	X(vlan)    /* 802.1Q and 802.1ad */                                    \
	X(bridge)  /* learning bridge */                                       \
	X(ether)   /* Ethernet input and output */                             \
	X(lltable) /* link-layer tables */                                     \
	X(pfil)    /* packet filter hooks; no verbs, as core */                \
	X(arp)     /* address resolution */                                    \
	X(route)   /* routing tables */                                        \
	X(ip)      /* IPv4 */                                                  \
	X(icmp)    /* ICMP */                                                  \
	X(igmp)    /* groups: membership, IGMP */                              \
	X(gif)     /* IPv4 in IPv4 */                                          \
	X(gre)     /* IPv4 in GRE */                                           \
	X(pf)      /* packet filter: rules and states */                       \
	X(rtsock)  /* routing socket */                                        \
	X(inpcb)   /* what UDP and TCP share */                                \
	X(rip)     /* raw sockets */                                           \
	X(udp)     /* UDP */                                                   \
	X(tcpstat) /* TCP's counters: FreeBSD 13 ends them apart from TCP */   \
	X(hostcache) /* what TCP remembers of hosts */                         \
	X(tcp)       /* TCP */                                                 \
	X(socket)    /* sockets */

enum vnet_modid {
#define X(n) VNET_MOD_##n,
	VNET_MODULE_LIST(X)
#undef X
	    VNET_MOD_BUILTIN,
	VNET_MOD_MAX = 64, /* a set of modules is 64 bits */
	/* in a descriptor: not built in; the world gives an id at load */
	VNET_MOD_LOADED = 0xff,
};

#define VNET_MODBIT(mod) ((uint64_t)1 << (mod))

#endif /* !VNETSIM_KERN_MODULES_H */
