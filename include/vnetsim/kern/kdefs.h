/*
 * kdefs.h - the only compiler attributes and assertion macros in the tree.
 *
 * KASSERT and MPASS are invariants and stay on in release builds.  KDIAG is
 * for costly walks and is compiled in checking builds (VNETSIM_CHECKING).
 * A packet can never trip an assertion; a bug always does.
 *
 * SITE is a birth site: a string literal "file:line", so it is constant data,
 * the same for every compiler, and can be stored as a 4-byte offset.
 */
#ifndef VNETSIM_KERN_KDEFS_H
#define VNETSIM_KERN_KDEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * FreeBSD and macOS define some of these where string.h can see them
 * (sys/cdefs.h, sys/types.h).  They mean the same there; the text differs.
 */
#undef nitems
#undef howmany
#undef roundup2
#undef __printflike
#undef __predict_false
#undef __predict_true
#undef __fallthrough

#define nitems(x)             (sizeof((x)) / sizeof((x)[0]))
#define container_of(p, t, m) ((t *)(void *)((char *)(p)-offsetof(t, m)))
#define howmany(x, y)         (((x) + ((y)-1)) / (y))
#define roundup2(x, y)        (((x) + ((y)-1)) & ~((y)-1))
#define imin(a, b)            ((a) < (b) ? (a) : (b))
#define imax(a, b)            ((a) > (b) ? (a) : (b))

/* Number of trailing zeroes of a uint64_t that is not 0. */
#if defined(__GNUC__) || defined(__clang__)
#define ctz64(x) ((uint32_t)__builtin_ctzll(x))
#else
static inline uint32_t
ctz64(uint64_t x)
{
	uint32_t n;

	for (n = 0; (x & 1) == 0; n++)
		x >>= 1;
	return (n);
}
#endif

/* After a parameter: the callee owns it on return, whatever it returns. */
#define __takes

#if defined(__GNUC__) || defined(__clang__)
#define __printflike(f, a) __attribute__((format(printf, f, a)))
#define __kdead            _Noreturn
#define __kunused          __attribute__((unused))
#define __predict_false(e) __builtin_expect((e) != 0, 0)
#define __predict_true(e)  __builtin_expect((e) != 0, 1)
#define __noasan           __attribute__((no_sanitize("address")))
#define __tls_initial_exec __attribute__((tls_model("initial-exec")))
#define __fallthrough      __attribute__((fallthrough))
#else
#define __printflike(f, a)
#define __kdead _Noreturn
#define __kunused
#define __predict_false(e) (e)
#define __predict_true(e)  (e)
#define __noasan
#define __tls_initial_exec
#define __fallthrough ((void)0)
#endif

#define KSTR_(x) #x
#define KSTR(x)  KSTR_(x)
#define SITE     __FILE__ ":" KSTR(__LINE__)

/**
 * panic() - an invariant is broken; the world stops
 * @fmt:	kprintf format: %d %i %u %x %c %s %p %% with l, ll, z, j, width,
 *		0 and .N for %s; a pointer prints as the object's name (type,
 *		vnet, serial), never as an address
 *
 * Adds vnet, door, module, event number, virtual time and the last 16 trace
 * records, and calls the host's panic, which does not return.
 */
__kdead void panic(const char *fmt, ...) __printflike(1, 2);

#define KASSERT(exp, msg)                                                      \
	do {                                                                   \
		if (__predict_false(!(exp)))                                   \
			panic msg;                                             \
	} while (0)
#define MPASS(exp) KASSERT(exp, ("assertion %s failed at %s", #exp, SITE))
#ifdef VNETSIM_CHECKING
#define KDIAG(exp) MPASS(exp)
#else
#define KDIAG(exp) ((void)0)
#endif

/**
 * ksnprintf() - the formatter of src/ (no stdio below sim/)
 * @buf:	out, always terminated if @size > 0
 * @size:	bytes
 * @fmt:	as for panic()
 *
 * Return:	length the whole text has, as snprintf does.
 */
size_t ksnprintf(char *buf, size_t size, const char *fmt, ...)
    __printflike(3, 4);

/* Nanoseconds: every time in the kernel is an int64_t of them. */
#define NS_US INT64_C(1000)
#define NS_MS INT64_C(1000000)
#define NS_S  INT64_C(1000000000)

#endif /* !VNETSIM_KERN_KDEFS_H */
