/*
 * kld_elf.h - what an ELF shared object says of itself, read from bytes.
 */
#ifndef SIM_KLD_ELF_H
#define SIM_KLD_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The few numbers of the ELF specification that the check needs. */
enum kelf_number {
	KELF_ET_REL = 1,
	KELF_ET_EXEC = 2,
	KELF_ET_DYN = 3,
	KELF_SHT_SYMTAB = 2,
	KELF_SHT_RELA = 4,
	KELF_SHT_NOBITS = 8,
	KELF_SHT_REL = 9,
	KELF_SHT_DYNSYM = 11,
	KELF_SHF_WRITE = 0x1,
	KELF_SHF_ALLOC = 0x2,
	KELF_SHF_TLS = 0x400,
	KELF_STT_OBJECT = 1,
	KELF_STT_FUNC = 2,
	KELF_STT_COMMON = 5,
	KELF_STT_TLS = 6,
	KELF_STB_LOCAL = 0,
	KELF_SHN_UNDEF = 0,
	KELF_SHN_LORESERVE = 0xff00,
	KELF_SHN_COMMON = 0xfff2,
	KELF_SHN_XINDEX = 0xffff,
};

/**
 * struct kelf - an object in memory
 * @ke_p:	(b) the whole file
 * @ke_len:	bytes
 * @ke_64, @ke_be: class and byte order
 * @ke_type:	KELF_ET_
 * @ke_nsec:	sections
 * @ke_relro, @ke_relroend: addresses that are read-only once relocated; equal
 *		if the object says nothing of it
 */
struct kelf {
	const uint8_t *ke_p;
	size_t ke_len;
	bool ke_64, ke_be;
	uint16_t ke_type;
	uint64_t ke_shoff;
	uint32_t ke_shentsize;
	uint32_t ke_nsec;
	uint64_t ke_relro, ke_relroend;
	uint64_t ke_stroff, ke_strlen; /* names of sections */
};

/* A section; its bytes lie inside the file unless it has none (NOBITS). */
struct kelf_sec {
	const char *ks_name;
	uint32_t ks_type;
	uint64_t ks_flags, ks_addr, ks_off, ks_size, ks_entsize;
	uint32_t ks_link;
};

struct kelf_sym {
	const char *ky_name;
	uint8_t ky_type, ky_bind;
	uint32_t ky_shndx; /* of a section, or KELF_SHN_ */
	uint64_t ky_value, ky_size;
};

/* Where a word of the object comes from when it is loaded. */
struct kelf_reloc {
	uint64_t kr_offset; /* address of the word */
	uint32_t kr_sym;    /* index into the section's ks_link, 0: none */
	bool kr_has_addend;
	uint64_t kr_addend;
};

bool kelf_open(
    struct kelf *ke, const void *bytes, size_t len, const char **why);
bool kelf_is(const void *bytes, size_t len);
bool kelf_section(const struct kelf *ke, uint32_t n, struct kelf_sec *ks);
bool kelf_find(const struct kelf *ke, uint32_t type, struct kelf_sec *ks);
uint64_t kelf_count(const struct kelf *ke, const struct kelf_sec *ks);
bool kelf_symbol(const struct kelf *ke, const struct kelf_sec *table,
    uint64_t n, struct kelf_sym *ky);
bool kelf_reloc(const struct kelf *ke, const struct kelf_sec *table, uint64_t n,
    struct kelf_reloc *kr);
bool kelf_word(const struct kelf *ke, uint64_t off, uint64_t *v);
unsigned kelf_wordsize(const struct kelf *ke);

/* What the check says of an object. */
enum kld_verdict {
	KLD_FINE,    /* nothing against it */
	KLD_FOREIGN, /* no ELF object: this check can say nothing */
	KLD_REFUSED, /* @why tells */
};

enum kld_verdict kld_check(
    const void *bytes, size_t len, char *why, size_t size);
bool kld_export(const struct kelf *ke, uint64_t *n, const char **name);

#endif /* !SIM_KLD_ELF_H */
