/*
 * test_sysctl.c - tunables by name: types, units, ranges, rights, order.
 *
 * Each type is tested at the ends of its range and one beyond.
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/kern/mbuf.h>
#include "tests/lib/tworld.h"

struct st {
	int32_t st_int;
	uint32_t st_uint;
	bool st_bool;
	uint64_t st_u64;
	int64_t st_time;
	uint32_t st_hits;
};
VNET_STATE(ip, struct st);
static const struct field st_fields[] = {
	FIELD(struct st, st_int, INT),
	FIELD(struct st, st_uint, UINT),
	FIELD(struct st, st_bool, BOOL),
	FIELD(struct st, st_u64, UINT),
	FIELD(struct st, st_time, TIME),
	FIELD(struct st, st_hits, UINT),
};

static int
proc(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	if (!write) {
		*value = VNET(ip).st_hits * 2;
		return (0);
	}
	if (*value == 3)
		return (VE_BUSY);
	VNET(ip).st_hits = (uint32_t)*value;
	return (0);
}

static const struct sysctl_oid oids[] = {
	SYSCTL_VNET("net.t.uint", UINT, RW, struct st, st_uint, 0, UINT32_MAX,
	    "unsigned"),
	SYSCTL_VNET("net.t.int", INT, RW, struct st, st_int, -5, 255, "int"),
	SYSCTL_VNET("net.t.wide", INT, RW, struct st, st_int, INT64_MIN,
	    INT64_MAX, "no range of its own"),
	SYSCTL_VNET("net.t.bool", BOOL, RW, struct st, st_bool, 0, 9, "flag"),
	SYSCTL_VNET("net.t.u64", U64, RD, struct st, st_u64, 0, 0, "count"),
	SYSCTL_VNET_TIME(
	    "net.t.time", RW, struct st, st_time, NS_MS, 1, 100000, "ms"),
	SYSCTL_VNET_PROC("net.t.proc", RW, proc, 0, 10, "computed"),
	{ "net.t.hits", SYSCTL_T_UINT,
	    CTLFLAG_RW | CTLFLAG_VNET | CTLFLAG_STATS,
	    offsetof(struct st, st_hits), 0, 0, 1, NULL, "statistics" },
};

static int
ip_init(void)
{
	VNET(ip).st_int = 64;
	VNET(ip).st_time = 30 * NS_S;
	VNET(ip).st_u64 = UINT64_MAX;
	return (0);
}

static const struct vnet_module mod_ip = { TW_MODULE(ip, "ip"),
	.vm_size = sizeof(struct st), .vm_fields = st_fields,
	.vm_nfields = nitems(st_fields), .vm_init = ip_init, .vm_sysctls = oids,
	.vm_nsysctls = nitems(oids) };
static const struct vnet_module *const mods[] = { &mod_ip, NULL };
static struct vnet_frame frame;

static int
setup(void **state)
{
	struct world *w;

	*state = w = tw_create(mods);
	TW_ENTER(&frame, w->w_vnet0);
	return (0);
}

static int
teardown(void **state)
{
	vnet_leave(&frame);
	tw_destroy(*state);
	return (0);
}

static int64_t
get(const char *name)
{
	int64_t v;

	assert_int_equal(sysctl_get(name, &v), 0);
	return (v);
}

static void
values_have_types_and_units(void **state)
{
	int64_t v;

	(void)state;
	assert_int_equal(get("net.t.int"), 64);
	assert_int_equal(sysctl_set("net.t.int", -5), 0);
	assert_int_equal(get("net.t.int"), -5);
	assert_int_equal(sysctl_set("net.t.int", 255), 0);
	assert_int_equal(sysctl_set("net.t.int", 256), VE_INVAL);
	assert_int_equal(sysctl_set("net.t.int", -6), VE_INVAL);
	assert_int_equal(get("net.t.int"), 255);
	assert_int_equal(sysctl_set("net.t.uint", UINT32_MAX), 0);
	assert_int_equal(get("net.t.uint"), UINT32_MAX);
	assert_int_equal(
	    sysctl_set("net.t.uint", (int64_t)UINT32_MAX + 1), VE_INVAL);
	assert_int_equal(sysctl_set("net.t.bool", 1), 0);
	assert_true(VNET(ip).st_bool);
	assert_int_equal(sysctl_set("net.t.bool", 2), VE_INVAL);
	assert_int_equal(get("net.t.time"), 30000);
	assert_int_equal(sysctl_set("net.t.time", 1), 0);
	assert_int_equal(VNET(ip).st_time, NS_MS);
	assert_int_equal(sysctl_set("net.t.time", 0), VE_INVAL);
	assert_int_equal(get("net.t.u64"), INT64_MAX);
	assert_int_equal(sysctl_get("net.t.nothing", &v), VE_NOENT);
	assert_int_equal(sysctl_set("net.t", 1), VE_NOENT);
	assert_int_equal(sysctl_set("", 1), VE_NOENT);
}

/* What a descriptor's range lets through must fit the type all the same. */
static void
a_value_beyond_its_type_is_refused(void **state)
{
	(void)state;
	assert_int_equal(sysctl_set("net.t.wide", INT32_MAX), 0);
	assert_int_equal(
	    sysctl_set("net.t.wide", (int64_t)INT32_MAX + 1), VE_INVAL);
	assert_int_equal(sysctl_set("net.t.wide", INT64_MIN), VE_INVAL);
	assert_int_equal(get("net.t.wide"), INT32_MAX);
}

static void
read_only_stays_and_statistics_are_zeroed(void **state)
{
	(void)state;
	assert_int_equal(sysctl_set("net.t.u64", 0), VE_PERM);
	VNET(ip).st_hits = 12;
	assert_int_equal(get("net.t.hits"), 12);
	assert_int_equal(sysctl_set("net.t.hits", 77), 0);
	assert_int_equal(get("net.t.hits"), 0);
}

static void
a_procedure_reads_and_writes(void **state)
{
	(void)state;
	assert_int_equal(sysctl_set("net.t.proc", 4), 0);
	assert_int_equal(get("net.t.proc"), 8);
	assert_int_equal(sysctl_set("net.t.proc", 3), VE_BUSY);
	assert_int_equal(sysctl_set("net.t.proc", 11), VE_INVAL);
	assert_int_equal(get("net.t.proc"), 8);
}

static void
each_vnet_has_its_own_and_the_default(void **state)
{
	struct vnet_frame f;
	struct vnet *v;

	(void)state;
	assert_int_equal(sysctl_set("net.t.int", 1), 0);
	v = tw_jail("a")->pr_vnet;
	vnet_switch(&f, v);
	assert_int_equal(get("net.t.int"), 64);
	assert_int_equal(sysctl_set("net.t.int", 2), 0);
	vnet_leave(&f);
	assert_int_equal(get("net.t.int"), 1);
	vnet_switch(&f, v);
	v->v_shut = DOOR_INWARD;
	assert_int_equal(sysctl_set("net.t.int", 3), VE_BUSY);
	assert_int_equal(get("net.t.int"), 2);
	v->v_shut = 0;
	v->v_phase = PHASE_KILL;
	assert_int_equal(sysctl_set("net.t.int", 3), VE_BUSY);
	v->v_phase = PHASE_ALIVE;
	vnet_leave(&f);
}

static void
drops_are_counted_under_net_drop(void **state)
{
	struct vnet_frame f;

	(void)state;
	assert_int_equal(get("net.drop.ip.ttl"), 0);
	assert_null(curvnet->v_cold);
	m_drop(NULL, DROP_IP_TTL);
	m_drop(m_gethdr(0), DROP_IP_TTL);
	assert_int_equal(get("net.drop.ip.ttl"), 2);
	assert_int_equal(drop_count(DROP_IP_TTL), 2);
	assert_int_equal(get("net.drop.ip.badsum"), 0);
	vnet_switch(&f, tw_jail("a")->pr_vnet);
	assert_int_equal(get("net.drop.ip.ttl"), 0);
	vnet_leave(&f);
	assert_int_equal(sysctl_set("net.drop.ip.ttl", 5), 0);
	assert_int_equal(get("net.drop.ip.ttl"), 0);
}

static void
names_come_sorted_and_all(void **state)
{
	const char *name, *descr, *last;
	uint32_t n, seen;

	(void)state;
	last = "";
	seen = 0;
	for (n = 0; sysctl_nth(n, &name, &descr) == 0; n++) {
		assert_true(strcmp(last, name) < 0);
		last = name;
		assert_non_null(descr);
		(void)get(name);
		seen += strncmp(name, "net.t.", 6) == 0;
	}
	assert_int_equal(seen, nitems(oids));
	assert_int_equal(n, nitems(oids) + DROP_N - 1);
	assert_int_equal(sysctl_nth(UINT32_MAX, &name, &descr), VE_NOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(values_have_types_and_units),
		T(a_value_beyond_its_type_is_refused),
		T(read_only_stays_and_statistics_are_zeroed),
		T(a_procedure_reads_and_writes),
		T(each_vnet_has_its_own_and_the_default),
		T(drops_are_counted_under_net_drop),
		T(names_come_sorted_and_all),
	};

	return (
	    cmocka_run_group_tests_name("sysctl", tests, NULL, NULL) ? 1 : 0);
}
