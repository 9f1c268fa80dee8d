/*
 * if_lagg.c - link aggregation: several ports that act as one, and module
 * `lagg`.
 *
 * Theory of operation
 * ===================
 *
 * A lagg is the master of its ports (if_stack.h), Ethernet interfaces and
 * vlans of the same vnet.  All have one address, that of the first (primary)
 * port, until they leave, and one MTU.  A port is active if it is up and has
 * carrier; that is asked for each frame, so no frame goes to a port that is
 * known to be dead.
 *
 *	failover	sends by the primary port; if that is not active by the
 *			next that is.  Hears only that one, unless
 *			net.link.lagg.failover_rx_all
 *	roundrobin	sends by one after the other; frames may overtake
 *	loadbalance	sends by a hash of addresses and ports: a flow keeps
 *			its port while the set of ports stays
 *	broadcast	sends by all
 *	none		neither sends nor hears
 *
 * There is no LACP.  The lagg has carrier if a port is active.  What this host
 * sends by a port itself is dropped, as in FreeBSD; a vlan on a port is not
 * looked at.
 *
 * A port that departs is a port no more and gets its own address back; if it
 * was the primary one, the next is, with its address.  A lagg that departs
 * loses its ports, also in a move.
 *
 * FreeBSD: sys/net/if_lagg.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/net.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_lagg.h"

static const struct field lagg_softc_fields[] = {
	FIELD(struct lagg_softc, sc_ifp, PTR),
	FIELD(struct lagg_softc, sc_primary, PTR),
	FIELD(struct lagg_softc, sc_active, PTR),
	FIELD(struct lagg_softc, sc_unit, UINT),
	FIELD(struct lagg_softc, sc_proto, UINT),
	FIELD(struct lagg_softc, sc_hash, HEX),
	FIELD(struct lagg_softc, sc_seq, UINT),
	FIELD(struct lagg_softc, sc_nports, UINT),
	FIELD(struct lagg_softc, sc_pad, OPAQUE),
};
static UMA_ZONE(lagg_softc_zone, lagg, LAGG_Z_SOFTC, struct lagg_softc,
    UMA_WORLD, lagg_softc_fields);

static MALLOC_TYPE(
    lagg_units_zone, lagg, LAGG_Z_UNITS, "lagg_units", UMA_NOHASH);

static const struct if_driver_desc lagg_driver;

static void
lagg_port_depart(struct ifport *po)
{
	lagg_delport(po->po_upper->if_softc, lagg_of(po));
}

static void
lagg_port_change(struct ifport *po)
{
	lagg_linkcheck(po->po_upper->if_softc);
}

/* ---- out ---- */

static uint32_t
hash_bytes(uint32_t h, const uint8_t *p, uint32_t n)
{
	while (n-- > 0)
		h = (h ^ *p++) * 16777619u;
	return (h);
}

enum { HASH_IP = 20, HASH_PORTS = 4, IPPROTO_TCP = 6, IPPROTO_UDP = 17 };

/* FNV-1a of what of a frame names its flow; fragments have no ports. */
static uint32_t
lagg_hash(const struct lagg_softc *sc, const struct mbuf *m)
{
	uint32_t h = 2166136261u, hlen;
	uint8_t b[ETHER_HDR_LEN + HASH_IP], ports[HASH_PORTS];
	const uint8_t *ip = b + ETHER_HDR_LEN;

	memset(b, 0, sizeof(b));
	m_copydata(m, 0, imin(m->m_pkthdr.len, sizeof(b)), b);
	if ((sc->sc_hash & VNETSIM_LAGGHASH_L2) != 0)
		h = hash_bytes(h, b, 2 * ETHER_ADDR_LEN);
	if (be16dec(b + 2 * ETHER_ADDR_LEN) != ETHERTYPE_IP)
		return (h);
	if ((sc->sc_hash & VNETSIM_LAGGHASH_L3) != 0)
		h = hash_bytes(h, ip + 12, 8);
	hlen = ETHER_HDR_LEN + (uint32_t)(ip[0] & 0xf) * 4;
	if ((sc->sc_hash & VNETSIM_LAGGHASH_L4) != 0 &&
	    (ip[9] == IPPROTO_TCP || ip[9] == IPPROTO_UDP) &&
	    (be16dec(ip + 6) & 0x3fff) == 0 &&
	    m->m_pkthdr.len >= hlen + HASH_PORTS) {
		m_copydata(m, hlen, HASH_PORTS, ports);
		h = hash_bytes(h, ports, HASH_PORTS);
	}
	return (h);
}

/* By which port; NULL: none is active. */
static struct lagg_port *
lagg_select(struct lagg_softc *sc, const struct mbuf *m)
{
	switch (sc->sc_proto) {
	case VNETSIM_LAGG_FAILOVER:
		return (lagg_link_active(sc, sc->sc_primary));
	case VNETSIM_LAGG_ROUNDROBIN:
		return (lagg_link_active(sc, lagg_nth(sc, sc->sc_seq++)));
	case VNETSIM_LAGG_LOADBALANCE:
		return (lagg_link_active(sc, lagg_nth(sc, lagg_hash(sc, m))));
	default:
		return (NULL);
	}
}

static int
lagg_enqueue(struct lagg_softc *sc, const struct lagg_port *lp, struct mbuf *m)
{
	struct if_data *d = &sc->sc_ifp->if_data;
	uint32_t len = m->m_pkthdr.len;
	int error = ifport_down(&lp->lp_port, m);

	if (error != 0) {
		d->ifi_oerrors++;
	} else {
		d->ifi_opackets++;
		d->ifi_obytes += len;
	}
	return (error);
}

/* By all that are active: copies, the frame itself by the last. */
static int
lagg_broadcast(struct lagg_softc *sc, struct mbuf *m)
{
	struct lagg_port *lp, *last = NULL;
	struct mbuf *mc;

	for (lp = lagg_first(sc); lp != NULL; lp = lagg_next(lp)) {
		if (!lagg_portactive(lp))
			continue;
		if (last != NULL) {
			mc = m_copym(m, 0, M_COPYALL, if_mflags());
			if (mc == NULL)
				sc->sc_ifp->if_data.ifi_oerrors++;
			else
				(void)lagg_enqueue(sc, last, mc);
		}
		last = lp;
	}
	if (last != NULL)
		return (lagg_enqueue(sc, last, m));
	sc->sc_ifp->if_data.ifi_oerrors++;
	m_drop(m, DROP_LAGG_NOPORT);
	return (VE_NETDOWN);
}

static int
lagg_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct lagg_softc *sc = ifp->if_softc;
	struct lagg_port *lp;

	if (sc->sc_proto == VNETSIM_LAGG_BROADCAST)
		return (lagg_broadcast(sc, m));
	lp = lagg_select(sc, m);
	if (lp != NULL)
		return (lagg_enqueue(sc, lp, m));
	ifp->if_data.ifi_oerrors++;
	m_drop(m, DROP_LAGG_NOPORT);
	return (VE_NETDOWN);
}

/* This host sends by a port. */
static int
lagg_port_output(struct ifport *po, struct mbuf *m)
{
	po->po_lower->if_data.ifi_oerrors++;
	m_drop(m, DROP_LAGG_PORT);
	return (VE_NETDOWN);
}

/* ---- in ---- */

/* May a frame come in by this port? */
static bool
lagg_hears(const struct lagg_softc *sc, const struct lagg_port *lp)
{
	const struct lagg_port *active;

	if (sc->sc_proto == VNETSIM_LAGG_NONE)
		return (false);
	if (sc->sc_proto != VNETSIM_LAGG_FAILOVER || lp == sc->sc_primary ||
	    V_lagg.lagg_rx_all)
		return (true);
	if (lagg_portactive(sc->sc_primary))
		return (false);
	active = lagg_link_active(sc, sc->sc_primary);
	return (active == NULL || active == lp);
}

static struct mbuf *
lagg_input(struct ifport *po, struct mbuf *m)
{
	if (lagg_hears(po->po_upper->if_softc, lagg_of(po)))
		ifport_up(po, m);
	else
		m_drop(m, DROP_LAGG_STANDBY);
	return (NULL);
}

const struct ifport_ops lagg_port_ops = {
	.po_multi = true,
	.po_input = lagg_input,
	.po_output = lagg_port_output,
	.po_depart = lagg_port_depart,
	.po_change = lagg_port_change,
};

/* ---- birth and end ---- */

static void
lagg_depart(struct ifnet *ifp, bool vmove)
{
	struct lagg_softc *sc = ifp->if_softc;
	struct lagg_port *lp;

	(void)vmove;
	while ((lp = lagg_first(sc)) != NULL)
		lagg_delport(sc, lp);
}

static enum op_verdict
lagg_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct lagg_softc *sc = ifp->if_softc;

	(void)op;
	if (home)
		if_unit_put(&V_lagg.lagg_drv.id_units, sc->sc_unit);
	return (OP_DONE);
}

static void
lagg_free(struct ifnet *ifp)
{
	uma_zfree(&lagg_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_ops lagg_ops = {
	.io_name = "lagg",
	.io_mod = VNET_MOD_lagg,
	.io_transmit = lagg_transmit,
	.io_destroy = lagg_destroy,
	.io_free = lagg_free,
	.io_ioctl = lagg_ioctl,
	.io_setmtu = if_stack_setmtu,
	.io_lladdr = lagg_lladdr,
	.io_depart = lagg_depart,
	.io_show = lagg_show,
};

static int
lagg_make(const char *name, uint32_t unit)
{
	static const uint8_t nobody[ETHER_ADDR_LEN];
	struct lagg_softc *sc;
	struct ifnet *ifp;

	ifp = if_driver_alloc(
	    &lagg_ops, IFT_IEEE8023ADLAG, &lagg_softc_zone, name);
	if (ifp == NULL)
		return (VE_NOMEM);
	sc = ifp->if_softc;
	sc->sc_ifp = ifp;
	sc->sc_unit = unit;
	sc->sc_proto = VNETSIM_LAGG_FAILOVER;
	sc->sc_hash = 7;
	ifp->if_flags = IFF_DRV_RUNNING;
	ifp->if_linkstate = LINK_STATE_DOWN;
	return (if_driver_attach(ifp, nobody));
}

static int
lagg_create(int want, char *name, size_t namelen)
{
	return (if_driver_create(
	    &V_lagg.lagg_drv, &lagg_driver, want, name, namelen));
}

static const struct if_clone lagg_cloner = {
	.ifc_name = "lagg",
	.ifc_create = lagg_create,
};
static const struct if_driver_desc lagg_driver = {
	.dd_cloner = &lagg_cloner,
	.dd_units = &lagg_units_zone,
	.dd_mod = VNET_MOD_lagg,
	.dd_make = lagg_make,
};

/* ---- the module ---- */

static int
lagg_init(void)
{
	return (if_driver_init(&V_lagg.lagg_drv, &lagg_driver));
}

static enum op_verdict
lagg_shutdown(struct op *op)
{
	return (if_driver_shutdown(op, &V_lagg.lagg_drv, &lagg_driver));
}

static const struct field vnet_lagg_fields[] = {
	IF_DRIVER_FIELDS(struct vnet_lagg, lagg_drv),
	FIELD_STAT(struct vnet_lagg, lagg_failovers, UINT),
	FIELD(struct vnet_lagg, lagg_rx_all, BOOL),
};
static const struct vnet_contract lagg_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_lagg, lagg_drv),
};
static const struct uma_zone *const lagg_zones[] = {
	[LAGG_Z_SOFTC] = &lagg_softc_zone,
	[LAGG_Z_PORT] = &lagg_port_zone,
	[LAGG_Z_UNITS] = &lagg_units_zone,
};
static const struct sysctl_oid lagg_sysctls[] = {
	SYSCTL_VNET("net.link.lagg.failover_rx_all", BOOL, RW, struct vnet_lagg,
	    lagg_rx_all, 0, 1, "failover hears all ports, not one"),
	SYSCTL_VNET("net.link.lagg.failovers", UINT, RD, struct vnet_lagg,
	    lagg_failovers, 0, UINT32_MAX, "times that another port took over"),
};

VNET_MODULE(lagg) = {
	.vm_name = "lagg",
	.vm_id = VNET_MOD_lagg,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_lagg),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = lagg_init,
	.vm_shutdown = lagg_shutdown,
	.vm_fields = vnet_lagg_fields,
	.vm_nfields = nitems(vnet_lagg_fields),
	.vm_contracts = lagg_contracts,
	.vm_ncontracts = nitems(lagg_contracts),
	.vm_zones = lagg_zones,
	.vm_nzones = nitems(lagg_zones),
	.vm_sysctls = lagg_sysctls,
	.vm_nsysctls = nitems(lagg_sysctls),
};
