/*
 * tcp_fsm.c - the state machine: one writer, checked arrows.
 *
 * The arrows are those of RFC 9293 figure 5, plus two that its text has but
 * the figure has not: CLOSE of a SYN_SENT or SYN_RECEIVED connection is
 * remembered (TF_NEEDFIN) and leads from SYN_SENT straight to FIN_WAIT_1 when
 * the handshake completes; and any state may go to CLOSED (abort, timeout,
 * RST).  FIN_WAIT_1 to TIME_WAIT is the arrow of RFC 1122 4.2.2.8: our FIN is
 * acknowledged by the segment that carries the peer's.
 */
#include <vnetsim/kern/trace.h>
#include "src/net/tcp/tcp_var.h"

const char *const tcpstates[TCP_NSTATES] = { "CLOSED", "LISTEN", "SYN_SENT",
	"SYN_RECEIVED", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1", "CLOSING",
	"LAST_ACK", "FIN_WAIT_2", "TIME_WAIT" };

const uint8_t tcp_outflags[TCP_NSTATES] = {
	[TCPS_CLOSED] = TH_RST | TH_ACK,
	[TCPS_LISTEN] = 0,
	[TCPS_SYN_SENT] = TH_SYN,
	[TCPS_SYN_RECEIVED] = TH_SYN | TH_ACK,
	[TCPS_ESTABLISHED] = TH_ACK,
	[TCPS_CLOSE_WAIT] = TH_ACK,
	[TCPS_FIN_WAIT_1] = TH_FIN | TH_ACK,
	[TCPS_CLOSING] = TH_FIN | TH_ACK,
	[TCPS_LAST_ACK] = TH_FIN | TH_ACK,
	[TCPS_FIN_WAIT_2] = TH_ACK,
	[TCPS_TIME_WAIT] = TH_ACK,
};

#define TO(s) (1u << TCPS_##s)
static const uint16_t tcp_arrows[TCP_NSTATES] = {
	[TCPS_CLOSED] = TO(LISTEN) | TO(SYN_SENT) | TO(SYN_RECEIVED),
	[TCPS_LISTEN] = TO(SYN_SENT) | TO(SYN_RECEIVED),
	[TCPS_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(FIN_WAIT_1),
	[TCPS_SYN_RECEIVED] =
	    TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(LISTEN) | TO(CLOSE_WAIT),
	[TCPS_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT),
	[TCPS_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT),
	[TCPS_FIN_WAIT_2] = TO(TIME_WAIT),
	[TCPS_CLOSING] = TO(TIME_WAIT),
	[TCPS_CLOSE_WAIT] = TO(LAST_ACK),
};

bool
tcp_arrow(int from, int to)
{
	return (to == TCPS_CLOSED || (tcp_arrows[from] & (1u << to)) != 0);
}

void
tcp_state_change(struct tcpcb *tp, int newstate)
{
	int oldstate = tp->t_state;

	KASSERT(newstate >= 0 && newstate < TCP_NSTATES &&
		    tcp_arrow(oldstate, newstate),
	    ("%s -> %s is no arrow of RFC 9293 figure 5", tcpstates[oldstate],
		tcpstates[newstate]));
	tp->t_state = (uint8_t)newstate;
	if (newstate >= TCPS_ESTABLISHED)
		tp->t_flags |= TF_WASEST;
	trace(TRACE_STATE, "tcp", (uint32_t)oldstate, (uint32_t)newstate);
	tcpstates_move(oldstate, newstate);
	if (TCPS_ACTIVE(newstate) && !TCPS_ACTIVE(oldstate))
		V_tcp.nactive++;
	if (TCPS_ACTIVE(oldstate) && !TCPS_ACTIVE(newstate)) {
		V_tcp.nactive--;
		tcp_farewell_wake();
	}
}
