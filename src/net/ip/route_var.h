/*
 * route_var.h - the routing table, between the files of module route.
 */
#ifndef SRC_NET_IP_ROUTE_VAR_H
#define SRC_NET_IP_ROUTE_VAR_H

#include <vnetsim/kern/vnet.h>
#include "src/net/ip/fib4.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/route.h"

struct rt_tmproutes; /* route_redirect.c */

struct vnet_route {
	struct fib4 fib;
	struct eventhandler_entry *departure; /* (o) */
	struct rt_tmproutes *tmp; /* (o) NULL until a route has an end */
};
VNET_STATE(route, struct vnet_route);
#define V_route VNET(route)

enum { RT_Z_RTENTRY, RT_Z_NHOP, RT_Z_BUCKET, RT_Z_TMP };
extern const struct uma_zone tmproutes_zone;

/* What a new route is made of. */
struct rt_new {
	uint32_t rn_dst;
	uint8_t rn_plen;
	struct ifnet *rn_ifp;
	struct in_ifaddr *rn_ia; /* source address; held by the next hop */
	uint32_t rn_gw;
	uint32_t rn_flags;
	uint32_t rn_mtu;    /* 0: the interface's */
	uint32_t rn_expire; /* virtual s, 0: never */
};

/* Return: 0; VE_EXIST; VE_NOBUFS. */
int rt_create(const struct rt_new *rn);

/* Another next hop for a route.  Return: 0; VE_NOBUFS: it is as it was. */
int rt_change(struct rtentry *rt, const struct rt_new *rn);

/* Out of the table, announced; the memory goes later. */
void rt_delete(struct rtentry *rt);

/* Stop the timer.  Return: false: return OP_WAIT and call again. */
bool rt_tmproutes_shutdown(struct op *op);
/* Free it, if it is stopped. */
void rt_tmproutes_uninit(void);

#endif /* !SRC_NET_IP_ROUTE_VAR_H */
