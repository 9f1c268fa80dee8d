/*
 * in_pcb_lb.c - load-balance groups: SO_REUSEPORT_LB.
 *
 * Sockets of one prison with this option and the same local address and port
 * are a group.  What comes for that address and is for no connection goes to
 * one member, picked by a hash of the sender's address and both ports, so that
 * a sender stays with its member while the group does not change.  A group is
 * asked before any listener or bound socket that stands alone: one of the
 * exact address, then one of any.
 *
 * A UDP socket joins when it is bound, a TCP socket when it listens, because a
 * socket that does not listen would only answer by RST (FreeBSD 14 lets it in
 * at bind).  It leaves when it is connected, dropped or freed, and the ones
 * behind it move up.  A group has room for IN_LBGROUP_MIN members at first,
 * doubles up to IN_LBGROUP_MAX, and halves when a quarter is left.  Whoever
 * finds it full is bound, but never picked, as in FreeBSD.
 *
 * Without memory for a larger group the newcomer is refused; a group that
 * cannot shrink stays large.
 *
 * FreeBSD: in_pcbinslbgrouphash(), in_pcblookup_lbgroup() of in_pcb.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb_var.h"

static const struct field inpcblbgroup_fields[] = {
	FIELD(struct inpcblbgroup, il_hnode, LINK),
	FIELD(struct inpcblbgroup, il_laddr, IP4),
	FIELD(struct inpcblbgroup, il_lport, UINT),
	FIELD(struct inpcblbgroup, il_inpcnt, UINT),
	FIELD(struct inpcblbgroup, il_inpsiz, UINT),
	FIELD(struct inpcblbgroup, il_inp, PTR),
};
UMA_ZONE(inpcblbgroup_zone, inpcb, INPCB_Z_LBGROUP, struct inpcblbgroup, 0,
    inpcblbgroup_fields);
MALLOC_TYPE(
    in_lbmember_zone, inpcb, INPCB_Z_LBMEMBER, "in_lbmember", UMA_NOHASH);

static uint32_t
lb_hash(uint32_t laddr, uint16_t lport)
{
	return (in_hash_mix((uint64_t)laddr << 16 | lport));
}

static const struct prison *
lb_prison(const struct inpcb *inp)
{
	const struct ucred *cr = ref_get(&inp->inp_cred);

	return (ref_get(&cr->cr_prison));
}

/* @pr: whose; NULL: anybody's, the newest. */
static struct inpcblbgroup *
lb_find(const struct inpcbinfo *pi, uint32_t laddr, uint16_t lport,
    const struct prison *pr)
{
	struct inpcblbgroup *grp;
	struct in_hnode *n;

	for (n = in_hash_first(&pi->ipi_lbgroups, lb_hash(laddr, lport));
	     n != NULL; n = in_hash_next(n)) {
		grp = container_of(n, struct inpcblbgroup, il_hnode);
		if (grp->il_laddr == laddr && grp->il_lport == lport &&
		    (pr == NULL || lb_prison(grp->il_inp[0]) == pr))
			return (grp);
	}
	return (NULL);
}

/* Room for @n members; those that are there go along. */
static bool
lb_resize(struct inpcblbgroup *grp, uint32_t n)
{
	struct inpcb **inp;

	inp = kmalloc(&in_lbmember_zone, n * sizeof(struct inpcb *), M_NOWAIT);
	if (inp == NULL)
		return (false);
	if (grp->il_inp != NULL)
		memcpy(
		    inp, grp->il_inp, grp->il_inpcnt * sizeof(struct inpcb *));
	kfree(&in_lbmember_zone, grp->il_inp);
	grp->il_inp = inp;
	grp->il_inpsiz = (uint16_t)n;
	return (true);
}

static void
lb_free(struct inpcblbgroup *grp)
{
	kfree(&in_lbmember_zone, grp->il_inp);
	uma_zfree(&inpcblbgroup_zone, grp);
}

static struct inpcblbgroup *
lb_alloc(struct inpcb *inp)
{
	struct inpcblbgroup *grp;

	grp = uma_zalloc(&inpcblbgroup_zone, M_ZERO);
	if (grp == NULL)
		return (NULL);
	grp->il_laddr = inp->inp_laddr;
	grp->il_lport = inp->inp_lport;
	if (!lb_resize(grp, IN_LBGROUP_MIN) ||
	    !in_hash_insert(&inp->inp_pcbinfo->ipi_lbgroups, &grp->il_hnode,
		lb_hash(grp->il_laddr, grp->il_lport))) {
		lb_free(grp);
		return (NULL);
	}
	return (grp);
}

int
in_pcblbgroup_join(struct inpcb *inp)
{
	struct inpcblbgroup *grp;

	MPASS(inp->inp_lport != 0 && inp->inp_faddr == INADDR_ANY);
	if ((inp->inp_socket->so_options & SO_REUSEPORT_LB) == 0 ||
	    inp->inp_lbgroup != NULL)
		return (0);
	grp = lb_find(
	    inp->inp_pcbinfo, inp->inp_laddr, inp->inp_lport, lb_prison(inp));
	if (grp == NULL) {
		grp = lb_alloc(inp);
		if (grp == NULL)
			return (VE_NOBUFS);
	} else if (grp->il_inpcnt == grp->il_inpsiz) {
		if (grp->il_inpsiz >= IN_LBGROUP_MAX)
			return (0);
		if (!lb_resize(grp, 2u * grp->il_inpsiz))
			return (VE_NOBUFS);
	}
	grp->il_inp[grp->il_inpcnt++] = inp;
	inp->inp_lbgroup = grp;
	return (0);
}

void
in_pcblbgroup_leave(struct inpcb *inp)
{
	struct inpcblbgroup *grp = inp->inp_lbgroup;
	uint32_t i = 0;

	if (grp == NULL)
		return;
	inp->inp_lbgroup = NULL;
	while (grp->il_inp[i] != inp)
		i++;
	grp->il_inpcnt--;
	if (grp->il_inpcnt == 0) {
		in_hash_remove(&inp->inp_pcbinfo->ipi_lbgroups, &grp->il_hnode);
		lb_free(grp);
		return;
	}
	memmove(&grp->il_inp[i], &grp->il_inp[i + 1],
	    (grp->il_inpcnt - i) * sizeof(struct inpcb *));
	if (grp->il_inpsiz > IN_LBGROUP_MIN &&
	    grp->il_inpcnt <= grp->il_inpsiz / 4)
		(void)lb_resize(grp, grp->il_inpsiz / 2u);
}

struct inpcb *
in_pcblbgroup_pick(const struct inpcbinfo *pi, uint32_t faddr, uint16_t fport,
    uint32_t laddr, uint16_t lport)
{
	const struct inpcblbgroup *grp;
	uint32_t hash;

	grp = lb_find(pi, laddr, lport, NULL);
	if (grp == NULL)
		grp = lb_find(pi, INADDR_ANY, lport, NULL);
	if (grp == NULL)
		return (NULL);
	/* INP_PCBLBGROUP_PKTHASH */
	hash = faddr ^ faddr >> 16 ^ (uint32_t)(lport ^ fport);
	return (grp->il_inp[hash % grp->il_inpcnt]);
}
