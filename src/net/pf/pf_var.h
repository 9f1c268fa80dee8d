/*
 * pf_var.h - between the files of the packet filter.
 *
 *	pf.c            the module: made at first use, on and off, the end
 *	pf_if.c         interfaces by name, there or not (kifs)
 *	pf_rules.c      the rules, which one decides
 *	pf_test.c       what a packet says; state, or rules, or neither
 *	pf_state.c      the table of states
 *	pf_state_tcp.c  sequence windows of TCP
 *	pf_state_icmp.c queries, and errors about what a state knows
 *	pf_purge.c      what has expired goes
 *	pf_send.c       RST and ICMP errors of "block return"
 *	pf_ioctl.c      what pfctl asks for
 *
 * Who holds whom: a state holds its rule and, if it is bound to one, its kif;
 * a rule holds the kif it names.  A rule that was replaced stays, unlinked,
 * until its last state has gone.  A kif goes with its last holder.  Nothing
 * here holds an interface: a kif forgets it when it departs, and finds it, or
 * another one of its name, when one arrives.
 */
#ifndef SRC_NET_PF_PF_VAR_H
#define SRC_NET_PF_PF_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/errno.h>
#include <vnetsim/pf.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/pfil.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/taskqueue.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/inet/in_hash.h"

struct eventhandler_entry;

enum { PF_INOUT, PF_IN, PF_OUT };

/* Reasons; FreeBSD's order, names in pf.c. */
enum pfres {
	PFRES_MATCH,
	PFRES_BADOFF,
	PFRES_FRAG,
	PFRES_SHORT,
	PFRES_NORM,
	PFRES_MEMORY,
	PFRES_TS,
	PFRES_CONGEST,
	PFRES_IPOPTIONS,
	PFRES_PROTCKSUM,
	PFRES_BADSTATE,
	PFRES_STATEINS,
	PFRES_MAXSTATES,
	PFRES_SRCLIMIT,
	PFRES_SYNPROXY,
	PFRES_MAX,
};

/* States of a peer but TCP's. */
enum { PFS_NO_TRAFFIC, PFS_SINGLE, PFS_MULTIPLE };

#define PF_WSCALE_FLAG 0x80u /* it said what its scale is */
#define PF_WSCALE_MASK 0x0fu

#define PF_SENDQ_MAX   256  /* answers that wait to be sent */
#define PF_PURGE_BATCH 1024 /* states looked at in one event */

/* An interface by its name. */
struct pfi_kkif {
	char pfik_name[IFNAMSIZ];
	LIST_ENTRY(pfi_kkif) pfik_link;
	struct ifnet *pfik_ifp; /* (w) NULL: there is none of that name */
	bool pfik_skip;         /* "set skip on": stays without a holder */
};

struct pf_krule {
	TAILQ_ENTRY(pf_krule) entries;
	struct vnetsim_pf_rule conf; /* zero behind the end of its name */
	struct ref kif;              /* (r) pfi_kkif of conf.ifname */
	uint64_t evaluations;
	uint64_t packets[2], bytes[2]; /* in, out */
	uint32_t states_cur, states_tot;
	uint32_t nr;
	bool unlinked; /* replaced: on the list of those that wait */
};
TAILQ_HEAD(pf_krulequeue, pf_krule);

struct pf_state_peer {
	uint32_t seqlo;   /* highest sequence number sent, + 1 */
	uint32_t seqhi;   /* highest one the other end has room for */
	uint16_t max_win; /* largest window seen, unscaled */
	uint8_t state;    /* TCPS_ or PFS_ */
	uint8_t wscale;
};

/* The key names the far end first, whichever way the packet went. */
struct pf_kstate {
	struct in_hnode hnode;
	TAILQ_ENTRY(pf_kstate) entry; /* oldest first */
	uint32_t addr[2];
	uint16_t port[2];
	uint8_t proto;
	uint8_t direction; /* PF_IN or PF_OUT */
	uint8_t timeout;   /* enum vnetsim_pf_timeout */
	struct pf_state_peer src, dst;
	struct ref rule; /* (r) pf_krule that made it */
	struct ref kif;  /* (r) pfi_kkif it is bound to, or empty */
	uint64_t id;
	int64_t creation;
	int64_t expire; /* last packet; its timeout counts from here */
	uint64_t packets[2], bytes[2];
};

/* "block return": an answer that waits for its task. */
struct pf_send_entry {
	STAILQ_ENTRY(pf_send_entry) pfse_next;
	struct mbuf *pfse_m; /* (o) TCP segment, or the packet to quote */
	uint32_t pfse_src, pfse_dst;
	bool pfse_icmp;
};

/* All that pf has in a vnet; from first use to uninit. */
struct pf_main {
	bool running;
	bool sending;     /* pf's own packets are not filtered */
	bool purge_again; /* the timer fired during a walk */
	int64_t since;    /* virtual time of the last start or stop */
	pfil_hook_t hook; /* (o) while running */
	struct pf_krulequeue rules, unlinked_rules;
	uint32_t nrules, nunlinked;
	LIST_HEAD(, pfi_kkif) kifs;
	uint32_t nkifs;
	struct in_hash hash;
	TAILQ_HEAD(, pf_kstate) states;
	uint32_t nstates, limit_states;
	uint64_t stateid;
	uint32_t timeout[VNETSIM_PFTM_N];
	uint64_t counters[PFRES_MAX];
	uint64_t searches, inserts, removals;
	struct callout purge_timer;
	struct task purge_task;
	int64_t purge_due;            /* INT64_MAX: not armed */
	int64_t purge_min;            /* earliest expiry seen by the walk */
	struct pf_kstate *purge_next; /* (w) where the walk goes on */
	struct task send_task;
	STAILQ_HEAD(, pf_send_entry) sendq;
	uint32_t nsendq;
	struct eventhandler_entry *arrival, *departure; /* (o) */
};

struct vnet_pf {
	struct pf_main *main; /* (o) NULL: never used */
};
VNET_STATE(pf, struct vnet_pf);
#define V_pf_main VNET(pf).main
#define V_pf      (*V_pf_main)

enum { PF_Z_MAIN, PF_Z_RULE, PF_Z_STATE, PF_Z_KIF, PF_Z_SEND };
extern const struct uma_zone pf_rule_zone, pf_state_zone, pf_kif_zone,
    pf_send_zone;

#define PF_COUNT(reason) ((void)V_pf.counters[reason]++)

/* What pf knows of a packet; nothing of it outlives the event. */
struct pf_pdesc {
	struct mbuf *m;
	struct ifnet *ifp;
	struct pfi_kkif *kif; /* NULL: nobody named the interface */
	uint8_t dir;          /* PF_IN or PF_OUT */
	uint8_t proto;
	bool fragment;
	bool options;
	bool icmp_error;
	uint8_t icmp_type;
	uint32_t src, dst;
	uint16_t sport, dport; /* ICMP: the id */
	uint32_t off;          /* of the L4 header */
	uint32_t p_len;        /* payload behind the TCP header */
	uint32_t tot_len;
	uint32_t seq, ack;
	uint16_t win;
	uint8_t flags;   /* TH_ */
	uint8_t wscale;  /* as pf_state_peer.wscale, if SYN */
	uint8_t hdr[60]; /* TCP header with options, or what there is */
};

/* What a look at the states says. */
enum pf_verdict { PFV_NOSTATE, PFV_PASS, PFV_DROP };

/* pf.c */

/**
 * pf_attach() - what pf needs in curvnet, if it is not there
 * @made:	out: it was not
 *
 * Return:	0; VE_NOMEM.
 */
int pf_attach(bool *made);

/* Undo it: there is nothing in it. */
void pf_detach(void);

/**
 * pf_start(), pf_stop() - hook into the way of packets, and out of it
 *
 * Return:	0; VE_EXIST: it runs; VE_NOENT: it does not; VE_NOMEM.
 */
int pf_start(void);
int pf_stop(void);

/* pf_if.c */

/**
 * pfi_kkif_get() - the kif of a name, held through @slot
 * @slot:	empty
 * @name:	of an interface, there or not
 *
 * Return:	0; VE_NOMEM.
 */
int pfi_kkif_get(struct ref *slot, const char *name);

/* Let go; the last one frees it.  Fine if empty. */
void pfi_kkif_unref(struct ref *slot);

/* The kif of an interface, NULL: nobody has named it.  O(kifs). */
struct pfi_kkif *pfi_kkif_of(const struct ifnet *ifp);

/* "set skip on": replaces what was set before.  Return: 0; VE_NOMEM
 * (unchanged). */
int pfi_set_skip(const struct vnetsim_pf_conf *conf);
void pfi_clear_skip(void);

void pfi_arrival(void *arg, void *obj, int value);
void pfi_departure(void *arg, void *obj, int value);

/* pf_rules.c */

/* A rule, held by nobody.  Return: NULL: no memory. */
struct pf_krule *pf_krule_new(const struct vnetsim_pf_rule *conf);
void pf_krule_free(struct pf_krule *r);
/* Free those of a queue that nobody sees yet. */
void pf_krules_free(struct pf_krulequeue *q);
/* Take the place of the rules there are.  Empties @q. */
void pf_krules_commit(struct pf_krulequeue *q);
/* A state let go of it. */
void pf_krule_rele(struct ref *slot);
/* Replaced rules that no state holds any more. */
void pf_purge_unlinked_rules(void);

/**
 * pf_match() - which rule decides
 * @pd:	packet
 *
 * Return:	the rule, NULL: none, so it passes.
 */
struct pf_krule *pf_match(const struct pf_pdesc *pd);

/* pf_state.c */

/**
 * pf_find_state() - by the ends of a packet
 * @proto:	IP protocol
 * @dir:	PF_IN or PF_OUT: how the packet goes
 * @src, @sport: sender
 * @dst, @dport: receiver
 * @kif:	of the interface, or NULL
 *
 * Return:	the state, NULL: none.
 */
struct pf_kstate *pf_find_state(uint8_t proto, uint8_t dir, uint32_t src,
    uint16_t sport, uint32_t dst, uint16_t dport, const struct pfi_kkif *kif);

/**
 * pf_create_state() - a packet passes and is remembered
 * @pd:	packet
 * @r:	the rule that let it pass
 *
 * Return:	the state, NULL: the limit is reached, or no memory (counted).
 */
struct pf_kstate *pf_create_state(
    const struct pf_pdesc *pd, struct pf_krule *r);

/* Forget one, forget all.  Return: how many. */
void pf_unlink_state(struct pf_kstate *s);
uint32_t pf_clear_states(void);

/* When, virtual ns. */
int64_t pf_state_expires(const struct pf_kstate *s);

/* A packet of a state came: its time starts again, with that timeout. */
void pf_state_seen(struct pf_kstate *s, enum vnetsim_pf_timeout tm);

/* A packet that may belong to a state.  @sp: out, NULL: none. */
enum pf_verdict pf_test_state(const struct pf_pdesc *pd, struct pf_kstate **sp);
/* pf_state_tcp.c */
void pf_state_tcp_new(struct pf_kstate *s, const struct pf_pdesc *pd);
enum pf_verdict pf_test_state_tcp(
    const struct pf_pdesc *pd, struct pf_kstate **sp);
/* Is this sequence number one that @src may have sent? */
bool pf_tcp_inwindow(const struct pf_state_peer *src,
    const struct pf_state_peer *dst, uint32_t seq);
/* pf_state_icmp.c: an error; about something that a state knows? */
enum pf_verdict pf_test_state_icmp(
    const struct pf_pdesc *pd, struct pf_kstate **sp);

/* pf_test.c: the hook. */
pfil_return_t pf_check(struct mbuf **mp, struct ifnet *ifp, int flags,
    void *ruleset, struct inpcb *inp);

/* pf_purge.c */

/* Something expires then: look for it at the next tick after that. */
void pf_purge_want(int64_t when);
void pf_purge_init(void);

/* pf_send.c */

/* Answer a blocked packet as @action says; nothing if there is no memory. */
void pf_return(const struct pf_pdesc *pd, enum vnetsim_pf_action action);
/* RST within a handshake gone wrong. */
void pf_send_rst(
    const struct pf_pdesc *pd, uint32_t seq, uint32_t ack, bool withack);
void pf_send_init(void);
void pf_send_drain(void);

/* pf_ioctl.c */

/* As in vnetsim/pf.h, in curvnet. */
int pf_load(const struct vnetsim_pf_conf *conf);
void pf_flush(unsigned what, uint32_t *states);
uint32_t pf_kill_states(
    uint32_t src, uint8_t splen, uint32_t dst, uint8_t dplen);
bool pf_rule_get(uint32_t n, struct vnetsim_pf_ruleinfo *info);
bool pf_state_get(uint32_t n, struct vnetsim_pf_stateinfo *info);
void pf_status_get(struct vnetsim_pf_status *st);
void pf_defaults(struct vnetsim_pf_conf *conf);
const char *pf_counter_name(unsigned which);
const char *pf_timeout_name(unsigned which);

VNET_MODULE_DECLARE(pf);

#endif /* !SRC_NET_PF_PF_VAR_H */
