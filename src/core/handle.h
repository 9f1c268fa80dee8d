/*
 * handle.h - handles of (id, generation): names that outlive their objects.
 *
 * The public API, rcvif of mbufs and everything else that may hold on to an
 * object that dies uses a handle.  A slot's generation lives in the world's
 * handle table, so a stale handle is recognised even after the object's
 * memory, or its whole vnet, is gone.
 */
#ifndef SRC_CORE_HANDLE_H
#define SRC_CORE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

struct world;

enum handle_kind {
	HANDLE_NONE,
	HANDLE_VNET,
	HANDLE_JAIL,
	HANDLE_PROC,
	HANDLE_IFNET,
	HANDLE_LINK,
	HANDLE_SOCKET,
	HANDLE_OP,
	HANDLE_N,
};

#define HANDLE_MAX (4u << 20)

struct handle_slot {
	union {
		void *hs_obj;
		uint32_t hs_next; /* of a free slot: the next one, 0: none */
	};
	uint32_t hs_gen;
	uint8_t hs_kind;
	bool hs_live;
	uint16_t hs_pad;
};

struct world_handles {
	struct handle_slot *wh_slot; /* table in the world's reservation */
	uint32_t wh_used;            /* high water, slot 0 is never used */
	uint32_t wh_free;            /* first free slot, 0: none */
	uint32_t wh_nlive[HANDLE_N];
};

/* Slots stand in the world's reservation already: world_mem_init(). */
void world_handles_init(struct world *w);

/**
 * handle_alloc() - name an object
 * @kind:	enum handle_kind
 * @obj:	not NULL
 *
 * Return:	id in the low 32 bits, generation in the high ones; 0:
 *		HANDLE_MAX handles are live.
 */
uint64_t handle_alloc(enum handle_kind kind, void *obj);

/**
 * handle_lookup() - the object behind a handle
 * @kind:	expected kind
 * @h:		handle
 *
 * Return:	the object; NULL: never was, another kind, or gone.
 */
void *handle_lookup(enum handle_kind kind, uint64_t h);

/**
 * handle_free() - the object dies; every copy of the handle is stale now
 * @h:	handle; 0 is fine
 */
void handle_free(uint64_t h);

/**
 * handle_iter() - walk the live handles of a kind, in order of id
 * @kind:	kind
 * @id:		in: start after this id (0: from the first); out: found id
 *
 * Return:	the object, NULL: no more.
 */
void *handle_iter(enum handle_kind kind, uint32_t *id);

/**
 * handle_byid() - the whole handle behind an id
 * @kind:	kind
 * @id:		as found by handle_iter()
 *
 * Return:	the handle, 0: no live object of that kind.
 */
uint64_t handle_byid(enum handle_kind kind, uint32_t id);

#endif /* !SRC_CORE_HANDLE_H */
