/*
 * tcp_urgent.c - urgent data: one byte beside the stream.
 *
 * The sender marks the last byte of a send(2) with MSG_OOB.  Until that byte is
 * acknowledged every segment in front of it has URG and a pointer to behind it
 * (RFC 6093 section 4: so it is done, and RFC 9293 3.8.5 agrees, although RFC
 * 1122 said "to it").  If the window is closed a segment without text tells of
 * it.  The pointer has 16 bits; what is further away is told of as 65535.
 *
 *	snd_up   behind the urgent byte; <= snd_una: there is none
 *	rcv_up   the same of the peer; <= rcv_nxt: none is to come
 *
 * The receiver remembers the place (so_oobmark, counted from the first byte in
 * so_rcv).  When the byte is passed to the socket it is taken out of the stream
 * into t_iobc, for recv(2) with MSG_OOB, unless SO_OOBINLINE says otherwise.  A
 * second mark replaces the first: if the first byte was still to come it stays
 * in the stream, and if it was not read it is lost.
 *
 * If there is no memory to take the byte out it stays in the stream.
 *
 * FreeBSD takes the byte out of its segment when that arrives, in order or not,
 * and lets go of snd_up once it was sent; so its URG gets lost with a segment.
 * RFC 6093 section 5 advises against the use of all this.
 *
 * FreeBSD: step 6 of tcp_do_segment(), tcp_pulloutofband(), tcp_usr_rcvoob().
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_in.h"

uint16_t
tcp_urgent_pointer(const struct tcpcb *tp, uint32_t seq)
{
	if (!SEQ_GT(tp->snd_up, tp->snd_una) || !SEQ_GT(tp->snd_up, seq))
		return (0);
	return ((uint16_t)imin(tp->snd_up - seq, (uint32_t)UINT16_MAX));
}

void
tcp_urgent_trim(struct tcp_seg *sg, uint32_t n)
{
	if (sg->sg_urp > n)
		sg->sg_urp -= (uint16_t)n;
	else
		sg->sg_urp = 0;
}

enum tcp_verdict
tcp_check_urg(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct socket *so = tp->t_inpcb->inp_socket;
	uint32_t up = sg->sg_seq + sg->sg_urp;

	if (sg->sg_urp == 0 || TCPS_HAVERCVDFIN(tp->t_state)) {
		/* Pull it along, so that wrapping does not bring it back. */
		if (SEQ_GT(tp->rcv_nxt, tp->rcv_up))
			tp->rcv_up = tp->rcv_nxt;
		return (TV_NEXT);
	}
	/* FreeBSD: nobody wants to send that much urgent data. */
	if (sg->sg_urp + sbavail(&so->so_rcv) > sb_max())
		return (TV_NEXT);
	if (!SEQ_GT(up, tp->rcv_up) || !SEQ_GT(up, tp->rcv_nxt))
		return (TV_NEXT);
	tp->rcv_up = up;
	tp->t_oobflags = TCPOOB_MARK;
	so->so_oobmark = sbavail(&so->so_rcv) + (up - tp->rcv_nxt) - 1;
	so->so_rcv.sb_state &= (uint16_t)~SBS_RCVATMARK;
	if (so->so_oobmark == 0)
		so->so_rcv.sb_state |= SBS_RCVATMARK;
	sorwakeup(so);
	return (TV_NEXT);
}

/* Take byte @off out of a packet.  Return: false: no memory. */
static bool
tcp_cutbyte(struct mbuf *m, uint32_t off)
{
	struct mbuf *top = m, *n, *last;

	while (off >= m->m_len) {
		off -= m->m_len;
		m = m->m_next;
	}
	if (off == 0) {
		m->m_data++;
		m->m_len--;
	} else if (off + 1 == m->m_len) {
		m->m_len--;
	} else if (m_writable(m)) {
		m->m_len--;
		memmove(m->m_data + off, m->m_data + off + 1, m->m_len - off);
	} else {
		/* The sender may hold the same cluster: what follows apart. */
		n = m_copym(m, off + 1, m->m_len - off - 1, M_NOWAIT);
		if (n == NULL)
			return (false);
		n->m_flags &= (uint16_t)~M_PKTHDR;
		for (last = n; last->m_next != NULL; last = last->m_next)
			;
		last->m_next = m->m_next;
		m->m_next = n;
		m->m_len = off;
	}
	if ((top->m_flags & M_PKTHDR) != 0)
		top->m_pkthdr.len--;
	return (true);
}

void
tcp_pulloutofband(struct tcpcb *tp, struct mbuf *m, uint32_t seq)
{
	struct socket *so = tp->t_inpcb->inp_socket;
	uint32_t off = tp->rcv_up - 1 - seq;
	uint8_t byte;

	if ((tp->t_oobflags & TCPOOB_MARK) == 0 || m == NULL ||
	    off >= m_length(m))
		return;
	tp->t_oobflags &= (uint8_t)~TCPOOB_MARK;
	if ((so->so_options & SO_OOBINLINE) != 0)
		return;
	m_copydata(m, off, 1, &byte);
	if (!tcp_cutbyte(m, off))
		return;
	tp->t_iobc = byte;
	tp->t_oobflags |= TCPOOB_HAVEDATA;
}

void
tcp_sendoob(struct tcpcb *tp)
{
	const struct socket *so = tp->t_inpcb->inp_socket;

	tp->snd_up = tp->snd_una + sbavail(&so->so_snd);
	tp->t_oobflags &= (uint8_t)~TCPOOB_TOLD;
	/* At once: no Nagle, and a byte even into a closed window. */
	tp->t_flags |= TF_FORCEDATA;
	(void)tcp_output(tp);
	tp->t_flags &= ~(uint32_t)TF_FORCEDATA;
}

int
tcp_rcvoob(struct socket *so, uint8_t *byte, bool peek)
{
	const struct inpcb *inp = sotoinpcb(so);
	struct tcpcb *tp;

	if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0)
		return (VE_CONNRESET);
	tp = intotcpcb(inp);
	if ((so->so_oobmark == 0 &&
		(so->so_rcv.sb_state & SBS_RCVATMARK) == 0) ||
	    (so->so_options & SO_OOBINLINE) != 0 ||
	    (tp->t_oobflags & TCPOOB_HADDATA) != 0)
		return (VE_INVAL);
	if ((tp->t_oobflags & TCPOOB_HAVEDATA) == 0)
		return (VE_AGAIN);
	*byte = tp->t_iobc;
	if (!peek)
		tp->t_oobflags ^= TCPOOB_HAVEDATA | TCPOOB_HADDATA;
	return (0);
}
