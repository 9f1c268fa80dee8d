/*
 * taskqueue.h - work for later, in order: taskqueue(9).
 *
 * Two queues per world, each a stream: TASKQ_SWI (interface link state and the
 * like) and TASKQ_THREAD (what may take long).  A task runs behind door TASK
 * with its vnet current.  Enqueueing a queued task only counts (ta_pending).
 */
#ifndef VNETSIM_KERN_TASKQUEUE_H
#define VNETSIM_KERN_TASKQUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/queue.h>

struct op;
struct vnet;

enum taskqueue_id { TASKQ_SWI, TASKQ_THREAD, TASKQ_N };

struct task {
	STAILQ_ENTRY(task) ta_link;
	void (*ta_func)(void *arg, int pending);
	void *ta_arg;         /* (b) */
	struct vnet *ta_vnet; /* (c) curvnet at task_init() */
	const char *ta_name;  /* (c) constant */
	uint32_t ta_claimgen;
	uint16_t ta_pending; /* times enqueued since it last ran */
	uint8_t ta_mod;
	uint8_t ta_queue; /* where it is queued */
	bool ta_claimed;  /* dequeued, about to run */
};

/**
 * task_init() - TASK_INIT()
 * @t:		in a world object
 * @mod:	owner, enum vnet_modid
 * @name:	constant, "if.linkstate"
 * @func:	gets @arg and how often it was enqueued
 * @arg:	for @func
 */
void task_init(struct task *t, int mod, const char *name,
    void (*func)(void *arg, int pending), void *arg);

/**
 * taskqueue_enqueue() - have it run in an event of its own
 * @q:	queue
 * @t:	task
 *
 * Return:	0, or VE_PIPE in a vnet whose doors are shut.
 */
int taskqueue_enqueue(enum taskqueue_id q, struct task *t);

/**
 * taskqueue_cancel() - take it off its queue
 * @t:	task
 *
 * Return:	0, or VE_BUSY if it is claimed and cannot be stopped.
 */
int taskqueue_cancel(struct task *t);

/**
 * taskqueue_drain() - wait until a task is neither queued nor claimed
 * @t:	task
 * @op:	the running op
 *
 * Return:	true: idle.  false: return OP_WAIT and call again.
 */
bool taskqueue_drain(struct task *t, struct op *op);

#endif /* !VNETSIM_KERN_TASKQUEUE_H */
