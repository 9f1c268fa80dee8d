/*
 * link_fate.c - what a wire does to a frame: nothing, or one thing.
 *
 * Decided when the frame is sent, by the first of these that applies:
 *
 *	lost        "drop N", then by chance; nobody at the far end
 *	corrupted   "corrupt next N", then by chance
 *	doubled     by chance
 *	held back   "reorder next N", then by chance
 *
 * Chance is krandom("link.loss", link*2+direction, ordinal) and the like: each
 * impairment of each direction has a generator of its own, counted by the
 * frames that got on the wire.  So no draw depends on other directions, other
 * impairments, or on what became of earlier frames.  A schedule may turn each
 * such decision over: choose(2, "link.a" or "link.b", "loss", ...), one anchor
 * per frame and impairment that is switched on.
 *
 * A corrupted frame arrives with one bit flipped, anywhere from the Ethernet
 * header on (as netem does; there is no FCS that would catch it).  Until then
 * its sums were marks: they are made real in a copy, whose marks are gone, so
 * that the receiver has to look.  Chance leaves ARP alone, which has no sum
 * and would be believed; "corrupt next N of arp" does not.  That form flips a
 * bit behind the Ethernet header, where somebody is sure to notice.
 */
#include "src/net/link/ethernet.h"
#include "src/net/link/link_var.h"

static uint64_t
dir_key(const struct link_dir *ld)
{
	return ((uint64_t)ld->ld_link->l_id * 2 + ld->ld_end);
}

/* Draws, whether or not it matters: so ordinals of anchors do not move. */
static bool
chance(
    const struct link_dir *ld, uint32_t ppm, const char *key, const char *what)
{
	bool yes;

	if (ppm == 0)
		return (false);
	yes = krandom(key, dir_key(ld), ld->ld_ordinal) % LINK_PPM < ppm;
	if (choose(2, ld->ld_end == 0 ? "link.a" : "link.b", what) == 1)
		yes = !yes;
	return (yes);
}

bool
link_marks(const struct link_dir *ld)
{
	return (chance(ld, ld->ld_p.lp_mark, "link.mark", "mark"));
}

/* Is it one of the next N? */
static bool
wanted(struct link_dir *ld, enum link_impair what, const struct mbuf *m)
{
	struct link_next *ln = &ld->ld_next[what];

	if (ln->ln_n == 0 || !link_classify(m, (enum link_class)ln->ln_cls))
		return (false);
	ln->ln_n--;
	return (true);
}

static bool
nobody(const struct link_dir *ld)
{
	const struct ifnet *peer = ld->ld_link->l_if[!ld->ld_end];

	return (link_endvnet(ld->ld_link, !ld->ld_end) == NULL ||
		link_refuses(peer) != DROP_NONE);
}

enum link_fate
link_fate(struct link_dir *ld, const struct mbuf *m, enum drop_reason *why)
{
	const struct link_params *p = &ld->ld_p;
	bool loss = chance(ld, p->lp_loss, "link.loss", "loss");
	bool corrupt = chance(ld, p->lp_corrupt, "link.corrupt", "corrupt");
	bool dup = chance(ld, p->lp_dup, "link.dup", "dup");
	bool reorder = chance(ld, p->lp_reorder, "link.reorder", "reorder");

	if (wanted(ld, LINK_DROP, m)) {
		ld->ld_st.ls_filter++;
		*why = DROP_LINK_FILTER;
		return (FATE_LOST);
	}
	if (loss) {
		ld->ld_st.ls_lost++;
		*why = DROP_LINK_LOSS;
		return (FATE_LOST);
	}
	if (nobody(ld)) {
		ld->ld_st.ls_nobody++;
		*why = DROP_LINK_NOBODY;
		return (FATE_LOST);
	}
	if (wanted(ld, LINK_CORRUPT, m))
		return (FATE_CORRUPT_L3);
	if (corrupt && !link_classify(m, LINK_ARP))
		return (FATE_CORRUPT);
	if (dup)
		return (FATE_DUP);
	if (wanted(ld, LINK_REORDER, m) || reorder)
		return (FATE_HELD);
	return (FATE_ARRIVES);
}

struct mbuf *
link_corrupt(
    const struct link_dir *ld, const struct mbuf *m, bool l3, uint32_t *bit)
{
	uint32_t first = l3 ? ETHER_HDR_LEN * 8 : 0;
	struct mbuf *copy, *n;
	uint32_t at;

	if (m->m_pkthdr.len * 8 <= first)
		return (NULL);
	copy = m_dup(m, if_mflags());
	if (copy == NULL)
		return (NULL);
	(void)m_csum_fill(copy);
	copy->m_pkthdr.csum_flags = 0;
	*bit = first +
	       (uint32_t)(krandom("link.bit", dir_key(ld), ld->ld_ordinal) %
			  ((uint64_t)m->m_pkthdr.len * 8 - first));
	at = *bit / 8;
	for (n = copy; at >= n->m_len; n = n->m_next)
		at -= n->m_len;
	*mtodo(n, at) ^= (uint8_t)(0x80 >> *bit % 8);
	return (copy);
}
