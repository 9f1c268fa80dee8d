/*
 * tcp_out.h - a segment on its way out, private to TCP's output side.
 *
 * tcp_plan.c decides what it would be, tcp_output.c whether it is due.
 */
#ifndef SRC_NET_TCP_TCP_OUT_H
#define SRC_NET_TCP_TCP_OUT_H

#include "src/net/tcp/tcp_sack.h"

struct tcp_plan {
	uint32_t pl_off;     /* of the data in so_snd */
	uint32_t pl_len;     /* bytes of data */
	uint32_t pl_sendwin; /* smaller of the two windows */
	uint32_t pl_recwin;  /* what we can offer */
	uint32_t pl_optlen;
	struct sackhole *pl_hole; /* to be sent again; NULL: snd_nxt goes on */
	uint16_t pl_urp;          /* urgent pointer */
	uint8_t pl_flags;         /* TH_ */
	bool pl_idle;             /* nothing was outstanding */
	bool pl_again;            /* more than one segment is due */
	uint8_t pl_opt[TCP_MAXOLEN];
};

/**
 * tcp_plan_make() - what the next segment would be
 * @tp:	connection
 * @pl:	in: pl_idle; out: all but options
 */
void tcp_plan_make(struct tcpcb *tp, struct tcp_plan *pl);

/* Options, and what they leave of the data. */
void tcp_plan_options(struct tcpcb *tp, struct tcp_plan *pl);

/* Return: the window field; pl_recwin becomes what it says, in bytes. */
uint16_t tcp_plan_window(struct tcpcb *tp, struct tcp_plan *pl);

#endif /* !SRC_NET_TCP_TCP_OUT_H */
