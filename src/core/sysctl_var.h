/*
 * sysctl_var.h - the sorted index of all oids of a world.
 *
 * Built at the first look-up, in struct world itself: an index that needs no
 * memory cannot fail and is not in the way of injected failures; a world that
 * nobody asks pays nothing.  Sorted rather than hashed, because sysctl -a
 * wants the order anyway and 9 string compares are fast enough for commands.
 */
#ifndef SRC_CORE_SYSCTL_VAR_H
#define SRC_CORE_SYSCTL_VAR_H

#include <stdint.h>

#define SYSCTL_MAX 512 /* oids of a world, drop reasons included */

struct world_sysctls {
	uint16_t ws_n;               /* 0: not built */
	uint16_t ws_oid[SYSCTL_MAX]; /* module << 11 | index, by name */
};

#endif /* !SRC_CORE_SYSCTL_VAR_H */
