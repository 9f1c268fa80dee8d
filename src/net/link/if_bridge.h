/*
 * if_bridge.h - what the two files of the bridge share.
 *
 * if_bridge.c knows members and frames, if_bridge_rt.c who is behind which
 * member.
 */
#ifndef SRC_NET_LINK_IF_BRIDGE_H
#define SRC_NET_LINK_IF_BRIDGE_H

#include <vnetsim/kern/callout.h>
#include "src/net/link/if_driver.h"
#include "src/net/link/if_stack.h"

#define BRIDGE_RTABLE_MAX     2000
#define BRIDGE_RTABLE_TIMEOUT 1200 /* s */
#define BRIDGE_RTABLE_PRUNE   (300 * NS_S)
#define BRIDGE_RTHASH         32
/* 802.1D, table 8-1: bridges between any two stations */
#define BRIDGE_MAXHOPS 7

enum bridge_zone {
	BRIDGE_Z_SOFTC,
	BRIDGE_Z_MEMBER,
	BRIDGE_Z_RT,
	BRIDGE_Z_NODE,
	BRIDGE_Z_UNITS,
};
extern const struct uma_zone bridge_iflist_zone, bridge_rt_zone;
extern const struct uma_zone bridge_node_zone;
extern const struct ifport_ops bridge_port_ops;

/* FreeBSD's bits. */
enum ifbif {
	IFBIF_LEARNING = 0x1,
	IFBIF_DISCOVER = 0x2,
	IFBIF_STICKY = 0x10,
	IFBIF_PRIVATE = 0x800,
};

struct bridge_iflist {
	struct ifport bif_port; /* lower: the member */
	uint32_t bif_flags;     /* enum ifbif */
	uint32_t bif_addrcnt;   /* stations behind it */
};

/* A station. */
struct bridge_rtnode {
	uint8_t brt_addr[ETHER_ADDR_LEN];
	bool brt_static;
	uint8_t brt_pad;
	struct bridge_iflist *brt_dst;       /* (b) */
	int64_t brt_expire;                  /* virtual ns; 0: never */
	LIST_ENTRY(bridge_rtnode) brt_hash;  /* bucket */
	TAILQ_ENTRY(bridge_rtnode) brt_list; /* order of birth */
};

/* The stations of a bridge in one vnet; made for the first of them. */
struct bridge_rt {
	struct callout rt_prune;
	struct epoch_context rt_epoch;
	struct bridge_softc *rt_sc; /* (b) NULL: given up */
	TAILQ_HEAD(, bridge_rtnode) rt_list;
	LIST_HEAD(, bridge_rtnode) rt_hash[BRIDGE_RTHASH];
};

struct bridge_softc {
	struct ifnet *sc_ifp;    /* (b) */
	struct bridge_rt *sc_rt; /* (o) NULL: knows nobody */
	uint32_t sc_unit;
	uint32_t sc_brtmax, sc_brttimeout; /* stations, s (0: for ever) */
	uint32_t sc_brtcnt, sc_brtexceeded;
	uint32_t sc_pad;
};

static inline struct bridge_iflist *
bif_of(struct ifport *po)
{
	return (container_of(po, struct bridge_iflist, bif_port));
}

static inline struct ifnet *
bif_ifp(const struct bridge_iflist *bif)
{
	return (bif->bif_port.po_lower);
}

/* if_bridge.c: carrier if a member has; a member is none any more. */
void bridge_linkcheck(struct bridge_softc *sc);
void bridge_delete_member(struct bridge_softc *sc, struct bridge_iflist *bif);

/* if_bridge_ioctl.c: io_ioctl and io_show. */
int bridge_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr);
bool bridge_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size);

/* Where a station is.  Return: NULL: unknown. */
struct bridge_iflist *bridge_rtlookup(
    const struct bridge_softc *sc, const uint8_t *addr);

/**
 * bridge_rtupdate() - a station is behind a member
 * @sc:		bridge in curvnet
 * @addr:	its address
 * @bif:	member
 * @fixed:	told so (static), not learnt
 *
 * Return:	0; VE_NOSPC: as many as may be (counted); VE_NOMEM; VE_BUSY:
 *		fixed, or sticky, elsewhere.
 */
int bridge_rtupdate(struct bridge_softc *sc, const uint8_t *addr,
    struct bridge_iflist *bif, bool fixed);

/* Forget a station.  Return: 0; VE_NOENT. */
int bridge_rtdaddr(struct bridge_softc *sc, const uint8_t *addr);
/* Forget those behind @bif (NULL: all members); @all: fixed ones, too. */
void bridge_rtflush(
    struct bridge_softc *sc, const struct bridge_iflist *bif, bool all);
/* Give the table up: its memory goes after a grace period. */
void bridge_rtfini(struct bridge_softc *sc);
/* Line @n of `ifconfig bridge0 addr`.  Return: false: no more. */
bool bridge_rtshow(
    const struct bridge_softc *sc, uint32_t n, char *buf, size_t size);

#endif /* !SRC_NET_LINK_IF_BRIDGE_H */
