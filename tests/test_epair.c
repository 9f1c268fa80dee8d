/*
 * test_epair.c - pairs, Ethernet input, the end of both halves.
 */
#include "src/net/link/link_var.h"
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
addresses_are_made_of_world_data(void **state)
{
	static const uint8_t a0[6] = { 0x02, 0, 0, 0, 0, 0x0a },
			     b0[6] = { 0x02, 0, 0, 0, 0, 0x0b },
			     a1[6] = { 0x02, 0, 0, 1, 0xff, 0xfa };
	struct world *w = world0();
	struct vnet *v = lk_vnet("a");

	(void)state;
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(lk_create(v, "epair4095"), 0);
	assert_memory_equal(lk_if(v0, "epair0a")->if_lladdr, a0, 6);
	assert_memory_equal(lk_if(v0, "epair0b")->if_lladdr, b0, 6);
	assert_memory_equal(lk_if(v, "epair4095a")->if_lladdr, a1, 6);
	assert_int_equal(v->v_id, 1);
	/* a move does not change it */
	assert_int_equal(lk_move(v0, "epair0a", v), 0);
	assert_memory_equal(lk_if(v, "epair0a")->if_lladdr, a0, 6);
	tw_destroy(w);
}

static void
both_halves_die_wherever_they_are(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a"), *b = lk_vnet("b");
	struct op *op;

	(void)state;
	/* from a third vnet, by one half, by the other */
	assert_int_equal(lk_create(v0, "epair"), 0);
	assert_int_equal(lk_move(v0, "epair0a", a), 0);
	assert_int_equal(lk_move(v0, "epair0b", b), 0);
	assert_int_equal(if_count(v0), 1);
	assert_int_equal(lk_destroy(a, "epair0a", &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(if_count(a), 1);
	assert_int_equal(if_count(b), 1);
	assert_int_equal(fip_of(b)->fp_ndepart, 1);
	/* the unit and the places are free again */
	assert_int_equal(lk_create(v0, "epair0"), 0);
	/* its home ends */
	assert_int_equal(lk_create(a, "epair"), 0);
	assert_int_equal(lk_move(a, "epair0b", b), 0);
	assert_int_equal(lk_move(a, "epair0a", b), 0);
	assert_int_equal(prison_remove(prison_find("a", false)), 0);
	tw_run(w);
	assert_int_equal(if_count(b), 1);
	assert_int_equal(fip_of(b)->fp_ndepart, 3);
	assert_int_equal(uma_count(&ifnet_zone, b), 1);
	tw_destroy(w);
}

static void
ethernet_drops_what_is_not_its(void **state)
{
	struct world *w = world0();
	uint8_t b[60];

	(void)state;
	lk_pair(v0, "epair0");
	memset(b, 0, sizeof(b));
	memcpy(b, lk_if(v0, "epair0b")->if_lladdr, 6);
	be16enc(b + 12, ETHERTYPE_IP);
	assert_int_equal(lk_raw(v0, "epair0a", b, sizeof(b)), 0);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 1);
	assert_int_equal(fip_of(v0)->fp_lastflags & (M_BCAST | M_MCAST), 0);
	assert_int_equal(fip_of(v0)->fp_lastlen, 46);
	b[5] ^= 1;
	assert_int_equal(lk_raw(v0, "epair0a", b, sizeof(b)), 0);
	tw_run(w);
	assert_int_equal(lk_drops(v0, DROP_ETHER_NOTFORUS), 1);
	b[0] = 1;
	assert_int_equal(lk_raw(v0, "epair0a", b, sizeof(b)), 0);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastflags & M_MCAST, M_MCAST);
	memset(b, 0xff, 6);
	be16enc(b + 12, 0x86dd);
	assert_int_equal(lk_raw(v0, "epair0a", b, sizeof(b)), 0);
	tw_run(w);
	assert_int_equal(lk_drops(v0, DROP_ETHER_TYPE), 1);
	be16enc(b + 12, ETHERTYPE_ARP);
	assert_int_equal(lk_raw(v0, "epair0a", b, sizeof(b)), 0);
	tw_run(w);
	assert_int_equal(lk_drops(v0, DROP_NETISR_OFF), 1);
	for (uint32_t len = 0; len < ETHER_HDR_LEN; len++)
		(void)lk_raw(v0, "epair0a", b, len);
	tw_run(w);
	assert_int_equal(lk_drops(v0, DROP_ETHER_SHORT), 14);
	assert_int_equal(lk_if(v0, "epair0b")->if_data.ifi_ierrors, 14);
	/* an empty payload is not ether's business */
	be16enc(b + 12, ETHERTYPE_IP);
	assert_int_equal(lk_raw(v0, "epair0a", b, ETHER_HDR_LEN), 0);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_lastlen, 0);
	tw_destroy(w);
}

static void
noise_never_trips_anything(void **state)
{
	struct world *w = world0();
	uint8_t b[64];
	uint64_t r;

	(void)state;
	lk_pair(v0, "epair0");
	for (uint64_t i = 0; i < 5000; i++) {
		for (size_t k = 0; k < sizeof(b); k += 8) {
			r = krandom("test.noise", i, k);
			memcpy(b + k, &r, 8);
		}
		if (r % 3 == 0)
			memset(b, 0xff, 6);
		if (r % 2 == 0)
			be16enc(b + 12, ETHERTYPE_IP);
		link_nextof(lk_link(v0, "epair0a"), 0, LINK_DROP, 1,
		    (enum link_class)(r % (LINK_ICMP + 1)));
		(void)lk_raw(v0, "epair0a", b, (uint32_t)(r >> 8) % 65);
		tw_run(w);
	}
	assert_true(fip_of(v0)->fp_nin > 100);
	tw_destroy(w);
}

static void
a_packet_waits_for_its_neighbour(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x0b };
	struct world *w = world0();
	struct ifnet *ifp;
	struct llentry *lle;
	struct vnet_frame f;
	struct mbufq held;

	(void)state;
	lk_pair(v0, "epair0");
	ifp = lk_if(v0, "epair0a");
	TW_ENTER(&f, v0);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(fip_send(ifp, 7, 100 + i, false), 0);
	lle = lla_lookup(ifp->if_llt, 7);
	assert_int_equal(lle->la_hold.mq_len, 4);
	assert_int_equal(drop_count(DROP_ARP_HOLD), 2);
	lla_resolved(lle, mac, &held);
	assert_int_equal(held.mq_len, 4);
	assert_int_equal(held.mq_head->m_pkthdr.len, 102);
	while (held.mq_len > 0)
		assert_int_equal(
		    ether_frame(ifp, mbufq_dequeue(&held), mac, ETHERTYPE_IP),
		    0);
	assert_int_equal(fip_send(ifp, 7, 200, false), 0);
	vnet_leave(&f);
	tw_run(w);
	assert_int_equal(fip_of(v0)->fp_nin, 5);
	assert_int_equal(fip_of(v0)->fp_lastlen, 200);
	tw_destroy(w);
}

static void
multicast_goes_to_its_own_address(void **state)
{
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x7f, 0x12, 0x34 };
	static uint8_t seen[6];
	struct world *w = world0();
	struct ref *slot = world_user_alloc(sizeof(*slot), false);
	struct ifnet *ifp;
	struct vnet_frame f;
	struct mbuf *m;

	(void)state;
	lk_pair(v0, "epair0");
	ifp = lk_if(v0, "epair0a");
	/* nobody listens, the other end does, nobody again */
	for (uint32_t i = 0; i < 3; i++) {
		TW_ENTER(&f, v0);
		if (i == 1)
			assert_int_equal(
			    if_addmulti(lk_if(v0, "epair0b"), group, slot), 0);
		else
			if_delmulti(slot);
		m = m_getm(ETHER_HDR_LEN, 10, M_NOWAIT);
		memset(m->m_data, 0, 10);
		m->m_flags |= M_MCAST;
		assert_int_equal(ifp->if_output(ifp, m, 0xefff1234, false), 0);
		vnet_leave(&f);
		/* it is the only frame on the wire */
		m_copydata(
		    lk_link(v0, "epair0a")->l_dir[0].ld_head, 0, 6, seen);
		assert_memory_equal(seen, group, 6);
		tw_run(w);
		assert_int_equal(
		    lk_drops(v0, DROP_ETHER_NOTFORUS), i < 2 ? 1 : 2);
		assert_int_equal(fip_of(v0)->fp_nin, i > 0);
	}
	assert_int_equal(fip_of(v0)->fp_lastflags & M_MCAST, M_MCAST);
	tw_destroy(w);
}

/* A simplex interface does not hear itself: its sender gets a copy. */
static void
a_broadcast_is_heard_at_both_ends(void **state)
{
	struct world *w = world0();
	struct vnet *a = lk_vnet("a");
	struct vnet_frame f;
	struct ifnet *ifp;
	struct mbuf *m;

	(void)state;
	lk_pair(v0, "epair0");
	ifp = lk_if(v0, "epair0a");
	assert_int_equal(lk_move(v0, "epair0b", a), 0);
	assert_int_equal(lk_updown(a, "epair0b", true), 0);
	TW_ENTER(&f, v0);
	m = m_getm(ETHER_HDR_LEN, 10, M_NOWAIT);
	memset(m->m_data, 0x5a, 10);
	m->m_flags |= M_BCAST;
	assert_int_equal(ifp->if_output(ifp, m, 0, false), 0);
	vnet_leave(&f);
	tw_run(w);
	for (int i = 0; i < 2; i++) {
		const struct vnet_fip *fp = fip_of(i == 0 ? v0 : a);

		assert_int_equal(fp->fp_nin, 1);
		assert_int_equal(fp->fp_lastlen, 10);
		assert_int_equal(fp->fp_last[9], 0x5a);
		assert_int_equal(fp->fp_lastflags & (M_BCAST | M_LOOP),
		    i == 0 ? M_BCAST | M_LOOP : M_BCAST);
	}
	assert_int_equal(fip_of(v0)->fp_lastrcvif, ifp->if_handle);
	/* the copy is not received by the interface: it sent one frame */
	assert_int_equal(ifp->if_data.ifi_ipackets, 0);
	assert_int_equal(ifp->if_data.ifi_opackets, 1);
	tw_destroy(w);
}

static void
no_memory_for_a_header_is_no_frame(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp;
	struct vnet_frame f;
	struct mbuf *m;

	(void)state;
	lk_pair(v0, "epair0");
	ifp = lk_if(v0, "epair0a");
	TW_ENTER(&f, v0);
	m = m_getm(0, 10, M_NOWAIT);
	memset(m->m_data, 0, 10);
	m->m_flags |= M_BCAST;
	/* the first is our own copy of the broadcast */
	mem_fail_set(w, 2, false);
	assert_int_equal(ifp->if_output(ifp, m, 0, false), VE_NOBUFS);
	mem_fail_set(w, 0, false);
	assert_int_equal(drop_count(DROP_NOMEM), 1);
	assert_int_equal(ifp->if_data.ifi_oerrors, 1);
	vnet_leave(&f);
	tw_destroy(w);
}

static void
packets_of_a_destroyed_interface_are_nobodys(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp;
	struct vnet_frame f;
	struct mbuf *m;
	struct op *op;

	(void)state;
	/* FreeBSD D33266: a number that is used again is no identity */
	lk_pair(v0, "epair0");
	ifp = lk_if(v0, "epair0b");
	TW_ENTER(&f, v0);
	m = m_getm(0, 10, M_NOWAIT);
	if_setrcvif(m, ifp);
	assert_ptr_equal(m_rcvif(m), ifp);
	vnet_leave(&f);
	assert_int_equal(lk_destroy(v0, "epair0b", &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	lk_pair(v0, "epair0");
	assert_null(m_rcvif(m));
	TW_ENTER(&f, v0);
	assert_int_equal(netisr_queue(NETISR_IP, m), VE_NETDOWN);
	vnet_leave(&f);
	tw_destroy(w);
}

/* One half is held by a typed reference: the destruction waits for it. */
static void
a_holder_is_waited_for_and_named(void **state)
{
	struct world *w = world0();
	struct ref *slot;
	struct op *op;

	(void)state;
	for (int late = 0; late < 2; late++) {
		slot = world_user_alloc(sizeof(*slot), false);
		assert_int_equal(lk_create(v0, "epair"), 0);
		ref_take(slot, lk_if(v0, "epair0b"), "test_holder");
		assert_int_equal(lk_destroy(v0, "epair0a", &op), 0);
		while (world_step(w, vtime() + NS_S))
			;
		assert_false(op->op_done);
		assert_null(lk_if(v0, "epair0a"));
		if (!late)
			if_rele(slot);
		tw_run(w);
		assert_int_equal(lk_result(op), 0);
		assert_int_equal(
		    tw_finding(w, ORACLE_LIVENESS, "bound"), (uint32_t)late);
		/* who is still held stays, dead */
		assert_int_equal(uma_count(&ifnet_zone, v0), late ? 2 : 1);
	}
	world_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_made_of_world_data),
		cmocka_unit_test(both_halves_die_wherever_they_are),
		cmocka_unit_test(ethernet_drops_what_is_not_its),
		cmocka_unit_test(noise_never_trips_anything),
		cmocka_unit_test(a_packet_waits_for_its_neighbour),
		cmocka_unit_test(multicast_goes_to_its_own_address),
		cmocka_unit_test(a_broadcast_is_heard_at_both_ends),
		cmocka_unit_test(no_memory_for_a_header_is_no_frame),
		cmocka_unit_test(packets_of_a_destroyed_interface_are_nobodys),
		cmocka_unit_test(a_holder_is_waited_for_and_named),
	};

	return (
	    cmocka_run_group_tests_name("epair", tests, NULL, NULL) ? 1 : 0);
}
