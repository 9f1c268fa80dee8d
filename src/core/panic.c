/*
 * panic.c - the text of a broken invariant.
 *
 * Everything that a reader needs without a debugger, formatted on the stack:
 * where (vnet, door, module, event, time), what, and the last trace records,
 * newest first.  A panic while this text is made says only its own message.
 * Without a world there is no host to ask; the POSIX one is taken.
 */
#include <stdarg.h>
#include "src/core/panic_text.h"
#include "src/core/world.h"

#define PANIC_TEXT 4096

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
	text_add(&tx, "panic: ");
	if (w != NULL && !again) {
		w->w_panicking = true;
		text_where(&tx, w);
	}
	va_start(ap, fmt);
	text_addv(&tx, fmt, ap);
	va_end(ap);
	text_add(&tx, "\n");
	if (w != NULL && !again)
		text_trace(&tx, w);
	if (w != NULL)
		w->w_panicking = false;
	host->panic(host->ctx, buf);
	/* a host's panic does not return; this one's neither */
	vnetsim_host_posix()->panic(vnetsim_host_posix()->ctx, buf);
	for (;;)
		;
}
