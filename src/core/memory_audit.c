/*
 * memory_audit.c - reading the ledger: objects, holders, walks.
 *
 * Nothing here changes anything.  Audits, state hashes, dumps and reports
 * stand on these four functions.
 */
#include "src/core/memory_var.h"

__noasan bool
mem_info(const void *p, struct mem_info *mi)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	const struct mem_freed *fr;
	struct mem_hdr *h;
	uint32_t owner;

	h = p == NULL ? NULL : mem_block(wm, p);
	if (h == NULL)
		return (false);
	mi->mi_state = (uint8_t)HDR_STATE(h->h_id);
	if (mi->mi_state != MEM_LIVE && mi->mi_state != MEM_FREE &&
	    mi->mi_state != MEM_DEAD)
		return (false);
	if (mem_extent_of(wm, p)->e_state == EXT_FREE)
		mi->mi_state = MEM_DEAD;
	mi->mi_type = (uint16_t)HDR_TYPE(h->h_id);
	if (mi->mi_type >= MEM_NTYPES || w->w_zone[mi->mi_type] == NULL)
		return (false);
	mi->mi_zone = w->w_zone[mi->mi_type];
	mi->mi_flags = (uint16_t)(HDR_FLAGS(h->h_sn) & ~MEMH_MAGICMASK);
	mi->mi_birth = HDR_BIRTH(h->h_id);
	owner = HDR_OWNER(h->h_id);
	mi->mi_owner = NULL;
	if (owner != 0 && mi->mi_state == MEM_LIVE)
		mi->mi_owner = mem_arena_vnet(wm, owner);
	mi->mi_serial = HDR_SERIAL(h->h_sn);
	mi->mi_site = site_decode(w, h->h_site);
	mi->mi_freesite = NULL;
	mi->mi_time = h->h_time;
	mi->mi_size = mem_block_bytes(wm, h);
	if (mi->mi_state == MEM_FREE) {
		fr = mem_payload(h);
		mi->mi_freesite = site_decode(w, fr->fr_site);
	}
	return (true);
}

__noasan const char *
mem_holder(const void *obj, const struct ref **slot)
{
	struct world *w = kctx->kc_world;
	struct mem_hdr *h;
	uint32_t off;

	if (*slot == NULL) {
		h = mem_live(&w->w_mem, obj);
		off = h == NULL ? 0 : h->h_edges;
	} else {
		off = (*slot)->r_next;
	}
	if (off == 0)
		return (NULL);
	*slot = (const struct ref *)(const void *)(w->w_mem.wm_base +
						   ((size_t)off << 3));
	return (site_decode(w, (*slot)->r_site));
}

__noasan bool
mem_tell(void *p)
{
	struct mem_hdr *h = mem_hdr_of(p);

	if ((HDR_FLAGS(h->h_sn) & MEMH_TOLD) != 0)
		return (false);
	h->h_sn |= (uint64_t)MEMH_TOLD << 48;
	return (true);
}

__noasan void *
mem_around(const void *p)
{
	struct world_mem *wm = &kctx->kc_world->w_mem;
	const struct mem_extent *e = mem_extent_of(wm, p);
	struct mem_hdr *h;
	uint32_t x, off = 0;

	if (e == NULL || (e->e_state != EXT_ARENA && e->e_state != EXT_RUN))
		return (NULL);
	x = mem_extent_no(wm, p);
	while ((h = mem_extent_walk(wm, x, &off)) != NULL)
		if ((uintptr_t)p <
		    (uintptr_t)mem_payload(h) + mem_block_bytes(wm, h))
			break;
	if (h == NULL || (uintptr_t)p < (uintptr_t)mem_payload(h) ||
	    HDR_STATE(h->h_id) != MEM_LIVE)
		return (NULL);
	return (mem_payload(h));
}

enum { WALK_ARENA, WALK_WORLD, WALK_END };

void
mem_iter_init(struct mem_iter *it, const struct vnet *v, int flags)
{
	memset(it, 0, sizeof(*it));
	it->it_vnet = v;
	it->it_flags = (uint32_t)flags;
	it->it_phase = WALK_WORLD;
	if (v != NULL && (flags & MEM_ITER_ARENA) != 0) {
		it->it_phase = WALK_ARENA;
		it->it_ext = mem_arena_no(v);
	}
}

/* The next block of the walk's arena, whatever its state; NULL: its end. */
static struct mem_hdr *
iter_block(const struct world_mem *wm, struct mem_iter *it)
{
	struct mem_hdr *h;

	for (;;) {
		h = mem_extent_walk(wm, it->it_ext, &it->it_off);
		if (h != NULL)
			return (h);
		/* A run that was freed during the walk has left the list. */
		it->it_off = 0;
		it->it_ext = it->it_nextext;
		if (it->it_ext == 0)
			return (NULL);
		it->it_nextext = wm->wm_ext[it->it_ext].e_next;
	}
}

static __noasan bool
iter_wants(const struct mem_iter *it, const struct mem_hdr *h)
{
	if (HDR_STATE(h->h_id) != MEM_LIVE ||
	    (HDR_FLAGS(h->h_sn) & MEMH_SELF) != 0)
		return (false);
	if (it->it_phase == WALK_ARENA)
		return (true);
	return ((it->it_flags & MEM_ITER_WORLD) != 0 ||
		HDR_OWNER(h->h_id) == mem_arena_no(it->it_vnet));
}

void *
mem_iter_next(struct mem_iter *it)
{
	const struct world_mem *wm = &kctx->kc_world->w_mem;
	struct mem_hdr *h;

	if (!it->it_begun) {
		it->it_begun = true;
		it->it_nextext = wm->wm_ext[it->it_ext].e_next;
	}
	while (it->it_phase != WALK_END) {
		if (it->it_phase == WALK_WORLD &&
		    (it->it_flags & (MEM_ITER_CHARGED | MEM_ITER_WORLD)) == 0)
			break;
		while ((h = iter_block(wm, it)) != NULL)
			if (iter_wants(it, h))
				return (mem_payload(h));
		it->it_phase++;
		it->it_ext = it->it_off = 0;
		it->it_nextext = wm->wm_ext[0].e_next;
	}
	it->it_phase = WALK_END;
	return (NULL);
}
