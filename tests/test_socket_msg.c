/*
 * test_socket_msg.c - flags and limits of send and recv: MSG_PEEK, MSG_WAITALL,
 * MSG_EOR, MSG_EOF, low-water marks, time limits, poll, what a record tells.
 *
 * Streams are the fake protocol of test_socket.h: bytes come in by feed().
 */
#include "tests/test_socket.h"

#define HLEN 20

static void
feed(struct socket *so, uint32_t n)
{
	struct mbuf *m = m_getm(0, n, M_NOWAIT);
	uint32_t at = so->so_rcv.sb_ccc;

	for (struct mbuf *p = m; p != NULL; p = p->m_next)
		for (uint32_t i = 0; i < p->m_len; i++)
			p->m_data[i] = (uint8_t)at++;
	sbappendstream(&so->so_rcv, m);
	sorwakeup(so);
}

static struct socket *
stream(struct env *e)
{
	struct socket *so = env_socket(e, SOCK_STREAM);

	fst.now = true;
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	return (so);
}

/* Start a call: it waits, or is done, or fails with @error at once. */
static struct op *
recv_call(struct socket *so, uint32_t len, int flags, int error)
{
	struct socall sc = { .sc_so = so, .sc_len = len };
	struct op *op = NULL;

	sc.sc_flags = flags & ~MSG_DONTWAIT;
	sc.sc_nonblock = (flags & MSG_DONTWAIT) != 0;
	assert_int_equal(so_call(&so_recv_op, &sc, &op), error);
	return (op);
}

/* It is done with @n bytes and @error; it goes. */
static void
is_done(struct op *op, uint64_t n, int error)
{
	assert_true(op->op_done);
	assert_int_equal(op->op_error, error);
	assert_int_equal(error == 0 ? op->op_datalen : 0, n);
	so_call_free(op);
}

static void
peek_leaves_the_bytes(void **state)
{
	struct socket *so;
	struct op *op;
	struct env e;

	(void)state;
	env_open(&e);
	so = stream(&e);
	feed(so, 10);
	for (int i = 0; i < 2; i++) {
		op = recv_call(so, 4, MSG_PEEK, 0);
		assert_int_equal(((uint8_t *)op->op_data)[3], 3);
		is_done(op, 4, 0);
	}
	assert_int_equal(fst.nrcvd, 0);
	is_done(recv_call(so, 100, 0, 0), 10, 0);
	assert_int_equal(fst.nrcvd, 1);
	/* all of them, or not yet; the buffer's size is enough */
	op = recv_call(so, 20, MSG_PEEK | MSG_WAITALL, VE_INPROGRESS);
	feed(so, 19);
	env_run(&e);
	assert_false(op->op_done);
	feed(so, 1);
	env_run(&e);
	is_done(op, 20, 0);
	assert_int_equal(so->so_rcv.sb_ccc, 20);
	so->so_rcv.sb_hiwat = 20;
	is_done(recv_call(so, 21, MSG_PEEK | MSG_WAITALL, 0), 20, 0);
	(void)soclose(so);
	env_close(&e);
}

static void
rcvlowat_holds_a_receive(void **state)
{
	struct socket *so;
	struct op *op;
	struct env e;

	(void)state;
	env_open(&e);
	so = stream(&e);
	assert_int_equal(sosetopt(so, SO_RCVLOWAT, 10), 0);
	feed(so, 9);
	/* who wants less gets it, who does not wait gets what there is */
	is_done(recv_call(so, 4, 0, 0), 4, 0);
	is_done(recv_call(so, 100, MSG_DONTWAIT, 0), 5, 0);
	op = recv_call(so, 100, 0, VE_INPROGRESS);
	feed(so, 9);
	env_run(&e);
	assert_false(op->op_done);
	feed(so, 1);
	env_run(&e);
	is_done(op, 10, 0);
	/* the end does not wait for the mark */
	op = recv_call(so, 100, 0, VE_INPROGRESS);
	feed(so, 3);
	socantrcvmore(so);
	env_run(&e);
	is_done(op, 3, 0);
	is_done(recv_call(so, 100, 0, 0), 0, 0);
	(void)soclose(so);
	env_close(&e);
}

static void
a_receive_waits_so_long(void **state)
{
	struct socket *so, *dg;
	struct op *op;
	struct env e;
	int64_t t, v;

	(void)state;
	env_open(&e);
	so = stream(&e);
	assert_int_equal(sosetopt(so, SO_RCVTIMEO, -1), VE_DOM);
	assert_int_equal(sosetopt(so, SO_RCVTIMEO, 3 * NS_S), 0);
	assert_int_equal(sogetopt(so, SO_RCVTIMEO, &v), 0);
	assert_int_equal(v, 3 * NS_S);
	t = vtime();
	op = recv_call(so, 10, 0, VE_INPROGRESS);
	env_run(&e);
	assert_int_equal(vtime() - t, 3 * NS_S);
	is_done(op, 0, VE_AGAIN);
	/* what came is the answer, though it is not all */
	op = recv_call(so, 10, MSG_WAITALL, VE_INPROGRESS);
	feed(so, 4);
	env_run(&e);
	is_done(op, 4, 0);
	/* a limit that passes is no finding; data in time */
	assert_null(finding_get(e.w, 0));
	op = recv_call(so, 10, 0, VE_INPROGRESS);
	feed(so, 1);
	env_run(&e);
	is_done(op, 1, 0);
	dg = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sosetopt(dg, SO_RCVTIMEO, 1), 0);
	assert_int_equal(sobind(dg, AT(0, 7)), 0);
	t = vtime();
	op = recv_call(dg, 10, 0, VE_INPROGRESS);
	env_run(&e);
	assert_int_equal(vtime() - t, 1);
	is_done(op, 0, VE_AGAIN);
	(void)soclose(so);
	(void)soclose(dg);
	env_close(&e);
}

static void
a_send_waits_so_long(void **state)
{
	struct socall sc = { 0 };
	struct socket *so;
	struct op *op;
	struct env e;

	(void)state;
	env_open(&e);
	so = stream(&e);
	assert_int_equal(sosetopt(so, SO_SNDTIMEO, NS_S), 0);
	sc.sc_so = so;
	sc.sc_len = 10000;
	/* the buffer has room for 8192: they are the answer */
	assert_int_equal(so_call(&so_send_op, &sc, &op), VE_INPROGRESS);
	env_run(&e);
	assert_true(op->op_done);
	assert_int_equal(op->op_error, 0);
	assert_int_equal(op->op_result, 8192);
	so_call_free(op);
	assert_int_equal(so_call(&so_send_op, &sc, &op), VE_INPROGRESS);
	env_run(&e);
	assert_int_equal(op->op_error, VE_AGAIN);
	so_call_free(op);
	(void)soclose(so);
	env_close(&e);
}

static void
eor_is_for_records(void **state)
{
	struct socall sc = { .sc_data = "x", .sc_len = 1 };
	struct socket *so, *dg;
	struct op *op;
	struct env e;

	(void)state;
	env_open(&e);
	so = stream(&e);
	dg = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(soconnect(dg, AT(PEER, 9)), 0);
	sc.sc_flags = MSG_EOR;
	sc.sc_so = so;
	assert_int_equal(so_call(&so_send_op, &sc, &op), VE_INVAL);
	sc.sc_so = dg;
	assert_int_equal(so_call(&so_send_op, &sc, &op), 0);
	so_call_free(op);
	assert_int_equal(fip.n, 1);
	(void)soclose(so);
	(void)soclose(dg);
	env_close(&e);
}

static void
dgram(uint32_t dst, uint32_t len)
{
	struct mbuf *m = m_getm(0, HLEN + UDP_HDRLEN + len, M_NOWAIT);
	uint8_t *p = mtod(m, uint8_t *);

	memset(p, 0, HLEN + UDP_HDRLEN);
	p[0] = 0x45;
	p[1] = 0x1c;
	p[8] = 33;
	be32enc(p + 12, PEER);
	be32enc(p + 16, dst);
	be16enc(p + HLEN, 53);
	be16enc(p + HLEN + 2, 7);
	be16enc(p + HLEN + 4, (uint16_t)(UDP_HDRLEN + len));
	m->m_pkthdr.rcvif_idx = 5;
	udp_input(m, HLEN);
}

static void
a_record_tells_where_it_came_from(void **state)
{
	struct so_recvinfo sr;
	struct socket *so;
	struct op *op;
	struct env e;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	dgram(HOST2, 10);
	dgram(HOST1, 0);
	for (int i = 0; i < 2; i++) {
		op = recv_call(so, i == 0 ? 4 : 10, i == 0 ? MSG_PEEK : 0, 0);
		assert_int_equal(so_recvinfo(op, &sr), 0);
		assert_int_equal(sr.sr_from.sin_addr, PEER);
		assert_int_equal(sr.sr_from.sin_port, 53);
		assert_int_equal(sr.sr_info.ri_dst, HOST2);
		assert_int_equal(sr.sr_info.ri_ttl, 33);
		assert_int_equal(sr.sr_info.ri_tos, 0x1c);
		assert_int_equal(sr.sr_ifindex, 5);
		assert_int_equal(sr.sr_trunc, i == 0);
		is_done(op, i == 0 ? 4 : 10, 0);
	}
	/* the empty one is a record, too */
	op = recv_call(so, 10, 0, 0);
	assert_int_equal(so_recvinfo(op, &sr), 0);
	assert_int_equal(sr.sr_info.ri_dst, HOST1);
	is_done(op, 0, 0);
	assert_null(recv_call(so, 10, MSG_DONTWAIT, VE_AGAIN));
	(void)soclose(so);
	env_close(&e);
}

static void
poll_of_a_stream(void **state)
{
	const int all = POLLIN | POLLRDNORM | POLLOUT | POLLPRI;
	struct socket *so;
	struct env e;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(sopoll(so, all), 0);
	fst.now = true;
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	assert_int_equal(sopoll(so, all), POLLOUT);
	assert_int_equal(sopoll(so, POLLIN), 0);
	feed(so, 1);
	assert_int_equal(sopoll(so, all), POLLIN | POLLRDNORM | POLLOUT);
	assert_int_equal(sosetopt(so, SO_RCVLOWAT, 2), 0);
	assert_int_equal(sopoll(so, all), POLLOUT);
	feed(so, 1);
	assert_int_equal(sopoll(so, POLLIN), POLLIN);
	/* room: SO_SNDLOWAT says how much is worth telling */
	so->so_snd.sb_hiwat = so->so_snd.sb_lowat;
	assert_int_equal(sopoll(so, POLLOUT), POLLOUT);
	so->so_snd.sb_hiwat--;
	assert_int_equal(sopoll(so, POLLOUT), 0);
	/* the end of one direction, of both */
	sbdrop(&so->so_rcv, 2);
	socantrcvmore(so);
	assert_int_equal(sopoll(so, POLLIN), POLLIN);
	assert_int_equal(sopoll(so, POLLIN | POLLINIGNEOF), 0);
	socantsendmore(so);
	assert_int_equal(
	    sopoll(so, all), POLLIN | POLLRDNORM | POLLOUT | POLLHUP);
	assert_int_equal(sopoll(so, 0), POLLHUP);
	(void)soclose(so);
	env_close(&e);
}

static void
poll_tells_of_errors_and_listeners(void **state)
{
	struct socket *so, *l, *child;
	struct env e;

	(void)state;
	env_open(&e);
	so = stream(&e);
	soseterror(so, VE_CONNRESET);
	assert_int_equal(sopoll(so, POLLIN | POLLOUT), POLLIN | POLLOUT);
	so->so_error = 0;
	(void)soclose(so);
	l = env_socket(&e, SOCK_STREAM);
	assert_int_equal(solisten(l, 1), 0);
	assert_int_equal(sopoll(l, POLLIN | POLLOUT), 0);
	assert_non_null(sonewconn(l, SS_ISCONNECTED));
	assert_int_equal(sopoll(l, POLLIN | POLLOUT), POLLIN);
	assert_int_equal(soaccept(l, &child), 0);
	(void)soclose(child);
	assert_int_equal(soshutdown(l, SHUT_RD), VE_NOTCONN);
	assert_int_equal(sopoll(l, POLLIN), POLLIN | POLLHUP);
	assert_int_equal(sopoll(l, POLLIN | POLLINIGNEOF), 0);
	(void)soclose(l);
	env_close(&e);
}

static void
a_listener_tells_of_its_queue(void **state)
{
	struct socket *l, *child;
	struct env e;
	int64_t v;

	(void)state;
	env_open(&e);
	l = env_socket(&e, SOCK_STREAM);
	assert_int_equal(sosetopt(l, SO_RCVTIMEO, 7), 0);
	assert_int_equal(solisten(l, 3), 0);
	assert_non_null(sonewconn(l, SS_ISCONNECTED));
	assert_non_null(sonewconn(l, 0));
	assert_int_equal(sogetopt(l, SO_LISTENQLIMIT, &v), 0);
	assert_int_equal(v, 3);
	assert_int_equal(sogetopt(l, SO_LISTENQLEN, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(sogetopt(l, SO_LISTENINCQLEN, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(sogetopt(l, SO_ACCEPTCONN, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(sogetopt(l, SO_PROTOCOL, &v), 0);
	assert_int_equal(v, IPPROTO_TCP);
	assert_int_equal(sogetopt(l, SO_DOMAIN, &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(sosetopt(l, SO_TYPE, 1), VE_NOPROTOOPT);
	/* a new backlog on a live listener counts at once: 3/2 * 1 + 1 = 2 */
	assert_int_equal(solisten(l, 1), 0);
	assert_null(sonewconn(l, SS_ISCONNECTED));
	assert_int_equal(V_socket.overflows, 1);
	assert_int_equal(solisten(l, 2), 0);
	assert_non_null(sonewconn(l, SS_ISCONNECTED));
	assert_int_equal(soaccept(l, &child), 0);
	assert_int_equal(child->so_rcv.sb_timeo, 7);
	(void)soclose(child);
	/* the sysctl bounds it, as a negative one means */
	V_socket.soacceptqueue = 5;
	assert_int_equal(solisten(l, -1), 0);
	assert_int_equal(l->so_qlimit, 5);
	assert_int_equal(solisten(l, 6), 0);
	assert_int_equal(l->so_qlimit, 5);
	assert_int_equal(solisten(l, 0), 0);
	assert_int_equal(l->so_qlimit, 0);
	(void)soclose(l);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peek_leaves_the_bytes),
		cmocka_unit_test(rcvlowat_holds_a_receive),
		cmocka_unit_test(a_receive_waits_so_long),
		cmocka_unit_test(a_send_waits_so_long),
		cmocka_unit_test(eor_is_for_records),
		cmocka_unit_test(a_record_tells_where_it_came_from),
		cmocka_unit_test(poll_of_a_stream),
		cmocka_unit_test(poll_tells_of_errors_and_listeners),
		cmocka_unit_test(a_listener_tells_of_its_queue),
	};

	return (cmocka_run_group_tests_name("socket_msg", tests, NULL, NULL)
		    ? 1
		    : 0);
}
