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
	(void)ksnprintf(why, whysize, "%s",
	    km->magic == VNETSIM_KMOD_MAGIC ? "" : "not a module");
	return (km->magic == VNETSIM_KMOD_MAGIC ? 0 : VE_NOEXEC);
}

int
vnetsim_kldload(
    struct vnetsim *w, const struct vnetsim_kmod *km, vnetsim_handle *op)
{
	(void)api_look(w);
	(void)km;
	(void)op;
	return (VE_OPNOTSUPP);
}

int
vnetsim_kldunload(struct vnetsim *w, const char *name, vnetsim_handle *op)
{
	(void)api_look(w);
	(void)name;
	(void)op;
	return (VE_NOENT);
}

int
vnetsim_kld_next(struct vnetsim *w, unsigned n, struct vnetsim_kldinfo *info)
{
	(void)api_look(w);
	(void)n;
	memset(info, 0, sizeof(*info));
	return (VE_NOENT);
}

bool
vnetsim_kmod_inuse(struct vnetsim *w, const struct vnetsim_kmod *km)
{
	(void)api_look(w);
	return (km == NULL);
}
