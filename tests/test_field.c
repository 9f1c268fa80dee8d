/*
 * test_field.c - field tables: what is refused, and what a hash sees.
 */
#include "tests/test_mem.h"

#include "src/core/memory_var.h"

enum { N = 24 };

/* ---- the hash ---- */

static struct thing *
thing_in(struct vnet *v)
{
	struct thing *t;

	mem_in(v);
	t = uma_zalloc(&thing_zone, M_ZERO);
	assert_non_null(t);
	mem_in(NULL);
	return (t);
}

/* A graph of N things, born in the order of step @by (coprime to N). */
static void
graph(uint32_t by, bool rubbish)
{
	struct thing *t[N];
	uint32_t i, k;

	for (i = 0, k = 0; i < N; i++, k = (k + by) % N) {
		if (rubbish) {
			t[k] = thing_in(k % 2 == 0 ? mem_a : mem_b);
			(void)thing_in(mem_a);
			uma_zfree(&thing_zone, t[k]);
		}
		t[k] = thing_in(k % 3 == 0 ? mem_a : mem_b);
		t[k]->th_key = k;
	}
	for (i = 0; i < N; i++) {
		t[i]->th_peer = t[(i + 1) % N];
		ref_take(&t[i]->th_hold[0], t[(i + 5) % N], "graph");
	}
	mem_state(mem_a)->ms_first = t[0];
}

static void
again(void)
{
	struct world_config cfg = { .wc_seed = 1, .wc_modules = mem_modules };

	assert_int_equal(world_reset(mem_w, &cfg), 0);
	mem_a = mem_vnet("a");
	mem_b = mem_vnet("b");
}

static void
the_way_does_not_matter_but_the_state_does(void **state)
{
	uint64_t h, hs, ha;

	(void)state;
	graph(1, false);
	h = world_hash(NULL, 0);
	ha = world_hash(mem_a, 0);
	hs = world_hash(NULL, HASH_SERIALS);
	again();
	graph(1, false);
	assert_int_equal(world_hash(NULL, 0), h);
	assert_int_equal(world_hash(NULL, HASH_SERIALS), hs);
	again();
	graph(7, false);
	assert_int_equal(world_hash(NULL, 0), h);
	assert_int_equal(world_hash(mem_a, 0), ha);
	assert_int_not_equal(world_hash(NULL, HASH_SERIALS), hs);
	again();
	graph(5, true);
	assert_int_not_equal(world_hash(NULL, 0), h);
	assert_int_not_equal(world_hash(mem_a, 0), ha);
}

static void
an_edge_that_moves_is_seen(void **state)
{
	struct thing *t, *u, *x;
	uint64_t h;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_a);
	x = thing_in(mem_a);
	u->th_key = 1;
	x->th_key = 2;
	t->th_peer = u;
	h = world_hash(mem_a, 0);
	t->th_peer = x;
	assert_int_not_equal(world_hash(mem_a, 0), h);
	t->th_peer = NULL;
	assert_int_not_equal(world_hash(mem_a, 0), h);
	t->th_peer = u;
	assert_int_equal(world_hash(mem_a, 0), h);
	/* Equal objects are told apart by serial only. */
	x->th_key = 1;
	h = world_hash(mem_a, HASH_SERIALS);
	t->th_peer = x;
	assert_int_not_equal(world_hash(mem_a, HASH_SERIALS), h);
}

/* Every field is state, each in its own way. */
static void
every_field_counts(void **state)
{
	struct thing *t, *u;
	uint64_t h;

	(void)state;
	t = thing_in(mem_a);
	u = thing_in(mem_b);
	h = world_hash(mem_a, 0);
#define DIFFERS(change, back)                                                  \
	do {                                                                   \
		change;                                                        \
		assert_int_not_equal(world_hash(mem_a, 0), h);                 \
		back;                                                          \
		assert_int_equal(world_hash(mem_a, 0), h);                     \
	} while (0)
	DIFFERS(t->th_key = 9, t->th_key = 0);
	DIFFERS(t->th_when = 5, t->th_when = 0);
	DIFFERS(t->th_peer = u, t->th_peer = NULL);
	DIFFERS(
	    ref_take(&t->th_hold[1], u, "x"), (void)ref_drop(&t->th_hold[1]));
	DIFFERS(t->th_kind = 1, t->th_kind = 0);
	DIFFERS(t->th_up = true, t->th_up = false);
	DIFFERS(t->th_name[0] = 'x', t->th_name[0] = '\0');
	DIFFERS(t->th_text = "tcp", t->th_text = NULL);
	DIFFERS(t->th_timer.c_state = CALLOUT_PENDING,
	    t->th_timer.c_state = CALLOUT_IDLE);
	DIFFERS(mem_state(mem_a)->ms_count++, mem_state(mem_a)->ms_count--);
	DIFFERS(mem_a->v_phase = PHASE_KILL, mem_a->v_phase = PHASE_ALIVE);
#undef DIFFERS
}

static void
statistics_count_only_when_asked(void **state)
{
	struct thing *t;
	uint64_t h, hs;

	(void)state;
	t = thing_in(mem_a);
	h = world_hash(mem_a, 0);
	hs = world_hash(mem_a, HASH_STATS);
	t->th_hits++;
	assert_int_equal(world_hash(mem_a, 0), h);
	assert_int_not_equal(world_hash(mem_a, HASH_STATS), hs);
}

static void
a_second_later_is_the_same_state(void **state)
{
	struct thing *t;
	uint64_t h, ht;

	(void)state;
	mem_w->w_ctx.kc_now = 5 * NS_S;
	t = thing_in(mem_a);
	t->th_when = 8 * NS_S;
	t->th_timer.c_state = CALLOUT_PENDING;
	t->th_timer.c_time = 9 * NS_S;
	h = world_hash(mem_a, 0);
	ht = world_hash(mem_a, HASH_TIMES);
	mem_w->w_ctx.kc_now += NS_S;
	t->th_when += NS_S;
	t->th_timer.c_time += NS_S;
	assert_int_equal(world_hash(mem_a, 0), h);
	assert_int_not_equal(world_hash(mem_a, HASH_TIMES), ht);
	/* 0 is "never", whenever. */
	t->th_when = 0;
	h = world_hash(mem_a, 0);
	mem_w->w_ctx.kc_now += NS_S;
	t->th_timer.c_time += NS_S;
	assert_int_equal(world_hash(mem_a, 0), h);
}

static void
what_is_not_state_is_not_seen(void **state)
{
	struct thing *t;
	uint64_t h;

	(void)state;
	t = thing_in(mem_a);
	strcpy(t->th_name, "one");
	h = world_hash(mem_a, HASH_STATS | HASH_TIMES | HASH_SERIALS);
	t->th_name[5] = 'x';
	t->th_timer.c_func = NULL;
	t->th_timer.c_claimgen = 17;
	assert_int_equal(
	    world_hash(mem_a, HASH_STATS | HASH_TIMES | HASH_SERIALS), h);
	/* The same text elsewhere is the same text. */
	t->th_text = "text";
	h = world_hash(mem_a, 0);
	t->th_text = &"a text"[2];
	assert_int_equal(world_hash(mem_a, 0), h);
}

static void
owners_count_and_so_does_their_number(void **state)
{
	struct packet *p;
	uint64_t a, b, all;

	(void)state;
	a = world_hash(mem_a, 0);
	mem_in(mem_a);
	p = uma_zalloc(&packet_zone, M_ZERO);
	mem_in(NULL);
	b = world_hash(mem_b, 0);
	all = world_hash(NULL, 0);
	assert_int_not_equal(world_hash(mem_a, 0), a);
	uma_chown(p, mem_b);
	assert_int_equal(world_hash(mem_a, 0), a);
	assert_int_not_equal(world_hash(mem_b, 0), b);
	assert_int_not_equal(world_hash(NULL, 0), all);
	/* A vnet is known by name... */
	mem_kill(mem_a);
	mem_a = mem_vnet("a");
	assert_int_equal(world_hash(mem_a, 0), a);
	/* ... unless serials count. */
	a = world_hash(mem_a, HASH_SERIALS);
	mem_kill(mem_a);
	mem_a = mem_vnet("a");
	assert_int_not_equal(world_hash(mem_a, HASH_SERIALS), a);
}

/* ---- tables that are refused ---- */

static jmp_buf out;
static char said[2000];

static void
catch_panic(void *ctx, const char *text)
{
	(void)ctx;
	strncpy(said, text, sizeof(said) - 1);
	longjmp(out, 1);
}

struct bad {
	uint64_t b_a, b_b, b_c;
};

/* A world whose one type has this table; what does panic() say? */
static const char *
refuse(const struct field *f, uint32_t n)
{
	static struct vnetsim_host host;
	static struct uma_zone zone;
	static struct vnet_module mod;
	static const struct uma_zone *zones[1];
	static const struct vnet_module *mods[3];
	struct world_config cfg = { .wc_size = WORLD_SIZE_MIN };
	struct world *w;
	int error;

	zone = small_zone;
	zone.uz_name = "struct bad";
	zone.uz_size = sizeof(struct bad);
	zone.uz_local = 0;
	zone.uz_fields = f;
	zone.uz_nfields = n;
	zones[0] = &zone;
	mod = mem_module;
	mod.vm_zones = zones;
	mod.vm_nzones = 1;
	mods[0] = &vnet_module_core;
	mods[1] = &mod;
	mods[2] = NULL;
	cfg.wc_modules = mods;
	host = *vnetsim_host_posix();
	host.panic = catch_panic;
	said[0] = '\0';
	if (setjmp(out) == 0) {
		w = world_create(&host, &cfg, &error);
		assert_non_null(w);
		world_destroy(w);
	} else {
		world_destroy(kctx->kc_world);
	}
	world_enter(mem_w);
	return (said);
}

#define F(name, off, size, kind)                                               \
	{                                                                      \
		name, off, size, FK_##kind, 0, 0, NULL                         \
	}

static void
wrong_tables_stop_the_world(void **state)
{
	static const struct field good[] = { F("c", 16, 8, UINT),
		F("a", 0, 8, PTR), F("b", 8, 7, BYTES) };
	static const struct field hole[] = { F("a", 0, 8, UINT),
		F("c", 16, 8, UINT) };
	static const struct field tail[] = { F("a", 0, 16, UINT) };
	static const struct field head[] = { F("b", 8, 16, BYTES) };
	static const struct field over[] = { F("a", 0, 12, BYTES),
		F("b", 8, 16, BYTES) };
	static const struct field outside[] = { F("a", 0, 16, UINT),
		F("c", 16, 16, BYTES) };
	static const struct field far[] = { F("a", 0, 24, UINT),
		F("z", 0xfffffff0, 16, BYTES) };
	static const struct field odd[] = { F("a", 0, 20, TIME),
		F("b", 20, 4, UINT) };

	(void)state;
	assert_string_equal(refuse(good, nitems(good)), "");
	assert_non_null(strstr(refuse(hole, nitems(hole)),
	    "struct bad: 8 bytes at offset 8 are in no field"));
	assert_non_null(strstr(refuse(tail, nitems(tail)),
	    "struct bad: 8 bytes at offset 16 are in no field"));
	assert_non_null(strstr(refuse(head, nitems(head)),
	    "struct bad: 8 bytes at offset 0 are in no field"));
	assert_non_null(
	    strstr(refuse(over, nitems(over)), "a and b overlap at offset 8"));
	assert_non_null(strstr(
	    refuse(outside, nitems(outside)), "c at offset 16 is outside"));
	assert_non_null(strstr(refuse(far, nitems(far)), "is outside"));
	assert_non_null(
	    strstr(refuse(odd, nitems(odd)), "a at offset 0 has 20 bytes"));
	assert_non_null(strstr(refuse(NULL, 0), "has no field table"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(the_way_does_not_matter_but_the_state_does),
		MEM_TEST(an_edge_that_moves_is_seen),
		MEM_TEST(every_field_counts),
		MEM_TEST(statistics_count_only_when_asked),
		MEM_TEST(a_second_later_is_the_same_state),
		MEM_TEST(what_is_not_state_is_not_seen),
		MEM_TEST(owners_count_and_so_does_their_number),
		MEM_TEST(wrong_tables_stop_the_world),
	};

	return (
	    cmocka_run_group_tests_name("field", tests, NULL, NULL) ? 1 : 0);
}
