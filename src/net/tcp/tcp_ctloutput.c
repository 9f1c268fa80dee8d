/*
 * tcp_ctloutput.c - options of a socket at level IPPROTO_TCP.
 *
 * Keepalive times are given in seconds, as in tcp(4), and kept in
 * milliseconds; 0 in the tcpcb means the vnet's net.inet.tcp.* value.  So is
 * TCP_MAXUNACKTIME, where 0 can be set.
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_var.h"

#define TCP_KEEPMAX (UINT32_MAX / 1000) /* seconds */

static int
tcp_setflag(struct tcpcb *tp, uint32_t flag, int64_t value)
{
	if (value != 0)
		tp->t_flags |= flag;
	else
		tp->t_flags &= ~flag;
	return (0);
}

static int
tcp_setkeep(uint32_t *ms, int64_t value)
{
	if (value <= 0 || value > TCP_KEEPMAX)
		return (VE_INVAL);
	*ms = (uint32_t)value * 1000;
	return (0);
}

/* A new idle time, or interval, counts from now on. */
static void
tcp_rekeep(struct tcpcb *tp)
{
	if (tp->t_state > TCPS_SYN_SENT && tcp_timer_active(tp, TT_KEEP))
		tcp_timer_activate(tp, TT_KEEP,
		    TCPS_HAVEESTABLISHED(tp->t_state) ? tcp_keepidle(tp)
						      : tcp_keepinit(tp));
}

static int
tcp_setopt(struct tcpcb *tp, int name, int64_t value)
{
	int error;

	switch (name) {
	case TCP_NODELAY:
		(void)tcp_setflag(tp, TF_NODELAY, value);
		return (0);
	case TCP_NOPUSH:
		(void)tcp_setflag(tp, TF_NOPUSH, value);
		if (value == 0 && TCPS_HAVEESTABLISHED(tp->t_state))
			(void)tcp_output(tp);
		return (0);
	case TCP_NOOPT:
		if (value != 0)
			(void)tcp_setflag(tp, TF_REQ_SCALE, 0);
		return (tcp_setflag(tp, TF_NOOPT, value));
	case TCP_MAXSEG:
		if (value <= 0 || value > tp->t_maxseg || value < V_tcp.minmss)
			return (VE_INVAL);
		tp->t_maxseg = tp->t_usermss = (uint16_t)value;
		return (0);
	case TCP_KEEPINIT:
		error = tcp_setkeep(&tp->t_keepinit, value);
		if (error == 0 && tp->t_state == TCPS_SYN_SENT)
			tcp_timer_activate(tp, TT_KEEP, tcp_keepinit(tp));
		return (error);
	case TCP_KEEPIDLE:
		error = tcp_setkeep(&tp->t_keepidle, value);
		if (error == 0)
			tcp_rekeep(tp);
		return (error);
	case TCP_KEEPINTVL:
		return (tcp_setkeep(&tp->t_keepintvl, value));
	case TCP_MAXUNACKTIME:
		if (value < 0 || value > TCP_KEEPMAX)
			return (VE_INVAL);
		tp->t_maxunacktime = (uint32_t)value * 1000;
		return (0);
	case TCP_KEEPCNT:
		if (value <= 0 || value > INT32_MAX)
			return (VE_INVAL);
		tp->t_keepcnt = (uint32_t)value;
		return (0);
	default:
		return (VE_NOPROTOOPT);
	}
}

static int
tcp_getopt(const struct tcpcb *tp, int name, int64_t *value)
{
	switch (name) {
	case TCP_NODELAY:
		*value = (tp->t_flags & TF_NODELAY) != 0;
		return (0);
	case TCP_NOPUSH:
		*value = (tp->t_flags & TF_NOPUSH) != 0;
		return (0);
	case TCP_NOOPT:
		*value = (tp->t_flags & TF_NOOPT) != 0;
		return (0);
	case TCP_MAXSEG:
		*value = tp->t_maxseg;
		return (0);
	case TCP_KEEPINIT:
		*value = tcp_keepinit(tp) / NS_S;
		return (0);
	case TCP_KEEPIDLE:
		*value = tcp_keepidle(tp) / NS_S;
		return (0);
	case TCP_KEEPINTVL:
		*value = tcp_keepintvl(tp) / NS_S;
		return (0);
	case TCP_MAXUNACKTIME:
		*value = tcp_maxunacktime(tp) / NS_S;
		return (0);
	case TCP_KEEPCNT:
		*value = tp->t_keepcnt != 0 ? tp->t_keepcnt
					    : (uint32_t)V_tcp.keepcnt;
		return (0);
	default:
		return (VE_NOPROTOOPT);
	}
}

int
tcp_ctloutput(struct socket *so, bool set, int name, int64_t *value)
{
	const struct inpcb *inp = sotoinpcb(so);

	if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0)
		return (VE_CONNRESET);
	if (set)
		return (tcp_setopt(intotcpcb(inp), name, *value));
	return (tcp_getopt(intotcpcb(inp), name, value));
}
