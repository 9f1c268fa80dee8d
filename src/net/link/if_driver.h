/*
 * if_driver.h - the frame of a driver whose interfaces are cloned one by one:
 * vlan, bridge, lagg, gif, gre, tun, tap.
 *
 * Per vnet it has a cloner, a set of units (allocated at first use) and the
 * mark that it is open; all of it ends with the shutdown of its module, there
 * is no uninit.  An interface has a softc of the driver's zone, charged to
 * the world, which goes with it.
 */
#ifndef SRC_NET_LINK_IF_DRIVER_H
#define SRC_NET_LINK_IF_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/ifnet.h>
#include "src/net/link/if_var.h"

/* Per-vnet state of one. */
struct if_driver {
	struct if_units id_units;
	uint32_t id_open; /* 1; 0 after shutdown */
};

/* Constant. */
struct if_driver_desc {
	const struct if_clone *dd_cloner;
	const struct uma_zone *dd_units; /* MALLOC_TYPE */
	int dd_mod;                      /* enum vnet_modid */
	/* make and attach an interface of curvnet.  Return: 0 or an errno */
	int (*dd_make)(const char *name, uint32_t unit);
};

#define IF_DRIVER_FIELDS(s, m)                                                 \
	FIELD(s, m.id_units.iu_bits, LINK),                                    \
	    FIELD(s, m.id_units.iu_words, OPAQUE),                             \
	    FIELD(s, m.id_units.iu_n, UINT), FIELD(s, m.id_open, UINT)
#define IF_DRIVER_CONTRACTS(s, m)                                              \
	CONTRACT_SHUTDOWN(s, m.id_open), CONTRACT_SHUTDOWN(s, m.id_units.iu_n)

/**
 * if_driver_init() - vm_init: attach the cloner
 * @id:		state
 * @dd:		driver
 *
 * Return:	0; VE_EXIST; VE_NOMEM.
 */
int if_driver_init(struct if_driver *id, const struct if_driver_desc *dd);

/**
 * if_driver_shutdown() - vm_shutdown: the whole end
 * @op:		running op
 * @id:		state
 * @dd:		driver
 *
 * Return:	as if_destroy_natives().
 */
enum op_verdict if_driver_shutdown(
    struct op *op, struct if_driver *id, const struct if_driver_desc *dd);

/**
 * if_driver_create() - ifc_create: take a unit, make the interface
 * @id:		state
 * @dd:		driver
 * @want:	unit, -1: any
 * @name:	out
 * @namelen:	its size
 *
 * Return:	0; VE_BUSY: shut down; as if_unit_take(), as dd_make.
 */
int if_driver_create(struct if_driver *id, const struct if_driver_desc *dd,
    int want, char *name, size_t namelen);

/**
 * if_driver_alloc() - if_alloc() with a softc
 * @ops:	driver's
 * @type:	IFT_
 * @z:		zone of the softc
 * @name:	of the interface
 *
 * Return:	the interface, its softc all zero; NULL: no memory.
 */
struct ifnet *if_driver_alloc(const struct if_ops *ops, uint8_t type,
    const struct uma_zone *z, const char *name);

/**
 * if_driver_attach() - attach what if_driver_alloc() made
 * @ifp:	interface; if_free()d if that fails
 * @lladdr:	Ethernet address; NULL: not Ethernet
 *
 * Return:	as if_attach().
 */
int if_driver_attach(struct ifnet *ifp, const uint8_t *lladdr);

/* A made-up address: 02, the vnet's number, unit and @kind (0..9; epair has a
 * and b); unique in a world. */
void if_driver_lladdr(uint8_t *lladdr, uint32_t unit, uint32_t kind);
enum { IF_LLADDR_BRIDGE = 1, IF_LLADDR_TAP = 2 };

#endif /* !SRC_NET_LINK_IF_DRIVER_H */
