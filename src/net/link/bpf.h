/*
 * bpf.h - taps of interfaces.
 */
#ifndef SRC_NET_LINK_BPF_H
#define SRC_NET_LINK_BPF_H

#include <vnetsim/bpf.h>
#include <vnetsim/kern/ifnet.h>

/**
 * bpf_listen() - who hears what taps see
 * @fn:		listener, NULL: nobody
 * @ctx:	passed to it
 *
 * Return:	0; VE_NOMEM.
 */
int bpf_listen(
    void (*fn)(void *ctx, const struct vnetsim_bpf_event *ev), void *ctx);

void bpf_mtap_tapped(const struct ifnet *ifp, const struct mbuf *m, bool out);

/**
 * bpf_mtap() - a frame passes
 * @ifp:	interface
 * @m:		frame, with its link-layer header if the interface has one
 * @out:	it is about to be sent; false: it has been received
 */
static inline void
bpf_mtap(const struct ifnet *ifp, const struct mbuf *m, bool out)
{
	if (__predict_false(ifp->if_bpf != 0))
		bpf_mtap_tapped(ifp, m, out);
}

/* The interface leaves its vnet: its taps go, and are told. */
void bpf_ifdetach(struct ifnet *ifp);

#endif /* !SRC_NET_LINK_BPF_H */
