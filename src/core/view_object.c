/*
 * view_object.c - the walk over objects, and one object by its name.
 *
 * The walk of a vnet: the vnet itself, the states of its modules, what lies in
 * its extents, what it is charged for in the world's.  The iterator says where
 * it stands:
 *
 *	phase 4 bits | first extent of the vnet 20 | extent 20 | block 12
 *
 * (block: bytes from the extent's start in units of 16, or the module).  The
 * extents of an arena are doubly linked and belong to it; a link that does
 * not agree ends the walk.
 */
#include <vnetsim/inspect.h>
#include "src/core/memory_var.h"

enum { WALK_BEGIN, WALK_SELF, WALK_STATES, WALK_ARENA, WALK_WORLD, WALK_END };
_Static_assert(WORLD_SIZE_MAX / MEM_EXTENT <= 1u << 20, "20 bits of iterator");

struct walk {
	uint32_t wk_phase;
	uint32_t wk_arena; /* whose objects; 0: the world's */
	uint32_t wk_ext;
	uint32_t wk_off;
	bool wk_all; /* in the world's extents: of every owner */
};

static struct walk
walk_unpack(uint64_t it)
{
	struct walk wk = { (uint32_t)(it >> 52 & 15),
		(uint32_t)(it >> 32 & 0xfffff), (uint32_t)(it >> 12 & 0xfffff),
		(uint32_t)(it & 0xfff) << 4, false };

	return (wk);
}

static uint64_t
walk_pack(const struct walk *wk)
{
	/* the end of an extent is the beginning of what comes behind */
	return ((uint64_t)wk->wk_phase << 52 | (uint64_t)wk->wk_arena << 32 |
		(uint64_t)wk->wk_ext << 12 | (wk->wk_off >> 4 & 0xfff));
}

static void
walk_phase(struct walk *wk, uint32_t phase)
{
	wk->wk_phase = phase;
	wk->wk_ext = phase == WALK_ARENA ? wk->wk_arena : 0;
	wk->wk_off = 0;
}

/* On to the next extent of the arena.  Return: false: that was the last. */
static bool
walk_hop(
    const struct vnetsim_view *v, struct walk *wk, const struct mem_extent *e)
{
	uint32_t arena = wk->wk_phase == WALK_ARENA ? wk->wk_arena : 0;
	struct mem_extent next;

	if (e->e_next == 0 || !view_extent(v, e->e_next, &next) ||
	    next.e_prev != wk->wk_ext || next.e_arena != arena)
		return (false);
	wk->wk_ext = e->e_next;
	wk->wk_off = 0;
	return (true);
}

/* The next live object of the extents of the present phase. */
static bool
walk_blocks(const struct vnetsim_view *v, struct walk *wk, struct view_obj *o)
{
	struct mem_extent e;
	uint64_t at;

	while (view_extent(v, wk->wk_ext, &e)) {
		at = view_walk(
		    v, wk->wk_ext, &e, &wk->wk_off, &o->vo_hdr, &o->vo_bytes);
		if (at == 0) {
			if (!walk_hop(v, wk, &e))
				return (false);
			continue;
		}
		o->vo_addr = at + MEM_HDR;
		if (HDR_STATE(o->vo_hdr.h_id) == MEM_LIVE &&
		    (HDR_FLAGS(o->vo_hdr.h_sn) & MEMH_SELF) == 0 &&
		    (wk->wk_phase == WALK_ARENA || wk->wk_all ||
			HDR_OWNER(o->vo_hdr.h_id) == wk->wk_arena) &&
		    view_zone(v, HDR_TYPE(o->vo_hdr.h_id), &o->vo_zone,
			&o->vo_zaddr)) {
			/* one block fills the extent: off would not fit */
			if (wk->wk_off >= MEM_EXTENT && !walk_hop(v, wk, &e))
				walk_phase(wk, wk->wk_phase + 1);
			return (true);
		}
	}
	return (false);
}

/* The next state of a module; wk_off counts modules. */
static bool
walk_states(const struct vnetsim_view *v, struct walk *wk,
    const struct view_obj *vnet, struct vnetsim_object *out)
{
	uint64_t at;
	uint32_t mod;

	while ((mod = wk->wk_off >> 4) < view_dir(v)->dd_nmods) {
		wk->wk_off += 16;
		at = view_state_at(v, vnet->vo_addr, mod);
		if (at == 0 || view_module_name(v, mod) == NULL)
			continue;
		view_state_fill(v, vnet, mod, at, out);
		return (true);
	}
	return (false);
}

static bool
walk_next(
    const struct vnetsim_view *v, struct walk *wk, struct vnetsim_object *out)
{
	struct view_obj vnet = { 0 }, o = { 0 };

	if (wk->wk_phase >= WALK_END)
		return (false);
	if (wk->wk_arena != 0 && view_vnet_at(v, wk->wk_arena, &vnet) == 0)
		return (false);
	if (wk->wk_phase <= WALK_SELF) {
		walk_phase(wk, WALK_STATES);
		view_obj_fill(v, &vnet, out);
		return (true);
	}
	if (wk->wk_phase == WALK_STATES) {
		if (walk_states(v, wk, &vnet, out))
			return (true);
		walk_phase(wk, WALK_ARENA);
	}
	while (wk->wk_phase < WALK_END) {
		if (walk_blocks(v, wk, &o)) {
			view_obj_fill(v, &o, out);
			return (true);
		}
		walk_phase(wk, wk->wk_phase + 1);
	}
	return (false);
}

int
vnetsim_object_next(const struct vnetsim_view *v, uint32_t vnet,
    const char *type, uint64_t *iter, struct vnetsim_object *o)
{
	struct walk wk = walk_unpack(*iter);
	bool found;

	(void)view_begin(v);
	if (wk.wk_phase == WALK_BEGIN) {
		walk_phase(
		    &wk, vnet == VNETSIM_NOVNET ? WALK_WORLD : WALK_SELF);
		wk.wk_arena =
		    vnet == VNETSIM_NOVNET ? 0 : view_vnet_extent(v, vnet);
		if (wk.wk_arena == 0 && vnet != VNETSIM_NOVNET)
			walk_phase(&wk, WALK_END);
	}
	while ((found = walk_next(v, &wk, o)) && type != NULL &&
	       strcmp(type, o->type) != 0)
		;
	if (!found) {
		walk_phase(&wk, WALK_END);
		memset(o, 0, sizeof(*o));
	}
	*iter = walk_pack(&wk);
	return (found ? 0 : VE_NOENT);
}

int
vnetsim_object_find(const struct vnetsim_view *v, const char *type,
    uint32_t vnet, uint64_t serial, struct vnetsim_object *o)
{
	struct walk wk = { .wk_phase = WALK_WORLD, .wk_all = true };

	(void)view_begin(v);
	if (vnet != VNETSIM_NOVNET) {
		wk.wk_arena = view_vnet_extent(v, vnet);
		if (wk.wk_arena != 0)
			walk_phase(&wk, WALK_SELF);
	}
	while (walk_next(v, &wk, o))
		if (o->birth_vnet == vnet && o->serial == serial &&
		    strcmp(o->type, type) == 0)
			return (0);
	memset(o, 0, sizeof(*o));
	return (VE_NOENT);
}

void
view_object_at(
    const struct vnetsim_view *v, uint64_t addr, struct vnetsim_object *out)
{
	struct view_obj o, vnet;
	uint64_t begin;
	int mod;

	memset(out, 0, sizeof(*out));
	if (addr == 0 || !view_around(v, addr, &o))
		return;
	view_obj_fill(v, &o, out);
	/* states lie in a block that has no fields of its own */
	if (o.vo_zone.uz_nfields != 0 || HDR_OWNER(o.vo_hdr.h_id) == 0 ||
	    view_vnet_at(v, HDR_OWNER(o.vo_hdr.h_id), &vnet) == 0)
		return;
	mod = view_state_around(v, vnet.vo_addr, addr, &begin);
	if (mod >= 0)
		view_state_fill(v, &vnet, (uint32_t)mod, begin, out);
}
