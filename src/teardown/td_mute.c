/*
 * td_mute.c - which step made a vnet mute.
 *
 * A peer that is stuck was not told.  The wire shows the last frame of the
 * dead, not why there was no other one.  So each step that lets go is looked
 * at from outside: did the vnet have a wire before it, and has none after; or
 * has a module cut connections without a word?  The first such step is named
 * in the finding.
 *
 * Most vnets that end have no connection, and looking costs more than their
 * steps do.  So it is done for those only that have one at the kill (a module
 * has a time-out for it: also one that is only being opened), and from the
 * moment on at which a dying vnet sends a frame: it may have answered a SYN.
 */
#include "src/teardown/td_var.h"

static bool
td_wired(struct vnet *v)
{
	const struct world_upcalls *wu = curworld()->w_cfg.wc_upcalls;

	return (wu != NULL && wu->wu_wired != NULL && wu->wu_wired(v));
}

static uint32_t
td_abandoned(struct vnet *v)
{
	struct vnet_outcomes out = { 0 };
	uint64_t set = v->v_inited;
	struct vnet_frame f;
	int mod;

	VNET_MOD_FOREACH (mod, set) {
		const struct vnet_module *vm = curworld()->w_mod[mod];

		if (vm->vm_outcomes == NULL ||
		    !vnet_enter(&f, v, DOOR_LIFE, mod))
			continue;
		vm->vm_outcomes(&out);
		vnet_leave(&f);
	}
	return (out.vo_abandoned);
}

static bool
td_letsgo(const struct td_step *ts)
{
	return (ts->ts_verb == TDV_SHUTDOWN || ts->ts_verb == TDV_END);
}

void
td_mute_talks(struct td_run *tr)
{
	tr->tr_talks = true;
	tr->tr_wired = td_wired(tr->tr_v);
	tr->tr_abandoned = td_abandoned(tr->tr_v);
}

void
td_mute_sent(uint32_t vnet)
{
	struct td_run *tr;

	LIST_FOREACH (tr, &td_world()->tw_byid[vnet % TD_BUCKETS], tr_idlink)
		if (tr->tr_v->v_id == vnet && !tr->tr_talks)
			td_mute_talks(tr);
}

void
td_mute_before(struct td_run *tr)
{
	const struct td_step *ts = &td_world()->tw_order.to_step[tr->tr_cur];

	if (!tr->tr_talks || tr->tr_mute.tm_step[0] != '\0' || !td_letsgo(ts))
		return;
	/* what was seen after the step before this one still holds */
	if (tr->tr_cur > 0 && td_letsgo(ts - 1))
		return;
	tr->tr_wired = td_wired(tr->tr_v);
	tr->tr_abandoned = td_abandoned(tr->tr_v);
}

void
td_mute_after(struct td_run *tr, const struct td_step *ts)
{
	uint32_t abandoned;
	bool wired;

	if (!tr->tr_talks || tr->tr_mute.tm_step[0] != '\0' || !td_letsgo(ts))
		return;
	wired = td_wired(tr->tr_v);
	abandoned = td_abandoned(tr->tr_v);
	if (!(tr->tr_wired && !wired) && abandoned <= tr->tr_abandoned) {
		tr->tr_wired = wired;
		tr->tr_abandoned = abandoned;
		return;
	}
	tr->tr_mute.tm_phase = ts->ts_phase;
	ksnprintf(tr->tr_mute.tm_step, sizeof(tr->tr_mute.tm_step), "%s",
	    ts->ts_name);
}

const struct td_mute *
td_mute_of(uint32_t vnet)
{
	const struct td_world *tw = td_world();
	const struct td_ended *te;
	const struct td_run *tr;

	LIST_FOREACH (tr, &tw->tw_byid[vnet % TD_BUCKETS], tr_idlink)
		if (tr->tr_v->v_id == vnet)
			return (&tr->tr_mute);
	for (te = tw->tw_ended; te != NULL; te = te->te_next)
		if (te->te_vnet == vnet)
			return (&te->te_mute);
	return (NULL);
}
