/*
 * dump.c - write a world, in whatever state it is.
 *
 * Theory of operation
 * ===================
 *
 * The segments of a dump are enumerated in ascending order of address: constant
 * data below the reservation, struct world, its tables up to their high-water
 * marks, the used part of each extent, constant data above.  They are
 * enumerated three times, to count, to write the table, to write the bytes;
 * nothing is remembered in between, so nothing is allocated.  Nothing is
 * believed either: this runs after a panic and in handlers of fatal signals.
 * Every length is cut to what the reservation has; an extent that is
 * inaccessible holds no data and is left out.
 *
 * Constant data are those images (the program, shared objects) to which the
 * world has tied itself: an anchor of its sites or the descriptor of a module
 * lies in them.  Who else's strings it may point to is not known.  A view of
 * the live world goes by the same rule (dump_span()), so that it sees what a
 * view of a dump would see.
 *
 * Under AddressSanitizer most of a world is poisoned, also for write(2); the
 * bytes then go through a buffer.
 */
#include <vnetsim/dump.h>
#include "src/core/memory_var.h"

struct cursor {
	const struct world *cu_w;
	const struct vnetsim_image *cu_img;
	size_t cu_nimg;
	struct world_part cu_part[WORLD_PARTS];
	uint64_t cu_from; /* constant data: nothing below */
	uint32_t cu_i;    /* part, then extent */
	uint8_t cu_phase;
};
enum { CU_BELOW, CU_PARTS, CU_EXTENTS, CU_ABOVE, CU_END };

struct writer {
	int (*wr_write)(void *ctx, const void *p, size_t n);
	void *wr_ctx;
	int wr_error;
};

static const struct vnetsim_image *
images(const struct world *w, size_t *n)
{
	*n = 0;
	if (w->w_host->images == NULL)
		return (NULL);
	return (w->w_host->images(w->w_host->ctx, false, n));
}

static bool
image_has(const struct vnetsim_image *im, const void *p)
{
	for (unsigned i = 0; i < im->nranges; i++)
		if ((uintptr_t)p - (uintptr_t)im->range[i].addr <
		    im->range[i].len)
			return (p != NULL);
	return (false);
}

/* Has the world tied itself to this image? */
static bool
image_wanted(const struct world *w, const struct vnetsim_image *im)
{
	for (uint32_t i = 0; i <= MEM_IMAGES; i++)
		if (image_has(im, w->w_mem.wm_image[i]))
			return (true);
	for (uint32_t i = 0; i < VNET_MOD_MAX; i++)
		if (image_has(im, w->w_mod[i]))
			return (true);
	return (false);
}

/* The used parts of the tables, cut to what can be true. */
static void
parts(const struct world *w, struct world_part *part)
{
	const struct world_mem *wm = &w->w_mem;
	const size_t most[WORLD_PARTS] = { sizeof(*w),
		FINDING_MAX * sizeof(struct finding),
		(size_t)wm->wm_next * sizeof(struct mem_extent),
		(size_t)wm->wm_evmax * sizeof(struct evnode),
		(size_t)wm->wm_handlemax * sizeof(struct handle_slot) };
	uintptr_t off, end = sizeof(*w);

	world_parts((struct world *)w, part);
	part[0].wp_used = sizeof(*w);
	for (uint32_t i = 1; i < WORLD_PARTS; i++) {
		off = (uintptr_t)part[i].wp_base - (uintptr_t)w;
		if (off < end || off > wm->wm_size ||
		    part[i].wp_used > imin(most[i], wm->wm_size - off)) {
			part[i].wp_base = (char *)w + end;
			part[i].wp_used = 0;
			continue;
		}
		end = off + part[i].wp_used;
	}
}

/* Does extent @x begin data?  Return: how many bytes can be true. */
static uint64_t
extent_data(const struct world_mem *wm, uint32_t x)
{
	const struct mem_extent *e = &wm->wm_ext[x];

	if (e->e_state == EXT_ARENA)
		return (imin(e->e_used, MEM_EXTENT));
	if (e->e_state != EXT_RUN || e->e_run > wm->wm_next - x)
		return (0);
	return (imin((uint64_t)e->e_used, (uint64_t)e->e_run * MEM_EXTENT));
}

static uint32_t
extents(const struct world_mem *wm)
{
	uintptr_t off = (uintptr_t)wm->wm_extbase - (uintptr_t)wm->wm_base;
	size_t room;

	if (off > wm->wm_size)
		return (0);
	room = (wm->wm_size - off) / MEM_EXTENT;
	return (wm->wm_nused <= room && wm->wm_nused <= wm->wm_next
		    ? wm->wm_nused
		    : 0);
}

static void
cursor_init(struct cursor *cu, const struct world *w)
{
	memset(cu, 0, sizeof(*cu));
	cu->cu_w = w;
	cu->cu_img = images(w, &cu->cu_nimg);
	parts(w, cu->cu_part);
}

/* The lowest constant data from cu_from on, nothing at or above @limit. */
static bool
const_next(struct cursor *cu, uint64_t limit, struct dump_seg *ds)
{
	const struct vnetsim_image *im;
	uint64_t from, to;

	ds->ds_addr = limit;
	for (size_t i = 0; i < cu->cu_nimg; i++) {
		im = &cu->cu_img[i];
		if (!image_wanted(cu->cu_w, im))
			continue;
		for (unsigned k = 0; k < im->nranges; k++) {
			from = (uintptr_t)im->range[k].addr;
			to = from + im->range[k].len;
			from = imax(from, cu->cu_from);
			if (from >= to || from >= ds->ds_addr)
				continue;
			ds->ds_addr = from;
			ds->ds_len = to - from;
		}
	}
	if (ds->ds_addr == limit)
		return (false);
	ds->ds_kind = DUMP_CONST;
	cu->cu_from = ds->ds_addr + ds->ds_len;
	return (true);
}

static bool
part_next(struct cursor *cu, struct dump_seg *ds)
{
	const struct world_part *p;

	while (cu->cu_i < WORLD_PARTS) {
		p = &cu->cu_part[cu->cu_i++];
		ds->ds_kind = cu->cu_i == 1 ? DUMP_WORLD : DUMP_TABLE;
		ds->ds_addr = (uintptr_t)p->wp_base;
		ds->ds_len = p->wp_used;
		if (ds->ds_len > 0)
			return (true);
	}
	cu->cu_i = 0;
	return (false);
}

static bool
extent_next(struct cursor *cu, struct dump_seg *ds)
{
	const struct world_mem *wm = &cu->cu_w->w_mem;
	uint32_t x;

	while (cu->cu_i < extents(wm)) {
		x = cu->cu_i++;
		ds->ds_kind = DUMP_EXTENT;
		ds->ds_addr = (uintptr_t)mem_extent_addr(wm, x);
		ds->ds_len = extent_data(wm, x);
		if (ds->ds_len == 0)
			continue;
		/* what looks like an extent within a run is none */
		cu->cu_i = x + (uint32_t)howmany(ds->ds_len, MEM_EXTENT);
		return (true);
	}
	return (false);
}

/* The next segment; ds_off is not set.  Return: false: no more. */
static bool
cursor_next(struct cursor *cu, struct dump_seg *ds)
{
	uint64_t base = (uintptr_t)cu->cu_w;

	memset(ds, 0, sizeof(*ds));
	for (;;) {
		if ((cu->cu_phase == CU_BELOW && const_next(cu, base, ds)) ||
		    (cu->cu_phase == CU_PARTS && part_next(cu, ds)) ||
		    (cu->cu_phase == CU_EXTENTS && extent_next(cu, ds)) ||
		    (cu->cu_phase == CU_ABOVE &&
			const_next(cu, UINT64_MAX, ds)))
			return (true);
		if (++cu->cu_phase >= CU_END)
			return (false);
		cu->cu_from = base + cu->cu_w->w_mem.wm_size;
	}
}

uint64_t
dump_span(const struct world *w, uint64_t addr)
{
	const struct world_mem *wm = &w->w_mem;
	struct world_part part[WORLD_PARTS];
	const struct vnetsim_image *im;
	uint64_t off = addr - (uintptr_t)w, at;
	uint32_t x;
	size_t n;

	if (off < sizeof(*w))
		return (sizeof(*w) - off);
	if (off < wm->wm_size) {
		at = addr - (uintptr_t)wm->wm_extbase;
		x = (uint32_t)(at / MEM_EXTENT);
		if (addr >= (uintptr_t)wm->wm_extbase && x < extents(wm)) {
			if (wm->wm_ext[x].e_state == EXT_CONT &&
			    wm->wm_ext[x].e_run <= x)
				x -= wm->wm_ext[x].e_run;
			at -= (uint64_t)x * MEM_EXTENT;
			off = extent_data(wm, x);
			return (at < off ? off - at : 0);
		}
		parts(w, part);
		for (x = 1; x < WORLD_PARTS; x++) {
			at = addr - (uintptr_t)part[x].wp_base;
			if (at < part[x].wp_used)
				return (part[x].wp_used - at);
		}
		return (0);
	}
	/* a host that does not tell: what the world says is believed */
	if (w->w_host->images == NULL)
		return (addr < 4096 ? 0 : 4096);
	im = images(w, &n);
	for (; n > 0; n--, im++)
		for (unsigned i = 0; i < im->nranges; i++) {
			off = addr - (uintptr_t)im->range[i].addr;
			if (off < im->range[i].len)
				return (image_wanted(w, im)
					    ? im->range[i].len - off
					    : 0);
		}
	return (0);
}

static void
put(struct writer *wr, const void *p, uint64_t n)
{
#if MEM_ASAN
	char buf[4096];
	size_t k;

	for (; n > 0 && wr->wr_error == 0; n -= k) {
		k = (size_t)imin(n, sizeof(buf));
		view_copy(buf, p, k);
		wr->wr_error = wr->wr_write(wr->wr_ctx, buf, k);
		p = (const char *)p + k;
	}
#else
	if (n > 0 && wr->wr_error == 0)
		wr->wr_error = wr->wr_write(wr->wr_ctx, p, (size_t)n);
#endif
}

/* Segments, and the length of the whole. */
static uint32_t
measure(const struct world *w, uint64_t *size)
{
	struct dump_seg ds;
	struct cursor cu;
	uint64_t bytes = 0;
	uint32_t n = 0;

	cursor_init(&cu, w);
	for (; cursor_next(&cu, &ds); n++)
		bytes += roundup2(ds.ds_len, (uint64_t)DUMP_ALIGN);
	*size = sizeof(struct dump_head) + n * sizeof(ds) + bytes;
	return (n);
}

static void
put_head(struct writer *wr, const struct world *w, const char *reason,
    uint32_t nseg, uint64_t size)
{
	static const char magic[] = DUMP_MAGIC;
	struct dump_head dh;

	memset(&dh, 0, sizeof(dh));
	memcpy(dh.dh_magic, magic, sizeof(dh.dh_magic));
	dh.dh_order = DUMP_ORDER;
	dh.dh_ptrsize = sizeof(void *);
	dh.dh_version = DUMP_VERSION;
	dh.dh_headsize = sizeof(dh);
	view_build_id(w->w_host, dh.dh_build_id);
	dh.dh_nseg = nseg;
	dh.dh_filesize = size;
	if (reason != NULL)
		ksnprintf(dh.dh_reason, sizeof(dh.dh_reason), "%.127s", reason);
	dump_dir_fill(w, &dh.dh_dir);
	dump_dir_where(w, &dh.dh_dir);
	put(wr, &dh, sizeof(dh));
}

int
vnetsim_dump(struct vnetsim *w, const char *reason,
    int (*write)(void *ctx, const void *p, size_t n), void *ctx)
{
	const struct world *wd = (const struct world *)w;
	static const char zero[DUMP_ALIGN];
	struct writer wr = { write, ctx, 0 };
	struct dump_seg ds;
	struct cursor cu;
	uint64_t size, at;
	uint32_t n;

	n = measure(wd, &size);
	put_head(&wr, wd, reason, n, size);
	at = sizeof(struct dump_head) + n * sizeof(ds);
	cursor_init(&cu, wd);
	while (wr.wr_error == 0 && cursor_next(&cu, &ds)) {
		ds.ds_off = at;
		at += roundup2(ds.ds_len, (uint64_t)DUMP_ALIGN);
		put(&wr, &ds, sizeof(ds));
	}
	cursor_init(&cu, wd);
	while (wr.wr_error == 0 && cursor_next(&cu, &ds)) {
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		put(&wr, (const void *)(uintptr_t)ds.ds_addr, ds.ds_len);
		put(&wr, zero,
		    roundup2(ds.ds_len, (uint64_t)DUMP_ALIGN) - ds.ds_len);
	}
	return (wr.wr_error);
}

uint64_t
vnetsim_dump_size(struct vnetsim *w)
{
	uint64_t size;

	(void)measure((const struct world *)w, &size);
	return (size);
}
