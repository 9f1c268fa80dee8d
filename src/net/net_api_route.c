/*
 * net_api_route.c - routes, neighbours, sysctls, ping.
 */
#include <string.h>
#include <vnetsim/net.h>
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip_var.h"
#include "src/net/ip/route.h"
#include "src/net/ip/rtsock.h"
#include "src/net/link/if_llatbl.h"
#include "src/net/net_api.h"

#define PING_MAXSIZE 1472

/* The kernel's form of a route; the interface is one of curvnet. */
static int
route_cmd(const struct vnetsim_route *r, struct rib_cmd *rc)
{
	memset(rc, 0, sizeof(*rc));
	if (r->fib >= rt_numfibs())
		return (VE_INVAL);
	rc->rc_dst = r->dst;
	rc->rc_plen = r->plen;
	rc->rc_gw = r->gateway;
	rc->rc_mtu = r->mtu;
	rc->rc_fib = (uint8_t)r->fib;
	rc->rc_flags = RTF_STATIC;
	if (r->reject)
		rc->rc_flags |= RTF_REJECT;
	if (r->blackhole)
		rc->rc_flags |= RTF_BLACKHOLE;
	if (r->ifname == NULL)
		return (0);
	rc->rc_ifp = ifunit(r->ifname);
	return (rc->rc_ifp != NULL ? 0 : VE_NXIO);
}

/* FreeBSD: priv_check(PRIV_NET_ROUTE): who shares a stack may only look. */
static int
route_jail(struct vnetsim *w, struct api_call *c, const char *name,
    vnetsim_handle jail)
{
	struct prison *pr;
	int error = api_jail(w, c, name, jail, DOOR_ADMIN, &pr);

	return (error == 0 && (pr->pr_flags & PR_VNET) == 0 ? VE_PERM : error);
}

static int
route_do(struct vnetsim *w, vnetsim_handle jail, const char *name, int action,
    const struct vnetsim_route *r)
{
	struct rib_cmd rc;
	struct api_call c;
	int error = route_jail(w, &c, name, jail);

	if (error == 0)
		error = route_cmd(r, &rc);
	if (error == 0)
		error = rts_ctl(action, &rc);
	return (api_end(&c, error));
}

int
vnetsim_route_ctl(struct vnetsim *w, vnetsim_handle jail,
    enum vnetsim_route_verb verb, const struct vnetsim_route *r)
{
	switch (verb) {
	case VNETSIM_ROUTE_ADD:
		return (route_do(w, jail, "route_add", RTM_ADD, r));
	case VNETSIM_ROUTE_CHANGE:
		return (route_do(w, jail, "route_change", RTM_CHANGE, r));
	default:
		return (route_do(w, jail, "route_delete", RTM_DELETE, r));
	}
}

int
vnetsim_route_add(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    uint8_t plen, uint32_t gw)
{
	struct vnetsim_route r = { .dst = dst, .plen = plen, .gateway = gw };

	return (route_do(w, jail, "route_add", RTM_ADD, &r));
}

int
vnetsim_route_delete(
    struct vnetsim *w, vnetsim_handle jail, uint32_t dst, uint8_t plen)
{
	struct vnetsim_route r = { .dst = dst, .plen = plen };

	return (route_do(w, jail, "route_delete", RTM_DELETE, &r));
}

int
vnetsim_fib_flush(
    struct vnetsim *w, vnetsim_handle jail, uint32_t fib, uint32_t *n)
{
	struct api_call c;
	int error = route_jail(w, &c, "route_flush", jail);

	if (error == 0 && fib >= rt_numfibs())
		error = VE_INVAL;
	*n = error == 0 ? rib_flush(fib) : 0;
	return (api_end(&c, error));
}

int
vnetsim_route_flush(struct vnetsim *w, vnetsim_handle jail, uint32_t *n)
{
	return (vnetsim_fib_flush(w, jail, 0, n));
}

/* netstat -r: FreeBSD's letters in FreeBSD's order. */
static void
route_flags(uint32_t flags, char *out)
{
	static const struct {
		uint32_t flag;
		char letter;
	} bits[] = {
		{ RTF_GATEWAY, 'G' },
		{ RTF_HOST, 'H' },
		{ RTF_REJECT, 'R' },
		{ RTF_DYNAMIC, 'D' },
		{ RTF_STATIC, 'S' },
		{ RTF_BLACKHOLE, 'B' },
	};

	*out++ = 'U';
	for (size_t i = 0; i < nitems(bits); i++)
		if ((flags & bits[i].flag) != 0)
			*out++ = bits[i].letter;
	*out = '\0';
}

static void
route_info(const struct rt_row *row, struct vnetsim_routeinfo *info)
{
	info->dst = row->rt_dst;
	info->gateway = row->rt_gw;
	info->plen = row->rt_plen;
	info->mtu = row->rt_mtu;
	info->expire = row->rt_expire;
	route_flags(row->rt_flags, info->flags);
	memcpy(info->ifname, row->rt_ifname, sizeof(info->ifname));
}

int
vnetsim_fib_next(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t n, struct vnetsim_routeinfo *info)
{
	struct rt_row row;
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	memset(info, 0, sizeof(*info));
	if (error == 0 && fib >= rt_numfibs())
		error = VE_INVAL;
	if (error == 0 && !rib_get(fib, n, &row))
		error = VE_NOENT;
	if (error == 0)
		route_info(&row, info);
	return (api_end(&c, error));
}

int
vnetsim_route_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_routeinfo *info)
{
	return (vnetsim_fib_next(w, jail, 0, n, info));
}

int
vnetsim_fib_get(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t dst, struct vnetsim_routeinfo *info)
{
	struct rt_row row;
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	memset(info, 0, sizeof(*info));
	if (error == 0 && fib >= rt_numfibs())
		error = VE_INVAL;
	if (error == 0 && !rib_lookup(fib, dst, &row))
		error = VE_SRCH;
	if (error == 0)
		route_info(&row, info);
	return (api_end(&c, error));
}

int
vnetsim_route_get(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    struct vnetsim_routeinfo *info)
{
	return (vnetsim_fib_get(w, jail, 0, dst, info));
}

static struct llentry *
arp_nth(uint32_t n)
{
	struct llentry *lle;
	struct ifnet *ifp;

	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp)) {
		if (ifp->if_llt == NULL)
			continue;
		if (n >= ifp->if_llt->llt_count) {
			n -= ifp->if_llt->llt_count;
			continue;
		}
		lle = lla_get(ifp->if_llt, n);
		return (lle);
	}
	return (NULL);
}

int
vnetsim_arp_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_arpinfo *info)
{
	const struct llentry *lle = NULL;
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	memset(info, 0, sizeof(*info));
	if (error == 0) {
		lle = arp_nth(n);
		error = lle == NULL ? VE_NOENT : 0;
	}
	if (error == 0) {
		info->addr = lle->lle_addr;
		memcpy(info->ether, lle->lle_lladdr, sizeof(info->ether));
		info->complete = lle->lle_state != LLE_INCOMPLETE;
		info->permanent = lle->lle_state == LLE_STATIC;
		if (lle->la_expire != 0)
			info->expires = lle->la_expire - vtime();
		memcpy(info->ifname, lle->lle_tbl->llt_ifp->if_xname,
		    sizeof(info->ifname));
	}
	return (api_end(&c, error));
}

int
vnetsim_arp_set(
    struct vnetsim *w, vnetsim_handle jail, uint32_t addr, const uint8_t *ether)
{
	struct api_call c;
	int error = api_jail(w, &c, "arp_set", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = arp_set(addr, ether);
	return (api_end(&c, error));
}

int
vnetsim_sysctl_get(
    struct vnetsim *w, vnetsim_handle jail, const char *name, int64_t *value)
{
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	if (error == 0)
		error = sysctl_get(name, value);
	return (api_end(&c, error));
}

int
vnetsim_sysctl_set(
    struct vnetsim *w, vnetsim_handle jail, const char *name, int64_t value)
{
	struct api_call c;
	int error = api_jail(w, &c, "sysctl_set", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = sysctl_set(name, value);
	return (api_end(&c, error));
}

int
vnetsim_sysctl_next(
    struct vnetsim *w, uint32_t n, const char **name, const char **descr)
{
	(void)api_look(w);
	return (sysctl_nth(n, name, descr));
}

struct ping_args {
	uint32_t dst, size, fib;
	int64_t timeout;
};

static void
ping_opinit(struct op *op, void *arg)
{
	const struct ping_args *pa = arg;

	op->op_arg[0] = pa->dst;
	op->op_arg[1] = pa->size;
	op->op_arg[2] = (uint64_t)pa->timeout;
	op->op_arg[3] = pa->fib;
	op->op_mod = VNET_MOD_icmp;
}

int
vnetsim_fib_ping(struct vnetsim *w, vnetsim_handle jail, uint32_t fib,
    uint32_t dst, uint32_t size, int64_t timeout, vnetsim_handle *op)
{
	struct ping_args pa = { dst, size, fib, timeout };
	struct api_call c;
	struct op *kop;
	int error = api_jail(w, &c, "ping", jail, DOOR_ADMIN, NULL);

	if (error == 0 &&
	    (size > PING_MAXSIZE || timeout <= 0 || fib >= rt_numfibs()))
		error = VE_INVAL;
	if (error == 0) {
		kop = op_start(&ping_op, curvnet, ping_opinit, &pa);
		if (kop == NULL)
			error = VE_NOMEM;
		else
			api_op(kop, op);
	}
	return (api_end(&c, error));
}

int
vnetsim_ping(struct vnetsim *w, vnetsim_handle jail, uint32_t dst,
    uint32_t size, int64_t timeout, vnetsim_handle *op)
{
	return (vnetsim_fib_ping(w, jail, 0, dst, size, timeout, op));
}
