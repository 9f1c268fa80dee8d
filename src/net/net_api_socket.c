/*
 * net_api_socket.c - the public interface of sockets: calls of processes.
 *
 * A call names a process and one of its descriptors.  It works in the vnet of
 * the socket, which for a passed one is not the process's own, and passes door
 * USER of that vnet.  A call that has to wait becomes an op; the process is
 * blocked in it (p_op) until it completes or the process is killed.
 */
#include <string.h>
#include <vnetsim/sockmsg.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/ip/rtsock.h"
#include "src/net/net_api_sock.h"
#include "src/net/tcp/tcp_syncache.h"

/* Find the process; it must not be blocked. */
int
sock_proc(struct vnetsim *w, struct sock_call *sk, const char *name,
    vnetsim_handle proc)
{
	(void)api_begin(w, &sk->sk_c, name);
	sk->sk_so = NULL;
	sk->sk_proc = handle_lookup(HANDLE_PROC, proc);
	if (sk->sk_proc == NULL)
		return (VE_SRCH);
	return (sk->sk_proc->p_op != NULL ? VE_BUSY : 0);
}

int
sock_door(struct api_call *c, struct vnet *v)
{
	if (v == NULL ||
	    !vnet_enter(&c->ac_frame, v, DOOR_USER, VNET_MOD_socket))
		return (VE_NETDOWN);
	c->ac_in = true;
	return (0);
}

/* Begin a call on a descriptor.  sock_end() is due in each case. */
int
sock_begin(struct vnetsim *w, struct sock_call *sk, const char *name,
    vnetsim_handle proc, int fd)
{
	int error = sock_proc(w, sk, name, proc);
	void *obj;

	if (error == 0)
		error = fget(sk->sk_proc, fd, &socket_fileops, &obj);
	if (error != 0)
		return (error);
	sk->sk_so = obj;
	return (sock_door(&sk->sk_c, sk->sk_so->so_vnet));
}

int
sock_end(struct sock_call *sk, int error)
{
	return (api_end(&sk->sk_c, error));
}

static struct sockaddr_in
sock_sin(const struct vnetsim_addr *a)
{
	struct sockaddr_in sin = { a->addr, a->port };

	return (sin);
}

/* curvnet is the process's. */
static int
sock_create(const struct proc *p, int type, int protocol, struct socket **sop)
{
	struct ucred *cr = ref_get(&p->p_ucred);

	switch (type) {
	case VNETSIM_TCP:
		return (socreate(SOCK_STREAM, 0, cr, sop));
	case VNETSIM_UDP:
		return (socreate(SOCK_DGRAM, 0, cr, sop));
	case VNETSIM_RAW:
		if (protocol < 0 || protocol > UINT8_MAX)
			return (VE_PROTONOSUPPORT);
		return (socreate(SOCK_RAW, protocol, cr, sop));
	case VNETSIM_ROUTE:
		return (rts_create(RTS_ANY, p->p_pid, cr, sop));
	case VNETSIM_ROUTE_INET:
		return (rts_create(RTS_INET, p->p_pid, cr, sop));
	default:
		return (VE_PROTONOSUPPORT);
	}
}

static int
sock_make(
    struct vnetsim *w, vnetsim_handle proc, int type, int protocol, int *fd)
{
	struct sock_call sk;
	struct socket *so;
	int error = sock_proc(w, &sk, "socket", proc);

	if (error == 0)
		error = sock_door(&sk.sk_c, sk.sk_proc->p_prison->pr_vnet);
	if (error == 0)
		error = sock_create(sk.sk_proc, type, protocol, &so);
	if (error == 0) {
		/* a table that another vnet had may be none here */
		(void)sock_setfib(so, sk.sk_proc->p_fibnum);
		error = falloc(sk.sk_proc, &socket_fileops, so, fd);
		if (error != 0)
			(void)soclose(so);
		if (error == VE_NOMEM)
			error = VE_NOBUFS;
	}
	return (sock_end(&sk, error));
}

int
vnetsim_socket(struct vnetsim *w, vnetsim_handle proc, int type, int *fd)
{
	if (type == VNETSIM_RAW)
		type = -1;
	return (sock_make(w, proc, type, 0, fd));
}

int
vnetsim_rawsocket(struct vnetsim *w, vnetsim_handle proc, int protocol, int *fd)
{
	return (sock_make(w, proc, VNETSIM_RAW, protocol, fd));
}

int
vnetsim_bind(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_addr *a)
{
	struct sockaddr_in sin = sock_sin(a);
	struct sock_call sk;
	int error = sock_begin(w, &sk, "bind", proc, fd);

	return (sock_end(&sk, error != 0 ? error : sobind(sk.sk_so, &sin)));
}

int
vnetsim_listen(struct vnetsim *w, vnetsim_handle proc, int fd, int backlog)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "listen", proc, fd);

	return (
	    sock_end(&sk, error != 0 ? error : solisten(sk.sk_so, backlog)));
}

void
sock_block(struct proc *p, struct op *op, vnetsim_handle *handle)
{
	if (!op->op_done) {
		p->p_op = op;
		op->op_slot = &p->p_op;
	}
	api_op(op, handle);
}

/*
 * A call that may wait, with @sc filled in but for the socket.  @error: of
 * sock_begin().  *opp: the op if it is done, for its result.
 */
static int
sock_call(struct sock_call *sk, int error, const struct op_desc *desc,
    struct socall *sc, vnetsim_handle *handle, struct op **opp)
{
	*opp = NULL;
	if (handle != NULL)
		*handle = 0;
	if (error != 0)
		return (error);
	sc->sc_so = sk->sk_so;
	sc->sc_proc = sk->sk_proc;
	error = so_call(desc, sc, opp);
	if (error == VE_INPROGRESS && *opp != NULL) {
		sock_block(sk->sk_proc, *opp, handle);
		*opp = NULL;
	}
	return (error);
}

int
vnetsim_connect(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_addr *a, int flags, vnetsim_handle *op)
{
	struct sockaddr_in sin;
	struct socall sc = { 0 };
	struct sock_call sk;
	struct op *kop;
	int error = sock_begin(w, &sk, "connect", proc, fd);

	if (a != NULL) {
		sin = sock_sin(a);
		sc.sc_sin = &sin;
	}
	sc.sc_nonblock = (flags & VNETSIM_NONBLOCK) != 0;
	error = sock_call(&sk, error, &so_connect_op, &sc, op, &kop);
	if (kop != NULL)
		so_call_free(kop);
	return (sock_end(&sk, error));
}

int
vnetsim_accept(struct vnetsim *w, vnetsim_handle proc, int fd, int flags,
    int *newfd, vnetsim_handle *op)
{
	struct socall sc = { 0 };
	struct sock_call sk;
	struct op *kop;
	int error = sock_begin(w, &sk, "accept", proc, fd);

	sc.sc_nonblock = (flags & VNETSIM_NONBLOCK) != 0;
	error = sock_call(&sk, error, &so_accept_op, &sc, op, &kop);
	if (kop != NULL) {
		*newfd = (int)kop->op_result;
		so_call_free(kop);
	}
	return (sock_end(&sk, error));
}

int
vnetsim_send(struct vnetsim *w, vnetsim_handle proc, int fd, const void *data,
    size_t len, const struct vnetsim_addr *to, int flags, size_t *done,
    vnetsim_handle *op)
{
	struct sockaddr_in sin = { 0 };
	struct socall sc = { .sc_data = data };
	struct sock_call sk;
	struct op *kop;
	int error = sock_begin(w, &sk, "send", proc, fd);

	if (error == 0 && len > INT32_MAX)
		error = VE_MSGSIZE;
	sc.sc_len = (uint32_t)len;
	sc.sc_nonblock = (flags & VNETSIM_NONBLOCK) != 0;
	sc.sc_flags = flags & (MSG_EOR | MSG_EOF);
	if ((flags & VNETSIM_MSG_OOB) != 0)
		sc.sc_flags |= MSG_OOB;
	if (to != NULL) {
		sin = sock_sin(to);
		sc.sc_sin = &sin;
	}
	error = sock_call(&sk, error, &so_send_op, &sc, op, &kop);
	if (kop != NULL) {
		*done = (size_t)kop->op_result;
		so_call_free(kop);
	}
	return (sock_end(&sk, error));
}

int
vnetsim_recv(struct vnetsim *w, vnetsim_handle proc, int fd, size_t len,
    bool all, int flags, vnetsim_handle *op)
{
	struct socall sc = { .sc_all = all };
	struct sock_call sk;
	struct op *kop;
	int error = sock_begin(w, &sk, "recv", proc, fd);

	if (error == 0 && (len == 0 || len > SB_MAX))
		error = VE_INVAL;
	sc.sc_len = (uint32_t)len;
	sc.sc_nonblock = (flags & VNETSIM_NONBLOCK) != 0;
	sc.sc_flags = flags & (MSG_PEEK | MSG_WAITALL);
	if ((flags & VNETSIM_MSG_OOB) != 0) {
		sc.sc_flags |= MSG_OOB;
		sc.sc_nonblock = true;
	}
	error = sock_call(&sk, error, &so_recv_op, &sc, op, &kop);
	if (kop != NULL)
		api_op(kop, op);
	return (sock_end(&sk, error));
}

int
vnetsim_shutdown(struct vnetsim *w, vnetsim_handle proc, int fd, int how)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "shutdown", proc, fd);

	if (error == 0 && (how < VNETSIM_SHUT_RD || how > VNETSIM_SHUT_RDWR))
		error = VE_INVAL;
	return (sock_end(&sk, error != 0 ? error : soshutdown(sk.sk_so, how)));
}

int
vnetsim_close(
    struct vnetsim *w, vnetsim_handle proc, int fd, vnetsim_handle *op)
{
	struct op *kop = NULL;
	struct sock_call sk;
	int error = sock_proc(w, &sk, "close", proc);

	if (op != NULL)
		*op = 0;
	/* core passes the door of the file's vnet, LIFE if USER is shut */
	if (error == 0)
		error = socket_close(sk.sk_proc, fd, &kop);
	if (error == 0 && kop != NULL) {
		sock_block(sk.sk_proc, kop, op);
		error = VE_INPROGRESS;
	}
	return (sock_end(&sk, error));
}

int
vnetsim_fdpass(struct vnetsim *w, vnetsim_handle proc, int fd,
    vnetsim_handle toproc, int *newfd)
{
	struct sock_call sk;
	int error = sock_proc(w, &sk, "fdpass", proc);
	struct proc *to = handle_lookup(HANDLE_PROC, toproc);

	*newfd = -1;
	if (error == 0 && to == NULL)
		error = VE_SRCH;
	if (error == 0 && to->p_op != NULL)
		error = VE_BUSY;
	if (error == 0)
		error = fdpass(sk.sk_proc, fd, to, newfd);
	return (sock_end(&sk, error));
}

/* curvnet is the socket's. */
static void
sock_info(struct socket *so, struct vnetsim_sockinfo *info)
{
	const struct protosw *pr = so->so_proto;
	const struct inpcb *inp = so->so_pcb;
	static const uint8_t types[] = { [SOCK_STREAM] = VNETSIM_TCP,
		[SOCK_DGRAM] = VNETSIM_UDP,
		[SOCK_RAW] = VNETSIM_RAW };

	info->type = types[pr->pr_type];
	info->protocol =
	    pr->pr_protocol != 0 ? pr->pr_protocol : so->so_protocol;
	info->rcvq = sbavail(&so->so_rcv);
	info->sndq = sbavail(&so->so_snd);
	info->error = so->so_error;
	info->eof = (so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0;
	info->atmark = sockatmark(so);
	info->listening = (so->so_options & SO_ACCEPTCONN) != 0;
	info->qlen = so->so_qlen;
	info->orphan = (so->so_state & SS_NOFDREF) != 0;
	info->handle = so->so_handle;
	if (rts_is(so)) {
		info->type = VNETSIM_ROUTE;
		return;
	}
	if (inp == NULL)
		return;
	if (pr->pr_state != NULL)
		info->state = pr->pr_state(so);
	info->laddr.addr = inp->inp_laddr;
	info->laddr.port = inp->inp_lport;
	info->faddr.addr = inp->inp_faddr;
	info->faddr.port = inp->inp_fport;
}

int
sock_look(struct vnetsim *w, vnetsim_handle proc, int fd, struct vnet_frame *f,
    struct socket **so)
{
	struct proc *p;
	void *obj;
	int error;

	(void)api_look(w);
	p = handle_lookup(HANDLE_PROC, proc);
	if (p == NULL)
		return (VE_SRCH);
	error = fget(p, fd, &socket_fileops, &obj);
	if (error != 0)
		return (error);
	*so = obj;
	if (!vnet_enter(f, (*so)->so_vnet, DOOR_LIFE, VNET_MOD_socket))
		return (VE_BADF);
	return (0);
}

int
vnetsim_sockinfo(struct vnetsim *w, vnetsim_handle proc, int fd,
    struct vnetsim_sockinfo *info)
{
	struct vnet_frame f;
	struct socket *so;
	int error;

	memset(info, 0, sizeof(*info));
	error = sock_look(w, proc, fd, &f, &so);
	if (error != 0)
		return (error);
	sock_info(so, info);
	vnet_leave(&f);
	return (0);
}

/* The n-th socket of curvnet; a walk in order goes on where it stood. */
static struct socket *
sock_nth(struct net_world *nw, uint32_t vnet, uint32_t n)
{
	struct socket *so = NULL;

	if (n > 0 && nw->nw_sockvnet == vnet && nw->nw_sockn + 1 == n)
		so = handle_lookup(HANDLE_SOCKET, nw->nw_sock);
	if (so != NULL) {
		so = so_next(so);
	} else {
		so = so_first();
		for (uint32_t i = 0; i < n && so != NULL; i++)
			so = so_next(so);
	}
	nw->nw_sockvnet = vnet;
	nw->nw_sockn = n;
	nw->nw_sock = so != NULL ? so->so_handle : 0;
	return (so);
}

int
vnetsim_sock_next(
    struct vnetsim *w, uint32_t vnet, uint32_t n, struct vnetsim_sockinfo *info)
{
	const struct world *wd = api_look(w);
	struct vnet *v = vnet_byid(vnet);
	struct vnet_frame f;
	struct socket *so;

	memset(info, 0, sizeof(*info));
	if (v == NULL || !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_socket))
		return (VE_NOENT);
	so = sock_nth(wd->w_net, vnet, n);
	if (so != NULL)
		sock_info(so, info);
	vnet_leave(&f);
	return (so != NULL ? 0 : VE_NOENT);
}

int
vnetsim_syncache_next(
    struct vnetsim *w, uint32_t vnet, uint32_t n, struct vnetsim_sockinfo *info)
{
	const struct syncache *sc;
	struct vnet_frame f;
	struct vnet *v;

	(void)api_look(w);
	v = vnet_byid(vnet);
	memset(info, 0, sizeof(*info));
	if (v == NULL || (v->v_inited & VNET_MODBIT(VNET_MOD_tcp)) == 0 ||
	    !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_tcp))
		return (VE_NOENT);
	sc = syncache_nth(n);
	if (sc != NULL) {
		info->type = VNETSIM_TCP;
		info->state = tcpstates[TCPS_SYN_RECEIVED];
		info->laddr.addr = sc->sc_laddr;
		info->laddr.port = sc->sc_lport;
		info->faddr.addr = sc->sc_faddr;
		info->faddr.port = sc->sc_fport;
	}
	vnet_leave(&f);
	return (sc != NULL ? 0 : VE_NOENT);
}

int
vnetsim_tcpdrop(struct vnetsim *w, vnetsim_handle jail,
    const struct vnetsim_addr *local, const struct vnetsim_addr *foreign)
{
	struct api_call c;
	int error = api_jail(w, &c, "tcpdrop", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = tcp_tcpdrop(
		    local->addr, local->port, foreign->addr, foreign->port);
	else
		error = VE_SRCH;
	return (api_end(&c, error));
}
