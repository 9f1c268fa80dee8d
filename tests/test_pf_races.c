/*
 * test_pf_races.c - the filter's timer, its tasks and the end of its vnet, on
 * two CPUs.
 *
 * A script keeps the purge worker and the sender of answers busy; the vnet is
 * removed somewhere in it.  Each choice of the scheduler (claimed now, run
 * later; equal times in another order) is decided differently in turn.  No
 * panic, no finding, whatever the order of teardown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/pf.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define MAXPOINTS 4096

struct points {
	struct deviation dv[MAXPOINTS];
	uint32_t n;
};

static void
record(void *ctx, const struct choice_point *cp)
{
	struct points *p = ctx;

	if (p->n >= MAXPOINTS || cp->cp_n < 2)
		return;
	p->dv[p->n++] = (struct deviation){ cp->cp_vnet, cp->cp_stream,
		cp->cp_what, cp->cp_ordinal, cp->cp_n - 1 };
}

static void
load(struct st *s, bool closed)
{
	struct vnetsim_pf_rule rules[2] = {
		{ .ifname = "epair0b", .keep_state = true, .ifbound = true },
		{ .action = VNETSIM_PF_RETURN,
		    .dir = VNETSIM_PF_IN,
		    .proto = 17 }
	};
	struct vnetsim_pf_conf conf;

	vnetsim_pf_defaults(&conf);
	conf.rules = rules;
	conf.nrules = closed ? 2 : 1;
	conf.timeout[VNETSIM_PFTM_INTERVAL] = 1;
	conf.timeout[VNETSIM_PFTM_UDP_FIRST_PACKET] = 1;
	conf.timeout[VNETSIM_PFTM_ICMP_FIRST_PACKET] = 1;
	conf.timeout[VNETSIM_PFTM_ICMP_ERROR_REPLY] = 1;
	(void)ST(s, vnetsim_pf_load(s->w, s->cli, &conf));
}

static void
say(struct st *s, vnetsim_handle proc, uint32_t to, uint16_t port)
{
	struct vnetsim_addr a = { to, port };
	size_t n;
	int fd;

	if (ST(s, vnetsim_socket(s->w, proc, VNETSIM_UDP, &fd)) != 0)
		return;
	(void)ST(s, vnetsim_connect(s->w, proc, fd, &a, 0, NULL));
	(void)ST(s, vnetsim_send(s->w, proc, fd, "hello", 5, NULL,
			VNETSIM_NONBLOCK, &n, NULL));
}

static void
script(struct st *s)
{
	st_setup(s);
	load(s, false);
	(void)ST(s, vnetsim_pf_enable(s->w, s->cli, true));
	say(s, s->pcli, ST_HUB, 53);
	st_run(s, 300 * ST_MS);
	/* replaced: the old rule waits for its state */
	load(s, true);
	say(s, s->phub, ST_CLI, 53);
	say(s, s->phub, ST_CLI, 54);
	st_run(s, ST_S);
	say(s, s->pcli, ST_HUB, 54);
	st_run(s, 2 * ST_S);
}

static unsigned
run_once(struct st *s, uint64_t kill, const char *order,
    const struct deviation *dv, struct points *rec)
{
	struct world *w;
	unsigned found;

	s->tolerant = true;
	assert_true(st_again(s, NULL));
	w = (struct world *)s->w;
	assert_int_equal(vnetsim_order_set(s->w, order, false), 0);
	if (dv != NULL)
		assert_int_equal(world_set_deviations(w, dv, 1), 0);
	world_set_recorder(w, rec != NULL ? record : NULL, rec);
	s->kill_at = kill;
	script(s);
	s->kill_at = 0;
	found = st_finish(s);
	if (found != 0)
		st_print(s);
	return (found);
}

/* How many of the choices of the last run were pf's. */
static unsigned
ours(const struct points *p)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < p->n; i++)
		n += strncmp(p->dv[i].dv_what, "pf.", 3) == 0;
	return (n);
}

static void
races(const char *order)
{
	struct points *p = calloc(1, sizeof(*p));
	struct st s = { .victim = "cli" };
	unsigned runs = 0, of_pf = 0;
	uint64_t n;

	assert_non_null(p);
	assert_true(st_open(&s, NULL));
	script(&s);
	n = vnetsim_events(s.w);
	for (uint64_t k = n; k > 0; k--) {
		p->n = 0;
		assert_int_equal(run_once(&s, k, order, NULL, p), 0);
		of_pf += ours(p);
		for (uint32_t i = 0; i < p->n; i++) {
			runs++;
			if (run_once(&s, k, order, &p->dv[i], NULL) != 0)
				fail_msg("%s: killed at %llu, deviation %u "
					 "(%s)",
				    order, (unsigned long long)k, i,
				    p->dv[i].dv_what);
		}
	}
	print_message("%s: %u runs, %u with pf\n", order, runs, of_pf);
	assert_true(of_pf > 10);
	st_close(&s);
	free(p);
}

static void
top_down(void **state)
{
	(void)state;
	races("top-down");
}

static void
freebsd_13(void **state)
{
	(void)state;
	races("freebsd-13");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(top_down),
		cmocka_unit_test(freebsd_13),
	};

	return (
	    cmocka_run_group_tests_name("pf_races", tests, NULL, NULL) ? 1 : 0);
}
