/*
 * udp_input.c - datagrams in, and errors about datagrams of ours.
 *
 * Up:  IP -> udp_input -> the socket's buffer
 *
 * A datagram has one receiver, a broadcast or multicast every socket on its
 * port that is bound to that address or to any, and connected to its sender or
 * to nobody.  As FreeBSD, the walk over them (newest first) ends at one without
 * SO_REUSEADDR, SO_REUSEPORT and SO_REUSEPORT_LB: its port is not shared.  All
 * but the last get a copy, for which there may be no memory.
 *
 * A datagram for nobody is answered by ICMP port unreachable, but for
 * broadcasts and multicasts.  With net.inet.udp.blackhole it is not, unless
 * its sender is of this vnet and blackhole_local is not set, either.
 *
 * A record takes along what recvmsg(2) tells in FreeBSD: IP_RECVDSTADDR,
 * IP_RECVIF, IP_RECVTTL, IP_RECVTOS.
 *
 * A socket hears groups that it joined itself, at the interface where it did,
 * from sources that it wants.
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
#define IP_O_TOS_ 1
#define IP_O_TTL_ 8
#define ICMP_PORT 3

struct udp_in {
	struct sockaddr_in src;
	struct so_recinfo info; /* of its IP header */
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
	u->info.ri_dst = u->dst;
	u->info.ri_ttl = ip[IP_O_TTL_];
	u->info.ri_tos = ip[IP_O_TOS_];
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

/* Is the sender told that nobody is there? */
static bool
udp_unreachable(const struct udp_in *u)
{
	const struct inet_afops *af = in_af();

	if (af == NULL)
		return (false);
	return (V_udp.blackhole == 0 ||
		(V_udp.blackhole_local == 0 && af->af_local(u->src.sin_addr)));
}

static void
udp_noport(struct mbuf *m, const struct udp_in *u)
{
	UDPSTAT_INC(noport);
	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0) {
		UDPSTAT_INC(noportbcast);
		m_drop(m, DROP_UDP_NOPORT);
		return;
	}
	if (!udp_unreachable(u)) {
		m_drop(m, DROP_UDP_NOPORT);
		return;
	}
	m_drop(NULL, DROP_UDP_NOPORT);
	in_af()->af_unreach(m, ICMP_PORT);
}

/* Takes the datagram, IP and UDP header in front. */
static void
udp_append(
    struct socket *so, struct mbuf *m, uint32_t hlen, const struct udp_in *u)
{
	m_adj(m, (int)(hlen + UDP_HDRLEN));
	if ((so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0 ||
	    !sbappendrecord(&so->so_rcv, &u->src, &u->info, m)) {
		UDPSTAT_INC(fullsock);
		m_drop(m, DROP_UDP_FULL);
		return;
	}
	sorwakeup(so);
}

/* Does this pcb, on the port of the datagram, hear what is for many? */
static bool
udp_hears(const struct inpcb *inp, const struct mbuf *m, const struct udp_in *u)
{
	int verdict;

	if (inp->inp_socket == NULL || !inp->inp_inhash)
		return (false);
	if (inp->inp_laddr != INADDR_ANY && inp->inp_laddr != u->dst)
		return (false);
	if (inp->inp_faddr != INADDR_ANY &&
	    (inp->inp_faddr != u->src.sin_addr ||
		inp->inp_fport != u->src.sin_port))
		return (false);
	if (!in_ismulticast(u->dst))
		return (true);
	/* who never joined anything hears no group */
	if (inp->inp_moptions == NULL)
		return (false);
	verdict = in_mc()->mc_filter(inp, m, u->dst, u->src.sin_addr);
	if (verdict == MCAST_NOTSMEMBER || verdict == MCAST_MUTED)
		UDPSTAT_INC(filtermcast);
	return (verdict == MCAST_PASS);
}

/* The next one that hears, from @inp on. */
static struct inpcb *
udp_hearer(struct inpcb *inp, const struct mbuf *m, const struct udp_in *u)
{
	while (inp != NULL && !udp_hears(inp, m, u))
		inp = in_pcbport_next(inp);
	return (inp);
}

/* FreeBSD: udp_multi_input().  Takes @m. */
static void
udp_multi_input(struct mbuf *m, uint32_t hlen, const struct udp_in *u)
{
	const uint32_t shared = SO_REUSEADDR | SO_REUSEPORT | SO_REUSEPORT_LB;
	struct inpcb *inp, *next;
	struct mbuf *n;

	inp = udp_hearer(in_pcbport_first(&V_udp.udbinfo, u->dport), m, u);
	if (inp == NULL) {
		UDPSTAT_INC(noport);
		if (in_ismulticast(u->dst))
			UDPSTAT_INC(noportmcast);
		else
			UDPSTAT_INC(noportbcast);
		m_drop(m, DROP_UDP_NOPORT);
		return;
	}
	for (; (inp->inp_socket->so_options & shared) != 0; inp = next) {
		next = udp_hearer(in_pcbport_next(inp), m, u);
		if (next == NULL)
			break;
		n = m_copym(m, 0, M_COPYALL, M_NOWAIT);
		if (n != NULL)
			udp_append(inp->inp_socket, n, hlen, u);
		else
			m_drop(NULL, DROP_NOMEM);
	}
	udp_append(inp->inp_socket, m, hlen, u);
}

/* Is it for many? */
static bool
udp_ismulti(const struct udp_in *u)
{
	const struct inet_afops *af = in_af();

	return (
	    in_ismulticast(u->dst) || (af != NULL && af->af_broadcast(u->dst)));
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
	if (udp_ismulti(&u)) {
		udp_multi_input(m, hlen, &u);
		return;
	}
	inp = in_pcblookup(&V_udp.udbinfo, u.src.sin_addr, u.src.sin_port,
	    u.dst, u.dport, true);
	if (inp == NULL || inp->inp_socket == NULL)
		udp_noport(m, &u);
	else
		udp_append(inp->inp_socket, m, hlen, &u);
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
		[PRC_PARAMPROB] = VE_NOPROTOOPT,
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
