/*
 * td_var.h - what the files of src/teardown share.
 *
 * An order is a list of steps (data); a run takes one prison through it, one
 * step an event (or several, where a step waits).  Nothing here has ever heard
 * of a protocol: modules are reached through their descriptors.
 */
#ifndef SRC_TEARDOWN_TD_VAR_H
#define SRC_TEARDOWN_TD_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/vnetsim.h>
#include <vnetsim/wiremon.h>
#include "src/core/world.h"
#include "src/teardown/teardown.h"

#define TD_MAXSTEPS  320
#define TD_NAMELEN   40
#define TD_BUCKETS   256 /* of runs; a frame of a dying vnet looks for its */
#define TD_MAXROUNDS 16  /* rounds of deferred frees in one drain */
/* Nothing of ours may make a dying jail wait longer: a liveness finding. */
#define TD_WAIT_BOUND (3600 * NS_S)

enum td_verb {
	TDV_KILL, /* SIGKILL to its processes, persist cleared */
	TDV_PINS, /* wait for holders outside: child jails, passed sockets */
	TDV_WAITREFS, /* FreeBSD: wait for every reference to the prison */
	TDV_FAREWELL, /* module->farewell */
	TDV_QUIESCE,  /* shut the inward doors */
	TDV_SHUTDOWN, /* module->shutdown */
	TDV_DRAIN,    /* deferred frees, until none is left */
	TDV_UNINIT,   /* module->uninit */
	TDV_END,      /* shutdown and uninit fused, as FreeBSD's destructors */
	TDV_AUDIT,    /* ledger, edges, guards */
	TDV_ABSENT,   /* a row of FreeBSD's that this simulator lacks */
};

/* A slot above all others: what runs before the destructors. */
#define TD_SUB_NONE UINT32_MAX

struct td_step {
	uint8_t ts_verb;  /* enum td_verb */
	uint8_t ts_phase; /* enum vnet_phase */
	uint8_t ts_mod;   /* VNET_MOD_BUILTIN: none */
	int16_t ts_row;   /* of FreeBSD's destructors, from 1; 0: none */
	int16_t ts_entry; /* of its table (td_fbsd.h), from 1; 0: none */
	bool ts_destroy;  /* vnet_destroy() would have begun before it */
	char ts_name[TD_NAMELEN];
};

/* Indices of td_order_names. */
enum { TD_TOPDOWN, TD_FREEBSD13, TD_FREEBSD9, TD_IFFIRST };

struct td_order {
	uint8_t to_id; /* index of td_order_names */
	bool to_force;
	bool to_edited;
	uint8_t to_ties; /* enum vnetsim_ties */
	uint16_t to_n;
	struct td_step to_step[TD_MAXSTEPS];
};

/* The step after which peers could not be told, or were not. */
struct td_mute {
	uint8_t tm_phase;         /* enum vnet_phase */
	char tm_step[TD_NAMELEN]; /* empty: none */
};

/* What is remembered of a vnet that ended. */
struct td_ended {
	uint32_t te_vnet;
	struct vnet_outcomes te_out;
	struct td_mute te_mute;
	struct td_ended *te_next; /* (o) */
};

/* One prison on its way out. */
struct td_run {
	struct prison *tr_pr;
	struct vnet *tr_v; /* its own vnet, NULL: shares its parent's */
	struct op *tr_op;
	uint16_t tr_cur;       /* index of the running step */
	bool tr_talks;         /* has connections: who makes it mute is named */
	bool tr_destroy;       /* its destructors have begun */
	bool tr_ending;        /* vnet_end_over() is due */
	bool tr_begun;         /* the running step has been entered before */
	uint8_t tr_stage;      /* within TDV_END */
	uint16_t tr_rounds;    /* of the running drain */
	bool tr_wired;         /* it had a wire when the running step began */
	uint32_t tr_abandoned; /* connections cut in silence by then */
	struct td_mute tr_mute;
	struct vnet_outcomes tr_out;
	LIST_ENTRY(td_run) tr_link;   /* tw_runs */
	LIST_ENTRY(td_run) tr_idlink; /* tw_byid */
};

/* world->w_teardown */
struct td_world {
	struct td_order tw_order;
	struct vnet_close tw_close;              /* of jails that name none */
	LIST_HEAD(, td_run) tw_runs;             /* (o) newest first */
	LIST_HEAD(, td_run) tw_byid[TD_BUCKETS]; /* with a vnet: by v_id */
	uint32_t tw_nruns;
	struct td_ended *tw_ended; /* (o) newest first */
	struct vnetsim_wiremon *tw_wm;
	uint32_t tw_wmseen; /* findings of the monitor already reported */
	bool tw_finishing;
	struct waitq tw_gonewq; /* a run has ended */
};

static inline struct td_world *
td_world(void)
{
	return (curworld()->w_teardown);
}

extern const char *const td_order_names[];

/* td_order.c: build the list of a named order from the modules there are.
 * @ties: enum vnetsim_ties.
 * Return: 0; VE_NOENT: no such order; VE_INVAL: @force where nothing waits. */
int td_order_build(
    struct td_order *to, const char *name, bool force, unsigned ties);

/* td_order.c, for the builders of orders: a step more; that of a module; does
 * the module have such a step? */
void td_add(struct td_order *to, enum td_verb verb, enum vnet_phase phase,
    int mod, int row, const char *name);
void td_addmod(struct td_order *to, enum td_verb verb, int mod, int row);
bool td_has(int mod, enum td_verb verb);

/* td_check.c: the audit; removes what it finds. */
void td_audit(struct vnet *v);
void td_audit_prison(struct prison *pr);

/* td_pins.c: is the vnet (or the prison) held from outside? */
bool td_pinned(const struct td_run *tr);

/* td_wire.c: the facts that no frame shows. */
/* Return: the vnet has connections, or begins one, so that somebody has to be
 * told. */
bool td_wire_kill(struct vnet *v, const char *order);
void td_wire_dead(const struct vnet *v);

/* td_mute.c: which step made it mute?  From now on it is asked, before and
 * after each step of a run. */
void td_mute_talks(struct td_run *tr);
void td_mute_before(struct td_run *tr);
void td_mute_after(struct td_run *tr, const struct td_step *ts);
/* A frame was sent by a vnet, while some teardown runs. */
void td_mute_sent(uint32_t vnet);
/* Return: what is known of a vnet, NULL: nothing. */
const struct td_mute *td_mute_of(uint32_t vnet);

#endif /* !SRC_TEARDOWN_TD_VAR_H */
