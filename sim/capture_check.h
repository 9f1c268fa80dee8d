/*
 * capture_check.h - what the wire monitor saw, as text and as JSON.
 */
#ifndef SIM_CAPTURE_CHECK_H
#define SIM_CAPTURE_CHECK_H

#include <stdio.h>

#include <vnetsim/wiremon.h>

#include "sim/baseline.h"

/**
 * struct capture_check - the answers of one monitor
 * @cc_wm:	(b) the monitor, after its end
 * @cc_ours:	vnets, deaths and verdicts were known
 * @cc_ended:	the stream came to its END
 * @cc_snapped:	frames that were cut when captured and not looked at
 * @cc_bl:	(b) findings that are known, or NULL
 */
struct capture_check {
	struct vnetsim_wiremon *cc_wm;
	bool cc_ours;
	bool cc_ended;
	uint64_t cc_snapped;
	struct baseline *cc_bl;
};

size_t capture_check_new(const struct capture_check *cc);
void capture_check_baseline(
    const struct capture_check *cc, struct baseline_out *bo);
void capture_check_text(FILE *f, const struct capture_check *cc);
void capture_check_json(FILE *f, const struct capture_check *cc);

#endif /* !SIM_CAPTURE_CHECK_H */
