/*
 * test_integration.c - the parts together: jails, wire, addresses, ARP, ping,
 * UDP, TCP, and the two ends of a client.
 */
#include <string.h>
#include "tests/lib/tstack.h"

static void
quiet(struct st *s)
{
	unsigned n = st_finish(s);

	if (n != 0)
		st_print(s);
	assert_int_equal(n, 0);
	assert_int_equal(vnetsim_ledger(s->w, 0), 0);
	st_close(s);
}

static void
test_empty(void **state)
{
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	quiet(&s);
}

static void
test_jails(void **state)
{
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	quiet(&s);
}

static void
test_ping(void **state)
{
	struct vnetsim_arpinfo arp;
	struct vnetsim_result res;
	struct st s = { 0 };
	vnetsim_handle op;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(
	    ST(&s, vnetsim_ping(s.w, s.cli, ST_HUB, 56, ST_S, &op)), 0);
	assert_int_equal(st_wait(&s, op, 2 * ST_S, &res), 0);
	assert_true(res.value >= 0 && res.value < ST_S);
	assert_int_equal(vnetsim_op_release(s.w, op), 0);
	assert_int_equal(vnetsim_arp_next(s.w, s.cli, 0, &arp), 0);
	/* itself, through lo0 */
	assert_int_equal(
	    ST(&s, vnetsim_ping(s.w, s.cli, ST_CLI, 56, ST_S, &op)), 0);
	assert_int_equal(st_await(&s, op, 2 * ST_S), 0);
	/* nobody */
	assert_int_equal(
	    ST(&s, vnetsim_ping(s.w, s.cli, ST_CLI + 7, 56, ST_S, &op)), 0);
	assert_int_not_equal(st_await(&s, op, 100 * ST_S), 0);
	quiet(&s);
}

static void
test_udp(void **state)
{
	struct vnetsim_addr any = { 0, 53 }, to = { ST_HUB, 53 };
	struct vnetsim_result res;
	struct st s = { 0 };
	vnetsim_handle op;
	size_t done;
	int a, b, error;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	(void)ST(&s, vnetsim_socket(s.w, s.phub, VNETSIM_UDP, &a));
	(void)ST(&s, vnetsim_bind(s.w, s.phub, a, &any));
	(void)ST(&s, vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &b));
	(void)ST(
	    &s, vnetsim_send(s.w, s.pcli, b, NULL, 100, &to, 0, &done, &op));
	assert_int_equal(done, 100);
	st_run(&s, 100 * ST_MS);
	assert_int_equal(st_recv(&s, s.phub, a, 1000, 0), 100);
	/* blocking receive */
	error = ST(&s, vnetsim_recv(s.w, s.phub, a, 1000, false, 0, &op));
	assert_int_equal(error, VE_INPROGRESS);
	assert_int_equal(vnetsim_close(s.w, s.phub, a, NULL), VE_BUSY);
	(void)ST(&s, vnetsim_connect(s.w, s.pcli, b, &to, 0, &op));
	(void)ST(
	    &s, vnetsim_send(s.w, s.pcli, b, "abc", 3, NULL, 0, &done, &op));
	error = ST(&s, vnetsim_recv(s.w, s.pcli, b, 1000, false, 0, &op));
	assert_int_equal(error, VE_INPROGRESS);
	st_run(&s, 100 * ST_MS);
	/* the receive is done; the port is closed, so the next send is
	 * refused */
	while (vnetsim_op_next(s.w, &res)) {
		assert_int_equal(res.error, 0);
		assert_int_equal(res.value, 3);
		assert_memory_equal(res.data, "abc", 3);
		(void)vnetsim_op_release(s.w, res.op);
	}
	(void)ST(&s, vnetsim_close(s.w, s.phub, a, NULL));
	error = vnetsim_send(s.w, s.pcli, b, "abc", 3, NULL, 0, &done, &op);
	assert_int_equal(error, VE_BUSY);
	quiet(&s);
}

static void
test_udp_unreach(void **state)
{
	struct vnetsim_addr to = { ST_HUB, 53 };
	struct st s = { 0 };
	vnetsim_handle op;
	size_t done;
	int b;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	(void)ST(&s, vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &b));
	(void)ST(&s, vnetsim_connect(s.w, s.pcli, b, &to, 0, &op));
	(void)ST(
	    &s, vnetsim_send(s.w, s.pcli, b, "abc", 3, NULL, 0, &done, &op));
	st_run(&s, 100 * ST_MS);
	assert_int_equal(
	    vnetsim_recv(s.w, s.pcli, b, 10, false, VNETSIM_NONBLOCK, &op),
	    VE_CONNREFUSED);
	quiet(&s);
}

static void
test_tcp(void **state)
{
	struct st s = { 0 };
	size_t sent = 0, got = 0;
	int l, a, b;
	int64_t n;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	l = st_listen(&s, s.phub, 80, 5);
	assert_int_equal(
	    st_connect(&s, s.pcli, ST_HUB, 80, s.phub, l, &a, &b), 0);
	assert_string_equal(st_state(&s, s.pcli, a), "ESTABLISHED");
	assert_string_equal(st_state(&s, s.phub, b), "ESTABLISHED");
	assert_int_equal(st_send(&s, s.pcli, a, 251), 251);
	st_run(&s, ST_S);
	assert_int_equal(st_recv(&s, s.phub, b, 1000, 0), 251);
	while (got < 251 * 4000) {
		if (sent < 251 * 4000) {
			size_t want = 251 * 4000 - sent;
			size_t done;
			vnetsim_handle op;

			/* whole periods, so that the pattern goes on */
			if (want > 251 * 40)
				want = 251 * 40;
			s.tolerant = true;
			if (ST(&s, vnetsim_send(s.w, s.phub, b, NULL, want,
				       NULL, VNETSIM_NONBLOCK, &done, &op)) ==
			    0)
				sent += done;
			s.tolerant = false;
		}
		st_run(&s, 10 * ST_MS);
		if (sent % 251 != 0)
			break;
		n = st_recv(&s, s.pcli, a, 251 * 100, got % 251);
		if (n > 0)
			got += (size_t)n;
	}
	(void)ST(&s, vnetsim_close(s.w, s.phub, b, NULL));
	st_run(&s, ST_S);
	assert_string_equal(st_state(&s, s.pcli, a), "CLOSE_WAIT");
	for (;;) {
		n = st_recv(&s, s.pcli, a, 251 * 100, got % 251);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	assert_int_equal(n, 0);
	assert_int_equal(got, sent);
	(void)ST(&s, vnetsim_close(s.w, s.pcli, a, NULL));
	st_run(&s, 100 * ST_S);
	quiet(&s);
}

static void
test_refused(void **state)
{
	struct vnetsim_addr to = { ST_HUB, 81 };
	struct st s = { 0 };
	vnetsim_handle op;
	int a;

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	(void)ST(&s, vnetsim_socket(s.w, s.pcli, VNETSIM_TCP, &a));
	assert_int_equal(ST(&s, vnetsim_connect(s.w, s.pcli, a, &to, 0, &op)),
	    VE_INPROGRESS);
	assert_int_equal(st_await(&s, op, ST_S), VE_CONNREFUSED);
	quiet(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_jails),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_udp_unreach),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tcp),
	};

	return (cmocka_run_group_tests_name("integration", tests, NULL, NULL)
		    ? 1
		    : 0);
}
