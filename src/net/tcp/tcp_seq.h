/*
 * tcp_seq.h - sequence numbers are compared modulo 2^32.
 *
 * a < b if b is less than 2^31 ahead of a.  RFC 9293 section 3.4.
 */
#ifndef SRC_NET_TCP_TCP_SEQ_H
#define SRC_NET_TCP_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
SEQ_LT(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) < 0);
}

static inline bool
SEQ_LEQ(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) <= 0);
}

static inline bool
SEQ_GT(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) > 0);
}

static inline bool
SEQ_GEQ(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) >= 0);
}

static inline uint32_t
SEQ_MIN(uint32_t a, uint32_t b)
{
	return (SEQ_LT(a, b) ? a : b);
}

static inline uint32_t
SEQ_MAX(uint32_t a, uint32_t b)
{
	return (SEQ_GT(a, b) ? a : b);
}

#endif /* !SRC_NET_TCP_TCP_SEQ_H */
