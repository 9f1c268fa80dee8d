/*
 * uipc_io.c - send and receive, without waiting.
 *
 * A stream takes what there is room for; if memory is short, less: half of it,
 * a quarter, ... down to one mbuf, and what was taken is reported.  A datagram
 * is taken whole or not at all.
 *
 * MSG_PEEK leaves bytes where they are.  MSG_EOF on a stream sends FIN behind
 * the last byte; MSG_EOR is for records, so a stream refuses it.
 *
 * What is pending comes first when sending (an error is reported and cleared
 * once) and last when receiving (data before the error, the error before the
 * end of file), as in FreeBSD.
 *
 * FreeBSD: sosend_generic(), sosend_dgram(), soreceive_stream(),
 * soreceive_dgram() of sys/kern/uipc_socket.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

#define SO_HEADROOM 64 /* UDP, IP and Ethernet headers */
#define SO_PATTERN  251
#define SB_OOBROOM  1024 /* FreeBSD: sosend_generic() */

/* Two periods: one of them begins with any byte. */
#define SO_P10(n)                                                              \
	(n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7,    \
	    (n) + 8, (n) + 9
#define SO_P50(n)                                                              \
	SO_P10(n), SO_P10((n) + 10), SO_P10((n) + 20), SO_P10((n) + 30),       \
	    SO_P10((n) + 40)
#define SO_P251                                                                \
	SO_P50(0), SO_P50(50), SO_P50(100), SO_P50(150), SO_P50(200), 250

static const uint8_t so_pattern[] = { SO_P251, SO_P251 };
_Static_assert(sizeof(so_pattern) == 2 * SO_PATTERN, "two periods");

static int
soerror_take(struct socket *so)
{
	int error = so->so_error;

	so->so_error = 0;
	return (error);
}

static void
fill(uint8_t *dst, const struct sosource *src, uint32_t off, uint32_t n)
{
	uint32_t i, len;

	if (src->ss_data != NULL) {
		memcpy(dst, src->ss_data + off, n);
		return;
	}
	/* one period; what is there is copied behind itself */
	i = imin(n, SO_PATTERN);
	memcpy(dst, so_pattern + (src->ss_off + off) % SO_PATTERN, i);
	for (; i < n; i += len) {
		len = imin(i, n - i);
		memcpy(dst + i, dst, len);
	}
}

/* @len bytes as a packet; NULL: no memory. */
static struct mbuf *
sochain(const struct sosource *src, uint32_t head, uint32_t len)
{
	struct mbuf *top, *m;
	uint32_t off = 0;

	top = m_getm(head, len, M_NOWAIT);
	for (m = top; m != NULL; m = m->m_next) {
		fill(m->m_data, src, off, m->m_len);
		off += m->m_len;
	}
	return (top);
}

static int
sosend_check(struct socket *so, const struct sockaddr_in *to)
{
	if (so->so_error != 0 && (so->so_snd.sb_state & SBS_CANTSENDMORE) == 0)
		return (soerror_take(so));
	if (so_dead(so))
		return (VE_CONNABORTED);
	if ((so->so_options & SO_ACCEPTCONN) != 0)
		return (VE_NOTCONN);
	if ((so->so_snd.sb_state & SBS_CANTSENDMORE) != 0)
		return (VE_PIPE);
	if ((so->so_state & SS_ISCONNECTED) == 0) {
		if (so->so_proto->pr_connrequired)
			return (VE_NOTCONN);
		if (to == NULL)
			return (VE_DESTADDRREQ);
	}
	return (0);
}

static int
sosend_dgram(struct socket *so, const struct sosource *src, uint32_t len,
    const struct sockaddr_in *to, uint32_t *done)
{
	struct mbuf *m;
	int error;

	if (len > so->so_snd.sb_hiwat)
		return (VE_MSGSIZE);
	m = sochain(src, SO_HEADROOM, len);
	if (m == NULL)
		return (VE_NOBUFS);
	error = so->so_proto->pru_send(so, 0, m, to);
	if (error == 0)
		*done = len;
	return (error);
}

/* Urgent bytes may go a little beyond the limit. */
static uint32_t
sosend_space(const struct socket *so, int flags)
{
	uint32_t max = so->so_snd.sb_hiwat, ccc = so->so_snd.sb_ccc;

	if ((flags & MSG_OOB) != 0)
		max += SB_OOBROOM;
	return (ccc >= max ? 0 : max - ccc);
}

/* The bytes are whole: what does the protocol hear with them? */
static int
sosend_pru(struct socket *so, struct mbuf *m, const struct sockaddr_in *to,
    int flags, bool last)
{
	int prus = 0;

	if (last && (flags & MSG_EOF) != 0)
		prus |= PRUS_EOF;
	if ((flags & MSG_OOB) != 0)
		prus |= PRUS_OOB;
	return (so->so_proto->pru_send(so, prus, m, to));
}

int
sosend_src(struct socket *so, const struct sosource *src, uint32_t len,
    const struct sockaddr_in *to, int flags, uint32_t *done)
{
	struct mbuf *m;
	uint32_t space, want = len;
	int error;

	*done = 0;
	if (so->so_proto->pr_connrequired && (flags & MSG_EOR) != 0)
		return (VE_INVAL);
	error = sosend_check(so, to);
	if (error != 0)
		return (error);
	if ((flags & MSG_OOB) != 0 && so->so_proto->pru_rcvoob == NULL)
		return (VE_OPNOTSUPP);
	if (!so->so_proto->pr_connrequired)
		return (sosend_dgram(so, src, len, to, done));
	if (len == 0)
		return ((flags & MSG_EOF) != 0
			    ? sosend_pru(so, NULL, to, flags, true)
			    : 0);
	space = sosend_space(so, flags);
	if (space < len && space < so->so_snd.sb_lowat)
		return (VE_AGAIN);
	len = imin(len, space);
	while ((m = sochain(src, 0, len)) == NULL) {
		if (len <= MLEN)
			return (VE_NOBUFS);
		len = imax(len / 2, MLEN);
	}
	error = sosend_pru(so, m, to, flags, len == want);
	if (error == 0)
		*done = len;
	return (error);
}

int
sosend(struct socket *so, const void *data, uint32_t len,
    const struct sockaddr_in *to, uint32_t *done)
{
	struct sosource src = { .ss_data = data };

	return (sosend_src(so, &src, len, to, 0, done));
}

/* Nothing is there: why? */
static int
soreceive_none(struct socket *so)
{
	if (so->so_error != 0)
		return (soerror_take(so));
	if (so_dead(so))
		return (VE_CONNABORTED);
	if ((so->so_options & SO_ACCEPTCONN) != 0)
		return (VE_NOTCONN);
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0)
		return (0);
	if (so->so_proto->pr_connrequired &&
	    (so->so_state & (SS_ISCONNECTED | SS_ISCONNECTING)) == 0)
		return (VE_NOTCONN);
	return (VE_AGAIN);
}

static void
soreceive_dgram(struct socket *so, struct somsg *sm)
{
	struct sockbuf *sb = &so->so_rcv;
	struct mbuf *m = sb->sb_mb;

	sm->sm_done = imin(sm->sm_len, m->m_pkthdr.len);
	m_copydata(m, 0, sm->sm_done, sm->sm_buf);
	if (sm->sm_done < m->m_pkthdr.len)
		sm->sm_flags |= MSG_TRUNC;
	sm->sm_from.sin_addr = m->m_pkthdr.flowid;
	sm->sm_from.sin_port = m->m_pkthdr.csum_data;
	sm->sm_ifindex = m->m_pkthdr.rcvif_idx;
	sbrecinfo(m, &sm->sm_info);
	if ((sm->sm_flags & MSG_PEEK) != 0)
		return;
	sb->sb_mb = m->m_nextpkt;
	if (sb->sb_mb == NULL)
		sb->sb_lastrecord = NULL;
	sb->sb_ccc -= m->m_pkthdr.len + SB_RECORD;
	m->m_nextpkt = NULL;
	m_freem(m);
}

int
soreceive_msg(struct socket *so, struct somsg *sm)
{
	struct sockbuf *sb = &so->so_rcv;

	sm->sm_done = 0;
	sm->sm_flags &= ~MSG_TRUNC;
	if ((sm->sm_flags & MSG_OOB) != 0)
		return (soreceive_oob(so, sm));
	if (sb->sb_mb == NULL)
		return (soreceive_none(so));
	if (!so->so_proto->pr_connrequired) {
		soreceive_dgram(so, sm);
		return (0);
	}
	sm->sm_done = somark_limit(so, imin(sm->sm_len, sb->sb_ccc));
	if (sm->sm_done == 0)
		return (0);
	m_copydata(sb->sb_mb, 0, sm->sm_done, sm->sm_buf);
	if ((sm->sm_flags & MSG_PEEK) != 0)
		return (0);
	sbdrop(sb, sm->sm_done);
	somark_read(so, sm->sm_done);
	if (!so_dead(so) && so->so_proto->pru_rcvd != NULL)
		(void)so->so_proto->pru_rcvd(so);
	return (0);
}

int
soreceive(struct socket *so, void *buf, uint32_t len, struct sockaddr_in *from,
    uint32_t *done)
{
	struct somsg sm = { .sm_buf = buf, .sm_len = len };
	int error = soreceive_msg(so, &sm);

	*done = sm.sm_done;
	if (from != NULL)
		*from = sm.sm_from;
	return (error);
}
