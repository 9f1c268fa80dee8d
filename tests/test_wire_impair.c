/*
 * test_wire_impair.c - the wire monitor and frames that are corrupted or
 * overtaken: what their receiver gets, and when.
 *
 * A TCP segment without payload has 54 bytes, 432 bits.
 */
#include "tests/test_wire.h"

#define HS      "aS bSA aA "
#define A_RESET "CLOSED/RST sent CLOSED/RST received reset"
#define LEFT    "CLOSED/RST sent ESTABLISHED/open abandoned b:"
#define KEY     "!stuck:cli:srv:ESTABLISHED:"
#define FINNED  "TIME_WAIT/FIN CLOSED/FIN finned"

static void
corrupted_is_lost_where_somebody_looks(void **state)
{
	static const struct wt_case cases[] = {
		{ "first bit", HS "ka aR/b0 x", LEFT "excused" },
		{ "last of the destination", HS "ka aR/b47 x", LEFT "excused" },
		{ "first of the source", HS "ka aR/b48 x", A_RESET },
		{ "last of the source", HS "ka aR/b95 x", A_RESET },
		{ "type", HS "ka aR/b96 x", LEFT "excused" },
		{ "last bit", HS "ka aR/b431 x", LEFT "excused" },
		{ "FIN sent again", HS "kg aF/b300 aF/r bA bF aA x", FINNED },
		{ "challenge", HS "ka aR/+1 bA/b300 x", LEFT "excused" },
		{ "data do not arrive", HS "ka aD9/b300 aR/& bA/k-9 x",
		    LEFT "stuck " KEY "alive" },
	};

	(void)state;
	WT_TABLE(cases);
}

static void
overtaken_arrives_when_it_is_said(void **state)
{
	static const struct wt_case cases[] = {
		{ "RST in time", HS "ka aR/h4000 x", A_RESET },
		{ "RST beyond the bound", HS "ka aR/h300000 x ! !",
		    LEFT "excused" },
		{ "FIN before its data",
		    HS "kg aD9/h50 aF , bA/k+1 bF/k+1 aA x", FINNED },
		{ "challenge beyond the bound", HS "ka aR/+1 bA/h90000 x ! !",
		    LEFT "excused" },
		{ "data too late for the RST", HS "ka aD9/h800 aR x",
		    LEFT "stuck " KEY "alive" },
		{ "data that others let go", HS "ka aD9/h800 bA v aR x",
		    A_RESET },
		{ "not silence that nothing holds", HS "ka aD9/h90000 aR x ! !",
		    LEFT "stuck " KEY "alive" },
	};

	(void)state;
	WT_TABLE(cases);
}

/* FreeBSD compares an RST with its last ACK, which may be delayed. */
static void
rst_at_the_last_ack(void **state)
{
	static const struct wt_case cases[] = {
		{ "at the last ACK", HS "ka aD9 aR/-9 x", A_RESET },
		{ "one above it", HS "ka aD9 aR/-8 x",
		    LEFT "stuck " KEY "alive" },
		{ "at an older one", HS "ka aD9 bA aR/-9 x",
		    LEFT "stuck " KEY "alive" },
	};

	(void)state;
	WT_TABLE(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corrupted_is_lost_where_somebody_looks),
		cmocka_unit_test(overtaken_arrives_when_it_is_said),
		cmocka_unit_test(rst_at_the_last_ack),
	};

	return (cmocka_run_group_tests_name("wire_impair", tests, NULL, NULL)
		    ? 1
		    : 0);
}
