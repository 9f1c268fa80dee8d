/*
 * test_orders.c - the orders of FreeBSD's kernels, and ties turned round.
 *
 * The tables are compared with what those kernels have; each order ends each
 * script with either way of its ties, in a world whose inits went either way,
 * too.
 */
#include <stdio.h>
#include <string.h>
#include "src/core/world.h"
#include "tests/lib/tstack.h"

#define MAXSTEPS 192

struct list {
	unsigned n;
	struct {
		char name[64], module[16], slot[80], ident[48], verb[16];
		int row;
		bool absent;
	} v[MAXSTEPS];
};

static void
list_read(struct vnetsim *w, struct list *l)
{
	struct vnetsim_step st;

	l->n = 0;
	while (vnetsim_order_step(w, l->n, &st) == 0) {
		assert_true(l->n < MAXSTEPS);
		snprintf(l->v[l->n].name, 64, "%s", st.name);
		snprintf(l->v[l->n].verb, 16, "%s", st.verb);
		snprintf(l->v[l->n].module, 16, "%s",
		    st.module != NULL ? st.module : "");
		snprintf(l->v[l->n].slot, 80, "%s/%s",
		    st.subsystem != NULL ? st.subsystem : "",
		    st.order != NULL ? st.order : "");
		snprintf(l->v[l->n].ident, 48, "%s",
		    st.ident != NULL ? st.ident : "");
		l->v[l->n].row = st.row;
		l->v[l->n].absent = st.absent;
		l->n++;
	}
}

static unsigned
at(const struct list *l, const char *name)
{
	for (unsigned i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return (i);
	fail_msg("no step %s", name);
	return (0);
}

/* ---- tables ---- */

#define INET    "vnet_domain_uninit_inet"
#define IFATT   "SI_SUB_PROTO_IFATTACHDOMAIN/"
#define DOMAIN2 "SI_SUB_PROTO_DOMAIN/SI_ORDER_SECOND"

/* VNET_SYSUNINITs of 9.3, descending; those of one slot by name. */
static const struct {
	const char *ident, *slot, *module;
} nine[] = {
	{ "flowtable_uninit", "SI_SUB_KTHREAD_INIT/SI_ORDER_ANY", "" },
	{ "vnet_loif_uninit", IFATT "SI_ORDER_ANY", "lo" },
	{ "vnet_ipfw_nat_uninit", IFATT "SI_ORDER_ANY - 128 + 2", "" },
	{ "vnet_ipfw_uninit", IFATT "SI_ORDER_ANY - 255 + 2", "" },
	{ "vnet_vlan_uninit", IFATT "SI_ORDER_FIRST", "vlan" },
	{ "vnet_route_uninit", "SI_SUB_PROTO_DOMAIN/SI_ORDER_THIRD", "route" },
	{ INET ":ip_destroy", DOMAIN2, "ip" },
	{ "vnet_domain_uninit_inet6:ip6_destroy", DOMAIN2, "" },
	{ "vnet_domain_uninit_key", DOMAIN2, "" },
	{ "vnet_domain_uninit_ng", DOMAIN2, "" },
	{ "vnet_domain_uninit_ng_btsocket_", DOMAIN2, "" },
	{ "vnet_domain_uninit_route", DOMAIN2, "rtsock" },
	{ "vnet_pfil_uninit", "SI_SUB_PROTO_BEGIN/SI_ORDER_THIRD", "" },
	{ "vnet_igmp_uninit", "SI_SUB_PSEUDO/SI_ORDER_ANY", "igmp" },
	{ "vnet_mld_uninit", "SI_SUB_PSEUDO/SI_ORDER_ANY", "" },
	{ "vnet_ng_eiface_uninit", "SI_SUB_PSEUDO/SI_ORDER_ANY", "" },
	{ "vnet_ng_iface_uninit", "SI_SUB_PSEUDO/SI_ORDER_ANY", "" },
	{ "vnet_mroute_uninit", "SI_SUB_PSEUDO/SI_ORDER_MIDDLE", "" },
	{ "vnet_netgraph_uninit", "SI_SUB_NETGRAPH/SI_ORDER_FIRST", "" },
	{ "vnet_if_uninit", "SI_SUB_INIT_IF/SI_ORDER_FIRST", "if" },
	{ "hhook_vnet_uninit", "SI_SUB_MBUF/SI_ORDER_ANY", "" },
};
#define NNINE (sizeof(nine) / sizeof(nine[0]))

static void
the_table_of_freebsd_9_is_complete(void **state)
{
	static const char *const inetsw[] = { "ip_destroy", "udp_destroy",
		"tcp_destroy", "sctp_finish", "div_destroy", "rip_destroy" };
	struct st s = { 0 };
	struct list l;
	unsigned row = 0, calls = 0;

	(void)state;
	assert_true(st_open(&s, NULL));
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-9", false), 0);
	list_read(s.w, &l);
	st_close(&s);
	for (unsigned i = 0; i < l.n; i++) {
		if (strncmp(l.v[i].ident, INET ":", sizeof(INET)) == 0) {
			assert_true(calls < 6);
			assert_string_equal(
			    l.v[i].ident + sizeof(INET), inetsw[calls]);
			calls++;
		}
		if (l.v[i].row <= (int)row)
			continue;
		assert_true(row < NNINE);
		assert_int_equal(l.v[i].row, row + 1);
		assert_string_equal(l.v[i].ident, nine[row].ident);
		assert_string_equal(l.v[i].slot, nine[row].slot);
		assert_string_equal(l.v[i].module, nine[row].module);
		assert_int_equal(l.v[i].absent, nine[row].module[0] == '\0');
		row++;
	}
	assert_int_equal(row, NNINE);
	assert_int_equal(calls, 6);
	/* lent interfaces go home before all of them */
	assert_string_equal(l.v[2].ident, "vnet_destroy:if_vmove");
	assert_string_equal(l.v[2].name, "if shutdown");
	assert_int_equal(l.v[2].row, 0);
	/* bottom first */
	assert_true(at(&l, "lo end") < at(&l, "route end"));
	assert_true(at(&l, "route end") < at(&l, "ip end"));
	assert_true(at(&l, "ip end") < at(&l, "tcp end"));
}

static void
each_module_ends_once_in_a_kernels_order(void **state)
{
	static const char *const orders[] = { "freebsd-13", "freebsd-9" };
	static const char *const names[] = {
#define X(n) #n,
		VNET_MODULE_LIST(X)
#undef X
	};
	struct st s = { 0 };
	struct list l;

	(void)state;
	assert_true(st_open(&s, NULL));
	for (unsigned o = 0; o < 4; o++) {
		assert_int_equal(vnetsim_order_ties(s.w, o / 2), 0);
		assert_int_equal(
		    vnetsim_order_set(s.w, orders[o % 2], false), 0);
		list_read(s.w, &l);
		for (unsigned m = 1; m < VNET_MOD_BUILTIN; m++) {
			unsigned ends = 0, want = 1;

			/* both of its verbs, apart; no verbs */
			if (strcmp(names[m], "if") == 0)
				want = 2;
			if (strcmp(names[m], "pfil") == 0)
				want = 0;
			for (unsigned i = 0; i < l.n; i++)
				ends += strcmp(l.v[i].module, names[m]) == 0;
			if (ends != want)
				fail_msg("%s: %s ends %u times", orders[o % 2],
				    names[m], ends);
		}
		if (o % 2 == 0)
			assert_true(l.v[l.n - 3].row <= 71);
	}
	st_close(&s);
}

/* ---- ties ---- */

/* Steps a and b of one slot, but not of one row: which is first? */
static unsigned
slots_turned(const struct list *l, const struct list *r)
{
	unsigned pairs = 0;

	for (unsigned a = 0; a < l->n; a++)
		for (unsigned b = a + 1; b < l->n; b++) {
			bool tie = l->v[a].row != 0 && l->v[b].row != 0 &&
				   strcmp(l->v[a].slot, l->v[b].slot) == 0 &&
				   l->v[a].row != l->v[b].row;

			if ((at(r, l->v[a].name) > at(r, l->v[b].name)) !=
				tie &&
			    l->v[a].row != 0 && l->v[b].row != 0)
				fail_msg("%s and %s: %s turned round",
				    l->v[a].name, l->v[b].name,
				    tie ? "not" : "wrongly");
			pairs += tie;
		}
	return (pairs);
}

static void
reversed_ties_turn_each_slot_round(void **state)
{
	struct st s = { 0 };
	struct list l, r;

	(void)state;
	assert_true(st_open(&s, NULL));
	for (int o = 0; o < 2; o++) {
		assert_int_equal(vnetsim_order_ties(s.w, VNETSIM_TIES_NAME), 0);
		assert_int_equal(
		    vnetsim_order_set(
			s.w, o == 0 ? "freebsd-13" : "freebsd-9", false),
		    0);
		list_read(s.w, &l);
		assert_int_equal(
		    vnetsim_order_ties(s.w, VNETSIM_TIES_REVERSE), 0);
		list_read(s.w, &r);
		assert_int_equal(l.n, r.n);
		assert_true(slots_turned(&l, &r) > 20);
		/* what hangs together stays together */
		assert_int_equal(
		    at(&r, "lltable end") + 1, at(&r, "if uninit"));
		if (o == 0) {
			assert_int_equal(
			    at(&r, "ip end") + 1, at(&r, "inpcb end"));
			assert_true(at(&l, "tcp end") < at(&l, "udp end"));
			assert_true(at(&r, "tcp end") > at(&r, "udp end"));
			continue;
		}
		assert_int_equal(at(&r, "ip end") + 1, at(&r, "arp end"));
		assert_true(at(&r, "ip end") < at(&r, "udp end"));
		assert_true(at(&r, "udp end") < at(&r, "tcp end"));
	}
	st_close(&s);
}

static void
reversed_ties_turn_the_free_pass_round(void **state)
{
	struct st s = { 0 };
	struct list l, r;
	unsigned first = 0, n = 0;

	(void)state;
	assert_true(st_open(&s, NULL));
	list_read(s.w, &l);
	assert_int_equal(vnetsim_order_ties(s.w, VNETSIM_TIES_REVERSE), 0);
	list_read(s.w, &r);
	st_close(&s);
	assert_int_equal(l.n, r.n);
	for (unsigned i = 0; i < l.n; i++) {
		if (strcmp(l.v[i].verb, "uninit") != 0) {
			assert_string_equal(l.v[i].name, r.v[i].name);
			continue;
		}
		if (n++ == 0)
			first = i;
	}
	assert_true(n > 10);
	for (unsigned i = 0; i < n; i++)
		assert_string_equal(
		    l.v[first + i].name, r.v[first + n - 1 - i].name);
}

static void
ties_have_rules(void **state)
{
	struct vnetsim_step st;
	struct st s = { 0 };
	vnetsim_handle op;
	static struct list l, r; /* zero, also behind the names */

	(void)state;
	assert_true(st_open(&s, NULL));
	assert_int_equal(
	    vnetsim_order_ties(s.w, VNETSIM_TIES_REVERSE + 1), VE_INVAL);
	list_read(s.w, &l);
	/* changes are forgotten */
	assert_int_equal(
	    vnetsim_order_edit(s.w, VNETSIM_EDIT_SKIP, "tcp shutdown", NULL),
	    0);
	assert_int_equal(vnetsim_order_ties(s.w, VNETSIM_TIES_NAME), 0);
	list_read(s.w, &r);
	assert_memory_equal(&l, &r, sizeof(l.n) + l.n * sizeof(l.v[0]));
	/* they hold for orders set later, --force stays */
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-13", true), 0);
	assert_int_equal(vnetsim_order_ties(s.w, VNETSIM_TIES_REVERSE), 0);
	assert_int_equal(vnetsim_order_step(s.w, 1, &st), 0);
	assert_string_not_equal(st.name, "wait");
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-9", false), 0);
	assert_int_equal(vnetsim_order_set(s.w, "freebsd-13", false), 0);
	list_read(s.w, &r);
	assert_true(at(&r, "udp end") < at(&r, "tcp end"));
	/* not while one of them is under way, which an event begins */
	st_setup(&s);
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), 0);
	for (int i = 0; vnetsim_order_ties(s.w, VNETSIM_TIES_NAME) == 0; i++)
		assert_true(i < 3 && st_step(&s, ST_S));
	assert_int_equal(
	    vnetsim_order_ties(s.w, VNETSIM_TIES_REVERSE), VE_BUSY);
	assert_int_equal(st_await(&s, op, 100 * ST_S), 0);
	assert_int_equal(vnetsim_order_ties(s.w, VNETSIM_TIES_NAME), 0);
	st_close(&s);
}

/* ---- every legal order of a tie works ---- */

static const char *const all_orders[] = { "top-down", "freebsd-13", "freebsd-9",
	"interfaces-first" };

static void
each_order_ends_each_script_with_either_ties(void **state)
{
	static st_script *const scripts[] = { st_script_tcp, st_script_opens,
		st_script_move, st_script_loss };
	struct vnetsim_config cfg = { 0 };
	struct st s = { 0 };

	(void)state;
	assert_true(st_open(&s, NULL));
	for (unsigned i = 0; i < 4 * 4 * 4; i++) {
		const char *order = all_orders[i / 4 % 4];
		unsigned wire;

		/* inits and ends each way, in each combination */
		cfg.ties = i / 16 % 2;
		assert_true(st_again(&s, &cfg));
		assert_int_equal(vnetsim_order_ties(s.w, i / 32), 0);
		assert_int_equal(vnetsim_order_set(s.w, order, false), 0);
		scripts[i % 4](&s);
		(void)st_finish(&s);
		wire = st_findings(&s, "wire", "stuck");
		if (st_findings(&s, NULL, NULL) == wire &&
		    (wire == 0 || strcmp(order, "top-down") != 0))
			continue;
		fprintf(stderr, "%s, script %u, ties %u %u:\n", order, i % 4,
		    i / 16 % 2, i / 32);
		st_print(&s);
		fail();
	}
	st_close(&s);
}

/* The other jail dies after each event; only peers may be left. */
static unsigned
killed_at_each_event(const char *order, bool force, unsigned ties,
    st_script *script, unsigned *stuck)
{
	struct vnetsim_config cfg = { .ties = ties };
	struct st s = { .victim = "cli", .tolerant = true };
	struct vnetsim_finding f;
	unsigned bad = 0;
	uint64_t n;

	assert_true(st_open(&s, &cfg));
	script(&s);
	n = vnetsim_events(s.w);
	for (uint64_t k = 1; k <= n && bad < 3; k++) {
		assert_true(st_again(&s, &cfg));
		assert_int_equal(vnetsim_order_set(s.w, order, force), 0);
		s.kill_at = k;
		script(&s);
		s.kill_at = 0;
		(void)st_finish(&s);
		for (unsigned i = 0; vnetsim_finding(s.w, i, &f) == 0; i++) {
			bool wire = strcmp(f.oracle, "wire") == 0;
			bool counter = force &&
				       strcmp(order, "freebsd-13") == 0 &&
				       strcmp(f.kind, "late-use") == 0;

			*stuck += wire;
			if ((wire && f.step != NULL && *f.step != '\0') ||
			    counter)
				continue;
			fprintf(stderr,
			    "%s, ties %u, killed after event %llu of %llu:\n",
			    order, ties, (unsigned long long)k,
			    (unsigned long long)n);
			st_print(&s);
			bad++;
			break;
		}
	}
	st_close(&s);
	return (bad);
}

static void
a_stuck_peer_names_the_step_that_was_guilty(void **state)
{
	unsigned stuck;

	(void)state;
	for (unsigned ties = 0; ties < 2; ties++) {
		stuck = 0;
		assert_int_equal(killed_at_each_event("interfaces-first", false,
				     ties, st_script_tcp, &stuck),
		    0);
		assert_int_equal(killed_at_each_event("interfaces-first", false,
				     ties, st_script_opens, &stuck),
		    0);
		assert_true(stuck > 20);
		stuck = 0;
		assert_int_equal(killed_at_each_event("freebsd-9", true, ties,
				     st_script_tcp, &stuck),
		    0);
		assert_true(stuck > 5);
		stuck = 0;
		assert_int_equal(killed_at_each_event("freebsd-13", true, ties,
				     st_script_tcp, &stuck),
		    0);
		assert_true(stuck > 5);
	}
}

static void
either_ties_survive_a_kill_after_each_event(void **state)
{
	unsigned stuck = 0;

	(void)state;
	assert_int_equal(
	    killed_at_each_event("top-down", false, 1, st_script_tcp, &stuck),
	    0);
	assert_int_equal(
	    killed_at_each_event("top-down", false, 1, st_script_move, &stuck),
	    0);
	assert_int_equal(stuck, 0);
	for (unsigned ties = 0; ties < 2; ties++) {
		assert_int_equal(killed_at_each_event("freebsd-9", false, ties,
				     st_script_move, &stuck),
		    0);
		assert_int_equal(killed_at_each_event("freebsd-13", false, ties,
				     st_script_move, &stuck),
		    0);
	}
}

/* ---- vnet_shutdown ---- */

/* The first step in which the flag of jail cli is seen, "" for none. */
static void
flag_step(const char *order, char first[64], bool *before)
{
	struct st s = { 0 };
	struct vnetsim_jail_info info;
	vnetsim_handle op;
	struct vnet *v;
	uint32_t id;

	first[0] = '\0';
	*before = false;
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	assert_int_equal(vnetsim_order_set(s.w, order, false), 0);
	assert_int_equal(vnetsim_jail_info(s.w, s.cli, &info), 0);
	id = info.vnet;
	assert_int_equal(vnetsim_jail_remove(s.w, s.cli, &op), 0);
	while ((v = vnet_byid(id)) != NULL) {
		if (v->vnet_shutdown && first[0] == '\0')
			snprintf(first, 64, "%s",
			    v->v_step != NULL ? v->v_step : "?");
		/* borrowed ones leave by the whole way */
		if (v->vnet_shutdown && !VNET_IS_SHUTTING_DOWN(v))
			*before = true;
		assert_true(st_step(&s, 1000 * ST_S));
	}
	if (st_finish(&s) != 0) {
		st_print(&s);
		fail();
	}
	st_close(&s);
}

static void
vnet_shutdown_is_set_where_that_kernel_sets_it(void **state)
{
	char first[64];
	bool before;

	(void)state;
	flag_step("top-down", first, &before);
	assert_string_equal(first, "quiesce");
	assert_true(before);
	flag_step("freebsd-13", first, &before);
	assert_string_equal(first, "if shutdown");
	assert_true(before);
	/* interfaces go in a script, before the kernel ends anything */
	flag_step("interfaces-first", first, &before);
	assert_string_equal(first, "quiesce");
	assert_false(before);
	/* there is no such flag */
	flag_step("freebsd-9", first, &before);
	assert_string_equal(first, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_freebsd_9_is_complete),
		cmocka_unit_test(each_module_ends_once_in_a_kernels_order),
		cmocka_unit_test(reversed_ties_turn_each_slot_round),
		cmocka_unit_test(reversed_ties_turn_the_free_pass_round),
		cmocka_unit_test(ties_have_rules),
		cmocka_unit_test(each_order_ends_each_script_with_either_ties),
		cmocka_unit_test(a_stuck_peer_names_the_step_that_was_guilty),
		cmocka_unit_test(either_ties_survive_a_kill_after_each_event),
		cmocka_unit_test(
		    vnet_shutdown_is_set_where_that_kernel_sets_it),
	};

	return (
	    cmocka_run_group_tests_name("orders", tests, NULL, NULL) ? 1 : 0);
}
