/*
 * vnet_load_op.c - loading and unloading, one step an event.
 *
 * Theory of operation
 * ===================
 *
 * A load or an unload is an op without a vnet.  It waits for its turn: one at
 * a time, and none while the modules of some vnet are ending (between the
 * first verb of its teardown and its death; that is bounded by farewells and
 * bounded waits).  A teardown that comes to its first verb while a load or an
 * unload is at work waits for it (vnet_end_turn()), which is bounded by what
 * follows.  A load that still waits holds nobody up: then a teardown that
 * itself waits for another vnet cannot be waited for in a circle.  One that
 * gets no turn for KLD_TURN of virtual time gives up, with nothing changed.
 *
 *	load     register; in each vnet: init
 *	unload   in each vnet, vnet_unload.c:
 *	shutdown   may wait, KLD_BOUND in all, then it is given up
 *	look       what is armed, queued, registered, in progress
 *	drain      deferred frees, rounds of them
 *	uninit     then the contracts
 *	drain      again
 *	look       uninit may have armed something, too
 *	zones      and the state goes
 *	at last    a grace period and a drain of the world, so that nothing
 *	           of it is claimed anywhere; objects charged to nobody;
 *	           unregister
 *
 * Vnets stand in a list, newest first; the op works its way along it, and as
 * no vnet can die meanwhile its place is good from one event to the next.  A
 * vnet that is born while a module is loaded stands before that place and has
 * the module from its birth; one that is born during an unload never has it.
 * A dying vnet whose modules are still at work (kill, pins) counts as alive.
 *
 * If an init fails, what it deferred is drained, and the rest is an unload of
 * the vnets that have it; the result is the errno of that init.
 *
 * In a living vnet nobody else stops: doors are open, packets come.  A module
 * takes its registrations back in shutdown; what it then still has pending is
 * late work, a finding that names it, and is removed.
 */
#include <vnetsim/kern/trace.h>
#include "src/core/epoch_var.h"
#include "src/core/op_var.h"
#include "src/core/vnet_load.h"
#include "src/core/world.h"

#define KLD_TURN (3600 * NS_S) /* virtual time to wait for a turn */

static enum op_verdict kld_step(struct op *op);

static const struct op_desc kldload_op = { .od_name = "kldload",
	.od_step = kld_step };
static const struct op_desc kldunload_op = { .od_name = "kldunload",
	.od_step = kld_step };

static struct world_kld *
world_kld(void)
{
	return (&curworld()->w_kld);
}

/* ---- turns ---- */

static bool
turn_of_load(struct op *op)
{
	const struct world_kld *wk = world_kld();

	(void)op;
	return (wk->wk_run.kr_op == NULL && wk->wk_ending == 0);
}

static bool
turn_of_end(struct op *op)
{
	(void)op;
	return (world_kld()->wk_run.kr_op == NULL);
}

bool
vnet_end_turn(struct op *op)
{
	struct world_kld *wk = world_kld();

	if (turn_of_end(op)) {
		wk->wk_ending++;
		return (true);
	}
	(void)op_wait(op, &wk->wk_wq, turn_of_end, 0,
	    "for a module that is being loaded or unloaded", NULL);
	return (false);
}

void
vnet_end_over(void)
{
	struct world_kld *wk = world_kld();

	MPASS(wk->wk_ending > 0);
	wk->wk_ending--;
	wakeup(&wk->wk_wq);
}

/* The scratch belongs to whatever is stepped next; the last is ours. */
static void
scratch(struct op *op)
{
	uint32_t i;

	for (i = 0; i < OP_ARGS; i++)
		op->op_arg[i] = 0;
	for (i = 0; i + 1 < OP_ARGS; i++)
		op->op_ptr[i] = NULL;
	op->op_pc = 0;
	op->op_error = 0;
}

void
kld_stage(struct kld_run *kr, int next)
{
	scratch(kr->kr_op);
	kr->kr_stage = (uint8_t)next;
	kr->kr_rounds = 0;
	kr->kr_steps = 0;
}

static int
kld_id(const struct kld *kl)
{
	return ((int)(kl - world_kld()->wk_kld));
}

/* Wait for the turn, or take it. */
static enum op_verdict
turn(struct op *op, struct kld *kl)
{
	struct world_kld *wk = world_kld();
	struct kld_run *kr = &wk->wk_run;

	if (turn_of_load(op)) {
		*kr = (struct kld_run){ .kr_op = op,
			.kr_id = (uint8_t)kld_id(kl) };
		op->op_mod = kr->kr_id;
		kld_stage(
		    kr, kl->kl_state == KLD_LOADING ? KS_REGISTER : KS_NEXT);
		return (OP_NEXT);
	}
	if (vtime() < kl->kl_deadline)
		return (op_wait_timeout(op, &wk->wk_wq, turn_of_load,
		    kl->kl_deadline - vtime(),
		    "for vnets that are ending and other loads", NULL));
	if (kl->kl_state == KLD_LOADING)
		kld_retire(kld_id(kl));
	else
		kl->kl_state = KLD_LOADED;
	op->op_error = VE_TIMEDOUT;
	return (OP_DONE);
}

enum op_verdict
kld_over(struct kld_run *kr, int error)
{
	struct op *op = kr->kr_op;

	*kr = (struct kld_run){ 0 };
	op->op_mod = VNET_MOD_core;
	op->op_error = error;
	wakeup(&world_kld()->wk_wq);
	return (OP_DONE);
}

/* ---- load ---- */

void
kld_in_vnet(struct kld_run *kr, struct vnet *v, const char *step)
{
	mem_mark_entered(v);
	if (kr->kr_v != v || v->v_step != kr->kr_step)
		kr->kr_vstep = v->v_step;
	kr->kr_v = v;
	kr->kr_step = step;
	v->v_step = step;
	trace(TRACE_STEP, step, kr->kr_id, v->v_id);
}

void
kld_out_of_vnet(struct kld_run *kr)
{
	mem_mark_entered(kr->kr_v);
	if (kr->kr_v->v_step == kr->kr_step)
		kr->kr_v->v_step = kr->kr_vstep;
}

static enum op_verdict
do_register(struct kld_run *kr)
{
	int error;

	error = kld_register(kr->kr_id);
	if (error != 0) {
		kld_retire(kr->kr_id);
		return (kld_over(kr, error));
	}
	kld_stage(kr, KS_INIT);
	return (OP_NEXT);
}

static enum op_verdict
do_init(struct kld_run *kr)
{
	struct kld *kl = &world_kld()->wk_kld[kr->kr_id];
	struct vnet *v;
	int error;

	v = kr->kr_v == NULL ? vnet_first() : LIST_NEXT(kr->kr_v, vnet_le);
	while (v != NULL && kld_has(v, kr->kr_id))
		v = LIST_NEXT(v, vnet_le);
	if (v == NULL) {
		kl->kl_state = KLD_LOADED;
		return (kld_over(kr, 0));
	}
	kld_in_vnet(kr, v, "kldload init");
	error = vnet_mod_init(v, kr->kr_id);
	kld_out_of_vnet(kr);
	if (error == 0)
		return (OP_NEXT);
	kr->kr_error = error;
	kl->kl_state = KLD_UNLOADING;
	kld_stage(kr, KS_LAST);
	return (OP_NEXT);
}

/* ---- steps ---- */

static enum op_verdict
kld_step(struct op *op)
{
	struct kld_run *kr = &world_kld()->wk_run;

	if (kr->kr_op != op)
		return (turn(op, op->op_ptr[OP_ARGS - 1]));
	switch (kr->kr_stage) {
	case KS_REGISTER:
		return (do_register(kr));
	case KS_INIT:
		return (do_init(kr));
	default:
		return (kld_unload_step(kr));
	}
}

static void
kld_op_init(struct op *op, void *arg)
{
	op->op_ptr[OP_ARGS - 1] = arg;
	op->op_mod = VNET_MOD_core;
}

static int
start(const struct op_desc *desc, int id, struct op **opp)
{
	struct kld *kl = &world_kld()->wk_kld[id];

	*opp = op_start(desc, NULL, kld_op_init, kl);
	if (*opp == NULL)
		return (VE_NOMEM);
	kl->kl_deadline = vtime() + KLD_TURN;
	return (0);
}

int
kld_load(const struct vnetsim_kmod *km, struct op **opp)
{
	int error, id;

	error = kld_reserve(km, &id);
	if (error != 0)
		return (error);
	error = start(&kldload_op, id, opp);
	if (error != 0)
		kld_retire(id);
	return (error);
}

int
kld_unload(const char *name, struct op **opp)
{
	struct kld *kl;
	int error, id;

	id = kld_find(name);
	if (id < 0)
		return (VE_NOENT);
	kl = &world_kld()->wk_kld[id];
	if (kl->kl_state != KLD_LOADED)
		return (VE_BUSY);
	error = start(&kldunload_op, id, opp);
	if (error == 0)
		kl->kl_state = KLD_UNLOADING;
	return (error);
}
