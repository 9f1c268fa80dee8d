/*
 * event_wheel.c - the timer wheel.
 *
 * Where a node stands
 * ===================
 *
 * Let g be the highest group of six bits in which a node's time differs from
 * ew_cur (group 0 if it does not differ).  The node stands on level g, in the
 * slot named by group g of its own time.  Its groups above g equal those of
 * ew_cur, so the slot's number and ew_cur together give the time down to 64^g
 * ns, and level 0 gives it exactly.
 *
 * ew_cur only grows.  When it moves to t, with no node earlier than t, only
 * one slot can hold nodes whose place is no longer right: on the level of the
 * highest group in which t differs from ew_cur, the slot of t itself.  (Slots
 * before it would hold earlier nodes; lower levels agree with the old ew_cur
 * in that group and so are earlier, too.)  Its nodes are put again, in order;
 * they land on lower levels.
 *
 * Order
 * =====
 *
 * Two nodes of one time T are in one slot always: the place depends on T and
 * ew_cur only.  Both insertion and putting again append, hence first come,
 * first served, without comparing a sequence number.
 *
 * The earliest node stands in the first used slot of the lowest used level.
 * If that is level 0 it is found.  Else its slot is looked through: a short
 * one to the end, then the wheel jumps to the minimum; a long one is emptied
 * from the start of its span, which takes one pass over the list instead of
 * two.  Either is no later than the caller's limit, so the wheel never runs
 * ahead of the clock that the caller sets next.
 */
#include "src/core/event_wheel.h"

/* Slots longer than this are emptied from the start of their span. */
#define WHEEL_JUMP 16

/* Highest group of six bits with a bit set, 0 if none. */
static uint32_t
top_group(uint64_t x)
{
	uint32_t g;

	g = 0;
	if (x >> 36 != 0) {
		x >>= 36;
		g = 6;
	}
	if (x >> 18 != 0) {
		x >>= 18;
		g += 3;
	}
	if (x >> 12 != 0)
		return (g + 2);
	return (x >> 6 != 0 ? g + 1 : g);
}

static uint32_t
group_of(int64_t when, uint32_t level)
{
	return ((uint32_t)((uint64_t)when >> (level * WHEEL_BITS)) &
		(WHEEL_SLOTS - 1));
}

static uint32_t
level_of(const struct event_wheel *ew, int64_t when)
{
	return (top_group((uint64_t)when ^ (uint64_t)ew->ew_cur));
}

/* Append a node to the slot where it belongs. */
static void
slot_put(struct event_wheel *ew, uint32_t n)
{
	struct evnode *en, *first;
	uint32_t *head;
	uint32_t level, slot;

	en = &ew->ew_pool[n];
	level = level_of(ew, en->en_when);
	slot = group_of(en->en_when, level);
	head = &ew->ew_slot[level][slot];
	if (*head == 0) {
		*head = n;
		en->en_next = en->en_prev = n;
		ew->ew_map[level] |= UINT64_C(1) << slot;
		ew->ew_levels |= 1u << level;
		return;
	}
	first = &ew->ew_pool[*head];
	en->en_next = *head;
	en->en_prev = first->en_prev;
	ew->ew_pool[first->en_prev].en_next = n;
	first->en_prev = n;
}

static void
slot_clear(struct event_wheel *ew, uint32_t level, uint32_t slot)
{
	ew->ew_slot[level][slot] = 0;
	ew->ew_map[level] &= ~(UINT64_C(1) << slot);
	if (ew->ew_map[level] == 0)
		ew->ew_levels &= ~(1u << level);
}

static void
slot_take(struct event_wheel *ew, uint32_t n)
{
	struct evnode *en;
	uint32_t level, slot;

	en = &ew->ew_pool[n];
	level = level_of(ew, en->en_when);
	slot = group_of(en->en_when, level);
	if (en->en_next == n) {
		slot_clear(ew, level, slot);
	} else {
		ew->ew_pool[en->en_prev].en_next = en->en_next;
		ew->ew_pool[en->en_next].en_prev = en->en_prev;
		if (ew->ew_slot[level][slot] == n)
			ew->ew_slot[level][slot] = en->en_next;
	}
	if (ew->ew_min == n)
		ew->ew_min = 0;
}

/* The wheel's time becomes @t; no node is earlier. */
static void
wheel_advance(struct event_wheel *ew, int64_t t)
{
	uint32_t first, level, n, next, slot;

	if (t == ew->ew_cur)
		return;
	level = level_of(ew, t);
	slot = group_of(t, level);
	ew->ew_cur = t;
	if (level == 0)
		return;
	first = ew->ew_slot[level][slot];
	if (first == 0)
		return;
	slot_clear(ew, level, slot);
	n = first;
	do {
		next = ew->ew_pool[n].en_next;
		slot_put(ew, n);
		n = next;
	} while (n != first);
}

/* Start of the span of a slot above level 0. */
static int64_t
slot_start(const struct event_wheel *ew, uint32_t level, uint32_t slot)
{
	uint64_t above;
	uint32_t shift;

	shift = level * WHEEL_BITS;
	above = 0;
	if (shift + WHEEL_BITS < 64)
		above = (uint64_t)ew->ew_cur >> (shift + WHEEL_BITS)
						    << (shift + WHEEL_BITS);
	return ((int64_t)(above | (uint64_t)slot << shift));
}

/*
 * The earliest node of a slot; 0 if it has more than @max nodes.  Nodes of a
 * short slot fire soon: their streams are read on the way, so that the cache
 * misses overlap here instead of adding up there (a quarter of the time of an
 * event with 1,000,000 armed).
 */
static uint32_t
slot_min(const struct event_wheel *ew, uint32_t first, uint32_t max)
{
	uint32_t min, n;

	min = n = first;
	for (;;) {
		if (max <= WHEEL_JUMP)
			(void)*(const volatile char *)wheel_arg(ew, n);
		n = ew->ew_pool[n].en_next;
		if (n == first)
			return (min);
		if (--max == 0)
			return (0);
		if (ew->ew_pool[n].en_when < ew->ew_pool[min].en_when)
			min = n;
	}
}

void
wheel_init(
    struct event_wheel *ew, struct evnode *pool, uint32_t cap, void *base)
{
	uint32_t i, j;

	for (i = 0; i < WHEEL_LEVELS; i++) {
		ew->ew_map[i] = 0;
		for (j = 0; j < WHEEL_SLOTS; j++)
			ew->ew_slot[i][j] = 0;
	}
	ew->ew_pool = pool;
	ew->ew_base = base;
	ew->ew_cap = cap;
	ew->ew_used = 1;
	ew->ew_free = ew->ew_live = ew->ew_min = ew->ew_levels = 0;
	ew->ew_cur = 0;
}

bool
wheel_add(struct event_wheel *ew, evnode_t *owner, int64_t when,
    const struct event_class *cls, void *arg)
{
	struct evnode *en;
	uintptr_t off;
	intptr_t diff;
	uint32_t n;

	n = ew->ew_free;
	if (n != 0) {
		ew->ew_free = ew->ew_pool[n].en_next;
	} else {
		if (ew->ew_used >= ew->ew_cap)
			return (false);
		n = ew->ew_used++;
	}
	off = (uintptr_t)arg - (uintptr_t)ew->ew_base;
	diff = (intptr_t)((uintptr_t)owner - (uintptr_t)arg);
	KASSERT(off % EVNODE_UNIT == 0 && off / EVNODE_UNIT <= UINT32_MAX,
	    ("%s: the stream of a %s is not in the world", __func__,
		cls->ec_name));
	KASSERT(diff % 4 == 0 && diff / 4 >= INT32_MIN && diff / 4 <= INT32_MAX,
	    ("%s: the node of a %s is far from its stream", __func__,
		cls->ec_name));
	en = &ew->ew_pool[n];
	en->en_when = when;
	en->en_class = cls;
	en->en_arg = (uint32_t)(off / EVNODE_UNIT);
	en->en_owner = (int32_t)(diff / 4);
	slot_put(ew, n);
	ew->ew_live++;
	if (ew->ew_min != 0 && when < ew->ew_pool[ew->ew_min].en_when)
		ew->ew_min = n;
	*owner = n;
	return (true);
}

void
wheel_move(struct event_wheel *ew, evnode_t n, int64_t when,
    const struct event_class *cls)
{
	slot_take(ew, n);
	ew->ew_pool[n].en_when = when;
	ew->ew_pool[n].en_class = cls;
	slot_put(ew, n);
	if (ew->ew_min != 0 && when < ew->ew_pool[ew->ew_min].en_when)
		ew->ew_min = n;
}

void
wheel_del(struct event_wheel *ew, evnode_t n)
{
	struct evnode *en;
	evnode_t *owner;

	slot_take(ew, n);
	en = &ew->ew_pool[n];
	owner = (evnode_t *)(void *)((char *)wheel_arg(ew, n) +
				     (ptrdiff_t)en->en_owner * 4);
	*owner = 0;
	en->en_class = NULL;
	en->en_next = ew->ew_free;
	ew->ew_free = n;
	ew->ew_live--;
}

evnode_t
wheel_next(struct event_wheel *ew, int64_t limit)
{
	uint32_t first, level, min, slot;
	int64_t start;

	if (limit < ew->ew_cur)
		return (0);
	while (ew->ew_levels != 0) {
		level = ctz64(ew->ew_levels);
		slot = ctz64(ew->ew_map[level]);
		first = ew->ew_slot[level][slot];
		if (level == 0) {
			if (ew->ew_pool[first].en_when > limit)
				break;
			ew->ew_cur = ew->ew_pool[first].en_when;
			return (first);
		}
		start = slot_start(ew, level, slot);
		if (start > limit)
			break;
		min = ew->ew_min != 0 ? ew->ew_min
				      : slot_min(ew, first, WHEEL_JUMP);
		if (min == 0) {
			wheel_advance(ew, start);
			continue;
		}
		if (ew->ew_pool[min].en_when > limit) {
			ew->ew_min = min;
			break;
		}
		wheel_advance(ew, ew->ew_pool[min].en_when);
	}
	if (limit != INT64_MAX)
		wheel_advance(ew, limit);
	return (0);
}

int64_t
wheel_peek(struct event_wheel *ew)
{
	uint32_t first, level;

	if (ew->ew_levels == 0)
		return (INT64_MAX);
	if (ew->ew_min == 0) {
		level = ctz64(ew->ew_levels);
		first = ew->ew_slot[level][ctz64(ew->ew_map[level])];
		ew->ew_min =
		    level == 0 ? first : slot_min(ew, first, UINT32_MAX);
	}
	return (ew->ew_pool[ew->ew_min].en_when);
}
