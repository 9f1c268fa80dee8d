/*
 * in_mcast.c - membership of groups: what sockets ask for, and how it ends.
 *
 * Who holds whom: igmp_var.h.  A change at a socket is tried with a new list of
 * sources; if the group cannot follow (no memory, too many sources), the old
 * list is put back and nothing has changed.  Leaving always works: where there
 * is no memory to compute what the others want without this one, the group goes
 * on wanting what it wanted; sockets filter for themselves.
 *
 * Differences from FreeBSD: net.inet.ip.mcast.maxsocksrc bounds sources that
 * are added one by one, too.  A membership is gone with its interface, as
 * there; so is the choice of IP_MULTICAST_IF, which is a handle.
 *
 * RFC 3678.  FreeBSD: sys/netinet/in_mcast.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"

static const struct field in_mfilter_fields[] = {
	FIELD(struct in_mfilter, imf_inm, REF),
	FIELD(struct in_mfilter, imf_imo, PTR),
	FIELD(struct in_mfilter, imf_sources.is_src, PTR),
	FIELD(struct in_mfilter, imf_sources.is_n, UINT),
	FIELD(struct in_mfilter, imf_mode, UINT),
	FIELD(struct in_mfilter, imf_entry, LINK),
	FIELD(struct in_mfilter, imf_member, LINK),
};
UMA_ZONE(in_mfilter_zone, igmp, IGMP_Z_MFILTER, struct in_mfilter, 0,
    in_mfilter_fields);

/* ---- join, change, leave ---- */

/* Let the group follow its members.  Return: 0; VE_NOBUFS; VE_NOSPC. */
static int
inm_update(struct in_multi *inm)
{
	struct in_slist src;
	uint32_t mode;
	int error = inm_merge(inm, &mode, &src);

	if (error == 0)
		igmp_change_state(inm, mode, &src);
	return (error);
}

static void
imf_link(struct in_mfilter *imf, struct in_multi *inm)
{
	ref_take(&imf->imf_inm, inm, "imf_inm");
	TAILQ_INSERT_TAIL(&inm->inm_members, imf, imf_member);
	inm->inm_nmembers++;
}

static void
imf_unlink(struct in_mfilter *imf, struct in_multi *inm)
{
	TAILQ_REMOVE(&inm->inm_members, imf, imf_member);
	inm->inm_nmembers--;
	(void)ref_drop(&imf->imf_inm);
}

/* Off its socket's list, which may lose the last one. */
static void
imf_free(struct in_mfilter *imf)
{
	struct ip_moptions *imo = imf->imf_imo;

	if (imo != NULL) {
		TAILQ_REMOVE(&imo->imo_head, imf, imf_entry);
		imo->imo_nfilters--;
	}
	in_slist_free(&imf->imf_sources);
	VNET(igmp).nimfs--;
	uma_zfree(&in_mfilter_zone, imf);
}

static void
imf_leave(struct in_mfilter *imf)
{
	struct in_multi *inm = ref_get(&imf->imf_inm);
	struct in_slist none = { NULL, 0 };

	imf_unlink(imf, inm);
	imf_free(imf);
	if (inm->inm_nmembers == 0)
		igmp_change_state(inm, MCAST_INCLUDE, &none);
	else if (!V_igmp.shut && curvnet->v_phase < PHASE_QUIESCE)
		(void)inm_update(inm);
}

/* Into the group, which is made if need be. */
static int
imf_join(struct ip_moptions *imo, struct ifnet *ifp, uint32_t group,
    struct in_mfilter *imf)
{
	struct igmp_ifsoftc *igi = igmp_ifsoftc_get(ifp);
	struct in_multi *inm;
	int error;

	inm = igi != NULL ? inm_get(igi, group) : NULL;
	if (inm == NULL)
		return (VE_NOBUFS);
	imf_link(imf, inm);
	error = inm_update(inm);
	if (error != 0) {
		imf_unlink(imf, inm);
		if (inm->inm_state == IGMP_NOT_MEMBER)
			inm_free(inm);
		return (error);
	}
	imf->imf_imo = imo;
	TAILQ_INSERT_TAIL(&imo->imo_head, imf, imf_entry);
	imo->imo_nfilters++;
	return (0);
}

/* Another filter.  Takes @sl; it is what was before, if that fails. */
static int
imf_change(struct in_mfilter *imf, uint32_t mode, struct in_slist *sl)
{
	struct in_slist old = imf->imf_sources;
	uint32_t was = imf->imf_mode;
	int error;

	imf->imf_sources = *sl;
	imf->imf_mode = mode;
	error = inm_update(ref_get(&imf->imf_inm));
	if (error == 0) {
		in_slist_free(&old);
		return (0);
	}
	imf->imf_sources = old;
	imf->imf_mode = was;
	in_slist_free(sl);
	return (error);
}

/* With one source more, or less. */
static int
imf_source(struct in_mfilter *imf, uint32_t src, bool add)
{
	struct in_slist sl = { NULL, 0 };
	int error = 0;

	if (add &&
	    imf->imf_sources.is_n >= (uint32_t)igmp_tunable(IGT_maxsocksrc))
		return (VE_NOBUFS);
	error =
	    in_slist_set(&sl, imf->imf_sources.is_src, imf->imf_sources.is_n);
	if (error == 0 && add)
		error = in_slist_add(&sl, src);
	if (error != 0) {
		in_slist_free(&sl);
		return (error);
	}
	if (!add)
		in_slist_del(&sl, src);
	return (imf_change(imf, imf->imf_mode, &sl));
}

/* ---- the options ---- */

static struct ifnet *
ifp_of_addr(uint32_t addr)
{
	struct in_ifaddr *ia;

	TAILQ_FOREACH (ia, &V_ip.addrs, ia_all)
		if (ia->ia_addr == addr)
			return (ia->ia_ifp);
	return (NULL);
}

/* FreeBSD: inp_lookup_mcast_ifp() */
static struct ifnet *
inp_lookup_mcast_ifp(const struct inpcb *inp, const struct in_mreq *mr)
{
	const struct in_ifaddr *ia;
	struct ip_way way = { 0 };

	if (mr->mr_ifindex != 0)
		return (ifnet_byindex(mr->mr_ifindex));
	if (mr->mr_ifaddr != 0)
		return (ifp_of_addr(mr->mr_ifaddr));
	if (ip_way_find(inp->inp_fib, mr->mr_group, &way) == 0)
		return (way.ifp);
	TAILQ_FOREACH (ia, &V_ip.addrs, ia_all)
		if ((ia->ia_ifp->if_flags & (IFF_LOOPBACK | IFF_MULTICAST)) ==
		    IFF_MULTICAST)
			return (ia->ia_ifp);
	return (NULL);
}

/* A membership is there already: may it be joined once more? */
static int
inp_rejoin(struct in_mfilter *imf, uint32_t src, bool withsrc)
{
	if (!withsrc)
		return (
		    imf->imf_mode == MCAST_EXCLUDE ? VE_ADDRINUSE : VE_INVAL);
	if (imf->imf_mode != MCAST_INCLUDE)
		return (VE_INVAL);
	if (in_slist_has(&imf->imf_sources, src))
		return (VE_ADDRNOTAVAIL);
	return (imf_source(imf, src, true));
}

/* A new membership.  Return: as inp_setmoptions(). */
static int
inp_join_new(struct inpcb *inp, struct ifnet *ifp, const struct in_mreq *mr,
    bool withsrc)
{
	struct ip_moptions *imo;
	struct in_mfilter *imf;
	int error = imo_get(inp, &imo);

	if (error != 0)
		return (error);
	if (imo->imo_nfilters >= IP_MAX_MEMBERSHIPS)
		return (VE_NOMEM);
	imf = uma_zalloc(&in_mfilter_zone, M_ZERO);
	if (imf == NULL)
		return (VE_NOBUFS);
	VNET(igmp).nimfs++;
	imf->imf_mode = withsrc ? MCAST_INCLUDE : MCAST_EXCLUDE;
	if (withsrc)
		error = in_slist_add(&imf->imf_sources, mr->mr_source);
	if (error == 0)
		error = imf_join(imo, ifp, mr->mr_group, imf);
	if (error != 0)
		imf_free(imf);
	return (error);
}

static int
inp_join_group(struct inpcb *inp, const struct in_mreq *mr, bool withsrc)
{
	struct ifnet *ifp = inp_lookup_mcast_ifp(inp, mr);
	struct in_mfilter *imf;
	struct igmp_mark mk;
	int error;

	if (ifp == NULL || (ifp->if_flags & IFF_MULTICAST) == 0 ||
	    ifp->if_dead || if_leaving(ifp))
		return (VE_ADDRNOTAVAIL);
	imf = imo_match_group(inp->inp_moptions, ifp, mr->mr_group);
	if (imf != NULL)
		return (inp_rejoin(imf, mr->mr_source, withsrc));
	igmp_mark(&mk, inp, ifp);
	error = inp_join_new(inp, ifp, mr, withsrc);
	if (error != 0)
		igmp_undo(&mk, inp);
	return (error);
}

/* Which membership does a request mean?  Return: NULL: none. */
static struct in_mfilter *
inp_membership(const struct inpcb *inp, const struct in_mreq *mr)
{
	struct ifnet *ifp = NULL;

	if (mr->mr_ifindex != 0)
		ifp = ifnet_byindex(mr->mr_ifindex);
	else if (mr->mr_ifaddr != 0)
		ifp = ifp_of_addr(mr->mr_ifaddr);
	if (ifp == NULL && (mr->mr_ifindex != 0 || mr->mr_ifaddr != 0))
		return (NULL);
	return (imo_match_group(inp->inp_moptions, ifp, mr->mr_group));
}

static int
inp_leave_group(struct inpcb *inp, const struct in_mreq *mr, bool withsrc)
{
	struct in_mfilter *imf = inp_membership(inp, mr);

	if (imf == NULL)
		return (VE_ADDRNOTAVAIL);
	if (!withsrc) {
		imf_leave(imf);
		return (0);
	}
	if (imf->imf_mode == MCAST_EXCLUDE ||
	    !in_slist_has(&imf->imf_sources, mr->mr_source))
		return (VE_ADDRNOTAVAIL);
	return (imf_source(imf, mr->mr_source, false));
}

static int
inp_block_unblock_source(
    struct inpcb *inp, const struct in_mreq *mr, bool block)
{
	struct ifnet *ifp = inp_lookup_mcast_ifp(inp, mr);
	struct in_mfilter *imf;

	if (ifp == NULL || (ifp->if_flags & IFF_MULTICAST) == 0)
		return (VE_ADDRNOTAVAIL);
	imf = imo_match_group(inp->inp_moptions, ifp, mr->mr_group);
	if (imf == NULL)
		return (VE_ADDRNOTAVAIL);
	if (imf->imf_mode != MCAST_EXCLUDE)
		return (VE_INVAL);
	if (in_slist_has(&imf->imf_sources, mr->mr_source) == block)
		return (VE_ADDRNOTAVAIL);
	return (imf_source(imf, mr->mr_source, block));
}

static bool
inp_nomcast(const struct inpcb *inp)
{
	return (inp->inp_socket == NULL ||
		inp->inp_socket->so_proto->pr_type == SOCK_STREAM);
}

int
inp_setmoptions(struct inpcb *inp, int name, const struct in_mreq *mr)
{
	bool withsrc = name != IP_ADD_MEMBERSHIP && name != IP_DROP_MEMBERSHIP;

	if (inp_nomcast(inp))
		return (VE_OPNOTSUPP);
	if (!IN_MULTICAST(mr->mr_group) ||
	    (withsrc && IN_MULTICAST(mr->mr_source)))
		return (VE_INVAL);
	switch (name) {
	case IP_ADD_MEMBERSHIP:
	case IP_ADD_SOURCE_MEMBERSHIP:
		return (inp_join_group(inp, mr, withsrc));
	case IP_DROP_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
		return (inp_leave_group(inp, mr, withsrc));
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
		return (
		    inp_block_unblock_source(inp, mr, name == IP_BLOCK_SOURCE));
	default:
		return (VE_NOPROTOOPT);
	}
}

int
inp_set_source_filters(struct inpcb *inp, const struct in_mreq *mr,
    uint32_t mode, uint32_t n, const uint32_t *src)
{
	struct in_slist sl = { NULL, 0 };
	struct in_mfilter *imf;
	int error;

	if (inp_nomcast(inp))
		return (VE_OPNOTSUPP);
	if (n > (uint32_t)igmp_tunable(IGT_maxsocksrc))
		return (VE_NOBUFS);
	if ((mode != MCAST_INCLUDE && mode != MCAST_EXCLUDE) ||
	    !IN_MULTICAST(mr->mr_group))
		return (VE_INVAL);
	for (uint32_t i = 0; i < n; i++)
		if (IN_MULTICAST(src[i]))
			return (VE_INVAL);
	imf = inp_membership(inp, mr);
	if (imf == NULL)
		return (VE_ADDRNOTAVAIL);
	error = in_slist_set(&sl, src, n);
	return (error != 0 ? error : imf_change(imf, mode, &sl));
}

int
inp_get_source_filters(struct inpcb *inp, const struct in_mreq *mr,
    uint32_t *mode, uint32_t *n, uint32_t *src)
{
	const struct in_mfilter *imf;
	uint32_t room = *n;

	if (inp_nomcast(inp))
		return (VE_OPNOTSUPP);
	if (!IN_MULTICAST(mr->mr_group))
		return (VE_INVAL);
	imf = inp_membership(inp, mr);
	if (imf == NULL)
		return (VE_ADDRNOTAVAIL);
	*mode = imf->imf_mode;
	*n = imf->imf_sources.is_n;
	for (uint32_t i = 0; i < imin(room, *n); i++)
		src[i] = imf->imf_sources.is_src[i];
	return (0);
}

/* ---- the end of it ---- */

void
inp_freemoptions(struct inpcb *inp)
{
	struct ip_moptions *imo = inp->inp_moptions;
	struct in_mfilter *imf;

	if (imo == NULL)
		return;
	inp->inp_moptions = NULL;
	while ((imf = TAILQ_FIRST(&imo->imo_head)) != NULL)
		imf_leave(imf);
	TAILQ_REMOVE(&V_igmp.imos, imo, imo_link);
	if (--V_igmp.nimos == 0)
		in_mc_register(NULL);
	uma_zfree(&ip_moptions_zone, imo);
}

void
inm_purge(struct in_multi *inm)
{
	struct in_mfilter *imf;

	while ((imf = TAILQ_FIRST(&inm->inm_members)) != NULL) {
		imf_unlink(imf, inm);
		imf_free(imf);
	}
	inm_free(inm);
}
