/*
 * wiremon.c - the wire monitor's life and its intake.
 *
 * The theory of operation is at the head of wm_var.h; the contract is in
 * <vnetsim/wiremon.h>.
 */
#include <string.h>

#include "src/teardown/wire/wm_var.h"

/* log2 of elements per segment: small worlds stay small. */
enum {
	SHIFT_CONN = 4,
	SHIFT_VNET = 4,
	SHIFT_LINK = 4,
	SHIFT_NAME = 3,
	SHIFT_FLIGHT = 5,
	SHIFT_HOLES = 1,
	SHIFT_FIND = 2,
	SHIFT_FLOW = 6,
	SHIFT_MAP = 5,
};

struct vnetsim_wiremon *
vnetsim_wiremon_create(const struct vnetsim_wiremon_mem *mem)
{
	struct vnetsim_wiremon *wm;

	wm = mem->alloc(mem->ctx, sizeof(*wm));
	if (wm == NULL)
		return (NULL);
	memset(wm, 0, sizeof(*wm));
	wm->wm_mem = *mem;
	wm->wm_now = WM_NEVER;
	wm->wm_nextdue = INT64_MAX;
	wm_pool_init(&wm->wm_conns, sizeof(struct wm_conn), SHIFT_CONN);
	wm_pool_init(&wm->wm_vnets, sizeof(struct wm_vnet), SHIFT_VNET);
	wm_pool_init(&wm->wm_links, sizeof(struct wm_link), SHIFT_LINK);
	wm_pool_init(&wm->wm_names, sizeof(struct wm_name), SHIFT_NAME);
	wm_pool_init(&wm->wm_flights, sizeof(struct wm_flight), SHIFT_FLIGHT);
	wm_pool_init(&wm->wm_holes, sizeof(struct wm_holes), SHIFT_HOLES);
	wm_pool_init(&wm->wm_finds, sizeof(struct wm_find), SHIFT_FIND);
	wm_map_init(&wm->wm_flowmap, SHIFT_FLOW);
	wm_map_init(&wm->wm_vnetmap, SHIFT_MAP);
	wm_map_init(&wm->wm_linkmap, SHIFT_MAP);
	wm_map_init(&wm->wm_flightmap, SHIFT_MAP);
	wm_map_init(&wm->wm_taintmap, SHIFT_MAP);
	return (wm);
}

void
vnetsim_wiremon_destroy(struct vnetsim_wiremon *wm)
{
	struct vnetsim_wiremon_mem mem;

	if (wm == NULL)
		return;
	mem = wm->wm_mem;
	wm_pool_fini(&wm->wm_conns, &mem);
	wm_pool_fini(&wm->wm_vnets, &mem);
	wm_pool_fini(&wm->wm_links, &mem);
	wm_pool_fini(&wm->wm_names, &mem);
	wm_pool_fini(&wm->wm_flights, &mem);
	wm_pool_fini(&wm->wm_holes, &mem);
	wm_pool_fini(&wm->wm_finds, &mem);
	wm_map_fini(&wm->wm_flowmap, &mem);
	wm_map_fini(&wm->wm_vnetmap, &mem);
	wm_map_fini(&wm->wm_linkmap, &mem);
	wm_map_fini(&wm->wm_flightmap, &mem);
	wm_map_fini(&wm->wm_taintmap, &mem);
	mem.free(mem.ctx, wm);
}

/* The clock of the stream never runs back, whatever the stream says. */
static void
advance(struct vnetsim_wiremon *wm, int64_t time)
{
	if (time < 0)
		time = 0;
	if (time < wm->wm_now) {
		wm->wm_stats.ws_disorder++;
		return;
	}
	wm->wm_now = time;
	if (time > wm->wm_nextdue)
		wm_judge_due(wm, time, false);
}

void
vnetsim_wiremon_event(
    struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	if (wm->wm_stats.ws_ended)
		return;
	if (ev->we_kind == VNETSIM_WIRE_END) {
		vnetsim_wiremon_end(wm, ev->we_time);
		return;
	}
	advance(wm, ev->we_time);
	switch (ev->we_kind) {
	case VNETSIM_WIRE_LINK:
		wm_link(wm, ev);
		break;
	case VNETSIM_WIRE_FRAME:
		wm_frame(wm, ev);
		break;
	case VNETSIM_WIRE_LATE:
		wm_flight_late(wm, ev->we_frame);
		break;
	case VNETSIM_WIRE_MOVED:
		wm_flight_moved(wm, ev);
		break;
	case VNETSIM_WIRE_BORN:
		wm_born(wm, ev);
		break;
	case VNETSIM_WIRE_KILL:
		wm_kill(wm, ev);
		break;
	case VNETSIM_WIRE_DEAD:
		wm_dead(wm, ev);
		break;
	default:
		break;
	}
}

void
vnetsim_wiremon_advance(struct vnetsim_wiremon *wm, int64_t time)
{
	if (!wm->wm_stats.ws_ended)
		advance(wm, time);
}

void
vnetsim_wiremon_end(struct vnetsim_wiremon *wm, int64_t time)
{
	struct vnetsim_wire_vnet wv;
	uint32_t i;
	size_t v;

	if (wm->wm_stats.ws_ended)
		return;
	advance(wm, time);
	wm_judge_due(wm, wm->wm_now, true);
	if (wm->wm_now < INT64_MAX)
		wm->wm_now++;
	for (i = 1; i <= wm->wm_conns.po_n; i++) {
		wm_flight_until(wm, wm_conn_at(wm, i), 0, wm->wm_now);
		wm_flight_until(wm, wm_conn_at(wm, i), 1, wm->wm_now);
	}
	for (v = 0; vnetsim_wiremon_vnet(wm, v, &wv); v++)
		wm->wm_stats.ws_undecided += wv.wv_undecided;
	wm->wm_stats.ws_ended = true;
}
