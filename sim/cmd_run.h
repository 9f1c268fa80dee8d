/*
 * cmd_run.h - the commands, and what run and explore share.
 */
#ifndef SIM_CMD_RUN_H
#define SIM_CMD_RUN_H

#include "sim/annotate.h"
#include "sim/cmd_run_opt.h"
#include "sim/progress.h"
#include "sim/report.h"
#include "sim/workers.h"

int cmd_run(int argc, char **argv);
int cmd_explore(int argc, char **argv);
int cmd_order(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_jls(int argc, char **argv);
int cmd_netstat(int argc, char **argv);
int cmd_sockstat(int argc, char **argv);
int cmd_vmstat(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_help(int argc, char **argv);
const char *cmd_near(const char *word);

/**
 * struct run_file - a scenario to run
 * @rf_path:	(o) as given, or below a directory that was given
 * @rf_rel:	where in @rf_path its name for --shard begins
 * @rf_name:	(o) of its files: the base name, longer where two share it
 * @rf_script:	(o) parsed
 */
struct run_file {
	char *rf_path;
	size_t rf_rel;
	char *rf_name;
	struct scn_script *rf_script;
	struct scn_plan *rf_plan;
};

/**
 * struct run_files - all of them
 * @all:	how many there were before --shard left some out
 */
struct run_files {
	struct run_file *v;
	unsigned n, cap, all;
};

int run_files_find(struct run_files *rf, const struct run_opts *ro);
int run_files_parse(
    struct run_files *rf, const struct run_opts *ro, bool explore);
int run_files_check(const struct run_files *rf, const struct run_opts *ro);
void run_files_free(struct run_files *rf);

/* What came of a file: pieces of each report, or a panic. */
struct run_case {
	struct rbuf rk_text, rk_xml, rk_json, rk_tap, rk_facts;
	char *rk_panic;
	char *rk_dump; /* (o) file with its world, NULL: none */
	bool rk_late;
	bool rk_have;
	int rk_status;
};

/* Numbers of jobs: the file, and what to do again with it. */
enum run_job {
	RUN_JOB_PLAIN,
	RUN_JOB_PANIC, /* it panicked: once more, recorded */
	RUN_JOB_LATE,  /* it was late: once more, the capture kept so far */
};

/**
 * struct run_ctx - a run, shared by the parent and (as a copy) its workers
 * @rc_player:	in a worker: its world
 * @rc_case:	by file
 * @rc_printed:	files whose outcome was told
 */
struct run_ctx {
	const struct run_opts *rc_opts;
	struct run_files *rc_files;
	struct player rc_player;
	struct run_case *rc_case;
	struct report_totals rc_totals;
	int rc_status;
	unsigned rc_printed;
	struct annotate rc_annotate;
	struct progress rc_progress;
	struct baseline rc_baseline;
	struct baseline_out rc_new;
	struct gdb_break rc_break;
};

bool run_print_open(struct run_ctx *rc);
void run_print(struct run_ctx *rc);
void run_print_tick(void *ctx);
int run_print_close(struct run_ctx *rc);
void run_one(void *ctx, struct worker *wk, unsigned job, struct rbuf *out);
int run_mkdir(const char *path);

#endif /* !SIM_CMD_RUN_H */
