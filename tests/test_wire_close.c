/*
 * test_wire_close.c - the wire monitor derives every close path of TCP.
 */
#include "tests/test_wire.h"

#define HS      "aS bSA aA "
#define EST     "ESTABLISHED/open ESTABLISHED/open open"
#define FINNED  "TIME_WAIT/FIN CLOSED/FIN finned"
#define A_RESET "CLOSED/RST sent CLOSED/RST received reset"
#define B_RESET "CLOSED/RST received CLOSED/RST sent reset"
#define A_GONE  "CLOSED/RST sent ESTABLISHED/open open"

static void
opening(void **state)
{
	static const struct wt_case cases[] = {
		{ "nothing", "", "" },
		{ "SYN lost", "aS/l end", "SYN_SENT/open CLOSED/open open" },
		{ "SYN", "aS end", "SYN_SENT/open LISTEN/open open" },
		{ "SYN under way", "aS/& end",
		    "SYN_SENT/open CLOSED/open open" },
		{ "SYN-ACK lost", "aS bSA/l end",
		    "SYN_SENT/open SYN_RECEIVED/open open" },
		{ "SYN-ACK", "aS bSA end",
		    "ESTABLISHED/open SYN_RECEIVED/open open" },
		{ "SYN-ACK acks what was not sent", "aS bSA/k+1 end",
		    "SYN_SENT/open SYN_RECEIVED/open open" },
		{ "three-way", HS "end", EST },
		{ "last ACK of three lost", "aS bSA aA/l end",
		    "ESTABLISHED/open SYN_RECEIVED/open open" },
		{ "data makes up for it", "aS bSA aA/l aD5 end", EST },
		{ "everything again", "aS/l aS/r bSA/l bSA/r aA aS/r end",
		    EST },
		{ "doubled", "aS/d bSA/d aA/d end", EST },
		{ "simultaneous", "aS/& bS aSA/r& bSA/r end", EST },
		{ "half simultaneous", "aS/& bS aSA/r end",
		    "SYN_RECEIVED/open ESTABLISHED/open open" },
		{ "no delay at all", "aS/z& bSA/z& aA/z& end", EST },
		{ "refused", "aS bRA end", B_RESET },
		{ "refused, wrong ACK", "aS bRA/k+5 end",
		    "SYN_SENT/open CLOSED/RST sent open" },
		{ "refused, no ACK", "aS bR end",
		    "SYN_SENT/open CLOSED/RST sent open" },
		{ "refused, ACK of nothing", "aS bRA/k-1 end",
		    "SYN_SENT/open CLOSED/RST sent open" },
		{ "refused, the same again", "aS bRA aS/r bSA aA end",
		    B_RESET " | " EST },
		{ "simultaneous, another SYN", "aS/& bS aSA/r& bSA/r+1 end",
		    "SYN_RECEIVED/open ESTABLISHED/open open" },
		{ "refused, then served", "aS bRA/l aS/r bSA aA end", EST },
		{ "started over", "aS/l aS end",
		    "SYN_SENT/open CLOSED/open abandoned | "
		    "SYN_SENT/open LISTEN/open open" },
		{ "stray RST", "aR end", "" },
		{ "SYN in ESTABLISHED", HS "bS/+100 end",
		    "ESTABLISHED/open ESTABLISHED/open abandoned | "
		    "ESTABLISHED/open SYN_SENT/open open" },
	};

	(void)state;
	WT_TABLE(cases);
}

static void
closing(void **state)
{
	static const struct wt_case cases[] = {
		{ "active", HS "aF bA bF aA end", FINNED },
		{ "passive", HS "bF aA aF bA end",
		    "CLOSED/FIN TIME_WAIT/FIN finned" },
		{ "FIN and ACK in one", HS "aF bF aA end", FINNED },
		{ "simultaneous", HS "aF/& bF aA/& bA end",
		    "TIME_WAIT/FIN TIME_WAIT/FIN finned" },
		{ "simultaneous, one ACK lost", HS "aF/& bF aA/l& bA end",
		    "TIME_WAIT/FIN CLOSING/open open" },
		{ "half close, data after", HS "aF bA bD100 aA bF aA end",
		    FINNED },
		{ "half closed for good", HS "aF bA ! end",
		    "FIN_WAIT_2/open CLOSE_WAIT/open open" },
		{ "FIN with data", HS "aFD100 bA bFD7 aA end", FINNED },
		{ "FIN lost", HS "aF/l end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "FIN late", HS "aF/t end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "FIN full queue", HS "aF/q end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "FIN into a cut", HS "aF/c end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "FIN lost and again", HS "aF/l . aF/r bA bF aA end", FINNED },
		{ "FIN not acknowledged", HS "aF end",
		    "FIN_WAIT_1/open CLOSE_WAIT/open open" },
		{ "last ACK lost", HS "aF bA bF aA/l end",
		    "TIME_WAIT/FIN LAST_ACK/open open" },
		{ "last ACK under way", HS "aF bA bF aA/& end",
		    "TIME_WAIT/FIN LAST_ACK/open open" },
		{ "last ACK lost, FIN again", HS "aF bA bF aA/l . bF/r aA end",
		    FINNED },
		{ "LAST_ACK sends on", HS "aF bA bF aA . bF/r end",
		    "TIME_WAIT/FIN LAST_ACK/open open" },
		{ "everything doubled", HS "aF/d bA/d bF/d aA/d end", FINNED },
		{ "no delay", "aS/z& bSA/z& aA/z& aF/z& bA/z& bF/z& aA/z& end",
		    FINNED },
		{ "FIN after a hole", HS "aD100/l aF bA end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "hole filled", HS "aD100/l aF aD100/r-100 end",
		    "FIN_WAIT_1/open CLOSE_WAIT/open open" },
		{ "ACK of what was not sent", HS "aF bA/k+1 end",
		    "FIN_WAIT_1/open CLOSE_WAIT/open open" },
		{ "FIN into a zero window", "aS bSA/w0 aA aF end",
		    "FIN_WAIT_1/open ESTABLISHED/open open" },
		{ "taken all the same", "aS bSA/w0 aA aF bA end",
		    "FIN_WAIT_2/open CLOSE_WAIT/open open" },
		{ "ACK right of the window", HS "aF bA/+9000 end",
		    "FIN_WAIT_1/open CLOSE_WAIT/open open" },
		{ "reused port", HS "aF bA bF aA aS bSA aA end",
		    FINNED " | " EST },
		{ "reused after RST", HS "aR aS bSA aA bF end",
		    A_RESET " | CLOSE_WAIT/open FIN_WAIT_1/open open" },
		{ "keepalive", HS "aA/-1 bA end", EST },
	};

	(void)state;
	WT_TABLE(cases);
}

static void
reset_states(void **state)
{
	static const struct wt_case cases[] = {
		{ "in SYN_RECEIVED", "aS bSA aR end", A_RESET },
		{ "by SYN_RECEIVED", "aS bSA/l bRA end", B_RESET },
		{ "by SYN_RECEIVED elsewhere", "aS bSA bR/+9 end",
		    "ESTABLISHED/open SYN_RECEIVED/open open" },
		{ "in ESTABLISHED", HS "aR end", A_RESET },
		{ "in FIN_WAIT_1", HS "aF/l bR end", B_RESET },
		{ "in FIN_WAIT_2", HS "aF bA bR end", B_RESET },
		{ "in CLOSE_WAIT", HS "aF bA aR end", A_RESET },
		{ "in CLOSING", HS "aF/& bF bR end", B_RESET },
		{ "in LAST_ACK", HS "aF bA bF/l aR end", A_RESET },
		{ "in TIME_WAIT", HS "aF bA bF aA bR end", FINNED },
		{ "cuts TIME_WAIT", HS "aF bA bF aA aR end",
		    "CLOSED/FIN CLOSED/FIN finned" },
	};

	(void)state;
	WT_TABLE(cases);
}

/* RFC 5961 section 3.2: which RST closes. */
static void
reset_sequence(void **state)
{
	static const struct wt_case cases[] = {
		{ "lost", HS "aR/l end", A_GONE },
		{ "late", HS "aR/t end", A_GONE },
		{ "below the window", HS "aR/-1 end", A_GONE },
		{ "in the window", HS "aR/+1 end", A_GONE },
		{ "last in the window", HS "aR/+8191 end", A_GONE },
		{ "right of the window", HS "aR/+8192 end", A_GONE },
		{ "challenge answered", HS "aR/+1 bA aR end", A_RESET },
		{ "challenge answered wrongly", HS "aR/+1 bA aR/+1 end",
		    A_GONE },
		{ "after data", HS "aD100 bA aR end", A_RESET },
		{ "after lost data", HS "aD100/l aR end", A_GONE },
		{ "after a hole", HS "aD100/l aD100 aR end", A_GONE },
		{ "hole filled", HS "aD100/l aD100 aD100/r-100 aR end",
		    A_RESET },
		{ "hole filled over its edges",
		    HS "aD100/l aD100 aD200/r-150 aD100/r-100 aR end",
		    A_RESET },
		{ "hole acknowledged", HS "aD100/l aD100 bA/k+200 aR end",
		    A_RESET },
		{ "after more data, sent again",
		    HS "aD100 bA aD200/r aR/+100 end", A_RESET },
		{ "overtakes data", HS "aD100/& aR/z end", A_GONE },
	};

	(void)state;
	WT_TABLE(cases);
}

static void
reset_windows(void **state)
{
	static const struct wt_case cases[] = {
		{ "zero window, probe not taken", "aS bSA/w0 aA aD1 aR end",
		    A_GONE },
		{ "zero window, at SND.UNA too",
		    "aS bSA/w0 aA aD1 aR aR/-1 end", A_RESET },
		{ "zero window, probe acknowledged",
		    "aS bSA/w0 aA aD1 bA aR end", A_RESET },
		{ "unscaled window", "aS bSA/w10 aA bA/w2 aD200 aR end",
		    A_GONE },
		{ "one-sided scale", "aS bSA/mw10 aA bA/w2 aD200 aR end",
		    A_GONE },
		{ "scaled window", "aS/m bSA/mw10 aA bA/w2 aD200 aR end",
		    A_RESET },
	};

	(void)state;
	WT_TABLE(cases);
}

/* What happens in one instant, and what an end says afterwards. */
static void
reset_instants(void **state)
{
	static const struct wt_case cases[] = {
		{ "both at once", HS "aR/& bR end",
		    "CLOSED/RST sent CLOSED/RST sent reset" },
		{ "doubled", HS "aR/d end", A_RESET },
		{ "proves not to have closed", HS "aR bA end", A_GONE },
		{ "closed after all", HS "aR bA aR end", A_RESET },
		{ "after data of the same instant",
		    HS "aD100/& aD100/& aR/& : bA end", A_RESET },
		{ "two ACKs of the same instant",
		    HS "aD100/& aD100/& aR/& : bA/k-100& bA end", A_RESET },
		{ "challenge for a delayed ACK", HS "aD100 aR/& : bA end",
		    A_GONE },
		{ "and its answer", HS "aD100 aR/& : bA aR end", A_RESET },
		{ "all in one instant",
		    "aS/z& bSA/z& aA/z& aD9/z& bA/z& aR/z& end", A_RESET },
	};

	(void)state;
	WT_TABLE(cases);
}

/* A connection whose beginning nobody saw. */
static void
midstream(void **state)
{
	static struct wt t;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	t.side[0].rcv = t.side[1].snd;
	t.side[1].rcv = t.side[0].snd;
	wt_play(&t, "aD100 bA aF bA bF aA end");
	assert_string_equal(wt_says(&t), FINNED);
	wt_stop(&t);
	assert_true(wt_start(&t));
	t.side[0].rcv = t.side[1].snd;
	t.side[1].rcv = t.side[0].snd;
	wt_play(&t, "aD100 kg x");
	assert_string_equal(
	    wt_says(&t), "ESTABLISHED/open CLOSED/open abandoned");
	wt_stop(&t);
	assert_true(wt_start(&t));
	t.side[0].rcv = t.side[1].snd;
	t.side[1].rcv = t.side[0].snd;
	wt_play(&t, "aD100 bA kg x");
	assert_string_equal(wt_says(&t),
	    "ESTABLISHED/open ESTABLISHED/open abandoned b:stuck "
	    "!stuck:cli:srv:ESTABLISHED:alive");
	wt_stop(&t);
}

/*
 * The client starts over, the server still has the old connection: challenge
 * ACK, RST, and then a second handshake (RFC 9293 section 3.5.1).
 */
static void
half_open(void **state)
{
	static const struct wt_case cases[] = {
		{ "challenged", HS "aD10 aS bA/k-1 end",
		    "ESTABLISHED/open ESTABLISHED/open abandoned | "
		    "SYN_SENT/open ESTABLISHED/open open" },
		{ "reset", HS "aD10 aS bA/k-1 aR/-1 end",
		    "ESTABLISHED/open CLOSED/RST received abandoned | "
		    "SYN_SENT/open CLOSED/RST received open" },
		{ "and connected", HS "aS bA/k-1 aR/-1 . aS/r bSA aA end",
		    "ESTABLISHED/open CLOSED/RST received abandoned | " EST },
		{ "three times over", HS "aS bA/k-1 aS bA/k-2 aR/-2 end",
		    "ESTABLISHED/open CLOSED/RST received abandoned | "
		    "SYN_SENT/open CLOSED/RST received abandoned | "
		    "SYN_SENT/open CLOSED/RST received open" },
	};

	(void)state;
	WT_TABLE(cases);
}

/* One hole for every range, then one more. */
static void
holes_at_the_limit(void **state)
{
	static struct wt t;
	int n, i;

	(void)state;
	for (n = VNETSIM_WIREMON_RANGES; n <= VNETSIM_WIREMON_RANGES + 1; n++) {
		memset(&t.mem, 0, sizeof(t.mem));
		assert_true(wt_start(&t));
		wt_play(&t, HS);
		for (i = 0; i < n; i++)
			wt_play(&t, "aD10/l aD10");
		wt_play(&t, "aR end");
		if (n == VNETSIM_WIREMON_RANGES)
			assert_string_equal(wt_says(&t), A_GONE);
		else
			assert_string_equal(wt_says(&t), A_RESET " fuzzy");
		wt_stop(&t);
	}
	/* What adjoins is one range. */
	assert_true(wt_start(&t));
	wt_play(&t, HS "aD10/l");
	for (i = 0; i < 2 * VNETSIM_WIREMON_RANGES; i++)
		wt_play(&t, "aD10");
	wt_play(&t, "aR end");
	assert_string_equal(wt_says(&t), A_GONE);
	wt_stop(&t);
	/* From behind as well. */
	assert_true(wt_start(&t));
	wt_play(&t, HS);
	for (i = 0; i < 2 * VNETSIM_WIREMON_RANGES; i++)
		wt_play(&t, "aD10/l");
	for (i = 0; i < 2 * VNETSIM_WIREMON_RANGES - 1; i++) {
		char word[32];

		snprintf(word, sizeof(word), "aD10/r-%d", i * 10);
		wt_play(&t, word);
	}
	wt_play(&t, "aR end");
	assert_string_equal(wt_says(&t), A_GONE);
	wt_stop(&t);
	/* The limit is in holes, not in segments: fill all, from behind. */
	assert_true(wt_start(&t));
	wt_play(&t, HS);
	for (i = 0; i < VNETSIM_WIREMON_RANGES; i++)
		wt_play(&t, "aD10/l aD10");
	for (i = VNETSIM_WIREMON_RANGES - 1; i >= 0; i--) {
		char word[32];

		snprintf(word, sizeof(word), "aD10/r-%d",
		    (VNETSIM_WIREMON_RANGES - 1 - i) * 20 + 10);
		wt_play(&t, word);
	}
	wt_play(&t, "aR end");
	assert_string_equal(wt_says(&t), A_RESET);
	wt_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(closing),
		cmocka_unit_test(reset_states),
		cmocka_unit_test(reset_sequence),
		cmocka_unit_test(reset_windows),
		cmocka_unit_test(reset_instants),
		cmocka_unit_test(midstream),
		cmocka_unit_test(half_open),
		cmocka_unit_test(holes_at_the_limit),
	};

	return (cmocka_run_group_tests_name("wire_close", tests, NULL, NULL)
		    ? 1
		    : 0);
}
