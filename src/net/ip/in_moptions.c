/*
 * in_moptions.c - what a socket has of multicast, and what UDP asks of it.
 *
 * Made when the first option is set or the first group joined, freed with the
 * pcb.  UDP stands below IP in the order of includes, so it reaches this by a
 * table (in_af.h), which is there while any socket has options.
 *
 * FreeBSD: struct ip_moptions, imo_multi_filter() of sys/netinet/in_mcast.c.
 */
#include <vnetsim/errno.h>
#include "src/core/handle.h"
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"

static const struct field ip_moptions_fields[] = {
	FIELD(struct ip_moptions, imo_inp, PTR),
	FIELD(struct ip_moptions, imo_multicast_ifp, OPAQUE),
	FIELD(struct ip_moptions, imo_multicast_addr, IP4),
	FIELD(struct ip_moptions, imo_multicast_ttl, UINT),
	FIELD(struct ip_moptions, imo_multicast_loop, BOOL),
	FIELD(struct ip_moptions, imo_nfilters, UINT),
	FIELD(struct ip_moptions, imo_head, LINK),
	FIELD(struct ip_moptions, imo_link, LINK),
};
UMA_ZONE(ip_moptions_zone, igmp, IGMP_Z_MOPTIONS, struct ip_moptions, 0,
    ip_moptions_fields);

struct in_mfilter *
imo_match_group(
    const struct ip_moptions *imo, const struct ifnet *ifp, uint32_t group)
{
	struct in_mfilter *imf;
	const struct in_multi *inm;

	if (imo == NULL)
		return (NULL);
	TAILQ_FOREACH (imf, &imo->imo_head, imf_entry) {
		inm = ref_get(&imf->imf_inm);
		if (inm->inm_addr == group &&
		    (ifp == NULL || inm->inm_igi->igi_ifp == ifp))
			return (imf);
	}
	return (NULL);
}

/* FreeBSD: imo_multi_filter() */
static int
mc_filter(
    const struct inpcb *inp, const struct mbuf *m, uint32_t group, uint32_t src)
{
	const struct ifnet *ifp = m_rcvif(m);
	const struct in_mfilter *imf;

	imf =
	    ifp != NULL ? imo_match_group(inp->inp_moptions, ifp, group) : NULL;
	if (imf == NULL)
		return (MCAST_NOTGMEMBER);
	if (in_slist_has(&imf->imf_sources, src) ==
	    (imf->imf_mode == MCAST_INCLUDE))
		return (MCAST_PASS);
	return (
	    imf->imf_mode == MCAST_INCLUDE ? MCAST_NOTSMEMBER : MCAST_MUTED);
}

static int
mc_laddr(const struct inpcb *inp, uint32_t *src)
{
	const struct ip_moptions *imo = inp->inp_moptions;
	const struct in_ifaddr *ia;
	const struct ifnet *ifp;

	ifp = imo != NULL ? handle_lookup(HANDLE_IFNET, imo->imo_multicast_ifp)
			  : NULL;
	if (ifp == NULL)
		return (VE_NOENT);
	ia = in_ifaddr_first(ifp);
	if (ia == NULL)
		return (VE_ADDRNOTAVAIL);
	*src = ia->ia_addr;
	return (0);
}

static const struct inet_mcops in_mcops = {
	.mc_filter = mc_filter,
	.mc_laddr = mc_laddr,
	.mc_free = inp_freemoptions,
};

/* FreeBSD: inp_findmoptions() */
int
imo_get(struct inpcb *inp, struct ip_moptions **imop)
{
	struct ip_moptions *imo = inp->inp_moptions;
	int error;

	*imop = imo;
	if (imo != NULL)
		return (0);
	error = igmp_attach();
	if (error != 0)
		return (error);
	imo = uma_zalloc(&ip_moptions_zone, M_ZERO);
	if (imo == NULL)
		return (VE_NOBUFS);
	imo->imo_inp = inp;
	imo->imo_multicast_ttl = IP_DEFAULT_MULTICAST_TTL;
	imo->imo_multicast_loop = V_igmp.tun[IGT_loop] != 0;
	TAILQ_INIT(&imo->imo_head);
	TAILQ_INSERT_TAIL(&V_igmp.imos, imo, imo_link);
	if (V_igmp.nimos++ == 0)
		in_mc_register(&in_mcops);
	inp->inp_moptions = imo;
	*imop = imo;
	return (0);
}
