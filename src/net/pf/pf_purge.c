/*
 * pf_purge.c - the purge worker: what has expired goes.
 *
 * One timer for the vnet fires at multiples of the interval (10 s), and only
 * at those at which something can have expired: it is armed when a state gets
 * a timeout and at the end of each walk.  It wakes a task, which walks over
 * the states, PF_PURGE_BATCH of them in an event, and then over rules that
 * were replaced.  A state whose time has come therefore lives up to one
 * interval longer, as in FreeBSD.
 *
 * The place where a walk goes on belongs to the vnet, and moves on when the
 * state there goes.  At shutdown the timer and the task are drained; there is
 * nothing to purge any more.
 *
 * FreeBSD: pf_purge_thread() of sys/netpfil/pf/pf.c, one thread for all
 * vnets, which walks a part of each table ten times a second.
 */
#include "src/net/pf/pf_var.h"

static void
purge_timeout(void *arg)
{
	(void)arg;
	V_pf.purge_due = INT64_MAX;
	V_pf.purge_again = V_pf.purge_next != NULL;
	(void)taskqueue_enqueue(TASKQ_THREAD, &V_pf.purge_task);
}

void
pf_purge_want(int64_t when)
{
	int64_t tick = V_pf.timeout[VNETSIM_PFTM_INTERVAL] * NS_S;
	int64_t now = vtime(), due;

	due = howmany(when, tick) * tick;
	if (due <= now)
		due = (now / tick + 1) * tick;
	if (due >= V_pf.purge_due)
		return;
	V_pf.purge_due = due;
	(void)callout_reset(
	    &V_pf.purge_timer, due - now, purge_timeout, V_pf_main);
}

/* The walk is over. */
static void
purge_end(void)
{
	pf_purge_unlinked_rules();
	if (V_pf.nstates != 0)
		pf_purge_want(V_pf.purge_min);
	V_pf.purge_min = INT64_MAX;
	if (V_pf.purge_again) {
		V_pf.purge_again = false;
		(void)taskqueue_enqueue(TASKQ_THREAD, &V_pf.purge_task);
	}
}

static void
purge_task(void *arg, int pending)
{
	struct pf_kstate *s = V_pf.purge_next;
	int64_t expires;
	uint32_t n;

	(void)arg;
	(void)pending;
	if (s == NULL)
		s = TAILQ_FIRST(&V_pf.states);
	for (n = 0; s != NULL && n < PF_PURGE_BATCH; n++) {
		V_pf.purge_next = TAILQ_NEXT(s, entry);
		expires = pf_state_expires(s);
		if (expires <= vtime())
			pf_unlink_state(s);
		else if (expires < V_pf.purge_min)
			V_pf.purge_min = expires;
		s = V_pf.purge_next;
	}
	if (s == NULL)
		purge_end();
	else
		(void)taskqueue_enqueue(TASKQ_THREAD, &V_pf.purge_task);
}

void
pf_purge_init(void)
{
	V_pf.purge_due = INT64_MAX;
	V_pf.purge_min = INT64_MAX;
	callout_init(&V_pf.purge_timer, VNET_MOD_pf, "pf.purge");
	task_init(
	    &V_pf.purge_task, VNET_MOD_pf, "pf.purge", purge_task, V_pf_main);
}
