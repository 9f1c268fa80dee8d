/*
 * ip_icmp.c - ICMP from below: echo, and errors about packets of ours.
 *
 * An error that comes in is handed to the transport it quotes (pr_ctlinput);
 * one about an echo request ends the ping.  A router that does not name the
 * MTU of the next hop (RFC 792 has no field for it) is understood to mean the
 * next smaller one of RFC 1191 section 7.1.  Redirects: icmp_redirect.c; what
 * we tell others: icmp_error.c.
 *
 * RFC 792; RFC 1122 section 3.2.2.  FreeBSD: sys/netinet/ip_icmp.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

MALLOC_TYPE(icmp_limit_zone, icmp, ICMP_Z_LIMITS, "icmp bandlimit", UMA_NOHASH);

static int
icmp_init(void)
{
	int error = icmp_pings_init();

	if (error != 0)
		return (error);
	V_icmp.icmplim = 200;
	V_icmp.quotelen = ICMP_QUOTELEN;
	V_icmp.redirtimeout = 600;
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

static void
icmp_reflect(struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t *p;

	if ((m->m_flags & (M_BCAST | M_MCAST)) != 0 &&
	    V_icmp.bmcastecho == 0) {
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
	static const uint8_t prc[] = {
		[0] = PRC_UNREACH_NET,
		[1] = PRC_UNREACH_HOST,
		[2] = PRC_UNREACH_PROTOCOL,
		[3] = PRC_UNREACH_PORT,
		[4] = PRC_MSGSIZE,
		[5] = PRC_UNREACH_HOST,
		[6] = PRC_UNREACH_HOST,
		[7] = PRC_UNREACH_HOST,
		[8] = PRC_UNREACH_HOST,
		/* network, host, communication prohibited */
		[9] = PRC_UNREACH_ADMIN,
		[10] = PRC_UNREACH_ADMIN,
		[11] = PRC_UNREACH_HOST,
		[12] = PRC_UNREACH_HOST,
		[13] = PRC_UNREACH_ADMIN,
	};

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
		[PRC_UNREACH_ADMIN] = VE_HOSTUNREACH,
		[PRC_MSGSIZE] = VE_MSGSIZE,
		[PRC_TIMXCEED] = VE_HOSTUNREACH,
	};

	return (err[cmd]);
}

/* The MTU an error tells of; 0: none. */
static uint32_t
icmp_mtu(enum prc cmd, const uint8_t *p)
{
	static const uint16_t plateau[] = { 65535, 32000, 17914, 8166, 4352,
		2002, 1492, 1006, 508, 296, 68 };
	uint32_t mtu = be16dec(p + 6);
	uint32_t was = be16dec(p + ICMP_HDRLEN + IP_O_LEN);

	if (cmd != PRC_MSGSIZE)
		return (0);
	for (size_t i = 0; mtu == 0 && i < nitems(plateau); i++)
		if (plateau[i] < was)
			mtu = plateau[i];
	return (mtu);
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
	if (ip[IP_O_P] == IPPROTO_ICMP) {
		if (l4[0] == ICMP_ECHO)
			ping_reply(dst, be16dec(l4 + 4), icmp_prc_errno(cmd));
		return (DROP_NONE);
	}
	pr = pffindproto(0, ip[IP_O_P]);
	if (pr == NULL || pr->pr_ctlinput == NULL)
		return (DROP_ICMP_INNER);
	pr->pr_ctlinput(cmd, src, dst, l4, icmp_mtu(cmd, p));
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
	if (buf[0] == ICMP_UNREACH)
		V_icmp.stat.icps_inhist_unreach++;
	else
		V_icmp.stat.icps_inhist_timxceed++;
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
	case ICMP_REDIRECT:
		icmp_redirect_input(m, &ip);
		return;
	default:
		m_drop(m, DROP_ICMP_TYPE);
	}
}

static const struct field icmp_fields[] = {
	FIELD(struct vnet_icmp, icmplim, INT),
	FIELD(struct vnet_icmp, bmcastecho, INT),
	FIELD(struct vnet_icmp, quotelen, INT),
	FIELD(struct vnet_icmp, redirtimeout, INT),
	FIELD(struct vnet_icmp, drop_redirect, BOOL),
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
#define ICMPSTAT(name, descr)                                                  \
	SYSCTL_VNET("net.inet.icmp.stats.icps_" #name, UINT, RD,               \
	    struct vnet_icmp, stat.icps_##name, 0, UINT32_MAX, descr)
static const struct sysctl_oid icmp_sysctls[] = {
	SYSCTL_VNET("net.inet.icmp.bmcastecho", INT, RW, struct vnet_icmp,
	    bmcastecho, 0, 1, "answer echo requests to a broadcast address"),
	SYSCTL_VNET("net.inet.icmp.drop_redirect", BOOL, RW, struct vnet_icmp,
	    drop_redirect, 0, 1, "do not believe redirects"),
	SYSCTL_VNET("net.inet.icmp.icmplim", INT, RW, struct vnet_icmp, icmplim,
	    0, 1000000, "ICMP errors and RSTs a second, of each kind"),
	SYSCTL_VNET("net.inet.icmp.quotelen", INT, RW, struct vnet_icmp,
	    quotelen, ICMP_QUOTE, ICMP_QUOTELEN,
	    "bytes behind its header that an error quotes of a packet"),
	SYSCTL_VNET("net.inet.icmp.redirtimeout", INT, RW, struct vnet_icmp,
	    redirtimeout, 0, INT32_MAX,
	    "life of a route made by a redirect, s; 0: no end"),
	ICMPSTAT(badredirect, "redirects that were not believed"),
	ICMPSTAT(error, "errors sent"),
	ICMPSTAT(inhist_redirect, "redirects heard"),
	ICMPSTAT(inhist_timxceed, "time exceeded heard"),
	ICMPSTAT(inhist_unreach, "unreachable heard"),
	ICMPSTAT(limited, "answers suppressed by icmplim"),
	ICMPSTAT(oldicmp, "errors not sent: they were about an error"),
	ICMPSTAT(outhist_paramprob, "parameter problem sent"),
	ICMPSTAT(outhist_redirect, "redirects sent"),
	ICMPSTAT(outhist_timxceed, "time exceeded sent"),
	ICMPSTAT(outhist_unreach, "unreachable sent"),
	ICMPSTAT(reflect, "echo requests answered"),
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
