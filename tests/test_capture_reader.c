/*
 * test_capture_reader.c - damaged, hostile, rewritten and foreign files.
 */
#include "tests/test_capture_frames.h"

#include <pcap/pcap.h>
#include <signal.h>
#include <sys/stat.h>

#include "sim/frametext.h"
#include "sim/pcapng_blocks.h"

/*
 * Read @len bytes that end where readable memory ends; gives how many events
 * came before the end, in *answer what the end was: 0, -1, or 65 at opening.
 */
static unsigned
read_all(const uint8_t *bytes, size_t len, const struct sample *want,
    int *answer, char err[CAPTURE_ERROR_MAX])
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct frametext_state *st = frametext_state_new(0);
	char line[FRAMETEXT_MAX];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	unsigned n = 0;

	memcpy(copy, bytes, len);
	err[0] = '\0';
	*answer = (int)capture_reader_mem(&r, "f", copy, len, err);
	while (*answer == 0 && r != NULL) {
		*answer = capture_reader_next(r, &ev);
		if (*answer != 1)
			break;
		if (want != NULL)
			assert_event(&want->ev[n], &ev);
		(void)frametext(line, sizeof(line), &ev, st);
		*answer = 0;
		n++;
	}
	if (r != NULL && *answer < 0)
		(void)snprintf(
		    err, CAPTURE_ERROR_MAX, "%s", capture_reader_error(r));
	assert_int_equal(*answer == 0, err[0] == '\0');
	capture_reader_close(r);
	frametext_state_free(st);
	free(copy);
	return (n);
}

static void
file_cut_at_any_byte_gives_a_prefix_and_an_error(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char err[CAPTURE_ERROR_MAX];
	unsigned clean = 0, n, last = 0;
	uint8_t *bytes;
	size_t len, cut;
	int answer;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	for (cut = 0; cut < len; cut++) {
		n = read_all(bytes, cut, s, &answer, err);
		assert_true(n < s->n && n >= last);
		last = n;
		clean += answer == 0;
		assert_true(answer == 0 || answer == -1 || answer == 65);
		if (answer == -1)
			assert_non_null(strstr(err, "f: byte "));
	}
	/* an end that falls between two events is no damage */
	assert_int_equal(clean, s->n);
	assert_int_equal(last, s->n - 1);
	free(bytes);
	free(s);
}

static void
classic_file_cut_at_any_byte_never_crashes(void **state)
{
	struct sample *s;
	char err[CAPTURE_ERROR_MAX];
	uint8_t *bytes;
	size_t len, cut;
	int answer;

	(void)state;
	needs_libpcap();
	s = calloc(1, sizeof(*s));
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAP, &len);
	for (cut = 0; cut <= len; cut++)
		(void)read_all(bytes, cut, NULL, &answer, err);
	assert_int_equal(answer, 0);
	free(bytes);
	free(s);
}

static void
any_changed_byte_is_survived(void **state)
{
	static const uint8_t mask[] = { 0x01, 0x80, 0xff, 0x20 };
	struct sample *s = calloc(1, sizeof(*s));
	char err[CAPTURE_ERROR_MAX];
	unsigned refused = 0, k;
	uint8_t *bytes;
	size_t len, i;
	int answer;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	for (i = 0; i < len; i++) {
		for (k = 0; k < sizeof(mask); k++) {
			bytes[i] ^= mask[k];
			(void)read_all(bytes, len, NULL, &answer, err);
			refused += answer != 0;
			bytes[i] ^= mask[k];
		}
	}
	assert_true(refused > len); /* most of them are noticed */
	free(bytes);
	free(s);
}

/* The file without its @drop-th block, or with two neighbours swapped. */
static uint8_t *
rewrite(
    const uint8_t *bytes, size_t len, unsigned drop, bool swap, size_t *newlen)
{
	uint8_t *out = malloc(len);
	size_t at = 0, from, held = 0, heldlen = 0, n = 0;
	struct pcapng_block b;
	const char *why;
	unsigned i;

	for (i = 0;
	     from = at, pcapng_block_next(bytes, len, &at, &b, &why) == 1;
	     i++) {
		if (i == drop) {
			held = from;
			heldlen = at - from;
			continue;
		}
		memcpy(out + n, bytes + from, at - from);
		n += at - from;
		if (swap && i == drop + 1) {
			memcpy(out + n, bytes + held, heldlen);
			n += heldlen;
		}
	}
	*newlen = n;
	return (out);
}

static void
rewritten_file_is_refused_not_misread(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char err[CAPTURE_ERROR_MAX];
	uint8_t *bytes, *other;
	size_t len, newlen;
	unsigned i, swap;
	int answer;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	/* from the first fact on; each LINK is two blocks; END may be lost */
	for (i = 2; i < s->n + 3; i++) {
		for (swap = 0; swap < 2; swap++) {
			other = rewrite(bytes, len, i, swap == 1, &newlen);
			(void)read_all(other, newlen, NULL, &answer, err);
			assert_int_equal(answer, -1);
			free(other);
		}
	}
	other = rewrite(bytes, len, 2, false, &newlen);
	assert_int_equal(read_all(other, newlen, NULL, &answer, err), 0);
	assert_string_equal(err,
	    "f: byte 132: an event is missing or out of order; was the file "
	    "rewritten by another program?");
	free(other);
	free(bytes);
	free(s);
}

static void
unknown_blocks_comments_and_keys_are_skipped(void **state)
{
	static const uint8_t unknown[] = "\x99\x09\0\0\x10\0\0\0abcd\x10\0\0";
	struct sample *s = calloc(1, sizeof(*s));
	char err[CAPTURE_ERROR_MAX];
	uint8_t *bytes, *more;
	size_t len;
	int answer;

	(void)state;
	sample_make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	more = malloc(len + 16);
	memcpy(more, bytes, 132);
	memcpy(more + 132, unknown, 16);
	memcpy(more + 148, bytes + 132, len - 132);
	assert_int_equal(read_all(more, len + 16, s, &answer, err), s->n);
	assert_int_equal(answer, 0);
	free(more);
	free(bytes);
	free(s);
}

/* A file with one statistics block that has @note for a comment. */
static const char *
read_note(const char *note, char err[CAPTURE_ERROR_MAX])
{
	struct sample *s = calloc(1, sizeof(*s));
	size_t len, n = strlen(note), pad = (4 - n % 4) % 4, size, i;
	uint8_t *bytes, *file;
	int answer;

	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	size = 12 + 12 + 4 + n + pad;
	file = calloc(1, len + size);
	memcpy(file, bytes, len);
	file[len] = 5;
	file[len + 4] = file[len + size - 4] = (uint8_t)size;
	file[len + 5] = file[len + size - 3] = (uint8_t)(size >> 8);
	file[len + 20] = 1;
	file[len + 22] = (uint8_t)n;
	file[len + 23] = (uint8_t)(n >> 8);
	for (i = 0; i < n; i++)
		file[len + 24 + i] = (uint8_t)note[i];
	(void)read_all(file, len + size, NULL, &answer, err);
	free(file);
	free(bytes);
	free(s);
	return (answer == 0 ? "good" : strstr(err, ": ") + 2);
}

static void
malformed_notes_name_what_is_wrong(void **state)
{
	static const struct {
		const char *note, *want;
	} c[] = {
		{ "vnetsim.1 born i=0 vnet=3 name=x", "good" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"a b\" more=1", "good" },
		{ "vnetsim.1 end i=0", "good" },
		{ "vnetsim.2 born i=0 vnet=3", "unknown version" },
		{ "vnetsim.1 born i=1 vnet=3", "missing or out of order" },
		{ "vnetsim.1 born vnet=3", "missing or out of order" },
		{ "vnetsim.1 weird i=0", "unknown kind" },
		{ "vnetsim.1 ", "ends in a space" },
		{ "vnetsim.1 BORN i=0", "without a kind" },
		{ "vnetsim.1 born i=0 vnet=3 ", "ends in a space" },
		{ "vnetsim.1 born i=0  vnet=3", "malformed key" },
		{ "vnetsim.1 born i=0 Vnet=3", "malformed key" },
		{ "vnetsim.1 born i=0 vnet", "malformed key" },
		{ "vnetsim.1 born i=0 vnet=", "malformed value" },
		{ "vnetsim.1 born i=0 vnet=3 vnet=3", "given twice" },
		{ "vnetsim.1 born i=0 vnet=4294967296", "valid number" },
		{ "vnetsim.1 born i=0 vnet=-1", "valid number" },
		{ "vnetsim.1 born i=0 vnet=3x", "valid number" },
		{ "vnetsim.1 born i=0", "valid number" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"a", "malformed value" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"a\"b", "malformed value" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"\\x0\"", "malformed" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"\\x00\"", "malformed" },
		{ "vnetsim.1 born i=0 vnet=3 name=\"\\n\"", "malformed" },
		{ "vnetsim.1 late i=0 n=1", "no such interface" },
		{ "vnetsim.1 late i=0", "valid number" },
		{ "vnetsim.1 kill i=0 vnet=1 policy=graceful grace=1 rto=2",
		    "good" },
		{ "vnetsim.1 kill i=0 vnet=1 policy=kind grace=1 rto=2",
		    "unknown verdict or policy" },
		{ "vnetsim.1 kill i=0 vnet=1 policy=crash grace=1", "span" },
		{ "vnetsim.1 kill i=0 vnet=1 policy=crash "
		  "rto=9223372036854775808"
		  " grace=1",
		    "span" },
		{ "vnetsim.1 frame i=0 n=1", "unknown kind" },
		{ "somebody's comment", "without a note" },
	};
	char err[CAPTURE_ERROR_MAX];
	const char *got;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		got = read_note(c[i].note, err);
		if (strstr(got, c[i].want) == NULL)
			fail_msg("%s: %s", c[i].note, got);
	}
}

static void
note_has_at_most_24_keys(void **state)
{
	char note[256] = "vnetsim.1 born i=0 vnet=3", err[CAPTURE_ERROR_MAX];
	size_t n;
	unsigned i;

	(void)state;
	for (i = 0; i < 22; i++) {
		n = strlen(note);
		(void)snprintf(note + n, sizeof(note) - n, " %c=1",
		    i == 8 ? 'z' : 'a' + (int)i);
	}
	assert_string_equal(read_note(note, err), "good");
	n = strlen(note);
	(void)snprintf(note + n, sizeof(note) - n, " y=1");
	assert_non_null(strstr(read_note(note, err), "too many keys"));
}

/* A classic file of one frame, in any byte order and precision. */
static size_t
classic(uint8_t *out, bool big, bool nano, uint32_t dlt, uint32_t caplen)
{
	uint32_t v[] = { nano ? 0xa1b23c4d : 0xa1b2c3d4, 0, 0, 0, 65535, dlt, 5,
		7, caplen, 20 };
	static const uint8_t version[2][4] = { { 2, 0, 4, 0 }, { 0, 2, 0, 4 } };
	uint8_t b[4];
	size_t i, k;

	for (i = 0; i < 10; i++) {
		for (k = 0; k < 4; k++)
			b[big ? 3 - k : k] = (uint8_t)(v[i] >> 8 * k);
		memcpy(out + 4 * i, b, 4);
	}
	memcpy(out + 4, version[big], sizeof(version[big]));
	memset(out + 40, 0, caplen);
	return (40 + caplen);
}

static void
foreign_files_give_frames_and_nothing_else(void **state)
{
	char err[CAPTURE_ERROR_MAX];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	uint8_t file[128];
	unsigned i;
	size_t len;

	(void)state;
	needs_libpcap();
	for (i = 0; i < 8; i++) {
		len = classic(file, i & 1, i & 2, 1, i & 4 ? 20 : 16);
		assert_int_equal(
		    capture_reader_mem(&r, "f", file, len, err), 0);
		assert_false(capture_reader_ours(r));
		assert_int_equal(capture_reader_next(r, &ev), 1);
		assert_int_equal(ev.we_kind, VNETSIM_WIRE_FRAME);
		assert_true(ev.we_time == 5000000000 + (i & 2 ? 7 : 7000));
		assert_true(ev.we_vnet == VNETSIM_NOVNET);
		assert_true(ev.we_peer == VNETSIM_NOVNET);
		assert_int_equal(ev.we_len, i & 4 ? 20 : 16);
		assert_int_equal(capture_reader_snapped(r), (i & 4) == 0);
		assert_int_equal(capture_reader_next(r, &ev), 0);
		assert_false(capture_reader_ended(r));
		capture_reader_close(r);
	}
	len = classic(file, false, false, 105, 16);
	assert_int_equal(capture_reader_mem(&r, "f", file, len, err), 65);
	assert_string_equal(err,
	    "f: a capture of IEEE802_11, only Ethernet, IP, loopback and "
	    "Linux' cooked frames can be read");
	assert_null(r);
}

static void
what_is_no_capture_is_refused(void **state)
{
	char err[CAPTURE_ERROR_MAX];
	struct capture_reader *r;

	(void)state;
	assert_int_equal(
	    capture_reader_mem(&r, "f\n", (const uint8_t *)"", 0, err), 65);
	assert_string_equal(err, "f\\x0a: not a capture: the file is empty");
	assert_int_equal(
	    capture_reader_mem(&r, "f",
		(const uint8_t *)"hello, world, this is text", 26, err),
	    65);
	assert_non_null(strstr(err, "f: not a capture: "));
	assert_int_equal(capture_reader_open(&r, "/nonexistent", err), 66);
	assert_string_equal(err, "/nonexistent: No such file or directory");
	assert_int_equal(capture_reader_open(&r, "/", err), 74);
	assert_string_equal(err, "/: Is a directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    file_cut_at_any_byte_gives_a_prefix_and_an_error),
		cmocka_unit_test(classic_file_cut_at_any_byte_never_crashes),
		cmocka_unit_test(any_changed_byte_is_survived),
		cmocka_unit_test(rewritten_file_is_refused_not_misread),
		cmocka_unit_test(unknown_blocks_comments_and_keys_are_skipped),
		cmocka_unit_test(malformed_notes_name_what_is_wrong),
		cmocka_unit_test(note_has_at_most_24_keys),
		cmocka_unit_test(foreign_files_give_frames_and_nothing_else),
		cmocka_unit_test(what_is_no_capture_is_refused),
	};

	return (cmocka_run_group_tests_name("capture_reader", tests, NULL, NULL)
		    ? 1
		    : 0);
}
