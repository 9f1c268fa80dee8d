/*
 * poison.h - bytes that mean "not yours", and what AddressSanitizer is told.
 *
 * Fresh objects without M_ZERO are 0xa5 in checking builds, freed ones 0xde.
 * Under AddressSanitizer an extent is poisoned when it is handed out, the
 * payload of an object opens when it is born and closes when it dies; headers
 * stay closed.  The two functions are the sanitizer's manual interface,
 * declared by hand because src/ includes no header of a compiler's runtime.
 *
 * mem_copy() and mem_fill() work on closed memory, where the sanitizer's
 * memcpy() and memset() would complain.  They are the libc's otherwise.
 */
#ifndef SRC_CORE_POISON_H
#define SRC_CORE_POISON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <vnetsim/kern/kdefs.h>

#define POISON_FREE 0xde
#define POISON_NEW  0xa5

#if defined(__SANITIZE_ADDRESS__)
#define MEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_ASAN 1
#endif
#endif
#ifndef MEM_ASAN
#define MEM_ASAN 0
#endif

#if MEM_ASAN
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
#define mem_close(p, n) __asan_poison_memory_region((p), (n))
#define mem_open(p, n)  __asan_unpoison_memory_region((p), (n))

/* Volatile, or the compiler makes a call of memset() out of it. */
static inline __noasan void
mem_fill(void *p, int byte, size_t n)
{
	volatile unsigned char *c;

	for (c = p; n > 0; n--)
		*c++ = (unsigned char)byte;
}

static inline __noasan void
mem_copy(void *to, const void *from, size_t n)
{
	volatile uint64_t *t;
	const volatile uint64_t *f;
	volatile unsigned char *tb;
	const volatile unsigned char *fb;

	for (t = to, f = from; n >= 8; n -= 8)
		*t++ = *f++;
	for (tb = (void *)(uintptr_t)t, fb = (const void *)(uintptr_t)f; n > 0;
	     n--)
		*tb++ = *fb++;
}

static inline __noasan bool
mem_equal(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x, *y;

	for (x = a, y = b; n > 0; n--)
		if (*x++ != *y++)
			return (false);
	return (true);
}
#else
#define mem_close(p, n) ((void)(p), (void)(n))
#define mem_open(p, n)  ((void)(p), (void)(n))

/* memory.c: out of line, so that the compiler knows no bound of @n; with one
 * it prefers rep stos, which is several times slower here. */
void mem_fill(void *p, int byte, size_t n);

static inline void
mem_copy(void *to, const void *from, size_t n)
{
	memcpy(to, from, n);
}

static inline bool
mem_equal(const void *a, const void *b, size_t n)
{
	return (memcmp(a, b, n) == 0);
}
#endif

#endif /* !SRC_CORE_POISON_H */
