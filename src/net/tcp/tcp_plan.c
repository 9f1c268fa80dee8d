/*
 * tcp_plan.c - what the next segment of a connection would be.
 *
 *	usual       from snd_nxt on, as far as both windows let it
 *	recovery    with SACK: holes, then new data; snd_cwnd - pipe in all
 *	timeout     from snd_una on again; what the peer has is skipped
 *	persist     one byte into a closed window
 *
 * Options take their room from the data; a full segment is t_maxseg less
 * them.
 *
 * FreeBSD: sys/netinet/tcp_output.c; RFC 9293 3.8.6, RFC 6675 section 4.
 */
#include <string.h>
#include "src/net/tcp/tcp_out.h"

/* Nothing to send fits: has the window closed on us? */
static void
tcp_plan_closed(struct tcpcb *tp, const struct tcp_plan *pl, uint32_t avail)
{
	if (pl->pl_sendwin != 0 || !TCPS_HAVEESTABLISHED(tp->t_state) ||
	    pl->pl_off >= avail)
		return;
	tcp_timer_activate(tp, TT_REXMT, 0);
	tp->snd_nxt = tp->snd_una;
	if (!tcp_timer_active(tp, TT_PERSIST)) {
		tp->t_rxtshift = 0;
		tcp_setpersist(tp);
	}
}

/* Persist timer: a byte into a closed window, what fits into an open one. */
static void
tcp_plan_force(struct tcpcb *tp, struct tcp_plan *pl, uint32_t avail)
{
	if ((tp->t_flags & TF_FORCEDATA) == 0)
		return;
	if (pl->pl_sendwin == 0) {
		if (pl->pl_off < avail)
			pl->pl_flags &= (uint8_t)~TH_FIN;
		pl->pl_sendwin = 1;
	} else {
		tcp_timer_activate(tp, TT_PERSIST, 0);
		tp->t_rxtshift = 0;
	}
}

/*
 * Recovery with SACK: what the peer misses, of that which was out when it
 * began, as far as the windows let it.  Return: bytes, 0: nothing.
 */
static uint32_t
tcp_plan_hole(struct tcpcb *tp, struct tcp_plan *pl)
{
	struct sackhole *h = tcp_sack_output(tp);
	uint32_t end, off, len, pipe;

	if (h == NULL)
		return (0);
	end = SEQ_MIN(h->end, tp->snd_recover);
	off = h->rxmit - tp->snd_una;
	pipe = tcp_compute_pipe(tp);
	if (SEQ_GEQ(h->rxmit, end) || tp->snd_cwnd <= pipe ||
	    tp->snd_wnd <= off)
		return (0);
	len = imin(end - h->rxmit, tp->snd_cwnd - pipe);
	len = imin(len, tp->snd_wnd - off);
	pl->pl_hole = h;
	pl->pl_off = off;
	pl->pl_again = true;
	/* A FIN that was never sent waits for its turn. */
	if ((tp->t_flags & TF_SENTFIN) == 0)
		pl->pl_flags &= (uint8_t)~TH_FIN;
	return (len);
}

/* Bytes that may go.  Sets pl_hole and pl_off. */
static int64_t
tcp_plan_len(struct tcpcb *tp, struct tcp_plan *pl, uint32_t avail)
{
	int64_t len, room;

	if (tp->t_sack != NULL && !TAILQ_EMPTY(&tp->t_sack->snd_holes) &&
	    (tp->t_flags & TF_FORCEDATA) == 0) {
		if ((tp->t_flags & TF_FASTRECOVERY) != 0) {
			len = tcp_plan_hole(tp, pl);
			if (len != 0)
				return (len);
			/* No hole, or no room for it: new data. */
			room = (int64_t)tp->snd_cwnd - tcp_compute_pipe(tp);
			len = (int64_t)imin(avail, tp->snd_wnd) - pl->pl_off;
			return (imin(len, room));
		}
		if (SEQ_LT(tp->snd_nxt, tp->snd_max)) {
			tcp_sack_adjust(tp);
			pl->pl_off = tp->snd_nxt - tp->snd_una;
		}
	}
	return ((int64_t)imin(avail, pl->pl_sendwin) - pl->pl_off);
}

void
tcp_plan_make(struct tcpcb *tp, struct tcp_plan *pl)
{
	struct socket *so = tp->t_inpcb->inp_socket;
	uint32_t avail = sbavail(&so->so_snd), from;
	int64_t len;

	pl->pl_again = false;
	pl->pl_hole = NULL;
	pl->pl_off = tp->snd_nxt - tp->snd_una;
	pl->pl_sendwin = imin(tp->snd_wnd, tp->snd_cwnd);
	pl->pl_flags = tcp_outflags[tp->t_state];
	tcp_plan_force(tp, pl, avail);
	len = tcp_plan_len(tp, pl, avail);
	/* A SYN that was sent takes one number, but no byte of the buffer. */
	if ((pl->pl_flags & TH_SYN) != 0 && SEQ_GT(tp->snd_nxt, tp->snd_una)) {
		if (tp->t_state != TCPS_SYN_RECEIVED)
			pl->pl_flags &= (uint8_t)~TH_SYN;
		pl->pl_off--;
	}
	/* No data on a SYN, and none before the handshake is done. */
	if (tp->t_state < TCPS_ESTABLISHED)
		len = 0;
	if (len <= 0) {
		len = 0;
		tcp_plan_closed(tp, pl, avail);
		pl->pl_off = tp->snd_nxt - tp->snd_una;
	}
	if (len > tcp_maxseg(tp)) {
		len = tcp_maxseg(tp);
		pl->pl_again = true;
	}
	pl->pl_len = (uint32_t)len;
	from = pl->pl_hole != NULL ? pl->pl_hole->rxmit : tp->snd_nxt;
	if (SEQ_LT(from + pl->pl_len, tp->snd_una + avail))
		pl->pl_flags &= (uint8_t)~TH_FIN;
	pl->pl_recwin =
	    imin(sbspace(&so->so_rcv), (uint32_t)TCP_MAXWIN << tp->rcv_scale);
}

/* What a SYN says. */
static void
tcp_syn_options(struct tcpcb *tp, const struct tcp_plan *pl, struct tcpopt *to)
{
	const struct inpcb *inp = tp->t_inpcb;

	tp->snd_nxt = tp->iss;
	to->to_hasmss = true;
	to->to_mss =
	    (uint16_t)tcp_mssopt(tp->t_inpcb->inp_fib, tp->t_inpcb->inp_faddr);
	if (tp->t_usermss != 0)
		to->to_mss = (uint16_t)imin(to->to_mss, tp->t_usermss);
	/* A SYN,ACK scales only if the SYN did: RFC 7323 2.2. */
	if ((tp->t_flags & TF_REQ_SCALE) != 0 &&
	    ((pl->pl_flags & TH_ACK) == 0 ||
		(tp->t_flags & TF_RCVD_SCALE) != 0)) {
		to->to_hasscale = true;
		to->to_wscale = tp->request_r_scale;
	}
	if ((tp->t_flags & TF_REQ_TSTMP) != 0) {
		/* A SYN that fails leaves no trace: ts_offset is set later. */
		tcp_ts_option(tp, to);
		to->to_tsval = tcp_ts_getticks() +
			       tcp_new_ts_offset(inp->inp_laddr, inp->inp_lport,
				   inp->inp_faddr, inp->inp_fport);
	}
	/* tcp_peerscale() has taken it back if the peer did not ask. */
	to->to_sackperm = (tp->t_flags & TF_SACK_PERMIT) != 0;
}

void
tcp_plan_options(struct tcpcb *tp, struct tcp_plan *pl)
{
	bool syn = (pl->pl_flags & TH_SYN) != 0;
	bool ts = (tp->t_flags & TF_RCVD_TSTMP) != 0;
	struct tcpopt to;

	pl->pl_optlen = 0;
	if (!syn && !ts && tp->t_sack == NULL)
		return;
	memset(&to, 0, offsetof(struct tcpopt, to_sacks));
	if (syn) {
		tcp_syn_options(tp, pl, &to);
	} else {
		if (ts)
			tcp_ts_option(tp, &to);
		tcp_sack_report(tp, &to);
	}
	if ((tp->t_flags & TF_NOOPT) != 0)
		return;
	pl->pl_optlen = tcp_addoptions(&to, pl->pl_opt);
	/* Options take their room from the data: RFC 6691. */
	if (pl->pl_len + pl->pl_optlen > tp->t_maxseg &&
	    tp->t_maxseg > pl->pl_optlen) {
		pl->pl_len = tp->t_maxseg - pl->pl_optlen;
		pl->pl_flags &= (uint8_t)~TH_FIN;
		pl->pl_again = true;
	}
}

uint16_t
tcp_plan_window(struct tcpcb *tp, struct tcp_plan *pl)
{
	const struct sockbuf *sb = &tp->t_inpcb->inp_socket->so_rcv;
	uint32_t win;

	/* RFC 7323 2.2: the window of a SYN is never scaled. */
	if ((pl->pl_flags & TH_SYN) != 0) {
		pl->pl_recwin = imin(sbspace(sb), TCP_MAXWIN);
		return ((uint16_t)pl->pl_recwin);
	}
	/* RFC 9293 3.8.6.2.2, and never take back what was offered. */
	if (pl->pl_recwin < sb->sb_hiwat / 4 && pl->pl_recwin < tp->t_maxseg)
		pl->pl_recwin = 0;
	if (SEQ_GT(tp->rcv_adv, tp->rcv_nxt))
		pl->pl_recwin = imax(pl->pl_recwin, tp->rcv_adv - tp->rcv_nxt);
	pl->pl_recwin =
	    imin(pl->pl_recwin, (uint32_t)TCP_MAXWIN << tp->rcv_scale);
	win = howmany(pl->pl_recwin, 1u << tp->rcv_scale);
	win = imin(win, TCP_MAXWIN);
	pl->pl_recwin = win << tp->rcv_scale;
	if (win == 0) {
		tp->t_flags |= TF_RXWIN0SENT;
		tp->t_sndzerowin++;
	} else {
		tp->t_flags &= ~(uint32_t)TF_RXWIN0SENT;
	}
	return ((uint16_t)win);
}
