/*
 * report_buf.c - text that grows: reports, command output, messages.
 *
 * When memory runs out the text stays what it was and rb_nomem says so; the
 * writer of a file looks at it once, at the end.
 */
#include "sim/report_buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
rbuf_room(struct rbuf *rb, size_t n)
{
	size_t cap = rb->rb_cap == 0 ? 256 : rb->rb_cap;
	char *s;

	if (rb->rb_nomem)
		return (false);
	while (cap - rb->rb_len <= n)
		cap *= 2;
	if (cap == rb->rb_cap)
		return (true);
	s = realloc(rb->rb_s, cap);
	if (s == NULL) {
		rb->rb_nomem = true;
		return (false);
	}
	rb->rb_s = s;
	rb->rb_cap = cap;
	return (true);
}

/* Append bytes. */
void
rbuf_put(struct rbuf *rb, const void *bytes, size_t n)
{
	if (!rbuf_room(rb, n))
		return;
	if (n > 0)
		memcpy(rb->rb_s + rb->rb_len, bytes, n);
	rb->rb_len += n;
	rb->rb_s[rb->rb_len] = '\0';
}

/* Append formatted text. */
void
rbuf_add(struct rbuf *rb, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !rbuf_room(rb, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(rb->rb_s + rb->rb_len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	rb->rb_len += (size_t)n;
}

/* Cut it back to @len bytes, or leave it if it is shorter. */
void
rbuf_cut(struct rbuf *rb, size_t len)
{
	if (len >= rb->rb_len)
		return;
	rb->rb_len = len;
	rb->rb_s[len] = '\0';
}

void
rbuf_free(struct rbuf *rb)
{
	free(rb->rb_s);
	memset(rb, 0, sizeof(*rb));
}

/* The text, "" for an empty one; until the next change. */
const char *
rbuf_str(const struct rbuf *rb)
{
	return (rb->rb_s != NULL ? rb->rb_s : "");
}

/* A span of time in the largest unit that shows three digits: "1.25 s". */
void
rbuf_span(struct rbuf *rb, int64_t ns)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = { { INT64_C(1000000000), "s" }, { 1000000, "ms" },
		{ 1000, "us" } };
	const char *sign = ns < 0 ? "-" : "";
	uint64_t n = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	uint64_t frac;

	for (size_t i = 0; i < 3; i++) {
		uint64_t u = (uint64_t)units[i].unit;

		if (n < u)
			continue;
		frac = n % u / (u / 1000);
		rbuf_add(rb, "%s%" PRIu64, sign, n / u);
		if (frac != 0) {
			int w = 3;

			while (frac % 10 == 0) {
				frac /= 10;
				w--;
			}
			rbuf_add(rb, ".%0*" PRIu64, w, frac);
		}
		rbuf_add(rb, " %s", units[i].name);
		return;
	}
	rbuf_add(rb, "%s%" PRIu64 " ns", sign, n);
}

/* An IPv4 address, host order. */
void
rbuf_ip(struct rbuf *rb, uint32_t addr)
{
	rbuf_add(rb, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255,
	    addr >> 8 & 255, addr & 255);
}

/* An Ethernet address. */
void
rbuf_ether(struct rbuf *rb, const uint8_t mac[6])
{
	rbuf_add(rb, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
	    mac[3], mac[4], mac[5]);
}
