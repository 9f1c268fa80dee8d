/*
 * if_epair.c - two Ethernet interfaces on one link, and module `epair`.
 *
 * epairNa and epairNb are made together in the creating vnet, their home, and
 * die together wherever they are by then.  N is counted per vnet of creation.
 * What one half sends the other receives in a later event (link_queue.c); each
 * half may be moved on its own.
 *
 * MAC addresses are made of world data: 02, the vnet's number (24 bits), the
 * unit (12 bits), a or b.  They are unique in a world and the same in each run.
 *
 * The pair is one object, charged to its home; both halves' if_softc point to
 * it until the driver's part of the destruction, when neither is on any list
 * (FreeBSD D20868 is what happens otherwise).
 *
 * FreeBSD: sys/net/if_epair.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_var.h"

enum { EPAIR_Z_PAIR, EPAIR_Z_UNITS };

struct epair {
	struct ifnet *ep_ifp[2]; /* (o) a, b */
	struct link *ep_link;    /* (o) */
	uint32_t ep_unit;
	uint32_t ep_pad;
};

struct vnet_epair {
	struct if_units ep_units;
	uint32_t ep_open; /* 1; 0 after shutdown */
};
VNET_STATE(epair, struct vnet_epair);
#define V_epair VNET(epair)

static const struct field epair_fields[] = {
	FIELD(struct epair, ep_ifp, PTR),
	FIELD(struct epair, ep_link, PTR),
	FIELD(struct epair, ep_unit, UINT),
	FIELD(struct epair, ep_pad, OPAQUE),
};
static UMA_ZONE(
    epair_zone, epair, EPAIR_Z_PAIR, struct epair, UMA_WORLD, epair_fields);
static MALLOC_TYPE(
    epair_units_zone, epair, EPAIR_Z_UNITS, "epair_units", UMA_NOHASH);

static int
epair_side(const struct epair *ep, const struct ifnet *ifp)
{
	return (ep->ep_ifp[1] == ifp);
}

static int
epair_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct epair *ep = ifp->if_softc;
	uint32_t len = m->m_pkthdr.len;
	int error;

	error = link_transmit(ep->ep_link, epair_side(ep, ifp), m);
	if (error == VE_NOBUFS) {
		ifp->if_data.ifi_oqdrops++;
	} else if (error != 0) {
		ifp->if_data.ifi_oerrors++;
	} else {
		ifp->if_data.ifi_opackets++;
		ifp->if_data.ifi_obytes += len;
	}
	return (error);
}

static struct ifnet *
epair_peer(const struct ifnet *ifp)
{
	const struct epair *ep = ifp->if_softc;

	return (ep == NULL ? NULL : ep->ep_ifp[!epair_side(ep, ifp)]);
}

/* Both halves are off every list. */
static enum op_verdict
epair_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	struct epair *ep = ifp->if_softc;

	(void)op;
	link_destroy(ep->ep_link);
	for (int side = 0; side < 2; side++)
		ep->ep_ifp[side]->if_softc = NULL;
	if (home)
		if_unit_put(&V_epair.ep_units, ep->ep_unit);
	uma_zfree(&epair_zone, ep);
	return (OP_DONE);
}

static const struct if_ops epair_ops = {
	.io_name = "epair",
	.io_mod = VNET_MOD_epair,
	.io_transmit = epair_transmit,
	.io_destroy = epair_destroy,
	.io_peer = epair_peer,
};

/* ---- birth ---- */

static int
epair_half(struct epair *ep, int side)
{
	uint32_t id = curvnet->v_id, tail = ep->ep_unit << 4 | (0xau + side);
	uint8_t mac[ETHER_ADDR_LEN] = { 0x02, (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(tail >> 8),
		(uint8_t)tail };
	struct ifnet *ifp;
	int error;

	ifp = if_alloc(&epair_ops, IFT_ETHER, ep);
	if (ifp == NULL)
		return (VE_NOMEM);
	(void)ksnprintf(ifp->if_xname, sizeof(ifp->if_xname), "epair%u%c",
	    (unsigned)ep->ep_unit, side == 0 ? 'a' : 'b');
	ifp->if_flags = IFF_DRV_RUNNING;
	error = ether_ifattach(ifp, mac);
	if (error != 0)
		if_free(ifp);
	else
		ep->ep_ifp[side] = ifp;
	return (error);
}

static int
epair_halves(struct epair *ep)
{
	int error;

	error = epair_half(ep, 0);
	if (error != 0)
		return (error);
	error = epair_half(ep, 1);
	if (error == 0)
		return (0);
	if_detach_now(ep->ep_ifp[0]);
	ep->ep_ifp[0]->if_softc = NULL;
	if_free(ep->ep_ifp[0]);
	return (error);
}

static int
epair_make(uint32_t unit, struct epair **epp)
{
	char name[IFNAMSIZ];
	struct epair *ep;
	int error;

	error = if_slot_room(2);
	if (error != 0)
		return (error);
	ep = uma_zalloc(&epair_zone, M_ZERO);
	if (ep == NULL)
		return (VE_NOMEM);
	ep->ep_unit = unit;
	(void)ksnprintf(name, sizeof(name), "epair%u", (unsigned)unit);
	error = epair_halves(ep);
	if (error != 0)
		goto out;
	error = link_create(name, &ep->ep_link);
	if (error == 0) {
		for (int side = 0; side < 2; side++)
			link_plug(ep->ep_link, side, ep->ep_ifp[side]);
		*epp = ep;
		return (0);
	}
	for (int side = 0; side < 2; side++) {
		if_detach_now(ep->ep_ifp[side]);
		ep->ep_ifp[side]->if_softc = NULL;
		if_free(ep->ep_ifp[side]);
	}
out:
	uma_zfree(&epair_zone, ep);
	return (error);
}

static int
epair_create(int want, char *name, size_t namelen)
{
	struct epair *ep;
	uint32_t unit;
	int error;

	if (V_epair.ep_open == 0)
		return (VE_BUSY);
	error = if_unit_take(&V_epair.ep_units, &epair_units_zone, want, &unit);
	if (error != 0)
		return (error);
	error = epair_make(unit, &ep);
	if (error != 0) {
		if_unit_put(&V_epair.ep_units, unit);
		return (error);
	}
	(void)ksnprintf(name, namelen, "%s", ep->ep_ifp[0]->if_xname);
	return (0);
}

static const struct if_clone epair_cloner = {
	.ifc_name = "epair",
	.ifc_create = epair_create,
};

/* ---- the module ---- */

static int
epair_init(void)
{
	int error;

	error = if_unit_init(&V_epair.ep_units, &epair_units_zone);
	if (error != 0)
		return (error);
	error = if_clone_attach(&epair_cloner);
	if (error != 0) {
		if_unit_fini(&V_epair.ep_units, &epair_units_zone);
		return (error);
	}
	V_epair.ep_open = 1;
	return (0);
}

static enum op_verdict
epair_shutdown(struct op *op)
{
	V_epair.ep_open = 0;
	if_clone_detach(&epair_cloner);
	return (if_destroy_natives(op, VNET_MOD_epair));
}

static void
epair_uninit(void)
{
	if_unit_fini(&V_epair.ep_units, &epair_units_zone);
}

#define F(m, kind) FIELD(struct vnet_epair, m, kind)
static const struct field vnet_epair_fields[] = {
	F(ep_units.iu_bits, LINK),
	F(ep_units.iu_words, OPAQUE),
	F(ep_units.iu_n, UINT),
	F(ep_open, UINT),
};
#undef F
static const struct vnet_contract epair_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_epair, ep_open),
	CONTRACT_SHUTDOWN(struct vnet_epair, ep_units.iu_n),
};
static const struct uma_zone *const epair_zones[] = {
	[EPAIR_Z_PAIR] = &epair_zone,
	[EPAIR_Z_UNITS] = &epair_units_zone,
};

VNET_MODULE(epair) = {
	.vm_name = "epair",
	.vm_id = VNET_MOD_epair,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_epair),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = epair_init,
	.vm_shutdown = epair_shutdown,
	.vm_uninit = epair_uninit,
	.vm_fields = vnet_epair_fields,
	.vm_nfields = nitems(vnet_epair_fields),
	.vm_contracts = epair_contracts,
	.vm_ncontracts = nitems(epair_contracts),
	.vm_zones = epair_zones,
	.vm_nzones = nitems(epair_zones),
};
