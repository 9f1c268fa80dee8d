/*
 * route_tables.c - the routing tables of a vnet: how many, and their birth.
 *
 * A vnet begins with table 0.  net.fibs makes more of them, at any time; they
 * never become fewer, so a number that was good once stays good.  Tables cost
 * nothing before: those above 0 stand in one array, which is made anew when
 * their number grows.  Nothing points into it beyond an event.
 *
 * A new table is empty, unless net.add_addr_allfibs asks for the routes of
 * addresses in all tables: then it gets those of table 0.  All or nothing: if
 * memory fails, there is no more table than before.
 *
 * FreeBSD: sys/net/route/route_tables.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/ip/route_var.h"
#include "src/net/ip/rtsock.h"

MALLOC_TYPE(rt_tables_zone, route, RT_Z_TABLES, "rt_tables", UMA_NOHASH);

uint32_t
rt_numfibs(void)
{
	return (V_route.nfibs);
}

bool
rt_allfibs(void)
{
	return (V_route.allfibs);
}

/* The routes of addresses, from table 0. */
static int
rt_populate(uint32_t fib)
{
	const struct rtentry *rt, *next;
	const struct nhop_object *nh;
	int error;

	FIB4_FOREACH(rt, next, &V_route.fib)
	{
		if ((rt->rt_flags & RTF_PINNED) == 0)
			continue;
		nh = ref_get(&rt->rt_nhop);
		error = rib_addifa(fib, rt->rt_dst, rt->rt_plen,
		    ref_get(&nh->nh_ifp), ref_get(&nh->nh_ifa),
		    rt->rt_flags & (RTF_HOST | RTF_LOCAL));
		if (error != 0)
			return (error);
	}
	return (0);
}

/* Tables @from and above go again: nobody has used them. */
static void
rt_shrink(uint32_t from)
{
	struct rtentry *rt, *next;

	for (uint32_t fib = from; fib < V_route.nfibs; fib++) {
		FIB4_FOREACH(rt, next, rt_table(fib))
		rt_undo(rt);
		fib4_free(rt_table(fib));
	}
	V_route.nfibs = from;
}

static int
rt_grow(uint32_t n)
{
	struct fib4 *more, *less = V_route.more;
	uint32_t old = V_route.nfibs;
	int error = 0;

	more = kmalloc(&rt_tables_zone, (n - 1) * sizeof(*more), M_ZERO);
	if (more == NULL)
		return (VE_NOMEM);
	if (old > 1)
		memcpy(more, less, (old - 1) * sizeof(*more));
	V_route.more = more;
	V_route.nfibs = n;
	rts_quiet(true);
	for (uint32_t fib = old; V_route.allfibs && error == 0 && fib < n;
	     fib++)
		error = rt_populate(fib);
	if (error != 0) {
		rt_shrink(old);
		V_route.more = less;
		less = more;
	}
	rts_quiet(false);
	kfree(&rt_tables_zone, less);
	return (error);
}

int
rt_sysctl_fibs(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	if (!write) {
		*value = V_route.nfibs;
		return (0);
	}
	/* FreeBSD: the number of tables does not fall */
	if (*value < V_route.nfibs)
		return (VE_INVAL);
	return (*value == V_route.nfibs ? 0 : rt_grow((uint32_t)*value));
}

void
rt_tables_free(void)
{
	for (uint32_t fib = 0; fib < V_route.nfibs; fib++)
		fib4_free(rt_table(fib));
	kfree(&rt_tables_zone, V_route.more);
	V_route.more = NULL;
	V_route.nfibs = 1;
}
