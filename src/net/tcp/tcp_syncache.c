/*
 * tcp_syncache.c - the SYN cache: what a segment does with an entry.
 *
 * Theory of operation
 * ===================
 *
 * A SYN for a listener makes no socket.  It makes an entry of some hundred
 * bytes, which knows what the SYN,ACK said and what the peer's SYN asked for;
 * the ACK of the SYN,ACK turns it into a socket in SYN_RECEIVED, and takes the
 * usual steps with it.
 *
 *	SYN            entry and SYN,ACK; again: SYN,ACK once more
 *	ACK            exact: a socket.  Entry gone in any case
 *	RST            at RCV.NXT: entry gone; in the window: challenge ACK
 *	SYN,ACK        entry gone, RST
 *	unreachable    the second one, after three retransmissions: gone
 *	timer          SYN,ACK again, rexmtlimit (3) times: after 1, 2.2 and
 *	               4.2 s; gone 8.2 s later
 *
 * An entry does not know its listener, only the listener's credential, which
 * pins the prison.  If the listener is closed meanwhile the ACK finds nobody
 * and is reset.  When a jail dies its entries are reset or dropped as the
 * close policy says: syncache_kill(), syncache_cut().
 *
 * Data and FIN on a SYN are ignored: the peer sends them again.  No socket can
 * be made (listen queue, memory): RST, or with rst_on_sock_fail=0 silence.
 *
 * While the cache pauses (tcp_sctable.c) newcomers get cookies, but an entry
 * that is there goes on.  FreeBSD hides it: it would repeat its SYN,ACK to a
 * peer that has been told otherwise, and miss the RST.
 *
 * FreeBSD: sys/netinet/tcp_syncache.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_ecn.h"
#include "src/net/tcp/tcp_syncache.h"

/* Options of a SYN,ACK. */
static uint32_t
syncache_options(const struct syncache *sc, uint8_t *buf)
{
	struct tcpopt to;

	if ((sc->sc_flags & SCF_NOOPT) != 0)
		return (0);
	memset(&to, 0, sizeof(to));
	to.to_hasmss = true;
	to.to_mss = (uint16_t)imax(
	    tcp_mssopt(sc->sc_fib, sc->sc_faddr), (uint32_t)V_tcp.minmss);
	if ((sc->sc_flags & SCF_WINSCALE) != 0) {
		to.to_hasscale = true;
		to.to_wscale = sc->sc_requested_r_scale;
	}
	to.to_sackperm = (sc->sc_flags & SCF_SACK) != 0;
	if ((sc->sc_flags & SCF_TIMESTAMP) != 0) {
		to.to_hasts = true;
		to.to_tsval = tcp_ts_getticks() +
			      tcp_new_ts_offset(sc->sc_laddr, sc->sc_lport,
				  sc->sc_faddr, sc->sc_fport);
		to.to_tsecr = sc->sc_tsreflect;
	}
	return (tcp_addoptions(&to, buf));
}

int
syncache_respond(const struct syncache *sc, uint8_t flags)
{
	struct tcp_way tw = {
		.tw_laddr = sc->sc_laddr,
		.tw_faddr = sc->sc_faddr,
		.tw_ports = { sc->sc_lport, sc->sc_fport },
		.tw_ttl = sc->sc_ttl,
		.tw_tos = sc->sc_tos,
		.tw_fib = sc->sc_fib,
	};
	struct tcp_say ts = {
		.ts_seq = sc->sc_iss + ((flags & TH_SYN) == 0),
		.ts_ack = sc->sc_irs + 1,
		.ts_win = sc->sc_wnd,
		.ts_flags = flags,
	};

	if ((flags & TH_RST) != 0)
		ts.ts_win = 0;
	if ((flags & TH_SYN) != 0) {
		ts.ts_optlen = syncache_options(sc, ts.ts_opt);
		if ((sc->sc_flags & SCF_ECN) != 0) {
			ts.ts_flags |= TH_ECE;
			TCPSTAT_INC(ecn_shs);
		}
	}
	return (tcp_emit(&tw, &ts));
}

/* What the SYN says, and what we answer. */
static void
syncache_fill(struct syncache *sc, const struct tcpcb *head,
    const struct tcp_seg *sg, uint32_t row)
{
	const struct inpcb *inp = head->t_inpcb;
	const struct tcpopt *to = &sg->sg_opt;

	sc->sc_laddr = sg->sg_dst;
	sc->sc_faddr = sg->sg_src;
	sc->sc_lport = sg->sg_dport;
	sc->sc_fport = sg->sg_sport;
	sc->sc_ttl = inp->inp_ttl;
	sc->sc_tos = inp->inp_tos;
	sc->sc_fib = inp->inp_fib;
	sc->sc_irs = sg->sg_seq;
	sc->sc_wnd =
	    (uint16_t)imin(inp->inp_socket->so_rcv.sb_hiwat, TCP_MAXWIN);
	sc->sc_peer_mss = to->to_hasmss ? to->to_mss : 0;
	if ((head->t_flags & TF_NOOPT) != 0)
		sc->sc_flags |= SCF_NOOPT;
	else if (to->to_hasscale && V_tcp.rfc1323 != 0) {
		sc->sc_requested_r_scale = tcp_request_scale();
		sc->sc_requested_s_scale = to->to_wscale;
		sc->sc_flags |= SCF_WINSCALE;
	}
	if (to->to_hasts && V_tcp.rfc1323 != 0) {
		sc->sc_tsreflect = to->to_tsval;
		sc->sc_flags |= SCF_TIMESTAMP;
	}
	if (to->to_sackperm && V_tcp.sack_enable != 0)
		sc->sc_flags |= SCF_SACK;
	if (tcp_ecn_syncache_add(sg))
		sc->sc_flags |= SCF_ECN;
	if (V_tcp.syncookies != 0 || V_tcp.syncookiesonly != 0)
		sc->sc_iss = syncookie_generate(sc, row);
	else
		sc->sc_iss = tcp_isn(
		    sc->sc_laddr, sc->sc_lport, sc->sc_faddr, sc->sc_fport);
}

/* The SYN again: our SYN,ACK may be lost. */
static void
syncache_again(struct syncache *sc)
{
	TCPSTAT_INC(sc_dupsyn);
	if (syncache_respond(sc, TH_SYN | TH_ACK) == 0) {
		syncache_timeout(sc, true);
	} else {
		syncache_drop(sc);
		TCPSTAT_INC(sc_dropped);
	}
}

/* A SYN,ACK whose ISS is all that we remember. */
static void
syncache_cookie(
    const struct tcpcb *head, const struct tcp_seg *sg, uint32_t row)
{
	struct syncache scs;

	memset(&scs, 0, sizeof(scs));
	syncache_fill(&scs, head, sg, row);
	scs.sc_flags &= (uint16_t)~SCF_ECN;
	if (syncache_respond(&scs, TH_SYN | TH_ACK) != 0)
		TCPSTAT_INC(sc_dropped);
	syncookie_owe();
}

void
syncache_add(const struct tcpcb *head, struct tcp_seg *sg)
{
	uint32_t row = syncache_row(sg);
	struct syncache *sc;

	sc = syncache_lookup(sg);
	if (sc != NULL) {
		syncache_again(sc);
		return;
	}
	if (syncache_cookiesonly()) {
		syncache_cookie(head, sg, row);
		return;
	}
	sc = syncache_alloc(row);
	if (sc == NULL) {
		if (V_tcp.syncookies != 0) {
			V_tcp.sc_nomem = vtime() + SYNCOOKIE_LIFETIME;
			syncache_cookie(head, sg, row);
		} else {
			tcp_seg_drop(sg, DROP_NOMEM);
		}
		return;
	}
	syncache_fill(sc, head, sg, row);
	ref_take(&sc->sc_cred, ref_get(&head->t_inpcb->inp_cred), "sc_cred");
	if (syncache_respond(sc, TH_SYN | TH_ACK) == 0) {
		syncache_insert(sc);
	} else {
		syncache_free(sc);
		TCPSTAT_INC(sc_dropped);
		tcp_seg_drop(sg, DROP_NOMEM);
	}
}

/* What a child takes over from its listener. */
static void
tcp_inherit(struct tcpcb *tp, const struct tcpcb *head)
{
	tp->t_flags |= head->t_flags & (TF_NODELAY | TF_NOPUSH);
	tp->t_usermss = head->t_usermss;
	tp->t_keepinit = head->t_keepinit;
	tp->t_keepidle = head->t_keepidle;
	tp->t_keepintvl = head->t_keepintvl;
	tp->t_keepcnt = head->t_keepcnt;
	tp->t_maxunacktime = head->t_maxunacktime;
}

/* As if the SYN had come and the SYN,ACK had been sent by this tcpcb. */
static void
syncache_start(struct tcpcb *tp, const struct syncache *sc)
{
	struct tcpopt to;

	memset(&to, 0, sizeof(to));
	to.to_hasmss = sc->sc_peer_mss != 0;
	to.to_mss = sc->sc_peer_mss;
	to.to_hasscale = (sc->sc_flags & SCF_WINSCALE) != 0;
	to.to_wscale = sc->sc_requested_s_scale;
	to.to_sackperm = (sc->sc_flags & SCF_SACK) != 0;
	to.to_hasts = (sc->sc_flags & SCF_TIMESTAMP) != 0;
	to.to_tsval = sc->sc_tsreflect;
	tp->iss = sc->sc_iss;
	tp->irs = sc->sc_irs;
	tcp_rcvseqinit(tp);
	tcp_sendseqinit(tp);
	tp->snd_wl1 = sc->sc_irs;
	tp->snd_max = tp->snd_nxt = tp->iss + 1;
	tp->rcv_wnd = sc->sc_wnd;
	tp->rcv_adv += sc->sc_wnd;
	tp->t_flags &= ~(uint32_t)(TF_REQ_SCALE | TF_REQ_TSTMP);
	if (to.to_hasts)
		tp->t_flags |= TF_REQ_TSTMP;
	if ((sc->sc_flags & SCF_NOOPT) != 0)
		tp->t_flags |= TF_NOOPT;
	if ((sc->sc_flags & SCF_WINSCALE) != 0) {
		tp->t_flags |= TF_REQ_SCALE;
		tp->request_r_scale = sc->sc_requested_r_scale;
	}
	tcp_peerscale(tp, &to);
	tcp_mss(tp, &to);
	if ((sc->sc_flags & SCF_ECN) != 0)
		tp->t_flags2 |= TF2_ECN_PERMIT;
	/* RFC 5681 section 3.1: tcp_cc_conn_init() sees it */
	if (sc->sc_rxmits > 1)
		tp->snd_cwnd = 1;
	tp->t_flags |= TF_CHILD;
	tp->t_inpcb->inp_ttl = sc->sc_ttl;
	tp->t_inpcb->inp_tos = sc->sc_tos;
}

/* Return: a child in SYN_RECEIVED, or NULL: no room, no memory. */
static struct tcpcb *
syncache_socket(const struct syncache *sc, const struct tcpcb *head)
{
	struct socket *so = sonewconn(head->t_inpcb->inp_socket, 0);
	struct inpcb *inp;
	struct tcpcb *tp;

	if (so == NULL) {
		TCPSTAT_INC(listendrop);
		return (NULL);
	}
	inp = sotoinpcb(so);
	tp = intotcpcb(inp);
	if (in_pcbinshash(inp, sc->sc_laddr, sc->sc_lport, sc->sc_faddr,
		sc->sc_fport) != 0) {
		tcp_sockref(inp);
		tcp_close(tp);
		TCPSTAT_INC(listendrop);
		return (NULL);
	}
	tcp_inherit(tp, head);
	syncache_start(tp, sc);
	tcp_sockref(inp);
	tcp_state_change(tp, TCPS_SYN_RECEIVED);
	tcp_timer_activate(tp, TT_KEEP, tcp_keepinit(tp));
	TCPSTAT_INC(accepts);
	return (tp);
}

/* The ACK of exactly our SYN, from within the window that it offered. */
static bool
syncache_exact(const struct syncache *sc, const struct tcp_seg *sg)
{
	return (sg->sg_ack == sc->sc_iss + 1 &&
		SEQ_GT(sg->sg_seq, sc->sc_irs) &&
		SEQ_LEQ(sg->sg_seq, sc->sc_irs + sc->sc_wnd));
}

/* Entry of an ACK, in the cache or, written into @scs, from its cookie. */
static struct syncache *
syncache_find(
    const struct tcpcb *head, const struct tcp_seg *sg, struct syncache *scs)
{
	uint32_t row = syncache_row(sg);
	struct syncache *sc = syncache_lookup(sg);

	if (sc != NULL)
		return (sc);
	/* No cookie was sent: an ACK out of the blue. */
	if (!syncache_cookiesonly() &&
	    (V_tcp.syncookies == 0 || !syncache_overflowed(row)))
		return (NULL);
	memset(scs, 0, sizeof(*scs));
	return (syncookie_lookup(scs, row, sg, head) ? scs : NULL);
}

enum syncache_found
syncache_expand(
    const struct tcpcb *head, const struct tcp_seg *sg, struct tcpcb **child)
{
	struct syncache scs, *sc = syncache_find(head, sg, &scs);

	*child = NULL;
	if (sc == NULL)
		return (SC_NONE);
	if (!syncache_exact(sc, sg)) {
		if (sc != &scs)
			syncache_drop(sc);
		return (SC_NONE);
	}
	/* The child holds what the entry holds before that lets go. */
	*child = syncache_socket(sc, head);
	if (sc != &scs)
		syncache_drop(sc);
	if (*child == NULL) {
		TCPSTAT_INC(sc_aborted);
		return (SC_FAILED);
	}
	TCPSTAT_INC(sc_completed);
	return (SC_CHILD);
}

void
syncache_chkrst(const struct tcp_seg *sg)
{
	struct syncache *sc = syncache_lookup(sg);
	uint32_t nxt;

	if (sc == NULL) {
		TCPSTAT_INC(badrst);
		return;
	}
	nxt = sc->sc_irs + 1;
	if (!(SEQ_GEQ(sg->sg_seq, nxt) &&
		SEQ_LT(sg->sg_seq, nxt + sc->sc_wnd)) &&
	    sg->sg_seq != nxt) {
		TCPSTAT_INC(badrst);
		return;
	}
	if (sg->sg_seq == nxt || V_tcp.insecure_rst != 0) {
		syncache_drop(sc);
		TCPSTAT_INC(sc_reset);
		return;
	}
	TCPSTAT_INC(badrst);
	if (syncache_respond(sc, TH_ACK) != 0) {
		syncache_drop(sc);
		TCPSTAT_INC(sc_dropped);
	}
}

void
syncache_badack(const struct tcp_seg *sg)
{
	struct syncache *sc = syncache_lookup(sg);

	if (sc == NULL)
		return;
	syncache_drop(sc);
	TCPSTAT_INC(sc_badack);
}

void
syncache_unreach(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport,
    uint32_t seq)
{
	struct tcp_seg sg = { .sg_src = faddr,
		.sg_sport = fport,
		.sg_dst = laddr,
		.sg_dport = lport };
	struct syncache *sc = syncache_lookup(&sg);

	if (sc == NULL || seq != sc->sc_iss)
		return;
	/* One may pass, and so may an outage: see tcp_notify(). */
	if ((sc->sc_flags & SCF_UNREACH) == 0 || sc->sc_rxmits < 3 + 1) {
		sc->sc_flags |= SCF_UNREACH;
		return;
	}
	syncache_drop(sc);
	TCPSTAT_INC(sc_unreach);
}

const struct syncache *
syncache_nth(uint32_t n)
{
	const struct tcp_syncache *sy = V_tcp.syncache;
	const struct syncache *sc;

	for (unsigned i = 0; sy != NULL && i < nitems(sy->sc_due); i++)
		TAILQ_FOREACH (sc, &sy->sc_due[i], sc_rxq)
			if (n-- == 0)
				return (sc);
	return (NULL);
}
