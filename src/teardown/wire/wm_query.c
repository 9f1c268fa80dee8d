/*
 * wm_query.c - what the monitor answers.
 *
 * A question applies what has arrived before the last event, as the next frame
 * of the connection would, and nothing of the last event's own instant; so
 * asking in the middle of a run changes no later answer.
 */
#include <string.h>

#include "src/teardown/wire/wm_var.h"

bool
vnetsim_wiremon_finding(const struct vnetsim_wiremon *wm, size_t i,
    struct vnetsim_wire_finding *out)
{
	const struct wm_find *fi;

	if (i >= wm->wm_finds.po_n)
		return (false);
	fi = wm_pool_at(&wm->wm_finds, (uint32_t)i + 1);
	*out = fi->fi_pub;
	out->wf_phase = wm_name_text(wm, fi->fi_phase);
	out->wf_step = wm_name_text(wm, fi->fi_step);
	out->wf_text = fi->fi_text;
	out->wf_key = fi->fi_key;
	return (true);
}

/* Applies what came before the present instant, heirs included. */
static void
catch_up(struct vnetsim_wiremon *wm, struct wm_conn *co)
{
	for (;;) {
		wm_flight_until(wm, co, 0, wm->wm_now);
		wm_flight_until(wm, co, 1, wm->wm_now);
		if ((!co->co_end[0].e_superseded &&
			!co->co_end[1].e_superseded) ||
		    co->co_succ == 0)
			return;
		co = wm_conn_at(wm, co->co_succ);
	}
}

static void
end_out(const struct vnetsim_wiremon *wm, const struct wm_conn *co,
    unsigned int who, struct vnetsim_wire_end *out)
{
	const struct wm_conn *in;
	const struct wm_end *e = &co->co_end[who];
	const struct wm_end *heir = wm_heir(wm, co, who, &in);

	out->wn_vnet = e->e_vnet;
	out->wn_name = wm_vnet_name(wm, e->e_vnet);
	out->wn_addr = co->co_addr[who];
	out->wn_port = co->co_port[who];
	out->wn_sent = e->e_sent;
	out->wn_finsent = heir->e_finsent;
	out->wn_finacked = heir->e_finacked;
	out->wn_state = heir->e_state;
	out->wn_how = heir->e_how;
	out->wn_fate = e->e_fate;
	out->wn_closed = heir->e_closed;
	out->wn_bytes = e->e_bytes;
	out->wn_segs = e->e_segs;
	out->wn_phase = wm_name_text(wm, e->e_phase);
	out->wn_step = wm_name_text(wm, e->e_step);
}

bool
vnetsim_wiremon_conn(
    struct vnetsim_wiremon *wm, size_t i, struct vnetsim_wire_conn *out)
{
	struct wm_conn *co;

	if (i >= wm->wm_conns.po_n)
		return (false);
	co = wm_conn_at(wm, (uint32_t)i + 1);
	catch_up(wm, co);
	end_out(wm, co, co->co_opener, &out->wc_end[0]);
	end_out(wm, co, 1 - co->co_opener, &out->wc_end[1]);
	out->wc_incarnation = co->co_inc;
	out->wc_outcome = wm_outcome(wm, co);
	out->wc_established = co->co_established;
	out->wc_fuzzy = co->co_fuzzy;
	out->wc_blind = co->co_blind;
	out->wc_first = co->co_first;
	out->wc_last = co->co_last;
	return (true);
}

/* Counts one of the vnet's connections by its outcome. */
static void
count_outcome(const struct vnetsim_wiremon *wm, const struct wm_conn *co,
    struct vnetsim_wire_vnet *out)
{
	if (!co->co_established) {
		out->wv_embryos++;
		return;
	}
	switch (wm_outcome(wm, co)) {
	case VNETSIM_OUT_FINNED:
		out->wv_finned++;
		break;
	case VNETSIM_OUT_RESET:
		out->wv_reset++;
		break;
	case VNETSIM_OUT_ABANDONED:
		out->wv_abandoned++;
		break;
	default:
		out->wv_open++;
		break;
	}
}

/* Counts a peer that closed after the kill; one that never was open is none. */
static void
count_closed(const struct wm_vnet *vn, const struct wm_end *peer,
    struct vnetsim_wire_vnet *out)
{
	if (peer->e_closed < vn->vn_killed ||
	    (peer->e_state != VNETSIM_TCP_TIME_WAIT &&
		peer->e_prior <= VNETSIM_TCP_LISTEN))
		return;
	out->wv_peers++;
	if (peer->e_how == VNETSIM_HOW_FIN)
		out->wv_by_fin++;
	else if (peer->e_how == VNETSIM_HOW_RST_RCVD)
		out->wv_by_rst++;
	else
		out->wv_by_own++;
	if (peer->e_closed - vn->vn_killed > out->wv_within)
		out->wv_within = peer->e_closed - vn->vn_killed;
}

static void
count_peer(const struct vnetsim_wiremon *wm, const struct wm_vnet *vn,
    const struct wm_conn *co, unsigned int who, struct vnetsim_wire_vnet *out)
{
	const struct wm_conn *in;
	const struct wm_end *peer = wm_heir(wm, co, 1 - who, &in);
	uint8_t fate = co->co_end[1 - who].e_fate;

	if (fate == VNETSIM_FATE_PENDING) {
		fate = wm_fate(wm, vn, co, who);
		if (fate != VNETSIM_FATE_NONE && fate != VNETSIM_FATE_CLOSED)
			fate = VNETSIM_FATE_PENDING;
	}
	if (fate == VNETSIM_FATE_NONE)
		return;
	if (fate == VNETSIM_FATE_CLOSED) {
		count_closed(vn, peer, out);
		return;
	}
	out->wv_peers++;
	if (fate == VNETSIM_FATE_STUCK)
		out->wv_stuck++;
	else if (fate == VNETSIM_FATE_EXCUSED)
		out->wv_excused++;
	else if (fate == VNETSIM_FATE_SILENT)
		out->wv_silent++;
	else
		out->wv_undecided++;
}

bool
vnetsim_wiremon_vnet_index(
    const struct vnetsim_wiremon *wm, uint32_t vnet, size_t *i)
{
	uint32_t at = wm_map_get(&wm->wm_vnetmap, vnet, 0);

	if (at == 0)
		return (false);
	*i = at - 1;
	return (true);
}

bool
vnetsim_wiremon_vnet(
    struct vnetsim_wiremon *wm, size_t i, struct vnetsim_wire_vnet *out)
{
	const struct wm_vnet *vn;
	struct wm_conn *co;
	uint32_t h;

	if (i >= wm->wm_vnets.po_n)
		return (false);
	vn = wm_pool_at(&wm->wm_vnets, (uint32_t)i + 1);
	memset(out, 0, sizeof(*out));
	out->wv_vnet = vn->vn_id;
	out->wv_name = vn->vn_name;
	out->wv_killed = vn->vn_killed;
	out->wv_dead = vn->vn_dead;
	out->wv_bound = vn->vn_bound;
	out->wv_policy = vn->vn_policy;
	out->wv_judged = vn->vn_judged;
	for (h = vn->vn_first; h != 0; h = co->co_end[h & 1].e_next) {
		co = wm_conn_at(wm, h >> 1);
		catch_up(wm, co);
		/* Both ends in one vnet: it is one connection. */
		if (co->co_end[0].e_vnet != co->co_end[1].e_vnet ||
		    !co->co_end[1 - (h & 1)].e_owned || (h & 1) == 0)
			count_outcome(wm, co, out);
		if (vn->vn_killed >= 0)
			count_peer(wm, vn, co, h & 1, out);
	}
	return (true);
}

const char *
vnetsim_wiremon_name(const struct vnetsim_wiremon *wm, uint32_t vnet)
{
	return (wm_vnet_name(wm, vnet));
}

void
vnetsim_wiremon_stats(
    const struct vnetsim_wiremon *wm, struct vnetsim_wire_stats *out)
{
	*out = wm->wm_stats;
}

int64_t
vnetsim_wiremon_due(const struct vnetsim_wiremon *wm)
{
	const struct wm_vnet *vn;
	int64_t due = -1;
	uint32_t i;

	for (i = wm->wm_wait; i != 0; i = vn->vn_wait) {
		vn = wm_pool_at(&wm->wm_vnets, i);
		if (vn->vn_dead >= 0 && vn->vn_bound > due)
			due = vn->vn_bound;
	}
	return (due);
}
