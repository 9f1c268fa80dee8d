/*
 * test_mcast.c - membership of groups: options and their errors, limits, who
 * hears what, and what goes with interfaces and vnets.
 */
#include "src/net/ip/igmp_var.h"
#include "tests/test_mcast.h"

static struct vnetsim_mcast_group
group(struct st *s, const char *ifname, uint32_t n)
{
	struct vnetsim_mcast_group g;

	memset(&g, 0, sizeof(g));
	(void)vnetsim_mcast_next(s->w, s->cli, ifname, n, &g, NULL, 0);
	return (g);
}

static int64_t
opt(struct st *s, int fd, int name)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_getsockopt(s->w, s->pcli, fd, name, &v), 0);
	return (v);
}

#define SET(n, v) vnetsim_setsockopt(s.w, s.pcli, fd, (n), (v))

static void
errors_of_joining(void **state)
{
	struct st s = { 0 };
	struct vnetsim_mreq mr = { .group = G(1), .ifname = "epair7a" };
	int fd, tcp;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, 0x0a000005), VE_INVAL);
	assert_int_equal(join(&s, fd, 0xdfffffff), VE_INVAL);
	assert_int_equal(join(&s, fd, 0xf0000000), VE_INVAL);
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr),
	    VE_ADDRNOTAVAIL);
	mr = (struct vnetsim_mreq){ .group = G(1), .ifaddr = ST_HUB };
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr),
	    VE_ADDRNOTAVAIL);
	assert_int_equal(leave(&s, fd, G(1)), VE_ADDRNOTAVAIL);
	assert_int_equal(join(&s, fd, G(1)), 0);
	assert_int_equal(join(&s, fd, G(1)), VE_ADDRINUSE);
	mr.ifaddr = ST_CLI;
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr),
	    VE_ADDRINUSE);
	assert_int_equal(
	    call(&s, fd, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(1)),
	    VE_INVAL);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	assert_int_equal(leave(&s, fd, G(1)), VE_ADDRNOTAVAIL);
	assert_int_equal(call(&s, fd, 99, G(1), 0), VE_NOPROTOOPT);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &tcp), 0);
	assert_int_equal(join(&s, tcp, G(1)), VE_OPNOTSUPP);
	finish(&s);
}

static void
errors_of_sources(void **state)
{
	static const uint32_t some[3] = { SRC(9), SRC(3), SRC(9) };
	uint32_t n, got[4] = { 0 };
	struct vnetsim_mreq mr = { .group = G(1) };
	struct st s = { 0 };
	int fd, mode;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
#define SRCOP(op, i) call(&s, fd, VNETSIM_IP_##op, G(1), SRC(i))
	assert_int_equal(
	    call(&s, fd, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), G(2)),
	    VE_INVAL);
	assert_int_equal(SRCOP(BLOCK_SOURCE, 1), VE_ADDRNOTAVAIL);
	assert_int_equal(SRCOP(ADD_SOURCE_MEMBERSHIP, 1), 0);
	assert_int_equal(SRCOP(ADD_SOURCE_MEMBERSHIP, 1), VE_ADDRNOTAVAIL);
	assert_int_equal(join(&s, fd, G(1)), VE_INVAL);
	assert_int_equal(SRCOP(BLOCK_SOURCE, 2), VE_INVAL);
	assert_int_equal(SRCOP(DROP_SOURCE_MEMBERSHIP, 2), VE_ADDRNOTAVAIL);
	assert_int_equal(SRCOP(DROP_SOURCE_MEMBERSHIP, 1), 0);
	/* a member that wants nobody is one still */
	assert_int_equal(group(&s, "epair0b", 0).nmembers, 1);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	assert_int_equal(join(&s, fd, G(1)), 0);
	assert_int_equal(SRCOP(DROP_SOURCE_MEMBERSHIP, 1), VE_ADDRNOTAVAIL);
	assert_int_equal(SRCOP(UNBLOCK_SOURCE, 1), VE_ADDRNOTAVAIL);
	assert_int_equal(SRCOP(BLOCK_SOURCE, 1), 0);
	assert_int_equal(SRCOP(BLOCK_SOURCE, 1), VE_ADDRNOTAVAIL);
	assert_int_equal(SRCOP(UNBLOCK_SOURCE, 1), 0);
	/* all at once; the same source twice is one */
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd, &mr,
			     VNETSIM_MCAST_INCLUDE, 3, some),
	    0);
	n = 1;
	assert_int_equal(
	    vnetsim_getsourcefilter(s.w, s.pcli, fd, &mr, &mode, &n, got), 0);
	assert_int_equal(n, 2);
	assert_int_equal(mode, VNETSIM_MCAST_INCLUDE);
	assert_true(got[0] == SRC(3) && got[1] == 0);
	assert_int_equal(
	    vnetsim_setsourcefilter(s.w, s.pcli, fd, &mr, 7, 0, NULL),
	    VE_INVAL);
	mr.group = G(2);
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd, &mr,
			     VNETSIM_MCAST_INCLUDE, 0, NULL),
	    VE_ADDRNOTAVAIL);
	finish(&s);
}

static void
options_of_a_socket(void **state)
{
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_TTL), 1);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_LOOP), 1);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_IF), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, 256), VE_INVAL);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, -1), VE_INVAL);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, 255), 0);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_TTL), 255);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_LOOP, 7), 0);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_LOOP), 1);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_LOOP, 0), 0);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_LOOP), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, ST_HUB), VE_ADDRNOTAVAIL);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, ST_CLI), 0);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_IF), ST_CLI);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, 0), 0);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_IF), 0);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &fd), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, 1), VE_OPNOTSUPP);
	set(&s, "net.inet.ip.mcast.loop", 0);
	fd = udp(&s, s.pcli, 54);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_LOOP), 0);
	finish(&s);
}

/* IP_MAX_MEMBERSHIPS, and one more. */
static void
limit_of_groups(void **state)
{
	struct st s = { 0 };
	uint32_t base = 0xef000000;
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	for (uint32_t i = 0; i < VNETSIM_MCAST_MAXGROUPS; i++)
		assert_int_equal(join(&s, fd, base + i), 0);
	assert_int_equal(join(&s, fd, base + 4095), VE_NOMEM);
	assert_int_equal(vnetsim_mcast_next(s.w, s.cli, "epair0b", 4094,
			     &(struct vnetsim_mcast_group){ 0 }, NULL, 0),
	    0);
	assert_int_equal(leave(&s, fd, base), 0);
	assert_int_equal(join(&s, fd, base + 4095), 0);
	/* all of it in one report's run: packets no longer than the MTU */
	st_run(&s, 10 * ST_S);
	assert_true(nseen >= 23);
	finish(&s);
}

static void
limits_of_sources(void **state)
{
	uint32_t src[129];
	struct vnetsim_mreq mr = { .group = G(1) };
	struct st s = { 0 };
	int fd[6];

	(void)state;
	start(&s);
	for (uint32_t i = 0; i < 129; i++)
		src[i] = SRC(i);
	fd[0] = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd[0], G(1)), 0);
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd[0], &mr,
			     VNETSIM_MCAST_EXCLUDE, 129, src),
	    VE_NOBUFS);
	assert_int_equal(vnetsim_setsourcefilter(s.w, s.pcli, fd[0], &mr,
			     VNETSIM_MCAST_EXCLUDE, 128, src),
	    0);
	assert_int_equal(
	    call(&s, fd[0], VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(128)),
	    VE_NOBUFS);
	assert_int_equal(leave(&s, fd[0], G(1)), 0);
	/* four sockets want 128 each, 512 in all; a fifth one more */
	for (uint32_t k = 0; k < 5; k++) {
		fd[k + 1] = udp(&s, s.pcli, 53);
		for (uint32_t i = 0; i < (k < 4 ? 128 : 1); i++)
			assert_int_equal(call(&s, fd[k + 1],
					     VNETSIM_IP_ADD_SOURCE_MEMBERSHIP,
					     G(1), SRC(128 * k + i)),
			    k < 4 ? 0 : VE_NOSPC);
	}
	assert_int_equal(group(&s, "epair0b", 0).nsrc, 512);
	assert_int_equal(group(&s, "epair0b", 0).nmembers, 4);
	/* one that somebody wants already is no more */
	assert_int_equal(
	    call(&s, fd[5], VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(5)), 0);
	set(&s, "net.inet.ip.mcast.maxgrpsrc", 513);
	assert_int_equal(
	    call(&s, fd[5], VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(512)),
	    0);
	assert_int_equal(group(&s, "epair0b", 0).nsrc, 513);
	finish(&s);
}

static void
members_want_it_together(void **state)
{
	uint32_t got[4];
	struct vnetsim_mcast_group g;
	struct st s = { 0 };
	int a, b, c;

	(void)state;
	start(&s);
	a = udp(&s, s.pcli, 53);
	b = udp(&s, s.pcli, 53);
	c = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, a, G(1)), 0);
	assert_int_equal(call(&s, a, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(1)), 0);
	assert_int_equal(call(&s, a, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(2)), 0);
	assert_int_equal(join(&s, b, G(1)), 0);
	assert_int_equal(group(&s, "epair0b", 0).nsrc, 0);
	assert_int_equal(call(&s, b, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(2)), 0);
	assert_int_equal(group(&s, "epair0b", 0).nsrc, 1);
	assert_int_equal(
	    call(&s, c, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(2)), 0);
	assert_int_equal(group(&s, "epair0b", 0).nsrc, 0);
	assert_int_equal(group(&s, "epair0b", 0).mode, VNETSIM_MCAST_EXCLUDE);
	assert_int_equal(leave(&s, a, G(1)), 0);
	assert_int_equal(leave(&s, b, G(1)), 0);
	assert_int_equal(
	    vnetsim_mcast_next(s.w, s.cli, "epair0b", 0, &g, got, 4), 0);
	assert_int_equal(g.mode, VNETSIM_MCAST_INCLUDE);
	assert_int_equal(g.nsrc, 1);
	assert_int_equal(got[0], SRC(2));
	finish(&s);
}

/* A datagram from the hub's end to a group.  Return: who got it, bit by bit. */
static unsigned
datagram(struct st *s, uint32_t src, uint32_t dst, const int *fd, unsigned n)
{
	uint8_t p[IP_HDRLEN + 8 + 4];
	unsigned got = 0;
	vnetsim_handle op;

	packet(p, IPPROTO_UDP, src, dst, 12);
	be16enc(p + IP_HDRLEN, 99);
	be16enc(p + IP_HDRLEN + 2, 53);
	be16enc(p + IP_HDRLEN + 4, 12);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(s, p, sizeof(p), 0);
	for (unsigned i = 0; i < n; i++) {
		if (vnetsim_recv(s->w, s->pcli, fd[i], 100, false,
			VNETSIM_NONBLOCK, &op) != 0)
			continue;
		got |= 1u << i;
		assert_int_equal(vnetsim_op_release(s->w, op), 0);
	}
	return (got);
}

static void
who_hears_what(void **state)
{
	struct st s = { 0 };
	int fd[4];

	(void)state;
	start(&s);
	for (int i = 0; i < 4; i++)
		fd[i] = udp(&s, s.pcli, 53);
	assert_int_equal(datagram(&s, ST_HUB, G(1), fd, 4), 0);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_notmember"), 1);
	assert_int_equal(join(&s, fd[0], G(1)), 0);
	assert_int_equal(join(&s, fd[1], G(1)), 0);
	assert_int_equal(
	    call(&s, fd[1], VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(1)), 0);
	assert_int_equal(
	    call(&s, fd[2], VNETSIM_IP_ADD_SOURCE_MEMBERSHIP, G(1), SRC(1)), 0);
	assert_int_equal(join(&s, fd[3], G(2)), 0);
	assert_int_equal(datagram(&s, SRC(1), G(1), fd, 4), 1 | 4);
	assert_int_equal(datagram(&s, SRC(2), G(1), fd, 4), 1 | 2);
	assert_int_equal(datagram(&s, SRC(2), G(2), fd, 4), 8);
	assert_int_equal(get(&s, "net.inet.udp.stats.udps_filtermcast"), 2);
	/* 224.0.0.1 comes in, but only who joined it hears it */
	assert_int_equal(datagram(&s, SRC(2), INADDR_ALLHOSTS, fd, 4), 0);
	assert_int_equal(get(&s, "net.inet.ip.stats.ips_notmember"), 1);
	assert_int_equal(join(&s, fd[3], INADDR_ALLHOSTS), 0);
	assert_int_equal(datagram(&s, SRC(2), INADDR_ALLHOSTS, fd, 4), 8);
	assert_int_equal(leave(&s, fd[0], G(1)), 0);
	assert_int_equal(datagram(&s, SRC(2), G(1), fd, 4), 2);
	finish(&s);
}

static int
sendto(struct st *s, int fd, uint32_t dst)
{
	struct vnetsim_addr to = { dst, 53 };
	size_t done;

	return (vnetsim_send(
	    s->w, s->pcli, fd, "x", 1, &to, VNETSIM_NONBLOCK, &done, NULL));
}

static unsigned
heard(struct st *s, int fd)
{
	vnetsim_handle op;

	st_run(s, ST_MS);
	if (vnetsim_recv(
		s->w, s->pcli, fd, 100, false, VNETSIM_NONBLOCK, &op) != 0)
		return (0);
	assert_int_equal(vnetsim_op_release(s->w, op), 0);
	return (1);
}

static void
what_is_sent_comes_back(void **state)
{
	struct vnetsim_mreq mr = { .group = G(3) };
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	/* no route to the group, no interface named */
	assert_int_equal(sendto(&s, fd, G(1)), VE_NETUNREACH);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, ST_CLI), 0);
	assert_int_equal(sendto(&s, fd, G(1)), 0);
	assert_int_equal(heard(&s, fd), 0); /* no member */
	assert_int_equal(join(&s, fd, G(1)), 0);
	assert_int_equal(sendto(&s, fd, G(1)), 0);
	assert_int_equal(heard(&s, fd), 1);
	assert_int_equal(nudp, 2);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, 0), 0);
	assert_int_equal(sendto(&s, fd, G(1)), 0);
	assert_int_equal(heard(&s, fd), 1);
	assert_int_equal(nudp, 2);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_LOOP, 0), 0);
	assert_int_equal(sendto(&s, fd, G(1)), 0);
	assert_int_equal(heard(&s, fd), 0);
	/* by loopback there is nothing but the copy */
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_LOOP, 1), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_TTL, 1), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, INADDR_LOOPBACK), 0);
	assert_int_equal(sendto(&s, fd, G(3)), 0);
	assert_int_equal(heard(&s, fd), 0);
	mr.ifname = "lo0";
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr), 0);
	assert_int_equal(sendto(&s, fd, G(3)), 0);
	assert_int_equal(heard(&s, fd), 1);
	assert_int_equal(nudp, 2);
	finish(&s);
}

/* The frame's group is asked first: others do not go up at all. */
static void
the_interface_filters(void **state)
{
	static const uint8_t to[2][6] = { { 1, 0, 0x5e, 1, 2, 1 },
		{ 1, 0, 0x5e, 0, 0, 1 } };
	uint8_t f[64] = { 0 };
	struct st s = { 0 };
	vnetsim_handle link;
	int fd, end;

	(void)state;
	start(&s);
	link = vnetsim_link_find(s.w, "epair0", &end);
	fd = udp(&s, s.pcli, 53);
	be16enc(f + 12, 0x0800);
	memcpy(f, to[0], 6);
	assert_int_equal(vnetsim_link_inject(s.w, link, 0, f, 60, false), 0);
	st_run(&s, ST_MS);
	assert_int_equal(get(&s, "net.drop.ether.notforus"), 1);
	memcpy(f, to[1], 6);
	assert_int_equal(vnetsim_link_inject(s.w, link, 0, f, 60, false), 0);
	st_run(&s, ST_MS);
	assert_int_equal(get(&s, "net.drop.ether.notforus"), 1);
	assert_int_equal(join(&s, fd, G(1)), 0);
	memcpy(f, to[0], 6);
	assert_int_equal(vnetsim_link_inject(s.w, link, 0, f, 60, false), 0);
	st_run(&s, ST_MS);
	assert_int_equal(get(&s, "net.drop.ether.notforus"), 1);
	assert_int_equal(get(&s, "net.drop.ip.version"), 2);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, 10 * ST_S);
	assert_int_equal(vnetsim_link_inject(s.w, link, 0, f, 60, false), 0);
	st_run(&s, ST_MS);
	assert_int_equal(get(&s, "net.drop.ether.notforus"), 2);
	finish(&s);
}

/* Memberships of an interface that goes home, of one that is destroyed. */
static void
interfaces_take_them_along(void **state)
{
	struct st s = { 0 };
	vnetsim_handle op;
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	assert_int_equal(join(&s, fd, G(1)), 0);
	assert_int_equal(
	    call(&s, fd, VNETSIM_IP_BLOCK_SOURCE, G(1), SRC(1)), 0);
	assert_int_equal(SET(VNETSIM_IP_MULTICAST_IF, ST_CLI), 0);
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.cli, "epair0b", s.host, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(leave(&s, fd, G(1)), VE_ADDRNOTAVAIL);
	assert_int_equal(opt(&s, fd, VNETSIM_IP_MULTICAST_IF), 0);
	assert_int_equal(join(&s, fd, G(1)), VE_ADDRNOTAVAIL);
	/* it comes back another one: nothing of the old is left */
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.host, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(group(&s, "epair0b", 0).group, 0);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", ST_CLI, 24, true), 0);
	assert_int_equal(join(&s, fd, G(1)), 0);
	assert_int_equal(join(&s, fd, G(2)), 0);
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.hub, "epair0a", s.host, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(vnetsim_if_destroy(s.w, s.host, "epair0a", &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(leave(&s, fd, G(1)), VE_ADDRNOTAVAIL);
	assert_int_equal(vnetsim_close(s.w, s.pcli, fd, NULL), 0);
	finish(&s);
}

/* A vlan's groups are its parent's, too. */
static void
parents_hear_what_vlans_do(void **state)
{
	struct vnetsim_ifreq ifr = { .cmd = VNETSIM_IF_VLAN, .n = 7 };
	static const uint8_t mac[6] = { 1, 0, 0x5e, 1, 2, 1 };
	char name[VNETSIM_IFNAMSIZ] = "vlan0";
	struct vnetsim_mreq mr = { .group = G(1), .ifname = name };
	struct vnet_frame f;
	struct st s = { 0 };
	int fd;

	(void)state;
	start(&s);
	fd = udp(&s, s.pcli, 53);
	strcpy(ifr.arg, "epair0b");
	assert_int_equal(vnetsim_if_create(s.w, s.cli, name), 0);
	assert_int_equal(vnetsim_if_ioctl(s.w, s.cli, name, &ifr), 0);
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr), 0);
#define HEARS(yes)                                                             \
	do {                                                                   \
		assert_true(vnet_enter(                                        \
		    &f, vnet_byid(CLI_VNET), DOOR_ADMIN, VNET_MOD_ip));        \
		assert_int_equal(                                              \
		    if_findmulti(ifunit("epair0b"), mac) != NULL, yes);        \
		vnet_leave(&f);                                                \
	} while (0)
	HEARS(true);
	ifr.cmd = VNETSIM_IF_UNVLAN;
	assert_int_equal(vnetsim_if_ioctl(s.w, s.cli, name, &ifr), 0);
	HEARS(false);
	ifr.cmd = VNETSIM_IF_VLAN;
	assert_int_equal(vnetsim_if_ioctl(s.w, s.cli, name, &ifr), 0);
	HEARS(true);
	mr.ifname = "epair0b";
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr), 0);
	mr.ifname = name;
	assert_int_equal(
	    vnetsim_mcast(s.w, s.pcli, fd, VNETSIM_IP_DROP_MEMBERSHIP, &mr), 0);
	st_run(&s, 10 * ST_S);
	HEARS(true);
	assert_int_equal(leave(&s, fd, G(1)), 0);
	st_run(&s, 10 * ST_S);
	HEARS(false);
	finish(&s);
}

/* Somebody holds a link-layer group longer than its interface lasts (FreeBSD:
 * bms 2007, ec002fee): it goes with its last holder. */
static void
late_leavers(void **state)
{
	static const uint8_t mac[6] = { 1, 0, 0x5e, 9, 9, 9 };
	struct in_mfilter *imf[2];
	struct vnet_frame f;
	struct st s = { 0 };
	vnetsim_handle op;

	(void)state;
	start(&s);
	assert_true(
	    vnet_enter(&f, vnet_byid(CLI_VNET), DOOR_ADMIN, VNET_MOD_igmp));
	for (int i = 0; i < 2; i++) {
		imf[i] = uma_zalloc(&in_mfilter_zone, M_ZERO);
		assert_int_equal(
		    if_addmulti(ifunit("epair0b"), mac, &imf[i]->imf_inm), 0);
	}
	assert_int_equal(uma_count(&ifmultiaddr_zone, curvnet), 1);
	vnet_leave(&f);
	assert_int_equal(
	    vnetsim_if_vnet(s.w, s.cli, "epair0b", s.host, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_true(
	    vnet_enter(&f, vnet_byid(CLI_VNET), DOOR_ADMIN, VNET_MOD_igmp));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(uma_count(&ifmultiaddr_zone, curvnet), 1);
		if_delmulti(&imf[i]->imf_inm);
		if_delmulti(&imf[i]->imf_inm);
		uma_zfree(&in_mfilter_zone, imf[i]);
	}
	assert_int_equal(uma_count(&ifmultiaddr_zone, curvnet), 0);
	vnet_leave(&f);
	finish(&s);
}

/* Each allocation fails in turn: what fails has changed nothing. */
static bool
one_failure(uint64_t base, uint64_t n, uint64_t *asked)
{
	static const uint32_t src[2] = { SRC(1), SRC(2) };
	struct vnetsim_mreq mr = { .group = G(1) };
	struct vnetsim_config cfg = { 0 };
	struct vnetsim_mcast_group g;
	struct st s = { 0 };
	uint64_t failed;
	int fd, error;

	cfg.fail_alloc = n != 0 ? base + n : 0;
	assert_true(st_open(&s, &cfg));
	st_setup(&s);
	fd = udp(&s, s.pcli, 53);
	(void)vnetsim_fail_state(s.w, asked, &failed);
	error = join(&s, fd, G(1));
	if (error == 0)
		error = vnetsim_setsourcefilter(
		    s.w, s.pcli, fd, &mr, VNETSIM_MCAST_EXCLUDE, 2, src);
	if (error == 0)
		error = call(&s, fd, VNETSIM_IP_UNBLOCK_SOURCE, G(1), SRC(1));
	assert_true(error == 0 || (n != 0 && error == VE_NOBUFS));
	memset(&g, 0, sizeof(g));
	(void)vnetsim_mcast_next(s.w, s.cli, "epair0b", 0, &g, NULL, 0);
	assert_true(g.group == 0 || g.nmembers == 1);
	if (n == 0)
		(void)vnetsim_fail_state(s.w, &base, &failed);
	st_run(&s, 10 * ST_S);
	finish(&s);
	if (n == 0)
		*asked = base - *asked;
	return (error != 0);
}

static void
without_memory(void **state)
{
	uint64_t base, all;
	uint32_t refused = 0;

	(void)state;
	(void)one_failure(0, 0, &all);
	assert_in_range(all, 10, 100);
	/* where the calls begin */
	(void)one_failure(UINT64_C(1) << 40, 1, &base);
	for (uint64_t n = 1; n <= all; n++) {
		uint64_t ignored;

		refused += one_failure(base, n, &ignored);
	}
	assert_true(refused >= 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_of_joining),
		cmocka_unit_test(errors_of_sources),
		cmocka_unit_test(options_of_a_socket),
		cmocka_unit_test(limit_of_groups),
		cmocka_unit_test(limits_of_sources),
		cmocka_unit_test(members_want_it_together),
		cmocka_unit_test(who_hears_what),
		cmocka_unit_test(what_is_sent_comes_back),
		cmocka_unit_test(the_interface_filters),
		cmocka_unit_test(interfaces_take_them_along),
		cmocka_unit_test(parents_hear_what_vlans_do),
		cmocka_unit_test(late_leavers),
		cmocka_unit_test(without_memory),
	};

	return (
	    cmocka_run_group_tests_name("mcast", tests, NULL, NULL) ? 1 : 0);
}
