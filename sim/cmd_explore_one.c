/*
 * cmd_explore_one.c - the workers of explore: baselines and batches.
 *
 * A baseline plays the scenario once and notes, whenever nothing is in
 * progress, the number of events and the jails that live: these are the kill
 * points.  A batch plays one schedule per kill point: everything as before, but
 * at that point the jail is ended; then the script goes on, unjudged, and the
 * world must come down without a finding.  The world is reused, the script is
 * parsed once, and a green schedule formats nothing.
 *
 * How far a batch has come lies in shared memory, so when a schedule panics the
 * parent knows which one it was and lets another worker do the rest.
 */
#include "sim/cmd_explore.h"

#include <inttypes.h>
#include <string.h>

/* Each file's environment is made when it is first needed. */
static struct player *
explore_player(struct explore_ctx *ec, struct worker *wk, uint32_t file)
{
	struct player *p = &ec->ec_player;

	if (ec->ec_file[file].xf_env == NULL)
		ec->ec_file[file].xf_env =
		    scn_env_new(ec->ec_files->v[file].rf_plan);
	p->p_host = *worker_host(wk);
	p->p_env = ec->ec_file[file].xf_env;
	p->p_script = ec->ec_files->v[file].rf_script;
	return (p);
}

struct base {
	struct rbuf *out;
	uint64_t last;
	uint64_t points; /* different numbers of events */
	bool any;
};

/* Another number of events: each jail that lives now is a kill point. */
static void
base_point(void *arg, struct player *p, uint64_t events)
{
	struct base *b = arg;
	struct vnetsim_jail_info ji;
	vnetsim_handle h = 0;

	if (b->any && events == b->last)
		return;
	b->any = true;
	b->last = events;
	b->points++;
	while ((h = vnetsim_jail_next(p->p_world, h)) != 0) {
		if (vnetsim_jail_info(p->p_world, h, &ji) != 0 || ji.jid == 0 ||
		    ji.dying || ji.phase != NULL)
			continue;
		rbuf_add(b->out, "K %" PRIu64 " %s\n", events, ji.name);
	}
}

static void batch_findings(struct player *p, const struct kill_point *kp,
    const char *jail, struct rbuf *out);

/**
 * explore_base() - the baseline of a file; workers_params.wp_run
 * @ctx:	struct explore_ctx
 * @wk:		this worker
 * @job:	file
 * @out:	"K EVENT JAIL" for each kill point, then what it found with jail
 *		"-", then "B EXIT EVENTS POINTS" and how its claims failed
 */
void
explore_base(void *ctx, struct worker *wk, unsigned job, struct rbuf *out)
{
	struct explore_ctx *ec = ctx;
	struct player *p = explore_player(ec, wk, job);
	struct kill_point none = { .kp_file = job };
	struct play_opts po = ec->ec_opts->ro_play;
	struct base b = { .out = out };
	const struct scn_failure *sf;
	char pos[512];

	if (play_skip(p->p_script) != NULL) {
		rbuf_add(out, "B %d 0 0\n", EXIT_SKIPPED);
		return;
	}
	p->p_each = base_point;
	p->p_arg = &b;
	po.po_known = baseline_excuses;
	po.po_knownarg = &ec->ec_baseline;
	play(p, &po);
	p->p_each = NULL;
	batch_findings(p, &none, "-", out);
	rbuf_add(out, "B %d %" PRIu64 " %" PRIu64 "\n", p->p_exit,
	    p->p_scriptevents, b.points);
	for (uint32_t i = 0; i < scn_run_nfailures(p->p_env); i++) {
		sf = scn_run_failure(p->p_env, i);
		(void)scn_pos_format(&sf->sf_pos, pos, sizeof(pos));
		rbuf_add(out, "%s: %s: %.*s\n", pos, sf->sf_command,
		    (int)strcspn(sf->sf_message, "\n"), sf->sf_message);
	}
}

/*
 * What a schedule found: "F FILE JAIL EVENT LENGTH KEY<tab>TEXT" each; of the
 * key so much is without the step, nothing if it is none of a finding.
 */
static void
batch_findings(struct player *p, const struct kill_point *kp, const char *jail,
    struct rbuf *out)
{
	struct vnetsim_finding f;

	for (unsigned i = 0; vnetsim_finding(p->p_world, i, &f) == 0; i++) {
		if (p->p_po->po_sticky && strcmp(f.oracle, "wire") == 0)
			continue;
		rbuf_add(out,
		    "F %" PRIu32 " %s %" PRIu64 " %zu %s.%s\t%s: %s, phase "
		    "%s, step %s: %s\n",
		    kp->kp_file, jail, kp->kp_event, strlen(f.key), f.key,
		    f.step != NULL ? f.step : "-", f.oracle, f.kind,
		    f.phase != NULL ? f.phase : "-",
		    f.step != NULL ? f.step : "-",
		    f.text != NULL ? f.text : "");
	}
	if (p->p_why != NULL)
		rbuf_add(out, "F %" PRIu32 " %s %" PRIu64 " 0 %s\t%s\n",
		    kp->kp_file, jail, kp->kp_event, report_status(p->p_exit),
		    p->p_why);
}

/**
 * explore_batch() - some schedules; workers_params.wp_run
 * @ctx:	struct explore_ctx
 * @wk:		this worker
 * @job:	batch; goes on where ec_progress says
 * @out:	findings
 */
void
explore_batch(void *ctx, struct worker *wk, unsigned job, struct rbuf *out)
{
	struct explore_ctx *ec = ctx;
	struct play_opts po = ec->ec_opts->ro_play;
	uint32_t first = job * EXPLORE_BATCH, n = ec->ec_npoints - first;
	const struct kill_point *kp;
	struct player *p;

	if (n > EXPLORE_BATCH)
		n = EXPLORE_BATCH;
	for (uint32_t i = ec->ec_progress[job]; i < n; i++) {
		if (ec->ec_deadline > 0 && progress_clock() > ec->ec_deadline)
			return;
		kp = &ec->ec_point[first + i];
		p = explore_player(ec, wk, kp->kp_file);
		po.po_kill = ec->ec_jail[kp->kp_jail];
		po.po_killevent = kp->kp_event;
		po.po_tolerant = true;
		play(p, &po);
		if (p->p_nfindings > 0 || p->p_why != NULL)
			batch_findings(p, kp, po.po_kill, out);
		ec->ec_progress[job] = i + 1;
	}
}
