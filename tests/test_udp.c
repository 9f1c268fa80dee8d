/*
 * test_udp.c - UDP: out, in, errors, malformed datagrams, its end.
 *
 * Datagrams in are bytes that the test makes, with an IP header of its own;
 * datagrams out are looked at where IP would get them (test_socket.h).
 */
#include "tests/test_socket.h"

#define HLEN 20

/* A datagram from PEER port 53 with @len bytes of data; sum as asked. */
enum { SUM_GOOD, SUM_NONE, SUM_BAD, SUM_MARK };

static struct mbuf *
dgram(uint32_t src, uint32_t dst, uint16_t dport, uint32_t len, int sum)
{
	struct mbuf *m = m_getm(0, HLEN + UDP_HDRLEN + len, M_NOWAIT);
	uint8_t b[HLEN + UDP_HDRLEN + 2048] = { 0x45 };
	struct mbuf *n;
	uint32_t i, off = 0;
	uint16_t s;

	assert_non_null(m);
	be32enc(b + 12, src);
	be32enc(b + 16, dst);
	be16enc(b + HLEN, 53);
	be16enc(b + HLEN + 2, dport);
	be16enc(b + HLEN + 4, (uint16_t)(UDP_HDRLEN + len));
	for (i = 0; i < len; i++)
		b[HLEN + UDP_HDRLEN + i] = (uint8_t)(i % 251);
	for (n = m; n != NULL; n = n->m_next) {
		memcpy(n->m_data, b + off, n->m_len);
		off += n->m_len;
	}
	s = in_cksum(m, HLEN, UDP_HDRLEN + len,
	    in_pseudo(src, dst, IPPROTO_UDP, UDP_HDRLEN + len));
	if (sum == SUM_GOOD)
		be16enc(mtodo(m, HLEN + 6), s == 0 ? 0xffff : s);
	else if (sum == SUM_BAD)
		be16enc(mtodo(m, HLEN + 6), (uint16_t)(s + 1));
	else if (sum == SUM_MARK)
		m->m_pkthdr.csum_flags = CSUM_DATA_VALID;
	return (m);
}

static void
out_has_ports_and_mark(void **state)
{
	struct env e;
	struct socket *so;
	uint32_t done;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sosend(so, "hello", 5, NULL, &done), VE_DESTADDRREQ);
	assert_int_equal(sosend(so, "hello", 5, AT(PEER, 9), &done), 0);
	assert_int_equal(done, 5);
	assert_int_equal(fip.n, 1);
	assert_int_equal(fip.proto, IPPROTO_UDP);
	assert_int_equal(fip.src, HOST1);
	assert_int_equal(fip.dst, PEER);
	assert_int_equal(fip.len, 13);
	assert_int_equal(be16dec(fip.bytes + 2), 9);
	assert_int_equal(be16dec(fip.bytes + 4), 13);
	assert_memory_equal(fip.bytes + 8, "hello", 5);
	assert_int_equal(fip.csum_flags, CSUM_UDP);
	assert_int_equal(fip.csum_data, 6);
	assert_int_equal(
	    be16dec(fip.bytes), ((struct inpcb *)so->so_pcb)->inp_lport);
	V_udp.checksum = 0;
	assert_int_equal(sosend(so, "", 0, AT(PEER, 9), &done), 0);
	assert_int_equal(fip.len, 8);
	assert_int_equal(fip.csum_flags, 0);
	(void)soclose(so);
	env_close(&e);
}

static void
out_errors_change_nothing(void **state)
{
	struct env e;
	struct socket *so;
	uint64_t before;
	uint32_t done;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	before = world_hash(curvnet, 0);
	assert_int_equal(
	    sosend(so, NULL, 9217, AT(PEER, 9), &done), VE_MSGSIZE);
	assert_int_equal(
	    sosend(so, "", 1, AT(PEER, 0), &done), VE_ADDRNOTAVAIL);
	assert_int_equal(sosend(so, "", 1, AT(BCAST, 9), &done), VE_ACCES);
	assert_int_equal(
	    sosend(so, "", 1, AT(IP(9, 9, 9, 9), 9), &done), VE_NETUNREACH);
	fip.error = VE_HOSTDOWN;
	assert_int_equal(sosend(so, "", 1, AT(PEER, 9), &done), VE_HOSTDOWN);
	fip.error = 0;
	assert_int_equal(fip.n, 0);
	assert_int_equal(done, 0);
	assert_int_equal(world_hash(curvnet, 0), before);
	assert_int_equal(sosend(so, NULL, 9216, AT(PEER, 9), &done), 0);
	assert_int_equal(sosetopt(so, SO_BROADCAST, 1), 0);
	assert_int_equal(sosend(so, "", 1, AT(BCAST, 9), &done), 0);
	assert_int_equal(fip.n, 2);
	assert_int_equal(soconnect(so, AT(PEER, 9)), 0);
	assert_int_equal(sosend(so, "", 1, AT(PEER, 9), &done), VE_ISCONN);
	in_af_register(NULL);
	assert_int_equal(sosend(so, "", 1, NULL, &done), VE_NETDOWN);
	(void)soclose(so);
	env_close(&e);
}

static void
in_is_received(void **state)
{
	struct env e;
	struct socket *so;
	struct sockaddr_in from;
	uint8_t buf[2000];
	uint32_t done, i, sum;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	assert_int_equal(soreceive(so, buf, 9, &from, &done), VE_AGAIN);
	for (sum = SUM_GOOD; sum <= SUM_MARK; sum++)
		udp_input(dgram(PEER, HOST1, 7, 100 * sum, (int)sum), HLEN);
	assert_int_equal(drop_count(DROP_UDP_BADSUM), 1);
	assert_int_equal(so->so_rcv.sb_ccc, 400 + 3 * SB_RECORD);
	for (sum = SUM_GOOD; sum <= SUM_MARK; sum++) {
		if (sum == SUM_BAD)
			continue;
		assert_int_equal(
		    soreceive(so, buf, sizeof(buf), &from, &done), 0);
		assert_int_equal(done, 100 * sum);
		assert_int_equal(from.sin_addr, PEER);
		assert_int_equal(from.sin_port, 53);
		for (i = 0; i < done; i++)
			assert_int_equal(buf[i], i % 251);
	}
	/* what does not fit into the user's buffer is gone */
	udp_input(dgram(PEER, HOST1, 7, 1500, SUM_GOOD), HLEN);
	udp_input(dgram(PEER, HOST1, 7, 3, SUM_GOOD), HLEN);
	assert_int_equal(soreceive(so, buf, 10, NULL, &done), 0);
	assert_int_equal(done, 10);
	assert_int_equal(soreceive(so, buf, 10, NULL, &done), 0);
	assert_int_equal(done, 3);
	assert_int_equal(soreceive(so, buf, 10, NULL, &done), VE_AGAIN);
	assert_int_equal(so->so_rcv.sb_ccc, 0);
	(void)soclose(so);
	env_close(&e);
}

/* Header says @ulen, packet has @len bytes of UDP. */
static void
in_malformed(void **state)
{
	static const struct {
		uint32_t len;
		uint16_t ulen;
		enum drop_reason why;
	} bad[] = {
		{ 0, 0, DROP_UDP_SHORT },
		{ 7, 7, DROP_UDP_SHORT },
		{ 8, 7, DROP_UDP_BADLEN },
		{ 8, 0, DROP_UDP_BADLEN },
		{ 8, 9, DROP_UDP_BADLEN },
		{ 8, 65535, DROP_UDP_BADLEN },
		{ 100, 101, DROP_UDP_BADLEN },
	};
	struct env e;
	struct socket *so;
	struct mbuf *m;
	uint64_t before;
	uint32_t i, done;
	uint8_t buf[200];

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	for (i = 0; i < nitems(bad); i++) {
		m = dgram(PEER, HOST1, 7, 100, SUM_NONE);
		be16enc(mtodo(m, HLEN + 4), bad[i].ulen);
		m_adj(m, (int)bad[i].len - 108);
		before = drop_count(bad[i].why);
		udp_input(m, HLEN);
		assert_int_equal(drop_count(bad[i].why), before + 1);
	}
	/* shorter than IP says is allowed: the rest is padding */
	m = dgram(PEER, HOST1, 7, 100, SUM_NONE);
	be16enc(mtodo(m, HLEN + 4), 18);
	udp_input(m, HLEN);
	assert_int_equal(soreceive(so, buf, 200, NULL, &done), 0);
	assert_int_equal(done, 10);
	assert_int_equal(soreceive(so, buf, 200, NULL, &done), VE_AGAIN);
	(void)soclose(so);
	env_close(&e);
}

static void
in_for_nobody(void **state)
{
	struct env e;
	struct mbuf *m;

	(void)state;
	env_open(&e);
	udp_input(dgram(PEER, HOST1, 7, 1, SUM_GOOD), HLEN);
	assert_int_equal(fip.nunreach, 1);
	assert_int_equal(fip.code, 3);
	m = dgram(PEER, BCAST, 7, 1, SUM_GOOD);
	m->m_flags |= M_BCAST;
	udp_input(m, HLEN);
	V_udp.blackhole = 1;
	udp_input(dgram(PEER, HOST1, 7, 1, SUM_GOOD), HLEN);
	assert_int_equal(fip.nunreach, 1);
	assert_int_equal(drop_count(DROP_UDP_NOPORT), 3);
	env_close(&e);
}

/* Full to the last byte, then one more: dropped, and not even an empty one. */
static void
in_fills_the_buffer(void **state)
{
	struct env e;
	struct socket *so;
	uint8_t buf[100];
	uint32_t done, i;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	assert_int_equal(sosetopt(so, SO_RCVBUF, 3 * (84 + SB_RECORD)), 0);
	for (i = 0; i < 3; i++)
		udp_input(dgram(PEER, HOST1, 7, 84, SUM_GOOD), HLEN);
	assert_int_equal(drop_count(DROP_UDP_FULL), 0);
	udp_input(dgram(PEER, HOST1, 7, 0, SUM_GOOD), HLEN);
	assert_int_equal(drop_count(DROP_UDP_FULL), 1);
	assert_int_equal(V_udp.stat->udps_fullsock, 1);
	assert_int_equal(soreceive(so, buf, 100, NULL, &done), 0);
	udp_input(dgram(PEER, HOST1, 7, 84, SUM_GOOD), HLEN);
	assert_int_equal(drop_count(DROP_UDP_FULL), 1);
	/* nobody wants to hear any more */
	assert_int_equal(soshutdown(so, SHUT_RD), VE_NOTCONN);
	udp_input(dgram(PEER, HOST1, 7, 0, SUM_GOOD), HLEN);
	assert_int_equal(drop_count(DROP_UDP_FULL), 2);
	(void)soclose(so);
	env_close(&e);
}

static void
connected_hears_one_peer_and_its_errors(void **state)
{
	struct env e;
	struct socket *so;
	struct inpcb *inp;
	uint8_t l4[8], buf[10];
	uint32_t done;
	int64_t v;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	be16enc(l4, 7);
	be16enc(l4 + 2, 53);
	udp_ctlinput(PRC_UNREACH_PORT, HOST1, PEER, l4, 0);
	assert_int_equal(so->so_error, 0);
	/* nonsense that quotes a datagram to nobody */
	be16enc(l4 + 2, 0);
	udp_ctlinput(PRC_UNREACH_PORT, INADDR_ANY, INADDR_ANY, l4, 0);
	assert_int_equal(so->so_error, 0);
	be16enc(l4 + 2, 53);
	assert_int_equal(soconnect(so, AT(PEER, 53)), 0);
	udp_input(dgram(PEER + 1, HOST1, 7, 5, SUM_GOOD), HLEN);
	assert_int_equal(fip.nunreach, 1);
	udp_ctlinput(PRC_UNREACH_PORT, HOST1, PEER + 1, l4, 0);
	assert_int_equal(so->so_error, 0);
	udp_ctlinput(PRC_UNREACH_PORT, HOST1, PEER, l4, 0);
	assert_int_equal(sosend(so, "", 1, NULL, &done), VE_CONNREFUSED);
	assert_int_equal(sosend(so, "", 1, NULL, &done), 0);
	udp_ctlinput(PRC_UNREACH_HOST, HOST1, PEER, l4, 0);
	assert_int_equal(soreceive(so, buf, 1, NULL, &done), VE_HOSTUNREACH);
	udp_ctlinput(PRC_MSGSIZE, HOST1, PEER, l4, 0);
	assert_int_equal(sogetopt(so, SO_ERROR, &v), 0);
	assert_int_equal(v, VE_MSGSIZE);
	/* another peer; or none that can be reached: then the old one stays */
	inp = so->so_pcb;
	assert_int_equal(soconnect(so, AT(PEER, 54)), 0);
	assert_int_equal(soconnect(so, AT(IP(8, 8, 8, 8), 1)), VE_NETUNREACH);
	assert_int_equal(inp->inp_faddr, PEER);
	assert_int_equal(inp->inp_fport, 54);
	assert_int_equal(inp->inp_lport, 7);
	assert_ptr_equal(
	    in_pcblookup(&V_udp.udbinfo, PEER, 54, HOST1, 7, false), inp);
	assert_null(in_pcblookup(&V_udp.udbinfo, PEER, 53, HOST1, 7, true));
	(void)soclose(so);
	env_close(&e);
}

/* Random bytes never do more than be dropped. */
static void
in_noise(void **state)
{
	struct env e;
	struct socket *so;
	struct mbuf *m;
	uint64_t x;
	uint32_t i, k, len;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 7)), 0);
	for (i = 0; i < 20000; i++) {
		len = (uint32_t)(krandom("noise.len", 0, i) % 300);
		m = dgram(PEER, HOST1, 7, 300, SUM_NONE);
		for (k = 0; k < 8; k++) {
			x = krandom("noise", k, i);
			if (x % 3 == 0)
				*mtodo(m, HLEN + k) = (uint8_t)(x >> 8);
		}
		m_adj(m, -(int)len);
		udp_input(m, HLEN);
		sbflush(&so->so_rcv);
	}
	(void)soclose(so);
	env_close(&e);
}

/* Each allocation of a send fails in turn; nothing changes, nothing leaks. */
static void
out_memory_may_fail(void **state)
{
	struct env e;
	struct socket *so;
	uint64_t nth, before;
	uint32_t done, failed = 0;
	int error;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	before = world_hash(curvnet, 0);
	for (nth = 1;; nth++) {
		mem_fail_set(e.w, nth, false);
		error = sosend(so, NULL, 5000, AT(PEER, 9), &done);
		mem_fail_set(e.w, 0, false);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOBUFS);
		assert_int_equal(world_hash(curvnet, 0), before);
		failed++;
	}
	assert_true(failed >= 6);
	assert_int_equal(done, 5000);
	(void)soclose(so);
	env_close(&e);
}

/* UDP ends before its sockets, as in FreeBSD's order: they are dead. */
static void
sockets_outlive_it(void **state)
{
	struct env e;
	struct socket *so;
	uint32_t done;
	char b;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(soconnect(so, AT(PEER, 9)), 0);
	udp_detach_pcb(so->so_pcb);
	assert_int_equal(V_udp.udbinfo.ipi_count, 0);
	assert_int_equal(soreceive(so, &b, 1, NULL, &done), VE_CONNABORTED);
	assert_int_equal(sosend(so, "", 1, NULL, &done), VE_CONNABORTED);
	assert_int_equal(sobind(so, AT(0, 1)), VE_CONNABORTED);
	assert_int_equal(soconnect(so, AT(PEER, 1)), VE_CONNABORTED);
	assert_int_equal(soclose(so), 0);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_has_ports_and_mark),
		cmocka_unit_test(out_errors_change_nothing),
		cmocka_unit_test(in_is_received),
		cmocka_unit_test(in_malformed),
		cmocka_unit_test(in_for_nobody),
		cmocka_unit_test(in_fills_the_buffer),
		cmocka_unit_test(connected_hears_one_peer_and_its_errors),
		cmocka_unit_test(in_noise),
		cmocka_unit_test(out_memory_may_fail),
		cmocka_unit_test(sockets_outlive_it),
	};

	return (cmocka_run_group_tests_name("udp", tests, NULL, NULL) ? 1 : 0);
}
