/*
 * test_vnet.c - the vnet framework, and what it catches.
 *
 * Three modules, at three slots, each with state, an object, a callout, a
 * task, an event handler and a deferred free.  Faults are planted through
 * `plant`: every module's init fails in turn, every allocation fails in turn,
 * each kind of leftover is left by each module.
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/core/vnet_sysinit.h"
#include "tests/lib/tworld.h"

#define NMOD 3

struct tobj {
	struct epoch_context to_epoch;
	uint64_t to_n;
};
static const struct field tobj_fields[] = {
	FIELD(struct tobj, to_epoch, LINK),
	FIELD(struct tobj, to_n, UINT),
};
struct tstate {
	struct callout ts_callout;
	struct task ts_task;
	struct eventhandler_entry *ts_evh;
	struct tobj *ts_obj;
	struct ref ts_other; /* module 0's object, held by the others */
	uint32_t ts_count;
	uint32_t ts_late;
};
static const struct field tstate_fields[] = {
	FIELD(struct tstate, ts_callout, CALLOUT),
	FIELD(struct tstate, ts_task, LINK),
	FIELD(struct tstate, ts_evh, PTR),
	FIELD(struct tstate, ts_obj, PTR),
	FIELD(struct tstate, ts_other, REF),
	FIELD(struct tstate, ts_count, UINT),
	FIELD(struct tstate, ts_late, UINT),
};

/* What goes wrong; all zero: nothing. */
static struct {
	int failinit;                                        /* module + 1 */
	int leave_callout, leave_task, leave_evh, leave_obj; /* module + 1 */
	int leave_count, leave_late, overwrite;
	bool shutdown_waits;
} plant;
static char order[256];
static const int ids[NMOD] = { VNET_MOD_ip, VNET_MOD_udp, VNET_MOD_tcp };

static const struct uma_zone z_ip, z_udp, z_tcp;
static const struct uma_zone *const zone_of[NMOD] = { &z_ip, &z_udp, &z_tcp };
static UMA_ZONE(z_ip, ip, 0, struct tobj, 0, tobj_fields);
static UMA_ZONE(z_udp, udp, 0, struct tobj, 0, tobj_fields);
static UMA_ZONE(z_tcp, tcp, 0, struct tobj, 0, tobj_fields);

static void
note(const char *what, int k)
{
	size_t n;

	n = strlen(order);
	snprintf(order + n, sizeof(order) - n, "%s%d ", what, k);
}

static struct tstate *
st(int k)
{
	return (curvnet->v_state[ids[k]]);
}

static void
tick(void *arg)
{
	(void)arg;
}

static void
work(void *arg, int pending)
{
	(void)arg;
	(void)pending;
}

static void
heard(void *arg, void *obj, int value)
{
	(void)arg;
	(void)obj;
	(void)value;
}

static void
obj_free(struct epoch_context *ctx)
{
	int k;

	for (k = 0; k < NMOD; k++)
		if (uma_check(zone_of[k], ctx))
			uma_zfree(zone_of[k], ctx);
}

static int
t_init(int k)
{
	struct tstate *s = st(k);

	note("+", k);
	assert_int_equal(s->ts_count, 0);
	s->ts_obj = uma_zalloc(zone_of[k], M_ZERO);
	if (s->ts_obj == NULL)
		return (VE_NOMEM);
	s->ts_evh = eventhandler_register(
	    EVH_IFNET_LINK, ids[k], heard, NULL, EVENTHANDLER_PRI_ANY);
	if (s->ts_evh == NULL) {
		uma_zfree(zone_of[k], s->ts_obj);
		return (VE_NOMEM);
	}
	if (plant.failinit == k + 1) {
		eventhandler_deregister(s->ts_evh);
		/* frees late, as an interface would */
		NET_EPOCH_CALL(obj_free, &s->ts_obj->to_epoch);
		return (VE_BUSY);
	}
	callout_init(&s->ts_callout, ids[k], "t.tick");
	callout_reset(&s->ts_callout, NS_S, tick, NULL);
	task_init(&s->ts_task, ids[k], "t.work", work, NULL);
	(void)taskqueue_enqueue(TASKQ_SWI, &s->ts_task);
	if (k > 0)
		ref_take(&s->ts_other, st(0)->ts_obj, "ts_other");
	s->ts_count = 1;
	s->ts_late = 1;
	return (0);
}

static enum op_verdict
t_shutdown(struct op *op, int k)
{
	struct tstate *s = st(k);

	assert_int_equal(curvnet->v_shut & DOOR_INWARD, DOOR_INWARD);
	if (op->op_pc == 0)
		note("-", k);
	if (plant.leave_callout != k + 1 && !callout_drain(&s->ts_callout, op))
		return (OP_WAIT);
	if (plant.leave_task != k + 1 && !taskqueue_drain(&s->ts_task, op)) {
		op->op_pc++;
		return (OP_WAIT);
	}
	op->op_pc = 0;
	if (plant.shutdown_waits && s->ts_obj != NULL && s->ts_count != 0) {
		s->ts_count = 0;
		op->op_pc = 1;
		return (net_epoch_wait(op) ? OP_NEXT : OP_WAIT);
	}
	if (plant.leave_evh != k + 1)
		eventhandler_deregister(s->ts_evh);
	if (!ref_empty(&s->ts_other))
		(void)ref_drop(&s->ts_other);
	if (plant.leave_count != k + 1)
		s->ts_count = 0;
	return (OP_DONE);
}

static void
t_uninit(int k)
{
	struct tstate *s = st(k);

	note("~", k);
	if (plant.leave_obj != k + 1)
		NET_EPOCH_CALL(obj_free, &s->ts_obj->to_epoch);
	if (plant.leave_late != k + 1)
		s->ts_late = 0;
	if (plant.overwrite == k + 1)
		((char *)(s + 1))[0] ^= 1;
}

static const struct vnet_contract contracts[] = {
	CONTRACT_SHUTDOWN(struct tstate, ts_count),
	{ "ts_late", offsetof(struct tstate, ts_late), 4, false },
};

static void
second_init(const void *arg)
{
	note("s", *(const int *)arg);
}

static void
second_uninit(const void *arg)
{
	note("u", *(const int *)arg);
}
static const int nine = 9;
static const struct vnet_sysinit sysinits[] = { VNET_SYSINIT(
    second, SI_SUB_PROTO_END, SI_ORDER_ANY, second_init, &nine) };
static const struct vnet_sysinit sysuninits[] = { VNET_SYSUNINIT(
    second, SI_SUB_PROTO_END, SI_ORDER_ANY, second_uninit, &nine) };

#define T_MODULE(k, name, sub, order, ...)                                     \
	static int name##_init(void)                                           \
	{                                                                      \
		return (t_init(k));                                            \
	}                                                                      \
	static enum op_verdict name##_shutdown(struct op *op)                  \
	{                                                                      \
		return (t_shutdown(op, k));                                    \
	}                                                                      \
	static void name##_uninit(void)                                        \
	{                                                                      \
		t_uninit(k);                                                   \
	}                                                                      \
	static const struct uma_zone *const name##_zones[] = { &z_##name };    \
	static const struct vnet_module mod_##name = { .vm_name = #name,       \
		.vm_id = VNET_MOD_##name,                                      \
		.vm_abi = VNETSIM_KERN_ABI,                                    \
		.vm_size = sizeof(struct tstate),                              \
		.vm_sub = sub,                                                 \
		.vm_order = order,                                             \
		.vm_fields = tstate_fields,                                    \
		.vm_nfields = nitems(tstate_fields),                           \
		.vm_contracts = contracts,                                     \
		.vm_ncontracts = nitems(contracts),                            \
		.vm_zones = name##_zones,                                      \
		.vm_nzones = 1,                                                \
		.vm_init = name##_init,                                        \
		.vm_shutdown = name##_shutdown,                                \
		.vm_uninit = name##_uninit,                                    \
		__VA_ARGS__ }
T_MODULE(0, ip, SI_SUB_PROTO_DOMAIN, SI_ORDER_THIRD, .vm_sysinits = sysinits,
    .vm_nsysinits = 1, .vm_sysuninits = sysuninits, .vm_nsysuninits = 1);
T_MODULE(1, udp, SI_SUB_PROTO_DOMAIN, SI_ORDER_FOURTH, .vm_level = 0);
T_MODULE(2, tcp, SI_SUB_PROTO_DOMAIN, SI_ORDER_FOURTH, .vm_level = 0);

/* In another order than that of their slots. */
static const struct vnet_module *const mods[] = { &mod_udp, &mod_tcp, &mod_ip,
	NULL };

static int
setup(void **state)
{
	memset(&plant, 0, sizeof(plant));
	*state = tw_create(mods);
	order[0] = '\0';
	return (0);
}

static int
teardown(void **state)
{
	tw_destroy(*state);
	return (0);
}

static void
modules_start_ascending_and_end_descending(void **state)
{
	struct world *w = *state;
	struct prison *pr;

	pr = tw_jail("a");
	/* equal slots in order of the list: udp before tcp */
	assert_string_equal(order, "+0 +1 +2 s9 ");
	assert_int_equal(pr->pr_vnet->v_inited, VNET_MODBIT(VNET_MOD_ip) |
						    VNET_MODBIT(VNET_MOD_udp) |
						    VNET_MODBIT(VNET_MOD_tcp));
	order[0] = '\0';
	assert_int_equal(prison_remove(pr), 0);
	(void)tw_run(w);
	assert_string_equal(order, "-2 -1 -0 ~2 ~1 ~0 ");
	assert_int_equal(w->w_nvnets, 1);
}

static void
vnets_are_walked_newest_first(void **state)
{
	struct prison *a, *b;
	struct vnet *v;
	uint64_t h;

	(void)state;
	a = tw_jail("a");
	b = tw_jail("b");
	v = vnet_first();
	assert_ptr_equal(v, b->pr_vnet);
	v = LIST_NEXT(v, vnet_le);
	assert_ptr_equal(v, a->pr_vnet);
	v = LIST_NEXT(v, vnet_le);
	assert_int_equal(v->v_id, 0);
	assert_null(LIST_NEXT(v, vnet_le));
	assert_ptr_equal(vnet_byid(1), a->pr_vnet);
	assert_null(vnet_byid(3));
	h = a->pr_vnet->v_handle;
	assert_ptr_equal(handle_lookup(HANDLE_VNET, h), a->pr_vnet);
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(curworld());
	assert_null(handle_lookup(HANDLE_VNET, h));
	assert_null(vnet_byid(1));
	assert_ptr_equal(vnet_byid(2), b->pr_vnet);
}

/* What a failed prison_create() must leave as it was. */
static uint64_t
everything(void)
{
	return (world_hash(NULL, HASH_TIMES | HASH_SERIALS));
}

static void
a_failing_init_leaves_no_trace(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	char want[64];
	uint64_t h;
	int k, i;

	(void)tw_jail("before");
	(void)world_step(w, 100 * NS_MS);
	h = everything();
	for (k = 0; k < NMOD; k++) {
		plant.failinit = k + 1;
		order[0] = '\0';
		assert_int_equal(prison_create(w->w_jail.wj_prison0, "x",
				     PR_PERSIST | PR_VNET, 0, &pr),
		    VE_BUSY);
		want[0] = '\0';
		for (i = 0; i <= k; i++)
			sprintf(want + strlen(want), "+%d ", i);
		for (i = k; i-- > 0;)
			sprintf(want + strlen(want), "-%d ", i);
		for (i = k; i-- > 0;)
			sprintf(want + strlen(want), "~%d ", i);
		assert_string_equal(order, want);
		assert_true(everything() == h);
		assert_int_equal(w->w_nvnets, 2);
		assert_int_equal(w->w_nextvnet, 2);
		assert_null(prison_find("x", true));
	}
	plant.failinit = 0;
	pr = tw_jail("x");
	assert_int_equal(pr->pr_vnet->v_id, 2);
	assert_int_equal(pr->pr_id, 2);
}

static void
verbs_that_wait_are_undone_at_once(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	uint64_t h;

	plant.failinit = 3;
	plant.shutdown_waits = true;
	(void)world_step(w, 100 * NS_MS);
	h = everything();
	assert_int_equal(prison_create(w->w_jail.wj_prison0, "x",
			     PR_PERSIST | PR_VNET, 0, &pr),
	    VE_BUSY);
	assert_true(everything() == h);
	plant.failinit = 0;
}

static void
every_allocation_may_fail(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	uint64_t h, n;
	int error;

	(void)tw_jail("before");
	(void)world_step(w, 100 * NS_MS);
	h = everything();
	for (n = 1;; n++) {
		mem_fail_set(w, n, n & 1);
		error = prison_create(
		    w->w_jail.wj_prison0, "x", PR_PERSIST | PR_VNET, 0, &pr);
		if (error == 0)
			break;
		assert_true(w->w_mem.wm_consumed);
		assert_int_equal(error, VE_NOMEM);
		assert_true(everything() == h);
		assert_int_equal(w->w_nvnets, 2);
	}
	assert_false(w->w_mem.wm_consumed);
	assert_true(n > 10);
	mem_fail_set(w, 0, false);
}

static void
late_work_names_the_guilty(void **state)
{
	struct world *w = *state;
	const struct finding *fi;
	int k;

	for (k = 0; k < NMOD; k++) {
		memset(&plant, 0, sizeof(plant));
		plant.leave_callout = plant.leave_evh = k + 1;
		assert_int_equal(prison_remove(tw_jail("a")), 0);
		(void)tw_run(w);
		fi = finding_get(w, (uint32_t)k * 2);
		assert_non_null(fi);
		assert_int_equal(fi->fi_mod, ids[k]);
		assert_string_equal(fi->fi_kind, "callout");
		fi = finding_get(w, (uint32_t)k * 2 + 1);
		assert_int_equal(fi->fi_mod, ids[k]);
		assert_string_equal(fi->fi_kind, "handler");
		/* and the teardown went on to its end */
		assert_null(prison_find("a", true));
	}
	assert_int_equal(tw_finding(w, ORACLE_ORDER, "callout"), NMOD);
	assert_int_equal(tw_finding(w, ORACLE_ORDER, "handler"), NMOD);
	assert_null(finding_get(w, 2 * NMOD));
}

/* In the undoing nothing runs in between, so a task can be left, too. */
static void
late_work_is_found_in_the_undoing(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	uint64_t h;

	h = everything();
	plant.failinit = 3;
	plant.leave_task = 2;
	plant.leave_callout = 1;
	plant.leave_count = 2;
	plant.leave_late = 1;
	assert_int_equal(prison_create(w->w_jail.wj_prison0, "x",
			     PR_PERSIST | PR_VNET, 0, &pr),
	    VE_BUSY);
	assert_int_equal(tw_finding(w, ORACLE_ORDER, "task"), 1);
	assert_int_equal(tw_finding(w, ORACLE_ORDER, "callout"), 1);
	/* ts_count is looked at twice */
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "contract"), 3);
	assert_true(everything() == h);
}

static void
contracts_and_leaks_name_module_and_birth(void **state)
{
	struct world *w = *state;
	const struct finding *fi;

	plant.leave_count = 1;
	plant.leave_late = 2;
	plant.leave_obj = 3;
	assert_int_equal(prison_remove(tw_jail("a")), 0);
	(void)tw_run(w);
	/* ts_count is looked at again after uninit */
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "contract"), 3);
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "leak"), 1);
	fi = finding_get(w, 0);
	assert_int_equal(fi->fi_mod, VNET_MOD_ip);
	assert_non_null(strstr(fi->fi_text, "ts_count of module ip"));
	fi = finding_get(w, 1);
	assert_int_equal(fi->fi_mod, VNET_MOD_udp);
	assert_non_null(strstr(fi->fi_text, "after its uninit"));
	fi = finding_get(w, 2);
	assert_int_equal(fi->fi_mod, VNET_MOD_tcp);
	assert_string_equal(fi->fi_zone, "tobj");
	assert_non_null(strstr(fi->fi_birth, "test_vnet.c:"));
	assert_null(finding_get(w, 3));
}

static void
a_write_beyond_the_state_is_found(void **state)
{
	struct world *w = *state;
	struct prison *pr;
	int k, mod;

	for (k = 0; k < NMOD; k++) {
		plant.overwrite = k + 1;
		pr = tw_jail("a");
		assert_true(vnet_guards_ok(pr->pr_vnet, &mod));
		assert_int_equal(prison_remove(pr), 0);
		(void)tw_run(w);
		assert_int_equal(finding_get(w, (uint32_t)k)->fi_mod, ids[k]);
	}
	assert_int_equal(tw_finding(w, ORACLE_LIFETIME, "guard"), NMOD);
}

/* ---- doors ---- */

static void
a_shut_door_changes_nothing(void **state)
{
	struct vnet *v;
	struct vnet_frame f, g;

	(void)state;
	v = tw_jail("a")->pr_vnet;
	v->v_shut = DOOR_INWARD;
	assert_false(vnet_enter(&f, v, DOOR_USER, VNET_MOD_udp));
	assert_false(vnet_enter(&f, v, DOOR_TIME, VNET_MOD_udp));
	assert_null(curvnet);
	assert_null(kctx->kc_door);
	assert_true(vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_udp));
	assert_ptr_equal(curvnet, v);
	assert_ptr_equal(kctx->kc_door, vnet_door_name(DOOR_LIFE));
	assert_int_equal(kctx->kc_mod, VNET_MOD_udp);
	vnet_switch(&g, curworld()->w_vnet0);
	assert_int_equal(curvnet->v_id, 0);
	vnet_leave(&g);
	assert_ptr_equal(curvnet, v);
	vnet_leave(&f);
	assert_null(curvnet);
	assert_int_equal(kctx->kc_mod, VNET_MOD_core);
	v->v_shut = 0;
}

static void
enter_wrong(void *arg)
{
	struct vnet_frame f;

	(void)vnet_enter(&f, arg, DOOR_USER, VNET_MOD_udp);
}

static void
start_again(void *arg)
{
	(void)vnet_sysinit(arg);
}

static void
free_without_fini(void *arg)
{
	vnet_free(arg);
}

static void
what_is_no_vnet_panics(void **state)
{
	uint32_t junk[64] = { 0 };

	(void)state;
	assert_true(tw_panics(enter_wrong, junk, "not a live vnet"));
	assert_true(tw_panics(enter_wrong, NULL, "not a live vnet"));
}

static void
a_second_init_panics(void **state)
{
	struct vnet *v;

	(void)state;
	v = tw_jail("a")->pr_vnet;
	assert_true(tw_panics(start_again, v, "is started twice in vnet a"));
	curvnet = NULL;
}

static void
free_before_fini_panics(void **state)
{
	struct vnet *v;

	(void)state;
	v = tw_jail("a")->pr_vnet;
	assert_true(tw_panics(free_without_fini, v, "without vnet_fini()"));
}

/* The same state after many cycles as after the first. */
static void
cycles_leave_nothing_behind(void **state)
{
	struct world *w = *state;
	uint64_t h, bytes;
	int i;

	h = bytes = 0;
	for (i = 0; i < 300; i++) {
		assert_int_equal(prison_remove(tw_jail("a")), 0);
		(void)tw_run(w);
		if (i == 0) {
			h = world_hash(NULL, 0);
			bytes = w->w_mem.wm_total;
		}
	}
	assert_true(world_hash(NULL, 0) == h);
	assert_int_equal(w->w_mem.wm_total, bytes);
	assert_int_equal(w->w_nextvnet, 301);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(modules_start_ascending_and_end_descending),
		T(vnets_are_walked_newest_first),
		T(a_failing_init_leaves_no_trace),
		T(verbs_that_wait_are_undone_at_once),
		T(every_allocation_may_fail),
		T(late_work_names_the_guilty),
		T(late_work_is_found_in_the_undoing),
		T(contracts_and_leaks_name_module_and_birth),
		T(a_write_beyond_the_state_is_found),
		T(a_shut_door_changes_nothing),
		T(what_is_no_vnet_panics),
		T(a_second_init_panics),
		T(free_before_fini_panics),
		T(cycles_leave_nothing_behind),
	};

	return (cmocka_run_group_tests_name("vnet", tests, NULL, NULL) ? 1 : 0);
}
