/*
 * test_decode_cmd.c - the commands decode and check-pcap, by exit code and
 * output; and that the offline monitor says what the live one says.
 */
#include "tests/test_capture_frames.h"

#include <signal.h>

#include <vnetsim/wiremon.h>

#include "sim/capture_cmd.h"

static char out[65536], errout[4096];

/* Send descriptor @fd into an unlinked file; gives what to restore. */
static int
divert(int fd, FILE *into)
{
	int old = dup(fd);

	assert_true(old >= 0);
	assert_int_equal(dup2(fileno(into), fd), fd);
	return (old);
}

static void
restore(int fd, int old, FILE *f, char *buf, size_t size)
{
	size_t n;

	assert_int_equal(dup2(old, fd), fd);
	assert_int_equal(close(old), 0);
	rewind(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	assert_int_equal(fclose(f), 0);
}

/* Run a command; its output lands in out and errout. */
static int
run(int (*cmd)(int, char **), const char *a, const char *b, const char *c)
{
	char word[4][128];
	char *argv[5] = { word[0], word[1], word[2], word[3], NULL };
	const char *arg[4] = { a, b, c, NULL };
	FILE *o = tmpfile(), *e = tmpfile();
	int argc, code, oldo, olde;

	for (argc = 0; argc < 3 && arg[argc] != NULL; argc++)
		(void)snprintf(word[argc], sizeof(word[argc]), "%s", arg[argc]);
	argv[argc] = NULL;
	assert_non_null(o);
	assert_non_null(e);
	(void)fflush(stdout);
	oldo = divert(1, o);
	olde = divert(2, e);
	code = cmd(argc, argv);
	(void)fflush(stdout);
	restore(2, olde, e, errout, sizeof(errout));
	restore(1, oldo, o, out, sizeof(out));
	return (code);
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/*
 * A client with one established connection to a hub is killed; it says
 * goodbye by RST, or not at all.
 */
static void
killed(struct sample *s, bool told)
{
	struct tseg ack = { 1, 2, 49152, 80, 1001, 7001, TF_ACK, 1024, NULL, 0,
		0 };
	struct tseg rst = { 1, 2, 49152, 80, 1001, 7001, TF_RST | TF_ACK, 0,
		NULL, 0, 0 };
	struct vnetsim_wire_event *ev;

	s->n = 0;
	sample_open(s);
	s->n -= 2; /* the lost segments */
	tf_tcp(sample_frame(s, 4000000, 0, VNETSIM_V_SENT), &ack);
	sample_vnet(s, VNETSIM_WIRE_KILL, 5000000, 1, "top-down");
	ev = &s->ev[s->n - 1];
	ev->we_policy = VNETSIM_CLOSE_ABORT;
	ev->we_grace = 3000000000;
	ev->we_rto = 1000000000;
	if (told) {
		tf_tcp(sample_frame(s, 5000000, 0, VNETSIM_V_SENT), &rst);
		s->ev[s->n - 1].we_phase = "farewell";
		s->ev[s->n - 1].we_step = "tcp";
	}
	sample_vnet(s, VNETSIM_WIRE_DEAD, 3006000000, 1, NULL);
	(void)sample_add(s, VNETSIM_WIRE_END, 60000000000);
	sample_done(s);
}

/* Write a sample to a file of its own. */
static void
sample_write(const struct sample *s, enum capture_format format, char *path)
{
	uint8_t *bytes;
	size_t len;

	bytes = sample_bytes(s, format, &len);
	write_file(temp_path(path), bytes, len);
	free(bytes);
}

static void
decode_prints_every_event(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	unsigned i, lines = 0;
	char path[64];

	(void)state;
	sample_make(s);
	sample_write(s, CAPTURE_PCAPNG, path);
	assert_int_equal(run(cmd_decode, "decode", path, NULL), 0);
	for (i = 0; out[i] != '\0'; i++)
		lines += out[i] == '\n';
	assert_int_equal(lines, s->n);
	assert_non_null(strstr(out, "epair0a client>hub arp who-has"));
	assert_string_equal(errout, "");
	assert_int_equal(run(cmd_decode, "decode", "-n", path), 0);
	assert_non_null(strstr(out, "epair0a 1>2 arp who-has"));
	assert_int_equal(run(cmd_decode, "decode", "--numeric", path), 0);
	assert_non_null(strstr(out, "epair0a 1>2 arp who-has"));
	assert_int_equal(unlink(path), 0);
	if (last_format() == CAPTURE_PCAP) {
		sample_write(s, CAPTURE_PCAP, path);
		assert_int_equal(run(cmd_decode, "decode", path, NULL), 0);
		assert_non_null(strstr(out,
		    "0.001000000 #0 arp who-has 10.0.0.2 tell 10.0.0.1\n"));
		assert_int_equal(unlink(path), 0);
	}
	free(s);
}

static void
errors_have_their_exit_codes(void **state)
{
	int (*const cmd[])(int, char **) = { cmd_decode, cmd_check_pcap };
	const char *const name[] = { "decode", "check-pcap" };
	struct sample *s = calloc(1, sizeof(*s));
	uint8_t *bytes;
	char path[64];
	size_t len;
	unsigned i;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	(void)temp_path(path);
	for (i = 0; i < 2; i++) {
		assert_int_equal(run(cmd[i], name[i], NULL, NULL), 64);
		assert_non_null(strstr(errout, "usage: vnetsim "));
		assert_int_equal(run(cmd[i], name[i], "a", "b"), 64);
		assert_int_equal(run(cmd[i], name[i], "--what", path), 64);
		assert_int_equal(
		    run(cmd[i], name[i], "/nonexistent", NULL), 66);
		assert_non_null(strstr(errout, ": /nonexistent: No such"));
		assert_int_equal(run(cmd[i], name[i], "/", NULL), 74);
		write_file(path, "not a capture at all, just text", 31);
		assert_int_equal(run(cmd[i], name[i], path, NULL), 65);
		assert_string_equal(out, "");
		/* what is readable comes before the error */
		write_file(path, bytes, len - 30);
		assert_int_equal(run(cmd[i], name[i], path, NULL), 65);
		assert_true(strlen(out) > 100);
		assert_non_null(strstr(errout, ": block is cut short\n"));
	}
	assert_int_equal(unlink(path), 0);
	free(bytes);
	free(s);
}

static void
output_that_fails_is_an_error(void **state)
{
	int (*const cmd[])(int, char **) = { cmd_decode, cmd_check_pcap };
	struct sample *s = calloc(1, sizeof(*s));
	char path[64], word[] = "x";
	char *argv[] = { word, path, NULL };
	FILE *full = fopen("/dev/full", "w"), *e = tmpfile();
	int old, olde, code[2];
	unsigned i;

	(void)state;
	if (full == NULL)
		skip();
	sample_make(s);
	sample_write(s, CAPTURE_PCAPNG, path);
	(void)fflush(stdout);
	old = divert(1, full);
	olde = divert(2, e);
	for (i = 0; i < 2; i++) {
		code[i] = cmd[i](2, argv);
		clearerr(stdout);
	}
	assert_int_equal(dup2(old, 1), 1);
	assert_int_equal(close(old), 0);
	restore(2, olde, e, errout, sizeof(errout));
	assert_int_equal(code[0], 74);
	assert_int_equal(code[1], 74);
	assert_non_null(strstr(errout, "No space left on device"));
	assert_int_equal(fclose(full), 0);
	assert_int_equal(unlink(path), 0);
	free(s);
}

static void *
mem_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (malloc(size));
}

static void
mem_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

/* Every finding of a monitor fed with @s directly is in the output. */
static unsigned
assert_live_findings(const struct sample *s)
{
	static const struct vnetsim_wiremon_mem mem = { mem_alloc, mem_free,
		NULL };
	struct vnetsim_wiremon *wm = vnetsim_wiremon_create(&mem);
	struct vnetsim_wire_finding f;
	char want[512];
	unsigned i;

	assert_non_null(wm);
	for (i = 0; i < s->n; i++)
		vnetsim_wiremon_event(wm, &s->ev[i]);
	vnetsim_wiremon_end(wm, s->ev[s->n - 1].we_time);
	for (i = 0; vnetsim_wiremon_finding(wm, i, &f); i++) {
		(void)snprintf(want, sizeof(want), "finding: %s\n", f.wf_text);
		assert_non_null(strstr(out, want));
	}
	(void)snprintf(
	    want, sizeof(want), "%u finding%s\n", i, i == 1 ? "" : "s");
	assert_non_null(strstr(out, want));
	vnetsim_wiremon_destroy(wm);
	return (i);
}

static void
check_says_what_the_live_monitor_says(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char path[64];

	(void)state;
	killed(s, true);
	sample_write(s, CAPTURE_PCAPNG, path);
	assert_int_equal(run(cmd_check_pcap, "check-pcap", path, NULL), 0);
	assert_int_equal(assert_live_findings(s), 0);
	assert_non_null(
	    strstr(out, "connections 1: finned 0 reset 1 abandoned 0 open 0"));
	assert_non_null(strstr(out,
	    "vnet client killed at 0.005000000 close abort: finned 0 reset "
	    "1"));
	assert_int_equal(unlink(path), 0);

	killed(s, false);
	sample_write(s, CAPTURE_PCAPNG, path);
	assert_int_equal(run(cmd_check_pcap, "check-pcap", path, NULL), 2);
	assert_int_equal(assert_live_findings(s), 1);
	assert_non_null(strstr(out, "abandoned 1"));
	assert_int_equal(run(cmd_check_pcap, "check-pcap", "--json", path), 2);
	assert_non_null(strstr(out, "\"stuck\":1,"));
	assert_non_null(strstr(out, "\"findings\":[{\"kind\":\"stuck\","));
	assert_non_null(strstr(out, "\"ended\":true"));
	assert_int_equal(unlink(path), 0);
	free(s);
}

static void
record_without_end_is_undecided_not_wrong(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char path[64];

	(void)state;
	killed(s, false);
	s->n--;
	sample_write(s, CAPTURE_PCAPNG, path);
	assert_int_equal(run(cmd_check_pcap, "check-pcap", path, NULL), 0);
	assert_non_null(strstr(out, "note: the record has no end"));
	assert_non_null(strstr(out, "undecided 1\n"));
	assert_int_equal(unlink(path), 0);
	free(s);
}

static void
foreign_capture_is_checked_for_headers_only(void **state)
{
	struct sample *s;
	char path[64];

	(void)state;
	needs_libpcap();
	s = calloc(1, sizeof(*s));
	killed(s, false);
	sample_write(s, CAPTURE_PCAP, path);
	assert_int_equal(run(cmd_check_pcap, "check-pcap", path, NULL), 0);
	assert_non_null(strstr(out, "deaths of vnets are unknown"));
	assert_non_null(strstr(out, "frames 5: tcp 3 udp 0 icmp 0 arp 2"));
	assert_int_equal(unlink(path), 0);

	s->frame[6].b[50] ^= 1; /* the SYN's checksum */
	sample_write(s, CAPTURE_PCAP, path);
	assert_int_equal(run(cmd_check_pcap, "check-pcap", path, NULL), 2);
	assert_non_null(strstr(out, "finding: "));
	assert_non_null(strstr(out, "1 finding\n"));
	assert_int_equal(run(cmd_check_pcap, "check-pcap", "--json", path), 2);
	assert_non_null(strstr(out, "{\"facts\":false,"));
	assert_non_null(strstr(out, "\"kind\":\"header\""));
	assert_int_equal(unlink(path), 0);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_prints_every_event),
		cmocka_unit_test(errors_have_their_exit_codes),
		cmocka_unit_test(output_that_fails_is_an_error),
		cmocka_unit_test(check_says_what_the_live_monitor_says),
		cmocka_unit_test(record_without_end_is_undecided_not_wrong),
		cmocka_unit_test(foreign_capture_is_checked_for_headers_only),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return (cmocka_run_group_tests_name("decode_cmd", tests, NULL, NULL)
		    ? 1
		    : 0);
}
