/*
 * memory_types.c - type ids of modules that come and go.
 *
 * Types of built-in modules are given at the world's start and never change.
 * Behind them loaded modules get consecutive ids, first fit.  A zone of theirs
 * cannot know its module's id, so it says LOADED, and is found in the table of
 * zones of some loaded module: the running one, as a rule.
 *
 * Headers name types by id, also of objects that were freed and of those that
 * died with their vnet, and reports want their names.  So a module that goes
 * keeps its types (KLD_RETIRED) until another one needs them; then the freed
 * blocks that still carry such an id are renamed to a type of core's.
 */
#include "src/core/memory_var.h"

/* Types whose module has gone for good. */
const struct uma_zone mem_gone_zone = { "(unloaded)", 0, VNET_MOD_core,
	CORE_Z_GONE, UMA_VAR, NULL, 0 };

static bool
lists(const struct vnet_module *m, const struct uma_zone *z)
{
	return (m != NULL && z->uz_local < m->vm_nzones &&
		m->vm_zones[z->uz_local] == z);
}

uint32_t
kld_type_of(const struct world *w, const struct uma_zone *z)
{
	uint32_t id;

	id = w->w_ctx.kc_mod;
	if (id < VNET_MOD_MAX && lists(w->w_mod[id], z))
		return ((uint32_t)w->w_zonebase[id] + z->uz_local);
	for (id = VNET_MOD_FIRST; id < VNET_MOD_MAX; id++)
		if (lists(w->w_mod[id], z))
			return ((uint32_t)w->w_zonebase[id] + z->uz_local);
	panic("zone %s belongs to no module of this world", z->uz_name);
}

int
vnet_type_module(const struct world *w, uint32_t type)
{
	int id;

	for (id = 0; id < VNET_MOD_MAX; id++)
		if (w->w_mod[id] != NULL && type >= w->w_zonebase[id] &&
		    type - w->w_zonebase[id] < w->w_mod[id]->vm_nzones)
			return (id);
	return (VNET_MOD_core);
}

int
mem_types_take(struct world *w, int id)
{
	const struct vnet_module *m = w->w_mod[id];
	uint32_t base, run;

	run = 0;
	for (base = w->w_kld.wk_types; run < m->vm_nzones; base++) {
		if (base == MEM_NTYPES)
			return (VE_NOSPC);
		run = w->w_zone[base] == NULL ? run + 1 : 0;
	}
	base -= run;
	w->w_zonebase[id] = (uint16_t)base;
	for (run = 0; run < m->vm_nzones; run++)
		w->w_zone[base + run] = m->vm_zones[run];
	w->w_ntypes = imax(w->w_ntypes, base + run);
	return (0);
}

bool
mem_types_live(struct world *w, int id)
{
	const struct vnet_module *m = w->w_mod[id];
	const struct vnet *v;
	uint32_t i;

	for (i = 0; i < m->vm_nzones; i++) {
		if (uma_count(m->vm_zones[i], NULL) != 0)
			return (true);
		LIST_FOREACH (v, &w->w_vnets, vnet_le)
			if (uma_count(m->vm_zones[i], v) != 0)
				return (true);
	}
	return (false);
}

/* Freed blocks of one extent. */
static __noasan void
rename_extent(struct world *w, uint32_t x, uint32_t base, uint32_t n)
{
	struct world_mem *wm = &w->w_mem;
	struct mem_hdr *h;
	uint32_t off, gone;

	gone = mem_type_of(w, &mem_gone_zone);
	for (off = 0; (h = mem_extent_walk(wm, x, &off)) != NULL;) {
		if (HDR_TYPE(h->h_id) - base >= n)
			continue;
		MPASS(HDR_STATE(h->h_id) != MEM_LIVE);
		mem_mark_arena(wm, wm->wm_ext[x].e_arena);
		h->h_id = (h->h_id & ~UINT64_C(0xfff)) | gone;
	}
}

void
mem_types_give(struct world *w, int id)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t base, i, n, x;

	base = w->w_zonebase[id];
	n = w->w_mod[id]->vm_nzones;
	for (x = 0; x < wm->wm_nused && n != 0; x++)
		if (wm->wm_ext[x].e_state == EXT_ARENA ||
		    wm->wm_ext[x].e_state == EXT_RUN)
			rename_extent(w, x, base, n);
	for (i = base; i < base + n; i++) {
		w->w_zone[i] = NULL;
		wm->wm_typeprog[i] = NULL;
		wm->wm_hasrefs[i] = 0;
		memset(&wm->wm_typestat[i], 0, sizeof(wm->wm_typestat[i]));
	}
	while (w->w_zone[w->w_ntypes - 1] == NULL)
		w->w_ntypes--;
	w->w_zonebase[id] = 0;
}
