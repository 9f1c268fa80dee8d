/*
 * memory.c - a world's reservation: its layout, sites, marks.
 *
 * Theory of operation
 * ===================
 *
 * Everything that is simulated lies between wm_base and wm_base + wm_size,
 * one piece of address space that costs nothing until it is touched.  The
 * tables in front of the extents have their full size from the start and
 * never move; a high-water mark in their owner says how much of each is in
 * use, and only that much is saved, restored or cleared.
 *
 * Sites.  A birth site is a string literal, "file:line", and fits into the 4
 * bytes that a header has for it: image number (4 bits) and distance from an
 * anchor in that image (28 bits, so +-128 MiB).  Image 0 is the program that
 * contains this file; an image that brings its own literals (a loaded module)
 * is entered into the world's table when the first of them is seen, with
 * that literal as its anchor.  Reports decode a site before they print it, so
 * the numbers themselves never leave the process.
 *
 * Marks.  wm_epoch counts saves and restores.  Whoever writes into a vnet's
 * memory marks the arena with it: a door does, and core services that write
 * where nobody entered.  After a save, an arena without the current epoch has
 * not changed (save.c).
 */
#include "src/core/memory_var.h"

static const char mem_anchor[] = "vnetsim";

#if !MEM_ASAN
void
mem_fill(void *p, int byte, size_t n)
{
	memset(p, byte, n);
}
#endif

static char *
lay(char **at, size_t size)
{
	char *p;

	p = *at;
	*at = p + roundup2(size, (size_t)4096);
	return (p);
}

static uint32_t
pool_size(size_t most, size_t share)
{
	return ((uint32_t)(most < share ? most : share));
}

int
world_mem_init(struct world *w, size_t size)
{
	struct world_mem *wm = &w->w_mem;
	char *at, *end;

	if (size < WORLD_SIZE_MIN || size > WORLD_SIZE_MAX)
		return (VE_NOMEM);
	wm->wm_base = (char *)w;
	wm->wm_size = size & ~(size_t)(MEM_EXTENT - 1);
	end = wm->wm_base + wm->wm_size;
	at = wm->wm_base;
	(void)lay(&at, sizeof(struct world));
	wm->wm_findings =
	    (void *)lay(&at, FINDING_MAX * sizeof(struct finding));
	wm->wm_next = (uint32_t)(size / MEM_EXTENT);
	wm->wm_ext = (void *)lay(&at, wm->wm_next * sizeof(struct mem_extent));
	wm->wm_evmax = pool_size(EVENT_MAX, size / 8 / 32);
	wm->wm_evpool = lay(&at, (size_t)wm->wm_evmax * 32);
	wm->wm_handlemax = pool_size(HANDLE_MAX, size / 16 / 16);
	wm->wm_handles =
	    lay(&at, (size_t)wm->wm_handlemax * sizeof(struct handle_slot));
	wm->wm_progsize = pool_size((size_t)1 << 20, size / 16);
	wm->wm_prog = lay(&at, wm->wm_progsize);
	wm->wm_extbase = wm->wm_base + roundup2((size_t)(at - wm->wm_base),
					   (size_t)MEM_EXTENT);
	wm->wm_next = (uint32_t)((size_t)(end - wm->wm_extbase) / MEM_EXTENT);
	wm->wm_image[0] = mem_anchor;
	wm->wm_nimages = 1;
	wm->wm_epoch = 1;
	wm->wm_budget = w->w_cfg.wc_budget;
	wm->wm_vnetbudget = w->w_cfg.wc_vnetbudget;
	wm->wm_failat = w->w_cfg.wc_failalloc;
	wm->wm_failsticky = w->w_cfg.wc_failsticky;
	/* Extent 0 is the world's first, so that 0 can mean "none". */
	wm->wm_ext[0].e_state = EXT_ARENA;
	wm->wm_nused = 1;
	mem_close(wm->wm_extbase, MEM_EXTENT);
	return (0);
}

/* Make every extent accessible again, poison what was used of it. */
static void
clear_extents(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnetsim_host *host = w->w_host;
	struct mem_extent *e;
	uint32_t x;

	for (x = 0; x < wm->wm_nused; x++) {
		e = &wm->wm_ext[x];
		if (e->e_state == EXT_SHUT)
			(void)host->protect(host->ctx, mem_extent_addr(wm, x),
			    MEM_EXTENT, false);
		else if (e->e_state == EXT_ARENA || e->e_state == EXT_RUN)
			mem_fill(
			    mem_extent_addr(wm, x), POISON_FREE, e->e_used);
	}
	mem_open(wm->wm_extbase, (size_t)wm->wm_nused * MEM_EXTENT);
}

void
world_mem_clear(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	struct world_part part[WORLD_PARTS];
	uint32_t i;

	if (wm->wm_base == NULL)
		return;
	if (wm->wm_spare != NULL)
		world_save_discard(w, wm->wm_spare);
	wm->wm_spare = NULL;
	clear_extents(w);
	world_parts(w, part);
	for (i = 1; i < WORLD_PARTS; i++)
		memset(part[i].wp_base, 0, part[i].wp_used);
	memset(wm->wm_prog, 0, wm->wm_progused);
}

bool
mem_contains(const struct world *w, const void *p)
{
	return (mem_extent_of(&w->w_mem, p) != NULL);
}

void
mem_mark(const void *p)
{
	struct world_mem *wm = &kctx->kc_world->w_mem;
	struct mem_extent *e;

	e = mem_extent_of(wm, p);
	if (e != NULL)
		mem_mark_arena(wm, e->e_arena);
}

void
mem_mark_entered(const struct vnet *v)
{
	mem_mark_arena(&kctx->kc_world->w_mem, mem_arena_no(v));
}

void
mem_fail_set(struct world *w, uint64_t nth, bool sticky)
{
	struct world_mem *wm = &w->w_mem;

	wm->wm_failat = nth == 0 ? 0 : wm->wm_nfallible + nth;
	wm->wm_failsticky = sticky;
	wm->wm_consumed = false;
}

uint32_t
site_encode(struct world *w, const char *site)
{
	struct world_mem *wm = &w->w_mem;
	uintptr_t d;
	uint32_t i;

	if (site == NULL)
		return (0);
	for (i = 0; i < wm->wm_nimages; i++) {
		d = (uintptr_t)site - (uintptr_t)wm->wm_image[i] + SITE_BIAS;
		if (d != 0 && d <= SITE_MASK)
			return (i << SITE_BITS | (uint32_t)d);
	}
	if (i > MEM_IMAGES)
		return (0);
	wm->wm_image[i] = site;
	wm->wm_nimages++;
	return (i << SITE_BITS | SITE_BIAS);
}

const char *
site_decode(const struct world *w, uint32_t code)
{
	uint32_t i;

	i = code >> SITE_BITS;
	if (code == 0 || i >= w->w_mem.wm_nimages)
		return ("?");
	return (w->w_mem.wm_image[i] +
		((ptrdiff_t)(code & SITE_MASK) - (ptrdiff_t)SITE_BIAS));
}
