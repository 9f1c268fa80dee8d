/*
 * test_mcast_campaign.c - memberships in any order of events.
 *
 * Random programs: sockets come and go, join, leave and filter at three
 * interfaces (a wire, a vlan on it, loopback), while queries and datagrams
 * come in, interfaces move, lose their parent and are destroyed, and reports
 * are due.  Then the jail ends, by a random order and close policy, and
 * nothing may be left, nothing found.  Errors of calls are part of the game.
 */
#include "tests/test_mcast.h"

#define NSOCK  6
#define NOPS   80
#define NSEEDS 300

static uint64_t rng;

static uint32_t
rnd(uint32_t n)
{
	rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(rng >> 33) % n);
}

struct camp {
	struct st s;
	int fd[NSOCK]; /* -1: none */
	vnetsim_handle link;
};

static const char *
some_if(void)
{
	static const char *const names[] = { "epair0b", "vlan0", "lo0", NULL };

	return (names[rnd(4)]);
}

/* An open one, mostly. */
static int
some_fd(const struct camp *c)
{
	uint32_t at = rnd(NSOCK);

	for (uint32_t i = 0; i < NSOCK; i++)
		if (c->fd[(at + i) % NSOCK] >= 0)
			return (c->fd[(at + i) % NSOCK]);
	return (-1);
}

static void
op_socket(struct camp *c)
{
	struct vnetsim_addr a = { 0, 53 };
	int *fd = &c->fd[rnd(NSOCK)];

	if (*fd >= 0) {
		(void)vnetsim_close(c->s.w, c->s.pcli, *fd, NULL);
		*fd = -1;
		return;
	}
	if (vnetsim_socket(c->s.w, c->s.pcli, VNETSIM_UDP, fd) != 0) {
		*fd = -1;
		return;
	}
	(void)vnetsim_setsockopt(
	    c->s.w, c->s.pcli, *fd, VNETSIM_SO_REUSEPORT, 1);
	(void)vnetsim_bind(c->s.w, c->s.pcli, *fd, &a);
}

static void
op_group(struct camp *c)
{
	struct vnetsim_mreq mr = {
		.group = rnd(8) == 0 ? INADDR_ALLHOSTS : G(rnd(4)),
		.source = SRC(rnd(4)),
		.ifname = some_if(),
	};
	int what = rnd(2) == 0 ? VNETSIM_IP_ADD_MEMBERSHIP : (int)rnd(6);

	(void)vnetsim_mcast(c->s.w, c->s.pcli, some_fd(c), what, &mr);
}

static void
op_filter(struct camp *c)
{
	struct vnetsim_mreq mr = { .group = G(rnd(4)), .ifname = some_if() };
	uint32_t src[5];

	for (int i = 0; i < 5; i++)
		src[i] = SRC(rnd(6));
	(void)vnetsim_setsourcefilter(
	    c->s.w, c->s.pcli, some_fd(c), &mr, (int)rnd(2) + 1, rnd(6), src);
	(void)vnetsim_setsockopt(c->s.w, c->s.pcli, some_fd(c),
	    VNETSIM_IP_MULTICAST_IF, rnd(2) == 0 ? 0 : ST_CLI);
}

/* A query or a report from the hub's end of the wire. */
static void
op_igmp(struct camp *c)
{
	static const uint8_t types[] = { 0x11, 0x11, 0x11, 0x16, 0x12 };
	uint8_t f[14 + 20 + 12 + 4 * 3] = { 1, 0, 0x5e }, *ip = f + 14;
	uint32_t n = rnd(3) == 0 ? rnd(4) : 0, len = 8, group;
	uint8_t *m = ip + 20;

	m[0] = types[rnd(5)];
	m[1] = (uint8_t)rnd(60);
	group = rnd(2) == 0 || m[0] != 0x11 ? G(rnd(4)) : 0;
	be32enc(m + 4, group);
	if (m[0] == 0x11 && rnd(4) != 0) {
		be16enc(m + 10, (uint16_t)n);
		for (uint32_t i = 0; i < n; i++)
			be32enc(m + 12 + 4 * i, SRC(rnd(6)));
		len = 12 + 4 * n;
	}
	sum(m, len, IGMP_O_SUM);
	packet(
	    ip, IPPROTO_IGMP, ST_HUB, group != 0 ? group : INADDR_ALLHOSTS, 0);
	be16enc(ip + IP_O_LEN, (uint16_t)(20 + len));
	ip[IP_O_TTL] = 1;
	sum(ip, 20, IP_O_SUM);
	be32enc(f + 2, be32dec(ip + IP_O_DST) & 0x7fffff);
	f[2] = 0x5e;
	be16enc(f + 12, 0x0800);
	(void)vnetsim_link_inject(c->s.w, c->link, 0, f, 14 + 20 + len, true);
}

static void
op_datagram(struct camp *c)
{
	struct vnetsim_addr to = { G(rnd(4)), 53 };
	vnetsim_handle op;
	size_t done;
	int fd = some_fd(c);

	(void)vnetsim_send(
	    c->s.w, c->s.pcli, fd, "x", 1, &to, VNETSIM_NONBLOCK, &done, NULL);
	if (vnetsim_recv(
		c->s.w, c->s.pcli, fd, 10, false, VNETSIM_NONBLOCK, &op) == 0)
		(void)vnetsim_op_release(c->s.w, op);
}

static void
op_vlan(struct camp *c)
{
	struct vnetsim_ifreq ifr = { .cmd = VNETSIM_IF_VLAN, .n = 7 };
	char name[VNETSIM_IFNAMSIZ] = "vlan0";

	strcpy(ifr.arg, "epair0b");
	switch (rnd(4)) {
	case 0:
		(void)vnetsim_if_destroy(c->s.w, c->s.cli, name, NULL);
		return;
	case 1:
		ifr.cmd = VNETSIM_IF_UNVLAN;
		break;
	default:
		(void)vnetsim_if_create(c->s.w, c->s.cli, name);
		(void)vnetsim_if_inet(
		    c->s.w, c->s.cli, name, 0x0a000702, 24, true);
	}
	(void)vnetsim_if_ioctl(c->s.w, c->s.cli, "vlan0", &ifr);
}

/* Home and back, perhaps at once. */
static void
op_move(struct camp *c)
{
	(void)vnetsim_if_vnet(c->s.w, c->s.cli, "epair0b", c->s.host, NULL);
	st_run(&c->s, rnd(2) * ST_MS);
	(void)vnetsim_if_vnet(c->s.w, c->s.host, "epair0b", c->s.cli, NULL);
	st_run(&c->s, rnd(2) * ST_MS);
	(void)vnetsim_if_inet(
	    c->s.w, c->s.cli, "epair0b", ST_CLI, 24, rnd(3) != 0);
}

static void
op_any(struct camp *c)
{
	static void (*const ops[])(struct camp *) = { op_socket, op_socket,
		op_group, op_group, op_group, op_group, op_filter, op_igmp,
		op_igmp, op_datagram, op_vlan, op_move };

	ops[rnd(nitems(ops))](c);
	if (rnd(3) == 0)
		st_run(&c->s, (int64_t)rnd(2000) * ST_MS);
}

static void
program(uint64_t seed)
{
	static const char *const orders[] = { "top-down", "top-down",
		"freebsd-13", "freebsd-9", "interfaces-first" };
	struct vnetsim_close_policy how = { 0 };
	struct camp c = { .s = { 0 } };
	unsigned found;
	int end;

	rng = seed * 2 + 1;
	how.policy = (enum vnetsim_close)rnd(3);
	assert_true(st_open(&c.s, NULL));
	assert_int_equal(
	    vnetsim_order_set(c.s.w, orders[rnd(nitems(orders))], false), 0);
	assert_int_equal(vnetsim_close_default(c.s.w, &how), 0);
	st_setup(&c.s);
	c.link = vnetsim_link_find(c.s.w, "epair0", &end);
	for (int i = 0; i < NSOCK; i++)
		c.fd[i] = -1;
	for (int i = 0; i < NOPS; i++)
		op_any(&c);
	if (rnd(4) == 0)
		(void)vnetsim_if_destroy(c.s.w, c.s.host, "epair0b", NULL);
	assert_int_equal(st_remove(&c.s, "cli", 1000 * ST_S), 0);
	found = st_finish(&c.s);
	if (found != 0) {
		st_print(&c.s);
		fail_msg("seed %llu", (unsigned long long)seed);
	}
	st_close(&c.s);
}

static void
random_programs_end_well(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= NSEEDS; seed++)
		program(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs_end_well),
	};

	return (cmocka_run_group_tests_name("mcast campaign", tests, NULL, NULL)
		    ? 1
		    : 0);
}
