/*
 * net_api_sockopt.c - the public interface of sockets: options, setfib(2).
 *
 * A table says whose option each is: the socket layer's, the pcb's (IP), the
 * protocol's.  The routing table of a socket is both the socket's and the
 * pcb's, which may outlive it.
 */
#include <vnetsim/socket.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_mcast.h"
#include "src/net/ip/route.h"
#include "src/net/ip/rtsock.h"
#include "src/net/net_api_sock.h"
#include "src/net/tcp/tcp.h"

int
sock_setfib(struct socket *so, int64_t fib)
{
	struct inpcb *inp = rts_is(so) ? NULL : so->so_pcb;

	if (fib < 0 || fib >= rt_numfibs())
		return (VE_INVAL);
	so->so_fibnum = (uint8_t)fib;
	if (inp != NULL)
		inp->inp_fib = so->so_fibnum;
	return (0);
}

int
vnetsim_setfib(struct vnetsim *w, vnetsim_handle proc, uint32_t fib)
{
	struct sock_call sk;
	int error = sock_proc(w, &sk, "setfib", proc);

	if (error == 0)
		error = sock_door(&sk.sk_c, sk.sk_proc->p_prison->pr_vnet);
	if (error == 0 && fib >= rt_numfibs())
		error = VE_INVAL;
	if (error == 0)
		sk.sk_proc->p_fibnum = (uint8_t)fib;
	return (sock_end(&sk, error));
}

/* Whose option is it? */
enum sock_level { SL_SOCKET, SL_TCP, SL_IP, SL_FIB, SL_MCAST };

static const struct {
	int32_t name;
	uint8_t level;
} sock_opts[] = {
	[VNETSIM_SO_LINGER] = { SO_LINGER, SL_SOCKET },
	[VNETSIM_SO_SNDBUF] = { SO_SNDBUF, SL_SOCKET },
	[VNETSIM_SO_RCVBUF] = { SO_RCVBUF, SL_SOCKET },
	[VNETSIM_SO_KEEPALIVE] = { SO_KEEPALIVE, SL_SOCKET },
	[VNETSIM_SO_REUSEADDR] = { SO_REUSEADDR, SL_SOCKET },
	[VNETSIM_SO_BROADCAST] = { SO_BROADCAST, SL_SOCKET },
	[VNETSIM_TCP_NODELAY] = { TCP_NODELAY, SL_TCP },
	[VNETSIM_TCP_MAXSEG] = { TCP_MAXSEG, SL_TCP },
	[VNETSIM_SO_ERROR] = { SO_ERROR, SL_SOCKET },
	[VNETSIM_SO_SNDLOWAT] = { SO_SNDLOWAT, SL_SOCKET },
	[VNETSIM_SO_RCVLOWAT] = { SO_RCVLOWAT, SL_SOCKET },
	[VNETSIM_TCP_NOPUSH] = { TCP_NOPUSH, SL_TCP },
	[VNETSIM_TCP_NOOPT] = { TCP_NOOPT, SL_TCP },
	[VNETSIM_TCP_KEEPINIT] = { TCP_KEEPINIT, SL_TCP },
	[VNETSIM_TCP_KEEPIDLE] = { TCP_KEEPIDLE, SL_TCP },
	[VNETSIM_TCP_KEEPINTVL] = { TCP_KEEPINTVL, SL_TCP },
	[VNETSIM_TCP_KEEPCNT] = { TCP_KEEPCNT, SL_TCP },
	[VNETSIM_IP_TOS] = { IP_TOS, SL_IP },
	[VNETSIM_IP_TTL] = { IP_TTL, SL_IP },
	[VNETSIM_IP_HDRINCL] = { IP_HDRINCL, SL_IP },
	[VNETSIM_IP_ONESBCAST] = { IP_ONESBCAST, SL_IP },
	[VNETSIM_IP_DONTFRAG] = { IP_DONTFRAG, SL_IP },
	[VNETSIM_SO_SETFIB] = { SO_SETFIB, SL_FIB },
	[VNETSIM_IP_MULTICAST_IF] = { IP_MULTICAST_IF, SL_MCAST },
	[VNETSIM_IP_MULTICAST_TTL] = { IP_MULTICAST_TTL, SL_MCAST },
	[VNETSIM_IP_MULTICAST_LOOP] = { IP_MULTICAST_LOOP, SL_MCAST },
	[VNETSIM_SO_USELOOPBACK] = { SO_USELOOPBACK, SL_SOCKET },
	[VNETSIM_SO_SNDTIMEO] = { SO_SNDTIMEO, SL_SOCKET },
	[VNETSIM_SO_RCVTIMEO] = { SO_RCVTIMEO, SL_SOCKET },
	[VNETSIM_SO_ACCEPTCONN] = { SO_ACCEPTCONN, SL_SOCKET },
	[VNETSIM_SO_TYPE] = { SO_TYPE, SL_SOCKET },
	[VNETSIM_SO_PROTOCOL] = { SO_PROTOCOL, SL_SOCKET },
	[VNETSIM_SO_DOMAIN] = { SO_DOMAIN, SL_SOCKET },
	[VNETSIM_SO_LISTENQLIMIT] = { SO_LISTENQLIMIT, SL_SOCKET },
	[VNETSIM_SO_LISTENQLEN] = { SO_LISTENQLEN, SL_SOCKET },
	[VNETSIM_SO_LISTENINCQLEN] = { SO_LISTENINCQLEN, SL_SOCKET },
	[VNETSIM_TCP_MAXUNACKTIME] = { TCP_MAXUNACKTIME, SL_TCP },
	[VNETSIM_SO_REUSEPORT] = { SO_REUSEPORT, SL_SOCKET },
	[VNETSIM_SO_REUSEPORT_LB] = { SO_REUSEPORT_LB, SL_SOCKET },
	[VNETSIM_SO_OOBINLINE] = { SO_OOBINLINE, SL_SOCKET },
};

int
sock_opt(struct socket *so, bool set, int name, int64_t *value)
{
	if (name < 0 || (size_t)name >= nitems(sock_opts))
		return (VE_NOPROTOOPT);
	if (set && name == VNETSIM_SO_ERROR)
		return (VE_NOPROTOOPT);
	switch (sock_opts[name].level) {
	case SL_FIB:
		return (set ? sock_setfib(so, *value) : VE_NOPROTOOPT);
	case SL_TCP:
		return (soctloutput(so, set, sock_opts[name].name, value));
	case SL_MCAST:
	case SL_IP:
		if (so->so_pcb == NULL)
			return (VE_CONNABORTED);
		if (rts_is(so))
			return (VE_NOPROTOOPT);
		if (sock_opts[name].level == SL_MCAST)
			return (inp_mopt(
			    so->so_pcb, set, sock_opts[name].name, value));
		return (
		    in_pcbopt(so->so_pcb, set, sock_opts[name].name, value));
	default:
		return (set ? sosetopt(so, sock_opts[name].name, *value)
			    : sogetopt(so, sock_opts[name].name, value));
	}
}

int
vnetsim_setsockopt(
    struct vnetsim *w, vnetsim_handle proc, int fd, int name, int64_t value)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "setsockopt", proc, fd);

	if (error == 0)
		error = sock_opt(sk.sk_so, true, name, &value);
	return (sock_end(&sk, error));
}

int
vnetsim_getsockopt(
    struct vnetsim *w, vnetsim_handle proc, int fd, int name, int64_t *value)
{
	struct sock_call sk;
	int error = sock_begin(w, &sk, "getsockopt", proc, fd);

	if (error == 0)
		error = sock_opt(sk.sk_so, false, name, value);
	return (sock_end(&sk, error));
}
