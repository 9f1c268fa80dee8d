/*
 * test_mbuf_model.c - random operations on packets against flat byte arrays.
 *
 * A few packets live at a time, clusters shared between them; after every
 * operation every packet must hold the bytes of its model, so a write through
 * a shared cluster shows up in another packet.  Allocations fail at random.
 */
#include <stdlib.h>
#include <string.h>
#include <vnetsim/kern/mbuf.h>
#include "tests/lib/tworld.h"

#define NPKT  6
#define MODEL 9000
#define STEPS 30000

struct model {
	struct mbuf *md_m;
	uint32_t md_len;
	uint8_t md_b[MODEL];
};

static struct model md[NPKT];
static uint64_t draws;
static struct vnet *owner[3];

static uint32_t
rnd(uint32_t n)
{
	return ((uint32_t)(krandom("test.mbuf", 0, draws++) % n));
}

static void
drop(struct model *d)
{
	m_freem(d->md_m);
	d->md_m = NULL;
	d->md_len = 0;
}

static void
check(const struct model *d)
{
	static uint8_t got[MODEL];
	const struct mbuf *m;
	uint32_t n;

	if (d->md_m == NULL)
		return;
	n = 0;
	for (m = d->md_m; m != NULL; m = m->m_next) {
		assert_true(m->m_len <= MCLBYTES);
		assert_true(m == d->md_m || (m->m_flags & M_PKTHDR) == 0);
		n += m->m_len;
	}
	assert_int_equal(n, d->md_len);
	assert_int_equal(d->md_m->m_pkthdr.len, d->md_len);
	m_copydata(d->md_m, 0, n, got);
	assert_memory_equal(got, d->md_b, n);
}

/* New random bytes into a part of a packet, if they may be written. */
static void
scribble(struct model *d)
{
	struct mbuf *m;
	uint32_t at, i;

	at = 0;
	for (m = d->md_m; m != NULL; m = m->m_next) {
		if (m_writable(m) && m->m_len > 0 && rnd(2)) {
			i = rnd(m->m_len);
			m->m_data[i] = d->md_b[at + i] = (uint8_t)rnd(256);
		}
		at += m->m_len;
	}
}

static void
fresh(struct model *d)
{
	struct mbuf *n;
	uint32_t k, i;

	d->md_len = rnd(3) ? rnd(300) : rnd(4000);
	d->md_m = m_getm(rnd(MLEN + 1), d->md_len, 0);
	if (d->md_m == NULL) {
		d->md_len = 0;
		return;
	}
	k = 0;
	for (n = d->md_m; n != NULL; n = n->m_next)
		for (i = 0; i < n->m_len; i++)
			n->m_data[i] = d->md_b[k++] = (uint8_t)rnd(256);
}

static void
append(struct model *d)
{
	uint8_t more[600];
	uint32_t k, i;

	k = rnd(sizeof(more));
	if (d->md_len + k > MODEL)
		return;
	for (i = 0; i < k; i++)
		more[i] = (uint8_t)rnd(256);
	if (m_append(d->md_m, more, k, 0)) {
		memcpy(d->md_b + d->md_len, more, k);
		d->md_len += k;
	}
}

/* Operations on one packet. */
static void
single(struct model *d, uint32_t what)
{
	struct mbuf *m;
	uint32_t k, i;

	switch (what) {
	case 0:
		k = rnd(MLEN + 1);
		if (d->md_len + k > MODEL)
			break;
		m = m_prepend(d->md_m, k, 0);
		d->md_m = m;
		if (m == NULL) {
			d->md_len = 0;
			break;
		}
		memmove(d->md_b + k, d->md_b, d->md_len);
		d->md_len += k;
		assert_true(m->m_len >= k);
		for (i = 0; i < k; i++)
			m->m_data[i] = d->md_b[i] = (uint8_t)rnd(256);
		break;
	case 1:
		k = rnd(MLEN + 1);
		m = m_pullup(d->md_m, k);
		assert_true(m == NULL || k <= d->md_len);
		d->md_m = m;
		if (m == NULL) {
			d->md_len = 0;
			break;
		}
		assert_true(m->m_len >= k && m_writable(m));
		break;
	case 2:
		k = rnd(d->md_len + 20);
		m_adj(d->md_m, (int)k);
		k = k < d->md_len ? k : d->md_len;
		d->md_len -= k;
		memmove(d->md_b, d->md_b + k, d->md_len);
		break;
	case 3:
		k = rnd(d->md_len + 20);
		m_adj(d->md_m, -(int)k);
		d->md_len -= k < d->md_len ? k : d->md_len;
		break;
	case 4:
		append(d);
		break;
	case 5:
		m_chown(d->md_m, owner[rnd(3)]);
		break;
	case 6:
		scribble(d);
		break;
	}
}

/* Operations that make a second packet, or eat one. */
static void
two(struct model *d, struct model *e, uint32_t what)
{
	uint32_t off, len;

	switch (what) {
	case 0:
	case 1:
		drop(e);
		off = what == 0 ? 0 : rnd(d->md_len + 1);
		len = rnd(3) ? M_COPYALL : rnd(d->md_len + 1);
		e->md_m = m_copym(d->md_m, off, len, 0);
		if (e->md_m == NULL)
			break;
		if (off != 0) {
			assert_true((e->md_m->m_flags & M_PKTHDR) == 0);
			e->md_m->m_flags |= M_PKTHDR;
			e->md_m->m_pkthdr.len = m_length(e->md_m);
		}
		e->md_len = len < d->md_len - off ? len : d->md_len - off;
		memcpy(e->md_b, d->md_b + off, e->md_len);
		break;
	case 2:
		drop(e);
		e->md_m = m_dup(d->md_m, 0);
		if (e->md_m == NULL)
			break;
		e->md_len = d->md_len;
		memcpy(e->md_b, d->md_b, e->md_len);
		assert_true(m_writable(e->md_m));
		break;
	case 3:
		drop(e);
		if (d->md_len == 0)
			break;
		off = rnd(d->md_len);
		e->md_m = m_split(d->md_m, off, 0);
		if (e->md_m == NULL)
			break;
		e->md_len = d->md_len - off;
		memcpy(e->md_b, d->md_b + off, e->md_len);
		d->md_len = off;
		break;
	case 4:
		if (e->md_m == NULL || d->md_len + e->md_len > MODEL)
			break;
		memcpy(d->md_b + d->md_len, e->md_b, e->md_len);
		d->md_m->m_pkthdr.len += e->md_len;
		m_cat(d->md_m, e->md_m);
		d->md_len += e->md_len;
		e->md_m = NULL;
		e->md_len = 0;
		break;
	}
}

static void
operations_equal_the_model(void **state)
{
	struct world *w;
	struct vnet_frame f;
	struct model *d;
	uint32_t step, i, what;

	(void)state;
	w = tw_create(NULL);
	owner[1] = tw_jail("a")->pr_vnet;
	owner[2] = tw_jail("b")->pr_vnet;
	TW_ENTER(&f, owner[1]);
	for (step = 0; step < STEPS; step++) {
		d = &md[rnd(NPKT)];
		if (rnd(8) == 0)
			mem_fail_set(w, 1 + rnd(3), false);
		what = rnd(13);
		if (d->md_m == NULL)
			fresh(d);
		else if (what < 7)
			single(d, what);
		else if (what < 12)
			two(d, &md[(d - md + 1 + rnd(NPKT - 1)) % NPKT],
			    what - 7);
		else
			drop(d);
		mem_fail_set(w, 0, false);
		for (i = 0; i < NPKT; i++)
			check(&md[i]);
	}
	for (i = 0; i < NPKT; i++)
		drop(&md[i]);
	for (i = 0; i < 3; i++) {
		assert_int_equal(uma_count(&mbuf_zone, owner[i]), 0);
		assert_int_equal(uma_count(&mcl_zone, owner[i]), 0);
	}
	vnet_leave(&f);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_equal_the_model),
	};

	return (cmocka_run_group_tests_name("mbuf_model", tests, NULL, NULL)
		    ? 1
		    : 0);
}
