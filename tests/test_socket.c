/*
 * test_socket.c - sockets: states, queues, closing, options, the module.
 *
 * On the stream protocol of test_socket.h, which does what the test says.
 */
#include "tests/test_socket.h"

static void
create_answers(void **state)
{
	struct env e;
	struct socket *so;
	uint64_t before, nth;
	int error;

	(void)state;
	env_open(&e);
	before = world_hash(curvnet, 0);
	assert_int_equal(
	    socreate(SOCK_RAW, 0, env_cred(&e), &so), VE_PROTONOSUPPORT);
	assert_int_equal(socreate(SOCK_STREAM, IPPROTO_UDP, env_cred(&e), &so),
	    VE_PROTONOSUPPORT);
	fst.attacherr = VE_NOBUFS;
	assert_int_equal(
	    socreate(SOCK_STREAM, 0, env_cred(&e), &so), VE_NOBUFS);
	fst.attacherr = 0;
	for (nth = 1; nth <= 2; nth++) {
		mem_fail_set(e.w, nth, false);
		error = socreate(SOCK_STREAM, 0, env_cred(&e), &so);
		mem_fail_set(e.w, 0, false);
		assert_int_equal(error, VE_NOBUFS);
	}
	assert_int_equal(world_hash(curvnet, 0), before);
	assert_int_equal(V_socket.nsockets, 0);
	assert_null(so_first());
	so = env_socket(&e, SOCK_STREAM);
	assert_ptr_equal(so_first(), so);
	assert_null(so_next(so));
	assert_ptr_equal(so->so_vnet, e.pr->pr_vnet);
	assert_int_equal(soclose(so), 0);
	assert_int_equal(fst.ndetach, 1);
	assert_int_equal(V_socket.nsockets, 0);
	env_close(&e);
}

static void
protocols_are_registered(void **state)
{
	static const struct protosw another = { .pr_type = SOCK_STREAM,
		.pr_protocol = IPPROTO_TCP };
	struct env e;

	(void)state;
	env_open(&e);
	assert_ptr_equal(pffindproto(SOCK_STREAM, 0), &fst_sw);
	assert_ptr_equal(pffindproto(0, IPPROTO_UDP), &udp_protosw);
	assert_ptr_equal(pffindproto(SOCK_DGRAM, IPPROTO_UDP), &udp_protosw);
	assert_null(pffindproto(SOCK_DGRAM, IPPROTO_TCP));
	assert_int_equal(protosw_register(&another), VE_EXIST);
	protosw_unregister(&fst_sw);
	assert_null(pffindproto(SOCK_STREAM, 0));
	mem_fail_set(e.w, 1, false);
	assert_int_equal(protosw_register(&fst_sw), VE_NOMEM);
	mem_fail_set(e.w, 0, false);
	assert_int_equal(protosw_register(&fst_sw), 0);
	env_close(&e);
}

static void
calls_answer_by_state(void **state)
{
	struct env e;
	struct socket *so, *child;
	uint32_t done;
	char b;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(sosend(so, "x", 1, NULL, &done), VE_NOTCONN);
	assert_int_equal(soreceive(so, &b, 1, NULL, &done), VE_NOTCONN);
	assert_int_equal(soshutdown(so, 3), VE_INVAL);
	assert_int_equal(soshutdown(so, -1), VE_INVAL);
	assert_int_equal(soshutdown(so, SHUT_WR), VE_NOTCONN);
	assert_int_equal(fst.nshutdown, 0);
	assert_int_equal(soaccept(so, &child), VE_INVAL);
	so->so_error = VE_HOSTUNREACH;
	assert_int_equal(soconnect(so, AT(PEER, 0)), VE_ADDRNOTAVAIL);
	assert_int_equal(so->so_error, VE_HOSTUNREACH);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	assert_int_equal(so->so_error, 0);
	assert_int_equal(soconnect(so, AT(PEER, 1)), VE_ALREADY);
	assert_int_equal(solisten(so, 1), VE_INVAL);
	assert_int_equal(soreceive(so, &b, 1, NULL, &done), VE_AGAIN);
	assert_int_equal(sosend(so, "x", 1, NULL, &done), VE_NOTCONN);
	soisconnected(so);
	assert_int_equal(soconnect(so, AT(PEER, 1)), VE_ISCONN);
	assert_int_equal(solisten(so, 1), VE_INVAL);
	assert_int_equal(sosend(so, "xyz", 3, NULL, &done), 0);
	assert_int_equal(done, 3);
	assert_int_equal(soshutdown(so, SHUT_WR), 0);
	assert_int_equal(sosend(so, "x", 1, NULL, &done), VE_PIPE);
	assert_int_equal(soreceive(so, &b, 1, NULL, &done), VE_AGAIN);
	assert_int_equal(soshutdown(so, SHUT_RD), 0);
	assert_int_equal(soreceive(so, &b, 1, NULL, &done), 0);
	assert_int_equal(done, 0);
	(void)soclose(so);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(solisten(so, 1), VE_OPNOTSUPP);
	assert_int_equal(soshutdown(so, SHUT_WR), VE_NOTCONN);
	assert_int_equal(sosend(so, "x", 1, AT(PEER, 1), &done), VE_PIPE);
	(void)soclose(so);
	env_close(&e);
}

/* Data, then the error, once, then the end of file. */
static void
receive_order(void **state)
{
	struct env e;
	struct socket *so;
	struct mbuf *m;
	uint32_t done;
	char b[10];

	(void)state;
	env_open(&e);
	fst.now = true;
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	m = m_getm(0, 6, M_NOWAIT);
	memcpy(m->m_data, "abcdef", 6);
	sbappendstream(&so->so_rcv, m);
	so->so_error = VE_CONNRESET;
	soisdisconnected(so);
	assert_int_equal(soreceive(so, b, 4, NULL, &done), 0);
	assert_int_equal(done, 4);
	assert_memory_equal(b, "abcd", 4);
	assert_int_equal(soreceive(so, b, 4, NULL, &done), 0);
	assert_int_equal(done, 2);
	assert_int_equal(fst.nrcvd, 2);
	assert_int_equal(sosend(so, "x", 1, NULL, &done), VE_PIPE);
	assert_int_equal(soreceive(so, b, 4, NULL, &done), VE_CONNRESET);
	assert_int_equal(soreceive(so, b, 4, NULL, &done), 0);
	assert_int_equal(done, 0);
	(void)soclose(so);
	env_close(&e);
}

static struct socket *
listener(struct env *e, int backlog)
{
	struct socket *so = env_socket(e, SOCK_STREAM);

	assert_int_equal(solisten(so, backlog), 0);
	return (so);
}

static void
queues_have_limits(void **state)
{
	static const int backlog[] = { 0, 1, 2, 5, 128, -1, 1000 };
	struct env e;
	struct socket *so, *child;
	uint32_t i, n, want;

	(void)state;
	env_open(&e);
	for (i = 0; i < nitems(backlog); i++) {
		so = listener(&e, backlog[i]);
		want = backlog[i] < 0 || backlog[i] > 128
			   ? 128
			   : (uint32_t)backlog[i];
		assert_int_equal(so->so_qlimit, want);
		for (n = 0;
		     sonewconn(so, n % 2 == 0 ? 0 : SS_ISCONNECTED) != NULL;
		     n++)
			;
		assert_int_equal(n, 3 * want / 2 + 1);
		assert_int_equal(so->so_qlen + so->so_incqlen, n);
		assert_int_equal(V_socket.overflows, 1);
		V_socket.overflows = 0;
		/* one is accepted: room for one */
		if (so->so_qlen > 0) {
			assert_int_equal(soaccept(so, &child), 0);
			assert_non_null(sonewconn(so, SS_ISCONNECTED));
			assert_null(sonewconn(so, SS_ISCONNECTED));
			V_socket.overflows = 0;
			(void)soclose(child);
		}
		fst.nabort = 0;
		(void)soclose(so);
		assert_int_equal(fst.nabort, n);
		assert_int_equal(V_socket.nsockets, 0);
	}
	env_close(&e);
}

static void
children_move_through_the_queues(void **state)
{
	struct env e;
	struct socket *so, *a, *b, *c;

	(void)state;
	env_open(&e);
	so = listener(&e, 5);
	assert_int_equal(soconnect(so, AT(PEER, 1)), VE_OPNOTSUPP);
	assert_int_equal(soaccept(so, &c), VE_AGAIN);
	assert_int_equal(sosetopt(so, SO_KEEPALIVE, 1), 0);
	assert_int_equal(sosetopt(so, SO_RCVBUF, 5000), 0);
	a = sonewconn(so, 0);
	b = sonewconn(so, 0);
	assert_int_equal(a->so_options, SO_KEEPALIVE);
	assert_int_equal(a->so_rcv.sb_hiwat, 5000);
	assert_int_equal(so->so_incqlen, 2);
	assert_int_equal(soaccept(so, &c), VE_AGAIN);
	soisconnected(b);
	soisconnected(a);
	/* the order of completion counts */
	assert_int_equal(soaccept(so, &c), 0);
	assert_ptr_equal(c, b);
	assert_int_equal(
	    b->so_state & (SS_NOFDREF | SS_ISCONNECTED), SS_ISCONNECTED);
	assert_null(b->so_listen);
	(void)soclose(b);
	/* one that died meanwhile: told to the acceptor, and gone */
	fst.accepterr = VE_CONNABORTED;
	soisdisconnected(a);
	assert_int_equal(soaccept(so, &c), VE_CONNABORTED);
	assert_int_equal(soaccept(so, &c), VE_AGAIN);
	assert_int_equal(V_socket.nsockets, 1);
	fst.accepterr = 0;
	/* an embryonic one dies: gone at once; a complete one stays */
	a = sonewconn(so, 0);
	sofree_proto(a);
	assert_int_equal(so->so_incqlen, 0);
	a = sonewconn(so, SS_ISCONNECTED);
	sofree_proto(a);
	assert_int_equal(so->so_qlen, 1);
	assert_int_equal(soaccept(so, &c), 0);
	(void)soclose(c);
	(void)soclose(so);
	env_close(&e);
}

static void
a_listener_is_shut_down(void **state)
{
	struct env e;
	struct socket *so, *c;

	(void)state;
	env_open(&e);
	so = listener(&e, 5);
	assert_int_equal(soshutdown(so, SHUT_WR), VE_NOTCONN);
	assert_int_equal(soaccept(so, &c), VE_AGAIN);
	assert_int_equal(soshutdown(so, SHUT_RD), VE_NOTCONN);
	assert_int_equal(soaccept(so, &c), VE_CONNABORTED);
	(void)soclose(so);
	env_close(&e);
}

/* Every allocation of a child fails in turn. */
static void
children_need_memory(void **state)
{
	struct env e;
	struct socket *so, *c;
	uint64_t nth, before;

	(void)state;
	env_open(&e);
	so = listener(&e, 5);
	before = world_hash(curvnet, 0);
	for (nth = 1;; nth++) {
		mem_fail_set(e.w, nth, false);
		c = sonewconn(so, 0);
		mem_fail_set(e.w, 0, false);
		if (c != NULL)
			break;
		assert_int_equal(world_hash(curvnet, 0), before);
	}
	assert_int_equal(nth, 3);
	(void)soclose(so);
	assert_int_equal(V_socket.nsockets, 0);
	env_close(&e);
}

/* ---- close ---- */

static void
close_goes_through_the_protocol(void **state)
{
	struct env e;
	struct socket *so;
	int fd;

	(void)state;
	env_open(&e);
	fst.now = fst.keeps = true;
	so = env_fd(&e, SOCK_STREAM, &fd);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	assert_int_equal(fdclose(e.p, fd), 0);
	assert_int_equal(fst.ndisconnect, 1);
	assert_int_equal(fst.nclose, 1);
	assert_false(fst.killed);
	assert_int_equal(fst.ndetach, 0);
	assert_int_equal(V_socket.nsockets, 1);
	fst_done(so);
	assert_int_equal(fst.ndetach, 1);
	assert_int_equal(V_socket.nsockets, 0);
	env_close(&e);
}

static void
a_kill_marks_the_socket(void **state)
{
	struct env e;
	struct socket *so;
	int fd;

	(void)state;
	env_open(&e);
	fst.now = true;
	so = env_fd(&e, SOCK_STREAM, &fd);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	assert_int_equal(sosetopt(so, SO_LINGER, 5 * NS_S), 0);
	vnet_leave(&e.f);
	assert_int_equal(prison_remove(e.pr), 0);
	(void)tw_run(e.w);
	assert_true(fst.killed);
	assert_int_equal(fst.nclose, 1);
	assert_int_equal(vtime(), 0);
	tw_destroy(e.w);
}

/* The other process still has it: close closes nothing. */
static void
a_passed_socket_pins(void **state)
{
	struct env e;
	struct prison *other;
	struct proc *q;
	int fd, fd2;

	(void)state;
	env_open(&e);
	(void)env_fd(&e, SOCK_STREAM, &fd);
	vnet_leave(&e.f);
	other = tw_jail("b");
	assert_int_equal(proc_create(other, "q", &q), 0);
	assert_int_equal(fdpass(e.p, fd, q, &fd2), 0);
	assert_int_equal(prison_remove(e.pr), 0);
	(void)tw_run(e.w);
	assert_int_equal(fst.nclose, 0);
	assert_int_equal(e.w->w_nvnets, 3);
	assert_int_equal(fdclose(q, fd2), 0);
	(void)tw_run(e.w);
	assert_int_equal(fst.nclose, 1);
	assert_int_equal(e.w->w_nvnets, 2);
	assert_int_equal(prison_remove(other), 0);
	(void)tw_run(e.w);
	tw_destroy(e.w);
}

/* Shutdown of the module with sockets in every state. */
static void
the_module_cuts_what_is_left(void **state)
{
	struct env e;
	struct socket *so, *held, *lst;
	struct op op;
	uint32_t done;
	char b;
	int fd, lfd;

	(void)state;
	env_open(&e);
	fst.now = fst.keeps = true;
	so = listener(&e, 5);
	(void)sonewconn(so, 0);
	(void)sonewconn(so, SS_ISCONNECTED);
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	(void)soclose(so);
	(void)env_socket(&e, SOCK_DGRAM);
	held = env_fd(&e, SOCK_STREAM, &fd);
	lst = env_fd(&e, SOCK_STREAM, &lfd);
	assert_int_equal(solisten(lst, 5), 0);
	(void)sonewconn(lst, 0);
	(void)sonewconn(lst, SS_ISCONNECTED);
	assert_int_equal(V_socket.nsockets, 9);
	memset(&op, 0, sizeof(op));
	assert_int_equal(vnet_module_socket.vm_shutdown(&op), OP_DONE);
	/* the held ones are dead, but there */
	assert_int_equal(V_socket.nsockets, 2);
	assert_int_equal(fst.nabort, 0);
	assert_int_equal(fst.ndetach, 8);
	assert_int_equal(lst->so_qlen + lst->so_incqlen, 0);
	assert_int_equal(soaccept(lst, &so), VE_CONNABORTED);
	assert_int_equal(fdclose(e.p, lfd), 0);
	assert_int_equal(soreceive(held, &b, 1, NULL, &done), VE_CONNABORTED);
	assert_int_equal(sosend(held, "", 1, NULL, &done), VE_CONNABORTED);
	assert_int_equal(solisten(held, 1), VE_CONNABORTED);
	assert_int_equal(fdclose(e.p, fd), 0);
	assert_int_equal(V_socket.nsockets, 0);
	assert_int_equal(vnet_module_socket.vm_shutdown(&op), OP_DONE);
	assert_null(V_socket.list);
	assert_null(so_first());
	assert_int_equal(socreate(SOCK_DGRAM, 0, env_cred(&e), &so), VE_NOBUFS);
	env_close(&e);
}

/* ---- options ---- */

static void
options(void **state)
{
	static const int flags[] = { SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST };
	struct env e;
	struct socket *so;
	int64_t v;
	uint32_t i;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_STREAM);
	for (i = 0; i < nitems(flags); i++) {
		assert_int_equal(sosetopt(so, flags[i], 7), 0);
		assert_int_equal(sogetopt(so, flags[i], &v), 0);
		assert_int_equal(v, 1);
		assert_int_equal(sosetopt(so, flags[i], 0), 0);
		assert_int_equal(sogetopt(so, flags[i], &v), 0);
		assert_int_equal(v, 0);
	}
	assert_int_equal(sogetopt(so, SO_LINGER, &v), 0);
	assert_int_equal(v, -1);
	assert_int_equal(sosetopt(so, SO_LINGER, 65535 * NS_S), 0);
	assert_int_equal(sosetopt(so, SO_LINGER, 65535 * NS_S + 1), VE_DOM);
	assert_int_equal(sogetopt(so, SO_LINGER, &v), 0);
	assert_true(v == 65535 * NS_S);
	assert_int_equal(sosetopt(so, SO_LINGER, -1), 0);
	assert_int_equal(so->so_options, 0);
	assert_int_equal(sosetopt(so, SO_SNDBUF, 0), VE_INVAL);
	assert_int_equal(sosetopt(so, SO_RCVBUF, -1), VE_INVAL);
	assert_int_equal(sosetopt(so, SO_SNDBUF, SB_MAX + 1), VE_NOBUFS);
	assert_int_equal(sosetopt(so, SO_SNDBUF, SB_MAX), 0);
	assert_int_equal(sosetopt(so, SO_SNDBUF, 100), 0);
	assert_int_equal(sogetopt(so, SO_SNDLOWAT, &v), 0);
	assert_int_equal(v, 100);
	assert_int_equal(sosetopt(so, SO_RCVLOWAT, 1 << 30), 0);
	assert_int_equal(sogetopt(so, SO_RCVLOWAT, &v), 0);
	assert_int_equal(v, 8192);
	assert_int_equal(sosetopt(so, SO_TYPE, 1), VE_NOPROTOOPT);
	assert_int_equal(sosetopt(so, SO_ACCEPTCONN, 1), VE_NOPROTOOPT);
	assert_int_equal(sogetopt(so, 0x4711, &v), VE_NOPROTOOPT);
	assert_int_equal(soctloutput(so, true, 1, &v), VE_NOPROTOOPT);
	so->so_error = VE_PIPE;
	assert_int_equal(sogetopt(so, SO_ERROR, &v), 0);
	assert_int_equal(v, VE_PIPE);
	assert_int_equal(sogetopt(so, SO_ERROR, &v), 0);
	assert_int_equal(v, 0);
	(void)soclose(so);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_answers),
		cmocka_unit_test(protocols_are_registered),
		cmocka_unit_test(calls_answer_by_state),
		cmocka_unit_test(receive_order),
		cmocka_unit_test(queues_have_limits),
		cmocka_unit_test(children_move_through_the_queues),
		cmocka_unit_test(a_listener_is_shut_down),
		cmocka_unit_test(children_need_memory),
		cmocka_unit_test(close_goes_through_the_protocol),
		cmocka_unit_test(a_kill_marks_the_socket),
		cmocka_unit_test(a_passed_socket_pins),
		cmocka_unit_test(the_module_cuts_what_is_left),
		cmocka_unit_test(options),
	};

	return (
	    cmocka_run_group_tests_name("socket", tests, NULL, NULL) ? 1 : 0);
}
