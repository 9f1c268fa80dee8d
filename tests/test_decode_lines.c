/*
 * test_decode_lines.c - one line for every kind of event and packet.
 */
#include "tests/test_capture_frames.h"

#include "sim/frametext.h"
#include "sim/frametext_buf.h"
#include "sim/frametext_state.h"

static struct tframe frame;
static char line[FRAMETEXT_MAX];

/* The packet of the frame at hand as text. */
static const char *
packet(struct frametext_state *st)
{
	size_t n;

	n = frametext_packet(line, sizeof(line), frame.b, frame.n, 0, st);
	assert_int_equal(n, strlen(line));
	return (line);
}

static void
every_event_has_its_line(void **state)
{
	static const char *const want[] = {
		"0.000000000 born 0 name=vnet0",
		"0.000000000 link epair0 epair0a epair0b",
		"0.000001000 born 1 name=client",
		"0.000001000 born 2 name=hub",
		"0.001000000 #4 epair0a client>hub arp who-has 10.0.0.2 tell "
		"10.0.0.1",
		"0.001500000 #5 epair0b hub>client arp reply 10.0.0.2 is-at "
		"02:00:00:00:00:02 [dup]",
		"0.002000000 #6 epair0a client>hub tcp 10.0.0.1:49152 > "
		"10.0.0.2:80 S 0:0(0) win 65535 <mss 1460,nop,wscale 6>",
		"0.002500000 #7 epair0b hub>client tcp 10.0.0.2:80 > "
		"10.0.0.1:49152 S. 0:0(0) ack 1 win 65535 <mss 1460>",
		"0.003000000 #8 epair0a client>hub tcp 10.0.0.1:49152 > "
		"10.0.0.2:80 P. 1:6(5) ack 1 win 1024 [lost]",
		"0.003000000 #9 epair0a client>hub tcp 10.0.0.1:49152 > "
		"10.0.0.2:80 P. 1:6(5) ack 1 win 1024 [queue]",
		"0.004000000 link a \"wire\"\\=\\x01\\xc3\\xa9  end b",
		"0.004000001 #11  ->- udp 10.0.0.1:5000 > 10.0.0.2:9 len 2",
		"0.005000000 kill client order=top-down close=graceful "
		"grace=9223372036854775807ns rto=-9223372036854775808ns",
		"0.005000000 kill hub order=top-down close=abort "
		"grace=9223372036854775806ns rto=-9223372036854775807ns",
		"0.005000000 kill 3 close=crash "
		"grace=9223372036854775805ns rto=-9223372036854775806ns",
		"0.005000000 kill 4 order=top-down close=wait "
		"grace=9223372036854775804ns rto=-9223372036854775805ns",
		"0.005000001 #16 epair0a client>hub tcp 10.0.0.1:49152 > "
		"10.0.0.2:80 F. 6:6(0) ack 1 win 1024 [cut] phase=\"let go\" "
		"step=tcp",
		"0.005000002 #17 epair0b hub>client ether malformed at byte "
		"0: cut short phase=",
		"0.005500000 #18446744073709551615 end b found nobody at the "
		"far end [late]",
		"0.006000000 dead client",
		"0.006000000 born 4294967294",
		"9223372036.854775807 end",
	};
	struct sample *s = calloc(1, sizeof(*s));
	struct frametext_state *st = frametext_state_new(0);
	unsigned i;

	(void)state;
	sample_make(s);
	assert_int_equal(s->n, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < s->n; i++) {
		assert_int_equal(frametext(line, sizeof(line), &s->ev[i], st),
		    strlen(want[i]));
		assert_string_equal(line, want[i]);
	}
	frametext_state_free(st);
	free(s);
}

static void
numeric_and_stateless_lines_show_numbers(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct frametext_state *st = frametext_state_new(FRAMETEXT_NUMERIC);
	unsigned i;

	(void)state;
	sample_make(s);
	for (i = 0; i < 9; i++)
		(void)frametext(line, sizeof(line), &s->ev[i], st);
	assert_string_equal(line,
	    "0.003000000 #8 epair0a 1>2 tcp 10.0.0.1:49152 > 10.0.0.2:80 P. "
	    "1:6(5) ack 1 win 1024 [lost]");
	(void)frametext(line, sizeof(line), &s->ev[8], NULL);
	assert_string_equal(line,
	    "0.003000000 #8 link0a 1>2 tcp 10.0.0.1:49152 > 10.0.0.2:80 P. "
	    "1001:1006(5) ack 7001 win 1024 [lost]");
	/* what is left of a foreign frame */
	s->ev[4].we_vnet = s->ev[4].we_peer = VNETSIM_NOVNET;
	(void)frametext(line, sizeof(line), &s->ev[4], NULL);
	assert_string_equal(
	    line, "0.001000000 #4 arp who-has 10.0.0.2 tell 10.0.0.1");
	frametext_state_free(st);
	free(s);
}

static void
line_is_cut_at_any_room_without_harm(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	char small[200];
	size_t n, full;

	(void)state;
	sample_make(s);
	full = frametext(line, sizeof(line), &s->ev[6], NULL);
	for (n = 0; n < full + 2; n++) {
		memset(small, 'X', sizeof(small));
		assert_int_equal(frametext(small, n, &s->ev[6], NULL), full);
		assert_int_equal(small[n], 'X');
		if (n > 0)
			assert_int_equal(
			    strlen(small), n - 1 < full ? n - 1 : full);
	}
	free(s);
}

static void
tcp_says_what_packetdrill_says(void **state)
{
	static const uint8_t opt[] = { 1, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9,
		5, 10, 0, 0, 27, 89, 0, 0, 27, 99, 0 };
	static const uint8_t odd[] = { 254, 4, 0xbe, 0xef, 30, 2, 3, 4 };
	struct frametext_state *st = frametext_state_new(0);
	struct tseg s = { 1, 2, 5, 80, 100, 0, TF_SYN, 10, NULL, 0, 0 };
	struct tseg r = { 2, 1, 80, 5, 7000, 101, TF_SYN | TF_ACK, 10, NULL, 0,
		0 };

	(void)state;
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st), " S 0:0(0) win 10"));
	tf_tcp(&frame, &r);
	assert_non_null(strstr(packet(st), " S. 0:0(0) ack 1 win 10"));
	s.flags = TF_ACK;
	s.seq = 101;
	s.ack = 7001;
	s.opt = opt;
	s.optlen = sizeof(opt);
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st),
	    " . 1:1(0) ack 1 win 10 <nop,sackOK,TS val 7 ecr 9,sack 1:11,"
	    "eol>"));
	s.opt = odd;
	s.optlen = sizeof(odd);
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st),
	    "win 10 <opt-254 0xbeef,opt-30,opt-3> malformed at byte 60: "
	    "option's length"));
	s.optlen = 0;
	s.flags = 0;
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st), ":80 - 1:1(0) win 10"));
	s.flags = 0xff;
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st), ":80 SFRP.UEW 1:1(0) ack 1 win 10 "
					   "urg 0"));
	/* a new incarnation counts anew */
	s.flags = TF_SYN;
	s.seq = 0xffffffff;
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st), " S 0:0(0) "));
	s.flags = TF_ACK | TF_PSH;
	s.seq = 0;
	s.len = 3;
	tf_tcp(&frame, &s);
	assert_non_null(strstr(packet(st), " P. 1:4(3) "));
	frametext_state_free(st);
}

static void
refused_and_half_seen_connections_are_readable(void **state)
{
	struct frametext_state *st = frametext_state_new(0);
	struct tseg s = { 1, 2, 5, 80, 100, 0, TF_SYN, 10, NULL, 0, 0 };
	struct tseg rst = { 2, 1, 80, 5, 0, 101, TF_RST | TF_ACK, 0, NULL, 0,
		0 };
	struct tseg mid = { 3, 4, 5, 80, 5000, 9000, TF_ACK, 10, NULL, 0, 7 };
	struct tseg back = { 4, 3, 80, 5, 9000, 5007, TF_ACK, 10, NULL, 0, 0 };
	struct tseg lone = { 5, 6, 1, 2, 77, 0, TF_RST, 0, NULL, 0, 0 };

	(void)state;
	tf_tcp(&frame, &s);
	(void)packet(st);
	tf_tcp(&frame, &rst);
	assert_non_null(strstr(packet(st), " R. 0:0(0) ack 1 win 0"));
	tf_tcp(&frame, &mid);
	assert_non_null(strstr(packet(st), " . 1:8(7) ack 1 win 10"));
	tf_tcp(&frame, &back);
	assert_non_null(strstr(packet(st), " . 1:1(0) ack 8 win 10"));
	tf_tcp(&frame, &lone);
	assert_non_null(strstr(packet(st), " R 77:77(0) win 0"));
	frametext_state_free(st);
}

static void
other_protocols_have_their_words(void **state)
{
	struct tframe inner;

	(void)state;
	tf_icmp(&frame, 1, 2, 8, 0, 0x00070003, "0123", 4);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.1 > 10.0.0.2 echo request id 7 seq 3 len 4");
	tf_icmp(&frame, 2, 1, 0, 0, 0x00070003, "0123", 3);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 echo reply id 7 seq 3 len 3");
	tf_udp(&inner, 1, 2, 5000, 9, 0);
	tf_icmp(&frame, 2, 1, 3, 3, 0, inner.b + 14, 28);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 unreachable port (udp 10.0.0.1:5000 > "
	    "10.0.0.2:9)");
	tf_icmp(&frame, 2, 1, 3, 4, 1400, inner.b + 14, 20);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 unreachable needfrag mtu 1400 (udp "
	    "10.0.0.1 > 10.0.0.2)");
	tf_icmp(&frame, 2, 1, 3, 99, 0, NULL, 0);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 unreachable code 99 (nothing "
	    "readable)");
	tf_icmp(&frame, 2, 1, 11, 0, 0, inner.b + 14, 28);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 time exceeded (udp 10.0.0.1:5000 > "
	    "10.0.0.2:9)");
	tf_icmp(&frame, 2, 1, 5, 1, 0x0a000009, inner.b + 14, 28);
	assert_string_equal(packet(NULL),
	    "icmp 10.0.0.2 > 10.0.0.1 redirect to 10.0.0.9 (udp "
	    "10.0.0.1:5000 > 10.0.0.2:9)");
	tf_icmp(&frame, 2, 1, 40, 1, 0, NULL, 0);
	assert_string_equal(
	    packet(NULL), "icmp 10.0.0.2 > 10.0.0.1 type 40 code 1 len 0");
	tf_ip(&frame, 1, 2, 99, 3, 0);
	tf_bytes(&frame, "xyz", 3);
	assert_string_equal(
	    packet(NULL), "ip 10.0.0.1 > 10.0.0.2 proto 99 len 3");
	tf_ip(&frame, 1, 2, 17, 16, 0x2000 + 185);
	tf_bytes(&frame, "0123456789abcdef", 16);
	assert_string_equal(packet(NULL),
	    "ip 10.0.0.1 > 10.0.0.2 proto 17 frag id 77 offset 1480 len 16 "
	    "more");
	tf_arp(&frame, 3, 1, 2);
	assert_string_equal(packet(NULL), "arp op 3 10.0.0.1 > 10.0.0.2");
	tf_ether(&frame, 1, 2, 0x88cc);
	assert_string_equal(packet(NULL),
	    "ether 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc len 0");
}

static void
tunnels_show_what_is_in_them(void **state)
{
	static const uint8_t plain[] = { 0, 0, 8, 0 },
			     full[] = { 0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7,
				     0, 0, 0, 9 },
			     odd[] = { 0, 0, 0x86, 0xdd, 1, 2 },
			     bad[] = { 0x40, 0, 8, 0 };
	struct tframe inner = { 0 };

	(void)state;
	tf_ip(&inner, 3, 4, 99, 3, 0);
	tf_bytes(&inner, "xyz", 3);
	tf_ip(&frame, 1, 2, 4, 23, 0);
	tf_bytes(&frame, inner.b + 14, 23);
	assert_string_equal(packet(NULL),
	    "ipip 10.0.0.1 > 10.0.0.2 | ip 10.0.0.3 > 10.0.0.4 proto 99 len 3");
	tf_ip(&frame, 1, 2, 47, 27, 0);
	tf_bytes(&frame, plain, 4);
	tf_bytes(&frame, inner.b + 14, 23);
	assert_string_equal(packet(NULL),
	    "gre 10.0.0.1 > 10.0.0.2 | ip 10.0.0.3 > 10.0.0.4 proto 99 len 3");
	tf_ip(&frame, 1, 2, 47, 39, 0);
	tf_bytes(&frame, full, 16);
	tf_bytes(&frame, inner.b + 14, 23);
	assert_string_equal(packet(NULL),
	    "gre 10.0.0.1 > 10.0.0.2 key 7 seq 9 [bad gre sum] | ip 10.0.0.3 > "
	    "10.0.0.4 proto 99 len 3");
	tf_ip(&frame, 1, 2, 47, 6, 0);
	tf_bytes(&frame, odd, 6);
	assert_string_equal(
	    packet(NULL), "gre 10.0.0.1 > 10.0.0.2 type 0x86dd len 2");
	tf_ip(&frame, 1, 2, 47, 4, 0);
	tf_bytes(&frame, bad, 4);
	assert_string_equal(packet(NULL),
	    "gre 10.0.0.1 > 10.0.0.2 malformed at byte 34: flags or version "
	    "that GRE does not have");
	tf_ip(&frame, 1, 2, 47, 3, 0);
	tf_bytes(&frame, "xyz", 3);
	assert_string_equal(packet(NULL),
	    "gre 10.0.0.1 > 10.0.0.2 malformed at byte 37: header cut short");
}

static void
ipv6_is_decoded_too(void **state)
{
	static const uint8_t ns[] = "\x60\0\0\0\0\x18\x3a\xff"
				    "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
				    "\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff\0\0\x02"
				    "\x87\0\0\0\0\0\0\0"
				    "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x02";

	(void)state;
	tf_ether(&frame, 1, 2, 0x86dd);
	tf_bytes(&frame, ns, sizeof(ns) - 1);
	assert_string_equal(packet(NULL),
	    "icmp6 fe80::1 > ff02::1:ff00:2 neighbor solicitation fe80::2 "
	    "[bad icmp6 sum]");
	tf_sum(&frame, 56, 22, frame.n, 0x18 + 58);
	assert_string_equal(packet(NULL),
	    "icmp6 fe80::1 > ff02::1:ff00:2 neighbor solicitation fe80::2");
	frame.b[20] = 6; /* the same bytes as TCP: data offset 0 */
	assert_string_equal(packet(NULL),
	    "tcp [fe80::1]:34560 > [ff02::1:ff00:2]:32161 malformed at byte "
	    "66: data offset below 20");
}

static void
wrong_checksums_are_marked(void **state)
{
	struct tseg s = { 1, 2, 5, 80, 100, 0, TF_SYN, 10, NULL, 0, 1 };

	(void)state;
	tf_tcp(&frame, &s);
	assert_null(strstr(packet(NULL), "["));
	frame.b[frame.n - 1] ^= 1;
	assert_non_null(strstr(packet(NULL), " [bad tcp sum]"));
	tf_tcp(&frame, &s);
	frame.b[22] ^= 1; /* time to live */
	assert_non_null(strstr(packet(NULL), " [bad ip sum]"));
	tf_udp(&frame, 1, 2, 5, 6, 3);
	assert_null(strstr(packet(NULL), "["));
	frame.b[frame.n - 1] ^= 1;
	assert_non_null(strstr(packet(NULL), " [bad udp sum]"));
	frame.b[40] = frame.b[41] = 0; /* the sender made none */
	assert_null(strstr(packet(NULL), "["));
	tf_icmp(&frame, 1, 2, 8, 0, 1, "a", 1);
	frame.b[frame.n - 1] ^= 1;
	assert_non_null(strstr(packet(NULL), " [bad icmp sum]"));
}

static void
malformed_frames_say_where(void **state)
{
	struct tseg s = { 1, 2, 5, 80, 100, 0, TF_SYN, 10, NULL, 0, 0 };

	(void)state;
	tf_tcp(&frame, &s);
	frame.n = 13;
	assert_string_equal(
	    packet(NULL), "ether malformed at byte 13: cut short");
	frame.n = 33;
	assert_string_equal(
	    packet(NULL), "ip malformed at byte 33: header cut short");
	frame.n = 50;
	assert_string_equal(packet(NULL),
	    "ip 10.0.0.1 > 10.0.0.2 malformed at byte 16: total length "
	    "beyond the frame");
	frame.n = 54;
	frame.b[14] = 0x44;
	assert_non_null(strstr(
	    packet(NULL), "malformed at byte 14: header length below 20"));
	frame.b[14] = 0x55;
	assert_non_null(
	    strstr(packet(NULL), "malformed at byte 14: version is not 4"));
	frame.b[14] = 0x4f;
	assert_non_null(strstr(packet(NULL),
	    "malformed at byte 14: header length beyond the frame"));
	frame.b[14] = 0x46;
	frame.b[17] = 23;
	assert_non_null(strstr(packet(NULL),
	    "malformed at byte 16: total length below the header's"));
	frame.b[14] = 0x45;
	assert_string_equal(packet(NULL),
	    "tcp 10.0.0.1 > 10.0.0.2 malformed at byte 37: header cut short "
	    "[bad ip sum]");
	frame.b[17] = 40;
	frame.b[46] = 0x60;
	assert_string_equal(packet(NULL),
	    "tcp 10.0.0.1:5 > 10.0.0.2:80 malformed at byte 46: data offset "
	    "beyond the packet");
	tf_udp(&frame, 1, 2, 5, 6, 0);
	frame.b[39] = 7;
	assert_string_equal(packet(NULL),
	    "udp 10.0.0.1:5 > 10.0.0.2:6 malformed at byte 38: length below "
	    "8");
	frame.b[39] = 9;
	assert_string_equal(packet(NULL),
	    "udp 10.0.0.1:5 > 10.0.0.2:6 malformed at byte 38: length beyond "
	    "the packet");
	tf_arp(&frame, 1, 1, 2);
	frame.n--;
	assert_string_equal(
	    packet(NULL), "arp malformed at byte 41: cut short");
	frame.n++;
	frame.b[18] = 7;
	assert_string_equal(
	    packet(NULL), "arp malformed at byte 14: not IPv4 over Ethernet");
}

static void
flows_beyond_the_limit_push_out_the_oldest(void **state)
{
	struct frametext_state *st = frametext_state_new(0);
	struct flow_key key, first;
	uint32_t base = 0, i;

	(void)state;
	memset(&key, 0, sizeof(key));
	first = key;
	for (i = 0; i < FRAMETEXT_FLOWS; i++) {
		key.fk_link = i;
		assert_true(frametext_flow_set(st, &key, i));
	}
	assert_true(frametext_flow_get(st, &first, &base));
	key.fk_link = i;
	assert_true(frametext_flow_set(st, &key, i));
	assert_false(frametext_flow_get(st, &first, &base));
	key.fk_link = 1;
	assert_true(frametext_flow_get(st, &key, &base));
	assert_int_equal(base, 1);
	frametext_state_free(st);
}

static void
times_and_spans_are_exact(void **state)
{
	static const struct {
		int64_t ns;
		const char *time, *span;
	} c[] = {
		{ 0, "0.000000000", "0s" },
		{ 30000000000, "30.000000000", "30s" },
		{ 1200000000, "1.200000000", "1200ms" },
		{ 1500, "0.000001500", "1500ns" },
		{ 2000, "0.000002000", "2us" },
		{ -1, "-0.000000001", "-1ns" },
		{ INT64_MIN, "-9223372036.854775808",
		    "-9223372036854775808ns" },
	};
	struct textbuf tb;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		textbuf_init(&tb, line, sizeof(line));
		textbuf_time(&tb, c[i].ns);
		assert_string_equal(line, c[i].time);
		textbuf_init(&tb, line, sizeof(line));
		textbuf_span(&tb, c[i].ns);
		assert_string_equal(line, c[i].span);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_has_its_line),
		cmocka_unit_test(numeric_and_stateless_lines_show_numbers),
		cmocka_unit_test(line_is_cut_at_any_room_without_harm),
		cmocka_unit_test(tcp_says_what_packetdrill_says),
		cmocka_unit_test(
		    refused_and_half_seen_connections_are_readable),
		cmocka_unit_test(other_protocols_have_their_words),
		cmocka_unit_test(tunnels_show_what_is_in_them),
		cmocka_unit_test(ipv6_is_decoded_too),
		cmocka_unit_test(wrong_checksums_are_marked),
		cmocka_unit_test(malformed_frames_say_where),
		cmocka_unit_test(flows_beyond_the_limit_push_out_the_oldest),
		cmocka_unit_test(times_and_spans_are_exact),
	};

	return (cmocka_run_group_tests_name("decode_lines", tests, NULL, NULL)
		    ? 1
		    : 0);
}
