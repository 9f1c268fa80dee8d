/*
 * workers_child.c - the worker's side: take a job number, run it, answer.
 *
 * A world that panics, and a fatal signal, end the process, but not before the
 * panic's text is with the parent, the world is on file (worker_dump()) and
 * worker_onpanic() has flushed what is open.  The worker reads job
 * numbers until its pipe closes, so a parent that dies leaves no orphans at
 * work.
 */
#include "sim/workers_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vnetsim/fault.h>

#include "sim/fatal.h"

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

/*
 * Where the world is saved before the process ends by a panic, by a fatal
 * signal or for being late; NULL: nowhere.  A path that is too long is none.
 */
void
worker_dump(struct worker *wk, const char *path)
{
	wk->wk_dump[0] = '\0';
	if (path != NULL && strlen(path) < sizeof(wk->wk_dump))
		memcpy(wk->wk_dump, path, strlen(path) + 1);
}

static void
worker_say(const char *s)
{
	(void)worker_write(STDERR_FILENO, s, strlen(s));
}

/* Save the world and say where; async-signal-safe. */
static void
worker_save(struct worker *wk, struct vnetsim *w, const char *reason)
{
	char line[128];
	size_t n = strcspn(reason, "\n");

	if (wk->wk_dump[0] == '\0' || w == NULL)
		return;
	if (n > sizeof(line) - 1)
		n = sizeof(line) - 1;
	memcpy(line, reason, n);
	line[n] = '\0';
	if (dump_write(w, line, wk->wk_dump) != 0)
		return;
	if (wk->wk_out >= 0) {
		(void)worker_send(
		    wk, WORKER_DUMP, wk->wk_dump, strlen(wk->wk_dump));
		return;
	}
	worker_say("dump: ");
	worker_say(wk->wk_dump);
	worker_say("\nread: vnetsim inspect -M ");
	worker_say(wk->wk_dump);
	worker_say("\n");
}

/*
 * Flushing may hang if the fault struck inside of a stream: by then the
 * parent knows everything, and the alarm ends the process.
 */
static void
worker_flush(struct worker *wk)
{
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(2);
	if (wk->wk_onpanic != NULL)
		wk->wk_onpanic(wk->wk_arg);
}

/* The most important first, because each part may fail. */
static void
worker_lost(void *arg, struct vnetsim *w, const char *text)
{
	struct worker *wk = arg;

	if (wk->wk_out < 0)
		worker_say(text);
	else
		(void)worker_send(wk, WORKER_PANIC, text, strlen(text));
	worker_save(wk, w, text);
	worker_flush(wk);
	_exit(3);
}

/* Nothing is flushed here: a job that has a time limit does so after every
 * frame, and this signal may have come in the middle of that. */
static void
worker_late(void *arg, struct vnetsim *w)
{
	worker_save(arg, w, "not finished in time");
	_exit(124);
}

static void
worker_panic(void *ctx, const char *text)
{
	worker_lost(ctx, vnetsim_current(), text);
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
	struct fatal_hooks hooks = { .fh_fatal = worker_lost,
		.fh_late = worker_late };

	memset(wk, 0, sizeof(*wk));
	wk->wk_in = in;
	wk->wk_out = out;
	wk->wk_host = *vnetsim_host_posix();
	wk->wk_host.ctx = wk;
	wk->wk_host.panic = worker_panic;
	hooks.fh_arg = wk;
	fatal_install(&hooks);
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
