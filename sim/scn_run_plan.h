/*
 * scn_run_plan.h - the names of a script as small numbers.
 */
#ifndef SIM_SCN_RUN_PLAN_H
#define SIM_SCN_RUN_PLAN_H

#include "sim/scn.h"

/* A socket or process of a jail; a jail or an interface has no @pn_name. */
struct plan_name {
	const char *pn_jail;
	const char *pn_name;
};

/**
 * struct plan_stmt - what a statement names, -1: nothing
 * @ps_jail:	jail that acts or is spoken of
 * @ps_proc:	process that acts
 * @ps_sock:	socket it works on or speaks of
 * @ps_result:	socket it makes
 * @ps_cursor:	link end of a packet claim
 * @ps_made:	jail that it creates
 */
struct plan_stmt {
	int32_t ps_jail;
	int32_t ps_proc;
	int32_t ps_sock;
	int32_t ps_result;
	int32_t ps_cursor;
	int32_t ps_made;
};

struct plan_names {
	struct plan_name *v;
	uint32_t n, cap;
};

/**
 * struct scn_plan - a script with its names resolved, constant
 * @pl_script:	(b)
 * @pl_stmt:	by statement index
 */
struct scn_plan {
	const struct scn_script *pl_script;
	struct plan_stmt *pl_stmt;
	struct plan_names pl_jails, pl_procs, pl_socks, pl_cursors;
	char **pl_strings; /* (o) names made up here */
	uint32_t pl_nstrings, pl_capstrings;
	bool pl_segments; /* some statement answers frames: link send */
	bool pl_tcpdumps; /* some tcpdump listens to a link */
};

struct scn_plan *scn_plan_new(const struct scn_script *script);
void scn_plan_free(struct scn_plan *pl);

/* The command inside `expect fails` and `expect output`, else @s itself. */
const struct scn_stmt *scn_plan_cmd(const struct scn_stmt *s);

#endif /* !SIM_SCN_RUN_PLAN_H */
