/*
 * uma.c - objects are born, change hands and die: the ledger.
 *
 * Theory of operation
 * ===================
 *
 * A birth asks three questions, in this order: is a failure injected here,
 * does a budget say no, is there memory.  Whoever asks gets NULL in all three
 * cases, and nothing has changed but the counters of failures.
 *
 * Bytes are charged to the owner: the vnet that is current at birth, or the
 * world.  An object in the world's extents (UMA_WORLD) may outlive its owner
 * or change it; one in a vnet's extents is that vnet's for good.
 *
 *	charge of a vnet = ac_bytes + (ac_promised - ac_drawn)
 *
 * so what uma_reserve() promises counts at once, and drawing on it (M_RESERVE)
 * changes nothing.  A drawn object gives back when it dies or changes hands.
 *
 * A death checks first.  What it finds wrong is a finding (uma_bad.c), and
 * the object stays as it is; the one check that costs a branch for every
 * object is made on a single word: type and state.
 *
 * The freed payload begins with the list link and the site of the free, then
 * comes poison.
 */
#include <vnetsim/kern/trace.h>
#include "src/core/memory_var.h"

static uint64_t
reserve_left(const struct mem_account *ac)
{
	return (ac->ac_promised > ac->ac_drawn ? ac->ac_promised - ac->ac_drawn
					       : 0);
}

/* May @bytes more be charged?  Return: enum mem_why. */
static uint8_t
admit(const struct world_mem *wm, const struct mem_account *ac, uint64_t bytes)
{
	if (ac->ac_limit != 0 &&
	    ac->ac_bytes + reserve_left(ac) + bytes > ac->ac_limit)
		return (MEM_VNETBUDGET);
	if (wm->wm_budget != 0 &&
	    wm->wm_total + wm->wm_promised + bytes > wm->wm_budget)
		return (MEM_BUDGET);
	return (MEM_OK);
}

/* Does an injected failure hit this one? */
static bool
injected(struct world_mem *wm)
{
	wm->wm_nfallible++;
	if (__predict_true(wm->wm_failat == 0))
		return (false);
	if (wm->wm_nfallible < wm->wm_failat ||
	    (wm->wm_nfallible > wm->wm_failat && !wm->wm_failsticky))
		return (false);
	wm->wm_consumed = true;
	return (true);
}

static void *
failed(struct world_mem *wm, uint8_t why, uint32_t type, const char *site)
{
	wm->wm_nfail++;
	wm->wm_typestat[type].ts_fail++;
	wm->wm_failwhy = why;
	wm->wm_failsite = site;
	trace(TRACE_FAIL, site, type, why);
	return (NULL);
}

/* The n of the smallest 16 << n that is not less; @size is 1 to 64 MiB. */
static inline uint32_t
size_step(size_t size)
{
	uint32_t n;

	for (n = 0; size > (size_t)16 << n; n++)
		;
	return (n);
}

/* A block for a payload of @size bytes, its header not filled in. */
static __noasan struct mem_hdr *
block_take(struct world *w, struct mem_arena *a, uint32_t no, size_t size,
    uint32_t *clsp, bool reserve)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	uint32_t cls;

	if (__predict_false(size > MEM_EXTENT - MEM_HDR)) {
		*clsp = MEM_CLASS_BIG;
		return (mem_arena_big(w, a, no, size, reserve));
	}
	*clsp = cls = mem_class(size);
	if (a->ma_free[cls] == 0)
		return (mem_arena_carve(w, a, no, cls, reserve));
	h = (struct mem_hdr *)(void *)(wm->wm_base +
				       ((size_t)a->ma_free[cls] << 4));
	a->ma_free[cls] = ((struct mem_freed *)mem_payload(h))->fr_next;
#ifdef VNETSIM_CHECKING
	uma_check_poison(w, h);
#endif
	return (h);
}

static __noasan void
hdr_fill(struct world *w, struct mem_hdr *h, uint64_t id, uint64_t sn,
    const char *site)
{
	h->h_id = id;
	h->h_sn = sn;
	h->h_site = site_code(w, site);
	h->h_edges = 0;
	h->h_time = w->w_ctx.kc_now;
}

static inline void
payload_new(
    struct world_mem *wm, uint32_t type, void *p, size_t size, int flags)
{
	const uint32_t *off;
	uint32_t i, n, refs;

	mem_open(p, size);
	if ((flags & M_ZERO) != 0) {
		memset(p, 0, size);
		return;
	}
#ifdef VNETSIM_CHECKING
	memset(p, POISON_NEW, size);
#endif
	/* A reference is a link; it is empty whatever the rest may be. */
	refs = wm->wm_hasrefs[type];
	if (refs == 0)
		return;
	if (refs != MEM_REFS_MANY) {
		memset((char *)p + 8 * (refs - 1u), 0, sizeof(struct ref));
		return;
	}
	off = field_refs(wm, type, &n);
	for (i = 0; i < n; i++)
		memset((char *)p + off[i], 0, sizeof(struct ref));
}

/* Do references in an object that is about to be freed need a look? */
static inline bool
refs_left(const struct world_mem *wm, uint32_t type, const void *p)
{
	uint32_t refs;

	refs = wm->wm_hasrefs[type];
	if (refs == 0 || refs == MEM_REFS_MANY)
		return (refs != 0);
	return (
	    !ref_empty((const struct ref *)(const void *)((const char *)p +
							  8 * (refs - 1u))));
}

/* What every allocation comes to. */
static inline void *
uma_alloc(const struct uma_zone *z, size_t size, int flags, struct vnet *v,
    const char *site, bool fallible)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct mem_account *ac;
	struct mem_arena *a;
	struct mem_hdr *h;
	uint64_t bytes;
	uint32_t type, cls, hf, owner;
	uint8_t why;

	type = mem_type_of(w, z);
	ac = v == NULL ? &wm->wm_acct : &v->v_mem->vm_acct;
	hf = MEMH_MAGIC;
	bytes = MEM_HDR + (size > MEM_EXTENT - MEM_HDR
				  ? roundup2(size, (size_t)16)
				  : mem_class_bytes(mem_class(size)));
	if ((flags & M_RESERVE) != 0 && reserve_left(ac) >= bytes) {
		hf |= MEMH_RESERVE;
	} else if (fallible) {
		if ((flags & M_RESERVE) == 0 && injected(wm))
			return (failed(wm, MEM_INJECTED, type, site));
		why = admit(wm, ac, bytes);
		if (__predict_false(why != MEM_OK))
			return (failed(wm, why, type, site));
	}
	owner = mem_arena_no(v);
	a = &wm->wm_arena;
	if (v == NULL || (z->uz_flags & UMA_WORLD) != 0)
		hf |= MEMH_WORLD;
	else
		a = &v->v_mem->vm_arena;
	h = block_take(w, a, (hf & MEMH_WORLD) != 0 ? 0 : owner, size, &cls,
	    (flags & M_RESERVE) != 0);
	if (__predict_false(h == NULL))
		return (failed(wm, MEM_FULL, type, site));
	if ((hf & MEMH_RESERVE) != 0) {
		ac->ac_drawn += bytes;
		wm->wm_promised -= bytes;
	}
	mem_account_add(wm, ac, type, bytes);
	wm->wm_typestat[type].ts_requests++;
	if ((z->uz_flags & UMA_VAR) != 0)
		wm->wm_typestat[type].ts_sizes |= 1u << size_step(size);
	hdr_fill(w, h,
	    HDR_ID(
		type, MEM_LIVE, v == NULL ? MEM_VNETID_WORLD : v->v_id, owner),
	    HDR_SN(++ac->ac_serial, cls, hf), site);
	payload_new(wm, type, mem_payload(h), size, flags);
	return (mem_payload(h));
}

static inline void
teardown_check(const struct uma_zone *z, int flags, const char *site)
{
	struct vnet *v = kctx->kc_vnet;

	/*
	 * Only its verbs: other events of a vnet go on while one of its
	 * modules waits in a verb, or after the interfaces have gone first.
	 */
	if (__predict_false(v != NULL && v->v_phase >= PHASE_LETGO &&
			    (flags & M_RESERVE) == 0 &&
			    kctx->kc_door == vnet_door_name(DOOR_LIFE)))
		uma_teardown_alloc(z, v, site);
}

void *
uma_zalloc_site(const struct uma_zone *z, int flags, const char *site)
{
	MPASS((z->uz_flags & UMA_VAR) == 0);
	teardown_check(z, flags, site);
	return (uma_alloc(z, z->uz_size, flags, kctx->kc_vnet, site, true));
}

void *
kmalloc_site(const struct uma_zone *z, size_t size, int flags, const char *site)
{
	MPASS((z->uz_flags & UMA_VAR) != 0);
	KASSERT(size > 0, ("kmalloc of nothing at %s", site));
	teardown_check(z, flags, site);
	if (size > MEM_BIG_MAX)
		return (failed(&kctx->kc_world->w_mem, MEM_FULL,
		    mem_type_of(kctx->kc_world, z), site));
	return (uma_alloc(z, size, flags, kctx->kc_vnet, site, true));
}

void *
mem_alloc(const struct uma_zone *z, size_t size, int flags, struct vnet *v,
    const char *site)
{
	if (size > MEM_BIG_MAX)
		return (NULL);
	if ((z->uz_flags & UMA_VAR) == 0)
		size = z->uz_size;
	if (v != NULL)
		mem_mark_entered(v);
	return (uma_alloc(z, size, flags, v, site, true));
}

void *
mem_alloc_infallible(
    const struct uma_zone *z, size_t size, int flags, const char *site)
{
	if (size > MEM_BIG_MAX)
		return (NULL);
	return (uma_alloc(z, size, flags | M_RESERVE, NULL, site, false));
}

/* The block is nobody's: poisoned, on its list. */
static __noasan void
block_give(struct world *w, const struct mem_extent *e, struct mem_hdr *h,
    const struct uma_zone *z, const char *site)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_freed *fr;
	struct mem_arena *a;
	uint32_t cls, n, poison;

	a = e->e_arena == 0 ? &wm->wm_arena
			    : &mem_arena_vnet(wm, e->e_arena)->v_mem->vm_arena;
	cls = HDR_CLASS(h->h_sn);
	h->h_id = HDR_IDSTATE(h->h_id, MEM_FREE);
	if (__predict_false(cls == MEM_CLASS_BIG)) {
		fr = mem_payload(h);
		fr->fr_site = site_code(w, site);
		mem_close(fr, e->e_used - MEM_HDR);
		mem_arena_unbig(w, a, mem_extent_no(wm, h));
		return;
	}
	n = mem_class_bytes(cls);
	fr = mem_payload(h);
	poison = mem_poison_bytes(z, n);
	if (poison == MEM_POISON_PART && !MEM_ASAN)
		memset(fr, POISON_FREE, MEM_POISON_PART);
	else
		mem_fill(fr, POISON_FREE, poison);
	mem_close(fr, n);
	fr->fr_next = a->ma_free[cls];
	fr->fr_site = site_code(w, site);
	a->ma_free[cls] =
	    (uint32_t)(((uintptr_t)h - (uintptr_t)wm->wm_base) >> 4);
}

__noasan void
uma_zfree_site(const struct uma_zone *z, void *p, const char *site)
{
	struct world *w = kctx->kc_world;
	struct world_mem *wm = &w->w_mem;
	struct vnet *v = kctx->kc_vnet;
	struct mem_account *ac;
	struct mem_hdr *h;
	uint64_t bytes;
	uint32_t type, owner, mine;

	if (p == NULL)
		return;
	type = mem_type_of(w, z);
	h = mem_peek(wm, p);
	mine = mem_arena_no(v);
	if (__predict_false(
		h == NULL ||
		(h->h_id & 0xffff) != (HDR_ID(type, MEM_LIVE, 0, 0)) ||
		h->h_edges != 0 ||
		(v != NULL && HDR_OWNER(h->h_id) != mine &&
		    (z->uz_flags & UMA_WORLD) == 0) ||
		(HDR_FLAGS(h->h_sn) & MEMH_SELF) != 0)) {
		uma_bad_free(z, p, site);
		return;
	}
	if (refs_left(wm, type, p))
		uma_bad_slots(type, p, site);
	else if ((z->uz_flags & (UMA_VAR | UMA_BUFFER)) == UMA_VAR)
		uma_bad_bytes(p, mem_block_bytes(wm, h), site);
	owner = HDR_OWNER(h->h_id);
	if (v != NULL && owner == mine) {
		ac = &v->v_mem->vm_acct;
	} else {
		ac = mem_account_of(wm, owner);
		mem_mark_arena(wm, owner);
	}
	bytes = MEM_HDR + mem_block_bytes(wm, h);
	mem_account_sub(wm, ac, type, bytes, HDR_FLAGS(h->h_sn));
	block_give(w, mem_extent_of(wm, p), h, z, site);
}

/* A live object in the world's extents is charged to arena @to from now on. */
__noasan void
mem_rehome(struct world *w, struct mem_hdr *h, uint32_t to)
{
	struct world_mem *wm = &w->w_mem;
	uint64_t bytes;
	uint32_t from, type;

	from = HDR_OWNER(h->h_id);
	type = HDR_TYPE(h->h_id);
	bytes = MEM_HDR + mem_block_bytes(wm, h);
	mem_account_sub(
	    wm, mem_account_of(wm, from), type, bytes, HDR_FLAGS(h->h_sn));
	mem_account_add(wm, mem_account_of(wm, to), type, bytes);
	mem_mark_arena(wm, from);
	mem_mark_arena(wm, to);
	h->h_id = (h->h_id & ((UINT64_C(1) << 40) - 1)) | (uint64_t)to << 40;
	h->h_sn &= ~((uint64_t)MEMH_RESERVE << 48);
}

__noasan void
uma_chown(void *p, struct vnet *to)
{
	struct world *w = kctx->kc_world;
	struct mem_hdr *h;
	uint32_t no;

	h = mem_live(&w->w_mem, p);
	if (h == NULL || (HDR_FLAGS(h->h_sn) & MEMH_WORLD) == 0) {
		uma_bad_use("chown", p, NULL);
		return;
	}
	no = mem_arena_no(to);
	if (HDR_OWNER(h->h_id) != no)
		mem_rehome(w, h, no);
}

__noasan struct vnet *
uma_owner(const void *p)
{
	struct world_mem *wm = &kctx->kc_world->w_mem;
	struct mem_hdr *h;

	h = mem_live(wm, p);
	if (h == NULL) {
		uma_bad_use("owner", p, NULL);
		return (NULL);
	}
	if (HDR_OWNER(h->h_id) == 0)
		return (NULL);
	return (mem_arena_vnet(wm, HDR_OWNER(h->h_id)));
}

__noasan bool
uma_check(const struct uma_zone *z, const void *p)
{
	struct world *w = kctx->kc_world;
	struct mem_hdr *h;

	if (p == NULL)
		return (false);
	h = mem_block(&w->w_mem, p);
	return (h != NULL && (h->h_id & 0xffff) ==
				 HDR_ID(mem_type_of(w, z), MEM_LIVE, 0, 0));
}

uint32_t
uma_count(const struct uma_zone *z, const struct vnet *v)
{
	struct world *w = kctx->kc_world;

	return ((v == NULL ? &w->w_mem.wm_acct : &v->v_mem->vm_acct)
		    ->ac_live[mem_type_of(w, z)]);
}

int
uma_reserve(int64_t bytes)
{
	struct world_mem *wm = &kctx->kc_world->w_mem;
	struct vnet *v = kctx->kc_vnet;
	struct mem_account *ac;
	uint64_t before;

	ac = v == NULL ? &wm->wm_acct : &v->v_mem->vm_acct;
	if (bytes > 0 && (admit(wm, ac, (uint64_t)bytes) != MEM_OK ||
			     !mem_extent_room(wm, (uint64_t)bytes)))
		return (VE_NOBUFS);
	KASSERT(bytes >= 0 || (uint64_t)-bytes <= ac->ac_promised,
	    ("uma_reserve: gives back more than was reserved"));
	before = reserve_left(ac);
	ac->ac_promised += (uint64_t)bytes;
	wm->wm_promised += reserve_left(ac) - before;
	return (0);
}
