/*
 * pcapng_writer.h - wire events as pcapng blocks.
 */
#ifndef SIM_PCAPNG_WRITER_H
#define SIM_PCAPNG_WRITER_H

#include <vnetsim/wire.h>

#include "sim/capture_out.h"

/**
 * struct pcapng_writer - what the writer remembers between events
 * @w_links:	(o) numbers of the links so far, in order of appearance: the
 *		i-th has interfaces 1 + 2 * i and 2 + 2 * i
 * @w_nlinks:	how many
 * @w_room:	room in @w_links
 * @w_events:	events written
 * @w_frames:	frames written
 * @w_ended:	the END event was written
 */
struct pcapng_writer {
	uint32_t *w_links;
	size_t w_nlinks;
	size_t w_room;
	uint64_t w_events;
	uint64_t w_frames;
	bool w_ended;
};

int pcapng_writer_begin(struct pcapng_writer *w, struct capture_out *o);
int pcapng_writer_event(struct pcapng_writer *w, struct capture_out *o,
    const struct vnetsim_wire_event *ev);
void pcapng_writer_end(struct pcapng_writer *w);

bool capture_verdict_arrives(uint8_t verdict);
extern const char *const capture_verdict_name[VNETSIM_V_N];
extern const char *const capture_close_name[VNETSIM_CLOSE_WAIT + 1];

#endif /* !SIM_PCAPNG_WRITER_H */
