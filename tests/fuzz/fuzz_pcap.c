/*
 * fuzz_pcap.c - hostile captures: reader, decoder, monitor and writer.
 *
 * Whatever the bytes are, nothing crashes; and a stream that the reader
 * accepts from one of our captures is written and read back equal, unless the
 * writer refuses an event that only a forged file can hold.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vnetsim/wiremon.h>

#include "sim/capture.h"
#include "sim/capture_check.h"
#include "sim/capture_reader.h"
#include "sim/frametext.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void *
fuzz_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (malloc(size));
}

static void
fuzz_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static const char *
fuzz_path(void)
{
	static char path[64];

	if (path[0] == '\0')
		(void)snprintf(
		    path, sizeof(path), "/tmp/fuzz-pcap.%ld", (long)getpid());
	return (path);
}

/* Strings and bytes of two events are equal. */
static void
fuzz_same(
    const struct vnetsim_wire_event *a, const struct vnetsim_wire_event *b)
{
	const char *s[5] = { a->we_name, a->we_ends[0], a->we_ends[1],
		a->we_phase, a->we_step };
	const char *t[5] = { b->we_name, b->we_ends[0], b->we_ends[1],
		b->we_phase, b->we_step };
	int i;

	for (i = 0; i < 5; i++) {
		if ((s[i] == NULL) != (t[i] == NULL) ||
		    (s[i] != NULL && strcmp(s[i], t[i]) != 0))
			abort();
	}
	if (a->we_kind != b->we_kind || a->we_time != b->we_time ||
	    a->we_frame != b->we_frame || a->we_link != b->we_link ||
	    a->we_end != b->we_end || a->we_verdict != b->we_verdict ||
	    a->we_policy != b->we_policy || a->we_arrive != b->we_arrive ||
	    a->we_vnet != b->we_vnet || a->we_peer != b->we_peer ||
	    a->we_grace != b->we_grace || a->we_rto != b->we_rto ||
	    a->we_len != b->we_len ||
	    memcmp(a->we_bytes != NULL ? (const char *)a->we_bytes : "",
		b->we_bytes != NULL ? (const char *)b->we_bytes : "",
		a->we_len) != 0)
		abort();
}

/* Write what can be read of @bytes, read it again, compare. */
static void
fuzz_round_trip(const uint8_t *bytes, size_t len)
{
	char err[CAPTURE_ERROR_MAX];
	struct vnetsim_wire_event ev, ev2;
	struct capture_reader *r, *r2;
	struct capture *c;
	int refused = 0;

	if (capture_reader_mem(&r, "f", bytes, len, err) != CAPTURE_OK)
		return;
	if (!capture_reader_ours(r) ||
	    capture_open(&c, fuzz_path(), CAPTURE_PCAPNG, NULL, NULL) != 0) {
		capture_reader_close(r);
		return;
	}
	while (!refused && capture_reader_next(r, &ev) == 1)
		refused = capture_event(c, &ev) != 0;
	capture_reader_close(r);
	if (capture_close(c) != 0 ||
	    capture_reader_open(&r2, fuzz_path(), err) != CAPTURE_OK)
		abort();
	if (capture_reader_mem(&r, "f", bytes, len, err) != CAPTURE_OK)
		abort();
	while (capture_reader_next(r2, &ev2) == 1) {
		if (capture_reader_next(r, &ev) != 1)
			abort();
		fuzz_same(&ev, &ev2);
	}
	if (!refused && capture_reader_next(r, &ev) == 1)
		abort();
	capture_reader_close(r);
	capture_reader_close(r2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct vnetsim_wiremon_mem mem = { fuzz_alloc, fuzz_free,
		NULL };
	struct frametext_state *st = frametext_state_new(0);
	struct capture_check cc = { .cc_ours = true, .cc_ended = true };
	char err[CAPTURE_ERROR_MAX], line[FRAMETEXT_MAX], small[40];
	struct vnetsim_wire_event ev;
	struct capture_reader *r;
	FILE *null;

	if (st == NULL)
		return (0);
	if (capture_reader_mem(&r, "f", bytes, len, err) != CAPTURE_OK) {
		frametext_state_free(st);
		return (0);
	}
	cc.cc_wm = vnetsim_wiremon_create(&mem);
	while (capture_reader_next(r, &ev) == 1) {
		(void)frametext(small, sizeof(small), &ev, st);
		(void)frametext(line, sizeof(line), &ev, st);
		if (cc.cc_wm != NULL)
			vnetsim_wiremon_event(cc.cc_wm, &ev);
	}
	if (cc.cc_wm != NULL) {
		vnetsim_wiremon_end(cc.cc_wm, capture_reader_time(r));
		null = fopen("/dev/null", "w");
		if (null != NULL) {
			capture_check_text(null, &cc);
			capture_check_json(null, &cc);
			(void)fclose(null);
		}
	}
	vnetsim_wiremon_destroy(cc.cc_wm);
	frametext_state_free(st);
	capture_reader_close(r);
	fuzz_round_trip(bytes, len);
	return (0);
}
