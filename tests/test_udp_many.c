/*
 * test_udp_many.c - datagrams for many: who hears a broadcast, and when the
 * walk over the sockets of a port ends; black holes; the longest datagram.
 */
#include "tests/test_socket.h"

#define HLEN  20
#define GROUP IP(224, 1, 2, 3)

static struct mbuf *
dgram(uint32_t src, uint32_t dst, uint16_t dport, uint32_t len)
{
	struct mbuf *m = m_getm(0, HLEN + UDP_HDRLEN + len, M_NOWAIT);
	uint8_t *p;

	assert_non_null(m);
	p = mtod(m, uint8_t *);
	memset(p, 0, HLEN + UDP_HDRLEN);
	p[0] = 0x45;
	p[1] = 0x10;
	p[8] = 33;
	be32enc(p + 12, src);
	be32enc(p + 16, dst);
	be16enc(p + HLEN, 53);
	be16enc(p + HLEN + 2, dport);
	be16enc(p + HLEN + 4, (uint16_t)(UDP_HDRLEN + len));
	return (m);
}

static struct socket *
hearer(struct env *e, uint32_t laddr, int opt)
{
	struct socket *so = env_socket(e, SOCK_DGRAM);

	if (opt != 0)
		assert_int_equal(sosetopt(so, opt, 1), 0);
	assert_int_equal(sobind(so, AT(laddr, 7)), 0);
	return (so);
}

/* How many datagrams wait; they are thrown away. */
static int
heard(struct socket *so)
{
	uint32_t done;
	uint8_t buf[8];
	int n = 0;

	while (soreceive(so, buf, sizeof(buf), NULL, &done) == 0)
		n++;
	return (n);
}

static void
all_on_the_port_hear_a_broadcast(void **state)
{
	struct socket *any, *bc, *one, *conn, *other, *lb;
	struct env e;

	(void)state;
	env_open(&e);
	any = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	bc = hearer(&e, BCAST, SO_REUSEPORT);
	one = hearer(&e, HOST1, SO_REUSEADDR);
	conn = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	assert_int_equal(soconnect(conn, AT(PEER, 53)), 0);
	other = hearer(&e, BCAST, SO_REUSEPORT);
	lb = hearer(&e, HOST2, SO_REUSEPORT_LB);
	udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(heard(any), 1);
	assert_int_equal(heard(bc), 1);
	assert_int_equal(heard(other), 1);
	/* bound to an address, or connected from one: not theirs */
	assert_int_equal(heard(one), 0);
	assert_int_equal(heard(conn), 0);
	assert_int_equal(heard(lb), 0);
	/* a unicast has one receiver */
	udp_input(dgram(PEER + 1, HOST1, 7, 1), HLEN);
	assert_int_equal(heard(any) + heard(bc) + heard(one) + heard(conn), 1);
	/* connected on the broadcast's own address: only its peer */
	assert_int_equal(soconnect(other, AT(PEER, 54)), 0);
	udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(heard(other), 0);
	assert_int_equal(heard(bc), 1);
	assert_int_equal(heard(any), 1);
	(void)soclose(any);
	(void)soclose(bc);
	(void)soclose(one);
	(void)soclose(conn);
	(void)soclose(other);
	(void)soclose(lb);
	env_close(&e);
}

/* The walk ends at a socket that shares its port with nobody. */
static void
the_walk_ends_at_one_that_does_not_share(void **state)
{
	struct socket *old, *plain, *young;
	struct env e;

	(void)state;
	env_open(&e);
	old = hearer(&e, BCAST, SO_REUSEADDR);
	plain = hearer(&e, INADDR_ANY, SO_REUSEADDR);
	young = hearer(&e, IP(10, 0, 0, 1), SO_REUSEADDR);
	assert_int_equal(sosetopt(plain, SO_REUSEADDR, 0), 0);
	udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(heard(plain), 1);
	assert_int_equal(heard(old), 0);
	assert_int_equal(heard(young), 0);
	assert_int_equal(sosetopt(plain, SO_REUSEADDR, 1), 0);
	udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(heard(plain), 1);
	assert_int_equal(heard(old), 1);
	(void)soclose(old);
	(void)soclose(plain);
	(void)soclose(young);
	env_close(&e);
}

static void
nobody_hears(void **state)
{
	struct socket *so;
	struct env e;

	(void)state;
	env_open(&e);
	so = hearer(&e, HOST1, 0);
	udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(V_udp.stat->udps_noport, 1);
	assert_int_equal(V_udp.stat->udps_noportbcast, 1);
	udp_input(dgram(PEER, GROUP, 8, 1), HLEN);
	assert_int_equal(V_udp.stat->udps_noportmcast, 1);
	assert_int_equal(V_udp.stat->udps_noport, 2);
	assert_int_equal(fip.nunreach, 0);
	assert_int_equal(drop_count(DROP_UDP_NOPORT), 2);
	(void)soclose(so);
	env_close(&e);
}

/* A copy fails: who is last hears nevertheless, nothing leaks. */
static void
a_copy_without_memory_is_lost(void **state)
{
	struct socket *a, *b;
	struct env e;

	(void)state;
	env_open(&e);
	a = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	b = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	for (uint64_t n = 1; n < 4; n++) {
		struct mbuf *m = dgram(PEER, BCAST, 7, 1);

		e.w->w_mem.wm_failat = e.w->w_mem.wm_nfallible + n;
		udp_input(m, HLEN);
		e.w->w_mem.wm_failat = 0;
		assert_int_equal(heard(a), 1);
		assert_int_equal(heard(b), n == 1 ? 0 : 1);
	}
	(void)soclose(a);
	(void)soclose(b);
	env_close(&e);
}

/* One socket is full: the others are not. */
static void
one_is_full(void **state)
{
	struct socket *a, *b;
	struct env e;

	(void)state;
	env_open(&e);
	a = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	b = hearer(&e, INADDR_ANY, SO_REUSEPORT);
	assert_int_equal(sosetopt(b, SO_RCVBUF, SB_RECORD + 1), 0);
	for (int i = 0; i < 3; i++)
		udp_input(dgram(PEER, BCAST, 7, 1), HLEN);
	assert_int_equal(heard(a), 3);
	assert_int_equal(heard(b), 1);
	assert_int_equal(V_udp.stat->udps_fullsock, 2);
	(void)soclose(a);
	(void)soclose(b);
	env_close(&e);
}

/* FreeBSD 14: blackhole spares senders of this vnet. */
static void
black_holes(void **state)
{
	static const struct {
		int32_t hole, local;
		uint32_t src;
		uint32_t answers;
	} cases[] = {
		{ 0, 0, PEER, 1 },
		{ 0, 1, PEER, 1 },
		{ 1, 0, PEER, 0 },
		{ 1, 1, PEER, 0 },
		{ 0, 0, HOST2, 1 },
		{ 1, 0, HOST2, 1 },
		{ 1, 1, HOST2, 0 },
		{ 0, 1, HOST2, 1 },
	};
	struct env e;

	(void)state;
	env_open(&e);
	for (unsigned i = 0; i < nitems(cases); i++) {
		V_udp.blackhole = cases[i].hole;
		V_udp.blackhole_local = cases[i].local;
		fip.nunreach = 0;
		udp_input(dgram(cases[i].src, HOST1, 7, 1), HLEN);
		assert_int_equal(fip.nunreach, cases[i].answers);
	}
	env_close(&e);
}

/* 65,507 bytes, if maxdgram lets them; the empty one. */
static void
the_longest_and_the_shortest(void **state)
{
	struct socket *so;
	struct env e;
	uint32_t done;

	(void)state;
	env_open(&e);
	V_udp.maxdgram = 65535;
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sosend(so, NULL, 65507, AT(PEER, 9), &done), 0);
	assert_int_equal(fip.len, 65515);
	assert_int_equal(
	    sosend(so, NULL, 65508, AT(PEER, 9), &done), VE_MSGSIZE);
	assert_int_equal(sosend(so, NULL, 0, AT(PEER, 9), &done), 0);
	assert_int_equal(fip.len, 8);
	(void)soclose(so);
	env_close(&e);
}

/* What is bound to a group or a broadcast sends from a real address. */
static void
a_group_is_no_source(void **state)
{
	const uint32_t bound[] = { GROUP, BCAST };
	struct env e;
	uint32_t done;

	(void)state;
	env_open(&e);
	for (unsigned i = 0; i < nitems(bound); i++) {
		struct socket *so = hearer(&e, bound[i], 0);

		assert_int_equal(sosend(so, "", 1, AT(PEER, 9), &done), 0);
		assert_int_equal(fip.src, HOST1);
		(void)soclose(so);
	}
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_on_the_port_hear_a_broadcast),
		cmocka_unit_test(the_walk_ends_at_one_that_does_not_share),
		cmocka_unit_test(nobody_hears),
		cmocka_unit_test(a_copy_without_memory_is_lost),
		cmocka_unit_test(one_is_full),
		cmocka_unit_test(black_holes),
		cmocka_unit_test(the_longest_and_the_shortest),
		cmocka_unit_test(a_group_is_no_source),
	};

	return (
	    cmocka_run_group_tests_name("udp_many", tests, NULL, NULL) ? 1 : 0);
}
