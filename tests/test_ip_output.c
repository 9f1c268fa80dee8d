/*
 * test_ip_output.c - what the stack itself sends: identifications, fragments,
 * broadcasts, and how long a packet may be.
 */
#include "tests/test_ip.h"

static uint8_t seen[2048];
static uint32_t nseen, bytes;

static void
wiretap(void *arg, const struct vnetsim_wire_event *ev)
{
	(void)arg;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_vnet != CLI_VNET ||
	    ev->we_len < 34 || be16dec(ev->we_bytes + 12) != 0x0800)
		return;
	nseen++;
	bytes += ev->we_len - 14 - IP_HDRLEN;
	memcpy(seen, ev->we_bytes + 14,
	    imin(ev->we_len - 14, (uint32_t)sizeof(seen)));
}

static void
start(struct st *s, int *fd)
{
	vnetsim_handle op;

	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(vnetsim_ping(s->w, s->cli, ST_HUB, 0, ST_S, &op), 0);
	assert_int_equal(st_await(s, op, ST_S), 0);
	vnetsim_set_wire(s->w, wiretap, NULL);
	assert_int_equal(vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, fd), 0);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

/* A datagram to the hub.  Return: the errno. */
static int
datagram(struct st *s, int fd, uint32_t dst, size_t len)
{
	static uint8_t data[65535];
	struct vnetsim_addr to = { dst, 9 };
	vnetsim_handle op = 0;
	size_t n = 0;
	int error;

	nseen = bytes = 0;
	error = vnetsim_send(
	    s->w, s->pcli, fd, data, len, &to, VNETSIM_NONBLOCK, &n, &op);
	st_run(s, ST_MS);
	return (error);
}

static uint16_t
id(struct st *s, int fd)
{
	assert_int_equal(datagram(s, fd, ST_HUB, 8), 0);
	assert_int_equal(nseen, 1);
	return (be16dec(seen + IP_O_ID));
}

/* RFC 6864: counted, or drawn; 0 only for what cannot be fragmented. */
static void
identifications(void **state)
{
	struct st s = { 0 };
	uint16_t a, b, c;
	int fd;

	(void)state;
	start(&s, &fd);
	a = id(&s, fd);
	b = id(&s, fd);
	assert_int_equal(b, a + 1);
	set(&s, "net.inet.ip.random_id", 1);
	a = id(&s, fd);
	b = id(&s, fd);
	c = id(&s, fd);
	assert_true(b != (uint16_t)(a + 1) || c != (uint16_t)(b + 1));
	finish(&s);
}

static void
atomic_packets(void **state)
{
	int fd, lfd, a, b;
	struct st s = { 0 };

	(void)state;
	start(&s, &fd);
	lfd = st_listen(&s, s.phub, 80, 5);
	assert_int_equal(
	    st_connect(&s, s.pcli, ST_HUB, 80, s.phub, lfd, &a, &b), 0);
	assert_int_equal(be16dec(seen + IP_O_OFF), IP_DF);
	assert_int_equal(be16dec(seen + IP_O_ID), 0);
	set(&s, "net.inet.ip.rfc6864", 0);
	assert_int_equal(st_send(&s, s.pcli, a, 100), 100);
	st_run(&s, ST_MS);
	assert_int_equal(be16dec(seen + IP_O_OFF), IP_DF);
	assert_true(be16dec(seen + IP_O_ID) != 0);
	finish(&s);
}

static void
as_long_as_the_mtu(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s, &fd);
	/* 1500 = 20 + 8 + 1472 */
	assert_int_equal(datagram(&s, fd, ST_HUB, 1472), 0);
	assert_int_equal(nseen, 1);
	assert_int_equal(datagram(&s, fd, ST_HUB, 1473), 0);
	assert_int_equal(nseen, 2);
	assert_int_equal(bytes, 8 + 1473);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_ofragments"), 2);
	/* of sockets that are made from now on */
	set(&s, "net.inet.udp.maxdgram", 65535);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(datagram(&s, fd, ST_HUB, 65507), 0);
	assert_int_equal(nseen, 45);
	assert_int_equal(bytes, 8 + 65507);
	assert_int_equal(datagram(&s, fd, ST_HUB, 65508), VE_MSGSIZE);
	/* the smallest MTU there is: 48 bytes of data in each */
	assert_int_equal(vnetsim_if_mtu(s.w, s.cli, "epair0b", 72), 0);
	assert_int_equal(datagram(&s, fd, ST_HUB, 88), 0);
	assert_int_equal(nseen, 2);
	assert_int_equal(datagram(&s, fd, ST_HUB, 89), 0);
	assert_int_equal(nseen, 3);
	finish(&s);
}

/* A broadcast is one of the interface by which it goes. */
static void
broadcasts(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s, &fd);
	assert_int_equal(datagram(&s, fd, ST_CLI | 255, 8), VE_ACCES);
	assert_int_equal(nseen, 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, fd, VNETSIM_SO_BROADCAST, 1), 0);
	assert_int_equal(datagram(&s, fd, ST_CLI | 255, 8), 0);
	assert_int_equal(nseen, 1);
	assert_int_equal(datagram(&s, fd, 0xffffffff, 8), 0);
	assert_int_equal(nseen, 1);
	/* a broadcast is never cut */
	assert_int_equal(datagram(&s, fd, ST_CLI | 255, 1472), 0);
	assert_int_equal(nseen, 1);
	assert_int_equal(datagram(&s, fd, ST_CLI | 255, 1473), VE_MSGSIZE);
	assert_int_equal(nseen, 0);
	finish(&s);
}

/* The address of the network that is asked, or of the way to it. */
static void
source_addresses(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s, &fd);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", 0x0d000002, 24, true), 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.hub, "epair0a", 0x0d000001, 24, true), 0);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0b000000, 24, ST_HUB), 0);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, 0x0c000000, 24, 0x0d000001), 0);
	(void)datagram(&s, fd, 0x0d000001, 8); /* asks who that is */
	(void)datagram(&s, fd, ST_HUB, 8);
	assert_int_equal(be32dec(seen + IP_O_SRC), ST_CLI);
	(void)datagram(&s, fd, 0x0d000001, 8);
	assert_int_equal(be32dec(seen + IP_O_SRC), 0x0d000002);
	(void)datagram(&s, fd, 0x0b000001, 8);
	assert_int_equal(be32dec(seen + IP_O_SRC), ST_CLI);
	(void)datagram(&s, fd, 0x0c000001, 8);
	assert_int_equal(be32dec(seen + IP_O_SRC), 0x0d000002);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifications),
		cmocka_unit_test(atomic_packets),
		cmocka_unit_test(as_long_as_the_mtu),
		cmocka_unit_test(broadcasts),
		cmocka_unit_test(source_addresses),
	};

	return (cmocka_run_group_tests_name("ip output", tests, NULL, NULL)
		    ? 1
		    : 0);
}
