/*
 * test_integration_skip.c - each module's shutdown, and each one's uninit, is
 * left out in turn.  The consequence must be found, and nothing may panic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/mcast.h>
#include <vnetsim/pf.h>
#include "tests/lib/tstack.h"

/* The client filters: modules made at first use must be there. */
static void
filter(struct st *s)
{
	struct vnetsim_pf_rule pass = {
		.ifname = "epair0b", .keep_state = true, .ifbound = true
	};
	struct vnetsim_pf_conf conf;

	vnetsim_pf_defaults(&conf);
	conf.rules = &pass;
	conf.nrules = 1;
	(void)ST(s, vnetsim_pf_load(s->w, s->cli, &conf));
	(void)ST(s, vnetsim_pf_enable(s->w, s->cli, true));
}

/* And it is in groups, at its interface and at the loopback. */
static void
groups(struct st *s, int fd)
{
	struct vnetsim_mreq mr = { .group = 0xef010203 };

	(void)ST(s,
	    vnetsim_mcast(s->w, s->pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr));
	mr.ifname = "lo0";
	(void)ST(s,
	    vnetsim_mcast(s->w, s->pcli, fd, VNETSIM_IP_ADD_MEMBERSHIP, &mr));
}

/* Connections of several states when the client goes. */
static void
busy(struct st *s)
{
	struct vnetsim_addr any = { 0, 53 };
	vnetsim_handle op;
	int l, a, b, u;

	st_setup(s);
	filter(s);
	l = st_listen(s, s->phub, 80, 5);
	for (int i = 0; i < 3; i++) {
		(void)st_connect(s, s->pcli, ST_HUB, 80, s->phub, l, &a, &b);
		(void)st_send(s, s->pcli, a, 1000);
	}
	(void)ST(s, vnetsim_close(s->w, s->pcli, a, NULL));
	st_run(s, 10 * ST_MS);
	(void)ST(s, vnetsim_close(s->w, s->phub, b, NULL));
	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, &u));
	(void)ST(s, vnetsim_bind(s->w, s->pcli, u, &any));
	groups(s, u);
	(void)ST(s, vnetsim_ping(s->w, s->cli, ST_HUB, 56, ST_S, &op));
	(void)st_await(s, op, ST_S);
	st_run(s, 10 * ST_MS);
}

/* Names of the steps that may be left out.  Return: their number. */
static unsigned
steps(char names[][64], unsigned max, const char *order)
{
	struct vnetsim_step step;
	struct st s = { 0 };
	unsigned n = 0;

	assert_true(st_open(&s, NULL));
	assert_int_equal(vnetsim_order_set(s.w, order, false), 0);
	for (unsigned i = 0; vnetsim_order_step(s.w, i, &step) == 0; i++) {
		if (step.absent || step.module == NULL)
			continue;
		assert_true(n < max);
		snprintf(names[n++], 64, "%s", step.name);
	}
	st_close(&s);
	return (n);
}

static unsigned
leave_out(const char *order, const char *name, bool whole)
{
	struct st s = { 0 };
	unsigned found;

	assert_true(st_open(&s, NULL));
	busy(&s);
	assert_int_equal(vnetsim_order_set(s.w, order, false), 0);
	assert_int_equal(
	    vnetsim_order_edit(s.w, VNETSIM_EDIT_SKIP, name, NULL), 0);
	(void)st_remove(&s, "cli", 10000 * ST_S);
	if (whole) {
		found = st_finish(&s);
	} else {
		int64_t until = vnetsim_settled(s.w);

		while (until != 0 && vnetsim_step(s.w, until))
			;
		found = vnetsim_audit(s.w);
	}
	if (getenv("VNETSIM_VERBOSE") != NULL) {
		fprintf(
		    stderr, "%s without %s: %u findings\n", order, name, found);
		st_print(&s);
	}
	st_close(&s);
	return (found);
}

static void
skip_each(const char *order, const char *const *harmless)
{
	char names[128][64];
	unsigned n = steps(names, 128, order);
	unsigned missed = 0;

	for (unsigned i = 0; i < n; i++) {
		bool ok = false;

		for (unsigned k = 0; harmless[k] != NULL; k++)
			ok = ok || strcmp(harmless[k], names[i]) == 0;
		if (leave_out(order, names[i], false) == 0 && !ok) {
			fprintf(stderr, "NOT FOUND: %s without %s\n", order,
			    names[i]);
			missed++;
		}
		(void)leave_out(order, names[i], true);
	}
	assert_int_equal(missed, 0);
}

static void
test_topdown(void **state)
{
	/* shutdown says the goodbyes that it left out */
	static const char *const harmless[] = { "igmp farewell", NULL };

	(void)state;
	skip_each("top-down", harmless);
}

static void
test_freebsd(void **state)
{
	static const char *const harmless[] = { NULL };

	(void)state;
	skip_each("freebsd-13", harmless);
}

static void
test_freebsd9(void **state)
{
	static const char *const harmless[] = { NULL };

	(void)state;
	skip_each("freebsd-9", harmless);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topdown),
		cmocka_unit_test(test_freebsd),
		cmocka_unit_test(test_freebsd9),
	};

	return (
	    cmocka_run_group_tests_name("integration skip", tests, NULL, NULL)
		? 1
		: 0);
}
