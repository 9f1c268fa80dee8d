/*
 * tcp_timer.c - five callouts of a connection.
 *
 *	rexmt    RTO with backoff; after 12 (net.inet.tcp.retries) ETIMEDOUT
 *	persist  window probes while the peer's window is zero, 5..60 s
 *	keep     the handshake's bound, then keepalive probes
 *	2msl     TIME_WAIT, and orphans in FIN_WAIT_2
 *	delack   an ACK that waited long enough
 *
 * rexmt and persist also end a connection that has made no progress for
 * TCP_MAXUNACKTIME (net.inet.tcp.maxunacktime): something is unacknowledged
 * since then, and no ACK has taken any of it.
 *
 * A callout may be claimed when it is stopped or moved, and runs nevertheless
 * (callout(9)).  So each has a bit in t_timers that says whether it is wanted:
 * a handler whose bit is clear, or that is armed again, does nothing; one of a
 * discarded tcpcb only counts down (tcp_drained()).
 *
 * RFC 6298 section 5, RFC 9293 3.8.6.1, RFC 1122 4.2.3.6.
 * FreeBSD: sys/netinet/tcp_timer.c.
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_cc.h"

static int64_t
tcp_keeptime(uint32_t ms, int64_t deflt)
{
	return (ms != 0 ? ms * NS_MS : deflt);
}

int64_t
tcp_keepinit(const struct tcpcb *tp)
{
	return (tcp_keeptime(tp->t_keepinit, V_tcp.keepinit));
}

int64_t
tcp_keepidle(const struct tcpcb *tp)
{
	return (tcp_keeptime(tp->t_keepidle, V_tcp.keepidle));
}

int64_t
tcp_keepintvl(const struct tcpcb *tp)
{
	return (tcp_keeptime(tp->t_keepintvl, V_tcp.keepintvl));
}

int64_t
tcp_maxunacktime(const struct tcpcb *tp)
{
	return (tcp_keeptime(tp->t_maxunacktime, V_tcp.maxunacktime));
}

/* FreeBSD: tcp_maxunacktime_check(). */
static bool
tcp_overdue(const struct tcpcb *tp)
{
	int64_t max = tcp_maxunacktime(tp);

	if (max == 0 || tp->t_acktime == 0 || vtime() - tp->t_acktime < max)
		return (false);
	TCPSTAT_INC(progdrops);
	return (true);
}

int64_t
tcp_maxidle(const struct tcpcb *tp)
{
	int64_t cnt =
	    tp->t_keepcnt != 0 ? tp->t_keepcnt : (uint32_t)V_tcp.keepcnt;
	int64_t intvl = tcp_keepintvl(tp);

	return (cnt > INT64_MAX / 4 / intvl ? INT64_MAX / 4 : cnt * intvl);
}

/* Begin of a handler.  Return: the connection, NULL: nothing to do. */
static struct tcpcb *
tcp_timer_enter(void *arg, enum tcp_timer type)
{
	struct tcpcb *tp = arg;

	if ((tp->t_flags & TF_GONE) != 0) {
		tcp_drained(tp);
		return (NULL);
	}
	if (!tcp_timer_active(tp, type) ||
	    callout_pending(&tp->t_callout[type]) ||
	    (tp->t_inpcb->inp_flags & INP_DROPPED) != 0)
		return (NULL);
	tp->t_timers &= (uint8_t) ~(1u << type);
	return (tp);
}

static void
tcp_timer_rexmt(void *arg)
{
	struct tcpcb *tp = tcp_timer_enter(arg, TT_REXMT);
	int64_t rexmt;

	if (tp == NULL)
		return;
	if (++tp->t_rxtshift > (uint32_t)V_tcp.retries || tcp_overdue(tp)) {
		if (tp->t_rxtshift > (uint32_t)V_tcp.retries)
			TCPSTAT_INC(timeoutdrop);
		tcp_drop(tp, VE_TIMEDOUT);
		return;
	}
	TCPSTAT_INC(rexmttimeo);
	if (tp->t_state == TCPS_SYN_SENT || tp->t_state == TCPS_SYN_RECEIVED)
		rexmt = V_tcp.rexmit_initial * tcp_backoff(tp->t_rxtshift);
	else
		rexmt = tcp_rexmtval(tp) * tcp_backoff(tp->t_rxtshift);
	tp->t_rxtcur = tcp_rangeset(rexmt, V_tcp.rexmit_min, TCPTV_REXMTMAX);
	/* Some middle boxes choke on options: the third SYN has none. */
	if (V_tcp.rexmit_drop_options != 0 && tp->t_state == TCPS_SYN_SENT &&
	    tp->t_rxtshift == 3)
		tp->t_flags &=
		    ~(uint32_t)(TF_REQ_SCALE | TF_REQ_TSTMP | TF_SACK_PERMIT);
	/* RFC 6298 section 5: after much backing off SRTT may be bogus. */
	if (tp->t_rxtshift > TCP_MAXRXTSHIFT / 4 && tp->t_srtt != 0) {
		tp->t_rttvar += tp->t_srtt / 4;
		tp->t_srtt = 0;
	}
	tp->snd_nxt = tp->snd_una;
	tp->t_flags |= TF_ACKNOW;
	/* Karn: a retransmitted segment is not timed. */
	tp->t_flags &= ~(uint32_t)TF_RTT;
	if (tp->t_state == TCPS_SYN_SENT || tp->t_state == TCPS_SYN_RECEIVED)
		tp->snd_cwnd = 1; /* tcp_cc_conn_init() sees it */
	else
		tcp_cc_rto(tp);
	(void)tcp_output(tp);
}

void
tcp_setpersist(struct tcpcb *tp)
{
	int64_t t = 4 * tp->t_srtt + 8 * tp->t_rttvar;

	/* FreeBSD: twice (2 * SRTT + 4 * RTTVAR), backed off, 5..60 s */
	tp->t_flags &= ~(uint32_t)TF_FORCEDATA;
	t = tcp_rangeset(
	    t * tcp_backoff(tp->t_rxtshift), V_tcp.persmin, V_tcp.persmax);
	tcp_timer_activate(tp, TT_PERSIST, t);
	if (tp->t_rxtshift < TCP_MAXRXTSHIFT)
		tp->t_rxtshift++;
}

static void
tcp_timer_persist(void *arg)
{
	struct tcpcb *tp = tcp_timer_enter(arg, TT_PERSIST);
	int64_t idle;

	if (tp == NULL)
		return;
	TCPSTAT_INC(persisttimeo);
	idle = vtime() - tp->t_rcvtime;
	/*
	 * RFC 9293 3.8.6.1: a closed window alone is no reason to give up, but
	 * FreeBSD does if the probes were not even answered for so long, and
	 * earlier if the user has closed.  FreeBSD compares by >=, with a
	 * clock that a round trip always lags behind; on a wire without delay
	 * a probe that was answered at once is exactly one interval old.
	 */
	if (tcp_overdue(tp)) {
		tcp_drop(tp, VE_TIMEDOUT);
		return;
	}
	if ((tp->t_rxtshift >= V_tcp.retries &&
		(idle >= TCP_MAXPERSIST ||
		    idle >= tcp_rexmtval(tp) * TCP_TOTBACKOFF)) ||
	    (tp->t_state > TCPS_CLOSE_WAIT && idle > V_tcp.persmax)) {
		TCPSTAT_INC(persistdrop);
		tcp_drop(tp, VE_TIMEDOUT);
		return;
	}
	tcp_setpersist(tp);
	tp->t_flags |= TF_FORCEDATA;
	(void)tcp_output(tp);
	tp->t_flags &= ~(uint32_t)TF_FORCEDATA;
}

static void
tcp_timer_keep(void *arg)
{
	struct tcpcb *tp = tcp_timer_enter(arg, TT_KEEP);
	const struct socket *so;

	if (tp == NULL)
		return;
	TCPSTAT_INC(keeptimeo);
	so = tp->t_inpcb->inp_socket;
	if (tp->t_state < TCPS_ESTABLISHED)
		goto dropit;
	if ((V_tcp.always_keepalive == 0 &&
		(so->so_options & SO_KEEPALIVE) == 0) ||
	    tp->t_state > TCPS_CLOSING) {
		tcp_timer_activate(tp, TT_KEEP, tcp_keepidle(tp));
		return;
	}
	if (vtime() - tp->t_rcvtime >= tcp_keepidle(tp) + tcp_maxidle(tp))
		goto dropit;
	/* RFC 1122 4.2.3.6: SEG.SEQ = SND.NXT-1 forces an answer. */
	TCPSTAT_INC(keepprobe);
	(void)tcp_respond(tp, tp->snd_una - 1, tp->rcv_nxt, TH_ACK);
	tcp_timer_activate(tp, TT_KEEP, tcp_keepintvl(tp));
	return;
dropit:
	TCPSTAT_INC(keepdrops);
	tcp_drop(tp, VE_TIMEDOUT);
}

static void
tcp_timer_2msl(void *arg)
{
	struct tcpcb *tp = tcp_timer_enter(arg, TT_2MSL);

	if (tp == NULL)
		return;
	if (tp->t_state == TCPS_FIN_WAIT_2) {
		/* Not in the RFC; FreeBSD does not wait for ever. */
		if (V_tcp.fast_finwait2_recycle == 0 &&
		    vtime() - tp->t_rcvtime <= tcp_maxidle(tp)) {
			tcp_timer_activate(tp, TT_2MSL, tcp_keepintvl(tp));
			return;
		}
		TCPSTAT_INC(finwait2_drops);
	}
	tcp_close(tp);
}

static void
tcp_timer_delack(void *arg)
{
	struct tcpcb *tp = tcp_timer_enter(arg, TT_DELACK);

	if (tp == NULL)
		return;
	tp->t_flags |= TF_ACKNOW;
	TCPSTAT_INC(delack);
	(void)tcp_output(tp);
}

static void (*const tcp_timer_func[TT_N])(void *arg) = {
	[TT_REXMT] = tcp_timer_rexmt,
	[TT_PERSIST] = tcp_timer_persist,
	[TT_KEEP] = tcp_timer_keep,
	[TT_2MSL] = tcp_timer_2msl,
	[TT_DELACK] = tcp_timer_delack,
};
static const char *const tcp_timer_name[TT_N] = {
	[TT_REXMT] = "tcp.rexmt",
	[TT_PERSIST] = "tcp.persist",
	[TT_KEEP] = "tcp.keep",
	[TT_2MSL] = "tcp.2msl",
	[TT_DELACK] = "tcp.delack",
};

void
tcp_timer_init(struct tcpcb *tp)
{
	for (int i = 0; i < TT_N; i++)
		callout_init(
		    &tp->t_callout[i], VNET_MOD_tcp, tcp_timer_name[i]);
}

void
tcp_timer_activate(struct tcpcb *tp, enum tcp_timer type, int64_t delta)
{
	if (delta == 0) {
		tp->t_timers &= (uint8_t) ~(1u << type);
		(void)callout_stop(&tp->t_callout[type]);
		return;
	}
	tp->t_timers |= (uint8_t)(1u << type);
	(void)callout_reset(
	    &tp->t_callout[type], delta, tcp_timer_func[type], tp);
}

uint8_t
tcp_timer_stopall(struct tcpcb *tp)
{
	uint8_t claimed = 0;

	tp->t_timers = 0;
	for (int i = 0; i < TT_N; i++)
		if (callout_stop(&tp->t_callout[i]) == 0)
			claimed++;
	return (claimed);
}
