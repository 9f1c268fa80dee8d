/*
 * capture_reader.c - read a capture back as a stream of wire events.
 *
 * A file is taken into memory whole and looked at: one that our writer made
 * goes to pcapng_reader.c, which rebuilds the stream; anything else goes to
 * libpcap (capture_foreign.c), which knows every dialect of pcap and pcapng
 * and gives frames only.  Whole, because libpcap wants the beginning that the
 * look has consumed, and a pipe cannot be read twice.
 *
 * A message names the file and the byte where it stops making sense.
 */
#include "sim/capture_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_foreign.h"
#include "sim/frametext_buf.h"
#include "sim/pcapng_reader.h"

#define READ_STEP 65536u

struct capture_reader {
	char *r_name;   /* (o) for messages */
	uint8_t *r_own; /* (o) the file, unless the caller keeps it */
	struct pcapng_reader *r_ng;
	struct capture_foreign *r_foreign;
	int64_t r_time; /* of the last event */
	bool r_ended;
	int r_over; /* answer that sticks: 0 or -1, else 1 */
	char r_error[CAPTURE_ERROR_MAX];
};

static void
reader_message(char err[CAPTURE_ERROR_MAX], const char *name, const char *what)
{
	struct textbuf tb;

	textbuf_init(&tb, err, CAPTURE_ERROR_MAX);
	textbuf_name(&tb, strcmp(name, "-") == 0 ? "standard input" : name);
	textbuf_add(&tb, ": %s", what);
}

/* All bytes of a file; *out is allocated, also for an empty file. */
static int
reader_slurp(FILE *f, uint8_t **out, size_t *len)
{
	uint8_t *buf = NULL, *more;
	size_t room = 0, n = 0, got;

	do {
		if (room - n < READ_STEP) {
			room = room == 0 ? 4 * READ_STEP : 2 * room;
			more = room < n ? NULL : realloc(buf, room);
			if (more == NULL) {
				free(buf);
				return (ENOMEM);
			}
			buf = more;
		}
		got = fread(buf + n, 1, room - n, f);
		n += got;
	} while (got > 0);
	if (ferror(f)) {
		free(buf);
		return (errno != 0 ? errno : EIO);
	}
	*out = buf;
	*len = n;
	return (0);
}

/**
 * capture_reader_mem() - read a capture that is in memory
 * @rp:		out: the reader, closed with capture_reader_close()
 * @name:	for messages
 * @bytes:	the capture; stays the caller's, until the reader is closed
 * @len:	its length in bytes
 * @err:	out: a message, unless CAPTURE_OK is returned
 *
 * Return: CAPTURE_OK; CAPTURE_BADFORMAT it is no capture of Ethernet frames;
 * CAPTURE_IOERR no memory.
 */
enum capture_answer
capture_reader_mem(struct capture_reader **rp, const char *name,
    const uint8_t *bytes, size_t len, char err[CAPTURE_ERROR_MAX])
{
	char why[PCAPNG_WHY_MAX] = "not enough memory";
	struct capture_reader *r;
	int error = ENOMEM;

	*rp = NULL;
	r = calloc(1, sizeof(*r));
	if (r != NULL)
		r->r_name = strdup(name);
	if (r != NULL && r->r_name != NULL && pcapng_reader_ours(bytes, len))
		error = pcapng_reader_new(&r->r_ng, bytes, len, why);
	else if (r != NULL && r->r_name != NULL)
		error = capture_foreign_new(&r->r_foreign, bytes, len, why);
	if (error != 0) {
		reader_message(err, name, why);
		capture_reader_close(r);
		return (error == ENOMEM ? CAPTURE_IOERR : CAPTURE_BADFORMAT);
	}
	r->r_over = 1;
	*rp = r;
	return (CAPTURE_OK);
}

/**
 * capture_reader_open() - read a capture from a file
 * @rp:		out: the reader, closed with capture_reader_close()
 * @path:	file or FIFO, or "-" for standard input
 * @err:	out: a message, unless CAPTURE_OK is returned
 *
 * Return: CAPTURE_OK; CAPTURE_NOOPEN; CAPTURE_IOERR the file cannot be read or
 * memory does not hold it; CAPTURE_BADFORMAT it is no capture of Ethernet
 * frames.
 */
enum capture_answer
capture_reader_open(
    struct capture_reader **rp, const char *path, char err[CAPTURE_ERROR_MAX])
{
	bool std = strcmp(path, "-") == 0;
	enum capture_answer answer;
	uint8_t *bytes = NULL;
	size_t len = 0;
	FILE *f;
	int error;

	*rp = NULL;
	f = std ? stdin : fopen(path, "rb");
	if (f == NULL) {
		reader_message(err, path, strerror(errno));
		return (CAPTURE_NOOPEN);
	}
	errno = 0;
	error = reader_slurp(f, &bytes, &len);
	if (!std)
		(void)fclose(f);
	if (error != 0) {
		reader_message(err, path, strerror(error));
		return (CAPTURE_IOERR);
	}
	answer = capture_reader_mem(rp, path, bytes, len, err);
	if (answer == CAPTURE_OK)
		(*rp)->r_own = bytes;
	else
		free(bytes);
	return (answer);
}

/**
 * capture_reader_next() - the next event
 * @r:	the reader
 * @ev:		out: the event; its strings and bytes are valid until the next
 *		call; members that mean nothing for its kind are 0, NULL or
 *		VNETSIM_NOVNET
 *
 * A capture that is not ours gives FRAME events on link 0, with unknown vnets
 * and verdict SENT, in the file's order; times are those of the file.
 *
 * Return: 1 an event; 0 there are no more; -1 the file is malformed from here
 * on, see capture_reader_error().  The last two stick.
 */
int
capture_reader_next(struct capture_reader *r, struct vnetsim_wire_event *ev)
{
	char why[PCAPNG_WHY_MAX];

	if (r->r_over != 1)
		return (r->r_over);
	memset(ev, 0, sizeof(*ev));
	ev->we_vnet = ev->we_peer = VNETSIM_NOVNET;
	if (r->r_ng != NULL)
		r->r_over = pcapng_reader_next(r->r_ng, ev, why);
	else
		r->r_over = capture_foreign_next(r->r_foreign, ev, why);
	if (r->r_over < 0)
		reader_message(r->r_error, r->r_name, why);
	if (r->r_over == 1) {
		r->r_time = ev->we_time;
		r->r_ended = ev->we_kind == VNETSIM_WIRE_END;
	}
	return (r->r_over);
}

/** capture_reader_error() - why capture_reader_next() answered -1 */
const char *
capture_reader_error(const struct capture_reader *r)
{
	return (r->r_error);
}

/** capture_reader_ours() - whether births, deaths and verdicts are known */
bool
capture_reader_ours(const struct capture_reader *r)
{
	return (r->r_ng != NULL);
}

/** capture_reader_ended() - whether the END event was read */
bool
capture_reader_ended(const struct capture_reader *r)
{
	return (r->r_ended);
}

/**
 * capture_reader_snapped() - whether the last frame was cut when captured
 *
 * Its bytes are not all there, so nobody can say whether it was sound.
 */
bool
capture_reader_snapped(const struct capture_reader *r)
{
	return (r->r_foreign != NULL && capture_foreign_snapped(r->r_foreign));
}

/** capture_reader_converted() - whether Ethernet headers are made up */
bool
capture_reader_converted(const struct capture_reader *r)
{
	return (
	    r->r_foreign != NULL && capture_foreign_converted(r->r_foreign));
}

/** capture_reader_time() - time of the last event read, virtual ns */
int64_t
capture_reader_time(const struct capture_reader *r)
{
	return (r->r_time);
}

/** capture_reader_close() - free a reader; NULL is allowed */
void
capture_reader_close(struct capture_reader *r)
{
	if (r == NULL)
		return;
	pcapng_reader_free(r->r_ng);
	capture_foreign_free(r->r_foreign);
	free(r->r_own);
	free(r->r_name);
	free(r);
}
