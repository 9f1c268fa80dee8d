/*
 * test_wire.h - a small packet builder and script language for the tests of
 * the wire monitor.
 *
 * A script plays two ends, a (vnet 0 "cli", 10.0.0.1:1000) and b (vnet 1
 * "srv", 10.0.0.2:80), on one link with 1 ms of delay; each word takes 10 ms.
 *
 *	aS bSA aA	flags: S F R A; F, and D100 (data), imply ACK
 *	aF/l		a modifier per letter after the slash:
 *	  l q c d	verdict LOST, QUEUE, CUT, DUP
 *	  h800		verdict HELD, arrives after 800 ms
 *	  b300		verdict CORRUPT, bit 300 is flipped
 *	  t		a LATE follows at the time of arrival
 *	  &		the next word happens at the same instant
 *	  z		no delay on the link
 *	  r		again: sequence number of its last data, SYN or FIN
 *	  +5 -1		sequence number shifted
 *	  k+5 k-1	acknowledgment number shifted
 *	  w100		window (default 8192)
 *	  m		window scale 7 in the options
 *	kg ka kc kw	kill cli: graceful, abort, crash, wait; T is 1 s
 *	v		the last one held arrives now, behind the last frame
 *	x		cli is dead
 *	Kg ... X	the same for srv
 *	: . , !		1 ms, 100 ms, 1 s, 60 s pass
 *	end		the stream ends here, else 60 s later
 *	in:P/S		frames carry phase P and step S from now on; in: none
 *
 * SEQ and ACK follow what the builder's ends sent and received in order.
 */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vnetsim/wire.h>
#include <vnetsim/wiremon.h>

#define MS INT64_C(1000000)

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

/* An allocator that counts, and fails from the n-th call on (or once). */
struct wt_mem {
	long live;
	long calls;
	long fail_at; /* 0: never */
	bool sticky;
	size_t largest;
};

struct wt_frame {
	uint32_t src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t win;
	uint32_t len;
	int wscale; /* -1: no option */
};

struct wt_side {
	uint32_t addr;
	uint16_t port;
	uint32_t vnet;
	uint32_t snd, rcv, last;
	bool up;
};

struct wt_due {
	int64_t at;
	int to;
	uint32_t seq, len;
	bool syn;
};

struct wt {
	struct vnetsim_wiremon *wm;
	struct wt_mem mem;
	int64_t now;
	uint64_t frame;
	uint64_t held; /* the last one that was held back */
	uint32_t bit;  /* that the next frame has flipped */
	struct wt_side side[2];
	struct wt_due due[64];
	int ndue;
	char phase[64], step[64];
	bool ended;
	bool nosy; /* ask everything after each word: must change nothing */
	char out[16384];
};

static void *
wt_alloc(void *ctx, size_t size)
{
	struct wt_mem *m = ctx;
	void *p;

	m->calls++;
	if (m->fail_at != 0 &&
	    (m->calls == m->fail_at || (m->sticky && m->calls > m->fail_at)))
		return (NULL);
	if (size > m->largest)
		m->largest = size;
	p = malloc(size);
	assert_non_null(p);
	memset(p, 0xa5, size);
	m->live++;
	return (p);
}

static void
wt_free(void *ctx, void *p)
{
	struct wt_mem *m = ctx;

	assert_non_null(p);
	m->live--;
	free(p);
}

static inline void
wt_put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
wt_put32(uint8_t *p, uint32_t v)
{
	wt_put16(p, v >> 16);
	wt_put16(p + 2, v);
}

/* The plain textbook checksum, so that it is not the one under test. */
static inline uint16_t
wt_cksum(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint16_t)~sum);
}

static inline void
wt_sum_ip(uint8_t *f)
{
	size_t hlen = (size_t)(f[14] & 15) * 4;

	wt_put16(f + 24, 0);
	wt_put16(f + 24, wt_cksum(f + 14, hlen, 0));
}

/* Fills in the checksum at off of the transport header. */
static inline void
wt_sum_l4(uint8_t *f, size_t off, bool pseudo)
{
	size_t hlen = (size_t)(f[14] & 15) * 4;
	size_t len = ((size_t)f[16] << 8 | f[17]) - hlen, i;
	uint8_t *p = f + 14 + hlen;
	uint32_t sum = 0;

	if (pseudo) {
		for (i = 0; i < 8; i += 2)
			sum += (uint32_t)f[26 + i] << 8 | f[27 + i];
		sum += f[23] + (uint32_t)len;
	}
	wt_put16(p + off, 0);
	wt_put16(p + off, wt_cksum(p, len, sum));
}

/* Ethernet and IPv4 headers for a payload of len bytes; returns its place. */
static inline size_t
wt_ip(uint8_t *f, uint32_t src, uint32_t dst, uint8_t proto, size_t len)
{
	memset(f, 0, 34);
	f[0] = f[5] = f[6] = 2;
	f[11] = 1;
	f[12] = 8;
	f[14] = 0x45;
	wt_put16(f + 16, (uint32_t)(20 + len));
	f[22] = 64;
	f[23] = proto;
	wt_put32(f + 26, src);
	wt_put32(f + 30, dst);
	wt_sum_ip(f);
	return (34);
}

/* A whole frame; returns its length. */
static inline size_t
wt_build(uint8_t *f, const struct wt_frame *w)
{
	size_t opt = w->wscale >= 0 ? 4 : 0, at, i;

	at = wt_ip(f, w->src, w->dst, 6, 20 + opt + w->len);
	memset(f + at, 0, 20 + opt);
	wt_put16(f + at, w->sport);
	wt_put16(f + at + 2, w->dport);
	wt_put32(f + at + 4, w->seq);
	wt_put32(f + at + 8, w->ack);
	f[at + 12] = (uint8_t)((20 + opt) / 4 << 4);
	f[at + 13] = w->flags;
	wt_put16(f + at + 14, w->win);
	if (opt != 0) {
		f[at + 20] = 1;
		f[at + 21] = 3;
		f[at + 22] = 3;
		f[at + 23] = (uint8_t)w->wscale;
	}
	for (i = 0; i < w->len; i++)
		f[at + 20 + opt + i] = (uint8_t)(i * 7 + w->seq);
	wt_sum_l4(f, 16, true);
	return (at + 20 + opt + w->len);
}

static inline void
wt_event(struct wt *t, struct vnetsim_wire_event *ev)
{
	ev->we_time = t->now;
	vnetsim_wiremon_event(t->wm, ev);
}

static inline void
wt_born(struct wt *t, uint32_t id, const char *name)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_BORN };

	ev.we_vnet = id;
	ev.we_name = name;
	wt_event(t, &ev);
}

static inline void
wt_kill(struct wt *t, uint32_t id, uint8_t policy)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_KILL };

	ev.we_vnet = id;
	ev.we_name = "top-down";
	ev.we_policy = policy;
	ev.we_grace = 1000 * MS;
	ev.we_rto = 1000 * MS;
	wt_event(t, &ev);
}

static inline void
wt_dead(struct wt *t, uint32_t id)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_DEAD };

	ev.we_vnet = id;
	wt_event(t, &ev);
}

/* Puts bytes on link 0 (or another), returns the frame's number. */
static inline uint64_t
wt_send(struct wt *t, uint32_t link, uint32_t from, uint32_t to,
    const uint8_t *bytes, size_t len, uint8_t verdict, int64_t delay)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_FRAME };
	/* Exactly as long as it says, so that ASan sees a read beyond. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	ev.we_frame = ++t->frame;
	ev.we_link = link;
	ev.we_end = from > to;
	ev.we_verdict = verdict;
	ev.we_arrive = t->now + delay;
	ev.we_bit = t->bit;
	ev.we_vnet = from;
	ev.we_peer = to;
	ev.we_phase = t->phase[0] != '\0' ? t->phase : NULL;
	ev.we_step = t->step[0] != '\0' ? t->step : NULL;
	ev.we_bytes = copy;
	ev.we_len = (uint32_t)len;
	wt_event(t, &ev);
	free(copy);
	if (verdict == VNETSIM_V_HELD)
		t->held = t->frame;
	return (t->frame);
}

static inline void
wt_moved(struct wt *t)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_MOVED };

	ev.we_frame = t->held;
	ev.we_arrive = t->now;
	ev.we_behind = t->frame;
	wt_event(t, &ev);
}

static inline void
wt_late(struct wt *t, uint64_t frame)
{
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_LATE };

	ev.we_frame = frame;
	wt_event(t, &ev);
}

static inline bool
wt_start(struct wt *t)
{
	struct vnetsim_wiremon_mem mem = { wt_alloc, wt_free, NULL };
	struct vnetsim_wire_event ev = { .we_kind = VNETSIM_WIRE_LINK };
	struct wt_mem keep = t->mem;

	memset(t, 0, sizeof(*t));
	t->mem = keep;
	t->mem.calls = 0;
	t->mem.live = 0;
	mem.ctx = &t->mem;
	t->side[0] = (struct wt_side){
		.addr = 0x0a000001, .port = 1000, .vnet = 0, .snd = 0xfffffff0
	};
	t->side[1] = (struct wt_side){
		.addr = 0x0a000002, .port = 80, .vnet = 1, .snd = 0x7ffffff0
	};
	t->wm = vnetsim_wiremon_create(&mem);
	if (t->wm == NULL)
		return (false);
	ev.we_name = "epair0";
	ev.we_ends[0] = "epair0a";
	ev.we_ends[1] = "epair0b";
	wt_event(t, &ev);
	wt_born(t, 0, "cli");
	wt_born(t, 1, "srv");
	return (true);
}

static inline void
wt_stop(struct wt *t)
{
	vnetsim_wiremon_destroy(t->wm);
	t->wm = NULL;
	assert_int_equal(t->mem.live, 0);
}

/* The builder's ends take what has arrived in order. */
static inline void
wt_take(struct wt *t)
{
	struct wt_side *s;
	int i, n = 0;

	for (i = 0; i < t->ndue; i++) {
		if (t->due[i].at > t->now) {
			t->due[n++] = t->due[i];
			continue;
		}
		s = &t->side[t->due[i].to];
		if (t->due[i].syn || t->due[i].seq == s->rcv)
			s->rcv = t->due[i].seq + t->due[i].len;
	}
	t->ndue = n;
}

/* A segment in the making. */
struct wt_shot {
	struct wt_frame w;
	uint8_t verdict;
	bool again, stay, late;
	uint32_t bit;
	int64_t delay;
};

/* The flags of a word; returns what follows them. */
static inline char *
wt_flags(struct wt_frame *w, char *p)
{
	for (; *p != '\0' && *p != '/'; p++) {
		switch (*p) {
		case 'S':
			w->flags |= SYN;
			break;
		case 'F':
			w->flags |= FIN | ACK;
			break;
		case 'R':
			w->flags |= RST;
			break;
		case 'A':
			w->flags |= ACK;
			break;
		case 'D':
			w->flags |= ACK;
			w->len = (uint32_t)strtoul(p + 1, &p, 10);
			p--;
			break;
		default:
			fail_msg("bad flag at %s", p);
		}
	}
	return (p);
}

/* A modifier that changes the segment; returns its last character. */
static inline char *
wt_change(struct wt_shot *s, uint32_t last, char *p)
{
	char *end = p + 1;

	switch (*p) {
	case 'm':
		s->w.wscale = 7;
		break;
	case 'r':
		s->again = true;
		s->w.seq = last;
		break;
	case 'h':
		s->verdict = VNETSIM_V_HELD;
		s->delay = strtol(p + 1, &end, 10) * MS;
		break;
	case 'b':
		s->verdict = VNETSIM_V_CORRUPT;
		s->bit = (uint32_t)strtoul(p + 1, &end, 10);
		break;
	case 'w':
		s->w.win = (uint16_t)strtoul(p + 1, &end, 10);
		break;
	case 'k':
		s->w.ack += (uint32_t)strtol(p + 1, &end, 10);
		break;
	case '+':
	case '-':
		s->w.seq += (uint32_t)strtol(p, &end, 10);
		break;
	default:
		fail_msg("bad modifier at %s", p);
	}
	return (end - 1);
}

/* The modifiers of a word. */
static inline void
wt_modify(struct wt_shot *s, uint32_t last, char *p)
{
	static const char verdicts[] = "lqdc"; /* as the enum: LOST first */
	const char *v;

	for (; *p != '\0'; p++) {
		v = strchr(verdicts, *p);
		if (v != NULL)
			s->verdict = (uint8_t)(VNETSIM_V_LOST + (v - verdicts));
		else if (*p == 't')
			s->late = true;
		else if (*p == '&')
			s->stay = true;
		else if (*p == 'z')
			s->delay = 0;
		else
			p = wt_change(s, last, p);
	}
}

/* What the builder's ends remember of a segment sent and one to come. */
static inline void
wt_remember(struct wt *t, int who, const struct wt_shot *s)
{
	struct wt_side *me = &t->side[who];
	uint32_t eats;

	eats = s->w.len + ((s->w.flags & SYN) != 0) + ((s->w.flags & FIN) != 0);
	if ((s->w.flags & RST) != 0)
		return;
	if (eats != 0 && !s->again) {
		me->last = s->w.seq;
		me->snd = s->w.seq + eats;
	}
	if (s->late ||
	    (s->verdict != VNETSIM_V_SENT && s->verdict != VNETSIM_V_DUP &&
		s->verdict != VNETSIM_V_HELD))
		return;
	assert_true(t->ndue < 64);
	t->due[t->ndue++] = (struct wt_due){ t->now + s->delay, 1 - who,
		s->w.seq, eats, (s->w.flags & SYN) != 0 };
}

static inline void
wt_word_segment(struct wt *t, char *word)
{
	struct wt_shot s = { .w = { .win = 8192, .wscale = -1 },
		.verdict = VNETSIM_V_SENT,
		.delay = 1 * MS };
	int who = word[0] == 'b';
	struct wt_side *me = &t->side[who], *you = &t->side[1 - who];
	uint8_t f[2048];
	uint64_t frame;
	size_t len;
	char *p;

	p = wt_flags(&s.w, word + 1);
	s.w.seq = me->snd;
	s.w.ack = (s.w.flags & ACK) != 0 ? me->rcv : 0;
	s.w.src = me->addr;
	s.w.dst = you->addr;
	s.w.sport = me->port;
	s.w.dport = you->port;
	wt_modify(&s, me->last, p + (*p == '/'));
	len = wt_build(f, &s.w);
	t->bit = s.bit;
	frame = wt_send(t, 0, me->vnet, you->vnet, f, len, s.verdict, s.delay);
	wt_remember(t, who, &s);
	if (s.late) {
		t->now += s.delay;
		wt_late(t, frame);
		t->now -= s.delay;
	}
	if (!s.stay)
		t->now += 10 * MS;
	wt_take(t);
}

static inline uint8_t
wt_policy(char c)
{
	switch (c) {
	case 'g':
		return (VNETSIM_CLOSE_GRACEFUL);
	case 'a':
		return (VNETSIM_CLOSE_ABORT);
	case 'c':
		return (VNETSIM_CLOSE_CRASH);
	default:
		return (VNETSIM_CLOSE_WAIT);
	}
}

static inline void
wt_word(struct wt *t, char *word)
{
	char *slash;

	if (strcmp(word, "end") == 0) {
		vnetsim_wiremon_end(t->wm, t->now);
		t->ended = true;
	} else if (strncmp(word, "in:", 3) == 0) {
		slash = strchr(word, '/');
		snprintf(t->step, sizeof(t->step), "%s",
		    slash != NULL ? slash + 1 : "");
		if (slash != NULL)
			*slash = '\0';
		snprintf(t->phase, sizeof(t->phase), "%s", word + 3);
	} else if (word[0] == 'k' || word[0] == 'K') {
		wt_kill(t, t->side[word[0] == 'K'].vnet, wt_policy(word[1]));
	} else if (word[0] == 'v') {
		wt_moved(t);
	} else if (word[0] == 'x' || word[0] == 'X') {
		wt_dead(t, t->side[word[0] == 'X'].vnet);
	} else if (strchr(":.,!", word[0]) != NULL) {
		t->now += word[0] == ':'   ? 1 * MS
			  : word[0] == '.' ? 100 * MS
			  : word[0] == ',' ? 1000 * MS
					   : 60000 * MS;
		wt_take(t);
	} else {
		wt_word_segment(t, word);
	}
}

static inline void
wt_ask(struct wt *t)
{
	struct vnetsim_wire_conn c;
	struct vnetsim_wire_vnet v;
	size_t i;

	for (i = 0; vnetsim_wiremon_conn(t->wm, i, &c); i++)
		assert_non_null(c.wc_end[0].wn_name);
	for (i = 0; vnetsim_wiremon_vnet(t->wm, i, &v); i++)
		assert_non_null(v.wv_name);
	(void)vnetsim_wiremon_due(t->wm);
}

static inline void
wt_play(struct wt *t, const char *script)
{
	char word[64];
	size_t n;

	for (; *script != '\0'; script += n + (script[n] == ' ')) {
		n = strcspn(script, " ");
		if (n == 0)
			continue;
		assert_true(n < sizeof(word));
		memcpy(word, script, n);
		word[n] = '\0';
		wt_word(t, word);
		if (t->nosy)
			wt_ask(t);
	}
}

/*
 * What the monitor says, in one line: "ESTABLISHED/open CLOSED/FIN finned" per
 * connection, a's end first, "stuck" etc. for b's or a's fate if one was due,
 * then "!key" per finding.
 */
static inline const char *
wt_says(struct wt *t)
{
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_conn c;
	struct vnetsim_wire_stats st;
	const struct vnetsim_wire_end *a, *b;
	size_t i, n = 0;
	bool swap;

	if (!t->ended)
		vnetsim_wiremon_end(t->wm, t->now + 60000 * MS);
	t->ended = true;
	t->out[0] = '\0';
#define SAY(...)                                                               \
	n += (size_t)snprintf(t->out + n, sizeof(t->out) - n, __VA_ARGS__)
	for (i = 0; vnetsim_wiremon_conn(t->wm, i, &c); i++) {
		swap = c.wc_end[0].wn_addr != t->side[0].addr;
		a = &c.wc_end[swap];
		b = &c.wc_end[!swap];
		SAY("%s%s/%s %s/%s %s%s%s", i > 0 ? " | " : "",
		    vnetsim_wire_statename(a->wn_state),
		    vnetsim_wire_howname(a->wn_how),
		    vnetsim_wire_statename(b->wn_state),
		    vnetsim_wire_howname(b->wn_how),
		    vnetsim_wire_outcomename(c.wc_outcome),
		    c.wc_fuzzy ? " fuzzy" : "", c.wc_blind ? " blind" : "");
		if (b->wn_fate > VNETSIM_FATE_CLOSED)
			SAY(" b:%s", vnetsim_wire_fatename(b->wn_fate));
		if (a->wn_fate > VNETSIM_FATE_CLOSED)
			SAY(" a:%s", vnetsim_wire_fatename(a->wn_fate));
	}
	for (i = 0; vnetsim_wiremon_finding(t->wm, i, &f); i++)
		SAY(" !%s", f.wf_key);
	vnetsim_wiremon_stats(t->wm, &st);
	if (st.ws_incomplete)
		SAY(" incomplete");
	if (st.ws_undecided != 0)
		SAY(" undecided=%u", (unsigned int)st.ws_undecided);
#undef SAY
	assert_true(n < sizeof(t->out));
	return (t->out);
}

struct wt_case {
	const char *name;
	const char *script;
	const char *says;
};

/* Plays each case; all failures are shown before the test fails. */
static inline void
wt_table(const struct wt_case *c, size_t n)
{
	static struct wt t;
	size_t i, bad = 0;

	for (i = 0; i < 2 * n; i++) {
		memset(&t.mem, 0, sizeof(t.mem));
		assert_true(wt_start(&t));
		t.nosy = i >= n;
		wt_play(&t, c[i % n].script);
		if (strcmp(wt_says(&t), c[i % n].says) != 0) {
			print_error("%s: %s\n  want %s\n  got  %s\n",
			    c[i % n].name, c[i % n].script, c[i % n].says,
			    t.out);
			bad++;
		}
		wt_stop(&t);
	}
	assert_int_equal(bad, 0);
}

#define WT_TABLE(c) wt_table((c), sizeof(c) / sizeof((c)[0]))

#endif /* !TEST_WIRE_H */
