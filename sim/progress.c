/*
 * progress.c - one line on a terminal that says how far a run has come.
 *
 * It appears when a run has lasted a second, on standard error and only if
 * that is a terminal, so no log and no report ever holds it.  It is rewritten
 * in place, and wiped before anything else is printed.  The clock is the
 * monotonic one; nothing that a run computes looks at it.
 *
 * NO_COLOR (not empty) and TERM=dumb are respected: no colour; no line.
 */
#include "sim/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define AFTER 1.0 /* seconds */

/* Monotonic seconds. */
double
progress_clock(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

/** progress_open() - look at the terminal; the second begins */
void
progress_open(struct progress *pg)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	memset(pg, 0, sizeof(*pg));
	pg->pg_on = isatty(STDERR_FILENO) == 1 && term != NULL &&
		    *term != '\0' && strcmp(term, "dumb") != 0;
	pg->pg_color = pg->pg_on && (no == NULL || *no == '\0');
	pg->pg_start = progress_clock();
}

/** progress_due() - whether a line is to be shown yet */
bool
progress_due(const struct progress *pg)
{
	return (pg->pg_on && progress_clock() - pg->pg_start >= AFTER);
}

static unsigned
columns(void)
{
	struct winsize ws;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 1)
		return (ws.ws_col);
	return (80);
}

/**
 * progress_show() - put a line there instead of the present one
 * @pg:		state
 * @line:	printable ASCII; cut to the terminal
 * @bad:	something went wrong: in red, if there are colours
 */
void
progress_show(struct progress *pg, const char *line, bool bad)
{
	unsigned n = (unsigned)strlen(line), max = columns() - 1;
	unsigned old = pg->pg_shown;

	if (!progress_due(pg))
		return;
	if (n > max)
		n = max;
	if (old > max)
		old = max;
	bad = bad && pg->pg_color;
	(void)fprintf(stderr, "\r%s%.*s%s%*s\r", bad ? "\033[31m" : "", (int)n,
	    line, bad ? "\033[0m" : "", (int)(old > n ? old - n : 0), "");
	(void)fflush(stderr);
	pg->pg_shown = n;
}

/** progress_hide() - wipe the line, if there is one */
void
progress_hide(struct progress *pg)
{
	if (pg->pg_shown == 0)
		return;
	(void)fprintf(stderr, "\r%*s\r", (int)pg->pg_shown, "");
	(void)fflush(stderr);
	pg->pg_shown = 0;
}
