/*
 * test_arp.c - neighbours: limits, times and what is believed.
 */
#include <string.h>
#include <vnetsim/kern/ifnet.h>
#include "src/core/world.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "tests/lib/tstack.h"

#define NOBODY (ST_HUB + 77)

/* Requests that the client has put on the wire. */
static unsigned requests;

static void
count_arp(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	if (ev->we_kind == VNETSIM_WIRE_FRAME && ev->we_vnet == 2 &&
	    ev->we_bytes[12] == 8 && ev->we_bytes[13] == 6 &&
	    ev->we_bytes[21] == 1)
		requests++;
}

static int64_t
get(struct st *s, vnetsim_handle jail, const char *name)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_sysctl_get(s->w, jail, name, &v), 0);
	return (v);
}

static unsigned
entries(struct st *s, vnetsim_handle jail)
{
	struct vnetsim_arpinfo ai;
	uint32_t n = 0;

	while (vnetsim_arp_next(s->w, jail, n, &ai) == 0)
		n++;
	return (n);
}

static void
setup(struct st *s)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
	st_run(s, ST_S);
	requests = 0;
	vnetsim_set_wire(s->w, count_arp, NULL);
}

static int
udp(struct st *s, uint32_t dst, unsigned n)
{
	struct vnetsim_addr to = { dst, 9 };
	vnetsim_handle op;
	size_t done;
	int fd, error = 0;

	(void)ST(s, vnetsim_socket(s->w, s->pcli, VNETSIM_UDP, &fd));
	for (unsigned i = 0; i < n; i++)
		error = vnetsim_send(
		    s->w, s->pcli, fd, NULL, 10, &to, 0, &done, &op);
	(void)ST(s, vnetsim_close(s->w, s->pcli, fd, NULL));
	return (error);
}

/* 16 wait; the oldest of 17 is pushed out and counted. */
static void
hold_queue_at_its_limit(void **state)
{
	struct st s = { 0 };
	int64_t before;

	(void)state;
	setup(&s);
	before = get(&s, s.cli, "net.drop.arp.hold");
	(void)udp(&s, NOBODY, 16);
	assert_int_equal(get(&s, s.cli, "net.drop.arp.hold"), before);
	(void)udp(&s, NOBODY, 1);
	assert_int_equal(get(&s, s.cli, "net.drop.arp.hold"), before + 1);
	/* they die with the entry */
	st_run(&s, 30 * ST_S);
	assert_int_equal(get(&s, s.cli, "net.drop.arp.expired"), 16);
	assert_int_equal(entries(&s, s.cli), 0);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* One request a second however much is sent; then the error is told. */
static void
one_request_a_second(void **state)
{
	struct st s = { 0 };

	(void)state;
	setup(&s);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(udp(&s, NOBODY, 1), 0);
		assert_int_equal(requests, i + 1);
		st_run(&s, ST_S / 2);
		assert_int_equal(udp(&s, NOBODY, 1), i < 4 ? 0 : VE_HOSTDOWN);
		assert_int_equal(requests, i + 1);
		st_run(&s, ST_S / 2);
	}
	assert_int_equal(udp(&s, NOBODY, 1), VE_HOSTDOWN);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* 1200 s, to the nanosecond. */
static void
an_entry_expires(void **state)
{
	struct vnetsim_arpinfo ai;
	struct st s = { 0 };
	vnetsim_handle op;

	(void)state;
	setup(&s);
	(void)ST(&s, vnetsim_ping(s.w, s.cli, ST_HUB, 0, ST_S, &op));
	(void)st_await(&s, op, ST_S);
	assert_int_equal(vnetsim_arp_next(s.w, s.cli, 0, &ai), 0);
	assert_true(ai.complete && !ai.permanent);
	assert_true(ai.expires > 1199 * ST_S && ai.expires <= 1200 * ST_S);
	st_run(&s, ai.expires - 1);
	assert_int_equal(entries(&s, s.cli), 1);
	st_run(&s, 1);
	assert_int_equal(entries(&s, s.cli), 0);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

static void
static_entries(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct vnetsim_arpinfo ai;
	struct st s = { 0 };

	(void)state;
	setup(&s);
	assert_int_equal(vnetsim_arp_set(s.w, s.cli, NOBODY, mac), 0);
	assert_int_equal(vnetsim_arp_next(s.w, s.cli, 0, &ai), 0);
	assert_true(ai.complete && ai.permanent);
	assert_memory_equal(ai.ether, mac, 6);
	st_run(&s, 5000 * ST_S);
	assert_int_equal(entries(&s, s.cli), 1);
	assert_int_equal(vnetsim_arp_set(s.w, s.cli, NOBODY, NULL), 0);
	assert_int_equal(vnetsim_arp_set(s.w, s.cli, NOBODY, NULL), VE_NOENT);
	assert_int_equal(
	    vnetsim_arp_set(s.w, s.cli, 0x0b000001, mac), VE_NETUNREACH);
	assert_int_equal(entries(&s, s.cli), 0);
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

/* ---- packets ---- */

struct arp_pkt {
	const char *what;
	uint16_t hw, proto;
	uint8_t hlen, plen;
	uint16_t op;
	uint8_t sha0;
	uint32_t spa, tpa;
	uint32_t len;
	const char *drop; /* NULL: believed */
};

static void
arp_deliver(struct st *s, const struct arp_pkt *a)
{
	uint8_t p[28] = { 0 };
	struct vnet_frame f;
	struct mbuf *m;

	(void)s;
	be16enc(p, a->hw);
	be16enc(p + 2, a->proto);
	p[4] = a->hlen;
	p[5] = a->plen;
	be16enc(p + 6, a->op);
	p[8] = a->sha0;
	p[13] = 0x42;
	be32enc(p + 14, a->spa);
	be32enc(p + 24, a->tpa);
	assert_true(vnet_enter(&f, vnet_byid(2), DOOR_WIRE, VNET_MOD_arp));
	m = m_getm(0, 0, M_NOWAIT);
	assert_non_null(m);
	assert_true(m_append(m, p, a->len, M_NOWAIT));
	if_setrcvif(m, ifunit("epair0b"));
	arpintr(m);
	vnet_leave(&f);
}

static void
only_sound_packets_are_believed(void **state)
{
	static const struct arp_pkt pkts[] = {
		{ "short", 1, 0x800, 6, 4, 1, 2, ST_HUB + 5, ST_CLI, 27,
		    "net.drop.arp.short" },
		{ "hardware", 6, 0x800, 6, 4, 1, 2, ST_HUB + 5, ST_CLI, 28,
		    "net.drop.arp.bad" },
		{ "protocol", 1, 0x86dd, 6, 4, 1, 2, ST_HUB + 5, ST_CLI, 28,
		    "net.drop.arp.bad" },
		{ "hlen", 1, 0x800, 8, 4, 1, 2, ST_HUB + 5, ST_CLI, 28,
		    "net.drop.arp.bad" },
		{ "plen", 1, 0x800, 6, 16, 1, 2, ST_HUB + 5, ST_CLI, 28,
		    "net.drop.arp.bad" },
		{ "op", 1, 0x800, 6, 4, 3, 2, ST_HUB + 5, ST_CLI, 28,
		    "net.drop.arp.bad" },
		{ "multicast sender", 1, 0x800, 6, 4, 1, 3, ST_HUB + 5, ST_CLI,
		    28, "net.drop.arp.bad" },
		{ "multicast address", 1, 0x800, 6, 4, 1, 2, 0xe0000001, ST_CLI,
		    28, "net.drop.arp.bad" },
		{ "our own address", 1, 0x800, 6, 4, 1, 2, ST_CLI, ST_CLI, 28,
		    "net.drop.arp.dupaddr" },
		{ "for another", 1, 0x800, 6, 4, 1, 2, ST_HUB + 5, ST_HUB + 6,
		    28, "net.drop.arp.notforus" },
		{ "request", 1, 0x800, 6, 4, 1, 2, ST_HUB + 5, ST_CLI, 28,
		    NULL },
		{ "reply", 1, 0x800, 6, 4, 2, 2, ST_HUB + 6, ST_CLI, 28, NULL },
	};
	unsigned known = 0;
	struct st s = { 0 };

	(void)state;
	setup(&s);
	for (size_t i = 0; i < sizeof(pkts) / sizeof(pkts[0]); i++) {
		const struct arp_pkt *a = &pkts[i];
		int64_t before = a->drop != NULL ? get(&s, s.cli, a->drop) : 0;

		arp_deliver(&s, a);
		st_run(&s, ST_MS);
		known += a->drop == NULL;
		if (a->drop != NULL && get(&s, s.cli, a->drop) != before + 1)
			fail_msg("%s: not counted", a->what);
		if (entries(&s, s.cli) != known)
			fail_msg("%s: %u entries", a->what, entries(&s, s.cli));
	}
	assert_int_equal(st_finish(&s), 0);
	st_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hold_queue_at_its_limit),
		cmocka_unit_test(one_request_a_second),
		cmocka_unit_test(an_entry_expires),
		cmocka_unit_test(static_entries),
		cmocka_unit_test(only_sound_packets_are_believed),
	};

	return (cmocka_run_group_tests_name("arp", tests, NULL, NULL) ? 1 : 0);
}
