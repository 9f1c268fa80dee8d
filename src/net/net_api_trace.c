/*
 * net_api_trace.c - trace records, for listeners and after a panic.
 *
 * A record is translated when it is handed out; the ring itself keeps 32
 * bytes.  The translator's context is the listener's, so that no state of a
 * host lies in the world but the two words that a restore leaves alone.
 */
#include <string.h>
#include <vnetsim/inspect.h>
#include "src/net/net_api.h"

static void
trace_translate(
    const struct trace_record *tr, uint64_t event, struct vnetsim_trace *out)
{
	int kind = (int)(tr->tr_vnetkind & 0xff);

	memset(out, 0, sizeof(*out));
	out->time = tr->tr_time;
	out->event = event;
	out->vnet = trace_vnet(tr);
	out->kind = trace_kindname(kind);
	out->name = tr->tr_name;
	if (kind == TRACE_EVENT) {
		if (tr->tr_what != NULL)
			out->name = tr->tr_what;
		return;
	}
	out->a = tr->tr_a;
	out->b = tr->tr_b;
}

/* The world's sink; the host's function is called with its own context. */
static void
trace_sink(void *ctx, const struct trace_record *tr)
{
	struct world *w = curworld();
	const struct world_outward *out = &w->w_trace.wt_out;
	struct vnetsim_trace rec;

	(void)ctx;
	trace_translate(tr, event_count(w), &rec);
	out->wo_record(out->wo_recordctx, &rec);
}

void
vnetsim_set_trace(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_trace *rec), void *ctx)
{
	struct world *wd = api_look(w);

	wd->w_trace.wt_out.wo_record = fn;
	wd->w_trace.wt_out.wo_recordctx = ctx;
	world_set_trace(wd, fn != NULL ? trace_sink : NULL, NULL);
}

size_t
vnetsim_last_trace(struct vnetsim *w, struct vnetsim_trace *recs, size_t n)
{
	(void)api_look(w);
	return (vnetsim_view_trace(vnetsim_view_live(w), recs, n));
}
