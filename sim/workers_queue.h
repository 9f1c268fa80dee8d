/*
 * workers_queue.h - jobs that nobody has begun, private to workers*.c.
 */
#ifndef SIM_WORKERS_QUEUE_H
#define SIM_WORKERS_QUEUE_H

#include "sim/workers.h"

struct event_base;
struct slot;

/**
 * struct workers - one run of workers_run()
 * @ws_wp:	what to do
 * @ws_queue:	(o) jobs to do, from @ws_head to @ws_n
 * @ws_nomem:	jobs were lost
 * @ws_base:	of workers.c: its loop
 * @ws_slot:	of workers.c: one for each process
 * @ws_signal:	of workers.c: the signal that ended it
 */
struct workers {
	const struct workers_params *ws_wp;
	unsigned *ws_queue;
	size_t ws_head, ws_n, ws_cap;
	bool ws_nomem;
	struct event_base *ws_base;
	struct slot *ws_slot;
	int ws_signal;
};

int workers_here(struct workers *ws);
int workers_pool(struct workers *ws);

#endif /* !SIM_WORKERS_QUEUE_H */
