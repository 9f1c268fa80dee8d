/*
 * tcp_stat.h - counters of TCP, a module of its own.
 *
 * FreeBSD 13 frees TCP's statistics at SI_SUB_PROTO_IFATTACHDOMAIN, before
 * tcp_destroy() runs at SI_SUB_PROTO_DOMAIN; so they are two modules, and a
 * counter that is stepped after this one has ended is a finding of the order
 * oracle, "late-use".  Names are those of struct tcpstat.
 */
#ifndef SRC_NET_TCP_TCP_STAT_H
#define SRC_NET_TCP_TCP_STAT_H

#include <stdint.h>
#include <vnetsim/kern/vnet.h>

#define TCPSTAT_LIST(X)                                                        \
	X(connattempt)                                                         \
	X(accepts)                                                             \
	X(connects)                                                            \
	X(drops)                                                               \
	X(conndrops)                                                           \
	X(closed)                                                              \
	X(segstimed)                                                           \
	X(rttupdated)                                                          \
	X(delack)                                                              \
	X(timeoutdrop)                                                         \
	X(progdrops)                                                           \
	X(rexmttimeo)                                                          \
	X(persisttimeo)                                                        \
	X(keeptimeo)                                                           \
	X(keepprobe)                                                           \
	X(keepdrops)                                                           \
	X(persistdrop)                                                         \
	X(finwait2_drops)                                                      \
	X(sndtotal)                                                            \
	X(sndpack)                                                             \
	X(sndbyte)                                                             \
	X(sndrexmitpack)                                                       \
	X(sndrexmitbyte)                                                       \
	X(sndacks)                                                             \
	X(sndprobe)                                                            \
	X(sndurg)                                                              \
	X(sndwinup)                                                            \
	X(sndctrl)                                                             \
	X(rcvtotal)                                                            \
	X(rcvpack)                                                             \
	X(rcvbyte)                                                             \
	X(rcvbadsum)                                                           \
	X(rcvbadoff)                                                           \
	X(rcvshort)                                                            \
	X(rcvreassfull)                                                        \
	X(rcvduppack)                                                          \
	X(rcvdupbyte)                                                          \
	X(rcvpartduppack)                                                      \
	X(rcvpartdupbyte)                                                      \
	X(rcvoopack)                                                           \
	X(rcvoobyte)                                                           \
	X(rcvpackafterwin)                                                     \
	X(rcvbyteafterwin)                                                     \
	X(rcvafterclose)                                                       \
	X(rcvwinprobe)                                                         \
	X(rcvdupack)                                                           \
	X(rcvacktoomuch)                                                       \
	X(rcvackpack)                                                          \
	X(rcvackbyte)                                                          \
	X(rcvghostack)                                                         \
	X(rcvwinupd)                                                           \
	X(badsyn)                                                              \
	X(badrst)                                                              \
	X(listendrop)                                                          \
	X(sndrexmitbad)                                                        \
	X(sack_recovery_episode)                                               \
	X(sack_rexmits)                                                        \
	X(sack_rexmit_bytes)                                                   \
	X(sack_rcv_blocks)                                                     \
	X(sack_send_blocks)                                                    \
	X(sack_sboverflow)                                                     \
	X(dsack_count)                                                         \
	X(pawsdrop)                                                            \
	X(dsack_bytes)                                                         \
	X(ecn_rcvce)                                                           \
	X(ecn_rcvect0)                                                         \
	X(ecn_rcvect1)                                                         \
	X(ecn_shs)                                                             \
	X(ecn_rcwnd)                                                           \
	X(ecn_sndect0)                                                         \
	X(mturesent)                                                           \
	X(sc_added)                                                            \
	X(sc_retransmitted)                                                    \
	X(sc_dupsyn)                                                           \
	X(sc_dropped)                                                          \
	X(sc_completed)                                                        \
	X(sc_bucketoverflow)                                                   \
	X(sc_reset)                                                            \
	X(sc_stale)                                                            \
	X(sc_aborted)                                                          \
	X(sc_badack)                                                           \
	X(sc_unreach)                                                          \
	X(sc_zonefail)                                                         \
	X(sc_sendcookie)                                                       \
	X(sc_recvcookie)                                                       \
	X(hc_added)                                                            \
	X(hc_bucketoverflow)                                                   \
	X(cachedrtt)                                                           \
	X(cachedrttvar)                                                        \
	X(cachedssthresh)                                                      \
	X(usedrtt)                                                             \
	X(usedrttvar)                                                          \
	X(usedssthresh)

enum tcpstat_id {
#define X(n) TCPS_##n,
	TCPSTAT_LIST(X)
#undef X
	    TCPSTAT_N,
};

/* Cold: allocated when the first counter is stepped. */
struct tcpstat {
	uint64_t ts_count[TCPSTAT_N];
};

/* Where the counters hang; given back by uninit. */
struct tcpstat_anchor {
	struct tcpstat *ta_stat; /* (o) NULL until needed */
};

/* net.inet.tcp.states: connections by state; given back by shutdown. */
struct tcpstates {
	uint32_t tcps_states[11];
};

struct vnet_tcpstat {
	struct tcpstat_anchor *anchor; /* (o) */
	struct tcpstates *states;      /* (o) */
};
VNET_STATE(tcpstat, struct vnet_tcpstat);
#define V_tcpstat VNET(tcpstat)

/**
 * tcpstat_add() - step a counter of curvnet
 * @id:	enum tcpstat_id
 * @n:	by how much
 *
 * Without memory for the block the count is lost.  After the end of tcpstat:
 * a finding, nothing is written.
 */
void tcpstat_add(enum tcpstat_id id, uint64_t n);
#define TCPSTAT_INC(m)    tcpstat_add(TCPS_##m, 1)
#define TCPSTAT_ADD(m, n) tcpstat_add(TCPS_##m, (n))

/**
 * tcpstates_move() - a connection changes its line of net.inet.tcp.states
 * @from:	state it leaves, -1: it is new
 * @to:		state it enters, -1: it is gone
 */
void tcpstates_move(int from, int to);

/**
 * tcpstat_get() - read a counter of curvnet
 * @id:	enum tcpstat_id
 *
 * Return:	its value; 0 after the end of tcpstat.
 */
uint64_t tcpstat_get(enum tcpstat_id id);

/**
 * tcpstat_name() - name of a counter as in struct tcpstat, without "tcps_"
 * @id:	enum tcpstat_id
 *
 * Return:	constant; NULL: no such counter.
 */
const char *tcpstat_name(enum tcpstat_id id);

VNET_MODULE_DECLARE(tcpstat);

#endif /* !SRC_NET_TCP_TCP_STAT_H */
