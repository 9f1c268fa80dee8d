/*
 * scn_ast_cmd.h - what rctl, inspect, kldload and pfctl say.  Part of
 * scn_ast.h.
 */
#ifndef SIM_SCN_AST_CMD_H
#define SIM_SCN_AST_CMD_H

#include <stdbool.h>
#include <stdint.h>

enum scn_rctl_verb {
	SCN_RCTL_ADD,
	SCN_RCTL_REMOVE,
	SCN_RCTL_USAGE,
	SCN_RCTL_LIST
};

#define SCN_DUMP_NAME 128 /* bytes of a dump's name */

/* inspect; both may be NULL */
struct scn_inspect {
	const char *what; /* a type, an object, a list */
	const char *id;   /* serial[@vnet] */
};

#define SCN_KLD_ONCE    0x1u /* kldload -n: not if it is there */
#define SCN_KLD_VERBOSE 0x2u /* kldstat -v */
#define SCN_KLD_SEARCH  0x4u /* kldload NAME: the file is looked for */

struct scn_kld {
	const char *file; /* from where the program runs */
	const char *name;
	uint32_t flags;
};

#define SCN_PF_RULES    0x01u
#define SCN_PF_STATES   0x02u
#define SCN_PF_INFO     0x04u
#define SCN_PF_TIMEOUTS 0x08u
#define SCN_PF_MEMORY   0x10u
#define SCN_PF_ALL      0x1fu

struct vnetsim_pf_conf;

/* pfctl; in FreeBSD's order of doing */
struct scn_pf {
	bool disable;   /* -d */
	uint32_t show;  /* -s: SCN_PF_ */
	uint32_t flush; /* -F: SCN_PF_RULES, STATES, INFO */
	uint32_t nkill; /* -k: 1: from addr[0], 2: and to addr[1] */
	uint32_t addr[2];
	uint8_t plen[2];
	const struct vnetsim_pf_conf *conf; /* -f -, or NULL */
	bool enable;                        /* -e */
};

struct scn_rctl {
	enum scn_rctl_verb verb;
	const char *jail; /* NULL: all, only with LIST */
	uint64_t bytes;   /* ADD: 0 is no limit at all, 1 is the smallest */
};

#endif /* SIM_SCN_AST_CMD_H */
