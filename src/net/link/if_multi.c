/*
 * if_multi.c - link-layer groups that an interface listens to.
 *
 * An address of a group is one object, however many ask for it: each holds it
 * by a slot of its own, and with the last one it goes.  It hangs on its
 * interface and is charged to the vnet that one is in.  What an interface that
 * departs still has (IP has let go by then) is cut off and goes with its last
 * holder; ifma_ifp is NULL meanwhile.
 *
 * A driver whose ports say po_multi (a vlan, a lagg) hears groups by the
 * interfaces below it: what the upper one listens to the lower ones do, too.
 * One hold per upper address and port keeps the two in step when either comes
 * or goes.
 *
 * Input: a frame to a group of IPv4 (01:00:5e) goes up only if the group is
 * here, or is 224.0.0.1, which every interface hears without being asked; so
 * an idle vnet has no such object.  Members of a bridge are asked after the
 * bridge, which hears everything.
 *
 * FreeBSD: if_addmulti(), if_delmulti_ifma(), if_purgemaddrs() of
 * sys/net/if.c; vlan_setmulti().
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/if_stack.h"
#include "src/net/link/if_var.h"

/* A group of a lower interface, held for one of an upper one. */
struct ifmultihold {
	struct ref ih_ifma;         /* (r) of the lower one */
	const struct ifport *ih_po; /* (b) by this port; goes before it does */
	LIST_ENTRY(ifmultihold) ih_link;
};

static const struct field ifmultiaddr_fields[] = {
	FIELD(struct ifmultiaddr, ifma_addr, ETHER),
	FIELD(struct ifmultiaddr, ifma_ifp, PTR),
	FIELD(struct ifmultiaddr, ifma_below, LINK),
	FIELD(struct ifmultiaddr, ifma_link, LINK),
};
UMA_ZONE_NAMED(ifmultiaddr_zone, if, IF_Z_MULTI, "ether_multi",
    struct ifmultiaddr, UMA_WORLD, ifmultiaddr_fields);

static const struct field ifmultihold_fields[] = {
	FIELD(struct ifmultihold, ih_ifma, REF),
	FIELD(struct ifmultihold, ih_po, OPAQUE),
	FIELD(struct ifmultihold, ih_link, LINK),
};
UMA_ZONE(ifmultihold_zone, if, IF_Z_MULTIHOLD, struct ifmultihold, UMA_WORLD,
    ifmultihold_fields);

struct ifmultiaddr *
if_findmulti(const struct ifnet *ifp, const uint8_t *lladdr)
{
	struct ifmultiaddr *ifma;

	TAILQ_FOREACH (ifma, &ifp->if_multiaddrs, ifma_link)
		if (memcmp(ifma->ifma_addr, lladdr, ETHER_ADDR_LEN) == 0)
			return (ifma);
	return (NULL);
}

bool
if_hearsmulti(const struct ifnet *ifp, const uint8_t *lladdr)
{
	static const uint8_t inet[3] = { 0x01, 0x00, 0x5e };
	static const uint8_t allhosts[3] = { 0x00, 0x00, 0x01 };

	if (memcmp(lladdr, inet, 3) != 0)
		return (true);
	return (memcmp(lladdr + 3, allhosts, 3) == 0 ||
		if_findmulti(ifp, lladdr) != NULL);
}

/* ---- below ---- */

static void
hold_free(struct ifmultihold *ih)
{
	LIST_REMOVE(ih, ih_link);
	if_delmulti(&ih->ih_ifma);
	uma_zfree(&ifmultihold_zone, ih);
}

/* Return: 0; VE_NOMEM. */
static int
hold_make(struct ifmultiaddr *ifma, const struct ifport *po)
{
	struct ifmultihold *ih = uma_zalloc(&ifmultihold_zone, M_ZERO);
	int error;

	if (ih == NULL)
		return (VE_NOMEM);
	error = if_addmulti(po->po_lower, ifma->ifma_addr, &ih->ih_ifma);
	if (error != 0) {
		uma_zfree(&ifmultihold_zone, ih);
		return (error);
	}
	uma_chown(ih, uma_owner(ifma));
	ih->ih_po = po;
	LIST_INSERT_HEAD(&ifma->ifma_below, ih, ih_link);
	return (0);
}

static void
holds_free(struct ifmultiaddr *ifma, const struct ifport *po)
{
	struct ifmultihold *ih, *next;

	LIST_FOREACH_SAFE (ih, &ifma->ifma_below, ih_link, next)
		if (po == NULL || ih->ih_po == po)
			hold_free(ih);
}

static int
holds_make(struct ifmultiaddr *ifma, const struct ifnet *ifp)
{
	const struct ifport *po;
	int error;

	TAILQ_FOREACH (po, &ifp->if_below, po_below) {
		error = po->po_ops->po_multi ? hold_make(ifma, po) : 0;
		if (error != 0) {
			holds_free(ifma, NULL);
			return (error);
		}
	}
	return (0);
}

int
if_multi_portattach(const struct ifport *po)
{
	struct ifmultiaddr *ifma;
	int error;

	if (!po->po_ops->po_multi)
		return (0);
	TAILQ_FOREACH (ifma, &po->po_upper->if_multiaddrs, ifma_link) {
		error = hold_make(ifma, po);
		if (error != 0) {
			if_multi_portdetach(po);
			return (error);
		}
	}
	return (0);
}

void
if_multi_portdetach(const struct ifport *po)
{
	struct ifmultiaddr *ifma;

	if (!po->po_ops->po_multi)
		return;
	TAILQ_FOREACH (ifma, &po->po_upper->if_multiaddrs, ifma_link)
		holds_free(ifma, po);
}

/* ---- here ---- */

int
if_addmulti(struct ifnet *ifp, const uint8_t *lladdr, struct ref *slot)
{
	struct ifmultiaddr *ifma = if_findmulti(ifp, lladdr);
	int error;

	if (ifma == NULL) {
		ifma = uma_zalloc(&ifmultiaddr_zone, M_ZERO);
		if (ifma == NULL)
			return (VE_NOMEM);
		memcpy(ifma->ifma_addr, lladdr, ETHER_ADDR_LEN);
		ifma->ifma_ifp = ifp;
		uma_chown(ifma, uma_owner(ifp));
		error = holds_make(ifma, ifp);
		if (error != 0) {
			uma_zfree(&ifmultiaddr_zone, ifma);
			return (error);
		}
		TAILQ_INSERT_TAIL(&ifp->if_multiaddrs, ifma, ifma_link);
	}
	ref_take(slot, ifma, "ifma");
	return (0);
}

void
if_delmulti(struct ref *slot)
{
	struct ifmultiaddr *ifma = ref_get(slot);

	if (ifma == NULL || !ref_drop(slot))
		return;
	holds_free(ifma, NULL);
	if (ifma->ifma_ifp != NULL)
		TAILQ_REMOVE(&ifma->ifma_ifp->if_multiaddrs, ifma, ifma_link);
	uma_zfree(&ifmultiaddr_zone, ifma);
}

void
if_purgemaddrs(struct ifnet *ifp)
{
	struct ifmultiaddr *ifma;

	while ((ifma = TAILQ_FIRST(&ifp->if_multiaddrs)) != NULL) {
		holds_free(ifma, NULL);
		TAILQ_REMOVE(&ifp->if_multiaddrs, ifma, ifma_link);
		ifma->ifma_ifp = NULL;
	}
}
