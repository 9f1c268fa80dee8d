/*
 * netopt.h - options of netstat, sockstat and vmstat.
 *
 * They are parsed by the same functions in a statement of a scenario and on
 * the command line.
 */
#ifndef SIM_NETOPT_H
#define SIM_NETOPT_H

#include <stdint.h>

#include "sim/getarg.h"

#define SCN_NETSTAT_ALL   0x001u /* -a */
#define SCN_NETSTAT_NUM   0x002u /* -n; names are never looked up anyway */
#define SCN_NETSTAT_ROUTE 0x004u /* -r */
#define SCN_NETSTAT_STATS 0x008u /* -s */
#define SCN_NETSTAT_IF    0x010u /* -i, -I */
#define SCN_NETSTAT_MBUF  0x020u /* -m */
#define SCN_NETSTAT_NZ    0x040u /* -ss: no zeroes */
#define SCN_NETSTAT_BYTES 0x080u /* -b */
#define SCN_NETSTAT_DROPS 0x100u /* -d */
#define SCN_NETSTAT_LISTQ 0x200u /* -L */
#define SCN_NETSTAT_WIDE  0x400u /* -W */

/* netstat; at most one of ROUTE, STATS, IF, MBUF is set */
struct scn_netstat {
	uint32_t flags;
	const char *proto;  /* -p PROTO or NULL */
	const char *ifname; /* -I IF or NULL */
	const char *jail;   /* -j JAIL or NULL */
	int32_t fib;        /* -F FIB, -1: not said */
};

#define SOCKSTAT_LISTEN  0x01u /* -l */
#define SOCKSTAT_CONN    0x02u /* -c */
#define SOCKSTAT_STATE   0x04u /* -s */
#define SOCKSTAT_WIDE    0x08u /* -w */
#define SOCKSTAT_QUIET   0x10u /* -q: no header */
#define SOCKSTAT_NOLOCAL 0x20u /* -L: not those of 127.0.0.0/8 */

/* sockstat */
struct scn_sockstat {
	uint32_t flags;
	const char *protos; /* -P, separated by commas, or NULL */
	const char *ports;  /* -p, numbers and ranges, or NULL */
	const char *jail;   /* -j, or NULL */
};

#define VMSTAT_MALLOC 0x1u /* -m */
#define VMSTAT_ZONES  0x2u /* -z */

#define JLS_DYING   0x01u /* -d */
#define JLS_HEADER  0x02u /* -h */
#define JLS_NAME    0x04u /* -N: names instead of numbers */
#define JLS_NAMES   0x08u /* -n: name=value */
#define JLS_QUOTE   0x10u /* -q: nothing here needs quotes */
#define JLS_JAIL    0x20u /* -s: as jail(8) takes them */
#define JLS_VERBOSE 0x40u /* -v */

/* jls */
struct scn_jls {
	uint32_t flags;
	uint32_t nparams;
	uint8_t param[8]; /* positions in a table of jls.c */
	const char *jail; /* -j, or NULL */
};

bool jls_parse(struct scn_jls *j, struct getarg *ga);
bool netstat_parse(struct scn_netstat *ns, struct getarg *ga);
bool sockstat_parse(struct scn_sockstat *ss, struct getarg *ga);
bool vmstat_parse(uint32_t *flags, struct getarg *ga);

#endif /* !SIM_NETOPT_H */
