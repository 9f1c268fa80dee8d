/*
 * ip_icmp.c - ICMP from below: what it says, and who hears of it.
 *
 * Up:    ip_input -> icmp_input -> pr_ctlinput of the transport (errors)
 *                               -> icmp_reflect.c (requests: answered)
 *                               -> ip_raw_input (all that was not answered)
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
	V_icmp.tstamprepl = 1;
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

/* Which news is it?  PRC_N: none. */
static enum prc
icmp_code_prc(uint8_t type, uint8_t code)
{
	static const uint8_t prc[] = {
		[ICMP_UNREACH_NET] = PRC_UNREACH_NET,
		[ICMP_UNREACH_HOST] = PRC_UNREACH_HOST,
		[ICMP_UNREACH_PROTOCOL] = PRC_UNREACH_PROTOCOL,
		[ICMP_UNREACH_PORT] = PRC_UNREACH_PORT,
		[ICMP_UNREACH_NEEDFRAG] = PRC_MSGSIZE,
		[ICMP_UNREACH_NET_PROHIB] = PRC_UNREACH_ADMIN,
		[ICMP_UNREACH_HOST_PROHIB] = PRC_UNREACH_ADMIN,
		[ICMP_UNREACH_FILTER_PROHIB] = PRC_UNREACH_ADMIN,
		[15] = PRC_UNREACH_NET, /* precedence cutoff, the last one */
	};

	switch (type) {
	case ICMP_UNREACH:
		return (code < nitems(prc) ? (enum prc)prc[code] : PRC_N);
	case ICMP_TIMXCEED:
		return (code <= ICMP_TIMXCEED_REASS ? PRC_TIMXCEED : PRC_N);
	case ICMP_PARAMPROB:
		return (code <= 1 ? PRC_PARAMPROB : PRC_N);
	default:
		return (PRC_N);
	}
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
		[PRC_PARAMPROB] = VE_NOPROTOOPT,
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

	if (cmd == PRC_N)
		return (DROP_ICMP_CODE);
	if (len < ICMP_HDRLEN + IP_HDRLEN + ICMP_QUOTE)
		return (DROP_ICMP_INNER);
	hlen = (ip[IP_O_VHL] & 0xfu) << 2;
	if (ip[IP_O_VHL] >> 4 != 4 || hlen < IP_HDRLEN ||
	    len < ICMP_HDRLEN + hlen + ICMP_QUOTE)
		return (DROP_ICMP_INNER);
	l4 = ip + hlen;
	src = be32dec(ip + IP_O_SRC);
	dst = be32dec(ip + IP_O_DST);
	/* RFC 1122 section 3.2.2: there is no error about a multicast */
	if (IN_MULTICAST(dst))
		return (DROP_ICMP_CODE);
	if (ip[IP_O_P] == IPPROTO_ICMP) {
		if (l4[0] == ICMP_ECHO)
			ping_reply(dst, be16dec(l4 + 4), icmp_prc_errno(cmd));
		return (DROP_NONE);
	}
	pr = ip[IP_O_P] != 0 ? pffindproto(0, ip[IP_O_P]) : NULL;
	if (pr != NULL && pr->pr_ctlinput != NULL)
		pr->pr_ctlinput(cmd, src, dst, l4, icmp_mtu(cmd, p));
	return (DROP_NONE);
}

/* Return: DROP_NONE: it was understood. */
static enum drop_reason
icmp_heard(const struct mbuf *m, const struct ip_repr *ip)
{
	uint8_t buf[ICMP_HDRLEN + IP_MAXHDRLEN + 2 * ICMP_QUOTE];
	uint32_t len =
	    imin((uint32_t)(ip->len - ip->hlen), (uint32_t)sizeof(buf));
	enum drop_reason why;

	m_copydata(m, ip->hlen, len, buf);
	if (buf[0] == ICMP_UNREACH)
		V_icmp.stat.icps_inhist_unreach++;
	else if (buf[0] == ICMP_TIMXCEED)
		V_icmp.stat.icps_inhist_timxceed++;
	why = icmp_ctlinput(buf, len);
	if (why == DROP_ICMP_CODE)
		V_icmp.stat.icps_badcode++;
	else if (why == DROP_ICMP_INNER)
		V_icmp.stat.icps_badlen++;
	return (why);
}

/* A sound message.  What we do not answer ourselves is for raw sockets. */
static void
icmp_message(struct mbuf *m, const struct ip_repr *ip)
{
	enum drop_reason why = DROP_NONE;
	uint8_t icmp[ICMP_HDRLEN];

	m_copydata(m, ip->hlen, ICMP_HDRLEN, icmp);
	switch (icmp[0]) {
	case ICMP_ECHOREPLY:
		ping_reply(ip->src, be16dec(icmp + 4), 0);
		break;
	case ICMP_UNREACH:
	case ICMP_TIMXCEED:
	case ICMP_PARAMPROB:
		why = icmp_heard(m, ip);
		break;
	case ICMP_REDIRECT:
		why = icmp_redirect_input(m, ip);
		break;
	default:
		if (icmp_request(m, ip, &why))
			return;
	}
	if (ip_raw_input(m, ip))
		return;
	if (why != DROP_NONE)
		m_drop(m, why);
	else
		m_freem(m);
}

void
icmp_input(struct mbuf *m __takes, uint32_t hlen)
{
	enum drop_reason why;
	struct ip_repr ip;

	why = ip_parse(&m, &ip);
	if (why == DROP_NONE && ip.len < hlen + ICMP_HDRLEN) {
		V_icmp.stat.icps_tooshort++;
		why = DROP_ICMP_SHORT;
	}
	if (why == DROP_NONE && in_cksum(m, hlen, ip.len - hlen, 0) != 0) {
		V_icmp.stat.icps_checksum++;
		why = DROP_ICMP_BADSUM;
	}
	if (why != DROP_NONE)
		m_drop(m, why);
	else
		icmp_message(m, &ip);
}

static const struct field icmp_fields[] = {
	FIELD(struct vnet_icmp, icmplim, INT),
	FIELD(struct vnet_icmp, bmcastecho, INT),
	FIELD(struct vnet_icmp, quotelen, INT),
	FIELD(struct vnet_icmp, redirtimeout, INT),
	FIELD(struct vnet_icmp, tstamprepl, INT),
	FIELD(struct vnet_icmp, maskrepl, INT),
	FIELD(struct vnet_icmp, maskfake, UINT),
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
	SYSCTL_VNET("net.inet.icmp.maskfake", UINT, RW, struct vnet_icmp,
	    maskfake, 0, UINT32_MAX, "mask that is told, 0: the true one"),
	SYSCTL_VNET("net.inet.icmp.maskrepl", INT, RW, struct vnet_icmp,
	    maskrepl, 0, 1, "answer address mask requests"),
	SYSCTL_VNET("net.inet.icmp.quotelen", INT, RW, struct vnet_icmp,
	    quotelen, ICMP_QUOTE, ICMP_QUOTELEN,
	    "bytes behind its header that an error quotes of a packet"),
	SYSCTL_VNET("net.inet.icmp.redirtimeout", INT, RW, struct vnet_icmp,
	    redirtimeout, 0, INT32_MAX,
	    "life of a route made by a redirect, s; 0: no end"),
	SYSCTL_VNET("net.inet.icmp.tstamprepl", INT, RW, struct vnet_icmp,
	    tstamprepl, 0, 1, "answer timestamp requests"),
	ICMPSTAT(badaddr, "requests whose sender cannot be answered"),
	ICMPSTAT(badcode, "messages with an unknown code"),
	ICMPSTAT(badlen, "messages shorter than their type asks for"),
	ICMPSTAT(bmcastecho, "echo requests to broadcast, not answered"),
	ICMPSTAT(bmcasttstamp, "timestamp requests to broadcast, not answered"),
	ICMPSTAT(checksum, "messages with a wrong sum"),
	ICMPSTAT(tooshort, "messages shorter than a header"),
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
