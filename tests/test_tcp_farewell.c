/*
 * test_tcp_farewell.c - how TCP of a dying vnet says goodbye: the close
 * policies, the lame duck, the reserve, outcomes, shutdown, the end of the
 * counters.
 */
#include "src/core/vnet_var.h"
#include "src/core/world.h"
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

/* Verbs run in an op, as in a teardown. */
static enum op_verdict
fw_step(struct op *op)
{
	return (tcp_farewell(op));
}

static const struct op_desc fw_op = { .od_name = "farewell",
	.od_step = fw_step };

static struct op *fw;

static void
kill_with(int policy, int64_t grace)
{
	tf.v->v_close.vc_policy = (uint8_t)policy;
	tf.v->v_close.vc_grace = grace;
	tf.v->v_phase = PHASE_KILL;
}

static void
farewell(void)
{
	tf.v->v_phase = PHASE_FAREWELL;
	fw = op_start(&fw_op, tf.v, NULL, NULL);
	assert_non_null(fw);
	tf_run(0);
}

static void
farewell_done(void)
{
	assert_true(fw->op_done);
	op_release(fw);
	tf.v->v_phase = PHASE_ALIVE;
	tf.v->v_close = (struct vnet_close){ 0 };
}

static void
outcome(uint32_t finned, uint32_t reset, uint32_t abandoned)
{
	struct vnet_outcomes out = { 0, 0, 0 };

	tcp_outcomes(&out);
	assert_int_equal(out.vo_finned, finned);
	assert_int_equal(out.vo_reset, reset);
	assert_int_equal(out.vo_abandoned, abandoned);
}

static void
graceful_ends_when_only_time_wait_is_left(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	int64_t begin;

	(void)state;
	kill_with(VNETSIM_CLOSE_GRACEFUL, 30 * NS_S);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 0);
	farewell();
	begin = vtime();
	tf_run(NS_S / 10);
	assert_false(fw->op_done);
	tf_in(TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf_run(0);
	assert_false(fw->op_done);
	tf_in(TH_ACK | TH_FIN, PEER, nxt + 1, TF_WIN, 0);
	tf_expect(TH_ACK, nxt + 1, PEER + 1, 0);
	tf_run(0);
	assert_true(fw->op_done);
	assert_true(vtime() - begin < NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
	farewell_done();
}

static void
graceful_resets_after_t(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	kill_with(VNETSIM_CLOSE_GRACEFUL, 10 * NS_S);
	(void)soclose(so);
	tf_in(TH_ACK, PEER, nxt + 1, TF_WIN, 0);
	tf.rd = tf.n;
	farewell();
	tf_run(10 * NS_S - 1);
	assert_false(fw->op_done);
	tf_silent();
	tf_run(1);
	assert_int_equal(tf.pkt[tf.rd].mflags & M_LAMEDUCK, M_LAMEDUCK);
	tf_expect(TH_RST | TH_ACK, nxt + 1, PEER, 0);
	/* the RST was exact: nothing to wait for */
	assert_true(fw->op_done);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	outcome(0, 1, 0);
	farewell_done();
}

/* Bytes were lost: the peer asks, and is told. */
static void
graceful_stays_for_a_challenge_if_the_rst_may_miss(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	uint8_t b[10] = { 0 };
	uint32_t done;

	(void)state;
	assert_int_equal(sosend(so, b, sizeof(b), NULL, &done), 0);
	kill_with(VNETSIM_CLOSE_GRACEFUL, 100 * NS_MS);
	(void)soclose(so);
	tf.rd = tf.n;
	farewell();
	tf_run(100 * NS_MS);
	tf_expect(TH_RST | TH_ACK, nxt + 11, PEER, 0);
	assert_false(fw->op_done);
	/* and the answer is exempt from limits and black holes */
	tf.limited = UINT32_MAX;
	V_tcp.blackhole = 2;
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 0);
	assert_int_equal(tf.pkt[tf.rd].mflags & M_LAMEDUCK, M_LAMEDUCK);
	tf_expect(TH_RST, nxt, 0, 0);
	/* a stranger is not */
	tf_in(TH_SYN, 1, 0, TF_WIN, 0);
	tf_silent();
	tf_run(NS_S);
	assert_true(fw->op_done);
	farewell_done();
}

static void
abort_resets_at_once_and_is_a_lame_duck(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;
	uint8_t b[10] = { 0 };
	uint32_t done;

	(void)state;
	assert_int_equal(sosend(so, b, sizeof(b), NULL, &done), 0);
	tf.rd = tf.n;
	kill_with(VNETSIM_CLOSE_ABORT, 0);
	(void)soclose(so);
	tf_expect(TH_RST | TH_ACK, nxt + 10, PEER, 0);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	farewell();
	tf_run(2999 * NS_MS);
	assert_false(fw->op_done);
	tf.limited = UINT32_MAX;
	for (int i = 0; i < 300; i++) {
		tf_in(TH_ACK, PEER, nxt, TF_WIN, 0);
		tf_expect(TH_RST, nxt, 0, 0);
	}
	tf_run(NS_MS);
	assert_true(fw->op_done);
	outcome(0, 1, 0);
	farewell_done();
}

static void
abort_of_nobody_ends_at_once(void **state)
{
	(void)state;
	kill_with(VNETSIM_CLOSE_ABORT, 3 * NS_S);
	farewell();
	assert_true(fw->op_done);
	farewell_done();
	tf_silent();
}

static void
a_crash_is_silent(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	kill_with(VNETSIM_CLOSE_CRASH, 0);
	(void)soclose(so);
	farewell();
	assert_true(fw->op_done);
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 10);
	tf_in(TH_SYN, PEER, 0, TF_WIN, 10);
	tf_silent();
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	outcome(0, 0, 1);
	farewell_done();
}

/* Whoever answers our SYN would find nobody. */
static void
a_syn_under_way_is_taken_back(void **state)
{
	struct socket *so = tf_connecting();
	uint32_t iss = tf_tp(so)->iss;

	(void)state;
	kill_with(VNETSIM_CLOSE_GRACEFUL, 30 * NS_S);
	(void)soclose(so);
	tf_expect(TH_RST, iss + 1, 0, 0);
	farewell();
	assert_false(fw->op_done);
	tf_in(TH_SYN | TH_ACK, TF_IRS, iss + 1, TF_WIN, 0);
	tf_expect(TH_RST, iss + 1, 0, 0);
	tf_run(NS_S);
	assert_true(fw->op_done);
	farewell_done();
	/* alive, FreeBSD says nothing */
	so = tf_connecting();
	(void)soclose(so);
	tf_silent();
}

/* Closed in silence while alive; the answer comes to a dying vnet. */
static void
a_syn_that_was_given_up_is_answered_for(void **state)
{
	struct socket *so = tf_connecting();
	uint32_t iss = tf_tp(so)->iss;

	(void)state;
	(void)soclose(so);
	tf_silent();
	kill_with(VNETSIM_CLOSE_GRACEFUL, 30 * NS_S);
	farewell();
	assert_false(fw->op_done);
	tf_in(TH_SYN | TH_ACK, TF_IRS, iss + 1, TF_WIN, 0);
	tf_expect(TH_RST, iss + 1, 0, 0);
	tf_run(NS_S);
	assert_true(fw->op_done);
	farewell_done();
	/* long ago: nobody asks any more */
	tf_run(NS_S);
	V_tcp.fw_state = FW_NONE;
	kill_with(VNETSIM_CLOSE_GRACEFUL, 30 * NS_S);
	farewell();
	assert_true(fw->op_done);
	farewell_done();
}

/* The peer's data crosses our FIN: not at SEG.ACK, but where the FIN ends. */
static void
late_data_is_reset_where_the_peer_will_be(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->snd_nxt;

	(void)state;
	kill_with(VNETSIM_CLOSE_GRACEFUL, 30 * NS_S);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, nxt, PEER, 0);
	farewell();
	tf_in(TH_ACK, PEER, nxt, TF_WIN, 50);
	tf_expect(TH_RST | TH_ACK, nxt + 1, PEER, 0);
	tf_silent();
	tf_run(0);
	assert_false(fw->op_done);
	/* the FIN was lost: the peer asks */
	tf_in(TH_ACK, PEER + 50, nxt, TF_WIN, 0);
	tf_expect(TH_RST, nxt, 0, 0);
	tf_run(NS_S);
	assert_true(fw->op_done);
	outcome(0, 1, 0);
	farewell_done();
}

static void
a_socket_that_others_hold_is_left_alone(void **state)
{
	struct socket *so = tf_established();

	(void)state;
	kill_with(VNETSIM_CLOSE_GRACEFUL, NS_S);
	farewell();
	tf_run(2 * NS_S);
	assert_true(fw->op_done);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	tf_silent();
	farewell_done();
	tf_in(TH_RST, PEER, 0, 0, 0);
	(void)soclose(so);
}

/* No memory at all: FIN and RST come from the reserve. */
static void
goodbyes_need_no_memory(void **state)
{
	struct world_mem *wm = &tf.w->w_mem;
	struct socket *so[8];
	uint32_t nxt[8];

	(void)state;
	for (unsigned i = 0; i < nitems(so); i++) {
		so[i] = tf_established();
		nxt[i] = tf_tp(so[i])->snd_nxt;
	}
	tf.rd = tf.n;
	wm->wm_failat = wm->wm_nfallible + 1;
	wm->wm_failsticky = true;
	kill_with(VNETSIM_CLOSE_GRACEFUL, NS_S);
	for (unsigned i = 0; i < nitems(so); i++) {
		if (i == 4)
			tf.v->v_close.vc_policy = VNETSIM_CLOSE_ABORT;
		(void)soclose(so[i]);
		tf_expect(
		    i < 4 ? TH_FIN | TH_ACK : TH_RST | TH_ACK, nxt[i], PEER, 0);
	}
	/* alive, the same is lost, and repeated later */
	tf.v->v_phase = PHASE_ALIVE;
	wm->wm_failat = 0;
	wm->wm_failsticky = false;
	tf_run(NS_S);
	assert_int_equal(tf.pkt[tf.rd].flags, TH_FIN | TH_ACK);
	tf.v->v_phase = PHASE_FAREWELL;
	tf.v->v_close.vc_policy = VNETSIM_CLOSE_CRASH;
	tf_run(NS_S);
	tf.rd = tf.n;
	tf_run(1000 * NS_S);
	tf_silent();
	tf.v->v_phase = PHASE_ALIVE;
	tf.v->v_close.vc_policy = 0;
}

/* A jail without a stack of its own goes; the stack stays. */
static void
a_jail_ends_its_connections_by_its_own_policy(void **state)
{
	static const struct {
		int policy;
		uint8_t flags; /* what is sent; 0: nothing */
		uint32_t pcbs;
	} tab[] = {
		{ VNETSIM_CLOSE_ABORT, TH_RST | TH_ACK, 0 },
		{ VNETSIM_CLOSE_CRASH, 0, 0 },
		{ VNETSIM_CLOSE_GRACEFUL, TH_FIN | TH_ACK, 1 },
		{ VNETSIM_CLOSE_WAIT, TH_FIN | TH_ACK, 2 },
	};
	struct prison *pr = tf.v->v_prison;

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		struct socket *so = tf_established();
		uint32_t nxt = tf_tp(so)->snd_nxt;

		/* as prison_remove() of a jail that shares this vnet */
		pr->pr_flags |= PR_REMOVE;
		pr->pr_close.vc_policy = (uint8_t)tab[i].policy;
		(void)soclose(so);
		pr->pr_flags &= ~(uint32_t)PR_REMOVE;
		if (tab[i].flags != 0)
			tf_expect(tab[i].flags, nxt, PEER, 0);
		tf_silent();
		assert_int_equal(V_tcp.tcbinfo.ipi_count, tab[i].pcbs);
	}
	pr->pr_close.vc_policy = 0;
	tf_run(2000 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	tf.rd = tf.n;
}

/* ---- shutdown ---- */

static enum op_verdict
sd_step(struct op *op)
{
	return (vnet_module_tcp.vm_shutdown(op));
}

static const struct op_desc sd_op = { .od_name = "shutdown",
	.od_step = sd_step };

static void
shutdown_cuts_every_state_in_silence(void **state)
{
	struct socket *est = tf_established(), *fin = tf_established(), *l;
	uint32_t nxt = tf_tp(fin)->snd_nxt;
	struct op *op;

	(void)state;
	tf_in(TH_FIN | TH_ACK, PEER, nxt, TF_WIN, 5);
	(void)soclose(fin); /* LAST_ACK, orphan */
	tf.rd = tf.n;
	fin = tf_established();
	nxt = tf_tp(fin)->snd_nxt;
	(void)soclose(fin);
	tf_in(TH_FIN | TH_ACK, PEER, nxt + 1, TF_WIN, 0); /* TIME_WAIT */
	l = tf_socket();
	assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, TF_LPORT }), 0);
	assert_int_equal(solisten(l, 5), 0);
	tf_dport = TF_LPORT;
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0); /* an entry of the SYN cache */
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 4);
	assert_int_equal(V_tcp.sc_count, 1);
	tf.rd = tf.n;
	op = op_start(&sd_op, tf.v, NULL, NULL);
	tf_run(0);
	assert_true(op->op_done);
	op_release(op);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	assert_int_equal(V_tcp.nactive, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	tf_silent();
	outcome(1, 0, 2);
	/* what is left of the sockets is dead */
	assert_int_equal(est->so_error, VE_CONNABORTED);
	assert_null(est->so_pcb);
	(void)soclose(est);
	(void)soclose(l);
}

/* A callout that was claimed when the connection went is waited for. */
static uint32_t
sd_claim(void)
{
	struct socket *so = tf_established();
	uint8_t b[10] = { 0 };
	uint32_t done;

	assert_int_equal(sosend(so, b, sizeof(b), NULL, &done), 0);
	tf.rd = tf.n;
	/* as if choose() had claimed it: see test_callout.c */
	tf_tp(so)->t_callout[TT_REXMT].c_state = CALLOUT_CLAIMED;
	tcp_drop(tf_tp(so), VE_CONNABORTED);
	tf.rd = tf.n;
	(void)soclose(so);
	return (0);
}

static void
a_discarded_tcpcb_waits_for_its_claimed_callout(void **state)
{
	struct tcpcb *tp;

	(void)state;
	(void)sd_claim();
	tp = LIST_FIRST(&V_tcp.drain);
	assert_non_null(tp);
	assert_int_equal(tp->t_draincnt, 1);
	assert_null(tp->t_inpcb);
	/* the handler runs: its last act */
	tp->t_callout[TT_REXMT].c_state = CALLOUT_PENDING;
	tf_run(NS_S);
	assert_true(LIST_EMPTY(&V_tcp.drain));
	tf_silent();
}

static void
the_largest_rto_is_that_of_an_open_connection(void **state)
{
	struct socket *a = tf_established(), *b;

	(void)state;
	tf_tp(a)->t_rxtcur = 5 * NS_S;
	b = tf_established();
	assert_int_equal(tcp_maxrto(), 5 * NS_S);
	tf_in(TH_RST, PEER, 0, 0, 0); /* b */
	(void)soclose(b);
	assert_int_equal(tcp_maxrto(), 5 * NS_S);
	tf_dport = sotoinpcb(a)->inp_lport;
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(tcp_maxrto(), 0);
	(void)soclose(a);
}

/* ---- the counters' own end ---- */

static void
a_counter_after_the_end_of_tcpstat_is_a_finding(void **state)
{
	struct vnet_tcpstat saved;

	(void)state;
	TCPSTAT_INC(connects);
	assert_int_equal(tcpstat_get(TCPS_connects), 1);
	assert_string_equal(tcpstat_name(TCPS_connects), "connects");
	assert_null(tcpstat_name(TCPSTAT_N));
	saved = V_tcpstat;
	V_tcpstat = (struct vnet_tcpstat){ NULL, NULL };
	TCPSTAT_INC(connects);
	tcpstates_move(-1, TCPS_CLOSED);
	assert_int_equal(tcpstat_get(TCPS_connects), 0);
	V_tcpstat = saved;
	assert_int_equal(tw_finding(tf.w, ORACLE_ORDER, "late-use"), 2);
	assert_int_equal(tcpstat_get(TCPS_connects), 1);
}

static void
connections_are_counted_by_state(void **state)
{
	const uint32_t *n = V_tcpstat.states->tcps_states;
	struct socket *so;
	int64_t v = 0;

	(void)state;
	so = tf_established();
	assert_int_equal(n[TCPS_ESTABLISHED], 1);
	assert_int_equal(n[TCPS_CLOSED], 0);
	assert_int_equal(sysctl_get("net.inet.tcp.pcbcount", &v), 0);
	assert_int_equal(v, 1);
	tf_in(TH_RST, PEER, 0, 0, 0);
	(void)soclose(so);
	for (int i = 0; i < TCP_NSTATES; i++)
		assert_int_equal(n[i], 0);
	assert_int_equal(sysctl_get("net.inet.tcp.stats", &v), 0);
	assert_true(v > 0);
	assert_int_equal(sysctl_set("net.inet.tcp.stats", 0), 0);
	assert_int_equal(tcpstat_get(TCPS_connects), 0);
}

static void
tunables_have_units_and_ranges(void **state)
{
	int64_t v = 0;

	(void)state;
	assert_int_equal(sysctl_get("net.inet.tcp.msl", &v), 0);
	assert_int_equal(v, 30000);
	assert_int_equal(sysctl_set("net.inet.tcp.msl", 5), 0);
	assert_int_equal(V_tcp.msl, 5 * NS_MS);
	assert_int_equal(sysctl_set("net.inet.tcp.msl", 0), VE_INVAL);
	assert_int_equal(sysctl_set("net.inet.tcp.rexmit_slop", 0), 0);
	assert_int_equal(sysctl_set("net.inet.tcp.mssdflt", 215), VE_INVAL);
	assert_int_equal(sysctl_set("net.inet.tcp.mssdflt", 216), 0);
	assert_int_equal(sysctl_set("net.inet.tcp.pcbcount", 1), VE_PERM);
	assert_int_equal(sysctl_get("net.inet.tcp.keepidle", &v), 0);
	assert_int_equal(v, 7200000);
	assert_int_equal(sysctl_get("net.inet.tcp.delacktime", &v), 0);
	assert_int_equal(v, 40);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(graceful_ends_when_only_time_wait_is_left),
		T(graceful_resets_after_t),
		T(graceful_stays_for_a_challenge_if_the_rst_may_miss),
		T(abort_resets_at_once_and_is_a_lame_duck),
		T(abort_of_nobody_ends_at_once),
		T(a_crash_is_silent),
		T(a_syn_under_way_is_taken_back),
		T(a_syn_that_was_given_up_is_answered_for),
		T(late_data_is_reset_where_the_peer_will_be),
		T(a_socket_that_others_hold_is_left_alone),
		T(goodbyes_need_no_memory),
		T(a_jail_ends_its_connections_by_its_own_policy),
		T(shutdown_cuts_every_state_in_silence),
		T(a_discarded_tcpcb_waits_for_its_claimed_callout),
		T(the_largest_rto_is_that_of_an_open_connection),
		T(a_counter_after_the_end_of_tcpstat_is_a_finding),
		T(connections_are_counted_by_state),
		T(tunables_have_units_and_ranges),
	};

	return (cmocka_run_group_tests_name("tcp_farewell", tests, NULL, NULL)
		    ? 1
		    : 0);
}
