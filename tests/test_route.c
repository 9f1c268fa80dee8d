/*
 * test_route.c - routes: longest prefix match against a naive model, errnos,
 * and the two rounds of deferred frees that FreeBSD's bug F97 is about.
 */
#include <stdlib.h>
#include <string.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/ip/fib4.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/route.h"
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define CLI 2 /* number of the client's vnet */

static uint64_t lcg;

static uint32_t
rnd(uint32_t n)
{
	lcg = lcg * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(lcg >> 33) % n);
}

/* ---- against a model ---- */

#define NROUTES 300

struct model {
	struct rtentry rt[NROUTES];
	bool in[NROUTES];
};

static const struct rtentry *
model_match(const struct model *m, uint32_t dst)
{
	const struct rtentry *best = NULL;

	for (int i = 0; i < NROUTES; i++)
		if (m->in[i] &&
		    ((dst ^ m->rt[i].rt_dst) & in_mask(m->rt[i].rt_plen)) ==
			0 &&
		    (best == NULL || m->rt[i].rt_plen > best->rt_plen))
			best = &m->rt[i];
	return (best);
}

static bool
model_has(const struct model *m, uint32_t dst, uint8_t plen)
{
	for (int i = 0; i < NROUTES; i++)
		if (m->in[i] && m->rt[i].rt_dst == dst &&
		    m->rt[i].rt_plen == plen)
			return (true);
	return (false);
}

/* Few different addresses, so that prefixes nest. */
static uint32_t
rnd_addr(void)
{
	return (rnd(2) << 31 | rnd(3) << 20 | rnd(4) << 8 | rnd(5));
}

/* By number and by successor: the same, all of it, in order. */
static void
listing_is_in_order(const struct fib4 *fib)
{
	const struct rtentry *rt, *last = NULL;

	for (uint32_t n = 0; n < fib->fib_count; n++) {
		rt = fib4_nth(fib, n);
		assert_non_null(rt);
		assert_ptr_equal(fib4_next(fib, last), rt);
		if (last != NULL)
			assert_true(last->rt_dst < rt->rt_dst ||
				    (last->rt_dst == rt->rt_dst &&
					last->rt_plen < rt->rt_plen));
		last = rt;
	}
	assert_null(fib4_nth(fib, fib->fib_count));
	assert_true(last == NULL || fib4_next(fib, last) == NULL);
}

static void
fib_agrees_with_a_naive_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct fib4 fib = { 0 };
	struct vnet_frame f;
	struct st s = { 0 };
	uint32_t count = 0;

	(void)state;
	assert_non_null(m);
	lcg = 1;
	assert_true(st_open(&s, NULL));
	assert_true(vnet_enter(&f, vnet_byid(0), DOOR_ADMIN, VNET_MOD_route));
	for (int step = 0; step < 20000; step++) {
		uint32_t i = rnd(NROUTES), dst;
		uint8_t plen = (uint8_t)rnd(33);

		if (m->in[i]) {
			fib4_remove(&fib, &m->rt[i]);
			m->in[i] = false;
			count--;
		} else {
			dst = rnd_addr() & in_mask(plen);
			assert_int_equal(fib4_find(&fib, dst, plen) != NULL,
			    model_has(m, dst, plen));
			if (model_has(m, dst, plen))
				continue;
			m->rt[i].rt_dst = dst;
			m->rt[i].rt_plen = plen;
			assert_int_equal(fib4_insert(&fib, &m->rt[i]), 0);
			m->in[i] = true;
			count++;
		}
		assert_int_equal(fib.fib_count, count);
		dst = rnd_addr();
		assert_ptr_equal(fib4_match(&fib, dst), model_match(m, dst));
		if (step % 100 == 0)
			listing_is_in_order(&fib);
	}
	for (int i = 0; i < NROUTES; i++)
		if (m->in[i])
			fib4_remove(&fib, &m->rt[i]);
	assert_int_equal(fib.fib_lengths, 0);
	fib4_free(&fib);
	vnet_leave(&f);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
	free(m);
}

/* ---- the calls ---- */

static void
every_errno(void **state)
{
	struct vnetsim_routeinfo ri;
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	/* default route */
	assert_int_equal(vnetsim_route_add(s.w, s.cli, 0, 0, ST_HUB), 0);
	assert_int_equal(vnetsim_route_add(s.w, s.cli, 0, 0, ST_HUB), VE_EXIST);
	/* host bits; too long; gateway on no link of ours */
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000001, 24, ST_HUB), VE_INVAL);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000001, 33, ST_HUB), VE_INVAL);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 24, 0x0c000001),
	    VE_NETUNREACH);
	assert_int_equal(vnetsim_route_add(s.w, 77, 0, 0, ST_HUB), VE_SRCH);
	/* a host route and a network below it */
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000001, 32, ST_HUB), 0);
	assert_int_equal(
	    vnetsim_route_delete(s.w, s.cli, 0x0b000000, 8), VE_SRCH);
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, 0x0b000001, 32), 0);
	/* the prefix of an address is not route(8)'s to delete */
	assert_int_equal(
	    vnetsim_route_delete(s.w, s.cli, 0x0a000000, 24), VE_SRCH);
	assert_int_equal(vnetsim_route_next(s.w, s.cli, 0, &ri), 0);
	assert_string_equal(ri.flags, "UGS");
	assert_int_equal(vnetsim_route_next(s.w, s.cli, 99, &ri), VE_NOENT);
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, 0, 0), 0);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static int
ctl(struct st *s, enum vnetsim_route_verb verb, struct vnetsim_route r)
{
	return (vnetsim_route_ctl(s->w, s->cli, verb, &r));
}

static void
every_errno_of_ctl(void **state)
{
	struct vnetsim_route r = { .dst = 0x0b000000, .plen = 8 };
	struct vnetsim_routeinfo ri;
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	/* neither gateway nor interface; an MTU beyond its limits */
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_INVAL);
	r.gateway = ST_HUB;
	r.mtu = 71;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_INVAL);
	r.mtu = 65536;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_INVAL);
	r.mtu = 72;
	r.reject = r.blackhole = true;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_INVAL);
	r.reject = r.blackhole = false;
	r.ifname = "epair7a";
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_NXIO);
	r.ifname = NULL;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_CHANGE, r), VE_SRCH);
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), 0);
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), VE_EXIST);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, 0x0b123456, &ri), 0);
	assert_int_equal(ri.mtu, 72);
	assert_int_equal(ri.gateway, ST_HUB);
	assert_string_equal(ri.flags, "UGS");
	/* a change: what is not named stays */
	r.gateway = 0;
	r.mtu = 1000;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_CHANGE, r), 0);
	r.mtu = 0;
	r.gateway = ST_HUB + 5;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_CHANGE, r), 0);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, 0x0b123456, &ri), 0);
	assert_int_equal(ri.mtu, 1000);
	assert_int_equal(ri.gateway, ST_HUB + 5);
	r.gateway = 0x0c000001;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_CHANGE, r), VE_NETUNREACH);
	/* delete: only if it is that gateway's */
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_DELETE, r), VE_SRCH);
	r.gateway = ST_HUB + 5;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_DELETE, r), 0);
	assert_int_equal(
	    vnetsim_route_get(s.w, s.cli, 0x0b123456, &ri), VE_SRCH);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static void
by_interface_and_flushed(void **state)
{
	struct vnetsim_route r = { .dst = 0x0b000000, .plen = 8 };
	struct vnetsim_routeinfo ri;
	struct st s = { 0 };
	uint32_t n;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	/* by an interface; those of addresses are not ours to change */
	r.ifname = "epair0b";
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_ADD, r), 0);
	r.dst = 0x0a000000;
	r.plen = 24;
	assert_int_equal(ctl(&s, VNETSIM_ROUTE_CHANGE, r), VE_SRCH);
	/* flush: routes by gateways, no others */
	assert_int_equal(vnetsim_route_add(s.w, s.cli, 0, 0, ST_HUB), 0);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0c000000, 8, ST_HUB), 0);
	assert_int_equal(vnetsim_route_flush(s.w, s.cli, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, 0x0b123456, &ri), 0);
	assert_string_equal(ri.flags, "US");
	assert_int_equal(
	    vnetsim_route_get(s.w, s.cli, 0x0c123456, &ri), VE_SRCH);
	assert_int_equal(vnetsim_route_flush(s.w, 77, &n), VE_SRCH);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* An address takes its routes with it; a sibling inherits the prefix. */
static void
prefix_route_passes_to_a_sibling(void **state)
{
	struct vnetsim_routeinfo ri;
	struct st s = { 0 };
	vnetsim_handle op;
	bool found = false;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", ST_CLI + 1, 24, true), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", ST_CLI + 1, 24, true),
	    VE_EXIST);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", ST_CLI, 24, false), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", ST_CLI, 24, false),
	    VE_ADDRNOTAVAIL);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", 0xe0000001, 24, true),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", 0, 24, true), VE_INVAL);
	for (uint32_t n = 0; vnetsim_route_next(s.w, s.cli, n, &ri) == 0; n++)
		found = found || (ri.dst == (ST_CLI & ~255u) && ri.plen == 24);
	assert_true(found);
	(void)ST(&s, vnetsim_ping(s.w, s.cli, ST_HUB, 56, ST_S, &op));
	assert_int_equal(st_await(&s, op, 2 * ST_S), 0);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* ---- deferred frees ---- */

static unsigned
objects(struct st *s, uint32_t vnet, const char *type)
{
	struct vnetsim_object o;
	uint64_t it = 0;
	unsigned n = 0;

	while (vnetsim_object_next(
		   vnetsim_view_live(s->w), vnet, type, &it, &o) == 0)
		n++;
	return (n);
}

/* F97: the next hop waits for a round of its own. */
static void
a_route_needs_two_rounds(void **state)
{
	unsigned nh, rt, after = 0;
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	st_run(&s, ST_S);
	rt = objects(&s, CLI, "rtentry");
	nh = objects(&s, CLI, "nhops");
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 8, ST_HUB), 0);
	assert_int_equal(objects(&s, CLI, "nhops"), nh + 1);
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, 0x0b000000, 8), 0);
	assert_int_equal(objects(&s, CLI, "rtentry"), rt + 1);
	while (st_step(&s, vnetsim_now(s.w)))
		if (objects(&s, CLI, "rtentry") == rt &&
		    objects(&s, CLI, "nhops") == nh + 1)
			after++;
	/* the route was gone and its next hop was not */
	assert_true(after > 0);
	assert_int_equal(objects(&s, CLI, "nhops"), nh);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* ---- announcements ---- */

static struct {
	unsigned add, del;
	uint32_t dst;
	bool nexthop;
} heard;

static void
hear(void *arg, void *obj, int value)
{
	const struct rtentry *rt = obj;

	(void)arg;
	heard.add += value == RTM_ADD;
	heard.del += value == RTM_DELETE;
	heard.dst = rt->rt_dst;
	heard.nexthop = !ref_empty(&rt->rt_nhop);
}

/* Who listens hears of each route, while it has its next hop. */
static void
routes_are_announced(void **state)
{
	struct eventhandler_entry *e;
	struct vnet_frame f;
	struct st s = { 0 };

	(void)state;
	memset(&heard, 0, sizeof(heard));
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_true(vnet_enter(&f, vnet_byid(CLI), DOOR_ADMIN, VNET_MOD_route));
	e = eventhandler_register(
	    EVH_RTEVENT, VNET_MOD_route, hear, NULL, EVENTHANDLER_PRI_ANY);
	assert_non_null(e);
	vnet_leave(&f);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 8, ST_HUB), 0);
	assert_int_equal(heard.add, 1);
	assert_int_equal(heard.dst, 0x0b000000);
	assert_true(heard.nexthop);
	/* one that is refused is no news */
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 8, ST_HUB), VE_EXIST);
	assert_int_equal(heard.add, 1);
	heard.nexthop = false;
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, 0x0b000000, 8), 0);
	assert_int_equal(heard.del, 1);
	assert_true(heard.nexthop);
	/* the host's and the prefix' routes of an address */
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", 0x0d000001, 24, true), 0);
	assert_int_equal(heard.add, 3);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", 0x0d000001, 24, false), 0);
	assert_int_equal(heard.del, 3);
	assert_true(vnet_enter(&f, vnet_byid(CLI), DOOR_ADMIN, VNET_MOD_route));
	eventhandler_deregister(e);
	vnet_leave(&f);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* F9A: callbacks that are dropped leak what they would have freed. */
static void
dropped_callbacks_leak(void **state)
{
	struct vnetsim_finding f;
	struct st s = { 0 };
	bool named = false;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 8, ST_HUB), 0);
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, 0x0b000000, 8), 0);
	assert_true(epoch_discard(vnet_byid(CLI), -1, NULL, NULL) > 0);
	(void)st_remove(&s, "cli", 10000 * ST_S);
	for (unsigned n = 0; vnetsim_finding(s.w, n, &f) == 0; n++)
		if (strcmp(f.kind, "leak") == 0 && f.module != NULL &&
		    strcmp(f.module, "route") == 0 && f.birth != NULL)
			named = true;
	if (!named)
		st_print(&s);
	assert_true(named);
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fib_agrees_with_a_naive_model),
		cmocka_unit_test(every_errno),
		cmocka_unit_test(every_errno_of_ctl),
		cmocka_unit_test(by_interface_and_flushed),
		cmocka_unit_test(prefix_route_passes_to_a_sibling),
		cmocka_unit_test(a_route_needs_two_rounds),
		cmocka_unit_test(routes_are_announced),
		cmocka_unit_test(dropped_callbacks_leak),
	};

	return (
	    cmocka_run_group_tests_name("route", tests, NULL, NULL) ? 1 : 0);
}
