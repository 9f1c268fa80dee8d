/*
 * workers.h - jobs in processes of their own, several at a time.
 */
#ifndef SIM_WORKERS_H
#define SIM_WORKERS_H

#include <vnetsim/host.h>

#include "sim/report_buf.h"

enum workers_end {
	WORKERS_OK,      /* the job returned; its text is complete */
	WORKERS_PANIC,   /* a world panicked; the text is the panic's */
	WORKERS_CRASH,   /* a signal ended the process: wr_code */
	WORKERS_EXIT,    /* it exited by itself: wr_code */
	WORKERS_TIMEOUT, /* it was killed for being late */
};

/**
 * struct workers_result - how a job ended; borrowed for the call
 * @wr_job:	its number
 * @wr_text:	what it wrote, without a panic
 * @wr_note:	what it announced last with worker_note(), ""
 * @wr_panic:	the panic's text, ""
 * @wr_dump:	file that its world was saved to before it ended, ""
 */
struct workers_result {
	unsigned wr_job;
	enum workers_end wr_end;
	int wr_code;
	const char *wr_text;
	size_t wr_len;
	const char *wr_note;
	const char *wr_panic;
	const char *wr_dump;
};

struct worker;
struct workers;

/**
 * struct workers_params - what to do
 * @wp_n:	processes at a time; 0: none, jobs run in this process
 * @wp_njobs:	jobs 0 .. wp_njobs - 1 to begin with
 * @wp_timeout:	seconds for a job, 0: no limit
 * @wp_run:	runs a job, in a worker; writes its result to @out
 * @wp_done:	takes results, in the parent, in any order; may call
 *		workers_add()
 * @wp_tick:	called ten times a second, in the parent; without workers only
 *		after each job; NULL: nothing is
 */
struct workers_params {
	unsigned wp_n;
	unsigned wp_njobs;
	unsigned wp_timeout;
	void (*wp_run)(
	    void *ctx, struct worker *wk, unsigned job, struct rbuf *out);
	void (*wp_done)(
	    void *ctx, struct workers *ws, const struct workers_result *res);
	void (*wp_tick)(void *ctx);
	void *wp_ctx;
};

int workers_run(const struct workers_params *wp);
/* libevent's version; NULL: built without, all jobs run in this process. */
const char *workers_library(void);
void workers_add(struct workers *ws, unsigned job);
const struct vnetsim_host *worker_host(struct worker *wk);
void worker_note(struct worker *wk, const char *note);
void worker_onpanic(struct worker *wk, void (*fn)(void *arg), void *arg);
void worker_dump(struct worker *wk, const char *path);

#endif /* !SIM_WORKERS_H */
