/*
 * cmd_explore.h - explore, level E1: its parent and its workers.
 */
#ifndef SIM_CMD_EXPLORE_H
#define SIM_CMD_EXPLORE_H

#include "sim/cmd_run.h"

#define EXPLORE_BATCH 128 /* schedules in one job */

/* End that jail when so many events have happened. */
struct kill_point {
	uint32_t kp_file;
	uint32_t kp_jail; /* in ec_jail */
	uint64_t kp_event;
};

/* A finding of some schedules, by its key. */
struct explore_find {
	char *ef_key, *ef_text, *ef_jail;
	size_t ef_keylen;                   /* without the step; 0: no key */
	const struct baseline_entry *ef_be; /* (b) that matches it, or NULL */
	uint64_t ef_event;                  /* of the first schedule in order */
	uint64_t ef_count;
	uint32_t ef_file;
	int ef_exit; /* EXIT_FINDING or EXIT_PANIC */
};

struct explore_file {
	uint64_t xf_events;   /* of the baseline */
	uint64_t xf_targets;  /* jails that ever lived */
	uint64_t xf_total;    /* obligations */
	uint64_t xf_feasible; /* of them, kill points */
	uint64_t xf_done;
	char *xf_broken; /* the baseline did not come to its end: why */
	char *xf_failed; /* claims that did not hold in it */
	int xf_exit;
	struct scn_env *xf_env; /* in a worker */
};

/**
 * struct explore_ctx - a campaign
 * @ec_point:	what to do, in order
 * @ec_progress: by job, in shared memory: schedules done in its batch
 * @ec_deadline: monotonic seconds, 0: none
 * @ec_bases:	baselines done
 */
struct explore_ctx {
	const struct run_opts *ec_opts;
	struct run_files *ec_files;
	struct explore_file *ec_file;
	struct kill_point *ec_point;
	uint32_t ec_npoints, ec_cappoints;
	char **ec_jail;
	uint32_t ec_njails, ec_capjails;
	uint32_t *ec_progress;
	uint32_t ec_njobs;
	struct explore_find *ec_find;
	uint32_t ec_nfind, ec_capfind;
	double ec_deadline;
	uint32_t ec_bases;
	struct progress ec_progressline;
	struct annotate ec_annotate;
	struct baseline ec_baseline;
	struct baseline_out ec_new;
	struct player ec_player;
};

void explore_base(void *ctx, struct worker *wk, unsigned job, struct rbuf *out);
void explore_batch(
    void *ctx, struct worker *wk, unsigned job, struct rbuf *out);
int explore_report(struct explore_ctx *ec, int status);

#endif /* !SIM_CMD_EXPLORE_H */
