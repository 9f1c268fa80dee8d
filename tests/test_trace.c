/*
 * test_trace.c - the ring of records, the listener, the hash of a vnet.
 */
#include "tests/test_sched.h"

static uint32_t nheard;
static struct trace_record heard[8];

static void
listen(void *ctx, const struct trace_record *tr)
{
	assert_ptr_equal(ctx, heard);
	heard[nheard++ % nitems(heard)] = *tr;
}

static void
the_last_records_are_kept(void **state)
{
	const struct trace_record *tr;
	struct world *w;
	uint32_t i;

	(void)state;
	w = sched_world();
	for (i = 0; i < 3 * TRACE_RING + 5; i++)
		trace(TRACE_USER, "n", i, ~i);
	for (i = 0; i < TRACE_RING; i++) {
		tr = trace_last(w, i);
		assert_non_null(tr);
		assert_int_equal(tr->tr_a, 3 * TRACE_RING + 4 - i);
		assert_int_equal(tr->tr_b, ~tr->tr_a);
		assert_int_equal(trace_kind(tr), TRACE_USER);
		assert_int_equal(trace_vnet(tr), VNETSIM_NOVNET);
		assert_string_equal(tr->tr_name, "n");
	}
	assert_null(trace_last(w, TRACE_RING));
	tw_destroy(w);
}

static void
a_new_world_has_few(void **state)
{
	struct world *w;
	uint32_t n;

	(void)state;
	w = sched_world();
	n = (uint32_t)w->w_trace.wt_next;
	assert_true(n < TRACE_RING);
	assert_null(trace_last(w, n));
	trace(TRACE_STATE, "tcp", 4, 5);
	assert_int_equal(trace_last(w, 0)->tr_a, 4);
	assert_null(trace_last(w, n + 1));
	tw_destroy(w);
}

static void
ring_in(void *arg)
{
	struct thing *t;

	t = arg;
	trace(TRACE_USER, "inside", (uint32_t)t->t_n, 0);
}

static void
records_say_who_and_when(void **state)
{
	const struct trace_record *tr;
	struct thing *t;
	struct vnet *v;
	struct world *w;

	(void)state;
	w = sched_world();
	v = tw_jail("j")->pr_vnet;
	t = thing_of(v, "t", NULL);
	t->t_n = 77;
	(void)callout_reset(&t->t_co, 1234, ring_in, t);
	nheard = 0;
	world_set_trace(w, listen, heard);
	tw_run(w);
	tr = trace_last(w, 0);
	assert_string_equal(tr->tr_name, "inside");
	assert_int_equal(tr->tr_a, 77);
	assert_int_equal(trace_vnet(tr), v->v_id);
	assert_int_equal(tr->tr_time, 1234);
	assert_int_equal(trace_eventnr(w, tr), event_count(w));
	tr = trace_last(w, 1);
	assert_int_equal(trace_kind(tr), TRACE_EVENT);
	assert_string_equal(trace_kindname(trace_kind(tr)), "event");
	assert_string_equal(tr->tr_name, "callout");
	assert_string_equal(tr->tr_what, "ip.timer");
	assert_int_equal(trace_vnet(tr), v->v_id);
	assert_int_equal(nheard, 2);
	assert_memory_equal(&heard[0], trace_last(w, 1), sizeof(*tr));
	assert_memory_equal(&heard[1], trace_last(w, 0), sizeof(*tr));
	world_set_trace(w, NULL, NULL);
	trace(TRACE_USER, "unheard", 0, 0);
	assert_int_equal(nheard, 2);
	tw_destroy(w);
}

static void
event_numbers_do_not_wrap_with_the_record(void **state)
{
	struct world *w;

	(void)state;
	w = sched_world();
	w->w_ev.we_count = UINT64_C(0x5fffffffe);
	trace(TRACE_USER, "before", 0, 0);
	w->w_ev.we_count += 10;
	assert_true(
	    trace_eventnr(w, trace_last(w, 0)) == UINT64_C(0x5fffffffe));
	trace(TRACE_USER, "after", 0, 0);
	assert_true(
	    trace_eventnr(w, trace_last(w, 0)) == UINT64_C(0x600000008));
	tw_destroy(w);
}

static void
a_restore_keeps_the_listener_and_brings_back_the_ring(void **state)
{
	struct world_save *s;
	struct world *w;

	(void)state;
	w = sched_world();
	trace(TRACE_USER, "kept", 1, 0);
	s = world_save(w);
	assert_non_null(s);
	nheard = 0;
	world_set_trace(w, listen, heard);
	trace(TRACE_USER, "gone", 2, 0);
	world_restore(w, s);
	assert_string_equal(trace_last(w, 0)->tr_name, "kept");
	trace(TRACE_USER, "new", 3, 0);
	assert_int_equal(nheard, 2);
	world_set_trace(w, NULL, NULL);
	world_save_free(w, s);
	tw_destroy(w);
}

static void
tick(void *arg)
{
	struct thing *t;

	t = arg;
	trace(TRACE_STATE, t->t_tag, (uint32_t)t->t_n, 0);
	if (++t->t_n < 5)
		(void)callout_reset(&t->t_co, 10, tick, t);
}

/* What @by does while others do @others things.  Return: its hash. */
static uint64_t
bystander(uint32_t others, int differently)
{
	struct vnet *v, *o;
	struct thing *t;
	struct world *w;
	uint64_t h;
	uint32_t i;

	w = sched_world();
	v = tw_jail("by")->pr_vnet;
	o = tw_jail("other")->pr_vnet;
	world_trace_hash(w, true);
	assert_true(v->v_tracehash == 0);
	t = thing_of(v, "by", NULL);
	t->t_n = differently;
	(void)callout_reset(&t->t_co, 10, tick, t);
	for (i = 0; i < others; i++) {
		t = thing_of(o, "other", NULL);
		(void)callout_reset(&t->t_co, i, tick, t);
	}
	tw_run(w);
	assert_int_equal(o->v_tracehash != 0, others != 0);
	h = v->v_tracehash;
	tw_destroy(w);
	return (h);
}

static void
the_hash_of_a_vnet_is_its_own(void **state)
{
	uint64_t h;

	(void)state;
	h = bystander(0, 0);
	assert_true(h != 0);
	assert_true(bystander(0, 0) == h);
	assert_true(bystander(7, 0) == h);
	assert_true(bystander(7, 1) != h);
	/* The same on every host: letters and numbers, no addresses. */
	assert_true(h == UINT64_C(0xfa0992c9545cca3f));
}

static void
the_hash_is_off_until_asked_for(void **state)
{
	struct vnet_frame f;
	struct vnet *v;
	struct world *w;

	(void)state;
	w = sched_world();
	v = tw_jail("j")->pr_vnet;
	TW_ENTER(&f, v);
	trace(TRACE_USER, "x", 1, 2);
	assert_true(v->v_tracehash == 0);
	world_trace_hash(w, true);
	trace(TRACE_USER, "x", 1, 2);
	assert_true(v->v_tracehash != 0);
	vnet_leave(&f);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_records_are_kept),
		cmocka_unit_test(a_new_world_has_few),
		cmocka_unit_test(records_say_who_and_when),
		cmocka_unit_test(event_numbers_do_not_wrap_with_the_record),
		cmocka_unit_test(
		    a_restore_keeps_the_listener_and_brings_back_the_ring),
		cmocka_unit_test(the_hash_of_a_vnet_is_its_own),
		cmocka_unit_test(the_hash_is_off_until_asked_for),
	};

	return (
	    cmocka_run_group_tests_name("trace", tests, NULL, NULL) ? 1 : 0);
}
