/*
 * view_finding.c - findings and trace records of a view.
 */
#include <vnetsim/inspect.h>
#include <vnetsim/kern/trace.h>
#include "src/core/memory_var.h"

static const char *
some(const char *s)
{
	return (s != NULL ? s : "-");
}

int
vnetsim_view_finding(const struct vnetsim_view *v, unsigned n,
    struct vnetsim_finding *f, char key[VNETSIM_FINDING_KEY])
{
	const struct dump_dir *dd = view_begin(v);
	struct finding fi;
	uint64_t at;

	memset(f, 0, sizeof(*f));
	if (!view_native(v) || n >= dd->dd_findings)
		return (VE_NOENT);
	at = view_ptr(v, dd->dd_world + offsetof(struct world, w_find.wf_tab));
	at += n * (uint64_t)sizeof(fi);
	if (!view_read(v, at, &fi, sizeof(fi)))
		return (VE_NOENT);
	f->oracle = oracle_name(fi.fi_oracle);
	f->kind = view_str(v, view_addr(fi.fi_kind));
	if (f->kind == NULL)
		f->kind = "?";
	f->vnet = fi.fi_vnet;
	f->vname = view_str(v, at + offsetof(struct finding, fi_vname));
	f->module = view_str(v, view_addr(fi.fi_modname));
	f->phase = vnet_phase_name(fi.fi_phase);
	f->step = view_str(v, view_addr(fi.fi_step));
	f->object = view_str(v, view_addr(fi.fi_zone));
	f->serial = fi.fi_serial;
	f->birth = view_str(v, view_addr(fi.fi_birth));
	f->birth_time = fi.fi_birthtime;
	for (unsigned i = 0; i < imin(fi.fi_nholders, FINDING_HOLDERS); i++)
		f->holders[i] = view_str(v, view_addr(fi.fi_holder[i]));
	f->count = fi.fi_count;
	f->time = fi.fi_time;
	f->event = fi.fi_event;
	f->text = view_str(v, at + offsetof(struct finding, fi_text));
	ksnprintf(key, VNETSIM_FINDING_KEY, "%s.%s.%s.%s.%s", f->oracle,
	    f->kind, some(f->module), some(f->object), some(f->birth));
	f->key = key;
	return (0);
}

static void
trace_record(const struct vnetsim_view *v, uint64_t at, uint64_t events,
    struct vnetsim_trace *out)
{
	struct trace_record tr;
	int kind;

	(void)view_read(v, at, &tr, sizeof(tr));
	memset(out, 0, sizeof(*out));
	kind = trace_kind(&tr);
	out->time = tr.tr_time;
	out->event = events - (uint32_t)((uint32_t)events - tr.tr_event);
	out->vnet = trace_vnet(&tr);
	out->kind = trace_kindname(kind);
	out->name = view_str(v, view_addr(tr.tr_name));
	if (kind != TRACE_EVENT) {
		out->a = tr.tr_a;
		out->b = tr.tr_b;
	} else if (tr.tr_what != NULL) {
		out->name = view_str(v, view_addr(tr.tr_what));
	}
}

size_t
vnetsim_view_trace(
    const struct vnetsim_view *v, struct vnetsim_trace *recs, size_t n)
{
	const struct dump_dir *dd = view_begin(v);
	uint64_t trace, next;

	if (!view_native(v))
		return (0);
	trace = dd->dd_world + offsetof(struct world, w_trace);
	(void)view_read(v, trace + offsetof(struct world_trace, wt_next), &next,
	    sizeof(next));
	n = imin(n, (size_t)imin(next, (uint64_t)TRACE_RING));
	for (size_t i = 0; i < n; i++)
		trace_record(v,
		    trace + offsetof(struct world_trace, wt_ring) +
			((next - n + i) & (TRACE_RING - 1)) *
			    sizeof(struct trace_record),
		    dd->dd_events, &recs[i]);
	return (n);
}
