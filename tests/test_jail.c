/*
 * test_jail.c - prisons: names, numbers, limits, use and hold, dying.
 *
 * Dying jails are taken down by the teardown of tests/lib; tests that look at
 * the moment of dying use an upcall of their own.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/tworld.h"

static char reaped[256];

static void
note_reap(struct prison *pr)
{
	size_t n;

	assert_int_equal(kctx->kc_depth, 1);
	assert_null(curvnet);
	assert_true(pr->pr_reaping);
	n = strlen(reaped);
	snprintf(reaped + n, sizeof(reaped) - n, "%s%s", pr->pr_name,
	    pr->pr_state == PRISON_STATE_DYING ? "! " : " ");
}

static const struct world_upcalls note_upcalls = { .wu_reap = note_reap };

static int
setup(void **state)
{
	*state = tw_create(NULL);
	reaped[0] = '\0';
	return (0);
}

static int
teardown(void **state)
{
	tw_destroy(*state);
	return (0);
}

/* A world in which nothing ends by itself. */
static void
only_note(struct world *w)
{
	w->w_cfg.wc_upcalls = &note_upcalls;
}

static struct prison *
jail(struct prison *parent, const char *name, uint32_t flags, int32_t max)
{
	struct prison *pr;

	if (parent == NULL)
		parent = curworld()->w_jail.wj_prison0;
	assert_int_equal(prison_create(parent, name, flags, max, &pr), 0);
	return (pr);
}

static int
try(struct prison *parent, const char *name, int32_t max)
{
	struct prison *pr;

	if (parent == NULL)
		parent = curworld()->w_jail.wj_prison0;
	return (prison_create(parent, name, PR_PERSIST, max, &pr));
}

static void
names_are_dotted_and_numbers_work(void **state)
{
	struct prison *a, *b, *c;

	(void)state;
	a = jail(NULL, "a", PR_PERSIST | PR_VNET, 5);
	b = jail(a, "b", PR_PERSIST, 5);
	c = jail(b, NULL, PR_PERSIST, 0);
	assert_string_equal(b->pr_name, "a.b");
	assert_string_equal(c->pr_name, "a.b.3");
	assert_ptr_equal(prison_find("a.b", false), b);
	assert_ptr_equal(prison_find("a.b.3", false), c);
	assert_ptr_equal(prison_find("3", false), c);
	assert_ptr_equal(prison_find("0003", false), c);
	assert_null(prison_find("b", false));
	assert_null(prison_find("4", true));
	assert_null(prison_find("", true));
	assert_null(prison_find("99999999999999999999", true));
	assert_ptr_equal(prison_find("0", false), prison_parent(a));
	assert_ptr_equal(a->pr_vnet->v_prison, a);
	assert_ptr_equal(c->pr_vnet, a->pr_vnet);
	assert_ptr_equal(handle_lookup(HANDLE_JAIL, b->pr_handle), b);
	assert_int_equal(curworld()->w_nvnets, 2);
}

static void
bad_names_are_refused(void **state)
{
	static const char *const bad[] = { "", "x.y", ".", "12", "a b", "a/b",
		"a\n", "\x7f" };
	char name[MAXHOSTNAMELEN + 1];
	struct prison *a;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		assert_int_equal(try(NULL, bad[i], 0), VE_INVAL);
	memset(name, 'n', sizeof(name));
	name[MAXHOSTNAMELEN] = '\0';
	assert_int_equal(try(NULL, name, 0), VE_NAMETOOLONG);
	name[MAXHOSTNAMELEN - 1] = '\0';
	assert_int_equal(try(NULL, name, 0), 0);
	name[MAXHOSTNAMELEN - 3] = '\0';
	a = jail(NULL, name, PR_PERSIST, 5);
	assert_int_equal(try(a, "bc", 0), VE_NAMETOOLONG);
	assert_int_equal(try(a, "b", 0), 0);
	assert_int_equal(try(a, NULL, 0), 0);
	assert_int_equal(try(NULL, "a", -1), VE_INVAL);
	assert_int_equal(try(NULL, "a", JAIL_MAX + 1), VE_INVAL);
	assert_int_equal(try(NULL, "12a", JAIL_MAX), 0);
	assert_int_equal(try(NULL, "12a", 0), VE_EXIST);
}

static void
children_max_holds_in_every_ancestor(void **state)
{
	struct prison *a, *b;
	struct world *w = *state;

	a = jail(NULL, "a", PR_PERSIST, 3);
	b = jail(a, "b", PR_PERSIST, 100);
	(void)jail(b, "c", PR_PERSIST, 0);
	(void)jail(b, "d", PR_PERSIST, 0);
	assert_int_equal(a->pr_childcount, 3);
	assert_int_equal(b->pr_childcount, 2);
	assert_int_equal(try(b, "e", 0), VE_PERM);
	assert_int_equal(try(a, "e", 0), VE_PERM);
	assert_int_equal(try(prison_find("a.b.c", false), "e", 0), VE_PERM);
	assert_int_equal(prison_remove(prison_find("a.b.d", false)), 0);
	assert_int_equal(try(b, "e", 0), VE_PERM); /* dying ones count */
	(void)tw_run(w);
	assert_int_equal(a->pr_childcount, 2);
	assert_int_equal(try(b, "e", 0), 0);
}

static void
numbers_go_on_and_wrap(void **state)
{
	struct world_config cfg = tw_config(NULL);
	struct world *w;
	struct prison *pr[5];
	int i;

	world_destroy(*state);
	cfg.wc_jidmax = 5;
	*state = w = tw_create_cfg(&cfg);
	for (i = 0; i < 5; i++) {
		pr[i] = jail(NULL, NULL, PR_PERSIST, 0);
		assert_int_equal(pr[i]->pr_id, i + 1);
	}
	assert_int_equal(try(NULL, "x", 0), VE_AGAIN);
	assert_int_equal(prison_remove(pr[1]), 0);
	assert_int_equal(prison_remove(pr[3]), 0);
	/* dying: the number is taken still */
	assert_int_equal(try(NULL, "x", 0), VE_AGAIN);
	(void)tw_run(w);
	pr[1] = jail(NULL, "x", PR_PERSIST, 0);
	assert_int_equal(pr[1]->pr_id, 2);
	pr[3] = jail(NULL, "y", PR_PERSIST, 0);
	assert_int_equal(pr[3]->pr_id, 4);
	assert_int_equal(try(NULL, "z", 0), VE_AGAIN);
	/* the list stays sorted */
	i = 0;
	for (pr[0] = prison_first(); pr[0] != NULL; pr[0] = prison_next(pr[0]))
		assert_int_equal(pr[0]->pr_id, ++i);
	assert_int_equal(i, 5);
}

static void
removal_is_preorder_and_in_events(void **state)
{
	struct world *w = *state;
	struct prison *a, *b;
	struct proc *p;

	only_note(w);
	a = jail(NULL, "a", PR_PERSIST, 10);
	b = jail(a, "b", PR_PERSIST, 10);
	(void)jail(b, "c", PR_PERSIST, 0);
	(void)jail(a, "d", PR_PERSIST, 0);
	assert_int_equal(proc_create(a, "p", &p), 0);
	assert_int_equal(prison_remove(a), 0);
	assert_string_equal(reaped, "");
	assert_int_equal(prison_remove(a), VE_ALREADY);
	assert_int_equal(prison_remove(b), VE_ALREADY);
	assert_int_equal(prison_remove(w->w_jail.wj_prison0), VE_INVAL);
	assert_int_equal(proc_create(a, "q", &p), VE_INVAL);
	assert_int_equal(proc_create(b, "q", &p), VE_INVAL);
	assert_int_equal(try(a, "e", 0), VE_INVAL);
	assert_int_equal(tw_run(w), 4);
	/* the newest child first; a waits for its process */
	assert_string_equal(reaped, "a.d! a.b! a.b.c! a ");
	assert_ptr_equal(prison_find("a", false), a);
	prison_kill(a);
	assert_int_equal(a->pr_state, PRISON_STATE_DYING);
	assert_int_equal(tw_run(w), 0); /* only once */
	assert_null(prison_find("a", false));
	assert_ptr_equal(prison_find("a", true), a);
	assert_ptr_equal(prison_find("1", true), a);
	assert_null(prison_find("1", false));
}

static void
a_jail_dies_with_its_last_process(void **state)
{
	struct world *w = *state;
	struct proc *p, *q;
	struct prison *a;

	only_note(w);
	a = jail(NULL, "a", 0, 0);
	(void)tw_run(w);
	assert_ptr_equal(prison_find("a", false), a);
	assert_int_equal(proc_create(a, "p", &p), 0);
	assert_int_equal(proc_create(a, "q", &q), 0);
	proc_exit(p);
	(void)tw_run(w);
	assert_string_equal(reaped, "");
	proc_exit(q);
	assert_string_equal(reaped, "");
	(void)tw_run(w);
	assert_string_equal(reaped, "a! ");
	assert_int_equal(prison_remove(a), VE_ALREADY);
}

static void
a_jail_without_any_use_can_be_removed(void **state)
{
	struct prison *a;

	a = jail(NULL, "a", PR_VNET, 0);
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(*state);
	assert_null(prison_find("1", true));
	assert_int_equal(((struct world *)*state)->w_nvnets, 1);
}

static void
a_hold_keeps_it_dying(void **state)
{
	struct world *w = *state;
	struct ref *slot = world_user_alloc(sizeof(*slot), true);
	struct prison *a, *b;
	uint64_t h;

	a = jail(NULL, "a", PR_PERSIST | PR_VNET, 0);
	h = a->pr_handle;
	prison_hold(slot, a, "test");
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	assert_ptr_equal(prison_find("a", true), a);
	assert_int_equal(a->pr_state, PRISON_STATE_DYING);
	assert_int_equal(w->w_nvnets, 2);
	/* its name is free, its number not */
	b = jail(NULL, "a", PR_PERSIST | PR_VNET, 0);
	assert_int_equal(b->pr_id, 2);
	assert_ptr_equal(prison_find("a", true), b);
	assert_ptr_equal(prison_find("1", true), a);
	prison_free(slot);
	assert_int_equal(w->w_nvnets, 3); /* not inside the call */
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 2);
	assert_null(prison_find("1", true));
	assert_null(handle_lookup(HANDLE_JAIL, h));
	assert_ptr_equal(prison_find("a", true), b);
	world_user_free(slot);
}

static void
a_child_keeps_its_parent(void **state)
{
	struct world *w = *state;
	struct ref *slot = world_user_alloc(sizeof(*slot), true);
	struct prison *a, *b;

	a = jail(NULL, "a", PR_PERSIST | PR_VNET, 1);
	b = jail(a, "b", PR_PERSIST | PR_VNET, 0);
	prison_hold(slot, b, "test");
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	/* b is dying for the hold's sake, a for b's */
	assert_int_equal(a->pr_state, PRISON_STATE_DYING);
	assert_int_equal(w->w_nvnets, 3);
	prison_free(slot);
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 1);
	assert_int_equal(w->w_jail.wj_nprisons, 0);
	assert_int_equal(w->w_jail.wj_prison0->pr_childcount, 0);
	world_user_free(slot);
}

static void
use_of_a_child_is_use_of_the_parent(void **state)
{
	struct world *w = *state;
	struct proc *p;
	struct prison *a, *b;

	only_note(w);
	a = jail(NULL, "a", 0, 1);
	b = jail(a, "b", 0, 0);
	assert_int_equal(proc_create(b, "p", &p), 0);
	proc_exit(p);
	assert_int_equal(b->pr_state, PRISON_STATE_DYING);
	assert_int_equal(a->pr_state, PRISON_STATE_DYING);
	(void)tw_run(w);
	assert_string_equal(reaped, "a.b! a! ");
}

static void
every_allocation_may_fail(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	uint64_t h, n;
	int error;

	(void)jail(NULL, "before", PR_PERSIST | PR_VNET, 0);
	h = world_hash(NULL, HASH_TIMES | HASH_SERIALS);
	for (n = 1;; n++) {
		mem_fail_set(w, n, false);
		error = prison_create(
		    w->w_jail.wj_prison0, "x", PR_PERSIST | PR_VNET, 0, &pr);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOMEM);
		assert_true(world_hash(NULL, HASH_TIMES | HASH_SERIALS) == h);
		assert_int_equal(w->w_jail.wj_nprisons, 1);
		assert_null(prison_find("x", true));
		assert_null(prison_find("2", true));
	}
	assert_false(w->w_mem.wm_consumed);
	assert_int_equal(pr->pr_id, 2);
	mem_fail_set(w, 0, false);
	/* the registries grow: many jails, each of them found */
	for (n = 0; n < 200; n++) {
		mem_fail_set(w, 1 + n % 7, false);
		(void)try(NULL, NULL, 0);
	}
	mem_fail_set(w, 0, false);
	for (pr = prison_first(); pr != NULL; pr = prison_next(pr))
		assert_ptr_equal(prison_find(pr->pr_name, false), pr);
}

static void
removal_needs_no_memory(void **state)
{
	struct world *w = *state;
	struct prison *a;

	a = jail(NULL, "a", PR_PERSIST | PR_VNET, 1);
	(void)jail(a, "b", PR_PERSIST | PR_VNET, 1);
	mem_fail_set(w, 1, true);
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 1);
	assert_false(w->w_mem.wm_consumed);
	mem_fail_set(w, 0, false);
}

static void
a_jail_in_use_is_not_gone(void **state)
{
	struct world *w = *state;
	struct prison *a;
	struct proc *p;

	only_note(w);
	a = jail(NULL, "a", 0, 0);
	assert_int_equal(proc_create(a, "p", &p), 0);
	prison_gone(a);
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "prison-in-use"), 1);
	assert_ptr_equal(prison_find("a", false), a);
}

static void
credentials_pin_and_are_freed(void **state)
{
	struct world *w = *state;
	struct ref *slot = world_user_alloc(2 * sizeof(*slot), true);
	struct ucred *cr;
	struct prison *a;

	a = jail(NULL, "a", PR_PERSIST | PR_VNET, 0);
	cr = crget(a);
	assert_ptr_equal(uma_owner(cr), a->pr_vnet);
	ref_take(&slot[0], cr, "one");
	ref_take(&slot[1], cr, "two");
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 2);
	crfree(&slot[0]);
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 2);
	crfree(&slot[1]);
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 1);
	world_user_free(slot);
	mem_fail_set(w, 1, false);
	assert_null(crget(w->w_jail.wj_prison0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(names_are_dotted_and_numbers_work),
		T(bad_names_are_refused),
		T(children_max_holds_in_every_ancestor),
		T(numbers_go_on_and_wrap),
		T(removal_is_preorder_and_in_events),
		T(a_jail_dies_with_its_last_process),
		T(a_jail_without_any_use_can_be_removed),
		T(a_hold_keeps_it_dying),
		T(a_child_keeps_its_parent),
		T(use_of_a_child_is_use_of_the_parent),
		T(every_allocation_may_fail),
		T(removal_needs_no_memory),
		T(a_jail_in_use_is_not_gone),
		T(credentials_pin_and_are_freed),
	};

	return (cmocka_run_group_tests_name("jail", tests, NULL, NULL) ? 1 : 0);
}
