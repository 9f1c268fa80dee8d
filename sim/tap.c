/*
 * tap.c - reports for continuous integration: TAP, version 13.
 *
 * The plan stands first, a test point per scenario, in the order of the paths.
 * One that is not well has a YAML block: strings are in double quotes (JSON's
 * escapes are YAML's, too), a text of several lines is a literal block.  The
 * number of a point is known to the parent only, so a case is everything
 * behind "ok N" or "not ok N".
 */
#include "sim/tap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report_fact.h"

/**
 * tap_plan() - version and plan
 * @out:	appended
 * @n:		number of points
 * @why:	if @n is 0: why
 */
void
tap_plan(struct rbuf *out, unsigned n, const char *why)
{
	rbuf_add(out, "TAP version 13\n");
	if (n == 0)
		rbuf_add(out, "1..0 # SKIP %s\n", why);
	else
		rbuf_add(out, "1..%u\n", n);
}

/* A name is no directive and stays in its line. */
static void
tap_name(struct rbuf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '#' || *s == '\\')
			rbuf_add(out, "\\%c", *s);
		else
			rbuf_add(out, "%c",
			    (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
	}
}

/** tap_point() - "ok N - NAME" or "not ok N - NAME", and the newline */
void
tap_point(struct rbuf *out, bool ok, unsigned n, const char *name)
{
	rbuf_add(out, "%s %u - ", ok ? "ok" : "not ok", n);
	tap_name(out, name);
	rbuf_add(out, "\n");
}

/* A key with a string, in a YAML block. */
void
tap_string(struct rbuf *out, const char *key, const char *s)
{
	rbuf_add(out, "  %s: ", key);
	report_json_string(out, s);
	rbuf_add(out, "\n");
}

/*
 * A key with lines of text, in a YAML block; no control characters.  The first
 * line must not begin with a blank: it sets the indentation.  (YAML has "|2"
 * for that, but prove's reader does not know it.)
 */
void
tap_block(struct rbuf *out, const char *key, const char *text)
{
	size_t n;

	rbuf_add(out, "  %s: |\n", key);
	while (*text != '\0') {
		n = strcspn(text, "\n");
		rbuf_add(out, "    ");
		for (size_t i = 0; i < n; i++)
			rbuf_add(out, "%c",
			    (unsigned char)text[i] < 0x20 || text[i] == 0x7f
				? '?'
				: text[i]);
		rbuf_add(out, "\n");
		text += n + (text[n] == '\n');
	}
}

/* Of a message the first line: the block tells the others. */
static void
tap_message(const struct report *rp, const char *facts, struct rbuf *out)
{
	struct report_fact fa;
	char *copy = strdup(facts), *at = copy;
	struct rbuf line = { 0 };

	while (copy != NULL && report_fact_next(&at, &fa)) {
		if (fa.fa_kind == FACT_KNOWN)
			continue;
		if (fa.fa_line > 0)
			rbuf_add(&line, "%s:%u:%u: ", fa.fa_file, fa.fa_line,
			    fa.fa_col);
		rbuf_add(&line, "%s: %.*s", fa.fa_title,
		    (int)strcspn(fa.fa_text, "\n"), fa.fa_text);
		break;
	}
	tap_string(out, "message",
	    line.rb_len > 0 ? rbuf_str(&line) : report_status(rp->rp_exit));
	rbuf_free(&line);
	free(copy);
}

/**
 * tap_case() - one scenario, behind "ok N" or "not ok N"
 * @rp:		outcome
 * @facts:	of report_facts()
 * @out:	text is appended
 */
void
tap_case(const struct report *rp, const char *facts, struct rbuf *out)
{
	struct rbuf text = { 0 };

	rbuf_add(out, " - ");
	tap_name(out, rp->rp_file);
	if (rp->rp_exit == EXIT_SKIPPED) {
		rbuf_add(out, " # SKIP %s\n",
		    rp->rp_message != NULL ? rp->rp_message : "");
		return;
	}
	rbuf_add(out, "\n");
	if (rp->rp_exit == 0)
		return;
	rbuf_add(out, "  ---\n");
	tap_message(rp, facts, out);
	tap_string(
	    out, "severity", report_is_failure(rp->rp_exit) ? "fail" : "error");
	tap_string(out, "status", report_status(rp->rp_exit));
	rbuf_add(out,
	    "  exit: %d\n  virtual_ns: %" PRId64 "\n  events: %" PRIu64
	    "\n  seed: %" PRIu64 "\n",
	    rp->rp_exit, rp->rp_time, rp->rp_events, rp->rp_seed);
	if (rp->rp_repeat != NULL)
		tap_string(out, "repeat", rp->rp_repeat);
	if (rp->rp_kept != NULL)
		tap_string(out, "kept", rp->rp_kept);
	report_text(rp, &text);
	tap_block(out, "report", rbuf_str(&text));
	rbuf_add(out, "  ...\n");
	rbuf_free(&text);
}
