/*
 * test_world.c - worlds: made, failing to be made, recycled, panicking.
 *
 * Every allocation of a world's making fails in turn; each time nothing may
 * be left (the host counts reservations).
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/tworld.h"

struct obj {
	uint64_t ob_n;
};
struct st {
	struct obj *st_obj;
	uint64_t st_n;
};
VNET_STATE(udp, struct st);
static const struct field st_fields[] = {
	FIELD(struct st, st_obj, PTR),
	FIELD(struct st, st_n, UINT),
};
static const struct field obj_fields[] = { FIELD(struct obj, ob_n, UINT) };
static UMA_ZONE(obj_zone, udp, 0, struct obj, 0, obj_fields);
static const struct uma_zone *const udp_zones[] = { &obj_zone };

static int
udp_init(void)
{
	VNET(udp).st_obj = uma_zalloc(&obj_zone, M_ZERO);
	return (VNET(udp).st_obj == NULL ? VE_NOMEM : 0);
}

static void
udp_uninit(void)
{
	uma_zfree(&obj_zone, VNET(udp).st_obj);
}

static const struct vnet_module mod_udp = { TW_MODULE(udp, "udp"),
	.vm_size = sizeof(struct st), .vm_fields = st_fields,
	.vm_nfields = nitems(st_fields), .vm_zones = udp_zones, .vm_nzones = 1,
	.vm_init = udp_init, .vm_uninit = udp_uninit };
static const struct vnet_module *const mods[] = { &mod_udp, NULL };

/* ---- a host that counts ---- */

static int reserved;

static void *
count_reserve(void *ctx, void *hint, size_t size)
{
	void *p;

	p = vnetsim_host_posix()->reserve(ctx, hint, size);
	reserved += p != NULL;
	return (p);
}

static void
count_release(void *ctx, void *base, size_t size)
{
	vnetsim_host_posix()->release(ctx, base, size);
	reserved--;
}

static void *
no_reserve(void *ctx, void *hint, size_t size)
{
	(void)ctx;
	(void)hint;
	(void)size;
	return (NULL);
}

static void
a_new_world_has_a_host_jail(void **state)
{
	struct world *w;

	(void)state;
	w = tw_create(mods);
	assert_ptr_equal(curworld(), w);
	assert_non_null(w->w_vnet0);
	assert_int_equal(w->w_vnet0->v_id, 0);
	assert_string_equal(w->w_vnet0->v_name, "0");
	assert_ptr_equal(prison_find("0", false), w->w_jail.wj_prison0);
	assert_ptr_equal(w->w_jail.wj_prison0->pr_vnet, w->w_vnet0);
	assert_int_equal(w->w_nvnets, 1);
	assert_int_equal(vtime(), 0);
	assert_null(curvnet);
	assert_false(world_step(w, 5 * NS_S));
	assert_int_equal(vtime(), 5 * NS_S);
	tw_destroy(w);
	assert_null(kctx);
}

static void
every_allocation_of_the_making_may_fail(void **state)
{
	struct vnetsim_host host = *tw_host();
	struct world_config cfg = tw_config(mods);
	struct world *w;
	uint64_t n;
	int error;

	(void)state;
	host.reserve = count_reserve;
	host.release = count_release;
	reserved = 0;
	for (n = 1;; n++) {
		cfg.wc_failalloc = n;
		w = world_create(&host, &cfg, &error);
		if (w != NULL)
			break;
		assert_int_equal(error, VE_NOMEM);
		assert_int_equal(reserved, 0);
		assert_null(kctx);
	}
	/* prison, use, vnet, states, queues, the module's object */
	assert_int_equal(n, 7);
	assert_false(w->w_mem.wm_consumed);
	world_destroy(w);
	assert_int_equal(reserved, 0);
}

static void
a_host_without_memory_is_an_errno(void **state)
{
	struct vnetsim_host host = *tw_host();
	struct world_config cfg = tw_config(mods);
	int error;

	(void)state;
	cfg.wc_size = 4096;
	assert_null(world_create(&host, &cfg, &error));
	assert_int_equal(error, VE_NOMEM);
	cfg.wc_size = 0;
	host.reserve = no_reserve;
	assert_null(world_create(&host, &cfg, &error));
	assert_int_equal(error, VE_NOMEM);
}

/* A little history; the hash at its end. */
static uint64_t
history(struct world *w)
{
	struct prison *a, *b;
	struct proc *p;
	uint64_t h;

	a = tw_jail("a");
	b = tw_jail("b");
	assert_int_equal(proc_create(a, "p", &p), 0);
	assert_int_equal(prison_remove(b), 0);
	(void)tw_run(w);
	assert_null(prison_find("b", true));
	h = world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS);
	return (h ^ (event_count(w) << 32));
}

static void
a_recycled_world_is_as_new(void **state)
{
	struct world_config cfg = tw_config(mods);
	struct world *w;
	uint64_t h, h0;
	int i;

	(void)state;
	w = tw_create(mods);
	h0 = world_hash(NULL, HASH_STATS | HASH_TIMES | HASH_SERIALS);
	h = history(w);
	for (i = 0; i < 20; i++) {
		assert_int_equal(world_reset(w, i & 1 ? &w->w_cfg : &cfg), 0);
		assert_ptr_equal(curworld(), w);
		assert_int_equal(w->w_nvnets, 1);
		assert_true(h0 == world_hash(NULL,
				      HASH_STATS | HASH_TIMES | HASH_SERIALS));
		assert_true(history(w) == h);
	}
	/* other modules in between: their field tables are others */
	cfg.wc_modules = NULL;
	assert_int_equal(world_reset(w, &cfg), 0);
	(void)history(w);
	cfg.wc_modules = mods;
	assert_int_equal(world_reset(w, &cfg), 0);
	assert_true(history(w) == h);
	cfg.wc_failalloc = 3;
	assert_int_equal(world_reset(w, &cfg), VE_NOMEM);
	cfg.wc_failalloc = 0;
	assert_int_equal(world_reset(w, &cfg), 0);
	assert_true(history(w) == h);
	tw_destroy(w);
}

static void
two_worlds_do_not_meet(void **state)
{
	struct world *a, *b;

	(void)state;
	a = tw_create(mods);
	b = tw_create(mods);
	(void)tw_jail("only-in-b");
	world_enter(a);
	assert_null(prison_find("only-in-b", false));
	assert_int_equal(a->w_nvnets, 1);
	world_enter(b);
	assert_non_null(prison_find("only-in-b", false));
	world_destroy(a);
	assert_ptr_equal(curworld(), b);
	assert_non_null(prison_find("only-in-b", false));
	tw_destroy(b);
}

static void
memory_for_the_layers_above(void **state)
{
	struct world *w;
	char *p, *q;

	(void)state;
	w = tw_create(mods);
	mem_fail_set(w, 1, true);
	assert_null(world_user_alloc(100, true));
	p = world_user_alloc(100, false);
	assert_non_null(p);
	assert_int_equal(p[99], 0);
	mem_fail_set(w, 0, false);
	q = world_user_alloc(100000, true);
	assert_non_null(q);
	assert_null(uma_owner(q));
	world_user_free(p);
	world_user_free(q);
	tw_destroy(w);
}

/* ---- panic ---- */

static void
panic_in_vnet(void *arg)
{
	struct vnet_frame f;

	(void)vnet_enter(&f, arg, DOOR_ADMIN, VNET_MOD_udp);
	panic("the %s of %d", "answer", 42);
}

static void
panic_nowhere(void *arg)
{
	(void)arg;
	MPASS(1 + 1 == 3);
}

static void
a_panic_tells_where(void **state)
{
	struct world *w;
	struct prison *pr;
	const char *text, *line;
	int n;

	(void)state;
	w = tw_create(mods);
	pr = tw_jail("web");
	(void)tw_run(w);
	(void)world_step(w, 1500 * NS_MS);
	assert_true(tw_panics(panic_in_vnet, pr->pr_vnet,
	    "panic: vnet 1 "
	    "\"web\", door admin, module udp, event 0, time 1.500000000 s: "
	    "the answer of 42\n"));
	text = tw_panic_text();
	assert_non_null(strstr(text, "door admin"));
	for (n = 0, line = text; (line = strchr(line, '\n')) != NULL; line++)
		n++;
	assert_in_range(n, 3, 18);
	world_destroy(w);
}

static void
a_panic_with_a_full_ring_shows_16_records(void **state)
{
	struct world *w;
	const char *text, *line;
	int n;

	(void)state;
	w = tw_create(mods);
	for (n = 0; n < 1000; n++)
		trace(TRACE_USER, "mark", (uint32_t)n, 7);
	assert_true(
	    tw_panics(panic_nowhere, NULL, "no vnet, door none, module core"));
	text = tw_panic_text();
	assert_non_null(strstr(text, "user mark 999 7\n"));
	assert_non_null(strstr(text, "user mark 984 7\n"));
	assert_null(strstr(text, "user mark 983 7\n"));
	for (n = 0, line = text; (line = strchr(line, '\n')) != NULL; line++)
		n++;
	assert_int_equal(n, 18);
	world_destroy(w);
}

static void
too_many_modules_of_one_kind(void *arg)
{
	static const struct vnet_module *const twice[] = { &mod_udp, &mod_udp,
		NULL };
	struct world_config cfg = tw_config(twice);
	int error;

	(void)arg;
	(void)world_create(tw_host(), &cfg, &error);
}

static void
a_module_twice_panics(void **state)
{
	struct world *w;

	(void)state;
	assert_true(tw_panics(
	    too_many_modules_of_one_kind, NULL, "module udp is there twice"));
	w = curworld();
	world_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_world_has_a_host_jail),
		cmocka_unit_test(every_allocation_of_the_making_may_fail),
		cmocka_unit_test(a_host_without_memory_is_an_errno),
		cmocka_unit_test(a_recycled_world_is_as_new),
		cmocka_unit_test(two_worlds_do_not_meet),
		cmocka_unit_test(memory_for_the_layers_above),
		cmocka_unit_test(a_panic_tells_where),
		cmocka_unit_test(a_panic_with_a_full_ring_shows_16_records),
		cmocka_unit_test(a_module_twice_panics),
	};

	return (
	    cmocka_run_group_tests_name("world", tests, NULL, NULL) ? 1 : 0);
}
