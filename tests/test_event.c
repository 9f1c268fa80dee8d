/*
 * test_event.c - the scheduler: order, clock, doors, random numbers.
 *
 * The wheel below has a test of its own; here it is about what an event may
 * rely on, and what a broken one is caught at.
 */
#include "tests/test_sched.h"

static struct world *the_world;

static void
thing_event(void *arg)
{
	struct thing *t;

	t = arg;
	assert_int_equal(t->t_node, 0);
	assert_null(curvnet);
	assert_int_equal(kctx->kc_depth, 1);
	t->t_when = vtime();
	say(t->t_tag);
}

static const struct event_class thing_class = { "thing", thing_event, NULL,
	NULL };

static void
sched(struct thing *t, int64_t when)
{
	event_schedule(&t->t_node, when, &thing_class, t);
}

static void
first_come_first_served_among_equals(void **state)
{
	struct thing *a, *b, *c, *d;
	struct world *w;
	uint64_t n;

	(void)state;
	w = sched_world();
	a = thing_new("a");
	b = thing_new("b");
	c = thing_new("c");
	d = thing_new("d");
	sched(d, 50);
	sched(a, 10);
	sched(b, 10);
	sched(c, 10);
	sched(a, 10); /* moved: now behind c */
	assert_int_equal(event_next_time(w), 10);
	n = event_count(w);
	assert_int_equal(tw_run(w), 4);
	assert_said("bcad");
	assert_int_equal(event_count(w), n + 4);
	assert_int_equal(d->t_when, 50);
	assert_int_equal(vtime(), 50);
	sched(a, 3); /* in the past: now */
	tw_run(w);
	assert_int_equal(a->t_when, 50);
	assert_true(event_next_time(w) == INT64_MAX);
	tw_destroy(w);
}

static void
the_clock_stops_at_the_limit(void **state)
{
	struct thing *a;
	struct world *w;

	(void)state;
	w = sched_world();
	a = thing_new("a");
	sched(a, 1000);
	assert_false(world_step(w, 999));
	assert_int_equal(vtime(), 999);
	assert_false(world_step(w, 5)); /* never back */
	assert_int_equal(vtime(), 999);
	assert_true(world_step(w, 1000));
	assert_false(world_step(w, INT64_MAX));
	assert_int_equal(vtime(), 1000);
	sched(a, INT64_MAX);
	assert_false(world_step(w, INT64_MAX - 1));
	assert_true(world_step(w, INT64_MAX));
	assert_true(vtime() == INT64_MAX);
	assert_said("aa");
	tw_destroy(w);
}

static void
cancelled_events_do_not_run(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = sched_world();
	a = thing_new("a");
	b = thing_new("b");
	sched(a, 5);
	sched(b, 5);
	event_cancel(&a->t_node);
	assert_int_equal(a->t_node, 0);
	event_cancel(&a->t_node);
	tw_run(w);
	assert_said("b");
	tw_destroy(w);
}

static void
again_event(void *arg)
{
	struct thing *t;

	t = arg;
	say(t->t_tag);
	if (++t->t_n < 3)
		event_schedule(&t->t_node, vtime(), &thing_class, t);
}

static const struct event_class again_class = { "again", again_event, NULL,
	NULL };

static void
what_an_event_schedules_now_comes_last(void **state)
{
	struct thing *a, *b;
	struct world *w;

	(void)state;
	w = sched_world();
	a = thing_new("a");
	b = thing_new("b");
	event_schedule(&a->t_node, 7, &again_class, a);
	event_schedule(&b->t_node, 7, &again_class, b);
	tw_run(w);
	assert_said("abab");
	assert_int_equal(vtime(), 7);
	tw_destroy(w);
}

static void
a_million_nodes_are_room_enough(void **state)
{
	struct world_config cfg;
	struct world *w;
	struct thing *t;
	uint32_t i, n;

	(void)state;
	said[0] = '\0';
	cfg = tw_config(sched_modules);
	cfg.wc_size = WORLD_SIZE_DEFAULT;
	w = tw_create_cfg(&cfg);
	assert_true(event_headroom(EVENT_MAX - 1));
	assert_false(event_headroom(EVENT_MAX));
	t = thing_new("");
	t->t_other = t;
	n = 1000000;
	{
		evnode_t *nodes;

		nodes = kmalloc(&thing_zone, n * sizeof(*nodes), M_ZERO);
		assert_non_null(nodes);
		for (i = 0; i < n; i++)
			event_schedule(&nodes[i], 1 + (i * 7919) % 1000003,
			    &thing_class, t);
		assert_false(event_headroom(EVENT_MAX - n));
		assert_true(event_headroom(EVENT_MAX - n - 1));
		assert_int_equal(tw_run(w), n);
		for (i = 0; i < n; i++)
			assert_int_equal(nodes[i], 0);
	}
	assert_true(event_headroom(EVENT_MAX - 1));
	tw_destroy(w);
}

static void
step_inside(void *arg)
{
	(void)arg;
	(void)world_step(the_world, INT64_MAX);
}

static void
open_section(void *arg)
{
	(void)arg;
	NET_EPOCH_ENTER();
}

static void
keep_vnet(void *arg)
{
	struct vnet_frame f;

	(void)arg;
	(void)vnet_enter(&f, the_world->w_vnet0, DOOR_OP, VNET_MOD_ip);
}

static void
do_step(void *arg)
{
	(void)world_step(arg, INT64_MAX);
}

static void
broken(void (*run)(void *arg), const char *text)
{
	struct event_class cls = { "broken", run, NULL, NULL };
	struct thing *a;

	the_world = sched_world();
	a = thing_new("a");
	event_schedule(&a->t_node, 1, &cls, a);
	assert_true(tw_panics(do_step, the_world, text));
	world_destroy(the_world);
}

static void
broken_events_panic(void **state)
{
	(void)state;
	broken(step_inside, "run from inside an event");
	broken(open_section, "inside a section of the epoch");
	broken(keep_vnet, "does not leave its door");
}

static void
wrong_owner(void *arg)
{
	struct thing *a, *b;

	(void)arg;
	a = thing_new("a");
	b = thing_new("b");
	sched(a, 1);
	event_schedule(&a->t_node, 2, &thing_class, b);
}

static void
outside_world(void *arg)
{
	struct thing t = { .t_n = 0 };

	(void)arg;
	event_schedule(&t.t_node, 2, &thing_class, &t);
}

static void
a_node_belongs_to_one_stream_in_the_world(void **state)
{
	struct world *w;

	(void)state;
	w = sched_world();
	assert_true(tw_panics(wrong_owner, NULL, "another stream"));
	world_destroy(w);
	w = sched_world();
	assert_true(tw_panics(outside_world, NULL, "not in the world"));
	world_destroy(w);
}

static void
calls_from_outside_count(void **state)
{
	struct world *w;
	uint64_t n;

	(void)state;
	w = sched_world();
	n = event_count(w);
	event_count_external(w);
	assert_int_equal(event_count(w), n + 1);
	tw_destroy(w);
}

static uint32_t nafter;

static void
after_event(struct world *w)
{
	assert_int_equal(w->w_ctx.kc_depth, 0);
	nafter++;
}

static void
oracles_look_after_each_event(void **state)
{
	struct world_upcalls up = { .wu_after_event = after_event };
	struct world_config cfg;
	struct world *w;
	struct thing *a;

	(void)state;
	cfg = tw_config(sched_modules);
	cfg.wc_upcalls = &up;
	w = tw_create_cfg(&cfg);
	nafter = 0;
	a = thing_new("a");
	event_schedule(&a->t_node, 7, &again_class, a);
	assert_int_equal(nafter, 0);
	assert_int_equal(tw_run(w), 2);
	assert_int_equal(nafter, 2);
	tw_destroy(w);
}

static void
a_restored_world_does_the_same_again(void **state)
{
	struct world_save *s;
	struct thing *t[26];
	struct world *w;
	char tag[2], first[64];
	int i;

	(void)state;
	w = sched_world();
	for (i = 0; i < 26; i++) {
		tag[0] = (char)('a' + i);
		tag[1] = '\0';
		t[i] = thing_new(tag);
		sched(t[i], (i * 7) % 26 * 1000 + (i % 3 == 0));
	}
	for (i = 0; i < 10; i++)
		assert_true(world_step(w, INT64_MAX));
	s = world_save(w);
	assert_non_null(s);
	said[0] = '\0';
	sched(t[0], vtime());
	tw_run(w);
	memcpy(first, said, sizeof(first));
	assert_int_equal(strlen(first), 17);
	for (i = 0; i < 3; i++) {
		world_restore(w, s);
		said[0] = '\0';
		sched(t[0], vtime());
		tw_run(w);
		assert_string_equal(said, first);
	}
	world_save_free(w, s);
	tw_destroy(w);
}

static void
random_numbers_are_the_same_everywhere(void **state)
{
	struct world_config cfg;
	struct world *w;

	(void)state;
	cfg = tw_config(sched_modules);
	cfg.wc_seed = 1;
	w = tw_create_cfg(&cfg);
	assert_true(krandom("link.loss", 0, 0) == UINT64_C(0x74e23f98e251e078));
	assert_true(krandom("link.loss", 0, 1) == UINT64_C(0x44c12a4923ab6896));
	assert_true(krandom("link.loss", 1, 0) == UINT64_C(0x42eb908751bca9f9));
	assert_true(krandom("tcp.iss", 0, 0) == UINT64_C(0xbfba4a99fa662e95));
	assert_true(krandom("", 0, 0) == UINT64_C(0xb40e38da32ad3c8d));
	assert_true(krandom("tcp.iss", UINT64_MAX, UINT64_MAX) ==
		    UINT64_C(0x2e29e9303ed1ce74));
	tw_destroy(w);
}

static int
popcount(uint64_t x)
{
	int n;

	for (n = 0; x != 0; n++)
		x &= x - 1;
	return (n);
}

static void
random_numbers_are_even(void **state)
{
	struct world *w;
	uint32_t bit[64] = { 0 }, byte[256] = { 0 }, flips, i, j;
	uint64_t x;

	(void)state;
	w = sched_world();
	flips = 0;
	for (i = 0; i < 65536; i++) {
		x = krandom("test", 7, i);
		for (j = 0; j < 64; j++)
			bit[j] += x >> j & 1;
		byte[x & 0xff]++;
		flips += (uint32_t)popcount(x ^ krandom("test", 7, i ^ 1));
		flips += (uint32_t)popcount(x ^ krandom("test", 6, i));
	}
	/* Six sigmas: 128 * 6 / 2, and sqrt(256) * 6. */
	for (j = 0; j < 64; j++)
		assert_in_range(bit[j], 32768 - 768, 32768 + 768);
	for (j = 0; j < 256; j++)
		assert_in_range(byte[j], 256 - 96, 256 + 96);
	assert_in_range(flips / 2, 65536 * 32 - 6144, 65536 * 32 + 6144);
	assert_true(krandom("a", 0, 0) != krandom("b", 0, 0));
	assert_true(krandom("a", 1, 0) != krandom("a", 0, 1));
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_come_first_served_among_equals),
		cmocka_unit_test(the_clock_stops_at_the_limit),
		cmocka_unit_test(cancelled_events_do_not_run),
		cmocka_unit_test(what_an_event_schedules_now_comes_last),
		cmocka_unit_test(a_million_nodes_are_room_enough),
		cmocka_unit_test(broken_events_panic),
		cmocka_unit_test(a_node_belongs_to_one_stream_in_the_world),
		cmocka_unit_test(calls_from_outside_count),
		cmocka_unit_test(oracles_look_after_each_event),
		cmocka_unit_test(a_restored_world_does_the_same_again),
		cmocka_unit_test(random_numbers_are_the_same_everywhere),
		cmocka_unit_test(random_numbers_are_even),
	};

	return (
	    cmocka_run_group_tests_name("event", tests, NULL, NULL) ? 1 : 0);
}
