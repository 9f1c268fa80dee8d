/*
 * test_capture_errors.c - a capture whose output fails: one clear message,
 * a file that can be read, and a run that is not disturbed.
 */
#include "tests/test_capture_frames.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sim/capture_out.h"

/* What a capture reported. */
struct report {
	unsigned count;
	char text[512];
};

static void
report_keep(void *arg, const char *message)
{
	struct report *r = arg;

	r->count++;
	(void)snprintf(r->text, sizeof(r->text), "%s", message);
}

/* Record the sample, END left out, @rounds times; the last answer. */
static int
record(struct capture *c, const struct sample *s, unsigned rounds)
{
	unsigned i, n = s->n - 1;
	int error = 0;

	for (i = 0; i < rounds * n && error != ENOSPC && error != EFBIG; i++)
		error = capture_event(c, &s->ev[i % n]);
	return (error);
}

static void
full_device_is_reported_once(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct report rep = { 0, "" };
	struct capture_mark m;
	struct capture *c;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	sample_make(s);
	assert_int_equal(
	    capture_open(&c, "/dev/full", CAPTURE_PCAPNG, report_keep, &rep),
	    0);
	assert_int_equal(record(c, s, 1), 0);
	m = capture_mark(c);
	assert_int_equal(capture_flush(c), ENOSPC);
	assert_int_equal(capture_event(c, &s->ev[0]), ENOSPC);
	assert_int_equal(capture_batch(c), ENOSPC);
	assert_int_equal(capture_rewind(c, &m), ENOSPC);
	assert_int_equal(capture_close(c), ENOSPC);
	assert_int_equal(rep.count, 1);
	assert_string_equal(rep.text,
	    "capture /dev/full: No space left on device after 0 frames; the "
	    "capture so far is readable");
	free(s);
}

/* Frames and whether the end is clean, of a file. */
static unsigned
frames_of(const char *path, bool *ours)
{
	char err[CAPTURE_ERROR_MAX];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	unsigned n = 0;
	int got;

	assert_int_equal(capture_reader_open(&r, path, err), CAPTURE_OK);
	while ((got = capture_reader_next(r, &ev)) == 1)
		n += ev.we_kind == VNETSIM_WIRE_FRAME;
	assert_int_equal(got, 0);
	assert_false(capture_reader_ended(r));
	*ours = capture_reader_ours(r);
	capture_reader_close(r);
	return (n);
}

static void
file_at_its_limit_ends_with_a_whole_record(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct rlimit old, now;
	unsigned format, limit;
	struct report rep;
	struct capture *c;
	struct stat st;
	char path[64], want[256];
	bool ours;

	(void)state;
	sample_make(s);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	for (format = 0; format <= last_format(); format++) {
		for (limit = 65536; limit < 65536 + 400; limit += 7) {
			rep.count = 0;
			assert_int_equal(capture_open(&c, temp_path(path),
					     format, report_keep, &rep),
			    0);
			now.rlim_cur = limit;
			assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
			(void)record(c, s, 1000);
			assert_int_equal(capture_close(c), EFBIG);
			assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
			assert_int_equal(stat(path, &st), 0);
			assert_true(st.st_size <= limit);
			assert_true(st.st_size > limit - 300);
			(void)snprintf(want, sizeof(want),
			    "capture %s: File too large after %u frames; the "
			    "capture so far is readable",
			    path, frames_of(path, &ours));
			assert_int_equal(ours, format == CAPTURE_PCAPNG);
			assert_int_equal(rep.count, 1);
			assert_string_equal(rep.text, want);
			assert_int_equal(unlink(path), 0);
		}
	}
	free(s);
}

static void
closed_pipe_is_reported_and_streams_do_not_rewind(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct report rep = { 0, "" };
	struct capture_mark m;
	struct capture *c;
	char dir[] = "/tmp/vnetsim-fifo-XXXXXX", path[64];
	uint8_t head[4];
	int fd;

	(void)state;
	sample_make(s);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(
	    capture_open(&c, path, CAPTURE_PCAPNG, report_keep, &rep), 0);
	assert_int_equal(capture_event(c, &s->ev[0]), 0);
	m = capture_mark(c);
	/* a batch is seen by the reader at once */
	assert_int_equal(read(fd, head, 4) > 0, 0);
	assert_int_equal(capture_batch(c), 0);
	assert_int_equal(read(fd, head, 4), 4);
	assert_memory_equal(head, "\x0a\x0d\x0d\x0a", 4);
	assert_int_equal(capture_rewind(c, &m), ESPIPE);
	assert_int_equal(rep.count, 0);
	assert_int_equal(close(fd), 0);
	(void)record(c, s, 1);
	assert_int_equal(capture_batch(c), EPIPE);
	assert_int_equal(capture_close(c), EPIPE);
	assert_int_equal(rep.count, 1);
	assert_non_null(strstr(rep.text, "Broken pipe after 0 frames"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(s);
}

static void
regular_file_waits_for_its_buffer(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct capture *c;
	struct stat st;
	char path[64];

	(void)state;
	sample_make(s);
	assert_int_equal(
	    capture_open(&c, temp_path(path), CAPTURE_PCAPNG, NULL, NULL), 0);
	(void)record(c, s, 1);
	assert_int_equal(capture_batch(c), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(capture_flush(c), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true((uint64_t)st.st_size == capture_mark(c).cm_offset);
	assert_int_equal(capture_close(c), 0);
	assert_int_equal(unlink(path), 0);
	free(s);
}

static void
unopenable_file_is_an_errno(void **state)
{
	struct capture *c;

	(void)state;
	assert_int_equal(
	    capture_open(&c, "/nonexistent/x", CAPTURE_PCAPNG, NULL, NULL),
	    ENOENT);
	assert_null(c);
	assert_int_equal(
	    capture_open(&c, "/", CAPTURE_PCAP, NULL, NULL), EISDIR);
	assert_null(c);
	assert_int_equal(capture_close(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_device_is_reported_once),
		cmocka_unit_test(file_at_its_limit_ends_with_a_whole_record),
		cmocka_unit_test(
		    closed_pipe_is_reported_and_streams_do_not_rewind),
		cmocka_unit_test(regular_file_waits_for_its_buffer),
		cmocka_unit_test(unopenable_file_is_an_errno),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	return (cmocka_run_group_tests_name("capture_errors", tests, NULL, NULL)
		    ? 1
		    : 0);
}
