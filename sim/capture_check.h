/*
 * capture_check.h - what the wire monitor saw, as text and as JSON.
 */
#ifndef SIM_CAPTURE_CHECK_H
#define SIM_CAPTURE_CHECK_H

#include <stdio.h>

#include <vnetsim/wiremon.h>

/**
 * struct capture_check - the answers of one monitor
 * @cc_wm:	(b) the monitor, after its end
 * @cc_ours:	vnets, deaths and verdicts were known
 * @cc_ended:	the stream came to its END
 * @cc_snapped:	frames that were cut when captured and not looked at
 */
struct capture_check {
	struct vnetsim_wiremon *cc_wm;
	bool cc_ours;
	bool cc_ended;
	uint64_t cc_snapped;
};

size_t capture_check_findings(const struct capture_check *cc);
void capture_check_text(FILE *f, const struct capture_check *cc);
void capture_check_json(FILE *f, const struct capture_check *cc);

#endif /* !SIM_CAPTURE_CHECK_H */
