/*
 * test_tcp_open.c - text that comes with a SYN, and how answers travel.
 *
 * Text on a SYN,ACK is taken.  Text on a SYN that crosses ours is kept until
 * ours is acknowledged; a FIN on it has to come again.  An answer to somebody
 * without a connection goes by TTL and TOS of the socket that he met.
 */
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static void
text_on_a_syn_waits_for_the_ack(void **state)
{
	struct socket *so = tf_connecting();
	struct tcpcb *tp = tf_tp(so);
	uint32_t iss = tp->iss, done;
	uint8_t buf[8];

	(void)state;
	/* the data are the low bytes of their numbers, the SYN is not one */
	tf_in(TH_SYN | TH_FIN, TF_IRS, 0, TF_WIN, 3);
	assert_int_equal(tp->t_state, TCPS_SYN_RECEIVED);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	assert_int_equal(tp->t_segqlen, 1);
	assert_int_equal(sbavail(&so->so_rcv), 0);
	/* text without an ACK is kept, too; what is there already is not */
	tf_in(0, PEER + 3, 0, TF_WIN, 2);
	assert_int_equal(tp->t_state, TCPS_SYN_RECEIVED);
	assert_int_equal(sbavail(&so->so_rcv), 0);
	tf.rd = tf.n;
	tf_in(TH_ACK, PEER + 5, iss + 1, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_ESTABLISHED);
	assert_int_equal(tp->rcv_nxt, PEER + 5);
	assert_int_equal(soreceive(so, buf, 8, NULL, &done), 0);
	assert_int_equal(done, 5);
	/* the FIN, again */
	tf_in(TH_FIN | TH_ACK, PEER + 5, iss + 1, TF_WIN, 0);
	assert_int_equal(tp->t_state, TCPS_CLOSE_WAIT);
	tf_expect(TH_ACK, iss + 1, PEER + 6, 0);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, iss + 1, PEER + 6, 0);
	tf_in(TH_RST, PEER + 6, 0, 0, 0);
	tf_silent();
}

/* The ACK of our SYN has text of its own. */
static void
text_on_a_syn_goes_before_that_of_the_ack(void **state)
{
	struct socket *so = tf_connecting();
	struct tcpcb *tp = tf_tp(so);
	uint32_t iss = tp->iss;

	(void)state;
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 3);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_in(TH_ACK, PEER + 3, iss + 1, TF_WIN, 4);
	assert_int_equal(sbavail(&so->so_rcv), 7);
	tf_expect(TH_ACK, iss + 1, PEER + 7, 0);
	(void)soclose(so);
	tf_expect(TH_FIN | TH_ACK, iss + 1, PEER + 7, 0);
	tf_in(TH_RST, PEER + 7, 0, 0, 0);
	tf_silent();
}

/* The connection ends while text waits: nothing is left of it. */
static void
a_reset_takes_waiting_text_away(void **state)
{
	struct socket *so = tf_connecting();
	uint32_t iss = tf_tp(so)->iss;

	(void)state;
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 3);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_CLOSED);
	assert_int_equal(so->so_error, VE_CONNREFUSED);
	(void)soclose(so);
	tf_silent();
}

static void
answers_go_by_the_sockets_ttl_and_tos(void **state)
{
	const struct sockaddr_in any = { 0, TF_LPORT };
	struct socket *so = tf_socket();

	(void)state;
	tf_dport = TF_LPORT;
	sotoinpcb(so)->inp_ttl = 4;
	sotoinpcb(so)->inp_tos = 0x20;
	assert_int_equal(sobind(so, &any), 0);
	/* bound, but not listening: it is CLOSED */
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0);
	tf_expect(TH_RST | TH_ACK, 0, PEER, 0);
	assert_int_equal(tf.pkt[tf.rd - 1].ttl, 4);
	assert_int_equal(tf.pkt[tf.rd - 1].tos, 0x20);
	assert_int_equal(solisten(so, 1), 0);
	tf_in(TH_ACK, TF_IRS, 77, TF_WIN, 0);
	tf_expect(TH_RST, 77, 0, 0);
	assert_int_equal(tf.pkt[tf.rd - 1].ttl, 4);
	assert_int_equal(tf.pkt[tf.rd - 1].tos, 0x20);
	(void)soclose(so);
	/* nobody: the defaults */
	tf_in(TH_ACK, TF_IRS, 77, TF_WIN, 0);
	tf_expect(TH_RST, 77, 0, 0);
	assert_int_equal(tf.pkt[tf.rd - 1].ttl, 0);
	assert_int_equal(tf.pkt[tf.rd - 1].tos, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_on_a_syn_waits_for_the_ack),
		TEST(text_on_a_syn_goes_before_that_of_the_ack),
		TEST(a_reset_takes_waiting_text_away),
		TEST(answers_go_by_the_sockets_ttl_and_tos),
	};

	return (
	    cmocka_run_group_tests_name("tcp_open", tests, NULL, NULL) ? 1 : 0);
}
