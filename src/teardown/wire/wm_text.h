/*
 * wm_text.h - one-line texts without stdio.
 */
#ifndef WIRE_WM_TEXT_H
#define WIRE_WM_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * A text under construction in a buffer of tx_size bytes, always terminated;
 * what does not fit is left out.
 */
struct wm_text {
	char *tx_buf;
	size_t tx_size;
	size_t tx_len;
};

void wm_text_start(struct wm_text *tx, char *buf, size_t size);
void wm_text_str(struct wm_text *tx, const char *s);
void wm_text_num(struct wm_text *tx, uint64_t n);
void wm_text_time(struct wm_text *tx, int64_t ns); /* "3.000000000 s" */
void wm_text_addr(struct wm_text *tx, uint32_t addr, uint16_t port);

/* Copies s, cut to size, what is not printable ASCII as '?'. */
void wm_text_copy(char *buf, size_t size, const char *s);

#endif /* !WIRE_WM_TEXT_H */
