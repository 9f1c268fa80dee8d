/*
 * if_af.c - address families at interfaces.
 *
 * link may not know ip; so a family registers what it does when an interface
 * arrives and when it leaves.  if_afmask says which of them have something at
 * an interface, hence detach is asked for exactly once per attach, also for an
 * interface that is leaving while the family goes away.
 *
 * FreeBSD: if_attachdomain(), dom_ifattach and dom_ifdetach.
 */
#include <vnetsim/errno.h>
#include "src/net/link/if_var.h"

static void
af_detach_one(struct ifnet *ifp, unsigned i)
{
	if ((ifp->if_afmask & 1u << i) == 0)
		return;
	ifp->if_afmask &= (uint8_t) ~(1u << i);
	V_if.if_af[i].af_ops->ia_detach(ifp);
}

static int
af_attach_one(struct ifnet *ifp, unsigned i)
{
	int error;

	MPASS((ifp->if_afmask & 1u << i) == 0);
	error = V_if.if_af[i].af_ops->ia_attach(ifp);
	if (error == 0)
		ifp->if_afmask |= (uint8_t)(1u << i);
	return (error);
}

int
if_af_attach(struct ifnet *ifp, bool must)
{
	int error;

	for (unsigned i = 0; i < IF_NAF; i++) {
		if (V_if.if_af[i].af_ops == NULL)
			continue;
		error = af_attach_one(ifp, i);
		if (error != 0 && !must) {
			if_af_detach(ifp);
			return (error);
		}
	}
	return (0);
}

/* Its link-layer address is another one. */
void
if_af_lladdr(struct ifnet *ifp)
{
	for (unsigned i = 0; i < IF_NAF; i++)
		if ((ifp->if_afmask & 1u << i) != 0 &&
		    V_if.if_af[i].af_ops->ia_lladdr != NULL)
			V_if.if_af[i].af_ops->ia_lladdr(ifp);
}

void
if_af_purge(struct ifnet *ifp)
{
	for (unsigned i = 0; i < IF_NAF; i++)
		if ((ifp->if_afmask & 1u << i) != 0)
			V_if.if_af[i].af_ops->ia_purge(ifp);
}

void
if_af_detach(struct ifnet *ifp)
{
	for (unsigned i = 0; i < IF_NAF; i++)
		af_detach_one(ifp, i);
}

/* The interface in a slot, unless it is only on its way here. */
static struct ifnet *
af_slot(uint32_t i)
{
	struct ifnet *ifp = V_if.if_slot[i];

	return (ifp != NULL && ifp->if_vnet == curvnet ? ifp : NULL);
}

static void
af_detach_all(unsigned n)
{
	for (uint32_t i = 0; i < V_if.if_cap; i++)
		if (af_slot(i) != NULL)
			af_detach_one(af_slot(i), n);
}

int
if_af_register(int af, const struct if_afops *ops)
{
	unsigned at = IF_NAF;
	int error;

	for (unsigned i = IF_NAF; i-- > 0;) {
		if (V_if.if_af[i].af_ops == NULL)
			at = i;
		else if (V_if.if_af[i].af_af == af)
			return (VE_EXIST);
	}
	KASSERT(at < IF_NAF, ("more than %d address families", IF_NAF));
	V_if.if_af[at].af_ops = ops;
	V_if.if_af[at].af_af = af;
	for (uint32_t i = 0; i < V_if.if_cap; i++) {
		if (af_slot(i) == NULL || !af_slot(i)->if_attached)
			continue;
		error = af_attach_one(af_slot(i), at);
		if (error != 0) {
			if_af_unregister(af);
			return (error);
		}
	}
	return (0);
}

void
if_af_unregister(int af)
{
	for (unsigned i = 0; i < IF_NAF; i++) {
		if (V_if.if_af[i].af_ops == NULL || V_if.if_af[i].af_af != af)
			continue;
		af_detach_all(i);
		V_if.if_af[i].af_ops = NULL;
		V_if.if_af[i].af_af = 0;
	}
}
