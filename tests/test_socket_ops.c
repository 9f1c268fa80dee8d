/*
 * test_socket_ops.c - calls that wait: who is woken, with what, how they end.
 *
 * Every blocked call is ended in each of its ways: what it waits for, an
 * error, the end of the connection, the death of its process, the end of the
 * protocol.  Afterwards no reference to the socket is left (env_close()).
 */
#include "tests/test_socket.h"

static struct op *
call(struct env *e, const struct op_desc *d, struct socall sc, int want)
{
	struct op *op;

	sc.sc_proc = e->p;
	assert_int_equal(so_call(d, &sc, &op), want);
	assert_true((op != NULL) == (want == 0 || want == VE_INPROGRESS));
	if (op != NULL && want == VE_INPROGRESS)
		e->p->p_op = op;
	if (op != NULL && want == 0)
		assert_true(op->op_done);
	return (op);
}

/* It is done now, with this; what the caller gets is freed. */
static void
ended(struct env *e, struct op *op, int error, int64_t result)
{
	assert_true(op->op_done);
	assert_int_equal(op->op_error, error);
	if (error == 0)
		assert_int_equal(op->op_result, result);
	assert_true(ref_empty(&op->op_ref[0]));
	if (e != NULL)
		e->p->p_op = NULL;
	so_call_free(op);
}

static void
arrives(struct socket *so, const char *bytes)
{
	uint32_t len = (uint32_t)strlen(bytes);
	struct mbuf *m = m_getm(0, len, M_NOWAIT);

	memcpy(m->m_data, bytes, len);
	sbappendstream(&so->so_rcv, m);
	sorwakeup(so);
}

static struct socket *
connected(struct env *e, int *fd)
{
	struct socket *so = env_fd(e, SOCK_STREAM, fd);

	fst.now = true;
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	return (so);
}

static void
connect_waits(void **state)
{
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op;
	int fd;

	(void)state;
	env_open(&e);
	so = env_fd(&e, SOCK_STREAM, &fd);
	sc = (struct socall){ .sc_so = so, .sc_sin = AT(PEER, 1) };
	op = call(&e, &so_connect_op, sc, VE_INPROGRESS);
	env_run(&e);
	assert_false(op->op_done);
	soisconnected(so);
	env_run(&e);
	ended(&e, op, 0, 0);
	(void)call(&e, &so_connect_op, sc, VE_ISCONN);
	assert_int_equal(fdclose(e.p, fd), 0);
	/* refused */
	so = env_fd(&e, SOCK_STREAM, &fd);
	sc.sc_so = so;
	op = call(&e, &so_connect_op, sc, VE_INPROGRESS);
	env_run(&e);
	so->so_error = VE_CONNREFUSED;
	soisdisconnected(so);
	env_run(&e);
	ended(&e, op, VE_CONNREFUSED, 0);
	assert_int_equal(so->so_error, 0);
	assert_int_equal(fdclose(e.p, fd), 0);
	/* at once; not now; wrong */
	so = env_fd(&e, SOCK_STREAM, &fd);
	sc.sc_so = so;
	sc.sc_nonblock = true;
	sc.sc_sin = AT(PEER, 0);
	(void)call(&e, &so_connect_op, sc, VE_ADDRNOTAVAIL);
	sc.sc_sin = AT(PEER, 1);
	assert_int_equal(so_call(&so_connect_op, &sc, &op), VE_INPROGRESS);
	assert_null(op);
	(void)call(&e, &so_connect_op, sc, VE_ALREADY);
	assert_int_equal(fdclose(e.p, fd), 0);
	so = env_fd(&e, SOCK_STREAM, &fd);
	sc.sc_so = so;
	fst.now = true;
	ended(&e, call(&e, &so_connect_op, sc, 0), 0, 0);
	env_close(&e);
}

static void
accept_waits(void **state)
{
	struct env e;
	struct socket *so, *c;
	struct socall sc;
	struct op *op;
	void *obj;
	int fd;

	(void)state;
	env_open(&e);
	so = env_fd(&e, SOCK_STREAM, &fd);
	sc = (struct socall){ .sc_so = so };
	(void)call(&e, &so_accept_op, sc, VE_INVAL);
	assert_int_equal(solisten(so, 5), 0);
	op = call(&e, &so_accept_op, sc, VE_INPROGRESS);
	env_run(&e);
	c = sonewconn(so, 0);
	env_run(&e);
	assert_false(op->op_done);
	soisconnected(c);
	env_run(&e);
	ended(&e, op, 0, 1);
	assert_int_equal(fget(e.p, 1, &socket_fileops, &obj), 0);
	assert_ptr_equal(obj, c);
	/* one waits already */
	(void)sonewconn(so, SS_ISCONNECTED);
	ended(&e, call(&e, &so_accept_op, sc, 0), 0, 2);
	sc.sc_nonblock = true;
	(void)call(&e, &so_accept_op, sc, VE_AGAIN);
	sc.sc_nonblock = false;
	/* shut down */
	op = call(&e, &so_accept_op, sc, VE_INPROGRESS);
	env_run(&e);
	(void)soshutdown(so, SHUT_RDWR);
	env_run(&e);
	ended(&e, op, VE_CONNABORTED, 0);
	env_close(&e);
}

/* No descriptor for it: the child waits for the next accept. */
static void
accept_without_descriptor(void **state)
{
	struct env e;
	struct socket *so, *c;
	struct socall sc;
	int fd, last = 0;

	(void)state;
	env_open(&e);
	so = env_fd(&e, SOCK_STREAM, &fd);
	assert_int_equal(solisten(so, 5), 0);
	while (falloc(e.p, &socket_fileops, so, &fd) == 0)
		last = fd;
	assert_int_equal(last, PROC_MAXFILES - 1);
	c = sonewconn(so, SS_ISCONNECTED);
	sc = (struct socall){ .sc_so = so };
	(void)call(&e, &so_accept_op, sc, VE_MFILE);
	assert_int_equal(so->so_qlen, 1);
	assert_ptr_equal(TAILQ_FIRST(&so->so_comp), c);
	assert_int_equal(c->so_qstate, SQ_COMP);
	/* each file but the first would close the listener */
	for (fd = 1; fd < PROC_MAXFILES; fd++) {
		struct file *fp = fd_file(e.p, fd);

		(void)ref_drop(&fp->f_obj);
	}
	for (fd = 1; fd < PROC_MAXFILES; fd++)
		assert_int_equal(fdclose(e.p, fd), 0);
	mem_fail_set(e.w, 2, false);
	(void)call(&e, &so_accept_op, sc, VE_NOMEM);
	mem_fail_set(e.w, 0, false);
	assert_int_equal(so->so_qlen, 1);
	ended(&e, call(&e, &so_accept_op, sc, 0), 0, 1);
	env_close(&e);
}

static void
recv_waits(void **state)
{
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op;
	int fd;

	(void)state;
	env_open(&e);
	so = connected(&e, &fd);
	sc = (struct socall){ .sc_so = so, .sc_len = 10 };
	op = call(&e, &so_recv_op, sc, VE_INPROGRESS);
	env_run(&e);
	arrives(so, "abc");
	env_run(&e);
	assert_memory_equal(op->op_data, "abc", 3);
	assert_null(uma_owner(op->op_data));
	assert_int_equal(op->op_datalen, 3);
	ended(&e, op, 0, 3);
	/* data at hand; more than asked */
	arrives(so, "0123456789xy");
	op = call(&e, &so_recv_op, sc, 0);
	assert_memory_equal(op->op_data, "0123456789", 10);
	ended(&e, op, 0, 10);
	ended(&e, call(&e, &so_recv_op, sc, 0), 0, 2);
	/* all of it */
	sc.sc_all = true;
	op = call(&e, &so_recv_op, sc, VE_INPROGRESS);
	env_run(&e);
	arrives(so, "abcd");
	env_run(&e);
	arrives(so, "efgh");
	env_run(&e);
	assert_false(op->op_done);
	arrives(so, "ijkl");
	env_run(&e);
	assert_memory_equal(op->op_data, "abcdefghij", 10);
	ended(&e, op, 0, 10);
	/* or what there is at the end; the error is for the next one */
	op = call(&e, &so_recv_op, sc, VE_INPROGRESS);
	env_run(&e);
	so->so_error = VE_CONNRESET;
	soisdisconnected(so);
	env_run(&e);
	assert_memory_equal(op->op_data, "kl", 2);
	ended(&e, op, 0, 2);
	(void)call(&e, &so_recv_op, sc, VE_CONNRESET);
	op = call(&e, &so_recv_op, sc, 0);
	assert_null(op->op_data);
	ended(&e, op, 0, 0);
	env_close(&e);
}

static void
recv_of_datagrams(void **state)
{
	struct env e;
	struct socket *so;
	struct socall sc;
	struct mbuf *m;
	struct op *op;
	int fd;

	(void)state;
	env_open(&e);
	so = env_fd(&e, SOCK_DGRAM, &fd);
	sc = (struct socall){ .sc_so = so, .sc_len = 100, .sc_all = true };
	op = call(&e, &so_recv_op, sc, VE_INPROGRESS);
	env_run(&e);
	m = m_getm(0, 4, M_NOWAIT);
	memcpy(m->m_data, "ping", 4);
	assert_true(sbappendaddr(&so->so_rcv, AT(PEER, 53), m));
	sorwakeup(so);
	env_run(&e);
	assert_memory_equal(op->op_data, "ping", 4);
	assert_int_equal(op->op_arg[2], PEER);
	assert_int_equal(op->op_arg[3], 53);
	ended(&e, op, 0, 4);
	assert_true(
	    sbappendaddr(&so->so_rcv, AT(PEER, 53), m_getm(0, 0, M_NOWAIT)));
	ended(&e, call(&e, &so_recv_op, sc, 0), 0, 0);
	assert_int_equal(so->so_rcv.sb_ccc, 0);
	env_close(&e);
}

static void
send_waits(void **state)
{
	static uint8_t data[20000];
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op;
	uint8_t b;
	uint32_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % 251);
	env_open(&e);
	so = connected(&e, &fd);
	sc = (struct socall){ .sc_so = so, .sc_data = data, .sc_len = 20000 };
	op = call(&e, &so_send_op, sc, VE_INPROGRESS);
	memset(data, 0xff, sizeof(data));
	env_run(&e);
	assert_int_equal(sbavail(&so->so_snd), 8192);
	for (i = 0; i < 20000; i += 1000) {
		m_copydata(so->so_snd.sb_mb, 999, 1, &b);
		assert_int_equal(b, (i + 999) % 251);
		assert_int_equal(op->op_done, i >= 12000);
		sbdrop(&so->so_snd, 1000);
		sowwakeup(so);
		env_run(&e);
	}
	assert_int_equal(sbavail(&so->so_snd), 0);
	ended(&e, op, 0, 20000);
	/* memory runs out in the middle: what was taken counts */
	op = call(&e, &so_send_op, sc, VE_INPROGRESS);
	env_run(&e);
	sbflush(&so->so_snd);
	sowwakeup(so);
	mem_fail_set(e.w, 1, true);
	env_run(&e);
	mem_fail_set(e.w, 0, false);
	ended(&e, op, 0, 8192);
	assert_int_equal(sbavail(&so->so_snd), 0);
	/* the pattern, in place of bytes; not blocking: what fits */
	sc.sc_data = NULL;
	sc.sc_nonblock = true;
	op = call(&e, &so_send_op, sc, 0);
	ended(&e, op, 0, 8192);
	m_copydata(so->so_snd.sb_mb, 8191, 1, &b);
	assert_int_equal(b, 8191 % 251);
	(void)call(&e, &so_send_op, sc, VE_AGAIN);
	/* the connection ends meanwhile */
	sc.sc_nonblock = false;
	op = call(&e, &so_send_op, sc, VE_INPROGRESS);
	env_run(&e);
	soisdisconnected(so);
	env_run(&e);
	ended(&e, op, VE_PIPE, 0);
	(void)call(&e, &so_send_op, sc, VE_PIPE);
	env_close(&e);
}

/* SIGKILL in the middle of each of them. */
static void
killed_while_waiting(void **state)
{
	static const struct op_desc *const desc[] = { &so_connect_op,
		&so_accept_op, &so_send_op, &so_recv_op };
	static const uint8_t many[20000];
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op;
	uint32_t i, run;
	int fd;

	(void)state;
	for (i = 0; i < 2 * nitems(desc); i++) {
		run = i / nitems(desc);
		env_open(&e);
		so = env_fd(&e, SOCK_STREAM, &fd);
		sc = (struct socall){ .sc_so = so,
			.sc_sin = AT(PEER, 1),
			.sc_len = sizeof(many),
			.sc_data = many,
			.sc_all = true };
		if (desc[i % 4] == &so_accept_op) {
			assert_int_equal(solisten(so, 1), 0);
		} else if (desc[i % 4] != &so_connect_op) {
			fst.now = true;
			assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
			arrives(so, "some");
		}
		op = call(&e, desc[i % 4], sc, VE_INPROGRESS);
		/* before its first step, and after it */
		if (run == 1)
			env_run(&e);
		vnet_leave(&e.f);
		assert_int_equal(prison_remove(e.pr), 0);
		(void)tw_run(e.w);
		assert_int_equal(op->op_error, VE_INTR);
		assert_null(op->op_data);
		ended(NULL, op, VE_INTR, 0);
		assert_int_equal(e.w->w_nvnets, 1);
		tw_destroy(e.w);
	}
}

/* The module lets go under a blocked call. */
static void
cut_while_waiting(void **state)
{
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op, fake;
	int fd;

	(void)state;
	env_open(&e);
	so = connected(&e, &fd);
	sc = (struct socall){ .sc_so = so, .sc_len = 10 };
	op = call(&e, &so_recv_op, sc, VE_INPROGRESS);
	env_run(&e);
	memset(&fake, 0, sizeof(fake));
	(void)vnet_module_socket.vm_shutdown(&fake);
	env_run(&e);
	ended(&e, op, VE_CONNABORTED, 0);
	env_close(&e);
}

static void
close_lingers(void **state)
{
	struct env e;
	struct socket *so;
	struct op *op;
	int fd;

	(void)state;
	env_open(&e);
	fst.keeps = true;
	/* it ends in time */
	so = connected(&e, &fd);
	assert_int_equal(sosetopt(so, SO_LINGER, 5 * NS_S), 0);
	assert_int_equal(socket_close(e.p, fd, &op), 0);
	assert_non_null(op);
	assert_int_equal(
	    socket_close(e.p, fd, &(struct op *){ NULL }), VE_BADF);
	vnet_leave(&e.f);
	while (world_step(e.w, 2 * NS_S))
		;
	TW_ENTER(&e.f, e.pr->pr_vnet);
	assert_false(op->op_done);
	fst_done(so);
	assert_int_equal(V_socket.nsockets, 1);
	env_run(&e);
	ended(&e, op, 0, 0);
	assert_int_equal(V_socket.nsockets, 0);
	assert_true(vtime() == 2 * NS_S);
	/* it does not */
	so = connected(&e, &fd);
	assert_int_equal(sosetopt(so, SO_LINGER, 5 * NS_S), 0);
	assert_int_equal(socket_close(e.p, fd, &op), 0);
	env_run(&e);
	assert_true(vtime() == 7 * NS_S);
	ended(&e, op, VE_AGAIN, 0);
	assert_int_equal(V_socket.nsockets, 1);
	fst_done(so);
	/* no wait: linger 0, not connected, not the last descriptor */
	so = connected(&e, &fd);
	assert_int_equal(sosetopt(so, SO_LINGER, 0), 0);
	assert_int_equal(socket_close(e.p, fd, &op), 0);
	assert_null(op);
	fst_done(so);
	so = env_fd(&e, SOCK_STREAM, &fd);
	assert_int_equal(sosetopt(so, SO_LINGER, NS_S), 0);
	assert_int_equal(socket_close(e.p, fd, &op), 0);
	assert_null(op);
	fst_done(so);
	so = connected(&e, &fd);
	assert_int_equal(sosetopt(so, SO_LINGER, NS_S), 0);
	assert_int_equal(fdpass(e.p, fd, e.p, &fd), 0);
	assert_int_equal(socket_close(e.p, fd, &op), 0);
	assert_null(op);
	assert_int_equal(so->so_state & SS_ISCONNECTED, SS_ISCONNECTED);
	fst.keeps = false;
	env_close(&e);
}

/* Each allocation of each call fails in turn: nothing changes. */
static void
calls_need_memory(void **state)
{
	struct env e;
	struct socket *so;
	struct socall sc;
	struct op *op;
	uint64_t nth, before;
	uint32_t failed = 0;
	int fd, error;

	(void)state;
	env_open(&e);
	so = connected(&e, &fd);
	arrives(so, "data");
	before = world_hash(curvnet, 0);
	sc = (struct socall){ .sc_so = so, .sc_len = 4 };
	for (nth = 1;; nth++) {
		mem_fail_set(e.w, nth, false);
		error = so_call(&so_recv_op, &sc, &op);
		mem_fail_set(e.w, 0, false);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOBUFS);
		assert_null(op);
		assert_int_equal(world_hash(curvnet, 0), before);
		failed++;
	}
	assert_int_equal(failed, 2);
	ended(&e, op, 0, 4);
	before = world_hash(curvnet, 0);
	sc.sc_data = "data";
	failed = 0;
	for (nth = 1;; nth++) {
		mem_fail_set(e.w, nth, false);
		error = so_call(&so_send_op, &sc, &op);
		mem_fail_set(e.w, 0, false);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOBUFS);
		assert_int_equal(world_hash(curvnet, 0), before);
		failed++;
	}
	assert_int_equal(failed, 3);
	ended(&e, op, 0, 4);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connect_waits),
		cmocka_unit_test(accept_waits),
		cmocka_unit_test(accept_without_descriptor),
		cmocka_unit_test(recv_waits),
		cmocka_unit_test(recv_of_datagrams),
		cmocka_unit_test(send_waits),
		cmocka_unit_test(killed_while_waiting),
		cmocka_unit_test(cut_while_waiting),
		cmocka_unit_test(close_lingers),
		cmocka_unit_test(calls_need_memory),
	};

	return (cmocka_run_group_tests_name("socket calls", tests, NULL, NULL)
		    ? 1
		    : 0);
}
