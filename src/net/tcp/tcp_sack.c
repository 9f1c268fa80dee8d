/*
 * tcp_sack.c - the sender's half of SACK: the scoreboard.
 *
 *	snd_una      hole      hole           snd_fack         snd_max
 *	   |--------|xxxxxx|--|xxxxxxxx|-------|................|
 *
 * Below snd_fack the peer has every byte but those in holes; beyond it nobody
 * knows.  A hole remembers up to where it was sent again.  While holes exist
 * bytes in holes + sacked_bytes = snd_fack - snd_una.
 *
 * A cumulative ACK is one more block, from snd_una on.  Each block cuts the
 * holes that it meets; one beyond snd_fack makes a hole in front of it.
 *
 * Limits: sack.maxholes (128) of a connection, sack.globalmaxholes (65,536) of
 * a vnet.  What would need one more is ignored (sack_sboverflow): the bytes
 * are sent again although the peer has them.
 *
 * A timeout forgets all: RFC 2018 section 8 lets the receiver discard what it
 * has reported.  Blocks that are repeated afterwards build it anew.
 *
 * RFC 2018 section 5, RFC 6675.  FreeBSD: tcp_sack.c.
 */
#include "src/net/tcp/tcp_sack.h"

static const struct field sackhole_fields[] = {
	FIELD(struct sackhole, scblink, LINK),
	FIELD(struct sackhole, start, UINT),
	FIELD(struct sackhole, end, UINT),
	FIELD(struct sackhole, rxmit, UINT),
};
UMA_ZONE(
    sackhole_zone, tcp, TCP_Z_SACKHOLE, struct sackhole, 0, sackhole_fields);

/* Before @before, or as the last.  Return: NULL: limit or no memory. */
static struct sackhole *
tcp_sackhole_insert(
    struct tcpcb *tp, uint32_t start, uint32_t end, struct sackhole *before)
{
	struct tcp_sack *sk = tp->t_sack;
	struct sackhole *h;

	if (sk->snd_numholes >= (uint32_t)V_tcp.sack_maxholes ||
	    V_tcp.sack_globalholes >= (uint32_t)V_tcp.sack_globalmaxholes) {
		TCPSTAT_INC(sack_sboverflow);
		return (NULL);
	}
	h = uma_zalloc(&sackhole_zone, M_NOWAIT);
	if (h == NULL)
		return (NULL);
	h->start = h->rxmit = start;
	h->end = end;
	if (before != NULL)
		TAILQ_INSERT_BEFORE(before, h, scblink);
	else
		TAILQ_INSERT_TAIL(&sk->snd_holes, h, scblink);
	sk->snd_numholes++;
	V_tcp.sack_globalholes++;
	return (h);
}

static void
tcp_sackhole_remove(struct tcp_sack *sk, struct sackhole *h)
{
	TAILQ_REMOVE(&sk->snd_holes, h, scblink);
	sk->snd_numholes--;
	V_tcp.sack_globalholes--;
	uma_zfree(&sackhole_zone, h);
}

void
tcp_free_sackholes(struct tcpcb *tp)
{
	struct tcp_sack *sk = tp->t_sack;

	if (sk == NULL)
		return;
	while (!TAILQ_EMPTY(&sk->snd_holes))
		tcp_sackhole_remove(sk, TAILQ_FIRST(&sk->snd_holes));
	sk->sack_bytes_rexmit = sk->sacked_bytes = sk->delivered_data = 0;
	sk->snd_fack = tp->snd_una;
}

/* [start, end) of @h, which overlap, have arrived.  Return: more to cut. */
static bool
tcp_sackhole_cut(
    struct tcpcb *tp, struct sackhole *h, uint32_t start, uint32_t end)
{
	struct tcp_sack *sk = tp->t_sack;
	uint32_t before = h->rxmit - h->start, got;
	struct sackhole *left = NULL;

	if (SEQ_GT(start, h->start) && SEQ_LT(end, h->end)) {
		/* In the middle: two holes. */
		left = tcp_sackhole_insert(tp, h->start, start, h);
		if (left == NULL)
			return (false);
		left->rxmit = SEQ_MIN(h->rxmit, start);
	}
	got = SEQ_MIN(end, h->end) - SEQ_MAX(start, h->start);
	sk->delivered_data += got;
	if (SEQ_GEQ(end, h->end)) {
		h->end = SEQ_MAX(start, h->start);
		h->rxmit = SEQ_MIN(h->rxmit, h->end);
	} else {
		h->start = end;
		h->rxmit = SEQ_MAX(h->rxmit, h->start);
	}
	sk->sack_bytes_rexmit -= before;
	sk->sack_bytes_rexmit += h->rxmit - h->start;
	if (left != NULL)
		sk->sack_bytes_rexmit += left->rxmit - left->start;
	if (h->start == h->end)
		tcp_sackhole_remove(sk, h);
	return (true);
}

/* A rescue hole lies beyond snd_fack: better news make it superfluous. */
static void
tcp_sack_unrescue(struct tcp_sack *sk)
{
	struct sackhole *h, *next;

	for (h = TAILQ_FIRST(&sk->snd_holes); h != NULL; h = next) {
		next = TAILQ_NEXT(h, scblink);
		if (SEQ_LT(h->start, sk->snd_fack))
			continue;
		sk->sack_bytes_rexmit -= h->rxmit - h->start;
		tcp_sackhole_remove(sk, h);
	}
}

/* One block, in any order with others.  Return: it was news. */
static bool
tcp_sack_block(struct tcpcb *tp, uint32_t start, uint32_t end)
{
	struct tcp_sack *sk = tp->t_sack;
	uint32_t before = sk->delivered_data;
	struct sackhole *h, *next;

	if (SEQ_GT(end, sk->snd_fack))
		tcp_sack_unrescue(sk);
	for (h = TAILQ_FIRST(&sk->snd_holes); h != NULL; h = next) {
		next = TAILQ_NEXT(h, scblink);
		if (SEQ_GEQ(h->start, end))
			break;
		if (SEQ_GT(h->end, start))
			(void)tcp_sackhole_cut(tp, h, start, end);
	}
	if (SEQ_LEQ(end, sk->snd_fack))
		return (sk->delivered_data != before);
	if (SEQ_GT(start, sk->snd_fack) &&
	    tcp_sackhole_insert(tp, sk->snd_fack, start, NULL) == NULL)
		return (false);
	sk->delivered_data += end - SEQ_MAX(start, sk->snd_fack);
	sk->snd_fack = end;
	return (true);
}

/* RFC 2018: may the peer say this?  RFC 2883: or is it a duplicate? */
static bool
tcp_sack_valid(const struct tcpcb *tp, const struct sackblk *b, uint32_t ack)
{
	if (SEQ_LEQ(b->end, b->start))
		return (false);
	if (SEQ_LEQ(b->end, ack)) {
		TCPSTAT_INC(dsack_count);
		TCPSTAT_ADD(dsack_bytes, b->end - b->start);
		return (false);
	}
	return (SEQ_GT(b->start, ack) && SEQ_LEQ(b->end, tp->snd_max));
}

bool
tcp_sack_doack(struct tcpcb *tp, const struct tcpopt *to, uint32_t ack)
{
	struct tcp_sack *sk = tp->t_sack;
	uint32_t edge = ack - tp->snd_una;
	bool changed = false;

	if (sk == NULL && to->to_nsacks != 0)
		sk = tcp_sack_get(tp);
	if (sk == NULL)
		return (false);
	sk->delivered_data = 0;
	if (TAILQ_EMPTY(&sk->snd_holes)) {
		sk->snd_fack = ack;
		sk->sacked_bytes = sk->sack_bytes_rexmit = 0;
		edge = 0;
	} else if (edge != 0) {
		(void)tcp_sack_block(tp, tp->snd_una, ack);
	}
	if (to->to_nsacks != 0)
		TCPSTAT_INC(sack_rcv_blocks);
	for (uint32_t i = 0; i < to->to_nsacks; i++)
		if (tcp_sack_valid(tp, &to->to_sacks[i], ack))
			changed |= tcp_sack_block(
			    tp, to->to_sacks[i].start, to->to_sacks[i].end);
	sk->sacked_bytes += sk->delivered_data - edge;
	if (TAILQ_EMPTY(&sk->snd_holes))
		sk->sacked_bytes = 0;
	return (changed);
}

struct sackhole *
tcp_sack_output(const struct tcpcb *tp)
{
	struct sackhole *h;

	TAILQ_FOREACH (h, &tp->t_sack->snd_holes, scblink)
		if (SEQ_LT(h->rxmit, h->end))
			return (h);
	return (NULL);
}

void
tcp_sack_adjust(struct tcpcb *tp)
{
	const struct tcp_sack *sk = tp->t_sack;
	const struct sackhole *h;

	if (TAILQ_EMPTY(&sk->snd_holes) || SEQ_GEQ(tp->snd_nxt, sk->snd_fack))
		return;
	TAILQ_FOREACH (h, &sk->snd_holes, scblink) {
		if (SEQ_LT(tp->snd_nxt, h->end)) {
			tp->snd_nxt = SEQ_MAX(tp->snd_nxt, h->start);
			return;
		}
	}
	tp->snd_nxt = sk->snd_fack;
}

void
tcp_sack_rescue(struct tcpcb *tp)
{
	struct tcp_sack *sk = tp->t_sack;
	uint32_t high = tp->snd_max, from;

	/* A FIN has a number, but is no byte. */
	if ((tp->t_flags & TF_SENTFIN) != 0)
		high--;
	if (SEQ_GEQ(tp->snd_una, high))
		return;
	sk->snd_fack = SEQ_MAX(tp->snd_una, sk->snd_fack);
	from = SEQ_MAX(tp->snd_una, high - tcp_maxseg(tp));
	(void)tcp_sackhole_insert(tp, SEQ_MAX(from, sk->snd_fack), high, NULL);
}

uint32_t
tcp_compute_pipe(const struct tcpcb *tp)
{
	const struct tcp_sack *sk = tp->t_sack;
	uint32_t out = tp->snd_max - tp->snd_una;

	if (sk == NULL)
		return (out);
	out += sk->sack_bytes_rexmit;
	return (out > sk->sacked_bytes ? out - sk->sacked_bytes : 0);
}
