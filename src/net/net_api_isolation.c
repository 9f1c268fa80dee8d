/*
 * net_api_isolation.c - the isolation oracle: a bystander notices nothing.
 *
 * What a vnet does is hashed as it happens: every event that runs in it, every
 * trace record made while it is current, with its virtual time.  Two runs of
 * one scenario that differ only in what happens to others must give a vnet
 * that has nothing to do with them the same hash.  Whoever makes the two runs
 * (explore, a test) hands the first run's hash to the second.
 */
#include <vnetsim/teardown.h>
#include "src/net/net_api.h"

int
vnetsim_vnet_trace(struct vnetsim *w, uint32_t vnet, uint64_t *hash)
{
	const struct vnet *v;

	(void)api_look(w);
	v = vnet_byid(vnet);
	if (v == NULL)
		return (VE_NOENT);
	*hash = v->v_tracehash;
	return (0);
}

int
vnetsim_isolation(struct vnetsim *w, uint32_t vnet, uint64_t hash)
{
	const struct vnet *v;

	(void)api_look(w);
	v = vnet_byid(vnet);
	if (v == NULL)
		return (VE_NOENT);
	if (v->v_tracehash == hash)
		return (0);
	finding_add(ORACLE_ISOLATION, "bystander", v, VNET_MOD_core, NULL,
	    "vnet %s did something else because another vnet ended", v->v_name);
	return (VE_DOM);
}
