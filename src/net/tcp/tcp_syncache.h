/*
 * tcp_syncache.h - connections that are not one yet: SYN seen, ACK awaited.
 *
 *	tcp_syncache.c   what segments do with an entry
 *	tcp_sctable.c    rows, limits, SYN,ACK again, the end
 *	tcp_syncookie.c  an entry in the sequence number itself
 *
 * Private to TCP.  FreeBSD: sys/netinet/tcp_syncache.[hc]; RFC 4987.
 */
#ifndef SRC_NET_TCP_TCP_SYNCACHE_H
#define SRC_NET_TCP_TCP_SYNCACHE_H

#include "src/net/inet/in_hash.h"
#include "src/net/tcp/tcp_in.h"

/* Both as in FreeBSD. */
#define SYNCOOKIE_LIFETIME       (15 * NS_S) /* one to two of it */
#define SYNCACHE_MAX_BACKOFF     6           /* pauses: 15 s .. 16 min */
#define TCP_SYNCACHE_HASHSIZE    512
#define TCP_SYNCACHE_BUCKETLIMIT 30
#define TCP_SYNCACHE_CACHELIMIT  (TCP_SYNCACHE_HASHSIZE * 30)

enum syncache_flags {
	SCF_NOOPT = 0x01,     /* no options on the SYN,ACK */
	SCF_WINSCALE = 0x02,  /* scaling: both have asked */
	SCF_TIMESTAMP = 0x04, /* timestamps: both have asked */
	SCF_SACK = 0x08,      /* SACK: both have asked */
	SCF_UNREACH = 0x10,   /* an ICMP unreachable has come */
	SCF_ECN = 0x20,       /* ECN: both have asked */
	SCF_CACHED = 0x100,   /* in its row */
};

struct syncache_head;

struct syncache {
	TAILQ_ENTRY(syncache) sc_hash; /* row, oldest first */
	TAILQ_ENTRY(syncache) sc_rxq;  /* of its sc_rxmits, by sc_rxttime */
	struct syncache_head *sc_head; /* (b) its row; NULL: a cookie */
	struct ref sc_cred;            /* (r) the listener's: pins its prison */
	int64_t sc_rxttime;            /* when to send again, virtual ns */
	uint32_t sc_laddr, sc_faddr;   /* host order */
	uint16_t sc_lport, sc_fport;
	uint32_t sc_irs, sc_iss;
	uint32_t sc_tsreflect; /* the peer's timestamp, to be echoed */
	uint16_t sc_peer_mss;  /* 0: not offered */
	uint16_t sc_wnd;       /* what our SYN,ACK offers */
	uint16_t sc_flags;     /* enum syncache_flags */
	uint8_t sc_requested_r_scale, sc_requested_s_scale;
	uint8_t sc_rxmits; /* SYN,ACKs sent */
	uint8_t sc_ttl, sc_tos;
	uint8_t sc_fib; /* the listener's */
};

/* A row with entries, or one that has overflowed not long ago. */
struct syncache_head {
	struct in_hnode sch_hnode; /* in sc_rows */
	uint32_t sch_row;
	uint32_t sch_length;
	int64_t sch_overflow; /* it was full: cookies count until then */
	TAILQ_HEAD(, syncache) sch_bucket;
};

/*
 * All of a vnet, born with its first SYN.  An entry has an mbuf set aside for
 * its RST.
 */
struct tcp_syncache {
	struct in_hash sc_rows;
	uint32_t sc_mask;        /* rows, less one */
	uint32_t sc_backoff;     /* of pauses */
	int64_t sc_pause_until;  /* cookies only until then */
	struct callout sc_timer; /* the earliest sc_rxttime */
	/* by SYN,ACKs sent, each in order of sc_rxttime */
	TAILQ_HEAD(, syncache) sc_due[TCP_MAXRXTSHIFT + 1];
};

extern const struct uma_zone syncache_zone, syncache_head_zone,
    tcp_syncache_zone;

/* What an ACK has found. */
enum syncache_found {
	SC_NONE,   /* nothing: RST */
	SC_FAILED, /* a connection, but no socket for it */
	SC_CHILD,  /* a child in SYN_RECEIVED, on the listener's queue */
};

/**
 * syncache_add() - a SYN for a listener
 * @head:	listener
 * @sg:		SYN alone; dropped if it comes to nothing
 *
 * A repeated SYN draws the SYN,ACK again.  What does not fit replaces the
 * oldest of its row, or lives in a cookie.
 */
void syncache_add(const struct tcpcb *head, struct tcp_seg *sg);

/**
 * syncache_expand() - the ACK of a SYN,ACK makes a socket
 * @head:	listener
 * @sg:		ACK without SYN and RST; untouched
 * @child:	out, with SC_CHILD: has yet to take @sg
 *
 * The entry is gone afterwards, whatever came of it.
 */
enum syncache_found syncache_expand(
    const struct tcpcb *head, const struct tcp_seg *sg, struct tcpcb **child);

/* An RST for a listener: is it about an entry?  RFC 5961 section 3.2. */
void syncache_chkrst(const struct tcp_seg *sg);

/* A SYN,ACK for a listener: the entry is bogus, it goes. */
void syncache_badack(const struct tcp_seg *sg);

/**
 * syncache_respond() - SYN,ACK, or a challenge ACK, to the peer of an entry
 * @sc:		entry, perhaps not in the cache
 * @flags:	TH_SYN | TH_ACK, or TH_ACK
 *
 * Return:	as ip_output(); VE_NOBUFS.
 */
int syncache_respond(const struct syncache *sc, uint8_t flags);

/* tcp_sctable.c */

/* Is the cache out of use, so that everybody gets a cookie? */
bool syncache_cookiesonly(void);

/**
 * syncache_row() - the row of a peer
 * @sg:	segment from it
 *
 * Return:	0 .. hashsize - 1.
 */
uint32_t syncache_row(const struct tcp_seg *sg);

/* Return: the entry of this peer, NULL: none. */
struct syncache *syncache_lookup(const struct tcp_seg *sg);

/* Has this row, or the memory, been full within a cookie's life? */
bool syncache_overflowed(uint32_t row);

/**
 * syncache_alloc() - an entry for a row, in place of its oldest if need be
 * @row:	row
 *
 * Return:	entry, not in its row yet; NULL: cachelimit, or no memory.
 */
struct syncache *syncache_alloc(uint32_t row);

/**
 * syncache_insert() - into its row, which loses its oldest if it is full
 * @sc:	from syncache_alloc(); its SYN,ACK has been sent once
 */
void syncache_insert(struct syncache *sc);

/* (Re)start the timer of an entry; @reset: as after the first SYN,ACK. */
void syncache_timeout(struct syncache *sc, bool reset);

/* Out of the cache, and freed. */
void syncache_drop(struct syncache *sc);

/* The end of one that is not in its row. */
void syncache_free(struct syncache *sc);

/* tcp_syncookie.c */

/**
 * syncookie_generate() - an ISS that says what the entry says
 * @sc:		addresses, ports, IRS, MSS and scale are set
 * @row:	its row
 */
uint32_t syncookie_generate(const struct syncache *sc, uint32_t row);

/*
 * A peer has nothing but a cookie: should the vnet die within its RTO, the
 * farewell lasts so long, so that its ACK is answered by RST.
 */
void syncookie_owe(void);

/**
 * syncookie_lookup() - is this the ACK of a cookie of ours?
 * @sc:		out: filled in as syncache_add() did, as far as a cookie says
 * @row:	row of the peer
 * @sg:		ACK
 * @head:	listener
 *
 * Return:	true; false: no, or too old.
 */
bool syncookie_lookup(struct syncache *sc, uint32_t row,
    const struct tcp_seg *sg, const struct tcpcb *head);

/* For the rest of TCP, and the public interface. */

/**
 * syncache_nth() - the entries one by one, for netstat
 * @n:	0, 1, 2, ...
 *
 * Return:	entry, in order of SYN,ACKs sent and of time; NULL: no more.
 */
const struct syncache *syncache_nth(uint32_t n);

/* ICMP says that the SYN,ACK @seq did not reach the peer. */
void syncache_unreach(uint32_t laddr, uint16_t lport, uint32_t faddr,
    uint16_t fport, uint32_t seq);

/* Reset whoever waits for the end of a handshake. */
void syncache_cut(void);

/**
 * syncache_kill() - a listener of a jail that is being removed closes
 * @inp:	its pcb, still bound
 * @say:	tell the peers by RST
 */
void syncache_kill(const struct inpcb *inp, bool say);

/**
 * syncache_destroy() - drop all in silence, drain the callout, free the cache
 * @op:	the running op
 *
 * Return:	true; false: return OP_WAIT and call again.
 */
bool syncache_destroy(struct op *op);

int syncache_sysctl_hashsize(
    const struct sysctl_oid *oid, int64_t *value, bool write);

#endif /* !SRC_NET_TCP_TCP_SYNCACHE_H */
