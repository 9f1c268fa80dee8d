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
	struct fib4 fib;   /* table 0 */
	struct fib4 *more; /* (o) tables 1 .. nfibs - 1; NULL: none */
	uint32_t nfibs;    /* net.fibs */
	uint32_t nroutes;  /* in all tables */
	bool allfibs;      /* net.add_addr_allfibs */
	struct eventhandler_entry *departure; /* (o) */
	struct rt_tmproutes *tmp; /* (o) NULL until a route has an end */
};
VNET_STATE(route, struct vnet_route);
#define V_route VNET(route)

enum { RT_Z_RTENTRY, RT_Z_NHOP, RT_Z_BUCKET, RT_Z_TMP, RT_Z_TABLES };
extern const struct uma_zone tmproutes_zone, rt_tables_zone;

/**
 * rt_table() - a routing table of curvnet
 * @fib:	its number
 *
 * Return:	it; NULL: no such table.
 */
static inline struct fib4 *
rt_table(uint32_t fib)
{
	if (fib == 0)
		return (&V_route.fib);
	return (fib < V_route.nfibs ? &V_route.more[fib - 1] : NULL);
}

/* Every route of curvnet, table by table; the one at hand may be removed. */
#define RT_FOREACH(fib, rt, next)                                              \
	for ((fib) = 0; (fib) < V_route.nfibs; (fib)++)                        \
	FIB4_FOREACH(rt, next, rt_table(fib))

/* net.fibs: route_tables.c. */
struct sysctl_oid;
int rt_sysctl_fibs(const struct sysctl_oid *oid, int64_t *value, bool write);
/* All tables are empty: free what they are made of. */
void rt_tables_free(void);

/* What a new route is made of. */
struct rt_new {
	uint8_t rn_fib; /* a table that exists */
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

/* Undo rt_create() in the same event: nobody can have seen it. */
void rt_undo(struct rtentry *rt);

/* Stop the timer.  Return: false: return OP_WAIT and call again. */
bool rt_tmproutes_shutdown(struct op *op);
/* Free it, if it is stopped. */
void rt_tmproutes_uninit(void);

#endif /* !SRC_NET_IP_ROUTE_VAR_H */
