/*
 * field.c - field tables are checked and compiled to programs.
 *
 * Theory of operation
 * ===================
 *
 * A table describes every byte of an object: fields lie inside it, do not
 * overlap, and leave no hole of eight bytes or more, which could not be
 * padding.  A table that breaks this is a programmer's mistake and stops the
 * world at its start, by name and offset; in a module that is loaded later it
 * is a reason not to load it (field_check()).
 *
 * The hash of a state needs the values only.  So a table compiles to
 *
 *	words     (offset, mask) for each eight bytes with plain state in them;
 *	          statistics have words of their own
 *	specials  what needs a look: times, strings, pointers, references,
 *	          callouts
 *	refs      offsets of all struct ref, which must be empty at a free
 *
 * and hashing is a loop over words (field_hash.c).  Arrays are one field: the
 * size of FK_PTR, FK_REF, FK_CALLOUT, FK_TIME and FK_CSTR is a multiple of
 * theirs, that of plain kinds is free.
 *
 * Programs are compiled in two passes by the same function: count, then fill.
 */
#include "src/core/field_var.h"

#include "src/core/memory_var.h"

enum { HOLE = 8 };

static bool
kind_plain(uint8_t kind)
{
	switch (kind) {
	case FK_UINT:
	case FK_INT:
	case FK_BOOL:
	case FK_HEX:
	case FK_ENUM:
	case FK_IP4:
	case FK_ETHER:
	case FK_BYTES:
		return (true);
	default:
		return (false);
	}
}

/* Bytes of one element, for kinds that are looked at one by one; else 0. */
static uint32_t
kind_unit(uint8_t kind)
{
	switch (kind) {
	case FK_TIME:
		return (sizeof(int64_t));
	case FK_PTR:
	case FK_CSTR:
		return (sizeof(void *));
	case FK_REF:
		return (sizeof(struct ref));
	case FK_CALLOUT:
		return (sizeof(struct callout));
	default:
		return (0);
	}
}

/* Text of what is wrong with a table, as it is found. */
struct wrong {
	const char *wr_type;
	char *wr_why;
	size_t wr_size;
};

static bool
check_one(const struct wrong *wr, uint32_t size, const struct field *f)
{
	uint32_t unit;

	if (f->f_size == 0 || f->f_size > size ||
	    f->f_offset > size - f->f_size) {
		(void)ksnprintf(wr->wr_why, wr->wr_size,
		    "field table of %s: %s at offset %u is outside",
		    wr->wr_type, f->f_name, (unsigned)f->f_offset);
		return (false);
	}
	unit = kind_unit(f->f_kind);
	if (unit == 0 || f->f_size % unit == 0)
		return (true);
	(void)ksnprintf(wr->wr_why, wr->wr_size,
	    "field table of %s: %s at offset %u has %u bytes", wr->wr_type,
	    f->f_name, (unsigned)f->f_offset, (unsigned)f->f_size);
	return (false);
}

/* The first field at or behind an offset; NULL: none. */
static const struct field *
next_field(const struct field *f, uint32_t n, uint32_t at)
{
	const struct field *best;
	uint32_t i;

	for (i = 0, best = NULL; i < n; i++)
		if (f[i].f_offset >= at &&
		    (best == NULL || f[i].f_offset < best->f_offset))
			best = &f[i];
	return (best);
}

/* Does @f[i] lie on one of those before it? */
static bool
check_overlap(const struct wrong *wr, const struct field *f, uint32_t i)
{
	uint32_t j;

	for (j = 0; j < i; j++) {
		if (f[i].f_offset >= f[j].f_offset + f[j].f_size ||
		    f[j].f_offset >= f[i].f_offset + f[i].f_size)
			continue;
		(void)ksnprintf(wr->wr_why, wr->wr_size,
		    "field table of %s: %s and %s overlap at offset %u",
		    wr->wr_type, f[j].f_name, f[i].f_name,
		    (unsigned)f[i].f_offset);
		return (false);
	}
	return (true);
}

bool
field_check(const char *type, uint32_t size, const struct field *f, uint32_t n,
    char *why, size_t whysize)
{
	const struct wrong wr = { type, why, whysize };
	const struct field *g;
	uint32_t i, at, begin;

	for (i = 0; i < n; i++)
		if (!check_one(&wr, size, &f[i]) || !check_overlap(&wr, f, i))
			return (false);
	for (at = 0; at < size; at = g->f_offset + g->f_size) {
		g = next_field(f, n, at);
		begin = g == NULL ? size : g->f_offset;
		if (begin - at >= HOLE) {
			(void)ksnprintf(why, whysize,
			    "field table of %s: %u bytes at offset %u are in "
			    "no field",
			    type, (unsigned)(begin - at), (unsigned)at);
			return (false);
		}
		if (g == NULL)
			break;
	}
	return (true);
}

static void *
prog_alloc(struct world_mem *wm, size_t size)
{
	void *p;

	size = roundup2(size, (size_t)16);
	if (size > wm->wm_progsize - wm->wm_progused)
		panic("field tables: more than %u bytes of programs",
		    (unsigned)wm->wm_progsize);
	p = wm->wm_prog + wm->wm_progused;
	wm->wm_progused += (uint32_t)size;
	return (p);
}

/* Mask of the bytes of word @at that are plain state (or statistics). */
static uint64_t
word_mask(const struct field *f, uint32_t n, uint32_t at, bool stat)
{
	unsigned char m[8] = { 0 };
	uint64_t mask;
	uint32_t i, b;

	for (i = 0; i < n; i++) {
		if (!kind_plain(f[i].f_kind) ||
		    ((f[i].f_flags & FF_STAT) != 0) != stat)
			continue;
		for (b = 0; b < 8; b++)
			if (at + b >= f[i].f_offset &&
			    at + b - f[i].f_offset < f[i].f_size)
				m[b] = 0xff;
	}
	memcpy(&mask, m, sizeof(mask));
	return (mask);
}

/* Words of one kind; @out NULL: only count them. */
static uint16_t
make_words(const struct field *f, uint32_t n, uint32_t size, bool stat,
    struct field_word *out)
{
	uint64_t mask;
	uint32_t at;
	uint16_t count;

	for (at = 0, count = 0; at < size; at += 8) {
		mask = word_mask(f, n, at, stat);
		if (mask == 0)
			continue;
		if (out != NULL) {
			out[count].fw_mask = mask;
			out[count].fw_off = at;
		}
		count++;
	}
	return (count);
}

static uint16_t
make_specials(const struct field *f, uint32_t n, struct field_special *out)
{
	uint32_t i, at, unit;
	uint16_t count;

	for (i = 0, count = 0; i < n; i++) {
		unit = f[i].f_kind == FK_STR ? f[i].f_size
					     : kind_unit(f[i].f_kind);
		for (at = 0; unit != 0 && at < f[i].f_size; at += unit) {
			if (out != NULL) {
				out[count].fs_off = f[i].f_offset + at;
				out[count].fs_size = (uint16_t)unit;
				out[count].fs_kind = f[i].f_kind;
				out[count].fs_stat =
				    (f[i].f_flags & FF_STAT) != 0;
			}
			count++;
		}
	}
	return (count);
}

static uint16_t
make_refs(const struct field *f, uint32_t n, uint32_t *out)
{
	uint32_t i, at;
	uint16_t count;

	for (i = 0, count = 0; i < n; i++)
		for (at = 0; f[i].f_kind == FK_REF && at < f[i].f_size;
		     at += (uint32_t)sizeof(struct ref)) {
			if (out != NULL)
				out[count] = f[i].f_offset + at;
			count++;
		}
	return (count);
}

/* What compile() takes from the pool. */
static size_t
prog_bytes(uint32_t size, const struct field *f, uint32_t n)
{
	size_t words;

	words = (size_t)make_words(f, n, size, false, NULL) +
		make_words(f, n, size, true, NULL);
	return (
	    roundup2(sizeof(struct field_prog), (size_t)16) +
	    roundup2(words * sizeof(struct field_word), (size_t)16) +
	    roundup2(make_specials(f, n, NULL) * sizeof(struct field_special),
		(size_t)16) +
	    roundup2(make_refs(f, n, NULL) * sizeof(uint32_t), (size_t)16));
}

static struct field_prog *
compile(struct world_mem *wm, const char *name, uint32_t size,
    const struct field *f, uint32_t n)
{
	struct field_prog *fp;
	const char *c;
	char why[200];

	fp = prog_alloc(wm, sizeof(*fp));
	memset(fp, 0, sizeof(*fp));
	fp->fp_name = UINT64_C(0xcbf29ce484222325);
	for (c = name; *c != '\0'; c++)
		fp->fp_name =
		    (fp->fp_name ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	fp->fp_size = size;
	if (n == 0)
		return (fp);
	if (!field_check(name, size, f, n, why, sizeof(why)))
		panic("%s", why);
	fp->fp_nword = make_words(f, n, size, false, NULL);
	fp->fp_nstat = make_words(f, n, size, true, NULL);
	fp->fp_word = prog_alloc(
	    wm, ((size_t)fp->fp_nword + fp->fp_nstat) * sizeof(*fp->fp_word));
	(void)make_words(f, n, size, false, fp->fp_word);
	(void)make_words(f, n, size, true, fp->fp_word + fp->fp_nword);
	fp->fp_nspec = make_specials(f, n, NULL);
	fp->fp_spec = prog_alloc(wm, fp->fp_nspec * sizeof(*fp->fp_spec));
	(void)make_specials(f, n, fp->fp_spec);
	fp->fp_nrefs = make_refs(f, n, NULL);
	fp->fp_ref = prog_alloc(wm, fp->fp_nrefs * sizeof(*fp->fp_ref));
	(void)make_refs(f, n, fp->fp_ref);
	return (fp);
}

/* The answer that most allocations need, in a byte: see wm_hasrefs. */
static uint8_t
refs_short(const struct field_prog *fp)
{
	if (fp->fp_nrefs == 0)
		return (0);
	if (fp->fp_nrefs > 1 || fp->fp_ref[0] % 8 != 0 ||
	    fp->fp_ref[0] / 8 + 1 >= MEM_REFS_MANY)
		return (MEM_REFS_MANY);
	return ((uint8_t)(fp->fp_ref[0] / 8 + 1));
}

void
world_fields_init(struct world *w)
{
	struct world_mem *wm = &w->w_mem;
	const struct vnet_module *m;
	const struct uma_zone *z;
	uint32_t i;

	_Static_assert(nitems(wm->wm_modprog) == VNET_MOD_MAX, "per module");
	for (i = 0; i < MEM_NTYPES; i++) {
		z = w->w_zone[i];
		if (z == NULL || wm->wm_typeprog[i] != NULL)
			continue;
		if (z->uz_nfields == 0 && !mem_is_buffer(z))
			panic("zone %s has no field table", z->uz_name);
		wm->wm_typeprog[i] = compile(
		    wm, z->uz_name, z->uz_size, z->uz_fields, z->uz_nfields);
		wm->wm_hasrefs[i] = refs_short(wm->wm_typeprog[i]);
	}
	for (i = 0; i < VNET_MOD_MAX; i++) {
		m = w->w_mod[i];
		if (m == NULL || m->vm_size == 0 || wm->wm_modprog[i] != NULL)
			continue;
		if (m->vm_nfields == 0)
			panic("state of module %s has no field table",
			    m->vm_name);
		wm->wm_modprog[i] = compile(
		    wm, m->vm_name, m->vm_size, m->vm_fields, m->vm_nfields);
	}
}

struct field_prog **
field_make(struct world *w, const struct vnet_module *m)
{
	struct world_mem *wm = &w->w_mem;
	const struct uma_zone *z;
	struct field_prog **fp;
	size_t bytes;
	uint32_t i;

	/* NOLINTNEXTLINE: of the pointers */
	bytes = (m->vm_nzones + 1 + 2) * sizeof(*fp) +
		prog_bytes(m->vm_size, m->vm_fields, m->vm_nfields);
	for (i = 0; i < m->vm_nzones; i++)
		bytes += prog_bytes(m->vm_zones[i]->uz_size,
		    m->vm_zones[i]->uz_fields, m->vm_zones[i]->uz_nfields);
	if (bytes > wm->wm_progsize - wm->wm_progused)
		return (NULL);
	/* NOLINTNEXTLINE: of the pointers */
	fp = prog_alloc(wm, (m->vm_nzones + 1) * sizeof(*fp));
	fp[0] = NULL;
	if (m->vm_size > 0)
		fp[0] = compile(
		    wm, m->vm_name, m->vm_size, m->vm_fields, m->vm_nfields);
	for (i = 0; i < m->vm_nzones; i++) {
		z = m->vm_zones[i];
		fp[i + 1] = compile(
		    wm, z->uz_name, z->uz_size, z->uz_fields, z->uz_nfields);
	}
	return (fp);
}

void
field_use(struct world *w, int id, struct field_prog *const *fp)
{
	struct world_mem *wm = &w->w_mem;
	uint32_t i, type;

	wm->wm_modprog[id] = fp[0];
	for (i = 0; i < w->w_mod[id]->vm_nzones; i++) {
		type = (uint32_t)w->w_zonebase[id] + i;
		wm->wm_typeprog[type] = fp[i + 1];
		wm->wm_hasrefs[type] = refs_short(fp[i + 1]);
	}
}

const uint32_t *
field_refs(const struct world_mem *wm, uint32_t type, uint32_t *n)
{
	*n = wm->wm_typeprog[type]->fp_nrefs;
	return (wm->wm_typeprog[type]->fp_ref);
}
