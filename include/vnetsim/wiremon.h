/*
 * wiremon.h - the wire monitor: what each TCP end was told, from bytes alone.
 *
 * Feed it the stream of <vnetsim/wire.h>, live or rebuilt from a capture, and
 * it answers: which connections there were, how each ended, which peer of a
 * dead vnet was left behind, who sent after its death, which headers lie.  It
 * knows nothing of the stack that it judges; the same stream gives the same
 * answers, in the same order, wherever it is run.
 *
 *	wm = vnetsim_wiremon_create(&mem);
 *	for each event:	vnetsim_wiremon_event(wm, &ev);
 *	vnetsim_wiremon_end(wm, now);
 *	for (i = 0; vnetsim_wiremon_finding(wm, i, &f); i++) ...
 *	vnetsim_wiremon_destroy(wm);
 *
 * All state lives in memory from the caller's allocator and holds no pointer
 * elsewhere but to program text, so a monitor is saved and restored by copying
 * that memory to the same address.  Nothing blocks, nothing is printed.
 */
#ifndef VNETSIM_WIREMON_H
#define VNETSIM_WIREMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vnetsim/wire.h>

/*
 * Limits.  A name longer than NAME - 1 bytes is cut.  An end keeps RANGES
 * holes of out-of-order data; one more makes its connection fuzzy.  A vnet
 * gets NOISE findings of kind header and as many of kind dead-sender, further
 * ones are only counted.  No allocation exceeds 64 KiB below 130,000
 * connections.
 */
enum {
	VNETSIM_WIREMON_NAME = 64,
	VNETSIM_WIREMON_RANGES = 32,
	VNETSIM_WIREMON_NOISE = 16,
	VNETSIM_WIREMON_TEXT = 320,
	VNETSIM_WIREMON_KEY = 224,
};

/* TCP's states, RFC 9293 section 3.3.2. */
enum vnetsim_wire_state {
	VNETSIM_TCP_CLOSED,
	VNETSIM_TCP_LISTEN, /* a SYN came, no answer was seen yet */
	VNETSIM_TCP_SYN_SENT,
	VNETSIM_TCP_SYN_RECEIVED,
	VNETSIM_TCP_ESTABLISHED,
	VNETSIM_TCP_FIN_WAIT_1,
	VNETSIM_TCP_FIN_WAIT_2,
	VNETSIM_TCP_CLOSE_WAIT,
	VNETSIM_TCP_CLOSING,
	VNETSIM_TCP_LAST_ACK,
	VNETSIM_TCP_TIME_WAIT,
};

/* How an end came to be closed. */
enum vnetsim_wire_how {
	VNETSIM_HOW_OPEN,     /* it is not closed */
	VNETSIM_HOW_FIN,      /* through FINs, into TIME_WAIT or CLOSED */
	VNETSIM_HOW_RST_RCVD, /* an acceptable RST arrived */
	VNETSIM_HOW_RST_SENT, /* it sent RST itself */
};

/* How a connection ended. */
enum vnetsim_wire_outcome {
	VNETSIM_OUT_OPEN,      /* not yet */
	VNETSIM_OUT_FINNED,    /* both FINs acknowledged by ACKs that arrived */
	VNETSIM_OUT_RESET,     /* both ends closed, one of them by RST */
	VNETSIM_OUT_ABANDONED, /* an end died or started over, none of these */
};

/* What became of the peer of a vnet that was killed. */
enum vnetsim_wire_fate {
	VNETSIM_FATE_PENDING,   /* the bound has not come */
	VNETSIM_FATE_NONE,      /* no obligation: never heard of it, or dead */
	VNETSIM_FATE_CLOSED,    /* closed in time */
	VNETSIM_FATE_STUCK,     /* a finding */
	VNETSIM_FATE_EXCUSED,   /* not closed; the closing segment was lost */
	VNETSIM_FATE_SILENT,    /* not closed; the policy was crash */
	VNETSIM_FATE_UNDECIDED, /* not closed; the run or the record is short */
};

enum vnetsim_wire_finding_kind {
	VNETSIM_WF_STUCK,       /* a peer of a dead vnet is not closed */
	VNETSIM_WF_DEAD_SENDER, /* a frame was sent by a vnet after its death */
	VNETSIM_WF_HEADER,      /* a vnet sent a header that does not hold */
};

/**
 * struct vnetsim_wiremon_mem - where a monitor's memory comes from
 * @alloc:	@size bytes (never 0) aligned for any object, or NULL
 * @free:	returns what @alloc gave; never called with NULL
 * @ctx:	handed to both
 */
struct vnetsim_wiremon_mem {
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *p);
	void *ctx;
};

/**
 * struct vnetsim_wire_end - one end of a connection
 * @wn_vnet:	vnet that sends with this address and port; where it never
 *		sent, the vnet that its segments reach; or VNETSIM_NOVNET
 * @wn_name:	that vnet's name, "vnet7" if it has none, "outside"
 * @wn_addr:	IPv4 address, host order
 * @wn_port:	port, host order
 * @wn_sent:	it has sent something in this incarnation
 * @wn_finsent:	it has sent FIN
 * @wn_finacked: and an ACK of it has arrived
 * @wn_state:	enum vnetsim_wire_state, as derived
 * @wn_how:	enum vnetsim_wire_how
 * @wn_fate:	enum vnetsim_wire_fate: how it fared as peer of the other end's
 *		vnet, once that was killed
 * @wn_closed:	virtual ns of closing (CLOSED or TIME_WAIT), -1 if open
 * @wn_bytes:	payload bytes sent, retransmissions not counted
 * @wn_segs:	segments sent, retransmissions counted
 * @wn_phase:	teardown phase in which it last sent, NULL: while it lived
 * @wn_step:	teardown step in which it last sent, or NULL
 *
 * Strings belong to the monitor and live as long as it.
 */
struct vnetsim_wire_end {
	uint32_t wn_vnet;
	const char *wn_name;
	uint32_t wn_addr;
	uint16_t wn_port;
	bool wn_sent;
	bool wn_finsent;
	bool wn_finacked;
	uint8_t wn_state;
	uint8_t wn_how;
	uint8_t wn_fate;
	int64_t wn_closed;
	uint64_t wn_bytes;
	uint64_t wn_segs;
	const char *wn_phase;
	const char *wn_step;
};

/**
 * struct vnetsim_wire_conn - one incarnation of a connection
 * @wc_end:	[0] sent the first segment, [1] is the other end
 * @wc_incarnation: 1 for the first use of the four-tuple, then 2, ...
 * @wc_outcome:	enum vnetsim_wire_outcome; final once a dead vnet is judged
 * @wc_established: an end got beyond SYN_RECEIVED
 * @wc_fuzzy:	too many holes to know RCV.NXT; an RST in the window closes
 * @wc_blind:	memory ran out while it was watched; nothing is judged
 * @wc_first:	virtual ns of the first segment
 * @wc_last:	virtual ns of the last segment sent by an end
 */
struct vnetsim_wire_conn {
	struct vnetsim_wire_end wc_end[2];
	uint32_t wc_incarnation;
	uint8_t wc_outcome;
	bool wc_established;
	bool wc_fuzzy;
	bool wc_blind;
	int64_t wc_first;
	int64_t wc_last;
};

/**
 * struct vnetsim_wire_vnet - one vnet, its connections and its farewell
 * @wv_vnet:	its id
 * @wv_name:	its name
 * @wv_killed:	virtual ns of KILL, -1 if none was seen
 * @wv_dead:	virtual ns of DEAD, -1 if none was seen
 * @wv_bound:	virtual ns at which its peers are judged, -1 if not killed
 * @wv_policy:	enum vnetsim_close, if killed
 * @wv_judged:	its peers have been judged
 * @wv_finned, @wv_reset, @wv_abandoned, @wv_open: its connections by outcome,
 *		only those with @wc_established
 * @wv_embryos:	its connections that never were established
 * @wv_peers:	peers to tell: surviving ends that had heard from it and were
 *		not closed when it was killed
 * @wv_by_fin, @wv_by_rst, @wv_by_own: of these closed by FINs, by an RST that
 *		arrived, by an RST of their own
 * @wv_stuck, @wv_excused, @wv_silent, @wv_undecided: of these not closed, by
 *		enum vnetsim_wire_fate; PENDING counts as undecided
 * @wv_within:	ns from the kill to the last of these closings, 0 if none
 */
struct vnetsim_wire_vnet {
	uint32_t wv_vnet;
	const char *wv_name;
	int64_t wv_killed;
	int64_t wv_dead;
	int64_t wv_bound;
	uint8_t wv_policy;
	bool wv_judged;
	uint32_t wv_finned;
	uint32_t wv_reset;
	uint32_t wv_abandoned;
	uint32_t wv_open;
	uint32_t wv_embryos;
	uint32_t wv_peers;
	uint32_t wv_by_fin;
	uint32_t wv_by_rst;
	uint32_t wv_by_own;
	uint32_t wv_stuck;
	uint32_t wv_excused;
	uint32_t wv_silent;
	uint32_t wv_undecided;
	int64_t wv_within;
};

/**
 * struct vnetsim_wire_finding - one wrong behaviour
 * @wf_kind:	enum vnetsim_wire_finding_kind
 * @wf_time:	virtual ns: STUCK the bound, else when the frame was sent
 * @wf_vnet:	STUCK: the dead vnet; else the sender
 * @wf_peer:	STUCK: the surviving vnet; else VNETSIM_NOVNET
 * @wf_conn:	STUCK: index for vnetsim_wiremon_conn()
 * @wf_addr:	STUCK: IPv4 addresses, [0] of the dead, [1] of the peer
 * @wf_port:	STUCK: the ports
 * @wf_state:	STUCK: state of the peer
 * @wf_frame:	DEAD_SENDER, HEADER: number of the frame
 * @wf_phase:	STUCK: phase in which the dead one last sent on this
 *		connection, else that of the frame; NULL: while it lived
 * @wf_step:	likewise the step
 * @wf_text:	one line for people, without a newline
 * @wf_key:	what makes it the same bug: kind, names, state or reason, step;
 *		no times, ports or numbers.  Several findings may share it.
 *
 * Strings belong to the monitor and live as long as it.
 */
struct vnetsim_wire_finding {
	uint8_t wf_kind;
	uint8_t wf_state;
	int64_t wf_time;
	uint32_t wf_vnet;
	uint32_t wf_peer;
	size_t wf_conn;
	uint32_t wf_addr[2];
	uint16_t wf_port[2];
	uint64_t wf_frame;
	const char *wf_phase;
	const char *wf_step;
	const char *wf_text;
	const char *wf_key;
};

/**
 * struct vnetsim_wire_stats - counters over the whole stream
 * @ws_incomplete: memory ran out; what is reported holds, but something may
 *		be missing
 * @ws_ended:	vnetsim_wiremon_end() has run
 * @ws_frames:	frames seen; the next seven add up to it
 * @ws_tcp, @ws_udp, @ws_icmp, @ws_arp: whole and sound frames by protocol
 * @ws_frags:	IPv4 fragments: counted, not followed
 * @ws_other:	anything else, IPv6 included
 * @ws_bad:	headers that do not hold, from outside included
 * @ws_lost:	verdict LOST, QUEUE or CUT
 * @ws_corrupt:	verdict CORRUPT
 * @ws_late:	LATE events; @ws_late_unmatched of them named no TCP segment
 *		under way
 * @ws_untracked: TCP segments that no record follows (strays, no memory,
 *		source equal to destination)
 * @ws_noise:	findings beyond VNETSIM_WIREMON_NOISE, counted only
 * @ws_disorder: events older than the one before; taken at that one's time
 * @ws_undecided: peers not closed whose bound the run did not reach
 */
struct vnetsim_wire_stats {
	bool ws_incomplete;
	bool ws_ended;
	uint64_t ws_frames;
	uint64_t ws_tcp;
	uint64_t ws_udp;
	uint64_t ws_icmp;
	uint64_t ws_arp;
	uint64_t ws_frags;
	uint64_t ws_other;
	uint64_t ws_bad;
	uint64_t ws_lost;
	uint64_t ws_corrupt;
	uint64_t ws_late;
	uint64_t ws_late_unmatched;
	uint64_t ws_untracked;
	uint64_t ws_noise;
	uint64_t ws_disorder;
	uint64_t ws_undecided;
};

struct vnetsim_wiremon;

/**
 * vnetsim_wiremon_create() - make a monitor
 * @mem:	where its memory comes from; the struct itself is copied
 *
 * Takes less than 1 KiB at once, more with the first vnets, links, connections.
 *
 * Return: the monitor, or NULL if @mem gave no memory.
 */
struct vnetsim_wiremon *vnetsim_wiremon_create(
    const struct vnetsim_wiremon_mem *mem);

/**
 * vnetsim_wiremon_destroy() - give all memory back
 * @wm:		from vnetsim_wiremon_create(), or NULL
 *
 * Takes: @wm and every string it handed out.
 */
void vnetsim_wiremon_destroy(struct vnetsim_wiremon *wm);

/**
 * vnetsim_wiremon_event() - feed one event of the stream
 * @wm:		the monitor
 * @ev:		the event, borrowed for the call; nothing in it is trusted
 *
 * Events come in order of time.  Peers of a killed vnet are judged by the
 * first event that is later than their bound.  END does what
 * vnetsim_wiremon_end() does; what follows END is ignored.
 *
 * Running out of memory is not an error: the monitor goes on, knows less, and
 * says so (ws_incomplete, wc_blind); it never reports what it cannot know.
 *
 * Time: O(1) on average, and O(connections of a vnet) once it is judged.
 */
void vnetsim_wiremon_event(
    struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev);

/**
 * vnetsim_wiremon_advance() - time has passed without an event
 * @wm:		the monitor
 * @time:	virtual ns; what was to arrive until then has arrived
 *
 * So that a look in the middle of a run sees what is true by then.
 */
void vnetsim_wiremon_advance(struct vnetsim_wiremon *wm, int64_t time);

/**
 * vnetsim_wiremon_end() - the run is over, judge what can be judged
 * @wm:		the monitor
 * @time:	virtual ns of the end; segments that arrive later never do
 *
 * A peer whose bound lies after @time is counted undecided unless it is
 * closed.  Idempotent.
 */
void vnetsim_wiremon_end(struct vnetsim_wiremon *wm, int64_t time);

/**
 * vnetsim_wiremon_due() - until when to run so that all is decided
 * @wm:		the monitor
 *
 * Return: virtual ns of the last bound of a dead vnet that is not judged yet;
 *	-1 if there is none.  A killed vnet that is not dead yet has none: its
 *	bound is known to vnetsim_wiremon_vnet(), and may move when it dies.
 */
int64_t vnetsim_wiremon_due(const struct vnetsim_wiremon *wm);

/**
 * vnetsim_wiremon_finding() - one finding, in the order they were made
 * @wm:		the monitor
 * @i:		0, 1, ...
 * @out:	out: written if true is returned
 *
 * Return: true; false if there are no more than @i.
 */
bool vnetsim_wiremon_finding(const struct vnetsim_wiremon *wm, size_t i,
    struct vnetsim_wire_finding *out);

/**
 * vnetsim_wiremon_conn() - one connection, in the order of their first frames
 * @wm:		the monitor; looking changes nothing that it will find
 * @i:		0, 1, ...
 * @out:	out: written if true is returned; as of the last event
 *
 * Return: true; false if there are no more than @i.
 */
bool vnetsim_wiremon_conn(
    struct vnetsim_wiremon *wm, size_t i, struct vnetsim_wire_conn *out);

/**
 * vnetsim_wiremon_vnet() - one vnet, in the order in which they were named
 * @wm:		the monitor; looking changes nothing that it will find
 * @i:		0, 1, ...
 * @out:	out: written if true is returned; as of the last event
 *
 * Time: O(connections of this vnet).
 *
 * Return: true; false if there are no more than @i.
 */
bool vnetsim_wiremon_vnet(
    struct vnetsim_wiremon *wm, size_t i, struct vnetsim_wire_vnet *out);

/**
 * vnetsim_wiremon_vnet_index() - where vnetsim_wiremon_vnet() has a vnet
 * @wm:		monitor
 * @vnet:	id
 * @i:		out
 *
 * Return:	true; false: no event named it.
 */
bool vnetsim_wiremon_vnet_index(
    const struct vnetsim_wiremon *wm, uint32_t vnet, size_t *i);

/**
 * vnetsim_wiremon_name() - a vnet's name, without counting its connections
 * @wm:		the monitor
 * @vnet:	its id
 *
 * Time: O(1).
 *
 * Return: the name, which lives as long as the monitor; "outside" for
 *	VNETSIM_NOVNET, "unknown" for an id that the stream has not used.
 */
const char *vnetsim_wiremon_name(
    const struct vnetsim_wiremon *wm, uint32_t vnet);

/**
 * vnetsim_wiremon_stats() - the counters
 * @wm:		the monitor
 * @out:	out: written
 */
void vnetsim_wiremon_stats(
    const struct vnetsim_wiremon *wm, struct vnetsim_wire_stats *out);

/**
 * vnetsim_wire_statename() - RFC 9293's word for a state
 * @state:	a value of the enum
 *
 * Return: a constant string, "?" for a value that the enum does not have.
 */
const char *vnetsim_wire_statename(unsigned int state);

/**
 * vnetsim_wire_howname() - what closed an end, in words
 * @how:	a value of the enum
 *
 * Return: a constant string, "?" for a value that the enum does not have.
 */
const char *vnetsim_wire_howname(unsigned int how);

/**
 * vnetsim_wire_outcomename() - how a connection ended, in a word
 * @outcome:	a value of the enum
 *
 * Return: a constant string, "?" for a value that the enum does not have.
 */
const char *vnetsim_wire_outcomename(unsigned int outcome);

/**
 * vnetsim_wire_fatename() - what became of a peer, in a word
 * @fate:	a value of the enum
 *
 * Return: a constant string, "?" for a value that the enum does not have.
 */
const char *vnetsim_wire_fatename(unsigned int fate);

/**
 * vnetsim_wire_kindname() - the name of a kind of finding
 * @kind:	a value of the enum
 *
 * Return: a constant string, "?" for a value that the enum does not have.
 */
const char *vnetsim_wire_kindname(unsigned int kind);

#endif /* !VNETSIM_WIREMON_H */
