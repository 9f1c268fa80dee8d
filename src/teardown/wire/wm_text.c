/*
 * wm_text.c - one-line texts without stdio.
 */
#include "src/teardown/wire/wm_text.h"

void
wm_text_start(struct wm_text *tx, char *buf, size_t size)
{
	tx->tx_buf = buf;
	tx->tx_size = size;
	tx->tx_len = 0;
	buf[0] = '\0';
}

static void
put(struct wm_text *tx, char c)
{
	if (tx->tx_len + 1 >= tx->tx_size)
		return;
	tx->tx_buf[tx->tx_len++] = c;
	tx->tx_buf[tx->tx_len] = '\0';
}

void
wm_text_str(struct wm_text *tx, const char *s)
{
	for (; *s != '\0'; s++)
		put(tx, *s);
}

/* At least width digits. */
static void
number(struct wm_text *tx, uint64_t n, unsigned int width)
{
	char digit[20];
	unsigned int i = 0;

	do {
		digit[i++] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	for (; width > i; width--)
		put(tx, '0');
	while (i > 0)
		put(tx, digit[--i]);
}

void
wm_text_num(struct wm_text *tx, uint64_t n)
{
	number(tx, n, 1);
}

void
wm_text_time(struct wm_text *tx, int64_t ns)
{
	uint64_t n = (uint64_t)ns;

	if (ns < 0) {
		put(tx, '-');
		n = 0 - n;
	}
	number(tx, n / 1000000000U, 1);
	put(tx, '.');
	number(tx, n % 1000000000U, 9);
	wm_text_str(tx, " s");
}

void
wm_text_addr(struct wm_text *tx, uint32_t addr, uint16_t port)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		number(tx, addr >> shift & 0xff, 1);
		put(tx, shift > 0 ? '.' : ':');
	}
	number(tx, port, 1);
}

void
wm_text_copy(char *buf, size_t size, const char *s)
{
	size_t i;

	for (i = 0; i + 1 < size && s[i] != '\0'; i++)
		buf[i] = (char)(s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?');
	buf[i] = '\0';
}
