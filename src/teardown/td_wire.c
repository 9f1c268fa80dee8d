/*
 * td_wire.c - the wire monitor of the running world.
 *
 * It sees the same stream as a capture: what links report, and the births,
 * kills and deaths that the teardown adds.  Its findings become the world's as
 * they are made.  Its memory comes from the world, outside every budget, so it
 * is saved and restored with it and cannot be made to fail.
 */
#include <string.h>
#include <vnetsim/teardown.h>
#include "src/core/vnet_var.h"
#include "src/teardown/td_var.h"

#define TD_RTO_MIN NS_S

static void *
td_wm_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (world_user_alloc(size, false));
}

static void
td_wm_free(void *ctx, void *p)
{
	(void)ctx;
	world_user_free(p);
}

static struct vnetsim_wiremon *
td_monitor(void)
{
	struct vnetsim_wiremon_mem mem = { td_wm_alloc, td_wm_free, NULL };
	struct td_world *tw = td_world();

	if (tw->tw_wm == NULL)
		tw->tw_wm = vnetsim_wiremon_create(&mem);
	return (tw->tw_wm);
}

/* The wire shows the last frame; we know which step was the reason. */
static void
td_wire_blame(struct vnetsim_wire_finding *f)
{
	const struct td_mute *tm;

	if (f->wf_kind != VNETSIM_WF_STUCK)
		return;
	tm = td_mute_of(f->wf_vnet);
	if (tm == NULL || tm->tm_step[0] == '\0')
		return;
	f->wf_phase = vnet_phase_name(tm->tm_phase);
	f->wf_step = tm->tm_step;
}

static void
td_wire_findings(struct td_world *tw)
{
	struct vnetsim_wire_finding f;

	while (vnetsim_wiremon_finding(tw->tw_wm, tw->tw_wmseen, &f)) {
		tw->tw_wmseen++;
		/* no memory: no goodbye can be asked for (reliability) */
		if (f.wf_kind == VNETSIM_WF_STUCK &&
		    curworld()->w_mem.wm_consumed &&
		    curworld()->w_mem.wm_failsticky)
			continue;
		td_wire_blame(&f);
		finding_wire(vnetsim_wire_kindname(f.wf_kind), f.wf_vnet,
		    vnetsim_wiremon_name(tw->tw_wm, f.wf_vnet), f.wf_time,
		    f.wf_phase, f.wf_step, f.wf_text);
	}
}

void
teardown_wire(const struct vnetsim_wire_event *ev)
{
	struct td_world *tw = td_world();

	if (td_monitor() == NULL)
		return;
	if (tw->tw_nruns != 0 && ev->we_kind == VNETSIM_WIRE_FRAME)
		td_mute_sent(ev->we_vnet);
	vnetsim_wiremon_event(tw->tw_wm, ev);
	td_wire_findings(tw);
}

static void
td_wire_emit(const struct vnetsim_wire_event *ev)
{
	const struct world_upcalls *wu = curworld()->w_cfg.wc_upcalls;

	if (wu != NULL && wu->wu_wire != NULL)
		wu->wu_wire(ev);
}

/* The slowest of its connections decides how long a goodbye may take. */
static int64_t
td_maxrto(struct vnet *v)
{
	uint64_t set = v->v_inited;
	int64_t rto = 0, one;
	struct vnet_frame f;
	int mod;

	VNET_MOD_FOREACH (mod, set) {
		const struct vnet_module *vm = vnet_module(mod);

		if (vm->vm_maxrto == NULL || !vnet_enter(&f, v, DOOR_LIFE, mod))
			continue;
		one = vm->vm_maxrto();
		vnet_leave(&f);
		rto = imax(rto, one);
	}
	return (rto);
}

bool
td_wire_kill(struct vnet *v, const char *order)
{
	int64_t rto = td_maxrto(v);
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_KILL,
		.we_time = vtime(),
		.we_vnet = v->v_id,
		.we_peer = VNETSIM_NOVNET,
		.we_name = order,
		.we_policy = v->v_close.vc_policy,
		.we_grace = v->v_close.vc_grace,
		.we_rto = imax(rto, TD_RTO_MIN),
	};

	td_wire_emit(&ev);
	return (rto > 0);
}

void
td_wire_dead(const struct vnet *v)
{
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_DEAD,
		.we_time = vtime(),
		.we_vnet = v->v_id,
		.we_peer = VNETSIM_NOVNET,
	};

	td_wire_emit(&ev);
}

int64_t
teardown_settled(void)
{
	struct td_world *tw = td_world();
	int64_t due;

	if (tw->tw_wm == NULL)
		return (0);
	due = vnetsim_wiremon_due(tw->tw_wm);
	return (due < 0 || due < vtime() ? 0 : due + 1);
}

void
teardown_judge(void)
{
	struct td_world *tw = td_world();

	if (tw->tw_wm == NULL)
		return;
	vnetsim_wiremon_end(tw->tw_wm, vtime());
	td_wire_findings(tw);
}

/* The monitor's count of one vnet, added up. */
static void
td_outcome_wire(const struct vnetsim_wire_vnet *v, struct vnetsim_outcomes *out)
{
	out->finned += v->wv_finned;
	out->reset += v->wv_reset;
	out->abandoned += v->wv_abandoned;
	out->peers += v->wv_peers;
	out->peers_fin += v->wv_by_fin;
	out->peers_rst += v->wv_by_rst + v->wv_by_own;
	out->peers_stuck += v->wv_stuck;
	if (v->wv_within != 0 && v->wv_killed + v->wv_within > out->last)
		out->last = v->wv_killed + v->wv_within;
}

/* What the wire says of one vnet, or of all that were killed.  Return: false:
 * nothing */
static bool
td_outcomes_wire(
    struct vnetsim_wiremon *wm, uint32_t vnet, struct vnetsim_outcomes *out)
{
	struct vnetsim_wire_vnet wv;
	bool found = false;
	size_t i = 0;

	if (vnet != VNETSIM_NOVNET && !vnetsim_wiremon_vnet_index(wm, vnet, &i))
		return (false);
	for (; vnetsim_wiremon_vnet(wm, i, &wv); i++) {
		if (wv.wv_killed >= 0) {
			td_outcome_wire(&wv, out);
			found = true;
		}
		if (vnet != VNETSIM_NOVNET)
			break;
	}
	return (found);
}

int
teardown_outcomes(uint32_t vnet, bool wire, struct vnetsim_outcomes *out)
{
	struct td_world *tw = td_world();
	bool found = false;

	memset(out, 0, sizeof(*out));
	if (wire && tw->tw_wm != NULL) {
		vnetsim_wiremon_advance(tw->tw_wm, vtime());
		td_wire_findings(tw);
		return (td_outcomes_wire(tw->tw_wm, vnet, out) ? 0 : VE_NOENT);
	}
	for (const struct td_ended *te = tw->tw_ended; te != NULL;
	     te = te->te_next) {
		if (vnet != VNETSIM_NOVNET && vnet != te->te_vnet)
			continue;
		out->finned += te->te_out.vo_finned;
		out->reset += te->te_out.vo_reset;
		out->abandoned += te->te_out.vo_abandoned;
		found = true;
	}
	/* one that had no connection is not remembered */
	if (vnet < curworld()->w_nextvnet && vnet_byid(vnet) == NULL)
		found = true;
	return (found ? 0 : VE_NOENT);
}
