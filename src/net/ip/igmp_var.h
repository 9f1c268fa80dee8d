/*
 * igmp_var.h - multicast membership and IGMP: who is in which group, and what
 * the routers have been told.
 *
 * Who holds whom
 * ==============
 *
 *	inpcb --> ip_moptions --> in_mfilter ==> in_multi ==> ifmultiaddr
 *	                              |              |            |
 *	                          (of a socket)   (network)     (link)
 *	                                             |
 *	                                       igmp_ifsoftc --> ifnet
 *
 * "==>" is a counted reference, "-->" a pointer that the owner clears.  A
 * socket's membership of a group at an interface is an in_mfilter: mode and
 * sources that it wants to hear.  All that are in the same group there share
 * one in_multi, whose filter is what they want together.  in_multi outlives its
 * last member until the routers have been told (RV times).
 *
 * An interface that departs takes its igmp_ifsoftc, its groups and the
 * sockets' memberships of them along, in this order from the top, whatever
 * way it goes (event IFNET_DEPARTURE).  So the four can end in any order.
 *
 * A vnet in which nobody ever joined a group, and that heard no query, has
 * nothing of all this but a null pointer.
 */
#ifndef SRC_NET_IP_IGMP_VAR_H
#define SRC_NET_IP_IGMP_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/ip/igmp.h"
#include "src/net/ip/in_mcast.h"
#include "src/net/ip/ip_var.h"

struct eventhandler_entry;
struct ip_repr;

#define IGMP_NEVER INT64_MAX

enum { IGMP_VERSION_1 = 1, IGMP_VERSION_2 = 2, IGMP_VERSION_3 = 3 };

/* Defaults of RFC 9776 section 8; the last as in FreeBSD. */
#define IGMP_RV_INIT  2
#define IGMP_QI_INIT  125
#define IGMP_QRI_INIT 10
#define IGMP_URI_INIT 3
#define IGMP_MAX_HOST_REPORT_DELAY                                             \
	10 /* s: v1 and v2, RFC 2236 section 8.10                              \
	    */

/* A packet and its cluster: a goodbye needs no memory. */
#define IGMP_RESERVE (MSIZE + 32)

/* Sources, ascending. */
struct in_slist {
	uint32_t *is_src; /* (o) NULL: none */
	uint32_t is_n;
};

/* A socket's membership. */
struct in_mfilter {
	struct ref imf_inm;                 /* (r) the group */
	struct ip_moptions *imf_imo;        /* (b) whose */
	struct in_slist imf_sources;        /* (o) */
	uint32_t imf_mode;                  /* MCAST_ */
	TAILQ_ENTRY(in_mfilter) imf_entry;  /* of the socket, as they came */
	TAILQ_ENTRY(in_mfilter) imf_member; /* of the group */
};

/* What a socket has of multicast; made at first use. */
struct ip_moptions {
	struct inpcb *imo_inp;       /* (b) whose; frees it before it goes */
	uint64_t imo_multicast_ifp;  /* (w) IP_MULTICAST_IF: handle; 0: none */
	uint32_t imo_multicast_addr; /* the address that named it */
	uint8_t imo_multicast_ttl;
	bool imo_multicast_loop;
	uint32_t imo_nfilters;
	TAILQ_HEAD(, in_mfilter) imo_head; /* (o) */
	TAILQ_ENTRY(ip_moptions) imo_link; /* of the vnet */
};

/* A source that has changed, and how often that is still to be told. */
struct in_mchange {
	uint32_t mc_src;
	uint32_t mc_left;
};

/* v1 and v2: FreeBSD's names of states, without what our timers say. */
enum igmp_state {
	IGMP_NOT_MEMBER,
	IGMP_SILENT_MEMBER,    /* nothing is ever said about it */
	IGMP_REPORTING_MEMBER, /* we told the routers last */
	IGMP_IDLE_MEMBER,      /* somebody else did */
	IGMP_LEAVING_MEMBER,   /* no member any more; is being told */
};

/* A group at an interface. */
struct in_multi {
	uint32_t inm_addr;
	uint8_t inm_state; /* enum igmp_state */
	uint8_t inm_mode;  /* MCAST_: of all members together */
	uint8_t inm_scrv;  /* a change of mode is to be told so often */
	bool inm_told;     /* ... and has been, at least once */
	struct in_slist inm_sources; /* (o) of all together */
	struct in_slist inm_rec;     /* (o) asked about, to be answered */
	struct in_mchange *inm_chg;  /* (o) changes that are to be told */
	uint32_t inm_nchg;
	uint32_t inm_nmembers;
	int64_t inm_timer;   /* answer, or v2's report: due; IGMP_NEVER */
	int64_t inm_sctimer; /* next report of changes: due; IGMP_NEVER */
	int64_t inm_lastgsr; /* last query about sources that was heeded */
	struct igmp_ifsoftc *inm_igi; /* (b) where; it owns this */
	struct ref inm_ifma;          /* (r) link-layer group; none on lo */
	TAILQ_HEAD(, in_mfilter) inm_members;
	TAILQ_ENTRY(in_multi) inm_link;
};

/* IGMP at an interface. */
struct igmp_ifsoftc {
	struct ifnet *igi_ifp; /* (b) goes before it does */
	uint8_t igi_version;   /* IGMP_VERSION_: compatible with the querier */
	bool igi_silent;       /* loopback */
	uint8_t igi_rv;        /* robustness variable */
	uint32_t igi_qi;       /* query interval, s */
	uint32_t igi_qri;      /* query response interval, s */
	uint32_t igi_uri;      /* unsolicited report interval, s */
	uint32_t igi_ninms;
	int64_t igi_v1_timer; /* a querier of v1 is there until then; or 0 */
	int64_t igi_v2_timer; /* likewise of v2 */
	int64_t igi_v3_timer; /* answer to a general query; IGMP_NEVER */
	TAILQ_HEAD(, in_multi) igi_inms; /* (o) as they came */
	TAILQ_ENTRY(igmp_ifsoftc) igi_link;
};

/* FreeBSD's names. */
enum igmp_stat {
	IGPS_rcv_total,
	IGPS_rcv_tooshort,
	IGPS_rcv_badttl,
	IGPS_rcv_badsum,
	IGPS_rcv_v1v2_queries,
	IGPS_rcv_v3_queries,
	IGPS_rcv_badqueries,
	IGPS_rcv_gen_queries,
	IGPS_rcv_group_queries,
	IGPS_rcv_gsr_queries,
	IGPS_drop_gsr_queries,
	IGPS_rcv_reports,
	IGPS_rcv_badreports,
	IGPS_rcv_ourreports,
	IGPS_rcv_nora,
	IGPS_snd_reports,
	IGPS_N,
};

/* Tunables: net.inet.igmp and net.inet.ip.mcast. */
enum igmp_tun {
	IGT_default_version,
	IGT_recvifkludge,
	IGT_sendra,
	IGT_sendlocal,
	IGT_v1enable,
	IGT_v2enable,
	IGT_legacysupp,
	IGT_gsrdelay,
	IGT_maxgrpsrc,
	IGT_maxsocksrc,
	IGT_loop,
	IGT_N,
};

struct igmp_main {
	TAILQ_HEAD(, igmp_ifsoftc) ifs; /* (o) */
	TAILQ_HEAD(, ip_moptions) imos; /* (b) the pcbs own them */
	uint32_t nimos, ninms;
	uint32_t npending; /* groups with a change to tell */
	bool shut;
	int32_t tun[IGT_N];
	struct callout timer;
	int64_t due;     /* of the timer; IGMP_NEVER */
	uint64_t draws;  /* of krandom("igmp.delay") */
	struct waitq wq; /* the farewell waits for npending */
	struct eventhandler_entry *departure; /* (o) */
	uint32_t stat[IGPS_N];
};

struct vnet_igmp {
	struct igmp_main *main; /* (o) NULL until needed */
	uint32_t nifs;          /* igmp_ifsoftc */
	uint32_t nimfs;         /* in_mfilter: memberships of sockets */
};
VNET_STATE(igmp, struct vnet_igmp);
#define V_igmp_main     VNET(igmp).main
#define V_igmp          (*V_igmp_main)
#define IGMPSTAT_INC(f) ((void)(V_igmp_main != NULL && ++V_igmp.stat[IGPS_##f]))

enum igmp_zone {
	IGMP_Z_MAIN,
	IGMP_Z_IFSOFTC,
	IGMP_Z_MULTI,
	IGMP_Z_MFILTER,
	IGMP_Z_MOPTIONS,
	IGMP_Z_SOURCES,
	IGMP_Z_CHANGES,
};
extern const struct uma_zone in_multi_zone, in_mfilter_zone, ip_moptions_zone;
extern const struct uma_zone in_msource_zone, in_mchange_zone;

/* ---- igmp.c ---- */

/* A tunable's value, also where nothing was made yet. */
int32_t igmp_tunable(enum igmp_tun t);
/* Make the vnet's part.  Return: 0; VE_NOBUFS; VE_NETDOWN: it has ended. */
int igmp_attach(void);
/* What there was before a call that may fail for want of memory. */
struct igmp_mark {
	const struct ifnet *mk_ifp;
	bool mk_main, mk_igi, mk_imo;
};
/* Remember it; @ifp may be NULL. */
void igmp_mark(
    struct igmp_mark *mk, const struct inpcb *inp, const struct ifnet *ifp);
/* The call has failed: what it made goes. */
void igmp_undo(const struct igmp_mark *mk, struct inpcb *inp);
/* IGMP at an interface; @make it.  Return: NULL: none, or no memory. */
struct igmp_ifsoftc *igmp_ifsoftc_find(const struct ifnet *ifp);
struct igmp_ifsoftc *igmp_ifsoftc_get(struct ifnet *ifp);
/* A querier of version @v was heard; or only look whether one still is. */
void igmp_set_version(struct igmp_ifsoftc *igi, int v);
/* A group ends with all that waits in it; it has no members. */
void inm_free(struct in_multi *inm);
/* Is it one that routers are told about? */
bool igmp_isgroupreported(uint32_t addr);
/* Does this vnet keep silent (it crashed), or has IP ended? */
bool igmp_mute(void);

/* ---- igmp_timer.c ---- */

/* Something is due at @when. */
void igmp_want(int64_t when);
/* Up to @max ns from now, not 0; another one each time. */
int64_t igmp_random_delay(int64_t max);
/**
 * igmp_change_state() - what the members want together has changed
 * @inm:	group
 * @mode:	MCAST_ of all together; INCLUDE and no sources: nobody is left
 * @src:	takes the sources
 *
 * Cannot fail.  The group may be gone afterwards, if it has no members.
 */
void igmp_change_state(
    struct in_multi *inm, uint32_t mode, struct in_slist *src);
/* Tell now, once, what was not told yet; nothing is pending afterwards.
 * @say: or forget it. */
void igmp_flush(bool say);
/* No answer and no report of changes is due any more. */
void igmp_cancel_timers(struct igmp_ifsoftc *igi);

/* ---- igmp_report.c ---- */

/* A report of version 3 in the making; all zero but the interface. */
struct igmp_report {
	struct igmp_ifsoftc *ir_igi;
	struct mbuf *ir_m; /* (o) */
	uint32_t ir_nrec;
};
/* Append a record; what is full is sent. */
void igmp_report_add(struct igmp_report *ir, uint8_t type, uint32_t group,
    const struct in_slist *src);
void igmp_report_send(struct igmp_report *ir);
/* Versions 1 and 2: a report, or a goodbye. */
void igmp_v1v2_send(struct in_multi *inm, uint8_t type);
/* Answer what was asked about a group; nothing is asked any more. */
void igmp_v3_answer(struct igmp_report *ir, struct in_multi *inm);
/* The state of a group, for an answer to a general query. */
void igmp_v3_current(struct igmp_report *ir, const struct in_multi *inm);
/* One report of its changes.  Afterwards one is to be told less often. */
void igmp_v3_changes(struct igmp_report *ir, struct in_multi *inm);

/* ---- in_mcast_filter.c ---- */

bool in_slist_has(const struct in_slist *sl, uint32_t src);
/* Return: 0; VE_NOBUFS.  @src is not in it. */
int in_slist_add(struct in_slist *sl, uint32_t src);
/* @src is in it. */
void in_slist_del(struct in_slist *sl, uint32_t src);
/* @sl is empty.  In any order, also twice.  Return: 0; VE_NOBUFS. */
int in_slist_set(struct in_slist *sl, const uint32_t *src, uint32_t n);
void in_slist_free(struct in_slist *sl);
/**
 * inm_merge() - what the members of a group want together
 * @inm:	group
 * @mode:	out
 * @src:	out, the caller's
 *
 * RFC 9776 section 3.2.
 * Return:	0; VE_NOBUFS: no memory; VE_NOSPC: more than
 *		net.inet.ip.mcast.maxgrpsrc sources.
 */
int inm_merge(const struct in_multi *inm, uint32_t *mode, struct in_slist *src);

/* ---- in_multi.c ---- */

/* By address.  Return: NULL: not there.  It may have no member any more. */
struct in_multi *inm_lookup(const struct igmp_ifsoftc *igi, uint32_t group);
/* The same; it is made, without members.  Return: NULL: no memory. */
struct in_multi *inm_get(struct igmp_ifsoftc *igi, uint32_t group);

/* ---- in_moptions.c ---- */

/* A socket's options, made if need be.  Return: 0; VE_NOBUFS; VE_NETDOWN. */
int imo_get(struct inpcb *inp, struct ip_moptions **imop);
/* @imo may be NULL; @ifp NULL: at any.  Return: its membership, or NULL. */
struct in_mfilter *imo_match_group(
    const struct ip_moptions *imo, const struct ifnet *ifp, uint32_t group);

/* ---- in_mcast.c ---- */

/* Its interface departs, or the vnet ends: members go, without a word. */
void inm_purge(struct in_multi *inm);
/* All that a pcb has goes; what it was a member of is told. */
void inp_freemoptions(struct inpcb *inp);

#endif /* !SRC_NET_IP_IGMP_VAR_H */
