/*
 * if_tuntap.c - the interfaces tap and tun, and module `tuntap`.
 *
 * Theory of operation
 * ===================
 *
 * An interface without reader does not run (IFF_DRV_RUNNING): what is sent by
 * it is refused.  With one, frames wait, at most TUN_IFQLEN; one more is
 * dropped.  The queue belongs to the vnet where the interface is: a departure
 * empties it, and the descriptor, wherever it is, stays and goes on with the
 * interface in its new vnet.
 *
 *	create            ifconfig tap create
 *	destroy           waits for the last close; dying, it takes no frames
 *	last close        down, addresses and queue go; with TAPSTRANSIENT the
 *	                  interface, too
 *	vnet ends         lent: goes home, still open; native: as destroy, and
 *	                  whoever does not close is named
 *
 * FreeBSD: sys/net/if_tuntap.c.  There a device is in one name space for all
 * vnets, which devfs rules divide.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_tuntap.h"

enum { TUNTAP_Z_SOFTC, TUNTAP_Z_UNITS };

static const struct field tuntap_softc_fields[] = {
	FIELD(struct tuntap_softc, tun_dev, STR),
	FIELD(struct tuntap_softc, tun_ifp, PTR),
	FIELD(struct tuntap_softc, tun_q, LINK),
	FIELD(struct tuntap_softc, tun_wq, LINK),
	FIELD(struct tuntap_softc, tun_unit, UINT),
	FIELD(struct tuntap_softc, tun_l2, BOOL),
	FIELD(struct tuntap_softc, tun_transient, BOOL),
	FIELD(struct tuntap_softc, tun_pad, OPAQUE),
};
static UMA_ZONE(tuntap_softc_zone, tuntap, TUNTAP_Z_SOFTC, struct tuntap_softc,
    UMA_WORLD, tuntap_softc_fields);
static MALLOC_TYPE(
    tuntap_units_zone, tuntap, TUNTAP_Z_UNITS, "tuntap_units", UMA_NOHASH);

static const struct if_driver_desc tap_driver, tun_driver;

/* ---- out ---- */

static int
tuntap_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct tuntap_softc *sc = ifp->if_softc;
	uint32_t len = m->m_pkthdr.len;

	m->m_nextpkt = NULL;
	if (mbufq_enqueue(&sc->tun_q, m) != 0) {
		ifp->if_data.ifi_oqdrops++;
		m_drop(m, DROP_TUN_FULL);
		return (VE_NOBUFS);
	}
	ifp->if_data.ifi_opackets++;
	ifp->if_data.ifi_obytes += len;
	wakeup(&sc->tun_wq);
	return (0);
}

static int
tun_output(struct ifnet *ifp, struct mbuf *m, uint32_t dst, bool isgw)
{
	(void)dst;
	(void)isgw;
	if (m->m_pkthdr.len > ifp->if_mtu) {
		ifp->if_data.ifi_oerrors++;
		m_drop(m, DROP_IF_OVERSIZE);
		return (VE_MSGSIZE);
	}
	m->m_pkthdr.l3off = 0;
	return (if_transmit(ifp, m));
}

/* ---- birth and end ---- */

static void
tuntap_depart(struct ifnet *ifp, bool vmove)
{
	struct tuntap_softc *sc = ifp->if_softc;

	(void)vmove;
	mbufq_drain(&sc->tun_q, DROP_QUEUE_FLUSH);
}

static bool
tuntap_busy(const struct ifnet *ifp)
{
	return (tuntap_isopen(ifp->if_softc));
}

static enum op_verdict
tuntap_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct tuntap_softc *sc = ifp->if_softc;

	(void)op;
	if (home)
		if_unit_put(sc->tun_l2 ? &V_tuntap.tt_tap.id_units
				       : &V_tuntap.tt_tun.id_units,
		    sc->tun_unit);
	return (OP_DONE);
}

static void
tuntap_free(struct ifnet *ifp)
{
	struct tuntap_softc *sc = ifp->if_softc;

	waitq_abandon(&sc->tun_wq);
	mbufq_drain(&sc->tun_q, DROP_QUEUE_FLUSH);
	uma_zfree(&tuntap_softc_zone, sc);
	ifp->if_softc = NULL;
}

const struct if_ops tap_ops = {
	.io_name = "tap",
	.io_mod = VNET_MOD_tuntap,
	.io_transmit = tuntap_transmit,
	.io_destroy = tuntap_destroy,
	.io_free = tuntap_free,
	.io_busy = tuntap_busy,
	.io_depart = tuntap_depart,
};
const struct if_ops tun_ops = {
	.io_name = "tun",
	.io_mod = VNET_MOD_tuntap,
	.io_transmit = tuntap_transmit,
	.io_destroy = tuntap_destroy,
	.io_free = tuntap_free,
	.io_busy = tuntap_busy,
	.io_depart = tuntap_depart,
};

static int
tuntap_make(const char *name, uint32_t unit, bool l2)
{
	uint8_t lladdr[ETHER_ADDR_LEN];
	struct tuntap_softc *sc;
	struct ifnet *ifp;

	ifp = if_driver_alloc(l2 ? &tap_ops : &tun_ops,
	    l2 ? IFT_ETHER : IFT_PPP, &tuntap_softc_zone, name);
	if (ifp == NULL)
		return (VE_NOMEM);
	sc = ifp->if_softc;
	sc->tun_ifp = ifp;
	sc->tun_unit = unit;
	sc->tun_l2 = l2;
	memcpy(sc->tun_dev, ifp->if_xname, IFNAMSIZ);
	mbufq_init(&sc->tun_q, TUN_IFQLEN);
	ifp->if_linkstate = LINK_STATE_DOWN;
	if (l2) {
		if_driver_lladdr(lladdr, unit, IF_LLADDR_TAP);
		return (if_driver_attach(ifp, lladdr));
	}
	ifp->if_mtu = ETHERMTU;
	ifp->if_flags = IFF_POINTOPOINT | IFF_MULTICAST;
	ifp->if_output = tun_output;
	return (if_driver_attach(ifp, NULL));
}

static int
tap_make(const char *name, uint32_t unit)
{
	return (tuntap_make(name, unit, true));
}

static int
tun_make(const char *name, uint32_t unit)
{
	return (tuntap_make(name, unit, false));
}

static int
tap_create(int want, char *name, size_t namelen)
{
	return (if_driver_create(
	    &V_tuntap.tt_tap, &tap_driver, want, name, namelen));
}

static int
tun_create(int want, char *name, size_t namelen)
{
	return (if_driver_create(
	    &V_tuntap.tt_tun, &tun_driver, want, name, namelen));
}

static const struct if_clone tap_cloner = {
	.ifc_name = "tap",
	.ifc_create = tap_create,
};
static const struct if_clone tun_cloner = {
	.ifc_name = "tun",
	.ifc_create = tun_create,
};
static const struct if_driver_desc tap_driver = {
	.dd_cloner = &tap_cloner,
	.dd_units = &tuntap_units_zone,
	.dd_mod = VNET_MOD_tuntap,
	.dd_make = tap_make,
};
static const struct if_driver_desc tun_driver = {
	.dd_cloner = &tun_cloner,
	.dd_units = &tuntap_units_zone,
	.dd_mod = VNET_MOD_tuntap,
	.dd_make = tun_make,
};

/* ---- the module ---- */

static int
tuntap_init(void)
{
	int error = if_driver_init(&V_tuntap.tt_tap, &tap_driver);

	if (error == 0)
		error = if_driver_init(&V_tuntap.tt_tun, &tun_driver);
	if (error != 0) {
		if_clone_detach(&tap_cloner);
		V_tuntap.tt_tap.id_open = 0;
	}
	return (error);
}

/* Both kinds are this module's: the first call destroys all of them. */
static enum op_verdict
tuntap_shutdown(struct op *op)
{
	enum op_verdict verdict;

	verdict = if_driver_shutdown(op, &V_tuntap.tt_tun, &tun_driver);
	if (verdict != OP_DONE)
		return (verdict);
	return (if_driver_shutdown(op, &V_tuntap.tt_tap, &tap_driver));
}

static const struct field vnet_tuntap_fields[] = {
	IF_DRIVER_FIELDS(struct vnet_tuntap, tt_tap),
	IF_DRIVER_FIELDS(struct vnet_tuntap, tt_tun),
	FIELD(struct vnet_tuntap, tt_uponopen, BOOL),
};
static const struct vnet_contract tuntap_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_tuntap, tt_tap),
	IF_DRIVER_CONTRACTS(struct vnet_tuntap, tt_tun),
};
static const struct uma_zone *const tuntap_zones[] = {
	[TUNTAP_Z_SOFTC] = &tuntap_softc_zone,
	[TUNTAP_Z_UNITS] = &tuntap_units_zone,
};
static const struct sysctl_oid tuntap_sysctls[] = {
	SYSCTL_VNET("net.link.tap.up_on_open", BOOL, RW, struct vnet_tuntap,
	    tt_uponopen, 0, 1, "a tap that is opened is up"),
};

VNET_MODULE(tuntap) = {
	.vm_name = "tuntap",
	.vm_id = VNET_MOD_tuntap,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_tuntap),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_IF,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = tuntap_init,
	.vm_shutdown = tuntap_shutdown,
	.vm_fields = vnet_tuntap_fields,
	.vm_nfields = nitems(vnet_tuntap_fields),
	.vm_contracts = tuntap_contracts,
	.vm_ncontracts = nitems(tuntap_contracts),
	.vm_zones = tuntap_zones,
	.vm_nzones = nitems(tuntap_zones),
	.vm_sysctls = tuntap_sysctls,
	.vm_nsysctls = nitems(tuntap_sysctls),
};
