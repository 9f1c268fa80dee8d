/*
 * vnetsim.h - worlds: make one, let time run, look at it, give it back.
 *
 * A world holds many complete stacks (vnets), wires between them, virtual time
 * and every operation in progress.  It is one value with one owner; one
 * process may have several, each used by one thread at a time.  No call
 * blocks: what has to wait becomes an operation, and time passes only inside
 * vnetsim_step() and vnetsim_run().
 *
 * Objects are named by handles of (id, generation): 0 is none, a stale one is
 * recognised for ever.  Numbers are host order, times virtual nanoseconds,
 * errors are VE_ numbers of errno.h (0: fine).
 */
#ifndef VNETSIM_VNETSIM_H
#define VNETSIM_VNETSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/errno.h>
#include <vnetsim/host.h>
#include <vnetsim/wire.h>

struct vnetsim;
struct vnetsim_save;

typedef uint64_t vnetsim_handle;

#define VNETSIM_FOREVER INT64_MAX

/* What an order leaves open: see vnetsim_order_ties(). */
enum vnetsim_ties {
	VNETSIM_TIES_NAME,    /* by name, newest module first */
	VNETSIM_TIES_REVERSE, /* the other way round */
};

/**
 * struct vnetsim_config - how a world is made; all zero is a good default
 * @seed:	of every random number
 * @size:	bytes of address space to reserve; 0: 16 GiB
 * @budget:	bytes that all vnets may use together; 0: no limit but @size
 * @vnet_budget: bytes that one vnet may use; 0: none
 * @fail_alloc:	fail the n-th allocation that may fail; 0: none
 * @fail_sticky: and every one after it
 * @shuffle:	run the free pass of every teardown in shuffled order
 * @ties:	enum vnetsim_ties: of modules that share the slot of their init,
 *		and, until vnetsim_order_ties(), of every teardown
 * @checking:	costly checks after every event
 * @trace_hash:	keep a hash of what each vnet does (isolation oracle)
 */
struct vnetsim_config {
	uint64_t seed;
	size_t size;
	uint64_t budget;
	uint64_t vnet_budget;
	uint64_t fail_alloc;
	bool fail_sticky;
	bool shuffle;
	unsigned ties;
	bool checking;
	bool trace_hash;
};

/**
 * vnetsim_create() - a new world at time 0 with one vnet, the host's (vnet0)
 * @host:	services; NULL: vnetsim_host_posix().  Borrowed
 * @cfg:	NULL: defaults.  Copied
 * @errorp:	out, why it failed; may be NULL
 *
 * Return:	the world; NULL: VE_NOMEM, or the errno of a module's init.
 */
struct vnetsim *vnetsim_create(const struct vnetsim_host *host,
    const struct vnetsim_config *cfg, int *errorp);

/**
 * vnetsim_reset() - make it new again, cheaper than destroy and create
 * @w:		world
 * @cfg:	as for vnetsim_create(); @size is ignored
 *
 * Every handle and save of it is void.
 * Return:	0, or as vnetsim_create() (the world is then unusable until
 *		the next successful reset).
 */
int vnetsim_reset(struct vnetsim *w, const struct vnetsim_config *cfg);

/**
 * vnetsim_destroy() - give everything back at once
 * @w:	world or NULL
 *
 * No teardown is run and nothing is checked: for that, see
 * vnetsim_finish() in teardown.h.
 */
void vnetsim_destroy(struct vnetsim *w);

/**
 * vnetsim_now() - virtual time
 * @w:	world
 *
 * Return:	ns since the world's start.
 */
int64_t vnetsim_now(const struct vnetsim *w);

/**
 * vnetsim_events() - how many events there were
 * @w:	world
 *
 * Counts what the scheduler ran and each call that changes the world.
 * Return:	the number; the unit of "after every event".
 */
uint64_t vnetsim_events(const struct vnetsim *w);

/**
 * vnetsim_step() - run the earliest event
 * @w:		world
 * @until:	virtual ns: nothing later is run, the clock goes no further
 *
 * Return:	true if one ran; false: nothing is due (the clock stands at
 *		@until then, unless that is VNETSIM_FOREVER).
 */
bool vnetsim_step(struct vnetsim *w, int64_t until);

/**
 * vnetsim_run() - run all events up to a time
 * @w:		world
 * @until:	virtual ns; VNETSIM_FOREVER: until none is left
 *
 * Stops early when an operation completes (so that its owner can react).
 * Return:	true if it stopped early; false: done.
 */
bool vnetsim_run(struct vnetsim *w, int64_t until);

/**
 * vnetsim_next_event() - when the earliest event is due
 * @w:	world
 *
 * Return:	virtual ns; VNETSIM_FOREVER: none is scheduled.
 */
int64_t vnetsim_next_event(const struct vnetsim *w);

/**
 * struct vnetsim_result - how an operation ended
 * @op:		its handle
 * @what:	constant name: "connect", "jail_remove"
 * @error:	VE_ number, 0: fine
 * @value:	bytes moved, the new descriptor, a round-trip time in ns, ...
 * @data:	bytes received; borrowed until vnetsim_op_release()
 * @datalen:	their number
 */
struct vnetsim_result {
	vnetsim_handle op;
	const char *what;
	int error;
	int64_t value;
	const void *data;
	size_t datalen;
};

/**
 * vnetsim_op_next() - the next operation that has completed, in order
 * @w:		world
 * @res:	out
 *
 * Return:	true; false: none.  Each is reported once; its handle stays
 *		valid until vnetsim_op_release().
 */
bool vnetsim_op_next(struct vnetsim *w, struct vnetsim_result *res);

/**
 * vnetsim_op_poll() - look at one operation
 * @w:		world
 * @op:		handle
 * @res:	out, if done
 *
 * Return:	0: done; VE_INPROGRESS; VE_SRCH: no such operation.
 */
int vnetsim_op_poll(
    struct vnetsim *w, vnetsim_handle op, struct vnetsim_result *res);

/**
 * vnetsim_op_release() - the result was read
 * @w:	world
 * @op:	completed operation; a running one is released when it completes
 *
 * Return:	0; VE_SRCH: no such operation.
 */
int vnetsim_op_release(struct vnetsim *w, vnetsim_handle op);

/**
 * vnetsim_save() - copy a world, between events
 * @w:	world
 *
 * Return:	the copy, on the host's heap; NULL: no memory.
 */
struct vnetsim_save *vnetsim_save(struct vnetsim *w);

/**
 * vnetsim_restore() - make the world what it was at the save
 * @w:	the world that was saved
 * @s:	may be restored again and again
 */
void vnetsim_restore(struct vnetsim *w, const struct vnetsim_save *s);

/**
 * vnetsim_save_free() - forget a save
 * @w:	its world
 * @s:	save or NULL
 */
void vnetsim_save_free(struct vnetsim *w, struct vnetsim_save *s);

/**
 * vnetsim_hash() - hash of the whole state, by field tables
 * @w:		world
 * @stats:	statistics count, too
 *
 * For "did that call change anything?" within one run.
 * Return:	64 bits, independent of addresses.
 */
uint64_t vnetsim_hash(struct vnetsim *w, bool stats);

/**
 * vnetsim_user_alloc() - memory that is saved and restored with the world
 * @w:		world
 * @size:	bytes
 *
 * For what drives the world (an interpreter's position, a writer's mark).  Not
 * charged to a vnet, never an injected failure, not in vnetsim_hash().
 * Return:	zeroed memory; NULL: the world is full.
 */
void *vnetsim_user_alloc(struct vnetsim *w, size_t size);

/**
 * vnetsim_user_free() - give it back
 * @w:	world
 * @p:	from vnetsim_user_alloc(), or NULL
 */
void vnetsim_user_free(struct vnetsim *w, void *p);

/**
 * vnetsim_set_wire() - listen to the wires: captures, monitors
 * @w:		world
 * @fn:		called for every wire event (wire.h) as it happens; must not
 *		call into the world.  NULL: no longer
 * @ctx:	passed to it; host memory, not part of a save
 *
 * Links and vnets that exist already are announced at once.
 */
void vnetsim_set_wire(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_wire_event *ev), void *ctx);

/**
 * struct vnetsim_trace - one trace record; strings are constant
 */
struct vnetsim_trace {
	int64_t time;
	uint64_t event;
	uint32_t vnet;
	const char *kind;
	const char *name;
	uint32_t a, b;
};

/**
 * vnetsim_set_trace() - get every trace record as it is made
 * @w:		world
 * @fn:		must not call into the world.  NULL: no longer
 * @ctx:	passed to it; host memory
 */
void vnetsim_set_trace(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_trace *rec), void *ctx);

/**
 * vnetsim_last_trace() - the last records, oldest first
 * @w:		world (may be one that panicked)
 * @recs:	out
 * @n:		room
 *
 * Return:	how many were written, at most 256.
 */
size_t vnetsim_last_trace(
    struct vnetsim *w, struct vnetsim_trace *recs, size_t n);

/**
 * vnetsim_fail_state() - what became of --fail-alloc
 * @w:		world
 * @asked:	out: allocations so far that could have failed
 * @failed:	out: how many were made to fail
 *
 * Return:	true if the wanted one was reached.
 */
bool vnetsim_fail_state(struct vnetsim *w, uint64_t *asked, uint64_t *failed);

#endif /* !VNETSIM_VNETSIM_H */
