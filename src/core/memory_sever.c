/*
 * memory_sever.c - no reference may cross the border of a dead vnet.
 *
 * Two directions.  A slot outside that holds an object inside is what the
 * audit wants to know; it is cut, so that nothing ever follows it.  A slot
 * inside that holds an object outside is a leak of its holder, which the
 * ledger reports by itself; the slot is emptied, or the list of the outside
 * object would run through dead memory.
 *
 * Slots inside are found by looking at every aligned word of every live
 * object: a slot is full if and only if the list of a live object passes
 * through it, so nothing is mistaken for one.  That also covers module states
 * and arrays; only objects whose field table has no reference are left out.  On
 * the green path nothing is live any more but struct vnet itself.
 */
#include "src/core/memory_var.h"

struct sever {
	struct world *s_w;
	uint32_t s_no; /* arena of the dying vnet */
	void (*s_edge)(void *ctx, void *obj, const char *holder);
	void *s_ctx;
	uint32_t s_count;
};

static bool
inside(const struct sever *s, const void *p)
{
	const struct mem_extent *e;

	e = mem_extent_of(&s->s_w->w_mem, p);
	return (e != NULL && e->e_arena == s->s_no);
}

/* References from outside to an object. */
static void
cut_inward(struct sever *s, void *obj)
{
	const struct ref *at, *next;
	struct ref *slot;
	const char *holder, *after;
	uint32_t o, site;

	at = NULL;
	for (holder = mem_holder(obj, &at); holder != NULL; holder = after) {
		next = at;
		after = mem_holder(obj, &next);
		if (!inside(s, at)) {
			s->s_count++;
			if (s->s_edge != NULL)
				s->s_edge(s->s_ctx, obj, holder);
			slot = (struct ref *)at;
			o = slot->r_obj;
			site = slot->r_site;
			ref_unlink(s->s_w, slot);
			slot->r_obj = o;
			slot->r_site = site;
			slot->r_next = slot->r_prev = REF_CUT;
		}
		at = next;
	}
}

/* Slots of a described object stand in its field table; others may be
 * anywhere. */
static __noasan bool
has_slots(const struct sever *s, const struct mem_hdr *h)
{
	uint32_t type = HDR_TYPE(h->h_id);

	return (s->s_w->w_mem.wm_hasrefs[type] != 0 ||
		mem_is_buffer(s->s_w->w_zone[type]));
}

/* References that lie in an object and go outside. */
static __noasan void
cut_outward(struct sever *s, void *obj, size_t n)
{
	struct ref *slot;
	size_t i;

	for (i = 0; i + sizeof(*slot) <= n; i += 8) {
		slot = (struct ref *)(void *)((char *)obj + i);
		if (slot->r_obj != 0 && ref_genuine(s->s_w, slot) &&
		    !inside(
			s, s->s_w->w_mem.wm_base + ((size_t)slot->r_obj << 3)))
			ref_unlink(s->s_w, slot);
	}
}

__noasan uint32_t
vnet_mem_sever(struct vnet *v,
    void (*edge)(void *ctx, void *obj, const char *holder), void *ctx)
{
	struct sever s;
	struct world_mem *wm;
	struct mem_hdr *h;
	uint32_t x, off;

	s.s_w = kctx->kc_world;
	s.s_no = mem_arena_no(v);
	s.s_edge = edge;
	s.s_ctx = ctx;
	s.s_count = 0;
	wm = &s.s_w->w_mem;
	mem_mark_arena(wm, s.s_no);
	/* nothing but struct vnet itself lives, and nobody holds that */
	if (v->v_mem->vm_acct.ac_nlive == 0 && !ref_held(v))
		return (0);
	for (x = s.s_no; x != 0; x = wm->wm_ext[x].e_next)
		for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;) {
			if (HDR_STATE(h->h_id) != MEM_LIVE)
				continue;
			cut_inward(&s, mem_payload(h));
			if (has_slots(&s, h))
				cut_outward(
				    &s, mem_payload(h), mem_block_bytes(wm, h));
		}
	return (s.s_count);
}
