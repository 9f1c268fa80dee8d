/*
 * test_event_wheel.c - the timer wheel against a sorted list.
 *
 * The model keeps (time, sequence) pairs in an array and looks for the
 * smallest; whatever is done to the wheel is done to the model.  Times are
 * drawn so that ties, neighbours, slot borders, far futures and INT64_MAX all
 * come up often.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "src/core/event_wheel.h"

#define NSTREAM 512u

struct stream {
	evnode_t node;
	int64_t when; /* model */
	uint64_t seq; /* model; 0: not scheduled */
};

/* Stream and pool of one wheel: the "world" is the array of streams. */
struct rig {
	struct event_wheel ew;
	struct stream st[NSTREAM];
	struct evnode pool[NSTREAM + 1];
	uint64_t rng, seq;
	int64_t now;
	uint32_t live;
};

static const struct event_class cls = { "test", NULL, NULL, NULL };

static uint64_t
rnd(struct rig *r)
{
	r->rng ^= r->rng << 13;
	r->rng ^= r->rng >> 7;
	r->rng ^= r->rng << 17;
	return (r->rng);
}

static struct rig *
rig_new(uint64_t seed)
{
	struct rig *r;

	r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->rng = seed;
	wheel_init(&r->ew, r->pool, NSTREAM + 1, r->st);
	return (r);
}

static void
put(struct rig *r, struct stream *s, int64_t when)
{
	if (s->node == 0)
		assert_true(wheel_add(&r->ew, &s->node, when, &cls, s));
	else
		wheel_move(&r->ew, s->node, when, &cls);
	r->live += s->seq == 0;
	s->when = when;
	s->seq = ++r->seq;
}

static void
cancel(struct rig *r, struct stream *s)
{
	wheel_del(&r->ew, s->node);
	assert_int_equal(s->node, 0);
	s->seq = 0;
	r->live--;
}

static struct stream *
model_first(struct rig *r)
{
	struct stream *best, *s;

	best = NULL;
	for (s = r->st; s < r->st + NSTREAM; s++) {
		if (s->seq != 0 &&
		    (best == NULL || s->when < best->when ||
			(s->when == best->when && s->seq < best->seq)))
			best = s;
	}
	return (best);
}

/* Fire what is due by @limit at most once, and compare. */
static void
fire(struct rig *r, int64_t limit)
{
	struct stream *want;
	evnode_t n;

	want = model_first(r);
	n = wheel_next(&r->ew, limit);
	if (want == NULL || want->when > limit) {
		assert_int_equal(n, 0);
		if (limit != INT64_MAX && limit > r->now)
			r->now = limit;
	} else {
		assert_int_not_equal(n, 0);
		assert_ptr_equal(wheel_arg(&r->ew, n), want);
		assert_int_equal(n, want->node);
		r->now = want->when;
		cancel(r, want);
	}
	assert_true(r->ew.ew_cur == r->now);
}

static int64_t
draw_time(struct rig *r)
{
	uint64_t d;

	if (r->now > INT64_MAX / 2)
		return (rnd(r) % 2 == 0 ? r->now : INT64_MAX);
	switch (rnd(r) % 8) {
	case 0:
		return (r->now);
	case 1:
		d = rnd(r) % 3;
		break;
	case 2:
		d = rnd(r) % 200;
		break;
	case 3: /* the border of some level, more or less */
		d = (UINT64_C(1) << (6 * (rnd(r) % 10))) + rnd(r) % 3 - 1;
		break;
	case 4:
		d = rnd(r) >> (1 + rnd(r) % 63);
		break;
	case 5: /* a round time that many share */
		return (((r->now >> 12) + 1 + (int64_t)(rnd(r) % 2)) << 12);
	case 6:
		d = rnd(r) % 1000000000;
		break;
	default:
		return (rnd(r) % 4 == 0 ? INT64_MAX : r->now + 64);
	}
	if (d > (uint64_t)(INT64_MAX - r->now))
		return (INT64_MAX);
	return (r->now + (int64_t)d);
}

/* Nothing is linked wrongly: walk all slots. */
static void
check_structure(const struct rig *r)
{
	uint32_t first, g, i, n, seen;

	seen = 0;
	for (g = 0; g < WHEEL_LEVELS; g++) {
		assert_int_equal(
		    (r->ew.ew_levels >> g & 1) != 0, r->ew.ew_map[g] != 0);
		for (i = 0; i < WHEEL_SLOTS; i++) {
			first = r->ew.ew_slot[g][i];
			assert_int_equal(
			    (r->ew.ew_map[g] >> i & 1) != 0, first != 0);
			for (n = first; n != 0;) {
				assert_ptr_equal(r->pool[n].en_class, &cls);
				assert_int_equal(
				    r->pool[r->pool[n].en_next].en_prev, n);
				seen++;
				n = r->pool[n].en_next;
				if (n == first)
					break;
			}
		}
	}
	assert_int_equal(seen, r->live);
	assert_int_equal(r->ew.ew_live, r->live);
}

static void
stress(uint64_t seed, uint32_t nstream, int steps)
{
	struct rig *r;
	struct stream *s, *first;
	int i;

	r = rig_new(seed);
	for (i = 0; i < steps; i++) {
		s = &r->st[rnd(r) % nstream];
		switch (rnd(r) % 8) {
		case 0:
		case 1:
		case 2:
			if (r->now < INT64_MAX)
				put(r, s, draw_time(r));
			break;
		case 3:
			if (s->seq != 0)
				cancel(r, s);
			break;
		case 4:
			first = model_first(r);
			assert_true(wheel_peek(&r->ew) ==
				    (first != NULL ? first->when : INT64_MAX));
			break;
		case 5:
			fire(r, draw_time(r));
			break;
		default:
			/* Do not run out of time too soon. */
			first = model_first(r);
			if (first != NULL && first->when < INT64_MAX / 2)
				fire(r, INT64_MAX);
			break;
		}
		if (r->now > INT64_MAX / 4 || i % 997 == 0)
			check_structure(r);
		if (r->now > INT64_MAX / 4 && rnd(r) % 8 == 0) {
			while (r->live != 0)
				fire(r, INT64_MAX);
			check_structure(r);
			free(r);
			r = rig_new(seed += 2);
		}
	}
	while (r->live != 0)
		fire(r, INT64_MAX);
	check_structure(r);
	assert_true(r->ew.ew_used <= NSTREAM + 1);
	free(r);
}

static void
equals_a_sorted_list(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 8; seed++) {
		stress(seed * 977, 7, 40000);
		stress(seed * 311, 60, 40000);
		stress(seed * 101, NSTREAM, 15000);
	}
}

static void
equal_times_leave_in_order_of_arrival(void **state)
{
	struct rig *r;
	uint32_t i;

	(void)state;
	r = rig_new(5);
	/* The same time, put while the wheel stands nearer and nearer. */
	for (i = 0; i < 400; i++) {
		put(r, &r->st[i], 1000000);
		fire(r, (int64_t)i * 2500);
	}
	put(r, &r->st[0], 1000000); /* loses its place */
	for (i = 1; i < 400; i++) {
		assert_ptr_equal(
		    wheel_arg(&r->ew, wheel_next(&r->ew, INT64_MAX)),
		    &r->st[i]);
		fire(r, INT64_MAX);
	}
	fire(r, INT64_MAX);
	assert_int_equal(r->live, 0);
	assert_int_equal(r->ew.ew_cur, 1000000);
	free(r);
}

static void
never_runs_ahead_of_the_limit(void **state)
{
	struct rig *r;
	int64_t t;
	uint32_t i;

	(void)state;
	r = rig_new(9);
	/* Long slot far away: it is emptied from its start only if allowed. */
	for (i = 0; i < 100; i++)
		put(r, &r->st[i], (INT64_C(1) << 40) + 5 * (int64_t)i);
	for (t = 1; t < INT64_C(1) << 40; t *= 3) {
		fire(r, t);
		put(r, &r->st[200], t); /* insertion at now still works */
		fire(r, t);
		assert_int_equal(r->live, 100);
	}
	fire(r, (INT64_C(1) << 40) - 1);
	put(r, &r->st[201], (INT64_C(1) << 40) - 1);
	while (r->live != 0)
		fire(r, INT64_MAX);
	/* A limit in the past changes nothing. */
	t = r->now;
	assert_int_equal(wheel_next(&r->ew, t - 1), 0);
	assert_true(r->ew.ew_cur == t);
	free(r);
}

static void
the_last_moment_is_a_time_like_others(void **state)
{
	struct rig *r;

	(void)state;
	r = rig_new(3);
	put(r, &r->st[0], INT64_MAX);
	put(r, &r->st[1], INT64_MAX - 1);
	put(r, &r->st[2], INT64_MAX);
	assert_true(wheel_peek(&r->ew) == INT64_MAX - 1);
	fire(r, INT64_MAX - 2);
	fire(r, INT64_MAX);
	assert_true(r->now == INT64_MAX - 1);
	fire(r, INT64_MAX);
	assert_ptr_equal(
	    wheel_arg(&r->ew, wheel_next(&r->ew, INT64_MAX)), &r->st[2]);
	fire(r, INT64_MAX);
	assert_int_equal(r->live, 0);
	put(r, &r->st[0], INT64_MAX);
	fire(r, INT64_MAX);
	assert_int_equal(r->live, 0);
	free(r);
}

static void
a_full_pool_refuses_and_recovers(void **state)
{
	struct rig *r;
	evnode_t node;
	uint32_t i;

	(void)state;
	r = rig_new(7);
	for (i = 0; i < NSTREAM; i++)
		put(r, &r->st[i], i);
	node = 0;
	assert_false(wheel_add(&r->ew, &node, 1, &cls, r->st));
	assert_int_equal(node, 0);
	check_structure(r);
	cancel(r, &r->st[17]);
	put(r, &r->st[17], 3);
	while (r->live != 0)
		fire(r, INT64_MAX);
	assert_int_equal(r->ew.ew_used, NSTREAM + 1);
	free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_a_sorted_list),
		cmocka_unit_test(equal_times_leave_in_order_of_arrival),
		cmocka_unit_test(never_runs_ahead_of_the_limit),
		cmocka_unit_test(the_last_moment_is_a_time_like_others),
		cmocka_unit_test(a_full_pool_refuses_and_recovers),
	};

	return (cmocka_run_group_tests_name("event_wheel", tests, NULL, NULL)
		    ? 1
		    : 0);
}
