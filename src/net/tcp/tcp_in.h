/*
 * tcp_in.h - a segment on its way in: what it says, who decides about it.
 *
 * Private to TCP's input side; see tcp_segment.c for the steps.
 */
#ifndef SRC_NET_TCP_TCP_IN_H
#define SRC_NET_TCP_TCP_IN_H

#include "src/net/tcp/tcp_cc.h"
#include "src/net/tcp/tcp_ts.h"

/* Zones of the module: uz_local. */
enum {
	TCP_Z_CB,
	TCP_Z_SEG,
	TCP_Z_ISN,
	TCP_Z_SC,
	TCP_Z_SCHEAD,
	TCP_Z_SYNCACHE,
	TCP_Z_SACK,
	TCP_Z_SACKHOLE,
};

/* A run of bytes in SACK blocks and holes: [start, end). */
struct sackblk {
	uint32_t start, end;
};

/* Options of a segment: tcp_opt.c. */
struct tcpopt {
	bool to_hasmss, to_hasscale;
	uint16_t to_mss;
	uint8_t to_wscale;
	bool to_sackperm, to_hasts;
	uint8_t to_nsacks;
	uint32_t to_tsval, to_tsecr;
	struct sackblk to_sacks[TCP_MAX_SACK]; /* to_nsacks are valid */
};

/* A segment on its way in. */
struct tcp_seg {
	uint32_t sg_src, sg_dst; /* host order; src is the peer */
	uint16_t sg_sport, sg_dport;
	uint32_t sg_seq, sg_ack;
	uint32_t sg_win; /* bytes: scaled, unless it is a SYN */
	uint32_t sg_len; /* bytes of data */
	uint16_t sg_urp; /* urgent pointer, with TH_URG; else 0 */
	uint8_t sg_flags;
	uint8_t sg_iptos;       /* of its IP header */
	uint8_t sg_ttl, sg_tos; /* of an RST: the socket's; 0: default */
	bool sg_output;         /* something may be sent after the steps */
	bool sg_news;           /* a SACK block said something new */
	bool sg_sacked;         /* there were holes, or there are */
	bool sg_partial;        /* in fast recovery: ACKs a part */
	uint32_t sg_acked;      /* bytes newly ACKed */
	struct mbuf *sg_m;      /* (o) data; NULL once passed on */
	struct tcpopt sg_opt;
	enum drop_reason sg_why; /* for verdicts that drop */
	int sg_error;            /* VE_ for TV_RESET */
};

/* What a step decides. */
enum tcp_verdict {
	TV_NEXT,      /* go on with the next step */
	TV_DROP,      /* drop */
	TV_ACK_DROP,  /* drop; answer by an ACK */
	TV_CHALLENGE, /* drop; answer by a challenge ACK, RFC 5961 */
	TV_RST_DROP,  /* drop; answer by RST */
	TV_DUPACK,    /* a duplicate ACK: tcp_recover.c acts */
	TV_RESET,     /* the peer has reset it: over, sg_error for the user */
	TV_ABORT,     /* we reset it: RST, ECONNRESET for the user */
	TV_LATE,      /* data for a closed socket: RST, over */
	TV_CLOSED,    /* both FINs acknowledged: over */
	TV_TIMEWAIT,  /* the same, but we closed first */
};

/* tcp_opt.c */

/**
 * tcp_dooptions() - read the options of a segment
 * @to:		out
 * @cp:		option bytes
 * @cnt:	how many
 * @syn:	it is a SYN: MSS, window scale and SACK-permitted count only
 *		there, SACK only elsewhere
 *
 * A malformed option ends the walk; what was read before it counts.
 * RFC 9293 section 3.1; RFC 7323 2.2 and 3.2; RFC 2018 section 2 and 3.
 */
void tcp_dooptions(
    struct tcpopt *to, const uint8_t *cp, uint32_t cnt, bool syn);

/**
 * tcp_addoptions() - write options in FreeBSD's order
 * @to:		what to say; blocks of SACK that do not fit are left out
 * @buf:	out, TCP_MAXOLEN bytes
 *
 * Return:	bytes, a multiple of four.
 */
uint32_t tcp_addoptions(const struct tcpopt *to, uint8_t *buf);

/**
 * tcp_mssopt() - MSS to offer to a peer
 * @fib:	routing table
 * @dst:	host order
 *
 * Return:	bytes: MTU of the way less both headers; RFC 6691.
 */
uint32_t tcp_mssopt(uint32_t fib, uint32_t dst);

/**
 * tcp_mss() - settle on a segment size when the peer's SYN has come
 * @tp:		connection
 * @to:		its options
 *
 * Rounds the socket's buffers up to whole segments, as FreeBSD does.
 */
void tcp_mss(struct tcpcb *tp, const struct tcpopt *to);

/**
 * tcp_peerscale() - take over what a SYN says about window scaling and SACK
 * @tp:	connection
 * @to:	options of the peer's SYN
 *
 * What only one side wants is off from here on.
 */
void tcp_peerscale(struct tcpcb *tp, const struct tcpopt *to);

/* Both have asked: from now on windows are scaled. */
void tcp_startscale(struct tcpcb *tp);

/**
 * tcp_request_scale() - scale that a window of sb_max() bytes needs
 *
 * Return:	0..14.
 */
uint8_t tcp_request_scale(void);

/* tcp_input.c and the states. */
void tcp_input(struct mbuf *m __takes, uint32_t hlen);
void tcp_closed_input(struct tcp_seg *sg);
void tcp_listen_input(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_synsent_input(struct tcpcb *tp, struct tcp_seg *sg);
/* Return: true: a new incarnation, look the segment up again. */
bool tcp_timewait_input(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_segment(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_seg_drop(struct tcp_seg *sg, enum drop_reason why);
void tcp_finish(struct tcpcb *tp, struct tcp_seg *sg, enum tcp_verdict v);
/* Is this arriving data to be acknowledged later? */
bool tcp_delay_ack(const struct tcpcb *tp, uint32_t len);
/* Window to be advertised at most now: sets rcv_wnd. */
void tcp_rcvwnd(struct tcpcb *tp);

/* The steps of RFC 9293 section 3.10.7.4. */
enum tcp_verdict tcp_check_paws(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_record_ts(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_check_seq(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_check_rst(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_check_syn(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_check_ack(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_check_urg(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_take_text(struct tcpcb *tp, struct tcp_seg *sg);
enum tcp_verdict tcp_take_fin(struct tcpcb *tp, struct tcp_seg *sg);

/* tcp_ack.c */
void tcp_ack_syn(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_ack_new(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_update_wnd(struct tcpcb *tp, struct tcp_seg *sg);

/* tcp_reass.c */

/**
 * tcp_reass() - keep what is out of order, pass on what is in order now
 * @tp:	connection
 * @sg:	its data is taken; sg_flags keeps TH_FIN only if a FIN is next.
 *	NULL: only pass on
 *
 * Return:	true; false: the queue is full or there is no memory, the data
 *		was dropped (counted).
 */
bool tcp_reass(struct tcpcb *tp, struct tcp_seg *sg);
void tcp_reass_flush(struct tcpcb *tp);

/* tcp_urgent.c */

/**
 * tcp_urgent_pointer() - the urgent pointer of a segment to be sent
 * @tp:		connection
 * @seq:	SEG.SEQ
 *
 * Return:	0: no urgent byte ahead; else the field, at most 65535.
 */
uint16_t tcp_urgent_pointer(const struct tcpcb *tp, uint32_t seq);

/* @n numbers were cut from the begin of a segment. */
void tcp_urgent_trim(struct tcp_seg *sg, uint32_t n);

/**
 * tcp_pulloutofband() - text goes to the user: is the urgent byte in it?
 * @tp:		connection
 * @m:		text; one byte shorter afterwards if it is
 * @seq:	number of its first byte
 */
void tcp_pulloutofband(struct tcpcb *tp, struct mbuf *m, uint32_t seq);

/* The last byte of so_snd is urgent. */
void tcp_sendoob(struct tcpcb *tp);

/* pru_rcvoob.  Return: 0; VE_INVAL: none, taken already, or in the stream;
 * VE_AGAIN: announced, not here yet; VE_CONNRESET. */
int tcp_rcvoob(struct socket *so, uint8_t *byte, bool peek);

/* tcp_respond.c */

/* Between whom a segment goes, and how. */
struct tcp_way {
	uint32_t tw_laddr, tw_faddr;
	struct tcp_ports tw_ports;
	uint8_t tw_ttl, tw_tos, tw_fib;
};

/* What a segment without data says. */
struct tcp_say {
	uint32_t ts_seq, ts_ack;
	uint16_t ts_win; /* as it goes on the wire */
	uint8_t ts_flags;
	uint8_t ts_optlen;
	uint8_t ts_opt[TCP_MAXOLEN];
};

/**
 * tcp_emit() - send a segment without data, of a connection or of none
 * @tw:	way
 * @ts:	header and options
 *
 * Return:	as ip_output(); 0 also in a vnet that is silent; VE_NOBUFS.
 */
int tcp_emit(const struct tcp_way *tw, const struct tcp_say *ts);

/**
 * tcp_dropwithreset() - drop a segment, answer by RST if that is allowed
 * @sg:		taken
 * @why:	reason of the drop
 * @limit:	BANDLIM_, or -1: not limited
 *
 * RFC 9293 section 3.5.2 and 3.10.7.1.  In a dying vnet a segment of a former
 * peer (ACK, no SYN) is answered whatever the limit and blackhole say.
 */
void tcp_dropwithreset(struct tcp_seg *sg, enum drop_reason why, int limit);

#endif /* !SRC_NET_TCP_TCP_IN_H */
