/*
 * netisr_var.h - the packet queues of a vnet.
 */
#ifndef SRC_CORE_NETISR_VAR_H
#define SRC_CORE_NETISR_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/netisr.h>
#include "src/core/event_var.h"

struct vnet;

/* One protocol: a stream. */
struct isr_proto {
	void (*ip_handler)(struct mbuf *m); /* NULL: not enabled */
	struct vnet *ip_vnet;               /* (c) */
	struct mbufq ip_q;
	struct mbuf *ip_claimed; /* (o) dequeued, about to be handled */
	uint32_t ip_claimgen;
	evnode_t ip_node;
	uint8_t ip_proto; /* (c) */
	uint8_t ip_mod;   /* owner */
};

struct vnet_isr {
	struct isr_proto vi_p[NETISR_NPROTO];
	uint64_t vi_mods; /* VNET_MODBIT: owns an enabled one */
};

/* Zone of struct vnet_isr: module core. */
extern const struct uma_zone vnet_isr_zone;

/**
 * vnet_isr_create() - queues for a new vnet: curvnet
 *
 * Return:	0, v_isr is set; VE_NOMEM.
 */
int vnet_isr_create(void);

/**
 * vnet_isr_destroy() - end of curvnet's queues
 *
 * What is still queued or claimed is dropped, DROP_VNET_GONE; v_isr is NULL
 * afterwards.  Fine if it was.
 */
void vnet_isr_destroy(void);

/* Packets of protocols that a module owns; see struct late_item.  They are
 * dropped, DROP_QUEUE_FLUSH. */
uint32_t netisr_remove(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx);

/**
 * netisr_orphan() - a protocol that its module has not disabled
 * @v:		vnet
 * @mod:	owner
 *
 * Is disabled now; its queue must be empty (netisr_remove()).
 * Return:	enum netisr_proto; -1: none is left.
 */
int netisr_orphan(struct vnet *v, int mod);

/* "ip", "arp", ...: constant. */
const char *netisr_name(int proto);

#endif /* !SRC_CORE_NETISR_VAR_H */
