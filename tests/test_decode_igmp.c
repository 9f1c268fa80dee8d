/*
 * test_decode_igmp.c - lines of IGMP, sound and cut short at each byte.
 */
#include "tests/test_capture_frames.h"

#include "sim/frametext.h"

/* An Ethernet frame with this message. */
static const char *
text(const uint8_t *msg, size_t n, bool sum)
{
	static const uint8_t addrs[] = { 10, 0, 0, 2, 224, 0, 0, 22 };
	static char line[FRAMETEXT_MAX];
	uint8_t f[34 + 64] = { 0 };
	uint32_t x = 0;

	f[12] = 8;
	f[14] = 0x45;
	f[17] = (uint8_t)(20 + n);
	f[22] = 1;
	f[23] = 2;
	memcpy(f + 26, addrs, sizeof(addrs));
	for (int i = 14; i < 34; i += 2)
		x += (uint32_t)f[i] << 8 | f[i + 1];
	x = ~((x & 0xffff) + (x >> 16)) & 0xffff;
	f[24] = (uint8_t)(x >> 8);
	f[25] = (uint8_t)x;
	memcpy(f + 34, msg, n);
	x = 0;
	for (size_t i = 0; sum && i < n; i += 2)
		x +=
		    (uint32_t)f[34 + i] << 8 | (i + 1 < n ? f[34 + i + 1] : 0u);
	x = (x & 0xffff) + (x >> 16);
	x = ~((x & 0xffff) + (x >> 16)) & 0xffff;
	if (sum && n >= 4) {
		f[36] = (uint8_t)(x >> 8);
		f[37] = (uint8_t)x;
	}
	(void)frametext_packet(line, sizeof(line), f, 34 + n, 0, NULL);
	return (line);
}

#define HOSTS "igmp 10.0.0.2 > 224.0.0.22"

static void
each_kind_has_its_line(void **state)
{
	static const struct {
		uint8_t b[48];
		size_t n;
		const char *want;
	} t[] = {
		{ { 0x11 }, 8, " v1 query" },
		{ { 0x11, 100 }, 8, " v2 query max 100" },
		{ { 0x11, 10, 0, 0, 239, 1, 2, 3 }, 8,
		    " v2 query 239.1.2.3 max 10" },
		{ { 0x11, 10, 0, 0, 0, 0, 0, 0, 2, 125 }, 12,
		    " v3 query max 10" },
		{ { 0x11, 10, 0, 0, 239, 1, 2, 3, 2, 125, 0, 1, 10, 0, 0, 9 },
		    16, " v3 query 239.1.2.3 max 10 {10.0.0.9}" },
		{ { 0x11, 10, 0, 0, 239, 1, 2, 3, 2, 125, 0, 2, 10, 0, 0, 9 },
		    16,
		    " v3 query 239.1.2.3 max 10 malformed at byte 50: sources "
		    "cut short" },
		{ { 0x12, 0, 0, 0, 239, 1, 2, 3 }, 8, " v1 report 239.1.2.3" },
		{ { 0x16, 0, 0, 0, 239, 1, 2, 3 }, 8, " v2 report 239.1.2.3" },
		{ { 0x17, 0, 0, 0, 239, 1, 2, 3 }, 8, " leave 239.1.2.3" },
		{ { 0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 239, 1, 2, 3, 5, 0,
		      0, 1, 239, 1, 2, 4, 10, 0, 0, 9 },
		    28,
		    " v3 report to-ex 239.1.2.3 {} allow 239.1.2.4 "
		    "{10.0.0.9}" },
		{ { 0x22, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0, 5, 239, 1, 2, 3, 1, 1,
		      1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5 },
		    36,
		    " v3 report ? 239.1.2.3 {1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4 "
		    "and 1 more}" },
		{ { 0x22, 0, 0, 0, 0, 0, 0, 1, 6, 0, 0, 1, 239, 1, 2, 3 }, 16,
		    " v3 report malformed at byte 50: record cut short" },
		{ { 0x13 }, 10, " type 19 len 2" },
		{ { 0x11 }, 7, " malformed at byte 41: header cut short" },
	};
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(want, sizeof(want), HOSTS "%s", t[i].want);
		assert_string_equal(text(t[i].b, t[i].n, true), want);
	}
	assert_string_equal(
	    text((const uint8_t *)"\x16\0\1\2\xef\1\2\3", 8, false),
	    HOSTS " v2 report 239.1.2.3 [bad igmp sum]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_line),
	};

	return (cmocka_run_group_tests_name("decode igmp", tests, NULL, NULL)
		    ? 1
		    : 0);
}
