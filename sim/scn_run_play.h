/*
 * scn_run_play.h - one scenario from birth of the world to the audit.
 */
#ifndef SIM_SCN_RUN_PLAY_H
#define SIM_SCN_RUN_PLAY_H

#include <stdio.h>
#include <vnetsim/jail.h>
#include <vnetsim/teardown.h>

#include "sim/capture.h"
#include "sim/scn_run.h"

#define PLAY_EDITS      64
#define PLAY_FINDINGS   256 /* that a world keeps */
#define PLAY_MAX_EVENTS UINT64_C(50000000)

/* Exit statuses (DESIGN 8). */
enum play_exit {
	EXIT_OK = 0,
	EXIT_EXPECT = 1,
	EXIT_FINDING = 2,
	EXIT_PANIC = 3,
	EXIT_DIFFERS = 4,
	EXIT_BUDGET = 5,
	EXIT_USAGE = 64,
	EXIT_DATA = 65,
	EXIT_NOINPUT = 66,
	EXIT_IO = 74,
	EXIT_SKIPPED = 77,
	EXIT_TIMEOUT = 124,
};

struct play_edit {
	int pe_edit; /* enum vnetsim_edit */
	char *pe_a;  /* (o) of the options; @pe_b lies in it */
	const char *pe_b;
};

/**
 * struct play_opts - how to run; all zero is what the script's head says
 * @po_order:	NULL: the head's, or top-down
 * @po_close:	if @po_hasclose
 * @po_fail:	fail that allocation, 0: none
 * @po_until:	stop the script there, virtual ns; 0: no limit
 * @po_untilevent: stop the script after so many events, 0: no limit
 * @po_kill:	jail to end at @po_killevent, NULL: none
 * @po_maxevents: budget, 0: PLAY_MAX_EVENTS
 * @po_tolerant: claims are not judged, errors are no failures
 * @po_known:	whether a finding does not count; NULL: all do
 */
struct play_opts {
	const char *po_order;
	bool po_force;
	bool po_hasclose;
	bool po_hasseed;
	bool po_sticky;
	bool po_shuffle;
	unsigned po_ties; /* enum vnetsim_ties */
	bool po_tolerant;
	unsigned po_nedits;
	struct play_edit po_edit[PLAY_EDITS];
	struct vnetsim_close_policy po_close;
	uint64_t po_seed;
	uint64_t po_fail;
	int64_t po_until;
	uint64_t po_untilevent;
	const char *po_kill;
	uint64_t po_killevent;
	uint64_t po_maxevents;
	bool (*po_known)(void *arg, const struct vnetsim_finding *f);
	void *po_knownarg;
};

/* A vnet whose end was seen on the wire. */
struct play_vnet {
	uint32_t pv_id;
	char pv_name[64];
	char pv_order[32];
	int64_t pv_killed, pv_dead; /* virtual ns, -1: not */
	int64_t pv_grace;
	uint8_t pv_policy;
	bool pv_byscript; /* its end began before the script's */
};

/**
 * struct player - a world that plays scenarios one after the other
 * @p_host:	services of its worlds; host.panic NULL: the POSIX ones
 * @p_world:	(o) reused
 * @p_env:	(b) of the scenario
 * @p_script:	(b)
 * @p_capture:	(b) or NULL
 * @p_flush:	@p_capture is complete whenever the process is killed
 * @p_trace:	(b) or NULL
 * @p_record:	called with each record of the trace, or NULL
 * @p_watch:	note vnets and frames (p_vnet, p_wirehash)
 * @p_each:	called whenever nothing is in progress, also between the calls
 *		of one statement, with the number of events; may be NULL
 *
 * Results, valid until the next play:
 * @p_exit:	enum play_exit
 * @p_why:	what went wrong besides failures and findings, NULL: nothing
 * @p_time, @p_events: at the end
 * @p_scriptevents: at the end of the script
 * @p_asked, @p_consumed: of @po_fail
 * @p_killed:	@po_kill was there and alive
 */
struct player {
	struct vnetsim_host p_host;
	struct vnetsim *p_world;
	struct scn_env *p_env;
	const struct scn_script *p_script;
	struct capture *p_capture;
	bool p_flush;
	FILE *p_trace;
	void (*p_record)(void *arg, const struct vnetsim_trace *t);
	void *p_recordarg;
	bool p_watch;
	void (*p_each)(void *arg, struct player *p, uint64_t events);
	void *p_arg;

	int p_exit;
	const char *p_why;
	char p_whybuf[256];
	int64_t p_time;
	uint64_t p_events;
	uint64_t p_scriptevents;
	uint64_t p_asked;
	uint64_t p_hash;
	uint64_t p_wirehash;
	unsigned p_nfindings;
	bool p_consumed;
	bool p_killed;
	bool p_scriptover;
	bool p_killdone; /* @po_kill was tried */
	const struct play_opts *p_po;
	struct play_vnet *p_vnet;
	unsigned p_nvnets, p_capvnets;
};

void play(struct player *p, const struct play_opts *po);
void player_close(struct player *p);
int play_setup(struct vnetsim *w, const struct scn_script *script,
    const struct play_opts *po, struct rbuf *why);
const char *play_skip(const struct scn_script *script);
int play_rank(int a, int b);

#endif /* !SIM_SCN_RUN_PLAY_H */
