/*
 * world.c - birth, recycling and end of a world.
 *
 * Theory of operation
 * ===================
 *
 * A world is made bottom up: the reservation, its layout (memory.c), the
 * parts that own tables in it, the types of all modules, and at last prison0
 * with vnet0, whose making runs every module's init once.  Before the first
 * event a world is at time 0 and event 0.
 *
 * world_reset() is the same without the reservation: used prefixes of tables
 * are zeroed, extents are forgotten, everything is made anew but the field
 * programs, which are constant for a list of modules; those of modules that
 * were loaded later are forgotten as the modules are.  Nothing of the
 * old world is visible in the new one, whose run is the same as in a fresh
 * reservation; only the addresses of pages that are touched already are
 * cheaper.  Exploring by re-execution does this thousands of times a second.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/core/world.h"

_Thread_local struct kctx *kctx __tls_initial_exec;

/* Field programs that outlive a reset, and what they were made for. */
struct progs {
	const struct vnet_module *pg_mod[VNET_MOD_MAX];
	const struct uma_zone *pg_zone[MEM_NTYPES];
	struct field_prog *pg_typeprog[MEM_NTYPES];
	struct field_prog *pg_modprog[VNET_MOD_MAX];
	uint8_t pg_hasrefs[MEM_NTYPES];
	uint32_t pg_used; /* by those of built-in modules */
};

/* Take them out of a world that is about to be cleared. */
static void
progs_take(struct progs *pg, struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t i;

	memcpy(pg->pg_mod, w->w_mod, sizeof(pg->pg_mod));
	memcpy(pg->pg_zone, w->w_zone, sizeof(pg->pg_zone));
	memcpy(pg->pg_typeprog, wm->wm_typeprog, sizeof(pg->pg_typeprog));
	memcpy(pg->pg_modprog, wm->wm_modprog, sizeof(pg->pg_modprog));
	memcpy(pg->pg_hasrefs, wm->wm_hasrefs, sizeof(pg->pg_hasrefs));
	pg->pg_used = w->w_kld.wk_progs;
	for (i = 0; i < VNET_MOD_MAX; i++)
		if (w->w_kld.wk_kld[i].kl_state != KLD_FREE) {
			pg->pg_mod[i] = NULL;
			pg->pg_modprog[i] = NULL;
		}
	for (i = w->w_kld.wk_types; i < MEM_NTYPES; i++) {
		pg->pg_zone[i] = NULL;
		pg->pg_typeprog[i] = NULL;
		pg->pg_hasrefs[i] = 0;
	}
	wm->wm_progused = 0; /* world_mem_clear() leaves them alone */
}

/* Give them to the new world if it has the same modules. */
static void
progs_give(const struct progs *pg, struct world *w)
{
	struct world_mem *wm = &w->w_mem;

	if (memcmp(pg->pg_mod, w->w_mod, sizeof(pg->pg_mod)) != 0 ||
	    memcmp(pg->pg_zone, w->w_zone, sizeof(pg->pg_zone)) != 0)
		return;
	memcpy(wm->wm_typeprog, pg->pg_typeprog, sizeof(pg->pg_typeprog));
	memcpy(wm->wm_modprog, pg->pg_modprog, sizeof(pg->pg_modprog));
	memcpy(wm->wm_hasrefs, pg->pg_hasrefs, sizeof(pg->pg_hasrefs));
	wm->wm_progused = pg->pg_used;
}

/*
 * A world in zeroed memory; w_host and w_cfg are set.  @pg: NULL, or what is
 * kept.  Return: an errno.
 */
static int
world_init(struct world *w, size_t size, const struct progs *pg)
{
	int error;

	w->w_magic = WORLD_MAGIC;
	w->w_ctx.kc_world = w;
	w->w_ctx.kc_mod = VNET_MOD_core;
	kctx = &w->w_ctx;
	error = world_mem_init(w, size);
	if (error != 0)
		return (error);
	world_findings_init(w);
	world_handles_init(w);
	world_trace_init(w);
	world_events_init(w);
	world_ops_init(w);
	world_epoch_init(w);
	world_taskq_init(w);
	world_jail_init(w);
	LIST_INIT(&w->w_vnets);
	w->w_view.vv_world = w;
	world_modules_init(w);
	w->w_kld.wk_types = w->w_ntypes;
	if (pg != NULL)
		progs_give(pg, w);
	world_fields_init(w);
	w->w_kld.wk_progs = w->w_mem.wm_progused;
	return (prison0_create());
}

struct world *
world_create(const struct vnetsim_host *host, const struct world_config *cfg,
    int *errorp)
{
	struct kctx *other;
	struct world *w;
	size_t size, nimages;

	size = cfg->wc_size != 0 ? cfg->wc_size : WORLD_SIZE_DEFAULT;
	*errorp = VE_NOMEM;
	other = kctx;
	if (size < WORLD_SIZE_MIN || size > WORLD_SIZE_MAX)
		return (NULL);
	/* dumps must not ask the dynamic linker: now or never */
	if (host->images != NULL)
		(void)host->images(host->ctx, true, &nimages);
	w = host->reserve(host->ctx, NULL, size);
	if (w == NULL)
		return (NULL);
	w->w_host = host;
	w->w_cfg = *cfg;
	*errorp = world_init(w, size, NULL);
	if (*errorp == 0)
		return (w);
	world_mem_clear(w);
	host->release(host->ctx, w, size);
	kctx = other;
	return (NULL);
}

int
world_reset(struct world *w, const struct world_config *cfg)
{
	const struct vnetsim_host *host = w->w_host;
	struct world_config copy = *cfg;
	size_t size = w->w_mem.wm_size;
	struct progs pg;

	KASSERT(w->w_ctx.kc_depth == 0, ("%s: from inside an event", __func__));
	progs_take(&pg, w);
	world_mem_clear(w);
	memset(w, 0, sizeof(*w));
	w->w_host = host;
	w->w_cfg = copy;
	return (world_init(w, size, &pg));
}

void
world_destroy(struct world *w)
{
	const struct vnetsim_host *host = w->w_host;
	size_t size = w->w_mem.wm_size;
	struct kctx *other;

	other = kctx == &w->w_ctx ? NULL : kctx;
	kctx = &w->w_ctx;
	world_mem_clear(w);
	host->release(host->ctx, w, size);
	kctx = other;
}

void
world_enter(struct world *w)
{
	MPASS(w == NULL || w->w_magic == WORLD_MAGIC);
	kctx = w == NULL ? NULL : &w->w_ctx;
}

bool
world_step(struct world *w, int64_t until)
{
	return (event_run_next(w, until));
}

void *
world_user_alloc(size_t size, bool fallible)
{
	if (fallible)
		return (mem_alloc(&world_user_zone, size, M_ZERO, NULL, SITE));
	return (mem_alloc_infallible(&world_user_zone, size, M_ZERO, SITE));
}

void
world_user_free(void *p)
{
	kfree(&world_user_zone, p);
}
