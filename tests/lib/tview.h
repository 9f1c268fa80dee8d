/*
 * tview.h - dumps in memory, and all that a view can say as one text.
 */
#ifndef TESTS_LIB_TVIEW_H
#define TESTS_LIB_TVIEW_H

#include <stddef.h>
#include <stdint.h>
#include <vnetsim/dump.h>
#include <vnetsim/inspect.h>

struct tview_file {
	uint8_t *tf_bytes; /* malloc */
	size_t tf_len, tf_cap;
};

/* Dump a world.  Return: 0, or what vnetsim_dump() says. */
int tview_dump(struct vnetsim *w, const char *reason, struct tview_file *f);
void tview_free(struct tview_file *f);

/* Everything but what differs between a live world and a dump of it (reason
 * and kind).  At most @holders holders of an object.  Return: malloc, to be
 * freed. */
char *tview_text(const struct vnetsim_view *v, unsigned holders);

#endif /* !TESTS_LIB_TVIEW_H */
