/*
 * test_wire_kill.c - what the wire monitor says when a vnet dies: planted
 * faults it must find, near misses it must not.
 *
 * The bound is kill + T (1 s) + 4 RTO (4 s).
 */
#include "tests/test_wire.h"

#define HS      "aS bSA aA "
#define FINNED  "TIME_WAIT/FIN CLOSED/FIN finned"
#define A_RESET "CLOSED/RST sent CLOSED/RST received reset"
#define STUCK                                                                  \
	"ESTABLISHED/open ESTABLISHED/open abandoned b:stuck "                 \
	"!stuck:cli:srv:ESTABLISHED:alive"
#define LEFT "CLOSED/RST sent ESTABLISHED/open abandoned b:"
#define KEY  "!stuck:cli:srv:ESTABLISHED:"

/* Every peer was told. */
static void
told(void **state)
{
	static const struct wt_case cases[] = {
		{ "FIN", HS "kg aF bA bF aA x", FINNED },
		{ "FIN, dead at once", HS "kg aF bA bF aA/& x", FINNED },
		{ "closed before", HS "aF bA bF aA kg x", FINNED },
		{ "closed before by the peer", HS "bF aA aF bA kg x",
		    "CLOSED/FIN TIME_WAIT/FIN finned" },
		{ "TIME_WAIT cut", HS "kg aF bA bF aA aR x",
		    "CLOSED/FIN CLOSED/FIN finned" },
		{ "FIN, then RST", HS "kg aF bA , aR x", A_RESET },
		{ "abort", HS "ka aR x", A_RESET },
		{ "abort, challenged", HS "aD9/l ka aR bA/k-9 aR/-9 , x",
		    A_RESET },
		{ "wait", HS "kw bF aA aF bA x",
		    "CLOSED/FIN TIME_WAIT/FIN finned" },
		{ "crash", HS "kc x",
		    "ESTABLISHED/open ESTABLISHED/open abandoned b:silent" },
		{ "crash of a closed one", HS "aF bA bF aA kc x", FINNED },
		{ "no connection", "kg x", "" },
		{ "an opener heard of the incarnation before",
		    "bS kg aRA/k-9 x",
		    "CLOSED/RST sent SYN_SENT/open abandoned" },
		{ "the peer aborts itself", HS "kg x . bR",
		    "ESTABLISHED/open CLOSED/RST sent abandoned" },
		{ "somebody answers for the dead", HS "ka x bD9 aRA/k+9",
		    "CLOSED/RST sent CLOSED/RST received reset "
		    "!dead-sender:cli:alive" },
	};

	(void)state;
	WT_TABLE(cases);
}

/* Planted: each of these peers is left behind, and named with its state. */
static void
left_behind(void **state)
{
	static const struct wt_case cases[] = {
		{ "graceful", HS "kg x", STUCK },
		{ "abort", HS "ka x", STUCK },
		{ "wait", HS "kw x", STUCK },
		{ "no kill at all", HS "x", STUCK },
		{ "traffic before", HS "aD100 bA bD50 aA kg x", STUCK },
		{ "peer keeps sending", HS "kg x bD9 . bD9/r , bD9/r", STUCK },
		{ "in SYN_RECEIVED", "aS bSA kg x",
		    "ESTABLISHED/open SYN_RECEIVED/open abandoned b:stuck "
		    "!stuck:cli:srv:SYN_RECEIVED:alive" },
		{ "in CLOSE_WAIT", HS "aF bA kg x",
		    "FIN_WAIT_2/open CLOSE_WAIT/open abandoned b:stuck "
		    "!stuck:cli:srv:CLOSE_WAIT:alive" },
		{ "in FIN_WAIT_1", HS "bF/l kg x",
		    "ESTABLISHED/open FIN_WAIT_1/open abandoned b:stuck "
		    "!stuck:cli:srv:FIN_WAIT_1:alive" },
		{ "in FIN_WAIT_2", HS "bF aA kg x",
		    "CLOSE_WAIT/open FIN_WAIT_2/open abandoned b:stuck "
		    "!stuck:cli:srv:FIN_WAIT_2:alive" },
		{ "in CLOSING", HS "bF/& aF bA kg x",
		    "TIME_WAIT/FIN CLOSING/open abandoned b:stuck "
		    "!stuck:cli:srv:CLOSING:alive" },
		{ "in LAST_ACK", HS "in:farewell/tcp kg aF bA bF aA/l x",
		    "TIME_WAIT/FIN LAST_ACK/open abandoned b:stuck "
		    "!stuck:cli:srv:LAST_ACK:farewell/tcp" },
		{ "FIN lost", HS "kg in:farewell aF/l x",
		    "FIN_WAIT_1/open ESTABLISHED/open abandoned b:stuck " KEY
		    "farewell" },
		{ "RST under way when the wire went", HS "ka aR/t x",
		    LEFT "stuck " KEY "alive" },
		{ "RST below the window", HS "ka aR/-1 x",
		    LEFT "stuck " KEY "alive" },
		{ "RST right of the window", HS "ka aR/+9000 x",
		    LEFT "stuck " KEY "alive" },
		{ "challenge not answered", HS "ka aR/+1 bA x",
		    LEFT "stuck " KEY "alive" },
		{ "no challenge came", HS "ka aR/+1 x",
		    LEFT "stuck " KEY "alive" },
		{ "word lost before the challenge", HS "ka bD9/l aR/+1 bA x",
		    LEFT "stuck " KEY "alive" },
		{ "its word lost, and no challenge", HS "ka bD9/l aR/+1 x",
		    LEFT "stuck " KEY "alive" },
		{ "a listener that came late", "aS bRA/l aS/r bSA/l kg x",
		    "SYN_SENT/open SYN_RECEIVED/open abandoned b:stuck "
		    "!stuck:cli:srv:SYN_RECEIVED:alive" },
		{ "aborts itself too late", HS "kg x ! bR",
		    "ESTABLISHED/open CLOSED/RST sent abandoned b:stuck " KEY
		    "alive" },
		{ "told too late", HS "kg ! x . . ! end", STUCK },
	};

	(void)state;
	WT_TABLE(cases);
}

/* Nobody could have told them: counted, no finding. */
static void
excused(void **state)
{
	static const struct wt_case cases[] = {
		{ "RST lost", HS "ka aR/l x", LEFT "excused" },
		{ "RST queue full", HS "ka aR/q x", LEFT "excused" },
		{ "RST into a cut", HS "ka aR/c x", LEFT "excused" },
		{ "no merit of the dead", HS "ka aR/l x ! bR",
		    "CLOSED/RST sent CLOSED/RST sent abandoned b:excused" },
		{ "two lost", HS "ka aR/l aR/l x", LEFT "excused" },
		{ "the exact one lost, another ignored", HS "ka aR/l aR/-1 x",
		    LEFT "excused" },
		{ "challenge lost", HS "ka aR/+1 bA/l x", LEFT "excused" },
		{ "answer lost", HS "ka aR/+1 bA aR/l x", LEFT "excused" },
		{ "lost, then challenged, then nothing",
		    HS "ka aR/l aR/+1 bA x", LEFT "stuck " KEY "alive" },
		{ "never heard of it", "aS/l kg x",
		    "SYN_SENT/open CLOSED/open abandoned" },
		{ "did not answer", "aS kg x",
		    "SYN_SENT/open LISTEN/open abandoned" },
		{ "got no answer", "bS kg x",
		    "LISTEN/open SYN_SENT/open abandoned" },
		{ "answer lost in the handshake", "bS aSA/l kg x",
		    "SYN_RECEIVED/open SYN_SENT/open abandoned" },
		{ "both dead", HS "kg x . Kg X",
		    "ESTABLISHED/open ESTABLISHED/open abandoned" },
		{ "the other one died first", HS "Kc X . kg x",
		    "ESTABLISHED/open ESTABLISHED/open abandoned" },
		{ "dead without a kill", HS "kg x . X",
		    "ESTABLISHED/open ESTABLISHED/open abandoned" },
		{ "RST under way, receiver dying", HS "Kg ka aR/t x",
		    LEFT "excused" },
	};

	(void)state;
	WT_TABLE(cases);
}

/* The bound to the instant. */
static void
bounds(void **state)
{
	static const struct wt_case cases[] = {
		{ "end before the bound", HS "kg x , end",
		    "ESTABLISHED/open ESTABLISHED/open abandoned "
		    "undecided=1" },
		{ "end just before", HS "kg x , , , , . . . . . . . . . end",
		    "ESTABLISHED/open ESTABLISHED/open abandoned "
		    "undecided=1" },
		{ "end at the bound", HS "kg x , , , , , end", STUCK },
		{ "closed, then the end", HS "ka aR x end", A_RESET },
		{ "killed, not dead", HS "kg ! end",
		    "ESTABLISHED/open ESTABLISHED/open open undecided=1" },
		{ "dead after the bound", HS "kg ! x , , , . . . end",
		    "ESTABLISHED/open ESTABLISHED/open abandoned "
		    "undecided=1" },
		{ "and 4 RTO more", HS "kg ! x , , , , end", STUCK },
		{ "told last thing", HS "kg ! aR/& x", A_RESET },
		{ "the peer is dying as well", HS "kg x Kg", STUCK },
		{ "a second kill promises nothing", HS "kc kg x",
		    "ESTABLISHED/open ESTABLISHED/open abandoned b:silent" },
		{ "nothing after the end counts", HS "kg x , end aR",
		    "ESTABLISHED/open ESTABLISHED/open abandoned "
		    "undecided=1" },
	};

	(void)state;
	WT_TABLE(cases);
}

/*
 * An RST arrives at the bound exactly, or one nanosecond later; or it is sent
 * at the bound and needs no time.
 */
static void
last_moment(void **state)
{
	static struct wt t;
	int64_t kill;
	int late;

	(void)state;
	for (late = 0; late < 3; late++) {
		memset(&t.mem, 0, sizeof(t.mem));
		assert_true(wt_start(&t));
		wt_play(&t, HS "ka x");
		kill = t.now;
		assert_int_equal(vnetsim_wiremon_due(t.wm), kill + 5000 * MS);
		t.side[0].vnet = 7;
		wt_born(&t, 7, "heir");
		t.now = kill + 4999 * MS + late;
		wt_play(&t, "aR");
		assert_string_equal(wt_says(&t),
		    late == 0
			? "ESTABLISHED/open CLOSED/RST received abandoned"
			: "ESTABLISHED/open CLOSED/RST received abandoned "
			  "b:stuck !stuck:cli:srv:ESTABLISHED:alive");
		assert_int_equal(vnetsim_wiremon_due(t.wm), -1);
		wt_stop(&t);
	}
}

/* A new vnet takes the dead one's address and port and tells the peer. */
static void
successor(void **state)
{
	static struct wt t;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_play(&t, HS "kg x .");
	t.side[0].vnet = 2;
	wt_born(&t, 2, "cli2");
	wt_play(&t, "aS bA/k-1 aR/-1 . aS/r bSA aA");
	assert_string_equal(wt_says(&t),
	    "ESTABLISHED/open CLOSED/RST received abandoned | "
	    "ESTABLISHED/open ESTABLISHED/open open");
	wt_stop(&t);
	/* It comes, but never tells: the old connection is stuck still. */
	assert_true(wt_start(&t));
	wt_play(&t, HS "kg x .");
	t.side[0].vnet = 2;
	wt_play(&t, "aS bA/k-1");
	assert_string_equal(wt_says(&t),
	    "ESTABLISHED/open ESTABLISHED/open abandoned b:stuck | "
	    "SYN_SENT/open ESTABLISHED/open open "
	    "!stuck:cli:srv:ESTABLISHED:alive");
	wt_stop(&t);
}

/* The finding's particulars, and the farewell in numbers. */
static void
particulars(void **state)
{
	static struct wt t;
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_conn c;
	struct vnetsim_wire_vnet v;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_play(&t, HS "bD100 aA");
	wt_play(&t, "kg in:farewell/tcp aF in: bA , x ! end");
	assert_true(vnetsim_wiremon_finding(t.wm, 0, &f));
	assert_false(vnetsim_wiremon_finding(t.wm, 1, &f));
	assert_int_equal(f.wf_kind, VNETSIM_WF_STUCK);
	assert_int_equal(f.wf_time, 5050 * MS);
	assert_int_equal(f.wf_vnet, 0);
	assert_int_equal(f.wf_peer, 1);
	assert_int_equal(f.wf_conn, 0);
	assert_int_equal(f.wf_addr[0], 0x0a000001);
	assert_int_equal(f.wf_addr[1], 0x0a000002);
	assert_int_equal(f.wf_port[0], 1000);
	assert_int_equal(f.wf_port[1], 80);
	assert_int_equal(f.wf_state, VNETSIM_TCP_CLOSE_WAIT);
	assert_string_equal(f.wf_phase, "farewell");
	assert_string_equal(f.wf_step, "tcp");
	assert_string_equal(f.wf_key, "stuck:cli:srv:CLOSE_WAIT:farewell/tcp");
	assert_string_equal(f.wf_text,
	    "peer srv 10.0.0.2:80 stuck in CLOSE_WAIT: cli 10.0.0.1:1000, "
	    "killed at 0.050000000 s, had not closed it by 5.050000000 s and "
	    "last sent in phase farewell, step tcp");
	assert_true(vnetsim_wiremon_conn(t.wm, 0, &c));
	assert_false(vnetsim_wiremon_conn(t.wm, 1, &c));
	assert_int_equal(c.wc_end[0].wn_vnet, 0);
	assert_string_equal(c.wc_end[1].wn_name, "srv");
	assert_int_equal(c.wc_end[1].wn_bytes, 100);
	assert_int_equal(c.wc_end[0].wn_segs, 4);
	assert_int_equal(c.wc_end[0].wn_closed, -1);
	assert_string_equal(c.wc_end[0].wn_step, "tcp");
	assert_null(c.wc_end[1].wn_step);
	assert_int_equal(c.wc_first, 0);
	assert_int_equal(c.wc_last, 60 * MS);
	assert_int_equal(c.wc_incarnation, 1);
	assert_true(c.wc_established);
	assert_true(vnetsim_wiremon_vnet(t.wm, 0, &v));
	assert_int_equal(v.wv_killed, 50 * MS);
	assert_int_equal(v.wv_bound, 5050 * MS);
	assert_true(v.wv_judged);
	assert_int_equal(v.wv_stuck, 1);
	assert_int_equal(v.wv_peers, 1);
	assert_int_equal(v.wv_abandoned, 1);
	wt_stop(&t);
}

/* Who never sent has no fate. */
static void
no_fate(void **state)
{
	static struct wt t;
	struct vnetsim_wire_conn c;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_play(&t, "aS kg x ! end");
	assert_true(vnetsim_wiremon_conn(t.wm, 0, &c));
	assert_int_equal(c.wc_end[1].wn_state, VNETSIM_TCP_LISTEN);
	assert_int_equal(c.wc_end[1].wn_fate, VNETSIM_FATE_NONE);
	assert_int_equal(c.wc_end[0].wn_fate, VNETSIM_FATE_PENDING);
	wt_stop(&t);
}

/* One of each fate, told apart in the farewell of one vnet. */
static void
farewell_in_numbers(void **state)
{
	static const char *const ends[] = {
		"aF bA bF aA", /* finned after the kill */
		"aR",          /* reset */
		"aF bA aR",    /* reset after FIN */
		"bR",          /* peer gave up */
		"aR/l",        /* excused */
		"",            /* stuck */
	};
	static struct wt t;
	struct wt_side kept[6][2];
	struct vnetsim_wire_vnet v;
	unsigned int i;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	/* Closed before the kill, and an embryo: none to be told. */
	wt_play(&t, HS "aF bA bF aA");
	t.side[0].port = 999;
	wt_play(&t, "aS/l");
	for (i = 0; i < 6; i++) {
		t.side[0].port = (uint16_t)(2000 + i);
		wt_play(&t, HS);
		memcpy(kept[i], t.side, sizeof(t.side));
	}
	wt_play(&t, "kg");
	for (i = 0; i < 6; i++) {
		memcpy(t.side, kept[i], sizeof(t.side));
		wt_play(&t, ends[i]);
	}
	wt_play(&t, "x ! end");
	assert_true(vnetsim_wiremon_vnet(t.wm, 0, &v));
	assert_string_equal(v.wv_name, "cli");
	assert_int_equal(v.wv_peers, 6);
	assert_int_equal(v.wv_by_fin, 1);
	assert_int_equal(v.wv_by_rst, 2);
	assert_int_equal(v.wv_by_own, 1);
	assert_int_equal(v.wv_excused, 1);
	assert_int_equal(v.wv_stuck, 1);
	assert_int_equal(v.wv_silent, 0);
	assert_int_equal(v.wv_undecided, 0);
	assert_int_equal(v.wv_embryos, 1);
	assert_int_equal(v.wv_finned, 2);
	assert_int_equal(v.wv_reset, 3);
	assert_int_equal(v.wv_abandoned, 2);
	assert_int_equal(v.wv_open, 0);
	assert_int_equal(v.wv_within, 80 * MS);
	assert_true(vnetsim_wiremon_vnet(t.wm, 1, &v));
	assert_int_equal(v.wv_peers, 0);
	assert_int_equal(v.wv_killed, -1);
	assert_int_equal(v.wv_bound, -1);
	assert_false(vnetsim_wiremon_vnet(t.wm, 2, &v));
	wt_stop(&t);
}

/* The dead send nothing, not even ARP; findings of a kind are limited. */
static void
dead_sender(void **state)
{
	static struct wt t;
	static const uint8_t arp[42] = { [12] = 8, [13] = 6 };
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_stats st;
	int i;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_send(&t, 0, 0, 1, arp, sizeof(arp), VNETSIM_V_SENT, MS);
	wt_play(&t, ", kg x");
	assert_false(vnetsim_wiremon_finding(t.wm, 0, &f));
	wt_send(&t, 0, 1, 0, arp, sizeof(arp), VNETSIM_V_CUT, MS);
	assert_false(vnetsim_wiremon_finding(t.wm, 0, &f));
	wt_play(&t, ". in:let/arp");
	for (i = 0; i < VNETSIM_WIREMON_NOISE; i++)
		wt_send(&t, 0, 0, 1, arp, sizeof(arp), VNETSIM_V_LOST, MS);
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_noise, 0);
	assert_true(
	    vnetsim_wiremon_finding(t.wm, VNETSIM_WIREMON_NOISE - 1, &f));
	wt_send(&t, 0, 0, 1, arp, sizeof(arp), VNETSIM_V_SENT, MS);
	assert_false(vnetsim_wiremon_finding(t.wm, VNETSIM_WIREMON_NOISE, &f));
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_noise, 1);
	assert_int_equal(st.ws_arp, VNETSIM_WIREMON_NOISE + 3);
	assert_true(vnetsim_wiremon_finding(t.wm, 0, &f));
	assert_int_equal(f.wf_kind, VNETSIM_WF_DEAD_SENDER);
	assert_int_equal(f.wf_vnet, 0);
	assert_int_equal(f.wf_peer, VNETSIM_NOVNET);
	assert_int_equal(f.wf_frame, 3);
	assert_int_equal(f.wf_time, 1100 * MS);
	assert_string_equal(f.wf_key, "dead-sender:cli:let/arp");
	assert_string_equal(f.wf_text,
	    "frame 3 sent by cli on epair0a at 1.100000000 s: it was dead "
	    "since 1.000000000 s");
	wt_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(left_behind),
		cmocka_unit_test(excused),
		cmocka_unit_test(bounds),
		cmocka_unit_test(last_moment),
		cmocka_unit_test(successor),
		cmocka_unit_test(particulars),
		cmocka_unit_test(no_fate),
		cmocka_unit_test(farewell_in_numbers),
		cmocka_unit_test(dead_sender),
	};

	return (cmocka_run_group_tests_name("wire_kill", tests, NULL, NULL)
		    ? 1
		    : 0);
}
