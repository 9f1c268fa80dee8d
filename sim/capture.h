/*
 * capture.h - record the stream of wire events in a file.
 */
#ifndef SIM_CAPTURE_H
#define SIM_CAPTURE_H

#include <vnetsim/wire.h>

enum capture_format {
	CAPTURE_PCAPNG, /* everything; the stream can be rebuilt */
	CAPTURE_PCAP,   /* classic, nanoseconds; frames only */
};

/**
 * struct capture_mark - a point in a capture to come back to
 * @cm_offset:	bytes before it
 * @cm_frames:	frames before it
 * @cm_events:	events before it
 * @cm_links:	links before it
 * @cm_ended:	1 if the END event is before it
 *
 * Numbers only: a saved world may hold it.
 */
struct capture_mark {
	uint64_t cm_offset;
	uint64_t cm_frames;
	uint64_t cm_events;
	uint64_t cm_links;
	uint64_t cm_ended;
};

struct capture;

/* Receives the one message of a capture that fails; no newline. */
typedef void capture_report(void *arg, const char *message);

int capture_open(struct capture **cp, const char *path,
    enum capture_format format, capture_report *report, void *arg);
int capture_event(struct capture *c, const struct vnetsim_wire_event *ev);
int capture_batch(struct capture *c);
int capture_flush(struct capture *c);
struct capture_mark capture_mark(const struct capture *c);
int capture_rewind(struct capture *c, const struct capture_mark *mark);
int capture_close(struct capture *c);

#endif /* !SIM_CAPTURE_H */
