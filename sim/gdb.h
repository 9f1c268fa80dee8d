/*
 * gdb.h - a debugger that stops at a virtual time, an event or a step.
 */
#ifndef SIM_GDB_H
#define SIM_GDB_H

#include <vnetsim/vnetsim.h>

#include "sim/report_buf.h"

/**
 * struct gdb_break - where to stop, once
 * @gb_what:	(b) as it was given; NULL: nowhere
 * @gb_step:	(b) name of a step, or NULL
 * @gb_event:	number of an event, 0: none
 * @gb_time:	virtual ns, if neither
 * @gb_hit:	it was reached
 */
struct gdb_break {
	const char *gb_what;
	const char *gb_step;
	uint64_t gb_event;
	int64_t gb_time;
	bool gb_hit;
};

void gdb_trace(void *arg, const struct vnetsim_trace *t);
bool gdb_step_exists(
    struct vnetsim *w, const struct gdb_break *gb, struct rbuf *why);
int gdb_exec(int argc, char **argv, bool hasbreak);
void vnetsim_breakpoint(const char *why) __attribute__((noinline));

#endif /* !SIM_GDB_H */
