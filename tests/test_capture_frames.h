/*
 * test_capture_frames.h - frames and streams for the tests of captures.
 *
 * Frames are built here byte by byte with a checksum of its own, so that
 * neither the stack nor the decoder vouches for itself.
 */
#ifndef TESTS_TEST_CAPTURE_FRAMES_H
#define TESTS_TEST_CAPTURE_FRAMES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <vnetsim/wire.h>

#include "sim/capture.h"
#include "sim/capture_pcap.h"
#include "sim/capture_reader.h"

#define TF_FIN 0x01
#define TF_SYN 0x02
#define TF_RST 0x04
#define TF_PSH 0x08
#define TF_ACK 0x10

#define SAMPLE_MAX 32

/* A frame under construction. */
struct tframe {
	uint8_t b[2048];
	uint32_t n;
};

static inline void
tf_bytes(struct tframe *f, const void *p, size_t n)
{
	memcpy(f->b + f->n, p, n);
	f->n += (uint32_t)n;
}

static inline void
tf_8(struct tframe *f, unsigned v)
{
	f->b[f->n++] = (uint8_t)v;
}

static inline void
tf_16(struct tframe *f, unsigned v)
{
	tf_8(f, v >> 8);
	tf_8(f, v & 255);
}

static inline void
tf_32(struct tframe *f, uint32_t v)
{
	tf_16(f, v >> 16);
	tf_16(f, v & 0xffff);
}

/* Ones' complement sum of f->b[from, to) with @sum, written at @at. */
static inline void
tf_sum(struct tframe *f, size_t at, size_t from, size_t to, uint32_t sum)
{
	size_t i;

	for (i = from; i < to; i++)
		sum += (i - from) % 2 == 0 ? (uint32_t)f->b[i] << 8 : f->b[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	f->b[at] = (uint8_t)(sum >> 8);
	f->b[at + 1] = (uint8_t)sum;
}

static inline void
tf_ether(struct tframe *f, unsigned src, unsigned dst, unsigned type)
{
	f->n = 0;
	tf_bytes(f, "\x02\0\0\0\0", 5);
	tf_8(f, dst);
	tf_bytes(f, "\x02\0\0\0\0", 5);
	tf_8(f, src);
	tf_16(f, type);
}

static inline void
tf_arp(struct tframe *f, unsigned op, unsigned src, unsigned dst)
{
	tf_ether(f, src, dst, 0x0806);
	tf_16(f, 1);
	tf_16(f, 0x0800);
	tf_8(f, 6);
	tf_8(f, 4);
	tf_16(f, op);
	tf_bytes(f, f->b + 6, 6);
	tf_32(f, 0x0a000000 + src);
	tf_bytes(f, f->b, 6);
	tf_32(f, 0x0a000000 + dst);
}

/* An IPv4 header for @len bytes of payload; 10.0.0.src to 10.0.0.dst. */
static inline void
tf_ip(struct tframe *f, unsigned src, unsigned dst, unsigned proto,
    unsigned len, unsigned frag)
{
	tf_ether(f, src, dst, 0x0800);
	tf_16(f, 0x4500);
	tf_16(f, 20 + len);
	tf_16(f, 77);
	tf_16(f, frag);
	tf_8(f, 64);
	tf_8(f, proto);
	tf_16(f, 0);
	tf_32(f, 0x0a000000 + src);
	tf_32(f, 0x0a000000 + dst);
	tf_sum(f, 24, 14, 34, 0);
}

static inline uint32_t
tf_pseudo(unsigned src, unsigned dst, unsigned proto, unsigned len)
{
	return (2 * 0x0a00 + src + dst + proto + len);
}

static inline void
tf_udp(struct tframe *f, unsigned src, unsigned dst, unsigned sport,
    unsigned dport, unsigned len)
{
	unsigned i;

	tf_ip(f, src, dst, 17, 8 + len, 0);
	tf_16(f, sport);
	tf_16(f, dport);
	tf_16(f, 8 + len);
	tf_16(f, 0);
	for (i = 0; i < len; i++)
		tf_8(f, 'a' + i % 26);
	tf_sum(f, 40, 34, f->n, tf_pseudo(src, dst, 17, 8 + len));
}

static inline void
tf_icmp(struct tframe *f, unsigned src, unsigned dst, unsigned type,
    unsigned code, uint32_t rest, const void *data, unsigned len)
{
	tf_ip(f, src, dst, 1, 8 + len, 0);
	tf_8(f, type);
	tf_8(f, code);
	tf_16(f, 0);
	tf_32(f, rest);
	if (len > 0)
		tf_bytes(f, data, len);
	tf_sum(f, 36, 34, f->n, 0);
}

/* What a TCP segment says. */
struct tseg {
	unsigned src, dst, sport, dport;
	uint32_t seq, ack;
	unsigned flags, win;
	const void *opt;
	unsigned optlen, len;
};

static inline void
tf_tcp(struct tframe *f, const struct tseg *s)
{
	unsigned hl = 20 + s->optlen, i;

	tf_ip(f, s->src, s->dst, 6, hl + s->len, 0);
	tf_16(f, s->sport);
	tf_16(f, s->dport);
	tf_32(f, s->seq);
	tf_32(f, s->ack);
	tf_8(f, hl / 4 << 4);
	tf_8(f, s->flags);
	tf_16(f, s->win);
	tf_32(f, 0);
	if (s->optlen > 0)
		tf_bytes(f, s->opt, s->optlen);
	for (i = 0; i < s->len; i++)
		tf_8(f, 'a' + i % 26);
	tf_sum(f, 50, 34, f->n, tf_pseudo(s->src, s->dst, 6, hl + s->len));
}

/* A stream with every kind of event, and the bytes of its frames. */
struct sample {
	struct vnetsim_wire_event ev[SAMPLE_MAX];
	struct tframe frame[SAMPLE_MAX];
	unsigned n;
};

static inline struct vnetsim_wire_event *
sample_add(struct sample *s, enum vnetsim_wire_kind kind, int64_t time)
{
	struct vnetsim_wire_event *ev = &s->ev[s->n++];

	memset(ev, 0, sizeof(*ev));
	ev->we_kind = kind;
	ev->we_time = time;
	ev->we_vnet = ev->we_peer = VNETSIM_NOVNET;
	return (ev);
}

static inline void
sample_vnet(struct sample *s, enum vnetsim_wire_kind kind, int64_t time,
    uint32_t vnet, const char *name)
{
	struct vnetsim_wire_event *ev = sample_add(s, kind, time);

	ev->we_vnet = vnet;
	ev->we_name = name;
}

static inline void
sample_link(struct sample *s, int64_t time, uint32_t link, const char *name,
    const char *a, const char *b)
{
	struct vnetsim_wire_event *ev = sample_add(s, VNETSIM_WIRE_LINK, time);

	ev->we_link = link;
	ev->we_name = name;
	ev->we_ends[0] = a;
	ev->we_ends[1] = b;
}

/* The next event is a frame whose bytes the caller fills into the result. */
static inline struct tframe *
sample_frame(struct sample *s, int64_t time, unsigned end, unsigned verdict)
{
	struct tframe *f = &s->frame[s->n];
	struct vnetsim_wire_event *ev = sample_add(s, VNETSIM_WIRE_FRAME, time);

	ev->we_end = (uint8_t)end;
	ev->we_verdict = (uint8_t)verdict;
	ev->we_vnet = 1 + end;
	ev->we_peer = 2 - end;
	ev->we_frame = s->n - 1;
	if (verdict == VNETSIM_V_SENT || verdict == VNETSIM_V_DUP)
		ev->we_arrive = time + 500000;
	ev->we_bytes = f->b;
	return (f);
}

/* Lengths are known when all frames are built. */
static inline void
sample_done(struct sample *s)
{
	unsigned i;

	for (i = 0; i < s->n; i++) {
		if (s->ev[i].we_kind == VNETSIM_WIRE_FRAME)
			s->ev[i].we_len = s->frame[i].n;
	}
}

static inline void
sample_open(struct sample *s)
{
	static const uint8_t synopt[] = { 2, 4, 5, 180, 1, 3, 3, 6 };
	struct tseg syn = { 1, 2, 49152, 80, 1000, 0, TF_SYN, 65535, synopt, 8,
		0 };
	struct tseg synack = { 2, 1, 80, 49152, 7000, 1001, TF_SYN | TF_ACK,
		65535, synopt, 4, 0 };
	struct tseg data = { 1, 2, 49152, 80, 1001, 7001, TF_PSH | TF_ACK, 1024,
		NULL, 0, 5 };

	sample_vnet(s, VNETSIM_WIRE_BORN, 0, 0, "vnet0");
	sample_link(s, 0, 0, "epair0", "epair0a", "epair0b");
	sample_vnet(s, VNETSIM_WIRE_BORN, 1000, 1, "client");
	sample_vnet(s, VNETSIM_WIRE_BORN, 1000, 2, "hub");
	tf_arp(sample_frame(s, 1000000, 0, VNETSIM_V_SENT), 1, 1, 2);
	tf_arp(sample_frame(s, 1500000, 1, VNETSIM_V_DUP), 2, 2, 1);
	tf_tcp(sample_frame(s, 2000000, 0, VNETSIM_V_SENT), &syn);
	tf_tcp(sample_frame(s, 2500000, 1, VNETSIM_V_SENT), &synack);
	tf_tcp(sample_frame(s, 3000000, 0, VNETSIM_V_LOST), &data);
	tf_tcp(sample_frame(s, 3000000, 0, VNETSIM_V_QUEUE), &data);
}

/* Every kind, every verdict, every policy, strange names, odd lengths. */
static inline void
sample_make(struct sample *s)
{
	struct tseg fin = { 1, 2, 49152, 80, 1006, 7001, TF_FIN | TF_ACK, 1024,
		NULL, 0, 0 };
	struct vnetsim_wire_event *ev;
	unsigned policy;

	s->n = 0;
	sample_open(s);
	sample_link(s, 4000000, 7, "a \"wire\"\\=\x01\xc3\xa9", "", "end b");
	tf_udp(sample_frame(s, 4000001, 0, VNETSIM_V_SENT), 1, 2, 5000, 9, 2);
	s->ev[s->n - 1].we_link = 7;
	s->ev[s->n - 1].we_peer = VNETSIM_NOVNET;
	s->ev[s->n - 1].we_vnet = VNETSIM_NOVNET;
	for (policy = 0; policy <= VNETSIM_CLOSE_WAIT; policy++) {
		sample_vnet(s, VNETSIM_WIRE_KILL, 5000000, 1 + policy,
		    policy == 2 ? NULL : "top-down");
		ev = &s->ev[s->n - 1];
		ev->we_policy = (uint8_t)policy;
		ev->we_grace = INT64_MAX - policy;
		ev->we_rto = INT64_MIN + policy;
	}
	tf_tcp(sample_frame(s, 5000001, 0, VNETSIM_V_CUT), &fin);
	s->ev[s->n - 1].we_phase = "let go";
	s->ev[s->n - 1].we_step = "tcp";
	sample_frame(s, 5000002, 1, VNETSIM_V_SENT)->n = 0;
	s->ev[s->n - 1].we_phase = "";
	s->ev[s->n - 1].we_arrive = -1;
	ev = sample_add(s, VNETSIM_WIRE_LATE, 5500000);
	ev->we_frame = UINT64_MAX;
	ev->we_link = 7;
	ev->we_end = 1;
	sample_vnet(s, VNETSIM_WIRE_DEAD, 6000000, 1, NULL);
	sample_vnet(s, VNETSIM_WIRE_BORN, 6000000, 0xfffffffeu, NULL);
	(void)sample_add(s, VNETSIM_WIRE_END, INT64_MAX);
	sample_done(s);
}

static inline void
assert_string(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

/* Equal in every member that means something for the kind. */
static inline void
assert_event(
    const struct vnetsim_wire_event *a, const struct vnetsim_wire_event *b)
{
	assert_int_equal(a->we_kind, b->we_kind);
	assert_true(a->we_time == b->we_time);
	assert_true(a->we_frame == b->we_frame);
	assert_true(a->we_link == b->we_link);
	assert_true(a->we_end == b->we_end);
	assert_true(a->we_verdict == b->we_verdict);
	assert_true(a->we_policy == b->we_policy);
	assert_true(a->we_arrive == b->we_arrive);
	assert_true(a->we_vnet == b->we_vnet);
	assert_true(a->we_peer == b->we_peer);
	assert_string(a->we_name, b->we_name);
	assert_string(a->we_ends[0], b->we_ends[0]);
	assert_string(a->we_ends[1], b->we_ends[1]);
	assert_true(a->we_grace == b->we_grace);
	assert_true(a->we_rto == b->we_rto);
	assert_string(a->we_phase, b->we_phase);
	assert_string(a->we_step, b->we_step);
	assert_int_equal(a->we_len, b->we_len);
	if (a->we_len > 0)
		assert_memory_equal(a->we_bytes, b->we_bytes, a->we_len);
}

/* The bytes of a file, one byte more than needed never readable. */
static inline uint8_t *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buf;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	*len = (size_t)ftell(f);
	rewind(f);
	buf = malloc(*len > 0 ? *len : 1);
	assert_non_null(buf);
	assert_int_equal(fread(buf, 1, *len, f), *len);
	assert_int_equal(fclose(f), 0);
	return (buf);
}

/* A path of our own in the current directory's scratch space. */
static inline const char *
temp_path(char path[64])
{
	int fd;

	(void)snprintf(path, 64, "/tmp/vnetsim-capture-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	return (path);
}

/* The last format that this program can write. */
static inline unsigned
last_format(void)
{
	return (capture_pcap_library() != NULL ? CAPTURE_PCAP : CAPTURE_PCAPNG);
}

/* For tests of classic captures: first of all. */
static inline void
needs_libpcap(void)
{
	if (capture_pcap_library() == NULL)
		skip();
}

/* Record a sample and give back the bytes. */
static inline uint8_t *
sample_bytes(const struct sample *s, enum capture_format format, size_t *len)
{
	char path[64];
	struct capture *c;
	uint8_t *bytes;
	unsigned i;

	assert_int_equal(
	    capture_open(&c, temp_path(path), format, NULL, NULL), 0);
	for (i = 0; i < s->n; i++)
		assert_int_equal(capture_event(c, &s->ev[i]), 0);
	assert_int_equal(capture_close(c), 0);
	bytes = slurp(path, len);
	assert_int_equal(unlink(path), 0);
	return (bytes);
}

#endif /* !TESTS_TEST_CAPTURE_FRAMES_H */
