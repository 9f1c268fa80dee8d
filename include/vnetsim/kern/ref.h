/*
 * ref.h - counted references that know their holders.
 *
 * A reference is a slot inside the holder (struct ref, 16 bytes).  Taking it
 * links the slot into the list that starts in the target's header; so the
 * count is the length of the list, and a leak report can name every holder:
 * which object's slot, taken where.  There are no bare counters (lint).
 *
 * An object with holders cannot be freed (lifetime finding).  What to do when
 * the last reference goes is the target's business: ref_drop() only tells.
 * Slots and targets may lie in different vnets; core marks both for saves.
 */
#ifndef VNETSIM_KERN_REF_H
#define VNETSIM_KERN_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/kdefs.h>

/* All zero: empty.  Offsets are from the world's base in units of 8 bytes. */
struct ref {
	_Alignas(8) uint32_t r_obj;
	uint32_t r_next;
	uint32_t r_prev;
	uint32_t r_site;
};

/**
 * ref_take() - hold @obj through @slot
 * @slot:	empty slot within a world object
 * @obj:	live ledger object
 * @holder:	string literal, what the holder is: "inp_socket", "nhop"
 *
 * O(1), cannot fail.
 */
#define ref_take(slot, obj, holder)                                            \
	ref_take_site((slot), (obj), holder "@" SITE)
void ref_take_site(struct ref *slot, void *obj, const char *site);

/**
 * ref_drop() - let go
 * @slot:	full slot; empty afterwards
 *
 * Return:	true if that was the last reference to the object; then the
 *		caller does whatever the object's owner prescribes.
 */
bool ref_drop(struct ref *slot);

/**
 * ref_move() - the holder moves its slot (list rotation, struct copy)
 * @to:		empty slot
 * @from:	full slot; empty afterwards
 */
void ref_move(struct ref *to, struct ref *from);

/**
 * ref_get() - the object behind a slot
 * @slot:	any slot
 *
 * Return:	the object, NULL if the slot is empty.
 */
static inline void *
ref_get(const struct ref *slot)
{
	/* the world's base is the world; both links of a severed slot */
	if (slot->r_obj == 0 ||
	    __predict_false((slot->r_next & slot->r_prev) == UINT32_MAX))
		return (NULL);
	return ((char *)(void *)kctx->kc_world + ((size_t)slot->r_obj << 3));
}

/**
 * ref_count() - how many hold an object
 * @obj:	live ledger object
 *
 * Return:	number of holders; O(holders), for reports and assertions.
 */
uint32_t ref_count(const void *obj);

/**
 * ref_held() - is an object held at all?
 * @obj:	live ledger object
 *
 * Return:	true if at least one slot points to it; O(1).
 */
bool ref_held(const void *obj);

static inline bool
ref_empty(const struct ref *slot)
{
	return (slot->r_obj == 0);
}

#endif /* !VNETSIM_KERN_REF_H */
