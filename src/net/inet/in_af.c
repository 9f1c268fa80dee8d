/*
 * in_af.c - the module inpcb, and its table of calls down to the network layer.
 *
 * There is one slot; ip_init() fills it and ip_shutdown() empties it.  Between,
 * bind, connect and UDP reach IP through it; before and after, they answer
 * VE_NETDOWN or VE_ADDRNOTAVAIL.
 *
 * FreeBSD has no such module: inpcbs belong to their transports there.  So it
 * has no shutdown, and its slots frame those of the transports.
 */
#include <vnetsim/errno.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/inet/in_pcb_var.h"

struct in_afslot {
	const struct inet_afops *as_ops;
	const struct inet_mcops *as_mcops;
};

static const struct field in_afslot_fields[] = {
	FIELD(struct in_afslot, as_ops, FUNC),
	FIELD(struct in_afslot, as_mcops, FUNC),
};
static UMA_ZONE(
    in_afslot_zone, inpcb, INPCB_Z_AF, struct in_afslot, 0, in_afslot_fields);

void
in_af_register(const struct inet_afops *ops)
{
	const struct vnet_inpcb *vi = curvnet->v_state[VNET_MOD_inpcb];

	if (vi != NULL && vi->af != NULL)
		vi->af->as_ops = ops;
}

const struct inet_afops *
in_af(void)
{
	const struct vnet_inpcb *vi = curvnet->v_state[VNET_MOD_inpcb];

	return (vi != NULL && vi->af != NULL ? vi->af->as_ops : NULL);
}

void
in_mc_register(const struct inet_mcops *ops)
{
	const struct vnet_inpcb *vi = curvnet->v_state[VNET_MOD_inpcb];

	if (vi != NULL && vi->af != NULL)
		vi->af->as_mcops = ops;
}

const struct inet_mcops *
in_mc(void)
{
	const struct vnet_inpcb *vi = curvnet->v_state[VNET_MOD_inpcb];

	return (vi != NULL && vi->af != NULL ? vi->af->as_mcops : NULL);
}

int
in_pcbladdr(const struct inpcb *inp, uint32_t faddr, uint32_t *laddr)
{
	const struct inet_afops *af = in_af();
	int error = VE_NOENT;

	if (af == NULL)
		return (VE_NETDOWN);
	if (inp->inp_moptions != NULL && in_ismulticast(faddr))
		error = in_mc()->mc_laddr(inp, laddr);
	return (error != VE_NOENT ? error
				  : af->af_laddr(inp->inp_fib, faddr, laddr));
}

static int
inpcb_init(void)
{
	V_inpcb.af = uma_zalloc(&in_afslot_zone, M_ZERO);
	if (V_inpcb.af == NULL)
		return (VE_NOMEM);
	V_inpcb.first = IPPORT_EPHEMERALFIRST;
	V_inpcb.last = IPPORT_EPHEMERALLAST;
	V_inpcb.randomized = 1;
	return (0);
}

/* A slot that is still filled is IP's, and stays for the audit. */
static void
inpcb_uninit(void)
{
	if (V_inpcb.af->as_ops != NULL)
		return;
	uma_zfree(&in_afslot_zone, V_inpcb.af);
	V_inpcb.af = NULL;
}

static const struct field vnet_inpcb_fields[] = {
	FIELD(struct vnet_inpcb, af, PTR),
	FIELD(struct vnet_inpcb, first, INT),
	FIELD(struct vnet_inpcb, last, INT),
	FIELD(struct vnet_inpcb, randomized, INT),
};

static const struct uma_zone *const inpcb_zones[] = {
	[INPCB_Z_PCB] = &inpcb_zone,
	[INPCB_Z_PORT] = &inpcbport_zone,
	[INPCB_Z_HASH] = &in_hash_zone,
	[INPCB_Z_AF] = &in_afslot_zone,
	[INPCB_Z_LBGROUP] = &inpcblbgroup_zone,
	[INPCB_Z_LBMEMBER] = &in_lbmember_zone,
	[INPCB_Z_IPOPT] = &ipoption_zone,
};

static const struct sysctl_oid inpcb_sysctls[] = {
	SYSCTL_VNET("net.inet.ip.portrange.first", INT, RW, struct vnet_inpcb,
	    first, 1, 65535, "lowest port that is chosen by itself"),
	SYSCTL_VNET("net.inet.ip.portrange.last", INT, RW, struct vnet_inpcb,
	    last, 1, 65535, "highest port that is chosen by itself"),
	SYSCTL_VNET("net.inet.ip.portrange.randomized", INT, RW,
	    struct vnet_inpcb, randomized, 0, 1,
	    "ports are chosen at random, not in order"),
};

VNET_MODULE(inpcb) = {
	.vm_name = "inpcb",
	.vm_id = VNET_MOD_inpcb,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_inpcb),
	.vm_sub = SI_SUB_PROTO_DOMAININIT,
	.vm_order = SI_ORDER_FIRST,
	.vm_unsub = SI_SUB_PROTO_DOMAININIT,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_init = inpcb_init,
	.vm_uninit = inpcb_uninit,
	.vm_fields = vnet_inpcb_fields,
	.vm_nfields = nitems(vnet_inpcb_fields),
	.vm_zones = inpcb_zones,
	.vm_nzones = nitems(inpcb_zones),
	.vm_sysctls = inpcb_sysctls,
	.vm_nsysctls = nitems(inpcb_sysctls),
};
