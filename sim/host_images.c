/*
 * host_images.c - the program and its shared objects, for dumps of worlds.
 *
 * A dump needs the constant data that the world points to, and may be written
 * in a handler of a fatal signal, where the dynamic linker must not be asked.
 * So it is asked beforehand (@refresh) and the answer is kept.  There are two
 * tables, of which one is published; a refresh fills the other one if anything
 * was loaded or unloaded since.  Refreshes exclude each other; a reader takes
 * no lock and has a table that stays whole until the second change after.
 *
 * ELF: constant data are the segments that can neither be written nor run; in
 * a program linked without a segment of its own for them, the text.  Tables
 * with relocated pointers (.data.rel.ro) lie in PT_GNU_RELRO or, where the
 * linker was told not to make one, in the data segment.  Mach-O: all sections
 * of __TEXT but code, and those called __const.
 *
 * The vDSO has no name and the world no pointer to it; it is listed as any.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#endif
#include <stdatomic.h>
#include <string.h>
#include "sim/host_images.h"

#define IMAGES_MAX 256 /* further ones are not told */

struct image_table {
	size_t it_n;
	unsigned long long it_stamp;
	struct vnetsim_image it_image[IMAGES_MAX];
};

static struct image_table tables[2];
static _Atomic(struct image_table *) published;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void
image_name(struct vnetsim_image *im, const char *path)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');

	if (path == NULL)
		path = "";
	else if (slash != NULL)
		path = slash + 1;
	strncpy(im->name, path, sizeof(im->name) - 1);
}

static void
image_range(struct vnetsim_image *im, uintptr_t addr, size_t len)
{
	if (len == 0 || im->nranges == VNETSIM_IMAGE_RANGES)
		return;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	im->range[im->nranges].addr = (const void *)addr;
	im->range[im->nranges++].len = len;
}

#if defined(__linux__) || defined(__FreeBSD__)
#include <elf.h>
#include <link.h>

#ifndef NT_GNU_BUILD_ID
#define NT_GNU_BUILD_ID 3
#endif

struct scan {
	struct image_table *sc_table;
	unsigned long long sc_stamp;
	unsigned long long sc_known; /* stamp of what is published */
	bool sc_same;
};

/* Bytes of this process, at an address out of a program header. */
static const unsigned char *
image_bytes(const struct dl_phdr_info *info, const ElfW(Phdr) * ph)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return ((const unsigned char *)(info->dlpi_addr + ph->p_vaddr));
}

/* No build id: two hashes of the constant data that need no relocation. */
static void
image_hash(struct vnetsim_image *im, const unsigned char *p, size_t n)
{
	uint64_t a = UINT64_C(0xcbf29ce484222325), b = n;

	memcpy(&a, im->build_id, sizeof(a));
	memcpy(&b, im->build_id + 8, sizeof(b));
	for (; n > 0; n--, p++) {
		a = (a ^ *p) * UINT64_C(0x00000100000001b3);
		b = (b + *p) * UINT64_C(0x9e3779b97f4a7c15);
		b ^= b >> 29;
	}
	memcpy(im->build_id, &a, sizeof(a));
	memcpy(im->build_id + 8, &b, sizeof(b));
	im->build_id[16] = 1;
}

static bool
image_note(struct vnetsim_image *im, const unsigned char *p, size_t n)
{
	ElfW(Nhdr) nh;
	size_t name, desc;

	while (n >= sizeof(nh)) {
		memcpy(&nh, p, sizeof(nh));
		name = ((size_t)nh.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)nh.n_descsz + 3) & ~(size_t)3;
		p += sizeof(nh);
		n -= sizeof(nh);
		if (name > n || desc > n - name)
			break;
		if (nh.n_type == NT_GNU_BUILD_ID && nh.n_namesz == 4 &&
		    memcmp(p, "GNU", 4) == 0) {
			n = nh.n_descsz < sizeof(im->build_id)
				? nh.n_descsz
				: sizeof(im->build_id);
			memcpy(im->build_id, p + name, n);
			return (true);
		}
		p += name + desc;
		n -= name + desc;
	}
	return (false);
}

static void
image_ranges(struct vnetsim_image *im, const struct dl_phdr_info *info)
{
	const ElfW(Phdr) * ph;
	bool rodata = false, relro = false;
	unsigned i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		ph = &info->dlpi_phdr[i];
		relro = relro || ph->p_type == PT_GNU_RELRO;
		rodata = rodata || (ph->p_type == PT_LOAD &&
				       (ph->p_flags & (PF_W | PF_X)) == 0);
	}
	for (i = 0; i < info->dlpi_phnum; i++) {
		ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_GNU_RELRO)
			image_range(
			    im, info->dlpi_addr + ph->p_vaddr, ph->p_memsz);
		if (ph->p_type != PT_LOAD)
			continue;
		if ((ph->p_flags & PF_W) != 0
			? !relro
			: (ph->p_flags & PF_X) == 0 || !rodata)
			image_range(
			    im, info->dlpi_addr + ph->p_vaddr, ph->p_filesz);
	}
}

static void
image_build_id(struct vnetsim_image *im, const struct dl_phdr_info *info)
{
	const ElfW(Phdr) * ph;
	unsigned i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_NOTE &&
		    image_note(im, image_bytes(info, ph), ph->p_filesz))
			return;
	}
	for (i = 0; i < info->dlpi_phnum; i++) {
		ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_LOAD && (ph->p_flags & PF_W) == 0)
			image_hash(im, image_bytes(info, ph), ph->p_filesz);
	}
}

static int
scan_one(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct scan *sc = arg;
	struct vnetsim_image *im;

	(void)size;
	if (sc->sc_table->it_n == 0) {
		sc->sc_stamp = info->dlpi_adds + info->dlpi_subs + 1;
		sc->sc_same = sc->sc_stamp == sc->sc_known;
		if (sc->sc_same)
			return (1);
	}
	if (sc->sc_table->it_n == IMAGES_MAX)
		return (1);
	im = &sc->sc_table->it_image[sc->sc_table->it_n++];
	memset(im, 0, sizeof(*im));
	image_name(im, info->dlpi_name);
	im->base = info->dlpi_addr;
	image_ranges(im, info);
	image_build_id(im, info);
	return (0);
}

/* Fill @it unless nothing has changed since @known.  Return: it did. */
static bool
scan(struct image_table *it, unsigned long long known)
{
	struct scan sc = { it, 0, known, false };

	it->it_n = 0;
	(void)dl_iterate_phdr(scan_one, &sc);
	it->it_stamp = sc.sc_stamp;
	return (!sc.sc_same);
}

#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#include <mach-o/loader.h>

static void
image_segment(struct vnetsim_image *im, const struct segment_command_64 *sg,
    intptr_t slide)
{
	const struct section_64 *s = (const void *)(sg + 1);

	for (uint32_t i = 0; i < sg->nsects; i++, s++)
		if (strncmp(s->sectname, "__const", 16) == 0 ||
		    (strncmp(sg->segname, "__TEXT", 16) == 0 &&
			(strncmp(s->sectname, "__cstring", 16) == 0 ||
			    strncmp(s->sectname, "__literal", 9) == 0)))
			image_range(im, (uintptr_t)(s->addr + (uint64_t)slide),
			    s->size);
}

/* dyld tells no count of changes; the number of images will do. */
static bool
scan(struct image_table *it, unsigned long long known)
{
	const struct mach_header_64 *mh;
	const struct load_command *lc;
	struct vnetsim_image *im;
	uint32_t n = _dyld_image_count();

	it->it_n = 0;
	it->it_stamp = (unsigned long long)n + 1;
	if (it->it_stamp == known)
		return (false);
	for (uint32_t i = 0; i < n && it->it_n < IMAGES_MAX; i++) {
		mh = (const void *)_dyld_get_image_header(i);
		if (mh == NULL || mh->magic != MH_MAGIC_64)
			continue;
		im = &it->it_image[it->it_n++];
		memset(im, 0, sizeof(*im));
		image_name(im, _dyld_get_image_name(i));
		im->base = (uint64_t)(uintptr_t)mh;
		lc = (const void *)(mh + 1);
		for (uint32_t k = 0; k < mh->ncmds; k++) {
			if (lc->cmd == LC_SEGMENT_64)
				image_segment(im, (const void *)lc,
				    _dyld_get_image_vmaddr_slide(i));
			else if (lc->cmd == LC_UUID)
				memcpy(im->build_id,
				    ((const struct uuid_command *)(const void *)
					    lc)
					->uuid,
				    16);
			lc = (const void *)((const char *)lc + lc->cmdsize);
		}
	}
	return (true);
}

#else
/* A system that tells nothing: dumps have no constant data. */
static bool
scan(struct image_table *it, unsigned long long known)
{
	it->it_n = 0;
	it->it_stamp = 1;
	return (known != 1);
}
#endif

const struct vnetsim_image *
host_images(void *ctx, bool refresh, size_t *n)
{
	struct image_table *now, *other;

	(void)ctx;
	if (refresh) {
		while (atomic_flag_test_and_set(&busy))
			;
		now = atomic_load(&published);
		other = now == &tables[0] ? &tables[1] : &tables[0];
		if (scan(other, now != NULL ? now->it_stamp : 0))
			atomic_store(&published, other);
		atomic_flag_clear(&busy);
	}
	now = atomic_load(&published);
	*n = now != NULL ? now->it_n : 0;
	return (now != NULL ? now->it_image : NULL);
}
