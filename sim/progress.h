/*
 * progress.h - one line on a terminal that says how far a run has come.
 */
#ifndef SIM_PROGRESS_H
#define SIM_PROGRESS_H

#include <stdbool.h>

/**
 * struct progress - state of the line
 * @pg_on:	standard error is a terminal that can be rewritten
 * @pg_color:	and shows colours
 * @pg_shown:	cells of the line that stands there, 0: none
 * @pg_start:	monotonic seconds
 */
struct progress {
	bool pg_on, pg_color;
	unsigned pg_shown;
	double pg_start;
};

double progress_clock(void);
void progress_open(struct progress *pg);
bool progress_due(const struct progress *pg);
void progress_show(struct progress *pg, const char *line, bool bad);
void progress_hide(struct progress *pg);

#endif /* !SIM_PROGRESS_H */
