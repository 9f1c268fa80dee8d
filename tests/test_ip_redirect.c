/*
 * test_ip_redirect.c - a host that is told of a better router.
 *
 * The client uses the hub for everything; redirects are made by hand.
 */
#include "src/net/ip/route.h"
#include "tests/test_ip.h"

#define FAR    UINT32_C(0x0b000001)
#define BETTER UINT32_C(0x0a000009)

/* A redirect from @author: @dst is better reached by @gw. */
static void
redirect(struct st *s, uint32_t author, uint32_t dst, uint32_t gw, uint8_t code)
{
	uint8_t p[IP_HDRLEN + 8 + IP_HDRLEN + 8];

	packet(p, IPPROTO_ICMP, author, ST_CLI, 8 + IP_HDRLEN + 8);
	packet(p + IP_HDRLEN + 8, IPPROTO_UDP, ST_CLI, dst, 8);
	p[IP_HDRLEN] = ICMP_REDIRECT;
	p[IP_HDRLEN + 1] = code;
	be32enc(p + IP_HDRLEN + 4, gw);
	sum(p + IP_HDRLEN, 8 + IP_HDRLEN + 8, 2);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(s, p, sizeof(p), 0);
}

/* The gateway of a host route with D, 0: there is none. */
static uint32_t
learnt(struct st *s, uint32_t dst)
{
	struct vnetsim_routeinfo ri;

	for (uint32_t n = 0; vnetsim_route_next(s->w, s->cli, n, &ri) == 0; n++)
		if (ri.dst == dst && ri.plen == 32 &&
		    strcmp(ri.flags, "UGHD") == 0)
			return (ri.gateway);
	return (0);
}

static void
start(struct st *s)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
	assert_int_equal(vnetsim_route_add(s->w, s->cli, 0, 0, ST_HUB), 0);
}

static void
finish(struct st *s)
{
	assert_int_equal(st_finish(s), 0);
	st_close(s);
}

static void
believed_and_forgotten(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	set(&s, "net.inet.icmp.redirtimeout", 10);
	redirect(&s, ST_HUB, FAR, BETTER, 1);
	assert_int_equal(learnt(&s, FAR), BETTER);
	/* one for a network counts for the host (RFC 1122 3.2.2.2) */
	st_run(&s, 5 * ST_S);
	redirect(&s, ST_HUB, FAR + 1, BETTER, 0);
	assert_int_equal(learnt(&s, FAR + 1), BETTER);
	st_run(&s, 5 * ST_S);
	assert_int_equal(learnt(&s, FAR), 0);
	assert_int_equal(learnt(&s, FAR + 1), BETTER);
	st_run(&s, 5 * ST_S);
	assert_int_equal(learnt(&s, FAR + 1), 0);
	/* for ever */
	set(&s, "net.inet.icmp.redirtimeout", 0);
	redirect(&s, ST_HUB, FAR, BETTER, 1);
	st_run(&s, 10000 * ST_S);
	assert_int_equal(learnt(&s, FAR), BETTER);
	/* it can be deleted */
	assert_int_equal(vnetsim_route_delete(s.w, s.cli, FAR, 32), 0);
	finish(&s);
}

static void
not_believed(void **state)
{
	struct st s = { 0 };
	int64_t n = 0;

	(void)state;
	start(&s);
	/* not by our router; to nowhere; to ourselves; about a neighbour */
	redirect(&s, BETTER, FAR, BETTER + 1, 1);
	redirect(&s, ST_HUB, FAR, 0x0c000001, 1);
	redirect(&s, ST_HUB, FAR, ST_CLI, 1);
	redirect(&s, ST_HUB, ST_HUB + 5, BETTER, 1);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_badredirect"), 4);
	/* a second time */
	redirect(&s, ST_HUB, FAR, BETTER, 1);
	redirect(&s, ST_HUB, FAR, BETTER + 1, 1);
	redirect(&s, BETTER, FAR, BETTER + 1, 1);
	assert_int_equal(get(&s, "net.inet.icmp.stats.icps_badredirect"), 6);
	assert_int_equal(learnt(&s, FAR), BETTER);
	/* the code */
	redirect(&s, ST_HUB, FAR + 1, BETTER, 4);
	assert_int_equal(get(&s, "net.drop.icmp.code"), 1);
	/* who does not listen */
	n = get(&s, "net.drop.icmp.redirect");
	set(&s, "net.inet.icmp.drop_redirect", 1);
	redirect(&s, ST_HUB, FAR + 1, BETTER, 1);
	set(&s, "net.inet.icmp.drop_redirect", 0);
	set(&s, "net.inet.ip.forwarding", 1);
	redirect(&s, ST_HUB, FAR + 1, BETTER, 1);
	set(&s, "net.inet.ip.forwarding", 0);
	assert_int_equal(get(&s, "net.drop.icmp.redirect"), n + 2);
	assert_int_equal(learnt(&s, FAR + 1), 0);
	redirect(&s, ST_HUB, FAR + 1, BETTER, 3);
	assert_int_equal(learnt(&s, FAR + 1), BETTER);
	finish(&s);
}

static void
goes_with_its_interface(void **state)
{
	vnetsim_handle op;
	struct st s = { 0 };

	(void)state;
	start(&s);
	redirect(&s, ST_HUB, FAR, BETTER, 1);
	assert_int_equal(
	    vnetsim_if_reclaim(s.w, s.host, "epair0b", s.cli, &op), 0);
	assert_int_equal(st_await(&s, op, ST_S), 0);
	assert_int_equal(learnt(&s, FAR), 0);
	st_run(&s, 700 * ST_S);
	finish(&s);
}

/* The vnet ends while the timer runs. */
static void
goes_with_its_vnet(void **state)
{
	struct st s = { 0 };

	(void)state;
	start(&s);
	redirect(&s, ST_HUB, FAR, BETTER, 1);
	assert_int_equal(learnt(&s, FAR), BETTER);
	assert_int_equal(st_remove(&s, "cli", 100 * ST_S), 0);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believed_and_forgotten),
		cmocka_unit_test(not_believed),
		cmocka_unit_test(goes_with_its_interface),
		cmocka_unit_test(goes_with_its_vnet),
	};

	return (cmocka_run_group_tests_name("ip redirect", tests, NULL, NULL)
		    ? 1
		    : 0);
}
