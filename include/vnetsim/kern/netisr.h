/*
 * netisr.h - packets between layers: direct, or queued to a later event.
 *
 * netisr_dispatch() calls the handler at once; netisr_queue() puts the packet
 * on the vnet's queue of that protocol (loopback, epair crossing: anything that
 * would re-enter).  One packet is one event, behind door QUEUE with the vnet of
 * the receiving interface current, found through rcvif's index and
 * generation.  A protocol is enabled per vnet; a packet for a protocol that is
 * not enabled is dropped, DROP_NETISR_OFF.
 */
#ifndef VNETSIM_KERN_NETISR_H
#define VNETSIM_KERN_NETISR_H

#include <stdint.h>
#include <vnetsim/kern/kdefs.h>

struct mbuf;
struct vnet;

enum netisr_proto {
	NETISR_IP,
	NETISR_ARP,
	NETISR_ETHER,
	NETISR_EPAIR,
	NETISR_ROUTE, /* messages of the routing socket; rcvif is lo0 */
	NETISR_NPROTO,
};

#define NETISR_QLIMIT                                                          \
	256 /* packets per vnet and protocol; FreeBSD's default                \
	     */

/**
 * netisr_register_vnet() - enable a protocol in curvnet
 * @proto:	enum netisr_proto
 * @mod:	owner, enum vnet_modid
 * @handler:	takes the packet
 *
 * Return:	0, or VE_EXIST if it is enabled already.
 */
int netisr_register_vnet(int proto, int mod, void (*handler)(struct mbuf *m));

/**
 * netisr_unregister_vnet() - disable it and drop what is queued
 * @proto:	enum netisr_proto
 *
 * Packets are dropped with DROP_NETISR_OFF.  A claimed packet is dropped when
 * it would run.
 */
void netisr_unregister_vnet(int proto);

/**
 * netisr_dispatch() - hand a packet up now
 * @proto:	enum netisr_proto
 * @m:		takes it; rcvif is set and belongs to curvnet
 *
 * Return:	0, or VE_PROTONOSUPPORT (dropped): not enabled in curvnet.
 */
int netisr_dispatch(int proto, struct mbuf *m __takes);

/**
 * netisr_queue() - hand a packet up in an event of its own
 * @proto:	enum netisr_proto
 * @m:		takes it; rcvif is set and may belong to another vnet, which
 *		then is charged for it
 *
 * Return:	0; VE_NOBUFS (dropped, DROP_NETISR_FULL): queue at its limit;
 *		VE_PROTONOSUPPORT (dropped, DROP_NETISR_OFF): not enabled there
 *		or its doors are shut; VE_NETDOWN (dropped, DROP_NO_RCVIF): the
 *		interface is gone.
 */
int netisr_queue(int proto, struct mbuf *m __takes);

/**
 * netisr_queued() - packets waiting
 * @v:		vnet
 * @mod:	only those of protocols this module owns; -1: all
 *
 * Return:	their number.
 */
uint32_t netisr_queued(const struct vnet *v, int mod);

#endif /* !VNETSIM_KERN_NETISR_H */
