/*
 * test_link_monitor.c - the wire monitor on wires that do everything to frames.
 *
 * Closes of all kinds under {loss, duplication, reordering, corruption} and
 * seeds: the monitor that sees headers only, because nobody listens, says the
 * same as with a listener, and as one that is fed from outside like
 * check-pcap.  A teardown that leaves peers behind is found all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/wiremon.h>
#include "tests/lib/tstack.h"

#define NCONN 4

static void *
mon_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return (malloc(size));
}

static void
mon_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static void
feed(void *ctx, const struct vnetsim_wire_event *ev)
{
	assert_false(ev->we_headers);
	vnetsim_wiremon_event(ctx, ev);
}

struct result {
	unsigned findings, stuck;
	struct vnetsim_outcomes out;
	char keys[1024];
};

enum how { ALONE, LISTENED, SKIPPED };

/* Each impairment in turn, then all. */
static void
wire(struct st *s, unsigned kind)
{
	struct vnetsim_link_params lp = { .delay = 5 * ST_MS, .queue = 1000 };
	vnetsim_handle link;
	int end;

	if (kind == 0 || kind == 4)
		lp.loss = 60000;
	if (kind == 1 || kind == 4)
		lp.dup = 100000;
	if (kind == 2 || kind == 4) {
		lp.reorder = 150000;
		lp.holdn = 2;
	}
	if (kind == 3 || kind == 4)
		lp.corrupt = 60000;
	link = vnetsim_link_find(s->w, "epair0", &end);
	assert_int_equal(vnetsim_link_set(s->w, link, -1, &lp), 0);
}

/* Connections in several states, then the client goes. */
static void
close_all(struct st *s, unsigned kind, enum how how)
{
	vnetsim_handle op;
	int l, a[NCONN], b[NCONN];

	st_setup(s);
	l = st_listen(s, s->phub, 80, 5);
	for (int i = 0; i < NCONN; i++)
		assert_int_equal(st_connect(s, s->pcli, ST_HUB, 80, s->phub, l,
				     &a[i], &b[i]),
		    0);
	st_run(s, 2 * ST_S);
	wire(s, kind);
	s->tolerant = true;
	for (int i = 0; i < NCONN; i++) {
		(void)st_send(s, s->pcli, a[i], 20000);
		(void)st_send(s, s->phub, b[i], 5000);
	}
	st_run(s, 30 * ST_MS);
	(void)vnetsim_close(s->w, s->pcli, a[0], &op);
	(void)vnetsim_close(s->w, s->phub, b[1], &op);
	(void)vnetsim_shutdown(s->w, s->pcli, a[2], VNETSIM_SHUT_WR);
	st_run(s, 40 * ST_MS);
	if (how == SKIPPED) {
		assert_int_equal(vnetsim_order_edit(s->w, VNETSIM_EDIT_SKIP,
				     "tcp farewell", NULL),
		    0);
		assert_int_equal(vnetsim_order_edit(s->w, VNETSIM_EDIT_SKIP,
				     "tcp shutdown", NULL),
		    0);
	}
	(void)st_remove(s, "cli", 100 * ST_S);
	st_run(s, 60 * ST_S);
}

static void
look(struct st *s, struct result *r)
{
	struct vnetsim_finding f;
	size_t at = 0;

	r->findings = st_finish(s);
	r->stuck = st_findings(s, "wire", "stuck");
	for (unsigned i = 0; vnetsim_finding(s->w, i, &f) == 0; i++)
		if (strcmp(f.oracle, "wire") == 0 && at < sizeof(r->keys))
			at += (size_t)snprintf(
			    r->keys + at, sizeof(r->keys) - at, "%s\n", f.text);
	assert_int_equal(
	    vnetsim_outcomes(s->w, VNETSIM_NOVNET, true, &r->out), 0);
}

/* What the monitor that was fed found, as the world's. */
static void
compare(struct vnetsim_wiremon *wm, const struct result *r)
{
	struct vnetsim_wire_finding f;
	struct vnetsim_wire_vnet v;
	uint32_t fin = 0, rst = 0, stuck = 0;
	size_t n;

	for (n = 0; vnetsim_wiremon_finding(wm, n, &f); n++)
		assert_non_null(strstr(r->keys, f.wf_text));
	assert_int_equal(n, r->stuck);
	for (n = 0; vnetsim_wiremon_vnet(wm, n, &v); n++) {
		fin += v.wv_by_fin;
		rst += v.wv_by_rst + v.wv_by_own;
		stuck += v.wv_stuck;
	}
	assert_int_equal(fin, r->out.peers_fin);
	assert_int_equal(rst, r->out.peers_rst);
	assert_int_equal(stuck, r->out.peers_stuck);
}

static void
run(struct st *s, uint64_t seed, unsigned kind, enum how how, struct result *r)
{
	struct vnetsim_wiremon_mem mem = { mon_alloc, mon_free, NULL };
	struct vnetsim_config cfg = { .seed = seed };
	struct vnetsim_wiremon *wm = NULL;

	memset(r, 0, sizeof(*r));
	s->tolerant = false;
	assert_true(st_again(s, &cfg));
	vnetsim_set_wire(s->w, NULL, NULL);
	if (how != ALONE) {
		wm = vnetsim_wiremon_create(&mem);
		assert_non_null(wm);
		vnetsim_set_wire(s->w, feed, wm);
	}
	close_all(s, kind, how);
	look(s, r);
	vnetsim_set_wire(s->w, NULL, NULL);
	if (wm != NULL) {
		vnetsim_wiremon_end(wm, vnetsim_now(s->w));
		compare(wm, r);
	}
	vnetsim_wiremon_destroy(wm);
}

#ifndef SEEDS
#define SEEDS 40
#endif

static void
closes_on_bad_wires_are_judged_alike(void **state)
{
	struct result alone, heard;
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		for (unsigned kind = 0; kind < 5; kind++) {
			run(&s, seed, kind, ALONE, &alone);
			run(&s, seed, kind, LISTENED, &heard);
			if (alone.findings != 0 || heard.findings != 0) {
				st_print(&s);
				fail_msg("seed %u wire %u: %u, %u findings",
				    (unsigned)seed, kind, alone.findings,
				    heard.findings);
			}
			assert_memory_equal(
			    &alone.out, &heard.out, sizeof(alone.out));
			assert_true(alone.out.peers > 0);
		}
	st_close(&s);
}

/* Nobody says goodbye, and nobody answers: some peer is always stuck. */
static void
who_leaves_peers_behind_is_found_on_bad_wires(void **state)
{
	struct st s = { 0 };
	unsigned missed = 0;
	struct result r;

	(void)state;
	assert_true(st_open(&s, NULL));
	for (uint64_t seed = 1; seed <= SEEDS / 4; seed++)
		for (unsigned kind = 0; kind < 5; kind++) {
			run(&s, seed, kind, SKIPPED, &r);
			missed += r.stuck == 0;
		}
	st_close(&s);
	assert_int_equal(missed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_on_bad_wires_are_judged_alike),
		cmocka_unit_test(who_leaves_peers_behind_is_found_on_bad_wires),
	};

	return (cmocka_run_group_tests_name("link monitor", tests, NULL, NULL)
		    ? 1
		    : 0);
}
