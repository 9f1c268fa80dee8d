/*
 * report_fact.h - what went wrong in a scenario, for programs of our own.
 */
#ifndef SIM_REPORT_FACT_H
#define SIM_REPORT_FACT_H

#include "sim/report.h"

/**
 * struct report_fact - one thing that went wrong; texts lie in the buffer
 * @fa_kind:	what it is
 * @fa_line, @fa_col: in @fa_file, 0: nowhere in particular
 * @fa_count:	how often
 * @fa_key:	of a finding, without and with its step ("" otherwise)
 * @fa_step:	"-": none
 */
struct report_fact {
	enum report_fact_kind {
		FACT_FINDING = 'F',
		FACT_KNOWN = 'K', /* a finding that a baseline excuses */
		FACT_CLAIM = 'E', /* an expectation that failed */
		FACT_MESSAGE = 'M',
	} fa_kind;
	const char *fa_file;
	unsigned fa_line, fa_col;
	unsigned fa_count;
	const char *fa_key, *fa_step;
	const char *fa_title, *fa_text;
};

void report_fact_put(struct rbuf *out, const struct report_fact *fa);
bool report_fact_next(char **at, struct report_fact *fa);
void report_facts(const struct report *rp, struct rbuf *out);

#endif /* !SIM_REPORT_FACT_H */
