/*
 * ip_reass_queue.c - where fragments wait, how many, and for how long.
 *
 * Limits, all sysctls: fragments that wait, packets they belong to, packets of
 * one bucket.  At a limit of packets the oldest one of the bucket (else of the
 * next) gives way.  Zero turns reassembly off.
 *
 * fragttl seconds after its first fragment a packet is given up, and the
 * sender is told if the piece with the header is there (RFC 1122 section
 * 3.3.2, where FreeBSD is silent).  One timer serves all: it is set for the
 * packet that ends next.
 *
 * No pointer to an interface waits here: a fragment knows its rcvif by index
 * and generation.  When an interface departs, packets with a fragment from it
 * go (FreeBSD: ipreass_cleanup()).  Table, timer and registration are made by
 * the first fragment; a vnet that sees none pays for a pointer.
 *
 * FreeBSD: sys/netinet/ip_reass.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip_reass.h"
#include "src/net/ip/ip_reass_var.h"
#include "src/net/ip/ip_var.h"

static const struct field ipq_fields[] = {
	FIELD(struct ipq, ipq_hash, LINK),
	FIELD(struct ipq, ipq_all, LINK),
	FIELD(struct ipq, ipq_frags, PTR),
	FIELD(struct ipq, ipq_expire, TIME),
	FIELD(struct ipq, ipq_src, IP4),
	FIELD(struct ipq, ipq_dst, IP4),
	FIELD(struct ipq, ipq_maxoff, UINT),
	FIELD(struct ipq, ipq_id, UINT),
	FIELD(struct ipq, ipq_nfrags, UINT),
	FIELD(struct ipq, ipq_p, UINT),
	FIELD(struct ipq, ipq_ecn, UINT),
	FIELD(struct ipq, ipq_hlen, UINT),
	FIELD(struct ipq, ipq_bucket, UINT),
};
UMA_ZONE(ipq_zone, ip, IP_Z_IPQ, struct ipq, 0, ipq_fields);

static const struct field ipreass_fields[] = {
	FIELD(struct ipreass, ir_bucket, LINK),
	FIELD(struct ipreass, ir_count, OPAQUE),
	FIELD(struct ipreass, ir_all, LINK),
	FIELD(struct ipreass, ir_packets, UINT),
	FIELD(struct ipreass, ir_frags, UINT),
	FIELD(struct ipreass, ir_timer, CALLOUT),
	FIELD(struct ipreass, ir_departure, PTR),
};
UMA_ZONE(ipreass_zone, ip, IP_Z_REASS, struct ipreass, 0, ipreass_fields);

static void ipreass_departure(void *arg, void *obj, int value);
static void ipreass_timeout(void *arg);

struct ipreass *
ipreass_get(void)
{
	struct ipreass *ir = V_ip.reass;

	if (ir != NULL)
		return (ir);
	ir = uma_zalloc(&ipreass_zone, M_ZERO);
	if (ir == NULL)
		return (NULL);
	TAILQ_INIT(&ir->ir_all);
	callout_init(&ir->ir_timer, VNET_MOD_ip, "ip.reass");
	ir->ir_departure = eventhandler_register(EVH_IFNET_DEPARTURE,
	    VNET_MOD_ip, ipreass_departure, NULL, EVENTHANDLER_PRI_ANY);
	if (ir->ir_departure == NULL) {
		uma_zfree(&ipreass_zone, ir);
		return (NULL);
	}
	V_ip.reass = ir;
	return (ir);
}

/* ---- packets in the making ---- */

void
ipq_free(struct ipreass *ir, struct ipq *fp)
{
	LIST_REMOVE(fp, ipq_hash);
	TAILQ_REMOVE(&ir->ir_all, fp, ipq_all);
	ir->ir_count[fp->ipq_bucket]--;
	ir->ir_packets--;
	ir->ir_frags -= fp->ipq_nfrags;
	uma_zfree(&ipq_zone, fp);
}

/* With all its fragments, which count as @why. */
void
ipq_drop(struct ipreass *ir, struct ipq *fp, enum drop_reason why)
{
	struct mbuf *m;

	while ((m = fp->ipq_frags) != NULL) {
		fp->ipq_frags = m->m_nextpkt;
		m->m_nextpkt = NULL;
		m_drop(m, why);
	}
	if (why == DROP_IP_FRAGTIMEOUT)
		IPSTAT_ADD(fragtimeout, fp->ipq_nfrags);
	else
		IPSTAT_ADD(fragdropped, fp->ipq_nfrags);
	ipq_free(ir, fp);
}

/* The oldest packet of a bucket, or of the next that has one, gives way. */
static bool
ipq_reuse(struct ipreass *ir, uint32_t bucket)
{
	struct ipq *fp, *oldest;

	for (uint32_t i = 0; i < IPREASS_NHASH; i++) {
		oldest = NULL;
		LIST_FOREACH (
		    fp, &ir->ir_bucket[(bucket + i) % IPREASS_NHASH], ipq_hash)
			oldest = fp;
		if (oldest == NULL)
			continue;
		ipq_drop(ir, oldest, DROP_IP_FRAGTIMEOUT);
		return (true);
	}
	return (false);
}

static uint32_t
ipq_hash(const struct ip_repr *ip)
{
	uint64_t x =
	    ((uint64_t)ip->src << 16 | ip->id) * UINT64_C(0x9e3779b97f4a7c15);

	return ((uint32_t)(x >> 40) % IPREASS_NHASH);
}

struct ipq *
ipq_find(const struct ipreass *ir, const struct ip_repr *ip)
{
	struct ipq *fp;

	LIST_FOREACH (fp, &ir->ir_bucket[ipq_hash(ip)], ipq_hash)
		if (fp->ipq_id == ip->id && fp->ipq_src == ip->src &&
		    fp->ipq_dst == ip->dst && fp->ipq_p == ip->proto)
			return (fp);
	return (NULL);
}

struct ipq *
ipq_create(struct ipreass *ir, const struct ip_repr *ip)
{
	uint32_t b = ipq_hash(ip);
	struct ipq *fp;
	bool full;

	full = ip_reass_over(ir->ir_packets, V_ip.maxfragpackets) ||
	       (V_ip.maxfragbucketsize != 0 &&
		   ip_reass_over(ir->ir_count[b], V_ip.maxfragbucketsize));
	if (full && !ipq_reuse(ir, b))
		return (NULL);
	fp = uma_zalloc(&ipq_zone, M_ZERO);
	if (fp == NULL)
		return (NULL);
	fp->ipq_src = ip->src;
	fp->ipq_dst = ip->dst;
	fp->ipq_id = ip->id;
	fp->ipq_p = ip->proto;
	fp->ipq_ecn = ip->tos & IPTOS_ECN_MASK;
	fp->ipq_bucket = (uint8_t)b;
	fp->ipq_expire = vtime() + V_ip.fragttl * NS_S;
	LIST_INSERT_HEAD(&ir->ir_bucket[b], fp, ipq_hash);
	TAILQ_INSERT_TAIL(&ir->ir_all, fp, ipq_all);
	ir->ir_count[b]++;
	ir->ir_packets++;
	if (!callout_pending(&ir->ir_timer))
		(void)callout_reset(
		    &ir->ir_timer, V_ip.fragttl * NS_S, ipreass_timeout, NULL);
	return (fp);
}

/* ---- the end ---- */

/* RFC 1122 section 3.3.2: told about the first fragment, or not at all. */
static void
ipq_giveup(struct ipreass *ir, struct ipq *fp)
{
	struct mbuf *m = fp->ipq_frags;
	bool tell = frag_off(m) == 0 && fp->ipq_hlen != 0;
	uint32_t hlen = fp->ipq_hlen;

	if (tell) {
		fp->ipq_frags = m->m_nextpkt;
		m->m_nextpkt = NULL;
	}
	ipq_drop(ir, fp, DROP_IP_FRAGTIMEOUT);
	if (!tell)
		return;
	m_drop(NULL, DROP_IP_FRAGTIMEOUT);
	frag_unhide(m, hlen);
	icmp_error(m, ICMP_TIMXCEED, ICMP_TIMXCEED_REASS, 0);
}

static void
ipreass_timeout(void *arg)
{
	struct ipreass *ir = V_ip.reass;
	int64_t soonest = INT64_MAX;
	struct ipq *fp, *next;

	(void)arg;
	TAILQ_FOREACH_SAFE (fp, &ir->ir_all, ipq_all, next) {
		if (fp->ipq_expire <= vtime())
			ipq_giveup(ir, fp);
		else if (fp->ipq_expire < soonest)
			soonest = fp->ipq_expire;
	}
	if (soonest != INT64_MAX)
		(void)callout_reset(
		    &ir->ir_timer, soonest - vtime(), ipreass_timeout, NULL);
}

static void
ipreass_departure(void *arg, void *obj, int value)
{
	struct ipreass *ir = V_ip.reass;
	struct ipq *fp, *next;
	const struct mbuf *m;

	(void)arg;
	(void)value;
	TAILQ_FOREACH_SAFE (fp, &ir->ir_all, ipq_all, next)
		for (m = fp->ipq_frags; m != NULL; m = m->m_nextpkt)
			if (m_rcvif(m) == obj || m_rcvif(m) == NULL) {
				ipq_drop(ir, fp, DROP_IP_FRAGFLUSH);
				break;
			}
}

bool
ip_reass_shutdown(struct op *op)
{
	struct ipreass *ir = V_ip.reass;
	struct ipq *fp;

	if (ir == NULL)
		return (true);
	eventhandler_deregister(ir->ir_departure);
	ir->ir_departure = NULL;
	while ((fp = TAILQ_FIRST(&ir->ir_all)) != NULL)
		ipq_drop(ir, fp, DROP_QUEUE_FLUSH);
	return (callout_drain(&ir->ir_timer, op));
}

void
ip_reass_uninit(void)
{
	struct ipreass *ir = V_ip.reass;

	if (ir == NULL || ir->ir_departure != NULL || ir->ir_packets != 0 ||
	    callout_active(&ir->ir_timer))
		return;
	uma_zfree(&ipreass_zone, ir);
	V_ip.reass = NULL;
}

int
ip_reass_sysctl_curfrags(
    const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	(void)write;
	*value = V_ip.reass != NULL ? V_ip.reass->ir_frags : 0;
	return (0);
}

int
ip_reass_sysctl_fragpackets(
    const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	(void)write;
	*value = V_ip.reass != NULL ? V_ip.reass->ir_packets : 0;
	return (0);
}
