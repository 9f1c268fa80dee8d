/*
 * scn_run.c - run a parsed scenario against a world, step by step.
 *
 * Theory of operation
 * ===================
 *
 * scn_run_step() does one thing and returns: it starts the next statement, or
 * lets one event of the world happen because the current statement waits.  So
 * whoever drives it can look, save, kill a vnet or stop between any two
 * events, and a program counter (an index) plus a kind of wait is the whole
 * position:
 *
 *	TIME	+T, at T		until the clock stands at the deadline
 *	IDLE	run			until no event is left
 *	CLAIM	expect within, until	until the claim holds, or the deadline
 *	CMD	ping, ifconfig vnet	until its operation has completed
 *	VERB	expect fails VERB	until the verb has ended, or for a day
 *
 * `jail -r` does not wait: jail_remove(2) returns while the jail is dying.
 *
 * Verbs of simulated programs are handed to their process (scn_run_proc.c),
 * which works them off one by one while the script goes on.  A verb that
 * fails is a failure of the scenario unless a claim (failed, error) speaks of
 * it before the next verb of that socket or the end of the script.
 *
 * A call that fails for want of memory (--fail-alloc) must leave the state as
 * it was: the driver runs the script once to learn which call that was and
 * once more with a hash before and after it (e_hashat).
 */
#include "sim/scn_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_run_var.h"

/* Keepalive never lets a world fall silent; no call blocks longer than that. */
#define RUN_VERB_PATIENCE (INT64_C(86400) * 1000000000)

/* A time in ns; MSL is that of the jail's vnet, FreeBSD's unit is ms. */
int64_t
run_time(struct scn_env *e, const char *jail, const struct scn_time *t)
{
	int64_t ms = 30000;

	if (t->msl == 0)
		return (t->ns);
	if (vnetsim_sysctl_get(e->e_w,
		vnetsim_jail_find(e->e_w, jail == NULL ? SCN_HOST : jail, true),
		"net.inet.tcp.msl", &ms) != 0)
		ms = 30000;
	return (t->ns + t->msl * ms * 1000000);
}

/* A jail that lives, by its full name; 0: none. */
vnetsim_handle
run_jail(struct scn_env *e, const char *name)
{
	return (vnetsim_jail_find(e->e_w, name, false));
}

/* The full name of a jail that is named relative to who acts. */
const char *
run_full(const struct scn_stmt *s, const char *name, char *buf, size_t size)
{
	if (strcmp(s->jail, SCN_HOST) == 0)
		return (name);
	(void)snprintf(buf, size, "%s.%s", s->jail, name);
	return (buf);
}

const struct scn_stmt *
run_stmt(const struct scn_env *e, uint32_t i)
{
	return (scn_plan_cmd(&e->e_plan->pl_script->stmts[i]));
}

static const struct scn_stmt *
run_here(const struct scn_env *e)
{
	return (&e->e_plan->pl_script->stmts[e->e_r->r_pc]);
}

static void
run_next(struct scn_env *e)
{
	e->e_r->r_pc++;
	e->e_r->r_wait = RUN_WAIT_NONE;
}

/* `expect output`: is the text in what was printed? */
static void
run_judge_output(struct scn_env *e, const struct scn_stmt *s, int error)
{
	const struct scn_claim *c = s->u.claim;
	bool found;

	if (error != 0) {
		run_fail(e, s, "the command fails: %s (%s)",
		    vnetsim_errname(error), vnetsim_strerror(error));
		return;
	}
	found = strstr(rbuf_str(&e->e_out), c->text) != NULL;
	if (found == c->no)
		run_fail(e, s, "\"%s\" is %s in the output:\n%s", c->text,
		    c->no ? "" : "not", rbuf_str(&e->e_out));
}

/* A command (or a verb under expect) has ended: judge it. */
void
run_cmd_over(struct scn_env *e, int error)
{
	const struct scn_stmt *s = run_here(e);

	if (s->kind == SCN_EXPECT && s->u.claim->kind == SCN_CL_FAILS) {
		if (error != s->u.claim->error)
			run_fail(e, s, "expected %s, got %s%s%s",
			    vnetsim_errname(s->u.claim->error),
			    error == 0 ? "success" : vnetsim_errname(error),
			    e->e_why[0] != '\0' ? ": " : "", e->e_why);
	} else if (s->kind == SCN_EXPECT) {
		run_judge_output(e, s, error);
	} else if (error != 0) {
		run_fail(e, s, "%s (%s)%s%s", vnetsim_errname(error),
		    vnetsim_strerror(error), e->e_why[0] != '\0' ? ": " : "",
		    e->e_why);
	}
	if (e->e_print != NULL && e->e_out.rb_len > 0)
		rbuf_put(e->e_print, e->e_out.rb_s, e->e_out.rb_len);
	run_next(e);
}

static void
run_claim_over(struct scn_env *e, const struct scn_stmt *s, bool holds)
{
	struct rbuf why = { 0 };
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[e->e_r->r_pc];

	if (!holds && !e->e_tolerant) {
		(void)run_claim(e, s->u.claim, ps, &why);
		run_fail(e, s, "%s", rbuf_str(&why));
		rbuf_free(&why);
	}
	run_next(e);
}

/* `no packet ... within` holds when the time is over, the others when true. */
static bool
run_claim_patient(const struct scn_claim *c)
{
	return (c->kind == SCN_CL_PACKET && c->no && c->has_within);
}

static void
run_start_claim(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_claim *c = s->u.claim;
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[e->e_r->r_pc];
	struct scn_run *r = e->e_r;
	bool holds = run_claim(e, c, ps, NULL);

	r->r_deadline = VNETSIM_FOREVER;
	if (c->has_within)
		r->r_deadline =
		    vnetsim_now(e->e_w) + run_time(e, c->jail, &c->within);
	if (holds && !run_claim_patient(c))
		run_next(e);
	else if (!holds && (run_claim_patient(c) ||
			       (s->kind == SCN_EXPECT && !c->has_within)))
		run_claim_over(e, s, false);
	else
		r->r_wait = RUN_WAIT_CLAIM;
}

static void
run_start_cmd(struct scn_env *e, const struct scn_stmt *s)
{
	struct scn_run *r = e->e_r;
	int error;

	rbuf_cut(&e->e_out, 0);
	r->r_cmdop = 0;
	r->r_cmdstep = r->r_cmdgot = r->r_cmdwake = 0;
	r->r_cmdseen = 0;
	memset(r->r_cmddrop, 0, sizeof(r->r_cmddrop));
	r->r_cmderror = 0;
	e->e_why[0] = '\0';
	error = run_cmd(e, scn_plan_cmd(s));
	r->r_outlen = e->e_out.rb_len;
	if (error == VE_INPROGRESS)
		r->r_wait = RUN_WAIT_CMD;
	else
		run_cmd_over(e, error);
}

/* A verb: alone it is handed over; under expect the script waits for it. */
static void
run_start_verb(struct scn_env *e, const struct scn_stmt *s)
{
	struct scn_run *r = e->e_r;
	int error;

	rbuf_cut(&e->e_out, 0);
	r->r_verbwanted = s->kind == SCN_EXPECT;
	r->r_verb = -1;
	error = run_verb(e, (uint32_t)r->r_pc);
	if (s->kind != SCN_EXPECT) {
		if (error != 0)
			run_fail(e, s, "%s (%s)", vnetsim_errname(error),
			    vnetsim_strerror(error));
		run_next(e);
	} else if (error != 0) {
		run_cmd_over(e, error);
	} else {
		r->r_wait = RUN_WAIT_VERB;
		r->r_deadline = vnetsim_now(e->e_w) + RUN_VERB_PATIENCE;
	}
}

static void
run_start_at(struct scn_env *e, const struct scn_stmt *s)
{
	int64_t now = vnetsim_now(e->e_w);
	int64_t t = run_time(e, s->jail, &s->u.time);

	if (s->kind == SCN_ADVANCE)
		t = t > VNETSIM_FOREVER - now ? VNETSIM_FOREVER : now + t;
	if (t < now) {
		run_fail(e, s, "that was %" PRId64 " ns ago", now - t);
		run_next(e);
		return;
	}
	e->e_r->r_deadline = t;
	e->e_r->r_wait = RUN_WAIT_TIME;
}

static void
run_start(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_stmt *cmd = scn_plan_cmd(s);
	int error;

	e->e_why[0] = '\0';
	run_tcpdump_tidy(e);
	switch (cmd->kind) {
	case SCN_ADVANCE:
	case SCN_AT:
		run_start_at(e, s);
		return;
	case SCN_RUN:
		e->e_r->r_deadline = VNETSIM_FOREVER;
		e->e_r->r_wait = RUN_WAIT_IDLE;
		return;
	case SCN_UNTIL:
	case SCN_EXPECT:
		run_start_claim(e, s);
		return;
	case SCN_KILL:
		rbuf_cut(&e->e_out, 0);
		error = run_kill(e, (uint32_t)e->e_r->r_pc);
		run_cmd_over(e, error);
		return;
	default:
		break;
	}
	if (cmd->kind >= SCN_CONNECT && cmd->kind <= SCN_SETSOCKOPT)
		run_start_verb(e, s);
	else
		run_start_cmd(e, s);
}

/* A result that belongs to the command in progress. */
static void
run_cmd_result(struct scn_env *e, const struct vnetsim_result *res)
{
	int error;

	e->e_r->r_cmdop = 0;
	error = run_cmd_next(e, scn_plan_cmd(run_here(e)), res->error, res);
	e->e_r->r_outlen = e->e_out.rb_len;
	if (error != VE_INPROGRESS)
		run_cmd_over(e, error);
}

/**
 * scn_run_collect() - take what operations have completed
 * @e:	environment
 *
 * Each goes to the command or process that waits for it; others (the
 * driver's) are kept for scn_run_finished().
 */
void
scn_run_collect(struct scn_env *e)
{
	struct scn_run *r = e->e_r;
	struct vnetsim_result res;

	while (vnetsim_op_next(e->e_w, &res)) {
		if (r->r_cmdop != 0 && res.op == r->r_cmdop) {
			run_cmd_result(e, &res);
		} else if (!run_proc_result(e, &res)) {
			r->r_doneop[r->r_ndone % 4] = res.op;
			r->r_doneerr[r->r_ndone % 4] = res.error;
			r->r_ndone++;
		}
		(void)vnetsim_op_release(e->e_w, res.op);
	}
}

/**
 * scn_run_finished() - has an operation of the driver completed?
 * @e:		environment
 * @op:		its handle
 * @error:	out
 *
 * Return:	true if it is among the last four.
 */
bool
scn_run_finished(const struct scn_env *e, vnetsim_handle op, int *error)
{
	const struct scn_run *r = e->e_r;

	for (uint32_t i = 0; i < 4 && i < r->r_ndone; i++)
		if (r->r_doneop[i] == op) {
			*error = r->r_doneerr[i];
			return (true);
		}
	return (false);
}

/* link send waits for frames: has one come since it looked? */
static bool
run_segment_over(struct scn_env *e)
{
	const struct scn_stmt *s = scn_plan_cmd(run_here(e));
	int error;

	if (s->kind != SCN_LINK_SEND || e->e_r->r_cmdseen == e->e_r->r_nframes)
		return (false);
	error = run_cmd_next(e, s, 0, NULL);
	if (error == VE_INPROGRESS)
		return (false);
	run_cmd_over(e, error);
	return (true);
}

/* Is what the statement waits for there?  Then it is over. */
static bool
run_wait_over(struct scn_env *e)
{
	const struct scn_stmt *s = run_here(e);
	struct scn_run *r = e->e_r;
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[r->r_pc];

	switch (r->r_wait) {
	case RUN_WAIT_CLAIM:
		if (run_claim(e, s->u.claim, ps, NULL) ==
		    run_claim_patient(s->u.claim))
			return (false);
		run_claim_over(e, s, !run_claim_patient(s->u.claim));
		return (true);
	case RUN_WAIT_CMD:
		return (run_segment_over(e));
	case RUN_WAIT_VERB:
		if (r->r_verb < 0)
			return (false);
		run_cmd_over(e, r->r_verb);
		return (true);
	default:
		return (false);
	}
}

/* Nothing more is due before the deadline (or at all). */
static void
run_wait_timeout(struct scn_env *e)
{
	const struct scn_stmt *s = run_here(e);
	struct scn_run *r = e->e_r;
	int error;

	switch (r->r_wait) {
	case RUN_WAIT_CLAIM:
		run_claim_over(e, s, run_claim_patient(s->u.claim));
		return;
	case RUN_WAIT_CMD:
		if (r->r_cmdwake != 0) {
			r->r_cmdwake = 0;
			error = run_cmd_next(e, scn_plan_cmd(s), 0, NULL);
			r->r_outlen = e->e_out.rb_len;
			if (error != VE_INPROGRESS)
				run_cmd_over(e, error);
			return;
		}
		run_fail(e, s, "it never ends: no event is left");
		run_next(e);
		return;
	case RUN_WAIT_VERB:
		run_fail(e, s, "the verb blocks: not over after a day");
		run_next(e);
		return;
	default:
		run_next(e);
	}
}

/**
 * scn_run_step() - do one thing
 * @e:		environment, after scn_run_begin()
 * @limit:	virtual ns; events later than that are not run
 *
 * Return:	SCN_STEP_MORE; SCN_STEP_ENDED: the script is over (nothing was
 *		done); SCN_STEP_STOPPED: the next event lies behind @limit.
 */
enum scn_step
scn_run_step(struct scn_env *e, int64_t limit)
{
	struct scn_run *r = e->e_r;
	int64_t until;

	scn_run_collect(e);
	if (r->r_pc >= e->e_plan->pl_script->nstmts)
		return (SCN_STEP_ENDED);
	if (r->r_wait == RUN_WAIT_NONE) {
		run_start(e, run_here(e));
		return (SCN_STEP_MORE);
	}
	if (run_wait_over(e))
		return (SCN_STEP_MORE);
	until = r->r_deadline;
	if (r->r_wait == RUN_WAIT_CMD)
		until = r->r_cmdwake != 0 ? r->r_cmdwake : VNETSIM_FOREVER;
	if (vnetsim_step(e->e_w, until < limit ? until : limit))
		return (SCN_STEP_MORE);
	if (until > limit && vnetsim_now(e->e_w) >= limit)
		return (SCN_STEP_STOPPED);
	if (!run_wait_over(e))
		run_wait_timeout(e);
	return (SCN_STEP_MORE);
}

/* The script is over: what nobody claimed is a failure. */
void
scn_run_close(struct scn_env *e)
{
	scn_run_collect(e);
	run_unclaimed(e);
	run_tcpdump_close(e);
}
