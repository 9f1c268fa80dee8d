/*
 * rtsock_msg.c - what the kernel tells those who listen to the routing socket.
 *
 *	what happens                       message              table
 *	a route comes, goes, changes       RTM_ADD, ...         its own
 *	a redirect is believed             RTM_REDIRECT         its own
 *	an address comes, goes             RTM_NEWADDR, ...     its interface's,
 *	                                                        or none
 *	an interface comes, goes           RTM_IFANNOUNCE       none
 *	up, down, MTU, carrier             RTM_IFINFO           none
 *	something to send finds no route   RTM_MISS             that
 *
 * The order is FreeBSD's: an address is told of before its routes and taken
 * back after them, an interface departs after its routes and addresses.  What
 * a process changes through the socket is told by the answer to it alone
 * (cb_quiet).  What fails for want of memory leaves no trace, so nothing is
 * told of it; the routes of a new address are told of when all of them are
 * there, those that new tables begin with not at all.
 *
 * FreeBSD: rt_routemsg(), rt_addrmsg(), rt_ifmsg(), rt_ifannouncemsg(),
 * rt_missmsg() of sys/net/rtsock.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/ifnet.h>
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/route_var.h"
#include "src/net/ip/rtsock_var.h"

#define RTF_DONE 0x40

static void
rts_link(const struct ifnet *ifp, struct vnetsim_rtlink *l)
{
	l->index = ifp->if_index;
	memcpy(l->name, ifp->if_xname, sizeof(l->name));
	l->has_ether = ifp->if_addrlen == ETHER_ADDR_LEN;
	if (l->has_ether)
		memcpy(l->ether, ifp->if_lladdr, sizeof(l->ether));
}

/* Destination, gateway and mask of a route, and where it goes. */
static void
rts_fill(struct vnetsim_rtmsg *msg, const struct rtentry *rt)
{
	const struct nhop_object *nh = ref_get(&rt->rt_nhop);
	const struct ifnet *ifp = ref_get(&nh->nh_ifp);

	msg->flags = rt->rt_flags & ~(uint32_t)NHF_DEFAULT;
	msg->addrs = VNETSIM_RTA_DST | VNETSIM_RTA_GATEWAY;
	msg->dst = rt->rt_dst;
	msg->gateway = nh->nh_gateway;
	if (rt->rt_plen < 32) {
		msg->addrs |= VNETSIM_RTA_NETMASK;
		msg->netmask = in_mask(rt->rt_plen);
	}
	msg->mtu = nh->nh_mtu;
	if (rt->rt_expire != 0)
		msg->expire = rt->rt_expire - (uint32_t)(vtime() / NS_S);
	if (ifp == NULL)
		return;
	msg->index = ifp->if_index;
	/* FreeBSD: the gateway of a route by an interface is that */
	msg->gwlink.index = ifp->if_index;
}

void
rts_fill_get(struct vnetsim_rtmsg *msg, const struct rtentry *rt)
{
	const struct nhop_object *nh = ref_get(&rt->rt_nhop);
	const struct ifnet *ifp = ref_get(&nh->nh_ifp);
	uint32_t wanted = msg->addrs & (VNETSIM_RTA_IFP | VNETSIM_RTA_IFA);

	rts_fill(msg, rt);
	if (ifp == NULL)
		return;
	if (msg->mtu == 0 || msg->mtu > ifp->if_mtu)
		msg->mtu = ifp->if_mtu;
	/* FreeBSD tells the interface if it is asked for either */
	if (wanted == 0)
		return;
	msg->addrs |= VNETSIM_RTA_IFP | VNETSIM_RTA_IFA;
	rts_link(ifp, &msg->ifp);
	msg->ifa = nh->nh_src;
}

/* FreeBSD: rt_routemsg() */
static void
rts_routemsg(int type, const struct rtentry *rt)
{
	struct rts_scope sc = { .fib = rt->rt_fib, .family = RTS_INET };
	struct vnetsim_rtmsg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = (uint8_t)type;
	rts_fill(&msg, rt);
	msg.flags |= RTF_DONE;
	rts_tell(&msg, &sc);
}

static void
rts_route(void *arg, void *obj, int value)
{
	(void)arg;
	if (!V_rtsock.cb->cb_quiet)
		rts_routemsg(value, obj);
}

void
rts_quiet(bool quiet)
{
	if (rts_listened())
		V_rtsock.cb->cb_quiet = quiet;
}

/* The routes that an address has brought: its own, and that of its prefix. */
static void
rts_addrroutes(const struct in_ifaddr *ia)
{
	const uint8_t plens[2] = { 32, ia->ia_plen };
	const struct nhop_object *nh;
	const struct rtentry *rt;

	for (int i = 0; i < (ia->ia_plen == 32 ? 1 : 2); i++)
		for (uint32_t fib = 0; fib < rt_numfibs(); fib++) {
			rt = fib4_find(rt_table(fib),
			    ia->ia_addr & in_mask(plens[i]), plens[i]);
			nh = rt != NULL ? ref_get(&rt->rt_nhop) : NULL;
			if (nh != NULL && ref_get(&nh->nh_ifa) == ia)
				rts_routemsg(RTM_ADD, rt);
		}
}

void
rt_addrmsg(bool add, const struct in_ifaddr *ia)
{
	const struct ifnet *ifp = ia->ia_ifp;
	struct rts_scope sc = { .fib = RTS_FIB_ALL, .family = RTS_INET };
	struct vnetsim_rtmsg msg;
	uint32_t last;

	if (!rts_listened())
		return;
	memset(&msg, 0, sizeof(msg));
	if (!rt_allfibs())
		sc.fib = in_fib_first(ifp, &last);
	msg.type = add ? VNETSIM_RTM_NEWADDR : VNETSIM_RTM_DELADDR;
	msg.index = ifp->if_index;
	msg.addrs = VNETSIM_RTA_NETMASK | VNETSIM_RTA_IFP | VNETSIM_RTA_IFA;
	msg.netmask = in_mask(ia->ia_plen);
	msg.ifa = ia->ia_addr;
	rts_link(ifp, &msg.ifp);
	if ((ifp->if_flags & IFF_BROADCAST) != 0) {
		msg.addrs |= VNETSIM_RTA_BRD;
		msg.brd = ia->ia_addr | ~in_mask(ia->ia_plen);
	}
	rts_tell(&msg, &sc);
	if (add)
		rts_addrroutes(ia);
}

static void
rts_announce(const struct ifnet *ifp, bool arrival)
{
	struct rts_scope sc = { .fib = RTS_FIB_ALL, .family = RTS_ANY };
	struct vnetsim_rtmsg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = VNETSIM_RTM_IFANNOUNCE;
	msg.index = ifp->if_index;
	msg.arrival = arrival;
	rts_link(ifp, &msg.ifp);
	rts_tell(&msg, &sc);
}

static void
rts_arrival(void *arg, void *obj, int value)
{
	(void)arg;
	(void)value;
	rts_announce(obj, true);
}

static void
rts_departure(void *arg, void *obj, int value)
{
	(void)arg;
	(void)value;
	rts_announce(obj, false);
}

/* FreeBSD: rt_ifmsg() */
static void
rts_ifinfo(void *arg, void *obj, int value)
{
	const struct ifnet *ifp = obj;
	struct rts_scope sc = { .fib = RTS_FIB_ALL, .family = RTS_ANY };
	struct vnetsim_rtmsg msg;

	(void)arg;
	(void)value;
	memset(&msg, 0, sizeof(msg));
	msg.type = VNETSIM_RTM_IFINFO;
	msg.index = ifp->if_index;
	msg.flags = ifp->if_flags;
	msg.linkstate = ifp->if_linkstate;
	msg.mtu = ifp->if_mtu;
	rts_tell(&msg, &sc);
}

void
rt_missmsg(uint32_t fib, uint32_t dst)
{
	struct rts_scope sc = { .fib = fib, .family = RTS_INET };
	struct vnetsim_rtmsg msg;

	if (!rts_listened())
		return;
	memset(&msg, 0, sizeof(msg));
	msg.type = VNETSIM_RTM_MISS;
	msg.flags = RTF_DONE;
	msg.addrs = VNETSIM_RTA_DST;
	msg.dst = dst;
	rts_tell(&msg, &sc);
}

int
rts_listen(void)
{
	static const struct {
		enum eventhandler_id id;
		void (*func)(void *arg, void *obj, int value);
	} evs[RTS_NEV] = {
		[RTS_EV_ARRIVAL] = { EVH_IFNET_ARRIVAL, rts_arrival },
		[RTS_EV_DEPARTURE] = { EVH_IFNET_DEPARTURE, rts_departure },
		[RTS_EV_LINK] = { EVH_IFNET_LINK, rts_ifinfo },
		[RTS_EV_INFO] = { EVH_IFNET_INFO, rts_ifinfo },
		[RTS_EV_ROUTE] = { EVH_RTEVENT, rts_route },
	};
	struct route_cb *cb = V_rtsock.cb;

	for (int i = 0; i < RTS_NEV; i++) {
		cb->cb_ev[i] = eventhandler_register(evs[i].id, VNET_MOD_rtsock,
		    evs[i].func, NULL, EVENTHANDLER_PRI_LAST);
		if (cb->cb_ev[i] == NULL) {
			rts_unlisten();
			return (VE_NOBUFS);
		}
	}
	return (0);
}

void
rts_unlisten(void)
{
	struct route_cb *cb = V_rtsock.cb;

	for (int i = 0; i < RTS_NEV; i++) {
		eventhandler_deregister(cb->cb_ev[i]);
		cb->cb_ev[i] = NULL;
	}
}
