/*
 * test_tcp_ackwar.c - answers to segments without data that cannot be taken
 * end.
 *
 * net.inet.tcp.ack_war_cnt of them in net.inet.tcp.ack_war_timewindow; data,
 * which are sent again for want of an ACK, are always answered.
 */
#include "tests/test_tcp.h"

static const struct {
	const char *what;
	uint8_t flags;
	uint32_t seq, ack; /* beyond what is right */
} wrong[] = {
	{ "acknowledges what was not sent", TH_ACK, 0, 1000 },
	{ "is beyond the window", TH_ACK, 0x100000, 0 },
	{ "a FIN that does", TH_FIN | TH_ACK, 0, 1000 },
	{ "a FIN that is", TH_FIN | TH_ACK, 0x100000, 0 },
};

static void
empty_segments(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una, nxt = tp->rcv_nxt;

	(void)state;
	for (size_t i = 0; i < nitems(wrong); i++) {
		for (int n = 0; n < 5; n++) {
			tf_in(wrong[i].flags, nxt + wrong[i].seq,
			    una + wrong[i].ack, TF_WIN, 0);
			tf_expect(TH_ACK, una, nxt, 0);
		}
		tf_in(
		    TH_ACK, nxt + wrong[i].seq, una + wrong[i].ack, TF_WIN, 0);
		tf_silent();
		tf_run(NS_S - NS_MS);
		tf_in(
		    TH_ACK, nxt + wrong[i].seq, una + wrong[i].ack, TF_WIN, 0);
		tf_silent();
		tf_run(NS_MS);
	}
	V_tcp.ack_war_cnt = 0; /* no limit */
	for (int n = 0; n < 20; n++) {
		tf_in(TH_ACK, nxt, una + 1000, TF_WIN, 0);
		tf_expect(TH_ACK, una, nxt, 0);
	}
	(void)soclose(so);
}

static void
data_is_answered(void **state)
{
	struct socket *so = tf_established();
	struct tcpcb *tp = tf_tp(so);
	uint32_t una = tp->snd_una, nxt = tp->rcv_nxt;

	(void)state;
	for (int n = 0; n < 20; n++) {
		tf_in(TH_ACK, nxt, una + 1000, TF_WIN, 1);
		tf_expect(TH_ACK, una, nxt, 0);
	}
	(void)soclose(so);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    empty_segments, tf_setup, tf_teardown),
		cmocka_unit_test_setup_teardown(
		    data_is_answered, tf_setup, tf_teardown),
	};

	return (cmocka_run_group_tests_name("tcp_ackwar", tests, NULL, NULL)
		    ? 1
		    : 0);
}
