/*
 * capture.c - record the stream of wire events in a file.
 *
 * Two formats behind one door: pcapng, from which the reader rebuilds the
 * stream exactly (docs/CAPTURE.md), and classic pcap, which carries frames
 * only.  Both hand whole records to capture_out.c, where buffering, errors
 * and cutting live.
 *
 * A capture is an observer.  When it fails, the run goes on and its results
 * stand: the failure is reported once, and every later call answers the same
 * error without doing anything, so a caller may look at the result of
 * capture_close() alone.
 *
 * Save and restore: a mark is five numbers.  Rewinding to it makes file and
 * counters what they were, so that a world that is restored and runs the same
 * way again leaves the same bytes.
 */
#include "sim/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_out.h"
#include "sim/capture_pcap.h"
#include "sim/frametext_buf.h"
#include "sim/pcapng_writer.h"

struct capture {
	enum capture_format c_format;
	struct capture_out c_out;
	struct pcapng_writer c_ng;
	struct capture_pcap c_pcap;
	capture_report *c_report;
	void *c_arg;
	char *c_path; /* (o) for messages */
	bool c_reported;
};

static void
capture_to_stderr(void *arg, const char *message)
{
	(void)arg;
	(void)fprintf(stderr, "vnetsim: %s\n", message);
}

/* Say once that the capture is over, and answer @error. */
static int
capture_fail(struct capture *c, int error)
{
	const struct capture_out *o = &c->c_out;
	struct textbuf tb;
	char msg[512];

	if (o->o_error == 0 || c->c_reported)
		return (error);
	c->c_reported = true;
	textbuf_init(&tb, msg, sizeof(msg));
	textbuf_add(&tb, "capture %.256s: %s after %" PRIu64 " frame%s; ",
	    c->c_path, strerror(o->o_error), o->o_frames,
	    o->o_frames == 1 ? "" : "s");
	textbuf_add(&tb, "%s",
	    o->o_torn ? "its last record is incomplete"
		      : "the capture so far is readable");
	c->c_report(c->c_arg, msg);
	return (error);
}

/**
 * capture_open() - begin a capture
 * @cp:		out: the capture, closed with capture_close(); NULL on error
 * @path:	file to create or overwrite, FIFO, or "-" for standard output
 * @format:	how to write it
 * @report:	called once if the output fails later; NULL: standard error
 * @arg:	for @report
 *
 * The caller ignores SIGPIPE and SIGXFSZ; otherwise they end the process
 * before the error can be told.
 *
 * Return: 0; ENOMEM; what open(2) says.  These are the host's numbers.
 */
int
capture_open(struct capture **cp, const char *path, enum capture_format format,
    capture_report *report, void *arg)
{
	struct capture *c;
	int error;

	*cp = NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return (ENOMEM);
	c->c_format = format;
	c->c_report = report != NULL ? report : capture_to_stderr;
	c->c_arg = arg;
	c->c_out.o_fd = -1;
	c->c_path = strdup(path);
	error = c->c_path == NULL ? ENOMEM : capture_out_open(&c->c_out, path);
	if (error == 0 && format == CAPTURE_PCAP)
		error = capture_pcap_begin(&c->c_pcap, &c->c_out);
	else if (error == 0)
		error = pcapng_writer_begin(&c->c_ng, &c->c_out);
	if (error != 0) {
		c->c_reported = true;
		(void)capture_close(c);
		return (error);
	}
	*cp = c;
	return (0);
}

/**
 * capture_event() - record one event
 *
 * Frames that the link lost are recorded too: their sender sent them.
 *
 * Return: 0;
 *	EINVAL	a frame on a link without a LINK event, an enumeration out of
 *		range, a negative time, a LINK without names, or anything after
 *		END; nothing is recorded and the capture goes on
 *	ENAMETOOLONG	a string beyond 255 bytes; the same
 *	EMSGSIZE	a frame beyond 262,144 bytes; the same
 *	EOVERFLOW	classic pcap: a time beyond 2^32 s; the same
 *	ENOMEM	no room for another link; the same
 *	otherwise the output's error, which ends the capture
 */
int
capture_event(struct capture *c, const struct vnetsim_wire_event *ev)
{
	int error;

	if (c->c_out.o_error != 0)
		return (c->c_out.o_error);
	if (c->c_format == CAPTURE_PCAP)
		error = capture_pcap_event(&c->c_pcap, &c->c_out, ev);
	else
		error = pcapng_writer_event(&c->c_ng, &c->c_out, ev);
	return (capture_fail(c, error));
}

/**
 * capture_batch() - a batch of events is over
 *
 * What goes to a FIFO or standard output is written now, because somebody is
 * watching; a file waits until its buffer is full.
 *
 * Return: 0 or the output's error.
 */
int
capture_batch(struct capture *c)
{
	return (c->c_out.o_regular ? c->c_out.o_error : capture_flush(c));
}

/** capture_flush() - write what was gathered; Return: 0 or the error */
int
capture_flush(struct capture *c)
{
	return (capture_fail(c, capture_out_flush(&c->c_out)));
}

/** capture_mark() - where the capture stands now; writes nothing */
struct capture_mark
capture_mark(const struct capture *c)
{
	struct capture_mark m;

	memset(&m, 0, sizeof(m));
	m.cm_offset = capture_out_offset(&c->c_out);
	if (c->c_format == CAPTURE_PCAP) {
		m.cm_frames = c->c_pcap.cp_frames;
		return (m);
	}
	m.cm_frames = c->c_ng.w_frames;
	m.cm_events = c->c_ng.w_events;
	m.cm_links = c->c_ng.w_nlinks;
	m.cm_ended = c->c_ng.w_ended;
	return (m);
}

/**
 * capture_rewind() - forget everything behind a mark
 * @c:	the capture
 * @mark:	from capture_mark() of this capture, and the capture has not
 *		been rewound to before it since
 *
 * Return: 0; EINVAL @mark is none of this capture; ESPIPE the output is a
 * FIFO, a device or "-"; the output's error, also an earlier one.
 */
int
capture_rewind(struct capture *c, const struct capture_mark *mark)
{
	int error;

	if (c->c_format == CAPTURE_PCAPNG &&
	    (mark->cm_links > c->c_ng.w_nlinks ||
		mark->cm_events > c->c_ng.w_events))
		return (EINVAL);
	error = capture_out_rewind(&c->c_out, mark->cm_offset, mark->cm_frames);
	if (error != 0)
		return (capture_fail(c, error));
	c->c_pcap.cp_frames = mark->cm_frames;
	c->c_ng.w_frames = mark->cm_frames;
	c->c_ng.w_events = mark->cm_events;
	c->c_ng.w_nlinks = (size_t)mark->cm_links;
	c->c_ng.w_ended = mark->cm_ended != 0;
	return (0);
}

/**
 * capture_close() - end a capture
 *
 * Takes:	@c, whatever is returned; NULL is allowed.
 * Return: 0, or the error that ended it, now or earlier.
 */
int
capture_close(struct capture *c)
{
	int error;

	if (c == NULL)
		return (0);
	error = capture_fail(c, capture_out_close(&c->c_out));
	pcapng_writer_end(&c->c_ng);
	capture_pcap_end(&c->c_pcap);
	free(c->c_path);
	free(c);
	return (error);
}
