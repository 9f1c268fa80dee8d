/*
 * test_kld_elf.c - objects are judged by their bytes, before they are mapped.
 *
 * Each case writes a small ELF object, in both classes and both byte orders,
 * and asks kld_check() about it.  Then every truncation of it, and every byte
 * of it changed in several ways, must be judged without a crash (the sanitizer
 * build sees each read beyond the end), and without believing a count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/kld_elf.h"

enum {
	S_NULL,
	S_DATA,
	S_BSS,
	S_RELRO,
	S_TBSS,
	S_INIT,
	S_SYMTAB,
	S_STRTAB,
	S_REL,
	S_SHSTR,
	S_N
};

static const char *const secname[S_N] = { "", ".data", ".bss", ".data.rel.ro",
	".tbss", ".init_array", ".symtab", ".strtab", ".rela.dyn",
	".shstrtab" };

struct sym {
	const char *name;
	uint64_t type, bind, shndx, value, size;
};

/* What an object is made of; addresses are 4096 * section. */
struct spec {
	uint64_t data, bss, tbss;
	unsigned ninit; /* entries of .init_array: functions 1, 2, ... */
	/* the entries come from relocations; no program header; only the
	 * dynamic symbols: stripped */
	bool use_rel, norelro, dyn;
	unsigned type; /* 0: KELF_ET_DYN */
	unsigned nsym;
	struct sym sym[12];
};

struct place {
	uint64_t type, flags, off, size, link, entsize;
};

struct image {
	uint8_t b[8192];
	size_t len;
	bool c64, be;
};

static void
put(struct image *im, size_t off, unsigned width, uint64_t v)
{
	assert_true(off + width <= sizeof(im->b));
	for (unsigned i = 0; i < width; i++)
		im->b[off + i] =
		    (uint8_t)(v >> (8 * (im->be ? width - 1 - i : i)));
}

static unsigned
word(const struct image *im)
{
	return (im->c64 ? 8 : 4);
}

static size_t
put_str(struct image *im, const char *s)
{
	size_t at = im->len;

	memcpy(im->b + im->len, s, strlen(s) + 1);
	im->len += strlen(s) + 1;
	return (at);
}

static void
put_symbol(struct image *im, size_t at, const struct sym *y, size_t name)
{
	uint64_t info = y->bind << 4 | y->type;

	put(im, at, 4, name);
	put(im, at + (im->c64 ? 4 : 12), 1, info);
	put(im, at + (im->c64 ? 6 : 14), 2, y->shndx);
	put(im, at + (im->c64 ? 8 : 4), word(im), y->value);
	put(im, at + (im->c64 ? 16 : 8), word(im), y->size);
}

static void
put_section(struct image *im, size_t at, unsigned n, size_t name,
    const struct place *pl)
{
	unsigned w = word(im);

	put(im, at, 4, name);
	put(im, at + 4, 4, pl->type);
	put(im, at + 8, w, pl->flags);
	put(im, at + (im->c64 ? 16 : 12), w, n * 4096u);
	put(im, at + (im->c64 ? 24 : 16), w, pl->off);
	put(im, at + (im->c64 ? 32 : 20), w, pl->size);
	put(im, at + (im->c64 ? 40 : 24), 4, pl->link);
	put(im, at + (im->c64 ? 56 : 36), w, pl->entsize);
}

static void
make_data(struct image *im, const struct spec *sp, struct place *pl)
{
	uint64_t wa = KELF_SHF_WRITE | KELF_SHF_ALLOC;

	pl[S_DATA] = (struct place){ 1, wa, im->len, sp->data, 0, 0 };
	im->len += (size_t)sp->data;
	pl[S_BSS] =
	    (struct place){ KELF_SHT_NOBITS, wa, im->len, sp->bss, 0, 0 };
	pl[S_RELRO] = (struct place){ 1, wa, im->len, 64, 0, 0 };
	im->len += 64;
	pl[S_TBSS] = (struct place){ KELF_SHT_NOBITS, wa | KELF_SHF_TLS,
		im->len, sp->tbss, 0, 0 };
	pl[S_INIT] = (struct place){ 14, wa, im->len, 0, 0, 0 };
	for (unsigned i = 0; i < sp->ninit; i++) {
		if (!sp->use_rel)
			put(im, im->len, word(im), 0x100 + i);
		im->len += word(im);
		pl[S_INIT].size += word(im);
	}
}

static void
make_symbols(struct image *im, const struct spec *sp, struct place *pl)
{
	unsigned size = im->c64 ? 24 : 16;
	size_t str, at = im->len;

	pl[S_SYMTAB] =
	    (struct place){ sp->dyn ? KELF_SHT_DYNSYM : KELF_SHT_SYMTAB, 0, at,
		    (uint64_t)size * (sp->nsym + 1), S_STRTAB, size };
	im->len += (size_t)pl[S_SYMTAB].size;
	str = im->len++;
	for (unsigned i = 0; i < sp->nsym; i++)
		put_symbol(im, at + (size_t)size * (i + 1), &sp->sym[i],
		    put_str(im, sp->sym[i].name) - str);
	pl[S_STRTAB] = (struct place){ 3, 0, str, im->len - str, 0, 0 };
}

/* Of .init_array, with addends. */
static void
make_relocs(struct image *im, const struct spec *sp, struct place *pl)
{
	unsigned w = word(im), size = 3 * w;

	pl[S_REL] =
	    (struct place){ KELF_SHT_RELA, 0, im->len, 0, S_SYMTAB, size };
	for (unsigned i = 0; sp->use_rel && i < sp->ninit; i++) {
		put(im, im->len, w, S_INIT * 4096u + i * w);
		put(im, im->len + w, w, 8);
		put(im, im->len + 2 * (size_t)w, w, 0x100 + i);
		im->len += size;
		pl[S_REL].size += size;
	}
}

static void
make_header(struct image *im, const struct spec *sp, size_t shoff)
{
	unsigned w = word(im);

	memcpy(im->b, "\177ELF", 4);
	im->b[4] = im->c64 ? 2 : 1;
	im->b[5] = im->be ? 2 : 1;
	im->b[6] = 1;
	put(im, 16, 2, sp->type != 0 ? sp->type : KELF_ET_DYN);
	put(im, im->c64 ? 32 : 28, w, 64); /* program headers */
	put(im, im->c64 ? 40 : 32, w, shoff);
	put(im, im->c64 ? 54 : 42, 2, im->c64 ? 56 : 32);
	put(im, im->c64 ? 56 : 44, 2, sp->norelro ? 0 : 1);
	put(im, im->c64 ? 58 : 46, 2, im->c64 ? 64 : 40);
	put(im, im->c64 ? 60 : 48, 2, S_N);
	put(im, im->c64 ? 62 : 50, 2, S_SHSTR);
	put(im, 64, 4, 0x6474e552); /* PT_GNU_RELRO: S_RELRO to S_INIT */
	put(im, 64 + (im->c64 ? 16 : 8), w, S_RELRO * 4096u);
	put(im, 64 + (im->c64 ? 40 : 20), w, 3 * 4096u);
}

static void
make(struct image *im, const struct spec *sp, bool c64, bool be)
{
	struct place pl[S_N] = { { 0 } };
	size_t names[S_N], str, shoff;

	memset(im, 0, sizeof(*im));
	im->c64 = c64;
	im->be = be;
	im->len = 128;
	make_data(im, sp, pl);
	make_symbols(im, sp, pl);
	make_relocs(im, sp, pl);
	str = im->len;
	for (unsigned n = 0; n < S_N; n++)
		names[n] = put_str(im, secname[n]) - str;
	pl[S_SHSTR] = (struct place){ 3, 0, str, im->len - str, 0, 0 };
	shoff = im->len;
	for (unsigned n = 1; n < S_N; n++)
		put_section(
		    im, shoff + n * (c64 ? 64u : 40u), n, names[n], &pl[n]);
	im->len = shoff + S_N * (c64 ? 64u : 40u);
	make_header(im, sp, shoff);
}

/* Judge it in every class and order; @says NULL: it must be fine. */
static void
judge(const struct spec *sp, const char *says)
{
	struct image im;
	char why[256];
	enum kld_verdict v;

	for (unsigned k = 0; k < 4; k++) {
		make(&im, sp, (k & 1) != 0, (k & 2) != 0);
		why[0] = '\0';
		v = kld_check(im.b, im.len, why, sizeof(why));
		if (says == NULL && v != KLD_FINE)
			fail_msg("class %u: refused: %s", k, why);
		if (says == NULL)
			continue;
		assert_int_equal(v, KLD_REFUSED);
		if (strstr(why, says) == NULL)
			fail_msg(
			    "class %u: \"%s\" is not in: %s", k, says, why);
	}
}

#define VAR(name, sec, size)                                                   \
	{                                                                      \
		name, KELF_STT_OBJECT, 0, sec, 0, size                         \
	}

static void
what_the_runtime_brings_is_fine(void **state)
{
	/* .data and .bss hold a word each, as in an empty object. */
	struct spec sp = { .data = 4,
		.bss = 4,
		.ninit = 1,
		.nsym = 5,
		.sym = {
		    { "crtstuff.c", 4, 0, 0xfff1, 0, 0 },
		    VAR("completed.0", S_BSS, 1),
		    { "frame_dummy", KELF_STT_FUNC, 0, 7, 0x100, 0 },
		    { "mine.c", 4, 0, 0xfff1, 0, 0 },
		    VAR("table", S_RELRO, 64),
		} };

	(void)state;
	judge(&sp, NULL);
	sp.use_rel = true;
	judge(&sp, NULL);
	sp.norelro = true; /* told by its name then */
	judge(&sp, NULL);
	sp.dyn = true;
	judge(&sp, NULL);
}

static void
a_writable_static_is_named(void **state)
{
	struct spec sp = { .data = 8,
		.bss = 65,
		.tbss = 4,
		.nsym = 2,
		.sym = { { "mine.c", 4, 0, 0xfff1, 0, 0 },
		    VAR("cache", S_BSS, 64) } };

	(void)state;
	judge(&sp, "writable static `cache` (.bss, 64 bytes): state belongs "
		   "into the vnet (VNET_STATE_LOADED)");
	sp.sym[1] = (struct sym)VAR("flag", S_DATA, 1);
	judge(&sp, "`flag` (.data, 1 byte):");
	/* In RELRO by address, and still per thread. */
	sp.sym[1] = (struct sym){ "slot", KELF_STT_TLS, 0, S_TBSS, 0, 4 };
	judge(&sp, "thread-local static `slot` (.tbss, 4 bytes)");
	sp.sym[1] = (struct sym){ "common", KELF_STT_OBJECT, 1, 0xfff2, 4, 12 };
	judge(&sp, "`common` (COMMON, 12 bytes)");
	/* The runtime's names are its own only behind its file's symbol. */
	sp.sym[1] = (struct sym)VAR("completed.0", S_BSS, 1);
	judge(&sp, "`completed.0` (.bss, 1 byte)");
	/* Two of them; and one that others can see, in the runtime's file. */
	sp.nsym = 3;
	sp.sym[2] = (struct sym)VAR("other", S_DATA, 8);
	judge(&sp, "`completed.0` (.bss, 1 byte) and 1 more: state");
	sp.sym[0].name = "crtstuff.c";
	sp.sym[1].bind = 1;
	judge(&sp, "`completed.0` (.bss, 1 byte): state");
}

static void
marks_and_constants_are_no_variables(void **state)
{
	struct spec sp = { .nsym = 4,
		.sym = { VAR("__TMC_END__", S_DATA, 0),
		    { "undefined", KELF_STT_OBJECT, 1, 0, 0, 64 },
		    { "function", KELF_STT_FUNC, 1, S_DATA, 0, 64 },
		    VAR("absolute", 0xfff1, 64) } };

	(void)state;
	judge(&sp, NULL);
}

static void
stripped_objects_are_judged_by_size(void **state)
{
	struct spec sp = { .data = 4, .bss = 4, .dyn = true };

	(void)state;
	judge(&sp, NULL);
	sp.bss = 9;
	judge(&sp, "stripped and .bss has 9 bytes");
	sp.bss = 0;
	sp.data = 9;
	judge(&sp, "stripped and .data has 9 bytes");
	sp.dyn = false; /* strip -x: a table, but not of everything */
	judge(&sp, "without a symbol, .data has 9 bytes");
}

static void
constructors_are_refused(void **state)
{
	struct spec sp = { .ninit = 1,
		.nsym = 1,
		.sym = { { "hello", KELF_STT_FUNC, 0, 7, 0x100, 8 } } };

	(void)state;
	judge(&sp, "constructor or destructor `hello` (.init_array)");
	sp.use_rel = true;
	judge(&sp, "constructor or destructor `hello` (.init_array)");
	sp.nsym = 0;
	judge(&sp, NULL); /* one without a name may be the runtime's */
	sp.ninit = 2;
	judge(&sp, "constructor or destructor `?`");
	sp.ninit = 65;
	judge(&sp, "constructor or destructor `?`");
}

static void
instrumented_objects_may_have_unnamed_data(void **state)
{
	struct spec sp = { .data = 200,
		.ninit = 2,
		.dyn = true,
		.nsym = 1,
		.sym = { { "__asan_init_v1", 0, 1, 0, 0, 0 } } };

	(void)state;
	judge(&sp, NULL);
	sp.nsym = 2;
	sp.sym[1] = (struct sym)VAR("cache", S_DATA, 64);
	judge(&sp, "writable static `cache` (.data, 64 bytes)");
}

static void
other_kinds_of_objects_are_told(void **state)
{
	struct spec sp = { .type = KELF_ET_REL };
	struct image im;
	char why[256];

	(void)state;
	judge(&sp, "not yet linked");
	sp.type = KELF_ET_EXEC;
	judge(&sp, "not a shared object");
	sp.type = 0;
	make(&im, &sp, true, false);
	put(&im, 40, 8, 0); /* sstrip: no section headers */
	assert_int_equal(
	    kld_check(im.b, im.len, why, sizeof(why)), KLD_REFUSED);
	assert_non_null(strstr(why, "without section headers"));
	assert_int_equal(
	    kld_check("#!/bin/sh\n", 10, why, sizeof(why)), KLD_FOREIGN);
	assert_int_equal(
	    kld_check("\177ELF", 4, why, sizeof(why)), KLD_REFUSED);
	assert_non_null(strstr(why, "cut short"));
}

/* Judge bytes that lie at the very end of an allocation. */
static enum kld_verdict
judge_copy(const uint8_t *b, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	char why[128] = "";
	enum kld_verdict v;
	struct kelf ke;
	const char *bad, *name;
	uint64_t n = 0;

	assert_non_null(copy);
	memcpy(copy, b, len);
	v = kld_check(copy, len, why, sizeof(why));
	assert_true(v != KLD_REFUSED || why[0] != '\0');
	if (kelf_open(&ke, copy, len, &bad))
		while (kld_export(&ke, &n, &name))
			assert_true(strlen(name) < 8192);
	free(copy);
	return (v);
}

static const struct spec hostile = { .data = 16,
	.bss = 8,
	.ninit = 2,
	.use_rel = true,
	.nsym = 4,
	.sym = { { "crtstuff.c", 4, 0, 0xfff1, 0, 0 },
	    VAR("completed.0", S_BSS, 1),
	    { "frame_dummy", KELF_STT_FUNC, 0, 7, 0x100, 0 },
	    { "second", KELF_STT_FUNC, 1, 7, 0x101, 4 } } };

static void
every_truncation_is_refused(void **state)
{
	struct image im;

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		make(&im, &hostile, (k & 1) != 0, (k & 2) != 0);
		for (size_t len = 4; len < im.len; len++)
			assert_int_equal(judge_copy(im.b, len), KLD_REFUSED);
	}
}

static void
every_changed_byte_is_survived(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff };
	struct image im;
	unsigned verdicts[3] = { 0 };

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		make(&im, &hostile, (k & 1) != 0, (k & 2) != 0);
		for (size_t i = 0; i < im.len; i++)
			for (size_t m = 0; m < sizeof(masks); m++) {
				im.b[i] ^= masks[m];
				verdicts[judge_copy(im.b, im.len)]++;
				im.b[i] ^= masks[m];
			}
	}
	assert_true(verdicts[KLD_REFUSED] > 1000);
	assert_true(verdicts[KLD_FOREIGN] >= 4 * 4 * 3);
}

/* Counts and offsets at the edges of what a field can say. */
static void
absurd_headers_are_refused(void **state)
{
	static const struct {
		uint8_t at, width;
		uint64_t v;
	} fields[] = { { 32, 8, UINT64_MAX }, { 32, 8, UINT64_MAX - 8 },
		{ 40, 8, UINT64_MAX }, { 40, 8, 1 }, { 54, 2, 0xffff },
		{ 56, 2, 0xffff }, { 58, 2, 0 }, { 58, 2, 63 },
		{ 58, 2, 0xffff }, { 60, 2, 0xffff }, { 62, 2, 0xffff },
		{ 62, 2, 0xfffe }, { 80, 8, UINT64_MAX }, { 4, 1, 0 },
		{ 4, 1, 3 }, { 5, 1, 0 }, { 5, 1, 3 }, { 6, 1, 0 } };
	struct image im;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		make(&im, &hostile, true, false);
		put(&im, fields[i].at, fields[i].width, fields[i].v);
		if (judge_copy(im.b, im.len) != KLD_REFUSED)
			fail_msg("field %zu is believed", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_runtime_brings_is_fine),
		cmocka_unit_test(a_writable_static_is_named),
		cmocka_unit_test(marks_and_constants_are_no_variables),
		cmocka_unit_test(stripped_objects_are_judged_by_size),
		cmocka_unit_test(constructors_are_refused),
		cmocka_unit_test(instrumented_objects_may_have_unnamed_data),
		cmocka_unit_test(other_kinds_of_objects_are_told),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_changed_byte_is_survived),
		cmocka_unit_test(absurd_headers_are_refused),
	};

	return (
	    cmocka_run_group_tests_name("kld_elf", tests, NULL, NULL) ? 1 : 0);
}
