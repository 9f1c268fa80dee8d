/*
 * op_var.h - the operations of a world.
 */
#ifndef SRC_CORE_OP_VAR_H
#define SRC_CORE_OP_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/uma.h>

struct world;

TAILQ_HEAD(op_list, op);

struct world_ops {
	struct op_list wo_list; /* all that are not released, oldest first */
	uint32_t wo_n;
	uint32_t wo_nwaiting; /* or sleeping */
	uint32_t wo_nfreed;   /* ever */
	bool wo_poll;         /* look at every waiting op after each event */
	/* done, not detached, not yet asked for: oldest first, by op_wqnext */
	struct waitq wo_done;
	struct op *wo_running;  /* whose step runs, NULL between */
	struct waitq wo_claimq; /* drains that wait for a claimed item */
};

/* Zone of ops: module core, UMA_WORLD, charged to the op's vnet. */
extern const struct uma_zone op_zone;

void world_ops_init(struct world *w);

/**
 * op_start_reserved() - op_start() from the reserve of the vnet
 * @desc:	constant
 * @v:		vnet in which it steps, NULL for none
 * @init:	fills its arguments, or NULL
 * @initarg:	for @init
 *
 * For teardown, which must not fail for want of memory.
 * Return:	the op, or NULL: the world itself is full.
 */
struct op *op_start_reserved(const struct op_desc *desc, struct vnet *v,
    void (*init)(struct op *op, void *initarg), void *initarg);

/**
 * op_next_done() - completions, in order
 * @w:	world
 *
 * Ops that are detached do not appear; neither do those released meanwhile.
 * Return:	the next one, reported once, still to be released; NULL: none.
 */
struct op *op_next_done(struct world *w);

/* An op that completed has not been asked for. */
static inline bool
op_done_pending(const struct world_ops *wo)
{
	return (wo->wo_done.wq_first != NULL);
}

/**
 * op_detach() - nobody will read the result
 * @op:	running: frees itself when done; done: freed now
 */
void op_detach(struct op *op);

/**
 * op_cancel_all() - end the ops that step in a vnet
 * @v:		vnet
 * @error:	their result
 * @but:	not this one, may be NULL
 *
 * Oldest first.  What is done already stays for its owner.
 * Return:	number cancelled.
 */
uint32_t op_cancel_all(struct vnet *v, int error, const struct op *but);

/**
 * op_abandon() - end what still steps in a vnet that goes, without its help
 * @v:		vnet whose modules have ended: od_cancel could not run
 * @found:	told of each, before; may be NULL
 * @ctx:	passed to it
 *
 * References are dropped, the result is VE_CANCELED.
 * Return:	number of ops.
 */
uint32_t op_abandon(
    struct vnet *v, void (*found)(void *ctx, const struct op *op), void *ctx);

/**
 * op_running() - the op whose step runs
 * @w:	world
 *
 * Return:	it, or NULL.
 */
struct op *op_running(const struct world *w);

/**
 * op_unwait() - take back op_wait()
 * @op:	waiting, sleeping or ready, or none of it; nothing will step it
 */
void op_unwait(struct op *op);

/**
 * op_limit() - a wait that a callee began ends in time
 * @op:		the running op, after op_wait()
 * @ns:		virtual ns from now
 *
 * One that would end later, or never, is re-entered then with op_timedout set;
 * no finding is made.
 */
void op_limit(struct op *op, int64_t ns);

/* Look at all waiting ops: a condition that holds is a lost wake-up.  Called
 * after each event if wo_poll; reports and wakes. */
void op_poll(struct world *w);

/* ---- between op.c and op_wait.c ---- */

/* Run a step: an event of its own has begun. */
void op_step(void *arg);
/* No longer waiting; its next step is scheduled, behind what is due now. */
void op_ready(struct op *op);
/* To the end of a queue; off it, if it is on one. */
void op_enqueue(struct waitq *wq, struct op *op);
void op_dequeue(struct op *op);
/* Of event classes. */
struct vnet *op_event_vnet(const void *arg);
const char *op_event_what(const void *arg);

#endif /* !SRC_CORE_OP_VAR_H */
