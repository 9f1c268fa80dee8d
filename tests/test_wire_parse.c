/*
 * test_wire_parse.c - headers that do not hold, and near misses that do.
 */
#include "tests/test_wire.h"

/* One frame in a fresh world; returns the finding's key or "". */
static const char *
verdict_on(struct wt *t, const uint8_t *f, size_t len, uint32_t from)
{
	struct vnetsim_wire_finding wf;
	static char key[VNETSIM_WIREMON_KEY];

	memset(&t->mem, 0, sizeof(t->mem));
	assert_true(wt_start(t));
	wt_send(t, 0, from, 1, f, len, VNETSIM_V_SENT, MS);
	key[0] = '\0';
	if (vnetsim_wiremon_finding(t->wm, 0, &wf)) {
		assert_int_equal(wf.wf_kind, VNETSIM_WF_HEADER);
		assert_int_equal(wf.wf_frame, 1);
		assert_int_equal(wf.wf_vnet, 0);
		assert_non_null(strstr(wf.wf_text,
		    "frame 1 sent by cli on epair0a at 0.000000000 s: "));
		snprintf(key, sizeof(key), "%s", wf.wf_key);
	}
	wt_stop(t);
	return (key);
}

static size_t
tcp(uint8_t *f, int wscale)
{
	struct wt_frame w = { 0x0a000001, 0x0a000002, 1, 2, 3, 4, ACK, 5, 33,
		wscale };

	return (wt_build(f, &w));
}

static struct wt t;

#define SAYS(len, what)                                                        \
	assert_string_equal(verdict_on(&t, f, (len), 0),                       \
	    (what)[0] == '\0' ? "" : "header:cli:" what ":alive")

/* A header cut at every length is found, and no byte beyond it is read. */
static void
every_truncation(void **state)
{
	uint8_t f[2048];
	size_t len, i;

	(void)state;
	len = tcp(f, 7);
	SAYS(len, "");
	for (i = 0; i < 14; i++)
		SAYS(i, "Ethernet header cut short");
	for (; i < 34; i++)
		SAYS(i, "IPv4 header cut short");
	for (; i < len; i++)
		SAYS(i, "bad IPv4 total length");
	/* An honest short packet: the total length agrees. */
	for (i = 0; i < 20; i++) {
		wt_put16(f + 16, (uint32_t)(20 + i));
		wt_sum_ip(f);
		SAYS(34 + i, "TCP header cut short");
	}
}

static void
ip_headers(void **state)
{
	uint8_t f[2048];
	size_t len;

	(void)state;
#define TRY(change, sum, what)                                                 \
	do {                                                                   \
		len = tcp(f, -1);                                              \
		change;                                                        \
		if (sum)                                                       \
			wt_sum_ip(f);                                          \
		SAYS(len, what);                                               \
	} while (0)
	TRY(f[14] = 0x55, true, "bad IP version");
	TRY(f[14] = 0x44, true, "bad IPv4 header length");
	TRY(wt_put16(f + 16, 19), true, "bad IPv4 header length");
	TRY(wt_put16(f + 16, 0xffff), true, "bad IPv4 total length");
	TRY(f[24] ^= 1, false, "bad IPv4 header checksum");
	TRY(f[18] ^= 1, false, "bad IPv4 header checksum");
	TRY(f[22] = 0, true, "IPv4 time to live is 0");
	TRY(f[22] = 1, true, "");
	TRY(f[18] ^= 1, true, "");
	/* Fragments: the header must hold, the rest cannot be judged. */
	TRY((f[20] = 0x20, f[40] ^= 1), true, "");
	TRY((f[21] = 1, f[40] ^= 1), true, "");
	TRY((f[20] = 0x40, f[40] ^= 1), true, "bad TCP checksum");
	/* Padding after the packet is no part of it. */
	TRY((memset(f + len, 0xff, 6), len += 6), false, "");
	/* Other protocols and other types are none of ours. */
	TRY((f[23] = 200, f[40] ^= 1), true, "");
	TRY((f[12] = 0x86, f[13] = 0xdd, f[40] ^= 1), false, "");
#undef TRY
}

static void
ip_options(void **state)
{
	uint8_t f[2048];
	size_t len;

	(void)state;
	len = tcp(f, -1);
	memmove(f + 42, f + 34, len - 34);
	memset(f + 34, 1, 8);
	f[14] = 0x47;
	wt_put16(f + 16, (uint32_t)(len - 14 + 8));
	wt_sum_ip(f);
	SAYS(len + 8, "");
	f[50] ^= 1;
	SAYS(len + 8, "bad TCP checksum");
	f[50] ^= 1;
	f[34] ^= 1;
	SAYS(len + 8, "bad IPv4 header checksum");
}

static void
tcp_headers(void **state)
{
	uint8_t f[2048];
	size_t len, i;

	(void)state;
#define TRY(wscale, change, sum, what)                                         \
	do {                                                                   \
		len = tcp(f, wscale);                                          \
		change;                                                        \
		if (sum)                                                       \
			wt_sum_l4(f, 16, true);                                \
		SAYS(len, what);                                               \
	} while (0)
	TRY(-1, f[46] = 0x40, true, "bad TCP data offset");
	TRY(-1, f[46] = 0xf0, true, "bad TCP data offset");
	TRY(-1, f[46] = 0xd0, true, "bad TCP option length");
	for (i = 34; i < 87; i++) {
		if (i != 46)
			TRY(-1, f[i] ^= 0x10, false, "bad TCP checksum");
	}
	/* Options: NOP NOP NOP 3 in the way of what follows. */
	TRY(7, (memcpy(f + 54, "\1\1\1\1", 4)), true, "");
	TRY(7, (memcpy(f + 54, "\1\1\3\2", 4)), true, "");
	TRY(7, (memcpy(f + 54, "\1\1\3\3", 4)), true, "bad TCP option length");
	TRY(7, (memcpy(f + 54, "\1\1\1\3", 4)), true, "bad TCP option length");
	TRY(7, (memcpy(f + 54, "\5\0\1\1", 4)), true, "bad TCP option length");
	TRY(7, (memcpy(f + 54, "\5\1\1\1", 4)), true, "bad TCP option length");
	TRY(7, (memcpy(f + 54, "\5\5\1\1", 4)), true, "bad TCP option length");
	TRY(7, (memcpy(f + 54, "\5\4\1\1", 4)), true, "");
	TRY(7, (memcpy(f + 54, "\0\5\0\5", 4)), true, "");
#undef TRY
}

static void
udp_and_icmp(void **state)
{
	uint8_t f[2048];
	size_t at, len = 11;

	(void)state;
	at = wt_ip(f, 0x0a000001, 0x0a000002, 17, 8 + len);
	memset(f + at, 0x5a, 8 + len);
	wt_put16(f + at + 4, (uint32_t)(8 + len));
	wt_sum_l4(f, 6, true);
	SAYS(at + 8 + len, "");
	f[at + 9] ^= 4;
	SAYS(at + 8 + len, "bad UDP checksum");
	wt_put16(f + at + 6, 0);
	SAYS(at + 8 + len, "");
	wt_put16(f + at + 4, 7);
	SAYS(at + 8 + len, "bad UDP length");
	wt_put16(f + at + 4, (uint32_t)(9 + len));
	SAYS(at + 8 + len, "bad UDP length");
	wt_put16(f + at + 4, 8);
	SAYS(at + 8 + len, "");
	wt_ip(f, 0x0a000001, 0x0a000002, 17, 7);
	SAYS(at + 7, "UDP header cut short");

	at = wt_ip(f, 0x0a000001, 0x0a000002, 1, 8 + len);
	memset(f + at, 0x5a, 8 + len);
	wt_sum_l4(f, 2, false);
	SAYS(at + 8 + len, "");
	f[at + 18] ^= 4;
	SAYS(at + 8 + len, "bad ICMP checksum");
	wt_ip(f, 0x0a000001, 0x0a000002, 1, 7);
	SAYS(at + 7, "ICMP header cut short");
}

/* A sum of every length and alignment equals the textbook's. */
static void
lengths(void **state)
{
	uint8_t f[4096];
	struct wt_frame w = { 0xfffffffe, 0xfffefffd, 0xffff, 2, 3, 4, ACK, 5,
		0, -1 };

	(void)state;
	for (w.len = 0; w.len < 200; w.len++)
		SAYS(wt_build(f, &w), "");
	w.len = 1460;
	SAYS(wt_build(f, &w), "");
}

/* The outside may send what it likes: counted, no finding, not followed. */
static void
outside_garbage(void **state)
{
	struct vnetsim_wire_finding wf;
	struct vnetsim_wire_stats st;
	uint8_t f[2048];
	size_t len;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	len = tcp(f, -1);
	f[50] ^= 1;
	wt_send(&t, 0, VNETSIM_NOVNET, 1, f, len, VNETSIM_V_SENT, MS);
	wt_send(&t, 0, VNETSIM_NOVNET, 1, f, 3, VNETSIM_V_LOST, MS);
	assert_false(vnetsim_wiremon_finding(t.wm, 0, &wf));
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_bad, 2);
	assert_int_equal(st.ws_frames, 2);
	assert_int_equal(st.ws_tcp, 0);
	assert_int_equal(st.ws_lost, 1);
	wt_stop(&t);
}

/* A FIN with a bad checksum is a finding, and closes nothing. */
static void
not_followed(void **state)
{
	uint8_t f[2048];
	struct wt_frame w = { 0 };
	struct vnetsim_wire_finding wf;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	wt_play(&t, "aS bSA aA");
	w = (struct wt_frame){ t.side[0].addr, t.side[1].addr, t.side[0].port,
		t.side[1].port, t.side[0].snd, t.side[0].rcv, FIN | ACK, 5, 0,
		-1 };
	wt_build(f, &w);
	f[50] ^= 1;
	wt_send(&t, 0, 0, 1, f, 54, VNETSIM_V_SENT, MS);
	assert_true(vnetsim_wiremon_finding(t.wm, 0, &wf));
	wt_play(&t, ". end");
	assert_string_equal(wt_says(&t),
	    "ESTABLISHED/open ESTABLISHED/open open "
	    "!header:cli:bad TCP checksum:alive");
	wt_stop(&t);
}

/* Every frame is counted once, by what it is. */
static void
counted_once(void **state)
{
	struct vnetsim_wire_stats st;
	uint8_t f[2048];
	size_t len;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	len = tcp(f, -1);
	wt_send(&t, 0, 0, 1, f, len, VNETSIM_V_SENT, MS);
	f[20] = 0x20;
	wt_sum_ip(f);
	wt_send(&t, 0, 0, 1, f, len, VNETSIM_V_QUEUE, MS);
	f[12] = 0x12;
	wt_send(&t, 0, 0, 1, f, len, VNETSIM_V_SENT, MS);
	wt_send(&t, 0, 0, 1, f, 9, VNETSIM_V_SENT, MS);
	memset(&f[12], 0, 2);
	f[12] = 8;
	f[13] = 6;
	wt_send(&t, 0, 0, 1, f, len, VNETSIM_V_SENT, MS);
	vnetsim_wiremon_stats(t.wm, &st);
	assert_int_equal(st.ws_frames, 5);
	assert_int_equal(st.ws_tcp, 1);
	assert_int_equal(st.ws_frags, 1);
	assert_int_equal(st.ws_other, 1);
	assert_int_equal(st.ws_bad, 1);
	assert_int_equal(st.ws_arp, 1);
	assert_int_equal(st.ws_lost, 1);
	wt_stop(&t);
}

/* @f in the name of vnet @from; how many findings there are now. */
static unsigned
passed(const uint8_t *f, size_t len, uint32_t from, uint8_t verdict)
{
	struct vnetsim_wire_finding wf;
	unsigned n = 0;

	wt_send(&t, 0, from, 1 - from, f, len, verdict, MS);
	while (vnetsim_wiremon_finding(t.wm, n, &wf))
		n++;
	return (n);
}

/* Who passes on what was damaged before is not blamed; all others are. */
static void
passed_on(void **state)
{
	uint8_t f[2048];
	size_t len;

	(void)state;
	memset(&t.mem, 0, sizeof(t.mem));
	assert_true(wt_start(&t));
	len = tcp(f, -1);
	assert_int_equal(passed(f, len, 0, VNETSIM_V_CORRUPT), 0);
	f[50] ^= 1;
	assert_int_equal(passed(f, len, 1, VNETSIM_V_SENT), 0);
	wt_put16(f + 32, 99); /* other addresses */
	wt_sum_ip(f);
	assert_int_equal(passed(f, len, 1, VNETSIM_V_SENT), 1);
	wt_put16(f + 32, 100);
	wt_sum_ip(f);
	wt_send(&t, 0, VNETSIM_NOVNET, 1, f, len, VNETSIM_V_SENT, MS);
	assert_int_equal(passed(f, len, 1, VNETSIM_V_SENT), 1);
	f[23] = 17; /* another protocol */
	wt_sum_ip(f);
	assert_int_equal(passed(f, len, 1, VNETSIM_V_SENT), 2);
	wt_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(ip_headers),
		cmocka_unit_test(ip_options),
		cmocka_unit_test(tcp_headers),
		cmocka_unit_test(udp_and_icmp),
		cmocka_unit_test(lengths),
		cmocka_unit_test(outside_garbage),
		cmocka_unit_test(not_followed),
		cmocka_unit_test(counted_once),
		cmocka_unit_test(passed_on),
	};

	return (cmocka_run_group_tests_name("wire_parse", tests, NULL, NULL)
		    ? 1
		    : 0);
}
