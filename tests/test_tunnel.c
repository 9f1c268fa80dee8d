/*
 * test_tunnel.c - lagg, gif and gre at their limits, and bytes that no tunnel
 * sends.
 *
 * Two jails on a wire, by the public interface; frames from outside are put on
 * the wire with vnetsim_link_inject().
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/link.h>
#include "tests/lib/tstack.h"

static struct st s;

static int
begin(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	return (0);
}

static int
end(void **state)
{
	(void)state;
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
	return (0);
}

static void
create(vnetsim_handle jail, const char *name)
{
	char buf[VNETSIM_IFNAMSIZ] = "";

	assert_true(strlen(name) < sizeof(buf));
	memcpy(buf, name, strlen(name) + 1);
	assert_int_equal(vnetsim_if_create(s.w, jail, buf), 0);
}

static int
req(vnetsim_handle jail, const char *name, uint32_t cmd, uint32_t n,
    const char *arg)
{
	struct vnetsim_ifreq r = { .cmd = cmd, .n = n };

	if (arg != NULL)
		memcpy(r.arg, arg, strlen(arg));
	return (vnetsim_if_ioctl(s.w, jail, name, &r));
}

static int
tunnel(vnetsim_handle jail, const char *name, uint32_t src, uint32_t dst)
{
	struct vnetsim_ifreq r = {
		.cmd = VNETSIM_IF_TUNNEL, .src = src, .dst = dst
	};

	return (vnetsim_if_ioctl(s.w, jail, name, &r));
}

static int64_t
drops(vnetsim_handle jail, const char *name)
{
	int64_t v = 0;

	return (vnetsim_sysctl_get(s.w, jail, name, &v) == 0 ? v : 0);
}

static struct vnetsim_ifinfo
info(vnetsim_handle jail, const char *name)
{
	struct vnetsim_ifinfo ii;

	for (uint32_t n = 0; vnetsim_if_next(s.w, jail, n, &ii) == 0; n++)
		if (strcmp(ii.name, name) == 0)
			return (ii);
	fail();
	return (ii);
}

/* ---- lagg ---- */

static void
a_lagg_has_32_ports(void **state)
{
	char name[VNETSIM_IFNAMSIZ];
	unsigned i;

	(void)state;
	create(s.host, "lagg0");
	for (i = 0; i < 33; i++) {
		snprintf(name, sizeof(name), "epair%u", 100 + i);
		create(s.host, name);
		strcat(name, "a");
		assert_int_equal(
		    req(s.host, "lagg0", VNETSIM_IF_LAGGPORT, 0, name),
		    i < 32 ? 0 : VE_NOSPC);
	}
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_UNLAGGPORT, 0, "epair103a"), 0);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_UNLAGGPORT, 0, "epair103a"),
	    VE_NOENT);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_LAGGPORT, 0, "epair132a"), 0);
	assert_int_equal(req(s.host, "lagg0", VNETSIM_IF_LAGGPROTO, 5, NULL),
	    VE_PROTONOSUPPORT);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_LAGGHASH, 0, NULL), VE_INVAL);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_LAGGHASH, 8, NULL), VE_INVAL);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_VLAN, 1, "epair100a"), VE_INVAL);
}

/* FreeBSD 3869d414: a port that was added to a lagg on its way out. */
static void
a_lagg_that_dies_takes_no_port(void **state)
{
	vnetsim_handle op;
	bool gone = false;

	(void)state;
	create(s.host, "lagg0");
	create(s.host, "epair5");
	create(s.host, "epair6");
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_LAGGPORT, 0, "epair5a"), 0);
	assert_int_equal(vnetsim_if_destroy(s.w, s.host, "lagg0", &op), 0);
	while (!gone) {
		int error =
		    req(s.host, "lagg0", VNETSIM_IF_LAGGPORT, 0, "epair6a");

		assert_int_equal(error, VE_NXIO);
		gone = !st_step(&s, vnetsim_now(s.w) + ST_S);
	}
	assert_int_equal(st_await(&s, op, ST_S), 0);
	/* and a port that leaves just now is none */
	create(s.host, "lagg0");
	assert_int_equal(vnetsim_if_destroy(s.w, s.host, "epair5a", &op), 0);
	assert_int_equal(
	    req(s.host, "lagg0", VNETSIM_IF_LAGGPORT, 0, "epair5a"), VE_NXIO);
	assert_int_equal(st_await(&s, op, ST_S), 0);
}

/* What a flow's frames have in common decides; all of them go one way. */
static void
a_flow_keeps_its_port(void **state)
{
	uint64_t used[2], first;
	vnetsim_handle op;
	size_t done;
	int fd;

	(void)state;
	create(s.hub, "epair5");
	create(s.hub, "epair6");
	create(s.hub, "lagg0");
	for (unsigned i = 0; i < 2; i++) {
		char half[2][VNETSIM_IFNAMSIZ] = { "epair5a", "epair6a" };

		assert_int_equal(vnetsim_if_up(s.w, s.hub, half[i], true), 0);
		half[i][6] = 'b';
		assert_int_equal(
		    vnetsim_if_vnet(s.w, s.hub, half[i], s.host, &op), 0);
		assert_int_equal(st_await(&s, op, ST_S), 0);
		assert_int_equal(vnetsim_if_up(s.w, s.host, half[i], true), 0);
		half[i][6] = 'a';
		assert_int_equal(
		    req(s.hub, "lagg0", VNETSIM_IF_LAGGPORT, 0, half[i]), 0);
	}
	assert_int_equal(req(s.hub, "lagg0", VNETSIM_IF_LAGGPROTO,
			     VNETSIM_LAGG_LOADBALANCE, NULL),
	    0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.hub, "lagg0", 0x0a090001, 24, true), 0);
	st_run(&s, ST_MS);
	first = info(s.hub, "lagg0").opackets;
	used[0] = info(s.hub, "epair5a").opackets;
	used[1] = info(s.hub, "epair6a").opackets;
	/* to the broadcast address: no ARP */
	assert_int_equal(vnetsim_socket(s.w, s.phub, VNETSIM_UDP, &fd), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.phub, fd, VNETSIM_SO_BROADCAST, 1), 0);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(vnetsim_send(s.w, s.phub, fd, "x", 1,
				     &(struct vnetsim_addr){ 0x0a0900ff, 9 }, 0,
				     &done, NULL),
		    0);
	assert_int_equal(info(s.hub, "lagg0").opackets - first, 20);
	used[0] = info(s.hub, "epair5a").opackets - used[0];
	used[1] = info(s.hub, "epair6a").opackets - used[1];
	assert_true(
	    (used[0] == 20 && used[1] == 0) || (used[0] == 0 && used[1] == 20));
	/* one after the other */
	assert_int_equal(req(s.hub, "lagg0", VNETSIM_IF_LAGGPROTO,
			     VNETSIM_LAGG_ROUNDROBIN, NULL),
	    0);
	used[0] = info(s.hub, "epair5a").opackets;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(vnetsim_send(s.w, s.phub, fd, "x", 1,
				     &(struct vnetsim_addr){ 0x0a0900ff, 9 }, 0,
				     &done, NULL),
		    0);
	assert_int_equal(info(s.hub, "epair5a").opackets - used[0], 10);
}

/* ---- tunnels ---- */

static void
tunnels_nest_up_to_the_limit(void **state)
{
	char name[VNETSIM_IFNAMSIZ];
	unsigned i;

	(void)state;
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.hub, "net.link.gif.max_nesting", 17),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.hub, "net.link.gif.max_nesting", 0),
	    VE_INVAL);
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.hub, "net.link.gif.max_nesting", 16), 0);
	/* gif N to 10.(N+1).0.2 travels by gif N-1 */
	for (i = 0; i < 18; i++) {
		snprintf(name, sizeof(name), "gif%u", i);
		create(s.hub, name);
		assert_int_equal(tunnel(s.hub, name,
				     i == 0 ? ST_HUB : 0x0a400001u + (i << 16),
				     i == 0 ? ST_CLI : 0x0a400002u + (i << 16)),
		    0);
		assert_int_equal(vnetsim_if_inet(s.w, s.hub, name,
				     0x0a400001u + ((i + 1) << 16), 24, true),
		    0);
	}
	/* 16 are fine, a 17th is not */
	assert_int_equal(
	    vnetsim_ping(s.w, s.hub, 0x0a400002u + (16 << 16), 10, ST_MS, NULL),
	    0);
	st_run(&s, ST_S);
	assert_int_equal(drops(s.hub, "net.drop.tunnel.nesting"), 0);
	assert_int_equal(info(s.hub, "gif15").opackets, 1);
	(void)vnetsim_ping(
	    s.w, s.hub, 0x0a400002u + (17 << 16), 10, ST_MS, NULL);
	st_run(&s, ST_S);
	assert_int_equal(drops(s.hub, "net.drop.tunnel.nesting"), 1);
}

/* An outer way that leads into the tunnel itself. */
static void
a_loop_is_seen_at_once(void **state)
{
	(void)state;
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.hub, "net.link.gre.max_nesting", 16), 0);
	create(s.hub, "gre0");
	assert_int_equal(tunnel(s.hub, "gre0", ST_HUB, 0x0a410002), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.hub, "gre0", 0x0a410001, 24, true), 0);
	(void)vnetsim_ping(s.w, s.hub, 0x0a410003, 10, ST_MS, NULL);
	st_run(&s, ST_S);
	assert_int_equal(drops(s.hub, "net.drop.tunnel.nesting"), 1);
	assert_int_equal(info(s.hub, "gre0").opackets, 0);
	assert_int_equal(info(s.hub, "gre0").oerrors > 0, 1);
}

/* A packet of the other end, with @n bytes behind the IP header. */
static void
from_cli(uint8_t proto, const void *bytes, size_t n)
{
	uint8_t f[14 + 20 + 64] = { [12] = 8, [14] = 0x45 };
	uint8_t *ip = f + 14;
	uint32_t sum = 0;
	int endof;
	vnetsim_handle link;

	ip[3] = (uint8_t)(20 + n);
	ip[8] = 64;
	ip[9] = proto;
	for (unsigned i = 0; i < 4; i++) {
		ip[12 + i] = (uint8_t)(ST_CLI >> (24 - 8 * i));
		ip[16 + i] = (uint8_t)(ST_HUB >> (24 - 8 * i));
	}
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = (uint8_t) ~(sum >> 8);
	ip[11] = (uint8_t)~sum;
	memcpy(ip + 20, bytes, n);
	link = vnetsim_link_find(s.w, "epair0", &endof);
	assert_int_not_equal(link, 0);
	assert_int_equal(vnetsim_link_inject(s.w, link, 1, f, 34 + n, true), 0);
	st_run(&s, ST_MS);
}

static void
gre_reads_what_nobody_sends(void **state)
{
	static const uint8_t version[4] = { 0, 1, 8, 0 },
			     routing[4] = { 0x40, 0, 8, 0 },
			     type[4] = { 0, 0, 0x86, 0xdd },
			     brief[8] = { 0xb0, 0, 8, 0, 1, 2, 3, 4 },
			     sum[8] = { 0x80, 0, 8, 0, 1, 2, 0, 0 },
			     key[8] = { 0x20, 0, 8, 0, 0, 0, 0, 1 },
			     good[8] = { 0x20, 0, 8, 0, 0, 0, 0, 7 },
			     none[4] = { 0, 0, 8, 0 };

	(void)state;
	create(s.hub, "gre0");
	assert_int_equal(tunnel(s.hub, "gre0", ST_HUB, ST_CLI), 0);
	/* down: nobody's packet */
	from_cli(47, none, 4);
	assert_int_equal(drops(s.hub, "net.drop.ip.noproto"), 1);
	assert_int_equal(vnetsim_if_up(s.w, s.hub, "gre0", true), 0);
	from_cli(47, version, 4);
	from_cli(47, routing, 4);
	from_cli(47, type, 4);
	from_cli(47, brief, 8);
	assert_int_equal(drops(s.hub, "net.drop.gre.bad"), 4);
	from_cli(47, sum, 8);
	assert_int_equal(drops(s.hub, "net.drop.gre.badsum"), 1);
	from_cli(47, key, 8);
	assert_int_equal(drops(s.hub, "net.drop.gre.key"), 1);
	assert_int_equal(req(s.hub, "gre0", VNETSIM_IF_GREKEY, 7, NULL), 0);
	from_cli(47, none, 4);
	assert_int_equal(drops(s.hub, "net.drop.gre.key"), 2);
	/* right, but nothing is in it */
	from_cli(47, good, 8);
	assert_int_equal(info(s.hub, "gre0").ipackets, 1);
	assert_int_equal(info(s.hub, "gre0").ierrors, 7);
	assert_int_equal(drops(s.hub, "net.drop.ip.short"), 1);
	/* shorter than any header: of no tunnel */
	from_cli(47, none, 3);
	assert_int_equal(drops(s.hub, "net.drop.ip.noproto"), 2);
}

/* A packet in a packet in a packet, each from the same two addresses, is taken
 * apart in one event each. */
static void
russian_dolls_are_no_recursion(void **state)
{
	uint8_t doll[60] = { 0 };
	uint64_t before;

	(void)state;
	create(s.hub, "gif0");
	assert_int_equal(tunnel(s.hub, "gif0", ST_HUB, ST_CLI), 0);
	assert_int_equal(vnetsim_if_up(s.w, s.hub, "gif0", true), 0);
	assert_int_equal(req(s.hub, "gif0", VNETSIM_IF_OPTS,
			     VNETSIM_IFOPT_IGNORESOURCE, NULL),
	    0);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *ip = doll + 20 * i;
		uint32_t sum = 0;

		ip[0] = 0x45;
		ip[3] = (uint8_t)(60 - 20 * i);
		ip[8] = 9;
		ip[9] = i < 2 ? 4 : 99;
		for (unsigned k = 0; k < 4; k++) {
			ip[12 + k] = (uint8_t)(ST_CLI >> (24 - 8 * k));
			ip[16 + k] = (uint8_t)(ST_HUB >> (24 - 8 * k));
		}
		for (unsigned k = 0; k < 20; k += 2)
			sum += (uint32_t)ip[k] << 8 | ip[k + 1];
		sum = (sum & 0xffff) + (sum >> 16);
		ip[10] = (uint8_t) ~(sum >> 8);
		ip[11] = (uint8_t)~sum;
	}
	before = vnetsim_events(s.w);
	from_cli(4, doll, sizeof(doll));
	assert_int_equal(info(s.hub, "gif0").ipackets, 3);
	assert_int_equal(drops(s.hub, "net.drop.ip.noproto"), 1);
	assert_true(vnetsim_events(s.w) - before >= 4);
	/* who asks where they come from takes the first only */
	{
		struct vnetsim_ifreq r = { .cmd = VNETSIM_IF_OPTS,
			.m = VNETSIM_IFOPT_IGNORESOURCE };

		assert_int_equal(vnetsim_if_ioctl(s.w, s.hub, "gif0", &r), 0);
	}
	from_cli(4, doll, sizeof(doll));
	assert_int_equal(info(s.hub, "gif0").ipackets, 4);
}

/* A vlan of the hub in another jail; a connection of it ends before that. */
static void
a_connection_is_its_vlans_not_its_wires(void **state)
{
	struct vnetsim_jail_params jp = {
		.name = "guest", .vnet = true, .persist = true
	};
	struct vnetsim_outcomes out;
	vnetsim_handle guest, proc, op;
	int lfd, a, b;

	(void)state;
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &guest), 0);
	assert_int_equal(vnetsim_proc_create(s.w, guest, "p", &proc), 0);
	create(s.hub, "epair0a.7");
	create(s.cli, "epair0b.7");
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.hub, "epair0a.7", guest, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, guest, "epair0a.7", 0x0a070001, 24, true), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b.7", 0x0a070002, 24, true), 0);
	lfd = st_listen(&s, s.pcli, 80, 5);
	assert_int_equal(
	    st_connect(&s, proc, 0x0a070002, 80, s.pcli, lfd, &a, &b), 0);
	/* the guest ends: its peer is told, by the hub's wire */
	assert_int_equal(vnetsim_close(s.w, s.pcli, b, NULL), 0);
	assert_int_equal(st_remove(&s, "guest", 300 * ST_S), 0);
	st_run(&s, 100 * ST_S);
	assert_int_equal(vnetsim_outcomes(s.w, VNETSIM_NOVNET, true, &out), 0);
	assert_int_equal(out.finned + out.reset, 1);
	assert_int_equal(out.abandoned, 0);
}

/* The same, but the hub ends first: nobody expects a goodbye of the hub. */
static void
a_wire_that_ends_is_no_end_of_connections(void **state)
{
	struct vnetsim_jail_params jp = {
		.name = "guest", .vnet = true, .persist = true
	};
	vnetsim_handle guest, proc, op;
	int lfd, a, b;

	(void)state;
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &guest), 0);
	assert_int_equal(vnetsim_proc_create(s.w, guest, "p", &proc), 0);
	create(s.hub, "epair0a.7");
	create(s.cli, "epair0b.7");
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.hub, "epair0a.7", guest, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, guest, "epair0a.7", 0x0a070001, 24, true), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b.7", 0x0a070002, 24, true), 0);
	lfd = st_listen(&s, s.pcli, 80, 5);
	assert_int_equal(
	    st_connect(&s, proc, 0x0a070002, 80, s.pcli, lfd, &a, &b), 0);
	assert_int_equal(st_remove(&s, "hub", 300 * ST_S), 0);
	st_run(&s, 300 * ST_S);
	assert_string_equal(st_state(&s, s.pcli, b), "ESTABLISHED");
	assert_int_equal(st_findings(&s, NULL, NULL), 0);
	st_close(&s);
	assert_true(st_open(&s, NULL));
}

static void
addresses_and_options_have_limits(void **state)
{
	(void)state;
	create(s.hub, "gif0");
	create(s.hub, "gif1");
	create(s.hub, "gre0");
	assert_int_equal(tunnel(s.hub, "gif0", 0, ST_CLI), VE_ADDRNOTAVAIL);
	assert_int_equal(tunnel(s.hub, "gif0", ST_HUB, 0), VE_ADDRNOTAVAIL);
	assert_int_equal(tunnel(s.hub, "gif0", ST_HUB, ST_CLI), 0);
	assert_int_equal(tunnel(s.hub, "gif0", ST_HUB, ST_CLI), 0);
	assert_int_equal(
	    tunnel(s.hub, "gif1", ST_HUB, ST_CLI), VE_ADDRNOTAVAIL);
	/* of another kind: fine */
	assert_int_equal(tunnel(s.hub, "gre0", ST_HUB, ST_CLI), 0);
	/* a new pair frees the old one */
	assert_int_equal(tunnel(s.hub, "gif0", ST_HUB, ST_CLI + 1), 0);
	assert_int_equal(tunnel(s.hub, "gif1", ST_HUB, ST_CLI), 0);
	assert_int_equal(req(s.hub, "gif1", VNETSIM_IF_UNTUNNEL, 0, NULL), 0);
	assert_int_equal(req(s.hub, "gif1", VNETSIM_IF_UNTUNNEL, 0, NULL), 0);
	/* a sum is gre's */
	assert_int_equal(
	    req(s.hub, "gif0", VNETSIM_IF_OPTS, VNETSIM_IFOPT_GRECSUM, NULL),
	    VE_INVAL);
	assert_int_equal(
	    req(s.hub, "gif0", VNETSIM_IF_GREKEY, 1, NULL), VE_INVAL);
	assert_int_equal(
	    req(s.hub, "gif0", VNETSIM_IF_TUNNELFIB, 1, NULL), VE_INVAL);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gif0", 1279), VE_INVAL);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gif0", 1280), 0);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gif0", 8192), 0);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gif0", 8193), VE_INVAL);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gre0", 575), VE_INVAL);
	assert_int_equal(vnetsim_if_mtu(s.w, s.hub, "gre0", 576), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_lagg_has_32_ports, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_lagg_that_dies_takes_no_port, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_flow_keeps_its_port, begin, end),
		cmocka_unit_test_setup_teardown(
		    tunnels_nest_up_to_the_limit, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_loop_is_seen_at_once, begin, end),
		cmocka_unit_test_setup_teardown(
		    gre_reads_what_nobody_sends, begin, end),
		cmocka_unit_test_setup_teardown(
		    russian_dolls_are_no_recursion, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_connection_is_its_vlans_not_its_wires, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_wire_that_ends_is_no_end_of_connections, begin, end),
		cmocka_unit_test_setup_teardown(
		    addresses_and_options_have_limits, begin, end),
	};

	return (
	    cmocka_run_group_tests_name("lagg, gif and gre", tests, NULL, NULL)
		? 1
		: 0);
}
