/*
 * in.c - IPv4 addresses: given, taken back, and what goes with them.
 *
 * An address brings a host route through lo0 (so that packets to ourselves
 * loop) and, unless it is a /32 or another address of this prefix has it
 * already, the route of its prefix, into the table of its interface or into
 * all of them; on Ethernet it is announced.  Taking it
 * back undoes this; a prefix route passes to another address of the prefix.
 *
 * As address family of interfaces: attach makes the (empty) list, purge
 * deletes every address, detach frees the list.  All accept that the tables
 * of other modules are empty already.
 *
 * FreeBSD: sys/netinet/in.c (in_aifaddr_ioctl, in_scrubprefix,
 * in_ifscrub_all).
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/ip/rtsock.h"

static const struct field in_ifaddr_fields[] = {
	FIELD(struct in_ifaddr, ia_addr, IP4),
	FIELD(struct in_ifaddr, ia_plen, UINT),
	FIELD(struct in_ifaddr, ia_route, BOOL),
	FIELD(struct in_ifaddr, ia_dead, BOOL),
	FIELD(struct in_ifaddr, ia_ifp, PTR),
	FIELD(struct in_ifaddr, ia_link, LINK),
	FIELD(struct in_ifaddr, ia_all, LINK),
	FIELD(struct in_ifaddr, ia_hash, LINK),
};
UMA_ZONE_NAMED(in_ifaddr_zone, ip, IP_Z_IFADDR, "ifaddr", struct in_ifaddr, 0,
    in_ifaddr_fields);

static const struct field in_ifinfo_fields[] = {
	FIELD(struct in_ifinfo, ii_addrs, LINK),
};
UMA_ZONE(
    in_ifinfo_zone, ip, IP_Z_IFINFO, struct in_ifinfo, 0, in_ifinfo_fields);

void
ifa_hold(struct ref *slot, struct in_ifaddr *ia)
{
	ref_take(slot, ia, "nhop_ifa");
}

void
ifa_free(struct ref *slot)
{
	struct in_ifaddr *ia = ref_get(slot);

	if (ia != NULL && ref_drop(slot) && ia->ia_dead)
		uma_zfree(&in_ifaddr_zone, ia);
}

static struct in_ifaddr *
in_ifaddr_find(const struct ifnet *ifp, uint32_t addr)
{
	const struct in_ifinfo *ii = ifp->if_afdata;
	struct in_ifaddr *ia;

	if (ii == NULL)
		return (NULL);
	TAILQ_FOREACH (ia, &ii->ii_addrs, ia_link)
		if (ia->ia_addr == addr)
			return (ia);
	return (NULL);
}

struct in_ifaddr *
in_ifaddr_first(const struct ifnet *ifp)
{
	const struct in_ifinfo *ii = ifp->if_afdata;

	return (ii != NULL ? TAILQ_FIRST(&ii->ii_addrs) : NULL);
}

struct in_ifaddr *
in_ifaddr_for(const struct ifnet *ifp, uint32_t dst)
{
	const struct in_ifinfo *ii = ifp->if_afdata;
	struct in_ifaddr *ia;

	if (ii == NULL)
		return (NULL);
	TAILQ_FOREACH (ia, &ii->ii_addrs, ia_link)
		if (((ia->ia_addr ^ dst) & in_mask(ia->ia_plen)) == 0)
			return (ia);
	return (TAILQ_FIRST(&ii->ii_addrs));
}

bool
in_ifaddr_get(
    const struct ifnet *ifp, uint32_t n, uint32_t *addr, uint8_t *plen)
{
	struct in_ifaddr *ia = in_ifaddr_first(ifp);

	while (ia != NULL && n-- > 0)
		ia = TAILQ_NEXT(ia, ia_link);
	if (ia == NULL)
		return (false);
	*addr = ia->ia_addr;
	*plen = ia->ia_plen;
	return (true);
}

static bool
ia_broadcast(const struct in_ifaddr *ia, uint32_t addr)
{
	return (ia->ia_plen < 31 &&
		(ia->ia_ifp->if_flags & IFF_BROADCAST) != 0 &&
		addr == (ia->ia_addr | ~in_mask(ia->ia_plen)));
}

bool
in_broadcast(uint32_t addr)
{
	const struct in_ifaddr *ia;

	if (addr == INADDR_BROADCAST)
		return (true);
	if ((V_ip.bcastmap[addr >> 6 & 3] & UINT64_C(1) << (addr & 63)) == 0)
		return (false);
	TAILQ_FOREACH (ia, &V_ip.addrs, ia_all)
		if (ia_broadcast(ia, addr))
			return (true);
	return (false);
}

bool
in_ifbroadcast(const struct ifnet *ifp, uint32_t addr)
{
	const struct in_ifinfo *ii = ifp->if_afdata;
	const struct in_ifaddr *ia;

	if (addr == INADDR_BROADCAST)
		return (true);
	if (ii == NULL)
		return (false);
	TAILQ_FOREACH (ia, &ii->ii_addrs, ia_link)
		if (ia_broadcast(ia, addr))
			return (true);
	return (false);
}

bool
in_localaddr_of(const struct ifnet *ifp, uint32_t addr)
{
	return (in_ifaddr_find(ifp, addr) != NULL);
}

struct in_ifaddr *
ifa_ifwithnet(uint32_t addr)
{
	struct in_ifaddr *ia, *best = NULL;

	TAILQ_FOREACH (ia, &V_ip.addrs, ia_all)
		if (((ia->ia_addr ^ addr) & in_mask(ia->ia_plen)) == 0 &&
		    (best == NULL || ia->ia_plen > best->ia_plen))
			best = ia;
	return (best);
}

uint32_t
in_fib_first(const struct ifnet *ifp, uint32_t *last)
{
	uint32_t n = rt_numfibs();

	if (rt_allfibs()) {
		*last = n - 1;
		return (0);
	}
	*last = ifp->if_fib < n ? ifp->if_fib : 0;
	return (*last);
}

/* Traffic to ourselves goes through the loopback, if there is one. */
static struct ifnet *
in_loif(struct ifnet *ifp)
{
	struct ifnet *lo;

	for (lo = if_first(); lo != NULL; lo = if_next(lo))
		if ((lo->if_flags & IFF_LOOPBACK) != 0)
			return (lo);
	return (ifp);
}

static int
in_addprefix(struct in_ifaddr *ia)
{
	uint32_t fib, last;
	int error;

	if (ia->ia_plen == 32)
		return (0);
	for (fib = in_fib_first(ia->ia_ifp, &last); fib <= last; fib++) {
		error = rib_addifa(fib, ia->ia_addr & in_mask(ia->ia_plen),
		    ia->ia_plen, ia->ia_ifp, ia, 0);
		if (error == VE_EXIST) /* another address of this prefix's */
			continue;
		if (error != 0)
			return (error);
		ia->ia_route = true;
	}
	return (0);
}

/* Its own host route, so that packets to ourselves loop. */
static int
in_addlocal(struct in_ifaddr *ia)
{
	struct ifnet *lo = in_loif(ia->ia_ifp);
	uint32_t fib, last;
	int error = 0;

	fib = in_fib_first(ia->ia_ifp, &last);
	for (; error == 0 && fib <= last; fib++)
		error = rib_addifa(
		    fib, ia->ia_addr, 32, lo, ia, RTF_HOST | RTF_LOCAL);
	return (error);
}

/* FreeBSD: in_scrubprefix(): the route passes to a sibling, or goes; in each
 * table to one of its own.  In a vnet that lets go the siblings are on their
 * way out, too. */
static void
in_scrubprefix(struct in_ifaddr *ia)
{
	uint32_t net = ia->ia_addr & in_mask(ia->ia_plen);
	struct in_ifaddr *other;

	if (!ia->ia_route)
		return;
	ia->ia_route = false;
	(void)rib_delifa(net, ia->ia_plen, ia);
	if (curvnet->v_phase >= PHASE_LETGO)
		return;
	TAILQ_FOREACH (other, &V_ip.addrs, ia_all) {
		if (other == ia || other->ia_plen != ia->ia_plen ||
		    (other->ia_addr & in_mask(other->ia_plen)) != net ||
		    other->ia_ifp->if_dead)
			continue;
		(void)in_addprefix(other);
	}
}

static void
in_ifaddr_unlink(struct in_ifaddr *ia)
{
	struct in_ifinfo *ii = ia->ia_ifp->if_afdata;

	TAILQ_REMOVE(&ii->ii_addrs, ia, ia_link);
	TAILQ_REMOVE(&V_ip.addrs, ia, ia_all);
	LIST_REMOVE(ia, ia_hash);
	V_ip.naddrs--;
}

static void
in_ifaddr_delete(struct in_ifaddr *ia)
{
	eventhandler_invoke(EVH_IFADDR, ia, 0);
	(void)rib_delifa(ia->ia_addr, 32, ia);
	in_scrubprefix(ia);
	rt_addrmsg(false, ia);
	in_ifaddr_unlink(ia);
	ia->ia_ifp = NULL;
	ia->ia_dead = true;
	if (!ref_held(ia))
		uma_zfree(&in_ifaddr_zone, ia);
}

/* Return: 0, or why this cannot be an address of an interface. */
static int
in_checkaddr(const struct ifnet *ifp, uint32_t addr, uint8_t plen)
{
	if (addr == INADDR_ANY || addr == INADDR_BROADCAST ||
	    IN_MULTICAST(addr) || IN_EXPERIMENTAL(addr) || plen > 32)
		return (VE_INVAL);
	if (ifp->if_dead || (ifp->if_flags & IFF_DYING) != 0 ||
	    ifp->if_afdata == NULL || V_ip.hash == NULL ||
	    curvnet->v_phase >= PHASE_LETGO)
		return (VE_NXIO);
	return (in_localip(addr) ? VE_EXIST : 0);
}

int
in_aifaddr_ioctl(struct ifnet *ifp, uint32_t addr, uint8_t plen)
{
	int error = in_checkaddr(ifp, addr, plen);
	struct in_ifinfo *ii = ifp->if_afdata;
	struct in_ifaddr *ia;
	uint32_t bcast;

	if (error != 0)
		return (error);
	ia = uma_zalloc(&in_ifaddr_zone, M_ZERO);
	if (ia == NULL)
		return (VE_NOBUFS);
	ia->ia_addr = addr;
	ia->ia_plen = plen;
	ia->ia_ifp = ifp;
	TAILQ_INSERT_TAIL(&ii->ii_addrs, ia, ia_link);
	TAILQ_INSERT_TAIL(&V_ip.addrs, ia, ia_all);
	in_ifaddrhash_add(ia);
	V_ip.naddrs++;
	bcast = ia->ia_addr | ~in_mask(plen);
	V_ip.bcastmap[bcast >> 6 & 3] |= UINT64_C(1) << (bcast & 63);
	rts_quiet(true);
	error = in_addlocal(ia);
	if (error == 0)
		error = in_addprefix(ia);
	if (error != 0) {
		rib_undoifa(addr & in_mask(plen), plen, ia);
		rib_undoifa(addr, 32, ia);
		rts_quiet(false);
		in_ifaddr_unlink(ia);
		uma_zfree(&in_ifaddr_zone, ia);
		return (error);
	}
	rts_quiet(false);
	rt_addrmsg(true, ia);
	eventhandler_invoke(EVH_IFADDR, ia, 1);
	/* FreeBSD: SIOCSIFADDR in ether_ioctl() and loioctl() */
	(void)if_setflags(ifp, true);
	arp_ifinit(ifp, addr);
	return (0);
}

int
in_difaddr_ioctl(struct ifnet *ifp, uint32_t addr)
{
	struct in_ifaddr *ia = in_ifaddr_find(ifp, addr);

	if (ia == NULL)
		return (VE_ADDRNOTAVAIL);
	in_ifaddr_delete(ia);
	return (0);
}

void
in_ifpurge(struct ifnet *ifp)
{
	struct in_ifaddr *ia;

	while ((ia = in_ifaddr_first(ifp)) != NULL)
		in_ifaddr_delete(ia);
}

void
in_ifscrub_all(void)
{
	struct in_ifaddr *ia;

	while ((ia = TAILQ_FIRST(&V_ip.addrs)) != NULL)
		in_ifaddr_delete(ia);
}

static int
in_ifattach(struct ifnet *ifp)
{
	struct in_ifinfo *ii = uma_zalloc(&in_ifinfo_zone, M_ZERO);
	int error;

	if (ii == NULL)
		return (VE_NOMEM);
	TAILQ_INIT(&ii->ii_addrs);
	ifp->if_afdata = ii;
	error = arp_ifattach(ifp);
	if (error != 0) {
		uma_zfree(&in_ifinfo_zone, ii);
		ifp->if_afdata = NULL;
	}
	return (error);
}

static void
in_ifdetach(struct ifnet *ifp)
{
	struct in_ifinfo *ii = ifp->if_afdata;

	if (ii == NULL)
		return;
	in_ifpurge(ifp);
	arp_ifdetach(ifp);
	uma_zfree(&in_ifinfo_zone, ii);
	ifp->if_afdata = NULL;
}

/* Another link-layer address: announce ours again. */
static void
in_iflladdr(struct ifnet *ifp)
{
	const struct in_ifinfo *ii = ifp->if_afdata;
	const struct in_ifaddr *ia;

	if (ii == NULL)
		return;
	TAILQ_FOREACH (ia, &ii->ii_addrs, ia_link)
		arp_ifinit(ifp, ia->ia_addr);
}

const struct if_afops in_afops = {
	.ia_mod = VNET_MOD_ip,
	.ia_attach = in_ifattach,
	.ia_purge = in_ifpurge,
	.ia_detach = in_ifdetach,
	.ia_lladdr = in_iflladdr,
};
