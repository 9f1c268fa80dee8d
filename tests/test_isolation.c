/*
 * test_isolation.c - a bystander notices nothing, and the oracle would tell.
 *
 * Two pairs of jails that have nothing to do with each other.  The first pair
 * is taken down in the middle of its traffic; what the second one does must
 * be the same, record by record, as when nobody was taken down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <vnetsim/inspect.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/teardown.h>

static void
settle(struct vnetsim *w, int64_t ns)
{
	struct vnetsim_result res;
	int64_t until = vnetsim_now(w) + ns;

	while (vnetsim_run(w, until))
		while (vnetsim_op_next(w, &res))
			(void)vnetsim_op_release(w, res.op);
}

static vnetsim_handle
jail(struct vnetsim *w, const char *name)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle h;

	assert_int_equal(vnetsim_jail_create(w, &jp, &h), 0);
	return (h);
}

static void
give(struct vnetsim *w, vnetsim_handle to, const char *ifname, uint32_t addr)
{
	vnetsim_handle host = vnetsim_jail_find(w, "0", false), op;

	assert_int_equal(vnetsim_if_vnet(w, host, ifname, to, &op), 0);
	settle(w, 1000000);
	assert_int_equal(vnetsim_if_inet(w, to, ifname, addr, 24, true), 0);
	assert_int_equal(vnetsim_if_up(w, to, ifname, true), 0);
}

struct pair {
	vnetsim_handle a, b;
};

static struct pair
pair(struct vnetsim *w, int n)
{
	vnetsim_handle host = vnetsim_jail_find(w, "0", false);
	char name[VNETSIM_IFNAMSIZ], a[VNETSIM_IFNAMSIZ + 1];
	struct pair p;

	snprintf(name, sizeof(name), "epair%d", n);
	assert_int_equal(vnetsim_if_create(w, host, name), 0);
	snprintf(a, sizeof(a), "a%d", n);
	p.a = jail(w, a);
	snprintf(a, sizeof(a), "b%d", n);
	p.b = jail(w, a);
	snprintf(a, sizeof(a), "epair%da", n);
	give(w, p.a, a, 0x0a000001);
	snprintf(a, sizeof(a), "epair%db", n);
	give(w, p.b, a, 0x0a000002);
	return (p);
}

static uint32_t
vnet_of(struct vnetsim *w, vnetsim_handle j)
{
	struct vnetsim_jail_info info;

	assert_int_equal(vnetsim_jail_info(w, j, &info), 0);
	return (info.vnet);
}

/* The bystander's hash at the end; @kill: the other pair goes meanwhile. */
static struct vnetsim *
play(bool kill, uint32_t *vnet, uint64_t *hash)
{
	struct vnetsim_config cfg = { .trace_hash = true };
	struct vnetsim *w = vnetsim_create(NULL, &cfg, NULL);
	vnetsim_handle op;
	struct pair p, q;

	assert_non_null(w);
	p = pair(w, 0);
	q = pair(w, 1);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    vnetsim_ping(w, q.a, 0x0a000002, 100, 1000000000, &op), 0);
		if (kill && i == 2)
			assert_int_equal(vnetsim_jail_remove(w, p.a, &op), 0);
		else if (!kill || i < 2)
			assert_int_equal(vnetsim_ping(w, p.a, 0x0a000002, 100,
					     1000000000, &op),
			    0);
		settle(w, 20000000);
	}
	*vnet = vnet_of(w, q.a);
	assert_int_equal(vnetsim_vnet_trace(w, *vnet, hash), 0);
	return (w);
}

static void
bystander_does_the_same(void **state)
{
	uint64_t before, after;
	struct vnetsim *w;
	uint32_t vnet;

	(void)state;
	w = play(false, &vnet, &before);
	vnetsim_destroy(w);
	assert_true(before != 0);
	w = play(true, &vnet, &after);
	assert_int_equal(vnetsim_isolation(w, vnet, before), 0);
	assert_true(before == after);
	vnetsim_destroy(w);
}

/* The oracle can fail: one more ping of the bystander is another life. */
static void
a_difference_is_a_finding(void **state)
{
	struct vnetsim_finding f;
	vnetsim_handle op, q;
	uint64_t before, now;
	struct vnetsim *w;
	uint32_t vnet;

	(void)state;
	w = play(true, &vnet, &before);
	q = vnetsim_jail_find(w, "a1", false);
	assert_int_equal(vnetsim_ping(w, q, 0x0a000002, 1, 1000000000, &op), 0);
	settle(w, 20000000);
	assert_int_equal(vnetsim_vnet_trace(w, vnet, &now), 0);
	assert_true(before != now);
	assert_int_equal(vnetsim_isolation(w, vnet, before), VE_DOM);
	assert_int_equal(vnetsim_finding(w, 0, &f), 0);
	assert_string_equal(f.oracle, "isolation");
	assert_string_equal(f.vname, "a1");
	assert_int_equal(vnetsim_isolation(w, 4711, before), VE_NOENT);
	vnetsim_destroy(w);
}

/* Live objects of all types but the layers' own records of what was. */
static uint64_t
live(struct vnetsim *w)
{
	struct vnetsim_type t;
	uint64_t n = 0;

	for (unsigned i = 0; vnetsim_type(vnetsim_view_live(w), i, &t) == 0;
	     i++)
		if (strcmp(t.name, "user") != 0)
			n += t.live;
	return (n);
}

/* The thousandth cycle leaves the world as the first one did. */
static void
thousand_cycles_leave_the_same(void **state)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	vnetsim_handle op, j;
	uint64_t first = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char name[VNETSIM_IFNAMSIZ] = "epair0";

		j = jail(w, "j");
		assert_int_equal(vnetsim_if_create(w, j, name), 0);
		assert_int_equal(vnetsim_jail_remove(w, j, &op), 0);
		settle(w, 1000000000);
		if (i == 0)
			first = live(w);
		assert_int_equal(live(w), first);
	}
	assert_int_equal(vnetsim_audit(w), 0);
	vnetsim_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bystander_does_the_same),
		cmocka_unit_test(a_difference_is_a_finding),
		cmocka_unit_test(thousand_cycles_leave_the_same),
	};

	return (cmocka_run_group_tests_name("isolation", tests, NULL, NULL)
		    ? 1
		    : 0);
}
