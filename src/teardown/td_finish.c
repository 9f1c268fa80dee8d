/*
 * td_finish.c - the end of a world, and what can be asked about ends.
 *
 * teardown_finish() kills the host's processes, removes every jail, waits
 * until all are gone and then takes vnet0 down by the same order, last, as
 * the home of everything created outside a jail.
 */
#include <string.h>
#include <vnetsim/teardown.h>
#include "src/core/jail_var.h"
#include "src/core/vnet_var.h"
#include "src/teardown/td_var.h"

#define TD_GRACE_DEFAULT    (30 * NS_S)
#define TD_LAMEDUCK_DEFAULT (3 * NS_S)

int
teardown_init(struct world *w)
{
	struct td_world *tw = world_user_alloc(sizeof(*tw), false);

	if (tw == NULL)
		return (VE_NOMEM);
	w->w_teardown = tw;
	tw->tw_close.vc_policy = VNETSIM_CLOSE_GRACEFUL;
	tw->tw_close.vc_grace = TD_GRACE_DEFAULT;
	return (td_order_build(&tw->tw_order, "top-down", false));
}

int
teardown_close_resolve(struct vnet_close *vc)
{
	if (vc->vc_policy > VNETSIM_CLOSE_CRASH || vc->vc_grace < 0)
		return (VE_INVAL);
	if (vc->vc_grace == 0 && vc->vc_policy == VNETSIM_CLOSE_GRACEFUL)
		vc->vc_grace = TD_GRACE_DEFAULT;
	if (vc->vc_grace == 0 && vc->vc_policy == VNETSIM_CLOSE_ABORT)
		vc->vc_grace = TD_LAMEDUCK_DEFAULT;
	return (0);
}

int
teardown_close_default(const struct vnet_close *vc)
{
	struct vnet_close copy = *vc;
	int error = teardown_close_resolve(&copy);

	if (error == 0)
		td_world()->tw_close = copy;
	return (error);
}

struct vnet_close
teardown_close_get(void)
{
	return (td_world()->tw_close);
}

enum { FIN_REMOVE, FIN_WAIT, FIN_HOST, FIN_HOSTWAIT };

static bool
td_nojails(struct op *op)
{
	(void)op;
	return (prison_first() == NULL);
}

static enum op_verdict
td_finish_step(struct op *op)
{
	struct prison *pr0 = curworld()->w_jail.wj_prison0, *pr, *next;

	switch (op->op_pc) {
	case FIN_REMOVE:
		prison_kill(pr0);
		LIST_FOREACH_SAFE (pr, &pr0->pr_children, pr_sibling, next)
			(void)prison_remove(pr);
		op->op_pc = FIN_WAIT;
		return (OP_NEXT);
	case FIN_WAIT:
		if (!td_nojails(op) && !op->op_timedout)
			return (op_wait(op, &pr0->pr_wq, td_nojails,
			    2 * TD_WAIT_BOUND, "for the last jail", pr0));
		op->op_pc = FIN_HOST;
		return (OP_NEXT);
	case FIN_HOST:
		teardown_reap(pr0);
		op->op_pc = FIN_HOSTWAIT;
		return (op_wait_op(op, pr0->pr_teardown, 2 * TD_WAIT_BOUND));
	default:
		return (OP_DONE);
	}
}

static const struct op_desc td_finish_op = {
	.od_name = "finish",
	.od_step = td_finish_step,
};

int
teardown_finish(struct op **opp)
{
	struct td_world *tw = td_world();

	if (tw->tw_finishing)
		return (VE_ALREADY);
	tw->tw_finish = op_start_reserved(&td_finish_op, NULL, NULL, NULL);
	if (tw->tw_finish == NULL)
		return (VE_NOMEM);
	tw->tw_finishing = true;
	*opp = tw->tw_finish;
	return (0);
}
