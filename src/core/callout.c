/*
 * callout.c - timers of vnets.
 *
 * A pending callout is a node of the wheel.  When it is due, the schedule
 * says whether it runs at once (the default) or is claimed: then it has left
 * the wheel's pending set, as on a CPU that has taken it and waits for a lock,
 * and an event behind what is queued for this time runs it.  A claim remembers
 * function and argument as they were; a reset meanwhile is for the next time.
 *
 * While a callout is armed or claimed it is on its vnet's list, so that the
 * audit of a step finds it without a search.  One of no vnet is on no list.
 *
 * FreeBSD: kern_timeout.c.
 */
#include <vnetsim/kern/callout.h>
#include "src/core/epoch_var.h"
#include "src/core/event_var.h"
#include "src/core/world.h"

/* A claim ends at the time at which it began. */
#define CLAIM_BOUND NS_S

static void callout_event(void *arg);
static void claimed_event(void *arg);

static struct vnet *
callout_event_vnet(const void *arg)
{
	return (((const struct callout *)arg)->c_vnet);
}

static const char *
callout_event_what(const void *arg)
{
	return (((const struct callout *)arg)->c_name);
}

static const struct event_class callout_class = { "callout", callout_event,
	callout_event_vnet, callout_event_what };
static const struct event_class claimed_class = { "callout.claimed",
	claimed_event, callout_event_vnet, callout_event_what };

void
callout_init(struct callout *c, int mod, const char *name)
{
	*c = (struct callout){ 0 };
	c->c_mod = (uint8_t)mod;
	c->c_name = name;
	c->c_vnet = curvnet;
}

static void
arm(struct callout *c, int64_t when)
{
	if (c->c_state == CALLOUT_IDLE && c->c_vnet != NULL)
		LIST_INSERT_HEAD(&c->c_vnet->v_callouts, c, c_link);
	c->c_state = CALLOUT_PENDING;
	c->c_time = when;
	event_schedule(&c->c_node, when, &callout_class, c);
}

static void
make_idle(struct callout *c)
{
	event_cancel(&c->c_node);
	if (c->c_state != CALLOUT_IDLE && c->c_vnet != NULL)
		LIST_REMOVE(c, c_link);
	c->c_state = CALLOUT_IDLE;
	c->c_again = false;
	c->c_claimgen = 0;
	c->c_time = 0;
}

int
callout_reset(struct callout *c, int64_t ns, void (*func)(void *arg), void *arg)
{
	int64_t when;
	bool was;

	KASSERT(ns >= 0, ("%s: %s in the past", __func__, c->c_name));
	if (c->c_vnet != NULL && c->c_vnet->v_shut & 1u << DOOR_TIME)
		return (0);
	if (c->c_vnet != curvnet)
		mem_mark(c);
	when = ns > INT64_MAX - vtime() ? INT64_MAX : vtime() + ns;
	was = callout_pending(c);
	c->c_func = func;
	c->c_arg = arg;
	if (c->c_state == CALLOUT_CLAIMED) {
		c->c_again = true;
		c->c_time = when;
	} else {
		arm(c, when);
	}
	return (was);
}

int
callout_stop(struct callout *c)
{
	if (c->c_state == CALLOUT_IDLE)
		return (-1);
	if (c->c_vnet != curvnet)
		mem_mark(c);
	if (c->c_state == CALLOUT_CLAIMED) {
		c->c_again = false;
		return (0);
	}
	make_idle(c);
	return (1);
}

bool
callout_drain(struct callout *c, struct op *op)
{
	if (callout_stop(c) != 0)
		return (true);
	(void)op_wait(op, &curworld()->w_ops.wo_claimq, NULL,
	    op->op_timedout ? 0 : CLAIM_BOUND, "for a claimed callout", NULL);
	return (false);
}

static void
callout_event(void *arg)
{
	struct vnet_frame f;
	struct callout *c;
	void (*func)(void *arg);

	c = arg;
	if (!event_enter(&f, c->c_vnet, DOOR_TIME, c->c_mod)) {
		mem_mark(c);
		make_idle(c);
		return;
	}
	func = c->c_func;
	arg = c->c_arg;
	if (choose(2, "callout", c->c_name) == 1)
		c->c_claimgen = epoch_claim(c->c_name, func, arg);
	if (c->c_claimgen != 0) {
		c->c_state = CALLOUT_CLAIMED;
		event_schedule(&c->c_node, vtime(), &claimed_class, c);
	} else {
		make_idle(c);
		func(arg);
	}
	event_leave(&f);
}

static void
claimed_event(void *arg)
{
	struct epoch_claim ck;
	struct vnet_frame f;
	struct callout *c;
	int64_t when;
	bool again;

	c = arg;
	ck = *epoch_claim_find(c->c_claimgen);
	when = c->c_time;
	again = c->c_again;
	if (!event_enter(&f, c->c_vnet, DOOR_TIME, c->c_mod)) {
		mem_mark(c);
		make_idle(c);
		epoch_unclaim(ck.ck_gen);
		return;
	}
	make_idle(c);
	if (again)
		arm(c, when);
	ck.ck_func(ck.ck_arg);
	epoch_unclaim(ck.ck_gen);
	event_leave(&f);
}

uint32_t
callout_armed(const struct vnet *v, int mod, struct callout **first)
{
	struct callout *c;
	uint32_t n;

	n = 0;
	if (first != NULL)
		*first = NULL;
	LIST_FOREACH (c, &v->v_callouts, c_link) {
		if (mod >= 0 && c->c_mod != mod)
			continue;
		if (n++ == 0 && first != NULL)
			*first = c;
	}
	return (n);
}

uint32_t
callout_remove_all(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx)
{
	struct callout *c, *next;
	struct late_item it;
	uint32_t gen, n;

	n = 0;
	LIST_FOREACH_SAFE (c, &v->v_callouts, c_link, next) {
		if (mod >= 0 && c->c_mod != mod)
			continue;
		it = (struct late_item){ .li_kind = "callout",
			.li_name = c->c_name,
			.li_due = c->c_time,
			.li_mod = c->c_mod,
			.li_claimed = c->c_state == CALLOUT_CLAIMED };
		if (found != NULL)
			found(ctx, &it);
		mem_mark(v);
		gen = c->c_claimgen;
		make_idle(c);
		if (gen != 0)
			epoch_unclaim(gen);
		n++;
	}
	return (n);
}
