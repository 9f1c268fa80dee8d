/*
 * host_posix.c - the default host: memory and the way out, from POSIX.
 *
 * Part of the library, and the only part of it that talks to the operating
 * system.  A world is reserved with MAP_NORESERVE, so that 16 GiB of address
 * space cost nothing until pages are touched, and without huge pages, which
 * would fill sparse extents with zeroes.
 *
 * The base is a wish: with the same one in every run a saved world can be
 * looked at without translation, and addresses in a debugger repeat.  Nothing
 * depends on it.  0x200000000000 is what AddressSanitizer accepts under gcc
 * and clang, 0x10000000000 what MemorySanitizer does; if the place is taken,
 * any other will do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vnetsim/host.h>
#include "sim/host_images.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
#if !defined(MAP_ANONYMOUS) && defined(MAP_ANON)
#define MAP_ANONYMOUS MAP_ANON
#endif

#define ALIGNMENT  ((size_t)65536)
#define MAP_FLAGS  (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
#define EXIT_PANIC 3

#if UINTPTR_MAX > 0xffffffffu
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define BASE_HINT UINT64_C(0x10000000000)
#endif
#endif
#ifndef BASE_HINT
#define BASE_HINT UINT64_C(0x200000000000)
#endif
#else
#define BASE_HINT UINT32_C(0)
#endif

static void *
map_at(void *hint, size_t size)
{
	void *p;

	/* cppcheck-suppress invalidFunctionArg ; no file stands behind it */
	p = mmap(hint, size, PROT_READ | PROT_WRITE, MAP_FLAGS, -1, 0);
	/* cppcheck-suppress memleak ; the caller has it */
	return (p == MAP_FAILED ? NULL : p);
}

/* Anywhere, aligned: more than needed, and the edges go back. */
static void *
map_aligned(size_t size)
{
	char *p;
	size_t head;

	if (size > SIZE_MAX - ALIGNMENT)
		return (NULL);
	p = map_at(NULL, size + ALIGNMENT);
	if (p == NULL)
		return (NULL);
	head = (ALIGNMENT - ((uintptr_t)p & (ALIGNMENT - 1))) & (ALIGNMENT - 1);
	if (head > 0)
		(void)munmap(p, head);
	if (head < ALIGNMENT)
		(void)munmap(p + head + size, ALIGNMENT - head);
	/* cppcheck-suppress deallocret ; only its edges are gone */
	return (p + head);
}

static void *
posix_reserve(void *ctx, void *hint, size_t size)
{
	void *p;

	(void)ctx;
	if (size == 0)
		return (NULL);
	if (hint == NULL)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		hint = (void *)(uintptr_t)BASE_HINT;
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	p = hint == NULL ? NULL : map_at(hint, size);
	if (p != NULL && ((uintptr_t)p & (ALIGNMENT - 1)) != 0) {
		(void)munmap(p, size);
		p = NULL;
	}
	if (p == NULL)
		p = map_aligned(size);
#ifdef MADV_NOHUGEPAGE
	if (p != NULL)
		(void)madvise(p, size, MADV_NOHUGEPAGE);
#endif
	return (p);
}

static void
posix_release(void *ctx, void *base, size_t size)
{
	(void)ctx;
	(void)munmap(base, (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
}

static void
posix_discard(void *ctx, void *base, size_t size)
{
	(void)ctx;
#ifdef __linux__
	if (madvise(base, size, MADV_DONTNEED) == 0)
		return;
#endif
	memset(base, 0, size);
}

static bool
posix_protect(void *ctx, void *base, size_t size, bool on)
{
	(void)ctx;
	return (
	    mprotect(base, size, on ? PROT_NONE : PROT_READ | PROT_WRITE) == 0);
}

static void *
posix_heap_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (malloc(size));
}

static void
posix_heap_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	free(p);
}

/* Unbuffered and without exit handlers: they belong to a world gone wrong. */
static void
posix_panic(void *ctx, const char *text)
{
	size_t n, done;
	ssize_t got;

	(void)ctx;
	n = strlen(text);
	for (done = 0; done < n; done += (size_t)got) {
		got = write(STDERR_FILENO, text + done, n - done);
		if (got < 0 && errno == EINTR)
			got = 0;
		if (got < 0)
			break;
	}
	_exit(EXIT_PANIC);
}

/* 4096 stands in the table because it is constant data; what matters of it is
 * that extents (64 KiB) are a multiple of the real one, checked here. */
#define POSIX_HOST(bytes)                                                      \
	{                                                                      \
		.page_size = (bytes), .reserve = posix_reserve,                \
		.release = posix_release, .discard = posix_discard,            \
		.protect = posix_protect, .heap_alloc = posix_heap_alloc,      \
		.heap_free = posix_heap_free, .images = host_images,           \
		.panic = posix_panic                                           \
	}
static const struct vnetsim_host posix_host = POSIX_HOST(4096);
static const struct vnetsim_host posix_host_16k = POSIX_HOST(16384);
static const struct vnetsim_host posix_host_64k = POSIX_HOST(65536);

const struct vnetsim_host *
vnetsim_host_posix(void)
{
	long page;

	page = sysconf(_SC_PAGESIZE);
	if (page <= 4096)
		return (&posix_host);
	return (page <= 16384 ? &posix_host_16k : &posix_host_64k);
}
