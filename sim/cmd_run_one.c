/*
 * cmd_run_one.c - one scenario in a worker: play, judge again, keep, report.
 *
 *	plain		one play
 *	--again		two plays with the same seed; captures, reports, times
 *			and the final hash of the wire must be equal (4)
 *	--fail-alloc N	one play; if a call failed for want of memory a second
 *			one compares the state before and after that call
 *	--fail-alloc all  the same for N = 1, 2, ... until the N-th allocation
 *			is not asked for any more
 *
 * A run that is not well is played once more with capture and trace, which
 * determinism makes the same run.  A job number beyond the files means: that
 * file panicked or was late, play it again and record (enum run_job).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cmd_run.h"
#include "sim/tap.h"

struct one {
	struct run_ctx *o_ctx;
	const struct run_file *o_file;
	struct worker *o_wk;
	struct player *o_p;
	struct play_opts o_po;
	struct report o_rp;
	struct rbuf o_msg, o_more, o_repeat, o_kept, o_output;
	struct rbuf o_dump; /* where dumps go, up to their names */
	FILE *o_trace;
	struct capture *o_capture;
	int o_io; /* EXIT_IO: a file could not be written */
};

/* mkdir -p.  Return: 0 or EXIT_IO, told. */
int
run_mkdir(const char *path)
{
	char *copy = strdup(path), *p;
	int error = 0;

	if (copy == NULL)
		return (EXIT_IO);
	for (p = copy + 1; error == 0; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
			(void)fprintf(
			    stderr, "vnetsim: %s: %s\n", copy, strerror(errno));
			error = EXIT_IO;
		}
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return (error);
}

static void
one_flush(void *arg)
{
	struct one *o = arg;

	if (o->o_capture != NULL)
		(void)capture_flush(o->o_capture);
	if (o->o_trace != NULL)
		(void)fflush(o->o_trace);
}

/* Open a capture for the next play. */
static void
one_capture(struct one *o, const char *path, enum capture_format format)
{
	int error = capture_open(&o->o_capture, path, format, NULL, NULL);

	o->o_p->p_capture = o->o_capture;
	if (error == 0)
		return;
	o->o_io = EXIT_IO;
	(void)fprintf(stderr, "vnetsim: %s: %s\n", path, strerror(error));
}

static void
one_trace(struct one *o, const char *path)
{
	bool out = strcmp(path, "-") == 0;

	o->o_trace = out ? stderr : fopen(path, "w");
	o->o_p->p_trace = o->o_trace;
	if (o->o_trace != NULL)
		return;
	o->o_io = EXIT_IO;
	(void)fprintf(stderr, "vnetsim: %s: %s\n", path, strerror(errno));
}

static void
one_closefiles(struct one *o)
{
	if (o->o_capture != NULL && capture_close(o->o_capture) != 0)
		o->o_io = EXIT_IO;
	if (o->o_trace != NULL && o->o_trace != stderr &&
	    fclose(o->o_trace) != 0) {
		o->o_io = EXIT_IO;
		(void)fprintf(stderr, "vnetsim: trace: %s\n", strerror(errno));
	}
	o->o_capture = o->o_p->p_capture = NULL;
	o->o_trace = o->o_p->p_trace = NULL;
}

/* The directory where this scenario's files are kept. */
static const char *
one_dir(struct one *o)
{
	rbuf_cut(&o->o_kept, 0);
	rbuf_add(
	    &o->o_kept, "%s/%s", o->o_ctx->rc_opts->ro_out, o->o_file->rf_name);
	return (rbuf_str(&o->o_kept));
}

/*
 * Capture and trace into the directory that is kept.  Who was late is killed
 * again: then the capture has to be whole at each moment, and a trace, which
 * has no end, is of no use.
 */
static void
one_record(struct one *o, bool late)
{
	struct rbuf path = { 0 };

	o->o_p->p_flush = late;

	o->o_io |= run_mkdir(one_dir(o));
	rbuf_add(&path, "%s/capture.pcapng", rbuf_str(&o->o_kept));
	one_capture(o, rbuf_str(&path), CAPTURE_PCAPNG);
	rbuf_cut(&path, o->o_kept.rb_len);
	rbuf_add(&path, "/trace.txt");
	if (!late)
		one_trace(o, rbuf_str(&path));
	rbuf_free(&path);
}

/* What --pcap and --trace ask for. */
static void
one_asked(struct one *o)
{
	const struct run_opts *ro = o->o_ctx->rc_opts;
	struct rbuf path = { 0 };

	o->o_p->p_flush = ro->ro_timeout > 0;
	if (ro->ro_pcap != NULL) {
		o->o_io |= run_mkdir(ro->ro_pcap);
		rbuf_add(&path, "%s/%s.%s", ro->ro_pcap, o->o_file->rf_name,
		    ro->ro_format == CAPTURE_PCAP ? "pcap" : "pcapng");
		one_capture(o, rbuf_str(&path), ro->ro_format);
	}
	if (ro->ro_trace != NULL && *ro->ro_trace != '\0')
		one_trace(o, ro->ro_trace);
	else if (ro->ro_trace != NULL) {
		rbuf_cut(&path, 0);
		o->o_io |= run_mkdir(one_dir(o));
		rbuf_add(&path, "%s/trace.txt", rbuf_str(&o->o_kept));
		one_trace(o, rbuf_str(&path));
		rbuf_cut(&o->o_kept, 0);
	}
	rbuf_free(&path);
}

/* Where the world goes if it is lost, and where the script's dumps go. */
static void
one_dumps(struct one *o)
{
	const struct run_opts *ro = o->o_ctx->rc_opts;
	struct rbuf path = { 0 };

	if (ro->ro_dumpdir != NULL)
		rbuf_add(
		    &o->o_dump, "%s/%s.", ro->ro_dumpdir, o->o_file->rf_name);
	else
		rbuf_add(&o->o_dump, "%s/%s/", ro->ro_out, o->o_file->rf_name);
	rbuf_add(&path, "%s%s", rbuf_str(&o->o_dump),
	    ro->ro_dumpdir != NULL ? "dump" : "world.dump");
	worker_dump(o->o_wk, rbuf_str(&path));
	scn_env_dump(o->o_p->p_env, rbuf_str(&o->o_dump));
	rbuf_free(&path);
}

static void
one_message(struct one *o, const char *text)
{
	if (text == NULL)
		return;
	rbuf_add(&o->o_msg, "%s%s", o->o_msg.rb_len > 0 ? "\n" : "", text);
}

/* One play, and a second one where a call has to be looked at. */
static int
one_play(struct one *o)
{
	struct player *p = o->o_p;
	uint64_t call;

	scn_env_hash_at(p->p_env, 0);
	play(p, &o->o_po);
	call = scn_run_unhashed(p->p_env);
	if (o->o_po.po_fail != 0 && p->p_exit == 0 && call != 0) {
		scn_env_hash_at(p->p_env, call);
		play(p, &o->o_po);
		scn_env_hash_at(p->p_env, 0);
	}
	return (p->p_exit);
}

/* --fail-alloc all.  Ends with o_po.po_fail at the one that went wrong. */
static int
one_failall(struct one *o)
{
	char note[64];
	uint64_t n;
	int status;

	/* hundreds of plays of a script whose calls fail: no dumps of it */
	scn_env_dump(o->o_p->p_env, NULL);
	for (n = 1;; n++) {
		(void)snprintf(note, sizeof(note), "--fail-alloc %" PRIu64 "%s",
		    n, o->o_po.po_sticky ? ",sticky" : "");
		worker_note(o->o_wk, note);
		o->o_po.po_fail = n;
		status = one_play(o);
		if (status != 0) {
			rbuf_add(&o->o_more, "%s", note);
			return (status);
		}
		o->o_rp.rp_allocs = n - 1;
		if (!o->o_p->p_consumed)
			return (0);
	}
}

static bool
same_files(const char *a, const char *b)
{
	FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
	char x[4096], y[4096];
	size_t n, m;
	bool same = f != NULL && g != NULL;

	while (same) {
		n = fread(x, 1, sizeof(x), f);
		m = fread(y, 1, sizeof(y), g);
		same = n == m && memcmp(x, y, n) == 0;
		if (n == 0)
			break;
	}
	if (f != NULL)
		(void)fclose(f);
	if (g != NULL)
		(void)fclose(g);
	return (same);
}

/* What must be the same in a second run, as text. */
static void
one_fingerprint(const struct one *o, struct rbuf *out)
{
	const struct player *p = o->o_p;

	rbuf_add(out,
	    "exit %d, %" PRId64 " ns, %" PRIu64 " events, wire %016" PRIx64
	    ", state %016" PRIx64 "\n",
	    p->p_exit, p->p_time, p->p_events, p->p_wirehash, p->p_hash);
	for (uint32_t i = 0; i < scn_run_nfailures(p->p_env); i++)
		rbuf_add(out, "%s\n", scn_run_failure(p->p_env, i)->sf_message);
	report_summary(p, out);
}

/* --again.  Return: the status of the first play, or EXIT_DIFFERS. */
static int
one_again(struct one *o)
{
	char path[2][64] = { "/tmp/vnetsim-a.XXXXXX", "/tmp/vnetsim-b.XXXXXX" };
	struct rbuf fp[2] = { { 0 }, { 0 } };
	int status = 0, fd;

	for (int i = 0; i < 2; i++) {
		fd = mkstemp(path[i]);
		if (fd >= 0)
			(void)close(fd);
		one_capture(o, path[i], CAPTURE_PCAPNG);
		status = play_rank(status, one_play(o));
		one_closefiles(o);
		one_fingerprint(o, &fp[i]);
	}
	if (strcmp(rbuf_str(&fp[0]), rbuf_str(&fp[1])) != 0) {
		status = EXIT_DIFFERS;
		rbuf_add(&o->o_msg,
		    "the second run with the same seed differs:\n%s%s",
		    rbuf_str(&fp[0]), rbuf_str(&fp[1]));
	} else if (!same_files(path[0], path[1])) {
		status = EXIT_DIFFERS;
		one_message(o,
		    "the capture of the second run with the same seed differs");
	}
	for (int i = 0; i < 2; i++) {
		(void)unlink(path[i]);
		rbuf_free(&fp[i]);
	}
	return (status);
}

static int
one_modes(struct one *o)
{
	const struct run_opts *ro = o->o_ctx->rc_opts;

	if (ro->ro_again)
		return (one_again(o));
	if (ro->ro_failall)
		return (one_failall(o));
	return (one_play(o));
}

/* The outcome as text, XML and JSON, behind a line with numbers. */
static void
one_report(struct one *o, struct rbuf *out)
{
	struct rbuf t = { 0 }, x = { 0 }, j = { 0 }, tap = { 0 };
	struct rbuf facts = { 0 }, path = { 0 };
	struct report *rp = &o->o_rp;

	rp->rp_file = o->o_file->rf_path;
	rp->rp_title = o->o_file->rf_script->title;
	rp->rp_time = o->o_p->p_time;
	rp->rp_events = o->o_p->p_events;
	rp->rp_seed = o->o_po.po_hasseed ? o->o_po.po_seed
		      : o->o_file->rf_script->has_seed
			  ? o->o_file->rf_script->seed
			  : 1;
	one_message(o, rp->rp_exit == EXIT_SKIPPED ? play_skip(o->o_p->p_script)
						   : o->o_p->p_why);
	rp->rp_message = o->o_msg.rb_len > 0 ? rbuf_str(&o->o_msg) : NULL;
	rp->rp_player = rp->rp_exit == EXIT_SKIPPED ? NULL : o->o_p;
	rp->rp_baseline = &o->o_ctx->rc_baseline;
	rp->rp_summary = o->o_ctx->rc_files->all == 1 && rp->rp_allocs == 0;
	run_opts_repeat(o->o_ctx->rc_opts, rp->rp_file,
	    o->o_more.rb_len > 0 ? rbuf_str(&o->o_more) : NULL, &o->o_repeat);
	if (rp->rp_exit != 0 && rp->rp_exit != EXIT_SKIPPED)
		rp->rp_repeat = rbuf_str(&o->o_repeat);
	rp->rp_kept = o->o_kept.rb_len > 0 ? rbuf_str(&o->o_kept) : NULL;
	if (o->o_output.rb_len > 0)
		rp->rp_output = rbuf_str(&o->o_output);
	report_text(rp, &t);
	report_junit_case(rp, &x);
	report_json_case(rp, &j);
	report_facts(rp, &facts);
	tap_case(rp, rbuf_str(&facts), &tap);
	if (rp->rp_kept != NULL) {
		rbuf_add(&path, "%s/report.txt", rp->rp_kept);
		o->o_io |= report_write(rbuf_str(&path), &t);
	}
	rbuf_add(out, "%d %d %" PRId64 " %zu %zu %zu %zu %zu\n", rp->rp_exit,
	    o->o_io, rp->rp_time, t.rb_len, x.rb_len, j.rb_len, tap.rb_len,
	    facts.rb_len);
	rbuf_put(out, rbuf_str(&t), t.rb_len);
	rbuf_put(out, rbuf_str(&x), x.rb_len);
	rbuf_put(out, rbuf_str(&j), j.rb_len);
	rbuf_put(out, rbuf_str(&tap), tap.rb_len);
	rbuf_put(out, rbuf_str(&facts), facts.rb_len);
	rbuf_free(&t);
	rbuf_free(&x);
	rbuf_free(&j);
	rbuf_free(&tap);
	rbuf_free(&facts);
	rbuf_free(&path);
}

/**
 * run_one() - run one scenario; workers_params.wp_run
 * @ctx:	struct run_ctx
 * @wk:		this worker
 * @job:	file + enum run_job * number of files
 * @out:	result: a line "exit io time text xml json tap facts" (the last
 *		five are lengths), then the five
 */
void
run_one(void *ctx, struct worker *wk, unsigned job, struct rbuf *out)
{
	struct run_ctx *rc = ctx;
	unsigned what = job / rc->rc_files->n;
	struct one o = {
		.o_ctx = rc,
		.o_file = &rc->rc_files->v[job % rc->rc_files->n],
		.o_wk = wk,
		.o_p = &rc->rc_player,
		.o_po = rc->rc_opts->ro_play,
	};

	o.o_p->p_host = *worker_host(wk);
	o.o_p->p_env = scn_env_new(o.o_file->rf_plan);
	o.o_p->p_script = o.o_file->rf_script;
	o.o_p->p_watch = true;
	worker_onpanic(wk, one_flush, &o);
	one_dumps(&o);
	if (rc->rc_baseline.bl_n > 0) {
		o.o_po.po_known = baseline_excuses;
		o.o_po.po_knownarg = &rc->rc_baseline;
	}
	if (rc->rc_break.gb_what != NULL) {
		o.o_p->p_record = gdb_trace;
		o.o_p->p_recordarg = &rc->rc_break;
	}
	if (rc->rc_opts->ro_verbose)
		scn_env_print(o.o_p->p_env, &o.o_output);
	if (what != RUN_JOB_PLAIN)
		one_record(&o, what == RUN_JOB_LATE);
	else
		one_asked(&o);
	o.o_rp.rp_exit = EXIT_SKIPPED;
	o.o_p->p_time = 0;
	o.o_p->p_events = 0;
	if (play_skip(o.o_p->p_script) == NULL)
		o.o_rp.rp_exit = one_modes(&o);
	one_closefiles(&o);
	if (o.o_rp.rp_exit != 0 && o.o_rp.rp_exit != EXIT_SKIPPED &&
	    what == RUN_JOB_PLAIN && !rc->rc_opts->ro_again) {
		rbuf_cut(&o.o_output, 0);
		one_record(&o, false);
		(void)one_play(&o);
		one_closefiles(&o);
	}
	one_report(&o, out);
	worker_onpanic(wk, NULL, NULL);
	worker_dump(wk, NULL);
	scn_env_free(o.o_p->p_env);
	rbuf_free(&o.o_msg);
	rbuf_free(&o.o_more);
	rbuf_free(&o.o_repeat);
	rbuf_free(&o.o_kept);
	rbuf_free(&o.o_output);
	rbuf_free(&o.o_dump);
}
