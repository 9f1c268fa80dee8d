/*
 * panic_text.c - who was running and what came before, as text.
 *
 * Read when the world is broken, perhaps in a signal handler: nothing is
 * allocated, and a pointer is looked at only after the ledger knows it.
 */
#include "src/core/panic_text.h"
#include "src/core/kprintf.h"
#include "src/core/world.h"

#define TEXT_RECORDS 16

void
text_addv(struct text *tx, const char *fmt, va_list ap)
{
	size_t room, n;

	room = tx->tx_size - tx->tx_len;
	n = kvsnprintf(tx->tx_buf + tx->tx_len, room, fmt, ap);
	tx->tx_len += n < room ? n : room - 1;
}

void
text_add(struct text *tx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_addv(tx, fmt, ap);
	va_end(ap);
}

void
text_time(struct text *tx, int64_t ns)
{
	text_add(tx, "%lld.%09lld s", (long long)(ns / NS_S),
	    (long long)(ns % NS_S));
}

/* The current vnet may be dead: ask the ledger before looking at it. */
static void
add_vnet(struct text *tx, const struct vnet *v)
{
	struct mem_info mi;

	if (v == NULL)
		text_add(tx, "no vnet");
	else if (!mem_info(v, &mi) || mi.mi_state != MEM_LIVE)
		text_add(tx, "a dead vnet");
	else
		text_add(tx, "vnet %u \"%s\"", v->v_id, v->v_name);
}

void
text_where(struct text *tx, const struct world *w)
{
	const struct kctx *kc = &w->w_ctx;
	const struct vnet_module *m;

	m = kc->kc_mod < VNET_MOD_MAX ? w->w_mod[kc->kc_mod] : NULL;
	add_vnet(tx, kc->kc_vnet);
	text_add(tx, ", door %s, module %s, event %llu, time ",
	    kc->kc_door != NULL ? kc->kc_door : "none",
	    m != NULL ? m->vm_name : "?", (unsigned long long)event_count(w));
	text_time(tx, kc->kc_now);
	text_add(tx, ": ");
}

static void
add_record(
    struct text *tx, const struct world *w, const struct trace_record *tr)
{
	uint32_t v;

	v = trace_vnet(tr);
	text_add(
	    tx, "  event %llu, ", (unsigned long long)trace_eventnr(w, tr));
	text_time(tx, tr->tr_time);
	if (v == VNETSIM_NOVNET)
		text_add(tx, ", no vnet: ");
	else
		text_add(tx, ", vnet %u: ", v);
	text_add(tx, "%s %s", trace_kindname(trace_kind(tr)),
	    tr->tr_name != NULL ? tr->tr_name : "");
	if (trace_kind(tr) == TRACE_EVENT)
		text_add(tx, " %s\n", tr->tr_what != NULL ? tr->tr_what : "");
	else
		text_add(tx, " %u %u\n", tr->tr_a, tr->tr_b);
}

void
text_trace(struct text *tx, const struct world *w)
{
	const struct trace_record *tr;
	uint32_t i;

	text_add(tx, "last trace records, newest first:\n");
	for (i = 0; i < TEXT_RECORDS; i++) {
		tr = trace_last(w, i);
		if (tr == NULL)
			break;
		add_record(tx, w, tr);
	}
}
