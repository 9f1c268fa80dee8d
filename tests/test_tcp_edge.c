/*
 * test_tcp_edge.c - where an RST is put when the peer's window is full.
 *
 * SND.MAX at the right edge is outside the window of a peer that has lost some
 * of what fills it; RFC 5961 section 3.2 drops such an RST in silence.  One
 * byte less is inside: it resets, or draws a challenge ACK.
 */
#include "tests/test_tcp.h"

/* @sent bytes under way, of a window of @win; then the connection is cut. */
static struct socket *
cut(uint32_t win, uint32_t sent)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una, nxt = tp->rcv_nxt, done;

	/* a smaller window is only believed with new data */
	tf_in(TH_ACK, nxt++, una, TF_WIN, 1);
	tf_in(TH_ACK, nxt++, una, (uint16_t)win, 1);
	tf_expect(TH_ACK, una, nxt, 0);
	assert_int_equal(tp->snd_wnd, win);
	assert_int_equal(sosend(so, NULL, sent, NULL, &done), 0);
	assert_int_equal(done, sent);
	tf_expect(TH_ACK, una, nxt, sent);
	tcp_drop(tp, VE_CONNABORTED);
	tf_expect(TH_RST | TH_ACK, una + sent, nxt, 0);
	return (so);
}

static void
full_window(void **state)
{
	struct socket *so;
	uint32_t edge;

	(void)state;
	so = cut(1000, 1000);
	edge = tf.pkt[tf.rd - 1].seq;
	tf_expect(TH_RST | TH_ACK, edge - 1, tf.pkt[tf.rd - 1].ack, 0);
	tf_silent();
	(void)soclose(so);
}

static void
one_byte_of_room(void **state)
{
	(void)state;
	(void)soclose(cut(1001, 1000));
	tf_silent();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    full_window, tf_setup, tf_teardown),
		cmocka_unit_test_setup_teardown(
		    one_byte_of_room, tf_setup, tf_teardown),
	};

	return (
	    cmocka_run_group_tests_name("tcp_edge", tests, NULL, NULL) ? 1 : 0);
}
