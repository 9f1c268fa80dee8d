/*
 * if_detach.c - an interface leaves the vnet it is in.
 *
 * Both exits (a move, a destruction) begin with this; FreeBSD's
 * if_detach_internal(), one wait a step:
 *
 *	unlink   off the list: nobody new finds it; what is stacked on it, or
 *	         must not come along, lets go of it
 *	epoch    who found it before has left
 *	drain    deferred frees that still use it have run
 *	task     its link-state task is neither queued nor claimed
 *	down     if_down, addresses, departure event, (dead), families
 *	refs     who still holds it by a typed reference lets go
 *
 * Each wait is an event of its own, so anything may come between.  In a vnet
 * whose destructors have begun the addresses are not purged here: that was
 * the L3 destructors' work (FreeBSD's short path).
 *
 * References go in rounds of deferred frees (a route, then its next hop), so
 * a few rounds are waited for before the wait for a wake-up, whose bound names
 * the holders.
 *
 * An interface whose vnet died under it (somebody skipped the return of lent
 * interfaces) is in no list; the waits remain.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/link/bpf.h"
#include "src/net/link/if_stack.h"
#include "src/net/link/if_var.h"

enum {
	DET_UNLINK,
	DET_EPOCH,
	DET_DRAIN,
	DET_TASK,
	DET_DOWN,
	DET_REFS, /* + rounds waited for */
	DET_ROUNDS = 4,
};

/* ---- whose it is ---- */

bool
if_claimable(const struct ifnet *ifp, const struct op *op)
{
	return (ref_empty(&ifp->if_busy) || ref_get(&ifp->if_busy) == op);
}

bool
if_claim(struct ifnet *ifp, struct op *op)
{
	if (!if_claimable(ifp, op))
		return (false);
	/* the undoing of an init is alone, and its op no ledger object */
	if (ref_empty(&ifp->if_busy) && op != &curworld()->w_undo)
		ref_take(&ifp->if_busy, op, "if_busy");
	return (true);
}

void
if_unclaim(struct ifnet *ifp)
{
	if (!ref_empty(&ifp->if_busy))
		(void)ref_drop(&ifp->if_busy);
}

/* ---- steps ---- */

static void
if_unlink(struct ifnet *ifp)
{
	if (!ifp->if_attached)
		return;
	bpf_ifdetach(ifp);
	TAILQ_REMOVE(&V_if.if_list, ifp, if_link);
	V_if.if_cnt--;
	ifp->if_attached = false;
}

/* FreeBSD: if_down(), if_purgeaddrs(), departure, if_dead(), dom_ifdetach. */
static void
if_detach_internal(struct ifnet *ifp, bool vmove)
{
	if ((ifp->if_flags & IFF_UP) != 0) {
		ifp->if_flags &= ~(uint32_t)IFF_UP;
		if (ifp->if_ops->io_updown != NULL)
			ifp->if_ops->io_updown(ifp, false);
	}
	if (!VNET_IS_SHUTTING_DOWN(curvnet))
		if_af_purge(ifp);
	eventhandler_invoke(EVH_IFNET_DEPARTURE, ifp, vmove ? 1 : 0);
	if (!vmove)
		ifp->if_dead = true;
	if_af_detach(ifp);
	if_purgemaddrs(ifp);
}

static bool
if_unheld(struct op *op)
{
	return (!ref_held(op->op_waitobj));
}

/* Return: false: an op_wait() was made. */
static bool
if_detach_refs(
    struct op *op, struct ifnet *ifp, struct vnet *v, uint64_t *stage)
{
	/* a round that was begun is waited for to its end */
	if (op->op_arg[OP_ARGS - 1] != 0 && !epoch_drain(op, v))
		return (false);
	if (!ref_held(ifp) ||
	    (*stage == DET_REFS + DET_ROUNDS && op->op_timedout))
		return (true);
	while (*stage < DET_REFS + DET_ROUNDS) {
		(*stage)++;
		if (v != NULL && !epoch_drain(op, v))
			return (false);
	}
	(void)op_wait(op, &ifp->if_wq, if_unheld, IF_WAIT_BOUND,
	    "for the last reference to an interface", ifp);
	return (false);
}

/* Return: false: an op_wait() was made. */
static bool
if_detach_waits(
    struct op *op, struct ifnet *ifp, struct vnet *v, uint64_t *stage)
{
	if (*stage == DET_EPOCH) {
		if (!net_epoch_wait(op))
			return (false);
		*stage = DET_DRAIN;
	}
	if (*stage == DET_DRAIN) {
		if ((v != NULL || op->op_arg[OP_ARGS - 1] != 0) &&
		    !epoch_drain(op, v))
			return (false);
		*stage = DET_TASK;
	}
	if (*stage == DET_TASK) {
		if (!taskqueue_drain(&ifp->if_linktask, op))
			return (false);
		*stage = DET_DOWN;
	}
	return (true);
}

enum op_verdict
if_detach_step(struct op *op, struct ifnet *ifp, uint64_t *stage, bool vmove)
{
	struct vnet *v = if_wherevnet(ifp);

	if (*stage == DET_UNLINK) {
		if (v != NULL) {
			CURVNET_SET(v);
			if_unlink(ifp);
			if_stack_depart(ifp, vmove);
			CURVNET_RESTORE();
		} else {
			if_stack_depart(ifp, vmove);
		}
		ifp->if_attached = false;
		*stage = DET_EPOCH;
	}
	if (!if_detach_waits(op, ifp, v, stage))
		return (OP_WAIT);
	if (*stage == DET_DOWN) {
		*stage = DET_REFS;
		ifp->if_dead |= !vmove;
		if (v != NULL) {
			CURVNET_SET(v);
			if_detach_internal(ifp, vmove);
			CURVNET_RESTORE();
		}
	}
	return (if_detach_refs(op, ifp, v, stage) ? OP_DONE : OP_WAIT);
}

void
if_detach_now(struct ifnet *ifp)
{
	MPASS(ifp->if_attached && ifp->if_vnet == curvnet &&
	      ifp->if_home_vnet == curvnet);
	if_unlink(ifp);
	if_stack_depart(ifp, false);
	(void)taskqueue_cancel(&ifp->if_linktask);
	if_detach_internal(ifp, false);
	if_slot_put(ifp, ifp->if_index);
	ifp->if_index = 0;
	TAILQ_REMOVE(&V_if.if_natives, ifp, if_native);
	V_if.if_nnatives--;
	/* born in this event: nobody can have seen it, if_free() need not wait
	 */
	ifp->if_home = 0;
}
