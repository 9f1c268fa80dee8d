/*
 * workers.c - jobs in processes of their own, several at a time, by libevent.
 *
 * Theory of operation
 * ===================
 *
 * The parent forks a worker per slot when there is a job for it, gives it one
 * job number at a time through a pipe and reads messages (workers_child.h)
 * from another.  libevent watches the pipes, one timer per slot (the limit of
 * a job), and the signals that end the program: then all workers are killed
 * first.  When a worker's pipe closes before its answer came, the exit status
 * tells why; the next job gets a new worker, so one that crashes harms no
 * other.  One that is late is asked to end (SIGUSR1), so that it can save its
 * world, and killed LATE_GRACE seconds later.  Which worker does what depends
 * on timing: callers order results by job number.
 *
 * Without libevent (VNETSIM_WITH_LIBEVENT=OFF) workers_none.c stands here.
 */
#include "sim/workers.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/workers_child.h"
#include "sim/workers_queue.h"

#define LATE_GRACE 5 /* seconds for a late worker's last words */

struct slot {
	struct workers *sl_ws;
	pid_t sl_pid; /* 0: no process */
	int sl_to, sl_from;
	bool sl_busy, sl_late;
	unsigned sl_job;
	struct event *sl_read, *sl_timer;
	struct rbuf sl_in; /* bytes not yet a message */
	struct rbuf sl_note, sl_panic, sl_dump;
};

static void
slot_close(struct slot *sl)
{
	if (sl->sl_read != NULL)
		event_free(sl->sl_read);
	sl->sl_read = NULL;
	if (sl->sl_to >= 0)
		(void)close(sl->sl_to);
	if (sl->sl_from >= 0)
		(void)close(sl->sl_from);
	sl->sl_to = sl->sl_from = -1;
	(void)event_del(sl->sl_timer);
	rbuf_cut(&sl->sl_in, 0);
}

/* The process is gone or going: why, and tell the owner of its job. */
static void
slot_dead(struct slot *sl)
{
	struct workers_result res = { 0 };
	int status = 0;

	slot_close(sl);
	while (waitpid(sl->sl_pid, &status, 0) < 0 && errno == EINTR)
		continue;
	sl->sl_pid = 0;
	if (!sl->sl_busy)
		return;
	sl->sl_busy = false;
	res.wr_job = sl->sl_job;
	res.wr_text = "";
	res.wr_note = rbuf_str(&sl->sl_note);
	res.wr_panic = rbuf_str(&sl->sl_panic);
	res.wr_dump = rbuf_str(&sl->sl_dump);
	if (sl->sl_late)
		res.wr_end = WORKERS_TIMEOUT;
	else if (sl->sl_panic.rb_len > 0)
		res.wr_end = WORKERS_PANIC;
	else if (WIFSIGNALED(status)) {
		res.wr_end = WORKERS_CRASH;
		res.wr_code = WTERMSIG(status);
	} else {
		res.wr_end = WORKERS_EXIT;
		res.wr_code = WEXITSTATUS(status);
	}
	if (sl->sl_ws->ws_signal == 0)
		sl->sl_ws->ws_wp->wp_done(
		    sl->sl_ws->ws_wp->wp_ctx, sl->sl_ws, &res);
}

static void slots_feed(struct workers *ws);

static void
slot_message(struct slot *sl, char kind, const char *s, size_t n)
{
	struct workers_result res = { 0 };
	struct rbuf *rb = kind == WORKER_NOTE   ? &sl->sl_note
			  : kind == WORKER_DUMP ? &sl->sl_dump
						: &sl->sl_panic;

	if (kind != WORKER_RESULT) {
		rbuf_cut(rb, 0);
		rbuf_put(rb, s, n);
		return;
	}
	/* Too late: it has been told to end, and its end will be told. */
	if (sl->sl_late)
		return;
	(void)event_del(sl->sl_timer);
	sl->sl_busy = false;
	res.wr_job = sl->sl_job;
	res.wr_end = WORKERS_OK;
	res.wr_text = s;
	res.wr_len = n;
	res.wr_note = res.wr_panic = res.wr_dump = "";
	sl->sl_ws->ws_wp->wp_done(sl->sl_ws->ws_wp->wp_ctx, sl->sl_ws, &res);
}

static void
slot_read(evutil_socket_t fd, short what, void *arg)
{
	struct slot *sl = arg;
	char buf[65536];
	uint32_t len;
	size_t at = 0;
	ssize_t got;

	(void)what;
	got = read(fd, buf, sizeof(buf));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		slot_dead(sl);
		slots_feed(sl->sl_ws);
		return;
	}
	rbuf_put(&sl->sl_in, buf, (size_t)got);
	while (sl->sl_in.rb_len - at >= WORKER_HEAD) {
		memcpy(&len, sl->sl_in.rb_s + at + 1, sizeof(len));
		if (sl->sl_in.rb_len - at - WORKER_HEAD < len)
			break;
		slot_message(sl, sl->sl_in.rb_s[at],
		    sl->sl_in.rb_s + at + WORKER_HEAD, len);
		at += WORKER_HEAD + len;
	}
	if (at > 0) {
		sl->sl_in.rb_len -= at;
		memmove(
		    sl->sl_in.rb_s, sl->sl_in.rb_s + at, sl->sl_in.rb_len + 1);
	}
	slots_feed(sl->sl_ws);
}

static void
slot_late(evutil_socket_t fd, short what, void *arg)
{
	struct timeval grace = { LATE_GRACE, 0 };
	struct slot *sl = arg;

	(void)fd;
	(void)what;
	(void)kill(sl->sl_pid, sl->sl_late ? SIGKILL : SIGUSR1);
	sl->sl_late = true;
	(void)event_add(sl->sl_timer, &grace);
}

/* In the child: nothing of the parent's may be used or kept open. */
static void
slot_child(struct workers *ws, int in, int out)
{
	struct worker *wk = malloc(sizeof(*wk));

	for (unsigned i = 0; i < ws->ws_wp->wp_n; i++) {
		if (ws->ws_slot[i].sl_to >= 0)
			(void)close(ws->ws_slot[i].sl_to);
		if (ws->ws_slot[i].sl_from >= 0)
			(void)close(ws->ws_slot[i].sl_from);
	}
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	if (wk == NULL)
		_exit(71);
	worker_init(wk, in, out);
	worker_main(wk, ws->ws_wp);
	_exit(0);
}

static bool
slot_fork(struct workers *ws, struct slot *sl)
{
	int to[2], from[2];

	if (pipe(to) != 0)
		return (false);
	if (pipe(from) != 0) {
		(void)close(to[0]);
		(void)close(to[1]);
		return (false);
	}
	(void)fflush(NULL);
	sl->sl_pid = fork();
	if (sl->sl_pid == 0) {
		(void)close(to[1]);
		(void)close(from[0]);
		slot_child(ws, to[0], from[1]);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	sl->sl_to = to[1];
	sl->sl_from = from[0];
	if (sl->sl_pid > 0)
		sl->sl_read = event_new(ws->ws_base, sl->sl_from,
		    EV_READ | EV_PERSIST, slot_read, sl);
	if (sl->sl_pid < 0 || sl->sl_read == NULL ||
	    event_add(sl->sl_read, NULL) != 0) {
		sl->sl_pid = 0;
		slot_close(sl);
		return (false);
	}
	return (true);
}

static void
slot_give(struct workers *ws, struct slot *sl)
{
	struct timeval tv = { (time_t)ws->ws_wp->wp_timeout, 0 };

	sl->sl_job = ws->ws_queue[ws->ws_head++];
	sl->sl_busy = true;
	sl->sl_late = false;
	rbuf_cut(&sl->sl_note, 0);
	rbuf_cut(&sl->sl_panic, 0);
	rbuf_cut(&sl->sl_dump, 0);
	if (tv.tv_sec > 0)
		(void)event_add(sl->sl_timer, &tv);
	/* A worker that died meanwhile shows as end of file. */
	(void)worker_write(sl->sl_to, &sl->sl_job, sizeof(sl->sl_job));
}

/* Jobs to idle slots; when none is left, no events remain and the loop ends. */
static void
slots_feed(struct workers *ws)
{
	bool busy = false;

	for (unsigned i = 0; i < ws->ws_wp->wp_n; i++) {
		struct slot *sl = &ws->ws_slot[i];

		if (!sl->sl_busy && ws->ws_head < ws->ws_n &&
		    ws->ws_signal == 0 &&
		    (sl->sl_pid != 0 || slot_fork(ws, sl)))
			slot_give(ws, sl);
		busy |= sl->sl_busy;
	}
	if (!busy)
		(void)event_base_loopbreak(ws->ws_base);
}

static void
workers_signal(evutil_socket_t sig, short what, void *arg)
{
	struct workers *ws = arg;

	(void)what;
	ws->ws_signal = (int)sig;
	for (unsigned i = 0; i < ws->ws_wp->wp_n; i++)
		if (ws->ws_slot[i].sl_pid != 0)
			(void)kill(ws->ws_slot[i].sl_pid, SIGKILL);
	(void)event_base_loopbreak(ws->ws_base);
}

static struct event_base *
workers_base(void)
{
	struct event_config *cfg = event_config_new();
	struct event_base *base;

	if (cfg == NULL)
		return (NULL);
	(void)event_config_set_flag(cfg, EVENT_BASE_FLAG_IGNORE_ENV);
	(void)event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return (base);
}

static bool
workers_open(struct workers *ws)
{
	ws->ws_base = workers_base();
	ws->ws_slot = calloc(ws->ws_wp->wp_n, sizeof(*ws->ws_slot));
	if (ws->ws_base == NULL || ws->ws_slot == NULL)
		return (false);
	for (unsigned i = 0; i < ws->ws_wp->wp_n; i++) {
		struct slot *sl = &ws->ws_slot[i];

		sl->sl_ws = ws;
		sl->sl_to = sl->sl_from = -1;
		sl->sl_timer = evtimer_new(ws->ws_base, slot_late, sl);
		if (sl->sl_timer == NULL)
			return (false);
	}
	return (true);
}

static void
workers_close(struct workers *ws)
{
	for (unsigned i = 0; ws->ws_slot != NULL && i < ws->ws_wp->wp_n; i++) {
		struct slot *sl = &ws->ws_slot[i];

		if (sl->sl_pid != 0)
			slot_dead(sl);
		if (sl->sl_timer != NULL)
			event_free(sl->sl_timer);
		rbuf_free(&sl->sl_in);
		rbuf_free(&sl->sl_note);
		rbuf_free(&sl->sl_panic);
		rbuf_free(&sl->sl_dump);
	}
	free(ws->ws_slot);
	if (ws->ws_base != NULL)
		event_base_free(ws->ws_base);
	libevent_global_shutdown();
}

static void
workers_tick(evutil_socket_t fd, short what, void *arg)
{
	struct workers *ws = arg;

	(void)fd;
	(void)what;
	ws->ws_wp->wp_tick(ws->ws_wp->wp_ctx);
}

/* Signals, and the tick if it is wanted; what fails is done without. */
static void
workers_listen(struct workers *ws, struct event *ev[3])
{
	static const struct timeval tenth = { 0, 100000 };

	ev[0] = evsignal_new(ws->ws_base, SIGINT, workers_signal, ws);
	ev[1] = evsignal_new(ws->ws_base, SIGTERM, workers_signal, ws);
	if (ws->ws_wp->wp_tick != NULL)
		ev[2] =
		    event_new(ws->ws_base, -1, EV_PERSIST, workers_tick, ws);
	for (int i = 0; i < 3; i++)
		if (ev[i] != NULL)
			(void)event_add(ev[i], i == 2 ? &tenth : NULL);
}

/**
 * workers_pool() - do all jobs in processes, struct workers_params.wp_n of them
 * @ws:		jobs, and what to do with them
 *
 * Return:	as workers_run()
 */
int
workers_pool(struct workers *ws)
{
	struct event *ev[3] = { NULL, NULL, NULL };
	int error = -1;

	if (workers_open(ws)) {
		workers_listen(ws, ev);
		slots_feed(ws);
		for (unsigned i = 0; i < ws->ws_wp->wp_n; i++)
			if (ws->ws_slot[i].sl_busy) {
				(void)event_base_dispatch(ws->ws_base);
				break;
			}
		error = ws->ws_signal;
		if (error == 0 && (ws->ws_head < ws->ws_n || ws->ws_nomem))
			error = -1;
	}
	for (int i = 0; i < 3; i++)
		if (ev[i] != NULL)
			event_free(ev[i]);
	workers_close(ws);
	return (error);
}

/** workers_library() - the version of libevent, which supervises processes */
const char *
workers_library(void)
{
	return (event_get_version());
}
