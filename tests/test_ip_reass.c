/*
 * test_ip_reass.c - fragments: every order, every limit, every end.
 *
 * The packet is an echo request whose sum covers all of it: it is answered
 * only if what was put together is what was sent.
 */
#include "tests/test_ip.h"

#define PKT 4096

static uint8_t whole[IP_HDRLEN + PKT];
static uint32_t wholelen;
static uint64_t lcg;

static uint32_t
rnd(uint32_t n)
{
	lcg = lcg * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(lcg >> 33) % n);
}

/* The echo request: @n bytes behind the header. */
static void
echo(uint32_t n, uint16_t id)
{
	packet(whole, IPPROTO_ICMP, ST_HUB, ST_CLI, n);
	for (uint32_t i = 8; i < n; i++)
		whole[IP_HDRLEN + i] = (uint8_t)(i * 7 + i / 256);
	whole[IP_HDRLEN] = ICMP_ECHO;
	be16enc(whole + IP_O_ID, id);
	sum(whole + IP_HDRLEN, n, 2);
	wholelen = n;
}

static void
piece_tos(struct st *s, uint32_t from, uint32_t to, bool more, uint8_t tos)
{
	uint8_t p[IP_HDRLEN + PKT];

	memcpy(p, whole, IP_HDRLEN);
	memcpy(p + IP_HDRLEN, whole + IP_HDRLEN + from, to - from);
	be16enc(p + IP_O_LEN, (uint16_t)(IP_HDRLEN + to - from));
	be16enc(p + IP_O_OFF, (uint16_t)(from / 8 | (more ? IP_MF : 0)));
	p[IP_O_TOS] = tos;
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(s, p, IP_HDRLEN + to - from, 0);
}

/* Bytes @from..@to of it; the end of the packet decides on MF. */
static void
piece(struct st *s, uint32_t from, uint32_t to)
{
	piece_tos(s, from, to, to < wholelen, 0);
}

static int64_t
answered(struct st *s)
{
	return (get(s, "net.inet.icmp.stats.icps_reflect"));
}

static int64_t
waiting(struct st *s)
{
	return (get(s, "net.inet.ip.curfrags"));
}

static void
start(struct st *s)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
	set(s, "net.inet.icmp.icmplim", 0);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

static void
in_any_order(void **state)
{
	static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 },
		{ 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	static const uint32_t cut[] = { 0, 80, 160, 203 };
	struct st s = { 0 };

	(void)state;
	start(&s);
	for (int i = 0; i < 6; i++) {
		echo(203, (uint16_t)(i + 1));
		for (int k = 0; k < 3; k++) {
			assert_int_equal(waiting(&s), k);
			piece(&s, cut[order[i][k]], cut[order[i][k] + 1]);
		}
		assert_int_equal(answered(&s), i + 1);
		assert_int_equal(waiting(&s), 0);
	}
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_reassembled"), 6);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragments"), 18);
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 0);
	finish(&s);
}

/* Pieces of any size, overlapping, doubled: the same bytes come out. */
static void
overlaps_do_no_harm(void **state)
{
	struct st s = { 0 };
	uint32_t from, to;

	(void)state;
	lcg = 7;
	start(&s);
	set(&s, "net.inet.ip.maxfragsperpacket", 255);
	for (int i = 0; i < 200; i++) {
		echo(8 + rnd(400), (uint16_t)(i + 1));
		for (int k = 0; k < 400 && answered(&s) == i; k++) {
			from = rnd(wholelen) & ~7u;
			to = from + 8 * (1 + rnd(8));
			piece(&s, from, to < wholelen ? to : wholelen);
		}
		assert_int_equal(answered(&s), i + 1);
		/* one that came late waits for what will not come */
		st_run(&s, 31 * ST_S);
		assert_int_equal(waiting(&s), 0);
	}
	finish(&s);
}

static void
what_no_sender_makes(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	echo(400, 1);
	/* no multiple of 8, but not the last; nothing in it */
	piece_tos(&s, 0, 81, true, 0);
	piece_tos(&s, 80, 80, false, 0);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_toosmall"), 2);
	/* behind the end that was seen; another end; over 65535 bytes */
	piece_tos(&s, 160, 200, false, 0);
	piece_tos(&s, 192, 240, true, 0);
	piece_tos(&s, 160, 208, false, 0);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragdropped"), 4);
	assert_int_equal(waiting(&s), 1);
	be16enc(whole + IP_O_ID, 2);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_toolong"), 0);
	finish(&s);
}

static void
not_longer_than_a_packet(void **state)
{
	struct st s = { 0 };
	uint8_t p[IP_HDRLEN + 24];

	(void)state;
	start(&s);
	/* 65512 + 23 = 65535 bytes of data may wait, 65536 not */
	for (uint32_t n = 23; n <= 24; n++) {
		packet(p, IPPROTO_UDP, ST_HUB, ST_CLI, n);
		be16enc(p + IP_O_ID, (uint16_t)n);
		be16enc(p + IP_O_OFF, 8189);
		sum(p, IP_HDRLEN, IP_O_SUM);
		deliver(&s, p, IP_HDRLEN + n, 0);
		assert_int_equal(waiting(&s), 1);
	}
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_toolong"), 1);
	finish(&s);
}

/* RFC 3168 section 5.3 */
static void
congestion_is_kept(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	echo(160, 1);
	piece_tos(&s, 0, 80, true, 2);
	piece_tos(&s, 80, 160, false, 3);
	assert_int_equal(answered(&s), 1);
	/* some can say so and some cannot: no */
	echo(160, 2);
	piece_tos(&s, 0, 80, true, 0);
	piece_tos(&s, 80, 160, false, 3);
	echo(160, 3);
	piece_tos(&s, 0, 80, true, 2);
	piece_tos(&s, 80, 160, false, 0);
	assert_int_equal(answered(&s), 1);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragdropped"), 2);
	finish(&s);
}

/* ---- limits ---- */

static void
so_many_of_a_packet(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.maxfragsperpacket", 4);
	/* four wait, the fifth may complete them */
	echo(40, 1);
	for (uint32_t i = 0; i < 5; i++)
		piece(&s, i * 8, i * 8 + 8);
	assert_int_equal(answered(&s), 1);
	/* the fifth does not: the packet is no more */
	echo(48, 2);
	for (uint32_t i = 0; i < 4; i++)
		piece(&s, i * 8, i * 8 + 8);
	assert_int_equal(waiting(&s), 4);
	piece(&s, 32, 40);
	assert_int_equal(waiting(&s), 0);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragdropped"), 5);
	set(&s, "net.inet.ip.maxfragsperpacket", 0);
	piece(&s, 0, 8);
	assert_int_equal(waiting(&s), 0);
	finish(&s);
}

static void
so_many_packets(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.maxfragpackets", 3);
	for (uint16_t id = 1; id <= 3; id++) {
		echo(160, id);
		piece(&s, 0, 80);
	}
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 3);
	/* one more: another one gives way */
	echo(160, 4);
	piece(&s, 0, 80);
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 3);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragtimeout"), 1);
	piece(&s, 80, 160);
	assert_int_equal(answered(&s), 1);
	set(&s, "net.inet.ip.maxfragpackets", 0);
	echo(160, 5);
	piece(&s, 0, 80);
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 2);
	/* any number */
	set(&s, "net.inet.ip.maxfragpackets", -1);
	for (uint16_t id = 10; id < 30; id++) {
		echo(160, id);
		piece(&s, 0, 80);
	}
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 22);
	finish(&s);
}

/* Within a bucket the oldest goes: one packet a bucket, all buckets full. */
static void
so_many_of_a_bucket(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.maxfragbucketsize", 1);
	for (uint32_t id = 1; id <= 2000; id++) {
		echo(160, (uint16_t)id);
		piece(&s, 0, 80);
	}
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 64);
	set(&s, "net.inet.ip.maxfragbucketsize", 0);
	for (uint32_t id = 3000; id < 3100; id++) {
		echo(160, (uint16_t)id);
		piece(&s, 0, 80);
	}
	assert_int_equal(get(&s, "net.inet.ip.fragpackets"), 164);
	finish(&s);
}

static void
so_many_fragments(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.maxfrags", 2);
	echo(160, 1);
	piece(&s, 0, 8);
	piece(&s, 16, 24);
	assert_int_equal(waiting(&s), 2);
	piece(&s, 32, 40);
	assert_int_equal(waiting(&s), 2);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragdropped"), 1);
	finish(&s);
}

/* ---- the end ---- */

static void
given_up_after_its_time(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.fragttl", 5);
	echo(160, 1);
	piece(&s, 80, 160);
	st_run(&s, ST_S);
	echo(160, 2);
	piece(&s, 0, 80);
	/* the first was delivered 1 ms before that second began */
	st_run(&s, 4 * ST_S - 3 * ST_MS);
	assert_int_equal(waiting(&s), 2);
	st_run(&s, 3 * ST_MS);
	assert_int_equal(waiting(&s), 1);
	/* nobody is told about a packet whose head is not there */
	assert_int_equal(
	    get(&s, "net.inet.icmp.stats.icps_outhist_timxceed"), 0);
	st_run(&s, ST_S);
	assert_int_equal(waiting(&s), 0);
	assert_int_equal(
	    get(&s, "net.inet.icmp.stats.icps_outhist_timxceed"), 1);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragtimeout"), 2);
	assert_int_equal(get(&s, "net.drop.ip.fragtimeout"), 2);
	finish(&s);
}

static void
goes_with_its_interface(void **state)
{
	vnetsim_handle op;
	struct st s = { 0 };

	(void)state;
	start(&s);
	echo(160, 1);
	piece(&s, 0, 80);
	assert_int_equal(waiting(&s), 1);
	assert_int_equal(
	    vnetsim_if_reclaim(s.w, s.host, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(waiting(&s), 0);
	assert_int_equal(get(&s, "net.drop.ip.fragflush"), 1);
	finish(&s);
}

static void
goes_with_its_vnet(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	for (uint16_t id = 1; id <= 40; id++) {
		echo(160, id);
		piece(&s, 0, 80);
		piece(&s, 96, 160);
	}
	assert_int_equal(waiting(&s), 80);
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(overlaps_do_no_harm),
		cmocka_unit_test(what_no_sender_makes),
		cmocka_unit_test(not_longer_than_a_packet),
		cmocka_unit_test(congestion_is_kept),
		cmocka_unit_test(so_many_of_a_packet),
		cmocka_unit_test(so_many_packets),
		cmocka_unit_test(so_many_of_a_bucket),
		cmocka_unit_test(so_many_fragments),
		cmocka_unit_test(given_up_after_its_time),
		cmocka_unit_test(goes_with_its_interface),
		cmocka_unit_test(goes_with_its_vnet),
	};

	return (
	    cmocka_run_group_tests_name("ip reass", tests, NULL, NULL) ? 1 : 0);
}
