/*
 * tcp_input.c - a segment comes up from IP: is it one, and whose is it?
 *
 * Validates length, checksum and header, reads the options, finds the pcb and
 * hands over to the state's own file.  From here on a segment is a struct
 * tcp_seg: header fields in host order, and the data as an mbuf.
 *
 * Every segment that goes no further is dropped with one DROP_TCP_* reason.
 * Nothing in a packet can trip an assertion.
 *
 * RFC 9293 section 3.10.7; RFC 1122 4.2.3.10.
 */
#include <string.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_in.h"

/* Offsets within the IPv4 header. */
enum { IPOFF_TOS = 1, IPOFF_SRC = 12, IPOFF_DST = 16 };

void
tcp_seg_drop(struct tcp_seg *sg, enum drop_reason why)
{
	m_drop(sg->sg_m, why);
	sg->sg_m = NULL;
}

/* The checksum covers a pseudo header, RFC 9293 section 3.1. */
static bool
tcp_sum_ok(const struct mbuf *m, uint32_t hlen, uint32_t tlen)
{
	const uint8_t *ip = mtod(m, const uint8_t *);
	uint32_t sum;

	if ((m->m_pkthdr.csum_flags & CSUM_DATA_VALID) != 0)
		return (true);
	sum = in_pseudo(be32dec(ip + IPOFF_SRC), be32dec(ip + IPOFF_DST),
	    IPPROTO_TCP, tlen);
	return (in_cksum(m, hlen, tlen, sum) == 0);
}

/*
 * Header into @sg, @m becomes its data.  Takes @m.  Return: false: it was
 * dropped.
 */
static bool
tcp_parse(struct tcp_seg *sg, struct mbuf *m, uint32_t hlen)
{
	uint32_t tlen, off;
	const uint8_t *p;

	memset(sg, 0, sizeof(*sg));
	if (m->m_pkthdr.len < hlen + TCP_HDRLEN) {
		TCPSTAT_INC(rcvshort);
		m_drop(m, DROP_TCP_SHORT);
		return (false);
	}
	m = m_pullup(m, hlen + TCP_HDRLEN);
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (false);
	}
	tlen = m->m_pkthdr.len - hlen;
	if (!tcp_sum_ok(m, hlen, tlen)) {
		TCPSTAT_INC(rcvbadsum);
		m_drop(m, DROP_TCP_BADSUM);
		return (false);
	}
	off = (uint32_t)(mtodo(m, hlen)[TCPOFF_OFF] >> 4) * 4;
	if (off < TCP_HDRLEN || off > tlen) {
		TCPSTAT_INC(rcvbadoff);
		m_drop(m, DROP_TCP_BADOFF);
		return (false);
	}
	m = m_pullup(m, hlen + off);
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return (false);
	}
	p = mtod(m, const uint8_t *);
	sg->sg_src = be32dec(p + IPOFF_SRC);
	sg->sg_dst = be32dec(p + IPOFF_DST);
	sg->sg_iptos = p[IPOFF_TOS];
	p += hlen;
	sg->sg_sport = be16dec(p + TCPOFF_SPORT);
	sg->sg_dport = be16dec(p + TCPOFF_DPORT);
	sg->sg_seq = be32dec(p + TCPOFF_SEQ);
	sg->sg_ack = be32dec(p + TCPOFF_ACK);
	sg->sg_flags = p[TCPOFF_FLAGS];
	sg->sg_win = be16dec(p + TCPOFF_WIN);
	if ((sg->sg_flags & TH_URG) != 0)
		sg->sg_urp = be16dec(p + TCPOFF_URP);
	sg->sg_len = tlen - off;
	tcp_dooptions(&sg->sg_opt, p + TCP_HDRLEN, off - TCP_HDRLEN,
	    (sg->sg_flags & TH_SYN) != 0);
	m_adj(m, (int)(hlen + off));
	sg->sg_m = m;
	return (true);
}

/* RFC 1122 4.2.3.10: TCP is for two. */
static bool
tcp_is_bcast(const struct tcp_seg *sg)
{
	return ((sg->sg_m->m_flags & (M_BCAST | M_MCAST)) != 0 ||
		V_tcp.lower->tl_bcast(sg->sg_dst) ||
		V_tcp.lower->tl_bcast(sg->sg_src));
}

/* Connection first, listener second.  Return: NULL: nobody. */
static struct tcpcb *
tcp_lookup(struct tcp_seg *sg)
{
	struct inpcb *inp = in_pcblookup(&V_tcp.tcbinfo, sg->sg_src,
	    sg->sg_sport, sg->sg_dst, sg->sg_dport, true);
	struct tcpcb *tp;

	sg->sg_ttl = sg->sg_tos = 0;
	if (inp == NULL || (inp->inp_flags & INP_DROPPED) != 0 ||
	    inp->inp_socket == NULL)
		return (NULL);
	tp = intotcpcb(inp);
	sg->sg_ttl = inp->inp_ttl;
	sg->sg_tos = inp->inp_tos;
	return (tp == NULL || tp->t_state == TCPS_CLOSED ? NULL : tp);
}

/* RFC 9293 3.10.7.1: no connection.  RST, unless we play dead. */
void
tcp_closed_input(struct tcp_seg *sg)
{
	if ((sg->sg_flags & TH_RST) != 0) {
		tcp_seg_drop(sg, DROP_TCP_RST_NOPORT);
		return;
	}
	tcp_dropwithreset(sg, DROP_TCP_NOPORT, BANDLIM_RST_CLOSEDPORT);
}

static void
tcp_dispatch(struct tcpcb *tp, struct tcp_seg *sg)
{
	if (tp == NULL) {
		tcp_closed_input(sg);
		return;
	}
	if ((sg->sg_flags & TH_SYN) == 0)
		sg->sg_win <<= tp->snd_scale;
	switch (tp->t_state) {
	case TCPS_LISTEN:
		tcp_listen_input(tp, sg);
		break;
	case TCPS_SYN_SENT:
		tcp_synsent_input(tp, sg);
		break;
	case TCPS_TIME_WAIT:
		/* A new incarnation finds the listener, or nobody. */
		if (tcp_timewait_input(tp, sg))
			tcp_dispatch(tcp_lookup(sg), sg);
		break;
	default:
		tcp_segment(tp, sg);
		break;
	}
}

void
tcp_input(struct mbuf *m, uint32_t hlen)
{
	struct tcp_seg sg;

	MPASS((m->m_flags & M_PKTHDR) != 0);
	TCPSTAT_INC(rcvtotal);
	if (!tcp_parse(&sg, m, hlen))
		return;
	if (tcp_is_bcast(&sg)) {
		tcp_seg_drop(&sg, DROP_TCP_BCAST);
		return;
	}
	if (V_tcp.drop_synfin != 0 &&
	    (sg.sg_flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN)) {
		tcp_seg_drop(&sg, DROP_TCP_SYNFIN);
		return;
	}
	tcp_dispatch(tcp_lookup(&sg), &sg);
	/* Steps that passed nothing on leave an empty mbuf behind. */
	m_freem(sg.sg_m);
}
