/*
 * if_lagg_port.c - who is a port of a lagg, and what ifconfig asks of it.
 *
 * The list of ports is that of the interfaces below the lagg, in the order in
 * which they were added; the first that is left is the primary one.
 * FreeBSD: lagg_port_create(), lagg_port_destroy() of sys/net/if_lagg.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/net.h>
#include "src/net/link/if_lagg.h"

static const struct field lagg_port_fields[] = {
	IFPORT_FIELDS(struct lagg_port, lp_port),
	FIELD(struct lagg_port, lp_lladdr, ETHER),
	FIELD(struct lagg_port, lp_pad, OPAQUE),
};
UMA_ZONE(lagg_port_zone, lagg, LAGG_Z_PORT, struct lagg_port, UMA_WORLD,
    lagg_port_fields);
bool
lagg_portactive(const struct lagg_port *lp)
{
	const struct ifnet *ifp = lagg_ifp(lp);

	return ((ifp->if_flags & IFF_UP) != 0 && !if_leaving(ifp) &&
		ifp->if_linkstate == LINK_STATE_UP);
}

struct lagg_port *
lagg_link_active(const struct lagg_softc *sc, struct lagg_port *lp)
{
	struct lagg_port *other;

	for (other = lp; other != NULL; other = lagg_next(other))
		if (lagg_portactive(other))
			return (other);
	for (other = lagg_first(sc); other != lp && other != NULL;
	     other = lagg_next(other))
		if (lagg_portactive(other))
			return (other);
	return (NULL);
}

struct lagg_port *
lagg_nth(const struct lagg_softc *sc, uint32_t n)
{
	struct lagg_port *lp = lagg_first(sc);

	if (lp == NULL)
		return (NULL);
	for (n %= sc->sc_nports; n > 0; n--)
		lp = lagg_next(lp);
	return (lp);
}

void
lagg_linkcheck(struct lagg_softc *sc)
{
	struct lagg_port *lp = lagg_link_active(sc, sc->sc_primary);

	if (sc->sc_proto == VNETSIM_LAGG_FAILOVER && lp != sc->sc_active &&
	    lp != NULL && sc->sc_active != NULL && curvnet != NULL)
		V_lagg.lagg_failovers++;
	if (lp != NULL || sc->sc_nports == 0)
		sc->sc_active = lp;
	if_link_state_change(
	    sc->sc_ifp, lp != NULL ? LINK_STATE_UP : LINK_STATE_DOWN);
}

void
lagg_delport(struct lagg_softc *sc, struct lagg_port *lp)
{
	static const uint8_t nobody[ETHER_ADDR_LEN];
	struct ifnet *ifp = lagg_ifp(lp);
	struct lagg_port *first;

	ifport_detach(&lp->lp_port);
	sc->sc_nports--;
	/* one that departs has nobody to tell */
	if (if_setlladdr(ifp, lp->lp_lladdr) != 0)
		memcpy(ifp->if_lladdr, lp->lp_lladdr, ETHER_ADDR_LEN);
	first = lagg_first(sc);
	if (sc->sc_primary == lp) {
		sc->sc_primary = first;
		(void)if_setlladdr(
		    sc->sc_ifp, first != NULL ? first->lp_lladdr : nobody);
	}
	lagg_linkcheck(sc);
	if (sc->sc_active == lp)
		sc->sc_active = NULL;
	uma_zfree(&lagg_port_zone, lp);
}

/* ---- configuration ---- */

static int
lagg_addport(struct lagg_softc *sc, struct ifnet *ifp)
{
	struct lagg_port *lp;
	int error;

	if (ifp->if_master != NULL)
		return (ifp->if_master->po_upper == sc->sc_ifp ? VE_EXIST
							       : VE_BUSY);
	if (ifp->if_type != IFT_ETHER && ifp->if_type != IFT_L2VLAN)
		return (VE_PROTONOSUPPORT);
	if (sc->sc_nports >= LAGG_MAX_PORTS)
		return (VE_NOSPC);
	if (sc->sc_nports > 0 && ifp->if_mtu != sc->sc_ifp->if_mtu &&
	    if_setmtu(ifp, sc->sc_ifp->if_mtu) != 0)
		return (VE_INVAL);
	lp = uma_zalloc(&lagg_port_zone, M_ZERO);
	if (lp == NULL)
		return (VE_NOMEM);
	error =
	    ifport_attach(&lp->lp_port, &lagg_port_ops, sc->sc_ifp, ifp, true);
	if (error != 0) {
		uma_zfree(&lagg_port_zone, lp);
		return (error);
	}
	sc->sc_nports++;
	memcpy(lp->lp_lladdr, ifp->if_lladdr, ETHER_ADDR_LEN);
	if (sc->sc_primary == NULL) {
		sc->sc_primary = lp;
		sc->sc_ifp->if_mtu = ifp->if_mtu;
		(void)if_setlladdr(sc->sc_ifp, lp->lp_lladdr);
	} else {
		(void)if_setlladdr(ifp, sc->sc_ifp->if_lladdr);
	}
	lagg_linkcheck(sc);
	return (0);
}

static int
lagg_ioctl_port(struct lagg_softc *sc, const struct vnetsim_ifreq *ifr)
{
	struct ifnet *ifp = ifunit(ifr->arg);

	if (ifp == NULL)
		return (ifr->cmd == VNETSIM_IF_LAGGPORT ? VE_INVAL : VE_NOENT);
	if (ifr->cmd == VNETSIM_IF_LAGGPORT)
		return (lagg_addport(sc, ifp));
	if (ifp->if_master == NULL || ifp->if_master->po_upper != sc->sc_ifp)
		return (VE_NOENT);
	lagg_delport(sc, lagg_of(ifp->if_master));
	return (0);
}

int
lagg_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	struct lagg_softc *sc = ifp->if_softc;

	switch (ifr->cmd) {
	case VNETSIM_IF_LAGGPORT:
	case VNETSIM_IF_UNLAGGPORT:
		return (lagg_ioctl_port(sc, ifr));
	case VNETSIM_IF_LAGGPROTO:
		if (ifr->n > VNETSIM_LAGG_BROADCAST)
			return (VE_PROTONOSUPPORT);
		sc->sc_proto = ifr->n;
		sc->sc_active = NULL;
		lagg_linkcheck(sc);
		return (0);
	case VNETSIM_IF_LAGGHASH:
		if (ifr->n == 0 || ifr->n > 7)
			return (VE_INVAL);
		sc->sc_hash = ifr->n;
		return (0);
	default:
		return (VE_INVAL);
	}
}

/* The ports have the address of the lagg. */
void
lagg_lladdr(struct ifnet *ifp)
{
	struct lagg_port *lp;

	for (lp = lagg_first(ifp->if_softc); lp != NULL; lp = lagg_next(lp))
		(void)if_setlladdr(lagg_ifp(lp), ifp->if_lladdr);
}

static uint32_t
lagg_portflags(const struct lagg_softc *sc, const struct lagg_port *lp)
{
	if (sc->sc_proto != VNETSIM_LAGG_FAILOVER)
		return (sc->sc_proto != VNETSIM_LAGG_NONE && lagg_portactive(lp)
			    ? LAGG_PORT_ACTIVE
			    : 0);
	return ((lp == sc->sc_primary ? LAGG_PORT_MASTER : 0) |
		(lp == lagg_link_active(sc, sc->sc_primary) ? LAGG_PORT_ACTIVE
							    : 0));
}

static void
lagg_showproto(const struct lagg_softc *sc, char *buf, size_t size)
{
	static const char *const protos[] = { "none", "failover", "roundrobin",
		"loadbalance", "broadcast" };
	static const char *const hashes[] = { "", "l2", "l3", "l2,l3", "l4",
		"l2,l4", "l3,l4", "l2,l3,l4" };

	(void)ksnprintf(buf, size, "laggproto %s lagghash %s",
	    protos[sc->sc_proto], hashes[sc->sc_hash]);
}

bool
lagg_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size)
{
	static const char *const flags[] = { "", "MASTER", "", "", "ACTIVE",
		"MASTER,ACTIVE" };
	const struct lagg_softc *sc = ifp->if_softc;
	const struct lagg_port *lp;
	uint32_t f;

	if (n == 0) {
		lagg_showproto(sc, buf, size);
		return (true);
	}
	if (n > sc->sc_nports)
		return (false);
	lp = lagg_nth(sc, n - 1);
	f = lagg_portflags(sc, lp);
	(void)ksnprintf(buf, size, "laggport: %s flags=%x<%s>",
	    lagg_ifp(lp)->if_xname, (unsigned)f, flags[f]);
	return (true);
}
