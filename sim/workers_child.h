/*
 * workers_child.h - the worker's side, private to workers*.c.
 *
 * Messages from a worker: a kind byte, the length (4 bytes, host order: both
 * ends are the same program), the bytes.
 */
#ifndef SIM_WORKERS_CHILD_H
#define SIM_WORKERS_CHILD_H

#include "sim/dump_file.h"
#include "sim/workers.h"

#define WORKER_HEAD 5u

enum worker_kind {
	WORKER_RESULT = 'R',
	WORKER_NOTE = 'N',
	WORKER_PANIC = 'P',
	WORKER_DUMP = 'D',
};

struct worker {
	int wk_in, wk_out; /* -1: in the parent itself */
	struct vnetsim_host wk_host;
	void (*wk_onpanic)(void *);
	void *wk_arg;
	char wk_dump[DUMP_PATH]; /* where a world goes that is lost, "" */
};

void worker_init(struct worker *wk, int in, int out);
void worker_main(struct worker *wk, const struct workers_params *wp);
bool worker_write(int fd, const void *buf, size_t n);

#endif /* !SIM_WORKERS_CHILD_H */
