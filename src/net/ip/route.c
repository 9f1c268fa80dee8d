/*
 * route.c - the routes of a vnet, and next hops.
 *
 * A route (rtentry) holds a next hop, a next hop holds its interface and the
 * address whose source it gives.  Deleting a route takes it out of the table
 * at once; its memory goes after a grace period, and only that callback lets
 * the next hop go, whose memory takes another one.  So two rounds of deferred
 * frees are needed before an interface that carried routes is free, as in
 * FreeBSD 13, and draining once is not enough (F97).
 *
 * Routes that redirects made have an end (route_redirect.c).
 *
 * When an interface departs, every route through it is deleted.  Routes of
 * addresses are pinned: "route delete" does not take them.
 *
 * Slots: vnet_rtables_init at SI_SUB_PROTO_DOMAIN/FOURTH, rtables_destroy at
 * SI_SUB_PROTO_DOMAIN/FIRST (FreeBSD 13 sys/net/route/route_tables.c).
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/ip/route_var.h"

static const struct field rtentry_fields[] = {
	FIELD(struct rtentry, rt_dst, IP4),
	FIELD(struct rtentry, rt_plen, UINT),
	FIELD(struct rtentry, rt_fib, UINT),
	FIELD(struct rtentry, rt_flags, HEX),
	FIELD(struct rtentry, rt_expire, UINT),
	FIELD(struct rtentry, rt_nhop, REF),
	FIELD(struct rtentry, rt_hnext, LINK),
	FIELD(struct rtentry, rt_epoch, OPAQUE),
	FIELD(struct rtentry, rt_left, LINK),
	FIELD(struct rtentry, rt_right, LINK),
	FIELD(struct rtentry, rt_size, OPAQUE),
};
static UMA_ZONE(
    rtentry_zone, route, RT_Z_RTENTRY, struct rtentry, 0, rtentry_fields);

static const struct field nhop_fields[] = {
	FIELD(struct nhop_object, nh_ifp, REF),
	FIELD(struct nhop_object, nh_ifa, REF),
	FIELD(struct nhop_object, nh_gateway, IP4),
	FIELD(struct nhop_object, nh_src, IP4),
	FIELD(struct nhop_object, nh_flags, HEX),
	FIELD(struct nhop_object, nh_mtu, UINT),
	FIELD(struct nhop_object, nh_epoch, OPAQUE),
};
static UMA_ZONE_NAMED(
    nhop_zone, route, RT_Z_NHOP, "nhops", struct nhop_object, 0, nhop_fields);
MALLOC_TYPE(fib_bucket_zone, route, RT_Z_BUCKET, "fib4 buckets", UMA_NOHASH);

static void route_departure(void *arg, void *obj, int value);

static int
route_init(void)
{
	V_route.nfibs = 1;
	V_route.departure = eventhandler_register(EVH_IFNET_DEPARTURE,
	    VNET_MOD_route, route_departure, NULL, EVENTHANDLER_PRI_ANY);
	return (V_route.departure != NULL ? 0 : VE_NOMEM);
}

static void
nhop_free_epoch(struct epoch_context *ctx)
{
	struct nhop_object *nh =
	    container_of(ctx, struct nhop_object, nh_epoch);

	uma_zfree(&nhop_zone, nh);
}

/* The interface and the address are let go at once; the memory waits. */
static void
nhop_destroy(struct nhop_object *nh)
{
	struct ifnet *ifp = ref_get(&nh->nh_ifp);

	if (ifp != NULL && ref_drop(&nh->nh_ifp))
		wakeup(&ifp->if_wq);
	ifa_free(&nh->nh_ifa);
	NET_EPOCH_CALL(nhop_free_epoch, &nh->nh_epoch);
}

static struct nhop_object *
nhop_alloc(const struct rt_new *rn)
{
	struct nhop_object *nh = uma_zalloc(&nhop_zone, M_ZERO);

	if (nh == NULL)
		return (NULL);
	ref_take(&nh->nh_ifp, rn->rn_ifp, "nhop");
	if (rn->rn_ia != NULL) {
		ifa_hold(&nh->nh_ifa, rn->rn_ia);
		nh->nh_src = rn->rn_ia->ia_addr;
	}
	nh->nh_gateway = rn->rn_gw;
	nh->nh_mtu = rn->rn_mtu;
	nh->nh_flags = rn->rn_flags | (rn->rn_plen == 0 ? NHF_DEFAULT : 0);
	return (nh);
}

static void
rt_free_epoch(struct epoch_context *ctx)
{
	struct rtentry *rt = container_of(ctx, struct rtentry, rt_epoch);
	struct nhop_object *nh = ref_get(&rt->rt_nhop);

	if (nh != NULL && ref_drop(&rt->rt_nhop))
		nhop_destroy(nh);
	uma_zfree(&rtentry_zone, rt);
}

/* A route in a table more, or less, that leaves by the interface of @nh. */
static void
nhop_count(const struct nhop_object *nh, int by)
{
	struct ifnet *ifp = ref_get(&nh->nh_ifp);

	if (ifp != NULL)
		ifp->if_nroutes += (uint32_t)by;
}

/* Out of its table. */
static void
rt_unlink(struct rtentry *rt)
{
	nhop_count(ref_get(&rt->rt_nhop), -1);
	fib4_remove(rt_table(rt->rt_fib), rt);
	V_route.nroutes--;
}

void
rt_delete(struct rtentry *rt)
{
	eventhandler_invoke(EVH_RTEVENT, rt, RTM_DELETE);
	rt_unlink(rt);
	rt->rt_flags &= ~(uint32_t)RTF_UP;
	NET_EPOCH_CALL(rt_free_epoch, &rt->rt_epoch);
}

/* Nobody has seen them: no grace period. */
static void
rt_unmake(struct rtentry *rt, struct nhop_object *nh)
{
	(void)ref_drop(&nh->nh_ifp);
	ifa_free(&nh->nh_ifa);
	uma_zfree(&nhop_zone, nh);
	uma_zfree(&rtentry_zone, rt);
}

int
rt_create(const struct rt_new *rn)
{
	struct fib4 *fib = rt_table(rn->rn_fib);
	struct nhop_object *nh;
	struct rtentry *rt;

	if (fib4_find(fib, rn->rn_dst, rn->rn_plen) != NULL)
		return (VE_EXIST);
	rt = uma_zalloc(&rtentry_zone, M_ZERO);
	nh = rt == NULL ? NULL : nhop_alloc(rn);
	if (nh == NULL) {
		uma_zfree(&rtentry_zone, rt);
		return (VE_NOBUFS);
	}
	rt->rt_dst = rn->rn_dst;
	rt->rt_plen = rn->rn_plen;
	rt->rt_fib = rn->rn_fib;
	rt->rt_flags = rn->rn_flags | RTF_UP;
	rt->rt_expire = rn->rn_expire;
	if (fib4_insert(fib, rt) != 0) {
		rt_unmake(rt, nh);
		return (VE_NOBUFS);
	}
	V_route.nroutes++;
	ref_take(&rt->rt_nhop, nh, "rtentry");
	nhop_count(nh, 1);
	eventhandler_invoke(EVH_RTEVENT, rt,
	    (rn->rn_flags & RTF_DYNAMIC) != 0 ? RTM_REDIRECT : RTM_ADD);
	return (0);
}

int
rt_change(struct rtentry *rt, const struct rt_new *rn)
{
	struct nhop_object *nh = nhop_alloc(rn), *old;

	if (nh == NULL)
		return (VE_NOBUFS);
	old = ref_get(&rt->rt_nhop);
	nhop_count(old, -1);
	nhop_count(nh, 1);
	if (ref_drop(&rt->rt_nhop))
		nhop_destroy(old);
	ref_take(&rt->rt_nhop, nh, "rtentry");
	rt->rt_flags = rn->rn_flags | RTF_UP;
	rt->rt_expire = rn->rn_expire;
	eventhandler_invoke(EVH_RTEVENT, rt, RTM_CHANGE);
	return (0);
}

/* The next hop's address; a route in a table has a next hop. */
static const struct in_ifaddr *
rt_ifa(const struct rtentry *rt)
{
	const struct nhop_object *nh = ref_get(&rt->rt_nhop);

	return (ref_get(&nh->nh_ifa));
}

int
rib_addifa(uint32_t fib, uint32_t dst, uint8_t plen, struct ifnet *ifp,
    struct in_ifaddr *ia, uint32_t flags)
{
	struct rt_new rn = {
		.rn_fib = (uint8_t)fib,
		.rn_dst = dst,
		.rn_plen = plen,
		.rn_ifp = ifp,
		.rn_ia = ia,
		.rn_flags = flags | RTF_PINNED,
	};

	MPASS(fib < V_route.nfibs);
	return (rt_create(&rn));
}

uint32_t
rib_delifa(uint32_t dst, uint8_t plen, const struct in_ifaddr *ia)
{
	struct rtentry *rt;
	uint32_t n = 0;

	for (uint32_t fib = 0; fib < V_route.nfibs; fib++) {
		rt = fib4_find(rt_table(fib), dst, plen);
		if (rt == NULL || rt_ifa(rt) != ia)
			continue;
		rt_delete(rt);
		n++;
	}
	return (n);
}

void
rt_undo(struct rtentry *rt)
{
	struct nhop_object *nh = ref_get(&rt->rt_nhop);

	eventhandler_invoke(EVH_RTEVENT, rt, RTM_DELETE);
	rt_unlink(rt);
	(void)ref_drop(&rt->rt_nhop);
	rt_unmake(rt, nh);
}

void
rib_undoifa(uint32_t dst, uint8_t plen, const struct in_ifaddr *ia)
{
	struct rtentry *rt;

	for (uint32_t fib = 0; fib < V_route.nfibs; fib++) {
		rt = fib4_find(rt_table(fib), dst, plen);
		if (rt != NULL && rt_ifa(rt) == ia)
			rt_undo(rt);
	}
}

const struct nhop_object *
fib4_lookup(uint32_t fib, uint32_t dst)
{
	const struct fib4 *table = rt_table(fib);
	const struct rtentry *rt;

	rt = table != NULL ? fib4_match(table, dst) : NULL;
	return (rt != NULL ? ref_get(&rt->rt_nhop) : NULL);
}

/* FreeBSD: rt_flushifroutes(). */
static void
route_departure(void *arg, void *obj, int value)
{
	struct rtentry *rt, *next;
	const struct nhop_object *nh;
	const struct ifnet *ifp = obj;
	uint32_t fib;

	(void)arg;
	(void)value;
	RT_FOREACH(fib, rt, next)
	{
		if (ifp->if_nroutes == 0)
			return;
		nh = ref_get(&rt->rt_nhop);
		if (ref_get(&nh->nh_ifp) == obj)
			rt_delete(rt);
	}
}

static enum op_verdict
route_shutdown(struct op *op)
{
	struct rtentry *rt, *next;
	uint32_t fib;

	eventhandler_deregister(V_route.departure);
	V_route.departure = NULL;
	RT_FOREACH(fib, rt, next)
	rt_delete(rt);
	return (rt_tmproutes_shutdown(op) ? OP_DONE : OP_WAIT);
}

static void
route_uninit(void)
{
	rt_tmproutes_uninit();
	if (V_route.nroutes == 0)
		rt_tables_free();
}

static const struct field route_fields[] = {
	FIELD(struct vnet_route, fib, OPAQUE),
	FIELD(struct vnet_route, more, PTR),
	FIELD(struct vnet_route, nfibs, UINT),
	FIELD(struct vnet_route, nroutes, UINT),
	FIELD(struct vnet_route, allfibs, BOOL),
	FIELD(struct vnet_route, departure, PTR),
	FIELD(struct vnet_route, tmp, PTR),
};
static const struct vnet_contract route_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_route, nroutes),
	CONTRACT_SHUTDOWN(struct vnet_route, departure),
};
static const struct uma_zone *const route_zones[] = {
	[RT_Z_RTENTRY] = &rtentry_zone,
	[RT_Z_NHOP] = &nhop_zone,
	[RT_Z_BUCKET] = &fib_bucket_zone,
	[RT_Z_TMP] = &tmproutes_zone,
	[RT_Z_TABLES] = &rt_tables_zone,
};
static const struct sysctl_oid route_sysctls[] = {
	SYSCTL_VNET("net.add_addr_allfibs", BOOL, RW, struct vnet_route,
	    allfibs, 0, 1, "routes of addresses go into all tables"),
	SYSCTL_VNET_PROC("net.fibs", RW, rt_sysctl_fibs, 1, RT_MAXFIBS,
	    "number of routing tables; may grow"),
};

VNET_MODULE(route) = {
	.vm_name = "route",
	.vm_id = VNET_MOD_route,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_route),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_FOURTH,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_init = route_init,
	.vm_shutdown = route_shutdown,
	.vm_uninit = route_uninit,
	.vm_fields = route_fields,
	.vm_nfields = nitems(route_fields),
	.vm_contracts = route_contracts,
	.vm_ncontracts = nitems(route_contracts),
	.vm_zones = route_zones,
	.vm_nzones = nitems(route_zones),
	.vm_sysctls = route_sysctls,
	.vm_nsysctls = nitems(route_sysctls),
};
