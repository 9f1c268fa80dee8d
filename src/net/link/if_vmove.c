/*
 * if_vmove.c - an interface goes to another vnet, or home.
 *
 * Theory of operation
 * ===================
 *
 *	begin    a place in the target: room, number, name.  Nothing else has
 *	         changed if that fails.  The handle is renewed: what was
 *	         received before is nobody's from now on
 *	detach   if_detach.c, all its waits; the place in the source is kept
 *	arrive   in the target, or, if that is gone or closed or has no memory,
 *	         back in the source; then the other place is given up
 *
 * Who moves an interface holds if_busy; others wait for world_link.wl_wq, or
 * are refused.  A vnet does not end while an interface is on its way in or
 * out: its shutdown verb (vnet_if_return) waits for all slots that are busy.
 *
 * A return home cannot fail: home has kept room (if_naway), a name that was
 * taken meanwhile gets a suffix, a family that has no memory is left out.
 * Loans are not nested: what C got from B goes from C to where it was made.
 *
 * FreeBSD: if_vmove(), if_vmove_loan(), if_vmove_reclaim(), vnet_if_return().
 * There a target is kept alive by a reference to its prison.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/bpf.h"
#include "src/net/link/if_var.h"

enum { MOVE_BEGIN, MOVE_DETACH, MOVE_ARRIVE };

/* ---- places ---- */

/* A slot in @to.  Return: 0; VE_NOSPC; VE_NOMEM; VE_EXIST; VE_BUSY. */
static int
place_take(struct ifnet *ifp, struct vnet *to, uint64_t *idx)
{
	bool home = if_homevnet(ifp) == to;
	int error = 0;

	CURVNET_SET(to);
	if (home) {
		MPASS(V_if.if_naway > 0);
		V_if.if_naway--;
	} else if (V_if.if_open == 0) {
		error = VE_BUSY;
	} else if (if_name_taken(ifp->if_xname, ifp)) {
		error = VE_EXIST;
	} else {
		error = if_slot_room(1);
	}
	if (error == 0)
		*idx = if_slot_take(ifp);
	CURVNET_RESTORE();
	return (error);
}

static void
place_put(struct ifnet *ifp, struct vnet *v, uint16_t idx)
{
	bool home = if_homevnet(ifp) == v;

	CURVNET_SET(v);
	if_slot_put(ifp, idx);
	if (home)
		V_if.if_naway++;
	CURVNET_RESTORE();
}

/* ---- arrival ---- */

/* A name that nobody has in curvnet: the old one, or with a suffix. */
static void
if_rename_unique(struct ifnet *ifp)
{
	char name[IFNAMSIZ], tail[8];
	unsigned n;
	size_t keep;

	memcpy(name, ifp->if_xname, sizeof(name));
	for (n = 1; if_name_taken(name, ifp); n++) {
		(void)ksnprintf(tail, sizeof(tail), ".%u", n);
		keep = sizeof(name) - 1 - strlen(tail);
		memcpy(name, ifp->if_xname, sizeof(name));
		if (strlen(name) > keep)
			name[keep] = '\0';
		memcpy(name + strlen(name), tail, strlen(tail) + 1);
	}
	memcpy(ifp->if_xname, name, sizeof(name));
}

static int
arrive(struct ifnet *ifp, struct vnet *v, uint16_t idx, bool must)
{
	int error;

	CURVNET_SET(v);
	if (must)
		if_rename_unique(ifp);
	error = if_attach_internal(ifp, idx, must);
	CURVNET_RESTORE();
	return (error);
}

/* Both ends of the move died under it (a vnet ended without returning what it
 * was lent): home. */
static void
if_stray(struct ifnet *ifp, struct vnet *home)
{
	uint64_t idx;

	if (place_take(ifp, home, &idx) == 0)
		(void)arrive(ifp, home, (uint16_t)idx, true);
}

/* Return: 0; VE_BUSY, VE_NOMEM: it is back where it came from. */
static int
if_vmove_arrive(struct ifnet *ifp, struct vnet *to, uint16_t idx)
{
	struct vnet *from = if_wherevnet(ifp), *home = if_homevnet(ifp);
	uint16_t was = ifp->if_index;
	int error = VE_BUSY;

	if (to != NULL && (to == home || vnet_if_of(to)->if_open != 0)) {
		error = arrive(ifp, to, idx, to == home);
		/* without a source there is no way back */
		if (error != 0 && from == NULL)
			error = arrive(ifp, to, idx, true);
	}
	if (error == 0) {
		if (from != NULL)
			place_put(ifp, from, was);
		return (0);
	}
	if (to != NULL)
		place_put(ifp, to, idx);
	if (from != NULL)
		(void)arrive(ifp, from, was, true);
	else if (home != NULL)
		if_stray(ifp, home);
	return (error);
}

/* ---- the move ---- */

static int
if_vmove_begin(struct op *op, struct ifnet *ifp, struct vnet *to)
{
	int error = VE_BUSY;

	MPASS(ifp->if_attached && if_claimable(ifp, op));
	if ((ifp->if_flags & IFF_DYING) == 0 && to != NULL &&
	    vnet_if_of(to) != NULL)
		error = to == ifp->if_vnet
			    ? VE_EXIST
			    : place_take(ifp, to, &op->op_arg[2]);
	if (error != 0)
		return (error);
	(void)if_claim(ifp, op);
	/* the slot that is freed is there for the new one */
	ifp->if_fib = 0; /* the other vnet's tables are others */
	bpf_ifdetach(ifp);
	handle_free(ifp->if_handle);
	ifp->if_handle = handle_alloc(HANDLE_IFNET, ifp);
	MPASS(ifp->if_handle != 0);
	return (0);
}

enum op_verdict
if_vmove_step(struct op *op, struct ifnet *ifp, struct vnet *to)
{
	op->op_error = 0;
	switch (op->op_arg[0]) {
	case MOVE_BEGIN:
		op->op_error = if_vmove_begin(op, ifp, to);
		if (op->op_error != 0)
			break;
		op->op_arg[0] = MOVE_DETACH;
		__fallthrough;
	case MOVE_DETACH:
		if (if_detach_step(op, ifp, &op->op_arg[1], true) != OP_DONE)
			return (OP_WAIT);
		op->op_arg[0] = MOVE_ARRIVE;
		return (OP_NEXT);
	default:
		if (to != NULL && vnet_if_of(to) == NULL)
			to = NULL;
		op->op_error =
		    if_vmove_arrive(ifp, to, (uint16_t)op->op_arg[2]);
	}
	if_unclaim(ifp);
	wakeup(&world_link()->wl_wq);
	return (OP_DONE);
}

/* ---- loan and reclaim ---- */

static enum op_verdict
if_vmove_work(struct op *op)
{
	struct vnet *to = handle_lookup(HANDLE_VNET, op->op_arg[3]);
	enum op_verdict verdict;

	verdict = if_vmove_step(op, op->op_ptr[0], to);
	if (verdict == OP_DONE)
		if_async_done(op);
	return (verdict);
}

static const struct op_desc if_vmove_op = {
	.od_name = "if_vmove",
	.od_step = if_vmove_work,
};

static bool
if_closed(const struct vnet *v)
{
	return (VNET_IS_SHUTTING_DOWN(v) || v->v_phase != PHASE_ALIVE ||
		vnet_if_of(v) == NULL || vnet_if_of(v)->if_open == 0);
}

static int
if_vmove_start(struct ifnet *ifp, struct vnet *to, struct op **opp)
{
	struct vnet *from = if_wherevnet(ifp);
	bool taken;

	if (from == NULL || if_closed(from) || if_closed(to) ||
	    if_leaving(ifp) || !ifp->if_attached)
		return (VE_BUSY);
	CURVNET_SET(to);
	taken = from == to || if_name_taken(ifp->if_xname, NULL);
	CURVNET_RESTORE();
	if (taken)
		return (VE_EXIST);
	return (if_async(&if_vmove_op, ifp, to, opp));
}

int
if_vmove_loan(struct ifnet *ifp, struct vnet *to, struct op **opp)
{
	return (if_vmove_start(ifp, to, opp));
}

int
if_vmove_reclaim(struct ifnet *ifp, struct vnet *to, struct op **opp)
{
	return (if_vmove_start(ifp, to, opp));
}

/* ---- everybody goes home ---- */

static bool
is_lent(const struct ifnet *ifp, const struct vnet *v)
{
	return (ifp->if_home != v->v_handle);
}

/* The first in @v that is lent and nobody's; @busy: are others there that
 * somebody moves or destroys? */
static struct ifnet *
lent_first(const struct vnet *v, bool *busy)
{
	const struct vnet_if *vi = vnet_if_of(v);
	struct ifnet *ifp;

	*busy = false;
	for (uint32_t i = 0; vi != NULL && i < vi->if_cap; i++) {
		ifp = vi->if_slot[i];
		if (ifp == NULL)
			continue;
		if (if_leaving(ifp))
			*busy = true;
		else if (is_lent(ifp, v))
			return (ifp);
	}
	return (NULL);
}

static bool
if_return_ready(struct op *op)
{
	bool busy;

	return (lent_first(op->op_ptr[1], &busy) != NULL || !busy);
}

/* What is left has its end before it, nobody asks for its carrier. */
static void
if_hear_no_more(void)
{
	struct ifnet *ifp;

	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp))
		(void)taskqueue_cancel(&ifp->if_linktask);
}

/* Choose the next one.  Return: OP_NEXT: op_ptr[0] is it. */
static enum op_verdict
if_return_next(struct op *op)
{
	bool busy;

	op->op_ptr[0] = lent_first(curvnet, &busy);
	if (op->op_ptr[0] != NULL) {
		op->op_arg[0] = op->op_arg[1] = op->op_arg[2] = 0;
		return (OP_NEXT);
	}
	if (!busy || op->op_timedout) {
		if_hear_no_more();
		return (OP_DONE);
	}
	return (op_wait(op, &world_link()->wl_wq, if_return_ready,
	    IF_WAIT_BOUND, "for an interface that is on its way", NULL));
}

enum op_verdict
vnet_if_return(struct op *op)
{
	struct ifnet *ifp;
	struct vnet *home;
	enum op_verdict verdict;

	V_if.if_open = 0;
	op->op_ptr[1] = curvnet;
	for (;;) {
		if (op->op_ptr[0] == NULL) {
			verdict = if_return_next(op);
			if (verdict != OP_NEXT)
				return (verdict);
			/* op_arg[3]: home is dead, so it is destroyed */
			op->op_arg[3] = if_homevnet(op->op_ptr[0]) == NULL;
		}
		ifp = op->op_ptr[0];
		home = if_homevnet(ifp);
		verdict = op->op_arg[3] != 0 ? if_destroy_step(op, ifp)
					     : if_vmove_step(op, ifp, home);
		if (verdict != OP_DONE)
			return (verdict);
		op->op_ptr[0] = NULL;
	}
}
