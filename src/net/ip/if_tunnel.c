/*
 * if_tunnel.c - gif and gre: outer addresses, birth, what a packet meets.
 *
 * The near outer address may come and go: the tunnel runs while the vnet has
 * it (IFF_DRV_RUNNING; EVH_IFADDR tells).  A tunnel that goes to another vnet,
 * or for good, loses its outer addresses, as in FreeBSD (gif_reassign()).
 *
 * A packet from below is the tunnel's if the outer source is reached by the
 * interface it came in by, unless ignore_source says not to ask.  It goes up
 * in an event of its own, so packets in packets in packets are no recursion.
 *
 * FreeBSD: sys/net/if_gif.c, if_gre.c, sys/netinet/in_gif.c, ip_gre.c,
 * if_tunnel_check_nesting() of sys/net/if.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/ip/if_tunnel.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip_var.h"
#include "src/net/link/bpf.h"

/* ---- addresses ---- */

static void
tunnel_running(struct tunnel *tn, bool runs)
{
	struct ifnet *ifp = tn->tn_ifp;

	ifp->if_flags &= ~(uint32_t)IFF_DRV_RUNNING;
	if (runs)
		ifp->if_flags |= IFF_DRV_RUNNING;
	if_link_state_change(ifp, runs ? LINK_STATE_UP : LINK_STATE_DOWN);
}

static void
tunnel_delete(struct tunnel *tn)
{
	/* of a vnet that died the entry is gone, too */
	if (tn->tn_encap != NULL && curvnet != NULL)
		ip_encap_detach(tn->tn_encap);
	tn->tn_encap = NULL;
	tn->tn_src = tn->tn_dst = 0;
	tunnel_running(tn, false);
}

static int
tunnel_set(
    struct tunnel *tn, const struct encap_ops *ops, uint32_t src, uint32_t dst)
{
	struct encaptab *et;
	int error;

	if (src == INADDR_ANY || dst == INADDR_ANY)
		return (VE_ADDRNOTAVAIL);
	if (tn->tn_encap != NULL && tn->tn_src == src && tn->tn_dst == dst)
		return (0);
	/* what comes in has them the other way round */
	error = ip_encap_attach(ops, dst, src, tn, &et);
	if (error != 0)
		return (error);
	tunnel_delete(tn);
	tn->tn_encap = et;
	tn->tn_src = src;
	tn->tn_dst = dst;
	tunnel_running(tn, in_localip(src));
	return (0);
}

/* EVH_IFADDR; @arg is the if_ops of the kind. */
static void
tunnel_ifaddr(void *arg, void *obj, int value)
{
	const struct in_ifaddr *ia = obj;
	const struct tunnel *tn;
	struct ifnet *ifp;

	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp)) {
		if (ifp->if_ops != arg)
			continue;
		tn = ifp->if_softc;
		if (tn->tn_encap != NULL && tn->tn_src == ia->ia_addr)
			tunnel_running(ifp->if_softc, value == 1);
	}
}

int
tunnel_ioctl(struct ifnet *ifp, const struct tunnel_kind *tk,
    const struct vnetsim_ifreq *ifr)
{
	struct tunnel *tn = ifp->if_softc;

	switch (ifr->cmd) {
	case VNETSIM_IF_TUNNEL:
		return (tunnel_set(tn, tk->tk_encap, ifr->src, ifr->dst));
	case VNETSIM_IF_UNTUNNEL:
		tunnel_delete(tn);
		return (0);
	case VNETSIM_IF_TUNNELFIB:
		if (ifr->n >= rt_numfibs())
			return (VE_INVAL);
		tn->tn_fib = ifr->n;
		return (0);
	case VNETSIM_IF_OPTS:
		if (((ifr->n | ifr->m) & ~tk->tk_opts) != 0)
			return (VE_INVAL);
		tn->tn_opts = (tn->tn_opts | ifr->n) & ~ifr->m;
		return (0);
	default:
		return (VE_INVAL);
	}
}

bool
tunnel_show(const struct tunnel *tn, char *buf, size_t size)
{
	uint32_t s = tn->tn_src, d = tn->tn_dst;

	if (tn->tn_encap == NULL)
		return (false);
	(void)ksnprintf(buf, size, "tunnel inet %u.%u.%u.%u --> %u.%u.%u.%u",
	    (unsigned)(s >> 24), (unsigned)(s >> 16 & 0xff),
	    (unsigned)(s >> 8 & 0xff), (unsigned)(s & 0xff),
	    (unsigned)(d >> 24), (unsigned)(d >> 16 & 0xff),
	    (unsigned)(d >> 8 & 0xff), (unsigned)(d & 0xff));
	return (true);
}

/* ---- out ---- */

static int
tunnel_output(struct ifnet *ifp, struct mbuf *m, uint32_t dst, bool isgw)
{
	(void)dst;
	(void)isgw;
	if (m->m_pkthdr.len > ifp->if_mtu) {
		ifp->if_data.ifi_oerrors++;
		m_drop(m, DROP_IF_OVERSIZE);
		return (VE_MSGSIZE);
	}
	return (if_transmit(ifp, m));
}

static int
tunnel_refuse(
    struct tunnel *tn, struct mbuf *m, enum drop_reason why, int error)
{
	tn->tn_ifp->if_data.ifi_oerrors++;
	m_drop(m, why);
	return (error);
}

int
tunnel_enter(struct tunnel *tn, struct vnet_tunnel *vt, struct mbuf *m)
{
	if (tn->tn_busy || vt->vt_depth >= (uint32_t)vt->vt_nesting)
		return (tunnel_refuse(tn, m, DROP_TUNNEL_NESTING, VE_IO));
	m->m_pkthdr.l3off = 0;
	bpf_mtap(tn->tn_ifp, m, true);
	if (m_csum_fill(m) == VE_NOBUFS)
		return (tunnel_refuse(tn, m, DROP_NOMEM, VE_NOBUFS));
	m->m_pkthdr.csum_flags = 0;
	m->m_flags &= (uint16_t) ~(M_BCAST | M_MCAST | M_TAPPED);
	tn->tn_busy = true;
	vt->vt_depth++;
	return (0);
}

int
tunnel_send(struct tunnel *tn, struct vnet_tunnel *vt, struct mbuf *m,
    uint8_t proto, uint8_t tos)
{
	struct if_data *d = &tn->tn_ifp->if_data;
	struct ip_outargs ia = {
		.ia_src = tn->tn_src,
		.ia_dst = tn->tn_dst,
		.ia_proto = proto,
		.ia_ttl = (uint8_t)vt->vt_ttl,
		.ia_tos = tos,
	};
	uint32_t len = m != NULL ? m->m_pkthdr.len : 0;
	int error = VE_NOBUFS;

	if (m != NULL) {
		m->m_pkthdr.fib = (uint8_t)tn->tn_fib;
		error = ip_output(m, &ia);
	} else {
		m_drop(NULL, DROP_NOMEM);
	}
	vt->vt_depth--;
	tn->tn_busy = false;
	if (error != 0) {
		d->ifi_oerrors++;
		return (error);
	}
	d->ifi_opackets++;
	d->ifi_obytes += len;
	return (0);
}

/* ---- in ---- */

bool
tunnel_check(void *arg, const struct mbuf *m)
{
	const struct tunnel *tn = arg;
	struct ip_way way = { 0 };

	if (if_leaving(tn->tn_ifp) || (tn->tn_ifp->if_flags & IFF_UP) == 0)
		return (false);
	if ((tn->tn_opts & VNETSIM_IFOPT_IGNORESOURCE) != 0)
		return (true);
	return (ip_way_find(tn->tn_fib, tn->tn_dst, &way) == 0 &&
		way.ifp == m_rcvif(m));
}

void
tunnel_up(struct tunnel *tn, struct mbuf *m)
{
	struct if_data *d = &tn->tn_ifp->if_data;

	d->ifi_ipackets++;
	d->ifi_ibytes += m->m_pkthdr.len;
	m->m_flags &= M_EXT | M_PKTHDR;
	m->m_hops = 0;
	m->m_pkthdr.l3off = 0;
	m->m_pkthdr.csum_flags = 0;
	m->m_pkthdr.fib = tn->tn_ifp->if_fib;
	if_setrcvif(m, tn->tn_ifp);
	bpf_mtap(tn->tn_ifp, m, false);
	(void)netisr_queue(NETISR_IP, m);
}

/* ---- birth and end ---- */

void
tunnel_depart(struct ifnet *ifp, bool vmove)
{
	(void)vmove;
	tunnel_delete(ifp->if_softc);
}

int
tunnel_make(const struct tunnel_kind *tk, const struct uma_zone *z,
    const char *name, uint32_t unit)
{
	struct tunnel *tn;
	struct ifnet *ifp;

	ifp = if_driver_alloc(tk->tk_ops, tk->tk_type, z, name);
	if (ifp == NULL)
		return (VE_NOMEM);
	tn = ifp->if_softc;
	tn->tn_ifp = ifp;
	tn->tn_unit = unit;
	ifp->if_mtu = tk->tk_mtu;
	ifp->if_flags = IFF_POINTOPOINT | IFF_MULTICAST;
	ifp->if_linkstate = LINK_STATE_DOWN;
	ifp->if_output = tunnel_output;
	return (if_driver_attach(ifp, NULL));
}

int
tunnel_init(struct vnet_tunnel *vt, const struct tunnel_kind *tk)
{
	/* eventhandlers have no const arguments; this one is not changed */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	void *ops = (void *)(uintptr_t)tk->tk_ops;
	int error;

	vt->vt_ttl = TUNNEL_TTL;
	vt->vt_nesting = TUNNEL_NEST;
	vt->vt_evh = eventhandler_register(EVH_IFADDR, tk->tk_driver->dd_mod,
	    tunnel_ifaddr, ops, EVENTHANDLER_PRI_ANY);
	if (vt->vt_evh == NULL)
		return (VE_NOMEM);
	error = if_driver_init(&vt->vt_drv, tk->tk_driver);
	if (error != 0) {
		eventhandler_deregister(vt->vt_evh);
		vt->vt_evh = NULL;
	}
	return (error);
}

enum op_verdict
tunnel_shutdown(
    struct op *op, struct vnet_tunnel *vt, const struct tunnel_kind *tk)
{
	struct ifnet *ifp;

	eventhandler_deregister(vt->vt_evh);
	vt->vt_evh = NULL;
	/* of lent ones, too: they go home when IP has gone */
	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp))
		if (ifp->if_ops == tk->tk_ops)
			tunnel_delete(ifp->if_softc);
	return (if_driver_shutdown(op, &vt->vt_drv, tk->tk_driver));
}
