/*
 * test_tcp_hostcache.c - the host cache: what is learnt, used, forgotten; its
 * limits, its worker, its end.
 */
#include <vnetsim/kern/sysctl.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_hostcache.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static const struct vnet_module *const hc_mods[] = { &vnet_module_inpcb,
	&vnet_module_tcpstat, &vnet_module_hostcache, &vnet_module_tcp,
	&vnet_module_socket, &tf_ip, NULL };

static int
hc_setup(void **state)
{
	(void)state;
	memset(&tf, 0, sizeof(tf));
	tf.w = tw_create(hc_mods);
	tf.v = tw_jail("j")->pr_vnet;
	tf_enter();
	tf.cred = world_user_alloc(sizeof(*tf.cred), false);
	assert_non_null(tf.cred);
	ref_take(tf.cred, crget(tf.v->v_prison), "test");
	return (0);
}

/* A connection with @n round trips of 50 ms of data; closed by RST. */
static void
talk(unsigned n)
{
	struct socket *so;
	uint32_t nxt, done;

	so = tf_connecting();
	nxt = tf_tp(so)->iss + 1;
	tf_run(50 * NS_MS);
	tf_in_full(TF_FPORT, tf_dport, TH_SYN | TH_ACK, TF_IRS, nxt, TF_WIN, 0,
	    (const uint8_t[]){ 2, 4, 1460 >> 8, 1460 & 0xff }, 4);
	for (unsigned i = 1; i < n; i++) {
		assert_int_equal(sosend(so, NULL, 10, NULL, &done), 0);
		tf_run(50 * NS_MS);
		nxt += 10;
		tf_in(TH_ACK, PEER, nxt, TF_WIN, 0);
	}
	assert_int_equal(tf_tp(so)->t_rttupdated, n);
	assert_int_equal(sosetopt(so, SO_LINGER, 0), 0);
	(void)soclose(so);
	tf.rd = tf.n;
}

static struct hc_metrics_lite
known(uint32_t faddr)
{
	struct hc_metrics_lite m;

	tcp_hc_get(faddr, &m);
	return (m);
}

/* Four round trips, not three, are worth remembering. */
static void
four_samples_are_kept(void **state)
{
	struct hc_metrics_lite m;

	(void)state;
	talk(3);
	assert_int_equal(V_hostcache.count, 0);
	talk(4);
	assert_int_equal(V_hostcache.count, 1);
	m = known(TF_FADDR);
	assert_int_equal(m.hc_rtt, 50 * NS_MS);
	assert_true(m.hc_rttvar > 0 && m.hc_rttvar < 25 * NS_MS);
	assert_int_equal(m.hc_ssthresh, 0);
	assert_true(m.hc_cwnd >= 14600);
	assert_int_equal(m.hc_mtu, 0);
	assert_int_equal(tcpstat_get(TCPS_hc_added), 1);
	assert_int_equal(tcpstat_get(TCPS_cachedrtt), 1);
	assert_int_equal(tcpstat_get(TCPS_cachedssthresh), 0);
}

/* The next connection begins with it, before anything was measured. */
static void
the_next_connection_knows(void **state)
{
	const struct hc_metrics_lite m = { .hc_rtt = 80 * NS_MS,
		.hc_rttvar = 10 * NS_MS,
		.hc_ssthresh = 6000 };
	struct socket *so;
	struct tcpcb *tp;

	(void)state;
	tcp_hc_update(TF_FADDR, &m);
	so = tf_connecting();
	tp = tf_tp(so);
	tcp_hc_load(tp);
	assert_int_equal(tp->t_srtt, 80 * NS_MS);
	assert_int_equal(tp->t_rttvar, 10 * NS_MS);
	/* 4 * 80 + 8 * 10 and the slop of 200 */
	assert_int_equal(tp->t_rxtcur, 600 * NS_MS);
	assert_int_equal(tp->snd_ssthresh, 6000);
	assert_int_equal(tcpstat_get(TCPS_usedrtt), 1);
	assert_int_equal(tcpstat_get(TCPS_usedrttvar), 1);
	assert_int_equal(tcpstat_get(TCPS_usedssthresh), 1);
	/* what was measured wins; a threshold is two segments at least */
	tp->t_srtt = 5;
	tp->t_maxseg = 4000;
	tcp_hc_load(tp);
	assert_int_equal(tp->t_srtt, 5);
	assert_int_equal(tp->snd_ssthresh, 8000);
	(void)soclose(so);
}

/* The threshold of a connection with losses, in segments with headers. */
static void
a_threshold_is_whole_segments(void **state)
{
	static const struct {
		uint32_t thresh, kept;
	} cases[] = {
		{ 16384, 0 }, /* half of the send buffer: never mattered */
		{ 16383, 11 * 1500 },
		{ 7300, 5 * 1500 },
		{ 6569, 4 * 1500 },
		{ 1, 2 * 1500 },
	};

	(void)state;
	for (unsigned i = 0; i < nitems(cases); i++) {
		struct socket *so = tf_established();

		so->so_snd.sb_hiwat = 32768;
		tf_tp(so)->snd_ssthresh = cases[i].thresh;
		tf_tp(so)->t_rttupdated = 4;
		tcp_hc_save(tf_tp(so));
		tf_tp(so)->t_rttupdated = 0;
		assert_int_equal(known(TF_FADDR).hc_ssthresh, cases[i].kept);
		assert_int_equal(
		    sysctl_set("net.inet.tcp.hostcache.purgenow", 1), 0);
		assert_int_equal(sosetopt(so, SO_LINGER, 0), 0);
		(void)soclose(so);
		tf.rd = tf.n;
	}
}

/* Old and new count the same. */
static void
updates_are_averaged(void **state)
{
	struct hc_metrics_lite m = { .hc_rtt = 100, .hc_cwnd = 3 }, have;

	(void)state;
	tcp_hc_update(7, &m);
	m = (struct hc_metrics_lite){
		.hc_rtt = 200, .hc_rttvar = 9, .hc_cwnd = UINT32_MAX
	};
	tcp_hc_update(7, &m);
	have = known(7);
	assert_int_equal(have.hc_rtt, 150);
	assert_int_equal(have.hc_rttvar, 9);
	assert_int_equal(have.hc_cwnd, UINT32_MAX / 2 + 2);
	assert_int_equal(V_hostcache.count, 1);
	assert_int_equal(known(8).hc_rtt, 0);
}

/* "Fragmentation needed" is remembered: the next SYN offers less. */
static void
a_path_mtu_is_remembered(void **state)
{
	struct socket *so = tf_established();
	uint32_t nxt = tf_tp(so)->iss + 1, done;
	uint8_t l4[8];

	(void)state;
	assert_int_equal(sosend(so, NULL, 1460, NULL, &done), 0);
	be16enc(l4 + TCPOFF_SPORT, tf_dport);
	be16enc(l4 + TCPOFF_DPORT, TF_FPORT);
	be32enc(l4 + TCPOFF_SEQ, nxt);
	/* not smaller than what is in use: nothing */
	tcp_ctlinput(PRC_MSGSIZE, TF_LADDR, TF_FADDR, l4, 1500);
	assert_int_equal(V_hostcache.count, 0);
	tcp_ctlinput(PRC_MSGSIZE, TF_LADDR, TF_FADDR, l4, 1000);
	assert_int_equal(tcp_hc_getmtu(TF_FADDR), 1000);
	assert_int_equal(tf_tp(so)->t_maxseg, 960);
	assert_int_equal(tcp_mssopt(0, TF_FADDR), 960);
	assert_int_equal(tcp_mssopt(0, TF_FADDR + 1), 1460);
	/* larger than the way's own: that one counts */
	tcp_hc_updatemtu(TF_FADDR, 9000);
	assert_int_equal(tcp_mssopt(0, TF_FADDR), 1460);
	assert_int_equal(sosetopt(so, SO_LINGER, 0), 0);
	(void)soclose(so);
	tf.rd = tf.n;
}

static void
off_means_off(void **state)
{
	(void)state;
	tcp_hc_updatemtu(1, 576);
	V_hostcache.enable = 0;
	assert_int_equal(tcp_hc_getmtu(1), 0);
	tcp_hc_updatemtu(2, 576);
	assert_null(tcp_hc_nth(0));
	V_hostcache.enable = 1;
	assert_int_equal(tcp_hc_getmtu(1), 576);
	assert_int_equal(tcp_hc_getmtu(2), 0);
}

/* The last used of a row stays, the first goes; and so at the cache's limit. */
static void
a_row_keeps_the_last_used(void **state)
{
	(void)state;
	V_hostcache.hashsize = 1;
	for (uint32_t i = 1; i <= 30; i++)
		tcp_hc_updatemtu(i, 1000 + i);
	assert_int_equal(V_hostcache.count, 30);
	assert_int_equal(tcpstat_get(TCPS_hc_bucketoverflow), 0);
	/* an update is a use */
	tcp_hc_updatemtu(1, 999);
	tcp_hc_updatemtu(31, 1031);
	assert_int_equal(V_hostcache.count, 30);
	assert_int_equal(tcpstat_get(TCPS_hc_bucketoverflow), 1);
	assert_int_equal(tcp_hc_getmtu(1), 999);
	assert_int_equal(tcp_hc_getmtu(2), 0);
	assert_int_equal(tcp_hc_getmtu(31), 1031);
	assert_int_equal(tcp_hc_nth(0)->hc_ip4, 31);
	assert_int_equal(tcp_hc_nth(29)->hc_ip4, 3);
	assert_null(tcp_hc_nth(30));
	assert_int_equal(tcpstat_get(TCPS_hc_added), 31);
}

static void
the_cache_has_a_limit(void **state)
{
	(void)state;
	V_hostcache.cachelimit = 10;
	for (uint32_t i = 1; i <= 10; i++)
		tcp_hc_updatemtu(i, 576);
	assert_int_equal(V_hostcache.count, 10);
	/* a row without entries has none to give */
	for (uint32_t i = 11; i <= 500; i++)
		tcp_hc_updatemtu(i, 576);
	assert_int_equal(V_hostcache.count, 10);
	assert_true(tcpstat_get(TCPS_hc_bucketoverflow) > 0);
	V_hostcache.cachelimit = 0;
	assert_int_equal(sysctl_set("net.inet.tcp.hostcache.purgenow", 0), 0);
	tcp_hc_updatemtu(1, 576);
	assert_int_equal(V_hostcache.count, 0);
}

/* An hour after its last use, by steps of five minutes. */
static void
the_worker_forgets(void **state)
{
	(void)state;
	tcp_hc_updatemtu(1, 576);
	tf_run(3599 * NS_S);
	assert_int_equal(V_hostcache.count, 1);
	tf_run(2 * NS_S);
	assert_int_equal(V_hostcache.count, 0);
	assert_false(callout_pending(&V_hostcache.hc->hc_timer));
	/* a use gives the hour back */
	tcp_hc_updatemtu(1, 576);
	tf_run(3000 * NS_S);
	assert_int_equal(tcp_hc_getmtu(1), 576);
	tf_run(3000 * NS_S);
	assert_int_equal(V_hostcache.count, 1);
	tf_run(601 * NS_S);
	assert_int_equal(V_hostcache.count, 0);
	/* purge: with the next run, whatever is left of the hour */
	tcp_hc_updatemtu(1, 576);
	assert_int_equal(sysctl_set("net.inet.tcp.hostcache.purge", 1), 0);
	tf_run(299 * NS_S);
	assert_int_equal(V_hostcache.count, 1);
	tf_run(2 * NS_S);
	assert_int_equal(V_hostcache.count, 0);
	assert_int_equal(V_hostcache.purge, 0);
}

static void
the_number_of_rows_is_a_power_of_two(void **state)
{
	const char *name = "net.inet.tcp.hostcache.hashsize";

	(void)state;
	assert_int_equal(sysctl_set(name, 48), VE_INVAL);
	assert_int_equal(sysctl_set(name, 65536), 0);
	assert_int_not_equal(sysctl_set(name, 131072), 0);
	tcp_hc_updatemtu(1, 576);
	assert_int_equal(sysctl_set(name, 64), VE_BUSY);
	assert_int_equal(sysctl_set("net.inet.tcp.hostcache.purgenow", 1), 0);
	assert_int_equal(sysctl_set(name, 64), 0);
}

/* Each allocation fails in turn: an entry, or nothing at all. */
static void
without_memory_nothing_is_kept(void **state)
{
	bool kept = false;

	(void)state;
	for (uint64_t n = 1; !kept; n++) {
		assert_true(n < 10);
		tf.w->w_mem.wm_failat = tf.w->w_mem.wm_nfallible + n;
		tcp_hc_updatemtu(1, 576);
		tf.w->w_mem.wm_failat = 0;
		kept = V_hostcache.count == 1;
		if (!kept)
			assert_int_equal(V_hostcache.hc->hc_rows.h_count, 0);
	}
}

/* It ends with entries, with its worker due, and in the other order. */
static void
its_end(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 100; i++)
		tcp_hc_updatemtu(i, 576);
	tf_run(299 * NS_S);
	/* tf_teardown() takes the jail down and looks for leaks */
}

#define T(n) cmocka_unit_test_setup_teardown(n, hc_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(four_samples_are_kept),
		T(the_next_connection_knows),
		T(a_threshold_is_whole_segments),
		T(updates_are_averaged),
		T(a_path_mtu_is_remembered),
		T(off_means_off),
		T(a_row_keeps_the_last_used),
		T(the_cache_has_a_limit),
		T(the_worker_forgets),
		T(the_number_of_rows_is_a_power_of_two),
		T(without_memory_nothing_is_kept),
		T(its_end),
	};

	return (cmocka_run_group_tests_name("tcp_hostcache", tests, NULL, NULL)
		    ? 1
		    : 0);
}
