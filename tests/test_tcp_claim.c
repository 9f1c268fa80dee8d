/*
 * test_tcp_claim.c - the race that callout(9) allows: a timer has been taken
 * off the wheel to run "on another CPU", and before it runs its connection is
 * acknowledged, reset, closed, dropped, or the whole stack lets go.
 *
 * A deviation parts claim and run; between the two events the test acts.
 */
#include "src/core/event_var.h"
#include "src/core/world.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static const char *const timer_names[TT_N] = { "tcp.rexmt", "tcp.persist",
	"tcp.keep", "tcp.2msl", "tcp.delack" };

static struct socket *cl_so;
static bool cl_closed;

/* A connection whose timer is armed. */
static struct tcpcb *
arm(enum tcp_timer type)
{
	uint8_t b[100] = { 0 };
	uint32_t done, nxt;
	struct tcpcb *tp;

	cl_so = tf_established();
	cl_closed = false;
	tp = tf_tp(cl_so);
	nxt = tp->snd_nxt;
	switch (type) {
	case TT_REXMT:
		assert_int_equal(sosend(cl_so, b, sizeof(b), NULL, &done), 0);
		break;
	case TT_PERSIST:
		tf_in(TH_ACK, PEER, nxt, TF_WIN, 1);
		tf_run(40 * NS_MS);
		tf_in(TH_ACK, PEER + 1, nxt, 0, 0);
		assert_int_equal(sosend(cl_so, b, sizeof(b), NULL, &done), 0);
		break;
	case TT_2MSL:
		assert_int_equal(soshutdown(cl_so, SHUT_WR), 0);
		tf_in(TH_ACK | TH_FIN, PEER, nxt + 1, TF_WIN, 0);
		break;
	case TT_DELACK:
		tf_in(TH_ACK, PEER, nxt, TF_WIN, 10);
		break;
	default:
		break;
	}
	assert_true(tcp_timer_active(tp, type));
	return (tp);
}

enum action { NOTHING, ACK, RESET, DROP, CLOSE, DROP_CLOSE, MOVE, LETGO, NACT };

static int64_t letgo_at;

/* At the very instant of the claim, but before the claimed one runs. */
static enum op_verdict
letgo_step(struct op *op)
{
	if (vtime() < letgo_at)
		return (op_sleep(op, letgo_at - vtime(), "for the claim"));
	return (vnet_module_tcp.vm_shutdown(op));
}

static const struct op_desc letgo_op = { .od_name = "letgo",
	.od_step = letgo_step };
static struct op *letgo;

static void
act(struct tcpcb *tp, enum tcp_timer type, enum action a)
{
	bool dropped = false;

	switch (a) {
	case ACK:
		tf_in(TH_ACK, tp->rcv_nxt, tp->snd_max, TF_WIN, 1);
		break;
	case RESET:
		tf_in(TH_RST, tp->rcv_nxt, 0, 0, 0);
		break;
	case DROP:
	case DROP_CLOSE:
		tcp_drop(tp, VE_CONNABORTED);
		dropped = true;
		break;
	case MOVE:
		tcp_timer_activate(tp, type, 7 * NS_S);
		break;
	default:
		break;
	}
	if (a == CLOSE || (a == DROP_CLOSE && dropped)) {
		(void)soclose(cl_so);
		cl_closed = true;
	}
}

/* One timer, one action between its claim and its run. */
static void
race(enum tcp_timer type, enum action a)
{
	struct deviation dv = { tf.v->v_id, "callout", timer_names[type], 0,
		1 };
	struct tcpcb *tp = arm(type);
	bool acted = false;

	assert_int_equal(world_set_deviations(tf.w, &dv, 1), 0);
	if (a == LETGO) {
		letgo_at = tp->t_callout[type].c_time;
		letgo = op_start(&letgo_op, tf.v, NULL, NULL);
		assert_non_null(letgo);
	}
	tf_leave();
	while (!acted && world_step(tf.w, vtime() + 20000 * NS_S))
		if (tp->t_callout[type].c_state == CALLOUT_CLAIMED) {
			tf_enter();
			act(tp, type, a);
			tf_leave();
			acted = true;
		}
	assert_true(acted);
	tf_enter();
	tf_run(a == MOVE ? 0 : NS_S);
	assert_int_equal(world_set_deviations(tf.w, NULL, 0), 0);
	assert_true(LIST_EMPTY(&V_tcp.drain));
	if (a == MOVE) {
		/* the old one did nothing, the new one is armed */
		assert_true(callout_active(&tp->t_callout[type]));
		tf_run(8 * NS_S);
	}
	if (a == LETGO) {
		assert_true(letgo->op_done);
		op_release(letgo);
		assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	} else if (!cl_closed && sotoinpcb(cl_so) != NULL &&
		   (sotoinpcb(cl_so)->inp_flags & INP_DROPPED) == 0) {
		tcp_drop(tf_tp(cl_so), VE_CONNABORTED);
	}
	if (!cl_closed)
		(void)soclose(cl_so);
	tf_run(1000 * NS_S);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 0);
	tf.rd = tf.n = 0;
}

static void
a_claimed_timer_meets_everything(void **state)
{
	for (int type = 0; type < TT_N; type++)
		for (int a = 0; a < NACT; a++) {
			(void)tf_setup(state);
			race((enum tcp_timer)type, (enum action)a);
			(void)tf_teardown(state);
		}
}

/* Stopped too late: the segment that it would have repeated is acknowledged. */
static void
a_timer_that_was_stopped_too_late_sends_nothing(void **state)
{
	struct deviation dv = { tf.v->v_id, "callout", "tcp.rexmt", 0, 1 };
	struct tcpcb *tp = arm(TT_REXMT);

	(void)state;
	tf.rd = tf.n;
	assert_int_equal(world_set_deviations(tf.w, &dv, 1), 0);
	tf_leave();
	while (tp->t_callout[TT_REXMT].c_state != CALLOUT_CLAIMED)
		assert_true(world_step(tf.w, INT64_MAX));
	tf_enter();
	tf_in(TH_ACK, PEER, tp->snd_max, TF_WIN, 0);
	tf_run(NS_S);
	tf_silent();
	assert_int_equal(tcpstat_get(TCPS_rexmttimeo), 0);
	tf_in(TH_RST, PEER, 0, 0, 0);
	(void)soclose(cl_so);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claimed_timer_meets_everything),
		T(a_timer_that_was_stopped_too_late_sends_nothing),
	};

	return (cmocka_run_group_tests_name("tcp_claim", tests, NULL, NULL)
		    ? 1
		    : 0);
}
