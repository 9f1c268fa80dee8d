/*
 * wm_vnet.c - the monitor's vnets, links and names; births, kills, deaths.
 *
 * Ids are as the stream gives them and are not trusted to be dense.  A vnet
 * that nobody announced gets a record when it first sends.
 */
#include <string.h>

#include "src/teardown/wire/wm_text.h"
#include "src/teardown/wire/wm_var.h"

#define WM_SECOND INT64_C(1000000000)

struct wm_vnet *
wm_vnet_find(const struct vnetsim_wiremon *wm, uint32_t id)
{
	uint32_t i = wm_map_get(&wm->wm_vnetmap, id, 0);

	return (i == 0 ? NULL : wm_pool_at(&wm->wm_vnets, i));
}

/* Finds or makes it; NULL if there is no memory (ws_incomplete). */
struct wm_vnet *
wm_vnet_get(struct vnetsim_wiremon *wm, uint32_t id)
{
	struct wm_vnet *vn = wm_vnet_find(wm, id);
	struct wm_text tx;
	uint32_t i;

	if (vn != NULL)
		return (vn);
	i = wm_pool_get(&wm->wm_vnets, &wm->wm_mem);
	if (i == 0) {
		wm->wm_stats.ws_incomplete = true;
		return (NULL);
	}
	vn = wm_pool_at(&wm->wm_vnets, i);
	vn->vn_id = id;
	vn->vn_killed = -1;
	vn->vn_dead = -1;
	vn->vn_bound = -1;
	wm_text_start(&tx, vn->vn_name, sizeof(vn->vn_name));
	wm_text_str(&tx, "vnet");
	wm_text_num(&tx, id);
	/* Without its entry it could never be found again: list it, no more. */
	if (!wm_map_put(&wm->wm_vnetmap, &wm->wm_mem, id, 0, i)) {
		wm->wm_stats.ws_incomplete = true;
		return (NULL);
	}
	return (vn);
}

bool
wm_vnet_isdead(const struct vnetsim_wiremon *wm, uint32_t id)
{
	const struct wm_vnet *vn = wm_vnet_find(wm, id);

	return (vn != NULL && vn->vn_dead >= 0);
}

const char *
wm_vnet_name(const struct vnetsim_wiremon *wm, uint32_t id)
{
	const struct wm_vnet *vn;

	if (id == VNETSIM_NOVNET)
		return ("outside");
	vn = wm_vnet_find(wm, id);
	return (vn == NULL ? "unknown" : vn->vn_name);
}

/*
 * The index of a phase's or step's name; 0 for NULL.  Only teardown names
 * frames, and it has a few dozen names, so a walk from the newest will do.
 */
uint16_t
wm_name_get(struct vnetsim_wiremon *wm, const char *name)
{
	struct wm_name new, *nm;
	uint32_t i;

	if (name == NULL)
		return (0);
	wm_text_copy(new.nm_text, sizeof(new.nm_text), name);
	for (i = wm->wm_names.po_n; i != 0; i--) {
		nm = wm_pool_at(&wm->wm_names, i);
		if (strcmp(nm->nm_text, new.nm_text) == 0)
			return ((uint16_t)i);
	}
	if (wm->wm_names.po_n < UINT16_MAX)
		i = wm_pool_get(&wm->wm_names, &wm->wm_mem);
	if (i == 0) {
		wm->wm_stats.ws_incomplete = true;
		return (0);
	}
	nm = wm_pool_at(&wm->wm_names, i);
	wm_text_copy(nm->nm_text, sizeof(nm->nm_text), new.nm_text);
	return ((uint16_t)i);
}

/* NULL for 0. */
const char *
wm_name_text(const struct vnetsim_wiremon *wm, uint16_t i)
{
	const struct wm_name *nm;

	if (i == 0)
		return (NULL);
	nm = wm_pool_at(&wm->wm_names, i);
	return (nm->nm_text);
}

void
wm_born(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct wm_vnet *vn = wm_vnet_get(wm, ev->we_vnet);

	if (vn != NULL && ev->we_name != NULL && ev->we_name[0] != '\0')
		wm_text_copy(vn->vn_name, sizeof(vn->vn_name), ev->we_name);
}

/* a + b, both at least 0, at most INT64_MAX. */
static int64_t
later(int64_t a, int64_t b)
{
	return (a > INT64_MAX - b ? INT64_MAX : a + b);
}

static int64_t
four(int64_t rto)
{
	return (rto > INT64_MAX / 4 ? INT64_MAX : rto * 4);
}

static void
begin_end(struct vnetsim_wiremon *wm, struct wm_vnet *vn, uint8_t policy,
    int64_t grace, int64_t rto)
{
	uint32_t i = wm_map_get(&wm->wm_vnetmap, vn->vn_id, 0);
	struct wm_vnet *last;

	vn->vn_killed = wm->wm_now;
	vn->vn_policy = policy;
	vn->vn_rto = rto < WM_SECOND ? WM_SECOND : rto;
	vn->vn_bound =
	    later(later(wm->wm_now, grace < 0 ? 0 : grace), four(vn->vn_rto));
	if (wm->wm_wait == 0) {
		wm->wm_wait = i;
	} else {
		last = wm_pool_at(&wm->wm_vnets, wm->wm_waitlast);
		last->vn_wait = i;
	}
	wm->wm_waitlast = i;
}

/* A second KILL changes nothing: the promise was made by the first. */
void
wm_kill(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct wm_vnet *vn = wm_vnet_get(wm, ev->we_vnet);

	if (vn != NULL && vn->vn_killed < 0)
		begin_end(wm, vn, ev->we_policy, ev->we_grace, ev->we_rto);
}

/*
 * The bound counts from the kill; a vnet that lived on beyond it, because
 * something held it, owes its peers word within 4 RTO of its death.  One that
 * died without a kill has promised nothing but that.
 */
void
wm_dead(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct wm_vnet *vn = wm_vnet_get(wm, ev->we_vnet);

	if (vn == NULL || vn->vn_dead >= 0)
		return;
	if (vn->vn_killed < 0)
		begin_end(wm, vn, VNETSIM_CLOSE_ABORT, 0, 0);
	vn->vn_dead = wm->wm_now;
	wm->wm_ndead++;
	if (vn->vn_dead > vn->vn_bound)
		vn->vn_bound = later(vn->vn_dead, four(vn->vn_rto));
	if (vn->vn_bound < wm->wm_nextdue)
		wm->wm_nextdue = vn->vn_bound;
}

void
wm_link(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct wm_link *lk;
	uint32_t i, end;

	if (wm_map_get(&wm->wm_linkmap, ev->we_link, 0) != 0)
		return;
	i = wm_pool_get(&wm->wm_links, &wm->wm_mem);
	if (i == 0 ||
	    !wm_map_put(&wm->wm_linkmap, &wm->wm_mem, ev->we_link, 0, i)) {
		wm->wm_stats.ws_incomplete = true;
		return;
	}
	lk = wm_pool_at(&wm->wm_links, i);
	for (end = 0; end < 2; end++) {
		if (ev->we_ends[end] != NULL)
			wm_text_copy(lk->lk_end[end], sizeof(lk->lk_end[end]),
			    ev->we_ends[end]);
	}
}
