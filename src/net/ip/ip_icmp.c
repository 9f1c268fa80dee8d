/*
 * ip_icmp.c - ICMP: echo, errors told to others, errors heard from others.
 *
 * An error is never sent about an ICMP error, a fragment but the first, a
 * broadcast, or a packet whose source is no single host (RFC 1122 section
 * 3.2.2), and at most net.inet.icmp.icmplim times a second of each kind.  It
 * quotes the header and up to 548 bytes, as FreeBSD's quotelen does.
 *
 * An error that comes in is handed to the transport it quotes (pr_ctlinput);
 * one about an echo request ends the ping.
 *
 * RFC 792; RFC 1122 section 3.2.2.  FreeBSD: sys/netinet/ip_icmp.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

#define ICMP_QUOTELEN 548

MALLOC_TYPE(icmp_limit_zone, icmp, ICMP_Z_LIMITS, "icmp bandlimit", UMA_NOHASH);

static int
icmp_init(void)
{
	int error = icmp_pings_init();

	if (error != 0)
		return (error);
	V_icmp.icmplim = 200;
	V_icmp.lim = kmalloc(
	    &icmp_limit_zone, BANDLIM_N * sizeof(struct icmp_bandlim), M_ZERO);
	if (V_icmp.lim != NULL)
		return (0);
	uma_zfree(&icmp_pings_zone, V_icmp.pings);
	V_icmp.pings = NULL;
	return (VE_NOMEM);
}

static void
icmp_uninit(void)
{
	kfree(&icmp_limit_zone, V_icmp.lim);
	V_icmp.lim = NULL;
}

bool
badport_bandlim(int which)
{
	struct icmp_bandlim *bl;

	MPASS(which >= 0 && which < BANDLIM_N);
	if (V_icmp.lim == NULL || V_icmp.icmplim == 0)
		return (true);
	bl = &V_icmp.lim[which];
	if (bl->count == 0 || vtime() - bl->start >= NS_S) {
		bl->start = vtime();
		bl->count = 0;
	}
	if (bl->count >= (uint32_t)V_icmp.icmplim) {
		V_icmp.stat.icps_limited++;
		return (false);
	}
	bl->count++;
	return (true);
}

/* RFC 1122 section 3.2.2: may this packet be answered by an error? */
static enum drop_reason
icmp_deserves(const struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t type;

	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 || in_broadcast(ip->dst) ||
	    IN_MULTICAST(ip->dst))
		return (DROP_ICMP_BCAST);
	if (ip->src == INADDR_ANY || in_broadcast(ip->src) ||
	    IN_MULTICAST(ip->src))
		return (DROP_ICMP_BCAST);
	if ((ip->off & IP_OFFMASK) != 0)
		return (DROP_IP_FRAGMENT);
	if (ip->proto == IPPROTO_ICMP && ip->len > ip->hlen) {
		m_copydata(m, ip->hlen, 1, &type);
		if (type != ICMP_ECHO && type != ICMP_ECHOREPLY)
			return (DROP_ICMP_ABOUTERR);
	}
	return (DROP_NONE);
}

static int
icmp_send(struct mbuf *m, uint32_t src, uint32_t dst)
{
	struct ip_outargs ia = {
		.ia_src = src,
		.ia_dst = dst,
		.ia_proto = IPPROTO_ICMP,
	};
	uint8_t *p = mtod(m, uint8_t *);

	be16enc(p + 2, 0);
	be16enc(p + 2, in_cksum(m, 0, m->m_pkthdr.len, 0));
	return (ip_output(m, &ia));
}

void
icmp_error(struct mbuf *m __takes, uint8_t type, uint8_t code, uint16_t mtu)
{
	uint32_t quote;
	struct ip_repr ip;
	enum drop_reason why;
	struct mbuf *e;
	uint8_t *p;

	why = ip_parse(&m, &ip);
	if (why == DROP_NONE)
		why = icmp_deserves(m, &ip);
	if (why == DROP_NONE && !badport_bandlim(BANDLIM_UNREACH))
		why = DROP_ICMP_LIMIT;
	if (why != DROP_NONE) {
		m_drop(m, why);
		return;
	}
	quote = imin((uint32_t)ip.len, (uint32_t)ip.hlen + ICMP_QUOTELEN);
	e = m_getm(MLEN / 2, ICMP_HDRLEN, M_NOWAIT);
	if (e == NULL) {
		m_drop(m, DROP_NOMEM);
		return;
	}
	p = mtod(e, uint8_t *);
	memset(p, 0, ICMP_HDRLEN);
	p[0] = type;
	p[1] = code;
	be16enc(p + 6, mtu);
	/* the quoted packet shows the sums that its sender meant */
	if ((m->m_pkthdr.csum_flags & (CSUM_IP | CSUM_UDP | CSUM_TCP)) != 0)
		(void)m_csum_fill(m);
	m_adj(m, (int)quote - (int)m->m_pkthdr.len);
	e->m_pkthdr.len += quote;
	m_cat(e, m);
	V_icmp.stat.icps_error++;
	if (type == ICMP_UNREACH)
		V_icmp.stat.icps_outhist_unreach++;
	/* from the address that was asked, RFC 1122 section 3.2.1.3 */
	(void)icmp_send(e, in_localip(ip.dst) ? ip.dst : 0, ip.src);
}

static void
icmp_reflect(struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t *p;

	if ((m->m_flags & M_BCAST) != 0 && V_icmp.bmcastecho == 0) {
		m_drop(m, DROP_ICMP_BCAST);
		return;
	}
	if (!badport_bandlim(BANDLIM_ECHO)) {
		m_drop(m, DROP_ICMP_LIMIT);
		return;
	}
	m_adj(m, ip->hlen);
	m = m_pullup(m, ICMP_HDRLEN);
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	p = mtod(m, uint8_t *);
	p[0] = ICMP_ECHOREPLY;
	m->m_flags &= (uint16_t) ~(M_BCAST | M_MCAST | M_TAPPED | M_LOOP);
	m->m_pkthdr.csum_flags = 0;
	m->m_pkthdr.rcvif_idx = 0;
	m->m_pkthdr.rcvif_gen = 0;
	V_icmp.stat.icps_reflect++;
	(void)icmp_send(m, in_localip(ip->dst) ? ip->dst : 0, ip->src);
}

static enum prc
icmp_code_prc(uint8_t type, uint8_t code)
{
	static const uint8_t prc[] = { PRC_UNREACH_NET, PRC_UNREACH_HOST,
		PRC_UNREACH_PROTOCOL, PRC_UNREACH_PORT, PRC_MSGSIZE };

	if (type == ICMP_TIMXCEED)
		return (PRC_TIMXCEED);
	return (code < nitems(prc) ? (enum prc)prc[code] : PRC_UNREACH_HOST);
}

static int
icmp_prc_errno(enum prc cmd)
{
	static const uint8_t err[PRC_N] = {
		[PRC_UNREACH_NET] = VE_NETUNREACH,
		[PRC_UNREACH_HOST] = VE_HOSTUNREACH,
		[PRC_UNREACH_PROTOCOL] = VE_CONNREFUSED,
		[PRC_UNREACH_PORT] = VE_CONNREFUSED,
		[PRC_MSGSIZE] = VE_MSGSIZE,
		[PRC_TIMXCEED] = VE_HOSTUNREACH,
	};

	return (err[cmd]);
}

/* An error: @p points to the ICMP header, @len bytes of it are there. */
static enum drop_reason
icmp_ctlinput(const uint8_t *p, uint32_t len)
{
	const uint8_t *ip = p + ICMP_HDRLEN, *l4;
	enum prc cmd = icmp_code_prc(p[0], p[1]);
	const struct protosw *pr;
	uint32_t hlen, src, dst;

	if (len < ICMP_HDRLEN + IP_HDRLEN + ICMP_QUOTE)
		return (DROP_ICMP_INNER);
	hlen = (ip[IP_O_VHL] & 0xfu) << 2;
	if (ip[IP_O_VHL] >> 4 != 4 || hlen < IP_HDRLEN ||
	    len < ICMP_HDRLEN + hlen + ICMP_QUOTE)
		return (DROP_ICMP_INNER);
	l4 = ip + hlen;
	src = be32dec(ip + IP_O_SRC);
	dst = be32dec(ip + IP_O_DST);
	V_icmp.stat.icps_inhist_unreach++;
	if (ip[IP_O_P] == IPPROTO_ICMP) {
		if (l4[0] == ICMP_ECHO)
			ping_reply(dst, be16dec(l4 + 4), icmp_prc_errno(cmd));
		return (DROP_NONE);
	}
	pr = pffindproto(0, ip[IP_O_P]);
	if (pr == NULL || pr->pr_ctlinput == NULL)
		return (DROP_ICMP_INNER);
	pr->pr_ctlinput(cmd, src, dst, l4, be16dec(p + 6));
	return (DROP_NONE);
}

static void
icmp_heard(struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t buf[ICMP_HDRLEN + IP_MAXHDRLEN + 2 * ICMP_QUOTE];
	uint32_t len =
	    imin((uint32_t)(ip->len - ip->hlen), (uint32_t)sizeof(buf));
	enum drop_reason why;

	m_copydata(m, ip->hlen, len, buf);
	if (buf[0] == ICMP_UNREACH && buf[1] > 15)
		why = DROP_ICMP_CODE;
	else
		why = icmp_ctlinput(buf, len);
	if (why != DROP_NONE)
		m_drop(m, why);
	else
		m_freem(m);
}

void
icmp_input(struct mbuf *m __takes, uint32_t hlen)
{
	uint8_t icmp[ICMP_HDRLEN];
	struct ip_repr ip;
	enum drop_reason why;

	why = ip_parse(&m, &ip);
	if (why == DROP_NONE && ip.len < hlen + ICMP_HDRLEN)
		why = DROP_ICMP_SHORT;
	if (why == DROP_NONE && in_cksum(m, hlen, ip.len - hlen, 0) != 0)
		why = DROP_ICMP_BADSUM;
	if (why != DROP_NONE) {
		m_drop(m, why);
		return;
	}
	m_copydata(m, hlen, ICMP_HDRLEN, icmp);
	switch (icmp[0]) {
	case ICMP_ECHO:
		icmp_reflect(m, &ip);
		return;
	case ICMP_ECHOREPLY:
		ping_reply(ip.src, be16dec(icmp + 4), 0);
		m_freem(m);
		return;
	case ICMP_UNREACH:
	case ICMP_TIMXCEED:
		icmp_heard(m, &ip);
		return;
	default:
		m_drop(m, DROP_ICMP_TYPE);
	}
}

static const struct field icmp_fields[] = {
	FIELD(struct vnet_icmp, icmplim, INT),
	FIELD(struct vnet_icmp, bmcastecho, INT),
	FIELD_STAT(struct vnet_icmp, pingid, UINT),
	FIELD(struct vnet_icmp, pings, PTR),
	FIELD(struct vnet_icmp, lim, PTR),
	FIELD_STAT(struct vnet_icmp, stat, BYTES),
};
static const struct uma_zone *const icmp_zones[] = {
	[ICMP_Z_LIMITS] = &icmp_limit_zone,
	[ICMP_Z_PING] = &ping_wait_zone,
	[ICMP_Z_PINGS] = &icmp_pings_zone,
};
static const struct sysctl_oid icmp_sysctls[] = {
	SYSCTL_VNET("net.inet.icmp.bmcastecho", INT, RW, struct vnet_icmp,
	    bmcastecho, 0, 1, "answer echo requests to a broadcast address"),
	SYSCTL_VNET("net.inet.icmp.icmplim", INT, RW, struct vnet_icmp, icmplim,
	    0, 1000000, "ICMP errors and RSTs a second, of each kind"),
	SYSCTL_VNET("net.inet.icmp.stats.icps_error", UINT, RD,
	    struct vnet_icmp, stat.icps_error, 0, UINT32_MAX, "errors sent"),
	SYSCTL_VNET("net.inet.icmp.stats.icps_limited", UINT, RD,
	    struct vnet_icmp, stat.icps_limited, 0, UINT32_MAX,
	    "answers suppressed by icmplim"),
	SYSCTL_VNET("net.inet.icmp.stats.icps_reflect", UINT, RD,
	    struct vnet_icmp, stat.icps_reflect, 0, UINT32_MAX,
	    "echo requests answered"),
};

VNET_MODULE(icmp) = {
	.vm_name = "icmp",
	.vm_id = VNET_MOD_icmp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_icmp),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_THIRD,
	.vm_init = icmp_init,
	.vm_shutdown = icmp_pings_shutdown,
	.vm_uninit = icmp_uninit,
	.vm_fields = icmp_fields,
	.vm_nfields = nitems(icmp_fields),
	.vm_zones = icmp_zones,
	.vm_nzones = nitems(icmp_zones),
	.vm_sysctls = icmp_sysctls,
	.vm_nsysctls = nitems(icmp_sysctls),
};
