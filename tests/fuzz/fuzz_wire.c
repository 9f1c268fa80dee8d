/*
 * fuzz_wire.c - libFuzzer target: any stream of events through the monitor.
 *
 * The input is a program: raw frames, segments with sound checksums between a
 * few vnets with numbers near each other (so that they interact), kills,
 * deaths, LATEs, failing allocations.  It runs twice, the second time with
 * questions after every event; both must give the same answers, unless memory
 * ran out, and all memory must come back.
 *
 *	clang -fsanitize=fuzzer,address,undefined -Iinclude -I. \
 *	    tests/fuzz/fuzz_wire.c src/teardown/wire/[a-z]*.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <vnetsim/wiremon.h>

struct input {
	const uint8_t *p;
	size_t left;
};

struct run {
	struct vnetsim_wiremon *wm;
	int64_t now;
	uint64_t frame;
	long live;
	long calls;
	long fail_at;
	bool asks;
};

static void *
fuzz_alloc(void *ctx, size_t size)
{
	struct run *r = ctx;
	void *p;

	if (++r->calls == r->fail_at)
		return (NULL);
	p = malloc(size);
	if (p == NULL)
		abort();
	memset(p, 0xa5, size);
	r->live++;
	return (p);
}

static void
fuzz_free(void *ctx, void *p)
{
	struct run *r = ctx;

	r->live--;
	free(p);
}

static uint8_t
next(struct input *in)
{
	if (in->left == 0)
		return (0);
	in->left--;
	return (*in->p++);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t
sum(const uint8_t *p, size_t len, uint32_t s)
{
	size_t i;

	for (i = 0; i < len; i++)
		s += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return (s);
}

/* A sound TCP segment out of a handful of input bytes. */
static size_t
segment(struct input *in, uint8_t *f, unsigned int who)
{
	uint8_t ends = next(in), size = next(in);
	uint8_t opt = (size & 0x80) != 0 ? 8 : 0, i;
	size_t len = size & 0x1f;

	memset(f, 0, 128);
	f[12] = 8;
	f[14] = 0x45;
	put16(f + 16, (uint32_t)(40 + opt + len));
	f[22] = 64;
	f[23] = 6;
	put32(f + 26, 0x0a000000 + (who & 1));
	put32(f + 30, 0x0a000000 + (~who & 1));
	put16(f + 24, ~sum(f + 14, 20, 0) & 0xffff);
	put16(f + 34, 1 + (ends & 1));
	put16(f + 36, 1 + (ends >> 1 & 1));
	put32(f + 38, 0xfffffff8U + next(in) % 48);
	put32(f + 42, 0xfffffff8U + next(in) % 48);
	f[46] = (uint8_t)((20 + opt) << 2);
	f[47] = next(in) & 0x17;
	put16(f + 48, ends >> 2);
	for (i = 0; i < opt; i++)
		f[54 + i] = next(in);
	put16(f + 50, ~sum(f + 34, 20 + opt + len,
			  sum(f + 26, 8, 6 + 20 + opt + (uint32_t)len)) &
			  0xffff);
	return (54 + opt + len);
}

static void
frame(struct run *r, struct input *in, uint8_t op)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_FRAME };
	uint8_t where = next(in), f[512], *exact;
	size_t len, i;

	if ((op & 0x80) != 0) {
		len = next(in);
		for (i = 0; i < len; i++)
			f[i] = next(in);
	} else {
		len = segment(in, f, where & 1);
		/* Now and then one bit is wrong. */
		if ((op & 0x70) == 0x70)
			f[next(in) % len] ^= 1;
	}
	exact = malloc(len + (len == 0));
	if (exact == NULL)
		abort();
	memcpy(exact, f, len);
	ev.we_time = r->now;
	ev.we_frame = r->frame++ & 0xff;
	ev.we_link = where >> 6;
	ev.we_end = where & 1;
	ev.we_vnet = (where >> 1 & 7) == 7 ? VNETSIM_NOVNET : where >> 1 & 3;
	ev.we_peer = (where >> 3 & 7) == 7 ? VNETSIM_NOVNET : where >> 3 & 3;
	ev.we_verdict = op >> 3 & 7; /* one that there is not, too */
	ev.we_bit = where * 7;
	ev.we_arrive = r->now + (next(in) & 3);
	ev.we_phase = (where & 0x20) != 0 ? "farewell" : NULL;
	ev.we_step = (where & 0x10) != 0 ? "tcp" : NULL;
	ev.we_bytes = exact;
	ev.we_len = (uint32_t)len;
	vnetsim_wiremon_event(r->wm, &ev);
	free(exact);
}

static void
other(struct run *r, struct input *in, uint8_t op)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_LATE };

	ev.we_time = r->now;
	ev.we_vnet = next(in) & 3;
	ev.we_link = ev.we_vnet;
	ev.we_frame = (r->frame - 1 - ev.we_vnet) & 0xff;
	ev.we_policy = op >> 4 & 3;
	ev.we_grace = op >> 6;
	ev.we_name = "name";
	ev.we_ends[0] = "epair0a";
	switch (op & 15) {
	case 8:
		ev.we_kind = VNETSIM_WIRE_KILL;
		break;
	case 9:
		ev.we_kind = VNETSIM_WIRE_DEAD;
		break;
	case 10:
		ev.we_kind = VNETSIM_WIRE_BORN;
		break;
	case 11:
		ev.we_kind = VNETSIM_WIRE_LINK;
		break;
	case 12:
		ev.we_kind = VNETSIM_WIRE_MOVED;
		ev.we_arrive = r->now + (int64_t)(next(in) & 3) - 1;
		ev.we_behind = r->frame - 1 - (op >> 4);
		break;
	default:
		break;
	}
	vnetsim_wiremon_event(r->wm, &ev);
}

/* Everything that can be asked, mixed into one number. */
static uint64_t
answers(struct run *r)
{
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_conn c;
	struct vnetsim_wire_vnet v;
	struct vnetsim_wire_stats st;
	uint64_t h = 1;
	size_t i, e;

	for (i = 0; vnetsim_wiremon_finding(r->wm, i, &f); i++)
		h = h * 31 + strlen(f.wf_text) + strlen(f.wf_key) + f.wf_state;
	for (i = 0; vnetsim_wiremon_conn(r->wm, i, &c); i++) {
		for (e = 0; e < 2; e++)
			h = h * 31 + c.wc_end[e].wn_state * 7U +
			    c.wc_end[e].wn_how + c.wc_end[e].wn_fate * 64U +
			    strlen(c.wc_end[e].wn_name);
		h = h * 31 + c.wc_outcome;
	}
	for (i = 0; vnetsim_wiremon_vnet(r->wm, i, &v); i++)
		h = h * 31 + v.wv_peers + v.wv_stuck * 99U + v.wv_open;
	vnetsim_wiremon_stats(r->wm, &st);
	if (st.ws_frames != st.ws_tcp + st.ws_udp + st.ws_icmp + st.ws_arp +
				st.ws_frags + st.ws_other + st.ws_bad)
		abort();
	/* What was missed depends on when the memory was asked for. */
	return (st.ws_incomplete
		    ? 0
		    : h * 31 + st.ws_undecided + st.ws_late_unmatched + 1);
}

static uint64_t
play(const uint8_t *data, size_t size, bool asks)
{
	struct run r = { .asks = asks };
	struct vnetsim_wiremon_mem mem = { fuzz_alloc, fuzz_free, &r };
	struct input in = { data, size };
	uint64_t h;
	uint8_t op;

	r.fail_at = next(&in);
	r.wm = vnetsim_wiremon_create(&mem);
	if (r.wm == NULL)
		return (0);
	while (in.left > 0) {
		op = next(&in);
		if ((op & 15) < 7)
			frame(&r, &in, op);
		else if ((op & 15) == 15)
			r.now += INT64_C(1) << (op >> 4) * 3;
		else if ((op & 15) == 14)
			r.now++;
		else
			other(&r, &in, op);
		if (r.asks)
			(void)answers(&r);
	}
	vnetsim_wiremon_end(r.wm, r.now);
	h = answers(&r);
	vnetsim_wiremon_destroy(r.wm);
	if (r.live != 0)
		abort();
	return (h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t quiet = play(data, size, false);
	uint64_t asked = play(data, size, true);

	if (quiet != asked && quiet != 0 && asked != 0)
		abort();
	return (0);
}
