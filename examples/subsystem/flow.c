/*
 * flow.c - a flow meter: packets and bytes of each remote address.
 *
 * A filter hook sees each IPv4 packet of the vnet and lets it pass.  A remote
 * address has an entry until no packet came for net.inet.flow.idle; a callout
 * frees it.  Shutdown removes the hook, drains the callout, frees the rest.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/kmod.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/pfil.h>

struct flow {
	LIST_ENTRY(flow) f_link;
	uint64_t f_packets, f_bytes;
	int64_t f_last;  /* virtual ns of the last packet */
	uint32_t f_addr; /* remote, host order */
};
static const struct field flow_fields[] = { FIELD(struct flow, f_link, LINK),
	FIELD_STAT(struct flow, f_packets, UINT),
	FIELD_STAT(struct flow, f_bytes, UINT),
	FIELD(struct flow, f_last, TIME), FIELD(struct flow, f_addr, IP4) };
static UMA_ZONE(flow_zone, LOADED, 0, struct flow, 0, flow_fields);
static const struct uma_zone *const flow_zones[] = { &flow_zone };

struct vnet_flow {
	LIST_HEAD(, flow) flows; /* (o) */
	uint64_t count;
	int64_t idle; /* ns */
	struct callout expire;
	pfil_hook_t hook; /* (o) */
};
static const struct field flow_state[] = { FIELD(struct vnet_flow, flows, LINK),
	FIELD(struct vnet_flow, count, UINT),
	FIELD(struct vnet_flow, idle, TIME),
	FIELD(struct vnet_flow, expire, CALLOUT),
	FIELD(struct vnet_flow, hook, PTR) };
static const struct vnet_contract flow_contract =
    CONTRACT_SHUTDOWN(struct vnet_flow, count);
static const struct sysctl_oid flow_sysctls[] = {
	SYSCTL_VNET("net.inet.flow.count", U64, RD, struct vnet_flow, count, 0,
	    INT64_MAX, "entries"),
	SYSCTL_VNET_TIME("net.inet.flow.idle", RW, struct vnet_flow, idle,
	    NS_MS, 1, 3600000, "ms without a packet after which one goes")
};
VNET_STATE_LOADED(flow, struct vnet_flow);
#define V_flow VNET(flow)

static void
flow_free(struct flow *f)
{
	LIST_REMOVE(f, f_link);
	V_flow.count--;
#ifndef PLANT_LEAK
	uma_zfree(&flow_zone, f);
#endif
}

static void
flow_expire(void *arg)
{
	struct flow *f, *next;

	LIST_FOREACH_SAFE (f, &V_flow.flows, f_link, next)
		if (f->f_last + V_flow.idle <= vtime())
			flow_free(f);
	if (V_flow.count > 0)
		callout_reset(&V_flow.expire, V_flow.idle, flow_expire, arg);
}

static struct flow *
flow_get(uint32_t addr)
{
	struct flow *f;

	LIST_FOREACH (f, &V_flow.flows, f_link)
		if (f->f_addr == addr)
			return (f);
	if ((f = uma_zalloc(&flow_zone, M_ZERO)) == NULL)
		return (NULL);
	f->f_addr = addr;
	LIST_INSERT_HEAD(&V_flow.flows, f, f_link);
	V_flow.count++;
	if (!callout_active(&V_flow.expire))
		callout_reset(&V_flow.expire, V_flow.idle, flow_expire, NULL);
	return (f);
}

static pfil_return_t
flow_packet(struct mbuf **mp, struct ifnet *ifp __kunused, int flags,
    void *ruleset __kunused, struct inpcb *inp __kunused)
{
	/* The source of what comes in, the destination of what goes out. */
	int at = (flags & PFIL_IN) != 0 ? 12 : 16;
	struct flow *f = flow_get(be32dec(mtodo(*mp, at)));

	if (f != NULL) {
		f->f_packets++;
		f->f_bytes += (*mp)->m_pkthdr.len;
		f->f_last = vtime();
	}
	return (PFIL_PASS);
}

static int
flow_init(void)
{
	struct pfil_hook_args pha = { PFIL_VERSION, PFIL_IN | PFIL_OUT,
		PFIL_TYPE_IP4, flow_packet, NULL, "flow", "default", 0 };
	struct pfil_link_args pla = { PFIL_VERSION,
		pha.pa_flags | PFIL_HEADPTR | PFIL_HOOKPTR,
		{ .pa_head = V_inet_pfil_head }, { NULL } };
	int error = VE_NOMEM;

	V_flow.idle = 10 * NS_S;
	callout_init(&V_flow.expire, VNET_MODID(flow), "flow.expire");
	pla.pa_hook = V_flow.hook = pfil_add_hook(&pha);
	if (V_flow.hook == NULL || (error = pfil_link(&pla)) != 0)
		pfil_remove_hook(V_flow.hook);
	return (error);
}

static enum op_verdict
flow_shutdown(struct op *op __kunused)
{
	struct flow *f;

	pfil_remove_hook(V_flow.hook);
	V_flow.hook = NULL;
#ifndef PLANT_LATE_CALLOUT
	if (!callout_drain(&V_flow.expire, op))
		return (OP_WAIT);
#endif
	while ((f = LIST_FIRST(&V_flow.flows)) != NULL)
		flow_free(f);
	return (OP_DONE);
}

/* clang-format off */
VNET_MODULE(flow) = {
	.vm_name = "flow", .vm_id = VNET_MOD_LOADED, .vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_flow), .vm_sub = SI_SUB_PROTO_FIREWALL,
	.vm_init = flow_init, .vm_shutdown = flow_shutdown,
	.vm_fields = flow_state, .vm_nfields = nitems(flow_state),
	.vm_contracts = &flow_contract, .vm_ncontracts = 1,
	.vm_zones = flow_zones, .vm_nzones = nitems(flow_zones),
	.vm_sysctls = flow_sysctls, .vm_nsysctls = nitems(flow_sysctls),
};
VNETSIM_KMOD(flow, "1.0");
