/*
 * ip_mod.c - the module ip: birth, end, tunables, counters.
 *
 * The end: no more input first, then the fragments that wait, the addresses
 * (with their routes) and the filters' head.  FreeBSD: ip_vnet_init(),
 * ip_destroy() of sys/netinet/ip_input.c.
 *
 * Limits of reassembly are those of an amd64 machine with little memory.
 * Unlike FreeBSD's, maxfrags is per vnet: what one stack is sent must not
 * change what another one does.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include <vnetsim/kern/pfil.h>
#include "src/net/inet/in_af.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip_reass.h"
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

static void
ip_defaults(void)
{
	V_ip.ttl = IPDEFTTL;
	V_ip.maxfrags = IP_MAXFRAGS;
	V_ip.maxfragpackets = IP_MAXFRAGPACKETS;
	V_ip.maxfragsperpacket = IP_MAXFRAGSPERPACKET;
	V_ip.maxfragbucketsize = IP_MAXFRAGBUCKETSIZE;
	V_ip.fragttl = IP_FRAGTTL;
	V_ip.doopts = 1;
	V_ip.sendredirects = true;
	V_ip.sav = true;
	V_ip.rfc6864 = true;
}

static int
ip_init(void)
{
	int error;

	TAILQ_INIT(&V_ip.addrs);
	ip_defaults();
	if (!in_ifaddrhash_init())
		return (VE_NOMEM);
	error = netisr_register_vnet(NETISR_IP, VNET_MOD_ip, ip_input);
	if (error == 0)
		error = ip_pfil_attach();
	if (error == 0)
		error = if_af_register(AF_INET, &in_afops);
	if (error != 0) {
		ip_pfil_detach();
		netisr_unregister_vnet(NETISR_IP);
		in_ifaddrhash_uninit();
		return (error);
	}
	in_af_register(&ip_inet_afops);
	return (0);
}

static enum op_verdict
ip_shutdown(struct op *op)
{
	if (op->op_pc == 0) {
		netisr_unregister_vnet(NETISR_IP);
		op->op_pc = 1;
	}
	if (!ip_reass_shutdown(op))
		return (OP_WAIT);
	in_ifscrub_all();
	in_af_register(NULL);
	ip_pfil_detach();
	return (OP_DONE);
}

static void
ip_uninit(void)
{
	ip_reass_uninit();
	if_af_unregister(AF_INET);
	if (V_ip.naddrs != 0)
		return;
	in_ifaddrhash_uninit();
}

static const struct field ip_fields[] = {
	FIELD(struct vnet_ip, hash, PTR),
	FIELD(struct vnet_ip, addrs, LINK),
	FIELD(struct vnet_ip, reass, PTR),
	FIELD(struct vnet_ip, encap, LINK),
	FIELD(struct vnet_ip, naddrs, UINT),
	FIELD(struct vnet_ip, bcastmap, OPAQUE),
	FIELD_STAT(struct vnet_ip, id, UINT),
	FIELD(struct vnet_ip, ttl, INT),
	FIELD(struct vnet_ip, maxfrags, INT),
	FIELD(struct vnet_ip, maxfragpackets, INT),
	FIELD(struct vnet_ip, maxfragsperpacket, INT),
	FIELD(struct vnet_ip, maxfragbucketsize, INT),
	FIELD(struct vnet_ip, fragttl, INT),
	FIELD(struct vnet_ip, doopts, INT),
	FIELD(struct vnet_ip, forwarding, BOOL),
	FIELD(struct vnet_ip, sendredirects, BOOL),
	FIELD(struct vnet_ip, sourceroute, BOOL),
	FIELD(struct vnet_ip, acceptsourceroute, BOOL),
	FIELD(struct vnet_ip, sav, BOOL),
	FIELD(struct vnet_ip, strong_es, BOOL),
	FIELD(struct vnet_ip, randomid, BOOL),
	FIELD(struct vnet_ip, rfc6864, BOOL),
	FIELD(struct vnet_ip, allow_net0, BOOL),
	FIELD(struct vnet_ip, allow_net240, BOOL),
	FIELD_STAT(struct vnet_ip, stat, BYTES),
};
static const struct vnet_contract ip_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_ip, naddrs),
	CONTRACT_SHUTDOWN(struct vnet_ip, encap),
};
static const struct uma_zone *const ip_zones[] = {
	[IP_Z_IFADDR] = &in_ifaddr_zone,
	[IP_Z_IFINFO] = &in_ifinfo_zone,
	[IP_Z_HASH] = &in_ifaddrhash_zone,
	[IP_Z_REASS] = &ipreass_zone,
	[IP_Z_IPQ] = &ipq_zone,
	[IP_Z_ENCAP] = &encaptab_zone,
};

#define IPCTL(name, type, member, min, max, descr)                             \
	SYSCTL_VNET("net.inet.ip." name, type, RW, struct vnet_ip, member,     \
	    min, max, descr)
#define IPSTAT(name, descr)                                                    \
	SYSCTL_VNET("net.inet.ip.stats.ips_" #name, UINT, RD, struct vnet_ip,  \
	    stat.ips_##name, 0, UINT32_MAX, descr)
static const struct sysctl_oid ip_sysctls[] = {
	IPCTL("accept_sourceroute", BOOL, acceptsourceroute, 0, 1,
	    "take packets at the end of their source route"),
	IPCTL("allow_net0", BOOL, allow_net0, 0, 1, "forward for 0.0.0.0/8"),
	IPCTL("allow_net240", BOOL, allow_net240, 0, 1,
	    "forward for, and hear from, 240.0.0.0/4"),
	SYSCTL_VNET_PROC("net.inet.ip.curfrags", RD, ip_reass_sysctl_curfrags,
	    0, UINT32_MAX, "fragments that wait"),
	IPCTL(
	    "forwarding", BOOL, forwarding, 0, 1, "pass packets for others on"),
	SYSCTL_VNET_PROC("net.inet.ip.fragpackets", RD,
	    ip_reass_sysctl_fragpackets, 0, UINT32_MAX,
	    "packets of which fragments wait"),
	IPCTL("fragttl", INT, fragttl, 1, 255,
	    "how long a fragment waits for the others, s"),
	IPCTL("maxfragbucketsize", INT, maxfragbucketsize, 0, INT32_MAX,
	    "packets in reassembly of one hash bucket, 0: any number"),
	IPCTL("maxfragpackets", INT, maxfragpackets, -1, INT32_MAX,
	    "packets in reassembly; 0: none, -1: any number"),
	IPCTL("maxfrags", INT, maxfrags, -1, INT32_MAX,
	    "fragments that wait; 0: none, -1: any number"),
	IPCTL("maxfragsperpacket", INT, maxfragsperpacket, 0, 255,
	    "fragments of one packet"),
	IPCTL("process_options", INT, doopts, 0, 2,
	    "0: ignore options, 1: process them, 2: refuse packets with any"),
	IPCTL("random_id", BOOL, randomid, 0, 1,
	    "identifications are random, not counted"),
	IPCTL("redirect", BOOL, sendredirects, 0, 1,
	    "tell hosts of a better gateway"),
	IPCTL("rfc1122_strong_es", BOOL, strong_es, 0, 1,
	    "hear an address only by its interface, unless forwarding"),
	IPCTL("rfc6864", BOOL, rfc6864, 0, 1,
	    "what cannot be fragmented has identification 0"),
	IPCTL("source_address_validation", BOOL, sav, 0, 1,
	    "drop what comes in from an address of ours"),
	IPCTL("sourceroute", BOOL, sourceroute, 0, 1,
	    "pass packets on along their source route"),
	IPSTAT(badaddr, "packets with impossible addresses"),
	IPSTAT(badhlen, "headers with a wrong length"),
	IPSTAT(badlen, "packets shorter than they say"),
	IPSTAT(badoptions, "packets with bad options"),
	IPSTAT(badsum, "headers with a wrong sum"),
	IPSTAT(badvers, "packets of another version"),
	IPSTAT(cantforward, "packets for others that were not passed on"),
	IPSTAT(cantfrag, "packets too long that must not be fragmented"),
	IPSTAT(delivered, "packets handed up"),
	IPSTAT(forward, "packets passed on"),
	IPSTAT(fragdropped, "fragments dropped: no room, or they do not fit"),
	IPSTAT(fragmented, "packets cut into fragments"),
	IPSTAT(fragments, "fragments received"),
	IPSTAT(fragtimeout, "fragments dropped: the rest did not come"),
	IPSTAT(localout, "packets sent"),
	IPSTAT(noproto, "packets of unknown protocols"),
	IPSTAT(noroute, "packets without a route"),
	IPSTAT(notmember, "packets to groups that nobody here is in"),
	IPSTAT(ofragments, "fragments made"),
	IPSTAT(rawout, "packets sent with a header of the program's own"),
	IPSTAT(reassembled, "packets put together again"),
	IPSTAT(redirectsent, "packets passed on and answered by a redirect"),
	IPSTAT(toolong, "packets longer than 65535 bytes"),
	IPSTAT(tooshort, "packets shorter than a header"),
	IPSTAT(toosmall, "fragments that no sender would make"),
	IPSTAT(total, "packets received"),
	IPCTL(
	    "ttl", INT, ttl, 1, 255, "time to live of packets that name none"),
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
	.vm_fields = ip_fields,
	.vm_nfields = nitems(ip_fields),
	.vm_contracts = ip_contracts,
	.vm_ncontracts = nitems(ip_contracts),
	.vm_zones = ip_zones,
	.vm_nzones = nitems(ip_zones),
	.vm_sysctls = ip_sysctls,
	.vm_nsysctls = nitems(ip_sysctls),
};
