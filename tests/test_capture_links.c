/*
 * test_capture_links.c - corrupted and overtaken frames through a capture.
 */
#include "tests/test_capture_frames.h"

#include "sim/frametext.h"

static void
make(struct sample *s)
{
	static const struct tseg data = { 1, 2, 49152, 80, 7, 9,
		TF_PSH | TF_ACK, 100, NULL, 0, 5 };
	struct vnetsim_wire_event *ev;

	sample_vnet(s, VNETSIM_WIRE_BORN, 0, 1, "client");
	sample_link(s, 0, 0, "epair0", "epair0a", "epair0b");
	tf_tcp(sample_frame(s, 1000, 0, VNETSIM_V_CORRUPT), &data);
	s->ev[s->n - 1].we_bit = 59 * 8 - 1;
	s->ev[s->n - 1].we_arrive = 2000;
	tf_tcp(sample_frame(s, 1000, 0, VNETSIM_V_HELD), &data);
	s->ev[s->n - 1].we_arrive = 102000;
	ev = sample_add(s, VNETSIM_WIRE_MOVED, 3000);
	ev->we_end = 0;
	ev->we_frame = 3;
	ev->we_link = 0;
	ev->we_arrive = 3000;
	ev->we_behind = UINT64_MAX;
	sample_done(s);
}

static struct capture_reader *
reopen(const uint8_t *bytes, size_t len)
{
	char err[CAPTURE_ERROR_MAX];
	struct capture_reader *r;

	assert_int_equal(capture_reader_mem(&r, "f", bytes, len, err), 0);
	return (r);
}

static void
what_wires_do_comes_back(void **state)
{
	static const char *const want[] = {
		"0.000000000 born 1 name=client",
		"0.000000000 link epair0 epair0a epair0b",
		"[corrupt bit 471]",
		"[held]",
		"#3 epair0a arrives behind #18446744073709551615 at 0.000003",
	};
	struct sample *s = calloc(1, sizeof(*s));
	struct frametext_state *st = frametext_state_new(0);
	char line[FRAMETEXT_MAX];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	uint8_t *bytes;
	size_t len;

	(void)state;
	make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	r = reopen(bytes, len);
	for (unsigned i = 0; i < s->n; i++) {
		assert_int_equal(capture_reader_next(r, &ev), 1);
		assert_event(&s->ev[i], &ev);
		assert_int_equal(ev.we_bit, s->ev[i].we_bit);
		assert_int_equal(ev.we_behind, s->ev[i].we_behind);
		assert_int_equal(ev.we_arrive, s->ev[i].we_arrive);
		(void)frametext(line, sizeof(line), &ev, st);
		assert_non_null(strstr(line, want[i]));
	}
	assert_int_equal(capture_reader_next(r, &ev), 0);
	capture_reader_close(r);
	frametext_state_free(st);
	free(bytes);
	free(s);
}

/* Change the first occurrence of @old, as long as @with; read to the end. */
static const char *
damaged(const char *old, const char *with)
{
	static char why[CAPTURE_ERROR_MAX];
	struct sample *s = calloc(1, sizeof(*s));
	size_t len, n = strlen(old), i;
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	uint8_t *bytes;
	int answer = 1;

	make(s);
	bytes = sample_bytes(s, CAPTURE_PCAPNG, &len);
	for (i = 0; i + n <= len && memcmp(bytes + i, old, n) != 0; i++)
		;
	assert_true(i + n <= len && strlen(with) == n);
	memcpy(bytes + i, with, n);
	r = reopen(bytes, len);
	while (answer == 1)
		answer = capture_reader_next(r, &ev);
	assert_int_equal(answer, -1);
	(void)snprintf(why, sizeof(why), "%s", capture_reader_error(r));
	capture_reader_close(r);
	free(bytes);
	free(s);
	return (why);
}

static void
notes_without_sense_are_refused(void **state)
{
	(void)state;
	/* a bit behind the frame's last */
	assert_non_null(strstr(damaged("bit=471", "bit=472"), "valid bit"));
	assert_non_null(strstr(damaged("bit=471", "bot=471"), ""));
	assert_non_null(
	    strstr(damaged("arrive=102000", "arrivo=102000"), "valid arrival"));
	assert_non_null(
	    strstr(damaged("arrive=3000", "arrivo=3000"), "valid arrival"));
	assert_non_null(strstr(damaged("behind=", "beyond="), "valid number"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_wires_do_comes_back),
		cmocka_unit_test(notes_without_sense_are_refused),
	};

	return (cmocka_run_group_tests_name("capture_links", tests, NULL, NULL)
		    ? 1
		    : 0);
}
