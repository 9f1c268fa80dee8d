/*
 * pf_test.c - a packet comes by: what it says, and what becomes of it.
 *
 *	skip            its interface is not filtered: it passes
 *	short           its headers are not whole: it is dropped
 *	fragment        the rules decide, and nothing is remembered: it has no
 *	                ports, or its others have none
 *	state           what a state knows passes, if TCP's numbers allow it
 *	rules           the rest; what passes by "keep state" makes a state
 *	ip-option       what passes with IP options needs "allow-opts"
 *
 * The packet itself is never changed; headers are copied out of it.  Sums are
 * not looked at: whoever gets the packet does that.
 *
 * FreeBSD: pf_test() of sys/netpfil/pf/pf.c.
 */
#include <string.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/pf/pf_var.h"
#include "src/net/tcp/tcp.h"

enum { ICMP_SOURCEQUENCH = 4 };

static bool
icmp_iserror(uint8_t type)
{
	return (type == ICMP_UNREACH || type == ICMP_SOURCEQUENCH ||
		type == ICMP_REDIRECT || type == ICMP_TIMXCEED ||
		type == ICMP_PARAMPROB);
}

/* What a SYN says about its window: PF_WSCALE_FLAG and the scale, or 0. */
static uint8_t
tcp_wscale(const uint8_t *th, uint32_t hlen)
{
	uint32_t at = TCP_HDRLEN;
	uint8_t ws;

	while (at < hlen && th[at] != TCPOPT_EOL) {
		if (th[at] == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= hlen || th[at + 1] < 2 || at + th[at + 1] > hlen)
			break;
		if (th[at] == TCPOPT_WINDOW && th[at + 1] == TCPOLEN_WINDOW) {
			ws = th[at + 2];
			if (ws > TCP_MAX_WINSHIFT)
				ws = TCP_MAX_WINSHIFT;
			return ((uint8_t)(ws | PF_WSCALE_FLAG));
		}
		at += th[at + 1];
	}
	return (0);
}

static bool
parse_tcp(struct pf_pdesc *pd, uint32_t len)
{
	uint8_t *th = pd->hdr;
	uint32_t hlen;

	if (len < TCP_HDRLEN)
		return (false);
	m_copydata(pd->m, pd->off, TCP_HDRLEN, th);
	hlen = (uint32_t)(th[TCPOFF_OFF] >> 4) << 2;
	if (hlen < TCP_HDRLEN || hlen > len)
		return (false);
	m_copydata(
	    pd->m, pd->off + TCP_HDRLEN, hlen - TCP_HDRLEN, th + TCP_HDRLEN);
	pd->sport = be16dec(th + TCPOFF_SPORT);
	pd->dport = be16dec(th + TCPOFF_DPORT);
	pd->seq = be32dec(th + TCPOFF_SEQ);
	pd->ack = be32dec(th + TCPOFF_ACK);
	pd->win = be16dec(th + TCPOFF_WIN);
	pd->flags = th[TCPOFF_FLAGS];
	pd->p_len = len - hlen;
	if ((pd->flags & TH_SYN) != 0)
		pd->wscale = tcp_wscale(th, hlen);
	return (true);
}

static bool
parse_icmp(struct pf_pdesc *pd, uint32_t len)
{
	if (len < 8)
		return (false);
	m_copydata(pd->m, pd->off, 8, pd->hdr);
	pd->icmp_type = pd->hdr[0];
	pd->icmp_error = icmp_iserror(pd->icmp_type);
	if (!pd->icmp_error)
		pd->sport = pd->dport = be16dec(pd->hdr + 4);
	return (true);
}

/* Return: false: too short for what it says it is. */
static bool
parse_l4(struct pf_pdesc *pd)
{
	uint32_t len = pd->tot_len - pd->off;

	switch (pd->proto) {
	case IPPROTO_TCP:
		return (parse_tcp(pd, len));
	case IPPROTO_ICMP:
		return (parse_icmp(pd, len));
	case IPPROTO_UDP:
		if (len < 8)
			return (false);
		m_copydata(pd->m, pd->off, 8, pd->hdr);
		pd->sport = be16dec(pd->hdr);
		pd->dport = be16dec(pd->hdr + 2);
		return (true);
	default:
		return (true);
	}
}

static bool
parse(struct pf_pdesc *pd)
{
	uint8_t ip[IP_HDRLEN];
	uint16_t off;

	if (pd->m->m_pkthdr.len < IP_HDRLEN)
		return (false);
	m_copydata(pd->m, 0, IP_HDRLEN, ip);
	pd->off = (ip[IP_O_VHL] & 0xfu) << 2;
	pd->tot_len = be16dec(ip + IP_O_LEN);
	if (pd->off < IP_HDRLEN || pd->tot_len < pd->off ||
	    pd->tot_len > pd->m->m_pkthdr.len)
		return (false);
	pd->options = pd->off > IP_HDRLEN;
	pd->proto = ip[IP_O_P];
	pd->src = be32dec(ip + IP_O_SRC);
	pd->dst = be32dec(ip + IP_O_DST);
	off = be16dec(ip + IP_O_OFF);
	pd->fragment = (off & (IP_MF | IP_OFFMASK)) != 0;
	return (pd->fragment || parse_l4(pd));
}

/* No state knows it.  Return: pass? */
static bool
test_rules(
    const struct pf_pdesc *pd, struct pf_krule **rp, struct pf_kstate **sp)
{
	struct pf_krule *r = *rp = pf_match(pd);

	if (r == NULL)
		return (true);
	if (r->conf.action != VNETSIM_PF_PASS) {
		pf_return(pd, (enum vnetsim_pf_action)r->conf.action);
		return (false);
	}
	if (!r->conf.keep_state || pd->fragment || pd->icmp_error)
		return (true);
	*sp = pf_create_state(pd, r);
	return (*sp != NULL);
}

static void
count(const struct pf_pdesc *pd, struct pf_krule *r, struct pf_kstate *s)
{
	int dir = pd->dir == PF_OUT;

	if (r != NULL) {
		r->packets[dir]++;
		r->bytes[dir] += pd->tot_len;
	}
	if (s != NULL) {
		dir = pd->dir != s->direction;
		s->packets[dir]++;
		s->bytes[dir] += pd->tot_len;
	}
}

static bool
pf_test(struct pf_pdesc *pd)
{
	enum pf_verdict v = PFV_NOSTATE;
	struct pf_kstate *s = NULL;
	struct pf_krule *r = NULL;
	bool pass;

	if (!parse(pd)) {
		PF_COUNT(PFRES_SHORT);
		return (false);
	}
	if (!pd->fragment)
		v = pf_test_state(pd, &s);
	if (v == PFV_NOSTATE)
		pass = test_rules(pd, &r, &s);
	else
		pass = v == PFV_PASS;
	if (s != NULL)
		r = ref_get(&s->rule);
	if (pass && pd->options && (r == NULL || !r->conf.allow_opts)) {
		PF_COUNT(PFRES_IPOPTIONS);
		pass = false;
	}
	if (pass || (r != NULL && r->conf.action != VNETSIM_PF_PASS))
		count(pd, r, s);
	return (pass);
}

pfil_return_t
pf_check(struct mbuf **mp, struct ifnet *ifp, int flags, void *ruleset,
    struct inpcb *inp)
{
	struct pf_pdesc pd;

	(void)ruleset;
	(void)inp;
	if (V_pf.sending)
		return (PFIL_PASS);
	memset(&pd, 0, sizeof(pd));
	pd.m = *mp;
	pd.ifp = ifp;
	pd.kif = pfi_kkif_of(ifp);
	pd.dir = flags == PFIL_IN ? PF_IN : PF_OUT;
	if (pd.kif != NULL && pd.kif->pfik_skip)
		return (PFIL_PASS);
	return (pf_test(&pd) ? PFIL_PASS : PFIL_DROPPED);
}
