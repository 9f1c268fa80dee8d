/*
 * annotate.h - what went wrong, beside the lines of a GitHub change.
 */
#ifndef SIM_ANNOTATE_H
#define SIM_ANNOTATE_H

#include <stdio.h>

#include "sim/report_fact.h"

#define ANNOTATE_MAX      10   /* GitHub shows no more per step and kind */
#define ANNOTATE_ROWS     1000 /* of the summary's table */
#define ANNOTATE_TEXT_MAX 4000 /* bytes of one message */

/**
 * struct annotate - state of a run; all zero is off
 * @an_out:	(b) where commands go; NULL: off
 * @an_told:	annotations so far
 * @an_nrows:	rows of the summary
 * @an_more:	problems beyond them
 */
struct annotate {
	FILE *an_out;
	unsigned an_told, an_nrows, an_more;
	struct rbuf an_rows;
};

void annotate_open(struct annotate *an, bool wanted, FILE *out);
void annotate_text(struct annotate *an, const char *text);
void annotate_fact(
    struct annotate *an, const char *path, const struct report_fact *fa);
int annotate_close(struct annotate *an, const char *head);
void annotate_data(struct rbuf *out, const char *s, bool property);

#endif /* !SIM_ANNOTATE_H */
