/*
 * vnet_var.h - core's own view of the vnet framework.
 *
 * For the teardown (src/teardown), which runs the verbs as steps, and for
 * core.  Who may call a verb: vnet_sysinit.c when a vnet is made or its
 * making is undone, and the teardown; both through the functions below, which
 * pass door LIFE, keep v_inited and v_letgo, and check what the verb left.
 */
#ifndef SRC_CORE_VNET_VAR_H
#define SRC_CORE_VNET_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/drop.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/vnet.h>

struct world;

/* uz_local of the zones of module core; core_module.c lists them. */
enum core_zone {
	CORE_Z_MBUF,
	CORE_Z_MCL,
	CORE_Z_PRISON,
	CORE_Z_PRUSE,
	CORE_Z_UCRED,
	CORE_Z_PROC,
	CORE_Z_FDTABLE,
	CORE_Z_FILE,
	CORE_Z_EVH,    /* eventhandler_entry */
	CORE_Z_COLD,   /* struct vnet_cold */
	CORE_Z_USER,   /* world_user_alloc() */
	CORE_Z_HASH,   /* tables of uthash */
	CORE_Z_OP,     /* op.c */
	CORE_Z_ISR,    /* netisr.c: struct vnet_isr */
	CORE_Z_OPDATA, /* op.c: bytes that an op brings back */
	CORE_Z_VNET,   /* struct vnet itself */
	CORE_Z_DATA,   /* the states of built-in modules, one blob */
	CORE_Z_LOADED, /* the state of one loaded module */
	CORE_Z_GONE,   /* types of modules that are gone */
	CORE_Z_N,
};
extern const struct uma_zone prison_zone, pruse_zone, ucred_zone, proc_zone;
extern const struct uma_zone fdtable_zone, file_zone, eventhandler_zone;
extern const struct uma_zone vnet_cold_zone, world_user_zone, uthash_zone;
extern const struct uma_zone op_zone, op_data_zone, vnet_isr_zone;
extern const struct uma_zone vnet_zone, vnet_data_zone, vnet_loaded_zone;
extern const struct uma_zone mem_gone_zone;
VNET_MODULE_DECLARE(core);

/* Drop counters of one vnet, at the first drop. */
struct vnet_cold {
	uint32_t vc_drop[DROP_N]; /* saturating */
};

/* State of module core in each vnet: who listens to what. */
struct vnet_core {
	struct eventhandler_entry *vc_evh[EVH_N]; /* by priority */
	uint16_t vc_invoking[EVH_N];              /* nesting of invoke */
	uint16_t vc_pad[3];
	uint32_t vc_pad2;
};
VNET_STATE(core, struct vnet_core);
#define V_core VNET(core)

#define VNET_SLOT_MAX 128 /* inits, sysinits of all modules of a world */

/* One constructor or one destructor, at its slot. */
struct vnet_slot {
	uint32_t sl_sub, sl_order;
	const struct vnet_sysinit *sl_sysinit; /* NULL: the module's own verb */
	uint8_t sl_mod;
};

/* Modules of a world, sorted; part of struct world. */
struct world_modules {
	struct vnet_slot wm_init[VNET_SLOT_MAX]; /* ascending */
	uint32_t wm_ninit;
	uint32_t wm_stateoff[VNET_MOD_MAX]; /* in the blob, bytes */
	uint32_t wm_statesize;              /* of the blob with its guards */
	uint64_t wm_known;    /* VNET_MODBIT: there is a descriptor */
	uint64_t wm_registry; /* of them, others register there */
};

/**
 * world_modules_init() - register modules, their zones and their slots
 * @w:		world; w_cfg.wc_modules is set
 *
 * Panics on what is a programmer's mistake: an id twice, an unknown ABI, a
 * zone at the wrong index, too many of anything.
 */
void world_modules_init(struct world *w);

/**
 * world_setmod() - a descriptor comes, or (NULL) goes
 * @w:		world
 * @mod:	enum vnet_modid
 * @m:		constant
 *
 * The only writer of w_mod, wm_known and wm_registry.
 */
void world_setmod(struct world *w, int mod, const struct vnet_module *m);

/* @mod goes through the ids in a set of VNET_MODBITs, upwards; @set is used
 * up. */
#define VNET_MOD_FOREACH(mod, set)                                             \
	for (; (set) != 0 && ((mod) = (int)ctz64(set), true); (set) &= (set)-1)

/**
 * vnet_destroy_begins() - destructors begin: sets vnet_shutdown
 * @v:	live vnet
 *
 * The only writer of that flag; called where vnet_destroy() sets it.
 */
void vnet_destroy_begins(struct vnet *v);

/**
 * vnet_door_name() - text of a door, as in kc_door
 * @door:	enum vnet_door
 *
 * Return:	constant, the same pointer every time.
 */
const char *vnet_door_name(enum vnet_door door);

/**
 * vnet_module() - descriptor by id, in the current world
 * @mod:	enum vnet_modid
 *
 * Return:	descriptor, NULL if this world has no such module.
 */
const struct vnet_module *vnet_module(int mod);

/**
 * vnet_alloc() - a new vnet with all modules initialised
 * @name:	its jail's full name; copied
 * @pr:		its prison, borrowed
 * @vp:		out
 *
 * Modules start ascending by (sub, order); equal ones in order of the list.
 * The vnet is on the world's list only when all have started.
 * Return:	0; VE_NOMEM; or the errno of a module's init, with everything
 *		undone: the earlier modules in reverse, by shutdown and uninit.
 */
int vnet_alloc(const char *name, struct prison *pr, struct vnet **vp);

/**
 * vnet_free() - the memory of a vnet goes; last act of its teardown
 * @v:		off door and stack; whatever is in it is gone with it
 *
 * Poisons, recycles the extents, makes its handle stale.
 */
void vnet_free(struct vnet *v);

/**
 * vnet_fini() - what the framework itself keeps in a vnet goes
 * @v:		all modules are uninited, or were never inited
 *
 * Cold statistics, packet queues, the states of all modules (V_name is not
 * readable afterwards).  A broken guard between two states and a handler that
 * a module forgot are findings.  Call it between drain and audit.
 */
void vnet_fini(struct vnet *v);

/**
 * vnet_mod_init() - run the init verb and the sysinits of a module
 * @v:		vnet, on the list
 * @mod:	module, not initialised there
 *
 * Return:	0; VE_NOMEM; the errno of its init.  On failure its state stays
 *		for what it has deferred: vnet_state_free() is due.
 */
int vnet_mod_init(struct vnet *v, int mod);

/**
 * vnet_mod_end() - run the uninit verb and the sysuninits of a module
 * @v:		vnet
 * @mod:	initialised module
 *
 * In reverse order of what vnet_mod_init() ran.
 */
void vnet_mod_end(struct vnet *v, int mod);

/**
 * vnet_state_alloc() - memory for the state of a module in a vnet
 * @v:		vnet
 * @mod:	module; v_state is NULL
 *
 * Return:	0, v_state is set if it has a state; VE_NOMEM.
 */
int vnet_state_alloc(struct vnet *v, int mod);

/**
 * vnet_state_free() - the state of a loaded module in a vnet goes
 * @v:		vnet
 * @mod:	loaded module
 *
 * V_name is not readable afterwards.  A broken guard is a finding.
 */
void vnet_state_free(struct vnet *v, int mod);

/* Constructors of a loaded module: into the table of slots, and out of it. */
void vnet_slots_add(struct world *w, int mod);
void vnet_slots_remove(struct world *w, int mod);

/**
 * vnet_mod_shutdown() - run the shutdown verb once
 * @v:		vnet
 * @mod:	initialised module
 * @op:		the op that the verb may wait with
 *
 * Return:	its verdict; OP_DONE also sets the v_letgo bit.  A module
 *		without the verb answers OP_DONE.
 */
enum op_verdict vnet_mod_shutdown(struct vnet *v, int mod, struct op *op);

/**
 * vnet_mod_farewell() - run the farewell verb once
 * @v:		vnet
 * @mod:	initialised module
 * @op:		the op that the verb may wait with
 *
 * Return:	its verdict; OP_DONE for a module without one.
 */
enum op_verdict vnet_mod_farewell(struct vnet *v, int mod, struct op *op);

/**
 * vnet_mod_uninit() - run the uninit verb
 * @v:		vnet
 * @mod:	initialised module; its v_inited bit is cleared
 *
 * The state stays readable for the contracts until vnet_fini().
 */
void vnet_mod_uninit(struct vnet *v, int mod);

/**
 * vnet_check_shutdown() - is anything of a module still armed or queued?
 * @v:		vnet
 * @mod:	module whose shutdown is done
 *
 * Findings (ORACLE_ORDER) for callouts, tasks, packets, handlers, which are
 * then removed, and (ORACLE_LEAK) for contracts that hold after shutdown.
 * Return:	number of findings.
 */
uint32_t vnet_check_shutdown(struct vnet *v, int mod);

/**
 * vnet_check_late() - the same without the contracts
 * @v:		vnet
 * @mod:	module that nothing may call any more
 *
 * Return:	number of findings.
 */
uint32_t vnet_check_late(struct vnet *v, int mod);

/**
 * vnet_check_uninit() - contracts of a module after its uninit
 * @v:		vnet
 * @mod:	module
 *
 * Return:	number of findings (ORACLE_LEAK "contract").
 */
uint32_t vnet_check_uninit(struct vnet *v, int mod);

/**
 * vnet_check_zones() - objects of a module that are left after drain
 * @v:		vnet
 * @mod:	module
 *
 * Return:	number of live objects, each a finding (ORACLE_LEAK "leak").
 */
uint32_t vnet_check_zones(struct vnet *v, int mod);

/**
 * vnet_guards_ok() - did a module write beyond its state?
 * @v:		vnet
 * @mod:	out, if not NULL: the module before the broken guard
 *
 * Return:	true if all guards are intact.
 */
bool vnet_guards_ok(const struct vnet *v, int *mod);

/**
 * eventhandler_count() - registrations of a module in a vnet
 * @v:		vnet
 * @mod:	enum vnet_modid, -1: all
 *
 * Return:	how many.
 */
uint32_t eventhandler_count(const struct vnet *v, int mod);

/**
 * eventhandler_remove_all() - forget what a module left registered
 * @v:		vnet
 * @mod:	enum vnet_modid, -1: all
 */
void eventhandler_remove_all(struct vnet *v, int mod);

#endif /* !SRC_CORE_VNET_VAR_H */
