/*
 * test_uma_bad.c - the lifetime oracle: planted faults, and near misses.
 *
 * Each fault must give exactly its finding and leave the world usable; each
 * near miss, the legal thing that looks most like the fault, must give none.
 * The last tests fork: there the memory itself must strike (inaccessible
 * extents of dead vnets, AddressSanitizer).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/test_mem.h"

#include "src/core/memory_var.h"

static const struct finding *
only(const char *kind)
{
	const struct finding *fi;

	fi = finding_get(mem_w, 0);
	assert_non_null(fi);
	assert_string_equal(fi->fi_kind, kind);
	assert_int_equal(fi->fi_count, 1);
	assert_null(finding_get(mem_w, 1));
	return (fi);
}

static void
a_second_free_is_found(void **state)
{
	const struct finding *fi;
	void *p, *q;

	(void)state;
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, 0);
	uma_zfree(&small_zone, p);
	assert_int_equal(mem_findings(NULL), 0);
	uma_zfree(&small_zone, p);
	fi = only("double-free");
	assert_int_equal(fi->fi_oracle, ORACLE_LIFETIME);
	assert_string_equal(fi->fi_zone, "small");
	assert_non_null(strstr(fi->fi_birth, "test_uma_bad.c:"));
	assert_int_equal(fi->fi_vnet, mem_a->v_id);
	/* The free list has it once. */
	q = uma_zalloc(&small_zone, 0);
	assert_ptr_equal(p, q);
	assert_ptr_not_equal(uma_zalloc(&small_zone, 0), q);
	uma_zfree(&small_zone, q);
	assert_int_equal(mem_findings(NULL), 1);
}

static void
a_free_through_the_wrong_zone_is_found(void **state)
{
	void *p;

	(void)state;
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&thing_zone, p);
	(void)only("wrong-zone");
	assert_true(uma_check(&small_zone, p));
	uma_zfree(&small_zone, p);
	assert_int_equal(mem_findings(NULL), 1);
}

static void
a_free_of_anothers_object_is_found(void **state)
{
	void *p, *q, *r;

	(void)state;
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, 0);
	q = uma_zalloc(&packet_zone, M_ZERO);
	r = uma_zalloc(&small_zone, 0);
	mem_in(mem_b);
	uma_zfree(&packet_zone, q); /* of the world: anybody may */
	assert_int_equal(mem_findings(NULL), 0);
	uma_zfree(&small_zone, p);
	(void)only("foreign-free");
	assert_int_equal(uma_count(&small_zone, mem_a), 2);
	mem_in(NULL);
	uma_zfree(&small_zone, r); /* no vnet is current: fine */
	mem_in(mem_a);
	uma_zfree(&small_zone, p);
	assert_int_equal(mem_findings(NULL), 1);
	assert_int_equal(uma_count(&small_zone, mem_a), 0);
}

static void
a_free_with_holders_is_found(void **state)
{
	const struct finding *fi;
	struct thing *t, *u;

	(void)state;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	u = uma_zalloc(&thing_zone, M_ZERO);
	ref_take(&t->th_hold[0], u, "th_hold");
	uma_zfree(&thing_zone, u);
	fi = only("free-held");
	assert_int_equal(fi->fi_nholders, 1);
	assert_non_null(strstr(fi->fi_holder[0], "th_hold@"));
	assert_true(ref_drop(&t->th_hold[0]));
	uma_zfree(&thing_zone, u);
	uma_zfree(&thing_zone, t);
	assert_int_equal(mem_findings(NULL), 1);
}

static void
a_free_of_a_holder_is_found_and_lets_go(void **state)
{
	struct thing *t, *u;
	struct packet *p;

	(void)state;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	u = uma_zalloc(&thing_zone, M_ZERO);
	ref_take(&t->th_hold[1], u, "th_hold");
	uma_zfree(&thing_zone, t);
	(void)only("free-holding");
	assert_false(ref_held(u));
	/* The same with a single reference, in a zone of the world. */
	p = uma_zalloc(&packet_zone, 0);
	assert_true(ref_empty(&p->pk_ref));
	ref_take(&p->pk_ref, u, "pk_ref");
	uma_zfree(&packet_zone, p);
	assert_int_equal(mem_findings("free-holding"), 2);
	assert_false(ref_held(u));
	p = uma_zalloc(&packet_zone, 0);
	assert_true(ref_empty(&p->pk_ref));
	uma_zfree(&packet_zone, p);
	uma_zfree(&thing_zone, u);
	assert_int_equal(mem_findings(NULL), 2);
}

static void
an_overwritten_reference_is_found(void **state)
{
	struct thing *t;

	(void)state;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	memset(&t->th_hold[0], 0x41, sizeof(t->th_hold[0]));
	uma_zfree(&thing_zone, t);
	(void)only("ref-corrupt");
}

static void
what_is_no_object_cannot_be_freed(void **state)
{
	struct thing *t;
	int local;

	(void)state;
	mem_in(mem_a);
	uma_zfree(&thing_zone, NULL);
	assert_int_equal(mem_findings(NULL), 0);
	t = uma_zalloc(&thing_zone, M_ZERO);
	uma_zfree(&thing_zone, &t->th_when);
	uma_zfree(&thing_zone, &local);
	uma_zfree(&vnet_zone, mem_a);
	assert_int_equal(mem_findings("free-unknown"), 2);
	assert_int_equal(mem_findings(NULL), 3);
	assert_true(uma_check(&thing_zone, t));
}

static void
objects_of_a_dead_vnet_are_dead(void **state)
{
	struct thing *t;

	(void)state;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	mem_in(NULL);
	mem_kill(mem_a);
	assert_int_equal(mem_findings(NULL), 0);
	assert_false(uma_check(&thing_zone, t));
	uma_zfree(&thing_zone, t);
	(void)only("free-dead");
	assert_null(uma_owner(t));
	assert_int_equal(mem_findings("use-dead"), 1);
	assert_int_equal(mem_findings(NULL), 2);
	mem_a = mem_vnet("a");
}

static void
use_of_a_freed_object_is_found(void **state)
{
	const struct finding *fi;
	struct packet *p;
	struct thing *t;

	(void)state;
	mem_in(mem_a);
	t = uma_zalloc(&thing_zone, M_ZERO);
	p = uma_zalloc(&packet_zone, M_ZERO);
	uma_zfree(&packet_zone, p);
	uma_chown(p, mem_b);
	fi = only("use-freed");
	assert_non_null(strstr(fi->fi_text, "chown of packet#"));
	assert_non_null(strstr(fi->fi_text, "freed at tests/test_uma_bad.c"));
	assert_null(uma_owner(p));
	ref_take(&t->th_hold[0], p, "th_hold");
	assert_true(ref_empty(&t->th_hold[0]));
	assert_false(ref_held(p));
	assert_int_equal(mem_findings("use-freed"), 4);
	uma_chown(t, mem_b);
	assert_int_equal(mem_findings("use-local"), 1);
	assert_ptr_equal(uma_owner(t), mem_a);
}

static void
a_write_after_the_free_is_found(void **state)
{
#ifdef VNETSIM_CHECKING
	struct small *s, *t;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, 0);
	s->sm_a[2] = 1;
	uma_zfree(&small_zone, s);
	t = uma_zalloc(&small_zone, 0);
	assert_ptr_equal(s, t);
	assert_int_equal(mem_findings(NULL), 0);
	uma_zfree(&small_zone, s);
	mem_open(s, sizeof(*s));
	s->sm_a[2]++;
	mem_close(s, sizeof(*s));
	t = uma_zalloc(&small_zone, 0);
	(void)only("write-after-free");
	assert_ptr_equal(s, t);
#else
	(void)state;
	skip();
#endif
}

static void
fresh_memory_is_not_zero_by_chance(void **state)
{
#ifdef VNETSIM_CHECKING
	struct small *s;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, 0);
	assert_int_equal(s->sm_a[0], UINT64_C(0xa5a5a5a5a5a5a5a5));
	uma_zfree(&small_zone, s);
#else
	struct mem_hdr *h;
	struct small *s;

	(void)state;
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, M_ZERO);
	uma_zfree(&small_zone, s);
	h = mem_hdr_of(s);
	mem_open(s, sizeof(*s));
	assert_int_equal(s->sm_a[2], UINT64_C(0xdededededededede));
	mem_close(s, sizeof(*s));
	assert_ptr_equal(mem_payload(h), s);
#endif
}

static void
allocating_in_teardown_is_found(void **state)
{
	struct vnet_frame f;
	void *p;

	(void)state;
	mem_a->v_phase = PHASE_FAREWELL;
	assert_true(vnet_enter(&f, mem_a, DOOR_LIFE, VNET_MOD_tcp));
	assert_non_null(uma_zalloc(&small_zone, 0));
	mem_a->v_phase = PHASE_LETGO;
	assert_non_null(uma_zalloc(&small_zone, M_RESERVE));
	assert_int_equal(mem_findings(NULL), 0);
	p = uma_zalloc(&small_zone, 0);
	assert_non_null(p);
	assert_int_equal(only("alloc-in-teardown")->fi_oracle, ORACLE_ORDER);
	vnet_leave(&f);
	/* An operation or a deferred free may; only verbs may not. */
	assert_true(vnet_enter(&f, mem_a, DOOR_OP, VNET_MOD_tcp));
	assert_non_null(kmalloc(&table_zone, 10, 0));
	vnet_leave(&f);
	assert_int_equal(mem_findings(NULL), 1);
	mem_a->v_phase = PHASE_ALIVE;
}

static void
an_overflow_into_the_next_header_stops_the_walk(void **state)
{
	struct vnetsim_host host;
	int status;
	pid_t pid;
	struct small *s;

	(void)state;
	host = *mem_w->w_host;
	assert_ptr_equal(host.panic, vnetsim_host_posix()->panic);
	mem_in(mem_a);
	s = uma_zalloc(&small_zone, 0);
	(void)uma_zalloc(&small_zone, 0);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		mem_fill(s, 0, 32 + 32);
		(void)world_hash(mem_a, 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
}

/* Does a child die that reads (or writes) there? */
static bool
strikes(volatile unsigned char *p, bool write)
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		if (write)
			*p = 1;
		else if (*p == 1)
			_exit(77);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (!WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

static void
memory_of_a_dead_vnet_strikes(void **state)
{
#ifdef VNETSIM_CHECKING
	struct world_save *s;
#endif
	unsigned char *p;

	(void)state;
	mem_in(mem_a);
	p = uma_zalloc(&thing_zone, M_ZERO);
	assert_false(strikes(p, true));
	mem_in(NULL);
	mem_kill(mem_a);
#ifdef VNETSIM_CHECKING
	assert_true(strikes(p, false));
	/* And again after a restore to a time when it was dead. */
	s = world_save(mem_w);
	assert_true(mem_extent_unshut(mem_w));
	while (mem_extent_unshut(mem_w))
		;
	assert_true(MEM_ASAN || !strikes(p, false));
	world_restore(mem_w, s);
	assert_true(strikes(p, false));
	world_save_free(mem_w, s);
#else
	if (MEM_ASAN)
		assert_true(strikes(p, false));
	else
		assert_int_equal(*p, 0xde);
#endif
	mem_a = mem_vnet("a");
}

static void
addresssanitizer_knows_objects(void **state)
{
	unsigned char *p, *q;
	struct world_save *s;

	(void)state;
	if (!MEM_ASAN)
		skip();
	mem_in(mem_a);
	p = uma_zalloc(&small_zone, M_ZERO);
	q = uma_zalloc(&thing_zone, M_ZERO);
	assert_false(strikes(p, true));
	assert_false(strikes(p + sizeof(struct small) - 1, true));
	assert_true(strikes(p + sizeof(struct small), true));
	assert_true(strikes(p + 32, true));
	assert_true(strikes(p - 1, true));
	assert_true(strikes(q - MEM_HDR, false));
	uma_zfree(&small_zone, p);
	assert_true(strikes(p, false));
	mem_in(NULL);
	s = world_save(mem_w);
	mem_in(mem_a);
	assert_ptr_equal(uma_zalloc(&small_zone, M_ZERO), p);
	uma_zfree(&thing_zone, q);
	mem_in(NULL);
	assert_false(strikes(p, false));
	assert_true(strikes(q, false));
	world_restore(mem_w, s);
	assert_true(strikes(p, false));
	assert_false(strikes(q, true));
	assert_true(strikes(q - 1, true));
	world_save_free(mem_w, s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(a_second_free_is_found),
		MEM_TEST(a_free_through_the_wrong_zone_is_found),
		MEM_TEST(a_free_of_anothers_object_is_found),
		MEM_TEST(a_free_with_holders_is_found),
		MEM_TEST(a_free_of_a_holder_is_found_and_lets_go),
		MEM_TEST(an_overwritten_reference_is_found),
		MEM_TEST(what_is_no_object_cannot_be_freed),
		MEM_TEST(objects_of_a_dead_vnet_are_dead),
		MEM_TEST(use_of_a_freed_object_is_found),
		MEM_TEST(a_write_after_the_free_is_found),
		MEM_TEST(fresh_memory_is_not_zero_by_chance),
		MEM_TEST(allocating_in_teardown_is_found),
		MEM_TEST(an_overflow_into_the_next_header_stops_the_walk),
		MEM_TEST(memory_of_a_dead_vnet_strikes),
		MEM_TEST(addresssanitizer_knows_objects),
	};

	return (
	    cmocka_run_group_tests_name("uma_bad", tests, NULL, NULL) ? 1 : 0);
}
