/*
 * capture_reader.h - read a capture back as a stream of wire events.
 */
#ifndef SIM_CAPTURE_READER_H
#define SIM_CAPTURE_READER_H

#include <vnetsim/wire.h>

#define CAPTURE_ERROR_MAX 640 /* bytes of a message */

/* Answers of the reader; the numbers are the exit codes of the commands. */
enum capture_answer {
	CAPTURE_OK = 0,
	CAPTURE_BADFORMAT = 65, /* no capture, or a malformed one */
	CAPTURE_NOOPEN = 66,    /* the file cannot be opened */
	CAPTURE_IOERR = 74,     /* reading failed, or no memory */
};

struct capture_reader;

enum capture_answer capture_reader_open(
    struct capture_reader **rp, const char *path, char err[CAPTURE_ERROR_MAX]);
enum capture_answer capture_reader_mem(struct capture_reader **rp,
    const char *name, const uint8_t *bytes, size_t len,
    char err[CAPTURE_ERROR_MAX]);
int capture_reader_next(
    struct capture_reader *r, struct vnetsim_wire_event *ev);
const char *capture_reader_error(const struct capture_reader *r);
bool capture_reader_ours(const struct capture_reader *r);
bool capture_reader_ended(const struct capture_reader *r);
bool capture_reader_snapped(const struct capture_reader *r);
bool capture_reader_converted(const struct capture_reader *r);
int64_t capture_reader_time(const struct capture_reader *r);
void capture_reader_close(struct capture_reader *r);

#endif /* !SIM_CAPTURE_READER_H */
