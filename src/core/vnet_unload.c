/*
 * vnet_unload.c - a module leaves the vnets, one step an event.
 *
 * vnet_load_op.c has the turns and tells when this begins: for kldunload, and
 * for a load of which an init has failed, behind that init (KS_LAST).  The
 * order of what is done in a vnet is that of a teardown, but for the doors:
 * they stay open, others go on.  Each look names who left what, as at the end
 * of a vnet, with "kldunload shutdown" or "kldunload uninit" for the step.
 *
 * Every wait ends.  A shutdown that has not ended after KLD_BOUND of virtual
 * time or KLD_STEPS steps is a finding and is left behind: what it has not let
 * go of is found by the look that follows.  Deferred frees that defer others
 * for ever are cut after KLD_ROUNDS.
 */
#include "src/core/epoch_var.h"
#include "src/core/op_var.h"
#include "src/core/vnet_load.h"
#include "src/core/world.h"

#define KLD_BOUND  (120 * NS_S) /* for one shutdown in one vnet */
#define KLD_STEPS  100000       /* the same, in steps */
#define KLD_ROUNDS 16           /* of deferred frees in one drain */

static const struct vnet_module *
module_of(const struct kld_run *kr)
{
	return (vnet_module(kr->kr_id));
}

static enum op_verdict
do_next(struct kld_run *kr)
{
	struct vnet *v;

	v = vnet_first();
	while (v != NULL && !kld_has(v, kr->kr_id))
		v = LIST_NEXT(v, vnet_le);
	if (v == NULL) {
		kld_stage(kr, KS_GRACE);
		return (OP_NEXT);
	}
	kld_in_vnet(kr, v, "kldunload shutdown");
	kld_stage(kr, KS_SHUTDOWN);
	return (OP_NEXT);
}

/* Operations that the module began there. */
static void
end_ops(const struct kld_run *kr, const struct vnet *v)
{
	struct op *op;

	for (;;) {
		TAILQ_FOREACH (op, &curworld()->w_ops.wo_list, op_link)
			if (op != kr->kr_op && !op->op_done &&
			    !op->op_cancelled && op->op_vnet == v &&
			    op->op_mod == kr->kr_id)
				break;
		if (op == NULL)
			return;
		finding_add(ORACLE_ORDER, "op-left", v, kr->kr_id, op,
		    "operation %s of module %s is still there after its "
		    "shutdown%s%s",
		    op->op_desc->od_name, module_of(kr)->vm_name,
		    op->op_what != NULL ? ", waits " : "",
		    op->op_what != NULL ? op->op_what : "");
		op_cancel(op, VE_CANCELED);
	}
}

/* It has had its time. */
static void
give_up(struct kld_run *kr)
{
	finding_add(ORACLE_LIVENESS, "shutdown", kr->kr_v, kr->kr_id, NULL,
	    "shutdown of module %s has not ended after %u s and %u steps%s%s",
	    module_of(kr)->vm_name, (unsigned)((vtime() - kr->kr_since) / NS_S),
	    (unsigned)kr->kr_steps, kr->kr_what != NULL ? ", waits " : "",
	    kr->kr_what != NULL ? kr->kr_what : "");
}

static enum op_verdict
do_shutdown(struct kld_run *kr)
{
	struct op *op = kr->kr_op;
	enum op_verdict verdict;

	if (kr->kr_steps == 0) {
		kr->kr_since = vtime();
		kr->kr_what = NULL;
	}
	verdict = OP_DONE;
	if (vtime() - kr->kr_since >= KLD_BOUND || kr->kr_steps >= KLD_STEPS)
		give_up(kr);
	else
		verdict = vnet_mod_shutdown(kr->kr_v, kr->kr_id, op);
	kr->kr_steps++;
	if (verdict == OP_WAIT) {
		kr->kr_what = op->op_what;
		op_limit(op, kr->kr_since + KLD_BOUND - vtime());
	}
	if (verdict != OP_DONE)
		return (verdict);
	(void)vnet_check_shutdown(kr->kr_v, kr->kr_id);
	end_ops(kr, kr->kr_v);
	kld_stage(kr, KS_DRAIN);
	return (OP_NEXT);
}

/* A deferred free of the module that would run after its end. */
static void
deferred(void *ctx, const struct late_item *it)
{
	const struct kld_run *kr = ctx;

	finding_add(ORACLE_LIFETIME, "deferred-left", kr->kr_v, kr->kr_id,
	    it->li_obj,
	    "a free of module %s deferred at %s never comes to rest",
	    module_of(kr)->vm_name, it->li_site != NULL ? it->li_site : "?");
}

/*
 * Everything deferred there has run, and nothing of the module is deferred
 * again.  Return: OP_DONE if so.
 */
static enum op_verdict
drain(struct kld_run *kr, struct vnet *v)
{
	if (kr->kr_rounds > 0 && epoch_pending_mod(v, kr->kr_id) == 0)
		return (OP_DONE);
	if (kr->kr_rounds >= KLD_ROUNDS) {
		(void)epoch_discard(v, kr->kr_id, deferred, kr);
		return (OP_DONE);
	}
	if (!epoch_drain(kr->kr_op, v))
		return (OP_WAIT);
	kr->kr_rounds++;
	return (OP_NEXT);
}

static enum op_verdict
do_drain(struct kld_run *kr)
{
	enum op_verdict verdict;

	verdict = drain(kr, kr->kr_v);
	if (verdict != OP_DONE)
		return (verdict);
	kld_stage(kr, KS_UNINIT);
	return (OP_NEXT);
}

static enum op_verdict
do_uninit(struct kld_run *kr)
{
	kld_in_vnet(kr, kr->kr_v, "kldunload uninit");
	vnet_mod_end(kr->kr_v, kr->kr_id);
	(void)vnet_check_uninit(kr->kr_v, kr->kr_id);
	kld_stage(kr, KS_LAST);
	return (OP_NEXT);
}

/* After uninit, or after an init that failed. */
static enum op_verdict
do_last(struct kld_run *kr)
{
	enum op_verdict verdict;
	struct vnet *v = kr->kr_v;

	verdict = drain(kr, v);
	if (verdict != OP_DONE)
		return (verdict);
	(void)vnet_check_late(v, kr->kr_id);
	end_ops(kr, v);
	(void)vnet_check_zones(v, kr->kr_id);
	vnet_state_free(v, kr->kr_id);
	v->v_letgo &= ~VNET_MODBIT(kr->kr_id);
	kld_out_of_vnet(kr);
	kr->kr_v = NULL;
	kld_stage(kr, KS_NEXT);
	return (OP_NEXT);
}

/* Objects of the module that are charged to no vnet. */
static void
check_world(const struct kld_run *kr)
{
	struct world *w = curworld();
	struct mem_iter it;
	struct mem_info mi;
	uint32_t base;
	void *p;

	base = w->w_zonebase[kr->kr_id];
	mem_iter_init(&it, NULL, MEM_ITER_CHARGED);
	while ((p = mem_iter_next(&it)) != NULL) {
		if (!mem_info(p, &mi) ||
		    mi.mi_type - base >= module_of(kr)->vm_nzones ||
		    !mem_tell(p))
			continue;
		finding_add(ORACLE_LEAK, "leak", NULL, kr->kr_id, p,
		    "%s of module %s is left, charged to no vnet, born at %s",
		    mi.mi_zone->uz_name, module_of(kr)->vm_name, mi.mi_site);
	}
}

/* No vnet has it: whatever is claimed anywhere shall have run. */
static enum op_verdict
do_grace(struct kld_run *kr)
{
	enum op_verdict verdict;

	if (kr->kr_steps == 0 && !net_epoch_wait(kr->kr_op))
		return (OP_WAIT);
	kr->kr_steps = 1;
	verdict = drain(kr, NULL);
	if (verdict != OP_DONE)
		return (verdict);
	end_ops(kr, NULL);
	check_world(kr);
	kld_retire(kr->kr_id);
	return (kld_over(kr, kr->kr_error));
}

enum op_verdict
kld_unload_step(struct kld_run *kr)
{
	switch (kr->kr_stage) {
	case KS_NEXT:
		return (do_next(kr));
	case KS_SHUTDOWN:
		return (do_shutdown(kr));
	case KS_DRAIN:
		return (do_drain(kr));
	case KS_UNINIT:
		return (do_uninit(kr));
	case KS_LAST:
		return (do_last(kr));
	default:
		return (do_grace(kr));
	}
}
