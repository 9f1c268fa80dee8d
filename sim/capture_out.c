/*
 * capture_out.c - where a capture's bytes go: whole records, or nothing.
 *
 * Theory of operation
 * ===================
 *
 * A format (pcapng, classic pcap) puts the bytes of one record and commits
 * it; a record is the unit that a reader must find whole.  Records gather in
 * a buffer that always begins at a record's edge, and are written when 64 KiB
 * or 2,048 of them are there, or on flush.
 *
 *	file:    | records on disk ......... |
 *	buffer:                              | rec | rec | rec | open record
 *	         0                       o_disk               o_used   o_fill
 *
 * When a write fails the buffer's list of edges says where the last whole
 * record ends; a regular file is cut there, so that what was captured can be
 * read.  The error sticks: everything after it answers the same number and
 * touches the file no more, because a hole would be worse than an end.
 *
 * Rewinding goes to an edge too: within the buffer by forgetting its tail,
 * below it by cutting the file.  A stream (pipe, terminal, standard output
 * of any kind) cannot forget what somebody has read.
 *
 * Numbers here are errno values of the host, because the host's file system
 * speaks; they end in a message, never in the simulation.
 */
#include "sim/capture_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUF_SIZE (CAPTURE_OUT_BUF + CAPTURE_RECORD_MAX)

/**
 * capture_out_open() - open the output
 * @o:		out: an empty output
 * @path:	file to create or cut to nothing, or a FIFO, or "-" for
 *		standard output
 *
 * Opening a FIFO waits for its reader.
 *
 * Return: 0; ENOMEM; what open(2) says, and nothing is open.
 */
int
capture_out_open(struct capture_out *o, const char *path)
{
	struct stat st;
	int error;

	memset(o, 0, sizeof(*o));
	o->o_fd = -1;
	o->o_buf = malloc(BUF_SIZE);
	if (o->o_buf == NULL)
		return (ENOMEM);
	if (strcmp(path, "-") == 0) {
		o->o_fd = STDOUT_FILENO;
		return (0);
	}
	do {
		o->o_fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	} while (o->o_fd < 0 && errno == EINTR);
	o->o_ours = o->o_fd >= 0;
	if (!o->o_ours || fstat(o->o_fd, &st) != 0) {
		error = errno;
		(void)capture_out_close(o);
		return (error);
	}
	o->o_regular = S_ISREG(st.st_mode);
	return (0);
}

/**
 * capture_out_put() - append bytes to the open record
 *
 * A record beyond CAPTURE_RECORD_MAX is refused by its commit.
 */
void
capture_out_put(struct capture_out *o, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	if (n > BUF_SIZE - o->o_used || o->o_fill > BUF_SIZE - n) {
		o->o_fill = BUF_SIZE + 1;
		return;
	}
	memcpy(o->o_buf + o->o_fill, bytes, n);
	o->o_fill += n;
}

/** capture_out_put16() - append a number, least significant byte first */
void
capture_out_put16(struct capture_out *o, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	capture_out_put(o, b, sizeof(b));
}

/** capture_out_put32() - append a number, least significant byte first */
void
capture_out_put32(struct capture_out *o, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		(uint8_t)(v >> 24) };

	capture_out_put(o, b, sizeof(b));
}

/** capture_out_patch32() - write over a number put at o_fill == @at */
void
capture_out_patch32(struct capture_out *o, size_t at, uint32_t v)
{
	size_t fill = o->o_fill;

	if (fill > BUF_SIZE)
		return;
	o->o_fill = at;
	capture_out_put32(o, v);
	o->o_fill = fill;
}

/**
 * capture_out_commit() - the open record is whole
 * @o:	the output
 * @frame:	it is a frame, counted in messages
 *
 * Return: 0; EMSGSIZE the record is larger than CAPTURE_RECORD_MAX and was
 * dropped; the error of the output.
 */
int
capture_out_commit(struct capture_out *o, bool frame)
{
	if (o->o_error != 0) {
		capture_out_abandon(o);
		return (o->o_error);
	}
	if (o->o_fill > BUF_SIZE ||
	    o->o_fill - o->o_used > CAPTURE_RECORD_MAX) {
		capture_out_abandon(o);
		return (EMSGSIZE);
	}
	o->o_used = o->o_fill;
	o->o_end[o->o_nrec] = (uint32_t)o->o_used;
	o->o_frame[o->o_nrec++] = frame;
	if (o->o_used >= CAPTURE_OUT_BUF || o->o_nrec == CAPTURE_OUT_RECORDS)
		return (capture_out_flush(o));
	return (0);
}

/** capture_out_abandon() - forget the open record */
void
capture_out_abandon(struct capture_out *o)
{
	o->o_fill = o->o_used;
}

/* Write all of the buffer.  The number of bytes that went out is in *done. */
static int
out_write(struct capture_out *o, size_t *done)
{
	struct pollfd pfd;
	ssize_t n;

	for (*done = 0; *done < o->o_used; *done += (size_t)n) {
		n = write(o->o_fd, o->o_buf + *done, o->o_used - *done);
		if (n > 0)
			continue;
		if (n == 0)
			return (EIO);
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/* somebody made our standard output non-blocking */
			pfd.fd = o->o_fd;
			pfd.events = POLLOUT;
			(void)poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			return (errno);
		}
		n = 0;
	}
	return (0);
}

/* @done bytes of the buffer are written: account for the whole records. */
static size_t
out_account(struct capture_out *o, size_t done)
{
	size_t edge = 0;
	uint32_t i;

	for (i = 0; i < o->o_nrec && o->o_end[i] <= done; i++) {
		edge = o->o_end[i];
		o->o_frames += o->o_frame[i];
	}
	o->o_disk += edge;
	o->o_used = o->o_fill = 0;
	o->o_nrec = 0;
	return (edge);
}

/**
 * capture_out_flush() - write what was gathered
 *
 * Return: 0, or the output's error (ENOSPC, EFBIG, EPIPE, EIO ...), now or
 * earlier; a regular file then ends behind its last whole record.
 */
int
capture_out_flush(struct capture_out *o)
{
	size_t done, edge;

	if (o->o_error != 0)
		return (o->o_error);
	capture_out_abandon(o);
	o->o_error = out_write(o, &done);
	edge = out_account(o, done);
	if (o->o_error != 0 && edge != done) {
		o->o_torn =
		    !o->o_regular || ftruncate(o->o_fd, (off_t)o->o_disk) != 0;
	}
	return (o->o_error);
}

/** capture_out_offset() - bytes of all whole records, written or gathered */
uint64_t
capture_out_offset(const struct capture_out *o)
{
	return (o->o_disk + o->o_used);
}

/**
 * capture_out_rewind() - forget every record from @offset on
 * @o:	the output
 * @offset:	value of capture_out_offset() at an earlier time
 * @frames:	frames before it
 *
 * Return: 0; EINVAL @offset is no edge of a record that exists; ESPIPE the
 * output is a stream; the output's error.
 */
int
capture_out_rewind(struct capture_out *o, uint64_t offset, uint64_t frames)
{
	uint32_t n = o->o_nrec;
	off_t at = (off_t)offset;

	if (o->o_error != 0)
		return (o->o_error);
	if (!o->o_regular)
		return (ESPIPE);
	if (offset > capture_out_offset(o))
		return (EINVAL);
	if (offset >= o->o_disk) {
		while (n > 0 && o->o_disk + o->o_end[n - 1] > offset)
			n--;
		if (offset != o->o_disk + (n > 0 ? o->o_end[n - 1] : 0))
			return (EINVAL);
		o->o_nrec = n;
		o->o_used = o->o_fill = (size_t)(offset - o->o_disk);
		return (0);
	}
	if (ftruncate(o->o_fd, at) != 0 || lseek(o->o_fd, at, SEEK_SET) != at) {
		o->o_error = errno;
		o->o_torn = true;
		return (o->o_error);
	}
	o->o_disk = offset;
	o->o_frames = frames;
	o->o_nrec = 0;
	o->o_used = o->o_fill = 0;
	return (0);
}

/**
 * capture_out_close() - flush and close; @o may be only partly open
 *
 * Return: 0, or the output's error, that of close(2) included.
 */
int
capture_out_close(struct capture_out *o)
{
	int error = 0;

	if (o->o_fd >= 0 && o->o_buf != NULL)
		error = capture_out_flush(o);
	if (o->o_ours && close(o->o_fd) != 0 && error == 0)
		error = o->o_error = errno;
	o->o_fd = -1;
	o->o_ours = false;
	free(o->o_buf);
	o->o_buf = NULL;
	return (error);
}
