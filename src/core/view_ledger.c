/*
 * view_ledger.c - headers, extents and vnets of a view.
 *
 * A header is believed if its magic, state, class, type and extent fit
 * together.  The chain of an arena's extents is walked by whoever needs it,
 * checking that each link points back (view_walk_next()).
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

bool
view_extent(const struct vnetsim_view *v, uint32_t x, struct mem_extent *e)
{
	const struct dump_dir *dd = view_dir(v);

	return (
	    x < dd->dd_nused &&
	    view_read(v, dd->dd_ext + (uint64_t)x * sizeof(*e), e, sizeof(*e)));
}

/* The extent, or first of a run, around an address; *off is within it. */
static bool
extent_around(const struct vnetsim_view *v, uint64_t addr, uint32_t *x,
    struct mem_extent *e, uint64_t *off)
{
	const struct dump_dir *dd = view_dir(v);

	if (addr < dd->dd_extbase ||
	    (addr - dd->dd_extbase) / MEM_EXTENT >= dd->dd_nused)
		return (false);
	*x = (uint32_t)((addr - dd->dd_extbase) / MEM_EXTENT);
	if (!view_extent(v, *x, e))
		return (false);
	if (e->e_state == EXT_CONT) {
		if (e->e_run > *x)
			return (false);
		*x -= e->e_run;
		if (!view_extent(v, *x, e) || e->e_state != EXT_RUN)
			return (false);
	}
	*off = addr - dd->dd_extbase - (uint64_t)*x * MEM_EXTENT;
	return ((e->e_state == EXT_ARENA || e->e_state == EXT_RUN) &&
		*off < e->e_used);
}

/* Payload bytes of a block, 0: no good header. */
static uint64_t
block_bytes(const struct mem_hdr *h, const struct mem_extent *e)
{
	uint32_t cls = HDR_CLASS(h->h_sn);

	if (!HDR_GOOD(h->h_sn))
		return (0);
	if (e->e_state == EXT_RUN)
		return (cls == MEM_CLASS_BIG && e->e_used > MEM_HDR
			    ? e->e_used - MEM_HDR
			    : 0);
	return (cls < MEM_NCLASS ? mem_class_bytes(cls) : 0);
}

uint64_t
view_walk(const struct vnetsim_view *v, uint32_t x, const struct mem_extent *e,
    uint32_t *off, struct mem_hdr *h, uint64_t *bytes)
{
	uint64_t at;

	if (*off >= e->e_used ||
	    (e->e_state != EXT_ARENA && e->e_state != EXT_RUN) ||
	    (e->e_state == EXT_RUN && *off != 0) || *off >= MEM_EXTENT)
		return (0);
	at = view_dir(v)->dd_extbase + (uint64_t)x * MEM_EXTENT + *off;
	if (!view_read(v, at, h, sizeof(*h)))
		return (0);
	*bytes = block_bytes(h, e);
	if (*bytes == 0)
		return (0);
	*off += (uint32_t)*bytes + MEM_HDR;
	return (at);
}

/* The rest of @o, whose address, header and length are known. */
static bool
obj_type(const struct vnetsim_view *v, struct view_obj *o)
{
	return (
	    HDR_STATE(o->vo_hdr.h_id) == MEM_LIVE &&
	    view_zone(v, HDR_TYPE(o->vo_hdr.h_id), &o->vo_zone, &o->vo_zaddr));
}

bool
view_obj(const struct vnetsim_view *v, uint64_t addr, struct view_obj *o)
{
	struct mem_extent e;
	uint64_t off;
	uint32_t x;

	if (addr < MEM_HDR || (addr & 15) != 0 ||
	    !extent_around(v, addr - MEM_HDR, &x, &e, &off) ||
	    (e.e_state == EXT_RUN && off != 0) ||
	    !view_read(v, addr - MEM_HDR, &o->vo_hdr, sizeof(o->vo_hdr)))
		return (false);
	o->vo_addr = addr;
	o->vo_bytes = block_bytes(&o->vo_hdr, &e);
	return (o->vo_bytes > 0 && o->vo_bytes <= e.e_used - off - MEM_HDR &&
		obj_type(v, o));
}

bool
view_around(const struct vnetsim_view *v, uint64_t addr, struct view_obj *o)
{
	struct mem_extent e;
	uint64_t off, at;
	uint32_t x, pos = 0;

	if (!extent_around(v, addr, &x, &e, &off))
		return (false);
	while (
	    (at = view_walk(v, x, &e, &pos, &o->vo_hdr, &o->vo_bytes)) != 0) {
		if (addr >= at + MEM_HDR + o->vo_bytes)
			continue;
		o->vo_addr = at + MEM_HDR;
		return (addr >= o->vo_addr && obj_type(v, o));
	}
	return (false);
}

uint64_t
view_vnet_at(const struct vnetsim_view *v, uint32_t x, struct view_obj *o)
{
	uint64_t addr;
	struct mem_extent e;

	if (x == 0 || !view_extent(v, x, &e) || e.e_state != EXT_ARENA ||
	    e.e_arena != x)
		return (0);
	addr = view_dir(v)->dd_extbase + (uint64_t)x * MEM_EXTENT + MEM_HDR;
	if (!view_obj(v, addr, o) ||
	    (HDR_FLAGS(o->vo_hdr.h_sn) & MEMH_SELF) == 0 ||
	    HDR_OWNER(o->vo_hdr.h_id) != x)
		return (0);
	return (addr);
}

uint32_t
view_vnet_extent(const struct vnetsim_view *v, uint32_t id)
{
	const struct dump_dir *dd = view_dir(v);
	struct view_obj o;

	for (uint32_t x = 1; x < dd->dd_nused; x++)
		if (view_vnet_at(v, x, &o) != 0 &&
		    HDR_BIRTH(o.vo_hdr.h_id) == id)
			return (x);
	return (0);
}

uint32_t
view_vnet_id(const struct vnetsim_view *v, uint64_t addr)
{
	const struct dump_dir *dd = view_dir(v);
	struct view_obj o = { 0 };

	if (addr < dd->dd_extbase ||
	    view_vnet_at(v, (uint32_t)((addr - dd->dd_extbase) / MEM_EXTENT),
		&o) != addr)
		return (VNETSIM_NOVNET);
	return (HDR_BIRTH(o.vo_hdr.h_id));
}

const char *
view_site(const struct vnetsim_view *v, uint32_t code)
{
	const struct dump_dir *dd = view_dir(v);
	uint64_t at;

	if (code == 0 || code >> SITE_BITS >= dd->dd_nsites)
		return ("?");
	at = view_ptr(v, dd->dd_sites + (code >> SITE_BITS) * sizeof(void *));
	at += (uint64_t)(code & SITE_MASK) - SITE_BIAS;
	return (at == 0 ? "?" : view_str(v, at));
}

void
view_obj_fill(const struct vnetsim_view *v, const struct view_obj *o,
    struct vnetsim_object *out)
{
	const struct mem_hdr *h = &o->vo_hdr;
	uint32_t birth = HDR_BIRTH(h->h_id), x = HDR_OWNER(h->h_id);
	struct view_obj vnet = { 0 };

	memset(out, 0, sizeof(*out));
	out->type = view_str(v, view_addr(o->vo_zone.uz_name));
	if (out->type == NULL)
		out->type = "?";
	out->vnet = VNETSIM_NOVNET;
	if (x != 0 && view_vnet_at(v, x, &vnet) != 0)
		out->vnet = HDR_BIRTH(vnet.vo_hdr.h_id);
	out->birth_vnet = birth == MEM_VNETID_WORLD ? VNETSIM_NOVNET : birth;
	out->serial = HDR_SERIAL(h->h_sn);
	out->birth = view_site(v, h->h_site);
	out->birth_time = h->h_time;
	out->size = (uint32_t)imin(o->vo_bytes, UINT32_MAX);
	if ((HDR_FLAGS(h->h_sn) & MEMH_SELF) != 0)
		out->size = o->vo_zone.uz_size;
	out->cookie = view_cookie(view_dir(v), o->vo_addr, -1);
}
