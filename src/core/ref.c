/*
 * ref.c - counted references: the holder's slot is the list node.
 *
 * The list of an object's holders starts in its header (h_edges) and runs
 * through the slots by 8-byte offsets from the world's base; newest first.
 * r_prev is 0 in the first one.  Taking and dropping are O(1), allocate
 * nothing and cannot fail; what is wrong becomes a lifetime finding and leaves
 * slot and object as they were, or the slot empty.
 *
 *	header of obj            slot A               slot B
 *	h_edges ------------->  r_next -----------> r_next = 0
 *	                        r_prev = 0  <------ r_prev
 *
 * When a vnet dies, vnet_mem_sever() cuts what crosses its border: slots
 * outside stay full but marked (REF_CUT), so that their holder notices nothing
 * worse than NULL from ref_get().
 *
 * A slot's arena and the object's are marked as entered, and so are those of
 * the neighbours in the list, whose links change.
 */
#include <vnetsim/kern/finding.h>
#include "src/core/memory_var.h"

static inline struct ref *
slot_at(const struct world_mem *wm, uint32_t off)
{
	return ((struct ref *)(void *)(wm->wm_base + ((size_t)off << 3)));
}

static inline uint32_t
offset_of(const struct world_mem *wm, const void *p)
{
	return ((uint32_t)(((uintptr_t)p - (uintptr_t)wm->wm_base) >> 3));
}

static inline void
mark(struct world_mem *wm, const void *p)
{
	uintptr_t x;
	uint32_t a;

	x = ((uintptr_t)p - (uintptr_t)wm->wm_extbase) >> 16;
	if (x >= wm->wm_nused)
		return;
	/* the world's own extents need no mark: save.c */
	a = wm->wm_ext[x].e_arena;
	if (a != 0)
		mem_mark_arena(wm, a);
}

__noasan void
ref_take_site(struct ref *slot, void *obj, const char *site)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	struct ref *next;
	uint32_t off;

	if (__predict_false(slot->r_obj != 0)) {
		finding_add(ORACLE_LIFETIME, "take-twice", kctx->kc_vnet, -1,
		    ref_get(slot), "slot %s is full, taken by %s",
		    site_decode(w, slot->r_site), site);
		ref_unlink(w, slot);
	}
	h = mem_live(wm, obj);
	if (__predict_false(h == NULL)) {
		uma_bad_use("reference", obj, site);
		return;
	}
	KASSERT((uintptr_t)slot - (uintptr_t)wm->wm_base < wm->wm_size,
	    ("ref_take: slot outside the world, %s", site));
	off = offset_of(wm, slot);
	slot->r_obj = offset_of(wm, obj);
	slot->r_next = h->h_edges;
	slot->r_prev = 0;
	slot->r_site = site_code(w, site);
	if (h->h_edges != 0) {
		next = slot_at(wm, h->h_edges);
		next->r_prev = off;
		mark(wm, next);
	}
	h->h_edges = off;
	mark(wm, slot);
	mark(wm, obj);
}

/*
 * The slot leaves its list and is empty.  The object must be live, unless the
 * slot is cut.
 */
__noasan void
ref_unlink(struct world *w, struct ref *slot)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	struct ref *at;
	uint32_t off;

	if (!mem_slot_cut(slot)) {
		off = offset_of(wm, slot);
		h = mem_hdr_of(slot_at(wm, slot->r_obj));
		if (slot->r_prev != 0) {
			at = slot_at(wm, slot->r_prev);
			KASSERT(at->r_next == off,
			    ("list of references to "
			     "%p is broken at %s",
				mem_payload(h), site_decode(w, slot->r_site)));
			at->r_next = slot->r_next;
			mark(wm, at);
		} else {
			KASSERT(h->h_edges == off,
			    ("list of references to "
			     "%p is broken at %s",
				mem_payload(h), site_decode(w, slot->r_site)));
			h->h_edges = slot->r_next;
		}
		if (slot->r_next != 0) {
			at = slot_at(wm, slot->r_next);
			at->r_prev = slot->r_prev;
			mark(wm, at);
		}
		mark(wm, h);
	}
	slot->r_obj = slot->r_next = slot->r_prev = slot->r_site = 0;
	mark(wm, slot);
}

/* Can the slot at this offset be read? */
static bool
slot_readable(const struct world_mem *wm, uint32_t off)
{
	const struct mem_extent *e;
	uintptr_t at;

	at = (uintptr_t)off << 3;
	if (at + sizeof(struct ref) > wm->wm_size)
		return (false);
	if (wm->wm_base + at < wm->wm_extbase)
		return (at + sizeof(struct ref) <= sizeof(struct world));
	e = mem_extent_of(wm, wm->wm_base + at);
	return (e != NULL && e->e_state != EXT_SHUT);
}

/*
 * Is this, in memory that nobody describes, a full slot?  It is if the list
 * of a live object passes through it.
 */
__noasan bool
ref_genuine(struct world *w, const struct ref *slot)
{
	const struct world_mem *wm = &w->w_mem;
	const struct mem_hdr *h;
	uint32_t off;

	if (slot->r_obj == 0 || mem_slot_cut(slot) ||
	    (uintptr_t)slot->r_obj << 3 >= wm->wm_size)
		return (false);
	h = mem_live(wm, slot_at(wm, slot->r_obj));
	if (h == NULL)
		return (false);
	off = offset_of(wm, slot);
	if (slot->r_prev == 0)
		return (h->h_edges == off);
	return (slot_readable(wm, slot->r_prev) &&
		slot_at(wm, slot->r_prev)->r_next == off &&
		slot_at(wm, slot->r_prev)->r_obj == slot->r_obj);
}

__noasan bool
ref_drop(struct ref *slot)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	void *obj;

	if (__predict_false(slot->r_obj == 0)) {
		finding_add(ORACLE_LIFETIME, "drop-empty", kctx->kc_vnet, -1,
		    NULL, "an empty reference is dropped");
		return (false);
	}
	if (__predict_false(mem_slot_cut(slot))) {
		ref_unlink(w, slot);
		return (false);
	}
	obj = slot_at(wm, slot->r_obj);
	h = mem_live(wm, obj);
	if (__predict_false(h == NULL)) {
		uma_bad_use(
		    "drop of a reference", obj, site_decode(w, slot->r_site));
		slot->r_obj = slot->r_next = slot->r_prev = slot->r_site = 0;
		return (false);
	}
	ref_unlink(w, slot);
	return (h->h_edges == 0);
}

__noasan void
ref_move(struct ref *to, struct ref *from)
{
	struct world_mem *wm = &kctx->kc_world->w_mem;
	uint32_t off;

	MPASS(to->r_obj == 0);
	*to = *from;
	from->r_obj = from->r_next = from->r_prev = from->r_site = 0;
	mark(wm, from);
	mark(wm, to);
	if (to->r_obj == 0 || mem_slot_cut(to))
		return;
	off = offset_of(wm, to);
	if (to->r_prev != 0) {
		slot_at(wm, to->r_prev)->r_next = off;
		mark(wm, slot_at(wm, to->r_prev));
	} else {
		mem_hdr_of(slot_at(wm, to->r_obj))->h_edges = off;
		mark(wm, slot_at(wm, to->r_obj));
	}
	if (to->r_next != 0) {
		slot_at(wm, to->r_next)->r_prev = off;
		mark(wm, slot_at(wm, to->r_next));
	}
}

__noasan uint32_t
ref_count(const void *obj)
{
	const struct world_mem *wm = &kctx->kc_world->w_mem;
	const struct mem_hdr *h;
	uint32_t n, off;

	h = mem_live(wm, obj);
	if (h == NULL)
		return (0);
	for (n = 0, off = h->h_edges; off != 0; n++)
		off = slot_at(wm, off)->r_next;
	return (n);
}

__noasan bool
ref_held(const void *obj)
{
	struct mem_hdr *h;

	h = mem_live(&kctx->kc_world->w_mem, obj);
	if (h == NULL) {
		uma_bad_use("count of references", obj, NULL);
		return (false);
	}
	return (h->h_edges != 0);
}
