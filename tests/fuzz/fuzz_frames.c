/*
 * fuzz_frames.c - hostile frames, Ethernet to TCP, in every state.
 *
 *	byte 0    the situation (tfuzz_stack.c)
 *	byte 1    bits 0-1: who is removed at the end, 2-3: its close policy,
 *	          4: the filter is off
 *	then records: kind, arguments
 *
 * A frame is sound (a segment near the numbers of the connection, with good
 * sums), or one that was on the wire, patched, or any bytes.  Between frames
 * time passes and programs use their sockets.  At the end one of the jails is
 * removed, then the world is finished, with all oracles on.
 *
 * What a forger says to a peer in the name of a vnet may leave that peer
 * without a goodbye; so "wire/stuck" is no finding here.  Everything else is.
 */
#include <stdlib.h>
#include <string.h>
#include <vnetsim/link.h>
#include <vnetsim/pf.h>
#include "tests/lib/tfuzz_stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FF_MTU (14 + 1500)

static uint32_t
ff_get(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return (v);
}

static void
ff_put(uint8_t *p, unsigned n, uint32_t v)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint32_t
ff_add(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (sum);
}

/* Good sums for IPv4 and what is in it, as far as there is room for them. */
static void
ff_sums(uint8_t *f, size_t len)
{
	static const struct {
		uint8_t proto, at;
		bool pseudo;
	} where[] = { { 1, 2, false }, { 2, 2, false }, { 6, 16, true },
		{ 17, 6, true } };
	size_t hl, n;

	if (len < 34 || ff_get(f + 12, 2) != 0x0800)
		return;
	hl = (f[14] & 15u) * 4;
	n = ff_get(f + 16, 2);
	if (hl < 20 || 14 + hl > len)
		return;
	ff_put(f + 24, 2, 0);
	ff_put(f + 24, 2, ~ff_add(f + 14, hl, 0));
	if (n < hl || 14 + n > len)
		n = len - 14;
	n -= hl;
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (where[i].proto != f[23] || where[i].at + 2u > n)
			continue;
		ff_put(f + 14 + hl + where[i].at, 2, 0);
		ff_put(f + 14 + hl + where[i].at, 2,
		    ~ff_add(f + 14 + hl, n,
			where[i].pseudo ? ff_add(f + 26, 8, f[23] + (uint32_t)n)
					: 0));
	}
}

static void
ff_inject(struct tfs *s, unsigned end, const uint8_t *f, size_t len)
{
	uint8_t *exact = malloc(len + (len == 0));

	TF_MUST(exact != NULL);
	memcpy(exact, f, len);
	(void)vnetsim_link_inject(s->w, s->link, (int)end, exact, len, true);
	free(exact);
}

/* Addresses, ports and numbers of the connection as @end would go on. */
static void
ff_continue(const struct tfs *s, unsigned end, uint8_t *f)
{
	const struct tfs_frame *mine = tfs_tcp(s, end);
	const struct tfs_frame *other = tfs_tcp(s, !end);
	const uint8_t *m, *o;

	memset(f, 0, 54);
	ff_put(f + 12, 2, 0x0800);
	f[14] = 0x45;
	f[22] = 64;
	f[23] = 6;
	ff_put(f + 26, 4, 0x0a000001 + end);
	ff_put(f + 30, 4, 0x0a000002 - end);
	ff_put(f + 34 + 2 * (end != 0), 2, 80);
	ff_put(f + 34 + 2 * (end == 0), 2, 1000);
	if (other != NULL) {
		o = other->bytes + 14;
		memcpy(f + 26, o + 16, 4);
		memcpy(f + 30, o + 12, 4);
		memcpy(f + 34, o + 22, 2);
		memcpy(f + 36, o + 20, 2);
		ff_put(f + 42, 4,
		    ff_get(o + 24, 4) + ff_get(o + 2, 2) - 20 -
			(o[32] >> 4) * 4u + (o[33] & 1) + (o[33] >> 1 & 1));
		memcpy(f + 38, o + 28, 4);
	}
	if (mine != NULL) {
		m = mine->bytes + 14;
		memcpy(f + 26, m + 12, 8);
		memcpy(f + 34, m + 20, 4);
		ff_put(f + 38, 4,
		    ff_get(m + 24, 4) + ff_get(m + 2, 2) - 20 -
			(m[32] >> 4) * 4u + (m[33] & 1) + (m[33] >> 1 & 1));
		if (other == NULL)
			memcpy(f + 42, m + 28, 4);
	}
}

/* A signed distance, small or about a window. */
static uint32_t
ff_delta(struct tf_in *in)
{
	uint8_t b = tf_8(in);
	uint32_t d = b & 0x3f;

	if ((b & 0x80) != 0)
		d *= 1448;
	return ((b & 0x40) != 0 ? 0u - d : d);
}

static void
ff_segment(struct tfs *s, struct tf_in *in)
{
	uint8_t f[FF_MTU];
	unsigned end = tf_n(in, 2), opt, len;
	uint8_t flags = tf_8(in), sizes = tf_8(in);

	ff_continue(s, end, f);
	ff_put(f + 38, 4, ff_get(f + 38, 4) + ff_delta(in));
	ff_put(f + 42, 4, ff_get(f + 42, 4) + ff_delta(in));
	ff_put(f + 48, 2, tf_16(in));
	if ((flags & 0x20) != 0)
		ff_put(f + 52, 2, tf_16(in));
	opt = (sizes & 7u) * 4 + (sizes & 1u) * 8;
	len = (sizes >> 3) * (sizes >> 3) + (sizes >> 7) * 436u;
	opt = opt > 40 ? 40 : opt;
	for (unsigned i = 0; i < opt; i++)
		f[54 + i] = tf_8(in);
	f[46] = (uint8_t)((20 + opt) << 2);
	f[47] = flags;
	if (len > FF_MTU - 54 - opt)
		len = FF_MTU - 54 - opt;
	memset(f + 54 + opt, 'x', len);
	ff_put(f + 16, 2, 40 + opt + len);
	ff_sums(f, 54 + opt + len);
	ff_inject(s, end, f, 54 + opt + len);
}

/* One of the last frames once more, with other bytes at some places. */
static void
ff_patched(struct tfs *s, struct tf_in *in)
{
	const struct tfs_frame *old;
	uint8_t f[TFS_BYTES], how = tf_8(in);
	unsigned end = how & 1, n = how >> 1 & 7;
	size_t len;

	if (s->nframes == 0)
		return;
	old = &s->frame[(s->nframes - 1 - tf_n(in, TFS_FRAMES)) % TFS_FRAMES];
	memset(f, 0, sizeof(f));
	memcpy(f, old->bytes, old->len);
	len = old->len;
	while (n-- > 0) {
		unsigned at = tf_8(in);

		f[at] = tf_8(in);
	}
	if ((how & 0x10) != 0) {
		len = 14 + tf_16(in) % 1501;
		if ((how & 0x20) != 0)
			ff_put(f + 16, 2, (uint32_t)len - 14);
	}
	if ((how & 0x80) == 0)
		ff_sums(f, len);
	ff_inject(s, end, f, len);
}

static void
ff_bytes(struct tfs *s, struct tf_in *in)
{
	static const uint16_t types[] = { 0x0800, 0x0806, 0x8100, 0x86dd };
	uint8_t f[14 + 256], how = tf_8(in);
	size_t len = tf_8(in);

	memset(f, (how & 8) != 0 ? 0xff : 1, 12);
	ff_put(f + 12, 2, types[how >> 1 & 3]);
	for (size_t i = 0; i < len; i++)
		f[14 + i] = tf_8(in);
	if ((how & 0x10) != 0)
		ff_sums(f, 14 + len);
	ff_inject(s, how & 1, f, 14 + len);
}

/* What programs do meanwhile; errors are theirs. */
static void
ff_call(struct tfs *s, struct tf_in *in)
{
	uint8_t b = tf_8(in);
	vnetsim_handle proc = (b & 1) != 0 ? s->pcli : s->phub, op = 0;
	int fd = (b & 2) != 0 ? s->lfd : (b & 1) != 0 ? s->cfd : s->hfd;
	size_t done;

	switch (b >> 2 & 7) {
	case 0:
		(void)vnetsim_send(s->w, proc, fd, NULL, tf_16(in), NULL,
		    VNETSIM_NONBLOCK, &done, &op);
		break;
	case 1:
		(void)vnetsim_recv(s->w, proc, fd, 1 + tf_16(in), false,
		    VNETSIM_NONBLOCK, &op);
		break;
	case 2:
		(void)vnetsim_shutdown(s->w, proc, fd, (int)tf_n(in, 3));
		break;
	case 3:
		(void)vnetsim_close(s->w, proc, fd, &op);
		break;
	case 4:
		(void)vnetsim_accept(
		    s->w, s->phub, s->lfd, VNETSIM_NONBLOCK, &s->hfd, &op);
		break;
	case 5:
		(void)vnetsim_recv(s->w, s->phub, s->ufd, 1 + tf_16(in), false,
		    VNETSIM_NONBLOCK, &op);
		break;
	case 6:
		(void)vnetsim_setsockopt(s->w, proc, fd,
		    (int)tf_n(in, VNETSIM_IP_TTL + 1), (int8_t)tf_8(in));
		break;
	default:
		(void)vnetsim_if_up(s->w, s->hub, "epair0a", (b & 2) != 0);
		break;
	}
	if (op != 0 && op != s->op)
		(void)vnetsim_op_release(s->w, op);
}

static void
ff_record(struct tfs *s, struct tf_in *in)
{
	switch (tf_n(in, 8)) {
	case 0:
	case 1:
	case 2:
		ff_segment(s, in);
		break;
	case 3:
		ff_patched(s, in);
		break;
	case 4:
		ff_bytes(s, in);
		break;
	case 5:
		tf_run(s->w, tf_time(in, 1000 * TF_S), 5000);
		break;
	case 6:
		ff_call(s, in);
		break;
	default:
		tf_run(s->w, TF_S, 1u + tf_n(in, 32));
		break;
	}
}

static bool
ff_deserved(void *ctx, const struct vnetsim_finding *f)
{
	(void)ctx;
	return (
	    strcmp(f->oracle, "wire") == 0 && strcmp(f->kind, "stuck") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tf_in in = { data, size };
	struct vnetsim_close_policy cp = { .grace = TF_S };
	vnetsim_handle jail[4], op = 0;
	uint8_t end;
	struct tfs *s;

	if (size > 2048)
		return (0);
	tfs_init();
	s = tfs_goto(tf_n(&in, tfs_count()));
	end = tf_8(&in);
	if ((end & 0x10) != 0)
		TF_MUST(vnetsim_pf_enable(s->w, s->hub, false) == 0);
	while (in.left > 0)
		ff_record(s, &in);
	cp.policy = (enum vnetsim_close)((end >> 2 & 3) % 3);
	TF_MUST(vnetsim_close_default(s->w, &cp) == 0);
	jail[0] = s->hub;
	jail[1] = s->cli;
	jail[2] = s->far;
	jail[3] = 0;
	if (jail[end & 3] != 0 &&
	    vnetsim_jail_remove(s->w, jail[end & 3], &op) == 0)
		TF_MUST(tf_await(s->w, op, 10000 * TF_S) == 0);
	tf_finish(s->w, ff_deserved, NULL);
	return (0);
}
