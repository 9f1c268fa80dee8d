/*
 * td_freebsd13.c - the destructors of FreeBSD 13.0, in execution order.
 *
 * Each row is one VNET_SYSUNINIT of that kernel with its slot; equal slots are
 * listed by name, because there their order is an accident of linking.  Rows
 * of subsystems that this simulator lacks are kept and marked absent, so that
 * the table can be compared with the kernel's.  Two of our modules have no row
 * there (lltable, inpcb: they have no state per vnet); they end behind the
 * last row that uses them.
 *
 * Source: VNET_SYSUNINIT uses in FreeBSD 13.0 sys/.
 */
#include "src/teardown/td_fbsd.h"

#define ANY SI_ORDER_ANY

static const struct td_fbsd_row rows[] = {
	ROW("vnet_if_return", VNET_DONE, ANY, VNET_MOD_if, TDV_SHUTDOWN),
	ROW("tcp_vnet_uninit", PROTO_IFATTACHDOMAIN, ANY, VNET_MOD_tcpstat,
	    TDV_END),
	ROW("vnet_gif_uninit", PROTO_IFATTACHDOMAIN, ANY, VNET_MOD_gif,
	    TDV_END),
	ROW("vnet_gre_uninit", PROTO_IFATTACHDOMAIN, ANY, VNET_MOD_gre,
	    TDV_END),
	ROW("vnet_ipsec_uninit", PROTO_IFATTACHDOMAIN, ANY, ABSENT),
	ROW("vnet_me_uninit", PROTO_IFATTACHDOMAIN, ANY, ABSENT),
	ROW("nat64", PROTO_IFATTACHDOMAIN, ANY - 128 + 2, ABSENT),
	ROW("nptv6", PROTO_IFATTACHDOMAIN, ANY - 128 + 2, ABSENT),
	ROW("pmod", PROTO_IFATTACHDOMAIN, ANY - 128 + 2, ABSENT),
	ROW("vnet_ipfw_nat_uninit", PROTO_FIREWALL, ANY - 128 + 2, ABSENT),
	ROW("vnet_ipfw_uninit", PROTO_FIREWALL, ANY - 255 + 2, ABSENT),
	ROW("vnet_pfsync_uninit", PROTO_FIREWALL, SI_ORDER_FOURTH, ABSENT),
	ROW("vnet_ipf_uninit", PROTO_FIREWALL, SI_ORDER_THIRD, ABSENT),
	ROW("vnet_pf_uninit", PROTO_FIREWALL, SI_ORDER_THIRD, VNET_MOD_pf,
	    TDV_END),
	ROW("rip_destroy", PROTO_DOMAIN, SI_ORDER_FOURTH, VNET_MOD_rip,
	    TDV_END),
	ROW("sctp_finish", PROTO_DOMAIN, SI_ORDER_FOURTH, ABSENT),
	ROW("tcp_destroy", PROTO_DOMAIN, SI_ORDER_FOURTH, VNET_MOD_tcp,
	    TDV_END),
	/* tcp_destroy() calls tcp_hc_destroy() */
	OURS(hostcache, PROTO_DOMAIN, SI_ORDER_FOURTH, FR_GLUED),
	ROW("udp_destroy", PROTO_DOMAIN, SI_ORDER_FOURTH, VNET_MOD_udp,
	    TDV_END),
	ROW("udplite_destroy", PROTO_DOMAIN, SI_ORDER_FOURTH, ABSENT),
	ROW("vnet_enc_uninit_hhook", PROTO_DOMAIN, SI_ORDER_FOURTH, ABSENT),
	ROW("icmp_bandlimit_uninit", PROTO_DOMAIN, SI_ORDER_THIRD,
	    VNET_MOD_icmp, TDV_END),
	ROW("ip6_destroy", PROTO_DOMAIN, SI_ORDER_THIRD, ABSENT),
	ROW("ip_destroy", PROTO_DOMAIN, SI_ORDER_THIRD, VNET_MOD_ip, TDV_END),
	OURS(inpcb, PROTO_DOMAIN, SI_ORDER_THIRD, FR_GLUED),
	ROW("ipid_sysuninit", PROTO_DOMAIN, SI_ORDER_THIRD, ABSENT),
	ROW("vnet_arp_destroy", PROTO_DOMAIN, SI_ORDER_THIRD, VNET_MOD_arp,
	    TDV_END),
	ROW("vnet_rts_uninit", PROTO_DOMAIN, SI_ORDER_THIRD, VNET_MOD_rtsock,
	    TDV_END),
	ROW("vnet_domain_uninit_key", PROTO_DOMAIN, SI_ORDER_SECOND, ABSENT),
	ROW("def_policy_uninit", PROTO_DOMAIN, SI_ORDER_FIRST, ABSENT),
	ROW("in6m_release_wait", PROTO_DOMAIN, SI_ORDER_FIRST, ABSENT),
	ROW("inm_release_wait", PROTO_DOMAIN, SI_ORDER_FIRST, ABSENT),
	ROW("rtables_destroy", PROTO_DOMAIN, SI_ORDER_FIRST, VNET_MOD_route,
	    TDV_END),
	ROW("vnet_igmp_uninit", PROTO_MC, ANY, VNET_MOD_igmp, TDV_END),
	ROW("vnet_mld_uninit", PROTO_MC, ANY, ABSENT),
	ROW("vnet_mroute_uninit", PROTO_MC, SI_ORDER_MIDDLE, ABSENT),
	ROW("div_destroy", PROTO_DOMAININIT, ANY, ABSENT),
	ROW("socket_vnet_uninit", PROTO_DOMAININIT, ANY, VNET_MOD_socket,
	    TDV_END),
	ROW("vnet_ether_uninit", PROTO_IF, ANY, VNET_MOD_ether, TDV_END),
	ROW("vnet_tun_uninit", PROTO_IF, ANY, VNET_MOD_tuntap, TDV_END),
	ROW("vnet_ether_pfil_uninit", PROTO_PFIL, ANY, ABSENT),
	ROW("vnet_bridge_uninit", PSEUDO, ANY, VNET_MOD_bridge, TDV_END),
	ROW("vnet_netgraph_uninit", NETGRAPH, SI_ORDER_FIRST, ABSENT),
	ROW("vnet_disc_uninit", INIT_IF, ANY, ABSENT),
	ROW("vnet_edsc_uninit", INIT_IF, ANY, ABSENT),
	ROW("vnet_enc_uninit", INIT_IF, ANY, ABSENT),
	ROW("vnet_epair_uninit", INIT_IF, ANY, VNET_MOD_epair, TDV_END),
	ROW("vnet_lagg_uninit", INIT_IF, ANY, VNET_MOD_lagg, TDV_END),
	ROW("vnet_ng_eiface_uninit", INIT_IF, ANY, ABSENT),
	ROW("vnet_ng_iface_uninit", INIT_IF, ANY, ABSENT),
	ROW("vnet_vlan_uninit", INIT_IF, ANY, VNET_MOD_vlan, TDV_END),
	ROW("vnet_loif_uninit", INIT_IF, SI_ORDER_SECOND, VNET_MOD_lo, TDV_END),
	ROW("vnet_pflog_uninit", INIT_IF, SI_ORDER_SECOND, ABSENT),
	ROW("ahstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("arpstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("carpstats", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("espstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("hhook_vnet_uninit", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("icmp6stat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("icmpstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("igmpstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("ip6stat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("ipcompstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("ipsec4stat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("ipsec6stat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("ipstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("mrtstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("pfkeystat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("pimstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("rip6stat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("rtstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	ROW("udpstat", INIT_IF, SI_ORDER_FIRST, ABSENT),
	OURS(lltable, INIT_IF, SI_ORDER_FIRST, 0),
	ROWF(FR_GLUED, "vnet_if_uninit", INIT_IF, SI_ORDER_FIRST, VNET_MOD_if,
	    TDV_UNINIT),
};

const struct td_kernel td_freebsd13 = {
	.tk_row = rows,
	.tk_n = nitems(rows),
	.tk_flag = true,
	.tk_tcpwait = true,
};
