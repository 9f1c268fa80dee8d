/*
 * tcp_ts.c - timestamps: round trips from every ACK, and PAWS.
 *
 * Both SYNs carry the option, or nobody does.  The clock is virtual time in
 * milliseconds plus an offset of the connection.  ts_recent is the peer's
 * value to be echoed: that of the segment which was at last_ack_sent, so an
 * echo covers the delay of a delayed ACK (RFC 7323 section 4.3).
 *
 *	no option     dropped, unless it is an RST (section 3.2)
 *	older         than ts_recent: dropped; data are answered by an ACK
 *	              (section 5.3), unless ts_recent is older than 24 days
 *	echo          RTTM: now less the echo, in whole milliseconds
 *
 * FreeBSD: tcp_do_segment(), tcp_new_ts_offset(), tcp_ts_getticks().
 */
#include "src/net/tcp/tcp_in.h"

uint32_t
tcp_ts_getticks(void)
{
	return ((uint32_t)(vtime() / NS_MS));
}

uint32_t
tcp_new_ts_offset(
    uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport)
{
	uint64_t addrs = (uint64_t)laddr << 32 | faddr;
	uint64_t ports = (uint64_t)lport << 16 | fport;

	return (
	    (uint32_t)krandom("tcp.ts", addrs ^ V_tcp.isn->isn_secret, ports));
}

void
tcp_ts_option(const struct tcpcb *tp, struct tcpopt *to)
{
	to->to_hasts = true;
	to->to_tsval = tcp_ts_getticks() + tp->ts_offset;
	to->to_tsecr = tp->ts_recent;
}

void
tcp_ts_negotiate(struct tcpcb *tp, const struct tcpopt *to)
{
	const struct inpcb *inp = tp->t_inpcb;

	if (!to->to_hasts || (tp->t_flags & TF_REQ_TSTMP) == 0 ||
	    (tp->t_flags & TF_NOOPT) != 0) {
		tp->t_flags &= ~(uint32_t)(TF_REQ_TSTMP | TF_RCVD_TSTMP);
		return;
	}
	tp->t_flags |= TF_RCVD_TSTMP;
	tp->ts_offset = tcp_new_ts_offset(
	    inp->inp_laddr, inp->inp_lport, inp->inp_faddr, inp->inp_fport);
	tp->ts_recent = to->to_tsval;
	tp->ts_recent_age = tcp_ts_getticks();
}

/* Our clock at the echo.  Return: false: nothing to go by. */
static bool
tcp_ts_echo(const struct tcpcb *tp, const struct tcpopt *to, uint32_t *ms)
{
	if ((tp->t_flags & TF_RCVD_TSTMP) == 0 || !to->to_hasts ||
	    to->to_tsecr == 0)
		return (false);
	*ms = to->to_tsecr - tp->ts_offset;
	/* FreeBSD: an echo from the future is none. */
	return (!TSTMP_GT(*ms, tcp_ts_getticks()));
}

bool
tcp_ts_rtt(const struct tcpcb *tp, const struct tcpopt *to, int64_t *rtt)
{
	uint32_t ms;

	if (!tcp_ts_echo(tp, to, &ms))
		return (false);
	*rtt = (int64_t)(tcp_ts_getticks() - ms) * NS_MS;
	return (true);
}

bool
tcp_ts_before(const struct tcpcb *tp, const struct tcpopt *to, int64_t when)
{
	uint32_t ms;

	return (
	    tcp_ts_echo(tp, to, &ms) && TSTMP_LT(ms, (uint32_t)(when / NS_MS)));
}

enum tcp_verdict
tcp_check_paws(struct tcpcb *tp, struct tcp_seg *sg)
{
	if ((tp->t_flags & TF_RCVD_TSTMP) == 0 ||
	    (sg->sg_flags & (TH_RST | TH_SYN)) != 0)
		return (TV_NEXT);
	if (!sg->sg_opt.to_hasts) {
		sg->sg_why = DROP_TCP_NOTS;
		return (TV_DROP);
	}
	if (tp->ts_recent == 0 || !TSTMP_LT(sg->sg_opt.to_tsval, tp->ts_recent))
		return (TV_NEXT);
	/* RFC 7323 section 5.5: after 24 days its sign means nothing. */
	if (tcp_ts_getticks() - tp->ts_recent_age > TCP_PAWS_IDLE) {
		tp->ts_recent = 0;
		return (TV_NEXT);
	}
	TCPSTAT_INC(rcvduppack);
	TCPSTAT_ADD(rcvdupbyte, sg->sg_len);
	TCPSTAT_INC(pawsdrop);
	sg->sg_why = DROP_TCP_PAWS;
	return (sg->sg_len != 0 ? TV_ACK_DROP : TV_DROP);
}

enum tcp_verdict
tcp_record_ts(struct tcpcb *tp, struct tcp_seg *sg)
{
	uint32_t end = sg->sg_seq + sg->sg_len;

	if ((tp->t_flags & TF_RCVD_TSTMP) == 0 || !sg->sg_opt.to_hasts)
		return (TV_NEXT);
	end += (sg->sg_flags & (TH_SYN | TH_FIN)) != 0;
	if (SEQ_LEQ(sg->sg_seq, tp->last_ack_sent) &&
	    SEQ_LEQ(tp->last_ack_sent, end)) {
		tp->ts_recent_age = tcp_ts_getticks();
		tp->ts_recent = sg->sg_opt.to_tsval;
	}
	return (TV_NEXT);
}
