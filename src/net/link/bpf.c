/*
 * bpf.c - taps of interfaces, for listeners outside the world.
 *
 * A tapped interface costs a test of a counter for each frame when nobody
 * listens, and nothing is allocated for a frame: it is laid out flat in a
 * buffer that was made with the first listener, and sums that are outstanding,
 * or known to be right without being there, are made in that copy.
 *
 * Taps belong to an interface in a vnet: they go when it leaves, as in
 * FreeBSD, where if_vmove() detaches bpf.
 *
 * FreeBSD: sys/net/bpf.c, ETHER_BPF_MTAP.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/bpf.h"
#include "src/net/link/ethernet.h"
#include "src/net/link/if_var.h"

#define BPF_BUF (ETHER_HDR_LEN + 65535)

int
bpf_listen(void (*fn)(void *ctx, const struct vnetsim_bpf_event *ev), void *ctx)
{
	struct world_link *wl = world_link();
	struct world_outward *wo = &curworld()->w_trace.wt_out;

	if (fn != NULL && wl->wl_bpfbuf == NULL)
		wl->wl_bpfbuf = world_user_alloc(BPF_BUF, false);
	if (fn != NULL && wl->wl_bpfbuf == NULL)
		return (VE_NOMEM);
	wo->wo_bpf = fn;
	wo->wo_bpfctx = ctx;
	return (0);
}

static void
tell(const struct vnetsim_bpf_event *ev)
{
	const struct world_outward *wo = &curworld()->w_trace.wt_out;

	if (wo->wo_bpf != NULL)
		wo->wo_bpf(wo->wo_bpfctx, ev);
}

void
bpf_mtap_tapped(const struct ifnet *ifp, const struct mbuf *m, bool out)
{
	uint32_t hdr = ifp->if_addrlen == ETHER_ADDR_LEN ? 0 : ETHER_HDR_LEN;
	uint8_t *buf = world_link()->wl_bpfbuf;
	struct vnetsim_bpf_event ev = {
		.be_time = vtime(),
		.be_if = ifp->if_handle,
		.be_out = out,
		.be_bytes = buf,
		.be_len = hdr + m->m_pkthdr.len,
	};
	struct mbuf flat;

	if (buf == NULL || ev.be_len > BPF_BUF)
		return;
	memset(buf, 0, hdr);
	if (hdr != 0)
		be16enc(buf + 2 * ETHER_ADDR_LEN, ETHERTYPE_IP);
	m_copydata(m, 0, m->m_pkthdr.len, buf + hdr);
	memset(&flat, 0, sizeof(flat));
	flat.m_flags = M_PKTHDR;
	flat.m_data = buf;
	flat.m_len = ev.be_len;
	flat.m_pkthdr = m->m_pkthdr;
	flat.m_pkthdr.len = ev.be_len;
	flat.m_pkthdr.l3off = (uint16_t)(m->m_pkthdr.l3off + hdr);
	ether_csum_reopen(&flat);
	(void)m_csum_fill(&flat);
	tell(&ev);
}

void
bpf_ifdetach(struct ifnet *ifp)
{
	struct vnetsim_bpf_event ev = {
		.be_time = vtime(), .be_if = ifp->if_handle, .be_gone = true
	};

	if (ifp->if_bpf == 0)
		return;
	ifp->if_bpf = 0;
	tell(&ev);
}
