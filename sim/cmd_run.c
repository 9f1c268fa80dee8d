/*
 * cmd_run.c - "vnetsim run": scenarios in workers, reports in order.
 *
 * Everything that can be known before is checked first: options, files, every
 * statement of every file, names of orders and steps.  Then each scenario is a
 * job of a worker (workers.c); what a worker says is a finished piece of each
 * report, and the pieces are put together in the order of the files, whatever
 * -j was.  A scenario whose worker panics, crashes or is late is reported by
 * the parent; after a panic and a timeout it is played once more, recorded.
 * Wall time goes to standard error only.
 */
#include "sim/cmd_run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tap.h"

static int
run_list(const struct run_files *rf)
{
	for (unsigned i = 0; i < rf->n; i++)
		(void)printf(
		    "%-48s %s\n", rf->v[i].rf_path, rf->v[i].rf_script->title);
	return (0);
}

static void
run_count(struct run_ctx *rc, unsigned i, int status, int io, int64_t time)
{
	rc->rc_case[i].rk_have = true;
	rc->rc_case[i].rk_status = status;
	rc->rc_status = play_rank(rc->rc_status, io);
	rc->rc_totals.rt_time += time;
	if (status == EXIT_SKIPPED) {
		rc->rc_totals.rt_skipped++;
		run_print(rc);
		return;
	}
	rc->rc_status = play_rank(rc->rc_status, status);
	if (status == 0)
		rc->rc_totals.rt_passed++;
	else
		rc->rc_totals.rt_failed++;
	if (status != 0 && report_is_failure(status))
		rc->rc_totals.rt_failures++;
	else if (status != 0)
		rc->rc_totals.rt_errors++;
	run_print(rc);
}

/* Take the pieces of a report out of what a worker said. */
static bool
run_whole(struct run_ctx *rc, unsigned i, const struct workers_result *res)
{
	struct run_case *rk = &rc->rc_case[i];
	struct rbuf *piece[] = { &rk->rk_text, &rk->rk_xml, &rk->rk_json,
		&rk->rk_tap, &rk->rk_facts };
	const char *at = memchr(res->wr_text, '\n', res->wr_len);
	size_t len[5], sum;
	int64_t time;
	int status, io;

	if (at == NULL ||
	    sscanf(res->wr_text, "%d %d %" SCNd64 " %zu %zu %zu %zu %zu",
		&status, &io, &time, &len[0], &len[1], &len[2], &len[3],
		&len[4]) != 8)
		return (false);
	at++;
	sum = (size_t)(at - res->wr_text);
	for (int k = 0; k < 5; k++)
		sum += len[k];
	if (sum != res->wr_len)
		return (false);
	for (int k = 0; k < 5; k++) {
		rbuf_put(piece[k], at, len[k]);
		at += len[k];
	}
	run_count(rc, i, status, io, time);
	return (true);
}

/* The worker did not answer: what the parent can say about it. */
static void
run_lost(struct run_ctx *rc, unsigned i, const struct workers_result *res,
    bool recorded)
{
	const struct run_file *rf = &rc->rc_files->v[i];
	struct rbuf msg = { 0 }, kept = { 0 }, repeat = { 0 };
	struct report rp = {
		.rp_file = rf->rf_path,
		.rp_title = rf->rf_script->title,
		.rp_exit = EXIT_PANIC,
		.rp_seed = rc->rc_opts->ro_play.po_seed,
	};

	if (rc->rc_case[i].rk_panic != NULL)
		rbuf_add(&msg, "%s", rc->rc_case[i].rk_panic);
	else if (res->wr_end == WORKERS_CRASH)
		rbuf_add(
		    &msg, "the simulator crashed: %s", strsignal(res->wr_code));
	else if (rc->rc_case[i].rk_late) {
		rp.rp_exit = EXIT_TIMEOUT;
		rbuf_add(&msg, "not finished within --timeout %u",
		    rc->rc_opts->ro_timeout);
	} else
		rbuf_add(
		    &msg, "the worker exited with status %d", res->wr_code);
	rbuf_add(&kept, "%s/%s", rc->rc_opts->ro_out, rf->rf_name);
	run_opts_repeat(rc->rc_opts, rf->rf_path,
	    *res->wr_note != '\0' ? res->wr_note : NULL, &repeat);
	rp.rp_message = rbuf_str(&msg);
	rp.rp_repeat = rbuf_str(&repeat);
	rp.rp_kept = recorded ? rbuf_str(&kept) : NULL;
	rp.rp_dump = rc->rc_case[i].rk_dump;
	report_text(&rp, &rc->rc_case[i].rk_text);
	report_junit_case(&rp, &rc->rc_case[i].rk_xml);
	report_json_case(&rp, &rc->rc_case[i].rk_json);
	report_facts(&rp, &rc->rc_case[i].rk_facts);
	tap_case(
	    &rp, rbuf_str(&rc->rc_case[i].rk_facts), &rc->rc_case[i].rk_tap);
	if (recorded) {
		rbuf_add(&kept, "/report.txt");
		(void)report_write(rbuf_str(&kept), &rc->rc_case[i].rk_text);
	}
	run_count(rc, i, rp.rp_exit, 0, 0);
	rbuf_free(&msg);
	rbuf_free(&kept);
	rbuf_free(&repeat);
}

static void
run_done(void *ctx, struct workers *ws, const struct workers_result *res)
{
	struct run_ctx *rc = ctx;
	unsigned n = rc->rc_files->n, i = res->wr_job % n;
	struct run_case *rk = &rc->rc_case[i];
	bool again = res->wr_job >= n;

	if (*res->wr_dump != '\0') {
		free(rk->rk_dump);
		rk->rk_dump = strdup(res->wr_dump);
	}
	if (res->wr_end == WORKERS_OK && !again && run_whole(rc, i, res))
		return;
	if (res->wr_end == WORKERS_PANIC && !again) {
		rk->rk_panic = strdup(res->wr_panic);
		workers_add(ws, RUN_JOB_PANIC * n + i);
		return;
	}
	if (res->wr_end == WORKERS_TIMEOUT && !again) {
		rk->rk_late = true;
		workers_add(ws, RUN_JOB_LATE * n + i);
		return;
	}
	run_lost(rc, i, res, again);
}

/* Put the pieces together and write what --junit and --json ask for. */
static int
run_reports(struct run_ctx *rc)
{
	const struct run_opts *ro = rc->rc_opts;
	struct rbuf x = { 0 }, j = { 0 }, out = { 0 };
	int io = 0;

	for (unsigned i = 0; i < rc->rc_files->n; i++) {
		rbuf_add(&x, "%s", rbuf_str(&rc->rc_case[i].rk_xml));
		rbuf_add(&j, "%s%s", i > 0 ? ",\n" : "\n",
		    rbuf_str(&rc->rc_case[i].rk_json));
	}
	if (ro->ro_junit != NULL) {
		report_junit_all(&rc->rc_totals, rbuf_str(&x), &out);
		io |= report_write(ro->ro_junit, &out);
	}
	if (ro->ro_hasjson) {
		rbuf_cut(&out, 0);
		report_json_all(
		    &rc->rc_totals, rc->rc_status, rbuf_str(&j), &out);
		io |= report_write(ro->ro_json, &out);
	}
	rbuf_free(&x);
	rbuf_free(&j);
	rbuf_free(&out);
	return (io);
}

/* Return: 0, or an exit status: nothing can run. */
static int
run_open(struct run_ctx *rc, const struct run_opts *ro, struct run_files *rf)
{
	int error = 0;

	memset(rc, 0, sizeof(*rc));
	rc->rc_opts = ro;
	rc->rc_files = rf;
	rc->rc_break = ro->ro_break;
	if (ro->ro_baseline != NULL)
		error = baseline_read(&rc->rc_baseline, ro->ro_baseline,
		    ro->ro_today, ro->ro_cmd);
	rc->rc_case = calloc(rf->n + 1, sizeof(*rc->rc_case));
	if (error == 0 && (rc->rc_case == NULL || !run_print_open(rc)))
		error = 71;
	return (error);
}

static void
run_close(struct run_ctx *rc)
{
	for (unsigned i = 0; rc->rc_case != NULL && i < rc->rc_files->n; i++) {
		rbuf_free(&rc->rc_case[i].rk_text);
		rbuf_free(&rc->rc_case[i].rk_xml);
		rbuf_free(&rc->rc_case[i].rk_json);
		rbuf_free(&rc->rc_case[i].rk_tap);
		rbuf_free(&rc->rc_case[i].rk_facts);
		free(rc->rc_case[i].rk_panic);
		free(rc->rc_case[i].rk_dump);
	}
	free(rc->rc_case);
	baseline_free(&rc->rc_baseline);
	baseline_out_free(&rc->rc_new);
	player_close(&rc->rc_player);
}

/* --break-at and --gdb: one scenario, and the place is told if it was missed.
 */
static int
run_debug(const struct run_opts *ro, const struct run_files *rf, int argc,
    char **argv)
{
	if ((!ro->ro_gdb && ro->ro_break.gb_what == NULL) || rf->all == 1)
		return (ro->ro_gdb
			    ? gdb_exec(argc, argv, ro->ro_break.gb_what != NULL)
			    : 0);
	(void)fprintf(stderr,
	    "vnetsim run: %s: one scenario is wanted, there are %u\n",
	    ro->ro_gdb ? "--gdb" : "--break-at", rf->all);
	return (EXIT_USAGE);
}

static int
run_all(const struct run_opts *ro, struct run_files *rf)
{
	struct run_ctx rc;
	struct workers_params wp = {
		.wp_n = ro->ro_jobs < rf->n ? ro->ro_jobs : rf->n,
		.wp_njobs = rf->n,
		.wp_timeout = ro->ro_timeout,
		.wp_run = run_one,
		.wp_done = run_done,
		.wp_ctx = &rc,
	};
	double t0 = progress_clock();
	int error, io;

	error = run_open(&rc, ro, rf);
	if (error != 0) {
		run_close(&rc);
		return (error);
	}
	if (rc.rc_progress.pg_on)
		wp.wp_tick = run_print_tick;
	error = workers_run(&wp);
	if (error > 0)
		rc.rc_status = 128 + error;
	else if (error < 0)
		rc.rc_status = 71;
	if (rc.rc_totals.rt_skipped > 0 &&
	    rc.rc_totals.rt_passed + rc.rc_totals.rt_failed == 0)
		rc.rc_status = play_rank(rc.rc_status, EXIT_SKIPPED);
	io = run_print_close(&rc);
	io = play_rank(io, run_reports(&rc));
	if (fflush(stdout) != 0 || ferror(stdout))
		io = EXIT_IO;
	(void)fprintf(stderr, "%.2f s\n", progress_clock() - t0);
	if (rc.rc_break.gb_what != NULL && !rc.rc_break.gb_hit)
		(void)fprintf(stderr,
		    "vnetsim run: --break-at %s was not reached\n",
		    rc.rc_break.gb_what);
	error = play_rank(rc.rc_status, io);
	run_close(&rc);
	return (error);
}

/**
 * cmd_run() - run scenarios
 *
 * Return:	an exit status, see DESIGN 8.
 */
int
cmd_run(int argc, char **argv)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct run_opts ro;
	struct run_files rf = { 0 };
	int error;

	if (words == NULL)
		return (71);
	/* For --gdb, as they were: parsing changes their order. */
	memcpy(
	    (void *)words, (const void *)argv, (size_t)argc * sizeof(*words));
	error = run_opts_parse(&ro, "run", RUN_OPT_RUN, argc, argv);
	if (error == 0)
		error = run_files_find(&rf, &ro);
	if (error == 0)
		error = run_files_parse(&rf, &ro, false);
	if (error == 0 && ro.ro_list)
		error = run_list(&rf);
	else if (error == 0) {
		error = run_files_check(&rf, &ro);
		if (error == 0)
			error = run_debug(&ro, &rf, argc, words);
		if (error == 0)
			error = run_all(&ro, &rf);
	}
	run_files_free(&rf);
	run_opts_free(&ro);
	free((void *)words);
	return (error);
}
