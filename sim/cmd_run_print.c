/*
 * cmd_run_print.c - what a run says while it goes on, and at its end.
 *
 * Outcomes arrive in any order and are told in the order of the files: text or
 * TAP to standard output, annotations beside it, and the facts behind them to
 * the baseline.  When a document has standard output, what else there is goes
 * to standard error.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_run.h"
#include "sim/tap.h"

/* Has JSON got standard output? */
static bool
silent(const struct run_ctx *rc)
{
	return (
	    rc->rc_opts->ro_hasjson && strcmp(rc->rc_opts->ro_json, "-") == 0);
}

/**
 * run_print_open() - before anything runs
 * @rc:		run; options, files and baseline are set
 *
 * Return:	false: no memory.
 */
bool
run_print_open(struct run_ctx *rc)
{
	const struct run_opts *ro = rc->rc_opts;
	const struct shard *sh = &ro->ro_shard;
	struct rbuf out = { 0 }, why = { 0 };
	bool ok;

	annotate_open(&rc->rc_annotate, !ro->ro_noannotations,
	    silent(rc) || ro->ro_tap ? stderr : stdout);
	progress_open(&rc->rc_progress);
	if (rc->rc_files->n == 0)
		rbuf_add(&why, "shard %u/%u: none of %u scenario%s is in it",
		    sh->sh_i, sh->sh_n, rc->rc_files->all,
		    rc->rc_files->all == 1 ? "" : "s");
	if (ro->ro_tap)
		tap_plan(&out, rc->rc_files->n, rbuf_str(&why));
	else if (rc->rc_files->n == 0)
		rbuf_add(&out, "%s\n", rbuf_str(&why));
	if (out.rb_len > 0)
		(void)fputs(rbuf_str(&out), silent(rc) ? stderr : stdout);
	(void)fflush(stdout);
	ok = !out.rb_nomem && !why.rb_nomem;
	rbuf_free(&out);
	rbuf_free(&why);
	return (ok);
}

/* Findings to the baselines, problems to the annotations. */
static void
print_facts(struct run_ctx *rc, unsigned i)
{
	const char *path = rc->rc_files->v[i].rf_path;
	char *copy = strdup(rbuf_str(&rc->rc_case[i].rk_facts)), *at = copy;
	struct baseline_entry *be;
	struct report_fact fa;
	struct rbuf key = { 0 };

	while (copy != NULL && report_fact_next(&at, &fa)) {
		annotate_fact(&rc->rc_annotate, path, &fa);
		if (*fa.fa_key == '\0')
			continue;
		be = baseline_find(&rc->rc_baseline, fa.fa_key, fa.fa_step);
		if (be != NULL)
			be->be_hits += fa.fa_count;
		if (fa.fa_kind == FACT_KNOWN)
			rc->rc_totals.rt_known += fa.fa_count;
		rbuf_cut(&key, 0);
		baseline_key(&key, fa.fa_key, fa.fa_step);
		baseline_out_add(&rc->rc_new, rbuf_str(&key), fa.fa_text);
	}
	rbuf_free(&key);
	free(copy);
}

static void
print_case(struct run_ctx *rc, unsigned i)
{
	const struct run_case *rk = &rc->rc_case[i];

	progress_hide(&rc->rc_progress);
	if (rc->rc_opts->ro_tap)
		(void)printf("%s %u%s",
		    rk->rk_status == 0 || rk->rk_status == EXIT_SKIPPED
			? "ok"
			: "not ok",
		    i + 1, rbuf_str(&rk->rk_tap));
	else if (!silent(rc) && rc->rc_annotate.an_out != NULL)
		annotate_text(&rc->rc_annotate, rbuf_str(&rk->rk_text));
	else if (!silent(rc))
		(void)fputs(rbuf_str(&rk->rk_text), stdout);
	print_facts(rc, i);
	(void)fflush(stdout);
}

/* Outcomes go out as soon as all earlier files are done. */
void
run_print(struct run_ctx *rc)
{
	while (rc->rc_printed < rc->rc_files->n &&
	       rc->rc_case[rc->rc_printed].rk_have)
		print_case(rc, rc->rc_printed++);
}

/* Ten times a second: how far it has come; workers_params.wp_tick. */
void
run_print_tick(void *ctx)
{
	struct run_ctx *rc = ctx;
	const struct report_totals *rt = &rc->rc_totals;
	char line[128];

	if (!progress_due(&rc->rc_progress))
		return;
	(void)snprintf(line, sizeof(line),
	    "%u of %u scenarios, %u failed, %.0f s",
	    rt->rt_passed + rt->rt_failed + rt->rt_skipped, rc->rc_files->n,
	    rt->rt_failed, progress_clock() - rc->rc_progress.pg_start);
	progress_show(&rc->rc_progress, line, rt->rt_failed > 0);
}

/* The last lines. */
static void
print_totals(struct run_ctx *rc, struct rbuf *head)
{
	const struct report_totals *rt = &rc->rc_totals;
	FILE *out = silent(rc) ? stderr : stdout;
	bool tap = rc->rc_opts->ro_tap;

	rbuf_add(head, "%u passed, %u failed, %u skipped", rt->rt_passed,
	    rt->rt_failed, rt->rt_skipped);
	if (!silent(rc))
		(void)printf("%s%s\n", tap ? "# " : "", rbuf_str(head));
	if (rt->rt_known > 0) {
		rbuf_add(head, ", %u known finding%s (baseline)", rt->rt_known,
		    rt->rt_known == 1 ? "" : "s");
		(void)fprintf(out, "%s%u known finding%s (baseline)\n",
		    tap ? "# " : "", rt->rt_known,
		    rt->rt_known == 1 ? "" : "s");
	}
	if (tap && rc->rc_printed < rc->rc_files->n)
		(void)printf("Bail out! the run was ended early\n");
}

/**
 * run_print_close() - after everything ran
 * @rc:		run
 *
 * Return:	0; EXIT_IO: a file could not be written, told.
 */
int
run_print_close(struct run_ctx *rc)
{
	const struct run_opts *ro = rc->rc_opts;
	struct rbuf head = { 0 };
	int io = 0;

	progress_hide(&rc->rc_progress);
	print_totals(rc, &head);
	/* What a part of a run does not find says nothing. */
	baseline_tell(&rc->rc_baseline, ro->ro_cmd,
	    ro->ro_shard.sh_n == 0 && ro->ro_filter == NULL &&
		rc->rc_printed == rc->rc_files->n);
	if (ro->ro_baseline_write != NULL)
		io = baseline_out_write(&rc->rc_new, ro->ro_baseline_write,
		    &rc->rc_baseline, ro->ro_today);
	io = play_rank(io, annotate_close(&rc->rc_annotate, rbuf_str(&head)));
	rbuf_free(&head);
	return (io);
}
