/*
 * tcp_syncookie.c - an entry of the SYN cache in the sequence number itself.
 *
 * Layout of a cookie, from the left: 24 bits of a MAC, then 8 bits, which are
 * XORed with the first eight of the MAC so that they do not show:
 *
 *	7..5  index of the peer's window scale; 0: it did not ask
 *	4..2  index of its MSS, rounded down to one of eight
 *	1     SACK permitted
 *	0     which of two secrets
 *
 * The MAC is over addresses, ports, IRS, these bits and the row of the cache.
 * The secret is another one every 15 seconds: a cookie lives for 15 to 30.
 * FreeBSD draws them by a timer; here a secret is a function of the vnet's own
 * secret and the number of the period, so that an idle vnet has no timer.
 *
 * What does not fit is lost: an uncommon MSS or scale is rounded down.
 *
 * FreeBSD: syncookie_generate(), syncookie_lookup(), with SipHash in the place
 * of krandom().  RFC 4987 section 3.6.
 */
#include "src/net/tcp/tcp_syncache.h"

static const uint16_t tcp_sc_msstab[8] = { 216, 536, 1200, 1360, 1400, 1440,
	1452, 1460 };
static const uint8_t tcp_sc_wstab[8] = { 0, 0, 1, 2, 4, 6, 7, 8 };

enum {
	SCK_SECRET = 0x01,
	SCK_SACK = 0x02,
	SCK_MSS = 2,    /* shift */
	SCK_WSCALE = 5, /* shift */
	SCK_MASK = 7,
};

/* @period: number of 15 s periods since the world began. */
static uint32_t
syncookie_mac(
    const struct syncache *sc, uint32_t row, uint8_t bits, int64_t period)
{
	uint64_t addrs = (uint64_t)sc->sc_laddr << 32 | sc->sc_faddr;
	uint64_t ports = (uint64_t)sc->sc_lport << 16 | sc->sc_fport;
	uint64_t h;

	h = krandom("tcp.syncookie", V_tcp.isn->isn_secret, (uint64_t)period);
	h = krandom(
	    "tcp.syncookie", h ^ addrs, (uint64_t)sc->sc_irs << 32 | ports);
	h = krandom("tcp.syncookie", h, (uint64_t)row << 8 | bits);
	return ((uint32_t)(h ^ h >> 32));
}

uint32_t
syncookie_generate(const struct syncache *sc, uint32_t row)
{
	int64_t period = vtime() / SYNCOOKIE_LIFETIME;
	uint8_t bits = (uint8_t)(period & SCK_SECRET);
	uint32_t i, mac;

	for (i = nitems(tcp_sc_msstab) - 1;
	     i > 0 && tcp_sc_msstab[i] > sc->sc_peer_mss; i--)
		;
	bits |= (uint8_t)(i << SCK_MSS);
	if ((sc->sc_flags & SCF_WINSCALE) != 0) {
		for (i = nitems(tcp_sc_wstab) - 1;
		     i > 1 && tcp_sc_wstab[i] > sc->sc_requested_s_scale; i--)
			;
		bits |= (uint8_t)(i << SCK_WSCALE);
	}
	if ((sc->sc_flags & SCF_SACK) != 0)
		bits |= SCK_SACK;
	TCPSTAT_INC(sc_sendcookie);
	mac = syncookie_mac(sc, row, bits, period);
	return ((mac & ~0xffu) | (uint32_t)(bits ^ (uint8_t)(mac >> 24)));
}

void
syncookie_owe(void)
{
	V_tcp.fw_lame = imax(V_tcp.fw_lame, vtime() + V_tcp.rexmit_initial);
}

bool
syncookie_lookup(struct syncache *sc, uint32_t row, const struct tcp_seg *sg,
    const struct tcpcb *head)
{
	const struct inpcb *inp = head->t_inpcb;
	int64_t period = vtime() / SYNCOOKIE_LIFETIME;
	uint32_t ack = sg->sg_ack - 1, i;
	uint8_t bits = (uint8_t)(ack ^ ack >> 24);

	sc->sc_laddr = sg->sg_dst;
	sc->sc_faddr = sg->sg_src;
	sc->sc_lport = sg->sg_dport;
	sc->sc_fport = sg->sg_sport;
	sc->sc_irs = sg->sg_seq - 1;
	sc->sc_iss = ack;
	/* This period's secret, or the one before. */
	if ((period & SCK_SECRET) != (bits & SCK_SECRET))
		period--;
	if (((syncookie_mac(sc, row, bits, period) ^ ack) & ~0xffu) != 0)
		return (false);
	sc->sc_ttl = inp->inp_ttl;
	sc->sc_tos = inp->inp_tos;
	sc->sc_fib = inp->inp_fib;
	sc->sc_peer_mss = tcp_sc_msstab[bits >> SCK_MSS & SCK_MASK];
	i = bits >> SCK_WSCALE & SCK_MASK;
	if (i > 0) {
		sc->sc_requested_r_scale = tcp_request_scale();
		sc->sc_requested_s_scale = tcp_sc_wstab[i];
		sc->sc_flags |= SCF_WINSCALE;
	}
	/* As FreeBSD: the ACK's own option tells. */
	if (sg->sg_opt.to_hasts && V_tcp.rfc1323 != 0) {
		sc->sc_tsreflect = sg->sg_opt.to_tsval;
		sc->sc_flags |= SCF_TIMESTAMP;
	}
	if ((bits & SCK_SACK) != 0)
		sc->sc_flags |= SCF_SACK;
	sc->sc_wnd =
	    (uint16_t)imin(inp->inp_socket->so_rcv.sb_hiwat, TCP_MAXWIN);
	TCPSTAT_INC(sc_recvcookie);
	return (true);
}
