/*
 * test_ip_input.c - whatever comes in is answered, delivered or counted.
 *
 * A table of malformed packets with the reason of each; ICMP's rules on when
 * to be silent, and its limit; then random bytes, which may do nothing but
 * be counted.
 */
#include "tests/test_ip.h"

static uint64_t lcg;

static uint32_t
rnd(uint32_t n)
{
	lcg = lcg * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(lcg >> 33) % n);
}

/* ---- malformed ---- */

struct bad {
	const char *what;
	uint32_t off; /* the byte that is changed, before the sum is made */
	uint8_t value;
	uint32_t cut; /* bytes missing at the end */
	bool badsum;
	const char *drop;
};

static void
each_malformed_packet_has_its_reason(void **state)
{
	static const struct bad bads[] = {
		{ "version 6", 0, 0x65, 0, false, "net.drop.ip.version" },
		{ "hlen 16", 0, 0x44, 0, false, "net.drop.ip.hlen" },
		{ "hlen beyond", 0, 0x4f, 0, false, "net.drop.ip.hlen" },
		{ "len below hlen", 3, 19, 0, false, "net.drop.ip.badlen" },
		{ "len above packet", 3, 60, 0, false, "net.drop.ip.badlen" },
		{ "sum", 1, 0, 0, true, "net.drop.ip.badsum" },
		{ "more fragments", 6, 0x20, 0, false, "net.drop.ip.fragment" },
		{ "to a broadcast elsewhere", 16, 0x7e, 0, false,
		    "net.drop.ip.notforus" },
		{ "from ourselves", 15, 2, 0, false, "net.drop.ip.src" },
		{ "from 127/8", 12, 127, 0, false, "net.drop.ip.loop" },
		{ "from multicast", 12, 224, 0, false, "net.drop.ip.src" },
		{ "to another", 19, 99, 0, false, "net.drop.ip.notforus" },
		{ "short", 1, 0, 29, false, "net.drop.ip.short" },
		{ "protocol", 9, 200, 0, false, "net.drop.ip.noproto" },
	};
	struct st s = { 0 };
	uint8_t p[64];

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct bad *b = &bads[i];
		int64_t before = get(&s, b->drop);

		packet(p, IPPROTO_UDP, ST_HUB, ST_CLI, 20);
		p[b->off] = b->value;
		sum(p, IP_HDRLEN, IP_O_SUM);
		if (b->badsum)
			p[IP_O_SUM] ^= 1;
		deliver(&s, p, 40 - b->cut, 0);
		if (get(&s, b->drop) != before + 1)
			fail_msg("%s: not counted as %s", b->what, b->drop);
	}
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static void
options_are_checked(void **state)
{
	static const struct {
		const char *what;
		uint8_t opt[4];
		bool ok;
	} opts[] = {
		{ "none", { 1, 1, 1, 0 }, true },
		{ "source route", { 131, 3, 4, 0 }, false },
		{ "strict source route", { 137, 3, 4, 0 }, false },
		{ "length 0", { 7, 0, 0, 0 }, false },
		{ "length beyond", { 7, 5, 0, 0 }, false },
		{ "cut", { 1, 1, 1, 7 }, false },
		{ "unknown", { 100, 4, 0, 0 }, true },
	};
	struct st s = { 0 };
	uint8_t p[64];

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	for (size_t i = 0; i < sizeof(opts) / sizeof(opts[0]); i++) {
		int64_t bad = get(&s, "net.drop.ip.options");
		int64_t ok = get(&s, "net.inet.ip.stats.ips_delivered");

		packet(p, IPPROTO_UDP, ST_HUB, ST_CLI, 12);
		p[IP_O_VHL] = 0x46;
		memcpy(p + IP_HDRLEN, opts[i].opt, 4);
		sum(p, IP_HDRLEN + 4, IP_O_SUM);
		deliver(&s, p, 32, 0);
		bad = get(&s, "net.drop.ip.options") - bad;
		ok = get(&s, "net.inet.ip.stats.ips_delivered") - ok;
		if (ok != opts[i].ok || bad == opts[i].ok)
			fail_msg("%s", opts[i].what);
	}
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* ---- ICMP ---- */

static void
icmp(uint8_t *p, uint8_t type, uint8_t code, uint32_t n)
{
	p[IP_HDRLEN] = type;
	p[IP_HDRLEN + 1] = code;
	sum(p + IP_HDRLEN, n, 2);
	sum(p, IP_HDRLEN, IP_O_SUM);
}

static void
icmp_is_silent_where_it_must_be(void **state)
{
	struct st s = { 0 };
	uint8_t p[64];
	int64_t n;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	/* an echo is answered */
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_ECHO, 0, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_reflect"), 1);
	/* one to a broadcast address is not, unless asked for */
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI | 255, 8);
	icmp(p, ICMP_ECHO, 0, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.drop.icmp.bcast"), 1);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.inet.icmp.bmcastecho", 1), 0);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_reflect"), 2);
	/* no error about a broadcast */
	packet(p, 200, ST_HUB, ST_CLI | 255, 20);
	sum(p, IP_HDRLEN, IP_O_SUM);
	n = get(&s, "net.inet.icmp.stats.icps_error");
	deliver(&s, p, 40, 0);
	deliver(&s, p, 40, M_BCAST);
	/* nor to nobody */
	packet(p, 200, 0, ST_CLI, 20);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(&s, p, 40, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_error"), n);
	/* sums, lengths, types */
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_ECHO, 0, 8);
	p[IP_HDRLEN + 2] ^= 1;
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.drop.icmp.badsum"), 1);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 7);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(&s, p, 27, 0);
	assert_int_equal(get(&s, "net.drop.icmp.short"), 1);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, 77, 0, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.drop.icmp.type"), 1);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_UNREACH, 16, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.drop.icmp.code"), 1);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_UNREACH, 3, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.drop.icmp.inner"), 1);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* net.inet.icmp.icmplim a second, of each kind; exactly. */
static void
icmp_is_limited(void **state)
{
	struct st s = { 0 };
	uint8_t p[64];

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.inet.icmp.icmplim", 5), 0);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_ECHO, 0, 8);
	for (int i = 0; i < 8; i++)
		deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_reflect"), 5);
	assert_int_equal(get(&s, "net.drop.icmp.limit"), 3);
	/* errors have a second of their own */
	packet(p, 200, ST_HUB, ST_CLI, 20);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(&s, p, 40, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_error"), 1);
	st_run(&s, ST_S);
	packet(p, IPPROTO_ICMP, ST_HUB, ST_CLI, 8);
	icmp(p, ICMP_ECHO, 0, 8);
	deliver(&s, p, 28, 0);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_reflect"), 6);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* ---- anything ---- */

static void
random_packets_do_no_harm(void **state)
{
	static const uint8_t protos[] = { IPPROTO_ICMP, IPPROTO_TCP,
		IPPROTO_UDP, 200 };
	struct vnetsim_addr any = { 0, 53 };
	struct st s = { 0 };
	uint8_t p[256];
	int fd;

	(void)state;
	lcg = 42;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	(void)st_listen(&s, s.pcli, 80, 5);
	(void)ST(&s, vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd));
	(void)ST(&s, vnetsim_bind(s.w, s.pcli, fd, &any));
	for (int i = 0; i < 20000; i++) {
		uint32_t n = rnd(120), len = IP_HDRLEN + n;

		packet(p, protos[rnd(4)], ST_HUB, ST_CLI, n);
		for (uint32_t k = IP_HDRLEN; k < len; k++)
			p[k] = (uint8_t)rnd(rnd(2) != 0 ? 256 : 8);
		if (n >= 8 && rnd(2) == 0) /* to somebody */
			be16enc(p + IP_HDRLEN + 2,
			    p[IP_O_P] == IPPROTO_TCP ? 80 : 53);
		if (n >= 20 && p[IP_O_P] == IPPROTO_TCP && rnd(2) == 0)
			p[IP_HDRLEN + 12] = 0x50;
		if (p[IP_O_P] == IPPROTO_ICMP && n >= 4) {
			p[IP_HDRLEN] = (uint8_t)(rnd(2) != 0 ? 3 : rnd(13));
			if (n >= 36) {
				packet(p + IP_HDRLEN + 8, protos[rnd(3)],
				    ST_CLI, ST_HUB, 8);
				p[IP_HDRLEN + 8] = rnd(4) != 0 ? 0x45 : 0x4f;
			}
			sum(p + IP_HDRLEN, n, 2);
		}
		/* one bit of the header may be wrong */
		if (rnd(3) == 0)
			p[rnd(IP_HDRLEN)] ^= (uint8_t)(1u << rnd(8));
		if (rnd(10) != 0)
			sum(p, IP_HDRLEN, IP_O_SUM);
		deliver(&s, p, rnd(20) == 0 ? rnd(len + 1) : len,
		    rnd(10) == 0 ? M_BCAST : 0);
	}
	assert_int_equal(st_findings(&s, NULL, NULL), 0);
	(void)st_finish(&s);
	/* wild segments reach the monitor as the client's answers only */
	if (st_findings(&s, NULL, NULL) != st_findings(&s, "wire", NULL))
		st_print(&s);
	assert_int_equal(
	    st_findings(&s, NULL, NULL), st_findings(&s, "wire", NULL));
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_malformed_packet_has_its_reason),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(icmp_is_silent_where_it_must_be),
		cmocka_unit_test(icmp_is_limited),
		cmocka_unit_test(random_packets_do_no_harm),
	};

	return (
	    cmocka_run_group_tests_name("ip input", tests, NULL, NULL) ? 1 : 0);
}
