/*
 * test_netisr.c - queued packets: order, limits, and what becomes of one
 * whose interface, protocol or door is gone when its turn comes.
 *
 * There are no interfaces below core: a stand-in with a handle of that kind
 * is all that netisr looks at.
 */
#include "tests/test_sched.h"
#include <vnetsim/kern/netisr.h>
#include "src/core/netisr_var.h"

struct ifnet {
	uint64_t handle;
};
MALLOC_TYPE(if_zone, udp, 0, "fake ifnet", UMA_WORLD | UMA_NOHASH);
static const struct uma_zone *const if_zones[] = { &if_zone };
static const struct vnet_module if_module = {
	TW_MODULE(udp, "udp"),
	.vm_zones = if_zones,
	.vm_nzones = 1,
};
static const struct vnet_module *const modules[] = { &vnet_module_core,
	&sched_module, &if_module, NULL };

static struct vnet *v0, *v1;
static struct ifnet *if0, *if1;

static void
handler(struct mbuf *m)
{
	char c[3];

	assert_ptr_equal(uma_owner(m), curvnet);
	assert_string_equal(kctx->kc_door, "queue");
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	c[0] = (char)m->m_data[0];
	c[1] = curvnet == v0 ? '0' : '1';
	c[2] = '\0';
	say(c);
	m_freem(m);
}

static void
direct(struct mbuf *m)
{
	assert_int_equal(kctx->kc_mod, VNET_MOD_ip);
	say("direct");
	m_freem(m);
}

static struct ifnet *
attach(struct vnet *v)
{
	struct vnet_frame f;
	struct ifnet *ifp;

	TW_ENTER(&f, v);
	ifp = kmalloc(&if_zone, sizeof(*ifp), M_ZERO);
	assert_non_null(ifp);
	ifp->handle = handle_alloc(HANDLE_IFNET, ifp);
	assert_int_equal(
	    netisr_register_vnet(NETISR_IP, VNET_MOD_ip, handler), 0);
	vnet_leave(&f);
	return (ifp);
}

static struct world *
world01(void)
{
	struct world *w;

	said[0] = '\0';
	w = tw_create(modules);
	v0 = w->w_vnet0;
	v1 = tw_jail("j")->pr_vnet;
	if0 = attach(v0);
	if1 = attach(v1);
	return (w);
}

/* From v0, received by an interface; the letter is its content. */
static int
queue(struct ifnet *ifp, char letter)
{
	struct vnet_frame f;
	struct mbuf *m;
	int error;

	TW_ENTER(&f, v0);
	m = m_gethdr(M_NOWAIT);
	assert_non_null(m);
	assert_true(m_append(m, &letter, 1, M_NOWAIT));
	m->m_pkthdr.rcvif_idx = (uint32_t)ifp->handle;
	m->m_pkthdr.rcvif_gen = (uint32_t)(ifp->handle >> 32);
	error = netisr_queue(NETISR_IP, m);
	vnet_leave(&f);
	return (error);
}

static unsigned
drops(struct vnet *v, enum drop_reason why)
{
	struct vnet_frame f;
	unsigned n;

	TW_ENTER(&f, v);
	n = (unsigned)drop_count(why);
	vnet_leave(&f);
	return (n);
}

static void
unregister(struct vnet *v)
{
	struct vnet_frame f;

	TW_ENTER(&f, v);
	netisr_unregister_vnet(NETISR_IP);
	vnet_leave(&f);
}

static uint32_t
mbufs(struct world *w)
{
	(void)w;
	return (uma_count(&mbuf_zone, v0) + uma_count(&mbuf_zone, v1) +
		uma_count(&mbuf_zone, NULL));
}

static void
one_packet_is_one_event(void **state)
{
	struct world *w;

	(void)state;
	w = world01();
	assert_int_equal(queue(if0, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_int_equal(queue(if0, 'c'), 0);
	assert_int_equal(queue(if1, 'd'), 0);
	assert_int_equal(uma_count(&mbuf_zone, v1), 2); /* charged there */
	assert_int_equal(netisr_queued(v1, -1), 2);
	assert_int_equal(netisr_queued(v1, VNET_MOD_ip), 2);
	assert_int_equal(netisr_queued(v1, VNET_MOD_tcp), 0);
	assert_said("");
	assert_int_equal(tw_run(w), 4);
	assert_said("a0b1c0d1");
	assert_int_equal(netisr_queued(v1, -1), 0);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
dispatch_calls_now(void **state)
{
	struct vnet_frame f;
	struct world *w;

	(void)state;
	w = world01();
	TW_ENTER(&f, v0);
	assert_int_equal(
	    netisr_register_vnet(NETISR_IP, VNET_MOD_ip, direct), VE_EXIST);
	netisr_unregister_vnet(NETISR_IP);
	assert_int_equal(
	    netisr_register_vnet(NETISR_IP, VNET_MOD_ip, direct), 0);
	assert_int_equal(netisr_dispatch(NETISR_IP, m_gethdr(M_NOWAIT)), 0);
	assert_int_equal(kctx->kc_mod, VNET_MOD_core);
	assert_said("direct");
	assert_int_equal(
	    netisr_dispatch(NETISR_ARP, m_gethdr(M_NOWAIT)), VE_PROTONOSUPPORT);
	assert_int_equal(drop_count(DROP_NETISR_OFF), 1);
	vnet_leave(&f);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
a_full_queue_drops_the_newest(void **state)
{
	struct world *w;
	uint32_t i;

	(void)state;
	w = world01();
	for (i = 0; i < NETISR_QLIMIT; i++)
		assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), VE_NOBUFS);
	assert_int_equal(queue(if1, 'b'), VE_NOBUFS);
	assert_int_equal(drops(v0, DROP_NETISR_FULL), 2);
	assert_int_equal(queue(if0, 'c'), 0); /* another queue */
	assert_true(world_step(w, 0));
	assert_int_equal(queue(if1, 'd'), 0); /* room again */
	assert_int_equal(tw_run(w), NETISR_QLIMIT + 1);
	assert_null(strchr(said, 'b'));
	assert_non_null(strstr(said, "d1"));
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
without_an_interface_it_goes_nowhere(void **state)
{
	struct world *w;

	(void)state;
	w = world01();
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_true(world_step(w, 0));
	handle_free(if1->handle); /* the interface goes */
	assert_int_equal(queue(if1, 'c'), VE_NETDOWN);
	assert_int_equal(drops(v0, DROP_NO_RCVIF), 1);
	tw_run(w);
	assert_said("a1");
	assert_int_equal(drops(v1, DROP_NO_RCVIF), 1);
	/* Or changes hands while the packet waits. */
	if1->handle = handle_alloc(HANDLE_IFNET, if1);
	assert_int_equal(queue(if1, 'd'), 0);
	uma_chown(if1, v0);
	tw_run(w);
	assert_said("");
	assert_int_equal(drops(v1, DROP_NO_RCVIF), 2);
	assert_int_equal(queue(if1, 'e'), 0);
	tw_run(w);
	assert_said("e0");
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
a_disabled_protocol_drops(void **state)
{
	struct world *w;

	(void)state;
	w = world01();
	deviate(w, v1->v_id, "netisr", "claim", 0, 1);
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_true(world_step(w, 0)); /* a is claimed */
	assert_int_equal(netisr_queued(v1, VNET_MOD_ip), 2);
	unregister(v1);
	assert_int_equal(netisr_queued(v1, -1), 0);
	assert_int_equal(drops(v1, DROP_NETISR_OFF), 1);
	assert_int_equal(tw_run(w), 1);
	assert_int_equal(drops(v1, DROP_NETISR_OFF), 2);
	assert_int_equal(queue(if1, 'c'), VE_PROTONOSUPPORT);
	assert_int_equal(drops(v0, DROP_NETISR_OFF), 1);
	assert_said("");
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
nothing_overtakes_a_claimed_packet(void **state)
{
	struct world *w;

	(void)state;
	w = world01();
	deviate(w, v1->v_id, "netisr", "claim", 0, 1);
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_int_equal(queue(if0, 'c'), 0);
	assert_true(world_step(w, 0));
	assert_int_equal(w->w_epoch.wp_nclaims, 1);
	tw_run(w);
	assert_said("c0a1b1");
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	tw_destroy(w);
}

static void
a_shut_door_drops(void **state)
{
	struct world *w;

	(void)state;
	w = world01();
	deviate(w, v1->v_id, "netisr", "claim", 0, 1);
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_true(world_step(w, 0));
	v1->v_shut = DOOR_INWARD;
	assert_int_equal(queue(if1, 'c'), VE_PROTONOSUPPORT);
	tw_run(w);
	assert_said("");
	v1->v_shut = 0;
	assert_int_equal(drops(v1, DROP_DOOR_SHUT), 2);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
found(void *ctx, const struct late_item *it)
{
	assert_string_equal(it->li_kind, "packet");
	assert_string_equal(it->li_name, "ip");
	assert_true(uma_check(&mbuf_zone, it->li_obj));
	say(it->li_claimed ? "C" : "Q");
	(*(int *)ctx)++;
}

static void
the_audit_finds_and_removes(void **state)
{
	struct world *w;
	int n;

	(void)state;
	w = world01();
	deviate(w, v1->v_id, "netisr", "claim", 0, 1);
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_int_equal(queue(if1, 'c'), 0);
	assert_true(world_step(w, 0));
	n = 0;
	assert_int_equal(netisr_remove(v1, VNET_MOD_tcp, found, &n), 0);
	assert_int_equal(netisr_remove(v1, VNET_MOD_ip, found, &n), 3);
	assert_said("CQQ");
	assert_int_equal(n, 3);
	assert_int_equal(tw_run(w), 0);
	assert_int_equal(drops(v1, DROP_QUEUE_FLUSH), 3);
	assert_int_equal(w->w_epoch.wp_nclaims, 0);
	assert_int_equal(queue(if1, 'd'), 0); /* still enabled */
	assert_int_equal(netisr_remove(v1, -1, NULL, NULL), 1);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

static void
the_end_of_a_vnet_drops_all(void **state)
{
	struct vnet_frame f;
	struct world *w;

	(void)state;
	w = world01();
	deviate(w, v1->v_id, "netisr", "claim", 0, 1);
	assert_int_equal(queue(if1, 'a'), 0);
	assert_int_equal(queue(if1, 'b'), 0);
	assert_true(world_step(w, 0));
	TW_ENTER(&f, v1);
	vnet_isr_destroy();
	assert_null(v1->v_isr);
	vnet_isr_destroy();
	assert_int_equal(drop_count(DROP_VNET_GONE), 2);
	assert_int_equal(uma_count(&vnet_isr_zone, v1), 0);
	vnet_leave(&f);
	assert_int_equal(queue(if1, 'c'), VE_PROTONOSUPPORT);
	assert_int_equal(netisr_queued(v1, -1), 0);
	assert_int_equal(tw_run(w), 0);
	assert_int_equal(mbufs(w), 0);
	tw_destroy(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_packet_is_one_event),
		cmocka_unit_test(dispatch_calls_now),
		cmocka_unit_test(a_full_queue_drops_the_newest),
		cmocka_unit_test(without_an_interface_it_goes_nowhere),
		cmocka_unit_test(a_disabled_protocol_drops),
		cmocka_unit_test(nothing_overtakes_a_claimed_packet),
		cmocka_unit_test(a_shut_door_drops),
		cmocka_unit_test(the_audit_finds_and_removes),
		cmocka_unit_test(the_end_of_a_vnet_drops_all),
	};

	return (
	    cmocka_run_group_tests_name("netisr", tests, NULL, NULL) ? 1 : 0);
}
