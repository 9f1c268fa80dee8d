/*
 * memory_vnet.c - the memory of one vnet: its beginning and its end.
 *
 * A vnet's first extent begins with a header, struct vnet, struct vnet_mem;
 * it is carved on from there.  The header is of the kind MEMH_SELF: not
 * counted, not freed by anybody, left out of walks; so a reference to a vnet,
 * and a report that names one, work as for any object.
 *
 * At the end every block is marked dead and poisoned, as far as it was used
 * and not poisoned already; headers stay, so that a stale pointer can still be
 * named until the extent is used again.  What the name of the vnet was, when
 * and in which step it died is left where struct vnet_mem was (struct
 * mem_grave); explain.c reads it.
 */
#include <vnetsim/kern/trace.h>
#include "src/core/memory_var.h"

static size_t
self_size(void)
{
	return (roundup2(sizeof(struct vnet), (size_t)16) +
		sizeof(struct vnet_mem));
}

static __noasan void
self_fill(
    struct world *w, struct vnet *v, const struct uma_zone *z, const char *site)
{
	struct mem_hdr *h = mem_hdr_of(v);
	uint32_t x;

	x = mem_extent_no(&w->w_mem, v);
	h->h_id = HDR_ID(mem_type_of(w, z), MEM_LIVE, v->v_id, x);
	h->h_sn = HDR_SN(0, mem_class(self_size()), MEMH_MAGIC | MEMH_SELF);
	h->h_site = site_encode(w, site);
	h->h_edges = 0;
	h->h_time = w->w_ctx.kc_now;
}

static struct vnet *
create_failed(
    struct world *w, const struct uma_zone *z, uint8_t why, const char *site)
{
	struct world_mem *wm = &w->w_mem;

	wm->wm_nfail++;
	wm->wm_typestat[mem_type_of(w, z)].ts_fail++;
	wm->wm_failwhy = why;
	wm->wm_failsite = site;
	trace(TRACE_FAIL, site, 0, why);
	return (NULL);
}

struct vnet *
vnet_mem_create(const struct uma_zone *z, uint32_t id, const char *site)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct vnet_mem *vm;
	struct vnet *v;
	uint32_t x, bytes;

	bytes = mem_slot_bytes(mem_class(self_size()));
	wm->wm_nfallible++;
	if (wm->wm_failat != 0 &&
	    (wm->wm_nfallible == wm->wm_failat ||
		(wm->wm_failsticky && wm->wm_nfallible > wm->wm_failat))) {
		wm->wm_consumed = true;
		return (create_failed(w, z, MEM_INJECTED, site));
	}
	if (wm->wm_budget != 0 &&
	    wm->wm_total + wm->wm_promised + bytes > wm->wm_budget)
		return (create_failed(w, z, MEM_BUDGET, site));
	if (wm->wm_vnetbudget != 0 && bytes > wm->wm_vnetbudget)
		return (create_failed(w, z, MEM_VNETBUDGET, site));
	x = id > MEM_VNETID_MAX ? 0 : mem_extent_take(w, UINT32_MAX, false);
	if (x == 0)
		return (create_failed(w, z, MEM_FULL, site));
	wm->wm_ext[x].e_used = bytes;
	v = mem_arena_vnet(wm, x);
	mem_open(v, self_size());
	memset(v, 0, self_size());
	vm = (struct vnet_mem *)(void *)((char *)v +
					 roundup2(
					     sizeof(struct vnet), (size_t)16));
	v->v_id = id;
	v->v_mem = vm;
	vm->vm_arena.ma_first = vm->vm_arena.ma_last = vm->vm_arena.ma_cur = x;
	vm->vm_acct.ac_bytes = bytes;
	vm->vm_acct.ac_limit = wm->wm_vnetbudget;
	wm->wm_total += bytes;
	wm->wm_typestat[mem_type_of(w, z)].ts_requests++;
	self_fill(w, v, z, site);
	return (v);
}

/* Everything in an extent is dead. */
static __noasan void
kill_extent(struct world_mem *wm, uint32_t x)
{
	struct mem_hdr *h;
	size_t n;
	uint32_t off;

	for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;) {
		n = mem_block_bytes(wm, h);
		if (HDR_STATE(h->h_id) == MEM_LIVE) {
			mem_fill(mem_payload(h), POISON_FREE, n);
			mem_close(mem_payload(h), n);
		} else {
			/* the site of the free stays */
			mem_fill(mem_payload(h), POISON_FREE,
			    imin(n, offsetof(struct mem_freed, fr_site)));
			h->h_sn |= (uint64_t)MEMH_FREED << 48;
		}
		h->h_id = HDR_IDSTATE(h->h_id, MEM_DEAD);
	}
}

static struct mem_grave
grave_of(const struct world *w, const struct vnet *v)
{
	struct mem_grave gr;

	memset(&gr, 0, sizeof(gr));
	gr.gr_magic = GRAVE_MAGIC;
	gr.gr_vnet = v->v_id;
	gr.gr_time = w->w_ctx.kc_now;
	gr.gr_event = event_count(w);
	gr.gr_step = v->v_step;
	gr.gr_phase = v->v_phase;
	memcpy(gr.gr_name, v->v_name, sizeof(gr.gr_name));
	return (gr);
}

static __noasan uint32_t
count_extent(const struct world_mem *wm, uint32_t x)
{
	struct mem_hdr *h;
	uint32_t off, live;

	for (off = 0, live = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;)
		if (HDR_STATE(h->h_id) == MEM_LIVE &&
		    (HDR_FLAGS(h->h_sn) & MEMH_SELF) == 0)
			live++;
	return (live);
}

/* What a vnet is charged for in the world's extents goes to the world. */
static __noasan void
orphan(struct world *w, uint32_t no)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	uint32_t x, off;

	x = 0;
	do {
		for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;)
			if (HDR_STATE(h->h_id) == MEM_LIVE &&
			    HDR_OWNER(h->h_id) == no)
				mem_rehome(w, h, 0);
		x = wm->wm_ext[x].e_next;
	} while (x != 0);
}

void
vnet_mem_destroy(struct vnet *v)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct mem_account *ac = &v->v_mem->vm_acct;
	struct mem_grave grave = grave_of(w, v);
	uint32_t no, x, next, live;
	uint64_t promised;

	KASSERT(kctx->kc_vnet != v, ("the current vnet's memory may not go"));
	no = mem_arena_no(v);
	live = 0;
	for (x = ac->ac_nlive != 0 ? no : 0; x != 0; x = wm->wm_ext[x].e_next)
		live += count_extent(wm, x);
	if (live != ac->ac_nlive)
		orphan(w, no);
	promised =
	    ac->ac_promised > ac->ac_drawn ? ac->ac_promised - ac->ac_drawn : 0;
	wm->wm_promised -= promised;
	wm->wm_total -= ac->ac_bytes;
	for (x = no; x != 0; x = wm->wm_ext[x].e_next)
		kill_extent(wm, x);
	mem_copy(mem_grave_of(wm, no), &grave, sizeof(grave));
	for (x = wm->wm_ext[no].e_next; x != 0; x = next) {
		next = wm->wm_ext[x].e_next;
		mem_extent_retire(w, x);
	}
	/* Last: the next vnet begins in the extent that is surely warm. */
	mem_extent_retire(w, no);
}
