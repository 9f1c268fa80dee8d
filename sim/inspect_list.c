/*
 * inspect_list.c - one object in full; what is armed, waits, was found.
 *
 * Each list has a line per item.  An object is shown with its fields, with
 * who holds it and with the armed callouts that lie in it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/inspect.h"
#include "sim/report.h"

#define NITEMS(a)   (sizeof(a) / sizeof((a)[0]))
#define FIELD_TEXT  4096
#define TRACE_TELLS 256

static const struct iout_col callout_cols[] = { { "name", -20 }, { "vnet", 6 },
	{ "module", -8 }, { "state", -14 }, { "due", 16 }, { "object", -28 },
	{ "field", 0 } };

static void
callout_row(struct iout *io, const struct vnetsim_callout_info *ci)
{
	iout_text(io, ci->name);
	iout_vnet(io, ci->vnet);
	iout_text(io, ci->module);
	iout_text(io, ci->state);
	iout_time(io, ci->due);
	iout_object(io, &ci->object);
	iout_text(io, ci->field);
}

/* All of them, or those that lie in one object. */
static void
callouts(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct iout *io)
{
	struct vnetsim_callout_info ci;
	struct vnetsim_vnet_info vi;
	uint64_t iter = 0, at;

	iout_cols(io, "callouts", callout_cols, NITEMS(callout_cols));
	while (vnetsim_vnet_next(v, &iter, &vi) == 0)
		for (at = 0; vnetsim_callout_next(v, vi.id, &at, &ci) == 0;)
			if (o == NULL || (ci.object.type != NULL &&
					     ci.object.cookie == o->cookie))
				callout_row(io, &ci);
	iout_table_end(io);
}

static void
fields(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct iout *io)
{
	char *buf = malloc(FIELD_TEXT);
	const char *name;

	iout_list(io, "fields");
	for (unsigned n = 0;
	     buf != NULL && vnetsim_field(v, o, n, &name, buf, FIELD_TEXT) == 0;
	     n++) {
		iout_name(io, name);
		iout_text(io, buf);
	}
	iout_list_end(io);
	free(buf);
}

static void
holders(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct iout *io)
{
	static const struct iout_col cols[] = { { "holder", -28 },
		{ "as", 0 } };
	struct vnetsim_object by;
	const char *what;

	iout_cols(io, "holders", cols, NITEMS(cols));
	for (unsigned n = 0; vnetsim_holder(v, o, n, &what, &by) == 0; n++) {
		iout_object(io, &by);
		iout_text(io, what);
	}
	iout_table_end(io);
}

/**
 * inspect_object() - everything about one object
 * @v:	view
 * @o:	object
 * @io:	output
 */
void
inspect_object(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct iout *io)
{
	iout_item(io);
	iout_list(io, "object");
	iout_name(io, "name");
	iout_object(io, o);
	iout_name(io, "vnet");
	iout_vnet(io, o->vnet);
	iout_name(io, "size");
	iout_number(io, o->size);
	iout_name(io, "birth");
	iout_text(io, o->birth);
	iout_name(io, "birth_time");
	iout_time(io, o->birth_time);
	iout_list_end(io);
	fields(v, o, io);
	holders(v, o, io);
	callouts(v, o, io);
	iout_item_end(io);
}

static void
all_callouts(const struct vnetsim_view *v, struct iout *io)
{
	callouts(v, NULL, io);
}

static void
ops(const struct vnetsim_view *v, struct iout *io)
{
	static const struct iout_col cols[] = { { "name", -16 }, { "vnet", 6 },
		{ "module", -8 }, { "state", -8 }, { "error", -14 },
		{ "bound", 16 }, { "limit", -5 }, { "object", -16 },
		{ "waits", -24 }, { "what", 0 } };
	struct vnetsim_op_info oi;
	uint64_t iter = 0;

	iout_cols(io, "ops", cols, NITEMS(cols));
	while (vnetsim_view_op_next(v, &iter, &oi) == 0) {
		iout_text(io, oi.name);
		iout_vnet(io, oi.vnet);
		iout_text(io, oi.module);
		iout_text(io, oi.state);
		iout_text(io, oi.error != 0 ? vnetsim_errname(oi.error) : NULL);
		iout_time(io, oi.bound);
		iout_text(io, oi.bound == VNETSIM_FOREVER ? NULL
			      : oi.soft                   ? "soft"
							  : "hard");
		iout_object(io, &oi.object);
		iout_object(io, &oi.waits);
		iout_text(io, oi.what);
	}
	iout_table_end(io);
}

static void
findings(const struct vnetsim_view *v, struct iout *io)
{
	static const struct iout_col cols[] = { { "oracle", -9 },
		{ "kind", -18 }, { "vnet", 6 }, { "module", -8 },
		{ "phase", -9 }, { "step", -18 }, { "object", -20 },
		{ "serial", 6 }, { "birth", -28 }, { "count", 5 },
		{ "time", 16 }, { "event", 8 }, { "text", 0 } };
	char key[VNETSIM_FINDING_KEY];
	struct vnetsim_finding f;

	iout_cols(io, "findings", cols, NITEMS(cols));
	for (unsigned n = 0; vnetsim_view_finding(v, n, &f, key) == 0; n++) {
		iout_text(io, f.oracle);
		iout_text(io, f.kind);
		iout_vnet(io, f.vnet);
		iout_text(io, f.module);
		iout_text(io, f.phase);
		iout_text(io, f.step);
		iout_text(io, f.object);
		if (f.object == NULL)
			iout_text(io, NULL);
		else
			iout_number(io, f.serial);
		iout_text(io, f.birth);
		iout_number(io, f.count);
		iout_time(io, f.time);
		iout_number(io, f.event);
		iout_text(io, f.text);
	}
	iout_table_end(io);
}

static void
trace(const struct vnetsim_view *v, struct iout *io)
{
	static const struct iout_col cols[] = { { "time", 16 }, { "event", 8 },
		{ "vnet", 6 }, { "kind", -8 }, { "a", 10 }, { "b", 10 },
		{ "name", 0 } };
	struct vnetsim_trace *t;
	size_t n;

	t = calloc(TRACE_TELLS, sizeof(*t));
	n = t == NULL ? 0 : vnetsim_view_trace(v, t, TRACE_TELLS);
	iout_cols(io, "trace", cols, NITEMS(cols));
	for (size_t i = 0; i < n; i++) {
		iout_time(io, t[i].time);
		iout_number(io, t[i].event);
		iout_vnet(io, t[i].vnet);
		iout_text(io, t[i].kind);
		iout_number(io, t[i].a);
		iout_number(io, t[i].b);
		iout_text(io, t[i].name);
	}
	iout_table_end(io);
	free(t);
}

/**
 * inspect_list() - one of the lists
 * @v:		view
 * @what:	"callouts", "ops", "findings", "trace"
 * @io:		output
 *
 * Return:	false: there is no list of that name.
 */
bool
inspect_list(const struct vnetsim_view *v, const char *what, struct iout *io)
{
	static const struct {
		const char *name;
		void (*fn)(const struct vnetsim_view *v, struct iout *io);
	} lists[] = { { "callouts", all_callouts }, { "ops", ops },
		{ "findings", findings }, { "trace", trace } };

	for (size_t i = 0; i < NITEMS(lists); i++)
		if (strcmp(lists[i].name, what) == 0) {
			lists[i].fn(v, io);
			return (true);
		}
	return (false);
}

/**
 * inspect_jls() - the jails as JSON
 * @v:		view
 * @dying:	those, too
 * @out:	text is appended
 */
void
inspect_jls(const struct vnetsim_view *v, bool dying, struct rbuf *out)
{
	struct vnetsim_jail_info ji;
	uint64_t iter = 0;
	bool first = true;

	rbuf_add(out, "{\"jails\":[");
	while (vnetsim_view_jail_next(v, &iter, &ji) == 0) {
		if (ji.jid == 0 || (ji.dying && !dying))
			continue;
		rbuf_add(out, "%s{\"jid\":%d,\"name\":", first ? "\n" : ",\n",
		    ji.jid);
		report_json_string(out, ji.name);
		rbuf_add(out, ",\"state\":\"%s\",\"phase\":",
		    ji.dying ? "DYING" : "ACTIVE");
		report_json_string(out, ji.phase);
		rbuf_add(out, ",\"vnet\":%" PRIu32 "}", ji.vnet);
		first = false;
	}
	rbuf_add(out, "]}\n");
}
