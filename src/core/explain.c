/*
 * explain.c - an address in words: which object, whose, born and freed where.
 *
 * For the text of a fault.  Headers stay when objects are freed and when
 * their vnet dies, and so does the site of a free; the extent table keeps
 * how much of a free or dead extent was carved.  So the block around any
 * address is found by walking the headers of its extent, as for a live one;
 * a big object by the first extent of its run.  The vnet's own words, its
 * name and its death, lie in its first extent (struct mem_grave), which is
 * used again after all its others.
 *
 * A dead extent of a checking build is inaccessible: it is opened for the
 * look and closed again.  What is found is believed only as far as magic
 * numbers, classes and bounds fit, because this runs when something is wrong.
 */
#include <vnetsim/fault.h>
#include "src/core/memory_var.h"
#include "src/core/panic_text.h"

#define NULL_PAGE 65536u /* addresses that stand for NULL */

/* What was found around an address; copies, because extents close again. */
struct place {
	struct mem_hdr pl_hdr;
	uint32_t pl_off;   /* from the header's first byte */
	uint32_t pl_bytes; /* of the payload */
	uint32_t pl_freesite;
};

struct vnetsim *
vnetsim_current(void)
{
	return (kctx == NULL ? NULL : (struct vnetsim *)(void *)kctx->kc_world);
}

/* Make a dead extent readable, or inaccessible again. */
static void
peek(struct world *w, uint32_t x, bool on)
{
	const struct vnetsim_host *host = w->w_host;

	if (w->w_mem.wm_ext[x].e_state == EXT_SHUT)
		(void)host->protect(
		    host->ctx, mem_extent_addr(&w->w_mem, x), MEM_EXTENT, !on);
}

/* The block at byte @off behind @base, of which @used bytes were carved. */
static __noasan bool
find_block(const char *base, uint32_t used, uint32_t off, struct place *pl)
{
	const struct mem_hdr *h;
	const struct mem_freed *fr;
	uint32_t at, cls, n;

	for (at = 0; at + MEM_HDR <= used; at += MEM_HDR + n) {
		h = (const struct mem_hdr *)(const void *)(base + at);
		cls = HDR_CLASS(h->h_sn);
		if (!HDR_GOOD(h->h_sn) ||
		    (cls >= MEM_NCLASS && cls != MEM_CLASS_BIG))
			return (false);
		n = cls == MEM_CLASS_BIG ? used - MEM_HDR
					 : mem_class_bytes(cls);
		if (off - at >= MEM_HDR + n)
			continue;
		pl->pl_hdr.h_id = h->h_id;
		pl->pl_hdr.h_sn = h->h_sn;
		pl->pl_hdr.h_site = h->h_site;
		pl->pl_hdr.h_time = h->h_time;
		pl->pl_off = off - at;
		pl->pl_bytes = n;
		fr = mem_payload(h);
		pl->pl_freesite = fr->fr_site;
		return (true);
	}
	return (false);
}

static bool
find(struct world *w, const void *addr, struct place *pl)
{
	const struct world_mem *wm = &w->w_mem;
	const struct mem_extent *e;
	uint32_t x, first;
	uint64_t off;
	bool found;

	x = mem_extent_no(wm, addr);
	e = &wm->wm_ext[x];
	first = e->e_state != EXT_RUN && e->e_run < x ? x - e->e_run : x;
	off = (uint64_t)((const char *)addr - mem_extent_addr(wm, first));
	e = &wm->wm_ext[first];
	if (off >= e->e_used)
		return (false);
	peek(w, first, true);
	found = find_block(
	    mem_extent_addr(wm, first), e->e_used, (uint32_t)off, pl);
	peek(w, first, false);
	return (found);
}

/* The grave of the vnet with number @id in arena @no, copied. */
static __noasan bool
find_grave(struct world *w, uint32_t no, uint32_t id, struct mem_grave *gr)
{
	const struct world_mem *wm = &w->w_mem;
	uint8_t state;

	if (no == 0 || no >= wm->wm_nused)
		return (false);
	state = wm->wm_ext[no].e_state;
	if (state != EXT_SHUT && state != EXT_FREE)
		return (false);
	peek(w, no, true);
	mem_copy(gr, mem_grave_of(wm, no), sizeof(*gr));
	peek(w, no, false);
	gr->gr_name[sizeof(gr->gr_name) - 1] = '\0';
	return (gr->gr_magic == GRAVE_MAGIC && gr->gr_vnet == id);
}

/* "vnet 3 "b"", if somebody knows its name. */
static void
say_vnet(struct text *tx, struct world *w, uint32_t no, uint32_t id)
{
	struct mem_grave gr;
	const struct vnet *v;

	if (id == MEM_VNETID_WORLD) {
		text_add(tx, "the world");
		return;
	}
	text_add(tx, "vnet %u", (unsigned)id);
	if (find_grave(w, no, id, &gr)) {
		text_add(tx, " \"%s\"", gr.gr_name);
	} else if (no != 0 && no < w->w_mem.wm_nused &&
		   w->w_mem.wm_ext[no].e_state == EXT_ARENA) {
		v = mem_arena_vnet(&w->w_mem, no);
		if (v->vnet_magic_n == VNET_MAGIC_N && v->v_id == id)
			text_add(tx, " \"%s\"", v->v_name);
	}
}

static void
say_byte(struct text *tx, const struct place *pl, uint32_t size)
{
	uint32_t off;

	if (pl->pl_off < MEM_HDR) {
		text_add(tx, "byte %u of the header of ", pl->pl_off);
		return;
	}
	off = pl->pl_off - MEM_HDR;
	if (off < size)
		text_add(tx, "byte %u of ", off);
	else
		text_add(tx, "byte %u behind the end of ", off - size);
}

/* How it ended: freed, or its vnet died. */
static void
say_end(struct text *tx, struct world *w, const struct place *pl, bool dead)
{
	const struct mem_hdr *h = &pl->pl_hdr;
	struct mem_grave gr;

	if (HDR_STATE(h->h_id) == MEM_FREE ||
	    (HDR_FLAGS(h->h_sn) & MEMH_FREED) != 0)
		text_add(
		    tx, "\n  freed at %s", site_decode(w, pl->pl_freesite));
	if (!dead)
		return;
	if (!find_grave(w, HDR_OWNER(h->h_id), HDR_BIRTH(h->h_id), &gr)) {
		text_add(tx, "\n  its vnet is dead");
		return;
	}
	text_add(tx, "\n  vnet %u \"%s\" died at ", gr.gr_vnet, gr.gr_name);
	text_time(tx, gr.gr_time);
	text_add(tx, ", event %llu, phase %s, step \"%s\"",
	    (unsigned long long)gr.gr_event, vnet_phase_name(gr.gr_phase),
	    gr.gr_step != NULL ? gr.gr_step : "-");
}

static void
say_block(struct text *tx, struct world *w, const struct place *pl)
{
	const struct mem_hdr *h = &pl->pl_hdr;
	const struct uma_zone *z;
	uint32_t type, size, owner;
	bool dead;

	type = HDR_TYPE(h->h_id);
	z = type < MEM_NTYPES ? w->w_zone[type] : NULL;
	size = z == NULL || z->uz_size == 0 ||
		       (HDR_FLAGS(h->h_sn) & MEMH_SELF) != 0
		   ? pl->pl_bytes
		   : z->uz_size;
	dead = HDR_STATE(h->h_id) == MEM_DEAD;
	owner = HDR_OWNER(h->h_id);
	say_byte(tx, pl, size);
	text_add(tx, "%s%s#%llu (%u bytes) of ",
	    dead                             ? "dead "
	    : HDR_STATE(h->h_id) == MEM_FREE ? "freed "
					     : "",
	    z != NULL ? z->uz_name : "?",
	    (unsigned long long)HDR_SERIAL(h->h_sn), size);
	say_vnet(tx, w, owner, HDR_BIRTH(h->h_id));
	text_add(tx, "\n  born at %s, ", site_decode(w, h->h_site));
	text_time(tx, h->h_time);
	say_end(tx, w, pl, dead);
}

bool
vnetsim_addr_explain(
    struct vnetsim *vw, const void *addr, char *buf, size_t size)
{
	struct world *w = (struct world *)(void *)vw;
	const struct world_mem *wm = &w->w_mem;
	struct text tx = { buf, size, 0 };
	struct place pl;
	uintptr_t off;

	if (size == 0)
		return (false);
	buf[0] = '\0';
	off = (uintptr_t)addr - (uintptr_t)wm->wm_base;
	if (off >= wm->wm_size) {
		text_add(&tx, "%s",
		    (uintptr_t)addr < NULL_PAGE
			? "a null pointer, or a member of one"
			: "no memory of this world");
		return (false);
	}
	if ((uintptr_t)addr < (uintptr_t)wm->wm_extbase)
		text_add(&tx, "the world's own tables");
	else if (mem_extent_of(wm, addr) == NULL)
		text_add(&tx, "memory that was never handed out");
	else if (!find(w, addr, &pl))
		text_add(&tx, "memory that no object has");
	else
		say_block(&tx, w, &pl);
	return (true);
}

size_t
vnetsim_fault_text(struct vnetsim *vw, const char *what, const void *addr,
    char *buf, size_t size)
{
	struct world *w = (struct world *)(void *)vw;
	struct text tx = { buf, size, 0 };

	if (size == 0)
		return (0);
	text_add(&tx, "panic: ");
	if (w != NULL)
		text_where(&tx, w);
	text_add(&tx, "%s", what);
	if (w != NULL && addr != NULL) {
		text_add(&tx, ": ");
		(void)vnetsim_addr_explain(
		    vw, addr, buf + tx.tx_len, size - tx.tx_len);
		tx.tx_len += strlen(buf + tx.tx_len);
	}
	text_add(&tx, "\n");
	if (w != NULL)
		text_trace(&tx, w);
	return (tx.tx_len);
}
