/*
 * route_ctl.c - what route(8) and netstat -r ask of the table.
 *
 * Routes of addresses are not route(8)'s: they are listed, but neither changed
 * nor deleted.  A reject route answers what is sent by it with an error, a
 * blackhole takes it in silence; both have a gateway like any other route (by
 * custom 127.0.0.1).  A change gives the route another next hop: packets under
 * way are not disturbed, the old one goes after a grace period.
 *
 * FreeBSD: sys/net/route/route_ctl.c (rib_action), sbin/route.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/ip/ip.h"
#include "src/net/ip/route_var.h"

#define RTF_CTL (RTF_STATIC | RTF_REJECT | RTF_BLACKHOLE)

static int
rib_check(const struct rib_cmd *rc)
{
	if (rc->rc_plen > 32 || (rc->rc_dst & ~in_mask(rc->rc_plen)) != 0)
		return (VE_INVAL);
	if (rc->rc_mtu != 0 &&
	    (rc->rc_mtu < IF_MINMTU || rc->rc_mtu > IF_MAXMTU))
		return (VE_INVAL);
	if ((rc->rc_flags & RTF_REJECT) != 0 &&
	    (rc->rc_flags & RTF_BLACKHOLE) != 0)
		return (VE_INVAL);
	return (curvnet->v_phase >= PHASE_LETGO ? VE_BUSY : 0);
}

/* Interface and source address by gateway and interface asked for. */
static int
rib_way(const struct rib_cmd *rc, struct rt_new *rn)
{
	const struct nhop_object *way;

	if (rn->rn_ifp == NULL) {
		way =
		    rn->rn_gw != 0 ? fib4_lookup(rc->rc_fib, rn->rn_gw) : NULL;
		if (way == NULL)
			return (rn->rn_gw != 0 ? VE_NETUNREACH : VE_INVAL);
		if ((way->nh_flags & RTF_GATEWAY) != 0)
			return (VE_NETUNREACH);
		rn->rn_ifp = ref_get(&way->nh_ifp);
	}
	rn->rn_ia =
	    in_ifaddr_for(rn->rn_ifp, rn->rn_gw != 0 ? rn->rn_gw : rc->rc_dst);
	if (rn->rn_gw != 0)
		rn->rn_flags |= RTF_GATEWAY;
	if (rn->rn_plen == 32)
		rn->rn_flags |= RTF_HOST;
	return (0);
}

static int
rib_add(const struct rib_cmd *rc)
{
	struct rt_new rn = {
		.rn_fib = rc->rc_fib,
		.rn_dst = rc->rc_dst,
		.rn_plen = rc->rc_plen,
		.rn_ifp = rc->rc_ifp,
		.rn_gw = rc->rc_gw,
		.rn_flags = rc->rc_flags & RTF_CTL,
		.rn_mtu = rc->rc_mtu,
	};
	int error = rib_way(rc, &rn);

	return (error != 0 ? error : rt_create(&rn));
}

/* Exactly this one, if it is route(8)'s. */
static struct rtentry *
rib_own(const struct rib_cmd *rc)
{
	struct rtentry *rt =
	    fib4_find(rt_table(rc->rc_fib), rc->rc_dst, rc->rc_plen);

	return (rt != NULL && (rt->rt_flags & RTF_PINNED) == 0 ? rt : NULL);
}

static int
rib_change(const struct rib_cmd *rc)
{
	struct rtentry *rt = rib_own(rc);
	const struct nhop_object *nh;
	struct rt_new rn = { 0 };
	int error;

	if (rt == NULL)
		return (VE_SRCH);
	nh = ref_get(&rt->rt_nhop);
	rn.rn_fib = rt->rt_fib;
	rn.rn_dst = rt->rt_dst;
	rn.rn_plen = rt->rt_plen;
	rn.rn_flags = (rt->rt_flags & RTF_STATIC) | (rc->rc_flags & RTF_CTL);
	rn.rn_mtu = rc->rc_mtu != 0 ? rc->rc_mtu : nh->nh_mtu;
	rn.rn_gw = rc->rc_gw;
	rn.rn_ifp = rc->rc_ifp;
	if (rc->rc_gw == 0 && rc->rc_ifp == NULL) {
		rn.rn_gw = nh->nh_gateway;
		rn.rn_ifp = ref_get(&nh->nh_ifp);
	}
	error = rib_way(rc, &rn);
	return (error != 0 ? error : rt_change(rt, &rn));
}

static int
rib_delete(const struct rib_cmd *rc)
{
	struct rtentry *rt = rib_own(rc);
	const struct nhop_object *nh;

	if (rt == NULL)
		return (VE_SRCH);
	nh = ref_get(&rt->rt_nhop);
	if (rc->rc_gw != 0 && nh->nh_gateway != rc->rc_gw)
		return (VE_SRCH);
	rt_delete(rt);
	return (0);
}

int
rib_action(int action, const struct rib_cmd *rc)
{
	int error;

	if (rt_table(rc->rc_fib) == NULL)
		return (VE_INVAL);
	if (action == RTM_DELETE)
		return (rib_delete(rc));
	error = rib_check(rc);
	if (error != 0)
		return (error);
	return (action == RTM_ADD ? rib_add(rc) : rib_change(rc));
}

uint32_t
rib_flush(uint32_t fib)
{
	struct rtentry *rt, *next;
	uint32_t n = 0;

	FIB4_FOREACH(rt, next, rt_table(fib))
	if ((rt->rt_flags & RTF_GATEWAY) != 0) {
		rt_delete(rt);
		n++;
	}
	return (n);
}

/* ---- listings ---- */

static bool
rt_row_fill(const struct rtentry *rt, struct rt_row *row)
{
	const struct nhop_object *nh;
	const struct ifnet *ifp;

	memset(row, 0, sizeof(*row));
	if (rt == NULL)
		return (false);
	nh = ref_get(&rt->rt_nhop);
	ifp = ref_get(&nh->nh_ifp);
	row->rt_dst = rt->rt_dst;
	row->rt_plen = rt->rt_plen;
	row->rt_flags = rt->rt_flags;
	row->rt_gw = nh->nh_gateway;
	row->rt_mtu = nh->nh_mtu;
	if (rt->rt_expire != 0)
		row->rt_expire = rt->rt_expire - (uint32_t)(vtime() / NS_S);
	if (ifp != NULL) {
		memcpy(row->rt_ifname, ifp->if_xname, sizeof(row->rt_ifname));
		if (row->rt_mtu == 0 || row->rt_mtu > ifp->if_mtu)
			row->rt_mtu = ifp->if_mtu;
	}
	return (true);
}

bool
rib_get(uint32_t fib, uint32_t n, struct rt_row *row)
{
	return (rt_row_fill(fib4_nth(rt_table(fib), n), row));
}

bool
rib_lookup(uint32_t fib, uint32_t dst, struct rt_row *row)
{
	return (rt_row_fill(fib4_match(rt_table(fib), dst), row));
}
