/*
 * tcp_ecn.h - explicit congestion notification: tcp_ecn.c.
 */
#ifndef SRC_NET_TCP_TCP_ECN_H
#define SRC_NET_TCP_TCP_ECN_H

#include "src/net/tcp/tcp_in.h"

/* The two bits of the TOS octet: RFC 3168 section 5. */
enum {
	IPTOS_ECN_NOTECT = 0,
	IPTOS_ECN_ECT1 = 1,
	IPTOS_ECN_ECT0 = 2,
	IPTOS_ECN_CE = 3,
	IPTOS_ECN_MASK = 3,
};

/**
 * tcp_ecn_input_segment() - what a segment says about congestion
 * @tp:	connection
 * @sg:	segment, not looked at yet
 *
 * Return:	true: the peer echoes congestion (ECE).
 */
bool tcp_ecn_input_segment(struct tcpcb *tp, const struct tcp_seg *sg);

/* SYN_SENT: the peer's SYN,ACK, or SYN, decides. */
void tcp_ecn_input_syn(struct tcpcb *tp, const struct tcp_seg *sg);

/**
 * tcp_ecn_syncache_add() - a SYN for a listener
 * @sg:	SYN
 *
 * Return:	true if the peer asks for ECN and may have it.
 */
bool tcp_ecn_syncache_add(const struct tcp_seg *sg);

/**
 * tcp_ecn_output() - a segment is about to be sent
 * @tp:		connection
 * @flags:	TH_, in and out: ECE and CWR are added
 * @newdata:	bytes that were never sent, no window probe
 *
 * Return:	bits for the TOS octet.
 */
uint8_t tcp_ecn_output(struct tcpcb *tp, uint8_t *flags, bool newdata);

#endif /* !SRC_NET_TCP_TCP_ECN_H */
