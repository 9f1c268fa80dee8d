/*
 * test_import.c - import of captures that are not as they should be.
 *
 * Every byte of a real capture is changed in several ways: what can still be
 * imported is a scenario without a mistake.  tests/cli/import.sh runs what
 * comes of whole ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sim/capture_pcap.h"
#include "tests/test_import.h"

static size_t
slurp(const char *name, uint8_t buf[8192])
{
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "%s/tests/data/%s", VNETSIM_SOURCE_DIR, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(buf, 1, 8192, f);
	assert_int_equal(fclose(f), 0);
	assert_in_range(n, 100, 8191);
	return (n);
}

static void
any_byte_may_be_wrong(void **state)
{
	static const char *const names[] = { "linux-active.pcap",
		"linux-half.pcap", "linux-rst.pcap", "linux-reset.pcap" };
	static const uint8_t flips[] = { 0xff, 0x01, 0x80, 0x10 };
	uint8_t buf[8192];
	size_t len;
	int told;

	(void)state;
	if (capture_pcap_library() == NULL)
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = slurp(names[i], buf);
		assert_int_equal(import_all(buf, len), 2);
		for (size_t k = 0; k < len * 4; k++) {
			buf[k / 4] ^= flips[k % 4];
			told = import_all(buf, len);
			if (told < 0)
				fail_msg("%s: byte %zu ^ %#x", names[i], k / 4,
				    flips[k % 4]);
			buf[k / 4] ^= flips[k % 4];
		}
	}
}

/* Cut anywhere: what is there is told. */
static void
it_may_end_anywhere(void **state)
{
	uint8_t buf[8192], *cut;
	size_t len;
	int told = 0;

	(void)state;
	if (capture_pcap_library() == NULL)
		skip();
	len = slurp("linux-half.pcap", buf);
	for (size_t n = 1; n <= len; n++) {
		cut = malloc(n);
		assert_non_null(cut);
		memcpy(cut, buf, n);
		assert_in_range(import_all(cut, n), told, 2);
		told = import_all(cut, n);
		free(cut);
	}
	assert_int_equal(told, 2);
}

/* A connection that no program can make is refused with a sentence. */
static void
a_port_is_not_zero(void **state)
{
	struct import_seg seg = { .is_flags = IMP_SYN, .is_frame = 7 };
	struct import_flow fl = { .if_port = { 0, 80 }, .if_seg = &seg };
	char why[IMPORT_WHY] = "";

	(void)state;
	fl.if_n = 1;
	fl.if_syn[0] = true;
	assert_false(import_tellable(&fl, why));
	assert_string_equal(why, "frame 7: a port of the connection is 0");
	fl.if_port[0] = 1024;
	assert_true(import_tellable(&fl, why));
	fl.if_port[1] = 0;
	assert_false(import_tellable(&fl, why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_may_be_wrong),
		cmocka_unit_test(it_may_end_anywhere),
		cmocka_unit_test(a_port_is_not_zero),
	};

	return (
	    cmocka_run_group_tests_name("import", tests, NULL, NULL) ? 1 : 0);
}
