/*
 * if_vlan.c - IEEE 802.1Q: interfaces behind a tag of another one.
 *
 * A vlan has a parent, a number (1 to 4094) and a tag protocol; that is one
 * port (if_stack.h).  It takes the parent's link-layer address and carrier
 * and follows both.  What it sends goes down with a tag; the parent's tagged
 * frames are looked up among the ports on it (a walk: vlans of one parent are
 * few).  A vlan may be the parent of another one (QinQ).
 *
 * Parent and vlan may live in different vnets, the usual way to give a jail a
 * network: a vlan that moves keeps its parent.  A parent that moves or dies
 * takes the number from its vlans; these stay, without carrier.
 *
 * MTU: at most the parent's; four bytes less if the parent is itself a vlan,
 * or a bridge, whose frames have no room for one more tag.
 *
 * A frame with tag 0 carries a priority only and belongs to the parent.
 *
 * FreeBSD: sys/net/if_vlan.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/net.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_driver.h"
#include "src/net/link/if_stack.h"

enum { VLAN_Z_SOFTC, VLAN_Z_UNITS };

#define EVL_VLID_MASK 0x0fff
#define EVL_NOUNIT    UINT32_MAX
#define EVL_HDR_LEN   (ETHER_HDR_LEN + ETHER_VLAN_ENCAP_LEN)

struct vlan_softc {
	struct ifport ifv_port; /* lower: the parent */
	uint32_t ifv_unit;      /* EVL_NOUNIT: named after its parent */
	uint16_t ifv_vid;
	uint16_t ifv_proto;
	uint32_t ifv_pcp;
	uint32_t ifv_pad;
};

struct vnet_vlan {
	struct if_driver vlan_drv;
};
VNET_STATE(vlan, struct vnet_vlan);
#define V_vlan VNET(vlan).vlan_drv

static const struct field vlan_softc_fields[] = {
	IFPORT_FIELDS(struct vlan_softc, ifv_port),
	FIELD(struct vlan_softc, ifv_unit, UINT),
	FIELD(struct vlan_softc, ifv_vid, UINT),
	FIELD(struct vlan_softc, ifv_proto, HEX),
	FIELD(struct vlan_softc, ifv_pcp, UINT),
	FIELD(struct vlan_softc, ifv_pad, OPAQUE),
};
static UMA_ZONE(vlan_softc_zone, vlan, VLAN_Z_SOFTC, struct vlan_softc,
    UMA_WORLD, vlan_softc_fields);
static MALLOC_TYPE(
    vlan_units_zone, vlan, VLAN_Z_UNITS, "vlan_units", UMA_NOHASH);

static const struct if_ops vlan_ops;
static const struct if_driver_desc vlan_driver;
static const struct ifport_ops vlan_port_ops;

static struct vlan_softc *
vlan_of(struct ifport *po)
{
	return (container_of(po, struct vlan_softc, ifv_port));
}

static struct ifnet *
vlan_parent(const struct vlan_softc *sc)
{
	return (sc->ifv_port.po_lower);
}

/* ---- frames ---- */

static int
vlan_oerror(struct ifnet *ifp, struct mbuf *m, enum drop_reason why)
{
	ifp->if_data.ifi_oerrors++;
	m_drop(m, why);
	return (why == DROP_NOMEM ? VE_NOBUFS : VE_NETDOWN);
}

static int
vlan_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct vlan_softc *sc = ifp->if_softc;
	uint32_t len = m->m_pkthdr.len;
	uint8_t *p;
	int error;

	if (vlan_parent(sc) == NULL)
		return (vlan_oerror(ifp, m, DROP_IF_NOCARRIER));
	m = m_prepend(m, ETHER_VLAN_ENCAP_LEN, if_mflags());
	if (m != NULL)
		m = m_pullup(m, EVL_HDR_LEN);
	if (m == NULL)
		return (vlan_oerror(ifp, NULL, DROP_NOMEM));
	p = mtod(m, uint8_t *);
	memmove(p, p + ETHER_VLAN_ENCAP_LEN, 2 * ETHER_ADDR_LEN);
	be16enc(p + 2 * ETHER_ADDR_LEN, sc->ifv_proto);
	be16enc(p + 2 * ETHER_ADDR_LEN + 2,
	    (uint16_t)(sc->ifv_pcp << 13 | sc->ifv_vid));
	error = ifport_down(&sc->ifv_port, m);
	if (error != 0) {
		ifp->if_data.ifi_oerrors++;
		return (error);
	}
	ifp->if_data.ifi_opackets++;
	ifp->if_data.ifi_obytes += len;
	return (0);
}

/* The vlan of @ifp with that number; NULL: none. */
static struct ifport *
vlan_find(const struct ifnet *ifp, uint16_t proto, uint16_t vid)
{
	struct ifport *po;

	TAILQ_FOREACH (po, &ifp->if_above, po_above)
		if (po->po_ops == &vlan_port_ops &&
		    vlan_of(po)->ifv_vid == vid &&
		    vlan_of(po)->ifv_proto == proto)
			return (po);
	return (NULL);
}

const struct ifnet *
vlan_target(const struct ifnet *ifp, const struct mbuf *m)
{
	uint32_t off = 2 * ETHER_ADDR_LEN;
	const struct ifport *po;
	uint8_t tag[4];
	uint16_t proto;

	for (;; off += ETHER_VLAN_ENCAP_LEN) {
		po = ifp->if_master;
		if (po != NULL && po->po_upper->if_type == IFT_IEEE8023ADLAG)
			ifp = po->po_upper;
		if (m->m_pkthdr.len < off + sizeof(tag))
			return (ifp);
		m_copydata(m, off, sizeof(tag), tag);
		proto = be16dec(tag);
		if (proto != ETHERTYPE_VLAN && proto != ETHERTYPE_QINQ)
			return (ifp);
		po = vlan_find(ifp, proto, be16dec(tag + 2) & EVL_VLID_MASK);
		if (po == NULL)
			return (ifp);
		ifp = po->po_upper;
	}
}

struct mbuf *
vlan_input(struct ifnet *ifp, struct mbuf *m)
{
	struct ifport *po;
	uint16_t proto, vid;
	uint8_t *p;

	m = m_pullup(m, EVL_HDR_LEN);
	if (m == NULL) {
		ifp->if_data.ifi_ierrors++;
		m_drop(NULL, DROP_VLAN_SHORT);
		return (NULL);
	}
	p = mtod(m, uint8_t *);
	proto = be16dec(p + 2 * ETHER_ADDR_LEN);
	vid = be16dec(p + 2 * ETHER_ADDR_LEN + 2) & EVL_VLID_MASK;
	po = vid != 0 ? vlan_find(ifp, proto, vid) : NULL;
	if (vid != 0 && po == NULL) {
		m_drop(m, DROP_VLAN_NONE);
		return (NULL);
	}
	memmove(p + ETHER_VLAN_ENCAP_LEN, p, 2 * ETHER_ADDR_LEN);
	m_adj(m, ETHER_VLAN_ENCAP_LEN);
	if (po == NULL)
		return (m);
	ifport_up(po, m);
	return (NULL);
}

/* ---- parent ---- */

static void
vlan_unconfig(struct vlan_softc *sc)
{
	struct ifnet *ifp = sc->ifv_port.po_upper;

	if (ifp == NULL)
		return;
	ifport_detach(&sc->ifv_port);
	sc->ifv_vid = 0;
	ifp->if_flags &= ~(uint32_t)IFF_DRV_RUNNING;
	memset(ifp->if_lladdr, 0, ETHER_ADDR_LEN);
	if_link_state_change(ifp, LINK_STATE_DOWN);
}

static void
vlan_port_depart(struct ifport *po)
{
	vlan_unconfig(vlan_of(po));
}

/* Carrier and address are the parent's. */
static void
vlan_port_change(struct ifport *po)
{
	(void)if_setlladdr(po->po_upper, po->po_lower->if_lladdr);
	if_link_state_change(po->po_upper, po->po_lower->if_linkstate);
}

static const struct ifport_ops vlan_port_ops = {
	.po_multi = true,
	.po_depart = vlan_port_depart,
	.po_change = vlan_port_change,
};

static uint32_t
vlan_maxmtu(const struct ifnet *parent)
{
	bool roomless =
	    parent->if_ops == &vlan_ops || parent->if_type == IFT_BRIDGE;

	return (parent->if_mtu - (roomless ? ETHER_VLAN_ENCAP_LEN : 0));
}

static int
vlan_config(
    struct ifnet *ifp, struct ifnet *parent, uint16_t proto, uint16_t vid)
{
	struct vlan_softc *sc = ifp->if_softc;
	const struct ifport *other;
	int error;

	if (vid == 0 || vid >= EVL_VLID_MASK ||
	    (proto != ETHERTYPE_VLAN && proto != ETHERTYPE_QINQ))
		return (VE_INVAL);
	if (parent->if_addrlen != ETHER_ADDR_LEN)
		return (VE_PROTONOSUPPORT);
	other = vlan_find(parent, proto, vid);
	if (other == &sc->ifv_port)
		return (0);
	if (vlan_parent(sc) != NULL)
		return (VE_BUSY);
	if (other != NULL)
		return (VE_EXIST);
	error =
	    ifport_attach(&sc->ifv_port, &vlan_port_ops, ifp, parent, false);
	if (error != 0)
		return (error);
	sc->ifv_vid = vid;
	sc->ifv_proto = proto;
	ifp->if_mtu = vlan_maxmtu(parent);
	ifp->if_flags |= IFF_DRV_RUNNING;
	vlan_port_change(&sc->ifv_port);
	return (0);
}

static int
vlan_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	struct vlan_softc *sc = ifp->if_softc;
	struct ifnet *parent;

	switch (ifr->cmd) {
	case VNETSIM_IF_VLAN:
		parent = ifunit(ifr->arg);
		if (parent == NULL)
			return (VE_NOENT);
		return (vlan_config(ifp, parent,
		    (uint16_t)(ifr->m != 0 ? ifr->m : ETHERTYPE_VLAN),
		    (uint16_t)imin(ifr->n, EVL_VLID_MASK)));
	case VNETSIM_IF_UNVLAN:
		vlan_unconfig(sc);
		return (0);
	case VNETSIM_IF_VLANPCP:
		if (vlan_parent(sc) == NULL)
			return (VE_NOENT);
		if (ifr->n > 7)
			return (VE_INVAL);
		sc->ifv_pcp = ifr->n;
		return (0);
	default:
		return (VE_INVAL);
	}
}

static int
vlan_setmtu(struct ifnet *ifp, uint32_t mtu)
{
	const struct vlan_softc *sc = ifp->if_softc;

	if (vlan_parent(sc) == NULL)
		return (VE_NOENT);
	return (mtu > vlan_maxmtu(vlan_parent(sc)) ? VE_INVAL : 0);
}

static bool
vlan_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size)
{
	const struct vlan_softc *sc = ifp->if_softc;
	const struct ifnet *parent = vlan_parent(sc);

	if (n > 0)
		return (false);
	(void)ksnprintf(buf, size,
	    "vlan: %u vlanproto: %s vlanpcp: %u parent interface: %s",
	    (unsigned)sc->ifv_vid,
	    sc->ifv_proto == ETHERTYPE_QINQ ? "802.1ad" : "802.1q",
	    (unsigned)sc->ifv_pcp,
	    parent != NULL ? parent->if_xname : "<none>");
	return (true);
}

/* ---- birth and end ---- */

static void
vlan_depart(struct ifnet *ifp, bool vmove)
{
	if (!vmove)
		vlan_unconfig(ifp->if_softc);
}

static enum op_verdict
vlan_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct vlan_softc *sc = ifp->if_softc;

	(void)op;
	if (home && sc->ifv_unit != EVL_NOUNIT)
		if_unit_put(&V_vlan.id_units, sc->ifv_unit);
	return (OP_DONE);
}

static void
vlan_free(struct ifnet *ifp)
{
	uma_zfree(&vlan_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_ops vlan_ops = {
	.io_name = "vlan",
	.io_mod = VNET_MOD_vlan,
	.io_transmit = vlan_transmit,
	.io_destroy = vlan_destroy,
	.io_free = vlan_free,
	.io_ioctl = vlan_ioctl,
	.io_setmtu = vlan_setmtu,
	.io_depart = vlan_depart,
	.io_show = vlan_show,
};

/* Without parent.  @unit: EVL_NOUNIT or taken by the caller. */
static int
vlan_make(const char *name, uint32_t unit)
{
	static const uint8_t nobody[ETHER_ADDR_LEN];
	struct vlan_softc *sc;
	struct ifnet *ifp;

	ifp = if_driver_alloc(&vlan_ops, IFT_L2VLAN, &vlan_softc_zone, name);
	if (ifp == NULL)
		return (VE_NOMEM);
	sc = ifp->if_softc;
	sc->ifv_unit = unit;
	sc->ifv_proto = ETHERTYPE_VLAN;
	return (if_driver_attach(ifp, nobody));
}

/* "epair0a.10": length of the parent's name and the number.  Return: false:
 * not of this form. */
static bool
vlan_dotted(const char *name, size_t *len, uint32_t *vid)
{
	size_t i = strlen(name), digits = 0;
	uint32_t v = 0;

	while (i > 0 && name[i - 1] != '.')
		i--;
	if (i < 2 || strlen(name) >= IFNAMSIZ)
		return (false);
	*len = i - 1;
	for (; name[i] >= '0' && name[i] <= '9' && digits < 5; i++, digits++)
		v = v * 10 + (uint32_t)(name[i] - '0');
	*vid = v;
	return (digits > 0 && name[i] == '\0');
}

static bool
vlan_match(const char *name)
{
	size_t len;
	uint32_t vid;

	return (vlan_dotted(name, &len, &vid));
}

/* ifconfig PARENT.N create */
static int
vlan_create_dotted(char *name, size_t len, uint32_t vid)
{
	char of[IFNAMSIZ] = "";
	struct ifnet *ifp, *parent;
	int error;

	memcpy(of, name, len);
	parent = ifunit(of);
	if (parent == NULL)
		return (VE_NXIO);
	error = vlan_make(name, EVL_NOUNIT);
	if (error != 0)
		return (error);
	ifp = ifunit(name);
	error = vlan_config(
	    ifp, parent, ETHERTYPE_VLAN, (uint16_t)imin(vid, EVL_VLID_MASK));
	if (error != 0) {
		if_detach_now(ifp);
		if_free(ifp);
	}
	return (error);
}

static int
vlan_create(int want, char *name, size_t namelen)
{
	uint32_t vid;
	size_t len;

	if (vlan_dotted(name, &len, &vid))
		return (V_vlan.id_open != 0 ? vlan_create_dotted(name, len, vid)
					    : VE_BUSY);
	return (if_driver_create(&V_vlan, &vlan_driver, want, name, namelen));
}

static const struct if_clone vlan_cloner = {
	.ifc_name = "vlan",
	.ifc_create = vlan_create,
	.ifc_match = vlan_match,
};
static const struct if_driver_desc vlan_driver = {
	.dd_cloner = &vlan_cloner,
	.dd_units = &vlan_units_zone,
	.dd_mod = VNET_MOD_vlan,
	.dd_make = vlan_make,
};

/* ---- the module ---- */

static int
vlan_init(void)
{
	return (if_driver_init(&V_vlan, &vlan_driver));
}

static enum op_verdict
vlan_shutdown(struct op *op)
{
	return (if_driver_shutdown(op, &V_vlan, &vlan_driver));
}

static const struct field vnet_vlan_fields[] = {
	IF_DRIVER_FIELDS(struct vnet_vlan, vlan_drv),
};
static const struct vnet_contract vlan_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_vlan, vlan_drv),
};
static const struct uma_zone *const vlan_zones[] = {
	[VLAN_Z_SOFTC] = &vlan_softc_zone,
	[VLAN_Z_UNITS] = &vlan_units_zone,
};

VNET_MODULE(vlan) = {
	.vm_name = "vlan",
	.vm_id = VNET_MOD_vlan,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_vlan),
	.vm_sub = SI_SUB_PSEUDO,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = vlan_init,
	.vm_shutdown = vlan_shutdown,
	.vm_fields = vnet_vlan_fields,
	.vm_nfields = nitems(vnet_vlan_fields),
	.vm_contracts = vlan_contracts,
	.vm_ncontracts = nitems(vlan_contracts),
	.vm_zones = vlan_zones,
	.vm_nzones = nitems(vlan_zones),
};
