/*
 * memory_var.h - inside the allocator: headers, classes, lookups.
 *
 * For memory*.c, uma.c, ref.c, save.c, field.c and mbuf.c only.  Everything
 * that touches a header or a freed block is __noasan: to AddressSanitizer those
 * bytes are poisoned for good, and only the payload of a live object is not.
 */
#ifndef SRC_CORE_MEMORY_VAR_H
#define SRC_CORE_MEMORY_VAR_H

#include <string.h>
#include "src/core/poison.h"
#include "src/core/world.h"

#define MEM_POISON_WHOLE 512u /* typed objects up to this: all of it */
#define MEM_POISON_PART  64u
#define SITE_BITS        28
#define SITE_MASK        ((UINT32_C(1) << SITE_BITS) - 1)
#define SITE_BIAS        (UINT32_C(1) << (SITE_BITS - 1))
#define REF_CUT          UINT32_MAX /* r_next and r_prev of a severed slot */

/* First bytes of a freed block's payload; poison follows. */
struct mem_freed {
	uint32_t fr_next; /* 16-byte offset of the next one's header; 0 */
	uint32_t fr_site; /* where it was freed */
};

#define GRAVE_MAGIC UINT32_C(0x67726176)

/*
 * Where struct vnet_mem was: who lay here, for reports of stale pointers.
 * What a stale pointer to struct vnet itself reads is poison.
 */
struct mem_grave {
	uint32_t gr_magic;
	uint32_t gr_vnet;    /* v_id */
	int64_t gr_time;     /* of its death, virtual ns */
	uint64_t gr_event;   /* number of that event */
	const char *gr_step; /* constant: last step of its teardown, or NULL */
	uint32_t gr_phase;   /* enum vnet_phase */
	char gr_name[VNET_NAMELEN];
};

static inline struct mem_hdr *
mem_hdr_of(const void *p)
{
	return ((struct mem_hdr *)(void *)((char *)p - MEM_HDR));
}

static inline void *
mem_payload(const struct mem_hdr *h)
{
	return ((char *)h + MEM_HDR);
}

#define HDR_TYPE(id)   ((uint32_t)((id)&0xfff))
#define HDR_STATE(id)  ((uint32_t)((id) >> 12 & 0xf))
#define HDR_BIRTH(id)  ((uint32_t)((id) >> 16 & 0xffffff))
#define HDR_OWNER(id)  ((uint32_t)((id) >> 40))
#define HDR_SERIAL(sn) ((sn) & ((UINT64_C(1) << 40) - 1))
#define HDR_CLASS(sn)  ((uint32_t)((sn) >> 40 & 0xff))
#define HDR_FLAGS(sn)  ((uint32_t)((sn) >> 48))
#define HDR_ID(type, state, birth, owner)                                      \
	((uint64_t)(type) | (uint64_t)(state) << 12 |                          \
	    (uint64_t)(birth) << 16 | (uint64_t)(owner) << 40)
#define HDR_SN(serial, cls, flags)                                             \
	(((serial) & ((UINT64_C(1) << 40) - 1)) | (uint64_t)(cls) << 40 |      \
	    (uint64_t)(flags) << 48)
#define HDR_IDSTATE(id, state)                                                 \
	(((id) & ~(UINT64_C(0xf) << 12)) | (uint64_t)(state) << 12)
#define HDR_GOOD(sn) ((HDR_FLAGS(sn) & MEMH_MAGICMASK) == MEMH_MAGIC)

/* Class of a payload of n bytes, 1 <= n <= MEM_EXTENT - MEM_HDR. */
static inline uint32_t
mem_class(size_t n)
{
	uint32_t k;

	if (n <= 512)
		return (n == 0 ? 0 : (uint32_t)((n - 1) >> 4));
	for (k = 0; n > (size_t)1024 << k; k++)
		;
	return (
	    32 + k * 8 + (uint32_t)((n - ((size_t)512 << k) - 1) >> (6 + k)));
}

/* Payload bytes of a class. */
static inline uint32_t
mem_class_bytes(uint32_t cls)
{
	uint32_t k, n;

	if (cls < 32)
		return ((cls + 1) << 4);
	k = (cls - 32) >> 3;
	n = (512u << k) + (((cls & 7) + 1) << (6 + k));
	return (n > MEM_EXTENT - MEM_HDR ? MEM_EXTENT - MEM_HDR : n);
}

static inline char *
mem_extent_addr(const struct world_mem *wm, uint32_t x)
{
	return (wm->wm_extbase + (size_t)x * MEM_EXTENT);
}

static inline uint32_t
mem_extent_no(const struct world_mem *wm, const void *p)
{
	return ((uint32_t)(((uintptr_t)p - (uintptr_t)wm->wm_extbase) >> 16));
}

/* The extent an address lies in, NULL: none that was ever handed out. */
static inline struct mem_extent *
mem_extent_of(const struct world_mem *wm, const void *p)
{
	uintptr_t off;

	off = (uintptr_t)p - (uintptr_t)wm->wm_extbase;
	if ((off >> 16) >= wm->wm_nused)
		return (NULL);
	return (&wm->wm_ext[off >> 16]);
}

/* What is left of the vnet whose arena started with extent @x; x != 0. */
static inline struct mem_grave *
mem_grave_of(const struct world_mem *wm, uint32_t x)
{
	return ((struct mem_grave *)(void *)(mem_extent_addr(wm, x) + MEM_HDR +
					     roundup2(sizeof(struct vnet),
						 (size_t)16)));
}

/* The vnet whose arena starts with extent @x; x != 0. */
static inline struct vnet *
mem_arena_vnet(const struct world_mem *wm, uint32_t x)
{
	return ((struct vnet *)(void *)(mem_extent_addr(wm, x) + MEM_HDR));
}

static inline struct mem_account *
mem_account_of(struct world_mem *wm, uint32_t arena)
{
	if (arena == 0)
		return (&wm->wm_acct);
	return (&mem_arena_vnet(wm, arena)->v_mem->vm_acct);
}

static inline uint32_t
mem_arena_no(const struct vnet *v)
{
	return (v == NULL ? 0 : v->v_mem->vm_arena.ma_first);
}

static inline void
mem_mark_arena(struct world_mem *wm, uint32_t arena)
{
	wm->wm_ext[arena].e_mark = wm->wm_epoch;
}

static inline uint32_t
mem_type_of(const struct world *w, const struct uma_zone *z)
{
	if (__predict_false(z->uz_mod >= VNET_MOD_MAX))
		return (kld_type_of(w, z));
	return ((uint32_t)w->w_zonebase[z->uz_mod] + z->uz_local);
}

/* site_encode() of a literal of the program itself. */
static inline uint32_t
site_code(struct world *w, const char *site)
{
	uintptr_t d;

	d = (uintptr_t)site - (uintptr_t)w->w_mem.wm_image[0] + SITE_BIAS;
	if (__predict_true(d != 0 && d <= SITE_MASK && site != NULL))
		return ((uint32_t)d);
	return (site_encode(w, site));
}

static inline bool
mem_is_buffer(const struct uma_zone *z)
{
	return ((z->uz_flags & (UMA_BUFFER | UMA_VAR)) != 0);
}

/* Bytes of a freed payload that carry poison, struct mem_freed included. */
static inline uint32_t
mem_poison_bytes(const struct uma_zone *z, uint32_t payload)
{
	uint32_t n;

	n = z == NULL || mem_is_buffer(z) || payload > MEM_POISON_WHOLE
		? MEM_POISON_PART
		: payload;
	return (n < payload ? n : payload);
}

/* Bytes from a header to the next one. */
static inline uint32_t
mem_slot_bytes(uint32_t cls)
{
	return (MEM_HDR + mem_class_bytes(cls));
}

/*
 * The header in front of @p if a block begins there and can be read, whatever
 * its state; else NULL.  Garbage that looks like a header passes only if its
 * magic, class and alignment fit.
 */
static inline __noasan struct mem_hdr *
mem_block(const struct world_mem *wm, const void *p)
{
	const struct mem_extent *e;
	struct mem_hdr *h;
	uint32_t off;

	e = mem_extent_of(wm, p);
	if (e == NULL || (e->e_state != EXT_ARENA && e->e_state != EXT_RUN &&
			     e->e_state != EXT_FREE))
		return (NULL);
	off = (uint32_t)((uintptr_t)p & (MEM_EXTENT - 1));
	if ((off & 15) != 0 || off < MEM_HDR ||
	    (e->e_state != EXT_FREE && off > e->e_used))
		return (NULL);
	h = mem_hdr_of(p);
	if (!HDR_GOOD(h->h_sn))
		return (NULL);
	return (h);
}

/*
 * mem_block() for whoever looks at the state next: without inaccessible
 * extents every header that was ever written can be read, and one that says
 * "live" in the right place is.
 */
static inline __noasan struct mem_hdr *
mem_peek(const struct world_mem *wm, const void *p)
{
#ifdef VNETSIM_CHECKING
	return (mem_block(wm, p));
#else
	struct mem_hdr *h;
	uintptr_t off;

	off = (uintptr_t)p - (uintptr_t)wm->wm_extbase;
	if ((off >> 16) >= wm->wm_nused || (off & 15) != 0)
		return (NULL);
	h = mem_hdr_of(p);
	return (HDR_GOOD(h->h_sn) ? h : NULL);
#endif
}

/* The header of a live object, or NULL. */
static inline __noasan struct mem_hdr *
mem_live(const struct world_mem *wm, const void *p)
{
	struct mem_hdr *h;

	h = mem_peek(wm, p);
	if (h == NULL || HDR_STATE(h->h_id) != MEM_LIVE)
		return (NULL);
	return (h);
}

/* Payload bytes of a block. */
static inline __noasan size_t
mem_block_bytes(const struct world_mem *wm, const struct mem_hdr *h)
{
	uint32_t cls;

	cls = HDR_CLASS(h->h_sn);
	if (cls != MEM_CLASS_BIG)
		return (mem_class_bytes(cls));
	return (wm->wm_ext[mem_extent_no(wm, h)].e_used - MEM_HDR);
}

static inline __noasan bool
mem_slot_cut(const struct ref *slot)
{
	return (slot->r_prev == REF_CUT && slot->r_next == REF_CUT);
}

/* Arena number of who is charged for a live object. */
static inline __noasan uint32_t
mem_owner_no(const void *p)
{
	return (HDR_OWNER(mem_hdr_of(p)->h_id));
}

/* An object of @type lives; its owner pays. */
static inline void
mem_account_add(
    struct world_mem *wm, struct mem_account *ac, uint32_t type, uint64_t bytes)
{
	ac->ac_bytes += bytes;
	ac->ac_nlive++;
	ac->ac_live[type]++;
	wm->wm_total += bytes;
}

/* It lives no longer; what it drew on a reserve is there again. */
static inline void
mem_account_sub(struct world_mem *wm, struct mem_account *ac, uint32_t type,
    uint64_t bytes, uint32_t flags)
{
	ac->ac_bytes -= bytes;
	ac->ac_nlive--;
	ac->ac_live[type]--;
	wm->wm_total -= bytes;
	if ((flags & MEMH_RESERVE) != 0) {
		ac->ac_drawn -= bytes;
		if (ac->ac_drawn < ac->ac_promised)
			wm->wm_promised +=
			    imin(bytes, ac->ac_promised - ac->ac_drawn);
	}
}

/* memory_extent.c */
uint32_t mem_extent_take(struct world *w, uint32_t arena, bool reserve);
uint32_t mem_run_take(struct world *w, uint32_t n, bool reserve);
void mem_extent_give(struct world *w, uint32_t x);
void mem_extent_retire(struct world *w, uint32_t x);
bool mem_extent_unshut(struct world *w);
bool mem_extent_room(const struct world_mem *wm, uint64_t bytes);

/* memory_arena.c */
void mem_arena_append(struct world_mem *wm, struct mem_arena *a, uint32_t x);
struct mem_hdr *mem_arena_carve(struct world *w, struct mem_arena *a,
    uint32_t no, uint32_t cls, bool reserve);
struct mem_hdr *mem_arena_big(struct world *w, struct mem_arena *a, uint32_t no,
    size_t size, bool reserve);
void mem_arena_unbig(struct world *w, struct mem_arena *a, uint32_t x);
struct mem_hdr *mem_extent_walk(
    const struct world_mem *wm, uint32_t x, uint32_t *off);

/* uma.c */
void mem_rehome(struct world *w, struct mem_hdr *h, uint32_t to);

/* uma_bad.c */
void uma_bad_free(const struct uma_zone *z, void *p, const char *site);
void uma_bad_use(const char *what, const void *p, const char *site);
void uma_bad_slots(uint32_t type, void *p, const char *site);
void uma_bad_bytes(void *p, size_t n, const char *site);
void uma_teardown_alloc(
    const struct uma_zone *z, struct vnet *v, const char *site);
void uma_check_poison(struct world *w, struct mem_hdr *h);

/* save.c: the used parts of the tables; part 0 is struct world. */
struct world_part {
	char *wp_base;
	size_t wp_used;
};
enum { WORLD_PARTS = 5 };
void world_parts(struct world *w, struct world_part *part);
void world_save_discard(struct world *w, struct world_save *s);

/* ref.c */
void ref_unlink(struct world *w, struct ref *slot);
bool ref_genuine(struct world *w, const struct ref *slot);

/* field.c: offsets of the references within objects of a type. */
const uint32_t *field_refs(
    const struct world_mem *wm, uint32_t type, uint32_t *n);

#endif /* !SRC_CORE_MEMORY_VAR_H */
