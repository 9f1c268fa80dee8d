/*
 * tcp_sackrcv.c - the receiver's half of SACK: what an ACK reports.
 *
 *	sackblks[0]   the block that holds the segment received last
 *	sackblks[1..] blocks reported before, the latest first: each is said
 *	              several times, so that lost ACKs do not hurt
 *	dsack         bytes that came twice; goes in front, in one ACK only
 *
 * t_segq is the truth: a block never promises a byte that is not queued there
 * or delivered, so what was reported is never discarded (no reneging).  If six
 * blocks are remembered the oldest is forgotten; its bytes stay queued.
 *
 * RFC 2018 sections 3 and 4; RFC 2883 (DSACK).  FreeBSD: tcp_sack.c,
 * tcp_update_sack_list(), tcp_update_dsack_list().
 */
#include <string.h>
#include "src/net/tcp/tcp_sack.h"

static const struct field tcp_sack_fields[] = {
	FIELD(struct tcp_sack, sackblks, BYTES),
	FIELD(struct tcp_sack, dsack, BYTES),
	FIELD(struct tcp_sack, rcv_numsacks, UINT),
	FIELD(struct tcp_sack, snd_numholes, UINT),
	FIELD(struct tcp_sack, snd_holes, LINK),
	FIELD(struct tcp_sack, snd_fack, UINT),
	FIELD(struct tcp_sack, sacked_bytes, UINT),
	FIELD(struct tcp_sack, sack_bytes_rexmit, UINT),
	FIELD(struct tcp_sack, delivered_data, UINT),
	FIELD(struct tcp_sack, prr_delivered, UINT),
	FIELD(struct tcp_sack, prr_out, UINT),
	FIELD(struct tcp_sack, recover_fs, UINT),
};

UMA_ZONE(tcp_sack_zone, tcp, TCP_Z_SACK, struct tcp_sack, 0, tcp_sack_fields);

struct tcp_sack *
tcp_sack_get(struct tcpcb *tp)
{
	if ((tp->t_flags & TF_SACK_PERMIT) == 0)
		return (NULL);
	if (tp->t_sack == NULL) {
		tp->t_sack = uma_zalloc(&tcp_sack_zone, M_ZERO);
		if (tp->t_sack != NULL)
			TAILQ_INIT(&tp->t_sack->snd_holes);
	}
	return (tp->t_sack);
}

void
tcp_sack_free(struct tcpcb *tp)
{
	if (tp->t_sack == NULL)
		return;
	tcp_free_sackholes(tp);
	uma_zfree(&tcp_sack_zone, tp->t_sack);
	tp->t_sack = NULL;
}

/* The contiguous bytes of t_segq that hold @b; runs may touch. */
static void
tcp_sack_enclosing(const struct tcpcb *tp, struct sackblk *b)
{
	struct sackblk run = { 0, 0 };
	const struct tseg_qent *q;

	LIST_FOREACH (q, &tp->t_segq, tqe_q) {
		if (q->tqe_len == 0)
			continue;
		if (run.start == run.end || q->tqe_start != run.end) {
			if (run.start != run.end && SEQ_GEQ(run.end, b->end))
				break;
			run.start = q->tqe_start;
		}
		run.end = q->tqe_start + q->tqe_len;
	}
	if (run.start != run.end && SEQ_LEQ(run.start, b->start) &&
	    SEQ_GEQ(run.end, b->end))
		*b = run;
}

/* Put @head in front; what it covers or has been delivered goes. */
static void
tcp_sack_update(struct tcpcb *tp, const struct sackblk *head)
{
	struct tcp_sack *sk = tp->t_sack;
	struct sackblk list[MAX_SACK_BLKS];
	uint32_t n = 0;

	if (head != NULL)
		list[n++] = *head;
	for (uint32_t i = 0; i < sk->rcv_numsacks && n < MAX_SACK_BLKS; i++) {
		const struct sackblk *b = &sk->sackblks[i];

		if (SEQ_LEQ(b->start, tp->rcv_nxt))
			continue;
		/* Blocks of one queue touch only if one holds the other. */
		if (head != NULL && SEQ_LEQ(b->start, head->end) &&
		    SEQ_GEQ(b->end, head->start))
			continue;
		list[n++] = *b;
	}
	memcpy(sk->sackblks, list, n * sizeof(list[0]));
	sk->rcv_numsacks = n;
}

void
tcp_sack_received(struct tcpcb *tp, uint32_t start, uint32_t end)
{
	struct sackblk b = { start, end };

	if (start == end || tcp_sack_get(tp) == NULL)
		return;
	tcp_sack_enclosing(tp, &b);
	if (SEQ_GT(b.start, tp->rcv_nxt))
		tcp_sack_update(tp, &b);
}

void
tcp_sack_duplicate(struct tcpcb *tp, uint32_t start, uint32_t end)
{
	struct tcp_sack *sk;

	if (start == end)
		return;
	sk = tcp_sack_get(tp);
	if (sk == NULL)
		return;
	/* RFC 2883 section 4: only the first of an ACK is reported. */
	if (sk->dsack.start == sk->dsack.end) {
		sk->dsack.start = start;
		sk->dsack.end = end;
	} else if (sk->dsack.end == start) {
		sk->dsack.end = end;
	}
}

void
tcp_sack_advance(struct tcpcb *tp)
{
	if (tp->t_sack != NULL && tp->t_sack->rcv_numsacks != 0)
		tcp_sack_update(tp, NULL);
}

void
tcp_sack_report(const struct tcpcb *tp, struct tcpopt *to)
{
	const struct tcp_sack *sk = tp->t_sack;
	uint32_t n = 0;

	if (sk == NULL || !TCPS_HAVEESTABLISHED(tp->t_state))
		return;
	if (sk->dsack.start != sk->dsack.end)
		to->to_sacks[n++] = sk->dsack;
	for (uint32_t i = 0; i < sk->rcv_numsacks && n < TCP_MAX_SACK; i++)
		to->to_sacks[n++] = sk->sackblks[i];
	to->to_nsacks = (uint8_t)n;
	if (n != 0)
		TCPSTAT_INC(sack_send_blocks);
}
