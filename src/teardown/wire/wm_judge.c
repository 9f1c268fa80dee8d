/*
 * wm_judge.c - bounds, fates and outcomes.
 *
 * A killed vnet waits in a list until it is dead and its bound has passed.
 * Then every end that it owned is looked at once: what became of the peer
 * (its fate), and how the connection ended (its outcome, final from then on:
 * what a peer does for itself later is no merit of the dead).  A vnet that is
 * not dead when the run ends is not judged.
 *
 * DESIGN 6: closed means CLOSED or TIME_WAIT; silence under crash, and after a
 * lost RST or a lost challenge ACK, is abandoned and no finding.  What the
 * wire still holds back at the bound, for later frames to overtake it, is as
 * good as lost.
 */
#include "src/teardown/wire/wm_var.h"

/*
 * The end as it lives on, if a half-open connection was overtaken by a new
 * incarnation; in: the record where it does.
 */
const struct wm_end *
wm_heir(const struct vnetsim_wiremon *wm, const struct wm_conn *co,
    unsigned int who, const struct wm_conn **in)
{
	while (co->co_end[who].e_superseded && co->co_succ != 0)
		co = wm_conn_at(wm, co->co_succ);
	*in = co;
	return (&co->co_end[who]);
}

/*
 * A peer whose last word was to ask, and was lost, cannot be answered; nor one
 * whose question, or whose answer, the wire still holds back.
 */
static bool
excused(const struct vnetsim_wiremon *wm, const struct wm_end *e,
    const struct wm_end *dead)
{
	bool asked = e->e_challenged != WM_NEVER;

	return (e->e_rstlost || wm_flight_isheld(wm, e, WM_RST) ||
		(asked && wm_flight_isheld(wm, dead, WM_ACK)) ||
		(asked && e->e_lastlost && e->e_lastsent >= e->e_challenged));
}

/* Was it closed before anybody killed its own vnet?  Then it was told. */
static bool
closed_alive(const struct vnetsim_wiremon *wm, const struct wm_end *e)
{
	const struct wm_vnet *vn = wm_vnet_find(wm, e->e_vnet);

	return (vn == NULL || vn->vn_killed < 0 || e->e_closed < vn->vn_killed);
}

/**
 * wm_fate() - what became of the peer of a dead vnet's end
 * @wm:		the monitor
 * @dead:	the vnet
 * @co:		the connection
 * @who:	the dead vnet's end
 *
 * Return: enum vnetsim_wire_fate, never PENDING.
 */
uint8_t
wm_fate(const struct vnetsim_wiremon *wm, const struct wm_vnet *dead,
    const struct wm_conn *co, unsigned int who)
{
	const struct wm_conn *in;
	const struct wm_end *peer = wm_heir(wm, co, 1 - who, &in);

	if (!peer->e_sent || peer->e_got == 0 || peer->e_vnet == dead->vn_id)
		return (VNETSIM_FATE_NONE);
	if (wm_isclosed(peer->e_state) && closed_alive(wm, peer))
		return (VNETSIM_FATE_CLOSED);
	if (wm_vnet_isdead(wm, peer->e_vnet))
		return (VNETSIM_FATE_NONE);
	if (wm_isclosed(peer->e_state))
		return (VNETSIM_FATE_CLOSED);
	if (dead->vn_policy == VNETSIM_CLOSE_CRASH)
		return (VNETSIM_FATE_SILENT);
	if (co->co_blind || in->co_blind)
		return (VNETSIM_FATE_UNDECIDED);
	if (excused(wm, peer, &in->co_end[who]))
		return (VNETSIM_FATE_EXCUSED);
	return (VNETSIM_FATE_STUCK);
}

/**
 * wm_outcome() - how a connection ended, by now
 * @wm:		the monitor
 * @co:		the connection
 *
 * Return: enum vnetsim_wire_outcome.
 */
uint8_t
wm_outcome(const struct vnetsim_wiremon *wm, const struct wm_conn *co)
{
	const struct wm_end *a = &co->co_end[0], *b = &co->co_end[1];

	if (co->co_frozen)
		return (co->co_outcome);
	if (a->e_finacked && b->e_finacked)
		return (VNETSIM_OUT_FINNED);
	if (a->e_how != VNETSIM_HOW_OPEN && b->e_how != VNETSIM_HOW_OPEN &&
	    (a->e_how != VNETSIM_HOW_FIN || b->e_how != VNETSIM_HOW_FIN))
		return (VNETSIM_OUT_RESET);
	if (co->co_succ != 0 || wm_vnet_isdead(wm, a->e_vnet) ||
	    wm_vnet_isdead(wm, b->e_vnet))
		return (VNETSIM_OUT_ABANDONED);
	return (VNETSIM_OUT_OPEN);
}

static void
judge_end(
    struct vnetsim_wiremon *wm, const struct wm_vnet *dead, uint32_t handle)
{
	unsigned int who = handle & 1;
	struct wm_conn *co = wm_conn_at(wm, handle >> 1), *in;
	struct wm_end *peer = &co->co_end[1 - who];

	for (in = co;; in = wm_conn_at(wm, in->co_succ)) {
		wm_flight_until(wm, in, 0, dead->vn_bound + 1);
		wm_flight_until(wm, in, 1, dead->vn_bound + 1);
		if (!in->co_end[1 - who].e_superseded || in->co_succ == 0)
			break;
	}
	peer->e_fate = wm_fate(wm, dead, co, who);
	if (!co->co_frozen) {
		co->co_outcome = wm_outcome(wm, co);
		co->co_frozen = true;
	}
	if (peer->e_fate == VNETSIM_FATE_STUCK)
		wm_find_stuck(wm, dead, handle >> 1, who);
}

static void
judge(struct vnetsim_wiremon *wm, struct wm_vnet *dead)
{
	uint32_t h;

	dead->vn_judged = true;
	for (h = dead->vn_first; h != 0;
	     h = wm_conn_at(wm, h >> 1)->co_end[h & 1].e_next)
		judge_end(wm, dead, h);
}

/**
 * wm_judge_due() - judge the dead whose bound has passed
 * @wm:		the monitor
 * @now:	virtual ns of the present event
 * @end:	the run is over, so a bound at @now has passed, too
 */
void
wm_judge_due(struct vnetsim_wiremon *wm, int64_t now, bool end)
{
	uint32_t *slot = &wm->wm_wait, last = 0;
	struct wm_vnet *vn;

	wm->wm_nextdue = INT64_MAX;
	while (*slot != 0) {
		vn = wm_pool_at(&wm->wm_vnets, *slot);
		if (vn->vn_dead >= 0 && vn->vn_bound < INT64_MAX &&
		    (vn->vn_bound < now || (end && vn->vn_bound == now))) {
			judge(wm, vn);
			*slot = vn->vn_wait;
			vn->vn_wait = 0;
			continue;
		}
		if (vn->vn_dead >= 0 && vn->vn_bound < wm->wm_nextdue)
			wm->wm_nextdue = vn->vn_bound;
		last = *slot;
		slot = &vn->vn_wait;
	}
	wm->wm_waitlast = last;
}
