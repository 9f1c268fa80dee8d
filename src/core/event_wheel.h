/*
 * event_wheel.h - the timer wheel: 11 levels of 64 slots, ticks of 1 ns.
 *
 * A node stands on the level of the highest group of six bits in which its
 * time differs from the wheel's (xor placement).  So one time has exactly one
 * slot at any moment; slots are FIFO and are emptied in order into lower
 * levels, hence nodes of equal times leave in the order in which they came:
 * (time, sequence) order without comparing a sequence.  The list at the front
 * of level 0 is exactly the set of nodes due at one time.
 *
 * Nodes lie in the world's pool and are linked by index; the wheel never
 * writes into a stream but for its node index, which it zeroes when the node
 * is given back.
 */
#ifndef SRC_CORE_EVENT_WHEEL_H
#define SRC_CORE_EVENT_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>

#define WHEEL_BITS   6
#define WHEEL_SLOTS  (1u << WHEEL_BITS)
#define WHEEL_LEVELS 11 /* 66 bits: every int64_t from 0 */

/* Streams are named by their offset from the world's base, in units that
 * reach over the largest world and that every struct is aligned to. */
#if UINTPTR_MAX > 0xffffffffu
#define EVNODE_UNIT 8u
#else
#define EVNODE_UNIT 4u
#endif

struct evnode {
	int64_t en_when;
	const struct event_class *en_class; /* NULL: free */
	uint32_t en_arg;                    /* stream, EVNODE_UNIT from base */
	int32_t en_owner; /* its evnode_t, in 4 bytes from the stream */
	uint32_t en_next; /* circular within a slot; free list */
	uint32_t en_prev;
};

struct event_wheel {
	struct evnode *ew_pool; /* node 0 is never used */
	char *ew_base;          /* of the world: what en_arg counts from */
	uint32_t ew_cap;
	uint32_t ew_used; /* high water, node 0 included: a save copies these */
	uint32_t ew_free; /* free list, 0: none */
	uint32_t ew_live; /* scheduled nodes */
	int64_t ew_cur;   /* never later than the clock or the limit asked */
	uint32_t ew_min;  /* earliest node if known, else 0 */
	uint32_t ew_levels; /* bit per level with a node */
	uint64_t ew_map[WHEEL_LEVELS];
	uint32_t ew_slot[WHEEL_LEVELS][WHEEL_SLOTS]; /* first node, 0: none */
};

/**
 * wheel_init() - an empty wheel at time 0
 * @ew:		out
 * @pool:	@cap nodes; contents do not matter
 * @cap:	nodes, the first of which is not used
 * @base:	base of the world
 */
void wheel_init(
    struct event_wheel *ew, struct evnode *pool, uint32_t cap, void *base);

/**
 * wheel_add() - schedule
 * @ew:		wheel
 * @owner:	0 before, the node's index afterwards; near @arg
 * @when:	>= ew_cur
 * @cls:	class
 * @arg:	stream
 *
 * O(1).
 * Return:	true; false: the pool is empty.
 */
bool wheel_add(struct event_wheel *ew, evnode_t *owner, int64_t when,
    const struct event_class *cls, void *arg);

/**
 * wheel_move() - another time, class or stream for a scheduled node
 * @ew:		wheel
 * @n:		its index
 * @when:	>= ew_cur; it goes behind its equals
 * @cls:	class
 *
 * O(1).
 */
void wheel_move(struct event_wheel *ew, evnode_t n, int64_t when,
    const struct event_class *cls);

/**
 * wheel_del() - unschedule a node and give it back
 * @ew:	wheel
 * @n:	its index; its owner's copy is 0 afterwards
 *
 * O(1).
 */
void wheel_del(struct event_wheel *ew, evnode_t n);

/**
 * wheel_next() - the earliest node, if it is due
 * @ew:		wheel; its time moves to the node's, or to @limit if none is
 *		due (not if @limit is INT64_MAX)
 * @limit:	nothing later; < ew_cur: nothing at all
 *
 * Return:	first node of the slot that holds all nodes of its time, still
 *		scheduled; 0: none is due.
 */
evnode_t wheel_next(struct event_wheel *ew, int64_t limit);

/**
 * wheel_peek() - when the earliest node is due
 * @ew:	wheel; not changed but for what it remembers
 *
 * Return:	virtual ns; INT64_MAX: no node, or one at INT64_MAX.
 */
int64_t wheel_peek(struct event_wheel *ew);

/* Stream of a node. */
static inline void *
wheel_arg(const struct event_wheel *ew, evnode_t n)
{
	return (ew->ew_base + (size_t)ew->ew_pool[n].en_arg * EVNODE_UNIT);
}

#endif /* !SRC_CORE_EVENT_WHEEL_H */
