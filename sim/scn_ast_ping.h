/*
 * scn_ast_ping.h - the node of ping(8).
 *
 * As scn_ast.h, which includes it: addresses are in host order, times in ns.
 */
#ifndef SIM_SCN_AST_PING_H
#define SIM_SCN_AST_PING_H

#include <stdbool.h>
#include <stdint.h>

#define PING_MINLEN   8     /* ICMP header */
#define PING_MAXSIZE  65507 /* payload: what IP holds, less both headers */
#define PING_MAXOPT   40    /* less with -R */
#define PING_MAXWAIT  INT64_C(10000000000)
#define PING_INTERVAL INT64_C(1000000000)

/* ping; count or timeout is always given, so it ends */
struct scn_ping {
	uint32_t addr;
	int64_t count;       /* -c, -1: not said */
	int64_t timeout_ns;  /* -t, -1: not said */
	int64_t wait_ns;     /* -i, 1 s by default */
	int64_t waittime_ns; /* -W, -1: not said */
	uint32_t size;       /* -s: payload, 56 by default */
	uint32_t src;        /* -S, 0: not said */
	int32_t ttl;         /* -m, 0: not said */
	int32_t tos;         /* -z */
	int32_t mttl;        /* -T: TTL to groups, -1: not said */
	bool df;             /* -D */
	bool once;           /* -o */
	bool quiet;          /* -q */
	bool record;         /* -R */
};

#endif /* !SIM_SCN_AST_PING_H */
