/*
 * kld_elf.c - read an ELF object of either class and byte order from bytes.
 *
 * Nothing of the object has run or is mapped when this is done, and nothing in
 * it is believed: every offset and count is compared with the length of the
 * file before it is used, names must end inside their table, and a table whose
 * entries are smaller than they must be is no table.  A read that fails is
 * told by the return value; no state is kept, so any order of calls is fine.
 *
 * <elf.h> is not used: macOS has none, and an object of another machine must
 * be told apart from a broken one everywhere.
 *
 * System V Application Binary Interface, chapters 4 and 5.
 */
#include "sim/kld_elf.h"

#include <string.h>

enum {
	EI_CLASS = 4,
	EI_DATA = 5,
	EI_VERSION = 6,
	PT_GNU_RELRO = 0x6474e552,
	PHDR_MAX = 4096,
	NAME_SCAN = 512,
};

/* width bytes at off as a number; false: not inside the file. */
static bool
kelf_get(const struct kelf *ke, uint64_t off, unsigned width, uint64_t *v)
{
	if (off > ke->ke_len || ke->ke_len - off < width)
		return (false);
	*v = 0;
	for (unsigned i = 0; i < width; i++)
		*v |= (uint64_t)ke->ke_p[off + i]
		      << (8 * (ke->ke_be ? width - 1 - i : i));
	return (true);
}

/* A field of a header: at and width by class. */
static bool
kelf_field(const struct kelf *ke, uint64_t base, unsigned at32, unsigned w32,
    unsigned at64, unsigned w64, uint64_t *v)
{
	if (base > ke->ke_len)
		return (false);
	return (kelf_get(
	    ke, base + (ke->ke_64 ? at64 : at32), ke->ke_64 ? w64 : w32, v));
}

/**
 * kelf_wordsize() - bytes of an address of that object
 * @ke:	object
 *
 * Return:	4 or 8.
 */
unsigned
kelf_wordsize(const struct kelf *ke)
{
	return (ke->ke_64 ? 8 : 4);
}

/**
 * kelf_word() - a word of the object's own size
 * @ke:		object
 * @off:	bytes from the start of the file
 * @v:		out
 *
 * Return:	true; false: not inside the file.
 */
bool
kelf_word(const struct kelf *ke, uint64_t off, uint64_t *v)
{
	return (kelf_get(ke, off, kelf_wordsize(ke), v));
}

/**
 * kelf_is() - does it begin as an ELF object does?
 * @bytes, @len: the file
 *
 * Return:	true if so; more is not looked at.
 */
bool
kelf_is(const void *bytes, size_t len)
{
	return (len >= 4 && memcmp(bytes, "\177ELF", 4) == 0);
}

/* The string at @idx of a table, ended inside it; NULL: there is none.  Of a
 * name that goes on and on the length is not looked for: tables of a hostile
 * object may share one. */
static const char *
kelf_string(const struct kelf *ke, uint64_t off, uint64_t size, uint64_t idx)
{
	const uint8_t *s;
	uint64_t left;

	if (off > ke->ke_len || ke->ke_len - off < size || idx >= size)
		return (NULL);
	s = ke->ke_p + off + idx;
	left = size - idx;
	if (memchr(s, '\0', left < NAME_SCAN ? (size_t)left : NAME_SCAN) ==
	    NULL)
		return (left < NAME_SCAN ? NULL : "(a very long name)");
	return ((const char *)s);
}

static bool
kelf_relro(struct kelf *ke)
{
	uint64_t off, size, n, type, addr, len, base;

	if (!kelf_field(ke, 0, 28, 4, 32, 8, &off) ||
	    !kelf_field(ke, 0, 42, 2, 54, 2, &size) ||
	    !kelf_field(ke, 0, 44, 2, 56, 2, &n))
		return (false);
	if (n > PHDR_MAX || off > ke->ke_len)
		return (false);
	for (uint64_t i = 0; i < n; i++) {
		base = off + i * size;
		if (!kelf_get(ke, base, 4, &type))
			return (false);
		if (type != PT_GNU_RELRO)
			continue;
		if (!kelf_field(ke, base, 8, 4, 16, 8, &addr) ||
		    !kelf_field(ke, base, 20, 4, 40, 8, &len))
			return (false);
		if (addr + len < addr)
			return (false);
		ke->ke_relro = addr;
		ke->ke_relroend = addr + len;
	}
	return (true);
}

/* Number of sections and their names; the first one holds big numbers. */
static bool
kelf_sections(struct kelf *ke)
{
	uint64_t entsize, n, strndx, v;
	struct kelf_sec names;

	if (!kelf_field(ke, 0, 32, 4, 40, 8, &ke->ke_shoff) ||
	    !kelf_field(ke, 0, 46, 2, 58, 2, &entsize) ||
	    !kelf_field(ke, 0, 48, 2, 60, 2, &n) ||
	    !kelf_field(ke, 0, 50, 2, 62, 2, &strndx))
		return (false);
	ke->ke_shentsize = (uint32_t)entsize;
	if (ke->ke_shoff == 0)
		return (true);
	if (entsize < (ke->ke_64 ? 64u : 40u) || ke->ke_shoff > ke->ke_len)
		return (false);
	if (n == 0 && !kelf_field(ke, ke->ke_shoff, 20, 4, 32, 8, &n))
		return (false);
	if (n > (ke->ke_len - ke->ke_shoff) / entsize)
		return (false);
	ke->ke_nsec = (uint32_t)n;
	if (strndx == KELF_SHN_XINDEX) {
		if (!kelf_field(ke, ke->ke_shoff, 24, 4, 40, 4, &v))
			return (false);
		strndx = v;
	}
	if (strndx == 0 || strndx >= n ||
	    !kelf_section(ke, (uint32_t)strndx, &names) ||
	    names.ks_type == KELF_SHT_NOBITS)
		return (false);
	ke->ke_stroff = names.ks_off;
	ke->ke_strlen = names.ks_size;
	return (true);
}

/**
 * kelf_open() - begin to read an object
 * @ke:		out; borrows @bytes
 * @bytes, @len: the whole file
 * @why:	out, constant: what is wrong
 *
 * Return:	true; false: @why.  An object without sections has ke_nsec 0.
 */
bool
kelf_open(struct kelf *ke, const void *bytes, size_t len, const char **why)
{
	uint64_t type;

	memset(ke, 0, sizeof(*ke));
	ke->ke_p = bytes;
	ke->ke_len = len;
	*why = "not an ELF object";
	if (!kelf_is(bytes, len))
		return (false);
	*why = "the ELF object is cut short or damaged";
	if (len < 52 || ke->ke_p[EI_VERSION] != 1 || ke->ke_p[EI_CLASS] < 1 ||
	    ke->ke_p[EI_CLASS] > 2 || ke->ke_p[EI_DATA] < 1 ||
	    ke->ke_p[EI_DATA] > 2)
		return (false);
	ke->ke_64 = ke->ke_p[EI_CLASS] == 2;
	ke->ke_be = ke->ke_p[EI_DATA] == 2;
	if (!kelf_get(ke, 16, 2, &type) || !kelf_relro(ke) ||
	    !kelf_sections(ke))
		return (false);
	ke->ke_type = (uint16_t)type;
	*why = NULL;
	return (true);
}

/**
 * kelf_section() - one section
 * @ke:	object
 * @n:	0 (always empty), 1, ... below ke_nsec
 * @ks:	out; its name is "" if it cannot be read
 *
 * Return:	true; false: there is none, or its bytes lie outside the file.
 */
bool
kelf_section(const struct kelf *ke, uint32_t n, struct kelf_sec *ks)
{
	uint64_t base, name, type, link;

	if (n >= ke->ke_nsec)
		return (false);
	base = ke->ke_shoff + (uint64_t)n * ke->ke_shentsize;
	if (!kelf_get(ke, base, 4, &name) ||
	    !kelf_get(ke, base + 4, 4, &type) ||
	    !kelf_field(ke, base, 8, 4, 8, 8, &ks->ks_flags) ||
	    !kelf_field(ke, base, 12, 4, 16, 8, &ks->ks_addr) ||
	    !kelf_field(ke, base, 16, 4, 24, 8, &ks->ks_off) ||
	    !kelf_field(ke, base, 20, 4, 32, 8, &ks->ks_size) ||
	    !kelf_field(ke, base, 24, 4, 40, 4, &link) ||
	    !kelf_field(ke, base, 36, 4, 56, 8, &ks->ks_entsize))
		return (false);
	ks->ks_type = (uint32_t)type;
	ks->ks_link = (uint32_t)link;
	ks->ks_name = kelf_string(ke, ke->ke_stroff, ke->ke_strlen, name);
	if (ks->ks_name == NULL)
		ks->ks_name = "";
	if (ks->ks_type == KELF_SHT_NOBITS || n == 0)
		return (true);
	return (
	    ks->ks_off <= ke->ke_len && ks->ks_size <= ke->ke_len - ks->ks_off);
}

/**
 * kelf_find() - the first section of a type
 * @ke:		object
 * @type:	KELF_SHT_
 * @ks:		out
 *
 * Return:	true; false: there is none that can be read.
 */
bool
kelf_find(const struct kelf *ke, uint32_t type, struct kelf_sec *ks)
{
	for (uint32_t n = 1; n < ke->ke_nsec; n++)
		if (kelf_section(ke, n, ks) && ks->ks_type == type)
			return (true);
	return (false);
}

/* Bytes that an entry of a table must have, by its type. */
static uint64_t
kelf_entry(const struct kelf *ke, const struct kelf_sec *ks)
{
	switch (ks->ks_type) {
	case KELF_SHT_SYMTAB:
	case KELF_SHT_DYNSYM:
		return (ke->ke_64 ? 24 : 16);
	case KELF_SHT_RELA:
		return (ke->ke_64 ? 24 : 12);
	case KELF_SHT_REL:
		return (ke->ke_64 ? 16 : 8);
	default:
		return (0);
	}
}

/**
 * kelf_count() - entries of a table of symbols or relocations
 * @ke:	object
 * @ks:	section
 *
 * Return:	the count; 0 for other sections and for bad tables.
 */
uint64_t
kelf_count(const struct kelf *ke, const struct kelf_sec *ks)
{
	uint64_t must = kelf_entry(ke, ks);

	if (must == 0 || ks->ks_entsize < must)
		return (0);
	return (ks->ks_size / ks->ks_entsize);
}

/**
 * kelf_symbol() - one symbol
 * @ke:		object
 * @table:	KELF_SHT_SYMTAB or KELF_SHT_DYNSYM
 * @n:		below kelf_count()
 * @ky:		out
 *
 * Return:	true; false: there is none, or its name is not in its table.
 */
bool
kelf_symbol(const struct kelf *ke, const struct kelf_sec *table, uint64_t n,
    struct kelf_sym *ky)
{
	uint64_t base, name, info, shndx;
	struct kelf_sec names;

	if (n >= kelf_count(ke, table))
		return (false);
	base = table->ks_off + n * table->ks_entsize;
	if (!kelf_get(ke, base, 4, &name) ||
	    !kelf_field(ke, base, 12, 1, 4, 1, &info) ||
	    !kelf_field(ke, base, 14, 2, 6, 2, &shndx) ||
	    !kelf_field(ke, base, 4, 4, 8, 8, &ky->ky_value) ||
	    !kelf_field(ke, base, 8, 4, 16, 8, &ky->ky_size))
		return (false);
	ky->ky_type = (uint8_t)(info & 0xf);
	ky->ky_bind = (uint8_t)(info >> 4);
	ky->ky_shndx = (uint32_t)shndx;
	if (!kelf_section(ke, table->ks_link, &names) ||
	    names.ks_type == KELF_SHT_NOBITS)
		return (false);
	ky->ky_name = kelf_string(ke, names.ks_off, names.ks_size, name);
	return (ky->ky_name != NULL);
}

/**
 * kelf_reloc() - one relocation
 * @ke:		object
 * @table:	KELF_SHT_REL or KELF_SHT_RELA
 * @n:		below kelf_count()
 * @kr:		out
 *
 * Return:	true; false: there is none.
 */
bool
kelf_reloc(const struct kelf *ke, const struct kelf_sec *table, uint64_t n,
    struct kelf_reloc *kr)
{
	uint64_t base, info;

	if (n >= kelf_count(ke, table))
		return (false);
	base = table->ks_off + n * table->ks_entsize;
	kr->kr_has_addend = table->ks_type == KELF_SHT_RELA;
	kr->kr_addend = 0;
	if (!kelf_field(ke, base, 0, 4, 0, 8, &kr->kr_offset) ||
	    !kelf_field(ke, base, 4, 4, 8, 8, &info) ||
	    (kr->kr_has_addend &&
		!kelf_field(ke, base, 8, 4, 16, 8, &kr->kr_addend)))
		return (false);
	kr->kr_sym = (uint32_t)(info >> (ke->ke_64 ? 32 : 8));
	return (true);
}
