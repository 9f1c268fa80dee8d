/*
 * if_async.c - operations on interfaces that a user starts.
 *
 * Two ops: the work, which belongs to nobody and always runs to its end, and
 * the one the user gets, which only waits for it.  So a user (or his process,
 * or his whole jail) may go away in the middle without an interface hanging
 * between two vnets.  The work has no vnet of its own and enters those it
 * works on.
 *
 *	work  op_ptr[0]  the interface, claimed    op_arg[3]  handle of the
 *	                                           target, op_arg[4] of the
 *	                                           user's op
 *	user  op_pc      1: the work is done, op_error is its result
 */
#include <vnetsim/errno.h>
#include "src/net/link/if_var.h"

static bool
async_over(struct op *op)
{
	return (op->op_pc != 0);
}

static enum op_verdict
async_step(struct op *op)
{
	if (async_over(op)) {
		op->op_error = (int32_t)(uint32_t)op->op_arg[0];
		return (OP_DONE);
	}
	return (op_wait(
	    op, &world_link()->wl_wq, async_over, 0, "for an interface", NULL));
}

static const struct op_desc async_op = {
	.od_name = "ifconfig",
	.od_step = async_step,
};

struct async_init {
	struct ifnet *ai_ifp;
	uint64_t ai_to;
	uint64_t ai_user;
};

static void
async_fill(struct op *op, void *arg)
{
	const struct async_init *ai = arg;

	op->op_detached = true;
	op->op_mod = VNET_MOD_if;
	op->op_ptr[0] = ai->ai_ifp;
	op->op_arg[3] = ai->ai_to;
	op->op_arg[4] = ai->ai_user;
	(void)if_claim(ai->ai_ifp, op);
}

int
if_async(const struct op_desc *work, struct ifnet *ifp, struct vnet *to,
    struct op **opp)
{
	struct async_init ai = { ifp, to != NULL ? to->v_handle : 0, 0 };
	struct op *user;

	user = op_start(&async_op, NULL, NULL, NULL);
	if (user == NULL)
		return (VE_NOMEM);
	user->op_mod = VNET_MOD_if;
	ai.ai_user = user->op_handle;
	if (op_start(work, NULL, async_fill, &ai) == NULL) {
		op_cancel(user, VE_NOMEM);
		op_release(user);
		return (VE_NOMEM);
	}
	*opp = user;
	return (0);
}

void
if_async_done(struct op *work)
{
	struct op *user = handle_lookup(HANDLE_OP, work->op_arg[4]);

	if (user == NULL || user->op_done)
		return;
	user->op_arg[0] = (uint32_t)work->op_error;
	user->op_pc = 1;
	wakeup(&world_link()->wl_wq);
}
