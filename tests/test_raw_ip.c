/*
 * test_raw_ip.c - raw sockets: who hears what, IP_HDRINCL, limits, rights, the
 * end of a vnet that has some.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/fault.h>
#include "tests/lib/tstack.h"

#define PROTO 253 /* for experiments, RFC 3692 */
#define HLEN  20

static int
raw(struct st *s, vnetsim_handle proc, int proto)
{
	int fd = -1;

	assert_int_equal(vnetsim_rawsocket(s->w, proc, proto, &fd), 0);
	return (fd);
}

/* Return: errno of the send. */
static int
give(struct st *s, vnetsim_handle proc, int fd, const void *data, size_t len,
    uint32_t to)
{
	struct vnetsim_addr a = { to, 0 };
	vnetsim_handle op;
	size_t done = 0;
	int error;

	error = vnetsim_send(s->w, proc, fd, data, len, to != 0 ? &a : NULL,
	    VNETSIM_NONBLOCK, &done, &op);
	if (error == 0)
		assert_int_equal(done, len);
	st_run(s, ST_S);
	return (error);
}

/* Return: bytes of the next packet, -1: there is none. */
static int
take(struct st *s, vnetsim_handle proc, int fd, uint8_t *buf, size_t size)
{
	struct vnetsim_result res;
	vnetsim_handle op;
	int n;

	if (vnetsim_recv(s->w, proc, fd, size, false, VNETSIM_NONBLOCK, &op) !=
	    0)
		return (-1);
	assert_int_equal(vnetsim_op_poll(s->w, op, &res), 0);
	n = (int)res.datalen;
	if (n > 0)
		memcpy(buf, res.data, res.datalen);
	assert_int_equal(vnetsim_op_release(s->w, op), 0);
	return (n);
}

static void
begin(struct st *s)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

static uint32_t
be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3]);
}

static uint16_t
sum(const uint8_t *p, size_t len)
{
	uint32_t s = 0;

	for (size_t i = 0; i < len; i++)
		s += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)~s);
}

static int64_t
get(struct st *s, vnetsim_handle jail, const char *name)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_sysctl_get(s->w, jail, name, &v), 0);
	return (v);
}

/* The whole packet, header and all, with real sums, to each who matches. */
static void
everyone_who_matches_hears(void **state)
{
	struct vnetsim_addr cli = { ST_CLI, 0 }, other = { ST_CLI + 1, 0 };
	struct vnetsim_addr hub = { ST_HUB, 0 };
	int from, fd[6];
	uint8_t b[100];
	struct st s = { 0 };

	(void)state;
	begin(&s);
	from = raw(&s, s.pcli, PROTO);
	fd[0] = raw(&s, s.phub, PROTO);
	fd[1] = raw(&s, s.phub, 0);
	fd[2] = raw(&s, s.phub, PROTO + 1);
	fd[3] = raw(&s, s.phub, PROTO);
	assert_int_equal(vnetsim_bind(s.w, s.phub, fd[3], &hub), 0);
	assert_int_equal(vnetsim_connect(s.w, s.phub, fd[3], &cli, 0,
			     &(vnetsim_handle){ 0 }),
	    0);
	fd[4] = raw(&s, s.phub, PROTO);
	assert_int_equal(vnetsim_connect(s.w, s.phub, fd[4], &other, 0,
			     &(vnetsim_handle){ 0 }),
	    0);
	fd[5] = raw(&s, s.phub, PROTO);
	assert_int_equal(
	    vnetsim_bind(s.w, s.phub, fd[5], &other), VE_ADDRNOTAVAIL);
	assert_int_equal(give(&s, s.pcli, from, "hello", 5, ST_HUB), 0);
	for (int i = 0; i < 6; i++) {
		int n = take(&s, s.phub, fd[i], b, sizeof(b));

		if (i == 2 || i == 4) {
			assert_int_equal(n, -1);
			continue;
		}
		assert_int_equal(n, HLEN + 5);
		assert_int_equal(b[0], 0x45);
		assert_int_equal(b[2] << 8 | b[3], HLEN + 5);
		assert_int_equal(b[9], PROTO);
		assert_int_equal(sum(b, HLEN), 0);
		assert_int_equal(be32(b + 12), ST_CLI);
		assert_int_equal(be32(b + 16), ST_HUB);
		assert_memory_equal(b + HLEN, "hello", 5);
		assert_int_equal(take(&s, s.phub, fd[i], b, sizeof(b)), -1);
	}
	/* a connected one needs no address, and takes none */
	assert_int_equal(give(&s, s.phub, fd[3], "back", 4, 0), 0);
	assert_int_equal(give(&s, s.phub, fd[3], "", 0, ST_CLI), VE_ISCONN);
	assert_int_equal(give(&s, s.phub, fd[0], "", 0, 0), VE_DESTADDRREQ);
	assert_int_equal(take(&s, s.pcli, from, b, sizeof(b)), HLEN + 4);
	finish(&s);
}

/* Nobody: protocol unreachable, which a raw ICMP socket reads; TCP and UDP are
 * never heard. */
static void
what_nobody_wants_is_refused(void **state)
{
	static const uint8_t udp[] = { 0, 9, 0, 9, 0, 8, 0, 0 };
	int icmp, from, all, u;
	struct st s = { 0 };
	uint8_t b[200];

	(void)state;
	begin(&s);
	icmp = raw(&s, s.pcli, 1);
	from = raw(&s, s.pcli, PROTO);
	assert_int_equal(give(&s, s.pcli, from, "x", 1, ST_HUB), 0);
	assert_int_equal(get(&s, s.hub, "net.inet.ip.stats.ips_noproto"), 1);
	assert_int_equal(take(&s, s.pcli, icmp, b, sizeof(b)), 20 + 8 + 21);
	assert_int_equal(b[HLEN], 3);
	assert_int_equal(b[HLEN + 1], 2);
	/* protocol 0 is nobody's, either */
	all = raw(&s, s.pcli, 0);
	assert_int_equal(give(&s, s.pcli, all, "x", 1, ST_HUB), 0);
	assert_int_equal(get(&s, s.hub, "net.inet.ip.stats.ips_noproto"), 2);
	assert_int_equal(take(&s, s.pcli, all, b, sizeof(b)), 20 + 8 + 21);
	/* UDP is UDP's */
	all = raw(&s, s.phub, 0);
	u = raw(&s, s.pcli, 17);
	assert_int_equal(give(&s, s.pcli, u, udp, sizeof(udp), ST_HUB), 0);
	assert_int_equal(get(&s, s.hub, "net.inet.udp.stats.udps_noport"), 1);
	assert_int_equal(take(&s, s.phub, all, b, sizeof(b)), -1);
	finish(&s);
}

/* Echo requests are answered and not heard; what is not answered is heard. */
static void
icmp_goes_first(void **state)
{
	static const uint8_t echo[] = { 8, 0, 0xf7, 0xfd, 0, 1, 0, 1 };
	static const uint8_t odd[] = { 200, 0, 0x37, 0xff, 0, 0, 0, 0 };
	struct st s = { 0 };
	uint8_t b[200];
	int cli, hub;

	(void)state;
	begin(&s);
	cli = raw(&s, s.pcli, 1);
	hub = raw(&s, s.phub, 1);
	assert_int_equal(give(&s, s.pcli, cli, echo, sizeof(echo), ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), -1);
	assert_int_equal(take(&s, s.pcli, cli, b, sizeof(b)), HLEN + 8);
	assert_int_equal(b[HLEN], 0);
	assert_int_equal(give(&s, s.pcli, cli, odd, sizeof(odd), ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), HLEN + 8);
	finish(&s);
}

/* A header of the program's own: what is filled in, what is refused. */
static void
headers_of_the_program(void **state)
{
	uint8_t h[64] = { 0x45, 0x10, 0, 24, 0, 0, 0, 0, 7, PROTO, 9, 9 };
	struct st s = { 0 };
	uint8_t b[200];
	int64_t v;
	int cli, hub;

	(void)state;
	begin(&s);
	cli = raw(&s, s.pcli, 255);
	hub = raw(&s, s.phub, PROTO);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, cli, VNETSIM_IP_HDRINCL, 1), 0);
	assert_int_equal(
	    vnetsim_getsockopt(s.w, s.pcli, cli, VNETSIM_IP_HDRINCL, &v), 0);
	assert_int_equal(v, 1);
	h[16] = 10;
	h[19] = 1;
	memset(h + 20, 'd', 4);
	/* the address of sendto(2) is not looked at */
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB + 77), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), 24);
	assert_int_equal(b[1], 0x10);
	assert_int_equal(b[8], 7);
	assert_true(b[4] != 0 || b[5] != 0);
	assert_int_equal(be32(b + 12), ST_CLI);
	assert_int_equal(sum(b, HLEN), 0);
	assert_int_equal(get(&s, s.cli, "net.inet.ip.stats.ips_rawout"), 1);
	/* an identification and a source of its own stay */
	h[4] = 0xab;
	h[12] = 10;
	h[15] = 99;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), 24);
	assert_int_equal(b[4], 0xab);
	assert_int_equal(b[15], 99);
	finish(&s);
}

static void
headers_that_are_refused(void **state)
{
	uint8_t h[64] = { 0x45, 0x10, 0, 24, 1, 1, 0, 0, 7, PROTO, 9, 9 };
	struct st s = { 0 };
	uint8_t b[200];
	int cli, hub;

	(void)state;
	begin(&s);
	cli = raw(&s, s.pcli, 255);
	hub = raw(&s, s.phub, PROTO);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, cli, VNETSIM_IP_HDRINCL, 1), 0);
	h[16] = 10;
	h[19] = 1;
	/* lengths */
	assert_int_equal(give(&s, s.pcli, cli, h, 23, ST_HUB), VE_INVAL);
	assert_int_equal(give(&s, s.pcli, cli, h, 19, ST_HUB), VE_INVAL);
	h[0] = 0x44;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), VE_INVAL);
	h[0] = 0x47;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), VE_INVAL);
	/* options: sane ones pass, others do not */
	h[0] = 0x46;
	h[20] = 1;
	h[21] = 1;
	h[22] = 1;
	h[23] = 0;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), 24);
	h[22] = 7;
	h[23] = 3;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), VE_INVAL);
	h[23] = 1;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), VE_INVAL);
	/* and not two kinds of them */
	memset(h + 20, 1, 4);
	assert_int_equal(
	    vnetsim_setipoptions(s.w, s.pcli, cli, "\1\1\1\1", 4), 0);
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), VE_INVAL);
	h[0] = 0x45;
	assert_int_equal(give(&s, s.pcli, cli, h, 24, ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), 28);
	assert_int_equal(b[0], 0x46);
	assert_int_equal(b[3], 28);
	/* only raw sockets have it */
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &cli), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, cli, VNETSIM_IP_HDRINCL, 1),
	    VE_NOPROTOOPT);
	finish(&s);
}

/* At the limit and one past it: of a send, of a buffer, of IP. */
static void
limits(void **state)
{
	struct st s = { 0 };
	static uint8_t b[66000];
	int cli, hub, n;

	(void)state;
	begin(&s);
	cli = raw(&s, s.pcli, PROTO);
	hub = raw(&s, s.phub, PROTO);
	assert_int_equal(give(&s, s.pcli, cli, NULL, 9216, ST_HUB), 0);
	assert_int_equal(give(&s, s.pcli, cli, NULL, 9217, ST_HUB), VE_MSGSIZE);
	/* 9216 + 20 does not fit into 9216: counted */
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), -1);
	assert_int_equal(get(&s, s.hub, "net.drop.raw.fullsock"), 1);
	/* FreeBSD's ping asks for so much */
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.phub, hub, VNETSIM_SO_RCVBUF, 65535 + 16),
	    0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, cli, VNETSIM_SO_SNDBUF, 65663), 0);
	/* 45 fragments are too many for FreeBSD's default */
	assert_int_equal(
	    vnetsim_sysctl_set(s.w, s.hub, "net.inet.ip.maxfragsperpacket", 45),
	    0);
	assert_int_equal(give(&s, s.pcli, cli, NULL, 65515, ST_HUB), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), 65535);
	assert_int_equal(
	    give(&s, s.pcli, cli, NULL, 65516, ST_HUB), VE_MSGSIZE);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, cli, VNETSIM_IP_DONTFRAG, 1), 0);
	assert_int_equal(give(&s, s.pcli, cli, NULL, 1480, ST_HUB), 0);
	assert_int_equal(give(&s, s.pcli, cli, NULL, 1481, ST_HUB), VE_MSGSIZE);
	/* the buffer: records of 1500 + 16 bytes */
	(void)take(&s, s.phub, hub, b, sizeof(b));
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.phub, hub, VNETSIM_SO_RCVBUF, 3 * 1516),
	    0);
	for (n = 0; n < 4; n++)
		assert_int_equal(give(&s, s.pcli, cli, NULL, 1480, ST_HUB), 0);
	for (n = 0; take(&s, s.phub, hub, b, sizeof(b)) > 0; n++)
		;
	assert_int_equal(n, 3);
	assert_int_equal(get(&s, s.hub, "net.drop.raw.fullsock"), 2);
	finish(&s);
}

/* The host, and jails with a vnet; others need allow.raw_sockets. */
static void
rights(void **state)
{
	struct vnetsim_jail_params jp = {
		.name = "plain", .persist = true, .children_max = 2
	};
	vnetsim_handle j, p;
	struct st s = { 0 };
	int fd;

	(void)state;
	begin(&s);
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &j), 0);
	assert_int_equal(vnetsim_proc_create(s.w, j, "p", &p), 0);
	assert_int_equal(vnetsim_rawsocket(s.w, p, 1, &fd), VE_PERM);
	/* its child may not have more */
	jp.name = "plain.child";
	jp.allow_raw_sockets = true;
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &j), VE_PERM);
	jp.name = "may";
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &j), 0);
	assert_int_equal(vnetsim_proc_create(s.w, j, "p", &p), 0);
	assert_int_equal(vnetsim_rawsocket(s.w, p, 1, &fd), 0);
	jp.name = "may.child";
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &j), 0);
	assert_int_equal(
	    vnetsim_rawsocket(s.w, s.pcli, 256, &fd), VE_PROTONOSUPPORT);
	assert_int_equal(
	    vnetsim_rawsocket(s.w, s.pcli, -1, &fd), VE_PROTONOSUPPORT);
	assert_int_equal(vnetsim_rawsocket(s.w, s.pcli, 255, &fd), 0);
	finish(&s);
}

/* poll(2): data, the time, the end. */
static void
polls(void **state)
{
	struct vnetsim_result res;
	vnetsim_handle op;
	struct st s = { 0 };
	uint8_t b[100];
	int cli, hub;

	(void)state;
	begin(&s);
	cli = raw(&s, s.pcli, PROTO);
	hub = raw(&s, s.phub, PROTO);
	assert_int_equal(vnetsim_poll_wait(s.w, s.phub, hub, 0, &op), VE_AGAIN);
	assert_int_equal(
	    vnetsim_poll_wait(s.w, s.phub, hub, ST_S, &op), VE_INPROGRESS);
	assert_int_equal(
	    vnetsim_poll_wait(s.w, s.phub, hub, ST_S, &op + 0), VE_BUSY);
	st_run(&s, 2 * ST_S);
	assert_int_equal(
	    vnetsim_poll_wait(s.w, s.phub, hub, ST_S, &op), VE_INPROGRESS);
	assert_int_equal(st_wait(&s, op, 2 * ST_S, &res), 0);
	assert_int_equal(res.value, 0);
	assert_int_equal(vnetsim_op_release(s.w, op), 0);
	assert_int_equal(
	    vnetsim_poll_wait(s.w, s.phub, hub, ST_S, &op), VE_INPROGRESS);
	assert_int_equal(give(&s, s.pcli, cli, "x", 1, ST_HUB), 0);
	assert_int_equal(st_wait(&s, op, 0, &res), 0);
	assert_int_equal(res.value, 1);
	assert_int_equal(vnetsim_op_release(s.w, op), 0);
	assert_int_equal(vnetsim_poll_wait(s.w, s.phub, hub, ST_S, &op), 0);
	assert_int_equal(take(&s, s.phub, hub, b, sizeof(b)), HLEN + 1);
	/* one that waits when its jail ends */
	assert_int_equal(vnetsim_poll_wait(s.w, s.phub, hub, 100 * ST_S, &op),
	    VE_INPROGRESS);
	assert_int_equal(st_remove(&s, "hub", 100 * ST_S), 0);
	assert_int_equal(st_await(&s, op, ST_S), VE_INTR);
	finish(&s);
}

/* A vnet ends with open sockets and packets in their buffers. */
static void
script(struct st *s)
{
	vnetsim_handle op;
	size_t done;
	int a = -1, b = -1, c = -1;

	st_setup(s);
	(void)ST(s, vnetsim_rawsocket(s->w, s->pcli, PROTO, &a));
	(void)ST(s, vnetsim_rawsocket(s->w, s->phub, PROTO, &b));
	(void)ST(s, vnetsim_rawsocket(s->w, s->phub, 1, &c));
	(void)ST(s, vnetsim_setipoptions(
			s->w, s->pcli, a, "\7\13\4\0\0\0\0\0\0\0\0\0", 12));
	for (int i = 0; i < 3; i++) {
		struct vnetsim_addr to = { ST_HUB, 0 };

		(void)ST(s, vnetsim_send(s->w, s->pcli, a, NULL, 2000, &to,
				VNETSIM_NONBLOCK, &done, &op));
		st_run(s, ST_MS);
	}
	(void)ST(s, vnetsim_poll_wait(s->w, s->phub, c, ST_S, &op));
	st_run(s, 10 * ST_MS);
}

static void
ends_in_every_order(void **state)
{
	static const char *const orders[] = { "top-down", "freebsd-13",
		"freebsd-9", "interfaces-first" };
	struct st s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		assert_true(st_open(&s, NULL));
		assert_int_equal(vnetsim_order_set(s.w, orders[i], false), 0);
		script(&s);
		assert_int_equal(st_remove(&s, "hub", 100 * ST_S), 0);
		assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
		finish(&s);
	}
}

/* Whenever the jail goes, nothing stays behind. */
static void
ends_at_every_event(void **state)
{
	struct st s = { 0 };

	(void)state;
	for (uint64_t at = 1; at < 400; at++) {
		assert_true(st_open(&s, NULL));
		s.tolerant = true;
		s.victim = at % 2 != 0 ? "hub" : "cli";
		s.kill_at = at;
		script(&s);
		finish(&s);
		if (!s.killed)
			return;
		memset(&s, 0, sizeof(s));
	}
	fail_msg("the script is longer than the test believes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyone_who_matches_hears),
		cmocka_unit_test(what_nobody_wants_is_refused),
		cmocka_unit_test(icmp_goes_first),
		cmocka_unit_test(headers_of_the_program),
		cmocka_unit_test(headers_that_are_refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(rights),
		cmocka_unit_test(polls),
		cmocka_unit_test(ends_in_every_order),
		cmocka_unit_test(ends_at_every_event),
	};

	return (cmocka_run_group_tests_name("raw sockets", tests, NULL, NULL)
		    ? 1
		    : 0);
}
