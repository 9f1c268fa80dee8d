/*
 * udp_input.c - datagrams in, and errors about datagrams of ours.
 *
 * Up:  IP -> udp_input -> the socket's buffer
 *
 * A datagram for nobody is answered by ICMP port unreachable, but for
 * broadcasts, and unless net.inet.udp.blackhole.  It has one receiver: two
 * sockets cannot have the same address (no SO_REUSEPORT), and of a broadcast
 * only the socket bound to any address hears.
 *
 * Errors reach connected sockets only, as FreeBSD's udp_ctlinput().
 *
 * RFC 768; RFC 1122 section 4.1.  FreeBSD: sys/netinet/udp_usrreq.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/udp_var.h"

#define IP_O_SRC_ 12 /* of the IP header, whatever family IP is */
#define IP_O_DST_ 16
#define ICMP_PORT 3

struct udp_in {
	struct sockaddr_in src;
	uint32_t dst;
	uint16_t dport;
	uint16_t ulen;
	uint16_t sum;
};

/* The header makes sense?  @m is trimmed to what it says. */
static enum drop_reason
udp_parse(struct mbuf **mp, uint32_t hlen, struct udp_in *u)
{
	const uint8_t *ip, *uh;
	struct mbuf *m = *mp;

	if (m->m_pkthdr.len < hlen + UDP_HDRLEN)
		return (DROP_UDP_SHORT);
	*mp = m = m_pullup(m, hlen + UDP_HDRLEN);
	if (m == NULL)
		return (DROP_NOMEM);
	ip = mtod(m, const uint8_t *);
	uh = ip + hlen;
	u->src.sin_addr = be32dec(ip + IP_O_SRC_);
	u->dst = be32dec(ip + IP_O_DST_);
	u->src.sin_port = be16dec(uh + UH_O_SPORT);
	u->dport = be16dec(uh + UH_O_DPORT);
	u->ulen = be16dec(uh + UH_O_ULEN);
	u->sum = be16dec(uh + UH_O_SUM);
	if (u->ulen < UDP_HDRLEN || u->ulen > m->m_pkthdr.len - hlen)
		return (DROP_UDP_BADLEN);
	/* RFC 768 allows IP to be longer than UDP says */
	m_adj(m, (int)(hlen + u->ulen) - (int)m->m_pkthdr.len);
	return (DROP_NONE);
}

static enum drop_reason
udp_checksum(const struct mbuf *m, uint32_t hlen, const struct udp_in *u)
{
	if ((m->m_pkthdr.csum_flags & CSUM_DATA_VALID) != 0)
		return (DROP_NONE);
	if (u->sum == 0) {
		UDPSTAT_INC(nosum);
		return (DROP_NONE);
	}
	if (in_cksum(m, hlen, u->ulen,
		in_pseudo(u->src.sin_addr, u->dst, IPPROTO_UDP, u->ulen)) == 0)
		return (DROP_NONE);
	return (DROP_UDP_BADSUM);
}

static void
udp_noport(struct mbuf *m)
{
	const struct inet_afops *af = in_af();

	UDPSTAT_INC(noport);
	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0) {
		UDPSTAT_INC(noportbcast);
		m_drop(m, DROP_UDP_NOPORT);
		return;
	}
	if (V_udp.blackhole != 0 || af == NULL) {
		m_drop(m, DROP_UDP_NOPORT);
		return;
	}
	m_drop(NULL, DROP_UDP_NOPORT);
	af->af_unreach(m, ICMP_PORT);
}

static void
udp_append(struct socket *so, struct mbuf *m, const struct udp_in *u)
{
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0 ||
	    !sbappendaddr(&so->so_rcv, &u->src, m)) {
		UDPSTAT_INC(fullsock);
		m_drop(m, DROP_UDP_FULL);
		return;
	}
	sorwakeup(so);
}

static void
udp_count(enum drop_reason why)
{
	if (why == DROP_UDP_BADSUM)
		UDPSTAT_INC(badsum);
	else if (why == DROP_UDP_BADLEN)
		UDPSTAT_INC(badlen);
	else
		UDPSTAT_INC(hdrops);
}

void
udp_input(struct mbuf *m __takes, uint32_t hlen)
{
	enum drop_reason why;
	struct inpcb *inp;
	struct udp_in u;

	UDPSTAT_INC(ipackets);
	why = udp_parse(&m, hlen, &u);
	if (why == DROP_NONE)
		why = udp_checksum(m, hlen, &u);
	if (why != DROP_NONE) {
		udp_count(why);
		m_drop(m, why);
		return;
	}
	inp = in_pcblookup(&V_udp.udbinfo, u.src.sin_addr, u.src.sin_port,
	    u.dst, u.dport, true);
	if (inp == NULL || inp->inp_socket == NULL) {
		udp_noport(m);
		return;
	}
	m_adj(m, (int)(hlen + UDP_HDRLEN));
	udp_append(inp->inp_socket, m, &u);
}

void
udp_ctlinput(
    enum prc cmd, uint32_t src, uint32_t dst, const uint8_t *l4, uint32_t arg)
{
	/* FreeBSD: inetctlerrmap */
	static const uint8_t err[PRC_N] = {
		[PRC_UNREACH_NET] = VE_HOSTUNREACH,
		[PRC_UNREACH_HOST] = VE_HOSTUNREACH,
		[PRC_UNREACH_PROTOCOL] = VE_CONNREFUSED,
		[PRC_UNREACH_PORT] = VE_CONNREFUSED,
		[PRC_UNREACH_ADMIN] = VE_CONNREFUSED,
		[PRC_MSGSIZE] = VE_MSGSIZE,
		[PRC_TIMXCEED] = VE_HOSTUNREACH,
	};
	struct inpcb *inp;

	(void)arg;
	inp = in_pcblookup(&V_udp.udbinfo, dst, be16dec(l4 + UH_O_DPORT), src,
	    be16dec(l4 + UH_O_SPORT), false);
	if (inp == NULL || inp->inp_socket == NULL ||
	    inp->inp_faddr == INADDR_ANY)
		return;
	soseterror(inp->inp_socket, err[cmd]);
}
