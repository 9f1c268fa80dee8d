/*
 * td_run.c - one prison on its way out, step by step.
 *
 * teardown_reap() starts an op without a vnet of its own.  Each of its events
 * enters one step of the order; a step that waits is entered again.  Between
 * two steps everything else in the world goes on: other vnets, other
 * teardowns, timers of this one.
 *
 *	kill      processes die; their sockets close as v_close says
 *	pins      child jails and sockets passed to others defer the rest
 *	farewell  module->farewell, highest level first; time runs
 *	quiesce   inward doors shut
 *	let go    module->shutdown; then the framework looks what is left armed
 *	drain     rounds of deferred frees, at most TD_MAXROUNDS
 *	free      module->uninit; then contracts and zones are looked at
 *	audit     ledger, edges across the border, guards; the memory goes
 *
 * A prison without a vnet of its own only does kill, and waits for its holds.
 * From the first step behind kill and pins to the end of the vnet no module is
 * loaded or unloaded: whichever comes later waits.
 * The scratch of the op (op_arg, op_ptr but the last, op_pc) is cleared for
 * every step, so verbs may use it; op_ptr[OP_ARGS - 1] is the run.
 *
 * Nothing is allocated after teardown_reap(), and that does not count as a
 * fallible allocation: a jail can always be removed.
 */
#include <string.h>
#include "src/core/vnet_var.h"
#include "src/teardown/td_fbsd.h"

static enum op_verdict td_op_step(struct op *op);

static const struct op_desc td_op = {
	.od_name = "jail_remove",
	.od_step = td_op_step,
};

static void
td_scratch(struct td_run *tr)
{
	struct op *op = tr->tr_op;

	memset(op->op_arg, 0, sizeof(op->op_arg));
	memset(op->op_ptr, 0, sizeof(op->op_ptr));
	op->op_ptr[OP_ARGS - 1] = tr;
	op->op_pc = 0;
	op->op_error = 0;
	op->op_timedout = false;
}

static void
td_setphase(struct td_run *tr, enum vnet_phase phase, int mod)
{
	struct vnet *v = tr->tr_v;

	if (v == NULL)
		return;
	v->v_phase = (uint8_t)phase;
	v->v_stepmod = (uint8_t)mod;
}

/* What vnet_destroy() does before the first destructor, and tcp_destroy(). */
static void
td_destroy_begins(struct td_run *tr)
{
	const struct td_kernel *tk = td_kernel_of(&td_world()->tw_order);

	if (tk == NULL || tk->tk_flag)
		vnet_destroy_begins(tr->tr_v);
	if (tk != NULL && !tk->tk_tcpwait)
		tr->tr_v->v_close.vc_grace = 0;
	tr->tr_destroy = true;
}

static void
td_begin(struct td_run *tr, const struct td_step *ts)
{
	uint32_t id = tr->tr_v != NULL ? tr->tr_v->v_id : VNETSIM_NOVNET;

	tr->tr_begun = true;
	tr->tr_stage = 0;
	tr->tr_rounds = 0;
	td_scratch(tr);
	td_setphase(tr, ts->ts_phase, ts->ts_mod);
	if (tr->tr_v != NULL) {
		tr->tr_v->v_step = ts->ts_name;
		if (ts->ts_destroy && !tr->tr_destroy)
			td_destroy_begins(tr);
	}
	trace(TRACE_STEP, ts->ts_name, tr->tr_cur, id);
	td_mute_before(tr);
}

/* Is this step for a run like this? */
static bool
td_applies(const struct td_run *tr, const struct td_step *ts)
{
	switch (ts->ts_verb) {
	case TDV_KILL:
	case TDV_PINS:
	case TDV_WAITREFS:
		return (true);
	case TDV_ABSENT:
		return (false);
	default:
		return (tr->tr_v != NULL);
	}
}

static bool
td_unpinned(struct op *op)
{
	return (!td_pinned(op->op_ptr[OP_ARGS - 1]));
}

static bool
td_unheld(struct op *op)
{
	const struct td_run *tr = op->op_ptr[OP_ARGS - 1];
	const struct prison *pr = tr->tr_pr;
	/* the host's prison holds and uses itself, for ever */
	uint32_t own = pr == curworld()->w_jail.wj_prison0 ? 1 : 0;

	return (ref_count(pr) <= own && ref_count(pr->pr_use) <= own);
}

/* Child jails are gone; so are credentials of a stack that goes on. */
static bool
td_alone(struct op *op)
{
	const struct td_run *tr = op->op_ptr[OP_ARGS - 1];

	return (LIST_EMPTY(&tr->tr_pr->pr_children) &&
		(tr->tr_v != NULL || td_unheld(op)));
}

static enum op_verdict
td_pins(struct td_run *tr)
{
	struct prison *pr = tr->tr_pr;
	struct op *op = tr->tr_op;

	if (tr->tr_v == NULL) {
		if (td_unheld(op))
			return (OP_DONE);
		return (op_wait(op, &pr->pr_wq, td_unheld, 0,
		    "for the last reference to the prison", pr));
	}
	if (!td_pinned(tr))
		return (OP_DONE);
	return (op_wait(op, &pr->pr_wq, td_unpinned, 0,
	    "for child jails and passed sockets", pr));
}

static enum op_verdict
td_waitrefs(struct td_run *tr)
{
	if (td_unheld(tr->tr_op) || tr->tr_op->op_timedout)
		return (OP_DONE);
	return (op_wait(tr->tr_op, &tr->tr_pr->pr_wq, td_unheld, TD_WAIT_BOUND,
	    "for every reference to the prison", tr->tr_pr));
}

static enum op_verdict
td_drain(struct td_run *tr)
{
	struct vnet *v = tr->tr_v;

	if (epoch_pending(v) == 0)
		return (OP_DONE);
	if (tr->tr_rounds >= TD_MAXROUNDS) {
		finding_add(ORACLE_LIVENESS, "drain-rounds", v, -1, NULL,
		    "%u deferred frees are left after %u rounds",
		    epoch_pending(v), TD_MAXROUNDS);
		return (OP_DONE);
	}
	if (!epoch_drain(tr->tr_op, v))
		return (OP_WAIT);
	tr->tr_rounds++;
	return (OP_NEXT);
}

/* Ask a module, while its state still stands, how its connections ended. */
static void
td_collect(struct td_run *tr, int mod)
{
	const struct vnet_module *vm = vnet_module(mod);
	struct vnet_frame f;

	if (vm->vm_outcomes == NULL ||
	    (tr->tr_v->v_inited & VNET_MODBIT(mod)) == 0)
		return;
	if (!vnet_enter(&f, tr->tr_v, DOOR_LIFE, mod))
		return;
	vm->vm_outcomes(&tr->tr_out);
	vnet_leave(&f);
}

/* In an edited order a module may have ended already. */
static bool
td_started(struct vnet *v, int mod, const char *verb)
{
	if ((v->v_inited & VNET_MODBIT(mod)) != 0)
		return (true);
	finding_add(ORACLE_ORDER, "ended", v, mod, NULL,
	    "%s of %s would run after its uninit", verb,
	    vnet_module(mod)->vm_name);
	return (false);
}

static enum op_verdict
td_shutdown(struct td_run *tr, int mod)
{
	enum op_verdict verdict = OP_DONE;

	if (td_started(tr->tr_v, mod, "shutdown"))
		verdict = vnet_mod_shutdown(tr->tr_v, mod, tr->tr_op);
	if (verdict == OP_DONE)
		(void)vnet_check_shutdown(tr->tr_v, mod);
	return (verdict);
}

static enum op_verdict
td_uninit(struct td_run *tr, int mod)
{
	struct vnet *v = tr->tr_v;

	if (!td_started(v, mod, "uninit"))
		return (OP_DONE);
	td_collect(tr, mod);
	vnet_mod_end(v, mod);
	(void)vnet_check_uninit(v, mod);
	/*
	 * Too early to say before the drain, and in a shuffled pass, where a
	 * module may free its objects of another one's zone later.
	 */
	if (epoch_pending(v) == 0 && !curworld()->w_cfg.wc_shuffle)
		(void)vnet_check_zones(v, mod);
	return (OP_DONE);
}

/* FreeBSD's destructors do both at once. */
static enum op_verdict
td_fused(struct td_run *tr, int mod)
{
	enum op_verdict verdict;

	if (tr->tr_stage == 0) {
		verdict = td_shutdown(tr, mod);
		if (verdict != OP_DONE)
			return (verdict);
		tr->tr_stage = 1;
	}
	td_setphase(tr, PHASE_FREE, mod);
	return (td_uninit(tr, mod));
}

static enum op_verdict
td_do(struct td_run *tr, const struct td_step *ts)
{
	switch (ts->ts_verb) {
	case TDV_KILL:
		prison_kill(tr->tr_pr);
		return (OP_DONE);
	case TDV_PINS:
		return (td_pins(tr));
	case TDV_WAITREFS:
		return (td_waitrefs(tr));
	case TDV_FAREWELL:
		if (!td_started(tr->tr_v, ts->ts_mod, "farewell"))
			return (OP_DONE);
		return (vnet_mod_farewell(tr->tr_v, ts->ts_mod, tr->tr_op));
	case TDV_QUIESCE:
		tr->tr_v->v_shut |= DOOR_INWARD;
		return (OP_DONE);
	case TDV_SHUTDOWN:
		return (td_shutdown(tr, ts->ts_mod));
	case TDV_DRAIN:
		return (td_drain(tr));
	case TDV_UNINIT:
		return (td_uninit(tr, ts->ts_mod));
	case TDV_END:
		return (td_fused(tr, ts->ts_mod));
	default:
		return (OP_DONE);
	}
}

static void
td_remember(struct td_run *tr)
{
	const struct vnet_outcomes *vo = &tr->tr_out;
	struct td_world *tw = td_world();
	struct td_ended *te;

	/* the thousandth idle vnet leaves no more behind than the first */
	if (vo->vo_finned == 0 && vo->vo_reset == 0 && vo->vo_abandoned == 0 &&
	    tr->tr_mute.tm_step[0] == '\0')
		return;
	te = world_user_alloc(sizeof(*te), false);
	if (te == NULL)
		return;
	te->te_vnet = tr->tr_v->v_id;
	te->te_out = tr->tr_out;
	te->te_mute = tr->tr_mute;
	te->te_next = tw->tw_ended;
	tw->tw_ended = te;
}

static void
td_unlink(struct td_run *tr)
{
	struct td_world *tw = td_world();
	LIST_REMOVE(tr, tr_link);
	if (tr->tr_v != NULL)
		LIST_REMOVE(tr, tr_idlink);
	tw->tw_nruns--;
}

/* Prisons that it served, itself and what an edit left below it. */
static void
td_forget(struct prison *pr, const struct vnet *v)
{
	struct prison *child;

	if (pr->pr_vnet != v)
		return;
	pr->pr_vnet = NULL;
	LIST_FOREACH (child, &pr->pr_children, pr_sibling)
		td_forget(child, v);
}

/*
 * Loads and unloads of modules work their way through the living vnets: from
 * its first verb on this one is none.  Return: false: wait for its turn.
 */
static bool
td_turn(struct td_run *tr)
{
	if (tr->tr_v == NULL || tr->tr_ending)
		return (true);
	tr->tr_ending = vnet_end_turn(tr->tr_op);
	return (tr->tr_ending);
}

static bool
td_ends(const struct td_step *ts)
{
	return (ts->ts_verb != TDV_KILL && ts->ts_verb != TDV_PINS &&
		ts->ts_verb != TDV_WAITREFS);
}

/* After the last step: the vnet and its prison are gone. */
static void
td_gone(struct td_run *tr)
{
	struct prison *pr = tr->tr_pr;

	if (tr->tr_v != NULL) {
		td_audit(tr->tr_v);
		td_remember(tr);
		td_wire_dead(tr->tr_v);
		td_forget(pr, tr->tr_v);
		vnet_free(tr->tr_v);
	}
	td_audit_prison(pr);
	pr->pr_teardown = NULL;
	if (tr->tr_ending)
		vnet_end_over();
	td_unlink(tr);
	world_user_free(tr);
	if (pr != curworld()->w_jail.wj_prison0)
		prison_gone(pr);
	wakeup(&td_world()->tw_gonewq);
}

static enum op_verdict
td_op_step(struct op *op)
{
	struct td_run *tr = op->op_ptr[OP_ARGS - 1];
	const struct td_order *to = &td_world()->tw_order;
	enum op_verdict verdict;

	while (
	    tr->tr_cur < to->to_n && !td_applies(tr, &to->to_step[tr->tr_cur]))
		tr->tr_cur++;
	if (tr->tr_cur < to->to_n) {
		const struct td_step *ts = &to->to_step[tr->tr_cur];

		if (td_ends(ts) && !td_turn(tr))
			return (OP_WAIT);
		if (!tr->tr_begun)
			td_begin(tr, ts);
		verdict = td_do(tr, ts);
		if (verdict != OP_DONE)
			return (verdict);
		td_mute_after(tr, ts);
		tr->tr_begun = false;
		tr->tr_cur++;
		if (ts->ts_verb != TDV_AUDIT)
			return (OP_NEXT);
	}
	/* where an order does not wait for them, or an edit left it out */
	if (!td_alone(op) && !op->op_timedout)
		return (op_wait(op, &tr->tr_pr->pr_wq, td_alone,
		    tr->tr_v != NULL ? TD_WAIT_BOUND : 0,
		    "for the last reference to the prison", tr->tr_pr));
	if (!td_turn(tr))
		return (OP_WAIT);
	op->op_error = 0;
	td_gone(tr);
	return (OP_DONE);
}

static void
td_op_init(struct op *op, void *arg)
{
	op->op_ptr[OP_ARGS - 1] = arg;
	op->op_mod = VNET_MOD_core;
}

/* The policy under which a vnet says goodbye in the chosen order. */
static void
td_policy(struct vnet *v, const struct prison *pr)
{
	const struct td_world *tw = td_world();

	v->v_close =
	    pr == curworld()->w_jail.wj_prison0 ? tw->tw_close : pr->pr_close;
	if (td_kernel_of(&tw->tw_order) != NULL)
		v->v_close.vc_policy = VNETSIM_CLOSE_WAIT;
	/* tcp_destroy() does not wait, either */
	if (tw->tw_order.to_force)
		v->v_close.vc_grace = 0;
}

void
teardown_reap(struct prison *pr)
{
	struct td_world *tw = td_world();
	struct td_run *tr;

	MPASS(pr->pr_teardown == NULL);
	tr = world_user_alloc(sizeof(*tr), false);
	KASSERT(
	    tr != NULL, ("no memory left for the end of jail %s", pr->pr_name));
	tr->tr_pr = pr;
	if ((pr->pr_flags & PR_VNET) != 0)
		tr->tr_v = pr->pr_vnet;
	tr->tr_op = op_start_reserved(&td_op, NULL, td_op_init, tr);
	KASSERT(tr->tr_op != NULL,
	    ("no op left for the end of jail %s", pr->pr_name));
	LIST_INSERT_HEAD(&tw->tw_runs, tr, tr_link);
	if (tr->tr_v != NULL)
		LIST_INSERT_HEAD(
		    &tw->tw_byid[tr->tr_v->v_id % TD_BUCKETS], tr, tr_idlink);
	tw->tw_nruns++;
	pr->pr_teardown = tr->tr_op;
	if (tr->tr_v != NULL) {
		td_policy(tr->tr_v, pr);
		tr->tr_v->v_phase = PHASE_KILL;
		if (td_wire_kill(tr->tr_v, td_order_names[tw->tw_order.to_id]))
			td_mute_talks(tr);
	}
}
