/*
 * scn_ast.h - the nodes of a parsed scenario: what each statement says.
 *
 * One enum names the statements, one union holds what they say; a comment at
 * each kind tells which member.  All names are strings that the script owns;
 * addresses are in host order, times in nanoseconds.  Included by scn.h,
 * where a reader begins.
 */
#ifndef SIM_SCN_AST_H
#define SIM_SCN_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/netopt.h"
#include "sim/scn_ast_cmd.h"
#include "sim/scn_ast_if.h"
#include "sim/scn_ast_ping.h"
#include "sim/tcpdump.h"

#define SCN_HOST "0" /* the name of prison0 */

/* Where an include or a round of a repeat put a statement. */
enum scn_ctx_kind { SCN_CTX_INCLUDE, SCN_CTX_REPEAT };

struct scn_ctx;

/**
 * struct scn_pos - a place in the source
 * @file:	name as it was opened; owned by the script or error list
 * @line:	1 is the first; 0: no place in a file (command line)
 * @col:	byte in the line, 1 is the first
 * @ctx:	innermost include or repeat around it, NULL if none
 */
struct scn_pos {
	const char *file;
	uint32_t line;
	uint32_t col;
	const struct scn_ctx *ctx;
};

/**
 * struct scn_ctx - one step of the way to a statement
 * @kind:	include or repeat
 * @at:		the include or repeat statement; @at.ctx is the next step out
 * @var:	counter of the repeat, NULL for an include
 * @round:	value of the counter
 */
struct scn_ctx {
	enum scn_ctx_kind kind;
	struct scn_pos at;
	const char *var;
	int64_t round;
};

/* A word after expansion; s ends in a NUL, holds no other, len is without. */
struct scn_word {
	const char *s;
	uint32_t len;
	uint32_t line;
	uint32_t col;
	bool quoted; /* begins with a double quote */
};

/* A time: ns + msl * (the maximum segment lifetime of the acting vnet). */
struct scn_time {
	int64_t ns;
	int64_t msl;
};

enum scn_policy_kind {
	SCN_POLICY_NONE, /* not said */
	SCN_POLICY_GRACEFUL,
	SCN_POLICY_ABORT,
	SCN_POLICY_CRASH,
};

/* A close policy; ns < 0: the policy's own default (30 s, 3 s). */
struct scn_policy {
	enum scn_policy_kind kind;
	int64_t ns;
};

enum scn_proto { SCN_TCP, SCN_UDP, SCN_RAW };

enum scn_kind {
	/* time */
	SCN_ADVANCE, /* +T: u.time */
	SCN_AT,      /* at T: u.time; in the past is a failure */
	SCN_RUN,     /* run: until nothing is left to do */
	SCN_UNTIL,   /* until CLAIM: u.claim; within < 0: as run */

	/* FreeBSD's commands: stmt.jail is where they run */
	SCN_JAIL_CREATE,   /* u.jail */
	SCN_JAIL_REMOVE,   /* u.name: relative to stmt.jail */
	SCN_JLS,           /* u.jls */
	SCN_IF_CREATE,     /* u.ifcreate */
	SCN_IF_DESTROY,    /* u.name: the interface */
	SCN_IF_CONF,       /* u.ifconf */
	SCN_IF_VNET,       /* u.ifvnet: lend to a jail */
	SCN_IF_UNVNET,     /* u.ifvnet: reclaim from a jail */
	SCN_IF_SHOW,       /* u.name, or NULL for all */
	SCN_IF_LIST,       /* -l: names */
	SCN_IF_ADDRS,      /* addr: stations of the bridge u.name */
	SCN_IF_GROUP,      /* -g: names of the members of u.name */
	SCN_ROUTE_ADD,     /* u.route */
	SCN_ROUTE_DELETE,  /* u.route; gateway may be absent */
	SCN_ROUTE_CHANGE,  /* u.route; gateway may be absent */
	SCN_ROUTE_GET,     /* u.route: dst, fib */
	SCN_ROUTE_FLUSH,   /* u.route.fib */
	SCN_ROUTE_MONITOR, /* u.route.fib */
	SCN_ARP_LIST,      /* u.arp.addr if has_addr, otherwise all */
	SCN_ARP_DELETE,    /* u.arp.addr; !has_addr: all */
	SCN_ARP_SET,       /* u.arp */
	SCN_SYSCTL_GET,    /* u.sysctl, value NULL */
	SCN_SYSCTL_SET,    /* u.sysctl */
	SCN_NETSTAT,       /* u.netstat */
	SCN_SOCKSTAT,      /* u.sockstat */
	SCN_VMSTAT,        /* u.flags: VMSTAT_ */
	SCN_TCPDUMP,       /* u.tcpdump */
	SCN_PING,          /* u.ping */
	SCN_TCPDROP,       /* u.tcpdrop */
	SCN_IFMCSTAT,      /* u.name: interface, or NULL */
	SCN_RCTL,          /* u.rctl */
	SCN_PFCTL,         /* u.pf */
	SCN_KLDLOAD,       /* u.kld.file; a jail may not */
	SCN_KLDUNLOAD,     /* u.kld.name */
	SCN_KLDSTAT,       /* u.kld.name, or NULL for all */
	SCN_DUMP,          /* u.name: of the file; a jail may not */
	SCN_INSPECT,       /* u.inspect; a jail may not */
	/* links */
	SCN_LINK_SET,  /* u.link */
	SCN_LINK_DROP, /* u.link: .end, .nframes, .cls */
	SCN_LINK_CORRUPT_NEXT,
	SCN_LINK_REORDER_NEXT, /* and .what, .hold */
	SCN_LINK_CUT,
	SCN_LINK_JOIN,
	SCN_LINK_TAP,
	SCN_LINK_REPLAY, /* u.link: .replay */
	SCN_LINK_SEND,   /* u.link: .segment; .end is said */
	SCN_LINK_IGMP,   /* u.link: .igmp; .end is said */

	/* simulated programs: stmt.proc is who does it */
	SCN_CONNECT, /* u.sock */
	SCN_LISTEN,
	SCN_ACCEPT,
	SCN_RECVFD,
	SCN_BIND,
	SCN_SOCKET,
	SCN_SEND,
	SCN_RECV,
	SCN_CLOSE,
	SCN_SHUTDOWN,
	SCN_LINGER,
	SCN_TAP_OPEN,
	SCN_TAP_READ,
	SCN_TAP_WRITE,
	SCN_TAP_TRANSIENT,
	SCN_SETSOCKOPT,
	SCN_KILL, /* u.name: process of stmt.jail; at once, never queued */

	SCN_EXPECT, /* u.claim */
};

/* jail -c; ifs are lent in this order */
struct scn_jail {
	const char *name; /* relative to stmt.jail, may be dotted */
	bool vnet;
	bool persist;
	bool allow_raw;
	int32_t children_max; /* -1: not said */
	uint32_t nifs;
	const char *const *ifs;
	struct scn_policy close;
};

/* route; a host route has prefixlen 32, default is 0.0.0.0/0 */
struct scn_route {
	uint32_t dst;
	int32_t prefixlen;
	bool has_gw;
	uint32_t gw;
	const char *ifname; /* -interface IF instead of a gateway, or NULL */
	uint32_t mtu;       /* 0: none given */
	bool reject, blackhole;
	int32_t fib; /* -fib N; -1: not said */
};

struct scn_arp {
	bool has_addr;
	uint32_t addr;
	uint8_t mac[6];
};

struct scn_sysctl {
	const char *name;  /* NULL: all of them */
	const char *value; /* NULL: read */
	bool bare;         /* -n: print the value without the name */
	bool descr;        /* -d: the description instead of the value */
	bool names;        /* -N: names only */
};

struct scn_tcpdrop {
	bool all;          /* -a, -s */
	bool list;         /* -l */
	const char *state; /* -s: only those in it, or NULL */
	uint32_t laddr;
	uint32_t faddr;
	uint16_t lport;
	uint16_t fport;
};

enum scn_end { SCN_END_BOTH, SCN_END_A, SCN_END_B };

enum scn_class {
	SCN_CLS_ANY,
	SCN_CLS_TCP,
	SCN_CLS_SYN,
	SCN_CLS_FIN,
	SCN_CLS_RST,
	SCN_CLS_ACK,  /* TCP with ACK and neither data nor SYN, FIN, RST */
	SCN_CLS_DATA, /* TCP with payload */
	SCN_CLS_UDP,
	SCN_CLS_ICMP,
	SCN_CLS_ARP,
};

enum scn_shut { SCN_SHUT_RD, SCN_SHUT_WR, SCN_SHUT_RDWR };

/*
 * Program verbs.  result is the name that the new socket gets, NULL if the
 * verb makes none; sock is the socket it works on, NULL if it makes one.
 *
 *	verb		fields
 *	connect		proto+result or sock; faddr fport; from; nonblock
 *	listen		proto+result (addr port) or sock; backlog
 *	accept		result sock nonblock
 *	recvfd		result fromjail sock
 *	bind		proto+result or sock; laddr lport
 *	socket		proto result
 *	send		sock, text or count; to; oob; eof; nonblock
 *	recv		sock count (-1: all); oob; peek; nonblock
 *	close		sock
 *	shutdown	sock how
 *	linger		sock on linger_ns
 *	tap open	result ifname
 *	tap read	sock; nonblock
 *	tap write	sock, text and count; NULL: last
 *	tap transient	sock on
 *	setsockopt	sock level opt optname value (IP_OPTIONS: text, count)
 *
 * proto SCN_RAW: rawproto is IP's number.
 */
struct scn_mreq; /* scn_mcast.h */

struct scn_sock {
	const char *result;
	const char *sock;
	const char *fromjail; /* of sock; NULL: the statement's */
	enum scn_proto proto;
	uint8_t rawproto;
	enum scn_shut how;
	uint32_t laddr, faddr; /* from, bind, listen (0: any); connect, to */
	uint16_t lport;        /* 0: any */
	uint16_t fport;
	bool from;          /* connect: laddr and lport are said */
	bool to;            /* send: faddr and fport are said */
	bool nonblock, oob; /* oob: urgent */
	bool peek;          /* recv: the bytes stay */
	bool eof;           /* send: FIN behind them */
	bool on;            /* linger */
	int32_t backlog;    /* -1: not said */
	int64_t count;      /* bytes */
	const char *text; /* send "text" or hex, or NULL; count is its length */
	const char *ifname; /* tap open */
	int64_t linger_ns;
	int32_t level; /* FreeBSD's SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP */
	int32_t opt;   /* FreeBSD's number */
	const char *optname;
	int64_t value;
	const struct scn_mreq *mreq; /* of groups; NULL: .value */
};

enum scn_op { SCN_EQ, SCN_NE, SCN_LT, SCN_LE, SCN_GT, SCN_GE };

enum scn_claim_kind {
	SCN_CL_STATE,    /* jail name: states */
	SCN_CL_ERROR,    /* jail name: error (so_error or the last verb's) */
	SCN_CL_RECEIVED, /* jail name: op n, bytes */
	SCN_CL_EOF,
	SCN_CL_ATMARK,   /* jail name */
	SCN_CL_SOCKOPT,  /* jail name: text op n: scn_sockval.c */
	SCN_CL_DONE,     /* jail name: its last verb has ended well */
	SCN_CL_BLOCKED,  /* jail name: its last verb waits */
	SCN_CL_FAILED,   /* jail name: its last verb ended with error */
	SCN_CL_INPCB,    /* jail: proto op n */
	SCN_CL_GONE,     /* jail */
	SCN_CL_DYING,    /* jail */
	SCN_CL_ALIVE,    /* jail */
	SCN_CL_LEDGER,   /* jail: op n, objects of its vnet */
	SCN_CL_LEAKS,    /* op n */
	SCN_CL_FINDINGS, /* op n */
	SCN_CL_PEERS,    /* op n closed, by_fin, by_rst */
	SCN_CL_OUTCOME,  /* jail: finned reset abandoned */
	SCN_CL_STAT,     /* jail: name op n */
	SCN_CL_SYSCTL,   /* jail: name text */
	SCN_CL_FAILS,    /* cmd fails with error */
	SCN_CL_OUTPUT,   /* text is (no: is not) in what cmd prints */
	SCN_CL_PACKET,   /* packet (no: does not) appear on its link */
	SCN_CL_TCPDUMP,  /* jail name: text is in its lines, or op n frames */
};

/* TCP states by FreeBSD's numbers; a claim holds a mask of (1 << state). */
enum scn_tcp_state {
	SCN_TCPS_CLOSED,
	SCN_TCPS_LISTEN,
	SCN_TCPS_SYN_SENT,
	SCN_TCPS_SYN_RECEIVED,
	SCN_TCPS_ESTABLISHED,
	SCN_TCPS_CLOSE_WAIT,
	SCN_TCPS_FIN_WAIT_1,
	SCN_TCPS_CLOSING,
	SCN_TCPS_LAST_ACK,
	SCN_TCPS_FIN_WAIT_2,
	SCN_TCPS_TIME_WAIT,
	SCN_TCPS_N
};

/* A number in a packet claim: any, or exactly v. */
struct scn_num {
	bool any;
	uint32_t v;
};

enum scn_tcpopt_kind {
	SCN_OPT_EOL = 0, /* kinds as on the wire */
	SCN_OPT_NOP = 1,
	SCN_OPT_MSS = 2,    /* v[0] */
	SCN_OPT_WSCALE = 3, /* v[0] */
	SCN_OPT_SACKOK = 4,
	SCN_OPT_SACK = 5, /* v[0..2*nsack-1]: edges, relative */
	SCN_OPT_TS = 8,   /* v[0] val, v[1] ecr */
};

struct scn_tcpopt {
	enum scn_tcpopt_kind kind;
	uint32_t nv;
	struct scn_num v[8];
};

/* TCP flags as on the wire */
#define SCN_TH_FIN  0x01u
#define SCN_TH_SYN  0x02u
#define SCN_TH_RST  0x04u
#define SCN_TH_PUSH 0x08u
#define SCN_TH_ACK  0x10u
#define SCN_TH_URG  0x20u
#define SCN_TH_ECE  0x40u
#define SCN_TH_CWR  0x80u

/*
 * A TCP packet as packetdrill writes it, seen at one end of a link.  What is
 * not written is not compared; sequence numbers count from the ISN of their
 * direction (SYN is 0, the first byte of data is 1), SACK edges and ack from
 * that of the other one.
 */
struct scn_packet {
	const char *ifname; /* "epair0a" */
	const char *link;   /* "epair0" */
	enum scn_end end;   /* A or B */
	bool out;           /* '>': this end sends it; '<': it receives it */
	struct scn_num sport;
	struct scn_num dport;
	bool any_flags;
	uint32_t flags; /* SCN_TH_*, all eight compared */
	struct scn_num seq;
	struct scn_num end_seq; /* v == seq.v + len.v if all three are said */
	struct scn_num len;
	struct scn_num ack;
	struct scn_num win; /* the raw field of the header */
	struct scn_num urg;
	bool has_opts;  /* false: options are not compared */
	bool opts_more; /* ", ...": others may follow */
	uint32_t nopts;
	const struct scn_tcpopt *opts; /* in this order */
};

struct scn_stmt;

/**
 * struct scn_claim - what `expect` and `until` state
 * @kind:	decides which of the others mean something
 * @no:		`expect no packet`, `expect no output`
 * @jail:	the jail spoken of, SCN_HOST for the host
 * @name:	socket, statistic (tcp.tcps_rexmttimeo) or sysctl
 * @states:	mask of (1 << enum scn_tcp_state)
 * @error:	FreeBSD's error number, 0 for "no error"
 * @op:		comparison of the measured value (left) with @n (right)
 * @n:		number claimed
 * @by_fin, @by_rst, @finned, @reset, @abandoned: -1 if not claimed
 * @text:	value of a sysctl; part of an output
 * @cmd:	statement to execute for `fails` and `output`
 * @packet:	for SCN_CL_PACKET
 * @has_within:	advance time until the claim holds, at most @within
 */
struct scn_claim {
	enum scn_claim_kind kind;
	bool no;
	const char *jail;
	const char *name;
	enum scn_proto proto;
	uint32_t states;
	int error;
	enum scn_op op;
	int64_t n;
	int64_t by_fin;
	int64_t by_rst;
	int64_t finned;
	int64_t reset;
	int64_t abandoned;
	const char *text;
	const struct scn_stmt *cmd;
	const struct scn_packet *packet;
	bool has_within;
	struct scn_time within;
};

struct scn_stmt {
	enum scn_kind kind;
	uint32_t nwords;
	const struct scn_word *words; /* as written, jexec and all */
	struct scn_pos pos;           /* of the first word */
	const char *jail;             /* who acts, SCN_HOST for the host */
	const char *proc; /* program verbs; the jail's name if not said */
	uint32_t setfib;  /* setfib N: N + 1; 0: not said */
	union {
		struct scn_time time;
		const char *name;
		uint32_t flags;
		const struct scn_jail *jail;
		struct scn_ifcreate ifcreate;
		struct scn_ifconf ifconf;
		struct scn_ifvnet ifvnet;
		struct scn_route route;
		struct scn_arp arp;
		struct scn_sysctl sysctl;
		struct scn_netstat netstat;
		struct scn_sockstat sockstat;
		struct scn_jls jls;
		const struct scn_ping *ping;
		struct scn_tcpdrop tcpdrop;
		struct scn_rctl rctl;
		const struct scn_pf *pf;
		const struct scn_tcpdump *tcpdump;
		struct scn_kld kld;
		struct scn_inspect inspect;
		const struct scn_link *link;
		const struct scn_sock *sock;
		const struct scn_claim *claim;
	} u;
};

#endif /* SIM_SCN_AST_H */
