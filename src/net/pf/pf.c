/*
 * pf.c - the packet filter as a module of a stack: made at first use, switched
 * on and off, taken down.
 *
 * Theory of operation
 * ===================
 *
 * A vnet that never used pf has a null pointer of it.  The first rules, or
 * the first "pfctl -e", make struct pf_main and listen to interfaces that come
 * and go.  Enabled, a hook stands in both directions of IPv4 (pfil.h); what it
 * says of a packet is pf_test.c's.  Disabled, rules and states stay, and
 * states age.
 *
 * Let go is before IP and interfaces, behind the transports: what sockets
 * still say in their farewell is filtered, by states as long as there are.
 *
 *	shutdown    the hook is taken away; nobody listens to interfaces;
 *	            answers that wait are dropped; states go, then rules, then
 *	            kifs (pf_var.h: who holds whom); the timer of the purge
 *	            worker, its task and the sender's task are drained
 *	uninit      struct pf_main, with the counters that the last states
 *	            still counted in
 *
 * If shutdown is left out, uninit leaves everything to the audit.
 *
 * FreeBSD: sys/netpfil/pf/pf_ioctl.c, pf_unload_vnet().
 */
#include <string.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/pf/pf_var.h"

static const struct field main_fields[] = {
	FIELD(struct pf_main, running, BOOL),
	FIELD(struct pf_main, sending, BOOL),
	FIELD(struct pf_main, purge_again, BOOL),
	FIELD(struct pf_main, since, TIME),
	FIELD(struct pf_main, hook, PTR),
	FIELD(struct pf_main, rules, LINK),
	FIELD(struct pf_main, unlinked_rules, LINK),
	FIELD(struct pf_main, nrules, UINT),
	FIELD(struct pf_main, nunlinked, UINT),
	FIELD(struct pf_main, kifs, LINK),
	FIELD(struct pf_main, nkifs, UINT),
	FIELD(struct pf_main, hash, OPAQUE), /* states are objects */
	FIELD(struct pf_main, states, LINK),
	FIELD(struct pf_main, nstates, UINT),
	FIELD(struct pf_main, limit_states, UINT),
	FIELD(struct pf_main, stateid, UINT),
	FIELD(struct pf_main, timeout, BYTES),
	FIELD_STAT(struct pf_main, counters, BYTES),
	FIELD_STAT(struct pf_main, searches, UINT),
	FIELD_STAT(struct pf_main, inserts, UINT),
	FIELD_STAT(struct pf_main, removals, UINT),
	FIELD(struct pf_main, purge_timer, CALLOUT),
	FIELD(struct pf_main, purge_task, OPAQUE),
	FIELD(struct pf_main, purge_due, TIME),
	FIELD(struct pf_main, purge_min, TIME),
	FIELD(struct pf_main, purge_next, PTR),
	FIELD(struct pf_main, send_task, OPAQUE),
	FIELD(struct pf_main, sendq, LINK),
	FIELD(struct pf_main, nsendq, UINT),
	FIELD(struct pf_main, arrival, PTR),
	FIELD(struct pf_main, departure, PTR),
};
static UMA_ZONE(pf_main_zone, pf, PF_Z_MAIN, struct pf_main, 0, main_fields);

/* ---- made at first use ---- */

static void
main_setup(void)
{
	struct vnetsim_pf_conf conf;

	TAILQ_INIT(&V_pf.rules);
	TAILQ_INIT(&V_pf.unlinked_rules);
	TAILQ_INIT(&V_pf.states);
	pf_defaults(&conf);
	V_pf.limit_states = conf.states;
	memcpy(V_pf.timeout, conf.timeout, sizeof(V_pf.timeout));
	V_pf.since = vtime();
	pf_purge_init();
	pf_send_init();
}

int
pf_attach(bool *made)
{
	*made = false;
	if (V_pf_main != NULL)
		return (0);
	V_pf_main = uma_zalloc(&pf_main_zone, M_ZERO);
	if (V_pf_main == NULL)
		return (VE_NOMEM);
	main_setup();
	V_pf.arrival = eventhandler_register(EVH_IFNET_ARRIVAL, VNET_MOD_pf,
	    pfi_arrival, NULL, EVENTHANDLER_PRI_ANY);
	V_pf.departure = eventhandler_register(EVH_IFNET_DEPARTURE, VNET_MOD_pf,
	    pfi_departure, NULL, EVENTHANDLER_PRI_ANY);
	if (V_pf.arrival == NULL || V_pf.departure == NULL) {
		pf_detach();
		return (VE_NOMEM);
	}
	*made = true;
	return (0);
}

static void
pf_deafen(void)
{
	eventhandler_deregister(V_pf.arrival);
	eventhandler_deregister(V_pf.departure);
	V_pf.arrival = V_pf.departure = NULL;
}

void
pf_detach(void)
{
	pf_deafen();
	uma_zfree(&pf_main_zone, V_pf_main);
	V_pf_main = NULL;
}

/* ---- on and off ---- */

/* FreeBSD: hook_pf(). */
static int
pf_hook(void)
{
	static const struct pfil_hook_args ha = {
		.pa_version = PFIL_VERSION,
		.pa_flags = PFIL_IN | PFIL_OUT,
		.pa_type = PFIL_TYPE_IP4,
		.pa_func = pf_check,
		.pa_modname = "pf",
		.pa_rulname = "default-in",
		.pa_mod = VNET_MOD_pf,
	};
	struct pfil_link_args la = {
		.pa_version = PFIL_VERSION,
		.pa_flags = PFIL_IN | PFIL_OUT | PFIL_HEADPTR | PFIL_HOOKPTR |
			    PFIL_APPEND,
	};
	int error;

	V_pf.hook = pfil_add_hook(&ha);
	if (V_pf.hook == NULL)
		return (VE_NOMEM);
	la.pa_head = V_inet_pfil_head;
	la.pa_hook = V_pf.hook;
	error = pfil_link(&la);
	if (error != 0) {
		pfil_remove_hook(V_pf.hook);
		V_pf.hook = NULL;
	}
	return (error);
}

int
pf_start(void)
{
	bool made;
	int error = pf_attach(&made);

	if (error == 0 && V_pf.running)
		return (VE_EXIST);
	if (error == 0)
		error = pf_hook();
	if (error != 0) {
		if (made)
			pf_detach();
		return (error);
	}
	V_pf.running = true;
	V_pf.since = vtime();
	return (0);
}

int
pf_stop(void)
{
	if (V_pf_main == NULL || !V_pf.running)
		return (VE_NOENT);
	pfil_remove_hook(V_pf.hook);
	V_pf.hook = NULL;
	V_pf.running = false;
	V_pf.since = vtime();
	return (0);
}

/* ---- the end ---- */

static enum op_verdict
pf_shutdown(struct op *op)
{
	uint32_t n;

	if (V_pf_main == NULL)
		return (OP_DONE);
	if (op->op_pc == 0) {
		op->op_pc = 1;
		(void)pf_stop();
		pf_deafen();
		pf_send_drain();
		pf_flush(VNETSIM_PF_FLUSH_RULES | VNETSIM_PF_FLUSH_STATES, &n);
		pf_purge_unlinked_rules();
		pfi_clear_skip();
		in_hash_destroy(&V_pf.hash);
	}
	if (!callout_drain(&V_pf.purge_timer, op) ||
	    !taskqueue_drain(&V_pf.purge_task, op) ||
	    !taskqueue_drain(&V_pf.send_task, op))
		return (OP_WAIT);
	return (OP_DONE);
}

static void
pf_uninit(void)
{
	if (V_pf_main == NULL || V_pf.hook != NULL || V_pf.arrival != NULL ||
	    V_pf.nstates != 0 || V_pf.nrules != 0 || V_pf.nunlinked != 0 ||
	    V_pf.nkifs != 0 || V_pf.nsendq != 0 ||
	    callout_active(&V_pf.purge_timer))
		return;
	uma_zfree(&pf_main_zone, V_pf_main);
	V_pf_main = NULL;
}

/* ---- the descriptor ---- */

static const struct field pf_fields[] = {
	FIELD(struct vnet_pf, main, PTR),
};
static const struct uma_zone *const pf_zones[] = {
	[PF_Z_MAIN] = &pf_main_zone,
	[PF_Z_RULE] = &pf_rule_zone,
	[PF_Z_STATE] = &pf_state_zone,
	[PF_Z_KIF] = &pf_kif_zone,
	[PF_Z_SEND] = &pf_send_zone,
};

/* Read-outs; without use all of them are zero, but for the limit. */
enum { PFS_STATES = PFRES_MAX, PFS_LIMIT, PFS_SEARCH, PFS_INSERT, PFS_REMOVE };

static int
pf_sysctl_stat(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	struct vnetsim_pf_status st;

	(void)write;
	pf_status_get(&st);
	switch (oid->o_offset) {
	case PFS_STATES:
		*value = st.states;
		break;
	case PFS_LIMIT:
		*value = st.limit;
		break;
	case PFS_SEARCH:
		*value = (int64_t)st.searches;
		break;
	case PFS_INSERT:
		*value = (int64_t)st.inserts;
		break;
	case PFS_REMOVE:
		*value = (int64_t)st.removals;
		break;
	default:
		*value = (int64_t)st.counters[oid->o_offset];
	}
	return (0);
}

#define PFSTAT(name, which, descr)                                             \
	{                                                                      \
		"net.pf.stats." name, SYSCTL_T_PROC,                           \
		    CTLFLAG_RD | CTLFLAG_VNET, which, 0, INT64_MAX, 1,         \
		    pf_sysctl_stat, descr                                      \
	}
static const struct sysctl_oid pf_sysctls[] = {
	PFSTAT("inserts", PFS_INSERT, "states made"),
	PFSTAT("ip_option", PFRES_IPOPTIONS, "packets with options, dropped"),
	PFSTAT("limit_states", PFS_LIMIT, "states that there may be"),
	PFSTAT("match", PFRES_MATCH, "packets that the rules were asked about"),
	PFSTAT("memory", PFRES_MEMORY, "dropped: no room for a state"),
	PFSTAT("removals", PFS_REMOVE, "states that went"),
	PFSTAT("searches", PFS_SEARCH, "looks for a state"),
	PFSTAT("short", PFRES_SHORT, "packets too short, dropped"),
	PFSTAT("state_mismatch", PFRES_BADSTATE, "segments out of window"),
	PFSTAT("states", PFS_STATES, "states that there are"),
};

VNET_MODULE(pf) = {
	.vm_name = "pf",
	.vm_id = VNET_MOD_pf,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_pf),
	.vm_sub = SI_SUB_PROTO_FIREWALL,
	.vm_order = SI_ORDER_THIRD,
	.vm_unsub = SI_SUB_PROTO_FIREWALL,
	.vm_unorder = SI_ORDER_THIRD,
	.vm_shutdown = pf_shutdown,
	.vm_uninit = pf_uninit,
	.vm_fields = pf_fields,
	.vm_nfields = nitems(pf_fields),
	.vm_zones = pf_zones,
	.vm_nzones = nitems(pf_zones),
	.vm_sysctls = pf_sysctls,
	.vm_nsysctls = nitems(pf_sysctls),
};
