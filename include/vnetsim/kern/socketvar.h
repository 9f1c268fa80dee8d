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
	SO_LINGER = 0x80,
};

enum { SHUT_RD, SHUT_WR, SHUT_RDWR };

#define SOMAXCONN 128
#define SB_MAX    (2u << 20) /* bytes: kern.ipc.maxsockbuf */

enum sb_state { SBS_CANTSENDMORE = 0x10, SBS_CANTRCVMORE = 0x20 };

/* Stream: one chain.  Datagram: records linked by m_nextpkt. */
struct sockbuf {
	struct mbuf *sb_mb;         /* (o) */
	struct mbuf *sb_mbtail;     /* (b) last mbuf of a stream */
	struct mbuf *sb_lastrecord; /* (b) */
	uint32_t sb_ccc;            /* bytes in it */
	uint32_t sb_hiwat;          /* limit, bytes */
	uint32_t sb_lowat;
	uint16_t sb_state;  /* enum sb_state */
	struct waitq sb_wq; /* data or room */
};

struct socket {
	uint64_t so_handle;
	const struct protosw *so_proto;
	void *so_pcb;         /* (o by the protocol) inpcb */
	struct vnet *so_vnet; /* (c) */
	struct ref so_cred;   /* (r) ucred */
	uint16_t so_state;    /* enum so_state */
	uint16_t so_options;  /* enum so_option */
	int32_t so_error;     /* pending error, cleared when reported */
	int64_t so_linger;    /* ns, with SO_LINGER */
	struct sockbuf so_rcv, so_snd;
	struct waitq so_wq; /* connected, disconnected, error */
	/* listening */
	uint32_t so_qlimit; /* backlog */
	uint32_t so_qlen, so_incqlen;
	TAILQ_HEAD(, socket) so_comp;   /* complete, not accepted */
	TAILQ_HEAD(, socket) so_incomp; /* embryonic */
	/* child of a listener */
	struct socket *so_listen;    /* (b) NULL once accepted */
	uint8_t so_qstate;           /* 0 none, 1 incomp, 2 comp */
	TAILQ_ENTRY(socket) so_list; /* on the listener's queue */
	TAILQ_ENTRY(socket) so_all;  /* vnet's list */
};

/**
 * socreate() - socket(2)
 * @type:	SOCK_
 * @proto:	IPPROTO_ or 0
 * @cr:		credential; the socket takes a reference
 * @sop:	out
 *
 * Return:	0; VE_PROTONOSUPPORT; VE_NOBUFS: no memory.
 */
int socreate(int type, int proto, struct ucred *cr, struct socket **sop);

/* Each returns 0 or the errno of FreeBSD's manual page; none blocks. */
int sobind(struct socket *so, const struct sockaddr_in *sin);
int solisten(struct socket *so, int backlog);
int soconnect(struct socket *so, const struct sockaddr_in *sin);
/* Return: 0, VE_AGAIN: none waiting, VE_INVAL: not listening, VE_CONNABORTED */
int soaccept(struct socket *so, struct socket **child);
/* As much of @len as there is room for (stream), or all or nothing (datagram).
 * @done: out, bytes taken.  Return: 0; VE_AGAIN: no room; VE_PIPE; ... */
int sosend(struct socket *so, const void *data, uint32_t len,
    const struct sockaddr_in *to, uint32_t *done);
/* @done 0 with 0 returned: end of file.  VE_AGAIN: nothing there yet. */
int soreceive(struct socket *so, void *buf, uint32_t len,
    struct sockaddr_in *from, uint32_t *done);
int soshutdown(struct socket *so, int how);
/* close(2).  @linger: out, true if SO_LINGER says the caller has to wait: then
 * it is the caller's op that waits on so_wq.  The socket may be gone. */
int soclose(struct socket *so);
int sosetopt(struct socket *so, int name, int64_t value);
int sogetopt(struct socket *so, int name, int64_t *value);

/* Called by protocols. */
/* A new child for a listener, state as given (0: embryonic).  NULL: the queue
 * is full (3/2 backlog + 1; counted) or no memory. */
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
/* Make the buffers; Return: 0 or VE_NOBUFS if above SB_MAX. */
int soreserve(struct socket *so, uint32_t snd, uint32_t rcv);

static inline uint32_t
sbavail(const struct sockbuf *sb)
{
	return (sb->sb_ccc);
}

/* Room, bytes; 0 if over-full. */
static inline uint32_t
sbspace(const struct sockbuf *sb)
{
	return (sb->sb_ccc >= sb->sb_hiwat ? 0 : sb->sb_hiwat - sb->sb_ccc);
}

/* Stream data, takes @m.  Small mbufs are compressed into the tail. */
void sbappendstream(struct sockbuf *sb, struct mbuf *m __takes);
/* One datagram with its sender.  Return: false (m stays the caller's): full. */
bool sbappendaddr(
    struct sockbuf *sb, const struct sockaddr_in *from, struct mbuf *m __takes);
/* Drop the first @len bytes of a stream. */
void sbdrop(struct sockbuf *sb, uint32_t len);
void sbflush(struct sockbuf *sb);
/* Share bytes of a stream without copying clusters: for retransmission.
 * Return: packet, NULL: no memory. */
struct mbuf *sbsndcopy(
    const struct sockbuf *sb, uint32_t off, uint32_t len, int flags);

/* Blocking calls: ops of a process.  The caller sets p->p_op.  Result in
 * op_error and op_result (bytes, or the new descriptor for accept). */
extern const struct op_desc so_connect_op; /* after soconnect: wait */
extern const struct op_desc so_accept_op;
extern const struct op_desc so_send_op;
extern const struct op_desc so_recv_op;
extern const struct op_desc so_close_op; /* SO_LINGER wait */

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
