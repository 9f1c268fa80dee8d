/*
 * teardown.h - orders, oracles, findings, and the end of a world.
 *
 * An order is the whole list of steps from jail_remove to audit, as data; it
 * can be listed, and steps can be skipped, swapped, moved or repeated.
 */
#ifndef VNETSIM_TEARDOWN_H
#define VNETSIM_TEARDOWN_H

#include <vnetsim/jail.h>
#include <vnetsim/vnetsim.h>

/**
 * struct vnetsim_step - one row of an order
 * @name:	"tcp shutdown", "if_return": unique in its order
 * @phase:	"kill", "farewell", "quiesce", "let go", "drain", "free",
 *		"audit"
 * @module:	ours, or NULL for a row of FreeBSD's that we lack
 * @verb:	"farewell", "shutdown", "uninit", "end" (fused), or the phase's
 * @subsystem:	FreeBSD's slot, "SI_SUB_PROTO_DOMAIN"; NULL: none
 * @order:	"SI_ORDER_FOURTH"; NULL: none
 * @row:	number of the VNET_SYSUNINIT in the order in which that kernel
 *		runs them (freebsd-13, freebsd-9), equal slots by name; 0: none
 * @ident:	FreeBSD's ident ("vnet_if_return"), NULL: none; where one row
 *		calls several, "row:function"
 * @absent:	FreeBSD has it, this simulator does not
 */
struct vnetsim_step {
	const char *name, *phase, *module, *verb;
	const char *subsystem, *order, *ident;
	int row;
	bool absent;
};

/**
 * vnetsim_order_name() - the orders there are
 * @n:	0, 1, ...
 *
 * Return:	"top-down", "freebsd-13", "freebsd-9", "interfaces-first"; NULL:
 *		no more.
 */
const char *vnetsim_order_name(unsigned n);

/**
 * vnetsim_order_set() - choose the order of every teardown from now on
 * @w:		world
 * @name:	"top-down" (default) or another of vnetsim_order_name()
 * @force:	freebsd-13, freebsd-9: do not wait for references
 *
 * Return:	0; VE_NOENT: no such order; VE_INVAL: @force where there is no
 *		wait; VE_BUSY: a teardown is under way.
 */
int vnetsim_order_set(struct vnetsim *w, const char *name, bool force);

/**
 * vnetsim_order_ties() - turn round what the chosen order leaves open
 * @w:		world
 * @ties:	enum vnetsim_ties
 *
 * Ties are destructors of one slot (freebsd-13, freebsd-9), modules of one
 * level, and the whole free pass (top-down, interfaces-first): each way must
 * work.  Holds for orders set later, too; changes made by vnetsim_order_edit()
 * are forgotten.
 * Return:	0; VE_INVAL: unknown; VE_BUSY: a teardown is under way.
 */
int vnetsim_order_ties(struct vnetsim *w, unsigned ties);

enum vnetsim_edit {
	VNETSIM_EDIT_SKIP,   /* step a */
	VNETSIM_EDIT_SWAP,   /* steps a and b */
	VNETSIM_EDIT_MOVE,   /* step a before step b */
	VNETSIM_EDIT_REPEAT, /* step a runs twice */
};

/**
 * vnetsim_order_edit() - change the chosen order
 * @w:		world
 * @edit:	enum vnetsim_edit
 * @a:		step by name
 * @b:		step by name, or NULL
 *
 * Return:	0; VE_NOENT: no such step (see @hint); VE_INVAL; VE_BUSY.
 */
int vnetsim_order_edit(
    struct vnetsim *w, int edit, const char *a, const char *b);

/**
 * vnetsim_order_step() - list the chosen order
 * @w:		world
 * @n:		0, 1, ...
 * @step:	out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_order_step(
    struct vnetsim *w, unsigned n, struct vnetsim_step *step);

/**
 * vnetsim_close_default() - close policy of jails that name none
 * @w:		world
 * @cp:		policy
 *
 * Return:	0; VE_INVAL.
 */
int vnetsim_close_default(
    struct vnetsim *w, const struct vnetsim_close_policy *cp);

/**
 * struct vnetsim_finding - what an oracle found
 * @oracle:	"leak", "lifetime", "order", "wire", "liveness", "isolation"
 * @kind:	constant, with @key stable over unrelated changes
 * @vnet:	number, VNETSIM_NOVNET: the world
 * @vname:	name of its jail
 * @module:	guilty module or NULL
 * @phase:	teardown phase
 * @step:	teardown step or NULL
 * @object:	type of the object or NULL
 * @serial:	its per-vnet serial
 * @birth:	"file:line" of its birth or NULL
 * @birth_time:	virtual ns
 * @holders:	"name@file:line", NULL beyond the last
 * @count:	how often
 * @time:	virtual ns of the first time
 * @event:	event number of the first time
 * @text:	one sentence
 * @key:	oracle.kind.module.object.birth, for baselines
 *
 * Strings are valid until the next call for the same world.
 */
struct vnetsim_finding {
	const char *oracle, *kind;
	uint32_t vnet;
	const char *vname, *module, *phase, *step, *object;
	uint64_t serial;
	const char *birth;
	int64_t birth_time;
	const char *holders[4];
	uint32_t count;
	int64_t time;
	uint64_t event;
	const char *text;
	const char *key;
};

/**
 * vnetsim_finding() - look at the findings so far
 * @w:		world
 * @n:		0, 1, ...
 * @f:		out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_finding(struct vnetsim *w, unsigned n, struct vnetsim_finding *f);

/**
 * struct vnetsim_outcomes - how the connections of ended vnets ended
 * @finned:	both FINs acknowledged
 * @reset:	ended by RST
 * @abandoned:	neither
 * @peers:	surviving peers that had a connection with the dead
 * @peers_fin:	of them, closed by FIN
 * @peers_rst:	of them, closed by RST
 * @peers_stuck: of them, stuck
 * @last:	virtual ns at which the last of them was closed
 */
struct vnetsim_outcomes {
	uint32_t finned, reset, abandoned;
	uint32_t peers, peers_fin, peers_rst, peers_stuck;
	int64_t last;
};

/**
 * vnetsim_outcomes() - count outcomes
 * @w:		world
 * @vnet:	number, VNETSIM_NOVNET: all that ended
 * @wire:	as the wire monitor counted them, else as the stacks did
 * @out:	out
 *
 * Return:	0; VE_NOENT: no such vnet ever ended.
 */
int vnetsim_outcomes(
    struct vnetsim *w, uint32_t vnet, bool wire, struct vnetsim_outcomes *out);

/**
 * vnetsim_destroy_vnet() - explore's kill: end a jail, or a vnet's jail
 * @w:		world
 * @jail:	not the host
 * @op:		out
 *
 * As vnetsim_jail_remove(), but what is already dying is no error.
 * Return:	0; VE_SRCH.
 */
int vnetsim_destroy_vnet(
    struct vnetsim *w, vnetsim_handle jail, vnetsim_handle *op);

/**
 * vnetsim_finish() - the end: take down every jail, then the host, then audit
 * @w:		world
 * @op:		out: completes when vnet0 is down and audited
 *
 * Afterwards run until the operation is complete and the wire bound has
 * passed, then call vnetsim_audit().
 * Return:	0; VE_ALREADY.
 */
int vnetsim_finish(struct vnetsim *w, vnetsim_handle *op);

/**
 * vnetsim_settled() - may the wire oracle judge yet?
 * @w:	world
 *
 * Return:	virtual ns until which the world must run so that every bound
 *		of DESIGN 6 has passed or every peer is closed; 0: now.
 */
int64_t vnetsim_settled(struct vnetsim *w);

/**
 * vnetsim_audit() - the last look: ledger of the world, wire, isolation
 * @w:	world
 *
 * Return:	number of findings in all.
 */
unsigned vnetsim_audit(struct vnetsim *w);

/**
 * vnetsim_vnet_trace() - hash of all that a vnet has done so far
 * @w:		world made with trace_hash
 * @vnet:	number
 * @hash:	out
 *
 * Return:	0; VE_NOENT: no such vnet (any more).
 */
int vnetsim_vnet_trace(struct vnetsim *w, uint32_t vnet, uint64_t *hash);

/**
 * vnetsim_isolation() - the isolation oracle looks at a bystander
 * @w:		world made with trace_hash
 * @vnet:	number of a vnet that has nothing to do with what was changed
 * @hash:	its hash in the run without the change, at the same moment
 *
 * Return:	0: the same; VE_DOM: it differs, a finding was made;
 *		VE_NOENT: no such vnet.
 */
int vnetsim_isolation(struct vnetsim *w, uint32_t vnet, uint64_t hash);

/**
 * vnetsim_ledger() - live objects
 * @w:		world
 * @vnet:	number, VNETSIM_NOVNET: those of no vnet
 *
 * Return:	their number (0 for a vnet that is gone).
 */
uint64_t vnetsim_ledger(struct vnetsim *w, uint32_t vnet);

#endif /* !VNETSIM_TEARDOWN_H */
