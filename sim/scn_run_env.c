/*
 * scn_run_env.c - what a run needs outside the world: messages, frames, hashes.
 *
 * What only grows lies here and is cut to the counts in world memory after a
 * restore.  Every call of the interpreter into the world passes through
 * run_call_begin() and run_call_end(): there explore may end a jail, and there
 * a call that failed for want of memory is noted or, when the driver asks for
 * it by number, compared by the hash of the state before and after it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scn_run_var.h"

static void
env_nomem(void)
{
	(void)fputs("vnetsim: out of memory\n", stderr);
	exit(71);
}

/**
 * scn_env_new() - what a run needs outside the world
 * @plan:	borrowed
 *
 * Return:	for any number of runs one after the other; the program ends
 *		(71) if there is no memory.
 */
struct scn_env *
scn_env_new(const struct scn_plan *plan)
{
	struct scn_env *e = calloc(1, sizeof(*e));

	if (e == NULL)
		env_nomem();
	e->e_plan = plan;
	e->e_pattern = malloc(SEND_CHUNK + PATTERN_MOD);
	e->e_packet = malloc(SEND_CHUNK);
	if (e->e_pattern == NULL || e->e_packet == NULL)
		env_nomem();
	for (size_t i = 0; i < SEND_CHUNK + PATTERN_MOD; i++)
		e->e_pattern[i] = (uint8_t)(i % PATTERN_MOD);
	e->e_frameswanted =
	    plan->pl_cursors.n > 0 || plan->pl_segments || plan->pl_tcpdumps;
	e->e_tcpdump = tcpdumps_new();
	if (e->e_tcpdump == NULL)
		env_nomem();
	return (e);
}

static void
env_cut(struct scn_env *e, uint32_t nfail)
{
	while (e->e_nfail > nfail) {
		e->e_nfail--;
		free(e->e_fail[e->e_nfail].sf_command);
		free(e->e_fail[e->e_nfail].sf_message);
	}
}

void
scn_env_free(struct scn_env *e)
{
	if (e == NULL)
		return;
	env_cut(e, 0);
	free(e->e_fail);
	kld_forget(&e->e_kld);
	run_replays_free(e);
	tcpdumps_free(e->e_tcpdump);
	free(e->e_pattern);
	free(e->e_packet);
	run_frames_free(&e->e_frames);
	rbuf_free(&e->e_out);
	free(e);
}

/* From now on errors are no failures and claims are not judged. */
void
scn_env_tolerant(struct scn_env *e, bool on)
{
	e->e_tolerant = on;
}

/* Where what commands print goes; NULL: nowhere. */
void
scn_env_print(struct scn_env *e, struct rbuf *out)
{
	e->e_print = out;
}

/* Where dumps go: "DIR/" or "DIR/PREFIX."; borrowed.  NULL: nowhere. */
void
scn_env_dump(struct scn_env *e, const char *prefix)
{
	e->e_dump = prefix;
}

/* Hash the state before and after that call (the first is 1); 0: none. */
void
scn_env_hash_at(struct scn_env *e, uint64_t call)
{
	e->e_hashat = call;
}

/* Call @fn before each call that may change the world; it may change it. */
void
scn_env_hook(struct scn_env *e, void (*fn)(void *arg), void *arg)
{
	e->e_hook = fn;
	e->e_hookarg = arg;
}

/**
 * scn_run_begin() - put the interpreter into a new world
 * @e:	environment; what an earlier run left in it is dropped
 * @w:	borrowed; a new one
 *
 * Return:	true; false: the world is full.
 */
bool
scn_run_begin(struct scn_env *e, struct vnetsim *w)
{
	const struct scn_plan *pl = e->e_plan;
	struct scn_run *r;

	env_cut(e, 0);
	e->e_frames.rg_n = 0;
	e->e_frames.rg_nlinks = 0;
	tcpdumps_reset(e->e_tcpdump);
	rbuf_cut(&e->e_out, 0);
	e->e_unhashed = e->e_changed = e->e_asked = 0;
	e->e_w = w;
	e->e_r = r = vnetsim_user_alloc(w, sizeof(*r));
	if (r == NULL)
		return (false);
	r->r_sock =
	    vnetsim_user_alloc(w, (pl->pl_socks.n + 1) * sizeof(*r->r_sock));
	r->r_proc =
	    vnetsim_user_alloc(w, (pl->pl_procs.n + 1) * sizeof(*r->r_proc));
	r->r_jail =
	    vnetsim_user_alloc(w, (pl->pl_jails.n + 1) * sizeof(*r->r_jail));
	r->r_cursor = vnetsim_user_alloc(
	    w, (pl->pl_cursors.n + 1) * sizeof(*r->r_cursor));
	if (r->r_sock == NULL || r->r_proc == NULL || r->r_jail == NULL ||
	    r->r_cursor == NULL)
		return (false);
	for (uint32_t i = 0; i < pl->pl_jails.n; i++)
		r->r_jail[i].rj_known =
		    strcmp(pl->pl_jails.v[i].pn_jail, SCN_HOST) == 0;
	return (true);
}

/* After a restore: cut what lies outside to the counts of the world. */
void
scn_run_resync(struct scn_env *e)
{
	env_cut(e, e->e_r->r_nfail);
	e->e_frames.rg_n = e->e_r->r_nframes;
	rbuf_cut(&e->e_out, e->e_r->r_outlen);
}

bool
scn_run_wants_frames(const struct scn_env *e)
{
	return (e->e_frameswanted);
}

/* For the wire listener; calls nothing. */
void
scn_run_frame(struct scn_env *e, const struct vnetsim_wire_event *ev)
{
	run_frames_event(&e->e_frames, ev);
	if (e->e_plan->pl_tcpdumps && !e->e_tolerant)
		tcpdumps_wire(e->e_tcpdump, ev);
	if (e->e_r != NULL)
		e->e_r->r_nframes = e->e_frames.rg_n;
}

uint32_t
scn_run_nfailures(const struct scn_env *e)
{
	return (e->e_nfail);
}

const struct scn_failure *
scn_run_failure(const struct scn_env *e, uint32_t n)
{
	return (n < e->e_nfail ? &e->e_fail[n] : NULL);
}

/* The call that failed for want of memory and was not hashed, 0: none. */
uint64_t
scn_run_unhashed(const struct scn_env *e)
{
	return (e->e_unhashed);
}

/* The failed call that changed the state, 0: none. */
uint64_t
scn_run_changed(const struct scn_env *e, const char **call)
{
	*call = e->e_changedname;
	return (e->e_changed);
}

size_t
scn_run_pc(const struct scn_env *e)
{
	return (e->e_r->r_pc);
}

void
run_call_begin(struct scn_env *e)
{
	uint64_t failed;

	if (e->e_hook != NULL)
		e->e_hook(e->e_hookarg);
	e->e_r->r_calls++;
	(void)vnetsim_fail_state(e->e_w, &e->e_asked, &failed);
	if (e->e_r->r_calls == e->e_hashat)
		e->e_hash = vnetsim_hash(e->e_w, false);
}

int
run_call_end(struct scn_env *e, const char *name, int error)
{
	uint64_t call = e->e_r->r_calls;

	if (error == 0 || error == VE_INPROGRESS)
		return (error);
	if (call == e->e_hashat) {
		if (vnetsim_hash(e->e_w, false) != e->e_hash) {
			e->e_changed = call;
			e->e_changedname = name;
		}
	} else if ((error == VE_NOMEM || error == VE_NOBUFS) &&
		   e->e_unhashed == 0)
		e->e_unhashed = call;
	return (error);
}

/**
 * run_fail() - an expectation did not hold
 * @e:		environment; nothing happens if it is tolerant
 * @s:		statement
 * @fmt:	what was expected and what was found
 */
void
run_fail(struct scn_env *e, const struct scn_stmt *s, const char *fmt, ...)
{
	struct scn_failure *sf;
	char text[1024], command[512];
	va_list ap;

	if (e->e_tolerant)
		return;
	if (e->e_nfail == e->e_capfail) {
		e->e_capfail = e->e_capfail == 0 ? 16 : e->e_capfail * 2;
		e->e_fail =
		    realloc(e->e_fail, e->e_capfail * sizeof(*e->e_fail));
		if (e->e_fail == NULL)
			env_nomem();
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)scn_stmt_format(s, command, sizeof(command));
	command[strcspn(command, "\n")] = '\0';
	sf = &e->e_fail[e->e_nfail];
	sf->sf_pos = s->pos;
	sf->sf_command = strdup(command);
	sf->sf_message = strdup(text);
	if (sf->sf_command == NULL || sf->sf_message == NULL)
		env_nomem();
	e->e_nfail++;
	e->e_r->r_nfail = e->e_nfail;
}
