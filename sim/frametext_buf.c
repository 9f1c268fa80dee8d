/*
 * frametext_buf.c - text of bounded size, built piece by piece.
 *
 * Nothing here fails: what does not fit is counted and left out, as snprintf
 * does, so a caller that knows the length can come back with more room.
 * Names come from files that anybody may have written; they reach a terminal
 * only with their control characters spelled out.
 */
#include "sim/frametext_buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NS_PER_S 1000000000

/**
 * textbuf_init() - begin an empty text
 * @tb:		out: the text
 * @buf:	array to fill, borrowed; may be NULL if @size is 0
 * @size:	its size in bytes, the NUL included
 */
void
textbuf_init(struct textbuf *tb, char *buf, size_t size)
{
	tb->tb_buf = buf;
	tb->tb_size = size;
	tb->tb_len = 0;
	if (size > 0)
		buf[0] = '\0';
}

/**
 * textbuf_add() - append as printf does
 */
void
textbuf_add(struct textbuf *tb, const char *fmt, ...)
{
	char *at = NULL;
	size_t room = 0;
	va_list ap;
	int n;

	if (tb->tb_len < tb->tb_size) {
		at = tb->tb_buf + tb->tb_len;
		room = tb->tb_size - tb->tb_len;
	}
	va_start(ap, fmt);
	n = vsnprintf(at, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		tb->tb_len += (size_t)n;
}

/**
 * textbuf_name() - append a name; bytes that are not printable ASCII become
 * \xHH
 */
void
textbuf_name(struct textbuf *tb, const char *name)
{
	const unsigned char *p;

	for (p = (const unsigned char *)name; *p != '\0'; p++) {
		if (*p >= 0x20 && *p < 0x7f)
			textbuf_add(tb, "%c", *p);
		else
			textbuf_add(tb, "\\x%02x", *p);
	}
}

/**
 * textbuf_time() - append a point in time as seconds with nine digits
 */
void
textbuf_time(struct textbuf *tb, int64_t ns)
{
	uint64_t abs = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	textbuf_add(tb, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
	    abs / NS_PER_S, abs % NS_PER_S);
}

/**
 * textbuf_span() - append a span of time in the largest unit that is exact
 */
void
textbuf_span(struct textbuf *tb, int64_t ns)
{
	static const struct {
		int64_t size;
		const char *name;
	} unit[] = { { NS_PER_S, "s" }, { 1000000, "ms" }, { 1000, "us" },
		{ 1, "ns" } };
	size_t i;

	for (i = 0; ns % unit[i].size != 0; i++)
		continue;
	textbuf_add(tb, "%" PRId64 "%s", ns / unit[i].size, unit[i].name);
}
