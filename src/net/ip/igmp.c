/*
 * igmp.c - module igmp: IGMP for hosts, birth and end of what it keeps.
 *
 * Up:    ip_input -> igmp_input (igmp_input.c): queries, others' reports
 * Down:  a join or leave (in_mcast.c) -> igmp_change_state (igmp_timer.c) ->
 *        igmp_report.c -> ip_output_way
 *
 * Theory of operation
 * ===================
 *
 * IGMP version 3, and the older ones when a querier of them is heard: the
 * lowest version of the last RV * QI + QRI seconds counts (RFC 9776 section
 * 7.2.1), or net.inet.igmp.default_version if that is lower.  When it changes,
 * what was to be said in the old one is not said any more.  Time is looked at
 * when somebody asks; there is no timer for it.
 *
 * The end of a vnet: the kill closes sockets, and these leave their groups.
 *
 *	farewell   graceful: until the routers have been told RV times, at most
 *	           T; abort: told once, at once; crash: nothing is said from
 *	           the kill on
 *	shutdown   memberships of sockets that live on (passed to another jail)
 *	           end; what was not told is told once; then groups, interfaces
 *	           and the callout go
 *	uninit     struct igmp_main, if it is empty
 *
 * An interface that departs is heard of by EVH_IFNET_DEPARTURE, before its IP
 * part goes; it is down by then, so nothing is said.
 *
 * There is no multicast routing: packets to groups are not forwarded, and
 * messages to routers are ignored.
 *
 * RFC 9776 (which replaces RFC 3376), RFC 2236, RFC 1112.  FreeBSD:
 * sys/netinet/igmp.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/wire.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"

#define IGMP_GRACE (30 * NS_S) /* T, if the policy names none */

#define F(m, kind) FIELD(struct igmp_main, m, kind)
static const struct field main_fields[] = {
	F(ifs, LINK),
	F(imos, LINK),
	F(nimos, UINT),
	F(ninms, UINT),
	F(npending, UINT),
	F(shut, BOOL),
	F(tun, BYTES),
	F(timer, CALLOUT),
	F(due, TIME),
	FIELD_STAT(struct igmp_main, draws, UINT),
	F(wq, LINK),
	F(departure, PTR),
	FIELD_STAT(struct igmp_main, stat, BYTES),
};
#undef F
static UMA_ZONE(
    igmp_main_zone, igmp, IGMP_Z_MAIN, struct igmp_main, 0, main_fields);

#define F(m, kind) FIELD(struct igmp_ifsoftc, m, kind)
static const struct field ifsoftc_fields[] = {
	F(igi_ifp, PTR),
	F(igi_version, UINT),
	F(igi_silent, BOOL),
	F(igi_rv, UINT),
	F(igi_qi, UINT),
	F(igi_qri, UINT),
	F(igi_uri, UINT),
	F(igi_ninms, UINT),
	F(igi_v1_timer, TIME),
	F(igi_v2_timer, TIME),
	F(igi_v3_timer, TIME),
	F(igi_inms, LINK),
	F(igi_link, LINK),
};
#undef F
static UMA_ZONE(igmp_ifsoftc_zone, igmp, IGMP_Z_IFSOFTC, struct igmp_ifsoftc, 0,
    ifsoftc_fields);

static const int32_t igmp_defaults[IGT_N] = {
	[IGT_default_version] = IGMP_VERSION_3,
	[IGT_recvifkludge] = 1,
	[IGT_sendra] = 1,
	[IGT_sendlocal] = 1,
	[IGT_v1enable] = 1,
	[IGT_v2enable] = 1,
	[IGT_legacysupp] = 0,
	[IGT_gsrdelay] = 10,
	[IGT_maxgrpsrc] = IN_MCAST_MAXGRPSRC,
	[IGT_maxsocksrc] = IN_MCAST_MAXSOCKSRC,
	[IGT_loop] = IP_DEFAULT_MULTICAST_LOOP,
};

int32_t
igmp_tunable(enum igmp_tun t)
{
	return (V_igmp_main != NULL ? V_igmp.tun[t] : igmp_defaults[t]);
}

bool
igmp_isgroupreported(uint32_t addr)
{
	return (addr != INADDR_ALLHOSTS &&
		(igmp_tunable(IGT_sendlocal) != 0 || !IN_LOCAL_GROUP(addr)));
}

bool
igmp_mute(void)
{
	return (in_af() == NULL ||
		(curvnet->v_phase != PHASE_ALIVE &&
		    curvnet->v_close.vc_policy == VNETSIM_CLOSE_CRASH));
}

/* ---- interfaces ---- */

struct igmp_ifsoftc *
igmp_ifsoftc_find(const struct ifnet *ifp)
{
	struct igmp_ifsoftc *igi;

	if (V_igmp_main == NULL)
		return (NULL);
	TAILQ_FOREACH (igi, &V_igmp.ifs, igi_link)
		if (igi->igi_ifp == ifp)
			return (igi);
	return (NULL);
}

struct igmp_ifsoftc *
igmp_ifsoftc_get(struct ifnet *ifp)
{
	struct igmp_ifsoftc *igi = igmp_ifsoftc_find(ifp);

	if (igi != NULL || igmp_attach() != 0)
		return (igi);
	igi = uma_zalloc(&igmp_ifsoftc_zone, M_ZERO);
	if (igi == NULL)
		return (NULL);
	if (uma_reserve(IGMP_RESERVE) != 0) {
		uma_zfree(&igmp_ifsoftc_zone, igi);
		return (NULL);
	}
	igi->igi_ifp = ifp;
	igi->igi_version = (uint8_t)V_igmp.tun[IGT_default_version];
	igi->igi_silent = (ifp->if_flags & IFF_LOOPBACK) != 0;
	igi->igi_rv = IGMP_RV_INIT;
	igi->igi_qi = IGMP_QI_INIT;
	igi->igi_qri = IGMP_QRI_INIT;
	igi->igi_uri = IGMP_URI_INIT;
	igi->igi_v3_timer = IGMP_NEVER;
	TAILQ_INIT(&igi->igi_inms);
	TAILQ_INSERT_TAIL(&V_igmp.ifs, igi, igi_link);
	VNET(igmp).nifs++;
	return (igi);
}

/* FreeBSD: igmp_ifdetach(), igmp_domifdetach() */
static void
igmp_ifsoftc_free(struct igmp_ifsoftc *igi)
{
	struct in_multi *inm;

	while ((inm = TAILQ_FIRST(&igi->igi_inms)) != NULL)
		inm_purge(inm);
	MPASS(igi->igi_ninms == 0);
	TAILQ_REMOVE(&V_igmp.ifs, igi, igi_link);
	VNET(igmp).nifs--;
	(void)uma_reserve(-(int64_t)IGMP_RESERVE);
	uma_zfree(&igmp_ifsoftc_zone, igi);
}

/* Nobody speaks to it by this interface any more. */
static void
igmp_departure(void *arg, void *obj, int value)
{
	struct igmp_ifsoftc *igi = igmp_ifsoftc_find(obj);

	(void)arg;
	(void)value;
	if (igi != NULL)
		igmp_ifsoftc_free(igi);
}

void
igmp_set_version(struct igmp_ifsoftc *igi, int v)
{
	int64_t until =
	    vtime() +
	    ((int64_t)igi->igi_rv * igi->igi_qi + igi->igi_qri) * NS_S;
	uint8_t now = (uint8_t)V_igmp.tun[IGT_default_version];

	if (v == IGMP_VERSION_1)
		igi->igi_v1_timer = until;
	else if (v == IGMP_VERSION_2)
		igi->igi_v2_timer = until;
	if (igi->igi_v1_timer > vtime())
		now = IGMP_VERSION_1;
	else if (igi->igi_v2_timer > vtime())
		now = imin(now, IGMP_VERSION_2);
	if (now == igi->igi_version)
		return;
	igi->igi_version = now;
	igmp_cancel_timers(igi);
}

bool
igmp_ifinfo(const struct ifnet *ifp, struct igmp_info *ii)
{
	struct igmp_ifsoftc *igi = igmp_ifsoftc_find(ifp);

	if (igi == NULL)
		return (false);
	ii->version = igi->igi_version;
	ii->rv = igi->igi_rv;
	ii->qi = igi->igi_qi;
	ii->qri = igi->igi_qri;
	ii->uri = igi->igi_uri;
	return (true);
}

/* ---- made at first use ---- */

int
igmp_attach(void)
{
	struct igmp_main *im;

	if (V_igmp_main != NULL)
		return (V_igmp.shut ? VE_NETDOWN : 0);
	if (curvnet->v_phase >= PHASE_QUIESCE)
		return (VE_NETDOWN);
	im = uma_zalloc(&igmp_main_zone, M_ZERO);
	if (im == NULL)
		return (VE_NOBUFS);
	im->departure = eventhandler_register(EVH_IFNET_DEPARTURE,
	    VNET_MOD_igmp, igmp_departure, NULL, EVENTHANDLER_PRI_FIRST);
	if (im->departure == NULL) {
		uma_zfree(&igmp_main_zone, im);
		return (VE_NOBUFS);
	}
	TAILQ_INIT(&im->ifs);
	TAILQ_INIT(&im->imos);
	im->due = IGMP_NEVER;
	for (int i = 0; i < IGT_N; i++)
		im->tun[i] = igmp_defaults[i];
	callout_init(&im->timer, VNET_MOD_igmp, "igmp.timeout");
	V_igmp_main = im;
	return (0);
}

/* Made in this event, and empty. */
static void
igmp_detach(void)
{
	MPASS(VNET(igmp).nifs == 0 && V_igmp.nimos == 0);
	(void)callout_stop(&V_igmp.timer);
	eventhandler_deregister(V_igmp.departure);
	uma_zfree(&igmp_main_zone, V_igmp_main);
	V_igmp_main = NULL;
}

void
igmp_mark(
    struct igmp_mark *mk, const struct inpcb *inp, const struct ifnet *ifp)
{
	mk->mk_ifp = ifp;
	mk->mk_main = V_igmp_main != NULL;
	mk->mk_igi = ifp == NULL || igmp_ifsoftc_find(ifp) != NULL;
	mk->mk_imo = inp->inp_moptions != NULL;
}

void
igmp_undo(const struct igmp_mark *mk, struct inpcb *inp)
{
	struct igmp_ifsoftc *igi;

	if (!mk->mk_imo)
		inp_freemoptions(inp);
	igi = mk->mk_igi ? NULL : igmp_ifsoftc_find(mk->mk_ifp);
	if (igi != NULL)
		igmp_ifsoftc_free(igi);
	if (!mk->mk_main && V_igmp_main != NULL)
		igmp_detach();
}

/* ---- the end ---- */

static bool
igmp_told(struct op *op)
{
	const struct igmp_main *im = op->op_ptr[0];

	return (im->npending == 0);
}

static enum op_verdict
igmp_farewell(struct op *op)
{
	int64_t grace = curvnet->v_close.vc_grace;

	if (V_igmp_main == NULL || V_igmp.npending == 0)
		return (OP_DONE);
	op->op_ptr[0] = V_igmp_main;
	if (curvnet->v_close.vc_policy == VNETSIM_CLOSE_GRACEFUL &&
	    !op->op_timedout)
		return (op_wait_timeout(op, &V_igmp.wq, igmp_told,
		    grace > 0 ? grace : IGMP_GRACE,
		    "for reports of groups that were left (farewell)", NULL));
	igmp_flush(true);
	return (OP_DONE);
}

static enum op_verdict
igmp_shutdown(struct op *op)
{
	struct ip_moptions *imo;
	struct igmp_ifsoftc *igi;

	if (V_igmp_main == NULL)
		return (OP_DONE);
	if (op->op_pc == 0) {
		op->op_pc = 1;
		V_igmp.shut = true;
		while ((imo = TAILQ_FIRST(&V_igmp.imos)) != NULL)
			inp_freemoptions(imo->imo_inp);
		igmp_flush(true);
		while ((igi = TAILQ_FIRST(&V_igmp.ifs)) != NULL)
			igmp_ifsoftc_free(igi);
		eventhandler_deregister(V_igmp.departure);
		V_igmp.departure = NULL;
		waitq_abandon(&V_igmp.wq);
	}
	return (callout_drain(&V_igmp.timer, op) ? OP_DONE : OP_WAIT);
}

static void
igmp_uninit(void)
{
	if (V_igmp_main == NULL || V_igmp.departure != NULL ||
	    VNET(igmp).nifs != 0 || V_igmp.nimos != 0 ||
	    callout_active(&V_igmp.timer))
		return;
	uma_zfree(&igmp_main_zone, V_igmp_main);
	V_igmp_main = NULL;
}

/* ---- the descriptor ---- */

static const struct field igmp_fields[] = {
	FIELD(struct vnet_igmp, main, PTR),
	FIELD(struct vnet_igmp, nifs, UINT),
	FIELD(struct vnet_igmp, nimfs, UINT),
};
static const struct vnet_contract igmp_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_igmp, nifs),
	CONTRACT_SHUTDOWN(struct vnet_igmp, nimfs),
};
static const struct uma_zone *const igmp_zones[] = {
	[IGMP_Z_MAIN] = &igmp_main_zone,
	[IGMP_Z_IFSOFTC] = &igmp_ifsoftc_zone,
	[IGMP_Z_MULTI] = &in_multi_zone,
	[IGMP_Z_MFILTER] = &in_mfilter_zone,
	[IGMP_Z_MOPTIONS] = &ip_moptions_zone,
	[IGMP_Z_SOURCES] = &in_msource_zone,
	[IGMP_Z_CHANGES] = &in_mchange_zone,
};

static int
igmp_sysctl_tun(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	enum igmp_tun t = (enum igmp_tun)oid->o_offset;
	int error;

	if (!write) {
		*value = igmp_tunable(t);
		return (0);
	}
	error = igmp_attach();
	if (error == 0)
		V_igmp.tun[t] = (int32_t)*value;
	return (error == VE_NETDOWN ? VE_BUSY : error);
}

static int
igmp_sysctl_stat(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)write;
	*value = V_igmp_main != NULL ? V_igmp.stat[oid->o_offset] : 0;
	return (0);
}

#define TUN(prefix, name, min, max, descr)                                     \
	{                                                                      \
		prefix #name, SYSCTL_T_PROC, CTLFLAG_RW | CTLFLAG_VNET,        \
		    IGT_##name, min, max, 1, igmp_sysctl_tun, descr            \
	}
#define STAT(name, descr)                                                      \
	{                                                                      \
		"net.inet.igmp.stats.igps_" #name, SYSCTL_T_PROC,              \
		    CTLFLAG_RD | CTLFLAG_VNET, IGPS_##name, 0, UINT32_MAX, 1,  \
		    igmp_sysctl_stat, descr                                    \
	}
static const struct sysctl_oid igmp_sysctls[] = {
	TUN("net.inet.igmp.", default_version, 1, 3,
	    "version of IGMP where no older querier is heard"),
	TUN("net.inet.igmp.", gsrdelay, 0, 3600,
	    "heed queries about sources of a group so often, s"),
	TUN("net.inet.igmp.", legacysupp, 0, 1,
	    "reports of versions 1 and 2 suppress our answers in version 3"),
	TUN("net.inet.igmp.", recvifkludge, 0, 1,
	    "take reports from 0.0.0.0 as from the network they came by"),
	TUN("net.inet.igmp.", sendlocal, 0, 1,
	    "tell of groups in 224.0.0.0/24, too"),
	TUN("net.inet.igmp.", sendra, 0, 1, "send the Router Alert option"),
	STAT(drop_gsr_queries, "queries about sources that came too often"),
	STAT(rcv_badqueries, "queries that make no sense"),
	STAT(rcv_badreports, "reports that make no sense"),
	STAT(rcv_badsum, "messages with a wrong sum"),
	STAT(rcv_badttl, "messages with a TTL that is not 1"),
	STAT(rcv_gen_queries, "general queries"),
	STAT(rcv_group_queries, "queries about a group"),
	STAT(rcv_gsr_queries, "queries about sources of a group"),
	STAT(rcv_nora, "reports of version 2 without Router Alert"),
	STAT(rcv_ourreports, "reports for groups of ours"),
	STAT(rcv_reports, "reports of others, versions 1 and 2"),
	STAT(rcv_tooshort, "messages shorter than a header"),
	STAT(rcv_total, "messages received"),
	STAT(rcv_v1v2_queries, "queries of versions 1 and 2"),
	STAT(rcv_v3_queries, "queries of version 3"),
	STAT(snd_reports, "messages sent"),
	TUN("net.inet.igmp.", v1enable, 0, 1, "heed queries of version 1"),
	TUN("net.inet.igmp.", v2enable, 0, 1, "heed queries of version 2"),
	TUN("net.inet.ip.mcast.", loop, 0, 1,
	    "new sockets hear what they send to groups"),
	TUN("net.inet.ip.mcast.", maxgrpsrc, 1, 65535,
	    "sources of a group, of all sockets together"),
	TUN("net.inet.ip.mcast.", maxsocksrc, 1, 65535,
	    "sources of a group, per socket"),
};

VNET_MODULE(igmp) = {
	.vm_name = "igmp",
	.vm_id = VNET_MOD_igmp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_igmp),
	.vm_sub = SI_SUB_PROTO_MC,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_MC,
	.vm_unorder = SI_ORDER_ANY,
	.vm_farewell = igmp_farewell,
	.vm_shutdown = igmp_shutdown,
	.vm_uninit = igmp_uninit,
	.vm_fields = igmp_fields,
	.vm_nfields = nitems(igmp_fields),
	.vm_contracts = igmp_contracts,
	.vm_ncontracts = nitems(igmp_contracts),
	.vm_zones = igmp_zones,
	.vm_nzones = nitems(igmp_zones),
	.vm_sysctls = igmp_sysctls,
	.vm_nsysctls = nitems(igmp_sysctls),
};
