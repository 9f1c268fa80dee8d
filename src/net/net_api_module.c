/*
 * net_api_module.c - the public interface of loadable modules.
 */
#include <string.h>
#include <vnetsim/module.h>
#include "src/core/vnet_load.h"
#include "src/net/net_api.h"

int
vnetsim_kmod_check(const struct vnetsim_kmod *km, char *why, size_t whysize)
{
	return (kmod_check(km, why, whysize));
}

int
vnetsim_kldload(
    struct vnetsim *w, const struct vnetsim_kmod *km, vnetsim_handle *op)
{
	const struct vnetsim_host *host = api_world(w)->w_host;
	struct api_call c;
	struct op *kop;
	char why[128];
	size_t n;
	int error;

	(void)api_begin(w, &c, "kldload");
	/* dumps shall have its constants */
	if (host->images != NULL)
		(void)host->images(host->ctx, true, &n);
	error = kmod_check(km, why, sizeof(why));
	if (error == 0)
		error = kld_load(km, &kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

int
vnetsim_kldunload(struct vnetsim *w, const char *name, vnetsim_handle *op)
{
	struct api_call c;
	struct op *kop;
	int error;

	(void)api_begin(w, &c, "kldunload");
	error = kld_unload(name, &kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

/* Core is listed, too: it is the kernel. */
static bool
kld_listed(const struct world *w, int id)
{
	return (w->w_mod[id] != NULL &&
		w->w_kld.wk_kld[id].kl_state != KLD_RETIRED);
}

int
vnetsim_kld_next(struct vnetsim *w, unsigned n, struct vnetsim_kldinfo *info)
{
	const struct world *wd = api_look(w);
	const struct kld *kl;
	const struct vnet *v;
	int id;

	memset(info, 0, sizeof(*info));
	for (id = 0; id < VNET_MOD_MAX; id++)
		if (kld_listed(wd, id) && n-- == 0)
			break;
	if (id == VNET_MOD_MAX)
		return (VE_NOENT);
	kl = &wd->w_kld.wk_kld[id];
	info->id = id + 1;
	info->name = wd->w_mod[id]->vm_name;
	info->builtin = kl->kl_kmod == NULL;
	info->version = info->builtin ? NULL : kl->kl_kmod->version;
	info->refs =
	    kl->kl_state == KLD_LOADING || kl->kl_state == KLD_UNLOADING ? 2
									 : 1;
	VNET_FOREACH (v)
		info->vnets +=
		    id == VNET_MOD_core || (v->v_inited & VNET_MODBIT(id)) != 0;
	return (0);
}

bool
vnetsim_kmod_inuse(struct vnetsim *w, const struct vnetsim_kmod *km)
{
	(void)api_look(w);
	return (kld_known(km) != NULL);
}
