/*
 * scn_run_frames.h - the frames of a run, for packet claims.
 */
#ifndef SIM_SCN_RUN_FRAMES_H
#define SIM_SCN_RUN_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/wire.h>

#include "sim/report_buf.h"
#include "sim/scn.h"

#define FRAME_HEADERS 134 /* Ethernet, IPv4 and TCP at their longest */

/* What was on a wire; only TCP over IPv4 is kept. */
struct run_frame {
	int64_t rf_sent;
	int64_t rf_arrive; /* -1: never */
	uint64_t rf_number;
	uint32_t rf_link;
	uint32_t rf_src, rf_dst; /* host order */
	uint32_t rf_seq, rf_ack;
	uint32_t rf_len; /* payload */
	uint16_t rf_sport, rf_dport, rf_win, rf_urg;
	uint8_t rf_end; /* of the sender */
	uint8_t rf_flags;
	uint8_t rf_nopt; /* bytes of options */
	uint8_t rf_opt[40];
};

/* Names of the ends of a link, in order of the links' birth. */
struct run_link {
	uint32_t rl_link;
	char rl_end[2][20];
};

/**
 * struct run_frames - a log, appended to only
 * @rg_v:	(o) frames
 * @rg_n:	how many are valid; world memory has the number that counts
 */
struct run_frames {
	struct run_frame *rg_v;
	uint64_t rg_n, rg_cap;
	struct run_link *rg_link;
	uint32_t rg_nlinks, rg_caplinks;
};

/* Where the last claim of a link end found its packet. */
struct run_cursor {
	int64_t rc_time;
	uint64_t rc_frame;
	bool rc_any;
};

void run_frames_event(
    struct run_frames *rg, const struct vnetsim_wire_event *ev);
void run_frames_free(struct run_frames *rg);
bool run_frames_find(const struct run_frames *rg, const struct scn_packet *p,
    int64_t now, const struct run_cursor *from, struct run_cursor *at);
void run_frames_show(const struct run_frames *rg, const struct scn_packet *p,
    int64_t now, const struct run_cursor *from, struct rbuf *out);

#endif /* !SIM_SCN_RUN_FRAMES_H */
