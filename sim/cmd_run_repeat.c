/*
 * cmd_run_repeat.c - the command that repeats a run, for people and reports.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/cmd_run_opt.h"

/* A word for a shell: quoted if it needs it. */
static void
shell_word(struct rbuf *out, const char *pre, const char *s)
{
	const char *p;

	rbuf_add(out, " %s", pre);
	if (s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			"0123456789_./:=@,+%-")] == '\0' &&
	    *s != '\0') {
		rbuf_add(out, "%s", s);
		return;
	}
	rbuf_add(out, "'");
	for (p = s; *p != '\0'; p++) {
		if (*p == '\'')
			rbuf_add(out, "'\\''");
		else
			rbuf_put(out, p, 1);
	}
	rbuf_add(out, "'");
}

static void
repeat_edits(const struct play_opts *po, struct rbuf *out)
{
	static const char *const words[] = { "skip", "swap", "move", "repeat" };
	struct rbuf arg = { 0 };

	for (unsigned i = 0; i < po->po_nedits; i++) {
		const struct play_edit *pe = &po->po_edit[i];

		rbuf_cut(&arg, 0);
		rbuf_add(&arg, "%s%s%s", pe->pe_a, pe->pe_b ? "," : "",
		    pe->pe_b ? pe->pe_b : "");
		rbuf_add(out, " --%s", words[pe->pe_edit]);
		shell_word(out, "", rbuf_str(&arg));
	}
	rbuf_free(&arg);
}

/**
 * run_opts_repeat() - the command that repeats a run of one scenario
 * @ro:		options it was run with
 * @path:	scenario
 * @more:	further options ("--fail-alloc 7"), or NULL
 * @out:	one line without a newline is appended
 */
void
run_opts_repeat(const struct run_opts *ro, const char *path, const char *more,
    struct rbuf *out)
{
	static const char *const policies[] = { "graceful", "abort", "crash",
		"wait" };
	const struct play_opts *po = &ro->ro_play;

	rbuf_add(out, "vnetsim run");
	shell_word(out, "", path);
	if (po->po_order != NULL)
		rbuf_add(out, " --order %s", po->po_order);
	if (po->po_force)
		rbuf_add(out, " --force");
	repeat_edits(po, out);
	if (po->po_hasclose) {
		rbuf_add(out, " --close %s", policies[po->po_close.policy]);
		if (po->po_close.grace > 0)
			rbuf_add(out, ":%" PRId64 "ns", po->po_close.grace);
	}
	if (po->po_hasseed)
		rbuf_add(out, " --seed %" PRIu64, po->po_seed);
	for (unsigned i = 0; i < ro->ro_nsets; i++)
		shell_word(out, "--set ", ro->ro_set[i]);
	if (po->po_shuffle)
		rbuf_add(out, " --shuffle");
	if (po->po_ties != VNETSIM_TIES_NAME)
		rbuf_add(out, " --ties reverse");
	if (po->po_until > 0)
		rbuf_add(out, " --until %" PRId64 "ns", po->po_until);
	if (po->po_untilevent > 0)
		rbuf_add(out, " --until event:%" PRIu64, po->po_untilevent);
	if (po->po_kill != NULL)
		rbuf_add(
		    out, " --kill %s@%" PRIu64, po->po_kill, po->po_killevent);
	if (ro->ro_again)
		rbuf_add(out, " --again");
	if (more != NULL)
		rbuf_add(out, " %s", more);
	else if (!ro->ro_failall && po->po_fail != 0)
		rbuf_add(out, " --fail-alloc %" PRIu64 "%s", po->po_fail,
		    po->po_sticky ? ",sticky" : "");
}
