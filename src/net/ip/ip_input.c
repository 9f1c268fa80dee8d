/*
 * ip_input.c - IPv4 from below: is it sane, is it ours, who wants it.
 *
 * Up:    netisr -> ip_input -> ip_parse -> pfil -> protosw.pr_input or
 *        icmp_input
 *
 * A packet walks straight: it goes up one layer or is dropped with a reason.
 * There is no forwarding and no reassembly yet; both are counted drops.
 * Options are ignored but for source routes, which are refused as FreeBSD
 * does (net.inet.ip.accept_sourceroute is 0).
 *
 * Packet filters see what has sane bytes and addresses, before anybody asks
 * whether it is for us: they may change that.  What they let pass is parsed
 * again; the sum is theirs to mend and not looked at.
 *
 * RFC 791; RFC 1122 section 3.2.1.  FreeBSD: sys/netinet/ip_input.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include <vnetsim/kern/pfil.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

static int
ip_pfil_attach(void)
{
	static const struct pfil_head_args pa = {
		.pa_version = PFIL_VERSION,
		.pa_flags = PFIL_IN | PFIL_OUT,
		.pa_type = PFIL_TYPE_IP4,
		.pa_headname = PFIL_INET_NAME,
	};

	V_inet_pfil_head = pfil_head_register(&pa);
	return (V_inet_pfil_head != NULL ? 0 : VE_NOMEM);
}

static void
ip_pfil_detach(void)
{
	pfil_head_unregister(V_inet_pfil_head);
	V_inet_pfil_head = NULL;
}

static int
ip_init(void)
{
	int error;

	TAILQ_INIT(&V_ip.addrs);
	V_ip.ttl = IPDEFTTL;
	V_ip.hash = uma_zalloc(&in_ifaddrhash_zone, M_ZERO);
	if (V_ip.hash == NULL)
		return (VE_NOMEM);
	error = netisr_register_vnet(NETISR_IP, VNET_MOD_ip, ip_input);
	if (error == 0)
		error = ip_pfil_attach();
	if (error == 0)
		error = if_af_register(AF_INET, &in_afops);
	if (error != 0) {
		ip_pfil_detach();
		netisr_unregister_vnet(NETISR_IP);
		uma_zfree(&in_ifaddrhash_zone, V_ip.hash);
		V_ip.hash = NULL;
		return (error);
	}
	in_af_register(&ip_inet_afops);
	return (0);
}

/* FreeBSD: ip_destroy(): no more input, addresses, filters. */
static enum op_verdict
ip_shutdown(struct op *op)
{
	(void)op;
	netisr_unregister_vnet(NETISR_IP);
	in_ifscrub_all();
	in_af_register(NULL);
	ip_pfil_detach();
	return (OP_DONE);
}

static void
ip_uninit(void)
{
	if_af_unregister(AF_INET);
	if (V_ip.naddrs != 0)
		return;
	uma_zfree(&in_ifaddrhash_zone, V_ip.hash);
	V_ip.hash = NULL;
}

static enum drop_reason
ip_checkopts(const struct mbuf *m, uint32_t hlen)
{
	const uint8_t *opt = mtodo(m, IP_HDRLEN);
	uint32_t left = hlen - IP_HDRLEN, len;

	while (left > 0 && *opt != IPOPT_EOL) {
		if (*opt == IPOPT_NOP) {
			len = 1;
		} else {
			len = left >= 2 ? opt[1] : 0;
			if (len < 2 || len > left)
				return (DROP_IP_OPTIONS);
			if (*opt == IPOPT_LSRR || *opt == IPOPT_SSRR)
				return (DROP_IP_OPTIONS);
		}
		opt += len;
		left -= len;
	}
	return (DROP_NONE);
}

static void
ip_fields(const uint8_t *p, struct ip_repr *ip)
{
	ip->hlen = (uint8_t)((p[IP_O_VHL] & 0xf) << 2);
	ip->tos = p[IP_O_TOS];
	ip->len = be16dec(p + IP_O_LEN);
	ip->id = be16dec(p + IP_O_ID);
	ip->off = be16dec(p + IP_O_OFF);
	ip->ttl = p[IP_O_TTL];
	ip->proto = p[IP_O_P];
	ip->src = be32dec(p + IP_O_SRC);
	ip->dst = be32dec(p + IP_O_DST);
}

enum drop_reason
ip_parse(struct mbuf **mp, struct ip_repr *ip)
{
	struct mbuf *m = *mp;

	if (m->m_pkthdr.len < IP_HDRLEN)
		return (DROP_IP_SHORT);
	*mp = m = m_pullup(m, IP_HDRLEN);
	if (m == NULL)
		return (DROP_NOMEM);
	if (*mtod(m, uint8_t *) >> 4 != 4)
		return (DROP_IP_VERSION);
	ip_fields(mtod(m, uint8_t *), ip);
	if (ip->hlen < IP_HDRLEN || ip->hlen > m->m_pkthdr.len)
		return (DROP_IP_HLEN);
	*mp = m = m_pullup(m, ip->hlen);
	if (m == NULL)
		return (DROP_NOMEM);
	if ((m->m_pkthdr.csum_flags & CSUM_L3_VALID) == 0 &&
	    in_cksum(m, 0, ip->hlen, 0) != 0)
		return (DROP_IP_BADSUM);
	if (ip->len < ip->hlen || ip->len > m->m_pkthdr.len)
		return (DROP_IP_BADLEN);
	if (m->m_pkthdr.len > ip->len)
		m_adj(m, (int)ip->len - (int)m->m_pkthdr.len);
	return (ip_checkopts(m, ip->hlen));
}

/* RFC 1122 section 3.2.1.3: addresses that cannot stand where they stand. */
static enum drop_reason
ip_checkaddrs(const struct mbuf *m, const struct ip_repr *ip)
{
	const struct ifnet *ifp = m_rcvif(m);

	if (ifp == NULL)
		return (DROP_NO_RCVIF);
	if ((ifp->if_flags & IFF_LOOPBACK) == 0 &&
	    (IN_LOOPBACKNET(ip->src) || IN_LOOPBACKNET(ip->dst)))
		return (DROP_IP_LOOP);
	if (IN_MULTICAST(ip->src) || IN_EXPERIMENTAL(ip->src) ||
	    (ip->src != INADDR_ANY && in_broadcast(ip->src)))
		return (DROP_IP_SRC);
	return (DROP_NONE);
}

/* Ask the filters.  @m is NULL afterwards if they kept or dropped it. */
static enum drop_reason
ip_filter(struct mbuf **mp, struct ip_repr *ip)
{
	switch (
	    pfil_run_hooks(V_inet_pfil_head, mp, m_rcvif(*mp), PFIL_IN, NULL)) {
	case PFIL_DROPPED:
	case PFIL_CONSUMED:
		return (DROP_NONE);
	default:
		(*mp)->m_pkthdr.csum_flags |= CSUM_L3_VALID;
		return (ip_parse(mp, ip));
	}
}

/* Is it ours?  RFC 1122 section 3.2.1.3 (weak end system, as FreeBSD). */
static enum drop_reason
ip_checkdst(struct mbuf *m, const struct ip_repr *ip)
{
	if (in_localip(ip->dst))
		return (DROP_NONE);
	if (in_broadcast(ip->dst)) {
		m->m_flags |= M_BCAST;
		return (DROP_NONE);
	}
	if (V_ip.naddrs == 0)
		return (DROP_IP_NOADDR);
	V_ip.stat.ips_cantforward++;
	return (DROP_IP_NOTFORUS);
}

static void
ip_deliver(struct mbuf *m, const struct ip_repr *ip)
{
	const struct protosw *pr;

	V_ip.stat.ips_delivered++;
	if (ip->proto == IPPROTO_ICMP) {
		icmp_input(m, ip->hlen);
		return;
	}
	pr = pffindproto(0, ip->proto);
	if (pr != NULL) {
		pr->pr_input(m, ip->hlen);
		return;
	}
	V_ip.stat.ips_noproto++;
	m_drop(NULL, DROP_IP_NOPROTO);
	icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_PROTOCOL, 0);
}

void
ip_input(struct mbuf *m __takes)
{
	enum drop_reason why;
	struct ip_repr ip;

	V_ip.stat.ips_total++;
	why = ip_parse(&m, &ip);
	if (why == DROP_NONE)
		why = ip_checkaddrs(m, &ip);
	if (why == DROP_NONE && PFIL_HOOKED_IN(V_inet_pfil_head)) {
		why = ip_filter(&m, &ip);
		if (why == DROP_NONE && m == NULL)
			return;
	}
	if (why == DROP_NONE)
		why = ip_checkdst(m, &ip);
	if (why == DROP_NONE && (ip.off & (IP_MF | IP_OFFMASK)) != 0) {
		V_ip.stat.ips_fragments++;
		why = DROP_IP_FRAGMENT;
	}
	if (why != DROP_NONE) {
		if (why == DROP_IP_BADSUM)
			V_ip.stat.ips_badsum++;
		m_drop(m, why);
		return;
	}
	ip_deliver(m, &ip);
}

static const struct field ip_fields_tab[] = {
	FIELD(struct vnet_ip, hash, PTR),
	FIELD(struct vnet_ip, addrs, LINK),
	FIELD(struct vnet_ip, naddrs, UINT),
	FIELD_STAT(struct vnet_ip, id, UINT),
	FIELD(struct vnet_ip, ttl, INT),
	FIELD(struct vnet_ip, sourceroute, INT),
	FIELD_STAT(struct vnet_ip, stat, BYTES),
};
static const struct vnet_contract ip_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_ip, naddrs),
};
static const struct uma_zone *const ip_zones[] = {
	[IP_Z_IFADDR] = &in_ifaddr_zone,
	[IP_Z_IFINFO] = &in_ifinfo_zone,
	[IP_Z_HASH] = &in_ifaddrhash_zone,
};
#define IPSTAT(name, member, descr)                                            \
	SYSCTL_VNET("net.inet.ip.stats." name, UINT, RD, struct vnet_ip,       \
	    stat.member, 0, UINT32_MAX, descr)
static const struct sysctl_oid ip_sysctls[] = {
	SYSCTL_VNET("net.inet.ip.accept_sourceroute", INT, RD, struct vnet_ip,
	    sourceroute, 0, 0, "packets with a source route are refused"),
	IPSTAT("ips_badsum", ips_badsum, "headers with a wrong sum"),
	IPSTAT("ips_cantforward", ips_cantforward, "packets for others"),
	IPSTAT("ips_delivered", ips_delivered, "packets handed up"),
	IPSTAT("ips_fragments", ips_fragments, "fragments, all dropped"),
	IPSTAT("ips_localout", ips_localout, "packets sent"),
	IPSTAT("ips_noproto", ips_noproto, "packets of unknown protocols"),
	IPSTAT("ips_noroute", ips_noroute, "packets without a route"),
	IPSTAT("ips_total", ips_total, "packets received"),
	SYSCTL_VNET("net.inet.ip.ttl", INT, RW, struct vnet_ip, ttl, 1, 255,
	    "time to live of packets that name none"),
};

VNET_MODULE(ip) = {
	.vm_name = "ip",
	.vm_id = VNET_MOD_ip,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_ip),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_THIRD,
	.vm_init = ip_init,
	.vm_shutdown = ip_shutdown,
	.vm_uninit = ip_uninit,
	.vm_fields = ip_fields_tab,
	.vm_nfields = nitems(ip_fields_tab),
	.vm_contracts = ip_contracts,
	.vm_ncontracts = nitems(ip_contracts),
	.vm_zones = ip_zones,
	.vm_nzones = nitems(ip_zones),
	.vm_sysctls = ip_sysctls,
	.vm_nsysctls = nitems(ip_sysctls),
};
