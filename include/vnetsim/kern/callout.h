/*
 * callout.h - callouts with FreeBSD's three states.
 *
 * idle: not armed.  pending: on the wheel.  claimed: dequeued, about to run
 * "on another CPU": callout_stop() answers "too late" and a drain waits.  By
 * default claim and run are one event; a deviation (choose) parts them.  A
 * claimed callout has entered the epoch and leaves it when it has run.
 *
 * A callout belongs to the vnet that is current at callout_init() and to a
 * module; it runs behind door TIME with that vnet current.  After the owner's
 * shutdown step an armed callout is a finding of that step and is removed.
 * callout_reset() of a callout in a vnet whose doors are shut arms nothing.
 */
#ifndef VNETSIM_KERN_CALLOUT_H
#define VNETSIM_KERN_CALLOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/queue.h>

struct op;
struct vnet;

enum callout_state { CALLOUT_IDLE, CALLOUT_PENDING, CALLOUT_CLAIMED };

struct callout {
	evnode_t c_node;
	uint8_t c_state; /* enum callout_state */
	uint8_t c_mod;   /* enum vnet_modid */
	bool c_again;    /* reset while claimed: pending again after it ran */
	uint32_t c_claimgen; /* epoch generation entered by the claim */
	int64_t c_time;      /* due, virtual ns; 0 if idle */
	struct vnet *c_vnet; /* (c) */
	const char *c_name;  /* (c) constant: "tcp.rexmt" */
	void (*c_func)(void *arg);
	void *c_arg;                /* (b) ledger object */
	LIST_ENTRY(callout) c_link; /* vnet's armed or claimed callouts */
};

/**
 * callout_init() - make a callout idle
 * @c:		in a world object of curvnet
 * @mod:	owner, enum vnet_modid
 * @name:	constant, "module.timer"
 */
void callout_init(struct callout *c, int mod, const char *name);

/**
 * callout_reset() - arm, or move
 * @c:		callout
 * @ns:		virtual ns from now, >= 0
 * @func:	runs once, behind door TIME
 * @arg:	for @func
 *
 * Return:	1 if it was pending, else 0.  In a vnet whose doors are shut
 *		(dying): 0, nothing is armed.
 */
int callout_reset(
    struct callout *c, int64_t ns, void (*func)(void *arg), void *arg);

/**
 * callout_stop() - disarm without waiting
 * @c:	callout
 *
 * Return:	1 cancelled; 0 claimed, could not be stopped; -1 was not armed.
 *		FreeBSD: callout_stop(9).
 */
int callout_stop(struct callout *c);

/**
 * callout_drain() - disarm and, if claimed, wait until it has run
 * @c:	callout
 * @op:	the running op; re-enter and call again
 *
 * Return:	true: idle now.  false: an op_wait() was made; the step must
 *		return OP_WAIT and call again when re-entered.
 */
bool callout_drain(struct callout *c, struct op *op);

/* Armed: pending, or claimed and not yet run. */
static inline bool
callout_active(const struct callout *c)
{
	return (c->c_state != CALLOUT_IDLE);
}

static inline bool
callout_pending(const struct callout *c)
{
	return (c->c_state == CALLOUT_PENDING || c->c_again);
}

#endif /* !VNETSIM_KERN_CALLOUT_H */
