/*
 * test_bugs.c - real bugs of others as tests: F9A and F95 of the bug list.
 *
 * F9A (F-Stack): the deferred free was a stub, so every pcb whose free was
 * deferred leaked.  Here the callbacks are thrown away on purpose; the ledger
 * must name the pcbs.
 *
 * F95 (FreeBSD D11782): the second, deferred stage of a detach cleared the
 * capture pointer of an interface that had been attached anew meanwhile.  Here
 * an interface moves there and back while its frees are pending; every frame
 * that it sends afterwards must still be tapped, once, under its new vnet.
 * (F97, draining once, is in test_route.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>
#include "src/core/world.h"

static void
settle(struct vnetsim *w, int64_t ns)
{
	struct vnetsim_result res;
	int64_t until = vnetsim_now(w) + ns;

	while (vnetsim_run(w, until))
		while (vnetsim_op_next(w, &res))
			(void)vnetsim_op_release(w, res.op);
}

static vnetsim_handle
jail(struct vnetsim *w, const char *name)
{
	struct vnetsim_jail_params jp = {
		.name = name, .vnet = true, .persist = true
	};
	vnetsim_handle h;

	assert_int_equal(vnetsim_jail_create(w, &jp, &h), 0);
	return (h);
}

#define SOCKETS 7

/* Sockets opened and closed; @stub: what they deferred never runs. */
static unsigned
pcb_leaks(bool stub)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	struct vnetsim_finding f;
	vnetsim_handle j, proc, op;
	struct vnetsim_addr a = { 0, 0 };
	struct vnetsim_jail_info info;
	unsigned n = 0;
	int fd;

	j = jail(w, "j");
	assert_int_equal(vnetsim_proc_create(w, j, "p", &proc), 0);
	for (int i = 0; i < SOCKETS; i++) {
		assert_int_equal(vnetsim_socket(w, proc, VNETSIM_UDP, &fd), 0);
		/* one that was never bound is freed at once: nobody saw it */
		a.port = (uint16_t)(5000 + i);
		assert_int_equal(vnetsim_bind(w, proc, fd, &a), 0);
		assert_int_equal(vnetsim_close(w, proc, fd, &op), 0);
	}
	assert_int_equal(vnetsim_jail_info(w, j, &info), 0);
	if (stub)
		assert_int_equal(
		    epoch_discard(vnet_byid(info.vnet), -1, NULL, NULL),
		    SOCKETS);
	assert_int_equal(vnetsim_jail_remove(w, j, &op), 0);
	settle(w, 100 * NS_S);
	for (unsigned i = 0; vnetsim_finding(w, i, &f) == 0; i++)
		if (strcmp(f.oracle, "leak") == 0 && f.object != NULL &&
		    strstr(f.object, "inpcb") != NULL)
			n += f.count;

	vnetsim_destroy(w);
	return (n);
}

static void
f9a_a_stubbed_deferred_free_leaks_every_pcb(void **state)
{
	(void)state;
	assert_int_equal(pcb_leaks(true), SOCKETS);
	assert_int_equal(pcb_leaks(false), 0);
}

struct tap {
	unsigned frames; /* sent by end a */
	uint32_t vnet;   /* by the last of them */
	uint64_t last;
	bool twice;
};

static void
tap(void *ctx, const struct vnetsim_wire_event *ev)
{
	struct tap *t = ctx;

	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_end != 0)
		return;
	if (t->frames > 0 && ev->we_frame == t->last)
		t->twice = true;
	t->frames++;
	t->vnet = ev->we_vnet;
	t->last = ev->we_frame;
}

/* Up, with an address: it announces itself by one ARP request. */
static void
announce(struct vnetsim *w, vnetsim_handle j)
{
	assert_int_equal(vnetsim_if_up(w, j, "epair0a", true), 0);
	assert_int_equal(
	    vnetsim_if_inet(w, j, "epair0a", 0x0a000001, 24, true), 0);
}

static void
f95_a_tap_outlives_detach_and_attach(void **state)
{
	struct vnetsim *w = vnetsim_create(NULL, NULL, NULL);
	char name[VNETSIM_IFNAMSIZ] = "epair0";
	vnetsim_handle host, j, op;
	struct vnetsim_jail_info info;
	struct tap t = { 0 };

	(void)state;
	host = vnetsim_jail_find(w, "0", false);
	assert_int_equal(vnetsim_if_create(w, host, name), 0);
	j = jail(w, "j");
	vnetsim_set_wire(w, tap, &t);
	announce(w, host);
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.vnet, 0);
	assert_int_equal(vnetsim_if_vnet(w, host, "epair0a", j, &op), 0);
	/* only until it is there: what was deferred is still pending */
	while (vnetsim_if_up(w, j, "epair0a", true) != 0)
		assert_true(vnetsim_step(w, VNETSIM_FOREVER));
	announce(w, j);
	assert_int_equal(t.frames, 2);
	assert_int_equal(vnetsim_jail_info(w, j, &info), 0);
	assert_int_equal(t.vnet, info.vnet);
	settle(w, NS_S);
	assert_int_equal(vnetsim_jail_remove(w, j, &op), 0);
	settle(w, 100 * NS_S);
	announce(w, host);
	assert_int_equal(t.frames, 3);
	assert_int_equal(t.vnet, 0);
	assert_false(t.twice);
	assert_int_equal(vnetsim_audit(w), 0);
	vnetsim_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f9a_a_stubbed_deferred_free_leaks_every_pcb),
		cmocka_unit_test(f95_a_tap_outlives_detach_and_attach),
	};

	return (cmocka_run_group_tests_name("bugs", tests, NULL, NULL) ? 1 : 0);
}
