/*
 * cmd_import.c - "vnetsim import FILE": a captured connection as a scenario.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_cmd.h"
#include "sim/import.h"

#define EXIT_USAGE   64
#define EXIT_DATA    65
#define EXIT_NOINPUT 66
#define EXIT_OUTPUT  74

struct options {
	const char *file;
	const char *out;
	const char *near;
	size_t flow; /* 0: the only one */
	bool list;
};

static int
usage(const char *why)
{
	(void)fprintf(stderr,
	    "vnetsim import: %s; usage: vnetsim import [--flow N] "
	    "[--near ADDR[:PORT]] [-o OUT.scn] FILE|-, or --list FILE|-\n",
	    why);
	return (EXIT_USAGE);
}

static void
addr_text(char buf[32], uint32_t a, uint16_t port)
{
	(void)snprintf(buf, 32, "%u.%u.%u.%u:%u", a >> 24, a >> 16 & 255,
	    a >> 8 & 255, a & 255, port);
}

static void
list(FILE *f, const struct import *im)
{
	const struct import_flow *fl;
	char a[32], b[32];

	for (size_t i = 0; i < im->im_n; i++) {
		fl = &im->im_flow[i];
		addr_text(a, fl->if_addr[0], fl->if_port[0]);
		addr_text(b, fl->if_addr[1], fl->if_port[1]);
		(void)fprintf(f, "%zu %s > %s %zu segments%s%s%s\n", i + 1, a,
		    b, fl->if_n,
		    (fl->if_seg[0].is_flags & (IMP_SYN | IMP_ACK)) == IMP_SYN
			? ""
			: ", begins in the middle",
		    fl->if_rst                       ? ", reset"
		    : fl->if_fin[0] && fl->if_fin[1] ? ", closed"
						     : "",
		    fl->if_n > IMPORT_SEGS_MAX ? ", too long" : "");
	}
}

/* The connection that is meant; NULL: @why says why not. */
static struct import_flow *
choose(struct import *im, const struct options *op, char *why)
{
	struct import_flow *fl;

	if (im->im_n == 0) {
		(void)snprintf(why, IMPORT_WHY,
		    "no TCP connection over IPv4 in %" PRIu64
		    " frames (%" PRIu64 " of IPv6, %" PRIu64
		    " fragments or malformed)",
		    im->im_frames, im->im_ip6, im->im_bad);
		return (NULL);
	}
	if (op->flow > im->im_n || (op->flow == 0 && im->im_n > 1)) {
		(void)snprintf(why, IMPORT_WHY,
		    "%zu connections; --flow N chooses one, --list shows them",
		    im->im_n);
		return (NULL);
	}
	fl = &im->im_flow[op->flow == 0 ? 0 : op->flow - 1];
	return (import_tellable(fl, why) ? fl : NULL);
}

/* --near, or who closes first; -1: neither side is called so. */
static int
near_side(const struct import_flow *fl, const char *near)
{
	char text[32];
	size_t n;

	if (near == NULL)
		return (import_near(fl));
	n = strlen(near);
	for (int side = 0; side < 2; side++) {
		addr_text(text, fl->if_addr[side], fl->if_port[side]);
		if (strncmp(text, near, n) == 0 &&
		    (text[n] == '\0' || text[n] == ':'))
			return (side);
	}
	return (-1);
}

static int
write_out(const struct rbuf *rb, const char *path)
{
	FILE *f = path == NULL ? stdout : fopen(path, "w");
	bool bad;

	if (f == NULL) {
		(void)fprintf(
		    stderr, "vnetsim import: %s: %s\n", path, strerror(errno));
		return (EXIT_OUTPUT);
	}
	bad = rb->rb_nomem || fputs(rbuf_str(rb), f) == EOF;
	bad |= path == NULL ? fflush(f) != 0 : fclose(f) != 0;
	if (bad)
		(void)fprintf(stderr, "vnetsim import: %s: %s\n",
		    path != NULL ? path : "output",
		    rb->rb_nomem ? "not enough memory" : strerror(errno));
	return (bad ? EXIT_OUTPUT : 0);
}

static int
import(struct import *im, const struct options *op, char *why)
{
	const char *base = strrchr(op->file, '/');
	struct import_flow *fl;
	struct rbuf rb = { 0 };
	int near, status;

	if (op->list) {
		list(stdout, im);
		return (fflush(stdout) == 0 ? 0 : EXIT_OUTPUT);
	}
	fl = choose(im, op, why);
	if (fl == NULL)
		return (EXIT_DATA);
	near = near_side(fl, op->near);
	if (near < 0) {
		(void)snprintf(why, IMPORT_WHY,
		    "--near %.64s is no side of this connection", op->near);
		return (EXIT_USAGE);
	}
	import_write(&rb, fl, near, base != NULL ? base + 1 : op->file,
	    op->flow == 0 ? 1 : op->flow);
	status = write_out(&rb, op->out);
	rbuf_free(&rb);
	return (status);
}

static const char *
parse(int argc, char **argv, struct options *op)
{
	static const struct option options[] = {
		{ "flow", required_argument, NULL, 'f' },
		{ "near", required_argument, NULL, 'n' },
		{ "list", no_argument, NULL, 'l' },
		{ "output", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	char *end;
	long n;
	int c;

	optind = 0; /* the spelling of "start anew" that every libc knows */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			n = strtol(optarg, &end, 10);
			if (*optarg == '\0' || *end != '\0' || n < 1 ||
			    n > IMPORT_FLOWS_MAX)
				return ("--flow counts from 1");
			op->flow = (size_t)n;
			break;
		case 'n':
			op->near = optarg;
			break;
		case 'o':
			op->out = optarg;
			break;
		case 'l':
			op->list = true;
			break;
		default:
			return ("unknown option, or one without its value");
		}
	}
	if (argc - optind != 1)
		return ("one file is needed");
	op->file = argv[optind];
	return (NULL);
}

/**
 * cmd_import() - the command "import"
 * @argc:	number of words
 * @argv:	"import", options, file; "-" is standard input
 *
 * Return:	the exit code: 0; 64 usage; 65 no capture, a damaged one, or no
 *		connection in it that can be told; 66 cannot be opened; 74
 *		reading or writing failed, no memory.
 */
int
cmd_import(int argc, char **argv)
{
	struct options op = { 0 };
	char why[IMPORT_WHY] = "";
	struct import im;
	const char *bad;
	int error, status;

	bad = parse(argc, argv, &op);
	if (bad != NULL)
		return (usage(bad));
	error = import_read(&im, op.file, why);
	if (error == 0)
		status = import(&im, &op, why);
	else
		status = error == ENOENT                   ? EXIT_NOINPUT
			 : error == EIO || error == ENOMEM ? EXIT_OUTPUT
							   : EXIT_DATA;
	if (status != 0 && why[0] != '\0')
		(void)fprintf(stderr, "vnetsim import: %s%s%s\n",
		    error == 0 ? op.file : "", error == 0 ? ": " : "", why);
	import_free(&im);
	return (status);
}
