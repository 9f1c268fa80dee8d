/*
 * test_eventhandler.c - announcements: order, changes while they run, leaks.
 *
 * Handlers write their letter into `heard`.
 */
#include <string.h>
#include <vnetsim/kern/eventhandler.h>
#include "tests/lib/tworld.h"

static char heard[64];
static struct eventhandler_entry *drop_me, *drop_me_too;
static struct vnet_frame frame;

static void
say(void *arg, void *obj, int value)
{
	size_t n;

	assert_ptr_equal(obj, curvnet);
	assert_int_equal(value, 7);
	n = strlen(heard);
	heard[n] = *(const char *)arg;
	heard[n + 1] = '\0';
}

static void
say_and_drop(void *arg, void *obj, int value)
{
	say(arg, obj, value);
	eventhandler_deregister(drop_me);
	eventhandler_deregister(drop_me_too);
	drop_me = drop_me_too = NULL;
}

static void
say_and_add(void *arg, void *obj, int value)
{
	say(arg, obj, value);
	drop_me = eventhandler_register(
	    EVH_IFADDR, VNET_MOD_ip, say, "n", EVENTHANDLER_PRI_ANY);
	drop_me_too =
	    eventhandler_register(EVH_IFADDR, VNET_MOD_ip, say, "e", 0);
}

static void
say_and_nest(void *arg, void *obj, int value)
{
	say(arg, obj, value);
	if (strlen(heard) < 4)
		eventhandler_invoke(EVH_IFADDR, obj, value);
}

static int
setup(void **state)
{
	struct world *w;

	*state = w = tw_create(NULL);
	heard[0] = '\0';
	TW_ENTER(&frame, w->w_vnet0);
	return (0);
}

static int
teardown(void **state)
{
	vnet_leave(&frame);
	tw_destroy(*state);
	return (0);
}

static struct eventhandler_entry *
reg(void (*f)(void *, void *, int), char *s, int pri)
{
	struct eventhandler_entry *e;

	e = eventhandler_register(EVH_IFADDR, VNET_MOD_ip, f, s, pri);
	assert_non_null(e);
	return (e);
}

static const char *
announce(void)
{
	heard[0] = '\0';
	eventhandler_invoke(EVH_IFADDR, curvnet, 7);
	return (heard);
}

static void
by_priority_then_registration(void **state)
{
	struct eventhandler_entry *e;
	struct vnet_frame f;

	(void)state;
	(void)reg(say, "b", EVENTHANDLER_PRI_ANY);
	e = reg(say, "c", EVENTHANDLER_PRI_ANY);
	(void)reg(say, "a", EVENTHANDLER_PRI_FIRST);
	(void)reg(say, "d", EVENTHANDLER_PRI_ANY);
	assert_string_equal(announce(), "abcd");
	eventhandler_invoke(EVH_LLE, curvnet, 7);
	assert_string_equal(heard, "abcd");
	eventhandler_deregister(e);
	assert_string_equal(announce(), "abd");
	eventhandler_deregister(NULL);
	/* another vnet hears nothing of it */
	vnet_switch(&f, tw_jail("x")->pr_vnet);
	assert_string_equal(announce(), "");
	vnet_leave(&f);
	assert_int_equal(eventhandler_count(curvnet, VNET_MOD_ip), 3);
	assert_int_equal(eventhandler_count(curvnet, VNET_MOD_tcp), 0);
	eventhandler_remove_all(curvnet, -1);
	assert_string_equal(announce(), "");
	assert_int_equal(uma_count(&eventhandler_zone, curvnet), 0);
}

static void
handlers_may_go_while_it_runs(void **state)
{
	(void)state;
	drop_me = reg(say_and_drop, "a", 1);
	(void)reg(say, "b", 2);
	drop_me_too = reg(say, "c", 3);
	assert_string_equal(announce(), "ab");
	assert_int_equal(uma_count(&eventhandler_zone, curvnet), 1);
	assert_string_equal(announce(), "b");
	eventhandler_remove_all(curvnet, VNET_MOD_ip);
}

static void
handlers_may_come_while_it_runs(void **state)
{
	struct eventhandler_entry *e;

	(void)state;
	e = reg(say_and_add, "a", 1);
	assert_string_equal(announce(), "an");
	eventhandler_deregister(e);
	assert_string_equal(announce(), "en");
	eventhandler_remove_all(curvnet, -1);
}

static void
announcements_nest(void **state)
{
	(void)state;
	(void)reg(say_and_nest, "a", 1);
	(void)reg(say, "b", 2);
	assert_string_equal(announce(), "aaaabbbb");
	eventhandler_remove_all(curvnet, -1);
}

static void
without_memory_it_is_null(void **state)
{
	(void)state;
	mem_fail_set(curworld(), 1, false);
	assert_null(eventhandler_register(EVH_LLE, VNET_MOD_ip, say, "a", 1));
	assert_int_equal(eventhandler_count(curvnet, -1), 0);
}

static void
deregister_again(void *arg)
{
	eventhandler_deregister(arg);
}

static void
what_is_no_registration_panics(void **state)
{
	struct eventhandler_entry *e;

	(void)state;
	e = reg(say, "a", 1);
	eventhandler_deregister(e);
	assert_true(tw_panics(deregister_again, e, "not a registration"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(by_priority_then_registration),
		T(handlers_may_go_while_it_runs),
		T(handlers_may_come_while_it_runs),
		T(announcements_nest),
		T(without_memory_it_is_null),
		T(what_is_no_registration_panics),
	};

	return (cmocka_run_group_tests_name("eventhandler", tests, NULL, NULL)
		    ? 1
		    : 0);
}
