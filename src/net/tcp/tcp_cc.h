/*
 * tcp_cc.h - congestion control: tcp_cc.c.
 */
#ifndef SRC_NET_TCP_TCP_CC_H
#define SRC_NET_TCP_TCP_CC_H

#include "src/net/tcp/tcp_var.h"

struct tcpopt;

/* The handshake is done: the initial window. */
void tcp_cc_conn_init(struct tcpcb *tp);
/* @acked bytes are new, and this is no recovery. */
void tcp_cc_ack(struct tcpcb *tp, uint32_t acked);
/* All that is out will be sent again: forget what was lost. */
void tcp_cc_resend(struct tcpcb *tp);
/* A retransmission timeout, t_rxtshift is counted already. */
void tcp_cc_rto(struct tcpcb *tp);
/* New data was ACKed after one timeout: was that too early? */
void tcp_cc_badrexmt(struct tcpcb *tp, const struct tcpopt *to);
/* The peer echoes congestion in an ACK of @ack: once per window. */
void tcp_cc_ecn(struct tcpcb *tp, uint32_t ack);
/* Duplicate ACKs tell of a loss: recovery begins. */
void tcp_cc_ndupack(struct tcpcb *tp);
/* All that was out at its begin is ACKed: it ends. */
void tcp_cc_post_recovery(struct tcpcb *tp, uint32_t ack);
/* snd_una is about to become @ack. */
void tcp_cc_una(struct tcpcb *tp, uint32_t ack);
/* Nothing was sent for an RTO: the restart window. */
void tcp_cc_after_idle(struct tcpcb *tp);

/* Bytes of data in a full segment; blocks of SACK take from it. */
static inline uint32_t
tcp_maxseg(const struct tcpcb *tp)
{
	uint32_t ts = (tp->t_flags & TF_RCVD_TSTMP) != 0 ? 12 : 0;

	MPASS(tp->t_maxseg > 0);
	return (tp->t_maxseg > ts ? tp->t_maxseg - ts : tp->t_maxseg);
}

#endif /* !SRC_NET_TCP_TCP_CC_H */
