/*
 * field_var.h - field programs: what a field table compiles to.
 *
 * A program lies in the world's reservation, is made once and never changes,
 * so saves leave it out.  Offsets are from the object's start.
 */
#ifndef SRC_CORE_FIELD_VAR_H
#define SRC_CORE_FIELD_VAR_H

#include <stdint.h>
#include <vnetsim/kern/field.h>

/* Eight bytes of an object, of which the bits of the mask are state. */
struct field_word {
	uint64_t fw_mask; /* in the host's byte order */
	uint32_t fw_off;
	uint32_t fw_pad;
};

/* A field that is not hashed as bytes. */
struct field_special {
	uint32_t fs_off;
	uint16_t fs_size; /* FK_STR */
	uint8_t fs_kind;
	uint8_t fs_stat; /* only with HASH_STATS */
};

struct field_prog {
	uint64_t fp_name;  /* hash of the type's name */
	uint32_t fp_size;  /* bytes of the object */
	uint16_t fp_nword; /* words without statistics */
	uint16_t fp_nstat; /* further words, statistics */
	uint16_t fp_nspec;
	uint16_t fp_nrefs;
	struct field_word *fp_word; /* fp_nword, then fp_nstat */
	struct field_special *fp_spec;
	uint32_t *fp_ref; /* offsets of every struct ref */
};

#endif /* !SRC_CORE_FIELD_VAR_H */
