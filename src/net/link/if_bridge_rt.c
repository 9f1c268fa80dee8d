/*
 * if_bridge_rt.c - who is behind which member of a bridge.
 *
 * A hash of stations, made for the first one.  What is learnt expires; every
 * five minutes expired ones are taken out, until nobody is left who can
 * expire.  What is told (static) stays.  At most sc_brtmax stations; the next
 * one is not learnt, so frames for it go everywhere.
 *
 * The table belongs to the vnet in which it was made, because its timer does.
 * A bridge that departs gives it up: the timer, if it is claimed, finds it
 * given up; the memory goes after a grace period.
 *
 * FreeBSD: bridge_rtable_* of sys/net/if_bridge.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/if_bridge.h"

static const struct field bridge_rt_fields[] = {
	FIELD(struct bridge_rt, rt_prune, CALLOUT),
	FIELD(struct bridge_rt, rt_epoch, OPAQUE),
	FIELD(struct bridge_rt, rt_sc, PTR),
	FIELD(struct bridge_rt, rt_list, LINK),
	FIELD(struct bridge_rt, rt_hash, LINK),
};
UMA_ZONE(bridge_rt_zone, bridge, BRIDGE_Z_RT, struct bridge_rt, UMA_WORLD,
    bridge_rt_fields);

static const struct field bridge_node_fields[] = {
	FIELD(struct bridge_rtnode, brt_addr, ETHER),
	FIELD(struct bridge_rtnode, brt_static, BOOL),
	FIELD(struct bridge_rtnode, brt_pad, OPAQUE),
	FIELD(struct bridge_rtnode, brt_dst, PTR),
	FIELD(struct bridge_rtnode, brt_expire, TIME),
	FIELD(struct bridge_rtnode, brt_hash, LINK),
	FIELD(struct bridge_rtnode, brt_list, LINK),
};
UMA_ZONE(bridge_node_zone, bridge, BRIDGE_Z_NODE, struct bridge_rtnode,
    UMA_WORLD, bridge_node_fields);

static uint32_t
bucket(const uint8_t *addr)
{
	return (be32dec(addr + 2) * UINT32_C(2654435761) >> 27) % BRIDGE_RTHASH;
}

static struct bridge_rtnode *
node_find(const struct bridge_softc *sc, const uint8_t *addr)
{
	struct bridge_rtnode *brt;

	if (sc->sc_rt == NULL)
		return (NULL);
	LIST_FOREACH (brt, &sc->sc_rt->rt_hash[bucket(addr)], brt_hash)
		if (memcmp(brt->brt_addr, addr, ETHER_ADDR_LEN) == 0)
			return (brt);
	return (NULL);
}

static void
node_free(struct bridge_softc *sc, struct bridge_rtnode *brt)
{
	LIST_REMOVE(brt, brt_hash);
	TAILQ_REMOVE(&sc->sc_rt->rt_list, brt, brt_list);
	brt->brt_dst->bif_addrcnt--;
	sc->sc_brtcnt--;
	uma_zfree(&bridge_node_zone, brt);
}

struct bridge_iflist *
bridge_rtlookup(const struct bridge_softc *sc, const uint8_t *addr)
{
	const struct bridge_rtnode *brt = node_find(sc, addr);

	return (brt != NULL ? brt->brt_dst : NULL);
}

/* ---- age ---- */

static void
bridge_timer(void *arg)
{
	struct bridge_rt *rt = arg;
	struct bridge_softc *sc = rt->rt_sc;
	struct bridge_rtnode *brt, *next;
	bool more = false;

	if (sc == NULL)
		return;
	for (brt = TAILQ_FIRST(&rt->rt_list); brt != NULL; brt = next) {
		next = TAILQ_NEXT(brt, brt_list);
		if (brt->brt_expire == 0)
			continue;
		if (brt->brt_expire <= vtime())
			node_free(sc, brt);
		else
			more = true;
	}
	if (more)
		(void)callout_reset(
		    &rt->rt_prune, BRIDGE_RTABLE_PRUNE, bridge_timer, rt);
}

static struct bridge_rt *
rt_get(struct bridge_softc *sc)
{
	struct bridge_rt *rt = sc->sc_rt;

	if (rt != NULL)
		return (rt);
	rt = uma_zalloc(&bridge_rt_zone, M_ZERO);
	if (rt == NULL)
		return (NULL);
	callout_init(&rt->rt_prune, VNET_MOD_bridge, "bridge.prune");
	TAILQ_INIT(&rt->rt_list);
	rt->rt_sc = sc;
	sc->sc_rt = rt;
	return (rt);
}

static void
rt_free(struct epoch_context *ctx)
{
	uma_zfree(
	    &bridge_rt_zone, container_of(ctx, struct bridge_rt, rt_epoch));
}

void
bridge_rtfini(struct bridge_softc *sc)
{
	struct bridge_rt *rt = sc->sc_rt;

	if (rt == NULL)
		return;
	bridge_rtflush(sc, NULL, true);
	(void)callout_stop(&rt->rt_prune);
	rt->rt_sc = NULL;
	sc->sc_rt = NULL;
	NET_EPOCH_CALL(rt_free, &rt->rt_epoch);
}

/* ---- change ---- */

static void
node_expires(struct bridge_softc *sc, struct bridge_rtnode *brt)
{
	struct bridge_rt *rt = sc->sc_rt;

	brt->brt_expire = 0;
	if (brt->brt_static || sc->sc_brttimeout == 0)
		return;
	brt->brt_expire = vtime() + (int64_t)sc->sc_brttimeout * NS_S;
	if (!callout_active(&rt->rt_prune))
		(void)callout_reset(
		    &rt->rt_prune, BRIDGE_RTABLE_PRUNE, bridge_timer, rt);
}

static int
node_new(struct bridge_softc *sc, const uint8_t *addr,
    struct bridge_iflist *bif, bool fixed)
{
	struct bridge_rtnode *brt;
	struct bridge_rt *rt;

	if (sc->sc_brtcnt >= sc->sc_brtmax) {
		sc->sc_brtexceeded++;
		return (VE_NOSPC);
	}
	rt = rt_get(sc);
	brt = rt != NULL ? uma_zalloc(&bridge_node_zone, M_ZERO) : NULL;
	if (brt == NULL)
		return (VE_NOMEM);
	memcpy(brt->brt_addr, addr, ETHER_ADDR_LEN);
	brt->brt_static = fixed || (bif->bif_flags & IFBIF_STICKY) != 0;
	brt->brt_dst = bif;
	bif->bif_addrcnt++;
	sc->sc_brtcnt++;
	LIST_INSERT_HEAD(&rt->rt_hash[bucket(addr)], brt, brt_hash);
	TAILQ_INSERT_TAIL(&rt->rt_list, brt, brt_list);
	node_expires(sc, brt);
	return (0);
}

int
bridge_rtupdate(struct bridge_softc *sc, const uint8_t *addr,
    struct bridge_iflist *bif, bool fixed)
{
	struct bridge_rtnode *brt = node_find(sc, addr);

	if (brt == NULL)
		return (node_new(sc, addr, bif, fixed));
	if (brt->brt_static && !fixed)
		return (brt->brt_dst == bif ? 0 : VE_BUSY);
	if (brt->brt_dst != bif) {
		brt->brt_dst->bif_addrcnt--;
		brt->brt_dst = bif;
		bif->bif_addrcnt++;
	}
	brt->brt_static |= fixed;
	node_expires(sc, brt);
	return (0);
}

int
bridge_rtdaddr(struct bridge_softc *sc, const uint8_t *addr)
{
	struct bridge_rtnode *brt = node_find(sc, addr);

	if (brt == NULL)
		return (VE_NOENT);
	node_free(sc, brt);
	return (0);
}

void
bridge_rtflush(
    struct bridge_softc *sc, const struct bridge_iflist *bif, bool all)
{
	struct bridge_rtnode *brt, *next;

	if (sc->sc_rt == NULL)
		return;
	for (brt = TAILQ_FIRST(&sc->sc_rt->rt_list); brt != NULL; brt = next) {
		next = TAILQ_NEXT(brt, brt_list);
		if ((bif == NULL || brt->brt_dst == bif) &&
		    (all || !brt->brt_static))
			node_free(sc, brt);
	}
}

bool
bridge_rtshow(const struct bridge_softc *sc, uint32_t n, char *buf, size_t size)
{
	const struct bridge_rtnode *brt = NULL;
	const uint8_t *a;

	if (sc->sc_rt != NULL)
		brt = TAILQ_FIRST(&sc->sc_rt->rt_list);
	while (brt != NULL && n-- > 0)
		brt = TAILQ_NEXT(brt, brt_list);
	if (brt == NULL)
		return (false);
	a = brt->brt_addr;
	(void)ksnprintf(buf, size,
	    "%02x:%02x:%02x:%02x:%02x:%02x Vlan1 %s %llu flags=%s", a[0], a[1],
	    a[2], a[3], a[4], a[5], brt->brt_dst->bif_port.po_lower->if_xname,
	    (unsigned long long)(brt->brt_expire > vtime()
				     ? (brt->brt_expire - vtime()) / NS_S
				     : 0),
	    brt->brt_static ? "1<STATIC>" : "0<>");
	return (true);
}
