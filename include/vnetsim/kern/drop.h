/*
 * drop.h - why a packet was dropped.  Every drop has exactly one reason.
 *
 * The text of a reason is "proto.why"; counters are per vnet, allocated as
 * cold statistics at the first drop, readable as sysctl net.drop.proto.why
 * and claimable in scenarios.
 */
#ifndef VNETSIM_KERN_DROP_H
#define VNETSIM_KERN_DROP_H

#define DROP_LIST(X)                                                           \
	X(NONE, "none")                                                        \
	/* anywhere */                                                         \
	X(NOMEM, "any.nomem")        /* no mbuf for it or its reply */         \
	X(VNET_GONE, "any.vnetgone") /* its vnet is dying or dead */           \
	X(DOOR_SHUT, "any.doorshut") /* quiesced: no new work */               \
	X(QUEUE_FLUSH, "any.flush")  /* queue emptied by its owner's end */    \
	/* netisr */                                                           \
	X(NETISR_OFF, "netisr.off")                                            \
	X(NETISR_FULL, "netisr.full")                                          \
	X(NO_RCVIF, "netisr.norcvif")                                          \
	/* interfaces and links */                                             \
	X(IF_DOWN, "if.down")                                                  \
	X(IF_DYING, "if.dying")                                                \
	X(IF_NOCARRIER, "if.nocarrier")                                        \
	X(IF_OVERSIZE, "if.oversize")                                          \
	X(IF_NOAF, "if.noaf")                                                  \
	X(LINK_LOSS, "link.loss")                                              \
	X(LINK_QUEUE, "link.queue")                                            \
	X(LINK_CUT, "link.cut")                                                \
	X(LINK_FILTER, "link.filter") /* "link .. drop N of fin" */            \
	X(LINK_NOBODY, "link.nobody") /* nobody at the far end any more */     \
	/* Ethernet and ARP */                                                 \
	X(ETHER_SHORT, "ether.short")                                          \
	X(ETHER_NOTFORUS, "ether.notforus")                                    \
	X(ETHER_TYPE, "ether.type")                                            \
	X(BRIDGE_LOOP,                                                         \
	    "bridge.loop") /* an eighth bridge, or ours came back */           \
	X(BRIDGE_BLOCKED, "bridge.blocked") /* not to, not from that member */ \
	X(VLAN_SHORT, "vlan.short")                                            \
	X(VLAN_NONE, "vlan.none")       /* no vlan of that number there */     \
	X(LAGG_NOPORT, "lagg.noport")   /* no port is active */                \
	X(LAGG_STANDBY, "lagg.standby") /* came by a port that waits */        \
	X(LAGG_PORT, "lagg.port")       /* sent by a port itself */            \
	X(TUN_FULL, "tun.full")         /* nobody reads */                     \
	X(ARP_SHORT, "arp.short")                                              \
	X(ARP_BAD, "arp.bad")                                                  \
	X(ARP_NOTFORUS, "arp.notforus")                                        \
	X(ARP_SELF, "arp.self")                                                \
	X(ARP_DUPADDR, "arp.dupaddr")                                          \
	X(ARP_HOLD, "arp.hold") /* pushed out of a full hold queue */          \
	X(ARP_EXPIRED, "arp.expired")                                          \
	X(ARP_FLUSH, "arp.flush")                                              \
	/* packet filters */                                                   \
	X(PFIL_IN, "pfil.in")                                                  \
	X(PFIL_OUT, "pfil.out")                                                \
	/* IPv4 */                                                             \
	X(IP_SHORT, "ip.short")                                                \
	X(IP_VERSION, "ip.version")                                            \
	X(IP_HLEN, "ip.hlen")                                                  \
	X(IP_BADSUM, "ip.badsum")                                              \
	X(IP_BADLEN, "ip.badlen")                                              \
	X(IP_NOADDR, "ip.noaddr")     /* no address configured yet */          \
	X(IP_NOTFORUS, "ip.notforus") /* not ours, and not forwarding */       \
	X(IP_SRC, "ip.src")           /* impossible source address */          \
	X(IP_FORWARD, "ip.forward")   /* may not be forwarded */               \
	X(IP_FRAGMENT, "ip.fragment") /* does not fit, or over a limit */      \
	X(IP_FRAGTIMEOUT, "ip.fragtimeout") /* the rest did not come */        \
	X(IP_FRAGFLUSH, "ip.fragflush")     /* its interface is gone */        \
	X(IP_BLACKHOLE, "ip.blackhole")                                        \
	X(IP_OPTIONS, "ip.options")                                            \
	X(IP_TTL, "ip.ttl")                                                    \
	X(IP_NOPROTO, "ip.noproto")                                            \
	X(IP_NOROUTE, "ip.noroute")                                            \
	X(IP_OVERSIZE, "ip.oversize")                                          \
	X(IP_LOOP, "ip.loop")           /* 127/8 on a wire */                  \
	X(IP_NOTMEMBER, "ip.notmember") /* a group that nobody joined */       \
	/* IGMP */                                                             \
	X(IGMP_SHORT, "igmp.short")                                            \
	X(IGMP_TTL, "igmp.ttl")                                                \
	X(IGMP_BADSUM, "igmp.badsum")                                          \
	X(IGMP_BAD, "igmp.bad")        /* a query or report without sense */   \
	X(IGMP_TYPE, "igmp.type")      /* for routers */                       \
	X(IGMP_LIMIT, "igmp.gsrlimit") /* net.inet.igmp.gsrdelay */            \
	X(IGMP_OLD, "igmp.old")        /* of a version that is not wanted */   \
	/* tunnels */                                                          \
	X(TUNNEL_NESTING, "tunnel.nesting") /* too deep, or a loop */          \
	X(GRE_BAD, "gre.bad")               /* flags, type, length */          \
	X(GRE_BADSUM, "gre.badsum")                                            \
	X(GRE_KEY, "gre.key")                                                  \
	/* ICMP */                                                             \
	X(ICMP_SHORT, "icmp.short")                                            \
	X(ICMP_BADSUM, "icmp.badsum")                                          \
	X(ICMP_TYPE, "icmp.type")                                              \
	X(ICMP_CODE, "icmp.code")                                              \
	X(ICMP_INNER, "icmp.inner")       /* quoted packet makes no sense */   \
	X(ICMP_ABOUTERR, "icmp.abouterr") /* never about errors, broadcast */  \
	X(ICMP_LIMIT, "icmp.limit")                                            \
	X(ICMP_BCAST, "icmp.bcast")                                            \
	X(ICMP_BADADDR, "icmp.badaddr")   /* its sender cannot be answered */  \
	X(ICMP_REDIRECT, "icmp.redirect") /* not believed, or not wanted */    \
	/* routing socket */                                                   \
	X(ROUTE_FULL, "route.fullsock")                                        \
	/* raw sockets */                                                      \
	X(RAW_FULL, "raw.fullsock")                                            \
	/* UDP */                                                              \
	X(UDP_SHORT, "udp.short")                                              \
	X(UDP_BADLEN, "udp.badlen")                                            \
	X(UDP_BADSUM, "udp.badsum")                                            \
	X(UDP_NOPORT, "udp.noport")                                            \
	X(UDP_FULL, "udp.fullsock")                                            \
	/* TCP */                                                              \
	X(TCP_SHORT, "tcp.short")                                              \
	X(TCP_BADOFF, "tcp.badoff")                                            \
	X(TCP_BADSUM, "tcp.badsum")                                            \
	X(TCP_BCAST, "tcp.bcast")                                              \
	X(TCP_SYNFIN, "tcp.synfin")                                            \
	X(TCP_NOPORT, "tcp.noport")        /* answered by RST */               \
	X(TCP_RST_NOPORT, "tcp.rstnoport") /* RST for nobody */                \
	X(TCP_LISTEN_ACK, "tcp.listenack")                                     \
	X(TCP_LISTEN_RST, "tcp.listenrst")                                     \
	X(TCP_LISTEN_FLAGS, "tcp.listenflags")                                 \
	X(TCP_LISTEN_FULL, "tcp.listenfull")                                   \
	X(TCP_BADACK, "tcp.badack")                                            \
	X(TCP_SEQ, "tcp.seq")        /* outside the window; ACKed */           \
	X(TCP_DUP, "tcp.dup")        /* all of it seen before */               \
	X(TCP_RST_SEQ, "tcp.rstseq") /* RST outside the window */              \
	X(TCP_RST_CHALLENGE, "tcp.rstchallenge")                               \
	X(TCP_SYN_CHALLENGE, "tcp.synchallenge")                               \
	X(TCP_NOACK, "tcp.noack") /* no ACK bit where one must be */           \
	X(TCP_OLDACK, "tcp.oldack")                                            \
	X(TCP_NOTS, "tcp.nots") /* no timestamp where one was agreed on */     \
	X(TCP_PAWS, "tcp.paws") /* an old timestamp, RFC 7323 section 5 */     \
	X(TCP_FUTUREACK, "tcp.futureack")                                      \
	X(TCP_AFTERCLOSE, "tcp.afterclose")                                    \
	X(TCP_TIMEWAIT, "tcp.timewait")                                        \
	X(TCP_REASS_FULL, "tcp.reassfull")                                     \
	X(TCP_RATELIMIT, "tcp.ratelimit") /* challenge ACK not sent */

enum drop_reason {
#define X(n, t) DROP_##n,
	DROP_LIST(X)
#undef X
	    DROP_N,
};

/**
 * drop_name() - text of a reason
 * @r:	reason
 *
 * Return:	constant "proto.why"; "?" for an unknown one.
 */
const char *drop_name(enum drop_reason r);

/**
 * drop_count() - how often in curvnet
 * @r:	reason
 *
 * Return:	drops counted so far.
 */
unsigned long long drop_count(enum drop_reason r);

#endif /* !VNETSIM_KERN_DROP_H */
