/*
 * event.h - events: everything that happens, in exact (time, sequence) order.
 *
 * One timer wheel per world.  A stream (a callout, the netisr queue of a vnet,
 * a task queue, the epoch, a link direction, an operation) shows the wheel
 * one item at a time: its head.  The scheduler takes the earliest node, first
 * come first served among equal times, sets the clock to it and runs it; it
 * never runs ahead.  Nothing runs the scheduler from inside an event: depth is
 * asserted.
 *
 * choose() is the only source of nondeterminism; 0 is the kernel-like default.
 * A schedule is a list of deviations (anchor, ordinal, value).
 */
#ifndef VNETSIM_KERN_EVENT_H
#define VNETSIM_KERN_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/kdefs.h>

struct vnet;
struct world;

/* What a node runs; the class is constant data. */
struct event_class {
	const char *ec_name; /* "callout", "netisr", ... */
	void (*ec_run)(void *arg);
	/* who it belongs to, NULL for the world; for audits and traces */
	struct vnet *(*ec_vnet)(const void *arg);
	/* constant or static part of its anchor: "tcp.rexmt" */
	const char *(*ec_what)(const void *arg);
};

/* Index into the world's node pool; 0 is none. */
typedef uint32_t evnode_t; /* a number, not a struct: kept in 4 bytes */

/* Context of the running thread: first member of struct world. */
struct kctx {
	struct vnet *kc_vnet; /* curvnet; set at doors only */
	struct world *kc_world;
	int64_t kc_now;      /* virtual ns */
	const char *kc_door; /* name of the innermost door, NULL outside */
	uint8_t kc_mod;      /* module whose verb or handler runs */
	uint8_t kc_depth;    /* 1 while an event runs */
	uint16_t kc_epoch;   /* nesting of NET_EPOCH_ENTER */
};
extern _Thread_local struct kctx *kctx __tls_initial_exec;

/* Virtual time now, ns since the world's start. */
static inline int64_t
vtime(void)
{
	return (kctx->kc_now);
}

/**
 * event_schedule() - put a stream's head on the wheel
 * @node:	the stream's node; 0: one is taken from the pool
 * @when:	virtual ns; earlier than now counts as now
 * @cls:	class
 * @arg:	the stream; must lie in world memory
 *
 * A node that is already scheduled moves (and loses its place among equals).
 * The pool has EVENT_MAX nodes and cannot fail below: whoever creates streams
 * in numbers asks event_headroom() first.
 */
#define EVENT_MAX (4u << 20)
void event_schedule(
    evnode_t *node, int64_t when, const struct event_class *cls, void *arg);

/**
 * event_cancel() - take it off the wheel and give the node back
 * @node:	0 afterwards; 0 before is fine
 */
void event_cancel(evnode_t *node);

/**
 * event_headroom() - room for more streams?
 * @n:	how many nodes the caller is going to need
 *
 * Return:	true if that many are free.
 */
bool event_headroom(uint32_t n);

/**
 * choose() - a decision that the schedule may change
 * @n:		number of alternatives, >= 1
 * @stream:	constant: "callout", "netisr", "link", ...
 * @what:	constant: "claim", "tcp.rexmt", ...
 *
 * The anchor is (curvnet, @stream, @what, ordinal of this pair in this vnet).
 * Return:	0 unless a deviation names the anchor; always < @n.
 */
uint32_t choose(uint32_t n, const char *stream, const char *what);

/**
 * krandom() - counter-based random numbers, keyed by what they are for
 * @key:	constant: "link.loss", "tcp.iss", ...
 * @a:		second key: link and direction, vnet id, ...
 * @counter:	ordinal of the draw; the caller counts
 *
 * Return:	64 bits, a pure function of (world seed, @key, @a, @counter).
 */
uint64_t krandom(const char *key, uint64_t a, uint64_t counter);

#endif /* !VNETSIM_KERN_EVENT_H */
