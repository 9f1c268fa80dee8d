/*
 * test_tcp_syncache.c - the SYN cache and SYN cookies: what each segment does
 * to an entry, the limits at the limit, timers, and how entries end.
 */
#include "src/core/world.h"
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_syncache.h"
#include "tests/test_tcp.h"

#define PEER (TF_IRS + 1)

static struct socket *
listener(void)
{
	struct socket *so = tf_socket();

	tf_dport = TF_LPORT;
	assert_int_equal(sobind(so, &(struct sockaddr_in){ 0, TF_LPORT }), 0);
	assert_int_equal(solisten(so, 5), 0);
	return (so);
}

/* A SYN from a port.  Return: the ISS of its SYN,ACK. */
static uint32_t
syn(uint16_t port)
{
	tf_in_full(port, TF_LPORT, TH_SYN, TF_IRS, 0, TF_WIN, 0, NULL, 0);
	assert_int_equal(tf.pkt[tf.rd].flags, TH_SYN | TH_ACK);
	assert_int_equal(tf.pkt[tf.rd].ack, PEER);
	assert_int_equal(tf.pkt[tf.rd].dport, port);
	return (tf_next()->seq);
}

static void
ack(uint16_t port, uint32_t seq, uint32_t ackno)
{
	tf_in_full(port, TF_LPORT, TH_ACK, seq, ackno, TF_WIN, 0, NULL, 0);
}

/* The handshake from @port is complete; take the child, end it. */
static void
accepted(struct socket *l, uint16_t port)
{
	struct socket *child = NULL;

	tf_silent();
	assert_int_equal(soaccept(l, &child), 0);
	assert_int_equal(tf_tp(child)->t_state, TCPS_ESTABLISHED);
	assert_int_equal(sotoinpcb(child)->inp_fport, port);
	tf_in_full(port, TF_LPORT, TH_RST, PEER, 0, 0, 0, NULL, 0);
	(void)soclose(child);
	assert_int_equal(V_tcp.tcbinfo.ipi_count, 1);
}

static int64_t
val(const char *name)
{
	int64_t v = -1;

	assert_int_equal(sysctl_get(name, &v), 0);
	return (v);
}

/* After 1, 2.2, 4.2 s, gone 8.2 s later: FreeBSD, with rexmit_slop. */
static void
a_syn_ack_is_sent_again(void **state)
{
	static const int64_t at[] = { 1000, 3200, 7400 };
	struct socket *l = listener();
	int64_t start = vtime();
	uint32_t iss = syn(2000);

	(void)state;
	assert_int_equal(val("net.inet.tcp.syncache.count"), 1);
	for (unsigned i = 0; i < nitems(at); i++) {
		tf_run(start + at[i] * NS_MS - vtime() - 1);
		tf_silent();
		tf_run(1);
		tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	}
	tf_run(start + 15600 * NS_MS - vtime() - 1);
	assert_int_equal(V_tcp.sc_count, 1);
	tf_run(1);
	assert_int_equal(V_tcp.sc_count, 0);
	tf_silent();
	assert_int_equal(tcpstat_get(TCPS_sc_stale), 1);
	assert_int_equal(tcpstat_get(TCPS_sc_retransmitted), 3);
	/* the ACK comes too late, and no cookie has been announced */
	ack(2000, PEER, iss + 1);
	tf_expect(TH_RST, iss + 1, 0, 0);
	(void)soclose(l);
}

static void
rexmtlimit_is_exact(void **state)
{
	static const unsigned sent[] = { 0, 1, 12 };
	struct socket *l = listener();

	(void)state;
	for (unsigned i = 0; i < nitems(sent); i++) {
		assert_int_equal(
		    sysctl_set("net.inet.tcp.syncache.rexmtlimit", sent[i]), 0);
		(void)syn(2000);
		tf.rd = tf.n;
		tf_run(700 * NS_S);
		assert_int_equal(tf.n - tf.rd, sent[i]);
		assert_int_equal(V_tcp.sc_count, 0);
		tf.rd = tf.n;
	}
	assert_int_equal(
	    sysctl_set("net.inet.tcp.syncache.rexmtlimit", 13), VE_INVAL);
	(void)soclose(l);
}

static void
a_repeated_syn_draws_the_syn_ack_again(void **state)
{
	struct socket *l = listener();
	uint32_t iss = syn(2000);

	(void)state;
	tf_run(500 * NS_MS);
	assert_int_equal(syn(2000), iss);
	assert_int_equal(V_tcp.sc_count, 1);
	assert_int_equal(tcpstat_get(TCPS_sc_dupsyn), 1);
	/* and starts its timer again */
	tf_run(999 * NS_MS);
	tf_silent();
	tf_run(NS_MS);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	ack(2000, PEER, iss + 1);
	accepted(l, 2000);
	assert_int_equal(tcpstat_get(TCPS_sc_completed), 1);
	(void)soclose(l);
}

static void
an_ack_must_be_exact(void **state)
{
	struct socket *l = listener();
	uint32_t iss;

	(void)state;
	/* wrong SEG.ACK: reset, and the entry has gone, as in FreeBSD */
	iss = syn(2000);
	ack(2000, PEER, iss + 2);
	tf_expect(TH_RST, iss + 2, 0, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	/* SEG.SEQ below and beyond the window that the SYN,ACK offered */
	iss = syn(2000);
	ack(2000, TF_IRS, iss + 1);
	tf_expect(TH_RST, iss + 1, 0, 0);
	iss = syn(2000);
	ack(2000, TF_IRS + 65535 + 1, iss + 1);
	tf_expect(TH_RST, iss + 1, 0, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	/* at its right edge: taken; what lies before it is asked for */
	iss = syn(2000);
	ack(2000, TF_IRS + 65535, iss + 1);
	assert_int_equal(l->so_qlen, 1);
	tf.rd = tf.n;
	accepted(l, 2000);
	assert_int_equal(drop_count(DROP_TCP_LISTEN_ACK), 3);
	(void)soclose(l);
}

static void
data_may_come_with_the_ack(void **state)
{
	struct socket *l = listener(), *child;
	uint32_t iss = syn(2000), done;
	uint8_t b[16];

	(void)state;
	tf_in_full(
	    2000, TF_LPORT, TH_ACK | TH_FIN, PEER, iss + 1, TF_WIN, 5, NULL, 0);
	tf_expect(TH_ACK, iss + 1, PEER + 6, 0);
	assert_int_equal(soaccept(l, &child), 0);
	assert_int_equal(tf_tp(child)->t_state, TCPS_CLOSE_WAIT);
	assert_int_equal(soreceive(child, b, sizeof(b), NULL, &done), 0);
	assert_int_equal(done, 5);
	(void)soclose(child);
	(void)soclose(l);
	tf.rd = tf.n;
}

static void
an_rst_must_be_exact(void **state)
{
	struct socket *l = listener();
	uint32_t iss = syn(2000);

	(void)state;
	/* outside the window: nothing */
	tf_in(TH_RST, TF_IRS, 0, 0, 0);
	tf_in(TH_RST, PEER + 65535, 0, 0, 0);
	tf_silent();
	assert_int_equal(V_tcp.sc_count, 1);
	/* inside: challenge ACK, RFC 5961 */
	tf_in(TH_RST, PEER + 1, 0, 0, 0);
	tf_expect(TH_ACK, iss + 1, PEER, 0);
	tf_in(TH_RST, PEER + 65534, 0, 0, 0);
	tf_expect(TH_ACK, iss + 1, PEER, 0);
	assert_int_equal(V_tcp.sc_count, 1);
	assert_int_equal(tcpstat_get(TCPS_badrst), 4);
	/* unless RFC 793 is asked for */
	V_tcp.insecure_rst = 1;
	tf_in(TH_RST, PEER + 65534, 0, 0, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	V_tcp.insecure_rst = 0;
	(void)syn(2000);
	tf_in(TH_RST, PEER, 0, 0, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	assert_int_equal(tcpstat_get(TCPS_sc_reset), 2);
	/* a challenge that cannot be sent ends it */
	(void)syn(2000);
	tf.error = VE_NOBUFS;
	tf_in(TH_RST, PEER + 1, 0, 0, 0);
	tf.error = 0;
	assert_int_equal(V_tcp.sc_count, 0);
	tf_silent();
	(void)soclose(l);
}

static void
a_syn_ack_for_a_listener_ends_the_entry(void **state)
{
	struct socket *l = listener();

	(void)state;
	(void)syn(2000);
	tf_in(TH_SYN | TH_ACK, TF_IRS, 77, TF_WIN, 0);
	tf_silent();
	assert_int_equal(V_tcp.sc_count, 0);
	assert_int_equal(tcpstat_get(TCPS_sc_badack), 1);
	(void)soclose(l);
}

static void
unreachable(uint32_t seq)
{
	uint8_t l4[8];

	be16enc(l4, TF_LPORT);
	be16enc(l4 + 2, 2000);
	be32enc(l4 + 4, seq);
	tcp_ctlinput(PRC_UNREACH_HOST, TF_LADDR, TF_FADDR, l4, 0);
}

static void
the_second_unreachable_counts_when_it_lasts(void **state)
{
	struct socket *l = listener();
	uint32_t iss = syn(2000);

	(void)state;
	for (int i = 0; i < 3; i++)
		unreachable(iss);
	assert_int_equal(V_tcp.sc_count, 1);
	tf_run(8 * NS_S); /* three more SYN,ACKs */
	unreachable(iss + 1);
	assert_int_equal(V_tcp.sc_count, 1);
	unreachable(iss);
	assert_int_equal(V_tcp.sc_count, 0);
	assert_int_equal(tcpstat_get(TCPS_sc_unreach), 1);
	tf.rd = tf.n;
	(void)soclose(l);
}

/* One row: whoever comes when it is full replaces the oldest. */
static void
bucketlimit_is_exact(void **state)
{
	struct socket *l = listener();
	uint32_t iss[4];

	(void)state;
	V_tcp.syncookies = 0;
	assert_int_equal(sysctl_set("net.inet.tcp.syncache.hashsize", 1), 0);
	assert_int_equal(sysctl_set("net.inet.tcp.syncache.bucketlimit", 3), 0);
	for (unsigned i = 0; i < 3; i++)
		iss[i] = syn((uint16_t)(2000 + i));
	assert_int_equal(V_tcp.sc_count, 3);
	assert_int_equal(tcpstat_get(TCPS_sc_bucketoverflow), 0);
	iss[3] = syn(2003);
	assert_int_equal(V_tcp.sc_count, 3);
	assert_int_equal(tcpstat_get(TCPS_sc_bucketoverflow), 1);
	ack(2000, PEER, iss[0] + 1);
	tf_expect(TH_RST, iss[0] + 1, 0, 0);
	for (unsigned i = 1; i < 4; i++) {
		ack((uint16_t)(2000 + i), PEER, iss[i] + 1);
		accepted(l, (uint16_t)(2000 + i));
	}
	/* rows cannot be changed any more */
	assert_int_equal(
	    sysctl_set("net.inet.tcp.syncache.hashsize", 2), VE_BUSY);
	(void)soclose(l);
}

static void
cachelimit_is_exact(void **state)
{
	struct socket *l = listener();
	uint16_t port = 2000;
	uint32_t first;

	(void)state;
	assert_int_equal(
	    sysctl_set("net.inet.tcp.syncache.hashsize", 3), VE_INVAL);
	V_tcp.syncookies = 0;
	assert_int_equal(sysctl_set("net.inet.tcp.syncache.cachelimit", 2), 0);
	first = syn(port);
	(void)syn(++port);
	assert_int_equal(V_tcp.sc_count, 2);
	/* its row is empty, and there are no cookies: dropped */
	tf_in_full(3000, TF_LPORT, TH_SYN, TF_IRS, 0, TF_WIN, 0, NULL, 0);
	tf_silent();
	assert_int_equal(drop_count(DROP_NOMEM), 1);
	assert_int_equal(tcpstat_get(TCPS_sc_zonefail), 1);
	assert_int_equal(V_tcp.sc_count, 2);
	/* with cookies it is served */
	V_tcp.syncookies = 1;
	ack(3000, PEER, syn(3000) + 1);
	assert_int_equal(V_tcp.sc_count, 2);
	accepted(l, 3000);
	assert_int_equal(tcpstat_get(TCPS_sc_recvcookie), 1);
	V_tcp.syncookies = 0;
	ack(2000, PEER, first + 1);
	accepted(l, 2000);
	assert_int_equal(V_tcp.sc_count, 1);
	(void)soclose(l);
}

/* The oldest of the row makes room for one that hits cachelimit. */
static void
cachelimit_replaces_the_oldest_of_the_row(void **state)
{
	struct socket *l = listener();

	(void)state;
	V_tcp.syncookies = 0;
	V_tcp.sc_hashsize = 1;
	V_tcp.sc_cachelimit = 2;
	for (uint16_t i = 0; i < 5; i++) {
		(void)syn((uint16_t)(2000 + i));
		assert_int_equal(V_tcp.sc_count, i == 0 ? 1 : 2);
	}
	assert_int_equal(tcpstat_get(TCPS_sc_zonefail), 3);
	(void)soclose(l);
}

/* Cookies: nothing is kept, and nothing is forgotten. */
static void
a_cookie_tells_all_that_it_can(void **state)
{
	static const struct {
		uint16_t mss, got;
		int scale, gotscale;
	} tab[] = {
		{ 0, 216, -1, 0 },
		{ 535, 216, 0, 0 },
		{ 536, 536, 1, 1 },
		{ 1460, 1460, 2, 2 },
		{ 9000, 1460, 3, 2 },
		{ 1451, 1440, 5, 4 },
		{ 1452, 1452, 14, 8 },
	};
	struct socket *l = listener(), *child;

	(void)state;
	V_tcp.syncookiesonly = 1;
	for (unsigned i = 0; i < nitems(tab); i++) {
		uint8_t o[] = { 2, 4, (uint8_t)(tab[i].mss >> 8),
			(uint8_t)tab[i].mss, 1, 3, 3, (uint8_t)tab[i].scale };
		uint8_t off = tab[i].mss == 0 ? 4 : 0;
		uint8_t end = tab[i].scale < 0 ? 4 : 8;

		tf_in_full(2000, TF_LPORT, TH_SYN, TF_IRS, 0, TF_WIN, 0,
		    o + off, (uint32_t)(end - imin(off, end)));
		assert_int_equal(V_tcp.sc_count, 0);
		assert_null(V_tcp.syncache);
		assert_int_equal(
		    tf.pkt[tf.rd].opt.to_hasscale, tab[i].scale >= 0);
		ack(2000, PEER, tf_next()->seq + 1);
		assert_int_equal(soaccept(l, &child), 0);
		assert_int_equal(tf_tp(child)->t_maxseg, tab[i].got);
		assert_int_equal(tf_tp(child)->snd_scale, tab[i].gotscale);
		assert_int_equal(
		    tf_tp(child)->rcv_scale, tab[i].scale < 0 ? 0 : 6);
		tf_in(TH_RST, PEER, 0, 0, 0);
		(void)soclose(child);
	}
	assert_int_equal(tcpstat_get(TCPS_sc_sendcookie), nitems(tab));
	assert_int_equal(tcpstat_get(TCPS_sc_recvcookie), nitems(tab));
	(void)soclose(l);
}

/* SACK: both permit it or nobody has it, with an entry and with a cookie. */
static void
sack_is_negotiated(void **state)
{
	static const uint8_t o[] = { 2, 4, 5, 0xb4, 4, 2, 1, 1 };
	struct socket *l = listener(), *child;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		bool want = (i & 1) != 0, have = (i & 2) != 0;

		V_tcp.syncookiesonly = (i & 4) != 0;
		V_tcp.sack_enable = have;
		tf_in_full(2000, TF_LPORT, TH_SYN, TF_IRS, 0, TF_WIN, 0, o,
		    want ? 8 : 4);
		assert_int_equal(tf.pkt[tf.rd].opt.to_sackperm, want && have);
		assert_int_equal(V_tcp.sc_count, i < 4);
		ack(2000, PEER, tf_next()->seq + 1);
		assert_int_equal(soaccept(l, &child), 0);
		assert_int_equal((tf_tp(child)->t_flags & TF_SACK_PERMIT) != 0,
		    want && have);
		tf_in(TH_RST, PEER, 0, 0, 0);
		(void)soclose(child);
	}
	(void)soclose(l);
}

/* The scale that is offered follows kern.ipc.maxsockbuf. */
static void
the_scale_follows_maxsockbuf(void **state)
{
	static const struct {
		uint32_t max;
		uint8_t scale;
	} tab[] = {
		{ 65535, 0 },
		{ 65536, 1 },
		{ 73728, 1 },
		{ 131070, 1 },
		{ 131071, 2 },
		{ 2097152, 6 },
		{ UINT32_MAX, 14 },
	};
	static const uint8_t o[] = { 1, 3, 3, 0 };
	struct socket *l = listener();

	(void)state;
	for (unsigned i = 0; i < nitems(tab); i++) {
		assert_int_equal(
		    sysctl_set("kern.ipc.maxsockbuf", tab[i].max), 0);
		tf_in_full((uint16_t)(2000 + i), TF_LPORT, TH_SYN, TF_IRS, 0,
		    TF_WIN, 0, o, 4);
		assert_true(tf.pkt[tf.rd].opt.to_hasscale);
		assert_int_equal(tf_next()->opt.to_wscale, tab[i].scale);
	}
	(void)soclose(l);
}

static void
a_cookie_is_for_one_peer_and_not_for_ever(void **state)
{
	struct socket *l = listener();
	uint32_t iss;

	(void)state;
	V_tcp.syncookiesonly = 1;
	iss = syn(2000);
	/* another port, sequence number, a guess */
	ack(2001, PEER, iss + 1);
	ack(2000, PEER + 1, iss + 1);
	ack(2000, PEER, iss + 2 + 256);
	assert_int_equal(tf.n - tf.rd, 3);
	assert_int_equal(l->so_qlen, 0);
	tf.rd = tf.n;
	/* good until the period after the next has begun, not longer */
	tf_run(2 * SYNCOOKIE_LIFETIME - vtime() % SYNCOOKIE_LIFETIME - 1);
	ack(2000, PEER, iss + 1);
	accepted(l, 2000);
	iss = syn(2000);
	tf_run(2 * SYNCOOKIE_LIFETIME - vtime() % SYNCOOKIE_LIFETIME);
	ack(2000, PEER, iss + 1);
	tf_expect(TH_RST, iss + 1, 0, 0);
	(void)soclose(l);
}

/* After an overflow: cookies only, for 15, 30, 60 s. */
static void
an_overflow_pauses_the_cache(void **state)
{
	struct socket *l = listener();
	uint16_t port = 2000;
	uint32_t iss;

	(void)state;
	V_tcp.sc_hashsize = 1;
	V_tcp.sc_bucketlimit = 1;
	/* everybody times out quickly, so each second SYN overflows */
	V_tcp.sc_rexmtlimit = 0;
	(void)syn(port++);
	assert_false(syncache_cookiesonly());
	(void)syn(port++);
	assert_true(syncache_cookiesonly());
	/* who comes now gets a cookie, and is not in the cache */
	iss = syn(port);
	assert_int_equal(V_tcp.sc_count, 1);
	ack(port, PEER, iss + 1);
	accepted(l, port);
	/* the one that was thrown out had a cookie, too */
	for (int64_t s = 15; s <= 60; s *= 2) {
		tf_run(s * NS_S - 1);
		assert_true(syncache_cookiesonly());
		tf_run(1);
		assert_false(syncache_cookiesonly());
		(void)syn(port++);
		(void)syn(port++);
		assert_true(syncache_cookiesonly());
	}
	assert_int_equal(V_tcp.syncache->sc_backoff, 3);
	/* a long rest, and the next one is the first again */
	tf_run(2000 * NS_S);
	(void)syn(port++);
	(void)syn(port++);
	assert_int_equal(V_tcp.syncache->sc_backoff, 0);
	(void)soclose(l);
}

/* In FreeBSD the ISS of every SYN,ACK is a cookie: thrown out, not lost. */
static void
who_is_thrown_out_still_has_a_cookie(void **state)
{
	struct socket *l = listener();
	uint32_t iss, last;

	(void)state;
	V_tcp.sc_hashsize = V_tcp.sc_bucketlimit = 1;
	iss = syn(2000);
	last = syn(2001);
	assert_int_equal(V_tcp.sc_count, 1);
	ack(2000, PEER, iss + 1);
	accepted(l, 2000);
	/* the other one is in the cache, which pauses, but not for it */
	assert_true(syncache_cookiesonly());
	assert_int_equal(syn(2001), last);
	ack(2001, PEER, last + 1);
	assert_int_equal(V_tcp.sc_count, 0);
	accepted(l, 2001);
	assert_int_equal(tcpstat_get(TCPS_sc_recvcookie), 1);
	/* an RST finds it, too */
	tf_run(15 * NS_S);
	(void)syn(2000);
	(void)syn(2001);
	assert_true(syncache_cookiesonly());
	tf_in_full(2001, TF_LPORT, TH_RST, PEER, 0, 0, 0, NULL, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	(void)soclose(l);
}

/* An entry pins the prison by the listener's credential, as in FreeBSD. */
static void
an_entry_outlives_its_listener(void **state)
{
	struct socket *l = listener();
	struct ucred *cr = ref_get(&l->so_cred);
	uint32_t iss = syn(2000);

	(void)state;
	assert_int_equal(V_tcpstat.states->tcps_states[TCPS_SYN_RECEIVED], 1);
	(void)soclose(l);
	assert_int_equal(V_tcp.sc_count, 1);
	assert_ptr_equal(
	    ref_get(&TAILQ_FIRST(&V_tcp.syncache->sc_due[0])->sc_cred), cr);
	tf_silent();
	ack(2000, PEER, iss + 1);
	tf_expect(TH_RST, iss + 1, 0, 0);
	assert_int_equal(V_tcp.sc_count, 1);
	tf_run(NS_S);
	tf_expect(TH_SYN | TH_ACK, iss, PEER, 0);
	tf_run(15 * NS_S);
	assert_int_equal(V_tcp.sc_count, 0);
	assert_int_equal(V_tcpstat.states->tcps_states[TCPS_SYN_RECEIVED], 0);
}

static void
one_without_memory_for_its_syn_ack_is_not_kept(void **state)
{
	struct socket *l = listener();

	(void)state;
	tf.error = VE_NOBUFS;
	tf_in(TH_SYN, TF_IRS, 0, TF_WIN, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	tf.error = 0;
	(void)syn(2000);
	tf.error = VE_HOSTDOWN;
	tf_run(NS_S);
	assert_int_equal(V_tcp.sc_count, 0);
	assert_int_equal(tcpstat_get(TCPS_sc_dropped), 2);
	tf.error = 0;
	(void)soclose(l);
}

/* The RST is exact for a peer that has got the SYN,ACK, and a refusal else. */
static void
cut_entries_are_reset(void **state)
{
	struct socket *l = listener();
	uint32_t iss[2];

	(void)state;
	iss[0] = syn(2000);
	tf_run(NS_S);
	tf.rd = tf.n;
	iss[1] = syn(2001);
	syncache_cut();
	tf_expect(TH_RST | TH_ACK, iss[1] + 1, PEER, 0);
	tf_expect(TH_RST | TH_ACK, iss[0] + 1, PEER, 0);
	assert_int_equal(V_tcp.sc_count, 0);
	tf_run(20 * NS_S);
	tf_silent();
	(void)soclose(l);
}

/* Only the entries of this listener, and only of its jail. */
static void
kill_takes_the_entries_of_one_listener(void **state)
{
	struct socket *l = listener();
	struct inpcb *inp = sotoinpcb(l);
	uint32_t iss = syn(2000);

	(void)state;
	inp->inp_lport++;
	syncache_kill(inp, true);
	inp->inp_lport--;
	inp->inp_laddr = TF_LADDR + 1;
	syncache_kill(inp, true);
	inp->inp_laddr = 0;
	tf_silent();
	assert_int_equal(V_tcp.sc_count, 1);
	syncache_kill(inp, true);
	tf_expect(TH_RST | TH_ACK, iss + 1, PEER, 0);
	(void)syn(2000);
	inp->inp_laddr = TF_LADDR;
	syncache_kill(inp, false);
	inp->inp_laddr = 0;
	tf_silent();
	assert_int_equal(V_tcp.sc_count, 0);
	(void)soclose(l);
}

#define T(n) cmocka_unit_test_setup_teardown(n, tf_setup, tf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_syn_ack_is_sent_again),
		T(rexmtlimit_is_exact),
		T(a_repeated_syn_draws_the_syn_ack_again),
		T(an_ack_must_be_exact),
		T(data_may_come_with_the_ack),
		T(an_rst_must_be_exact),
		T(a_syn_ack_for_a_listener_ends_the_entry),
		T(the_second_unreachable_counts_when_it_lasts),
		T(bucketlimit_is_exact),
		T(cachelimit_is_exact),
		T(cachelimit_replaces_the_oldest_of_the_row),
		T(a_cookie_tells_all_that_it_can),
		T(sack_is_negotiated),
		T(the_scale_follows_maxsockbuf),
		T(a_cookie_is_for_one_peer_and_not_for_ever),
		T(an_overflow_pauses_the_cache),
		T(who_is_thrown_out_still_has_a_cookie),
		T(an_entry_outlives_its_listener),
		T(one_without_memory_for_its_syn_ack_is_not_kept),
		T(cut_entries_are_reset),
		T(kill_takes_the_entries_of_one_listener),
	};

	return (cmocka_run_group_tests_name("tcp_syncache", tests, NULL, NULL)
		    ? 1
		    : 0);
}
