/*
 * fatal.c - signals that end the program, told as a panic of the world.
 *
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT come here on a stack of their
 * own, so that an endless recursion can be told, too.  The text says who was
 * running and what lies at the address (fault.h).
 *
 * A fault while that text is made comes here again; then the text is short.
 * A third one, or one while the hook is at work, ends the process with the
 * status of a panic: what the hook has told until then is what is known.
 *
 * Under AddressSanitizer its own handlers stay; it calls here when its report
 * is printed, and the same text follows.
 *
 * This file has the only mutable statics of the shell: a handler has no other
 * way to what it needs.
 */
#include "sim/fatal.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vnetsim/fault.h>

#include "sim/scn_run_play.h"

#if defined(__SANITIZE_ADDRESS__)
#define FATAL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FATAL_ASAN 1
#endif
#endif
#ifndef FATAL_ASAN
#define FATAL_ASAN 0
#endif

#define FATAL_STACK 262144u
#define FATAL_TEXT  8192u
#define FATAL_GUARD 1048576u

static struct fatal_hooks fatal_hooks;
static volatile sig_atomic_t fatal_count;
static char fatal_text[FATAL_TEXT];
static uintptr_t fatal_top, fatal_bottom; /* about the stack's ends */
#if !FATAL_ASAN
static char fatal_stack[FATAL_STACK];
#endif

static const struct {
	int sig;
	const char *name;
} fatal_signals[] = { { SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },
	{ SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" } };
#define NSIGNALS (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

static void
fatal_tell(const char *what, const void *addr)
{
	struct vnetsim *w = vnetsim_current();
	int n;

	n = (int)fatal_count + 1;
	fatal_count = n;
	if (n == 1) {
		(void)vnetsim_fault_text(
		    w, what, addr, fatal_text, sizeof(fatal_text));
		fatal_count = 2;
	} else if (n == 2) {
		(void)vnetsim_fault_text(
		    NULL, what, NULL, fatal_text, sizeof(fatal_text));
		fatal_count = 2;
	} else {
		_exit(EXIT_PANIC);
	}
	fatal_hooks.fh_fatal(fatal_hooks.fh_arg, w, fatal_text);
	_exit(EXIT_PANIC);
}

/* The address of a memory fault; NULL: the signal has none. */
static const void *
fatal_addr(int sig, const siginfo_t *si, const char **what)
{
	static const char bad_pointer[] =
	    "SIGSEGV by a pointer that is no address, as poison (0xde) is none";

	if (sig == SIGBUS && si->si_code > 0)
		return (si->si_addr);
	if (sig != SIGSEGV || si->si_code <= 0)
		return (NULL);
	if ((uintptr_t)si->si_addr < fatal_top &&
	    (uintptr_t)si->si_addr >= fatal_bottom) {
		*what = "SIGSEGV at the end of the stack, an endless recursion";
		return (NULL);
	}
	if (si->si_code == SEGV_MAPERR || si->si_code == SEGV_ACCERR)
		/* a null pointer is an address, too */
		return (si->si_addr != NULL ? si->si_addr : (const void *)1);
	*what = bad_pointer;
	return (NULL);
}

static void
fatal_signal(int sig, siginfo_t *si, void *context)
{
	const char *what = "a fatal signal";
	const void *addr;

	(void)context;
	for (size_t i = 0; i < NSIGNALS; i++)
		if (fatal_signals[i].sig == sig)
			what = fatal_signals[i].name;
	addr = fatal_addr(sig, si, &what);
	fatal_tell(what, addr);
}

static void
fatal_late(int sig)
{
	(void)sig;
	if (fatal_hooks.fh_late != NULL)
		fatal_hooks.fh_late(fatal_hooks.fh_arg, vnetsim_current());
}

#if FATAL_ASAN
/* NOLINTBEGIN: AddressSanitizer's names */
void __asan_set_error_report_callback(void (*fn)(const char *));
void *__asan_get_report_address(void);

/* Of a signal it knows the address, but says so in its text only. */
static const void *
fatal_asan_addr(const char *report)
{
	static const char digits[] = "0123456789abcdef", key[] = "address 0x";
	const char *s, *d;
	uintptr_t addr = 0;

	s = report == NULL ? NULL : strstr(report, key);
	if (s == NULL)
		return (NULL);
	for (s += sizeof(key) - 1; *s != '\0'; s++) {
		d = strchr(digits, *s);
		if (d == NULL)
			break;
		addr = addr << 4 | (uintptr_t)(d - digits);
	}
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return ((const void *)(addr == 0 ? 1 : addr));
}

static void
fatal_asan(const char *report)
{
	const void *addr = __asan_get_report_address();

	if (addr == NULL)
		addr = fatal_asan_addr(report);
	fatal_tell("AddressSanitizer", addr);
}
/* NOLINTEND */
#endif

/* Where the stack is; a guard and the kernel's own part are guessed. */
static void
fatal_stack_ends(const void *local)
{
	struct rlimit rl;

	fatal_top = fatal_bottom = 0;
	if (getrlimit(RLIMIT_STACK, &rl) != 0 || rl.rlim_cur == RLIM_INFINITY ||
	    (uintptr_t)local < rl.rlim_cur + FATAL_GUARD)
		return;
	fatal_top = (uintptr_t)local;
	fatal_bottom = (uintptr_t)local - rl.rlim_cur - FATAL_GUARD;
}

/**
 * fatal_install() - take the fatal signals over, for this process
 * @hooks:	copied
 *
 * May be called again, also in a child after fork(2): the last one counts.
 */
void
fatal_install(const struct fatal_hooks *hooks)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	fatal_stack_ends(&sa);
	fatal_hooks = *hooks;
	(void)sigemptyset(&sa.sa_mask);
	sa.sa_handler = fatal_late;
	sa.sa_flags = SA_RESTART;
	(void)sigaction(SIGUSR1, &sa, NULL);
	sa.sa_sigaction = fatal_signal;
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;
#if FATAL_ASAN
	__asan_set_error_report_callback(fatal_asan);
	(void)sigaction(SIGABRT, &sa, NULL);
#else
	{
		stack_t ss = { .ss_sp = fatal_stack,
			.ss_size = sizeof(fatal_stack) };

		if (sigaltstack(&ss, NULL) == 0)
			sa.sa_flags |= SA_ONSTACK;
		for (size_t i = 0; i < NSIGNALS; i++)
			(void)sigaction(fatal_signals[i].sig, &sa, NULL);
	}
#endif
}

/* The hooks are gone: the signals do what they do without this file. */
void
fatal_remove(void)
{
	(void)signal(SIGUSR1, SIG_DFL);
#if FATAL_ASAN
	__asan_set_error_report_callback(NULL);
	(void)signal(SIGABRT, SIG_DFL);
#else
	for (size_t i = 0; i < NSIGNALS; i++)
		(void)signal(fatal_signals[i].sig, SIG_DFL);
#endif
}

/* "AddressSanitizer" or NULL: who watches memory in this build. */
const char *
fatal_sanitizer(void)
{
	return (FATAL_ASAN ? "AddressSanitizer" : NULL);
}
