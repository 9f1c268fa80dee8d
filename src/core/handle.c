/*
 * handle.c - the world's handle table.
 *
 * One array of slots for all kinds, in the world's reservation, so a handle is
 * looked up without a hash.  A slot's generation is stepped when its object
 * dies; it starts at 1, wraps past 0, and outlives the object, its memory and
 * its vnet.  Free slots are reused last in, first out, which is the same in
 * every run.  A stale handle is taken for a live one only after 2^32 - 1
 * objects have died in one slot.
 */
#include "src/core/handle.h"
#include "src/core/world.h"

#define HANDLE_ID(h)  ((uint32_t)((h)&UINT32_MAX))
#define HANDLE_GEN(h) ((uint32_t)((h) >> 32))

void
world_handles_init(struct world *w)
{
	w->w_hnd.wh_slot = w->w_mem.wm_handles;
	w->w_hnd.wh_used = 1;
	w->w_hnd.wh_free = 0;
}

uint64_t
handle_alloc(enum handle_kind kind, void *obj)
{
	struct world_handles *wh = &curworld()->w_hnd;
	struct handle_slot *hs;
	uint32_t id;

	MPASS(obj != NULL && kind > HANDLE_NONE && kind < HANDLE_N);
	id = wh->wh_free;
	if (id != 0) {
		hs = &wh->wh_slot[id];
		wh->wh_free = hs->hs_next;
	} else {
		if (wh->wh_used >= curworld()->w_mem.wm_handlemax)
			return (0);
		id = wh->wh_used++;
		hs = &wh->wh_slot[id];
		hs->hs_gen = 1;
	}
	hs->hs_obj = obj;
	hs->hs_kind = (uint8_t)kind;
	hs->hs_live = true;
	wh->wh_nlive[kind]++;
	return ((uint64_t)hs->hs_gen << 32 | id);
}

/* The live slot of a handle, or NULL. */
static struct handle_slot *
handle_slot(const struct world_handles *wh, uint64_t h)
{
	struct handle_slot *hs;

	if (HANDLE_ID(h) == 0 || HANDLE_ID(h) >= wh->wh_used)
		return (NULL);
	hs = &wh->wh_slot[HANDLE_ID(h)];
	if (!hs->hs_live || hs->hs_gen != HANDLE_GEN(h))
		return (NULL);
	return (hs);
}

void *
handle_lookup(enum handle_kind kind, uint64_t h)
{
	const struct handle_slot *hs;

	hs = handle_slot(&curworld()->w_hnd, h);
	if (hs == NULL || hs->hs_kind != kind)
		return (NULL);
	return (hs->hs_obj);
}

void
handle_free(uint64_t h)
{
	struct world_handles *wh = &curworld()->w_hnd;
	struct handle_slot *hs;

	if (h == 0)
		return;
	hs = handle_slot(wh, h);
	KASSERT(hs != NULL,
	    ("handle %u.%u freed twice", HANDLE_ID(h), HANDLE_GEN(h)));
	wh->wh_nlive[hs->hs_kind]--;
	hs->hs_live = false;
	hs->hs_kind = HANDLE_NONE;
	if (++hs->hs_gen == 0)
		hs->hs_gen = 1;
	hs->hs_next = wh->wh_free;
	wh->wh_free = HANDLE_ID(h);
}

void *
handle_iter(enum handle_kind kind, uint32_t *id)
{
	const struct world_handles *wh = &curworld()->w_hnd;
	const struct handle_slot *hs;
	uint32_t i;

	for (i = *id + 1; i < wh->wh_used; i++) {
		hs = &wh->wh_slot[i];
		if (!hs->hs_live || hs->hs_kind != kind)
			continue;
		*id = i;
		return (hs->hs_obj);
	}
	return (NULL);
}

uint64_t
handle_byid(enum handle_kind kind, uint32_t id)
{
	const struct world_handles *wh = &curworld()->w_hnd;
	const struct handle_slot *hs;

	if (id == 0 || id >= wh->wh_used)
		return (0);
	hs = &wh->wh_slot[id];
	if (!hs->hs_live || hs->hs_kind != kind)
		return (0);
	return ((uint64_t)hs->hs_gen << 32 | id);
}
