/*
 * net_api_sockname.c - the public interface of sockets: what can be asked.
 *
 * getsockname(2), getpeername(2), poll(2) of one descriptor without waiting,
 * ioctl(2)'s counts, TCP_INFO, and what recvmsg(2) tells beside the bytes.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/sockmsg.h>
#include <vnetsim/tcp_info.h>
#include <vnetsim/kern/socketvar.h>
#include "src/core/handle.h"
#include "src/net/net_api_sock.h"
#include "src/net/tcp/tcp_var.h"

/* @name: pru_sockaddr or pru_peeraddr of @so. */
static int
sock_name(struct socket *so, int (*name)(struct socket *, struct sockaddr_in *),
    struct vnetsim_addr *a)
{
	struct sockaddr_in sin = { 0 };
	int error;

	if (so->so_pcb == NULL)
		return (VE_CONNABORTED);
	if (name == NULL)
		return (VE_OPNOTSUPP);
	error = name(so, &sin);
	a->addr = sin.sin_addr;
	a->port = sin.sin_port;
	return (error);
}

int
vnetsim_getsockname(
    struct vnetsim *w, vnetsim_handle proc, int fd, struct vnetsim_addr *a)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "getsockname", proc, fd);

	memset(a, 0, sizeof(*a));
	if (error == 0)
		error =
		    sock_name(sk.sk_so, sk.sk_so->so_proto->pru_sockaddr, a);
	return (sock_end(&sk, error));
}

int
vnetsim_getpeername(
    struct vnetsim *w, vnetsim_handle proc, int fd, struct vnetsim_addr *a)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "getpeername", proc, fd);

	memset(a, 0, sizeof(*a));
	/* FreeBSD: not before the handshake is complete */
	if (error == 0 && (sk.sk_so->so_state & SS_ISCONNECTED) == 0)
		error = VE_NOTCONN;
	if (error == 0)
		error =
		    sock_name(sk.sk_so, sk.sk_so->so_proto->pru_peeraddr, a);
	return (sock_end(&sk, error));
}

int
vnetsim_poll(
    struct vnetsim *w, vnetsim_handle proc, int fd, int events, int *revents)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "poll", proc, fd);

	*revents = 0;
	if (error == 0)
		*revents = sopoll(sk.sk_so, events);
	if (error == VE_BADF) {
		*revents = VNETSIM_POLLNVAL;
		error = 0;
	}
	return (sock_end(&sk, error));
}

/* ioctl(2)'s counts; an unknown one is -1. */
static int64_t
sock_count(const struct socket *so, int what)
{
	switch (what) {
	case VNETSIM_FIONREAD:
		return (sbavail(&so->so_rcv));
	case VNETSIM_FIONWRITE:
		return (sbavail(&so->so_snd));
	case VNETSIM_FIONSPACE:
		return (sbspace(&so->so_snd));
	default:
		return (-1);
	}
}

int
vnetsim_sockcount(
    struct vnetsim *w, vnetsim_handle proc, int fd, int what, uint64_t *count)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "ioctl", proc, fd);
	int64_t n = 0;

	if (error == 0)
		n = sock_count(sk.sk_so, what);
	if (n < 0)
		error = VE_INVAL;
	*count = error == 0 ? (uint64_t)n : 0;
	return (sock_end(&sk, error));
}

/* ---- looks: no call of the process, no trace ---- */

int
vnetsim_socklook(struct vnetsim *w, vnetsim_handle proc, int fd, int kind,
    int name, int64_t *value)
{
	struct vnet_frame f;
	struct socket *so;
	int error;

	*value = 0;
	error = sock_look(w, proc, fd, &f, &so);
	if (error != 0)
		return (error);
	if (kind == VNETSIM_LOOK_POLL)
		*value = sopoll(so, name);
	else if (kind == VNETSIM_LOOK_COUNT)
		*value = sock_count(so, name);
	else if (name == VNETSIM_SO_ERROR)
		*value = so->so_error;
	else
		error = sock_opt(so, false, name, value);
	vnet_leave(&f);
	return (error);
}

int
vnetsim_tcp_info(struct vnetsim *w, vnetsim_handle proc, int fd,
    struct vnetsim_tcp_info *info)
{
	const struct inpcb *inp;
	struct vnet_frame f;
	struct socket *so;
	int error;

	memset(info, 0, sizeof(*info));
	error = sock_look(w, proc, fd, &f, &so);
	if (error != 0)
		return (error);
	if (so->so_proto->pr_mod != VNET_MOD_tcp) {
		error = VE_NOPROTOOPT;
	} else {
		inp = sotoinpcb(so);
		if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0)
			error = VE_CONNRESET;
		else
			tcp_fill_info(intotcpcb(inp), info);
	}
	vnet_leave(&f);
	return (error);
}

int
vnetsim_recvinfo(
    struct vnetsim *w, vnetsim_handle op, struct vnetsim_recvinfo *ri)
{
	struct so_recvinfo sr;
	struct op *kop;
	int error;

	(void)api_look(w);
	memset(ri, 0, sizeof(*ri));
	kop = handle_lookup(HANDLE_OP, op);
	if (kop == NULL)
		return (VE_SRCH);
	if (!kop->op_done)
		return (VE_INPROGRESS);
	error = so_recvinfo(kop, &sr);
	if (error != 0)
		return (error);
	ri->from.addr = sr.sr_from.sin_addr;
	ri->from.port = sr.sr_from.sin_port;
	ri->dst = sr.sr_info.ri_dst;
	ri->ttl = sr.sr_info.ri_ttl;
	ri->tos = sr.sr_info.ri_tos;
	ri->ifindex = sr.sr_ifindex;
	ri->trunc = sr.sr_trunc;
	return (0);
}
