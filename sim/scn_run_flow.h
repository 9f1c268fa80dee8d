/*
 * scn_run_flow.h - what a peer on paper knows of its connection.
 */
#ifndef SIM_SCN_RUN_FLOW_H
#define SIM_SCN_RUN_FLOW_H

#include "sim/scn_link.h"
#include "sim/scn_run_frames.h"

#define FLOW_FRAME_MAX (14 + 65535)

/**
 * struct run_flow - one connection, seen from the end that plays its far side
 * @fl_isn:	initial sequence number of the far side
 * @fl_syn:	it has sent a SYN
 * @fl_peer:	something was received
 * @fl_peerisn:	initial sequence number of the near side
 * @fl_max:	the next number it has not sent, relative; as received
 * @fl_edge:	the right edge of its window, relative to @fl_isn
 * @fl_window:	@fl_edge is known
 * @fl_reset:	it has reset the connection
 * @fl_ts:	a timestamp was received: @fl_tsval, the last one
 * @fl_next:	when the next frame arrives that is under way, -1: none
 */
struct run_flow {
	uint32_t fl_isn;
	bool fl_syn;
	bool fl_peer;
	uint32_t fl_peerisn;
	uint32_t fl_max;
	uint32_t fl_edge;
	bool fl_window;
	bool fl_reset;
	bool fl_ts;
	uint32_t fl_tsval;
	int64_t fl_next;
};

void run_flow_look(struct run_flow *fl, const struct run_frames *rg,
    const struct scn_link *l, int64_t now);
size_t run_flow_frame(const struct run_flow *fl, const struct scn_segment *g,
    uint8_t buf[FLOW_FRAME_MAX]);

#endif /* !SIM_SCN_RUN_FLOW_H */
