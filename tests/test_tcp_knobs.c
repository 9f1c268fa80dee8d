/*
 * test_tcp_knobs.c - what a user can turn and read: TCP_INFO, TCP_MAXUNACKTIME,
 * and sysctls whose two sides differ on the wire.
 */
#include <vnetsim/tcp_info.h>
#include "src/net/ip/ip_var.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static uint32_t
iss_of(struct socket *so)
{
	return (tf_tp(so)->iss);
}

static void
put(struct socket *so, uint32_t len)
{
	uint32_t done;

	assert_int_equal(sosend(so, NULL, len, NULL, &done), 0);
	assert_int_equal(done, len);
}

static void
end(struct socket *so)
{
	assert_int_equal(sosetopt(so, SO_LINGER, 0), 0);
	(void)soclose(so);
	tf.rd = tf.n;
}

static struct vnetsim_tcp_info
info(struct socket *so)
{
	struct vnetsim_tcp_info ti;

	tcp_fill_info(tf_tp(so), &ti);
	return (ti);
}

/* Before, while and after: what each field says. */
static void
info_follows_a_connection(void **state)
{
	struct socket *so = tf_connecting();
	struct vnetsim_tcp_info ti = info(so);
	uint32_t nxt = iss_of(so) + 1;

	(void)state;
	assert_int_equal(ti.tcpi_state, TCPS_SYN_SENT);
	assert_int_equal(ti.tcpi_options, VNETSIM_TCPI_OPT_SACK);
	assert_int_equal(ti.tcpi_rto, 1000000);
	assert_int_equal(ti.tcpi_rtt, 0);
	assert_int_equal(ti.tcpi_rttmin, 0);
	assert_int_equal(ti.tcpi_snd_una, nxt - 1);
	assert_int_equal(ti.tcpi_snd_max, nxt);
	tf_run(100 * NS_MS);
	tf_in_full(TF_FPORT, tf_dport, TH_SYN | TH_ACK, TF_IRS, nxt, TF_WIN, 0,
	    (const uint8_t[]){ 2, 4, 1460 >> 8, 1460 & 0xff }, 4);
	tf_expect(TH_ACK, nxt, PEER, 0);
	ti = info(so);
	assert_int_equal(ti.tcpi_state, TCPS_ESTABLISHED);
	assert_int_equal(ti.tcpi_options, 0);
	assert_int_equal(ti.tcpi_snd_wscale | ti.tcpi_rcv_wscale, 0);
	assert_int_equal(ti.tcpi_rtt, 100000);
	assert_int_equal(ti.tcpi_rttvar, 50000);
	assert_int_equal(ti.tcpi_rttmin, 100000);
	/* 100 + 4 * 50 ms and the slop of 200 */
	assert_int_equal(ti.tcpi_rto, 500000);
	assert_int_equal(ti.tcpi_snd_mss, 1460);
	assert_int_equal(ti.tcpi_snd_wnd, TF_WIN);
	assert_int_equal(ti.tcpi_snd_cwnd, 14600);
	assert_int_equal(ti.tcpi_rcv_nxt, PEER);
	assert_int_equal(ti.tcpi_last_data_recv, 0);
	tf_run(7 * NS_MS);
	assert_int_equal(info(so).tcpi_last_data_recv, 7000);
	/* one segment out of order, one sent again */
	tf_in(TH_ACK, PEER + 100, nxt, TF_WIN, 100);
	assert_int_equal(info(so).tcpi_rcv_ooopack, 1);
	put(so, 10);
	tf_run(NS_S);
	ti = info(so);
	assert_true(ti.tcpi_snd_rexmitpack >= 1);
	assert_int_equal(ti.tcpi_snd_nxt, nxt + 10);
	tf_in(TH_ACK, PEER, nxt + 10, TF_WIN, 0);
	assert_int_equal(info(so).tcpi_snd_una, nxt + 10);
	/* the receiver's window closes */
	assert_int_equal(info(so).tcpi_snd_zerowin, 0);
	for (uint32_t at = 0; so->so_rcv.sb_ccc < so->so_rcv.sb_hiwat;) {
		uint32_t n = imin(1460, sbspace(&so->so_rcv));

		tf_in(TH_ACK, tf_tp(so)->rcv_nxt, nxt + 10, TF_WIN, n);
		assert_true(++at < 100);
	}
	tf_run(NS_S);
	tf_in(TH_ACK, tf_tp(so)->rcv_nxt, nxt + 10, TF_WIN, 1);
	ti = info(so);
	assert_int_equal(ti.tcpi_rcv_space, 0);
	assert_true(ti.tcpi_snd_zerowin >= 1);
	end(so);
}

static void
info_tells_what_was_agreed_on(void **state)
{
	static const struct tcpopt to = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasscale = true,
		.to_wscale = 7,
		.to_sackperm = true,
		.to_hasts = true,
		.to_tsval = 9 };
	struct socket *so = tf_established_with(&to);
	struct vnetsim_tcp_info ti = info(so);

	(void)state;
	assert_int_equal(ti.tcpi_options, VNETSIM_TCPI_OPT_TIMESTAMPS |
					      VNETSIM_TCPI_OPT_SACK |
					      VNETSIM_TCPI_OPT_WSCALE);
	assert_int_equal(ti.tcpi_snd_wscale, 7);
	assert_int_equal(ti.tcpi_rcv_wscale, tcp_request_scale());
	end(so);
}

/* Something is unacknowledged for so long: over, and counted. */
static void
no_progress_ends_a_connection(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;
	int64_t v = 10;

	(void)state;
	assert_int_equal(soctloutput(so, true, TCP_MAXUNACKTIME, &v), 0);
	v = -1;
	assert_int_equal(soctloutput(so, true, TCP_MAXUNACKTIME, &v), VE_INVAL);
	v = UINT32_MAX / 1000 + INT64_C(1);
	assert_int_equal(soctloutput(so, true, TCP_MAXUNACKTIME, &v), VE_INVAL);
	assert_int_equal(soctloutput(so, false, TCP_MAXUNACKTIME, &v), 0);
	assert_int_equal(v, 10);
	/* idle is no lack of progress */
	tf_run(100 * NS_S);
	put(so, 10);
	tf_run(6 * NS_S);
	/* progress, though not all of it */
	tf_in(TH_ACK, PEER, nxt + 5, TF_WIN, 0);
	tf_run(9 * NS_S);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	tf_run(20 * NS_S);
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	assert_int_equal(tcpstat_get(TCPS_progdrops), 1);
	assert_int_equal(tcpstat_get(TCPS_timeoutdrop), 0);
	end(so);
}

/* The vnet's limit, off by default; and a probe of a closed window counts. */
static void
maxunacktime_of_the_vnet(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = iss_of(so) + 1;
	int64_t v;

	(void)state;
	assert_int_equal(soctloutput(so, false, TCP_MAXUNACKTIME, &v), 0);
	assert_int_equal(v, 0);
	V_tcp.maxunacktime = 20 * NS_S;
	assert_int_equal(soctloutput(so, false, TCP_MAXUNACKTIME, &v), 0);
	assert_int_equal(v, 20);
	tf_in(TH_ACK, PEER, nxt, 0, 0);
	put(so, 10);
	tf_run(60 * NS_S);
	assert_int_equal(so->so_error, VE_TIMEDOUT);
	assert_int_equal(tcpstat_get(TCPS_progdrops), 1);
	assert_int_equal(tcpstat_get(TCPS_persistdrop), 0);
	end(so);
}

static void
retries_bound_retransmissions(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		struct socket *so = tf_established();
		unsigned sent;

		V_tcp.retries = n;
		put(so, 10);
		sent = tf.n;
		tf_run(60 * NS_S);
		assert_int_equal(so->so_error, VE_TIMEDOUT);
		/* retransmissions, and the RST */
		assert_int_equal(tf.n - sent, n + 1);
		end(so);
	}
	assert_int_equal(tcpstat_get(TCPS_timeoutdrop), 3);
}

static bool
from_here(uint32_t addr)
{
	(void)addr;
	return (true);
}

/* FreeBSD 14's table: which closed port, or listener, answers by RST. */
static void
black_holes(void **state)
{
	static const struct {
		int32_t hole;
		bool syn, ack,
		    open; /* RST to a SYN, to an ACK, by a listener */
	} cases[] = {
		{ 0, true, true, true },
		{ 1, false, true, true },
		{ 2, false, false, true },
		{ 3, false, false, false },
	};
	struct tcp_lower local = tf_lower;
	struct socket *l = tf_socket();

	(void)state;
	local.tl_local = from_here;
	assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, 81 }), 0);
	assert_int_equal(solisten(l, 1), 0);
	for (unsigned i = 0; i < 3 * nitems(cases); i++) {
		unsigned k = i % nitems(cases), mode = i / nitems(cases);
		/* a stranger; one of ours, spared; one of ours, too */
		bool spared = mode == 1;

		V_tcp.blackhole = cases[k].hole;
		V_tcp.blackhole_local = mode == 2;
		V_tcp.lower = mode == 0 ? &tf_lower : &local;
		tf.rd = tf.n;
		tf_in_full(TF_FPORT, 80, TH_SYN, 5, 0, 9, 0, NULL, 0);
		assert_int_equal(tf.n - tf.rd, cases[k].syn || spared);
		tf.rd = tf.n;
		tf_in_full(TF_FPORT, 80, TH_ACK, 5, 5, 9, 0, NULL, 0);
		assert_int_equal(tf.n - tf.rd, cases[k].ack || spared);
		tf.rd = tf.n;
		tf_in_full(TF_FPORT, 81, TH_ACK, 5, 5, 9, 0, NULL, 0);
		assert_int_equal(tf.n - tf.rd, cases[k].open || spared);
	}
	V_tcp.lower = &tf_lower;
	V_tcp.blackhole = 0;
	end(l);
}

static void
drop_synfin_both_ways(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		V_tcp.drop_synfin = on;
		tf.rd = tf.n;
		tf_in_full(TF_FPORT, 80, TH_SYN | TH_FIN, 5, 0, 9, 0, NULL, 0);
		assert_int_equal(tf.n - tf.rd, 1 - on);
		assert_int_equal(drop_count(DROP_TCP_SYNFIN), on);
	}
}

/* rfc1323 and sack.enable: options of our SYN, and of our SYN,ACK. */
static void
options_are_offered_if_enabled(void **state)
{
	static const struct tcpopt peer = { .to_hasmss = true,
		.to_mss = 1460,
		.to_hasscale = true,
		.to_wscale = 3,
		.to_sackperm = true,
		.to_hasts = true,
		.to_tsval = 9 };
	uint8_t opt[TCP_MAXOLEN];
	uint32_t n = tcp_addoptions(&peer, opt);

	(void)state;
	for (int on = 0; on < 2; on++) {
		const struct tcpopt *o;
		struct socket *so, *l;

		V_tcp.rfc1323 = V_tcp.sack_enable = on;
		so = tf_connecting();
		o = &tf.pkt[tf.n - 1].opt;
		assert_int_equal(o->to_hasscale, on);
		assert_int_equal(o->to_hasts, on);
		assert_int_equal(o->to_sackperm, on);
		end(so);
		l = tf_socket();
		assert_int_equal(sobind(l, &(struct sockaddr_in){ 0, 81 }), 0);
		assert_int_equal(solisten(l, 1), 0);
		tf_in_full(TF_FPORT, 81, TH_SYN, 5, 0, 9, 0, opt, n);
		o = &tf.pkt[tf.n - 1].opt;
		assert_int_equal(tf.pkt[tf.n - 1].flags, TH_SYN | TH_ACK);
		assert_int_equal(o->to_hasscale, on);
		assert_int_equal(o->to_hasts, on);
		assert_int_equal(o->to_sackperm, on);
		tf_in_full(TF_FPORT, 81, TH_RST, 6, 0, 9, 0, NULL, 0);
		end(l);
	}
}

/* RFC 5961's three rules, and what RFC 793 said instead. */
static void
rfc5961_both_ways(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		struct socket *so = tf_established();
		uint32_t nxt = iss_of(so) + 1;
		struct tcpcb *tp = tf_tp(so);

		V_tcp.insecure_rst = V_tcp.insecure_syn = V_tcp.insecure_ack =
		    old;
		/* an ACK from before the window: data with it are not taken */
		tf_in(TH_ACK, PEER, nxt - 100000, TF_WIN, 10);
		assert_int_equal(so->so_rcv.sb_ccc, old ? 10 : 0);
		tf.rd = tf.n;
		/* an RST in the window, not at its edge */
		tf_in(TH_RST, tp->rcv_nxt + 50, 0, 0, 0);
		assert_int_equal(so->so_error, old ? VE_CONNRESET : 0);
		if (!old)
			tf_expect(TH_ACK, nxt, tp->rcv_nxt, 0);
		end(so);
		so = tf_established();
		nxt = iss_of(so) + 1;
		tf_in(TH_SYN, PEER + 50, 0, TF_WIN, 0);
		assert_int_equal(so->so_error, old ? VE_CONNRESET : 0);
		tf_expect(old ? TH_RST | TH_ACK : TH_ACK, nxt, PEER, 0);
		end(so);
	}
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(info_follows_a_connection),
		T(info_tells_what_was_agreed_on),
		T(no_progress_ends_a_connection),
		T(maxunacktime_of_the_vnet),
		T(retries_bound_retransmissions),
		T(black_holes),
		T(drop_synfin_both_ways),
		T(options_are_offered_if_enabled),
		T(rfc5961_both_ways),
	};

	return (cmocka_run_group_tests_name("tcp_knobs", tests, NULL, NULL)
		    ? 1
		    : 0);
}
