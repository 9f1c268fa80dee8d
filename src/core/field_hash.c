/*
 * field_hash.c - the state of a vnet or of the world in 64 bits.
 *
 * Theory of operation
 * ===================
 *
 * The hash of a set of objects is the sum of the objects' hashes, so the order
 * in which they lie in memory does not matter.  An object's hash runs over
 * its type, its owner and the fields of its table; addresses never enter.
 * Module states count as objects of their vnet.  Memory without a table
 * (malloc types, buffers) counts by type and size class; zones with UMA_NOHASH
 * and, without HASH_STATS, those with UMA_STATS count not at all.
 *
 * Times count relative to now, because the same state a second later is the
 * same state; 0 and the extremes are values with a meaning and count as
 * such.  HASH_TIMES takes them as they are.
 *
 * What a pointer points to
 * ------------------------
 * With HASH_SERIALS it is (owner, type, serial), exact; but two equal states
 * reached by different ways differ then, since serials count births.  Without,
 * it is the hash of the target in which that object's own pointers count by
 * owner and type only.  That is sound: states that are isomorphic (a renaming
 * of objects that keeps all fields and pointers) have equal hashes.  It does
 * not tell graphs apart that differ only beyond two steps from every object.
 * So: HASH_SERIALS before and after a call that failed, without it across runs.
 *
 * An owner is named by its vnet's name; with HASH_SERIALS by its number, too.
 */
#include "src/core/field_var.h"

#include "src/core/memory_var.h"

struct hasher {
	struct world *ha_w;
	int ha_flags;
	const struct vnet *ha_owner; /* whose name ha_ownerhash is */
	uint64_t ha_ownerhash;
};

static inline uint64_t
mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 29);
}

static inline uint64_t
finish(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return (h ^ h >> 31);
}

static uint64_t
hash_text(uint64_t h, const char *p, size_t most)
{
	for (; most > 0 && *p != '\0'; p++, most--)
		h = mix(h, (unsigned char)*p);
	return (mix(h, 0x100));
}

static uint64_t
hash_owner(struct hasher *ha, const struct vnet *v)
{
	if (v == ha->ha_owner && v != NULL)
		return (ha->ha_ownerhash);
	if (v == NULL)
		return (1);
	ha->ha_owner = v;
	ha->ha_ownerhash = hash_text(2, v->v_name, sizeof(v->v_name));
	if ((ha->ha_flags & HASH_SERIALS) != 0)
		ha->ha_ownerhash = mix(ha->ha_ownerhash, v->v_id);
	return (ha->ha_ownerhash);
}

static uint64_t
hash_time(const struct hasher *ha, uint64_t h, int64_t t)
{
	if (t == 0 || t == INT64_MAX || t == INT64_MIN)
		return (mix(mix(h, 1), (uint64_t)t));
	if ((ha->ha_flags & HASH_TIMES) == 0)
		t = (int64_t)((uint64_t)t - (uint64_t)ha->ha_w->w_ctx.kc_now);
	return (mix(mix(h, 2), (uint64_t)t));
}

static uint64_t hash_prog(struct hasher *ha, uint64_t h,
    const struct field_prog *fp, const char *p, int depth);

/* What a pointer or a reference points to. */
static __noasan uint64_t
hash_target(struct hasher *ha, uint64_t h, const void *p, int depth)
{
	struct world_mem *wm = &ha->ha_w->w_mem;
	const struct field_prog *fp;
	const struct mem_hdr *th;
	uint32_t owner;

	if (p == NULL)
		return (mix(h, 3));
	th = mem_live(wm, p);
	if (th == NULL)
		return (mix(h, 4));
	owner = HDR_OWNER(th->h_id);
	fp = wm->wm_typeprog[HDR_TYPE(th->h_id)];
	h = mix(h, fp == NULL ? 0 : fp->fp_name);
	h = mix(
	    h, hash_owner(ha, owner == 0 ? NULL : mem_arena_vnet(wm, owner)));
	if ((ha->ha_flags & HASH_SERIALS) != 0)
		return (mix(h, HDR_SERIAL(th->h_sn)));
	if (depth > 0 && fp != NULL && (HDR_FLAGS(th->h_sn) & MEMH_SELF) == 0)
		h = hash_prog(ha, h, fp, p, depth - 1);
	return (h);
}

static uint64_t
hash_special(struct hasher *ha, uint64_t h, const struct field_special *fs,
    const char *p, int depth)
{
	const struct callout *c;
	const char *s;
	void *q;
	int64_t t;

	p += fs->fs_off;
	switch (fs->fs_kind) {
	case FK_TIME:
		memcpy(&t, p, sizeof(t));
		return (hash_time(ha, h, t));
	case FK_STR:
		return (hash_text(h, p, fs->fs_size));
	case FK_CSTR:
		memcpy(&s, p, sizeof(s));
		return (s == NULL ? mix(h, 5) : hash_text(h, s, SIZE_MAX));
	case FK_PTR:
		memcpy(&q, p, sizeof(q));
		return (hash_target(ha, h, q, depth));
	case FK_REF:
		return (hash_target(ha, h,
		    ref_get((const struct ref *)(const void *)p), depth));
	case FK_CALLOUT:
		c = (const struct callout *)(const void *)p;
		h = mix(h, (uint64_t)c->c_state << 1 | c->c_again);
		if (c->c_state == CALLOUT_IDLE && !c->c_again)
			return (h);
		return (hash_time(ha, h, c->c_time));
	default:
		return (h);
	}
}

static inline uint64_t
load_word(const char *p, uint32_t off, uint32_t size)
{
	uint64_t x;

	if (__predict_true(off + 8 <= size)) {
		memcpy(&x, p + off, 8);
		return (x);
	}
	x = 0;
	memcpy(&x, p + off, size - off);
	return (x);
}

/* The fields of one object or module state. */
static uint64_t
hash_prog(struct hasher *ha, uint64_t h, const struct field_prog *fp,
    const char *p, int depth)
{
	const struct field_word *fw = fp->fp_word;
	bool stats = (ha->ha_flags & HASH_STATS) != 0;
	uint32_t i, n;

	n = fp->fp_nword + (stats ? fp->fp_nstat : 0u);
	for (i = 0; i < n; i++)
		h = mix(
		    h, load_word(p, fw[i].fw_off, fp->fp_size) & fw[i].fw_mask);
	for (i = 0; i < fp->fp_nspec; i++)
		if (stats || fp->fp_spec[i].fs_stat == 0)
			h = hash_special(ha, h, &fp->fp_spec[i], p, depth);
	return (h);
}

/* One live object; 0 if it does not count. */
static __noasan uint64_t
hash_object(struct hasher *ha, const struct mem_hdr *th)
{
	struct world *w = ha->ha_w;
	const struct field_prog *fp;
	const struct uma_zone *z;
	uint32_t type, owner;
	uint64_t h;

	type = HDR_TYPE(th->h_id);
	z = w->w_zone[type];
	if ((z->uz_flags & UMA_NOHASH) != 0 ||
	    ((z->uz_flags & UMA_STATS) != 0 &&
		(ha->ha_flags & HASH_STATS) == 0))
		return (0);
	fp = w->w_mem.wm_typeprog[type];
	owner = HDR_OWNER(th->h_id);
	h = mix(fp->fp_name,
	    hash_owner(
		ha, owner == 0 ? NULL : mem_arena_vnet(&w->w_mem, owner)));
	if ((ha->ha_flags & HASH_SERIALS) != 0)
		h = mix(h, HDR_SERIAL(th->h_sn));
	if (mem_is_buffer(z))
		h = mix(h, mem_block_bytes(&w->w_mem, th));
	return (finish(hash_prog(ha, h, fp, mem_payload(th), 1)));
}

/* What the framework itself knows of a vnet, and its modules' states. */
static uint64_t
hash_vnet(struct hasher *ha, const struct vnet *v)
{
	struct world_mem *wm = &ha->ha_w->w_mem;
	uint64_t h, sum;
	uint32_t i;

	h = mix(hash_owner(ha, v), v->v_phase);
	h = mix(h, v->v_shut);
	h = mix(mix(h, v->v_inited), v->v_letgo);
	h = mix(h, v->vnet_shutdown);
	sum = finish(h);
	for (i = 0; i < VNET_MOD_MAX; i++) {
		if (v->v_state[i] == NULL || wm->wm_modprog[i] == NULL)
			continue;
		h = mix(hash_owner(ha, v), wm->wm_modprog[i]->fp_name);
		sum += finish(
		    hash_prog(ha, h, wm->wm_modprog[i], v->v_state[i], 1));
	}
	return (sum);
}

/* Objects of one arena that belong to @owner (UINT32_MAX: to anybody). */
static __noasan uint64_t
hash_arena(struct hasher *ha, uint32_t first, uint32_t owner)
{
	struct world_mem *wm = &ha->ha_w->w_mem;
	const struct mem_hdr *h;
	uint64_t sum;
	uint32_t x, off;

	x = first;
	sum = 0;
	do {
		for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;)
			if (HDR_STATE(h->h_id) == MEM_LIVE &&
			    (HDR_FLAGS(h->h_sn) & MEMH_SELF) == 0 &&
			    (owner == UINT32_MAX ||
				HDR_OWNER(h->h_id) == owner))
				sum += hash_object(ha, h);
		x = wm->wm_ext[x].e_next;
	} while (x != 0);
	return (sum);
}

uint64_t
world_hash(const struct vnet *v, int flags)
{
	struct hasher ha;
	const struct vnet *each;
	uint64_t sum;

	ha.ha_w = kctx->kc_world;
	ha.ha_flags = flags;
	ha.ha_owner = NULL;
	ha.ha_ownerhash = 0;
	if (v != NULL)
		return (finish(hash_vnet(&ha, v) +
			       hash_arena(&ha, mem_arena_no(v), UINT32_MAX) +
			       hash_arena(&ha, 0, mem_arena_no(v))));
	sum = hash_arena(&ha, 0, UINT32_MAX);
	LIST_FOREACH (each, &ha.ha_w->w_vnets, vnet_le)
		sum += hash_vnet(&ha, each) +
		       hash_arena(&ha, mem_arena_no(each), UINT32_MAX);
	return (finish(sum));
}
