/*
 * scn_run_var.h - the state of a run; private to the interpreter.
 *
 * struct scn_run and everything it points to lies in world memory, at stable
 * addresses, so plain pointers survive save and restore.
 */
#ifndef SIM_SCN_RUN_VAR_H
#define SIM_SCN_RUN_VAR_H

#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>

#include "sim/kld.h"
#include "sim/replay.h"
#include "sim/scn_run.h"
#include "sim/scn_run_frames.h"
#include "sim/scn_run_ping.h"

#define PATTERN_MOD  251
#define RUN_TYPE_TAP 1000 /* beside enum vnetsim_socktype */
#define SEND_CHUNK   65536u
#define RECV_CHUNK   65536u

enum verb_state {
	VERB_NONE,
	VERB_QUEUED,
	VERB_BLOCKED,
	VERB_DONE,
	VERB_FAILED
};

/* Bytes of a stream that one send put there. */
struct run_seg {
	int64_t sg_start;
	int64_t sg_len;
	uint32_t sg_stmt;
	int64_t sg_off; /* into its text */
};

/**
 * struct run_sock - a socket by its name
 * @rs_proc:	process that made it
 * @rs_handle:	of the socket in the world
 * @rs_fd:	descriptor, -1: closed
 * @rs_verb:	last verb that named it, a statement
 * @rs_state:	enum verb_state of that verb
 * @rs_error:	of that verb, if it failed
 * @rs_claimed:	a claim spoke of the failure
 * @rs_peer:	socket of the script at the other end, plus 1
 */
struct run_sock {
	vnetsim_handle rs_proc;
	vnetsim_handle rs_handle;
	int32_t rs_procid;
	int32_t rs_jail;
	int rs_fd;
	int rs_type;
	bool rs_made;
	bool rs_claimed;
	bool rs_eof;
	bool rs_addrs;
	uint8_t rs_state;
	int rs_error;
	uint32_t rs_verb;
	struct vnetsim_addr rs_laddr, rs_faddr;
	int64_t rs_rcvd, rs_sent;
	int64_t rs_skip; /* urgent bytes before rs_rcvd, beside the stream */
	int32_t rs_peer;
	struct run_seg *rs_seg;
	uint32_t rs_nseg, rs_capseg;
};

/**
 * struct run_proc - a process by its name
 * @rp_h:	process, 0: none yet
 * @rp_op:	what it waits for
 * @rp_busy:	@rp_stmt is being executed
 * @rp_done:	bytes that verb has moved
 * @rp_chunk:	bytes of the send that waits
 * @rp_frame:	the frame that it has read last from a tap, or NULL
 */
struct run_proc {
	vnetsim_handle rp_h;
	vnetsim_handle rp_op;
	uint32_t *rp_queue;
	uint32_t rp_head, rp_n, rp_cap;
	bool rp_busy;
	uint32_t rp_stmt;
	int64_t rp_done;
	int64_t rp_chunk;
	uint8_t *rp_frame;
	size_t rp_framelen;
};

struct run_monitor;

struct run_jail {
	bool rj_known;
	uint32_t rj_vnet;
};

enum run_wait {
	RUN_WAIT_NONE,
	RUN_WAIT_TIME,
	RUN_WAIT_IDLE,
	RUN_WAIT_CLAIM,
	RUN_WAIT_CMD,
	RUN_WAIT_VERB
};

/**
 * struct scn_run - everything that a restore must bring back
 * @r_pc:	statement that is executed, or next if @r_wait is NONE
 * @r_deadline:	virtual ns at which the wait is over
 * @r_cmdop:	operation of a command in progress
 * @r_cmdstep:	what it has done so far
 * @r_cmdwake:	virtual ns at which it goes on, 0: when @r_cmdop completes
 * @r_verb:	result of a verb under `expect fails`: errno, -1: not yet
 * @r_finished, @r_finop: the operation of vnetsim_finish(), seen completed
 */
struct scn_run {
	size_t r_pc;
	uint8_t r_wait;
	int64_t r_deadline;
	vnetsim_handle r_cmdop;
	int64_t r_cmdstep, r_cmdgot, r_cmdwake;
	vnetsim_handle r_cmdjail;
	int r_verb;
	int r_cmderror;
	uint64_t r_cmdseen; /* frames of the log that it has looked at */
	uint32_t r_cmddrop[REPLAY_NDROPS]; /* frames that a replay dropped */
	struct run_ping r_ping;            /* the one that runs */
	uint16_t r_npings;
	bool r_verbwanted;
	uint64_t r_calls;
	uint32_t r_nfail;
	uint64_t r_nframes;
	size_t r_outlen;
	struct run_sock *r_sock;
	struct run_proc *r_proc;
	struct run_jail *r_jail;
	struct run_cursor *r_cursor;
	vnetsim_handle r_doneop[4]; /* completed, of nobody: the driver's */
	int r_doneerr[4];
	uint32_t r_ndone;
	struct run_monitor *r_monitor; /* the newest, see scn_run_monitor.c */
};

struct scn_env {
	const struct scn_plan *e_plan;
	struct vnetsim *e_w;
	struct scn_run *e_r;
	struct run_frames e_frames;
	struct scn_failure *e_fail;
	uint32_t e_nfail, e_capfail;
	struct rbuf e_out;    /* of the current command */
	char e_why[KLD_WHY];  /* more than its errno says, or "" */
	const char *e_dump;   /* (b) dumps: what goes before a name, or NULL */
	struct kld_set e_kld; /* objects that kldload has mapped */
	struct run_replay *e_replay; /* (o) captures that were read */
	struct tcpdumps *e_tcpdump;  /* (o) */
	struct rbuf *e_print;        /* (b) where output goes, or NULL */
	uint8_t *e_pattern;          /* (o) SEND_CHUNK + PATTERN_MOD bytes */
	uint8_t *e_packet;           /* (o) SEND_CHUNK bytes of scratch */
	bool e_tolerant;             /* errors and claims are not judged */
	bool e_frameswanted;
	uint64_t e_hashat; /* call to hash before and after, 0: none */
	uint64_t e_hash;
	uint64_t e_asked;
	uint64_t e_unhashed; /* a call that failed for want of memory */
	uint64_t e_changed;  /* a failed call that changed the state */
	const char *e_changedname;
	void (*e_hook)(void *arg); /* before each call */
	void *e_hookarg;
};

/* Every call that may change the world goes through this pair. */
#define RUN_CALL(e, name, call)                                                \
	(run_call_begin(e), run_call_end((e), (name), (call)))

void run_call_begin(struct scn_env *e);
int run_call_end(struct scn_env *e, const char *name, int error);

/* scn_run.c */
void run_fail(struct scn_env *e, const struct scn_stmt *s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int64_t run_time(struct scn_env *e, const char *jail, const struct scn_time *t);
vnetsim_handle run_jail(struct scn_env *e, const char *name);
const char *run_full(
    const struct scn_stmt *s, const char *name, char *buf, size_t size);
void run_cmd_over(struct scn_env *e, int error);

/* scn_run_cmd.c, scn_run_ifconfig.c, scn_run_ping.c: 0, errno, INPROGRESS */
int run_cmd(struct scn_env *e, const struct scn_stmt *s);
int run_cmd_next(struct scn_env *e, const struct scn_stmt *s, int error,
    const struct vnetsim_result *res);
int run_ifconf(struct scn_env *e, const struct scn_stmt *s);
int run_link(struct scn_env *e, const struct scn_stmt *s);
int run_rctl(struct scn_env *e, const struct scn_stmt *s);
int run_ifmcstat(struct scn_env *e, const struct scn_stmt *s);
int run_link_igmp(struct scn_env *e, const struct scn_stmt *s);
int run_mcast_option(
    struct scn_env *e, const struct scn_sock *a, const struct run_sock *rs);

/* scn_run_dump.c */
int run_world(struct scn_env *e, const struct scn_stmt *s);

/* scn_run_sysctl.c, scn_run_tcpdrop.c: 0 or an errno */
int run_sysctl_show(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);
int run_tcpdrop(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);

/* scn_run_tcpdump.c */
int run_tcpdump(struct scn_env *e, const struct scn_stmt *s);
void run_tcpdump_tidy(struct scn_env *e);
void run_tcpdump_close(struct scn_env *e);
bool run_tcpdump_claim(
    struct scn_env *e, const struct scn_claim *c, int64_t *n, struct rbuf *why);

/* scn_run_kld.c */
int run_kld(struct scn_env *e, const struct scn_stmt *s);
int run_ping(struct scn_env *e, const struct scn_stmt *s);
int run_ping_next(struct scn_env *e, const struct scn_stmt *s, int error,
    const struct vnetsim_result *res);

/* scn_run_pf.c */
int run_pfctl(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);

/* The routing table of a command that names @said (-1: none); setfib(1). */
uint32_t run_fib(const struct scn_stmt *s, int32_t said);

/* scn_run_monitor.c: route monitor.  Return: 0 or an errno. */
int run_monitor(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);

/* route(8); the jail exists.  Return: 0 or an errno. */
int run_route(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);
int run_route_get(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail);

/* scn_run_replay.c, scn_run_segment.c: frames from outside */
int run_replay(struct scn_env *e, const struct scn_stmt *s);
int run_replay_next(struct scn_env *e, const struct scn_stmt *s);
void run_replays_free(struct scn_env *e);
int run_segment(struct scn_env *e, const struct scn_stmt *s);
int run_segment_next(struct scn_env *e, const struct scn_stmt *s);

/* scn_run_show.c: commands that print */
int run_show(struct scn_env *e, const struct scn_stmt *s);

/* scn_run_proc.c: simulated programs */
int run_verb(struct scn_env *e, uint32_t stmt);
bool run_proc_result(struct scn_env *e, const struct vnetsim_result *res);
int run_kill(struct scn_env *e, uint32_t stmt);
void run_unclaimed(struct scn_env *e);

/* scn_run_verb.c: one verb; 0, errno, INPROGRESS: the process waits */
int run_verb_issue(struct scn_env *e, struct run_proc *rp);
int run_verb_result(
    struct scn_env *e, struct run_proc *rp, const struct vnetsim_result *res);
void run_sock_made(
    struct scn_env *e, struct run_proc *rp, uint32_t stmt, int fd, int type);
void run_sock_learn(struct scn_env *e, struct run_sock *rs);
const struct scn_stmt *run_stmt(const struct scn_env *e, uint32_t i);

/* scn_run_tap.c */
int run_tap_issue(struct scn_env *e, struct run_proc *rp, struct run_sock *rs);
int run_tap_result(struct scn_env *e, struct run_proc *rp, struct run_sock *rs,
    const struct vnetsim_result *res);

/* scn_run_data.c: what was sent, compared with what arrives */
void run_data_sent(struct scn_env *e, struct run_sock *rs, uint32_t stmt,
    int64_t off, int64_t len);
void run_data_took(struct run_sock *rs, int64_t len);
void run_data_check(struct scn_env *e, struct run_sock *rs,
    const struct scn_stmt *s, const uint8_t *data, size_t len);

/* scn_expect.c */
bool run_claim(struct scn_env *e, const struct scn_claim *c,
    const struct plan_stmt *ps, struct rbuf *why);
bool run_find_sock(
    struct scn_env *e, const struct run_sock *rs, struct vnetsim_sockinfo *si);

/* scn_sockval.c */
bool run_sockval(struct scn_env *e, const struct run_sock *rs, const char *name,
    int64_t *v, struct rbuf *why);

#endif /* !SIM_SCN_RUN_VAR_H */
