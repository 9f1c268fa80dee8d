/*
 * test_rtsock.c - the routing socket: layouts, what is told, what is written,
 * who hears it, limits, and the end.
 */
#include <string.h>
#include <vnetsim/route.h>
#include <vnetsim/kern/drop.h>
#include <vnetsim/kern/vnet.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define RTM_LEN 152
#define NET     UINT32_C(0x0b000000)
#define M8      UINT32_C(0xff000000)
#define CLI     2 /* number of the client's vnet */

static void
open2(struct st *s)
{
	memset(s, 0, sizeof(*s));
	assert_true(st_open(s, NULL));
	st_setup(s);
	st_run(s, ST_MS);
}

static void
done(struct st *s)
{
	unsigned n = st_finish(s);

	if (n != 0)
		st_print(s);
	assert_int_equal(n, 0);
	st_close(s);
}

static int
listener(struct st *s, vnetsim_handle proc, int type)
{
	int fd = -1;

	assert_int_equal(vnetsim_socket(s->w, proc, type, &fd), 0);
	return (fd);
}

/* The next message; false: none is there. */
static bool
hear(struct st *s, vnetsim_handle proc, int fd, struct vnetsim_rtmsg *msg)
{
	struct vnetsim_result res;
	vnetsim_handle op;
	int error;

	st_run(s, ST_MS);
	memset(msg, 0, sizeof(*msg));
	error =
	    vnetsim_recv(s->w, proc, fd, 65536, false, VNETSIM_NONBLOCK, &op);
	if (error != 0) {
		assert_int_equal(error, VE_AGAIN);
		return (false);
	}
	assert_int_equal(vnetsim_op_poll(s->w, op, &res), 0);
	assert_int_equal(vnetsim_rtmsg_decode(res.data, res.datalen, msg), 0);
	assert_int_equal(msg->len, res.datalen);
	assert_int_equal(vnetsim_op_release(s->w, op), 0);
	return (true);
}

static int
put(struct st *s, vnetsim_handle proc, int fd, const struct vnetsim_rtmsg *msg)
{
	uint8_t buf[VNETSIM_RTM_MAXLEN];
	size_t len = vnetsim_rtmsg_encode(msg, buf, sizeof(buf)), n;
	vnetsim_handle op;

	assert_true(len > 0);
	return (vnetsim_send(
	    s->w, proc, fd, buf, len, NULL, VNETSIM_NONBLOCK, &n, &op));
}

static struct vnetsim_rtmsg
net_by_hub(uint8_t type)
{
	struct vnetsim_rtmsg msg = {
		.type = type,
		.flags =
		    VNETSIM_RTF_UP | VNETSIM_RTF_GATEWAY | VNETSIM_RTF_STATIC,
		.addrs =
		    VNETSIM_RTA_DST | VNETSIM_RTA_GATEWAY | VNETSIM_RTA_NETMASK,
		.seq = 7,
		.dst = NET,
		.gateway = ST_HUB,
		.netmask = M8,
	};

	return (msg);
}

/* ---- layouts ---- */

static void
layouts_are_those_of_freebsd(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), back;
	uint8_t b[VNETSIM_RTM_MAXLEN];
	size_t len;

	(void)state;
	msg.error = VE_EXIST;
	msg.inits = VNETSIM_RTV_MTU;
	msg.mtu = 1400;
	len = vnetsim_rtmsg_encode(&msg, b, sizeof(b));
	assert_int_equal(len, 152 + 3 * 16);
	assert_int_equal(b[0], len);
	assert_int_equal(b[2], 5);
	assert_int_equal(b[3], 1);
	assert_int_equal(b[8] | b[9] << 8, 0x803);
	assert_int_equal(b[12], 7);
	assert_int_equal(b[20], 7);
	assert_int_equal(b[24], 17);
	assert_int_equal(b[32], 1);
	assert_int_equal(b[48] | b[49] << 8, 1400);
	assert_memory_equal(b + 152, "\x10\x02\0\0\x0b\0\0\0", 8);
	assert_memory_equal(b + 168, "\x10\x02\0\0\x0a\0\0\x01", 8);
	assert_memory_equal(b + 184, "\x10\x02\0\0\xff\0\0\0", 8);
	assert_int_equal(vnetsim_rtmsg_decode(b, len, &back), 0);
	msg.len = (uint16_t)len;
	assert_memory_equal(&back, &msg, sizeof(msg));
	/* no byte too few, and none is read beyond the end */
	assert_int_equal(vnetsim_rtmsg_encode(&msg, b, len - 1), 0);
	assert_int_equal(vnetsim_rtmsg_encode(&msg, b, len), len);
	memset(&msg, 0, sizeof(msg));
	msg.type = VNETSIM_RTM_IFANNOUNCE;
	msg.index = 3;
	memcpy(msg.ifp.name, "epair0a", 8);
	assert_int_equal(vnetsim_rtmsg_encode(&msg, b, sizeof(b)), 24);
	assert_memory_equal(b + 4, "\3\0epair0a", 10);
	assert_int_equal(b[22], 1);
	msg.type = VNETSIM_RTM_IFINFO;
	msg.linkstate = 2;
	assert_int_equal(vnetsim_rtmsg_encode(&msg, b, sizeof(b)), 168);
	assert_int_equal(b[12], 3);
	assert_int_equal(b[20], 2);
	msg.type = VNETSIM_RTM_NEWADDR;
	msg.addrs = VNETSIM_RTA_IFP | VNETSIM_RTA_IFA;
	assert_int_equal(
	    vnetsim_rtmsg_encode(&msg, b, sizeof(b)), 20 + 56 + 16);
	msg.type = 99;
	assert_int_equal(vnetsim_rtmsg_encode(&msg, b, sizeof(b)), 0);
}

/* Cut or bent anywhere, a message is refused or understood, never more. */
static void
no_bytes_are_believed(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), out;
	uint8_t b[VNETSIM_RTM_MAXLEN], c[VNETSIM_RTM_MAXLEN];
	size_t len;

	(void)state;
	msg.addrs |= VNETSIM_RTA_IFP | VNETSIM_RTA_IFA;
	memcpy(msg.ifp.name, "epair0a", 8);
	msg.ifp.index = 2;
	len = vnetsim_rtmsg_encode(&msg, b, sizeof(b));
	assert_int_equal(vnetsim_rtmsg_decode(b, len, &out), 0);
	assert_string_equal(out.ifp.name, "epair0a");
	for (size_t n = 0; n < len; n++) {
		memcpy(c, b, len);
		if (n >= 2) {
			c[0] = (uint8_t)n;
			c[1] = (uint8_t)(n >> 8);
		}
		/* only the padding behind the last address may be missing */
		assert_int_equal(vnetsim_rtmsg_decode(c, n, &out) != 0, true);
	}
	for (size_t i = 0; i < len; i++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(c, b, len);
			c[i] = (uint8_t)v;
			(void)vnetsim_rtmsg_decode(c, len, &out);
		}
	memcpy(c, b, len);
	c[2] = 4;
	assert_int_equal(vnetsim_rtmsg_decode(c, len, &out), VE_PROTONOSUPPORT);
	c[2] = 5;
	c[3] = 8;
	assert_int_equal(vnetsim_rtmsg_decode(c, len, &out), VE_OPNOTSUPP);
	c[3] = 1;
	c[153] = 28;
	assert_int_equal(vnetsim_rtmsg_decode(c, len, &out), VE_AFNOSUPPORT);
}

/* ---- writing ---- */

static void
what_is_written_is_done_and_answered(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), got;
	struct vnetsim_routeinfo ri;
	struct st s;
	int a, b;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	b = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, NET + 1, &ri), 0);
	assert_string_equal(ri.flags, "UGS");
	for (int i = 0; i < 2; i++) {
		assert_true(hear(&s, s.pcli, i == 0 ? a : b, &got));
		assert_int_equal(got.type, VNETSIM_RTM_ADD);
		assert_int_equal(got.error, 0);
		assert_int_equal(got.seq, 7);
		assert_true(got.pid > 0);
		assert_int_equal(got.flags, 0x843);
		assert_int_equal(got.dst, NET);
		assert_int_equal(got.gateway, ST_HUB);
		assert_int_equal(got.netmask, M8);
		assert_true(got.index > 0);
		/* one message, not the kernel's word beside it */
		assert_false(hear(&s, s.pcli, i == 0 ? a : b, &got));
	}
	/* again: the errno comes back twice, and to the others */
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_EXIST);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_int_equal(got.error, VE_EXIST);
	assert_int_equal(got.flags & VNETSIM_RTF_DONE, 0);
	assert_true(hear(&s, s.pcli, b, &got));
	assert_int_equal(got.error, VE_EXIST);
	done(&s);
}

static void
changed_asked_for_and_deleted(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), got;
	struct vnetsim_routeinfo ri;
	struct st s;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	msg.type = VNETSIM_RTM_CHANGE;
	msg.inits = VNETSIM_RTV_MTU;
	msg.mtu = 1000;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, NET + 1, &ri), 0);
	assert_int_equal(ri.mtu, 1000);
	assert_true(hear(&s, s.pcli, a, &got));
	msg.type = VNETSIM_RTM_GET;
	msg.addrs = VNETSIM_RTA_DST | VNETSIM_RTA_IFP;
	msg.dst = NET + 1;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_int_equal(got.type, VNETSIM_RTM_GET);
	assert_int_equal(got.dst, NET);
	assert_int_equal(got.mtu, 1000);
	assert_int_equal(got.ifa, ST_CLI);
	assert_string_equal(got.ifp.name, "epair0b");
	msg = net_by_hub(VNETSIM_RTM_DELETE);
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_true(got.index > 0);
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_SRCH);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_int_equal(got.error, VE_SRCH);
	msg.type = VNETSIM_RTM_GET;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_SRCH);
	done(&s);
}

/* Interfaces as gateways: by number, by address. */
static void
gateways_that_are_interfaces(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD);
	struct vnetsim_routeinfo ri;
	struct vnetsim_ifinfo ii;
	struct st s;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(vnetsim_if_next(s.w, s.cli, 1, &ii), 0);
	msg.flags = VNETSIM_RTF_UP | VNETSIM_RTF_STATIC;
	msg.gateway = 0;
	msg.gwlink.index = (uint16_t)ii.index;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, NET + 1, &ri), 0);
	assert_string_equal(ri.ifname, "epair0b");
	assert_string_equal(ri.flags, "US");
	msg.dst = NET + M8;
	msg.gwlink.index = 77;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_NXIO);
	/* an address that an interface has, and one that none has */
	msg.gwlink.index = 0;
	msg.gateway = ST_CLI;
	msg.flags |= VNETSIM_RTF_HOST;
	msg.dst = NET + (UINT32_C(1) << 24) + 5;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_int_equal(vnetsim_route_get(s.w, s.cli, msg.dst, &ri), 0);
	assert_string_equal(ri.flags, "UHS");
	msg.gateway = ST_HUB;
	msg.dst++;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_NETUNREACH);
	done(&s);
}

static void
every_errno_of_writing(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), got;
	uint8_t b[VNETSIM_RTM_MAXLEN + 8];
	vnetsim_handle op;
	struct st s;
	size_t len, n;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
#define SEND(l)                                                                \
	vnetsim_send(s.w, s.pcli, a, b, (l), NULL, VNETSIM_NONBLOCK, &n, &op)
	memset(b, 0, sizeof(b));
	len = vnetsim_rtmsg_encode(&msg, b, sizeof(b));
	/* too short, too long, not as long as it says: no answer */
	assert_int_equal(SEND(151), VE_INVAL);
	assert_int_equal(SEND(len - 8), VE_INVAL);
	assert_int_equal(SEND(VNETSIM_RTM_MAXLEN + 1), VE_INVAL);
	assert_false(hear(&s, s.pcli, a, &got));
	/* as long as may be */
	b[0] = VNETSIM_RTM_MAXLEN & 255;
	b[1] = VNETSIM_RTM_MAXLEN >> 8;
	assert_int_equal(SEND(VNETSIM_RTM_MAXLEN), 0);
	msg.type = VNETSIM_RTM_DELETE;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	/* types that only the kernel writes */
	msg.type = VNETSIM_RTM_MISS;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_OPNOTSUPP);
	/* no destination; no gateway; a mask with holes */
	msg = net_by_hub(VNETSIM_RTM_ADD);
	msg.addrs = VNETSIM_RTA_GATEWAY;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_INVAL);
	msg.type = VNETSIM_RTM_GET;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_INVAL);
	msg.type = VNETSIM_RTM_ADD;
	msg.addrs = VNETSIM_RTA_DST;
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_INVAL);
	msg = net_by_hub(VNETSIM_RTM_ADD);
	msg.netmask = UINT32_C(0xff00ff00);
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_INVAL);
	msg.netmask = M8;
	msg.gateway = UINT32_C(0x0c000001);
	assert_int_equal(put(&s, s.pcli, a, &msg), VE_NETUNREACH);
	/* host bits are cut */
	msg = net_by_hub(VNETSIM_RTM_ADD);
	msg.dst = NET + 77;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, NET, 8), 0);
	done(&s);
}

static void
not_a_socket_like_others(void **state)
{
	struct vnetsim_addr to = { ST_HUB, 80 };
	uint8_t b[RTM_LEN] = { RTM_LEN };
	size_t n, len = sizeof(b);
	vnetsim_handle op;
	struct st s;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(vnetsim_bind(s.w, s.pcli, a, &to), VE_INVAL);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &to, VNETSIM_NONBLOCK, &op),
	    VE_INVAL);
	assert_int_equal(vnetsim_listen(s.w, s.pcli, a, 1), VE_OPNOTSUPP);
	assert_int_equal(vnetsim_send(s.w, s.pcli, a, b, len, &to,
			     VNETSIM_NONBLOCK, &n, &op),
	    VE_ISCONN);
	assert_int_equal(vnetsim_setsockopt(s.w, s.pcli, a, VNETSIM_IP_TTL, 3),
	    VE_NOPROTOOPT);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, a, VNETSIM_TCP_NODELAY, 1),
	    VE_NOPROTOOPT);
	done(&s);
}

/* A jail that shares a stack may look and not write. */
static void
a_jail_without_a_vnet_may_not_write(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), got;
	struct vnetsim_jail_params jp = { .name = "guest" };
	vnetsim_handle guest, p;
	struct st s;
	uint32_t n;
	int a;

	(void)state;
	open2(&s);
	jp.persist = true;
	assert_int_equal(vnetsim_jail_create(s.w, &jp, &guest), 0);
	assert_int_equal(vnetsim_proc_create(s.w, guest, "p", &p), 0);
	a = listener(&s, p, VNETSIM_ROUTE);
	assert_int_equal(put(&s, p, a, &msg), VE_PERM);
	assert_int_equal(
	    vnetsim_route_add(s.w, guest, NET, 8, ST_HUB), VE_PERM);
	assert_int_equal(vnetsim_route_flush(s.w, guest, &n), VE_PERM);
	assert_true(hear(&s, p, a, &got));
	assert_int_equal(got.error, VE_PERM);
	msg.type = VNETSIM_RTM_GET;
	msg.addrs = VNETSIM_RTA_DST;
	msg.dst = UINT32_C(0x7f000001);
	assert_int_equal(put(&s, p, a, &msg), VE_SRCH);
	done(&s);
}

/* ---- hearing ---- */

static void
expect_type(struct st *s, int fd, uint8_t type, struct vnetsim_rtmsg *msg)
{
	assert_true(hear(s, s->pcli, fd, msg));
	assert_int_equal(msg->type, type);
}

/* An address: told of before its routes, taken back after them. */
static void
addresses_and_their_routes_in_order(void **state)
{
	struct vnetsim_rtmsg msg;
	struct st s;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 5, 24, true), 0);
	expect_type(&s, a, VNETSIM_RTM_NEWADDR, &msg);
	assert_int_equal(msg.ifa, NET + 5);
	assert_int_equal(msg.netmask, 0xffffff00u);
	assert_int_equal(msg.brd, NET + 255);
	assert_string_equal(msg.ifp.name, "epair0b");
	assert_true(msg.ifp.has_ether);
	expect_type(&s, a, VNETSIM_RTM_ADD, &msg);
	assert_int_equal(msg.dst, NET + 5);
	assert_int_equal(msg.flags & VNETSIM_RTF_HOST, VNETSIM_RTF_HOST);
	expect_type(&s, a, VNETSIM_RTM_ADD, &msg);
	assert_int_equal(msg.dst, NET);
	assert_int_equal(msg.gwlink.index, msg.index);
	assert_false(hear(&s, s.pcli, a, &msg));
	assert_int_equal(
	    vnetsim_if_inet(s.w, s.cli, "epair0b", NET + 5, 24, false), 0);
	expect_type(&s, a, VNETSIM_RTM_DELETE, &msg);
	expect_type(&s, a, VNETSIM_RTM_DELETE, &msg);
	assert_int_equal(msg.dst, NET);
	expect_type(&s, a, VNETSIM_RTM_DELADDR, &msg);
	assert_false(hear(&s, s.pcli, a, &msg));
	done(&s);
}

static void
interfaces_and_failures_are_told(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "lo7";
	struct vnetsim_addr to = { NET + 1, 9 };
	struct vnetsim_rtmsg msg;
	vnetsim_handle op;
	struct st s;
	size_t n;
	int a, u;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(vnetsim_if_create(s.w, s.cli, name), 0);
	expect_type(&s, a, VNETSIM_RTM_IFANNOUNCE, &msg);
	assert_true(msg.arrival);
	assert_string_equal(msg.ifp.name, "lo7");
	assert_int_equal(vnetsim_if_up(s.w, s.cli, name, true), 0);
	expect_type(&s, a, VNETSIM_RTM_IFINFO, &msg);
	assert_int_equal(msg.flags & 1, 1);
	assert_int_equal(vnetsim_if_mtu(s.w, s.cli, name, 1280), 0);
	expect_type(&s, a, VNETSIM_RTM_IFINFO, &msg);
	assert_int_equal(msg.mtu, 1280);
	assert_int_equal(vnetsim_if_destroy(s.w, s.cli, name, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	do
		assert_true(hear(&s, s.pcli, a, &msg));
	while (msg.type == VNETSIM_RTM_IFINFO);
	assert_int_equal(msg.type, VNETSIM_RTM_IFANNOUNCE);
	assert_false(msg.arrival);
	/* no way */
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &u), 0);
	assert_int_equal(vnetsim_send(s.w, s.pcli, u, "x", 1, &to,
			     VNETSIM_NONBLOCK, &n, &op),
	    VE_NETUNREACH);
	assert_int_equal(vnetsim_ping(s.w, s.cli, NET + 1, 8, ST_S, &op), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), VE_HOSTUNREACH);
	expect_type(&s, a, VNETSIM_RTM_MISS, &msg);
	assert_int_equal(msg.dst, NET + 1);
	assert_int_equal(msg.addrs, VNETSIM_RTA_DST);
	/* route(8) without a process: what it would have written */
	assert_int_equal(vnetsim_route_add(s.w, s.cli, NET, 8, ST_HUB), 0);
	expect_type(&s, a, VNETSIM_RTM_ADD, &msg);
	assert_int_equal(msg.seq, 1);
	assert_int_equal(msg.flags, 0x843);
	assert_int_equal(
	    vnetsim_route_add(s.w, s.cli, NET, 8, ST_HUB), VE_EXIST);
	expect_type(&s, a, VNETSIM_RTM_ADD, &msg);
	assert_int_equal(msg.error, VE_EXIST);
	assert_false(hear(&s, s.pcli, a, &msg));
	done(&s);
}

/* Who hears what: family, table, USELOOPBACK, shutdown, other vnets. */
static void
filters(void **state)
{
	struct vnetsim_rtmsg msg = net_by_hub(VNETSIM_RTM_ADD), got;
	struct st s;
	int a, b, c, far;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_sysctl_set(s.w, s.cli, "net.fibs", 2), 0);
	a = listener(&s, s.pcli, VNETSIM_ROUTE_INET);
	b = listener(&s, s.pcli, VNETSIM_ROUTE);
	c = listener(&s, s.pcli, VNETSIM_ROUTE);
	far = listener(&s, s.phub, VNETSIM_ROUTE);
	/* what is of no family goes to all, and to all tables */
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, b, VNETSIM_SO_SETFIB, 1), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, b, VNETSIM_SO_SETFIB, 2), VE_INVAL);
	assert_int_equal(vnetsim_if_up(s.w, s.cli, "lo0", false), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_true(hear(&s, s.pcli, b, &got));
	assert_true(hear(&s, s.pcli, c, &got));
	assert_int_equal(vnetsim_if_up(s.w, s.cli, "lo0", true), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_true(hear(&s, s.pcli, b, &got));
	assert_true(hear(&s, s.pcli, c, &got));
	/* a route of table 0: not for b; the writer may do without */
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, c, VNETSIM_SO_USELOOPBACK, 0), 0);
	assert_int_equal(put(&s, s.pcli, c, &msg), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_false(hear(&s, s.pcli, b, &got));
	assert_false(hear(&s, s.pcli, c, &got));
	/* but what others write it does hear */
	msg.type = VNETSIM_RTM_DELETE;
	assert_int_equal(put(&s, s.pcli, a, &msg), 0);
	assert_true(hear(&s, s.pcli, a, &got));
	assert_true(hear(&s, s.pcli, c, &got));
	/* table 1 has no way to the gateway */
	msg.type = VNETSIM_RTM_ADD;
	assert_int_equal(put(&s, s.pcli, b, &msg), VE_NETUNREACH);
	assert_true(hear(&s, s.pcli, b, &got));
	assert_false(hear(&s, s.pcli, a, &got));
	/* closed for reading: nothing comes any more, and that is the end */
	assert_int_equal(vnetsim_shutdown(s.w, s.pcli, a, VNETSIM_SHUT_RD), 0);
	assert_int_equal(vnetsim_route_add(s.w, s.cli, NET, 8, ST_HUB), 0);
	assert_true(hear(&s, s.pcli, c, &got));
	assert_int_equal(vnetsim_shutdown(s.w, s.pcli, c, VNETSIM_SHUT_WR), 0);
	assert_int_equal(put(&s, s.pcli, c, &msg), VE_PIPE);
	/* another vnet's affairs */
	assert_false(hear(&s, s.phub, far, &got));
	done(&s);
}

/* A buffer of 8192 bytes: what fits, and one more. */
static void
what_does_not_fit_is_lost_and_counted(void **state)
{
	uint32_t size = 152 + 3 * 16 + 16, fits = 8192 / size, n;
	struct vnetsim_rtmsg got;
	struct st s;
	int64_t v;
	int a;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	for (n = 0; n < fits + 1; n++) {
		assert_int_equal(vnetsim_sysctl_get(
				     s.w, s.cli, "net.drop.route.fullsock", &v),
		    0);
		assert_int_equal(v, 0);
		assert_int_equal(
		    vnetsim_route_add(s.w, s.cli, NET + (n << 8), 24, ST_HUB),
		    0);
		st_run(&s, ST_MS);
	}
	assert_int_equal(
	    vnetsim_sysctl_get(s.w, s.cli, "net.drop.route.fullsock", &v), 0);
	assert_int_equal(v, 1);
	for (n = 0; hear(&s, s.pcli, a, &got); n++)
		assert_int_equal(got.dst, NET + (n << 8));
	assert_int_equal(n, fits);
	done(&s);
}

/* ---- the end ---- */

/* Messages that wait, a reader that is blocked, a passed socket. */
static void
a_vnet_dies_under_its_listeners(void **state)
{
	vnetsim_handle op, other;
	struct st s;
	int a, b;

	(void)state;
	open2(&s);
	a = listener(&s, s.pcli, VNETSIM_ROUTE);
	assert_int_equal(vnetsim_proc_create(s.w, s.cli, "q", &other), 0);
	b = listener(&s, other, VNETSIM_ROUTE_INET);
	/* deaf for table 0 */
	assert_int_equal(vnetsim_sysctl_set(s.w, s.cli, "net.fibs", 2), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, other, b, VNETSIM_SO_SETFIB, 1), 0);
	assert_int_equal(
	    vnetsim_recv(s.w, other, b, 100, false, 0, &op), VE_INPROGRESS);
	/* queued, not delivered */
	assert_int_equal(vnetsim_route_add(s.w, s.cli, NET, 8, ST_HUB), 0);
	(void)a;
	assert_int_equal(st_remove(&s, "cli", 60 * ST_S), 0);
	assert_int_equal(st_await(&s, op, ST_S), VE_INTR);
	done(&s);
}

/* The last listener takes the handlers along: an idle vnet has none. */
static void
handlers_live_with_listeners(void **state)
{
	struct vnetsim_object o;
	uint64_t it;
	unsigned n[3];
	struct st s;
	int a = -1;

	(void)state;
	open2(&s);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			a = listener(&s, s.pcli, VNETSIM_ROUTE);
		if (i == 2)
			assert_int_equal(
			    vnetsim_close(s.w, s.pcli, a, NULL), 0);
		it = 0;
		n[i] = 0;
		while (vnetsim_object_next(vnetsim_view_live(s.w), CLI,
			   "eventhandler", &it, &o) == 0)
			n[i]++;
	}
	assert_int_equal(n[1], n[0] + 5);
	assert_int_equal(n[2], n[0]);
	done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_those_of_freebsd),
		cmocka_unit_test(no_bytes_are_believed),
		cmocka_unit_test(what_is_written_is_done_and_answered),
		cmocka_unit_test(changed_asked_for_and_deleted),
		cmocka_unit_test(gateways_that_are_interfaces),
		cmocka_unit_test(every_errno_of_writing),
		cmocka_unit_test(not_a_socket_like_others),
		cmocka_unit_test(a_jail_without_a_vnet_may_not_write),
		cmocka_unit_test(addresses_and_their_routes_in_order),
		cmocka_unit_test(interfaces_and_failures_are_told),
		cmocka_unit_test(filters),
		cmocka_unit_test(what_does_not_fit_is_lost_and_counted),
		cmocka_unit_test(a_vnet_dies_under_its_listeners),
		cmocka_unit_test(handlers_live_with_listeners),
	};

	return (
	    cmocka_run_group_tests_name("rtsock", tests, NULL, NULL) ? 1 : 0);
}
