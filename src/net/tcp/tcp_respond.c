/*
 * tcp_respond.c - segments outside the flow of a connection: RST, challenge
 * ACK, keepalive probe; and the rules of silence.
 *
 * When a vnet says goodbye by RST the peer believes it only if SEQ is exactly
 * its RCV.NXT (RFC 5961 section 3.2).  Without loss that is our SND.MAX; with
 * a window probe unanswered it is SND.UNA, so both are sent then.  If bytes
 * were lost the RST draws a challenge ACK, which is answered by an RST at
 * SEG.ACK: exact by construction.  That answer must not be lost to the rate
 * limit or to blackhole, so in a dying vnet whatever carries an ACK is
 * answered (M_LAMEDUCK).  fw_lame remembers how long a challenge may take.
 *
 * Past its farewell a vnet is silent; one that crashes is silent from the kill
 * on.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/wire.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_in.h"

/* An exact RST provoked by a challenge ACK comes within one round trip. */
#define TCP_LAME_MAX (3 * NS_S)

bool
tcp_dying(void)
{
	return (curvnet->v_phase >= PHASE_KILL);
}

bool
tcp_silent(void)
{
	if (!V_tcp.registered)
		return (true);
	switch (curvnet->v_close.vc_policy) {
	case VNETSIM_CLOSE_CRASH:
		return (tcp_dying());
	case VNETSIM_CLOSE_WAIT:
		return (false);
	default:
		return (curvnet->v_phase >= PHASE_LETGO);
	}
}

struct mbuf *
tcp_gethdr(void)
{
	struct mbuf *m = m_gethdr(M_NOWAIT);

	if (m == NULL && tcp_dying())
		m = m_gethdr(M_RESERVE);
	return (m);
}

void
tcp_puthdr(uint8_t *p, struct tcp_ports tuple, uint32_t seq, uint32_t ack,
    uint8_t flags, uint16_t win, uint32_t optlen)
{
	be16enc(p + TCPOFF_SPORT, tuple.tp_local);
	be16enc(p + TCPOFF_DPORT, tuple.tp_foreign);
	be32enc(p + TCPOFF_SEQ, seq);
	be32enc(p + TCPOFF_ACK, (flags & TH_ACK) != 0 ? ack : 0);
	p[TCPOFF_OFF] = (uint8_t)((TCP_HDRLEN + optlen) / 4 << 4);
	p[TCPOFF_FLAGS] = flags;
	be16enc(p + TCPOFF_WIN, win);
	be16enc(p + TCPOFF_SUM, 0);
	be16enc(p + TCPOFF_URP, 0);
}

int
tcp_emit(const struct tcp_way *tw, const struct tcp_say *ts)
{
	uint32_t hlen = TCP_HDRLEN + ts->ts_optlen;
	struct mbuf *m;

	if (tcp_silent())
		return (0);
	m = tcp_gethdr();
	if (m == NULL)
		return (VE_NOBUFS);
	m_align(m, hlen);
	m->m_len = m->m_pkthdr.len = hlen;
	m->m_pkthdr.csum_flags = CSUM_TCP;
	m->m_pkthdr.csum_data = TCPOFF_SUM;
	m->m_pkthdr.fib = tw->tw_fib;
	if ((ts->ts_flags & TH_RST) != 0 && tcp_dying())
		m->m_flags |= M_LAMEDUCK;
	tcp_puthdr(mtod(m, uint8_t *), tw->tw_ports, ts->ts_seq, ts->ts_ack,
	    ts->ts_flags, ts->ts_win, ts->ts_optlen);
	memcpy(mtod(m, uint8_t *) + TCP_HDRLEN, ts->ts_opt, ts->ts_optlen);
	TCPSTAT_INC(sndtotal);
	if ((ts->ts_flags & TH_RST) != 0)
		TCPSTAT_INC(sndctrl);
	else
		TCPSTAT_INC(sndacks);
	return (V_tcp.lower->tl_output(
	    m, tw->tw_laddr, tw->tw_faddr, tw->tw_ttl, tw->tw_tos));
}

int
tcp_respond(const struct tcpcb *tp, uint32_t seq, uint32_t ack, uint8_t flags)
{
	const struct inpcb *inp = tp->t_inpcb;
	struct tcp_way tw = {
		.tw_laddr = inp->inp_laddr,
		.tw_faddr = inp->inp_faddr,
		.tw_ports = { inp->inp_lport, inp->inp_fport },
		.tw_ttl = inp->inp_ttl,
		.tw_tos = inp->inp_tos,
		.tw_fib = inp->inp_fib,
	};
	struct tcp_say ts = {
		.ts_seq = seq,
		.ts_ack = ack,
		.ts_flags = flags,
	};
	struct tcpopt to;
	uint32_t win;

	if ((flags & TH_RST) == 0) {
		if ((tp->t_flags2 & TF2_ECN_SND_ECE) != 0)
			ts.ts_flags |= TH_ECE;
		win = sbspace(&inp->inp_socket->so_rcv) >> tp->rcv_scale;
		ts.ts_win = (uint16_t)imin(win, TCP_MAXWIN);
	}
	if ((tp->t_flags & TF_RCVD_TSTMP) != 0) {
		memset(&to, 0, sizeof(to));
		tcp_ts_option(tp, &to);
		ts.ts_optlen = (uint8_t)tcp_addoptions(&to, ts.ts_opt);
	}
	return (tcp_emit(&tw, &ts));
}

/* RST to whoever sent a segment. */
static void
tcp_answer(const struct tcp_seg *sg, uint32_t seq, uint32_t ack, uint8_t flags)
{
	struct tcp_way tw = {
		.tw_laddr = sg->sg_dst,
		.tw_faddr = sg->sg_src,
		.tw_ports = { sg->sg_dport, sg->sg_sport },
		.tw_ttl = sg->sg_ttl,
		.tw_tos = sg->sg_tos,
		/* by the table that its interface has given it */
		.tw_fib = sg->sg_m != NULL ? sg->sg_m->m_pkthdr.fib : 0,
	};
	struct tcp_say ts = {
		.ts_seq = seq,
		.ts_ack = ack,
		.ts_flags = flags,
	};

	(void)tcp_emit(&tw, &ts);
}

/* Play dead?  FreeBSD 14: net.inet.tcp.blackhole, blackhole_local. */
static bool
tcp_blackholed(const struct tcp_seg *sg, int limit)
{
	bool hole;

	if (limit == BANDLIM_RST_OPENPORT)
		hole = V_tcp.blackhole == 3;
	else if (limit == BANDLIM_RST_CLOSEDPORT)
		hole = V_tcp.blackhole > 1 ||
		       (V_tcp.blackhole == 1 && (sg->sg_flags & TH_SYN) != 0);
	else
		hole = false;
	return (hole && (V_tcp.blackhole_local != 0 ||
			    !V_tcp.lower->tl_local(sg->sg_src)));
}

void
tcp_dropwithreset(struct tcp_seg *sg, enum drop_reason why, int limit)
{
	bool lame = tcp_dying() && (sg->sg_flags & TH_ACK) != 0;
	uint32_t len = sg->sg_len;

	/* RFC 9293 section 3.5.2: never answer an RST by an RST. */
	if ((sg->sg_flags & TH_RST) != 0 ||
	    (!lame && tcp_blackholed(sg, limit))) {
		tcp_seg_drop(sg, why);
		return;
	}
	if (!lame && limit >= 0 && !V_tcp.lower->tl_bandlim(limit)) {
		tcp_seg_drop(sg, DROP_TCP_RATELIMIT);
		return;
	}
	if ((sg->sg_flags & TH_ACK) != 0) {
		/* <SEQ=SEG.ACK><CTL=RST> */
		tcp_answer(sg, sg->sg_ack, 0, TH_RST);
	} else {
		/* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
		len += (sg->sg_flags & TH_SYN) != 0;
		len += (sg->sg_flags & TH_FIN) != 0;
		tcp_answer(sg, 0, sg->sg_seq + len, TH_RST | TH_ACK);
	}
	tcp_seg_drop(sg, why);
}

void
tcp_reset_peer(struct tcpcb *tp)
{
	uint8_t flags = TH_RST;

	/* Never sent anything: nobody knows of us. */
	if (tcp_silent() || tp->snd_max == tp->iss)
		return;
	if (TCPS_HAVERCVDSYN(tp->t_state))
		flags |= TH_ACK;
	if (tcp_respond(tp, tp->snd_max, tp->rcv_nxt, flags) == 0)
		tp->t_flags |= TF_RSTDONE;
	if (tp->snd_una == tp->snd_max)
		return;
	if (TCPS_HAVEESTABLISHED(tp->t_state) && tp->snd_wnd == 0)
		(void)tcp_respond(tp, tp->snd_una, tp->rcv_nxt, flags);
	else if (TCPS_HAVEESTABLISHED(tp->t_state) &&
		 SEQ_GEQ(tp->snd_max, tp->snd_una + tp->snd_wnd))
		/* SND.MAX is at the edge: outside, if something was lost */
		(void)tcp_respond(tp, tp->snd_max - 1, tp->rcv_nxt, flags);
	tcp_owe_answer(tp);
}

void
tcp_owe_answer(const struct tcpcb *tp)
{
	int64_t until = vtime() + imin(tp->t_rxtcur, TCP_LAME_MAX);

	V_tcp.fw_lame = imax(V_tcp.fw_lame, until);
}

bool
tcp_challenge(struct tcpcb *tp)
{
	/* RFC 5961 section 7: the answers are rate limited. */
	if (!V_tcp.lower->tl_bandlim(BANDLIM_CHALLENGE))
		return (false);
	/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	if (tcp_respond(tp, tp->snd_nxt, tp->rcv_nxt, TH_ACK) == 0) {
		tp->last_ack_sent = tp->rcv_nxt;
		return (true);
	}
	/*
	 * No memory.  Who has sent an RST does not ask again, so the answer
	 * stays owed, like a delayed ACK.
	 */
	if (TCPS_HAVEESTABLISHED(tp->t_state))
		tcp_timer_activate(tp, TT_DELACK, V_tcp.delacktime);
	return (true);
}
