/*
 * test_api.c - the public interface: stale handles, errnos, blocked calls.
 */
#include <string.h>
#include <vnetsim/kern/jail.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define STALE UINT64_C(0x7000000001)

static void
open2(struct st *s)
{
	memset(s, 0, sizeof(*s));
	assert_true(st_open(s, NULL));
	st_setup(s);
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

/* Calls that name a jail. */
static void
stale_jail(struct st *s, vnetsim_handle x)
{
	char name[VNETSIM_IFNAMSIZ] = "epair";
	struct vnetsim_addr a = { ST_HUB, 80 };
	struct vnetsim_jail_info ji;
	struct vnetsim_routeinfo ri;
	struct vnetsim_arpinfo ai;
	struct vnetsim_ifinfo ii;
	vnetsim_handle op, p;
	int64_t v;

#define SRCH(call) assert_int_equal((call), VE_SRCH)
	SRCH(vnetsim_jail_remove(s->w, x, &op));
	SRCH(vnetsim_destroy_vnet(s->w, x, &op));
	SRCH(vnetsim_jail_info(s->w, x, &ji));
	SRCH(vnetsim_proc_create(s->w, x, "p", &p));
	SRCH(vnetsim_if_create(s->w, x, name));
	SRCH(vnetsim_if_destroy(s->w, x, "epair0a", &op));
	SRCH(vnetsim_if_up(s->w, x, "lo0", true));
	SRCH(vnetsim_if_mtu(s->w, x, "lo0", 1500));
	SRCH(vnetsim_if_inet(s->w, x, "lo0", ST_HUB, 24, true));
	SRCH(vnetsim_if_next(s->w, x, 0, &ii));
	SRCH(vnetsim_route_add(s->w, x, 0, 0, ST_HUB));
	SRCH(vnetsim_route_delete(s->w, x, 0, 0));
	SRCH(vnetsim_route_next(s->w, x, 0, &ri));
	SRCH(vnetsim_arp_next(s->w, x, 0, &ai));
	SRCH(vnetsim_arp_set(s->w, x, ST_HUB, NULL));
	SRCH(vnetsim_sysctl_get(s->w, x, "net.inet.ip.ttl", &v));
	SRCH(vnetsim_sysctl_set(s->w, x, "net.inet.ip.ttl", 3));
	SRCH(vnetsim_ping(s->w, x, ST_HUB, 0, ST_S, &op));
	SRCH(vnetsim_tcpdrop(s->w, x, &a, &a));
}

/* Calls that name a process, a link or an op. */
static void
stale_proc(struct st *s, vnetsim_handle y)
{
	struct vnetsim_addr a = { ST_HUB, 80 };
	struct vnetsim_link_params lp = { 0 };
	struct vnetsim_sockinfo si;
	struct vnetsim_result res;
	vnetsim_handle op;
	int64_t v;
	size_t n;
	int fd;

	SRCH(vnetsim_socket(s->w, y, VNETSIM_TCP, &fd));
	SRCH(vnetsim_bind(s->w, y, 0, &a));
	SRCH(vnetsim_listen(s->w, y, 0, 1));
	SRCH(vnetsim_connect(s->w, y, 0, &a, 0, &op));
	SRCH(vnetsim_accept(s->w, y, 0, 0, &fd, &op));
	SRCH(vnetsim_send(s->w, y, 0, "x", 1, NULL, 0, &n, &op));
	SRCH(vnetsim_recv(s->w, y, 0, 1, false, 0, &op));
	SRCH(vnetsim_shutdown(s->w, y, 0, VNETSIM_SHUT_WR));
	SRCH(vnetsim_close(s->w, y, 0, &op));
	SRCH(vnetsim_fdpass(s->w, y, 0, s->pcli, &fd));
	SRCH(vnetsim_fdpass(s->w, s->pcli, 0, y, &fd));
	SRCH(vnetsim_setsockopt(s->w, y, 0, VNETSIM_SO_SNDBUF, 1));
	SRCH(vnetsim_getsockopt(s->w, y, 0, VNETSIM_SO_SNDBUF, &v));
	SRCH(vnetsim_sockinfo(s->w, y, 0, &si));
	SRCH(vnetsim_proc_kill(s->w, y));
	SRCH(vnetsim_op_poll(s->w, y, &res));
	SRCH(vnetsim_op_release(s->w, y));
	SRCH(vnetsim_link_set(s->w, y, 0, &lp));
}

/* Every call knows a handle that never was, and one of another kind. */
static void
stale_handles(void **state)
{
	struct st s;

	(void)state;
	open2(&s);
	stale_jail(&s, STALE);
	stale_jail(&s, s.phub);
	stale_proc(&s, STALE);
	stale_proc(&s, s.hub);
	done(&s);
}

static void
bad_descriptors(void **state)
{
	static const int fds[] = { -1, 0, 5, 1024, 1 << 30 };
	struct vnetsim_addr a = { ST_HUB, 80 };
	vnetsim_handle op;
	struct st s;
	int64_t v;
	size_t n;
	int fd;

	(void)state;
	open2(&s);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		int d = fds[i];

		assert_int_equal(vnetsim_bind(s.w, s.pcli, d, &a), VE_BADF);
		assert_int_equal(vnetsim_listen(s.w, s.pcli, d, 1), VE_BADF);
		assert_int_equal(
		    vnetsim_connect(s.w, s.pcli, d, &a, 0, &op), VE_BADF);
		assert_int_equal(
		    vnetsim_accept(s.w, s.pcli, d, 0, &fd, &op), VE_BADF);
		assert_int_equal(
		    vnetsim_send(s.w, s.pcli, d, "x", 1, NULL, 0, &n, &op),
		    VE_BADF);
		assert_int_equal(
		    vnetsim_recv(s.w, s.pcli, d, 1, false, 0, &op), VE_BADF);
		assert_int_equal(vnetsim_close(s.w, s.pcli, d, &op), VE_BADF);
		assert_int_equal(
		    vnetsim_getsockopt(s.w, s.pcli, d, VNETSIM_SO_ERROR, &v),
		    VE_BADF);
	}
	assert_int_equal(
	    vnetsim_socket(s.w, s.pcli, 77, &fd), VE_PROTONOSUPPORT);
	/* the table is full at its limit, and then the lowest is reused */
	for (int i = 0; i < PROC_MAXFILES; i++) {
		assert_int_equal(
		    vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
		assert_int_equal(fd, i);
	}
	assert_int_equal(
	    vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), VE_MFILE);
	assert_int_equal(vnetsim_close(s.w, s.pcli, 7, NULL), 0);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(fd, 7);
	done(&s);
}

/* A process is in one call at a time; death ends it with VE_INTR. */
static void
blocked_calls(void **state)
{
	struct vnetsim_result res;
	vnetsim_handle op, op2;
	struct st s;
	int l, n;

	(void)state;
	open2(&s);
	l = st_listen(&s, s.phub, 80, 1);
	assert_int_equal(
	    vnetsim_accept(s.w, s.phub, l, 0, &n, &op), VE_INPROGRESS);
	assert_int_equal(vnetsim_accept(s.w, s.phub, l, 0, &n, &op2), VE_BUSY);
	assert_int_equal(vnetsim_close(s.w, s.phub, l, &op2), VE_BUSY);
	assert_int_equal(vnetsim_op_poll(s.w, op, &res), VE_INPROGRESS);
	assert_int_equal(vnetsim_proc_kill(s.w, s.phub), 0);
	assert_int_equal(vnetsim_op_poll(s.w, op, &res), 0);
	assert_int_equal(res.error, VE_INTR);
	assert_true(vnetsim_op_next(s.w, &res));
	assert_int_equal(res.op, op);
	assert_string_equal(res.what, "accept");
	assert_false(vnetsim_op_next(s.w, &res));
	assert_int_equal(vnetsim_op_release(s.w, op), 0);
	assert_int_equal(vnetsim_op_release(s.w, op), VE_SRCH);
	done(&s);
}

/* Each option: what it is, what it may be, one below and one above. */
static void
options_have_ranges(void **state)
{
	static const struct {
		int name;
		int64_t deflt, lo, hi;
	} tab[] = {
		{ VNETSIM_SO_SNDLOWAT, 2048, 1, 0 },
		{ VNETSIM_SO_RCVLOWAT, 1, 1, 0 },
		{ VNETSIM_TCP_NOPUSH, 0, 0, 0 },
		{ VNETSIM_TCP_NOOPT, 0, 0, 0 },
		{ VNETSIM_TCP_KEEPINIT, 75, 1, UINT32_MAX / 1000 },
		{ VNETSIM_TCP_KEEPIDLE, 7200, 1, UINT32_MAX / 1000 },
		{ VNETSIM_TCP_KEEPINTVL, 75, 1, UINT32_MAX / 1000 },
		{ VNETSIM_TCP_KEEPCNT, 8, 1, INT32_MAX },
		{ VNETSIM_IP_TOS, 0, 0, 255 },
		{ VNETSIM_IP_TTL, 64, 1, 255 },
	};
	struct st s;
	int64_t v;
	int fd;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &fd), 0);
#define SET(n, x) vnetsim_setsockopt(s.w, s.pcli, fd, (n), (x))
#define GET(n)    assert_int_equal(vnetsim_getsockopt(s.w, s.pcli, fd, (n), &v), 0)
	for (unsigned i = 0; i < sizeof(tab) / sizeof(tab[0]); i++) {
		GET(tab[i].name);
		assert_int_equal(v, tab[i].deflt);
		if (tab[i].lo == 1)
			assert_int_equal(SET(tab[i].name, 0), VE_INVAL);
		assert_int_equal(SET(tab[i].name, 1), 0);
		GET(tab[i].name);
		assert_int_equal(v, 1);
		if (tab[i].hi == 0)
			continue;
		assert_int_equal(SET(tab[i].name, tab[i].hi + 1), VE_INVAL);
		assert_int_equal(SET(tab[i].name, tab[i].hi), 0);
		GET(tab[i].name);
		assert_int_equal(v, tab[i].hi);
	}
	assert_int_equal(SET(VNETSIM_SO_ERROR, 1), VE_NOPROTOOPT);
	assert_int_equal(SET(VNETSIM_SOCKOPT_N, 1), VE_NOPROTOOPT);
	assert_int_equal(SET(-1, 1), VE_NOPROTOOPT);
	/* UDP has those of IP, none of TCP */
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(SET(VNETSIM_IP_TTL, 3), 0);
	assert_int_equal(SET(VNETSIM_TCP_NOPUSH, 1), VE_NOPROTOOPT);
#undef SET
#undef GET
	done(&s);
}

/* What the SYN cache holds is no socket, but it is listed. */
static void
the_syn_cache_is_listed(void **state)
{
	struct vnetsim_addr to = { ST_HUB, 80 };
	struct vnetsim_jail_info ji;
	struct vnetsim_sockinfo si;
	vnetsim_handle op;
	struct st s;
	int l, a, n = 0;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_jail_info(s.w, s.hub, &ji), 0);
	l = st_listen(&s, s.phub, 80, 1);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &a), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &to, VNETSIM_NONBLOCK, &op),
	    VE_INPROGRESS);
	while (vnetsim_syncache_next(s.w, ji.vnet, 0, &si) != 0 && n++ < 1000)
		(void)st_step(&s, INT64_MAX);
	assert_string_equal(si.state, "SYN_RECEIVED");
	assert_int_equal(si.type, VNETSIM_TCP);
	assert_int_equal(si.laddr.addr, ST_HUB);
	assert_int_equal(si.laddr.port, 80);
	assert_true(si.faddr.port != 0 && si.handle == 0);
	assert_int_equal(vnetsim_syncache_next(s.w, ji.vnet, 1, &si), VE_NOENT);
	st_run(&s, ST_S);
	assert_int_equal(vnetsim_syncache_next(s.w, ji.vnet, 0, &si), VE_NOENT);
	assert_int_equal(vnetsim_sockinfo(s.w, s.phub, l, &si), 0);
	assert_int_equal(si.qlen, 1);
	done(&s);
}

/* A descriptor for somebody else: whose errors, and which number. */
static void
a_descriptor_is_passed(void **state)
{
	struct vnetsim_sockinfo si;
	vnetsim_handle op;
	struct st s;
	int l, n, fd;

	(void)state;
	open2(&s);
	l = st_listen(&s, s.phub, 80, 1);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &n), 0);
	assert_int_equal(
	    vnetsim_fdpass(s.w, s.phub, l + 1, s.pcli, &fd), VE_BADF);
	assert_int_equal(fd, -1);
	assert_int_equal(vnetsim_fdpass(s.w, s.phub, l, s.pcli, &fd), 0);
	assert_int_equal(fd, n + 1);
	assert_int_equal(vnetsim_sockinfo(s.w, s.pcli, fd, &si), 0);
	assert_string_equal(si.state, "LISTEN");
	assert_int_equal(si.laddr.port, 80);
	/* the same file: closed by one it is still there for the other */
	assert_int_equal(vnetsim_close(s.w, s.phub, l, &op), 0);
	assert_int_equal(vnetsim_sockinfo(s.w, s.pcli, fd, &si), 0);
	l = fd;
	/* to the last free descriptor, and one more */
	for (n = 0; vnetsim_fdpass(s.w, s.pcli, l, s.phub, &fd) == 0;)
		n++;
	assert_int_equal(n, 1024);
	assert_int_equal(vnetsim_fdpass(s.w, s.pcli, l, s.phub, &fd), VE_MFILE);
	/* one of the two is blocked */
	assert_int_equal(
	    vnetsim_accept(s.w, s.pcli, l, 0, &n, &op), VE_INPROGRESS);
	assert_int_equal(vnetsim_fdpass(s.w, s.pcli, l, s.phub, &fd), VE_BUSY);
	assert_int_equal(vnetsim_fdpass(s.w, s.phub, 0, s.pcli, &fd), VE_BUSY);
	done(&s);
}

/* An op that nobody will ask for goes by itself; its process is free then. */
static void
a_released_call_unblocks(void **state)
{
	struct vnetsim_addr to = { ST_HUB, 80 };
	vnetsim_handle op;
	struct st s;
	int l, a, n;

	(void)state;
	open2(&s);
	l = st_listen(&s, s.phub, 80, 1);
	assert_int_equal(
	    vnetsim_accept(s.w, s.phub, l, 0, &n, &op), VE_INPROGRESS);
	assert_int_equal(vnetsim_op_release(s.w, op), 0);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &a), 0);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &to, VNETSIM_NONBLOCK, &op),
	    VE_INPROGRESS);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &to, VNETSIM_NONBLOCK, &op),
	    VE_ALREADY);
	st_run(&s, ST_S);
	assert_int_equal(
	    vnetsim_connect(s.w, s.pcli, a, &to, VNETSIM_NONBLOCK, &op),
	    VE_ISCONN);
	/* not blocked any more; the connection has descriptor 1 */
	assert_int_equal(
	    vnetsim_accept(s.w, s.phub, l, VNETSIM_NONBLOCK, &n, &op),
	    VE_AGAIN);
	assert_string_equal(st_state(&s, s.phub, 1), "ESTABLISHED");
	done(&s);
}

/* SO_LINGER: close waits, at most so long; then the rest goes on alone. */
static void
close_lingers(void **state)
{
	vnetsim_handle op;
	struct st s;
	int l, a, b;

	(void)state;
	open2(&s);
	l = st_listen(&s, s.phub, 80, 1);
	(void)st_connect(&s, s.pcli, ST_HUB, 80, s.phub, l, &a, &b);
	assert_int_equal(
	    vnetsim_setsockopt(s.w, s.pcli, a, VNETSIM_SO_LINGER, 2 * ST_S), 0);
	/* the peer does not close */
	assert_int_equal(vnetsim_close(s.w, s.pcli, a, &op), VE_INPROGRESS);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &b), VE_BUSY);
	(void)st_await(&s, op, 3 * ST_S);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &b), 0);
	done(&s);
}

/* A socket in another jail's hands keeps the vnet; when it goes, all goes. */
static void
a_passed_socket_defers(void **state)
{
	struct vnetsim_jail_info ji;
	struct proc *from, *to;
	vnetsim_handle op;
	struct st s;
	int fd, at;

	(void)state;
	open2(&s);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	from = handle_lookup(HANDLE_PROC, s.pcli);
	to = handle_lookup(HANDLE_PROC, s.phub);
	assert_int_equal(fdpass(from, fd, to, &at), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), VE_ALREADY);
	st_run(&s, 1000 * ST_S);
	assert_int_equal(vnetsim_jail_info(s.w, s.cli, &ji), 0);
	assert_true(ji.dying);
	assert_string_equal(ji.phase, "kill");
	/* it still works there, in the vnet it is from */
	assert_int_equal(
	    vnetsim_bind(s.w, s.phub, at, &(struct vnetsim_addr){ ST_CLI, 53 }),
	    0);
	assert_int_equal(vnetsim_close(s.w, s.phub, at, NULL), 0);
	st_run(&s, 100 * ST_S);
	assert_int_equal(vnetsim_jail_info(s.w, s.cli, &ji), VE_SRCH);
	done(&s);
}

/* After the end nothing is left to work on, and nothing breaks. */
static void
after_the_end(void **state)
{
	char name[VNETSIM_IFNAMSIZ] = "epair";
	struct vnetsim_sockinfo si;
	struct vnetsim_ifinfo ii;
	vnetsim_handle op;
	int64_t v;
	struct st s;

	(void)state;
	open2(&s);
	assert_int_equal(st_finish(&s), 0);
	assert_int_equal(vnetsim_finish(s.w, &op), VE_ALREADY);
	assert_int_equal(vnetsim_if_create(s.w, s.host, name), VE_BUSY);
	assert_int_equal(vnetsim_if_next(s.w, s.host, 0, &ii), VE_SRCH);
	assert_int_equal(
	    vnetsim_sysctl_get(s.w, s.host, "net.inet.ip.ttl", &v), VE_SRCH);
	assert_int_equal(vnetsim_sock_next(s.w, 0, 0, &si), VE_NOENT);
	assert_int_equal(vnetsim_syncache_next(s.w, 0, 0, &si), VE_NOENT);
	assert_int_equal(vnetsim_syncache_next(s.w, 99, 0, &si), VE_NOENT);
	assert_int_equal(vnetsim_jail_remove(s.w, s.host, &op), VE_INVAL);
	assert_false(vnetsim_step(s.w, VNETSIM_FOREVER));
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stale_handles),
		cmocka_unit_test(bad_descriptors),
		cmocka_unit_test(blocked_calls),
		cmocka_unit_test(options_have_ranges),
		cmocka_unit_test(the_syn_cache_is_listed),
		cmocka_unit_test(a_descriptor_is_passed),
		cmocka_unit_test(a_released_call_unblocks),
		cmocka_unit_test(close_lingers),
		cmocka_unit_test(a_passed_socket_defers),
		cmocka_unit_test(after_the_end),
	};

	return (cmocka_run_group_tests_name("api", tests, NULL, NULL) ? 1 : 0);
}
