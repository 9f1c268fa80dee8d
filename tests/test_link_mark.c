/*
 * test_link_mark.c - a wire that marks: who is marked, and the sum after it.
 */
#include <string.h>
#include <vnetsim/link.h>
#include "tests/lib/tstack.h"

#define FRAMES 2000
#define LEN    60

static struct {
	uint8_t bytes[LEN];
	unsigned n, marked;
} seen;

static uint32_t
sum16(const uint8_t *p, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum & 0xffff) + (sum >> 16));
}

static void
wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_end != 1)
		return;
	assert_int_equal(ev->we_len, LEN);
	memcpy(seen.bytes, ev->we_bytes, LEN);
	seen.n++;
	seen.marked += (seen.bytes[15] & 3) == 3;
}

/* A packet for nobody, with real sums; fields from a simple generator. */
static void
frame(uint8_t *p, uint8_t tos, uint16_t type, uint32_t *seed)
{
	uint32_t sum;

	for (unsigned i = 0; i < LEN; i++) {
		*seed = *seed * 1103515245u + 12345u;
		p[i] = (uint8_t)(*seed >> 16);
	}
	p[12] = (uint8_t)(type >> 8);
	p[13] = (uint8_t)type;
	p[14] = 0x45;
	p[15] = tos;
	p[24] = p[25] = 0;
	sum = ~sum16(p + 14, 20);
	p[24] = (uint8_t)(sum >> 8);
	p[25] = (uint8_t)sum;
}

static struct st s;
static vnetsim_handle lnk;

static void
open_world(uint32_t ppm)
{
	struct vnetsim_link_params lp;
	int end;

	assert_true(st_open(&s, NULL));
	st_setup(&s);
	lnk = vnetsim_link_find(s.w, "epair0", &end);
	assert_int_equal(vnetsim_link_get(s.w, lnk, 1, &lp), 0);
	assert_int_equal(lp.mark, 0);
	lp.mark = ppm;
	assert_int_equal(vnetsim_link_set(s.w, lnk, 1, &lp), 0);
	memset(&lp, 0, sizeof(lp));
	assert_int_equal(vnetsim_link_get(s.w, lnk, 1, &lp), 0);
	assert_int_equal(lp.mark, ppm);
	vnetsim_set_wire(s.w, wire, NULL);
	memset(&seen, 0, sizeof(seen));
}

static void
inject(const uint8_t *p)
{
	assert_int_equal(vnetsim_link_inject(s.w, lnk, 1, p, LEN, false), 0);
	st_run(&s, ST_MS);
}

static void
close_world(void)
{
	vnetsim_set_wire(s.w, NULL, NULL);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static void
what_can_be_marked_is(void **state)
{
	uint8_t p[LEN], q[LEN];
	uint32_t seed = 1;

	(void)state;
	open_world(1000000);
	for (unsigned i = 0; i < FRAMES; i++) {
		frame(p, (uint8_t)(i / 4 << 2 | (i % 2 + 1)), 0x0800, &seed);
		inject(p);
		/* the mark, a right sum, and nothing else */
		memcpy(q, p, LEN);
		q[15] |= 3;
		q[24] = seen.bytes[24];
		q[25] = seen.bytes[25];
		assert_memory_equal(seen.bytes, q, LEN);
		assert_int_equal(sum16(seen.bytes + 14, 20), 0xffff);
	}
	assert_int_equal(seen.n, FRAMES);
	assert_int_equal(seen.marked, FRAMES);
	close_world();
}

static void
others_are_left_alone(void **state)
{
	uint8_t p[LEN];
	uint32_t seed = 2;

	(void)state;
	open_world(1000000);
	frame(p, 0x10, 0x0800, &seed); /* cannot */
	inject(p);
	assert_memory_equal(seen.bytes, p, LEN);
	frame(p, 0x13, 0x0800, &seed); /* is already */
	inject(p);
	assert_memory_equal(seen.bytes, p, LEN);
	frame(p, 0x12, 0x88b5, &seed); /* no IPv4 */
	inject(p);
	assert_memory_equal(seen.bytes, p, LEN);
	close_world();
}

static void
by_chance(void **state)
{
	uint8_t p[LEN];
	uint32_t seed = 3;

	(void)state;
	open_world(250000);
	for (unsigned i = 0; i < FRAMES; i++) {
		frame(p, 2, 0x0800, &seed);
		inject(p);
	}
	assert_in_range(seen.marked, FRAMES / 5, FRAMES * 3 / 10);
	close_world();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_marked_is),
		cmocka_unit_test(others_are_left_alone),
		cmocka_unit_test(by_chance),
	};

	return (cmocka_run_group_tests_name("link_mark", tests, NULL, NULL)
		    ? 1
		    : 0);
}
