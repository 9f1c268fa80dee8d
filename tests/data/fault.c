/*
 * fault.c - a loadable module that does wrong when it is told to.
 *
 * Each vnet has a timer that fires every second and does what the sysctl
 * net.inet.fault.kind of that vnet says.  For tests of panics, of fatal
 * signals and of what is said and kept then.
 *
 * A stale store (FAULT_STALE) goes to the prey, an object of another vnet
 * (net.inet.fault.victim), whose address is remembered while that vnet lives.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/kmod.h>

enum {
	FAULT_NONE,
	FAULT_ASSERT,  /* an assertion fails */
	FAULT_NULL,    /* a store through a null pointer */
	FAULT_WILD,    /* a load through poison */
	FAULT_RECURSE, /* the stack overflows */
	FAULT_ILLEGAL, /* an illegal instruction */
	FAULT_LOOP,    /* an event that does not end */
	FAULT_STALE,   /* a store into the memory of a dead vnet */
	FAULT_LAST,
};

struct prey {
	uint64_t pr_value;
	uint64_t pr_hit;
};
static const struct field prey_fields[] = { FIELD(struct prey, pr_value, UINT),
	FIELD(struct prey, pr_hit, UINT) };
static UMA_ZONE(prey_zone, LOADED, 0, struct prey, 0, prey_fields);
static const struct uma_zone *const fault_zones[] = { &prey_zone };

struct vnet_fault {
	uint64_t kind, victim;
	struct prey *prey; /* (o) */
	uint64_t *stale;   /* into another vnet: the fault */
	struct callout tick;
};
static const struct field fault_state[] = {
	FIELD(struct vnet_fault, kind, UINT),
	FIELD(struct vnet_fault, victim, UINT),
	FIELD(struct vnet_fault, prey, PTR),
	FIELD(struct vnet_fault, stale, OPAQUE),
	FIELD(struct vnet_fault, tick, CALLOUT),
};
static const struct sysctl_oid fault_sysctls[] = {
	SYSCTL_VNET("net.inet.fault.kind", U64, RW, struct vnet_fault, kind, 0,
	    FAULT_LAST, "what goes wrong"),
	SYSCTL_VNET("net.inet.fault.victim", U64, RW, struct vnet_fault, victim,
	    0, 1000, "number of the vnet whose prey is hit"),
};
VNET_STATE_LOADED(fault, struct vnet_fault);
#define V_fault VNET(fault)

static uint64_t
recurse(volatile uint64_t n)
{
	volatile uint64_t frame[64];

	frame[n % 64] = n;
	if (n == UINT64_MAX)
		return (0);
	return (recurse(n + 1) + frame[n % 64]);
}

/* Remember the prey while it lives; afterwards the store is stale. */
static void
stale(void)
{
	const struct vnet_fault *other;
	const struct vnet *v = vnet_byid((uint32_t)V_fault.victim);

	if (v != NULL) {
		other = v->v_state[VNET_MODID(fault)];
		if (other != NULL && other->prey != NULL)
			V_fault.stale = &other->prey->pr_hit;
	} else if (V_fault.stale != NULL)
		*V_fault.stale = 1;
}

static void
tick(void *arg)
{
	volatile uint64_t *wild;

	switch (V_fault.kind) {
	case FAULT_ASSERT:
		KASSERT(V_fault.kind == FAULT_NONE,
		    ("fault %d was asked for", (int)V_fault.kind));
		break;
	case FAULT_NULL:
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		wild = (uint64_t *)(uintptr_t)V_fault.victim;
		*wild = 1;
		break;
	case FAULT_WILD:
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		wild = (uint64_t *)UINTPTR_MAX;
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		wild = (uint64_t *)((uintptr_t)wild / 255 * 0xde);
		V_fault.prey->pr_value = *wild;
		break;
	case FAULT_RECURSE:
		V_fault.prey->pr_value = recurse(0);
		break;
	case FAULT_ILLEGAL:
		__builtin_trap();
	case FAULT_LOOP:
		while (*(volatile uint64_t *)&V_fault.kind == FAULT_LOOP)
			;
		break;
	case FAULT_STALE:
		stale();
		break;
	default:
		break;
	}
	callout_reset(&V_fault.tick, NS_S, tick, arg);
}

static int
fault_init(void)
{
	V_fault.prey = uma_zalloc(&prey_zone, M_ZERO);
	if (V_fault.prey == NULL)
		return (VE_NOMEM);
	callout_init(&V_fault.tick, VNET_MODID(fault), "fault.tick");
	callout_reset(&V_fault.tick, NS_S, tick, NULL);
	return (0);
}

static enum op_verdict
fault_shutdown(struct op *op)
{
	if (!callout_drain(&V_fault.tick, op))
		return (OP_WAIT);
	uma_zfree(&prey_zone, V_fault.prey);
	V_fault.prey = NULL;
	return (OP_DONE);
}

/* clang-format off */
VNET_MODULE(fault) = {
	.vm_name = "fault", .vm_id = VNET_MOD_LOADED,
	.vm_abi = VNETSIM_KERN_ABI, .vm_size = sizeof(struct vnet_fault),
	.vm_sub = SI_SUB_PROTO_FIREWALL,
	.vm_init = fault_init, .vm_shutdown = fault_shutdown,
	.vm_fields = fault_state, .vm_nfields = nitems(fault_state),
	.vm_zones = fault_zones, .vm_nzones = nitems(fault_zones),
	.vm_sysctls = fault_sysctls, .vm_nsysctls = nitems(fault_sysctls),
};
VNETSIM_KMOD(fault, "1.0");
