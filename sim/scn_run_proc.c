/*
 * scn_run_proc.c - simulated programs: who executes a verb, and when.
 *
 * Each process has a queue of verbs (statement numbers).  A verb is issued
 * when all earlier ones of its process have ended; while one blocks, the
 * others wait, and the script goes on.  A socket belongs to the process that
 * made it: a verb on it is executed by that process, whoever is named; but for
 * recvfd, which is the receiver's.
 *
 * A process is made when it is first used.  When it is killed (kill, jail -r)
 * its blocked verb ends with EINTR and its queue is dropped; neither is a
 * failure of the scenario, because the scenario asked for it.  If it is named
 * again a new process of that name is made.
 */
#include <string.h>

#include "sim/scn_run_var.h"

/* Ring of statement numbers in world memory.  Return: false if it is full. */
static bool
queue_put(struct scn_env *e, struct run_proc *rp, uint32_t stmt)
{
	uint32_t cap, *q;

	if (rp->rp_n == rp->rp_cap) {
		cap = rp->rp_cap == 0 ? 4 : rp->rp_cap * 2;
		q = vnetsim_user_alloc(e->e_w, cap * sizeof(*q));
		if (q == NULL)
			return (false);
		for (uint32_t i = 0; i < rp->rp_n; i++)
			q[i] = rp->rp_queue[(rp->rp_head + i) % rp->rp_cap];
		vnetsim_user_free(e->e_w, rp->rp_queue);
		rp->rp_queue = q;
		rp->rp_cap = cap;
		rp->rp_head = 0;
	}
	rp->rp_queue[(rp->rp_head + rp->rp_n++) % rp->rp_cap] = stmt;
	return (true);
}

/* The sockets a verb names: what it works on, what it makes. */
static void
verb_socks(struct scn_env *e, uint32_t stmt, struct run_sock *out[2])
{
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[stmt];

	out[0] = ps->ps_sock >= 0 ? &e->e_r->r_sock[ps->ps_sock] : NULL;
	out[1] = ps->ps_result >= 0 ? &e->e_r->r_sock[ps->ps_result] : NULL;
}

static void
unclaimed(struct scn_env *e, struct run_sock *rs)
{
	if (rs->rs_state != VERB_FAILED || rs->rs_claimed)
		return;
	rs->rs_claimed = true;
	run_fail(e, &e->e_plan->pl_script->stmts[rs->rs_verb],
	    "%s (%s), and no claim expects it", vnetsim_errname(rs->rs_error),
	    vnetsim_strerror(rs->rs_error));
}

/* At the end of a script: failed verbs that no claim spoke of. */
void
run_unclaimed(struct scn_env *e)
{
	for (uint32_t i = 0; i < e->e_plan->pl_socks.n; i++)
		unclaimed(e, &e->e_r->r_sock[i]);
}

static void
verb_mark(struct scn_env *e, uint32_t stmt, enum verb_state state, int error)
{
	struct run_sock *rs[2];

	verb_socks(e, stmt, rs);
	for (int i = 0; i < 2; i++) {
		if (rs[i] == NULL)
			continue;
		if (state == VERB_QUEUED)
			unclaimed(e, rs[i]);
		rs[i]->rs_verb = stmt;
		rs[i]->rs_state = (uint8_t)state;
		rs[i]->rs_error = error;
		rs[i]->rs_claimed = false;
	}
}

/* A verb failed: only one of its two sockets speaks of it. */
static void
verb_failed(struct scn_env *e, uint32_t stmt, int error, bool excused)
{
	struct run_sock *rs[2];

	verb_mark(e, stmt, VERB_FAILED, error);
	verb_socks(e, stmt, rs);
	if (rs[0] != NULL && rs[1] != NULL)
		rs[1]->rs_claimed = true;
	for (int i = 0; excused && i < 2; i++)
		if (rs[i] != NULL)
			rs[i]->rs_claimed = true;
}

/* The verb of a process has ended.  EINTR: the process was killed. */
static void
verb_end(struct scn_env *e, struct run_proc *rp, int error)
{
	const struct scn_stmt *s = run_stmt(e, rp->rp_stmt);
	struct scn_run *r = e->e_r;
	bool wanted = r->r_verbwanted && r->r_pc == rp->rp_stmt;

	rp->rp_busy = false;
	rp->rp_op = 0;
	if (s->u.sock->nonblock &&
	    (error == VE_AGAIN || error == VE_INPROGRESS) && !wanted)
		error = 0;
	if (error == 0)
		verb_mark(e, rp->rp_stmt, VERB_DONE, 0);
	else
		verb_failed(e, rp->rp_stmt, error, wanted || error == VE_INTR);
	if (error == VE_INTR) {
		rp->rp_n = 0;
		rp->rp_h = 0;
	}
	if (wanted)
		r->r_verb = error;
}

static void
proc_pump(struct scn_env *e, struct run_proc *rp)
{
	int error;

	while (!rp->rp_busy && rp->rp_n > 0) {
		rp->rp_stmt = rp->rp_queue[rp->rp_head];
		rp->rp_head = (rp->rp_head + 1) % rp->rp_cap;
		rp->rp_n--;
		rp->rp_busy = true;
		rp->rp_op = 0;
		rp->rp_done = rp->rp_chunk = 0;
		verb_mark(e, rp->rp_stmt, VERB_BLOCKED, 0);
		error = run_verb_issue(e, rp);
		if (error != VE_INPROGRESS || rp->rp_op == 0)
			verb_end(e, rp, error);
	}
}

/* The process that executes a verb, made if there is none.  -1: see @error. */
static int32_t
verb_proc(struct scn_env *e, uint32_t stmt, int *error)
{
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[stmt];
	const struct plan_name *pn;
	struct run_proc *rp;
	vnetsim_handle jail;
	int32_t id = ps->ps_proc;

	*error = 0;
	if (ps->ps_sock >= 0 && e->e_r->r_sock[ps->ps_sock].rs_made &&
	    run_stmt(e, stmt)->kind != SCN_RECVFD)
		return (e->e_r->r_sock[ps->ps_sock].rs_procid);
	rp = &e->e_r->r_proc[id];
	if (rp->rp_h != 0 || rp->rp_busy)
		return (id);
	pn = &e->e_plan->pl_procs.v[id];
	jail = run_jail(e, pn->pn_jail);
	if (jail == 0) {
		*error = VE_NOENT;
		return (-1);
	}
	*error = RUN_CALL(e, "fork",
	    vnetsim_proc_create(e->e_w, jail, pn->pn_name, &rp->rp_h));
	return (*error == 0 ? id : -1);
}

/**
 * run_verb() - hand a verb to its process
 * @e:		environment
 * @stmt:	number of the statement
 *
 * Return:	0: it is queued, done, or has failed as its sockets know;
 *		VE_NOENT: no such jail; what vnetsim_proc_create() says.
 */
int
run_verb(struct scn_env *e, uint32_t stmt)
{
	struct run_proc *rp;
	int32_t id;
	int error;

	id = verb_proc(e, stmt, &error);
	if (id < 0)
		return (error);
	rp = &e->e_r->r_proc[id];
	verb_mark(e, stmt, VERB_QUEUED, 0);
	if (!queue_put(e, rp, stmt))
		return (VE_NOMEM);
	proc_pump(e, rp);
	return (0);
}

/**
 * run_proc_result() - an operation has completed
 * @e:		environment
 * @res:	borrowed
 *
 * Return:	true if a process waited for it.
 */
bool
run_proc_result(struct scn_env *e, const struct vnetsim_result *res)
{
	struct run_proc *rp;
	int error;

	for (uint32_t i = 0; i < e->e_plan->pl_procs.n; i++) {
		rp = &e->e_r->r_proc[i];
		if (!rp->rp_busy || rp->rp_op != res->op)
			continue;
		rp->rp_op = 0;
		error = run_verb_result(e, rp, res);
		if (error != VE_INPROGRESS || rp->rp_op == 0)
			verb_end(e, rp, error);
		proc_pump(e, rp);
		return (true);
	}
	return (false);
}

/**
 * run_kill() - kill a process
 * @e:		environment
 * @stmt:	number of the statement
 *
 * Return:	0; VE_SRCH: no process of that name was ever made, or it is
 *		gone.
 */
int
run_kill(struct scn_env *e, uint32_t stmt)
{
	int32_t id = e->e_plan->pl_stmt[stmt].ps_proc;
	struct run_proc *rp = &e->e_r->r_proc[id];
	int error;

	if (rp->rp_h == 0)
		return (VE_SRCH);
	for (uint32_t i = 0; i < e->e_plan->pl_socks.n; i++)
		if (e->e_r->r_sock[i].rs_procid == id &&
		    e->e_r->r_sock[i].rs_made)
			run_sock_learn(e, &e->e_r->r_sock[i]);
	error = RUN_CALL(e, "kill", vnetsim_proc_kill(e->e_w, rp->rp_h));
	if (error != 0)
		return (error);
	rp->rp_h = 0;
	rp->rp_n = 0;
	return (0);
}
