/*
 * trace.c - the last records of a world, always; all of them, if asked.
 *
 * A record is 32 bytes and holds constants and numbers only; whoever prints
 * it makes the text.  TRACE_EVENT is recorded in the name of the vnet that
 * the event belongs to, the others in that of the current one.
 *
 * v_tracehash takes in what a record means, not where it is: texts by their
 * letters, no address, no event number (others' events count, too).
 */
#include <string.h>
#include "src/core/trace_var.h"
#include "src/core/world.h"

_Static_assert((TRACE_RING & (TRACE_RING - 1)) == 0, "a power of two");
_Static_assert(sizeof(void *) != 8 || sizeof(struct trace_record) == 32,
    "a record is 32 bytes");

void
world_trace_init(struct world *w)
{
	w->w_trace.wt_next = 0;
	w->w_trace.wt_hash = false;
}

static uint64_t
hash_text(uint64_t h, const char *s)
{
	if (s == NULL)
		return (h * 3);
	do
		h = (h ^ (uint8_t)*s) * UINT64_C(0x00000100000001b3);
	while (*s++ != '\0');
	return (h);
}

static uint64_t
hash_num(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 29);
}

static void
hash_record(struct vnet *v, const struct trace_record *tr)
{
	uint64_t h;

	h = hash_num(v->v_tracehash, (uint64_t)trace_kind(tr) + 1);
	h = hash_text(h, tr->tr_name);
	h = hash_num(h, (uint64_t)tr->tr_time);
	if (trace_kind(tr) == TRACE_EVENT)
		h = hash_text(h, tr->tr_what);
	else
		h = hash_num(h, (uint64_t)tr->tr_a << 32 | tr->tr_b);
	v->v_tracehash = h;
}

/* The next record of the ring, filled but for its values. */
static struct trace_record *
next_record(struct world *w, int kind, const char *name, const struct vnet *v)
{
	struct trace_record *tr;
	uint32_t id;

	tr = &w->w_trace.wt_ring[w->w_trace.wt_next++ & (TRACE_RING - 1)];
	id = v != NULL ? v->v_id & 0xffffff : TRACE_NOVNET;
	tr->tr_time = w->w_ctx.kc_now;
	tr->tr_name = name;
	tr->tr_event = (uint32_t)w->w_ev.we_count;
	tr->tr_vnetkind = id << 8 | (uint32_t)kind;
	return (tr);
}

/* Whoever listens. */
static void
pass_on(struct world *w, struct vnet *v, const struct trace_record *tr)
{
	struct world_outward *wo;

	if (w->w_trace.wt_hash && v != NULL) {
		mem_mark(v);
		hash_record(v, tr);
	}
	wo = &w->w_trace.wt_out;
	if (wo->wo_trace != NULL)
		wo->wo_trace(wo->wo_tracectx, tr);
}

static bool
anybody(const struct world_trace *wt)
{
	return (wt->wt_hash || wt->wt_out.wo_trace != NULL);
}

void
trace(enum trace_kind kind, const char *name, uint32_t a, uint32_t b)
{
	struct trace_record *tr;
	struct world *w;

	w = curworld();
	tr = next_record(w, kind, name, curvnet);
	tr->tr_a = a;
	tr->tr_b = b;
	if (__predict_false(anybody(&w->w_trace)))
		pass_on(w, curvnet, tr);
}

void
trace_event(const struct event_class *cls, const void *arg, struct vnet *v)
{
	struct trace_record *tr;
	struct world *w;

	w = curworld();
	tr = next_record(w, TRACE_EVENT, cls->ec_name, v);
	tr->tr_what = cls->ec_what != NULL ? cls->ec_what(arg) : NULL;
	if (__predict_false(anybody(&w->w_trace)))
		pass_on(w, v, tr);
}

void
world_set_trace(struct world *w,
    void (*fn)(void *ctx, const struct trace_record *tr), void *ctx)
{
	w->w_trace.wt_out.wo_trace = fn;
	w->w_trace.wt_out.wo_tracectx = ctx;
}

void
world_trace_hash(struct world *w, bool on)
{
	w->w_trace.wt_hash = on;
}

const struct trace_record *
trace_last(const struct world *w, uint32_t i)
{
	const struct world_trace *wt;

	wt = &w->w_trace;
	if (i >= TRACE_RING || i >= wt->wt_next)
		return (NULL);
	return (&wt->wt_ring[(wt->wt_next - 1 - i) & (TRACE_RING - 1)]);
}

uint32_t
trace_vnet(const struct trace_record *tr)
{
	uint32_t id;

	id = tr->tr_vnetkind >> 8;
	return (id == TRACE_NOVNET ? VNETSIM_NOVNET : id);
}

uint64_t
trace_eventnr(const struct world *w, const struct trace_record *tr)
{
	uint64_t now;

	now = w->w_ev.we_count;
	return (now - (uint32_t)((uint32_t)now - tr->tr_event));
}

const char *
trace_kindname(int kind)
{
	static const char *const names[] = { "event", "door", "step", "state",
		"drop", "frame", "call", "finding", "fail", "user" };

	return (kind >= 0 && kind < (int)nitems(names) ? names[kind] : "?");
}
