/*
 * if_var.h - what the files of src/net/link share about interfaces.
 *
 * V_if is the per-vnet state of module `if`.  An interface that can be seen is
 * on if_list and has a slot; a slot is number and name at once: an interface
 * on its way here has one already, one on its way out has it still, so neither
 * its number nor its name can be taken meanwhile.  The table always has room
 * for those of ours that are elsewhere; so a return home needs no memory.
 */
#ifndef SRC_NET_LINK_IF_VAR_H
#define SRC_NET_LINK_IF_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/vnet.h>
#include "src/core/world.h"
#include "src/net/link/link.h"

#define IF_NAF     4 /* address families of one vnet */
#define IF_MAXUNIT 4095

/* A departure waits that long for whoever still holds the interface. */
#define IF_WAIT_BOUND (120 * NS_S)

/* uz_local of the zones of module if. */
enum if_zone {
	IF_Z_IFNET,
	IF_Z_CLONER,
	IF_Z_SLOTS,
	IF_Z_LINK,
	IF_Z_EXTRA,
	IF_Z_MULTI,
	IF_Z_MULTIHOLD,
};
extern const struct uma_zone ifnet_zone, if_cloner_zone, if_slots_zone;
extern const struct uma_zone link_zone, ifextra_zone;
extern const struct uma_zone ifmultiaddr_zone, ifmultihold_zone;

#define IF_NGROUPS    8
#define IF_DESCR_SIZE 64

/* What few interfaces have: a description, groups of their own.  World state
 * that goes where the interface goes. */
struct ifextra {
	char ix_descr[IF_DESCR_SIZE];
	char ix_group[IF_NGROUPS][IFNAMSIZ];
	uint32_t ix_ngroups;
	uint32_t ix_alone; /* 1: taken out of its cloner's group */
};

TAILQ_HEAD(ifnet_head, ifnet);

struct if_family {
	const struct if_afops *af_ops; /* (c) NULL: free */
	int32_t af_af;
};

/* A cloner that is attached. */
struct if_cloner {
	const struct if_clone *ic_clone; /* (c) */
	LIST_ENTRY(if_cloner) ic_link;
};

struct vnet_if {
	struct ifnet_head if_list;    /* (b) attached, order of arrival */
	struct ifnet_head if_natives; /* (o) created here, wherever they are */
	struct ifnet **if_slot;       /* (o) by if_index - 1 */
	uint32_t if_cap;              /* of if_slot */
	uint32_t if_nslots;           /* taken */
	uint32_t if_cnt;              /* on if_list: vnet_ifcnt */
	uint32_t if_nlent;            /* of others, with a slot here */
	uint32_t if_naway;            /* ours, without a slot here */
	uint32_t if_nnatives;
	uint32_t if_open; /* 1: interfaces may come; 0 after shutdown */
	LIST_HEAD(, if_cloner) if_cloners;
	struct if_family if_af[IF_NAF];
};
VNET_STATE(if, struct vnet_if);
#define V_if VNET(if)

static inline struct vnet_if *
vnet_if_of(const struct vnet *v)
{
	return (v->v_state[VNET_MOD_if]);
}

/* How frames of curvnet are allocated: a goodbye draws on the reserve. */
static inline int
if_mflags(void)
{
	return (curvnet != NULL && curvnet->v_phase != PHASE_ALIVE ? M_RESERVE
								   : M_NOWAIT);
}

/* world->w_link */
struct world_link {
	TAILQ_HEAD(, link) wl_links; /* (o) order of birth */
	uint32_t wl_nextid;
	uint64_t wl_frame; /* number of the next frame */
	bool wl_outside;   /* what is being sent comes from outside the world */
	/* (b) whose frame is being sent by a wire of another vnet, or NULL */
	const struct vnet *wl_origin;
	void (*wl_sink)(void *ctx, const struct vnetsim_wire_event *ev);
	bool (*wl_whole)(void *ctx);
	void *wl_ctx;
	uint8_t *wl_buf;    /* (o) a flat frame, for the sink */
	uint8_t *wl_bpfbuf; /* (o) a flat frame, for taps */
	struct waitq wl_wq; /* an interface stopped being busy, or is gone */
};

static inline struct world_link *
world_link(void)
{
	return (curworld()->w_link);
}

/* Return: 0; VE_NOMEM.  Fine if it is there. */
int world_link_init(void);

/* if.c: slots of curvnet. */

/**
 * if_slot_room() - make room for @n more interfaces in curvnet
 * @n:	how many
 *
 * Return:	0; VE_NOSPC: IF_MAXINDEX; VE_NOMEM.
 */
int if_slot_room(uint32_t n);

/**
 * if_slot_take() - the lowest free number for an interface
 * @ifp:	has no slot in curvnet; there is room
 *
 * Return:	its index, from 1.
 */
uint16_t if_slot_take(struct ifnet *ifp);
void if_slot_put(struct ifnet *ifp, uint16_t idx);

/* Is a name taken in curvnet, by a visible interface or one on its way? */
bool if_name_taken(const char *name, const struct ifnet *but);

/**
 * if_attach_internal() - an interface with a slot appears in curvnet
 * @ifp:	not attached
 * @idx:	its slot
 * @must:	a family that has no memory is left out
 *
 * Return:	0; VE_NOMEM: nothing has changed.
 */
int if_attach_internal(struct ifnet *ifp, uint16_t idx, bool must);

/* if_ioctl.c: charged to @v from now on, with all that goes with it. */
void if_chown(struct ifnet *ifp, struct vnet *v);
/* Out of all groups but its cloner's: groups are a vnet's. */
void if_delgroups(struct ifnet *ifp);

/* if_af.c */
void if_af_lladdr(struct ifnet *ifp);
int if_af_attach(struct ifnet *ifp, bool must);
void if_af_purge(struct ifnet *ifp);
void if_af_detach(struct ifnet *ifp);

/* if_multi.c */

/* A link-layer group that an interface hears. */
struct ifmultiaddr {
	uint8_t ifma_addr[ETHER_ADDR_LEN];
	struct ifnet *ifma_ifp;              /* (b) NULL: it has left */
	LIST_HEAD(, ifmultihold) ifma_below; /* (o) the same below it */
	TAILQ_ENTRY(ifmultiaddr) ifma_link;
};

struct ifport;

/* By address.  Return: NULL: nobody asked for it. */
struct ifmultiaddr *if_findmulti(
    const struct ifnet *ifp, const uint8_t *lladdr);
/* Does a frame to this group go up?  True for what is not IPv4's. */
bool if_hearsmulti(const struct ifnet *ifp, const uint8_t *lladdr);
/* A departing interface lets go of all that are left. */
void if_purgemaddrs(struct ifnet *ifp);
/* A port was attached, will be detached.  Return: 0; VE_NOMEM. */
int if_multi_portattach(const struct ifport *po);
void if_multi_portdetach(const struct ifport *po);

/* if_detach.c */

/**
 * if_detach_step() - off the vnet it is in, with every wait of FreeBSD's
 * @op:		running op
 * @ifp:	claimed by @op
 * @stage:	0 at the first call
 * @vmove:	it is going to live on elsewhere
 *
 * Return:	OP_WAIT: call again; OP_DONE: nobody can reach it.  It keeps
 *		its slot.
 */
enum op_verdict if_detach_step(
    struct op *op, struct ifnet *ifp, uint64_t *stage, bool vmove);

/**
 * if_claim() - nobody else may move or destroy it now
 * @ifp:	interface
 * @op:		who does
 *
 * Return:	false: another op does already.
 */
bool if_claim(struct ifnet *ifp, struct op *op);
void if_unclaim(struct ifnet *ifp);

/* Is it @op's, or nobody's? */
bool if_claimable(const struct ifnet *ifp, const struct op *op);

/* if_destroy.c: has somebody it open? */
bool if_isopen(const struct ifnet *ifp);
/* Condition of an op: op_ptr[0] is open no more. */
bool if_isclosed(struct op *op);

/* if_vmove.c */

/**
 * vnet_if_return() - interfaces that are lent to curvnet go home
 * @op:		running op; uses op_arg, op_ptr[0..3]
 *
 * The shutdown verb of module if.  From now on no interface may come.  What
 * others move or destroy just now is waited for.  An interface whose home is
 * dead is destroyed.
 *
 * FreeBSD: vnet_if_return().
 * Return:	OP_WAIT/OP_NEXT: call again; OP_DONE.
 */
enum op_verdict vnet_if_return(struct op *op);

/* if_async.c */

/**
 * if_async() - begin what needs more than one event, for a user
 * @work:	steps; op_ptr[0] is @ifp, op_arg[3] is @to's handle
 * @ifp:	not claimed; becomes the work's
 * @to:		vnet or NULL
 * @opp:	out: done when the work is, with its error
 *
 * Return:	0; VE_NOMEM.
 */
int if_async(const struct op_desc *work, struct ifnet *ifp, struct vnet *to,
    struct op **opp);
/* The work is done: tell who waits. */
void if_async_done(struct op *work);

/* if_unit.c: units of a cloner, a bitmap. */
struct if_units {
	uint32_t *iu_bits; /* (o) */
	uint32_t iu_words;
	uint32_t iu_n; /* taken */
};

/**
 * if_unit_init() - an empty set
 * @iu:	zeroed
 * @z:	MALLOC_TYPE of the module
 *
 * Return:	0; VE_NOMEM.
 */
int if_unit_init(struct if_units *iu, const struct uma_zone *z);
/* Nothing happens if units are taken.  One that was never used (all zero) is
 * fine, everywhere. */
void if_unit_fini(struct if_units *iu, const struct uma_zone *z);
/* @want: -1: lowest free.  Return: 0; VE_EXIST; VE_NOSPC: beyond IF_MAXUNIT;
 * VE_NOMEM. */
int if_unit_take(
    struct if_units *iu, const struct uma_zone *z, int want, uint32_t *unit);
void if_unit_put(struct if_units *iu, uint32_t unit);

/* A contract that holds only after uninit. */
#define CONTRACT_UNINIT(st, m)                                                 \
	{                                                                      \
#m, offsetof(st, m), FIELD_SIZE(st, m), false                  \
	}

/* link_wire.c */
struct link;
void link_report_link(const struct link *l);
void link_report_late(const struct link *l, int end, uint64_t frame);
/* An overtaken one arrives now, behind that one. */
void link_report_moved(
    const struct link *l, int end, uint64_t frame, uint64_t behind);
void link_report_frame(const struct link *l, int end, uint64_t frame,
    uint8_t verdict, int64_t arrive, uint32_t bit, const struct mbuf *m);
/* Does a frame belong to a class? */
bool link_classify(const struct mbuf *m, enum link_class cls);

#endif /* !SRC_NET_LINK_IF_VAR_H */
