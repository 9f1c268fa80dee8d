/*
 * test_vmove.c - interfaces change vnets, and what comes between.
 *
 * The matrix at the end stops a move after each of its events and lets
 * something else begin there.
 */
#include "src/core/event_var.h"
#include "tests/test_link.h"

static struct vnet *v0, *h, *a, *b;

/* Jails h, a, b; epair0 in h, both halves up. */
static struct world *
world0(void)
{
	struct world *w = tw_create(lk_modules);

	v0 = w->w_vnet0;
	h = lk_vnet("h");
	a = lk_vnet("a");
	b = lk_vnet("b");
	lk_pair(h, "epair0");
	tw_run(w);
	return (w);
}

static void
remove_jail(const char *name)
{
	struct prison *pr = prison_find(name, false);

	if (pr != NULL)
		assert_int_equal(prison_remove(pr), 0);
}

/* Everything ends; nothing is left. */
static void
world_end(struct world *w)
{
	remove_jail("b");
	remove_jail("a");
	tw_run(w);
	remove_jail("h");
	tw_run(w);
	assert_int_equal(w->w_nvnets, 1);
	assert_int_equal(if_count(v0), 1);
	assert_null(link_next(NULL));
	assert_int_equal(uma_count(&ifnet_zone, NULL), 0);
	assert_int_equal(uma_count(&ifnet_zone, v0), 1);
	assert_int_equal(uma_count(&link_zone, NULL), 0);
	assert_int_equal(uma_count(&mbuf_zone, NULL), 0);
	assert_null(TAILQ_FIRST(&w->w_ops.wo_list));
	tw_destroy(w);
}

static void
a_move_keeps_what_is_the_interfaces_own(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp = lk_if(h, "epair0a");
	uint64_t handle = ifp->if_handle;
	struct vnet_frame f;

	(void)state;
	assert_int_equal(lk_create(a, "lo1"), 0);
	LK_ENTER(&f, h);
	assert_int_equal(if_setmtu(ifp, 1400), 0);
	vnet_leave(&f);
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	assert_ptr_equal(lk_if(a, "epair0a"), ifp);
	assert_null(lk_if(h, "epair0a"));
	assert_ptr_equal(ifp->if_vnet, a);
	assert_ptr_equal(if_wherevnet(ifp), a);
	assert_ptr_equal(if_homevnet(ifp), h);
	assert_int_equal(ifp->if_mtu, 1400);
	assert_int_equal(ifp->if_flags & IFF_UP, 0);
	assert_int_equal(ifp->if_index, 3);
	assert_int_not_equal(ifp->if_handle, handle);
	assert_null(handle_lookup(HANDLE_IFNET, handle));
	assert_ptr_equal(handle_lookup(HANDLE_IFNET, ifp->if_handle), ifp);
	assert_int_equal(if_count(h), 2);
	assert_int_equal(if_count(a), 3);
	assert_int_equal(fip_of(h)->fp_npurge, 1);
	assert_int_equal(fip_of(h)->fp_ndepart, 1);
	assert_int_equal(fip_of(h)->fp_ndetach, 1);
	assert_int_equal(fip_of(a)->fp_narrive, 2);
	assert_ptr_equal(uma_owner(ifp->if_afdata), a);
	assert_int_equal(vnet_if_of(h)->if_naway, 1);
	assert_int_equal(vnet_if_of(a)->if_nlent, 1);
	/* it works there */
	assert_int_equal(lk_updown(a, "epair0a", true), 0);
	assert_int_equal(lk_send(a, "epair0a", 100), 0);
	assert_int_equal(lk_send(h, "epair0b", 100), 0);
	tw_run(w);
	assert_int_equal(fip_of(h)->fp_nin, 1);
	assert_int_equal(fip_of(a)->fp_nin, 1);
	/* and back, to its old number */
	assert_int_equal(lk_move(a, "epair0a", h), 0);
	assert_int_equal(ifp->if_index, 2);
	assert_int_equal(vnet_if_of(h)->if_naway, 0);
	assert_int_equal(vnet_if_of(a)->if_nlent, 0);
	world_end(w);
}

static void
there_and_back_is_the_same_state(void **state)
{
	struct world *w = world0();
	uint64_t hash[2] = { 0, 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lk_move(h, "epair0b", a), 0);
		assert_int_equal(lk_move(a, "epair0b", b), 0);
		assert_int_equal(lk_move(b, "epair0b", h), 0);
		hash[i % 2] = world_hash(NULL, 0);
		if (i > 0)
			assert_int_equal(hash[0], hash[1]);
	}
	world_end(w);
}

static void
moves_that_cannot_be_are_refused(void **state)
{
	struct world *w = world0();
	struct op *op, *op2;
	struct vnet_frame f;

	(void)state;
	assert_int_equal(lk_loan(h, "epair0a", h, &op), VE_EXIST);
	assert_int_equal(lk_loan(h, "lo0", a, &op), VE_EXIST);
	assert_int_equal(lk_create(a, "epair0"), 0);
	assert_int_equal(lk_loan(h, "epair0a", a, &op), VE_EXIST);
	tw_run(w);
	assert_int_equal(lk_loan(h, "epair0a", b, &op), 0);
	assert_int_equal(lk_loan(h, "epair0a", b, &op2), VE_BUSY);
	assert_int_equal(lk_destroy(h, "epair0a", &op2), VE_BUSY);
	/* on its way: a name that is coming is taken */
	assert_true(world_step(w, 0));
	assert_true(world_step(w, 0));
	assert_null(lk_if(b, "epair0a"));
	assert_int_equal(lk_loan(a, "epair0a", b, &op2), VE_EXIST);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	/* reclaim is the same from the other side */
	LK_ENTER(&f, a);
	assert_int_equal(
	    if_vmove_reclaim(lk_if(b, "epair0a"), a, &op), VE_EXIST);
	vnet_leave(&f);
	LK_ENTER(&f, h);
	assert_int_equal(if_vmove_reclaim(lk_if(b, "epair0a"), h, &op), 0);
	vnet_leave(&f);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_non_null(lk_if(h, "epair0a"));
	/* a vnet that ends */
	b->v_phase = PHASE_KILL;
	assert_int_equal(lk_loan(h, "epair0a", b, &op), VE_BUSY);
	b->v_phase = PHASE_ALIVE;
	vnet_destroy_begins(b);
	b->v_letgo |= VNET_MODBIT(VNET_MOD_if);
	assert_int_equal(lk_loan(h, "epair0a", b, &op), VE_BUSY);
	b->v_letgo &= ~VNET_MODBIT(VNET_MOD_if);
	b->vnet_shutdown = false;
	h->v_phase = PHASE_KILL;
	assert_int_equal(lk_loan(h, "epair0a", b, &op), VE_BUSY);
	h->v_phase = PHASE_ALIVE;
	world_end(w);
}

static void
lent_ones_go_home_when_the_borrower_ends(void **state)
{
	struct world *w = world0();

	(void)state;
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	assert_int_equal(lk_move(h, "epair0b", a), 0);
	/* nested: what b got from a goes to h */
	assert_int_equal(lk_move(a, "epair0b", b), 0);
	remove_jail("b");
	tw_run(w);
	assert_ptr_equal(lk_if(h, "epair0b")->if_vnet, h);
	assert_int_equal(lk_if(h, "epair0b")->if_flags & IFF_UP, 0);
	assert_int_equal(if_count(a), 2);
	remove_jail("a");
	tw_run(w);
	assert_non_null(lk_if(h, "epair0a"));
	assert_int_equal(if_count(h), 3);
	assert_int_equal(vnet_if_of(h)->if_naway, 0);
	assert_int_equal(lk_updown(h, "epair0a", true), 0);
	assert_int_equal(lk_updown(h, "epair0b", true), 0);
	assert_int_equal(lk_send(h, "epair0a", 50), 0);
	tw_run(w);
	assert_int_equal(fip_of(h)->fp_nin, 1);
	world_end(w);
}

static void
a_taken_name_gets_a_suffix_at_home(void **state)
{
	struct world *w = world0();

	(void)state;
	/* two of b's are called epair0a at home when h's come back */
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	assert_int_equal(lk_create(b, "epair0"), 0);
	assert_int_equal(lk_move(b, "epair0a", h), 0);
	assert_int_equal(
	    lk_loan(a, "epair0a", h, &(struct op *){ NULL }), VE_EXIST);
	remove_jail("a");
	tw_run(w);
	assert_ptr_equal(if_homevnet(lk_if(h, "epair0a")), b);
	assert_ptr_equal(if_homevnet(lk_if(h, "epair0a.1")), h);
	world_end(w);
}

static void
long_names_are_cut_for_the_suffix(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp = lk_if(h, "epair0a"), *peer = lk_if(h, "epair0b");

	(void)state;
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	memcpy(ifp->if_xname, "abcdefghijklmno", IFNAMSIZ);
	memcpy(peer->if_xname, "abcdefghijklmno", IFNAMSIZ);
	remove_jail("a");
	tw_run(w);
	assert_string_equal(ifp->if_xname, "abcdefghijklm.1");
	world_end(w);
}

static void
a_lent_one_dies_with_its_home(void **state)
{
	struct world *w = world0();

	(void)state;
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	assert_int_equal(lk_move(a, "epair0a", b), 0);
	remove_jail("h");
	tw_run(w);
	assert_null(lk_if(b, "epair0a"));
	assert_int_equal(if_count(b), 1);
	assert_int_equal(vnet_if_of(b)->if_nlent, 0);
	assert_int_equal(fip_of(b)->fp_ndepart, 1);
	world_end(w);
}

static void
home_and_borrower_end_together(void **state)
{
	struct world *w;

	(void)state;
	for (int order = 0; order < 2; order++) {
		for (uint32_t k = 0; k < 40; k++) {
			w = world0();
			assert_int_equal(lk_move(h, "epair0a", a), 0);
			remove_jail(order == 0 ? "h" : "a");
			for (uint32_t i = 0; i < k; i++)
				(void)world_step(w, INT64_MAX);
			remove_jail(order == 0 ? "a" : "h");
			tw_run(w);
			world_end(w);
		}
	}
}

/* Everybody lends to everybody, then all end in all orders. */
static void
circles_of_loans_end(void **state)
{
	static const char *const orders[6][3] = { { "h", "a", "b" },
		{ "h", "b", "a" }, { "a", "h", "b" }, { "a", "b", "h" },
		{ "b", "h", "a" }, { "b", "a", "h" } };
	struct world *w;

	(void)state;
	for (int i = 0; i < 6; i++) {
		w = world0();
		assert_int_equal(lk_create(a, "epair1"), 0);
		assert_int_equal(lk_create(b, "epair2"), 0);
		assert_int_equal(lk_move(h, "epair0a", a), 0);
		assert_int_equal(lk_move(a, "epair1a", b), 0);
		assert_int_equal(lk_move(b, "epair2a", h), 0);
		assert_int_equal(lk_move(h, "epair0b", b), 0);
		for (int k = 0; k < 3; k++)
			remove_jail(orders[i][k]);
		tw_run(w);
		world_end(w);
	}
}

static void
lo1_may_be_lent(void **state)
{
	struct world *w = world0();

	(void)state;
	assert_int_equal(lk_create(h, "lo1"), 0);
	assert_int_equal(lk_move(h, "lo1", a), 0);
	assert_int_equal(lk_updown(a, "lo1", true), 0);
	assert_int_equal(lk_send(a, "lo1", 100), 0);
	tw_run(w);
	assert_int_equal(fip_of(a)->fp_nin, 1);
	remove_jail("h");
	tw_run(w);
	assert_null(lk_if(a, "lo1"));
	world_end(w);
}

/* ---- waits ---- */

/* A packet is about to be handled on another CPU: the move waits for it, and
 * it is handled in the vnet it came to. */
static void
a_claimed_packet_holds_up_the_move(void **state)
{
	struct deviation dv = { 0, "netisr", "claim", 0, 1 };
	struct world *w = world0();
	struct ifnet *ifp;
	struct vnet_frame f;
	struct mbuf *m;
	struct op *op;

	(void)state;
	dv.dv_vnet = h->v_id;
	assert_int_equal(world_set_deviations(w, &dv, 1), 0);
	ifp = lk_if(h, "epair0a");
	TW_ENTER(&f, h);
	m = m_getm(0, 10, M_NOWAIT);
	memset(m->m_data, 0, 10);
	if_setrcvif(m, ifp);
	assert_int_equal(netisr_queue(NETISR_IP, m), 0);
	m = m_getm(0, 11, M_NOWAIT);
	memset(m->m_data, 0, 11);
	if_setrcvif(m, ifp);
	assert_int_equal(netisr_queue(NETISR_IP, m), 0);
	vnet_leave(&f);
	assert_true(world_step(w, 0));
	assert_int_equal(w->w_epoch.wp_nclaims, 1);
	assert_int_equal(lk_loan(h, "epair0a", a, &op), 0);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	/* neither is handled elsewhere; both were received before */
	assert_int_equal(fip_of(a)->fp_nin, 0);
	assert_int_equal(fip_of(h)->fp_nin + lk_drops(h, DROP_NO_RCVIF), 2);
	world_end(w);
}

/* A deferred free of the source still uses the interface: it runs first. */
static struct ifnet *deferred_ifp;
static uint32_t deferred_state;

static void
deferred(struct epoch_context *ctx)
{
	(void)ctx;
	deferred_state = deferred_ifp->if_afdata != NULL ? 1 : 2;
}

static void
deferred_frees_run_before_the_family_goes(void **state)
{
	struct world *w = world0();
	struct epoch_context *ctx;
	struct vnet_frame f;
	struct op *op;

	(void)state;
	ctx = world_user_alloc(sizeof(*ctx), false);
	deferred_state = 0;
	deferred_ifp = lk_if(h, "epair0a");
	assert_int_equal(lk_loan(h, "epair0a", a, &op), 0);
	TW_ENTER(&f, h);
	NET_EPOCH_CALL(deferred, ctx);
	vnet_leave(&f);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(deferred_state, 1);
	world_end(w);
}

/* A reference that goes only two rounds of deferred frees after departure
 * (route, then next hop) is waited for without a wake-up. */
struct chain {
	struct epoch_context ch_ctx;
	struct ref ch_ref;
	uint32_t ch_rounds;
};

static void
chain_round(struct epoch_context *ctx)
{
	struct chain *ch = container_of(ctx, struct chain, ch_ctx);

	if (--ch->ch_rounds > 0)
		NET_EPOCH_CALL(chain_round, &ch->ch_ctx);
	else
		if_rele(&ch->ch_ref);
}

static void
references_that_go_in_rounds_are_waited_for(void **state)
{
	struct world *w = world0();
	struct vnet_frame f;
	struct chain *ch;
	struct op *op;

	(void)state;
	for (uint32_t rounds = 1; rounds < 8; rounds++) {
		struct vnet *from = rounds % 2 == 1 ? h : a;

		ch = world_user_alloc(sizeof(*ch), false);
		ch->ch_rounds = rounds;
		ref_take(&ch->ch_ref, lk_if(from, "epair0a"), "nhop");
		assert_int_equal(
		    lk_loan(from, "epair0a", from == h ? a : h, &op), 0);
		assert_true(world_step(w, 0));
		assert_true(world_step(w, 0));
		TW_ENTER(&f, from);
		NET_EPOCH_CALL(chain_round, &ch->ch_ctx);
		vnet_leave(&f);
		tw_run(w);
		assert_int_equal(lk_result(op), 0);
		world_user_free(ch);
	}
	assert_int_equal(vtime(), 0);
	world_end(w);
}

/* Everything that can happen within a second, not what waits for longer. */
static void
run_second(struct world *w)
{
	while (world_step(w, vtime() + NS_S))
		;
}

static void
an_end_waits_for_a_destruction_under_way(void **state)
{
	struct world *w = world0();
	struct ref *slot = world_user_alloc(sizeof(*slot), false);
	struct op *op;

	(void)state;
	ref_take(slot, lk_if(h, "epair0b"), "test_holder");
	assert_int_equal(lk_destroy(h, "epair0b", &op), 0);
	run_second(w);
	assert_false(op->op_done);
	remove_jail("h");
	run_second(w);
	assert_int_equal(w->w_nvnets, 4);
	if_rele(slot);
	run_second(w);
	assert_int_equal(w->w_nvnets, 3);
	assert_int_equal(lk_result(op), 0);
	world_user_free(slot);
	world_end(w);
}

static void
an_end_waits_for_what_is_on_its_way_out(void **state)
{
	struct world *w = world0();
	struct ref *slot = world_user_alloc(sizeof(*slot), false);
	struct ifnet *ifp = lk_if(h, "epair0a");
	struct op *op;

	(void)state;
	assert_int_equal(lk_move(h, "epair0a", a), 0);
	ref_take(slot, ifp, "test_holder");
	assert_int_equal(lk_loan(a, "epair0a", b, &op), 0);
	run_second(w);
	remove_jail("a");
	run_second(w);
	assert_int_equal(w->w_nvnets, 4);
	if_rele(slot);
	run_second(w);
	assert_int_equal(w->w_nvnets, 3);
	assert_int_equal(lk_result(op), 0);
	assert_ptr_equal(ifp->if_vnet, b);
	world_user_free(slot);
	world_end(w);
}

static void
what_comes_too_late_goes_back(void **state)
{
	struct world *w = world0();
	struct ref *slot = world_user_alloc(sizeof(*slot), false);
	struct ifnet *ifp = lk_if(h, "epair0a");
	struct op *op;

	(void)state;
	ref_take(slot, ifp, "test_holder");
	assert_int_equal(lk_loan(h, "epair0a", a, &op), 0);
	run_second(w);
	remove_jail("a");
	run_second(w);
	/* a is closed, but waits for what it was promised */
	assert_int_equal(w->w_nvnets, 4);
	assert_int_equal(vnet_if_of(a)->if_open, 0);
	if_rele(slot);
	run_second(w);
	assert_int_equal(w->w_nvnets, 3);
	assert_int_equal(lk_result(op), VE_BUSY);
	assert_ptr_equal(ifp->if_vnet, h);
	assert_ptr_equal(lk_if(h, "epair0a"), ifp);
	world_user_free(slot);
	world_end(w);
}

static void
a_link_task_is_drained(void **state)
{
	struct world *w = world0();
	struct link *l = lk_link(h, "epair0a");
	struct op *op;

	(void)state;
	assert_int_equal(lk_loan(h, "epair0a", a, &op), 0);
	link_cut(l, true);
	link_cut(l, false);
	link_cut(l, true);
	tw_run(w);
	assert_int_equal(lk_result(op), 0);
	assert_int_equal(fip_of(a)->fp_nlink, 0);
	assert_int_equal(lk_if(a, "epair0a")->if_linkstate, LINK_STATE_DOWN);
	world_end(w);
}

/* ---- no memory ---- */

static void
a_loan_without_memory_leaves_the_interface_where_it_was(void **state)
{
	struct world *w = world0();
	struct ifnet *ifp = lk_if(h, "epair0a");
	int error = VE_NOMEM;
	uint64_t n;

	(void)state;
	for (n = 1; error != 0; n++) {
		mem_fail_set(w, n, false);
		error = lk_move(h, "epair0a", a);
		assert_int_equal(error, w->w_mem.wm_consumed ? VE_NOMEM : 0);
		mem_fail_set(w, 0, false);
		tw_run(w);
		assert_ptr_equal(ifp->if_vnet, error != 0 ? h : a);
		assert_ptr_equal(lk_if(ifp->if_vnet, "epair0a"), ifp);
		assert_non_null(ifp->if_afdata);
		assert_int_equal(if_count(h) + if_count(a), 4);
		assert_null(TAILQ_FIRST(&w->w_ops.wo_list));
	}
	/* two ops, data and table of the family at least */
	assert_true(n > 4);
	world_end(w);
}

static void
a_return_home_never_fails(void **state)
{
	struct world *w;
	struct ifnet *ifp;
	struct vnet_frame f;
	uint64_t nfail = 1;

	(void)state;
	for (uint64_t n = 1; nfail != 0; n++) {
		w = world0();
		ifp = lk_if(h, "epair0a");
		assert_int_equal(lk_move(h, "epair0a", a), 0);
		/* home is as full as it may be */
		while (vnet_if_of(h)->if_nslots < vnet_if_of(h)->if_cap - 1)
			assert_int_equal(lk_create(h, "lo"), 0);
		remove_jail("a");
		tw_run(w);
		assert_ptr_equal(ifp->if_vnet, h);
		assert_int_equal(lk_move(h, "epair0a", b), 0);
		remove_jail("b");
		nfail = w->w_mem.wm_nfail;
		mem_fail_set(w, n, true);
		tw_run(w);
		nfail = w->w_mem.wm_nfail - nfail;
		mem_fail_set(w, 0, false);
		assert_ptr_equal(ifp->if_vnet, h);
		assert_true(ifp->if_attached);
		assert_int_equal(ifp->if_afdata == NULL, nfail != 0);
		/* the family can be told again */
		LK_ENTER(&f, h);
		if_af_unregister(AF_INET);
		assert_int_equal(if_af_register(AF_INET, &fip_afops), 0);
		vnet_leave(&f);
		assert_non_null(ifp->if_afdata);
		world_end(w);
	}
}

/* ---- a full borrower ---- */

static void
a_full_vnet_borrows_nothing(void **state)
{
	struct world *w = world0();

	(void)state;
	while (vnet_if_of(a)->if_nslots < IF_MAXINDEX - 1)
		assert_int_equal(lk_create(a, "epair"), 0);
	assert_int_equal(lk_create(b, "epair4000"), 0);
	/* one more fits, a second does not */
	assert_int_equal(lk_move(b, "epair4000a", v0), 0);
	assert_int_equal(vnet_if_of(a)->if_nslots, IF_MAXINDEX - 1);
	assert_int_equal(lk_create(h, "lo1"), 0);
	assert_int_equal(lk_create(h, "lo2"), 0);
	assert_int_equal(lk_move(h, "lo1", a), 0);
	assert_int_equal(lk_move(h, "lo2", a), VE_NOSPC);
	assert_non_null(lk_if(h, "lo2"));
	world_end(w);
}

/* ---- the matrix ---- */

enum act {
	ACT_TRAFFIC,
	ACT_DESTROY_PEER,
	ACT_DESTROY_IT,
	ACT_END_H,
	ACT_END_A,
	ACT_END_B,
	ACT_CANCEL,
	ACT_AGAIN,
	ACT_MOVE_PEER,
	ACT_CUT,
	ACT_DOWN,
	ACT_SAVE,
	ACT_N,
};

struct route {
	struct vnet **rt_from, **rt_to;
};
static const struct route routes[] = { { &h, &a }, { &a, &h }, { &a, &b } };

static struct vnet *
where(const char *name)
{
	struct vnet *v[3] = { h, a, b };

	for (int i = 0; i < 3; i++)
		if (lk_if(v[i], name) != NULL)
			return (v[i]);
	return (NULL);
}

static void
act_traffic(void)
{
	static const char *const names[2] = { "epair0a", "epair0b" };

	for (int i = 0; i < 2; i++)
		if (where(names[i]) != NULL)
			for (int k = 0; k < 3; k++)
				(void)lk_send(where(names[i]), names[i], 100);
}

/* An op that begins now, or NULL. */
static struct op *
act(enum act what, struct op **move)
{
	struct op *op = NULL;
	struct vnet *v;

	act_traffic();
	switch (what) {
	case ACT_DESTROY_PEER:
		(void)lk_destroy(h, "epair0b", &op);
		break;
	case ACT_DESTROY_IT:
		v = where("epair0a");
		if (v != NULL)
			(void)lk_destroy(v, "epair0a", &op);
		break;
	case ACT_END_H:
		remove_jail("h");
		break;
	case ACT_END_A:
		remove_jail("a");
		break;
	case ACT_END_B:
		remove_jail("b");
		break;
	case ACT_CANCEL:
		if (!(*move)->op_done)
			op_cancel(*move, VE_INTR);
		op_release(*move);
		*move = NULL;
		break;
	case ACT_AGAIN:
		v = where("epair0a");
		if (v != NULL)
			(void)lk_loan(v, "epair0a", v == b ? h : b, &op);
		break;
	case ACT_MOVE_PEER:
		(void)lk_loan(h, "epair0b", b, &op);
		break;
	case ACT_CUT:
		link_cut(link_next(NULL), true);
		break;
	case ACT_DOWN:
		(void)lk_updown(h, "epair0b", false);
		break;
	default:
		break;
	}
	return (op);
}

/* Return: the move had ended before the action. */
static bool
cell(const struct route *rt, enum act what, uint32_t k)
{
	struct world *w = world0();
	struct world_save *s = NULL;
	struct op *move, *op;
	uint64_t hash = 0;
	bool over;

	if (*rt->rt_from != h)
		assert_int_equal(lk_move(h, "epair0a", *rt->rt_from), 0);
	(void)lk_updown(*rt->rt_from, "epair0a", true);
	fip_of(h)->fp_echo = fip_of(a)->fp_echo = 5;
	act_traffic();
	assert_int_equal(
	    lk_loan(*rt->rt_from, "epair0a", *rt->rt_to, &move), 0);
	for (uint32_t i = 0; i < k; i++)
		(void)world_step(w, vtime());
	over = move->op_done;
	op = act(what, &move);
	if (what == ACT_SAVE)
		s = world_save(w);
	tw_run(w);
	if (s != NULL) {
		hash = world_hash(NULL, HASH_SERIALS | HASH_STATS);
		world_restore(w, s);
		world_save_free(w, s);
		tw_run(w);
		assert_int_equal(
		    world_hash(NULL, HASH_SERIALS | HASH_STATS), hash);
	}
	if (move != NULL)
		(void)lk_result(move);
	if (op != NULL)
		(void)lk_result(op);
	world_end(w);
	return (over);
}

static void
anything_may_come_between_the_steps_of_a_move(void **state)
{
	uint32_t k, cells = 0;

	(void)state;
	for (size_t r = 0; r < nitems(routes); r++) {
		for (int what = 0; what < ACT_N; what++) {
			for (k = 0; !cell(&routes[r], (enum act)what, k); k++)
				cells++;
			/* the move has stages, or nothing was between */
			assert_true(k > 8);
		}
	}
	assert_true(cells > 300);
}

/* The same, with a destruction being what is interrupted. */
static bool
destroy_cell(enum act what, uint32_t k)
{
	struct world *w = world0();
	struct op *op, *other;
	bool over;

	assert_int_equal(lk_move(h, "epair0a", a), 0);
	(void)lk_updown(a, "epair0a", true);
	act_traffic();
	assert_int_equal(lk_destroy(a, "epair0a", &op), 0);
	for (uint32_t i = 0; i < k; i++)
		(void)world_step(w, vtime());
	over = op->op_done;
	if (what == ACT_CUT && link_next(NULL) == NULL)
		what = ACT_TRAFFIC;
	if ((what == ACT_MOVE_PEER || what == ACT_DOWN) &&
	    lk_if(h, "epair0b") == NULL)
		what = ACT_TRAFFIC;
	other = act(what, &op);
	tw_run(w);
	if (op != NULL)
		assert_int_equal(lk_result(op), 0);
	if (other != NULL)
		(void)lk_result(other);
	if (what != ACT_END_H && what != ACT_END_A)
		assert_int_equal(if_count(a), 1);
	world_end(w);
	return (over);
}

static void
anything_may_come_between_the_steps_of_a_destruction(void **state)
{
	uint32_t k;

	(void)state;
	for (int what = 0; what < ACT_N; what++) {
		for (k = 0; !destroy_cell((enum act)what, k); k++)
			;
		assert_true(k > 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_move_keeps_what_is_the_interfaces_own),
		cmocka_unit_test(there_and_back_is_the_same_state),
		cmocka_unit_test(moves_that_cannot_be_are_refused),
		cmocka_unit_test(lent_ones_go_home_when_the_borrower_ends),
		cmocka_unit_test(a_taken_name_gets_a_suffix_at_home),
		cmocka_unit_test(long_names_are_cut_for_the_suffix),
		cmocka_unit_test(a_lent_one_dies_with_its_home),
		cmocka_unit_test(home_and_borrower_end_together),
		cmocka_unit_test(circles_of_loans_end),
		cmocka_unit_test(lo1_may_be_lent),
		cmocka_unit_test(a_claimed_packet_holds_up_the_move),
		cmocka_unit_test(deferred_frees_run_before_the_family_goes),
		cmocka_unit_test(references_that_go_in_rounds_are_waited_for),
		cmocka_unit_test(an_end_waits_for_a_destruction_under_way),
		cmocka_unit_test(an_end_waits_for_what_is_on_its_way_out),
		cmocka_unit_test(what_comes_too_late_goes_back),
		cmocka_unit_test(a_link_task_is_drained),
		cmocka_unit_test(
		    a_loan_without_memory_leaves_the_interface_where_it_was),
		cmocka_unit_test(a_return_home_never_fails),
		cmocka_unit_test(a_full_vnet_borrows_nothing),
		cmocka_unit_test(anything_may_come_between_the_steps_of_a_move),
		cmocka_unit_test(
		    anything_may_come_between_the_steps_of_a_destruction),
	};

	return (
	    cmocka_run_group_tests_name("vmove", tests, NULL, NULL) ? 1 : 0);
}
