/*
 * test_integration_orders.c - steps in any order: found, never a panic.
 *
 * Every step of every order is moved before every other one, swapped with
 * its neighbour and run twice, while connections, a ping and a blocked call
 * are there.  The end may be ugly, and is then found; but the run goes on to
 * its audit, and the host's vnet behind it comes to its end.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/tstack.h"

#define MAXSTEPS 192

static void
busy(struct st *s)
{
	struct vnetsim_addr any = { 0, 53 };
	vnetsim_handle op, proc;
	int l, a, b, u, n;

	st_setup(s);
	l = st_listen(s, s->phub, 80, 5);
	for (int i = 0; i < 2; i++) {
		(void)st_connect(s, s->pcli, ST_HUB, 80, s->phub, l, &a, &b);
		(void)st_send(s, s->pcli, a, 1000);
	}
	(void)ST(s, vnetsim_close(s->w, s->pcli, a, NULL));
	(void)ST(s, vnetsim_proc_create(s->w, s->cli, "u", &proc));
	(void)ST(s, vnetsim_socket(s->w, proc, VNETSIM_UDP, &u));
	(void)ST(s, vnetsim_bind(s->w, proc, u, &any));
	(void)ST(s, vnetsim_recv(s->w, proc, u, 100, false, 0, &op));
	l = st_listen(s, s->pcli, 81, 5);
	(void)ST(s, vnetsim_accept(s->w, s->pcli, l, 0, &n, &op));
	(void)ST(s, vnetsim_ping(s->w, s->cli, ST_HUB + 9, 56, 10 * ST_S, &op));
	st_run(s, ST_MS);
}

/* A kernel's own order waits for minutes of TIME_WAIT. */
static bool
forced(const char *order)
{
	return (strncmp(order, "freebsd-", 8) == 0);
}

static void
run_edit(
    struct st *s, const char *order, int edit, const char *a, const char *b)
{
	assert_true(st_again(s, NULL));
	busy(s);
	assert_int_equal(vnetsim_order_set(s->w, order, forced(order)), 0);
	if (vnetsim_order_edit(s->w, edit, a, b) != 0)
		return;
	(void)st_remove(s, "cli", 10000 * ST_S);
	(void)st_finish(s);
	/* a jail that is not killed does not go, and that is told */
	if (vnetsim_ledger(s->w, 0) != 0 &&
	    st_findings(s, "liveness", "bound") == 0)
		fail_msg("%s: edit %d of %s, %s: not at its end", order, edit,
		    a, b != NULL ? b : "-");
}

static void
edits(const char *order)
{
	static char names[MAXSTEPS][64];
	struct vnetsim_step step;
	struct st s = { 0 };
	unsigned n = 0;

	assert_true(st_open(&s, NULL));
	assert_int_equal(vnetsim_order_set(s.w, order, forced(order)), 0);
	for (unsigned i = 0; vnetsim_order_step(s.w, i, &step) == 0; i++)
		if (!step.absent)
			snprintf(names[n++], sizeof(names[0]), "%s", step.name);
	for (unsigned i = 0; i < n; i++) {
		run_edit(&s, order, VNETSIM_EDIT_SKIP, names[i], NULL);
		run_edit(&s, order, VNETSIM_EDIT_REPEAT, names[i], NULL);
		for (unsigned k = 0; k < n; k++) {
			if (k == i)
				continue;
			run_edit(
			    &s, order, VNETSIM_EDIT_MOVE, names[i], names[k]);
			if (k > i)
				run_edit(&s, order, VNETSIM_EDIT_SWAP, names[i],
				    names[k]);
		}
	}
	st_close(&s);
}

static void
test_topdown(void **state)
{
	(void)state;
	edits("top-down");
}

static void
test_freebsd13(void **state)
{
	(void)state;
	edits("freebsd-13");
}

static void
test_freebsd9(void **state)
{
	(void)state;
	edits("freebsd-9");
}

static void
test_iffirst(void **state)
{
	(void)state;
	edits("interfaces-first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topdown),
		cmocka_unit_test(test_freebsd13),
		cmocka_unit_test(test_freebsd9),
		cmocka_unit_test(test_iffirst),
	};

	return (
	    cmocka_run_group_tests_name("integration orders", tests, NULL, NULL)
		? 1
		: 0);
}
