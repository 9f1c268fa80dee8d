/*
 * if_destroy.c - the end of an interface, wherever it is.
 *
 *	claim    it and its peer are marked as dying; moves that are under way
 *	         end first (FreeBSD D20868, r368237: destroying one half of a
 *	         pair while the other is moved)
 *	detach   it, then the peer, each in the vnet it is in
 *	driver   io_destroy: both are off every list, softc may go
 *	free     slots, list of natives, memory (after a grace period)
 *
 * An interface that somebody has open (tap) is waited for before all that.
 *
 * Only one op gets past the mark: users are refused (VE_BUSY), shutdown verbs
 * wait until the other one is done.
 *
 * An interface that somebody still holds when the bound has passed is left
 * where it is: dead, and a leak that names its holders.
 */
#include <vnetsim/errno.h>
#include "src/net/link/if_var.h"

enum { DES_CLAIM, DES_DETACH, DES_PEER, DES_DRIVER };

static struct ifnet *
if_peer(const struct ifnet *ifp)
{
	return (
	    ifp->if_ops->io_peer == NULL ? NULL : ifp->if_ops->io_peer(ifp));
}

/* ---- claim ---- */

bool
if_isopen(const struct ifnet *ifp)
{
	return (ifp->if_ops->io_busy != NULL && ifp->if_ops->io_busy(ifp));
}

bool
if_isclosed(struct op *op)
{
	return (!if_isopen(op->op_ptr[0]));
}

static bool
if_destroy_ready(struct op *op)
{
	const struct ifnet *ifp = op->op_waitobj, *peer = if_peer(ifp);

	return (
	    if_claimable(ifp, op) && (peer == NULL || if_claimable(peer, op)));
}

/* Return: OP_DONE: both are ours. */
static enum op_verdict
if_destroy_claim(struct op *op, struct ifnet *ifp)
{
	struct ifnet *peer = if_peer(ifp);

	ifp->if_flags |= IFF_DYING;
	if (peer != NULL)
		peer->if_flags |= IFF_DYING;
	op->op_ptr[3] = peer;
	/* who holds the softc is who has it open */
	if (if_isopen(ifp))
		return (op_wait(op, &world_link()->wl_wq, if_isclosed,
		    IF_WAIT_BOUND, "for an interface that is open",
		    ifp->if_softc));
	if (!if_claimable(ifp, op) || (peer != NULL && !if_claimable(peer, op)))
		return (op_wait(op, &world_link()->wl_wq, if_destroy_ready,
		    IF_WAIT_BOUND, "for an interface that is on its way", ifp));
	(void)if_claim(ifp, op);
	if (peer != NULL)
		(void)if_claim(peer, op);
	return (OP_DONE);
}

/* ---- free ---- */

/* Off the books of the vnet it was in. */
static void
if_gone_there(struct ifnet *ifp)
{
	struct vnet *v = if_wherevnet(ifp);

	if (v == NULL)
		return;
	CURVNET_SET(v);
	if_slot_put(ifp, ifp->if_index);
	CURVNET_RESTORE();
}

/* Off the books of its home, and freed in its name. */
static void
if_gone(struct ifnet *ifp)
{
	struct vnet *home = if_homevnet(ifp), *v = if_wherevnet(ifp);

	if_unclaim(ifp);
	if (ref_held(ifp))
		return;
	if_gone_there(ifp);
	ifp->if_index = 0;
	if_chown(ifp, home);
	if (home == NULL) {
		if_free(ifp);
		return;
	}
	CURVNET_SET(home);
	if (v != home)
		V_if.if_naway--;
	TAILQ_REMOVE(&V_if.if_natives, ifp, if_native);
	V_if.if_nnatives--;
	if_free(ifp);
	CURVNET_RESTORE();
}

/* ---- steps ---- */

/* The driver's part, in the vnet of creation if that lives. */
static enum op_verdict
if_io_destroy(struct op *op, struct ifnet *ifp)
{
	struct vnet *home = if_homevnet(ifp);
	enum op_verdict verdict;

	if (ifp->if_ops->io_destroy == NULL)
		return (OP_DONE);
	if (home == NULL)
		return (ifp->if_ops->io_destroy(op, ifp, false));
	CURVNET_SET(home);
	verdict = ifp->if_ops->io_destroy(op, ifp, true);
	CURVNET_RESTORE();
	return (verdict);
}

static enum op_verdict
if_destroy_driver(struct op *op, struct ifnet *ifp)
{
	struct ifnet *peer = op->op_ptr[3];
	enum op_verdict verdict;

	verdict = if_io_destroy(op, ifp);
	if (verdict != OP_DONE)
		return (verdict);
	if (peer != NULL)
		if_gone(peer);
	if_gone(ifp);
	op->op_ptr[3] = NULL;
	wakeup(&world_link()->wl_wq);
	return (OP_DONE);
}

enum op_verdict
if_destroy_step(struct op *op, struct ifnet *ifp)
{
	struct ifnet *peer;

	op->op_error = 0;
	switch (op->op_arg[0]) {
	case DES_CLAIM:
		if (op->op_timedout) {
			op->op_error = VE_BUSY;
			return (OP_DONE);
		}
		if (if_destroy_claim(op, ifp) != OP_DONE)
			return (OP_WAIT);
		op->op_arg[0] = DES_DETACH;
		__fallthrough;
	case DES_DETACH:
		if (if_detach_step(op, ifp, &op->op_arg[1], false) != OP_DONE)
			return (OP_WAIT);
		op->op_arg[0] = DES_PEER;
		op->op_arg[1] = 0;
		op->op_timedout = false;
		__fallthrough;
	case DES_PEER:
		peer = op->op_ptr[3];
		if (peer != NULL &&
		    if_detach_step(op, peer, &op->op_arg[1], false) != OP_DONE)
			return (OP_WAIT);
		op->op_arg[0] = DES_DRIVER;
		return (OP_NEXT);
	default:
		return (if_destroy_driver(op, ifp));
	}
}

/* ---- what a driver created here ---- */

/* The first native of @mod in @v that no other op destroys; @any: are there
 * natives at all? */
static struct ifnet *
native_first(const struct vnet *v, uint64_t mod, bool *any)
{
	const struct vnet_if *vi = vnet_if_of(v);
	struct ifnet *ifp;

	*any = false;
	if (vi == NULL)
		return (NULL);
	TAILQ_FOREACH (ifp, &vi->if_natives, if_native) {
		if (ifp->if_ops->io_mod != mod)
			continue;
		*any = true;
		if ((ifp->if_flags & IFF_DYING) == 0)
			return (ifp);
	}
	return (NULL);
}

static bool
natives_ready(struct op *op)
{
	bool any;

	return (
	    native_first(op->op_ptr[1], op->op_arg[3], &any) != NULL || !any);
}

enum op_verdict
if_destroy_natives(struct op *op, int mod)
{
	enum op_verdict verdict;
	bool any;

	op->op_ptr[1] = curvnet;
	op->op_arg[3] = (uint64_t)mod;
	for (;;) {
		if (op->op_ptr[0] == NULL) {
			op->op_ptr[0] =
			    native_first(curvnet, op->op_arg[3], &any);
			if (op->op_ptr[0] == NULL && (!any || op->op_timedout))
				return (OP_DONE);
			if (op->op_ptr[0] == NULL)
				return (op_wait(op, &world_link()->wl_wq,
				    natives_ready, IF_WAIT_BOUND,
				    "for interfaces that are being destroyed",
				    NULL));
			op->op_arg[0] = op->op_arg[1] = op->op_arg[2] = 0;
			op->op_timedout = false;
		}
		verdict = if_destroy_step(op, op->op_ptr[0]);
		if (verdict != OP_DONE)
			return (verdict);
		op->op_ptr[0] = NULL;
		op->op_timedout = false;
	}
}
