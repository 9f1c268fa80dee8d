/*
 * net_api_tap.c - the public interface of tap and tun devices.
 *
 * A call passes door USER of the vnet where the interface is; open, of the
 * vnet of the process.
 */
#include <vnetsim/tap.h>
#include "src/net/link/if_tuntap.h"
#include "src/net/net_api_sock.h"

_Static_assert(VNETSIM_TAP_QUEUE == TUN_IFQLEN, "one limit of the queue");
_Static_assert(VNETSIM_TAP_MRU == TUN_MRU, "one limit of a write");

/* Begin a call on a descriptor.  sock_end() is due in each case. */
static int
tap_begin(struct vnetsim *w, struct sock_call *sk, const char *name,
    vnetsim_handle proc, int fd, struct tuntap_softc **scp)
{
	int error = sock_proc(w, sk, name, proc);

	if (error == 0)
		error = tuntap_get(sk->sk_proc, fd, scp);
	if (error != 0)
		return (error);
	return (sock_door(&sk->sk_c, if_wherevnet((*scp)->tun_ifp)));
}

int
vnetsim_tap_open(
    struct vnetsim *w, vnetsim_handle proc, const char *name, int *fd)
{
	struct sock_call sk;
	int error = sock_proc(w, &sk, "tap_open", proc);

	if (error == 0)
		error = sock_door(&sk.sk_c, sk.sk_proc->p_prison->pr_vnet);
	if (error == 0)
		error = tuntap_open(sk.sk_proc, name, fd);
	return (sock_end(&sk, error));
}

int
vnetsim_tap_read(struct vnetsim *w, vnetsim_handle proc, int fd, size_t len,
    int flags, vnetsim_handle *op)
{
	struct tuntap_softc *sc;
	struct op *kop = NULL;
	struct sock_call sk;
	int error = tap_begin(w, &sk, "tap_read", proc, fd, &sc);

	if (op != NULL)
		*op = 0;
	if (error == 0 && len == 0)
		error = VE_INVAL;
	if (error == 0)
		error = tuntap_read(sc,
		    (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX),
		    (flags & VNETSIM_NONBLOCK) != 0, &kop);
	if (kop != NULL)
		sock_block(sk.sk_proc, kop, op);
	return (sock_end(&sk, error));
}

int
vnetsim_tap_write(struct vnetsim *w, vnetsim_handle proc, int fd,
    const void *data, size_t len)
{
	struct tuntap_softc *sc;
	struct sock_call sk;
	int error = tap_begin(w, &sk, "tap_write", proc, fd, &sc);

	if (error == 0)
		error = tuntap_write(sc, data, len);
	return (sock_end(&sk, error));
}

int
vnetsim_tap_transient(struct vnetsim *w, vnetsim_handle proc, int fd, bool on)
{
	struct tuntap_softc *sc;
	struct sock_call sk;
	int error = tap_begin(w, &sk, "tap_transient", proc, fd, &sc);

	if (error == 0)
		sc->tun_transient = on;
	return (sock_end(&sk, error));
}
