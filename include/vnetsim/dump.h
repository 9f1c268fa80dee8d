/*
 * dump.h - a world on file.
 *
 * A dump is what the world's memory was, and the constant data of the program
 * that its pointers lead to; docs/DUMP.md has the format.  Another process
 * reads it through a view (inspect.h) and never runs it.
 */
#ifndef VNETSIM_DUMP_H
#define VNETSIM_DUMP_H

#include <vnetsim/vnetsim.h>

/**
 * vnetsim_dump() - write a world
 * @w:		world in any state: between events, inside one, after a panic
 * @reason:	one line, at most 127 bytes are kept; NULL: ""
 * @write:	takes @n bytes at @p, in order; not 0: stop.  Must not call into
 *		the world
 * @ctx:	for @write
 *
 * Async-signal-safe if @write is: allocates nothing, takes no lock, changes
 * nothing.  About 6 KiB of stack.  Two dumps of one state differ in addresses
 * only, if at all.
 * Return:	0; what @write answered if it stopped.
 */
int vnetsim_dump(struct vnetsim *w, const char *reason,
    int (*write)(void *ctx, const void *p, size_t n), void *ctx);

/**
 * vnetsim_dump_size() - how long the file is going to be
 * @w:	world in any state
 *
 * Return:	bytes.
 */
uint64_t vnetsim_dump_size(struct vnetsim *w);

#endif /* !VNETSIM_DUMP_H */
