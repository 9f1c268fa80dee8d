/*
 * test_integration_end.c - a client with twenty connections is removed.
 *
 * In the default order every peer is told; with interfaces first nobody is,
 * and the findings name each stuck peer; FreeBSD 13 waits for every reference,
 * or cuts everything with --force.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/tstack.h"

#define PEERS 20

struct peers {
	int c[PEERS], h[PEERS]; /* descriptors of client and hub */
};

/* Half of the connections are opened by either side. */
static void
peers_connect(struct st *s, struct peers *p)
{
	int lh = st_listen(s, s->phub, 80, PEERS);
	int lc = st_listen(s, s->pcli, 81, PEERS);

	for (int i = 0; i < PEERS; i++) {
		if (i % 2 == 0)
			(void)st_connect(s, s->pcli, ST_HUB, 80, s->phub, lh,
			    &p->c[i], &p->h[i]);
		else
			(void)st_connect(s, s->phub, ST_CLI, 81, s->pcli, lc,
			    &p->h[i], &p->c[i]);
	}
}

/* Mixed situations. */
static void
peers_mix(struct st *s, const struct peers *p)
{
	for (int i = 0; i < PEERS; i++) {
		int c = p->c[i], h = p->h[i];

		switch (i % 10) {
		case 0: /* idle */
			break;
		case 1: /* the client has sent, the hub has not read */
			(void)st_send(s, s->pcli, c, 1000);
			break;
		case 2: /* the hub has sent, the client has not read */
			(void)st_send(s, s->phub, h, 1000);
			break;
		case 3: /* the hub's window is closed */
			(void)st_send(s, s->pcli, c, 1 << 20);
			st_run(s, ST_S);
			(void)st_send(s, s->pcli, c, 1 << 20);
			st_run(s, ST_S);
			(void)st_send(s, s->pcli, c, 1 << 20);
			break;
		case 4: /* the client's is */
			(void)st_send(s, s->phub, h, 1 << 20);
			st_run(s, ST_S);
			(void)st_send(s, s->phub, h, 1 << 20);
			st_run(s, ST_S);
			(void)st_send(s, s->phub, h, 1 << 20);
			break;
		case 5: /* half closed by the client */
			(void)ST(s, vnetsim_shutdown(
					s->w, s->pcli, c, VNETSIM_SHUT_WR));
			break;
		case 6: /* half closed by the hub */
			(void)ST(s, vnetsim_shutdown(
					s->w, s->phub, h, VNETSIM_SHUT_WR));
			break;
		case 7: /* closed by the client */
			(void)ST(s, vnetsim_close(s->w, s->pcli, c, NULL));
			break;
		case 8: /* closed by the hub */
			(void)ST(s, vnetsim_close(s->w, s->phub, h, NULL));
			break;
		default: /* both ways, unread */
			(void)st_send(s, s->phub, h, 5000);
			(void)st_send(s, s->pcli, c, 5000);
			break;
		}
	}
}

static void
peers_open(struct st *s, struct peers *p, const char *order, bool force)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(vnetsim_order_set(s->w, order, force), 0);
	peers_connect(s, p);
	peers_mix(s, p);
	st_run(s, ST_S);
}

/* How many of the hub's sockets are not closed? */
static unsigned
peers_left(struct st *s)
{
	struct vnetsim_sockinfo si;
	struct vnetsim_jail_info ji;
	unsigned left = 0;

	assert_int_equal(vnetsim_jail_info(s->w, s->hub, &ji), 0);
	for (uint32_t n = 0; vnetsim_sock_next(s->w, ji.vnet, n, &si) == 0; n++)
		if (si.state != NULL && !si.listening &&
		    strcmp(si.state, "CLOSED") != 0 &&
		    strcmp(si.state, "TIME_WAIT") != 0)
			left++;
	return (left);
}

static void
settle(struct st *s)
{
	int64_t until = vnetsim_settled(s->w);

	while (until != 0 && vnetsim_step(s->w, until))
		;
}

static void
print_outcomes(struct st *s)
{
	struct vnetsim_outcomes o;

	for (int wire = 0; wire < 2; wire++) {
		if (vnetsim_outcomes(s->w, VNETSIM_NOVNET, wire != 0, &o) != 0)
			continue;
		fprintf(stderr,
		    "  %s: finned %u reset %u abandoned %u; peers %u fin %u "
		    "rst %u stuck %u\n",
		    wire ? "wire" : "stack", o.finned, o.reset, o.abandoned,
		    o.peers, o.peers_fin, o.peers_rst, o.peers_stuck);
	}
}

static void
test_topdown(void **state)
{
	struct vnetsim_jail_info ji;
	struct vnetsim_outcomes o, ow;
	struct peers p;
	struct st s = { 0 };

	(void)state;
	peers_open(&s, &p, "top-down", false);
	assert_int_equal(vnetsim_jail_info(s.w, s.cli, &ji), 0);
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	assert_int_equal(vnetsim_ledger(s.w, ji.vnet), 0);
	settle(&s);
	assert_int_equal(peers_left(&s), 0);
	assert_int_equal(vnetsim_outcomes(s.w, ji.vnet, false, &o), 0);
	assert_int_equal(vnetsim_outcomes(s.w, ji.vnet, true, &ow), 0);
	if (ow.peers_stuck != 0 || o.abandoned != 0 ||
	    st_findings(&s, NULL, NULL)) {
		print_outcomes(&s);
		st_print(&s);
	}
	assert_int_equal(st_findings(&s, NULL, NULL), 0);
	assert_int_equal(o.abandoned, 0);
	assert_int_equal(ow.peers_stuck, 0);
	assert_int_equal(o.finned + o.reset, ow.finned + ow.reset);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static void
test_policies(void **state)
{
	static const struct vnetsim_close_policy policies[] = {
		{ VNETSIM_CLOSE_ABORT, 0 },
		{ VNETSIM_CLOSE_ABORT, 100 * ST_MS },
		{ VNETSIM_CLOSE_CRASH, 0 },
		{ VNETSIM_CLOSE_GRACEFUL, ST_S },
		{ VNETSIM_CLOSE_GRACEFUL, 300 * ST_S },
	};
	struct vnetsim_outcomes o;
	struct peers p;

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct st s = { 0 };

		assert_true(st_open(&s, NULL));
		assert_int_equal(vnetsim_close_default(s.w, &policies[i]), 0);
		st_setup(&s);
		peers_connect(&s, &p);
		peers_mix(&s, &p);
		st_run(&s, ST_S);
		assert_int_equal(st_remove(&s, "cli", 1000 * ST_S), 0);
		settle(&s);
		if (policies[i].policy != VNETSIM_CLOSE_CRASH)
			assert_int_equal(peers_left(&s), 0);
		(void)vnetsim_audit(s.w);
		if (st_findings(&s, NULL, NULL) != 0) {
			print_outcomes(&s);
			st_print(&s);
		}
		assert_int_equal(st_findings(&s, NULL, NULL), 0);
		assert_int_equal(
		    vnetsim_outcomes(s.w, VNETSIM_NOVNET, false, &o), 0);
		if (policies[i].policy == VNETSIM_CLOSE_CRASH)
			assert_true(o.abandoned >= PEERS / 2);
		else
			assert_int_equal(o.abandoned, 0);
		if (policies[i].policy == VNETSIM_CLOSE_ABORT)
			assert_true(o.reset >= PEERS / 2);
		st_close(&s);
	}
}

static void
test_iffirst(void **state)
{
	struct vnetsim_outcomes o;
	struct vnetsim_finding f;
	struct peers p;
	struct st s = { 0 };
	unsigned stuck = 0, left;

	(void)state;
	peers_open(&s, &p, "interfaces-first", false);
	assert_int_equal(st_remove(&s, "cli", 1000 * ST_S), 0);
	settle(&s);
	left = peers_left(&s);
	(void)vnetsim_audit(s.w);
	for (unsigned n = 0; vnetsim_finding(s.w, n, &f) == 0; n++) {
		assert_string_equal(f.oracle, "wire");
		assert_string_equal(f.step, "if shutdown");
		stuck++;
	}
	assert_int_equal(vnetsim_outcomes(s.w, VNETSIM_NOVNET, true, &o), 0);
	if (stuck != o.peers_stuck || stuck == 0) {
		print_outcomes(&s);
		st_print(&s);
	}
	assert_true(stuck >= PEERS / 2);
	assert_int_equal(stuck, o.peers_stuck);
	assert_true(left >= PEERS / 2);
	st_close(&s);
}

/* A peer whose window is closed keeps a connection, and so the jail, for ever:
 * TCP's persist timer never ends while the probes are answered. */
static void
test_freebsd13(void **state)
{
	struct vnetsim_finding f;
	struct peers p;
	struct st s = { 0 };
	bool named = false;

	(void)state;
	peers_open(&s, &p, "freebsd-13", false);
	assert_int_equal(st_remove(&s, "cli", 100000 * ST_S), 0);
	assert_int_equal(st_findings(&s, "liveness", "bound"), 1);
	for (unsigned n = 0; vnetsim_finding(s.w, n, &f) == 0; n++) {
		if (strcmp(f.kind, "bound") != 0)
			continue;
		assert_string_equal(f.object, "prison");
		assert_non_null(f.holders[0]);
		named = true;
	}
	assert_true(named);
	st_close(&s);
}

/* Without such a peer it waits for TIME_WAIT and FIN_WAIT_2, and ends. */
static void
test_freebsd13_wait(void **state)
{
	struct peers p;
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-13", false), 0);
	peers_connect(&s, &p);
	for (int i = 0; i < PEERS; i += 2)
		(void)ST(&s, vnetsim_close(s.w, s.pcli, p.c[i], NULL));
	st_run(&s, 100 * ST_MS);
	for (int i = 0; i < PEERS; i += 2)
		(void)ST(&s, vnetsim_close(s.w, s.phub, p.h[i], NULL));
	st_run(&s, 100 * ST_MS);
	/* not before the last TIME_WAIT */
	assert_int_equal(st_remove(&s, "cli", 59 * ST_S), VE_INPROGRESS);
	assert_int_not_equal(vnetsim_jail_find(s.w, "cli", true), 0);
	st_run(&s, 1000 * ST_S);
	assert_int_equal(vnetsim_jail_find(s.w, "cli", true), 0);
	if (st_findings(&s, NULL, NULL) != 0)
		st_print(&s);
	assert_int_equal(st_findings(&s, NULL, NULL), 0);
	/* FIN_WAIT_2 has timed out: whoever does not close is stuck */
	assert_int_equal(st_finish(&s), PEERS / 2);
	assert_int_equal(st_findings(&s, "wire", "stuck"), PEERS / 2);
	st_close(&s);
}

/* Everything is cut; counters of TCP end before TCP, as in FreeBSD 13. */
static void
test_freebsd13_force(void **state)
{
	struct vnetsim_outcomes o;
	struct vnetsim_finding f;
	struct peers p;
	struct st s = { 0 };

	(void)state;
	peers_open(&s, &p, "freebsd-13", true);
	assert_int_equal(st_remove(&s, "cli", 10 * ST_S), 0);
	settle(&s);
	(void)vnetsim_audit(s.w);
	assert_int_equal(vnetsim_outcomes(s.w, VNETSIM_NOVNET, true, &o), 0);
	assert_true(o.peers_stuck >= PEERS / 2);
	assert_int_equal(st_findings(&s, "wire", "stuck"), o.peers_stuck);
	assert_int_equal(st_findings(&s, "order", "late-use"), 1);
	if (st_findings(&s, NULL, NULL) != o.peers_stuck + 1)
		st_print(&s);
	assert_int_equal(st_findings(&s, NULL, NULL), o.peers_stuck + 1);
	for (unsigned n = 0; vnetsim_finding(s.w, n, &f) == 0; n++)
		if (strcmp(f.kind, "stuck") == 0)
			assert_string_equal(f.step, "if shutdown");
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topdown),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_iffirst),
		cmocka_unit_test(test_freebsd13),
		cmocka_unit_test(test_freebsd13_wait),
		cmocka_unit_test(test_freebsd13_force),
	};

	return (
	    cmocka_run_group_tests_name("integration end", tests, NULL, NULL)
		? 1
		: 0);
}
