/*
 * test_if.c - interfaces of one vnet: names, numbers, flags, cloners, lo.
 */
#include "tests/test_link.h"

static struct vnet *v0;

static struct world *
world0(void)
{
	struct world *w = tw_create(lk_modules);

	v0 = w->w_vnet0;
	return (w);
}

static void
every_vnet_has_lo0_down_with_index_one(void **state)
{
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");
	struct ifnet *ifp = lk_if(v, "lo0");
	struct vnet_frame f;

	(void)state;
	assert_non_null(ifp);
	assert_int_equal(ifp->if_index, 1);
	assert_int_equal(ifp->if_flags & IFF_UP, 0);
	assert_int_equal(ifp->if_flags & IFF_LOOPBACK, IFF_LOOPBACK);
	assert_int_equal(ifp->if_mtu, 16384);
	assert_ptr_equal(if_homevnet(ifp), v);
	assert_int_equal(if_count(v), 1);
	assert_int_equal(if_count(v0), 1);
	LK_ENTER(&f, v);
	assert_ptr_equal(if_loif(), ifp);
	assert_ptr_equal(ifnet_byindex(1), ifp);
	assert_null(ifnet_byindex(0));
	assert_null(ifnet_byindex(2));
	assert_null(ifnet_byindex(70000));
	assert_null(ifunit("epair0a"));
	vnet_leave(&f);
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	tw_run(w);
	tw_destroy(w);
}

static void
names_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "", "foo", "foo0", "epair01",
		"epair00", "epair3a", "epair-1", "0", "12", "Epair", "epair 1",
		"lo00", "epair12345678901", "lolololololololo" };
	struct world *w = world0();

	(void)state;
	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(lk_create(v0, bad[i]), VE_INVAL);
	assert_int_equal(lk_create(v0, "lo0"), VE_EXIST);
	assert_int_equal(lk_create(v0, "lo4096"), VE_NOSPC);
	assert_int_equal(lk_create(v0, "epair4096"), VE_NOSPC);
	assert_int_equal(lk_create(v0, "epair999999999"), VE_NOSPC);
	assert_int_equal(if_count(v0), 1);
	tw_destroy(w);
}

static void
the_lowest_free_unit_is_given(void **state)
{
	struct world *w = world0();
	struct op *op;

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(lk_create(v0, "epair2"), 0);
	assert_int_equal(lk_create(v0, "epair2"), VE_EXIST);
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_non_null(lk_if(v0, "epair1b"));
	assert_int_equal(lk_create(v0, "epair4095"), 0);
	assert_non_null(lk_if(v0, "epair4095a"));
	assert_int_equal(lk_destroy(v0, "epair0b", &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_null(lk_if(v0, "epair0a"));
	assert_null(lk_if(v0, "epair0b"));
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_non_null(lk_if(v0, "epair0a"));
	/* numbers too: the two that came free */
	assert_int_equal(lk_if(v0, "epair0a")->if_index, 2);
	assert_int_equal(lk_if(v0, "epair0b")->if_index, 3);
	tw_destroy(w);
}

static void
units_are_counted_per_vnet(void **state)
{
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(lk_create(v, "epair"), 0);
	assert_non_null(lk_if(v, "epair0a"));
	assert_int_equal(lk_create(v, "lo1"), 0);
	assert_int_equal(lk_create(v, "lo"), 0);
	assert_non_null(lk_if(v, "lo2"));
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	tw_run(w);
	assert_int_equal(if_count(v0), 3);
	tw_destroy(w);
}

static void
destroy_says_what_it_may_not(void **state)
{
	struct world *w = world0();
	struct op *op, *op2;

	(void)state;
	assert_int_equal(lk_destroy(v0, "epair0a", &op), VE_NXIO);
	assert_int_equal(lk_destroy(v0, "lo0", &op), VE_INVAL);
	assert_int_equal(lk_create(v0, "lo1"), 0);
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(lk_destroy(v0, "epair0a", &op), 0);
	assert_int_equal(lk_destroy(v0, "epair0a", &op2), VE_BUSY);
	assert_int_equal(lk_destroy(v0, "epair0b", &op2), VE_BUSY);
	assert_int_equal(lk_updown(v0, "epair0b", true), VE_NXIO);
	assert_int_equal(lk_destroy(v0, "lo1", &op2), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(lk_result(op2), 0);
	assert_int_equal(if_count(v0), 1);
	assert_int_equal(fip_of(v0)->fp_ndepart, 3);
	assert_int_equal(fip_of(v0)->fp_ndetach, 3);
	assert_int_equal(uma_count(&ifnet_zone, v0), 1);
	tw_destroy(w);
}

static int
set_mtu(const char *name, uint32_t mtu)
{
	struct ifnet *ifp = lk_if(v0, name);
	struct vnet_frame f;
	int error;

	LK_ENTER(&f, v0);
	error = if_setmtu(ifp, mtu);
	vnet_leave(&f);
	return (error);
}

static void
mtu_has_limits(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp;
	struct op *op;

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(lk_if(v0, "epair0a")->if_mtu, 1500);
	assert_int_equal(set_mtu("epair0a", 71), VE_INVAL);
	assert_int_equal(set_mtu("epair0a", 72), 0);
	assert_int_equal(set_mtu("epair0a", 9001), VE_INVAL);
	assert_int_equal(set_mtu("epair0a", 9000), 0);
	assert_int_equal(set_mtu("lo0", 65535), 0);
	assert_int_equal(set_mtu("lo0", 65536), VE_INVAL);
	assert_int_equal(lk_send(v0, "epair0a", 9000), 0);
	assert_int_equal(lk_send(v0, "epair0a", 9001), VE_MSGSIZE);
	assert_int_equal(lk_drops(v0, DROP_IF_OVERSIZE), 1);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastlen, 9000);
	ifp = lk_if(v0, "epair0a");
	assert_int_equal(lk_destroy(v0, "epair0a", &op), 0);
	assert_int_equal(if_setmtu(ifp, 1500), VE_NXIO);
	assert_int_equal(if_setflags(ifp, false), VE_NXIO);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	tw_destroy(w);
}

static void
a_down_interface_sends_nothing(void **state)
{
	struct world *w = world0();

	(void)state;
	lk_pair(v0, "epair0");
	assert_int_equal(lk_updown(v0, "epair0a", false), 0);
	assert_int_equal(lk_send(v0, "epair0a", 100), VE_NETDOWN);
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 1);
	assert_int_equal(lk_send(v0, "lo0", 100), VE_NETDOWN);
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 2);
	assert_int_equal(lk_raw(v0, "epair0a", "frame", 5), VE_NETDOWN);
	assert_int_equal(lk_drops(v0, DROP_IF_DOWN), 3);
	assert_int_equal(lk_if(v0, "epair0a")->if_data.ifi_oerrors, 2);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 0);
	tw_destroy(w);
}

static void
loopback_comes_back_in_an_event_of_its_own(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp = lk_if(v0, "lo0");
	struct vnet_frame f;
	struct mbuf *m;

	(void)state;
	assert_int_equal(lk_updown(v0, "lo0", true), 0);
	TW_ENTER(&f, v0);
	m = m_getm(0, 60, M_NOWAIT);
	memset(m->m_data, 1, 60);
	m->m_pkthdr.csum_flags = CSUM_IP | CSUM_TCP;
	assert_int_equal(ifp->if_output(ifp, m, 0x7f000001, false), 0);
	assert_int_equal(V_fip.fp_nin, 0);
	vnet_leave(&f);
	assert_int_equal(tw_run(w), 1);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lastflags & M_LOOP, M_LOOP);
	assert_int_equal(
	    fip_of(v0)->fp_lastcsum, CSUM_L3_VALID | CSUM_DATA_VALID);
	assert_int_equal(ifp->if_data.ifi_ipackets, 1);
	assert_int_equal(ifp->if_data.ifi_obytes, 60);
	assert_int_equal(lk_send(v0, "lo0", 16385), VE_MSGSIZE);
	assert_int_equal(lk_raw(v0, "lo0", "abc", 3), VE_NETDOWN);
	assert_int_equal(lk_drops(v0, DROP_IF_NOAF), 1);
	tw_destroy(w);
}

/* Everything that was there is there, and nothing else. */
static void
a_failed_creation_leaves_no_trace(void **state)
{
	struct world *w = world0();
	uint64_t before, n;
	bool more = true;

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	tw_run(w);
	before = world_hash(NULL, 0);
	for (n = 1; more; n++) {
		mem_fail_set(w, n, false);
		more = lk_create(v0, "epair") != 0;
		assert_true(more == w->w_mem.wm_consumed);
		tw_run(w);
		if (more)
			assert_int_equal(world_hash(NULL, 0), before);
	}
	mem_fail_set(w, 0, false);
	assert_true(n > 8);
	assert_non_null(lk_if(v0, "epair1b"));
	for (n = 1, more = true; more; n++) {
		mem_fail_set(w, n, true);
		more = lk_create(v0, "lo") != 0;
		mem_fail_set(w, 0, false);
		tw_run(w);
	}
	assert_non_null(lk_if(v0, "lo1"));
	assert_true(n > 3);
	tw_destroy(w);
}

static void
a_vnet_that_cannot_be_made_leaves_no_trace(void **state)
{
	struct world *w = world0();
	struct prison *pr;
	uint64_t before, n;
	int error = VE_NOMEM;

	(void)state;
	before = world_hash(NULL, 0);
	for (n = 1; error != 0; n++) {
		mem_fail_set(w, n, false);
		error = prison_create(
		    w->w_jail.wj_prison0, "a", PR_PERSIST | PR_VNET, 0, &pr);
		mem_fail_set(w, 0, false);
		tw_run(w);
		if (error != 0)
			assert_int_equal(world_hash(NULL, 0), before);
	}
	assert_true(n > 15);
	assert_int_equal(prison_remove(pr), 0);
	tw_run(w);
	tw_destroy(w);
}

static void
a_destroyed_vnet_leaves_the_world_as_it_was(void **state)
{
	struct world *w = world0();
	uint64_t before = 0;
	struct vnet *v;

	(void)state;
	for (int i = 0; i < 3; i++) {
		v = lk_vnet("a");
		lk_pair(v, "epair0");
		assert_int_equal(lk_send(v, "epair0a", 100), 0);
		assert_int_equal(lk_create(v, "lo1"), 0);
		assert_int_equal(prison_remove(prison_find("a", false)), 0);
		tw_run(w);
		if (i > 0)
			assert_int_equal(world_hash(NULL, 0), before);
		before = world_hash(NULL, 0);
		assert_int_equal(w->w_nvnets, 1);
	}
	tw_destroy(w);
}

static void
a_vnet_has_a_limit_of_interfaces(void **state)
{
	struct world_config cfg = tw_config(lk_modules);
	uint32_t left = IF_MAXINDEX - 1;
	struct world *w;

	(void)state;
	w = tw_create_cfg(&cfg);
	v0 = w->w_vnet0;
	for (; left > 1; left -= 2)
		assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(left, 1);
	assert_int_equal(lk_create(v0, "epair"), VE_NOSPC);
	assert_int_equal(lk_create(v0, "lo"), 0);
	assert_int_equal(lk_create(v0, "lo"), VE_NOSPC);
	assert_int_equal(if_count(v0), IF_MAXINDEX);
	assert_int_equal(lk_if(v0, "lo1")->if_index, IF_MAXINDEX);
	tw_destroy(w);
}

static void
interfaces_are_walked_in_order_of_arrival(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp;
	struct vnet_frame f;

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	LK_ENTER(&f, v0);
	ifp = if_first();
	assert_string_equal(ifp->if_xname, "lo0");
	ifp = if_next(ifp);
	assert_string_equal(ifp->if_xname, "epair0a");
	ifp = if_next(ifp);
	assert_string_equal(ifp->if_xname, "epair0b");
	assert_null(if_next(ifp));
	/* closed: neither by name nor by driver */
	V_if.if_open = 0;
	vnet_leave(&f);
	assert_int_equal(lk_create(v0, "lo1"), VE_BUSY);
	tw_destroy(w);
}

static void
a_family_hears_of_interfaces_that_are_there(void **state)
{
	struct world *w = world0();
	struct vnet_frame f;

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(fip_of(v0)->fp_nattach, 3);
	LK_ENTER(&f, v0);
	assert_int_equal(if_af_register(AF_INET, &fip_afops), VE_EXIST);
	if_af_unregister(AF_INET);
	assert_int_equal(V_fip.fp_ndetach, 3);
	if_af_unregister(AF_INET);
	assert_int_equal(if_af_register(AF_INET, &fip_afops), 0);
	assert_int_equal(V_fip.fp_nattach, 6);
	/* what cannot be told to all is told to none */
	if_af_unregister(AF_INET);
	mem_fail_set(w, 2, false);
	assert_int_equal(if_af_register(AF_INET, &fip_afops), VE_NOMEM);
	mem_fail_set(w, 0, false);
	assert_int_equal(V_fip.fp_nattach, V_fip.fp_ndetach);
	assert_int_equal(if_af_register(AF_INET, &fip_afops), 0);
	vnet_leave(&f);
	tw_destroy(w);
}

/* ---- what a skipped verb leads to: findings, never a panic ---- */

struct skip {
	int sk_mod;
	bool sk_uninit;
};

static void
end_vnet(struct vnet *v, const struct skip *sk)
{
	static const uint8_t order[] = { VNET_MOD_ip, VNET_MOD_lltable,
		VNET_MOD_ether, VNET_MOD_epair, VNET_MOD_lo, VNET_MOD_if };
	struct world *w = curworld();
	struct op *op = &w->w_undo, *was = w->w_ops.wo_running;

	v->v_shut |= DOOR_INWARD;
	for (size_t i = 0; i < nitems(order); i++) {
		if (order[i] == sk->sk_mod && !sk->sk_uninit)
			continue;
		memset(op, 0, sizeof(*op));
		op->op_bound = INT64_MAX;
		w->w_ops.wo_running = op;
		while (vnet_mod_shutdown(v, order[i], op) != OP_DONE) {
			op_unwait(op);
			w->w_ops.wo_running = was;
			while (epoch_pending(v) != 0)
				assert_true(world_step(w, vtime()));
			w->w_ops.wo_running = op;
		}
		w->w_ops.wo_running = was;
		(void)vnet_check_shutdown(v, order[i]);
	}
	while (epoch_pending(v) != 0)
		assert_true(world_step(w, vtime()));
	for (size_t i = 0; i < nitems(order); i++) {
		if (order[i] == sk->sk_mod && sk->sk_uninit)
			continue;
		vnet_mod_uninit(v, order[i]);
		(void)vnet_check_uninit(v, order[i]);
	}
	while (epoch_pending(v) != 0)
		assert_true(world_step(w, vtime()));
	for (size_t i = 0; i < nitems(order); i++)
		(void)vnet_check_zones(v, order[i]);
	v->v_prison->pr_vnet = NULL;
	vnet_fini(v);
	vnet_free(v);
}

static void
a_skipped_verb_is_found(void **state)
{
	static const struct skip skips[] = { { VNET_MOD_if, false },
		{ VNET_MOD_if, true }, { VNET_MOD_lo, false },
		{ VNET_MOD_lo, true }, { VNET_MOD_epair, false },
		{ VNET_MOD_epair, true }, { VNET_MOD_ether, false },
		{ VNET_MOD_ether, true }, { VNET_MOD_lltable, false },
		{ VNET_MOD_lltable, true }, { -1, true } };
	struct vnet *a, *b;
	struct world *w;
	struct op *op;
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < nitems(skips); i++) {
		w = world0();
		a = lk_vnet("a");
		b = lk_vnet("b");
		lk_pair(v0, "epair0");
		assert_int_equal(lk_move(v0, "epair0b", a), 0);
		lk_pair(a, "epair5");
		assert_int_equal(lk_move(a, "epair5b", b), 0);
		end_vnet(a, &skips[i]);
		n = tw_finding(w, ORACLE_LEAK, NULL);
		n += tw_finding(w, ORACLE_ORDER, NULL);
		if (skips[i].sk_mod < 0)
			assert_int_equal(n, 0);
		else
			assert_true(n > 0);
		/* the rest of the world goes on */
		assert_int_equal(lk_send(v0, "epair0a", 100), 0);
		tw_run(w);
		assert_int_equal(lk_destroy(v0, "epair0a", &op), 0);
		tw_run(w);
		assert_int_equal(lk_result(op), 0);
		if (lk_if(b, "epair5b") != NULL)
			assert_int_equal(lk_updown(b, "epair5b", true), 0);
		if (lk_if(b, "epair5b") != NULL)
			(void)lk_send(b, "epair5b", 100);
		tw_run(w);
		assert_int_equal(prison_remove(prison_find("b", false)), 0);
		tw_run(w);
		world_destroy(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vnet_has_lo0_down_with_index_one),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(the_lowest_free_unit_is_given),
		cmocka_unit_test(units_are_counted_per_vnet),
		cmocka_unit_test(destroy_says_what_it_may_not),
		cmocka_unit_test(mtu_has_limits),
		cmocka_unit_test(a_down_interface_sends_nothing),
		cmocka_unit_test(loopback_comes_back_in_an_event_of_its_own),
		cmocka_unit_test(a_failed_creation_leaves_no_trace),
		cmocka_unit_test(a_vnet_that_cannot_be_made_leaves_no_trace),
		cmocka_unit_test(a_destroyed_vnet_leaves_the_world_as_it_was),
		cmocka_unit_test(a_vnet_has_a_limit_of_interfaces),
		cmocka_unit_test(interfaces_are_walked_in_order_of_arrival),
		cmocka_unit_test(a_family_hears_of_interfaces_that_are_there),
		cmocka_unit_test(a_skipped_verb_is_found),
	};

	return (cmocka_run_group_tests_name("if", tests, NULL, NULL) ? 1 : 0);
}
