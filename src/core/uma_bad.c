/*
 * uma_bad.c - the lifetime oracle: what is wrong with an object.
 *
 * The fast paths of uma.c and ref.c come here when a check fails.  Everything
 * here ends in a finding; nothing is changed that could make matters worse: a
 * wrongly freed object stays allocated, an object that died stays dead.
 *
 *	double-free       the object is on a free list
 *	wrong-zone        it is live, but of another type
 *	foreign-free      it belongs to another vnet than the current one
 *	free-held         somebody holds a reference to it
 *	free-holding      it holds references itself (they are cut)
 *	ref-corrupt       a reference in it is neither empty nor in a list
 *	free-dead         its vnet is gone
 *	free-unknown      no object begins there
 *	use-freed, use-dead, use-unknown     the same, for any other use
 *	write-after-free  the poison of a free block was overwritten
 *	alloc-in-teardown a verb of a dying vnet allocates (order oracle)
 */
#include <vnetsim/kern/finding.h>
#include "src/core/memory_var.h"

/* What a pointer that is no live object is, in a word. */
static const char *
nature(const struct world_mem *wm, const void *p)
{
	struct mem_info mi;
	const struct mem_extent *e;

	if (mem_info(p, &mi)) {
		if (mi.mi_state == MEM_FREE)
			return ("freed");
		return (mi.mi_state == MEM_DEAD ? "dead" : "live");
	}
	e = mem_extent_of(wm, p);
	if (e != NULL && (e->e_state == EXT_SHUT || e->e_state == EXT_FREE))
		return ("dead");
	return ("unknown");
}

static const char *
free_kind(const char *what)
{
	if (strcmp(what, "freed") == 0)
		return ("double-free");
	return (strcmp(what, "dead") == 0 ? "free-dead" : "free-unknown");
}

static const char *
use_kind(const char *what)
{
	if (strcmp(what, "freed") == 0)
		return ("use-freed");
	return (strcmp(what, "dead") == 0 ? "use-dead" : "use-unknown");
}

/* A live object that may not be freed, or not like this. */
static void
bad_free_live(const struct uma_zone *z, void *p, const struct mem_info *mi,
    const char *site)
{
	struct vnet *v = kctx->kc_vnet;
	const struct ref *slot;

	if (mi->mi_zone != z) {
		finding_add(ORACLE_LIFETIME, "wrong-zone", v, -1, p,
		    "%p freed as %s at %s", p, z->uz_name, site);
	} else if (v != NULL && mi->mi_owner != v &&
		   (z->uz_flags & UMA_WORLD) == 0) {
		finding_add(ORACLE_LIFETIME, "foreign-free", v, -1, p,
		    "%p freed by vnet %u at %s", p, (unsigned)v->v_id, site);
	} else {
		slot = NULL;
		finding_add(ORACLE_LIFETIME, "free-held", v, -1, p,
		    "%p freed at %s while %s holds it", p, site,
		    mem_holder(p, &slot));
	}
}

/* uma_zfree() refuses. */
void
uma_bad_free(const struct uma_zone *z, void *p, const char *site)
{
	const char *what;
	struct mem_info mi;

	what = nature(&kctx->kc_world->w_mem, p);
	if (strcmp(what, "live") == 0 && mem_info(p, &mi)) {
		bad_free_live(z, p, &mi, site);
		return;
	}
	if (!mem_info(p, &mi) || mi.mi_freesite == NULL)
		mi.mi_freesite = "?";
	if (strcmp(what, "freed") == 0)
		finding_add(ORACLE_LIFETIME, free_kind(what), kctx->kc_vnet, -1,
		    p, "%p freed again at %s, first at %s", p, site,
		    mi.mi_freesite);
	else
		finding_add(ORACLE_LIFETIME, free_kind(what), kctx->kc_vnet, -1,
		    p, "%s freed at %s is %s memory", z->uz_name, site, what);
}

/* Something other than a free met @p, which is not what it should be. */
void
uma_bad_use(const char *what, const void *p, const char *site)
{
	const char *is;
	struct mem_info mi;

	is = nature(&kctx->kc_world->w_mem, p);
	if (strcmp(is, "live") == 0) {
		finding_add(ORACLE_LIFETIME, "use-local", kctx->kc_vnet, -1, p,
		    "%s of %p, which lies in its vnet", what, p);
		return;
	}
	if (!mem_info(p, &mi) || mi.mi_freesite == NULL)
		mi.mi_freesite = "?";
	if (strcmp(is, "freed") == 0)
		finding_add(ORACLE_LIFETIME, use_kind(is), kctx->kc_vnet, -1, p,
		    "%s of %p, freed at %s%s%s", what, p, mi.mi_freesite,
		    site == NULL ? "" : ", at ", site == NULL ? "" : site);
	else
		finding_add(ORACLE_LIFETIME, use_kind(is), kctx->kc_vnet, -1, p,
		    "%s of %s memory%s%s", what, is,
		    site == NULL ? "" : ", at ", site == NULL ? "" : site);
}

static void
slot_left(struct world *w, struct ref *slot, void *p, const char *site)
{
	finding_add(ORACLE_LIFETIME, "free-holding", kctx->kc_vnet, -1, p,
	    "%p freed at %s still holds %p as %s", p, site, ref_get(slot),
	    site_decode(w, slot->r_site));
	ref_unlink(w, slot);
}

/* An object that is about to be freed: the slots in it must be empty. */
void
uma_bad_slots(uint32_t type, void *p, const char *site)
{
	struct world *w = kctx->kc_world;
	struct ref *slot;
	const uint32_t *off;
	uint32_t i, n;

	off = field_refs(&w->w_mem, type, &n);
	for (i = 0; i < n; i++) {
		slot = (struct ref *)(void *)((char *)p + off[i]);
		if (ref_empty(slot) || mem_slot_cut(slot))
			continue;
		if (ref_genuine(w, slot))
			slot_left(w, slot, p, site);
		else
			finding_add(ORACLE_LIFETIME, "ref-corrupt",
			    kctx->kc_vnet, -1, p,
			    "%p freed at %s: its reference at byte %u was "
			    "overwritten",
			    p, site, (unsigned)off[i]);
	}
}

/* The same for memory without a field table; as memory_sever.c does it. */
__noasan void
uma_bad_bytes(void *p, size_t n, const char *site)
{
	struct world *w = kctx->kc_world;
	bool many = w->w_mem.wm_nimages >= MEM_IMAGES;
	struct ref *slot;
	size_t i;

	for (i = 0; i + sizeof(*slot) <= n; i += 8) {
		slot = (struct ref *)(void *)((char *)p + i);
		/* a site is not 0, unless there are too many images */
		if (slot->r_obj != 0 && (slot->r_site != 0 || many) &&
		    ref_genuine(w, slot))
			slot_left(w, slot, p, site);
	}
}

void
uma_teardown_alloc(const struct uma_zone *z, struct vnet *v, const char *site)
{
	const char *door = kctx->kc_door;

	if (door == NULL || strcmp(door, vnet_door_name(DOOR_LIFE)) != 0)
		return;
	finding_add(ORACLE_ORDER, "alloc-in-teardown", v, -1, NULL,
	    "%s allocated at %s after vnet %u began to let go", z->uz_name,
	    site, (unsigned)v->v_id);
}

/* A free block is about to be used again: is its poison intact? */
__noasan void
uma_check_poison(struct world *w, struct mem_hdr *h)
{
	const struct mem_freed *fr;
	const unsigned char *c;
	uint32_t i, n, type;

	fr = mem_payload(h);
	c = mem_payload(h);
	type = HDR_TYPE(h->h_id);
	n = mem_poison_bytes(
	    w->w_zone[type], mem_class_bytes(HDR_CLASS(h->h_sn)));
	for (i = sizeof(*fr); i < n && c[i] == POISON_FREE; i++)
		;
	if (i == n)
		return;
	finding_add(ORACLE_LIFETIME, "write-after-free", kctx->kc_vnet, -1, c,
	    "%p, freed at %s, was written at byte %u", (const void *)c,
	    site_decode(w, fr->fr_site), (unsigned)i);
}
