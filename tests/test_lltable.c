/*
 * test_lltable.c - neighbours: hash, hold queue, timers, end.
 */
#include "src/core/event_var.h"
#include "tests/test_link.h"

static struct vnet *v0;
static struct ifnet *ifp;
static struct vnet_frame frame;

static struct world *
world0(void)
{
	struct world *w = tw_create(lk_modules);

	v0 = w->w_vnet0;
	lk_pair(v0, "epair0");
	tw_run(w);
	ifp = lk_if(v0, "epair0a");
	assert_non_null(ifp->if_llt);
	return (w);
}

static void
entries_are_found_and_walked_in_order(void **state)
{
	struct world *w = world0();
	struct llentry *lle;
	uint32_t addr, n = 0, was = 0;

	(void)state;
	TW_ENTER(&frame, v0);
	assert_null(ifp->if_llt->llt_hash);
	assert_null(lla_lookup(ifp->if_llt, 1));
	assert_null(lla_get(ifp->if_llt, 0));
	for (uint32_t i = 0; i < 1000; i++) {
		addr = i * 2654435761u ^ 0x0a000000;
		assert_null(lla_lookup(ifp->if_llt, addr));
		lle = lla_create(ifp->if_llt, addr, 1);
		assert_non_null(lle);
		assert_int_equal(lle->lle_state, LLE_INCOMPLETE);
		assert_ptr_equal(lla_lookup(ifp->if_llt, addr), lle);
	}
	assert_int_equal(ifp->if_llt->llt_count, 1000);
	assert_true(ifp->if_llt->llt_mask >= 499);
	for (; (lle = lla_get(ifp->if_llt, n)) != NULL; n += 37) {
		assert_true(n == 0 || lle->lle_addr > was);
		was = lle->lle_addr;
	}
	assert_true(n >= 1000);
	/* every other one goes */
	for (uint32_t i = 0; i < 1000; i += 2)
		lla_delete(
		    lla_lookup(ifp->if_llt, i * 2654435761u ^ 0x0a000000),
		    DROP_ARP_FLUSH);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(lla_lookup(ifp->if_llt,
				     i * 2654435761u ^ 0x0a000000) != NULL,
		    i % 2);
	vnet_leave(&frame);
	assert_int_equal(uma_count(&llentry_zone, v0), 1000);
	tw_run(w);
	assert_int_equal(uma_count(&llentry_zone, v0), 500);
	tw_destroy(w);
}

static struct mbuf *
packet(uint32_t len)
{
	struct mbuf *m = m_getm(ETHER_HDR_LEN, len, M_NOWAIT);

	memset(m->m_data, 0, len);
	return (m);
}

static void
a_full_hold_queue_pushes_out_the_oldest(void **state)
{
	static const uint8_t mac[6] = { 1, 2, 3, 4, 5, 6 };
	struct world *w = world0();
	struct mbufq held;
	struct llentry *lle;
	struct mbuf *m;

	(void)state;
	TW_ENTER(&frame, v0);
	lle = lla_create(ifp->if_llt, 1, 16);
	for (uint32_t i = 0; i < 16; i++)
		lla_hold(lle, packet(100 + i));
	assert_int_equal(drop_count(DROP_ARP_HOLD), 0);
	lla_hold(lle, packet(116));
	assert_int_equal(drop_count(DROP_ARP_HOLD), 1);
	assert_int_equal(lle->la_hold.mq_len, 16);
	lla_resolved(lle, mac, &held);
	assert_int_equal(lle->lle_state, LLE_REACHABLE);
	assert_memory_equal(lle->lle_lladdr, mac, 6);
	assert_int_equal(lle->la_hold.mq_len, 0);
	assert_int_equal(lle->la_hold.mq_maxlen, 16);
	for (uint32_t i = 1; i <= 16; i++) {
		m = mbufq_dequeue(&held);
		assert_int_equal(m->m_pkthdr.len, 100 + i);
		m_freem(m);
	}
	assert_null(mbufq_dequeue(&held));
	lle->lle_state = LLE_STATIC;
	lla_resolved(lle, mac, &held);
	assert_int_equal(lle->lle_state, LLE_STATIC);
	/* none at all */
	lle = lla_create(ifp->if_llt, 2, 0);
	lla_hold(lle, packet(100));
	assert_int_equal(drop_count(DROP_ARP_HOLD), 2);
	/* what it holds goes with it */
	lle = lla_create(ifp->if_llt, 3, 1);
	lla_hold(lle, packet(100));
	lla_delete(lle, DROP_ARP_EXPIRED);
	assert_int_equal(drop_count(DROP_ARP_EXPIRED), 1);
	vnet_leave(&frame);
	tw_run(w);
	assert_int_equal(uma_count(&mbuf_zone, v0), 0);
	tw_destroy(w);
}

static uint32_t timer_ran, timer_deleted;

static void
timer(void *arg)
{
	struct llentry *lle = arg;

	timer_ran++;
	if (lle->lle_tbl == NULL) {
		assert_int_equal(lle->lle_state, LLE_DELETED);
		timer_deleted++;
		lla_delete(lle, DROP_ARP_EXPIRED);
		return;
	}
	lla_delete(lle, DROP_ARP_EXPIRED);
}

static void
an_entry_may_delete_itself_by_its_timer(void **state)
{
	struct world *w = world0();
	struct llentry *lle;

	(void)state;
	timer_ran = timer_deleted = 0;
	TW_ENTER(&frame, v0);
	lle = lla_create(ifp->if_llt, 1, 1);
	lla_hold(lle, packet(10));
	callout_reset(&lle->lle_timer, NS_S, timer, lle);
	vnet_leave(&frame);
	tw_run(w);
	assert_int_equal(timer_ran, 1);
	assert_int_equal(uma_count(&llentry_zone, v0), 0);
	assert_int_equal(lk_drops(v0, DROP_ARP_EXPIRED), 1);
	tw_destroy(w);
}

/* The timer is about to run on another CPU when its entry is deleted: it runs
 * once more, and the memory is still there. */
static void
a_claimed_timer_outlives_its_entry(void **state)
{
	const struct deviation dv = { 0, "callout", "lltable.entry", 0, 1 };
	struct world *w = world0();
	struct llentry *lle;
	struct op *op;

	(void)state;
	timer_ran = timer_deleted = 0;
	assert_int_equal(world_set_deviations(w, &dv, 1), 0);
	TW_ENTER(&frame, v0);
	lle = lla_create(ifp->if_llt, 1, 1);
	callout_reset(&lle->lle_timer, NS_S, timer, lle);
	vnet_leave(&frame);
	assert_true(world_step(w, INT64_MAX));
	assert_int_equal(lle->lle_timer.c_state, CALLOUT_CLAIMED);
	assert_int_equal(timer_ran, 0);
	TW_ENTER(&frame, v0);
	lla_delete(lle, DROP_ARP_FLUSH);
	vnet_leave(&frame);
	/* even the interface may go */
	assert_int_equal(lk_destroy(v0, "epair0a", &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(timer_ran, 1);
	assert_int_equal(timer_deleted, 1);
	assert_int_equal(uma_count(&llentry_zone, v0), 0);
	tw_destroy(w);
}

static void
memory_failures_leave_the_table_as_it_was(void **state)
{
	struct world *w = world0();

	(void)state;
	TW_ENTER(&frame, v0);
	mem_fail_set(w, 1, false);
	assert_null(lla_create(ifp->if_llt, 1, 1));
	mem_fail_set(w, 2, false);
	assert_null(lla_create(ifp->if_llt, 1, 1));
	assert_int_equal(ifp->if_llt->llt_count, 0);
	for (uint32_t i = 0; i < 8; i++)
		assert_non_null(lla_create(ifp->if_llt, i, 1));
	/* a table that cannot grow still takes entries */
	mem_fail_set(w, 1, false);
	assert_non_null(lla_create(ifp->if_llt, 8, 1));
	assert_int_equal(ifp->if_llt->llt_mask, 3);
	assert_non_null(lla_create(ifp->if_llt, 9, 1));
	assert_int_equal(ifp->if_llt->llt_mask, 7);
	for (uint32_t i = 0; i < 10; i++)
		assert_non_null(lla_lookup(ifp->if_llt, i));
	mem_fail_set(w, 0, false);
	vnet_leave(&frame);
	tw_destroy(w);
}

static void
a_table_goes_with_its_interface(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a");
	struct llentry *lle;

	(void)state;
	TW_ENTER(&frame, v0);
	lle = lla_create(ifp->if_llt, 1, 4);
	lla_hold(lle, packet(100));
	callout_reset(&lle->lle_timer, NS_S, timer, lle);
	vnet_leave(&frame);
	assert_int_equal(lk_move(v0, "epair0a", a), 0);
	assert_int_equal(lk_drops(v0, DROP_ARP_FLUSH), 1);
	assert_int_equal(uma_count(&llentry_zone, v0), 0);
	assert_ptr_equal(uma_owner(ifp->if_llt), a);
	assert_int_equal(ifp->if_llt->llt_count, 0);
	tw_destroy(w);
}

static void
shutdown_empties_all_tables(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a");
	struct llentry *lle;
	struct op op;

	(void)state;
	lk_pair(a, "epair0");
	ifp = lk_if(a, "epair0b");
	TW_ENTER(&frame, a);
	lle = lla_create(ifp->if_llt, 1, 4);
	lla_hold(lle, packet(100));
	callout_reset(&lle->lle_timer, NS_S, timer, lle);
	vnet_leave(&frame);
	assert_int_equal(vnet_mod_shutdown(a, VNET_MOD_lltable, &op), OP_DONE);
	assert_int_equal(vnet_check_shutdown(a, VNET_MOD_lltable), 0);
	TW_ENTER(&frame, a);
	assert_null(lla_create(ifp->if_llt, 2, 4));
	assert_int_equal(ifp->if_llt->llt_count, 0);
	assert_int_equal(drop_count(DROP_ARP_FLUSH), 1);
	vnet_leave(&frame);
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	tw_run(w);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found_and_walked_in_order),
		cmocka_unit_test(a_full_hold_queue_pushes_out_the_oldest),
		cmocka_unit_test(an_entry_may_delete_itself_by_its_timer),
		cmocka_unit_test(a_claimed_timer_outlives_its_entry),
		cmocka_unit_test(memory_failures_leave_the_table_as_it_was),
		cmocka_unit_test(a_table_goes_with_its_interface),
		cmocka_unit_test(shutdown_empties_all_tables),
	};

	return (
	    cmocka_run_group_tests_name("lltable", tests, NULL, NULL) ? 1 : 0);
}
