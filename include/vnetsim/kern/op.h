/*
 * op.h - operations in progress.
 *
 * Whatever may wait is an op: a blocked call, a destroy, an interface move, a
 * drain.  An op is a record in the world, advanced one step per event.  A step
 * answers OP_NEXT (again, in the next event), OP_DONE (op_error says how it
 * ended), or the result of op_wait(): it is re-entered when the condition
 * holds. Any number wait at once and finish in any order.  No fibers, no nested
 * loops.
 *
 * A wait has a bound (virtual ns) unless it is a user's (accept, recv).  A
 * passed bound is a liveness finding that names the condition and whoever
 * holds the object waited for; the op is re-entered with op_timedout set.
 *
 * Wakes: a condition lives at a waitq.  wakeup() re-checks the ops on it.
 * Checking builds also poll every waiting op and report a lost wake-up.
 */
#ifndef VNETSIM_KERN_OP_H
#define VNETSIM_KERN_OP_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>

struct op;
struct vnet;

enum op_verdict {
	OP_NEXT, /* step again in the next event */
	OP_DONE, /* finished; op_error is the result */
	OP_WAIT, /* only from op_wait() and functions that end in it */
};

/* Where ops wait; all zero is an empty one.  Lives in a world object. */
struct waitq {
	/* (b) linked through op_wqnext, first come; op_wqprev leads from
	 * the first to the last */
	struct op *wq_first;
};

/* Constant. */
struct op_desc {
	const char *od_name; /* "connect", "if_vmove", "jail_remove" */
	enum op_verdict (*od_step)(struct op *op);
	/* called if the op is cancelled (its process or vnet dies); undoes */
	void (*od_cancel)(struct op *op);
};

/* Zone of op_data (uma.h): malloc(9) type, freed with the op. */
struct uma_zone;
extern const struct uma_zone op_data_zone;

#define OP_ARGS 8

struct op {
	const struct op_desc *op_desc;
	struct vnet *op_vnet;     /* (b) current while it steps; NULL: none */
	uint64_t op_handle;       /* (id, generation) for the public API */
	uint32_t op_pc;           /* step counter; the desc's own meaning */
	int32_t op_error;         /* result, VE_ */
	int64_t op_result;        /* second result: bytes, fd, ... */
	uint64_t op_arg[OP_ARGS]; /* scratch of the desc */
	void *op_ptr[OP_ARGS];    /* (b) scratch: ledger objects */
	struct ref op_ref[4];     /* (r) what the op holds */
	void *op_data;            /* (o) bytes received: op_data_zone */
	uint64_t op_datalen;
	/* waiting */
	const char *op_what;    /* constant: what for */
	const void *op_waitobj; /* ledger object waited for, or NULL */
	bool (*op_cond)(struct op *op);
	struct waitq *op_wq;  /* (b) where it hangs */
	struct op *op_wqnext; /* (b) */
	struct op *op_wqprev; /* (b) of the first: the last */
	int64_t op_bound;     /* absolute ns; INT64_MAX: none */
	bool op_timedout;     /* re-entered because the bound passed */
	bool op_soft;         /* the bound is a user's time limit: no finding */
	bool op_done;
	bool op_cancelled;
	bool op_detached;        /* frees itself when done */
	uint8_t op_mod;          /* module on whose behalf */
	evnode_t op_node;        /* its event: next step, or the bound */
	struct waitq op_donewq;  /* who waits for this op */
	struct op **op_slot;     /* (b) cleared when it is done: p_op */
	TAILQ_ENTRY(op) op_link; /* world's list, in order of birth */
};

/**
 * op_start() - begin an operation; its first step runs in an event of its own
 * @desc:	constant
 * @v:		vnet in which it steps, NULL for none
 * @init:	called with the new op before it is scheduled, to fill its
 *		arguments; may be NULL
 * @initarg:	for @init
 *
 * Return:	the op (owned by the world until op_release(), or by itself if
 *		op_detached), or NULL: no memory.
 */
struct op *op_start(const struct op_desc *desc, struct vnet *v,
    void (*init)(struct op *op, void *initarg), void *initarg);

/**
 * op_wait() - end a step: re-enter when @cond holds
 * @op:		the running op
 * @wq:		where wakeups come from
 * @cond:	re-checked on each wakeup; NULL: any wakeup will do
 * @bound:	virtual ns from now, 0 for none
 * @what:	constant sentence: "for the last segment of tcp"
 * @obj:	ledger object waited for (its holders go into the finding), NULL
 *
 * If @cond already holds the op steps again in the next event.
 * Return:	OP_WAIT, to be returned by the step.
 */
enum op_verdict op_wait(struct op *op, struct waitq *wq,
    bool (*cond)(struct op *op), int64_t bound, const char *what,
    const void *obj);

/**
 * op_wait_timeout() - op_wait() with a time limit that may well pass
 * @op:		the running op
 * @wq:		where wakeups come from
 * @cond:	re-checked on each wakeup; NULL: any wakeup will do
 * @limit:	virtual ns from now, > 0
 * @what:	constant sentence
 * @obj:	ledger object waited for, or NULL
 *
 * For limits that are somebody's wish (ping -t, the T of a close policy): that
 * one passes is no finding; the op is re-entered with op_timedout set.
 * Return:	OP_WAIT.
 */
enum op_verdict op_wait_timeout(struct op *op, struct waitq *wq,
    bool (*cond)(struct op *op), int64_t limit, const char *what,
    const void *obj);

/**
 * op_sleep() - end a step: re-enter after a time
 * @op:		the running op
 * @ns:		virtual ns from now
 * @what:	constant sentence
 *
 * Return:	OP_WAIT.
 */
enum op_verdict op_sleep(struct op *op, int64_t ns, const char *what);

/**
 * op_wait_op() - end a step: re-enter when another op is done
 * @op:		the running op
 * @other:	not detached; the caller releases it afterwards
 * @bound:	virtual ns from now, 0 for none
 *
 * Return:	OP_WAIT.
 */
enum op_verdict op_wait_op(struct op *op, struct op *other, int64_t bound);

/**
 * wakeup() - something changed at a wait queue
 * @wq:	ops whose condition holds are scheduled, in order of arrival
 */
void wakeup(struct waitq *wq);

/**
 * waitq_abandon() - the object with this queue is about to be freed
 * @wq:	ops still on it are re-entered with op_timedout and VE_CANCELED
 */
void waitq_abandon(struct waitq *wq);

/**
 * op_cancel() - end an op from outside
 * @op:		not done; od_cancel runs, then it is done
 * @error:	its result
 */
void op_cancel(struct op *op, int error);

/**
 * op_release() - the owner has read the result
 * @op:	done; freed
 */
void op_release(struct op *op);

#endif /* !VNETSIM_KERN_OP_H */
