/*
 * if_bridge_ioctl.c - what ifconfig asks of a bridge, and shows.
 *
 * There is no spanning tree, so none of its words.  FreeBSD: sys/net/
 * if_bridge.c, ifconfig's ifbridge.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/net.h>
#include "src/net/link/if_bridge.h"

/* Return: the member, NULL: it is none. */
static struct bridge_iflist *
bridge_member(const struct bridge_softc *sc, const struct ifnet *ifp)
{
	struct ifport *po = ifp->if_master;

	return (po != NULL && po->po_upper == sc->sc_ifp ? bif_of(po) : NULL);
}

static int
bridge_addm(struct bridge_softc *sc, struct ifnet *ifp)
{
	struct bridge_iflist *bif;
	int error;

	if (bridge_member(sc, ifp) != NULL)
		return (VE_EXIST);
	if (ifp->if_addrlen != ETHER_ADDR_LEN || ifp->if_type == IFT_BRIDGE)
		return (VE_INVAL);
	if (ifp->if_master != NULL)
		return (VE_BUSY);
	if (TAILQ_EMPTY(&sc->sc_ifp->if_below))
		sc->sc_ifp->if_mtu = ifp->if_mtu;
	else if (ifp->if_mtu != sc->sc_ifp->if_mtu &&
		 if_setmtu(ifp, sc->sc_ifp->if_mtu) != 0)
		return (VE_INVAL);
	bif = uma_zalloc(&bridge_iflist_zone, M_ZERO);
	if (bif == NULL)
		return (VE_NOMEM);
	bif->bif_flags = IFBIF_LEARNING | IFBIF_DISCOVER;
	error = ifport_attach(
	    &bif->bif_port, &bridge_port_ops, sc->sc_ifp, ifp, true);
	if (error != 0) {
		uma_zfree(&bridge_iflist_zone, bif);
		return (error);
	}
	bridge_linkcheck(sc);
	return (0);
}

static int
bridge_ioctl_member(struct bridge_softc *sc, const struct vnetsim_ifreq *ifr)
{
	struct ifnet *ifp = ifunit(ifr->arg);
	struct bridge_iflist *bif;

	if (ifp == NULL)
		return (VE_NOENT);
	if (ifr->cmd == VNETSIM_IF_ADDM)
		return (bridge_addm(sc, ifp));
	bif = bridge_member(sc, ifp);
	if (bif == NULL)
		return (VE_NOENT);
	switch (ifr->cmd) {
	case VNETSIM_IF_DELETEM:
		bridge_delete_member(sc, bif);
		return (0);
	case VNETSIM_IF_STATIC:
		return ((ifr->ether[0] & 1) != 0
			    ? VE_INVAL
			    : bridge_rtupdate(sc, ifr->ether, bif, true));
	default:
		bif->bif_flags = (bif->bif_flags | ifr->n) & ~ifr->m;
		return (0);
	}
}

int
bridge_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	struct bridge_softc *sc = ifp->if_softc;

	switch (ifr->cmd) {
	case VNETSIM_IF_ADDM:
	case VNETSIM_IF_DELETEM:
	case VNETSIM_IF_MEMBERFLAGS:
	case VNETSIM_IF_STATIC:
		return (bridge_ioctl_member(sc, ifr));
	case VNETSIM_IF_DELADDR:
		return (bridge_rtdaddr(sc, ifr->ether));
	case VNETSIM_IF_FLUSH:
		bridge_rtflush(sc, NULL, ifr->n != 0);
		return (0);
	case VNETSIM_IF_MAXADDR:
		sc->sc_brtmax = ifr->n;
		return (0);
	case VNETSIM_IF_TIMEOUT:
		sc->sc_brttimeout = ifr->n;
		return (0);
	default:
		return (VE_INVAL);
	}
}

/* Two lines of a member. */
static void
bridge_showmember(
    const struct bridge_iflist *bif, bool second, char *buf, size_t size)
{
	const struct ifnet *ifp = bif_ifp(bif);
	uint32_t f = bif->bif_flags;

	if (second)
		(void)ksnprintf(buf, size,
		    "        ifmaxaddr 0 port %u priority 128 path cost 2000",
		    (unsigned)ifp->if_index);
	else
		(void)ksnprintf(buf, size, "member: %s flags=%x<%s%s%s%s>",
		    ifp->if_xname, (unsigned)f,
		    (f & IFBIF_LEARNING) != 0 ? "LEARNING" : "",
		    (f & IFBIF_DISCOVER) != 0 ? ",DISCOVER" : "",
		    (f & IFBIF_STICKY) != 0 ? ",STICKY" : "",
		    (f & IFBIF_PRIVATE) != 0 ? ",PRIVATE" : "");
}

bool
bridge_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size)
{
	const struct bridge_softc *sc = ifp->if_softc;
	struct ifport *po = TAILQ_FIRST(&ifp->if_below);

	if (n >= VNETSIM_IFLINE_ADDR)
		return (bridge_rtshow(sc, n - VNETSIM_IFLINE_ADDR, buf, size));
	if (n == 0) {
		(void)ksnprintf(buf, size, "maxaddr %u timeout %u",
		    (unsigned)sc->sc_brtmax, (unsigned)sc->sc_brttimeout);
		return (true);
	}
	for (n--; po != NULL && n >= 2; n -= 2)
		po = TAILQ_NEXT(po, po_below);
	if (po != NULL)
		bridge_showmember(bif_of(po), n == 1, buf, size);
	return (po != NULL);
}
