/*
 * cmd_explore_report.c - what explore found, as text and JSON.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_explore.h"
#include "sim/tap.h"

/* The command that repeats a schedule: with what the head sets for explore. */
static void
find_repeat(const struct explore_ctx *ec, const struct explore_find *ef,
    struct rbuf *out)
{
	const struct run_file *rf = &ec->ec_files->v[ef->ef_file];
	struct run_opts ro = *ec->ec_opts;
	struct rbuf set[RUN_SETS] = { { 0 } };
	unsigned n = 0;

	for (; n < rf->rf_script->nexplore && n < RUN_SETS; n++) {
		rbuf_add(&set[n], "%s=%s", rf->rf_script->explore[n].name,
		    rf->rf_script->explore[n].value);
		ro.ro_set[n] = rbuf_str(&set[n]);
	}
	ro.ro_nsets = n;
	for (unsigned i = 0; i < ec->ec_opts->ro_nsets; i++)
		if (ro.ro_nsets < RUN_SETS)
			ro.ro_set[ro.ro_nsets++] = ec->ec_opts->ro_set[i];
	if (strcmp(ef->ef_jail, "-") != 0) {
		ro.ro_play.po_kill = ef->ef_jail;
		ro.ro_play.po_killevent = ef->ef_event;
	}
	run_opts_repeat(&ro, rf->rf_path, NULL, out);
	for (unsigned i = 0; i < n; i++)
		rbuf_free(&set[i]);
}

static int
find_order(const void *a, const void *b)
{
	const struct explore_find *x = a, *y = b;

	if (x->ef_file != y->ef_file)
		return (x->ef_file < y->ef_file ? -1 : 1);
	return (strcmp(x->ef_key, y->ef_key));
}

/* Does a file have anything that its baseline does not excuse? */
static bool
file_bad(const struct explore_ctx *ec, uint32_t i)
{
	const struct explore_file *xf = &ec->ec_file[i];
	bool bad = xf->xf_broken != NULL || xf->xf_failed != NULL;

	for (uint32_t k = 0; k < ec->ec_nfind; k++)
		bad |= ec->ec_find[k].ef_file == i &&
		       !baseline_known(ec->ec_find[k].ef_be);
	return (bad);
}

static void
text_find(const struct explore_ctx *ec, const struct explore_find *ef,
    struct rbuf *out)
{
	rbuf_add(out, "     %s (%" PRIu64 " schedule%s)\n", ef->ef_key,
	    ef->ef_count, ef->ef_count == 1 ? "" : "s");
	if (ef->ef_be != NULL)
		rbuf_add(out, "       known until %s (%s:%u): %s\n",
		    ef->ef_be->be_until, ec->ec_baseline.bl_path,
		    ef->ef_be->be_line, ef->ef_be->be_reason);
	rbuf_add(out, "       %s\n       repeat: ", ef->ef_text);
	find_repeat(ec, ef, out);
	rbuf_add(out, "\n");
}

static void
text_file(const struct explore_ctx *ec, uint32_t i, struct rbuf *out)
{
	const struct explore_file *xf = &ec->ec_file[i];

	if (xf->xf_exit == EXIT_SKIPPED) {
		rbuf_add(out, "skip %s  (%s)\n", ec->ec_files->v[i].rf_path,
		    play_skip(ec->ec_files->v[i].rf_script));
		return;
	}
	rbuf_add(out, "%s %s  ", file_bad(ec, i) ? "FAIL" : "ok  ",
	    ec->ec_files->v[i].rf_path);
	if (xf->xf_broken != NULL) {
		rbuf_add(out, "without any kill:\n%s", xf->xf_broken);
		return;
	}
	rbuf_add(out,
	    "%" PRIu64 " obligations (%" PRIu64 " jails, %" PRIu64
	    " events): %" PRIu64 " done, %" PRIu64 " infeasible, 0 pruned",
	    xf->xf_total, xf->xf_targets, xf->xf_events, xf->xf_done,
	    xf->xf_total - xf->xf_feasible);
	if (xf->xf_done < xf->xf_feasible)
		rbuf_add(out, ", %" PRIu64 " not reached",
		    xf->xf_feasible - xf->xf_done);
	rbuf_add(out, "\n");
	if (xf->xf_failed != NULL)
		rbuf_add(out, "     without any kill:\n%s", xf->xf_failed);
	for (uint32_t k = 0; k < ec->ec_nfind; k++)
		if (ec->ec_find[k].ef_file == i)
			text_find(ec, &ec->ec_find[k], out);
}

/* One file as a test point. */
static void
tap_file(const struct explore_ctx *ec, uint32_t i, struct rbuf *out)
{
	const char *path = ec->ec_files->v[i].rf_path;
	struct rbuf text = { 0 };
	bool bad = file_bad(ec, i);

	tap_point(out, !bad, i + 1, path);
	if (bad) {
		text_file(ec, i, &text);
		rbuf_add(out, "  ---\n");
		tap_string(out, "severity", "error");
		tap_block(out, "report", rbuf_str(&text));
		rbuf_add(out, "  ...\n");
		rbuf_free(&text);
	}
}

static void
json_file(const struct explore_ctx *ec, uint32_t i, struct rbuf *out)
{
	const struct explore_file *xf = &ec->ec_file[i];
	struct rbuf cmd = { 0 };
	bool first = true;

	rbuf_add(out, "%s\n{\"file\":", i > 0 ? "," : "");
	report_json_string(out, ec->ec_files->v[i].rf_path);
	rbuf_add(out, ",\"broken\":");
	report_json_string(out, xf->xf_broken);
	rbuf_add(out, ",\"failed\":");
	report_json_string(out, xf->xf_failed);
	rbuf_add(out,
	    ",\"events\":%" PRIu64 ",\"jails\":%" PRIu64 ",\"total\":%" PRIu64
	    ",\"done\":%" PRIu64 ",\"infeasible\":%" PRIu64
	    ",\"pruned\":0,\"findings\":[",
	    xf->xf_events, xf->xf_targets, xf->xf_total, xf->xf_done,
	    xf->xf_total - xf->xf_feasible);
	for (uint32_t k = 0; k < ec->ec_nfind; k++) {
		const struct explore_find *ef = &ec->ec_find[k];

		if (ef->ef_file != i)
			continue;
		rbuf_cut(&cmd, 0);
		find_repeat(ec, ef, &cmd);
		rbuf_add(out, "%s{\"key\":", first ? "" : ",");
		report_json_string(out, ef->ef_key);
		rbuf_add(
		    out, ",\"schedules\":%" PRIu64 ",\"text\":", ef->ef_count);
		report_json_string(out, ef->ef_text);
		rbuf_add(out, ",\"repeat\":");
		report_json_string(out, rbuf_str(&cmd));
		rbuf_add(out, ",\"known\":%s}",
		    baseline_known(ef->ef_be) ? "true" : "false");
		first = false;
	}
	rbuf_add(out, "]}");
	rbuf_free(&cmd);
}

/* What a baseline knows; then a skeleton of what there is. */
static void
report_baseline(struct explore_ctx *ec)
{
	struct explore_find *ef;
	struct baseline_entry *be;
	struct rbuf key = { 0 };

	for (uint32_t k = 0; k < ec->ec_nfind; k++) {
		ef = &ec->ec_find[k];
		if (ef->ef_keylen == 0 || ef->ef_keylen >= strlen(ef->ef_key))
			continue;
		rbuf_cut(&key, 0);
		rbuf_put(&key, ef->ef_key, ef->ef_keylen);
		be = baseline_find(&ec->ec_baseline, rbuf_str(&key),
		    ef->ef_key + ef->ef_keylen + 1);
		ef->ef_be = be;
		if (be != NULL)
			be->be_hits++;
		baseline_out_add(&ec->ec_new, ef->ef_key, ef->ef_text);
	}
	rbuf_free(&key);
}

/* Annotations of a file, after its text. */
static void
report_annotate(struct explore_ctx *ec, uint32_t i)
{
	const struct explore_file *xf = &ec->ec_file[i];
	const char *path = ec->ec_files->v[i].rf_path;
	struct report_fact fa = { .fa_kind = FACT_MESSAGE,
		.fa_file = path,
		.fa_count = 1,
		.fa_title = "without any kill" };

	fa.fa_text = xf->xf_broken != NULL ? xf->xf_broken : xf->xf_failed;
	if (fa.fa_text != NULL)
		annotate_fact(&ec->ec_annotate, path, &fa);
	for (uint32_t k = 0; k < ec->ec_nfind; k++) {
		const struct explore_find *ef = &ec->ec_find[k];

		if (ef->ef_file != i || baseline_known(ef->ef_be))
			continue;
		fa.fa_count = (unsigned)ef->ef_count;
		fa.fa_title = ef->ef_key;
		fa.fa_text = ef->ef_text;
		annotate_fact(&ec->ec_annotate, path, &fa);
	}
}

/* Text to standard output, or test points to @out; nothing beside JSON. */
static void
report_file(struct explore_ctx *ec, uint32_t i, struct rbuf *out)
{
	const struct run_opts *ro = ec->ec_opts;
	struct rbuf text = { 0 };

	if (ro->ro_tap)
		tap_file(ec, i, out);
	else if (!ro->ro_hasjson) {
		text_file(ec, i, &text);
		if (ec->ec_annotate.an_out != NULL)
			annotate_text(&ec->ec_annotate, rbuf_str(&text));
		else
			(void)fputs(rbuf_str(&text), stdout);
		rbuf_free(&text);
	}
	report_annotate(ec, i);
}

static void
report_files(struct explore_ctx *ec, struct rbuf *out)
{
	const struct run_opts *ro = ec->ec_opts;
	struct rbuf why = { 0 };

	if (ec->ec_files->n == 0)
		rbuf_add(&why, "shard %u/%u: none of %u scenario%s is in it",
		    ro->ro_shard.sh_i, ro->ro_shard.sh_n, ec->ec_files->all,
		    ec->ec_files->all == 1 ? "" : "s");
	if (ro->ro_tap)
		tap_plan(out, ec->ec_files->n, rbuf_str(&why));
	else if (why.rb_len > 0)
		(void)fprintf(
		    ro->ro_hasjson ? stderr : stdout, "%s\n", rbuf_str(&why));
	for (uint32_t i = 0; i < ec->ec_files->n; i++)
		report_file(ec, i, out);
	rbuf_free(&why);
}

/* The line with the totals.  Return: the exit status. */
static int
report_totals(struct explore_ctx *ec, int status, struct rbuf *out)
{
	uint64_t total = 0, done = 0, feasible = 0;
	unsigned known = 0, skipped = 0, n;

	for (uint32_t i = 0; i < ec->ec_files->n; i++) {
		total += ec->ec_file[i].xf_total;
		done += ec->ec_file[i].xf_done;
		feasible += ec->ec_file[i].xf_feasible;
		if (ec->ec_file[i].xf_exit == EXIT_SKIPPED)
			skipped++;
		else
			status = play_rank(status, ec->ec_file[i].xf_exit);
	}
	if (skipped > 0 && skipped == ec->ec_files->n)
		status = play_rank(status, EXIT_SKIPPED);
	for (uint32_t k = 0; k < ec->ec_nfind; k++)
		if (baseline_known(ec->ec_find[k].ef_be))
			known++;
		else
			status = play_rank(status, ec->ec_find[k].ef_exit);
	if (done < feasible)
		status = play_rank(status, EXIT_BUDGET);
	n = ec->ec_nfind - known;
	rbuf_add(out,
	    "E1: %" PRIu64 " of %" PRIu64 " obligations done, %" PRIu64
	    " infeasible, 0 pruned, %u finding%s",
	    done, total, total - feasible, n, n == 1 ? "" : "s");
	if (known > 0)
		rbuf_add(out, "\n%u known finding%s (baseline)", known,
		    known == 1 ? "" : "s");
	return (status);
}

static int
report_json(struct explore_ctx *ec, int status)
{
	const char *path = ec->ec_opts->ro_json;
	struct rbuf doc = { 0 };
	int io;

	rbuf_add(&doc,
	    "{\"vnetsim\":1,\"level\":\"E1\",\"exit\":%d,\"files\":[", status);
	for (uint32_t i = 0; i < ec->ec_files->n; i++)
		json_file(ec, i, &doc);
	rbuf_add(&doc, "\n]}\n");
	io = report_write(*path != '\0' ? path : "-", &doc);
	rbuf_free(&doc);
	return (io);
}

/* Test points, if any, and the last lines.  Return: 0 or EXIT_IO. */
static int
report_end(struct explore_ctx *ec, struct rbuf *out, const char *totals)
{
	bool tap = ec->ec_opts->ro_tap;
	size_t n;

	if (ec->ec_opts->ro_hasjson && !tap)
		return (0);
	while (*totals != '\0') {
		n = strcspn(totals, "\n");
		rbuf_add(out, "%s%.*s\n", tap ? "# " : "", (int)n, totals);
		totals += n + (totals[n] == '\n');
	}
	return (report_write("-", out));
}

/**
 * explore_report() - totals, the report, the exit status
 * @ec:		campaign that ended
 * @status:	why it ended early, or 0
 *
 * Return:	the exit status of the command.
 */
int
explore_report(struct explore_ctx *ec, int status)
{
	const struct run_opts *ro = ec->ec_opts;
	struct rbuf out = { 0 }, totals = { 0 };
	bool whole = status == 0 && ro->ro_shard.sh_n == 0 &&
		     ro->ro_filter == NULL && ro->ro_time == 0;
	int io = 0;

	if (ec->ec_nfind > 1)
		qsort(ec->ec_find, ec->ec_nfind, sizeof(*ec->ec_find),
		    find_order);
	report_baseline(ec);
	report_files(ec, &out);
	status = report_totals(ec, status, &totals);
	io = report_end(ec, &out, rbuf_str(&totals));
	if (ro->ro_hasjson)
		io = play_rank(io, report_json(ec, status));
	baseline_tell(&ec->ec_baseline, ro->ro_cmd, whole);
	if (ro->ro_baseline_write != NULL)
		io |= baseline_out_write(&ec->ec_new, ro->ro_baseline_write,
		    &ec->ec_baseline, ro->ro_today);
	io = play_rank(io, annotate_close(&ec->ec_annotate, rbuf_str(&totals)));
	rbuf_free(&out);
	rbuf_free(&totals);
	return (play_rank(status, io));
}
