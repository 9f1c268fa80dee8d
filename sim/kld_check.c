/*
 * kld_check.c - may this object become part of a world?
 *
 * All state of a module lies in the world: then a world can be saved, restored
 * and hashed, and two vnets share nothing.  A variable in the object itself
 * would be outside, so an object that has one is refused before it is mapped:
 *
 *	a symbol of an object or of thread-local storage in a section that
 *		stays writable (not in PT_GNU_RELRO), or in COMMON
 *	bytes of such a section that no symbol accounts for: the object is
 *		stripped; a word a section is granted, for what crtbeginS.o
 *		brings (__dso_handle, completed.0)
 *	a function in .init_array, .fini_array and their like: it would run
 *		outside of any vnet; crtbeginS.o's one in each is granted
 *
 * What relocation alone writes (.got, .data.rel.ro, .dynamic) is no state, and
 * symbols of no size are marks of the linker.  Local symbols behind the file
 * symbol of a C runtime file are that file's.  Objects that a sanitizer
 * instrumented have unnamed data and constructors; for them the first rule
 * alone holds, without what the sanitizer named.
 *
 * Only ELF is known: for other formats (Mach-O) there is no verdict.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/kld_elf.h"

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

enum { STT_FILE = 4, CTORS_MAX = 64, SECTIONS_MAX = 4096 };

struct check {
	struct kelf ck_elf;
	struct kelf_sec ck_tab; /* symbols: all, or the dynamic ones */
	bool ck_stripped;
	bool ck_sanitized;
	char *ck_why;
	size_t ck_size;
};

static bool
begins(const char *s, const char *with)
{
	return (strncmp(s, with, strlen(with)) == 0);
}

static bool
one_of(const char *s, const char *const *names, size_t n, bool prefix)
{
	for (size_t i = 0; i < n; i++)
		if (prefix ? begins(s, names[i]) : strcmp(s, names[i]) == 0)
			return (true);
	return (false);
}

/* Source files of the C runtime's objects: gcc, FreeBSD, compiler-rt. */
static bool
runtime_file(const char *name)
{
	static const char *const files[] = { "crtstuff.c", "crtbegin.c",
		"crtend.c", "crtbeginS.S", "crtendS.S", "crti.S", "crtn.S",
		"crtbrand.c", "feature_note.S", "ignore_init_note.S" };

	return (one_of(name, files, NITEMS(files), false));
}

static bool
sanitizer_name(const char *name)
{
	static const char *const names[] = { "__asan_", "__ubsan_",
		"__odr_asan", "___asan_gen", "__unnamed_", "_sub_I_", "_sub_D_",
		"asan.module_", "__sanitizer_", "__sancov_" };

	return (one_of(name, names, NITEMS(names), true));
}

/* Sections that the dynamic linker writes and nobody else. */
static bool
linker_section(const char *name)
{
	static const char *const names[] = { ".got", ".got.plt", ".dynamic",
		".plt", ".init_array", ".fini_array", ".preinit_array",
		".ctors", ".dtors", ".jcr", ".tm_clone_table", ".eh_frame" };
	static const char *const prefixes[] = { ".data.rel.ro", ".bss.rel.ro" };

	return (one_of(name, names, NITEMS(names), false) ||
		one_of(name, prefixes, NITEMS(prefixes), true));
}

/* Does it hold variables?  Thread-local ones may lie inside RELRO. */
static bool
is_writable(const struct kelf *ke, const struct kelf_sec *ks)
{
	uint64_t must = KELF_SHF_WRITE | KELF_SHF_ALLOC;

	if ((ks->ks_flags & must) != must)
		return (false);
	if ((ks->ks_flags & KELF_SHF_TLS) != 0)
		return (true);
	if (ks->ks_addr >= ke->ke_relro && ks->ks_addr < ke->ke_relroend)
		return (false);
	return (!linker_section(ks->ks_name));
}

/* The section of a symbol that is a variable; false: it is none. */
static bool
variable(const struct kelf *ke, const struct kelf_sym *ky, struct kelf_sec *ks)
{
	if (ky->ky_type != KELF_STT_OBJECT && ky->ky_type != KELF_STT_COMMON &&
	    ky->ky_type != KELF_STT_TLS)
		return (false);
	if (ky->ky_size == 0 || ky->ky_shndx == KELF_SHN_UNDEF)
		return (false);
	if (ky->ky_shndx == KELF_SHN_COMMON) {
		memset(ks, 0, sizeof(*ks));
		ks->ks_name = "COMMON";
		return (true);
	}
	return (ky->ky_shndx < KELF_SHN_LORESERVE &&
		kelf_section(ke, ky->ky_shndx, ks) && is_writable(ke, ks));
}

static const char *
thread_local_or_not(const struct kelf_sym *ky)
{
	return (ky->ky_type == KELF_STT_TLS ? "thread-local" : "writable");
}

/* Rule 1.  Return: true if there is none. */
static bool
check_variables(struct check *ck)
{
	uint64_t n, more = 0, count = kelf_count(&ck->ck_elf, &ck->ck_tab);
	bool runtime = false, found = false;
	struct kelf_sec ks;
	struct kelf_sym ky, first = { 0 };
	const char *section = "";

	for (n = 1; n < count; n++) {
		if (!kelf_symbol(&ck->ck_elf, &ck->ck_tab, n, &ky))
			continue;
		if (ky.ky_type == STT_FILE)
			runtime = runtime_file(ky.ky_name);
		if (!variable(&ck->ck_elf, &ky, &ks) ||
		    (runtime && ky.ky_bind == KELF_STB_LOCAL) ||
		    (ck->ck_sanitized && sanitizer_name(ky.ky_name)))
			continue;
		if (found) {
			more++;
			continue;
		}
		found = true;
		first = ky;
		section = ks.ks_name;
	}
	if (!found)
		return (true);
	(void)snprintf(ck->ck_why, ck->ck_size,
	    "%s static `%.64s` (%.32s, %" PRIu64 " byte%s)",
	    thread_local_or_not(&first), first.ky_name, section, first.ky_size,
	    first.ky_size == 1 ? "" : "s");
	n = strlen(ck->ck_why);
	if (more > 0 && n < ck->ck_size)
		(void)snprintf(ck->ck_why + n, ck->ck_size - n,
		    " and %" PRIu64 " more", more);
	n = strlen(ck->ck_why);
	if (n < ck->ck_size)
		(void)snprintf(ck->ck_why + n, ck->ck_size - n,
		    ": state belongs into the vnet (VNET_STATE_LOADED)");
	return (false);
}

/* Bytes of a section that symbols account for. */
static uint64_t
accounted(const struct check *ck, uint32_t shndx)
{
	uint64_t sum = 0, count = kelf_count(&ck->ck_elf, &ck->ck_tab);
	struct kelf_sym ky;

	for (uint64_t n = 1; n < count; n++)
		if (kelf_symbol(&ck->ck_elf, &ck->ck_tab, n, &ky) &&
		    ky.ky_shndx == shndx && ky.ky_type != STT_FILE &&
		    sum + ky.ky_size >= sum)
			sum += ky.ky_size;
	return (sum);
}

/* Rule 2. */
static bool
check_unnamed(struct check *ck)
{
	unsigned word = kelf_wordsize(&ck->ck_elf), seen = 0;
	struct kelf_sec ks;
	uint64_t sum;

	for (uint32_t n = 1; n < ck->ck_elf.ke_nsec; n++) {
		if (!kelf_section(&ck->ck_elf, n, &ks) ||
		    !is_writable(&ck->ck_elf, &ks) || ks.ks_size <= word)
			continue;
		/* Each costs a walk over all symbols. */
		if (seen++ == CTORS_MAX) {
			(void)snprintf(ck->ck_why, ck->ck_size,
			    "more than %d writable sections", CTORS_MAX);
			return (false);
		}
		sum = accounted(ck, n);
		if (sum >= ks.ks_size || ks.ks_size - sum <= word)
			continue;
		(void)snprintf(ck->ck_why, ck->ck_size,
		    "%s %.32s has %" PRIu64 " bytes that may be writable "
		    "statics: %s",
		    ck->ck_stripped ? "the object is stripped and"
				    : "without a symbol,",
		    ks.ks_name, ks.ks_size - sum,
		    ck->ck_stripped ? "load the one with its symbols"
				    : "state belongs into the vnet "
				      "(VNET_STATE_LOADED)");
		return (false);
	}
	return (true);
}

/* The address that the word at file offset @off will hold, by its relocation
 * if there is one. */
static bool
word_target(const struct kelf *ke, uint64_t off, uint64_t addr, uint64_t *v)
{
	struct kelf_sec ks, dynsym;
	struct kelf_reloc kr;
	struct kelf_sym ky;
	/* Tables that do not overlap have no more entries. */
	uint64_t budget = ke->ke_len / 8;

	if (!kelf_word(ke, off, v))
		return (false);
	for (uint32_t n = 1; n < ke->ke_nsec; n++) {
		if (!kelf_section(ke, n, &ks) ||
		    (ks.ks_type != KELF_SHT_RELA && ks.ks_type != KELF_SHT_REL))
			continue;
		for (uint64_t i = 0; kelf_reloc(ke, &ks, i, &kr); i++) {
			if (budget-- == 0)
				return (true);
			if (kr.kr_offset != addr)
				continue;
			if (kr.kr_has_addend)
				*v = kr.kr_addend;
			if (kr.kr_sym != 0 &&
			    kelf_section(ke, ks.ks_link, &dynsym) &&
			    kelf_symbol(ke, &dynsym, kr.kr_sym, &ky))
				*v += ky.ky_value;
			return (true);
		}
	}
	return (true);
}

/* The function at an address: its name, and whether it is the runtime's. */
static const char *
function_at(const struct check *ck, uint64_t addr, bool *runtime)
{
	uint64_t count = kelf_count(&ck->ck_elf, &ck->ck_tab);
	struct kelf_sym ky;
	bool here = false;

	*runtime = false;
	for (uint64_t n = 1; n < count; n++) {
		if (!kelf_symbol(&ck->ck_elf, &ck->ck_tab, n, &ky))
			continue;
		if (ky.ky_type == STT_FILE)
			here = runtime_file(ky.ky_name);
		if (ky.ky_type != KELF_STT_FUNC ||
		    ky.ky_shndx == KELF_SHN_UNDEF || ky.ky_value != addr)
			continue;
		*runtime = here && ky.ky_bind == KELF_STB_LOCAL;
		return (ky.ky_name);
	}
	return (NULL);
}

/* The entries of one array: the runtime has at most one in each, and an
 * object without local symbols cannot name it. */
static bool
check_array(struct check *ck, const struct kelf_sec *ks)
{
	unsigned word = kelf_wordsize(&ck->ck_elf), granted = 0;
	uint64_t n = ks->ks_size / word, v;
	const char *name = NULL;
	bool runtime;

	if (n > CTORS_MAX)
		goto refuse;
	for (uint64_t i = 0; i < n; i++) {
		if (!word_target(&ck->ck_elf, ks->ks_off + i * word,
			ks->ks_addr + i * word, &v))
			continue;
		name = function_at(ck, v, &runtime);
		if (runtime)
			continue;
		if (name == NULL && granted++ == 0)
			continue;
		goto refuse;
	}
	return (true);
refuse:
	(void)snprintf(ck->ck_why, ck->ck_size,
	    "constructor or destructor `%.64s` (%.32s): it would run outside "
	    "of any vnet; use vm_init and vm_uninit",
	    name != NULL ? name : "?", ks->ks_name);
	return (false);
}

/* Rule 3. */
static bool
check_constructors(struct check *ck)
{
	static const char *const names[] = { ".init_array", ".fini_array",
		".preinit_array" };
	struct kelf_sec ks;

	for (uint32_t n = 1; n < ck->ck_elf.ke_nsec; n++)
		if (kelf_section(&ck->ck_elf, n, &ks) &&
		    ks.ks_type != KELF_SHT_NOBITS &&
		    one_of(ks.ks_name, names, NITEMS(names), true) &&
		    !check_array(ck, &ks))
			return (false);
	return (true);
}

/* Is it instrumented?  Then it needs what only a sanitizer has. */
static bool
is_sanitized(const struct kelf *ke)
{
	struct kelf_sec dynsym;
	struct kelf_sym ky;

	if (!kelf_find(ke, KELF_SHT_DYNSYM, &dynsym))
		return (false);
	for (uint64_t n = 1; n < kelf_count(ke, &dynsym); n++)
		if (kelf_symbol(ke, &dynsym, n, &ky) &&
		    ky.ky_shndx == KELF_SHN_UNDEF &&
		    (begins(ky.ky_name, "__asan_init") ||
			begins(ky.ky_name, "__ubsan_handle_")))
			return (true);
	return (false);
}

/**
 * kld_export() - walk what an object defines for others to find
 * @ke:		object
 * @n:		0 at first; kept by the caller
 * @name:	out: a function or object, in @ke's bytes
 *
 * Return:	true; false: no more.
 */
bool
kld_export(const struct kelf *ke, uint64_t *n, const char **name)
{
	struct kelf_sec dynsym;
	struct kelf_sym ky;

	if (!kelf_find(ke, KELF_SHT_DYNSYM, &dynsym))
		return (false);
	while (++*n < kelf_count(ke, &dynsym)) {
		if (!kelf_symbol(ke, &dynsym, *n, &ky) ||
		    ky.ky_bind == KELF_STB_LOCAL ||
		    ky.ky_shndx == KELF_SHN_UNDEF || ky.ky_size == 0 ||
		    (ky.ky_type != KELF_STT_FUNC &&
			ky.ky_type != KELF_STT_OBJECT) ||
		    sanitizer_name(ky.ky_name))
			continue;
		*name = ky.ky_name;
		return (true);
	}
	return (false);
}

static enum kld_verdict
refuse(struct check *ck, const char *why)
{
	(void)snprintf(ck->ck_why, ck->ck_size, "%s", why);
	return (KLD_REFUSED);
}

/**
 * kld_check() - judge an object before it is mapped
 * @bytes, @len: the whole file
 * @why:	out: a sentence if it is refused, without the file's name
 * @size:	bytes of @why
 *
 * Time: O(symbols + relocations), times the writable sections and the entries
 * of the arrays, of which there are at most 64 each.
 * Return:	KLD_FINE; KLD_FOREIGN: no ELF object; KLD_REFUSED: @why.
 */
enum kld_verdict
kld_check(const void *bytes, size_t len, char *why, size_t size)
{
	struct check ck = { .ck_why = why, .ck_size = size };
	const char *bad;

	if (!kelf_is(bytes, len))
		return (KLD_FOREIGN);
	if (!kelf_open(&ck.ck_elf, bytes, len, &bad))
		return (refuse(&ck, bad));
	if (ck.ck_elf.ke_type != KELF_ET_DYN)
		return (refuse(
		    &ck, ck.ck_elf.ke_type == KELF_ET_REL
			     ? "an object file, not yet linked: cc -shared"
			     : "not a shared object"));
	if (ck.ck_elf.ke_nsec == 0)
		return (refuse(&ck, "without section headers nobody can tell "
				    "whether it has writable statics"));
	if (ck.ck_elf.ke_nsec > SECTIONS_MAX)
		return (refuse(&ck, "more than 4096 sections"));
	ck.ck_stripped = !kelf_find(&ck.ck_elf, KELF_SHT_SYMTAB, &ck.ck_tab);
	if (ck.ck_stripped &&
	    !kelf_find(&ck.ck_elf, KELF_SHT_DYNSYM, &ck.ck_tab))
		memset(&ck.ck_tab, 0, sizeof(ck.ck_tab));
	ck.ck_sanitized = is_sanitized(&ck.ck_elf);
	if (!check_variables(&ck))
		return (KLD_REFUSED);
	if (!ck.ck_sanitized &&
	    (!check_unnamed(&ck) || !check_constructors(&ck)))
		return (KLD_REFUSED);
	return (KLD_FINE);
}
