/*
 * test_tcp_usr.c - what sockets ask of TCP: each errno, options, and the rarer
 * ways of a connection: MTU, local TIME_WAIT, old tricks against middle boxes,
 * tcp_destroy()'s wait.
 */
#include "src/core/world.h"
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static void
end(struct socket *so)
{
	tf_in(TH_RST, tf_tp(so)->rcv_nxt, 0, 0, 0);
	(void)soclose(so);
	tf.rd = tf.n;
}

static void
calls_in_the_wrong_state_say_so(void **state)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };
	const struct sockaddr_in port0 = { TF_FADDR, 0 };
	const struct sockaddr_in bcast = { UINT32_MAX, 9 };
	struct socket *so = tf_socket();
	const struct protosw *pr = so->so_proto;
	struct sockaddr_in sin = { 1, 1 };

	(void)state;
	assert_int_equal(pr->pru_connect(so, &port0), VE_ADDRNOTAVAIL);
	assert_int_equal(pr->pru_connect(so, &bcast), VE_ACCES);
	assert_int_equal(pr->pru_peeraddr(so, &sin), VE_NOTCONN);
	assert_int_equal(pr->pru_sockaddr(so, &sin), 0);
	assert_int_equal(sin.sin_addr | sin.sin_port, 0);
	assert_string_equal(pr->pr_state(so), "CLOSED");
	/* listen(2) without bind(2): any port */
	assert_int_equal(pr->pru_listen(so, 1), 0);
	assert_string_equal(pr->pr_state(so), "LISTEN");
	assert_int_equal(pr->pru_listen(so, 2), 0);
	assert_int_equal(pr->pru_sockaddr(so, &sin), 0);
	assert_true(sin.sin_port != 0);
	assert_int_equal(pr->pru_connect(so, &to), VE_OPNOTSUPP);
	(void)soclose(so);
	so = tf_established();
	assert_int_equal(pr->pru_listen(so, 1), VE_INVAL);
	assert_int_equal(pr->pru_connect(so, &to), VE_ISCONN);
	assert_int_equal(pr->pru_peeraddr(so, &sin), 0);
	assert_int_equal(sin.sin_addr, TF_FADDR);
	assert_int_equal(sin.sin_port, TF_FPORT);
	assert_string_equal(pr->pr_state(so), "ESTABLISHED");
	/* reset by the peer */
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_string_equal(pr->pr_state(so), "CLOSED");
	assert_int_equal(so->so_error, VE_CONNRESET);
	assert_int_equal(pr->pru_bind(so, &to), VE_INVAL);
	assert_int_equal(pr->pru_listen(so, 1), VE_INVAL);
	assert_int_equal(pr->pru_connect(so, &to), VE_CONNREFUSED);
	assert_int_equal(
	    pr->pru_send(so, 0, m_getm(0, 10, M_NOWAIT), NULL), VE_CONNRESET);
	assert_int_equal(pr->pru_rcvd(so), VE_CONNRESET);
	assert_int_equal(pr->pru_shutdown(so), VE_CONNRESET);
	assert_int_equal(pr->pru_disconnect(so), VE_CONNRESET);
	assert_int_equal(pr->pru_accept(so, &sin), VE_CONNABORTED);
	pr->pru_abort(so);
	(void)soclose(so);
	tf_silent();
}

static void
a_bound_socket_keeps_its_port_if_the_syn_fails(void **state)
{
	const struct sockaddr_in at = { 0, 5555 }, to = { TF_FADDR, 7 };
	struct socket *so = tf_socket();
	uint64_t before;

	(void)state;
	assert_int_equal(sobind(so, &at), 0);
	before = world_hash(tf.v, 0);
	tf.error = VE_HOSTDOWN;
	assert_int_equal(soconnect(so, &to), VE_HOSTDOWN);
	tf.error = 0;
	assert_int_equal(world_hash(tf.v, 0), before);
	assert_int_equal(sotoinpcb(so)->inp_lport, 5555);
	assert_int_equal(sotoinpcb(so)->inp_laddr, 0);
	assert_int_equal(soconnect(so, &to), 0);
	(void)soclose(so);
	tf.rd = tf.n;
}

static int
opt(struct socket *so, bool set, int name, int64_t *v)
{
	return (so->so_proto->pr_ctloutput(so, set, name, v));
}

static void
options_have_ranges_and_units(void **state)
{
	static const struct {
		int name;
		int64_t deflt, good, bad;
	} tab[] = {
		{ TCP_NODELAY, 0, 1, INT64_MIN },
		{ TCP_NOPUSH, 0, 1, INT64_MIN },
		{ TCP_NOOPT, 0, 1, INT64_MIN },
		{ TCP_MAXSEG, 536, 300, 537 },
		{ TCP_KEEPINIT, 75, 5, 0 },
		{ TCP_KEEPIDLE, 7200, 10, -1 },
		{ TCP_KEEPINTVL, 75, 1, UINT32_MAX },
		{ TCP_KEEPCNT, 8, 3, 0 },
	};
	struct socket *so = tf_socket();
	int64_t v;

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		v = -7;
		assert_int_equal(opt(so, false, tab[i].name, &v), 0);
		assert_int_equal(v, tab[i].deflt);
		v = tab[i].bad;
		if (v != INT64_MIN)
			assert_int_equal(
			    opt(so, true, tab[i].name, &v), VE_INVAL);
		v = tab[i].good;
		assert_int_equal(opt(so, true, tab[i].name, &v), 0);
		v = -7;
		assert_int_equal(opt(so, false, tab[i].name, &v), 0);
		assert_int_equal(v, tab[i].good);
	}
	v = 215; /* below net.inet.tcp.minmss */
	assert_int_equal(opt(so, true, TCP_MAXSEG, &v), VE_INVAL);
	assert_int_equal(opt(so, true, 77, &v), VE_NOPROTOOPT);
	assert_int_equal(opt(so, false, 77, &v), VE_NOPROTOOPT);
	v = 0;
	assert_int_equal(opt(so, true, TCP_NODELAY, &v), 0);
	assert_int_equal(tf_tp(so)->t_flags & TF_NODELAY, 0);
	(void)soclose(so);
	so = tf_established();
	v = 3;
	assert_int_equal(opt(so, true, TCP_KEEPIDLE, &v), 0);
	tf_run(3 * NS_S);
	assert_int_equal(tf_next()->len, 0); /* the probe */
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(opt(so, false, TCP_MAXSEG, &v), VE_CONNRESET);
	(void)soclose(so);
}

static void
options_show_on_the_wire(void **state)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };
	struct socket *so = tf_socket();
	int64_t v = 300;

	(void)state;
	assert_int_equal(opt(so, true, TCP_MAXSEG, &v), 0);
	v = 5;
	assert_int_equal(opt(so, true, TCP_KEEPINIT, &v), 0);
	assert_int_equal(soconnect(so, &to), 0);
	assert_int_equal(tf_next()->opt.to_mss, 300);
	tf_run(5 * NS_S);
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	(void)soclose(so);
	tf.rd = tf.n;
	so = tf_socket();
	v = 1;
	assert_int_equal(opt(so, true, TCP_NOOPT, &v), 0);
	assert_int_equal(soconnect(so, &to), 0);
	assert_false(tf.pkt[tf.rd].opt.to_hasmss);
	assert_false(tf_next()->opt.to_hasscale);
	(void)soclose(so);
	/* net.inet.tcp.rexmit_drop_options: from the third SYN on */
	V_tcp.rexmit_drop_options = 1;
	so = tf_connecting();
	tf_run(8 * NS_S);
	assert_true(tf_next()->opt.to_hasscale);
	assert_true(tf_next()->opt.to_hasscale);
	assert_false(tf_next()->opt.to_hasscale);
	(void)soclose(so);
	/* net.inet.tcp.rfc1323=0 */
	V_tcp.rfc1323 = 0;
	so = tf_connecting();
	assert_false(tf.pkt[tf.n - 1].opt.to_hasscale);
	(void)soclose(so);
}

static void
nopush_holds_what_does_not_fill_a_segment(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt, done;
	uint8_t b[2000] = { 0 };
	int64_t v = 1;

	(void)state;
	assert_int_equal(opt(so, true, TCP_NOPUSH, &v), 0);
	assert_int_equal(sosend(so, b, 100, NULL, &done), 0);
	tf_silent();
	assert_int_equal(sosend(so, b, 1400, NULL, &done), 0);
	tf_expect(TH_ACK, nxt, PEER, 1460);
	v = 0;
	assert_int_equal(opt(so, true, TCP_NOPUSH, &v), 0);
	tf_in(TH_ACK, PEER, nxt + 1460, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 1460, PEER, 40);
	end(so);
}

static void
data_and_eof_go_together(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	assert_int_equal(
	    so->so_proto->pru_send(so, PRUS_EOF, m_getm(0, 10, M_NOWAIT), NULL),
	    0);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 10);
	assert_int_equal(tf_tp(so)->t_state, TCPS_FIN_WAIT_1);
	end(so);
}

static void
errors_below_are_hints_once_a_connection_stands(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt, done;
	uint8_t b[10] = { 0 };

	(void)state;
	tf.error = VE_HOSTUNREACH;
	assert_int_equal(sosend(so, b, 10, NULL, &done), 0);
	assert_int_equal(tf_tp(so)->t_softerror, VE_HOSTUNREACH);
	tf_run(NS_S);
	tf.error = VE_MSGSIZE;
	tf_run(NS_S);
	tf.error = VE_NOBUFS;
	tf_run(2 * NS_S);
	tf_silent();
	tf.error = 0;
	tf_run(5 * NS_S);
	tf_expect(TH_ACK, nxt, PEER, 10);
	tf.rd = tf.n;
	/* and become the reason if it never gets better */
	tf.error = VE_HOSTUNREACH;
	tf_run(1000 * NS_S);
	assert_int_equal(so->so_error, VE_HOSTUNREACH);
	tf.error = 0;
	(void)soclose(so);
	tf.rd = tf.n;
}

static void
an_insecure_syn_resets(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	V_tcp.insecure_syn = 1;
	tf_in(TH_SYN, PEER, 0, 0, 0);
	tf_expect(TH_RST | TH_ACK, nxt, PEER, 0);
	assert_int_equal(so->so_error, VE_CONNRESET);
	(void)soclose(so);
}

static bool
all_local(uint32_t addr)
{
	(void)addr;
	return (true);
}

static void
nolocaltimewait_closes_at_once(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	struct tcp_lower lower = tf_lower;

	(void)state;
	lower.tl_local = all_local;
	V_tcp.lower = &lower;
	V_tcp.nolocaltimewait = 1;
	(void)soclose(so);
	tf.rd = tf.n;
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 1, PEER + 1, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.finned, 1);
	V_tcp.lower = &tf_lower;
}

static uint32_t
no_route(uint32_t fib, uint32_t dst)
{
	(void)fib;
	(void)dst;
	return (0);
}

static void
without_a_route_the_mss_is_the_default(void **state)
{
	struct tcp_lower lower = tf_lower;
	struct socket *so;

	(void)state;
	lower.tl_mtu = no_route;
	V_tcp.lower = &lower;
	assert_int_equal(tcp_mssopt(0, TF_FADDR), 536);
	V_tcp.lower = &tf_lower;
	/* a peer's tiny MSS is raised to minmss, none means 536 */
	so = tf_connecting();
	tf_in_full(TF_FPORT, tf_dport, TH_SYN | TH_ACK, TF_IRS,
	    tf_tp(so)->iss + 1, TF_WIN, 0, (const uint8_t[]){ 2, 4, 0, 9 }, 4);
	assert_int_equal(tf_tp(so)->t_maxseg, TCP_MINMSS);
	end(so);
	so = tf_connecting();
	tf_in(TH_SYN | TH_ACK, TF_IRS, tf_tp(so)->iss + 1, TF_WIN, 0);
	assert_int_equal(tf_tp(so)->t_maxseg, TCP_MSS);
	end(so);
}

/*
 * A SYN at a listener and its ACK, each allocation failing in turn: the SYN is
 * answered or leaves nothing (@cookies: is answered by a cookie), the ACK makes
 * a child or is reset.
 */
static uint64_t
handshake_failing(struct socket *l, bool cookies, uint64_t n)
{
	struct world_mem *wm = &tf.w->w_mem;
	struct socket *child;
	uint32_t iss;

	tf.rd = tf.n = 0;
	wm->wm_failat = wm->wm_nfallible + n;
	wm->wm_consumed = false;
	tf_in_full(TF_FPORT, TF_LPORT, TH_SYN, TF_IRS, 0, TF_WIN, 0, NULL, 0);
	if (tf.n == 0) {
		wm->wm_failat = 0;
		assert_true(wm->wm_consumed);
		assert_int_equal(V_tcp.sc_count, 0);
		assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
		return (1);
	}
	iss = tf_next()->seq;
	if (!cookies)
		assert_int_equal(V_tcp.sc_count, 1);
	tf_in_full(TF_FPORT, TF_LPORT, TH_ACK, TF_IRS + 1, iss + 1, TF_WIN, 0,
	    NULL, 0);
	wm->wm_failat = 0;
	assert_int_equal(V_tcp.sc_count, 0);
	if (l->so_qlen == 0) {
		/* the RST may be what could not be made */
		assert_true(wm->wm_consumed);
		assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
		return (1);
	}
	assert_int_equal(soaccept(l, &child), 0);
	tf_in(TH_RST, TF_IRS + 1, 0, 0, 0);
	(void)soclose(child);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	return (wm->wm_consumed ? 1 : 0);
}

static void
a_handshake_without_memory_leaves_nothing(void **state)
{
	struct socket *l = tf_socket();
	uint64_t n;

	(void)state;
	tf_dport = TF_LPORT;
	assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, TF_LPORT }), 0);
	assert_int_equal(solisten(l, 5), 0);
	for (int cookies = 0; cookies < 2; cookies++) {
		V_tcp.syncookies = cookies;
		for (n = 1; n < 60; n++) {
			if (handshake_failing(l, cookies != 0, n) == 0)
				break;
			/* what was made once stays: the cache, its rows */
			tf_run(20 * NS_S);
		}
		assert_in_range(n, 4, 59);
	}
	tf.rd = tf.n;
	(void)soclose(l);
}

static enum op_verdict
destroy_step(struct op *op)
{
	return (vnet_module_tcp.vm_shutdown(op));
}

static const struct op_desc destroy_op = { .od_name = "tcp_destroy",
	.od_step = destroy_step };

/* Order freebsd-13: tcp_destroy() sleeps until the last pcb is gone. */
static void
tcp_destroy_waits_for_the_last_pcb(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	struct op *op;

	(void)state;
	(void)soclose(so);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf.v->v_close.vc_policy = VNETSIM_CLOSE_WAIT;
	tf.v->v_close.vc_grace = NS_S;
	op = op_start(&destroy_op, tf.v, NULL, NULL);
	tf_run(59 * NS_S);
	assert_false(op->op_done);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	tf_run(2 * NS_S);
	assert_true(op->op_done);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	op_release(op);
	tf.rd = tf.n;
	tf.v->v_close.vc_policy = 0;
}

/* --force: it does not. */
static void
tcp_destroy_does_not_wait_if_forced(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	struct op *op;

	(void)state;
	(void)soclose(so);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf.rd = tf.n;
	tf.v->v_close.vc_policy = VNETSIM_CLOSE_WAIT;
	tf.v->v_close.vc_grace = 0;
	op = op_start(&destroy_op, tf.v, NULL, NULL);
	tf_run(0);
	assert_true(op->op_done);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	op_release(op);
	tf_silent();
	tf.v->v_close.vc_policy = 0;
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(calls_in_the_wrong_state_say_so),
		T(a_bound_socket_keeps_its_port_if_the_syn_fails),
		T(options_have_ranges_and_units),
		T(options_show_on_the_wire),
		T(nopush_holds_what_does_not_fill_a_segment),
		T(data_and_eof_go_together),
		T(errors_below_are_hints_once_a_connection_stands),
		T(an_insecure_syn_resets),
		T(nolocaltimewait_closes_at_once),
		T(without_a_route_the_mss_is_the_default),
		T(a_handshake_without_memory_leaves_nothing),
		T(tcp_destroy_waits_for_the_last_pcb),
		T(tcp_destroy_does_not_wait_if_forced),
	};

	return (
	    cmocka_run_group_tests_name("tcp_usr", tests, NULL, NULL) ? 1 : 0);
}
