/*
 * pf.h - the packet filter of a vnet: what pfctl(8) needs.
 *
 * Each vnet has its own pf: rules, states, timeouts, counters.  A vnet that
 * never used it pays nothing.  Packets are seen while it is enabled; rules may
 * be loaded before or after.  The last rule that matches decides, or the first
 * one that says quick; a packet that belongs to a state is not asked again.
 * Without a rule that matches packets pass, and make no state.
 */
#ifndef VNETSIM_PF_H
#define VNETSIM_PF_H

#include <vnetsim/net.h>

#define VNETSIM_PF_RULES_MAX 4096     /* of one vnet */
#define VNETSIM_PF_SKIP_MAX  16       /* "set skip on" */
#define VNETSIM_PF_STATES    100000   /* "set limit states", default */
#define VNETSIM_PF_LIMIT_MAX 1000000  /* and the largest */
#define VNETSIM_PF_TIME_MAX  31536000 /* of any timeout, seconds */

enum vnetsim_pf_action {
	VNETSIM_PF_PASS,
	VNETSIM_PF_BLOCK,       /* block drop: in silence */
	VNETSIM_PF_RETURN,      /* TCP: RST; else port unreachable */
	VNETSIM_PF_RETURN_RST,  /* TCP: RST; else silence */
	VNETSIM_PF_RETURN_ICMP, /* port unreachable */
};

enum vnetsim_pf_dir { VNETSIM_PF_INOUT, VNETSIM_PF_IN, VNETSIM_PF_OUT };

/**
 * struct vnetsim_pf_rule - one rule
 * @ifname:	on; "": any
 * @src, @dst:	host order; bits beyond the prefix are ignored
 * @splen, @dplen: prefix length, 0: any
 * @sport, @dport: first and last; 0 0: any; only with TCP or UDP
 * @action:	enum vnetsim_pf_action
 * @dir:	enum vnetsim_pf_dir
 * @proto:	1, 6, 17, ...; 0: any
 * @flags, @flagset: TCP flags that must be set, of those looked at; 0 0: any
 * @ifnot, @srcnot, @dstnot: "!"
 * @quick:	this one decides
 * @keep_state:	what passes makes a state
 * @ifbound:	which counts for the interface only
 * @allow_opts:	pass packets with IP options, too
 */
struct vnetsim_pf_rule {
	char ifname[VNETSIM_IFNAMSIZ];
	uint32_t src, dst;
	uint16_t sport[2], dport[2];
	uint8_t splen, dplen;
	uint8_t action, dir, proto;
	uint8_t flags, flagset;
	bool ifnot, srcnot, dstnot;
	bool quick, keep_state, ifbound, allow_opts;
};

/* Timeouts in seconds; the last two count states. */
enum vnetsim_pf_timeout {
	VNETSIM_PFTM_TCP_FIRST_PACKET,
	VNETSIM_PFTM_TCP_OPENING,
	VNETSIM_PFTM_TCP_ESTABLISHED,
	VNETSIM_PFTM_TCP_CLOSING,
	VNETSIM_PFTM_TCP_FIN_WAIT,
	VNETSIM_PFTM_TCP_CLOSED,
	VNETSIM_PFTM_UDP_FIRST_PACKET,
	VNETSIM_PFTM_UDP_SINGLE,
	VNETSIM_PFTM_UDP_MULTIPLE,
	VNETSIM_PFTM_ICMP_FIRST_PACKET,
	VNETSIM_PFTM_ICMP_ERROR_REPLY,
	VNETSIM_PFTM_OTHER_FIRST_PACKET,
	VNETSIM_PFTM_OTHER_SINGLE,
	VNETSIM_PFTM_OTHER_MULTIPLE,
	VNETSIM_PFTM_INTERVAL, /* between two looks for what has expired */
	VNETSIM_PFTM_ADAPTIVE_START,
	VNETSIM_PFTM_ADAPTIVE_END,
	VNETSIM_PFTM_N,
};

/**
 * struct vnetsim_pf_conf - what a pf.conf(5) says
 * @rules:	in order
 * @nrules:	0..VNETSIM_PF_RULES_MAX
 * @states:	limit, 1..VNETSIM_PF_LIMIT_MAX
 * @timeout:	0..VNETSIM_PF_TIME_MAX, interval from 1; adaptive.end 0: not
 *		adaptive
 * @skip:	interfaces that are not filtered
 * @nskip:	how many
 */
struct vnetsim_pf_conf {
	const struct vnetsim_pf_rule *rules;
	uint32_t nrules;
	uint32_t states;
	uint32_t timeout[VNETSIM_PFTM_N];
	uint32_t nskip;
	char skip[VNETSIM_PF_SKIP_MAX][VNETSIM_IFNAMSIZ];
};

/**
 * vnetsim_pf_defaults() - FreeBSD's settings, no rules
 * @conf:	out
 */
void vnetsim_pf_defaults(struct vnetsim_pf_conf *conf);

/**
 * vnetsim_pf_timeout_name() - as pf.conf(5) calls it
 * @which:	enum vnetsim_pf_timeout
 *
 * Return:	constant, "tcp.first"; NULL: there is no such one.
 */
const char *vnetsim_pf_timeout_name(unsigned which);

/**
 * vnetsim_pf_counter_name() - as pfctl -si shows it
 * @which:	index into the counters of struct vnetsim_pf_status
 *
 * Return:	constant, "match"; NULL: there is no such one.
 */
const char *vnetsim_pf_counter_name(unsigned which);

/**
 * vnetsim_pf_enable() - pfctl -e, pfctl -d
 * @w:		world
 * @jail:	whose vnet
 * @on:		wanted
 *
 * Disabled, it keeps its rules and states.
 * Return:	0; VE_EXIST: enabled already; VE_NOENT: was not enabled;
 *		VE_NOMEM; VE_SRCH: no such jail; VE_BUSY: it is dying.
 */
int vnetsim_pf_enable(struct vnetsim *w, vnetsim_handle jail, bool on);

/**
 * vnetsim_pf_load() - pfctl -f: replace rules and settings at once
 * @w:		world
 * @jail:	whose vnet
 * @conf:	copied
 *
 * States stay, with the rules that made them.  But for 0 nothing has changed.
 * Return:	0; VE_INVAL: a value is out of its range; VE_NOMEM; VE_SRCH;
 *		VE_BUSY.
 */
int vnetsim_pf_load(
    struct vnetsim *w, vnetsim_handle jail, const struct vnetsim_pf_conf *conf);

struct vnetsim_pf_ruleinfo {
	struct vnetsim_pf_rule rule;
	uint64_t evaluations, packets, bytes;
	uint32_t states, states_total;
};

/**
 * vnetsim_pf_rule_next() - walk the rules
 * @w:		world
 * @jail:	whose vnet
 * @n:		0, 1, 2, ... in order
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more; VE_SRCH.
 */
int vnetsim_pf_rule_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_pf_ruleinfo *info);

/**
 * struct vnetsim_pf_stateinfo - a state
 * @id:		counted per vnet
 * @ifname:	the interface it is bound to, "": any
 * @dir:	enum vnetsim_pf_dir: of the packet that made it
 * @src, @dst:	who sent that packet, and to whom; ICMP: port is the id
 * @srcstate, @dststate: TCP: FreeBSD's TCPS_ numbers; else 0 nothing sent, 1
 *		something, 2 answered
 * @age, @expires: virtual ns since its making, until it expires
 * @packets, @bytes: [0] as the first packet went, [1] back
 */
struct vnetsim_pf_stateinfo {
	uint64_t id;
	char ifname[VNETSIM_IFNAMSIZ];
	uint8_t proto, dir;
	uint8_t srcstate, dststate;
	uint32_t src, dst;
	uint16_t sport, dport;
	int64_t age, expires;
	uint64_t packets[2], bytes[2];
};

/**
 * vnetsim_pf_state_next() - walk the states
 * @w:		world
 * @jail:	whose vnet
 * @n:		0, 1, 2, ... oldest first
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more; VE_SRCH.
 */
int vnetsim_pf_state_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_pf_stateinfo *info);

#define VNETSIM_PF_COUNTERS 15

/**
 * struct vnetsim_pf_status - what pfctl -si, -sm and -st show
 * @running:	enabled
 * @since:	virtual ns since it was enabled, or disabled
 * @states, @limit: there are, there may be
 * @searches, @inserts, @removals: of the state table
 * @counters:	why packets were dropped or looked at; see
 *		vnetsim_pf_counter_name()
 * @timeout:	settings
 */
struct vnetsim_pf_status {
	bool running;
	int64_t since;
	uint32_t states, limit, rules;
	uint64_t searches, inserts, removals;
	uint64_t counters[VNETSIM_PF_COUNTERS];
	uint32_t timeout[VNETSIM_PFTM_N];
};

/**
 * vnetsim_pf_status() - the numbers of a vnet's filter
 * @w:		world
 * @jail:	whose vnet
 * @st:		out
 *
 * Return:	0; VE_SRCH.
 */
int vnetsim_pf_status(
    struct vnetsim *w, vnetsim_handle jail, struct vnetsim_pf_status *st);

#define VNETSIM_PF_FLUSH_RULES  1u
#define VNETSIM_PF_FLUSH_STATES 2u
#define VNETSIM_PF_FLUSH_INFO   4u

/**
 * vnetsim_pf_flush() - pfctl -F
 * @w:		world
 * @jail:	whose vnet
 * @what:	VNETSIM_PF_FLUSH_ bits: rules, states, counters
 * @states:	out: how many states went; may be NULL
 *
 * Return:	0; VE_SRCH; VE_BUSY.
 */
int vnetsim_pf_flush(
    struct vnetsim *w, vnetsim_handle jail, unsigned what, uint32_t *states);

/**
 * vnetsim_pf_kill() - pfctl -k SRC [-k DST]
 * @w:		world
 * @jail:	whose vnet
 * @src, @splen: of the packet that made the state; @splen 0: any
 * @dst, @dplen: the same
 * @states:	out: how many states went; may be NULL
 *
 * Return:	0; VE_INVAL: a length beyond 32; VE_SRCH; VE_BUSY.
 */
int vnetsim_pf_kill(struct vnetsim *w, vnetsim_handle jail, uint32_t src,
    uint8_t splen, uint32_t dst, uint8_t dplen, uint32_t *states);

#endif /* !VNETSIM_PF_H */
