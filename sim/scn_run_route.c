/*
 * scn_run_route.c - route(8).
 *
 * `route get` prints what FreeBSD's prints: the route that is taken, with its
 * mask, flags, MTU and rest of life.
 */
#include <inttypes.h>

#include "sim/scn_run_var.h"

uint32_t
run_fib(const struct scn_stmt *s, int32_t said)
{
	if (said >= 0)
		return ((uint32_t)said);
	return (s->setfib != 0 ? s->setfib - 1 : 0);
}

int
run_route(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_route *rt = &s->u.route;
	const struct vnetsim_route r = {
		.dst = rt->dst,
		.plen = (uint8_t)rt->prefixlen,
		.gateway = rt->has_gw ? rt->gw : 0,
		.ifname = rt->ifname,
		.mtu = rt->mtu,
		.reject = rt->reject,
		.blackhole = rt->blackhole,
		.fib = run_fib(s, rt->fib),
	};
	uint32_t n;

	switch (s->kind) {
	case SCN_ROUTE_ADD:
		return (RUN_CALL(e, "route add",
		    vnetsim_route_ctl(e->e_w, jail, VNETSIM_ROUTE_ADD, &r)));
	case SCN_ROUTE_CHANGE:
		return (RUN_CALL(e, "route change",
		    vnetsim_route_ctl(e->e_w, jail, VNETSIM_ROUTE_CHANGE, &r)));
	case SCN_ROUTE_FLUSH:
		return (RUN_CALL(e, "route flush",
		    vnetsim_fib_flush(e->e_w, jail, r.fib, &n)));
	default:
		return (RUN_CALL(e, "route delete",
		    vnetsim_route_ctl(e->e_w, jail, VNETSIM_ROUTE_DELETE, &r)));
	}
}

static void
route_line(struct scn_env *e, const char *what, uint32_t addr)
{
	rbuf_add(&e->e_out, "%11s: ", what);
	rbuf_ip(&e->e_out, addr);
	rbuf_add(&e->e_out, "\n");
}

/* UGHDSRB as route(8) says them. */
static void
route_flags(struct scn_env *e, const char *flags)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {
		{ 'U', "UP" },
		{ 'G', "GATEWAY" },
		{ 'H', "HOST" },
		{ 'R', "REJECT" },
		{ 'D', "DYNAMIC" },
		{ 'S', "STATIC" },
		{ 'B', "BLACKHOLE" },
	};
	const char *sep = "<";

	rbuf_add(&e->e_out, "%11s: ", "flags");
	for (; *flags != '\0'; flags++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (names[i].letter == *flags) {
				rbuf_add(&e->e_out, "%s%s", sep, names[i].name);
				sep = ",";
			}
	rbuf_add(&e->e_out, ",DONE>\n");
}

int
run_route_get(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	uint32_t fib = run_fib(s, s->u.route.fib);
	struct vnetsim_routeinfo ri;
	int error = vnetsim_fib_get(e->e_w, jail, fib, s->u.route.dst, &ri);

	if (error != 0)
		return (error);
	route_line(e, "route to", s->u.route.dst);
	if (ri.plen == 0)
		rbuf_add(&e->e_out, "%11s: default\n", "destination");
	else
		route_line(e, "destination", ri.dst);
	if (ri.plen < 32)
		route_line(
		    e, "mask", ri.plen == 0 ? 0 : UINT32_MAX << (32 - ri.plen));
	if (ri.gateway != 0)
		route_line(e, "gateway", ri.gateway);
	rbuf_add(&e->e_out, "%11s: %" PRIu32 "\n%11s: %s\n", "fib", fib,
	    "interface", ri.ifname);
	route_flags(e, ri.flags);
	rbuf_add(&e->e_out,
	    "%9s %9s %9s %9s %9s %9s %9s\n"
	    "%8d  %8d  %8d  %8d  %8" PRIu32 "  %8d  %8" PRIu32 " \n",
	    "recvpipe", "sendpipe", "ssthresh", "rtt,msec", "mtu   ", "weight",
	    "expire", 0, 0, 0, 0, ri.mtu, 1, ri.expire);
	return (0);
}
