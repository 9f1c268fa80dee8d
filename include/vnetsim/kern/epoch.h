/*
 * epoch.h - grace periods and deferred frees, in countable rounds.
 *
 * A reader section never outlives its event, except for claimed items: a
 * claimed callout, packet or task has entered the epoch and leaves it when it
 * has run.  A grace period begins at a call of NET_EPOCH_CALL() or
 * net_epoch_wait() and ends when every item that was claimed then has run.
 *
 * Callbacks run in rounds: a round takes those whose grace period is over, in
 * order of their calls, one event each, behind door EPOCH with their vnet
 * current.  What they defer themselves belongs to the next round; so "drain
 * once is not enough" can be observed, and the drain phase counts rounds.
 */
#ifndef VNETSIM_KERN_EPOCH_H
#define VNETSIM_KERN_EPOCH_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/kdefs.h>
#include <vnetsim/kern/queue.h>

struct op;
struct vnet;

/* Embedded in the object that is freed later. */
struct epoch_context {
	void (*ec_func)(struct epoch_context *ctx); /* NULL: not queued */
	struct vnet *ec_vnet;                       /* curvnet at the call */
	uint32_t ec_gen;     /* claim generation its grace period waits for */
	uint8_t ec_mod;      /* module, from kctx */
	const char *ec_site; /* constant: where it was deferred */
	STAILQ_ENTRY(epoch_context) ec_link;
};

/* Sections: assertions only, nothing is locked. */
#define NET_EPOCH_ENTER() ((void)kctx->kc_epoch++)
#define NET_EPOCH_EXIT()  ((void)kctx->kc_epoch--)

/**
 * NET_EPOCH_CALL() - run @func(@ctx) after a grace period
 * @func:	frees the object around @ctx
 * @ctx:	not queued
 *
 * Cannot fail.  FreeBSD: epoch(9).
 */
#define NET_EPOCH_CALL(func, ctx) epoch_call((func), (ctx), SITE)
void epoch_call(void (*func)(struct epoch_context *ctx),
    struct epoch_context *ctx, const char *site);

/**
 * net_epoch_wait() - NET_EPOCH_WAIT() of an op
 * @op:	the running op; op_arg[OP_ARGS-1] is used and must be 0 at first
 *
 * Return:	true: a grace period has passed since the first call (the
 *		argument is 0 again).  false: the step must return OP_WAIT and
 *		call again.
 */
bool net_epoch_wait(struct op *op);

/**
 * epoch_drain() - wait until all callbacks of a vnet that are queued now ran
 * @op:	the running op; uses op_arg[OP_ARGS-1] as net_epoch_wait()
 * @v:	vnet, NULL for all
 *
 * One round: what these callbacks defer is not waited for.
 * Return:	true: done.  false: return OP_WAIT and call again.
 */
bool epoch_drain(struct op *op, struct vnet *v);

/**
 * epoch_pending() - callbacks that have not run
 * @v:	vnet, NULL for all
 *
 * Return:	their number.
 */
uint32_t epoch_pending(const struct vnet *v);

#endif /* !VNETSIM_KERN_EPOCH_H */
