/*
 * cmd_check_pcap.c - "vnetsim check-pcap FILE": the wire monitor, offline.
 *
 * The stream of events is rebuilt from the capture and fed to the monitor
 * that a live run feeds, so the findings are the same, word for word.
 *
 * A capture that is not ours names no vnet.  All its frames are then laid at
 * the door of one made-up vnet, "capture", which nobody kills: the monitor
 * looks at their headers and has nothing else to judge.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vnetsim/wiremon.h>

#include "sim/capture_check.h"
#include "sim/capture_reader.h"
#include "sim/capture_cmd.h"
#include "sim/scn.h"

#define EXIT_FINDING 2
#define EXIT_USAGE   64

struct check_opts {
	bool json;
	const char *baseline, *write;
	char today[BASELINE_DATE];
};

static int
check_usage(const char *why)
{
	(void)fprintf(stderr,
	    "vnetsim check-pcap: %s; usage: vnetsim check-pcap [--json] "
	    "[--baseline FILE] [--baseline-write FILE] FILE|-\n",
	    why);
	return (EXIT_USAGE);
}

static void *
check_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (malloc(size));
}

static void
check_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

/* Feed the whole capture; 0, or -1 if it is malformed somewhere. */
static int
check_feed(struct capture_reader *r, struct capture_check *cc)
{
	struct vnetsim_wire_event ev;
	int n;

	if (!cc->cc_ours) {
		memset(&ev, 0, sizeof(ev));
		ev.we_kind = VNETSIM_WIRE_BORN;
		ev.we_name = "capture";
		vnetsim_wiremon_event(cc->cc_wm, &ev);
	}
	while ((n = capture_reader_next(r, &ev)) == 1) {
		if (capture_reader_snapped(r)) {
			cc->cc_snapped++;
			continue;
		}
		if (!cc->cc_ours)
			ev.we_vnet = 0;
		vnetsim_wiremon_event(cc->cc_wm, &ev);
	}
	cc->cc_ended = capture_reader_ended(r);
	vnetsim_wiremon_end(cc->cc_wm, capture_reader_time(r));
	return (n);
}

/* Warnings of a baseline, and the skeleton of a new one. */
static int
check_baseline(const struct capture_check *cc, const struct check_opts *co)
{
	struct baseline_out bo = { 0 };
	int code = 0;

	capture_check_baseline(cc, &bo);
	if (cc->cc_bl != NULL)
		baseline_tell(cc->cc_bl, "check-pcap", true);
	if (co->write != NULL)
		code = baseline_out_write(&bo, co->write, cc->cc_bl, co->today);
	baseline_out_free(&bo);
	return (code);
}

/* Judge an open capture and print; the command's exit code. */
static int
check_capture(struct capture_reader *r, struct capture_check *cc,
    const struct check_opts *co)
{
	struct vnetsim_wire_stats ws;
	int code = 0, io;

	if (check_feed(r, cc) < 0) {
		(void)fprintf(stderr, "vnetsim check-pcap: %s\n",
		    capture_reader_error(r));
		code = CAPTURE_BADFORMAT;
	}
	if (co->json)
		capture_check_json(stdout, cc);
	else
		capture_check_text(stdout, cc);
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		if (errno != EPIPE)
			(void)fprintf(stderr, "vnetsim check-pcap: %s\n",
			    strerror(errno != 0 ? errno : EIO));
		return (CAPTURE_IOERR);
	}
	vnetsim_wiremon_stats(cc->cc_wm, &ws);
	if (ws.ws_incomplete)
		(void)fprintf(stderr,
		    "vnetsim check-pcap: memory ran out; findings may be "
		    "missing\n");
	io = check_baseline(cc, co);
	if (code != 0)
		return (code);
	if (capture_check_new(cc) > 0)
		return (EXIT_FINDING);
	return (ws.ws_incomplete || io != 0 ? CAPTURE_IOERR : 0);
}

static int
check_file(const char *path, const struct check_opts *co, struct baseline *bl)
{
	static const struct vnetsim_wiremon_mem mem = { check_alloc, check_free,
		NULL };
	struct capture_check cc = { .cc_bl = bl };
	char err[CAPTURE_ERROR_MAX];
	struct capture_reader *r;
	enum capture_answer answer;
	int code;

	answer = capture_reader_open(&r, path, err);
	if (answer != CAPTURE_OK) {
		(void)fprintf(stderr, "vnetsim check-pcap: %s\n", err);
		return ((int)answer);
	}
	cc.cc_ours = capture_reader_ours(r);
	cc.cc_wm = vnetsim_wiremon_create(&mem);
	if (cc.cc_wm != NULL) {
		code = check_capture(r, &cc, co);
	} else {
		(void)fprintf(
		    stderr, "vnetsim check-pcap: %s\n", strerror(ENOMEM));
		code = CAPTURE_IOERR;
	}
	vnetsim_wiremon_destroy(cc.cc_wm);
	capture_reader_close(r);
	return (code);
}

/* An option that getopt_long() does not take. */
static int
check_unknown(const char *word, int c, const struct option *options)
{
	const char *names[8], *near;
	char why[160], name[64];
	size_t n;

	if (c == ':') {
		(void)snprintf(
		    why, sizeof(why), "a value is missing behind %.64s", word);
		return (check_usage(why));
	}
	for (n = 0; n < 8 && options[n].name != NULL; n++)
		names[n] = options[n].name;
	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(word + strspn(word, "-"), "="),
	    word + strspn(word, "-"));
	near = scn_didyoumean(name, names, n);
	(void)snprintf(why, sizeof(why), "unknown option '%.64s'%s%s%s", word,
	    near != NULL ? "; did you mean --" : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	return (check_usage(why));
}

/* Take the options apart.  Return: 0 or EXIT_USAGE, told. */
static int
check_options(int argc, char **argv, struct check_opts *co)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "baseline", required_argument, NULL, 'b' },
		{ "baseline-write", required_argument, NULL, 'w' },
		{ "today", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	baseline_today(co->today);
	optind = 0; /* the spelling of "start anew" that every libc knows */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'j')
			co->json = true;
		else if (c == 'b')
			co->baseline = optarg;
		else if (c == 'w')
			co->write = optarg;
		else if (c != 't')
			return (check_unknown(argv[optind - 1], c, options));
		else if (!baseline_date(optarg, co->today))
			return (check_usage("--today wants YYYY-MM-DD"));
	}
	if (argc - optind != 1)
		return (check_usage("one file is needed"));
	return (0);
}

/**
 * cmd_check_pcap() - the command "check-pcap"
 * @argc:	number of words
 * @argv:	"check-pcap", options, file; "-" is standard input
 *
 * --json prints one JSON object.  The caller ignores SIGPIPE.
 *
 * Return: the exit code: 0 no finding, or known ones only; 2 findings; 64
 * usage; 65 no capture, or damaged (what was readable is judged and printed),
 * or errors in the baseline; 66 cannot be opened; 74 reading, writing or
 * memory failed.
 */
int
cmd_check_pcap(int argc, char **argv)
{
	struct check_opts co = { .json = false };
	struct baseline bl = { 0 };
	int code;

	code = check_options(argc, argv, &co);
	if (code == 0 && co.baseline != NULL)
		code = baseline_read(&bl, co.baseline, co.today, "check-pcap");
	if (code == 0)
		code = check_file(
		    argv[optind], &co, co.baseline != NULL ? &bl : NULL);
	baseline_free(&bl);
	return (code);
}
