/*
 * panic.c - the text of a broken invariant.
 *
 * Everything that a reader needs without a debugger, formatted on the stack:
 * where (vnet, door, module, event, time), what, and the last trace records,
 * newest first.  A panic while this text is made says only its own message.
 * Without a world there is no host to ask; the POSIX one is taken.
 */
#include <stdarg.h>
#include "src/core/kprintf.h"
#include "src/core/world.h"

#define PANIC_TEXT    4096
#define PANIC_RECORDS 16

struct text {
	char *tx_buf;
	size_t tx_size, tx_len;
};

static void add(struct text *tx, const char *fmt, ...) __printflike(2, 3);

static void
addv(struct text *tx, const char *fmt, va_list ap)
{
	size_t room, n;

	room = tx->tx_size - tx->tx_len;
	n = kvsnprintf(tx->tx_buf + tx->tx_len, room, fmt, ap);
	tx->tx_len += n < room ? n : room - 1;
}

static void
add(struct text *tx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	addv(tx, fmt, ap);
	va_end(ap);
}

/* The current vnet may be dead: ask the ledger before looking at it. */
static void
add_vnet(struct text *tx, const struct vnet *v)
{
	struct mem_info mi;

	if (v == NULL)
		add(tx, "no vnet");
	else if (!mem_info(v, &mi) || mi.mi_state != MEM_LIVE)
		add(tx, "a dead vnet");
	else
		add(tx, "vnet %u \"%s\"", v->v_id, v->v_name);
}

static void
add_where(struct text *tx, const struct world *w)
{
	const struct kctx *kc = &w->w_ctx;
	const struct vnet_module *m;

	m = kc->kc_mod < VNET_MOD_MAX ? w->w_mod[kc->kc_mod] : NULL;
	add_vnet(tx, kc->kc_vnet);
	add(tx, ", door %s, module %s, event %llu, time %lld.%09lld s: ",
	    kc->kc_door != NULL ? kc->kc_door : "none",
	    m != NULL ? m->vm_name : "?", (unsigned long long)event_count(w),
	    (long long)(kc->kc_now / NS_S), (long long)(kc->kc_now % NS_S));
}

static void
add_record(
    struct text *tx, const struct world *w, const struct trace_record *tr)
{
	uint32_t v;

	v = trace_vnet(tr);
	add(tx, "  event %llu, %lld.%09lld s, ",
	    (unsigned long long)trace_eventnr(w, tr),
	    (long long)(tr->tr_time / NS_S), (long long)(tr->tr_time % NS_S));
	if (v == VNETSIM_NOVNET)
		add(tx, "no vnet: ");
	else
		add(tx, "vnet %u: ", v);
	add(tx, "%s %s", trace_kindname(trace_kind(tr)),
	    tr->tr_name != NULL ? tr->tr_name : "");
	if (trace_kind(tr) == TRACE_EVENT)
		add(tx, " %s\n", tr->tr_what != NULL ? tr->tr_what : "");
	else
		add(tx, " %u %u\n", tr->tr_a, tr->tr_b);
}

static void
add_trace(struct text *tx, const struct world *w)
{
	const struct trace_record *tr;
	uint32_t i;

	add(tx, "last trace records, newest first:\n");
	for (i = 0; i < PANIC_RECORDS; i++) {
		tr = trace_last(w, i);
		if (tr == NULL)
			break;
		add_record(tx, w, tr);
	}
}

__kdead void
panic(const char *fmt, ...)
{
	const struct vnetsim_host *host;
	char buf[PANIC_TEXT];
	struct text tx = { buf, sizeof(buf), 0 };
	struct world *w;
	bool again;
	va_list ap;

	w = kctx != NULL ? kctx->kc_world : NULL;
	again = w != NULL && w->w_panicking;
	host = w != NULL ? w->w_host : vnetsim_host_posix();
	add(&tx, "panic: ");
	if (w != NULL && !again) {
		w->w_panicking = true;
		add_where(&tx, w);
	}
	va_start(ap, fmt);
	addv(&tx, fmt, ap);
	va_end(ap);
	add(&tx, "\n");
	if (w != NULL && !again)
		add_trace(&tx, w);
	if (w != NULL)
		w->w_panicking = false;
	host->panic(host->ctx, buf);
	/* a host's panic does not return; this one's neither */
	vnetsim_host_posix()->panic(vnetsim_host_posix()->ctx, buf);
	for (;;)
		;
}
