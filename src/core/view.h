/*
 * view.h - bytes of a world by the address that they have, or had.
 *
 * A view is a live world or a dump.  Inspection asks for bytes by address and
 * copies what it needs before it looks; so it neither cares where they lie nor
 * whether they are aligned, and a wrong pointer is an answer (false, NULL)
 * instead of a fault.  Whoever follows a list checks that each element points
 * back to the one before: then no element has two predecessors and the walk
 * ends, whatever is in the file.
 *
 * The live view is a part of struct world, so that nobody needs to free it.
 */
#ifndef SRC_CORE_VIEW_H
#define SRC_CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/host.h>
#include <vnetsim/kern/field.h>
#include <vnetsim/kern/modules.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/uma.h>
#include "src/core/dump_format.h"
#include "src/core/memory.h"

struct vnet;
struct vnetsim_object;
struct world;

#define VIEW_STR_MAX   1024 /* longest constant string, with its end */
#define VIEW_STATENAME 24

/* Where the n-th holder was: the next question is about n + 1. */
struct view_hold {
	uint64_t vh_obj;
	uint32_t vh_n;
	uint32_t vh_slot; /* 8-byte offset; 0: nothing known */
};

struct vnetsim_view {
	struct world *vv_world; /* live; NULL: a dump */
	const uint8_t *vv_bytes;
	size_t vv_len;
	size_t vv_size; /* of this block, with the segments */
	struct dump_seg *vv_seg;
	uint32_t vv_nseg;
	bool vv_foreign;
	struct dump_head vv_head;
	struct view_hold vv_hold;
	char vv_state[VNET_MOD_MAX][VIEW_STATENAME]; /* "V_tcp" */
};

/**
 * view_at() - bytes at an address
 * @v:		view
 * @addr:	in the process that the world lives or lived in
 * @avail:	out: how many can be read from there on
 *
 * Under AddressSanitizer they may be poisoned: read them with view_copy().
 * Return:	them, not aligned; NULL: nothing is there.
 */
const uint8_t *view_at(
    const struct vnetsim_view *v, uint64_t addr, uint64_t *avail);

/* Copy poisoned bytes, wherever they begin. */
void view_copy(void *to, const void *from, size_t n);

/**
 * view_read() - copy bytes
 * @v:		view
 * @addr:	from
 * @to:		to
 * @n:		how many
 *
 * Return:	true; false: they are not all there (@to is zeroed).
 */
bool view_read(const struct vnetsim_view *v, uint64_t addr, void *to, size_t n);

/**
 * view_ptr() - read a pointer
 * @v:		view
 * @addr:	where it stands
 *
 * Return:	its value; 0: NULL, or not to be read.
 */
uint64_t view_ptr(const struct vnetsim_view *v, uint64_t addr);

/**
 * view_str() - a constant string, or one of the world
 * @v:		view
 * @addr:	address; 0: NULL
 *
 * Return:	it: printable ASCII, ends within VIEW_STR_MAX bytes; "?" if
 *		it is not like that; NULL for 0.
 */
const char *view_str(const struct vnetsim_view *v, uint64_t addr);

/* A bool in a structure: a copied one could hold what no bool may. */
static inline bool
view_flag(const struct vnetsim_view *v, uint64_t addr, size_t off)
{
	uint8_t b;

	(void)view_read(v, addr + off, &b, 1);
	return (b != 0);
}

/* Letters of a char array: printable, terminated. */
void view_name(
    const struct vnetsim_view *v, uint64_t addr, char *to, size_t size);

/* Address of something that @v's code points to; for members of copies. */
static inline uint64_t
view_addr(const void *p)
{
	return ((uint64_t)(uintptr_t)p);
}

/**
 * view_begin() - a call of the public interface begins
 * @v:	view; that of a live world looks where its tables are now
 *
 * Return:	as view_dir().
 */
const struct dump_dir *view_begin(const struct vnetsim_view *v);

/* The directory: of the dump, or of the world as it was at view_begin(). */
static inline const struct dump_dir *
view_dir(const struct vnetsim_view *v)
{
	return (&v->vv_head.dh_dir);
}

/* Copies can be trusted to have the layout of this program's structures. */
static inline bool
view_native(const struct vnetsim_view *v)
{
	return (!v->vv_foreign);
}

/* ---- view_ledger.c ---- */

/* An object in the ledger, copied. */
struct view_obj {
	uint64_t vo_addr;
	struct mem_hdr vo_hdr;
	uint64_t vo_bytes; /* of the block */
	uint64_t vo_zaddr; /* its zone */
	struct uma_zone vo_zone;
};

/**
 * view_obj() - look an object up
 * @v:		view
 * @addr:	of the object, not of its header
 * @o:		out
 *
 * Return:	true: a live object of a known type begins there.
 */
bool view_obj(const struct vnetsim_view *v, uint64_t addr, struct view_obj *o);

/**
 * view_around() - the live object in which an address lies
 * @v:		view
 * @addr:	address
 * @o:		out
 *
 * Return:	true; false: none.
 */
bool view_around(
    const struct vnetsim_view *v, uint64_t addr, struct view_obj *o);

/* struct mem_extent number @x, copied.  Return: false: there is none. */
bool view_extent(
    const struct vnetsim_view *v, uint32_t x, struct mem_extent *e);

/* The arena's vnet, if extent @x begins one.  Return: its address, 0: no. */
uint64_t view_vnet_at(
    const struct vnetsim_view *v, uint32_t x, struct view_obj *o);

/* First extent of the vnet with this number, 0: none. */
uint32_t view_vnet_extent(const struct vnetsim_view *v, uint32_t id);

/* v_id of the vnet at this address, VNETSIM_NOVNET: none is there. */
uint32_t view_vnet_id(const struct vnetsim_view *v, uint64_t addr);

/* A block's birth site.  Return: as view_str(). */
const char *view_site(const struct vnetsim_view *v, uint32_t code);

/* Fill the public form; @mod >= 0: the module's state that begins at @addr. */
void view_obj_fill(const struct vnetsim_view *v, const struct view_obj *o,
    struct vnetsim_object *out);

/* The next block of an extent, live or not; *off moves behind it.
 * Return: address of its header, 0: no more. */
uint64_t view_walk(const struct vnetsim_view *v, uint32_t x,
    const struct mem_extent *e, uint32_t *off, struct mem_hdr *h,
    uint64_t *bytes);

/* ---- view_type.c ---- */

/* Zone of a type, copied.  Return: false: no such type. */
bool view_zone(const struct vnetsim_view *v, uint32_t type, struct uma_zone *z,
    uint64_t *zaddr);

struct vnet_module;
/* Descriptor of a module, copied.  Return: false: no such module. */
bool view_module(
    const struct vnetsim_view *v, uint32_t mod, struct vnet_module *m);

/* Name of a module.  Return: NULL: no such module. */
const char *view_module_name(const struct vnetsim_view *v, uint32_t mod);

/* "V_tcp". */
const char *view_state_name(const struct vnetsim_view *v, uint32_t mod);

/* The state of @mod in the vnet at @vnet.  Return: its address, 0: none. */
uint64_t view_state_at(
    const struct vnetsim_view *v, uint64_t vnet, uint32_t mod);

/* The module in whose state an address within the vnet's data lies.
 * Return: its id and where the state begins; -1: in none. */
int view_state_around(const struct vnetsim_view *v, uint64_t vnet,
    uint64_t addr, uint64_t *begin);

/* The state as an object. */
void view_state_fill(const struct vnetsim_view *v, const struct view_obj *vnet,
    uint32_t mod, uint64_t addr, struct vnetsim_object *out);

/* ---- view_object.c ---- */

/* Cookies: the address from the base of the world, and for the state of a
 * module its id + 1 above. */
#define VIEW_COOKIE_MOD 48
static inline uint64_t
view_cookie(const struct dump_dir *dd, uint64_t addr, int mod)
{
	return ((addr - dd->dd_world) | (uint64_t)(uint32_t)(mod + 1)
					    << VIEW_COOKIE_MOD);
}

/**
 * view_object_at() - the object, or the state of a module, around an address
 * @v:		view
 * @addr:	address
 * @out:	out; its type is NULL if there is none
 */
void view_object_at(
    const struct vnetsim_view *v, uint64_t addr, struct vnetsim_object *out);

/* ---- view_field.c ---- */

/* A field table and what it describes. */
struct view_fields {
	uint64_t vf_addr;  /* of the object */
	uint64_t vf_size;  /* its bytes */
	uint64_t vf_table; /* struct field */
	uint32_t vf_n;
};

/* By an object's cookie.  Return: false: the object is gone. */
bool view_fields(
    const struct vnetsim_view *v, uint64_t cookie, struct view_fields *vf);

/* The n-th field, copied.  Return: false: there are not so many. */
bool view_field(const struct vnetsim_view *v, const struct view_fields *vf,
    uint32_t n, struct field *f);

/* ---- view_holder.c ---- */

/* How many hold the object at this address. */
uint32_t view_holders(const struct vnetsim_view *v, uint64_t addr);

/* ---- dump.c, dump_dir.c ---- */

/* Build id of the image that holds this code, as @host (NULL: the POSIX one)
 * knows it; zeroes if it does not. */
void view_build_id(const struct vnetsim_host *host, uint8_t id[DUMP_BUILD_ID]);

/**
 * dump_dir_fill() - what is where, now
 * @w:	world in any state
 * @dd:	out
 */
void dump_dir_fill(const struct world *w, struct dump_dir *dd);

/* The rest of it: who was running. */
void dump_dir_where(const struct world *w, struct dump_dir *dd);

/**
 * dump_span() - may it be read, and would it be dumped?
 * @w:		world in any state
 * @addr:	any address
 *
 * Return:	bytes from there to the end of its segment, 0: in none.
 */
uint64_t dump_span(const struct world *w, uint64_t addr);

#endif /* !SRC_CORE_VIEW_H */
