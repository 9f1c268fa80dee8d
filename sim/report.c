/*
 * report.c - what a run has to say, as text for people.
 *
 * One line for a scenario that is well.  Otherwise what was expected and what
 * was found, each finding with the object, its birth and who holds it, how
 * each vnet ended, and the command that repeats it.  Nothing in a report
 * depends on the wall clock, the host or the order in which workers end.
 */
#include "sim/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/baseline.h"

#define IND          "     "
#define FINDINGS_MAX 40 /* told in full */

/* The word for an exit status in reports for programs. */
const char *
report_status(int status)
{
	switch (status) {
	case EXIT_OK:
		return ("passed");
	case EXIT_EXPECT:
		return ("failed");
	case EXIT_FINDING:
		return ("finding");
	case EXIT_PANIC:
		return ("panic");
	case EXIT_DIFFERS:
		return ("nondeterminism");
	case EXIT_BUDGET:
		return ("budget");
	case EXIT_SKIPPED:
		return ("skipped");
	case EXIT_TIMEOUT:
		return ("timeout");
	default:
		return ("error");
	}
}

/* JUnit tells expectations (failure) from everything else (error). */
bool
report_is_failure(int status)
{
	return (status == EXIT_EXPECT);
}

/* Lines of a text, each indented. */
static void
text_lines(struct rbuf *out, const char *indent, const char *s)
{
	size_t n;

	while (*s != '\0') {
		n = strcspn(s, "\n");
		rbuf_add(out, "%s%.*s\n", indent, (int)n, s);
		s += n + (s[n] == '\n');
	}
}

static void
text_finding(const struct vnetsim_finding *f, struct rbuf *out)
{
	rbuf_add(out, IND "finding: %s %s: %s\n", f->oracle, f->kind,
	    f->text != NULL ? f->text : "");
	rbuf_add(out, IND "  vnet %s", f->vname != NULL ? f->vname : "-");
	if (f->module != NULL)
		rbuf_add(out, ", module %s", f->module);
	if (f->phase != NULL)
		rbuf_add(out, ", phase %s", f->phase);
	if (f->step != NULL)
		rbuf_add(out, ", step \"%s\"", f->step);
	rbuf_add(out, ", at ");
	rbuf_span(out, f->time);
	if (f->count > 1)
		rbuf_add(out, ", %" PRIu32 " times", f->count);
	rbuf_add(out, "\n");
	if (f->object != NULL) {
		rbuf_add(out, IND "  object %s#%" PRIu64, f->object, f->serial);
		if (f->birth != NULL) {
			rbuf_add(out, ", born at %s, ", f->birth);
			rbuf_span(out, f->birth_time);
		}
		rbuf_add(out, "\n");
	}
	for (int i = 0; i < 4 && f->holders[i] != NULL; i++)
		rbuf_add(out, IND "  held by %s\n", f->holders[i]);
}

/* The entry of the baseline that matches a finding; NULL: none does. */
static const struct baseline_entry *
text_entry(const struct report *rp, const struct vnetsim_finding *f)
{
	return (baseline_find(rp->rp_baseline, f->key, f->step));
}

static void
text_expired(
    const struct report *rp, const struct baseline_entry *be, struct rbuf *out)
{
	if (be != NULL)
		rbuf_add(out, IND "  known until %s (%s:%u): %s\n",
		    be->be_until, rp->rp_baseline->bl_path, be->be_line,
		    be->be_reason);
}

/* Stuck peers are listed with their vnet (report_summary.c). */
static void
text_findings(const struct report *rp, struct rbuf *out)
{
	struct vnetsim *w = rp->rp_player->p_world;
	const struct baseline_entry *be, *expired = NULL;
	struct vnetsim_finding f;
	unsigned n, shown = 0, more = 0, stuck = 0;

	for (n = 0; vnetsim_finding(w, n, &f) == 0; n++) {
		be = text_entry(rp, &f);
		if (baseline_known(be))
			continue;
		if (strcmp(f.oracle, "wire") == 0 &&
		    strcmp(f.kind, "stuck") == 0) {
			stuck++;
			expired = be != NULL ? be : expired;
		} else if (shown < FINDINGS_MAX) {
			text_finding(&f, out);
			text_expired(rp, be, out);
			shown++;
		} else
			more++;
	}
	if (stuck > 0)
		rbuf_add(out,
		    IND "finding: wire stuck: %u peer%s of a dead vnet %s not "
			"closed\n",
		    stuck, stuck == 1 ? "" : "s", stuck == 1 ? "is" : "are");
	text_expired(rp, expired, out);
	if (more > 0)
		rbuf_add(out, IND "and %u more findings\n", more);
}

/**
 * report_known() - the findings that the baseline excuses, by entry
 * @rp:		outcome
 * @out:	lines are appended
 */
void
report_known(const struct report *rp, struct rbuf *out)
{
	const struct baseline *bl = rp->rp_baseline;
	const struct player *p = rp->rp_player;
	const struct baseline_entry *be;
	struct vnetsim_finding f;
	unsigned *count;

	if (bl == NULL || p == NULL || p->p_world == NULL || bl->bl_n == 0)
		return;
	count = calloc(bl->bl_n, sizeof(*count));
	for (unsigned n = 0;
	     count != NULL && vnetsim_finding(p->p_world, n, &f) == 0; n++) {
		be = text_entry(rp, &f);
		if (baseline_known(be))
			count[be - bl->bl_e]++;
	}
	for (unsigned i = 0; count != NULL && i < bl->bl_n; i++) {
		be = &bl->bl_e[i];
		if (count[i] > 0)
			rbuf_add(out,
			    IND "known: %s (%u finding%s) until %s: %s\n",
			    be->be_key, count[i], count[i] == 1 ? "" : "s",
			    be->be_until, be->be_reason);
	}
	free(count);
}

static void
text_failure(const struct scn_failure *sf, struct rbuf *out)
{
	char pos[512];

	(void)scn_pos_format(&sf->sf_pos, pos, sizeof(pos));
	rbuf_add(out, IND "%s: %s\n", pos, sf->sf_command);
	text_lines(out, IND "  ", sf->sf_message);
}

static void
text_details(const struct report *rp, struct rbuf *out)
{
	const struct player *p = rp->rp_player;

	if (rp->rp_message != NULL)
		text_lines(out, IND, rp->rp_message);
	if (p == NULL)
		return;
	for (uint32_t i = 0; i < scn_run_nfailures(p->p_env); i++)
		text_failure(scn_run_failure(p->p_env, i), out);
	text_findings(rp, out);
}

/**
 * report_text() - one scenario, for people
 * @rp:		outcome
 * @out:	lines are appended
 */
void
report_text(const struct report *rp, struct rbuf *out)
{
	if (rp->rp_exit == EXIT_SKIPPED) {
		rbuf_add(out, "skip %s  (%s)\n", rp->rp_file,
		    rp->rp_message != NULL ? rp->rp_message : "");
		return;
	}
	rbuf_add(
	    out, "%s %s  (", rp->rp_exit == 0 ? "ok  " : "FAIL", rp->rp_file);
	rbuf_span(out, rp->rp_time);
	rbuf_add(out, " virtual, %" PRIu64 " events", rp->rp_events);
	if (rp->rp_allocs > 0)
		rbuf_add(out, ", %" PRIu64 " allocations failed in turn",
		    rp->rp_allocs);
	rbuf_add(out, ")\n");
	if (rp->rp_output != NULL)
		text_lines(out, IND "| ", rp->rp_output);
	if (rp->rp_exit != 0)
		text_details(rp, out);
	report_known(rp, out);
	if (rp->rp_player != NULL && (rp->rp_exit != 0 || rp->rp_summary))
		report_summary(rp->rp_player, out);
	if (rp->rp_exit == 0)
		return;
	if (rp->rp_kept != NULL)
		rbuf_add(out, IND "kept:   %s/\n", rp->rp_kept);
	if (rp->rp_dump != NULL)
		rbuf_add(out,
		    IND "dump:   %s\n" IND "read:   vnetsim inspect -M %s\n",
		    rp->rp_dump, rp->rp_dump);
	if (rp->rp_repeat != NULL)
		rbuf_add(out, IND "repeat: %s\n", rp->rp_repeat);
}

/**
 * report_write() - a whole report into a file
 * @path:	file, "-": standard output
 * @rb:		text
 *
 * Return:	0; EXIT_IO: told on standard error.
 */
int
report_write(const char *path, const struct rbuf *rb)
{
	bool out = strcmp(path, "-") == 0;
	FILE *f = out ? stdout : fopen(path, "w");
	int error = 0;

	if (f == NULL || rb->rb_nomem)
		error = f == NULL ? errno : ENOMEM;
	if (error == 0 && fwrite(rbuf_str(rb), 1, rb->rb_len, f) != rb->rb_len)
		error = errno;
	if (f != NULL && fflush(f) != 0 && error == 0)
		error = errno;
	if (f != NULL && !out && fclose(f) != 0 && error == 0)
		error = errno;
	if (error == 0)
		return (0);
	(void)fprintf(stderr, "vnetsim: %s: %s\n",
	    out ? "standard output" : path, strerror(error));
	return (EXIT_IO);
}
