/*
 * epoch_var.h - claims, grace periods and deferred frees of a world.
 */
#ifndef SRC_CORE_EPOCH_VAR_H
#define SRC_CORE_EPOCH_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/op.h>
#include "src/core/event_var.h"

struct world;

/* Items that may be claimed at once; beyond it claim and run are one event. */
#define EPOCH_CLAIMS 64

/* A claimed item: it entered the epoch and has not run yet. */
struct epoch_claim {
	uint32_t ck_gen;          /* 0: free */
	const char *ck_name;      /* constant */
	void (*ck_func)(void *a); /* callouts: as it was when claimed */
	void *ck_arg;
};

STAILQ_HEAD(epoch_list, epoch_context);

struct world_epoch {
	uint32_t wp_gen;      /* generation of the last claim */
	uint32_t wp_nclaims;  /* claims that have not run */
	uint32_t wp_npending; /* callbacks in the queue */
	uint32_t wp_left;     /* of these, in the round that runs */
	evnode_t wp_node;     /* grace period's end, or the next callback */
	struct epoch_list wp_list; /* in order of their calls */
	uint64_t wp_ran;           /* callbacks that ran */
	uint64_t wp_rounds;        /* rounds begun */
	struct waitq wp_wq;        /* waits for grace periods */
	struct waitq wp_drainq;    /* drains of all vnets: v_drainq for one */
	struct epoch_claim wp_claim[EPOCH_CLAIMS];
};

void world_epoch_init(struct world *w);

/**
 * epoch_claim() - an item is dequeued and enters the epoch
 * @name:	constant
 * @func:	remembered for it, may be NULL
 * @arg:	remembered for it
 *
 * Return:	its generation, not 0; 0: EPOCH_CLAIMS items are claimed.
 */
uint32_t epoch_claim(const char *name, void (*func)(void *arg), void *arg);

/**
 * epoch_claim_find() - what was remembered
 * @gen:	of epoch_claim()
 *
 * Return:	the claim.
 */
const struct epoch_claim *epoch_claim_find(uint32_t gen);

/**
 * epoch_unclaim() - the item has run, or is removed
 * @gen:	of epoch_claim()
 *
 * Wakes drains; grace periods that waited for it end.
 */
void epoch_unclaim(uint32_t gen);

/**
 * epoch_rounds() - rounds of deferred frees begun so far
 * @w:	world
 *
 * Return:	the number; a drain phase counts by the difference.
 */
uint64_t epoch_rounds(const struct world *w);

/**
 * epoch_run_now() - deferred frees of a vnet, without a grace period
 * @v:	never seen by anybody: the vnet whose init is being undone
 *
 * Return:	number of callbacks that ran, those they deferred included.
 */
uint32_t epoch_run_now(struct vnet *v);

/* Deferred frees of one module in one vnet (NULL: in none) that have not run.
 */
uint32_t epoch_pending_mod(const struct vnet *v, int mod);

/* Deferred frees; see struct late_item.  Their objects are not freed. */
uint32_t epoch_discard(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx);

#endif /* !SRC_CORE_EPOCH_VAR_H */
