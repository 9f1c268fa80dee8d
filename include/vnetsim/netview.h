/*
 * netview.h - sockets, descriptors and counters of a world, live or on file.
 *
 * What netstat(1) and sockstat(1) show, through a view (inspect.h): the same
 * answers for a live world and for a dump of it.  In a foreign view there are
 * none.  Nothing here runs or changes anything.
 */
#ifndef VNETSIM_NETVIEW_H
#define VNETSIM_NETVIEW_H

#include <vnetsim/inspect.h>
#include <vnetsim/socket.h>

/**
 * struct vnetsim_pcb - a socket with its protocol's part
 * @cookie:	of the socket's object; 0: an entry of the SYN cache
 * @serial:	of it, or of the entry: later ones are higher
 * @proto:	name of its protocol, "tcp"; "?" if it cannot be told
 * @protocol:	number in the IP header
 * @state:	TCP: constant text; NULL: has none
 * @laddr, @faddr: own address and peer
 * @rcvq:	bytes received and not read
 * @sndq:	bytes sent and not acknowledged, or not sent
 * @listening:	waits for connections
 * @qlen:	of them, complete ones
 * @incqlen:	of them, incomplete ones
 * @qlimit:	backlog
 * @orphan:	no descriptor is left
 */
struct vnetsim_pcb {
	uint64_t cookie, serial;
	const char *proto;
	uint8_t protocol;
	const char *state;
	struct vnetsim_addr laddr, faddr;
	uint32_t rcvq, sndq;
	bool listening;
	uint32_t qlen, incqlen, qlimit;
	bool orphan;
};

/**
 * vnetsim_view_pcb_next() - walk the sockets of a vnet, then its SYN cache
 * @v:		view
 * @vnet:	number
 * @iter:	0 at first; kept by the caller
 * @pcb:	out
 *
 * In order of memory: whoever prints them sorts them.
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_view_pcb_next(const struct vnetsim_view *v, uint32_t vnet,
    uint64_t *iter, struct vnetsim_pcb *pcb);

/* Where a walk over descriptors stands; all zero at first. */
struct vnetsim_fd_iter {
	uint64_t prison, proc;
	uint32_t fd;
	bool in;
};

/**
 * struct vnetsim_fd - a descriptor of a process that shows a socket
 * @pid:	process
 * @command:	its name
 * @jid:	its jail's number
 * @jail:	and name
 * @fd:		number
 * @socket:	cookie of the socket, see struct vnetsim_pcb
 */
struct vnetsim_fd {
	int pid;
	char command[32];
	int jid;
	char jail[256];
	int fd;
	uint64_t socket;
};

/**
 * vnetsim_view_fd_next() - walk all descriptors of all processes
 * @v:		view
 * @iter:	where it stands
 * @fd:		out
 *
 * By jail, in each the youngest process first, in each by number.
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_view_fd_next(const struct vnetsim_view *v,
    struct vnetsim_fd_iter *iter, struct vnetsim_fd *fd);

/**
 * vnetsim_view_sysctl() - read a number by its sysctl's name
 * @v:		view
 * @vnet:	whose
 * @name:	FreeBSD's name
 * @value:	out, in FreeBSD's unit
 *
 * Return:	0; VE_NOENT: no such sysctl, its module has not started there,
 *		or only a running world could compute it (counters of TCP and
 *		UDP can always be read).
 */
int vnetsim_view_sysctl(const struct vnetsim_view *v, uint32_t vnet,
    const char *name, int64_t *value);

#endif /* !VNETSIM_NETVIEW_H */
