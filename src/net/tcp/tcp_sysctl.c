/*
 * tcp_sysctl.c - net.inet.tcp.*: names, units, ranges and defaults of FreeBSD.
 *
 * Times are shown in milliseconds and must be at least one.  In FreeBSD 13
 * most timers are global; here everything belongs to the vnet, as msl does
 * from 14 on.  Where FreeBSD and the RFCs differ the default is FreeBSD's:
 *
 *	rexmit_min 30         RFC 6298 (2.4) says 1000
 *	rexmit_slop 200       RFC 6298 has none: 0
 *	rexmit_initial 1000   RFC 6298 (2.1), the same
 *	msl 30000             RFC 9293 3.4.2 says 120000
 *	keepinit 75000        RFC 9293 3.8.3 wants 180000 for SYN
 *	insecure_rst/syn/ack  0: RFC 5961; 1: RFC 793
 */
#include <vnetsim/errno.h>
#include "src/net/tcp/tcp_syncache.h"

#define T_INT(name, member, lo, hi, descr)                                     \
	SYSCTL_VNET("net.inet.tcp." name, INT, RW, struct vnet_tcp, member,    \
	    lo, hi, descr)
#define T_MS(name, member, descr)                                              \
	SYSCTL_VNET_TIME("net.inet.tcp." name, RW, struct vnet_tcp, member,    \
	    NS_MS, 1, INT32_MAX, descr)

const struct sysctl_oid tcp_sysctls[] = {
	T_INT("abc_l_var", abc_l_var, 1, 44, "segments counted per ACK"),
	T_INT("ack_war_cnt", ack_war_cnt, 0, 255,
	    "answers to segments without data in ack_war_timewindow; 0: no "
	    "limit"),
	T_MS("ack_war_timewindow", ack_war_timewindow,
	    "how long ack_war_cnt counts"),
	T_INT("always_keepalive", always_keepalive, 0, 1,
	    "probe every idle connection"),
	T_INT("blackhole", blackhole, 0, 3,
	    "no RST for a closed port: 1 to a SYN, 2 to any segment; 3: from a "
	    "listener, neither"),
	T_INT("blackhole_local", blackhole_local, 0, 1,
	    "blackhole for senders of this vnet, too"),
	T_MS("delacktime", delacktime, "how long an ACK may wait"),
	T_INT("delayed_ack", delayed_ack, 0, 1, "delay ACKs"),
	T_INT("do_prr", do_prr, 0, 1, "proportional rate reduction, RFC 6937"),
	T_INT("drop_synfin", drop_synfin, 0, 1, "drop segments with SYN+FIN"),
	T_INT("ecn.enable", ecn_enable, 0, 2,
	    "ECN: 0: no, 1: ask for it, 2: if the peer asks"),
	T_INT("ecn.maxretries", ecn_maxretries, 0, INT32_MAX,
	    "SYNs and SYN,ACKs repeated with ECN before it is given up"),
	T_INT("fast_finwait2_recycle", fast_finwait2_recycle, 0, 1,
	    "leave FIN_WAIT_2 after finwait2_timeout"),
	T_MS("finwait2_timeout", finwait2_timeout, "FIN_WAIT_2 timeout"),
	T_INT("icmp_may_rst", icmp_may_rst, 0, 1,
	    "ICMP unreachable may end a SYN_SENT connection"),
	T_INT("initcwnd_segments", initcwnd_segments, 0, 1000,
	    "initial congestion window, segments; 0: RFC 3390"),
	T_INT("insecure_ack", insecure_ack, 0, 1,
	    "accept any old ACK, RFC 793 instead of RFC 5961"),
	T_INT("insecure_rst", insecure_rst, 0, 1,
	    "accept an RST anywhere in the window, RFC 793"),
	T_INT("insecure_syn", insecure_syn, 0, 1,
	    "a SYN in the window resets, RFC 793"),
	T_INT("keepcnt", keepcnt, 1, INT32_MAX, "probes before giving up"),
	T_MS("keepidle", keepidle, "idle time before the first probe"),
	T_MS("keepinit", keepinit, "time to get a connection established"),
	T_MS("keepintvl", keepintvl, "time between probes"),
	SYSCTL_VNET_TIME("net.inet.tcp.maxunacktime", RW, struct vnet_tcp,
	    maxunacktime, NS_MS, 0, INT32_MAX,
	    "time without progress that ends a connection; 0: no limit"),
	T_INT("minmss", minmss, 1, 65535, "smallest MSS taken from a peer"),
	T_MS("msl", msl, "maximum segment lifetime"),
	T_INT("mssdflt", mssdflt, TCP_MINMSS, 65535, "MSS if none is offered"),
	T_INT("nolocaltimewait", nolocaltimewait, 0, 1,
	    "no TIME_WAIT for peers of this vnet"),
	T_INT("path_mtu_discovery", path_mtu_discovery, 0, 1,
	    "do not fragment, and learn from ICMP"),
	SYSCTL_VNET("net.inet.tcp.pcbcount", UINT, RD, struct vnet_tcp,
	    tcbinfo.ipi_count, 0, UINT32_MAX, "control blocks"),
	T_MS("persmax", persmax, "longest time between window probes"),
	T_MS("persmin", persmin, "shortest time between window probes"),
	T_INT("reass.maxqueuelen", reass_maxqueuelen, 0, 1000000,
	    "segments out of order per connection; 0: no limit"),
	T_INT("recvspace", recvspace, 1, (int64_t)SB_MAX,
	    "receive buffer of a new socket, bytes"),
	T_INT("retries", retries, 0, TCP_MAXRXTSHIFT,
	    "retransmissions, or probes, in a row before giving up"),
	T_INT("rexmit_drop_options", rexmit_drop_options, 0, 1,
	    "no options from the third SYN on"),
	T_MS("rexmit_initial", rexmit_initial, "first RTO"),
	T_MS("rexmit_min", rexmit_min, "smallest RTO"),
	SYSCTL_VNET_TIME("net.inet.tcp.rexmit_slop", RW, struct vnet_tcp,
	    rexmit_slop, NS_MS, 0, INT32_MAX, "added to each RTO"),
	T_INT("rfc1323", rfc1323, 0, 1, "window scaling and timestamps"),
	T_INT("rfc3042", rfc3042, 0, 1, "limited transmit"),
	T_INT("rfc3465", rfc3465, 0, 1, "count bytes in congestion control"),
	T_INT("sack.enable", sack_enable, 0, 1, "selective acknowledgments"),
	SYSCTL_VNET("net.inet.tcp.sack.globalholes", UINT, RD, struct vnet_tcp,
	    sack_globalholes, 0, UINT32_MAX, "holes of all connections"),
	T_INT("sack.globalmaxholes", sack_globalmaxholes, 0, INT32_MAX,
	    "most holes of all connections"),
	T_INT("sack.maxholes", sack_maxholes, 0, INT32_MAX,
	    "most holes of a connection"),
	T_INT("sendspace", sendspace, 1, (int64_t)SB_MAX,
	    "send buffer of a new socket, bytes"),
	T_INT("syncache.bucketlimit", sc_bucketlimit, 1, 65535,
	    "entries of a row of the SYN cache"),
	T_INT("syncache.cachelimit", sc_cachelimit, 0, 1 << 24,
	    "entries of the SYN cache"),
	SYSCTL_VNET("net.inet.tcp.syncache.count", UINT, RD, struct vnet_tcp,
	    sc_count, 0, UINT32_MAX, "entries of the SYN cache now"),
	SYSCTL_VNET_PROC("net.inet.tcp.syncache.hashsize", RW,
	    syncache_sysctl_hashsize, 1, 65536,
	    "rows of the SYN cache, a power of two; fixed by the first SYN"),
	T_INT("syncache.rexmtlimit", sc_rexmtlimit, 0, TCP_MAXRXTSHIFT,
	    "retransmissions of a SYN,ACK"),
	T_INT("syncache.rst_on_sock_fail", sc_rst_on_sock_fail, 0, 1,
	    "RST if no socket can be made of an entry"),
	T_INT("syncookies", syncookies, 0, 1,
	    "cookies when the SYN cache overflows"),
	T_INT("syncookies_only", syncookiesonly, 0, 1,
	    "no SYN cache, only cookies"),
};
_Static_assert(nitems(tcp_sysctls) == TCP_NSYSCTLS, "count of tcp_sysctls");

void
tcp_sysctl_defaults(struct vnet_tcp *vt)
{
	vt->abc_l_var = 2;
	vt->always_keepalive = 1;
	vt->delayed_ack = 1;
	vt->ecn_enable = 2;
	vt->ecn_maxretries = 1;
	vt->icmp_may_rst = 1;
	vt->initcwnd_segments = 10;
	vt->keepcnt = 8;
	vt->minmss = TCP_MINMSS;
	vt->mssdflt = TCP_MSS;
	vt->path_mtu_discovery = 1;
	vt->recvspace = 65536;
	vt->retries = TCP_MAXRXTSHIFT;
	vt->rfc1323 = 1;
	vt->rfc3465 = 1;
	vt->do_prr = 1;
	vt->rfc3042 = 1;
	vt->sack_enable = 1;
	vt->sack_globalmaxholes = 65536;
	vt->sack_maxholes = 128;
	vt->sendspace = 32768;
	vt->reass_maxqueuelen = 100;
	vt->syncookies = 1;
	vt->sc_bucketlimit = TCP_SYNCACHE_BUCKETLIMIT;
	vt->sc_cachelimit = TCP_SYNCACHE_CACHELIMIT;
	vt->sc_hashsize = TCP_SYNCACHE_HASHSIZE;
	vt->sc_rexmtlimit = 3;
	vt->sc_rst_on_sock_fail = 1;
	vt->ack_war_cnt = 5;
	vt->ack_war_timewindow = NS_S;
	vt->delacktime = 40 * NS_MS;
	vt->finwait2_timeout = 60 * NS_S;
	vt->keepidle = 7200 * NS_S;
	vt->keepinit = 75 * NS_S;
	vt->keepintvl = 75 * NS_S;
	vt->msl = 30 * NS_S;
	vt->persmax = 60 * NS_S;
	vt->persmin = 5 * NS_S;
	vt->rexmit_initial = NS_S;
	vt->rexmit_min = 30 * NS_MS;
	vt->rexmit_slop = 200 * NS_MS;
}

/* net.inet.tcp.syncache.hashsize: a power of two, until the first SYN. */
int
syncache_sysctl_hashsize(
    const struct sysctl_oid *oid, int64_t *value, bool write)
{
	(void)oid;
	if (!write) {
		*value = V_tcp.sc_hashsize;
		return (0);
	}
	if (V_tcp.syncache != NULL)
		return (VE_BUSY);
	if ((*value & (*value - 1)) != 0)
		return (VE_INVAL);
	V_tcp.sc_hashsize = (int32_t)*value;
	return (0);
}
