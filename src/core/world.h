/*
 * world.h - everything that is simulated, as one value.
 *
 * A world is one reserved address range.  struct world stands at its start;
 * behind it lie the extent table, the pool of event nodes, the handle table
 * and the extents (memory.h).  Nothing lives outside: no globals, no heap; the
 * only pointers out go to program text and constant data.  So a world can be
 * saved and restored by copying the used parts (save.c), after every event.
 *
 * Each part below has one owner file; its *_var.h declares the part's struct
 * and its world_x_init().  All zero is a valid state before init.
 *
 * kctx (event.h) points to the world that the thread works on.  Every public
 * call sets it (world_enter), so a thread may own several worlds; a world has
 * one owner at a time.
 */
#ifndef SRC_CORE_WORLD_H
#define SRC_CORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/errno.h>
#include <vnetsim/host.h>
#include <vnetsim/wire.h>
#include <vnetsim/kern/finding.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/vnet.h>
#include "src/core/epoch_var.h"
#include "src/core/event_var.h"
#include "src/core/finding_var.h"
#include "src/core/handle.h"
#include "src/core/jail_var.h"
#include "src/core/memory.h"
#include "src/core/op_var.h"
#include "src/core/sysctl_var.h"
#include "src/core/taskqueue_var.h"
#include "src/core/trace_var.h"
#include "src/core/view.h"
#include "src/core/vnet_load.h"
#include "src/core/vnet_var.h"

#define WORLD_MAGIC UINT64_C(0x766e657473696d31) /* "vnetsim1" */

struct mbuf;

/*
 * What core needs from the layers above; constant, given at world_create().
 * Any member may be NULL.
 */
struct world_upcalls {
	/* a dying prison has no use left (or is removed): begin its end */
	void (*wu_reap)(struct prison *pr);
	/* a vnet is born, killed or dead: the wires' listeners hear it */
	void (*wu_wire)(const struct vnetsim_wire_event *ev);
	/* can anything that @v sends reach a wire? */
	bool (*wu_wired)(struct vnet *v);
	/* a module is loaded (@here) or gone: the order of ends changes.
	 * Return: 0; VE_NOSPC, for @here only: no room, nothing changed */
	int (*wu_module)(int mod, bool here);
	/* an event has run: cheap oracles (ledger deltas, monitor) look */
	void (*wu_after_event)(struct world *w);
};

/* How a world is made; copied. */
struct world_config {
	uint64_t wc_seed;
	size_t wc_size;         /* bytes of address space; 0: default */
	uint64_t wc_budget;     /* bytes for all; 0: none but wc_size */
	uint64_t wc_vnetbudget; /* bytes per vnet; 0: none */
	uint64_t wc_failalloc;  /* fail the n-th fallible allocation; 0: none */
	bool wc_failsticky;     /* and all after it */
	bool wc_shuffle;        /* tests: uninit in shuffled order */
	uint8_t wc_ties;        /* enum vnetsim_ties, not 0: equal slots of
				 * init are run the other way round */
	int32_t wc_jidmax;      /* highest jid; 0: JAIL_MAX */
	const struct vnet_module *const *wc_modules; /* NULL-terminated */
	const struct world_upcalls *wc_upcalls;
};

struct world {
	struct kctx w_ctx; /* first: kctx points here */
	uint64_t w_magic;
	const struct vnetsim_host *w_host;
	struct world_config w_cfg;
	struct world_mem w_mem;           /* memory.c */
	struct world_handles w_hnd;       /* handle.c */
	struct world_events w_ev;         /* event.c */
	struct world_ops w_ops;           /* op.c */
	struct world_epoch w_epoch;       /* epoch.c */
	struct world_taskq w_tq[TASKQ_N]; /* taskqueue.c */
	struct world_trace w_trace;       /* trace.c */
	struct world_findings w_find;     /* finding.c */
	struct world_jails w_jail;        /* kern_jail.c */
	struct world_modules w_modules;   /* vnet_sysinit.c */
	struct world_kld w_kld;           /* vnet_load.c */
	struct world_kmods w_kmods;       /* vnet_load.c; not in a save */
	struct world_sysctls w_sysctl;    /* sysctl.c */
	struct op w_undo; /* what modules wait with while init is undone */
	uint32_t w_drop[DROP_N]; /* drops outside every vnet */
	bool w_panicking;        /* panic() makes its text */
	/* vnets: vnet.c */
	LIST_HEAD(, vnet) w_vnets; /* newest first */
	struct vnet *w_vnet0;
	uint32_t w_nextvnet;
	uint32_t w_nvnets;
	/* modules: vnet.c; index is the module id */
	const struct vnet_module *w_mod[VNET_MOD_MAX];
	uint16_t w_zonebase[VNET_MOD_MAX]; /* type id of uz_local 0 */
	uint32_t w_nmod;
	const struct uma_zone *w_zone[MEM_NTYPES]; /* by type id */
	uint32_t w_ntypes;
	/* parts of higher layers, reached only by their owners: allocated
	 * from the world with world_user_alloc() */
	void *w_net;                /* src/net/net_api.c */
	void *w_link;               /* src/net/link/link.c */
	void *w_teardown;           /* src/teardown/ */
	void *w_user;               /* sim, through the public API */
	struct vnetsim_view w_view; /* view.c: of itself */
};

static inline struct world *
curworld(void)
{
	return (kctx->kc_world);
}

/**
 * world_create() - an empty world: vnet0, prison0, time 0
 * @host:	constant table, borrowed for the world's life
 * @cfg:	copied; wc_modules is required (its init runs for vnet0)
 * @errorp:	out, on failure: VE_NOMEM, or the errno of a module's init
 *
 * Return:	the world, entered (kctx points to it); NULL: see @errorp.
 */
struct world *world_create(const struct vnetsim_host *host,
    const struct world_config *cfg, int *errorp);

/**
 * world_reset() - a new world in the place of an old one
 * @w:		world, in any state, depth 0
 * @cfg:	as for world_create(); wc_size is ignored
 *
 * Cheap: the reservation and its touched pages stay.  Handles and pointers
 * of the old world are void; its saves must have been freed.
 * Return:	0, and the world is entered and as new; or the errno of
 *		world_create(), and the world may only be reset or destroyed.
 */
int world_reset(struct world *w, const struct world_config *cfg);

/**
 * world_destroy() - give the address range back, whatever is in it
 * @w:	world; kctx is NULL afterwards if it was current
 */
void world_destroy(struct world *w);

/* Make @w the thread's world; NULL: none. */
void world_enter(struct world *w);

/**
 * world_step() - run the earliest event
 * @w:		world
 * @until:	do not run events later than this, virtual ns
 *
 * Return:	true if one ran; false: none is due (the clock then stands at
 *		@until, unless that is INT64_MAX).
 */
bool world_step(struct world *w, int64_t until);

/**
 * world_user_alloc() - memory of the world for the layers above core
 * @size:	bytes; zeroed
 * @fallible:	counts for --fail-alloc and the budget; else never injected
 *
 * Return:	memory saved and restored with the world; NULL: no memory.
 */
void *world_user_alloc(size_t size, bool fallible);
void world_user_free(void *p);

/* Save and restore: save.c. */
struct world_save;

/**
 * world_save() - copy the used parts of a world, between events
 * @w:	world, depth 0
 *
 * Return:	the copy, on the host's heap; NULL: no memory.
 */
struct world_save *world_save(struct world *w);

/**
 * world_restore() - make the world what it was at the save
 * @w:	the same world (same address), depth 0
 * @s:	a save of it; may be used again
 */
void world_restore(struct world *w, const struct world_save *s);
void world_save_free(struct world *w, struct world_save *s);

enum hash_flags {
	HASH_STATS = 1,   /* statistics count, too */
	HASH_TIMES = 2,   /* absolute virtual times count, too */
	HASH_SERIALS = 4, /* serial numbers count, too */
};

/**
 * world_hash() - hash of the state of one vnet or of the world, by field tables
 * @v:		vnet; NULL: everything
 * @flags:	enum hash_flags
 *
 * Taken at decision points only.  Independent of addresses and of the order
 * in which objects lie in memory.
 * Return:	64 bits.
 */
uint64_t world_hash(const struct vnet *v, int flags);

#endif /* !SRC_CORE_WORLD_H */
