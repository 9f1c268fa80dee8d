/*
 * wm_var.h - what the wire monitor keeps.
 *
 * Theory of operation
 * ===================
 *
 * One record per incarnation of a connection, with two ends.  An end's state
 * follows from two kinds of events: it *sent* a segment (its vnet put it on a
 * link) and a segment *arrived* (some vnet's frame reached its vnet).  What is
 * under way waits in a list per receiving end, ordered by arrival.
 *
 *	frame ── wm_parse ── wm_flow ──┬─ wm_flight_settle   arrivals so far
 *	                               ├─ wm_send            sender's end
 *	                               └─ wm_flight_add      until it arrives
 *	KILL, DEAD ── bound ── wm_judge: fate of each peer, outcome, findings
 *
 * Three rules keep the derivation honest:
 *
 *	R1  What an end says about itself wins.  An ACK that it sends tells
 *	    its RCV.NXT; a segment after its supposed close tells that it is
 *	    not closed.  Arrivals only fill the time between.
 *	R2  Within one instant the wire does not say what came first.  A
 *	    sender's arrivals of that same instant are applied as far as the
 *	    segment that it sends needs them, the rest when time moves on; so a
 *	    LATE of the same instant still finds what it cancels.
 *	R3  What memory made us miss is never judged (co_blind).
 *
 * A segment that is forwarded shows up once per hop.  Only the hop by the
 * vnet that owns the source is a sending, only the hop into the vnet that owns
 * the destination is an arrival.  The owner is whoever sent first with that
 * address and port; its frame is seen before any router's copy.
 *
 * The same four-tuple may be in use between other vnets at the same time
 * (every jail pair may be 10.0.0.1 and 10.0.0.2), so a connection is looked up
 * by four-tuple *and* vnet, and known under each vnet that its frames touched.
 *
 * Life keys: (c) constant, (p) index into a pool, 0 if none.
 */
#ifndef WIRE_WM_VAR_H
#define WIRE_WM_VAR_H

#include <vnetsim/wire.h>
#include <vnetsim/wiremon.h>

#include "src/teardown/wire/wm_parse.h"
#include "src/teardown/wire/wm_pool.h"

#define SEQ_LT(a, b)  ((int32_t)((a) - (b)) < 0)
#define SEQ_LEQ(a, b) ((int32_t)((a) - (b)) <= 0)
#define SEQ_GT(a, b)  ((int32_t)((a) - (b)) > 0)
#define SEQ_GEQ(a, b) ((int32_t)((a) - (b)) >= 0)

#define WM_NEVER INT64_MIN /* before any time */

/* A segment on its way to an end. */
struct wm_flight {
	uint32_t fl_next; /* (p) later arrival; first: the pool's free link */
	uint32_t fl_prev; /* (p) */
	uint32_t fl_conn; /* (p) */
	uint32_t fl_to;   /* vnet that it flies to */
	uint8_t fl_who;   /* receiving end */
	uint8_t fl_twice; /* the link doubled it */
	uint8_t fl_held;  /* the link lets later ones overtake it */
	int64_t fl_arrive;
	uint64_t fl_frame;
	struct wm_seg fl_seg;
};

/* Out-of-order data of an end, ascending, disjoint. */
struct wm_holes {
	uint32_t ho_n;
	uint32_t ho_lo[VNETSIM_WIREMON_RANGES];
	uint32_t ho_hi[VNETSIM_WIREMON_RANGES];
};

struct wm_end {
	uint32_t e_vnet; /* owner, or where its segments go (e_owned) */
	uint32_t e_next; /* (p) next end of that vnet: conn << 1 | who */
	uint8_t e_state;
	uint8_t e_prior; /* state before CLOSED, to return to (R1) */
	uint8_t e_how;
	uint8_t e_fate;
	bool e_owned;   /* e_vnet has sent as this end */
	bool e_sent;    /* has sent in this incarnation */
	bool e_insync;  /* e_rcvnxt and e_edge are known */
	bool e_finsent; /* e_finseq is known */
	bool e_finacked;
	bool e_finrcvd;    /* the peer's FIN was taken in order */
	bool e_finahead;   /* the peer's FIN at e_finat waits for data */
	bool e_midstream;  /* first seen without SYN: window scale unknown */
	bool e_inherited;  /* lives on from the incarnation before */
	bool e_superseded; /* lives on in the next incarnation */
	bool e_rstlost;    /* an RST to it was lost and not made up for */
	bool e_lastlost;   /* its last segment was lost on the way */
	uint8_t e_wscale;
	uint16_t e_synwin; /* window of its SYN, until e_insync */
	uint16_t e_phase;  /* (p) name, of its last segment */
	uint16_t e_step;   /* (p) name */
	uint32_t e_iss;
	uint32_t e_sndmax;
	uint32_t e_snduna; /* highest ACK that arrived */
	uint32_t e_finseq;
	uint32_t e_rcvnxt;
	uint32_t e_lastack;   /* of its last segment, if e_insync */
	uint32_t e_edge;      /* right edge of the widest window it offered */
	uint32_t e_finat;     /* where the peer's FIN is, if e_finahead */
	uint32_t e_holes;     /* (p) */
	uint32_t e_first;     /* (p) flights to it */
	uint32_t e_last;      /* (p) */
	uint32_t e_place;     /* link << 1 | end that it last spoke from */
	int64_t e_closed;     /* when it became CLOSED or TIME_WAIT, or -1 */
	int64_t e_challenged; /* an RST last drew a challenge ACK */
	int64_t e_lastsent;
	int64_t e_owesack; /* last arrival that asks for an ACK */
	uint64_t e_got;    /* segments that arrived */
	uint64_t e_bytes;
	uint64_t e_segs;
};

struct wm_conn {
	uint32_t co_addr[2]; /* (c) end 0 has the lower address and port */
	uint16_t co_port[2]; /* (c) */
	uint32_t co_head;    /* (p) first incarnation, holds co_cur */
	uint32_t co_cur;     /* (p) newest incarnation, in the head only */
	uint32_t co_prev;    /* (p) incarnation before */
	uint32_t co_succ;    /* (p) incarnation after */
	uint32_t co_inc;
	uint8_t co_opener; /* (c) end that was seen first */
	uint8_t co_outcome;
	bool co_frozen; /* co_outcome is final */
	bool co_established;
	bool co_fuzzy;
	bool co_blind;
	int64_t co_first;
	int64_t co_last;
	struct wm_end co_end[2];
};

struct wm_vnet {
	uint32_t vn_id;
	uint32_t vn_first;    /* (p) ends that it owns: conn << 1 | who */
	uint32_t vn_last;     /* (p) */
	uint32_t vn_wait;     /* (p) next vnet that waits for its judgement */
	uint32_t vn_noise[3]; /* findings by kind */
	uint8_t vn_policy;
	bool vn_judged;
	int64_t vn_killed; /* or -1 */
	int64_t vn_dead;   /* or -1 */
	int64_t vn_bound;
	int64_t vn_rto;
	char vn_name[VNETSIM_WIREMON_NAME];
};

struct wm_link {
	char lk_end[2][32];
};

struct wm_name {
	char nm_text[VNETSIM_WIREMON_NAME];
};

struct wm_find {
	struct vnetsim_wire_finding fi_pub; /* strings filled in when read */
	uint16_t fi_phase;                  /* (p) name */
	uint16_t fi_step;                   /* (p) name */
	char fi_text[VNETSIM_WIREMON_TEXT];
	char fi_key[VNETSIM_WIREMON_KEY];
};

struct vnetsim_wiremon {
	struct vnetsim_wiremon_mem wm_mem;
	struct vnetsim_wire_stats wm_stats;
	int64_t wm_now;
	int64_t wm_nextdue; /* earliest bound of a dead vnet, or INT64_MAX */
	uint32_t wm_wait;   /* (p) killed and not judged, in order of KILL */
	uint32_t wm_waitlast;
	uint32_t wm_ndead; /* vnets that have died */
	struct wm_pool wm_conns;
	struct wm_pool wm_vnets;
	struct wm_pool wm_links;
	struct wm_pool wm_names;
	struct wm_pool wm_flights;
	struct wm_pool wm_holes;
	struct wm_pool wm_finds;
	struct wm_map wm_flowmap;   /* four-tuple and vnet: head incarnation */
	struct wm_map wm_vnetmap;   /* id: wm_vnets */
	struct wm_map wm_linkmap;   /* number: wm_links */
	struct wm_map wm_flightmap; /* frame number: wm_flights */
	struct wm_map wm_taintmap;  /* wm_parse_pair(): 1 */
};

static inline struct wm_conn *
wm_conn_at(const struct vnetsim_wiremon *wm, uint32_t i)
{
	return (wm_pool_at(&wm->wm_conns, i));
}

/* CLOSED, LISTEN and TIME_WAIT owe nothing and are owed nothing. */
static inline bool
wm_isclosed(uint8_t state)
{
	return (state == VNETSIM_TCP_CLOSED || state == VNETSIM_TCP_LISTEN ||
		state == VNETSIM_TCP_TIME_WAIT);
}

/* wm_send.c: an end sends. */
void wm_send(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now);

/* wm_arrive.c: a segment arrives at an end. */
void wm_arrive(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now);

/* wm_fsm.c: what both have in common. */
void wm_state(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    uint8_t state, uint8_t how, int64_t now);
void wm_revive(struct wm_conn *co, unsigned int who);
void wm_end_reset(struct vnetsim_wiremon *wm, struct wm_end *e);
void wm_finrcvd(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, int64_t now);
void wm_finacked(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, int64_t now);

/* wm_rcv.c: RCV.NXT from what arrived. */
void wm_rcv_data(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, uint32_t seq, uint32_t len);
void wm_rcv_skip(struct vnetsim_wiremon *wm, struct wm_end *e, uint32_t upto);
void wm_rcv_forget(struct vnetsim_wiremon *wm, struct wm_end *e);

/* wm_flight.c: segments under way. */
void wm_flight_add(struct vnetsim_wiremon *wm, struct wm_conn *co, uint32_t ci,
    unsigned int who, const struct wm_seg *sg,
    const struct vnetsim_wire_event *ev);
void wm_flight_until(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, int64_t before);
void wm_flight_settle(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, const struct wm_seg *sg, int64_t now);
void wm_flight_forget(
    struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who);
void wm_flight_late(struct vnetsim_wiremon *wm, uint64_t frame);
void wm_flight_moved(
    struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);
bool wm_flight_isheld(
    const struct vnetsim_wiremon *wm, const struct wm_end *e, uint8_t flags);

/* wm_conn.c: records and incarnations. */
uint32_t wm_flow(struct vnetsim_wiremon *wm, const struct wm_seg *sg,
    const struct vnetsim_wire_event *ev, unsigned int *who);
uint32_t wm_incarnate(struct vnetsim_wiremon *wm, uint32_t ci, unsigned int who,
    const struct wm_seg *sg, uint32_t vnet);
void wm_own(
    struct vnetsim_wiremon *wm, uint32_t ci, unsigned int who, uint32_t vnet);

/* wm_frame.c: one frame. */
void wm_frame(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);

/* wm_taint.c: damaged elsewhere. */
bool wm_tainted(
    const struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);
void wm_taint(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);

/* wm_vnet.c: vnets, links, names; births, kills and deaths. */
struct wm_vnet *wm_vnet_find(const struct vnetsim_wiremon *wm, uint32_t id);
struct wm_vnet *wm_vnet_get(struct vnetsim_wiremon *wm, uint32_t id);
bool wm_vnet_isdead(const struct vnetsim_wiremon *wm, uint32_t id);
const char *wm_vnet_name(const struct vnetsim_wiremon *wm, uint32_t id);
uint16_t wm_name_get(struct vnetsim_wiremon *wm, const char *name);
const char *wm_name_text(const struct vnetsim_wiremon *wm, uint16_t i);
void wm_born(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);
void wm_kill(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);
void wm_dead(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);
void wm_link(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);

/* wm_judge.c: bounds, fates and outcomes. */
void wm_judge_due(struct vnetsim_wiremon *wm, int64_t now, bool end);
uint8_t wm_outcome(const struct vnetsim_wiremon *wm, const struct wm_conn *co);
uint8_t wm_fate(const struct vnetsim_wiremon *wm, const struct wm_vnet *dead,
    const struct wm_conn *co, unsigned int who);
const struct wm_end *wm_heir(const struct vnetsim_wiremon *wm,
    const struct wm_conn *co, unsigned int who, const struct wm_conn **in);

/* wm_find.c: findings and their words. */
void wm_find_stuck(struct vnetsim_wiremon *wm, const struct wm_vnet *dead,
    uint32_t ci, unsigned int who);
void wm_find_frame(struct vnetsim_wiremon *wm, uint8_t kind,
    const struct vnetsim_wire_event *ev, const char *why);

#endif /* !WIRE_WM_VAR_H */
