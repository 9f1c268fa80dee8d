/*
 * if_lagg.h - what the two files of lagg share.
 *
 * if_lagg.c knows frames and the module, if_lagg_port.c who is a port and what
 * ifconfig asks.
 */
#ifndef SRC_NET_LINK_IF_LAGG_H
#define SRC_NET_LINK_IF_LAGG_H

#include "src/net/link/if_driver.h"
#include "src/net/link/if_stack.h"

enum { LAGG_Z_SOFTC, LAGG_Z_PORT, LAGG_Z_UNITS };

#define LAGG_MAX_PORTS 32

/* What ifconfig shows of a port. */
#define LAGG_PORT_MASTER 0x1
#define LAGG_PORT_ACTIVE 0x4

struct lagg_port {
	struct ifport lp_port;             /* lower: the port */
	uint8_t lp_lladdr[ETHER_ADDR_LEN]; /* its own */
	uint16_t lp_pad;
};

struct lagg_softc {
	struct ifnet *sc_ifp;         /* (b) */
	struct lagg_port *sc_primary; /* (b) NULL: no port */
	struct lagg_port *sc_active;  /* (b) failover: that sends; or NULL */
	uint32_t sc_unit;
	uint32_t sc_proto; /* VNETSIM_LAGG_ */
	uint32_t sc_hash;  /* VNETSIM_LAGGHASH_ */
	uint32_t sc_seq;   /* roundrobin */
	uint32_t sc_nports;
	uint32_t sc_pad;
};

struct vnet_lagg {
	struct if_driver lagg_drv;
	uint32_t lagg_failovers;
	bool lagg_rx_all;
};
VNET_STATE(lagg, struct vnet_lagg);
#define V_lagg VNET(lagg)

extern const struct uma_zone lagg_port_zone;
extern const struct ifport_ops lagg_port_ops;

static inline struct lagg_port *
lagg_of(struct ifport *po)
{
	return (
	    po != NULL ? container_of(po, struct lagg_port, lp_port) : NULL);
}

static inline struct ifnet *
lagg_ifp(const struct lagg_port *lp)
{
	return (lp->lp_port.po_lower);
}

static inline struct lagg_port *
lagg_first(const struct lagg_softc *sc)
{
	return (lagg_of(TAILQ_FIRST(&sc->sc_ifp->if_below)));
}

static inline struct lagg_port *
lagg_next(const struct lagg_port *lp)
{
	return (lagg_of(TAILQ_NEXT(&lp->lp_port, po_below)));
}

/* Is it up, with carrier? */
bool lagg_portactive(const struct lagg_port *lp);
/* @lp (NULL: nobody's turn) if it is active, else the next that is.  Return:
 * NULL: none. */
struct lagg_port *lagg_link_active(
    const struct lagg_softc *sc, struct lagg_port *lp);
/* The @n-th port, counted round and round.  Return: NULL: there is none. */
struct lagg_port *lagg_nth(const struct lagg_softc *sc, uint32_t n);
/* Something changed at a port: carrier, and who sends now. */
void lagg_linkcheck(struct lagg_softc *sc);
/* A port is none any more. */
void lagg_delport(struct lagg_softc *sc, struct lagg_port *lp);

/* io_ioctl, io_lladdr, io_show. */
int lagg_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr);
void lagg_lladdr(struct ifnet *ifp);
bool lagg_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size);

#endif /* !SRC_NET_LINK_IF_LAGG_H */
