/*
 * report.h - what a run has to say, as text, JUnit XML and JSON.
 */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim/report_buf.h"
#include "sim/scn_run_play.h"

struct baseline;

/**
 * struct report - one scenario's outcome
 * @rp_file:	as given on the command line
 * @rp_title:	first line of its description
 * @rp_exit:	enum play_exit
 * @rp_message:	what went wrong besides failures and findings; NULL, or
 *		several lines
 * @rp_player:	its world, for findings and vnets; NULL: it crashed
 * @rp_repeat:	the command that repeats it
 * @rp_dump:	file with the world as it was lost, or NULL
 * @rp_kept:	directory with capture and trace, or NULL
 * @rp_allocs:	--fail-alloc all: how many were made to fail; 0: not asked
 * @rp_summary:	tell how vnets ended although all is well
 * @rp_output:	what its commands printed, or NULL
 * @rp_baseline: (b) findings that are known, or NULL
 */
struct report {
	const char *rp_file;
	const char *rp_title;
	int rp_exit;
	int64_t rp_time;
	uint64_t rp_events;
	uint64_t rp_seed;
	const char *rp_message;
	const struct player *rp_player;
	const char *rp_repeat;
	const char *rp_kept;
	const char *rp_dump;
	uint64_t rp_allocs;
	bool rp_summary;
	const char *rp_output;
	const struct baseline *rp_baseline;
};

/* Of all scenarios of a run. */
struct report_totals {
	unsigned rt_passed, rt_failed, rt_skipped;
	unsigned rt_failures, rt_errors; /* of rt_failed, as JUnit tells them */
	unsigned rt_known;               /* findings that a baseline excuses */
	int64_t rt_time;
};

void report_text(const struct report *rp, struct rbuf *out);
void report_known(const struct report *rp, struct rbuf *out);
void report_summary(const struct player *p, struct rbuf *out);
void report_json_case(const struct report *rp, struct rbuf *out);
void report_json_string(struct rbuf *out, const char *s);
void report_junit_case(const struct report *rp, struct rbuf *out);
void report_junit_all(
    const struct report_totals *rt, const char *cases, struct rbuf *out);
void report_json_all(const struct report_totals *rt, int status,
    const char *cases, struct rbuf *out);
bool report_is_failure(int status);
const char *report_status(int status);
int report_write(const char *path, const struct rbuf *rb);

#endif /* !SIM_REPORT_H */
