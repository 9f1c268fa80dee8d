/*
 * cmd_run_opt.h - the options that run, explore and order share.
 */
#ifndef SIM_CMD_RUN_OPT_H
#define SIM_CMD_RUN_OPT_H

#include "sim/baseline.h"
#include "sim/gdb.h"
#include "sim/scn_run_play.h"
#include "sim/shard.h"

#define RUN_SETS 256 /* --set on one command line */

/**
 * struct run_opts - a command line
 * @ro_set:	"NAME=VALUE"
 * @ro_pcap:	directory of --pcap, NULL: none
 * @ro_trace:	file of --trace, "": the default, NULL: none
 * @ro_dumpdir:	directory of --dump-dir, NULL: where failures are kept
 * @ro_failall:	--fail-alloc all
 * @ro_jobs:	-j
 * @ro_level:	--level of explore
 * @ro_time:	--time of explore, wall seconds, 0: no limit
 * @ro_baseline: file of --baseline, or NULL
 * @ro_today:	the day by which baselines are judged
 * @ro_break:	where --break-at stops
 * @ro_paths:	(b) FILE and DIR arguments
 */
struct run_opts {
	const char *ro_cmd;
	struct play_opts ro_play;
	unsigned ro_nsets;
	const char *ro_set[RUN_SETS];
	const char *ro_pcap;
	enum capture_format ro_format;
	const char *ro_junit;
	const char *ro_json;
	bool ro_hasjson;
	const char *ro_trace;
	const char *ro_out;
	const char *ro_dumpdir;
	const char *ro_filter;
	const char *ro_level;
	bool ro_list;
	bool ro_again;
	bool ro_failall;
	bool ro_verbose;
	bool ro_dot;
	const char *ro_diff;
	bool ro_tap;
	bool ro_noannotations;
	bool ro_gdb;
	struct shard ro_shard;
	const char *ro_baseline;
	const char *ro_baseline_write;
	char ro_today[BASELINE_DATE];
	struct gdb_break ro_break;
	unsigned ro_jobs;
	unsigned ro_timeout;
	unsigned ro_time;
	int ro_npaths;
	char **ro_paths;
	char *ro_kill; /* (o) */
};

enum run_opt_set { RUN_OPT_RUN = 1, RUN_OPT_EXPLORE = 2, RUN_OPT_ORDER = 4 };

int run_opts_parse(struct run_opts *ro, const char *cmd, unsigned which,
    int argc, char **argv);
int run_opt_apply(struct run_opts *ro, const char *name, const char *value);
int run_opt_bad(const struct run_opts *ro, const char *what, const char *word,
    const char *hint);
void run_opts_free(struct run_opts *ro);
void run_opts_repeat(const struct run_opts *ro, const char *path,
    const char *more, struct rbuf *out);

#endif /* !SIM_CMD_RUN_OPT_H */
