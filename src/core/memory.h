/*
 * memory.h - the memory of a world: extents, arenas, headers, marks.
 *
 * A world's reservation is laid out once, by world_mem_init():
 *
 *	struct world | findings | extent table | event nodes | handles |
 *	field programs | extents of 64 KiB ...
 *
 * An arena (the world's, or a vnet's) is a list of extents.  Objects of all
 * sizes are carved one behind the other, a 32-byte header in front; a freed
 * block goes to the arena's list of its size class.  So an extent describes
 * itself: the audit, the state hash, a save and a report walk headers.
 *
 * A vnet's first extent begins with the header and body of struct vnet, then
 * its struct vnet_mem; the extent's number is the arena's number, which the
 * headers of objects charged to that vnet carry as their owner.  Number 0 is
 * the world.
 *
 * docs/adr/0002-memory.md has the reasons, 0003-save-restore.md those of
 * marks and saves.
 */
#ifndef SRC_CORE_MEMORY_H
#define SRC_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/uma.h>

struct field_prog;
struct finding;
struct vnet;
struct world;
struct world_save;

#define MEM_NTYPES       128
#define MEM_EXTENT       65536u
#define MEM_HDR          32u
#define MEM_NCLASS       88u /* 32 steps of 16 bytes, then 8 per doubling */
#define MEM_CLASS_BIG    255 /* a run of extents */
#define MEM_BIG_MAX      (64u << 20)
#define MEM_REFS_MANY    255
#define MEM_IMAGES       15
#define MEM_VNETID_MAX   0xfffffeu /* 24 bits; the last one means the world */
#define MEM_VNETID_WORLD 0xffffffu
#define MEM_DEAD_MAX     8192 /* dead extents kept inaccessible (checking) */
/* Address space of a world, when wc_size is 0; the largest and smallest. */
#if UINTPTR_MAX > 0xffffffffu
#define WORLD_SIZE_DEFAULT ((size_t)16 << 30)
#define WORLD_SIZE_MAX     ((size_t)32 << 30) /* struct ref counts in 8 bytes */
#else
#define WORLD_SIZE_DEFAULT ((size_t)256 << 20)
#define WORLD_SIZE_MAX     ((size_t)1 << 30)
#endif
#define WORLD_SIZE_MIN ((size_t)4 << 20)

enum mem_state {
	MEM_NONE,
	MEM_FREE = 5,  /* on a free list */
	MEM_LIVE = 10, /* an object */
	MEM_DEAD = 13, /* its vnet is gone */
};

enum mem_hflags {
	MEMH_WORLD = 1,   /* lies in the world's arena */
	MEMH_RESERVE = 2, /* drawn from its owner's reserve */
	MEMH_SELF = 4,    /* a struct vnet: not counted */
	MEMH_TOLD = 8,    /* reported as a leak already */
	MEMH_FREED = 16,  /* dead, and was free before its vnet died */
	MEMH_MAGIC = 0x9c00,
	MEMH_MAGICMASK = 0xff00,
};

/*
 * In front of every object.  h_id: type 12 bits, state 4, birth vnet 24,
 * owner 24 (its arena), from the low end.  h_sn: serial 40, class 8, flags 16.
 */
struct mem_hdr {
	uint64_t h_id;
	uint64_t h_sn;
	uint32_t h_site;  /* birth, site_encode() */
	uint32_t h_edges; /* first struct ref that holds it, 8-byte offset */
	int64_t h_time;   /* birth, virtual ns */
};
_Static_assert(sizeof(struct mem_hdr) == MEM_HDR, "a header is 32 bytes");

enum mem_estate {
	EXT_NONE,  /* never handed out */
	EXT_FREE,  /* recycled */
	EXT_ARENA, /* of an arena */
	EXT_RUN,   /* first of a run: one big object */
	EXT_CONT,  /* the rest of it */
	EXT_SHUT,  /* dead and inaccessible */
};

struct mem_extent {
	uint32_t e_next;  /* in its arena, or on the free list; 0: none */
	uint32_t e_prev;  /* the same, backwards */
	uint32_t e_used;  /* bytes carved; kept when free, for reports */
	uint32_t e_arena; /* whose; 0: the world's */
	/* EXT_RUN: extents; EXT_CONT: distance to it, kept when free */
	uint32_t e_run;
	uint32_t e_mark; /* first of an arena: wm_epoch when last entered */
	uint8_t e_state;
	uint8_t e_pad[7];
};

struct mem_arena {
	uint32_t ma_first; /* oldest extent */
	uint32_t ma_last;
	uint32_t ma_cur;              /* being carved */
	uint32_t ma_free[MEM_NCLASS]; /* 16-byte offsets from the base */
};

struct mem_account {
	uint64_t ac_bytes;    /* of live blocks, headers included */
	uint64_t ac_limit;    /* budget, 0: none */
	uint64_t ac_promised; /* uma_reserve()d */
	uint64_t ac_drawn;    /* of it in live blocks */
	uint64_t ac_serial;   /* last one given */
	uint32_t ac_nlive;    /* objects, all types */
	uint32_t ac_live[MEM_NTYPES];
};

/* Behind struct vnet, in the vnet's first extent. */
struct vnet_mem {
	struct mem_account vm_acct;
	struct mem_arena vm_arena;
};

/* What vmstat(8) shows of a type, of all vnets together; not state. */
struct mem_typestat {
	uint64_t ts_requests; /* that were granted */
	uint32_t ts_fail;     /* that were not */
	uint32_t ts_sizes;    /* UMA_VAR: bit n: up to 16 << n bytes asked */
};

/* What a failed allocation was. */
enum mem_why { MEM_OK, MEM_INJECTED, MEM_VNETBUDGET, MEM_BUDGET, MEM_FULL };

struct world_mem {
	char *wm_base; /* of the reservation: the world itself */
	size_t wm_size;
	char *wm_extbase; /* of extent 0, aligned to 64 KiB */
	struct mem_extent *wm_ext;
	uint32_t wm_next;  /* extents that exist */
	uint32_t wm_nused; /* extents ever handed out: high water */
	uint32_t wm_efree; /* free list, newest first; 0: none */
	uint32_t wm_nefree;
	uint32_t wm_shuthead, wm_shuttail; /* EXT_SHUT, oldest first */
	uint32_t wm_nshut;
	struct mem_arena wm_arena;
	struct mem_account wm_acct; /* objects of the world */
	uint64_t wm_total;          /* bytes of all live blocks */
	uint64_t wm_budget;         /* limit of wm_total, 0: none */
	uint64_t wm_vnetbudget;     /* for new vnets */
	uint64_t wm_promised;       /* reserves of all, less what is drawn */
	/* injected failures */
	uint64_t wm_nfallible;   /* fallible allocations so far */
	uint64_t wm_failat;      /* this one fails; 0: none */
	uint64_t wm_nfail;       /* that failed, injected or not */
	const char *wm_failsite; /* of the last one, constant */
	uint8_t wm_failwhy;      /* enum mem_why */
	bool wm_failsticky;      /* and all after it */
	bool wm_consumed;        /* an injected one has failed */
	bool wm_infallible;      /* world_user_alloc(fallible = false) */
	/* images: constant strings are named by (image, offset) */
	uint32_t wm_nimages;
	const char *wm_image[MEM_IMAGES + 1];
	/* the other parts of the reservation; their owners take them */
	void *wm_evpool; /* event nodes, 32 bytes each */
	uint32_t wm_evmax;
	void *wm_handles; /* struct handle_slot */
	uint32_t wm_handlemax;
	struct finding *wm_findings;
	/* field programs: constant after the world's start, not saved */
	char *wm_prog;
	uint32_t wm_progsize, wm_progused;
	struct field_prog *wm_typeprog[MEM_NTYPES];
	/* struct ref in objects: 0 none; MEM_REFS_MANY: ask the program; else
	 * one, at byte 8 * (value - 1) */
	uint8_t wm_hasrefs[MEM_NTYPES];
	struct mem_typestat wm_typestat[MEM_NTYPES];
	struct field_prog *wm_modprog[VNET_MOD_MAX];
	/* saves; these four are not state and survive a restore */
	uint32_t wm_epoch;     /* counts saves and restores */
	uint32_t wm_basenr;    /* number of the save last made or restored */
	uint32_t wm_savenr;    /* last number given */
	bool wm_trustmarks;    /* restore only what marks say */
	uint32_t wm_nunmarked; /* checking: unmarked vnets found changed */
	struct world_save *wm_spare; /* a freed save, kept for the next */
};

/**
 * world_mem_init() - lay out a world's reservation
 * @w:		at its start; all zero but w_cfg and w_host, which are set
 * @size:	bytes of the reservation
 *
 * Takes budgets and injected failures from w_cfg.  Afterwards wm_evpool,
 * wm_handles and wm_findings stand ready (zeroed) for their owners and the
 * world can allocate, once w_zonebase is set.
 * Return:	0; VE_NOMEM: smaller than WORLD_SIZE_MIN or larger than
 *		WORLD_SIZE_MAX.
 */
int world_mem_init(struct world *w, size_t size);

/* Make every zone's and module's field program; panics if a table is wrong.
 * Called by world_create() when all zones are registered, and after a module
 * is loaded. */
void world_fields_init(struct world *w);

/**
 * world_mem_clear() - forget everything, keep the reservation
 * @w:	afterwards all zero in the used parts of tables and pools; the used
 *	parts of extents are poisoned.  The caller zeroes struct world and may
 *	call world_mem_init() again.  Also to be called before release.
 */
void world_mem_clear(struct world *w);

/**
 * vnet_mem_create() - memory of a new vnet, and struct vnet in it
 * @z:		zone of struct vnet, for the header
 * @id:		v_id, at most MEM_VNETID_MAX
 * @site:	constant "file:line"
 *
 * v_id and v_mem are set, the rest is zero.  A fallible allocation.
 * Return:	the vnet, or NULL: no memory.
 */
struct vnet *vnet_mem_create(
    const struct uma_zone *z, uint32_t id, const char *site);

/**
 * vnet_mem_destroy() - end of a vnet's memory, struct vnet included
 * @v:	what is still live in its extents is dead from now on; what it is
 *	charged for in the world's extents is charged to the world
 *
 * Call vnet_mem_sever() before.  Checking builds make the extents
 * inaccessible, the oldest of at most MEM_DEAD_MAX becomes usable again.
 */
void vnet_mem_destroy(struct vnet *v);

/**
 * vnet_mem_sever() - cut all references across the border of a dying vnet
 * @v:		vnet
 * @edge:	called for each reference from outside to an object of @v's
 *		extents, with the object and constant "holder@file:line"; may
 *		be NULL
 * @ctx:	for @edge
 *
 * Slots inside that hold outside objects are emptied.  Outside slots that
 * hold inside objects are cut: ref_get() answers NULL from then on, and
 * ref_drop() empties them without a word.
 * Return:	number of references from outside.
 */
uint32_t vnet_mem_sever(struct vnet *v,
    void (*edge)(void *ctx, void *obj, const char *holder), void *ctx);

/**
 * mem_alloc() - uma_zalloc() or kmalloc() on somebody's account
 * @z:		zone or malloc type
 * @size:	bytes; the zone's if it is no malloc type
 * @flags:	enum malloc_flags
 * @v:		who is charged, and whose extents it lies in unless the zone is
 *		UMA_WORLD; NULL: the world
 * @site:	constant "file:line"
 *
 * For core itself: whoever is current does not matter.
 * Return:	as uma_zalloc().
 */
void *mem_alloc(const struct uma_zone *z, size_t size, int flags,
    struct vnet *v, const char *site);

/**
 * mem_alloc_infallible() - the same, charged to the world, never injected
 * @z:		zone or malloc type
 * @size:	bytes
 * @flags:	enum malloc_flags
 * @site:	constant "file:line"
 *
 * For world_user_alloc(fallible = false): budgets do not count either.
 * Return:	memory, NULL: the reservation is full.
 */
void *mem_alloc_infallible(
    const struct uma_zone *z, size_t size, int flags, const char *site);

/* What the ledger knows of an object. */
struct mem_info {
	const struct uma_zone *mi_zone;
	uint8_t mi_state; /* enum mem_state */
	uint16_t mi_type;
	uint16_t mi_flags;
	uint32_t mi_birth;     /* v_id, MEM_VNETID_WORLD */
	struct vnet *mi_owner; /* NULL: the world, or a dead vnet's object */
	uint64_t mi_serial;
	const char *mi_site;     /* birth, constant; "?" if unknown */
	const char *mi_freesite; /* MEM_FREE: where; else NULL */
	int64_t mi_time;
	size_t mi_size; /* usable bytes */
};

/**
 * mem_info() - look an object up in the ledger
 * @p:		any pointer
 * @mi:		out
 *
 * Return:	true: live, freed or dead, see mi_state.  false: no object
 *		begins there, or its memory is inaccessible.
 */
bool mem_info(const void *p, struct mem_info *mi);

/**
 * mem_holder() - who holds an object
 * @obj:	live object
 * @slot:	in: NULL for the first, else the last one found; out: the slot
 *
 * Return:	constant "holder@file:line", NULL: no more.
 */
const char *mem_holder(const void *obj, const struct ref **slot);

/**
 * mem_tell() - is this the first report of a leaked object?
 * @p:	live object
 *
 * Looks are taken after a module's uninit and in the audit.
 * Return:	true the first time, false afterwards.
 */
bool mem_tell(void *p);

/**
 * mem_around() - the object in which an address lies
 * @p:	any address; for reports, walks one extent
 *
 * Return:	the live object, NULL: none (or the inside of a big one).
 */
void *mem_around(const void *p);

enum mem_iter_flags {
	MEM_ITER_ARENA = 1, /* what lies in the extents of the vnet */
	MEM_ITER_CHARGED =
	    2,              /* what lies in the world's and is charged to it */
	MEM_ITER_WORLD = 4, /* all that lies in the world's extents */
};

struct mem_iter {
	const struct vnet *it_vnet;
	uint32_t it_flags;
	uint32_t it_ext; /* extent */
	uint32_t it_off; /* within it */
	uint32_t it_nextext;
	uint8_t it_phase;
	bool it_begun;
};

/**
 * mem_iter_init() - begin a walk over live objects
 * @it:		walk
 * @v:		vnet; NULL: the world (then ARENA walks nothing and CHARGED
 *		what nobody else is charged for)
 * @flags:	enum mem_iter_flags
 */
void mem_iter_init(struct mem_iter *it, const struct vnet *v, int flags);

/**
 * mem_iter_next() - go on
 * @it:	walk; struct vnet itself is left out.  Freeing what was returned is
 *	fine, allocating during the walk is not
 *
 * In order of memory, which is the same in every run.
 * Return:	a live object, NULL: no more.
 */
void *mem_iter_next(struct mem_iter *it);

/**
 * mem_contains() - does it lie in an extent of this world?
 * @w:	world
 * @p:	any pointer
 *
 * Return:	true if so.
 */
bool mem_contains(const struct world *w, const void *p);

/**
 * mem_mark() - core is about to write into memory of some vnet
 * @p:	any address in the world; its vnet counts as entered
 *
 * For core services that write into a vnet which is not current (wait
 * queues, lists, queues of another vnet).
 */
void mem_mark(const void *p);

/**
 * mem_mark_entered() - a door into this vnet is passed
 * @v:	vnet
 */
void mem_mark_entered(const struct vnet *v);

/**
 * mem_fail_set() - make an allocation fail
 * @w:		world
 * @nth:	fallible allocation from now on, 1 is the next; 0: none
 * @sticky:	and all after it
 *
 * Clears wm_consumed.  wm_nfail, wm_failsite and wm_failwhy tell the rest.
 */
void mem_fail_set(struct world *w, uint64_t nth, bool sticky);

/**
 * site_encode() - 4 bytes for a constant string
 * @w:		world; an unknown image is added to its table
 * @site:	string literal, or NULL
 *
 * Return:	never 0 for a known one; 0: NULL, or a 16th image.
 */
uint32_t site_encode(struct world *w, const char *site);

/**
 * site_decode() - the string behind it
 * @w:		world
 * @code:	of site_encode()
 *
 * Return:	the constant, "?" for 0.
 */
const char *site_decode(const struct world *w, uint32_t code);

#endif /* !SRC_CORE_MEMORY_H */
