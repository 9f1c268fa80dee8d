/*
 * save.c - a world is a value: copy it, and put it back.
 *
 * Theory of operation
 * ===================
 *
 * A save is one block of the host's heap: a list of (place, length), then the
 * bytes.  It holds the used parts of everything: struct world, the tables in
 * front of the extents up to their high-water marks, and of each extent what
 * was carved.  Copying is the cheapest way there is below a few megabytes;
 * MMU tricks cost more per page than the copy (reference/spike.md).
 *
 * A restore brings the used parts back bit for bit.  What the world got since
 * is forgotten: extents handed out after the save are poisoned, table entries
 * beyond the saved high-water marks are zeroed, inaccessible extents that
 * were alive then open again.
 *
 * Not state, and left alone: the host table, who listens to the trace, which
 * loaded modules are known and their field programs, the bookkeeping of saves
 * itself.  A save knows nothing of what the world told
 * the outside; output files are truncated by their owners.
 *
 * Marks.  If the save to restore is the one last made or restored, a vnet that
 * nobody entered since has not changed and needs no copy.  With
 * wm_trustmarks this is believed.  Checking builds compare instead, and count
 * in wm_nunmarked what changed without a mark; so trust can be earned.
 *
 * Under AddressSanitizer the copies go through loops of our own, because most
 * of what they touch is poisoned, and after a restore the shadow is made again
 * by walking the headers.
 */
#include "src/core/memory_var.h"

struct save_range {
	uint64_t sr_at;  /* from the world's base */
	uint32_t sr_len; /* bytes */
	uint32_t sr_ext; /* extent; 0 for tables and the world's first one */
};

struct world_save {
	size_t ws_cap;       /* bytes of this block */
	size_t ws_data;      /* where the bytes begin, from here */
	uint32_t ws_nr;      /* wm_savenr when made */
	uint32_t ws_nranges; /* the first WORLD_PARTS are the tables */
	struct save_range ws_range[];
};

void
world_parts(struct world *w, struct world_part *part)
{
	const struct event_wheel *ew = &w->w_ev.we_wheel;

	part[0].wp_base = (char *)w;
	part[0].wp_used = sizeof(*w);
	part[1].wp_base = (char *)w->w_find.wf_tab;
	part[1].wp_used = w->w_find.wf_n * sizeof(struct finding);
	part[2].wp_base = (char *)w->w_mem.wm_ext;
	part[2].wp_used = w->w_mem.wm_nused * sizeof(struct mem_extent);
	part[3].wp_base = (char *)ew->ew_pool;
	part[3].wp_used = ew->ew_used * sizeof(struct evnode);
	part[4].wp_base = (char *)w->w_hnd.wh_slot;
	part[4].wp_used = w->w_hnd.wh_used * sizeof(struct handle_slot);
}

static bool
has_data(const struct mem_extent *e)
{
	return (e->e_state == EXT_ARENA || e->e_state == EXT_RUN);
}

/* Ranges and bytes that a save of the world needs. */
static size_t
measure(struct world *w, const struct world_part *part, uint32_t *nranges)
{
	const struct world_mem *wm = &w->w_mem;
	size_t bytes;
	uint32_t i, n;

	for (i = 0, bytes = 0; i < WORLD_PARTS; i++)
		bytes += roundup2(part[i].wp_used, (size_t)8);
	n = WORLD_PARTS;
	for (i = 0; i < wm->wm_nused; i++)
		if (has_data(&wm->wm_ext[i])) {
			bytes +=
			    roundup2((size_t)wm->wm_ext[i].e_used, (size_t)8);
			n++;
		}
	*nranges = n;
	return (bytes);
}

/* A block of at least @size bytes, the one kept from before if it does. */
static struct world_save *
save_block(struct world *w, size_t size)
{
	const struct vnetsim_host *host = w->w_host;
	struct world_save *s;

	s = w->w_mem.wm_spare;
	w->w_mem.wm_spare = NULL;
	if (s != NULL && s->ws_cap >= size)
		return (s);
	if (s != NULL)
		world_save_discard(w, s);
	size += size / 4;
	s = host->heap_alloc(host->ctx, size);
	if (s != NULL)
		s->ws_cap = size;
	return (s);
}

static void
put_range(struct world *w, struct world_save *s, uint32_t i, const char *at,
    size_t len, uint32_t x, char **data)
{
	s->ws_range[i].sr_at = (uint64_t)(at - (char *)w);
	s->ws_range[i].sr_len = (uint32_t)len;
	s->ws_range[i].sr_ext = x;
	mem_copy(*data, at, len);
	*data += roundup2(len, (size_t)8);
}

struct world_save *
world_save(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	struct world_part part[WORLD_PARTS];
	struct world_save *s;
	size_t bytes, head;
	uint32_t i, n;
	char *data;

	MPASS(w->w_ctx.kc_depth == 0 && w->w_ctx.kc_vnet == NULL);
	world_parts(w, part);
	bytes = measure(w, part, &n);
	head = roundup2(sizeof(*s) + n * sizeof(s->ws_range[0]), (size_t)64);
	s = save_block(w, head + bytes);
	if (s == NULL)
		return (NULL);
	s->ws_nr = ++wm->wm_savenr;
	wm->wm_basenr = s->ws_nr;
	wm->wm_epoch++;
	s->ws_nranges = n;
	s->ws_data = head;
	data = (char *)s + head;
	for (i = 0; i < WORLD_PARTS; i++)
		put_range(w, s, i, part[i].wp_base, part[i].wp_used, 0, &data);
	for (n = WORLD_PARTS, i = 0; i < wm->wm_nused; i++)
		if (has_data(&wm->wm_ext[i]))
			put_range(w, s, n++, mem_extent_addr(wm, i),
			    wm->wm_ext[i].e_used, i, &data);
	MPASS(n == s->ws_nranges);
	return (s);
}

/* Bytes of a table in a save. */
static const char *
saved_table(const struct world_save *s, uint32_t part)
{
	const char *data;
	uint32_t i;

	data = (const char *)s + s->ws_data;
	for (i = 0; i < part; i++)
		data += roundup2((size_t)s->ws_range[i].sr_len, (size_t)8);
	return (data);
}

/* Open what must be written, poison what the world got since the save. */
static void
restore_extents_before(
    struct world *w, const struct mem_extent *was, uint32_t nwas)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnetsim_host *host = w->w_host;
	const struct mem_extent *e;
	uint32_t x;
	uint8_t old;

	for (x = 0; x < wm->wm_nused; x++) {
		e = &wm->wm_ext[x];
		old = x < nwas ? was[x].e_state : EXT_NONE;
		if (e->e_state == EXT_SHUT && old != EXT_SHUT)
			(void)host->protect(host->ctx, mem_extent_addr(wm, x),
			    MEM_EXTENT, false);
		else if (has_data(e) && old != EXT_ARENA && old != EXT_RUN &&
			 old != EXT_CONT)
			mem_fill(
			    mem_extent_addr(wm, x), POISON_FREE, e->e_used);
		if (old != EXT_ARENA && old != EXT_RUN && old != EXT_CONT)
			mem_close(mem_extent_addr(wm, x), MEM_EXTENT);
	}
}

/* Extents that were inaccessible at the save are so again. */
static void
restore_extents_after(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnetsim_host *host = w->w_host;
	uint32_t x;

	for (x = wm->wm_shuthead; x != 0; x = wm->wm_ext[x].e_next)
		(void)host->protect(
		    host->ctx, mem_extent_addr(wm, x), MEM_EXTENT, true);
}

/*
 * Nobody entered the extent's vnet since the save.  Asked before the table of
 * extents is written.  A vnet that is ending is always copied: the teardown
 * stands outside and writes its phase and step.
 */
static bool
untouched(const struct world_mem *wm, const struct world_save *s,
    const struct save_range *r, const struct mem_extent *was)
{
	uint32_t arena;

	arena = was[r->sr_ext].e_arena;
	return (s->ws_nr == wm->wm_basenr && arena != 0 &&
		wm->wm_ext[r->sr_ext].e_mark != wm->wm_epoch &&
		wm->wm_ext[arena].e_mark != wm->wm_epoch &&
		mem_arena_vnet(wm, arena)->v_phase == PHASE_ALIVE);
}

static void
restore_bytes(
    struct world *w, const struct world_save *s, const struct mem_extent *was)
{
	struct world_mem *wm = &w->w_mem;
	const struct save_range *r;
	const char *data;
	char *at;
	uint32_t i;

	data = saved_table(s, WORLD_PARTS);
	for (i = WORLD_PARTS; i < s->ws_nranges; i++) {
		r = &s->ws_range[i];
		at = (char *)w + r->sr_at;
		if (untouched(wm, s, r, was)) {
#ifdef VNETSIM_CHECKING
			if (!mem_equal(at, data, r->sr_len))
				wm->wm_nunmarked++;
#endif
			if (wm->wm_trustmarks) {
				data += roundup2((size_t)r->sr_len, (size_t)8);
				continue;
			}
		}
		mem_copy(at, data, r->sr_len);
		data += roundup2((size_t)r->sr_len, (size_t)8);
	}
}

static void
restore_tables(struct world *w, const struct world_save *s)
{
	struct world_part now[WORLD_PARTS];
	const struct save_range *r;
	uint32_t i;

	world_parts(w, now);
	for (i = 0; i < WORLD_PARTS; i++) {
		r = &s->ws_range[i];
		mem_copy((char *)w + r->sr_at, saved_table(s, i), r->sr_len);
		if (now[i].wp_used > r->sr_len)
			memset(now[i].wp_base + r->sr_len, 0,
			    now[i].wp_used - r->sr_len);
	}
}

#if MEM_ASAN
/* The payloads of live objects are open, everything else is closed. */
static __noasan void
reshadow(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	const struct uma_zone *z;
	struct mem_hdr *h;
	size_t n;
	uint32_t x, off;

	for (x = 0; x < wm->wm_nused; x++) {
		if (!has_data(&wm->wm_ext[x]))
			continue;
		mem_close(mem_extent_addr(wm, x), wm->wm_ext[x].e_used);
		for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;) {
			if (HDR_STATE(h->h_id) != MEM_LIVE)
				continue;
			z = w->w_zone[HDR_TYPE(h->h_id)];
			n = mem_block_bytes(wm, h);
			if ((HDR_FLAGS(h->h_sn) & MEMH_SELF) == 0 &&
			    (z->uz_flags & UMA_VAR) == 0)
				n = z->uz_size;
			mem_open(mem_payload(h), n);
		}
	}
}
#endif

void
world_restore(struct world *w, const struct world_save *s)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnetsim_host *host = w->w_host;
	struct world_outward out = w->w_trace.wt_out;
	struct world_kmods kmods = w->w_kmods;
	struct world_mem keep;
	const struct mem_extent *was;

	MPASS(w->w_ctx.kc_depth == 0 && w->w_ctx.kc_vnet == NULL);
	KASSERT(s->ws_nr <= wm->wm_savenr && s->ws_range[0].sr_at == 0,
	    ("restore: no save of this world"));
	was = (const struct mem_extent *)(const void *)saved_table(s, 2);
	restore_extents_before(
	    w, was, s->ws_range[2].sr_len / (uint32_t)sizeof(*was));
	restore_bytes(w, s, was);
	keep = *wm;
	restore_tables(w, s);
	w->w_host = host;
	w->w_trace.wt_out = out;
	w->w_kmods = kmods;
	wm->wm_epoch = keep.wm_epoch + 1;
	wm->wm_basenr = s->ws_nr;
	wm->wm_savenr = keep.wm_savenr;
	wm->wm_trustmarks = keep.wm_trustmarks;
	wm->wm_nunmarked = keep.wm_nunmarked;
	wm->wm_spare = keep.wm_spare;
	wm->wm_progused = keep.wm_progused;
	restore_extents_after(w);
#if MEM_ASAN
	reshadow(w);
#endif
}

/* Back to the host. */
void
world_save_discard(struct world *w, struct world_save *s)
{
	const struct vnetsim_host *host = w->w_host;

	host->heap_free(host->ctx, s, s->ws_cap);
}

/* One block is kept: a fresh one costs a page fault for every 4 KiB. */
void
world_save_free(struct world *w, struct world_save *s)
{
	if (s == NULL)
		return;
	if (w->w_mem.wm_spare != NULL)
		world_save_discard(w, w->w_mem.wm_spare);
	w->w_mem.wm_spare = s;
}
