/*
 * tcp_var.h - control blocks, state per vnet, and who does what in TCP.
 *
 * A segment in:   tcp_input -> CLOSED/LISTEN  tcp_listen.c, tcp_syncache.c
 *                              SYN_SENT       tcp_synsent.c
 *                              TIME_WAIT      tcp_timewait.c
 *                              all others     tcp_segment.c, the RFC's steps
 *                 steps decide (verdicts), tcp_finish() acts
 * A segment out:  tcp_output (connections), tcp_respond (answers) ->
 *                 V_tcp.lower -> ip_output
 *
 * A connection is a socket, an inpcb and a tcpcb.  The tcpcb is born by
 * pru_attach and dies by tcp_discardcb(); the inpcb holds the credential, so
 * a connection, TIME_WAIT included, pins its prison.
 *
 * Times are virtual ns.  FreeBSD: sys/netinet/tcp_var.h.
 */
#ifndef SRC_NET_TCP_TCP_VAR_H
#define SRC_NET_TCP_TCP_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/drop.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/socketvar.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/tcp/tcp.h"
#include "src/net/tcp/tcp_flags.h"
#include "src/net/tcp/tcp_fsm.h"
#include "src/net/tcp/tcp_seq.h"
#include "src/net/tcp/tcp_stat.h"

/* One mbuf with its header in the ledger: what a goodbye costs. */
#define TCP_RESERVE (MSIZE + 32)

/* tcp_destroy() waits this long at most, DESIGN 6 (order freebsd-13). */
#define TCP_DESTROY_BOUND (3600 * NS_S)

/* FreeBSD's constants, tcp_timer.h. */
#define TCPTV_REXMTMAX  (64 * NS_S)
#define TCPTV_GRAIN     NS_MS /* G of RFC 6298: one tick */
#define TCP_MAXRXTSHIFT 12
#define TCP_MAXPERSIST  (7200 * NS_S) /* tcp_maxpersistidle */

enum tcp_timer { TT_REXMT, TT_PERSIST, TT_KEEP, TT_2MSL, TT_DELACK, TT_N };

/* A run of bytes that arrived out of order. */
struct tseg_qent {
	LIST_ENTRY(tseg_qent) tqe_q;
	struct mbuf *tqe_m; /* (o) NULL: a lone FIN */
	uint32_t tqe_start; /* first sequence number */
	uint32_t tqe_len;   /* bytes; without the FIN */
	bool tqe_fin;       /* a FIN follows the bytes */
};

struct tcpcb {
	struct inpcb *t_inpcb; /* (b) owns it; NULL once TF_GONE */
	uint32_t t_flags;      /* enum tcp_flags */
	uint8_t t_state;       /* enum tcp_state; one writer: tcp_fsm.c */
	uint8_t t_rxtshift;    /* backoff: retransmissions so far */
	uint8_t t_dupacks;
	uint8_t t_timers; /* bit per enum tcp_timer: armed and wanted */
	/* RFC 9293 section 3.3.1 */
	uint32_t snd_una;
	uint32_t snd_nxt;
	uint32_t snd_max; /* highest sent, plus one */
	uint32_t snd_wl1;
	uint32_t snd_wl2;
	uint32_t iss;
	uint32_t snd_wnd;
	uint32_t max_sndwnd; /* largest the peer ever offered */
	uint32_t rcv_nxt;
	uint32_t rcv_wnd;
	uint32_t rcv_adv; /* right edge advertised */
	uint32_t irs;
	uint32_t snd_up, rcv_up; /* behind the urgent byte: tcp_urgent.c */
	uint32_t last_ack_sent;
	/* RFC 7323, ms */
	uint32_t ts_offset, ts_recent, ts_recent_age;
	/* congestion control: tcp_cc.c */
	uint32_t snd_cwnd;
	uint32_t snd_ssthresh;
	uint32_t t_bytes_acked;
	uint32_t snd_recover; /* recovery ends when this is ACKed */
	/* before the last timeout, with TF_PREVVALID */
	uint32_t snd_cwnd_prev, snd_ssthresh_prev, snd_recover_prev;
	uint32_t t_rttupdated; /* round trips measured */
	int64_t t_badrxtwin;   /* an ACK before this: it was too early */
	uint16_t t_maxseg;     /* bytes of data and options in a segment */
	uint8_t snd_scale, rcv_scale;
	uint8_t request_r_scale;  /* ours, to be offered */
	uint8_t snd_limited;      /* segments of limited transmit */
	uint8_t t_draincnt;       /* claimed callouts, once TF_GONE */
	uint8_t t_flags2;         /* enum tcp_flags2 */
	uint8_t t_oobflags;       /* enum tcp_oobflags */
	uint8_t t_iobc;           /* the urgent byte */
	uint8_t t_ackwar;         /* answers since t_ackwar_start */
	uint16_t t_usermss;       /* TCP_MAXSEG, 0: not set */
	int32_t t_softerror;      /* VE_, possible reason of a timeout */
	uint32_t t_rtseq;         /* being timed, with TF_RTT */
	int64_t t_rtttime;        /* sent at */
	int64_t t_srtt, t_rttvar; /* RFC 6298; 0: no sample yet */
	int64_t t_rxtcur;         /* RTO now */
	int64_t t_rcvtime;        /* last segment from the peer */
	uint32_t t_keepinit;      /* ms; 0: the vnet's */
	uint32_t t_keepidle;      /* ms */
	uint32_t t_keepintvl;     /* ms */
	uint32_t t_keepcnt;       /* 0: the vnet's */
	uint32_t t_maxunacktime;  /* ms; 0: the vnet's */
	uint32_t t_rttlow;        /* shortest round trip, us; 0: none */
	/* data are unacknowledged, or there was progress, since; 0: none */
	int64_t t_acktime;
	/* for TCP_INFO and the host cache */
	uint32_t t_sndrexmitpack;       /* segments with data sent again */
	uint32_t t_rcvoopack;           /* out of order */
	uint32_t t_sndzerowin;          /* zero windows advertised */
	uint32_t t_segqlen;             /* entries of t_segq */
	LIST_HEAD(, tseg_qent) t_segq;  /* (o) by tqe_start, no overlap */
	uint32_t t_ackwar_start;        /* ms: tcp_segment.c */
	struct tcp_sack *t_sack;        /* (o) NULL until needed: tcp_sack.h */
	struct callout t_callout[TT_N]; /* (t) by enum tcp_timer */
	LIST_ENTRY(tcpcb) t_drain;      /* V_tcp.drain, once TF_GONE */
};
_Static_assert(sizeof(struct tcpcb) <= 640, "an idle connection is small");

struct tcp_seg;
struct vnetsim_tcp_info;

#define intotcpcb(inp) ((struct tcpcb *)(inp)->inp_ppcb)
#define sotoinpcb(so)  ((struct inpcb *)(so)->so_pcb)

/* The way down: IP, or a test that looks at what comes. */
struct tcp_lower {
	/* takes @m; starts at the TCP header.  Return: as ip_output() */
	int (*tl_output)(struct mbuf *m __takes, uint32_t src, uint32_t dst,
	    uint8_t ttl, uint8_t tos);
	uint32_t (*tl_mtu)(uint32_t fib, uint32_t dst); /* 0: no route */
	bool (*tl_local)(uint32_t addr);                /* is it ours? */
	bool (*tl_bcast)(uint32_t addr); /* broadcast or multicast? */
	bool (*tl_bandlim)(int which);   /* BANDLIM_: may it be sent? */
};
extern const struct tcp_lower tcp_lower_ip;

/* RFC 6528's secret. */
struct tcp_isn {
	uint64_t isn_secret;
};

enum tcp_farewell_state {
	FW_NONE, /* not begun */
	FW_WAIT, /* graceful: connections may end by themselves */
	FW_CUT,  /* the rest is to be reset */
	FW_LAME, /* answering challenge ACKs */
	FW_DONE,
};

struct vnet_tcp {
	struct inpcbinfo tcbinfo;
	const struct tcp_lower *lower; /* (c) constant */
	struct tcp_isn *isn;           /* (o) */
	struct tcp_syncache *syncache; /* (o) NULL until the first SYN */
	LIST_HEAD(, tcpcb) drain;      /* discarded, callouts claimed */
	bool registered;               /* with the socket layer */
	bool waited;                   /* tcp_destroy has waited */
	/* farewell: tcp_farewell.c */
	uint8_t fw_state; /* enum tcp_farewell_state */
	bool fw_expired;  /* T has passed */
	uint32_t nactive; /* connections in TCPS_ACTIVE states */
	int64_t fw_lame;  /* end of the lame duck, virtual ns */
	struct waitq fw_wq;
	struct callout fw_timer;
	/* outcomes of connections that were established */
	uint32_t finned, reset, abandoned;
	uint32_t sc_count; /* entries of the SYN cache */
	int64_t sc_nomem;  /* no memory for a SYN: cookies count until then */
	/* net.inet.tcp.*: tcp_sysctl.c; times in ns */
	int32_t always_keepalive;
	int32_t blackhole;
	int32_t blackhole_local;
	int32_t delayed_ack;
	int32_t drop_synfin;
	int32_t ecn_enable;
	int32_t ecn_maxretries;
	int32_t fast_finwait2_recycle;
	int32_t icmp_may_rst;
	int32_t initcwnd_segments;
	int32_t insecure_ack;
	int32_t insecure_rst;
	int32_t insecure_syn;
	int32_t keepcnt;
	int32_t minmss;
	int32_t mssdflt;
	int32_t nolocaltimewait;
	int32_t path_mtu_discovery;
	int32_t recvspace;
	int32_t rexmit_drop_options;
	int32_t retries;
	int32_t rfc1323;
	int32_t rfc3465;
	int32_t abc_l_var;
	int32_t sendspace;
	int32_t reass_maxqueuelen;
	int32_t syncookies;
	int32_t syncookiesonly;
	int32_t sc_bucketlimit;
	int32_t sc_cachelimit;
	int32_t sc_hashsize;
	int32_t sc_rexmtlimit;
	int32_t sc_rst_on_sock_fail;
	int32_t do_prr;
	int32_t ack_war_cnt;
	int32_t rfc3042;
	int32_t sack_enable;
	int32_t sack_maxholes;
	int32_t sack_globalmaxholes;
	uint32_t sack_globalholes; /* of all connections */
	int64_t ack_war_timewindow;
	int64_t delacktime;
	int64_t finwait2_timeout;
	int64_t keepidle;
	int64_t keepinit;
	int64_t keepintvl;
	int64_t maxunacktime; /* 0: no limit */
	int64_t msl;
	int64_t persmax;
	int64_t persmin;
	int64_t rexmit_initial;
	int64_t rexmit_min;
	int64_t rexmit_slop;
};
VNET_STATE(tcp, struct vnet_tcp);
#define V_tcp VNET(tcp)

extern const struct uma_zone tcpcb_zone;
extern const struct uma_zone tseg_zone;
extern const struct uma_zone tcp_sack_zone, sackhole_zone;
extern const struct protosw tcp_protosw;
extern const struct sysctl_oid tcp_sysctls[];
#define TCP_NSYSCTLS 55

/* tcp_subr.c, tcp_cb.c: life of a control block. */

/**
 * tcp_newtcpcb() - a control block, in state CLOSED, without a pcb yet
 *
 * Sets one mbuf aside for the goodbye.
 * Return:	the tcpcb, or NULL: no memory (nothing has changed).
 */
struct tcpcb *tcp_newtcpcb(void);

/* The end of one that never got a pcb. */
void tcp_freetcpcb(struct tcpcb *tp);

/**
 * tcp_discardcb() - the end of a control block
 * @tp:	not in the hash any more; its outcome is counted, its timers stop
 *
 * While a claimed callout has yet to run the memory waits on V_tcp.drain.
 */
void tcp_discardcb(struct tcpcb *tp);

/**
 * tcp_drained() - a claimed callout of a discarded tcpcb has run
 * @tp:	TF_GONE; freed with the last one
 */
void tcp_drained(struct tcpcb *tp);

/**
 * tcp_new_isn() - initial sequence number, RFC 6528
 * @inp:	with all four of the tuple set
 *
 * Return:	M + F(tuple, secret): M counts 4 us of virtual time.
 */
uint32_t tcp_new_isn(const struct inpcb *inp);
uint32_t tcp_isn(
    uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport);

/* Set sequence variables at the begin of a connection. */
void tcp_sendseqinit(struct tcpcb *tp);
void tcp_rcvseqinit(struct tcpcb *tp);

/* tcp_output.c */

/**
 * tcp_output() - send what may and must be sent now
 * @tp:	connection
 *
 * Nothing leaves a vnet that is past its farewell, or crashed.  No memory for
 * a segment is the same as its loss: timers recover.
 * Return:	0; VE_NETUNREACH, VE_HOSTUNREACH, VE_NETDOWN, VE_HOSTDOWN before
 *		the peer's SYN has come; VE_ACCES.
 */
int tcp_output(struct tcpcb *tp);

/* tcp_respond.c */

/**
 * tcp_respond() - a segment without data, outside the flow
 * @tp:		has a peer
 * @seq:	SEG.SEQ
 * @ack:	SEG.ACK
 * @flags:	TH_
 *
 * In a dying vnet it may draw on the reserve; a silent one sends nothing.
 * Return:	as ip_output(); VE_NOBUFS.
 */
int tcp_respond(
    const struct tcpcb *tp, uint32_t seq, uint32_t ack, uint8_t flags);

/**
 * tcp_reset_peer() - tell the peer that the connection is over
 * @tp:	has a peer
 *
 * RST at SND.MAX; while its window is zero and a probe is unacknowledged
 * also at SND.UNA (DESIGN 6).  Notes how long a challenge ACK may take.
 */
void tcp_reset_peer(struct tcpcb *tp);

/**
 * tcp_owe_answer() - the peer may still ask about a connection that is over
 * @tp:	connection
 *
 * Within one RTO, at most 3 s.  Should the vnet be removed meanwhile, its
 * farewell lasts so long.
 */
void tcp_owe_answer(const struct tcpcb *tp);

/**
 * tcp_challenge() - challenge ACK, RFC 5961 section 3.2
 * @tp:	connection
 *
 * Return:	true if sent, or owed for want of memory; false: suppressed by
 *		the rate limit.
 */
bool tcp_challenge(struct tcpcb *tp);

/**
 * tcp_silent() - may nothing be sent by this vnet any more?
 *
 * Return:	true past the farewell, and from the kill on if it crashed.
 */
bool tcp_silent(void);

/* From the kill on M_RESERVE may be drawn. */
bool tcp_dying(void);

/**
 * tcp_gethdr() - an mbuf for a segment's header
 *
 * Return:	mbuf; NULL: no memory (and, in a dying vnet, no reserve).
 */
struct mbuf *tcp_gethdr(void);

/**
 * tcp_puthdr() - write the fixed header
 * @p:		TCP_HDRLEN bytes
 * @tuple:	local port, foreign port
 * @seq:	SEG.SEQ
 * @ack:	SEG.ACK
 * @flags:	TH_
 * @win:	16 bits as they go on the wire
 * @optlen:	bytes of options behind it
 */
struct tcp_ports {
	uint16_t tp_local, tp_foreign;
};
void tcp_puthdr(uint8_t *p, struct tcp_ports tuple, uint32_t seq, uint32_t ack,
    uint8_t flags, uint16_t win, uint32_t optlen);

/* tcp_timer.c */

/**
 * tcp_timer_activate() - arm, move or stop a timer
 * @tp:		connection
 * @type:	enum tcp_timer
 * @delta:	ns from now; 0: stop
 */
void tcp_timer_activate(struct tcpcb *tp, enum tcp_timer type, int64_t delta);

static inline bool
tcp_timer_active(const struct tcpcb *tp, enum tcp_timer type)
{
	return ((tp->t_timers & 1u << type) != 0);
}

void tcp_timer_init(struct tcpcb *tp);
/* Stop all.  Return: how many were claimed already and will still run. */
uint8_t tcp_timer_stopall(struct tcpcb *tp);
void tcp_setpersist(struct tcpcb *tp);

/* RFC 6298 with FreeBSD's bounds: tcp_rtt.c. */

/**
 * tcp_xmit_timer() - a round trip was measured
 * @tp:		connection
 * @rtt:	ns
 */
void tcp_xmit_timer(struct tcpcb *tp, int64_t rtt);
/* SRTT + max(G, 4 * RTTVAR), at least rexmit_min. */
int64_t tcp_rexmtval(const struct tcpcb *tp);
/* Plus the slop, within [min, max]: TCPT_RANGESET. */
int64_t tcp_rangeset(int64_t value, int64_t min, int64_t max);
/* Factor after @shift retransmissions: 1, 2, 4 .. 512. */
int64_t tcp_backoff(uint32_t shift);
#define TCP_TOTBACKOFF 2559 /* the sum of all */

int64_t tcp_keepinit(const struct tcpcb *tp);
int64_t tcp_keepidle(const struct tcpcb *tp);
int64_t tcp_keepintvl(const struct tcpcb *tp);
/* Without progress for so long a connection ends; 0: never. */
int64_t tcp_maxunacktime(const struct tcpcb *tp);
/* TP_MAXIDLE: keepcnt * keepintvl */
int64_t tcp_maxidle(const struct tcpcb *tp);

/* tcp_close.c */

/**
 * tcp_disconnect() - the user closes
 * @tp:	any state but TIME_WAIT; may be gone afterwards (INP_DROPPED)
 *
 * If the socket's prison is being removed its close policy decides.
 */
void tcp_disconnect(struct tcpcb *tp);

/* The user will not send any more: next state, perhaps NEEDFIN. */
void tcp_usrclosed(struct tcpcb *tp);

/**
 * tcp_drop() - end a connection at once, tell the peer if it knows of us
 * @tp:		gone or INP_DROPPED afterwards
 * @error:	VE_ for the user
 */
void tcp_drop(struct tcpcb *tp, int error);

/**
 * tcp_close() - the connection is over
 * @tp:	gone or INP_DROPPED afterwards
 *
 * Leaves the hash, tells the socket; frees the socket if it was closed.
 */
void tcp_close(struct tcpcb *tp);

/* Socket and pcb part; tcpcb and pcb go. */
void tcp_detach(struct socket *so, struct inpcb *inp);

/* The pcb keeps its socket; tcp_sockrele() takes that back, frees nothing. */
void tcp_sockref(struct inpcb *inp);
void tcp_sockrele(struct inpcb *inp);

/* tcp_timewait.c: enter TIME_WAIT. */
void tcp_twstart(struct tcpcb *tp);

/* tcp_farewell.c */
enum op_verdict tcp_farewell(struct op *op);
enum op_verdict tcp_shutdown(struct op *op);
void tcp_outcome(struct tcpcb *tp);
void tcp_outcomes(struct vnet_outcomes *out);
int64_t tcp_maxrto(void);
/* Some connection left the active states: a waiting farewell looks. */
void tcp_farewell_wake(void);

/* tcp_ctloutput.c: pr_ctloutput.  Return: 0; VE_INVAL; VE_NOPROTOOPT;
 * VE_CONNRESET: the connection is over. */
int tcp_ctloutput(struct socket *so, bool set, int name, int64_t *value);

/* tcp_info.c: TCP_INFO. */
void tcp_fill_info(const struct tcpcb *tp, struct vnetsim_tcp_info *ti);

/* tcp_ctlinput.c */
void tcp_ctlinput(
    enum prc cmd, uint32_t src, uint32_t dst, const uint8_t *l4, uint32_t arg);

/* Segments of at most @mss bytes from now on; what is out is sent again. */
void tcp_mtudisc(struct tcpcb *tp, uint32_t mss);

/**
 * tcp_tcpdrop() - tcpdrop(8), net.inet.tcp.drop
 * @laddr:	own address, host order
 * @lport:	own port
 * @faddr:	peer
 * @fport:	its port
 *
 * Return:	0; VE_SRCH: no such connection.
 */
int tcp_tcpdrop(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport);

/* Defaults of net.inet.tcp.*. */
void tcp_sysctl_defaults(struct vnet_tcp *vt);

VNET_MODULE_DECLARE(tcp);

#endif /* !SRC_NET_TCP_TCP_VAR_H */
