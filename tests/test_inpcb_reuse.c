/*
 * test_inpcb_reuse.c - who may share a port: SO_REUSEADDR, SO_REUSEPORT and
 * SO_REUSEPORT_LB, and how the load of a group is shared.
 *
 * The table of conflicts is written down by hand, after in_pcbbind_setup() of
 * FreeBSD.  Tests run on UDP's table, with the fake IP of test_socket.h.
 */
#include "tests/test_socket.h"

#define A     SO_REUSEADDR
#define P     SO_REUSEPORT
#define LB    SO_REUSEPORT_LB
#define GROUP IP(224, 1, 2, 3)

static struct socket *
newso(struct env *e, uint32_t opts)
{
	struct socket *so = env_socket(e, SOCK_DGRAM);

	for (uint32_t bit = 1; bit != 0 && bit <= opts; bit <<= 1)
		if ((opts & bit) != 0)
			assert_int_equal(sosetopt(so, (int)bit, 1), 0);
	return (so);
}

/* Rows: the binder's options; columns: those of who is there. */
static const uint32_t options[] = { 0, A, P, LB, A | P, A | LB, P | LB,
	A | P | LB };

static void
table(uint32_t there, bool connected, uint32_t want, const char *const *rows)
{
	for (unsigned i = 0; i < nitems(options); i++)
		for (unsigned k = 0; k < nitems(options); k++) {
			struct socket *so, *b;
			struct env e;
			int error;

			env_open(&e);
			so = newso(&e, options[k]);
			assert_int_equal(sobind(so, AT(there, 7)), 0);
			if (connected)
				assert_int_equal(soconnect(so, AT(PEER, 9)), 0);
			b = newso(&e, options[i]);
			error = sobind(b, AT(want, 7));
			if ((error == 0) != (rows[i][k] == '+'))
				fail_msg("%#x beside %#x: %d", options[i],
				    options[k], error);
			if (error != 0)
				assert_int_equal(error, VE_ADDRINUSE);
			(void)soclose(so);
			(void)soclose(b);
			env_close(&e);
		}
}

/* Exactly the same address, unconnected. */
static void
same_address(void **state)
{
	/*	there:		    - A P L AP AL PL all */
	static const char *const rows[] = {
		/* - */ "--------",
		/* A */ "--------",
		/* P */ "--+-+-++",
		/* LB */ "---+-+++",
		/* A|P */ "--+-+-++",
		/* A|LB */ "---+-+++",
		/* P|LB */ "--++++++",
		/* all */ "--++++++",
	};

	(void)state;
	table(HOST1, false, HOST1, rows);
	table(INADDR_ANY, false, INADDR_ANY, rows);
}

/* Another address, one of them any: only the plain binder minds. */
static void
overlapping_address(void **state)
{
	static const char *const rows[] = { "--------", "++++++++", "++++++++",
		"++++++++", "++++++++", "++++++++", "++++++++", "++++++++" };

	(void)state;
	table(HOST1, false, INADDR_ANY, rows);
	table(INADDR_ANY, false, HOST1, rows);
	table(HOST1, true, HOST1, rows);
	table(HOST1, true, INADDR_ANY, rows);
}

static void
another_address(void **state)
{
	static const char *const rows[] = { "++++++++", "++++++++", "++++++++",
		"++++++++", "++++++++", "++++++++", "++++++++", "++++++++" };

	(void)state;
	table(HOST1, false, HOST2, rows);
	table(HOST1, true, HOST2, rows);
}

/* There SO_REUSEADDR counts as SO_REUSEPORT, on both sides. */
static void
multicast_address(void **state)
{
	static const char *const rows[] = {
		/* - */ "--------",
		/* A */ "-+++++++",
		/* P */ "-++-++++",
		/* LB */ "-+-+++++",
		/* A|P */ "-+++++++",
		/* A|LB */ "-+++++++",
		/* P|LB */ "-+++++++",
		/* all */ "-+++++++",
	};

	(void)state;
	table(GROUP, false, GROUP, rows);
}

static void
addresses_that_can_be_bound(void **state)
{
	struct socket *so;
	struct env e;

	(void)state;
	env_open(&e);
	so = newso(&e, 0);
	assert_int_equal(sobind(so, AT(PEER, 7)), VE_ADDRNOTAVAIL);
	assert_int_equal(sobind(so, AT(INADDR_BROADCAST, 7)), VE_ADDRNOTAVAIL);
	assert_int_equal(sobind(so, AT(BCAST, 7)), 0);
	(void)soclose(so);
	so = newso(&e, 0);
	assert_int_equal(sobind(so, AT(GROUP, 7)), 0);
	(void)soclose(so);
	env_close(&e);
}

/* A port that is chosen is free, whatever the options allow. */
static void
a_chosen_port_is_shared_with_nobody(void **state)
{
	struct socket *a, *b, *c;
	struct env e;

	(void)state;
	env_open(&e);
	V_inpcb.first = 20000;
	V_inpcb.last = 20001;
	a = newso(&e, P | LB);
	b = newso(&e, P | LB);
	c = newso(&e, P | LB);
	assert_int_equal(sobind(a, AT(0, 0)), 0);
	assert_int_equal(sobind(b, AT(0, 0)), 0);
	assert_int_not_equal(((struct inpcb *)a->so_pcb)->inp_lport,
	    ((struct inpcb *)b->so_pcb)->inp_lport);
	assert_int_equal(sobind(c, AT(0, 0)), VE_ADDRNOTAVAIL);
	(void)soclose(a);
	(void)soclose(b);
	(void)soclose(c);
	env_close(&e);
}

static struct inpcb *
look(uint32_t faddr, uint16_t fport)
{
	return (in_pcblookup(&V_udp.udbinfo, faddr, fport, HOST1, 7, true));
}

/* Of equals the newest is found; when it goes, the one before. */
static void
the_newest_of_equals_is_found(void **state)
{
	struct socket *so[3];
	struct env e;

	(void)state;
	env_open(&e);
	for (int i = 0; i < 3; i++) {
		so[i] = newso(&e, P);
		assert_int_equal(sobind(so[i], AT(HOST1, 7)), 0);
		assert_ptr_equal(look(PEER, 1), so[i]->so_pcb);
	}
	/* a disconnected one is back among them */
	assert_int_equal(soconnect(so[2], AT(PEER, 1)), 0);
	assert_ptr_equal(look(PEER, 1), so[2]->so_pcb);
	assert_ptr_equal(look(PEER, 2), so[1]->so_pcb);
	(void)soclose(so[1]);
	assert_ptr_equal(look(PEER, 2), so[0]->so_pcb);
	(void)soclose(so[2]);
	assert_ptr_equal(look(PEER, 1), so[0]->so_pcb);
	(void)soclose(so[0]);
	assert_null(look(PEER, 1));
	env_close(&e);
}

/* FreeBSD's hash: sender's address, its halves, and both ports. */
static uint32_t
pick(uint32_t faddr, uint16_t fport, uint32_t n)
{
	return ((faddr ^ faddr >> 16 ^ (uint32_t)(7 ^ fport)) % n);
}

static void
a_group_shares_its_load(void **state)
{
	struct socket *so[5], *exact;
	struct env e;
	uint32_t n;

	(void)state;
	env_open(&e);
	for (n = 0; n < 5; n++) {
		so[n] = newso(&e, LB);
		assert_int_equal(sobind(so[n], AT(0, 7)), 0);
	}
	for (uint16_t p = 1; p < 100; p++)
		assert_ptr_equal(look(PEER, p), so[pick(PEER, p, 5)]->so_pcb);
	/* the group of any stands before a socket of the exact address */
	exact = newso(&e, A);
	assert_int_equal(sobind(exact, AT(HOST1, 7)), 0);
	assert_ptr_equal(look(PEER, 3), so[pick(PEER, 3, 5)]->so_pcb);
	/* the third goes: those behind it move up */
	(void)soclose(so[2]);
	so[2] = so[3];
	so[3] = so[4];
	for (uint16_t p = 1; p < 100; p++)
		assert_ptr_equal(look(PEER, p), so[pick(PEER, p, 4)]->so_pcb);
	/* the first is connected: it takes its peer's alone, then nothing */
	assert_int_equal(soconnect(so[0], AT(PEER, 50)), 0);
	for (uint16_t p = 1; p < 100; p++)
		assert_ptr_equal(look(PEER, p),
		    p == 50 ? so[0]->so_pcb : so[1 + pick(PEER, p, 3)]->so_pcb);
	for (n = 0; n < 4; n++)
		(void)soclose(so[n]);
	assert_ptr_equal(look(PEER, 3), exact->so_pcb);
	assert_int_equal(V_udp.udbinfo.ipi_lbgroups.h_count, 0);
	(void)soclose(exact);
	env_close(&e);
}

/* A group of the exact address stands before one of any. */
static void
groups_by_address(void **state)
{
	struct socket *any, *one;
	struct env e;

	(void)state;
	env_open(&e);
	any = newso(&e, LB);
	assert_int_equal(sobind(any, AT(0, 7)), 0);
	one = newso(&e, LB);
	assert_int_equal(sobind(one, AT(HOST1, 7)), 0);
	assert_int_equal(V_udp.udbinfo.ipi_lbgroups.h_count, 2);
	assert_ptr_equal(look(PEER, 1), one->so_pcb);
	assert_ptr_equal(
	    in_pcblookup(&V_udp.udbinfo, PEER, 1, HOST2, 7, true), any->so_pcb);
	assert_null(in_pcblookup(&V_udp.udbinfo, PEER, 1, HOST2, 7, false));
	(void)soclose(one);
	assert_ptr_equal(look(PEER, 1), any->so_pcb);
	(void)soclose(any);
	env_close(&e);
}

static uint16_t
room(const struct socket *so)
{
	const struct inpcb *inp = so->so_pcb;

	return (inp->inp_lbgroup != NULL ? inp->inp_lbgroup->il_inpsiz : 0);
}

/* 8, doubled up to 256; the next one is bound and never picked. */
static void
a_group_has_at_most_256_members(void **state)
{
	static struct socket *so[IN_LBGROUP_MAX + 1];
	struct env e;
	unsigned n;

	(void)state;
	env_open(&e);
	for (n = 0; n <= IN_LBGROUP_MAX; n++) {
		so[n] = newso(&e, LB);
		assert_int_equal(sobind(so[n], AT(0, 7)), 0);
		if (n == 7)
			assert_int_equal(room(so[0]), 8);
		if (n == 8)
			assert_int_equal(room(so[0]), 16);
	}
	assert_int_equal(room(so[0]), IN_LBGROUP_MAX);
	assert_int_equal(room(so[IN_LBGROUP_MAX]), 0);
	for (uint32_t p = 1; p < 65536; p++)
		assert_ptr_not_equal(
		    look(PEER, (uint16_t)p), so[IN_LBGROUP_MAX]->so_pcb);
	/* it halves when a quarter is left */
	for (n = IN_LBGROUP_MAX; n > 64; n--)
		(void)soclose(so[n]);
	assert_int_equal(room(so[0]), 256);
	(void)soclose(so[n--]);
	assert_int_equal(room(so[0]), 128);
	for (; n > 0; n--)
		(void)soclose(so[n]);
	assert_int_equal(room(so[0]), 8);
	(void)soclose(so[0]);
	env_close(&e);
}

/* Each allocation fails in turn: bound whole, or not at all. */
static void
without_memory_nothing_is_bound(void **state)
{
	(void)state;
	for (uint32_t have = 0; have <= 8; have += 8) {
		static struct socket *so[8];
		struct socket *b;
		struct env e;
		int error = VE_NOBUFS;

		env_open(&e);
		for (uint32_t i = 0; i < have; i++) {
			so[i] = newso(&e, LB);
			assert_int_equal(sobind(so[i], AT(0, 7)), 0);
		}
		b = newso(&e, LB);
		for (uint64_t n = 1; error != 0; n++) {
			uint64_t before = world_hash(curvnet, 0);

			assert_true(n < 20);
			e.w->w_mem.wm_failat = e.w->w_mem.wm_nfallible + n;
			error = sobind(b, AT(0, 7));
			e.w->w_mem.wm_failat = 0;
			if (error == 0)
				break;
			assert_int_equal(error, VE_NOBUFS);
			assert_int_equal(world_hash(curvnet, 0), before);
		}
		assert_int_equal(room(b), have == 0 ? 8 : 16);
		for (uint32_t i = 0; i < have; i++)
			(void)soclose(so[i]);
		(void)soclose(b);
		env_close(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_address),
		cmocka_unit_test(overlapping_address),
		cmocka_unit_test(another_address),
		cmocka_unit_test(multicast_address),
		cmocka_unit_test(addresses_that_can_be_bound),
		cmocka_unit_test(a_chosen_port_is_shared_with_nobody),
		cmocka_unit_test(the_newest_of_equals_is_found),
		cmocka_unit_test(a_group_shares_its_load),
		cmocka_unit_test(groups_by_address),
		cmocka_unit_test(a_group_has_at_most_256_members),
		cmocka_unit_test(without_memory_nothing_is_bound),
	};

	return (cmocka_run_group_tests_name("inpcb_reuse", tests, NULL, NULL)
		    ? 1
		    : 0);
}
