/*
 * view_holder.c - who holds an object.
 *
 * The list of an object's holders runs from its header through the slots, each
 * of which names the object and the slot before.  A walk by number would cost
 * its square; so the view remembers where the last answer was found and goes
 * on from there, if that slot still belongs to the object.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

/* The slot at an offset, if it holds @obj and comes after @prev. */
static bool
slot_read(const struct vnetsim_view *v, uint32_t off, uint32_t obj,
    uint32_t prev, struct ref *r)
{
	return (off != 0 && off != REF_CUT &&
		view_read(v, view_dir(v)->dd_world + ((uint64_t)off << 3), r,
		    sizeof(*r)) &&
		r->r_obj == obj && r->r_prev == prev);
}

static uint32_t
slot_offset(const struct vnetsim_view *v, uint64_t addr)
{
	return ((uint32_t)((addr - view_dir(v)->dd_world) >> 3));
}

uint32_t
view_holders(const struct vnetsim_view *v, uint64_t addr)
{
	uint32_t obj = slot_offset(v, addr), prev = 0, off, n = 0;
	struct view_obj o;
	struct ref r;

	if (!view_obj(v, addr, &o))
		return (0);
	for (off = o.vo_hdr.h_edges; slot_read(v, off, obj, prev, &r); n++) {
		prev = off;
		off = r.r_next;
	}
	return (n);
}

/* The n-th slot.  Return: its offset, 0: there is none. */
static uint32_t
slot_find(const struct vnetsim_view *v, const struct view_obj *o, uint32_t n,
    struct ref *r)
{
	struct view_hold *vh = &((struct vnetsim_view *)v)->vv_hold;
	uint32_t obj = slot_offset(v, o->vo_addr), prev = 0, i = 0;
	uint32_t off = o->vo_hdr.h_edges;

	if (vh->vh_slot != 0 && vh->vh_obj == o->vo_addr && vh->vh_n < n &&
	    view_read(v, view_dir(v)->dd_world + ((uint64_t)vh->vh_slot << 3),
		r, sizeof(*r)) &&
	    r->r_obj == obj) {
		prev = vh->vh_slot;
		off = r->r_next;
		i = vh->vh_n + 1;
	}
	for (;; i++) {
		if (!slot_read(v, off, obj, prev, r))
			return (0);
		if (i == n)
			break;
		prev = off;
		off = r->r_next;
	}
	vh->vh_obj = o->vo_addr;
	vh->vh_n = n;
	vh->vh_slot = off;
	return (off);
}

int
vnetsim_holder(const struct vnetsim_view *v, const struct vnetsim_object *o,
    unsigned n, const char **what, struct vnetsim_object *by)
{
	const struct dump_dir *dd = view_begin(v);
	struct view_obj vo;
	struct ref r;
	uint32_t off;

	if (o->cookie >> VIEW_COOKIE_MOD != 0 ||
	    !view_obj(v, dd->dd_world + o->cookie, &vo))
		return (VE_NOENT);
	off = slot_find(v, &vo, n, &r);
	if (off == 0)
		return (VE_NOENT);
	*what = view_site(v, r.r_site);
	if (by != NULL)
		view_object_at(v, dd->dd_world + ((uint64_t)off << 3), by);
	return (0);
}
