/*
 * field.h - field tables: what the inside of an object means.
 *
 * Every zone type and every module state has a constant table of its fields.
 * State hash, dump, inspectors and reports need nothing else; nobody else
 * walks structures by offset.  A table covers the whole object: a hole of
 * eight bytes or more cannot be padding and fails the world's start.
 *
 * Nothing may hash or print an address: FK_PTR and FK_REF name the ledger
 * object they point to by (vnet, type, serial).
 */
#ifndef VNETSIM_KERN_FIELD_H
#define VNETSIM_KERN_FIELD_H

#include <stddef.h>
#include <stdint.h>

enum field_kind {
	FK_UINT,    /* unsigned, 1 2 4 8 bytes */
	FK_INT,     /* signed */
	FK_BOOL,    /* bool */
	FK_HEX,     /* unsigned, printed in hex: flags */
	FK_ENUM,    /* unsigned index into f_names */
	FK_TIME,    /* int64_t virtual ns */
	FK_IP4,     /* uint32_t, host order */
	FK_ETHER,   /* 6 bytes */
	FK_STR,     /* char[], zero-terminated */
	FK_CSTR,    /* const char *, constant data */
	FK_BYTES,   /* raw bytes that are state */
	FK_PTR,     /* pointer to a ledger object, or NULL */
	FK_REF,     /* struct ref */
	FK_CALLOUT, /* struct callout: state and due time */
	FK_FUNC,    /* function pointer: not hashed */
	FK_LINK,    /* list heads and entries, node indices: not hashed */
	FK_OPAQUE,  /* not state: caches, scratch; not hashed */
};

enum field_flags {
	FF_STAT = 1, /* statistics: left out of "same state" comparisons */
};

struct field {
	const char *f_name;
	uint32_t f_offset; /* bytes from the object's start */
	uint32_t f_size;   /* bytes */
	uint8_t f_kind;
	uint8_t f_flags;
	uint8_t f_nnames;
	const char *const *f_names; /* FK_ENUM */
};

#define FIELD_SIZE(s, m) sizeof(((s *)0)->m) /* NOLINT: also of pointers */
#define FIELD(s, m, kind)                                                      \
	{                                                                      \
#m, offsetof(s, m), FIELD_SIZE(s, m), FK_##kind, 0, 0, NULL    \
	}
#define FIELD_STAT(s, m, kind)                                                 \
	{                                                                      \
#m, offsetof(s, m), FIELD_SIZE(s, m), FK_##kind, FF_STAT, 0,   \
		    NULL                                                       \
	}
#define FIELD_ENUM(s, m, names)                                                \
	{                                                                      \
#m, offsetof(s, m), FIELD_SIZE(s, m), FK_ENUM, 0,              \
		    nitems(names), names                                       \
	}

#endif /* !VNETSIM_KERN_FIELD_H */
