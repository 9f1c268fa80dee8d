/*
 * td_finish.c - the end of a world, and what can be asked about ends.
 *
 * teardown_finish() first lets the teardowns that are under way end, and the
 * bound of the peers of the dead pass: a survivor that were killed now could
 * not be judged any more.  Then it kills the host's processes, removes every
 * jail, waits until all are gone and takes vnet0 down by the same order, last,
 * as the home of everything created outside a jail.
 */
#include <string.h>
#include <vnetsim/teardown.h>
#include "src/core/jail_var.h"
#include "src/core/vnet_var.h"
#include "src/teardown/td_var.h"

/* How long a finish lets teardowns that are under way go on by themselves. */
#define TD_FINISH_PATIENCE  (120 * NS_S)
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
	return (
	    td_order_build(&tw->tw_order, "top-down", false, w->w_cfg.wc_ties));
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

enum { FIN_RUNS, FIN_SETTLE, FIN_REMOVE, FIN_WAIT, FIN_HOST, FIN_HOSTWAIT };

static bool
td_nojails(struct op *op)
{
	(void)op;
	return (prison_first() == NULL);
}

/* Teardowns that the script began; a pinned one ends with its pin, below. */
static bool
td_noruns(struct op *op)
{
	(void)op;
	return (td_world()->tw_nruns == 0);
}

static enum op_verdict
td_finish_step(struct op *op)
{
	int64_t due;
	struct prison *pr0 = curworld()->w_jail.wj_prison0, *pr, *next;

	switch (op->op_pc) {
	case FIN_RUNS:
		op->op_pc = FIN_SETTLE;
		if (!td_noruns(op))
			return (op_wait_timeout(op, &td_world()->tw_gonewq,
			    td_noruns, TD_FINISH_PATIENCE,
			    "for the teardowns under way", NULL));
		return (OP_NEXT);
	case FIN_SETTLE:
		op->op_pc = FIN_REMOVE;
		due = teardown_settled();
		if (due > vtime())
			return (op_sleep(op, due - vtime(),
			    "for the bound of the peers of the dead"));
		return (OP_NEXT);
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
	*opp = op_start_reserved(&td_finish_op, NULL, NULL, NULL);
	if (*opp == NULL)
		return (VE_NOMEM);
	tw->tw_finishing = true;
	return (0);
}

/* ---- jail -r as an op: done when the jail is gone ---- */

static bool
td_isgone(struct op *op)
{
	return (handle_lookup(HANDLE_JAIL, op->op_arg[0]) == NULL);
}

static enum op_verdict
td_remove_step(struct op *op)
{
	struct prison *pr = handle_lookup(HANDLE_JAIL, op->op_arg[0]);

	if (pr == NULL)
		return (OP_DONE);
	return (op_wait(
	    op, &pr->pr_gonewq, td_isgone, 0, "for the jail to be gone", NULL));
}

static const struct op_desc td_remove_op = {
	.od_name = "jail -r",
	.od_step = td_remove_step,
};

static void
td_remove_init(struct op *op, void *arg)
{
	const struct prison *pr = arg;

	op->op_arg[0] = pr->pr_handle;
	op->op_mod = VNET_MOD_core;
}

int
teardown_remove(struct prison *pr, uint64_t *opp)
{
	int error = prison_remove(pr);
	struct op *op;

	if (error != 0 || opp == NULL)
		return (error);
	op = op_start_reserved(&td_remove_op, NULL, td_remove_init, pr);
	*opp = op != NULL ? op->op_handle : 0;
	return (0);
}

/* Objects of the world itself that may be there when all vnets are gone. */
static bool
td_worldly(const void *obj, const struct uma_zone *z)
{
	const struct prison *pr0 = curworld()->w_jail.wj_prison0;

	if (obj == pr0 || obj == pr0->pr_use)
		return (true);
	if (z->uz_mod != VNET_MOD_core)
		return (false);
	return (z == &world_user_zone || z == &uthash_zone || z == &op_zone ||
		z == &op_data_zone);
}

void
teardown_audit_world(void)
{
	struct mem_iter it;
	struct mem_info mi;
	void *obj;

	if (curworld()->w_vnet0 != NULL)
		return;
	mem_iter_init(&it, NULL, MEM_ITER_CHARGED);
	while ((obj = mem_iter_next(&it)) != NULL) {
		if (!mem_info(obj, &mi) || td_worldly(obj, mi.mi_zone))
			continue;
		finding_add(ORACLE_LEAK, "world-leak", NULL,
		    vnet_type_module(curworld(), mi.mi_type), obj,
		    "%s is left, charged to no vnet", mi.mi_zone->uz_name);
	}
}
