/*
 * test_capture_pcapng.c - the stream, the file, and the stream again.
 */
#include "tests/test_capture_frames.h"

#include <errno.h>

#include "sim/capture_out.h"

/* Worked out by hand from the format's specification, block by block. */
static const char golden[] =
    /* SHB, 68 bytes */
    "\x0a\x0d\x0d\x0a\x44\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0"
    "\xff\xff\xff\xff\xff\xff\xff\xff"
    "\x01\0\x11\0vnetsim.1 capture\0\0\0"
    "\x04\0\x07\0vnetsim\0"
    "\0\0\0\0\x44\0\0\0"
    /* IDB 0, 64 bytes */
    "\x01\0\0\0\x40\0\0\0\x01\0\0\0\0\0\x04\0"
    "\x01\0\x0f\0vnetsim.1 facts\0"
    "\x02\0\x07\0vnetsim\0"
    "\x09\0\x01\0\x09\0\0\0"
    "\0\0\0\0\x40\0\0\0"
    /* IDB 1, one end of the link, 92 bytes */
    "\x01\0\0\0\x5c\0\0\0\x01\0\0\0\0\0\x04\0"
    "\x01\0\x2d\0vnetsim.1 link i=0 link=0 end=0 time=0 name=e\0\0\0"
    "\x02\0\x02\0ea\0\0"
    "\x09\0\x01\0\x09\0\0\0"
    "\0\0\0\0\x5c\0\0\0"
    /* IDB 2, the other */
    "\x01\0\0\0\x5c\0\0\0\x01\0\0\0\0\0\x04\0"
    "\x01\0\x2d\0vnetsim.1 link i=0 link=0 end=1 time=0 name=e\0\0\0"
    "\x02\0\x02\0"
    "eb\0\0"
    "\x09\0\x01\0\x09\0\0\0"
    "\0\0\0\0\x5c\0\0\0"
    /* EPB of 5 bytes, sent at 2^32 + 2 ns, 92 bytes */
    "\x06\0\0\0\x5c\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0\x05\0\0\0\x05\0\0\0"
    "\xd1\xd2\xd3\xd4\xd5\0\0\0"
    "\x01\0\x2b\0vnetsim.1 frame i=1 n=0 vnet=1 verdict=lost\0"
    "\0\0\0\0\x5c\0\0\0"
    /* ISB at 2^32 + 3 ns, 52 bytes */
    "\x05\0\0\0\x34\0\0\0\0\0\0\0\x01\0\0\0\x03\0\0\0"
    "\x01\0\x11\0vnetsim.1 end i=2\0\0\0"
    "\0\0\0\0\x34\0\0\0";

static void
small_file_has_the_golden_bytes(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct tframe *f;
	uint8_t *bytes;
	size_t len;

	(void)state;
	sample_link(s, 0, 0, "e", "ea", "eb");
	f = sample_frame(s, 0x100000002, 0, VNETSIM_V_LOST);
	tf_bytes(f, "\xd1\xd2\xd3\xd4\xd5", 5);
	s->ev[1].we_frame = 0;
	s->ev[1].we_peer = VNETSIM_NOVNET;
	(void)sample_add(s, VNETSIM_WIRE_END, 0x100000003);
	sample_done(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	assert_int_equal(len, sizeof(golden) - 1);
	assert_memory_equal(bytes, golden, len);
	free(bytes);
	free(s);
}

/* Read @bytes and compare with the events of @s. */
static void
assert_stream(const struct sample *s, const uint8_t *bytes, size_t len)
{
	char err[CAPTURE_ERROR_MAX];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	unsigned i;

	assert_int_equal(capture_reader_mem(&r, "mem", bytes, len, err), 0);
	assert_true(capture_reader_ours(r));
	for (i = 0; i < s->n; i++) {
		assert_int_equal(capture_reader_next(r, &ev), 1);
		assert_event(&s->ev[i], &ev);
	}
	assert_int_equal(capture_reader_next(r, &ev), 0);
	assert_int_equal(capture_reader_next(r, &ev), 0);
	assert_true(capture_reader_ended(r));
	assert_true(capture_reader_time(r) == INT64_MAX);
	capture_reader_close(r);
}

static void
stream_comes_back_event_by_event(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	uint8_t *bytes, *again;
	size_t len, len2;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	again = sample_bytes(s, CAPTURE_PCAPNG, &len2);
	assert_int_equal(len, len2);
	assert_memory_equal(bytes, again, len);
	assert_stream(s, bytes, len);
	free(bytes);
	free(again);
	free(s);
}

static void
connection_is_named_only_in_a_teardown(void **state)
{
	static const char conn[] =
	    "phase=\"let go\" step=tcp conn=tcp/10.0.0.1:49152>10.0.0.2:80";
	struct sample *s = calloc(1, sizeof(*s));
	unsigned found = 0, named = 0;
	uint8_t *bytes;
	size_t len, i;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	for (i = 0; i + sizeof(conn) <= len; i++) {
		found += memcmp(bytes + i, conn, sizeof(conn) - 1) == 0;
		named += memcmp(bytes + i, "conn=", 5) == 0;
	}
	assert_int_equal(found, 1);
	assert_int_equal(named, 1);
	free(bytes);
	free(s);
}

/*
 * Write the sample @rounds times over (END left out), and from event @at on
 * twice, with a rewind between; the bytes must be those of writing it once.
 */
static void
rewind_once(const struct sample *s, enum capture_format format, unsigned rounds,
    unsigned at, const uint8_t *want, size_t wantlen)
{
	unsigned i, n = s->n - 1, total = rounds * n;
	char path[64];
	struct capture *c;
	struct capture_mark m, back;
	uint8_t *bytes;
	size_t len;

	assert_int_equal(
	    capture_open(&c, temp_path(path), format, NULL, NULL), 0);
	for (i = 0; i < at; i++)
		(void)capture_event(c, &s->ev[i % n]);
	m = capture_mark(c);
	for (i = at; i < total; i++)
		(void)capture_event(c, &s->ev[i % n]);
	assert_int_equal(capture_event(c, &s->ev[n]), 0);
	if (at % 3 == 0)
		assert_int_equal(capture_flush(c), 0);
	assert_int_equal(capture_rewind(c, &m), 0);
	back = capture_mark(c);
	assert_memory_equal(&back, &m, sizeof(m));
	for (i = at; i < total; i++)
		(void)capture_event(c, &s->ev[i % n]);
	assert_int_equal(capture_event(c, &s->ev[n]), 0);
	assert_int_equal(capture_close(c), 0);
	bytes = slurp(path, &len);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(len, wantlen);
	assert_memory_equal(bytes, want, len);
	free(bytes);
}

static uint8_t *
straight(const struct sample *s, enum capture_format format, unsigned rounds,
    size_t *len)
{
	unsigned i, n = s->n - 1;
	char path[64];
	struct capture *c;
	uint8_t *bytes;

	assert_int_equal(
	    capture_open(&c, temp_path(path), format, NULL, NULL), 0);
	for (i = 0; i < rounds * n; i++)
		(void)capture_event(c, &s->ev[i % n]);
	assert_int_equal(capture_event(c, &s->ev[n]), 0);
	assert_int_equal(capture_close(c), 0);
	bytes = slurp(path, len);
	assert_int_equal(unlink(path), 0);
	return (bytes);
}

static void
rewound_capture_equals_a_straight_one(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	unsigned at, rounds, format;
	uint8_t *want;
	size_t len;

	(void)state;
	sample_make(s);
	/* classic pcap ends its times at 2^32 s */
	s->ev[s->n - 1].we_time = 7000000;
	for (format = CAPTURE_PCAPNG; format <= last_format(); format++) {
		/* within the buffer, and over its edge on the disk */
		for (rounds = 1; rounds <= 100; rounds += 99) {
			want = straight(s, format, rounds, &len);
			if (rounds == 100 && format == CAPTURE_PCAPNG)
				assert_true(len > 2 * CAPTURE_OUT_BUF);
			for (at = 0; at < rounds * (s->n - 1);
			     at += rounds == 1 ? 1 : 173)
				rewind_once(s, format, rounds, at, want, len);
			free(want);
		}
	}
	free(s);
}

static void
rewind_goes_to_edges_only(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char path[64];
	struct capture *c;
	struct capture_mark m, bad;
	unsigned i;

	(void)state;
	sample_make(s);
	assert_int_equal(
	    capture_open(&c, temp_path(path), CAPTURE_PCAPNG, NULL, NULL), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(capture_event(c, &s->ev[i]), 0);
	m = bad = capture_mark(c);
	assert_int_equal(m.cm_events, 8);
	assert_int_equal(m.cm_frames, 4);
	assert_int_equal(m.cm_links, 1);
	bad.cm_offset++;
	assert_int_equal(capture_rewind(c, &bad), EINVAL);
	bad.cm_offset = m.cm_offset - 4;
	assert_int_equal(capture_rewind(c, &bad), EINVAL);
	bad = m;
	bad.cm_events++;
	assert_int_equal(capture_rewind(c, &bad), EINVAL);
	bad = m;
	bad.cm_links++;
	assert_int_equal(capture_rewind(c, &bad), EINVAL);
	assert_int_equal(capture_rewind(c, &m), 0);
	assert_int_equal(capture_close(c), 0);
	assert_int_equal(unlink(path), 0);
	free(s);
}

static void
largest_frame_and_longest_name_fit(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	uint8_t *big = malloc(CAPTURE_FRAME_MAX + 1), *bytes;
	char name[257], path[64];
	struct capture *c;
	size_t len;

	(void)state;
	memset(big, 0x5a, CAPTURE_FRAME_MAX + 1);
	memset(name, 0x01, 255); /* each byte takes four in the file */
	name[255] = '\0';
	sample_link(s, 0, 0, name, name, name);
	(void)sample_frame(s, 1, 0, VNETSIM_V_SENT);
	s->ev[1].we_phase = s->ev[1].we_step = name;
	(void)sample_frame(s, 1, 1, VNETSIM_V_SENT);
	(void)sample_add(s, VNETSIM_WIRE_END, INT64_MAX);
	s->ev[1].we_bytes = s->ev[2].we_bytes = big;
	s->ev[1].we_len = s->ev[2].we_len = CAPTURE_FRAME_MAX;
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	assert_stream(s, bytes, len);
	free(bytes);

	assert_int_equal(
	    capture_open(&c, temp_path(path), CAPTURE_PCAPNG, NULL, NULL), 0);
	assert_int_equal(capture_event(c, &s->ev[0]), 0);
	s->ev[1].we_len++;
	assert_int_equal(capture_event(c, &s->ev[1]), EMSGSIZE);
	name[255] = 'x';
	name[256] = '\0';
	assert_int_equal(capture_event(c, &s->ev[0]), ENAMETOOLONG);
	s->ev[1].we_len = 4;
	assert_int_equal(capture_event(c, &s->ev[1]), ENAMETOOLONG);
	name[255] = '\0';
	assert_int_equal(capture_event(c, &s->ev[1]), 0);
	assert_int_equal(capture_mark(c).cm_events, 2);
	assert_int_equal(capture_close(c), 0);
	assert_int_equal(unlink(path), 0);
	free(big);
	free(s);
}

static void
impossible_events_are_refused_and_leave_no_trace(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct capture_mark m;
	struct capture *c;
	char path[64];
	unsigned i;

	(void)state;
	sample_link(s, 0, 0, "e", "ea", "eb");
	for (i = 0; i < 4; i++)
		sample_frame(s, 1, 0, VNETSIM_V_SENT)->n = 1;
	sample_vnet(s, VNETSIM_WIRE_KILL, 1, 1, "o");
	sample_link(s, 0, 1, NULL, "ea", "eb");
	sample_link(s, 0, 0, "e", "ea", "eb");
	(void)sample_add(s, VNETSIM_WIRE_LATE, 1);
	(void)sample_add(s, VNETSIM_WIRE_MOVED + 1, 1);
	sample_done(s);
	s->ev[1].we_time = -1;
	s->ev[2].we_link = 1;
	s->ev[3].we_end = 2;
	s->ev[4].we_verdict = VNETSIM_V_N;
	s->ev[5].we_policy = VNETSIM_CLOSE_WAIT + 1;
	s->ev[8].we_link = 9;
	assert_int_equal(
	    capture_open(&c, temp_path(path), CAPTURE_PCAPNG, NULL, NULL), 0);
	assert_int_equal(capture_event(c, &s->ev[0]), 0);
	m = capture_mark(c);
	for (i = 1; i < s->n; i++)
		assert_int_equal(capture_event(c, &s->ev[i]), EINVAL);
	assert_int_equal(capture_mark(c).cm_offset, m.cm_offset);
	assert_int_equal(capture_mark(c).cm_events, 1);
	s->ev[9].we_kind = VNETSIM_WIRE_END;
	assert_int_equal(capture_event(c, &s->ev[9]), 0);
	assert_int_equal(capture_event(c, &s->ev[9]), EINVAL);
	assert_int_equal(capture_close(c), 0);
	assert_int_equal(unlink(path), 0);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_file_has_the_golden_bytes),
		cmocka_unit_test(stream_comes_back_event_by_event),
		cmocka_unit_test(connection_is_named_only_in_a_teardown),
		cmocka_unit_test(rewound_capture_equals_a_straight_one),
		cmocka_unit_test(rewind_goes_to_edges_only),
		cmocka_unit_test(largest_frame_and_longest_name_fit),
		cmocka_unit_test(
		    impossible_events_are_refused_and_leave_no_trace),
	};

	return (cmocka_run_group_tests_name("capture_pcapng", tests, NULL, NULL)
		    ? 1
		    : 0);
}
