/*
 * socket_var.h - between the files of the socket layer, and its state.
 *
 *	uipc_socket.c   birth and death, state, connect, listen, options
 *	uipc_sockbuf.c  buffers
 *	uipc_listen.c   queues of a listener, accept
 *	uipc_io.c       send and receive
 *	uipc_ops.c      blocking calls
 *	uipc_msg.c      sender and the like of a message
 *	uipc_oob.c      urgent byte and its mark
 *	uipc_poll.c     readable, writable?
 *	socket_file.c   descriptors
 *	socket_mod.c    the module: init, shutdown, protocols of the vnet
 */
#ifndef SRC_NET_SOCKET_SOCKET_VAR_H
#define SRC_NET_SOCKET_SOCKET_VAR_H

#include <vnetsim/kern/socketvar.h>
#include <vnetsim/kern/vnet.h>

/* All sockets of a vnet. */
struct socklist {
	TAILQ_HEAD(, socket) sl_all; /* in order of birth */
};

/* A protocol of a vnet: born by its module's init, ends with its shutdown. */
struct pffproto {
	const struct protosw *pf_sw; /* (c) */
	LIST_ENTRY(pffproto) pf_link;
};

/* The protocols of a vnet, newest first. */
struct pffswitch {
	LIST_HEAD(, pffproto) ps_protos;
};

struct vnet_socket {
	struct socklist *list; /* (o) until shutdown */
	struct pffswitch *sw;  /* (o) until uninit */
	uint32_t nsockets;
	int32_t soacceptqueue;
	uint32_t maxsockbuf;
	uint32_t overflows; /* children refused by a full queue */
};
VNET_STATE(socket, struct vnet_socket);
#define V_socket VNET(socket)

enum {
	SOCKET_Z_SOCKET,
	SOCKET_Z_LIST,
	SOCKET_Z_SWITCH,
	SOCKET_Z_PROTO,
	SOCKET_Z_DATA,
};
extern const struct uma_zone socket_zone, sodata_zone;

/* Is the protocol gone from under it? */
static inline bool
so_dead(const struct socket *so)
{
	return (so->so_pcb == NULL);
}

/**
 * soalloc() - a socket without protocol
 * @pr:		its protocol to be
 * @cr:		credential; the socket takes a reference
 *
 * Return:	socket, on the list of curvnet; NULL: no memory.
 */
struct socket *soalloc(const struct protosw *pr, struct ucred *cr);

/**
 * sofree() - free it if nobody needs it any more
 * @so:	stays if it has a descriptor, a protocol that keeps it, a place in the
 *	queue of complete connections, or a reference
 */
void sofree(struct socket *so);

/* End it whatever it is doing; the memory stays if somebody refers to it. */
void sodetach(struct socket *so);

/* Take a child out of its listener's queue. */
void sodequeue(struct socket *so);

/* Move an embryonic child to the complete ones and wake an acceptor. */
void socomplete(struct socket *so);

/* Abort all children of a listener that closes. */
void soabort_children(struct socket *head);

/**
 * soaccept_fd() - accept(2): child and descriptor
 * @so:		listening
 * @p:		process
 * @fd:		out
 *
 * Return:	as soaccept(), VE_MFILE or VE_NOMEM; with those the child stays
 *		where it is.
 */
int soaccept_fd(struct socket *so, struct proc *p, int *fd);

/* Is the stream of bytes to the user over, by end or error? */
bool soreadover(const struct socket *so);
/* What a call with this state must not wait for: pending errors, ends. */
bool soreadable(const struct socket *so);
bool sowriteable(const struct socket *so);

/* What a record's headers said; see sbappendrecord(). */
void sbrecinfo(const struct mbuf *m, struct so_recinfo *info);

/* uipc_msg.c: note in a recv's op what came beside the bytes. */
void so_recvnote(struct op *op, const struct somsg *sm);

/* uipc_oob.c: recv(2) with MSG_OOB.  Return: 0; VE_OPNOTSUPP; as pru_rcvoob. */
int soreceive_oob(struct socket *so, struct somsg *sm);
/* Of @n bytes so many may be read at once: not beyond the mark. */
uint32_t somark_limit(const struct socket *so, uint32_t n);
/* @n bytes of the stream were read. */
void somark_read(struct socket *so, uint32_t n);

/* Where the bytes of a send come from. */
struct sosource {
	const uint8_t *ss_data; /* NULL: the pattern i mod 251 */
	uint32_t ss_off;        /* of the first byte, for the pattern */
};
/* sosend() with any source, and MSG_EOR, MSG_EOF. */
int sosend_src(struct socket *so, const struct sosource *src, uint32_t len,
    const struct sockaddr_in *to, int flags, uint32_t *done);

#endif /* !SRC_NET_SOCKET_SOCKET_VAR_H */
