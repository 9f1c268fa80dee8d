/*
 * ethernet.h - Ethernet II: header, types, attach.
 *
 * Frames have no FCS and need no padding here; a capture shows them as they
 * are.  ether_output() resolves through the interface's lltable and prepends
 * the header; ether_input() checks the destination and hands the payload to
 * netisr.  FreeBSD: sys/net/if_ethersubr.c.
 */
#ifndef SRC_NET_LINK_ETHERNET_H
#define SRC_NET_LINK_ETHERNET_H

#include <stdint.h>
#include <vnetsim/kern/ifnet.h>

#define ETHER_HDR_LEN  14
#define ETHERMTU       1500
#define ETHERMTU_JUMBO 9000

#define ETHER_VLAN_ENCAP_LEN 4

enum {
	ETHERTYPE_IP = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_VLAN = 0x8100, /* 802.1Q */
	ETHERTYPE_QINQ = 0x88a8, /* 802.1ad */
};

extern const uint8_t etherbroadcastaddr[ETHER_ADDR_LEN];

/**
 * ether_ifattach() - if_attach() for an Ethernet interface
 * @ifp:	from if_alloc()
 * @lladdr:	its address
 *
 * Return:	as if_attach().
 */
int ether_ifattach(struct ifnet *ifp, const uint8_t *lladdr);

/**
 * ether_frame() - send a payload to a known link-layer address
 * @ifp:	interface
 * @m:		takes it; payload
 * @dst:	6 bytes
 * @type:	ETHERTYPE_
 *
 * Return:	0; VE_NETDOWN; VE_NOBUFS (dropped, counted).
 */
int ether_frame(struct ifnet *ifp, struct mbuf *m __takes, const uint8_t *dst,
    uint16_t type);

/**
 * ether_csum_reopen() - a frame that came in goes out again
 * @m:	frame; l3off says where its IPv4 header is
 *
 * The inverse of if_csum_cross(): sums that are known to be right may never
 * have been computed, so they are still to be where bytes are needed next.
 */
void ether_csum_reopen(struct mbuf *m);

/**
 * ether_local() - a frame goes up by an interface, past its master
 * @ifp:	of curvnet, the frame's rcvif
 * @m:		takes it; its header is contiguous
 */
void ether_local(struct ifnet *ifp, struct mbuf *m __takes);

#endif /* !SRC_NET_LINK_ETHERNET_H */
