/*
 * dump_dir.c - the directory of a dump, and which build wrote it.
 */
#include "src/core/memory_var.h"

_Static_assert(sizeof(struct mem_hdr) == 32 &&
		   sizeof(struct mem_extent) == 32 && sizeof(struct ref) == 16,
    "part of the format of dumps: count DUMP_VERSION up");
_Static_assert(sizeof(struct dump_seg) == 32 &&
		   sizeof(struct dump_dir) % 8 == 0 &&
		   sizeof(struct dump_head) % 8 == 0,
    "the format of dumps has no holes at its ends");

static const char anchor[] = "vnetsim dump";

void
view_build_id(const struct vnetsim_host *host, uint8_t id[DUMP_BUILD_ID])
{
	const struct vnetsim_image *im;
	size_t n;

	memset(id, 0, DUMP_BUILD_ID);
	if (host == NULL || host->images == NULL)
		host = vnetsim_host_posix();
	if (host->images == NULL)
		return;
	im = host->images(host->ctx, false, &n);
	for (; n > 0; n--, im++)
		for (unsigned i = 0; i < im->nranges; i++)
			if ((uintptr_t)anchor - (uintptr_t)im->range[i].addr <
			    im->range[i].len)
				memcpy(id, im->build_id, DUMP_BUILD_ID);
}

void
dump_dir_where(const struct world *w, struct dump_dir *dd)
{
	struct vnetsim_view v = { .vv_world = (struct world *)w };
	const struct kctx *kc = &w->w_ctx;
	char name[sizeof(dd->dd_vname)];
	uint64_t vnet = view_addr(kc->kc_vnet);
	const char *s;

	memset(dd->dd_vname, 0, sizeof(dd->dd_vname));
	memset(dd->dd_door, 0, sizeof(dd->dd_door));
	memset(dd->dd_module, 0, sizeof(dd->dd_module));
	dd->dd_vnet = DUMP_NONAME;
	dd->dd_inside = kc->kc_depth != 0;
	s = view_str(&v, view_addr(kc->kc_door));
	if (s != NULL)
		ksnprintf(dd->dd_door, sizeof(dd->dd_door), "%s", s);
	if (kc->kc_door != NULL && kc->kc_mod < VNET_MOD_MAX &&
	    w->w_mod[kc->kc_mod] != NULL) {
		s = view_str(&v,
		    view_ptr(&v, view_addr(w->w_mod[kc->kc_mod]) +
				     offsetof(struct vnet_module, vm_name)));
		ksnprintf(dd->dd_module, sizeof(dd->dd_module), "%s",
		    s != NULL ? s : "?");
	}
	if (vnet == 0 || !view_read(&v, vnet + offsetof(struct vnet, v_id),
			     &dd->dd_vnet, sizeof(dd->dd_vnet)))
		return;
	if (view_read(
		&v, vnet + offsetof(struct vnet, v_name), name, sizeof(name)))
		ksnprintf(dd->dd_vname, sizeof(dd->dd_vname), "%.63s", name);
}

void
dump_dir_fill(const struct world *w, struct dump_dir *dd)
{
	const struct world_mem *wm = &w->w_mem;

	dd->dd_world = view_addr(w);
	dd->dd_worldsize = sizeof(*w);
	dd->dd_size = wm->wm_size;
	dd->dd_extbase = view_addr(wm->wm_extbase);
	dd->dd_ext = view_addr(wm->wm_ext);
	dd->dd_zones = view_addr(w->w_zone);
	dd->dd_sites = view_addr(wm->wm_image);
	dd->dd_mods = view_addr(w->w_mod);
	dd->dd_acct = view_addr(&wm->wm_acct);
	dd->dd_nused = wm->wm_nused;
	dd->dd_nzones = imin(w->w_ntypes, MEM_NTYPES);
	dd->dd_nsites = imin(wm->wm_nimages, MEM_IMAGES + 1u);
	dd->dd_nmods = VNET_MOD_MAX;
	dd->dd_vnetmem = (uint32_t)roundup2(sizeof(struct vnet), (size_t)16);
	dd->dd_vnetstate = offsetof(struct vnet, v_state);
	dd->dd_time = w->w_ctx.kc_now;
	dd->dd_events = w->w_ev.we_count;
	dd->dd_seed = w->w_cfg.wc_seed;
	dd->dd_findings = imin(w->w_find.wf_n, FINDING_MAX);
	dd->dd_lost = w->w_find.wf_lost;
}
