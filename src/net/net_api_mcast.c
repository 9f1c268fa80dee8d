/*
 * net_api_mcast.c - the public interface of multicast.
 */
#include <vnetsim/mcast.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_mcast.h"
#include "src/net/ip/rtsock.h"
#include "src/net/net_api.h"
#include "src/net/net_api_sock.h"

_Static_assert(VNETSIM_MCAST_MAXGROUPS == IP_MAX_MEMBERSHIPS &&
		   VNETSIM_MCAST_MAXSOCKSRC == IN_MCAST_MAXSOCKSRC &&
		   VNETSIM_MCAST_MAXGRPSRC == IN_MCAST_MAXGRPSRC,
    "limits agree");
_Static_assert((int)VNETSIM_MCAST_INCLUDE == MCAST_INCLUDE &&
		   (int)VNETSIM_MCAST_EXCLUDE == MCAST_EXCLUDE,
    "modes agree");

/* Begin a call: its pcb, and the request.  Return: 0 or an errno. */
static int
mcast_begin(struct vnetsim *w, struct sock_call *sk, const char *what,
    vnetsim_handle proc, int fd, const struct vnetsim_mreq *mr,
    struct in_mreq *in)
{
	int error = sock_begin(w, sk, what, proc, fd);
	const struct ifnet *ifp;

	if (error != 0)
		return (error);
	if (rts_is(sk->sk_so))
		return (VE_NOPROTOOPT);
	if (sk->sk_so->so_pcb == NULL)
		return (VE_CONNABORTED);
	*in = (struct in_mreq){
		.mr_group = mr->group,
		.mr_source = mr->source,
		.mr_ifaddr = mr->ifaddr,
	};
	if (mr->ifname == NULL)
		return (0);
	ifp = ifunit(mr->ifname);
	if (ifp == NULL)
		return (VE_ADDRNOTAVAIL);
	in->mr_ifindex = ifp->if_index;
	return (0);
}

int
vnetsim_mcast(struct vnetsim *w, vnetsim_handle proc, int fd, int what,
    const struct vnetsim_mreq *mr)
{
	static const int names[] = {
		[VNETSIM_IP_ADD_MEMBERSHIP] = IP_ADD_MEMBERSHIP,
		[VNETSIM_IP_DROP_MEMBERSHIP] = IP_DROP_MEMBERSHIP,
		[VNETSIM_IP_ADD_SOURCE_MEMBERSHIP] = IP_ADD_SOURCE_MEMBERSHIP,
		[VNETSIM_IP_DROP_SOURCE_MEMBERSHIP] = IP_DROP_SOURCE_MEMBERSHIP,
		[VNETSIM_IP_BLOCK_SOURCE] = IP_BLOCK_SOURCE,
		[VNETSIM_IP_UNBLOCK_SOURCE] = IP_UNBLOCK_SOURCE,
	};
	struct sock_call sk;
	struct in_mreq in;
	int error = mcast_begin(w, &sk, "mcast", proc, fd, mr, &in);

	if (error == 0 && (what < 0 || (size_t)what >= nitems(names)))
		error = VE_NOPROTOOPT;
	if (error == 0)
		error = inp_setmoptions(sk.sk_so->so_pcb, names[what], &in);
	return (sock_end(&sk, error));
}

int
vnetsim_setsourcefilter(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_mreq *mr, int mode, uint32_t n, const uint32_t *src)
{
	struct sock_call sk;
	struct in_mreq in;
	int error = mcast_begin(w, &sk, "setsourcefilter", proc, fd, mr, &in);

	if (error == 0)
		error = inp_set_source_filters(
		    sk.sk_so->so_pcb, &in, (uint32_t)mode, n, src);
	return (sock_end(&sk, error));
}

int
vnetsim_getsourcefilter(struct vnetsim *w, vnetsim_handle proc, int fd,
    const struct vnetsim_mreq *mr, int *mode, uint32_t *n, uint32_t *src)
{
	struct sock_call sk;
	struct in_mreq in;
	uint32_t m = 0;
	int error = mcast_begin(w, &sk, "getsourcefilter", proc, fd, mr, &in);

	if (error == 0)
		error =
		    inp_get_source_filters(sk.sk_so->so_pcb, &in, &m, n, src);
	if (error == 0)
		*mode = (int)m;
	return (sock_end(&sk, error));
}

/* Look at an interface of a jail.  api_end() is due. */
static int
mcast_look(struct vnetsim *w, struct api_call *c, vnetsim_handle jail,
    const char *ifname, const struct ifnet **ifpp)
{
	int error = api_lookjail(w, c, jail);

	if (error != 0)
		return (error);
	*ifpp = ifunit(ifname);
	return (*ifpp != NULL ? 0 : VE_NXIO);
}

int
vnetsim_mcast_next(struct vnetsim *w, vnetsim_handle jail, const char *ifname,
    uint32_t n, struct vnetsim_mcast_group *g, uint32_t *src, uint32_t max)
{
	struct in_mcast_info mi;
	const struct ifnet *ifp;
	struct api_call c;
	int error = mcast_look(w, &c, jail, ifname, &ifp);

	if (error == 0 &&
	    !in_mcast_nth(ifp, n, &mi, src, src != NULL ? max : 0))
		error = VE_NOENT;
	if (error == 0)
		*g = (struct vnetsim_mcast_group){
			.group = mi.mi_group,
			.mode = (int)mi.mi_mode,
			.nsrc = mi.mi_nsrc,
			.nmembers = mi.mi_nmembers,
		};
	return (api_end(&c, error));
}

int
vnetsim_igmp(struct vnetsim *w, vnetsim_handle jail, const char *ifname,
    struct vnetsim_igmp *igmp)
{
	const struct ifnet *ifp;
	struct igmp_info ii;
	struct api_call c;
	int error = mcast_look(w, &c, jail, ifname, &ifp);

	if (error == 0 && !igmp_ifinfo(ifp, &ii))
		error = VE_NOENT;
	if (error == 0)
		*igmp = (struct vnetsim_igmp){ ii.version, ii.rv, ii.qi, ii.qri,
			ii.uri };
	return (api_end(&c, error));
}
