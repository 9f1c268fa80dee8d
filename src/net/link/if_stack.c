/*
 * if_stack.c - ports between interfaces.
 *
 * An interface that departs takes itself out of every port before the grace
 * period of its departure: who found it by a port before has left when that is
 * over.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/link/if_stack.h"
#include "src/net/link/link_var.h"

/* ---- ports ---- */

/* Interfaces on each other from @ifp downward; beyond IF_MAXSTACK it may be
 * less than there are. */
static uint32_t
height(const struct ifnet *ifp, uint32_t budget)
{
	const struct ifport *po;
	uint32_t h, max = 0;

	if (budget == 0)
		return (1);
	TAILQ_FOREACH (po, &ifp->if_below, po_below) {
		h = height(po->po_lower, budget - 1);
		max = h > max ? h : max;
	}
	return (max + 1);
}

/* The same upward. */
static uint32_t
depth(const struct ifnet *ifp, uint32_t budget)
{
	const struct ifport *po;
	uint32_t h, max = 0;

	if (budget == 0)
		return (1);
	TAILQ_FOREACH (po, &ifp->if_above, po_above) {
		h = depth(po->po_upper, budget - 1);
		max = h > max ? h : max;
	}
	return (max + 1);
}

/* Is @what below @ifp, or the same? */
static bool
stands_on(const struct ifnet *ifp, const struct ifnet *what)
{
	const struct ifport *po;

	if (ifp == what)
		return (true);
	TAILQ_FOREACH (po, &ifp->if_below, po_below)
		if (stands_on(po->po_lower, what))
			return (true);
	return (false);
}

int
ifport_attach(struct ifport *po, const struct ifport_ops *ops,
    struct ifnet *upper, struct ifnet *lower, bool master)
{
	int error;

	MPASS(po->po_ops == NULL);
	if (if_leaving(upper) || if_leaving(lower) || upper->if_dead ||
	    lower->if_dead || !upper->if_attached || !lower->if_attached)
		return (VE_NXIO);
	if (master && lower->if_master != NULL)
		return (VE_BUSY);
	if (stands_on(lower, upper) ||
	    height(lower, IF_MAXSTACK) + depth(upper, IF_MAXSTACK) >
		IF_MAXSTACK)
		return (VE_INVAL);
	po->po_ops = ops;
	po->po_upper = upper;
	po->po_lower = lower;
	TAILQ_INSERT_TAIL(&lower->if_above, po, po_above);
	TAILQ_INSERT_TAIL(&upper->if_below, po, po_below);
	if (master)
		lower->if_master = po;
	error = if_multi_portattach(po);
	if (error != 0)
		ifport_detach(po);
	return (error);
}

void
ifport_detach(struct ifport *po)
{
	if (po->po_ops == NULL)
		return;
	if_multi_portdetach(po);
	TAILQ_REMOVE(&po->po_lower->if_above, po, po_above);
	TAILQ_REMOVE(&po->po_upper->if_below, po, po_below);
	if (po->po_lower->if_master == po)
		po->po_lower->if_master = NULL;
	po->po_ops = NULL;
	po->po_upper = po->po_lower = NULL;
}

void
ifport_up(const struct ifport *po, struct mbuf *m)
{
	struct ifnet *ifp = po->po_upper;
	enum drop_reason why = link_refuses(ifp);

	if (why != DROP_NONE) {
		m_drop(m, why);
		return;
	}
	ifp->if_data.ifi_ipackets++;
	ifp->if_data.ifi_ibytes += m->m_pkthdr.len;
	if_setrcvif(m, ifp);
	if (if_wherevnet(ifp) == curvnet)
		ifp->if_input(ifp, m);
	else
		(void)netisr_queue(NETISR_ETHER, m);
}

int
ifport_down(const struct ifport *po, struct mbuf *m)
{
	struct ifnet *ifp = po->po_lower;
	struct vnet *v = if_wherevnet(ifp);
	bool first;
	int error;

	if (v == curvnet)
		return (if_transmit(ifp, m));
	if (v == NULL) {
		m_drop(m, DROP_IF_DYING);
		return (VE_NETDOWN);
	}
	first = world_link()->wl_origin == NULL;
	if (first)
		world_link()->wl_origin = curvnet;
	m_chown(m, v);
	CURVNET_SET(v);
	error = if_transmit(ifp, m);
	CURVNET_RESTORE();
	if (first)
		world_link()->wl_origin = NULL;
	return (error);
}

void
if_stack_depart(struct ifnet *ifp, bool vmove)
{
	struct ifport *po;

	while ((po = TAILQ_FIRST(&ifp->if_above)) != NULL)
		po->po_ops->po_depart(po);
	if_delgroups(ifp);
	if (ifp->if_ops->io_depart != NULL)
		ifp->if_ops->io_depart(ifp, vmove);
}

void
if_stack_change(struct ifnet *ifp)
{
	struct ifport *po;

	TAILQ_FOREACH (po, &ifp->if_above, po_above)
		if (po->po_ops->po_change != NULL)
			po->po_ops->po_change(po);
}

int
if_stack_setmtu(struct ifnet *ifp, uint32_t mtu)
{
	struct ifport *po, *back;
	int error;

	TAILQ_FOREACH (po, &ifp->if_below, po_below) {
		error = if_setmtu(po->po_lower, mtu);
		if (error == 0)
			continue;
		TAILQ_FOREACH (back, &ifp->if_below, po_below) {
			if (back == po)
				break;
			(void)if_setmtu(back->po_lower, ifp->if_mtu);
		}
		return (error);
	}
	return (0);
}
