/*
 * test_mbuf.c - packets: birth, sharing, owners, checksums, every operation.
 *
 * test_mbuf_model.c runs random operations against a flat byte array.
 */
#include <string.h>
#include <vnetsim/kern/mbuf.h>
#include "tests/lib/tworld.h"

static struct vnet *va, *vb;
static struct vnet_frame frame;

static int
setup(void **state)
{
	*state = tw_create(NULL);
	va = tw_jail("a")->pr_vnet;
	vb = tw_jail("b")->pr_vnet;
	TW_ENTER(&frame, va);
	return (0);
}

static int
teardown(void **state)
{
	vnet_leave(&frame);
	tw_destroy(*state);
	return (0);
}

static void
no_mbuf_is_left(void)
{
	const struct vnet *v[3] = { NULL, va, vb };
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(uma_count(&mbuf_zone, v[i]), 0);
		assert_int_equal(uma_count(&mcl_zone, v[i]), 0);
	}
}

/* A packet of @len bytes 0, 1, 2 ... */
static struct mbuf *
packet(uint32_t head, uint32_t len)
{
	struct mbuf *m, *n;
	uint32_t i, k;

	m = m_getm(head, len, 0);
	assert_non_null(m);
	k = 0;
	for (n = m; n != NULL; n = n->m_next)
		for (i = 0; i < n->m_len; i++)
			n->m_data[i] = (uint8_t)k++;
	assert_int_equal(k, len);
	assert_int_equal(m->m_pkthdr.len, len);
	return (m);
}

static void
holds(const struct mbuf *m, uint32_t first, uint32_t len)
{
	uint8_t b;
	uint32_t i;

	assert_int_equal(m_length(m), len);
	if ((m->m_flags & M_PKTHDR) != 0)
		assert_int_equal(m->m_pkthdr.len, len);
	for (i = 0; i < len; i++) {
		m_copydata(m, i, 1, &b);
		assert_int_equal(b, (uint8_t)(first + i));
	}
}

static void
birth_and_death(void **state)
{
	struct mbuf *m;
	uint32_t len;

	(void)state;
	m = m_gethdr(0);
	assert_int_equal(m->m_flags, M_PKTHDR);
	assert_int_equal(m->m_len, 0);
	assert_ptr_equal(uma_owner(m), va);
	assert_null(m_rcvif(m));
	m_align(m, 40);
	m_freem(m);
	m = m_getcl(0, true);
	assert_int_equal(m->m_flags, M_PKTHDR | M_EXT);
	assert_ptr_equal(uma_owner(ref_get(&m->m_ext)), va);
	m_freem(m);
	for (len = 0; len < 3 * MCLBYTES; len += 37)
		m_freem(packet(len % MLEN, len));
	m_freem(NULL);
	no_mbuf_is_left();
}

static void
a_shared_cluster_is_not_written(void **state)
{
	struct mbuf *m, *n;

	(void)state;
	m = packet(100, 1000);
	assert_true(m_writable(m));
	n = m_copym(m, 0, M_COPYALL, 0);
	assert_ptr_equal(ref_get(&m->m_ext), ref_get(&n->m_ext));
	assert_false(m_writable(m));
	assert_false(m_writable(n));
	/* headroom is there, but not ours alone */
	n = m_prepend(n, 20, 0);
	memset(n->m_data, 0xff, 20);
	assert_int_equal(n->m_len, 20);
	holds(m, 0, 1000);
	m_adj(n, 20);
	holds(n, 0, 1000);
	n = m_pullup(n, 100);
	memset(n->m_data, 0xee, 100);
	holds(m, 0, 1000);
	m_freem(n);
	assert_true(m_writable(m));
	m = m_prepend(m, 100, 0);
	assert_null(m->m_next);
	m_freem(m);
	no_mbuf_is_left();
}

static void
l3off_follows_the_data(void **state)
{
	struct mbuf *m;

	(void)state;
	m = packet(20, 60);
	m->m_pkthdr.l3off = 0;
	m = m_prepend(m, 14, 0);
	assert_int_equal(m->m_pkthdr.l3off, 14);
	m = m_prepend(m, 100, 0);
	assert_int_equal(m->m_pkthdr.l3off, 114);
	m_adj(m, 100);
	assert_int_equal(m->m_pkthdr.l3off, 14);
	m_adj(m, 20);
	assert_int_equal(m->m_pkthdr.l3off, 0);
	m_freem(m);
}

static void
trimming_and_cutting(void **state)
{
	struct mbuf *m, *n;

	(void)state;
	m = packet(0, 5000);
	m_adj(m, 3);
	m_adj(m, -7);
	holds(m, 3, 4990);
	n = m_split(m, 2045, 0); /* at the border of a cluster */
	holds(m, 3, 2045);
	holds(n, 2048 & 0xff, 2945);
	m_cat(m, n);
	m->m_pkthdr.len += 2945;
	holds(m, 3, 4990);
	n = m_split(m, 1, 0);
	holds(m, 3, 1);
	holds(n, 4, 4989);
	m_freem(n);
	n = m_split(m, 0, 0);
	holds(m, 3, 0);
	holds(n, 3, 1);
	m_freem(n);
	m_adj(m, 77);
	m_adj(m, -77);
	m_freem(m);
	m = packet(0, 10);
	m_adj(m, INT32_MIN);
	holds(m, 0, 0);
	m_freem(m);
	no_mbuf_is_left();
}

static void
pullup_across_mbufs(void **state)
{
	struct mbuf *m, *n;
	uint32_t i;

	(void)state;
	/* ten mbufs of ten bytes */
	m = packet(0, 100);
	for (i = 0; i < 9; i++) {
		n = m_split(m, 90 - 10 * i, 0);
		m_cat(m, n);
		m->m_pkthdr.len += 10 * (i + 1);
	}
	holds(m, 0, 100);
	m = m_pullup(m, 35);
	assert_true(m->m_len >= 35);
	holds(m, 0, 100);
	m = m_pullup(m, 100);
	assert_null(m->m_next);
	holds(m, 0, 100);
	m = m_pullup(m, 0);
	assert_null(m_pullup(m, 101));
	m = packet(0, 4000);
	n = m_split(m, 5, 0);
	m_cat(m, n);
	m->m_pkthdr.len = 4000;
	m = m_pullup(m, MLEN);
	assert_true(m->m_len >= MLEN && m_writable(m));
	holds(m, 0, 4000);
	m_freem(m);
	no_mbuf_is_left();
}

static void
appending(void **state)
{
	uint8_t more[3000];
	struct mbuf *m;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(more); i++)
		more[i] = (uint8_t)(50 + i);
	m = packet(20, 50);
	assert_true(m_append(m, more, 5, 0));
	assert_null(m->m_next);
	assert_true(m_append(m, more + 5, 2995, 0));
	holds(m, 0, 3050);
	mem_fail_set(*state, 1, true);
	assert_false(m_append(m, more, 3000, 0));
	mem_fail_set(*state, 0, false);
	holds(m, 0, 3050);
	m_freem(m);
	no_mbuf_is_left();
}

static void
without_memory_nothing_changes_or_is_left(void **state)
{
	struct mbuf *m, *n;
	uint64_t i;
	int what, done;

	for (what = 0; what < 6; what++) {
		done = 0;
		for (i = 1; !done; i++) {
			m = packet(0, 4500);
			n = m_split(m, 4400, 0); /* shares */
			m_cat(m, n);
			m->m_pkthdr.len = 4500;
			mem_fail_set(*state, i, false);
			n = what == 0   ? m_copym(m, 10, 4400, 0)
			    : what == 1 ? m_dup(m, 0)
			    : what == 2 ? m_split(m, 100, 0)
			    : what == 3 ? m_getm(10, 4500, 0)
			    : what == 4 ? m_getcl(0, true)
					: NULL;
			if (what == 5) {
				m = m_prepend(m, 10, 0);
				if (m != NULL)
					m_adj(m, 10);
			}
			done = !((struct world *)*state)->w_mem.wm_consumed;
			mem_fail_set(*state, 0, false);
			assert_int_equal(
			    done, what == 5 ? m != NULL : n != NULL);
			if (m != NULL && !(done && what == 2))
				holds(m, 0, 4500);
			m_freem(m);
			m_freem(n);
			no_mbuf_is_left();
		}
		assert_true(i > 2);
	}
}

/* Farewell without memory: an mbuf with header from the reserve. */
static void
the_reserve_has_an_mbuf(void **state)
{
	struct world *w = *state;
	struct mbuf *m;

	assert_int_equal(uma_reserve(MSIZE + 64), 0);
	mem_fail_set(w, 1, true);
	assert_null(m_gethdr(M_NOWAIT));
	m = m_gethdr(M_RESERVE);
	assert_non_null(m);
	mem_fail_set(w, 0, false);
	m_freem(m);
	assert_int_equal(uma_reserve(-(MSIZE + 64)), 0);
}

/* ---- owners ---- */

static void
a_packet_changes_hands(void **state)
{
	struct mbuf *m;

	(void)state;
	m = packet(0, 3000);
	m_chown(m, NULL);
	assert_int_equal(uma_count(&mbuf_zone, va), 0);
	assert_int_equal(uma_count(&mcl_zone, va), 0);
	assert_int_equal(uma_count(&mcl_zone, NULL), 2);
	m_chown(m, vb);
	assert_int_equal(uma_count(&mcl_zone, vb), 2);
	assert_int_equal(uma_count(&mbuf_zone, vb), 2);
	m_freem(m);
	no_mbuf_is_left();
}

static void
a_shared_cluster_follows_its_last_mbuf(void **state)
{
	struct mbuf *m, *n, *o;
	void *cl;

	(void)state;
	m = packet(0, 2000); /* the send buffer's */
	cl = ref_get(&m->m_ext);
	n = m_copym(m, 100, 900, 0);
	m_chown(n, NULL); /* on a link */
	assert_ptr_equal(uma_owner(cl), va);
	o = m_copym(m, 0, M_COPYALL, 0);
	m_freem(m);
	assert_ptr_equal(uma_owner(cl), va); /* o is va's */
	m_chown(o, vb);
	assert_ptr_not_equal(uma_owner(cl), va);
	m_chown(n, vb);
	assert_int_equal(uma_count(&mcl_zone, va), 0);
	m_freem(o);
	assert_ptr_equal(uma_owner(cl), vb);
	m_freem(n);
	no_mbuf_is_left();
	m = packet(0, 2000);
	n = m_copym(m, 0, 10, 0);
	m_chown(n, vb);
	m_freem(m); /* its sender dies first */
	assert_int_equal(uma_count(&mcl_zone, va), 0);
	assert_int_equal(uma_count(&mcl_zone, vb), 1);
	m_freem(n);
	no_mbuf_is_left();
}

static void
rcvif_survives_its_interface(void **state)
{
	struct mbuf *m;
	uint64_t h;
	int ifp;

	(void)state;
	m = m_gethdr(0);
	h = handle_alloc(HANDLE_IFNET, &ifp);
	m->m_pkthdr.rcvif_idx = (uint32_t)h;
	m->m_pkthdr.rcvif_gen = (uint32_t)(h >> 32);
	assert_ptr_equal((void *)m_rcvif(m), &ifp);
	handle_free(h);
	assert_null(m_rcvif(m));
	h = handle_alloc(HANDLE_IFNET, &ifp);
	assert_null(m_rcvif(m));
	handle_free(h);
	m_freem(m);
}

static void
drops_are_counted_where_they_happen(void **state)
{
	struct world *w = *state;
	struct vnet_frame f;
	struct mbuf *m;

	m_drop(packet(0, 10), DROP_IP_TTL);
	m = packet(0, 10);
	vnet_switch(&f, vb);
	m_drop(m, DROP_IP_TTL);
	m_drop(NULL, DROP_NOMEM);
	assert_int_equal(drop_count(DROP_IP_TTL), 1);
	vnet_leave(&f);
	assert_int_equal(drop_count(DROP_IP_TTL), 1);
	/* outside every vnet: the owner's; without one the world's */
	m = packet(0, 10);
	curvnet = NULL;
	m_drop(m, DROP_LINK_LOSS);
	m_drop(NULL, DROP_LINK_LOSS);
	assert_int_equal(drop_count(DROP_LINK_LOSS), 1);
	assert_int_equal(w->w_drop[DROP_LINK_LOSS], 1);
	curvnet = va;
	assert_int_equal(drop_count(DROP_LINK_LOSS), 1);
	assert_string_equal(drop_name(DROP_LINK_LOSS), "link.loss");
	assert_string_equal(drop_name(DROP_N), "?");
	va->v_cold->vc_drop[DROP_IP_TTL] = UINT32_MAX;
	m_drop(NULL, DROP_IP_TTL);
	assert_int_equal(drop_count(DROP_IP_TTL), UINT32_MAX);
	no_mbuf_is_left();
}

static void
queues_are_fifo_with_a_limit(void **state)
{
	struct mbufq q;
	struct mbuf *m[4];
	int i;

	(void)state;
	mbufq_init(&q, 3);
	assert_null(mbufq_dequeue(&q));
	for (i = 0; i < 4; i++) {
		m[i] = packet(0, 10);
		assert_int_equal(
		    mbufq_enqueue(&q, m[i]), i < 3 ? 0 : VE_NOBUFS);
	}
	assert_ptr_equal(mbufq_dequeue(&q), m[0]);
	assert_int_equal(mbufq_enqueue(&q, m[3]), 0);
	assert_ptr_equal(mbufq_dequeue(&q), m[1]);
	assert_int_equal(q.mq_len, 2);
	mbufq_drain(&q, DROP_QUEUE_FLUSH);
	assert_int_equal(drop_count(DROP_QUEUE_FLUSH), 2);
	assert_null(mbufq_dequeue(&q));
	assert_int_equal(mbufq_enqueue(&q, m[0]), 0);
	assert_ptr_equal(mbufq_dequeue(&q), m[0]);
	m_freem(m[0]);
	m_freem(m[1]);
	no_mbuf_is_left();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(birth_and_death),
		T(a_shared_cluster_is_not_written),
		T(l3off_follows_the_data),
		T(trimming_and_cutting),
		T(pullup_across_mbufs),
		T(appending),
		T(without_memory_nothing_changes_or_is_left),
		T(the_reserve_has_an_mbuf),
		T(a_packet_changes_hands),
		T(a_shared_cluster_follows_its_last_mbuf),
		T(rcvif_survives_its_interface),
		T(drops_are_counted_where_they_happen),
		T(queues_are_fifo_with_a_limit),
	};

	return (cmocka_run_group_tests_name("mbuf", tests, NULL, NULL) ? 1 : 0);
}
