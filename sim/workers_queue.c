/*
 * workers_queue.c - the jobs of workers_run(), and how they run without
 * workers.
 *
 * With no workers (-j 0, or a program built without libevent) jobs run in
 * this process: what a debugger wants.  A job that panics ends it then, and
 * nobody keeps the limit of its time.
 */
#include "sim/workers_queue.h"

#include <stdlib.h>

#include "sim/fatal.h"
#include "sim/workers_child.h"

/**
 * workers_add() - one more job
 * @ws:		from wp_done
 * @job:	its number; done before jobs that nobody has begun
 */
void
workers_add(struct workers *ws, unsigned job)
{
	unsigned *q;

	if (ws->ws_head > 0 && ws->ws_queue != NULL) {
		ws->ws_queue[--ws->ws_head] = job;
		return;
	}
	if (ws->ws_queue == NULL || ws->ws_n == ws->ws_cap) {
		ws->ws_cap = ws->ws_cap == 0 ? 64 : ws->ws_cap * 2;
		q = realloc(ws->ws_queue, ws->ws_cap * sizeof(*q));
		if (q == NULL) {
			ws->ws_nomem = true;
			return;
		}
		ws->ws_queue = q;
	}
	ws->ws_queue[ws->ws_n++] = job;
}

/**
 * workers_here() - all jobs in this process, one after the other
 * @ws:		jobs, and what to do with them
 *
 * Return:	0; -1: no memory, not every job was done.
 */
int
workers_here(struct workers *ws)
{
	struct workers_result res = { 0 };
	struct rbuf out = { 0 };
	struct worker wk;

	worker_init(&wk, -1, -1);
	while (ws->ws_head < ws->ws_n) {
		res.wr_job = ws->ws_queue[ws->ws_head++];
		rbuf_cut(&out, 0);
		ws->ws_wp->wp_run(ws->ws_wp->wp_ctx, &wk, res.wr_job, &out);
		res.wr_text = rbuf_str(&out);
		res.wr_len = out.rb_len;
		res.wr_note = res.wr_panic = res.wr_dump = "";
		ws->ws_wp->wp_done(ws->ws_wp->wp_ctx, ws, &res);
		if (ws->ws_wp->wp_tick != NULL)
			ws->ws_wp->wp_tick(ws->ws_wp->wp_ctx);
	}
	rbuf_free(&out);
	fatal_remove();
	return (ws->ws_nomem ? -1 : 0);
}

/**
 * workers_run() - do all jobs
 * @wp:		what to do
 *
 * Every job ends with exactly one call of wp_done.
 * Return:	0; the number of the signal that ended it early; -1: no
 *		process or memory could be had.
 */
int
workers_run(const struct workers_params *wp)
{
	struct workers ws = { .ws_wp = wp };
	int error;

	for (unsigned i = 0; i < wp->wp_njobs; i++)
		workers_add(&ws, i);
	error = wp->wp_n == 0 ? workers_here(&ws) : workers_pool(&ws);
	free(ws.ws_queue);
	return (error);
}
