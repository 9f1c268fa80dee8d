/*
 * test_igmp.c - what is told to routers, when, and what is not: version 3,
 * the older ones, their queries, reports of others, nonsense, and the end of a
 * vnet.
 */
#include <stdio.h>
#include "tests/test_mcast.h"

static int64_t
stat(struct st *s, const char *name)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "net.inet.igmp.stats.igps_%s", name);
	return (get(s, oid));
}

/* Run until nothing more is to be said, then forget what was. */
static void
calm(struct st *s)
{
	st_run(s, 30 * ST_S);
	nseen = 0;
}

static void
changes_are_told_twice(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(nseen, 1);
	assert_int_equal(seen[0].is_dst, INADDR_ALLRPTS);
	assert_int_equal(seen[0].is_src, ST_CLI);
	assert_int_equal(seen[0].is_ttl, 1);
	assert_int_equal(seen[0].is_tos, 0xc0);
	assert_int_equal(seen[0].is_hlen, 24);
	assert_true(record(&seen[0], 0, IGMP_CHANGE_TO_EXCLUDE, G(1), 0));
	st_run(&s, 3 * ST_S);
	assert_int_equal(nseen, 2);
	assert_true(record(&seen[1], 0, IGMP_CHANGE_TO_EXCLUDE, G(1), 0));
	assert_true(seen[1].is_time - seen[0].is_time <= 3 * ST_S);
	calm(&s);
	assert_int_equal(
	    call(&s, fd, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(1)), 0);
	st_run(&s, ST_MS);
	assert_true(record(&seen[0], 0, IGMP_BLOCK_OLD_SOURCES, G(1), 1));
	calm(&s);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_true(record(&seen[0], 0, IGMP_CHANGE_TO_INCLUDE, G(1), 0));
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 2);
	assert_int_equal(stat(&s, "snd_reports"), 6);
	finish(&s);
}

/* Sources that come and go while reports are still due. */
static void
changes_meet(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
#define ADD(i) call(&s, fd, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(i))
#define DEL(i) call(&s, fd, VNETSIM_IP_DROP_SOURCE_MEMBERSHIP, G(1), SRC(i))
	assert_int_equal(ADD(1), 0);
	st_run(&s, ST_MS);
	assert_true(record(&seen[0], 0, IGMP_ALLOW_NEW_SOURCES, G(1), 1));
	assert_int_equal(ADD(2), 0);
	assert_int_equal(DEL(1), 0);
	st_run(&s, ST_MS);
	assert_int_equal(nseen, 2);
	assert_true(record(&seen[1], 0, IGMP_ALLOW_NEW_SOURCES, G(1), 1));
	assert_true(record(&seen[1], 1, IGMP_BLOCK_OLD_SOURCES, G(1), 1));
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 3);
	/* joined again before the goodbye was said twice */
	nseen = 0;
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_true(record(&seen[0], 0, IGMP_BLOCK_OLD_SOURCES, G(1), 1));
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_true(record(&seen[1], 0, IGMP_CHANGE_TO_EXCLUDE, G(1), 0));
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 3);
	assert_int_equal(join(&s, fd, G(2)), 0);
	assert_int_equal(join(&s, fd, G(3)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(nseen, 4);
	assert_true(record(&seen[3], 1, IGMP_CHANGE_TO_EXCLUDE, G(3), 0));
	finish(&s);
}

static void
groups_nobody_is_told_of(void **state)
{
	struct vnetsim_mreq lo = { .group = G(1), .ifname = "lo0" };
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, INADDR_ALLHOSTS), 0);
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &lo), 0);
	st_run(&s, 20 * ST_S);
	assert_int_equal(nseen, 0);
	assert_int_equal(join(&s, fd, 0xe0000009), 0);
	st_run(&s, 20 * ST_S);
	assert_int_equal(nseen, 2);
	assert_int_equal(leave(&s, fd, 0xe0000009), 0);
	calm(&s);
	set(&s, "net.inet.igmp.sendlocal", 0);
	set(&s, "net.inet.igmp.sendra", 0);
	assert_int_equal(join(&s, fd, 0xe0000009), 0);
	st_run(&s, 20 * ST_S);
	assert_int_equal(nseen, 0);
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(seen[0].is_hlen, 20);
	/* asked about all: only of one */
	calm(&s);
	query3(&s, 0, 10, 0, 0);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 1);
	assert_int_equal(seen[0].is_len, 16);
	finish(&s);
}

static void
queries_are_answered(void **state)
{
	int64_t at;
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(call(&s, fd, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP,
				     G(2), SRC(i)),
		    0);
	calm(&s);
	at = vnetsim_now(s.w);
	query3(&s, 0, 100, 0, 0);
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 1);
	assert_in_range(seen[0].is_time, at, at + 10 * ST_S);
	assert_true(record(&seen[0], 0, IGMP_MODE_IS_EXCLUDE, G(1), 0));
	assert_true(record(&seen[0], 1, IGMP_MODE_IS_INCLUDE, G(2), 3));
	/* about one group; a second question in the time of the first */
	calm(&s);
	query3(&s, G(2), 50, 0, 0);
	query3(&s, G(2), 50, 0, 0);
	st_run(&s, 6 * ST_S);
	assert_int_equal(nseen, 1);
	assert_true(record(&seen[0], 0, IGMP_MODE_IS_INCLUDE, G(2), 3));
	/* about sources 0 to 2: two of them are wanted */
	calm(&s);
	query3(&s, G(2), 10, 0, 3);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 1);
	assert_true(record(&seen[0], 0, IGMP_MODE_IS_INCLUDE, G(2), 2));
	/* again before gsrdelay is over */
	query3(&s, G(2), 10, 0, 3);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 1);
	assert_int_equal(stat(&s, "drop_gsr_queries"), 1);
	assert_int_equal(stat(&s, "rcv_gen_queries"), 1);
	assert_int_equal(stat(&s, "rcv_group_queries"), 2);
	assert_int_equal(stat(&s, "rcv_gsr_queries"), 2);
	assert_int_equal(stat(&s, "rcv_v3_queries"), 5);
	finish(&s);
}

static void
queries_about_sources(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(call(&s, fd, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP,
				     G(2), SRC(i)),
		    0);
	calm(&s);
	/* about sources nobody wants */
	calm(&s);
	query3(&s, G(2), 10, 7, 3);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 0);
	/* of one that excludes: all but those */
	assert_int_equal(
	    call(&s, fd, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(1)), 0);
	calm(&s);
	query3(&s, G(1), 10, 0, 3);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 1);
	assert_true(record(&seen[0], 0, IGMP_MODE_IS_INCLUDE, G(1), 2));
	/* about a group of others */
	calm(&s);
	query3(&s, G(9), 10, 0, 0);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 0);
	/* the one to a group of others went no further than IP */
	assert_int_equal(stat(&s, "rcv_gsr_queries"), 2);
	assert_int_equal(stat(&s, "rcv_v3_queries"), 2);
	finish(&s);
}

/* More sources than a packet has room for. */
static void
long_lists_are_split_or_cut(void **state)
{
	uint32_t src[128];
	struct vnetsim_mreq mr = { .group = G(1) };
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(vnetsim_if_mtu(s.w, s.cli, "epair0b", 140), 0);
	for (uint32_t i = 0; i < 128; i++)
		src[i] = SRC(i);
	assert_int_equal(join(&s, fd, G(1)), 0);
	calm(&s);
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd, &mr,
			     VNETSIM_MCAST_EXCLUDE, 128, src),
	    0);
	st_run(&s, ST_MS);
	/* (140 - 24 - 8 - 8) / 4 = 25 a packet */
	assert_int_equal(nseen, 6);
	assert_true(record(&seen[0], 0, IGMP_BLOCK_OLD_SOURCES, G(1), 25));
	assert_int_equal(seen[0].is_len, 116);
	calm(&s);
	query3(&s, G(1), 10, 0, 0);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 1);
	assert_true(record(&seen[0], 0, IGMP_MODE_IS_EXCLUDE, G(1), 25));
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd, &mr,
			     VNETSIM_MCAST_INCLUDE, 128, src),
	    0);
	calm(&s);
	query3(&s, G(1), 10, 0, 0);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 6);
	assert_true(record(&seen[5], 0, IGMP_MODE_IS_INCLUDE, G(1), 3));
	finish(&s);
}

static void
version_2_compatibility(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	query2(&s, 0, 100);
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(nseen, 1);
	assert_int_equal(seen[0].is_bytes[0], IGMP_V2_HOST_MEMBERSHIP_REPORT);
	assert_int_equal(seen[0].is_dst, G(1));
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 2);
	/* general, specific, and one for somebody else */
	query2(&s, 0, 10);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 3);
	query2(&s, G(1), 10);
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 4);
	query2(&s, G(2), 10);
	query3(&s, 0, 10, 0, 0); /* not in this version */
	st_run(&s, 2 * ST_S);
	assert_int_equal(nseen, 4);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, 10 * ST_S);
	assert_int_equal(nseen, 5);
	assert_int_equal(seen[4].is_bytes[0], IGMP_HOST_LEAVE_MESSAGE);
	assert_int_equal(seen[4].is_dst, INADDR_ALLRTRS);
	/* RV * QI + QRI = 260 s without such a querier: version 3 again */
	st_run(&s, 240 * ST_S);
	assert_int_equal(join(&s, fd, G(2)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(seen[5].is_bytes[0], IGMP_V2_HOST_MEMBERSHIP_REPORT);
	st_run(&s, 60 * ST_S);
	assert_int_equal(join(&s, fd, G(3)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(
	    seen[nseen - 1].is_bytes[0], IGMP_V3_HOST_MEMBERSHIP_REPORT);
	finish(&s);
}

static void
version_1_compatibility(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	query2(&s, 0, 0);
	query2(&s, 0, 10); /* the lower version counts */
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 2);
	assert_int_equal(seen[1].is_bytes[0], IGMP_V1_HOST_MEMBERSHIP_REPORT);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 2);
	set(&s, "net.inet.igmp.v1enable", 0);
	set(&s, "net.inet.igmp.v2enable", 0);
	st_run(&s, 300 * ST_S);
	query2(&s, 0, 0);
	query2(&s, 0, 10);
	assert_int_equal(get(&s, "net.drop.igmp.old"), 2);
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(
	    seen[nseen - 1].is_bytes[0], IGMP_V3_HOST_MEMBERSHIP_REPORT);
	finish(&s);
}

static void
default_version(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	set(&s, "net.inet.igmp.default_version", 2);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	st_run(&s, ST_MS);
	assert_int_equal(seen[0].is_bytes[0], IGMP_V2_HOST_MEMBERSHIP_REPORT);
	finish(&s);
}

/* Somebody else's report of a group. */
static void
theirs(struct st *s, uint8_t type, uint32_t group, uint32_t dst)
{
	uint8_t m[8] = { type };

	be32enc(m + 4, group);
	igmp(s, dst, 1, m, sizeof(m));
}

static void
reports_of_others_suppress_ours(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	query2(&s, 0, 100);
	assert_int_equal(join(&s, fd, G(1)), 0);
	calm(&s);
	query2(&s, 0, 100);
	theirs(&s, IGMP_V2_HOST_MEMBERSHIP_REPORT, G(1), G(1));
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 0);
	assert_int_equal(stat(&s, "rcv_ourreports"), 1);
	assert_int_equal(stat(&s, "rcv_nora"), 1);
	/* who did not report last says no goodbye */
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 0);
	theirs(&s, IGMP_V2_HOST_MEMBERSHIP_REPORT, G(1), INADDR_ALLHOSTS);
	assert_int_equal(stat(&s, "rcv_badreports"), 1);
	finish(&s);
}

static void
legacy_suppression_in_version_3(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	calm(&s);
	query3(&s, G(1), 100, 0, 0);
	theirs(&s, IGMP_V2_HOST_MEMBERSHIP_REPORT, G(1), G(1));
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 1);
	set(&s, "net.inet.igmp.legacysupp", 1);
	query3(&s, G(1), 100, 0, 0);
	theirs(&s, IGMP_V2_HOST_MEMBERSHIP_REPORT, G(1), G(1));
	st_run(&s, 15 * ST_S);
	assert_int_equal(nseen, 1);
	finish(&s);
}

static void
nonsense_is_counted(void **state)
{
	uint8_t m[40] = { IGMP_HOST_MEMBERSHIP_QUERY, 10 };
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	calm(&s);
	igmp(&s, INADDR_ALLHOSTS, 1, m, 7);
	assert_int_equal(stat(&s, "rcv_tooshort"), 1);
	igmp(&s, INADDR_ALLHOSTS, 2, m, 8);
	assert_int_equal(stat(&s, "rcv_badttl"), 1);
	igmp(&s, INADDR_ALLHOSTS, 1, m, 9);
	igmp(&s, INADDR_ALLHOSTS, 1, m, 11);
	assert_int_equal(stat(&s, "rcv_badqueries"), 2);
	be16enc(m + 10, 1); /* a source that is not there */
	be32enc(m + 4, G(1));
	igmp(&s, G(1), 1, m, 15);
	assert_int_equal(stat(&s, "rcv_badqueries"), 3);
	be32enc(m + 4, 0); /* sources of all groups */
	igmp(&s, INADDR_ALLHOSTS, 1, m, 16);
	be16enc(m + 10, 0);
	igmp(&s, G(1), 1, m, 12); /* general, to one group */
	be32enc(m + 4, ST_HUB);
	igmp(&s, G(1), 1, m, 12); /* about no group */
	igmp(&s, G(1), 1, m, 8);
	assert_int_equal(stat(&s, "rcv_badqueries"), 7);
	m[0] = 0x99;
	igmp(&s, G(1), 1, m, 8);
	assert_int_equal(get(&s, "net.drop.igmp.type"), 1);
	st_run(&s, 20 * ST_S);
	assert_int_equal(nseen, 0);
	finish(&s);
}

/* Whatever comes: nothing but counters and timers. */
static void
any_message(void **state)
{
	static const uint8_t types[] = { 0x11, 0x12, 0x16, 0x17, 0x22 };
	uint64_t r = 1;
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(join(&s, fd, G(i)), 0);
	for (int i = 0; i < 8000; i++) {
		uint8_t m[64];
		uint32_t len;

		/* from now on all but version 3 is ignored */
		if (i == 1500) {
			set(&s, "net.inet.igmp.v1enable", 0);
			set(&s, "net.inet.igmp.v2enable", 0);
			st_run(&s, 300 * ST_S);
		}

		for (size_t k = 0; k < sizeof(m); k++) {
			r = r * UINT64_C(6364136223846793005) + 1;
			m[k] = (uint8_t)(r >> 56);
		}
		if (m[60] < 200)
			m[0] = types[m[61] % nitems(types)];
		if (m[62] < 200)
			be32enc(m + 4, m[62] < 100 ? 0 : G(m[62] % 5));
		if (m[63] < 200)
			be16enc(m + 10, m[63] < 120 ? 0 : m[63] % 14);
		len = m[58] < 60    ? 8
		      : m[58] < 220 ? 12 + 4 * (m[58] % 14u)
				    : m[58] % 65u;
		igmp(&s, m[62] < 100 ? INADDR_ALLHOSTS : G(m[62] % 4),
		    m[59] < 10 ? 2 : 1, m, len);
		if (m[57] < 8)
			st_run(&s, 300 * ST_S);
		nseen = 0;
	}
	assert_true(stat(&s, "rcv_gen_queries") > 40);
	assert_true(stat(&s, "rcv_gsr_queries") > 10);
	assert_true(stat(&s, "rcv_ourreports") > 20);
	assert_true(stat(&s, "rcv_badqueries") > 20);
	finish(&s);
}

/* How a vnet ends that is in groups.  Return: goodbyes that were said. */
static unsigned
farewell(enum vnetsim_close policy, const char *order)
{
	struct vnetsim_close_policy how = { .policy = policy };
	struct st s = { 0 };
	unsigned said = 0;
	int fd;

	assert_true(st_open(&s, NULL));
	if (order != NULL)
		assert_int_equal(vnetsim_order_set(s.w, order, false), 0);
	assert_int_equal(vnetsim_close_default(s.w, &how), 0);
	st_setup(&s);
	vnetsim_set_wire(s.w, wiretap, NULL);
	nseen = 0;
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	calm(&s);
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	for (uint32_t i = 0; i < nseen; i++)
		said += record(&seen[i], 0, IGMP_CHANGE_TO_INCLUDE, G(1), 0);
	finish(&s);
	return (said);
}

static void
goodbyes_of_a_vnet(void **state)
{
	(void)state;
	assert_int_equal(farewell(VNETSIM_CLOSE_GRACEFUL, NULL), 2);
	assert_int_equal(farewell(VNETSIM_CLOSE_ABORT, NULL), 1);
	assert_int_equal(farewell(VNETSIM_CLOSE_CRASH, NULL), 0);
	(void)farewell(VNETSIM_CLOSE_GRACEFUL, "freebsd-13");
	(void)farewell(VNETSIM_CLOSE_GRACEFUL, "freebsd-9");
	(void)farewell(VNETSIM_CLOSE_GRACEFUL, "interfaces-first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_told_twice),
		cmocka_unit_test(changes_meet),
		cmocka_unit_test(groups_nobody_is_told_of),
		cmocka_unit_test(queries_are_answered),
		cmocka_unit_test(queries_about_sources),
		cmocka_unit_test(long_lists_are_split_or_cut),
		cmocka_unit_test(version_2_compatibility),
		cmocka_unit_test(version_1_compatibility),
		cmocka_unit_test(default_version),
		cmocka_unit_test(reports_of_others_suppress_ours),
		cmocka_unit_test(legacy_suppression_in_version_3),
		cmocka_unit_test(nonsense_is_counted),
		cmocka_unit_test(any_message),
		cmocka_unit_test(goodbyes_of_a_vnet),
	};

	return (cmocka_run_group_tests_name("igmp", tests, NULL, NULL) ? 1 : 0);
}
