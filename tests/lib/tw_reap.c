/*
 * tw_reap.c - the small teardown behind tworld.h.
 *
 * One op per prison, which counts the phases; where the prison shares its
 * parent's vnet only the first and the last two happen.
 */
#include <string.h>
#include "tests/lib/tworld.h"

enum {
	RP_KILL,
	RP_HOLDS,
	RP_SHUTDOWN,
	RP_DRAIN,
	RP_UNINIT,
	RP_FREE,
	RP_GONE,
};

struct reap {
	struct prison *rp_pr;
	uint32_t rp_phase;
	uint32_t rp_slot; /* shut down, from the end of the table */
};

static struct prison *
reaped(const struct op *op)
{
	return (((struct reap *)op->op_ptr[OP_ARGS - 1])->rp_pr);
}

static bool
unheld(struct op *op)
{
	return (!ref_held(reaped(op)) &&
		reaped(op)->pr_state == PRISON_STATE_DYING);
}

static enum op_verdict
step_shutdown(struct op *op, struct vnet *v)
{
	const struct world_modules *wm = &curworld()->w_modules;
	struct reap *rp = op->op_ptr[OP_ARGS - 1];
	const struct vnet_slot *sl;
	enum op_verdict verdict;

	for (; rp->rp_slot < wm->wm_ninit; rp->rp_slot++) {
		sl = &wm->wm_init[wm->wm_ninit - 1 - rp->rp_slot];
		if (sl->sl_sysinit != NULL)
			continue;
		verdict = vnet_mod_shutdown(v, sl->sl_mod, op);
		if (verdict != OP_DONE)
			return (verdict);
		(void)vnet_check_shutdown(v, sl->sl_mod);
		memset(op->op_arg, 0, sizeof(op->op_arg));
		op->op_pc = 0;
	}
	return (OP_DONE);
}

static void
step_uninit(struct vnet *v)
{
	const struct world_modules *wm = &curworld()->w_modules;
	uint32_t i;
	int mod;

	for (i = wm->wm_ninit; i-- > 0;) {
		if (wm->wm_init[i].sl_sysinit != NULL)
			continue;
		mod = wm->wm_init[i].sl_mod;
		vnet_mod_uninit(v, mod);
		(void)vnet_check_uninit(v, mod);
	}
}

static void
step_free(struct vnet *v)
{
	int mod;

	for (mod = 1; mod < VNET_MOD_MAX; mod++)
		if (vnet_module(mod) != NULL)
			(void)vnet_check_zones(v, mod);
	vnet_fini(v);
	(void)vnet_check_zones(v, VNET_MOD_core);
	vnet_free(v);
}

static enum op_verdict
reap_step(struct op *op)
{
	struct reap *rp = op->op_ptr[OP_ARGS - 1];
	struct prison *pr = rp->rp_pr;
	struct vnet *v = (pr->pr_flags & PR_VNET) != 0 ? pr->pr_vnet : NULL;
	enum op_verdict verdict;

	switch (rp->rp_phase) {
	case RP_KILL:
		prison_kill(pr);
		break;
	case RP_HOLDS:
		if (!unheld(op))
			return (op_wait(op, &pr->pr_wq, unheld, 0,
			    "for the holds of a prison", pr));
		if (v == NULL) {
			rp->rp_phase = RP_GONE;
			return (OP_NEXT);
		}
		v->v_shut |= DOOR_INWARD;
		break;
	case RP_SHUTDOWN:
		verdict = step_shutdown(op, v);
		if (verdict != OP_DONE)
			return (verdict);
		break;
	case RP_DRAIN:
		if (!epoch_drain(op, v))
			return (OP_WAIT);
		if (epoch_pending(v) != 0)
			return (OP_NEXT);
		break;
	case RP_UNINIT:
		step_uninit(v);
		break;
	case RP_FREE:
		if (!epoch_drain(op, v))
			return (OP_WAIT);
		step_free(v);
		break;
	case RP_GONE:
		op->op_error = 0;
		prison_gone(pr);
		world_user_free(rp);
		return (OP_DONE);
	}
	rp->rp_phase++;
	return (OP_NEXT);
}

static const struct op_desc reap_desc = { "tw_reap", reap_step, NULL };

static void
reap_init(struct op *op, void *arg)
{
	struct reap *rp = world_user_alloc(sizeof(*rp), false);

	rp->rp_pr = arg;
	op->op_ptr[OP_ARGS - 1] = rp;
	op->op_detached = true;
}

static void
tw_reap(struct prison *pr)
{
	assert_non_null(op_start_reserved(&reap_desc, NULL, reap_init, pr));
}

const struct world_upcalls tw_upcalls = { .wu_reap = tw_reap };
