/*
 * tcp_sack.h - what a connection knows about selective acknowledgments.
 *
 * Cold: a connection without loss or reordering never has a struct tcp_sack.
 * It is made when the first segment arrives out of order or twice, or when the
 * first block is received, and lives until the connection is over.  Without
 * memory for it the connection does as if the peer had no SACK.
 *
 *	receiver   tcp_sackrcv.c: which blocks the next ACKs report
 *	sender     tcp_sack.c: the scoreboard, what the peer misses
 *	           tcp_recover.c: what is sent because of it
 */
#ifndef SRC_NET_TCP_TCP_SACK_H
#define SRC_NET_TCP_TCP_SACK_H

#include "src/net/tcp/tcp_in.h"

#define MAX_SACK_BLKS  6 /* remembered; FreeBSD, tcp_var.h */
#define TCPREXMTTHRESH 3 /* duplicate ACKs: RFC 5681 section 3.2 */

/* Bytes that the peer misses: [start, rxmit) has been sent again. */
struct sackhole {
	TAILQ_ENTRY(sackhole) scblink;
	uint32_t start, end, rxmit;
};

struct tcp_sack {
	/* receiver: newest first, beyond rcv_nxt, apart from each other */
	struct sackblk sackblks[MAX_SACK_BLKS];
	struct sackblk dsack; /* empty: none is owed */
	uint32_t rcv_numsacks;
	/* sender: holes below snd_fack, by start, apart from each other */
	uint32_t snd_numholes;
	TAILQ_HEAD(, sackhole) snd_holes; /* (o) */
	uint32_t snd_fack;                /* behind the highest SACKed byte */
	uint32_t sacked_bytes;            /* SACKed beyond snd_una */
	uint32_t sack_bytes_rexmit;       /* sent again, not yet acknowledged */
	uint32_t delivered_data;          /* news of the last ACK, bytes */
	/* PRR, RFC 6937: of this recovery */
	uint32_t prr_delivered, prr_out;
	uint32_t recover_fs; /* bytes in flight when it began */
};

/**
 * tcp_sack_get() - the connection's state of SACK, made if need be
 * @tp:	connection
 *
 * Return:	the state; NULL: SACK was not agreed on, or no memory.
 */
struct tcp_sack *tcp_sack_get(struct tcpcb *tp);

/* The end of it, holes included; nothing if there is none. */
void tcp_sack_free(struct tcpcb *tp);

/* tcp_sackrcv.c */

/**
 * tcp_sack_received() - bytes out of order have been queued
 * @tp:		connection
 * @start:	sequence number of the first byte
 * @end:	of the one behind the last; not @start
 *
 * The run of t_segq around them is reported first.  RFC 2018 section 4.
 */
void tcp_sack_received(struct tcpcb *tp, uint32_t start, uint32_t end);

/**
 * tcp_sack_duplicate() - bytes were received once more
 * @tp:		connection
 * @start:	first byte
 * @end:	behind the last
 *
 * The next ACK, and only that one, begins with them.  RFC 2883 section 4.
 */
void tcp_sack_duplicate(struct tcpcb *tp, uint32_t start, uint32_t end);

/* rcv_nxt has moved: what it has passed is not reported any more. */
void tcp_sack_advance(struct tcpcb *tp);

/**
 * tcp_sack_report() - blocks for an ACK that is about to be sent
 * @tp:	connection
 * @to:	out: to_nsacks, to_sacks
 */
void tcp_sack_report(const struct tcpcb *tp, struct tcpopt *to);

/* An ACK with the report has been sent. */
static inline void
tcp_sack_reported(struct tcpcb *tp)
{
	if (tp->t_sack != NULL)
		tp->t_sack->dsack.end = tp->t_sack->dsack.start;
}

/* tcp_sack.c: the scoreboard */

/**
 * tcp_sack_doack() - take the blocks of an ACK into the scoreboard
 * @tp:	connection; snd_una is still the old one
 * @to:	options of the ACK
 * @ack:	SEG.ACK, in [snd_una, snd_max]
 *
 * Blocks that cannot be true are ignored; one that finds no memory or no room
 * for its hole, too.
 * Return:	true if a block said something new.
 */
bool tcp_sack_doack(struct tcpcb *tp, const struct tcpopt *to, uint32_t ack);

/* Forget the scoreboard: RFC 2018 section 8, the peer may have reneged. */
void tcp_free_sackholes(struct tcpcb *tp);

/* Return: the first hole with bytes not yet sent again; NULL: none. */
struct sackhole *tcp_sack_output(const struct tcpcb *tp);

/* Move snd_nxt, after a timeout, over what the peer has. */
void tcp_sack_adjust(struct tcpcb *tp);

/* The end of the window as one more hole: RFC 6675 rescue retransmission. */
void tcp_sack_rescue(struct tcpcb *tp);

/* Bytes that are on the wire as far as SACK tells: RFC 6675 SetPipe(). */
uint32_t tcp_compute_pipe(const struct tcpcb *tp);

/* Are there blocks to go by, in this ACK or from earlier ones? */
static inline bool
tcp_is_sack_recovery(const struct tcpcb *tp, const struct tcpopt *to)
{
	return (tp->t_sack != NULL &&
		(to->to_nsacks != 0 || !TAILQ_EMPTY(&tp->t_sack->snd_holes)));
}

/* tcp_recover.c */

/**
 * tcp_dupack() - act on a duplicate ACK
 * @tp:	connection
 * @sg:	the ACK; counted in t_dupacks already
 *
 * Limited transmit, fast retransmit, fast recovery.
 */
void tcp_dupack(struct tcpcb *tp, const struct tcp_seg *sg);

/**
 * tcp_partial_ack() - in fast recovery: something, but not all, was ACKed
 * @tp:	connection; snd_una is the new one
 * @sg:	the ACK, sg_acked bytes of it new
 */
void tcp_partial_ack(struct tcpcb *tp, const struct tcp_seg *sg);

/* Does this number of duplicates, or of SACKed bytes, mean a loss? */
bool tcp_loss_detected(const struct tcpcb *tp);

#endif /* !SRC_NET_TCP_TCP_SACK_H */
