/*
 * vnet.h - one instance of the stack, and what a module must say of itself.
 *
 * VNET_STATE(tcp, struct vnet_tcp) declares per-vnet state; V_tcp.field reads
 * the current vnet's.  A descriptor (struct vnet_module, constant) gives name,
 * slots, verbs, contracts, field table, zones, sysctls.  src/net/net_modules.c
 * lists the built-in ones; there are no linker sets and no constructors.
 *
 * curvnet is set at doors and nowhere else.  A door that is shut for a vnet
 * lets nothing in; quiesce shuts all inward doors of a dying vnet.
 *
 *	init       builds the module's state; fails with an errno after
 *	           undoing its own part; the framework undoes the earlier ones
 *	farewell   (optional) time runs: says goodbye as curvnet->v_close asks
 *	shutdown   let go: stop own callouts, empty own queues, drop every
 *	           reference to others' objects; may send; allocates nothing
 *	           but M_RESERVE; may wait (op_wait)
 *	uninit     free own state, touch no other module; any order must do
 *
 * A verb that waits is called again with the same op: op_pc, op_arg and op_ptr
 * but the last are the verb's own, zero at its first call.  When a later
 * module's init fails, shutdown and uninit run at once, with an op that is no
 * ledger object and need not wait for grace periods.
 *
 * Contracts are data: counters of the state that must be zero after shutdown
 * and after uninit.  The framework itself checks after every step that the
 * module has no armed callout, queued task, queued packet; after uninit and
 * drain, that no object of its zones is left.
 */
#ifndef VNETSIM_KERN_VNET_H
#define VNETSIM_KERN_VNET_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/field.h>
#include <vnetsim/kern/kdefs.h>
#include <vnetsim/kern/kernel.h>
#include <vnetsim/kern/modules.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/sysctl.h>
#include <vnetsim/kern/uma.h>

#define VNETSIM_KERN_ABI 1

#define VNET_MAGIC_N    0x5e4a6f28u
#define VNET_MAGIC_DEAD 0xdeadbeefu
#define VNET_NAMELEN    64

enum vnet_door {
	DOOR_USER,  /* a socket call */
	DOOR_ADMIN, /* ifconfig, route, sysctl, ... */
	DOOR_WIRE,  /* a frame arrives */
	DOOR_QUEUE, /* a queued packet */
	DOOR_TIME,  /* a callout */
	DOOR_TASK,  /* a task */
	DOOR_EPOCH, /* a deferred free */
	DOOR_OP,    /* a step of an operation */
	DOOR_LIFE,  /* init, farewell, shutdown, uninit */
	DOOR_N,
};
/* Those that quiesce shuts; EPOCH, OP and LIFE stay open to the end. */
#define DOOR_INWARD                                                            \
	((1u << DOOR_USER) | (1u << DOOR_ADMIN) | (1u << DOOR_WIRE) |          \
	    (1u << DOOR_QUEUE) | (1u << DOOR_TIME) | (1u << DOOR_TASK))

enum vnet_phase {
	PHASE_ALIVE,
	PHASE_KILL,
	PHASE_FAREWELL,
	PHASE_QUIESCE,
	PHASE_LETGO,
	PHASE_DRAIN,
	PHASE_FREE,
	PHASE_AUDIT,
	PHASE_N,
};

/**
 * vnet_phase_name() - text of a phase, as reports and captures show it
 * @phase:	enum vnet_phase
 *
 * Return:	constant, "let go" and the like; "?" for an unknown one.
 */
const char *vnet_phase_name(unsigned phase);

/* How this vnet says goodbye (public enum vnetsim_close). */
struct vnet_close {
	uint8_t vc_policy;
	int64_t vc_grace; /* T: graceful wait, or lame duck; virtual ns */
};

struct vnet_cold; /* drop counters and the like, at first use */
struct vnet_mem;  /* extents, free lists, live counts: src/core/memory.h */
struct vnet_isr;  /* netisr queues: src/core/netisr_var.h */
struct prison;

/* Lives at the start of the vnet's own memory. */
struct vnet {
	uint32_t vnet_magic_n;
	uint32_t v_id; /* counted over the world, 0 is vnet0 */
	uint64_t v_handle;
	char v_name[VNET_NAMELEN];   /* jail's name at birth, "0" for vnet0 */
	LIST_ENTRY(vnet) vnet_le;    /* world's list, newest first */
	void *v_state[VNET_MOD_MAX]; /* (o) by module id; NULL: not inited */
	void *v_data;                /* (o) the blob that v_state points into */
	struct vnet_mem *v_mem;      /* (o) */
	struct vnet_isr *v_isr;      /* (o) */
	struct vnet_cold *v_cold;    /* (o) NULL until needed */
	struct prison *v_prison;     /* (b) whose vnet this is */
	LIST_HEAD(, callout) v_callouts; /* armed or claimed */
	struct waitq v_drainq; /* waits for the deferred frees below */
	uint64_t v_ndeferred;  /* deferred frees that ran */
	uint32_t v_ndefer;     /* that have not */
	uint32_t v_nfiles;     /* descriptors of files that work here */
	uint32_t v_shut;       /* bit per door */
	uint8_t v_phase;       /* enum vnet_phase; one writer: td_run.c */
	uint8_t v_stepmod;     /* module whose verb runs or ran last */
	bool vnet_shutdown;    /* destructors have begun; one writer:
				* vnet_destroy_begins() */
	const char *v_step;    /* constant: running teardown step, or NULL */
	struct vnet_close v_close;
	uint64_t v_inited;    /* VNET_MODBIT: init done, uninit not */
	uint64_t v_letgo;     /* VNET_MODBIT: shutdown done */
	uint64_t v_iss;       /* draws of krandom("tcp.iss") and friends */
	uint64_t v_tracehash; /* running hash of what it did: isolation */
};

#define curvnet (kctx->kc_vnet)
#define VNET_ASSERT_LIVE(v)                                                    \
	KASSERT((v) != NULL && (v)->vnet_magic_n == VNET_MAGIC_N,              \
	    ("%s: not a live vnet", __func__))

/* VNET_STATE(tcp, struct vnet_tcp): then #define V_tcp VNET(tcp) */
#define VNET_STATE(name, type)                                                 \
	static inline type *vnet_##name##_ptr(void)                            \
	{                                                                      \
		return (type *)curvnet->v_state[VNET_MOD_##name];              \
	}                                                                      \
	struct vnet_state_##name##_declared
#define VNET(name) (*vnet_##name##_ptr())

/* A state member that must be zero after a verb. */
struct vnet_contract {
	const char *ct_name; /* "ipi_count" */
	uint32_t ct_offset;
	uint32_t ct_size;
	bool ct_shutdown; /* already after shutdown, else after uninit */
};
#define CONTRACT_SHUTDOWN(st, m)                                               \
	{                                                                      \
#m, offsetof(st, m), FIELD_SIZE(st, m), true                   \
	}

/* VNET_SYSINIT / VNET_SYSUNINIT of a module that needs a second slot. */
struct vnet_sysinit {
	const char *vs_ident;
	uint32_t vs_sub, vs_order;
	void (*vs_func)(const void *arg);
	const void *vs_arg;
};
#define VNET_SYSINIT(ident, sub, order, func, arg)                             \
	{                                                                      \
#ident, sub, order, func, arg                                  \
	}
#define VNET_SYSUNINIT(ident, sub, order, func, arg)                           \
	VNET_SYSINIT(ident, sub, order, func, arg)

struct vnet_outcomes;

/*
 * What other modules register with this one and must give back by their own
 * shutdown (pfil hooks; event handlers are core's and checked alike).  What
 * is left then is a finding that names who left it, and is removed.
 */
struct vnet_registry {
	const char *vr_kind; /* constant, the finding's kind: "pfil-hook" */
	/* registrations of a module, -1: of all; V_name may not be used */
	uint32_t (*vr_count)(const struct vnet *v, int mod);
	void (*vr_remove)(int mod); /* the same of curvnet */
};

/* Constant. */
struct vnet_module {
	const char *vm_name;
	uint8_t vm_id;    /* enum vnet_modid, or VNET_MOD_LOADED */
	uint8_t vm_abi;   /* VNETSIM_KERN_ABI */
	uint32_t vm_size; /* bytes of state, zeroed before init; may be 0 */
	/* place in the stack: let go runs the highest first; built-in ones
	 * leave it 0 and get 10 * vm_id (modules.h is bottom first) */
	uint16_t vm_level;
	uint32_t vm_sub, vm_order;     /* slot of init */
	uint32_t vm_unsub, vm_unorder; /* slot of its end in fused orders */
	int (*vm_init)(void);
	enum op_verdict (*vm_farewell)(struct op *op);
	enum op_verdict (*vm_shutdown)(struct op *op);
	void (*vm_uninit)(void);
	const struct field *vm_fields;
	uint32_t vm_nfields;
	const struct vnet_contract *vm_contracts;
	uint32_t vm_ncontracts;
	const struct uma_zone *const *vm_zones; /* index = uz_local */
	uint32_t vm_nzones;
	const struct sysctl_oid *vm_sysctls;
	uint32_t vm_nsysctls;
	const struct vnet_sysinit *vm_sysinits;
	uint32_t vm_nsysinits;
	const struct vnet_sysinit *vm_sysuninits;
	uint32_t vm_nsysuninits;
	/* ledger-visible objects that its connections hold: outcome counts,
	 * NULL if it has none.  See struct vnet_outcomes. */
	void (*vm_outcomes)(struct vnet_outcomes *out);
	/* largest RTO of curvnet, ns; 0 or NULL: has no connections */
	int64_t (*vm_maxrto)(void);
	/* what others register with it, or NULL */
	const struct vnet_registry *vm_registry;
};

/* How connections ended, counted by the stack itself (the wire monitor
 * counts on its own; where no closing segment is lost the two agree). */
struct vnet_outcomes {
	uint32_t vo_finned, vo_reset, vo_abandoned;
};

/* VNET_MODULE(udp, &udp_desc_fields...): the descriptor's definition. */
#define VNET_MODULE(name) const struct vnet_module vnet_module_##name
#define VNET_MODULE_DECLARE(name)                                              \
	extern const struct vnet_module vnet_module_##name

/* Saved by a door; restored when it is left. */
struct vnet_frame {
	struct vnet *vf_vnet;
	const char *vf_door;
	uint8_t vf_mod;
};

/**
 * vnet_enter() - pass a door: @v becomes curvnet
 * @f:		saved state for vnet_leave()
 * @v:		live vnet
 * @door:	enum vnet_door
 * @mod:	module on whose behalf, enum vnet_modid
 *
 * Only door files call it (lint).  Marks @v as entered for saves.
 * Return:	true; false if that door of @v is shut (nothing changed).
 */
bool vnet_enter(
    struct vnet_frame *f, struct vnet *v, enum vnet_door door, int mod);

/**
 * vnet_leave() - leave a door
 * @f:	as filled by vnet_enter()
 */
void vnet_leave(const struct vnet_frame *f);

/* Nested change of vnet inside a door (door files only): lent interfaces. */
#define CURVNET_SET(v)                                                         \
	struct vnet_frame curvnet_saved_;                                      \
	vnet_switch(&curvnet_saved_, (v))
#define CURVNET_RESTORE() vnet_leave(&curvnet_saved_)
void vnet_switch(struct vnet_frame *f, struct vnet *v);

/* Destructors have begun, and the return of lent interfaces, which leave by the
 * whole way out, is behind (FreeBSD: vnet_state < SI_SUB_VNET_DONE). */
#define VNET_IS_SHUTTING_DOWN(v)                                               \
	((v)->vnet_shutdown && ((v)->v_letgo & VNET_MODBIT(VNET_MOD_if)) != 0)

/**
 * vnet_byid() - a vnet by its number
 * @id:	v_id
 *
 * Return:	the live vnet, or NULL.
 */
struct vnet *vnet_byid(uint32_t id);

#define VNET_FOREACH(v)                                                        \
	for ((v) = vnet_first(); (v) != NULL; (v) = LIST_NEXT(v, vnet_le))
struct vnet *vnet_first(void);

#endif /* !VNETSIM_KERN_VNET_H */
