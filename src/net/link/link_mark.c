/*
 * link_mark.c - a wire that is congested: CE instead of loss.
 *
 * As a router with a queue that is about to overflow does (RFC 3168 section
 * 5): an IPv4 packet whose sender can do ECN is marked when it gets on the
 * wire, before whatever else the wire does to it; captures show it marked.
 * Others are left alone.  Chance is that of link_fate.c: krandom("link.mark",
 * ...), and a schedule may turn it over.
 *
 * The sum of the IP header is corrected in place if it is a real one.  Bytes
 * that somebody else holds, too, are copied; without memory there is no mark.
 */
#include "src/net/link/ethernet.h"
#include "src/net/link/link_var.h"

enum { ECN_MASK = 3, ECN_CE = 3 };

/* Within the IPv4 header, which is not ours to know. */
enum { L3_TOS = 1, L3_SUM = 10, L3_MIN = 20 };

/* Byte @at of a packet, to be written. */
static uint8_t *
byte_at(struct mbuf *m, uint32_t at)
{
	while (at >= m->m_len) {
		at -= m->m_len;
		m = m->m_next;
	}
	return (m_writable(m) ? m->m_data + at : NULL);
}

static bool
can_ecn(const struct mbuf *m, uint8_t *tos)
{
	uint8_t type[2];

	if (m->m_pkthdr.len < ETHER_HDR_LEN + L3_MIN)
		return (false);
	m_copydata(m, ETHER_HDR_LEN - 2, 2, type);
	m_copydata(m, ETHER_HDR_LEN + L3_TOS, 1, tos);
	return (be16dec(type) == ETHERTYPE_IP && (*tos & ECN_MASK) != 0 &&
		(*tos & ECN_MASK) != ECN_CE);
}

/* RFC 1624 section 3: HC' = ~(~HC + ~m + m'); m is the first word. */
static void
correct(uint8_t *hi, uint8_t *lo, uint8_t was, uint8_t is)
{
	uint32_t sum = (uint16_t) ~((uint32_t)*hi << 8 | *lo);

	sum += (uint16_t) ~(uint32_t)was + (uint32_t)is;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	*hi = (uint8_t)(sum >> 8);
	*lo = (uint8_t)sum;
}

struct mbuf *
link_mark(struct link_dir *ld, struct mbuf *m)
{
	uint8_t tos, *p, *hi, *lo;
	struct mbuf *copy;

	if (!link_marks(ld) || !can_ecn(m, &tos))
		return (m);
	if (byte_at(m, ETHER_HDR_LEN + L3_TOS) == NULL ||
	    byte_at(m, ETHER_HDR_LEN + L3_SUM) == NULL ||
	    byte_at(m, ETHER_HDR_LEN + L3_SUM + 1) == NULL) {
		copy = m_dup(m, if_mflags());
		if (copy == NULL)
			return (m);
		m_freem(m);
		m = copy;
	}
	p = byte_at(m, ETHER_HDR_LEN + L3_TOS);
	hi = byte_at(m, ETHER_HDR_LEN + L3_SUM);
	lo = byte_at(m, ETHER_HDR_LEN + L3_SUM + 1);
	MPASS(p != NULL && hi != NULL && lo != NULL);
	*p = tos | ECN_CE;
	if ((m->m_pkthdr.csum_flags & CSUM_IP) == 0)
		correct(hi, lo, tos, *p);
	ld->ld_st.ls_mark++;
	return (m);
}
