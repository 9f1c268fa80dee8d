/*
 * panic_text.h - the pieces of the text of a broken invariant.
 *
 * Shared by panic() and by the text of a fatal signal (explain.c).
 */
#ifndef SRC_CORE_PANIC_TEXT_H
#define SRC_CORE_PANIC_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <vnetsim/kern/kdefs.h>

struct world;

/* A text that is cut off when its buffer is full. */
struct text {
	char *tx_buf;
	size_t tx_size, tx_len;
};

void text_add(struct text *tx, const char *fmt, ...) __printflike(2, 3);
void text_addv(struct text *tx, const char *fmt, va_list ap) __printflike(2, 0);

/* "1.500000000 s" */
void text_time(struct text *tx, int64_t ns);

/* Who is running: vnet, door, module, event, time; ends in ": ". */
void text_where(struct text *tx, const struct world *w);

/* The last trace records, newest first, a line each. */
void text_trace(struct text *tx, const struct world *w);

#endif /* !SRC_CORE_PANIC_TEXT_H */
