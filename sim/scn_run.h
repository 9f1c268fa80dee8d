/*
 * scn_run.h - run a parsed scenario against a world, step by step.
 *
 * A run has two halves.  What must go back when a world is restored (program
 * counter, sockets, processes, waiting verbs, cursors, counts) lies in world
 * memory, struct scn_run.  What only grows (messages, logged frames) lies
 * outside, in struct scn_env, and is cut to the counts in world memory when a
 * world was restored: scn_run_resync().
 */
#ifndef SIM_SCN_RUN_H
#define SIM_SCN_RUN_H

#include <vnetsim/vnetsim.h>

#include "sim/report_buf.h"
#include "sim/scn.h"
#include "sim/scn_run_plan.h"

struct scn_env;
struct scn_run;

/* An expectation that did not hold. */
struct scn_failure {
	struct scn_pos sf_pos;
	char *sf_command; /* (o) one line */
	char *sf_message; /* (o) what was expected, what was found */
};

enum scn_step {
	SCN_STEP_MORE,    /* one event, or one statement, is done */
	SCN_STEP_ENDED,   /* nothing is left of the script */
	SCN_STEP_STOPPED, /* the limit of virtual time is reached */
};

struct scn_env *scn_env_new(const struct scn_plan *plan);
void scn_env_free(struct scn_env *e);
void scn_env_tolerant(struct scn_env *e, bool on);
void scn_env_print(struct scn_env *e, struct rbuf *out);
void scn_env_dump(struct scn_env *e, const char *prefix);
void scn_env_hash_at(struct scn_env *e, uint64_t call);
void scn_env_hook(struct scn_env *e, void (*fn)(void *arg), void *arg);

bool scn_run_begin(struct scn_env *e, struct vnetsim *w);
void scn_run_resync(struct scn_env *e);
enum scn_step scn_run_step(struct scn_env *e, int64_t limit);
void scn_run_close(struct scn_env *e);
void scn_run_collect(struct scn_env *e);
bool scn_run_finished(const struct scn_env *e, vnetsim_handle op, int *error);
void scn_run_frame(struct scn_env *e, const struct vnetsim_wire_event *ev);
bool scn_run_wants_frames(const struct scn_env *e);

uint32_t scn_run_nfailures(const struct scn_env *e);
const struct scn_failure *scn_run_failure(const struct scn_env *e, uint32_t n);
uint64_t scn_run_unhashed(const struct scn_env *e);
uint64_t scn_run_changed(const struct scn_env *e, const char **call);
size_t scn_run_pc(const struct scn_env *e);

#endif /* !SIM_SCN_RUN_H */
