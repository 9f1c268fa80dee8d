/*
 * if_stack.h - interfaces on interfaces: bridge, vlan, lagg.
 *
 * A port says that an interface (upper) uses another one (lower).  It lies in
 * an object of the upper one's driver, hangs on both interfaces, and is the
 * only way by which one knows the other; so whoever departs finds everybody
 * who must let go of it.  One that takes all its frames (a bridge, a lagg) is
 * its master; it has at most one.  Any number of vlans may be beside.
 *
 * Ports have no circle, and no chain of them is longer than IF_MAXSTACK
 * interfaces: what recurses through drivers ends.
 *
 * Upper and lower may be in different vnets (a vlan may, a bridge and a lagg
 * may not).  Then a frame that comes up is queued to the vnet of the upper one
 * and one that goes down is charged to that of the lower one.
 */
#ifndef SRC_NET_LINK_IF_STACK_H
#define SRC_NET_LINK_IF_STACK_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/ifnet.h>
#include "src/net/link/if_var.h"

#define IF_MAXSTACK 8

struct ifport;

/* Constant. */
struct ifport_ops {
	bool po_multi; /* the lower one hears the upper one's groups */
	/* the master's: a frame came in by the lower interface.  Return: NULL:
	 * taken; else what goes up there */
	struct mbuf *(*po_input)(struct ifport *po, struct mbuf *m __takes);
	/* the master's: this host sends a frame by the lower one; NULL: that
	 * sends it itself.  Return: as if_transmit() */
	int (*po_output)(struct ifport *po, struct mbuf *m __takes);
	/* the lower interface leaves its vnet: ifport_detach() at least.
	 * curvnet is that vnet, or NULL: dead */
	void (*po_depart)(struct ifport *po);
	/* carrier, IFF_UP or address of the lower one changed; may be NULL */
	void (*po_change)(struct ifport *po);
};

struct ifport {
	const struct ifport_ops *po_ops; /* (c) NULL: not attached */
	struct ifnet *po_upper;          /* (b) */
	struct ifnet *po_lower;          /* (b) */
	TAILQ_ENTRY(ifport) po_above;    /* of the lower one */
	TAILQ_ENTRY(ifport) po_below;    /* of the upper one */
};

/* Fields of a port that is member @m of struct @s. */
#define IFPORT_FIELDS(s, m)                                                    \
	FIELD(s, m.po_ops, FUNC), FIELD(s, m.po_upper, PTR),                   \
	    FIELD(s, m.po_lower, PTR), FIELD(s, m.po_above, LINK),             \
	    FIELD(s, m.po_below, LINK)

/**
 * ifport_attach() - @upper is on @lower from now on
 * @po:		not attached
 * @ops:	driver's
 * @upper:	who uses
 * @lower:	whom; of any vnet
 * @master:	takes all its frames
 *
 * Return:	0; VE_NXIO: one of them is leaving; VE_BUSY: it has a master;
 *		VE_INVAL: a circle, or more than IF_MAXSTACK on each other;
 *		VE_NOMEM: for groups that the lower one is to hear.
 */
int ifport_attach(struct ifport *po, const struct ifport_ops *ops,
    struct ifnet *upper, struct ifnet *lower, bool master);

/* Undo it; fine if it is not attached. */
void ifport_detach(struct ifport *po);

/**
 * ifport_up() - a frame goes up by the upper interface
 * @po:	port
 * @m:	takes it; as that interface shall see it
 *
 * Counted there; dropped if it is down.
 */
void ifport_up(const struct ifport *po, struct mbuf *m __takes);

/**
 * ifport_down() - a frame goes down by the lower interface
 * @po:	port
 * @m:	takes it
 *
 * Return:	as if_transmit().
 */
int ifport_down(const struct ifport *po, struct mbuf *m __takes);

/* Somebody leaves its vnet: whoever is on it, and its driver, are told. */
void if_stack_depart(struct ifnet *ifp, bool vmove);
/* Its carrier, IFF_UP or address changed: whoever is on it is told. */
void if_stack_change(struct ifnet *ifp);

/* io_setmtu of one whose members all have its MTU: all or none. */
int if_stack_setmtu(struct ifnet *ifp, uint32_t mtu);

/* if_vlan.c: a frame of ETHERTYPE_VLAN or ETHERTYPE_QINQ, its first 14 bytes
 * contiguous.  Return: NULL: taken; else an untagged frame for @ifp itself. */
struct mbuf *vlan_input(struct ifnet *ifp, struct mbuf *m __takes);

/* if_vlan.c: who a frame that comes in by @ifp is for: the vlan of its tags, or
 * the lagg, or @ifp itself. */
const struct ifnet *vlan_target(const struct ifnet *ifp, const struct mbuf *m);

#endif /* !SRC_NET_LINK_IF_STACK_H */
