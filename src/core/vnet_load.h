/*
 * vnet_load.h - loaded modules of a world: ids, types, turns.
 *
 * Part of struct world (w_kld).  What survives a restore stands apart
 * (w_kmods): a save may name text that the restored world has never heard of,
 * and a field program that was made once is made.
 */
#ifndef SRC_CORE_VNET_LOAD_H
#define SRC_CORE_VNET_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/kmod.h>

struct field_prog;
struct world;

/* Ids below are built in; VNET_MOD_BUILTIN itself means "no module". */
#define VNET_MOD_FIRST (VNET_MOD_BUILTIN + 1)

enum kld_state {
	KLD_FREE,      /* the id is nobody's, or a built-in module's */
	KLD_LOADING,   /* init runs in one vnet after the other */
	KLD_LOADED,    /* every vnet has it */
	KLD_UNLOADING, /* on its way out, or its load is being undone */
	KLD_RETIRED,   /* gone; id and types still name what was */
};

struct kld {
	const struct vnetsim_kmod *kl_kmod;
	int64_t kl_deadline; /* of the wait for its turn */
	uint32_t kl_retired; /* ordinal of its end */
	uint8_t kl_state;    /* enum kld_state */
	bool kl_registered;  /* its constructors and steps are listed */
};

/* The load or unload whose turn it is. */
struct kld_run {
	struct op *kr_op;     /* (b) NULL: none */
	struct vnet *kr_v;    /* (b) where it works */
	const char *kr_step;  /* constant: what it set v_step to */
	const char *kr_vstep; /* of an order, or NULL: v_step before */
	const char *kr_what;  /* constant: what its shutdown waits for */
	int64_t kr_since;     /* when that shutdown began */
	uint32_t kr_steps;    /* of that shutdown */
	int32_t kr_error;     /* why a load is being undone */
	uint16_t kr_rounds;   /* of deferred frees */
	uint8_t kr_id;        /* module */
	uint8_t kr_stage;
};

/* kr_stage; vnet_unload.c has those from KS_NEXT on. */
enum kld_stage {
	KS_REGISTER,
	KS_INIT,
	KS_NEXT,
	KS_SHUTDOWN,
	KS_DRAIN,
	KS_UNINIT,
	KS_LAST,
	KS_GRACE,
};

struct world_kld {
	struct kld wk_kld[VNET_MOD_MAX]; /* by id */
	struct kld_run wk_run;
	struct waitq wk_wq;   /* for a turn */
	uint32_t wk_ending;   /* vnets whose modules have begun to end */
	uint32_t wk_nretired; /* unloads so far */
	uint32_t wk_types;    /* types of built-in modules */
	uint32_t wk_progs;    /* bytes of their field programs */
};

/* A module that was loaded since the world was made. */
struct kld_known {
	const struct vnetsim_kmod *kk_kmod;
	struct field_prog **kk_prog; /* its state's, then its zones' */
};

struct world_kmods {
	struct kld_known wk_known[VNETSIM_KMOD_MAX];
	uint32_t wk_nknown;
};

/**
 * kmod_check() - vnetsim_kmod_check()
 * @km:		what an object exports
 * @why:	out, sentence
 * @whysize:	room
 *
 * Return:	0; VE_NOEXEC.
 */
int kmod_check(const struct vnetsim_kmod *km, char *why, size_t whysize);

/**
 * kld_load() - vnetsim_kldload()
 * @km:		passed kmod_check()
 * @opp:	out, the op
 *
 * Return:	as vnetsim_kldload().
 */
int kld_load(const struct vnetsim_kmod *km, struct op **opp);

/**
 * kld_unload() - vnetsim_kldunload()
 * @name:	module
 * @opp:	out, the op
 *
 * Return:	as vnetsim_kldunload().
 */
int kld_unload(const char *name, struct op **opp);

/**
 * kld_known() - was it loaded since the world was made?
 * @km:	what an object exports
 *
 * Return:	what is known of it, NULL: nothing.
 */
struct kld_known *kld_known(const struct vnetsim_kmod *km);

/**
 * kld_find() - a module by name
 * @name:	vm_name
 *
 * Return:	id, of a built-in one, too; -1: none, or it is gone.
 */
int kld_find(const char *name);

/**
 * kld_reserve() - id, types and field programs for a module
 * @km:		passed kmod_check()
 * @idp:	out
 *
 * Return:	0, it is KLD_LOADING; VE_EXIST; VE_BUSY; VE_NOSPC; nothing has
 *		changed then.
 */
int kld_reserve(const struct vnetsim_kmod *km, int *idp);

/**
 * kld_register() - constructors, sysctls and steps of the order
 * @id:	KLD_LOADING
 *
 * Return:	0; VE_NOSPC: too many steps.
 */
int kld_register(int id);

/**
 * kld_retire() - a module is gone
 * @id:	KLD_LOADING or KLD_UNLOADING; no vnet has it
 *
 * Its id and types name what it left until somebody needs them.
 */
void kld_retire(int id);

/**
 * vnet_module_here() - does a module take part in births and ends?
 * @mod:	enum vnet_modid
 *
 * Return:	true: built in, or loaded and not gone.
 */
bool vnet_module_here(int mod);

/**
 * vnet_module_born() - does a new vnet get it?
 * @mod:	enum vnet_modid, vnet_module_here()
 *
 * Return:	false: it is being unloaded.
 */
bool vnet_module_born(int mod);

/**
 * vnet_end_turn() - may the modules of a vnet begin to end?
 * @op:	of the teardown
 *
 * Not while a module is being loaded or unloaded, which is bounded.
 * Return:	true, and vnet_end_over() is due; false: return OP_WAIT and
 *		ask again.
 */
bool vnet_end_turn(struct op *op);
void vnet_end_over(void);

/* ---- between vnet_load_op.c and vnet_unload.c ---- */

/* The next stage; the op's scratch is clear. */
void kld_stage(struct kld_run *kr, int next);
/* The turn is over.  Return: OP_DONE. */
enum op_verdict kld_over(struct kld_run *kr, int error);
/* Findings show @step; then the vnet's own again. */
void kld_in_vnet(struct kld_run *kr, struct vnet *v, const char *step);
void kld_out_of_vnet(struct kld_run *kr);
/* One step of an unload. */
enum op_verdict kld_unload_step(struct kld_run *kr);

static inline bool
kld_has(const struct vnet *v, int mod)
{
	return ((v->v_inited & VNET_MODBIT(mod)) != 0);
}

/* ---- memory_types.c ---- */

/**
 * kld_type_of() - type of a zone that says LOADED
 * @w:	world
 * @z:	zone
 *
 * Return:	type id; panics if no module of this world lists the zone.
 */
uint32_t kld_type_of(const struct world *w, const struct uma_zone *z);

/**
 * vnet_type_module() - whose type is it?
 * @w:		world
 * @type:	type id
 *
 * Return:	enum vnet_modid; VNET_MOD_core for what nobody owns.
 */
int vnet_type_module(const struct world *w, uint32_t type);

/**
 * mem_types_take() - consecutive type ids for a module
 * @w:		world
 * @id:		module; w_mod is set
 *
 * Return:	0, w_zone and w_zonebase are set; VE_NOSPC.
 */
int mem_types_take(struct world *w, int id);

/**
 * mem_types_give() - nobody names these types any more
 * @w:	world
 * @id:	module; no object of its zones is alive.  What was freed long ago and
 *	still lies on a list is renamed
 */
void mem_types_give(struct world *w, int id);

/**
 * mem_types_live() - are there objects of a module's zones?
 * @w:	world
 * @id:	module
 *
 * Return:	true: somewhere.
 */
bool mem_types_live(struct world *w, int id);

#endif /* !SRC_CORE_VNET_LOAD_H */
