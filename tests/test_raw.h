/*
 * test_raw.h - a raw copy of everything that a save has to keep.
 *
 * Made without save.c, by the parts that it declares and the table of extents,
 * so that the two check each other.
 */
#ifndef TESTS_TEST_RAW_H
#define TESTS_TEST_RAW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "src/core/memory_var.h"

struct raw {
	size_t len;
	unsigned char *bytes;
};

static inline void
raw_add(struct raw *r, const void *p, size_t n)
{
	r->bytes = realloc(r->bytes, r->len + n + 1);
	assert_non_null(r->bytes);
	mem_copy(r->bytes + r->len, p, n);
	r->len += n;
}

/* What saves themselves keep in struct world is no state. */
static inline void
raw_forget(struct world *w)
{
	w->w_mem.wm_epoch = 0;
	w->w_mem.wm_basenr = 0;
	w->w_mem.wm_savenr = 0;
	w->w_mem.wm_trustmarks = false;
	w->w_mem.wm_nunmarked = 0;
	w->w_mem.wm_spare = NULL;
	memset(&w->w_trace.wt_out, 0, sizeof(w->w_trace.wt_out));
}

static inline struct raw
raw_copy(struct world *w)
{
	struct raw r = { 0, NULL };
	struct world_part part[WORLD_PARTS];
	struct world_mem *wm = &w->w_mem;
	uint32_t i;

	world_parts(w, part);
	for (i = 0; i < WORLD_PARTS; i++)
		raw_add(&r, part[i].wp_base, part[i].wp_used);
	raw_forget((struct world *)(void *)r.bytes);
	/* Marks are no state either. */
	for (i = 0; i < wm->wm_nused; i++)
		((struct mem_extent *)(void *)(r.bytes + part[0].wp_used +
					       part[1].wp_used))[i]
		    .e_mark = 0;
	for (i = 0; i < wm->wm_nused; i++)
		if (wm->wm_ext[i].e_state == EXT_ARENA ||
		    wm->wm_ext[i].e_state == EXT_RUN)
			raw_add(
			    &r, mem_extent_addr(wm, i), wm->wm_ext[i].e_used);
	return (r);
}

/* Whose byte is it, in an extent? */
static inline void
raw_blame(const struct world *w, uint32_t x, uint32_t at)
{
	const struct mem_hdr *h;
	uint32_t off, begin;

	for (off = begin = 0; (h = mem_extent_walk(&w->w_mem, x, &off)) != NULL;
	     begin = off)
		if (at < off)
			fail_msg("%s of vnet %u differs at byte %d",
			    w->w_zone[HDR_TYPE(h->h_id)]->uz_name,
			    (unsigned)HDR_BIRTH(h->h_id),
			    (int)(at - begin) - (int)MEM_HDR);
}

static inline void
raw_explain(struct world *w, size_t at)
{
	struct world_part part[WORLD_PARTS];
	struct world_mem *wm = &w->w_mem;
	uint32_t i;

	world_parts(w, part);
	for (i = 0; i < WORLD_PARTS; i++) {
		if (at < part[i].wp_used)
			fail_msg(
			    "part %u differs at byte %zu", (unsigned)i, at);
		at -= part[i].wp_used;
	}
	for (i = 0; i < wm->wm_nused; i++) {
		if (wm->wm_ext[i].e_state != EXT_ARENA &&
		    wm->wm_ext[i].e_state != EXT_RUN)
			continue;
		if (at < wm->wm_ext[i].e_used)
			raw_blame(w, i, (uint32_t)at);
		at -= wm->wm_ext[i].e_used;
	}
	fail_msg("bytes differ");
}

/* And compare it with what there is now. */
static inline void
raw_same(struct world *w, struct raw *was)
{
	struct raw now;
	size_t i;

	now = raw_copy(w);
	assert_int_equal(now.len, was->len);
	for (i = 0; i < now.len; i++)
		if (now.bytes[i] != was->bytes[i])
			raw_explain(w, i);
	free(now.bytes);
}

/* Runs differ in what was never written (freed and fresh memory), so two of
 * them have equal state, not equal bytes; frees @was. */
static inline void
raw_same_size(struct world *w, struct raw *was)
{
	struct raw now;

	now = raw_copy(w);
	assert_int_equal(now.len, was->len);
	free(now.bytes);
	free(was->bytes);
}

#endif /* !TESTS_TEST_RAW_H */
