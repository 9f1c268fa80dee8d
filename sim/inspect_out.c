/*
 * inspect_out.c - tables and lists as aligned text or as JSON.
 *
 * What is said is the same in both forms; the text is for columns of a
 * terminal, JSON has numbers as numbers, times in virtual nanoseconds and null
 * for what is absent ("-" in the text).
 */
#include "sim/inspect_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/report.h"

#define NAME_WIDTH 20 /* of a list's names */

void
iout_begin(struct iout *io, struct rbuf *out, bool json)
{
	memset(io, 0, sizeof(*io));
	io->io_out = out;
	io->io_json = json;
	if (json)
		rbuf_add(out, "{");
}

void
iout_end(struct iout *io)
{
	if (io->io_json)
		rbuf_add(io->io_out, "}\n");
}

static void
member(struct iout *io, const char *name)
{
	if (io->io_more)
		rbuf_add(io->io_out, ",");
	report_json_string(io->io_out, name);
	rbuf_add(io->io_out, ":");
	io->io_more = false;
}

void
iout_cols(
    struct iout *io, const char *name, const struct iout_col *cols, unsigned n)
{
	io->io_cols = cols;
	io->io_ncols = n;
	io->io_col = 0;
	io->io_row = false;
	if (io->io_json) {
		member(io, name);
		rbuf_add(io->io_out, "[");
		return;
	}
	for (unsigned i = 0; i < n; i++)
		rbuf_add(io->io_out, "%*s%s", i + 1 < n ? cols[i].ic_width : 0,
		    cols[i].ic_name, i + 1 < n ? " " : "\n");
}

void
iout_table_end(struct iout *io)
{
	if (io->io_json)
		rbuf_add(io->io_out, "]");
	io->io_ncols = 0;
	io->io_more = true;
}

void
iout_list(struct iout *io, const char *name)
{
	io->io_ncols = 0;
	if (io->io_json) {
		member(io, name);
		rbuf_add(io->io_out, "{");
	} else
		rbuf_add(io->io_out, "%s\n", name);
}

void
iout_name(struct iout *io, const char *name)
{
	if (io->io_json)
		member(io, name);
	else
		rbuf_add(io->io_out, "  %-*s ", NAME_WIDTH, name);
}

void
iout_list_end(struct iout *io)
{
	if (io->io_json)
		rbuf_add(io->io_out, "}");
	io->io_more = true;
}

void
iout_array(struct iout *io, const char *name)
{
	if (io->io_json) {
		member(io, name);
		rbuf_add(io->io_out, "[");
	}
}

void
iout_item(struct iout *io)
{
	if (io->io_more)
		rbuf_add(io->io_out, io->io_json ? ",\n" : "\n");
	if (io->io_json)
		rbuf_add(io->io_out, "{");
	io->io_more = false;
}

void
iout_item_end(struct iout *io)
{
	if (io->io_json)
		rbuf_add(io->io_out, "}");
	io->io_more = true;
}

void
iout_array_end(struct iout *io)
{
	if (io->io_json)
		rbuf_add(io->io_out, "]");
	io->io_more = true;
}

/* A value that is already in its form. */
static void
value(struct iout *io, const char *text)
{
	const struct iout_col *ic;
	bool last;

	if (io->io_ncols == 0) {
		rbuf_add(io->io_out, io->io_json ? "%s" : "%s\n", text);
		io->io_more = true;
		return;
	}
	ic = &io->io_cols[io->io_col];
	last = io->io_col + 1 == io->io_ncols;
	if (io->io_json) {
		if (io->io_col == 0) {
			rbuf_add(io->io_out, "%s{", io->io_row ? ",\n" : "\n");
			io->io_more = false;
		}
		member(io, ic->ic_name);
		rbuf_add(io->io_out, "%s%s", text, last ? "}" : "");
		io->io_more = io->io_row = true;
	} else
		rbuf_add(io->io_out, "%*s%s", last ? 0 : ic->ic_width, text,
		    last ? "\n" : " ");
	io->io_col = last ? 0 : io->io_col + 1;
}

/* NULL is nothing: "-". */
void
iout_text(struct iout *io, const char *s)
{
	struct rbuf rb = { 0 };

	if (!io->io_json) {
		value(io, s != NULL ? s : "-");
		return;
	}
	report_json_string(&rb, s);
	value(io, rbuf_str(&rb));
	rbuf_free(&rb);
}

void
iout_number(struct iout *io, uint64_t n)
{
	char buf[32];

	(void)snprintf(buf, sizeof(buf), "%" PRIu64, n);
	value(io, buf);
}

/* Seconds; VNETSIM_FOREVER is nothing. */
void
iout_time(struct iout *io, int64_t ns)
{
	char buf[48];
	uint64_t n = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	if (ns == VNETSIM_FOREVER)
		(void)snprintf(buf, sizeof(buf), io->io_json ? "null" : "-");
	else if (io->io_json)
		(void)snprintf(buf, sizeof(buf), "%" PRId64, ns);
	else
		(void)snprintf(buf, sizeof(buf), "%s%" PRIu64 ".%09" PRIu64,
		    ns < 0 ? "-" : "", n / 1000000000, n % 1000000000);
	value(io, buf);
}

void
iout_vnet(struct iout *io, uint32_t vnet)
{
	if (vnet == VNETSIM_NOVNET)
		value(io, io->io_json ? "null" : "-");
	else
		iout_number(io, vnet);
}

/* "tcpcb#12@2", as fields print it. */
void
iout_object(struct iout *io, const struct vnetsim_object *o)
{
	struct rbuf rb = { 0 };

	if (o->type != NULL) {
		rbuf_add(&rb, "%s#%" PRIu64 "@", o->type, o->serial);
		if (o->birth_vnet == VNETSIM_NOVNET)
			rbuf_add(&rb, "-");
		else
			rbuf_add(&rb, "%" PRIu32, o->birth_vnet);
	}
	iout_text(io, o->type != NULL ? rbuf_str(&rb) : NULL);
	rbuf_free(&rb);
}
