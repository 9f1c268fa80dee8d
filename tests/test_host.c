/*
 * test_host.c - what a world asks of its host, asked of the POSIX one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <vnetsim/host.h>

#define GIB ((size_t)1 << 30)

static void
a_reservation_is_aligned_zero_and_free(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	unsigned char *p, *q;
	size_t i;

	(void)state;
	assert_true(h->page_size > 0 && h->page_size <= 65536);
	assert_int_equal(h->page_size & (h->page_size - 1), 0);
	p = h->reserve(h->ctx, NULL, 16 * GIB);
	q = h->reserve(h->ctx, NULL, 16 * GIB);
	assert_non_null(p);
	assert_non_null(q);
	assert_ptr_not_equal(p, q);
	assert_int_equal((uintptr_t)p & 65535, 0);
	assert_int_equal((uintptr_t)q & 65535, 0);
	for (i = 0; i < 65536; i++)
		assert_int_equal(p[5 * GIB + i], 0);
	p[0] = p[16 * GIB - 1] = 1;
	h->release(h->ctx, q, 16 * GIB);
	assert_int_equal(p[0], 1);
	h->release(h->ctx, p, 16 * GIB);
}

static void
odd_sizes_and_hints_do(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	unsigned char *p, *q;

	(void)state;
	p = h->reserve(h->ctx, NULL, 65537);
	assert_non_null(p);
	p[65536] = 1;
	/* A place that is taken, and one that is not aligned. */
	q = h->reserve(h->ctx, p, 65536);
	assert_non_null(q);
	assert_ptr_not_equal(p, q);
	h->release(h->ctx, q, 65536);
	q = h->reserve(h->ctx, p + 4096, 100);
	assert_non_null(q);
	assert_int_equal((uintptr_t)q & 65535, 0);
	h->release(h->ctx, q, 100);
	h->release(h->ctx, p, 65537);
	assert_null(h->reserve(h->ctx, NULL, 0));
	assert_null(h->reserve(h->ctx, NULL, SIZE_MAX & ~(size_t)0xfffff));
}

static void
discarded_memory_is_zero(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	unsigned char *p;

	(void)state;
	p = h->reserve(h->ctx, NULL, 3 * 65536);
	memset(p, 7, (size_t)3 * 65536);
	h->discard(h->ctx, p + 65536, 65536);
	assert_int_equal(p[65535], 7);
	assert_int_equal(p[65536], 0);
	assert_int_equal(p[2 * 65536 - 1], 0);
	assert_int_equal(p[2 * 65536], 7);
	h->release(h->ctx, p, 3 * 65536);
}

static void
protected_memory_faults_until_it_is_opened(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	volatile unsigned char *p;
	void *base;
	int status;
	pid_t pid;

	(void)state;
	base = h->reserve(h->ctx, NULL, 65536);
	p = base;
	p[100] = 5;
	assert_true(h->protect(h->ctx, base, 65536, true));
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		_exit(p[100] == 5 ? 0 : 77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* AddressSanitizer turns the signal into an exit. */
	assert_true(WIFSIGNALED(status) ||
		    (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 77));
	assert_true(h->protect(h->ctx, base, 65536, false));
	assert_int_equal(p[100], 5);
	h->release(h->ctx, base, 65536);
}

static void
a_panic_writes_its_text_and_exits_3(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	char buf[100];
	int fd[2], status;
	size_t n;
	ssize_t got;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(fd[1], STDERR_FILENO);
		h->panic(h->ctx, "first line\nsecond line\n");
		_exit(0);
	}
	(void)close(fd[1]);
	for (n = 0; (got = read(fd[0], buf + n, sizeof(buf) - 1 - n)) > 0;)
		n += (size_t)got;
	buf[n] = '\0';
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(buf, "first line\nsecond line\n");
}

static void
the_heap_gives_and_takes(void **state)
{
	const struct vnetsim_host *h = vnetsim_host_posix();
	unsigned char *p;

	(void)state;
	p = h->heap_alloc(h->ctx, 1000);
	assert_non_null(p);
	memset(p, 1, 1000);
	h->heap_free(h->ctx, p, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reservation_is_aligned_zero_and_free),
		cmocka_unit_test(odd_sizes_and_hints_do),
		cmocka_unit_test(discarded_memory_is_zero),
		cmocka_unit_test(protected_memory_faults_until_it_is_opened),
		cmocka_unit_test(a_panic_writes_its_text_and_exits_3),
		cmocka_unit_test(the_heap_gives_and_takes),
	};

	return (cmocka_run_group_tests_name("host", tests, NULL, NULL) ? 1 : 0);
}
