/*
 * in_multi.c - groups of an interface, and the options of a socket that need
 * none.
 *
 * A group hangs on IGMP's part of its interface and owns all that is to be said
 * about it.  224.0.0.1 is everybody's without an object; if a socket joins it
 * there is one, about which nothing is ever said.
 *
 * FreeBSD: in_multi of sys/netinet/in_var.h, in_getmulti(), inm_release(),
 * inp_set_multicast_if() of in_mcast.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/core/handle.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"

#define F(m, kind) FIELD(struct in_multi, m, kind)
static const struct field in_multi_fields[] = {
	F(inm_addr, IP4),
	F(inm_state, UINT),
	F(inm_mode, UINT),
	F(inm_scrv, UINT),
	F(inm_told, BOOL),
	F(inm_sources.is_src, PTR),
	F(inm_sources.is_n, UINT),
	F(inm_rec.is_src, PTR),
	F(inm_rec.is_n, UINT),
	F(inm_chg, PTR),
	F(inm_nchg, UINT),
	F(inm_nmembers, UINT),
	F(inm_timer, TIME),
	F(inm_sctimer, TIME),
	F(inm_lastgsr, TIME),
	F(inm_igi, PTR),
	F(inm_ifma, REF),
	F(inm_members, LINK),
	F(inm_link, LINK),
};
#undef F
UMA_ZONE(
    in_multi_zone, igmp, IGMP_Z_MULTI, struct in_multi, 0, in_multi_fields);

struct in_multi *
inm_lookup(const struct igmp_ifsoftc *igi, uint32_t group)
{
	struct in_multi *inm;

	TAILQ_FOREACH (inm, &igi->igi_inms, inm_link)
		if (inm->inm_addr == group)
			return (inm);
	return (NULL);
}

struct in_multi *
inm_get(struct igmp_ifsoftc *igi, uint32_t group)
{
	uint8_t lladdr[ETHER_ADDR_LEN] = { 0x01, 0x00 };
	struct in_multi *inm = inm_lookup(igi, group);

	if (inm != NULL)
		return (inm);
	inm = uma_zalloc(&in_multi_zone, M_ZERO);
	if (inm == NULL)
		return (NULL);
	/* RFC 1112 section 6.4: the low 23 bits */
	be32enc(lladdr + 2, group & 0x7fffff);
	lladdr[2] = 0x5e;
	if (igi->igi_ifp->if_addrlen == ETHER_ADDR_LEN &&
	    if_addmulti(igi->igi_ifp, lladdr, &inm->inm_ifma) != 0) {
		uma_zfree(&in_multi_zone, inm);
		return (NULL);
	}
	inm->inm_addr = group;
	inm->inm_igi = igi;
	inm->inm_mode = MCAST_INCLUDE;
	inm->inm_timer = inm->inm_sctimer = IGMP_NEVER;
	inm->inm_lastgsr = -IGMP_NEVER;
	TAILQ_INIT(&inm->inm_members);
	TAILQ_INSERT_TAIL(&igi->igi_inms, inm, inm_link);
	igi->igi_ninms++;
	V_igmp.ninms++;
	return (inm);
}

void
inm_free(struct in_multi *inm)
{
	struct igmp_ifsoftc *igi = inm->inm_igi;

	MPASS(inm->inm_nmembers == 0);
	if (inm->inm_sctimer != IGMP_NEVER && --V_igmp.npending == 0)
		wakeup(&V_igmp.wq);
	TAILQ_REMOVE(&igi->igi_inms, inm, inm_link);
	igi->igi_ninms--;
	V_igmp.ninms--;
	if_delmulti(&inm->inm_ifma);
	in_slist_free(&inm->inm_sources);
	in_slist_free(&inm->inm_rec);
	kfree(&in_mchange_zone, inm->inm_chg);
	uma_zfree(&in_multi_zone, inm);
}

bool
in_mcast_member(const struct ifnet *ifp, uint32_t group)
{
	const struct igmp_ifsoftc *igi;
	const struct in_multi *inm;

	if (group == INADDR_ALLHOSTS)
		return ((ifp->if_flags & IFF_MULTICAST) != 0);
	igi = igmp_ifsoftc_find(ifp);
	inm = igi != NULL ? inm_lookup(igi, group) : NULL;
	return (inm != NULL && inm->inm_nmembers != 0);
}

bool
in_mcast_nth(const struct ifnet *ifp, uint32_t n, struct in_mcast_info *mi,
    uint32_t *src, uint32_t max)
{
	const struct igmp_ifsoftc *igi = igmp_ifsoftc_find(ifp);
	const struct in_multi *inm;

	inm = igi != NULL ? TAILQ_FIRST(&igi->igi_inms) : NULL;
	while (inm != NULL && n-- > 0)
		inm = TAILQ_NEXT(inm, inm_link);
	if (inm == NULL)
		return (false);
	mi->mi_group = inm->inm_addr;
	mi->mi_nmembers = inm->inm_nmembers;
	mi->mi_mode = inm->inm_nmembers != 0 ? inm->inm_mode : MCAST_UNDEFINED;
	mi->mi_nsrc = inm->inm_sources.is_n;
	for (uint32_t i = 0; i < imin(max, mi->mi_nsrc); i++)
		src[i] = inm->inm_sources.is_src[i];
	return (true);
}

/* ---- IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP ---- */

/* Return: 0; VE_ADDRNOTAVAIL; VE_OPNOTSUPP: no multicast there. */
static int
imo_set_if(struct ip_moptions *imo, uint32_t addr)
{
	const struct in_ifaddr *ia;

	if (addr == INADDR_ANY) {
		imo->imo_multicast_ifp = 0;
		imo->imo_multicast_addr = 0;
		return (0);
	}
	TAILQ_FOREACH (ia, &V_ip.addrs, ia_all)
		if (ia->ia_addr == addr)
			break;
	if (ia == NULL)
		return (VE_ADDRNOTAVAIL);
	if ((ia->ia_ifp->if_flags & IFF_MULTICAST) == 0)
		return (VE_OPNOTSUPP);
	imo->imo_multicast_ifp = ia->ia_ifp->if_handle;
	imo->imo_multicast_addr = addr;
	return (0);
}

static int
imo_getopt(const struct ip_moptions *imo, int name, int64_t *value)
{
	switch (name) {
	case IP_MULTICAST_IF:
		*value = 0;
		if (imo != NULL &&
		    handle_lookup(HANDLE_IFNET, imo->imo_multicast_ifp) != NULL)
			*value = imo->imo_multicast_addr;
		return (0);
	case IP_MULTICAST_TTL:
		*value = imo != NULL ? imo->imo_multicast_ttl
				     : IP_DEFAULT_MULTICAST_TTL;
		return (0);
	case IP_MULTICAST_LOOP:
		*value = imo != NULL ? imo->imo_multicast_loop
				     : igmp_tunable(IGT_loop);
		return (0);
	default:
		return (VE_NOPROTOOPT);
	}
}

int
inp_mopt(struct inpcb *inp, bool set, int name, int64_t *value)
{
	struct ip_moptions *imo;
	struct igmp_mark mk;
	int error;

	if (inp->inp_socket == NULL ||
	    inp->inp_socket->so_proto->pr_type == SOCK_STREAM)
		return (VE_OPNOTSUPP);
	if (!set)
		return (imo_getopt(inp->inp_moptions, name, value));
	if (name != IP_MULTICAST_IF && name != IP_MULTICAST_TTL &&
	    name != IP_MULTICAST_LOOP)
		return (VE_NOPROTOOPT);
	if (*value < 0 || *value > (name == IP_MULTICAST_IF ? UINT32_MAX : 255))
		return (VE_INVAL);
	igmp_mark(&mk, inp, NULL);
	error = imo_get(inp, &imo);
	if (error == 0 && name == IP_MULTICAST_IF)
		error = imo_set_if(imo, (uint32_t)*value);
	if (error != 0) {
		igmp_undo(&mk, inp);
		return (error);
	}
	if (name == IP_MULTICAST_IF)
		return (0);
	if (name == IP_MULTICAST_TTL)
		imo->imo_multicast_ttl = (uint8_t)*value;
	else
		imo->imo_multicast_loop = *value != 0;
	return (0);
}
