/*
 * test_proc.c - processes and descriptors, with a toy kind of file.
 *
 * A toy is an object of module udp in its vnet; its file closes by dropping
 * the reference and freeing it.  `closed` notes the order.
 */
#include <string.h>
#include "tests/lib/tworld.h"

struct toy {
	uint64_t ty_n;
};
static const struct field toy_fields[] = { FIELD(struct toy, ty_n, UINT) };
static UMA_ZONE(toy_zone, udp, 0, struct toy, 0, toy_fields);
static const struct uma_zone *const udp_zones[] = { &toy_zone };
static const struct vnet_module mod_udp = { TW_MODULE(udp, "udp"),
	.vm_zones = udp_zones, .vm_nzones = 1 };
static const struct vnet_module *const mods[] = { &mod_udp, NULL };

static char closed[64];
static const char *door;
static bool killed;

static struct vnet *
toy_vnet(const struct file *fp)
{
	return (uma_owner(ref_get(&fp->f_obj)));
}

static void
toy_close(struct file *fp)
{
	struct toy *ty = ref_get(&fp->f_obj);
	size_t n;

	assert_ptr_equal(curvnet, uma_owner(ty));
	door = kctx->kc_door;
	killed = fp->f_killed;
	n = strlen(closed);
	closed[n] = (char)ty->ty_n;
	closed[n + 1] = '\0';
	assert_true(ref_drop(&fp->f_obj));
	uma_zfree(&toy_zone, ty);
}

static const struct fileops toy_ops = { "toy", toy_close, toy_vnet };
static const struct fileops other_ops = { "other", toy_close, toy_vnet };

static int
setup(void **state)
{
	*state = tw_create(mods);
	closed[0] = '\0';
	door = NULL;
	return (0);
}

static int
teardown(void **state)
{
	tw_destroy(*state);
	return (0);
}

static int
toy_open(struct proc *p, char name, int *fd)
{
	struct vnet_frame f;
	struct toy *ty;
	int error;

	*fd = -1;
	TW_ENTER(&f, p->p_prison->pr_vnet);
	ty = uma_zalloc(&toy_zone, M_ZERO);
	error = VE_NOMEM;
	if (ty != NULL) {
		ty->ty_n = (uint64_t)name;
		error = falloc(p, &toy_ops, ty, fd);
		if (error != 0)
			uma_zfree(&toy_zone, ty);
	}
	vnet_leave(&f);
	return (error);
}

static struct proc *
process(struct prison *pr, const char *name)
{
	struct proc *p = NULL;

	assert_int_equal(proc_create(pr, name, &p), 0);
	return (p);
}

static void
descriptors_are_the_lowest_free(void **state)
{
	struct proc *p;
	void *obj;
	int fd, i;

	(void)state;
	p = process(tw_jail("a"), "p");
	assert_int_equal(p->p_pid, 1);
	for (i = 0; i < 20; i++) {
		assert_int_equal(toy_open(p, (char)('a' + i), &fd), 0);
		assert_int_equal(fd, i);
	}
	assert_int_equal(p->p_nfd, 32);
	assert_int_equal(fget(p, 3, &toy_ops, &obj), 0);
	assert_int_equal(((struct toy *)obj)->ty_n, 'd');
	assert_int_equal(fget(p, 3, &other_ops, &obj), VE_NOTSOCK);
	assert_int_equal(fget(p, 20, &toy_ops, &obj), VE_BADF);
	assert_int_equal(fget(p, -1, &toy_ops, &obj), VE_BADF);
	assert_int_equal(fget(p, 1 << 30, &toy_ops, &obj), VE_BADF);
	assert_int_equal(fdclose(p, 3), 0);
	assert_int_equal(fdclose(p, 3), VE_BADF);
	assert_int_equal(fdclose(p, 7), 0);
	assert_string_equal(closed, "dh");
	assert_false(killed);
	assert_string_equal(door, "user");
	assert_int_equal(toy_open(p, 'X', &fd), 0);
	assert_int_equal(fd, 3);
	assert_int_equal(toy_open(p, 'Y', &fd), 0);
	assert_int_equal(fd, 7);
	closed[0] = '\0';
	prison_kill(p->p_prison);
	assert_string_equal(closed, "abcXefgYijklmnopqrst");
	assert_true(killed);
}

static void
the_limit_is_1024(void **state)
{
	struct proc *p;
	int fd, i;

	(void)state;
	p = process(tw_jail("a"), "p");
	for (i = 0; i < PROC_MAXFILES; i++)
		assert_int_equal(toy_open(p, 'x', &fd), 0);
	assert_int_equal(fd, PROC_MAXFILES - 1);
	assert_int_equal(p->p_nfd, PROC_MAXFILES);
	assert_int_equal(toy_open(p, 'x', &fd), VE_MFILE);
	assert_int_equal(fdpass(p, 0, p, &fd), VE_MFILE);
	assert_int_equal(fdclose(p, 500), 0);
	assert_int_equal(toy_open(p, 'x', &fd), 0);
	assert_int_equal(fd, 500);
	closed[0] = '\0';
	for (i = 0; i < PROC_MAXFILES; i++) {
		assert_int_equal(fdclose(p, i), 0);
		closed[0] = '\0';
	}
	proc_exit(p);
}

static void
every_allocation_may_fail(void **state)
{
	struct world *w = *state;
	struct prison *a;
	struct proc *p;
	uint64_t h, n;
	int error, fd;

	a = tw_jail("a");
	h = world_hash(NULL, HASH_TIMES | HASH_SERIALS);
	for (n = 1;; n++) {
		mem_fail_set(w, n, false);
		error = proc_create(a, "p", &p);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOMEM);
		assert_true(world_hash(NULL, HASH_TIMES | HASH_SERIALS) == h);
	}
	assert_int_equal(n, 3);
	mem_fail_set(w, 0, false);
	for (n = 0; n < 8; n++)
		assert_int_equal(toy_open(p, 'x', &fd), 0);
	for (n = 1;; n++) {
		mem_fail_set(w, n, false);
		error = toy_open(p, 'y', &fd);
		if (error == 0)
			break;
		assert_int_equal(error, VE_NOMEM);
		assert_null(fd_file(p, 8));
	}
	assert_int_equal(fd, 8);
	assert_int_equal(n, 4); /* toy, table, file */
	mem_fail_set(w, 0, false);
	prison_kill(a);
}

static void
a_passed_file_pins_its_jail(void **state)
{
	struct world *w = *state;
	struct prison *a, *b;
	struct proc *p, *q;
	void *obj;
	int fd, fd2;

	a = tw_jail("a");
	b = tw_jail("b");
	p = process(a, "p");
	q = process(b, "q");
	assert_int_equal(toy_open(p, 'x', &fd), 0);
	assert_int_equal(toy_open(q, 'y', &fd2), 0);
	assert_int_equal(fdpass(p, 5, q, &fd2), VE_BADF);
	assert_int_equal(fdpass(p, fd, q, &fd2), 0);
	assert_int_equal(fd2, 1);
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	assert_string_equal(closed, "");
	assert_int_equal(a->pr_state, PRISON_STATE_DYING);
	assert_int_equal(w->w_nvnets, 3);
	assert_int_equal(fget(q, fd2, &toy_ops, &obj), 0);
	assert_int_equal(fdclose(q, fd2), 0);
	assert_string_equal(closed, "x");
	(void)tw_run(w);
	assert_int_equal(w->w_nvnets, 2);
	assert_int_equal(prison_remove(b), 0);
	(void)tw_run(w);
	assert_string_equal(closed, "xy");
	assert_int_equal(w->w_nvnets, 1);
}

static struct proc *passed_to;

static bool
not_shown(struct op *op)
{
	(void)op;
	return (fd_file(passed_to, 0) == NULL);
}

static enum op_verdict
pins_step(struct op *op)
{
	struct prison *pr = op->op_ptr[0];

	if (not_shown(op))
		return (OP_DONE);
	return (op_wait(
	    op, &pr->pr_wq, not_shown, 0, "for a passed descriptor", NULL));
}

static const struct op_desc pins_desc = { "pins", pins_step, NULL };

static void
pins_init(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
}

/* The credential lives on, but who waits for descriptors must hear of it. */
static void
closing_a_passed_descriptor_wakes_its_jail(void **state)
{
	struct world *w = *state;
	struct prison *a;
	struct proc *p;
	struct op *op;
	int fd, fd2;

	a = tw_jail("a");
	p = process(a, "p");
	passed_to = process(tw_jail("b"), "q");
	assert_int_equal(toy_open(p, 'x', &fd), 0);
	assert_int_equal(fdpass(p, fd, passed_to, &fd2), 0);
	op = op_start(&pins_desc, NULL, pins_init, a);
	(void)tw_run(w);
	assert_false(op->op_done);
	assert_int_equal(fdclose(passed_to, fd2), 0);
	(void)tw_run(w);
	assert_true(op->op_done);
	assert_string_equal(closed, "");
	op_release(op);
}

/* Its vnet was taken down by force: the descriptor shows nothing any more. */
static void
a_severed_file_closes_in_silence(void **state)
{
	struct world *w = *state;
	struct prison *a;
	struct proc *p, *q;
	void *obj;
	int fd, fd2;

	a = tw_jail("a");
	p = process(a, "p");
	q = process(tw_jail("b"), "q");
	assert_int_equal(toy_open(p, 'x', &fd), 0);
	assert_int_equal(fdpass(p, fd, q, &fd2), 0);
	proc_exit(p);
	assert_int_equal(vnet_mem_sever(a->pr_vnet, NULL, NULL), 1);
	assert_int_equal(fget(q, fd2, &toy_ops, &obj), VE_BADF);
	assert_int_equal(fdclose(q, fd2), 0);
	assert_string_equal(closed, "");
	assert_null(fd_file(q, fd2));
	assert_int_equal(uma_count(&file_zone, a->pr_vnet), 0);
	/* the toy itself is a leak of a's */
	assert_int_equal(prison_remove(a), 0);
	(void)tw_run(w);
	assert_int_equal(tw_finding(w, ORACLE_LEAK, "leak"), 1);
}

static void
close_finds_a_door_while_dying(void **state)
{
	struct prison *a;
	struct proc *p;
	int fd;

	(void)state;
	a = tw_jail("a");
	p = process(a, "p");
	assert_int_equal(toy_open(p, 'x', &fd), 0);
	a->pr_vnet->v_shut = DOOR_INWARD;
	assert_int_equal(fdclose(p, fd), 0);
	assert_string_equal(closed, "x");
	assert_string_equal(door, "life");
	a->pr_vnet->v_shut = 0;
}

/* ---- blocked ---- */

static int cancelled;

static enum op_verdict
block_step(struct op *op)
{
	struct proc *p = op->op_ptr[0];

	return (op_wait(op, &p->p_wq, NULL, 0, "for ever", NULL));
}

static void
block_cancel(struct op *op)
{
	cancelled = op->op_error;
}

static const struct op_desc block_desc = { "block", block_step, block_cancel };

static void
block_init(struct op *op, void *arg)
{
	op->op_ptr[0] = arg;
	((struct proc *)arg)->p_op = op;
}

static void
killing_cancels_the_blocked_call(void **state)
{
	struct world *w = *state;
	struct prison *a;
	struct proc *p, *q;
	struct op *op;

	a = tw_jail("a");
	p = process(a, "p");
	q = process(a, "q");
	op = op_start(&block_desc, a->pr_vnet, block_init, p);
	assert_non_null(op);
	(void)tw_run(w);
	assert_false(op->op_done);
	cancelled = 0;
	prison_kill(a);
	assert_int_equal(cancelled, VE_INTR);
	assert_true(op->op_done);
	assert_int_equal(op->op_error, VE_INTR);
	op_release(op);
	(void)q;
	assert_true(LIST_EMPTY(&a->pr_procs));
	assert_int_equal(uma_count(&proc_zone, a->pr_vnet), 0);
	assert_int_equal(uma_count(&ucred_zone, a->pr_vnet), 0);
	assert_int_equal(w->w_jail.wj_nprocs, 0);
}

static void
the_newest_process_dies_first(void **state)
{
	struct prison *a;
	struct proc *p;
	int i, fd;

	(void)state;
	a = tw_jail("a");
	for (i = 0; i < 3; i++) {
		p = process(a, "a name that is longer than the 31 bytes there "
			       "are for it");
		assert_int_equal(strlen(p->p_name), 31);
		assert_int_equal(toy_open(p, (char)('1' + i), &fd), 0);
	}
	prison_kill(a);
	assert_string_equal(closed, "321");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(descriptors_are_the_lowest_free),
		T(the_limit_is_1024),
		T(every_allocation_may_fail),
		T(a_passed_file_pins_its_jail),
		T(closing_a_passed_descriptor_wakes_its_jail),
		T(a_severed_file_closes_in_silence),
		T(close_finds_a_door_while_dying),
		T(killing_cancels_the_blocked_call),
		T(the_newest_process_dies_first),
	};

	return (cmocka_run_group_tests_name("proc", tests, NULL, NULL) ? 1 : 0);
}
