/*
 * test_kprintf.c - the formatter of src/, against the host's printf.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include "tests/test_mem.h"

/* Same text and same length from both, also when cut short. */
#define SAME(...)                                                              \
	do {                                                                   \
		char ours_[200], theirs_[200];                                 \
		size_t n_;                                                     \
                                                                               \
		for (n_ = 0; n_ < sizeof(ours_); n_ += n_ < 12 ? 1 : 187) {    \
			memset(ours_, 'Z', sizeof(ours_));                     \
			memset(theirs_, 'Z', sizeof(theirs_));                 \
			assert_int_equal(ksnprintf(ours_, n_, __VA_ARGS__),    \
			    snprintf(theirs_, n_, __VA_ARGS__));               \
			assert_memory_equal(ours_, theirs_, sizeof(ours_));    \
		}                                                              \
	} while (0)

static void
numbers_are_the_hosts(void **state)
{
	(void)state;
	SAME("%d %i %u", 1, -2, 3u);
	SAME("%d %d %u", INT_MIN, INT_MAX, UINT_MAX);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, ULLONG_MAX);
	SAME("%zu %zd %td", SIZE_MAX, (ptrdiff_t)-1, (ptrdiff_t)5);
	SAME("%jd %ju", INTMAX_MIN, UINTMAX_MAX);
	SAME("%hhd %hhu %hd %hu", (signed char)-1, (unsigned char)200,
	    (short)-1, (unsigned short)40000);
	SAME("%x %X %o", 0xbeefu, 0xbeefu, 0755u);
	SAME("%" PRIu64 " %" PRId64 " %" PRIx64, UINT64_MAX, INT64_MIN,
	    UINT64_C(0x0123456789abcdef));
	SAME("%d %x", 0, 0u);
}

static void
widths_are_the_hosts(void **state)
{
	(void)state;
	SAME("[%5d] [%-5d] [%05d] [%5s] [%-5s]", 42, 42, 42, "ab", "ab");
	SAME("[%05d] [%5d] [%-5d]", -42, -42, -42);
	SAME("[%2d] [%02x] [%08x]", 12345, 0xau, 0xdeadu);
	SAME("[%*d] [%-*d] [%*d]", 6, 1, 6, 2, -6, 3);
	SAME("[%.3s] [%.0s] [%10.2s] [%.*s]", "abcdef", "abc", "abc", 2, "xyz");
	SAME("[%c] [%3c] [%-3c]", 'a', 'b', 'c');
	SAME("100%% of %s", "it");
	SAME("[%.5d] [%8.5d] [%.0d]", 42, -42, 7);
	SAME("[%60d] [%060d]", 1, 1);
}

static void
a_bounded_string_need_not_end(void **state)
{
	const char raw[3] = { 'a', 'b', 'c' };
	const char *volatile none = NULL;
	char buf[8];

	(void)state;
	assert_int_equal(ksnprintf(buf, sizeof(buf), "%.3s", raw), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(ksnprintf(buf, sizeof(buf), "%s", none), 6);
	assert_string_equal(buf, "(null)");
}

static void
named(char *buf, size_t size, const void *p)
{
	(void)ksnprintf(buf, size, "%p", p);
}

static void
a_pointer_prints_as_a_name(void **state)
{
	char buf[100], want[100];
	struct mem_info mi;
	struct packet *p;
	struct thing *t;

	(void)state;
	named(buf, sizeof(buf), NULL);
	assert_string_equal(buf, "nil");
	named(buf, sizeof(buf), &buf);
	assert_string_equal(buf, "?");
	mem_in(mem_b);
	t = uma_zalloc(&thing_zone, M_ZERO);
	assert_true(mem_info(t, &mi));
	(void)snprintf(want, sizeof(want), "thing#%ju/v%u",
	    (uintmax_t)mi.mi_serial, (unsigned)mem_b->v_id);
	named(buf, sizeof(buf), t);
	assert_string_equal(buf, want);
	uma_zfree(&thing_zone, t);
	named(buf, sizeof(buf), t);
	assert_non_null(strstr(buf, " (freed)"));
	named(buf, sizeof(buf), mem_b);
	(void)snprintf(want, sizeof(want), "vnet %u", (unsigned)mem_b->v_id);
	assert_string_equal(buf, want);
	mem_in(NULL);
	p = uma_zalloc(&packet_zone, M_ZERO);
	named(buf, sizeof(buf), p);
	assert_non_null(strstr(buf, "/world"));
	world_enter(NULL);
	named(buf, sizeof(buf), p);
	assert_string_equal(buf, "?");
	world_enter(mem_w);
}

static void
what_it_does_not_know_stays(void **state)
{
	/* Not a literal, or the compiler objects. */
	static const char *const odd[] = { "%y", "%", "%5", "100%" };
	static const char *const text[] = { "%y", "", "", "100" };
	char buf[20];
	size_t (*volatile f)(char *, size_t, const char *, ...) = ksnprintf;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(odd); i++) {
		(void)f(buf, sizeof(buf), odd[i]);
		assert_string_equal(buf, text[i]);
	}
}

static void
errors_have_names_and_sentences(void **state)
{
	(void)state;
	assert_string_equal(vnetsim_errname(0), "0");
	assert_string_equal(vnetsim_errname(VE_CONNRESET), "ECONNRESET");
	assert_string_equal(vnetsim_errname(VE_2BIG), "E2BIG");
	assert_string_equal(vnetsim_errname(12345), "E?");
	assert_string_equal(vnetsim_errname(-1), "E?");
	assert_string_equal(
	    vnetsim_strerror(VE_TIMEDOUT), "Operation timed out");
	assert_string_equal(vnetsim_strerror(0), "No error: 0");
	assert_string_equal(vnetsim_strerror(777), "Unknown error");
	assert_int_equal(vnetsim_errno_parse("ETIMEDOUT"), 60);
	assert_int_equal(vnetsim_errno_parse("EWOULDBLOCK"), 35);
	assert_int_equal(vnetsim_errno_parse("ETIMEDOU"), -1);
	assert_int_equal(vnetsim_errno_parse("0"), -1);
	assert_int_equal(vnetsim_errno_parse(""), -1);
#define X(n, v, t)                                                             \
	assert_int_equal(vnetsim_errno_parse(vnetsim_errname(VE_##n)), v);
	VNETSIM_ERRNO_LIST(X)
#undef X
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_hosts),
		cmocka_unit_test(widths_are_the_hosts),
		cmocka_unit_test(a_bounded_string_need_not_end),
		MEM_TEST(a_pointer_prints_as_a_name),
		cmocka_unit_test(what_it_does_not_know_stays),
		cmocka_unit_test(errors_have_names_and_sentences),
	};

	return (
	    cmocka_run_group_tests_name("kprintf", tests, NULL, NULL) ? 1 : 0);
}
