/*
 * tcp_output.c - what a connection sends, and when.
 *
 * Called whenever something changed: data from the user, an ACK, a timer.
 * Each round makes one segment:
 *
 *	plan    tcp_plan.c: how much of the buffer fits into the windows, which
 *	        flags the state asks for, how large a window we can offer
 *	due?    silly window avoidance and Nagle (RFC 9293 3.8.6.2.1, 3.7.4),
 *	        window updates, ACKs and FINs that are owed
 *	send    header, options, a shared copy of the data
 *	sent    sequence numbers, round-trip timing, rexmt or persist timer
 *
 * until nothing is due.  A segment that could not be built for lack of memory
 * counts as lost: its timer is armed.
 *
 * FreeBSD: sys/netinet/tcp_output.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_ecn.h"
#include "src/net/tcp/tcp_out.h"

/* RFC 9293 3.8.6.2.1: sender's silly window avoidance; 3.7.4: Nagle. */
static bool
tcp_data_due(const struct tcpcb *tp, const struct tcp_plan *pl)
{
	const struct socket *so = tp->t_inpcb->inp_socket;

	if (pl->pl_len == 0)
		return (false);
	if (pl->pl_len >= tcp_maxseg(tp) || pl->pl_hole != NULL)
		return (true);
	if ((pl->pl_idle || (tp->t_flags & TF_NODELAY) != 0) &&
	    pl->pl_len + pl->pl_off >= sbavail(&so->so_snd) &&
	    (tp->t_flags & TF_NOPUSH) == 0)
		return (true);
	if ((tp->t_flags & TF_FORCEDATA) != 0)
		return (true);
	if (tp->max_sndwnd > 0 && pl->pl_len >= tp->max_sndwnd / 2)
		return (true);
	return (SEQ_LT(tp->snd_nxt, tp->snd_max));
}

/*
 * RFC 9293 3.8.6.2.2: receiver's silly window avoidance.  FreeBSD tells of a
 * window that grew by two segments, if that is a quarter of the buffer, or by
 * half of the buffer.
 */
static bool
tcp_winupdate_due(const struct tcpcb *tp, const struct tcp_plan *pl)
{
	const struct sockbuf *sb = &tp->t_inpcb->inp_socket->so_rcv;
	uint32_t adv = pl->pl_recwin, oldwin = 0, hiwat = sb->sb_hiwat;

	if (pl->pl_recwin == 0 || (tp->t_flags & TF_DELACK) != 0 ||
	    !TCPS_HAVEESTABLISHED(tp->t_state) || TCPS_HAVERCVDFIN(tp->t_state))
		return (false);
	if (SEQ_GT(tp->rcv_adv, tp->rcv_nxt))
		oldwin = tp->rcv_adv - tp->rcv_nxt;
	adv = adv > oldwin ? adv - oldwin : 0;
	if (oldwin >> tp->rcv_scale >= (adv + oldwin) >> tp->rcv_scale)
		return (false);
	if (adv >= 2u * tp->t_maxseg &&
	    (adv >= hiwat / 4 || pl->pl_recwin <= hiwat / 8 ||
		hiwat <= 8u * tp->t_maxseg ||
		adv >= (uint32_t)TCP_MAXWIN << tp->rcv_scale))
		return (true);
	return (2 * (uint64_t)adv >= hiwat);
}

/* Nothing goes now: some timer has to ask again. */
static void
tcp_not_due(struct tcpcb *tp)
{
	const struct socket *so = tp->t_inpcb->inp_socket;

	if (!TCPS_HAVEESTABLISHED(tp->t_state) ||
	    tcp_timer_active(tp, TT_REXMT) || tcp_timer_active(tp, TT_PERSIST))
		return;
	if ((tp->t_flags & TF_SACK_PERMIT) != 0 &&
	    SEQ_GT(tp->snd_max, tp->snd_una)) {
		/* Recovery has stopped it, and then could not send. */
		tcp_timer_activate(tp, TT_REXMT, tp->t_rxtcur);
	} else if (sbavail(&so->so_snd) != 0) {
		tp->t_rxtshift = 0;
		tcp_setpersist(tp);
	}
}

static bool
tcp_due(struct tcpcb *tp, const struct tcp_plan *pl)
{
	if (tcp_data_due(tp, pl))
		return (true);
	if (tcp_winupdate_due(tp, pl)) {
		TCPSTAT_INC(sndwinup);
		return (true);
	}
	if ((tp->t_flags & TF_ACKNOW) != 0)
		return (true);
	/* RFC 9293 3.8.5: urgency is told of even if no text can go. */
	if ((tp->t_oobflags & TCPOOB_TOLD) == 0 &&
	    tcp_urgent_pointer(tp, tp->snd_nxt) != 0)
		return (true);
	if ((pl->pl_flags & TH_SYN) != 0)
		return (true);
	if ((pl->pl_flags & TH_FIN) != 0 &&
	    ((tp->t_flags & TF_SENTFIN) == 0 || tp->snd_nxt == tp->snd_una))
		return (true);
	tcp_not_due(tp);
	return (false);
}

/* Data behind the header.  Return: false: no memory, @m is freed. */
static bool
tcp_add_data(struct tcpcb *tp, const struct tcp_plan *pl, struct mbuf *m)
{
	struct sockbuf *sb = &tp->t_inpcb->inp_socket->so_snd;
	struct mbuf *n;

	if (pl->pl_len == 0)
		return (true);
	n = sbsndcopy(sb, pl->pl_off, pl->pl_len, M_NOWAIT);
	if (n == NULL) {
		m_freem(m);
		return (false);
	}
	n->m_flags &= (uint16_t)~M_PKTHDR;
	m_cat(m, n);
	m->m_pkthdr.len += pl->pl_len;
	return (true);
}

/* Build the segment.  Return: NULL: no memory. */
static struct mbuf *
tcp_build(struct tcpcb *tp, struct tcp_plan *pl, uint32_t seq)
{
	const struct inpcb *inp = tp->t_inpcb;
	struct tcp_ports ports = { inp->inp_lport, inp->inp_fport };
	uint32_t hlen = TCP_HDRLEN + pl->pl_optlen;
	uint16_t win = tcp_plan_window(tp, pl);
	struct mbuf *m = tcp_gethdr();
	uint8_t *p;

	if (m == NULL)
		return (NULL);
	m_align(m, hlen);
	m->m_len = m->m_pkthdr.len = hlen;
	m->m_pkthdr.csum_flags = CSUM_TCP;
	m->m_pkthdr.csum_data = TCPOFF_SUM;
	if (!tcp_add_data(tp, pl, m))
		return (NULL);
	p = mtod(m, uint8_t *);
	tcp_puthdr(
	    p, ports, seq, tp->rcv_nxt, pl->pl_flags, win, pl->pl_optlen);
	be16enc(p + TCPOFF_URP, pl->pl_urp);
	memcpy(p + TCP_HDRLEN, pl->pl_opt, pl->pl_optlen);
	return (m);
}

static void
tcp_count_sent(struct tcpcb *tp, const struct tcp_plan *pl)
{
	if (pl->pl_len != 0) {
		if ((tp->t_flags & TF_FORCEDATA) != 0 && pl->pl_len == 1) {
			TCPSTAT_INC(sndprobe);
		} else if (pl->pl_hole != NULL ||
			   SEQ_LT(tp->snd_nxt, tp->snd_max)) {
			TCPSTAT_INC(sndrexmitpack);
			tp->t_sndrexmitpack++;
			TCPSTAT_ADD(sndrexmitbyte, pl->pl_len);
			if (pl->pl_hole != NULL) {
				TCPSTAT_INC(sack_rexmits);
				TCPSTAT_ADD(sack_rexmit_bytes, pl->pl_len);
			}
		} else {
			TCPSTAT_INC(sndpack);
			TCPSTAT_ADD(sndbyte, pl->pl_len);
		}
	} else if ((pl->pl_flags & (TH_SYN | TH_FIN)) != 0) {
		TCPSTAT_INC(sndctrl);
	} else if (pl->pl_urp != 0) {
		TCPSTAT_INC(sndurg);
	} else {
		TCPSTAT_INC(sndacks);
	}
	TCPSTAT_INC(sndtotal);
}

/* Something is out: the retransmission timer runs. */
static void
tcp_advance_timer(struct tcpcb *tp)
{
	if (tcp_timer_active(tp, TT_REXMT))
		return;
	if (tcp_timer_active(tp, TT_PERSIST)) {
		tcp_timer_activate(tp, TT_PERSIST, 0);
		tp->t_rxtshift = 0;
	}
	tcp_timer_activate(tp, TT_REXMT, tp->t_rxtcur);
}

/* Sequence numbers and timers after a segment, sent or lost. */
static void
tcp_advance(struct tcpcb *tp, const struct tcp_plan *pl)
{
	const struct socket *so = tp->t_inpcb->inp_socket;
	uint32_t start = tp->snd_nxt, end = start + pl->pl_len;

	if ((tp->t_flags & TF_FASTRECOVERY) != 0 && tp->t_sack != NULL)
		tp->t_sack->prr_out += pl->pl_len;
	if (pl->pl_hole != NULL) {
		MPASS(tp->t_sack != NULL);
		pl->pl_hole->rxmit += pl->pl_len;
		tp->t_sack->sack_bytes_rexmit += pl->pl_len;
		tcp_advance_timer(tp);
		return;
	}
	end += (pl->pl_flags & TH_SYN) != 0;
	if ((pl->pl_flags & TH_FIN) != 0) {
		end++;
		tp->t_flags |= TF_SENTFIN;
	}
	/* A window probe: snd_nxt stays at the edge. */
	if ((tp->t_flags & TF_FORCEDATA) != 0 &&
	    tcp_timer_active(tp, TT_PERSIST)) {
		tp->snd_max = SEQ_MAX(tp->snd_max, end);
		return;
	}
	tp->snd_nxt = end;
	if (SEQ_GT(end, tp->snd_max)) {
		if (tp->snd_una == tp->snd_max)
			tp->t_acktime = imax(vtime(), 1);
		tp->snd_max = end;
		if ((tp->t_flags & TF_RTT) == 0) {
			tp->t_flags |= TF_RTT;
			tp->t_rtttime = vtime();
			tp->t_rtseq = start;
			TCPSTAT_INC(segstimed);
		}
	}
	if (tp->snd_nxt != tp->snd_una) {
		tcp_advance_timer(tp);
	} else if (pl->pl_len == 0 && sbavail(&so->so_snd) != 0 &&
		   TCPS_HAVEESTABLISHED(tp->t_state) &&
		   !tcp_timer_active(tp, TT_REXMT) &&
		   !tcp_timer_active(tp, TT_PERSIST)) {
		tp->t_rxtshift = 0;
		tcp_setpersist(tp);
	}
}

/* The segment did not leave.  Return: errno for the caller. */
static int
tcp_output_failed(struct tcpcb *tp, const struct tcp_plan *pl, int error)
{
	/* A FIN keeps its number (TF_SENTFIN); data is sent again. */
	if (pl->pl_hole != NULL) {
		MPASS(tp->t_sack != NULL);
		pl->pl_hole->rxmit -= pl->pl_len;
		tp->t_sack->sack_bytes_rexmit -= pl->pl_len;
	} else if (((tp->t_flags & TF_FORCEDATA) == 0 ||
		       !tcp_timer_active(tp, TT_PERSIST)) &&
		   (pl->pl_flags & TH_SYN) == 0)
		tp->snd_nxt -= pl->pl_len;
	switch (error) {
	case VE_ACCES:
		tp->t_softerror = error;
		return (error);
	case VE_NOBUFS:
		tp->snd_cwnd = tcp_maxseg(tp);
		return (0);
	case VE_MSGSIZE:
		tcp_mtudisc(tp,
		    tcp_mssopt(tp->t_inpcb->inp_fib, tp->t_inpcb->inp_faddr));
		return (0);
	default:
		if (!TCPS_HAVERCVDSYN(tp->t_state))
			return (error);
		tp->t_softerror = error;
		return (0);
	}
}

/* Bits of ECN in @pl.  Return: the TOS octet. */
static uint8_t
tcp_output_tos(struct tcpcb *tp, struct tcp_plan *pl)
{
	uint8_t tos = tp->t_inpcb->inp_tos, ecn;
	bool newdata;

	newdata = pl->pl_len != 0 && pl->pl_hole == NULL &&
		  SEQ_GEQ(tp->snd_nxt, tp->snd_max) &&
		  !((tp->t_flags & TF_FORCEDATA) != 0 && pl->pl_len == 1);
	ecn = tcp_ecn_output(tp, &pl->pl_flags, newdata);
	if ((tp->t_flags2 & TF2_ECN_PERMIT) != 0)
		tos = (uint8_t)((tos & ~IPTOS_ECN_MASK) | ecn);
	return (tos);
}

/* One segment.  Return: errno; 0 also if it counts as lost. */
static int
tcp_send(struct tcpcb *tp, struct tcp_plan *pl)
{
	struct inpcb *inp = tp->t_inpcb;
	struct mbuf *m;
	uint32_t seq;
	uint8_t tos;
	int error = VE_NOBUFS;

	tcp_plan_options(tp, pl);
	/* A FIN that is sent again has its old number. */
	if (pl->pl_hole == NULL && (pl->pl_flags & TH_FIN) != 0 &&
	    (tp->t_flags & TF_SENTFIN) != 0 && tp->snd_nxt == tp->snd_max)
		tp->snd_nxt--;
	/* RFC 9293 3.10.7.4: a bare ACK has SEQ = SND.NXT, beyond all sent. */
	seq = tp->snd_nxt;
	if (pl->pl_len == 0 && (pl->pl_flags & (TH_SYN | TH_FIN)) == 0 &&
	    !tcp_timer_active(tp, TT_PERSIST))
		seq = tp->snd_max;
	if (pl->pl_hole != NULL)
		seq = pl->pl_hole->rxmit;
	if (pl->pl_len != 0 &&
	    pl->pl_off + pl->pl_len == sbavail(&inp->inp_socket->so_snd))
		pl->pl_flags |= TH_PUSH;
	pl->pl_urp = 0;
	if ((pl->pl_flags & TH_SYN) == 0)
		pl->pl_urp = tcp_urgent_pointer(tp, seq);
	if (pl->pl_urp != 0) {
		pl->pl_flags |= TH_URG;
		tp->t_oobflags |= TCPOOB_TOLD;
	}
	tos = tcp_output_tos(tp, pl);
	m = tcp_build(tp, pl, seq);
	tcp_count_sent(tp, pl);
	tcp_advance(tp, pl);
	if (m != NULL) {
		m->m_pkthdr.fib = inp->inp_fib;
		error = V_tcp.lower->tl_output(
		    m, inp->inp_laddr, inp->inp_faddr, inp->inp_ttl, tos);
	}
	if (error != 0) {
		pl->pl_again = false;
		return (tcp_output_failed(tp, pl, error));
	}
	if (SEQ_GT(tp->rcv_nxt + pl->pl_recwin, tp->rcv_adv))
		tp->rcv_adv = tp->rcv_nxt + pl->pl_recwin;
	tp->last_ack_sent = tp->rcv_nxt;
	tcp_sack_reported(tp);
	tp->t_flags &= ~(uint32_t)(TF_ACKNOW | TF_DELACK);
	tcp_timer_activate(tp, TT_DELACK, 0);
	return (0);
}

int
tcp_output(struct tcpcb *tp)
{
	struct tcp_plan pl;
	int error = 0;

	if (tcp_silent() || tp->t_state <= TCPS_LISTEN)
		return (0);
	pl.pl_idle = tp->snd_max == tp->snd_una;
	if (pl.pl_idle && vtime() - tp->t_rcvtime >= tp->t_rxtcur &&
	    TCPS_HAVEESTABLISHED(tp->t_state))
		tcp_cc_after_idle(tp);
	do {
		tcp_plan_make(tp, &pl);
		if (!tcp_due(tp, &pl))
			break;
		error = tcp_send(tp, &pl);
	} while (pl.pl_again);
	return (error);
}
