/*
 * tcp_reass.c - segments that arrived out of order.
 *
 * t_segq holds runs of bytes beyond rcv_nxt, sorted, without overlap; bytes
 * that are there already win over later copies.  A FIN belongs to the run that
 * it follows; a lone FIN is a run of no bytes.  At most reass.maxqueuelen
 * (100) runs wait on a connection.
 *
 * Bytes at rcv_nxt never wait: they go to the socket without an entry, so the
 * missing segment is taken even if the queue is full or memory is short.  But
 * those that came with a SYN that crossed ours wait until ours is ACKed.
 *
 * FreeBSD: sys/netinet/tcp_reass.c.
 */
#include "src/net/tcp/tcp_in.h"
#include "src/net/tcp/tcp_sack.h"

static void
tseg_remove(struct tcpcb *tp, struct tseg_qent *q)
{
	LIST_REMOVE(q, tqe_q);
	tp->t_segqlen--;
	m_freem(q->tqe_m);
	uma_zfree(&tseg_zone, q);
}

void
tcp_reass_flush(struct tcpcb *tp)
{
	while (!LIST_EMPTY(&tp->t_segq))
		tseg_remove(tp, LIST_FIRST(&tp->t_segq));
}

/* Cut the first @n bytes of a run away. */
static void
tseg_trim(struct tseg_qent *q, uint32_t n)
{
	q->tqe_start += n;
	q->tqe_len -= n;
	m_adj(q->tqe_m, (int)n);
}

static void
tcp_deliver(struct tcpcb *tp, struct mbuf *m, uint32_t seq)
{
	struct socket *so = tp->t_inpcb->inp_socket;

	if (m == NULL)
		return;
	tcp_pulloutofband(tp, m, seq);
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0 ||
	    m->m_pkthdr.len == 0)
		m_freem(m);
	else
		sbappendstream(&so->so_rcv, m);
}

/* Whatever lies below @end after @prev has been received once more. */
static void
tseg_overlap(struct tcpcb *tp, struct tseg_qent *next, uint32_t end, bool *fin)
{
	struct tseg_qent *q;

	while ((q = next) != NULL && SEQ_LT(q->tqe_start, end)) {
		next = LIST_NEXT(q, tqe_q);
		tcp_sack_duplicate(
		    tp, q->tqe_start, SEQ_MIN(q->tqe_start + q->tqe_len, end));
		if (SEQ_GT(q->tqe_start + q->tqe_len, end)) {
			tseg_trim(q, end - q->tqe_start);
			return;
		}
		if (q->tqe_fin && q->tqe_start + q->tqe_len == end)
			*fin = true;
		tseg_remove(tp, q);
	}
}

/* Bytes at rcv_nxt: pass them on. */
static void
tcp_reass_inorder(struct tcpcb *tp, struct tcp_seg *sg, bool *fin)
{
	uint32_t end = sg->sg_seq + sg->sg_len;

	*fin = (sg->sg_flags & TH_FIN) != 0;
	tseg_overlap(tp, LIST_FIRST(&tp->t_segq), end, fin);
	tp->rcv_nxt = end;
	TCPSTAT_INC(rcvpack);
	TCPSTAT_ADD(rcvbyte, sg->sg_len);
	tcp_deliver(tp, sg->sg_m, sg->sg_seq);
	sg->sg_m = NULL;
}

/* Last run that begins at or before @seq; NULL: none. */
static struct tseg_qent *
tseg_before(struct tcpcb *tp, uint32_t seq)
{
	struct tseg_qent *p = NULL, *q;

	LIST_FOREACH (q, &tp->t_segq, tqe_q) {
		if (SEQ_GT(q->tqe_start, seq))
			break;
		p = q;
	}
	return (p);
}

/*
 * Cut what the run before already has.  Return: true if nothing is left to
 * be kept.
 */
static bool
tseg_covered(struct tcpcb *tp, struct tseg_qent *p, struct tcp_seg *sg)
{
	uint32_t end = p->tqe_start + p->tqe_len;
	bool fin = (sg->sg_flags & TH_FIN) != 0;

	if (SEQ_LT(end, sg->sg_seq))
		return (false);
	tcp_sack_duplicate(
	    tp, sg->sg_seq, SEQ_MIN(sg->sg_seq + sg->sg_len, end));
	if (SEQ_LEQ(sg->sg_seq + sg->sg_len, end)) {
		if (fin && sg->sg_seq + sg->sg_len == end)
			p->tqe_fin = true;
		return (true);
	}
	if (p->tqe_fin)
		return (true); /* bytes behind a FIN: there are none */
	m_adj(sg->sg_m, (int)(end - sg->sg_seq));
	sg->sg_len -= end - sg->sg_seq;
	sg->sg_seq = end;
	return (false);
}

/* Keep a segment for later.  Return: false if it was dropped. */
static bool
tcp_reass_keep(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct tseg_qent *p, *q;

	TCPSTAT_INC(rcvoopack);
	tp->t_rcvoopack++;
	TCPSTAT_ADD(rcvoobyte, sg->sg_len);
	p = tseg_before(tp, sg->sg_seq);
	if (p != NULL && tseg_covered(tp, p, sg)) {
		tcp_sack_received(tp, sg->sg_seq, sg->sg_seq + sg->sg_len);
		tcp_seg_drop(sg, DROP_TCP_DUP);
		return (true);
	}
	if (V_tcp.reass_maxqueuelen > 0 &&
	    tp->t_segqlen >= (uint32_t)V_tcp.reass_maxqueuelen) {
		TCPSTAT_INC(rcvreassfull);
		tcp_seg_drop(sg, DROP_TCP_REASS_FULL);
		return (false);
	}
	q = uma_zalloc(&tseg_zone, M_ZERO);
	if (q == NULL) {
		tcp_seg_drop(sg, DROP_NOMEM);
		return (false);
	}
	q->tqe_start = sg->sg_seq;
	q->tqe_len = sg->sg_len;
	q->tqe_fin = (sg->sg_flags & TH_FIN) != 0;
	q->tqe_m = sg->sg_m;
	sg->sg_m = NULL;
	tseg_overlap(tp,
	    p != NULL ? LIST_NEXT(p, tqe_q) : LIST_FIRST(&tp->t_segq),
	    q->tqe_start + q->tqe_len, &q->tqe_fin);
	if (p != NULL)
		LIST_INSERT_AFTER(p, q, tqe_q);
	else
		LIST_INSERT_HEAD(&tp->t_segq, q, tqe_q);
	tp->t_segqlen++;
	tcp_sack_received(tp, q->tqe_start, q->tqe_start + q->tqe_len);
	return (true);
}

bool
tcp_reass(struct tcpcb *tp, struct tcp_seg *sg)
{
	struct tseg_qent *q;
	bool fin = false, ok = true;
	uint32_t before = tp->rcv_nxt;

	if (!TCPS_HAVEESTABLISHED(tp->t_state)) {
		MPASS(sg != NULL);
		ok = tcp_reass_keep(tp, sg);
		sg->sg_len = 0;
		return (ok);
	}
	if (sg != NULL && sg->sg_seq == tp->rcv_nxt)
		tcp_reass_inorder(tp, sg, &fin);
	else if (sg != NULL)
		ok = tcp_reass_keep(tp, sg);
	while (!fin && (q = LIST_FIRST(&tp->t_segq)) != NULL &&
	       q->tqe_start == tp->rcv_nxt) {
		tp->rcv_nxt += q->tqe_len;
		fin = q->tqe_fin;
		tcp_deliver(tp, q->tqe_m, q->tqe_start);
		q->tqe_m = NULL;
		tseg_remove(tp, q);
	}
	if (fin)
		tcp_reass_flush(tp);
	if (tp->rcv_nxt != before) {
		tcp_sack_advance(tp);
		sorwakeup(tp->t_inpcb->inp_socket);
	}
	if (sg != NULL) {
		sg->sg_flags &= (uint8_t)~TH_FIN;
		if (fin)
			sg->sg_flags |= TH_FIN;
		sg->sg_len = 0;
	}
	return (ok);
}
