/*
 * if_loop.c - loopback, and module `lo`.
 *
 * Every vnet has lo0 from its first moment, down and without address, as in a
 * FreeBSD vnet jail; lo1 and more are cloned.  What is sent comes back through
 * the queue of netisr: in an event of its own, with M_LOOP and without sums
 * (what was left to be computed is known to be right).
 *
 * lo0 cannot be destroyed by a user; it goes when the vnet ends, after all
 * other native interfaces, because routes to local addresses point to it.
 *
 * FreeBSD: sys/net/if_loop.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/link/bpf.h"
#include "src/net/link/if_var.h"

#define LOMTU 16384

enum { LO_Z_SOFTC, LO_Z_UNITS };

struct lo_softc {
	uint32_t lo_unit;
	uint32_t lo_pad;
};

struct vnet_lo {
	struct ifnet *lo_ifp; /* (b) lo0; io_destroy clears it */
	struct if_units lo_units;
	uint32_t lo_open; /* 1; 0 after shutdown */
};
VNET_STATE(lo, struct vnet_lo);
#define V_lo VNET(lo)

static const struct field lo_softc_fields[] = {
	FIELD(struct lo_softc, lo_unit, UINT),
	FIELD(struct lo_softc, lo_pad, OPAQUE),
};
static UMA_ZONE(
    lo_softc_zone, lo, LO_Z_SOFTC, struct lo_softc, UMA_WORLD, lo_softc_fields);
static MALLOC_TYPE(lo_units_zone, lo, LO_Z_UNITS, "lo_units", UMA_NOHASH);

struct ifnet *
if_loif(void)
{
	return (V_lo.lo_ifp);
}

/* ---- output ---- */

static int
looutput(struct ifnet *ifp, struct mbuf *m, uint32_t dst, bool isgw)
{
	enum drop_reason why = DROP_NONE;
	int error = VE_NETDOWN;

	(void)dst;
	(void)isgw;
	if (if_leaving(ifp) || ifp->if_dead) {
		why = DROP_IF_DYING;
	} else if ((ifp->if_flags & IFF_UP) == 0) {
		why = DROP_IF_DOWN;
	} else if (m->m_pkthdr.len > ifp->if_mtu) {
		why = DROP_IF_OVERSIZE;
		error = VE_MSGSIZE;
	}
	if (why != DROP_NONE) {
		ifp->if_data.ifi_oerrors++;
		m_drop(m, why);
		return (error);
	}
	bpf_mtap(ifp, m, true);
	ifp->if_data.ifi_opackets++;
	ifp->if_data.ifi_ipackets++;
	ifp->if_data.ifi_obytes += m->m_pkthdr.len;
	ifp->if_data.ifi_ibytes += m->m_pkthdr.len;
	m->m_flags &= M_EXT | M_PKTHDR | M_BCAST | M_MCAST;
	m->m_flags |= M_LOOP;
	if_csum_cross(m);
	if_setrcvif(m, ifp);
	m->m_pkthdr.rcvtime = vtime();
	return (netisr_queue(NETISR_IP, m));
}

/* Nothing gets to a driver that has no wire. */
static int
lo_transmit(struct ifnet *ifp, struct mbuf *m)
{
	ifp->if_data.ifi_oerrors++;
	m_drop(m, DROP_IF_NOAF);
	return (VE_NETDOWN);
}

/* ---- birth and end ---- */

static int
lo_candestroy(const struct ifnet *ifp)
{
	const struct lo_softc *sc = ifp->if_softc;

	return (sc->lo_unit == 0 ? VE_INVAL : 0);
}

static enum op_verdict
lo_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct lo_softc *sc = ifp->if_softc;

	(void)op;
	if (home) {
		if_unit_put(&V_lo.lo_units, sc->lo_unit);
		if (V_lo.lo_ifp == ifp)
			V_lo.lo_ifp = NULL;
	}
	return (OP_DONE);
}

static void
lo_free(struct ifnet *ifp)
{
	uma_zfree(&lo_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_ops lo_ops = {
	.io_name = "lo",
	.io_mod = VNET_MOD_lo,
	.io_transmit = lo_transmit,
	.io_destroy = lo_destroy,
	.io_free = lo_free,
	.io_candestroy = lo_candestroy,
};

static int
lo_create_unit(uint32_t unit, struct ifnet **ifpp)
{
	struct lo_softc *sc = uma_zalloc(&lo_softc_zone, M_ZERO);
	struct ifnet *ifp;
	int error;

	if (sc == NULL)
		return (VE_NOMEM);
	sc->lo_unit = unit;
	ifp = if_alloc(&lo_ops, IFT_LOOP, sc);
	if (ifp == NULL) {
		uma_zfree(&lo_softc_zone, sc);
		return (VE_NOMEM);
	}
	(void)ksnprintf(
	    ifp->if_xname, sizeof(ifp->if_xname), "lo%u", (unsigned)unit);
	ifp->if_mtu = LOMTU;
	ifp->if_flags = IFF_LOOPBACK | IFF_MULTICAST | IFF_DRV_RUNNING;
	ifp->if_linkstate = LINK_STATE_UP;
	ifp->if_output = looutput;
	error = if_attach(ifp);
	if (error != 0)
		if_free(ifp);
	else
		*ifpp = ifp;
	return (error);
}

static int
lo_create(int want, char *name, size_t namelen)
{
	struct ifnet *ifp;
	uint32_t unit;
	int error;

	if (V_lo.lo_open == 0)
		return (VE_BUSY);
	error = if_unit_take(&V_lo.lo_units, &lo_units_zone, want, &unit);
	if (error != 0)
		return (error);
	error = lo_create_unit(unit, &ifp);
	if (error != 0) {
		if_unit_put(&V_lo.lo_units, unit);
		return (error);
	}
	if (unit == 0)
		V_lo.lo_ifp = ifp;
	(void)ksnprintf(name, namelen, "%s", ifp->if_xname);
	return (0);
}

static const struct if_clone lo_cloner = {
	.ifc_name = "lo",
	.ifc_create = lo_create,
};

/* ---- the module ---- */

static int
lo_init(void)
{
	char name[IFNAMSIZ];
	int error;

	error = if_unit_init(&V_lo.lo_units, &lo_units_zone);
	if (error != 0)
		return (error);
	V_lo.lo_open = 1;
	error = if_clone_attach(&lo_cloner);
	if (error == 0)
		error = lo_create(0, name, sizeof(name));
	if (error != 0) {
		if_clone_detach(&lo_cloner);
		if_unit_fini(&V_lo.lo_units, &lo_units_zone);
		V_lo.lo_open = 0;
	}
	return (error);
}

static enum op_verdict
lo_shutdown(struct op *op)
{
	V_lo.lo_open = 0;
	if_clone_detach(&lo_cloner);
	return (if_destroy_natives(op, VNET_MOD_lo));
}

static void
lo_uninit(void)
{
	if_unit_fini(&V_lo.lo_units, &lo_units_zone);
}

#define F(m, kind) FIELD(struct vnet_lo, m, kind)
static const struct field lo_fields[] = {
	F(lo_ifp, PTR),
	F(lo_units.iu_bits, LINK),
	F(lo_units.iu_words, OPAQUE),
	F(lo_units.iu_n, UINT),
	F(lo_open, UINT),
};
#undef F
static const struct vnet_contract lo_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_lo, lo_open),
	CONTRACT_SHUTDOWN(struct vnet_lo, lo_ifp),
	CONTRACT_SHUTDOWN(struct vnet_lo, lo_units.iu_n),
};
static const struct uma_zone *const lo_zones[] = {
	[LO_Z_SOFTC] = &lo_softc_zone,
	[LO_Z_UNITS] = &lo_units_zone,
};

VNET_MODULE(lo) = {
	.vm_name = "lo",
	.vm_id = VNET_MOD_lo,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_lo),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_SECOND,
	.vm_init = lo_init,
	.vm_shutdown = lo_shutdown,
	.vm_uninit = lo_uninit,
	.vm_fields = lo_fields,
	.vm_nfields = nitems(lo_fields),
	.vm_contracts = lo_contracts,
	.vm_ncontracts = nitems(lo_contracts),
	.vm_zones = lo_zones,
	.vm_nzones = nitems(lo_zones),
};
