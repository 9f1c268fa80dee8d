/*
 * teardown.h - how a vnet ends: what the layer above installs and asks.
 *
 * teardown_reap() is the upcall of jails (world_upcalls.wu_reap): from there
 * on the prison goes through the steps of the chosen order by itself.  The
 * public API (src/net/net_api_teardown.c) lists and edits orders, and reads
 * outcomes.
 */
#ifndef SRC_TEARDOWN_TEARDOWN_H
#define SRC_TEARDOWN_TEARDOWN_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/wire.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/vnet.h>

struct vnetsim_outcomes;
struct vnetsim_step;
struct world;

/**
 * teardown_init() - make the world's teardown state: top-down, graceful 30 s
 * @w:	world, entered
 *
 * Return:	0; VE_NOMEM.
 */
int teardown_init(struct world *w);

/**
 * teardown_reap() - a prison's end begins
 * @pr:	being removed, or without use; its pr_teardown is NULL
 *
 * Starts the op (pr->pr_teardown) that goes through the steps.  Memory for it
 * comes from the reserve, so it cannot fail.
 */
void teardown_reap(struct prison *pr);

/**
 * teardown_remove() - jail -r
 * @pr:	prison
 * @op:	out: handle of the op that completes when it is gone; may be NULL
 *
 * The op exists at once, so its memory is asked for here: from the reserve.
 * Return:	0; VE_INVAL: the host; VE_ALREADY: it is being removed.
 */
int teardown_remove(struct prison *pr, uint64_t *op);

/**
 * teardown_audit_world() - the ledger of the world when all vnets are gone
 *
 * Objects charged to nobody that only vnets make (mbufs, prisons, ops of
 * teardowns) are leaks then.
 */
void teardown_audit_world(void);

/**
 * teardown_wire() - the wire monitor sees an event
 * @ev:	as reported by a link, or by the teardown itself
 */
void teardown_wire(const struct vnetsim_wire_event *ev);

/**
 * teardown_settled() - see vnetsim_settled()
 *
 * Return:	virtual ns; 0: nothing to wait for.
 */
int64_t teardown_settled(void);

/**
 * teardown_judge() - the monitor's last word, turned into findings
 */
void teardown_judge(void);

/**
 * teardown_outcomes() - see vnetsim_outcomes()
 * @vnet:	v_id or VNETSIM_NOVNET
 * @wire:	the monitor's count, else the stacks'
 * @out:	out
 *
 * Return:	0; VE_NOENT: no such vnet ended.
 */
int teardown_outcomes(uint32_t vnet, bool wire, struct vnetsim_outcomes *out);

/**
 * teardown_order_set() - see vnetsim_order_set()
 * @name:	order
 * @force:	skip its wait
 *
 * Return:	0; VE_NOENT; VE_INVAL; VE_BUSY: a teardown is under way.
 */
int teardown_order_set(const char *name, bool force);

/**
 * teardown_order_ties() - see vnetsim_order_ties()
 * @ties:	enum vnetsim_ties
 *
 * Return:	0; VE_INVAL: unknown; VE_BUSY: a teardown is under way.
 */
int teardown_order_ties(unsigned ties);

/**
 * teardown_module() - a module was loaded, or is gone (wu_module)
 * @mod:	enum vnet_modid
 * @here:	it is loaded
 *
 * Its steps are put where a fresh order has them, edits stay; or they go.
 * Return:	0; VE_NOSPC: too many steps, nothing has changed.
 */
int teardown_module(int mod, bool here);

/**
 * teardown_order_edit() - see vnetsim_order_edit()
 * @edit:	enum vnetsim_edit
 * @a:		step name
 * @b:		step name or NULL
 *
 * Return:	0; VE_NOENT: no such step; VE_INVAL: unknown edit, or too many
 *		steps; VE_BUSY.
 */
int teardown_order_edit(int edit, const char *a, const char *b);

/**
 * teardown_order_step() - see vnetsim_order_step()
 * @n:		0, 1, ...
 * @step:	out
 *
 * Return:	0; VE_NOENT.
 */
int teardown_order_step(unsigned n, struct vnetsim_step *step);

/**
 * teardown_order_name() - names of the orders
 * @n:	0, 1, ...
 *
 * Return:	constant; NULL: no more.
 */
const char *teardown_order_name(unsigned n);

/**
 * teardown_close_default() - close policy of jails that name none
 * @vc:	policy; a grace of 0 becomes the policy's default
 *
 * Return:	0; VE_INVAL: unknown policy or negative grace.
 */
int teardown_close_default(const struct vnet_close *vc);

/**
 * teardown_close_resolve() - fill in a jail's policy
 * @vc:	in: as asked for; out: with the default grace
 *
 * Return:	0; VE_INVAL.
 */
int teardown_close_resolve(struct vnet_close *vc);

/* The policy new jails get. */
struct vnet_close teardown_close_get(void);

/**
 * teardown_finish() - take down every jail, then the host's vnet
 * @opp:	out: completes when vnet0 is audited
 *
 * Return:	0; VE_ALREADY; VE_NOMEM.
 */
int teardown_finish(struct op **opp);

#endif /* !SRC_TEARDOWN_TEARDOWN_H */
