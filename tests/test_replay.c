/*
 * test_replay.c - frames from outside: link replay, link send.
 *
 * Captures are classic pcap files made here, so every byte and time of them is
 * known; what came of them is what packet claims, drops and counters say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/capture_linktype.h"
#include "sim/capture_pcap.h"
#include "sim/scn_run_play.h"
#include "sim/scn_run_var.h"

#define NEAR                                                                   \
	"ifconfig epair0 create\n"                                             \
	"ifconfig epair0b up\n"                                                \
	"jail -c name=near vnet persist vnet.interface=epair0a\n"              \
	"jexec near ifconfig epair0a inet 10.0.0.1/24 up\n"                    \
	"jexec near arp -s 10.0.0.2 02:00:00:00:00:99\n"                       \
	"link epair0 delay 5ms\n"                                              \
	"+10ms\n"
#define TO   "10.0.0.2:80 > 10.0.0.1:1024 "
#define SEND "link epair0b send " TO
#define ACCEPTED                                                               \
	NEAR "near c = connect tcp 10.0.0.2 80 from :1024\n" SEND              \
	     "S. 0:0(0) ack 1 <mss 1460>\n"                                    \
	     "until near c state ESTABLISHED within 1s\n"

static char capture[64];

static void
put32(FILE *f, uint32_t v)
{
	assert_int_equal(fwrite(&v, 4, 1, f), 1);
}

static FILE *
capture_begin(uint32_t dlt)
{
	FILE *f = fopen(capture, "wb");

	assert_non_null(f);
	put32(f, 0xa1b23c4d); /* nanoseconds, this machine's byte order */
	put32(f, 4u << 16 | 2);
	put32(f, 0);
	put32(f, 0);
	put32(f, 262144);
	put32(f, dlt);
	return (f);
}

/*
 * A UDP datagram of @len payload bytes from 10.0.0.2 to 10.0.0.1:9, behind
 * @head bytes of link header; @cut bytes of it are missing in the file.
 */
static void
frame(FILE *f, uint32_t ns, const uint8_t *hdr, uint32_t head, uint32_t len,
    uint32_t cut)
{
	uint8_t ip[28] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2,
		10, 0, 0, 1, 0, 53, 0, 9 };
	uint32_t i, sum = 0, n = 28 + len;

	ip[2] = (uint8_t)(n >> 8);
	ip[3] = (uint8_t)n;
	ip[24] = (uint8_t)((8 + len) >> 8);
	ip[25] = (uint8_t)(8 + len);
	for (i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	put32(f, 1700000000);
	put32(f, ns);
	put32(f, head + n - cut);
	put32(f, head + n);
	assert_int_equal(fwrite(hdr, 1, head, f), head);
	assert_int_equal(fwrite(ip, 1, 28, f), 28);
	for (i = cut; i < len; i++)
		assert_int_not_equal(fputc(0, f), EOF);
}

static const uint8_t ether[14] = { [5] = 1, [12] = 8 };

static int
played(const char *text, char why[512])
{
	struct scn_errors *errors = NULL;
	struct play_opts po = { 0 };
	const struct scn_failure *sf;
	struct scn_script *script;
	struct scn_plan *plan;
	struct player p;
	int status;

	memset(&p, 0, sizeof(p));
	if (scn_parse_text(
		"t.scn", text, strlen(text), NULL, &script, &errors) != SCN_OK)
		fail_msg("%s", errors->n > 0 ? errors->v[0].message : "?");
	plan = scn_plan_new(script);
	p.p_env = scn_env_new(plan);
	p.p_script = script;
	p.p_watch = true;
	play(&p, &po);
	status = p.p_exit;
	sf = scn_run_failure(p.p_env, 0);
	(void)snprintf(why, 512, "%s", sf != NULL ? sf->sf_message : "");
	if (p.p_why != NULL)
		(void)snprintf(why, 512, "%s", p.p_why);
	player_close(&p);
	scn_env_free(p.p_env);
	scn_plan_free(plan);
	scn_free(script);
	return (status);
}

/* CAPTURE in the text is the file. */
static void
expect_ok(const char *format)
{
	char text[4096], why[512];
	const char *at = format, *mark;
	size_t n = 0;
	int status;

	while ((mark = strstr(at, "CAPTURE")) != NULL) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s%s",
		    (int)(mark - at), at, capture);
		at = mark + 7;
	}
	(void)snprintf(text + n, sizeof(text) - n, "%s", at);
	status = played(text, why);
	if (status != 0)
		fail_msg("status %d: %s", status, why);
}

static void
expect_failure(const char *text, const char *words)
{
	char why[512];

	assert_int_equal(played(text, why), EXIT_EXPECT);
	if (strstr(why, words) == NULL)
		fail_msg("'%s' is not in: %s", words, why);
}

static bool
without_pcap(void)
{
	if (capture_pcap_library() != NULL)
		return (false);
	print_message("built without libpcap\n");
	return (true);
}

#define UDPIN(n) "expect stat near udp.udps_noport " n "\n"

static void
frames_come_at_their_times(void **state)
{
	FILE *f;

	(void)state;
	if (without_pcap())
		return;
	f = capture_begin(1);
	frame(f, 1000, ether, 14, 10, 0);
	frame(f, 100001000, ether, 14, 10, 0);
	frame(f, 50001000, ether, 14, 10, 0); /* earlier than the one before */
	frame(f, 200001000, ether, 14, 10, 0);
	assert_int_equal(fclose(f), 0);
	/* 10 ms start, 200 ms of capture; the last one arrives at 215 ms */
	expect_ok(NEAR "expect output \"4 frames played\\n\" "
		       "link epair0b replay CAPTURE rewrite\n"
		       "at 210ms\n" UDPIN("3") "+5ms\n" UDPIN("4"));
	/* four times as fast; a thousandth of it is an hour for hours */
	expect_ok(
	    NEAR "link epair0b replay CAPTURE rewrite speed 4\nat 60ms\n");
	expect_failure(NEAR "at 60s\nat 1s\n", "ago");
	expect_ok(NEAR
	    "link epair0b replay CAPTURE rewrite speed 0.001\nat 200010ms\n");
	/* others' addresses: the NIC does not take them */
	expect_ok(NEAR "link epair0b replay CAPTURE\n+10ms\n" UDPIN("0"));
}

static void
what_cannot_be_played_is_dropped_with_its_reason(void **state)
{
	FILE *f;

	(void)state;
	if (without_pcap())
		return;
	f = capture_begin(1);
	frame(f, 0, ether, 14, 1472, 0);
	frame(f, 0, ether, 14, 1473, 0);
	frame(f, 0, ether, 14, 1472, 0);
	frame(f, 0, ether, 14, 20, 5);
	assert_int_equal(fclose(f), 0);
	expect_ok(
	    NEAR "expect output \"2 frames played; dropped: 1 cut short in the "
		 "capture, 1 longer than the MTU\" link epair0b replay CAPTURE "
		 "rewrite\n+10ms\n" UDPIN("2"));
	expect_ok(
	    NEAR "jexec near ifconfig epair0a mtu 1501\n"
		 "expect output \"3 frames played\" "
		 "link epair0b replay CAPTURE rewrite\n+10ms\n" UDPIN("3"));
	expect_ok(NEAR "link epair0 cut\nexpect output \"2 link cut\" "
		       "link epair0b replay CAPTURE filter \"greater 1000\"\n");
	expect_ok(NEAR "jexec near ifconfig epair0a mtu 1501\n"
		       "link epair0b rate 1kbps queue 1\n"
		       "expect output \"1 queue full\" link epair0b replay "
		       "CAPTURE filter \"greater 1000\" rewrite\n");
}

static void
other_link_types_get_an_ethernet_header(void **state)
{
	static const struct {
		uint32_t dlt, head;
		uint8_t hdr[20];
	} types[] = {
		{ 0, 4, { 2 } },
		{ 0, 4, { 0, 0, 0, 2 } },
		{ 108, 4, { 0, 0, 0, 2 } },
		{ 101, 0, { 0 } },
		{ 228, 0, { 0 } },
		{ 113, 16, { 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 7, [14] = 8 } },
		{ 276, 20, { 8, [11] = 6, [12] = 2 } },
	};
	uint8_t eh[CAPTURE_ETHER_HDR], raw = 0x60;
	size_t skip;
	FILE *f;

	(void)state;
	assert_false(capture_linktype_known(105));
	assert_true(capture_linktype_ether(101, &raw, 1, eh, &skip));
	assert_int_equal(eh[12] << 8 | eh[13], 0x86dd);
	assert_false(capture_linktype_ether(101, &raw, 0, eh, &skip));
	raw = 0x50;
	assert_false(capture_linktype_ether(101, &raw, 1, eh, &skip));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		/* one byte less than a header is none */
		if (types[i].head > 0)
			assert_false(capture_linktype_ether((int)types[i].dlt,
			    types[i].hdr, types[i].head - 1, eh, &skip));
		if (capture_pcap_library() == NULL)
			continue;
		f = capture_begin(types[i].dlt);
		frame(f, 0, types[i].hdr, types[i].head, 10, 0);
		frame(f, 0, types[i].hdr, types[i].head, 10, 0);
		assert_int_equal(fclose(f), 0);
		expect_ok(NEAR "expect output \"2 frames played\\n\" "
			       "link epair0b replay CAPTURE\n"
			       "+10ms\n" UDPIN("2"));
	}
	if (capture_pcap_library() == NULL)
		return;
	f = capture_begin(113);
	frame(f, 0, (const uint8_t[16]){ [14] = 0, [15] = 4 }, 16, 10, 0);
	assert_int_equal(fclose(f), 0);
	expect_ok(NEAR "expect output \"0 frames played; dropped: 1 not "
		       "Ethernet\" link epair0b replay CAPTURE\n");
}

static void
a_bad_capture_is_refused_with_a_sentence(void **state)
{
	char text[1024];
	FILE *f;

	(void)state;
	expect_ok(NEAR "expect fails ENOENT link epair0b replay nosuch.pcap\n"
		       "expect fails ENXIO link epair3b replay nosuch.pcap\n");
	f = fopen(capture, "w");
	assert_non_null(f);
	(void)fputs("this is no capture", f);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(
	    text, sizeof(text), NEAR "link epair0b replay %s\n", capture);
	expect_failure(text, "not a capture");
	if (without_pcap())
		return;
	f = capture_begin(1);
	frame(f, 0, ether, 14, 10, 0);
	put32(f, 0); /* half a header */
	assert_int_equal(fclose(f), 0);
	expect_failure(text, "truncated");
	f = capture_begin(1);
	assert_int_equal(fclose(f), 0);
	expect_ok(NEAR "expect output \"0 frames played\\n\" "
		       "link epair0b replay CAPTURE\n");
	(void)snprintf(
	    text, sizeof(text), NEAR "link epair0 replay %s\n", capture);
	expect_failure(text, "does not say who sent what");
	(void)snprintf(text, sizeof(text),
	    NEAR "link epair0b replay %s filter \"tcp and\"\n", capture);
	expect_failure(text, "filter: ");
}

static void
a_peer_on_paper_opens_and_closes(void **state)
{
	(void)state;
	expect_ok(NEAR
	    "near c = connect tcp 10.0.0.2 80 from :1024\n"
	    "link epair0b send isn 4294967290 " TO
	    "S. 0:0(0) ack 1 win 65535 <mss 1460,nop,wscale 6>\n"
	    "near send c 3000\n"
	    "near recv c 1000\n"
	    "near close c\n" SEND "P. 1:1001(1000) ack 3001\n" SEND
	    "F. 1001:1001(0) ack 3002\n"
	    "expect packet epair0b > S. 0:0(0) ack 1 <mss 1460,nop,wscale 6>\n"
	    "expect packet epair0a > F. 3001:3001(0) ack 1001\n"
	    "expect near c state TIME_WAIT within 1s\n"
	    "expect packet epair0a > . 3002:3002(0) ack 1002\n"
	    "jail -r near\n+1s\nexpect peers closed 1\n");
	/* the other way round, with the numbers of an RST checked */
	expect_ok(NEAR "near s = listen tcp 1024\n"
		       "near c = accept s\n" SEND "S 0:0(0) <mss 1000>\n" SEND
		       ". 1:1(0) ack 1\n"
		       "expect near c state ESTABLISHED within 1s\n" SEND
		       "R. 9:9(0) ack 1\n+20ms\n"
		       "expect near c state ESTABLISHED\n" SEND
		       "R. 1:1(0) ack 1\n+20ms\n"
		       "expect near c error ECONNRESET\n");
}

static void
it_waits_for_what_it_acknowledges(void **state)
{
	(void)state;
	expect_failure(NEAR SEND "S. 0:0(0) ack 1 within 3s\nat 4s\n",
	    "nothing of this connection has arrived");
	expect_failure(ACCEPTED "near send c 100\n" SEND
				". 1:1(0) ack 102 within 3s\n",
	    "it acknowledges 102, but only what is before 101 has arrived");
	/* 40,000 bytes need more than the first window: what has come is
	 * acknowledged on the way */
	expect_ok(ACCEPTED "near send c 40000\n" SEND ". 1:1(0) ack 40001\n"
			   "expect packet epair0b > . 1:1(0) ack 40001\n");
}

static void
it_minds_the_window_but_probes_it(void **state)
{
	(void)state;
	/* 4096 bytes of room: 1 more waits for the reader, at most 5 s */
	expect_ok(NEAR
	    "near c = socket tcp\nnear bind c 1024\n"
	    "near setsockopt c SO_RCVBUF 4096\n"
	    "near connect c 10.0.0.2 80\n" SEND "S. 0:0(0) ack 1 <mss 1460>\n"
	    "until near c state ESTABLISHED within 1s\n" SEND
	    ". 1:1001(1000) ack 1\n" SEND ". 1001:2001(1000) ack 1\n" SEND
	    ". 2001:3001(1000) ack 1\n" SEND ". 3001:4097(1096) ack 1\n"
	    "at 1s\n"
	    "near recv c 4096\n" SEND ". 4097:4098(1) ack 1\n"
	    "at 2s\n" SEND ". 4098:5194(1096) ack 1\n" SEND
	    ". 5194:6290(1096) ack 1\n+1ms\n"
	    "expect near alive\n");
}

static void
who_was_reset_is_silent(void **state)
{
	(void)state;
	expect_ok(ACCEPTED
	    "near linger c on 0\nnear close c\n+20ms\n"
	    "expect packet epair0a > R. *\n"
	    "expect output \"not sent: the connection was reset\" " SEND
	    ". 1:2(1) ack 1\n"
	    "expect no packet epair0b > . 1:2(1)\n"
	    "near s = listen tcp 1024\n" SEND "S 0:0(0)\n+20ms\n"
	    "expect packet epair0a > S. 0:0(0) ack 1\n");
}

static void
timestamps_are_echoed_and_sums_are_right(void **state)
{
	(void)state;
	expect_ok(ACCEPTED SEND ". 1:1(0) ack 1 <nop,nop,TS val 5 ecr *>\n"
				"expect packet epair0b > . 1:1(0) ack 1 "
				"<nop,nop,TS val 5 ecr *>\n+10ms\n"
				"expect stat near tcp.tcps_rcvbadsum 0\n" SEND
				"P. 1:102(101) ack 1\n+10ms\n"
				"expect stat near tcp.tcps_rcvbadsum 0\n"
				"near recv c 101\n+1ms\n"
				"expect near c received 101\n");
}

static void
forms_are_checked(void **state)
{
	static const char *const bad[][2] = {
		{ "link epair0 send " TO ". 1:1(0) ack 1",
		    "'send' needs an end of the link" },
		{ SEND "* 1:1(0) ack 1", "has flags, numbers and options" },
		{ SEND ". ack 1", "has flags, numbers and options" },
		{ SEND ". 1:1(0)", "says what it acknowledges" },
		{ SEND "S 0:0(0) <mss *>", "'*' in an option" },
		{ SEND "S 0:0(0) <sack 1:2 3:4 5:6 7:8,sack 1:2>",
		    "44 bytes of options, 40 have room" },
		{ "link epair0b send 10.0.0.2 > 10.0.0.1:1 S 0:0(0)",
		    "'10.0.0.2' is no address with a port" },
		{ "link epair0b send 10.0.0.2:65536 > 10.0.0.1:1 S 0:0(0)",
		    "'10.0.0.2:65536' is no address with a port" },
		{ "link epair0b replay", "expected a capture" },
		{ "link epair0b replay x speed 0.0001",
		    "'0.0001' is no speed" },
		{ "link epair0b replay x speed 1000001",
		    "'1000001' is no speed" },
		{ "link epair0b replay x rewrite rewrite",
		    "'rewrite' is said already" },
	};
	struct scn_errors *errors;
	struct scn_script *script;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(scn_parse_text("t", bad[i][0],
				     strlen(bad[i][0]), NULL, &script, &errors),
		    SCN_BAD);
		if (strstr(errors->v[0].message, bad[i][1]) == NULL)
			fail_msg("%s: %s", bad[i][0], errors->v[0].message);
		scn_errors_free(errors);
	}
	/* at the limit */
	expect_ok(ACCEPTED SEND
	    ". 1:1(0) ack 1 <sack 1:2 3:4 5:6 7:8,nop,nop,nop,nop,nop,nop>\n"
	    "link epair0a send 10.0.0.1:65535 > 10.0.0.2:1 R 0:0(0)\n");
}

static int
make_name(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(capture, sizeof(capture), "/tmp/test_replay.XXXXXX");
	fd = mkstemp(capture);
	return (fd < 0 || close(fd) != 0);
}

static int
remove_name(void **state)
{
	(void)state;
	return (unlink(capture));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_at_their_times),
		cmocka_unit_test(
		    what_cannot_be_played_is_dropped_with_its_reason),
		cmocka_unit_test(other_link_types_get_an_ethernet_header),
		cmocka_unit_test(a_bad_capture_is_refused_with_a_sentence),
		cmocka_unit_test(a_peer_on_paper_opens_and_closes),
		cmocka_unit_test(it_waits_for_what_it_acknowledges),
		cmocka_unit_test(it_minds_the_window_but_probes_it),
		cmocka_unit_test(who_was_reset_is_silent),
		cmocka_unit_test(timestamps_are_echoed_and_sums_are_right),
		cmocka_unit_test(forms_are_checked),
	};

	return (
	    cmocka_run_group_tests_name("replay", tests, make_name, remove_name)
		? 1
		: 0);
}
