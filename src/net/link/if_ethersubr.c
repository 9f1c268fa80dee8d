/*
 * if_ethersubr.c - Ethernet II, and module `ether`.
 *
 * Up:    driver -> ether_input -> netisr (ether) -> ether_nh_input -> netisr
 *        of the payload, found in the table of types
 * Down:  ether_output -> (lltable's protocol resolves) -> ether_frame ->
 *        if_transmit
 *
 * A frame for another station is dropped: there is no promiscuous mode. Groups:
 * if_multi.c.  Before that, the master of the interface (a bridge, a lagg) is
 * asked, then its vlans if there is a tag.  Of an IP broadcast that it sends an
 * interface hears a copy through netisr, as simplex ones do.
 *
 * ether_frame() stamps the packet with the phase and the step of a dying
 * sender's teardown, for whoever listens to the wire.
 *
 * FreeBSD: sys/net/if_ethersubr.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/link/bpf.h"
#include "src/net/link/ethernet.h"
#include "src/net/link/if_llatbl.h"
#include "src/net/link/if_stack.h"
#include "src/net/link/if_var.h"

const uint8_t etherbroadcastaddr[ETHER_ADDR_LEN] = { 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff };

/* Which payload goes where. */
struct ether_type {
	uint16_t et_type;
	uint8_t et_proto; /* enum netisr_proto */
	uint8_t et_pad;
};

enum { ETHER_NTYPES = 2, ETHER_Z_TYPES = 0 };

struct vnet_ether {
	struct ether_type *eth_type; /* (o) ETHER_NTYPES of them */
	uint32_t eth_ntypes;         /* 0 after shutdown: closed */
	uint32_t eth_pad;
};
VNET_STATE(ether, struct vnet_ether);
#define V_ether VNET(ether)

static MALLOC_TYPE(
    ether_types_zone, ether, ETHER_Z_TYPES, "ether_types", UMA_NOHASH);

/* ---- up ---- */

static void
ether_input(struct ifnet *ifp, struct mbuf *m)
{
	(void)ifp;
	(void)netisr_dispatch(NETISR_ETHER, m);
}

/* Is the frame for us?  Marks it as broadcast or multicast. */
static bool
ether_forus(const struct ifnet *ifp, struct mbuf *m)
{
	const uint8_t *dst = mtod(m, const uint8_t *);

	if (memcmp(dst, etherbroadcastaddr, ETHER_ADDR_LEN) == 0)
		m->m_flags |= M_BCAST;
	else if ((dst[0] & 1) != 0) {
		m->m_flags |= M_MCAST;
		return (if_hearsmulti(ifp, dst));
	} else
		return (memcmp(dst, ifp->if_lladdr, ETHER_ADDR_LEN) == 0);
	return (true);
}

static void
ether_demux(struct mbuf *m)
{
	uint16_t type = be16dec(mtodo(m, 2 * ETHER_ADDR_LEN));

	for (uint32_t i = 0; i < V_ether.eth_ntypes; i++) {
		if (V_ether.eth_type[i].et_type != type)
			continue;
		m_adj(m, ETHER_HDR_LEN);
		m->m_pkthdr.l3off = 0;
		m->m_hops = 0;
		(void)netisr_dispatch(V_ether.eth_type[i].et_proto, m);
		return;
	}
	m_drop(m, DROP_ETHER_TYPE);
}

static struct mbuf *
ether_pullup(struct mbuf *m)
{
	m = m_pullup(m, ETHER_HDR_LEN);
	if (m == NULL)
		m_drop(NULL, DROP_NOMEM);
	return (m);
}

enum { IPPROTO_TCP = 6, IPPROTO_UDP = 17 };

void
ether_csum_reopen(struct mbuf *m)
{
	uint16_t flags = m->m_pkthdr.csum_flags;
	uint32_t off = m->m_pkthdr.l3off;
	uint8_t ip[20];

	if ((flags & CSUM_L3_VALID) == 0 || off < ETHER_HDR_LEN ||
	    off + sizeof(ip) > m->m_pkthdr.len)
		return;
	m_copydata(m, off, sizeof(ip), ip);
	flags ^= CSUM_L3_VALID | CSUM_IP;
	if ((flags & CSUM_DATA_VALID) != 0 && (be16dec(ip + 6) & 0x3fff) == 0) {
		if (ip[9] == IPPROTO_TCP)
			flags ^= CSUM_DATA_VALID | CSUM_TCP;
		else if (ip[9] == IPPROTO_UDP)
			flags ^= CSUM_DATA_VALID | CSUM_UDP;
	}
	m->m_pkthdr.csum_flags = flags;
}

/* To a vlan of it, or to a protocol. */
void
ether_local(struct ifnet *ifp, struct mbuf *m)
{
	uint16_t type = be16dec(mtodo(m, 2 * ETHER_ADDR_LEN));

	if (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ)
		m = vlan_input(ifp, m);
	m = m != NULL ? ether_pullup(m) : NULL;
	if (m == NULL)
		return;
	m->m_pkthdr.fib = ifp->if_fib;
	if (ether_forus(ifp, m))
		ether_demux(m);
	else
		m_drop(m, DROP_ETHER_NOTFORUS);
}

/* Handler of NETISR_ETHER. */
static void
ether_nh_input(struct mbuf *m)
{
	struct ifnet *ifp = m_rcvif(m);
	bool isshort = m->m_pkthdr.len < ETHER_HDR_LEN;

	if (ifp == NULL) {
		m_drop(m, DROP_NO_RCVIF);
		return;
	}
	if (isshort) {
		ifp->if_data.ifi_ierrors++;
		m_drop(m, DROP_ETHER_SHORT);
		return;
	}
	bpf_mtap(ifp, m, false);
	m = ether_pullup(m);
	if (m == NULL)
		return;
	if (__predict_false(ifp->if_master != NULL)) {
		m = ifp->if_master->po_ops->po_input(ifp->if_master, m);
		m = m != NULL ? ether_pullup(m) : NULL;
		if (m == NULL)
			return;
	}
	ether_local(ifp, m);
}

/* ---- down ---- */

int
ether_frame(
    struct ifnet *ifp, struct mbuf *m, const uint8_t *dst, uint16_t type)
{
	uint8_t *eh;

	m = m_prepend(m, ETHER_HDR_LEN, if_mflags());
	if (m == NULL) {
		ifp->if_data.ifi_oerrors++;
		m_drop(NULL, DROP_NOMEM);
		return (VE_NOBUFS);
	}
	eh = mtod(m, uint8_t *);
	memcpy(eh, dst, ETHER_ADDR_LEN);
	memcpy(eh + ETHER_ADDR_LEN, ifp->if_lladdr, ETHER_ADDR_LEN);
	be16enc(eh + 2 * ETHER_ADDR_LEN, type);
	m->m_hops = 0;
	if (curvnet->v_phase != PHASE_ALIVE) {
		m->m_pkthdr.phase = vnet_phase_name(curvnet->v_phase);
		m->m_pkthdr.step = curvnet->v_step;
	} else {
		m->m_pkthdr.phase = NULL;
		m->m_pkthdr.step = NULL;
	}
	if (__predict_false(ifp->if_master != NULL &&
			    ifp->if_master->po_ops->po_output != NULL))
		return (ifp->if_master->po_ops->po_output(ifp->if_master, m));
	return (if_transmit(ifp, m));
}

/* May a packet leave by this interface?  Return: 0 or an errno, @why. */
static int
ether_mayoutput(
    const struct ifnet *ifp, const struct mbuf *m, enum drop_reason *why)
{
	*why = DROP_IF_DYING;
	if (if_leaving(ifp) || ifp->if_dead || V_ether.eth_ntypes == 0)
		return (VE_NETDOWN);
	*why = DROP_IF_DOWN;
	if ((ifp->if_flags & IFF_UP) == 0)
		return (VE_NETDOWN);
	*why = DROP_IF_OVERSIZE;
	if (m->m_pkthdr.len > ifp->if_mtu)
		return (VE_MSGSIZE);
	*why = DROP_IF_NOAF;
	if ((m->m_flags & (M_BCAST | M_MCAST)) == 0 && ifp->if_llt == NULL)
		return (VE_NETDOWN);
	return (0);
}

/*
 * A broadcast, and our own copy of it: a simplex interface does not hear
 * itself. If the frame cannot be made there is no copy.
 */
static int
ether_broadcast(struct ifnet *ifp, struct mbuf *m)
{
	struct mbuf *c = m_copym(m, 0, M_COPYALL, M_NOWAIT);
	int error;

	error = ether_frame(ifp, m, etherbroadcastaddr, ETHERTYPE_IP);
	if (error != 0) {
		m_freem(c);
		return (error);
	}
	if (c == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (0);
	}
	c->m_flags |= M_BCAST | M_LOOP;
	if_csum_cross(c);
	if_setrcvif(c, ifp);
	c->m_pkthdr.rcvtime = vtime();
	(void)netisr_queue(NETISR_IP, c);
	return (0);
}

/*
 * ether_output() - if_output of an Ethernet interface
 *
 * Return:	0: sent, or held until the address is known; VE_NETDOWN: down,
 *		dying, or no neighbours; VE_MSGSIZE; what lo_resolve says.
 */
static int
ether_output(struct ifnet *ifp, struct mbuf *m, uint32_t dst, bool isgw)
{
	uint8_t lladdr[ETHER_ADDR_LEN] = { 0x01, 0x00, 0x5e };
	enum drop_reason why;
	int error;

	error = ether_mayoutput(ifp, m, &why);
	if (error != 0) {
		ifp->if_data.ifi_oerrors++;
		m_drop(m, why);
		return (error);
	}
	if ((m->m_flags & M_BCAST) != 0)
		return (ether_broadcast(ifp, m));
	if ((m->m_flags & M_MCAST) != 0) {
		/* RFC 1112 section 6.4: the low 23 bits */
		be32enc(lladdr + 2, dst & 0x7fffff);
		lladdr[2] = 0x5e;
		return (ether_frame(ifp, m, lladdr, ETHERTYPE_IP));
	}
	error = ifp->if_llt->llt_ops->lo_resolve(ifp, isgw, m, dst, lladdr);
	if (error != 0)
		return (error == VE_WOULDBLOCK ? 0 : error);
	return (ether_frame(ifp, m, lladdr, ETHERTYPE_IP));
}

int
ether_ifattach(struct ifnet *ifp, const uint8_t *lladdr)
{
	ifp->if_addrlen = ETHER_ADDR_LEN;
	memcpy(ifp->if_lladdr, lladdr, ETHER_ADDR_LEN);
	ifp->if_mtu = ETHERMTU;
	ifp->if_flags |= IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST;
	ifp->if_input = ether_input;
	ifp->if_output = ether_output;
	return (if_attach(ifp));
}

/* ---- the module ---- */

static int
ether_init(void)
{
	static const struct ether_type types[ETHER_NTYPES] = {
		{ ETHERTYPE_IP, NETISR_IP, 0 },
		{ ETHERTYPE_ARP, NETISR_ARP, 0 },
	};

	V_ether.eth_type = kmalloc(&ether_types_zone, sizeof(types), M_NOWAIT);
	if (V_ether.eth_type == NULL)
		return (VE_NOMEM);
	memcpy(V_ether.eth_type, types, sizeof(types));
	V_ether.eth_ntypes = ETHER_NTYPES;
	if (netisr_register_vnet(
		NETISR_ETHER, VNET_MOD_ether, ether_nh_input) != 0) {
		kfree(&ether_types_zone, V_ether.eth_type);
		return (VE_EXIST);
	}
	return (0);
}

static enum op_verdict
ether_shutdown(struct op *op)
{
	(void)op;
	netisr_unregister_vnet(NETISR_ETHER);
	V_ether.eth_ntypes = 0;
	return (OP_DONE);
}

static void
ether_uninit(void)
{
	if (V_ether.eth_ntypes != 0)
		return;
	kfree(&ether_types_zone, V_ether.eth_type);
	V_ether.eth_type = NULL;
}

static const struct field ether_fields[] = {
	FIELD(struct vnet_ether, eth_type, LINK),
	FIELD(struct vnet_ether, eth_ntypes, UINT),
	FIELD(struct vnet_ether, eth_pad, OPAQUE),
};
static const struct vnet_contract ether_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_ether, eth_ntypes),
};
static const struct uma_zone *const ether_zones[] = {
	[ETHER_Z_TYPES] = &ether_types_zone,
};

VNET_MODULE(ether) = {
	.vm_name = "ether",
	.vm_id = VNET_MOD_ether,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_ether),
	.vm_sub = SI_SUB_PROTO_IF,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_IF,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = ether_init,
	.vm_shutdown = ether_shutdown,
	.vm_uninit = ether_uninit,
	.vm_fields = ether_fields,
	.vm_nfields = nitems(ether_fields),
	.vm_contracts = ether_contracts,
	.vm_ncontracts = nitems(ether_contracts),
	.vm_zones = ether_zones,
	.vm_nzones = nitems(ether_zones),
};
