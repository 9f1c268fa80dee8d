/*
 * tcp_stat.c - module tcpstat: counters of TCP and connections by state.
 *
 * Theory of operation
 * ===================
 *
 * As in FreeBSD 13 the module starts and ends at SI_SUB_PROTO_IFATTACHDOMAIN,
 * apart from TCP itself: its destructor runs before tcp_destroy().  With every
 * pcb gone by then nobody notices; whoever still steps a counter afterwards is
 * reported (ORACLE_ORDER, "late-use") and nothing is written.
 *
 * The block of counters is cold: it is allocated by the first step, so that an
 * idle vnet pays for two small objects only.  Both are in the ledger, so an
 * end that was skipped shows as a leak.
 *
 *	let go  the table of states: no connection counts any more
 *	free    the counters
 *
 * FreeBSD: VNET_PCPUSTAT and tcps_states in sys/netinet/tcp_input.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/finding.h>
#include "src/net/tcp/tcp_stat.h"

static const struct field tcpstat_fields[] = {
	FIELD_STAT(struct tcpstat, ts_count, BYTES),
};
static const struct field tcpstates_fields[] = {
	FIELD_STAT(struct tcpstates, tcps_states, BYTES),
};
static const struct field anchor_fields[] = {
	FIELD_STAT(struct tcpstat_anchor, ta_stat, OPAQUE),
};

static UMA_ZONE(tcpstat_zone, tcpstat, 0, struct tcpstat,
    UMA_STATS | UMA_NOHASH, tcpstat_fields);
static UMA_ZONE(
    tcpstates_zone, tcpstat, 1, struct tcpstates, UMA_NOHASH, tcpstates_fields);
static UMA_ZONE(
    anchor_zone, tcpstat, 2, struct tcpstat_anchor, UMA_NOHASH, anchor_fields);

static void
tcpstat_late(void)
{
	finding_add(ORACLE_ORDER, "late-use", curvnet, VNET_MOD_tcpstat, NULL,
	    "a counter of TCP is stepped outside the life of tcpstat");
}

/* The module's state, NULL before init and after uninit. */
static struct vnet_tcpstat *
tcpstat_state(void)
{
	return (curvnet->v_state[VNET_MOD_tcpstat]);
}

void
tcpstat_add(enum tcpstat_id id, uint64_t n)
{
	struct vnet_tcpstat *vs = tcpstat_state();
	struct tcpstat_anchor *ta;

	if (vs == NULL || (ta = vs->anchor) == NULL) {
		tcpstat_late();
		return;
	}
	if (ta->ta_stat == NULL) {
		ta->ta_stat = uma_zalloc(&tcpstat_zone, M_ZERO);
		if (ta->ta_stat == NULL)
			return;
	}
	ta->ta_stat->ts_count[id] += n;
}

void
tcpstates_move(int from, int to)
{
	struct vnet_tcpstat *vs = tcpstat_state();
	uint32_t *count;

	if (vs == NULL || vs->states == NULL) {
		tcpstat_late();
		return;
	}
	count = vs->states->tcps_states;
	if (from >= 0)
		count[from]--;
	if (to >= 0)
		count[to]++;
}

uint64_t
tcpstat_get(enum tcpstat_id id)
{
	const struct vnet_tcpstat *vs = tcpstat_state();

	if (vs == NULL || vs->anchor == NULL || vs->anchor->ta_stat == NULL)
		return (0);
	return (vs->anchor->ta_stat->ts_count[id]);
}

const char *
tcpstat_name(enum tcpstat_id id)
{
	static const char *const names[TCPSTAT_N] = {
#define X(n) #n,
		TCPSTAT_LIST(X)
#undef X
	};

	return ((unsigned)id < TCPSTAT_N ? names[id] : NULL);
}

/* net.inet.tcp.stats: segments sent and received; writing zeroes all. */
static int
sysctl_stats(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	struct tcpstat_anchor *ta = V_tcpstat.anchor;

	(void)oid;
	if (write && ta->ta_stat != NULL)
		memset(ta->ta_stat, 0, sizeof(*ta->ta_stat));
	*value =
	    (int64_t)(tcpstat_get(TCPS_sndtotal) + tcpstat_get(TCPS_rcvtotal));
	return (0);
}

/* net.inet.tcp.stats.tcps_NAME: one of them; o_offset is its number. */
static int
sysctl_stat1(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)write;
	*value = (int64_t)tcpstat_get((enum tcpstat_id)oid->o_offset);
	return (0);
}

#define STAT_OID(n)                                                            \
	{                                                                      \
		"net.inet.tcp.stats.tcps_" #n, SYSCTL_T_PROC,                  \
		    CTLFLAG_RD | CTLFLAG_VNET, TCPS_##n, 0, INT64_MAX, 1,      \
		    sysctl_stat1, "struct tcpstat of FreeBSD"                  \
	}

static const struct sysctl_oid tcpstat_sysctls[] = {
#define X(n) STAT_OID(n),
	TCPSTAT_LIST(X)
#undef X
	    SYSCTL_VNET_PROC("net.inet.tcp.stats", RW, sysctl_stats, INT64_MIN,
		INT64_MAX,
		"segments sent and received; writing zeroes statistics"),
};

static int
tcpstat_init(void)
{
	V_tcpstat.anchor = uma_zalloc(&anchor_zone, M_ZERO);
	if (V_tcpstat.anchor == NULL)
		return (VE_NOMEM);
	V_tcpstat.states = uma_zalloc(&tcpstates_zone, M_ZERO);
	if (V_tcpstat.states == NULL) {
		uma_zfree(&anchor_zone, V_tcpstat.anchor);
		V_tcpstat.anchor = NULL;
		return (VE_NOMEM);
	}
	return (0);
}

static enum op_verdict
tcpstat_shutdown(struct op *op)
{
	(void)op;
	uma_zfree(&tcpstates_zone, V_tcpstat.states);
	V_tcpstat.states = NULL;
	return (OP_DONE);
}

static void
tcpstat_uninit(void)
{
	if (V_tcpstat.anchor == NULL)
		return;
	uma_zfree(&tcpstat_zone, V_tcpstat.anchor->ta_stat);
	uma_zfree(&anchor_zone, V_tcpstat.anchor);
	V_tcpstat.anchor = NULL;
}

static const struct field vnet_tcpstat_fields[] = {
	FIELD(struct vnet_tcpstat, anchor, PTR),
	FIELD(struct vnet_tcpstat, states, PTR),
};
static const struct uma_zone *const tcpstat_zones[] = { &tcpstat_zone,
	&tcpstates_zone, &anchor_zone };

VNET_MODULE(tcpstat) = {
	.vm_name = "tcpstat",
	.vm_id = VNET_MOD_tcpstat,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_tcpstat),
	.vm_sub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = tcpstat_init,
	.vm_shutdown = tcpstat_shutdown,
	.vm_uninit = tcpstat_uninit,
	.vm_fields = vnet_tcpstat_fields,
	.vm_nfields = nitems(vnet_tcpstat_fields),
	.vm_zones = tcpstat_zones,
	.vm_nzones = nitems(tcpstat_zones),
	.vm_sysctls = tcpstat_sysctls,
	.vm_nsysctls = nitems(tcpstat_sysctls),
};
