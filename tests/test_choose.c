/*
 * test_choose.c - choices: anchors, ordinals, deviations, recording.
 */
#include "tests/test_sched.h"
#include <stdio.h>

static uint32_t nrec;
static struct choice_point rec[64];

static void
record(void *ctx, const struct choice_point *cp)
{
	assert_ptr_equal(ctx, rec);
	assert_true(nrec < nitems(rec));
	rec[nrec++] = *cp;
}

static uint32_t
choose_in(struct vnet *v, uint32_t n, const char *stream, const char *what)
{
	struct vnet_frame f;
	uint32_t k;

	TW_ENTER(&f, v);
	k = choose(n, stream, what);
	vnet_leave(&f);
	return (k);
}

static void
the_default_is_the_first(void **state)
{
	struct world *w;
	int i;

	(void)state;
	w = sched_world();
	for (i = 0; i < 100; i++)
		assert_int_equal(choose(5, "link", "loss"), 0);
	assert_null(w->w_ev.we_choice.wc_tab); /* and costs nothing */
	assert_int_equal(world_set_deviations(w, NULL, 0), 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(choose(5, "link", "loss"), 0);
	tw_destroy(w);
}

static void
a_deviation_names_one_choice(void **state)
{
	char stream[] = "link", what[] = "loss";
	struct world *w;

	(void)state;
	w = sched_world();
	deviate(w, VNETSIM_NOVNET, stream, what, 2, 3);
	strcpy(stream, "????"); /* no text is kept */
	strcpy(what, "????");
	assert_int_equal(choose(5, "link", "loss"), 0);
	assert_int_equal(choose(5, "link", "dup"), 0);
	assert_int_equal(choose(5, "callout", "loss"), 0);
	assert_int_equal(choose(5, "link", "loss"), 0);
	assert_int_equal(world_deviation_used(w, 0), 0);
	assert_int_equal(choose(1, "link", "loss"), 0); /* no choice at all */
	assert_int_equal(choose(5, "link", "loss"), 3);
	assert_int_equal(choose(5, "link", "loss"), 0);
	assert_int_equal(world_deviation_used(w, 0), 1);
	tw_destroy(w);
}

static void
texts_do_not_run_into_each_other(void **state)
{
	struct world *w;

	(void)state;
	w = sched_world();
	deviate(w, VNETSIM_NOVNET, "ab", "c", 0, 1);
	assert_int_equal(choose(2, "a", "bc"), 0);
	assert_int_equal(choose(2, "abc", ""), 0);
	assert_int_equal(choose(2, "ab", "c"), 1);
	tw_destroy(w);
}

static void
each_vnet_counts_for_itself(void **state)
{
	struct vnet *a, *b;
	struct world *w;
	uint32_t i;

	(void)state;
	w = sched_world();
	a = tw_jail("a")->pr_vnet;
	b = tw_jail("b")->pr_vnet;
	deviate(w, b->v_id, "callout", "tcp.rexmt", 1, 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(choose_in(a, 2, "callout", "tcp.rexmt"), 0);
		assert_int_equal(choose(2, "callout", "tcp.rexmt"), 0);
		assert_int_equal(
		    choose_in(b, 2, "callout", "tcp.rexmt"), i == 1);
	}
	tw_destroy(w);
}

static void
an_answer_too_large_is_the_last_one(void **state)
{
	struct deviation dv[2] = {
		{ VNETSIM_NOVNET, "s", "w", 0, 9 },
		{ VNETSIM_NOVNET, "s", "w", 1, UINT32_MAX },
	};
	struct world *w;

	(void)state;
	w = sched_world();
	assert_int_equal(world_set_deviations(w, dv, 2), 0);
	assert_int_equal(choose(4, "s", "w"), 3);
	assert_int_equal(choose(2, "s", "w"), 1);
	tw_destroy(w);
}

static void
a_new_schedule_replaces_the_old_one(void **state)
{
	struct world *w;

	(void)state;
	w = sched_world();
	deviate(w, VNETSIM_NOVNET, "s", "w", 0, 1);
	deviate(w, VNETSIM_NOVNET, "s", "w", 1, 1);
	assert_int_equal(choose(2, "s", "w"), 0);
	assert_int_equal(choose(2, "s", "w"), 1);
	assert_int_equal(world_set_deviations(w, NULL, 0), 0);
	assert_int_equal(choose(2, "s", "w"), 0);
	assert_int_equal(uma_count(&world_user_zone, NULL), 1);
	tw_destroy(w);
}

static void
ordinals_are_restored_with_the_world(void **state)
{
	struct world_save *s;
	struct world *w;
	int i;

	(void)state;
	w = sched_world();
	assert_int_equal(world_set_deviations(w, NULL, 0), 0);
	assert_int_equal(choose(2, "s", "w"), 0);
	assert_int_equal(choose(2, "s", "w"), 0);
	s = world_save(w);
	assert_non_null(s);
	for (i = 0; i < 3; i++) {
		/* Ordinals 0 and 1 belong to the prefix. */
		deviate(w, VNETSIM_NOVNET, "s", "w", 2, 1);
		assert_int_equal(choose(2, "s", "w"), 1);
		assert_int_equal(choose(2, "s", "w"), 0);
		world_restore(w, s);
		assert_int_equal(choose(2, "s", "w"), 0);
		world_restore(w, s);
	}
	world_save_free(w, s);
	tw_destroy(w);
}

static void
many_anchors_have_room(void **state)
{
	struct world *w;
	char what[16];
	uint32_t i, round;

	(void)state;
	w = sched_world();
	deviate(w, VNETSIM_NOVNET, "s", "1234", 1, 1);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 5000; i++) {
			snprintf(what, sizeof(what), "%u", i);
			assert_int_equal(
			    choose(2, "s", what), round == 1 && i == 1234);
		}
	}
	assert_int_equal(w->w_ev.we_choice.wc_used, 5000);
	assert_int_equal(w->w_ev.we_choice.wc_lost, 0);
	tw_destroy(w);
}

static void
a_recorder_hears_every_choice(void **state)
{
	struct vnet *a;
	struct world *w;

	(void)state;
	w = sched_world();
	a = tw_jail("a")->pr_vnet;
	nrec = 0;
	assert_int_equal(world_set_recorder(w, record, rec), 0);
	deviate(w, a->v_id, "x", "y", 1, 2);
	(void)choose_in(a, 3, "x", "y");
	(void)choose_in(a, 3, "x", "y");
	(void)choose(7, "x", "y");
	(void)choose(1, "x", "y");
	assert_int_equal(nrec, 3);
	assert_int_equal(rec[1].cp_vnet, a->v_id);
	assert_string_equal(rec[1].cp_stream, "x");
	assert_string_equal(rec[1].cp_what, "y");
	assert_int_equal(rec[1].cp_ordinal, 1);
	assert_int_equal(rec[1].cp_n, 3);
	assert_int_equal(rec[1].cp_value, 2);
	assert_int_equal(rec[2].cp_vnet, VNETSIM_NOVNET);
	assert_int_equal(rec[2].cp_ordinal, 0);
	assert_int_equal(rec[2].cp_n, 7);
	assert_int_equal(world_set_recorder(w, NULL, NULL), 0);
	(void)choose(7, "x", "y");
	assert_int_equal(nrec, 3);
	tw_destroy(w);
}

static void
thing_event(void *arg)
{
	say(((struct thing *)arg)->t_tag);
}

static const struct event_class thing_class = { "thing", thing_event, NULL,
	NULL };

static void
schedule_abcd(struct thing *t[4])
{
	int i;

	for (i = 0; i < 4; i++)
		event_schedule(&t[i]->t_node, vtime() + 5, &thing_class, t[i]);
}

static void
a_schedule_reorders_equal_times_only(void **state)
{
	struct thing *t[4], *late, *many[20];
	struct world *w;
	int i;

	(void)state;
	w = sched_world();
	t[0] = thing_new("a");
	t[1] = thing_new("b");
	t[2] = thing_new("c");
	t[3] = thing_new("d");
	late = thing_new("z");
	deviate(w, VNETSIM_NOVNET, "sched", "next", 0, 2);
	schedule_abcd(t);
	event_schedule(&late->t_node, vtime() + 6, &thing_class, late);
	tw_run(w);
	assert_said("cabdz");
	/* Three choices were made: of 4, 3 and 2.  The next is number 3. */
	deviate(w, VNETSIM_NOVNET, "sched", "next", 4, 9);
	schedule_abcd(t);
	tw_run(w);
	assert_said("adbc");
	/* No more than CHOICE_SCHED alternatives. */
	nrec = 0;
	assert_int_equal(world_set_recorder(w, record, rec), 0);
	for (i = 0; i < 20; i++) {
		many[i] = thing_new("m");
		event_schedule(
		    &many[i]->t_node, vtime(), &thing_class, many[i]);
	}
	tw_run(w);
	assert_int_equal(nrec, 19);
	assert_int_equal(rec[0].cp_n, CHOICE_SCHED);
	assert_int_equal(rec[0].cp_ordinal, 6);
	assert_int_equal(rec[18].cp_n, 2);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_the_first),
		cmocka_unit_test(a_deviation_names_one_choice),
		cmocka_unit_test(texts_do_not_run_into_each_other),
		cmocka_unit_test(each_vnet_counts_for_itself),
		cmocka_unit_test(an_answer_too_large_is_the_last_one),
		cmocka_unit_test(a_new_schedule_replaces_the_old_one),
		cmocka_unit_test(ordinals_are_restored_with_the_world),
		cmocka_unit_test(many_anchors_have_room),
		cmocka_unit_test(a_recorder_hears_every_choice),
		cmocka_unit_test(a_schedule_reorders_equal_times_only),
	};

	return (
	    cmocka_run_group_tests_name("choose", tests, NULL, NULL) ? 1 : 0);
}
