/*
 * uipc_sockbuf.c - socket buffers.
 *
 * A stream is one chain of mbufs without packet headers.  Small pieces are
 * copied into the room at the end of the last mbuf, if it is not shared, so
 * that byte-wise writers do not pin an mbuf for each byte.
 *
 * Datagrams are packets linked by m_nextpkt.  The sender of a record stands in
 * the packet header, in two members that mean nothing once a packet has
 * arrived: flowid (address) and csum_data (port); what its header said in
 * rcvtime (sbrecinfo()).  So a record needs no second mbuf and appending cannot
 * fail for want of memory.
 *
 * Whoever changes a buffer from below wakes its readers or writers.
 *
 * FreeBSD: sys/kern/uipc_sockbuf.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/core/mbuf_var.h"
#include "src/net/socket/socket_var.h"

uint32_t
sb_max(void)
{
	return (V_socket.maxsockbuf);
}

int
soreserve(struct socket *so, uint32_t snd, uint32_t rcv)
{
	uint32_t max = imin(sb_max(), SB_LIMIT);

	if (snd > max || rcv > max)
		return (VE_NOBUFS);
	so->so_snd.sb_hiwat = snd;
	so->so_rcv.sb_hiwat = rcv;
	so->so_snd.sb_lowat = imin(MCLBYTES, snd);
	return (0);
}

/* Copy @m behind the last byte, if it is small and there is room. */
static bool
sbcompress(struct mbuf *tail, const struct mbuf *m)
{
	if (tail == NULL || m->m_len > MCLBYTES / 4 || !m_writable(tail) ||
	    m_trailingspace(tail) < m->m_len)
		return (false);
	memcpy(tail->m_data + tail->m_len, m->m_data, m->m_len);
	tail->m_len += m->m_len;
	return (true);
}

void
sbappendstream(struct sockbuf *sb, struct mbuf *m __takes)
{
	struct mbuf *next;

	for (; m != NULL; m = next) {
		next = m->m_next;
		m->m_next = NULL;
		m->m_nextpkt = NULL;
		m->m_flags &= (uint16_t)~M_PKTHDR;
		sb->sb_ccc += m->m_len;
		if (m->m_len == 0 || sbcompress(sb->sb_mbtail, m)) {
			(void)m_free(m);
			continue;
		}
		if (sb->sb_mbtail == NULL)
			sb->sb_mb = m;
		else
			sb->sb_mbtail->m_next = m;
		sb->sb_mbtail = m;
	}
}

bool
sbappendaddr(
    struct sockbuf *sb, const struct sockaddr_in *from, struct mbuf *m __takes)
{
	return (sbappendrecord(sb, from, NULL, m));
}

void
sbrecinfo(const struct mbuf *m, struct so_recinfo *info)
{
	int64_t v = m->m_pkthdr.rcvtime;

	info->ri_dst = (uint32_t)v;
	info->ri_ttl = (uint8_t)(v >> 32);
	info->ri_tos = (uint8_t)(v >> 40);
}

bool
sbappendrecord(struct sockbuf *sb, const struct sockaddr_in *from,
    const struct so_recinfo *info, struct mbuf *m __takes)
{
	uint32_t size = m->m_pkthdr.len + SB_RECORD;

	MPASS((m->m_flags & M_PKTHDR) != 0 && m->m_nextpkt == NULL);
	if (size > sbspace(sb))
		return (false);
	m->m_pkthdr.flowid = from->sin_addr;
	m->m_pkthdr.csum_data = from->sin_port;
	m->m_pkthdr.rcvtime = 0;
	if (info != NULL)
		m->m_pkthdr.rcvtime =
		    (int64_t)((uint64_t)info->ri_tos << 40 |
			      (uint64_t)info->ri_ttl << 32 | info->ri_dst);
	if (sb->sb_lastrecord == NULL)
		sb->sb_mb = m;
	else
		sb->sb_lastrecord->m_nextpkt = m;
	sb->sb_lastrecord = m;
	sb->sb_ccc += size;
	return (true);
}

void
sbdrop(struct sockbuf *sb, uint32_t len)
{
	struct mbuf *m;

	KASSERT(len <= sb->sb_ccc, ("%s: more than there is", __func__));
	sb->sb_ccc -= len;
	/* the part of its own mbuf that goes counts for nothing */
	sb->sb_sndptroff -= imin(len, sb->sb_sndptroff);
	while ((m = sb->sb_mb) != NULL && (len > 0 || m->m_len == 0)) {
		if (m->m_len > len) {
			m->m_data += len;
			m->m_len -= len;
			return;
		}
		len -= m->m_len;
		if (m == sb->sb_sndptr)
			sb->sb_sndptr = NULL;
		sb->sb_mb = m_free(m);
	}
	if (sb->sb_mb == NULL)
		sb->sb_mbtail = NULL;
}

void
sbflush(struct sockbuf *sb)
{
	struct mbuf *m, *next;

	for (m = sb->sb_mb; m != NULL; m = next) {
		next = m->m_nextpkt;
		m_freem(m);
	}
	sb->sb_mb = sb->sb_mbtail = sb->sb_lastrecord = NULL;
	sb->sb_sndptr = NULL;
	sb->sb_ccc = 0;
}

struct mbuf *
sbsndcopy(struct sockbuf *sb, uint32_t off, uint32_t len, int flags)
{
	struct mbuf *m;

	KASSERT(len > 0 && off + len <= sb->sb_ccc,
	    ("%s: beyond the buffer", __func__));
	if (sb->sb_sndptr == NULL || off < sb->sb_sndptroff) {
		sb->sb_sndptr = sb->sb_mb;
		sb->sb_sndptroff = 0;
	}
	off -= sb->sb_sndptroff;
	for (m = sb->sb_sndptr; off >= m->m_len; m = m->m_next) {
		off -= m->m_len;
		sb->sb_sndptroff += m->m_len;
	}
	sb->sb_sndptr = m;
	return (m_copym(m, off, len, flags));
}

void
sorwakeup(struct socket *so)
{
	wakeup(&so->so_rcv.sb_wq);
}

void
sowwakeup(struct socket *so)
{
	wakeup(&so->so_snd.sb_wq);
}

void
socantsendmore(struct socket *so)
{
	so->so_snd.sb_state |= SBS_CANTSENDMORE;
	sowwakeup(so);
}

void
socantrcvmore(struct socket *so)
{
	so->so_rcv.sb_state |= SBS_CANTRCVMORE;
	sorwakeup(so);
	/* accepting ends, too */
	wakeup(&so->so_wq);
}
