/*
 * workers_child.c - the worker's side: take a job number, run it, answer.
 *
 * A world that panics ends the process, but not before the panic's text, and
 * whatever worker_onpanic() saves, is with the parent.  The worker reads job
 * numbers until its pipe closes, so a parent that dies leaves no orphans at
 * work.
 */
#include "sim/workers_child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of it, or false: the parent is gone. */
bool
worker_write(int fd, const void *buf, size_t n)
{
	const char *p = buf;
	ssize_t got;

	while (n > 0) {
		got = write(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (false);
		p += got;
		n -= (size_t)got;
	}
	return (true);
}

static bool
worker_send(struct worker *wk, enum worker_kind kind, const char *s, size_t n)
{
	char head[WORKER_HEAD];
	uint32_t len = (uint32_t)n;

	head[0] = (char)kind;
	memcpy(head + 1, &len, sizeof(len));
	return (worker_write(wk->wk_out, head, sizeof(head)) &&
		worker_write(wk->wk_out, s, len));
}

/* Tell the parent what is being done, for the case that it goes wrong. */
void
worker_note(struct worker *wk, const char *note)
{
	if (wk->wk_out >= 0)
		(void)worker_send(wk, WORKER_NOTE, note, strlen(note));
}

/* Call @fn(@arg) before the process ends by a panic: flush what is open. */
void
worker_onpanic(struct worker *wk, void (*fn)(void *arg), void *arg)
{
	wk->wk_onpanic = fn;
	wk->wk_arg = arg;
}

static void
worker_panic(void *ctx, const char *text)
{
	struct worker *wk = ctx;

	if (wk->wk_onpanic != NULL)
		wk->wk_onpanic(wk->wk_arg);
	if (wk->wk_out < 0)
		vnetsim_host_posix()->panic(NULL, text);
	(void)worker_send(wk, WORKER_PANIC, text, strlen(text));
	_exit(3);
}

/* The host for worlds of this worker: as the default, panics are reported. */
const struct vnetsim_host *
worker_host(struct worker *wk)
{
	return (&wk->wk_host);
}

void
worker_init(struct worker *wk, int in, int out)
{
	memset(wk, 0, sizeof(*wk));
	wk->wk_in = in;
	wk->wk_out = out;
	wk->wk_host = *vnetsim_host_posix();
	wk->wk_host.ctx = wk;
	wk->wk_host.panic = worker_panic;
}

/* Serve until the parent closes the pipe; does not return. */
void
worker_main(struct worker *wk, const struct workers_params *wp)
{
	struct rbuf out = { 0 };
	unsigned job;
	ssize_t got;

	for (;;) {
		got = read(wk->wk_in, &job, sizeof(job));
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof(job))
			_exit(0);
		rbuf_cut(&out, 0);
		wp->wp_run(wp->wp_ctx, wk, job, &out);
		if (out.rb_nomem ||
		    !worker_send(wk, WORKER_RESULT, rbuf_str(&out), out.rb_len))
			_exit(71);
	}
}
