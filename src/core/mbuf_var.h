/*
 * mbuf_var.h - between mbuf.c, mbuf_subr.c and mbuf_csum.c.
 *
 * Room is the space for bytes of one mbuf, in it or in its cluster.
 */
#ifndef SRC_CORE_MBUF_VAR_H
#define SRC_CORE_MBUF_VAR_H

#include <vnetsim/kern/mbuf.h>

/* First byte of the room, and its size. */
const uint8_t *m_start(const struct mbuf *m);
uint32_t m_room(const struct mbuf *m);

static inline uint32_t
m_leadingspace(const struct mbuf *m)
{
	return ((uint32_t)(m->m_data - m_start(m)));
}

static inline uint32_t
m_trailingspace(const struct mbuf *m)
{
	return (m_room(m) - m_leadingspace(m) - m->m_len);
}

/**
 * m_clget() - give an empty mbuf a cluster
 * @m:		without one
 * @flags:	enum malloc_flags
 * @site:	constant "file:line"
 *
 * Return:	true; false: no memory.
 */
bool m_clget(struct mbuf *m, int flags, const char *site);

/* Let the cluster go; m_data points into the mbuf again. */
void m_extfree(struct mbuf *m);

/**
 * m_unshare() - a copy of its own for an mbuf whose cluster is shared
 * @m:		with M_EXT
 * @flags:	enum malloc_flags
 *
 * m_data may change, m_len and the bytes do not.
 * Return:	true; false: no memory (nothing changed).
 */
bool m_unshare(struct mbuf *m, int flags);

#endif /* !SRC_CORE_MBUF_VAR_H */
