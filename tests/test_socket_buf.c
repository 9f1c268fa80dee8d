/*
 * test_socket_buf.c - socket buffers against a model.
 *
 * The model of a stream is an array of bytes; of datagrams, an array of
 * lengths.  Bytes are numbered, so that any loss or doubling shows.
 */
#include "tests/test_socket.h"

static uint64_t draws;

static uint32_t
rnd(uint32_t n)
{
	return ((uint32_t)(krandom("test", 0, draws++) % n));
}

/* Bytes @at .. @at + len of the stream of numbers. */
static struct mbuf *
numbered(uint32_t at, uint32_t len)
{
	struct mbuf *m = m_getm(0, len, M_NOWAIT), *n;
	uint32_t i;

	assert_non_null(m);
	for (n = m; n != NULL; n = n->m_next)
		for (i = 0; i < n->m_len; i++)
			n->m_data[i] = (uint8_t)(at++ % 251);
	return (m);
}

static void
check_numbers(const struct mbuf *m, uint32_t at, uint32_t len)
{
	uint8_t buf[512];
	uint32_t i, k, off;

	assert_int_equal(m_length(m), len);
	for (off = 0; off < len; off += k) {
		k = imin(len - off, (uint32_t)sizeof(buf));
		m_copydata(m, off, k, buf);
		for (i = 0; i < k; i++)
			assert_int_equal(buf[i], (at + off + i) % 251);
	}
}

/* Chain, count and tail agree. */
static void
check_stream(const struct sockbuf *sb)
{
	const struct mbuf *m, *last = NULL;
	uint32_t n = 0;

	for (m = sb->sb_mb; m != NULL; m = m->m_next) {
		assert_true(m->m_len > 0);
		assert_int_equal(m->m_flags & M_PKTHDR, 0);
		n += m->m_len;
		last = m;
	}
	assert_int_equal(n, sb->sb_ccc);
	assert_ptr_equal(last, sb->sb_mbtail);
}

static void
stream_follows_the_model(void **state)
{
	struct env e;
	struct sockbuf *sb;
	struct socket *so;
	struct mbuf *m;
	uint32_t i, head = 0, tail = 0, len, off;

	(void)state;
	env_open(&e);
	draws = 0;
	so = env_socket(&e, SOCK_STREAM);
	sb = &so->so_snd;
	for (i = 0; i < 20000; i++) {
		switch (rnd(3)) {
		case 0:
			len = rnd(8) == 0 ? rnd(6000) : rnd(60);
			if (tail - head + len > 60000)
				break;
			sbappendstream(sb, numbered(tail, len));
			tail += len;
			break;
		case 1:
			len = rnd(tail - head + 1);
			if (rnd(4) != 0)
				len = imin(len, 100u);
			sbdrop(sb, len);
			head += len;
			break;
		default:
			if (tail == head)
				break;
			off = rnd(tail - head);
			len = 1 + rnd(tail - head - off);
			m = sbsndcopy(sb, off, len, M_NOWAIT);
			assert_non_null(m);
			check_numbers(m, head + off, len);
			m_freem(m);
		}
		assert_int_equal(sbavail(sb), tail - head);
		check_stream(sb);
	}
	assert_true(tail > 1000000);
	if (tail != head)
		check_numbers(sb->sb_mb, head, tail - head);
	sbflush(sb);
	assert_int_equal(sb->sb_ccc, 0);
	assert_null(sb->sb_mbtail);
	(void)soclose(so);
	env_close(&e);
}

/* A retransmission may still hold a cluster when more bytes are appended. */
static void
shared_bytes_stay(void **state)
{
	struct env e;
	struct socket *so;
	struct mbuf *m;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_STREAM);
	sbappendstream(&so->so_snd, numbered(0, 1000));
	m = sbsndcopy(&so->so_snd, 100, 900, M_NOWAIT);
	sbappendstream(&so->so_snd, numbered(1000, 100));
	sbdrop(&so->so_snd, 500);
	check_numbers(m, 100, 900);
	check_numbers(so->so_snd.sb_mb, 500, 600);
	m_freem(m);
	/* one cluster in two buffers, as over a link: both go on behind it */
	sbflush(&so->so_snd);
	sbappendstream(&so->so_snd, numbered(0, 1000));
	sbappendstream(&so->so_rcv, sbsndcopy(&so->so_snd, 0, 1000, M_NOWAIT));
	sbappendstream(&so->so_rcv, numbered(1000, 100));
	sbappendstream(&so->so_snd, numbered(5, 100));
	check_numbers(so->so_rcv.sb_mb, 0, 1100);
	sbdrop(&so->so_snd, 1000);
	check_numbers(so->so_snd.sb_mb, 5, 100);
	(void)soclose(so);
	env_close(&e);
}

/* Byte by byte: one mbuf for many bytes, not one for each. */
static void
small_pieces_are_packed(void **state)
{
	struct env e;
	struct socket *so;
	uint32_t i, done, used;

	(void)state;
	env_open(&e);
	fst.now = true;
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	used = uma_count(&mbuf_zone, curvnet);
	for (i = 0; i < 1000; i++)
		assert_int_equal(sosend(so, "x", 1, NULL, &done), 0);
	assert_int_equal(sbavail(&so->so_snd), 1000);
	assert_true(uma_count(&mbuf_zone, curvnet) - used <= 1000 / MLEN + 1);
	(void)soclose(so);
	env_close(&e);
}

static void
limits(void **state)
{
	struct env e;
	struct socket *so;

	(void)state;
	env_open(&e);
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(soreserve(so, SB_MAX, SB_MAX), 0);
	assert_int_equal(soreserve(so, SB_MAX + 1, 1), VE_NOBUFS);
	assert_int_equal(soreserve(so, 1, SB_MAX + 1), VE_NOBUFS);
	assert_int_equal(so->so_snd.sb_hiwat, SB_MAX);
	/* kern.ipc.maxsockbuf moves it, but not beyond SB_LIMIT */
	assert_int_equal(sysctl_set("kern.ipc.maxsockbuf", 2303), VE_INVAL);
	assert_int_equal(sysctl_set("kern.ipc.maxsockbuf", 2304), 0);
	assert_int_equal(soreserve(so, 2304, 2304), 0);
	assert_int_equal(soreserve(so, 2305, 1), VE_NOBUFS);
	assert_int_equal(sosetopt(so, SO_RCVBUF, 2305), VE_NOBUFS);
	assert_int_equal(
	    sysctl_set("kern.ipc.maxsockbuf", (int64_t)UINT32_MAX + 1),
	    VE_INVAL);
	assert_int_equal(sysctl_set("kern.ipc.maxsockbuf", UINT32_MAX), 0);
	assert_int_equal(sosetopt(so, SO_RCVBUF, SB_LIMIT), 0);
	assert_int_equal(
	    sosetopt(so, SO_RCVBUF, (int64_t)SB_LIMIT + 1), VE_NOBUFS);
	assert_int_equal(soreserve(so, 1, SB_LIMIT + 1), VE_NOBUFS);
	assert_int_equal(soreserve(so, 100, 200), 0);
	assert_int_equal(so->so_snd.sb_lowat, 100);
	assert_int_equal(sbspace(&so->so_snd), 100);
	sbappendstream(&so->so_snd, numbered(0, 150));
	assert_int_equal(sbspace(&so->so_snd), 0);
	(void)soclose(so);
	env_close(&e);
}

static void
datagrams_follow_the_model(void **state)
{
	uint32_t lens[2048], head = 0, tail = 0, i, used = 0, done, len;
	struct sockaddr_in from;
	struct env e;
	struct socket *so;
	struct mbuf *m;
	uint8_t buf[3000];

	(void)state;
	env_open(&e);
	draws = 0;
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sosetopt(so, SO_RCVBUF, 20000), 0);
	for (i = 0; i < 20000; i++) {
		if (rnd(2) == 0) {
			len = rnd(3000);
			m = numbered(tail, len);
			if (used + len + SB_RECORD > 20000) {
				assert_false(
				    sbappendaddr(&so->so_rcv, AT(tail, 1), m));
				m_freem(m);
				continue;
			}
			assert_true(sbappendaddr(
			    &so->so_rcv, AT(tail, (uint16_t)len), m));
			used += len + SB_RECORD;
			lens[tail++ % 2048] = len;
		} else if (tail == head) {
			assert_int_equal(
			    soreceive(so, buf, 1, NULL, &done), VE_AGAIN);
		} else {
			len = lens[head % 2048];
			assert_int_equal(
			    soreceive(so, buf, 3000, &from, &done), 0);
			assert_int_equal(done, len);
			assert_int_equal(from.sin_addr, head);
			assert_int_equal(from.sin_port, len);
			if (len > 0)
				assert_int_equal(
				    buf[len - 1], (head + len - 1) % 251);
			used -= len + SB_RECORD;
			head++;
		}
		assert_int_equal(so->so_rcv.sb_ccc, used);
	}
	(void)soclose(so);
	env_close(&e);
}

/* Memory runs short: a stream takes less, and says how much. */
static void
send_in_pieces(void **state)
{
	struct env e;
	struct socket *so;
	uint64_t nth, before;
	uint32_t done, sent = 0, less = 0;
	uint8_t data[6000];
	int error;

	(void)state;
	for (nth = 0; nth < sizeof(data); nth++)
		data[nth] = (uint8_t)(nth % 251);
	env_open(&e);
	fst.now = true;
	so = env_socket(&e, SOCK_STREAM);
	assert_int_equal(soconnect(so, AT(PEER, 1)), 0);
	for (nth = 1; nth < 12; nth++) {
		mem_fail_set(e.w, nth, false);
		error = sosend(so, data, sizeof(data), NULL, &done);
		mem_fail_set(e.w, 0, false);
		assert_int_equal(error, 0);
		assert_true(done > 0);
		check_numbers(so->so_snd.sb_mb, 0, done);
		less += done < sizeof(data);
		sbflush(&so->so_snd);
	}
	assert_true(less >= 4);
	/* none at all */
	before = world_hash(curvnet, 0);
	mem_fail_set(e.w, 1, true);
	assert_int_equal(
	    sosend(so, data, sizeof(data), NULL, &done), VE_NOBUFS);
	mem_fail_set(e.w, 0, false);
	assert_int_equal(done, 0);
	assert_int_equal(world_hash(curvnet, 0), before);
	/* room for less than asked */
	assert_int_equal(sosetopt(so, SO_SNDBUF, 10000), 0);
	while ((error = sosend(so, data, sizeof(data), NULL, &done)) == 0)
		sent += done;
	assert_int_equal(error, VE_AGAIN);
	assert_int_equal(sent, 10000);
	(void)soclose(so);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_follows_the_model),
		cmocka_unit_test(shared_bytes_stay),
		cmocka_unit_test(small_pieces_are_packed),
		cmocka_unit_test(limits),
		cmocka_unit_test(datagrams_follow_the_model),
		cmocka_unit_test(send_in_pieces),
	};

	return (
	    cmocka_run_group_tests_name("sockbuf", tests, NULL, NULL) ? 1 : 0);
}
