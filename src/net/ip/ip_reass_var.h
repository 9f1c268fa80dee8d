/*
 * ip_reass_var.h - packets in the making, between ip_reass.c and
 * ip_reass_queue.c.
 *
 * A packet is known by source, destination, protocol and identification.  Its
 * fragments have no headers but for the first, whose header is only hidden, in
 * front of m_data; a fragment's offset stands in flowid while it waits.
 */
#ifndef SRC_NET_IP_IP_REASS_VAR_H
#define SRC_NET_IP_IP_REASS_VAR_H

#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/queue.h>
#include "src/net/ip/ip_reass.h"

struct eventhandler_entry;

#define IPTOS_ECN_MASK 3
#define IPTOS_ECN_CE   3

struct ipq {
	LIST_ENTRY(ipq) ipq_hash; /* newest first */
	TAILQ_ENTRY(ipq) ipq_all; /* order of birth */
	struct mbuf *ipq_frags;   /* (o) */
	int64_t ipq_expire;       /* virtual ns */
	uint32_t ipq_src, ipq_dst;
	uint32_t ipq_maxoff; /* end of the last fragment, 0: not seen */
	uint16_t ipq_id;
	uint16_t ipq_nfrags;
	uint8_t ipq_p, ipq_ecn;
	uint8_t ipq_hlen; /* hidden in front of the first; 0: not there */
	uint8_t ipq_bucket;
};

struct ipreass {
	LIST_HEAD(, ipq) ir_bucket[IPREASS_NHASH];
	uint16_t ir_count[IPREASS_NHASH];
	TAILQ_HEAD(, ipq) ir_all;
	uint32_t ir_packets, ir_frags;
	struct callout ir_timer;
	struct eventhandler_entry *ir_departure; /* (o) */
};

static inline uint32_t
frag_off(const struct mbuf *m)
{
	return (m->m_pkthdr.flowid);
}

static inline uint32_t
frag_end(const struct mbuf *m)
{
	return (m->m_pkthdr.flowid + m->m_pkthdr.len);
}

/* The header of the first fragment comes out again. */
static inline void
frag_unhide(struct mbuf *m, uint32_t hlen)
{
	m->m_data -= hlen;
	m->m_len += hlen;
	m->m_pkthdr.len += hlen;
	m->m_pkthdr.l3off = 0;
	m->m_pkthdr.flowid = 0;
}

/* Is a limit reached?  -1: there is none. */
static inline bool
ip_reass_over(uint32_t n, int32_t limit)
{
	return (limit >= 0 && n >= (uint32_t)limit);
}

/* The table, made if there is none.  NULL: no memory. */
struct ipreass *ipreass_get(void);

/* The packet of a fragment, NULL: none. */
struct ipq *ipq_find(const struct ipreass *ir, const struct ip_repr *ip);

/**
 * ipq_create() - a packet of which the first fragment came
 * @ir:		table
 * @ip:		the fragment's header
 *
 * Return:	the packet, without fragments; NULL: at a limit that nobody can
 *		give way to, or no memory.
 */
struct ipq *ipq_create(struct ipreass *ir, const struct ip_repr *ip);

/* Free a packet that has no fragments any more (ipq_nfrags: had). */
void ipq_free(struct ipreass *ir, struct ipq *fp);

/* The same with all its fragments, which are dropped as @why. */
void ipq_drop(struct ipreass *ir, struct ipq *fp, enum drop_reason why);

#endif /* !SRC_NET_IP_IP_REASS_VAR_H */
