/*
 * test_explain.c - addresses in words, and memory of the dead that strikes.
 *
 * Every place an address can lie in has its text; nothing in a text is an
 * address.  The last tests fork: there a stale store happens, in the memory
 * of a dead vnet (a checking build, or AddressSanitizer) and in a freed object
 * (AddressSanitizer), and the child tells what its handler was told.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vnetsim/fault.h>
#include "tests/test_mem.h"

#include "src/core/memory_var.h"

static char text[8192];

static struct vnetsim *public(void)
{
	return ((struct vnetsim *)(void *)mem_w);
}

static bool
explain(const void *p)
{
	return (vnetsim_addr_explain(public(), p, text, sizeof(text)));
}

static void
has(const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in: %s", part, text);
}

static void
places_outside_objects_have_a_text(void **state)
{
	static const int constant = 1;

	(void)state;
	assert_false(explain(&constant));
	has("no memory of this world");
	assert_false(explain((const void *)8));
	has("a null pointer");
	assert_true(explain(mem_w));
	has("the world's own tables");
	assert_true(
	    explain(mem_extent_addr(&mem_w->w_mem, mem_w->w_mem.wm_nused)));
	has("never handed out");
	assert_true(
	    explain(mem_extent_addr(&mem_w->w_mem, mem_arena_no(mem_a)) +
		    MEM_EXTENT - 1));
	has("memory that no object has");
	assert_false(vnetsim_addr_explain(public(), mem_w, text, 0));
}

static void
a_live_object_is_named(void **state)
{
	struct small *s;
	char *p;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, M_ZERO);
	assert_true(explain(&s->sm_a[1]));
	has("byte 8 of small#");
	has("(24 bytes) of vnet 1 \"a\"");
	has("born at tests/test_explain.c:");
	has(", 0.000000000 s");
	assert_null(strstr(text, "freed"));
	assert_null(strstr(text, "0x"));
	p = (char *)s;
	assert_true(explain(p - 1));
	has("byte 31 of the header of small#");
	assert_true(explain(p + sizeof(*s)));
	has("byte 0 behind the end of small#");
	assert_true(explain(mem_a));
	has("byte 0 of vnet#0");
	mem_in(NULL);
	s = uma_zalloc(&small_zone, M_ZERO);
	assert_true(explain(s));
	has("of the world\n");
	uma_zfree(&small_zone, s);
}

static void
a_freed_object_is_named_with_both_sites(void **state)
{
	struct small *s;
	char *big;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&small_zone, s);
	assert_true(explain(s));
	has("byte 0 of freed small#");
	has("\n  born at tests/test_explain.c:");
	has("\n  freed at tests/test_explain.c:");
	big = kmalloc(&table_zone, 3 * MEM_EXTENT, M_ZERO);
	assert_non_null(big);
	assert_true(explain(big + 2 * MEM_EXTENT));
	has("byte 131072 of table#");
	kfree(&table_zone, big);
	assert_true(explain(big + 2 * MEM_EXTENT));
	has("byte 131072 of freed table#");
	has("freed at tests/test_explain.c:");
}

static void
an_object_of_a_dead_vnet_is_named_with_its_death(void **state)
{
	struct small *s, *freed;
	struct thing *more;
	char *big;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, M_ZERO);
	freed = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&small_zone, freed);
	big = kmalloc(&table_zone, 2 * MEM_EXTENT, M_ZERO);
	for (more = NULL; more == NULL || mem_extent_no(&mem_w->w_mem, more) ==
					      mem_extent_no(&mem_w->w_mem, s);)
		more = uma_zalloc(&thing_zone, M_ZERO);
	mem_in(NULL);
	mem_a->v_step = "audit";
	mem_a->v_phase = PHASE_AUDIT;
	mem_w->w_ctx.kc_now = 1500000000;
	mem_kill(mem_a);
	assert_true(explain(s));
	has("byte 0 of dead small#");
	has("of vnet 1 \"a\"\n  born at tests/test_explain.c:");
	assert_null(strstr(text, "freed at"));
	has("\n  vnet 1 \"a\" died at 1.500000000 s, event ");
	has(", phase audit, step \"audit\"");
	assert_true(explain(freed));
	has("\n  freed at tests/test_explain.c:");
	has("died at");
	assert_true(explain(more));
	has("byte 0 of dead thing#");
	has("vnet 1 \"a\" died at");
	assert_true(explain(big + 2 * MEM_EXTENT - 1));
	has("byte 131071 of dead table#");
	has("vnet 1 \"a\" died at");
	mem_a = mem_vnet("a");
}

/* Extents are used again: the text speaks of what is there now. */
static void
a_grave_that_was_used_again_is_not_believed(void **state)
{
	struct small *s;
	uint32_t was;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, M_ZERO);
	was = mem_a->v_id;
	mem_in(NULL);
	mem_kill(mem_a);
	while (mem_extent_unshut(mem_w))
		;
	assert_true(explain(s));
	has("dead small#");
	mem_a = mem_vnet("again");
	assert_ptr_equal(mem_extent_of(&mem_w->w_mem, mem_a),
	    mem_extent_of(&mem_w->w_mem, s));
	assert_int_not_equal(mem_a->v_id, was);
	assert_true(explain(mem_a));
	has("vnet#0");
	has("\"again\"");
	assert_null(strstr(text, "died"));
}

static void
the_text_of_a_fault_says_who_ran(void **state)
{
	struct small *s;
	size_t n;

	(void)state;
	mem_in(mem_b);
	s = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&small_zone, s);
	n = vnetsim_fault_text(public(), "SIGSEGV", s, text, sizeof(text));
	assert_int_equal(n, strlen(text));
	has("panic: vnet 2 \"b\", door user, module mem, event 0, "
	    "time 0.000000000 s: SIGSEGV: byte 0 of freed small#");
	has("\nlast trace records, newest first:\n");
	assert_int_equal(text[n - 1], '\n');
	/* Without a world, without an address, without room. */
	(void)vnetsim_fault_text(NULL, "SIGFPE", s, text, sizeof(text));
	assert_string_equal(text, "panic: SIGFPE\n");
	(void)vnetsim_fault_text(public(), "SIGFPE", NULL, text, sizeof(text));
	has("time 0.000000000 s: SIGFPE\n");
	for (size_t size = 0; size < 600; size++) {
		memset(text, 'x', sizeof(text));
		n = vnetsim_fault_text(public(), "SIGSEGV", s, text, size);
		assert_true(size == 0 ? n == 0 : n < size && text[n] == '\0');
		assert_int_equal(text[size], 'x');
	}
}

static void
the_current_world_is_known(void **state)
{
	(void)state;
	assert_ptr_equal(vnetsim_current(), public());
	world_enter(NULL);
	assert_null(vnetsim_current());
	world_enter(mem_w);
}

/* Does the host run out of mappings?  The extent then stays shut. */
static bool fail_open;

static bool
host_protect(void *ctx, void *base, size_t size, bool on)
{
	if (fail_open && !on)
		return (false);
	return (vnetsim_host_posix()->protect(ctx, base, size, on));
}

static void
an_extent_that_cannot_be_opened_is_not_handed_out(void **state)
{
#ifdef VNETSIM_CHECKING
	struct vnetsim_host host = *vnetsim_host_posix();
	const struct vnetsim_host *was = mem_w->w_host;
	uint32_t n;

	(void)state;
	host.protect = host_protect;
	mem_w->w_host = &host;
	mem_kill(mem_a);
	n = mem_w->w_mem.wm_nshut;
	assert_true(n > 0);
	fail_open = true;
	assert_false(mem_extent_unshut(mem_w));
	assert_int_equal(mem_w->w_mem.wm_nshut, n);
	/* A world that is full has nothing else: no memory, no crash. */
	mem_in(mem_b);
	while (kmalloc(&table_zone, MEM_EXTENT - MEM_HDR, 0) != NULL)
		;
	mem_in(NULL);
	assert_int_equal(mem_w->w_mem.wm_nshut, n);
	fail_open = false;
	mem_in(mem_b);
	assert_non_null(kmalloc(&table_zone, MEM_EXTENT - MEM_HDR, 0));
	mem_in(NULL);
	assert_int_equal(mem_w->w_mem.wm_nshut, n - 1);
	mem_w->w_host = was;
#else
	(void)state;
	(void)host_protect;
	skip();
#endif
}

#ifdef __linux__
static unsigned
mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned n = 0;
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return (n);
}

/* Dead and living ones alternate: the worst for the number of mappings. */
static void
dead_extents_stay_within_the_limit_of_mappings(void **state)
{
	struct world_config cfg = { .wc_seed = 1, .wc_size = (size_t)4 << 30 };
	enum { N = 2 * MEM_DEAD_MAX + 600 };
	static struct vnet *v[N];
	unsigned before, after, i;

	(void)state;
	world_destroy(mem_w);
	mem_begin(&cfg);
	before = mappings();
	for (i = 0; i < N; i++) {
		v[i] = mem_vnet("v");
		assert_non_null(v[i]);
	}
	assert_true(mappings() <= before + 16);
	for (i = 0; i < N; i += 2)
		mem_kill(v[i]);
	after = mappings();
#ifdef VNETSIM_CHECKING
	assert_int_equal(mem_w->w_mem.wm_nshut, MEM_DEAD_MAX);
	assert_true(after > before + MEM_DEAD_MAX);
#endif
	assert_true(after <= before + 2 * MEM_DEAD_MAX + 16);
	/* Neighbours join. */
	for (i = 1; i < N; i += 2)
		mem_kill(v[i]);
	assert_true(mappings() <= after);
}
#endif

/* What the handler of a child was told comes back through a pipe. */
static int told_fd;

static void
on_signal(int sig, siginfo_t *si, void *uc)
{
	char buf[8192];
	size_t n;

	(void)sig;
	(void)uc;
	n = vnetsim_fault_text(
	    vnetsim_current(), "SIGSEGV", si->si_addr, buf, sizeof(buf));
	_exit(write(told_fd, buf, n) == (ssize_t)n ? 3 : 4);
}

#if MEM_ASAN
void __asan_set_error_report_callback(void (*fn)(const char *));
void *__asan_get_report_address(void);

static void
on_report(const char *report)
{
	siginfo_t si;

	(void)report;
	memset(&si, 0, sizeof(si));
	si.si_addr = __asan_get_report_address();
	on_signal(SIGSEGV, &si, NULL);
}
#endif

/* The text of the fault that a store to @p in a child brings, in @text. */
static void
stores(volatile unsigned char *p)
{
	struct sigaction sa;
	size_t n = 0;
	ssize_t got;
	int fd[2], status;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		told_fd = fd[1];
		memset(&sa, 0, sizeof(sa));
		sa.sa_sigaction = on_signal;
		sa.sa_flags = SA_SIGINFO;
		(void)sigaction(SIGSEGV, &sa, NULL);
		(void)sigaction(SIGBUS, &sa, NULL);
#if MEM_ASAN
		__asan_set_error_report_callback(on_report);
#endif
		*p = 1;
		_exit(0);
	}
	(void)close(fd[1]);
	while ((got = read(fd[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
}

static void
a_stale_store_into_a_dead_vnet_is_named(void **state)
{
	unsigned char *p;

	(void)state;
#ifndef VNETSIM_CHECKING
	if (!MEM_ASAN)
		skip();
#endif
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, M_ZERO);
	mem_in(NULL);
	mem_a->v_step = "audit";
	mem_kill(mem_a);
	mem_in(mem_b);
	stores(p + 8);
	mem_in(NULL);
	has("panic: vnet 2 \"b\", door user, module mem, event ");
	has("SIGSEGV: byte 8 of dead small#");
	has("of vnet 1 \"a\"\n  born at tests/test_explain.c:");
	has("\n  vnet 1 \"a\" died at 0.000000000 s, event ");
	has("step \"audit\"\n");
	mem_a = mem_vnet("a");
}

static void
a_stale_store_into_a_freed_object_is_named(void **state)
{
	unsigned char *p;

	(void)state;
	if (!MEM_ASAN)
		skip();
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&small_zone, p);
	stores(p + 16);
	has("SIGSEGV: byte 16 of freed small#");
	has("\n  freed at tests/test_explain.c:");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(places_outside_objects_have_a_text),
		MEM_TEST(a_live_object_is_named),
		MEM_TEST(a_freed_object_is_named_with_both_sites),
		MEM_TEST(an_object_of_a_dead_vnet_is_named_with_its_death),
		MEM_TEST(a_grave_that_was_used_again_is_not_believed),
		MEM_TEST(the_text_of_a_fault_says_who_ran),
		MEM_TEST(the_current_world_is_known),
		MEM_TEST(an_extent_that_cannot_be_opened_is_not_handed_out),
#ifdef __linux__
		MEM_TEST(dead_extents_stay_within_the_limit_of_mappings),
#endif
		MEM_TEST(a_stale_store_into_a_dead_vnet_is_named),
		MEM_TEST(a_stale_store_into_a_freed_object_is_named),
	};

	return (
	    cmocka_run_group_tests_name("explain", tests, NULL, NULL) ? 1 : 0);
}
