/*
 * test_fib.c - many routing tables: limits, who uses which, and departures.
 */
#include <string.h>
#include <vnetsim/kern/vnet.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define NET UINT32_C(0x0b000000)
#define CLI 2 /* number of the client's vnet */

static void
open2(struct st *s)
{
	memset(s, 0, sizeof(*s));
	assert_true(st_open(s, NULL));
	st_setup(s);
	st_run(s, ST_MS);
}

static void
done(struct st *s)
{
	unsigned n = st_finish(s);

	if (n != 0)
		st_print(s);
	assert_int_equal(n, 0);
	st_close(s);
}

static int
fibs(struct st *s, int64_t n)
{
	return (vnetsim_sysctl_set(s->w, s->cli, "net.fibs", n));
}

static unsigned
routes(struct st *s, uint32_t fib)
{
	struct vnetsim_routeinfo ri;
	unsigned n = 0;

	while (vnetsim_fib_next(s->w, s->cli, fib, n, &ri) == 0)
		n++;
	return (n);
}

static int
add(struct st *s, uint32_t fib, uint32_t dst, uint8_t plen, const char *ifname)
{
	struct vnetsim_route r = { .dst = dst,
		.plen = plen,
		.gateway = ifname == NULL ? ST_HUB : 0,
		.ifname = ifname,
		.fib = fib };

	return (vnetsim_route_ctl(s->w, s->cli, VNETSIM_ROUTE_ADD, &r));
}

static int
iffib(struct st *s, vnetsim_handle jail, const char *name, uint32_t fib)
{
	struct vnetsim_ifreq req = { .cmd = VNETSIM_IF_FIB, .n = fib };

	return (vnetsim_if_ioctl(s->w, jail, name, &req));
}

static void
how_many_there_may_be(void **state)
{
	struct vnetsim_routeinfo ri;
	struct st s;
	uint32_t n;
	int64_t v;
	int fd;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_sysctl_get(s.w, s.cli, "net.fibs", &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(fibs(&s, 0), VE_INVAL);
	assert_int_equal(fibs(&s, 257), VE_INVAL);
	assert_int_equal(fibs(&s, 1), 0);
	assert_int_equal(fibs(&s, 3), 0);
	/* never fewer */
	assert_int_equal(fibs(&s, 2), VE_INVAL);
	assert_int_equal(fibs(&s, 256), 0);
	assert_int_equal(vnetsim_sysctl_get(s.w, s.cli, "net.fibs", &v), 0);
	assert_int_equal(v, 256);
	/* the last one, and the one behind it */
	assert_int_equal(add(&s, 255, NET, 8, "epair0b"), 0);
	assert_int_equal(add(&s, 256, NET, 8, "epair0b"), VE_INVAL);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 255, NET + 1, &ri), 0);
	assert_int_equal(
	    vnetsim_fib_get(s.w, s.cli, 256, NET + 1, &ri), VE_INVAL);
	assert_int_equal(vnetsim_fib_next(s.w, s.cli, 256, 0, &ri), VE_INVAL);
	assert_int_equal(vnetsim_fib_flush(s.w, s.cli, 256, &n), VE_INVAL);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 255), 0);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 256), VE_INVAL);
	assert_int_equal(iffib(&s, s.hub, "epair0a", 1), VE_INVAL);
	assert_int_equal(vnetsim_setfib(s.w, s.pcli, 255), 0);
	assert_int_equal(vnetsim_setfib(s.w, s.pcli, 256), VE_INVAL);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, fd, VNETSIM_SO_SETFIB, 0), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, fd, VNETSIM_SO_SETFIB, 255), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, fd, VNETSIM_SO_SETFIB, 256),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, fd, VNETSIM_SO_SETFIB, -1),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_getsockopt(s.w, s.pcli, fd, VNETSIM_SO_SETFIB, &v),
	    VE_NOPROTOOPT);
	done(&s);
}

/* Tables know nothing of each other: add, change, delete, flush, lookups. */
static void
tables_are_apart(void **state)
{
	struct vnetsim_route r = { .dst = NET, .plen = 8, .fib = 1 };
	struct vnetsim_routeinfo ri;
	struct st s;
	unsigned zero;
	uint32_t n;

	(void)state;
	open2(&s);
	assert_int_equal(fibs(&s, 3), 0);
	zero = routes(&s, 0);
	assert_int_equal(routes(&s, 1), 0);
	/* the gateway is on no network of table 1 */
	assert_int_equal(add(&s, 1, NET, 8, NULL), VE_NETUNREACH);
	assert_int_equal(add(&s, 1, 0x0a000000, 24, "epair0b"), 0);
	assert_int_equal(add(&s, 1, NET, 8, NULL), 0);
	assert_int_equal(add(&s, 1, NET, 8, NULL), VE_EXIST);
	assert_int_equal(add(&s, 2, NET, 8, "epair0b"), 0);
	assert_int_equal(routes(&s, 0), zero);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, NET + 1, &ri), VE_SRCH);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 1, NET + 1, &ri), 0);
	assert_string_equal(ri.flags, "UGS");
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 2, NET + 1, &ri), 0);
	assert_string_equal(ri.flags, "US");
	r.mtu = 900;
	assert_int_equal(
	    vnetsim_route_ctl(s.w, s.cli, VNETSIM_ROUTE_CHANGE, &r), 0);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 1, NET + 1, &ri), 0);
	assert_int_equal(ri.mtu, 900);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 2, NET + 1, &ri), 0);
	assert_int_equal(ri.mtu, 1500);
	assert_int_equal(vnetsim_fib_flush(s.w, s.cli, 2, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(vnetsim_fib_flush(s.w, s.cli, 1, &n), 0);
	assert_int_equal(n, 1);
	r.fib = 2;
	assert_int_equal(
	    vnetsim_route_ctl(s.w, s.cli, VNETSIM_ROUTE_DELETE, &r), 0);
	assert_int_equal(
	    vnetsim_route_ctl(s.w, s.cli, VNETSIM_ROUTE_DELETE, &r), VE_SRCH);
	done(&s);
}

/* Addresses: into the interface's table, or into all, also the later ones. */
static void
addresses_and_tables(void **state)
{
	struct vnetsim_routeinfo ri;
	struct st s;
	unsigned zero;

	(void)state;
	open2(&s);
	zero = routes(&s, 0);
	assert_int_equal(fibs(&s, 2), 0);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 1), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 1, 24, true), 0);
	assert_int_equal(routes(&s, 0), zero);
	assert_int_equal(routes(&s, 1), 2);
	/* a sibling in another table does not inherit, one in this does */
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 2, 24, true), 0);
	assert_int_equal(routes(&s, 1), 3);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 0), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 3, 24, true), 0);
	assert_int_equal(routes(&s, 0), zero + 2);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 1), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 1, 24, false), 0);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 1, NET + 9, &ri), 0);
	assert_int_equal(vnetsim_fib_get(s.w, s.cli, 0, NET + 9, &ri), 0);
	assert_int_equal(routes(&s, 1), 2);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 2, 24, false), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 3, 24, false), 0);
	assert_int_equal(routes(&s, 0), zero);
	/* the prefix that NET + 3 left behind in table 1 went with it */
	assert_int_equal(routes(&s, 1), 0);
	/* all: new tables begin with what there is */
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.add_addr_allfibs", 1), 0);
	assert_int_equal(fibs(&s, 4), 0);
	assert_int_equal(routes(&s, 1), 0);
	assert_int_equal(routes(&s, 2), zero);
	assert_int_equal(routes(&s, 3), zero);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 1, 24, true), 0);
	for (uint32_t fib = 0; fib < 4; fib++)
		assert_int_equal(
		    vnetsim_fib_get(s.w, s.cli, fib, NET + 9, &ri), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 1, 24, false), 0);
	for (uint32_t fib = 0; fib < 4; fib++)
		assert_int_equal(
		    vnetsim_fib_get(s.w, s.cli, fib, NET + 9, &ri), VE_SRCH);
	done(&s);
}

/* The net NET/24 between both, which the client knows in table 1 alone. */
static void
only_in_table_1(struct st *s)
{
	struct vnetsim_routeinfo ri;

	assert_int_equal(fibs(s, 2), 0);
	assert_int_equal(iffib(s, s->cli, "epair0b", 1), 0);
	assert_int_equal(
	    vnetsim_if_inet(s->w, s->cli, "epair0b", NET + 2, 24, true), 0);
	assert_int_equal(
	    vnetsim_if_inet(s->w, s->hub, "epair0a", NET + 1, 24, true), 0);
	assert_int_equal(
	    vnetsim_fib_get(s->w, s->cli, 0, NET + 1, &ri), VE_SRCH);
	assert_int_equal(vnetsim_fib_get(s->w, s->cli, 1, NET + 1, &ri), 0);
}

/* A socket goes by its table, its children by the listener's. */
static void
sockets_go_by_their_table(void **state)
{
	struct vnetsim_addr to = { NET + 1, 9 }, hub = { NET + 1, 80 };
	vnetsim_handle op;
	struct st s;
	int lfd, a, b, u;
	size_t n;

	(void)state;
	open2(&s);
	only_in_table_1(&s);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &u), 0);
#define SENDTO()                                                               \
	vnetsim_send(s.w, s.pcli, u, "x", 1, &to, VNETSIM_NONBLOCK, &n, &op)
	assert_int_equal(SENDTO(), VE_NETUNREACH);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, u, VNETSIM_SO_SETFIB, 1), 0);
	assert_int_equal(SENDTO(), 0);
	lfd = st_listen(&s, s.phub, 80, 5);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &a), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &hub, VNETSIM_NONBLOCK, &op),
	    VE_NETUNREACH);
	/* the process's table is that of sockets it makes from now on */
	assert_int_equal(vnetsim_setfib(s.w, s.pcli, 1), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &hub, VNETSIM_NONBLOCK, &op),
	    VE_NETUNREACH);
	assert_int_equal(
	    st_connect(&s, s.pcli, NET + 1, 80, s.phub, lfd, &a, &b), 0);
	assert_int_equal(st_send(&s, s.pcli, a, 5000), 5000);
	st_run(&s, ST_S);
	assert_int_equal(st_recv(&s, s.phub, b, 5000, 0), 5000);
	done(&s);
}

/* What comes in by an interface is answered by its table; a connection by
 * that of the listener, not the interface's. */
static void
answers_go_by_the_interfaces_table(void **state)
{
	struct vnetsim_addr to = { NET + 2, 80 };
	vnetsim_handle op;
	struct st s;
	int lfd, a, b;

	(void)state;
	open2(&s);
	only_in_table_1(&s);
	assert_int_equal(vnetsim_ping(s.w, s.hub, NET + 2, 8, ST_S, &op), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), 0);
	/* who asks names a table, too */
	assert_int_equal(
	    vnetsim_fib_ping(s.w, s.cli, 2, NET + 1, 8, ST_S, &op), VE_INVAL);
	assert_int_equal(
	    vnetsim_fib_ping(s.w, s.cli, 1, NET + 1, 8, ST_S, &op), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), 0);
	assert_int_equal(
	    vnetsim_fib_ping(s.w, s.cli, 0, NET + 1, 8, ST_S, &op), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), VE_HOSTUNREACH);
	/* a closed port: RST by table 1 */
	assert_int_equal(vnetsim_socket(s.w, s.phub, VNETSIM_TCP, &a), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.phub, a, &to, 0, &op), VE_INPROGRESS);
	assert_int_equal(st_await(&s, op, 2 * ST_S), VE_CONNREFUSED);
	assert_int_equal(vnetsim_setfib(s.w, s.pcli, 1), 0);
	lfd = st_listen(&s, s.pcli, 80, 5);
	assert_int_equal(
	    st_connect(&s, s.phub, NET + 2, 80, s.pcli, lfd, &a, &b), 0);
	assert_int_equal(st_send(&s, s.pcli, b, 3000), 3000);
	st_run(&s, ST_S);
	assert_int_equal(st_recv(&s, s.phub, a, 3000, 0), 3000);
	/* a listener of table 0 cannot even answer */
	assert_int_equal(vnetsim_setfib(s.w, s.pcli, 0), 0);
	lfd = st_listen(&s, s.pcli, 81, 5);
	to.port = 81;
	assert_int_equal(vnetsim_socket(s.w, s.phub, VNETSIM_TCP, &a), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.phub, a, &to, 0, &op), VE_INPROGRESS);
	assert_int_equal(st_await(&s, op, 5 * ST_S), VE_INPROGRESS);
	/* and an interface of table 0 lets echo go astray */
	assert_int_equal(iffib(&s, s.cli, "epair0b", 0), 0);
	assert_int_equal(vnetsim_ping(s.w, s.hub, NET + 2, 8, ST_S, &op), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), VE_TIMEDOUT);
	done(&s);
}

/* An interface that goes takes its routes out of every table, and comes to
 * another vnet with table 0. */
static void
departure_empties_all_tables(void **state)
{
	struct vnetsim_routeinfo ri;
	vnetsim_handle op;
	struct st s;

	(void)state;
	open2(&s);
	assert_int_equal(fibs(&s, 16), 0);
	for (uint32_t fib = 1; fib < 16; fib++)
		assert_int_equal(add(&s, fib, NET, 8, "epair0b"), 0);
	assert_int_equal(iffib(&s, s.cli, "epair0b", 7), 0);
	assert_int_equal(
	    vnetsim_if_reclaim(s.w, s.hub, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	for (uint32_t fib = 1; fib < 16; fib++)
		assert_int_equal(routes(&s, fib), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.hub, "epair0b", NET + 1, 24, true), 0);
	assert_int_equal(vnetsim_fib_get(s.w, s.hub, 0, NET + 9, &ri), 0);
	done(&s);
}

/* A vnet dies with routes in many tables; one table costs no table. */
static void
the_end_with_full_tables(void **state)
{
	struct vnetsim_object o;
	uint64_t it = 0;
	struct st s;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_object_next(
			     vnetsim_view_live(s.w), CLI, "rt_tables", &it, &o),
	    VE_NOENT);
	assert_int_equal(fibs(&s, 256), 0);
	for (uint32_t fib = 0; fib < 256; fib++)
		assert_int_equal(add(&s, fib, NET, 8, "epair0b"), 0);
	it = 0;
	assert_int_equal(vnetsim_object_next(
			     vnetsim_view_live(s.w), CLI, "rt_tables", &it, &o),
	    0);
	assert_int_equal(st_remove(&s, "cli", 60 * ST_S), 0);
	done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_many_there_may_be),
		cmocka_unit_test(tables_are_apart),
		cmocka_unit_test(addresses_and_tables),
		cmocka_unit_test(sockets_go_by_their_table),
		cmocka_unit_test(answers_go_by_the_interfaces_table),
		cmocka_unit_test(departure_empties_all_tables),
		cmocka_unit_test(the_end_with_full_tables),
	};

	return (cmocka_run_group_tests_name("fib", tests, NULL, NULL) ? 1 : 0);
}
