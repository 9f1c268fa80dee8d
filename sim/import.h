/*
 * import.h - one captured TCP connection as a scenario.
 *
 *	import_read.c	a capture, taken apart into connections
 *	import_write.c	a connection, told as a scenario
 *	cmd_import.c	the command
 */
#ifndef SIM_IMPORT_H
#define SIM_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/wire.h>

#include "sim/report_buf.h"

#define IMPORT_SEGS_MAX  100000 /* segments of one connection */
#define IMPORT_FLOWS_MAX 10000  /* connections in a capture */
#define IMPORT_WHY       640    /* bytes that hold any reason */

#define IMP_FIN 0x01u
#define IMP_SYN 0x02u
#define IMP_RST 0x04u
#define IMP_PSH 0x08u
#define IMP_ACK 0x10u

/**
 * struct import_seg - a segment, numbers as on the wire
 * @is_time:	ns at which it was captured
 * @is_arrive:	ns at which it arrived, if the capture knows, else the same
 * @is_frame:	number in the capture, from 1
 * @is_dir:	who sent it: 0 the side that spoke first
 * @is_arrived:	the capture does not say that it was lost
 */
struct import_seg {
	int64_t is_time, is_arrive;
	uint64_t is_frame;
	uint32_t is_seq, is_ack, is_len;
	uint16_t is_win, is_urg;
	uint8_t is_dir, is_flags, is_nopt;
	bool is_arrived;
	uint8_t is_opt[40];
};

/**
 * struct import_flow - a connection
 * @if_addr:	addresses, host order; [0] is the side that spoke first
 * @if_isn:	initial sequence numbers, if @if_syn
 * @if_seg:	(o) its segments, in order
 * @if_kill:	time at which the vnet of a side began to end, -1: never
 * @if_killframe: frames that were captured before
 */
struct import_flow {
	uint32_t if_addr[2];
	uint16_t if_port[2];
	uint32_t if_isn[2];
	bool if_syn[2];
	bool if_fin[2];
	bool if_rst;
	uint32_t if_owner[2];
	struct import_seg *if_seg;
	size_t if_n, if_cap;
	int64_t if_kill[2];
	uint64_t if_killframe[2];
	uint8_t if_policy[2];
	int64_t if_grace[2];
};

/* What a capture holds; the counts are of frames. */
struct import {
	struct import_flow *im_flow;
	size_t im_n, im_cap;
	uint64_t im_frames, im_ip6, im_bad;
};

struct capture_reader;

int import_take(
    struct import *im, struct capture_reader *r, char why[IMPORT_WHY]);
int import_read(struct import *im, const char *path, char why[IMPORT_WHY]);
bool import_tellable(const struct import_flow *fl, char why[IMPORT_WHY]);
void import_free(struct import *im);

int import_near(const struct import_flow *fl);
void import_write(struct rbuf *out, const struct import_flow *fl, int near,
    const char *name, size_t number);

#endif /* !SIM_IMPORT_H */
