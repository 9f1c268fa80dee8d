/*
 * cmd_decode.c - "vnetsim decode FILE": a capture as one line per event.
 *
 * For one of our captures the facts (births, kills, deaths) stand between the
 * frames where they happened; for any other capture there are frames only.
 * What can be read of a damaged file is printed before the error.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "sim/capture_reader.h"
#include "sim/capture_cmd.h"
#include "sim/frametext.h"

#define EXIT_USAGE 64

static int
decode_usage(const char *why)
{
	(void)fprintf(stderr,
	    "vnetsim decode: %s; usage: vnetsim decode [-n] FILE|-\n", why);
	return (EXIT_USAGE);
}

/* All lines; 0 or -1 of the reader, or errno of the output. */
static int
decode_lines(struct capture_reader *r, struct frametext_state *st, int *error)
{
	struct vnetsim_wire_event ev;
	char line[FRAMETEXT_MAX];
	int n;

	while ((n = capture_reader_next(r, &ev)) == 1) {
		(void)frametext(line, sizeof(line), &ev, st);
		if (fprintf(stdout, "%s\n", line) < 0)
			break;
	}
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		*error = errno != 0 ? errno : EIO;
	return (n);
}

/* Read @path to its end and print it; the command's exit code. */
static int
decode_file(const char *path, unsigned flags)
{
	char err[CAPTURE_ERROR_MAX];
	struct frametext_state *st;
	struct capture_reader *r;
	enum capture_answer answer;
	int error = 0;

	answer = capture_reader_open(&r, path, err);
	if (answer != CAPTURE_OK) {
		(void)fprintf(stderr, "vnetsim decode: %s\n", err);
		return ((int)answer);
	}
	st = frametext_state_new(flags);
	if (st == NULL)
		error = ENOMEM;
	else if (decode_lines(r, st, &error) < 0) {
		answer = CAPTURE_BADFORMAT;
		(void)fprintf(
		    stderr, "vnetsim decode: %s\n", capture_reader_error(r));
	}
	/* a reader that went away ("| head") knows why there is no more */
	if (error != 0 && error != EPIPE)
		(void)fprintf(stderr, "vnetsim decode: %s\n", strerror(error));
	frametext_state_free(st);
	capture_reader_close(r);
	return (error != 0 ? CAPTURE_IOERR : (int)answer);
}

/**
 * cmd_decode() - the command "decode"
 * @argc:	number of words
 * @argv:	"decode", options, file; "-" is standard input
 *
 * -n, --numeric shows vnets by number.  The caller ignores SIGPIPE.
 *
 * Return: the exit code: 0; 64 usage; 65 no capture, or damaged; 66 cannot be
 * opened; 74 reading or writing failed.
 */
int
cmd_decode(int argc, char **argv)
{
	static const struct option options[] = {
		{ "numeric", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned flags = 0;
	int c;

	optind = 0; /* the spelling of "start anew" that every libc knows */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "n", options, NULL)) != -1) {
		if (c != 'n')
			return (decode_usage("unknown option"));
		flags |= FRAMETEXT_NUMERIC;
	}
	if (argc - optind != 1)
		return (decode_usage("one file is needed"));
	return (decode_file(argv[optind], flags));
}
