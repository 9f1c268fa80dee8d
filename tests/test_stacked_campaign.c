/*
 * test_stacked_campaign.c - interfaces of every kind, on each other, in and
 * between four stacks, made, joined, moved, lent, opened and destroyed in any
 * order, under traffic, until jails die in the middle of it.
 *
 * The whole stack with all oracles on, through the public interface only.  A
 * call may be refused, as long as nothing is found: no leak, no use after
 * death, no wait without end, no packet at the wrong place, and the same seed
 * twice is the same world.  VNETSIM_CAMPAIGN=N: that many seeds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vnetsim/tap.h>
#include "tests/lib/tstack.h"

enum { NJAIL = 4, NSTEP = 400, NTAP = 6, SEEDS = 40 };

struct tapfd {
	vnetsim_handle proc; /* 0: free */
	int fd;
};

struct camp {
	struct st s;
	uint64_t rng;
	vnetsim_handle jail[NJAIL]; /* 0 is the host */
	vnetsim_handle proc[NJAIL];
	struct tapfd tap[NTAP];
	unsigned done; /* calls that were not refused */
};

static uint32_t
rnd(struct camp *c, uint32_t n)
{
	c->rng = c->rng * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return ((uint32_t)(c->rng >> 33) % n);
}

/* What comes of a call does not matter, that some succeed does. */
static bool
did(struct camp *c, int error)
{
	c->done += error == 0 || error == VE_INPROGRESS;
	return (error == 0);
}

/* ---- jails ---- */

/* A process, which listens. */
static void
proc_make(struct camp *c, unsigned j)
{
	struct vnetsim_addr any = { 0, 80 };
	int fd;

	c->proc[j] = 0;
	if (c->jail[j] == 0 ||
	    vnetsim_proc_create(c->s.w, c->jail[j], "p", &c->proc[j]) != 0)
		return;
	for (int type = VNETSIM_TCP; type <= VNETSIM_UDP; type++) {
		if (vnetsim_socket(c->s.w, c->proc[j], type, &fd) != 0)
			continue;
		(void)vnetsim_bind(c->s.w, c->proc[j], fd, &any);
		if (type == VNETSIM_TCP)
			(void)vnetsim_listen(c->s.w, c->proc[j], fd, 5);
	}
}

static void
jail_make(struct camp *c, unsigned j)
{
	static const char *const names[NJAIL] = { "", "a", "b", "c" };
	struct vnetsim_jail_params jp = {
		.name = names[j], .vnet = true, .persist = true
	};

	if (vnetsim_jail_create(c->s.w, &jp, &c->jail[j]) != 0)
		c->jail[j] = 0;
	proc_make(c, j);
}

/* A descriptor that outlives the vnet that made its interface would be waited
 * for, and named: that is another test. */
static void
taps_close(struct camp *c)
{
	for (unsigned i = 0; i < NTAP; i++)
		if (c->tap[i].proc != 0)
			(void)vnetsim_close(
			    c->s.w, c->tap[i].proc, c->tap[i].fd, NULL);
	memset(c->tap, 0, sizeof(c->tap));
	/* a reader that is blocked cannot close */
	for (unsigned j = 0; j < NJAIL; j++) {
		(void)vnetsim_proc_kill(c->s.w, c->proc[j]);
		proc_make(c, j);
	}
}

static void
jail_end(struct camp *c)
{
	unsigned j = 1 + rnd(c, NJAIL - 1);

	taps_close(c);
	if (c->jail[j] != 0)
		(void)did(c, vnetsim_jail_remove(c->s.w, c->jail[j], NULL));
	c->jail[j] = c->proc[j] = 0;
}

/* ---- interfaces ---- */

/* Some interface of a jail.  Return: false: none. */
static bool
some_if(struct camp *c, unsigned j, char name[VNETSIM_IFNAMSIZ])
{
	struct vnetsim_ifinfo ii;
	uint32_t n = 0;

	while (vnetsim_if_next(c->s.w, c->jail[j], n, &ii) == 0)
		n++;
	if (n == 0 || vnetsim_if_next(c->s.w, c->jail[j], rnd(c, n), &ii) != 0)
		return (false);
	memcpy(name, ii.name, VNETSIM_IFNAMSIZ);
	return (true);
}

static void
if_make(struct camp *c, unsigned j)
{
	static const char *const kinds[] = { "epair", "epair", "vlan", "bridge",
		"lagg", "gif", "gre", "tap", "tun", "lo" };
	char name[VNETSIM_IFNAMSIZ];

	snprintf(name, sizeof(name), "%s", kinds[rnd(c, 10)]);
	if (!did(c, vnetsim_if_create(c->s.w, c->jail[j], name)))
		return;
	(void)vnetsim_if_up(c->s.w, c->jail[j], name, true);
	(void)vnetsim_if_inet(c->s.w, c->jail[j], name,
	    0x0a000000u | rnd(c, 4) << 8 | (1 + rnd(c, 12)), 24, true);
}

/* Any request to any interface about any other one. */
static void
if_join(struct camp *c, unsigned j)
{
	static const uint32_t cmds[] = { VNETSIM_IF_VLAN, VNETSIM_IF_VLAN,
		VNETSIM_IF_UNVLAN, VNETSIM_IF_ADDM, VNETSIM_IF_ADDM,
		VNETSIM_IF_DELETEM, VNETSIM_IF_LAGGPORT, VNETSIM_IF_LAGGPORT,
		VNETSIM_IF_LAGGPORT, VNETSIM_IF_UNLAGGPORT,
		VNETSIM_IF_LAGGPROTO, VNETSIM_IF_TUNNEL, VNETSIM_IF_TUNNEL,
		VNETSIM_IF_UNTUNNEL, VNETSIM_IF_OPTS, VNETSIM_IF_GREKEY,
		VNETSIM_IF_ETHER, VNETSIM_IF_STATIC, VNETSIM_IF_FLUSH };
	struct vnetsim_ifreq r = { .cmd = cmds[rnd(c, 19)] };
	char name[VNETSIM_IFNAMSIZ];

	if (!some_if(c, j, name) || !some_if(c, j, r.arg))
		return;
	r.n = 1 + rnd(c, 4);
	r.src = 0x0a000000u | rnd(c, 4) << 8 | (1 + rnd(c, 12));
	r.dst = 0x0a000000u | rnd(c, 4) << 8 | (1 + rnd(c, 12));
	r.ether[0] = 2;
	r.ether[5] = (uint8_t)rnd(c, 200);
	if (r.cmd == VNETSIM_IF_OPTS && rnd(c, 2) == 0)
		r.n = VNETSIM_IFOPT_IGNORESOURCE;
	(void)did(c, vnetsim_if_ioctl(c->s.w, c->jail[j], name, &r));
}

static void
if_change(struct camp *c, unsigned j)
{
	static const uint32_t mtus[] = { 72, 600, 1280, 1400, 1500, 9000 };
	char name[VNETSIM_IFNAMSIZ];
	uint32_t addr = 0x0a000000u | rnd(c, 4) << 8 | (1 + rnd(c, 12));

	if (!some_if(c, j, name))
		return;
	switch (rnd(c, 4)) {
	case 0:
		(void)did(
		    c, vnetsim_if_up(c->s.w, c->jail[j], name, rnd(c, 3) != 0));
		break;
	case 1:
		(void)did(c,
		    vnetsim_if_mtu(c->s.w, c->jail[j], name, mtus[rnd(c, 6)]));
		break;
	default:
		(void)did(c, vnetsim_if_inet(c->s.w, c->jail[j], name, addr, 24,
				 rnd(c, 3) != 0));
	}
}

static void
if_away(struct camp *c, unsigned j)
{
	char name[VNETSIM_IFNAMSIZ];
	unsigned to = rnd(c, NJAIL);
	int error;

	if (!some_if(c, j, name))
		return;
	if (rnd(c, 3) == 0)
		error = vnetsim_if_destroy(c->s.w, c->jail[j], name, NULL);
	else if (rnd(c, 3) == 0)
		error = vnetsim_if_reclaim(
		    c->s.w, c->jail[to], name, c->jail[j], NULL);
	else
		error = vnetsim_if_vnet(
		    c->s.w, c->jail[j], name, c->jail[to], NULL);
	(void)did(c, error);
}

/* ---- traffic ---- */

static void
traffic(struct camp *c, unsigned j)
{
	uint32_t net = (j + NJAIL - rnd(c, 2)) % NJAIL;
	struct vnetsim_addr to = { 0x0a000000u | net << 8, 80 };
	size_t n;
	int fd;

	to.addr |= rnd(c, 4) != 0 ? 1 + 6 * rnd(c, 2) : rnd(c, 13);
	if (rnd(c, 4) == 0) {
		(void)did(c, vnetsim_ping(c->s.w, c->jail[j], to.addr,
				 rnd(c, 1400), ST_S, NULL));
		return;
	}
	if (vnetsim_socket(c->s.w, c->proc[j],
		rnd(c, 3) == 0 ? VNETSIM_TCP : VNETSIM_UDP, &fd) != 0)
		return;
	if (did(c, vnetsim_connect(
		       c->s.w, c->proc[j], fd, &to, VNETSIM_NONBLOCK, NULL)))
		(void)vnetsim_send(c->s.w, c->proc[j], fd, NULL, rnd(c, 4000),
		    NULL, VNETSIM_NONBLOCK, &n, NULL);
	if (rnd(c, 3) != 0)
		(void)vnetsim_close(c->s.w, c->proc[j], fd, NULL);
}

static void
tap_write(struct camp *c, const struct tapfd *t)
{
	uint8_t b[120];
	size_t n = rnd(c, sizeof(b));

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)rnd(c, 256);
	if (n > 34 && rnd(c, 4) != 0) {
		memset(b, 0xff, 6);
		b[12] = 8;
		b[13] = rnd(c, 3) == 0 ? 6 : 0;
		b[14] = 0x45;
	}
	(void)did(c, vnetsim_tap_write(c->s.w, t->proc, t->fd, b, n));
}

static void
tap(struct camp *c, unsigned j)
{
	struct tapfd *t = &c->tap[rnd(c, NTAP)];
	unsigned to = rnd(c, NJAIL);
	char name[VNETSIM_IFNAMSIZ];
	int fd;

	if (t->proc == 0) {
		if (!some_if(c, j, name) ||
		    !did(c, vnetsim_tap_open(c->s.w, c->proc[j], name, &fd)))
			return;
		*t = (struct tapfd){ c->proc[j], fd };
		return;
	}
	switch (rnd(c, 6)) {
	case 0:
		if (did(c, vnetsim_fdpass(
			       c->s.w, t->proc, t->fd, c->proc[to], &fd))) {
			(void)vnetsim_close(c->s.w, t->proc, t->fd, NULL);
			*t = (struct tapfd){ c->proc[to], fd };
		}
		break;
	case 1:
		if (rnd(c, 3) == 0)
			(void)vnetsim_tap_transient(
			    c->s.w, t->proc, t->fd, true);
		if (did(c, vnetsim_close(c->s.w, t->proc, t->fd, NULL)))
			t->proc = 0;
		break;
	case 2:
	case 3:
		(void)did(c, vnetsim_tap_read(c->s.w, t->proc, t->fd, 2000,
				 rnd(c, 8) != 0 ? VNETSIM_NONBLOCK : 0, NULL));
		break;
	default:
		tap_write(c, t);
	}
}

/* ---- the campaign ---- */

/* Two wires between each jail and the next, addresses on the first. */
static void
base(struct camp *c)
{
	char name[VNETSIM_IFNAMSIZ];
	vnetsim_handle op;

	for (unsigned i = 0; i < 2 * NJAIL; i++) {
		unsigned from = i % NJAIL, to = (i + 1) % NJAIL;
		uint32_t net = 0x0a000000u | from << 8;

		snprintf(name, sizeof(name), "epair%u", 10 + i);
		assert_int_equal(
		    vnetsim_if_create(c->s.w, c->jail[from], name), 0);
		(void)vnetsim_if_up(c->s.w, c->jail[from], name, true);
		if (i < NJAIL)
			(void)vnetsim_if_inet(
			    c->s.w, c->jail[from], name, net + 1, 24, true);
		name[strlen(name) - 1] = 'b';
		if (vnetsim_if_vnet(
			c->s.w, c->jail[from], name, c->jail[to], &op) != 0 ||
		    st_await(&c->s, op, ST_S) != 0)
			continue;
		(void)vnetsim_if_up(c->s.w, c->jail[to], name, true);
		if (i < NJAIL)
			(void)vnetsim_if_inet(
			    c->s.w, c->jail[to], name, net + 7, 24, true);
	}
}

static void
step(struct camp *c)
{
	unsigned j = rnd(c, NJAIL);
	uint32_t x = rnd(c, 100);

	if (c->jail[j] == 0) {
		jail_make(c, j);
		return;
	}
	if (x < 14)
		if_make(c, j);
	else if (x < 36)
		if_join(c, j);
	else if (x < 42)
		if_change(c, j);
	else if (x < 50)
		if_away(c, j);
	else if (x < 74)
		traffic(c, j);
	else if (x < 99)
		tap(c, j);
	else
		jail_end(c);
	if (rnd(c, 3) == 0)
		st_run(&c->s, (int64_t)rnd(c, 3000000));
	else
		for (uint32_t n = rnd(c, 6); n > 0; n--)
			(void)st_step(&c->s, vnetsim_now(c->s.w) + 20 * ST_MS);
}

/* Return: findings. */
static unsigned
campaign(struct camp *c, uint64_t seed, const char *order)
{
	struct vnetsim_config cfg = { .seed = seed,
		.shuffle = seed % 2 == 1,
		.ties = seed % 3 == 2 ? VNETSIM_TIES_REVERSE : 0 };
	unsigned found;

	memset(c->jail, 0, sizeof(c->jail));
	memset(c->proc, 0, sizeof(c->proc));
	memset(c->tap, 0, sizeof(c->tap));
	c->rng = seed * 77 + 1;
	c->s.tolerant = true;
	if (!st_again(&c->s, &cfg))
		return (1);
	if (order != NULL)
		(void)vnetsim_order_set(c->s.w, order, false);
	c->jail[0] = c->s.host;
	proc_make(c, 0);
	for (unsigned j = 1; j < NJAIL; j++)
		jail_make(c, j);
	base(c);
	for (unsigned i = 0; i < NSTEP; i++)
		step(c);
	if (getenv("VNETSIM_VERBOSE") != NULL)
		fprintf(stderr, "seed %llu: %llu frames, %llu events\n",
		    (unsigned long long)seed, (unsigned long long)c->s.nframes,
		    (unsigned long long)vnetsim_events(c->s.w));
	taps_close(c);
	st_run(&c->s, ST_S);
	found = st_finish(&c->s);
	/* FreeBSD 13 ends the counters before TCP */
	if (order != NULL && strcmp(order, "freebsd-13") == 0)
		found -= st_findings_of(&c->s, "tcpstat");
	/* who takes away an address or a wire leaves peers alone */
	found -= st_findings(&c->s, "wire", "stuck");
	if (found == 0)
		return (0);
	fprintf(stderr, "seed %llu, order %s:\n", (unsigned long long)seed,
	    order != NULL ? order : "top-down");
	st_print(&c->s);
	return (found);
}

static void
run_order(const char *order, unsigned seeds)
{
	const char *more = getenv("VNETSIM_CAMPAIGN");
	struct camp c = { 0 };
	unsigned bad = 0;

	if (more != NULL)
		seeds = (unsigned)atoi(more);
	assert_true(st_open(&c.s, NULL));
	for (uint64_t seed = 1; seed <= seeds && bad < 3; seed++)
		bad += campaign(&c, seed, order) != 0;
	assert_int_equal(bad, 0);
	/* most are refused, many are not */
	assert_true(c.done > seeds * (NSTEP / 5));
	st_close(&c.s);
}

static void
stacks_come_and_go_in_any_order(void **state)
{
	(void)state;
	run_order(NULL, SEEDS);
}

static void
other_orders_end_them_too(void **state)
{
	(void)state;
	run_order("freebsd-13", SEEDS / 2);
	run_order("interfaces-first", SEEDS / 2);
}

static void
a_seed_is_a_world(void **state)
{
	struct camp c = { 0 };
	uint64_t frames, n;

	(void)state;
	assert_true(st_open(&c.s, NULL));
	assert_int_equal(campaign(&c, 16, NULL), 0);
	frames = c.s.frames;
	n = vnetsim_events(c.s.w);
	assert_int_equal(campaign(&c, 16, NULL), 0);
	assert_int_equal(c.s.frames, frames);
	assert_int_equal(vnetsim_events(c.s.w), n);
	assert_true(c.s.nframes > 50);
	st_close(&c.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_come_and_go_in_any_order),
		cmocka_unit_test(other_orders_end_them_too),
		cmocka_unit_test(a_seed_is_a_world),
	};

	return (cmocka_run_group_tests_name(
		    "campaign of stacked interfaces", tests, NULL, NULL)
		    ? 1
		    : 0);
}
