/*
 * test_kmod_end.c - what a loaded module leaves behind is named, and the ends
 * of modules and of vnets do not get into each other's way.
 */
#include "src/core/event_var.h"
#include "src/teardown/td_var.h"
#include "tests/test_kmod.h"

KM(ka, .vm_level = 0);
KM(kb, .vm_level = VNET_LEVEL(ip) + 5, .vm_unsub = SI_SUB_PROTO_DOMAIN,
    .vm_unorder = SI_ORDER_THIRD);
KM(kc, .vm_level = 15); /* among the interfaces */

/* ---- faults ---- */

/* Load ka, plant, unload.  The finding names ka. */
static struct vnetsim_finding
unload_with(struct st *s, bool *what, const char *oracle, const char *kind)
{
	struct vnetsim_finding f;

	km_open(s, 0);
	plant.who = "ka";
	plant.vnet = 1;
	plant.slow = what == &plant.forever;
	*what = true;
	assert_int_equal(km_load(s, &ka_kmod), 0);
	assert_int_equal(km_load(s, &kb_kmod), 0);
	st_run(s, 25 * ST_MS);
	assert_int_equal(km_unload(s, "ka"), 0);
	assert_int_equal(plant.uninits, 3);
	f = km_finding(s, oracle, kind);
	assert_string_equal(f.module, "ka");
	assert_int_equal(f.vnet, 1);
	*what = false;
	return (f);
}

static void
leak(void **state)
{
	struct vnetsim_finding f;
	struct st s;

	(void)state;
	f = unload_with(&s, &plant.leak, "leak", "leak");
	assert_string_equal(f.object, "kobj");
	assert_non_null(strstr(f.birth, "tests/test_kmod.h:"));
	assert_string_equal(f.step, "kldunload uninit");
	assert_non_null(strstr(f.text, "born at tests/test_kmod.h:"));
	/* told once: the end of that vnet does not tell it again */
	km_close(&s, 1);
}

/* The same at the end of a vnet that has the module. */
static void
leak_in_teardown(void **state)
{
	struct vnetsim_finding f;
	struct st s;

	(void)state;
	km_open(&s, 0);
	plant.leak = true;
	plant.vnet = 2;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(st_remove(&s, "cli", 1000 * ST_S), 0);
	f = km_finding(&s, "leak", "leak");
	assert_string_equal(f.module, "ka");
	assert_string_equal(f.step, "ka uninit");
	assert_non_null(strstr(f.birth, "tests/test_kmod.h:"));
	km_close(&s, 1);
}

static void
leak_in_world(void **state)
{
	struct vnetsim_finding f;
	struct st s;

	(void)state;
	km_open(&s, 0);
	plant.worldleak = true;
	plant.vnet = 1;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	f = km_finding(&s, "leak", "leak");
	assert_string_equal(f.module, "ka");
	assert_int_equal(f.vnet, VNETSIM_NOVNET);
	assert_non_null(strstr(f.text, "charged to no vnet"));
	/* the audit of the world finds it, too, and knows whose it is */
	(void)st_finish(&s);
	f = km_finding(&s, "leak", "world-leak");
	assert_string_equal(f.module, "ka");
	st_close(&s);
}

static void
late_callout(void **state)
{
	struct st s;
	struct vnetsim_finding f;
	unsigned ticks;

	(void)state;
	f = unload_with(&s, &plant.callout, "order", "callout");
	assert_non_null(strstr(f.text, "km.tick of module ka is still "
				       "pending after its shutdown"));
	ticks = plant.ticks;
	assert_int_equal(km_unload(&s, "kb"), 0);
	st_run(&s, 100 * ST_MS);
	assert_int_equal(plant.ticks, ticks);
	km_close(&s, 1);
}

static void
late_others(void **state)
{
	struct st s;
	struct vnetsim_finding f;

	(void)state;
	(void)unload_with(&s, &plant.task, "order", "task");
	km_close(&s, 1);
	(void)unload_with(&s, &plant.evh, "order", "handler");
	km_close(&s, 1);
	f = unload_with(&s, &plant.rearm, "order", "callout");
	assert_string_equal(f.step, "kldunload uninit");
	km_close(&s, 1);
	f = unload_with(&s, &plant.op, "order", "op-left");
	assert_non_null(strstr(f.text, "km_op of module ka"));
	assert_string_equal(f.step, "kldunload shutdown");
	km_close(&s, 1);
}

static void
contracts(void **state)
{
	struct st s;
	struct vnetsim_finding f;

	(void)state;
	f = unload_with(&s, &plant.count, "leak", "contract");
	assert_non_null(strstr(f.text, "ks_count of module ka is not zero "
				       "after its shutdown"));
	assert_int_equal(f.count, 2); /* after uninit it is not, either */
	km_close(&s, 1);
	f = unload_with(&s, &plant.late, "leak", "contract");
	assert_non_null(strstr(f.text, "after its uninit"));
	km_close(&s, 1);
	(void)unload_with(&s, &plant.guard, "lifetime", "guard");
	km_close(&s, 1);
}

static void
never_ends(void **state)
{
	struct st s;
	struct vnetsim_finding f;
	int64_t t;

	(void)state;
	f = unload_with(&s, &plant.forever, "liveness", "shutdown");
	assert_non_null(strstr(f.text, "after 120 s"));
	assert_non_null(strstr(f.text, "waits for what never comes"));
	t = vnetsim_now(s.w);
	assert_true(t >= 120 * ST_S && t < 121 * ST_S);
	st_close(&s);
	f = unload_with(&s, &plant.spin, "liveness", "shutdown");
	assert_non_null(strstr(f.text, "100000 steps"));
	st_close(&s);
	f = unload_with(&s, &plant.redefer, "lifetime", "deferred-left");
	assert_non_null(strstr(f.text, "tests/test_kmod.h:"));
	st_close(&s);
	/* a bound of its own is the usual finding, and names the module */
	km_open(&s, 0);
	plant.waitlong = true;
	plant.vnet = 1;
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	f = km_finding(&s, "liveness", "bound");
	assert_string_equal(f.module, "ka");
	km_close(&s, 1);
}

/* A callout is claimed when the unload comes; then a task. */
static void
claimed(void **state)
{
	const struct deviation dv[] = { { 1, "callout", "km.tick", 2, 1 },
		{ VNETSIM_NOVNET, "taskq", "claim", 1, 1 } };
	struct vnetsim_finding f;
	struct world *w;
	struct st s;
	uint32_t n;

	(void)state;
	for (int planted = 0; planted < 2; planted++) {
		km_open(&s, 0);
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		w = km_world(&s);
		assert_int_equal(world_set_deviations(w, dv, 1), 0);
		n = 0;
		while (world_deviation_used(w, 0) == 0 && n++ < 10000)
			assert_true(vnetsim_step(s.w, INT64_MAX));
		assert_int_equal(world_deviation_used(w, 0), 1);
		assert_int_equal(w->w_epoch.wp_nclaims, 1);
		plant.callout = planted != 0;
		plant.vnet = 1;
		assert_int_equal(km_unload(&s, "ka"), 0);
		(void)km_world(&s);
		assert_int_equal(w->w_epoch.wp_nclaims, 0);
		if (planted != 0) {
			f = km_finding(&s, "order", "callout");
			assert_string_equal(f.module, "ka");
		}
		km_close(&s, planted != 0);
	}
}

/* ---- orders ---- */

static void
names_of(struct st *s, char names[][48], unsigned *n)
{
	struct vnetsim_step step;

	for (*n = 0; vnetsim_order_step(s->w, *n, &step) == 0; (*n)++)
		snprintf(names[*n], 48, "%s", step.name);
}

/* Loaded into an order, or the order chosen afterwards: the same list. */
static void
orders(void **state)
{
	static char a[TD_MAXSTEPS][48], b[TD_MAXSTEPS][48];
	unsigned na, nb;
	const char *name;
	struct st s;

	(void)state;
	for (unsigned i = 0; (name = vnetsim_order_name(i)) != NULL; i++) {
		km_open(&s, 0);
		assert_int_equal(vnetsim_order_set(s.w, name, false), 0);
		names_of(&s, b, &nb);
		assert_int_equal(km_load(&s, &kc_kmod), 0);
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_int_equal(km_load(&s, &kb_kmod), 0);
		names_of(&s, a, &na);
		assert_true(na > nb);
		assert_int_equal(vnetsim_order_set(s.w, name, false), 0);
		names_of(&s, b, &nb);
		assert_int_equal(na, nb);
		for (unsigned k = 0; k < na; k++)
			assert_string_equal(a[k], b[k]);
		assert_int_equal(st_remove(&s, "cli", 10000 * ST_S), 0);
		assert_int_equal(plant.uninits, 3);
		assert_int_equal(km_unload(&s, "kc"), 0);
		assert_int_equal(km_unload(&s, "kb"), 0);
		assert_int_equal(km_unload(&s, "ka"), 0);
		names_of(&s, a, &na);
		assert_int_equal(vnetsim_order_set(s.w, name, false), 0);
		names_of(&s, b, &nb);
		assert_int_equal(na, nb);
		km_close(&s, 0);
	}
}

static unsigned
at(struct st *s, const char *name)
{
	struct vnetsim_step step;

	for (unsigned n = 0; vnetsim_order_step(s->w, n, &step) == 0; n++)
		if (strcmp(step.name, name) == 0)
			return (n);
	fail_msg("no step %s", name);
	return (0);
}

/* Where they stand: by level, or at their slot. */
static void
places(void **state)
{
	struct st s;

	(void)state;
	km_open(&s, 0);
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(km_load(&s, &kb_kmod), 0);
	assert_true(at(&s, "ka shutdown") < at(&s, "socket shutdown"));
	assert_true(at(&s, "kb shutdown") > at(&s, "icmp shutdown"));
	assert_int_equal(at(&s, "kb shutdown") + 1, at(&s, "ip shutdown"));
	assert_int_equal(at(&s, "kb uninit") + 1, at(&s, "ip uninit"));
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-13", false), 0);
	assert_true(at(&s, "ka end") < at(&s, "tcp end"));
	assert_true(at(&s, "kb end") < at(&s, "ip end"));
	assert_true(at(&s, "kb end") > at(&s, "tcp end"));
	km_close(&s, 0);
}

/* Edits stay when a module comes and goes. */
static void
edited(void **state)
{
	struct st s;

	(void)state;
	km_open(&s, 0);
	assert_int_equal(vnetsim_order_edit(
			     s.w, VNETSIM_EDIT_MOVE, "ip shutdown", "quiesce"),
	    0);
	assert_int_equal(km_load(&s, &kb_kmod), 0);
	assert_true(at(&s, "ip shutdown") < at(&s, "quiesce"));
	assert_true(at(&s, "kb shutdown") < at(&s, "ip shutdown"));
	assert_int_equal(km_unload(&s, "kb"), 0);
	assert_true(at(&s, "ip shutdown") < at(&s, "quiesce"));
	st_close(&s);
}

/* Each step of a loaded module is left out in turn. */
static void
skipped(void **state)
{
	static const char *const steps[][2] = { { "top-down", "ka shutdown" },
		{ "top-down", "ka uninit" }, { "freebsd-13", "ka end" },
		{ "freebsd-9", "ka end" } };
	struct vnetsim_finding f;
	struct st s;
	unsigned named;

	(void)state;
	for (unsigned i = 0; i < nitems(steps); i++) {
		km_open(&s, 0);
		assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_int_equal(vnetsim_order_set(s.w, steps[i][0], false), 0);
		assert_int_equal(vnetsim_order_edit(
				     s.w, VNETSIM_EDIT_SKIP, steps[i][1], NULL),
		    0);
		assert_int_equal(st_remove(&s, "cli", 10000 * ST_S), 0);
		named = 0;
		for (unsigned n = 0; vnetsim_finding(s.w, n, &f) == 0; n++)
			named +=
			    f.module != NULL && strcmp(f.module, "ka") == 0;
		assert_true(named > 0);
		st_close(&s);
	}
}

/* ---- turns ---- */

/* A teardown begins after each event of a load, and of an unload. */
static void
end_meanwhile(void **state)
{
	vnetsim_handle op, gone;
	struct st s;
	bool unload;

	(void)state;
	for (unsigned n = 0; n < 60; n++) {
		km_open(&s, 2);
		unload = n >= 12;
		if (unload)
			assert_int_equal(km_load(&s, &ka_kmod), 0);
		assert_int_equal(unload ? vnetsim_kldunload(s.w, "ka", &op)
					: vnetsim_kldload(s.w, &ka_kmod, &op),
		    0);
		for (unsigned i = unload ? 12 : 0; i < n; i++)
			assert_true(vnetsim_step(s.w, INT64_MAX));
		assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &gone), 0);
		assert_int_equal(km_await(&s, gone), 0);
		assert_int_equal(km_await(&s, op), 0);
		assert_int_equal(plant.inits, unload ? 5 : plant.inits);
		km_close(&s, 0);
		assert_int_equal(plant.inits, plant.uninits);
	}
}

/* A load and an unload begin after each event of a teardown. */
static void
load_meanwhile(void **state)
{
	vnetsim_handle op[3], gone;
	const char *name;
	struct st s;

	(void)state;
	for (unsigned i = 0; (name = vnetsim_order_name(i)) != NULL; i++)
		for (unsigned n = 0; n < 60; n += 1 + n / 4) {
			km_open(&s, 1);
			assert_int_equal(
			    vnetsim_order_set(s.w, name, false), 0);
			assert_int_equal(km_load(&s, &ka_kmod), 0);
			assert_int_equal(
			    vnetsim_jail_remove(s.w, s.cli, &gone), 0);
			for (unsigned k = 0; k < n; k++)
				(void)vnetsim_step(s.w, INT64_MAX);
			assert_int_equal(
			    vnetsim_kldload(s.w, &kb_kmod, &op[0]), 0);
			assert_int_equal(
			    vnetsim_kldunload(s.w, "ka", &op[1]), 0);
			assert_int_equal(
			    vnetsim_kldload(s.w, &kc_kmod, &op[2]), 0);
			for (unsigned k = 0; k < 3; k++)
				assert_int_equal(km_await(&s, op[k]), 0);
			assert_int_equal(km_await(&s, gone), 0);
			km_close(&s, 0);
			assert_int_equal(plant.inits, plant.uninits);
		}
}

/*
 * Interfaces first: modules have begun to end, and then a socket that was
 * passed to another jail keeps the vnet.  A load cannot wait for ever; an
 * unload neither, and changes nothing.
 */
static void
no_turn(void **state)
{
	vnetsim_handle op, un, gone;
	struct vnetsim_kldinfo info;
	struct proc *from, *to;
	struct st s;
	int fd, passed;

	(void)state;
	km_open(&s, 1);
	assert_int_equal(vnetsim_order_set(s.w, "interfaces-first", false), 0);
	assert_int_equal(km_load(&s, &ka_kmod), 0);
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	(void)km_world(&s);
	from = handle_lookup(HANDLE_PROC, s.pcli);
	to = handle_lookup(HANDLE_PROC, s.phub);
	assert_int_equal(fdpass(from, fd, to, &passed), 0);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &gone), 0);
	st_run(&s, ST_S);
	assert_int_equal(km_world(&s)->w_kld.wk_ending, 1);
	assert_int_equal(vnetsim_kldload(s.w, &kb_kmod, &op), 0);
	assert_int_equal(vnetsim_kldunload(s.w, "ka", &un), 0);
	plant.slow = true;
	/* whoever else ends is not held up */
	assert_int_equal(st_remove(&s, "j0", 100 * ST_S), 0);
	assert_int_equal(km_await(&s, op), VE_TIMEDOUT);
	assert_int_equal(km_await(&s, un), VE_TIMEDOUT);
	assert_true(km_info(&s, "ka", &info));
	assert_int_equal(info.refs, 1);
	assert_false(km_info(&s, "kb", &info));
	/* nor is it for ever */
	assert_int_equal(vnetsim_close(s.w, s.phub, passed, NULL), 0);
	assert_int_equal(km_await(&s, gone), 0);
	assert_int_equal(km_load(&s, &kb_kmod), 0);
	assert_int_equal(km_unload(&s, "ka"), 0);
	km_close(&s, 0);
}

/* Five at once: in order of the calls, none lost. */
static void
queue(void **state)
{
	vnetsim_handle op[5];
	struct st s;

	(void)state;
	km_open(&s, 1);
	assert_int_equal(vnetsim_kldload(s.w, &ka_kmod, &op[0]), 0);
	assert_int_equal(vnetsim_kldload(s.w, &kb_kmod, &op[1]), 0);
	assert_int_equal(vnetsim_kldload(s.w, &kc_kmod, &op[2]), 0);
	assert_int_equal(km_await(&s, op[2]), 0);
	assert_int_equal(plant.inits, 12);
	assert_int_equal(vnetsim_kldunload(s.w, "ka", &op[3]), 0);
	assert_int_equal(vnetsim_kldunload(s.w, "kc", &op[4]), 0);
	assert_int_equal(km_await(&s, op[4]), 0);
	assert_int_equal(plant.uninits, 8);
	km_close(&s, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leak),
		cmocka_unit_test(leak_in_teardown),
		cmocka_unit_test(leak_in_world),
		cmocka_unit_test(late_callout),
		cmocka_unit_test(late_others),
		cmocka_unit_test(contracts),
		cmocka_unit_test(never_ends),
		cmocka_unit_test(claimed),
		cmocka_unit_test(orders),
		cmocka_unit_test(places),
		cmocka_unit_test(edited),
		cmocka_unit_test(skipped),
		cmocka_unit_test(end_meanwhile),
		cmocka_unit_test(load_meanwhile),
		cmocka_unit_test(no_turn),
		cmocka_unit_test(queue),
	};

	return (
	    cmocka_run_group_tests_name("kmod end", tests, NULL, NULL) ? 1 : 0);
}
