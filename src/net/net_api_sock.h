/*
 * net_api_sock.h - between the files that implement calls on sockets.
 */
#ifndef SRC_NET_NET_API_SOCK_H
#define SRC_NET_NET_API_SOCK_H

#include <vnetsim/kern/socketvar.h>
#include "src/net/net_api.h"

/* A call of a process on one of its descriptors, in progress. */
struct sock_call {
	struct api_call sk_c;
	struct proc *sk_proc;
	struct socket *sk_so;
};

/**
 * sock_proc() - begin a call of a process
 * @w:		world; is entered
 * @sk:		call
 * @name:	constant, for the trace
 * @proc:	handle
 *
 * Return:	0; VE_SRCH: no such process; VE_BUSY: it is blocked.
 *		sock_end() is due in each case.
 */
int sock_proc(struct vnetsim *w, struct sock_call *sk, const char *name,
    vnetsim_handle proc);

/* Pass door USER of @v.  Return: 0; VE_NETDOWN: it is shut, or no vnet. */
int sock_door(struct api_call *c, struct vnet *v);

/**
 * sock_begin() - begin a call on a descriptor, in the vnet of its socket
 * @w:		world; is entered
 * @sk:		call
 * @name:	constant, for the trace
 * @proc:	handle
 * @fd:		descriptor
 *
 * Return:	as sock_proc(); VE_BADF; VE_NOTSOCK; VE_NETDOWN.  sock_end() is
 *		due in each case.
 */
int sock_begin(struct vnetsim *w, struct sock_call *sk, const char *name,
    vnetsim_handle proc, int fd);

/* The process waits in @op until it is done; its handle goes to the caller. */
void sock_block(struct proc *p, struct op *op, vnetsim_handle *handle);

/* Return: @error. */
int sock_end(struct sock_call *sk, int error);

/**
 * sock_setfib() - SO_SETFIB
 * @so:		of curvnet
 * @fib:	routing table
 *
 * Return:	0; VE_INVAL: no such table.
 */
int sock_setfib(struct socket *so, int64_t fib);

/**
 * sock_look() - look at a socket: no call of the process, no trace
 * @w:		world
 * @proc:	process, may be blocked
 * @fd:		descriptor
 * @f:		frame; vnet_leave() is due if 0 is returned
 * @so:		out: socket, its vnet is entered
 *
 * Return:	0; VE_SRCH; VE_BADF, also if its vnet is gone; VE_NOTSOCK.
 */
int sock_look(struct vnetsim *w, vnetsim_handle proc, int fd,
    struct vnet_frame *f, struct socket **so);

/**
 * sock_opt() - an option, whosever it is
 * @so:		of curvnet
 * @set:	or get
 * @name:	enum vnetsim_sockopt
 * @value:	in or out
 *
 * Return:	as vnetsim_setsockopt(), vnetsim_getsockopt().
 */
int sock_opt(struct socket *so, bool set, int name, int64_t *value);

#endif /* !SRC_NET_NET_API_SOCK_H */
