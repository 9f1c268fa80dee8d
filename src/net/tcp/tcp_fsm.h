/*
 * tcp_fsm.h - the eleven states, with FreeBSD's numbers and order.
 *
 * The order is used: > CLOSE_WAIT means that the user has closed.
 */
#ifndef SRC_NET_TCP_TCP_FSM_H
#define SRC_NET_TCP_TCP_FSM_H

#include <stdbool.h>
#include <stdint.h>

enum tcp_state {
	TCPS_CLOSED,
	TCPS_LISTEN,
	TCPS_SYN_SENT,
	TCPS_SYN_RECEIVED,
	TCPS_ESTABLISHED,
	TCPS_CLOSE_WAIT,
	TCPS_FIN_WAIT_1,
	TCPS_CLOSING,
	TCPS_LAST_ACK,
	TCPS_FIN_WAIT_2,
	TCPS_TIME_WAIT,
	TCP_NSTATES,
};

#define TCPS_HAVERCVDSYN(s)     ((s) >= TCPS_SYN_RECEIVED)
#define TCPS_HAVEESTABLISHED(s) ((s) >= TCPS_ESTABLISHED)

/* Has the peer's FIN been received? */
static inline bool
TCPS_HAVERCVDFIN(int s)
{
	return (s == TCPS_CLOSE_WAIT || s == TCPS_CLOSING ||
		s == TCPS_LAST_ACK || s == TCPS_TIME_WAIT);
}

/* A connection that a farewell waits for. */
static inline bool
TCPS_ACTIVE(int s)
{
	return (s >= TCPS_SYN_SENT && s != TCPS_TIME_WAIT);
}

extern const char *const tcpstates[TCP_NSTATES];
/* Flags that tcp_output() sends in a state. */
extern const uint8_t tcp_outflags[TCP_NSTATES];

struct tcpcb;

/**
 * tcp_state_change() - the only writer of t_state
 * @tp:		connection
 * @newstate:	enum tcp_state; an arrow of RFC 9293 figure 5, or CLOSED
 *
 * Wakes a waiting farewell.  An arrow that is not in the figure is a panic.
 */
void tcp_state_change(struct tcpcb *tp, int newstate);

/**
 * tcp_arrow() - may a connection go from one state to another?
 * @from:	enum tcp_state
 * @to:		enum tcp_state
 *
 * Return:	true if RFC 9293 figure 5 has the arrow, or @to is CLOSED.
 */
bool tcp_arrow(int from, int to);

#endif /* !SRC_NET_TCP_TCP_FSM_H */
