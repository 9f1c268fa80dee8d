/*
 * ifnet.h - interfaces.
 *
 * An ifnet is a world object (UMA_WORLD) charged to the vnet it is in; so it
 * can be lent to another vnet without being copied.  if_home_vnet is where it
 * was created.  It has two exits, as in the kernel: a lent interface returns
 * home by the full detach path (if_vmove), a native one is destroyed.  Both
 * are step functions for ops, so that other work can interleave.
 *
 * Whoever parks a pointer to an ifnet beyond an event either listens to
 * EVH_IFNET_DEPARTURE, or keeps its handle (m_rcvif), or holds a typed
 * reference, which the exits wait for.
 *
 * Drivers give if_ops.  Address families give if_afops per vnet (IPv4: src/
 * net/ip/in.c), because link may not know ip.
 */
#ifndef VNETSIM_KERN_IFNET_H
#define VNETSIM_KERN_IFNET_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/kdefs.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/taskqueue.h>
#include <vnetsim/kern/vnet.h>

#define IFNAMSIZ       16
#define ETHER_ADDR_LEN 6
#define IF_MAXMTU      65535
#define IF_MINMTU      72

enum { AF_UNSPEC = 0, AF_INET = 2, AF_LINK = 18, AF_INET6 = 28 };

enum iff {
	IFF_UP = 0x1,
	IFF_BROADCAST = 0x2,
	IFF_LOOPBACK = 0x8,
	IFF_DRV_RUNNING = 0x40,
	IFF_SIMPLEX = 0x800,
	IFF_MULTICAST = 0x8000,
	IFF_DYING = 0x200000,
};

enum { LINK_STATE_UNKNOWN, LINK_STATE_DOWN, LINK_STATE_UP };
enum { IFT_ETHER = 6, IFT_LOOP = 24 };

struct ifnet;
struct lltable;

/* What a driver does; constant. */
struct if_ops {
	const char *io_name; /* cloner's name: "epair", "lo" */
	uint8_t io_mod;      /* enum vnet_modid */
	/* send a frame (Ethernet: header included).  Takes @m.  Return: 0,
	 * VE_NETDOWN, VE_NOBUFS (dropped, counted) */
	int (*io_transmit)(struct ifnet *ifp, struct mbuf *m __takes);
	/* IFF_UP changed; may be NULL */
	void (*io_updown)(struct ifnet *ifp, bool up);
	/* the driver's part of destruction, called once by if_destroy_step()
	 * for a native or lent interface wherever it is; waits are allowed */
	enum op_verdict (*io_destroy)(struct op *op, struct ifnet *ifp);
	/* free softc; last call ever */
	void (*io_free)(struct ifnet *ifp);
	/* may `ifconfig destroy` do it?  NULL: yes.  Return: 0 or an errno */
	int (*io_candestroy)(const struct ifnet *ifp);
};

/* What an address family does at an interface; constant, per vnet. */
struct if_afops {
	uint8_t ia_mod;
	/* interface arrived in curvnet.  Return: 0 or VE_NOMEM */
	int (*ia_attach)(struct ifnet *ifp);
	/* delete every address (routes and neighbours go with it) */
	void (*ia_purge)(struct ifnet *ifp);
	/* interface leaves curvnet: free what attach made; accepts that the
	 * family's tables are already empty but still there */
	void (*ia_detach)(struct ifnet *ifp);
};

struct if_data {
	uint64_t ifi_ipackets, ifi_ierrors, ifi_opackets, ifi_oerrors;
	uint64_t ifi_ibytes, ifi_obytes, ifi_iqdrops, ifi_oqdrops;
	uint64_t ifi_collisions;
};

struct ifaddr; /* src/net/ip/in_var.h embeds the real thing */

struct ifnet {
	char if_xname[IFNAMSIZ]; /* unique in its vnet */
	uint64_t if_handle;      /* HANDLE_IFNET; also rcvif */
	uint16_t if_index;       /* per vnet, lowest free from 1 */
	uint8_t if_type;
	uint8_t if_linkstate;
	uint32_t if_flags; /* enum iff */
	uint32_t if_mtu;
	uint8_t if_lladdr[ETHER_ADDR_LEN];
	uint8_t if_addrlen;
	bool if_dead; /* driver ops replaced: transmit drops, ENXIO */
	const struct if_ops *if_ops;
	void *if_softc;            /* (o by the driver) */
	struct vnet *if_vnet;      /* (b) where it is; writers: if.c */
	struct vnet *if_home_vnet; /* (c) where it was created */
	/* protocol entry: takes m, in curvnet == if_vnet */
	void (*if_input)(struct ifnet *ifp, struct mbuf *m __takes);
	/* @dst: next hop, IPv4 host order; takes m.  Return: 0 or errno */
	int (*if_output)(
	    struct ifnet *ifp, struct mbuf *m __takes, uint32_t dst, bool isgw);
	struct lltable *if_llt; /* (o by lltable) neighbours, NULL: none */
	void *if_afdata;        /* (o by the family): IPv4's, or NULL */
	struct if_data if_data;
	struct task if_linktask;
	struct ref if_busy; /* (r) op that moves or destroys it, or empty */
	struct waitq if_wq; /* departure waits: references dropped */
	struct epoch_context if_epoch;
	TAILQ_ENTRY(ifnet) if_link; /* vnet's list, order of arrival */
};

/**
 * if_alloc() - a new interface of curvnet, not yet visible
 * @ops:	driver
 * @type:	IFT_
 * @softc:	driver's, freed by io_free
 *
 * Return:	the interface, or NULL: no memory.
 */
struct ifnet *if_alloc(const struct if_ops *ops, uint8_t type, void *softc);

/**
 * if_free() - undo if_alloc(): not attached; softc goes through io_free
 * @ifp:	never attached, or detached
 */
void if_free(struct ifnet *ifp);

/**
 * if_attach() - make it visible in curvnet
 * @ifp:	if_xname set; first attach sets if_home_vnet
 *
 * Return:	0; VE_EXIST: name taken; VE_NOMEM.
 */
int if_attach(struct ifnet *ifp);

/**
 * ifunit() - by name, in curvnet
 * @name:	"epair0a"
 *
 * Return:	the interface, or NULL.
 */
struct ifnet *ifunit(const char *name);

/**
 * if_first() / if_next() - walk curvnet's interfaces in order of arrival
 *
 * Return:	interface, NULL at the end.
 */
struct ifnet *if_first(void);
struct ifnet *if_next(struct ifnet *ifp);

/* Number of interfaces of a vnet (FreeBSD's vnet_ifcnt). */
uint32_t if_count(const struct vnet *v);

/**
 * if_setflags() - IFF_UP on or off
 * @ifp:	of curvnet
 * @up:		wanted
 *
 * Return:	0; VE_NXIO: it is dying.
 */
int if_setflags(struct ifnet *ifp, bool up);

/**
 * if_setmtu() - change the MTU
 * @ifp:	of curvnet
 * @mtu:	bytes, IF_MINMTU..IF_MAXMTU (Ethernet: at most 9000)
 *
 * Return:	0; VE_INVAL; VE_NXIO: it is dying.
 */
int if_setmtu(struct ifnet *ifp, uint32_t mtu);

/**
 * if_link_state_change() - carrier came or went; handlers run from a task
 * @ifp:	interface
 * @state:	LINK_STATE_
 */
void if_link_state_change(struct ifnet *ifp, int state);

/**
 * if_vmove_step() - move an interface to another vnet, the full detach path
 * @op:		running op (or a teardown's step op); uses op_arg[0..2], which
 *		must be 0 at the first call
 * @ifp:	interface; op_vnet is current
 * @to:		live vnet
 *
 * FreeBSD: if_vmove() (if_detach_internal with vmove, then attach).
 * Return:	OP_WAIT/OP_NEXT: call again when re-entered; OP_DONE: moved, or
 *		op->op_error: VE_EXIST name taken there (it stays), VE_NOMEM.
 *		A return home never fails: a taken name gets a suffix.
 */
enum op_verdict if_vmove_step(
    struct op *op, struct ifnet *ifp, struct vnet *to);

/**
 * if_destroy_step() - destroy an interface
 * @op:		running op; uses op_arg[0..2], 0 at the first call
 * @ifp:	native to any vnet, wherever it is
 *
 * Return:	OP_WAIT/OP_NEXT: call again; OP_DONE: gone.
 */
enum op_verdict if_destroy_step(struct op *op, struct ifnet *ifp);

/**
 * if_vmove_loan() / if_vmove_reclaim() - `ifconfig IF vnet J`, `-vnet J`
 * @ifp:	interface (in curvnet; for reclaim: in @from)
 * @to:		target vnet
 * @opp:	out: the running op
 *
 * Return:	0: started; VE_EXIST: same vnet, or name taken there; VE_BUSY:
 *		a vnet is shutting down or the interface is busy; VE_NOMEM.
 */
int if_vmove_loan(struct ifnet *ifp, struct vnet *to, struct op **opp);
int if_vmove_reclaim(struct ifnet *ifp, struct vnet *to, struct op **opp);

/**
 * if_clone_create() - `ifconfig NAME create`
 * @name:	"epair", "epair3", "lo1"; out: name given ("epair0a")
 * @namelen:	size of @name, at least IFNAMSIZ
 *
 * Return:	0; VE_EXIST; VE_INVAL: no such cloner; VE_NOSPC: no unit;
 * VE_NOMEM.
 */
int if_clone_create(char *name, size_t namelen);

/**
 * if_clone_destroy() - `ifconfig NAME destroy`
 * @name:	interface of curvnet
 * @opp:	out: the running op
 *
 * Return:	0: started; VE_NXIO: no such interface; VE_INVAL: may not be
 *		destroyed (lo0); VE_BUSY; VE_NOMEM.
 */
int if_clone_destroy(const char *name, struct op **opp);

/* A cloner, constant; modules register theirs per vnet. */
struct if_clone {
	const char *ifc_name; /* "epair" */
	/* @unit: wanted, -1: any free; @name: out.  curvnet is set */
	int (*ifc_create)(int unit, char *name, size_t namelen);
};
int if_clone_attach(const struct if_clone *ifc);
void if_clone_detach(const struct if_clone *ifc);

/* Families of curvnet; a family registers in its init. */
int if_af_register(int af, const struct if_afops *ops);
void if_af_unregister(int af);

#endif /* !VNETSIM_KERN_IFNET_H */
