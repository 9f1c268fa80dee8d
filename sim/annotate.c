/*
 * annotate.c - what went wrong, beside the lines of a GitHub change.
 *
 * When the environment says GITHUB_ACTIONS=true, each problem is said once
 * more as a workflow command, "::error file=...,line=...::text": GitHub shows
 * it beside the line.  It shows ten of a step, so the eleventh and later ones
 * are left to the job summary, a table in the Markdown file that
 * GITHUB_STEP_SUMMARY names.
 *
 * What the report tells of a scenario that failed becomes a group, which a
 * reader of the log can fold.  It holds text from scenarios, so commands are
 * switched off in it: a scenario cannot annotate anything itself.
 *
 * Source: GitHub's documentation, "Workflow commands for GitHub Actions".
 */
#include "sim/annotate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/**
 * annotate_open() - look at the environment
 * @an:		out
 * @wanted:	false: stay off (--no-annotations)
 * @out:	stream of the commands
 */
void
annotate_open(struct annotate *an, bool wanted, FILE *out)
{
	const char *env = getenv("GITHUB_ACTIONS");

	memset(an, 0, sizeof(*an));
	if (wanted && env != NULL && strcmp(env, "true") == 0)
		an->an_out = out;
}

/**
 * annotate_data() - text as a command's message or a property's value
 * @out:	appended
 * @s:		text
 * @property:	it stands between "::error " and "::"
 */
void
annotate_data(struct rbuf *out, const char *s, bool property)
{
	size_t n;

	for (n = 0; *s != '\0' && n < ANNOTATE_TEXT_MAX; s++, n++) {
		if (*s == '%' || *s == '\r' || *s == '\n' ||
		    (property && (*s == ':' || *s == ',')))
			rbuf_add(out, "%%%02X", (unsigned char)*s);
		else
			rbuf_put(out, s, 1);
	}
}

/* A word that no text contains by accident, the same in every run. */
static uint64_t
text_token(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(0x100000001b3);
	return (h);
}

/**
 * annotate_text() - what a report tells of one scenario, for the log
 * @an:		on
 * @text:	lines; more than one become a group
 */
void
annotate_text(struct annotate *an, const char *text)
{
	size_t n = strcspn(text, "\n");
	uint64_t token = text_token(text);

	if (text[n] == '\0' || text[n + 1] == '\0') {
		(void)fputs(text, an->an_out);
		return;
	}
	(void)fprintf(an->an_out, "::group::%.*s\n", (int)n, text);
	(void)fprintf(
	    an->an_out, "::stop-commands::vnetsim-%016" PRIx64 "\n", token);
	(void)fputs(text + n + 1, an->an_out);
	(void)fprintf(
	    an->an_out, "::vnetsim-%016" PRIx64 "::\n::endgroup::\n", token);
}

/* A cell of a Markdown table. */
static void
put_cell(struct rbuf *out, const char *s)
{
	size_t n;

	for (n = 0; *s != '\0' && n < 500; s++, n++) {
		if (*s == '\n')
			rbuf_add(out, "<br>");
		else if (*s == '|' || *s == '\\' || *s == '`' || *s == '*' ||
			 *s == '_' || *s == '[' || *s == ']')
			rbuf_add(out, "\\%c", *s);
		else if (*s == '<')
			rbuf_add(out, "&lt;");
		else if (*s == '&')
			rbuf_add(out, "&amp;");
		else
			rbuf_add(
			    out, "%c", (unsigned char)*s < 0x20 ? ' ' : *s);
	}
	if (*s != '\0')
		rbuf_add(out, "...");
}

static void
fact_row(struct annotate *an, const char *path, const struct report_fact *fa)
{
	struct rbuf *rb = &an->an_rows;

	if (an->an_nrows == ANNOTATE_ROWS) {
		an->an_more++;
		return;
	}
	an->an_nrows++;
	rbuf_add(rb, "| ");
	put_cell(rb, path);
	rbuf_add(rb, " | ");
	if (fa->fa_line > 0)
		rbuf_add(rb, "%u", fa->fa_line);
	rbuf_add(rb, " | ");
	put_cell(rb, fa->fa_title);
	if (fa->fa_count > 1)
		rbuf_add(rb, " (%u times)", fa->fa_count);
	rbuf_add(rb, " | ");
	put_cell(rb, fa->fa_text);
	rbuf_add(rb, " |\n");
}

/**
 * annotate_fact() - one problem
 * @an:		may be off
 * @path:	scenario
 * @fa:		what went wrong; known findings are no problem
 */
void
annotate_fact(
    struct annotate *an, const char *path, const struct report_fact *fa)
{
	struct rbuf rb = { 0 };

	if (an->an_out == NULL || fa->fa_kind == FACT_KNOWN)
		return;
	fact_row(an, path, fa);
	if (an->an_told == ANNOTATE_MAX)
		return;
	an->an_told++;
	rbuf_add(&rb, "::error file=");
	annotate_data(&rb, fa->fa_file, true);
	rbuf_add(&rb, ",line=%u", fa->fa_line > 0 ? fa->fa_line : 1);
	if (fa->fa_line > 0)
		rbuf_add(&rb, ",col=%u", fa->fa_col);
	rbuf_add(&rb, ",title=");
	annotate_data(&rb, fa->fa_title, true);
	if (fa->fa_count > 1)
		rbuf_add(&rb, " (%u times)", fa->fa_count);
	rbuf_add(&rb, "::");
	annotate_data(&rb, fa->fa_text, false);
	(void)fprintf(an->an_out, "%s\n", rbuf_str(&rb));
	rbuf_free(&rb);
}

/* Append to the job summary; other steps write to it, too. */
static int
summary_write(struct annotate *an, const char *path, const char *head)
{
	FILE *f = fopen(path, "a");
	bool bad = f == NULL;

	if (f != NULL) {
		(void)fprintf(f, "### vnetsim\n\n%s\n", head);
		if (an->an_nrows > 0)
			(void)fprintf(f,
			    "\n| scenario | line | what | text |\n"
			    "|---|---|---|---|\n%s",
			    rbuf_str(&an->an_rows));
		if (an->an_more > 0)
			(void)fprintf(
			    f, "\nand %u more problems\n", an->an_more);
		bad = ferror(f) != 0;
		bad |= fclose(f) != 0;
	}
	if (!bad)
		return (0);
	(void)fprintf(stderr, "vnetsim: %s: %s\n", path, strerror(errno));
	return (EXIT_IO);
}

/**
 * annotate_close() - what did not fit goes to the summary
 * @an:		may be off; memory is given back
 * @head:	one line for the summary
 *
 * Return:	0; EXIT_IO: the summary could not be written, told.
 */
int
annotate_close(struct annotate *an, const char *head)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	unsigned all = an->an_nrows + an->an_more;
	bool summary = path != NULL && *path != '\0';
	int error = 0;

	if (an->an_out != NULL && all > an->an_told)
		(void)fprintf(an->an_out, "%u more problem%s: see %s\n",
		    all - an->an_told, all - an->an_told == 1 ? "" : "s",
		    summary ? "the job summary" : "above");
	if (an->an_out != NULL && summary)
		error = summary_write(an, path, head);
	rbuf_free(&an->an_rows);
	an->an_out = NULL;
	return (error);
}
