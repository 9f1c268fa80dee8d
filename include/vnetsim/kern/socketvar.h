/*
 * socketvar.h - sockets and their buffers.
 *
 * A socket belongs to the vnet of its creator (so_vnet) and holds its
 * credential, which holds the prison: a socket passed to another jail pins the
 * vnet.  A protocol that outlives close(2) (TCP closing) keeps the socket by
 * SS_PROTOREF until it calls sofree_proto().
 *
 * Blocking calls are ops: so*_op() below.  The non-blocking forms (so*) answer
 * at once.  Wakeups go through waitqs of the socket; conditions are functions.
 * Limits: a backlog is at most kern.ipc.soacceptqueue (128); a listener has at
 * most 3/2 backlog + 1 children; a buffer at most kern.ipc.maxsockbuf bytes.
 * FreeBSD: kern/uipc_socket.c, uipc_sockbuf.c, freebsd-vnet.md 5.1.
 */
#ifndef VNETSIM_KERN_SOCKETVAR_H
#define VNETSIM_KERN_SOCKETVAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/protosw.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>

enum so_state {
	SS_NOFDREF = 0x1,
	SS_ISCONNECTED = 0x2,
	SS_ISCONNECTING = 0x4,
	SS_ISDISCONNECTING = 0x8,
	SS_PROTOREF = 0x10, /* the protocol keeps the closed socket */
	SS_ISDISCONNECTED = 0x2000,
};

enum so_option {
	SO_ACCEPTCONN = 0x2,
	SO_REUSEADDR = 0x4,
	SO_KEEPALIVE = 0x8,
	SO_BROADCAST = 0x20,
	SO_USELOOPBACK = 0x40,
	SO_LINGER = 0x80,
	SO_OOBINLINE = 0x100,
	SO_REUSEPORT = 0x200,
	SO_REUSEPORT_LB = 0x10000,
};

/* Options that are no flags; FreeBSD's numbers. */
enum so_optname {
	SO_SNDBUF = 0x1001,
	SO_RCVBUF = 0x1002,
	SO_SNDLOWAT = 0x1003,
	SO_RCVLOWAT = 0x1004,
	SO_SNDTIMEO = 0x1005, /* ns; 0: none */
	SO_RCVTIMEO = 0x1006,
	SO_ERROR = 0x1007,
	SO_TYPE = 0x1008,
	SO_LISTENQLIMIT = 0x1011,
	SO_LISTENQLEN = 0x1012,
	SO_LISTENINCQLEN = 0x1013,
	SO_PROTOCOL = 0x1016,
	SO_DOMAIN = 0x1019,
	SO_SETFIB = 0x1014, /* set by sock_setfib() of the API */
};

/* Flags of send(2) and recv(2); FreeBSD's numbers. */
enum so_msgflag {
	MSG_OOB = 0x1,
	MSG_PEEK = 0x2,
	MSG_EOR = 0x8,
	MSG_TRUNC = 0x10, /* out */
	MSG_WAITALL = 0x40,
	MSG_DONTWAIT = 0x80,
	MSG_EOF = 0x100,
};

/* poll(2); FreeBSD's numbers. */
enum so_poll {
	POLLIN = 0x1,
	POLLPRI = 0x2,
	POLLOUT = 0x4,
	POLLERR = 0x8,
	POLLHUP = 0x10,
	POLLRDNORM = 0x40,
	POLLINIGNEOF = 0x2000,
};

enum { SHUT_RD, SHUT_WR, SHUT_RDWR };
enum so_qstate { SQ_NONE, SQ_INCOMP, SQ_COMP };

#define SOMAXCONN 128
/*
 * kern.ipc.maxsockbuf, bytes: its default, its least value (an mbuf and a
 * cluster, as FreeBSD), and what no buffer exceeds whatever it says: half of
 * what sequence numbers can tell apart.
 */
#define SB_MAX    (2u << 20)
#define SB_MAXMIN 2304u
#define SB_LIMIT  (1u << 30)

enum sb_state {
	SBS_CANTSENDMORE = 0x10,
	SBS_CANTRCVMORE = 0x20,
	SBS_RCVATMARK =
	    0x40, /* the next byte is, or would be, the urgent one */
};

/*
 * Stream: one chain.  Datagram: records linked by m_nextpkt; each counts
 * SB_RECORD bytes more than its data, as the sender's address does in FreeBSD,
 * so that empty ones fill the buffer, too.
 */
#define SB_RECORD 16
struct sockbuf {
	struct mbuf *sb_mb;         /* (o) */
	struct mbuf *sb_mbtail;     /* (b) last mbuf of a stream */
	struct mbuf *sb_lastrecord; /* (b) */
	struct mbuf *sb_sndptr;     /* (b) stream: where sbsndcopy() was last */
	uint32_t sb_sndptroff;      /* bytes before it */
	uint32_t sb_ccc;            /* bytes in it */
	uint32_t sb_hiwat;          /* limit, bytes */
	uint32_t sb_lowat;
	uint16_t sb_state;  /* enum sb_state */
	int64_t sb_timeo;   /* ns that a call waits at most; 0: for ever */
	struct waitq sb_wq; /* data or room */
};

struct socket {
	uint64_t so_handle;
	const struct protosw *so_proto;
	void *so_pcb;         /* (o by the protocol) inpcb */
	struct vnet *so_vnet; /* (c) */
	struct ref so_cred;   /* (r) ucred */
	uint16_t so_state;    /* enum so_state */
	uint32_t so_options;  /* enum so_option */
	uint8_t so_fibnum;    /* routing table: SO_SETFIB, the process's */
	int32_t so_error;     /* pending error, cleared when reported */
	uint8_t so_protocol;  /* (c) what socket(2) named, 0: the default */
	bool so_killed;       /* closed by SIGKILL, not by the program */
	bool so_busy;         /* within a call that must not free it */
	int64_t so_linger;    /* ns, with SO_LINGER */
	uint32_t so_oobmark;  /* bytes in so_rcv before the urgent one, or 0 */
	struct sockbuf so_rcv, so_snd;
	struct waitq so_wq; /* connected, disconnected, error */
	/* listening */
	uint32_t so_qlimit; /* backlog */
	uint32_t so_qlen, so_incqlen;
	TAILQ_HEAD(, socket) so_comp;   /* complete, not accepted */
	TAILQ_HEAD(, socket) so_incomp; /* embryonic */
	/* child of a listener */
	struct socket *so_listen;    /* (b) NULL once accepted */
	uint8_t so_qstate;           /* enum so_qstate */
	TAILQ_ENTRY(socket) so_list; /* on the listener's queue */
	TAILQ_ENTRY(socket) so_all;  /* vnet's list */
};

/* What a record tells beside its sender; FreeBSD: IP_RECVDSTADDR etc. */
struct so_recinfo {
	uint32_t ri_dst; /* address it was sent to */
	uint8_t ri_ttl, ri_tos;
};

/**
 * socreate() - socket(2)
 * @type:	SOCK_
 * @proto:	IPPROTO_ or 0
 * @cr:		credential; the socket takes a reference
 * @sop:	out
 *
 * Return:	0; VE_PROTONOSUPPORT; VE_PERM: a raw one in a jail that may not;
 *		VE_NOBUFS: no memory.
 */
int socreate(int type, int proto, struct ucred *cr, struct socket **sop);

/* The same of a protocol that no number stands for.  Return: 0 or what
 * pru_attach() said; VE_NOBUFS. */
int socreate_proto(
    const struct protosw *pr, struct ucred *cr, struct socket **sop);

/*
 * Each returns 0 or the errno of FreeBSD's manual page; none blocks.  A socket
 * whose protocol has ended (forced teardown) answers VE_CONNABORTED.
 */
int sobind(struct socket *so, const struct sockaddr_in *sin);
int solisten(struct socket *so, int backlog);
/* @sin NULL: AF_UNSPEC, a datagram socket forgets its peer.  Return: as above;
 * VE_AFNOSUPPORT: @sin is NULL. */
int soconnect(struct socket *so, const struct sockaddr_in *sin);
/**
 * soaccept() - take the oldest complete connection
 * @so:		listening
 * @child:	out: it has no descriptor yet; the caller gives it one (falloc)
 *		or closes it (soclose)
 *
 * Return:	0; VE_AGAIN: none waiting; VE_INVAL: not listening;
 *		VE_CONNABORTED: it was gone already (and is closed), or the
 *		listener is shut down; a pending error.
 */
int soaccept(struct socket *so, struct socket **child);
/* As much of @len as there is room for (stream), or all or nothing (datagram).
 * @done: out, bytes taken.  Return: 0; VE_AGAIN: no room; VE_PIPE; ... */
int sosend(struct socket *so, const void *data, uint32_t len,
    const struct sockaddr_in *to, uint32_t *done);
/* Return: 0 (@done 0: end of file); VE_AGAIN: nothing there yet; VE_NOTCONN;
 * a pending error. */
int soreceive(struct socket *so, void *buf, uint32_t len,
    struct sockaddr_in *from, uint32_t *done);

/* What recvmsg(2) asks for, and what it tells. */
struct somsg {
	void *sm_buf;
	uint32_t sm_len;
	int sm_flags;               /* enum so_msgflag; out: MSG_TRUNC */
	uint32_t sm_done;           /* out: bytes */
	struct sockaddr_in sm_from; /* out: sender of a datagram */
	struct so_recinfo sm_info;  /* out: of a datagram */
	uint32_t sm_ifindex;        /* out: where it came in; 0: nowhere */
};

/**
 * soreceive_msg() - soreceive() with flags, and all that there is to know
 * @so:	socket
 * @sm:	message; MSG_PEEK leaves the bytes where they are
 *
 * MSG_TRUNC is set if a datagram was longer than sm_len; its rest is lost.
 * Return:	as soreceive().
 */
int soreceive_msg(struct socket *so, struct somsg *sm);

/**
 * sopoll() - poll(2) of one socket, without waiting
 * @so:		socket
 * @events:	enum so_poll, what is asked for
 *
 * POLLINIGNEOF in @events: the end of the stream is not readable.
 * Return:	those of @events that hold, and POLLHUP.
 */
int sopoll(const struct socket *so, int events);
/* @how: SHUT_.  Return: 0; VE_INVAL; VE_NOTCONN. */
int soshutdown(struct socket *so, int how);
/**
 * soclose() - the last descriptor is gone
 * @so:	may be freed; it stays while the protocol (SS_PROTOREF) or somebody
 *	with a reference needs it
 *
 * Children that nobody accepted are aborted.  Does not wait, whatever
 * SO_LINGER says: see socket_close().
 * Return:	0, or what pru_disconnect() said.  It is closed in any case.
 */
int soclose(struct socket *so);
/* @name: enum so_option (flags: 0 or 1; SO_LINGER: ns, < 0: off) or enum
 * so_optname.  Return: 0; VE_NOPROTOOPT; VE_INVAL; VE_DOM (linger); VE_NOBUFS
 * (buffer larger than maxsockbuf). */
int sosetopt(struct socket *so, int name, int64_t value);
/* SO_ERROR clears it.  Return: 0; VE_NOPROTOOPT. */
int sogetopt(struct socket *so, int name, int64_t *value);
/* Options of the protocol (TCP_NODELAY).  Return: 0; VE_NOPROTOOPT; ... */
int soctloutput(struct socket *so, bool set, int name, int64_t *value);

/* Called by protocols. */
/* A new child for a listener, state as given (0: embryonic).
 * Return: the child, not accepted yet; NULL: the queue is full (3/2 backlog
 * + 1; counted) or no memory. */
struct socket *sonewconn(struct socket *head, int connstatus);
void soisconnecting(struct socket *so);
void soisconnected(struct socket *so);
void soisdisconnecting(struct socket *so);
void soisdisconnected(struct socket *so);
void socantsendmore(struct socket *so);
void socantrcvmore(struct socket *so);
void sorwakeup(struct socket *so);
void sowwakeup(struct socket *so);
/* The protocol lets go of a closed socket (clears SS_PROTOREF): may free it. */
void sofree_proto(struct socket *so);
/* Make the buffers; Return: 0 or VE_NOBUFS if above sb_max(). */
int soreserve(struct socket *so, uint32_t snd, uint32_t rcv);

/**
 * sb_max() - kern.ipc.maxsockbuf of curvnet
 *
 * TCP derives its window scale from it.  A buffer is at most so large, and at
 * most SB_LIMIT.
 * Return:	bytes.
 */
uint32_t sb_max(void);

static inline uint32_t
sbavail(const struct sockbuf *sb)
{
	return (sb->sb_ccc);
}

/* Is the urgent byte, or the place where it was, next? */
static inline bool
sockatmark(const struct socket *so)
{
	return ((so->so_rcv.sb_state & SBS_RCVATMARK) != 0);
}

/* Room, bytes; 0 if over-full. */
static inline uint32_t
sbspace(const struct sockbuf *sb)
{
	return (sb->sb_ccc >= sb->sb_hiwat ? 0 : sb->sb_hiwat - sb->sb_ccc);
}

/* Stream data, takes @m.  Small mbufs are compressed into the tail. */
void sbappendstream(struct sockbuf *sb, struct mbuf *m __takes);
/**
 * sbappendrecord() - one datagram with its sender
 * @sb:		of a datagram socket
 * @from:	sender
 * @info:	NULL: nothing
 * @m:		packet, taken if there is room; its interface is remembered
 *
 * Return:	true; false: full, @m stays the caller's.
 */
bool sbappendrecord(struct sockbuf *sb, const struct sockaddr_in *from,
    const struct so_recinfo *info, struct mbuf *m __takes);
/* sbappendrecord() without info.  Return: as that. */
bool sbappendaddr(
    struct sockbuf *sb, const struct sockaddr_in *from, struct mbuf *m __takes);
/* Drop the first @len bytes of a stream. */
void sbdrop(struct sockbuf *sb, uint32_t len);
void sbflush(struct sockbuf *sb);
/* Share bytes of a stream without copying clusters: for retransmission.
 * Return: chain without packet header, NULL: no memory.  Remembers where it
 * was (sb_sndptr), so that the next one need not walk from the front. */
struct mbuf *sbsndcopy(
    struct sockbuf *sb, uint32_t off, uint32_t len, int flags);
/* Put @so_error and tell everybody who waits on the socket. */
void soseterror(struct socket *so, int error);

/*
 * Blocking calls: ops of a process.  op_ref[0] is the socket, op_result bytes
 * or the new descriptor.  so_recv_op: the bytes are op_data (NULL if
 * none), the sender of a datagram in op_arg[2] and op_arg[3] (address, port).
 */
extern const struct op_desc so_connect_op;
extern const struct op_desc so_accept_op;
extern const struct op_desc so_send_op;
extern const struct op_desc so_recv_op;
extern const struct op_desc so_close_op; /* SO_LINGER wait */

struct socall {
	struct socket *sc_so;
	struct proc *sc_proc;             /* accept */
	const struct sockaddr_in *sc_sin; /* connect; send: may be NULL */
	const void *sc_data; /* send: copied; NULL: byte i is i mod 251 */
	uint32_t sc_len;     /* send, recv (1..SB_MAX) */
	bool sc_all;         /* recv: MSG_WAITALL */
	bool sc_nonblock;
	int sc_flags; /* MSG_OOB, MSG_PEEK, MSG_WAITALL, MSG_EOR, MSG_EOF */
};

/* What recvmsg(2) told beside the bytes. */
struct so_recvinfo {
	struct sockaddr_in sr_from;
	struct so_recinfo sr_info;
	uint32_t sr_ifindex;
	bool sr_trunc;
};

/**
 * so_recvinfo() - what else a completed so_recv_op has brought
 * @op:		done
 * @sr:		out
 *
 * Return:	0; VE_INVAL: it is no so_recv_op.
 */
int so_recvinfo(const struct op *op, struct so_recvinfo *sr);

/**
 * so_call() - connect, accept, send or recv
 * @desc:	so_connect_op, so_accept_op, so_send_op or so_recv_op
 * @sc:		arguments
 * @opp:	out: NULL if an errno but VE_INPROGRESS is returned, and if
 *		sc_nonblock is set and VE_INPROGRESS
 *
 * The caller sets p->p_op while the op is not done, and ends with
 * so_call_free().
 * Return:	0: *opp is done already; VE_INPROGRESS: it waits (with
 *		sc_nonblock: the connect goes on without an op); VE_AGAIN:
 *		sc_nonblock and nothing to do; VE_NOBUFS; or the errno of the
 *		call, which has changed nothing.
 */
int so_call(
    const struct op_desc *desc, const struct socall *sc, struct op **opp);

/**
 * so_call_free() - the caller has read the result: op and bytes go
 * @op:	done
 */
void so_call_free(struct op *op);

/**
 * so_pollin() - wait until there is something to receive, for a time
 * @so:		socket
 * @timeout:	virtual ns
 * @opp:	out: NULL unless VE_INPROGRESS is returned; its op_result is 1
 *		if soreceive() or soaccept() would answer at once, 0 if the
 *		time is up.  The caller sets p->p_op until it is done,
 *		then releases it.
 * Return:	0: it would now; VE_INPROGRESS; VE_AGAIN: no, and @timeout is
 *		not positive; VE_NOBUFS.
 */
int so_pollin(struct socket *so, int64_t timeout, struct op **opp);

/**
 * socket_close() - close(2)
 * @p:		process
 * @fd:		a descriptor of a socket; free afterwards
 * @opp:	out: NULL, or the wait that SO_LINGER asks for (so_close_op; its
 *		op_error is VE_AGAIN if the time was too short, as in FreeBSD)
 *
 * Return:	0; VE_BADF; VE_NOTSOCK.
 */
int socket_close(struct proc *p, int fd, struct op **opp);

/* A descriptor of kind socket. */
extern const struct fileops socket_fileops;

/**
 * so_first() / so_next() - every socket of curvnet, in order of birth
 *
 * Return:	socket, NULL at the end.
 */
struct socket *so_first(void);
struct socket *so_next(struct socket *so);

#endif /* !VNETSIM_KERN_SOCKETVAR_H */
