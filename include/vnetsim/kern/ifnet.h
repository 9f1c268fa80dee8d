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
	IFF_POINTOPOINT = 0x10,
	IFF_DRV_RUNNING = 0x40,
	IFF_SIMPLEX = 0x800,
	IFF_MULTICAST = 0x8000,
	IFF_DYING = 0x200000,
};

enum { LINK_STATE_UNKNOWN, LINK_STATE_DOWN, LINK_STATE_UP };
enum {
	IFT_ETHER = 6,
	IFT_PPP = 23,
	IFT_LOOP = 24,
	IFT_TUNNEL = 131,
	IFT_L2VLAN = 135,
	IFT_IEEE8023ADLAG = 161,
	IFT_BRIDGE = 209,
	IFT_GIF = 240,
};

struct ifnet;
struct ifextra; /* src/net/link/if_var.h */
struct ifport;  /* src/net/link/if_stack.h */
struct ifmultiaddr;
struct lltable;
struct vnetsim_ifreq; /* vnetsim/net.h */

/* What a driver does; constant. */
struct if_ops {
	const char *io_name; /* cloner's name: "epair", "lo" */
	uint8_t io_mod;      /* enum vnet_modid */
	/* send a frame (Ethernet: header included).  Takes @m.  Return: 0,
	 * VE_NETDOWN, VE_NOBUFS (dropped, counted) */
	int (*io_transmit)(struct ifnet *ifp, struct mbuf *m __takes);
	/* IFF_UP changed; may be NULL */
	void (*io_updown)(struct ifnet *ifp, bool up);
	/* the driver's part of destruction, by if_destroy_step() when the
	 * interface (and its peer) is detached, wherever it was; may wait and
	 * is called again then; may be NULL.  @home: curvnet is the vnet that
	 * created it; else that one is dead */
	enum op_verdict (*io_destroy)(
	    struct op *op, struct ifnet *ifp, bool home);
	/* the interface that is destroyed with this one (the other half of a
	 * pair); NULL as a function or as an answer: none */
	struct ifnet *(*io_peer)(const struct ifnet *ifp);
	/* free softc; last call ever, may be NULL */
	void (*io_free)(struct ifnet *ifp);
	/* may `ifconfig destroy` do it?  NULL: yes.  Return: 0 or an errno */
	int (*io_candestroy)(const struct ifnet *ifp);
	/* the rest may be NULL: */
	/* somebody has it open: its destruction waits for that; its end is
	 * told to world_link.wl_wq */
	bool (*io_busy)(const struct ifnet *ifp);
	/* what only this kind has.  Return: 0 or an errno */
	int (*io_ioctl)(struct ifnet *ifp, const struct vnetsim_ifreq *ifr);
	/* another MTU, in the usual limits.  Return: 0 (the caller sets it) or
	 * an errno */
	int (*io_setmtu)(struct ifnet *ifp, uint32_t mtu);
	/* its link-layer address has changed */
	void (*io_lladdr)(struct ifnet *ifp);
	/* it leaves the vnet it is in: let go of what must not come along.
	 * curvnet is that vnet, or NULL: dead */
	void (*io_depart)(struct ifnet *ifp, bool vmove);
	/* line @n of what ifconfig prints of this kind.  Return: false: no
	 * more */
	bool (*io_show)(
	    const struct ifnet *ifp, uint32_t n, char *buf, size_t size);
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
	/* its link-layer address has changed; may be NULL */
	void (*ia_lladdr)(struct ifnet *ifp);
};

struct if_data {
	uint64_t ifi_ipackets, ifi_ierrors, ifi_opackets, ifi_oerrors;
	uint64_t ifi_ibytes, ifi_obytes, ifi_iqdrops, ifi_oqdrops;
	uint64_t ifi_collisions;
};

struct ifaddr; /* src/net/ip/in_var.h embeds the real thing */

struct ifnet {
	char if_xname[IFNAMSIZ]; /* unique in its vnet */
	uint64_t if_handle; /* HANDLE_IFNET; also rcvif; new after a move */
	uint64_t if_home;   /* (w) HANDLE_VNET of if_home_vnet, 0: none yet */
	uint16_t if_index;  /* per vnet, lowest free from 1 */
	uint8_t if_type;
	uint8_t if_linkstate;
	uint8_t if_fib;    /* table of what comes in; 0 after a move */
	uint32_t if_flags; /* enum iff */
	uint32_t if_mtu;
	uint8_t if_lladdr[ETHER_ADDR_LEN];
	uint8_t if_addrlen;
	bool if_dead;      /* driver ops replaced: transmit drops, ENXIO */
	bool if_attached;  /* on its vnet's list */
	uint8_t if_afmask; /* families attached, bit per registration */
	uint16_t if_bpf;   /* taps (bpf.c) */
	const struct if_ops *if_ops;
	void *if_softc;            /* (o by the driver) */
	struct vnet *if_vnet;      /* (b) where it is; writers: if.c */
	struct vnet *if_home_vnet; /* (c) where it was created; may be dead:
				    * see if_homevnet() */
	/* protocol entry: takes m, in curvnet == if_vnet */
	void (*if_input)(struct ifnet *ifp, struct mbuf *m __takes);
	/* @dst: next hop, IPv4 host order; takes m.  Return: 0 or errno */
	int (*if_output)(
	    struct ifnet *ifp, struct mbuf *m __takes, uint32_t dst, bool isgw);
	struct lltable *if_llt; /* (o by lltable) neighbours, NULL: none */
	void *if_afdata;        /* (o by the family): IPv4's, or NULL */
	struct if_data if_data;
	struct ifextra *if_extra; /* (o) description and groups, or NULL */
	struct ifport *if_master; /* (b) the bridge's or lagg's hold on it */
	TAILQ_HEAD(, ifport) if_above;           /* what is stacked on it */
	TAILQ_HEAD(, ifport) if_below;           /* what it is stacked on */
	TAILQ_HEAD(, ifmultiaddr) if_multiaddrs; /* groups it hears */
	struct task if_linktask;
	struct ref if_busy;  /* (r) op that moves or destroys it, or empty */
	uint32_t if_nroutes; /* routes of its vnet that leave by it */
	struct waitq if_wq;  /* departure waits: references dropped */
	struct epoch_context if_epoch;
	TAILQ_ENTRY(ifnet) if_link;   /* vnet's list, order of arrival */
	TAILQ_ENTRY(ifnet) if_native; /* home's list, order of creation */
};

/* Interfaces of one vnet, and the numbers they get. */
#define IF_MAXINDEX 8192

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
 * @ifp:	never attached (freed at once), or detached (after a grace
 *		period)
 */
void if_free(struct ifnet *ifp);

/**
 * if_attach() - make it visible in curvnet
 * @ifp:	if_xname set; first attach sets if_home_vnet
 *
 * Return:	0; VE_EXIST: name taken; VE_NOMEM; VE_NOSPC: IF_MAXINDEX
 *		interfaces; VE_BUSY: this vnet has let go of its interfaces.
 */
int if_attach(struct ifnet *ifp);

/**
 * if_detach_now() - undo if_attach() in the same event: nobody saw it
 * @ifp:	attached by the running event; if_free() is next
 */
void if_detach_now(struct ifnet *ifp);

/**
 * if_rele() - let go of a typed reference to an interface
 * @slot:	full slot; empty afterwards
 *
 * As ref_drop(), and wakes the departure that may wait for it.
 */
void if_rele(struct ref *slot);

/**
 * if_wherevnet() / if_homevnet() - the vnet it is in, the vnet it is from
 * @ifp:	interface
 *
 * Return:	the live vnet; NULL: it is dead.
 */
struct vnet *if_wherevnet(const struct ifnet *ifp);
struct vnet *if_homevnet(const struct ifnet *ifp);

/* On its way out: being moved or destroyed. */
static inline bool
if_leaving(const struct ifnet *ifp)
{
	return (!ref_empty(&ifp->if_busy) || (ifp->if_flags & IFF_DYING) != 0);
}

/* A packet came in by this interface. */
static inline void
if_setrcvif(struct mbuf *m, const struct ifnet *ifp)
{
	m->m_pkthdr.rcvif_idx = (uint32_t)ifp->if_handle;
	m->m_pkthdr.rcvif_gen = (uint32_t)(ifp->if_handle >> 32);
}

/* Marks of a packet that a wire, or loopback, hands over: what was still to
 * be computed is now known to be right. */
static inline void
if_csum_cross(struct mbuf *m)
{
	uint32_t flags = m->m_pkthdr.csum_flags, in;

	in = flags & (CSUM_L3_VALID | CSUM_DATA_VALID);
	if ((flags & CSUM_IP) != 0)
		in |= CSUM_L3_VALID;
	if ((flags & (CSUM_TCP | CSUM_UDP)) != 0)
		in |= CSUM_DATA_VALID;
	m->m_pkthdr.csum_flags = (uint16_t)in;
}

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

/* By if_index, in curvnet.  Return: the interface, NULL: none. */
struct ifnet *ifnet_byindex(uint32_t idx);

/* Interfaces on the list of a vnet.  Return: FreeBSD's vnet_ifcnt. */
uint32_t if_count(const struct vnet *v);

/* lo0 of curvnet (V_loif).  Return: NULL: gone already. */
struct ifnet *if_loif(void);

/**
 * if_transmit() - hand a frame to the driver
 * @ifp:	interface
 * @m:		takes it; link-layer header included
 *
 * Return:	0; VE_NETDOWN: dead, dying or down (dropped, counted);
 *		VE_NOBUFS.
 */
int if_transmit(struct ifnet *ifp, struct mbuf *m __takes);

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
 * if_setlladdr() - change the Ethernet address
 * @ifp:	of curvnet
 * @lladdr:	6 bytes
 *
 * Neighbours are told, what is stacked on it follows.
 * Return:	0; VE_INVAL: a group address, or not Ethernet; VE_NXIO: dying.
 */
int if_setlladdr(struct ifnet *ifp, const uint8_t *lladdr);

/**
 * if_ioctl() - what else ifconfig changes
 * @ifp:	of curvnet
 * @ifr:	what, and with which arguments
 *
 * Return:	0; VE_NXIO: dying; VE_INVAL: not for this kind, or bad values;
 *		else as vnetsim_if_ioctl().
 */
int if_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr);

/**
 * if_addmulti() - hear a link-layer group
 * @ifp:	Ethernet interface, attached
 * @lladdr:	6 bytes, a group address
 * @slot:	empty slot of the caller's; holds the group until if_delmulti()
 *
 * What it is stacked on hears it, too, if its driver is of that kind (vlan).
 * Return:	0; VE_NOMEM.
 */
int if_addmulti(struct ifnet *ifp, const uint8_t *lladdr, struct ref *slot);

/**
 * if_delmulti() - no longer
 * @slot:	as filled by if_addmulti(), also when the interface has left
 *		since; an empty one is fine
 */
void if_delmulti(struct ref *slot);

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
 * @ifp:	interface, attached, nobody else's (if_busy)
 * @to:		live vnet; NULL in a later call: it died meanwhile
 *
 * Nothing is touched before a place in @to is secured.  If @to is gone or has
 * let go of its interfaces when the interface arrives, it goes back to where
 * it came from, without addresses.  After a move the interface has another
 * handle, so packets received before are nobody's.
 *
 * FreeBSD: if_vmove() (if_detach_internal with vmove, then attach).
 * Return:	OP_WAIT/OP_NEXT: call again when re-entered; OP_DONE: moved, or
 *		op->op_error: VE_EXIST name taken there (it stays), VE_NOMEM,
 *		VE_NOSPC, VE_BUSY: @to is shutting down.
 *		A return home never fails: a taken name gets a suffix ".1", and
 *		a family without memory for its part is left out.  A home that
 *		lets go already takes it without families and announcement.
 */
enum op_verdict if_vmove_step(
    struct op *op, struct ifnet *ifp, struct vnet *to);

/**
 * if_destroy_step() - destroy an interface, and its peer
 * @op:		running op; uses op_arg[0..2] and op_ptr[3], 0 at first
 * @ifp:	native to any vnet, wherever it is; not being destroyed by
 *		another op
 *
 * Waits until a move of it or of its peer that is under way is over.
 * Return:	OP_WAIT/OP_NEXT: call again; OP_DONE: gone (the memory goes
 *		after a grace period), or op_error VE_BUSY: it never got free.
 */
enum op_verdict if_destroy_step(struct op *op, struct ifnet *ifp);

/**
 * if_vmove_loan() / if_vmove_reclaim() - `ifconfig IF vnet J`, `-vnet J`
 * @ifp:	interface (in curvnet; for reclaim: in @from)
 * @to:		target vnet
 * @opp:	out: the running op
 *
 * The op belongs to the caller; if it is cancelled the move goes on.
 * Return:	0: started; VE_EXIST: same vnet, or name taken there; VE_BUSY:
 *		a vnet is shutting down or the interface is busy; VE_NOMEM.
 *		The op may end with what if_vmove_step() says.
 */
int if_vmove_loan(struct ifnet *ifp, struct vnet *to, struct op **opp);
int if_vmove_reclaim(struct ifnet *ifp, struct vnet *to, struct op **opp);

/**
 * if_clone_create() - `ifconfig NAME create`
 * @name:	"epair", "epair3", "lo1"; out: name given ("epair0a")
 * @namelen:	size of @name, at least IFNAMSIZ
 *
 * Return:	0; VE_EXIST; VE_INVAL: no such cloner, or no such name;
 *		VE_NOSPC: no unit, or IF_MAXINDEX interfaces; VE_NOMEM;
 *		VE_BUSY: this vnet has let go of its interfaces.
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
	/* is this, which is no name with a unit, one of its names?  NULL: no.
	 * Then ifc_create finds the name in @name */
	bool (*ifc_match)(const char *name);
};
/* Return: 0; VE_EXIST; VE_NOMEM. */
int if_clone_attach(const struct if_clone *ifc);
/* Fine if it is not attached. */
void if_clone_detach(const struct if_clone *ifc);

/**
 * if_destroy_natives() - destroy what a driver created in curvnet
 * @op:	running op of a shutdown verb; uses op_arg, op_ptr[0..3]
 * @mod:	io_mod of the driver
 *
 * Wherever they are, and after moves and destructions that are under way.
 * Return:	OP_WAIT/OP_NEXT: call again; OP_DONE: none is left (or the
 *		bound has passed, which is a finding).
 */
enum op_verdict if_destroy_natives(struct op *op, int mod);

/* Families of curvnet; a family registers in its init, and its ia_attach is
 * called for the interfaces there are.  Return: 0; VE_EXIST; VE_NOMEM. */
int if_af_register(int af, const struct if_afops *ops);
/* ia_detach is called for the interfaces there are; fine if not registered. */
void if_af_unregister(int af);

#endif /* !VNETSIM_KERN_IFNET_H */
