/*
 * test_uma.c - the allocator against a model, and at its limits.
 *
 * The model knows every live object, its zone, owner and a pattern in its
 * bytes.  After each step the counters must agree with it; overlapping objects
 * would show as broken patterns.
 */
#include "tests/test_mem.h"

#include "src/core/memory_var.h"

enum { MODEL = 600, STEPS = 60000, BIGGEST = 300000 };

struct entry {
	unsigned char *p;
	const struct uma_zone *z;
	struct vnet *owner;
	size_t size;
	unsigned char pattern;
};

static uint64_t rng_state;

static uint32_t
rng(uint32_t n)
{
	rng_state = rng_state * UINT64_C(6364136223846793005) + 1;
	return ((uint32_t)(rng_state >> 33) % n);
}

static void
entry_alloc(struct entry *e)
{
	size_t i;
	int flags;

	e->z = mem_zones[rng(nitems(mem_zones))];
	e->owner = rng(3) == 0 ? NULL : rng(2) == 0 ? mem_a : mem_b;
	e->pattern = (unsigned char)rng(256);
	flags = rng(2) == 0 ? M_ZERO : 0;
	mem_in(e->owner);
	if (e->z == &table_zone) {
		e->size = 1 + (rng(50) == 0 ? rng(BIGGEST) : rng(5000));
		e->p = kmalloc(e->z, e->size, flags);
	} else {
		e->size = e->z->uz_size;
		e->p = uma_zalloc(e->z, flags);
	}
	assert_non_null(e->p);
	assert_int_equal((uintptr_t)e->p & 15, 0);
	for (i = 0; flags != 0 && i < e->size; i++)
		assert_int_equal(e->p[i], 0);
	/* The slots of a thing must stay empty, so they get no pattern. */
	if (e->z == &table_zone || e->z == &bytes_zone || e->z == &small_zone)
		memset(e->p, e->pattern, e->size);
	else
		e->p[0] = e->pattern;
}

static void
entry_check(const struct entry *e)
{
	size_t i;

	assert_true(uma_check(e->z, e->p));
	assert_ptr_equal(uma_owner(e->p), e->owner);
	if (e->z == &table_zone || e->z == &bytes_zone || e->z == &small_zone)
		for (i = 0; i < e->size; i++)
			assert_int_equal(e->p[i], e->pattern);
	assert_int_equal(e->p[0], e->pattern);
}

static void
entry_free(struct entry *e)
{
	entry_check(e);
	mem_in(rng(2) == 0 ? e->owner : NULL);
	uma_zfree(e->z, e->p);
	memset(e, 0, sizeof(*e));
}

static void
counters_agree(const struct entry *m)
{
	const struct vnet *owner[3] = { NULL, mem_a, mem_b };
	uint32_t i, k, z, n;

	for (k = 0; k < 3; k++)
		for (z = 0; z < nitems(mem_zones); z++) {
			for (i = 0, n = 0; i < MODEL; i++)
				n += m[i].p != NULL && m[i].z == mem_zones[z] &&
				     m[i].owner == owner[k];
			assert_int_equal(uma_count(mem_zones[z], owner[k]), n);
		}
}

/* Every live object of the model is walked exactly once, nothing else of its
 * zones is. */
static void
walk_agrees(const struct entry *m)
{
	struct vnet *v[2] = { mem_a, mem_b };
	struct mem_iter it;
	struct mem_info mi;
	uint32_t i, k, walked, modelled;
	void *p;

	for (i = 0, modelled = 0; i < MODEL; i++)
		modelled += m[i].p != NULL;
	walked = 0;
	for (k = 0; k < 2; k++)
		for (mem_iter_init(&it, v[k], MEM_ITER_ARENA);
		     (p = mem_iter_next(&it)) != NULL;) {
			assert_true(mem_info(p, &mi));
			walked += mi.mi_zone->uz_mod == VNET_MOD_tcp;
		}
	for (mem_iter_init(&it, NULL, MEM_ITER_WORLD);
	     (p = mem_iter_next(&it)) != NULL;) {
		assert_true(mem_info(p, &mi));
		walked += mi.mi_zone->uz_mod == VNET_MOD_tcp;
	}
	assert_int_equal(walked, modelled);
}

static void
the_allocator_agrees_with_a_model(void **state)
{
	static struct entry m[MODEL];
	uint64_t before;
	uint32_t i, k;

	(void)state;
	rng_state = 12345;
	memset(m, 0, sizeof(m));
	before = mem_w->w_mem.wm_total;
	for (i = 0; i < STEPS; i++) {
		k = rng(MODEL);
		if (m[k].p == NULL)
			entry_alloc(&m[k]);
		else
			entry_free(&m[k]);
		if (i % 5000 == 0) {
			counters_agree(m);
			walk_agrees(m);
		}
	}
	for (k = 0; k < MODEL; k++)
		if (m[k].p != NULL)
			entry_free(&m[k]);
	counters_agree(m);
	walk_agrees(m);
	assert_int_equal(mem_w->w_mem.wm_total, before);
	assert_int_equal(mem_findings(NULL), 0);
}

static void
classes_waste_at_most_an_eighth(void **state)
{
	uint32_t n, cls, bytes;

	(void)state;
	for (n = 1; n <= MEM_EXTENT - MEM_HDR; n++) {
		cls = mem_class(n);
		bytes = mem_class_bytes(cls);
		assert_true(cls < MEM_NCLASS);
		assert_true(bytes >= n);
		assert_true(bytes % 16 == 0);
		assert_true(bytes - n < 16 || (bytes - n) * 8 <= n);
		assert_true(cls == 0 || mem_class_bytes(cls - 1) < n);
	}
	assert_int_equal(mem_class_bytes(mem_class(2048)), 2048);
	assert_int_equal(mem_slot_bytes(mem_class(65504)), 65536);
}

static void
the_largest_sizes_work_and_the_next_does_not(void **state)
{
	struct world_config cfg = { .wc_size = (size_t)256 << 20 };
	unsigned char *p;
	struct mem_info mi;

	mem_teardown(state);
	mem_begin(&cfg);
	mem_in(mem_a);
	p = kmalloc(&table_zone, 65504, M_ZERO);
	assert_non_null(p);
	kfree(&table_zone, p);
	p = kmalloc(&table_zone, 65505, M_ZERO);
	assert_true(mem_info(p, &mi));
	assert_true(mi.mi_size >= 65505);
	kfree(&table_zone, p);
	p = kmalloc(&table_zone, (size_t)64 << 20, 0);
	assert_non_null(p);
	p[0] = p[((size_t)64 << 20) - 1] = 1;
	kfree(&table_zone, p);
	assert_null(kmalloc(&table_zone, ((size_t)64 << 20) + 1, 0));
	assert_null(kmalloc(&table_zone, SIZE_MAX - 8, 0));
	assert_int_equal(uma_count(&table_zone, mem_a), 0);
	assert_int_equal(mem_findings(NULL), 0);
}

static void
a_vnet_budget_is_kept_to_the_byte(void **state)
{
	struct mem_account *ac;
	uint64_t slot;

	(void)state;
	ac = &mem_a->v_mem->vm_acct;
	slot = mem_slot_bytes(mem_class(sizeof(struct small)));
	ac->ac_limit = ac->ac_bytes + 2 * slot;
	mem_in(mem_a);
	assert_non_null(uma_zalloc(&small_zone, 0));
	ac->ac_limit--;
	assert_null(uma_zalloc(&small_zone, 0));
	assert_int_equal(mem_w->w_mem.wm_failwhy, MEM_VNETBUDGET);
	assert_int_equal(mem_w->w_mem.wm_nfail, 1);
	ac->ac_limit++;
	assert_non_null(uma_zalloc(&small_zone, 0));
	assert_null(uma_zalloc(&packet_zone, 0));
	mem_in(mem_b);
	assert_non_null(uma_zalloc(&packet_zone, 0));
}

static void
a_world_budget_is_kept_to_the_byte(void **state)
{
	struct world_mem *wm = &mem_w->w_mem;
	uint64_t slot;
	void *p;

	(void)state;
	slot = mem_slot_bytes(mem_class(sizeof(struct small)));
	wm->wm_budget = wm->wm_total + slot;
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, 0);
	assert_non_null(p);
	mem_in(mem_b);
	assert_null(uma_zalloc(&small_zone, 0));
	assert_int_equal(wm->wm_failwhy, MEM_BUDGET);
	mem_in(NULL);
	assert_null(mem_vnet("c"));
	mem_in(mem_a);
	uma_zfree(&small_zone, p);
	mem_in(mem_b);
	assert_non_null(uma_zalloc(&small_zone, 0));
}

static void
a_full_world_says_no_and_recovers(void **state)
{
	struct world_config cfg = { .wc_size = WORLD_SIZE_MIN };
	void *p[64];
	uint32_t n, i, again;

	mem_teardown(state);
	mem_begin(&cfg);
	mem_in(mem_a);
	for (n = 0; n < nitems(p); n++) {
		p[n] = kmalloc(&table_zone, 65504, 0);
		if (p[n] == NULL)
			break;
	}
	assert_in_range(n, 20, 60);
	assert_int_equal(mem_w->w_mem.wm_failwhy, MEM_FULL);
	mem_in(NULL);
	assert_null(mem_vnet("c"));
	mem_in(mem_a);
	for (i = 0; i < n; i++)
		kfree(&table_zone, p[i]);
	for (again = 0; again < n; again++)
		assert_non_null(kmalloc(&table_zone, 65504, 0));
	assert_null(kmalloc(&table_zone, 65504, 0));
	mem_in(NULL);
	mem_kill(mem_a);
	assert_non_null(mem_a = mem_vnet("a"));
}

static void
runs_of_extents_return_and_are_found_again(void **state)
{
	struct world_config cfg = { .wc_size = (size_t)16 << 20 };
	uint32_t i, used;
	void *p, *q;

	mem_teardown(state);
	mem_begin(&cfg);
	mem_in(mem_a);
	p = kmalloc(&table_zone, 1 << 20, 0);
	q = kmalloc(&table_zone, 1 << 20, 0);
	assert_non_null(q);
	used = mem_w->w_mem.wm_nused;
	for (i = 0; i < 1000; i++) {
		kfree(&table_zone, p);
		p = kmalloc(&table_zone, (1 << 20) - i, 0);
		assert_non_null(p);
	}
	assert_int_equal(mem_w->w_mem.wm_nused, used);
	kfree(&table_zone, q);
	kfree(&table_zone, p);
}

static void
carving_goes_on_where_there_is_more_room(void **state)
{
	uint32_t used, i;

	(void)state;
	mem_in(mem_a);
	used = mem_w->w_mem.wm_nused;
	assert_non_null(kmalloc(&table_zone, 62000, 0));
	assert_non_null(kmalloc(&table_zone, 62000, 0));
	assert_int_equal(mem_w->w_mem.wm_nused, used + 2);
	for (i = 0; i < 500; i++)
		assert_non_null(uma_zalloc(&small_zone, 0));
	assert_int_equal(mem_w->w_mem.wm_nused, used + 2);
}

/* Three objects or none: what a constructor does. */
static bool
build(void **out)
{
	out[0] = uma_zalloc(&thing_zone, M_ZERO);
	out[1] = out[0] == NULL ? NULL : uma_zalloc(&packet_zone, M_ZERO);
	out[2] = out[1] == NULL ? NULL : kmalloc(&table_zone, 100000, M_ZERO);
	if (out[2] != NULL)
		return (true);
	uma_zfree(&packet_zone, out[1]);
	uma_zfree(&thing_zone, out[0]);
	return (false);
}

static void
every_allocation_fails_in_turn(void **state)
{
	struct world_mem *wm = &mem_w->w_mem;
	uint64_t n, hash, total;
	void *out[3];

	(void)state;
	mem_in(mem_a);
	hash = world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS);
	total = wm->wm_total;
	for (n = 1;; n++) {
		mem_fail_set(mem_w, n, n % 2 == 0);
		if (build(out))
			break;
		assert_true(wm->wm_consumed);
		assert_int_equal(wm->wm_failwhy, MEM_INJECTED);
		assert_non_null(strstr(wm->wm_failsite, "test_uma.c:"));
		assert_int_equal(wm->wm_total, total);
		assert_int_equal(
		    world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS),
		    hash);
	}
	assert_false(wm->wm_consumed);
	assert_int_equal(n, 4);
	assert_int_equal(wm->wm_nfail, 3);
}

static void
sticky_failure_spares_the_reserve_and_what_is_infallible(void **state)
{
	uint32_t i;
	void *p;

	(void)state;
	mem_in(mem_a);
	mem_fail_set(mem_w, 1, true);
	for (i = 0; i < 10; i++)
		assert_null(uma_zalloc(&small_zone, 0));
	assert_non_null(uma_zalloc(&small_zone, M_RESERVE));
	mem_in(NULL);
	assert_null(mem_vnet("c"));
	assert_null(world_user_alloc(100, true));
	p = world_user_alloc(100, false);
	assert_non_null(p);
	world_user_free(p);
	mem_fail_set(mem_w, 0, false);
	mem_in(mem_a);
	assert_non_null(uma_zalloc(&small_zone, 0));
	assert_int_equal(mem_w->w_mem.wm_nfail, 12);
}

static void
a_reserve_is_there_when_the_budget_is_gone(void **state)
{
	struct mem_account *ac;
	int64_t slot;
	void *p, *q;

	(void)state;
	ac = &mem_a->v_mem->vm_acct;
	slot = mem_slot_bytes(mem_class(sizeof(struct packet)));
	mem_in(mem_a);
	ac->ac_limit = ac->ac_bytes + 2 * (uint64_t)slot;
	assert_int_equal(uma_reserve(slot), 0);
	assert_int_equal(uma_reserve(slot + 1), VE_NOBUFS);
	p = uma_zalloc(&packet_zone, 0);
	assert_non_null(p);
	assert_null(uma_zalloc(&packet_zone, 0));
	q = uma_zalloc(&packet_zone, M_RESERVE);
	assert_non_null(q);
	/* It is drawn only once... */
	assert_null(uma_zalloc(&packet_zone, M_RESERVE));
	/* ... and is there again when the packet crosses to another vnet. */
	uma_chown(q, mem_b);
	assert_null(uma_zalloc(&packet_zone, 0));
	assert_non_null(uma_zalloc(&packet_zone, M_RESERVE));
	assert_int_equal(uma_reserve(-slot), 0);
	assert_int_equal(ac->ac_promised, 0);
	/* The one that crossed is an ordinary object there. */
	uma_zfree(&packet_zone, q);
	assert_int_equal(mem_b->v_mem->vm_acct.ac_drawn, 0);
	assert_int_equal(mem_w->w_mem.wm_promised, 0);
}

static void
a_drawn_reserve_returns_when_the_object_dies(void **state)
{
	struct world_mem *wm = &mem_w->w_mem;
	int64_t slot;
	uint32_t i;
	void *p;

	(void)state;
	slot = mem_slot_bytes(mem_class(sizeof(struct packet)));
	mem_in(mem_a);
	assert_int_equal(uma_reserve(slot), 0);
	for (i = 0; i < 5; i++) {
		assert_int_equal(wm->wm_promised, slot);
		p = uma_zalloc(&packet_zone, M_RESERVE);
		assert_int_equal(wm->wm_promised, 0);
		uma_zfree(&packet_zone, p);
	}
	p = uma_zalloc(&packet_zone, M_RESERVE);
	assert_int_equal(uma_reserve(-slot), 0);
	uma_zfree(&packet_zone, p);
	assert_int_equal(wm->wm_promised, 0);
}

static void
promised_memory_is_kept_from_others(void **state)
{
	struct world_config cfg = { .wc_size = WORLD_SIZE_MIN };
	int64_t slot;
	uint32_t i;

	mem_teardown(state);
	mem_begin(&cfg);
	slot = mem_slot_bytes(mem_class(sizeof(struct packet)));
	mem_in(mem_a);
	assert_int_equal(uma_reserve(INT64_C(1) << 40), VE_NOBUFS);
	assert_int_equal(uma_reserve(1000 * slot), 0);
	mem_in(mem_b);
	while (uma_zalloc(&bytes_zone, 0) != NULL)
		;
	mem_in(mem_a);
	for (i = 0; i < 1000; i++)
		assert_non_null(uma_zalloc(&packet_zone, M_RESERVE));
}

static void
objects_of_the_world_change_hands(void **state)
{
	struct mem_account *a, *b;
	uint64_t was_a, was_b, slot;
	void *p;

	(void)state;
	a = &mem_a->v_mem->vm_acct;
	b = &mem_b->v_mem->vm_acct;
	slot = mem_slot_bytes(mem_class(sizeof(struct packet)));
	was_a = a->ac_bytes;
	was_b = b->ac_bytes;
	mem_in(mem_a);
	p = uma_zalloc(&packet_zone, M_ZERO);
	assert_int_equal(a->ac_bytes, was_a + slot);
	uma_chown(p, mem_b);
	assert_ptr_equal(uma_owner(p), mem_b);
	assert_int_equal(a->ac_bytes, was_a);
	assert_int_equal(b->ac_bytes, was_b + slot);
	assert_int_equal(uma_count(&packet_zone, mem_a), 0);
	assert_int_equal(uma_count(&packet_zone, mem_b), 1);
	uma_chown(p, NULL);
	assert_null(uma_owner(p));
	assert_int_equal(uma_count(&packet_zone, NULL), 1);
	uma_zfree(&packet_zone, p);
	assert_int_equal(uma_count(&packet_zone, NULL), 0);
	assert_int_equal(mem_findings(NULL), 0);
}

static void
a_packet_outlives_its_vnet(void **state)
{
	struct mem_info mi;
	struct packet *p, *left;
	uint32_t i;

	(void)state;
	mem_in(mem_a);
	p = uma_zalloc(&packet_zone, M_ZERO);
	left = uma_zalloc(&packet_zone, M_ZERO);
	p->pk_id = left->pk_id = 77;
	for (i = 0; i < 100; i++)
		(void)kmalloc(&table_zone, 5000, 0);
	uma_chown(p, mem_b);
	mem_in(NULL);
	mem_kill(mem_a);
	assert_int_equal(p->pk_id, 77);
	assert_true(mem_info(p, &mi));
	assert_ptr_equal(mi.mi_owner, mem_b);
	/* What it left behind is the world's now. */
	assert_true(mem_info(left, &mi));
	assert_null(mi.mi_owner);
	assert_int_equal(uma_count(&packet_zone, NULL), 1);
	uma_zfree(&packet_zone, p);
	uma_zfree(&packet_zone, left);
	mem_a = mem_vnet("a");
	assert_non_null(mem_a);
}

static void
a_thousand_vnets_cost_what_one_costs(void **state)
{
	struct world_mem *wm = &mem_w->w_mem;
	uint64_t total;
	uint32_t i, used;
	struct vnet *v;

	(void)state;
	total = wm->wm_total;
	used = wm->wm_nused;
	for (i = 0; i < 1000; i++) {
		v = mem_vnet("c");
		assert_non_null(v);
		mem_in(v);
		(void)uma_zalloc(&thing_zone, 0);
		(void)kmalloc(&table_zone, 100000, 0);
		mem_in(NULL);
		mem_kill(v);
	}
	assert_int_equal(wm->wm_total, total);
#ifndef VNETSIM_CHECKING
	assert_int_equal(wm->wm_nused - used, 3);
#else
	/* The dead ones stay inaccessible as long as there are others. */
	assert_true(wm->wm_nused > used);
	assert_true(wm->wm_nshut > 0);
#endif
}

static void
the_ledger_knows_birth_and_holders(void **state)
{
	const struct ref *slot;
	struct thing *t, *u;
	struct mem_info mi;
	const char *who;

	(void)state;
	mem_w->w_ctx.kc_now = 4711;
	mem_in(mem_b);
	t = uma_zalloc(&thing_zone, M_ZERO);
	u = uma_zalloc(&thing_zone, M_ZERO);
	ref_take(&t->th_hold[1], u, "th_hold");
	assert_true(mem_info(u, &mi));
	assert_ptr_equal(mi.mi_zone, &thing_zone);
	assert_int_equal(mi.mi_state, MEM_LIVE);
	assert_int_equal(mi.mi_birth, mem_b->v_id);
	assert_int_equal(mi.mi_time, 4711);
	assert_non_null(strstr(mi.mi_site, "tests/test_uma.c:"));
	slot = NULL;
	who = mem_holder(u, &slot);
	assert_ptr_equal(strstr(who, "th_hold@tests/test_uma.c:"), who);
	assert_ptr_equal(slot, &t->th_hold[1]);
	assert_null(mem_holder(u, &slot));
	assert_false(mem_info(&u->th_when, &mi));
	assert_false(mem_info(&mi, &mi));
	assert_false(mem_info(NULL, &mi));
	(void)ref_drop(&t->th_hold[1]);
	uma_zfree(&thing_zone, u);
	assert_true(mem_info(u, &mi));
	assert_int_equal(mi.mi_state, MEM_FREE);
	assert_non_null(strstr(mi.mi_freesite, "tests/test_uma.c:"));
}

static void
sites_of_many_images_come_back(void **state)
{
	struct world *w = mem_w;
	uintptr_t at;
	uint32_t i, code[MEM_IMAGES + 3];
	const char *text, *far;

	(void)state;
	assert_int_equal(site_encode(w, NULL), 0);
	assert_string_equal(site_decode(w, 0), "?");
	text = SITE;
	assert_ptr_equal(site_decode(w, site_encode(w, text)), text);
	/* Images lie far apart; nothing is read through these. */
	at = (uintptr_t)w->w_mem.wm_image[0];
	for (i = 0; i < MEM_IMAGES + 2; i++) {
		at ^= (uintptr_t)1 << 40;
		at += (uintptr_t)1 << 32;
		memcpy(&far, &at, sizeof(far));
		code[i] = site_encode(w, far);
		if (i < MEM_IMAGES)
			assert_ptr_equal(site_decode(w, code[i]), far);
		else
			assert_int_equal(code[i], 0);
	}
	assert_ptr_equal(site_decode(w, site_encode(w, text)), text);
}

static void
numbers_end_where_the_header_ends(void **state)
{
	struct mem_info mi;
	struct vnet *v;
	void *p;

	(void)state;
	assert_null(vnet_mem_create(&vnet_zone, MEM_VNETID_MAX + 1, SITE));
	v = vnet_mem_create(&vnet_zone, MEM_VNETID_MAX, SITE);
	assert_non_null(v);
	p = mem_alloc(&packet_zone, 0, M_ZERO, v, SITE);
	assert_true(mem_info(p, &mi));
	assert_int_equal(mi.mi_birth, MEM_VNETID_MAX);
	assert_ptr_equal(mi.mi_owner, v);
	uma_zfree(&packet_zone, p);
	vnet_mem_destroy(v);
	/* Serials wrap after 2^40 births. */
	mem_a->v_mem->vm_acct.ac_serial = (UINT64_C(1) << 40) - 2;
	p = mem_alloc(&small_zone, 0, 0, mem_a, SITE);
	assert_true(mem_info(p, &mi));
	assert_int_equal(mi.mi_serial, (UINT64_C(1) << 40) - 1);
	p = mem_alloc(&small_zone, 0, 0, mem_a, SITE);
	assert_true(mem_info(p, &mi));
	assert_int_equal(mi.mi_serial, 0);
	assert_ptr_equal(mi.mi_zone, &small_zone);
}

static void
a_reset_world_is_as_new(void **state)
{
	struct world_config cfg = { .wc_seed = 1 };
	uint64_t hash, total;

	(void)state;
	hash = world_hash(NULL, HASH_SERIALS);
	total = mem_w->w_mem.wm_total;
	mem_in(mem_a);
	(void)uma_zalloc(&thing_zone, M_ZERO);
	uma_zfree(&small_zone, uma_zalloc(&thing_zone, M_ZERO));
	mem_in(NULL);
	assert_int_equal(mem_findings(NULL), 1);
	cfg.wc_modules = mem_modules;
	assert_int_equal(world_reset(mem_w, &cfg), 0);
	mem_a = mem_vnet("a");
	mem_b = mem_vnet("b");
	assert_int_equal(mem_findings(NULL), 0);
	assert_int_equal(mem_w->w_mem.wm_total, total);
	assert_int_equal(world_hash(NULL, HASH_SERIALS), hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(the_allocator_agrees_with_a_model),
		MEM_TEST(classes_waste_at_most_an_eighth),
		MEM_TEST(the_largest_sizes_work_and_the_next_does_not),
		MEM_TEST(a_vnet_budget_is_kept_to_the_byte),
		MEM_TEST(a_world_budget_is_kept_to_the_byte),
		MEM_TEST(a_full_world_says_no_and_recovers),
		MEM_TEST(runs_of_extents_return_and_are_found_again),
		MEM_TEST(carving_goes_on_where_there_is_more_room),
		MEM_TEST(every_allocation_fails_in_turn),
		MEM_TEST(
		    sticky_failure_spares_the_reserve_and_what_is_infallible),
		MEM_TEST(a_reserve_is_there_when_the_budget_is_gone),
		MEM_TEST(a_drawn_reserve_returns_when_the_object_dies),
		MEM_TEST(promised_memory_is_kept_from_others),
		MEM_TEST(objects_of_the_world_change_hands),
		MEM_TEST(a_packet_outlives_its_vnet),
		MEM_TEST(a_thousand_vnets_cost_what_one_costs),
		MEM_TEST(the_ledger_knows_birth_and_holders),
		MEM_TEST(sites_of_many_images_come_back),
		MEM_TEST(numbers_end_where_the_header_ends),
		MEM_TEST(a_reset_world_is_as_new),
	};

	return (cmocka_run_group_tests_name("uma", tests, NULL, NULL) ? 1 : 0);
}
