/*
 * uma.h - zones: where every object is born and dies (uma(9) is the model).
 *
 * A zone is constant data: name, size, field table.  Its objects lie in the
 * extents of the vnet that is current when they are born, a 32-byte header in
 * front; UMA_WORLD zones (mbufs, clusters, in-flight frames, prisons) lie in
 * extents of the world and are only charged to a vnet, so that they may
 * outlive it or change hands (uma_chown).  The header is the ledger: type,
 * birth vnet, owner, per-vnet serial, birth site, virtual time, holders.
 *
 * Every allocation may fail: budgets (per vnet, per world) and injected
 * failures (--fail-alloc) make it a normal path.  M_RESERVE draws on what
 * uma_reserve() set aside and is the only kind that teardown verbs may use.
 *
 * Freed typed objects up to 512 bytes are poisoned whole (0xde), buffers in
 * their first 64 bytes.  A double free, a free through the wrong zone or of
 * another vnet's object, and a free of an object that still has holders are
 * lifetime findings; the run goes on and the object stays allocated.
 */
#ifndef VNETSIM_KERN_UMA_H
#define VNETSIM_KERN_UMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/field.h>
#include <vnetsim/kern/kdefs.h>
#include <vnetsim/kern/modules.h>

struct vnet;

enum uma_flags {
	UMA_WORLD = 1,  /* extents of the world, charged by tag */
	UMA_BUFFER = 2, /* bytes: poison the first 64 only; not hashed */
	UMA_VAR = 4,    /* kmalloc: size given at each allocation */
	/* not state: caches, statistics blocks: left out of state hashes */
	UMA_NOHASH = 8,
	UMA_STATS = 16, /* cold statistics: survives as a failed call's trace */
};

#define UMA_LOCAL_MAX 24 /* zones of one module */

/*
 * Constant.  A type's id is base[module] + uz_local, fixed at world start, or
 * when the module is loaded: uz_mod is LOADED then, and the module is the one
 * whose table lists the zone (kmod.h).
 */
struct uma_zone {
	const char *uz_name;
	uint32_t uz_size; /* bytes; UMA_VAR: 0 */
	uint8_t uz_mod;   /* enum vnet_modid, or VNET_MOD_LOADED */
	uint8_t uz_local; /* index within the module's vm_zones */
	uint16_t uz_flags;
	const struct field *uz_fields;
	uint32_t uz_nfields;
};

/*
 * UMA_ZONE(tcpcb_zone, tcp, 0, struct tcpcb, 0, tcpcb_fields): objects of a
 * struct, a zone with the name of its tag, "tcpcb".  UMA_ZONE_NAMED: where
 * FreeBSD's zone or malloc(9) type has another name.
 */
#define UMA_ZONE(var, mod, local, type, flags, fields)                         \
	UMA_ZONE_NAMED(var, mod, local, &(#type)[sizeof("struct ") - 1], type, \
	    flags, fields)
#define UMA_ZONE_NAMED(var, mod, local, name, type, flags, fields)             \
	const struct uma_zone var = { name, sizeof(type), VNET_MOD_##mod,      \
		local, flags, fields, nitems(fields) }
#define UMA_ZONE_BYTES(var, mod, local, name, size, flags)                     \
	const struct uma_zone var = { name, size, VNET_MOD_##mod, local,       \
		(flags) | UMA_BUFFER, NULL, 0 }
/* A malloc(9) type: arrays and tables; kmalloc() gives the size. */
#define MALLOC_TYPE(var, mod, local, name, flags)                              \
	const struct uma_zone var = { name, 0, VNET_MOD_##mod, local,          \
		(flags) | UMA_VAR, NULL, 0 }

enum malloc_flags {
	M_NOWAIT = 0,
	M_ZERO = 1,
	M_RESERVE = 2, /* from uma_reserve()d bytes; never injected */
};

/**
 * uma_zalloc() - a new object, owned by curvnet (by the world if NULL)
 * @z:		zone, not UMA_VAR
 * @flags:	enum malloc_flags; without M_ZERO the content is poison (0xa5)
 *
 * Aligned to 16 bytes.  Time: O(1).
 * Return:	the object, or NULL: budget of the vnet or of the world used
 *		up, no extent left, or an injected failure.
 */
#define uma_zalloc(z, flags) uma_zalloc_site((z), (flags), SITE)
void *uma_zalloc_site(const struct uma_zone *z, int flags, const char *site);

/**
 * uma_zfree() - end of an object's life
 * @z:	its zone
 * @p:	the object, or NULL (nothing happens)
 *
 * It must have no holder (ref.h) and belong to curvnet or, if curvnet is
 * NULL or the zone is UMA_WORLD, to anybody.
 */
#define uma_zfree(z, p) uma_zfree_site((z), (p), SITE)
void uma_zfree_site(const struct uma_zone *z, void *p, const char *site);

/**
 * kmalloc() - malloc(9): a table or an array
 * @z:		a MALLOC_TYPE
 * @size:	bytes, 1 to 64 MiB; above 65,504 it takes whole extents
 * @flags:	enum malloc_flags
 *
 * Return:	memory aligned to 16 bytes, or NULL as uma_zalloc().
 */
#define kmalloc(z, size, flags) kmalloc_site((z), (size), (flags), SITE)
void *kmalloc_site(
    const struct uma_zone *z, size_t size, int flags, const char *site);
#define kfree(z, p) uma_zfree_site((z), (p), SITE)

/**
 * uma_chown() - an object of a UMA_WORLD zone changes hands
 * @p:	object
 * @to:	new owner, NULL for the world; not charged against its budget
 */
void uma_chown(void *p, struct vnet *to);

/**
 * uma_owner() - who is charged for an object
 * @p:	any live object
 *
 * Return:	the vnet, or NULL for the world.
 */
struct vnet *uma_owner(const void *p);

/**
 * uma_check() - is this a live object of that zone?
 * @z:	zone
 * @p:	any pointer into the world
 *
 * For KASSERTs where objects meet.
 * Return:	true if so; false for NULL, dead, freed or foreign memory.
 */
bool uma_check(const struct uma_zone *z, const void *p);

/**
 * uma_count() - live objects of a zone charged to a vnet
 * @z:	zone
 * @v:	vnet, NULL for the world
 *
 * Return:	the count; O(1).
 */
uint32_t uma_count(const struct uma_zone *z, const struct vnet *v);

/**
 * uma_reserve() - set bytes aside for M_RESERVE allocations of curvnet
 * @bytes:	to add (or, negative, to give back)
 *
 * farewell() must be able to say goodbye without memory: each connection
 * reserves one mbuf with header when it is made.
 * Return:	0, or VE_NOBUFS if the budget does not allow it.
 */
int uma_reserve(int64_t bytes);

#endif /* !VNETSIM_KERN_UMA_H */
