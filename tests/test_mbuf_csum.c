/*
 * test_mbuf_csum.c - checksums against a naive implementation.
 *
 * Random bytes in random chains (odd borders, empty mbufs), and headers whose
 * sums are filled in late.
 */
#include <stdlib.h>
#include <string.h>
#include <vnetsim/kern/mbuf.h>
#include "tests/lib/tworld.h"

static struct vnet_frame frame;
static uint64_t draws;

static uint32_t
rnd(uint32_t n)
{
	return ((uint32_t)(krandom("test.csum", 0, draws++) % n));
}

static int
setup(void **state)
{
	struct world *w;

	*state = w = tw_create(NULL);
	TW_ENTER(&frame, w->w_vnet0);
	return (0);
}

static int
teardown(void **state)
{
	vnet_leave(&frame);
	tw_destroy(*state);
	return (0);
}

/* RFC 1071, section 4.1, word by word. */
static uint16_t
naive(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint64_t s;
	uint32_t i;

	s = sum;
	for (i = 0; i + 1 < len; i += 2)
		s += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		s += (uint32_t)(p[len - 1] << 8);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)~s);
}

/* @bytes as a packet whose mbufs have random lengths. */
static struct mbuf *
scatter(const uint8_t *bytes, uint32_t len)
{
	struct mbuf *top, *m;
	uint32_t at, k;

	top = NULL;
	at = 0;
	do {
		k = rnd(4) == 0 ? rnd(5) : 1 + rnd(300);
		k = k < len - at ? k : len - at;
		m = m_getm(rnd(64), k, 0);
		if (k > 0 && k <= m->m_len)
			memcpy(m->m_data, bytes + at, k);
		assert_null(m->m_next);
		if (top == NULL) {
			top = m;
		} else {
			m_cat(top, m);
			top->m_pkthdr.len += k;
		}
		at += k;
	} while (at < len);
	return (top);
}

static void
sums_equal_the_naive_ones(void **state)
{
	uint8_t bytes[3000];
	struct mbuf *m;
	uint32_t i, k, off, len, total, start;

	(void)state;
	for (i = 0; i < 4000; i++) {
		total = rnd(i < 2000 ? 80 : sizeof(bytes));
		for (k = 0; k < total; k++)
			bytes[k] = rnd(3) == 0 ? 0xff : (uint8_t)rnd(256);
		m = scatter(bytes, total);
		off = rnd(total + 1);
		len = rnd(total - off + 1);
		start = rnd(2) ? 0 : rnd(UINT32_MAX);
		assert_int_equal(in_cksum(m, off, len, start),
		    naive(bytes + off, len, start));
		m_freem(m);
	}
}

static void
a_sum_over_its_own_is_zero(void **state)
{
	static const uint8_t head[20] = { 0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40,
		0x11, 0xb8, 0x61, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7 };
	struct mbuf *m;

	(void)state;
	m = scatter(head, sizeof(head));
	assert_int_equal(in_cksum(m, 0, 20, 0), 0);
	m_freem(m);
	assert_int_equal(in_pseudo(0xc0a80001, 0xc0a800c7, 17, 12),
	    (0xc0a8 + 1 + 0xc0a8 + 0xc7 + 17 + 12) % 0xffff);
}

/* An IPv4 packet; sums are zero. */
static uint32_t
build(uint8_t *p, uint32_t hlen, uint8_t proto, uint32_t payload)
{
	uint32_t i, len;

	len = hlen + (proto == 17 ? 8 : 20) + payload;
	for (i = 0; i < len; i++)
		p[i] = (uint8_t)rnd(256);
	p[0] = (uint8_t)(0x40 | hlen / 4);
	be16enc(p + 2, (uint16_t)len);
	p[9] = proto;
	be16enc(p + 10, 0);
	be16enc(p + hlen + (proto == 17 ? 6 : 16), 0);
	if (proto == 17)
		be16enc(p + hlen + 4, (uint16_t)(len - hlen));
	return (len);
}

static void
late_sums_are_right(void **state)
{
	uint8_t p[2200], got[2300], pseudo[12];
	struct mbuf *m, *shared;
	uint32_t i, len, hlen, l2, at;
	uint16_t sum;
	uint8_t proto;

	(void)state;
	for (i = 0; i < 2000; i++) {
		hlen = 20 + 4 * rnd(11);
		proto = rnd(2) ? 17 : 6;
		l2 = rnd(3) ? 14 : 0;
		len = build(p + l2, hlen, proto, rnd(1500));
		m = scatter(p, l2 + len);
		m->m_pkthdr.l3off = (uint16_t)l2;
		m->m_pkthdr.csum_flags =
		    CSUM_IP | (proto == 17 ? CSUM_UDP : CSUM_TCP);
		/* somebody else still looks at the bytes */
		shared = rnd(2) ? m_copym(m, 0, M_COPYALL, 0) : NULL;
		assert_int_equal(m_csum_fill(m), 0);
		assert_int_equal(
		    m->m_pkthdr.csum_flags, CSUM_L3_VALID | CSUM_DATA_VALID);
		assert_int_equal(m->m_pkthdr.len, l2 + len);
		m_copydata(m, 0, l2 + len, got);
		at = l2 + hlen + (proto == 17 ? 6 : 16);
		sum = naive(p + l2, hlen, 0);
		assert_int_equal(be16dec(got + l2 + 10), sum);
		memcpy(pseudo, p + l2 + 12, 8);
		pseudo[8] = 0;
		pseudo[9] = proto;
		be16enc(pseudo + 10, (uint16_t)(len - hlen));
		sum = naive(
		    p + l2 + hlen, len - hlen, (uint16_t)~naive(pseudo, 12, 0));
		if (proto == 17 && sum == 0)
			sum = 0xffff;
		assert_int_equal(be16dec(got + at), sum);
		be16enc(got + at, 0);
		be16enc(got + l2 + 10, 0);
		assert_memory_equal(got, p, l2 + len);
		if (shared != NULL) {
			m_copydata(shared, 0, l2 + len, got);
			assert_memory_equal(got, p, l2 + len);
			m_freem(shared);
		}
		m_freem(m);
	}
	assert_int_equal(uma_count(&mcl_zone, curvnet), 0);
}

/* RFC 768: a UDP sum that computes to zero goes out as all ones. */
static void
a_zero_udp_sum_is_all_ones(void **state)
{
	uint8_t p[64];
	struct mbuf *m;
	uint32_t len;

	(void)state;
	memset(p, 0, sizeof(p));
	len = build(p, 20, 17, 2);
	memset(p + 12, 0, 8);
	memset(p + 20, 0, 10);
	be16enc(p + 24, 10);
	/* pseudo: 17 + 10; header: 10; so the data must make up the rest */
	be16enc(p + 28, (uint16_t)(0xffff - 17 - 10 - 10));
	m = scatter(p, len);
	m->m_pkthdr.csum_flags = CSUM_UDP;
	assert_int_equal(m_csum_fill(m), 0);
	m_copydata(m, 26, 2, p);
	assert_int_equal(be16dec(p), 0xffff);
	m_freem(m);
}

static void
marks_that_promise_too_much_are_an_errno(void **state)
{
	uint8_t p[128];
	struct mbuf *m;
	uint32_t len, i;

	(void)state;
	for (i = 0; i < 6; i++) {
		len = build(p, 20, 6, 10);
		if (i == 0)
			len = 19;
		if (i == 1)
			p[0] = 0x65;
		if (i == 2)
			be16enc(p + 2, (uint16_t)(len + 1));
		if (i == 3)
			p[9] = 17;
		if (i == 4)
			be16enc(p + 2, 30);
		m = scatter(p, len);
		m->m_pkthdr.csum_flags = CSUM_TCP;
		assert_int_equal(m_csum_fill(m), i < 5 ? VE_INVAL : 0);
		assert_int_equal(
		    m->m_pkthdr.csum_flags, i < 5 ? CSUM_TCP : CSUM_DATA_VALID);
		m_freem(m);
	}
}

static void
without_memory_a_shared_sum_waits(void **state)
{
	uint8_t p[512];
	struct mbuf *m, *n;
	uint32_t len;

	len = build(p, 20, 6, 400);
	m = m_getcl(0, true);
	memcpy(m->m_data, p, len);
	m->m_len = m->m_pkthdr.len = len;
	n = m_copym(m, 0, M_COPYALL, 0);
	m->m_pkthdr.csum_flags = CSUM_TCP;
	mem_fail_set(*state, 1, false);
	assert_int_equal(m_csum_fill(m), VE_NOBUFS);
	assert_int_equal(m->m_pkthdr.csum_flags, CSUM_TCP);
	assert_int_equal(m_csum_fill(m), 0);
	m_freem(m);
	m_freem(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(sums_equal_the_naive_ones),
		T(a_sum_over_its_own_is_zero),
		T(late_sums_are_right),
		T(a_zero_udp_sum_is_all_ones),
		T(marks_that_promise_too_much_are_an_errno),
		T(without_memory_a_shared_sum_waits),
	};

	return (cmocka_run_group_tests_name("mbuf_csum", tests, NULL, NULL)
		    ? 1
		    : 0);
}
