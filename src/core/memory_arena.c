/*
 * memory_arena.c - carving blocks out of an arena's extents.
 *
 * Blocks of all classes lie one behind the other; e_used of the extent being
 * carved is the bump pointer.  When a block does not fit a new extent is
 * taken, and carving goes on in whichever of the two then has more room; so
 * what is given up is never more than half an extent.
 *
 * A freed block goes to its class's list and serves that class until the
 * arena ends: a class never gives memory back to another.  Payloads above
 * 65,504 bytes are runs of extents, which do return when freed.
 */
#include "src/core/memory_var.h"

void
mem_arena_append(struct world_mem *wm, struct mem_arena *a, uint32_t x)
{
	struct mem_extent *e = &wm->wm_ext[x];

	e->e_next = 0;
	e->e_prev = a->ma_last;
	/* Extent 0 begins the world's arena: there 0 is no end of list. */
	if (a->ma_last != 0 || a == &wm->wm_arena)
		wm->wm_ext[a->ma_last].e_next = x;
	else
		a->ma_first = x;
	a->ma_last = x;
}

/*
 * A block of a class that was never used before.  @no is the arena's number.
 * Return: its header, not filled in but for the class; NULL: no extent left.
 */
__noasan struct mem_hdr *
mem_arena_carve(struct world *w, struct mem_arena *a, uint32_t no, uint32_t cls,
    bool reserve)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_extent *e = &wm->wm_ext[a->ma_cur];
	struct mem_hdr *h;
	uint32_t n, x, cur;

	n = mem_slot_bytes(cls);
	cur = a->ma_cur;
	if (e->e_used + n > MEM_EXTENT) {
		x = mem_extent_take(w, no, reserve);
		if (x == 0)
			return (NULL);
		mem_arena_append(wm, a, x);
		if (n < e->e_used)
			a->ma_cur = x;
		cur = x;
		e = &wm->wm_ext[x];
	}
	h = (struct mem_hdr *)(void *)(mem_extent_addr(wm, cur) + e->e_used);
	e->e_used += n;
	return (h);
}

/* A run of extents as one block.  Return: its header, NULL: no room. */
struct mem_hdr *
mem_arena_big(struct world *w, struct mem_arena *a, uint32_t no, size_t size,
    bool reserve)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_extent *e;
	uint32_t i, n, x, bytes;

	bytes = (uint32_t)roundup2(size, (size_t)16) + MEM_HDR;
	n = (uint32_t)howmany(bytes, MEM_EXTENT);
	x = mem_run_take(w, n, reserve);
	if (x == 0)
		return (NULL);
	for (i = 0; i < n; i++)
		wm->wm_ext[x + i].e_arena = no;
	e = &wm->wm_ext[x];
	e->e_used = bytes;
	mem_arena_append(wm, a, x);
	return ((struct mem_hdr *)(void *)mem_extent_addr(wm, x));
}

/* The run that starts with @x leaves its arena; it is never its first. */
void
mem_arena_unbig(struct world *w, struct mem_arena *a, uint32_t x)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_extent *e = &wm->wm_ext[x];

	wm->wm_ext[e->e_prev].e_next = e->e_next;
	if (e->e_next != 0)
		wm->wm_ext[e->e_next].e_prev = e->e_prev;
	else
		a->ma_last = e->e_prev;
	mem_extent_give(w, x);
}

/*
 * The block at *off of an extent; *off moves behind it.
 * Return: its header, NULL: end of what is carved.
 */
__noasan struct mem_hdr *
mem_extent_walk(const struct world_mem *wm, uint32_t x, uint32_t *off)
{
	const struct mem_extent *e = &wm->wm_ext[x];
	struct mem_hdr *h;

	if (*off >= e->e_used)
		return (NULL);
	h = (struct mem_hdr *)(void *)(mem_extent_addr(wm, x) + *off);
	KASSERT(HDR_GOOD(h->h_sn),
	    ("header overwritten: extent %u offset %u", x, *off));
	*off += (uint32_t)mem_block_bytes(wm, h) + MEM_HDR;
	return (h);
}
