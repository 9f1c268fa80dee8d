/*
 * dump_file.c - worlds on file: writing, also when all is lost, and reading.
 *
 * Writing may happen in the handler of a fatal signal: only functions that are
 * async-signal-safe, no memory from the heap.  Directories on the way are
 * made.  A file that cannot be completed is removed, so that what is there can
 * be read.
 *
 * Reading takes the whole file into memory instead of mapping it: a file that
 * is cut meanwhile, or a pipe, must not end the reader by a signal.
 */
#include "sim/dump_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DUMP_BUFFER 4096u

struct dump_out {
	int do_fd, do_error;
	size_t do_n;
	char do_buf[DUMP_BUFFER];
};

/* All of it.  Return: 0 or errno. */
static int
put(int fd, const char *p, size_t n)
{
	ssize_t got;

	while (n > 0) {
		got = write(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (got < 0 ? errno : EIO);
		p += got;
		n -= (size_t)got;
	}
	return (0);
}

static int
dump_flush(struct dump_out *out)
{
	if (out->do_error == 0)
		out->do_error = put(out->do_fd, out->do_buf, out->do_n);
	out->do_n = 0;
	return (out->do_error);
}

/* vnetsim_dump()'s writer; small pieces are collected. */
static int
dump_piece(void *ctx, const void *p, size_t n)
{
	struct dump_out *out = ctx;

	if (out->do_n + n > sizeof(out->do_buf) && dump_flush(out) != 0)
		return (out->do_error);
	if (n > sizeof(out->do_buf)) {
		out->do_error = put(out->do_fd, p, n);
		return (out->do_error);
	}
	memcpy(out->do_buf + out->do_n, p, n);
	out->do_n += n;
	return (0);
}

/* The directories above @path.  What fails here fails again at the open. */
static int
make_dirs(const char *path)
{
	char copy[DUMP_PATH];
	size_t n = strlen(path);

	if (n >= sizeof(copy))
		return (ENAMETOOLONG);
	memcpy(copy, path, n + 1);
	for (size_t i = 1; i < n; i++)
		if (copy[i] == '/') {
			copy[i] = '\0';
			(void)mkdir(copy, 0777);
			copy[i] = '/';
		}
	return (0);
}

/**
 * dump_write() - write a world into a file
 * @w:		world in any state
 * @reason:	one line
 * @path:	file; directories on the way are made, an old file is replaced
 *
 * Async-signal-safe; about 20 KiB of stack: the one on which AddressSanitizer
 * calls has 32.
 * Return:	0 or the host's errno; then there is no file.
 */
int
dump_write(struct vnetsim *w, const char *reason, const char *path)
{
	struct dump_out out;
	int error;

	error = make_dirs(path);
	if (error != 0)
		return (error);
	out.do_error = 0;
	out.do_n = 0;
	out.do_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out.do_fd < 0)
		/* cppcheck-suppress memleak ; there is none */
		return (errno);
	error = vnetsim_dump(w, reason, dump_piece, &out);
	if (error == 0)
		error = dump_flush(&out);
	if (close(out.do_fd) != 0 && error == 0)
		error = errno;
	if (error != 0)
		(void)unlink(path);
	return (error);
}

/**
 * dump_read() - a whole file
 * @path:	file
 * @bytes:	out, on success: free() it
 * @len:	out, its length
 *
 * Return:	0 or the host's errno.
 */
int
dump_read(const char *path, char **bytes, size_t *len)
{
	size_t n = 0, cap = 0;
	char *buf = NULL, *more;
	ssize_t got = 1;
	int error = 0, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (errno);
	while (got != 0) {
		if (n == cap) {
			cap = cap == 0 ? (size_t)1 << 20 : cap * 2;
			more = realloc(buf, cap);
			if (more == NULL) {
				error = ENOMEM;
				break;
			}
			buf = more;
		}
		got = read(fd, buf + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			error = errno;
			break;
		}
		n += (size_t)got;
	}
	(void)close(fd);
	if (error != 0) {
		free(buf);
		return (error);
	}
	*bytes = buf;
	*len = n;
	return (0);
}
