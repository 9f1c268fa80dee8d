/*
 * test_scn_run_frames.c - packet claims against frames made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/scn_run_frames.h"

#define ANY                                                                    \
	{                                                                      \
		true, 0                                                        \
	}

static uint64_t frame_number;

/* Put a TCP frame of end @end on link 0. */
static void
put(struct run_frames *rg, int64_t t, int64_t arrive, int end, uint32_t seq,
    uint32_t ack, uint8_t flags, uint32_t len)
{
	uint8_t f[14 + 20 + 20 + 64] = { 0 };
	uint8_t *ip = f + 14, *th = f + 34;
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_FRAME,
		.we_time = t,
		.we_arrive = arrive,
		.we_end = (uint8_t)end,
		.we_frame = frame_number++,
		.we_verdict = arrive < 0 ? VNETSIM_V_LOST : VNETSIM_V_SENT,
		.we_bytes = f,
		.we_len = 54 + len,
	};
	uint16_t total = (uint16_t)(40 + len);

	f[12] = 8;
	ip[0] = 0x45;
	ip[2] = (uint8_t)(total >> 8);
	ip[3] = (uint8_t)total;
	ip[9] = 6;
	ip[15] = (uint8_t)(1 + end);
	ip[19] = (uint8_t)(2 - end);
	th[end == 0 ? 1 : 3] = 50;
	th[end == 0 ? 3 : 1] = 80;
	for (int i = 0; i < 4; i++) {
		th[4 + i] = (uint8_t)(seq >> (24 - 8 * i));
		th[8 + i] = (uint8_t)(ack >> (24 - 8 * i));
	}
	th[12] = 0x50;
	th[13] = flags;
	run_frames_event(rg, &ev);
}

static void
open_log(struct run_frames *rg)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_LINK,
		.we_name = "epair0",
		.we_ends = { "epair0a", "epair0b" } };

	memset(rg, 0, sizeof(*rg));
	frame_number = 0;
	run_frames_event(rg, &ev);
	put(rg, 10, 20, 0, 1000, 0, SCN_TH_SYN, 0);
	put(rg, 20, 30, 1, 9000, 1001, SCN_TH_SYN | SCN_TH_ACK, 0);
	put(rg, 30, 40, 0, 1001, 9001, SCN_TH_ACK, 0);
	put(rg, 35, -1, 0, 1001, 9001, SCN_TH_ACK | SCN_TH_PUSH, 10);
}

static struct scn_packet
claim(const char *ifname, bool out, uint32_t flags)
{
	struct scn_packet p = { .ifname = ifname,
		.out = out,
		.sport = ANY,
		.dport = ANY,
		.flags = flags,
		.seq = ANY,
		.end_seq = ANY,
		.len = ANY,
		.ack = ANY,
		.win = ANY,
		.urg = ANY };

	return (p);
}

static void
numbers_are_relative_to_the_first_of_their_direction(void **state)
{
	struct run_cursor none = { 0 }, at;
	struct run_frames rg;
	struct scn_packet p;

	(void)state;
	open_log(&rg);
	p = claim("epair0a", true, SCN_TH_ACK | SCN_TH_PUSH);
	p.seq = (struct scn_num){ false, 1 };
	p.end_seq = (struct scn_num){ false, 11 };
	p.len = (struct scn_num){ false, 10 };
	p.ack = (struct scn_num){ false, 1 };
	assert_true(run_frames_find(&rg, &p, 100, &none, &at));
	assert_int_equal(at.rc_frame, 3);
	p.seq.v = 2;
	assert_false(run_frames_find(&rg, &p, 100, &none, &at));
	p.seq.v = 1;
	p.ack.v = 2;
	assert_false(run_frames_find(&rg, &p, 100, &none, &at));
	run_frames_free(&rg);
}

static void
a_packet_is_received_when_it_arrives(void **state)
{
	struct run_cursor none = { 0 }, at;
	struct run_frames rg;
	struct scn_packet p;

	(void)state;
	open_log(&rg);
	p = claim("epair0b", false, SCN_TH_SYN);
	assert_false(run_frames_find(&rg, &p, 19, &none, &at));
	assert_true(run_frames_find(&rg, &p, 20, &none, &at));
	assert_int_equal(at.rc_time, 20);
	/* What was lost is sent, but never received. */
	p = claim("epair0b", false, SCN_TH_ACK | SCN_TH_PUSH);
	assert_false(run_frames_find(&rg, &p, 1000, &none, &at));
	p = claim("epair0a", true, SCN_TH_ACK | SCN_TH_PUSH);
	assert_true(run_frames_find(&rg, &p, 1000, &none, &at));
	run_frames_free(&rg);
}

static void
a_frame_that_found_nobody_was_not_received(void **state)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_LATE,
		.we_frame = 2 };
	struct run_cursor none = { 0 }, at;
	struct run_frames rg;
	struct scn_packet p;

	(void)state;
	open_log(&rg);
	p = claim("epair0b", false, SCN_TH_ACK);
	assert_true(run_frames_find(&rg, &p, 100, &none, &at));
	run_frames_event(&rg, &ev);
	assert_false(run_frames_find(&rg, &p, 100, &none, &at));
	run_frames_free(&rg);
}

static void
a_claim_looks_behind_the_last_one(void **state)
{
	struct run_cursor cur = { 0 }, at;
	struct run_frames rg;
	struct scn_packet p;

	(void)state;
	open_log(&rg);
	p = claim("epair0a", true, 0);
	p.any_flags = true;
	for (uint64_t want = 0; want < 4; want += want == 0 ? 2 : 1) {
		assert_true(run_frames_find(&rg, &p, 100, &cur, &at));
		assert_int_equal(at.rc_frame, want);
		cur = at;
	}
	assert_false(run_frames_find(&rg, &p, 100, &cur, &at));
	run_frames_free(&rg);
}

static void
an_unknown_interface_has_seen_nothing(void **state)
{
	struct run_cursor none = { 0 }, at;
	struct run_frames rg;
	struct scn_packet p;
	struct rbuf out = { 0 };

	(void)state;
	open_log(&rg);
	p = claim("epair7a", true, SCN_TH_SYN);
	assert_false(run_frames_find(&rg, &p, 100, &none, &at));
	run_frames_show(&rg, &p, 100, &none, &out);
	assert_string_equal(rbuf_str(&out), "there is no epair7a");
	rbuf_free(&out);
	run_frames_free(&rg);
}

static void
what_is_no_whole_tcp_segment_is_not_logged(void **state)
{
	uint8_t f[60] = { 0 };
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_FRAME,
		.we_bytes = f };
	struct run_frames rg;
	uint64_t n;

	(void)state;
	open_log(&rg);
	n = rg.rg_n;
	for (uint32_t len = 0; len <= 60; len++) {
		ev.we_len = len;
		run_frames_event(&rg, &ev);
	}
	f[12] = 8;
	f[14] = 0x4f;
	f[17] = 46;
	f[23] = 6;
	for (uint32_t len = 0; len <= 60; len++) {
		ev.we_len = len;
		run_frames_event(&rg, &ev);
	}
	assert_int_equal(rg.rg_n, n);
	run_frames_free(&rg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    numbers_are_relative_to_the_first_of_their_direction),
		cmocka_unit_test(a_packet_is_received_when_it_arrives),
		cmocka_unit_test(a_frame_that_found_nobody_was_not_received),
		cmocka_unit_test(a_claim_looks_behind_the_last_one),
		cmocka_unit_test(an_unknown_interface_has_seen_nothing),
		cmocka_unit_test(what_is_no_whole_tcp_segment_is_not_logged),
	};

	return (cmocka_run_group_tests_name("scn_run_frames", tests, NULL, NULL)
		    ? 1
		    : 0);
}
