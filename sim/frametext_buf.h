/*
 * frametext_buf.h - text of bounded size, built piece by piece.
 */
#ifndef SIM_FRAMETEXT_BUF_H
#define SIM_FRAMETEXT_BUF_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct textbuf - a string under construction
 * @tb_buf:	(b) the caller's array, always ended by NUL if @tb_size > 0
 * @tb_size:	its size in bytes
 * @tb_len:	length of the whole text, also of what did not fit
 */
struct textbuf {
	char *tb_buf;
	size_t tb_size;
	size_t tb_len;
};

void textbuf_init(struct textbuf *tb, char *buf, size_t size);
void textbuf_add(struct textbuf *tb, const char *fmt, ...);
void textbuf_name(struct textbuf *tb, const char *name);
void textbuf_time(struct textbuf *tb, int64_t ns);
void textbuf_span(struct textbuf *tb, int64_t ns);

#endif /* !SIM_FRAMETEXT_BUF_H */
