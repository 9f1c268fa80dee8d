/*
 * test_save.c - save and restore: the used parts come back bit for bit.
 *
 * The test makes its own raw copy of everything a save has to keep, mutates
 * the world at random (objects, references, vnets, big runs, timers, time),
 * restores and compares.
 */
#include <stdlib.h>
#include "tests/test_mem.h"

#include "src/core/memory_var.h"
#include "tests/test_raw.h"

enum { OBJECTS = 300 };

static uint64_t rng_state;

static uint32_t
rng(uint32_t n)
{
	rng_state = rng_state * UINT64_C(6364136223846793005) + 1;
	return ((uint32_t)(rng_state >> 33) % n);
}

/* ---- a world that changes ---- */

/* In memory that is restored: the test's own view of the world. */
struct model {
	void *m_obj[OBJECTS];
	const struct uma_zone *m_zone[OBJECTS];
	struct vnet *m_owner[OBJECTS];
	uint32_t m_fired;
};

static struct model *model;

static void
fire(void *arg)
{
	struct thing *t = arg;

	model->m_fired++;
	t->th_key++;
	(void)callout_reset(
	    &t->th_timer, 1000 + (int64_t)(t->th_key % 7), fire, t);
}

static void
mutate_alloc(uint32_t k)
{
	struct thing *t;
	uint32_t z;

	z = rng(nitems(mem_zones));
	model->m_zone[k] = mem_zones[z];
	model->m_owner[k] = rng(2) == 0 ? mem_a : mem_b;
	mem_in(model->m_owner[k]);
	if (mem_zones[z] == &table_zone)
		model->m_obj[k] = kmalloc(
		    &table_zone, rng(20) == 0 ? 200000 : 1 + rng(3000), M_ZERO);
	else
		model->m_obj[k] = uma_zalloc(mem_zones[z], M_ZERO);
	if (mem_zones[z] == &thing_zone && model->m_obj[k] != NULL) {
		t = model->m_obj[k];
		callout_init(&t->th_timer, VNET_MOD_tcp, "mem.timer");
		(void)callout_reset(&t->th_timer, rng(5000), fire, t);
	}
	mem_in(NULL);
}

static void
mutate_free(uint32_t k)
{
	struct thing *t = model->m_obj[k];

	mem_in(model->m_owner[k]);
	if (model->m_zone[k] == &thing_zone) {
		if (ref_held(t)) {
			mem_in(NULL);
			return;
		}
		if (!ref_empty(&t->th_hold[0]))
			(void)ref_drop(&t->th_hold[0]);
		(void)callout_stop(&t->th_timer);
	}
	uma_zfree(model->m_zone[k], model->m_obj[k]);
	model->m_obj[k] = NULL;
	mem_in(NULL);
}

/* A reference between two things, perhaps of different vnets. */
static void
mutate_ref(uint32_t k, uint32_t l)
{
	struct thing *t = model->m_obj[k];

	if (model->m_zone[k] != &thing_zone ||
	    model->m_zone[l] != &thing_zone || model->m_obj[l] == NULL)
		return;
	mem_in(model->m_owner[k]);
	if (ref_empty(&t->th_hold[0]))
		ref_take(&t->th_hold[0], model->m_obj[l], "mutate");
	else
		(void)ref_drop(&t->th_hold[0]);
	t->th_hits++;
	mem_in(NULL);
}

static void
mutate(uint32_t n)
{
	struct vnet *v;
	uint32_t i, k;

	for (i = 0; i < n; i++) {
		k = rng(OBJECTS);
		if (model->m_obj[k] == NULL)
			mutate_alloc(k);
		else if (rng(3) == 0)
			mutate_free(k);
		else
			mutate_ref(k, rng(OBJECTS));
		if (rng(20) == 0)
			(void)world_step(mem_w, INT64_MAX);
		if (rng(200) == 0) {
			v = mem_vnet("fleeting");
			assert_non_null(v);
			mem_in(v);
			(void)kmalloc(&table_zone, 100000, 0);
			mem_in(NULL);
			mem_kill(v);
		}
		if (rng(300) == 0)
			(void)mem_vnet("lasting");
	}
}

static int
setup(void **state)
{
	(void)mem_setup(state);
	rng_state = 4242;
	model = world_user_alloc(sizeof(*model), true);
	assert_non_null(model);
	return (0);
}

static int
teardown(void **state)
{
	assert_int_equal(mem_w->w_mem.wm_nunmarked, 0);
	return (mem_teardown(state));
}

static void
a_restore_brings_back_every_bit(void **state)
{
	struct world_save *s;
	struct raw was;
	uint32_t i;

	(void)state;
	for (i = 0; i < 30; i++) {
		mutate(300);
		was = raw_copy(mem_w);
		s = world_save(mem_w);
		assert_non_null(s);
		raw_same(mem_w, &was);
		mutate(1 + rng(400));
		world_restore(mem_w, s);
		raw_same(mem_w, &was);
		mutate(rng(50));
		world_restore(mem_w, s);
		raw_same(mem_w, &was);
		free(was.bytes);
		world_save_free(mem_w, s);
	}
	assert_int_equal(mem_findings(NULL), 0);
}

static void
what_is_run_again_is_the_same_again(void **state)
{
	uint64_t hash, seed, events;
	struct world_save *s;
	struct raw was;
	uint32_t i;

	(void)state;
	mutate(1000);
	for (i = 0; i < 10; i++) {
		s = world_save(mem_w);
		seed = rng_state;
		mutate(500);
		hash = world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS);
		events = event_count(mem_w);
		was = raw_copy(mem_w);
		world_restore(mem_w, s);
		rng_state = seed;
		mutate(500);
		assert_int_equal(event_count(mem_w), events);
		assert_int_equal(
		    world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS),
		    hash);
		raw_same_size(mem_w, &was);
		world_save_free(mem_w, s);
	}
}

static void
trusting_marks_gives_the_same_bits(void **state)
{
	struct world_save *s;
	struct raw was;
	uint32_t i, k;

	(void)state;
	mem_w->w_mem.wm_trustmarks = true;
	mutate(2000);
	for (i = 0; i < 20; i++) {
		s = world_save(mem_w);
		was = raw_copy(mem_w);
		for (k = 0; k < 4; k++) {
			mutate(rng(4) == 0 ? 200 : 2);
			world_restore(mem_w, s);
			raw_same(mem_w, &was);
		}
		free(was.bytes);
		mutate(20);
		world_save_free(mem_w, s);
	}
}

static void
an_older_and_a_later_save_can_be_mixed(void **state)
{
	struct world_save *s1, *s2, *s3;
	struct raw r1, r2, r3;

	(void)state;
	mem_w->w_mem.wm_trustmarks = true;
	mutate(500);
	s1 = world_save(mem_w);
	r1 = raw_copy(mem_w);
	mutate(500);
	s2 = world_save(mem_w);
	r2 = raw_copy(mem_w);
	mutate(100);
	world_restore(mem_w, s1);
	raw_same(mem_w, &r1);
	mutate(3);
	s3 = world_save(mem_w);
	r3 = raw_copy(mem_w);
	world_restore(mem_w, s2); /* another future of s1 */
	raw_same(mem_w, &r2);
	world_restore(mem_w, s3);
	raw_same(mem_w, &r3);
	world_restore(mem_w, s1);
	raw_same(mem_w, &r1);
	world_restore(mem_w, s1);
	raw_same(mem_w, &r1);
	world_save_free(mem_w, s1);
	world_save_free(mem_w, s2);
	world_save_free(mem_w, s3);
	free(r1.bytes);
	free(r2.bytes);
	free(r3.bytes);
}

/* ---- marks: what core writes into a vnet that nobody entered ---- */

struct marks {
	struct vnet *v[3];
	struct thing *t[3];
	struct packet *p[3]; /* owned by each, in the world's extents */
};

static void
into_nobody(struct marks *k, int what)
{
	switch (what) {
	case 0: /* the first holder */
		mem_in(k->v[0]);
		ref_take(&k->t[0]->th_hold[0], k->t[1], "m");
		break;
	case 1: /* slot and object both elsewhere, and a neighbour */
		ref_take(&k->t[1]->th_hold[0], k->t[2], "m");
		break;
	case 2:
		(void)ref_drop(&k->t[1]->th_hold[1]);
		break;
	case 3:
		ref_move(&k->t[0]->th_hold[0], &k->t[1]->th_hold[1]);
		break;
	case 4:
		uma_chown(k->p[1], k->v[0]);
		break;
	case 5:
		uma_chown(k->p[1], NULL);
		break;
	case 6:
		uma_chown(k->p[0], k->v[1]);
		break;
	case 7:
		mem_in(k->v[0]);
		uma_zfree(&packet_zone, k->p[1]);
		break;
	case 8:
		uma_zfree(&packet_zone, k->p[2]);
		break;
	case 9:
		mem_kill(k->v[1]);
		break;
	case 10: /* its extents again, by another */
		mem_kill(k->v[1]);
		assert_non_null(mem_vnet("new"));
		break;
	case 11:
		(void)mem_alloc(&small_zone, 0, 0, k->v[1], SITE);
		break;
	case 12:
		(void)vnet_mem_sever(k->v[2], NULL, NULL);
		break;
	case 13:
		mem_in(k->v[1]);
		callout_init(&k->t[1]->th_timer, VNET_MOD_tcp, "mem.timer");
		(void)callout_reset(&k->t[1]->th_timer, 5, fire, k->t[1]);
		break;
	case 14: /* the first of a list leaves */
		(void)ref_drop(&k->t[0]->th_hold[1]);
		break;
	default:
		fail();
	}
	mem_in(NULL);
}

static void
core_marks_what_it_writes(void **state)
{
	struct world_save *s;
	struct marks k;
	struct raw was;
	uint32_t i;
	int what;

	(void)state;
	mem_w->w_mem.wm_trustmarks = true;
	for (i = 0; i < 3; i++) {
		k.v[i] = mem_vnet("marks");
		mem_in(k.v[i]);
		k.t[i] = uma_zalloc(&thing_zone, M_ZERO);
		k.p[i] = uma_zalloc(&packet_zone, M_ZERO);
		mem_in(NULL);
	}
	/* t2 is held by t0, t1, t2: each slot has neighbours elsewhere. */
	for (i = 3; i > 0; i--)
		ref_take(&k.t[i - 1]->th_hold[1], k.t[2], "m");
	for (what = 0; what <= 14; what++) {
		s = world_save(mem_w);
		was = raw_copy(mem_w);
		into_nobody(&k, what);
		world_restore(mem_w, s);
		raw_same(mem_w, &was);
		free(was.bytes);
		world_save_free(mem_w, s);
	}
}

static void
a_later_save_right_after_an_older_one(void **state)
{
	struct world_save *s1, *s2;
	struct thing *t;
	struct raw r2;

	(void)state;
	mem_w->w_mem.wm_trustmarks = true;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	mem_in(NULL);
	s1 = world_save(mem_w);
	mem_in(mem_a);
	t->th_key = 77;
	mem_in(NULL);
	s2 = world_save(mem_w);
	r2 = raw_copy(mem_w);
	world_restore(mem_w, s1);
	assert_int_equal(t->th_key, 0);
	world_restore(mem_w, s2);
	assert_int_equal(t->th_key, 77);
	raw_same(mem_w, &r2);
	world_restore(mem_w, s1);
	assert_int_equal(t->th_key, 0);
	free(r2.bytes);
	world_save_free(mem_w, s1);
	world_save_free(mem_w, s2);
}

static bool
all_bytes(const void *p, unsigned char c, size_t n)
{
	unsigned char *copy;
	size_t i;

	copy = malloc(n);
	assert_non_null(copy);
	mem_copy(copy, p, n);
	for (i = 0; i < n && copy[i] == c; i++)
		;
	free(copy);
	return (i == n);
}

static void
what_came_after_is_forgotten(void **state)
{
	struct world_part then[WORLD_PARTS], now[WORLD_PARTS];
	struct world_save *s;
	uint32_t i, x;

	(void)state;
	x = mem_w->w_mem.wm_nused;
	s = world_save(mem_w);
	for (i = 0; i < 20; i++) {
		mem_in(mem_vnet("later"));
		memset(kmalloc(&table_zone, 60000, 0), 7, 60000);
		mutate_alloc(i);
	}
	finding_add(ORACLE_LEAK, "later", NULL, 0, NULL, "x");
	mem_in(NULL);
	world_parts(mem_w, then);
	world_restore(mem_w, s);
	world_parts(mem_w, now);
	for (i = 1; i < WORLD_PARTS; i++) {
		assert_true(then[i].wp_used > now[i].wp_used || i == 3);
		assert_true(all_bytes(now[i].wp_base + now[i].wp_used, 0,
		    then[i].wp_used - now[i].wp_used));
	}
	assert_int_equal(mem_w->w_mem.wm_nused, x);
	/* A vnet of the future began in the first extent behind the last. */
	assert_true(
	    all_bytes(mem_extent_addr(&mem_w->w_mem, x), POISON_FREE, 1000));
	world_save_free(mem_w, s);
}

static void
findings_handles_and_failures_are_state(void **state)
{
	struct world_mem *wm = &mem_w->w_mem;
	struct world_save *s;
	struct vnet *v;
	uint64_t h;

	(void)state;
	mem_fail_set(mem_w, 3, false);
	s = world_save(mem_w);
	v = mem_vnet("c");
	assert_null(v);
	assert_true(wm->wm_consumed);
	v = mem_vnet("c");
	h = v->v_handle;
	assert_ptr_equal(handle_lookup(HANDLE_VNET, h), v);
	finding_add(ORACLE_LEAK, "planted", NULL, 0, NULL, "x");
	world_restore(mem_w, s);
	assert_false(wm->wm_consumed);
	assert_null(handle_lookup(HANDLE_VNET, h));
	assert_int_equal(mem_findings(NULL), 0);
	assert_null(mem_vnet("c"));
	assert_true(wm->wm_consumed);
	world_save_free(mem_w, s);
}

static int heard;

static void
hear(void *ctx, const struct trace_record *tr)
{
	(void)tr;
	*(int *)ctx += 1;
}

static void
who_listens_is_not_state(void **state)
{
	struct world_save *s;

	(void)state;
	s = world_save(mem_w);
	world_set_trace(mem_w, hear, &heard);
	world_restore(mem_w, s);
	heard = 0;
	trace(TRACE_USER, "x", 0, 0);
	assert_int_equal(heard, 1);
	world_save_free(mem_w, s);
}

static bool heap_empty;

static void *
poor_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (heap_empty ? NULL : malloc(size));
}

static void
without_memory_there_is_no_save(void **state)
{
	struct vnetsim_host host = *vnetsim_host_posix();
	struct raw was;

	(void)state;
	host.heap_alloc = poor_alloc;
	mem_w->w_host = &host;
	heap_empty = true;
	was = raw_copy(mem_w);
	assert_null(world_save(mem_w));
	raw_same(mem_w, &was);
	heap_empty = false;
	world_save_free(mem_w, world_save(mem_w));
	world_save_free(mem_w, NULL);
	free(was.bytes);
	mem_w->w_host = vnetsim_host_posix();
}

#define SAVE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SAVE_TEST(a_restore_brings_back_every_bit),
		SAVE_TEST(what_is_run_again_is_the_same_again),
		SAVE_TEST(trusting_marks_gives_the_same_bits),
		SAVE_TEST(an_older_and_a_later_save_can_be_mixed),
		SAVE_TEST(core_marks_what_it_writes),
		SAVE_TEST(a_later_save_right_after_an_older_one),
		SAVE_TEST(what_came_after_is_forgotten),
		SAVE_TEST(findings_handles_and_failures_are_state),
		SAVE_TEST(who_listens_is_not_state),
		SAVE_TEST(without_memory_there_is_no_save),
	};

	return (cmocka_run_group_tests_name("save", tests, NULL, NULL) ? 1 : 0);
}
