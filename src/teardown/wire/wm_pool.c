/*
 * wm_pool.c - growing tables that never move, and maps over them.
 *
 * See wm_pool.h.  Nothing here depends on an address: a chain's order is the
 * order of insertion, a bucket follows from the key alone.
 */
#include <string.h>

#include "src/teardown/wire/wm_pool.h"

enum {
	POOL_DIR = 4,        /* directory slots to start with */
	POOL_MAX = 1U << 30, /* elements; handles keep a bit for the end */
	MAP_MAX = 1U << 24,  /* buckets */
};

void
wm_pool_init(struct wm_pool *po, uint32_t size, uint32_t shift)
{
	memset(po, 0, sizeof(*po));
	po->po_size = size;
	po->po_shift = shift;
}

void
wm_pool_fini(struct wm_pool *po, const struct vnetsim_wiremon_mem *mem)
{
	uint32_t i;

	for (i = 0; i < po->po_nseg; i++)
		mem->free(mem->ctx, po->po_dir[i]);
	if (po->po_dir != NULL)
		mem->free(mem->ctx, po->po_dir);
	memset(po, 0, sizeof(*po));
}

/* One more segment, and a wider directory if it is full. */
static bool
pool_grow(struct wm_pool *po, const struct vnetsim_wiremon_mem *mem)
{
	uint32_t cap;
	void **dir, *seg;

	if (po->po_nseg == po->po_cap) {
		cap = po->po_cap == 0 ? POOL_DIR : po->po_cap * 2;
		dir = mem->alloc(mem->ctx, cap * sizeof(*dir));
		if (dir == NULL)
			return (false);
		if (po->po_dir != NULL) {
			memcpy(dir, po->po_dir, po->po_nseg * sizeof(*dir));
			mem->free(mem->ctx, po->po_dir);
		}
		po->po_dir = dir;
		po->po_cap = cap;
	}
	seg = mem->alloc(mem->ctx, (size_t)po->po_size << po->po_shift);
	if (seg == NULL)
		return (false);
	memset(seg, 0, (size_t)po->po_size << po->po_shift);
	po->po_dir[po->po_nseg++] = seg;
	return (true);
}

uint32_t
wm_pool_get(struct wm_pool *po, const struct vnetsim_wiremon_mem *mem)
{
	uint32_t i = po->po_free;
	void *p;

	if (i != 0) {
		p = wm_pool_at(po, i);
		memcpy(&po->po_free, p, sizeof(po->po_free));
		memset(p, 0, po->po_size);
		return (i);
	}
	if (po->po_n >= POOL_MAX)
		return (0);
	if (po->po_n == po->po_nseg << po->po_shift && !pool_grow(po, mem))
		return (0);
	return (++po->po_n);
}

void
wm_pool_put(struct wm_pool *po, uint32_t i)
{
	memcpy(wm_pool_at(po, i), &po->po_free, sizeof(po->po_free));
	po->po_free = i;
}

void
wm_map_init(struct wm_map *ma, uint32_t shift)
{
	wm_pool_init(&ma->ma_bucket, sizeof(uint32_t), shift + 1);
	wm_pool_init(&ma->ma_node, sizeof(struct wm_node), shift);
	ma->ma_mask = 0;
	ma->ma_used = 0;
}

void
wm_map_fini(struct wm_map *ma, const struct vnetsim_wiremon_mem *mem)
{
	wm_pool_fini(&ma->ma_bucket, mem);
	wm_pool_fini(&ma->ma_node, mem);
}

static uint32_t
map_hash(uint64_t k0, uint64_t k1)
{
	uint64_t h;

	h = (k0 ^ (k1 << 23 | k1 >> 41)) * 0x9e3779b97f4a7c15U;
	h = (h ^ (h >> 29) ^ k1) * 0xbf58476d1ce4e5b9U;
	return ((uint32_t)(h >> 32));
}

static uint32_t *
map_bucket(const struct wm_map *ma, uint32_t hash)
{
	return (wm_pool_at(&ma->ma_bucket, (hash & ma->ma_mask) + 1));
}

uint32_t
wm_map_get(const struct wm_map *ma, uint64_t k0, uint64_t k1)
{
	const struct wm_node *no;
	uint32_t i;

	if (ma->ma_used == 0)
		return (0);
	i = *map_bucket(ma, map_hash(k0, k1));
	for (; i != 0; i = no->no_next) {
		no = wm_pool_at(&ma->ma_node, i);
		if (no->no_key[0] == k0 && no->no_key[1] == k1)
			return (no->no_val);
	}
	return (0);
}

/* Deals the chain of one old bucket to it and its twin above. */
static void
map_split(struct wm_map *ma, uint32_t bucket)
{
	uint32_t i, next, *slot;
	struct wm_node *no;

	slot = wm_pool_at(&ma->ma_bucket, bucket + 1);
	i = *slot;
	*slot = 0;
	for (; i != 0; i = next) {
		no = wm_pool_at(&ma->ma_node, i);
		next = no->no_next;
		slot = map_bucket(ma, map_hash(no->no_key[0], no->no_key[1]));
		no->no_next = *slot;
		*slot = i;
	}
}

/* Doubles the buckets.  Half a growth is kept for the next attempt. */
static bool
map_grow(struct wm_map *ma, const struct vnetsim_wiremon_mem *mem)
{
	uint32_t i, had, want;

	had = ma->ma_mask == 0 ? 0 : ma->ma_mask + 1;
	want = had == 0 ? 1U << ma->ma_bucket.po_shift : had * 2;
	if (want > MAP_MAX)
		return (false);
	while (ma->ma_bucket.po_n < want) {
		if (wm_pool_get(&ma->ma_bucket, mem) == 0)
			return (false);
	}
	ma->ma_mask = want - 1;
	for (i = 0; i < had; i++)
		map_split(ma, i);
	return (true);
}

bool
wm_map_put(struct wm_map *ma, const struct vnetsim_wiremon_mem *mem,
    uint64_t k0, uint64_t k1, uint32_t val)
{
	uint32_t i, *slot;
	struct wm_node *no;

	if (ma->ma_used >= ma->ma_mask && !map_grow(ma, mem) &&
	    ma->ma_mask == 0)
		return (false);
	i = wm_pool_get(&ma->ma_node, mem);
	if (i == 0)
		return (false);
	no = wm_pool_at(&ma->ma_node, i);
	no->no_key[0] = k0;
	no->no_key[1] = k1;
	no->no_val = val;
	slot = map_bucket(ma, map_hash(k0, k1));
	no->no_next = *slot;
	*slot = i;
	ma->ma_used++;
	return (true);
}

void
wm_map_del(struct wm_map *ma, uint64_t k0, uint64_t k1)
{
	uint32_t i, *slot;
	struct wm_node *no;

	if (ma->ma_used == 0)
		return;
	slot = map_bucket(ma, map_hash(k0, k1));
	for (; (i = *slot) != 0; slot = &no->no_next) {
		no = wm_pool_at(&ma->ma_node, i);
		if (no->no_key[0] != k0 || no->no_key[1] != k1)
			continue;
		*slot = no->no_next;
		wm_pool_put(&ma->ma_node, i);
		ma->ma_used--;
		return;
	}
}
