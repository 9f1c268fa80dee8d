/*
 * cmd_explore.c - "vnetsim explore": teardown at every event of a scenario.
 *
 * Theory of operation
 * ===================
 *
 * Level E1 by re-execution.  A baseline run counts events and knows which jail
 * lives when.  An obligation is a pair (jail, number of events): end that jail
 * when so many events have happened.  Every jail that ever lives is a target at
 * every point from before the first event to the end of the script; where it
 * does not live (yet, or any more) the obligation is infeasible and counted as
 * such.  vnets are ended through their jails; vnet0 is no target.  What the
 * baseline itself finds is told with the others, as found without a kill.
 *
 * The kill points are cut into batches, the jobs of workers.c.  What they find
 * is merged by key; the schedule that is shown is the first in order, so the
 * result does not depend on -j.  Claims are judged in the baseline only.
 */
#include "sim/cmd_explore.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *
grow(void *old, uint32_t n, uint32_t *cap, size_t size)
{
	void *p;

	if (n < *cap)
		return (old);
	*cap = *cap == 0 ? 64 : *cap * 2;
	p = realloc(old, *cap * size);
	if (p == NULL) {
		(void)fputs("vnetsim: out of memory\n", stderr);
		exit(71);
	}
	return (p);
}

static char *
copy(const char *s, size_t n)
{
	char *p = malloc(n + 1);

	if (p == NULL) {
		(void)fputs("vnetsim: out of memory\n", stderr);
		exit(71);
	}
	memcpy(p, s, n);
	p[n] = '\0';
	return (p);
}

/* The number of a jail's name within a file; @base is where its own begin. */
static uint32_t
jail_id(struct explore_ctx *ec, uint32_t base, const char *name, size_t len)
{
	for (uint32_t i = base; i < ec->ec_njails; i++)
		if (strlen(ec->ec_jail[i]) == len &&
		    memcmp(ec->ec_jail[i], name, len) == 0)
			return (i);
	ec->ec_jail = grow((void *)ec->ec_jail, ec->ec_njails, &ec->ec_capjails,
	    sizeof(*ec->ec_jail));
	ec->ec_jail[ec->ec_njails] = copy(name, len);
	return (ec->ec_njails++);
}

static void
base_kill(struct explore_ctx *ec, uint32_t file, uint32_t base,
    const char *line, size_t len)
{
	struct kill_point *kp;
	char *end;

	ec->ec_point = grow(ec->ec_point, ec->ec_npoints, &ec->ec_cappoints,
	    sizeof(*ec->ec_point));
	kp = &ec->ec_point[ec->ec_npoints++];
	kp->kp_file = file;
	kp->kp_event = strtoull(line + 2, &end, 10);
	kp->kp_jail =
	    jail_id(ec, base, end + 1, len - (size_t)(end + 1 - line));
}

/* Merge a finding; of several schedules the first in order is shown. */
static void
find_add(struct explore_ctx *ec, uint32_t file, const char *jail,
    uint64_t event, const char *key, size_t keylen, const char *text,
    int status)
{
	struct explore_find *ef;

	for (uint32_t i = 0; i < ec->ec_nfind; i++) {
		ef = &ec->ec_find[i];
		if (ef->ef_file != file || strcmp(ef->ef_key, key) != 0)
			continue;
		ef->ef_count++;
		if (event > ef->ef_event ||
		    (event == ef->ef_event && strcmp(jail, ef->ef_jail) >= 0))
			return;
		free(ef->ef_jail);
		free(ef->ef_text);
		ef->ef_jail = copy(jail, strlen(jail));
		ef->ef_text = copy(text, strlen(text));
		ef->ef_event = event;
		return;
	}
	ec->ec_find = grow(
	    ec->ec_find, ec->ec_nfind, &ec->ec_capfind, sizeof(*ec->ec_find));
	ef = &ec->ec_find[ec->ec_nfind++];
	ef->ef_key = copy(key, strlen(key));
	ef->ef_text = copy(text, strlen(text));
	ef->ef_jail = copy(jail, strlen(jail));
	ef->ef_event = event;
	ef->ef_count = 1;
	ef->ef_file = file;
	ef->ef_exit = status;
	ef->ef_keylen = keylen;
}

/* "F FILE JAIL EVENT LENGTH KEY<tab>TEXT" */
static void
batch_line(struct explore_ctx *ec, char *line)
{
	char *p[6], *tab = strchr(line, '\t');
	int i;

	if (tab == NULL)
		return;
	*tab = '\0';
	for (i = 0; i < 6; i++) {
		p[i] = line;
		line += strcspn(line, " ");
		if (i == 5 || *line == '\0')
			break;
		*line++ = '\0';
	}
	if (i == 5)
		find_add(ec, (uint32_t)strtoul(p[1], NULL, 10), p[2],
		    strtoull(p[3], NULL, 10), p[5],
		    (size_t)strtoul(p[4], NULL, 10), tab + 1, EXIT_FINDING);
}

static void
batch_text(struct explore_ctx *ec, const char *text, size_t len)
{
	char *buf = copy(text, len), *line = buf, *nl;

	while ((nl = strchr(line, '\n')) != NULL) {
		*nl = '\0';
		batch_line(ec, line);
		line = nl + 1;
	}
	free(buf);
}

/* A baseline is done: its kill points, or why there are none. */
static void
base_done(void *ctx, struct workers *ws, const struct workers_result *res)
{
	struct explore_ctx *ec = ctx;
	struct explore_file *xf = &ec->ec_file[res->wr_job];
	uint32_t base = ec->ec_njails, points = ec->ec_npoints;
	const char *s = res->wr_text, *end;
	uint64_t n = 0;
	size_t len;

	(void)ws;
	ec->ec_bases++;
	if (res->wr_end != WORKERS_OK) {
		xf->xf_exit =
		    res->wr_end == WORKERS_TIMEOUT ? EXIT_TIMEOUT : EXIT_PANIC;
		s = *res->wr_panic != '\0' ? res->wr_panic
					   : "the simulator crashed\n";
		xf->xf_broken = copy(s, strlen(s));
		return;
	}
	while (*s == 'K') {
		len = strcspn(s, "\n");
		base_kill(ec, res->wr_job, base, s, len);
		s += len + 1;
	}
	end = strstr(s, "B ");
	while (end != NULL && end != s && end[-1] != '\n')
		end = strstr(end + 1, "B ");
	if (end == NULL || sscanf(end, "B %d %" SCNu64 " %" SCNu64,
			       &xf->xf_exit, &xf->xf_events, &n) != 3)
		return;
	batch_text(ec, s, (size_t)(end - s));
	if (xf->xf_exit == EXIT_EXPECT) {
		end += strcspn(end, "\n") + 1;
		xf->xf_failed = copy(end, strlen(end));
	}
	xf->xf_targets = ec->ec_njails - base;
	xf->xf_total = n * xf->xf_targets;
	xf->xf_feasible = ec->ec_npoints - points;
}

static int
point_order(const void *a, const void *b)
{
	const struct kill_point *x = a, *y = b;

	if (x->kp_file != y->kp_file)
		return (x->kp_file < y->kp_file ? -1 : 1);
	if (x->kp_event != y->kp_event)
		return (x->kp_event < y->kp_event ? -1 : 1);
	return (x->kp_jail < y->kp_jail ? -1 : x->kp_jail > y->kp_jail);
}

/* A batch is done, or a schedule of it ended its worker. */
static void
batch_done(void *ctx, struct workers *ws, const struct workers_result *res)
{
	struct explore_ctx *ec = ctx;
	uint32_t at = ec->ec_progress[res->wr_job], n;
	const struct kill_point *kp;
	char why[200];

	if (res->wr_end == WORKERS_OK) {
		batch_text(ec, res->wr_text, res->wr_len);
		return;
	}
	n = ec->ec_npoints - res->wr_job * EXPLORE_BATCH;
	if (at >= EXPLORE_BATCH || at >= n)
		return;
	kp = &ec->ec_point[res->wr_job * EXPLORE_BATCH + at];
	(void)snprintf(why, sizeof(why), "%.*s",
	    (int)strcspn(res->wr_panic, "\n"), res->wr_panic);
	if (res->wr_end == WORKERS_CRASH)
		(void)snprintf(
		    why, sizeof(why), "crash: %s", strsignal(res->wr_code));
	else if (res->wr_end == WORKERS_TIMEOUT)
		(void)snprintf(why, sizeof(why), "a schedule does not end");
	else if (res->wr_end == WORKERS_EXIT)
		(void)snprintf(why, sizeof(why), "the worker exited");
	find_add(ec, kp->kp_file, ec->ec_jail[kp->kp_jail], kp->kp_event, why,
	    0, why, EXIT_PANIC);
	ec->ec_progress[res->wr_job] = at + 1;
	workers_add(ws, res->wr_job);
}

/* How far it has come; workers_params.wp_tick. */
static void
explore_tick(void *ctx)
{
	struct explore_ctx *ec = ctx;
	uint64_t done = 0;
	char line[128];

	if (!progress_due(&ec->ec_progressline))
		return;
	for (uint32_t j = 0; ec->ec_progress != NULL && j < ec->ec_njobs; j++)
		done += ec->ec_progress[j];
	if (ec->ec_progress == NULL)
		(void)snprintf(line, sizeof(line),
		    "%" PRIu32 " of %u scenarios run without a kill",
		    ec->ec_bases, ec->ec_files->n);
	else
		(void)snprintf(line, sizeof(line),
		    "%" PRIu64 " of %" PRIu32 " schedules, %" PRIu32
		    " finding%s",
		    done, ec->ec_npoints, ec->ec_nfind,
		    ec->ec_nfind == 1 ? "" : "s");
	progress_show(&ec->ec_progressline, line, ec->ec_nfind > 0);
}

static int
explore_phase(struct explore_ctx *ec, unsigned njobs,
    void (*run)(void *, struct worker *, unsigned, struct rbuf *),
    void (*done)(void *, struct workers *, const struct workers_result *))
{
	struct workers_params wp = {
		.wp_n =
		    ec->ec_opts->ro_jobs < njobs ? ec->ec_opts->ro_jobs : njobs,
		.wp_njobs = njobs,
		.wp_timeout = ec->ec_opts->ro_timeout,
		.wp_run = run,
		.wp_done = done,
		.wp_tick = ec->ec_progressline.pg_on ? explore_tick : NULL,
		.wp_ctx = ec,
	};
	int error;

	if (njobs == 0)
		return (0);
	error = workers_run(&wp);
	return (error > 0 ? 128 + error : error < 0 ? 71 : 0);
}

static int
explore_batches(struct explore_ctx *ec)
{
	const int prot = PROT_READ | PROT_WRITE;
	size_t size;
	void *p;
	int error;

	ec->ec_njobs = (ec->ec_npoints + EXPLORE_BATCH - 1) / EXPLORE_BATCH;
	size = (ec->ec_njobs + 1) * sizeof(*ec->ec_progress);
	/* cppcheck-suppress invalidFunctionArg */
	p = mmap(NULL, size, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (71);
	ec->ec_progress = p;
	error = explore_phase(ec, ec->ec_njobs, explore_batch, batch_done);
	for (uint32_t j = 0; j < ec->ec_njobs; j++)
		for (uint32_t i = 0; i < ec->ec_progress[j]; i++)
			ec->ec_file[ec->ec_point[j * EXPLORE_BATCH + i].kp_file]
			    .xf_done++;
	(void)munmap(ec->ec_progress, size);
	ec->ec_progress = NULL;
	return (error);
}

static void
explore_free(struct explore_ctx *ec)
{
	for (uint32_t i = 0; i < ec->ec_nfind; i++) {
		free(ec->ec_find[i].ef_key);
		free(ec->ec_find[i].ef_text);
		free(ec->ec_find[i].ef_jail);
	}
	for (uint32_t i = 0; i < ec->ec_njails; i++)
		free(ec->ec_jail[i]);
	for (uint32_t i = 0; i < ec->ec_files->n && ec->ec_file != NULL; i++) {
		free(ec->ec_file[i].xf_broken);
		free(ec->ec_file[i].xf_failed);
		scn_env_free(ec->ec_file[i].xf_env);
	}
	player_close(&ec->ec_player);
	baseline_free(&ec->ec_baseline);
	baseline_out_free(&ec->ec_new);
	free(ec->ec_file);
	free(ec->ec_point);
	free((void *)ec->ec_jail);
	free(ec->ec_find);
}

/* Baselines, then batches.  Return: an exit status. */
static int
explore_campaign(struct explore_ctx *ec)
{
	unsigned n = ec->ec_files->n;
	uint64_t done = 0;
	double t0, t1;
	int error;

	error = explore_phase(ec, n, explore_base, base_done);
	if (ec->ec_npoints > 1)
		qsort(ec->ec_point, ec->ec_npoints, sizeof(*ec->ec_point),
		    point_order);
	t0 = progress_clock();
	if (error == 0)
		error = explore_batches(ec);
	t1 = progress_clock();
	progress_hide(&ec->ec_progressline);
	for (uint32_t i = 0; i < n; i++)
		done += ec->ec_file[i].xf_done;
	(void)fprintf(stderr,
	    "%" PRIu64 " schedules in %.2f s, %.0f a second\n", done, t1 - t0,
	    (double)done / (t1 - t0 + 1e-9));
	return (error);
}

static int
explore_all(const struct run_opts *ro, struct run_files *rf)
{
	struct explore_ctx ec = { .ec_opts = ro, .ec_files = rf };
	bool doc = ro->ro_tap || ro->ro_hasjson;
	int error = 0;

	if (ro->ro_baseline != NULL)
		error = baseline_read(
		    &ec.ec_baseline, ro->ro_baseline, ro->ro_today, ro->ro_cmd);
	ec.ec_file = calloc(rf->n + 1, sizeof(*ec.ec_file));
	if (error == 0 && ec.ec_file == NULL)
		error = 71;
	if (error == 0) {
		annotate_open(&ec.ec_annotate, !ro->ro_noannotations,
		    doc ? stderr : stdout);
		progress_open(&ec.ec_progressline);
		if (ro->ro_time > 0)
			ec.ec_deadline = progress_clock() + ro->ro_time;
		error = explore_report(&ec, explore_campaign(&ec));
	}
	explore_free(&ec);
	return (error);
}

/**
 * cmd_explore() - end every jail at every event
 *
 * Return:	an exit status: 0; 2 findings; 3 panics; 5 --time was over; 1,
 *		2 and others if a scenario fails without any kill.
 */
int
cmd_explore(int argc, char **argv)
{
	struct run_opts ro;
	struct run_files rf = { 0 };
	int error;

	error = run_opts_parse(&ro, "explore", RUN_OPT_EXPLORE, argc, argv);
	if (error == 0)
		error = run_files_find(&rf, &ro);
	if (error == 0)
		error = run_files_parse(&rf, &ro, true);
	if (error == 0)
		error = run_files_check(&rf, &ro);
	if (error == 0)
		error = explore_all(&ro, &rf);
	run_files_free(&rf);
	run_opts_free(&ro);
	return (error);
}
