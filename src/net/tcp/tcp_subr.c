/*
 * tcp_subr.c - the module tcp: how it begins and how it ends.
 *
 * Theory of operation
 * ===================
 *
 *	init      an empty pcb table, tunables, the ISN secret; registered with
 *	          the socket layer last, so nothing arrives before
 *	farewell  connections end as the close policy says (tcp_farewell.c)
 *	shutdown  unregistered; every pcb that is left is cut in silence, the
 *	          SYN cache goes, every callout is stopped, claimed ones are
 *	          waited for
 *	uninit    secret and tables
 *
 * Slots are FreeBSD 13's: tcp_init() through the domain at
 * SI_SUB_PROTO_DOMAIN/SECOND, tcp_destroy() at SI_SUB_PROTO_DOMAIN/FOURTH.
 * Counters are a module of their own (tcp_stat.c), because there they end
 * before tcp_destroy().
 *
 * After shutdown ipi_count is zero, by contract.  An uninit without a
 * shutdown frees nothing that is in use: the audit names what is left.
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_syncache.h"

static const struct field tcp_isn_fields[] = {
	FIELD(struct tcp_isn, isn_secret, UINT),
};
static UMA_ZONE(
    tcp_isn_zone, tcp, TCP_Z_ISN, struct tcp_isn, 0, tcp_isn_fields);

static int
tcp_init(void)
{
	struct vnet_tcp *vt = &V_tcp;
	int error;

	vt->isn = uma_zalloc(&tcp_isn_zone, M_NOWAIT);
	if (vt->isn == NULL)
		return (VE_NOMEM);
	vt->isn->isn_secret = krandom("tcp.secret", curvnet->v_id, 0);
	vt->lower = &tcp_lower_ip;
	LIST_INIT(&vt->drain);
	callout_init(&vt->fw_timer, VNET_MOD_tcp, "tcp.farewell");
	tcp_sysctl_defaults(vt);
	in_pcbinfo_init(&vt->tcbinfo, "tcp", VNET_MOD_tcp);
	error = protosw_register(&tcp_protosw);
	if (error != 0) {
		in_pcbinfo_destroy(&vt->tcbinfo);
		uma_zfree(&tcp_isn_zone, vt->isn);
		vt->isn = NULL;
		return (error);
	}
	vt->registered = true;
	return (0);
}

static void
tcp_uninit(void)
{
	if (V_tcp.tcbinfo.ipi_count == 0)
		in_pcbinfo_destroy(&V_tcp.tcbinfo);
	uma_zfree(&tcp_isn_zone, V_tcp.isn);
	V_tcp.isn = NULL;
}

static const char *const farewell_names[] = { "none", "wait", "cut", "lame",
	"done" };

#define F(m, kind) FIELD(struct vnet_tcp, m, kind)
static const struct field vnet_tcp_fields[] = {
	F(tcbinfo, OPAQUE), /* its pcbs are objects of their own */
	F(lower, FUNC),
	F(isn, PTR),
	F(syncache, PTR),
	F(drain, LINK),
	F(registered, BOOL),
	F(waited, BOOL),
	FIELD_ENUM(struct vnet_tcp, fw_state, farewell_names),
	F(fw_expired, BOOL),
	F(nactive, UINT),
	F(fw_lame, TIME),
	F(fw_wq, LINK),
	F(fw_timer, CALLOUT),
	FIELD_STAT(struct vnet_tcp, finned, UINT),
	FIELD_STAT(struct vnet_tcp, reset, UINT),
	FIELD_STAT(struct vnet_tcp, abandoned, UINT),
	F(sc_count, UINT),
	F(sc_nomem, TIME),
	F(always_keepalive, INT),
	F(blackhole, INT),
	F(blackhole_local, INT),
	F(delayed_ack, INT),
	F(drop_synfin, INT),
	F(ecn_enable, INT),
	F(ecn_maxretries, INT),
	F(fast_finwait2_recycle, INT),
	F(icmp_may_rst, INT),
	F(initcwnd_segments, INT),
	F(insecure_ack, INT),
	F(insecure_rst, INT),
	F(insecure_syn, INT),
	F(keepcnt, INT),
	F(minmss, INT),
	F(mssdflt, INT),
	F(nolocaltimewait, INT),
	F(path_mtu_discovery, INT),
	F(recvspace, INT),
	F(rexmit_drop_options, INT),
	F(retries, INT),
	F(rfc1323, INT),
	F(rfc3465, INT),
	F(abc_l_var, INT),
	F(sendspace, INT),
	F(reass_maxqueuelen, INT),
	F(syncookies, INT),
	F(syncookiesonly, INT),
	F(sc_bucketlimit, INT),
	F(sc_cachelimit, INT),
	F(sc_hashsize, INT),
	F(sc_rexmtlimit, INT),
	F(sc_rst_on_sock_fail, INT),
	F(do_prr, INT),
	F(ack_war_cnt, INT),
	F(rfc3042, INT),
	F(sack_enable, INT),
	F(sack_maxholes, INT),
	F(sack_globalmaxholes, INT),
	F(sack_globalholes, UINT),
	F(ack_war_timewindow, INT),
	F(delacktime, INT),
	F(finwait2_timeout, INT),
	F(keepidle, INT),
	F(keepinit, INT),
	F(keepintvl, INT),
	F(maxunacktime, INT),
	F(msl, INT),
	F(persmax, INT),
	F(persmin, INT),
	F(rexmit_initial, INT),
	F(rexmit_min, INT),
	F(rexmit_slop, INT),
};
#undef F

static const struct vnet_contract tcp_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_tcp, tcbinfo.ipi_count),
	CONTRACT_SHUTDOWN(struct vnet_tcp, nactive),
	CONTRACT_SHUTDOWN(struct vnet_tcp, drain),
	CONTRACT_SHUTDOWN(struct vnet_tcp, sack_globalholes),
	CONTRACT_SHUTDOWN(struct vnet_tcp, sc_count),
};

static const struct uma_zone *const tcp_zones[] = { &tcpcb_zone, &tseg_zone,
	&tcp_isn_zone, &syncache_zone, &syncache_head_zone, &tcp_syncache_zone,
	&tcp_sack_zone, &sackhole_zone };

VNET_MODULE(tcp) = {
	.vm_name = "tcp",
	.vm_id = VNET_MOD_tcp,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_tcp),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_FOURTH,
	.vm_init = tcp_init,
	.vm_farewell = tcp_farewell,
	.vm_shutdown = tcp_shutdown,
	.vm_uninit = tcp_uninit,
	.vm_fields = vnet_tcp_fields,
	.vm_nfields = nitems(vnet_tcp_fields),
	.vm_contracts = tcp_contracts,
	.vm_ncontracts = nitems(tcp_contracts),
	.vm_zones = tcp_zones,
	.vm_nzones = nitems(tcp_zones),
	.vm_sysctls = tcp_sysctls,
	.vm_nsysctls = TCP_NSYSCTLS,
	.vm_outcomes = tcp_outcomes,
	.vm_maxrto = tcp_maxrto,
};
