/*
 * mbuf_subr.c - cutting, copying and joining packets.
 *
 * Every function keeps m_pkthdr.len the sum of m_len where there is a packet
 * header, except m_cat(), whose caller mends it.  Mbufs without bytes may
 * stand anywhere in a chain.  Where memory runs out a packet is unchanged, or
 * freed if the function took it.
 *
 * FreeBSD: sys/kern/uipc_mbuf.c.
 */
#include <string.h>
#include <vnetsim/kern/mbuf.h>
#include "src/core/mbuf_var.h"
#include "src/core/world.h"

/* Flags that describe the packet, not the mbuf. */
#define M_PACKETFLAGS                                                          \
	(M_PKTHDR | M_BCAST | M_MCAST | M_LOOP | M_TAPPED | M_LAMEDUCK)

/* @to gets the packet header of @from. */
static void
m_dup_pkthdr(struct mbuf *to, const struct mbuf *from)
{
	to->m_pkthdr = from->m_pkthdr;
	to->m_hops = from->m_hops;
	to->m_flags |= from->m_flags & M_PACKETFLAGS;
}

static void
m_move_pkthdr(struct mbuf *to, struct mbuf *from)
{
	m_dup_pkthdr(to, from);
	from->m_flags &= (uint16_t)~M_PACKETFLAGS;
}

uint32_t
m_length(const struct mbuf *m)
{
	uint32_t n;

	for (n = 0; m != NULL; m = m->m_next)
		n += m->m_len;
	return (n);
}

void
m_copydata(const struct mbuf *m, uint32_t off, uint32_t len, void *dst)
{
	uint8_t *to;
	uint32_t n;

	to = dst;
	for (; m != NULL && off >= m->m_len; m = m->m_next)
		off -= m->m_len;
	while (len > 0) {
		KASSERT(m != NULL, ("%s: beyond the packet", __func__));
		n = m->m_len - off;
		n = n < len ? n : len;
		memcpy(to, m->m_data + off, n);
		to += n;
		len -= n;
		off = 0;
		m = m->m_next;
	}
}

bool
m_unshare(struct mbuf *m, int flags)
{
	uint8_t *cl;
	uint32_t off;

	MPASS((m->m_flags & M_EXT) != 0);
	cl =
	    mem_alloc(&mcl_zone, MCLBYTES, flags & ~M_ZERO, uma_owner(m), SITE);
	if (cl == NULL)
		return (false);
	off = m_leadingspace(m);
	memcpy(cl + off, m->m_data, m->m_len);
	m_extfree(m);
	ref_take(&m->m_ext, cl, "m_ext");
	m->m_flags |= M_EXT;
	m->m_data = cl + off;
	return (true);
}

/*
 * Bytes of the chain after @m move to its end until it has @len.  The room
 * was checked.
 */
static void
pullup_fill(struct mbuf *m, uint32_t len)
{
	struct mbuf *n;
	uint32_t k;

	while (m->m_len < len) {
		n = m->m_next;
		k = len - m->m_len;
		k = k < n->m_len ? k : n->m_len;
		memcpy(m->m_data + m->m_len, n->m_data, k);
		m->m_len += k;
		n->m_data += k;
		n->m_len -= k;
		if (n->m_len == 0)
			m->m_next = m_free(n);
	}
}

struct mbuf *
m_pullup(struct mbuf *m __takes, uint32_t len)
{
	struct mbuf *n;

	MPASS(len <= MLEN);
	if (m->m_len >= len && m_writable(m))
		return (m);
	if (m_length(m) < len)
		goto bad;
	if ((m->m_flags & M_EXT) == 0 && m->m_len < len) {
		if (m_leadingspace(m) + len > MLEN) {
			memmove(m->m_dat, m->m_data, m->m_len);
			m->m_data = m->m_dat;
		}
		pullup_fill(m, len);
		return (m);
	}
	n = m_get(M_NOWAIT);
	if (n == NULL)
		goto bad;
	uma_chown(n, uma_owner(m));
	m_align(n, len);
	if ((m->m_flags & M_PKTHDR) != 0)
		m_move_pkthdr(n, m);
	n->m_nextpkt = m->m_nextpkt;
	m->m_nextpkt = NULL;
	n->m_next = m;
	pullup_fill(n, len);
	return (n);
bad:
	m_freem(m);
	return (NULL);
}

struct mbuf *
m_prepend(struct mbuf *m __takes, uint32_t len, int flags)
{
	struct mbuf *n;

	MPASS(len <= MLEN);
	if (m_leadingspace(m) >= len && m_writable(m)) {
		m->m_data -= len;
		m->m_len += len;
		n = m;
	} else {
		n = m_get(flags);
		if (n == NULL) {
			m_freem(m);
			return (NULL);
		}
		uma_chown(n, uma_owner(m));
		m_align(n, len);
		n->m_len = len;
		if ((m->m_flags & M_PKTHDR) != 0)
			m_move_pkthdr(n, m);
		n->m_nextpkt = m->m_nextpkt;
		m->m_nextpkt = NULL;
		n->m_next = m;
	}
	if ((n->m_flags & M_PKTHDR) != 0) {
		n->m_pkthdr.len += len;
		n->m_pkthdr.l3off = (uint16_t)(n->m_pkthdr.l3off + len);
	}
	return (n);
}

static void
adj_front(struct mbuf *m, uint32_t len)
{
	struct mbuf *top;
	uint32_t k;

	top = m;
	if ((top->m_flags & M_PKTHDR) != 0) {
		top->m_pkthdr.len -= len;
		k = top->m_pkthdr.l3off;
		top->m_pkthdr.l3off = (uint16_t)(k > len ? k - len : 0);
	}
	for (; len > 0; m = m->m_next) {
		k = m->m_len < len ? m->m_len : len;
		m->m_data += k;
		m->m_len -= k;
		len -= k;
	}
}

/* Keep the first @keep bytes. */
static void
adj_back(struct mbuf *m, uint32_t keep)
{
	if ((m->m_flags & M_PKTHDR) != 0)
		m->m_pkthdr.len = keep;
	for (; m->m_len < keep; m = m->m_next)
		keep -= m->m_len;
	m->m_len = keep;
	m_freem(m->m_next);
	m->m_next = NULL;
}

void
m_adj(struct mbuf *m, int len)
{
	uint32_t total, cut;

	total = m_length(m);
	cut = len < 0 ? 0 - (uint32_t)len : (uint32_t)len;
	cut = cut < total ? cut : total;
	if (len >= 0)
		adj_front(m, cut);
	else
		adj_back(m, total - cut);
}

/*
 * A new mbuf with @len bytes of @m from @off: shares a cluster, copies what
 * lies in the mbuf.  NULL: no memory.
 */
static struct mbuf *
m_slice(const struct mbuf *m, uint32_t off, uint32_t len, int flags,
    const char *site)
{
	struct mbuf *n;

	n = m_get_site(flags, site);
	if (n == NULL)
		return (NULL);
	if (len == 0)
		return (n);
	if ((m->m_flags & M_EXT) != 0) {
		ref_take(&n->m_ext, ref_get(&m->m_ext), "m_ext");
		n->m_flags |= M_EXT;
		n->m_data = m->m_data + off;
	} else {
		n->m_data = n->m_dat + (m->m_data - m->m_dat) + off;
		memcpy(n->m_data, m->m_data + off, len);
	}
	n->m_len = len;
	return (n);
}

struct mbuf *
m_copym_site(const struct mbuf *m, uint32_t off, uint32_t len, int flags,
    const char *site)
{
	const struct mbuf *from;
	struct mbuf *top, *n, **at;
	uint32_t skip, k, total;

	top = NULL;
	at = &top;
	skip = off;
	for (from = m; from->m_next != NULL && skip >= from->m_len;
	     from = from->m_next)
		skip -= from->m_len;
	KASSERT(skip <= from->m_len, ("%s: beyond the packet", __func__));
	total = 0;
	do {
		k = from->m_len - skip;
		k = k < len ? k : len;
		n = m_slice(from, skip, k, flags, site);
		if (n == NULL) {
			m_freem(top);
			return (NULL);
		}
		*at = n;
		at = &n->m_next;
		len -= k;
		total += k;
		skip = 0;
		from = from->m_next;
	} while (len > 0 && from != NULL);
	if (off == 0 && (m->m_flags & M_PKTHDR) != 0) {
		m_dup_pkthdr(top, m);
		top->m_pkthdr.len = total;
	}
	return (top);
}

struct mbuf *
m_dup(const struct mbuf *m, int flags)
{
	struct mbuf *top, *n;
	uint32_t len, off, head;

	len = m_length(m);
	head = m_leadingspace(m);
	head = head < MLEN ? head & ~UINT32_C(7) : 64;
	top = m_getm(head, len, flags);
	if (top == NULL)
		return (NULL);
	off = 0;
	for (n = top; n != NULL; n = n->m_next) {
		m_copydata(m, off, n->m_len, n->m_data);
		off += n->m_len;
	}
	if ((m->m_flags & M_PKTHDR) != 0)
		m_dup_pkthdr(top, m);
	else
		top->m_flags &= (uint16_t)~M_PKTHDR;
	top->m_flags |= m->m_flags & M_EOR;
	top->m_pkthdr.len = len;
	return (top);
}

struct mbuf *
m_split(struct mbuf *m, uint32_t len, int flags)
{
	struct mbuf *at, *n;
	uint32_t total, keep;

	total = m_length(m);
	KASSERT(len < total, ("%s: nothing to cut", __func__));
	keep = len;
	for (at = m; at->m_len < keep; at = at->m_next)
		keep -= at->m_len;
	n = m_slice(at, keep, at->m_len - keep, flags, SITE);
	if (n == NULL)
		return (NULL);
	uma_chown(n, uma_owner(m));
	n->m_next = at->m_next;
	at->m_next = NULL;
	at->m_len = keep;
	if ((m->m_flags & M_PKTHDR) != 0) {
		m_dup_pkthdr(n, m);
		n->m_pkthdr.len = total - len;
		n->m_pkthdr.l3off = 0;
		m->m_pkthdr.len = len;
	}
	return (n);
}

void
m_cat(struct mbuf *m, struct mbuf *n __takes)
{
	n->m_flags &= (uint16_t)~M_PACKETFLAGS;
	while (m->m_next != NULL)
		m = m->m_next;
	m->m_next = n;
}

bool
m_append(struct mbuf *m, const void *src, uint32_t len, int flags)
{
	const uint8_t *from;
	struct mbuf *last, *more, *n;
	uint32_t room, k;

	MPASS((m->m_flags & M_PKTHDR) != 0);
	for (last = m; last->m_next != NULL; last = last->m_next)
		;
	room = m_writable(last) ? m_trailingspace(last) : 0;
	room = room < len ? room : len;
	more = NULL;
	if (len > room) {
		more = m_getm(0, len - room, flags);
		if (more == NULL)
			return (false);
		more->m_flags &= (uint16_t)~M_PKTHDR;
		m_chown(more, uma_owner(m));
	}
	from = src;
	memcpy(last->m_data + last->m_len, from, room);
	last->m_len += room;
	k = room;
	for (n = more; n != NULL; n = n->m_next) {
		memcpy(n->m_data, from + k, n->m_len);
		k += n->m_len;
	}
	last->m_next = more;
	m->m_pkthdr.len += len;
	return (true);
}
