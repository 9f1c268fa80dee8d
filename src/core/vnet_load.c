/*
 * vnet_load.c - modules that come and go while vnets live.
 */
#include "src/core/vnet_load.h"
#include "src/core/world.h"

int
vnet_modid(const struct vnet_module *m)
{
	const struct world *w = curworld();
	int id;

	id = kctx->kc_mod;
	if (id < VNET_MOD_MAX && w->w_mod[id] == m)
		return (id);
	for (id = VNET_MOD_MAX - 1; id >= 0; id--)
		if (w->w_mod[id] == m)
			return (id);
	panic("module %s is not loaded in this world", m->vm_name);
}
