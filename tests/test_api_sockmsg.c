/*
 * test_api_sockmsg.c - sockmsg.h and tcp_info.h: names, poll, counts, what a
 * datagram tells, connect to nobody, peeking; on a whole stack of two jails.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/sockmsg.h>
#include <vnetsim/tcp_info.h>
#include "tests/lib/tstack.h"

struct pair {
	struct st s;
	int fhub, fcli; /* descriptors of the two ends */
};

static const struct vnetsim_addr hub80 = { ST_HUB, 80 };

static void
open_udp(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	assert_true(st_open(&p->s, NULL));
	st_setup(&p->s);
	assert_int_equal(
	    vnetsim_socket(p->s.w, p->s.phub, VNETSIM_UDP, &p->fhub), 0);
	assert_int_equal(vnetsim_bind(p->s.w, p->s.phub, p->fhub, &hub80), 0);
	assert_int_equal(
	    vnetsim_socket(p->s.w, p->s.pcli, VNETSIM_UDP, &p->fcli), 0);
}

static void
names_and_af_unspec(void **state)
{
	struct vnetsim_addr a;
	vnetsim_handle op;
	struct pair p;

	(void)state;
	open_udp(&p);
	assert_int_equal(vnetsim_getsockname(p.s.w, p.s.phub, p.fhub, &a), 0);
	assert_int_equal(a.addr, ST_HUB);
	assert_int_equal(a.port, 80);
	assert_int_equal(
	    vnetsim_getpeername(p.s.w, p.s.phub, p.fhub, &a), VE_NOTCONN);
	assert_int_equal(vnetsim_getsockname(p.s.w, p.s.pcli, p.fcli, &a), 0);
	assert_int_equal(a.port, 0);
	assert_int_equal(
	    vnetsim_connect(p.s.w, p.s.pcli, p.fcli, &hub80, 0, &op), 0);
	assert_int_equal(vnetsim_getpeername(p.s.w, p.s.pcli, p.fcli, &a), 0);
	assert_int_equal(a.addr, ST_HUB);
	assert_int_equal(vnetsim_connect(p.s.w, p.s.pcli, p.fcli, NULL, 0, &op),
	    VE_AFNOSUPPORT);
	assert_int_equal(
	    vnetsim_getpeername(p.s.w, p.s.pcli, p.fcli, &a), VE_NOTCONN);
	assert_int_equal(vnetsim_getsockname(p.s.w, p.s.pcli, 99, &a), VE_BADF);
	assert_int_equal(st_finish(&p.s), 0);
	st_close(&p.s);
}

static void
a_datagram_tells_all(void **state)
{
	struct vnetsim_result res;
	struct vnetsim_recvinfo ri;
	vnetsim_handle op;
	uint64_t n;
	size_t done;
	struct pair p;
	int rev;

	(void)state;
	open_udp(&p);
	assert_int_equal(vnetsim_poll(p.s.w, p.s.phub, p.fhub,
			     VNETSIM_POLLIN | VNETSIM_POLLOUT, &rev),
	    0);
	assert_int_equal(rev, VNETSIM_POLLOUT);
	assert_int_equal(
	    vnetsim_setsockopt(p.s.w, p.s.pcli, p.fcli, VNETSIM_IP_TTL, 9), 0);
	assert_int_equal(vnetsim_send(p.s.w, p.s.pcli, p.fcli, "hello", 5,
			     &hub80, 0, &done, &op),
	    0);
	st_run(&p.s, ST_S);
	assert_int_equal(
	    vnetsim_poll(p.s.w, p.s.phub, p.fhub, VNETSIM_POLLIN, &rev), 0);
	assert_int_equal(rev, VNETSIM_POLLIN);
	assert_int_equal(
	    vnetsim_sockcount(p.s.w, p.s.phub, p.fhub, VNETSIM_FIONREAD, &n),
	    0);
	assert_int_equal(n, 5 + 16);
	assert_int_equal(
	    vnetsim_sockcount(p.s.w, p.s.phub, p.fhub, 7, &n), VE_INVAL);
	for (int peek = 1; peek >= 0; peek--) {
		assert_int_equal(vnetsim_recv(p.s.w, p.s.phub, p.fhub, 3, false,
				     peek ? VNETSIM_MSG_PEEK : 0, &op),
		    0);
		assert_int_equal(vnetsim_op_poll(p.s.w, op, &res), 0);
		assert_int_equal(res.datalen, 3);
		assert_memory_equal(res.data, "hel", 3);
		assert_int_equal(vnetsim_recvinfo(p.s.w, op, &ri), 0);
		assert_int_equal(ri.from.addr, ST_CLI);
		assert_int_equal(ri.dst, ST_HUB);
		assert_int_equal(ri.ttl, 9);
		assert_int_not_equal(ri.ifindex, 0);
		assert_true(ri.trunc);
		assert_int_equal(vnetsim_op_release(p.s.w, op), 0);
		assert_int_equal(vnetsim_recvinfo(p.s.w, op, &ri), VE_SRCH);
	}
	assert_int_equal(vnetsim_recv(p.s.w, p.s.phub, p.fhub, 3, false,
			     VNETSIM_NONBLOCK, &op),
	    VE_AGAIN);
	assert_int_equal(st_finish(&p.s), 0);
	st_close(&p.s);
}

/* A look asks a process that is blocked, too; a call does not. */
static void
looks_and_calls(void **state)
{
	struct vnetsim_tcp_info ti;
	vnetsim_handle op;
	struct pair p;
	int64_t v;
	int fd, rev;

	(void)state;
	open_udp(&p);
	assert_int_equal(
	    vnetsim_tcp_info(p.s.w, p.s.phub, p.fhub, &ti), VE_NOPROTOOPT);
	assert_int_equal(vnetsim_socket(p.s.w, p.s.phub, VNETSIM_TCP, &fd), 0);
	assert_int_equal(vnetsim_bind(p.s.w, p.s.phub, fd, &hub80), 0);
	assert_int_equal(vnetsim_listen(p.s.w, p.s.phub, fd, 3), 0);
	assert_int_equal(
	    vnetsim_accept(p.s.w, p.s.phub, fd, 0, &rev, &op), VE_INPROGRESS);
	assert_int_equal(
	    vnetsim_poll(p.s.w, p.s.phub, fd, VNETSIM_POLLIN, &rev), VE_BUSY);
	assert_int_equal(vnetsim_socklook(p.s.w, p.s.phub, fd,
			     VNETSIM_LOOK_SOCKOPT, VNETSIM_SO_LISTENQLIMIT, &v),
	    0);
	assert_int_equal(v, 3);
	assert_int_equal(vnetsim_tcp_info(p.s.w, p.s.phub, fd, &ti), 0);
	assert_int_equal(ti.tcpi_state, 1);
	assert_int_equal(vnetsim_socklook(p.s.w, p.s.phub, fd,
			     VNETSIM_LOOK_POLL, VNETSIM_POLLIN, &v),
	    0);
	assert_int_equal(v, 0);
	assert_int_equal(vnetsim_socklook(p.s.w, p.s.phub, 99,
			     VNETSIM_LOOK_POLL, VNETSIM_POLLIN, &v),
	    VE_BADF);
	assert_int_equal(
	    vnetsim_poll(p.s.w, p.s.pcli, 99, VNETSIM_POLLIN, &rev), 0);
	assert_int_equal(rev, VNETSIM_POLLNVAL);
	assert_int_equal(st_finish(&p.s), 0);
	st_close(&p.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_af_unspec),
		cmocka_unit_test(a_datagram_tells_all),
		cmocka_unit_test(looks_and_calls),
	};

	return (cmocka_run_group_tests_name("api sockmsg", tests, NULL, NULL)
		    ? 1
		    : 0);
}
