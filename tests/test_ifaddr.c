/*
 * test_ifaddr.c - a vnet with many addresses knows each of them.
 */
#include "tests/lib/tstack.h"

#define MANY 1000
#define BASE UINT32_C(0x0a640000)

static int
addr(struct st *s, uint32_t n, bool add)
{
	/* the same last byte for runs of them, as point to point wires have */
	return (vnetsim_if_inet(
	    s->w, s->host, "lo0", BASE + (n % 250) * 256 + n / 250, 32, add));
}

static void
many(void **state)
{
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(addr(&s, n, true), 0);
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(addr(&s, n, true), VE_EXIST);
	for (uint32_t n = 0; n < MANY; n += 2)
		assert_int_equal(addr(&s, n, false), 0);
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(addr(&s, n, true), n % 2 == 0 ? 0 : VE_EXIST);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many),
	};

	return (
	    cmocka_run_group_tests_name("ifaddr", tests, NULL, NULL) ? 1 : 0);
}
