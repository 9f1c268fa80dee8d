/*
 * mbuf.c - birth, death and ownership of mbufs and clusters.
 *
 * Theory of operation
 * ===================
 *
 * An mbuf holds its cluster by a typed reference, so the number of mbufs that
 * share a cluster is the length of the cluster's list of holders, and an mbuf
 * may write if it is the only one.  Only mbufs hold clusters.
 *
 * Both are world objects charged to a vnet.  A cluster is always charged to
 * the owner of one of its mbufs: m_chown() takes it along unless another mbuf
 * of the old owner holds it, and when an mbuf dies whose owner is charged for
 * the cluster, the charge moves to the owner of a mbuf that remains.  So the
 * audit of a dead vnet finds a cluster only if it finds an mbuf, too.
 *
 * Operations on whole chains are in mbuf_subr.c, checksums in mbuf_csum.c,
 * drops in drop.c.  Packet bytes are not part of the state hash: an mbuf is
 * hashed by its lengths, flags and marks.
 *
 * FreeBSD: sys/kern/kern_mbuf.c, uipc_mbuf.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/mbuf.h>
#include "src/core/mbuf_var.h"
#include "src/core/memory_var.h"

static const struct field mbuf_fields[] = {
	FIELD(struct mbuf, m_next, PTR),
	FIELD(struct mbuf, m_nextpkt, LINK),
	FIELD(struct mbuf, m_data, OPAQUE),
	FIELD(struct mbuf, m_len, UINT),
	FIELD(struct mbuf, m_flags, HEX),
	FIELD(struct mbuf, m_hops, UINT),
	FIELD(struct mbuf, m_ext, REF),
	FIELD(struct mbuf, m_pkthdr.len, UINT),
	FIELD_STAT(struct mbuf, m_pkthdr.rcvif_idx, UINT),
	FIELD_STAT(struct mbuf, m_pkthdr.rcvif_gen, UINT),
	FIELD(struct mbuf, m_pkthdr.csum_flags, HEX),
	FIELD(struct mbuf, m_pkthdr.csum_data, UINT),
	FIELD(struct mbuf, m_pkthdr.l3off, UINT),
	FIELD(struct mbuf, m_pkthdr.fib, UINT),
	FIELD(struct mbuf, m_pkthdr.proto, UINT),
	FIELD(struct mbuf, m_pkthdr.flowid, UINT),
	FIELD(struct mbuf, m_pkthdr.rcvtime, TIME),
	FIELD(struct mbuf, m_pkthdr.phase, CSTR),
	FIELD(struct mbuf, m_pkthdr.step, CSTR),
	FIELD(struct mbuf, m_dat, OPAQUE),
};
const struct uma_zone mbuf_zone = { "mbuf", MSIZE, VNET_MOD_core, CORE_Z_MBUF,
	UMA_WORLD, mbuf_fields, nitems(mbuf_fields) };
UMA_ZONE_BYTES(mcl_zone, core, CORE_Z_MCL, "mbuf_cluster", MCLBYTES, UMA_WORLD);

/* Everything but the bytes. */
static void
mbuf_clear(struct mbuf *m)
{
	memset(m, 0, offsetof(struct mbuf, m_dat));
	m->m_data = m->m_dat;
}

struct mbuf *
m_get_site(int flags, const char *site)
{
	struct mbuf *m;

	m = uma_zalloc_site(&mbuf_zone, flags & ~M_ZERO, site);
	if (m == NULL)
		return (NULL);
	mbuf_clear(m);
	return (m);
}

struct mbuf *
m_gethdr_site(int flags, const char *site)
{
	struct mbuf *m;

	m = m_get_site(flags, site);
	if (m != NULL)
		m->m_flags = M_PKTHDR;
	return (m);
}

bool
m_clget(struct mbuf *m, int flags, const char *site)
{
	void *cl;

	MPASS((m->m_flags & M_EXT) == 0 && m->m_len == 0);
	cl = uma_zalloc_site(&mcl_zone, flags & ~M_ZERO, site);
	if (cl == NULL)
		return (false);
	ref_take(&m->m_ext, cl, "m_ext");
	m->m_flags |= M_EXT;
	m->m_data = cl;
	return (true);
}

struct mbuf *
m_getcl_site(int flags, bool pkthdr, const char *site)
{
	struct mbuf *m;

	m = m_get_site(flags, site);
	if (m == NULL)
		return (NULL);
	if (!m_clget(m, flags, site)) {
		uma_zfree(&mbuf_zone, m);
		return (NULL);
	}
	if (pkthdr)
		m->m_flags |= M_PKTHDR;
	return (m);
}

struct mbuf *
m_getm_site(uint32_t head, uint32_t len, int flags, const char *site)
{
	struct mbuf *top, *m, **at;
	uint32_t room, left;

	MPASS(head <= MLEN);
	top = NULL;
	at = &top;
	left = len;
	do {
		if (head + left <= MLEN)
			m = m_get_site(flags, site);
		else
			m = m_getcl_site(flags, false, site);
		if (m == NULL) {
			m_freem(top);
			return (NULL);
		}
		m->m_data += head;
		room = m_room(m) - head;
		m->m_len = left < room ? left : room;
		left -= m->m_len;
		head = 0;
		*at = m;
		at = &m->m_next;
	} while (left > 0);
	top->m_flags |= M_PKTHDR;
	top->m_pkthdr.len = len;
	return (top);
}

const uint8_t *
m_start(const struct mbuf *m)
{
	return ((m->m_flags & M_EXT) != 0 ? ref_get(&m->m_ext) : m->m_dat);
}

uint32_t
m_room(const struct mbuf *m)
{
	return ((m->m_flags & M_EXT) != 0 ? MCLBYTES : MLEN);
}

bool
m_writable(const struct mbuf *m)
{
	if ((m->m_flags & M_EXT) == 0)
		return (true);
	/* alone in the cluster's list */
	return ((m->m_ext.r_next | m->m_ext.r_prev) == 0);
}

void
m_align(struct mbuf *m, uint32_t len)
{
	MPASS(m->m_len == 0 && len <= m_room(m) && m_writable(m));
	m->m_data = (m->m_flags & M_EXT) != 0 ? ref_get(&m->m_ext) : m->m_dat;
	m->m_data += (m_room(m) - len) & ~UINT32_C(7);
}

/*
 * The owner of @cl no longer holds it through any mbuf?  Then it is charged
 * to the owner of one that does.
 */
static __noasan void
cluster_rehome(struct world *w, void *cl)
{
	struct mem_hdr *h = mem_hdr_of(cl);
	uint32_t off, owner, no, first;

	owner = HDR_OWNER(h->h_id);
	first = UINT32_MAX;
	for (off = h->h_edges; off != 0;) {
		const struct ref *slot =
		    (const void *)(w->w_mem.wm_base + ((size_t)off << 3));

		no = mem_owner_no(
		    (const char *)slot - offsetof(struct mbuf, m_ext));
		if (no == owner)
			return;
		if (first == UINT32_MAX)
			first = no;
		off = slot->r_next;
	}
	if (first != UINT32_MAX)
		mem_rehome(w, h, first);
}

void
m_extfree(struct mbuf *m)
{
	void *cl;

	cl = ref_get(&m->m_ext);
	if (ref_drop(&m->m_ext))
		uma_zfree(&mcl_zone, cl);
	else if (cl != NULL && mem_owner_no(cl) == mem_owner_no(m))
		cluster_rehome(kctx->kc_world, cl);
	m->m_flags &= (uint16_t)~M_EXT;
	m->m_data = m->m_dat;
}

struct mbuf *
m_free(struct mbuf *m __takes)
{
	struct mbuf *n;

	n = m->m_next;
	if ((m->m_flags & M_EXT) != 0)
		m_extfree(m);
	uma_zfree(&mbuf_zone, m);
	return (n);
}

void
m_freem(struct mbuf *m __takes)
{
	while (m != NULL)
		m = m_free(m);
}

void
m_chown(struct mbuf *m, struct vnet *to)
{
	uint32_t no = mem_arena_no(to);
	void *cl;

	for (; m != NULL; m = m->m_next) {
		uma_chown(m, to);
		if ((m->m_flags & M_EXT) == 0)
			continue;
		cl = ref_get(&m->m_ext);
		if (mem_owner_no(cl) != no)
			cluster_rehome(kctx->kc_world, cl);
	}
}

struct ifnet *
m_rcvif(const struct mbuf *m)
{
	MPASS((m->m_flags & M_PKTHDR) != 0);
	if (m->m_pkthdr.rcvif_idx == 0)
		return (NULL);
	return (handle_lookup(HANDLE_IFNET,
	    (uint64_t)m->m_pkthdr.rcvif_gen << 32 | m->m_pkthdr.rcvif_idx));
}

void
mbufq_init(struct mbufq *q, uint32_t maxlen)
{
	q->mq_head = NULL;
	q->mq_tail = NULL;
	q->mq_len = 0;
	q->mq_maxlen = maxlen;
}

int
mbufq_enqueue(struct mbufq *q, struct mbuf *m)
{
	if (q->mq_len >= q->mq_maxlen)
		return (VE_NOBUFS);
	m->m_nextpkt = NULL;
	if (q->mq_tail != NULL)
		q->mq_tail->m_nextpkt = m;
	else
		q->mq_head = m;
	q->mq_tail = m;
	q->mq_len++;
	return (0);
}

struct mbuf *
mbufq_dequeue(struct mbufq *q)
{
	struct mbuf *m;

	m = q->mq_head;
	if (m == NULL)
		return (NULL);
	q->mq_head = m->m_nextpkt;
	if (q->mq_head == NULL)
		q->mq_tail = NULL;
	m->m_nextpkt = NULL;
	q->mq_len--;
	return (m);
}

void
mbufq_drain(struct mbufq *q, enum drop_reason why)
{
	struct mbuf *m;

	while ((m = mbufq_dequeue(q)) != NULL)
		m_drop(m, why);
}
