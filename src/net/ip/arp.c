/*
 * arp.c - Ethernet addresses of IPv4 neighbours, RFC 826.
 *
 * Out:   ether_output -> lltable_ops.lo_resolve (arpresolve) -> request
 * In:    netisr -> arpintr -> learn, answer, send what was held
 *
 * An entry that has no answer yet holds packets (the oldest is pushed out
 * beyond net.link.ether.inet.maxhold) and asks at most once a second, when a
 * packet wants it; no timer asks by itself.  It dies `wait` seconds after the
 * last request and drops what it holds; an answered one lives `max_age`.
 *
 * RFC 826; RFC 1122 section 2.3.2.  FreeBSD: sys/netinet/if_ether.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/link/ethernet.h"
#include "src/net/link/if_llatbl.h"

#define ARP_LEN   28
#define ARP_RETRY NS_S /* between two requests, RFC 1122 section 2.3.2.1 */
enum { ARPOP_REQUEST = 1, ARPOP_REPLY = 2 };

struct arpstat {
	uint32_t txrequests, txreplies, received, rxrequests, rxreplies;
	uint32_t timeouts, dupips;
};

struct vnet_arp {
	int64_t max_age, wait; /* ns */
	int32_t maxtries, maxhold;
	struct arpstat stat;
};
VNET_STATE(arp, struct vnet_arp);
#define V_arp VNET(arp)

static int
arp_init(void)
{
	V_arp.max_age = 1200 * NS_S;
	V_arp.wait = 20 * NS_S;
	V_arp.maxtries = 5;
	V_arp.maxhold = 16;
	return (netisr_register_vnet(NETISR_ARP, VNET_MOD_arp, arpintr));
}

/* FreeBSD: vnet_arp_destroy(): the netisr part; tables go with interfaces. */
static enum op_verdict
arp_shutdown(struct op *op)
{
	struct ifnet *ifp;

	(void)op;
	netisr_unregister_vnet(NETISR_ARP);
	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp))
		arp_ifdetach(ifp);
	return (OP_DONE);
}

static int
arp_send(struct ifnet *ifp, uint16_t opcode, const uint8_t *sha, uint32_t spa,
    const uint8_t *tha, uint32_t tpa)
{
	struct mbuf *m = m_getm(MLEN / 2, ARP_LEN, M_NOWAIT);
	uint8_t *p;

	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (VE_NOBUFS);
	}
	p = mtod(m, uint8_t *);
	be16enc(p, 1); /* hardware: Ethernet */
	be16enc(p + 2, ETHERTYPE_IP);
	p[4] = ETHER_ADDR_LEN;
	p[5] = 4;
	be16enc(p + 6, opcode);
	memcpy(p + 8, sha, ETHER_ADDR_LEN);
	be32enc(p + 14, spa);
	if (opcode == ARPOP_REQUEST)
		memset(p + 18, 0, ETHER_ADDR_LEN);
	else
		memcpy(p + 18, tha, ETHER_ADDR_LEN);
	be32enc(p + 24, tpa);
	return (ether_frame(ifp, m,
	    opcode == ARPOP_REQUEST ? etherbroadcastaddr : tha, ETHERTYPE_ARP));
}

void
arp_ifinit(struct ifnet *ifp, uint32_t addr)
{
	if (ifp->if_llt == NULL || (ifp->if_flags & IFF_UP) == 0)
		return;
	V_arp.stat.txrequests++;
	(void)arp_send(ifp, ARPOP_REQUEST, ifp->if_lladdr, addr, NULL, addr);
}

static void
arptimer(void *arg)
{
	struct llentry *lle = arg;

	V_arp.stat.timeouts++;
	lla_delete(lle, DROP_ARP_EXPIRED);
}

static void
arp_expire(struct llentry *lle, int64_t ns)
{
	lle->la_expire = vtime() + ns;
	(void)callout_reset(&lle->lle_timer, ns, arptimer, lle);
}

/* At most one request a second; the entry dies `wait` after the last one. */
static void
arp_ask(struct ifnet *ifp, struct llentry *lle)
{
	struct in_ifaddr *ia = in_ifaddr_for(ifp, lle->lle_addr);

	if (ia == NULL ||
	    (lle->la_asked > 0 && vtime() - lle->la_lastreq < ARP_RETRY))
		return;
	lle->la_lastreq = vtime();
	if (lle->la_asked < UINT8_MAX)
		lle->la_asked++;
	arp_expire(lle, V_arp.wait);
	V_arp.stat.txrequests++;
	(void)arp_send(ifp, ARPOP_REQUEST, ifp->if_lladdr, ia->ia_addr, NULL,
	    lle->lle_addr);
}

static void
arp_hold(struct llentry *lle, struct mbuf *m)
{
	if (lle->la_hold.mq_len >= lle->la_hold.mq_maxlen)
		m_drop(mbufq_dequeue(&lle->la_hold), DROP_ARP_HOLD);
	(void)mbufq_enqueue(&lle->la_hold, m);
}

static int
arpresolve(struct ifnet *ifp, bool isgw, struct mbuf *m __takes, uint32_t dst,
    uint8_t *lladdr)
{
	struct llentry *lle = lla_lookup(ifp->if_llt, dst);
	uint32_t tries;

	if (lle != NULL && lle->lle_state != LLE_INCOMPLETE) {
		memcpy(lladdr, lle->lle_lladdr, ETHER_ADDR_LEN);
		return (0);
	}
	if (lle == NULL)
		lle = lla_create(ifp->if_llt, dst, (uint32_t)V_arp.maxhold);
	if (lle == NULL) {
		m_drop(m, DROP_NOMEM);
		return (VE_NOBUFS);
	}
	if (m != NULL)
		arp_hold(lle, m);
	tries = lle->la_asked;
	arp_ask(ifp, lle);
	/* FreeBSD: the error is told, the packet still waits */
	if (tries < (uint32_t)V_arp.maxtries)
		return (VE_WOULDBLOCK);
	return (isgw ? VE_HOSTUNREACH : VE_HOSTDOWN);
}

static const struct lltable_ops arp_lltable_ops = {
	.lo_mod = VNET_MOD_arp,
	.lo_resolve = arpresolve,
};

int
arp_ifattach(struct ifnet *ifp)
{
	if (ifp->if_addrlen != ETHER_ADDR_LEN)
		return (0);
	return (lltable_create(ifp, &arp_lltable_ops) != NULL ? 0 : VE_NOMEM);
}

void
arp_ifdetach(struct ifnet *ifp)
{
	if (ifp->if_llt != NULL)
		lltable_free(ifp->if_llt);
}

struct arp_repr {
	uint16_t op;
	uint8_t sha[ETHER_ADDR_LEN];
	uint32_t spa, tpa;
};

static enum drop_reason
arp_parse(struct mbuf **mp, struct arp_repr *ah)
{
	struct mbuf *m = *mp;
	const uint8_t *p;

	if (m->m_pkthdr.len < ARP_LEN)
		return (DROP_ARP_SHORT);
	*mp = m = m_pullup(m, ARP_LEN);
	if (m == NULL)
		return (DROP_NOMEM);
	p = mtod(m, uint8_t *);
	if (be16dec(p) != 1 || be16dec(p + 2) != ETHERTYPE_IP ||
	    p[4] != ETHER_ADDR_LEN || p[5] != 4)
		return (DROP_ARP_BAD);
	ah->op = be16dec(p + 6);
	if (ah->op != ARPOP_REQUEST && ah->op != ARPOP_REPLY)
		return (DROP_ARP_BAD);
	memcpy(ah->sha, p + 8, ETHER_ADDR_LEN);
	ah->spa = be32dec(p + 14);
	ah->tpa = be32dec(p + 24);
	if ((ah->sha[0] & 1) != 0 || IN_MULTICAST(ah->spa))
		return (DROP_ARP_BAD);
	return (DROP_NONE);
}

/* An answer: packets that waited go out now. */
static void
arp_learn(struct ifnet *ifp, struct llentry *lle, const uint8_t *sha)
{
	struct mbufq held;
	struct mbuf *m;

	if (lle->lle_state == LLE_STATIC)
		return;
	mbufq_init(&held, 0);
	lla_resolved(lle, sha, &held);
	lle->la_asked = 0;
	arp_expire(lle, V_arp.max_age);
	while ((m = mbufq_dequeue(&held)) != NULL)
		(void)ether_frame(ifp, m, sha, ETHERTYPE_IP);
}

/* RFC 826, packet reception.  Return: why it ends here, or DROP_NONE. */
static enum drop_reason
in_arpinput(struct ifnet *ifp, const struct arp_repr *ah)
{
	bool ours = in_localip(ah->tpa) && in_ifaddr_first(ifp) != NULL;
	struct llentry *lle;

	if (memcmp(ah->sha, ifp->if_lladdr, ETHER_ADDR_LEN) == 0)
		return (DROP_ARP_SELF);
	if (in_localip(ah->spa)) {
		V_arp.stat.dupips++;
		return (DROP_ARP_DUPADDR);
	}
	lle = lla_lookup(ifp->if_llt, ah->spa);
	if (lle == NULL && ours && ah->spa != INADDR_ANY)
		lle = lla_create(ifp->if_llt, ah->spa, (uint32_t)V_arp.maxhold);
	if (lle != NULL)
		arp_learn(ifp, lle, ah->sha);
	if (!ours)
		return (lle != NULL ? DROP_NONE : DROP_ARP_NOTFORUS);
	if (ah->op == ARPOP_REQUEST) {
		V_arp.stat.txreplies++;
		(void)arp_send(ifp, ARPOP_REPLY, ifp->if_lladdr, ah->tpa,
		    ah->sha, ah->spa);
	}
	return (DROP_NONE);
}

void
arpintr(struct mbuf *m __takes)
{
	struct ifnet *ifp = m_rcvif(m);
	enum drop_reason why;
	struct arp_repr ah;

	V_arp.stat.received++;
	why = ifp != NULL && ifp->if_llt != NULL ? arp_parse(&m, &ah)
						 : DROP_NO_RCVIF;
	if (why == DROP_NONE) {
		if (ah.op == ARPOP_REQUEST)
			V_arp.stat.rxrequests++;
		else
			V_arp.stat.rxreplies++;
		why = in_arpinput(ifp, &ah);
	}
	if (why != DROP_NONE)
		m_drop(m, why);
	else
		m_freem(m);
}

/* The Ethernet interface of ours on whose prefix an address is. */
static struct ifnet *
arp_ifof(uint32_t addr)
{
	const struct nhop_object *nh = NULL;
	struct ifnet *ifp;

	/* a prefix is in its interface's table, or in all of them */
	for (uint32_t fib = 0; nh == NULL && fib < rt_numfibs(); fib++)
		nh = fib4_lookup(fib, addr);

	if (nh == NULL || (nh->nh_flags & (RTF_GATEWAY | RTF_LOCAL)) != 0)
		return (NULL);
	ifp = ref_get(&nh->nh_ifp);
	return (ifp != NULL && ifp->if_llt != NULL ? ifp : NULL);
}

int
arp_set(uint32_t addr, const uint8_t *lladdr)
{
	struct ifnet *ifp = arp_ifof(addr);
	struct llentry *lle;
	struct mbufq held;
	struct mbuf *m;

	if (ifp == NULL)
		return (VE_NETUNREACH);
	lle = lla_lookup(ifp->if_llt, addr);
	if (lladdr == NULL) {
		if (lle == NULL)
			return (VE_NOENT);
		lla_delete(lle, DROP_ARP_FLUSH);
		return (0);
	}
	if (lle == NULL)
		lle = lla_create(ifp->if_llt, addr, (uint32_t)V_arp.maxhold);
	if (lle == NULL)
		return (VE_NOBUFS);
	mbufq_init(&held, 0);
	lla_resolved(lle, lladdr, &held);
	(void)callout_stop(&lle->lle_timer);
	lle->lle_state = LLE_STATIC;
	lle->la_expire = 0;
	while ((m = mbufq_dequeue(&held)) != NULL)
		(void)ether_frame(ifp, m, lladdr, ETHERTYPE_IP);
	return (0);
}

static const struct field arp_fields[] = {
	FIELD(struct vnet_arp, max_age, INT),
	FIELD(struct vnet_arp, wait, INT),
	FIELD(struct vnet_arp, maxtries, INT),
	FIELD(struct vnet_arp, maxhold, INT),
	FIELD_STAT(struct vnet_arp, stat, BYTES),
};
#define ARPOID "net.link.ether.inet."
#define ARPSTAT(name, descr)                                                   \
	SYSCTL_VNET(ARPOID "stats." #name, UINT, RD, struct vnet_arp,          \
	    stat.name, 0, UINT32_MAX, descr)
static const struct sysctl_oid arp_sysctls[] = {
	SYSCTL_VNET_TIME(ARPOID "max_age", RW, struct vnet_arp, max_age, NS_S,
	    1, 86400, "life of an entry, seconds"),
	SYSCTL_VNET(ARPOID "maxhold", INT, RW, struct vnet_arp, maxhold, 1,
	    1024, "packets that wait at one entry"),
	SYSCTL_VNET(ARPOID "maxtries", INT, RW, struct vnet_arp, maxtries, 1,
	    255, "requests before an error is told"),
	ARPSTAT(dupips, "our own address claimed by others"),
	ARPSTAT(received, "packets received"),
	ARPSTAT(rxreplies, "replies received"),
	ARPSTAT(rxrequests, "requests received"),
	ARPSTAT(timeouts, "entries that expired"),
	ARPSTAT(txreplies, "replies sent"),
	ARPSTAT(txrequests, "requests sent"),
	SYSCTL_VNET_TIME(ARPOID "wait", RW, struct vnet_arp, wait, NS_S, 1,
	    86400, "life of an entry without an answer, seconds"),
};

VNET_MODULE(arp) = {
	.vm_name = "arp",
	.vm_id = VNET_MOD_arp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_arp),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_THIRD,
	.vm_init = arp_init,
	.vm_shutdown = arp_shutdown,
	.vm_fields = arp_fields,
	.vm_nfields = nitems(arp_fields),
	.vm_sysctls = arp_sysctls,
	.vm_nsysctls = nitems(arp_sysctls),
};
