/*
 * pf_state_icmp.c - ICMP errors: are they about something that a state knows?
 *
 * An error quotes the packet that it is about, which went the other way.  If
 * a state knows that packet, and for TCP its sequence number can be one that
 * its sender has sent, the error passes.  It does not lengthen the life of
 * the state.  An error that no state knows is left to the rules.
 *
 * Queries and answers are found as other packets are; their id stands for both
 * ports, and which end asks does not matter, as in FreeBSD 13.
 *
 * FreeBSD: pf_test_state_icmp() of sys/netpfil/pf/pf.c.
 */
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/pf/pf_var.h"

#define ICMP_HDR 8 /* what stands before the quoted packet */
#define L4_QUOTE 8 /* of it, RFC 792 */

/* The quoted packet: who sent it to whom. */
struct quote {
	uint32_t src, dst, seq;
	uint16_t sport, dport;
	uint8_t proto;
};

static void
quote_l4(struct quote *q, const uint8_t *l4)
{
	switch (q->proto) {
	case IPPROTO_TCP:
		q->seq = be32dec(l4 + 4);
		q->sport = be16dec(l4);
		q->dport = be16dec(l4 + 2);
		break;
	case IPPROTO_UDP:
		q->sport = be16dec(l4);
		q->dport = be16dec(l4 + 2);
		break;
	case IPPROTO_ICMP:
		q->sport = q->dport = be16dec(l4 + 4);
		break;
	default:
		break;
	}
}

static bool
quote_parse(const struct pf_pdesc *pd, struct quote *q)
{
	uint32_t at = pd->off + ICMP_HDR, hlen;
	uint8_t ip[IP_HDRLEN], l4[L4_QUOTE];

	if (pd->tot_len < at + IP_HDRLEN)
		return (false);
	m_copydata(pd->m, at, IP_HDRLEN, ip);
	hlen = (ip[IP_O_VHL] & 0xfu) << 2;
	if (ip[IP_O_VHL] >> 4 != 4 || hlen < IP_HDRLEN ||
	    pd->tot_len < at + hlen + L4_QUOTE ||
	    (be16dec(ip + IP_O_OFF) & IP_OFFMASK) != 0)
		return (false);
	m_copydata(pd->m, at + hlen, L4_QUOTE, l4);
	*q = (struct quote){ 0 };
	q->src = be32dec(ip + IP_O_SRC);
	q->dst = be32dec(ip + IP_O_DST);
	q->proto = ip[IP_O_P];
	quote_l4(q, l4);
	return (true);
}

enum pf_verdict
pf_test_state_icmp(const struct pf_pdesc *pd, struct pf_kstate **sp)
{
	uint8_t back = pd->dir == PF_IN ? PF_OUT : PF_IN;
	struct pf_kstate *s;
	struct quote q;
	bool ours;

	*sp = NULL;
	if (!quote_parse(pd, &q)) {
		PF_COUNT(PFRES_SHORT);
		return (PFV_DROP);
	}
	s = pf_find_state(
	    q.proto, back, q.src, q.sport, q.dst, q.dport, pd->kif);
	if (s == NULL)
		return (PFV_NOSTATE);
	*sp = s;
	if (q.proto != IPPROTO_TCP)
		return (PFV_PASS);
	/* the quoted segment went as the state's first packet did */
	ours = back == s->direction;
	if (pf_tcp_inwindow(
		ours ? &s->src : &s->dst, ours ? &s->dst : &s->src, q.seq))
		return (PFV_PASS);
	PF_COUNT(PFRES_BADSTATE);
	return (PFV_DROP);
}
