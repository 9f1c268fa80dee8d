/*
 * test_stack.c - interfaces on interfaces: limits, frames, departures; what
 * ifconfig changes at any interface.
 */
#include <vnetsim/net.h>
#include "src/net/link/if_bridge.h"
#include "src/net/link/link_var.h"
#include "tests/test_link.h"

static const struct vnet_module *const modules[] = { &vnet_module_if,
	&vnet_module_lo, &vnet_module_epair, &vnet_module_vlan,
	&vnet_module_bridge, &vnet_module_ether, &vnet_module_lltable,
	&fip_module, NULL };

static struct vnet *v0;

static struct world *
world0(void)
{
	struct world *w = tw_create(modules);

	v0 = w->w_vnet0;
	return (w);
}

static int
ioctl_of(struct vnet *v, const char *name, struct vnetsim_ifreq req)
{
	struct vnet_frame f;
	struct ifnet *ifp = lk_if(v, name);
	int error;

	assert_non_null(ifp);
	LK_ENTER(&f, v);
	error = if_ioctl(ifp, &req);
	vnet_leave(&f);
	return (error);
}

static int
text_of(struct vnet *v, const char *name, uint32_t cmd, const char *arg)
{
	struct vnetsim_ifreq req = { .cmd = cmd, .text = arg };

	memcpy(req.arg, arg,
	    strlen(arg) < sizeof(req.arg) ? strlen(arg) : sizeof(req.arg));
	return (ioctl_of(v, name, req));
}

static int
vlan(struct vnet *v, const char *name, const char *parent, uint32_t n)
{
	struct vnetsim_ifreq req = { .cmd = VNETSIM_IF_VLAN, .n = n };

	snprintf(req.arg, sizeof(req.arg), "%s", parent);
	return (ioctl_of(v, name, req));
}

static int
mtu(struct vnet *v, const char *name, uint32_t n)
{
	struct vnet_frame f;
	struct ifnet *ifp = lk_if(v, name);
	int error;

	LK_ENTER(&f, v);
	error = if_setmtu(ifp, n);
	vnet_leave(&f);
	return (error);
}

static void
gone(struct world *w, struct vnet *v, const char *name)
{
	struct op *op;

	assert_int_equal(lk_destroy(v, name, &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
}

/* ---- any interface ---- */

static void
names_groups_and_descriptions_have_limits(void **state)
{
	static const char text[] = "012345678901234567890123456789012345678901"
				   "2345678901234567890123";
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");
	char group[8] = "g?";

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(
	    text_of(v0, "epair0a", VNETSIM_IF_NAME, "epair0b"), VE_EXIST);
	assert_int_equal(text_of(v0, "epair0a", VNETSIM_IF_NAME, ""), VE_INVAL);
	assert_int_equal(
	    text_of(v0, "epair0a", VNETSIM_IF_NAME, "fifteen-bytes-x"), 0);
	assert_null(lk_if(v0, "epair0a"));
	assert_int_equal(
	    text_of(v0, "fifteen-bytes-x", VNETSIM_IF_NAME, "up"), 0);
	/* a group beside its kind's: eight, none ends in a digit */
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_GROUP, "g1"), VE_INVAL);
	assert_int_equal(
	    text_of(v0, "up", VNETSIM_IF_GROUP, "epair"), VE_EXIST);
	assert_int_equal(
	    text_of(v0, "up", VNETSIM_IF_DELGROUP, "other"), VE_NOENT);
	for (int c = 'a'; c < 'a' + IF_NGROUPS; c++) {
		group[1] = (char)c;
		assert_int_equal(text_of(v0, "up", VNETSIM_IF_GROUP, group), 0);
	}
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_GROUP, "ga"), VE_EXIST);
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_GROUP, "gz"), VE_NOSPC);
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_DELGROUP, "gb"), 0);
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_GROUP, "gz"), 0);
	/* a description goes along, groups do not */
	assert_int_equal(strlen(text), IF_DESCR_SIZE);
	assert_int_equal(
	    text_of(v0, "up", VNETSIM_IF_DESCR, text), VE_NAMETOOLONG);
	assert_int_equal(text_of(v0, "up", VNETSIM_IF_DESCR, text + 1), 0);
	assert_int_equal(lk_move(v0, "up", v), 0);
	assert_string_equal(lk_if(v, "up")->if_extra->ix_descr, text + 1);
	assert_int_equal(lk_if(v, "up")->if_extra->ix_ngroups, 0);
	assert_ptr_equal(uma_owner(lk_if(v, "up")->if_extra), v);
	tw_destroy(w);
}

static void
an_address_is_a_stations_and_ethernets(void **state)
{
	struct vnetsim_ifreq req = { .cmd = VNETSIM_IF_ETHER,
		.ether = { 0x01, 0, 0, 0, 0, 1 } };
	struct world *w = world0();

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(ioctl_of(v0, "epair0a", req), VE_INVAL);
	req.ether[0] = 0x02;
	assert_int_equal(ioctl_of(v0, "lo0", req), VE_INVAL);
	assert_int_equal(ioctl_of(v0, "epair0a", req), 0);
	assert_memory_equal(lk_if(v0, "epair0a")->if_lladdr, req.ether, 6);
	tw_destroy(w);
}

/* ---- stacks ---- */

static void
at_most_eight_stand_on_each_other(void **state)
{
	struct world *w = world0();
	char lower[IFNAMSIZ] = "epair0a", name[IFNAMSIZ + 8];

	(void)state;
	lk_pair(v0, "epair0");
	for (unsigned i = 0; i < IF_MAXSTACK; i++) {
		assert_int_equal(lk_create(v0, "vlan"), 0);
		snprintf(name, sizeof(name), "vlan%u", i);
		assert_int_equal(vlan(v0, name, lower, 1),
		    i < IF_MAXSTACK - 1 ? 0 : VE_INVAL);
		snprintf(lower, sizeof(lower), "vlan%u", i);
	}
	/* a stack that is put under another one */
	assert_int_equal(lk_create(v0, "vlan100"), 0);
	assert_int_equal(vlan(v0, "vlan7", "vlan100", 1), 0);
	assert_int_equal(vlan(v0, "vlan100", "vlan0", 2), 0);
	gone(w, v0, "vlan7");
	assert_int_equal(vlan(v0, "vlan100", "vlan1", 2), VE_BUSY);
	/* in a circle */
	assert_int_equal(lk_create(v0, "vlan200"), 0);
	assert_int_equal(lk_create(v0, "vlan201"), 0);
	assert_int_equal(vlan(v0, "vlan201", "vlan200", 1), 0);
	assert_int_equal(vlan(v0, "vlan200", "vlan201", 1), VE_INVAL);
	assert_int_equal(vlan(v0, "vlan200", "vlan200", 2), VE_INVAL);
	/* the bottom goes: only its neighbour lost something */
	gone(w, v0, "epair0a");
	assert_true(TAILQ_EMPTY(&lk_if(v0, "vlan0")->if_below));
	assert_false(TAILQ_EMPTY(&lk_if(v0, "vlan1")->if_below));
	tw_destroy(w);
}

static void
a_vlan_has_one_parent_and_a_number(void **state)
{
	struct world *w = world0();

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(lk_create(v0, "vlan"), 0);
	assert_int_equal(lk_create(v0, "vlan"), 0);
	assert_int_equal(vlan(v0, "vlan0", "epair0a", 0), VE_INVAL);
	assert_int_equal(vlan(v0, "vlan0", "epair0a", 4095), VE_INVAL);
	assert_int_equal(vlan(v0, "vlan0", "nobody", 1), VE_NOENT);
	assert_int_equal(vlan(v0, "vlan0", "lo0", 1), VE_PROTONOSUPPORT);
	assert_int_equal(vlan(v0, "epair0b", "epair0a", 1), VE_INVAL);
	assert_int_equal(vlan(v0, "vlan0", "epair0a", 4094), 0);
	assert_int_equal(vlan(v0, "vlan0", "epair0a", 4094), 0);
	assert_int_equal(vlan(v0, "vlan0", "epair0b", 4094), VE_BUSY);
	assert_int_equal(vlan(v0, "vlan1", "epair0a", 4094), VE_EXIST);
	assert_int_equal(mtu(v0, "vlan0", ETHERMTU), 0);
	assert_int_equal(mtu(v0, "vlan0", ETHERMTU + 1), VE_INVAL);
	assert_int_equal(mtu(v0, "vlan1", 1000), VE_NOENT);
	assert_int_equal(vlan(v0, "vlan1", "vlan0", 1), 0);
	assert_int_equal(mtu(v0, "vlan1", ETHERMTU - 4), 0);
	assert_int_equal(mtu(v0, "vlan1", ETHERMTU - 3), VE_INVAL);
	/* names of the other kind */
	assert_int_equal(lk_create(v0, "epair0a.4094"), VE_EXIST);
	assert_int_equal(lk_create(v0, "epair0a.4095"), VE_INVAL);
	assert_int_equal(lk_create(v0, "epair0a.99999"), VE_INVAL);
	assert_int_equal(lk_create(v0, "epair0a.100000"), VE_INVAL);
	assert_int_equal(lk_create(v0, "epair0a."), VE_INVAL);
	assert_int_equal(lk_create(v0, ".5"), VE_INVAL);
	assert_int_equal(lk_create(v0, "epair9a.5"), VE_NXIO);
	assert_int_equal(lk_create(v0, "epair0a.5"), 0);
	assert_int_equal(lk_create(v0, "vlan4096"), VE_NOSPC);
	tw_destroy(w);
}

/* A broadcast with @n bytes behind the addresses. */
static void
tagged(const char *name, const void *rest, uint32_t n)
{
	uint8_t frame[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
		9 };

	memcpy(frame + 12, rest, n);
	assert_int_equal(lk_raw(v0, name, frame, 12 + n), 0);
	tw_run(curworld());
}

static void
tags_are_read_as_they_come(void **state)
{
	static const uint8_t ours[] = { 0x81, 0, 0xa0, 7, 8, 0, 1, 2, 3, 4 },
			     zero[] = { 0x81, 0, 0xe0, 0, 8, 0, 1, 2, 3 },
			     other[] = { 0x81, 0, 0, 8, 8, 0, 1 },
			     proto[] = { 0x88, 0xa8, 0, 7, 8, 0, 1 },
			     brief[] = { 0x81, 0, 0 };
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(lk_create(v0, "epair0b.7"), 0);
	/* it is down, then up, then in another vnet */
	tagged("epair0a", ours, sizeof(ours));
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 1);
	assert_int_equal(lk_updown(v0, "epair0b.7", true), 0);
	tagged("epair0a", ours, sizeof(ours));
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lastlen, 4);
	assert_int_equal(
	    fip_of(v0)->fp_lastrcvif, lk_if(v0, "epair0b.7")->if_handle);
	assert_int_equal(lk_move(v0, "epair0b.7", v), 0);
	assert_int_equal(lk_updown(v, "epair0b.7", true), 0);
	tagged("epair0a", ours, sizeof(ours));
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v)->fp_nin, 1);
	/* a priority is not a vlan */
	tagged("epair0a", zero, sizeof(zero));
	assert_int_equal(fip_of(v0)->fp_nin, 2);
	assert_int_equal(fip_of(v0)->fp_lastlen, 3);
	tagged("epair0a", other, sizeof(other));
	tagged("epair0a", proto, sizeof(proto));
	assert_int_equal(lk_drops(v0, DROP_VLAN_NONE), 2);
	tagged("epair0a", brief, sizeof(brief));
	assert_int_equal(lk_drops(v0, DROP_VLAN_SHORT), 1);
	/* and the way down, from the other vnet through our wire */
	assert_int_equal(lk_create(v0, "epair0a.7"), 0);
	assert_int_equal(lk_updown(v0, "epair0a.7", true), 0);
	assert_int_equal(lk_send(v, "epair0b.7", 50), 0);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 3);
	assert_int_equal(fip_of(v0)->fp_lastlen, 50);
	tw_destroy(w);
}

static void
what_is_queued_for_a_vlan_that_goes_is_nobodys(void **state)
{
	static const uint8_t frame[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
		0, 0, 0, 0, 9, 0x81, 0, 0, 7, 8, 0, 1 };
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");
	struct op *op;

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(lk_create(v0, "epair0b.7"), 0);
	assert_int_equal(lk_move(v0, "epair0b.7", v), 0);
	assert_int_equal(lk_updown(v, "epair0b.7", true), 0);
	/* one frame on the wire at each step of the destruction */
	assert_int_equal(lk_destroy(v, "epair0b.7", &op), 0);
	do
		(void)lk_raw(v0, "epair0a", frame, sizeof(frame));
	while (world_step(w, INT64_MAX) && !op->op_done);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(fip_of(v)->fp_nin, 0);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	assert_null(lk_if(v, "epair0b.7"));
	tw_destroy(w);
}

/* ---- bridges ---- */

static void
up(struct vnet *v, const char *name)
{
	assert_int_equal(lk_updown(v, name, true), 0);
}

/* bridge0 with the a halves of @n pairs. */
static void
bridged(unsigned n)
{
	char name[IFNAMSIZ];

	assert_int_equal(lk_create(v0, "bridge"), 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "epair%u", i);
		lk_pair(v0, name);
		snprintf(name, sizeof(name), "epair%ua", i & 0xff);
		assert_int_equal(
		    text_of(v0, "bridge0", VNETSIM_IF_ADDM, name), 0);
	}
	up(v0, "bridge0");
}

/* A frame from station @src (by its last byte) into the b half of a pair. */
static void
station(const char *half, uint8_t dst, uint8_t src)
{
	uint8_t frame[20] = { 2, 9, 9, 9, 9, dst, 2, 9, 9, 9, 9, src, 8, 0 };

	if (dst == 0xff)
		memset(frame, 0xff, 6);
	assert_int_equal(lk_raw(v0, half, frame, sizeof(frame)), 0);
	tw_run(curworld());
}

static uint64_t
sent(const char *name)
{
	return (lk_if(v0, name)->if_data.ifi_opackets);
}

static void
a_bridge_learns_up_to_its_limit(void **state)
{
	struct vnetsim_ifreq max = { .cmd = VNETSIM_IF_MAXADDR, .n = 2 };
	/* the world runs until nothing is left to do */
	struct vnetsim_ifreq ever = { .cmd = VNETSIM_IF_TIMEOUT, .n = 0 };
	struct world *w = world0();

	(void)state;
	bridged(3);
	assert_int_equal(ioctl_of(v0, "bridge0", max), 0);
	assert_int_equal(ioctl_of(v0, "bridge0", ever), 0);
	station("epair0b", 2, 1);
	assert_int_equal(sent("epair1a"), 1);
	assert_int_equal(sent("epair2a"), 1);
	station("epair1b", 1, 2);
	assert_int_equal(sent("epair0a"), 1);
	assert_int_equal(sent("epair2a"), 1);
	/* the third is heard, not learnt */
	station("epair2b", 1, 3);
	assert_int_equal(sent("epair0a"), 2);
	station("epair0b", 3, 1);
	assert_int_equal(sent("epair1a"), 2);
	assert_int_equal(sent("epair2a"), 2);
	/* it walks to another member; there it is not sent to itself */
	station("epair2b", 1, 2);
	station("epair0b", 2, 1);
	assert_int_equal(sent("epair2a"), 3);
	station("epair2b", 2, 9);
	assert_int_equal(lk_drops(v0, DROP_BRIDGE_BLOCKED), 1);
	assert_int_equal(uma_count(&bridge_node_zone, v0), 2);
	tw_destroy(w);
}

static void
a_loop_ends(void **state)
{
	struct world *w = world0();
	char name[IFNAMSIZ];

	(void)state;
	/* nine bridges in a row, a wire between each two */
	lk_pair(v0, "epair0");
	for (unsigned i = 0; i < 9; i++) {
		assert_int_equal(lk_create(v0, "bridge"), 0);
		snprintf(name, sizeof(name), "epair%u", i + 1);
		lk_pair(v0, name);
	}
	for (unsigned i = 0; i < 9; i++) {
		char bridge[IFNAMSIZ];

		snprintf(bridge, sizeof(bridge), "bridge%u", i);
		up(v0, bridge);
		snprintf(name, sizeof(name), "epair%ub", i & 0xff);
		assert_int_equal(text_of(v0, bridge, VNETSIM_IF_ADDM, name), 0);
		snprintf(name, sizeof(name), "epair%ua", (i + 1) & 0xff);
		assert_int_equal(text_of(v0, bridge, VNETSIM_IF_ADDM, name), 0);
	}
	station("epair0a", 0xff, 1);
	assert_int_equal(sent("epair7a"), 1);
	assert_int_equal(sent("epair8a"), 0);
	assert_int_equal(lk_drops(v0, DROP_BRIDGE_LOOP), 1);
	/* two wires between two bridges */
	lk_pair(v0, "epair20");
	assert_int_equal(
	    text_of(v0, "bridge0", VNETSIM_IF_ADDM, "epair20a"), 0);
	assert_int_equal(
	    text_of(v0, "bridge1", VNETSIM_IF_ADDM, "epair20b"), 0);
	station("epair0a", 0xff, 1);
	assert_true(lk_drops(v0, DROP_BRIDGE_LOOP) > 1);
	tw_destroy(w);
}

static void
members_have_one_mtu_and_one_bridge(void **state)
{
	struct world *w = world0();

	(void)state;
	lk_pair(v0, "epair0");
	lk_pair(v0, "epair1");
	assert_int_equal(mtu(v0, "epair0a", 1400), 0);
	assert_int_equal(lk_create(v0, "bridge"), 0);
	assert_int_equal(lk_create(v0, "bridge"), 0);
	assert_int_equal(text_of(v0, "bridge0", VNETSIM_IF_ADDM, "epair0a"), 0);
	assert_int_equal(lk_if(v0, "bridge0")->if_mtu, 1400);
	assert_int_equal(text_of(v0, "bridge0", VNETSIM_IF_ADDM, "epair1a"), 0);
	assert_int_equal(lk_if(v0, "epair1a")->if_mtu, 1400);
	assert_int_equal(
	    text_of(v0, "bridge1", VNETSIM_IF_ADDM, "epair1a"), VE_BUSY);
	/* a member that cannot: nobody changes */
	assert_int_equal(lk_create(v0, "epair1b.5"), 0);
	assert_int_equal(
	    text_of(v0, "bridge0", VNETSIM_IF_ADDM, "epair1b.5"), 0);
	assert_int_equal(mtu(v0, "bridge0", 1501), VE_INVAL);
	assert_int_equal(lk_if(v0, "epair0a")->if_mtu, 1400);
	assert_int_equal(lk_if(v0, "bridge0")->if_mtu, 1400);
	assert_int_equal(
	    text_of(v0, "bridge0", VNETSIM_IF_DELETEM, "epair1b.5"), 0);
	assert_int_equal(mtu(v0, "bridge0", 1501), 0);
	assert_int_equal(lk_if(v0, "epair1a")->if_mtu, 1501);
	/* a circle */
	assert_int_equal(lk_create(v0, "bridge0.3"), 0);
	assert_int_equal(
	    text_of(v0, "bridge0", VNETSIM_IF_ADDM, "bridge0.3"), VE_INVAL);
	tw_destroy(w);
}

/* ---- any order ---- */

/* One thing that chance says. */
static void
chance(struct vnet *const v[3], uint32_t x)
{
	static const char *const names[] = { "epair0a", "epair0b", "epair1a",
		"epair1b", "bridge0", "bridge1", "vlan0", "vlan1", "vlan2" };
	const char *a = names[(x >> 16) % nitems(names)];
	const char *b = names[(x >> 20) % nitems(names)];
	struct vnet *in = v[(x >> 28) % 3];
	struct op *op = NULL;

	if (lk_if(in, a) == NULL)
		return;
	switch ((x >> 8) % 8) {
	case 0:
	case 1:
		(void)vlan(in, a, b, 1 + (x >> 12) % 4);
		break;
	case 2:
		(void)lk_loan(in, a, v[(x >> 26) % 3], &op);
		break;
	case 3:
		(void)lk_destroy(in, a, &op);
		break;
	case 4:
		(void)text_of(in, a, VNETSIM_IF_ADDM, b);
		break;
	case 5:
		(void)lk_updown(in, a, (x >> 13) % 4 != 0);
		break;
	default:
		(void)lk_send(in, a, 40);
		break;
	}
	if (op != NULL)
		op->op_detached = true; /* frees itself */
}

/* Stacks are built, filled, moved and taken down by chance. */
static void
stacks_come_and_go_in_any_order(void **state)
{
	static const char *const made[] = { "epair0", "epair1", "bridge0",
		"bridge1", "vlan0", "vlan1", "vlan2" };
	struct vnet *v[3];
	struct world *w;
	uint32_t x;

	(void)state;
	for (uint32_t seed = 1; seed <= 100; seed++) {
		x = seed * UINT32_C(2654435761);
		w = world0();
		v[0] = v0;
		v[1] = lk_vnet("a");
		v[2] = lk_vnet("b");
		for (unsigned i = 0; i < 300; i++) {
			x = x * 1664525u + 1013904223u;
			(void)lk_create(v0, made[i % nitems(made)]);
			chance(v, x);
			for (unsigned k = (x >> 12) % 6; k > 0; k--)
				(void)world_step(w, INT64_MAX);
		}
		tw_destroy(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_groups_and_descriptions_have_limits),
		cmocka_unit_test(an_address_is_a_stations_and_ethernets),
		cmocka_unit_test(at_most_eight_stand_on_each_other),
		cmocka_unit_test(a_vlan_has_one_parent_and_a_number),
		cmocka_unit_test(tags_are_read_as_they_come),
		cmocka_unit_test(
		    what_is_queued_for_a_vlan_that_goes_is_nobodys),
		cmocka_unit_test(a_bridge_learns_up_to_its_limit),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(members_have_one_mtu_and_one_bridge),
		cmocka_unit_test(stacks_come_and_go_in_any_order),
	};

	return (
	    cmocka_run_group_tests_name("stack", tests, NULL, NULL) ? 1 : 0);
}
