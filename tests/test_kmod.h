/*
 * test_kmod.h - modules to be loaded, each with everything a module can have.
 *
 * KM(name) defines one: a state with a callout that ticks, a task, an event
 * handler and an object, a contract after shutdown and one after uninit, a
 * sysctl, a zone per vnet and one of the world.  What goes wrong is planted
 * through `plant`, in one module and one vnet, or in all.
 */
#ifndef TESTS_TEST_KMOD_H
#define TESTS_TEST_KMOD_H

#include <stdio.h>
#include <string.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/kmod.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/netisr.h>
#include <vnetsim/kern/taskqueue.h>
#include "src/core/vnet_load.h"
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define KM_TICK (10 * ST_MS)

/* For arguments that go through a void pointer. */
static inline void *
unconst(const void *p)
{
	union {
		const void *c;
		void *v;
	} u = { p };

	return (u.v);
}

struct kobj {
	struct epoch_context ko_epoch;
	const struct vnet_module *ko_module;
};
static const struct field kobj_fields[] = {
	FIELD(struct kobj, ko_epoch, LINK),
	FIELD(struct kobj, ko_module, OPAQUE),
};

struct kst {
	struct callout ks_tick;
	struct task ks_work;
	struct eventhandler_entry *ks_evh;
	struct kobj *ks_obj; /* freed late, in shutdown */
	struct kobj *ks_own; /* freed in uninit */
	struct waitq ks_wq;
	uint32_t ks_ticks;
	int32_t ks_tun;
	uint32_t ks_count; /* zero after shutdown */
	uint32_t ks_late;  /* zero after uninit */
};
static const struct field kst_fields[] = {
	FIELD(struct kst, ks_tick, CALLOUT),
	FIELD(struct kst, ks_work, LINK),
	FIELD(struct kst, ks_evh, PTR),
	FIELD(struct kst, ks_obj, PTR),
	FIELD(struct kst, ks_own, PTR),
	FIELD(struct kst, ks_wq, LINK),
	FIELD_STAT(struct kst, ks_ticks, UINT),
	FIELD(struct kst, ks_tun, INT),
	FIELD(struct kst, ks_count, UINT),
	FIELD(struct kst, ks_late, UINT),
};
static const struct vnet_contract kst_contracts[] = {
	CONTRACT_SHUTDOWN(struct kst, ks_count),
	{ "ks_late", offsetof(struct kst, ks_late), 4, false },
};

/* What goes wrong, in vnet plant.vnet (UINT32_MAX: in each). */
static struct {
	const char *who; /* NULL: whichever module */
	uint32_t vnet;
	bool fail_init; /* with a deferred free */
	bool leak, worldleak, callout, task, evh, count, late, guard;
	bool slow; /* ticks once in 100 s, for hours of waiting */
	bool forever, waitlong, spin, redefer, rearm, op, allocs;
	unsigned inits, shutdowns, uninits, ticks;
} plant;

static inline bool
planted(const struct vnet_module *m, bool what)
{
	return (what &&
		(plant.who == NULL || strcmp(plant.who, m->vm_name) == 0) &&
		(plant.vnet == UINT32_MAX || plant.vnet == curvnet->v_id));
}

static inline struct kst *
km_self(const struct vnet_module *m)
{
	return (curvnet->v_state[vnet_modid(m)]);
}

static inline void
km_tick(void *arg)
{
	const struct vnet_module *m = arg;
	struct kst *s = km_self(m);

	plant.ticks++;
	s->ks_ticks++;
	(void)callout_reset(
	    &s->ks_tick, plant.slow ? 100 * ST_S : KM_TICK, km_tick, arg);
	(void)taskqueue_enqueue(TASKQ_SWI, &s->ks_work);
}

static inline void
km_work(void *arg, int pending)
{
	km_self(arg)->ks_ticks += (uint32_t)pending;
}

static inline void
km_heard(void *arg, void *obj, int value)
{
	(void)obj;
	(void)value;
	km_self(arg)->ks_ticks++;
}

static inline void
km_free(struct epoch_context *ctx)
{
	struct kobj *ko = (struct kobj *)(void *)ctx;
	const struct vnet_module *m = ko->ko_module;

	uma_zfree(m->vm_zones[0], ko);
}

/* Never ends: one round of deferred frees after the other. */
static inline void
km_again(struct epoch_context *ctx)
{
	NET_EPOCH_CALL(km_again, ctx);
}

static inline enum op_verdict
km_op_step(struct op *op)
{
	return (op_sleep(op, ST_S, "for a test"));
}
static const struct op_desc km_op = { .od_name = "km_op",
	.od_step = km_op_step };

static inline int
km_init(const struct vnet_module *m)
{
	struct kst *s = km_self(m);
	int id = vnet_modid(m);

	plant.inits++;
	assert_int_equal(s->ks_count, 0);
	s->ks_obj = uma_zalloc(m->vm_zones[0], M_ZERO);
	if (s->ks_obj == NULL)
		return (VE_NOMEM);
	s->ks_obj->ko_module = m;
	if (planted(m, plant.fail_init)) {
		NET_EPOCH_CALL(km_free, &s->ks_obj->ko_epoch);
		return (VE_NXIO);
	}
	s->ks_evh = eventhandler_register(EVH_IFNET_DEPARTURE, id, km_heard,
	    unconst(m), EVENTHANDLER_PRI_ANY);
	s->ks_own = uma_zalloc(m->vm_zones[0], M_ZERO);
	if (s->ks_evh == NULL || s->ks_own == NULL) {
		eventhandler_deregister(s->ks_evh);
		uma_zfree(m->vm_zones[0], s->ks_own);
		uma_zfree(m->vm_zones[0], s->ks_obj);
		return (VE_NOMEM);
	}
	callout_init(&s->ks_tick, id, "km.tick");
	(void)callout_reset(&s->ks_tick, KM_TICK, km_tick, unconst(m));
	task_init(&s->ks_work, id, "km.work", km_work, unconst(m));
	if (planted(m, plant.leak))
		(void)uma_zalloc(m->vm_zones[0], M_ZERO);
	if (planted(m, plant.worldleak)) {
		void *p = uma_zalloc(m->vm_zones[1], M_ZERO);

		if (p != NULL)
			uma_chown(p, NULL);
	}
	if (planted(m, plant.op))
		(void)op_start(&km_op, curvnet, NULL, NULL);
	s->ks_tun = 7;
	s->ks_count = 1;
	s->ks_late = 1;
	return (0);
}

static inline bool
km_never(struct op *op)
{
	(void)op;
	return (false);
}

static inline enum op_verdict
km_shutdown(const struct vnet_module *m, struct op *op)
{
	struct kst *s = km_self(m);

	if (op->op_arg[1] == 0)
		plant.shutdowns++;
	op->op_arg[1] = 1;
	if (planted(m, plant.forever))
		return (op_wait(op, &s->ks_wq, km_never, 0,
		    "for what never comes", s->ks_obj));
	if (planted(m, plant.waitlong) && !op->op_timedout)
		return (op_wait(op, &s->ks_wq, km_never, ST_S,
		    "for what does not come", s->ks_obj));
	if (planted(m, plant.spin))
		return (OP_NEXT);
	if (!planted(m, plant.evh) && s->ks_evh != NULL) {
		eventhandler_deregister(s->ks_evh);
		s->ks_evh = NULL;
	}
	if (!planted(m, plant.callout) && !callout_drain(&s->ks_tick, op))
		return (OP_WAIT);
	if (planted(m, plant.task))
		(void)taskqueue_enqueue(TASKQ_SWI, &s->ks_work);
	else if (!taskqueue_drain(&s->ks_work, op))
		return (OP_WAIT);
	if (!net_epoch_wait(op))
		return (OP_WAIT);
	if (planted(m, plant.redefer))
		NET_EPOCH_CALL(km_again, &s->ks_obj->ko_epoch);
	else
		NET_EPOCH_CALL(km_free, &s->ks_obj->ko_epoch);
	s->ks_obj = NULL;
	if (!planted(m, plant.count))
		s->ks_count = 0;
	return (OP_DONE);
}

static inline void
km_uninit(const struct vnet_module *m)
{
	struct kst *s = km_self(m);

	plant.uninits++;
	uma_zfree(m->vm_zones[0], s->ks_own);
	if (!planted(m, plant.late))
		s->ks_late = 0;
	if (planted(m, plant.guard))
		((char *)(s + 1))[0] ^= 1;
	if (planted(m, plant.rearm))
		(void)callout_reset(&s->ks_tick, KM_TICK, km_tick, unconst(m));
}

#define KM_VERBS(name)                                                         \
	VNET_STATE_LOADED(name, struct kst);                                   \
	static int name##_init(void)                                           \
	{                                                                      \
		int error;                                                     \
                                                                               \
		error = km_init(&vnet_module_##name);                          \
		assert_ptr_equal(&VNET(name), km_self(&vnet_module_##name));   \
		return (error);                                                \
	}                                                                      \
	static enum op_verdict name##_shutdown(struct op *op)                  \
	{                                                                      \
		return (km_shutdown(&vnet_module_##name, op));                 \
	}                                                                      \
	static void name##_uninit(void)                                        \
	{                                                                      \
		km_uninit(&vnet_module_##name);                                \
	}                                                                      \
	static UMA_ZONE(name##_zone, LOADED, 0, struct kobj, 0, kobj_fields);  \
	static UMA_ZONE(                                                       \
	    name##_world, LOADED, 1, struct kobj, UMA_WORLD, kobj_fields);     \
	static const struct uma_zone *const name##_zones[] = { &name##_zone,   \
		&name##_world };                                               \
	static const struct sysctl_oid name##_oids[] = { SYSCTL_VNET(          \
	    "net.km." #name, INT, RW, struct kst, ks_tun, 0, 9, "a tunable") }

#define KM_BODY(name)                                                          \
	.vm_name = #name, .vm_id = VNET_MOD_LOADED,                            \
	.vm_abi = VNETSIM_KERN_ABI, .vm_size = sizeof(struct kst),             \
	.vm_sub = SI_SUB_PROTO_END, .vm_order = SI_ORDER_ANY,                  \
	.vm_init = name##_init, .vm_shutdown = name##_shutdown,                \
	.vm_uninit = name##_uninit, .vm_fields = kst_fields,                   \
	.vm_nfields = nitems(kst_fields), .vm_contracts = kst_contracts,       \
	.vm_ncontracts = nitems(kst_contracts), .vm_zones = name##_zones,      \
	.vm_nzones = nitems(name##_zones), .vm_sysctls = name##_oids,          \
	.vm_nsysctls = nitems(name##_oids)

#define KM(name, ...)                                                          \
	KM_VERBS(name);                                                        \
	VNET_MODULE(name) = { KM_BODY(name), __VA_ARGS__ };                    \
	static VNETSIM_KMOD_NAMED(name##_kmod, name, "1.0")

/* ---- a world to load them into ---- */

static inline struct world *
km_world(const struct st *s)
{
	struct world *w = (struct world *)s->w;

	world_enter(w);
	return (w);
}

/* Host, hub, cli with a wire and @more jails; nothing is planted. */
static inline void
km_open(struct st *s, unsigned more)
{
	char name[16];

	memset(s, 0, sizeof(*s));
	memset(&plant, 0, sizeof(plant));
	plant.vnet = UINT32_MAX;
	assert_true(st_open(s, NULL));
	st_setup(s);
	for (unsigned i = 0; i < more; i++) {
		struct vnetsim_jail_params jp = {
			.name = name, .vnet = true, .persist = true
		};
		vnetsim_handle h;

		snprintf(name, sizeof(name), "j%u", i);
		assert_int_equal(vnetsim_jail_create(s->w, &jp, &h), 0);
	}
	st_run(s, 10 * ST_MS);
}

/* Run until it is done.  Return: its result. */
static inline int
km_await(struct st *s, vnetsim_handle op)
{
	return (st_await(s, op, 20000 * ST_S));
}

static inline int
km_load(struct st *s, const struct vnetsim_kmod *km)
{
	vnetsim_handle op;
	int error;

	error = vnetsim_kldload(s->w, km, &op);
	return (error != 0 ? error : km_await(s, op));
}

static inline int
km_unload(struct st *s, const char *name)
{
	vnetsim_handle op;
	int error;

	error = vnetsim_kldunload(s->w, name, &op);
	return (error != 0 ? error : km_await(s, op));
}

static inline bool
km_info(struct st *s, const char *name, struct vnetsim_kldinfo *info)
{
	for (unsigned n = 0; vnetsim_kld_next(s->w, n, info) == 0; n++)
		if (strcmp(info->name, name) == 0)
			return (true);
	return (false);
}

static inline uint64_t
km_hash(struct st *s)
{
	(void)km_world(s);
	return (world_hash(NULL, 0));
}

/* The first finding of this kind; fails the test if there is none. */
static inline struct vnetsim_finding
km_finding(struct st *s, const char *oracle, const char *kind)
{
	struct vnetsim_finding f;

	for (unsigned n = 0; vnetsim_finding(s->w, n, &f) == 0; n++)
		if (strcmp(f.oracle, oracle) == 0 && strcmp(f.kind, kind) == 0)
			return (f);
	st_print(s);
	fail_msg("no finding %s.%s", oracle, kind);
	return (f);
}

/* Everything goes; nothing but @expect findings. */
static inline void
km_close(struct st *s, unsigned expect)
{
	unsigned n = st_finish(s);

	if (n != expect)
		st_print(s);
	assert_int_equal(n, expect);
	st_close(s);
}

#endif /* !TESTS_TEST_KMOD_H */
