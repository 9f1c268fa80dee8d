/*
 * socket.h - system calls of simulated processes on sockets.
 *
 * A call answers at once.  If it has to wait and VNETSIM_NONBLOCK was not
 * given, it answers VE_INPROGRESS and *op names the operation; the process is
 * blocked until it completes, and a second call of the same process answers
 * VE_BUSY.  With VNETSIM_NONBLOCK it answers as FreeBSD does (VE_AGAIN, or
 * VE_INPROGRESS with *op 0 for connect).  A killed process's call ends with
 * VE_INTR.  Every call but close answers VE_NETDOWN once the vnet of the socket
 * lets nothing in any more (its teardown has come to "quiesce"), and VE_BUSY
 * while the process is blocked.
 */
#ifndef VNETSIM_SOCKET_H
#define VNETSIM_SOCKET_H

#include <vnetsim/vnetsim.h>

enum vnetsim_sockcall { VNETSIM_NONBLOCK = 1 };
enum vnetsim_socktype {
	VNETSIM_TCP,
	VNETSIM_UDP,
	VNETSIM_ROUTE,      /* routing socket (vnetsim/route.h) */
	VNETSIM_ROUTE_INET, /* the same, to hear of AF_INET only */
	VNETSIM_RAW,        /* vnetsim_rawsocket() */
};

struct vnetsim_addr {
	uint32_t addr; /* host order, 0: any */
	uint16_t port; /* 0: any */
};

/**
 * vnetsim_socket() - socket(2)
 * @w:		world
 * @proc:	process
 * @type:	VNETSIM_TCP or VNETSIM_UDP
 * @fd:		out: descriptor
 *
 * Return:	0; VE_SRCH: no such process; VE_PROTONOSUPPORT; VE_MFILE;
 *		VE_NOBUFS.
 */
int vnetsim_socket(struct vnetsim *w, vnetsim_handle proc, int type, int *fd);

/**
 * vnetsim_rawsocket() - socket(2) with SOCK_RAW
 * @w:		world
 * @proc:	process
 * @protocol:	0..255: IP's; 0: it hears all that raw sockets hear
 * @fd:		out: descriptor
 *
 * Ports mean nothing to it.  What it receives begins with the IP header; what
 * it sends does so with VNETSIM_IP_HDRINCL.
 * Return:	0; VE_SRCH; VE_PERM: the process is in a jail with neither a
 *		vnet of its own nor allow.raw_sockets; VE_PROTONOSUPPORT;
 *		VE_MFILE; VE_NOBUFS.
 */
int vnetsim_rawsocket(
    struct vnetsim *w, vnetsim_handle proc, int protocol, int *fd);

/**
 * vnetsim_setfib() - setfib(2): the routing table of a process
 * @w:		world
 * @proc:	process
 * @fib:	0 .. net.fibs - 1 of its vnet
 *
 * Sockets that it makes from now on begin with it (VNETSIM_SO_SETFIB).
 * Return:	0; VE_INVAL: no such table; VE_SRCH; VE_BUSY; VE_NETDOWN.
 */
int vnetsim_setfib(struct vnetsim *w, vnetsim_handle proc, uint32_t fib);

/**
 * vnetsim_bind() - bind(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @a:		address
 *
 * Return:	0; VE_SRCH; VE_BADF; VE_INVAL; VE_ADDRNOTAVAIL; VE_ADDRINUSE;
 *		VE_NOBUFS.
 */
int vnetsim_bind(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_addr *a);

/**
 * vnetsim_listen() - listen(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @backlog:	< 0 or above 128: 128
 *
 * Return:	0; VE_SRCH; VE_BADF; VE_OPNOTSUPP; VE_INVAL: connected.
 */
int vnetsim_listen(struct vnetsim *w, vnetsim_handle proc, int fd, int backlog);

/**
 * vnetsim_connect() - connect(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @a:		peer; NULL: AF_UNSPEC, a UDP socket forgets its peer
 * @flags:	VNETSIM_NONBLOCK
 * @op:		out
 *
 * Return:	0: connected; VE_INPROGRESS: see above; VE_ISCONN; VE_ALREADY;
 *		VE_ADDRINUSE; VE_ADDRNOTAVAIL; VE_NETUNREACH; VE_HOSTUNREACH;
 *		VE_AFNOSUPPORT: @a is NULL (UDP has no peer any more);
 *		VE_NOBUFS; VE_SRCH; VE_BADF; VE_BUSY.  The operation may end
 *		with VE_CONNREFUSED, VE_TIMEDOUT, VE_CONNRESET.
 */
int vnetsim_connect(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_addr *a, int flags, vnetsim_handle *op);

/**
 * vnetsim_accept() - accept(2)
 * @w:		world
 * @proc:	process
 * @fd:		listening descriptor
 * @flags:	VNETSIM_NONBLOCK
 * @newfd:	out, if 0 is returned; else it is the operation's value
 * @op:		out
 *
 * Return:	0; VE_INPROGRESS; VE_AGAIN; VE_INVAL: not listening;
 *		VE_CONNABORTED; VE_MFILE; VE_SRCH; VE_BADF; VE_BUSY.
 */
int vnetsim_accept(struct vnetsim *w, vnetsim_handle proc, int fd, int flags,
    int *newfd, vnetsim_handle *op);

/**
 * vnetsim_send() - send(2), sendto(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @data:	bytes; copied.  NULL: @len bytes of the pattern i mod 251
 * @len:	how many
 * @to:		NULL if connected
 * @flags:	VNETSIM_NONBLOCK; of sockmsg.h: VNETSIM_MSG_EOR, _EOF, and _OOB:
 *		the last byte is urgent
 * @done:	out, bytes taken if 0 is returned
 * @op:		out; its value is the number of bytes taken
 *
 * Return:	0; VE_INPROGRESS; VE_AGAIN; VE_PIPE; VE_NOTCONN; VE_MSGSIZE;
 *		VE_CONNRESET and other pending errors; VE_DESTADDRREQ;
 *		VE_HOSTUNREACH, ...; VE_NOBUFS; VE_SRCH; VE_BADF; VE_BUSY;
 *		VE_OPNOTSUPP: UDP has no urgent data.
 */
int vnetsim_send(struct vnetsim *w, vnetsim_handle proc, int fd,
    const void *data, size_t len, const struct vnetsim_addr *to, int flags,
    size_t *done, vnetsim_handle *op);

/**
 * vnetsim_recv() - recv(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @len:	want up to this many bytes (1..2 MiB)
 * @all:	wait until all of them are there, or the end (MSG_WAITALL)
 * @flags:	VNETSIM_NONBLOCK; of sockmsg.h: VNETSIM_MSG_PEEK, _WAITALL, and
 *		_OOB: the urgent byte, which is beside the stream unless
 *		VNETSIM_SO_OOBINLINE is set; never waits
 * @op:		out: always an operation unless an errno is returned; with data
 *		at hand it is complete already
 *
 * The bytes are the operation's data; 0 bytes and no error: end of file.  A
 * read stops in front of the mark of urgent data (@atmark of struct
 * vnetsim_sockinfo), also with @all.
 * Return:	0: *op is complete; VE_INPROGRESS; VE_AGAIN; VE_NOTCONN;
 *		pending errors; VE_SRCH; VE_BADF; VE_BUSY; VE_INVAL: @len, or
 *		there is no urgent byte beside the stream (any more);
 *		VE_OPNOTSUPP: UDP has none.
 */
int vnetsim_recv(struct vnetsim *w, vnetsim_handle proc, int fd, size_t len,
    bool all, int flags, vnetsim_handle *op);

/**
 * vnetsim_poll_wait() - poll(2): wait until there is something to receive
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @timeout:	virtual ns
 * @op:		out; its value is 1: vnetsim_recv() would answer at once (data,
 *		an error, the end), 0: the time is up
 *
 * Return:	0: it would now; VE_INPROGRESS; VE_AGAIN: no, and @timeout is
 *		not positive; VE_NOBUFS; VE_SRCH; VE_BADF; VE_BUSY.
 */
int vnetsim_poll_wait(struct vnetsim *w, vnetsim_handle proc, int fd,
    int64_t timeout, vnetsim_handle *op);

enum vnetsim_shut { VNETSIM_SHUT_RD, VNETSIM_SHUT_WR, VNETSIM_SHUT_RDWR };

/**
 * vnetsim_shutdown() - shutdown(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @how:	enum vnetsim_shut
 *
 * Return:	0; VE_NOTCONN; VE_INVAL; VE_SRCH; VE_BADF.
 */
int vnetsim_shutdown(struct vnetsim *w, vnetsim_handle proc, int fd, int how);

/**
 * vnetsim_close() - close(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor; free again at once
 * @op:		out: the wait that SO_LINGER asks for
 *
 * Return:	0; VE_INPROGRESS: lingers; VE_SRCH; VE_BADF; VE_BUSY.
 */
int vnetsim_close(
    struct vnetsim *w, vnetsim_handle proc, int fd, vnetsim_handle *op);

/**
 * vnetsim_fdpass() - pass a descriptor to another process, as SCM_RIGHTS does
 * @w:		world
 * @proc:	process
 * @fd:		its descriptor; stays open
 * @toproc:	process, of any jail
 * @newfd:	out: the lowest free descriptor of @toproc
 *
 * The socket stays in the vnet of the process that made it and keeps that
 * process's credential: it pins jail and vnet until the last descriptor of it
 * is closed.
 * Return:	0; VE_SRCH: no such process; VE_BADF; VE_BUSY: one of the two
 *		is blocked in a call; VE_MFILE: @toproc has no free descriptor;
 *		VE_NOMEM.
 */
int vnetsim_fdpass(struct vnetsim *w, vnetsim_handle proc, int fd,
    vnetsim_handle toproc, int *newfd);

enum vnetsim_sockopt {
	VNETSIM_SO_LINGER, /* value: ns, up to 65,535 s; < 0: off */
	VNETSIM_SO_SNDBUF,
	VNETSIM_SO_RCVBUF,
	VNETSIM_SO_KEEPALIVE,
	VNETSIM_SO_REUSEADDR,
	VNETSIM_SO_BROADCAST,
	VNETSIM_TCP_NODELAY,
	VNETSIM_TCP_MAXSEG,
	VNETSIM_SO_ERROR, /* get: pending error, cleared */
	VNETSIM_SO_SNDLOWAT,
	VNETSIM_SO_RCVLOWAT,
	VNETSIM_TCP_NOPUSH,
	VNETSIM_TCP_NOOPT,
	VNETSIM_TCP_KEEPINIT, /* the four of keepalive: seconds, a count */
	VNETSIM_TCP_KEEPIDLE,
	VNETSIM_TCP_KEEPINTVL,
	VNETSIM_TCP_KEEPCNT,
	VNETSIM_IP_TOS,    /* 0..255 */
	VNETSIM_IP_TTL,    /* 1..255 */
	VNETSIM_SO_SETFIB, /* set: routing table, 0 .. net.fibs - 1 */
	VNETSIM_SO_REUSEPORT,
	VNETSIM_SO_REUSEPORT_LB,   /* before bind; TCP: before listen */
	VNETSIM_SO_USELOOPBACK,    /* routing socket: hear what it writes; on */
	VNETSIM_IP_MULTICAST_IF,   /* an address of ours; 0: by the route */
	VNETSIM_IP_MULTICAST_TTL,  /* 0..255; 1 */
	VNETSIM_IP_MULTICAST_LOOP, /* hear what it sends to groups; on */
	VNETSIM_SO_SNDTIMEO, /* ns that a call waits at most; 0: no limit */
	VNETSIM_SO_RCVTIMEO,
	VNETSIM_SO_ACCEPTCONN, /* get, from here to SO_LISTENINCQLEN */
	VNETSIM_SO_TYPE,
	VNETSIM_SO_PROTOCOL,
	VNETSIM_SO_DOMAIN,
	VNETSIM_SO_LISTENQLIMIT, /* backlog */
	VNETSIM_SO_LISTENQLEN,   /* complete, not accepted */
	VNETSIM_SO_LISTENINCQLEN,
	VNETSIM_TCP_MAXUNACKTIME, /* seconds without progress; 0: the vnet's */
	VNETSIM_SO_OOBINLINE,     /* urgent bytes stay in the stream */
	VNETSIM_IP_HDRINCL,   /* raw: what is sent begins with its IP header */
	VNETSIM_IP_ONESBCAST, /* broadcasts go to 255.255.255.255 */
	VNETSIM_IP_DONTFRAG,  /* raw, UDP: DF */
	VNETSIM_SOCKOPT_N,    /* no option: how many there are */
};

/**
 * vnetsim_setsockopt() - setsockopt(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @name:	enum vnetsim_sockopt
 * @value:	new value
 *
 * Return:	0; VE_INVAL: out of range; VE_DOM: SO_LINGER of more than 65,535
 *		seconds; VE_NOBUFS: a buffer beyond its limit; VE_NOPROTOOPT;
 *		VE_SRCH; VE_BADF.
 */
int vnetsim_setsockopt(
    struct vnetsim *w, vnetsim_handle proc, int fd, int name, int64_t value);

/**
 * vnetsim_getsockopt() - getsockopt(2)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @name:	enum vnetsim_sockopt
 * @value:	out
 *
 * Return:	0; VE_NOPROTOOPT; VE_SRCH; VE_BADF.
 */
int vnetsim_getsockopt(
    struct vnetsim *w, vnetsim_handle proc, int fd, int name, int64_t *value);

/**
 * vnetsim_setipoptions() - setsockopt(IP_OPTIONS)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @opts:	as in a header (RFC 791 section 3.1); a source route names the
 *		first hop first and the destination last
 * @len:	bytes, a multiple of 4, 0..40 (44 with a source route); 0: none
 *
 * Every packet of the socket carries them.  Send to the destination; the
 * packet goes to the first hop.
 * Return:	0; VE_INVAL: they make no sense; VE_NOBUFS; VE_CONNABORTED: the
 *		protocol is gone; VE_SRCH; VE_BADF.
 */
int vnetsim_setipoptions(struct vnetsim *w, vnetsim_handle proc, int fd,
    const void *opts, size_t len);

/**
 * vnetsim_getipoptions() - getsockopt(IP_OPTIONS)
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @buf:	out: 4 bytes with the first hop of a source route (0.0.0.0:
 *		none), then the options as they are sent; at least 44 bytes
 * @len:	out: bytes, 0: no options are set
 *
 * Return:	0; VE_CONNABORTED; VE_SRCH; VE_BADF.
 */
int vnetsim_getipoptions(
    struct vnetsim *w, vnetsim_handle proc, int fd, void *buf, size_t *len);

/**
 * struct vnetsim_sockinfo - what netstat and sockstat show
 * @type:	enum vnetsim_socktype
 * @protocol:	IP's number
 * @state:	TCP state, constant text; NULL: has none
 * @laddr:	own address
 * @faddr:	peer
 * @rcvq:	bytes received and not read
 * @sndq:	bytes sent and not acknowledged, or not sent
 * @error:	pending error
 * @eof:	the peer has closed its direction
 * @listening:	waits for connections
 * @qlen:	of them, complete ones
 * @orphan:	no descriptor is left
 * @atmark:	sockatmark(3): the urgent byte, or its place, is next
 * @handle:	of the socket
 */
struct vnetsim_sockinfo {
	int type;
	int protocol;
	const char *state;
	struct vnetsim_addr laddr, faddr;
	uint32_t rcvq, sndq;
	int error;
	bool eof;
	bool listening;
	uint32_t qlen;
	bool orphan;
	bool atmark;
	vnetsim_handle handle;
};

/**
 * vnetsim_sockinfo() - look at a process's socket
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @info:	out
 *
 * Return:	0; VE_SRCH; VE_BADF.
 */
int vnetsim_sockinfo(struct vnetsim *w, vnetsim_handle proc, int fd,
    struct vnetsim_sockinfo *info);

/**
 * vnetsim_sock_next() - walk all pcbs of a vnet, also those without a process
 * @w:		world
 * @vnet:	number
 * @n:		0, 1, 2, ...
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_sock_next(struct vnetsim *w, uint32_t vnet, uint32_t n,
    struct vnetsim_sockinfo *info);

/**
 * vnetsim_syncache_next() - walk the SYN cache of a vnet
 * @w:		world
 * @vnet:	number
 * @n:		0, 1, 2, ...
 * @info:	out: type, addresses and state; an entry has no socket, so the
 *		rest is zero
 *
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_syncache_next(struct vnetsim *w, uint32_t vnet, uint32_t n,
    struct vnetsim_sockinfo *info);

/**
 * vnetsim_tcpdrop() - tcpdrop(8)
 * @w:		world
 * @jail:	whose stack
 * @local:	own end
 * @foreign:	peer
 *
 * Return:	0; VE_SRCH: no such connection or jail.
 */
int vnetsim_tcpdrop(struct vnetsim *w, vnetsim_handle jail,
    const struct vnetsim_addr *local, const struct vnetsim_addr *foreign);

#endif /* !VNETSIM_SOCKET_H */
