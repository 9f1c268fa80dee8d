/*
 * tcp_cb.c - life of a control block: tcpcb.
 *
 * Born by pru_attach (also for the child of a listener), in state CLOSED; dies
 * by tcp_discardcb() when pcb and socket part.  From birth on one mbuf is set
 * aside for it (uma_reserve), so that its FIN or RST can be said without
 * memory.
 *
 * A callout that was claimed when it was to be stopped will still run.  The
 * discarded tcpcb waits for it on V_tcp.drain, marked TF_GONE; it points to
 * nothing then.  FreeBSD: t_draincnt and tcp_timer_discard().
 */
#include "src/net/tcp/tcp_hostcache.h"
#include "src/net/tcp/tcp_in.h"
#include "src/net/tcp/tcp_sack.h"

#define TCPCB_CALLOUT(name, i)                                                 \
	{                                                                      \
		name,                                                          \
		    offsetof(struct tcpcb, t_callout) +                        \
			(i) * sizeof(struct callout),                          \
		    sizeof(struct callout), FK_CALLOUT, 0, 0, NULL             \
	}

static const struct field tcpcb_fields[] = {
	FIELD(struct tcpcb, t_inpcb, PTR),
	FIELD(struct tcpcb, t_flags, HEX),
	FIELD_ENUM(struct tcpcb, t_state, tcpstates),
	FIELD(struct tcpcb, t_rxtshift, UINT),
	FIELD(struct tcpcb, t_dupacks, UINT),
	FIELD(struct tcpcb, t_timers, HEX),
	FIELD(struct tcpcb, snd_una, UINT),
	FIELD(struct tcpcb, snd_nxt, UINT),
	FIELD(struct tcpcb, snd_max, UINT),
	FIELD(struct tcpcb, snd_wl1, UINT),
	FIELD(struct tcpcb, snd_wl2, UINT),
	FIELD(struct tcpcb, iss, UINT),
	FIELD(struct tcpcb, snd_wnd, UINT),
	FIELD(struct tcpcb, max_sndwnd, UINT),
	FIELD(struct tcpcb, rcv_nxt, UINT),
	FIELD(struct tcpcb, rcv_wnd, UINT),
	FIELD(struct tcpcb, rcv_adv, UINT),
	FIELD(struct tcpcb, irs, UINT),
	FIELD(struct tcpcb, last_ack_sent, UINT),
	FIELD(struct tcpcb, ts_offset, UINT),
	FIELD(struct tcpcb, ts_recent, UINT),
	FIELD(struct tcpcb, ts_recent_age, UINT),
	FIELD(struct tcpcb, snd_cwnd, UINT),
	FIELD(struct tcpcb, snd_ssthresh, UINT),
	FIELD(struct tcpcb, t_bytes_acked, UINT),
	FIELD(struct tcpcb, snd_recover, UINT),
	FIELD(struct tcpcb, snd_cwnd_prev, UINT),
	FIELD(struct tcpcb, snd_ssthresh_prev, UINT),
	FIELD(struct tcpcb, snd_recover_prev, UINT),
	FIELD(struct tcpcb, t_rttupdated, UINT),
	FIELD(struct tcpcb, t_badrxtwin, TIME),
	FIELD(struct tcpcb, t_maxseg, UINT),
	FIELD(struct tcpcb, snd_scale, UINT),
	FIELD(struct tcpcb, rcv_scale, UINT),
	FIELD(struct tcpcb, request_r_scale, UINT),
	FIELD(struct tcpcb, snd_limited, UINT),
	FIELD(struct tcpcb, t_draincnt, UINT),
	FIELD(struct tcpcb, t_flags2, HEX),
	FIELD(struct tcpcb, t_oobflags, HEX),
	FIELD(struct tcpcb, t_iobc, UINT),
	FIELD(struct tcpcb, snd_up, UINT),
	FIELD(struct tcpcb, rcv_up, UINT),
	FIELD(struct tcpcb, t_usermss, UINT),
	FIELD(struct tcpcb, t_ackwar, UINT),
	FIELD(struct tcpcb, t_ackwar_start, UINT),
	FIELD(struct tcpcb, t_softerror, INT),
	FIELD(struct tcpcb, t_rtseq, UINT),
	FIELD(struct tcpcb, t_rtttime, TIME),
	FIELD(struct tcpcb, t_srtt, INT),
	FIELD(struct tcpcb, t_rttvar, INT),
	FIELD(struct tcpcb, t_rxtcur, INT),
	FIELD(struct tcpcb, t_rcvtime, TIME),
	FIELD(struct tcpcb, t_keepinit, UINT),
	FIELD(struct tcpcb, t_keepidle, UINT),
	FIELD(struct tcpcb, t_keepintvl, UINT),
	FIELD(struct tcpcb, t_keepcnt, UINT),
	FIELD(struct tcpcb, t_maxunacktime, UINT),
	FIELD(struct tcpcb, t_rttlow, UINT),
	FIELD(struct tcpcb, t_acktime, TIME),
	FIELD(struct tcpcb, t_sndrexmitpack, UINT),
	FIELD(struct tcpcb, t_rcvoopack, UINT),
	FIELD(struct tcpcb, t_sndzerowin, UINT),
	FIELD(struct tcpcb, t_segqlen, UINT),
	FIELD(struct tcpcb, t_segq, LINK),
	FIELD(struct tcpcb, t_sack, PTR),
	TCPCB_CALLOUT("t_rexmt", TT_REXMT),
	TCPCB_CALLOUT("t_persist", TT_PERSIST),
	TCPCB_CALLOUT("t_keep", TT_KEEP),
	TCPCB_CALLOUT("t_2msl", TT_2MSL),
	TCPCB_CALLOUT("t_delack", TT_DELACK),
	FIELD(struct tcpcb, t_drain, LINK),
};

static const struct field tseg_fields[] = {
	FIELD(struct tseg_qent, tqe_q, LINK),
	FIELD(struct tseg_qent, tqe_m, PTR),
	FIELD(struct tseg_qent, tqe_start, UINT),
	FIELD(struct tseg_qent, tqe_len, UINT),
	FIELD(struct tseg_qent, tqe_fin, BOOL),
};

UMA_ZONE(tcpcb_zone, tcp, TCP_Z_CB, struct tcpcb, 0, tcpcb_fields);
UMA_ZONE_NAMED(
    tseg_zone, tcp, TCP_Z_SEG, "tcpreass", struct tseg_qent, 0, tseg_fields);

struct tcpcb *
tcp_newtcpcb(void)
{
	struct tcpcb *tp;

	if (!event_headroom(TT_N))
		return (NULL);
	tp = uma_zalloc(&tcpcb_zone, M_ZERO);
	if (tp == NULL)
		return (NULL);
	if (uma_reserve(TCP_RESERVE) != 0) {
		uma_zfree(&tcpcb_zone, tp);
		return (NULL);
	}
	tp->t_flags = TF_RESERVED;
	if (V_tcp.rfc1323 != 0)
		tp->t_flags |= TF_REQ_SCALE | TF_REQ_TSTMP;
	if (V_tcp.sack_enable != 0)
		tp->t_flags |= TF_SACK_PERMIT;
	tp->t_maxseg = (uint16_t)V_tcp.mssdflt;
	tp->snd_cwnd = (uint32_t)TCP_MAXWIN << TCP_MAX_WINSHIFT;
	tp->snd_ssthresh = (uint32_t)TCP_MAXWIN << TCP_MAX_WINSHIFT;
	/* RFC 6298 (2.1): until a round trip was measured */
	tp->t_rttvar = V_tcp.rexmit_initial / 4;
	tp->t_rxtcur = V_tcp.rexmit_initial;
	tp->t_rcvtime = vtime();
	LIST_INIT(&tp->t_segq);
	tcp_timer_init(tp);
	tcpstates_move(-1, TCPS_CLOSED);
	return (tp);
}

/* What tcp_newtcpcb() and pru_attach have made. */
static void
tcp_cb_release(struct tcpcb *tp)
{
	MPASS(tp->t_state == TCPS_CLOSED);
	if ((tp->t_flags & TF_RESERVED) != 0)
		(void)uma_reserve(-(int64_t)TCP_RESERVE);
	tcpstates_move(TCPS_CLOSED, -1);
	tp->t_flags = TF_GONE;
}

void
tcp_freetcpcb(struct tcpcb *tp)
{
	tcp_cb_release(tp);
	uma_zfree(&tcpcb_zone, tp);
}

void
tcp_discardcb(struct tcpcb *tp)
{
	MPASS((tp->t_flags & TF_GONE) == 0);
	tcp_outcome(tp);
	tcp_hc_save(tp);
	tcp_reass_flush(tp);
	tcp_sack_free(tp);
	tcp_cb_release(tp);
	tp->t_inpcb->inp_ppcb = NULL;
	tp->t_inpcb = NULL;
	tp->t_draincnt = tcp_timer_stopall(tp);
	if (tp->t_draincnt != 0)
		LIST_INSERT_HEAD(&V_tcp.drain, tp, t_drain);
	else
		uma_zfree(&tcpcb_zone, tp);
}

void
tcp_drained(struct tcpcb *tp)
{
	MPASS((tp->t_flags & TF_GONE) != 0 && tp->t_draincnt > 0);
	if (--tp->t_draincnt != 0)
		return;
	LIST_REMOVE(tp, t_drain);
	uma_zfree(&tcpcb_zone, tp);
}

uint32_t
tcp_isn(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport)
{
	uint64_t addrs = (uint64_t)laddr << 32 | faddr;
	uint64_t ports = (uint64_t)lport << 16 | fport;
	uint64_t f;

	/* RFC 6528 section 3: ISN = M + F(4-tuple, secretkey) */
	f = krandom("tcp.iss", addrs ^ V_tcp.isn->isn_secret, ports);
	return ((uint32_t)f + (uint32_t)(vtime() / (4 * NS_US)));
}

uint32_t
tcp_new_isn(const struct inpcb *inp)
{
	return (tcp_isn(
	    inp->inp_laddr, inp->inp_lport, inp->inp_faddr, inp->inp_fport));
}

void
tcp_sendseqinit(struct tcpcb *tp)
{
	tp->snd_una = tp->snd_nxt = tp->snd_max = tp->iss;
	tp->snd_wl2 = tp->snd_up = tp->iss;
	tp->snd_recover = tp->iss;
}

void
tcp_rcvseqinit(struct tcpcb *tp)
{
	tp->rcv_nxt = tp->rcv_adv = tp->irs + 1;
	tp->last_ack_sent = tp->rcv_up = tp->rcv_nxt;
}
