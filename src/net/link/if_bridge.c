/*
 * if_bridge.c - a learning bridge, and module `bridge`.
 *
 * Theory of operation
 * ===================
 *
 * A bridge is the master of its members (if_stack.h), all of the same vnet.  A
 * frame that comes in by a member goes
 *
 *	to the bridge's own address          up by the bridge
 *	to the address of a member           up by that member
 *	to a station behind another member   out by that one
 *	to one behind the same member        nowhere
 *	to an unknown one                    out by all others that discover
 *	to a group                           out by all others, and up by the
 *	                                     bridge and by the member
 *
 * What this host sends by the bridge or by a member takes the same way.  The
 * source of each frame is learnt (if_bridge_rt.c).
 *
 * There is no spanning tree.  A loop ends by a count of bridges in the packet
 * (m_hops): the eighth drops it (bridge.loop), as 802.1D lets seven stand
 * between two stations.  Meanwhile a broadcast multiplies.
 *
 * All members have one MTU: the first brings it, later ones take it over.
 *
 * A member that departs is no member any more; a bridge that departs loses
 * members and stations, also in a move, as in FreeBSD 14.
 *
 * FreeBSD: sys/net/if_bridge.c.  Source: IEEE 802.1D section 7.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_bridge.h"
#include "src/net/link/link_var.h"

struct vnet_bridge {
	struct if_driver bridge_drv;
};
VNET_STATE(bridge, struct vnet_bridge);
#define V_bridge VNET(bridge).bridge_drv

static const struct field bridge_softc_fields[] = {
	FIELD(struct bridge_softc, sc_ifp, PTR),
	FIELD(struct bridge_softc, sc_rt, PTR),
	FIELD(struct bridge_softc, sc_unit, UINT),
	FIELD(struct bridge_softc, sc_brtmax, UINT),
	FIELD(struct bridge_softc, sc_brttimeout, UINT),
	FIELD(struct bridge_softc, sc_brtcnt, UINT),
	FIELD_STAT(struct bridge_softc, sc_brtexceeded, UINT),
	FIELD(struct bridge_softc, sc_pad, OPAQUE),
};
static UMA_ZONE(bridge_softc_zone, bridge, BRIDGE_Z_SOFTC, struct bridge_softc,
    UMA_WORLD, bridge_softc_fields);

static const struct field bridge_iflist_fields[] = {
	IFPORT_FIELDS(struct bridge_iflist, bif_port),
	FIELD(struct bridge_iflist, bif_flags, HEX),
	FIELD(struct bridge_iflist, bif_addrcnt, UINT),
};
UMA_ZONE(bridge_iflist_zone, bridge, BRIDGE_Z_MEMBER, struct bridge_iflist,
    UMA_WORLD, bridge_iflist_fields);
static MALLOC_TYPE(
    bridge_units_zone, bridge, BRIDGE_Z_UNITS, "bridge_units", UMA_NOHASH);

/* ---- out ---- */

/* Out by a member.  Return: 0 or an errno. */
static int
bridge_enqueue(struct ifnet *ifp, struct ifnet *dst, struct mbuf *m)
{
	uint32_t len = m->m_pkthdr.len, room = ETHER_HDR_LEN;
	uint16_t type = be16dec(mtodo(m, 2 * ETHER_ADDR_LEN));
	int error = VE_MSGSIZE;

	if (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ)
		room += ETHER_VLAN_ENCAP_LEN;
	if (len > dst->if_mtu + room)
		m_drop(m, DROP_IF_OVERSIZE);
	else
		error = if_transmit(dst, m);
	if (error != 0) {
		ifp->if_data.ifi_oerrors++;
		return (error);
	}
	ifp->if_data.ifi_opackets++;
	ifp->if_data.ifi_obytes += len;
	return (0);
}

/* May a frame from @from (NULL: this host) go out by @bif?  @known: it is
 * for a station there, or a group. */
static bool
bridge_may(const struct bridge_iflist *bif, const struct bridge_iflist *from,
    bool known)
{
	if (bif == from || (bif_ifp(bif)->if_flags & IFF_UP) == 0)
		return (false);
	if (from != NULL &&
	    (bif->bif_flags & from->bif_flags & IFBIF_PRIVATE) != 0)
		return (false);
	return (known || (bif->bif_flags & IFBIF_DISCOVER) != 0);
}

/* By all but @from. */
static void
bridge_broadcast(struct bridge_softc *sc, const struct bridge_iflist *from,
    struct mbuf *m, bool group)
{
	struct bridge_iflist *bif, *last = NULL;
	struct ifport *po;
	struct mbuf *mc;

	TAILQ_FOREACH (po, &sc->sc_ifp->if_below, po_below) {
		bif = bif_of(po);
		if (!bridge_may(bif, from, group))
			continue;
		if (last != NULL) {
			mc = m_copym(m, 0, M_COPYALL, if_mflags());
			if (mc == NULL)
				sc->sc_ifp->if_data.ifi_oerrors++;
			else
				(void)bridge_enqueue(
				    sc->sc_ifp, bif_ifp(last), mc);
		}
		last = bif;
	}
	if (last != NULL)
		(void)bridge_enqueue(sc->sc_ifp, bif_ifp(last), m);
	else
		m_freem(m);
}

/* The way of a frame from @from (NULL: this host). */
static int
bridge_send(
    struct bridge_softc *sc, const struct bridge_iflist *from, struct mbuf *m)
{
	const uint8_t *dst = mtod(m, const uint8_t *);
	bool group = (dst[0] & 1) != 0;
	struct bridge_iflist *bif = group ? NULL : bridge_rtlookup(sc, dst);

	if (bif == NULL) {
		bridge_broadcast(sc, from, m, group);
		return (0);
	}
	if (bif != from && bridge_may(bif, from, true))
		return (bridge_enqueue(sc->sc_ifp, bif_ifp(bif), m));
	m_drop(m, DROP_BRIDGE_BLOCKED);
	return (from == NULL ? VE_NETDOWN : 0);
}

static int
bridge_transmit(struct ifnet *ifp, struct mbuf *m)
{
	return (bridge_send(ifp->if_softc, NULL, m));
}

/* This host sends by a member. */
static int
bridge_output(struct ifport *po, struct mbuf *m)
{
	if ((po->po_upper->if_flags & IFF_UP) == 0 ||
	    link_refuses(po->po_lower) != DROP_NONE)
		return (if_transmit(po->po_lower, m));
	return (bridge_send(po->po_upper->if_softc, NULL, m));
}

/* ---- in ---- */

static void
bridge_forward(
    struct bridge_softc *sc, const struct bridge_iflist *from, struct mbuf *m)
{
	struct ifnet *ifp = sc->sc_ifp;

	ifp->if_data.ifi_ipackets++;
	ifp->if_data.ifi_ibytes += m->m_pkthdr.len;
	if (m->m_hops >= BRIDGE_MAXHOPS) {
		m_drop(m, DROP_BRIDGE_LOOP);
		return;
	}
	m->m_hops++;
	ether_csum_reopen(m);
	(void)bridge_send(sc, from, m);
}

/* The interface of this host that has this address: the bridge, or a member;
 * NULL: none. */
static struct ifnet *
bridge_local(const struct bridge_softc *sc, const uint8_t *addr)
{
	const struct ifport *po;

	if (memcmp(sc->sc_ifp->if_lladdr, addr, ETHER_ADDR_LEN) == 0)
		return (sc->sc_ifp);
	TAILQ_FOREACH (po, &sc->sc_ifp->if_below, po_below)
		if (memcmp(po->po_lower->if_lladdr, addr, ETHER_ADDR_LEN) == 0)
			return (po->po_lower);
	return (NULL);
}

/* Up by another interface than it came in by; above the bridge's own input,
 * so it is not bridged again. */
static void
bridge_up(struct bridge_softc *sc, struct ifnet *ifp, struct mbuf *m)
{
	enum drop_reason why = link_refuses(ifp);

	if (why != DROP_NONE) {
		m_drop(m, why);
		return;
	}
	if (ifp == sc->sc_ifp)
		ifp->if_data.ifi_ipackets++;
	if_setrcvif(m, ifp);
	ether_local(ifp, m);
}

static struct mbuf *
bridge_group(struct bridge_softc *sc, struct bridge_iflist *bif, struct mbuf *m)
{
	struct mbuf *mc = m_copym(m, 0, M_COPYALL, if_mflags());

	if (mc != NULL)
		bridge_forward(sc, bif, mc);
	else
		sc->sc_ifp->if_data.ifi_oerrors++;
	mc = m_copym(m, 0, M_COPYALL, if_mflags());
	if (mc != NULL)
		bridge_up(sc, sc->sc_ifp, mc);
	return (m);
}

/* The member's frames. */
static struct mbuf *
bridge_input(struct ifport *po, struct mbuf *m)
{
	struct bridge_iflist *bif = bif_of(po);
	struct bridge_softc *sc = po->po_upper->if_softc;
	const uint8_t *dst = mtod(m, const uint8_t *);
	const uint8_t *src = dst + ETHER_ADDR_LEN;
	struct ifnet *ifp;

	if (link_refuses(sc->sc_ifp) != DROP_NONE)
		return (m);
	/* what we sent ourselves comes back by a loop */
	if (bridge_local(sc, src) != NULL) {
		m_drop(m, DROP_BRIDGE_LOOP);
		return (NULL);
	}
	if ((bif->bif_flags & IFBIF_LEARNING) != 0 && (src[0] & 1) == 0 &&
	    V_bridge.id_open != 0 &&
	    bridge_rtupdate(sc, src, bif, false) == VE_BUSY) {
		m_drop(m, DROP_BRIDGE_BLOCKED);
		return (NULL);
	}
	if ((dst[0] & 1) != 0)
		return (bridge_group(sc, bif, m));
	ifp = bridge_local(sc, dst);
	if (ifp == po->po_lower)
		return (m);
	if (ifp != NULL)
		bridge_up(sc, ifp, m);
	else
		bridge_forward(sc, bif, m);
	return (NULL);
}

/* ---- members ---- */

/* Carrier if a member has. */
void
bridge_linkcheck(struct bridge_softc *sc)
{
	int state = LINK_STATE_UNKNOWN;
	const struct ifport *po;

	TAILQ_FOREACH (po, &sc->sc_ifp->if_below, po_below) {
		if (po->po_lower->if_linkstate == LINK_STATE_UP)
			state = LINK_STATE_UP;
		else if (state == LINK_STATE_UNKNOWN)
			state = LINK_STATE_DOWN;
	}
	if_link_state_change(sc->sc_ifp, state);
}

void
bridge_delete_member(struct bridge_softc *sc, struct bridge_iflist *bif)
{
	bridge_rtflush(sc, bif, true);
	ifport_detach(&bif->bif_port);
	uma_zfree(&bridge_iflist_zone, bif);
	bridge_linkcheck(sc);
}

static void
bridge_port_depart(struct ifport *po)
{
	bridge_delete_member(po->po_upper->if_softc, bif_of(po));
}

static void
bridge_port_change(struct ifport *po)
{
	bridge_linkcheck(po->po_upper->if_softc);
}

const struct ifport_ops bridge_port_ops = {
	.po_input = bridge_input,
	.po_output = bridge_output,
	.po_depart = bridge_port_depart,
	.po_change = bridge_port_change,
};

static void
bridge_updown(struct ifnet *ifp, bool up)
{
	if (!up)
		bridge_rtflush(ifp->if_softc, NULL, false);
}

/* ---- birth and end ---- */

static void
bridge_depart(struct ifnet *ifp, bool vmove)
{
	struct bridge_softc *sc = ifp->if_softc;
	struct ifport *po;

	(void)vmove;
	while ((po = TAILQ_FIRST(&ifp->if_below)) != NULL)
		bridge_delete_member(sc, bif_of(po));
	bridge_rtfini(sc);
}

static enum op_verdict
bridge_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct bridge_softc *sc = ifp->if_softc;

	(void)op;
	if (home)
		if_unit_put(&V_bridge.id_units, sc->sc_unit);
	return (OP_DONE);
}

static void
bridge_free(struct ifnet *ifp)
{
	uma_zfree(&bridge_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_driver_desc bridge_driver;
static const struct if_ops bridge_ops = {
	.io_name = "bridge",
	.io_mod = VNET_MOD_bridge,
	.io_transmit = bridge_transmit,
	.io_updown = bridge_updown,
	.io_destroy = bridge_destroy,
	.io_free = bridge_free,
	.io_ioctl = bridge_ioctl,
	.io_setmtu = if_stack_setmtu,
	.io_depart = bridge_depart,
	.io_show = bridge_show,
};

static int
bridge_make(const char *name, uint32_t unit)
{
	uint8_t lladdr[ETHER_ADDR_LEN];
	struct bridge_softc *sc;
	struct ifnet *ifp;

	ifp =
	    if_driver_alloc(&bridge_ops, IFT_BRIDGE, &bridge_softc_zone, name);
	if (ifp == NULL)
		return (VE_NOMEM);
	sc = ifp->if_softc;
	sc->sc_ifp = ifp;
	sc->sc_unit = unit;
	sc->sc_brtmax = BRIDGE_RTABLE_MAX;
	sc->sc_brttimeout = BRIDGE_RTABLE_TIMEOUT;
	ifp->if_flags = IFF_DRV_RUNNING;
	if_driver_lladdr(lladdr, unit, IF_LLADDR_BRIDGE);
	return (if_driver_attach(ifp, lladdr));
}

static int
bridge_create(int want, char *name, size_t namelen)
{
	return (
	    if_driver_create(&V_bridge, &bridge_driver, want, name, namelen));
}

static const struct if_clone bridge_cloner = {
	.ifc_name = "bridge",
	.ifc_create = bridge_create,
};
static const struct if_driver_desc bridge_driver = {
	.dd_cloner = &bridge_cloner,
	.dd_units = &bridge_units_zone,
	.dd_mod = VNET_MOD_bridge,
	.dd_make = bridge_make,
};

/* ---- the module ---- */

static int
bridge_init(void)
{
	return (if_driver_init(&V_bridge, &bridge_driver));
}

/* Tables of lent bridges, too: their timers are this vnet's. */
static enum op_verdict
bridge_shutdown(struct op *op)
{
	struct ifnet *ifp;

	V_bridge.id_open = 0;
	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp))
		if (ifp->if_ops == &bridge_ops)
			bridge_rtfini(ifp->if_softc);
	return (if_driver_shutdown(op, &V_bridge, &bridge_driver));
}

static const struct field vnet_bridge_fields[] = {
	IF_DRIVER_FIELDS(struct vnet_bridge, bridge_drv),
};
static const struct vnet_contract bridge_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_bridge, bridge_drv),
};
static const struct uma_zone *const bridge_zones[] = {
	[BRIDGE_Z_SOFTC] = &bridge_softc_zone,
	[BRIDGE_Z_MEMBER] = &bridge_iflist_zone,
	[BRIDGE_Z_RT] = &bridge_rt_zone,
	[BRIDGE_Z_NODE] = &bridge_node_zone,
	[BRIDGE_Z_UNITS] = &bridge_units_zone,
};

VNET_MODULE(bridge) = {
	.vm_name = "bridge",
	.vm_id = VNET_MOD_bridge,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_bridge),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PSEUDO,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = bridge_init,
	.vm_shutdown = bridge_shutdown,
	.vm_fields = vnet_bridge_fields,
	.vm_nfields = nitems(vnet_bridge_fields),
	.vm_contracts = bridge_contracts,
	.vm_ncontracts = nitems(bridge_contracts),
	.vm_zones = bridge_zones,
	.vm_nzones = nitems(bridge_zones),
};
