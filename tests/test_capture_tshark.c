/*
 * test_capture_tshark.c - what Wireshark and tcpdump make of our captures.
 * Skipped where they are not installed.
 */
#include "tests/test_capture_frames.h"

static char out[65536];

/* Run a shell command; false if the program @prog is not installed. */
static bool
tool(const char *prog, const char *args, const char *path)
{
	char cmd[512];
	FILE *p;
	size_t n;

	(void)snprintf(cmd, sizeof(cmd), "command -v %s >/dev/null 2>&1", prog);
	if (system(cmd) != 0)
		return (false);
	(void)snprintf(
	    cmd, sizeof(cmd), "TZ=UTC %s %s %s 2>/dev/null", prog, args, path);
	p = popen(cmd, "r");
	assert_non_null(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	out[n] = '\0';
	assert_int_equal(pclose(p), 0);
	return (true);
}

/* The sample without its empty frame, which nobody could like. */
static void
sample_file(char *path, enum capture_format format)
{
	struct sample *s = calloc(1, sizeof(*s));
	uint8_t *bytes;
	size_t len;
	FILE *f;

	sample_make(s);
	s->n = 17;
	bytes = sample_bytes(s, format, &len);
	f = fopen(temp_path(path), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(bytes);
	free(s);
}

static void
tshark_finds_nothing_malformed(void **state)
{
	unsigned format;
	char path[64];
	bool there;

	(void)state;
	for (format = 0; format <= last_format(); format++) {
		sample_file(path, format);
		there = tool("tshark",
		    "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE "
		    "-o udp.check_checksum:TRUE -Y '_ws.malformed or "
		    "ip.checksum.status == 0 or tcp.checksum.status == 0 or "
		    "udp.checksum.status == 0' -r",
		    path);
		if (there)
			assert_string_equal(out, "");
		if (there)
			(void)tool("tshark",
			    "-o tcp.check_checksum:TRUE -Y "
			    "'tcp.checksum.status == 1' -T fields -e "
			    "frame.time_epoch -r",
			    path);
		assert_int_equal(unlink(path), 0);
		if (!there)
			skip();
		/* that it checks at all, and sees nanoseconds */
		assert_string_equal(out,
		    "0.002000000\n0.002500000\n0.003000000\n0.003000000\n"
		    "0.005000001\n");
	}
}

static void
tshark_shows_interfaces_and_notes(void **state)
{
	char path[64];
	bool there;

	(void)state;
	sample_file(path, CAPTURE_PCAPNG);
	there = tool("tshark",
	    "-Y 'frame.comment contains \"phase=\"' -T fields -e "
	    "frame.interface_name -e frame.comment -r",
	    path);
	assert_int_equal(unlink(path), 0);
	if (!there)
		skip();
	assert_string_equal(out,
	    "epair0a\tvnetsim.1 frame i=16 n=16 vnet=1 peer=2 verdict=cut "
	    "phase=\"let go\" step=tcp conn=tcp/10.0.0.1:49152>10.0.0.2:80\n");
}

static void
tcpdump_reads_every_frame(void **state)
{
	unsigned format, i, lines = 0;
	char path[64];
	bool there;

	(void)state;
	for (format = 0; format <= last_format(); format++) {
		sample_file(path, format);
		there = tool("tcpdump", "--nano -n -r", path);
		assert_int_equal(unlink(path), 0);
		if (!there)
			skip();
		for (i = 0; out[i] != '\0'; i++)
			lines += out[i] == '\n';
		assert_non_null(strstr(out, "00:00:00.005000001 IP "
					    "10.0.0.1.49152 > 10.0.0.2.80"));
	}
	assert_int_equal(lines, 8 * format);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tshark_finds_nothing_malformed),
		cmocka_unit_test(tshark_shows_interfaces_and_notes),
		cmocka_unit_test(tcpdump_reads_every_frame),
	};

	return (cmocka_run_group_tests_name("capture_tshark", tests, NULL, NULL)
		    ? 1
		    : 0);
}
