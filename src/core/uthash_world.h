/*
 * uthash_world.h - uthash inside the world, for its registries.
 *
 * Include this one, never uthash.h.  Tables and buckets come from the memory
 * of the world and move with saves.  Running out of memory is not fatal:
 * after HASH_ADD an element whose hh.tbl is NULL was not added (use
 * HASH_ADDED()).  Iteration is in order of insertion; the hash function sees
 * key bytes only, so nothing depends on an address.
 *
 * What a vnet looks up per packet does not use this (56 bytes in each element)
 * but tables with 32-bit links of its own.
 */
#ifndef SRC_CORE_UTHASH_WORLD_H
#define SRC_CORE_UTHASH_WORLD_H

#include <stdbool.h>
#include <stddef.h>

/**
 * uthash_world_alloc() - memory for a table of uthash
 * @size:	bytes
 *
 * Return:	memory of the world, charged to nobody; NULL: no memory.
 */
void *uthash_world_alloc(size_t size);

/**
 * uthash_world_free() - give it back
 * @p:		from uthash_world_alloc()
 */
void uthash_world_free(void *p);

#define HASH_NONFATAL_OOM      1
#define uthash_malloc(sz)      uthash_world_alloc(sz)
#define uthash_free(p, sz)     uthash_world_free(p)
#define uthash_nonfatal_oom(e) ((void)(e))
#include <uthash.h>

/* Did HASH_ADD work? */
#define HASH_ADDED(hh, e) ((e)->hh.tbl != NULL)

#endif /* !SRC_CORE_UTHASH_WORLD_H */
