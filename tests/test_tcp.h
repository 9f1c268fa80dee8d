/*
 * test_tcp.h - what the tests of TCP share: one stack, and the wire in hand.
 *
 * A world with TCP, pcbs and sockets but without IP: V_tcp.lower is a table
 * that writes down what would be sent, and tf_in() hands in what a peer would
 * have sent, with the numbers of the script.  We are 10.0.0.1, the peer is
 * 10.0.0.2:2000 and its ISS is TF_IRS.
 */
#ifndef TESTS_TEST_TCP_H
#define TESTS_TEST_TCP_H

#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/wire.h>
#include "src/net/inet/in_af.h"
#include "src/net/tcp/tcp_in.h"
#include "tests/lib/tworld.h"

#define TF_LADDR 0x0a000001u
#define TF_FADDR 0x0a000002u
#define TF_LPORT 80
#define TF_FPORT 2000
#define TF_IRS   1000u
#define TF_WIN   32768u
#define TF_MAX   2048
#define TF_ISS   5000u /* of tf_made() */

struct tf_pkt {
	uint32_t seq, ack, len;
	uint16_t win, sport, dport, mflags;
	uint8_t flags;
	struct tcpopt opt;
	int64_t time;
	uint8_t first; /* first byte of data */
	uint8_t ttl, tos;
	uint16_t urp;
};

/* The wire. */
static struct {
	struct tf_pkt pkt[TF_MAX];
	unsigned n, rd;
	uint32_t limited; /* bit per BANDLIM_: the rate limit says no */
	int error;        /* what output answers, once */
	uint8_t iptos;    /* of what comes in */
	uint16_t urp;     /* the same: urgent pointer */
	struct world *w;
	struct vnet *v;
	struct vnet_frame f;
	struct ref *cred; /* what a process would hold */
} tf;

static int
tf_output(struct mbuf *m, uint32_t src, uint32_t dst, uint8_t ttl, uint8_t tos)
{
	struct tf_pkt *p = &tf.pkt[tf.n];
	uint8_t hdr[TCP_MAXHDRLEN];
	uint32_t off;

	if (tf.error != 0) {
		m_freem(m);
		return (tf.error);
	}
	assert_true(tf.n < TF_MAX);
	assert_int_equal(src, TF_LADDR);
	assert_int_equal(dst, TF_FADDR);
	assert_int_equal(m->m_pkthdr.len, m_length(m));
	assert_int_equal(m->m_pkthdr.csum_flags, CSUM_TCP);
	m_copydata(m, 0, TCP_HDRLEN, hdr);
	off = (uint32_t)(hdr[TCPOFF_OFF] >> 4) * 4;
	m_copydata(m, 0, off, hdr);
	memset(p, 0, sizeof(*p));
	p->sport = be16dec(hdr + TCPOFF_SPORT);
	p->dport = be16dec(hdr + TCPOFF_DPORT);
	p->seq = be32dec(hdr + TCPOFF_SEQ);
	p->ack = be32dec(hdr + TCPOFF_ACK);
	p->flags = hdr[TCPOFF_FLAGS];
	p->win = be16dec(hdr + TCPOFF_WIN);
	p->len = m->m_pkthdr.len - off;
	p->mflags = m->m_flags;
	p->ttl = ttl;
	p->tos = tos;
	p->urp = be16dec(hdr + TCPOFF_URP);
	p->time = vtime();
	tcp_dooptions(&p->opt, hdr + TCP_HDRLEN, off - TCP_HDRLEN,
	    (p->flags & TH_SYN) != 0);
	if (p->len != 0)
		m_copydata(m, off, 1, &p->first);
	tf.n++;
	m_freem(m);
	return (0);
}

static uint32_t
tf_mtu(uint32_t fib, uint32_t dst)
{
	(void)fib;
	(void)dst;
	return (1500);
}

static bool
tf_local(uint32_t addr)
{
	return (addr == TF_LADDR);
}

static bool
tf_bcast(uint32_t addr)
{
	return (addr >> 28 == 0xe || addr == UINT32_MAX);
}

static bool
tf_bandlim(int which)
{
	return ((tf.limited & 1u << which) == 0);
}

static const struct tcp_lower tf_lower = { tf_output, tf_mtu, tf_local,
	tf_bcast, tf_bandlim };

static int
tf_af_laddr(uint32_t fib, uint32_t dst, uint32_t *src)
{
	(void)fib;
	if (dst >> 24 != 10)
		return (VE_NETUNREACH);
	*src = TF_LADDR;
	return (0);
}

static const struct inet_afops tf_af = {
	.af_laddr = tf_af_laddr, .af_local = tf_local, .af_broadcast = tf_bcast
};

/* In the place of IP. */
static int
tf_ip_init(void)
{
	in_af_register(&tf_af);
	V_tcp.lower = &tf_lower;
	return (0);
}

static enum op_verdict
tf_ip_shutdown(struct op *op)
{
	(void)op;
	in_af_register(NULL);
	return (OP_DONE);
}

static const struct vnet_module tf_ip = {
	TW_MODULE(ip, "ip"),
	.vm_init = tf_ip_init,
	.vm_shutdown = tf_ip_shutdown,
};

static const struct vnet_module *const tf_mods[] = { &vnet_module_inpcb,
	&vnet_module_tcpstat, &vnet_module_tcp, &vnet_module_socket, &tf_ip,
	NULL };

static __kunused void
tf_enter(void)
{
	TW_ENTER(&tf.f, tf.v);
}

static __kunused void
tf_leave(void)
{
	vnet_leave(&tf.f);
}

/* Our stack in a jail, so that it can be taken down. */
static __kunused int
tf_setup(void **state)
{
	(void)state;
	memset(&tf, 0, sizeof(tf));
	tf.w = tw_create(tf_mods);
	tf.v = tw_jail("j")->pr_vnet;
	tf_enter();
	tf.cred = world_user_alloc(sizeof(*tf.cred), false);
	assert_non_null(tf.cred);
	ref_take(tf.cred, crget(tf.v->v_prison), "test");
	return (0);
}

/* The jail goes, or went already; nothing may be left. */
static __kunused int
tf_teardown(void **state)
{
	struct prison *pr;

	(void)state;
	if (tf.f.vf_door == NULL && curvnet == tf.v)
		tf_leave();
	crfree(tf.cred);
	world_user_free(tf.cred);
	pr = prison_find("j", false);
	if (pr != NULL)
		assert_int_equal(prison_remove(pr), 0);
	(void)tw_run(tf.w);
	assert_null(prison_find("j", true));
	tw_destroy(tf.w);
	return (0);
}

/* Let virtual time pass, outside the vnet. */
static __kunused void
tf_run(int64_t ns)
{
	int64_t until = vtime() + ns;

	tf_leave();
	while (world_step(tf.w, until))
		;
	tf_enter();
}

static __kunused struct socket *
tf_socket(void)
{
	struct socket *so = NULL;

	assert_int_equal(
	    socreate(SOCK_STREAM, IPPROTO_TCP, ref_get(tf.cred), &so), 0);
	return (so);
}

static __kunused void
tf_in_full(uint16_t sport, uint16_t dport, uint8_t flags, uint32_t seq,
    uint32_t ack, uint16_t win, uint32_t len, const uint8_t *opt,
    uint32_t optlen)
{
	uint64_t failat = tf.w->w_mem.wm_failat;
	uint64_t count = tf.w->w_mem.wm_nfallible;
	uint32_t hlen = TCP_HDRLEN + optlen;
	struct mbuf *m;
	uint8_t *p;

	/* the peer's memory does not fail */
	tf.w->w_mem.wm_failat = 0;
	m = m_getm(0, 20 + hlen + len, M_NOWAIT);
	tf.w->w_mem.wm_nfallible = count;
	tf.w->w_mem.wm_failat = failat;
	assert_non_null(m);
	m->m_pkthdr.csum_flags = CSUM_DATA_VALID | CSUM_L3_VALID;
	assert_true(m->m_len >= 20 + hlen);
	p = mtod(m, uint8_t *);
	memset(p, 0, 20 + hlen);
	p[1] = tf.iptos;
	be32enc(p + 12, TF_FADDR);
	be32enc(p + 16, TF_LADDR);
	p += 20;
	be16enc(p + TCPOFF_SPORT, sport);
	be16enc(p + TCPOFF_DPORT, dport);
	be32enc(p + TCPOFF_SEQ, seq);
	be32enc(p + TCPOFF_ACK, ack);
	p[TCPOFF_OFF] = (uint8_t)(hlen / 4 << 4);
	p[TCPOFF_FLAGS] = flags;
	be16enc(p + TCPOFF_WIN, win);
	be16enc(p + TCPOFF_URP, tf.urp);
	if (optlen != 0)
		memcpy(p + TCP_HDRLEN, opt, optlen);
	/* data: each byte is the low byte of its sequence number */
	for (struct mbuf *n = m; n != NULL; n = n->m_next) {
		uint32_t from = n == m ? 20 + hlen : 0;

		for (uint32_t i = from; i < n->m_len; i++)
			n->m_data[i] = (uint8_t)seq++;
	}
	tcp_input(m, 20);
}

/* From the peer to port @dport. */
static uint16_t tf_dport = TF_LPORT;

static __kunused void
tf_in(uint8_t flags, uint32_t seq, uint32_t ack, uint16_t win, uint32_t len)
{
	tf_in_full(TF_FPORT, tf_dport, flags, seq, ack, win, len, NULL, 0);
}

static __kunused const struct tf_pkt *
tf_next(void)
{
	assert_true(tf.rd < tf.n);
	return (&tf.pkt[tf.rd++]);
}

static __kunused void
tf_expect_at(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, int line)
{
	const struct tf_pkt *p;

	if (tf.rd >= tf.n)
		fail_msg("line %d: nothing was sent", line);
	p = tf_next();
	if ((p->flags & ~TH_PUSH) != (flags & ~TH_PUSH) || p->seq != seq ||
	    p->ack != ack || p->len != len)
		fail_msg("line %d: flags %#x seq %u ack %u len %u was sent, "
			 "not flags %#x seq %u ack %u len %u",
		    line, p->flags, p->seq, p->ack, p->len, flags, seq, ack,
		    len);
}
#define tf_expect(f, s, a, l) tf_expect_at((f), (s), (a), (l), __LINE__)

static __kunused void
tf_silent_at(int line)
{
	if (tf.rd != tf.n)
		fail_msg("line %d: flags %#x seq %u len %u was sent", line,
		    tf.pkt[tf.rd].flags, tf.pkt[tf.rd].seq, tf.pkt[tf.rd].len);
}
#define tf_silent() tf_silent_at(__LINE__)

#define tf_tp(so) intotcpcb(sotoinpcb(so))

/* Start connect(2); the SYN is on the wire. */
static __kunused struct socket *
tf_connecting(void)
{
	const struct sockaddr_in to = { TF_FADDR, TF_FPORT };
	struct socket *so = tf_socket();

	assert_int_equal(soconnect(so, &to), 0);
	tf_dport = sotoinpcb(so)->inp_lport;
	tf_expect(TH_SYN, tf_tp(so)->iss, 0, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_SYN_SENT);
	return (so);
}

/* A client's connection; the peer's SYN,ACK carries @to. */
static __kunused struct socket *
tf_established_with(const struct tcpopt *to)
{
	struct socket *so = tf_connecting();
	uint32_t iss = tf_tp(so)->iss, n;
	uint8_t opt[TCP_MAXOLEN];

	n = tcp_addoptions(to, opt);
	tf_in_full(TF_FPORT, tf_dport, TH_SYN | TH_ACK, TF_IRS, iss + 1, TF_WIN,
	    0, opt, n);
	tf_expect(TH_ACK, iss + 1, TF_IRS + 1, 0);
	assert_int_equal(tf_tp(so)->t_state, TCPS_ESTABLISHED);
	assert_true((so->so_state & SS_ISCONNECTED) != 0);
	return (so);
}

/* MSS 1460, no scaling, no SACK, no timestamps. */
static __kunused struct socket *
tf_established(void)
{
	static const struct tcpopt to = { .to_hasmss = true, .to_mss = 1460 };

	return (tf_established_with(&to));
}

/* The same with SACK. */
static __kunused struct socket *
tf_established_sack(void)
{
	static const struct tcpopt to = {
		.to_hasmss = true, .to_mss = 1460, .to_sackperm = true
	};

	return (tf_established_with(&to));
}

#endif /* !TESTS_TEST_TCP_H */
