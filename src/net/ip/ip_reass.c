/*
 * ip_reass.c - fragments are put together again.
 *
 * Fragments hang at their packet (struct ipq, ip_reass_var.h) by m_nextpkt, in
 * order of their offset.  Where they overlap, a new one yields to the one
 * before it, and those behind it yield to it.  One that disagrees with the end
 * of the packet, or has a length that no sender makes, is dropped.
 *
 * One fragment more than net.inet.ip.maxfragsperpacket ends its packet, but
 * for one that completes it.  The other limits are ip_reass_queue.c's.
 *
 * RFC 791 section 3.2; RFC 815; RFC 3168 section 5.3 (ECN).  FreeBSD:
 * ip_reass() of sys/netinet/ip_reass.c.
 */
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip_reass.h"
#include "src/net/ip/ip_reass_var.h"
#include "src/net/ip/ip_var.h"

/* Bytes off its front; the sum over the whole is no longer known. */
static void
frag_trim(struct mbuf *m, uint32_t n)
{
	m_adj(m, (int)n);
	m->m_pkthdr.flowid += n;
	m->m_pkthdr.csum_flags = 0;
}

/* May a fragment have this length and place? */
static bool
frag_sane(const struct ip_repr *ip, uint32_t off, uint32_t len)
{
	if (len == 0 || ((ip->off & IP_MF) != 0 && (len & 7) != 0)) {
		IPSTAT_INC(toosmall);
		return (false);
	}
	if (off + len > IP_MAXPACKET) {
		IPSTAT_INC(toolong);
		return (false);
	}
	return (true);
}

/* Does it agree with the end of the packet, if that was seen? */
static bool
frag_fits(struct ipq *fp, const struct ip_repr *ip, uint32_t end)
{
	bool more = (ip->off & IP_MF) != 0;

	if (fp->ipq_maxoff != 0)
		return (more ? end < fp->ipq_maxoff : end == fp->ipq_maxoff);
	if (!more)
		fp->ipq_maxoff = end;
	return (true);
}

/* RFC 3168 section 5.3: congestion that one fragment met is the packet's; a
 * mix with fragments that cannot say so is none that a sender makes. */
static bool
frag_ecn(struct ipq *fp, const struct ip_repr *ip)
{
	uint8_t ecn = ip->tos & IPTOS_ECN_MASK;

	if ((ecn == 0) != (fp->ipq_ecn == 0) &&
	    (ecn == IPTOS_ECN_CE || ecn == 0))
		return (false);
	if (ecn == IPTOS_ECN_CE)
		fp->ipq_ecn = ecn;
	return (true);
}

/* Into its place.  Return: false: all its bytes are there already. */
static bool
frag_insert(struct ipreass *ir, struct ipq *fp, struct mbuf *m)
{
	struct mbuf *p = NULL, *q = fp->ipq_frags;

	while (q != NULL && frag_off(q) <= frag_off(m)) {
		p = q;
		q = q->m_nextpkt;
	}
	if (p != NULL && frag_end(p) > frag_off(m)) {
		if (frag_end(p) >= frag_end(m))
			return (false);
		frag_trim(m, frag_end(p) - frag_off(m));
	}
	while (q != NULL && frag_end(m) > frag_off(q)) {
		struct mbuf *next = q->m_nextpkt;

		if (frag_end(m) < frag_end(q)) {
			frag_trim(q, frag_end(m) - frag_off(q));
			break;
		}
		q->m_nextpkt = NULL;
		IPSTAT_INC(fragdropped);
		m_drop(q, DROP_IP_FRAGMENT);
		fp->ipq_nfrags--;
		ir->ir_frags--;
		q = next;
	}
	m->m_nextpkt = q;
	if (p != NULL)
		p->m_nextpkt = m;
	else
		fp->ipq_frags = m;
	fp->ipq_nfrags++;
	ir->ir_frags++;
	return (true);
}

static bool
ipq_complete(const struct ipq *fp)
{
	const struct mbuf *q;
	uint32_t next = 0;

	for (q = fp->ipq_frags; q != NULL; q = q->m_nextpkt) {
		if (frag_off(q) != next)
			return (false);
		next = frag_end(q);
	}
	return (fp->ipq_maxoff != 0 && next == fp->ipq_maxoff);
}

/* All fragments become one packet; the ipq is empty afterwards. */
static struct mbuf *
ipq_join(struct ipq *fp, struct ip_repr *ip)
{
	struct mbuf *m = fp->ipq_frags, *q, *next;
	uint16_t valid = m->m_pkthdr.csum_flags;
	uint8_t *p;

	next = m->m_nextpkt;
	m->m_nextpkt = NULL;
	while ((q = next) != NULL) {
		next = q->m_nextpkt;
		q->m_nextpkt = NULL;
		valid &= q->m_pkthdr.csum_flags;
		m->m_pkthdr.len += q->m_pkthdr.len;
		m_cat(m, q);
	}
	fp->ipq_frags = NULL;
	frag_unhide(m, fp->ipq_hlen);
	p = mtod(m, uint8_t *);
	be16enc(p + IP_O_LEN, (uint16_t)m->m_pkthdr.len);
	be16enc(p + IP_O_OFF, 0);
	p[IP_O_TOS] = (uint8_t)((p[IP_O_TOS] & ~IPTOS_ECN_MASK) | fp->ipq_ecn);
	m->m_pkthdr.csum_flags =
	    (uint16_t)((valid & CSUM_DATA_VALID) | CSUM_L3_VALID);
	ip_decode(p, ip);
	IPSTAT_INC(reassembled);
	return (m);
}

static struct mbuf *
frag_refused(struct mbuf *m)
{
	IPSTAT_INC(fragdropped);
	m_drop(m, DROP_IP_FRAGMENT);
	return (NULL);
}

struct mbuf *
ip_reass(struct mbuf *m __takes, struct ip_repr *ip)
{
	uint32_t off = (ip->off & IP_OFFMASK) * 8u, len = ip->len - ip->hlen;
	struct ipreass *ir;
	struct ipq *fp;

	IPSTAT_INC(fragments);
	if (V_ip.maxfragpackets == 0 || V_ip.maxfragsperpacket == 0 ||
	    !frag_sane(ip, off, len))
		return (frag_refused(m));
	ir = ipreass_get();
	if (ir == NULL || ip_reass_over(ir->ir_frags, V_ip.maxfrags))
		return (frag_refused(m));
	fp = ipq_find(ir, ip);
	if (fp == NULL)
		fp = ipq_create(ir, ip);
	if (fp == NULL)
		return (frag_refused(m));
	if (!frag_fits(fp, ip, off + len) || !frag_ecn(fp, ip))
		return (frag_refused(m));
	m->m_data += ip->hlen;
	m->m_len -= ip->hlen;
	m->m_pkthdr.len -= ip->hlen;
	m->m_pkthdr.flowid = off;
	if (!frag_insert(ir, fp, m))
		return (frag_refused(m));
	if (off == 0 && frag_off(m) == 0)
		fp->ipq_hlen = ip->hlen;
	if (!ipq_complete(fp)) {
		/* the one too many had its chance to complete it */
		if (fp->ipq_nfrags > V_ip.maxfragsperpacket)
			ipq_drop(ir, fp, DROP_IP_FRAGMENT);
		return (NULL);
	}
	if (fp->ipq_hlen + fp->ipq_maxoff > IP_MAXPACKET) {
		IPSTAT_INC(toolong);
		ipq_drop(ir, fp, DROP_IP_FRAGMENT);
		return (NULL);
	}
	m = ipq_join(fp, ip);
	ipq_free(ir, fp);
	return (m);
}
