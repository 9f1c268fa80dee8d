/*
 * link_inject.c - frames that nobody in this world has sent.
 *
 * A capture that is played back, or a peer that exists on paper only, speaks
 * through an end of a wire.  Its frame is allocated in the world's name, as if
 * its sender's account had been left already, and takes the way of all frames
 * from link_transmit() on.  While it is put on the wire wl_outside keeps its
 * sender out of the report: the interface at that end did not send it, and its
 * vnet is not to answer for it.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/link_var.h"

/* The addresses of the two ends, where there is an interface. */
static void
inject_macs(const struct link *l, int end, uint8_t eh[ETHER_HDR_LEN])
{
	const struct ifnet *src = l->l_if[end], *dst = l->l_if[!end];

	if (dst != NULL && (eh[0] & 1) == 0)
		memcpy(eh, dst->if_lladdr, ETHER_ADDR_LEN);
	if (src != NULL)
		memcpy(eh + ETHER_ADDR_LEN, src->if_lladdr, ETHER_ADDR_LEN);
}

int
link_inject(
    struct link *l, int end, const uint8_t *bytes, uint32_t len, bool macs)
{
	uint8_t eh[ETHER_HDR_LEN];
	const struct ifnet *to;
	struct mbuf *m;
	int error;

	MPASS(end == 0 || end == 1);
	if (len < ETHER_HDR_LEN)
		return (VE_INVAL);
	to = l->l_if[!end];
	if (len > LINK_MAXFRAME ||
	    (to != NULL && len - ETHER_HDR_LEN > to->if_mtu))
		return (VE_MSGSIZE);
	m = m_gethdr(M_NOWAIT);
	if (m == NULL)
		return (VE_NOBUFS);
	memcpy(eh, bytes, sizeof(eh));
	if (macs)
		inject_macs(l, end, eh);
	if (!m_append(m, eh, sizeof(eh), M_NOWAIT) ||
	    !m_append(m, bytes + sizeof(eh), len - ETHER_HDR_LEN, M_NOWAIT)) {
		m_freem(m);
		return (VE_NOBUFS);
	}
	world_link()->wl_outside = true;
	error = link_transmit(l, end, m);
	world_link()->wl_outside = false;
	return (error);
}
