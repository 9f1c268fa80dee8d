/*
 * inspect_out.h - tables and lists as aligned text or as JSON.
 */
#ifndef SIM_INSPECT_OUT_H
#define SIM_INSPECT_OUT_H

#include <vnetsim/inspect.h>

#include "sim/report_buf.h"

/**
 * struct iout_col - a column
 * @ic_name:	its heading, and the key in JSON
 * @ic_width:	of the text, at least; < 0: to the left; of the last column of
 *		a table it does not matter
 */
struct iout_col {
	const char *ic_name;
	int ic_width;
};

/**
 * struct iout - where output goes
 * @io_out:	(b) text is appended
 * @io_json:	as JSON: one object, its members are what is put out
 */
struct iout {
	struct rbuf *io_out;
	bool io_json;
	bool io_more; /* JSON: a comma is due */
	bool io_row;  /* JSON: in a row, a comma is due before the next one */
	const struct iout_col *io_cols;
	unsigned io_ncols, io_col;
};

void iout_begin(struct iout *io, struct rbuf *out, bool json);
void iout_end(struct iout *io);

/* A table: iout_cols(), then a cell for each column of each row. */
void iout_cols(
    struct iout *io, const char *name, const struct iout_col *cols, unsigned n);
void iout_table_end(struct iout *io);

/* Named values: iout_list(), then iout_name() and one value each. */
void iout_list(struct iout *io, const char *name);
void iout_name(struct iout *io, const char *name);
void iout_list_end(struct iout *io);

/* Several of the same shape, each with tables and lists of its own. */
void iout_array(struct iout *io, const char *name);
void iout_item(struct iout *io);
void iout_item_end(struct iout *io);
void iout_array_end(struct iout *io);

/* Values, in a row or behind a name. */
void iout_text(struct iout *io, const char *s);
void iout_number(struct iout *io, uint64_t n);
void iout_time(struct iout *io, int64_t ns);
void iout_vnet(struct iout *io, uint32_t vnet);
void iout_object(struct iout *io, const struct vnetsim_object *o);

#endif /* !SIM_INSPECT_OUT_H */
