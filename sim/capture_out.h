/*
 * capture_out.h - where a capture's bytes go: whole records, or nothing.
 */
#ifndef SIM_CAPTURE_OUT_H
#define SIM_CAPTURE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_OUT_BUF     65536u  /* bytes gathered before a write */
#define CAPTURE_OUT_RECORDS 2048u   /* records gathered before a write */
#define CAPTURE_FRAME_MAX   262144u /* bytes of a frame; libpcap's limit */
#define CAPTURE_RECORD_MAX  (CAPTURE_FRAME_MAX + 16384u)

/**
 * struct capture_out - an output file or stream
 * @o_fd:	the descriptor
 * @o_regular:	it is a regular file that we opened: it can be cut
 * @o_ours:	(o) close it
 * @o_error:	first error, sticky
 * @o_torn:	the error left part of a record behind
 * @o_disk:	bytes written, whole records only
 * @o_frames:	frames among them
 * @o_buf:	(o) records that are not written yet
 * @o_used:	bytes of whole records in @o_buf
 * @o_fill:	@o_used plus what the open record has so far
 * @o_end:	where each record in @o_buf ends
 * @o_frame:	whether it is a frame
 * @o_nrec:	number of records in @o_buf
 */
struct capture_out {
	int o_fd;
	bool o_regular;
	bool o_ours;
	bool o_torn;
	int o_error;
	uint64_t o_disk;
	uint64_t o_frames;
	uint8_t *o_buf;
	size_t o_used;
	size_t o_fill;
	uint32_t o_nrec;
	uint32_t o_end[CAPTURE_OUT_RECORDS];
	bool o_frame[CAPTURE_OUT_RECORDS];
};

int capture_out_open(struct capture_out *o, const char *path);
void capture_out_put(struct capture_out *o, const void *bytes, size_t n);
void capture_out_put16(struct capture_out *o, uint16_t v);
void capture_out_put32(struct capture_out *o, uint32_t v);
void capture_out_patch32(struct capture_out *o, size_t at, uint32_t v);
int capture_out_commit(struct capture_out *o, bool frame);
void capture_out_abandon(struct capture_out *o);
int capture_out_flush(struct capture_out *o);
uint64_t capture_out_offset(const struct capture_out *o);
int capture_out_rewind(struct capture_out *o, uint64_t offset, uint64_t frames);
int capture_out_close(struct capture_out *o);

#endif /* !SIM_CAPTURE_OUT_H */
