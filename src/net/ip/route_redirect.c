/*
 * route_redirect.c - routes that were made by redirects, and go by themselves.
 *
 * Such a route is a host route with RTF_DYNAMIC and an end.  One timer per
 * vnet, made for the first of them, is set for the one that ends next; it
 * looks at the whole table when it fires, which is seldom.
 *
 * FreeBSD: rib_add_redirect() of sys/net/route/route_helpers.c, sys/net/route/
 * route_tmproutes.c, icmp_verify_redirect_gateway() of sys/netinet/ip_icmp.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/ip/ip_var.h"
#include "src/net/ip/route_var.h"

struct rt_tmproutes {
	struct callout tm_callout;
};

static const struct field tmproutes_fields[] = {
	FIELD(struct rt_tmproutes, tm_callout, CALLOUT),
};
UMA_ZONE_NAMED(tmproutes_zone, route, RT_Z_TMP, "tmproutes",
    struct rt_tmproutes, 0, tmproutes_fields);

static uint32_t
vtime_s(void)
{
	return ((uint32_t)(vtime() / NS_S));
}

/* Set the timer for the route that ends next. */
static void rt_tmproutes_fire(void *arg);

static void
rt_tmproutes_arm(void)
{
	uint32_t soonest = UINT32_MAX;
	const struct rtentry *rt, *next;
	uint32_t fib;

	RT_FOREACH(fib, rt, next)
	if (rt->rt_expire != 0 && rt->rt_expire < soonest)
		soonest = rt->rt_expire;
	if (soonest != UINT32_MAX)
		(void)callout_reset(&V_route.tmp->tm_callout,
		    soonest * NS_S - vtime(), rt_tmproutes_fire, NULL);
}

static void
rt_tmproutes_fire(void *arg)
{
	struct rtentry *rt, *next;
	uint32_t fib;

	(void)arg;
	RT_FOREACH(fib, rt, next)
	if (rt->rt_expire != 0 && rt->rt_expire <= vtime_s())
		rt_delete(rt);
	rt_tmproutes_arm();
}

static int
rt_tmproutes_get(void)
{
	if (V_route.tmp != NULL)
		return (0);
	V_route.tmp = uma_zalloc(&tmproutes_zone, M_ZERO);
	if (V_route.tmp == NULL)
		return (VE_NOBUFS);
	callout_init(&V_route.tmp->tm_callout, VNET_MOD_route, "route.expire");
	return (0);
}

/*
 * Is a redirect to be believed?  Return: 0; VE_NETUNREACH: the new gateway is
 * on no network of ours; VE_HOSTUNREACH: it is ourselves; VE_INVAL: from
 * somebody whom we do not use; VE_EXIST: that host has a route already, or is
 * a neighbour.
 */
static int
rib_redirect_check(uint32_t fib, uint32_t dst, uint32_t gw, uint32_t author,
    struct in_ifaddr **iap)
{
	const struct nhop_object *nh;

	*iap = ifa_ifwithnet(gw);
	if (*iap == NULL)
		return (VE_NETUNREACH);
	if (in_localip(gw))
		return (VE_HOSTUNREACH);
	nh = fib4_lookup(fib, dst);
	if (nh == NULL)
		return (VE_INVAL);
	if ((nh->nh_flags & RTF_GATEWAY) == 0)
		return (VE_EXIST);
	if (nh->nh_gateway != author || ref_get(&nh->nh_ifp) != (*iap)->ia_ifp)
		return (VE_INVAL);
	return ((nh->nh_flags & RTF_HOST) != 0 ? VE_EXIST : 0);
}

int
rib_redirect(
    uint32_t fib, uint32_t dst, uint32_t gw, uint32_t author, uint32_t lifetime)
{
	struct rt_new rn = {
		.rn_fib = (uint8_t)fib,
		.rn_dst = dst,
		.rn_plen = 32,
		.rn_gw = gw,
		.rn_flags = RTF_GATEWAY | RTF_HOST | RTF_DYNAMIC,
		.rn_expire = lifetime == 0 ? 0 : vtime_s() + lifetime,
	};
	int error = rib_redirect_check(fib, dst, gw, author, &rn.rn_ia);

	if (error == 0 && curvnet->v_phase >= PHASE_LETGO)
		error = VE_BUSY;
	if (error == 0)
		error = rt_tmproutes_get();
	if (error != 0)
		return (error);
	rn.rn_ifp = rn.rn_ia->ia_ifp;
	error = rt_create(&rn);
	if (error == 0 && lifetime != 0)
		rt_tmproutes_arm();
	return (error);
}

bool
rt_tmproutes_shutdown(struct op *op)
{
	return (
	    V_route.tmp == NULL || callout_drain(&V_route.tmp->tm_callout, op));
}

void
rt_tmproutes_uninit(void)
{
	if (V_route.tmp == NULL || callout_active(&V_route.tmp->tm_callout))
		return;
	uma_zfree(&tmproutes_zone, V_route.tmp);
	V_route.tmp = NULL;
}
