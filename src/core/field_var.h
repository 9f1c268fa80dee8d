/*
 * field_var.h - field programs: what a field table compiles to.
 *
 * A program lies in the world's reservation, is made once and never changes,
 * so saves leave it out.  Offsets are from the object's start.
 */
#ifndef SRC_CORE_FIELD_VAR_H
#define SRC_CORE_FIELD_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/kern/field.h>

struct vnet_module;
struct world;

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

/**
 * field_check() - is a table as field.h wants it?
 * @type:	name, for the text
 * @size:	bytes of the object
 * @f:		table
 * @n:		its entries
 * @why:	out, a sentence if not
 * @whysize:	room
 *
 * Return:	true if so.
 */
bool field_check(const char *type, uint32_t size, const struct field *f,
    uint32_t n, char *why, size_t whysize);

/**
 * field_make() - programs of a module that is loaded
 * @w:	world
 * @m:	its tables are right
 *
 * Return:	that of its state (NULL: it has none), then those of its zones,
 *		for the world's life; NULL: the pool is full.
 */
struct field_prog **field_make(struct world *w, const struct vnet_module *m);

/**
 * field_use() - they are those of its types
 * @w:	world
 * @id:	module; w_mod and w_zonebase are set
 * @fp:	of field_make()
 */
void field_use(struct world *w, int id, struct field_prog *const *fp);

#endif /* !SRC_CORE_FIELD_VAR_H */
