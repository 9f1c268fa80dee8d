/*
 * taskqueue_var.h - the two task queues of a world.
 */
#ifndef SRC_CORE_TASKQUEUE_VAR_H
#define SRC_CORE_TASKQUEUE_VAR_H

#include <stdint.h>
#include <vnetsim/kern/event.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/taskqueue.h>
#include "src/core/event_var.h"

struct world;

STAILQ_HEAD(task_list, task);

struct world_taskq {
	struct task_list tq_list;
	evnode_t tq_node;        /* the head's event, or the claimed one's */
	uint32_t tq_n;           /* queued, the claimed one not counted */
	struct task *tq_claimed; /* (b) dequeued, about to run */
	uint32_t tq_pending;     /* what it will be told */
	struct waitq tq_wq;      /* drains */
};

void world_taskq_init(struct world *w);

/**
 * task_queued() - queued or claimed tasks
 * @v:		vnet
 * @mod:	owner, -1: all
 *
 * Return:	their number.
 */
uint32_t task_queued(const struct vnet *v, int mod);

/* See struct late_item. */
uint32_t task_remove_all(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx);

#endif /* !SRC_CORE_TASKQUEUE_VAR_H */
