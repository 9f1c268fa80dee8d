/*
 * inspect.h - a cursor over the inside of a world, live or on file.
 *
 * Types, objects, fields, holders, vnets, callouts, operations, findings and
 * trace records.  Everything is read through a view: of a live world, or of a
 * dump of it (dump.h) in any other process.  The code is the same for both,
 * so the answers are, too.
 *
 * A view never runs anything and never changes anything.  It believes nothing
 * either: a damaged or hostile file, or a world that has just panicked, gives
 * fewer answers, never a crash or an endless walk.
 *
 * Strings are constant, or valid until the next call for the same view; they
 * are printable ASCII ("?" where the world has something else).  No answer
 * holds an address.
 */
#ifndef VNETSIM_INSPECT_H
#define VNETSIM_INSPECT_H

#include <vnetsim/jail.h>
#include <vnetsim/teardown.h>
#include <vnetsim/vnetsim.h>

struct vnetsim_view;

/**
 * vnetsim_view_live() - look at a live world
 * @w:	world, which may have panicked or be inside an event
 *
 * Return:	the view; lives as long as the world and always shows it as it
 *		is.
 */
const struct vnetsim_view *vnetsim_view_live(struct vnetsim *w);

enum vnetsim_view_flags {
	/*
	 * Take a dump of another build, too.  Then only what field tables and
	 * ledger say can be seen: types, objects, fields, holders, vnets; no
	 * jails, callouts, operations, findings, trace.
	 */
	VNETSIM_VIEW_ANYBUILD = 1,
};

/**
 * vnetsim_view_open() - look at a dump
 * @bytes:	the whole file, borrowed until vnetsim_view_close(); need not
 *		be aligned
 * @len:	its length
 * @flags:	enum vnetsim_view_flags
 * @vp:		out
 * @why:	out, on failure: one sentence without a full stop, for people
 * @whysize:	bytes of @why; 160 hold any of them
 *
 * Return:	0; VE_FTYPE: no dump, truncated, or damaged; VE_NOEXEC: of
 *		another version, another machine (byte order, size of a
 *		pointer), another build; VE_NOMEM.
 */
int vnetsim_view_open(const void *bytes, size_t len, unsigned flags,
    struct vnetsim_view **vp, char *why, size_t whysize);

/**
 * vnetsim_view_close() - done with a dump
 * @v:	of vnetsim_view_open(), or NULL
 */
void vnetsim_view_close(struct vnetsim_view *v);

#define VNETSIM_BUILD_ID 20 /* bytes */

/**
 * vnetsim_view_build_id() - which build this program is
 * @id:	out
 *
 * The linker's build id of the image that holds this library, padded with
 * zeroes; where there is none, a hash of that image's constant data.
 */
void vnetsim_view_build_id(uint8_t id[VNETSIM_BUILD_ID]);

/**
 * struct vnetsim_view_info - where a world stands
 * @file:	a dump
 * @foreign:	of another build: see VNETSIM_VIEW_ANYBUILD
 * @build_id:	of the program that made it
 * @reason:	as given to vnetsim_dump(); "live" for a live world
 * @time:	virtual ns
 * @events:	event number
 * @seed:	of its random numbers
 * @inside:	an event was running
 * @vnet:	the current one, VNETSIM_NOVNET: none
 * @vname:	its name, "" if none
 * @door:	innermost door, NULL: none
 * @module:	whose code ran, NULL: none
 * @vnets:	how many there are, dying ones and those not ready included
 * @findings:	different ones
 * @lost:	further ones that the table had no room for
 */
struct vnetsim_view_info {
	bool file, foreign, inside;
	uint8_t build_id[VNETSIM_BUILD_ID];
	const char *reason;
	int64_t time;
	uint64_t events, seed;
	uint32_t vnet;
	char vname[64];
	const char *door, *module;
	uint32_t vnets, findings, lost;
};

/**
 * vnetsim_view_info() - where a world stands
 * @v:		view
 * @info:	out
 */
void vnetsim_view_info(
    const struct vnetsim_view *v, struct vnetsim_view_info *info);

/**
 * struct vnetsim_type - a zone type, or the state of a module
 * @name:	"tcpcb"; "V_tcp" for the state that module tcp has in each vnet
 * @module:	whose
 * @size:	bytes, 0: variable
 * @live:	live objects in the world
 * @nfields:	fields
 */
struct vnetsim_type {
	const char *name, *module;
	uint32_t size;
	uint64_t live;
	uint32_t nfields;
};

/**
 * vnetsim_type() - walk the types
 * @v:	view
 * @n:	0, 1, ...
 * @t:	out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_type(
    const struct vnetsim_view *v, unsigned n, struct vnetsim_type *t);

/**
 * struct vnetsim_memtype - the memory of one type, of all vnets together
 * @name:	as of struct vnetsim_type
 * @size:	bytes of an object; 0: variable, as of malloc(9)
 * @live:	objects
 * @bytes:	of them, without ledger headers
 * @free:	blocks that were of this type last and are free
 * @requests:	allocations that were granted
 * @fails:	and that were not
 * @sizes:	variable: bit n is set when more than 8 << n and up to 16 << n
 *		bytes have been asked for (bit 0: up to 16)
 *
 * @requests, @fails and @sizes are 0 in a foreign view.
 */
struct vnetsim_memtype {
	const char *name;
	uint32_t size;
	uint64_t live, bytes, free, requests, fails;
	uint32_t sizes;
};

#define VNETSIM_MEMTYPES 128 /* as many types as a world can have */

/**
 * vnetsim_view_memory() - what vmstat(8) shows
 * @v:		view
 * @mt:		out; names as of vnetsim_type(), in the same order
 * @n:		room; VNETSIM_MEMTYPES are always enough
 *
 * All memory is walked once.  Objects of dead vnets do not count.
 * Return:	how many types were written.
 */
size_t vnetsim_view_memory(
    const struct vnetsim_view *v, struct vnetsim_memtype *mt, size_t n);

/**
 * struct vnetsim_object - a live object
 * @type:	name of its type; NULL: no object
 * @vnet:	who is charged, VNETSIM_NOVNET: the world
 * @birth_vnet:	where it was born
 * @serial:	counted per vnet of birth from 1; 0: a vnet itself ("vnet") or
 *		a module's state in it ("V_tcp")
 * @birth:	"file:line"
 * @birth_time:	virtual ns
 * @size:	bytes
 * @cookie:	for vnetsim_field() and vnetsim_holder(), until the world
 *		changes
 *
 * (@type, @serial, @birth_vnet) names it: type#serial@vnet, as fields print
 * it ("-" for the world).
 */
struct vnetsim_object {
	const char *type;
	uint32_t vnet, birth_vnet;
	uint64_t serial;
	const char *birth;
	int64_t birth_time;
	uint32_t size;
	uint64_t cookie;
};

/**
 * vnetsim_object_next() - walk live objects
 * @v:		view
 * @vnet:	who is charged; VNETSIM_NOVNET: the world
 * @type:	NULL: all types
 * @iter:	0 at first; kept by the caller
 * @o:		out
 *
 * The vnet itself first, then the states of its modules, then the rest in
 * order of memory, which is the same in every run.
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_object_next(const struct vnetsim_view *v, uint32_t vnet,
    const char *type, uint64_t *iter, struct vnetsim_object *o);

/**
 * vnetsim_object_find() - an object by its name
 * @v:		view
 * @type:	"tcpcb"
 * @vnet:	where it was born (which may be gone); VNETSIM_NOVNET: the world
 * @serial:	counted there
 * @o:		out
 *
 * Return:	0; VE_NOENT: no live object of that name.
 */
int vnetsim_object_find(const struct vnetsim_view *v, const char *type,
    uint32_t vnet, uint64_t serial, struct vnetsim_object *o);

/**
 * vnetsim_field() - one field of an object as text
 * @v:		view
 * @o:		object
 * @n:		0, 1, ...
 * @name:	out, constant
 * @buf:	out, text of the value; never an address.  Cut at the end
 * @size:	bytes of @buf, at least 1
 *
 * Return:	0; VE_NOENT: no more, or the object is gone.
 */
int vnetsim_field(const struct vnetsim_view *v, const struct vnetsim_object *o,
    unsigned n, const char **name, char *buf, size_t size);

/**
 * vnetsim_holder() - who holds an object
 * @v:		view
 * @o:		object
 * @n:		0, 1, ..., newest first
 * @what:	out, constant "name@file:line"
 * @by:		out: the holding object, if it lies in one (else its type is
 *		NULL); may be NULL
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_holder(const struct vnetsim_view *v, const struct vnetsim_object *o,
    unsigned n, const char **what, struct vnetsim_object *by);

/**
 * struct vnetsim_vnet_info - a vnet
 * @id:		number
 * @name:	name of its jail at birth
 * @phase:	"alive", "kill", "farewell", ...
 * @step:	the running teardown step, NULL: none
 * @ready:	all modules have been initialised and none has ended
 * @inited:	modules that are initialised
 * @objects:	live objects charged to it
 * @bytes:	of them, headers included
 * @callouts:	armed or claimed; 0 in a foreign view
 */
struct vnetsim_vnet_info {
	uint32_t id;
	char name[64];
	const char *phase, *step;
	bool ready;
	uint32_t inited, objects;
	uint64_t bytes;
	uint32_t callouts;
};

/**
 * vnetsim_vnet_next() - walk all vnets
 * @v:		view
 * @iter:	0 at first; kept by the caller
 * @vi:		out
 *
 * Dying ones and those that are being made are included.  In order of memory:
 * the same in every run, but a vnet in recycled memory comes early.
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_vnet_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_vnet_info *vi);

/**
 * vnetsim_view_jail_next() - walk all jails by number, the host first
 * @v:		view
 * @iter:	0 at first; kept by the caller
 * @info:	out, as of vnetsim_jail_info()
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_view_jail_next(const struct vnetsim_view *v, uint64_t *iter,
    struct vnetsim_jail_info *info);

/**
 * struct vnetsim_callout_info - an armed or claimed callout
 * @name:	"tcp.rexmt"
 * @vnet:	whose
 * @module:	whose
 * @state:	"pending"; "claimed": about to run; "claimed, again": and
 *		armed anew
 * @due:	virtual ns
 * @object:	in which it lies; @type NULL: in none
 * @field:	which field of it, "-" if unknown
 */
struct vnetsim_callout_info {
	const char *name;
	uint32_t vnet;
	const char *module, *state;
	int64_t due;
	struct vnetsim_object object;
	const char *field;
};

/**
 * vnetsim_callout_next() - walk armed and claimed callouts
 * @v:		view
 * @vnet:	whose
 * @iter:	0 at first; kept by the caller
 * @ci:		out
 *
 * The last one armed first.
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_callout_next(const struct vnetsim_view *v, uint32_t vnet,
    uint64_t *iter, struct vnetsim_callout_info *ci);

/**
 * struct vnetsim_op_info - an operation that is not released
 * @name:	"connect", "jail_remove"
 * @vnet:	in which it steps, VNETSIM_NOVNET: none
 * @module:	on whose behalf
 * @state:	"running", "ready", "waiting", "done"
 * @what:	what it waits for, a sentence; NULL: it does not wait
 * @bound:	virtual ns until which it waits, VNETSIM_FOREVER: no bound
 * @soft:	the bound is a wish, passing it is no finding
 * @error:	result so far, VE_ number
 * @object:	the op itself
 * @waits:	object that it waits for; @type NULL: none
 */
struct vnetsim_op_info {
	const char *name;
	uint32_t vnet;
	const char *module, *state, *what;
	int64_t bound;
	bool soft;
	int error;
	struct vnetsim_object object, waits;
};

/**
 * vnetsim_view_op_next() - walk operations, oldest first
 * @v:		view
 * @iter:	0 at first; kept by the caller
 * @oi:		out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_view_op_next(
    const struct vnetsim_view *v, uint64_t *iter, struct vnetsim_op_info *oi);

#define VNETSIM_FINDING_KEY 256 /* bytes, the longest key with its end */

/**
 * vnetsim_view_finding() - look at the findings
 * @v:		view
 * @n:		0, 1, ..., in order of arrival
 * @f:		out, as of vnetsim_finding()
 * @key:	out, VNETSIM_FINDING_KEY bytes: where f->key points
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_view_finding(const struct vnetsim_view *v, unsigned n,
    struct vnetsim_finding *f, char key[VNETSIM_FINDING_KEY]);

/**
 * vnetsim_view_trace() - the last trace records, oldest first
 * @v:		view
 * @recs:	out
 * @n:		room
 *
 * Return:	how many were written, at most 256.
 */
size_t vnetsim_view_trace(
    const struct vnetsim_view *v, struct vnetsim_trace *recs, size_t n);

#endif /* !VNETSIM_INSPECT_H */
