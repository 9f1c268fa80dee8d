/*
 * report_summary.c - how each vnet ended, and what became of its peers.
 *
 *	vnet client: ended at 2.5 s, order top-down, policy graceful (30 s),
 *	    gone 1.2 s later
 *	  connections: 18 finned, 2 reset, 0 abandoned (the stack's own count
 *	    agrees)
 *	  20 of 20 peers closed (18 by FIN, 2 by RST), the last 1.1 s after
 *
 * Stuck peers are listed one by one with state and step, as the wire monitor
 * words its finding.  Of vnets that ended well the first 20 are told; where
 * anything is wrong, each is.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/report.h"

#define STUCK_MAX 40 /* lines; the others are counted */
#define WELL_MAX  20 /* vnets that ended well; the others are counted */

static const char *
policy_name(uint8_t policy)
{
	static const char *const names[] = { "graceful", "abort", "crash",
		"wait" };

	return (policy < 4 ? names[policy] : "?");
}

static void
summary_when(const struct play_vnet *pv, struct rbuf *out)
{
	rbuf_add(out, "     vnet %s: ended at ", pv->pv_name);
	rbuf_span(out, pv->pv_killed);
	rbuf_add(out, ", order %s, policy %s", pv->pv_order,
	    policy_name(pv->pv_policy));
	if (pv->pv_grace > 0) {
		rbuf_add(out, " (");
		rbuf_span(out, pv->pv_grace);
		rbuf_add(out, ")");
	}
	if (pv->pv_dead < 0) {
		rbuf_add(out, ", still there\n");
		return;
	}
	rbuf_add(out, ", gone ");
	rbuf_span(out, pv->pv_dead - pv->pv_killed);
	rbuf_add(out, " later\n");
}

/* Peers that the monitor calls stuck, each with its state and the step. */
static void
summary_stuck(
    const struct player *p, const struct play_vnet *pv, struct rbuf *out)
{
	struct vnetsim_finding f;
	unsigned shown = 0, n = 0;
	const char *cut;

	for (unsigned i = 0; vnetsim_finding(p->p_world, i, &f) == 0; i++) {
		if (strcmp(f.oracle, "wire") != 0 || f.vnet != pv->pv_id ||
		    strstr(f.kind, "stuck") == NULL)
			continue;
		n++;
		if (shown == STUCK_MAX)
			continue;
		shown++;
		cut = strstr(f.text, ", killed at ");
		rbuf_add(out, "         %.*s",
		    (int)(cut != NULL ? (size_t)(cut - f.text)
				      : strlen(f.text)),
		    f.text);
		if (f.step != NULL)
			rbuf_add(out, ", because of step \"%s\"", f.step);
		rbuf_add(out, "\n");
	}
	if (n > shown)
		rbuf_add(out, "         and %u more\n", n - shown);
}

static bool
same_outcomes(
    const struct vnetsim_outcomes *a, const struct vnetsim_outcomes *b)
{
	return (a->finned == b->finned && a->reset == b->reset &&
		a->abandoned == b->abandoned);
}

static void
summary_vnet(
    const struct player *p, const struct play_vnet *pv, struct rbuf *out)
{
	struct vnetsim_outcomes w = { 0 }, s = { 0 };
	uint32_t closed;

	summary_when(pv, out);
	if (vnetsim_outcomes(p->p_world, pv->pv_id, true, &w) != 0)
		return;
	rbuf_add(out,
	    "       connections: %" PRIu32 " finned, %" PRIu32
	    " reset, %" PRIu32 " abandoned",
	    w.finned, w.reset, w.abandoned);
	if (vnetsim_outcomes(p->p_world, pv->pv_id, false, &s) == 0) {
		if (same_outcomes(&w, &s))
			rbuf_add(out, " (the stack counts the same)");
		else
			rbuf_add(out,
			    " (the stack counts %" PRIu32 ", %" PRIu32
			    ", %" PRIu32 ")",
			    s.finned, s.reset, s.abandoned);
	}
	rbuf_add(out, "\n");
	closed = w.peers_fin + w.peers_rst;
	if (w.peers == 0)
		return;
	rbuf_add(out,
	    "       %" PRIu32 " of %" PRIu32 " peers closed (%" PRIu32
	    " by FIN, %" PRIu32 " by RST)",
	    closed, w.peers, w.peers_fin, w.peers_rst);
	if (closed > 0 && w.last >= pv->pv_killed) {
		rbuf_add(out, ", the last one ");
		rbuf_span(out, w.last - pv->pv_killed);
		rbuf_add(out, " after the kill");
	}
	if (w.peers_stuck > 0)
		rbuf_add(out, ", %" PRIu32 " stuck:", w.peers_stuck);
	rbuf_add(out, "\n");
	summary_stuck(p, pv, out);
}

/* Is it gone, do the two counts agree, and has every peer been told? */
static bool
summary_well(const struct player *p, const struct play_vnet *pv)
{
	struct vnetsim_outcomes w = { 0 }, s = { 0 };

	if (pv->pv_dead < 0)
		return (false);
	if (vnetsim_outcomes(p->p_world, pv->pv_id, true, &w) != 0)
		return (true);
	return (w.peers_stuck == 0 && w.peers_fin + w.peers_rst == w.peers &&
		(vnetsim_outcomes(p->p_world, pv->pv_id, false, &s) != 0 ||
		    same_outcomes(&w, &s)));
}

/**
 * report_summary() - the vnets that the script ended, and what became of them
 * @p:		player, after a play with p_watch
 * @out:	lines are appended
 *
 * What only ended because the world did is not told unless a peer is stuck.
 * Of those that ended well the first WELL_MAX are told.
 */
void
report_summary(const struct player *p, struct rbuf *out)
{
	struct vnetsim_outcomes w;
	unsigned well = 0;

	for (unsigned i = 0; i < p->p_nvnets; i++) {
		const struct play_vnet *pv = &p->p_vnet[i];

		if (pv->pv_killed < 0)
			continue;
		if (!pv->pv_byscript &&
		    (vnetsim_outcomes(p->p_world, pv->pv_id, true, &w) != 0 ||
			w.peers_stuck == 0))
			continue;
		if (!summary_well(p, pv) || ++well <= WELL_MAX)
			summary_vnet(p, pv, out);
	}
	if (well > WELL_MAX)
		rbuf_add(out, "     ... and %u more vnet%s, all told\n",
		    well - WELL_MAX, well - WELL_MAX == 1 ? "" : "s");
}
