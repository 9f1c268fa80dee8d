/*
 * tcp_opt.c - options, and what follows from them: segment size, scaling.
 *
 * MSS, window scale and SACK-permitted count on a SYN only, SACK blocks only
 * elsewhere; unknown options are skipped by their length.  Written in
 * FreeBSD's order, which its test suite pins down:
 *
 *	SYN        mss, nop, wscale, sackOK, TS
 *	SYN,ACK    the same; to a peer with SACK alone: mss, sackOK, eol, eol
 *	others     nop, nop, TS, nop, nop, sack: at most 4 blocks, 3 beside TS
 *
 * RFC 9293 sections 3.1 and 3.7.1, RFC 6691, RFC 7323 section 2, RFC 2018.
 */
#include <string.h>
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_hostcache.h"
#include "src/net/tcp/tcp_in.h"

static void
tcp_dooption(struct tcpopt *to, const uint8_t *cp, uint32_t optlen)
{
	switch (cp[0]) {
	case TCPOPT_MAXSEG:
		if (optlen != TCPOLEN_MAXSEG)
			break;
		to->to_hasmss = true;
		to->to_mss = be16dec(cp + 2);
		break;
	case TCPOPT_WINDOW:
		if (optlen != TCPOLEN_WINDOW)
			break;
		to->to_hasscale = true;
		/* RFC 7323 2.3: more than 14 counts as 14 */
		to->to_wscale = (uint8_t)imin(cp[2], TCP_MAX_WINSHIFT);
		break;
	case TCPOPT_SACK_PERMITTED:
		to->to_sackperm = optlen == TCPOLEN_SACK_PERMITTED;
		break;
	default:
		break;
	}
}

/* RFC 2018 section 3: left edge, right edge of each block. */
static void
tcp_dosack(struct tcpopt *to, const uint8_t *cp, uint32_t optlen)
{
	uint32_t n = (optlen - TCPOLEN_SACKHDR) / TCPOLEN_SACK;

	if ((optlen - TCPOLEN_SACKHDR) % TCPOLEN_SACK != 0 || n > TCP_MAX_SACK)
		return;
	to->to_nsacks = (uint8_t)n;
	cp += TCPOLEN_SACKHDR;
	for (uint32_t i = 0; i < n; i++, cp += TCPOLEN_SACK) {
		to->to_sacks[i].start = be32dec(cp);
		to->to_sacks[i].end = be32dec(cp + 4);
	}
}

void
tcp_dooptions(struct tcpopt *to, const uint8_t *cp, uint32_t cnt, bool syn)
{
	uint32_t optlen;

	memset(to, 0, offsetof(struct tcpopt, to_sacks));
	for (; cnt > 0; cnt -= optlen, cp += optlen) {
		if (cp[0] == TCPOPT_EOL)
			break;
		if (cp[0] == TCPOPT_NOP) {
			optlen = 1;
			continue;
		}
		if (cnt < 2)
			break;
		optlen = cp[1];
		if (optlen < 2 || optlen > cnt)
			break;
		if (cp[0] == TCPOPT_TIMESTAMP) {
			if (optlen != TCPOLEN_TIMESTAMP)
				continue;
			to->to_hasts = true;
			to->to_tsval = be32dec(cp + 2);
			to->to_tsecr = be32dec(cp + 6);
		} else if (syn) {
			tcp_dooption(to, cp, optlen);
		} else if (cp[0] == TCPOPT_SACK) {
			tcp_dosack(to, cp, optlen);
		}
	}
}

/* Fill up with nops until (@len + @add) is a multiple of @align. */
static uint32_t
tcp_optpad(uint8_t *buf, uint32_t len, uint32_t add, uint32_t align)
{
	while ((len + add) % align != 0)
		buf[len++] = TCPOPT_NOP;
	return (len);
}

/* As many blocks as fit.  Return: new length. */
static uint32_t
tcp_addsack(const struct tcpopt *to, uint8_t *buf, uint32_t len)
{
	uint32_t n = to->to_nsacks, at;

	at = tcp_optpad(buf, len, TCPOLEN_SACKHDR, 4) + TCPOLEN_SACKHDR;
	n = imin(n, (TCP_MAXOLEN - at) / TCPOLEN_SACK);
	if (n == 0)
		return (len);
	buf[at - 2] = TCPOPT_SACK;
	buf[at - 1] = (uint8_t)(TCPOLEN_SACKHDR + n * TCPOLEN_SACK);
	for (uint32_t i = 0; i < n; i++, at += TCPOLEN_SACK) {
		be32enc(buf + at, to->to_sacks[i].start);
		be32enc(buf + at + 4, to->to_sacks[i].end);
	}
	return (at);
}

uint32_t
tcp_addoptions(const struct tcpopt *to, uint8_t *buf)
{
	uint32_t len = 0;

	if (to->to_hasmss) {
		buf[len] = TCPOPT_MAXSEG;
		buf[len + 1] = TCPOLEN_MAXSEG;
		be16enc(buf + len + 2, to->to_mss);
		len += TCPOLEN_MAXSEG;
	}
	if (to->to_hasscale) {
		len = tcp_optpad(buf, len, 1, 2);
		buf[len] = TCPOPT_WINDOW;
		buf[len + 1] = TCPOLEN_WINDOW;
		buf[len + 2] = to->to_wscale;
		len += TCPOLEN_WINDOW;
	}
	if (to->to_sackperm) {
		len = tcp_optpad(buf, len, 0, 2);
		buf[len] = TCPOPT_SACK_PERMITTED;
		buf[len + 1] = TCPOLEN_SACK_PERMITTED;
		len += TCPOLEN_SACK_PERMITTED;
	}
	if (to->to_hasts) {
		len = tcp_optpad(buf, len, 2, 4);
		buf[len] = TCPOPT_TIMESTAMP;
		buf[len + 1] = TCPOLEN_TIMESTAMP;
		be32enc(buf + len + 2, to->to_tsval);
		be32enc(buf + len + 6, to->to_tsecr);
		len += TCPOLEN_TIMESTAMP;
	}
	if (to->to_nsacks != 0)
		len = tcp_addsack(to, buf, len);
	while (len % 4 != 0)
		buf[len++] = TCPOPT_EOL;
	return (len);
}

uint32_t
tcp_mssopt(uint32_t fib, uint32_t dst)
{
	uint32_t mtu = V_tcp.lower->tl_mtu(fib, dst);
	uint32_t known = tcp_hc_getmtu(dst);

	if (known != 0)
		mtu = mtu != 0 ? imin(mtu, known) : known;
	if (mtu <= IP_HDRLEN + TCP_HDRLEN)
		return ((uint32_t)V_tcp.mssdflt);
	return (imin(mtu - IP_HDRLEN - TCP_HDRLEN, UINT16_MAX));
}

/* Round a buffer up to whole segments; it never shrinks. */
static uint32_t
tcp_bufround(uint32_t hiwat, uint32_t mss)
{
	uint32_t size = howmany(hiwat, mss) * mss;

	return (imax(hiwat, imin(size, sb_max())));
}

void
tcp_mss(struct tcpcb *tp, const struct tcpopt *to)
{
	struct inpcb *inp = tp->t_inpcb;
	struct socket *so = inp->inp_socket;
	uint32_t offer = to->to_hasmss ? to->to_mss : 0;
	uint32_t mss = tcp_mssopt(inp->inp_fib, inp->inp_faddr);

	/* RFC 9293 3.7.1 (MUST-15): without an offer 536 is assumed. */
	if (offer == 0)
		offer = (uint32_t)V_tcp.mssdflt;
	/* FreeBSD: a peer may not make us send tiny segments. */
	offer = imax(offer, (uint32_t)V_tcp.minmss);
	mss = imin(mss, offer);
	mss = imax(mss, 64);
	if (tp->t_usermss != 0)
		mss = imin(mss, tp->t_usermss);
	if (so->so_snd.sb_hiwat < mss)
		mss = imax(so->so_snd.sb_hiwat, 1);
	else
		so->so_snd.sb_hiwat = tcp_bufround(so->so_snd.sb_hiwat, mss);
	if (so->so_rcv.sb_hiwat > mss)
		so->so_rcv.sb_hiwat = tcp_bufround(so->so_rcv.sb_hiwat, mss);
	tp->t_maxseg = (uint16_t)mss;
}

uint8_t
tcp_request_scale(void)
{
	uint8_t scale = 0;

	while (scale < TCP_MAX_WINSHIFT &&
	       ((uint32_t)TCP_MAXWIN << scale) < sb_max())
		scale++;
	return (scale);
}

void
tcp_peerscale(struct tcpcb *tp, const struct tcpopt *to)
{
	if (to->to_hasscale && (tp->t_flags & TF_REQ_SCALE) != 0) {
		tp->t_flags |= TF_RCVD_SCALE;
		tp->snd_scale = to->to_wscale;
	}
	tcp_ts_negotiate(tp, to);
	if (!to->to_sackperm || (tp->t_flags & TF_NOOPT) != 0)
		tp->t_flags &= ~(uint32_t)TF_SACK_PERMIT;
}

void
tcp_startscale(struct tcpcb *tp)
{
	if ((tp->t_flags & (TF_REQ_SCALE | TF_RCVD_SCALE)) ==
	    (TF_REQ_SCALE | TF_RCVD_SCALE))
		tp->rcv_scale = tp->request_r_scale;
	else
		tp->snd_scale = 0;
}
