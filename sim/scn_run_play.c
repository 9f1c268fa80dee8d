/*
 * scn_run_play.c - one scenario from birth of the world to the audit.
 *
 *	reset	a new world (the old one's memory), order, policies
 *	script	statement by statement, event by event; a jail may be ended
 *		on the way (--kill, explore)
 *	finish	every jail and the host are taken down in the same order
 *	settle	time runs until every peer of a dead vnet can be judged
 *	audit	the ledger of the world, the wire
 *
 * A finding beats a failed expectation; --fail-alloc and explore judge
 * findings only, because a script whose calls fail cannot keep its promises.
 * With --fail-alloc N,sticky the wire is not judged either: a stack without
 * memory cannot send FIN.
 */
#include "sim/scn_run_play.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kld.h"
#include "sim/scn_run_plan.h"

/* Of several exit statuses the one that counts: 3 4 2 1 5, then the others. */
int
play_rank(int a, int b)
{
	static const int order[] = { EXIT_PANIC, EXIT_DIFFERS, EXIT_FINDING,
		EXIT_EXPECT, EXIT_BUDGET, EXIT_TIMEOUT, EXIT_IO };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return (order[i]);
	return (a != 0 ? a : b);
}

/**
 * play_skip() - why a scenario cannot be played by this program
 * @script:	parsed
 *
 * Return:	NULL: it can; else a sentence, for a run that ends EXIT_SKIPPED.
 */
const char *
play_skip(const struct scn_script *script)
{
	for (uint32_t i = 0; i < script->nstmts; i++)
		if (scn_plan_cmd(&script->stmts[i])->kind == SCN_KLDLOAD)
			return (kld_possible()
				    ? NULL
				    : "kldload: this program is linked "
				      "statically and cannot load modules");
	return (NULL);
}

static void
play_vnet_event(struct player *p, const struct vnetsim_wire_event *ev)
{
	struct play_vnet *pv = NULL;
	unsigned cap;

	for (unsigned i = p->p_nvnets; i > 0 && pv == NULL; i--)
		if (p->p_vnet[i - 1].pv_id == ev->we_vnet)
			pv = &p->p_vnet[i - 1];
	if (pv == NULL) {
		if (p->p_nvnets == p->p_capvnets) {
			cap = p->p_capvnets == 0 ? 8 : p->p_capvnets * 2;
			pv = realloc(p->p_vnet, cap * sizeof(*pv));
			if (pv == NULL)
				return;
			p->p_vnet = pv;
			p->p_capvnets = cap;
		}
		pv = &p->p_vnet[p->p_nvnets++];
		memset(pv, 0, sizeof(*pv));
		pv->pv_id = ev->we_vnet;
		pv->pv_killed = pv->pv_dead = -1;
	}
	if (ev->we_kind == VNETSIM_WIRE_BORN && ev->we_name != NULL) {
		(void)snprintf(
		    pv->pv_name, sizeof(pv->pv_name), "%s", ev->we_name);
	} else if (ev->we_kind == VNETSIM_WIRE_KILL) {
		pv->pv_killed = ev->we_time;
		pv->pv_policy = ev->we_policy;
		pv->pv_grace = ev->we_grace;
		pv->pv_byscript = !p->p_scriptover;
		if (ev->we_name != NULL)
			(void)snprintf(pv->pv_order, sizeof(pv->pv_order), "%s",
			    ev->we_name);
	} else if (ev->we_kind == VNETSIM_WIRE_DEAD)
		pv->pv_dead = ev->we_time;
}

static uint64_t
mix(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return (h);
}

static void
play_wire(void *arg, const struct vnetsim_wire_event *ev)
{
	struct player *p = arg;

	if (p->p_capture != NULL)
		(void)capture_event(p->p_capture, ev);
	if (p->p_capture != NULL && p->p_flush)
		(void)capture_flush(p->p_capture);
	if (scn_run_wants_frames(p->p_env))
		scn_run_frame(p->p_env, ev);
	if (!p->p_watch)
		return;
	p->p_wirehash = mix(p->p_wirehash, &ev->we_time, sizeof(ev->we_time));
	if (ev->we_kind == VNETSIM_WIRE_FRAME && ev->we_bytes != NULL)
		p->p_wirehash = mix(p->p_wirehash, ev->we_bytes, ev->we_len);
	if (ev->we_kind == VNETSIM_WIRE_BORN ||
	    ev->we_kind == VNETSIM_WIRE_KILL ||
	    ev->we_kind == VNETSIM_WIRE_DEAD)
		play_vnet_event(p, ev);
}

static void
play_trace(void *arg, const struct vnetsim_trace *t)
{
	struct player *p = arg;

	if (p->p_record != NULL)
		p->p_record(p->p_recordarg, t);
	if (p->p_trace == NULL)
		return;
	(void)fprintf(p->p_trace,
	    "%" PRId64 " %" PRIu64 " vnet%" PRIu32 " %s %s %" PRIu32 " %" PRIu32
	    "\n",
	    t->time, t->event, t->vnet, t->kind,
	    t->name != NULL ? t->name : "-", t->a, t->b);
}

static int
play_order(struct vnetsim *w, const char *order, const struct play_opts *po,
    struct rbuf *why)
{
	int error;

	error = vnetsim_order_set(
	    w, order != NULL ? order : "top-down", po->po_force);
	if (error == VE_NOENT)
		rbuf_add(why, "no order '%s'", order);
	else if (error == VE_INVAL)
		rbuf_add(why, "--force: order %s waits for nothing",
		    order != NULL ? order : "top-down");
	else if (error != 0)
		rbuf_add(why, "order: %s", vnetsim_errname(error));
	if (error == 0)
		error = vnetsim_order_ties(w, po->po_ties);
	for (unsigned i = 0; error == 0 && i < po->po_nedits; i++) {
		const struct play_edit *pe = &po->po_edit[i];

		error = vnetsim_order_edit(w, pe->pe_edit, pe->pe_a, pe->pe_b);
		if (error != 0)
			rbuf_add(why, "step '%s%s%s': %s", pe->pe_a,
			    pe->pe_b != NULL ? "','" : "",
			    pe->pe_b != NULL ? pe->pe_b : "",
			    error == VE_NOENT ? "no such step in this order"
					      : vnetsim_errname(error));
	}
	return (error);
}

/**
 * play_setup() - order and close policy of a new world
 * @w:		world
 * @script:	what its head says counts where @po says nothing; may be NULL
 * @po:		options
 * @why:	what is wrong is appended
 *
 * Return:	0 or an errno.
 */
int
play_setup(struct vnetsim *w, const struct scn_script *script,
    const struct play_opts *po, struct rbuf *why)
{
	struct vnetsim_close_policy cp = po->po_close;
	const char *order = po->po_order;
	int error;

	if (order == NULL && script != NULL)
		order = script->order;
	error = play_order(w, order, po, why);
	if (error != 0)
		return (error);
	if (!po->po_hasclose) {
		if (script == NULL || script->close.kind == SCN_POLICY_NONE)
			return (0);
		cp.policy = (enum vnetsim_close)(
		    script->close.kind - SCN_POLICY_GRACEFUL);
		cp.grace = script->close.ns < 0 ? 0 : script->close.ns;
	}
	error = vnetsim_close_default(w, &cp);
	if (error != 0)
		rbuf_add(why, "close policy: %s", vnetsim_errname(error));
	return (error);
}

static bool
play_world(struct player *p, const struct play_opts *po)
{
	struct vnetsim_config cfg = {
		.seed = po->po_hasseed          ? po->po_seed
			: p->p_script->has_seed ? p->p_script->seed
						: 1,
		.fail_alloc = po->po_fail,
		.fail_sticky = po->po_sticky,
		.shuffle = po->po_shuffle,
		.ties = po->po_ties,
	};
	uint64_t failed;
	int error;

	if (p->p_world == NULL)
		p->p_world = vnetsim_create(
		    p->p_host.panic != NULL ? &p->p_host : NULL, &cfg, &error);
	else
		error = vnetsim_reset(p->p_world, &cfg);
	if (p->p_world != NULL && error == 0)
		return (true);
	if (po->po_fail != 0 && p->p_world != NULL)
		p->p_consumed =
		    vnetsim_fail_state(p->p_world, &p->p_asked, &failed);
	if (po->po_fail != 0) {
		p->p_consumed = true;
		return (false);
	}
	(void)snprintf(p->p_whybuf, sizeof(p->p_whybuf),
	    "the world cannot be made: %s", vnetsim_errname(error));
	p->p_why = p->p_whybuf;
	p->p_exit = EXIT_EXPECT;
	return (false);
}

static void
play_stop(struct player *p, int status, const char *why)
{
	p->p_why = why;
	p->p_exit = play_rank(p->p_exit, status);
}

/* End the jail that the options name, if it lives. */
static void
play_kill(struct player *p, const struct play_opts *po)
{
	struct vnetsim_jail_info ji;
	vnetsim_handle jail, op = 0;

	jail = vnetsim_jail_find(p->p_world, po->po_kill, false);
	if (jail == 0 || vnetsim_jail_info(p->p_world, jail, &ji) != 0 ||
	    ji.dying || ji.phase != NULL)
		return;
	p->p_killed = vnetsim_destroy_vnet(p->p_world, jail, &op) == 0;
	if (op != 0)
		(void)vnetsim_op_release(p->p_world, op);
	scn_env_tolerant(p->p_env, true);
}

/* Between two events or calls: is it time for the kill? */
static void
play_point(void *arg)
{
	struct player *p = arg;
	const struct play_opts *po = p->p_po;
	uint64_t n = vnetsim_events(p->p_world);

	if (p->p_scriptover)
		return;
	if (p->p_each != NULL)
		p->p_each(p->p_arg, p, n);
	if (po->po_kill != NULL && !p->p_killdone && n >= po->po_killevent) {
		p->p_killdone = true;
		play_kill(p, po);
	}
}

/* Return: false if the run is over for good. */
static bool
play_script(struct player *p, const struct play_opts *po)
{
	int64_t limit = po->po_until > 0 ? po->po_until : VNETSIM_FOREVER;
	uint64_t max = po->po_maxevents;
	enum scn_step step;
	uint64_t n;

	if (max == 0)
		max = PLAY_MAX_EVENTS;
	p->p_po = po;
	scn_env_hook(p->p_env,
	    po->po_kill != NULL || p->p_each != NULL ? play_point : NULL, p);
	do {
		play_point(p);
		if (p->p_killdone && !p->p_killed) {
			play_stop(p, EXIT_EXPECT,
			    "the jail of --kill does not live then");
			return (true);
		}
		n = vnetsim_events(p->p_world);
		if (po->po_untilevent > 0 && n >= po->po_untilevent)
			break;
		if (n > max) {
			play_stop(
			    p, EXIT_BUDGET, "the budget of events is used up");
			return (false);
		}
		step = scn_run_step(p->p_env, limit);
	} while (step == SCN_STEP_MORE);
	p->p_scriptevents = vnetsim_events(p->p_world);
	scn_run_close(p->p_env);
	return (true);
}

/* Take everything down and let time run until all can be judged. */
static void
play_finish(struct player *p, const struct play_opts *po)
{
	uint64_t max =
	    po->po_maxevents == 0 ? PLAY_MAX_EVENTS : po->po_maxevents;
	struct vnetsim *w = p->p_world;
	vnetsim_handle op = 0;
	int64_t until;
	int error;

	p->p_scriptover = true;
	scn_env_tolerant(p->p_env, true);
	error = vnetsim_finish(w, &op);
	if (error != 0 && po->po_fail != 0)
		error = vnetsim_finish(w, &op);
	if (error != 0 && po->po_fail == 0)
		play_stop(p, EXIT_EXPECT, "the world's teardown cannot begin");
	while (error == 0 && !scn_run_finished(p->p_env, op, &error)) {
		if (vnetsim_events(w) > max) {
			play_stop(p, EXIT_BUDGET,
			    "the budget of events is used up in the teardown");
			return;
		}
		if (!vnetsim_step(w, VNETSIM_FOREVER)) {
			scn_run_collect(p->p_env);
			if (scn_run_finished(p->p_env, op, &error))
				break;
			play_stop(p, EXIT_FINDING,
			    "the world's teardown does not end");
			break;
		}
		scn_run_collect(p->p_env);
	}
	while ((until = vnetsim_settled(w)) > vnetsim_now(w))
		(void)vnetsim_step(w, until);
	(void)vnetsim_audit(w);
}

static void
play_judge(struct player *p, const struct play_opts *po)
{
	const char *call;
	struct vnetsim_finding f;
	uint64_t failed, n;

	p->p_nfindings = 0;
	for (unsigned i = 0; vnetsim_finding(p->p_world, i, &f) == 0; i++) {
		if (po->po_sticky && strcmp(f.oracle, "wire") == 0)
			continue;
		if (po->po_known == NULL || !po->po_known(po->po_knownarg, &f))
			p->p_nfindings++;
		else if (i + 1 == PLAY_FINDINGS)
			play_stop(p, EXIT_FINDING,
			    "there are more findings than a world keeps, so a "
			    "baseline cannot excuse them");
	}
	if (p->p_nfindings > 0)
		p->p_exit = play_rank(p->p_exit, EXIT_FINDING);
	if (scn_run_nfailures(p->p_env) > 0)
		p->p_exit = play_rank(p->p_exit, EXIT_EXPECT);
	n = scn_run_changed(p->p_env, &call);
	if (n != 0) {
		(void)snprintf(p->p_whybuf, sizeof(p->p_whybuf),
		    "call %" PRIu64 " (%s) failed for want of memory and "
		    "changed the state",
		    n, call);
		play_stop(p, EXIT_FINDING, p->p_whybuf);
	}
	p->p_consumed = vnetsim_fail_state(p->p_world, &p->p_asked, &failed);
	p->p_time = vnetsim_now(p->p_world);
	p->p_events = vnetsim_events(p->p_world);
}

/**
 * play() - run a scenario
 * @p:	player; p_env and p_script are set
 * @po:	options
 *
 * Results are in @p; the world can be looked at until the next play.
 */
void
play(struct player *p, const struct play_opts *po)
{
	struct rbuf why = { 0 };

	p->p_exit = 0;
	p->p_why = NULL;
	p->p_time = 0;
	p->p_events = p->p_scriptevents = p->p_asked = p->p_hash = 0;
	p->p_wirehash = UINT64_C(0xcbf29ce484222325);
	p->p_nfindings = p->p_nvnets = 0;
	p->p_consumed = p->p_killed = p->p_scriptover = false;
	p->p_killdone = false;
	if (!play_world(p, po))
		return;
	scn_env_tolerant(p->p_env, po->po_tolerant || po->po_fail != 0);
	if (!scn_run_begin(p->p_env, p->p_world)) {
		play_stop(p, EXIT_EXPECT, "no memory for the interpreter");
		return;
	}
	if (p->p_watch || p->p_capture != NULL ||
	    scn_run_wants_frames(p->p_env))
		vnetsim_set_wire(p->p_world, play_wire, p);
	if (p->p_trace != NULL || p->p_record != NULL)
		vnetsim_set_trace(p->p_world, play_trace, p);
	if (play_setup(p->p_world, p->p_script, po, &why) != 0 &&
	    po->po_fail == 0) {
		(void)snprintf(
		    p->p_whybuf, sizeof(p->p_whybuf), "%s", rbuf_str(&why));
		play_stop(p, EXIT_EXPECT, p->p_whybuf);
	} else if (play_script(p, po)) {
		play_finish(p, po);
	}
	rbuf_free(&why);
	play_judge(p, po);
	vnetsim_set_wire(p->p_world, NULL, NULL);
	vnetsim_set_trace(p->p_world, NULL, NULL);
}

void
player_close(struct player *p)
{
	vnetsim_destroy(p->p_world);
	free(p->p_vnet);
	p->p_world = NULL;
	p->p_vnet = NULL;
}
