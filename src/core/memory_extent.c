/*
 * memory_extent.c - who has which 64 KiB of a world.
 *
 * Extents are handed out singly from a list of recycled ones, newest first
 * (their pages are there and warm), else from the high-water mark; a big
 * object takes a run of neighbours.  As many extents as the sum of all
 * reserves (uma_reserve()) might need are kept back from everybody else.
 *
 * The extents of a dead vnet are recycled as they are, its objects marked and
 * poisoned by memory_vnet.c.  Checking builds make them inaccessible first:
 * a queue of at most MEM_DEAD_MAX, of which the oldest returns to the free
 * list when the queue is full or nothing else is left.
 *
 * Nothing here depends on addresses: the same calls give the same numbers.
 */
#include "src/core/memory_var.h"

static void
free_push(struct world_mem *wm, uint32_t x)
{
	struct mem_extent *e = &wm->wm_ext[x];

	if (e->e_state == EXT_ARENA || e->e_state == EXT_RUN)
		e->e_run = 0;
	e->e_state = EXT_FREE;
	e->e_arena = 0;
	e->e_prev = 0;
	e->e_next = wm->wm_efree;
	if (e->e_next != 0)
		wm->wm_ext[e->e_next].e_prev = x;
	wm->wm_efree = x;
	wm->wm_nefree++;
}

static void
free_unlink(struct world_mem *wm, uint32_t x)
{
	struct mem_extent *e = &wm->wm_ext[x];

	if (e->e_next != 0)
		wm->wm_ext[e->e_next].e_prev = e->e_prev;
	if (e->e_prev != 0)
		wm->wm_ext[e->e_prev].e_next = e->e_next;
	else
		wm->wm_efree = e->e_next;
	wm->wm_nefree--;
}

static void
hand_out(struct world_mem *wm, uint32_t x, uint32_t arena, uint8_t state)
{
	struct mem_extent *e = &wm->wm_ext[x];

	e->e_next = e->e_prev = 0;
	e->e_used = 0;
	e->e_arena = arena;
	e->e_run = 0;
	e->e_mark = wm->wm_epoch;
	e->e_state = state;
	mem_close(mem_extent_addr(wm, x), MEM_EXTENT);
}

/* Extents kept back for @promised bytes; an eighth may be lost at edges. */
static uint64_t
kept(uint64_t promised)
{
	return (promised == 0 ? 0 : promised / (MEM_EXTENT / 8 * 7) + 1);
}

static uint64_t
left(const struct world_mem *wm)
{
	return ((uint64_t)wm->wm_nefree + (wm->wm_next - wm->wm_nused) +
		wm->wm_nshut);
}

/* Would @n extents leave enough for what has been promised? */
static bool
room(const struct world_mem *wm, uint32_t n, bool reserve)
{
	return (n + (reserve ? 0 : kept(wm->wm_promised)) <= left(wm));
}

/* May @bytes more be promised? */
bool
mem_extent_room(const struct world_mem *wm, uint64_t bytes)
{
	return (kept(wm->wm_promised + bytes) <= left(wm));
}

/*
 * One extent for an arena; @arena 0 for the world, UINT32_MAX: a new arena
 * that begins with it.  Return: its number, 0: none left.
 */
uint32_t
mem_extent_take(struct world *w, uint32_t arena, bool reserve)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t x;

	if (!room(wm, 1, reserve))
		return (0);
	if (wm->wm_efree == 0 && wm->wm_nused == wm->wm_next &&
	    !mem_extent_unshut(w))
		return (0);
	x = wm->wm_efree;
	if (x != 0)
		free_unlink(wm, x);
	else
		x = wm->wm_nused++;
	hand_out(wm, x, arena == UINT32_MAX ? x : arena, EXT_ARENA);
	return (x);
}

/* First of @n neighbours on the free list, 0: no such place. */
static uint32_t
run_find(const struct world_mem *wm, uint32_t n)
{
	uint32_t x, got;

	if (wm->wm_nefree < n)
		return (0);
	for (x = 1, got = 0; x < wm->wm_nused; x++) {
		got = wm->wm_ext[x].e_state == EXT_FREE ? got + 1 : 0;
		if (got == n)
			return (x - n + 1);
	}
	return (0);
}

/* Neighbours for a big object; state, arena and size are the caller's to set.
 * Return: number of the first, 0: no place. */
uint32_t
mem_run_take(struct world *w, uint32_t n, bool reserve)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t x, i;

	if (!room(wm, n, reserve))
		return (0);
	x = run_find(wm, n);
	while (x == 0 && wm->wm_next - wm->wm_nused < n && mem_extent_unshut(w))
		x = run_find(wm, n);
	if (x != 0) {
		for (i = 0; i < n; i++)
			free_unlink(wm, x + i);
	} else {
		if (wm->wm_next - wm->wm_nused < n)
			return (0);
		x = wm->wm_nused;
		wm->wm_nused += n;
	}
	for (i = 0; i < n; i++) {
		hand_out(wm, x + i, 0, i == 0 ? EXT_RUN : EXT_CONT);
		wm->wm_ext[x + i].e_run = i == 0 ? n : i;
	}
	return (x);
}

/* An extent, or a run, is free; what lies in it is the caller's worry. */
void
mem_extent_give(struct world *w, uint32_t x)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t i, n;

	n = wm->wm_ext[x].e_state == EXT_RUN ? wm->wm_ext[x].e_run : 1;
	for (i = n; i > 0; i--) {
		wm->wm_ext[x + i - 1].e_mark = wm->wm_epoch;
		free_push(wm, x + i - 1);
	}
}

/*
 * The oldest inaccessible extent returns.  Return: false if there is none, or
 * if the host cannot open it (it may need another mapping for that, and their
 * number has a limit); it then stays where it is.
 */
bool
mem_extent_unshut(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnetsim_host *host = w->w_host;
	uint32_t x;

	x = wm->wm_shuthead;
	if (x == 0 || !host->protect(
			  host->ctx, mem_extent_addr(wm, x), MEM_EXTENT, false))
		return (false);
	wm->wm_shuthead = wm->wm_ext[x].e_next;
	if (wm->wm_shuthead == 0)
		wm->wm_shuttail = 0;
	wm->wm_nshut--;
	free_push(wm, x);
	return (true);
}

#ifdef VNETSIM_CHECKING
static void
shut(struct world *w, uint32_t x)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_extent *e = &wm->wm_ext[x];
	const struct vnetsim_host *host = w->w_host;

	e->e_mark = wm->wm_epoch;
	if (!host->protect(
		host->ctx, mem_extent_addr(wm, x), MEM_EXTENT, true)) {
		free_push(wm, x);
		return;
	}
	if (e->e_state != EXT_CONT)
		e->e_run = 0;
	e->e_state = EXT_SHUT;
	e->e_arena = 0;
	e->e_next = e->e_prev = 0;
	if (wm->wm_shuttail != 0)
		wm->wm_ext[wm->wm_shuttail].e_next = x;
	else
		wm->wm_shuthead = x;
	wm->wm_shuttail = x;
	if (++wm->wm_nshut > MEM_DEAD_MAX)
		(void)mem_extent_unshut(w);
}
#endif

/* An extent, or a run, of a dead vnet. */
void
mem_extent_retire(struct world *w, uint32_t x)
{
#ifdef VNETSIM_CHECKING
	struct mem_extent *e = &w->w_mem.wm_ext[x];
	uint32_t i, n;

	n = e->e_state == EXT_RUN ? e->e_run : 1;
	for (i = 0; i < n; i++)
		shut(w, x + i);
#else
	mem_extent_give(w, x);
#endif
}
