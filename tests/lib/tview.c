/*
 * tview.c - dumps in memory, and all that a view can say as one text.
 */
#include "tests/lib/tview.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_NULL(s) ((s) != NULL ? (s) : "-")

static int
file_write(void *ctx, const void *p, size_t n)
{
	struct tview_file *f = ctx;
	uint8_t *more;

	if (f->tf_len + n > f->tf_cap) {
		f->tf_cap = 2 * (f->tf_len + n);
		more = realloc(f->tf_bytes, f->tf_cap);
		if (more == NULL)
			return (VE_NOMEM);
		f->tf_bytes = more;
	}
	memcpy(f->tf_bytes + f->tf_len, p, n);
	f->tf_len += n;
	return (0);
}

int
tview_dump(struct vnetsim *w, const char *reason, struct tview_file *f)
{
	memset(f, 0, sizeof(*f));
	return (vnetsim_dump(w, reason, file_write, f));
}

void
tview_free(struct tview_file *f)
{
	free(f->tf_bytes);
	memset(f, 0, sizeof(*f));
}

struct text {
	char *tx_buf;
	size_t tx_len, tx_cap;
};

static void
add(struct text *tx, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(
	    tx->tx_buf + tx->tx_len, tx->tx_cap - tx->tx_len, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n >= tx->tx_cap - tx->tx_len) {
		tx->tx_cap = 2 * tx->tx_cap + (size_t)n;
		tx->tx_buf = realloc(tx->tx_buf, tx->tx_cap);
		if (tx->tx_buf == NULL)
			abort();
		va_start(ap, fmt);
		n = vsnprintf(
		    tx->tx_buf + tx->tx_len, tx->tx_cap - tx->tx_len, fmt, ap);
		va_end(ap);
	}
	tx->tx_len += (size_t)n;
}

static void
add_object(struct text *tx, const struct vnetsim_object *o)
{
	if (o->type == NULL)
		add(tx, "none");
	else
		add(tx, "%s#%llu@%u/%u %s %lld %u", o->type,
		    (unsigned long long)o->serial, o->birth_vnet, o->vnet,
		    o->birth, (long long)o->birth_time, o->size);
}

static void
add_objects(
    struct text *tx, const struct vnetsim_view *v, uint32_t vnet, unsigned max)
{
	struct vnetsim_object o, by;
	const char *name;
	char buf[200];
	uint64_t it = 0;

	while (vnetsim_object_next(v, vnet, NULL, &it, &o) == 0) {
		add_object(tx, &o);
		add(tx, "\n");
		for (unsigned n = 0;
		     vnetsim_field(v, &o, n, &name, buf, sizeof(buf)) == 0; n++)
			add(tx, "\t%s = %s\n", name, buf);
		for (unsigned n = 0;
		     n < max && vnetsim_holder(v, &o, n, &name, &by) == 0;
		     n++) {
			add(tx, "\theld by %s ", name);
			add_object(tx, &by);
			add(tx, "\n");
		}
	}
}

static void
add_vnets(struct text *tx, const struct vnetsim_view *v, unsigned max)
{
	struct vnetsim_callout_info ci;
	struct vnetsim_vnet_info vi;
	uint64_t it = 0, ic;

	while (vnetsim_vnet_next(v, &it, &vi) == 0) {
		add(tx, "vnet %u %s %s %s %d %u %u %llu %u\n", vi.id, vi.name,
		    vi.phase, S_NULL(vi.step), vi.ready, vi.inited, vi.objects,
		    (unsigned long long)vi.bytes, vi.callouts);
		add_objects(tx, v, vi.id, max);
		for (ic = 0; vnetsim_callout_next(v, vi.id, &ic, &ci) == 0;) {
			add(tx, "callout %s %u %s %s %lld %s ", ci.name,
			    ci.vnet, ci.module, ci.state, (long long)ci.due,
			    ci.field);
			add_object(tx, &ci.object);
			add(tx, "\n");
		}
	}
	add(tx, "world\n");
	add_objects(tx, v, VNETSIM_NOVNET, max);
}

static void
add_lists(struct text *tx, const struct vnetsim_view *v)
{
	struct vnetsim_jail_info ji;
	struct vnetsim_op_info oi;
	struct vnetsim_type t;
	uint64_t it;

	for (unsigned n = 0; vnetsim_type(v, n, &t) == 0; n++)
		add(tx, "type %s %s %u %llu %u\n", t.name, t.module, t.size,
		    (unsigned long long)t.live, t.nfields);
	for (it = 0; vnetsim_view_jail_next(v, &it, &ji) == 0;)
		add(tx, "jail %d %s %d %u %d %u %u %s\n", ji.jid, ji.name,
		    ji.dying, ji.vnet, ji.own_vnet, ji.uses, ji.holds,
		    S_NULL(ji.phase));
	for (it = 0; vnetsim_view_op_next(v, &it, &oi) == 0;) {
		add(tx, "op %s %u %s %s %s %lld %d %d ", oi.name, oi.vnet,
		    oi.module, oi.state, S_NULL(oi.what), (long long)oi.bound,
		    oi.soft, oi.error);
		add_object(tx, &oi.object);
		add(tx, " ");
		add_object(tx, &oi.waits);
		add(tx, "\n");
	}
}

static void
add_past(struct text *tx, const struct vnetsim_view *v)
{
	struct vnetsim_trace tr[256];
	char key[VNETSIM_FINDING_KEY];
	struct vnetsim_finding f;
	size_t n;

	for (unsigned i = 0; vnetsim_view_finding(v, i, &f, key) == 0; i++) {
		add(tx, "finding %s %s %u %s %s %s %s %s %llu %s %lld %u %lld",
		    f.oracle, f.kind, f.vnet, f.vname, S_NULL(f.module),
		    f.phase, S_NULL(f.step), S_NULL(f.object),
		    (unsigned long long)f.serial, S_NULL(f.birth),
		    (long long)f.birth_time, f.count, (long long)f.time);
		add(tx, " %llu %s %s\n", (unsigned long long)f.event, f.text,
		    f.key);
		for (int k = 0; k < 4 && f.holders[k] != NULL; k++)
			add(tx, "\t%s\n", f.holders[k]);
	}
	n = vnetsim_view_trace(v, tr, 256);
	for (size_t i = 0; i < n; i++)
		add(tx, "trace %lld %llu %u %s %s %u %u\n",
		    (long long)tr[i].time, (unsigned long long)tr[i].event,
		    tr[i].vnet, tr[i].kind, S_NULL(tr[i].name), tr[i].a,
		    tr[i].b);
}

char *
tview_text(const struct vnetsim_view *v, unsigned holders)
{
	struct text tx = { malloc(1 << 16), 0, 1 << 16 };
	struct vnetsim_view_info vi;

	if (tx.tx_buf == NULL)
		abort();
	vnetsim_view_info(v, &vi);
	add(&tx, "world %lld %llu %llu %d %u %s %s %s %u %u %u ",
	    (long long)vi.time, (unsigned long long)vi.events,
	    (unsigned long long)vi.seed, vi.inside, vi.vnet, vi.vname,
	    S_NULL(vi.door), S_NULL(vi.module), vi.vnets, vi.findings, vi.lost);
	for (int i = 0; i < VNETSIM_BUILD_ID; i++)
		add(&tx, "%02x", vi.build_id[i]);
	add(&tx, "\n");
	add_lists(&tx, v);
	add_vnets(&tx, v, holders);
	add_past(&tx, v);
	return (tx.tx_buf);
}
