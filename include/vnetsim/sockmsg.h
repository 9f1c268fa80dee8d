/*
 * sockmsg.h - system calls on sockets: flags of messages, and what can be
 * asked.
 *
 * The calls that move data are in socket.h; their @flags take these, too.
 */
#ifndef VNETSIM_SOCKMSG_H
#define VNETSIM_SOCKMSG_H

#include <vnetsim/socket.h>

/* Beside VNETSIM_NONBLOCK; FreeBSD's numbers. */
enum vnetsim_msgflag {
	VNETSIM_MSG_PEEK = 0x2,     /* recv: the bytes stay */
	VNETSIM_MSG_EOR = 0x8,      /* send: end of record; TCP: VE_INVAL */
	VNETSIM_MSG_WAITALL = 0x40, /* recv: all of them, or the end */
	VNETSIM_MSG_EOF = 0x100,    /* send: FIN behind the last byte */
	VNETSIM_MSG_OOB = 0x10000,  /* urgent byte; 1, FreeBSD's, is taken */
};

/**
 * struct vnetsim_recvinfo - what recvmsg(2) tells beside the bytes
 * @from:	sender of a datagram
 * @dst:	address it was sent to (IP_RECVDSTADDR), host order
 * @ttl:	of its header (IP_RECVTTL)
 * @tos:	of its header (IP_RECVTOS)
 * @ifindex:	interface it came in by (IP_RECVIF); 0: none
 * @trunc:	it was longer than there was room for (MSG_TRUNC)
 *
 * All are zero for a stream.
 */
struct vnetsim_recvinfo {
	struct vnetsim_addr from;
	uint32_t dst;
	uint8_t ttl, tos;
	uint32_t ifindex;
	bool trunc;
};

/**
 * vnetsim_recvinfo() - look at a completed recv
 * @w:		world
 * @op:		operation of vnetsim_recv(), not released
 * @ri:		out
 *
 * Return:	0; VE_INPROGRESS: not complete; VE_INVAL: another operation;
 *		VE_SRCH: no such operation.
 */
int vnetsim_recvinfo(
    struct vnetsim *w, vnetsim_handle op, struct vnetsim_recvinfo *ri);

/**
 * vnetsim_getsockname() - getsockname(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @a:		out; zero if not bound
 *
 * Return:	0; VE_INVAL: the connection is over; VE_CONNABORTED: its stack
 *		is gone; VE_SRCH; VE_BADF; VE_BUSY; VE_NETDOWN.
 */
int vnetsim_getsockname(
    struct vnetsim *w, vnetsim_handle proc, int fd, struct vnetsim_addr *a);

/**
 * vnetsim_getpeername() - getpeername(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @a:		out
 *
 * Return:	0; VE_NOTCONN: no peer, or not yet, or not any more; and as
 *		vnetsim_getsockname().
 */
int vnetsim_getpeername(
    struct vnetsim *w, vnetsim_handle proc, int fd, struct vnetsim_addr *a);

/* FreeBSD's numbers. */
enum vnetsim_pollevent {
	VNETSIM_POLLIN = 0x1,
	VNETSIM_POLLPRI = 0x2,
	VNETSIM_POLLOUT = 0x4,
	VNETSIM_POLLERR = 0x8,
	VNETSIM_POLLHUP = 0x10,
	VNETSIM_POLLNVAL = 0x20,
	VNETSIM_POLLRDNORM = 0x40,
	VNETSIM_POLLINIGNEOF = 0x2000,
};

/**
 * vnetsim_poll() - poll(2) of one descriptor, with a timeout of zero
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @events:	enum vnetsim_pollevent
 * @revents:	out: those that hold; VNETSIM_POLLHUP and VNETSIM_POLLNVAL (no
 *		such descriptor) unasked
 *
 * Return:	0; VE_SRCH; VE_NOTSOCK; VE_BUSY; VE_NETDOWN.
 */
int vnetsim_poll(
    struct vnetsim *w, vnetsim_handle proc, int fd, int events, int *revents);

enum vnetsim_sockcount_what {
	VNETSIM_FIONREAD,  /* bytes that can be received */
	VNETSIM_FIONWRITE, /* bytes in the send buffer */
	VNETSIM_FIONSPACE, /* room in the send buffer */
};

/**
 * vnetsim_sockcount() - ioctl(2) with FIONREAD, FIONWRITE or FIONSPACE
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @what:	enum vnetsim_sockcount_what
 * @count:	out, bytes; a datagram counts 16 more, for its sender
 *
 * Return:	0; VE_INVAL: unknown @what; VE_SRCH; VE_BADF; VE_BUSY;
 *		VE_NETDOWN.
 */
int vnetsim_sockcount(
    struct vnetsim *w, vnetsim_handle proc, int fd, int what, uint64_t *count);

enum vnetsim_look {
	VNETSIM_LOOK_SOCKOPT, /* enum vnetsim_sockopt; SO_ERROR stays */
	VNETSIM_LOOK_COUNT,   /* enum vnetsim_sockcount_what */
	VNETSIM_LOOK_POLL, /* enum vnetsim_pollevent; value: those that hold */
};

/**
 * vnetsim_socklook() - look at a socket from outside
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @kind:	enum vnetsim_look
 * @name:	of that kind
 * @value:	out
 *
 * For tools: it is no call of the process, which may be blocked, changes
 * nothing and leaves no trace.
 * Return:	0; VE_SRCH; VE_BADF; VE_NOTSOCK; VE_NOPROTOOPT; VE_CONNRESET.
 */
int vnetsim_socklook(struct vnetsim *w, vnetsim_handle proc, int fd, int kind,
    int name, int64_t *value);

#endif /* !VNETSIM_SOCKMSG_H */
