/*
 * view_memory.c - the memory of a world by type, for vmstat(8).
 *
 * What is in use and what is free is counted from the headers of all blocks,
 * so it is right in a dump whose counters were damaged.  A free block keeps
 * the type it had last: it is what FreeBSD's zones would call a free item,
 * although here any type of its size class may take it next.  How often a type
 * was asked for is counted where it happens (uma.c).
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

_Static_assert(VNETSIM_MEMTYPES == MEM_NTYPES, "room for all types");

/* The struct vnetsim_memtype of each type id. */
struct memory {
	struct vnetsim_memtype *me_mt;
	uint8_t me_at[MEM_NTYPES]; /* index + 1; 0: none */
};

static void
memory_extent(const struct vnetsim_view *v, const struct memory *me, uint32_t x)
{
	struct vnetsim_memtype *mt;
	struct mem_extent e;
	struct mem_hdr h;
	uint64_t bytes;
	uint32_t off = 0, type;

	if (!view_extent(v, x, &e))
		return;
	while (view_walk(v, x, &e, &off, &h, &bytes) != 0) {
		type = HDR_TYPE(h.h_id);
		if (type >= MEM_NTYPES || me->me_at[type] == 0)
			continue;
		mt = &me->me_mt[me->me_at[type] - 1];
		if (HDR_STATE(h.h_id) == MEM_FREE) {
			mt->free++;
		} else if (HDR_STATE(h.h_id) == MEM_LIVE) {
			mt->live++;
			mt->bytes += mt->size != 0 ? mt->size : bytes;
		}
	}
}

size_t
vnetsim_view_memory(
    const struct vnetsim_view *v, struct vnetsim_memtype *mt, size_t n)
{
	const struct dump_dir *dd = view_begin(v);
	uint64_t stat =
	    dd->dd_world + offsetof(struct world, w_mem.wm_typestat);
	struct memory me = { .me_mt = mt };
	struct mem_typestat ts;
	struct uma_zone z;
	uint64_t zaddr;
	size_t i = 0;

	for (uint32_t type = 0; type < dd->dd_nzones && type < MEM_NTYPES;
	     type++) {
		if (i == n || !view_zone(v, type, &z, &zaddr))
			continue;
		memset(&mt[i], 0, sizeof(mt[i]));
		mt[i].name = view_str(v, view_addr(z.uz_name));
		if (mt[i].name == NULL)
			mt[i].name = "?";
		mt[i].size = z.uz_size;
		if (view_native(v) &&
		    view_read(v, stat + type * sizeof(ts), &ts, sizeof(ts))) {
			mt[i].requests = ts.ts_requests;
			mt[i].fails = ts.ts_fail;
			mt[i].sizes = ts.ts_sizes;
		}
		me.me_at[type] = (uint8_t)++i;
	}
	for (uint32_t x = 0; x < dd->dd_nused; x++)
		memory_extent(v, &me, x);
	return (i);
}
