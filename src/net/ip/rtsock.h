/*
 * rtsock.h - the routing socket, as others see it.
 *
 * Whoever changes something that has an announcement of its own (routes,
 * interfaces: eventhandler.h) need not know of it; the rest is called here.
 * All of it costs one look while nobody listens.
 */
#ifndef SRC_NET_IP_RTSOCK_H
#define SRC_NET_IP_RTSOCK_H

#include <stdbool.h>
#include <stdint.h>

struct in_ifaddr;
struct rib_cmd;
struct socket;
struct ucred;

/* Families that a listener wants to hear of; FreeBSD's numbers. */
enum { RTS_ANY = 0, RTS_INET = 2 };

/**
 * rts_create() - socket(PF_ROUTE, SOCK_RAW, family)
 * @family:	RTS_: only what is of it, or of none
 * @pid:	the process's, for messages that it writes
 * @cr:		credential; the socket takes a reference
 * @sop:	out
 *
 * Return:	0; VE_PROTONOSUPPORT: the vnet has none any more; VE_NOBUFS.
 */
int rts_create(int family, int32_t pid, struct ucred *cr, struct socket **sop);

/* Is it a routing socket, whose so_pcb is no inpcb? */
bool rts_is(const struct socket *so);

/**
 * rts_ctl() - rib_action() as route(8) does it: with a message
 * @action:	RTM_
 * @rc:		as of rib_action()
 *
 * Listeners get the message that route(8) would have written, and its errno;
 * of a want of memory they do not hear.
 * Return:	as rib_action().
 */
int rts_ctl(int action, const struct rib_cmd *rc);

/**
 * rt_addrmsg() - an address of an interface has come, or has gone
 * @add:	it has come; its routes, which rts_quiet() kept back, are told
 *		of, too
 * @ia:		address, with its interface
 */
void rt_addrmsg(bool add, const struct in_ifaddr *ia);

/**
 * rts_quiet() - are changes of routes told of?
 * @quiet:	no: somebody else will tell, or what is begun may be undone
 */
void rts_quiet(bool quiet);

/**
 * rt_missmsg() - something to send has no route
 * @fib:	table
 * @dst:	destination, host order
 *
 * FreeBSD up to 12 (rtalloc1() with its report).
 */
void rt_missmsg(uint32_t fib, uint32_t dst);

#endif /* !SRC_NET_IP_RTSOCK_H */
