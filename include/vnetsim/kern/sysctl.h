/*
 * sysctl.h - tunables and read-outs under FreeBSD's names.
 *
 * A module lists its oids in its descriptor (constant).  Scope VNET: the value
 * lies in the module's per-vnet state at an offset; every vnet starts with the
 * compile-time default.  Scope WORLD: read-only facts of the world.  Values
 * are checked against [min, max].  Times are shown in the unit of FreeBSD's
 * oid (o_unit ns per unit) and stored in ns.
 *
 * net.drop.* counts drops by reason (drop.h); writing zeroes a counter.
 */
#ifndef VNETSIM_KERN_SYSCTL_H
#define VNETSIM_KERN_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sysctl_type {
	SYSCTL_T_INT,  /* int32_t */
	SYSCTL_T_UINT, /* uint32_t */
	SYSCTL_T_BOOL, /* bool, shown as 0 or 1 */
	SYSCTL_T_U64,  /* uint64_t */
	SYSCTL_T_TIME, /* int64_t ns, shown in o_unit */
	SYSCTL_T_PROC, /* o_proc computes it */
};

enum sysctl_flags {
	CTLFLAG_RD = 1,
	CTLFLAG_RW = 3,
	CTLFLAG_VNET = 4,
	CTLFLAG_STATS = 8, /* writing anything zeroes it */
};

/* Constant. */
struct sysctl_oid {
	const char *o_name; /* "net.inet.tcp.msl" */
	uint8_t o_type;
	uint8_t o_flags;
	uint32_t o_offset;    /* in the module's state */
	int64_t o_min, o_max; /* in shown units */
	int64_t o_unit;       /* TIME: ns per shown unit */
	/* PROC: read if !write; curvnet is set.  Return: 0 or an errno */
	int (*o_proc)(const struct sysctl_oid *oid, int64_t *value, bool write);
	const char *o_descr; /* one line, FreeBSD's sense, our words */
};

/* SYSCTL_VNET("net.inet.ip.ttl", INT, RW, struct vnet_ip, ttl, 1, 255, "..") */
#define SYSCTL_VNET(name, type, acc, st, member, min, max, descr)              \
	{                                                                      \
		name, SYSCTL_T_##type, CTLFLAG_##acc | CTLFLAG_VNET,           \
		    offsetof(st, member), min, max, 1, NULL, descr             \
	}
#define SYSCTL_VNET_TIME(name, acc, st, member, unit, min, max, descr)         \
	{                                                                      \
		name, SYSCTL_T_TIME, CTLFLAG_##acc | CTLFLAG_VNET,             \
		    offsetof(st, member), min, max, unit, NULL, descr          \
	}
#define SYSCTL_VNET_PROC(name, acc, proc, min, max, descr)                     \
	{                                                                      \
		name, SYSCTL_T_PROC, CTLFLAG_##acc | CTLFLAG_VNET, 0, min,     \
		    max, 1, proc, descr                                        \
	}

/**
 * sysctl_get() - read by name, in curvnet
 * @name:	full name
 * @value:	out, in shown units
 *
 * Return:	0; VE_NOENT: unknown oid.
 */
int sysctl_get(const char *name, int64_t *value);

/**
 * sysctl_set() - write by name, in curvnet
 * @name:	full name
 * @value:	in shown units
 *
 * Return:	0; VE_NOENT: unknown oid; VE_PERM: read-only; VE_INVAL: out
 *		of range (nothing changed); VE_BUSY: the vnet is dying.
 */
int sysctl_set(const char *name, int64_t value);

/**
 * sysctl_nth() - walk the names, for sysctl -a
 * @n:		0, 1, 2, ... in order of name
 * @name:	out, constant
 * @descr:	out, constant
 *
 * Return:	0; VE_NOENT: no more.
 */
int sysctl_nth(uint32_t n, const char **name, const char **descr);

#endif /* !VNETSIM_KERN_SYSCTL_H */
