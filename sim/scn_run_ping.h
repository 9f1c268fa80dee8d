/*
 * scn_run_ping.h - the state of a ping that runs; in world memory.
 */
#ifndef SIM_SCN_RUN_PING_H
#define SIM_SCN_RUN_PING_H

#include <vnetsim/vnetsim.h>

#define PING_DUPCHK 1024 /* sequence numbers that duplicates are told from */

struct scn_env;
struct scn_stmt;

/**
 * struct run_ping - ping(8), a process with one raw socket
 * @pg_proc:	the process, 0: none
 * @pg_fd:	its socket
 * @pg_ident:	in each of its requests
 * @pg_almost:	all requests are out, the last wait is on
 * @pg_last:	when the wait began, virtual ns
 * @pg_intvl:	how long it is
 * @pg_sent, @pg_got, @pg_dups, @pg_late:	requests, answers, duplicates of
 *		answers, answers behind -W
 * @pg_tmin, @pg_tmax, @pg_tsum, @pg_tsumsq:	round-trip times, us and us^2
 * @pg_seen:	bit field of the sequence numbers that were answered
 * @pg_rr, @pg_rrlen:	route that was recorded last
 */
struct run_ping {
	vnetsim_handle pg_proc;
	int pg_fd;
	uint16_t pg_ident;
	bool pg_almost;
	int64_t pg_last, pg_intvl;
	int64_t pg_sent, pg_got, pg_dups, pg_late;
	int64_t pg_tmin, pg_tmax, pg_tsum;
	double pg_tsumsq;
	uint8_t pg_seen[PING_DUPCHK / 8];
	uint8_t pg_rr[40];
	uint32_t pg_rrlen;
};

/* What ping(8) sends and prints: scn_run_ping_text.c. */

/* Fill in @size bytes of a request. */
void ping_fill(uint8_t *data, uint32_t size, int64_t now);
void ping_begin_text(struct scn_env *e, const struct scn_stmt *s);
/* A packet came in.  Return: an errno that an error about a request of ours
 * means, or 0. */
int ping_packet(struct scn_env *e, const struct scn_stmt *s, const uint8_t *pkt,
    size_t len);
void ping_finish_text(struct scn_env *e, const struct scn_stmt *s);

#endif /* !SIM_SCN_RUN_PING_H */
