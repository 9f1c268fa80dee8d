/*
 * test_ip_options.c - options: what is written into them, and what they may
 * not be.
 *
 * The client of tstack.h is host or router; a packet that goes on returns to
 * the hub, and is looked at on the wire.
 */
#include "tests/test_ip.h"

#define FAR UINT32_C(0x0b000001) /* behind the hub */

static uint8_t seen[256];
static uint32_t nseen;

static void
wiretap(void *arg, const struct vnetsim_wire_event *ev)
{
	(void)arg;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_vnet != CLI_VNET ||
	    ev->we_len < 34 || be16dec(ev->we_bytes + 12) != 0x0800)
		return;
	nseen++;
	memset(seen, 0, sizeof(seen));
	memcpy(seen, ev->we_bytes + 14,
	    imin(ev->we_len - 14, (uint32_t)sizeof(seen)));
}

static void
start(struct st *s)
{
	vnetsim_handle op;

	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(
	    vnetsim_route_add(s->w, s->cli, FAR & ~255u, 24, ST_HUB), 0);
	assert_int_equal(vnetsim_ping(s->w, s->cli, ST_HUB, 0, ST_S, &op), 0);
	assert_int_equal(st_await(s, op, ST_S), 0);
	vnetsim_set_wire(s->w, wiretap, NULL);
	set(s, "net.inet.ip.redirect", 0);
	set(s, "net.inet.ip.forwarding", 1);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

/* A packet of an unknown protocol with these options (a multiple of 4).
 * Return: frames that the client sent. */
static uint32_t
opts(struct st *s, uint32_t dst, const void *opt, uint32_t n)
{
	uint8_t p[80];

	packet(p, 200, ST_HUB, dst, n + 8);
	p[IP_O_VHL] = (uint8_t)(0x40 | (IP_HDRLEN + n) / 4);
	memcpy(p + IP_HDRLEN, opt, n);
	sum(p, IP_HDRLEN + n, IP_O_SUM);
	nseen = 0;
	deliver(s, p, IP_HDRLEN + n + 8, 0);
	return (nseen);
}

/* Answered by this ICMP error?  @ptr: of a parameter problem */
static bool
told(uint8_t type, uint8_t code, uint8_t ptr)
{
	return (nseen == 1 && seen[IP_O_P] == IPPROTO_ICMP &&
		seen[IP_HDRLEN] == type && seen[IP_HDRLEN + 1] == code &&
		seen[IP_HDRLEN + 4] == ptr);
}

static void
bad_ones_are_pointed_at(void **state)
{
	static const struct {
		const char *what;
		uint8_t opt[8];
		uint8_t ptr;
	} bad[] = {
		{ "length 0", { 7, 0 }, 21 },
		{ "length 1", { 1, 7, 1 }, 22 },
		{ "length beyond", { 7, 9, 4 }, 21 },
		{ "cut", { 1, 1, 1, 1, 1, 1, 1, 7 }, 28 },
		{ "RR too short", { 7, 2 }, 22 },
		{ "RR pointer 3", { 7, 7, 3 }, 22 },
		{ "LSRR too short", { 131, 2 }, 21 },
		{ "SSRR pointer 3", { 137, 7, 3 }, 22 },
		{ "TS too short", { 68, 3, 5 }, 21 },
		{ "TS pointer 4", { 68, 8, 4, 0 }, 22 },
		{ "TS flag 2", { 68, 8, 5, 2 }, 23 },
		{ "TS no room for both", { 68, 8, 5, 1 }, 22 },
		{ "TS overflow overflows", { 68, 4, 5, 0xf0 }, 22 },
	};
	struct st s = { 0 };

	(void)state;
	start(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)opts(&s, FAR, bad[i].opt, 8);
		if (!told(ICMP_PARAMPROB, 0, bad[i].ptr))
			fail_msg("%s: %u frames, type %u, pointer %u",
			    bad[i].what, nseen, seen[IP_HDRLEN],
			    seen[IP_HDRLEN + 4]);
	}
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_badoptions"), 13);
	assert_int_equal(get(&s, "net.drop.ip.options"), 13);
	assert_int_equal(
	    get(&s, "net.inet.icmp.stats.icps_outhist_paramprob"), 13);
	finish(&s);
}

static void
routes_are_recorded(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	/* room for one; then none, and it goes on as it is */
	assert_int_equal(opts(&s, FAR, "\7\7\4\0\0\0\0", 8), 1);
	assert_memory_equal(seen + IP_HDRLEN, "\7\7\10\12\0\0\2", 7);
	assert_int_equal(opts(&s, FAR, "\7\7\10\1\2\3\4", 8), 1);
	assert_memory_equal(seen + IP_HDRLEN, "\7\7\10\1\2\3\4", 7);
	/* no way: host unreachable */
	assert_int_equal(opts(&s, 0xc0000201, "\7\7\4\0\0\0\0", 8), 1);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_HOST, 0));
	finish(&s);
}

static void
times_are_stamped(void **state)
{
	struct st s = { 0 };
	uint32_t ms;

	(void)state;
	start(&s);
	st_run(&s, 5 * ST_S);
	ms = (uint32_t)(vnetsim_now(s.w) / ST_MS);
	assert_int_equal(opts(&s, FAR, "\104\10\5\0\0\0\0", 8), 1);
	assert_int_equal(seen[IP_HDRLEN + 2], 9);
	assert_int_equal(be32dec(seen + IP_HDRLEN + 4), ms);
	/* full: counted */
	assert_int_equal(opts(&s, FAR, "\104\10\11\0\0\0\0", 8), 1);
	assert_int_equal(seen[IP_HDRLEN + 3], 0x10);
	/* with the address */
	assert_int_equal(opts(&s, FAR, "\104\14\5\1\0\0\0\0\0\0\0\0", 12), 1);
	assert_int_equal(seen[IP_HDRLEN + 2], 13);
	assert_int_equal(be32dec(seen + IP_HDRLEN + 4), ST_CLI);
	assert_true(be32dec(seen + IP_HDRLEN + 8) >= ms);
	/* only if we are the one who is asked */
	assert_int_equal(opts(&s, FAR, "\104\14\5\3\12\0\0\2\0\0\0\0", 12), 1);
	assert_int_equal(seen[IP_HDRLEN + 2], 13);
	assert_true(be32dec(seen + IP_HDRLEN + 8) >= ms);
	assert_int_equal(opts(&s, FAR, "\104\14\5\3\12\0\0\3\0\0\0\0", 12), 1);
	assert_int_equal(seen[IP_HDRLEN + 2], 5);
	assert_int_equal(be32dec(seen + IP_HDRLEN + 8), 0);
	finish(&s);
}

static void
source_routes_are_refused(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	/* by way of us, past us, to us; loose and strict */
	(void)opts(&s, ST_CLI, "\203\7\4\13\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	(void)opts(&s, FAR, "\203\7\4\13\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	(void)opts(&s, ST_CLI, "\211\7\10\13\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	/* a host says nothing about those that lead on */
	set(&s, "net.inet.ip.forwarding", 0);
	assert_int_equal(opts(&s, ST_CLI, "\203\7\4\13\0\0\1", 8), 0);
	assert_int_equal(get(&s, "net.drop.ip.options"), 4);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_badoptions"), 3);
	finish(&s);
}

static void
source_routes_are_followed(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.sourceroute", 1);
	/* on, with our address where the next hop stood */
	assert_int_equal(opts(&s, ST_CLI, "\203\7\4\13\0\0\1", 8), 1);
	assert_int_equal(be32dec(seen + IP_O_DST), FAR);
	assert_memory_equal(seen + IP_HDRLEN, "\203\7\10\12\0\0\2", 7);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_forward"), 1);
	/* strict: the next hop must be a neighbour */
	(void)opts(&s, ST_CLI, "\211\7\4\13\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	assert_int_equal(opts(&s, ST_CLI, "\211\7\4\12\0\0\1", 8), 1);
	assert_int_equal(be32dec(seen + IP_O_DST), ST_HUB);
	/* a loose one passes by, a strict one does not */
	assert_int_equal(opts(&s, FAR, "\203\7\4\12\0\0\1", 8), 1);
	assert_int_equal(be32dec(seen + IP_O_DST), FAR);
	(void)opts(&s, FAR, "\211\7\4\12\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	/* nowhere */
	(void)opts(&s, ST_CLI, "\203\7\4\300\0\2\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	/* at its end: if we take such (the protocol is unknown) */
	(void)opts(&s, ST_CLI, "\203\7\10\12\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_SRCFAIL, 0));
	set(&s, "net.inet.ip.accept_sourceroute", 1);
	(void)opts(&s, ST_CLI, "\203\7\10\12\0\0\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_PROTOCOL, 0));
	finish(&s);
}

static void
processed_ignored_or_refused(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.ip.process_options", 0);
	assert_int_equal(opts(&s, FAR, "\7\7\4\0\0\0\0", 8), 1);
	assert_memory_equal(seen + IP_HDRLEN, "\7\7\4\0\0\0\0", 7);
	set(&s, "net.inet.ip.process_options", 2);
	(void)opts(&s, FAR, "\1\1\1\1\1\1\1\1", 8);
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_FILTER_PROHIB, 0));
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.inet.ip.process_options", 3),
	    VE_INVAL);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_ones_are_pointed_at),
		cmocka_unit_test(routes_are_recorded),
		cmocka_unit_test(times_are_stamped),
		cmocka_unit_test(source_routes_are_refused),
		cmocka_unit_test(source_routes_are_followed),
		cmocka_unit_test(processed_ignored_or_refused),
	};

	return (cmocka_run_group_tests_name("ip options", tests, NULL, NULL)
		    ? 1
		    : 0);
}
