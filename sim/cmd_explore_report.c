/*
 * cmd_explore_report.c - what explore found, as text and JSON.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_explore.h"

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

static void
text_file(const struct explore_ctx *ec, uint32_t i, struct rbuf *out)
{
	const struct explore_file *xf = &ec->ec_file[i];
	struct rbuf cmd = { 0 };
	bool bad = xf->xf_broken != NULL || xf->xf_failed != NULL;

	for (uint32_t k = 0; k < ec->ec_nfind; k++)
		bad |= ec->ec_find[k].ef_file == i;
	rbuf_add(
	    out, "%s %s  ", bad ? "FAIL" : "ok  ", ec->ec_files->v[i].rf_path);
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
	for (uint32_t k = 0; k < ec->ec_nfind; k++) {
		const struct explore_find *ef = &ec->ec_find[k];

		if (ef->ef_file != i)
			continue;
		rbuf_cut(&cmd, 0);
		find_repeat(ec, ef, &cmd);
		rbuf_add(out,
		    "     %s (%" PRIu64 " schedule%s)\n       %s\n"
		    "       repeat: %s\n",
		    ef->ef_key, ef->ef_count, ef->ef_count == 1 ? "" : "s",
		    ef->ef_text, rbuf_str(&cmd));
	}
	rbuf_free(&cmd);
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
		rbuf_add(out, "}");
		first = false;
	}
	rbuf_add(out, "]}");
	rbuf_free(&cmd);
}

/* Totals, the report, the exit status. */
int
explore_report(struct explore_ctx *ec, int status)
{
	uint64_t total = 0, done = 0, feasible = 0;
	struct rbuf out = { 0 };
	bool json = ec->ec_opts->ro_hasjson;
	const char *path = "-";

	if (ec->ec_nfind > 1)
		qsort(ec->ec_find, ec->ec_nfind, sizeof(*ec->ec_find),
		    find_order);
	for (uint32_t i = 0; i < ec->ec_files->n; i++) {
		total += ec->ec_file[i].xf_total;
		done += ec->ec_file[i].xf_done;
		feasible += ec->ec_file[i].xf_feasible;
		status = play_rank(status, ec->ec_file[i].xf_exit);
		if (!json)
			text_file(ec, i, &out);
		else
			json_file(ec, i, &out);
	}
	for (uint32_t k = 0; k < ec->ec_nfind; k++)
		status = play_rank(status, ec->ec_find[k].ef_exit);
	if (done < feasible)
		status = play_rank(status, EXIT_BUDGET);
	if (json) {
		struct rbuf doc = { 0 };

		rbuf_add(&doc,
		    "{\"vnetsim\":1,\"level\":\"E1\",\"exit\":%d,"
		    "\"files\":[%s\n]}\n",
		    status, rbuf_str(&out));
		if (*ec->ec_opts->ro_json != '\0')
			path = ec->ec_opts->ro_json;
		status = play_rank(status, report_write(path, &doc));
		rbuf_free(&doc);
	} else {
		rbuf_add(&out,
		    "E1: %" PRIu64 " of %" PRIu64 " obligations done, %" PRIu64
		    " infeasible, 0 pruned, %u finding%s\n",
		    done, total, total - feasible, ec->ec_nfind,
		    ec->ec_nfind == 1 ? "" : "s");
		status = play_rank(status, report_write("-", &out));
	}
	rbuf_free(&out);
	return (status);
}
