/*
 * report_buf.h - text that grows: reports, command output, messages.
 */
#ifndef SIM_REPORT_BUF_H
#define SIM_REPORT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct rbuf - a growing string; all zero is an empty one
 * @rb_s:	(o) text, ends in a NUL; NULL while empty
 * @rb_len:	bytes without the NUL
 * @rb_cap:	bytes allocated
 * @rb_nomem:	memory ran out; what came after that is missing
 */
struct rbuf {
	char *rb_s;
	size_t rb_len;
	size_t rb_cap;
	bool rb_nomem;
};

void rbuf_add(struct rbuf *rb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void rbuf_put(struct rbuf *rb, const void *bytes, size_t n);
void rbuf_cut(struct rbuf *rb, size_t len);
void rbuf_free(struct rbuf *rb);
const char *rbuf_str(const struct rbuf *rb);
void rbuf_span(struct rbuf *rb, int64_t ns);
void rbuf_ip(struct rbuf *rb, uint32_t addr);
void rbuf_ether(struct rbuf *rb, const uint8_t mac[6]);

#endif /* !SIM_REPORT_BUF_H */
