/*
 * test_tcp_campaign.c - random lives of TCP between two stacks, and a random
 * end: whatever the connections were doing when a jail was removed, each peer
 * is told, nothing is left, and the stack's own count of outcomes is that of
 * the wire.
 *
 * Every campaign is a number: it decides about delay, loss, corruption,
 * duplication, reordering, marks of congestion, which of SACK, timestamps and
 * ECN each side wants, close policy, what both sides do (urgent bytes, too),
 * when the jail goes.  Every byte that is read is checked.
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/sockmsg.h>
#include "tests/lib/tstack.h"

#define NCONN 6
#define NURG  16

static uint64_t rnd_state;

static uint32_t
R(uint32_t n)
{
	rnd_state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = rnd_state;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((uint32_t)((z ^ z >> 31) % n));
}

/* Where in the stream of a direction urgent bytes were sent. */
struct urgent {
	size_t at[NURG];
	uint32_t n;
	bool stays; /* the receiver has SO_OOBINLINE */
};

struct campaign {
	struct st s;
	struct urgent ua[NCONN], ub[NCONN]; /* that client, hub receives */
	int a[NCONN], b[NCONN]; /* descriptors of client and hub, -1: none */
	size_t ra[NCONN], rb[NCONN]; /* bytes read: where in the pattern */
	size_t wa[NCONN], wb[NCONN]; /* bytes written */
	struct vnetsim_link_params lp;
	uint32_t loss, corrupt, reorder;
	uint64_t compared, equal; /* campaigns: outcomes */
	uint64_t urgent, marked;  /* urgent bytes read, frames with CE */
};

/* Can a frame get lost, or be so late that it is as good as lost? */
static bool
hurts(const struct campaign *c)
{
	return (c->loss != 0 || c->corrupt != 0 || c->reorder != 0);
}

static void
choose_link(struct campaign *c)
{
	static const uint32_t losses[] = { 0, 0, 0, 20000, 200000 };

	memset(&c->lp, 0, sizeof(c->lp));
	c->loss = losses[R(5)];
	c->lp.queue = 1000;
	c->lp.delay = R(3) == 0 ? 0 : R(60) * ST_MS;
	c->lp.rate = R(3) == 0 ? 2000000 : 0;
	c->lp.dup = R(4) == 0 ? 50000 : 0;
	c->corrupt = R(4) == 0 ? losses[2 + R(3)] : 0;
	c->reorder = R(4) == 0 ? 10000 + R(300000) : 0;
	c->lp.mark = R(3) == 0 ? losses[3 + R(2)] : 0;
	if (R(2) != 0)
		c->lp.holdn = 1 + R(5);
	else
		c->lp.hold = 1 + (int64_t)R(R(4) == 0 ? 8000 : 50) * ST_MS;
	/* a wire that loses frames is not infinitely fast */
	if (hurts(c))
		c->lp.delay += ST_MS;
}

static void
set_link(struct campaign *c, bool on)
{
	vnetsim_handle link;
	int end;

	c->lp.loss = on ? c->loss : 0;
	c->lp.corrupt = on ? c->corrupt : 0;
	c->lp.reorder = on ? c->reorder : 0;
	link = vnetsim_link_find(c->s.w, "epair0", &end);
	assert_int_equal(vnetsim_link_set(c->s.w, link, -1, &c->lp), 0);
}

static bool
is_urgent(const struct urgent *u, size_t at)
{
	for (uint32_t i = 0; i < u->n; i++)
		if (u->at[i] == at)
			return (true);
	return (false);
}

/* One after the other in the pattern, but for urgent bytes beside it. */
static void
check_bytes(const struct urgent *u, size_t *off, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++, ++*off) {
		if (p[i] != *off % 251 && !u->stays && is_urgent(u, *off))
			++*off;
		if (p[i] != *off % 251)
			fail_msg("byte %zu is %u", *off, p[i]);
	}
}

static void
read_some(struct campaign *c, bool hub, int i)
{
	struct st *s = &c->s;
	struct urgent *u = hub ? &c->ub[i] : &c->ua[i];
	vnetsim_handle p = hub ? s->phub : s->pcli, op = 0;
	int fd = hub ? c->b[i] : c->a[i];
	struct vnetsim_result res;
	bool oob = R(3) == 0 && u->n != 0;

	if (ST(s, vnetsim_recv(s->w, p, fd, 1 + R(30000), false,
		      VNETSIM_NONBLOCK | (oob ? VNETSIM_MSG_OOB : 0), &op)) !=
	    0)
		return;
	assert_int_equal(vnetsim_op_poll(s->w, op, &res), 0);
	if (res.error == 0 && !oob) {
		check_bytes(
		    u, hub ? &c->rb[i] : &c->ra[i], res.data, res.datalen);
	} else if (res.error == 0) {
		const uint8_t *b = res.data;
		uint32_t k;

		assert_int_equal(res.datalen, 1);
		assert_false(u->stays);
		for (k = 0; k < u->n && u->at[k] % 251 != *b; k++)
			;
		assert_true(k < u->n);
		c->urgent++;
	}
	(void)vnetsim_op_release(s->w, op);
}

/* Send what continues the pattern of this direction. */
static void
write_some(struct campaign *c, bool hub, int i, size_t len)
{
	static uint8_t buf[251 * 200];
	struct urgent *u = hub ? &c->ua[i] : &c->ub[i];
	struct st *s = &c->s;
	bool oob = R(4) == 0 && u->n < NURG;
	size_t *off = hub ? &c->wb[i] : &c->wa[i], done = 0;
	vnetsim_handle op;

	for (size_t k = 0; k < len; k++)
		buf[k] = (uint8_t)((*off + k) % 251);
	if (ST(s, vnetsim_send(s->w, hub ? s->phub : s->pcli,
		      hub ? c->b[i] : c->a[i], buf, len, NULL,
		      VNETSIM_NONBLOCK | (oob ? VNETSIM_MSG_OOB : 0), &done,
		      &op)) == 0)
		*off += done;
	if (oob && done != 0)
		u->at[u->n++] = *off - 1;
}

/* What each side wants of TCP. */
static void
choose_tcp(struct campaign *c)
{
	struct st *s = &c->s;
	vnetsim_handle jail;

	for (int i = 0; i < 2; i++) {
		jail = i == 0 ? s->cli : s->hub;
		(void)vnetsim_sysctl_set(
		    s->w, jail, "net.inet.tcp.ecn.enable", R(3));
		(void)vnetsim_sysctl_set(
		    s->w, jail, "net.inet.tcp.sack.enable", R(4) != 0);
		(void)vnetsim_sysctl_set(
		    s->w, jail, "net.inet.tcp.rfc1323", R(4) != 0);
		(void)vnetsim_sysctl_set(
		    s->w, jail, "net.inet.tcp.do_prr", R(4) != 0);
	}
}

/* Options of a connection that has both its ends. */
static void
choose_options(struct campaign *c, int i)
{
	struct st *s = &c->s;

	c->ua[i].stays = R(2) != 0;
	c->ub[i].stays = R(2) != 0;
	if (c->a[i] < 0 || c->b[i] < 0)
		return;
	(void)ST(s, vnetsim_setsockopt(s->w, s->pcli, c->a[i],
			VNETSIM_SO_OOBINLINE, c->ua[i].stays));
	(void)ST(s, vnetsim_setsockopt(s->w, s->phub, c->b[i],
			VNETSIM_SO_OOBINLINE, c->ub[i].stays));
	(void)ST(s, vnetsim_setsockopt(s->w, s->pcli, c->a[i],
			VNETSIM_TCP_NODELAY, R(3) == 0));
	(void)ST(s, vnetsim_setsockopt(
			s->w, s->phub, c->b[i], VNETSIM_TCP_NOPUSH, R(5) == 0));
}

/* One thing that a side does with a connection. */
static void
act(struct campaign *c)
{
	struct st *s = &c->s;
	int i = (int)R(NCONN);
	bool hub = R(2) != 0;
	vnetsim_handle p = hub ? s->phub : s->pcli, op;
	int *fd = hub ? &c->b[i] : &c->a[i];

	if (*fd < 0)
		return;
	switch (R(12)) {
	case 0:
	case 1:
		write_some(c, hub, i, 1 + R(251 * 200));
		break;
	case 2:
		write_some(c, hub, i, 251);
		break;
	case 3:
	case 4:
	case 5:
		read_some(c, hub, i);
		break;
	case 6:
		if (R(3) == 0)
			(void)ST(
			    s, vnetsim_shutdown(s->w, p, *fd, VNETSIM_SHUT_WR));
		break;
	case 7:
		if (R(4) == 0)
			(void)ST(s, vnetsim_setsockopt(
					s->w, p, *fd, VNETSIM_SO_LINGER, 0));
		break;
	case 8:
		if (R(3) == 0) {
			(void)ST(s, vnetsim_close(s->w, p, *fd, &op));
			*fd = -1;
		}
		break;
	default:
		st_run(s, R(4) == 0 ? R(8000) * ST_MS : R(100) * ST_MS);
		break;
	}
}

static void
connect_some(struct campaign *c, int l, int n)
{
	struct st *s = &c->s;
	struct vnetsim_addr hub = { ST_HUB, 80 };
	vnetsim_handle op;

	for (int i = 0; i < n; i++) {
		c->b[i] = -1;
		if (ST(s, vnetsim_socket(
			      s->w, s->pcli, VNETSIM_TCP, &c->a[i])) != 0)
			c->a[i] = -1;
		if (c->a[i] >= 0)
			(void)ST(s, vnetsim_connect(s->w, s->pcli, c->a[i],
					&hub, VNETSIM_NONBLOCK, &op));
		if (R(3) != 0)
			st_run(s, R(300) * ST_MS);
		for (int k = 0; k <= i; k++)
			if (c->b[k] < 0 &&
			    vnetsim_accept(s->w, s->phub, l, VNETSIM_NONBLOCK,
				&c->b[k], &op) != 0)
				c->b[k] = -1;
	}
}

/*
 * Without loss the stacks' own count is the wire's, but for what an end cannot
 * know: an ACK of a FIN may find that its receiver has been reset meanwhile.
 */
static void
compare_outcomes(struct campaign *c)
{
	struct vnetsim_outcomes wire, own;

	if (vnetsim_outcomes(c->s.w, VNETSIM_NOVNET, true, &wire) != 0 ||
	    vnetsim_outcomes(c->s.w, VNETSIM_NOVNET, false, &own) != 0)
		return;
	assert_int_equal(wire.finned + wire.reset + wire.abandoned,
	    own.finned + own.reset + own.abandoned);
	c->compared++;
	if (wire.finned == own.finned && wire.reset == own.reset)
		c->equal++;
}

/* The survivor's program reads what comes, and closes when the peer has. */
static void
survive(struct campaign *c, bool hub)
{
	struct st *s = &c->s;
	vnetsim_handle p = hub ? s->phub : s->pcli, op;

	for (int i = 0; i < NCONN; i++) {
		int *fd = hub ? &c->b[i] : &c->a[i];

		if (*fd < 0)
			continue;
		read_some(c, hub, i);
		if (strcmp(st_state(s, p, *fd), "CLOSE_WAIT") != 0 || R(3) == 0)
			continue;
		(void)ST(s, vnetsim_close(s->w, p, *fd, &op));
		*fd = -1;
	}
}

static void
remove_one(struct campaign *c)
{
	struct st *s = &c->s;
	bool cli = R(2) != 0, reacts = R(2) != 0;
	vnetsim_handle h, op = 0;

	h = vnetsim_jail_find(s->w, cli ? "cli" : "hub", false);
	assert_int_equal(vnetsim_jail_remove(s->w, h, &op), 0);
	for (int i = 0; i < 40 && reacts; i++) {
		st_run(s, 100 * ST_MS);
		survive(c, cli);
	}
	(void)st_await(s, op, 60 * ST_S);
	/* the survivor lives on until it is judged */
	if (vnetsim_settled(s->w) > vnetsim_now(s->w))
		st_run(s, vnetsim_settled(s->w) - vnetsim_now(s->w) + ST_S);
}

static void
campaign(struct campaign *c, uint64_t n)
{
	static const enum vnetsim_close policies[] = { VNETSIM_CLOSE_GRACEFUL,
		VNETSIM_CLOSE_GRACEFUL, VNETSIM_CLOSE_ABORT,
		VNETSIM_CLOSE_CRASH };
	struct vnetsim_close_policy cp = { policies[R(4)], 0 };
	struct st *s = &c->s;
	unsigned findings;
	/* an end may never have known that a handshake was complete */
	bool settled = R(4) != 0;
	uint32_t acts;
	int l;

	if (R(3) == 0 && cp.policy != VNETSIM_CLOSE_CRASH)
		cp.grace = (1 + R(8)) * ST_S;
	memset(c->ra, 0, sizeof(c->ra));
	memset(c->rb, 0, sizeof(c->rb));
	memset(c->wa, 0, sizeof(c->wa));
	memset(c->wb, 0, sizeof(c->wb));
	memset(c->ua, 0, sizeof(c->ua));
	memset(c->ub, 0, sizeof(c->ub));
	for (int i = 0; i < NCONN; i++)
		c->a[i] = c->b[i] = -1;
	s->tolerant = false;
	assert_int_equal(vnetsim_close_default(s->w, &cp), 0);
	st_setup(s);
	l = st_listen(s, s->phub, 80, 10);
	choose_link(c);
	set_link(c, false);
	choose_tcp(c);
	s->tolerant = true;
	connect_some(c, l, 1 + (int)R(NCONN));
	/*
	 * A half-open peer whose SYN,ACK is lost has asked nobody yet and is
	 * told nothing; so frames are lost only once all handshakes are done.
	 */
	if (settled || hurts(c))
		st_run(s, 2 * ST_S);
	set_link(c, true);
	for (int i = 0; i < NCONN; i++)
		choose_options(c, i);
	for (acts = R(60); acts > 0; acts--)
		act(c);
	for (acts = R(40); acts > 0; acts--)
		if (!st_step(s, vnetsim_now(s->w) + ST_S))
			break;
	remove_one(c);
	findings = st_finish(s);
	if (findings != 0 || vnetsim_ledger(s->w, 0) != 0) {
		st_print(s);
		fail_msg("campaign %llu: policy %d grace %lld loss %u "
			 "corrupt %u reorder %u",
		    (unsigned long long)n, (int)cp.policy, (long long)cp.grace,
		    c->loss, c->corrupt, c->reorder);
	}
	/* a crash loses what is on the wire */
	if (!hurts(c) && settled && cp.policy != VNETSIM_CLOSE_CRASH)
		compare_outcomes(c);
}

/* Count what was marked. */
static void
wire(void *ctx, const struct vnetsim_wire_event *ev)
{
	struct campaign *c = ctx;

	if (ev->we_kind == VNETSIM_WIRE_FRAME && ev->we_len > 15 &&
	    ev->we_bytes[12] == 8 && ev->we_bytes[13] == 0 &&
	    (ev->we_bytes[15] & 3) == 3)
		c->marked++;
}

#ifndef CAMPAIGNS
#define CAMPAIGNS 300
#endif

static void
peers_are_told_whatever_went_on(void **state)
{
	struct vnetsim_config cfg = { 0 };
	struct campaign c = { .s = { .victim = "cli" } };

	(void)state;
	assert_true(st_open(&c.s, &cfg));
	for (uint64_t n = 1; n <= CAMPAIGNS; n++) {
		rnd_state = n * UINT64_C(0x100000001b3);
		cfg.seed = n;
		assert_true(st_again(&c.s, &cfg));
		vnetsim_set_wire(c.s.w, wire, &c);
		campaign(&c, n);
	}
	assert_true(c.compared > CAMPAIGNS / 6);
	assert_true(c.equal * 100 >= c.compared * 97);
	/* none of this was for nothing */
	assert_true(c.urgent > CAMPAIGNS / 30);
	assert_true(c.marked > CAMPAIGNS / 10);
	st_close(&c.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_told_whatever_went_on),
	};

	return (cmocka_run_group_tests_name("tcp_campaign", tests, NULL, NULL)
		    ? 1
		    : 0);
}
