/*
 * wm_taint.c - who passes on what was damaged before does nothing wrong.
 *
 * A router verifies the IPv4 header, nothing behind it (RFC 1812 section 5.2):
 * what a wire has corrupted there, or somebody outside has made so, goes on as
 * it is.  So the pair of addresses and the protocol of such a packet are
 * remembered, and a header of that pair that does not hold is counted, but is
 * no finding.  All other pairs are still judged.
 */
#include "src/teardown/wire/wm_var.h"

bool
wm_tainted(
    const struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	uint64_t k[2];

	return (wm_parse_pair(ev->we_bytes, ev->we_len, k) &&
		wm_map_get(&wm->wm_taintmap, k[0], k[1]) != 0);
}

void
wm_taint(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	uint64_t k[2];

	if (!wm_parse_pair(ev->we_bytes, ev->we_len, k) ||
	    wm_map_get(&wm->wm_taintmap, k[0], k[1]) != 0)
		return;
	if (!wm_map_put(&wm->wm_taintmap, &wm->wm_mem, k[0], k[1], 1))
		wm->wm_stats.ws_incomplete = true;
}
