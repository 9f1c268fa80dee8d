/*
 * test_ip_forward.c - a router's rules, packet by packet.
 *
 * The client of tstack.h is the router; packets come by epair0b, and most go
 * back there, to a network behind the hub.  What it puts on the wire is looked
 * at byte by byte.
 */
#include "src/net/ip/route.h"
#include "tests/test_ip.h"

#define FAR  UINT32_C(0x0b000001) /* behind the hub */
#define NEAR UINT32_C(0x0a000009) /* a neighbour that says nothing */

/* What the client put on its wire last, but ARP. */
static uint8_t seen[2048];
static uint32_t nseen, seenlen;

static void
wiretap(void *arg, const struct vnetsim_wire_event *ev)
{
	(void)arg;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_vnet != CLI_VNET ||
	    ev->we_len < 34 || be16dec(ev->we_bytes + 12) != 0x0800)
		return;
	nseen++;
	seenlen = imin(ev->we_len - 14, (uint32_t)sizeof(seen));
	memcpy(seen, ev->we_bytes + 14, seenlen);
}

static void
start(struct st *s)
{
	vnetsim_handle op;

	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(
	    vnetsim_route_add(s->w, s->cli, FAR & ~255u, 24, ST_HUB), 0);
	/* the hub is known, and says nothing about packets that come to it */
	assert_int_equal(vnetsim_ping(s->w, s->cli, ST_HUB, 0, ST_S, &op), 0);
	assert_int_equal(st_await(s, op, ST_S), 0);
	vnetsim_set_wire(s->w, wiretap, NULL);
	set(s, "net.inet.ip.forwarding", 1);
	set(s, "net.inet.ip.redirect", 0);
	nseen = seenlen = 0;
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

/* A UDP packet with @n bytes behind its IP header.  Return: was it answered
 * or passed on by exactly one frame? */
static bool
udp(struct st *s, uint32_t src, uint32_t dst, uint32_t n, uint8_t ttl,
    uint16_t off)
{
	uint8_t p[2048];

	packet(p, IPPROTO_UDP, src, dst, n);
	for (uint32_t i = IP_HDRLEN; i < IP_HDRLEN + n; i++)
		p[i] = (uint8_t)i;
	if ((off & IP_OFFMASK) == 0) { /* ports 2 and 3, no sum */
		static const uint8_t ports[8] = { 0, 2, 0, 3 };

		memcpy(p + IP_HDRLEN, ports, sizeof(ports));
		be16enc(p + IP_HDRLEN + 4, (uint16_t)n);
	}
	p[IP_O_TTL] = ttl;
	be16enc(p + IP_O_ID, 0x1234);
	be16enc(p + IP_O_OFF, off);
	sum(p, IP_HDRLEN, IP_O_SUM);
	nseen = 0;
	deliver(s, p, IP_HDRLEN + n, 0);
	return (nseen == 1);
}

/* Was the last frame this ICMP error? */
static bool
told(uint8_t type, uint8_t code)
{
	return (seen[IP_O_P] == IPPROTO_ICMP && seen[IP_HDRLEN] == type &&
		seen[IP_HDRLEN + 1] == code);
}

static uint32_t
icmpword(void)
{
	return (be32dec(seen + IP_HDRLEN + 4));
}

static void
what_goes_on_has_one_hop_less(void **state)
{
	struct st s = { 0 };
	uint8_t want[IP_HDRLEN];

	(void)state;
	start(&s);
	assert_true(udp(&s, NEAR, FAR, 100, 64, 0));
	assert_int_equal(seenlen, 120);
	assert_int_equal(seen[IP_O_TTL], 63);
	assert_int_equal(be16dec(seen + IP_O_ID), 0x1234);
	assert_int_equal(be32dec(seen + IP_O_SRC), NEAR);
	memcpy(want, seen, IP_HDRLEN);
	sum(want, IP_HDRLEN, IP_O_SUM);
	assert_memory_equal(want, seen, IP_HDRLEN);
	for (uint32_t i = IP_HDRLEN + 8; i < 120; i++)
		assert_int_equal(seen[i], i);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_forward"), 1);
	/* two hops are enough, one is not */
	assert_true(udp(&s, ST_HUB, FAR, 100, 2, 0));
	assert_int_equal(seen[IP_O_TTL], 1);
	assert_true(udp(&s, ST_HUB, FAR, 100, 1, 0));
	assert_true(told(ICMP_TIMXCEED, ICMP_TIMXCEED_INTRANS));
	assert_int_equal(be32dec(seen + IP_O_SRC), ST_CLI);
	assert_int_equal(be32dec(seen + IP_O_DST), ST_HUB);
	assert_int_equal(seen[IP_HDRLEN + 8 + IP_O_TTL], 1);
	assert_int_equal(get(&s, "net.drop.ip.ttl"), 1);
	/* to itself it is delivered, not passed on */
	assert_true(udp(&s, ST_HUB, ST_CLI, 100, 1, 0));
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_PORT));
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_forward"), 2);
	finish(&s);
}

static void
what_may_not_go_on_does_not(void **state)
{
	struct st s = { 0 };
	uint8_t p[64];

	(void)state;
	start(&s);
	assert_int_equal(vnetsim_route_add(s.w, s.cli, 0, 0, ST_HUB), 0);
	/* link-local, 0/8, 240/4 */
	assert_false(udp(&s, ST_HUB, 0xa9fe0001, 8, 64, 0));
	assert_false(udp(&s, ST_HUB, 0x00000001, 8, 64, 0));
	assert_false(udp(&s, ST_HUB, 0xf0000001, 8, 64, 0));
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_cantforward"), 3);
	assert_int_equal(get(&s, "net.drop.ip.forward"), 3);
	/* a group is not routed: it is ours, or nobody's here */
	assert_false(udp(&s, ST_HUB, 0xe0000009, 8, 64, 0));
	assert_int_equal(get(&s, "net.drop.ip.notmember"), 1);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_cantforward"), 3);
	set(&s, "net.inet.ip.allow_net0", 1);
	set(&s, "net.inet.ip.allow_net240", 1);
	assert_true(udp(&s, ST_HUB, 0x00000001, 8, 64, 0));
	assert_true(udp(&s, ST_HUB, 0xf0000001, 8, 64, 0));
	assert_false(udp(&s, ST_HUB, 0xffffffff, 8, 64, 0));
	/* what came to everybody */
	packet(p, IPPROTO_UDP, ST_HUB, FAR, 8);
	sum(p, IP_HDRLEN, IP_O_SUM);
	nseen = 0;
	deliver(&s, p, 28, M_BCAST);
	deliver(&s, p, 28, M_MCAST);
	assert_int_equal(nseen, 0);
	assert_int_equal(get(&s, "net.drop.ip.forward"), 5);
	/* a host passes nothing on */
	set(&s, "net.inet.ip.forwarding", 0);
	assert_false(udp(&s, ST_HUB, FAR, 8, 64, 0));
	assert_int_equal(get(&s, "net.drop.ip.notforus"), 1);
	finish(&s);
}

/* A directed broadcast: for a network of ours, from another one of ours. */
static void
no_directed_broadcasts(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "epair5";
	struct st s = { 0 };

	(void)state;
	start(&s);
	assert_int_equal(vnetsim_if_create(s.w, s.cli, name), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, name, 0x0d000001, 24, true), 0);
	assert_int_equal(vnetsim_if_up(s.w, s.cli, name, true), 0);
	assert_false(udp(&s, ST_HUB, 0x0d0000ff, 8, 64, 0));
	assert_int_equal(get(&s, "net.drop.icmp.bcast"), 1);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_cantforward"), 1);
	finish(&s);
}

static void
errors_are_told(void **state)
{
	struct st s = { 0 };
	uint8_t p[64];

	(void)state;
	start(&s);
	assert_true(udp(&s, ST_HUB, 0xc0000201, 8, 64, 0));
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_HOST));
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_noroute"), 1);
	/* not about a fragment but the first */
	assert_true(udp(&s, ST_HUB, 0xc0000201, 8, 64, IP_MF));
	assert_false(udp(&s, ST_HUB, 0xc0000201, 8, 64, IP_MF | 1));
	assert_int_equal(get(&s, "net.drop.ip.fragment"), 1);
	/* about an echo request, but not about an error */
	packet(p, IPPROTO_ICMP, ST_HUB, 0xc0000201, 8);
	p[IP_HDRLEN] = ICMP_ECHO;
	sum(p, IP_HDRLEN, IP_O_SUM);
	nseen = 0;
	deliver(&s, p, 28, 0);
	assert_int_equal(nseen, 1);
	p[IP_HDRLEN] = ICMP_UNREACH;
	deliver(&s, p, 28, 0);
	p[IP_HDRLEN] = ICMP_REDIRECT;
	deliver(&s, p, 28, 0);
	assert_int_equal(nseen, 1);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_oldicmp"), 2);
	/* a neighbour that does not answer: five requests, then it is told */
	for (int i = 0; i < 5; i++) {
		assert_false(udp(&s, ST_HUB, NEAR, 8, 64, 0));
		st_run(&s, ST_S);
	}
	assert_true(udp(&s, ST_HUB, NEAR, 8, 64, 0));
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_HOST));
	finish(&s);
}

static void
too_long_for_the_next_hop(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	assert_int_equal(vnetsim_if_mtu(s.w, s.cli, "epair0b", 600), 0);
	/* exactly the MTU, and one more */
	assert_true(udp(&s, ST_HUB, FAR, 580, 64, IP_DF));
	assert_int_equal(seenlen, 600);
	assert_true(udp(&s, ST_HUB, FAR, 581, 64, IP_DF));
	assert_true(told(ICMP_UNREACH, ICMP_UNREACH_NEEDFRAG));
	assert_int_equal(icmpword(), 600);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_cantfrag"), 1);
	/* without DF: 576 bytes and 5 bytes of data */
	assert_false(udp(&s, ST_HUB, FAR, 581, 64, 0));
	assert_int_equal(nseen, 2);
	assert_int_equal(seenlen, 25);
	assert_int_equal(be16dec(seen + IP_O_OFF), 576 / 8);
	assert_int_equal(be16dec(seen + IP_O_ID), 0x1234);
	assert_int_equal(seen[IP_HDRLEN], (uint8_t)(IP_HDRLEN + 576));
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_fragmented"), 1);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_ofragments"), 2);
	/* a fragment is cut again: it keeps its place, others follow */
	assert_false(udp(&s, ST_HUB, FAR, 584, 64, IP_MF | 100));
	assert_int_equal(nseen, 2);
	assert_int_equal(be16dec(seen + IP_O_OFF), IP_MF | (100 + 72));
	/* one at the end of all packets has no room to be cut */
	assert_false(udp(&s, ST_HUB, FAR, 584, 64, 8190));
	assert_int_equal(nseen, 0);
	finish(&s);
}

static void
options_are_copied_or_not(void **state)
{
	static const uint8_t options[] = { 7, 7, 8, 0, 0, 0, 0, 0x82, 4, 1, 2 };
	struct st s = { 0 };
	uint8_t p[1024];

	(void)state;
	start(&s);
	assert_int_equal(vnetsim_if_mtu(s.w, s.cli, "epair0b", 600), 0);
	/* record route stays in the first, security (copied) goes with all */
	packet(p, IPPROTO_UDP, ST_HUB, FAR, 800);
	be16enc(p + 36 + 4, 784);
	p[IP_O_VHL] = 0x49;
	memcpy(p + IP_HDRLEN, options, sizeof(options));
	sum(p, 36, IP_O_SUM);
	deliver(&s, p, 820, 0);
	assert_int_equal(nseen, 2);
	assert_int_equal(seen[IP_O_VHL], 0x46);
	assert_memory_equal(seen + IP_HDRLEN, "\x82\x04\x01\x02", 4);
	/* 560 bytes went with the first: 600 - 36, in units of 8 */
	assert_int_equal(be16dec(seen + IP_O_OFF), 560 / 8);
	assert_int_equal(seenlen, 24 + 800 - 16 - 560);
	finish(&s);
}

static void
redirects_are_sent(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	assert_int_equal(
	    vnetsim_arp_set(s.w, s.cli, NEAR, (const uint8_t *)"\2\0\0\0\0\7"),
	    0);
	set(&s, "net.inet.ip.redirect", 1);
	/* passed on, and the neighbour is told */
	assert_false(udp(&s, NEAR, FAR, 8, 64, 0));
	assert_int_equal(nseen, 2);
	assert_true(told(ICMP_REDIRECT, ICMP_REDIRECT_HOST));
	assert_int_equal(icmpword(), ST_HUB);
	assert_int_equal(be32dec(seen + IP_O_DST), NEAR);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_redirectsent"), 1);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_error"), 0);
	/* to a neighbour: the destination itself is the better way */
	assert_false(udp(&s, NEAR, ST_HUB, 8, 64, 0));
	assert_int_equal(icmpword(), ST_HUB);
	/* from a stranger, by the default route, switched off: nobody */
	assert_true(udp(&s, 0x0c000001, FAR, 8, 64, 0));
	assert_int_equal(vnetsim_route_add(s.w, s.cli, 0, 0, ST_HUB), 0);
	assert_true(udp(&s, NEAR, 0xc0000201, 8, 64, 0));
	set(&s, "net.inet.ip.redirect", 0);
	assert_true(udp(&s, NEAR, FAR, 8, 64, 0));
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_redirectsent"), 2);
	finish(&s);
}

/* icmplim a second, of each kind by itself. */
static void
errors_are_limited_by_kind(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.icmp.icmplim", 3);
	for (int i = 0; i < 5; i++) {
		(void)udp(&s, ST_HUB, 0xc0000201, 8, 64, 0);
		(void)udp(&s, ST_HUB, FAR, 8, 1, 0);
	}
	assert_int_equal(
	    get(&s, "net.inet.icmp.stats.icps_outhist_unreach"), 3);
	assert_int_equal(
	    get(&s, "net.inet.icmp.stats.icps_outhist_timxceed"), 3);
	assert_int_equal(get(&s, "net.drop.icmp.limit"), 4);
	finish(&s);
}

/* quotelen: 8 to 548 bytes behind the header, no more than there are. */
static void
errors_quote_so_much(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	assert_true(udp(&s, ST_HUB, FAR, 1000, 1, 0));
	assert_int_equal(seenlen, IP_HDRLEN + 8 + IP_HDRLEN + 548);
	set(&s, "net.inet.icmp.quotelen", 8);
	assert_true(udp(&s, ST_HUB, FAR, 1000, 1, 0));
	assert_int_equal(seenlen, IP_HDRLEN + 8 + IP_HDRLEN + 8);
	set(&s, "net.inet.icmp.quotelen", 100);
	assert_true(udp(&s, ST_HUB, FAR, 50, 1, 0));
	assert_int_equal(seenlen, IP_HDRLEN + 8 + IP_HDRLEN + 50);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.inet.icmp.quotelen", 7),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.cli, "net.inet.icmp.quotelen", 549),
	    VE_INVAL);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_on_has_one_hop_less),
		cmocka_unit_test(what_may_not_go_on_does_not),
		cmocka_unit_test(no_directed_broadcasts),
		cmocka_unit_test(errors_are_told),
		cmocka_unit_test(too_long_for_the_next_hop),
		cmocka_unit_test(options_are_copied_or_not),
		cmocka_unit_test(redirects_are_sent),
		cmocka_unit_test(errors_are_limited_by_kind),
		cmocka_unit_test(errors_quote_so_much),
	};

	return (cmocka_run_group_tests_name("ip forward", tests, NULL, NULL)
		    ? 1
		    : 0);
}
