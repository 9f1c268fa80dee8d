/*
 * td_check.c - the audit at the end of a vnet.
 *
 * What each step left behind was looked at after the step, by core
 * (vnet_check.c).  At the end nothing in the world belongs to the vnet, nothing
 * outside points into it, nothing was written between the modules' states, and
 * nobody holds its prison.  Each finding names the module responsible and the
 * object with its birth site and holders.  What is found is removed, so that
 * the rest of the world goes on.
 */
#include <string.h>
#include <vnetsim/kern/netisr.h>
#include "src/core/vnet_var.h"
#include "src/teardown/td_var.h"

static void
td_edge(void *ctx, void *obj, const char *holder)
{
	finding_add(ORACLE_LIFETIME, "edge-into-dead", ctx, -1, obj,
	    "%s still holds an object of the dead vnet", holder);
}

/* A deferred free that never ran: the object around it is the leak. */
static void
td_deferred(void *ctx, const struct late_item *it)
{
	finding_add(ORACLE_LIFETIME, "deferred-left", ctx, it->li_mod,
	    it->li_obj,
	    "a free deferred at %s would run after the vnet is gone",
	    it->li_site != NULL ? it->li_site : "?");
}

/* Is anything armed or queued, whoever owns it?  A clean end asks once. */
static bool
td_late(const struct vnet *v)
{
	return (callout_armed(v, -1, NULL) != 0 || task_queued(v, -1) != 0 ||
		netisr_queued(v, -1) != 0 || eventhandler_count(v, -1) != 0);
}

/* A call, a ping, a move that nobody has ended. */
static void
td_op_left(void *ctx, const struct op *op)
{
	finding_add(ORACLE_ORDER, "op-left", ctx, op->op_mod, op,
	    "operation %s is still there at the end of its vnet%s%s",
	    op->op_desc->od_name, op->op_what != NULL ? ", waits " : "",
	    op->op_what != NULL ? op->op_what : "");
}

void
td_audit(struct vnet *v)
{
	uint64_t set = curworld()->w_modules.wm_known;
	bool late;
	int mod;

	(void)op_abandon(v, td_op_left, v);
	late = td_late(v);
	if (!late)
		set &= ~v->v_letgo;
	VNET_MOD_FOREACH (mod, set)
		(void)vnet_check_shutdown(v, mod);
	(void)epoch_discard(v, -1, td_deferred, v);
	if (!vnet_guards_ok(v, &mod))
		finding_add(ORACLE_LIFETIME, "guard", v, mod, NULL,
		    "%s wrote beyond its state", vnet_module(mod)->vm_name);
	set = curworld()->w_modules.wm_known & ~VNET_MODBIT(VNET_MOD_core);
	VNET_MOD_FOREACH (mod, set)
		(void)vnet_check_zones(v, mod);
	vnet_fini(v);
	(void)vnet_check_zones(v, VNET_MOD_core);
	(void)vnet_mem_sever(v, td_edge, v);
}

/* Nothing holds the prison any more: whoever does is named, and cut off. */
void
td_audit_prison(struct prison *pr)
{
	const struct ref *slot = NULL;

	while (mem_holder(pr, &slot) != NULL) {
		if (slot == &pr->pr_self && pr == curworld()->w_jail.wj_prison0)
			continue;
		finding_add(ORACLE_LEAK, "prison-held", NULL, VNET_MOD_core, pr,
		    "jail %s is gone, but its prison is still held",
		    pr->pr_name);
		(void)ref_drop((struct ref *)slot);
		slot = NULL;
	}
}
