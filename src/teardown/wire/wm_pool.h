/*
 * wm_pool.h - growing tables that never move, and maps over them.
 *
 * A pool is an array in segments of a fixed number of elements behind a
 * directory of pointers.  An element's address is good for the pool's life;
 * it is named by an index from 1, so that 0 means "none" and zeroed memory is
 * an empty list.  Released elements wait on a free list, linked through their
 * first four bytes.
 *
 * A map takes 128-bit keys to 32-bit values: chains of nodes from a pool,
 * buckets in a pool, doubled in place.  If the buckets cannot grow the chains
 * do, so only a lost node is a failure.
 */
#ifndef WIRE_WM_POOL_H
#define WIRE_WM_POOL_H

#include <vnetsim/wiremon.h>

struct wm_pool {
	void **po_dir;     /* (o) segments */
	uint32_t po_cap;   /* slots in po_dir */
	uint32_t po_nseg;  /* slots in use */
	uint32_t po_n;     /* elements ever handed out */
	uint32_t po_free;  /* first released element, 0 if none */
	uint32_t po_size;  /* bytes per element, at least 4 */
	uint32_t po_shift; /* log2 of elements per segment */
};

struct wm_node {
	uint32_t no_next;
	uint32_t no_val;
	uint64_t no_key[2];
};

struct wm_map {
	struct wm_pool ma_bucket; /* uint32_t: first node */
	struct wm_pool ma_node;
	uint32_t ma_mask; /* buckets - 1, 0 before the first entry */
	uint32_t ma_used;
};

void wm_pool_init(struct wm_pool *po, uint32_t size, uint32_t shift);
void wm_pool_fini(struct wm_pool *po, const struct vnetsim_wiremon_mem *mem);

/* A zeroed element; returns its index, or 0 if there is no memory. */
uint32_t wm_pool_get(struct wm_pool *po, const struct vnetsim_wiremon_mem *mem);
void wm_pool_put(struct wm_pool *po, uint32_t i);

/* The element with index i, which must have been handed out. */
static inline void *
wm_pool_at(const struct wm_pool *po, uint32_t i)
{
	uint32_t at = i - 1;

	return ((uint8_t *)po->po_dir[at >> po->po_shift] +
		(size_t)(at & ((1U << po->po_shift) - 1)) * po->po_size);
}

void wm_map_init(struct wm_map *ma, uint32_t shift);
void wm_map_fini(struct wm_map *ma, const struct vnetsim_wiremon_mem *mem);

/* The value under the key, or 0. */
uint32_t wm_map_get(const struct wm_map *ma, uint64_t k0, uint64_t k1);

/* Enters a key that is not there yet; false if there is no memory. */
bool wm_map_put(struct wm_map *ma, const struct vnetsim_wiremon_mem *mem,
    uint64_t k0, uint64_t k1, uint32_t val);
void wm_map_del(struct wm_map *ma, uint64_t k0, uint64_t k1);

#endif /* !WIRE_WM_POOL_H */
