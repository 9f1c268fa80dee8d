/*
 * td_freebsd9.c - the destructors of FreeBSD 9.3, in execution order.
 *
 * Bottom first: vnet_destroy() sends lent interfaces home before any of them,
 * then lo0 goes, then the routes, then all protocols of a domain in the order
 * of its protosw table (vnet_domain_uninit() calls pr_destroy of each), which
 * starts with IP.  Nothing waits in them, and nobody is told that destructors
 * run: there is no vnet_shutdown, an interface always leaves by the long way.
 *
 * Rows are written as in td_freebsd13.c.  Modules of ours without a row have
 * no destructor there (ICMP, ARP, pf, sockets, counters, what pcbs share), or
 * one that runs at unload of the driver only (epair, Ethernet), or none at all
 * (lltable): they end behind the last row that uses them, interfaces before
 * vnet_if_uninit(), which wants none left.
 *
 * Source: VNET_SYSUNINIT, VNET_DOMAIN_SET and pr_destroy in FreeBSD 9.3 sys/;
 * the file of each row stands beside it.  9.1 differs in one row: hhook is at
 * SI_SUB_PROTO_BEGIN, SI_ORDER_FIRST.
 */
#include "src/teardown/td_fbsd.h"

#define ANY    SI_ORDER_ANY
#define SECOND SI_ORDER_SECOND
#define INET   "vnet_domain_uninit_inet"

static const struct td_fbsd_row rows[] = {
	/* net/vnet.c: a loop of vnet_destroy(), above every slot */
	{ "vnet_destroy:if_vmove", TD_SUB_NONE, 0, VNET_MOD_if, TDV_SHUTDOWN,
	    FR_NOROW },
	/* net/flowtable.c */
	ROW("flowtable_uninit", KTHREAD_INIT, ANY, ABSENT),
	/* net/if_loop.c */
	ROW("vnet_loif_uninit", PROTO_IFATTACHDOMAIN, ANY, VNET_MOD_lo,
	    TDV_END),
	/* netpfil/ipfw/ip_fw_nat.c */
	ROW("vnet_ipfw_nat_uninit", PROTO_IFATTACHDOMAIN, ANY - 128 + 2,
	    ABSENT),
	/* netpfil/ipfw/ip_fw2.c */
	ROW("vnet_ipfw_uninit", PROTO_IFATTACHDOMAIN, ANY - 255 + 2, ABSENT),
	/* net/if_vlan.c */
	ROW("vnet_vlan_uninit", PROTO_IFATTACHDOMAIN, SI_ORDER_FIRST,
	    VNET_MOD_vlan, TDV_END),
	/* tunnels end with their module there, never with a vnet */
	OURS(gif, PROTO_IFATTACHDOMAIN, SI_ORDER_FIRST, FR_GLUED),
	OURS(gre, PROTO_IFATTACHDOMAIN, SI_ORDER_FIRST, FR_GLUED),
	/* net/route.c */
	ROW("vnet_route_uninit", PROTO_DOMAIN, SI_ORDER_THIRD, VNET_MOD_route,
	    TDV_END),
	/* netinet/in_proto.c: one row, its calls in the order of inetsw[] */
	ROW(INET ":ip_destroy", PROTO_DOMAIN, SECOND, VNET_MOD_ip, TDV_END),
	OURS(arp, PROTO_DOMAIN, SECOND, FR_GLUED),
	OURS(pf, PROTO_DOMAIN, SECOND, FR_GLUED),
	ROWF(FR_CALL, INET ":udp_destroy", PROTO_DOMAIN, SECOND, VNET_MOD_udp,
	    TDV_END),
	ROWF(FR_CALL, INET ":tcp_destroy", PROTO_DOMAIN, SECOND, VNET_MOD_tcp,
	    TDV_END),
	OURS(hostcache, PROTO_DOMAIN, SECOND, FR_GLUED),
	OURS(tcpstat, PROTO_DOMAIN, SECOND, FR_GLUED),
	ROWF(FR_CALL, INET ":sctp_finish", PROTO_DOMAIN, SECOND, ABSENT),
	/* netinet/ip_divert.c: in a spacer of inetsw[] */
	ROWF(FR_CALL, INET ":div_destroy", PROTO_DOMAIN, SECOND, ABSENT),
	ROWF(FR_CALL, INET ":rip_destroy", PROTO_DOMAIN, SECOND, VNET_MOD_rip,
	    TDV_END),
	OURS(inpcb, PROTO_DOMAIN, SECOND, FR_GLUED),
	OURS(icmp, PROTO_DOMAIN, SECOND, FR_GLUED),
	OURS(socket, PROTO_DOMAIN, SECOND, FR_GLUED),
	/* netinet6/in6_proto.c */
	ROW("vnet_domain_uninit_inet6:ip6_destroy", PROTO_DOMAIN, SECOND,
	    ABSENT),
	/* netipsec/keysock.c: dom_destroy is key_destroy() */
	ROW("vnet_domain_uninit_key", PROTO_DOMAIN, SECOND, ABSENT),
	/* netgraph/ng_socket.c */
	ROW("vnet_domain_uninit_ng", PROTO_DOMAIN, SECOND, ABSENT),
	/* netgraph/bluetooth/socket/ng_btsocket.c */
	ROW("vnet_domain_uninit_ng_btsocket_", PROTO_DOMAIN, SECOND, ABSENT),
	/* net/rtsock.c */
	ROW("vnet_domain_uninit_route", PROTO_DOMAIN, SECOND, VNET_MOD_rtsock,
	    TDV_END),
	/* net/pfil.c; ours has no verb */
	ROW("vnet_pfil_uninit", PROTO_BEGIN, SI_ORDER_THIRD, ABSENT),
	/* netinet/igmp.c */
	ROW("vnet_igmp_uninit", PSEUDO, ANY, VNET_MOD_igmp, TDV_END),
	/* netinet6/mld6.c */
	ROW("vnet_mld_uninit", PSEUDO, ANY, ABSENT),
	/* netgraph/ng_eiface.c */
	ROW("vnet_ng_eiface_uninit", PSEUDO, ANY, ABSENT),
	/* netgraph/ng_iface.c */
	ROW("vnet_ng_iface_uninit", PSEUDO, ANY, ABSENT),
	/* netinet/ip_mroute.c */
	ROW("vnet_mroute_uninit", PSEUDO, SI_ORDER_MIDDLE, ABSENT),
	/* netgraph/ng_base.c */
	ROW("vnet_netgraph_uninit", NETGRAPH, SI_ORDER_FIRST, ABSENT),
	/* net/if.c */
	OURS(ether, INIT_IF, SI_ORDER_FIRST, 0),
	OURS(bridge, INIT_IF, SI_ORDER_FIRST, FR_GLUED),
	OURS(tuntap, INIT_IF, SI_ORDER_FIRST, FR_GLUED),
	OURS(lagg, INIT_IF, SI_ORDER_FIRST, FR_GLUED),
	OURS(epair, INIT_IF, SI_ORDER_FIRST, FR_GLUED),
	OURS(lltable, INIT_IF, SI_ORDER_FIRST, FR_GLUED),
	ROWF(FR_GLUED, "vnet_if_uninit", INIT_IF, SI_ORDER_FIRST, VNET_MOD_if,
	    TDV_UNINIT),
	/* kern/kern_hhook.c */
	ROW("hhook_vnet_uninit", MBUF, ANY, ABSENT),
};

const struct td_kernel td_freebsd9 = {
	.tk_row = rows,
	.tk_n = nitems(rows),
	.tk_flag = false,
	.tk_tcpwait = false,
};
