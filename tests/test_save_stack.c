/*
 * test_save_stack.c - save and restore under the whole stack, in mid-teardown.
 *
 * Two jails with connections in mixed situations; one is removed, or calls
 * block and interfaces move first.  The run is
 * made once straight and once with a save before every event (or every few),
 * one to four events further, and back.  Marks are trusted, so a core service
 * or a module that writes into a vnet without entering it shows as bytes that
 * did not come back.  Afterwards both runs must have sent the same frames and
 * ended in the same state, and no event may have been counted twice.
 */
#include "tests/lib/tstack.h"

#include "tests/test_raw.h"

enum { CONNS = 5 };

struct outcome {
	uint64_t frames, nframes, events, hash;
	uint32_t findings;
	unsigned steps;
};

static void
scene(struct st *s)
{
	int a[CONNS], b[CONNS], i, l;

	st_setup(s);
	l = st_listen(s, s->phub, 80, CONNS);
	for (i = 0; i < CONNS; i++)
		(void)st_connect(
		    s, s->pcli, ST_HUB, 80, s->phub, l, &a[i], &b[i]);
	(void)st_send(s, s->pcli, a[1], 3000);
	(void)st_send(s, s->phub, b[2], 100000);
	(void)ST(s, vnetsim_shutdown(s->w, s->pcli, a[3], VNETSIM_SHUT_WR));
	(void)ST(s, vnetsim_close(s->w, s->phub, b[4], NULL));
}

/* A few events of another future, and back; all bytes must be as before. */
static void
detour(struct st *s, unsigned events)
{
	struct world *w = (struct world *)(void *)s->w;
	uint64_t frames = s->frames, nframes = s->nframes;
	struct vnetsim_save *save;
	struct raw was;

	save = vnetsim_save(s->w);
	assert_non_null(save);
	was = raw_copy(w);
	for (; events > 0; events--)
		(void)vnetsim_step(s->w, INT64_MAX);
	vnetsim_restore(s->w, save);
	raw_same(w, &was);
	free(was.bytes);
	vnetsim_save_free(s->w, save);
	s->frames = frames;
	s->nframes = nframes;
}

/* What is done to the world, before its n-th event from here. */
typedef void (*act_fn)(struct st *s, unsigned n);

/* Run; before every @stride-th event make a detour. */
static void
play(struct st *s, act_fn act, unsigned stride, struct outcome *out)
{
	struct world *w = (struct world *)(void *)s->w;
	unsigned n;

	for (n = 0;; n++) {
		act(s, n);
		if (stride != 0 && n % stride == 0)
			detour(s, 1 + n / stride % 4);
		if (!vnetsim_step(s->w, 1000 * ST_S))
			break;
	}
	(void)vnetsim_audit(s->w);
	out->steps = n;
	out->frames = s->frames;
	out->nframes = s->nframes;
	out->events = vnetsim_events(s->w);
	out->hash = vnetsim_hash(s->w, true);
	out->findings = st_findings(s, NULL, NULL);
	assert_int_equal(w->w_mem.wm_nunmarked, 0);
}

static void
same_run_with_detours(
    const char *order, bool force, act_fn act, unsigned stride)
{
	struct outcome straight, detours;
	struct st s = { 0 };

	assert_true(st_open(&s, NULL));
	scene(&s);
	assert_int_equal(vnetsim_order_set(s.w, order, force), 0);
	play(&s, act, 0, &straight);
	assert_true(st_again(&s, NULL));
	scene(&s);
	assert_int_equal(vnetsim_order_set(s.w, order, force), 0);
	((struct world *)(void *)s.w)->w_mem.wm_trustmarks = true;
	play(&s, act, stride, &detours);
	assert_true(straight.nframes > 20);
	assert_true(straight.steps > 60);
	assert_int_equal(detours.steps, straight.steps);
	assert_int_equal(detours.nframes, straight.nframes);
	assert_int_equal(detours.frames, straight.frames);
	assert_int_equal(detours.events, straight.events);
	assert_int_equal(detours.hash, straight.hash);
	assert_int_equal(detours.findings, straight.findings);
	st_close(&s);
}

static void
remove_cli(struct st *s, unsigned n)
{
	vnetsim_handle op, jail;

	if (n != 0)
		return;
	jail = vnetsim_jail_find(s->w, "cli", false);
	assert_int_equal(vnetsim_destroy_vnet(s->w, jail, &op), 0);
}

/* Blocked calls and interfaces on the move, all at once; then the end. */
static void
block_and_move(struct st *s, unsigned n)
{
	struct vnetsim_addr hub = { ST_HUB, 80 };
	char name[VNETSIM_IFNAMSIZ] = "epair";
	vnetsim_handle op, p1, p2;
	int fd;

	switch (n) {
	case 0:
		assert_int_equal(
		    vnetsim_proc_create(s->w, s->cli, "p1", &p1), 0);
		assert_int_equal(
		    vnetsim_proc_create(s->w, s->hub, "p2", &p2), 0);
		(void)vnetsim_socket(s->w, p1, VNETSIM_TCP, &fd);
		assert_int_equal(
		    vnetsim_connect(s->w, p1, fd, &hub, 0, &op), VE_INPROGRESS);
		(void)vnetsim_socket(s->w, p2, VNETSIM_UDP, &fd);
		(void)vnetsim_bind(s->w, p2, fd, &hub);
		assert_int_equal(vnetsim_recv(s->w, p2, fd, 100, false, 0, &op),
		    VE_INPROGRESS);
		assert_int_equal(
		    vnetsim_ping(s->w, s->cli, ST_HUB, 1400, ST_S, &op), 0);
		assert_int_equal(vnetsim_if_create(s->w, s->host, name), 0);
		assert_int_equal(
		    vnetsim_if_vnet(s->w, s->host, "epair1a", s->hub, &op), 0);
		assert_int_equal(
		    vnetsim_if_vnet(s->w, s->host, "epair1b", s->cli, &op), 0);
		break;
	case 25:
		assert_int_equal(
		    vnetsim_if_reclaim(s->w, s->host, "epair1b", s->cli, &op),
		    0);
		break;
	case 35:
		assert_int_equal(
		    vnetsim_if_destroy(s->w, s->hub, "epair1a", &op), 0);
		break;
	case 45:
		assert_int_equal(vnetsim_jail_remove(s->w, s->hub, &op), 0);
		break;
	default:
		break;
	}
}

static void
top_down_comes_back_from_every_event(void **state)
{
	(void)state;
	same_run_with_detours("top-down", false, remove_cli, MEM_ASAN ? 7 : 1);
}

static void
interfaces_first_comes_back_too(void **state)
{
	(void)state;
	same_run_with_detours(
	    "interfaces-first", false, remove_cli, MEM_ASAN ? 11 : 3);
}

static void
freebsd_13_comes_back_too(void **state)
{
	(void)state;
	same_run_with_detours(
	    "freebsd-13", true, remove_cli, MEM_ASAN ? 11 : 3);
}

static void
blocked_calls_and_moves_come_back(void **state)
{
	(void)state;
	same_run_with_detours(
	    "top-down", false, block_and_move, MEM_ASAN ? 5 : 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(top_down_comes_back_from_every_event),
		cmocka_unit_test(blocked_calls_and_moves_come_back),
		cmocka_unit_test(interfaces_first_comes_back_too),
		cmocka_unit_test(freebsd_13_comes_back_too),
	};

	return (cmocka_run_group_tests_name("save_stack", tests, NULL, NULL)
		    ? 1
		    : 0);
}
