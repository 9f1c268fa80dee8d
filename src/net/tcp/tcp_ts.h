/*
 * tcp_ts.h - timestamps: tcp_ts.c.
 */
#ifndef SRC_NET_TCP_TCP_TS_H
#define SRC_NET_TCP_TCP_TS_H

#include "src/net/tcp/tcp_var.h"

#define TCPOLEN_TSTAMP_APPA 12 /* nop, nop, TS: RFC 7323 appendix A */
#define TCP_PAWS_IDLE       (24u * 24 * 60 * 60 * 1000) /* 24 days, ms */

#define TSTMP_LT(a, b) ((int32_t)((a) - (b)) < 0)
#define TSTMP_GT(a, b) ((int32_t)((a) - (b)) > 0)

struct tcpopt;
struct tcp_seg;

/* Return: the timestamp clock: virtual ms, mod 2^32. */
uint32_t tcp_ts_getticks(void);

/**
 * tcp_new_ts_offset() - what is added to the clock for one connection
 * @laddr:	own address, host order
 * @lport:	own port
 * @faddr:	peer
 * @fport:	its port
 *
 * Return:	a function of the four and of the vnet's secret, so that nobody
 *		learns the uptime; always the same.  RFC 7323 section 5.4.
 */
uint32_t tcp_new_ts_offset(
    uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport);

/* The option that a segment of @tp carries now. */
void tcp_ts_option(const struct tcpcb *tp, struct tcpopt *to);

/**
 * tcp_ts_negotiate() - take over what the peer's SYN says
 * @tp:	connection with its tuple; wants timestamps, or not
 * @to:	options of the SYN
 */
void tcp_ts_negotiate(struct tcpcb *tp, const struct tcpopt *to);

/**
 * tcp_ts_rtt() - round trip, as far as an ACK's echo tells
 * @tp:	connection
 * @to:	options of the ACK
 * @rtt:	out: ns
 *
 * Return:	false: no echo, or one that cannot be ours.
 */
bool tcp_ts_rtt(const struct tcpcb *tp, const struct tcpopt *to, int64_t *rtt);

/* An ACK of what was sent before the timeout at @when? */
bool tcp_ts_before(
    const struct tcpcb *tp, const struct tcpopt *to, int64_t when);

#endif /* !SRC_NET_TCP_TCP_TS_H */
