/*
 * event_var.h - the scheduler of a world and its choices.
 */
#ifndef SRC_CORE_EVENT_VAR_H
#define SRC_CORE_EVENT_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include "src/core/event_wheel.h"

struct vnet;
struct vnet_frame;
struct world;

/* A counter of one (vnet, stream, what). */
struct choice_count {
	uint64_t cc_key; /* 0: empty */
	uint32_t cc_n;   /* ordinal of the next choice */
	uint32_t cc_pad;
};

/* A deviation, its anchor hashed. */
struct choice_dev {
	uint64_t cd_key; /* of the anchor with its ordinal */
	uint32_t cd_value;
	uint32_t cd_used; /* times it decided */
};

/* All in world memory: a restore brings back ordinals and deviations. */
struct world_choice {
	bool wc_on; /* ordinals are counted, the scheduler asks */
	struct choice_count *wc_tab; /* (o) open addressing */
	uint32_t wc_cap;             /* power of two, 0: none */
	uint32_t wc_used;
	uint32_t wc_lost; /* choices that found no room: answered 0 */
	uint32_t wc_ndev;
	struct choice_dev *wc_dev; /* (o) */
};

struct world_events {
	struct event_wheel we_wheel;
	uint64_t we_count; /* events that began: the world's event number */
	struct world_choice we_choice;
};

void world_events_init(struct world *w);

/**
 * event_run_next() - run the earliest event
 * @w:		the current world, depth 0
 * @until:	virtual ns, nothing later is run
 *
 * Sets the clock to the event's time; if none is due, to @until (unless that
 * is INT64_MAX or past).  Between events no vnet is current, no section of
 * the epoch is open.  Then, if wo_poll, every waiting op is looked at, and
 * wu_after_event is called.
 * Return:	true if an event ran.
 */
bool event_run_next(struct world *w, int64_t until);

/**
 * event_next_time() - when the earliest event is due
 * @w:	world
 *
 * Return:	virtual ns; INT64_MAX: none.
 */
int64_t event_next_time(struct world *w);

/**
 * event_count() - how many events there were, calls from outside included
 * @w:	world
 *
 * Return:	number of the running or last event.
 */
uint64_t event_count(const struct world *w);

/**
 * event_count_external() - a call of the public API is an event, too
 * @w:	world, depth 0
 *
 * explore destroys things after every event, and a call is one.  The caller
 * passes its own door afterwards.
 */
void event_count_external(struct world *w);

/**
 * event_enter() - pass a door that may belong to no vnet
 * @f:		saved for event_leave()
 * @v:		vnet, or NULL: nobody's; no vnet is current then
 * @door:	enum vnet_door
 * @mod:	module
 *
 * Return:	true; false: that door of @v is shut.
 */
bool event_enter(struct vnet_frame *f, struct vnet *v, int door, int mod);
void event_leave(const struct vnet_frame *f);

/* Change to a vnet, or to none, from wherever we are; event_leave() undoes. */
void event_switch(struct vnet_frame *f, struct vnet *v, int mod);

/* Another vnet becomes current for a look that writes nothing: no door, no
 * mark.  Return: the one before. */
struct vnet *event_look(struct vnet *v);

/* What the audits after a teardown step find and remove. */
struct late_item {
	const char *li_kind; /* "callout", "task", "packet", "deferred free" */
	const char *li_name; /* constant: callout's, task's, protocol's */
	const char *li_site; /* constant "file:line", or NULL */
	const void *li_obj;  /* ledger object (a packet), or NULL */
	int64_t li_due;      /* virtual ns: callouts; else now */
	uint8_t li_mod;      /* owner */
	bool li_claimed;     /* was about to run */
};

/*
 * What they have in common:
 * @v:		vnet
 * @mod:	only what this module owns; -1: all
 * @found:	called for each thing before it is removed, may be NULL
 * @ctx:	for @found
 *
 * Return:	number of things removed.
 */
uint32_t callout_remove_all(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx);

struct callout;
/**
 * callout_armed() - armed or claimed callouts
 * @v:		vnet
 * @mod:	owner, -1: all
 * @first:	out, may be NULL: one of them, or NULL
 *
 * Return:	their number.
 */
uint32_t callout_armed(const struct vnet *v, int mod, struct callout **first);

/* ---- choices ---- */

/* One entry of a schedule; strings are not kept. */
struct deviation {
	uint32_t dv_vnet; /* v_id, VNETSIM_NOVNET: of no vnet */
	const char *dv_stream;
	const char *dv_what;
	uint32_t dv_ordinal; /* from 0, of this pair in this vnet */
	uint32_t dv_value;   /* answer; the last alternative if too large */
};

/**
 * world_set_deviations() - follow a schedule from now on
 * @w:		world
 * @dv:		@n entries, borrowed for the call; replaces the ones before
 * @n:		0: only count ordinals (so that a schedule given after a
 *		restore means the same)
 *
 * Ordinals are counted from the first call on.
 * Return:	0, or VE_NOMEM (nothing changed).
 */
int world_set_deviations(
    struct world *w, const struct deviation *dv, uint32_t n);

/**
 * world_deviation_used() - did a deviation decide something?
 * @w:	world
 * @i:	index in the list given
 *
 * Return:	how often since it was set (more than once after no restore).
 */
uint32_t world_deviation_used(const struct world *w, uint32_t i);

/* A choice as it happens, for whoever looks for schedules. */
struct choice_point {
	uint32_t cp_vnet;
	const char *cp_stream;
	const char *cp_what;
	uint32_t cp_ordinal;
	uint32_t cp_n;     /* alternatives */
	uint32_t cp_value; /* answer */
};

/**
 * world_set_recorder() - hear of every choice
 * @w:		world
 * @fn:		host code, must not call into the world; NULL: no more
 * @ctx:	for @fn
 *
 * Counts ordinals from now on.
 * Return:	0, or VE_NOMEM.
 */
int world_set_recorder(struct world *w,
    void (*fn)(void *ctx, const struct choice_point *cp), void *ctx);

/*
 * What the scheduler itself asks: (NOVNET, "sched", "next").  Among at most
 * CHOICE_SCHED nodes of one time, oldest first, which one runs?
 */
#define CHOICE_SCHED 16
uint32_t choose_sched(struct world *w, uint32_t n);

#endif /* !SRC_CORE_EVENT_VAR_H */
